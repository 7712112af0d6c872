/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How far a run is: the items that the slowest of its ends has seen. */
#include "config.h"

#include "graph/element-private.h"
#include "run/pipeline-private.h"

static gboolean
pinwheel_has_pad (PinwheelElement *element, PinwheelPadDirection direction)
{
  GPtrArray *pads = pinwheel_element_get_pads (element);

  for (guint i = 0; i < pads->len; i++)
    if (pinwheel_pad_get_direction (pads->pdata[i]) == direction)
      return TRUE;
  return FALSE;
}

/* Whether all the items of the run come to @sink: they do not behind an element that sums up. */
static gboolean
pinwheel_gets_all_items (PinwheelElement *sink, guint64 total)
{
  GPtrArray *pads = pinwheel_element_get_pads (sink);
  PinwheelFormat *format = pads->len > 0 ? pinwheel_pad_get_format (pads->pdata[0]) : NULL;

  return format != NULL && pinwheel_format_n_items (format) == total;
}

void
pinwheel_pipeline_count_from_locked (PinwheelPipeline *self)
{
  self->items_done = 0;
  self->items_total = self->plan->n_items;
  for (guint i = 0; i < self->order->len; i++)
    {
      PinwheelElement *element = self->order->pdata[i];

      if (pinwheel_has_pad (element, PINWHEEL_PAD_SINK)
          && !pinwheel_has_pad (element, PINWHEEL_PAD_SRC)
          && pinwheel_gets_all_items (element, self->items_total))
        g_ptr_array_add (self->counted, element);
    }
  for (guint i = 0; self->counted->len == 0 && i < self->order->len; i++)
    if (!pinwheel_has_pad (self->order->pdata[i], PINWHEEL_PAD_SINK))
      g_ptr_array_add (self->counted, self->order->pdata[i]);
}

static guint64 pinwheel_pipeline_count_locked (PinwheelPipeline *self)
    PINWHEEL_REQUIRES (self->lock);
static guint64
pinwheel_pipeline_count_locked (PinwheelPipeline *self)
{
  guint64 least = G_MAXUINT64;

  for (guint i = 0; i < self->counted->len; i++)
    {
      PinwheelStatistics statistics;

      pinwheel_element_get_statistics (self->counted->pdata[i], &statistics);
      least = MIN (least, statistics.items);
    }
  return self->counted->len > 0 ? least : self->items_done;
}

void
pinwheel_pipeline_count_to_locked (PinwheelPipeline *self)
{
  self->items_done = pinwheel_pipeline_count_locked (self);
  g_ptr_array_set_size (self->counted, 0);
}

void
pinwheel_pipeline_post_progress_locked (PinwheelPipeline *self)
{
  guint64 done = pinwheel_pipeline_count_locked (self);
  g_autofree char *text = NULL;
  GVariantDict dict;

  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, "items-done", "t", done);
  if (self->items_total != PINWHEEL_ITEMS_UNKNOWN)
    {
      g_variant_dict_insert (&dict, "items-total", "t", self->items_total);
      text = g_strdup_printf ("%" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT " items", done,
                              self->items_total);
    }
  else
    text = g_strdup_printf ("%" G_GUINT64_FORMAT " items", done);
  pinwheel_bus_post (self->bus, pinwheel_message_new (PINWHEEL_MESSAGE_PROGRESS, NULL, NULL, text,
                                                      g_variant_dict_end (&dict)));
}

void
pinwheel_pipeline_get_progress (PinwheelPipeline *self, guint64 *items_done, guint64 *items_total)
{
  g_return_if_fail (PINWHEEL_IS_PIPELINE (self));

  pinwheel_lock (&self->lock);
  if (items_done != NULL)
    *items_done = pinwheel_pipeline_count_locked (self);
  if (items_total != NULL)
    *items_total = self->items_total;
  pinwheel_unlock (&self->lock);
}
