/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <pinwheel/device.h>

#include "support.h"

#include <stdlib.h>

/* What the host device is made to say of itself in this program. Its memory is one memory either
 * way; but where it says that it is not, upload and download copy, through its streams, as for a
 * device with memory of its own. */
static gboolean integrated;

gboolean
pinwheel_device_is_integrated (PinwheelDevice *self)
{
  return integrated;
}

#define FORMAT "a:f32[*] w:f64[13] b:u8[3,*] c:i64[2,*,5] v:i16[2]"

static char *
checksum (PinwheelPipeline *pipeline)
{
  char *text;

  ck_assert (pinwheel_pipeline_run (pipeline, NULL));
  g_object_get (pinwheel_pipeline_get_element (pipeline, "checksumsink0"), "checksum", &text, NULL);
  return text;
}

static PinwheelPipeline *
there_and_back (const char *format, const char *items, guint64 chunk)
{
  return support_chain (
      chunk, support_make ("testsrc", "format", format, "items", items, "pattern", "random", NULL),
      support_make ("upload", NULL), support_make ("download", NULL),
      support_make ("checksumsink", NULL), NULL);
}

static void
check_there_and_back (void)
{
  static const char *const counts[] = { "0", "1", "14", "50" };

  for (guint n = 0; n < G_N_ELEMENTS (counts); n++)
    for (guint l = 0; l < SUPPORT_N_LENGTHS; l++)
      {
        g_autoptr (PinwheelPipeline) plain = support_chain (
            0,
            support_make ("testsrc", "format", FORMAT, "items", counts[n], "pattern", "random",
                          NULL),
            support_make ("checksumsink", NULL), NULL);
        g_autoptr (PinwheelPipeline) pipeline = there_and_back (FORMAT, counts[n],
                                                                support_lengths[l]);
        g_autofree char *expected = checksum (plain);
        g_autofree char *got = checksum (pipeline);
        g_autofree char *again = checksum (pipeline);

        ck_assert_str_eq (got, expected);
        ck_assert_str_eq (again, expected);
      }
}

START_TEST (chunks_pass_through_where_memory_is_one)
{
  g_autoptr (PinwheelDevice) device = pinwheel_device_open ("host", NULL);
  PinwheelDeviceCounters counters;

  integrated = TRUE;
  pinwheel_device_reset_peaks (device);
  check_there_and_back ();
  pinwheel_device_get_counters (device, &counters);
  ck_assert_uint_eq (counters.copies, 0);
  ck_assert_uint_eq (counters.device_peak, 0);
}
END_TEST

START_TEST (data_comes_back_whole_where_memory_is_two)
{
  integrated = FALSE;
  check_there_and_back ();
}
END_TEST

START_TEST (a_chunk_is_one_copy_each_way_and_a_broadcast_array_one_per_run)
{
  g_autoptr (PinwheelDevice) device = pinwheel_device_open ("host", NULL);
  g_autoptr (PinwheelPipeline) pipeline = there_and_back (FORMAT, "50", 7);
  PinwheelDeviceCounters counters;
  g_autofree char *sum = NULL;

  integrated = FALSE;
  pinwheel_device_reset_peaks (device);
  sum = checksum (pipeline);
  pinwheel_device_get_counters (device, &counters);
  /* 8 chunks and 2 broadcast arrays, up and down */
  ck_assert_uint_eq (counters.copies, 2 * (8 + 2));
}
END_TEST

START_TEST (a_stream_of_broadcast_arrays_alone_is_copied_too)
{
  g_autoptr (PinwheelPipeline) plain = support_chain (
      0, support_make ("testsrc", "format", "w:f64[3,4] v:u8[5]", "pattern", "random", NULL),
      support_make ("checksumsink", NULL), NULL);
  g_autoptr (PinwheelPipeline) pipeline = there_and_back ("w:f64[3,4] v:u8[5]", "9", 0);
  g_autofree char *expected = NULL, *got = NULL;

  integrated = FALSE;
  expected = checksum (plain);
  got = checksum (pipeline);
  ck_assert_str_eq (got, expected);
}
END_TEST

START_TEST (a_stop_ends_transfers_that_are_under_way)
{
  integrated = FALSE;
  for (guint i = 0; i < 50; i++)
    {
      g_autoptr (PinwheelPipeline) pipeline = there_and_back (FORMAT, "100000", 11);

      ck_assert (pinwheel_pipeline_set_state (pipeline, PINWHEEL_STATE_RUNNING, NULL));
      pinwheel_pipeline_stop (pipeline);
      ck_assert (!pinwheel_pipeline_wait (pipeline, NULL));
    }
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("transfer");
  TCase *tcase = tcase_create ("transfer");
  SRunner *runner = srunner_create (suite);
  int failed;

  suite_add_tcase (suite, tcase);
  tcase_set_timeout (tcase, 60);
  tcase_add_checked_fixture (tcase, support_make_folder, support_remove_folder);
  tcase_add_test (tcase, chunks_pass_through_where_memory_is_one);
  tcase_add_test (tcase, data_comes_back_whole_where_memory_is_two);
  tcase_add_test (tcase, a_chunk_is_one_copy_each_way_and_a_broadcast_array_one_per_run);
  tcase_add_test (tcase, a_stream_of_broadcast_arrays_alone_is_copied_too);
  tcase_add_test (tcase, a_stop_ends_transfers_that_are_under_way);

  srunner_run_all (runner, CK_ENV);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
