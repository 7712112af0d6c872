/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <check.h>
#include <pinwheel/parse.h>
#include <pinwheel/registry.h>
#include <stdlib.h>
#include <string.h>

/* Elements that have pads and properties, and do nothing. */
typedef struct
{
  PinwheelElement parent_instance;

  guint64 items;
  char *location;
  guint64 seen;
} Dummy;

static const PinwheelProperty dummy_properties[] = {
  PINWHEEL_UINT (Dummy, items, "items", 1, 100, 10, "items to make"),
  PINWHEEL_STRING (Dummy, location, "location", NULL, PINWHEEL_PROPERTY_PLAIN, "path of the file"),
  { PINWHEEL_PROPERTY_HEAD_ (Dummy, seen, "seen", PINWHEEL_PROPERTY_UINT, "items seen"),
    .flags = PINWHEEL_PROPERTY_READ_ONLY, .uint_max = G_MAXUINT64 },
};

typedef struct
{
  PinwheelElementInfo info;
  PinwheelPadTemplate templates[3];
} DummyKind;

static const DummyKind kinds[] = {
  { { "numbers", "source", "numbers", "", "" },
    { { "src", PINWHEEL_PAD_SRC, PINWHEEL_PLACE_HOST } } },
  { { "double", "compute", "twice", "", "" },
    { { "sink", PINWHEEL_PAD_SINK, PINWHEEL_PLACE_ANY },
      { "src", PINWHEEL_PAD_SRC, PINWHEEL_PLACE_ANY } } },
  { { "split", "flow", "copies", "", "" },
    { { "sink", PINWHEEL_PAD_SINK, PINWHEEL_PLACE_ANY },
      { "src_%u", PINWHEEL_PAD_SRC, PINWHEEL_PLACE_ANY } } },
  { { "join", "flow", "joins", "", "" },
    { { "sink_%u", PINWHEEL_PAD_SINK, PINWHEEL_PLACE_ANY },
      { "src", PINWHEEL_PAD_SRC, PINWHEEL_PLACE_ANY } } },
  { { "eater", "sink", "eats", "", "" }, { { "sink", PINWHEEL_PAD_SINK, PINWHEEL_PLACE_HOST } } },
};

static void
dummy_class_init (gpointer klass, gpointer data)
{
  const DummyKind *kind = data;

  PINWHEEL_ELEMENT_CLASS (klass)->info = &kind->info;
  PINWHEEL_ELEMENT_CLASS (klass)->templates = kind->templates;
  pinwheel_class_install_properties (klass, dummy_properties, G_N_ELEMENTS (dummy_properties));
}

static void
setup (void)
{
  g_setenv ("PINWHEEL_PLUGIN_PATH", "", TRUE);
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      const GTypeInfo info = { .class_size = sizeof (PinwheelElementClass),
                               .class_init = dummy_class_init,
                               .class_data = &kinds[i],
                               .instance_size = sizeof (Dummy) };
      g_autofree char *name = g_strdup_printf ("Dummy%u", i);

      if (g_type_from_name (name) == G_TYPE_INVALID)
        pinwheel_registry_add (kinds[i].info.name,
                               g_type_register_static (PINWHEEL_TYPE_ELEMENT, name, &info, 0));
    }
}

static PinwheelPipeline *
build (const char *text)
{
  g_autoptr (GError) error = NULL;
  PinwheelPipeline *pipeline = pinwheel_parse_launch (text, NULL, &error);

  ck_assert_msg (pipeline != NULL, "%s", error != NULL ? error->message : "no error");
  ck_assert_ptr_null (error);
  return pipeline;
}

/* Where the source pad at @path leads to: "double0.sink". */
static const char *
peer (PinwheelPipeline *pipeline, const char *element, const char *pad)
{
  PinwheelElement *found = pinwheel_pipeline_get_element (pipeline, element);
  PinwheelPad *other;

  ck_assert_ptr_nonnull (found);
  other = pinwheel_pad_get_peer (pinwheel_element_get_pad (found, pad));
  return other != NULL ? pinwheel_pad_get_path (other) : "nothing";
}

/* Checks the whole message of a description that is wrong. */
static void
refuse (const char *text, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PinwheelPipeline) pipeline = pinwheel_parse_launch (text, NULL, &error);

  ck_assert_ptr_null (pipeline);
  ck_assert (g_error_matches (error, PINWHEEL_ERROR, PINWHEEL_ERROR_PARSE));
  ck_assert_str_eq (error->message, expected);
}

START_TEST (elements_get_names_properties_and_links)
{
  g_autoptr (PinwheelPipeline) p = build (
      "numbers items=7 location=\"a b\" ! double ! double ! eater name=last");
  Dummy *source = (Dummy *) pinwheel_pipeline_get_element (p, "numbers0");

  ck_assert_uint_eq (source->items, 7);
  ck_assert_str_eq (source->location, "a b");
  ck_assert_str_eq (peer (p, "numbers0", "src"), "double0.sink");
  ck_assert_str_eq (peer (p, "double0", "src"), "double1.sink");
  ck_assert_str_eq (peer (p, "double1", "src"), "last.sink");
  ck_assert_uint_eq (pinwheel_pipeline_get_elements (p)->len, 4);
}
END_TEST

START_TEST (references_may_stand_before_what_they_name)
{
  g_autoptr (PinwheelPipeline) p = build ("t. ! eater name=a  numbers ! split name=t  t. ! eater");

  ck_assert_str_eq (peer (p, "t", "src_0"), "a.sink");
  ck_assert_str_eq (peer (p, "t", "src_1"), "eater0.sink");
  ck_assert_str_eq (peer (p, "numbers0", "src"), "t.sink");
}
END_TEST

START_TEST (a_named_pad_is_not_taken_by_a_link_without_a_name)
{
  g_autoptr (PinwheelPipeline) p = build (
      "numbers ! split name=t  t. ! eater name=a  t.src_0 ! eater name=b");

  ck_assert_str_eq (peer (p, "t", "src_0"), "b.sink");
  ck_assert_str_eq (peer (p, "t", "src_1"), "a.sink");
}
END_TEST

START_TEST (names_chosen_here_never_take_a_name_of_the_text)
{
  g_autoptr (PinwheelPipeline) p = build ("numbers ! double ! double name=double0 ! eater");

  ck_assert_str_eq (peer (p, "numbers0", "src"), "double1.sink");
  ck_assert_str_eq (peer (p, "double1", "src"), "double0.sink");
}
END_TEST

START_TEST (elements_are_found_by_the_names_chosen_here)
{
  g_autoptr (PinwheelPipeline) p = build (
      "numbers  double0. ! eater  double  numbers0. ! double0.");

  ck_assert_str_eq (peer (p, "numbers0", "src"), "double0.sink");
}
END_TEST

START_TEST (unknown_names_are_told_with_near_ones)
{
  refuse ("numbers locaton=x ! eater", "<text>:1:9: numbers has no property 'locaton'; did you "
                                       "mean 'location'?\n"
                                       "    numbers locaton=x ! eater\n"
                                       "            ^~~~~~~");
  refuse ("numbers ! eatr", "<text>:1:11: there is no element 'eatr'; did you mean 'eater'?\n"
                            "    numbers ! eatr\n"
                            "              ^~~~");
  refuse ("numbers ! split name=tree  tre. ! eater",
          "<text>:1:28: no element is named 'tre'; did you mean 'tree'?\n"
          "    numbers ! split name=tree  tre. ! eater\n"
          "                               ^~~~");
  refuse ("numbers zzz=1 ! eater",
          "<text>:1:9: numbers has no property 'zzz'; it has items, location, name\n"
          "    numbers zzz=1 ! eater\n"
          "            ^~~");
}
END_TEST

START_TEST (a_value_out_of_range_is_told_at_the_value)
{
  refuse ("numbers items=101 ! eater",
          "<text>:1:15: property 'items' of numbers: '101' is out of range; expected a whole "
          "number, 1 to 100\n"
          "    numbers items=101 ! eater\n"
          "                  ^~~");
  refuse ("numbers seen=1 ! eater", "<text>:1:14: property 'seen' of numbers is a result: it can "
                                    "be read and not set\n"
                                    "    numbers seen=1 ! eater\n"
                                    "                 ^");
}
END_TEST

START_TEST (a_name_given_twice_is_told)
{
  refuse ("numbers name=t ! eater name=t",
          "<text>:1:29: the name 't' is taken by the numbers at 1:14\n"
          "    numbers name=t ! eater name=t\n"
          "                                ^");
}
END_TEST

START_TEST (pads_that_are_not_there_are_told)
{
  refuse ("numbers ! split name=t  t.out_1 ! eater",
          "<text>:1:25: t has no pad 'out_1'; its pads are sink, src_%u\n"
          "    numbers ! split name=t  t.out_1 ! eater\n"
          "                            ^~~~~~~");
  refuse ("eater ! numbers", "<text>:1:1: eater0 has no source pad: nothing can be linked behind "
                             "it\n"
                             "    eater ! numbers\n"
                             "    ^~~~~\n"
                             "<text>:1:9: numbers0 has no sink pad: nothing can be linked before "
                             "it\n"
                             "    eater ! numbers\n"
                             "            ^~~~~~~");
  refuse ("numbers ! split name=t  t.sink ! eater",
          "<text>:1:25: t.sink is a sink pad; a link goes from a source pad to a sink pad\n"
          "    numbers ! split name=t  t.sink ! eater\n"
          "                            ^~~~~~");
}
END_TEST

START_TEST (a_pad_that_is_taken_is_told)
{
  refuse ("numbers name=n ! eater  n. ! eater",
          "<text>:1:25: n.src is already linked to eater0.sink; a tee gives the same chunks to "
          "several elements\n"
          "    numbers name=n ! eater  n. ! eater\n"
          "                            ^~");
}
END_TEST

START_TEST (a_format_that_is_wrong_is_told_once)
{
  g_autoptr (GError) error = NULL;

  ck_assert_ptr_null (pinwheel_parse_launch ("numbers ! x:f33[*] ! eater", "a.pw", &error));
  ck_assert (g_str_has_prefix (error->message, "a.pw:1:11: "));
  ck_assert_ptr_nonnull (strstr (error->message, "f33"));
  ck_assert_ptr_null (strstr (error->message + 1, "\na.pw:"));
}
END_TEST

START_TEST (a_description_without_elements_is_refused)
{
  static const char *const empty[] = { "", "  \n", "# only a comment" };

  for (guint i = 0; i < G_N_ELEMENTS (empty); i++)
    {
      g_autoptr (GError) error = NULL;

      ck_assert_ptr_null (pinwheel_parse_launch (empty[i], NULL, &error));
      ck_assert (g_str_has_prefix (error->message, "<text>:1:1: there is no element here"));
    }
}
END_TEST

START_TEST (mistakes_of_every_kind_are_told_at_once)
{
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) lines = NULL;
  g_autoptr (GString) places = g_string_new (NULL);

  ck_assert_ptr_null (pinwheel_parse_launch ("nubers ! double items=0 !\n"
                                             "! eater q=1\n"
                                             "t. ! eater name=\"x",
                                             NULL, &error));
  lines = g_strsplit (error->message, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    if (g_str_has_prefix (lines[i], "<text>:"))
      g_string_append_printf (places, "%.*s ", (int) strcspn (lines[i] + 7, " "), lines[i] + 7);
  ck_assert_str_eq (places->str, "1:1: 1:23: 2:1: 2:9: 3:1: 3:17: ");
}
END_TEST

START_TEST (mutated_descriptions_end_in_a_pipeline_or_an_error)
{
  static const char *const samples[] = {
    "numbers items=7 ! double ! x:f32[*] ! eater",
    "numbers ! split name=t  t. ! eater  t.src_1 ! join name=j  numbers ! j.  j. ! eater",
  };
  static const char alphabet[] = "!\"=.: 0159_ntj";
  GRand *rand = g_rand_new_with_seed (11);
  guint right = 0, wrong = 0;

  for (guint i = 0; i < 4000; i++)
    {
      g_autofree char *text = g_strdup (samples[i % G_N_ELEMENTS (samples)]);
      g_autoptr (GError) error = NULL;
      g_autoptr (PinwheelPipeline) pipeline = NULL;

      for (guint n = g_rand_int_range (rand, 1, 4); n > 0; n--)
        text[g_rand_int_range (rand, 0, strlen (text))]
            = alphabet[g_rand_int_range (rand, 0, sizeof alphabet - 1)];
      pipeline = pinwheel_parse_launch (text, NULL, &error);
      ck_assert_msg ((pipeline == NULL) == (error != NULL), "%s", text);
      right += pipeline != NULL;
      wrong += pipeline == NULL;
    }
  ck_assert_uint_gt (right, 0);
  ck_assert_uint_gt (wrong, 0);
  g_rand_free (rand);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("parse");
  TCase *right = tcase_create ("right");
  TCase *wrong = tcase_create ("wrong");
  SRunner *runner = srunner_create (suite);
  int failed;

  suite_add_tcase (suite, right);
  tcase_add_checked_fixture (right, setup, NULL);
  tcase_add_test (right, elements_get_names_properties_and_links);
  tcase_add_test (right, references_may_stand_before_what_they_name);
  tcase_add_test (right, a_named_pad_is_not_taken_by_a_link_without_a_name);
  tcase_add_test (right, names_chosen_here_never_take_a_name_of_the_text);
  tcase_add_test (right, elements_are_found_by_the_names_chosen_here);
  suite_add_tcase (suite, wrong);
  tcase_add_checked_fixture (wrong, setup, NULL);
  tcase_add_test (wrong, unknown_names_are_told_with_near_ones);
  tcase_add_test (wrong, a_value_out_of_range_is_told_at_the_value);
  tcase_add_test (wrong, a_name_given_twice_is_told);
  tcase_add_test (wrong, pads_that_are_not_there_are_told);
  tcase_add_test (wrong, a_pad_that_is_taken_is_told);
  tcase_add_test (wrong, a_format_that_is_wrong_is_told_once);
  tcase_add_test (wrong, a_description_without_elements_is_refused);
  tcase_add_test (wrong, mistakes_of_every_kind_are_told_at_once);
  tcase_add_test (wrong, mutated_descriptions_end_in_a_pipeline_or_an_error);

  srunner_run_all (runner, CK_ENV);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
