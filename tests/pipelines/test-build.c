/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Pipelines built by hand: what can be wrong is told in words, and changes nothing. */
#include "config.h"

#include <check.h>
#include <pinwheel/pinwheel.h>
#include <stdlib.h>
#include <string.h>

/* Returns: (transfer none): a new element of the pipeline */
static PinwheelElement *
add (PinwheelPipeline *pipeline, const char *type, const char *name)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PinwheelElement) element = pinwheel_element_make (type, name, &error);

  ck_assert_msg (element != NULL, "%s", error != NULL ? error->message : "no error");
  ck_assert (pinwheel_pipeline_add (pipeline, element, NULL));
  return element;
}

static void
link_ok (PinwheelElement *from, const char *src, PinwheelElement *to, const char *sink)
{
  g_autoptr (GError) error = NULL;

  ck_assert_msg (pinwheel_element_link_pads (from, src, to, sink, &error), "%s",
                 error != NULL ? error->message : "no error");
}

/* Nothing is linked, and no pad is there that was not before. */
static void
link_fails (PinwheelElement *from, const char *src, PinwheelElement *to, const char *sink,
            const char *message)
{
  guint n_from = pinwheel_element_get_pads (from)->len, n_to = pinwheel_element_get_pads (to)->len;
  g_autoptr (GError) error = NULL;

  ck_assert (!pinwheel_element_link_pads (from, src, to, sink, &error));
  ck_assert (g_error_matches (error, PINWHEEL_ERROR, PINWHEEL_ERROR_LINK));
  ck_assert_str_eq (error->message, message);
  ck_assert_uint_eq (pinwheel_element_get_pads (from)->len, n_from);
  ck_assert_uint_eq (pinwheel_element_get_pads (to)->len, n_to);
}

static void
run_fails (PinwheelPipeline *pipeline, const char *message)
{
  g_autoptr (GError) error = NULL;

  ck_assert (!pinwheel_pipeline_run (pipeline, &error));
  ck_assert (g_error_matches (error, PINWHEEL_ERROR, PINWHEEL_ERROR_LINK));
  ck_assert_str_eq (error->message, message);
  ck_assert_int_eq (pinwheel_pipeline_get_state (pipeline), PINWHEEL_STATE_NULL);
}

START_TEST (what_is_built_by_hand_is_what_the_parser_makes)
{
  g_autoptr (PinwheelPipeline) pipeline = pinwheel_pipeline_new ();
  g_autoptr (PinwheelPipeline) parsed = NULL;
  PinwheelElement *source = add (pipeline, "testsrc", NULL);
  PinwheelElement *tee = add (pipeline, "tee", "t");
  PinwheelElement *identity = add (pipeline, "identity", NULL);
  PinwheelElement *zip = add (pipeline, "zip", "all");
  PinwheelElement *sink = add (pipeline, "fakesink", NULL);
  PinwheelElement *select = add (pipeline, "select", NULL);
  g_autofree char *text = NULL, *again = NULL;
  g_autoptr (GError) error = NULL;

  ck_assert (pinwheel_object_set_from_string (G_OBJECT (source), "items", "1000", NULL));
  ck_assert (pinwheel_object_set_from_string (G_OBJECT (source), "format", "x:f32[*]", NULL));
  ck_assert (pinwheel_object_set_from_string (G_OBJECT (select), "rename", "x=y", NULL));
  ck_assert (pinwheel_element_link (source, tee, NULL));
  link_ok (tee, NULL, identity, NULL);
  link_ok (tee, "src_7", select, "sink");
  link_ok (identity, NULL, zip, NULL);
  link_ok (select, "src", zip, "sink_3");
  ck_assert (pinwheel_element_link (zip, sink, NULL));
  ck_assert_msg (pinwheel_pipeline_run (pipeline, &error), "%s",
                 error != NULL ? error->message : "");
  text = pinwheel_pipeline_to_string (pipeline);
  parsed = pinwheel_parse_launch (text, NULL, &error);
  ck_assert_msg (parsed != NULL, "%s", error != NULL ? error->message : "");
  again = pinwheel_pipeline_to_string (parsed);
  ck_assert_str_eq (again, text);
  ck_assert (pinwheel_pipeline_run (parsed, NULL));
}
END_TEST

START_TEST (links_that_cannot_be_are_told_and_change_nothing)
{
  g_autoptr (PinwheelPipeline) pipeline = pinwheel_pipeline_new ();
  g_autoptr (PinwheelPipeline) other = pinwheel_pipeline_new ();
  PinwheelElement *source = add (pipeline, "testsrc", "s");
  PinwheelElement *tee = add (pipeline, "tee", "t");
  PinwheelElement *zip = add (pipeline, "zip", "z");
  PinwheelElement *sink = add (pipeline, "fakesink", "e");
  PinwheelElement *far = add (other, "fakesink", "far");

  link_ok (source, NULL, tee, NULL);
  link_fails (tee, "out_1", sink, NULL, "t has no pad 'out_1'; its pads are sink, src_%u");
  link_fails (tee, "src_1", sink, "in", "e has no pad 'in'; its pads are sink");
  link_fails (tee, "sink", sink, NULL,
              "t.sink is a sink pad; a link goes from a source pad to a sink pad");
  link_fails (source, NULL, zip, "src",
              "s.src is already linked to t.sink; a tee gives the same "
              "chunks to several elements");
  link_fails (tee, NULL, zip, "src",
              "z.src is a source pad; a link goes from a source pad to a sink pad");
  link_fails (sink, NULL, zip, NULL, "e has no source pad: nothing can be linked behind it");
  link_fails (tee, NULL, source, NULL, "s has no sink pad: nothing can be linked before it");
  link_fails (source, "src", tee, "sink", "s.src is already linked to t.sink");
  link_fails (zip, NULL, tee, NULL,
              "t.sink is already linked to s.src; a zip joins the arrays of "
              "several streams");
  link_fails (tee, "src_0", far, NULL,
              "t.src_0 cannot be linked to far.sink: they are in different pipelines");
  link_ok (tee, NULL, zip, NULL);
  link_ok (zip, NULL, sink, NULL);
  /* nothing is left of those that failed */
  ck_assert_str_eq (pinwheel_pad_get_path (pinwheel_element_get_pads (tee)->pdata[1]), "t.src_0");
  ck_assert (pinwheel_object_set_from_string (G_OBJECT (source), "format", "x:f32[*]", NULL));
  ck_assert (pinwheel_pipeline_run (pipeline, NULL));
}
END_TEST

START_TEST (elements_that_are_in_no_pipeline_are_called_by_their_kind)
{
  g_autoptr (PinwheelPipeline) pipeline = pinwheel_pipeline_new ();
  g_autoptr (PinwheelElement) source = pinwheel_element_make ("testsrc", NULL, NULL);
  PinwheelElement *sink = add (pipeline, "fakesink", NULL);

  link_fails (source, "out", sink, NULL, "testsrc has no pad 'out'; its pads are src");
  link_ok (source, NULL, sink, NULL);
  link_fails (source, NULL, sink, NULL,
              "(testsrc).src is already linked to fakesink0.sink; a tee "
              "gives the same chunks to several elements");
  run_fails (pipeline, "fakesink0.sink is linked to (testsrc).src, which is not in this pipeline");
  ck_assert (pinwheel_pipeline_add (pipeline, source, NULL));
  ck_assert (pinwheel_object_set_from_string (G_OBJECT (source), "format", "x:f32[*]", NULL));
  ck_assert (pinwheel_pipeline_run (pipeline, NULL));
}
END_TEST

START_TEST (what_is_not_linked_and_circles_are_told_before_anything_runs)
{
  g_autoptr (PinwheelPipeline) pipeline = pinwheel_pipeline_new ();
  PinwheelElement *source, *zip, *identity, *tee;

  run_fails (pipeline, "the pipeline has no elements");
  source = add (pipeline, "testsrc", "s");
  zip = add (pipeline, "zip", "z");
  identity = add (pipeline, "identity", "i");
  run_fails (pipeline,
             "s.src is not linked; link it to a sink, to 'fakesink' if its chunks are not "
             "wanted");
  link_ok (source, NULL, zip, NULL);
  link_ok (zip, NULL, identity, NULL);
  run_fails (pipeline,
             "i.src is not linked; link it to a sink, to 'fakesink' if its chunks are not "
             "wanted");
  tee = add (pipeline, "tee", "t");
  link_ok (identity, NULL, tee, NULL);
  link_ok (tee, NULL, zip, NULL);
  run_fails (pipeline, "the links run in a circle, so that no chunk could ever start: z, i, t (or "
                       "what is behind the circle); take one link out");
}
END_TEST

START_TEST (names_that_a_description_cannot_carry_are_refused)
{
  static const char *const names[] = { "",    "two words", "a.b", "a=b", "\303\274",
                                       "a!b", "\"a\"",     "a\n", "#" };
  g_autoptr (PinwheelPipeline) pipeline = pinwheel_pipeline_new ();

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (PinwheelElement) element = NULL;

      ck_assert_ptr_null (pinwheel_element_make ("queue", names[i], &error));
      ck_assert_msg (
          g_str_has_prefix (error->message, "a name has only letters, digits, - and _, not '"),
          "%s", error->message);
      g_clear_error (&error);
      element = pinwheel_element_make ("queue", NULL, NULL);
      pinwheel_element_set_name (element, names[i]);
      ck_assert (!pinwheel_pipeline_add (pipeline, element, &error));
      ck_assert_ptr_nonnull (strstr (error->message, "so that a description can carry it, not '"));
      pinwheel_element_set_name (element, NULL);
      ck_assert (pinwheel_pipeline_add (pipeline, element, NULL));
    }
}
END_TEST

START_TEST (an_element_is_in_one_pipeline_once_under_a_name_of_its_own)
{
  g_autoptr (PinwheelPipeline) pipeline = pinwheel_pipeline_new ();
  g_autoptr (PinwheelPipeline) other = pinwheel_pipeline_new ();
  PinwheelElement *queue = add (pipeline, "queue", "q");
  g_autoptr (PinwheelElement) second = pinwheel_element_make ("identity", "q", NULL);
  g_autoptr (GError) error = NULL;

  ck_assert (!pinwheel_pipeline_add (pipeline, queue, &error));
  ck_assert_str_eq (error->message, "'q' is in this pipeline already");
  g_clear_error (&error);
  ck_assert (!pinwheel_pipeline_add (other, queue, &error));
  ck_assert_str_eq (error->message, "'q' is in another pipeline already; make another element");
  g_clear_error (&error);
  ck_assert (!pinwheel_pipeline_add (pipeline, second, &error));
  ck_assert_str_eq (error->message, "there is already an element named 'q' in the pipeline");
}
END_TEST

START_TEST (nothing_is_added_or_linked_while_it_runs)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PinwheelPipeline) pipeline = pinwheel_parse_launch (
      "appsrc name=in format=x:f32[*] ! tee name=t ! fakesink", NULL, NULL);
  g_autoptr (PinwheelElement) sink = pinwheel_element_make ("fakesink", "late", NULL);
  PinwheelElement *tee = pinwheel_pipeline_get_element (pipeline, "t");

  ck_assert (pinwheel_pipeline_set_state (pipeline, PINWHEEL_STATE_RUNNING, NULL));
  ck_assert (!pinwheel_pipeline_add (pipeline, sink, &error));
  ck_assert_str_eq (error->message, "no element can be added while the pipeline runs");
  link_fails (tee, NULL, sink, NULL,
              "t.src_1 cannot be linked to late.sink while the pipeline runs");
  pinwheel_pipeline_set_state (pipeline, PINWHEEL_STATE_NULL, NULL);
  ck_assert (pinwheel_pipeline_add (pipeline, sink, NULL));
  link_ok (tee, NULL, sink, NULL);
}
END_TEST

START_TEST (a_pad_may_be_held_longer_than_its_element)
{
  g_autoptr (PinwheelElement) sink = pinwheel_element_make ("fakesink", "e", NULL);
  PinwheelElement *source = pinwheel_element_make ("testsrc", "s", NULL);
  g_autoptr (PinwheelPad) pad = g_object_ref (pinwheel_element_get_src (source));
  g_autoptr (GError) error = NULL;

  link_ok (source, NULL, sink, NULL);
  g_object_unref (source);
  ck_assert_ptr_null (pinwheel_pad_get_element (pad));
  ck_assert_ptr_null (pinwheel_pad_get_peer (pad));
  ck_assert_ptr_null (pinwheel_pad_get_peer (pinwheel_element_get_sink (sink)));
  ck_assert_str_eq (pinwheel_pad_get_path (pad), "s.src");
  ck_assert (!pinwheel_pad_link (pad, pinwheel_element_get_sink (sink), &error));
  ck_assert_str_eq (error->message,
                    "s.src cannot be linked to e.sink: the element of s.src is gone");
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("build");
  TCase *tcase = tcase_create ("by hand");
  SRunner *runner = srunner_create (suite);
  int failed;

  suite_add_tcase (suite, tcase);
  tcase_set_timeout (tcase, 0);
  tcase_add_test (tcase, what_is_built_by_hand_is_what_the_parser_makes);
  tcase_add_test (tcase, links_that_cannot_be_are_told_and_change_nothing);
  tcase_add_test (tcase, elements_that_are_in_no_pipeline_are_called_by_their_kind);
  tcase_add_test (tcase, what_is_not_linked_and_circles_are_told_before_anything_runs);
  tcase_add_test (tcase, names_that_a_description_cannot_carry_are_refused);
  tcase_add_test (tcase, an_element_is_in_one_pipeline_once_under_a_name_of_its_own);
  tcase_add_test (tcase, nothing_is_added_or_linked_while_it_runs);
  tcase_add_test (tcase, a_pad_may_be_held_longer_than_its_element);

  srunner_run_all (runner, CK_ENV);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
