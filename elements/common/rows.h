/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where the bytes of a slice lie in a file that holds the whole array. */
#pragma once
#include <pinwheel/format.h>

G_BEGIN_DECLS

/* Moves @size bytes between @memory and @offset of @file. */
typedef gboolean (*PinwheelRowFunc) (gpointer file, gpointer memory, gsize size, guint64 offset,
                                     GError **error);

/* Calls @func for every run of bytes that is one piece both in @slice (items [@start, @start +
 * @count), C order) and in a file with the whole array of @n_items items from byte @head on. */
gboolean pinwheel_rows_each (const PinwheelArray *array, guint64 n_items, guint64 head,
                             guint64 start, guint64 count, gpointer slice, PinwheelRowFunc func,
                             gpointer file, GError **error);

/* Gets @n_elements elements of @array, of items one after the other. */
typedef void (*PinwheelItemsFunc) (gconstpointer elements, guint64 n_elements, gpointer user_data);

#define PINWHEEL_ITEMS_SCRATCH (256 * 1024)

/* Calls @func over @slice in item order, so that what it sees one after the other does not depend
 * on how the data was cut. @scratch: PINWHEEL_ITEMS_SCRATCH bytes, aligned for any dtype. */
void pinwheel_items_each (const PinwheelArray *array, gconstpointer slice, guint64 count,
                          gpointer scratch, PinwheelItemsFunc func, gpointer user_data);

G_END_DECLS
