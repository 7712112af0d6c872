/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "common/rows.h"

gboolean
pinwheel_rows_each (const PinwheelArray *array, guint64 n_items, guint64 head, guint64 start,
                    guint64 count, gpointer slice, PinwheelRowFunc func, gpointer file,
                    GError **error)
{
  guint64 outer = pinwheel_array_outer (array);
  guint64 row = pinwheel_array_row_size (array);
  guint8 *memory = slice;

  /* a broadcast array and a slice with every item are one piece, however many rows they have */
  if (pinwheel_array_is_broadcast (array))
    {
      count = n_items = 1;
      start = 0;
    }
  if (start == 0 && count == n_items)
    {
      row *= outer;
      outer = 1;
    }
  if (count == 0 || row == 0)
    return TRUE;

  for (guint64 i = 0; i < outer; i++)
    if (!func (file, memory + i * count * row, count * row, head + (i * n_items + start) * row,
               error))
      return FALSE;
  return TRUE;
}

void
pinwheel_items_each (const PinwheelArray *array, gconstpointer slice, guint64 count,
                     gpointer scratch, PinwheelItemsFunc func, gpointer user_data)
{
  guint64 elements = pinwheel_array_item_elements (array);
  guint64 size = pinwheel_array_item_size (array);
  guint64 outer = pinwheel_array_outer (array);
  guint64 row = pinwheel_array_row_size (array);
  const guint8 *memory = slice;

  if (pinwheel_array_is_broadcast (array))
    count = 1;
  if (elements == 0 || count == 0)
    return;

  if (outer == 1)
    func (slice, count * elements, user_data);
  else if (size <= PINWHEEL_ITEMS_SCRATCH)
    for (guint64 first = 0, n; first < count; first += n)
      {
        n = MIN (count - first, PINWHEEL_ITEMS_SCRATCH / size);
        pinwheel_slice_to_items (array, slice, count, first, n, scratch);
        func (scratch, n * elements, user_data);
      }
  else
    for (guint64 item = 0; item < count; item++)
      for (guint64 i = 0; i < outer; i++)
        func (memory + (i * count + item) * row, elements / outer, user_data);
}
