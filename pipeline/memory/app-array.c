/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Memory of the application seen as an array. */
#include "config.h"

#include <string.h>

#include "memory/app-array-private.h"

/* Immutable but for ref_count. */
struct _PinwheelAppArray
{
  gint ref_count; /* atomic */
  PinwheelDType dtype;
  guint n_dims;
  guint64 shape[PINWHEEL_MAX_DIMS];
  guint64 strides[PINWHEEL_MAX_DIMS]; /* bytes; of no meaning along an axis of length 1 */
  guint8 *memory;
  gsize extent;           /* bytes up to the end of the last element; 0 where there is none */
  GDestroyNotify destroy; /* nullable */
  gpointer user_data;     /* of destroy */
  gboolean writable;
  PinwheelDevice *device; /* (nullable) owned: whose pinned memory it is */
};

G_DEFINE_BOXED_TYPE (PinwheelAppArray, pinwheel_app_array, pinwheel_app_array_ref,
                     pinwheel_app_array_unref)

static char *
describe (PinwheelDType dtype, guint n_dims, const guint64 *shape)
{
  g_autoptr (GString) text = g_string_new (pinwheel_dtype_to_string (dtype));

  g_string_append_c (text, '[');
  for (guint i = 0; i < n_dims; i++)
    g_string_append_printf (text, "%s%" G_GUINT64_FORMAT, i > 0 ? "," : "", shape[i]);
  g_string_append_c (text, ']');
  return g_strdup (text->str);
}

/* C order. Returns: FALSE where it does not fit 64 bits */
static gboolean
fill_strides (PinwheelAppArray *self)
{
  guint64 stride = pinwheel_dtype_size (self->dtype);

  for (guint i = self->n_dims; i > 0; i--)
    {
      self->strides[i - 1] = stride;
      if (__builtin_mul_overflow (stride, MAX (self->shape[i - 1], 1), &stride))
        return FALSE;
    }
  return TRUE;
}

/* Axis by axis, the shortest stride first: an axis must step over all of those before it.
 * Returns: (nullable): what is wrong */
static const char *
measure (PinwheelAppArray *self)
{
  guint64 extent = pinwheel_dtype_size (self->dtype);
  gboolean done[PINWHEEL_MAX_DIMS] = { FALSE };

  for (guint i = 0; i < self->n_dims; i++)
    if (self->shape[i] == 0)
      return NULL;
  for (guint n = 0; n < self->n_dims; n++)
    {
      guint next = self->n_dims;
      guint64 reach;

      for (guint i = 0; i < self->n_dims; i++)
        if (!done[i] && self->shape[i] > 1
            && (next == self->n_dims || self->strides[i] < self->strides[next]))
          next = i;
      if (next == self->n_dims)
        break;
      done[next] = TRUE;
      if (self->strides[next] < extent)
        return "its strides make elements overlap";
      if (__builtin_mul_overflow (self->strides[next], self->shape[next] - 1, &reach)
          || __builtin_add_overflow (extent, reach, &extent))
        return "it does not fit 64 bits";
    }
  self->extent = extent;
  return NULL;
}

static const char *
lay (PinwheelAppArray *self, const gint64 *strides, gsize size)
{
  const char *wrong;

  for (guint i = 0; strides != NULL && i < self->n_dims; i++)
    {
      if (strides[i] < 0 && self->shape[i] > 1)
        return "a stride is negative; copy the array first";
      self->strides[i] = (guint64) strides[i];
    }
  if (strides == NULL && !fill_strides (self))
    return "it does not fit 64 bits";
  wrong = measure (self);
  if (wrong == NULL && self->extent > size)
    wrong = "it ends behind the memory";
  return wrong;
}

PinwheelAppArray *
pinwheel_app_array_new (PinwheelDType dtype, guint n_dims, const guint64 *shape,
                        const gint64 *strides, gpointer memory, gsize size, GDestroyNotify destroy,
                        gpointer user_data, GError **error)
{
  PinwheelAppArray *self;
  g_autofree char *text = NULL;
  const char *wrong;

  g_return_val_if_fail (n_dims <= PINWHEEL_MAX_DIMS && (shape != NULL || n_dims == 0), NULL);
  g_return_val_if_fail (memory != NULL || size == 0, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  self = g_new0 (PinwheelAppArray, 1);
  self->ref_count = 1;
  self->dtype = dtype;
  self->n_dims = n_dims;
  for (guint i = 0; i < n_dims; i++)
    self->shape[i] = shape[i];
  self->memory = memory;
  self->writable = TRUE;
  wrong = lay (self, strides, size);
  if (wrong == NULL)
    {
      self->destroy = destroy;
      self->user_data = user_data;
      return self;
    }
  text = describe (dtype, n_dims, shape);
  g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_FORMAT,
               "an array %s in %" G_GSIZE_FORMAT " bytes of memory: %s (it takes %" G_GSIZE_FORMAT
               " bytes)",
               text, size, wrong, self->extent);
  pinwheel_app_array_unref (self);
  return NULL;
}

static void
drop_bytes (gpointer bytes)
{
  g_bytes_unref (bytes);
}

PinwheelAppArray *
pinwheel_app_array_new_owned (PinwheelDType dtype, guint n_dims, const guint64 *shape,
                              const gint64 *strides, gpointer memory, gsize size, GObject *owner,
                              GError **error)
{
  PinwheelAppArray *self;

  g_return_val_if_fail (G_IS_OBJECT (owner), NULL);

  self = pinwheel_app_array_new (dtype, n_dims, shape, strides, memory, size, g_object_unref, owner,
                                 error);
  if (self != NULL)
    g_object_ref (owner);
  return self;
}

PinwheelAppArray *
pinwheel_app_array_new_bytes (PinwheelDType dtype, guint n_dims, const guint64 *shape,
                              GBytes *bytes, GError **error)
{
  PinwheelAppArray *self;
  gconstpointer data;
  gsize size;

  g_return_val_if_fail (bytes != NULL, NULL);

  data = g_bytes_get_data (bytes, &size);
  self = pinwheel_app_array_new (dtype, n_dims, shape, NULL, (gpointer) data, size, drop_bytes,
                                 bytes, error);
  if (self == NULL)
    return NULL;
  g_bytes_ref (bytes);
  self->writable = FALSE;
  return self;
}

PinwheelAppArray *
pinwheel_app_array_new_pinned (PinwheelDevice *device, PinwheelDType dtype, guint n_dims,
                               const guint64 *shape, GError **error)
{
  PinwheelAppArray *self;
  gpointer memory = NULL;

  g_return_val_if_fail (PINWHEEL_IS_DEVICE (device), NULL);

  self = pinwheel_app_array_new (dtype, n_dims, shape, NULL, &memory, G_MAXSIZE, NULL, NULL, error);
  if (self == NULL)
    return NULL;
  self->memory = NULL;
  if (self->extent > 0
      && !pinwheel_device_alloc (device, PINWHEEL_MEMORY_PINNED, self->extent, &memory, error))
    {
      pinwheel_app_array_unref (self);
      return NULL;
    }
  self->memory = memory;
  self->device = g_object_ref (device);
  return self;
}

PinwheelAppArray *
pinwheel_app_array_ref (PinwheelAppArray *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  g_atomic_int_inc (&self->ref_count);
  return self;
}

void
pinwheel_app_array_unref (PinwheelAppArray *self)
{
  g_return_if_fail (self != NULL);

  if (!g_atomic_int_dec_and_test (&self->ref_count))
    return;
  if (self->destroy != NULL)
    self->destroy (self->user_data);
  if (self->device != NULL)
    pinwheel_device_free (self->device, PINWHEEL_MEMORY_PINNED, self->extent, self->memory);
  g_clear_object (&self->device);
  g_free (self);
}

gpointer
pinwheel_app_array_get_memory (PinwheelAppArray *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->memory;
}

gsize
pinwheel_app_array_get_extent (PinwheelAppArray *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->extent;
}

PinwheelDType
pinwheel_app_array_get_dtype (PinwheelAppArray *self)
{
  g_return_val_if_fail (self != NULL, PINWHEEL_DTYPE_BOOL);

  return self->dtype;
}

guint
pinwheel_app_array_get_n_dims (PinwheelAppArray *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->n_dims;
}

guint64
pinwheel_app_array_get_length (PinwheelAppArray *self, guint axis)
{
  g_return_val_if_fail (self != NULL && axis < self->n_dims, 0);

  return self->shape[axis];
}

guint64
pinwheel_app_array_get_stride (PinwheelAppArray *self, guint axis)
{
  g_return_val_if_fail (self != NULL && axis < self->n_dims, 0);

  return self->strides[axis];
}

gboolean
pinwheel_app_array_is_writable (PinwheelAppArray *self)
{
  return self->writable;
}

gboolean
pinwheel_app_array_check (PinwheelAppArray *self, const PinwheelArray *array, GError **error)
{
  gboolean same = self->dtype == array->dtype && self->n_dims == array->n_dims;
  g_autofree char *wanted = NULL;
  g_autofree char *got = NULL;

  for (guint i = 0; same && i < self->n_dims; i++)
    same = (int) i == array->chunk_axis || self->shape[i] == array->shape[i];
  if (same)
    return TRUE;
  wanted = pinwheel_array_to_string (array);
  got = describe (self->dtype, self->n_dims, self->shape);
  g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_FORMAT,
               "array '%s' is to be %s, and the memory given for it is %s", array->name, wanted,
               got);
  return FALSE;
}

/* Rows that are shorter and hold one item each are gathered quicker by the CPU: a copy engine moves
 * whole sectors of memory for each. */
#define LEAST_WIDTH 64

typedef struct
{
  guint level;        /* 0: within a row, 1: rows, 2: slices */
  guint64 lengths[3]; /* bytes of a row, rows, slices; of one item where the chunk axis is */
  guint64 steps[3];   /* bytes from one to the next; that within a row is 1 */
  int cut;            /* level of the chunk axis; -1: not yet there */
} Levels;

/* One more axis, before those that are there. Returns: FALSE where there are too many levels */
static gboolean
add_axis (Levels *levels, guint64 length, guint64 stride, gboolean is_cut)
{
  guint level = levels->level;
  gboolean merges = (int) level != levels->cut
                    && stride == levels->lengths[level] * levels->steps[level];

  if (length != 1 && !merges)
    {
      if (++level == G_N_ELEMENTS (levels->lengths))
        return FALSE;
      levels->level = level;
      levels->lengths[level] = 1;
      levels->steps[level] = stride;
    }
  if (is_cut)
    levels->cut = (int) level;
  else
    levels->lengths[level] *= length;
  return TRUE;
}

gboolean
pinwheel_app_array_has_rows (PinwheelAppArray *self, const PinwheelArray *array, PinwheelRows *rows)
{
  Levels levels = { .lengths = { pinwheel_dtype_size (self->dtype), 1, 1 },
                    .steps = { 1, 0, 0 },
                    .cut = -1 };

  for (guint i = self->n_dims; i > 0; i--)
    if (!add_axis (&levels, self->shape[i - 1], self->strides[i - 1],
                   (int) i - 1 == array->chunk_axis))
      return FALSE;
  if (levels.level > 0 && (levels.cut < 0 || (levels.cut > 0 && levels.lengths[0] < LEAST_WIDTH)))
    return FALSE;
  if (levels.level == 2 && (levels.steps[1] == 0 || levels.steps[2] % levels.steps[1] != 0))
    return FALSE;
  *rows = (PinwheelRows){ .width = levels.lengths[0],
                          .height = levels.lengths[1],
                          .depth = levels.lengths[2],
                          .pitch = levels.steps[1],
                          .slice = levels.steps[2],
                          .cut = (PinwheelRowsCut) MAX (levels.cut, 0) };
  if (array->chunk_axis >= 0)
    rows->item = self->strides[array->chunk_axis];
  return TRUE;
}

gboolean
pinwheel_rows_are_plain (const PinwheelRows *rows)
{
  return rows->cut == PINWHEEL_ROWS_CUT_WIDTH && rows->height == 1 && rows->depth == 1;
}

/* --- copies --- */

/* One copy: the part of the array, and where the C-ordered slice is. */
typedef struct
{
  guint n_dims; /* axes that are walked; what is behind them is one run */
  guint64 shape[PINWHEEL_MAX_DIMS];
  guint64 strides[PINWHEEL_MAX_DIMS];
  gsize run;
  gboolean to_slice;
} Walk;

/* Returns: where the slice goes on */
static guint8 *
walk_axis (const Walk *walk, guint axis, guint8 *memory, guint8 *slice)
{
  if (axis == walk->n_dims)
    {
      memcpy (walk->to_slice ? slice : memory, walk->to_slice ? memory : slice, walk->run);
      return slice + walk->run;
    }
  for (guint64 i = 0; i < walk->shape[axis]; i++)
    slice = walk_axis (walk, axis + 1, memory + i * walk->strides[axis], slice);
  return slice;
}

static void
copy_items (PinwheelAppArray *self, const PinwheelArray *array, guint64 start, guint64 count,
            guint8 *slice, gboolean to_slice)
{
  Walk walk = { .n_dims = self->n_dims,
                .run = pinwheel_dtype_size (self->dtype),
                .to_slice = to_slice };
  guint8 *memory = self->memory;

  memcpy (walk.shape, self->shape, sizeof walk.shape);
  memcpy (walk.strides, self->strides, sizeof walk.strides);
  if (array->chunk_axis >= 0)
    {
      walk.shape[array->chunk_axis] = count;
      memory += start * self->strides[array->chunk_axis];
    }
  for (guint i = 0; i < self->n_dims; i++)
    if (walk.shape[i] == 0)
      return;
  while (walk.n_dims > 0
         && (walk.shape[walk.n_dims - 1] == 1 || walk.strides[walk.n_dims - 1] == walk.run))
    walk.run *= walk.shape[--walk.n_dims];
  walk_axis (&walk, 0, memory, slice);
}

void
pinwheel_app_array_read (PinwheelAppArray *self, const PinwheelArray *array, guint64 start,
                         guint64 count, gpointer slice)
{
  copy_items (self, array, start, count, slice, TRUE);
}

void
pinwheel_app_array_write (PinwheelAppArray *self, const PinwheelArray *array, guint64 start,
                          guint64 count, gconstpointer slice)
{
  copy_items (self, array, start, count, (guint8 *) slice, FALSE);
}
