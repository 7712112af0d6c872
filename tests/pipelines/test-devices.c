/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Several devices that share the work of one pipeline: who gets which chunks, in which time, with
 * which memory, and what becomes of the run when one of them fails. */
#include "config.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "pipelines/sim-line.h"

#define CHUNK  10
#define CHUNKS 40

static GPtrArray *open_list (const char *format, ...) G_GNUC_PRINTF (1, 2);
static GPtrArray *
open_list (const char *format, ...)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *list = NULL;
  GPtrArray *devices;
  va_list args;

  va_start (args, format);
  list = g_strdup_vprintf (format, args);
  va_end (args);
  devices = pinwheel_device_open_list (list, &error);
  ck_assert_msg (devices != NULL, "%s", error != NULL ? error->message : "no error set");
  return devices;
}

static guint64
count_launches (GPtrArray *devices, guint i)
{
  PinwheelDeviceCounters counters;

  pinwheel_device_get_counters (devices->pdata[i], &counters);
  return counters.launches;
}

static void
assert_runs (SimLine *line, GPtrArray *devices)
{
  g_autoptr (GError) error = NULL;
  gboolean ok = sim_line_run_on (line, devices, NULL, NULL, &error);

  ck_assert_msg (ok, "%s", error != NULL ? error->message : "no error set");
}

/* --- lists --- */

START_TEST (a_comma_parts_devices_only_in_front_of_a_device_s_name)
{
  g_autoptr (GPtrArray) devices = open_list (
      "sim:memory=64KiB,latency=1us,sim,sim:memory=64KiB,latency=1us,sim");
  static const char *const names[] = { "sim:memory=64KiB,latency=1us", "sim",
                                       "sim:memory=64KiB,latency=1us#2", "sim#2" };
  guint64 total;

  ck_assert_uint_eq (devices->len, 4);
  for (guint i = 0; i < devices->len; i++)
    {
      ck_assert_str_eq (pinwheel_device_get_name (devices->pdata[i]), names[i]);
      for (guint k = 0; k < i; k++)
        ck_assert_ptr_ne (devices->pdata[i], devices->pdata[k]);
      pinwheel_device_get_memory (devices->pdata[i], &total, NULL);
      ck_assert_uint_eq (total, i % 2 == 0 ? 64 * 1024 : 1024 * 1024 * 1024);
    }
}
END_TEST

START_TEST (the_same_list_means_the_same_devices)
{
  g_autoptr (GPtrArray) first = open_list ("sim,sim");
  g_autoptr (GPtrArray) second = open_list ("sim,sim#2");

  ck_assert_ptr_eq (first->pdata[0], second->pdata[0]);
  ck_assert_ptr_eq (first->pdata[1], second->pdata[1]);
}
END_TEST

static const struct
{
  const char *list, *says;
} refusals[] = {
  { "sim,host", "sim and host cannot share" },
  { "host,sim", "host and sim cannot share" },
  { "host,host", "host is listed twice" },
  { "sim#2,sim#2,host", "cannot share" },
  { "sim,", "''" },
  { "sim,gpu:1", "'gpu:1'" },
  { "gpu,sim", "gpu" },
};

/* _i: index into refusals */
START_TEST (devices_that_cannot_work_together_are_refused)
{
  g_autoptr (GError) error = NULL;

  ck_assert_ptr_null (pinwheel_device_open_list (refusals[_i].list, &error));
  ck_assert (g_error_matches (error, PINWHEEL_ERROR, PINWHEEL_ERROR_DEVICE));
  ck_assert_msg (strstr (error->message, refusals[_i].says) != NULL, "%s", error->message);
}
END_TEST

START_TEST (what_one_device_pins_is_pinned_for_the_other)
{
  g_autoptr (GPtrArray) devices = open_list ("sim,sim");
  guint8 memory[512];

  ck_assert (pinwheel_device_register (devices->pdata[0], memory, sizeof memory, NULL));
  ck_assert (pinwheel_device_is_pinned (devices->pdata[1], memory + 1, 511));
  ck_assert (!pinwheel_device_unregister (devices->pdata[1], memory, NULL));
  ck_assert (pinwheel_device_unregister (devices->pdata[0], memory, NULL));
  ck_assert (!pinwheel_device_is_pinned (devices->pdata[1], memory, 1));
}
END_TEST

/* --- runs --- */

/* _i: how many devices */
START_TEST (results_are_right_on_any_number_of_devices_however_late_they_are)
{
  static const guint lengths[] = { 0, 1, 10, 11, 25, 57, 400 };
  SimLine line;

  sim_line_init (&line, 1, CHUNK, _i == 2);
  for (guint seed = 0; seed < sim_rounds (10); seed++)
    {
      g_autoptr (GPtrArray) devices = open_list ("sim:delay=200us,seed=%u%s%s", seed,
                                                 _i > 1 ? ",sim:kernel=200us,seed=5" : "",
                                                 _i > 2 ? ",sim:delay=100us" : "");

      sim_line_set_length (&line, lengths[seed % G_N_ELEMENTS (lengths)], CHUNK);
      assert_runs (&line, devices);
    }
  sim_line_clear (&line);
}
END_TEST

START_TEST (a_slow_device_gets_some_chunks_and_a_fast_one_more)
{
  g_autoptr (GPtrArray) devices = open_list ("sim:kernel=6ms,sim:kernel=1ms");
  guint64 slow, fast;
  SimLine line;

  sim_line_init (&line, CHUNKS * CHUNK, CHUNK, FALSE);
  assert_runs (&line, devices);
  slow = count_launches (devices, 0);
  fast = count_launches (devices, 1);
  ck_assert_uint_eq (slow + fast, CHUNKS);
  ck_assert_uint_ge (slow, 3);
  ck_assert_uint_ge (2 * fast, 3 * slow);
  sim_line_clear (&line);
}
END_TEST

START_TEST (equal_devices_get_equally_many_chunks)
{
  g_autoptr (GPtrArray) devices = open_list ("sim:kernel=2ms,sim:kernel=2ms");
  SimLine line;

  sim_line_init (&line, CHUNKS * CHUNK, CHUNK, FALSE);
  assert_runs (&line, devices);
  for (guint i = 0; i < 2; i++)
    {
      ck_assert_uint_ge (count_launches (devices, i), CHUNKS / 2 - 8);
      ck_assert_uint_le (count_launches (devices, i), CHUNKS / 2 + 8);
    }
  sim_line_clear (&line);
}
END_TEST

/* Returns: seconds of a run */
static double
measure (SimLine *line, const char *list)
{
  g_autoptr (GPtrArray) devices = open_list ("%s", list);
  double best = G_MAXDOUBLE;

  for (guint i = 0; i < 3; i++)
    {
      gint64 begin = g_get_monotonic_time ();

      assert_runs (line, devices);
      best = MIN (best, (double) (g_get_monotonic_time () - begin) / G_USEC_PER_SEC);
    }
  return best;
}

START_TEST (two_devices_take_half_of_the_time_where_the_kernel_is_slowest)
{
  double one, two;
  SimLine line;

  sim_line_init (&line, CHUNKS * CHUNK, CHUNK, FALSE);
  sim_line_assert_runs (&line, "sim");
  one = measure (&line, "sim:kernel=10ms");
  two = measure (&line, "sim:kernel=10ms,sim:kernel=10ms");
  /* the kernels of one device run one after the other */
  ck_assert_double_ge (one, 0.010 * CHUNKS);
  ck_assert_double_ge (two, 0.010 * CHUNKS / 2);
  ck_assert_msg (two <= 0.6 * one, "%.3f s instead of %.3f s", two, one);
  sim_line_clear (&line);
}
END_TEST

/* Each has room for one buffer in each of its pools, and the block for what is not cut. */
START_TEST (each_device_keeps_within_its_own_memory)
{
  g_autoptr (GPtrArray) devices = open_list ("sim:memory=2KiB,sim:memory=64KiB,delay=50us");
  SimLine line;

  sim_line_init (&line, 5000, 0, FALSE);
  assert_runs (&line, devices);
  for (guint i = 0; i < devices->len; i++)
    {
      PinwheelDeviceCounters counters;

      pinwheel_device_get_counters (devices->pdata[i], &counters);
      ck_assert_uint_gt (counters.launches, 0);
      ck_assert_uint_gt (counters.device_peak, 0);
      ck_assert_uint_le (counters.device_peak, 2048 / 10 * 9);
    }
  sim_line_clear (&line);
}
END_TEST

/* --- faults --- */

static const char *const faults[] = { "fail=h2d:2",  "fail=d2h:3", "fail=launch:1", "fail=launch:4",
                                      "fail=load:1", "lose=1",     "lose=2",        "lose=9",
                                      "lose=20",     "fail=copy:7" };

/* _i: index into faults */
START_TEST (what_fails_on_one_device_ends_the_run_with_its_name)
{
  SimLine line;

  sim_line_init (&line, 200, CHUNK, FALSE);
  sim_line_assert_runs (&line, "sim");
  for (guint seed = 0; seed < sim_rounds (10); seed++)
    {
      guint bad = seed % 2;
      g_autoptr (GPtrArray) devices = open_list ("%ssim:delay=100us,seed=%u,%s%s",
                                                 bad == 0 ? "" : "sim,", seed, faults[_i],
                                                 bad == 0 ? ",sim" : "");
      const char *name = pinwheel_device_get_name (devices->pdata[bad]);
      g_autofree char *expected = g_strdup_printf ("device %s", name);
      g_autoptr (GError) error = NULL;

      ck_assert (!sim_line_run_on (&line, devices, NULL, NULL, &error));
      ck_assert (g_error_matches (error, PINWHEEL_ERROR, PINWHEEL_ERROR_DEVICE));
      ck_assert_msg (strstr (error->message, expected) != NULL, "%s", error->message);
      /* what has failed once is over, and what is lost stays lost */
      if (g_str_has_prefix (faults[_i], "fail"))
        assert_runs (&line, devices);
    }
  sim_line_clear (&line);
}
END_TEST

static void
stop (gpointer data)
{
  pinwheel_pipeline_stop (data);
}

START_TEST (a_run_on_several_devices_can_be_stopped)
{
  SimLine line;

  sim_line_init (&line, 4000, CHUNK, FALSE);
  for (guint seed = 0; seed < sim_rounds (10); seed++)
    {
      g_autoptr (GPtrArray) devices = open_list ("sim:kernel=5ms,seed=%u,sim:kernel=5ms", seed);
      g_autoptr (GError) error = NULL;

      ck_assert (!sim_line_run_on (&line, devices, stop, line.run.pipeline, &error));
      ck_assert (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED));
    }
  sim_line_clear (&line);
}
END_TEST

START_TEST (memory_refused_on_the_second_device_is_planned_again)
{
  g_autoptr (GPtrArray) devices = open_list ("sim,sim:fail=alloc:2");
  SimLine line;

  sim_line_init (&line, 200, CHUNK, FALSE);
  assert_runs (&line, devices);
  ck_assert_uint_eq (line.run.replans, 1);
  sim_line_clear (&line);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("devices");
  TCase *lists = tcase_create ("lists");
  TCase *runs = tcase_create ("runs");
  TCase *failures = tcase_create ("faults");
  SRunner *runner = srunner_create (suite);
  const char *sanitizer = g_getenv ("PINWHEEL_SANITIZE");
  int failed;

  suite_add_tcase (suite, lists);
  tcase_add_test (lists, a_comma_parts_devices_only_in_front_of_a_device_s_name);
  tcase_add_test (lists, the_same_list_means_the_same_devices);
  tcase_add_loop_test (lists, devices_that_cannot_work_together_are_refused, 0,
                       G_N_ELEMENTS (refusals));
  tcase_add_test (lists, what_one_device_pins_is_pinned_for_the_other);
  suite_add_tcase (suite, runs);
  tcase_set_timeout (runs, 120);
  tcase_add_loop_test (runs, results_are_right_on_any_number_of_devices_however_late_they_are, 1,
                       4);
  tcase_add_test (runs, equal_devices_get_equally_many_chunks);
  tcase_add_test (runs, each_device_keeps_within_its_own_memory);
  /* sanitizers change times */
  if (sanitizer == NULL || *sanitizer == '\0')
    {
      tcase_add_test (runs, a_slow_device_gets_some_chunks_and_a_fast_one_more);
      tcase_add_test (runs, two_devices_take_half_of_the_time_where_the_kernel_is_slowest);
    }
  suite_add_tcase (suite, failures);
  tcase_set_timeout (failures, 120);
  tcase_add_loop_test (failures, what_fails_on_one_device_ends_the_run_with_its_name, 0,
                       G_N_ELEMENTS (faults));
  tcase_add_test (failures, a_run_on_several_devices_can_be_stopped);
  tcase_add_test (failures, memory_refused_on_the_second_device_is_planned_again);

  srunner_run_all (runner, CK_ENV);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
