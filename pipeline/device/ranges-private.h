/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The host memory that is pinned for a device: what it allocated, and what the application
 * registered. */
#pragma once
#include <glib.h>

#include "base/lock-private.h"

G_BEGIN_DECLS

typedef struct
{
  PinwheelLock lock;  /* leaf lock: nothing is called out to while it is held */
  GArray *ranges;     /* (lock) ordered by address, none overlaps another */
  guint64 registered; /* (lock) bytes of those that the application registered */
} PinwheelRanges;

void pinwheel_ranges_init (PinwheelRanges *self);
void pinwheel_ranges_clear (PinwheelRanges *self);
/* Returns: FALSE where it overlaps a range that is there */
gboolean pinwheel_ranges_add (PinwheelRanges *self, gpointer memory, gsize size,
                              gboolean registered);
/* @memory: where a range begins
 * Returns: bytes of it; 0 where there is none, or it came in the other way */
gsize pinwheel_ranges_remove (PinwheelRanges *self, gpointer memory, gboolean registered);
/* Returns: whether one range holds all of it */
gboolean pinwheel_ranges_hold (PinwheelRanges *self, gconstpointer memory, gsize size);
guint64 pinwheel_ranges_get_registered (PinwheelRanges *self);

G_END_DECLS
