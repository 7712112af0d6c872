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
      /* a zip's arrays come in the order of its pads */
      g_autoptr (GString) order = g_string_new (pinwheel_element_get_name (element));

      for (guint k = 0; k < pads->len; k++)
        if (pinwheel_pad_get_direction (pads->pdata[k]) == PINWHEEL_PAD_SINK
            && pinwheel_pad_get_peer (pads->pdata[k]) != NULL)
          g_string_append_printf (order, " %s", pinwheel_pad_get_name (pads->pdata[k]));
      g_ptr_array_add (lines, g_string_free (g_steal_pointer (&order), FALSE));
      for (guint k = 0; k < table->len; k++)
        {
          const PinwheelProperty *property = table->pdata[k];
          g_autofree char *value = pinwheel_object_get_as_string (G_OBJECT (element),
                                                                  property->name);

          g_ptr_array_add (lines, g_strdup_printf ("%s %s %s=%s", G_OBJECT_TYPE_NAME (element),
                                                   pinwheel_element_get_name (element),
                                                   property->name, value != NULL ? value : ""));
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
  static const char *const pieces[] = {
    "a",      " ",    "\"", "'",        "\\",           "\n",  "!",
    "#",      "=",    "\t", ".",        "%s",           "x",   "$",
    ",",      ";",    ":",  "\303\274", "\\\n",         "\r",  "\f",
    "\\\r\n", "\001", "! ", "\\\"",     "\342\202\254", "[*]", "name=b",
    "t.",     "-"
  };
  GString *text = g_string_new (NULL);

  for (gint i = g_rand_int_range (rand, 0, 8); i > 0; i--)
    g_string_append (text, pieces[g_rand_int_range (rand, 0, G_N_ELEMENTS (pieces))]);
  return g_string_free (text, FALSE);
}

/* Returns: (transfer full): what may be refused */
static char *
random_value (const PinwheelProperty *property, GRand *rand)
{
  switch (property->kind)
    {
    case PINWHEEL_PROPERTY_STRING:
      return random_text (rand);
    case PINWHEEL_PROPERTY_DOUBLE:
      return g_strdup_printf ("%.17g", (g_rand_double (rand) - 0.5)
                                           / (g_rand_boolean (rand) ? 1 : g_rand_double (rand)));
    case PINWHEEL_PROPERTY_ENUM:
      {
        g_autoptr (GEnumClass) klass = g_type_class_ref (property->enum_type ());

        return g_strdup (
            klass->values[g_rand_int_range (rand, 0, (gint) klass->n_values)].value_nick);
      }
    case PINWHEEL_PROPERTY_BOOLEAN:
      return g_strdup (g_rand_boolean (rand) ? "true" : "false");
    case PINWHEEL_PROPERTY_INT:
    case PINWHEEL_PROPERTY_UINT:
    case PINWHEEL_PROPERTY_BYTES:
    default:
      return g_strdup_printf ("%s%u", g_rand_int_range (rand, 0, 4) == 0 ? "-" : "",
                              g_rand_int (rand) >> g_rand_int_range (rand, 1, 31));
    }
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
      text = random_value (property, rand);
      if (property->kind == PINWHEEL_PROPERTY_STRING && g_rand_int_range (rand, 0, 8) == 0)
        g_object_set (element, property->name, NULL, NULL);
      else
        pinwheel_object_set_from_string (G_OBJECT (element), property->name, text, NULL);
    }
}

/* Returns: (transfer full): one that a description can carry */
static char *
random_name (GRand *rand)
{
  static const char letters[] = "abz019-_AZ";
  GString *name = g_string_new (NULL);

  for (gint i = g_rand_int_range (rand, 1, 4); i > 0; i--)
    g_string_append_c (name, letters[g_rand_int_range (rand, 0, sizeof letters - 1)]);
  return g_string_free (name, FALSE);
}

/* Returns: (transfer full) */
static PinwheelElement *
random_element (PinwheelPipeline *pipeline, const char *const *types, GRand *rand)
{
  const char *type = types[g_rand_int_range (rand, 0, (gint) g_strv_length ((char **) types))];
  g_autofree char *name = NULL;
  PinwheelElement *element;

  switch (g_rand_int_range (rand, 0, 4))
    {
    case 0:
      name = random_name (rand);
      break;
    case 1: /* what the parser would choose for another one */
      name = g_strdup_printf ("%s%d", type, g_rand_int_range (rand, 0, 9));
      break;
    default:
      break;
    }
  if (name != NULL && pinwheel_pipeline_get_element (pipeline, name) != NULL)
    g_clear_pointer (&name, g_free);
  if (g_str_equal (type, "appsink") && g_rand_boolean (rand))
    element = g_object_new (PINWHEEL_TYPE_APP_SINK, NULL);
  else
    element = pinwheel_element_make (type, name, NULL);
  ck_assert_ptr_nonnull (element);
  return element;
}

/* Returns: (transfer none) (nullable): a free pad of @element, with a name of its own choice where
 * the element allows */
static PinwheelPad *
random_pad (PinwheelElement *element, PinwheelPadDirection direction, GRand *rand)
{
  g_autofree char *name = g_strdup_printf (direction == PINWHEEL_PAD_SRC ? "src_%d" : "sink_%d",
                                           g_rand_int_range (rand, 0, 12));
  PinwheelPad *pad = g_rand_boolean (rand) ? pinwheel_element_get_pad (element, name) : NULL;

  return pad != NULL ? pad : pinwheel_element_get_free_pad (element, direction);
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
      PinwheelPad *src = random_pad (from, PINWHEEL_PAD_SRC, rand);
      PinwheelPad *sink = random_pad (to, PINWHEEL_PAD_SINK, rand);
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
  g_autofree const char **types = pinwheel_registry_list ();
  g_autoptr (GRand) rand = g_rand_new_with_seed ((guint32) _i);

  for (guint round = 0; round < 30; round++)
    {
      g_autoptr (PinwheelPipeline) pipeline = pinwheel_pipeline_new ();

      for (gint i = g_rand_int_range (rand, 1, 12); i > 0; i--)
        {
          g_autoptr (PinwheelElement) element = random_element (pipeline, types, rand);

          change_properties (element, rand);
          ck_assert (pinwheel_pipeline_add (pipeline, element, NULL));
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
