/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A chunk: what flows. */
#include "config.h"

#include <pinwheel/chunk.h>
#include <pinwheel/pool.h>

#include "memory/buffer-private.h"
#include "memory/chunk-private.h"

G_DEFINE_BOXED_TYPE (PinwheelChunk, pinwheel_chunk, pinwheel_chunk_ref, pinwheel_chunk_unref)

/* Returns: FALSE where it does not fit 64 bits */
static gboolean
align_up (guint64 size, guint64 *aligned)
{
  if (__builtin_add_overflow (size, PINWHEEL_ALIGNMENT - 1, aligned))
    return FALSE;
  *aligned -= *aligned % PINWHEEL_ALIGNMENT;
  return TRUE;
}

guint64
pinwheel_layout_size (const PinwheelArray *arrays, guint n_arrays, guint64 count)
{
  guint64 total = 0;

  for (guint i = 0; i < n_arrays; i++)
    {
      guint64 size;

      if (pinwheel_array_is_broadcast (&arrays[i]))
        continue;
      if (__builtin_mul_overflow (pinwheel_array_item_size (&arrays[i]), count, &size)
          || !align_up (size, &size) || __builtin_add_overflow (total, size, &total))
        return G_MAXUINT64;
    }
  return total;
}

PinwheelChunk *
pinwheel_chunk_ref (PinwheelChunk *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  g_atomic_int_inc (&self->ref_count);
  return self;
}

void
pinwheel_chunk_unref (PinwheelChunk *self)
{
  g_return_if_fail (self != NULL);
  g_return_if_fail (g_atomic_int_get (&self->ref_count) > 0);

  if (!g_atomic_int_dec_and_test (&self->ref_count))
    return;
  for (guint i = 0; i < self->n_arrays; i++)
    {
      PinwheelBuffer *buffer = self->views[i].buffer;

      self->views[i].buffer = NULL;
      self->views[i].data = NULL;
      self->views[i].rows.depth = 0;
      self->views[i].layout = 0;
      if (buffer != NULL)
        pinwheel_buffer_unref (buffer);
    }
  pinwheel_chunk_store_take_back (self);
}

PinwheelFormat *
pinwheel_chunk_get_format (PinwheelChunk *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->format;
}

guint64
pinwheel_chunk_get_index (PinwheelChunk *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->index;
}

guint64
pinwheel_chunk_get_start (PinwheelChunk *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->start;
}

guint64
pinwheel_chunk_get_count (PinwheelChunk *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->count;
}

gpointer
pinwheel_chunk_get_data (PinwheelChunk *self, guint i)
{
  g_return_val_if_fail (self != NULL && i < self->n_arrays, NULL);

  return self->views[i].data;
}

guint64
pinwheel_chunk_get_size (PinwheelChunk *self, guint i)
{
  const PinwheelArray *array;
  guint64 size;

  g_return_val_if_fail (self != NULL && i < self->n_arrays, 0);

  array = pinwheel_format_array (self->format, i);
  if (pinwheel_array_is_broadcast (array))
    return pinwheel_array_item_size (array);
  if (__builtin_mul_overflow (pinwheel_array_item_size (array), self->count, &size))
    return G_MAXUINT64;
  return size;
}

void
pinwheel_chunk_get_rows (PinwheelChunk *self, guint i, PinwheelRows *rows)
{
  guint64 *cut[3];

  g_return_if_fail (self != NULL && i < self->n_arrays && rows != NULL);

  *rows = self->views[i].rows;
  if (rows->depth == 0)
    {
      rows->width = rows->pitch = rows->slice = pinwheel_chunk_get_size (self, i);
      rows->height = rows->depth = 1;
      return;
    }
  cut[PINWHEEL_ROWS_CUT_WIDTH] = &rows->width;
  cut[PINWHEEL_ROWS_CUT_HEIGHT] = &rows->height;
  cut[PINWHEEL_ROWS_CUT_DEPTH] = &rows->depth;
  *cut[rows->cut] *= self->count;
}

gboolean
pinwheel_chunk_is_on_host (PinwheelChunk *self, guint i)
{
  PinwheelBuffer *buffer;

  g_return_val_if_fail (self != NULL && i < self->n_arrays, FALSE);

  buffer = self->views[i].buffer;
  return buffer == NULL || buffer->kind == PINWHEEL_MEMORY_PINNED
         || pinwheel_device_is_integrated (pinwheel_pool_state_get_device (buffer->state));
}

gboolean
pinwheel_chunk_is_direct (PinwheelChunk *self, guint i)
{
  const PinwheelChunkView *view;
  const guint8 *memory, *data;

  g_return_val_if_fail (self != NULL && i < self->n_arrays, FALSE);

  view = &self->views[i];
  if (view->buffer == NULL || view->data == NULL)
    return FALSE;
  memory = pinwheel_buffer_get_memory (view->buffer);
  data = view->data;
  return memory == NULL || data < memory
         || data >= memory + pinwheel_buffer_get_capacity (view->buffer);
}

PinwheelBuffer *
pinwheel_chunk_get_buffer (PinwheelChunk *self, guint i)
{
  g_return_val_if_fail (self != NULL && i < self->n_arrays, NULL);

  return self->views[i].buffer;
}

guint64
pinwheel_chunk_get_bytes (PinwheelChunk *self)
{
  guint64 bytes = 0;

  g_return_val_if_fail (self != NULL, 0);

  for (guint i = 0; i < self->n_arrays; i++)
    if (!pinwheel_array_is_broadcast (pinwheel_format_array (self->format, i))
        && __builtin_add_overflow (bytes, pinwheel_chunk_get_size (self, i), &bytes))
      return G_MAXUINT64;
  return bytes;
}

/* Returns: (nullable): the buffer of view @i, where the one before it has not been the same */
static PinwheelBuffer *
next_buffer (PinwheelChunk *self, guint i)
{
  PinwheelBuffer *buffer = self->views[i].buffer;

  return i > 0 && self->views[i - 1].buffer == buffer ? NULL : buffer;
}

gboolean
pinwheel_chunk_sync_readable (PinwheelChunk *self, GError **error)
{
  g_return_val_if_fail (self != NULL, FALSE);

  for (guint i = 0; i < self->n_arrays; i++)
    {
      PinwheelBuffer *buffer = next_buffer (self, i);

      if (buffer != NULL && !pinwheel_buffer_sync_readable (buffer, error))
        return FALSE;
    }
  return TRUE;
}

gboolean
pinwheel_chunk_wait_readable (PinwheelChunk *self, PinwheelStream *stream, GError **error)
{
  g_return_val_if_fail (self != NULL, FALSE);

  for (guint i = 0; i < self->n_arrays; i++)
    {
      PinwheelBuffer *buffer = next_buffer (self, i);

      if (buffer != NULL && !pinwheel_buffer_wait_readable (buffer, stream, error))
        return FALSE;
    }
  return TRUE;
}

void
pinwheel_chunk_add_reader (PinwheelChunk *self, PinwheelFence fence)
{
  g_return_if_fail (self != NULL);

  for (guint i = 0; i < self->n_arrays; i++)
    {
      PinwheelBuffer *buffer = next_buffer (self, i);

      if (buffer != NULL)
        pinwheel_buffer_add_reader (buffer, fence);
    }
}

/* Whether another array of the chunk lies in the same bytes: a tee and a zip can make it so. */
static gboolean
is_seen_twice (PinwheelChunk *self, guint i)
{
  const guint8 *begin = self->views[i].data, *end = begin + pinwheel_chunk_get_size (self, i);

  for (guint k = 0; k < self->n_arrays; k++)
    {
      const guint8 *other = self->views[k].data;

      if (k != i && self->views[k].buffer == self->views[i].buffer && other < end
          && begin < other + pinwheel_chunk_get_size (self, k))
        return TRUE;
    }
  return FALSE;
}

gboolean
pinwheel_chunk_owns_buffer (PinwheelChunk *self, guint i)
{
  PinwheelBuffer *buffer = self->views[i].buffer;
  gint n_views = 0;

  if (buffer == NULL || g_atomic_int_get (&self->ref_count) != 1
      || pinwheel_chunk_is_direct (self, i) || is_seen_twice (self, i))
    return FALSE;
  for (guint k = 0; k < self->n_arrays; k++)
    n_views += self->views[k].buffer == buffer;
  return g_atomic_int_get (&buffer->ref_count) == n_views;
}

/* --- views --- */

/* The views of one layout come one after the other in their buffer, by the chunk's count. */
static void
place_layout (PinwheelChunk *self, guint layout)
{
  guint64 offset = 0;

  for (guint i = 0; i < self->n_arrays; i++)
    {
      PinwheelChunkView *view = &self->views[i];
      guint64 size;

      if (view->layout != layout)
        continue;
      /* the buffer has no memory where every size is 0 */
      if (pinwheel_buffer_get_capacity (view->buffer) > 0)
        view->data = (guint8 *) pinwheel_buffer_get_memory (view->buffer) + offset;
      if (align_up (pinwheel_chunk_get_size (self, i), &size))
        offset += size;
    }
}

void
pinwheel_chunk_set_count (PinwheelChunk *self, guint64 count)
{
  g_return_if_fail (self != NULL);
  g_return_if_fail (count <= self->count);

  if (count == self->count)
    return;
  self->count = count;
  for (guint layout = 1; layout <= self->n_layouts; layout++)
    place_layout (self, layout);
}

/* @layout: as in PinwheelChunkView */
static void
replace_view (PinwheelChunk *self, guint i, PinwheelBuffer *buffer, gpointer data, guint layout)
{
  PinwheelBuffer *old = self->views[i].buffer;

  self->views[i] = (PinwheelChunkView){ pinwheel_buffer_ref (buffer), data, { 0 }, layout };
  if (old != NULL)
    pinwheel_buffer_unref (old);
}

void
pinwheel_chunk_set_view (PinwheelChunk *self, guint i, PinwheelBuffer *buffer, gpointer data)
{
  g_return_if_fail (self != NULL && i < self->n_arrays);
  g_return_if_fail (buffer != NULL);

  replace_view (self, i, buffer, data, 0);
}

void
pinwheel_chunk_copy_view (PinwheelChunk *self, guint i, PinwheelChunk *source, guint j)
{
  g_return_if_fail (source != NULL && j < source->n_arrays);

  /* an array of an empty stream is a view into nothing */
  if (source->views[j].buffer == NULL)
    return;
  pinwheel_chunk_set_view (self, i, source->views[j].buffer, source->views[j].data);
  self->views[i].rows = source->views[j].rows;
}

void
pinwheel_chunk_set_data (PinwheelChunk *self, guint i, gpointer data, const PinwheelRows *rows)
{
  g_return_if_fail (self != NULL && i < self->n_arrays);
  g_return_if_fail (self->views[i].buffer != NULL);

  self->views[i].data = data;
  self->views[i].rows = rows != NULL ? *rows : (PinwheelRows){ 0 };
  self->views[i].layout = 0;
}

void
pinwheel_chunk_lay_out_staged (PinwheelChunk *self, PinwheelBuffer *buffer, guint n_arrays,
                               const gboolean *direct)
{
  const PinwheelArray *arrays = pinwheel_format_array (self->format, 0);

  self->n_layouts++;
  for (guint i = 0; i < n_arrays; i++)
    if (!pinwheel_array_is_broadcast (&arrays[i]))
      replace_view (self, i, buffer, NULL, direct != NULL && direct[i] ? 0 : self->n_layouts);
  place_layout (self, self->n_layouts);
}

void
pinwheel_chunk_lay_out (PinwheelChunk *self, PinwheelBuffer *buffer, guint n_arrays)
{
  const PinwheelArray *arrays;

  g_return_if_fail (self != NULL && buffer != NULL);
  g_return_if_fail (n_arrays <= self->n_arrays);
  arrays = pinwheel_format_array (self->format, 0);
  g_return_if_fail (pinwheel_layout_size (arrays, n_arrays, self->count)
                    <= pinwheel_buffer_get_capacity (buffer));

  pinwheel_chunk_lay_out_staged (self, buffer, n_arrays, NULL);
}
