/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <pinwheel/transform.h>

#include "graph/element-private.h"
#include "graph/pad-private.h"

G_DEFINE_ABSTRACT_TYPE (PinwheelTransform, pinwheel_transform, PINWHEEL_TYPE_ELEMENT)

static const PinwheelPadTemplate templates[] = {
  { "sink", PINWHEEL_PAD_SINK, PINWHEEL_PLACE_ANY },
  { "src", PINWHEEL_PAD_SRC, PINWHEEL_PLACE_ANY },
  { .name = NULL },
};

/* @input: (transfer full): dropped before the output is pushed, so that whoever comes next may find
 * itself the only one to hold what rides along */
static PinwheelFlow
pinwheel_transform_one (PinwheelTransform *self, PinwheelPad *src, PinwheelChunk *input,
                        gboolean passes, GError **error)
{
  PinwheelTransformClass *klass = PINWHEEL_TRANSFORM_GET_CLASS (self);
  g_autoptr (PinwheelChunk) owned = input;
  g_autoptr (PinwheelChunk) output = NULL;

  if (!passes)
    {
      output = pinwheel_pad_new_chunk (src, pinwheel_chunk_get_index (input),
                                       pinwheel_chunk_get_start (input),
                                       pinwheel_chunk_get_count (input));
      if (output == NULL)
        return PINWHEEL_FLOW_STOPPED;
    }
  if (klass->transform != NULL && !klass->asynchronous
      && (!pinwheel_element_sync_readable (PINWHEEL_ELEMENT (self), input, error)
          || (output != NULL && !pinwheel_pad_sync_writable (src, output, error))))
    return PINWHEEL_FLOW_ERROR;
  if (klass->transform != NULL && !klass->transform (self, input, output, error))
    return PINWHEEL_FLOW_ERROR;
  if (passes)
    return pinwheel_pad_push (src, g_steal_pointer (&owned));
  g_clear_pointer (&owned, pinwheel_chunk_unref);
  return pinwheel_pad_push (src, g_steal_pointer (&output));
}

static PinwheelFlow
pinwheel_transform_run (PinwheelElement *element, GError **error)
{
  PinwheelTransform *self = PINWHEEL_TRANSFORM (element);
  PinwheelPad *sink = pinwheel_element_get_sink (element);
  PinwheelPad *src = pinwheel_element_get_src (element);
  gboolean passes = !pinwheel_pad_has_demand (src)
                    && pinwheel_format_equal (pinwheel_pad_get_format (sink),
                                              pinwheel_pad_get_format (src));
  PinwheelFlow flow;

  do
    {
      PinwheelChunk *input;

      flow = pinwheel_pad_pull (sink, &input);
      if (flow == PINWHEEL_FLOW_OK)
        flow = pinwheel_transform_one (self, src, input, passes, error);
    }
  while (flow == PINWHEEL_FLOW_OK);
  return flow == PINWHEEL_FLOW_EOS ? pinwheel_pad_push_eos (src) : flow;
}

static gboolean
pinwheel_transform_demand (PinwheelElement *element, GError **error)
{
  PinwheelTransformClass *klass = PINWHEEL_TRANSFORM_GET_CLASS (element);

  return klass->transform == NULL || klass->asynchronous
         || pinwheel_element_check_reach (element, error);
}

static void
pinwheel_transform_class_init (PinwheelTransformClass *klass)
{
  PinwheelElementClass *element_class = PINWHEEL_ELEMENT_CLASS (klass);

  element_class->templates = templates;
  element_class->negotiate = pinwheel_element_pass_formats;
  element_class->demand = pinwheel_transform_demand;
  element_class->run = pinwheel_transform_run;
}

static void
pinwheel_transform_init (PinwheelTransform *self)
{
}
