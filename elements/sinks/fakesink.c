/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <pinwheel/sink.h>

/* fakesink: drops every chunk, and counts. */
struct _PinwheelFakeSink
{
  PinwheelSink parent_instance;

  /* Results: set in stop() from the counters below. */
  guint64 chunks, items, bytes;

  /* The streaming thread's, then stop()'s, which runs when that thread has been joined. */
  guint64 n_chunks, n_items, n_bytes;
};

G_DECLARE_FINAL_TYPE (PinwheelFakeSink, pinwheel_fake_sink, PINWHEEL, FAKE_SINK, PinwheelSink)
G_DEFINE_FINAL_TYPE (PinwheelFakeSink, pinwheel_fake_sink, PINWHEEL_TYPE_SINK)

#define COUNTER(field, name_, blurb_)                                                              \
  {                                                                                                \
    .name = name_, .blurb = blurb_, .kind = PINWHEEL_PROPERTY_UINT,                                \
    .offset = G_STRUCT_OFFSET (PinwheelFakeSink, field), .flags = PINWHEEL_PROPERTY_READ_ONLY,     \
    .uint_max = G_MAXUINT64                                                                        \
  }

static const PinwheelProperty properties[] = {
  COUNTER (chunks, "chunks", "Chunks that came in the last run"),
  COUNTER (items, "items", "Items that came in the last run"),
  COUNTER (bytes, "bytes", "Bytes of cut arrays that came in the last run"),
};

static const PinwheelPadTemplate templates[] = {
  { "sink", PINWHEEL_PAD_SINK, PINWHEEL_PLACE_ANY },
  { .name = NULL },
};

static const PinwheelElementInfo info = {
  .name = "fakesink",
  .group = "sink",
  .summary = "Takes chunks and drops them",
  .description
  = "For tests and measurements. It takes chunks in host and in device memory, and does "
    "not wait for the device.",
  .example = "testsrc items=1000000 ! fakesink",
};

static gboolean
pinwheel_fake_sink_start (PinwheelElement *element, GError **error)
{
  PinwheelFakeSink *self = PINWHEEL_FAKE_SINK (element);

  self->n_chunks = self->n_items = self->n_bytes = 0;
  return TRUE;
}

static gboolean
pinwheel_fake_sink_consume (PinwheelSink *sink, PinwheelChunk *chunk, GError **error)
{
  PinwheelFakeSink *self = PINWHEEL_FAKE_SINK (sink);

  self->n_chunks++;
  self->n_items += pinwheel_chunk_get_count (chunk);
  self->n_bytes += pinwheel_chunk_get_bytes (chunk);
  return TRUE;
}

static void
pinwheel_fake_sink_stop (PinwheelElement *element)
{
  PinwheelFakeSink *self = PINWHEEL_FAKE_SINK (element);

  self->chunks = self->n_chunks;
  self->items = self->n_items;
  self->bytes = self->n_bytes;
}

static void
pinwheel_fake_sink_class_init (PinwheelFakeSinkClass *klass)
{
  PinwheelElementClass *element_class = PINWHEEL_ELEMENT_CLASS (klass);

  element_class->info = &info;
  element_class->intake = PINWHEEL_INTAKE_PASSES;
  element_class->templates = templates;
  element_class->start = pinwheel_fake_sink_start;
  element_class->stop = pinwheel_fake_sink_stop;
  PINWHEEL_SINK_CLASS (klass)->consume = pinwheel_fake_sink_consume;
  pinwheel_class_install_properties (G_OBJECT_CLASS (klass), properties, G_N_ELEMENTS (properties));
}

static void
pinwheel_fake_sink_init (PinwheelFakeSink *self)
{
}
