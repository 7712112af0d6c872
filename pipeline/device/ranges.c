/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "device/ranges-private.h"

typedef struct
{
  const guint8 *begin;
  gsize size;
  gboolean registered;
} Range;

void
pinwheel_ranges_init (PinwheelRanges *self)
{
  pinwheel_lock_init (&self->lock);
  self->ranges = g_array_new (FALSE, FALSE, sizeof (Range));
}

void
pinwheel_ranges_clear (PinwheelRanges *self)
{
  g_array_unref (self->ranges);
  pinwheel_lock_clear (&self->lock);
}

/* Returns: index of the first range that ends behind @memory */
static guint find_locked (PinwheelRanges *self, const guint8 *memory)
    PINWHEEL_REQUIRES (self->lock);
static guint
find_locked (PinwheelRanges *self, const guint8 *memory)
{
  guint low = 0, high = self->ranges->len;

  while (low < high)
    {
      guint middle = low + (high - low) / 2;
      Range *range = &g_array_index (self->ranges, Range, middle);

      if (range->begin + range->size > memory)
        high = middle;
      else
        low = middle + 1;
    }
  return low;
}

gboolean
pinwheel_ranges_add (PinwheelRanges *self, gpointer memory, gsize size, gboolean registered)
{
  Range range = { memory, size, registered };
  gboolean free;
  guint i;

  pinwheel_lock (&self->lock);
  i = find_locked (self, memory);
  free = i == self->ranges->len
         || g_array_index (self->ranges, Range, i).begin >= range.begin + size;
  if (free)
    {
      g_array_insert_val (self->ranges, i, range);
      self->registered += registered ? size : 0;
    }
  pinwheel_unlock (&self->lock);
  return free;
}

gsize
pinwheel_ranges_remove (PinwheelRanges *self, gpointer memory, gboolean registered)
{
  gsize size = 0;
  guint i;

  pinwheel_lock (&self->lock);
  i = find_locked (self, memory);
  if (i < self->ranges->len)
    {
      Range *range = &g_array_index (self->ranges, Range, i);

      if (range->begin == memory && range->registered == registered)
        {
          size = range->size;
          self->registered -= registered ? size : 0;
          g_array_remove_index (self->ranges, i);
        }
    }
  pinwheel_unlock (&self->lock);
  return size;
}

gboolean
pinwheel_ranges_hold (PinwheelRanges *self, gconstpointer memory, gsize size)
{
  const guint8 *begin = memory;
  gboolean held = FALSE;
  guint i;

  pinwheel_lock (&self->lock);
  i = find_locked (self, begin);
  if (i < self->ranges->len)
    {
      Range *range = &g_array_index (self->ranges, Range, i);

      held = begin >= range->begin && size <= range->size - (gsize) (begin - range->begin);
    }
  pinwheel_unlock (&self->lock);
  return held;
}

guint64
pinwheel_ranges_get_registered (PinwheelRanges *self)
{
  guint64 registered;

  pinwheel_lock (&self->lock);
  registered = self->registered;
  pinwheel_unlock (&self->lock);
  return registered;
}
