/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Classes as other languages make them: what they say by calls and by GObject properties counts as
 * what tables say, and what they lack is an error that names it. */
#include "config.h"

#include <check.h>
#include <pinwheel/pinwheel.h>
#include <stdlib.h>
#include <string.h>

/* A source whose properties are GObject's. */
typedef struct
{
  PinwheelSource parent_instance;
  guint items;
  double step;
  char *label;
  gboolean slow;
} Counter;
typedef PinwheelSourceClass CounterClass;
GType counter_get_type (void);
G_DEFINE_TYPE (Counter, counter, PINWHEEL_TYPE_SOURCE)

enum
{
  PROP_ITEMS = 1,
  PROP_STEP,
  PROP_LABEL,
  PROP_SLOW,
  PROP_SEEN
};

static void
counter_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  Counter *self = (Counter *) object;

  if (id == PROP_ITEMS || id == PROP_SEEN)
    g_value_set_uint (value, self->items);
  else if (id == PROP_STEP)
    g_value_set_double (value, self->step);
  else if (id == PROP_LABEL)
    g_value_set_string (value, self->label);
  else
    g_value_set_boolean (value, self->slow);
}

static void
counter_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  Counter *self = (Counter *) object;

  if (id == PROP_ITEMS)
    self->items = g_value_get_uint (value);
  else if (id == PROP_STEP)
    self->step = g_value_get_double (value);
  else if (id == PROP_LABEL)
    {
      g_free (self->label);
      self->label = g_value_dup_string (value);
    }
  else
    self->slow = g_value_get_boolean (value);
}

static gboolean
counter_negotiate (PinwheelElement *element, GError **error)
{
  guint64 items = ((Counter *) element)->items;
  g_autoptr (PinwheelFormat) format = pinwheel_format_parse ("x:f64[*]", items, error);

  if (format != NULL)
    pinwheel_pad_set_format (pinwheel_element_get_src (element), format);
  return format != NULL;
}

static gboolean
counter_fill (PinwheelSource *source, PinwheelChunk *chunk, GError **error)
{
  double *x = pinwheel_chunk_get_data (chunk, 0);
  guint64 start = pinwheel_chunk_get_start (chunk);

  for (guint64 i = 0; i < pinwheel_chunk_get_count (chunk); i++)
    x[i] = (double) (start + i) * ((Counter *) source)->step;
  return TRUE;
}

static void
counter_finalize (GObject *object)
{
  g_free (((Counter *) object)->label);
  G_OBJECT_CLASS (counter_parent_class)->finalize (object);
}

static void
counter_class_init (CounterClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS;

  object_class->get_property = counter_get_property;
  object_class->set_property = counter_set_property;
  object_class->finalize = counter_finalize;
  g_object_class_install_property (
      object_class, PROP_ITEMS, g_param_spec_uint ("items", NULL, "how many", 1, 1000, 10, flags));
  g_object_class_install_property (object_class, PROP_STEP,
                                   g_param_spec_double ("step", NULL, NULL, -2, 2, 1, flags));
  g_object_class_install_property (object_class, PROP_LABEL,
                                   g_param_spec_string ("label", NULL, NULL, NULL, flags));
  g_object_class_install_property (object_class, PROP_SLOW,
                                   g_param_spec_boolean ("slow", NULL, NULL, FALSE, flags));
  g_object_class_install_property (object_class, PROP_SEEN,
                                   g_param_spec_uint ("seen", NULL, NULL, 0, 1000, 0,
                                                      G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));
  PINWHEEL_ELEMENT_CLASS (klass)->negotiate = counter_negotiate;
  klass->fill = counter_fill;
}

static void
counter_init (Counter *self)
{
  self->items = 10;
  self->step = 1;
}

/* Transforms and a sink with as little as can be. */
typedef PinwheelTransform Doubler;
typedef PinwheelTransformClass DoublerClass;
GType doubler_get_type (void);
G_DEFINE_TYPE (Doubler, doubler, PINWHEEL_TYPE_TRANSFORM)

static PinwheelMemoryKind doubler_demands;

static gboolean
doubler_negotiate (PinwheelElement *element, GError **error)
{
  PinwheelPad *src = pinwheel_element_get_src (element);

  pinwheel_pad_set_format (src, pinwheel_pad_get_format (pinwheel_element_get_sink (element)));
  pinwheel_pad_set_demand (src, doubler_demands, 1);
  return TRUE;
}

static gboolean
doubler_transform (PinwheelTransform *self, PinwheelChunk *input, PinwheelChunk *output,
                   GError **error)
{
  const double *x = pinwheel_chunk_get_data (input, 0);
  double *y = pinwheel_chunk_get_data (output, 0);

  ck_assert (pinwheel_chunk_is_on_host (input, 0) && pinwheel_chunk_is_on_host (output, 0));
  for (guint64 i = 0; i < pinwheel_chunk_get_count (input); i++)
    y[i] = 2 * x[i];
  return TRUE;
}

static void
doubler_class_init (DoublerClass *klass)
{
  PINWHEEL_ELEMENT_CLASS (klass)->negotiate = doubler_negotiate;
  klass->transform = doubler_transform;
}

static void
doubler_init (Doubler *self)
{
}

/* A transform that says all by calls. */
typedef PinwheelTransform Talker;
typedef PinwheelTransformClass TalkerClass;
GType talker_get_type (void);
G_DEFINE_TYPE (Talker, talker, PINWHEEL_TYPE_TRANSFORM)

static void
talker_class_init (TalkerClass *klass)
{
}

static void
talker_init (Talker *self)
{
}

typedef PinwheelSource EmptySource;
typedef PinwheelSourceClass EmptySourceClass;
GType empty_source_get_type (void);
G_DEFINE_TYPE (EmptySource, empty_source, PINWHEEL_TYPE_SOURCE)

/* What negotiate() of the empty source does: refuses without a word, forgets the format, or sets
 * this one. */
static const char *empty_format;
static gboolean empty_refuses;

static gboolean
empty_negotiate (PinwheelElement *element, GError **error)
{
  g_autoptr (PinwheelFormat) format = NULL;

  if (empty_format != NULL)
    {
      format = pinwheel_format_parse (empty_format, 10, NULL);
      pinwheel_pad_set_format (pinwheel_element_get_src (element), format);
    }
  return !empty_refuses;
}

static void
empty_source_class_init (EmptySourceClass *klass)
{
  PINWHEEL_ELEMENT_CLASS (klass)->negotiate = empty_negotiate;
}

static void
empty_source_init (EmptySource *self)
{
  empty_format = NULL;
  empty_refuses = FALSE;
}

typedef PinwheelSink EmptySink;
typedef PinwheelSinkClass EmptySinkClass;
GType empty_sink_get_type (void);
G_DEFINE_TYPE (EmptySink, empty_sink, PINWHEEL_TYPE_SINK)

static void
empty_sink_class_init (EmptySinkClass *klass)
{
}

static void
empty_sink_init (EmptySink *self)
{
}

typedef PinwheelAggregator EmptyJoin;
typedef PinwheelAggregatorClass EmptyJoinClass;
GType empty_join_get_type (void);
G_DEFINE_TYPE (EmptyJoin, empty_join, PINWHEEL_TYPE_AGGREGATOR)

static gboolean
empty_join_negotiate (PinwheelElement *element, GError **error)
{
  pinwheel_pad_set_format (pinwheel_element_get_src (element),
                           pinwheel_pad_get_format (pinwheel_element_get_pad (element, "sink_0")));
  return TRUE;
}

static void
empty_join_class_init (EmptyJoinClass *klass)
{
  PINWHEEL_ELEMENT_CLASS (klass)->negotiate = empty_join_negotiate;
}

static void
empty_join_init (EmptyJoin *self)
{
}

static void
setup (void)
{
  doubler_demands = PINWHEEL_MEMORY_PINNED;
  if (pinwheel_registry_find ("counter") != G_TYPE_INVALID)
    return;
  pinwheel_registry_add ("counter", counter_get_type ());
  pinwheel_registry_add ("doubler", doubler_get_type ());
  pinwheel_registry_add ("emptysrc", empty_source_get_type ());
  pinwheel_registry_add ("emptysink", empty_sink_get_type ());
  pinwheel_registry_add ("emptyjoin", empty_join_get_type ());
}

static PinwheelPipeline *
parse (const char *text, const char *device)
{
  g_autoptr (GError) error = NULL;
  PinwheelPipeline *pipeline = pinwheel_parse_launch (text, NULL, &error);

  ck_assert_msg (pipeline != NULL, "%s", error != NULL ? error->message : "no error");
  g_object_set (pipeline, "device", device, NULL);
  return pipeline;
}

static void
assert_fails (PinwheelPipeline *pipeline, const char *says)
{
  g_autoptr (GError) error = NULL;

  ck_assert (!pinwheel_pipeline_run (pipeline, &error));
  ck_assert_msg (error != NULL && strstr (error->message, says) != NULL, "%s: not in: %s", says,
                 error != NULL ? error->message : "no error");
}

START_TEST (gobject_properties_are_set_from_text_and_printed)
{
  g_autoptr (PinwheelPipeline) pipeline = parse (
      "counter items=1000 step=-0.5 label='a b' slow=yes ! checksumsink", "host");
  Counter *counter = (Counter *) pinwheel_pipeline_get_element (pipeline, "counter0");
  g_autofree char *text = pinwheel_pipeline_to_string (pipeline);
  g_autoptr (GError) error = NULL;

  ck_assert_uint_eq (counter->items, 1000);
  ck_assert (counter->step == -0.5 && counter->slow);
  ck_assert_str_eq (counter->label, "a b");
  ck_assert_str_eq (text, "counter items=1000 step=-0.5 label=\"a b\" slow=true ! checksumsink");
  ck_assert_msg (pinwheel_pipeline_run (pipeline, &error), "%s", error->message);
}
END_TEST

START_TEST (gobject_properties_are_checked_as_those_of_tables)
{
  static const struct
  {
    const char *text, *says;
  } wrong[] = {
    { "counter items=0 ! fakesink", "'0' is out of range; expected a whole number, 1 to 1000" },
    { "counter items=1k5 ! fakesink", "is not a whole number" },
    { "counter step=3 ! fakesink", "expected a number, -2 to 2" },
    { "counter seen=3 ! fakesink", "is a result: it can be read and not set" },
    { "counter lable=x ! fakesink", "did you mean 'label'?" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_autoptr (GError) error = NULL;

      ck_assert (pinwheel_parse_launch (wrong[i].text, NULL, &error) == NULL);
      ck_assert_msg (strstr (error->message, wrong[i].says) != NULL, "%s", error->message);
    }
}
END_TEST

START_TEST (info_and_pads_are_said_by_calls)
{
  PinwheelElementClass *klass = g_type_class_ref (talker_get_type ());
  PinwheelElementClass *parent = g_type_class_peek_parent (klass);
  g_autoptr (PinwheelElement) element = NULL;

  for (guint i = 0; i < 2; i++)
    pinwheel_element_class_set_info (klass, "talker", "compute", "Talks", "It does.", NULL);
  pinwheel_element_class_set_pad (klass, "src", PINWHEEL_PAD_SRC, PINWHEEL_PLACE_HOST);
  pinwheel_element_class_set_pad (klass, "more_%u", PINWHEEL_PAD_SRC, PINWHEEL_PLACE_ANY);
  element = g_object_new (talker_get_type (), NULL);
  ck_assert_str_eq (pinwheel_element_get_info (element)->summary, "Talks");
  ck_assert_int_eq (pinwheel_pad_get_place (pinwheel_element_get_src (element)),
                    PINWHEEL_PLACE_HOST);
  ck_assert_int_eq (pinwheel_pad_get_place (pinwheel_element_get_sink (element)),
                    PINWHEEL_PLACE_ANY);
  ck_assert_uint_eq (pinwheel_element_get_pads (element)->len, 2);
  ck_assert_ptr_nonnull (pinwheel_element_get_pad (element, "more_7"));
  ck_assert_str_eq (parent->templates[1].name, "src");
  ck_assert_int_eq (parent->templates[1].place, PINWHEEL_PLACE_ANY);
  g_type_class_unref (klass);
}
END_TEST

START_TEST (what_a_class_lacks_is_told)
{
  g_autoptr (PinwheelPipeline) sink = parse ("counter ! emptysink", "host");
  g_autoptr (PinwheelPipeline) source = parse ("emptysrc ! fakesink", "host");
  g_autoptr (PinwheelPipeline) join = parse ("counter ! emptyjoin ! fakesink", "host");

  assert_fails (sink, "emptysink0: class EmptySink has no consume()");
  assert_fails (source, "emptysrc0: negotiate() of class EmptySource gave pad 'src' no format");
  empty_format = "x:f32[*]";
  assert_fails (source, "emptysrc0: class EmptySource has no fill()");
  empty_format = "k:f32[3]";
  assert_fails (source, "emptysrc0: class EmptySource has no fill_broadcast()");
  empty_refuses = TRUE;
  assert_fails (source, "emptysrc0: failed without saying why");
  assert_fails (join, "emptyjoin0: class EmptyJoin has no aggregate()");
}
END_TEST

START_TEST (what_works_with_the_cpu_is_kept_from_device_memory)
{
  g_autoptr (PinwheelPipeline) between = parse ("counter ! upload ! doubler ! download ! fakesink",
                                                "sim");
  g_autoptr (PinwheelPipeline) before = parse ("counter ! doubler ! upload ! download ! fakesink",
                                               "sim");
  g_autoptr (PinwheelPipeline) host = parse ("counter ! upload ! doubler ! download ! fakesink",
                                             "host");
  g_autoptr (GError) error = NULL;

  assert_fails (between, "doubler0: works with the CPU, which does not reach the memory of sim "
                         "where the chunks of doubler0.sink are; put 'download' before it");
  ck_assert_msg (pinwheel_pipeline_run (before, &error), "%s", error->message);
  ck_assert_msg (pinwheel_pipeline_run (host, &error), "%s", error->message);
  doubler_demands = PINWHEEL_MEMORY_DEVICE;
  assert_fails (before, "doubler0: works with the CPU, which does not reach the memory of sim "
                        "that negotiate() of class Doubler demands for doubler0.src");
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("classes");
  TCase *tests = tcase_create ("classes");
  SRunner *runner;
  int failed;

  tcase_add_checked_fixture (tests, setup, NULL);
  tcase_add_test (tests, gobject_properties_are_set_from_text_and_printed);
  tcase_add_test (tests, gobject_properties_are_checked_as_those_of_tables);
  tcase_add_test (tests, info_and_pads_are_said_by_calls);
  tcase_add_test (tests, what_a_class_lacks_is_told);
  tcase_add_test (tests, what_works_with_the_cpu_is_kept_from_device_memory);
  suite_add_tcase (suite, tests);
  runner = srunner_create (suite);
  srunner_run_all (runner, CK_ENV);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
