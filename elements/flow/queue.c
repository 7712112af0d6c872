/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <pinwheel/transform.h>

/* queue: a longer link. Chunks wait in the link in front of it. */
struct _PinwheelQueue
{
  PinwheelTransform parent_instance;

  guint64 size;
};

G_DECLARE_FINAL_TYPE (PinwheelQueue, pinwheel_queue, PINWHEEL, QUEUE, PinwheelTransform)
G_DEFINE_FINAL_TYPE (PinwheelQueue, pinwheel_queue, PINWHEEL_TYPE_TRANSFORM)

static const PinwheelProperty properties[] = {
  PINWHEEL_UINT (PinwheelQueue, size, "size", 1, 65536, 16,
                 "Chunks that it holds before its input waits"),
};

static const PinwheelPadTemplate templates[] = {
  { "sink", PINWHEEL_PAD_SINK, PINWHEEL_PLACE_ANY },
  { "src", PINWHEEL_PAD_SRC, PINWHEEL_PLACE_ANY },
  { .name = NULL },
};

static const PinwheelElementInfo info = {
  .name = "queue",
  .group = "flow",
  .summary = "Holds more chunks than a link does",
  .description
  = "Evens out stages whose speed varies from chunk to chunk. It takes no memory of its own: the "
    "chunks in it are in buffers of the pools before it, which limit how many there can be.",
  .example = "testsrc items=1000000 ! queue size=8 ! fakesink",
};

static gboolean
pinwheel_queue_negotiate (PinwheelElement *element, GError **error)
{
  pinwheel_pad_set_depth (pinwheel_element_get_sink (element),
                          (guint) PINWHEEL_QUEUE (element)->size);
  return PINWHEEL_ELEMENT_CLASS (pinwheel_queue_parent_class)->negotiate (element, error);
}

static void
pinwheel_queue_class_init (PinwheelQueueClass *klass)
{
  PinwheelElementClass *element_class = PINWHEEL_ELEMENT_CLASS (klass);

  element_class->info = &info;
  element_class->intake = PINWHEEL_INTAKE_PASSES;
  element_class->templates = templates;
  element_class->negotiate = pinwheel_queue_negotiate;
  pinwheel_class_install_properties (G_OBJECT_CLASS (klass), properties, G_N_ELEMENTS (properties));
}

static void
pinwheel_queue_init (PinwheelQueue *self)
{
}
