/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The text form of formats: arrays `name:dtype[axis,axis,...]` separated by spaces, where an axis
 * is a length or `*`. Spaces may stand inside the brackets too. */
#include "config.h"

#include <stdarg.h>
#include <string.h>

#include <pinwheel/error.h>
#include <pinwheel/format.h>
#include <pinwheel/property.h>

#include "base/quote-private.h"

#define SPACE      " \t\r\n"
#define WORD_CHARS G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "_"

typedef struct
{
  const char *text;
  const char *at; /* the next character */
} Parser;

/* Everything before a mistake is ASCII, so a column is a byte. */
static gboolean fail (Parser *self, const char *where, GError **error, const char *format, ...)
    G_GNUC_PRINTF (4, 5);
static gboolean
fail (Parser *self, const char *where, GError **error, const char *format, ...)
{
  g_autofree char *what = NULL;
  va_list args;

  va_start (args, format);
  what = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_PARSE, "column %" G_GSIZE_FORMAT ": %s",
               (gsize) (where - self->text) + 1, what);
  return FALSE;
}

/* Fails at the next character, which is not what was @expected. */
static gboolean
fail_here (Parser *self, const char *expected, GError **error)
{
  g_autofree char *found = NULL;

  if (*self->at == '\0')
    return fail (self, self->at, error, "expected %s, found the end", expected);
  if (strchr (SPACE, *self->at) != NULL)
    return fail (self, self->at, error, "expected %s, found a space", expected);
  if (strchr (WORD_CHARS, *self->at) != NULL)
    {
      g_autofree char *word = g_strndup (self->at, strspn (self->at, WORD_CHARS));

      found = pinwheel_quote (word);
    }
  else
    {
      gunichar c = g_utf8_get_char_validated (self->at, -1);
      gsize length = (gint32) c < 0 ? 1 : (gsize) (g_utf8_next_char (self->at) - self->at);
      g_autofree char *character = g_strndup (self->at, length);

      found = pinwheel_quote (character);
    }
  return fail (self, self->at, error, "expected %s, found %s", expected, found);
}

static void
skip_space (Parser *self)
{
  self->at += strspn (self->at, SPACE);
}

/* Returns: (transfer full) (nullable): the identifier that comes next */
static char *
take_word (Parser *self)
{
  gsize length = strspn (self->at, WORD_CHARS);

  if (length == 0 || g_ascii_isdigit (*self->at))
    return NULL;
  self->at += length;
  return g_strndup (self->at - length, length);
}

static gboolean
refuse_dtype (Parser *self, const char *where, const char *word, GError **error)
{
  static const struct
  {
    const char *word;
    PinwheelDType dtype;
  } aliases[] = {
    { "int8", PINWHEEL_DTYPE_I8 },         { "int16", PINWHEEL_DTYPE_I16 },
    { "int32", PINWHEEL_DTYPE_I32 },       { "int64", PINWHEEL_DTYPE_I64 },
    { "uint8", PINWHEEL_DTYPE_U8 },        { "uint16", PINWHEEL_DTYPE_U16 },
    { "uint32", PINWHEEL_DTYPE_U32 },      { "uint64", PINWHEEL_DTYPE_U64 },
    { "float16", PINWHEEL_DTYPE_F16 },     { "float32", PINWHEEL_DTYPE_F32 },
    { "float64", PINWHEEL_DTYPE_F64 },     { "complex64", PINWHEEL_DTYPE_C64 },
    { "complex128", PINWHEEL_DTYPE_C128 }, { "half", PINWHEEL_DTYPE_F16 },
    { "float", PINWHEEL_DTYPE_F32 },       { "double", PINWHEEL_DTYPE_F64 },
    { "int", PINWHEEL_DTYPE_I32 },
  };
  const char *names[PINWHEEL_N_DTYPES + 1] = { NULL };
  g_autofree char *quoted = pinwheel_quote (word);
  g_autofree char *all = NULL;
  const char *near = NULL;

  for (guint i = 0; i < PINWHEEL_N_DTYPES; i++)
    names[i] = pinwheel_dtype_to_string ((PinwheelDType) i);
  for (guint i = 0; i < G_N_ELEMENTS (aliases) && near == NULL; i++)
    if (g_ascii_strcasecmp (word, aliases[i].word) == 0)
      near = names[aliases[i].dtype];
  if (near == NULL)
    near = pinwheel_suggest (word, names);
  all = g_strjoinv (" ", (char **) names);
  return fail (self, where, error, "%s is not a dtype; expected one of %s%s%s%s", quoted, all,
               near != NULL ? "; did you mean '" : "", near != NULL ? near : "",
               near != NULL ? "'?" : "");
}

static gboolean
parse_dtype (Parser *self, PinwheelDType *dtype, GError **error)
{
  const char *where = self->at;
  g_autofree char *word = take_word (self);

  if (word == NULL)
    return fail_here (self, "a dtype such as f32", error);
  return pinwheel_dtype_from_string (word, dtype) || refuse_dtype (self, where, word, error);
}

static gboolean
parse_length (Parser *self, guint64 *length, GError **error)
{
  const char *where = self->at;

  if (!g_ascii_isdigit (*self->at))
    return fail_here (self, "the length of an axis, or *", error);
  *length = 0;
  for (; g_ascii_isdigit (*self->at); self->at++)
    if (!g_uint64_checked_mul (length, *length, 10)
        || !g_uint64_checked_add (length, *length, (guint64) (*self->at - '0')))
      return fail (self, where, error, "the length of this axis does not fit 64 bits");
  return TRUE;
}

static gboolean
parse_axis (Parser *self, PinwheelArray *array, GError **error)
{
  if (array->n_dims == PINWHEEL_MAX_DIMS)
    return fail (self, self->at, error, "array '%s' has too many axes; %d are the most",
                 array->name, PINWHEEL_MAX_DIMS);
  if (*self->at == '*')
    {
      if (array->chunk_axis != PINWHEEL_NO_CHUNK_AXIS)
        return fail (self, self->at, error, "a second * in array '%s'; it is cut along one axis",
                     array->name);
      array->chunk_axis = (int) array->n_dims;
      array->shape[array->n_dims] = 0;
      self->at++;
    }
  else if (!parse_length (self, &array->shape[array->n_dims], error))
    return FALSE;
  array->n_dims++;
  return TRUE;
}

/* Reads `[...]`, or nothing: a scalar. */
static gboolean
parse_shape (Parser *self, PinwheelArray *array, GError **error)
{
  if (*self->at != '[')
    return TRUE;
  self->at++;
  skip_space (self);
  if (*self->at == ']')
    {
      self->at++;
      return TRUE;
    }
  for (;;)
    {
      if (!parse_axis (self, array, error))
        return FALSE;
      skip_space (self);
      if (*self->at == ']')
        break;
      if (*self->at != ',')
        return fail_here (self, "',' or ']'", error);
      self->at++;
      skip_space (self);
    }
  self->at++;
  return TRUE;
}

static gboolean
parse_array (Parser *self, PinwheelArray *array, GError **error)
{
  const char *where = self->at;
  PinwheelArray read = { .chunk_axis = PINWHEEL_NO_CHUNK_AXIS };
  g_autofree char *name = take_word (self);
  g_autoptr (GError) reason = NULL;

  if (name == NULL)
    return fail_here (self, "an array such as x:f32[*]", error);
  read.name = name;
  if (*self->at != ':')
    return fail_here (self, "':' and a dtype after the name", error);
  self->at++;
  if (!parse_dtype (self, &read.dtype, error) || !parse_shape (self, &read, error))
    return FALSE;
  if (*self->at != '\0' && strchr (SPACE, *self->at) == NULL)
    return fail_here (self,
                      self->at[-1] == ']' ? "a space before the next array"
                                          : "'[' and the shape, or a space before the next array",
                      error);
  if (!pinwheel_array_init (array, name, read.dtype, read.n_dims, read.shape, read.chunk_axis,
                            &reason))
    return fail (self, where, error, "%s", reason->message);
  return TRUE;
}

PinwheelFormat *
pinwheel_format_parse (const char *text, guint64 n_items, GError **error)
{
  Parser parser = { .text = text, .at = text };
  g_autoptr (GArray) arrays = NULL;
  PinwheelFormat *format;
  GError *reason = NULL;

  g_return_val_if_fail (text != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  arrays = g_array_new (FALSE, FALSE, sizeof (PinwheelArray));
  skip_space (&parser);
  do
    {
      const char *where = parser.at;
      PinwheelArray array;

      if (arrays->len == PINWHEEL_MAX_ARRAYS)
        {
          fail (&parser, where, error, "too many arrays; %d are the most", PINWHEEL_MAX_ARRAYS);
          return NULL;
        }
      if (!parse_array (&parser, &array, error))
        return NULL;
      for (guint i = 0; i < arrays->len; i++)
        if (g_array_index (arrays, PinwheelArray, i).name == array.name)
          {
            fail (&parser, where, error, "a second array called '%s'", array.name);
            return NULL;
          }
      g_array_append_val (arrays, array);
      skip_space (&parser);
    }
  while (*parser.at != '\0');

  format = pinwheel_format_new ((const PinwheelArray *) (gpointer) arrays->data, arrays->len,
                                n_items, &reason);
  if (format == NULL)
    {
      reason->code = PINWHEEL_ERROR_PARSE;
      g_propagate_error (error, reason);
    }
  return format;
}
