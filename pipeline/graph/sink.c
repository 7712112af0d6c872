/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <pinwheel/sink.h>

#include "graph/element-private.h"

G_DEFINE_ABSTRACT_TYPE (PinwheelSink, pinwheel_sink, PINWHEEL_TYPE_ELEMENT)

static const PinwheelPadTemplate templates[] = {
  { "sink", PINWHEEL_PAD_SINK, PINWHEEL_PLACE_HOST },
  { .name = NULL },
};

static PinwheelFlow
pinwheel_sink_run (PinwheelElement *element, GError **error)
{
  PinwheelSink *self = PINWHEEL_SINK (element);
  PinwheelSinkClass *klass = PINWHEEL_SINK_GET_CLASS (self);
  PinwheelPad *sink = pinwheel_element_get_sink (element);
  gboolean reads = pinwheel_pad_get_place (sink) == PINWHEEL_PLACE_HOST;
  gboolean ok = TRUE;
  PinwheelFlow flow;

  do
    {
      g_autoptr (PinwheelChunk) chunk = NULL;

      flow = pinwheel_pad_pull (sink, &chunk);
      if (flow == PINWHEEL_FLOW_OK && reads)
        ok = pinwheel_element_sync_readable (element, chunk, error);
      if (flow == PINWHEEL_FLOW_OK && ok)
        ok = klass->consume (self, chunk, error);
    }
  while (flow == PINWHEEL_FLOW_OK && ok);
  if (flow == PINWHEEL_FLOW_EOS && klass->finish != NULL)
    ok = klass->finish (self, error);
  if (ok)
    return flow;
  /* a wait or a write that the stop ended is no error of its own */
  return g_cancellable_is_cancelled (pinwheel_element_get_cancellable (element))
             ? PINWHEEL_FLOW_STOPPED
             : PINWHEEL_FLOW_ERROR;
}

static gboolean
pinwheel_sink_demand (PinwheelElement *element, GError **error)
{
  return pinwheel_element_check_has (element, PINWHEEL_SINK_GET_CLASS (element)->consume != NULL,
                                     "consume", error);
}

static void
pinwheel_sink_class_init (PinwheelSinkClass *klass)
{
  PinwheelElementClass *element_class = PINWHEEL_ELEMENT_CLASS (klass);

  element_class->templates = templates;
  element_class->demand = pinwheel_sink_demand;
  element_class->run = pinwheel_sink_run;
}

static void
pinwheel_sink_init (PinwheelSink *self)
{
}
