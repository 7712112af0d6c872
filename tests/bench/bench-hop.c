/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Cost per chunk and hop: empty chunks through a chain of threads, links 4 deep, beside GStreamer's
 * queues of 4 buffers in the same run. Usage: bench-hop [CHUNKS [ROUNDS]] */
#include "config.h"

#include <stdlib.h>
#ifdef HAVE_GSTREAMER
#include <gst/gst.h>
#endif
#include <pinwheel/pinwheel.h>

#include "bench/bench.h"

#define DEPTH 4

/* A source of empty chunks: nothing but the links is measured. */
#define BENCH_TYPE_SOURCE (bench_source_get_type ())
G_DECLARE_FINAL_TYPE (BenchSource, bench_source, BENCH, SOURCE, PinwheelElement)

struct _BenchSource
{
  PinwheelElement parent_instance;
  guint64 chunks;
};

G_DEFINE_FINAL_TYPE (BenchSource, bench_source, PINWHEEL_TYPE_ELEMENT)

static gboolean
bench_source_negotiate (PinwheelElement *element, GError **error)
{
  g_autoptr (PinwheelFormat) format = pinwheel_format_parse ("x:u8[*]",
                                                             BENCH_SOURCE (element)->chunks, error);

  if (format == NULL)
    return FALSE;
  pinwheel_pad_set_format (pinwheel_element_get_src (element), format);
  return TRUE;
}

static PinwheelFlow
bench_source_run (PinwheelElement *element, GError **error)
{
  PinwheelPad *src = pinwheel_element_get_src (element);
  PinwheelFlow flow = PINWHEEL_FLOW_OK;

  for (guint64 i = 0; i < BENCH_SOURCE (element)->chunks && flow == PINWHEEL_FLOW_OK; i++)
    flow = pinwheel_pad_push (src, pinwheel_pad_new_chunk (src, i, i, 1));
  return flow == PINWHEEL_FLOW_OK ? pinwheel_pad_push_eos (src) : flow;
}

static void
bench_source_class_init (BenchSourceClass *klass)
{
  static const PinwheelPadTemplate templates[] = {
    { "src", PINWHEEL_PAD_SRC, PINWHEEL_PLACE_HOST },
    { .name = NULL },
  };
  static const PinwheelElementInfo info = { .name = "benchsrc", .group = "source" };

  PINWHEEL_ELEMENT_CLASS (klass)->templates = templates;
  PINWHEEL_ELEMENT_CLASS (klass)->info = &info;
  PINWHEEL_ELEMENT_CLASS (klass)->negotiate = bench_source_negotiate;
  PINWHEEL_ELEMENT_CLASS (klass)->run = bench_source_run;
}

static void
bench_source_init (BenchSource *self)
{
}

/* Returns: seconds */
static double
run_pinwheel (guint hops, guint64 chunks)
{
  g_autoptr (PinwheelPipeline) pipeline = pinwheel_pipeline_new ();
  BenchSource *source = g_object_new (BENCH_TYPE_SOURCE, NULL);
  PinwheelElement *last = PINWHEEL_ELEMENT (source);
  g_autoptr (GError) error = NULL;
  double begin;

  source->chunks = chunks;
  g_object_set (pipeline, "device", "host", "link-depth", (guint64) DEPTH, NULL);
  pinwheel_pipeline_add (pipeline, last, NULL);
  g_object_unref (source);
  for (guint i = 0; i < hops; i++)
    {
      g_autoptr (PinwheelElement) next = pinwheel_element_make (
          i + 1 < hops ? "identity" : "fakesink", NULL, &error);

      if (next == NULL)
        bench_die (error->message);
      pinwheel_pipeline_add (pipeline, next, NULL);
      pinwheel_pad_link (pinwheel_element_get_src (last), pinwheel_element_get_sink (next), NULL);
      last = next;
    }
  begin = bench_now ();
  if (!pinwheel_pipeline_run (pipeline, &error))
    bench_die (error->message);
  return bench_now () - begin;
}

#ifdef HAVE_GSTREAMER
static double
run_gstreamer (guint hops, guint64 chunks)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  GstElement *pipeline;
  GstBus *bus;
  GstMessage *message;
  double begin, seconds;

  g_string_printf (text, "fakesrc num-buffers=%" G_GUINT64_FORMAT, chunks);
  for (guint i = 0; i < hops; i++)
    g_string_append_printf (text, " ! queue max-size-buffers=%d max-size-bytes=0 max-size-time=0",
                            DEPTH);
  g_string_append (text, " ! fakesink sync=false");
  pipeline = gst_parse_launch (text->str, &error);
  if (pipeline == NULL)
    bench_die (error->message);
  begin = bench_now ();
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  bus = gst_element_get_bus (pipeline);
  message = gst_bus_timed_pop_filtered (bus, GST_CLOCK_TIME_NONE,
                                        GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  seconds = bench_now () - begin;
  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR)
    bench_die ("the GStreamer pipeline failed");
  gst_message_unref (message);
  gst_object_unref (bus);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (pipeline);
  return seconds;
}
#endif

int
main (int argc, char **argv)
{
  guint64 chunks = argc > 1 ? g_ascii_strtoull (argv[1], NULL, 10) : 200000;
  guint rounds = argc > 2 ? (guint) g_ascii_strtoull (argv[2], NULL, 10) : 7;
  static const guint hops[] = { 1, 2, 4, 8 };

  if (chunks == 0 || rounds == 0 || rounds > BENCH_MAX_ROUNDS)
    bench_die ("usage: bench-hop [CHUNKS [ROUNDS]]");
#ifdef HAVE_GSTREAMER
  gst_init (NULL, NULL);
#endif
  printf ("%" G_GUINT64_FORMAT " chunks, links %d deep, median of %u interleaved rounds\n", chunks,
          DEPTH, rounds);
  printf ("hops  pinwheel us/hop  gstreamer us/hop  pinwheel/gstreamer\n");
  for (guint h = 0; h < G_N_ELEMENTS (hops); h++)
    {
      double ours[BENCH_MAX_ROUNDS], theirs[BENCH_MAX_ROUNDS];
      double scale = 1e6 / (double) chunks / hops[h];

      for (guint r = 0; r < rounds; r++)
        {
          ours[r] = run_pinwheel (hops[h], chunks) * scale;
#ifdef HAVE_GSTREAMER
          theirs[r] = run_gstreamer (hops[h], chunks) * scale;
#else
          theirs[r] = 0;
#endif
        }
      printf ("%4u  %15.2f", hops[h], bench_median (ours, rounds));
      if (theirs[0] > 0)
        printf ("  %16.2f  %18.2f\n", bench_median (theirs, rounds),
                bench_median (ours, rounds) / bench_median (theirs, rounds));
      else
        printf ("  %16s  %18s\n", "not built", "-");
    }
  return EXIT_SUCCESS;
}
