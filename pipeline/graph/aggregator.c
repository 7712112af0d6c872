/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <pinwheel/aggregator.h>

#include "graph/element-private.h"
#include "graph/pad-private.h"

G_DEFINE_ABSTRACT_TYPE (PinwheelAggregator, pinwheel_aggregator, PINWHEEL_TYPE_ELEMENT)

static const PinwheelPadTemplate templates[] = {
  { "sink_%u", PINWHEEL_PAD_SINK, PINWHEEL_PLACE_ANY },
  { "src", PINWHEEL_PAD_SRC, PINWHEEL_PLACE_ANY },
  { .name = NULL },
};

/* The inputs of a run; the streaming thread's. */
typedef struct
{
  PinwheelPad *pad;     /* unowned */
  PinwheelChunk *chunk; /* (nullable) owned: what was pulled last */
  gboolean rides;       /* nothing in it is cut: its one chunk stays and goes with every other */
} Input;

/* Returns: (transfer full) (element-type Input): one per sink pad, in their order */
static GArray *
pinwheel_aggregator_make_inputs (PinwheelElement *element)
{
  GPtrArray *pads = pinwheel_element_get_pads (element);
  GArray *inputs = g_array_new (FALSE, FALSE, sizeof (Input));
  gboolean any_cut = FALSE;

  for (guint i = 0; i < pads->len; i++)
    if (pinwheel_pad_get_direction (pads->pdata[i]) == PINWHEEL_PAD_SINK)
      {
        Input input = { .pad = pads->pdata[i] };

        input.rides = !pinwheel_format_has_cut (pinwheel_pad_get_format (input.pad));
        any_cut = any_cut || !input.rides;
        g_array_append_val (inputs, input);
      }
  for (guint i = 0; i < inputs->len; i++)
    g_array_index (inputs, Input, i).rides &= any_cut;
  return inputs;
}

/* Returns: the input that says where an output chunk stands */
static Input *
pinwheel_aggregator_find_lead (GArray *inputs)
{
  for (guint i = 0; i < inputs->len; i++)
    if (!g_array_index (inputs, Input, i).rides)
      return &g_array_index (inputs, Input, i);
  return NULL;
}

static gboolean
pinwheel_aggregator_same_items (const Input *lead, const Input *input, GError **error)
{
  guint64 start = pinwheel_chunk_get_start (lead->chunk);
  guint64 count = pinwheel_chunk_get_count (lead->chunk);

  if (pinwheel_chunk_get_start (input->chunk) == start
      && pinwheel_chunk_get_count (input->chunk) == count)
    return TRUE;
  g_set_error (
      error, PINWHEEL_ERROR, PINWHEEL_ERROR_FORMAT,
      "%s has items %" G_GUINT64_FORMAT " + %" G_GUINT64_FORMAT " where %s has %" G_GUINT64_FORMAT
      " + %" G_GUINT64_FORMAT "; all inputs must have the same number of items",
      pinwheel_pad_get_path (input->pad), pinwheel_chunk_get_start (input->chunk),
      pinwheel_chunk_get_count (input->chunk), pinwheel_pad_get_path (lead->pad), start, count);
  return FALSE;
}

/* One chunk from every input, in the order of the pads. All of them end together. */
static PinwheelFlow
pinwheel_aggregator_pull_all (GArray *inputs, Input *lead, GError **error)
{
  gboolean ended = FALSE;

  for (guint i = 0; i < inputs->len; i++)
    {
      Input *input = &g_array_index (inputs, Input, i);
      PinwheelFlow flow;

      if (input->rides && input->chunk != NULL)
        continue;
      flow = pinwheel_pad_pull (input->pad, &input->chunk);
      if (flow == PINWHEEL_FLOW_STOPPED)
        return flow;
      if (input->rides)
        continue;
      if (input == lead)
        ended = flow == PINWHEEL_FLOW_EOS;
      if (ended != (flow == PINWHEEL_FLOW_EOS))
        {
          g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_FORMAT,
                       "%s and %s do not have the same number of items: %s has ended",
                       pinwheel_pad_get_path (lead->pad), pinwheel_pad_get_path (input->pad),
                       pinwheel_pad_get_path (ended ? lead->pad : input->pad));
          return PINWHEEL_FLOW_ERROR;
        }
      if (!ended && !pinwheel_aggregator_same_items (lead, input, error))
        return PINWHEEL_FLOW_ERROR;
    }
  return ended ? PINWHEEL_FLOW_EOS : PINWHEEL_FLOW_OK;
}

/* @all: drops what rides along too */
static void
pinwheel_aggregator_drop (GArray *inputs, gboolean all)
{
  for (guint i = 0; i < inputs->len; i++)
    {
      Input *input = &g_array_index (inputs, Input, i);

      if (all || !input->rides)
        g_clear_pointer (&input->chunk, pinwheel_chunk_unref);
    }
}

/* @chunks: room for one per input */
static PinwheelFlow
pinwheel_aggregator_one (PinwheelAggregator *self, PinwheelPad *src, GArray *inputs,
                         PinwheelChunk *lead, PinwheelChunk **chunks, GError **error)
{
  PinwheelAggregatorClass *klass = PINWHEEL_AGGREGATOR_GET_CLASS (self);
  g_autoptr (PinwheelChunk) output = pinwheel_pad_new_chunk (src, pinwheel_chunk_get_index (lead),
                                                             pinwheel_chunk_get_start (lead),
                                                             pinwheel_chunk_get_count (lead));

  if (output == NULL)
    return PINWHEEL_FLOW_STOPPED;
  for (guint i = 0; i < inputs->len; i++)
    {
      chunks[i] = g_array_index (inputs, Input, i).chunk;
      if (!klass->asynchronous
          && !pinwheel_element_sync_readable (PINWHEEL_ELEMENT (self), chunks[i], error))
        return PINWHEEL_FLOW_ERROR;
    }
  if (!klass->asynchronous && !pinwheel_pad_sync_writable (src, output, error))
    return PINWHEEL_FLOW_ERROR;
  if (!klass->aggregate (self, chunks, inputs->len, output, error))
    return PINWHEEL_FLOW_ERROR;
  pinwheel_aggregator_drop (inputs, FALSE);
  return pinwheel_pad_push (src, g_steal_pointer (&output));
}

static PinwheelFlow
pinwheel_aggregator_run (PinwheelElement *element, GError **error)
{
  PinwheelAggregator *self = PINWHEEL_AGGREGATOR (element);
  PinwheelPad *src = pinwheel_element_get_src (element);
  g_autoptr (GArray) inputs = pinwheel_aggregator_make_inputs (element);
  g_autofree PinwheelChunk **chunks = g_new0 (PinwheelChunk *, MAX (inputs->len, 1));
  Input *lead = pinwheel_aggregator_find_lead (inputs);
  PinwheelFlow flow;

  g_return_val_if_fail (lead != NULL, PINWHEEL_FLOW_STOPPED);

  pinwheel_element_set_lead (element, lead->pad);
  do
    {
      flow = pinwheel_aggregator_pull_all (inputs, lead, error);
      if (flow == PINWHEEL_FLOW_OK)
        flow = pinwheel_aggregator_one (self, src, inputs, lead->chunk, chunks, error);
    }
  while (flow == PINWHEEL_FLOW_OK);
  pinwheel_aggregator_drop (inputs, TRUE);
  return flow == PINWHEEL_FLOW_EOS ? pinwheel_pad_push_eos (src) : flow;
}

static gboolean
pinwheel_aggregator_demand (PinwheelElement *element, GError **error)
{
  PinwheelAggregatorClass *klass = PINWHEEL_AGGREGATOR_GET_CLASS (element);

  return pinwheel_element_check_has (element, klass->aggregate != NULL, "aggregate", error)
         && (klass->asynchronous || pinwheel_element_check_reach (element, error));
}

static void
pinwheel_aggregator_class_init (PinwheelAggregatorClass *klass)
{
  PinwheelElementClass *element_class = PINWHEEL_ELEMENT_CLASS (klass);

  element_class->templates = templates;
  element_class->demand = pinwheel_aggregator_demand;
  element_class->run = pinwheel_aggregator_run;
}

static void
pinwheel_aggregator_init (PinwheelAggregator *self)
{
}
