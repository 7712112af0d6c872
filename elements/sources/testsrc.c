/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <pinwheel/source.h>

#include "common/pattern.h"

/* testsrc: arrays made by a rule, so that what comes out of a pipeline can be told beforehand. */
struct _PinwheelTestSrc
{
  PinwheelSource parent_instance;

  char *format;
  guint64 items;
  int pattern; /* a PinwheelPatternKind */
  guint64 seed;
  double value;

  PinwheelFormat *parsed; /* from negotiate() to stop(), read-only between */
};

G_DECLARE_FINAL_TYPE (PinwheelTestSrc, pinwheel_test_src, PINWHEEL, TEST_SRC, PinwheelSource)
G_DEFINE_FINAL_TYPE (PinwheelTestSrc, pinwheel_test_src, PINWHEEL_TYPE_SOURCE)

static GType pinwheel_test_src_pattern_get_type (void);
G_DEFINE_ENUM_TYPE (PinwheelTestSrcPattern, pinwheel_test_src_pattern,
                    G_DEFINE_ENUM_VALUE (PINWHEEL_PATTERN_RAMP, "ramp"),
                    G_DEFINE_ENUM_VALUE (PINWHEEL_PATTERN_CONSTANT, "constant"),
                    G_DEFINE_ENUM_VALUE (PINWHEEL_PATTERN_RANDOM, "random"))

static const PinwheelProperty properties[] = {
  PINWHEEL_STRING (PinwheelTestSrc, format, "format", "x:f32[*]", PINWHEEL_PROPERTY_PLAIN,
                   "Arrays to make, such as \"x:f32[3,*] w:f64[10]\""),
  PINWHEEL_UINT (PinwheelTestSrc, items, "items", 0, G_MAXINT64, 1000000,
                 "Items along every axis written *"),
  PINWHEEL_ENUM (PinwheelTestSrc, pattern, "pattern", pinwheel_test_src_pattern_get_type,
                 PINWHEEL_PATTERN_RAMP, "What the elements are"),
  PINWHEEL_UINT (PinwheelTestSrc, seed, "seed", 0, G_MAXUINT64, 0,
                 "Which random numbers pattern=random gives"),
  PINWHEEL_DOUBLE (PinwheelTestSrc, value, "value", -G_MAXDOUBLE, G_MAXDOUBLE, 1.0,
                   "What every element is with pattern=constant"),
};

static const PinwheelPadTemplate templates[] = {
  { "src", PINWHEEL_PAD_SRC, PINWHEEL_PLACE_HOST },
  { .name = NULL },
};

static const PinwheelElementInfo info = {
  .name = "testsrc",
  .group = "source",
  .summary = "Makes arrays for tests and measurements",
  .description
  = "pattern=ramp: each element is its index in the whole array, in C order; integers that are too "
    "small for it keep its low bits, and bool is true where it is not 0.\n"
    "pattern=constant: each element is value=.\n"
    "pattern=random: floats and both parts of complex numbers are uniform from 0 to below 1, "
    "integers have every bit random. An element depends on seed=, on the place of its array in the "
    "format and on its index alone, never on the chunk length.",
  .example = "testsrc format=\"x:f32[3,*]\" items=1000 pattern=random seed=7 ! statsink",
};

static gboolean
pinwheel_test_src_check_value (PinwheelTestSrc *self, PinwheelFormat *format, GError **error)
{
  for (guint i = 0; i < pinwheel_format_n_arrays (format); i++)
    {
      const PinwheelArray *array = pinwheel_format_array (format, i);

      if (self->pattern != PINWHEEL_PATTERN_CONSTANT
          || pinwheel_pattern_fits (array->dtype, self->value))
        continue;
      g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_PROPERTY,
                   "value=%g is not a value of array '%s', which is %s", self->value, array->name,
                   pinwheel_dtype_to_string (array->dtype));
      return FALSE;
    }
  return TRUE;
}

static gboolean
pinwheel_test_src_negotiate (PinwheelElement *element, GError **error)
{
  PinwheelTestSrc *self = PINWHEEL_TEST_SRC (element);
  PinwheelPad *src = pinwheel_element_get_src (element);
  g_autoptr (PinwheelFormat) format = pinwheel_format_parse (
      self->format != NULL ? self->format : "", self->items, error);

  g_clear_pointer (&self->parsed, pinwheel_format_unref);
  if (format == NULL)
    {
      g_prefix_error (error, "format=\"%s\": ", self->format != NULL ? self->format : "");
      return FALSE;
    }
  if (!pinwheel_test_src_check_value (self, format, error))
    return FALSE;
  pinwheel_pad_set_format (src, format);
  pinwheel_pad_set_demand (src, PINWHEEL_MEMORY_PINNED, pinwheel_format_n_arrays (format));
  self->parsed = g_steal_pointer (&format);
  return TRUE;
}

static void
pinwheel_test_src_stop (PinwheelElement *element)
{
  g_clear_pointer (&PINWHEEL_TEST_SRC (element)->parsed, pinwheel_format_unref);
}

static PinwheelPattern
pinwheel_test_src_get_pattern (PinwheelTestSrc *self, guint array)
{
  PinwheelDType dtype = pinwheel_format_array (self->parsed, array)->dtype;

  return (PinwheelPattern){ dtype, (PinwheelPatternKind) self->pattern,
                            pinwheel_pattern_key (self->seed, array), self->value };
}

static gboolean
pinwheel_test_src_fill (PinwheelSource *source, PinwheelChunk *chunk, GError **error)
{
  PinwheelTestSrc *self = PINWHEEL_TEST_SRC (source);
  guint64 start = pinwheel_chunk_get_start (chunk);
  guint64 count = pinwheel_chunk_get_count (chunk);

  for (guint i = 0; i < pinwheel_format_n_arrays (self->parsed); i++)
    {
      const PinwheelArray *array = pinwheel_format_array (self->parsed, i);
      PinwheelPattern pattern = pinwheel_test_src_get_pattern (self, i);
      guint64 outer = pinwheel_array_outer (array);
      guint64 row = pinwheel_array_row_size (array);
      guint64 elements = row / pinwheel_dtype_size (array->dtype);
      guint8 *data = pinwheel_chunk_get_data (chunk, i);

      if (!pinwheel_array_is_broadcast (array))
        for (guint64 o = 0; o < outer; o++)
          pinwheel_pattern_make (&pattern, (o * self->items + start) * elements, count * elements,
                                 data + o * count * row);
    }
  return TRUE;
}

static gboolean
pinwheel_test_src_fill_broadcast (PinwheelSource *source, guint array, gpointer data,
                                  GError **error)
{
  PinwheelTestSrc *self = PINWHEEL_TEST_SRC (source);
  PinwheelPattern pattern = pinwheel_test_src_get_pattern (self, array);

  pinwheel_pattern_make (&pattern, 0,
                         pinwheel_array_item_elements (pinwheel_format_array (self->parsed, array)),
                         data);
  return TRUE;
}

static void
pinwheel_test_src_class_init (PinwheelTestSrcClass *klass)
{
  PinwheelElementClass *element_class = PINWHEEL_ELEMENT_CLASS (klass);
  PinwheelSourceClass *source_class = PINWHEEL_SOURCE_CLASS (klass);

  element_class->info = &info;
  element_class->templates = templates;
  element_class->negotiate = pinwheel_test_src_negotiate;
  element_class->stop = pinwheel_test_src_stop;
  source_class->fill = pinwheel_test_src_fill;
  source_class->fill_broadcast = pinwheel_test_src_fill_broadcast;
  pinwheel_class_install_properties (G_OBJECT_CLASS (klass), properties, G_N_ELEMENTS (properties));
}

static void
pinwheel_test_src_init (PinwheelTestSrc *self)
{
}
