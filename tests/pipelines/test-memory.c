/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Memory is what the plan says, however long the data is: counted by the device itself. */
#include "config.h"

#include <check.h>
#include <stdlib.h>
#include <pinwheel/pinwheel.h>

#define MIB ((guint64) 1024 * 1024)

static PinwheelPipeline *
parse (const char *text)
{
  g_autoptr (GError) error = NULL;
  PinwheelPipeline *pipeline = pinwheel_parse_launch (text, NULL, &error);

  ck_assert_msg (pipeline != NULL, "%s", error != NULL ? error->message : "no error set");
  g_object_set (pipeline, "device", "host", NULL);
  return pipeline;
}

/* Runs the pipeline within the budget; peaks must be what was planned. */
static void
assert_planned (PinwheelPipeline *pipeline, guint64 budget)
{
  g_autoptr (PinwheelDevice) device = pinwheel_device_open ("host", NULL);
  g_autoptr (GError) error = NULL;
  PinwheelDeviceCounters counters;
  guint64 pinned, in_device;
  gboolean ok;

  g_object_set (pipeline, "pinned-memory", budget, "device-memory", budget, NULL);
  ok = pinwheel_pipeline_set_state (pipeline, PINWHEEL_STATE_READY, &error);
  ck_assert_msg (ok, "%s", error != NULL ? error->message : "no error set");
  pinned = pinwheel_pipeline_get_plan (pipeline)->pinned;
  in_device = pinwheel_pipeline_get_plan (pipeline)->device;
  ck_assert_uint_le (pinned, budget);
  ck_assert_uint_le (in_device, budget);
  pinwheel_device_reset_peaks (device);
  ok = pinwheel_pipeline_run (pipeline, &error);
  ck_assert_msg (ok, "%s", error != NULL ? error->message : "no error set");
  pinwheel_device_get_counters (device, &counters);
  ck_assert_uint_eq (counters.pinned_peak, pinned);
  ck_assert_uint_eq (counters.device_peak, in_device);
  ck_assert_uint_eq (counters.pinned, 0);
  ck_assert_uint_eq (counters.device, 0);
}

START_TEST (four_gib_stream_through_64_mib)
{
  g_autoptr (PinwheelPipeline) pipeline = parse (
      "testsrc format=\"x:u8[*]\" pattern=constant value=3 items=4Gi ! upload ! "
      "map expr=\"y = x + 1\" ! download ! fakesink name=end");
  PinwheelStatistics statistics;

  assert_planned (pipeline, 64 * MIB);
  pinwheel_element_get_statistics (pinwheel_pipeline_get_element (pipeline, "end"), &statistics);
  ck_assert_uint_eq (statistics.bytes, 4096 * MIB);
}
END_TEST

/* _i: budget in KiB */
START_TEST (small_budgets_are_kept_with_broadcast_arrays_and_branches)
{
  g_autoptr (PinwheelPipeline) pipeline = parse (
      "testsrc format=\"a:f64[2,*,3] b:i32[*] c:f64[40]\" items=5000 ! tee name=t  "
      "t. ! upload ! download ! statsink  t. ! identity ! checksumsink  "
      "t. ! queue size=9 ! fakesink");

  assert_planned (pipeline, (guint64) _i * 1024);
}
END_TEST

START_TEST (one_buffer_in_each_pool_is_enough_for_every_branch)
{
  g_autoptr (PinwheelPipeline) pipeline = parse (
      "testsrc format=\"x:f64[32,*]\" items=100 ! upload ! tee name=t  "
      "t. ! map expr=\"y = x + 1\" ! download ! fakesink  t. ! download ! statsink");

  assert_planned (pipeline, 300); /* an item takes 256 */
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("memory");
  TCase *tcase = tcase_create ("plan");
  SRunner *runner = srunner_create (suite);
  int failed;

  suite_add_tcase (suite, tcase);
  tcase_set_timeout (tcase, 300);
  if (g_getenv ("PINWHEEL_SANITIZE") == NULL || *g_getenv ("PINWHEEL_SANITIZE") == '\0')
    tcase_add_test (tcase, four_gib_stream_through_64_mib);
  tcase_add_loop_test (tcase, small_budgets_are_kept_with_broadcast_arrays_and_branches, 3, 20);
  tcase_add_test (tcase, one_buffer_in_each_pool_is_enough_for_every_branch);

  srunner_run_all (runner, CK_ENV);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
