/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
#include <pinwheel/dtype.h>

G_BEGIN_DECLS

/**
 * PINWHEEL_MAX_DIMS:
 *
 * The most axes that an array can have.
 */
#define PINWHEEL_MAX_DIMS 32

/**
 * PINWHEEL_MAX_ARRAYS:
 *
 * The most arrays that a format can have.
 */
#define PINWHEEL_MAX_ARRAYS 256

/**
 * PINWHEEL_NO_CHUNK_AXIS:
 *
 * In place of the chunk axis: the array is a broadcast array.
 */
#define PINWHEEL_NO_CHUNK_AXIS (-1)

/**
 * PINWHEEL_ITEMS_UNKNOWN:
 *
 * The number of items is known only at EOS.
 */
#define PINWHEEL_ITEMS_UNKNOWN G_MAXUINT64

typedef struct _PinwheelArray PinwheelArray;
typedef struct _PinwheelFormat PinwheelFormat;

/**
 * PinwheelArray:
 * @name: (transfer none): interned; a C identifier
 * @dtype: type of the elements
 * @n_dims: 0 (a broadcast scalar) to %PINWHEEL_MAX_DIMS
 * @chunk_axis: axis along which it is cut, or %PINWHEEL_NO_CHUNK_AXIS for a broadcast array
 * @shape: lengths of the axes; shape[chunk_axis] is always 0 here: the format knows the items
 *
 * An array: named n-dimensional data. A plain value, copied freely. Valid ones are made by
 * pinwheel_array_init() or the parser, which check that the bytes of one item fit 64 bits.
 */
struct _PinwheelArray
{
  const char *name;
  PinwheelDType dtype;
  guint n_dims;
  int chunk_axis;
  guint64 shape[PINWHEEL_MAX_DIMS];
};

#define PINWHEEL_TYPE_ARRAY (pinwheel_array_get_type ())
PINWHEEL_API
GType pinwheel_array_get_type (void) G_GNUC_CONST;

/**
 * pinwheel_array_init:
 * @array: what to fill in
 * @name: a C identifier
 * @dtype: type of the elements
 * @n_dims: number of axes
 * @shape: (array length=n_dims): lengths of the axes; that of the chunk axis does not count
 * @chunk_axis: axis along which it is cut, or %PINWHEEL_NO_CHUNK_AXIS
 *
 * Fills in an array. Errors: %PINWHEEL_ERROR_FORMAT: not a name, too many axes, or an item that
 * does not fit 64 bits.
 */
PINWHEEL_API
gboolean pinwheel_array_init (PinwheelArray *array, const char *name, PinwheelDType dtype,
                              guint n_dims, const guint64 *shape, int chunk_axis, GError **error);

/**
 * pinwheel_array_is_broadcast:
 * @array: an array
 *
 * Returns: whether it has no chunk axis
 */
PINWHEEL_API
gboolean pinwheel_array_is_broadcast (const PinwheelArray *array);

/**
 * pinwheel_array_item_elements:
 * @array: an array
 *
 * Returns: elements in one item; in the whole of a broadcast array
 */
PINWHEEL_API
guint64 pinwheel_array_item_elements (const PinwheelArray *array);

/**
 * pinwheel_array_item_size:
 * @array: an array
 *
 * Returns: bytes of one item; of the whole of a broadcast array
 */
PINWHEEL_API
guint64 pinwheel_array_item_size (const PinwheelArray *array);

/**
 * pinwheel_array_outer:
 * @array: an array
 *
 * Returns: product of the axes before the chunk axis (1 for a broadcast array)
 */
PINWHEEL_API
guint64 pinwheel_array_outer (const PinwheelArray *array);

/**
 * pinwheel_array_row_size:
 * @array: an array
 *
 * Returns: bytes of one item within one outer row: item_size / outer
 */
PINWHEEL_API
guint64 pinwheel_array_row_size (const PinwheelArray *array);

/**
 * pinwheel_array_equal:
 * @a: an array
 * @b: another one
 *
 * Returns: whether they have the same name, dtype, dimensions and chunk axis
 */
PINWHEEL_API
gboolean pinwheel_array_equal (const PinwheelArray *a, const PinwheelArray *b);

/**
 * pinwheel_array_to_string:
 * @array: an array
 *
 * Returns: (transfer full): `x:f32[3,*]`
 */
PINWHEEL_API
char *pinwheel_array_to_string (const PinwheelArray *array);

/**
 * PinwheelFormat:
 *
 * The ordered arrays that a link carries, and the number of items in all. Immutable, refcounted,
 * safe from any thread. Arrays have different names. A format without any cut array has one item.
 */
#define PINWHEEL_TYPE_FORMAT (pinwheel_format_get_type ())
PINWHEEL_API
GType pinwheel_format_get_type (void) G_GNUC_CONST;

/**
 * pinwheel_format_new: (skip)
 * @arrays: (array length=n_arrays): copied
 * @n_arrays: number of @arrays
 * @n_items: items along every chunk axis, or %PINWHEEL_ITEMS_UNKNOWN
 *
 * Returns: (transfer full) (nullable): %NULL with @error (%PINWHEEL_ERROR_FORMAT) for two arrays of
 *   one name, none or too many arrays, or a total that does not fit 64 bits
 */
PINWHEEL_API
PinwheelFormat *pinwheel_format_new (const PinwheelArray *arrays, guint n_arrays, guint64 n_items,
                                     GError **error);

/**
 * pinwheel_format_parse:
 * @text: `x:f32[*]`, `state:f32[51,3,*] coeffs:f64[22,1,4]`; `s:f64` or `s:f64[]` is a scalar
 * @n_items: as for pinwheel_format_new()
 *
 * Errors (%PINWHEEL_ERROR_PARSE) give the column, what was expected, and a near dtype.
 *
 * Returns: (transfer full) (nullable): %NULL with @error
 */
PINWHEEL_API
PinwheelFormat *pinwheel_format_parse (const char *text, guint64 n_items, GError **error);

/**
 * pinwheel_format_ref:
 *
 * Returns: (transfer full): a new reference
 */
PINWHEEL_API
PinwheelFormat *pinwheel_format_ref (PinwheelFormat *self);

/**
 * pinwheel_format_unref:
 *
 * Drops a reference; with the last one it is freed.
 */
PINWHEEL_API
void pinwheel_format_unref (PinwheelFormat *self);

/**
 * pinwheel_format_to_string:
 *
 * Returns: (transfer full): text that parses to the same arrays
 */
PINWHEEL_API
char *pinwheel_format_to_string (const PinwheelFormat *self);

/**
 * pinwheel_format_equal:
 * @a: a format
 * @b: another one
 *
 * Returns: whether they have the same arrays in the same order; the number of items is not compared
 */
PINWHEEL_API
gboolean pinwheel_format_equal (const PinwheelFormat *a, const PinwheelFormat *b);

/**
 * pinwheel_format_n_arrays:
 *
 * Returns: number of arrays
 */
PINWHEEL_API
guint pinwheel_format_n_arrays (const PinwheelFormat *self);

/**
 * pinwheel_format_n_items:
 *
 * Returns: items in all, or %PINWHEEL_ITEMS_UNKNOWN
 */
PINWHEEL_API
guint64 pinwheel_format_n_items (const PinwheelFormat *self);

/**
 * pinwheel_format_array:
 * @index: from 0
 *
 * Returns: (transfer none): the array at @index
 */
PINWHEEL_API
const PinwheelArray *pinwheel_format_array (const PinwheelFormat *self, guint index);

/**
 * pinwheel_format_find:
 * @name: of an array
 *
 * Returns: index of the array called @name, or -1
 */
PINWHEEL_API
int pinwheel_format_find (const PinwheelFormat *self, const char *name);

/**
 * pinwheel_format_has_cut:
 *
 * Returns: whether any array is cut
 */
PINWHEEL_API
gboolean pinwheel_format_has_cut (const PinwheelFormat *self);

/**
 * pinwheel_format_total_size:
 *
 * Returns: bytes of everything, %G_MAXUINT64 where items are unknown
 */
PINWHEEL_API
guint64 pinwheel_format_total_size (const PinwheelFormat *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PinwheelFormat, pinwheel_format_unref)

/**
 * pinwheel_gather: (skip)
 * @array: a cut array
 * @n_items: items of the whole
 * @whole: all of the array, C order
 * @start: first item
 * @count: items
 * @slice: (out caller-allocates): C order with @count along the chunk axis
 *
 * Copies a slice out of a whole array, whole rows at a time. pinwheel_scatter() is its inverse.
 */
PINWHEEL_API
void pinwheel_gather (const PinwheelArray *array, guint64 n_items, gconstpointer whole,
                      guint64 start, guint64 count, gpointer slice);

/**
 * pinwheel_scatter: (skip)
 * @array: a cut array
 * @n_items: items of the whole
 * @whole: all of the array, C order
 * @start: first item
 * @count: items
 * @slice: C order with @count along the chunk axis
 *
 * Copies a slice into a whole array, whole rows at a time. pinwheel_gather() is its inverse.
 */
PINWHEEL_API
void pinwheel_scatter (const PinwheelArray *array, guint64 n_items, gpointer whole, guint64 start,
                       guint64 count, gconstpointer slice);

/**
 * pinwheel_slice_to_items: (skip)
 * @array: a cut array
 * @slice: C order, @count along the chunk axis
 * @count: items in @slice
 * @first: first item wanted
 * @n: items wanted
 * @items: receives items [@first, @first + @n) one after the other, each in C order
 *
 * Moves the chunk axis to the front: what comes out does not depend on how the data was cut.
 */
PINWHEEL_API
void pinwheel_slice_to_items (const PinwheelArray *array, gconstpointer slice, guint64 count,
                              guint64 first, guint64 n, gpointer items);

G_END_DECLS
