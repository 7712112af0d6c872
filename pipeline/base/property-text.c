/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <float.h>
#include <math.h>

#include <pinwheel/error.h>

#include "base/property-private.h"
#include "base/quote-private.h"
#include "base/size-private.h"

static char *
double_as_string (double number)
{
  char digits[G_ASCII_DTOSTR_BUF_SIZE];

  g_ascii_formatd (digits, sizeof digits, "%.15g", number);
  if (g_ascii_strtod (digits, NULL) != number)
    g_ascii_dtostr (digits, sizeof digits, number);
  return g_strdup (digits);
}

static char *
enum_as_string (const PinwheelProperty *property, int number)
{
  GEnumClass *klass = g_type_class_ref (property->enum_type ());
  const GEnumValue *value = g_enum_get_value (klass, number);
  char *nick = g_strdup (value != NULL ? value->value_nick : NULL);

  g_type_class_unref (klass);
  return nick;
}

char *
pinwheel_property_format (const PinwheelProperty *property, gconstpointer field)
{
  switch (property->kind)
    {
    case PINWHEEL_PROPERTY_BOOLEAN:
      return g_strdup (*(const gboolean *) field ? "true" : "false");
    case PINWHEEL_PROPERTY_INT:
      return g_strdup_printf ("%" G_GINT64_FORMAT, *(const gint64 *) field);
    case PINWHEEL_PROPERTY_UINT:
      return g_strdup_printf ("%" G_GUINT64_FORMAT, *(const guint64 *) field);
    case PINWHEEL_PROPERTY_BYTES:
      return pinwheel_size_exact (*(const guint64 *) field);
    case PINWHEEL_PROPERTY_DOUBLE:
      return double_as_string (*(const double *) field);
    case PINWHEEL_PROPERTY_STRING:
      return g_strdup (*(char *const *) field);
    case PINWHEEL_PROPERTY_ENUM:
      return enum_as_string (property, *(const int *) field);
    }
  g_return_val_if_reached (NULL);
}

void
pinwheel_property_reset (const PinwheelProperty *property, gpointer field)
{
  switch (property->kind)
    {
    case PINWHEEL_PROPERTY_BOOLEAN:
      *(gboolean *) field = property->int_default != 0;
      break;
    case PINWHEEL_PROPERTY_INT:
      *(gint64 *) field = property->int_default;
      break;
    case PINWHEEL_PROPERTY_UINT:
    case PINWHEEL_PROPERTY_BYTES:
      *(guint64 *) field = property->uint_default;
      break;
    case PINWHEEL_PROPERTY_DOUBLE:
      *(double *) field = property->double_default;
      break;
    case PINWHEEL_PROPERTY_STRING:
      *(char **) field = g_strdup (property->string_default);
      break;
    case PINWHEEL_PROPERTY_ENUM:
      *(int *) field = (int) property->int_default;
      break;
    }
}

char *
pinwheel_property_default_as_string (const PinwheelProperty *property)
{
  PinwheelField field = { 0 };
  char *text;

  g_return_val_if_fail (property != NULL, NULL);

  pinwheel_property_reset (property, &field);
  text = pinwheel_property_format (property, &field);
  if (property->kind == PINWHEEL_PROPERTY_STRING)
    g_free (field.string);
  return text;
}

/* @min and @max: NULL where there is no limit. Returns: "@what, @min to @max" */
static char *
describe_range (const char *what, const char *min, const char *max)
{
  if (min != NULL && max != NULL)
    return g_strdup_printf ("%s, %s to %s", what, min, max);
  if (min != NULL)
    return g_strdup_printf ("%s, %s or more", what, min);
  if (max != NULL)
    return g_strdup_printf ("%s, at most %s", what, max);
  return g_strdup (what);
}

static char *
describe_size (guint64 bytes)
{
  if (bytes >= 1024 && bytes % 1024 == 0)
    {
      g_autofree char *exact = pinwheel_size_exact (bytes);
      gsize digits = 0;

      while (g_ascii_isdigit (exact[digits]))
        digits++;
      return g_strdup_printf ("%.*s %s", (int) digits, exact, exact + digits);
    }
  return g_strdup_printf ("%" G_GUINT64_FORMAT, bytes);
}

static char *
describe_enum (const PinwheelProperty *property)
{
  GEnumClass *klass = g_type_class_ref (property->enum_type ());
  GString *text = g_string_new ("one of ");

  for (guint i = 0; i < klass->n_values; i++)
    g_string_append_printf (text, "%s%s", i == 0 ? "" : ", ", klass->values[i].value_nick);
  g_type_class_unref (klass);
  return g_string_free (text, FALSE);
}

char *
pinwheel_property_describe (const PinwheelProperty *property)
{
  g_autofree char *min = NULL;
  g_autofree char *max = NULL;

  g_return_val_if_fail (property != NULL, NULL);

  switch (property->kind)
    {
    case PINWHEEL_PROPERTY_BOOLEAN:
      return g_strdup ("true or false");
    case PINWHEEL_PROPERTY_INT:
      if (property->int_min != G_MININT64)
        min = g_strdup_printf ("%" G_GINT64_FORMAT, property->int_min);
      if (property->int_max != G_MAXINT64)
        max = g_strdup_printf ("%" G_GINT64_FORMAT, property->int_max);
      return describe_range ("a whole number", min, max);
    case PINWHEEL_PROPERTY_UINT:
      min = g_strdup_printf ("%" G_GUINT64_FORMAT, property->uint_min);
      if (property->uint_max != G_MAXUINT64)
        max = g_strdup_printf ("%" G_GUINT64_FORMAT, property->uint_max);
      return describe_range ("a whole number", min, max);
    case PINWHEEL_PROPERTY_BYTES:
      min = describe_size (property->uint_min);
      if (property->uint_max != G_MAXUINT64)
        max = describe_size (property->uint_max);
      return describe_range ("bytes", min, max);
    case PINWHEEL_PROPERTY_DOUBLE:
      if (property->double_min > -DBL_MAX)
        min = double_as_string (property->double_min);
      if (property->double_max < DBL_MAX)
        max = double_as_string (property->double_max);
      return describe_range ("a number", min, max);
    case PINWHEEL_PROPERTY_STRING:
      return g_strdup ("text");
    case PINWHEEL_PROPERTY_ENUM:
      return describe_enum (property);
    }
  g_return_val_if_reached (NULL);
}

/* @wrong: what is wrong with the quoted @text: "is not a size". Returns: FALSE */
static gboolean
refuse (const PinwheelProperty *property, const char *text, const char *wrong,
        const char *suggestion, GError **error)
{
  g_autofree char *quoted = pinwheel_quote (text);
  g_autofree char *expected = pinwheel_property_describe (property);
  g_autofree char *example = NULL;
  const guint64 usual = G_GUINT64_CONSTANT (64) << 20;

  if (suggestion != NULL)
    example = g_strdup_printf ("; did you mean '%s'?", suggestion);
  else if (property->kind == PINWHEEL_PROPERTY_BYTES)
    {
      g_autofree char *size = pinwheel_size_exact (
          CLAMP (usual, property->uint_min, property->uint_max));

      example = g_strdup_printf (", such as %s", size);
    }
  g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_PROPERTY, "%s %s; expected %s%s", quoted,
               wrong, expected, example != NULL ? example : "");
  return FALSE;
}

static gboolean
parse_boolean (const PinwheelProperty *property, const char *text, GValue *value, GError **error)
{
  static const struct
  {
    const char *text;
    gboolean value;
  } words[] = { { "true", TRUE }, { "false", FALSE }, { "yes", TRUE }, { "no", FALSE },
                { "1", TRUE },    { "0", FALSE },     { "on", TRUE },  { "off", FALSE } };

  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    if (g_ascii_strcasecmp (text, words[i].text) == 0)
      {
        g_value_init (value, G_TYPE_BOOLEAN);
        g_value_set_boolean (value, words[i].value);
        return TRUE;
      }
  return refuse (property, text, "is not a boolean", NULL, error);
}

static gboolean
parse_whole (const PinwheelProperty *property, const char *text, GValue *value, GError **error)
{
  gboolean is_bytes = property->kind == PINWHEEL_PROPERTY_BYTES;
  gboolean is_negative = text[0] == '-';
  guint64 number;

  switch (pinwheel_number_parse (text + is_negative, is_bytes, &number))
    {
    case PINWHEEL_NUMBER_MALFORMED:
      return refuse (property, text, is_bytes ? "is not a size" : "is not a whole number", NULL,
                     error);
    case PINWHEEL_NUMBER_FRACTION:
      return refuse (property, text,
                     is_bytes ? "is not a whole number of bytes" : "is not a whole number", NULL,
                     error);
    case PINWHEEL_NUMBER_TOO_LARGE:
      return refuse (property, text, "is out of range", NULL, error);
    case PINWHEEL_NUMBER_OK:
      break;
    }
  if (property->kind == PINWHEEL_PROPERTY_INT)
    {
      /* Negated as unsigned: the least int64 has no positive twin. */
      gint64 whole = (gint64) (is_negative ? -number : number);

      if (number > (guint64) G_MAXINT64 + is_negative || whole < property->int_min
          || whole > property->int_max)
        return refuse (property, text, "is out of range", NULL, error);
      g_value_init (value, G_TYPE_INT64);
      g_value_set_int64 (value, whole);
      return TRUE;
    }
  if ((is_negative && number != 0) || number < property->uint_min || number > property->uint_max)
    return refuse (property, text, "is out of range", NULL, error);
  g_value_init (value, G_TYPE_UINT64);
  g_value_set_uint64 (value, number);
  return TRUE;
}

static gboolean
parse_double (const PinwheelProperty *property, const char *text, GValue *value, GError **error)
{
  char *end;
  guint64 unit = 0;
  double number;

  number = g_ascii_strtod (text, &end);
  if (end != text && !g_ascii_isspace (*text))
    unit = pinwheel_number_unit (end, FALSE);
  if (unit == 0 || isnan (number))
    return refuse (property, text, "is not a number", NULL, error);
  number *= (double) unit;
  if (!(number >= property->double_min && number <= property->double_max))
    return refuse (property, text, "is out of range", NULL, error);
  g_value_init (value, G_TYPE_DOUBLE);
  g_value_set_double (value, number);
  return TRUE;
}

static gboolean
parse_enum (const PinwheelProperty *property, const char *text, GValue *value, GError **error)
{
  GEnumClass *klass = g_type_class_ref (property->enum_type ());
  const GEnumValue *found = g_enum_get_value_by_nick (klass, text);
  gboolean ok = found != NULL;

  if (ok)
    {
      g_value_init (value, G_ENUM_CLASS_TYPE (klass));
      g_value_set_enum (value, found->value);
    }
  else
    {
      g_autofree const char **nicks = g_new0 (const char *, klass->n_values + 1);

      for (guint i = 0; i < klass->n_values; i++)
        nicks[i] = klass->values[i].value_nick;
      refuse (property, text, "is unknown", pinwheel_suggest (text, nicks), error);
    }
  g_type_class_unref (klass);
  return ok;
}

gboolean
pinwheel_property_parse (const PinwheelProperty *property, const char *text, GValue *value,
                         GError **error)
{
  switch (property->kind)
    {
    case PINWHEEL_PROPERTY_BOOLEAN:
      return parse_boolean (property, text, value, error);
    case PINWHEEL_PROPERTY_INT:
    case PINWHEEL_PROPERTY_UINT:
    case PINWHEEL_PROPERTY_BYTES:
      return parse_whole (property, text, value, error);
    case PINWHEEL_PROPERTY_DOUBLE:
      return parse_double (property, text, value, error);
    case PINWHEEL_PROPERTY_ENUM:
      return parse_enum (property, text, value, error);
    case PINWHEEL_PROPERTY_STRING:
      g_value_init (value, G_TYPE_STRING);
      g_value_set_string (value, text);
      return TRUE;
    }
  g_return_val_if_reached (FALSE);
}
