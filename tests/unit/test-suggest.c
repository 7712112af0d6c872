/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <check.h>
#include <stdlib.h>

#include <pinwheel/property.h>

static const char *const names[] = { "location", "array", "chunk-axis", "npysrc",
                                     "npysink",  "f32",   "x",          NULL };

START_TEST (a_slip_of_the_fingers_finds_its_name)
{
  ck_assert_pstr_eq (pinwheel_suggest ("locaton", names), "location");   /* left out */
  ck_assert_pstr_eq (pinwheel_suggest ("loocation", names), "location"); /* put in */
  ck_assert_pstr_eq (pinwheel_suggest ("lokation", names), "location");  /* wrong */
  ck_assert_pstr_eq (pinwheel_suggest ("lcoation", names), "location");  /* swapped */
  ck_assert_pstr_eq (pinwheel_suggest ("chunk_axis", names), "chunk-axis");
  ck_assert_pstr_eq (pinwheel_suggest ("f23", names), "f32");
}
END_TEST

START_TEST (the_case_does_not_matter)
{
  ck_assert_pstr_eq (pinwheel_suggest ("LOCATION", names), "location");
  ck_assert_pstr_eq (pinwheel_suggest ("X", names), "x");
}
END_TEST

START_TEST (the_nearest_wins_and_then_the_first)
{
  static const char *const near[] = { "abcdef", "abcdeg", "abcxyg", NULL };

  ck_assert_pstr_eq (pinwheel_suggest ("abcxyz", near), "abcxyg");
  ck_assert_pstr_eq (pinwheel_suggest ("abcdez", near), "abcdef");
  ck_assert_pstr_eq (pinwheel_suggest ("abcdeg", near), "abcdeg");
}
END_TEST

START_TEST (more_mistakes_than_a_third_of_the_name_are_too_many)
{
  ck_assert_pstr_eq (pinwheel_suggest ("ar", names), NULL);
  ck_assert_pstr_eq (pinwheel_suggest ("arr", names), NULL);
  ck_assert_pstr_eq (pinwheel_suggest ("arra", names), "array");
  ck_assert_pstr_eq (pinwheel_suggest ("npysxx", names), "npysrc");
  ck_assert_pstr_eq (pinwheel_suggest ("npyxxx", names), NULL);
  ck_assert_pstr_eq (pinwheel_suggest ("y", names), NULL);
  ck_assert_pstr_eq (pinwheel_suggest ("", names), NULL);
}
END_TEST

START_TEST (endless_words_are_answered_at_once)
{
  g_autofree char *word = g_strnfill (10000000, 'l');
  const char *const long_names[] = { word, NULL };

  ck_assert_pstr_eq (pinwheel_suggest (word, names), NULL);
  ck_assert_pstr_eq (pinwheel_suggest ("l", long_names), NULL);
  ck_assert_pstr_eq (pinwheel_suggest (word, names + G_N_ELEMENTS (names) - 1), NULL);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("suggest");
  TCase *tcase = tcase_create ("near names");
  SRunner *runner = srunner_create (suite);
  int failed;

  suite_add_tcase (suite, tcase);
  tcase_add_test (tcase, a_slip_of_the_fingers_finds_its_name);
  tcase_add_test (tcase, the_case_does_not_matter);
  tcase_add_test (tcase, the_nearest_wins_and_then_the_first);
  tcase_add_test (tcase, more_mistakes_than_a_third_of_the_name_are_too_many);
  tcase_add_test (tcase, endless_words_are_answered_at_once);

  srunner_run_all (runner, CK_ENV);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
