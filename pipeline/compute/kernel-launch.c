/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a streaming thread does per chunk: nothing here allocates or waits. */
#include "config.h"

#include <string.h>

#include "compute/kernel-private.h"
#include "memory/chunk-private.h"

#define MAX_GRID_X G_MAXINT32
#define MAX_GRID_Y 65535

/* The chunk's n, start and N */
typedef guint64 Place[3];

static gboolean
fill_argument (PinwheelKernel *self, guint i, const Place place, PinwheelChunk *input,
               PinwheelChunk *output, guint64 *value, GError **error)
{
  const PinwheelBinding *binding = &self->bindings[i];
  const PinwheelParameter *parameter;
  gpointer data;
  guint64 number;

  switch (binding->role)
    {
    case PINWHEEL_ROLE_INPUT:
      data = pinwheel_chunk_get_data (input, binding->input);
      memcpy (value, &data, sizeof data);
      return TRUE;
    case PINWHEEL_ROLE_OUTPUT:
    case PINWHEEL_ROLE_IN_PLACE:
      data = pinwheel_chunk_get_data (output, binding->output);
      memcpy (value, &data, sizeof data);
      return TRUE;
    case PINWHEEL_ROLE_SCALAR:
      *value = binding->value;
      return TRUE;
    case PINWHEEL_ROLE_ITEMS:
    case PINWHEEL_ROLE_START:
    case PINWHEEL_ROLE_TOTAL:
    default:
      break;
    }
  parameter = pinwheel_signature_parameter (self->signature, i);
  number = place[binding->role - PINWHEEL_ROLE_ITEMS];
  if (!pinwheel_integer_fits (parameter->type.dtype, FALSE, number))
    {
      g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_KERNEL,
                   "%s:%u:%u: kernel '%s': %s = %" G_GUINT64_FORMAT " does not fit its type, %s; "
                   "declare it long long",
                   parameter->file, parameter->line, parameter->column, self->signature->name,
                   parameter->name, number, parameter->type.spelling);
      return FALSE;
    }
  pinwheel_integer_store (parameter->type.dtype, FALSE, number, value);
  return TRUE;
}

/* @accesses: (out): room for one per parameter. Returns: how many there are */
static guint
list_accesses (PinwheelKernel *self, PinwheelChunk *input, PinwheelChunk *output,
               PinwheelAccess *accesses)
{
  guint n = 0;

  for (guint i = 0; i < self->signature->parameters->len; i++)
    {
      const PinwheelBinding *binding = &self->bindings[i];
      gboolean reads = binding->role == PINWHEEL_ROLE_INPUT;
      PinwheelChunk *chunk = reads ? input : output;
      guint array = reads ? binding->input : binding->output;

      if (!reads && binding->role != PINWHEEL_ROLE_OUTPUT
          && binding->role != PINWHEEL_ROLE_IN_PLACE)
        continue;
      accesses[n].address = pinwheel_chunk_get_data (chunk, array);
      accesses[n].size = pinwheel_chunk_get_size (chunk, array);
      accesses[n].write = !reads;
      if (accesses[n].address != NULL && accesses[n].size > 0)
        n++;
    }
  return n;
}

/* @written: the expression as the user wrote it */
static gboolean
evaluate (PinwheelKernel *self, const PinwheelExpression *expression, const char *written,
          const Place place, guint64 *value, GError **error)
{
  gint64 result;

  if (!pinwheel_expression_evaluate (expression, place, &result))
    {
      g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_KERNEL,
                   "kernel '%s': %s overflows or divides by zero for n=%" G_GUINT64_FORMAT
                   " start=%" G_GUINT64_FORMAT,
                   self->signature->name, written, place[0], place[1]);
      return FALSE;
    }
  if (result < 0)
    {
      g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_KERNEL,
                   "kernel '%s': %s is %" G_GINT64_FORMAT " for n=%" G_GUINT64_FORMAT
                   "; expected 0 or more",
                   self->signature->name, written, result, place[0]);
      return FALSE;
    }
  *value = (guint64) result;
  return TRUE;
}

static gboolean
set_grid (PinwheelKernel *self, guint i, guint64 blocks, PinwheelLaunch *launch, GError **error)
{
  guint64 most = i == 0 ? MAX_GRID_X : MAX_GRID_Y;

  if (blocks > most)
    {
      g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_KERNEL,
                   "kernel '%s': %s needs %" G_GUINT64_FORMAT " blocks along %c, and at most "
                   "%" G_GUINT64_FORMAT " are possible; use shorter chunks (chunk=), larger blocks "
                   "(block=) or more work per thread",
                   self->signature->name, self->grid_text[i], blocks, "xyz"[i], most);
      return FALSE;
    }
  launch->grid[i] = (guint) blocks;
  return TRUE;
}

/* Returns: (nullable) */
static const PinwheelLoaded *
find_loaded (PinwheelKernel *self, PinwheelDevice *device)
{
  for (guint i = 0; i < self->loaded->len; i++)
    if (g_array_index (self->loaded, PinwheelLoaded, i).device == device)
      return &g_array_index (self->loaded, PinwheelLoaded, i);
  return NULL;
}

/* With threads= the blocks stand in a row, each of x*y*z threads. */
static gboolean
fill_grid (PinwheelKernel *self, const PinwheelLoaded *loaded, const Place place,
           PinwheelLaunch *launch, GError **error)
{
  guint64 value;

  memcpy (launch->block, loaded->block, sizeof launch->block);
  if (!evaluate (self, &self->shared, self->shared_text, place, &value, error))
    return FALSE;
  launch->shared_bytes = value;
  if (!self->has_grid)
    {
      guint64 size = (guint64) loaded->block[0] * loaded->block[1] * loaded->block[2];

      launch->grid[1] = launch->grid[2] = 1;
      return evaluate (self, &self->grid[0], self->grid_text[0], place, &value, error)
             && set_grid (self, 0, value / size + (value % size != 0), launch, error);
    }
  for (guint i = 0; i < 3; i++)
    if (!evaluate (self, &self->grid[i], self->grid_text[i], place, &value, error)
        || !set_grid (self, i, value, launch, error))
      return FALSE;
  return TRUE;
}

/* Whether array @i of the output is the first one in its buffer */
static gboolean
is_first_of_buffer (PinwheelChunk *output, guint i)
{
  PinwheelBuffer *buffer = pinwheel_chunk_get_buffer (output, i);

  for (guint k = 0; k < i; k++)
    if (pinwheel_chunk_get_buffer (output, k) == buffer)
      return FALSE;
  return buffer != NULL;
}

static gboolean
wait_for_buffers (PinwheelKernel *self, PinwheelStream *stream, PinwheelChunk *input,
                  PinwheelChunk *output, GError **error)
{
  if (!pinwheel_chunk_wait_readable (input, stream, error))
    return FALSE;
  for (guint i = 0; i < self->n_outputs; i++)
    if (is_first_of_buffer (output, i)
        && !pinwheel_buffer_wait_writable (pinwheel_chunk_get_buffer (output, i), stream, error))
      return FALSE;
  return TRUE;
}

/* An array that is updated in place stays where it is if nobody else can see its buffer; its room
 * in the output's own buffer is not used then. Where the chunk went to several branches (tee) it is
 * copied, unless the others are done with it. */
static void
take_over_in_place (PinwheelKernel *self, PinwheelChunk *input, PinwheelChunk *output)
{
  gboolean owned[PINWHEEL_MAX_ARGUMENTS];
  guint n = self->signature->parameters->len;

  /* asked for all of them first: each that is taken over holds the buffer too */
  for (guint i = 0; i < n; i++)
    owned[i] = self->bindings[i].role == PINWHEEL_ROLE_IN_PLACE
               && pinwheel_chunk_owns_buffer (input, self->bindings[i].input);
  for (guint i = 0; i < n; i++)
    if (owned[i])
      pinwheel_chunk_copy_view (output, self->bindings[i].output, input, self->bindings[i].input);
}

static gboolean
copy_in_place (PinwheelKernel *self, PinwheelStream *stream, PinwheelChunk *input,
               PinwheelChunk *output, GError **error)
{
  for (guint i = 0; i < self->signature->parameters->len; i++)
    {
      const PinwheelBinding *binding = &self->bindings[i];
      PinwheelCopy copy = { .kind = PINWHEEL_COPY_DEVICE_TO_DEVICE, .height = 1 };

      if (binding->role != PINWHEEL_ROLE_IN_PLACE)
        continue;
      copy.source = pinwheel_chunk_get_data (input, binding->input);
      copy.target = pinwheel_chunk_get_data (output, binding->output);
      copy.width = pinwheel_chunk_get_size (output, binding->output);
      copy.source_pitch = copy.target_pitch = copy.width;
      if (copy.source != copy.target && copy.width > 0
          && !pinwheel_stream_copy (stream, &copy, error))
        return FALSE;
    }
  return TRUE;
}

gboolean
pinwheel_kernel_launch (PinwheelKernel *self, PinwheelStream *stream, PinwheelChunk *input,
                        PinwheelChunk *output, GError **error)
{
  guint64 values[PINWHEEL_MAX_ARGUMENTS];
  void *arguments[PINWHEEL_MAX_ARGUMENTS];
  PinwheelAccess accesses[PINWHEEL_MAX_ARGUMENTS];
  PinwheelLaunch launch = { .arguments = arguments, .accesses = accesses };
  const PinwheelLoaded *loaded;
  PinwheelFence fence;
  Place place;

  g_return_val_if_fail (PINWHEEL_IS_KERNEL (self) && PINWHEEL_IS_STREAM (stream), FALSE);
  loaded = find_loaded (self, pinwheel_stream_get_device (stream));
  g_return_val_if_fail (loaded != NULL, FALSE);
  g_return_val_if_fail (pinwheel_chunk_get_count (input) == pinwheel_chunk_get_count (output),
                        FALSE);

  place[0] = pinwheel_chunk_get_count (input);
  place[1] = pinwheel_chunk_get_start (input);
  place[2] = pinwheel_format_n_items (self->input);
  if (place[0] > 0)
    take_over_in_place (self, input, output);
  for (guint i = 0; i < self->signature->parameters->len; i++)
    {
      if (!fill_argument (self, i, place, input, output, &values[i], error))
        return FALSE;
      arguments[i] = &values[i];
    }
  for (guint i = 0; i < self->kept->len; i++)
    pinwheel_chunk_copy_view (output, self->n_outputs + i, input,
                              g_array_index (self->kept, guint, i));
  /* an empty chunk writes nothing, and its buffers' own fences stay right */
  if (place[0] == 0)
    return TRUE;

  launch.function = loaded->function;
  launch.n_accesses = list_accesses (self, input, output, accesses);
  launch.in_order = self->deterministic;
  if (!fill_grid (self, loaded, place, &launch, error)
      || !wait_for_buffers (self, stream, input, output, error)
      || !copy_in_place (self, stream, input, output, error))
    return FALSE;
  if (launch.grid[0] > 0 && launch.grid[1] > 0 && launch.grid[2] > 0
      && !pinwheel_stream_launch (stream, &launch, error))
    return FALSE;
  if (!pinwheel_stream_record (stream, &fence, error))
    return FALSE;
  for (guint i = 0; i < self->n_outputs; i++)
    if (is_first_of_buffer (output, i))
      pinwheel_buffer_set_writer (pinwheel_chunk_get_buffer (output, i), fence);
  pinwheel_chunk_add_reader (input, fence);
  return TRUE;
}
