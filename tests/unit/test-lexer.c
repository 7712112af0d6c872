/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "text/lexer-private.h"

/* Tokens as text: w(word) p(key=value) ! . and the mistakes behind a bar. */
static char *
lex (const char *text)
{
  PinwheelMistakes mistakes;
  g_autoptr (GArray) tokens = NULL;
  g_autoptr (GError) error = NULL;
  GString *out = g_string_new (NULL);

  pinwheel_mistakes_init (&mistakes, text, "t");
  tokens = pinwheel_lex (text, &mistakes);
  for (guint i = 0; i < tokens->len; i++)
    {
      const PinwheelToken *token = &g_array_index (tokens, PinwheelToken, i);

      ck_assert_uint_le (token->span.start, token->span.end);
      ck_assert_uint_le (token->span.end, strlen (text));
      if (token->kind == PINWHEEL_TOKEN_WORD)
        g_string_append_printf (out, "w(%s)", token->text);
      else if (token->kind == PINWHEEL_TOKEN_PROPERTY)
        g_string_append_printf (out, "p(%s=%s)", token->text, token->value_text);
      else
        g_string_append (out, token->kind == PINWHEEL_TOKEN_LINK ? "!" : ".");
    }
  if (!pinwheel_mistakes_report (&mistakes, &error))
    g_string_append_printf (out, "|%s", error->message);
  pinwheel_mistakes_clear (&mistakes);
  return g_string_free (out, FALSE);
}

static void
check (const char *text, const char *expected)
{
  g_autofree char *got = lex (text);

  ck_assert_str_eq (got, expected);
}

START_TEST (blanks_and_link_signs_end_words)
{
  check ("", ".");
  check (" \t\r\n ", ".");
  check ("a ! b", "w(a)!w(b).");
  check ("a!b", "w(a)!w(b).");
  check ("t.!x:f32[*]!b", "w(t.)!w(x:f32[*])!w(b).");
}
END_TEST

START_TEST (a_link_sign_within_a_value_belongs_to_it)
{
  check ("map expr=y=x!=0 ! b", "w(map)p(expr=y=x!=0)!w(b).");
}
END_TEST

START_TEST (quotes_of_both_kinds_keep_blanks_and_disappear)
{
  check ("expr=\"y = 2*x\"", "p(expr=y = 2*x).");
  check ("expr='y = 2*x'", "p(expr=y = 2*x).");
  check ("'x:f32[*] y:f64[3]'", "w(x:f32[*] y:f64[3]).");
  check ("a=\"it's\" b='say \"x\"'", "p(a=it's)p(b=say \"x\").");
  check ("a=\"two\nlines\"", "p(a=two\nlines).");
  check ("a=\"\"", "p(a=).");
  check ("'!'", "w(!).");
}
END_TEST

START_TEST (glued_pieces_are_one_value)
{
  check ("a=b\"c d\"'e f'g", "p(a=bc de fg).");
}
END_TEST

START_TEST (a_backslash_makes_the_next_character_ordinary)
{
  check ("a=b\\ c", "p(a=b c).");
  check ("a=\"\\\"\\\\\"", "p(a=\"\\).");
  check ("a='\\''", "p(a=').");
  check ("a\\!b", "w(a!b).");
  check ("a\\=b", "w(a=b).");
}
END_TEST

START_TEST (a_backslash_before_the_end_of_a_line_joins_the_lines)
{
  check ("a \\\n  b", "w(a)w(b).");
  check ("a \\\r\n  b", "w(a)w(b).");
  check ("loc=in\\\n.npy", "p(loc=in.npy).");
  check ("a=\"x\\\ny\"", "p(a=xy).");
}
END_TEST

START_TEST (a_comment_goes_to_the_end_of_the_line)
{
  check ("# a ! b\nc # d=\"e\n! f#g", "w(c)!w(f#g).");
  check ("a=#1", "p(a=#1).");
  check ("#", ".");
}
END_TEST

START_TEST (an_open_quote_is_told_where_it_opens)
{
  check (
      "ab c=\"d ! e\n f",
      "w(ab)p(c=d ! e\n f).|t:1:6: the quote that opens here is not closed; write \\\" for a quote "
      "itself\n    ab c=\"d ! e\n         ^");
  check ("'ab\\", "w(ab).|t:1:1: the quote that opens here is not closed; write \\' for a quote "
                  "itself\n    'ab\\\n    ^");
}
END_TEST

START_TEST (a_backslash_at_the_very_end_is_told)
{
  check ("ab\\", "w(ab).|t:1:3: nothing follows this backslash; write \\\\ for a backslash itself\n"
                 "    ab\\\n      ^");
}
END_TEST

START_TEST (columns_count_characters_and_lines_count_from_one)
{
  const char *text = "a\n\xc3\xa9\xe2\x82\xac x\n";
  guint line, column;

  pinwheel_text_locate (text, 0, &line, &column);
  ck_assert_uint_eq (line, 1);
  ck_assert_uint_eq (column, 1);
  pinwheel_text_locate (text, strcspn (text, "x"), &line, &column);
  ck_assert_uint_eq (line, 2);
  ck_assert_uint_eq (column, 4);
  pinwheel_text_locate (text, strlen (text), &line, &column);
  ck_assert_uint_eq (line, 3);
  ck_assert_uint_eq (column, 1);
}
END_TEST

static char *
tell (const char *text, gsize start, gsize end)
{
  PinwheelMistakes mistakes;
  GError *error = NULL;
  char *message;

  pinwheel_mistakes_init (&mistakes, text, NULL);
  pinwheel_mistakes_add (&mistakes, (PinwheelSpan){ start, end }, "m");
  ck_assert (!pinwheel_mistakes_report (&mistakes, &error));
  ck_assert (g_error_matches (error, PINWHEEL_ERROR, PINWHEEL_ERROR_PARSE));
  message = g_strdup (error->message);
  g_error_free (error);
  pinwheel_mistakes_clear (&mistakes);
  return message;
}

START_TEST (a_long_line_is_cut_around_the_caret)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *message = NULL;
  g_auto (GStrv) lines = NULL;

  for (guint i = 0; i < 1000; i++)
    g_string_append (text, "0123456789");
  memcpy (text->str + 5000, "mark", 4);
  message = tell (text->str, 5000, 5004);
  lines = g_strsplit (message, "\n", -1);
  ck_assert_str_eq (lines[0], "<text>:1:5001: m");
  ck_assert_uint_le (strlen (lines[1]), 84);
  ck_assert (g_str_has_prefix (lines[1], "    ..."));
  ck_assert (g_str_has_suffix (lines[1], "..."));
  ck_assert_int_eq (strstr (lines[1], "mark") - lines[1], strcspn (lines[2], "^"));
  ck_assert (g_str_has_suffix (lines[2], " ^~~~"));
}
END_TEST

START_TEST (a_caret_at_the_end_of_a_long_line_is_shown)
{
  g_autofree char *text = g_strnfill (300, 'x');
  g_autofree char *message = tell (text, 300, 300);
  g_auto (GStrv) lines = g_strsplit (message, "\n", -1);

  ck_assert_uint_eq (strlen (lines[2]), strlen (lines[1]) + 1);
}
END_TEST

START_TEST (control_characters_and_bad_bytes_do_not_reach_the_terminal)
{
  g_autofree char *message = tell ("\x1b[2J\t\xff\xc3 bad", 8, 11);

  ck_assert_str_eq (message, "<text>:1:9: m\n    ?[2J ?? bad\n            ^~~");
  ck_assert (g_utf8_validate (message, -1, NULL));
}
END_TEST

START_TEST (wide_and_combining_characters_keep_the_caret_in_place)
{
  g_autofree char *message = tell ("\xe4\xb8\xad"
                                   "e\xcc\x81 x",
                                   7, 8);

  ck_assert_str_eq (message, "<text>:1:5: m\n    \xe4\xb8\xad"
                             "e\xcc\x81 x\n        ^");
}
END_TEST

START_TEST (mistakes_come_in_the_order_of_the_text_and_only_so_many)
{
  PinwheelMistakes mistakes;
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) lines = NULL;

  pinwheel_mistakes_init (&mistakes, "abcdefghijklmnopqrstuvwxyz", NULL);
  for (gsize i = 26; i-- > 0;)
    pinwheel_mistakes_add (&mistakes, (PinwheelSpan){ i, i + 1 }, "no %d", (int) i);
  ck_assert (!pinwheel_mistakes_report (&mistakes, &error));
  pinwheel_mistakes_clear (&mistakes);
  lines = g_strsplit (error->message, "\n", -1);
  ck_assert_uint_eq (g_strv_length (lines), 3 * 20 + 1);
  ck_assert_str_eq (lines[0], "<text>:1:7: no 6");
  ck_assert_str_eq (lines[57], "<text>:1:26: no 25");
  ck_assert_str_eq (lines[60], "<text>: and 6 more");
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("lexer");
  TCase *tokens = tcase_create ("tokens");
  TCase *places = tcase_create ("places");
  SRunner *runner = srunner_create (suite);
  int failed;

  suite_add_tcase (suite, tokens);
  tcase_add_test (tokens, blanks_and_link_signs_end_words);
  tcase_add_test (tokens, a_link_sign_within_a_value_belongs_to_it);
  tcase_add_test (tokens, quotes_of_both_kinds_keep_blanks_and_disappear);
  tcase_add_test (tokens, glued_pieces_are_one_value);
  tcase_add_test (tokens, a_backslash_makes_the_next_character_ordinary);
  tcase_add_test (tokens, a_backslash_before_the_end_of_a_line_joins_the_lines);
  tcase_add_test (tokens, a_comment_goes_to_the_end_of_the_line);
  tcase_add_test (tokens, an_open_quote_is_told_where_it_opens);
  tcase_add_test (tokens, a_backslash_at_the_very_end_is_told);
  suite_add_tcase (suite, places);
  tcase_add_test (places, columns_count_characters_and_lines_count_from_one);
  tcase_add_test (places, a_long_line_is_cut_around_the_caret);
  tcase_add_test (places, a_caret_at_the_end_of_a_long_line_is_shown);
  tcase_add_test (places, control_characters_and_bad_bytes_do_not_reach_the_terminal);
  tcase_add_test (places, wide_and_combining_characters_keep_the_caret_in_place);
  tcase_add_test (places, mistakes_come_in_the_order_of_the_text_and_only_so_many);

  srunner_run_all (runner, CK_ENV);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
