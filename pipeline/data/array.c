/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include <pinwheel/error.h>
#include <pinwheel/format.h>

#include "base/quote-private.h"

#define MAX_NAME_LENGTH 255

/* Names are interned: a copy of the struct is a copy of the array. */
static PinwheelArray *
array_copy (PinwheelArray *array)
{
  return g_memdup2 (array, sizeof *array);
}

G_DEFINE_BOXED_TYPE (PinwheelArray, pinwheel_array, array_copy, g_free)

static gboolean
is_identifier (const char *name)
{
  gsize length = strlen (name);

  return length > 0 && length <= MAX_NAME_LENGTH && !g_ascii_isdigit (name[0])
         && strspn (name, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "_") == length;
}

static gboolean
check_name (const char *name, GError **error)
{
  g_autofree char *quoted = NULL;

  if (is_identifier (name))
    return TRUE;
  quoted = pinwheel_quote (name);
  g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_FORMAT,
               "%s cannot name an array; expected letters, digits and underscores, no digit first, "
               "%d at most",
               quoted, MAX_NAME_LENGTH);
  return FALSE;
}

/* Returns: whether the bytes of one item fit 64 bits. An axis of length 0 hides no other one, so
 * that every partial product fits too. */
static gboolean
fits (const PinwheelArray *array)
{
  guint64 product = pinwheel_dtype_size (array->dtype);

  for (guint i = 0; i < array->n_dims; i++)
    if ((int) i != array->chunk_axis && array->shape[i] != 0
        && !g_uint64_checked_mul (&product, product, array->shape[i]))
      return FALSE;
  return TRUE;
}

gboolean
pinwheel_array_init (PinwheelArray *array, const char *name, PinwheelDType dtype, guint n_dims,
                     const guint64 *shape, int chunk_axis, GError **error)
{
  PinwheelArray made = { .dtype = dtype, .n_dims = n_dims, .chunk_axis = chunk_axis };

  g_return_val_if_fail (array != NULL && name != NULL, FALSE);
  g_return_val_if_fail ((guint) dtype < PINWHEEL_N_DTYPES, FALSE);
  g_return_val_if_fail (n_dims == 0 || shape != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (!check_name (name, error))
    return FALSE;
  if (n_dims > PINWHEEL_MAX_DIMS)
    {
      g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_FORMAT,
                   "array '%s' has %u axes; %d are the most", name, n_dims, PINWHEEL_MAX_DIMS);
      return FALSE;
    }
  if (chunk_axis < PINWHEEL_NO_CHUNK_AXIS || chunk_axis >= (int) n_dims)
    {
      g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_FORMAT,
                   "array '%s' cannot be cut along axis %d: it has %u axes, counted from 0", name,
                   chunk_axis, n_dims);
      return FALSE;
    }
  for (guint i = 0; i < n_dims; i++)
    made.shape[i] = (int) i == chunk_axis ? 0 : shape[i];
  if (!fits (&made))
    {
      g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_FORMAT,
                   "%s of array '%s' would need more bytes than 64 bits can count",
                   chunk_axis == PINWHEEL_NO_CHUNK_AXIS ? "the whole" : "one item", name);
      return FALSE;
    }
  made.name = g_intern_string (name);
  *array = made;
  return TRUE;
}

gboolean
pinwheel_array_is_broadcast (const PinwheelArray *array)
{
  return array->chunk_axis == PINWHEEL_NO_CHUNK_AXIS;
}

static guint64
multiply_axes (const PinwheelArray *array, guint first, guint end)
{
  guint64 product = 1;

  for (guint i = first; i < end; i++)
    if ((int) i != array->chunk_axis)
      product *= array->shape[i];
  return product;
}

guint64
pinwheel_array_item_elements (const PinwheelArray *array)
{
  return multiply_axes (array, 0, array->n_dims);
}

guint64
pinwheel_array_item_size (const PinwheelArray *array)
{
  return pinwheel_array_item_elements (array) * pinwheel_dtype_size (array->dtype);
}

guint64
pinwheel_array_outer (const PinwheelArray *array)
{
  return pinwheel_array_is_broadcast (array) ? 1
                                             : multiply_axes (array, 0, (guint) array->chunk_axis);
}

guint64
pinwheel_array_row_size (const PinwheelArray *array)
{
  guint first = pinwheel_array_is_broadcast (array) ? 0 : (guint) array->chunk_axis;

  return multiply_axes (array, first, array->n_dims) * pinwheel_dtype_size (array->dtype);
}

gboolean
pinwheel_array_equal (const PinwheelArray *a, const PinwheelArray *b)
{
  return strcmp (a->name, b->name) == 0 && a->dtype == b->dtype && a->n_dims == b->n_dims
         && a->chunk_axis == b->chunk_axis
         && (a->n_dims == 0 || memcmp (a->shape, b->shape, a->n_dims * sizeof a->shape[0]) == 0);
}

char *
pinwheel_array_to_string (const PinwheelArray *array)
{
  GString *text;

  g_return_val_if_fail (array != NULL, NULL);

  text = g_string_new (array->name);
  g_string_append_printf (text, ":%s", pinwheel_dtype_to_string (array->dtype));
  for (guint i = 0; i < array->n_dims; i++)
    {
      g_string_append_c (text, i == 0 ? '[' : ',');
      if ((int) i == array->chunk_axis)
        g_string_append_c (text, '*');
      else
        g_string_append_printf (text, "%" G_GUINT64_FORMAT, array->shape[i]);
    }
  if (array->n_dims > 0)
    g_string_append_c (text, ']');
  return g_string_free (text, FALSE);
}
