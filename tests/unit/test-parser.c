/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "text/ast-private.h"

/* The tree as text, one node in brackets, links behind; and the mistakes behind a bar, one line
 * each. */
static char *
parse (const char *text)
{
  PinwheelMistakes mistakes;
  g_autoptr (PinwheelAst) ast = NULL;
  g_autoptr (GError) error = NULL;
  GString *out = g_string_new (NULL);

  pinwheel_mistakes_init (&mistakes, text, "t");
  ast = pinwheel_ast_parse (text, &mistakes);
  for (guint i = 0; i < ast->nodes->len; i++)
    {
      const PinwheelAstNode *node = g_ptr_array_index (ast->nodes, i);

      g_string_append_printf (out, "[%s", node->type != NULL ? node->type : "");
      if (node->kind == PINWHEEL_AST_REFERENCE)
        g_string_append_printf (out, "%s.%s", node->name, node->pad != NULL ? node->pad : "");
      else if (node->name != NULL)
        g_string_append_printf (out, ":%s", node->name);
      for (guint j = 0; j < node->properties->len; j++)
        {
          const PinwheelAstProperty *p = &g_array_index (node->properties, PinwheelAstProperty, j);

          g_string_append_printf (out, " %s=%s", p->name, p->text);
        }
      g_string_append (out, "]");
    }
  for (guint i = 0; i < ast->links->len; i++)
    {
      const PinwheelAstLink *link = &g_array_index (ast->links, PinwheelAstLink, i);

      ck_assert_uint_lt (link->to, ast->nodes->len);
      ck_assert_uint_eq (link->from + 1, link->to);
      g_string_append_printf (out, " %u-%u", link->from, link->to);
      if (link->format != NULL)
        g_string_append_printf (out, "(%s)", link->format);
    }
  if (!pinwheel_mistakes_report (&mistakes, &error))
    {
      g_auto (GStrv) lines = g_strsplit (error->message, "\n", -1);

      for (guint i = 0; lines[i] != NULL; i++)
        if (g_str_has_prefix (lines[i], "t:"))
          g_string_append_printf (out, "|%s", lines[i] + 2);
    }
  pinwheel_mistakes_clear (&mistakes);
  return g_string_free (out, FALSE);
}

static void
check (const char *text, const char *expected)
{
  g_autofree char *got = parse (text);

  ck_assert_str_eq (got, expected);
}

START_TEST (a_chain_links_its_neighbours)
{
  check ("a ! b ! c", "[a][b][c] 0-1 1-2");
  check ("a x=1 y=\"2 3\" ! b", "[a x=1 y=2 3][b] 0-1");
  check ("a", "[a]");
  check ("", "");
  check ("# nothing\n", "");
}
END_TEST

START_TEST (chains_are_separated_by_blanks)
{
  check ("a ! b  c ! d", "[a][b][c][d] 0-1 2-3");
}
END_TEST

START_TEST (references_name_an_element_and_a_pad)
{
  check ("a ! tee name=t  t. ! b  t.src_1 ! c", "[a][tee:t][t.][b][t.src_1][c] 0-1 2-3 4-5");
  check ("t. ! b  a ! tee name=t", "[t.][b][a][tee:t] 0-1 2-3");
  check ("a ! z.sink_0  b ! z.", "[a][z.sink_0][b][z.] 0-1 2-3");
}
END_TEST

START_TEST (a_format_stands_on_its_link)
{
  check ("a ! x:f32[*] ! b", "[a][b] 0-1(x:f32[*])");
  check ("a ! \"x:f32[*] y:f64[3]\" ! b", "[a][b] 0-1(x:f32[*] y:f64[3])");
  check ("a ! x:f32[*] y:f64[3] ! b", "[a][b] 0-1(x:f32[*] y:f64[3])");
  check ("a!x:f32[*]!b", "[a][b] 0-1(x:f32[*])");
}
END_TEST

START_TEST (link_signs_without_an_element_are_told)
{
  check ("a ! b !", "[a][b] 0-1|1:7: no element follows this '!'");
  check ("! a", "[a]|1:1: no element stands before this '!'");
  check ("a ! ! b", "[a][b] 0-1|1:5: an element is missing between two '!'");
  check ("!", "|1:1: no element stands before this '!'|1:1: no element follows this '!'");
}
END_TEST

START_TEST (formats_in_a_wrong_place_are_told)
{
  check ("a ! x:f32 b", "[a][b] 0-1(x:f32)|1:11: expected '!' between the format x:f32 and 'b'");
  check ("a x:f32 ! b", "[a][b] 0-1(x:f32)|1:3: a format stands between two '!'");
  check ("x:f32 ! b", "[b]|1:1: a format stands between two '!'");
  check ("a ! x:f32", "[a]|1:5: expected '!' and an element behind the format x:f32");
  check ("a ! x:f32 ! y:f32 ! b", "[a][b] 0-1(x:f32)|1:13: a link has one format; write all its "
                                  "arrays between the same two '!'");
}
END_TEST

START_TEST (properties_without_an_element_are_told)
{
  check ("x=1 a", "[a]|1:1: no element stands before the property 'x'");
  check ("a ! x=1 b", "[a][b] 0-1|1:5: expected an element after '!', not the property 'x'");
  check ("a name=t  t. x=1", "[a:t][t.]|1:14: the property 'x' belongs where the element 't' is "
                             "made, not behind a reference to it");
}
END_TEST

START_TEST (values_that_went_wrong_are_told)
{
  check ("a x= ! b", "[a][b] 0-1|1:3: 'x' has no value; it follows the = without a blank, and an "
                     "empty one is written x=\"\"");
  check ("a x=\"\"", "[a x=]");
  check ("a x=1 x=2", "[a x=1]|1:7: 'x' is given twice");
  check ("a name=p name=q", "[a:p]|1:10: a is given two names");
  check ("a name=p.q", "[a]|1:8: a name has only letters, digits, - and _, not 'p.q'");
  check ("map expr=y = 2*x ! b",
         "[map expr=y][b] 0-1|1:12: a property is written key=value, without blanks around the =, "
         "and with quotes around a value that has blanks: expr=\"y = 2*x\"");
}
END_TEST

START_TEST (a_word_that_is_nothing_keeps_its_place_in_the_chain)
{
  check ("a ! /tmp/x ! b", "[a][][b] 0-1 1-2|1:5: expected an element, a reference such as t. or a "
                           "format such as \"x:f32[*]\", not '/tmp/x'");
  check ("a ! -v ! b", "[a][][b] 0-1 1-2|1:5: expected an element, a reference such as t. or a "
                       "format such as \"x:f32[*]\", not '-v'");
}
END_TEST

START_TEST (all_mistakes_are_told_at_once)
{
  check (
      "! a x=\n! ! b.c.d ! \"open",
      "[a][][] 0-1 1-2|1:1: no element stands before this '!'|1:5: 'x' has no value; it follows "
      "the = without a blank, and an empty one is written x=\"\"|2:3: an element is missing "
      "between two '!'|2:5: expected an element, a reference such as t. or a format such as "
      "\"x:f32[*]\", not 'b.c.d'|2:13: the quote that opens here is not closed; write \\\" for a "
      "quote itself");
}
END_TEST

START_TEST (mutated_descriptions_never_crash_the_parser)
{
  static const char *const samples[] = {
    "npysrc location=in.npy ! upload ! map expr=\"y = exp(-x) * sin(x)\" ! download ! npysink",
    "a ! tee name=t  t. ! statsink  t.src_1 ! npysink location='out file.npy' # end\n",
    "testsrc format=\"x:f32[*]\" items=10 ! \"x:f32[*] y:f64[3,*]\" ! fakesink",
    "kernel source=s.cu args=\"w=0.25\" \\\n outputs=\"y[*]\" ! z.sink_0 b name=z \xe4\xb8\xad",
  };
  static const char alphabet[] = "!\"'\\#=.: \n[]*ax_\xc3\xa9\x1b";
  GRand *rand = g_rand_new_with_seed (20240229);

  for (guint i = 0; i < 6000; i++)
    {
      g_autoptr (GString) text = g_string_new (samples[i % G_N_ELEMENTS (samples)]);
      guint n = g_rand_int_range (rand, 1, 8);

      while (n-- > 0 && text->len > 0)
        {
          gsize at = g_rand_int_range (rand, 0, text->len);
          char c = alphabet[g_rand_int_range (rand, 0, sizeof alphabet - 1)];

          switch (g_rand_int_range (rand, 0, 4))
            {
            case 0:
              text->str[at] = c;
              break;
            case 1:
              g_string_insert_c (text, at, c);
              break;
            case 2:
              g_string_erase (text, at, g_rand_int_range (rand, 1, text->len - at + 1));
              break;
            default:
              g_string_append_len (text, text->str, at);
            }
        }
      g_free (parse (text->str));
    }
  g_rand_free (rand);
}
END_TEST

START_TEST (a_long_text_is_parsed_to_its_end)
{
  g_autoptr (GString) text = g_string_new ("a");
  g_autofree char *got = NULL;

  while (text->len < 512 << 10)
    g_string_append (text, " ! b x=1 ! ! = (");
  got = parse (text->str);
  ck_assert_ptr_nonnull (strstr (got, "|1:13: an element is missing"));
  ck_assert_ptr_nonnull (strstr (got, " more"));
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("parser");
  TCase *right = tcase_create ("right");
  TCase *wrong = tcase_create ("wrong");
  SRunner *runner = srunner_create (suite);
  int failed;

  suite_add_tcase (suite, right);
  tcase_add_test (right, a_chain_links_its_neighbours);
  tcase_add_test (right, chains_are_separated_by_blanks);
  tcase_add_test (right, references_name_an_element_and_a_pad);
  tcase_add_test (right, a_format_stands_on_its_link);
  suite_add_tcase (suite, wrong);
  tcase_add_test (wrong, link_signs_without_an_element_are_told);
  tcase_add_test (wrong, formats_in_a_wrong_place_are_told);
  tcase_add_test (wrong, properties_without_an_element_are_told);
  tcase_add_test (wrong, values_that_went_wrong_are_told);
  tcase_add_test (wrong, a_word_that_is_nothing_keeps_its_place_in_the_chain);
  tcase_add_test (wrong, all_mistakes_are_told_at_once);
  tcase_add_test (wrong, mutated_descriptions_never_crash_the_parser);
  tcase_add_test (wrong, a_long_text_is_parsed_to_its_end);

  srunner_run_all (runner, CK_ENV);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
