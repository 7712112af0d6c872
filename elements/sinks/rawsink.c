/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <pinwheel/sink.h>

#include "common/array-files.h"

/* rawsink: the bytes of arrays into files, pipes and devices. */
struct _PinwheelRawSink
{
  PinwheelSink parent_instance;

  char *location;
  char *array;

  /* (element-type PinwheelArrayFile) owned; made in negotiate(), dropped in stop(), in between the
   * streaming thread's. */
  GPtrArray *files;
};

G_DECLARE_FINAL_TYPE (PinwheelRawSink, pinwheel_raw_sink, PINWHEEL, RAW_SINK, PinwheelSink)
G_DEFINE_FINAL_TYPE (PinwheelRawSink, pinwheel_raw_sink, PINWHEEL_TYPE_SINK)

static const PinwheelProperty properties[] = {
  PINWHEEL_STRING (
      PinwheelRawSink, location, "location", NULL, PINWHEEL_PROPERTY_REQUIRED,
      "File, FIFO or device to write, - is standard output; %s stands for an array's name, for a "
      "file each"),
  PINWHEEL_STRING (PinwheelRawSink, array, "array", NULL, PINWHEEL_PROPERTY_PLAIN,
                   "The array to write; not needed where there is only one, or %s in location"),
};

static const PinwheelPadTemplate templates[] = {
  { "sink", PINWHEEL_PAD_SINK, PINWHEEL_PLACE_HOST },
  { .name = NULL },
};

static const PinwheelElementInfo info = {
  .name = "rawsink",
  .group = "sink",
  .summary = "Writes the bytes of arrays to files or pipes",
  .description
  = "Writes each array in C order and in the machine's own byte order, without a header. A regular "
    "file takes its name, and the place of what had that name before, when the whole run has "
    "succeeded.\n\n"
    "Standard output, FIFOs and devices are written as chunks come, so the chunk axis must be the "
    "first one.",
  .example = "testsrc format=\"x:f32[*,3]\" items=1000 ! rawsink location=out.raw",
};

static gboolean
pinwheel_raw_sink_negotiate (PinwheelElement *element, GError **error)
{
  PinwheelRawSink *self = PINWHEEL_RAW_SINK (element);

  g_clear_pointer (&self->files, g_ptr_array_unref);
  self->files = pinwheel_array_files_new (element, self->location, self->array, NULL, error);
  return self->files != NULL;
}

static gboolean
pinwheel_raw_sink_start (PinwheelElement *element, GError **error)
{
  return pinwheel_array_files_open (PINWHEEL_RAW_SINK (element)->files, element, error);
}

static gboolean
pinwheel_raw_sink_consume (PinwheelSink *sink, PinwheelChunk *chunk, GError **error)
{
  return pinwheel_array_files_write (PINWHEEL_RAW_SINK (sink)->files, chunk, error);
}

static gboolean
pinwheel_raw_sink_finish (PinwheelSink *sink, GError **error)
{
  return pinwheel_array_files_finish (PINWHEEL_RAW_SINK (sink)->files, error);
}

static gboolean
pinwheel_raw_sink_seal (PinwheelElement *element, GError **error)
{
  return pinwheel_array_files_seal (PINWHEEL_RAW_SINK (element)->files, error);
}

static gboolean
pinwheel_raw_sink_commit (PinwheelElement *element, GError **error)
{
  return pinwheel_array_files_commit (PINWHEEL_RAW_SINK (element)->files, error);
}

static void
pinwheel_raw_sink_stop (PinwheelElement *element)
{
  g_clear_pointer (&PINWHEEL_RAW_SINK (element)->files, g_ptr_array_unref);
}

static void
pinwheel_raw_sink_class_init (PinwheelRawSinkClass *klass)
{
  PinwheelElementClass *element_class = PINWHEEL_ELEMENT_CLASS (klass);
  PinwheelSinkClass *sink_class = PINWHEEL_SINK_CLASS (klass);

  element_class->info = &info;
  element_class->templates = templates;
  element_class->negotiate = pinwheel_raw_sink_negotiate;
  element_class->start = pinwheel_raw_sink_start;
  element_class->seal = pinwheel_raw_sink_seal;
  element_class->commit = pinwheel_raw_sink_commit;
  element_class->stop = pinwheel_raw_sink_stop;
  sink_class->consume = pinwheel_raw_sink_consume;
  sink_class->finish = pinwheel_raw_sink_finish;
  pinwheel_class_install_properties (G_OBJECT_CLASS (klass), properties, G_N_ELEMENTS (properties));
}

static void
pinwheel_raw_sink_init (PinwheelRawSink *self)
{
}
