/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* appsrc and appsink: what is wrong is told, and nothing is lost. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/lock-private.h"
#include "app-line.h"
#include "support.h"

/* --- mistakes --- */

START_TEST (wrong_memory_is_refused)
{
  static const struct
  {
    guint64 shape[2];
    gint64 strides[2];
    gsize size;
    const char *words;
  } wrong[] = {
    { { 3, 4 }, { 16, 4 }, 47, "it ends behind the memory" },
    { { 3, 4 }, { 12, 4 }, 100, "overlap" },
    { { 3, 4 }, { 16, 0 }, 100, "overlap" },
    { { 3, 4 }, { 16, -4 }, 100, "a stride is negative" },
    { { 3, 4 }, { G_MAXINT64, 4 }, 100, "64 bits" },
  };
  guint8 memory[100];

  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_autoptr (GError) error = NULL;

      ck_assert_ptr_null (pinwheel_app_array_new (PINWHEEL_DTYPE_F32, 2, wrong[i].shape,
                                                  wrong[i].strides, memory, wrong[i].size, NULL,
                                                  NULL, &error));
      support_check_error (error, PINWHEEL_ERROR_FORMAT, wrong[i].words);
      ck_assert_ptr_nonnull (strstr (error->message, "f32[3,4]"));
    }
}
END_TEST

static PinwheelAppArray *
make_floats (guint64 n)
{
  static float memory[100];

  return pinwheel_app_array_new (PINWHEEL_DTYPE_F32, 1, &n, NULL, memory, sizeof memory, NULL, NULL,
                                 NULL);
}

START_TEST (a_wrong_push_is_told)
{
  AppLine line = app_line_new ("host", NULL,
                               "appsrc name=in format=\"x:f32[*] y:f32[*]\" items=10 ! fakesink");
  g_autoptr (PinwheelAppArray) four = make_floats (4);
  g_autoptr (PinwheelAppArray) five = make_floats (5);
  g_autoptr (PinwheelAppArray) eleven = make_floats (11);
  gint released = 0;
  g_autoptr (PinwheelAppArray) integers = app_make_block (0, 4, &released);
  const struct
  {
    PinwheelAppArray *x, *y;
    guint n;
    int code;
    const char *words;
  } wrong[] = {
    { four, NULL, 1, PINWHEEL_ERROR_FORMAT, "1 arrays were pushed" },
    { four, five, 2, PINWHEEL_ERROR_FORMAT, "with 5 items and the one before it with 4" },
    { four, integers, 2, PINWHEEL_ERROR_FORMAT, "array 'y' is to be y:f32[*]" },
    { eleven, eleven, 2, PINWHEEL_ERROR_FAILED, "11 items were pushed after 0, and items=10" },
  };
  g_autoptr (GError) full = NULL;
  g_autoptr (GError) ended = NULL;
  g_autoptr (GError) failure = NULL;
  PinwheelAppArray *both[] = { four, four };

  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      PinwheelAppArray *arrays[] = { wrong[i].x, wrong[i].y };
      g_autoptr (GError) error = NULL;

      ck_assert (!pinwheel_app_src_push (line.in, arrays, wrong[i].n, NULL, &error));
      support_check_error (error, wrong[i].code, wrong[i].words);
    }
  ck_assert (pinwheel_app_src_push (line.in, both, 2, NULL, NULL));
  ck_assert (pinwheel_app_src_push (line.in, both, 2, NULL, NULL));
  ck_assert (!pinwheel_app_src_try_push (line.in, both, 2, &full));
  ck_assert (g_error_matches (full, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK));
  pinwheel_app_src_end (line.in);
  ck_assert (!pinwheel_app_src_push (line.in, both, 2, NULL, &ended));
  support_check_error (ended, PINWHEEL_ERROR_FAILED, "after the end of the stream");
  ck_assert (!pinwheel_pipeline_run (line.pipeline, &failure));
  support_check_error (failure, PINWHEEL_ERROR_DATA,
                       "ended the stream after 8 items, and items=10");
  g_object_unref (line.pipeline);
}
END_TEST

/* Set after the push: another format, too few items, an array for all of them */
START_TEST (what_does_not_fit_a_push_before_it_is_told_and_nothing_is_lost)
{
  static const char *const words[] = { "set after items had been pushed for format=\"x:f32[*]\"",
                                       "4 items were pushed, and items=3",
                                       "4 items were pushed, and whole arrays" };
  AppLine line = app_line_new ("host", NULL, "appsrc name=in format=\"x:f32[*]\" ! fakesink");
  g_autoptr (PinwheelAppArray) four = make_floats (4);
  g_autoptr (GError) error = NULL;

  ck_assert (pinwheel_app_src_push (line.in, &four, 1, NULL, NULL));
  pinwheel_app_src_end (line.in);
  if (_i < 2)
    ck_assert (pinwheel_object_set_from_string (G_OBJECT (line.in), _i == 0 ? "format" : "items",
                                                _i == 0 ? "x:f64[*] y:f32[3,*]" : "3", NULL));
  else
    ck_assert (pinwheel_app_src_set_array (line.in, "x", four, NULL));
  ck_assert (!pinwheel_pipeline_run (line.pipeline, &error));
  support_check_error (error, PINWHEEL_ERROR_FAILED, words[_i]);
  g_object_unref (line.pipeline);
}
END_TEST

START_TEST (wrong_whole_arrays_are_told)
{
  AppLine line = app_line_new (
      "host", NULL, "appsrc name=in format=\"x:f32[*] y:f32[*] k:f32[3]\" ! appsink name=out");
  g_autoptr (PinwheelAppArray) three = make_floats (3);
  g_autoptr (PinwheelAppArray) four = make_floats (4);
  g_autoptr (GError) name = NULL;
  g_autoptr (GError) shape = NULL;
  g_autoptr (GError) missing = NULL;
  g_autoptr (GError) different = NULL;
  g_autoptr (GError) target = NULL;
  g_autoptr (GError) read_only = NULL;
  g_autoptr (GBytes) bytes = g_bytes_new ("abcdefghijklmnop", 16);
  g_autoptr (PinwheelAppArray) fixed = pinwheel_app_array_new_bytes (PINWHEEL_DTYPE_F32, 1,
                                                                     (guint64[]){ 4 }, bytes, NULL);

  ck_assert (!pinwheel_app_src_set_array (line.in, "q", four, &name));
  support_check_error (name, PINWHEEL_ERROR_FORMAT, "there is no array 'q'");
  ck_assert (!pinwheel_app_src_set_array (line.in, "k", four, &shape));
  support_check_error (shape, PINWHEEL_ERROR_FORMAT, "array 'k' is to be k:f32[3]");
  ck_assert (pinwheel_app_src_set_array (line.in, "x", four, NULL));
  ck_assert (pinwheel_app_src_set_array (line.in, "k", three, NULL));
  ck_assert (!pinwheel_pipeline_run (line.pipeline, &missing));
  support_check_error (missing, PINWHEEL_ERROR_FORMAT, "no memory was given for array 'y'");
  ck_assert (pinwheel_app_src_set_array (line.in, "y", three, NULL));
  ck_assert (!pinwheel_pipeline_run (line.pipeline, &different));
  support_check_error (different, PINWHEEL_ERROR_FORMAT, "array 'x' has 4 items and array 'y' has");
  ck_assert (pinwheel_app_src_set_array (line.in, "y", four, NULL));
  ck_assert (!pinwheel_app_sink_set_array (line.out, "x", fixed, &read_only));
  support_check_error (read_only, PINWHEEL_ERROR_FORMAT, "can be read only");
  ck_assert (pinwheel_app_sink_set_array (line.out, "x", three, NULL));
  ck_assert (!pinwheel_pipeline_run (line.pipeline, &target));
  support_check_error (target, PINWHEEL_ERROR_FORMAT,
                       "the memory given for array 'x' has 3 items, and the stream has 4");
  g_object_unref (line.pipeline);
}
END_TEST

START_TEST (memory_for_a_stream_of_unknown_length_must_be_just_as_long)
{
  static const guint64 room[] = { 3, 5 };
  static const char *const words[] = { "has 3 items, and the stream has more",
                                       "has 5 items, and the stream ended after 4" };

  for (guint i = 0; i < 2; i++)
    {
      AppLine line = app_line_new ("host", NULL,
                                   "appsrc name=in format=x:f32[*] ! appsink name=out");
      g_autoptr (PinwheelAppArray) four = make_floats (4);
      g_autoptr (PinwheelAppArray) target = make_floats (room[i]);
      g_autoptr (GError) error = NULL;

      ck_assert (pinwheel_app_src_push (line.in, &four, 1, NULL, NULL));
      pinwheel_app_src_end (line.in);
      ck_assert (pinwheel_app_sink_set_array (line.out, "x", target, NULL));
      ck_assert (!pinwheel_pipeline_run (line.pipeline, &error));
      support_check_error (error, PINWHEEL_ERROR_DATA, words[i]);
      g_object_unref (line.pipeline);
    }
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("app-mistakes");
  TCase *tcase = tcase_create ("appsrc and appsink");
  SRunner *runner = srunner_create (suite);
  int failed;

  suite_add_tcase (suite, tcase);
  tcase_set_timeout (tcase, 60);
  tcase_add_checked_fixture (tcase, support_make_folder, support_remove_folder);
  tcase_add_test (tcase, wrong_memory_is_refused);
  tcase_add_test (tcase, a_wrong_push_is_told);
  tcase_add_loop_test (tcase, what_does_not_fit_a_push_before_it_is_told_and_nothing_is_lost, 0, 3);
  tcase_add_test (tcase, wrong_whole_arrays_are_told);
  tcase_add_test (tcase, memory_for_a_stream_of_unknown_length_must_be_just_as_long);

  srunner_run_all (runner, CK_ENV);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
