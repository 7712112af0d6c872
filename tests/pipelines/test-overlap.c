/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a run on the simulated device costs: time, waits and memory. */
#include "config.h"

#include <check.h>
#include <stdlib.h>

#include "pipelines/sim-line.h"

#define CHUNKS    100
#define CHUNK     100
#define STAGE     4000 /* microseconds: CHUNK numbers of 4 bytes at 100000 bytes a second */
#define MOST_MORE 1.03
#define TRIES     6
/* What is asked of a machine so busy that threads wake this many microseconds late: still far from
 * stages that wait for each other. */
#define LATE           1500
#define MOST_MORE_LATE 1.25

static PinwheelPipeline *
make_line (const char *device, guint64 chunks)
{
  g_autoptr (GError) error = NULL;
  PinwheelPipeline *pipeline = pinwheel_parse_launch (
      "testsrc name=source format=\"x:f32[*]\" pattern=constant ! upload ! map expr=\"y = x + 1\" "
      "! "
      "download ! fakesink name=end",
      NULL, &error);

  ck_assert_msg (pipeline != NULL, "%s", error != NULL ? error->message : "no error set");
  g_object_set (pinwheel_pipeline_get_element (pipeline, "source"), "items", chunks * CHUNK, NULL);
  g_object_set (pipeline, "device", device, "chunk", (guint64) CHUNK, NULL);
  return pipeline;
}

/* Returns: microseconds of a whole run */
static double
run (PinwheelPipeline *pipeline)
{
  g_autoptr (GError) error = NULL;
  gint64 begin = g_get_monotonic_time ();
  gboolean ok = pinwheel_pipeline_run (pipeline, &error);

  ck_assert_msg (ok, "%s", error != NULL ? error->message : "no error set");
  return (double) (g_get_monotonic_time () - begin);
}

/* Looks how punctual the machine is. */
typedef struct
{
  GMutex lock;
  GCond ended;
  gboolean ends; /* (lock) */
  gint64 latest; /* microseconds; read when the thread is joined */
} Punctuality;

static gpointer
look_at_the_clock (gpointer data)
{
  Punctuality *self = data;

  g_mutex_lock (&self->lock);
  while (!self->ends)
    {
      gint64 due = g_get_monotonic_time () + 1000;

      if (!g_cond_wait_until (&self->ended, &self->lock, due))
        self->latest = MAX (self->latest, g_get_monotonic_time () - due);
    }
  g_mutex_unlock (&self->lock);
  return NULL;
}

/* @late: (out): how late a thread was at most
 * Returns: as run() */
static double
run_watched (PinwheelPipeline *pipeline, gint64 *late)
{
  Punctuality watch = { .ends = FALSE };
  GThread *thread;
  double time;

  g_mutex_init (&watch.lock);
  g_cond_init (&watch.ended);
  thread = g_thread_new ("clock", look_at_the_clock, &watch);
  time = run (pipeline);
  g_mutex_lock (&watch.lock);
  watch.ends = TRUE;
  g_cond_signal (&watch.ended);
  g_mutex_unlock (&watch.lock);
  g_thread_join (thread);
  g_mutex_clear (&watch.lock);
  g_cond_clear (&watch.ended);
  *late = watch.latest;
  return time;
}

/* The best of some runs. @limit: a time that is good enough, and must be reached once, unless the
 * machine was late in each of them */
static void
assert_within (PinwheelPipeline *pipeline, double ideal, double limit)
{
  double best = G_MAXDOUBLE;
  gboolean punctual = FALSE;

  for (guint i = 0; i < TRIES && best > limit; i++)
    {
      gint64 late;
      double time = run_watched (pipeline, &late);

      best = MIN (best, time);
      punctual = punctual || late < LATE;
    }
  ck_assert_double_ge (best, ideal);
  ck_assert_double_le (best, punctual ? limit : MOST_MORE_LATE * ideal);
}

static void
compile (void)
{
  g_autoptr (PinwheelPipeline) pipeline = make_line ("sim", 1);

  run (pipeline);
}

START_TEST (equal_stages_of_different_chunks_overlap)
{
  g_autoptr (PinwheelPipeline) pipeline = make_line ("sim:h2d=100000B/s,d2h=100000B/s,kernel=4ms",
                                                     CHUNKS);
  double ideal = (CHUNKS + 2) * STAGE;

  compile ();
  assert_within (pipeline, ideal, MOST_MORE * ideal);
}
END_TEST

/* _i: which stage takes twice as long */
START_TEST (the_slowest_stage_alone_sets_the_pace)
{
  static const char *const devices[] = { "sim:h2d=50000B/s,d2h=100000B/s,kernel=4ms",
                                         "sim:h2d=100000B/s,d2h=100000B/s,kernel=8ms",
                                         "sim:h2d=100000B/s,d2h=50000B/s,kernel=4ms" };
  g_autoptr (PinwheelPipeline) pipeline = make_line (devices[_i], CHUNKS);
  double own = 2.0 * CHUNKS * STAGE, fill = 2 * STAGE;

  compile ();
  assert_within (pipeline, own + fill, MOST_MORE * own + fill);
}
END_TEST

/* What is not overlapped is seen: with one buffer in each pool of the device, an upload waits for
 * the kernel before it, and a kernel for the download. */
START_TEST (stages_that_share_one_buffer_are_seen_to_wait)
{
  g_autoptr (PinwheelPipeline) pipeline = make_line ("sim:h2d=100000B/s,d2h=100000B/s,kernel=4ms",
                                                     20);
  double ideal = (20 + 2) * STAGE;

  compile ();
  g_object_set (pipeline, "device-memory", (guint64) 1024, NULL);
  for (guint i = 0; i < TRIES; i++)
    ck_assert_double_gt (run (pipeline), MOST_MORE_LATE * ideal);
}
END_TEST

/* _i: seed */
START_TEST (only_the_source_and_the_sink_wait_and_once_per_chunk_at_most)
{
  static const char *const ends[] = { "source", "end" };
  g_autoptr (PinwheelDevice) device = sim_open (
      "sim:latency=200us,delay=100us,seed=%d,h2d=4MB/s,d2h=4MB/s", _i);
  PinwheelDeviceCounters counters;
  SimLine line;

  sim_line_init (&line, 1000, 20, FALSE); /* every run asserts what may wait */
  ck_assert (sim_line_run (&line, device, NULL, NULL, NULL));
  for (guint i = 0; i < G_N_ELEMENTS (ends); i++)
    {
      PinwheelElement *end = pinwheel_pipeline_get_element (line.run.pipeline, ends[i]);
      PinwheelStatistics statistics;

      pinwheel_element_get_statistics (end, &statistics);
      ck_assert_uint_eq (statistics.chunks, 50);
      ck_assert_uint_gt (statistics.host_waits, 0); /* they do on a device so slow */
    }
  pinwheel_device_get_counters (device, &counters);
  ck_assert_uint_eq (counters.copies, 101);
  ck_assert_uint_eq (counters.launches, 50);
  /* pools are allocated once, the host's and the device's: two each, and one for what is not cut */
  ck_assert_uint_eq (counters.allocations, 6);
  sim_line_clear (&line);
}
END_TEST

/* _i: budget in KiB, of pinned memory and of the device's; the device has no more either */
START_TEST (memory_is_what_was_planned_while_the_data_is_a_hundred_times_larger)
{
  guint64 budget = 1024 * (guint64) _i, items = 100 * budget / 24;
  SimLine line;

  sim_line_init (&line, items, 0, FALSE);
  g_object_set (line.run.pipeline, "pinned-memory", budget, "device-memory", budget, NULL);
  for (guint seed = 0; seed < 3; seed++)
    {
      g_autoptr (PinwheelDevice) device = sim_open (
          "sim:memory=%dKiB,pinned=%dKiB,delay=20us,seed=%u", _i, _i, seed);
      PinwheelDeviceCounters counters;

      ck_assert (sim_line_run (&line, device, NULL, NULL, NULL));
      pinwheel_device_get_counters (device, &counters);
      ck_assert_uint_le (counters.pinned_peak, budget);
      ck_assert_uint_le (counters.device_peak, budget);
      ck_assert_uint_gt (counters.copied_bytes, 2 * 99 * budget);
      ck_assert_uint_eq (line.run.replans, 0);
    }
  sim_line_clear (&line);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("overlap");
  TCase *time = tcase_create ("time");
  TCase *memory = tcase_create ("waits and memory");
  SRunner *runner = srunner_create (suite);
  const char *sanitizer = g_getenv ("PINWHEEL_SANITIZE");
  int failed;

  suite_add_tcase (suite, time);
  suite_add_tcase (suite, memory);
  tcase_set_timeout (time, 60);
  tcase_set_timeout (memory, 120);
  /* sanitizers change times */
  if (sanitizer == NULL || *sanitizer == '\0')
    {
      tcase_add_test (time, equal_stages_of_different_chunks_overlap);
      tcase_add_loop_test (time, the_slowest_stage_alone_sets_the_pace, 0, 3);
      tcase_add_test (time, stages_that_share_one_buffer_are_seen_to_wait);
    }
  tcase_add_loop_test (memory, only_the_source_and_the_sink_wait_and_once_per_chunk_at_most, 0, 8);
  tcase_add_loop_test (memory, memory_is_what_was_planned_while_the_data_is_a_hundred_times_larger,
                       2, 6);

  srunner_run_all (runner, CK_ENV);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
