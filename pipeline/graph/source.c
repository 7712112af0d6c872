/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <pinwheel/source.h>

#include "graph/element-private.h"
#include "graph/pad-private.h"

G_DEFINE_ABSTRACT_TYPE (PinwheelSource, pinwheel_source, PINWHEEL_TYPE_ELEMENT)

static const PinwheelPadTemplate templates[] = {
  { "src", PINWHEEL_PAD_SRC, PINWHEEL_PLACE_HOST },
  { .name = NULL },
};

static gboolean
pinwheel_source_demand (PinwheelElement *element, GError **error)
{
  PinwheelSourceClass *klass = PINWHEEL_SOURCE_GET_CLASS (element);
  PinwheelPad *src = pinwheel_element_get_src (element);
  PinwheelFormat *format = pinwheel_pad_get_format (src);
  gboolean all_cut = TRUE;

  for (guint i = 0; i < pinwheel_format_n_arrays (format); i++)
    all_cut &= !pinwheel_array_is_broadcast (pinwheel_format_array (format, i));
  if (!pinwheel_element_check_has (
          element, klass->fill != NULL || !pinwheel_format_has_cut (format), "fill", error)
      || !pinwheel_element_check_has (element, klass->fill_broadcast != NULL || all_cut,
                                      "fill_broadcast", error))
    return FALSE;
  pinwheel_pad_set_demand (src, PINWHEEL_MEMORY_PINNED, pinwheel_format_n_arrays (format));
  return TRUE;
}

static gboolean
pinwheel_source_fill_broadcasts (PinwheelSource *self, PinwheelPad *src, GError **error)
{
  PinwheelFormat *format = pinwheel_pad_get_format (src);

  for (guint i = 0; i < pinwheel_format_n_arrays (format); i++)
    {
      gpointer data = pinwheel_pad_get_broadcast (src, i);

      if (data == NULL)
        continue;
      if (!PINWHEEL_SOURCE_GET_CLASS (self)->fill_broadcast (self, i, data, error))
        return FALSE;
    }
  return TRUE;
}

/* @got: (out): items of the chunk; fewer than @count only where the total is unknown */
static PinwheelFlow
pinwheel_source_make_chunk (PinwheelSource *self, PinwheelPad *src, guint64 index, guint64 start,
                            guint64 count, guint64 *got, GError **error)
{
  g_autoptr (PinwheelChunk) chunk = pinwheel_pad_new_chunk (src, index, start, count);
  gboolean cut = pinwheel_format_has_cut (pinwheel_pad_get_format (src));

  if (chunk == NULL)
    return PINWHEEL_FLOW_STOPPED;
  if (!pinwheel_pad_sync_writable (src, chunk, error))
    return PINWHEEL_FLOW_ERROR;
  if (cut && count > 0 && !PINWHEEL_SOURCE_GET_CLASS (self)->fill (self, chunk, error))
    return PINWHEEL_FLOW_ERROR;
  *got = pinwheel_chunk_get_count (chunk);
  if (*got == 0 && index > 0)
    return PINWHEEL_FLOW_OK;
  return pinwheel_pad_push (src, g_steal_pointer (&chunk));
}

static PinwheelFlow
pinwheel_source_run (PinwheelElement *element, GError **error)
{
  PinwheelSource *self = PINWHEEL_SOURCE (element);
  PinwheelPad *src = pinwheel_element_get_src (element);
  guint64 total = pinwheel_format_n_items (pinwheel_pad_get_format (src));
  /* where nothing is cut here, the plan's length is that of other streams, and may be 0 */
  guint64 length = pinwheel_format_has_cut (pinwheel_pad_get_format (src))
                       ? pinwheel_pad_get_chunk_length (src)
                       : 1;
  gboolean asks = PINWHEEL_SOURCE_GET_CLASS (self)->next != NULL
                  && pinwheel_format_has_cut (pinwheel_pad_get_format (src));
  guint64 start = 0;
  gboolean more = TRUE;

  if (!pinwheel_source_fill_broadcasts (self, src, error))
    return PINWHEEL_FLOW_ERROR;
  for (guint64 index = 0; more; index++)
    {
      /* PINWHEEL_ITEMS_UNKNOWN is larger than any start + length */
      guint64 count = MIN (length, total - start);
      guint64 got = 0;
      PinwheelFlow flow = PINWHEEL_FLOW_ERROR;

      if (!asks || count == 0
          || PINWHEEL_SOURCE_GET_CLASS (self)->next (self, count, &count, error))
        flow = asks && count == 0 && index > 0
                   ? PINWHEEL_FLOW_EOS
                   : pinwheel_source_make_chunk (self, src, index, start, count, &got, error);
      if (flow == PINWHEEL_FLOW_EOS)
        break;
      if (flow != PINWHEEL_FLOW_OK)
        /* a read that the cancellable ended is no error of its own */
        return g_cancellable_is_cancelled (pinwheel_element_get_cancellable (element))
                   ? PINWHEEL_FLOW_STOPPED
                   : flow;
      start += got;
      more = got == count && (!asks || count > 0) && start < total;
    }
  return pinwheel_pad_push_eos (src);
}

static void
pinwheel_source_class_init (PinwheelSourceClass *klass)
{
  PinwheelElementClass *element_class = PINWHEEL_ELEMENT_CLASS (klass);

  element_class->templates = templates;
  element_class->demand = pinwheel_source_demand;
  element_class->run = pinwheel_source_run;
}

static void
pinwheel_source_init (PinwheelSource *self)
{
}
