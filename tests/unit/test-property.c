/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <pinwheel/error.h>

#include "base/property-private.h"

typedef enum
{
  COLOUR_RED,
  COLOUR_GREEN = 7,
  COLOUR_DARK_BLUE
} Colour;

static GType
colour_get_type (void)
{
  static const GEnumValue values[] = { { COLOUR_RED, "COLOUR_RED", "red" },
                                       { COLOUR_GREEN, "COLOUR_GREEN", "green" },
                                       { COLOUR_DARK_BLUE, "COLOUR_DARK_BLUE", "dark-blue" },
                                       { 0, NULL, NULL } };
  static gsize type;

  if (g_once_init_enter (&type))
    g_once_init_leave (&type, g_enum_register_static ("Colour", values));
  return type;
}

typedef struct
{
  GObject parent_instance;
  char *location;
  char *array;
  guint64 items;
} Thing;
typedef GObjectClass ThingClass;

static GType thing_get_type (void);
G_DEFINE_TYPE (Thing, thing, G_TYPE_OBJECT)

static void
thing_constructed (GObject *object)
{
  G_OBJECT_CLASS (thing_parent_class)->constructed (object);
  pinwheel_object_init_properties (object);
}

static void
thing_finalize (GObject *object)
{
  pinwheel_object_clear_properties (object);
  G_OBJECT_CLASS (thing_parent_class)->finalize (object);
}

static const PinwheelProperty thing_properties[] = {
  PINWHEEL_STRING (Thing, location, "location", NULL, PINWHEEL_PROPERTY_REQUIRED, "file to read"),
  PINWHEEL_STRING (Thing, array, "array", "x", PINWHEEL_PROPERTY_PLAIN, "name of the array"),
  PINWHEEL_UINT (Thing, items, "items", 1, 1000000, 10, "items to make"),
};

static void
thing_class_init (ThingClass *klass)
{
  klass->constructed = thing_constructed;
  klass->finalize = thing_finalize;
  pinwheel_class_install_properties (klass, thing_properties, G_N_ELEMENTS (thing_properties));
}

static void
thing_init (Thing *self)
{
}

/* A subclass with one property of every kind that its parent has not. */
typedef struct
{
  Thing parent_instance;
  gboolean is_loud;
  gint64 axis;
  gint64 any;
  guint64 chunk_bytes;
  double ratio;
  int colour;
  guint64 found;
} Gadget;
typedef ThingClass GadgetClass;

static GType gadget_get_type (void);
G_DEFINE_TYPE (Gadget, gadget, thing_get_type ())

#define EIB (G_GUINT64_CONSTANT (1) << 60)

static const PinwheelProperty gadget_properties[] = {
  PINWHEEL_BOOLEAN (Gadget, is_loud, "loud", TRUE, "whether to shout"),
  PINWHEEL_INT (Gadget, axis, "axis", -1, 31, 0, "axis to cut"),
  PINWHEEL_INT (Gadget, any, "any", G_MININT64, G_MAXINT64, -5, "any number"),
  PINWHEEL_BYTES (Gadget, chunk_bytes, "chunk-bytes", 1, EIB, 16 << 20, "bytes of a chunk"),
  PINWHEEL_DOUBLE (Gadget, ratio, "ratio", 0, 1, 0.1, "how much"),
  PINWHEEL_ENUM (Gadget, colour, "colour", colour_get_type, COLOUR_GREEN, "of the paint"),
  { .name = "found",
    .blurb = "what came out",
    .kind = PINWHEEL_PROPERTY_UINT,
    .offset = G_STRUCT_OFFSET (Gadget, found),
    .flags = PINWHEEL_PROPERTY_READ_ONLY,
    .uint_max = G_MAXUINT64 },
};

static void
gadget_class_init (GadgetClass *klass)
{
  pinwheel_class_install_properties (klass, gadget_properties, G_N_ELEMENTS (gadget_properties));
  pinwheel_type_set_nick (gadget_get_type (), "gadget");
}

static void
gadget_init (Gadget *self)
{
}

static Gadget *gadget;
static GObject *object; /* the same */
static int n_notified;
static int n_warnings;
static char *last_warning;

static void
count_notify (GObject *source, GParamSpec *pspec, gpointer data)
{
  n_notified++;
}

static void
keep_warning (const char *domain, GLogLevelFlags level, const char *message, gpointer data)
{
  n_warnings++;
  g_free (last_warning);
  last_warning = g_strdup (message);
}

static void
setup (void)
{
  gadget = g_object_new (gadget_get_type (), NULL);
  object = G_OBJECT (gadget);
  n_notified = n_warnings = 0;
  g_signal_connect (gadget, "notify", G_CALLBACK (count_notify), NULL);
  g_log_set_always_fatal (G_LOG_FATAL_MASK);
  g_log_set_default_handler (keep_warning, NULL);
}

static void
teardown (void)
{
  g_log_set_default_handler (g_log_default_handler, NULL);
  g_clear_pointer (&last_warning, g_free);
  g_clear_object (&gadget);
}

static void
expect_set (const char *name, const char *text)
{
  g_autoptr (GError) error = NULL;

  ck_assert_msg (pinwheel_object_set_from_string (object, name, text, &error), "%s=%s: %s", name,
                 text, error != NULL ? error->message : "no error");
  ck_assert_ptr_null (error);
}

static void
expect_refused (const char *name, const char *text, const char *message)
{
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  g_autoptr (GError) error = NULL;
  gboolean is_known = g_object_class_find_property (G_OBJECT_GET_CLASS (object), name) != NULL;

  if (is_known)
    before = pinwheel_object_get_as_string (object, name);
  ck_assert_msg (!pinwheel_object_set_from_string (object, name, text, &error), "%s=%s", name,
                 text);
  ck_assert (g_error_matches (error, PINWHEEL_ERROR, PINWHEEL_ERROR_PROPERTY));
  ck_assert_str_eq (error->message, message);
  if (is_known)
    after = pinwheel_object_get_as_string (object, name);
  ck_assert_pstr_eq (after, before);
  ck_assert_int_eq (n_notified, 0);
}

static void
expect_value (const char *name, const char *text)
{
  g_autofree char *value = pinwheel_object_get_as_string (object, name);

  ck_assert_pstr_eq (value, text);
}

static void
expect_defaults (void)
{
  ck_assert_ptr_null (gadget->parent_instance.location);
  ck_assert_str_eq (gadget->parent_instance.array, "x");
  ck_assert_uint_eq (gadget->parent_instance.items, 10);
  ck_assert_int_eq (gadget->is_loud, TRUE);
  ck_assert_int_eq (gadget->axis, 0);
  ck_assert_int_eq (gadget->any, -5);
  ck_assert_uint_eq (gadget->chunk_bytes, 16 << 20);
  ck_assert_double_eq (gadget->ratio, 0.1);
  ck_assert_int_eq (gadget->colour, COLOUR_GREEN);
  ck_assert_uint_eq (gadget->found, 0);
}

START_TEST (a_new_object_has_the_defaults_of_all_its_tables)
{
  expect_defaults ();
}
END_TEST

START_TEST (construction_may_give_values)
{
  g_autoptr (GObject) other = g_object_new (gadget_get_type (), "location", "in.npy", "items",
                                            (guint64) 3, NULL);

  ck_assert_str_eq (((Thing *) other)->location, "in.npy");
  ck_assert_uint_eq (((Thing *) other)->items, 3);
  ck_assert_str_eq (((Thing *) other)->array, "x");
}
END_TEST

START_TEST (every_kind_is_set_and_got_as_a_gobject_property)
{
  g_autofree char *location = NULL;
  gboolean is_loud;
  gint64 axis;
  guint64 items, chunk_bytes;
  double ratio;
  int colour;

  g_object_set (object, "location", "a.npy", "items", (guint64) 77, "loud", FALSE, "axis",
                (gint64) -1, "chunk-bytes", (guint64) 4096, "ratio", 0.75, "colour",
                COLOUR_DARK_BLUE, NULL);
  ck_assert_int_eq (n_notified, 7);
  g_object_get (object, "location", &location, "items", &items, "loud", &is_loud, "axis", &axis,
                "chunk-bytes", &chunk_bytes, "ratio", &ratio, "colour", &colour, NULL);
  ck_assert_str_eq (location, "a.npy");
  ck_assert_uint_eq (items, 77);
  ck_assert_int_eq (is_loud, FALSE);
  ck_assert_int_eq (axis, -1);
  ck_assert_uint_eq (chunk_bytes, 4096);
  ck_assert_double_eq (ratio, 0.75);
  ck_assert_int_eq (colour, COLOUR_DARK_BLUE);
  ck_assert_int_eq (n_warnings, 0);
}
END_TEST

START_TEST (only_a_change_is_notified)
{
  expect_set ("location", "a");
  expect_set ("location", "a");
  expect_set ("items", "10");
  ck_assert_int_eq (n_notified, 1);
}
END_TEST

START_TEST (an_application_cannot_leave_the_range)
{
  g_object_set (object, "items", (guint64) 0, NULL);
  g_object_set (object, "items", (guint64) 1000001, NULL);
  g_object_set (object, "axis", (gint64) 32, NULL);
  g_object_set (object, "chunk-bytes", (guint64) EIB + 1, NULL);
  g_object_set (object, "ratio", 1.5, NULL);
  g_object_set (object, "ratio", (double) NAN, NULL);
  g_object_set (object, "colour", 3, NULL);
  ck_assert_int_eq (n_warnings, 7);
  ck_assert_int_eq (n_notified, 0);
  expect_defaults ();
}
END_TEST

START_TEST (text_sets_every_kind)
{
  expect_set ("location", "a b=c");
  expect_value ("location", "a b=c");
  expect_set ("items", "64k");
  expect_value ("items", "64000");
  expect_set ("items", "4Ki");
  ck_assert_uint_eq (gadget->parent_instance.items, 4096);
  expect_set ("axis", "-1");
  ck_assert_int_eq (gadget->axis, -1);
  expect_set ("any", "-9223372036854775808");
  expect_value ("any", "-9223372036854775808");
  expect_set ("any", "9223372036854775807");
  expect_value ("any", "9223372036854775807");
  expect_set ("any", "-8Ei");
  ck_assert_int_eq (gadget->any, G_MININT64);
  expect_set ("chunk-bytes", "1.5GiB");
  expect_value ("chunk-bytes", "1536MiB");
  expect_set ("chunk-bytes", "1000001");
  expect_value ("chunk-bytes", "1000001");
  expect_set ("ratio", "2.5e-1");
  expect_value ("ratio", "0.25");
  expect_set ("ratio", "0.30000000000000004");
  expect_value ("ratio", "0.30000000000000004");
  expect_set ("ratio", "0.3");
  expect_value ("ratio", "0.3");
  expect_set ("colour", "dark-blue");
  expect_value ("colour", "dark-blue");
}
END_TEST

START_TEST (truth_has_many_words)
{
  static const char *const words[] = { "true", "false", "YES", "no", "1", "0", "On", "off" };

  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    {
      expect_set ("loud", words[i]);
      expect_value ("loud", i % 2 == 0 ? "true" : "false");
    }
}
END_TEST

START_TEST (an_unknown_name_gets_a_near_one_and_the_list)
{
#define ALL "location, array, items, loud, axis, any, chunk-bytes, ratio, colour, found"
  expect_refused ("locaton", "x",
                  "gadget has no property 'locaton'; did you mean 'location'? It has: " ALL);
  expect_refused ("speed\n", "x", "gadget has no property 'speed\\x0A'. It has: " ALL);
}
END_TEST

START_TEST (a_type_without_a_nick_is_called_by_its_name)
{
  g_autoptr (GObject) thing = g_object_new (thing_get_type (), NULL);
  g_autoptr (GError) error = NULL;

  ck_assert (!pinwheel_object_set_from_string (thing, "arr", "y", &error));
  ck_assert_str_eq (error->message, "Thing has no property 'arr'. It has: location, array, items");
}
END_TEST

START_TEST (a_wrong_value_is_refused_with_what_was_expected)
{
  static const char *const cases[][3] = {
    { "chunk-bytes", "8Gib", "'8Gib' is not a size; expected bytes, 1 to 1 EiB, such as 64MiB" },
    { "chunk-bytes", "-1", "'-1' is out of range; expected bytes, 1 to 1 EiB, such as 64MiB" },
    { "chunk-bytes", "2EiB", "'2EiB' is out of range; expected bytes, 1 to 1 EiB, such as 64MiB" },
    { "chunk-bytes", "17EiB",
      "'17EiB' is out of range; expected bytes, 1 to 1 EiB, such as 64MiB" },
    { "chunk-bytes", "0.5",
      "'0.5' is not a whole number of bytes; expected bytes, 1 to 1 EiB, such as 64MiB" },
    { "items", "0", "'0' is out of range; expected a whole number, 1 to 1000000" },
    { "items", "-4294967286",
      "'-4294967286' is out of range; expected a whole number, 1 to 1000000" },
    { "items", "18446744073709551626",
      "'18446744073709551626' is out of range; expected a whole number, 1 to 1000000" },
    { "items", "64kB", "'64kB' is not a whole number; expected a whole number, 1 to 1000000" },
    { "items", "1.5", "'1.5' is not a whole number; expected a whole number, 1 to 1000000" },
    { "items", "", "'' is not a whole number; expected a whole number, 1 to 1000000" },
    { "axis", "-2", "'-2' is out of range; expected a whole number, -1 to 31" },
    { "axis", "--1", "'--1' is not a whole number; expected a whole number, -1 to 31" },
    { "any", "9223372036854775808",
      "'9223372036854775808' is out of range; expected a whole number" },
    { "any", "-9223372036854775809",
      "'-9223372036854775809' is out of range; expected a whole number" },
    { "ratio", "1.01", "'1.01' is out of range; expected a number, 0 to 1" },
    { "ratio", "1k", "'1k' is out of range; expected a number, 0 to 1" },
    { "ratio", "inf", "'inf' is out of range; expected a number, 0 to 1" },
    { "ratio", "nan", "'nan' is not a number; expected a number, 0 to 1" },
    { "ratio", " 1", "' 1' is not a number; expected a number, 0 to 1" },
    { "ratio", "0.5x", "'0.5x' is not a number; expected a number, 0 to 1" },
    { "ratio", "", "'' is not a number; expected a number, 0 to 1" },
    { "loud", "2", "'2' is not a boolean; expected true or false" },
    { "colour", "gren",
      "'gren' is unknown; expected one of red, green, dark-blue; did you mean 'green'?" },
    { "colour", "7", "'7' is unknown; expected one of red, green, dark-blue" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *message = g_strdup_printf ("property '%s' of gadget: %s", cases[i][0],
                                                  cases[i][2]);

      expect_refused (cases[i][0], cases[i][1], message);
    }
}
END_TEST

START_TEST (a_result_is_read_and_never_set)
{
  guint64 found;

  expect_refused ("found", "1",
                  "property 'found' of gadget is a result: it can be read and not set");
  g_object_set (object, "found", (guint64) 1, NULL);
  ck_assert_int_eq (n_warnings, 1);
  gadget->found = 9;
  g_object_get (object, "found", &found, NULL);
  ck_assert_uint_eq (found, 9);
}
END_TEST

START_TEST (a_locked_object_refuses_changes)
{
  const char *message
      = "property 'location' of gadget may change only while the pipeline is stopped";

  pinwheel_object_set_locked (object, TRUE);
  expect_refused ("location", "other", message);
  g_object_set (object, "location", "other", NULL);
  ck_assert_int_eq (n_warnings, 1);
  ck_assert_str_eq (last_warning, message);
  ck_assert_int_eq (n_notified, 0);
  expect_value ("location", NULL);

  pinwheel_object_set_locked (object, FALSE);
  expect_set ("location", "other");
  expect_value ("location", "other");
}
END_TEST

START_TEST (required_properties_are_asked_for)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) again = NULL;

  ck_assert (!pinwheel_object_check_required (object, &error));
  ck_assert (g_error_matches (error, PINWHEEL_ERROR, PINWHEEL_ERROR_PROPERTY));
  ck_assert_str_eq (error->message,
                    "gadget needs its property 'location' (file to read); set it with location=");
  expect_set ("location", "");
  ck_assert (!pinwheel_object_check_required (object, &again));
  ck_assert_str_eq (again->message, error->message);
  expect_set ("location", "in.npy");
  ck_assert (pinwheel_object_check_required (object, NULL));
}
END_TEST

START_TEST (tables_are_listed_parents_first)
{
  g_autoptr (GPtrArray) list = pinwheel_class_list_properties (G_OBJECT_GET_CLASS (object));

  ck_assert_uint_eq (list->len, G_N_ELEMENTS (thing_properties) + G_N_ELEMENTS (gadget_properties));
  for (guint i = 0; i < list->len; i++)
    ck_assert_ptr_eq (list->pdata[i],
                      i < G_N_ELEMENTS (thing_properties)
                          ? &thing_properties[i]
                          : &gadget_properties[i - G_N_ELEMENTS (thing_properties)]);
}
END_TEST

START_TEST (descriptions_and_defaults_are_words_of_a_user)
{
  static const char *const words[][3] = {
    { "location", "text", NULL },
    { "array", "text", "x" },
    { "items", "a whole number, 1 to 1000000", "10" },
    { "loud", "true or false", "true" },
    { "axis", "a whole number, -1 to 31", "0" },
    { "any", "a whole number", "-5" },
    { "chunk-bytes", "bytes, 1 to 1 EiB", "16MiB" },
    { "ratio", "a number, 0 to 1", "0.1" },
    { "colour", "one of red, green, dark-blue", "green" },
    { "found", "a whole number, 0 or more", "0" },
  };
  g_autoptr (GPtrArray) list = pinwheel_class_list_properties (G_OBJECT_GET_CLASS (object));

  ck_assert_uint_eq (list->len, G_N_ELEMENTS (words));
  for (guint i = 0; i < list->len; i++)
    {
      const PinwheelProperty *property = list->pdata[i];
      g_autofree char *description = pinwheel_property_describe (property);
      g_autofree char *def = pinwheel_property_default_as_string (property);

      ck_assert_str_eq (property->name, words[i][0]);
      ck_assert_str_eq (description, words[i][1]);
      ck_assert_pstr_eq (def, words[i][2]);
    }
}
END_TEST

START_TEST (defaults_as_text_are_read_again)
{
  g_autoptr (GPtrArray) list = pinwheel_class_list_properties (G_OBJECT_GET_CLASS (object));

  for (guint i = 0; i < list->len; i++)
    {
      const PinwheelProperty *property = list->pdata[i];
      g_autofree char *def = pinwheel_property_default_as_string (property);

      if (def == NULL || (property->flags & PINWHEEL_PROPERTY_READ_ONLY) != 0)
        continue;
      expect_set (property->name, def);
      ck_assert_int_eq (n_notified, 0);
    }
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("property");
  TCase *tcase = tcase_create ("table");
  SRunner *runner = srunner_create (suite);
  int failed;

  suite_add_tcase (suite, tcase);
  tcase_add_checked_fixture (tcase, setup, teardown);
  tcase_add_test (tcase, a_new_object_has_the_defaults_of_all_its_tables);
  tcase_add_test (tcase, construction_may_give_values);
  tcase_add_test (tcase, every_kind_is_set_and_got_as_a_gobject_property);
  tcase_add_test (tcase, only_a_change_is_notified);
  tcase_add_test (tcase, an_application_cannot_leave_the_range);
  tcase_add_test (tcase, text_sets_every_kind);
  tcase_add_test (tcase, truth_has_many_words);
  tcase_add_test (tcase, an_unknown_name_gets_a_near_one_and_the_list);
  tcase_add_test (tcase, a_type_without_a_nick_is_called_by_its_name);
  tcase_add_test (tcase, a_wrong_value_is_refused_with_what_was_expected);
  tcase_add_test (tcase, a_result_is_read_and_never_set);
  tcase_add_test (tcase, a_locked_object_refuses_changes);
  tcase_add_test (tcase, required_properties_are_asked_for);
  tcase_add_test (tcase, tables_are_listed_parents_first);
  tcase_add_test (tcase, descriptions_and_defaults_are_words_of_a_user);
  tcase_add_test (tcase, defaults_as_text_are_read_again);

  srunner_run_all (runner, CK_ENV);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
