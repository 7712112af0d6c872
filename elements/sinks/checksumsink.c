/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <pinwheel/sink.h>

#include "common/rows.h"

/* checksumsink: SHA-256 of each array, over its items one after the other. */
struct _PinwheelChecksumSink
{
  PinwheelSink parent_instance;

  char *checksum; /* result; set in commit() */

  /* From start() to stop(): the streaming thread's, then commit()'s. */
  GPtrArray *sums; /* (element-type GChecksum) owned, one per array */
  gpointer scratch;
};

/* What pinwheel_items_each() hands on. */
typedef struct
{
  GChecksum *sum;
  gsize element_size;
} Target;

G_DECLARE_FINAL_TYPE (PinwheelChecksumSink, pinwheel_checksum_sink, PINWHEEL, CHECKSUM_SINK,
                      PinwheelSink)
G_DEFINE_FINAL_TYPE (PinwheelChecksumSink, pinwheel_checksum_sink, PINWHEEL_TYPE_SINK)

static const PinwheelProperty properties[] = {
  PINWHEEL_STRING (PinwheelChecksumSink, checksum, "checksum", NULL, PINWHEEL_PROPERTY_READ_ONLY,
                   "Checksums of the last run that succeeded, a line \"x: hex\" per array"),
};

static const PinwheelPadTemplate templates[] = {
  { "sink", PINWHEEL_PAD_SINK, PINWHEEL_PLACE_HOST },
  { .name = NULL },
};

static const PinwheelElementInfo info = {
  .name = "checksumsink",
  .group = "sink",
  .summary = "Computes a SHA-256 checksum of each array",
  .description
  = "The checksum goes over the items one after the other, each in C order, so it is the same "
    "whatever the chunk length. For an array cut along its first axis it is the checksum of its "
    "bytes; for another axis, of the bytes with the chunk axis moved to the front; for a broadcast "
    "array, of the whole of it, once.",
  .example = "testsrc format=\"x:f32[3,*]\" items=1000 ! checksumsink",
};

static gboolean
pinwheel_checksum_sink_start (PinwheelElement *element, GError **error)
{
  PinwheelChecksumSink *self = PINWHEEL_CHECKSUM_SINK (element);
  PinwheelFormat *format = pinwheel_pad_get_format (pinwheel_element_get_sink (element));

  g_clear_pointer (&self->checksum, g_free);
  self->scratch = g_malloc (PINWHEEL_ITEMS_SCRATCH);
  self->sums = g_ptr_array_new_with_free_func ((GDestroyNotify) g_checksum_free);
  for (guint i = 0; i < pinwheel_format_n_arrays (format); i++)
    g_ptr_array_add (self->sums, g_checksum_new (G_CHECKSUM_SHA256));
  return TRUE;
}

static void
pinwheel_checksum_sink_update (gconstpointer elements, guint64 n_elements, gpointer user_data)
{
  Target *target = user_data;

  g_checksum_update (target->sum, elements, (gssize) (n_elements * target->element_size));
}

static gboolean
pinwheel_checksum_sink_consume (PinwheelSink *sink, PinwheelChunk *chunk, GError **error)
{
  PinwheelChecksumSink *self = PINWHEEL_CHECKSUM_SINK (sink);
  PinwheelFormat *format = pinwheel_chunk_get_format (chunk);

  for (guint i = 0; i < self->sums->len; i++)
    {
      const PinwheelArray *array = pinwheel_format_array (format, i);
      Target target = { self->sums->pdata[i], pinwheel_dtype_size (array->dtype) };

      if (!pinwheel_array_is_broadcast (array) || pinwheel_chunk_get_index (chunk) == 0)
        pinwheel_items_each (array, pinwheel_chunk_get_data (chunk, i),
                             pinwheel_chunk_get_count (chunk), self->scratch,
                             pinwheel_checksum_sink_update, &target);
    }
  return TRUE;
}

static gboolean
pinwheel_checksum_sink_commit (PinwheelElement *element, GError **error)
{
  PinwheelChecksumSink *self = PINWHEEL_CHECKSUM_SINK (element);
  PinwheelFormat *format = pinwheel_pad_get_format (pinwheel_element_get_sink (element));
  g_autoptr (GString) lines = g_string_new (NULL);

  for (guint i = 0; i < self->sums->len; i++)
    {
      const char *name = pinwheel_format_array (format, i)->name;
      const char *sum = g_checksum_get_string (self->sums->pdata[i]);
      g_autofree char *line = g_strdup_printf ("%s: %s", name, sum);

      pinwheel_element_post_result (
          element, line, g_variant_new_parsed ("{'array': %s, 'sha256': %s}", name, sum));
      g_string_append_printf (lines, "%s%s", i > 0 ? "\n" : "", line);
    }
  self->checksum = g_strdup (lines->str);
  return TRUE;
}

static void
pinwheel_checksum_sink_stop (PinwheelElement *element)
{
  PinwheelChecksumSink *self = PINWHEEL_CHECKSUM_SINK (element);

  g_clear_pointer (&self->sums, g_ptr_array_unref);
  g_clear_pointer (&self->scratch, g_free);
}

static void
pinwheel_checksum_sink_class_init (PinwheelChecksumSinkClass *klass)
{
  PinwheelElementClass *element_class = PINWHEEL_ELEMENT_CLASS (klass);

  element_class->info = &info;
  element_class->templates = templates;
  element_class->start = pinwheel_checksum_sink_start;
  element_class->commit = pinwheel_checksum_sink_commit;
  element_class->stop = pinwheel_checksum_sink_stop;
  PINWHEEL_SINK_CLASS (klass)->consume = pinwheel_checksum_sink_consume;
  pinwheel_class_install_properties (G_OBJECT_CLASS (klass), properties, G_N_ELEMENTS (properties));
}

static void
pinwheel_checksum_sink_init (PinwheelChecksumSink *self)
{
}
