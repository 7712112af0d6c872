/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* zip and select: what joins, keeps, drops and renames arrays. */
#include "config.h"

#include <pinwheel/parse.h>

#include "support.h"

#include <stdlib.h>

/* Returns: (transfer full): the pipeline of a description, in chunks of @chunk items */
static PinwheelPipeline *
parse (const char *text, guint64 chunk)
{
  g_autoptr (GError) error = NULL;
  PinwheelPipeline *pipeline = pinwheel_parse_launch (text, NULL, &error);

  ck_assert_msg (pipeline != NULL, "%s", error != NULL ? error->message : "");
  g_object_set (pipeline, "device", "host", "chunk", chunk, NULL);
  return pipeline;
}

/* Runs @text, whose sink is called "end". Returns: (transfer full): its checksum */
static char *
checksum (const char *text, guint64 chunk)
{
  g_autoptr (PinwheelPipeline) pipeline = parse (text, chunk);
  char *sum = NULL;

  support_run (g_object_ref (pipeline));
  g_object_get (pinwheel_pipeline_get_element (pipeline, "end"), "checksum", &sum, NULL);
  ck_assert_ptr_nonnull (sum);
  return sum;
}

#define THREE                                                                                      \
  "testsrc pattern=random seed=1 format=\"a:f64[*]\" items=100 ! z.  "                             \
  "testsrc pattern=random seed=2 format=\"b:f32[2,*,3]\" items=100 ! identity delay=50 ! z.  "     \
  "testsrc pattern=random seed=3 format=\"c:i32[4,*] k:f64[7]\" items=100 ! z."

START_TEST (arrays_cut_along_different_axes_are_joined_at_every_chunk_length)
{
  g_autofree char *whole = checksum ("zip name=z ! checksumsink name=end  " THREE, 0);
  g_autofree char *sum = checksum ("zip name=z ! checksumsink name=end  " THREE,
                                   support_lengths[_i]);

  ck_assert_str_eq (sum, whole);
}
END_TEST

START_TEST (each_array_is_what_it_was_before_the_zip)
{
  static const char *const wanted[] = { "a", "b", "c", "k" };

  for (guint i = 0; i < G_N_ELEMENTS (wanted); i++)
    {
      g_autofree char *text = g_strdup_printf ("zip name=z ! rawsink array=%s location=%s  " THREE,
                                               wanted[i], support_path ("joined"));
      g_autofree char *alone = NULL;
      static const char *const sources[] = { "seed=1 format=\"a:f64[*]\"",
                                             "seed=2 format=\"b:f32[2,*,3]\"",
                                             "seed=3 format=\"c:i32[4,*] k:f64[7]\"",
                                             "seed=3 format=\"c:i32[4,*] k:f64[7]\"" };

      alone = g_strdup_printf ("testsrc pattern=random %s items=100 ! rawsink array=%s location=%s",
                               sources[i], wanted[i], support_path ("alone"));
      support_run (parse (text, 7));
      support_run (parse (alone, 9));
      support_check_same (support_path ("joined"), support_path ("alone"));
    }
}
END_TEST

/* The broadcast input stands before, between or behind the cut ones. */
START_TEST (an_input_that_is_not_cut_goes_with_every_chunk)
{
  static const char *const orders[] = { "k.  x.  y.", "x.  k.  y.", "x.  y.  k." };
  g_auto (GStrv) parts = g_strsplit (orders[_i], "  ", -1);
  g_autoptr (GString) text = g_string_new (
      "zip name=z ! upload ! map expr=\"w = x * k + y\" ! download ! checksumsink name=end");
  g_autofree char *expected = checksum (
      "testsrc format=\"x:f64[*] y:f64[*] k:f64[]\" items=100 ! "
      "upload ! map expr=\"w = x * k + y\" ! download ! checksumsink name=end",
      0);

  for (guint i = 0; parts[i] != NULL; i++)
    g_string_append_printf (text, "  testsrc items=100 format=\"%.1s:f64[%s]\" ! z.", parts[i],
                            *parts[i] == 'k' ? "" : "*");
  for (guint i = 0; i < SUPPORT_N_LENGTHS; i++)
    {
      g_autofree char *sum = checksum (text->str, support_lengths[i]);

      ck_assert_str_eq (sum, expected);
    }
}
END_TEST

START_TEST (chunks_are_counted_though_the_first_input_is_not_cut)
{
  g_autoptr (PinwheelPipeline) pipeline = parse (
      "zip name=z ! fakesink  testsrc format=\"k:f64[3]\" ! z.  testsrc items=100 ! z.", 10);
  PinwheelStatistics statistics;

  support_run (g_object_ref (pipeline));
  pinwheel_element_get_statistics (pinwheel_pipeline_get_element (pipeline, "z"), &statistics);
  ck_assert_uint_eq (statistics.chunks, 10);
  ck_assert_uint_eq (statistics.items, 100);
}
END_TEST

START_TEST (no_items_and_only_broadcast_inputs_are_ordinary)
{
  support_run (parse ("zip name=z ! statsink  testsrc items=0 ! z.  "
                      "testsrc format=\"y:f64[3]\" ! z.  testsrc format=\"w:i8[2,*]\" items=0 ! z.",
                      0));
  support_run (parse ("zip name=z ! statsink  testsrc format=\"x:f32[3]\" ! z.  "
                      "testsrc format=\"y:f64[3]\" ! z.",
                      0));
}
END_TEST

START_TEST (a_joined_pipeline_runs_again)
{
  g_autoptr (PinwheelPipeline) pipeline = parse ("zip name=z ! checksumsink name=end  " THREE, 7);

  for (guint i = 0; i < 3; i++)
    support_run (g_object_ref (pipeline));
}
END_TEST

static const struct
{
  const char *text;
  int code;
  const char *words;
} mistakes[] = {
  { "zip name=z ! fakesink", PINWHEEL_ERROR_LINK, "z: has no input" },
  { "zip name=z ! fakesink  testsrc items=9 ! z.  testsrc items=9 ! z.", PINWHEEL_ERROR_FORMAT,
    "both z.sink_0 and z.sink_1 have an array 'x'; put 'select rename=" },
  { "zip name=z ! fakesink  testsrc items=9 ! z.  testsrc format=\"y:f32[*]\" items=8 ! z.",
    PINWHEEL_ERROR_FORMAT, "z.sink_0 has 9 items and z.sink_1 has 8" },
  { "zip name=z ! fakesink  testsrc items=9 ! z.  "
    "testsrc format=\"y:f32[*]\" items=9 ! upload ! z.",
    PINWHEEL_ERROR_LINK, "put 'upload' before z.sink_0, or 'download' before z.sink_1" },
  { "zip name=z ! fakesink  testsrc items=9 ! upload ! z.  "
    "testsrc format=\"y:f32[*]\" items=9 ! z.",
    PINWHEEL_ERROR_LINK, "put 'upload' before z.sink_1, or 'download' before z.sink_0" },
  { "zip name=z ! fakesink  rawsrc location=/dev/null format=\"x:f32[*]\" ! z.  "
    "testsrc format=\"y:f32[*]\" items=8 ! z.",
    PINWHEEL_ERROR_FORMAT, "all inputs must have the same number of items" },
  { "testsrc format=\"alpha:f32[*] b:i8[*]\" items=9 ! select keep=alpa ! fakesink",
    PINWHEEL_ERROR_FORMAT,
    "select0: keep: there is no array 'alpa' in the stream; did you mean 'alpha'; it has: alpha, "
    "b" },
  { "testsrc items=9 ! select drop=q ! fakesink", PINWHEEL_ERROR_FORMAT,
    "drop: there is no array" },
  { "testsrc items=9 ! select rename=q=x ! fakesink", PINWHEEL_ERROR_FORMAT,
    "rename: there is no array 'q'" },
  { "testsrc items=9 ! select rename=x ! fakesink", PINWHEEL_ERROR_PROPERTY, "expected OLD=NEW" },
  { "testsrc items=9 ! select rename=x=1 ! fakesink", PINWHEEL_ERROR_FORMAT,
    "rename: '1' cannot name an array" },
  { "testsrc format=\"a:f32[*] b:i8[*]\" items=9 ! select rename=a=b ! fakesink",
    PINWHEEL_ERROR_FORMAT, "both called 'b'" },
  { "testsrc format=\"a:f32[*] b:i8[*]\" items=9 ! select drop=a rename=a=b ! fakesink",
    PINWHEEL_ERROR_PROPERTY, "the array 'a' does not go on" },
  { "testsrc format=\"a:f32[*] b:i8[*]\" items=9 ! select drop=\"a b\" ! fakesink",
    PINWHEEL_ERROR_FORMAT, "no array would be left; the stream has: a, b" },
  { "testsrc format=\"a:f32[*] b:i8[2]\" items=9 ! select keep=b ! fakesink", PINWHEEL_ERROR_FORMAT,
    "only broadcast arrays would be left" },
};

START_TEST (a_mistake_is_told_with_the_names_that_matter)
{
  support_run_fails (parse (mistakes[_i].text, 0), mistakes[_i].code, mistakes[_i].words);
}
END_TEST

START_TEST (select_chooses_orders_and_renames)
{
  static const struct
  {
    const char *select, *format;
  } cases[] = {
    { "select", "a:f32[*] b:i8[2,*] k:f64[3]" },
    { "select keep=\"b a\"", "b:i8[2,*] a:f32[*]" },
    { "select drop=a,k", "b:i8[2,*]" },
    { "select rename=\"a=b b=a\"", "b:f32[*] a:i8[2,*] k:f64[3]" },
    { "select keep=\"k b\" rename=k=coeffs", "coeffs:f64[3] b:i8[2,*]" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = g_strdup_printf (
          "testsrc format=\"a:f32[*] b:i8[2,*] k:f64[3]\" items=50 ! %s ! \"%s\" ! checksumsink",
          cases[i].select, cases[i].format);

      support_run (parse (text, 7));
    }
}
END_TEST

START_TEST (a_selected_array_is_what_it_was)
{
  g_autofree char *text = g_strdup_printf (
      "testsrc format=\"a:f32[*] b:i8[2,*]\" items=50 ! select rename=\"b=q\" ! select keep=q ! "
      "rawsink location=%s",
      support_path ("selected"));
  g_autofree char *alone = g_strdup_printf (
      "testsrc format=\"b:i8[2,*]\" items=50 ! rawsink location=%s", support_path ("alone"));

  support_run (parse (text, 7));
  support_run (parse (alone, 50));
  support_check_same (support_path ("selected"), support_path ("alone"));
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("zip");
  TCase *tcase = tcase_create ("zip and select");
  SRunner *runner = srunner_create (suite);
  int failed;

  suite_add_tcase (suite, tcase);
  tcase_set_timeout (tcase, 60);
  tcase_add_checked_fixture (tcase, support_make_folder, support_remove_folder);
  tcase_add_loop_test (tcase, arrays_cut_along_different_axes_are_joined_at_every_chunk_length, 0,
                       SUPPORT_N_LENGTHS);
  tcase_add_test (tcase, each_array_is_what_it_was_before_the_zip);
  tcase_add_loop_test (tcase, an_input_that_is_not_cut_goes_with_every_chunk, 0, 3);
  tcase_add_test (tcase, chunks_are_counted_though_the_first_input_is_not_cut);
  tcase_add_test (tcase, no_items_and_only_broadcast_inputs_are_ordinary);
  tcase_add_test (tcase, a_joined_pipeline_runs_again);
  tcase_add_loop_test (tcase, a_mistake_is_told_with_the_names_that_matter, 0,
                       G_N_ELEMENTS (mistakes));
  tcase_add_test (tcase, select_chooses_orders_and_renames);
  tcase_add_test (tcase, a_selected_array_is_what_it_was);

  srunner_run_all (runner, CK_ENV);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
