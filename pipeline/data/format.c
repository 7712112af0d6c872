/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include <pinwheel/error.h>
#include <pinwheel/format.h>

/* Immutable but for the count of references. */
struct _PinwheelFormat
{
  gint references; /* atomic */

  guint n_arrays;
  gboolean has_cut;
  guint64 n_items;
  guint64 total_size; /* G_MAXUINT64 where the items are unknown */
  PinwheelArray arrays[];
};

G_DEFINE_BOXED_TYPE (PinwheelFormat, pinwheel_format, pinwheel_format_ref, pinwheel_format_unref)

static gboolean
check_names (const PinwheelArray *arrays, guint n_arrays, GError **error)
{
  for (guint i = 0; i < n_arrays; i++)
    for (guint j = 0; j < i; j++)
      if (strcmp (arrays[i].name, arrays[j].name) == 0)
        {
          g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_FORMAT,
                       "arrays %u and %u are both called '%s'; give one of them another name",
                       j + 1, i + 1, arrays[i].name);
          return FALSE;
        }
  return TRUE;
}

/* Sums up the bytes of all arrays. G_MAXUINT64 itself stands for unknown and counts as too large.
 */
static gboolean
add_sizes (PinwheelFormat *self, GError **error)
{
  self->total_size = 0;
  for (guint i = 0; i < self->n_arrays; i++)
    {
      const PinwheelArray *array = &self->arrays[i];
      guint64 size = pinwheel_array_item_size (array);
      guint64 items = pinwheel_array_is_broadcast (array) ? 1 : self->n_items;

      if (items == PINWHEEL_ITEMS_UNKNOWN)
        items = 1;
      if (!g_uint64_checked_mul (&size, size, items)
          || !g_uint64_checked_add (&self->total_size, self->total_size, size)
          || self->total_size == G_MAXUINT64)
        {
          g_autofree char *text = pinwheel_array_to_string (array);

          g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_FORMAT,
                       "%" G_GUINT64_FORMAT
                       " items of '%s' and the arrays before it would need more "
                       "bytes than 64 bits can count",
                       items, text);
          return FALSE;
        }
    }
  if (self->has_cut && self->n_items == PINWHEEL_ITEMS_UNKNOWN)
    self->total_size = G_MAXUINT64;
  return TRUE;
}

PinwheelFormat *
pinwheel_format_new (const PinwheelArray *arrays, guint n_arrays, guint64 n_items, GError **error)
{
  g_autoptr (PinwheelFormat) self = NULL;

  g_return_val_if_fail (arrays != NULL || n_arrays == 0, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  if (n_arrays == 0 || n_arrays > PINWHEEL_MAX_ARRAYS)
    {
      g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_FORMAT,
                   "a format of %u arrays; expected 1 to %d", n_arrays, PINWHEEL_MAX_ARRAYS);
      return NULL;
    }
  self = g_malloc0 (sizeof *self + n_arrays * sizeof *arrays);
  self->references = 1;
  self->n_arrays = n_arrays;
  for (guint i = 0; i < n_arrays; i++)
    {
      const PinwheelArray *array = &arrays[i];

      if (!pinwheel_array_init (&self->arrays[i], array->name, array->dtype, array->n_dims,
                                array->shape, array->chunk_axis, error))
        return NULL;
      self->has_cut = self->has_cut || !pinwheel_array_is_broadcast (array);
    }
  self->n_items = self->has_cut ? n_items : 1;
  if (!check_names (self->arrays, n_arrays, error) || !add_sizes (self, error))
    return NULL;
  return g_steal_pointer (&self);
}

PinwheelFormat *
pinwheel_format_ref (PinwheelFormat *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  g_atomic_int_inc (&self->references);
  return self;
}

void
pinwheel_format_unref (PinwheelFormat *self)
{
  g_return_if_fail (self != NULL);

  if (g_atomic_int_dec_and_test (&self->references))
    g_free (self);
}

char *
pinwheel_format_to_string (const PinwheelFormat *self)
{
  GString *text;

  g_return_val_if_fail (self != NULL, NULL);

  text = g_string_new (NULL);
  for (guint i = 0; i < self->n_arrays; i++)
    {
      g_autofree char *array = pinwheel_array_to_string (&self->arrays[i]);

      g_string_append_printf (text, "%s%s", i == 0 ? "" : " ", array);
    }
  return g_string_free (text, FALSE);
}

gboolean
pinwheel_format_equal (const PinwheelFormat *a, const PinwheelFormat *b)
{
  g_return_val_if_fail (a != NULL && b != NULL, FALSE);

  if (a == b)
    return TRUE;
  if (a->n_arrays != b->n_arrays)
    return FALSE;
  for (guint i = 0; i < a->n_arrays; i++)
    if (!pinwheel_array_equal (&a->arrays[i], &b->arrays[i]))
      return FALSE;
  return TRUE;
}

guint
pinwheel_format_n_arrays (const PinwheelFormat *self)
{
  return self->n_arrays;
}

guint64
pinwheel_format_n_items (const PinwheelFormat *self)
{
  return self->n_items;
}

const PinwheelArray *
pinwheel_format_array (const PinwheelFormat *self, guint index)
{
  g_return_val_if_fail (index < self->n_arrays, NULL);

  return &self->arrays[index];
}

int
pinwheel_format_find (const PinwheelFormat *self, const char *name)
{
  g_return_val_if_fail (self != NULL && name != NULL, -1);

  for (guint i = 0; i < self->n_arrays; i++)
    if (strcmp (self->arrays[i].name, name) == 0)
      return (int) i;
  return -1;
}

gboolean
pinwheel_format_has_cut (const PinwheelFormat *self)
{
  return self->has_cut;
}

guint64
pinwheel_format_total_size (const PinwheelFormat *self)
{
  return self->total_size;
}
