/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The graph and the run, with elements that are nothing but themselves. */
#include "config.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "pipelines/toys.h"

static const guint64 lengths[] = { 1, 2, 7, 101, 500, 1000 };

/* _i: index into lengths */
START_TEST (every_item_arrives_in_order_for_every_chunk_length)
{
  for (guint64 depth = 1; depth <= 8; depth++)
    {
      ToyLine line;

      toy_line_init (&line, 3, 1000, lengths[_i], depth);
      toy_line_assert_ran (&line, 1000);
      toy_line_clear (&line);
    }
}
END_TEST

/* _i: number of stages */
START_TEST (a_chain_of_any_length_gives_the_same)
{
  ToyLine line;

  toy_line_init (&line, (guint) _i, 1000, 7, 2);
  toy_line_assert_ran (&line, 1000);
  toy_line_clear (&line);
}
END_TEST

START_TEST (no_item_and_one_item_are_ordinary)
{
  for (guint64 items = 0; items < 2; items++)
    {
      ToyLine line;

      toy_line_init (&line, 2, items, 0, 4);
      toy_line_assert_ran (&line, items);
      ck_assert_uint_eq (line.sink->chunks, 1);
      toy_line_clear (&line);
    }
}
END_TEST

/* _i: items; the chunk length is 10, so that totals fall before, on and after a boundary */
START_TEST (an_unknown_total_ends_where_the_data_ends)
{
  ToyLine line;

  toy_line_init (&line, 1, (guint64) _i, 10, 4);
  line.source->unknown = TRUE;
  toy_line_assert_ran (&line, (guint64) _i);
  toy_line_clear (&line);
}
END_TEST

START_TEST (a_pipeline_runs_again_and_longer_and_shorter)
{
  static const guint64 totals[] = { 1000, 1000, 3001, 5, 0, 777 };
  ToyLine line;

  toy_line_init (&line, 2, 0, 100, 4);
  for (guint i = 0; i < G_N_ELEMENTS (totals); i++)
    {
      line.source->items = totals[i];
      toy_line_assert_ran (&line, totals[i]);
    }
  toy_line_clear (&line);
}
END_TEST

START_TEST (statistics_count_what_went_through)
{
  ToyLine line;
  PinwheelStatistics statistics;

  toy_line_init (&line, 1, 1000, 100, 4);
  toy_line_assert_ran (&line, 1000);
  for (guint i = 0; i < 3; i++)
    {
      GPtrArray *elements = pinwheel_pipeline_get_elements (line.pipeline);

      pinwheel_element_get_statistics (elements->pdata[i], &statistics);
      ck_assert_uint_eq (statistics.chunks, 10);
      ck_assert_uint_eq (statistics.items, 1000);
      ck_assert_uint_eq (statistics.bytes, 4000);
    }
  toy_line_clear (&line);
}
END_TEST

/* _i: 0..8: place (source, stage, sink) times moment (first, middle, last chunk) */
START_TEST (one_failure_is_one_error_wherever_it_is)
{
  static const gint64 moments[] = { 0, 5, 9 };
  static const char *const names[] = { "toysrc0", "toystage1", "toysink0" };
  gint64 moment = moments[_i % 3];
  g_autofree char *expected = g_strdup_printf ("%s: chunk %d: asked to fail", names[_i / 3],
                                               (int) moment);
  g_autoptr (GError) error = NULL;
  guint threads = toy_count_threads (G_MAXUINT);
  ToyLine line;
  gint64 begin;

  toy_line_init (&line, 3, 1000, 100, 4);
  *(_i / 3 == 0   ? &line.source->fail_at
    : _i / 3 == 1 ? &line.stages[1]->fail_at
                  : &line.sink->fail_at)
      = moment;
  begin = g_get_monotonic_time ();
  ck_assert (!pinwheel_pipeline_run (line.pipeline, &error));
  ck_assert_int_lt (g_get_monotonic_time () - begin, G_USEC_PER_SEC);
  ck_assert_str_eq (error->message, expected);
  ck_assert_uint_eq (toy_count_threads (threads), threads);
  ck_assert_uint_eq (line.sink->committed, 0);
  ck_assert_uint_eq (toy_count_messages (line.pipeline, PINWHEEL_MESSAGE_ERROR), 1);

  line.source->fail_at = line.stages[1]->fail_at = line.sink->fail_at = -1;
  toy_line_assert_ran (&line, 1000);
  ck_assert_uint_eq (toy_count_messages (line.pipeline, PINWHEEL_MESSAGE_EOS), 1);
  toy_line_clear (&line);
}
END_TEST

START_TEST (a_commit_that_fails_fails_the_run)
{
  g_autoptr (GError) error = NULL;
  ToyLine line;

  toy_line_init (&line, 1, 1000, 100, 4);
  line.sink->fail_commit = TRUE;
  ck_assert (!pinwheel_pipeline_run (line.pipeline, &error));
  ck_assert_str_eq (error->message, "toysink0: asked to fail");
  ck_assert_uint_eq (toy_count_messages (line.pipeline, PINWHEEL_MESSAGE_ERROR), 1);
  toy_line_clear (&line);
}
END_TEST

START_TEST (a_failure_without_an_error_fails_the_run)
{
  g_autoptr (GError) error = NULL;
  ToyLine line;

  toy_line_init (&line, 1, 1000, 100, 4);
  line.stages[0]->fail_at = 3;
  line.stages[0]->silent = TRUE;
  ck_assert (!pinwheel_pipeline_run (line.pipeline, &error));
  ck_assert (strstr (error->message, "toystage0: chunk 3: failed without saying why") != NULL);
  ck_assert_uint_eq (line.sink->committed, 0);
  toy_line_clear (&line);
}
END_TEST

/* Two lines in one pipeline: what one cannot seal, the other does not make final. */
START_TEST (nothing_is_final_unless_all_can_be)
{
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (GError) error = NULL;
      ToySource *source = g_object_new (TOY_TYPE_SOURCE, NULL);
      ToySink *sink = g_object_new (TOY_TYPE_SINK, NULL);
      ToyLine line;

      toy_line_init (&line, 1, 100, 10, 4);
      pinwheel_pipeline_add (line.pipeline, PINWHEEL_ELEMENT (source), NULL);
      pinwheel_pipeline_add (line.pipeline, PINWHEEL_ELEMENT (sink), NULL);
      toy_link (PINWHEEL_ELEMENT (source), PINWHEEL_ELEMENT (sink));
      source->items = 100;
      (i == 0 ? line.sink : sink)->fail_seal = TRUE;
      ck_assert (!pinwheel_pipeline_run (line.pipeline, &error));
      ck_assert_str_eq (error->message,
                        i == 0 ? "toysink0: asked to fail" : "toysink1: asked to fail");
      ck_assert_uint_eq (line.sink->committed + sink->committed, 0);
      toy_line_clear (&line);
      g_object_unref (source);
      g_object_unref (sink);
    }
}
END_TEST

static void
stop_now (gpointer pipeline)
{
  pinwheel_pipeline_stop (pipeline);
}

START_TEST (a_stop_while_starting_is_heard)
{
  g_autoptr (GError) error = NULL;
  ToyLine line;

  toy_line_init (&line, 1, 1000, 100, 4);
  line.sink->at_start = stop_now;
  line.sink->at_start_data = line.pipeline;
  ck_assert (!pinwheel_pipeline_run (line.pipeline, &error));
  ck_assert (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED));
  ck_assert_uint_eq (line.sink->chunks, 0);
  line.sink->at_start = NULL;
  toy_line_assert_ran (&line, 1000);
  toy_line_clear (&line);
}
END_TEST

START_TEST (a_stop_between_runs_does_nothing)
{
  ToyLine line;

  toy_line_init (&line, 1, 1000, 100, 4);
  pinwheel_pipeline_stop (line.pipeline);
  toy_line_assert_ran (&line, 1000);
  pinwheel_pipeline_stop (line.pipeline);
  toy_line_assert_ran (&line, 1000);
  toy_line_clear (&line);
}
END_TEST

START_TEST (the_bus_carries_one_run_at_a_time)
{
  ToyLine line;

  toy_line_init (&line, 1, 1000, 100, 4);
  toy_line_assert_ran (&line, 1000);
  toy_line_assert_ran (&line, 1000);
  ck_assert_uint_eq (toy_count_messages (line.pipeline, PINWHEEL_MESSAGE_EOS), 1);
  toy_line_clear (&line);
}
END_TEST

typedef struct
{
  PinwheelPipeline *pipeline;
  guint spins;
} Stopping;

static gpointer
stop_later (gpointer data)
{
  Stopping *stopping = data;

  for (volatile guint i = 0; i < stopping->spins; i++)
    ;
  pinwheel_pipeline_stop (stopping->pipeline);
  return NULL;
}

START_TEST (stop_at_a_thousand_random_moments_ends_the_run)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (7);
  guint stopped = 0, ended = 0;

  for (guint round = 0; round < 1000; round++)
    {
      g_autoptr (GError) error = NULL;
      ToyLine line;
      Stopping stopping;
      GThread *thread;
      gboolean ok;

      toy_line_init (&line, 2, 2000, 10, 1 + round % 4);
      ok = pinwheel_pipeline_set_state (line.pipeline, PINWHEEL_STATE_RUNNING, &error);
      ck_assert (ok);
      stopping = (Stopping){ line.pipeline, (guint) g_rand_int_range (rand, 0, 1000000) };
      thread = g_thread_new ("stopper", stop_later, &stopping);
      ok = pinwheel_pipeline_wait (line.pipeline, &error);
      g_thread_join (thread);
      if (ok)
        {
          ended++;
          ck_assert_uint_eq (line.sink->next_item, 2000);
          ck_assert_uint_eq (line.sink->committed, 1);
        }
      else
        {
          stopped++;
          ck_assert (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED));
          ck_assert_uint_eq (line.sink->committed, 0);
        }
      ck_assert_uint_eq (line.sink->wrong, 0);
      ck_assert_uint_eq (
          toy_count_messages (line.pipeline, ok ? PINWHEEL_MESSAGE_EOS : PINWHEEL_MESSAGE_STOPPED),
          1);
      toy_line_clear (&line);
    }
  ck_assert_uint_eq (stopped + ended, 1000);
  ck_assert_uint_gt (stopped, 0);
}
END_TEST

START_TEST (dropping_a_running_pipeline_joins_its_threads)
{
  for (guint i = 0; i < 20; i++)
    {
      ToyLine line;

      toy_line_init (&line, 2, 100000, 10, 4);
      ck_assert (pinwheel_pipeline_set_state (line.pipeline, PINWHEEL_STATE_RUNNING, NULL));
      toy_line_clear (&line);
    }
}
END_TEST

START_TEST (memory_is_what_the_plan_says)
{
  g_autoptr (PinwheelDevice) device = pinwheel_device_open ("host", NULL);
  PinwheelDeviceCounters counters;
  guint64 planned;
  ToyLine line;

  toy_line_init (&line, 3, 1000000, 0, 4);
  g_object_set (line.pipeline, "pinned-memory", (guint64) 65536, NULL);
  pinwheel_device_reset_peaks (device);
  ck_assert (pinwheel_pipeline_set_state (line.pipeline, PINWHEEL_STATE_READY, NULL));
  planned = pinwheel_pipeline_get_plan (line.pipeline)->pinned;
  ck_assert_uint_le (planned, 65536);
  toy_line_assert_ran (&line, 1000000);
  pinwheel_device_get_counters (device, &counters);
  ck_assert_uint_eq (counters.pinned_peak, planned);
  ck_assert_uint_eq (counters.pinned, 0);
  toy_line_clear (&line);
}
END_TEST

START_TEST (inputs_are_joined_in_step)
{
  g_autoptr (PinwheelPipeline) pipeline = pinwheel_pipeline_new ();
  PinwheelElement *elements[5];
  static GType (*const types[]) (void) = { toy_source_get_type, toy_source_get_type,
                                           toy_stage_get_type, toy_adder_get_type,
                                           toy_sink_get_type };

  for (guint i = 0; i < 5; i++)
    {
      elements[i] = g_object_new (types[i](), NULL);
      pinwheel_pipeline_add (pipeline, elements[i], NULL);
      g_object_unref (elements[i]);
    }
  g_object_set (pipeline, "device", "host", "chunk", (guint64) 7, NULL);
  TOY_SOURCE (elements[0])->items = TOY_SOURCE (elements[1])->items = 100;
  toy_link (elements[0], elements[3]);
  toy_link (elements[1], elements[2]);
  toy_link (elements[2], elements[3]);
  toy_link (elements[3], elements[4]);
  for (guint round = 0; round < 2; round++)
    {
      g_autoptr (GError) error = NULL;
      gboolean ok;

      /* item i is i + (i + 1), so only item 0 is what the sink wants */
      TOY_SINK (elements[4])->offset = 1;
      TOY_SOURCE (elements[1])->items = 100 - round;
      ok = pinwheel_pipeline_run (pipeline, &error);
      ck_assert_int_eq (ok, round == 0);
      if (ok)
        ck_assert_uint_eq (TOY_SINK (elements[4])->wrong, 99);
      else
        ck_assert (strstr (error->message, "toyadder0") != NULL);
    }
}
END_TEST

START_TEST (a_bad_graph_is_told)
{
  g_autoptr (GError) empty = NULL;
  g_autoptr (GError) unlinked = NULL;
  g_autoptr (GError) circle = NULL;
  g_autoptr (PinwheelPipeline) pipeline = pinwheel_pipeline_new ();
  PinwheelElement *a = g_object_new (TOY_TYPE_STAGE, NULL);
  PinwheelElement *b = g_object_new (TOY_TYPE_STAGE, NULL);

  ck_assert (!pinwheel_pipeline_run (pipeline, &empty));
  ck_assert (g_error_matches (empty, PINWHEEL_ERROR, PINWHEEL_ERROR_LINK));
  pinwheel_pipeline_add (pipeline, a, NULL);
  pinwheel_pipeline_add (pipeline, b, NULL);
  g_object_unref (a);
  g_object_unref (b);
  toy_link (a, b);
  ck_assert (!pinwheel_pipeline_run (pipeline, &unlinked));
  ck_assert (strstr (unlinked->message, "toystage0.sink is not linked") != NULL);
  toy_link (b, a);
  ck_assert (!pinwheel_pipeline_run (pipeline, &circle));
  ck_assert (strstr (circle->message, "toystage0, toystage1") != NULL);
}
END_TEST

START_TEST (names_are_given_once)
{
  g_autoptr (PinwheelPipeline) pipeline = pinwheel_pipeline_new ();
  g_autoptr (PinwheelPipeline) other = pinwheel_pipeline_new ();
  g_autoptr (PinwheelElement) a = g_object_new (TOY_TYPE_STAGE, NULL);
  g_autoptr (PinwheelElement) b = g_object_new (TOY_TYPE_STAGE, NULL);
  g_autoptr (GError) error = NULL;

  ck_assert (pinwheel_pipeline_add (pipeline, a, NULL));
  ck_assert_str_eq (pinwheel_element_get_name (a), "toystage0");
  pinwheel_element_set_name (b, "toystage0");
  ck_assert (!pinwheel_pipeline_add (pipeline, b, &error));
  ck_assert (g_error_matches (error, PINWHEEL_ERROR, PINWHEEL_ERROR_LINK));
  g_clear_error (&error);
  ck_assert (!pinwheel_pipeline_add (other, a, &error));
  ck_assert (strstr (error->message, "in another pipeline already") != NULL);
}
END_TEST

START_TEST (properties_do_not_change_while_it_runs)
{
  g_autoptr (GError) error = NULL;
  ToyLine line;

  toy_line_init (&line, 1, 10000000, 10, 4);
  ck_assert (pinwheel_pipeline_set_state (line.pipeline, PINWHEEL_STATE_RUNNING, NULL));
  ck_assert (!pinwheel_object_set_from_string (G_OBJECT (line.pipeline), "chunk", "5", &error));
  ck_assert (g_error_matches (error, PINWHEEL_ERROR, PINWHEEL_ERROR_PROPERTY));
  pinwheel_pipeline_stop (line.pipeline);
  pinwheel_pipeline_wait (line.pipeline, NULL);
  ck_assert (pinwheel_object_set_from_string (G_OBJECT (line.pipeline), "chunk", "5", NULL));
  toy_line_clear (&line);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("run");
  TCase *data = tcase_create ("data");
  TCase *ends = tcase_create ("ends");
  TCase *graph = tcase_create ("graph");
  SRunner *runner = srunner_create (suite);
  int failed;

  suite_add_tcase (suite, data);
  suite_add_tcase (suite, ends);
  suite_add_tcase (suite, graph);
  tcase_set_timeout (data, 120);
  tcase_set_timeout (ends, 300);
  tcase_add_loop_test (data, every_item_arrives_in_order_for_every_chunk_length, 0,
                       G_N_ELEMENTS (lengths));
  tcase_add_loop_test (data, a_chain_of_any_length_gives_the_same, 0, 9);
  tcase_add_test (data, no_item_and_one_item_are_ordinary);
  tcase_add_loop_test (data, an_unknown_total_ends_where_the_data_ends, 0, 32);
  tcase_add_test (data, a_pipeline_runs_again_and_longer_and_shorter);
  tcase_add_test (data, statistics_count_what_went_through);
  tcase_add_test (data, memory_is_what_the_plan_says);
  tcase_add_test (data, inputs_are_joined_in_step);
  tcase_add_loop_test (ends, one_failure_is_one_error_wherever_it_is, 0, 9);
  tcase_add_test (ends, a_commit_that_fails_fails_the_run);
  tcase_add_test (ends, a_failure_without_an_error_fails_the_run);
  tcase_add_test (ends, nothing_is_final_unless_all_can_be);
  tcase_add_test (ends, a_stop_while_starting_is_heard);
  tcase_add_test (ends, a_stop_between_runs_does_nothing);
  tcase_add_test (ends, the_bus_carries_one_run_at_a_time);
  tcase_add_test (ends, stop_at_a_thousand_random_moments_ends_the_run);
  tcase_add_test (ends, dropping_a_running_pipeline_joins_its_threads);
  tcase_add_test (graph, a_bad_graph_is_told);
  tcase_add_test (graph, names_are_given_once);
  tcase_add_test (graph, properties_do_not_change_while_it_runs);

  srunner_run_all (runner, CK_ENV);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
