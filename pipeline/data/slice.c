/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include <pinwheel/format.h>

/* A slice is outer rows of items behind each other; outer are the axes before the chunk axis, and
 * one item of one outer row is row bytes. */

/* Copies @height runs of @width bytes. */
static void
copy_runs (guint8 *target, guint64 target_pitch, const guint8 *source, guint64 source_pitch,
           guint64 width, guint64 height)
{
  if (width == target_pitch && width == source_pitch)
    {
      width *= height;
      height = 1;
    }
  for (guint64 i = 0; i < height; i++)
    memcpy (target + i * target_pitch, source + i * source_pitch, width);
}

void
pinwheel_gather (const PinwheelArray *array, guint64 n_items, gconstpointer whole, guint64 start,
                 guint64 count, gpointer slice)
{
  guint64 row = pinwheel_array_row_size (array);

  g_return_if_fail (!pinwheel_array_is_broadcast (array));
  g_return_if_fail (start <= n_items && count <= n_items - start);

  if (count == 0 || row == 0)
    return;
  copy_runs (slice, count * row, (const guint8 *) whole + start * row, n_items * row, count * row,
             pinwheel_array_outer (array));
}

void
pinwheel_scatter (const PinwheelArray *array, guint64 n_items, gpointer whole, guint64 start,
                  guint64 count, gconstpointer slice)
{
  guint64 row = pinwheel_array_row_size (array);

  g_return_if_fail (!pinwheel_array_is_broadcast (array));
  g_return_if_fail (start <= n_items && count <= n_items - start);

  if (count == 0 || row == 0)
    return;
  copy_runs ((guint8 *) whole + start * row, n_items * row, slice, count * row, count * row,
             pinwheel_array_outer (array));
}

/* Items and outer rows of one tile: 16 lines of the cache to read from, 16 to write to. Larger
 * tiles throw each other's lines out where the strides are powers of two. */
#define TILE 16

/* A constant @row makes each memcpy() one move. */
static inline G_ALWAYS_INLINE void
swap_axes (guint8 *items, const guint8 *slice, guint64 outer, guint64 count, guint64 n, gsize row)
{
  for (guint64 first = 0; first < n; first += TILE)
    for (guint64 first_row = 0; first_row < outer; first_row += TILE)
      {
        guint64 end = MIN (first + TILE, n), end_row = MIN (first_row + TILE, outer);

        for (guint64 o = first_row; o < end_row; o++)
          for (guint64 i = first; i < end; i++)
            memcpy (items + (i * outer + o) * row, slice + (o * count + i) * row, row);
      }
}

void
pinwheel_slice_to_items (const PinwheelArray *array, gconstpointer slice, guint64 count,
                         guint64 first, guint64 n, gpointer items)
{
  guint64 outer = pinwheel_array_outer (array);
  guint64 row = pinwheel_array_row_size (array);
  const guint8 *from;

  g_return_if_fail (!pinwheel_array_is_broadcast (array));
  g_return_if_fail (first <= count && n <= count - first);

  if (n == 0 || outer == 0 || row == 0)
    return;
  from = (const guint8 *) slice + first * row;
  if (outer == 1)
    {
      memcpy (items, from, n * row);
      return;
    }
  switch (row)
    {
    case 1:
      swap_axes (items, from, outer, count, n, 1);
      break;
    case 2:
      swap_axes (items, from, outer, count, n, 2);
      break;
    case 4:
      swap_axes (items, from, outer, count, n, 4);
      break;
    case 8:
      swap_axes (items, from, outer, count, n, 8);
      break;
    case 16:
      swap_axes (items, from, outer, count, n, 16);
      break;
    default:
      swap_axes (items, from, outer, count, n, row);
    }
}
