/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Everything that can fail on a device fails, one after the other and at random, and runs are
 * stopped at random: each ends with its own error, gives everything back, and the next one
 * succeeds. */
#include "config.h"

#include <check.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>

#include "pipelines/sim-line.h"
#include "pipelines/sim-spec.h"
#include "pipelines/toys.h"

#define ITEMS  57
#define CHUNK  10
#define CHUNKS 6
/* one buffer in each pool, and the block for what is not cut */
#define LEAST_MEMORY 768

static void
assert_says (const GError *error, const char *part)
{
  ck_assert_msg (strstr (error->message, part) != NULL, "no \"%s\" in: %s", part, error->message);
}

/* What is done on the device, in this order for each chunk; how often in all; who asks for it. */
static const struct
{
  const char *use, *owner;
  guint times;
  guint first; /* for the first chunk; each later one needs 1 */
} work[] = {
  { "h2d", "upload0", CHUNKS + 1, 2 },
  { "d2h", "download0", CHUNKS, 1 },
  { "launch", "map", CHUNKS, 1 },
};

/* _i: index into work */
START_TEST (work_that_fails_is_told_with_its_owner_and_chunk)
{
  SimLine line;

  sim_line_init (&line, ITEMS, CHUNK, FALSE);
  sim_line_assert_runs (&line, "sim");
  for (guint n = 1; n <= work[_i].times; n++)
    for (guint seed = 0; seed < 5; seed++)
      {
        g_autoptr (PinwheelDevice) device = sim_open ("sim:delay=100us,seed=%u,fail=%s:%u", seed,
                                                      work[_i].use, n);
        g_autofree char *owner = g_strdup_printf ("%s: chunk %u: ", work[_i].owner,
                                                  n <= work[_i].first ? 0 : n - work[_i].first);
        g_autoptr (GError) error = NULL;

        ck_assert (!sim_line_run (&line, device, NULL, NULL, &error));
        sim_assert_fault (error, owner, pinwheel_device_get_name (device), work[_i].use, n);
        ck_assert (g_error_matches (error, PINWHEEL_ERROR, PINWHEEL_ERROR_DEVICE));
        /* the device has counted on, so the fault is over */
        ck_assert (sim_line_run (&line, device, NULL, NULL, NULL));
      }
  sim_line_clear (&line);
}
END_TEST

/* The n-th copy of any direction is whose it happens to be. */
START_TEST (every_copy_and_every_compile_fails_in_turn)
{
  static const char *const uses[] = { "copy", "load" };
  /* the emulated driver takes no machine code, and is given PTX then */
  const guint times[] = { 2 * CHUNKS + 1, sim_is_emulated () ? 2 : 1 };
  SimLine line;

  sim_line_init (&line, ITEMS, CHUNK, FALSE);
  sim_line_assert_runs (&line, "sim");
  for (guint i = 0; i < G_N_ELEMENTS (uses); i++)
    for (guint n = 1; n <= times[i] + 1; n++)
      {
        g_autoptr (PinwheelDevice) device = sim_open ("sim:delay=100us,seed=%u,fail=%s:%u", n,
                                                      uses[i], n);
        g_autoptr (GError) error = NULL;
        gboolean ok = sim_line_run (&line, device, NULL, NULL, &error);

        ck_assert_int_eq (ok, n > times[i]);
        if (ok)
          break;
        sim_assert_fault (error, NULL, pinwheel_device_get_name (device), uses[i], n);
        ck_assert (g_str_has_prefix (error->message, "upload0: chunk ")
                   || g_str_has_prefix (error->message, "download0: chunk ")
                   || g_str_has_prefix (error->message, i == 0 ? "map: chunk " : "map: "));
        ck_assert (sim_line_run (&line, device, NULL, NULL, NULL));
      }
  sim_line_clear (&line);
}
END_TEST

/* _i: piece of work */
START_TEST (work_that_nobody_waits_for_fails_the_run_all_the_same)
{
  g_autoptr (PinwheelDevice) device = sim_open ("sim:latency=1ms,fail=launch:%d", _i + 1);
  g_autofree char *expected = g_strdup_printf ("map0: chunk %d: ", _i);
  g_autoptr (GError) error = NULL;
  SimRun run = { .pipeline = NULL };

  run.pipeline = pinwheel_parse_launch (
      "testsrc items=57 ! upload ! map expr=\"y = x + 1\" ! fakesink", NULL, &error);
  ck_assert_msg (run.pipeline != NULL, "%s", error != NULL ? error->message : "no error set");
  g_object_set (run.pipeline, "chunk", (guint64) CHUNK, NULL);
  ck_assert (!sim_run (&run, device, NULL, NULL, &error));
  ck_assert (g_str_has_prefix (error->message, expected));
  ck_assert (sim_run (&run, device, NULL, NULL, NULL));
  g_object_unref (run.pipeline);
}
END_TEST

/* _i: whether it is the device's memory */
START_TEST (every_allocation_fails_in_turn)
{
  const char *use = _i ? "alloc" : "pinned";
  guint refused = 0;
  SimLine line;

  sim_line_init (&line, ITEMS, CHUNK, FALSE);
  sim_line_assert_runs (&line, "sim");
  for (guint scarce = 0; scarce < 2; scarce++)
    for (guint n = 1; n <= 4; n++)
      {
        g_autoptr (PinwheelDevice) device = sim_open ("sim:fail=%s:%u", use, n);
        g_autoptr (GError) error = NULL;
        gboolean ok;

        g_object_set (line.run.pipeline, _i ? "device-memory" : "pinned-memory",
                      (guint64) (scarce ? LEAST_MEMORY : 0), NULL);
        ok = sim_line_run (&line, device, NULL, NULL, &error);
        /* three times there is something to allocate; where less would do, it is planned again, or
         * pageable memory does */
        ck_assert_int_eq (ok, !scarce || n == 4);
        ck_assert_uint_eq (line.run.replans, ok && n < 4 && _i);
        if (ok)
          continue;
        refused++;
        sim_assert_fault (error, NULL, pinwheel_device_get_name (device), use, n);
        assert_says (error, n < 3 ? (_i ? "upload0.src: " : "source.src: ")
                                  : (_i ? "map.src: " : "download0.src: "));
        ck_assert (g_error_matches (error, PINWHEEL_ERROR, PINWHEEL_ERROR_MEMORY));
        ck_assert (sim_line_run (&line, device, NULL, NULL, NULL));
      }
  ck_assert_uint_eq (refused, 3);
  sim_line_clear (&line);
}
END_TEST

/* _i: place */
START_TEST (an_element_that_fails_anywhere_at_any_chunk_is_the_one_that_is_told)
{
  g_autofree char *name = g_strdup_printf ("identity%d", _i);
  PinwheelElement *identity;
  SimLine line;

  sim_line_init (&line, ITEMS, CHUNK, TRUE);
  identity = pinwheel_pipeline_get_element (line.run.pipeline, name);
  sim_line_assert_runs (&line, "sim");
  for (gint64 chunk = 0; chunk <= CHUNKS; chunk++)
    {
      g_autoptr (PinwheelDevice) device = sim_open ("sim:delay=200us,seed=%d", (int) chunk);
      g_autofree char *expected = g_strdup_printf (
          "%s: chunk %d: failing at chunk %d as fail-at asks", name, (int) chunk, (int) chunk);
      g_autoptr (GError) error = NULL;
      gboolean ok;

      g_object_set (identity, "fail-at", chunk, NULL);
      ok = sim_line_run (&line, device, NULL, NULL, &error);
      ck_assert_int_eq (ok, chunk == CHUNKS);
      if (!ok)
        ck_assert_str_eq (error->message, expected);
      g_object_set (identity, "fail-at", (gint64) -1, NULL);
      ck_assert (sim_line_run (&line, device, NULL, NULL, NULL));
    }
  sim_line_clear (&line);
}
END_TEST

/* --- at random --- */

typedef struct
{
  PinwheelPipeline *pipeline;
  GCancellable *cancellable; /* nullable: what an application has instead of the pipeline */
  gint64 moment;             /* of g_get_monotonic_time() */
} Stopping;

static gpointer
stop_at_moment (gpointer data)
{
  Stopping *stopping = data;

  while (g_get_monotonic_time () < stopping->moment)
    g_thread_yield ();
  if (stopping->cancellable != NULL)
    g_cancellable_cancel (stopping->cancellable);
  else
    pinwheel_pipeline_stop (stopping->pipeline);
  return NULL;
}

static void
on_cancelled (GCancellable *cancellable, gpointer pipeline)
{
  pinwheel_pipeline_stop (pipeline);
}

/* Returns: microseconds that a whole run takes on the device */
static gint64
measure (SimLine *line, PinwheelDevice *device)
{
  gint64 begin = g_get_monotonic_time ();

  ck_assert (sim_line_run (line, device, NULL, NULL, NULL));
  return g_get_monotonic_time () - begin;
}

/* _i: whether by a cancellable that an application has */
START_TEST (runs_stopped_at_any_moment_end_and_the_next_one_succeeds)
{
  g_autoptr (PinwheelDevice) device = sim_open ("sim:delay=100us,latency=20us,seed=%d", _i);
  g_autoptr (GRand) rand = g_rand_new_with_seed ((guint32) _i);
  guint rounds = sim_rounds (150), stopped = 0;
  gint64 whole;
  SimLine line;

  sim_line_init (&line, 150, CHUNK, FALSE);
  whole = measure (&line, device);
  for (guint i = 0; i < rounds; i++)
    {
      g_autoptr (GCancellable) cancellable = _i ? g_cancellable_new () : NULL;
      gint64 moment = g_get_monotonic_time () + g_rand_int_range (rand, 0, (gint32) whole);
      Stopping stopping = { line.run.pipeline, cancellable, moment };
      g_autoptr (GError) error = NULL;
      GThread *stopper;

      if (cancellable != NULL)
        g_cancellable_connect (cancellable, G_CALLBACK (on_cancelled), line.run.pipeline, NULL);
      /* it may come before the run has begun, and then stops nothing, or when it is over */
      line.run.threads++;
      stopper = g_thread_new ("stopper", stop_at_moment, &stopping);
      if (!sim_line_run (&line, device, NULL, NULL, &error))
        {
          stopped++;
          ck_assert (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED));
        }
      g_thread_join (stopper);
      line.run.threads--;
      if (i % 4 == 0)
        whole = measure (&line, device);
    }
  ck_assert_uint_gt (stopped, 0);
  sim_line_clear (&line);
}
END_TEST

START_TEST (a_pipeline_dropped_at_any_moment_gives_everything_back)
{
  g_autoptr (PinwheelDevice) device = sim_open ("sim:delay=100us");
  g_autoptr (GRand) rand = g_rand_new_with_seed (5);
  guint rounds = sim_rounds (50), threads = 0;
  PinwheelDeviceCounters counters;

  for (guint i = 0; i < rounds; i++)
    {
      gint64 moment = g_get_monotonic_time () + g_rand_int_range (rand, 0, 5000);
      g_autoptr (PinwheelMessage) end = NULL;
      g_autoptr (PinwheelBus) bus = NULL;
      g_autofree char *path = NULL;
      SimLine line;

      sim_line_init (&line, 150, CHUNK, FALSE);
      if (threads == 0)
        sim_line_assert_runs (&line, "sim");
      threads = MAX (threads, line.run.threads);
      g_object_set (line.run.pipeline, "device", pinwheel_device_get_name (device), NULL);
      ck_assert (pinwheel_pipeline_set_state (line.run.pipeline, PINWHEEL_STATE_RUNNING, NULL));
      while (g_get_monotonic_time () < moment)
        g_thread_yield ();
      bus = g_object_ref (pinwheel_pipeline_get_bus (line.run.pipeline));
      g_clear_object (&line.run.pipeline);
      /* it may have come to its end just before, and then its file stands */
      while ((end = pinwheel_bus_pop (bus, 0)) != NULL
             && pinwheel_message_get_kind (end) == PINWHEEL_MESSAGE_PROGRESS)
        pinwheel_message_unref (end);
      ck_assert_ptr_nonnull (end);
      path = g_build_filename (line.folder, line.file, NULL);
      ck_assert_int_eq (g_unlink (path),
                        pinwheel_message_get_kind (end) == PINWHEEL_MESSAGE_EOS ? 0 : -1);
      pinwheel_device_get_counters (device, &counters);
      ck_assert_uint_eq (counters.pinned + counters.device, 0);
      ck_assert_uint_le (toy_count_threads (threads), threads);
      sim_line_clear (&line);
    }
}
END_TEST

START_TEST (a_device_lost_at_any_moment_is_one_error_and_a_fresh_one_runs)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (3);
  guint rounds = sim_rounds (150), lost = 0;
  SimLine line;

  sim_line_init (&line, 200, CHUNK, FALSE);
  sim_line_assert_runs (&line, "sim");
  for (guint i = 0; i < rounds; i++)
    {
      /* 6 allocations, 1 compile, 61 pieces of work */
      guint number = (guint) g_rand_int_range (rand, 1, 75);
      g_autoptr (PinwheelDevice) device = sim_open ("sim:delay=100us,seed=%u,lose=%u", i, number);
      g_autoptr (GError) error = NULL;
      gboolean ok = sim_line_run (&line, device, NULL, NULL, &error);

      ck_assert_int_eq (ok, number > 6 + 1 + 61);
      if (!ok)
        {
          lost++;
          sim_assert_lost (error);
          ck_assert (g_error_matches (error, PINWHEEL_ERROR, PINWHEEL_ERROR_DEVICE));
          ck_assert (!sim_line_run (&line, device, NULL, NULL, NULL));
        }
      g_clear_object (&device);
      if (i % 4 == 0)
        sim_line_assert_runs (&line, "sim:delay=100us");
    }
  ck_assert_uint_gt (lost, 0);
  sim_line_clear (&line);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("storms");
  TCase *turns = tcase_create ("in turn");
  TCase *random = tcase_create ("at random");
  SRunner *runner = srunner_create (suite);
  int failed;

  suite_add_tcase (suite, turns);
  suite_add_tcase (suite, random);
  tcase_set_timeout (turns, 300);
  tcase_set_timeout (random, 0);
  tcase_add_loop_test (turns, work_that_fails_is_told_with_its_owner_and_chunk, 0,
                       G_N_ELEMENTS (work));
  tcase_add_test (turns, every_copy_and_every_compile_fails_in_turn);
  tcase_add_loop_test (turns, work_that_nobody_waits_for_fails_the_run_all_the_same, 0, CHUNKS);
  tcase_add_loop_test (turns, every_allocation_fails_in_turn, 0, 2);
  tcase_add_loop_test (turns, an_element_that_fails_anywhere_at_any_chunk_is_the_one_that_is_told,
                       0, 5);
  tcase_add_loop_test (random, runs_stopped_at_any_moment_end_and_the_next_one_succeeds, 0, 2);
  tcase_add_test (random, a_pipeline_dropped_at_any_moment_gives_everything_back);
  tcase_add_test (random, a_device_lost_at_any_moment_is_one_error_and_a_fresh_one_runs);

  srunner_run_all (runner, CK_ENV);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
