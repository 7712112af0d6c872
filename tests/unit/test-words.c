/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <check.h>
#include <pinwheel/parse.h>
#include <stdlib.h>
#include <string.h>

#include "text/lexer-private.h"

static void
check (const char *expected, const char *first, ...)
{
  g_autoptr (GPtrArray) words = g_ptr_array_new ();
  g_autofree char *text = NULL;
  va_list args;

  va_start (args, first);
  for (const char *word = first; word != NULL; word = va_arg (args, const char *))
    g_ptr_array_add (words, (gpointer) word);
  va_end (args);
  g_ptr_array_add (words, NULL);
  text = pinwheel_parse_words ((const char *const *) words->pdata);
  ck_assert_str_eq (text, expected);
}

START_TEST (one_word_is_the_text_itself)
{
  check ("a ! b x=\"1 2\" # c", "a ! b x=\"1 2\" # c", NULL);
  check ("", "", NULL);
  check ("", NULL);
}
END_TEST

START_TEST (plain_words_are_joined_by_blanks)
{
  check ("a x=1 ! x:f32[*] ! t.", "a", "x=1", "!", "x:f32[*]", "!", "t.", NULL);
}
END_TEST

START_TEST (a_value_with_blanks_is_quoted_behind_its_key)
{
  check ("map expr=\"y = x*2\"", "map", "expr=y = x*2", NULL);
  check ("map expr=\"y = \\\"x\\\\\"", "map", "expr=y = \"x\\", NULL);
  check ("map args=\"\"", "map", "args=", NULL);
  check ("a ! \"x:f32[*] y:f64[3]\"", "a", "!", "x:f32[*] y:f64[3]", NULL);
}
END_TEST

START_TEST (quotes_that_reached_us_stay)
{
  check ("map expr=\"y = x*2\"", "map", "expr=\"y = x*2\"", NULL);
  check ("map expr='y = x*2'", "map", "expr='y = x*2'", NULL);
  check ("a ! \"x:f32[*]\"", "a", "!", "\"x:f32[*]\"", NULL);
}
END_TEST

START_TEST (a_word_is_never_a_comment)
{
  check ("a \"#b\" x=#1", "a", "#b", "x=#1", NULL);
}
END_TEST

static char *
random_text (GRand *rand, gboolean is_key)
{
  static const char any[] = "ab!#=\"'\\ \t\n\r.:[]\xc3\xa9";
  static const char plain[] = "ab_-c";
  GString *text = g_string_new (is_key ? "k" : NULL);

  for (int n = g_rand_int_range (rand, 0, 8); n > 0; n--)
    g_string_append_c (text, is_key ? plain[g_rand_int_range (rand, 0, sizeof plain - 1)]
                                    : any[g_rand_int_range (rand, 0, sizeof any - 1)]);
  /* one quoted piece is taken as the quoted text that it is */
  if (text->len > 1 && (text->str[0] == '"' || text->str[0] == '\''))
    text->str[0] = 'q';
  return g_string_free (text, FALSE);
}

START_TEST (any_value_comes_back_as_it_was)
{
  GRand *rand = g_rand_new_with_seed (7);

  for (guint i = 0; i < 20000; i++)
    {
      g_autofree char *key = random_text (rand, TRUE);
      g_autofree char *value = random_text (rand, FALSE);
      g_autofree char *word = g_strdup_printf ("%s=%s", key, value);
      const char *const words[] = { "e", word, "!", "f", word, NULL };
      g_autofree char *text = pinwheel_parse_words (words);
      PinwheelMistakes mistakes;
      g_autoptr (GArray) tokens = NULL;

      pinwheel_mistakes_init (&mistakes, text, NULL);
      tokens = pinwheel_lex (text, &mistakes);
      ck_assert_msg (pinwheel_mistakes_report (&mistakes, NULL), "%s", text);
      ck_assert_msg (tokens->len == G_N_ELEMENTS (words), "%s", text);
      for (guint t = 1; t < tokens->len; t += 3)
        {
          const PinwheelToken *token = &g_array_index (tokens, PinwheelToken, t);

          ck_assert_int_eq (token->kind, PINWHEEL_TOKEN_PROPERTY);
          ck_assert_str_eq (token->text, key);
          ck_assert_str_eq (token->value_text, value);
        }
      pinwheel_mistakes_clear (&mistakes);
    }
  g_rand_free (rand);
}
END_TEST

START_TEST (one_word_or_many_give_the_same_tokens)
{
  const char *const words[] = { "npysrc", "location=a b.npy", "!", "map", "expr=y = x!=0",
                                "!",      "x:f32[*]",         "!", "t.",  NULL };
  const char *const one[] = { "npysrc location=\"a b.npy\" ! map expr='y = x!=0' ! x:f32[*] ! t.",
                              NULL };
  g_autofree char *left = pinwheel_parse_words (words);
  g_autofree char *right = pinwheel_parse_words (one);
  PinwheelMistakes mistakes;
  g_autoptr (GArray) a = NULL;
  g_autoptr (GArray) b = NULL;

  pinwheel_mistakes_init (&mistakes, left, NULL);
  a = pinwheel_lex (left, &mistakes);
  b = pinwheel_lex (right, &mistakes);
  ck_assert (pinwheel_mistakes_report (&mistakes, NULL));
  pinwheel_mistakes_clear (&mistakes);
  ck_assert_uint_eq (a->len, b->len);
  for (guint i = 0; i < a->len; i++)
    {
      const PinwheelToken *s = &g_array_index (a, PinwheelToken, i);
      const PinwheelToken *t = &g_array_index (b, PinwheelToken, i);

      ck_assert_int_eq (s->kind, t->kind);
      ck_assert_pstr_eq (s->text, t->text);
      ck_assert_pstr_eq (s->value_text, t->value_text);
    }
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("words");
  TCase *tcase = tcase_create ("joined");
  SRunner *runner = srunner_create (suite);
  int failed;

  suite_add_tcase (suite, tcase);
  tcase_add_test (tcase, one_word_is_the_text_itself);
  tcase_add_test (tcase, plain_words_are_joined_by_blanks);
  tcase_add_test (tcase, a_value_with_blanks_is_quoted_behind_its_key);
  tcase_add_test (tcase, quotes_that_reached_us_stay);
  tcase_add_test (tcase, a_word_is_never_a_comment);
  tcase_add_test (tcase, any_value_comes_back_as_it_was);
  tcase_add_test (tcase, one_word_or_many_give_the_same_tokens);

  srunner_run_all (runner, CK_ENV);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
