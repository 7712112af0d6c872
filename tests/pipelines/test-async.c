/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Runs beside a main loop: several at once, cancelled, failing, told on the bus. */
#include "config.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pipelines/toys.h"

#define ENDLESS ((guint64) 1 << 40)

/* One run as its application sees it; its thread's alone. */
typedef struct
{
  ToyLine line;
  GMainLoop *loop;
  GThread *caller;
  GCancellable *cancellable; /* owned */
  guint called, eos, errors, stopped, progress;
  guint64 last_done, last_total;
  gboolean ok;
  GError *error; /* owned, nullable */
} Run;

static void
take_message (PinwheelBus *bus, PinwheelMessage *message, guint *count)
{
  ++*count;
}

static void
take_progress (PinwheelBus *bus, PinwheelMessage *message, Run *run)
{
  GVariant *details = pinwheel_message_get_details (message);
  guint64 done;

  ck_assert_uint_eq (run->eos + run->errors + run->stopped + run->called, 0);
  ck_assert (g_variant_lookup (details, "items-done", "t", &done));
  ck_assert (g_variant_lookup (details, "items-total", "t", &run->last_total));
  ck_assert_uint_ge (done, run->last_done);
  run->last_done = done;
  run->progress++;
}

static void
cancel_at_progress (PinwheelBus *bus, PinwheelMessage *message, GCancellable *cancellable)
{
  if (g_str_has_prefix (pinwheel_message_get_text (message), "0 of "))
    return;
  g_cancellable_cancel (cancellable);
}

static void
ended (GObject *source, GAsyncResult *result, gpointer data)
{
  Run *run = data;

  ck_assert_ptr_eq (g_thread_self (), run->caller);
  ck_assert_ptr_eq (source, run->line.pipeline);
  run->called++;
  run->ok = pinwheel_pipeline_run_finish (run->line.pipeline, result, &run->error);
  g_main_loop_quit (run->loop);
}

/* In the thread-default main context of the calling thread. */
static void
run_init (Run *run, guint64 items)
{
  PinwheelBus *bus;

  memset (run, 0, sizeof *run);
  toy_line_init (&run->line, 2, items, 10, 4);
  g_object_set (run->line.pipeline, "progress-interval", (guint64) 5, NULL);
  run->loop = g_main_loop_new (g_main_context_get_thread_default (), FALSE);
  run->caller = g_thread_self ();
  run->cancellable = g_cancellable_new ();
  bus = pinwheel_pipeline_get_bus (run->line.pipeline);
  pinwheel_bus_add_signal_watch (bus);
  g_signal_connect (bus, "message::eos", G_CALLBACK (take_message), &run->eos);
  g_signal_connect (bus, "message::error", G_CALLBACK (take_message), &run->errors);
  g_signal_connect (bus, "message::stopped", G_CALLBACK (take_message), &run->stopped);
  g_signal_connect (bus, "message::progress", G_CALLBACK (take_progress), run);
}

/* Returns: with the callback called, once */
static void
run_to_end (Run *run)
{
  run->called = run->eos = run->errors = run->stopped = run->progress = 0;
  run->last_done = run->last_total = 0;
  g_clear_error (&run->error);
  pinwheel_pipeline_run_async (run->line.pipeline, run->cancellable, ended, run);
  ck_assert_uint_eq (run->called, 0);
  g_main_loop_run (run->loop);
  while (g_main_context_iteration (g_main_loop_get_context (run->loop), FALSE))
    ;
  ck_assert_uint_eq (run->called, 1);
}

static void
run_clear (Run *run)
{
  pinwheel_bus_remove_signal_watch (pinwheel_pipeline_get_bus (run->line.pipeline));
  toy_line_clear (&run->line);
  g_main_loop_unref (run->loop);
  g_object_unref (run->cancellable);
  g_clear_error (&run->error);
}

static void
assert_succeeded (Run *run, guint64 items)
{
  guint64 done, total;

  ck_assert_msg (run->ok, "%s", run->error != NULL ? run->error->message : "no error");
  ck_assert_uint_eq (run->eos, 1);
  ck_assert_uint_eq (run->errors + run->stopped, 0);
  ck_assert_uint_eq (run->line.sink->next_item, items);
  ck_assert_uint_eq (run->line.sink->wrong, 0);
  ck_assert_uint_ge (run->progress, 1);
  ck_assert_uint_eq (run->last_done, items);
  ck_assert_uint_eq (run->last_total, items);
  g_object_get (run->line.pipeline, "items-done", &done, "items-total", &total, NULL);
  ck_assert_uint_eq (done, items);
  ck_assert_uint_eq (total, items);
}

static void
assert_cancelled (Run *run)
{
  ck_assert (!run->ok);
  ck_assert (g_error_matches (run->error, G_IO_ERROR, G_IO_ERROR_CANCELLED));
  ck_assert_uint_eq (run->eos + run->errors, 0);
  ck_assert_uint_eq (run->line.sink->committed, 0);
}

START_TEST (a_run_calls_back_once_behind_its_messages_and_leaves_no_thread)
{
  guint threads = 0;
  Run run;

  run_init (&run, 1000);
  for (guint i = 0; i < 3; i++)
    {
      run_to_end (&run);
      assert_succeeded (&run, 1000);
      if (i == 0)
        threads = toy_count_threads (G_MAXUINT); /* GLib has begun one for all its tasks */
      ck_assert_uint_eq (toy_count_threads (threads), threads);
    }
  run_clear (&run);
}
END_TEST

START_TEST (an_error_at_once_calls_back_too_and_not_before_the_call_returns)
{
  Run run;

  run_init (&run, 100);
  pinwheel_pad_unlink (pinwheel_element_get_src (PINWHEEL_ELEMENT (run.line.source)));
  run_to_end (&run);
  ck_assert (!run.ok);
  ck_assert (g_error_matches (run.error, PINWHEEL_ERROR, PINWHEEL_ERROR_LINK));
  run_clear (&run);
}
END_TEST

START_TEST (a_run_that_was_cancelled_before_never_starts)
{
  Run run;

  run_init (&run, 100);
  g_cancellable_cancel (run.cancellable);
  run_to_end (&run);
  assert_cancelled (&run);
  ck_assert_uint_eq (run.stopped, 0);
  g_cancellable_reset (run.cancellable);
  run_to_end (&run);
  assert_succeeded (&run, 100);
  run_clear (&run);
}
END_TEST

START_TEST (cancelling_ends_a_run)
{
  Run run;

  run_init (&run, ENDLESS);
  g_signal_connect (pinwheel_pipeline_get_bus (run.line.pipeline), "message::progress",
                    G_CALLBACK (cancel_at_progress), run.cancellable);
  run_to_end (&run);
  assert_cancelled (&run);
  ck_assert_uint_eq (run.stopped, 1);
  ck_assert_uint_gt (run.last_done, 0);
  run_clear (&run);
}
END_TEST

/* _i: tenths of a millisecond after which it happens: before the run has begun, on its way up or
 * later */
START_TEST (cancelling_at_any_moment_ends_a_run)
{
  for (guint i = 0; i < 20; i++)
    {
      gint64 until;
      Run run;

      run_init (&run, ENDLESS);
      pinwheel_pipeline_run_async (run.line.pipeline, run.cancellable, ended, &run);
      until = g_get_monotonic_time () + _i * 100;
      while (g_get_monotonic_time () < until)
        g_thread_yield ();
      if (i % 2 == 0)
        g_cancellable_cancel (run.cancellable);
      else
        pinwheel_pipeline_stop (run.line.pipeline);
      g_main_loop_run (run.loop);
      ck_assert_uint_eq (run.called, 1);
      assert_cancelled (&run);
      run_clear (&run);
    }
}
END_TEST

START_TEST (a_second_run_of_one_pipeline_is_refused_and_the_first_goes_on)
{
  Run run, second;

  run_init (&run, ENDLESS);
  second = run;
  pinwheel_pipeline_run_async (run.line.pipeline, run.cancellable, ended, &run);
  pinwheel_pipeline_run_async (run.line.pipeline, NULL, ended, &second);
  g_main_loop_run (run.loop);
  ck_assert_uint_eq (second.called, 1);
  ck_assert (!second.ok);
  ck_assert (g_error_matches (second.error, PINWHEEL_ERROR, PINWHEEL_ERROR_FAILED));
  ck_assert_ptr_nonnull (strstr (second.error->message, "running already"));
  g_clear_error (&second.error);
  ck_assert_uint_eq (run.called, 0);
  pinwheel_pipeline_stop (run.line.pipeline);
  g_main_loop_run (run.loop);
  ck_assert_uint_eq (run.called, 1);
  assert_cancelled (&run);
  run_clear (&run);
}
END_TEST

START_TEST (the_application_may_drop_the_pipeline_while_it_runs)
{
  PinwheelPipeline *pipeline;
  Run run;

  run_init (&run, ENDLESS);
  pipeline = run.line.pipeline;
  pinwheel_pipeline_run_async (pipeline, run.cancellable, ended, &run);
  pinwheel_bus_remove_signal_watch (pinwheel_pipeline_get_bus (pipeline));
  g_object_add_weak_pointer (G_OBJECT (pipeline), (gpointer *) &pipeline);
  g_object_unref (pipeline);
  g_cancellable_cancel (run.cancellable);
  g_main_loop_run (run.loop);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  ck_assert_uint_eq (run.called, 1);
  ck_assert (!run.ok);
  ck_assert_ptr_null (pipeline);
  g_main_loop_unref (run.loop);
  g_object_unref (run.cancellable);
  g_clear_error (&run.error);
}
END_TEST

/* Ticks of a timer of 1 ms. */
typedef struct
{
  guint ticks;
  guint enough; /* at which the run is stopped, 0: never */
  PinwheelPipeline *pipeline;
} Pace;

static gboolean
tick (gpointer data)
{
  Pace *pace = data;

  if (++pace->ticks == pace->enough)
    pinwheel_pipeline_stop (pace->pipeline);
  return G_SOURCE_CONTINUE;
}

/* A main loop beside the one that has the run, which says what the machine lets a timer do. */
typedef struct
{
  GMainContext *context;
  gint is_over; /* atomic */
  Pace pace;
} Bystander;

static gpointer
keep_pace (gpointer data)
{
  Bystander *bystander = data;
  g_autoptr (GSource) timer = g_timeout_source_new (1);

  g_source_set_callback (timer, tick, &bystander->pace, NULL);
  g_source_attach (timer, bystander->context);
  while (!g_atomic_int_get (&bystander->is_over))
    g_main_context_iteration (bystander->context, TRUE);
  g_source_destroy (timer);
  return NULL;
}

/* Whatever else the machine does, both timers suffer from it alike. The run ends by a tick of the
 * main loop's own timer: a loop that waits for the run is found when the bystander loses patience.
 */
START_TEST (the_main_loop_is_never_blocked)
{
  Bystander bystander = { .context = g_main_context_new (), .pace = { .enough = 100000 } };
  Pace pace = { .enough = 300 };
  GThread *thread;
  guint timer;
  Run run;

  run_init (&run, ENDLESS);
  pace.pipeline = bystander.pace.pipeline = run.line.pipeline;
  thread = g_thread_new ("bystander", keep_pace, &bystander);
  timer = g_timeout_add (1, tick, &pace);
  run_to_end (&run);
  g_atomic_int_set (&bystander.is_over, 1);
  g_thread_join (thread);
  assert_cancelled (&run);
  g_source_remove (timer);
  ck_assert_uint_ge (pace.ticks, 300);
  g_printerr ("# %u ticks beside the run, %u in a loop that has none\n", pace.ticks,
              bystander.pace.ticks);
  ck_assert_uint_ge (4 * pace.ticks, bystander.pace.ticks);
  g_main_context_unref (bystander.context);
  run_clear (&run);
}
END_TEST

typedef enum
{
  FATE_SUCCEEDS,
  FATE_FAILS,
  FATE_IS_CANCELLED,
  N_FATES
} Fate;

static gpointer
meet_fate (gpointer data)
{
  Fate fate = GPOINTER_TO_UINT (data);
  g_autoptr (GMainContext) context = g_main_context_new ();
  Run run;

  g_main_context_push_thread_default (context);
  run_init (&run, fate == FATE_IS_CANCELLED ? ENDLESS : 2000);
  if (fate == FATE_FAILS)
    run.line.stages[1]->fail_at = 50;
  if (fate == FATE_IS_CANCELLED)
    g_signal_connect (pinwheel_pipeline_get_bus (run.line.pipeline), "message::progress",
                      G_CALLBACK (cancel_at_progress), run.cancellable);
  for (guint i = 0; i < 5; i++)
    {
      g_cancellable_reset (run.cancellable);
      run_to_end (&run);
      if (fate == FATE_SUCCEEDS)
        assert_succeeded (&run, 2000);
      else if (fate == FATE_IS_CANCELLED)
        assert_cancelled (&run);
      else
        {
          ck_assert (!run.ok);
          ck_assert_str_eq (run.error->message, "toystage1: chunk 50: asked to fail");
          ck_assert_uint_eq (run.errors, 1);
          ck_assert_uint_eq (run.eos + run.stopped, 0);
        }
    }
  run_clear (&run);
  g_main_context_pop_thread_default (context);
  return NULL;
}

START_TEST (pipelines_of_one_process_do_not_disturb_each_other)
{
  GThread *threads[2 * N_FATES];

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("fate", meet_fate, GUINT_TO_POINTER (i % N_FATES));
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
}
END_TEST

static guint
count_descriptors (void)
{
  g_autoptr (GDir) dir = g_dir_open ("/proc/self/fd", 0, NULL);
  guint n = 0;

  ck_assert_ptr_nonnull (dir);
  while (g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

/* Returns: bytes that are private to this process */
static guint64
count_memory (void)
{
  g_autofree char *text = NULL;
  guint64 size, resident, shared;

  ck_assert (g_file_get_contents ("/proc/self/statm", &text, NULL, NULL));
  ck_assert_int_eq (sscanf (text, "%" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT,
                            &size, &resident, &shared),
                    3);
  return (resident - shared) * 4096;
}

START_TEST (run_after_run_nothing_grows)
{
  const char *soak = g_getenv ("PINWHEEL_SOAK");
  guint rounds = soak != NULL ? 500 * (guint) atoi (soak) : 300;
  guint threads = 0, descriptors = 0;
  guint64 memory = 0;
  gint64 begin = 0;
  Run run;

  run_init (&run, 3);
  for (guint i = 0; i < rounds + 100; i++)
    {
      if (i == 100)
        {
          threads = toy_count_threads (G_MAXUINT);
          descriptors = count_descriptors ();
          memory = count_memory ();
          begin = g_get_monotonic_time ();
        }
      run_to_end (&run);
      assert_succeeded (&run, 3);
    }
  g_printerr ("# %u runs, %.0f us each, %" G_GINT64_FORMAT " bytes of memory more\n", rounds,
              (double) (g_get_monotonic_time () - begin) / rounds,
              (gint64) (count_memory () - memory));
  ck_assert_uint_eq (toy_count_threads (threads), threads);
  ck_assert_uint_eq (count_descriptors (), descriptors);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  ck_assert_uint_lt (count_memory (), memory + (1 << 20));
#endif
  run_clear (&run);
}
END_TEST

START_TEST (a_watch_may_stand_in_any_context_and_several_share_the_signals)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (PinwheelBus) bus = pinwheel_bus_new ();
  guint seen = 0;

  pinwheel_bus_post (bus, pinwheel_message_new (PINWHEEL_MESSAGE_EOS, NULL, NULL, NULL, NULL));
  g_main_context_push_thread_default (context);
  pinwheel_bus_add_signal_watch (bus);
  g_main_context_pop_thread_default (context);
  pinwheel_bus_add_signal_watch (bus);
  g_signal_connect (bus, "message::eos", G_CALLBACK (take_message), &seen);
  ck_assert (!g_main_context_iteration (NULL, FALSE));
  ck_assert (g_main_context_iteration (context, FALSE));
  ck_assert_uint_eq (seen, 1);
  pinwheel_bus_remove_signal_watch (bus);
  for (guint i = 0; i < 5; i++)
    pinwheel_bus_post (bus, pinwheel_message_new (PINWHEEL_MESSAGE_EOS, NULL, NULL, NULL, NULL));
  while (g_main_context_iteration (context, FALSE))
    ;
  ck_assert_uint_eq (seen, 6);
  pinwheel_bus_remove_signal_watch (bus);
  pinwheel_bus_post (bus, pinwheel_message_new (PINWHEEL_MESSAGE_EOS, NULL, NULL, NULL, NULL));
  ck_assert (!g_main_context_iteration (context, FALSE));
  ck_assert_uint_eq (seen, 6);
}
END_TEST

START_TEST (progress_is_told_without_being_asked_for_unless_it_is_turned_off)
{
  static const PinwheelMessageType told[] = { PINWHEEL_MESSAGE_PROGRESS, PINWHEEL_MESSAGE_EOS };
  ToyLine line;

  toy_line_init (&line, 1, 100, 10, 4);
  for (guint off = 0; off < 2; off++)
    {
      PinwheelBus *bus = pinwheel_pipeline_get_bus (line.pipeline);
      PinwheelMessage *message;
      guint n = off;

      if (off)
        g_object_set (line.pipeline, "progress-interval", (guint64) 0, NULL);
      ck_assert (pinwheel_pipeline_run (line.pipeline, NULL));
      while ((message = pinwheel_bus_pop (bus, 0)) != NULL)
        {
          ck_assert_uint_lt (n, G_N_ELEMENTS (told));
          ck_assert_int_eq (pinwheel_message_get_kind (message), told[n++]);
          pinwheel_message_unref (message);
        }
      ck_assert_uint_eq (n, G_N_ELEMENTS (told));
    }
  toy_line_clear (&line);
}
END_TEST

START_TEST (progress_that_nobody_takes_does_not_pile_up)
{
  g_autoptr (PinwheelBus) bus = pinwheel_bus_new ();
  g_autoptr (PinwheelMessage) left = NULL;

  for (guint i = 0; i < 100; i++)
    {
      g_autofree char *text = g_strdup_printf ("%u", i);

      pinwheel_bus_post (bus,
                         pinwheel_message_new (PINWHEEL_MESSAGE_PROGRESS, NULL, NULL, text, NULL));
    }
  left = pinwheel_bus_pop (bus, 0);
  ck_assert_str_eq (pinwheel_message_get_text (left), "99");
  ck_assert_ptr_null (pinwheel_bus_pop (bus, 0));
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("async");
  TCase *tcase = tcase_create ("async");
  SRunner *runner = srunner_create (suite);
  int failed;

  suite_add_tcase (suite, tcase);
  tcase_set_timeout (tcase, 0);
  tcase_add_test (tcase, a_run_calls_back_once_behind_its_messages_and_leaves_no_thread);
  tcase_add_test (tcase, an_error_at_once_calls_back_too_and_not_before_the_call_returns);
  tcase_add_test (tcase, a_run_that_was_cancelled_before_never_starts);
  tcase_add_test (tcase, cancelling_ends_a_run);
  tcase_add_loop_test (tcase, cancelling_at_any_moment_ends_a_run, 0, 8);
  tcase_add_test (tcase, a_second_run_of_one_pipeline_is_refused_and_the_first_goes_on);
  tcase_add_test (tcase, the_application_may_drop_the_pipeline_while_it_runs);
  tcase_add_test (tcase, the_main_loop_is_never_blocked);
  tcase_add_test (tcase, pipelines_of_one_process_do_not_disturb_each_other);
  tcase_add_test (tcase, run_after_run_nothing_grows);
  tcase_add_test (tcase, a_watch_may_stand_in_any_context_and_several_share_the_signals);
  tcase_add_test (tcase, progress_is_told_without_being_asked_for_unless_it_is_turned_off);
  tcase_add_test (tcase, progress_that_nobody_takes_does_not_pile_up);

  srunner_run_all (runner, CK_ENV);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
