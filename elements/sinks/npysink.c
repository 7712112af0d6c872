/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <pinwheel/sink.h>

#include "common/array-files.h"
#include "common/npy-header.h"

/* npysink: arrays into NumPy files, which have their names only when the whole run has succeeded.
 */
struct _PinwheelNpySink
{
  PinwheelSink parent_instance;

  char *location;
  char *array;

  /* (element-type PinwheelArrayFile) owned; made in negotiate(), dropped in stop(), in between the
   * streaming thread's. */
  GPtrArray *files;
};

G_DECLARE_FINAL_TYPE (PinwheelNpySink, pinwheel_npy_sink, PINWHEEL, NPY_SINK, PinwheelSink)
G_DEFINE_FINAL_TYPE (PinwheelNpySink, pinwheel_npy_sink, PINWHEEL_TYPE_SINK)

static const PinwheelProperty properties[] = {
  PINWHEEL_STRING (PinwheelNpySink, location, "location", NULL, PINWHEEL_PROPERTY_REQUIRED,
                   "File to write; %s stands for an array's name, for a file each"),
  PINWHEEL_STRING (PinwheelNpySink, array, "array", NULL, PINWHEEL_PROPERTY_PLAIN,
                   "The array to write; not needed where there is only one, or %s in location"),
};

static const PinwheelPadTemplate templates[] = {
  { "sink", PINWHEEL_PAD_SINK, PINWHEEL_PLACE_HOST },
  { .name = NULL },
};

static const PinwheelElementInfo info = {
  .name = "npysink",
  .group = "sink",
  .summary = "Writes arrays to NumPy files",
  .description
  = "Writes .npy files of format 1.0 in C order, the same bytes as numpy.save() writes. A file "
    "takes "
    "its name, and the place of what had that name before, when the whole run has succeeded; a run "
    "that fails or is killed leaves what was there.\n\n"
    "Where the number of items is not known until the end and the chunk axis is not the first one, "
    "twice the space of the file is needed for a moment.",
  .example = "testsrc format=\"x:f32[3,*]\" items=1000 ! npysink location=out.npy",
};

static GBytes *
pinwheel_npy_sink_make_head (const PinwheelArray *array, guint64 n_items, gsize at_least)
{
  guint64 shape[PINWHEEL_MAX_DIMS] = { 0 };

  for (guint i = 0; i < array->n_dims; i++)
    shape[i] = (int) i == array->chunk_axis ? n_items : array->shape[i];
  return pinwheel_npy_header_format (array->dtype, array->n_dims, shape, at_least);
}

static gboolean
pinwheel_npy_sink_negotiate (PinwheelElement *element, GError **error)
{
  PinwheelNpySink *self = PINWHEEL_NPY_SINK (element);

  g_clear_pointer (&self->files, g_ptr_array_unref);
  self->files = pinwheel_array_files_new (element, self->location, self->array,
                                          pinwheel_npy_sink_make_head, error);
  return self->files != NULL;
}

static gboolean
pinwheel_npy_sink_start (PinwheelElement *element, GError **error)
{
  return pinwheel_array_files_open (PINWHEEL_NPY_SINK (element)->files, element, error);
}

static gboolean
pinwheel_npy_sink_consume (PinwheelSink *sink, PinwheelChunk *chunk, GError **error)
{
  return pinwheel_array_files_write (PINWHEEL_NPY_SINK (sink)->files, chunk, error);
}

static gboolean
pinwheel_npy_sink_finish (PinwheelSink *sink, GError **error)
{
  return pinwheel_array_files_finish (PINWHEEL_NPY_SINK (sink)->files, error);
}

static gboolean
pinwheel_npy_sink_seal (PinwheelElement *element, GError **error)
{
  return pinwheel_array_files_seal (PINWHEEL_NPY_SINK (element)->files, error);
}

static gboolean
pinwheel_npy_sink_commit (PinwheelElement *element, GError **error)
{
  return pinwheel_array_files_commit (PINWHEEL_NPY_SINK (element)->files, error);
}

static void
pinwheel_npy_sink_stop (PinwheelElement *element)
{
  g_clear_pointer (&PINWHEEL_NPY_SINK (element)->files, g_ptr_array_unref);
}

static void
pinwheel_npy_sink_class_init (PinwheelNpySinkClass *klass)
{
  PinwheelElementClass *element_class = PINWHEEL_ELEMENT_CLASS (klass);
  PinwheelSinkClass *sink_class = PINWHEEL_SINK_CLASS (klass);

  element_class->info = &info;
  element_class->templates = templates;
  element_class->negotiate = pinwheel_npy_sink_negotiate;
  element_class->start = pinwheel_npy_sink_start;
  element_class->seal = pinwheel_npy_sink_seal;
  element_class->commit = pinwheel_npy_sink_commit;
  element_class->stop = pinwheel_npy_sink_stop;
  sink_class->consume = pinwheel_npy_sink_consume;
  sink_class->finish = pinwheel_npy_sink_finish;
  pinwheel_class_install_properties (G_OBJECT_CLASS (klass), properties, G_N_ELEMENTS (properties));
}

static void
pinwheel_npy_sink_init (PinwheelNpySink *self)
{
}
