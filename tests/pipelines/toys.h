/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Elements for tests of the graph and the run: small, deterministic, failing on request. */
#pragma once
#include <pinwheel/pinwheel.h>

/* Makes x:u32[*], item i is i. Where unknown, the total is told only by ending. */
#define TOY_TYPE_SOURCE (toy_source_get_type ())
G_DECLARE_FINAL_TYPE (ToySource, toy_source, TOY, SOURCE, PinwheelSource)
struct _ToySource
{
  PinwheelSource parent_instance;
  guint64 items;
  gboolean unknown;
  gint64 fail_at; /* chunk, or -1 */
};

/* Makes y = x + 1 in a buffer of its own. Where asked to, drops no input before the run ends. */
#define TOY_TYPE_STAGE (toy_stage_get_type ())
G_DECLARE_FINAL_TYPE (ToyStage, toy_stage, TOY, STAGE, PinwheelTransform)
struct _ToyStage
{
  PinwheelTransform parent_instance;
  gint64 fail_at;
  gboolean silent; /* fails without an error */
  gboolean keeps;
  GSList *kept; /* of inputs */
};

/* Checks that item i is i + offset, in order; counts. */
#define TOY_TYPE_SINK (toy_sink_get_type ())
G_DECLARE_FINAL_TYPE (ToySink, toy_sink, TOY, SINK, PinwheelSink)
struct _ToySink
{
  PinwheelSink parent_instance;
  guint32 offset;
  gint64 fail_at;
  gboolean fail_commit, fail_seal;
  void (*at_start) (gpointer data); /* nullable: called in start() */
  gpointer at_start_data;
  /* what it saw in the last run */
  guint64 next_item, chunks, wrong;
  guint finished, committed;
};

/* Joins its inputs: the sum of all of them. */
#define TOY_TYPE_ADDER (toy_adder_get_type ())
G_DECLARE_FINAL_TYPE (ToyAdder, toy_adder, TOY, ADDER, PinwheelAggregator)

/* source ! n_stages stages ! sink, in a pipeline on the host device with chunks of @chunk items. */
typedef struct
{
  PinwheelPipeline *pipeline;
  ToySource *source;
  ToyStage *stages[16];
  ToySink *sink;
} ToyLine;

void toy_line_init (ToyLine *line, guint n_stages, guint64 items, guint64 chunk, guint64 depth);
void toy_line_clear (ToyLine *line);
/* Runs it: every item arrives, nothing is wrong, the sink is finished and committed once. */
void toy_line_assert_ran (ToyLine *line, guint64 items);
/* Empties the bus. Returns: messages of that kind that were on it */
guint toy_count_messages (PinwheelPipeline *pipeline, PinwheelMessageType kind);
void toy_link (PinwheelElement *from, PinwheelElement *to);
/* Returns: threads of this process, once there are no more than @expected, or after a second. A
 * thread that was joined stays listed for a moment. */
guint toy_count_threads (guint expected);
