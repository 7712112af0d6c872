/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What appsrc and appsink do with memory of the application. */
#pragma once
#include <pinwheel/app-array.h>
#include <pinwheel/chunk.h>

G_BEGIN_DECLS

/* Whether it is what @array says; the chunk axis may have any length.
 * Errors: PINWHEEL_ERROR_FORMAT, with both */
gboolean pinwheel_app_array_check (PinwheelAppArray *self, const PinwheelArray *array,
                                   GError **error);
/* Whether one copy takes any number of its items along the chunk axis of @array, and would be
 * quick: rows that are long or hold several items, at one distance, in slices at one distance. A
 * broadcast array must be in C order.
 * @rows: (out) */
gboolean pinwheel_app_array_has_rows (PinwheelAppArray *self, const PinwheelArray *array,
                                      PinwheelRows *rows);
/* Whether items are behind one another, each in C order. */
gboolean pinwheel_rows_are_plain (const PinwheelRows *rows);
/* Copies items [@start, @start + @count), or all of a broadcast array, to @slice in C order; or
 * from there. */
void pinwheel_app_array_read (PinwheelAppArray *self, const PinwheelArray *array, guint64 start,
                              guint64 count, gpointer slice);
void pinwheel_app_array_write (PinwheelAppArray *self, const PinwheelArray *array, guint64 start,
                               guint64 count, gconstpointer slice);

G_END_DECLS
