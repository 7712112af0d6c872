/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A pipeline as text parses to the same pipeline. */
#include "config.h"

#include <check.h>
#include <pinwheel/pinwheel.h>
#include <stdlib.h>
#include <string.h>

static int
compare_lines (gconstpointer a, gconstpointer b)
{
  return g_strcmp0 (*(const char *const *) a, *(const char *const *) b);
}

/* Returns: (transfer full): all that the text is to keep, told without the library's printer */
static char *
describe (PinwheelPipeline *pipeline)
{
  GPtrArray *elements = pinwheel_pipeline_get_elements (pipeline);
  g_autoptr (GPtrArray) lines = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < elements->len; i++)
    {
      PinwheelElement *element = elements->pdata[i];
      GPtrArray *pads = pinwheel_element_get_pads (element);
      g_autoptr (GPtrArray) table = pinwheel_class_list_properties (G_OBJECT_GET_CLASS (element));

      for (guint k = 0; k < table->len; k++)
        {
          const PinwheelProperty *property = table->pdata[k];
          g_autofree char *value = pinwheel_object_get_as_string (G_OBJECT (element),
                                                                  property->name);

          g_ptr_array_add (lines, g_strdup_printf ("%s %s %s=%s", G_OBJECT_TYPE_NAME (element),
                                                   pinwheel_element_get_name (element),
                                                   property->name, value != NULL ? value : "-"));
        }
      for (guint k = 0; k < pads->len; k++)
        if (pinwheel_pad_get_peer (pads->pdata[k]) != NULL)
          g_ptr_array_add (
              lines,
              g_strdup_printf ("%s - %s", pinwheel_pad_get_path (pads->pdata[k]),
                               pinwheel_pad_get_path (pinwheel_pad_get_peer (pads->pdata[k]))));
    }
  g_ptr_array_sort (lines, compare_lines);
  g_ptr_array_add (lines, NULL);
  return g_strjoinv ("\n", (char **) lines->pdata);
}

static void
assert_round_trip (PinwheelPipeline *pipeline)
{
  g_autofree char *text = pinwheel_pipeline_to_string (pipeline);
  g_autofree char *before = describe (pipeline);
  g_autofree char *after = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (PinwheelPipeline) other = pinwheel_parse_launch (text, NULL, &error);

  ck_assert_msg (other != NULL, "%s\n%s", text, error != NULL ? error->message : "no error");
  after = describe (other);
  ck_assert_msg (g_str_equal (before, after), "%s\n--- before\n%s\n--- after\n%s", text, before,
                 after);
}

static char *
random_text (GRand *rand)
{
  static const char *const pieces[] = { "a", " ",  "\"", "'",  "\\", "\n", "!",        "#",
                                        "=", "\t", ".",  "%s", "x",  "$",  "\303\274", "\\\n" };
  GString *text = g_string_new (NULL);

  for (gint i = g_rand_int_range (rand, 0, 8); i > 0; i--)
    g_string_append (text, pieces[g_rand_int_range (rand, 0, G_N_ELEMENTS (pieces))]);
  return g_string_free (text, FALSE);
}

static void
change_properties (PinwheelElement *element, GRand *rand)
{
  g_autoptr (GPtrArray) table = pinwheel_class_list_properties (G_OBJECT_GET_CLASS (element));

  for (guint i = 0; i < table->len; i++)
    {
      const PinwheelProperty *property = table->pdata[i];
      g_autofree char *text = NULL;

      if ((property->flags & PINWHEEL_PROPERTY_READ_ONLY) != 0 || g_rand_boolean (rand))
        continue;
      if (property->kind == PINWHEEL_PROPERTY_STRING)
        text = random_text (rand);
      else if (property->kind == PINWHEEL_PROPERTY_DOUBLE)
        text = g_strdup_printf ("%.17g", g_rand_double (rand));
      else
        text = g_strdup_printf ("%u", g_rand_int (rand) >> g_rand_int_range (rand, 1, 31));
      pinwheel_object_set_from_string (G_OBJECT (element), property->name, text, NULL);
    }
}

/* Links that nobody would make, too: rings, ends that are loose. */
static void
link_at_random (PinwheelPipeline *pipeline, GRand *rand)
{
  GPtrArray *elements = pinwheel_pipeline_get_elements (pipeline);

  for (guint i = 0; i < 2 * elements->len; i++)
    {
      PinwheelElement *from = elements->pdata[g_rand_int_range (rand, 0, (gint) elements->len)];
      PinwheelElement *to = elements->pdata[g_rand_int_range (rand, 0, (gint) elements->len)];
      PinwheelPad *src = pinwheel_element_get_free_pad (from, PINWHEEL_PAD_SRC);
      PinwheelPad *sink = pinwheel_element_get_free_pad (to, PINWHEEL_PAD_SINK);
      g_autoptr (PinwheelFormat) format = NULL;

      if (src == NULL || sink == NULL || !pinwheel_pad_link (src, sink, NULL))
        continue;
      if (g_rand_int_range (rand, 0, 3) > 0)
        continue;
      format = pinwheel_format_parse ("x:f32[3,*] k:f64[2]", PINWHEEL_ITEMS_UNKNOWN, NULL);
      pinwheel_pad_set_assertion (src, format);
    }
}

/* _i: seed */
START_TEST (any_graph_parses_to_itself)
{
  static const char *const types[] = { "testsrc", "appsrc", "identity", "map",      "queue",  "tee",
                                       "zip",     "select", "upload",   "fakesink", "npysink" };
  g_autoptr (GRand) rand = g_rand_new_with_seed ((guint32) _i);

  for (guint round = 0; round < 30; round++)
    {
      g_autoptr (PinwheelPipeline) pipeline = pinwheel_pipeline_new ();

      for (gint i = g_rand_int_range (rand, 1, 12); i > 0; i--)
        {
          const char *type = types[g_rand_int_range (rand, 0, G_N_ELEMENTS (types))];
          g_autofree char *name = g_strdup_printf ("%s%d", g_rand_boolean (rand) ? type : "my-own_",
                                                   g_rand_int_range (rand, 0, 9));
          PinwheelElement *element = pinwheel_element_make (
              type,
              g_rand_boolean (rand) && pinwheel_pipeline_get_element (pipeline, name) == NULL
                  ? name
                  : NULL,
              NULL);

          ck_assert_ptr_nonnull (element);
          change_properties (element, rand);
          ck_assert (pinwheel_pipeline_add (pipeline, element, NULL));
          g_object_unref (element);
        }
      link_at_random (pipeline, rand);
      assert_round_trip (pipeline);
    }
}
END_TEST

START_TEST (a_chain_is_written_as_one_would)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PinwheelPipeline) pipeline = pinwheel_parse_launch (
      "testsrc format='x:f32[*] k:f64[3]' items=10 ! x:f32[*] k:f64[3] ! tee name=t "
      "t. ! identity ! fakesink t. ! fakesink",
      NULL, &error);
  g_autofree char *printed = NULL;

  ck_assert_msg (pipeline != NULL, "%s", error != NULL ? error->message : "");
  assert_round_trip (pipeline);
  printed = pinwheel_pipeline_to_string (pipeline);
  ck_assert_ptr_nonnull (strstr (printed, " ! x:f32[*] k:f64[3] ! tee name=t\n"));
  ck_assert_ptr_nonnull (strstr (printed, "\nidentity ! fakesink\nfakesink\n"));
  ck_assert_ptr_nonnull (strstr (printed, "t.src_0 ! identity0.sink\nt.src_1 ! fakesink1.sink"));
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("print");
  TCase *tcase = tcase_create ("print");
  SRunner *runner = srunner_create (suite);
  int failed;

  suite_add_tcase (suite, tcase);
  tcase_set_timeout (tcase, 0);
  tcase_add_loop_test (tcase, any_graph_parses_to_itself, 0, 10);
  tcase_add_test (tcase, a_chain_is_written_as_one_would);

  srunner_run_all (runner, CK_ENV);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
