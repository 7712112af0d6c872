/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <check.h>

#include "pipelines/toys.h"

static gboolean
toy_fails (gint64 fail_at, PinwheelChunk *chunk, GError **error)
{
  if (fail_at < 0 || pinwheel_chunk_get_index (chunk) != (guint64) fail_at)
    return FALSE;
  g_set_error_literal (error, PINWHEEL_ERROR, PINWHEEL_ERROR_FAILED, "asked to fail");
  return TRUE;
}

static gboolean
toy_set_format (PinwheelPad *pad, guint64 items, GError **error)
{
  g_autoptr (PinwheelFormat) format = pinwheel_format_parse ("x:u32[*]", items, error);

  if (format == NULL)
    return FALSE;
  pinwheel_pad_set_format (pad, format);
  pinwheel_pad_set_demand (pad, PINWHEEL_MEMORY_PINNED, 1);
  return TRUE;
}

G_DEFINE_FINAL_TYPE (ToySource, toy_source, PINWHEEL_TYPE_SOURCE)

static gboolean
toy_source_negotiate (PinwheelElement *element, GError **error)
{
  ToySource *self = TOY_SOURCE (element);

  return toy_set_format (pinwheel_element_get_src (element),
                         self->unknown ? PINWHEEL_ITEMS_UNKNOWN : self->items, error);
}

static gboolean
toy_source_fill (PinwheelSource *source, PinwheelChunk *chunk, GError **error)
{
  ToySource *self = TOY_SOURCE (source);
  guint64 start = pinwheel_chunk_get_start (chunk);
  guint64 count = MIN (pinwheel_chunk_get_count (chunk), self->items - start);
  guint32 *x;

  if (toy_fails (self->fail_at, chunk, error))
    return FALSE;
  pinwheel_chunk_set_count (chunk, count);
  x = pinwheel_chunk_get_data (chunk, 0);
  for (guint64 i = 0; i < count; i++)
    x[i] = (guint32) (start + i);
  return TRUE;
}

static void
toy_source_class_init (ToySourceClass *klass)
{
  static const PinwheelElementInfo info = { .name = "toysrc", .group = "source" };

  PINWHEEL_ELEMENT_CLASS (klass)->info = &info;
  PINWHEEL_ELEMENT_CLASS (klass)->negotiate = toy_source_negotiate;
  PINWHEEL_SOURCE_CLASS (klass)->fill = toy_source_fill;
}

static void
toy_source_init (ToySource *self)
{
  self->fail_at = -1;
}

G_DEFINE_FINAL_TYPE (ToyStage, toy_stage, PINWHEEL_TYPE_TRANSFORM)

static gboolean
toy_stage_negotiate (PinwheelElement *element, GError **error)
{
  PinwheelFormat *format = pinwheel_pad_get_format (pinwheel_element_get_sink (element));

  return toy_set_format (pinwheel_element_get_src (element), pinwheel_format_n_items (format),
                         error);
}

static gboolean
toy_stage_transform (PinwheelTransform *transform, PinwheelChunk *input, PinwheelChunk *output,
                     GError **error)
{
  ToyStage *self = TOY_STAGE (transform);
  const guint32 *x = pinwheel_chunk_get_data (input, 0);
  guint32 *y = pinwheel_chunk_get_data (output, 0);

  if (toy_fails (self->fail_at, input, error))
    {
      if (self->silent)
        g_clear_error (error);
      return FALSE;
    }
  if (self->keeps)
    self->kept = g_slist_prepend (self->kept, pinwheel_chunk_ref (input));
  for (guint64 i = 0; i < pinwheel_chunk_get_count (input); i++)
    y[i] = x[i] + 1;
  return TRUE;
}

static void
toy_stage_stop (PinwheelElement *element)
{
  ToyStage *self = TOY_STAGE (element);

  g_slist_free_full (g_steal_pointer (&self->kept), (GDestroyNotify) pinwheel_chunk_unref);
}

static void
toy_stage_class_init (ToyStageClass *klass)
{
  static const PinwheelElementInfo info = { .name = "toystage", .group = "flow" };

  PINWHEEL_ELEMENT_CLASS (klass)->info = &info;
  PINWHEEL_ELEMENT_CLASS (klass)->negotiate = toy_stage_negotiate;
  PINWHEEL_ELEMENT_CLASS (klass)->stop = toy_stage_stop;
  PINWHEEL_TRANSFORM_CLASS (klass)->transform = toy_stage_transform;
}

static void
toy_stage_init (ToyStage *self)
{
  self->fail_at = -1;
}

G_DEFINE_FINAL_TYPE (ToySink, toy_sink, PINWHEEL_TYPE_SINK)

static gboolean
toy_sink_start (PinwheelElement *element, GError **error)
{
  ToySink *self = TOY_SINK (element);

  self->next_item = self->chunks = self->wrong = 0;
  self->finished = self->committed = 0;
  if (self->at_start != NULL)
    self->at_start (self->at_start_data);
  return TRUE;
}

static gboolean
toy_sink_consume (PinwheelSink *sink, PinwheelChunk *chunk, GError **error)
{
  ToySink *self = TOY_SINK (sink);
  const guint32 *x = pinwheel_chunk_get_data (chunk, 0);

  if (toy_fails (self->fail_at, chunk, error))
    return FALSE;
  self->wrong += pinwheel_chunk_get_start (chunk) != self->next_item;
  self->wrong += pinwheel_chunk_get_index (chunk) != self->chunks++;
  for (guint64 i = 0; i < pinwheel_chunk_get_count (chunk); i++)
    self->wrong += x[i] != (guint32) self->next_item++ + self->offset;
  return TRUE;
}

static gboolean
toy_sink_finish (PinwheelSink *sink, GError **error)
{
  TOY_SINK (sink)->finished++;
  return TRUE;
}

static gboolean
toy_sink_seal (PinwheelElement *element, GError **error)
{
  if (!TOY_SINK (element)->fail_seal)
    return TRUE;
  g_set_error_literal (error, PINWHEEL_ERROR, PINWHEEL_ERROR_FAILED, "asked to fail");
  return FALSE;
}

static gboolean
toy_sink_commit (PinwheelElement *element, GError **error)
{
  ToySink *self = TOY_SINK (element);

  if (self->fail_commit)
    {
      g_set_error_literal (error, PINWHEEL_ERROR, PINWHEEL_ERROR_FAILED, "asked to fail");
      return FALSE;
    }
  self->committed++;
  return TRUE;
}

static void
toy_sink_class_init (ToySinkClass *klass)
{
  static const PinwheelElementInfo info = { .name = "toysink", .group = "sink" };

  PINWHEEL_ELEMENT_CLASS (klass)->info = &info;
  PINWHEEL_ELEMENT_CLASS (klass)->start = toy_sink_start;
  PINWHEEL_ELEMENT_CLASS (klass)->seal = toy_sink_seal;
  PINWHEEL_ELEMENT_CLASS (klass)->commit = toy_sink_commit;
  PINWHEEL_SINK_CLASS (klass)->consume = toy_sink_consume;
  PINWHEEL_SINK_CLASS (klass)->finish = toy_sink_finish;
}

static void
toy_sink_init (ToySink *self)
{
  self->fail_at = -1;
}

struct _ToyAdder
{
  PinwheelAggregator parent_instance;
};

G_DEFINE_FINAL_TYPE (ToyAdder, toy_adder, PINWHEEL_TYPE_AGGREGATOR)

static gboolean
toy_adder_negotiate (PinwheelElement *element, GError **error)
{
  PinwheelFormat *format = pinwheel_pad_get_format (pinwheel_element_get_pad (element, "sink_0"));

  return toy_set_format (pinwheel_element_get_src (element), pinwheel_format_n_items (format),
                         error);
}

static gboolean
toy_adder_aggregate (PinwheelAggregator *aggregator, PinwheelChunk **inputs, guint n_inputs,
                     PinwheelChunk *output, GError **error)
{
  guint32 *y = pinwheel_chunk_get_data (output, 0);

  for (guint64 i = 0; i < pinwheel_chunk_get_count (output); i++)
    {
      y[i] = 0;
      for (guint k = 0; k < n_inputs; k++)
        y[i] += ((const guint32 *) pinwheel_chunk_get_data (inputs[k], 0))[i];
    }
  return TRUE;
}

static void
toy_adder_class_init (ToyAdderClass *klass)
{
  static const PinwheelElementInfo info = { .name = "toyadder", .group = "flow" };

  PINWHEEL_ELEMENT_CLASS (klass)->info = &info;
  PINWHEEL_ELEMENT_CLASS (klass)->negotiate = toy_adder_negotiate;
  PINWHEEL_AGGREGATOR_CLASS (klass)->aggregate = toy_adder_aggregate;
}

static void
toy_adder_init (ToyAdder *self)
{
}

void
toy_link (PinwheelElement *from, PinwheelElement *to)
{
  g_autoptr (GError) error = NULL;

  if (!pinwheel_pad_link (pinwheel_element_get_free_pad (from, PINWHEEL_PAD_SRC),
                          pinwheel_element_get_free_pad (to, PINWHEEL_PAD_SINK), &error))
    g_error ("%s", error->message);
}

static gpointer
toy_add (PinwheelPipeline *pipeline, GType type)
{
  PinwheelElement *element = g_object_new (type, NULL);

  pinwheel_pipeline_add (pipeline, element, NULL);
  g_object_unref (element);
  return element;
}

void
toy_line_init (ToyLine *line, guint n_stages, guint64 items, guint64 chunk, guint64 depth)
{
  PinwheelElement *last;

  g_return_if_fail (n_stages <= G_N_ELEMENTS (line->stages));

  line->pipeline = pinwheel_pipeline_new ();
  g_object_set (line->pipeline, "device", "host", "chunk", chunk, "link-depth", depth, NULL);
  line->source = toy_add (line->pipeline, TOY_TYPE_SOURCE);
  line->source->items = items;
  last = PINWHEEL_ELEMENT (line->source);
  for (guint i = 0; i < n_stages; i++)
    {
      line->stages[i] = toy_add (line->pipeline, TOY_TYPE_STAGE);
      toy_link (last, PINWHEEL_ELEMENT (line->stages[i]));
      last = PINWHEEL_ELEMENT (line->stages[i]);
    }
  line->sink = toy_add (line->pipeline, TOY_TYPE_SINK);
  line->sink->offset = n_stages;
  toy_link (last, PINWHEEL_ELEMENT (line->sink));
}

void
toy_line_clear (ToyLine *line)
{
  g_clear_object (&line->pipeline);
}

void
toy_line_assert_ran (ToyLine *line, guint64 items)
{
  g_autoptr (GError) error = NULL;
  gboolean ok = pinwheel_pipeline_run (line->pipeline, &error);

  ck_assert_msg (ok, "%s", error != NULL ? error->message : "no error set");
  ck_assert_uint_eq (line->sink->next_item, items);
  ck_assert_uint_eq (line->sink->wrong, 0);
  ck_assert_uint_eq (line->sink->finished, 1);
  ck_assert_uint_eq (line->sink->committed, 1);
  ck_assert_int_eq (pinwheel_pipeline_get_state (line->pipeline), PINWHEEL_STATE_NULL);
}

guint
toy_count_messages (PinwheelPipeline *pipeline, PinwheelMessageType kind)
{
  PinwheelMessage *message;
  guint n = 0;

  while ((message = pinwheel_bus_pop (pinwheel_pipeline_get_bus (pipeline), 0)) != NULL)
    {
      n += pinwheel_message_get_kind (message) == kind;
      pinwheel_message_unref (message);
    }
  return n;
}

guint
toy_count_threads (guint expected)
{
  gint64 until = g_get_monotonic_time () + 10 * G_USEC_PER_SEC;
  guint n;

  do
    {
      g_autoptr (GDir) tasks = g_dir_open ("/proc/self/task", 0, NULL);

      for (n = 0; tasks != NULL && g_dir_read_name (tasks) != NULL; n++)
        ;
    }
  while (n > expected && g_get_monotonic_time () < until);
  return n;
}
