/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "support.h"

#include <stdlib.h>

static const char *const positions[] = { "0", "7", "14" };

START_TEST (identity_fails_at_the_chunk_that_was_asked_for)
{
  g_autofree char *words = g_strdup_printf (
      "identity0: chunk %s: failing at chunk %s as fail-at asks", positions[_i], positions[_i]);

  support_run_fails (support_chain (7, support_make ("testsrc", "items", "100", NULL),
                                    support_make ("identity", "fail-at", positions[_i], NULL),
                                    support_make ("fakesink", NULL), NULL),
                     PINWHEEL_ERROR_FAILED, words);
}
END_TEST

START_TEST (identity_that_is_not_reached_does_not_fail)
{
  support_run (support_chain (7, support_make ("testsrc", "items", "100", NULL),
                              support_make ("identity", "fail-at", "15", NULL),
                              support_make ("fakesink", NULL), NULL));
}
END_TEST

START_TEST (identity_holds_every_chunk_back)
{
  gint64 begin = g_get_monotonic_time ();

  support_run (support_chain (10, support_make ("testsrc", "items", "50", NULL),
                              support_make ("identity", "delay", "20k", NULL),
                              support_make ("fakesink", NULL), NULL));
  ck_assert_int_ge (g_get_monotonic_time () - begin, 5 * 20000);
}
END_TEST

START_TEST (a_stop_ends_a_long_delay_at_once)
{
  gint64 begin = g_get_monotonic_time ();
  g_autoptr (PinwheelPipeline) pipeline = support_chain (
      10, support_make ("testsrc", "items", "50", NULL),
      support_make ("identity", "delay", "1000M", NULL), support_make ("fakesink", NULL), NULL);
  g_autoptr (GError) error = NULL;

  ck_assert (pinwheel_pipeline_set_state (pipeline, PINWHEEL_STATE_RUNNING, NULL));
  pinwheel_pipeline_stop (pipeline);
  ck_assert (!pinwheel_pipeline_wait (pipeline, &error));
  ck_assert (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED));
  ck_assert_int_lt (g_get_monotonic_time () - begin, 10 * G_USEC_PER_SEC);
}
END_TEST

START_TEST (a_queue_changes_nothing_whatever_its_size)
{
  static const char *const sizes[] = { "1", "2", "8", "100" };

  support_run (support_chain (0, support_make ("testsrc", "items", "1000", NULL),
                              support_make ("rawsink", "location", support_path ("expected"), NULL),
                              NULL));
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      support_run (support_chain (7, support_make ("testsrc", "items", "1000", NULL),
                                  support_make ("queue", "size", sizes[i], NULL),
                                  support_make ("rawsink", "location", support_path ("out"), NULL),
                                  NULL));
      support_check_same (support_path ("out"), support_path ("expected"));
    }
}
END_TEST

static void
count (PinwheelElement *sink, guint64 chunks, guint64 items, guint64 bytes)
{
  guint64 got_chunks, got_items, got_bytes;

  g_object_get (sink, "chunks", &got_chunks, "items", &got_items, "bytes", &got_bytes, NULL);
  ck_assert_uint_eq (got_chunks, chunks);
  ck_assert_uint_eq (got_items, items);
  ck_assert_uint_eq (got_bytes, bytes);
}

START_TEST (fakesink_counts_what_came_in_the_last_run)
{
  g_autoptr (PinwheelElement) sink = support_make ("fakesink", NULL);
  g_autoptr (PinwheelPipeline) pipeline = support_chain (
      7, support_make ("testsrc", "format", "x:f32[3,*] w:f64[9]", "items", "100", NULL),
      g_object_ref (sink), NULL);

  for (guint i = 0; i < 2; i++)
    {
      ck_assert (pinwheel_pipeline_run (pipeline, NULL));
      count (sink, 15, 100, 1200);
    }
}
END_TEST

START_TEST (an_empty_stream_is_one_chunk_without_items)
{
  g_autoptr (PinwheelElement) sink = support_make ("fakesink", NULL);

  support_run (
      support_chain (7, support_make ("testsrc", "items", "0", NULL), g_object_ref (sink), NULL));
  count (sink, 1, 0, 0);
}
END_TEST

/* testsrc ! tee, and @n sinks of which number @failing (if any) fails at chunk 5 */
static PinwheelPipeline *
make_tee (guint n, guint failing, PinwheelElement **sinks)
{
  PinwheelPipeline *pipeline = support_chain (7, support_make ("testsrc", "items", "1000", NULL),
                                              support_make ("tee", NULL), NULL);
  PinwheelElement *tee = pinwheel_pipeline_get_element (pipeline, "tee0");

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (PinwheelElement) middle = support_make ("identity", "fail-at",
                                                         i == failing ? "5" : "-1", NULL);

      sinks[i] = support_make ("checksumsink", NULL);
      ck_assert (pinwheel_pipeline_add (pipeline, middle, NULL));
      ck_assert (pinwheel_pipeline_add (pipeline, sinks[i], NULL));
      ck_assert (pinwheel_pad_link (pinwheel_element_get_free_pad (tee, PINWHEEL_PAD_SRC),
                                    pinwheel_element_get_sink (middle), NULL));
      ck_assert (pinwheel_pad_link (pinwheel_element_get_src (middle),
                                    pinwheel_element_get_sink (sinks[i]), NULL));
      g_object_unref (sinks[i]);
    }
  return pipeline;
}

START_TEST (every_output_of_a_tee_gets_everything)
{
  for (guint n = 1; n <= 4; n++)
    {
      PinwheelElement *sinks[4];
      g_autoptr (PinwheelPipeline) pipeline = make_tee (n, 4, sinks);
      g_autofree char *first = NULL;

      ck_assert (pinwheel_pipeline_run (pipeline, NULL));
      g_object_get (sinks[0], "checksum", &first, NULL);
      ck_assert_ptr_nonnull (first);
      for (guint i = 1; i < n; i++)
        {
          g_autofree char *other = NULL;

          g_object_get (sinks[i], "checksum", &other, NULL);
          ck_assert_str_eq (first, other);
        }
    }
}
END_TEST

START_TEST (an_error_behind_a_tee_ends_all_of_it)
{
  PinwheelElement *sinks[4];
  g_autoptr (PinwheelPipeline) pipeline = make_tee (4, 2, sinks);
  g_autoptr (GError) error = NULL;

  ck_assert (!pinwheel_pipeline_run (pipeline, &error));
  support_check_error (error, PINWHEEL_ERROR_FAILED, "identity2: chunk 5");
}
END_TEST

START_TEST (a_tee_without_an_output_is_told)
{
  support_run_fails (
      support_chain (0, support_make ("testsrc", NULL), support_make ("tee", NULL), NULL),
      PINWHEEL_ERROR_LINK, "has no output");
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("flow");
  TCase *tcase = tcase_create ("flow");
  SRunner *runner = srunner_create (suite);
  int failed;

  suite_add_tcase (suite, tcase);
  tcase_set_timeout (tcase, 60);
  tcase_add_checked_fixture (tcase, support_make_folder, support_remove_folder);
  tcase_add_loop_test (tcase, identity_fails_at_the_chunk_that_was_asked_for, 0,
                       G_N_ELEMENTS (positions));
  tcase_add_test (tcase, identity_that_is_not_reached_does_not_fail);
  tcase_add_test (tcase, identity_holds_every_chunk_back);
  tcase_add_test (tcase, a_stop_ends_a_long_delay_at_once);
  tcase_add_test (tcase, a_queue_changes_nothing_whatever_its_size);
  tcase_add_test (tcase, fakesink_counts_what_came_in_the_last_run);
  tcase_add_test (tcase, an_empty_stream_is_one_chunk_without_items);
  tcase_add_test (tcase, every_output_of_a_tee_gets_everything);
  tcase_add_test (tcase, an_error_behind_a_tee_ends_all_of_it);
  tcase_add_test (tcase, a_tee_without_an_output_is_told);

  srunner_run_all (runner, CK_ENV);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
