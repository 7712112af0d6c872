/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <check.h>
#include <dlfcn.h>
#include <glib/gstdio.h>
#include <gmodule.h>
#include <pinwheel/registry.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "text/registry-private.h"

static const PinwheelElementInfo info = { "thing", "flow", "a thing", "", "" };

static void
thing_class_init (gpointer klass, gpointer data)
{
  PINWHEEL_ELEMENT_CLASS (klass)->info = &info;
}

static GType
register_thing (const char *name)
{
  const GTypeInfo type_info = { .class_size = sizeof (PinwheelElementClass),
                                .class_init = thing_class_init,
                                .instance_size = sizeof (PinwheelElement) };

  return g_type_register_static (PINWHEEL_TYPE_ELEMENT, name, &type_info, 0);
}

static GType
thing_get_type (void)
{
  static gsize type;

  if (g_once_init_enter (&type))
    g_once_init_leave (&type, register_thing ("Thing"));
  return type;
}

static GType
other_get_type (void)
{
  static gsize type;

  if (g_once_init_enter (&type))
    g_once_init_leave (&type, register_thing ("Other"));
  return type;
}

static GType
not_an_element_get_type (void)
{
  return G_TYPE_OBJECT;
}

/* What was said on stderr. */
static GString *said;

static void
listen (const char *text)
{
  g_string_append (said, text);
}

static char *folder;

/* A folder of plug-ins, named before the registry looks: every test runs in a process of its own,
 * or finds what the first one made. */
static void
setup (void)
{
  g_autofree char *broken = NULL;
  g_autofree char *stranger = NULL;
  g_autofree char *other = NULL;
  g_autofree char *path = NULL;
  Dl_info library;

  said = g_string_new (NULL);
  g_set_printerr_handler (listen);
  folder = g_dir_make_tmp ("pinwheel-plugins-XXXXXX", NULL);
  broken = g_build_filename (folder, "broken.so", NULL);
  stranger = g_build_filename (folder, "stranger.so", NULL);
  other = g_build_filename (folder, "README", NULL);
  ck_assert (g_file_set_contents (broken, "no library", -1, NULL));
  ck_assert (g_file_set_contents (other, "no library", -1, NULL));
  ck_assert_int_ne (dladdr ((gconstpointer) g_module_open, &library), 0);
  ck_assert_int_eq (symlink (library.dli_fname, stranger), 0);
  path = g_strdup_printf (":/nowhere:%s:%s", folder, folder);
  g_setenv ("PINWHEEL_PLUGIN_PATH", path, TRUE);
}

static void
teardown (void)
{
  static const char *const files[] = { "broken.so", "stranger.so", "README" };

  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *path = g_build_filename (folder, files[i], NULL);

      g_unlink (path);
    }
  g_rmdir (folder);
  g_free (folder);
  g_string_free (said, TRUE);
  g_set_printerr_handler (NULL);
}

static guint
count (const char *haystack, const char *needle)
{
  guint n = 0;

  for (const char *p = haystack; (p = strstr (p, needle)) != NULL; p++)
    n++;
  return n;
}

/* As if it had been found and loaded. */
static void
take (const PinwheelPlugin *table, const char *path)
{
  g_autoptr (GError) error = NULL;
  PinwheelPluginFile *plugin = pinwheel_plugin_describe (table, path, &error);

  if (plugin != NULL)
    pinwheel_registry_take_plugin (plugin);
  else
    g_printerr ("%s", error->message);
}

START_TEST (a_broken_plugin_is_named_once_and_the_others_go_on)
{
  pinwheel_plugin_find_all ();
  ck_assert_uint_eq (count (said->str, "broken.so: is left out"), 1);
  ck_assert_uint_eq (count (said->str, "stranger.so: is left out: it is not a plug-in"), 1);
  ck_assert_ptr_null (strstr (said->str, "README"));
}
END_TEST

START_TEST (folders_come_in_order_with_the_librarys_own_last)
{
  g_auto (GStrv) folders = pinwheel_plugin_folders ();

  ck_assert_str_eq (folders[0], "/nowhere");
  ck_assert_str_eq (folders[1], folder);
  ck_assert_str_eq (folders[2], folder);
  ck_assert (g_str_has_suffix (folders[3], "/pinwheel-1.0"));
  ck_assert_ptr_null (folders[4]);
}
END_TEST

START_TEST (a_plugin_of_another_interface_or_a_newer_library_is_left_out)
{
  static const PinwheelPluginElement elements[] = { { "stale", thing_get_type }, { NULL, NULL } };
  static const PinwheelPlugin other = { PINWHEEL_PLUGIN_ABI + (1u << 24), "stale", elements };
  static const PinwheelPlugin major = { PINWHEEL_PLUGIN_ABI + (1u << 16), "stale", elements };
  static const PinwheelPlugin minor = { PINWHEEL_PLUGIN_ABI + 1, "stale", elements };
  g_autofree char *newer = g_strdup_printf ("it was built with Pinwheel %d.%d and this library is",
                                            PINWHEEL_VERSION_MAJOR, PINWHEEL_VERSION_MINOR + 1);

  take (&other, "/x/stale.so");
  ck_assert_ptr_nonnull (
      strstr (said->str, "it was built for plug-in interface 2 and this library has 1"));
  take (&major, "/x/stale.so");
  take (&minor, "/x/stale.so");
  ck_assert_uint_eq (count (said->str, "it was built with Pinwheel"), 2);
  ck_assert_ptr_nonnull (strstr (said->str, newer));
  ck_assert_uint_eq (pinwheel_registry_find ("stale"), G_TYPE_INVALID);
}
END_TEST

START_TEST (a_broken_table_is_refused)
{
  static const PinwheelPluginElement elements[] = { { "odd", thing_get_type }, { NULL, NULL } };
  static const PinwheelPlugin nameless = { PINWHEEL_PLUGIN_ABI, NULL, elements };
  static const PinwheelPlugin empty = { PINWHEEL_PLUGIN_ABI, "empty", NULL };

  take (&nameless, "/x/odd.so");
  take (&empty, "/x/odd.so");
  ck_assert_uint_eq (count (said->str, "its table is broken"), 2);
  ck_assert_uint_eq (pinwheel_registry_find ("odd"), G_TYPE_INVALID);
}
END_TEST

START_TEST (the_first_of_two_elements_of_one_name_stays)
{
  static const PinwheelPluginElement elements[] = { { "first", thing_get_type },
                                                    { "first", other_get_type },
                                                    { NULL, NULL } };
  static const PinwheelPlugin plugin = { PINWHEEL_PLUGIN_ABI, "two", elements };

  take (&plugin, "/x/two.so");
  ck_assert_uint_eq (pinwheel_registry_find ("first"), thing_get_type ());
  ck_assert_uint_eq (count (said->str, "/x/two.so: its element 'first' is left out"), 1);
}
END_TEST

START_TEST (names_are_listed_sorted)
{
  g_autofree const char **names = NULL;

  pinwheel_registry_add ("zebra", thing_get_type ());
  pinwheel_registry_add ("ant", thing_get_type ());
  names = pinwheel_registry_list ();
  for (guint i = 0; names[i] != NULL && names[i + 1] != NULL; i++)
    ck_assert_int_lt (strcmp (names[i], names[i + 1]), 0);
  ck_assert (g_strv_contains (names, "ant"));
  ck_assert (g_strv_contains (names, "zebra"));
}
END_TEST

START_TEST (an_element_is_made_by_name)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PinwheelElement) element = NULL;

  pinwheel_registry_add ("made", thing_get_type ());
  element = pinwheel_element_make ("made", "m", &error);
  ck_assert_ptr_nonnull (element);
  ck_assert_ptr_null (error);
  ck_assert_str_eq (pinwheel_element_get_name (element), "m");
  ck_assert_uint_eq (G_OBJECT_TYPE (element), thing_get_type ());
}
END_TEST

START_TEST (an_unknown_element_is_told_with_a_near_name)
{
  g_autoptr (GError) error = NULL;

  pinwheel_registry_add ("statsink", thing_get_type ());
  ck_assert_ptr_null (pinwheel_element_make ("statsnik", NULL, &error));
  ck_assert (g_error_matches (error, PINWHEEL_ERROR, PINWHEEL_ERROR_PARSE));
  ck_assert_str_eq (error->message, "there is no element 'statsnik'; did you mean 'statsink'?");
}
END_TEST

START_TEST (an_element_that_cannot_be_is_left_out_and_the_others_stay)
{
  static const PinwheelPluginElement elements[] = {
    { "odd", not_an_element_get_type }, { "none", NULL },           { "two words", thing_get_type },
    { "-dash", thing_get_type },        { "good", thing_get_type }, { NULL, NULL },
  };
  static const PinwheelPlugin plugin = { PINWHEEL_PLUGIN_ABI, "odd", elements };

  take (&plugin, "/x/odd.so");
  ck_assert_ptr_nonnull (strstr (said->str, "/x/odd.so: its element 'odd' is left out: GObject is "
                                            "not an element that can be made"));
  ck_assert_ptr_nonnull (strstr (said->str, "'none' is left out: nothing is not an element"));
  ck_assert_ptr_nonnull (strstr (said->str, "'two words' is left out: a name has only letters"));
  ck_assert_ptr_nonnull (strstr (said->str, "'-dash' is left out: a name has only letters"));
  ck_assert_ptr_null (pinwheel_registry_look_up ("odd"));
  ck_assert_uint_eq (pinwheel_registry_find ("good"), thing_get_type ());
}
END_TEST

START_TEST (what_is_known_of_an_element_says_where_it_comes_from)
{
  static const PinwheelPluginElement elements[] = { { "known", thing_get_type }, { NULL, NULL } };
  static const PinwheelPlugin plugin = { PINWHEEL_PLUGIN_ABI, "a plug-in", elements };
  const PinwheelRegistryEntry *entry;

  take (&plugin, "/x/known.so");
  entry = pinwheel_registry_look_up ("known");
  ck_assert_str_eq (entry->name, "known");
  ck_assert_str_eq (entry->group, "flow");
  ck_assert_str_eq (entry->summary, "a thing");
  ck_assert_str_eq (entry->plugin, "a plug-in");
  ck_assert_str_eq (entry->path, "/x/known.so");
  ck_assert (g_str_has_prefix (PINWHEEL_VERSION, entry->version));
  pinwheel_registry_add ("own", other_get_type ());
  entry = pinwheel_registry_look_up ("own");
  ck_assert_str_eq (entry->summary, "a thing");
  ck_assert_ptr_null (entry->plugin);
  ck_assert_ptr_null (entry->path);
  ck_assert_ptr_null (pinwheel_registry_look_up ("unknown"));
}
END_TEST

static gpointer
list_and_add (gpointer data)
{
  g_autofree const char **names = pinwheel_registry_list ();
  g_autofree char *name = g_strdup_printf ("thread%d", GPOINTER_TO_INT (data));

  pinwheel_registry_add (name, thing_get_type ());
  return GINT_TO_POINTER (names != NULL && pinwheel_registry_find (name) == thing_get_type ());
}

START_TEST (many_threads_use_the_registry_at_once)
{
  GThread *threads[8];

  for (int i = 0; i < 8; i++)
    threads[i] = g_thread_new ("registry", list_and_add, GINT_TO_POINTER (i));
  for (int i = 0; i < 8; i++)
    ck_assert_ptr_nonnull (g_thread_join (threads[i]));
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("registry");
  TCase *tcase = tcase_create ("names");
  SRunner *runner = srunner_create (suite);
  int failed;

  suite_add_tcase (suite, tcase);
  tcase_add_checked_fixture (tcase, setup, teardown);
  tcase_add_test (tcase, a_broken_plugin_is_named_once_and_the_others_go_on);
  tcase_add_test (tcase, folders_come_in_order_with_the_librarys_own_last);
  tcase_add_test (tcase, a_plugin_of_another_interface_or_a_newer_library_is_left_out);
  tcase_add_test (tcase, a_broken_table_is_refused);
  tcase_add_test (tcase, the_first_of_two_elements_of_one_name_stays);
  tcase_add_test (tcase, names_are_listed_sorted);
  tcase_add_test (tcase, an_element_is_made_by_name);
  tcase_add_test (tcase, an_unknown_element_is_told_with_a_near_name);
  tcase_add_test (tcase, an_element_that_cannot_be_is_left_out_and_the_others_stay);
  tcase_add_test (tcase, what_is_known_of_an_element_says_where_it_comes_from);
  tcase_add_test (tcase, many_threads_use_the_registry_at_once);

  srunner_run_all (runner, CK_ENV);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
