/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <pinwheel/error.h>

#include "common/npy-header.h"

#include <string.h>

#define MAGIC      "\x93NUMPY"
#define MAGIC_SIZE 6
/* data starts at a multiple of this */
#define ALIGNMENT 64
/* digits that numpy.save() leaves room for in the first axis */
#define GROWTH_DIGITS 21
/* no header of a dtype that is known here comes near it */
#define LONGEST (1024 * 1024)

static const struct
{
  char kind;
  guint size;
  PinwheelDType dtype;
} dtypes[] = {
  { 'b', 1, PINWHEEL_DTYPE_BOOL }, { 'i', 1, PINWHEEL_DTYPE_I8 },    { 'i', 2, PINWHEEL_DTYPE_I16 },
  { 'i', 4, PINWHEEL_DTYPE_I32 },  { 'i', 8, PINWHEEL_DTYPE_I64 },   { 'u', 1, PINWHEEL_DTYPE_U8 },
  { 'u', 2, PINWHEEL_DTYPE_U16 },  { 'u', 4, PINWHEEL_DTYPE_U32 },   { 'u', 8, PINWHEEL_DTYPE_U64 },
  { 'f', 2, PINWHEEL_DTYPE_F16 },  { 'f', 4, PINWHEEL_DTYPE_F32 },   { 'f', 8, PINWHEEL_DTYPE_F64 },
  { 'c', 8, PINWHEEL_DTYPE_C64 },  { 'c', 16, PINWHEEL_DTYPE_C128 },
};

static const struct
{
  char kind;
  const char *what;
} refused[] = {
  { 'O', "Python objects" }, { 'U', "unicode text" }, { 'S', "byte strings" },
  { 'a', "byte strings" },   { 'V', "raw records" },  { 'M', "dates" },
  { 'm', "time spans" },     { 'f', "floats" },       { 'c', "complex numbers" },
};

/* Where the parser is in the text of the header. */
typedef struct
{
  const char *start, *at, *end;
} Cursor;

static gboolean
fail (Cursor *cursor, GError **error, const char *expected)
{
  g_autofree char *seen = g_strndup (cursor->at, MIN (cursor->end - cursor->at, 16));
  g_autofree char *safe = g_strescape (seen, NULL);

  g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_DATA,
               "damaged NumPy header: expected %s at character %" G_GSIZE_FORMAT
               " but found \"%s\"",
               expected, (gsize) (cursor->at - cursor->start), safe);
  return FALSE;
}

static void
skip_space (Cursor *cursor)
{
  while (cursor->at < cursor->end && g_ascii_isspace (*cursor->at))
    cursor->at++;
}

static gboolean
next_is (Cursor *cursor, char c)
{
  skip_space (cursor);
  return cursor->at < cursor->end && *cursor->at == c;
}

static gboolean
take (Cursor *cursor, char c)
{
  if (!next_is (cursor, c))
    return FALSE;
  cursor->at++;
  return TRUE;
}

static gboolean
take_word (Cursor *cursor, const char *word)
{
  gsize n = strlen (word);

  skip_space (cursor);
  if ((gsize) (cursor->end - cursor->at) < n || memcmp (cursor->at, word, n) != 0)
    return FALSE;
  cursor->at += n;
  return TRUE;
}

/* A quoted string without escapes, no longer than any that is understood. */
static gboolean
take_string (Cursor *cursor, char *text, gsize size)
{
  const char *from = cursor->at, *to;
  char quote;

  skip_space (cursor);
  if (cursor->at == cursor->end || (*cursor->at != '\'' && *cursor->at != '"'))
    return FALSE;
  quote = *cursor->at;
  to = memchr (cursor->at + 1, quote, (gsize) (cursor->end - cursor->at) - 1);
  if (to == NULL || (gsize) (to - cursor->at) > size || memchr (cursor->at, '\\', to - cursor->at))
    {
      cursor->at = from;
      return FALSE;
    }
  memcpy (text, cursor->at + 1, to - cursor->at - 1);
  text[to - cursor->at - 1] = '\0';
  cursor->at = to + 1;
  return TRUE;
}

static gboolean
set_dtype (PinwheelNpyHeader *header, const char *descr, GError **error)
{
  const char *kind = descr + (*descr != '\0' && strchr ("<>|=", *descr) != NULL);
  guint64 size = 0;
  const char *what = "something unknown";
  g_autofree char *safe = NULL;

  if (*kind != '\0' && g_ascii_string_to_unsigned (kind + 1, 10, 0, G_MAXUINT16, &size, NULL))
    for (guint i = 0; i < G_N_ELEMENTS (dtypes); i++)
      if (dtypes[i].kind == *kind && dtypes[i].size == size)
        {
          header->dtype = dtypes[i].dtype;
          header->swapped = *descr == (G_BYTE_ORDER == G_LITTLE_ENDIAN ? '>' : '<') && size > 1;
          return TRUE;
        }

  for (guint i = 0; i < G_N_ELEMENTS (refused); i++)
    if (refused[i].kind == *kind)
      what = refused[i].what;
  safe = g_strescape (descr, NULL);
  g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_FORMAT,
               "NumPy dtype '%s' (%s) is not one of bool, i8 to i64, u8 to u64, f16, f32, f64, c64 "
               "and c128; convert it with numpy's astype()",
               safe, what);
  return FALSE;
}

static gboolean
parse_descr (Cursor *cursor, PinwheelNpyHeader *header, GError **error)
{
  char descr[32];

  if (next_is (cursor, '[') || next_is (cursor, '('))
    {
      g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_FORMAT,
                   "holds records (a structured NumPy dtype); save each field as an array of its "
                   "own: np.save(file, x['field'])");
      return FALSE;
    }
  if (!take_string (cursor, descr, sizeof descr))
    return fail (cursor, error, "a short string that names the dtype");
  return set_dtype (header, descr, error);
}

static gboolean
parse_order (Cursor *cursor, PinwheelNpyHeader *header, GError **error)
{
  header->fortran_order = take_word (cursor, "True");
  if (!header->fortran_order && !take_word (cursor, "False"))
    return fail (cursor, error, "True or False");
  return TRUE;
}

static gboolean
parse_length (Cursor *cursor, guint64 *length, GError **error)
{
  guint64 value = 0;

  skip_space (cursor);
  if (cursor->at == cursor->end || !g_ascii_isdigit (*cursor->at))
    return fail (cursor, error, "the length of an axis");
  for (; cursor->at < cursor->end && g_ascii_isdigit (*cursor->at); cursor->at++)
    if (!g_uint64_checked_mul (&value, value, 10)
        || !g_uint64_checked_add (&value, value, *cursor->at - '0'))
      return fail (cursor, error, "the end of a length, which has more than 64 bits already,");
  /* Python 2 wrote long numbers so */
  if (cursor->at < cursor->end && *cursor->at == 'L')
    cursor->at++;
  *length = value;
  return TRUE;
}

static gboolean
parse_shape (Cursor *cursor, PinwheelNpyHeader *header, GError **error)
{
  gboolean comma = FALSE;

  if (!take (cursor, '('))
    return fail (cursor, error, "a shape such as (3, 4)");
  header->n_dims = 0;
  while (!next_is (cursor, ')'))
    {
      if (header->n_dims == PINWHEEL_MAX_DIMS)
        {
          g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_FORMAT,
                       "has more than %d axes, which is the most there can be", PINWHEEL_MAX_DIMS);
          return FALSE;
        }
      if (!parse_length (cursor, &header->shape[header->n_dims], error))
        return FALSE;
      header->n_dims++;
      comma = take (cursor, ',');
      if (!comma && !next_is (cursor, ')'))
        return fail (cursor, error, "',' or ')' in the shape");
    }
  /* (3) is a number and not a tuple */
  if (header->n_dims == 1 && !comma)
    return fail (cursor, error, "',' after the only length of the shape");
  cursor->at++;
  return TRUE;
}

static gboolean
parse_entry (Cursor *cursor, PinwheelNpyHeader *header, guint *seen, GError **error)
{
  static const char *const keys[] = { "descr", "fortran_order", "shape" };
  static gboolean (*const parsers[]) (Cursor *, PinwheelNpyHeader *, GError **) = { parse_descr,
                                                                                    parse_order,
                                                                                    parse_shape };
  char key[32];
  guint i = 0;

  if (!take_string (cursor, key, sizeof key))
    return fail (cursor, error, "'descr', 'fortran_order' or 'shape'");
  while (i < G_N_ELEMENTS (keys) && strcmp (keys[i], key) != 0)
    i++;
  if (i == G_N_ELEMENTS (keys) || (*seen & 1u << i) != 0)
    {
      g_autofree char *safe = g_strescape (key, NULL);

      g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_DATA,
                   "damaged NumPy header: key '%s' %s; there must be descr, fortran_order and "
                   "shape, once each",
                   safe, i == G_N_ELEMENTS (keys) ? "is not known" : "comes twice");
      return FALSE;
    }
  *seen |= 1u << i;
  if (!take (cursor, ':'))
    return fail (cursor, error, "':' after a key");
  return parsers[i](cursor, header, error);
}

static gboolean
parse_dict (Cursor *cursor, PinwheelNpyHeader *header, GError **error)
{
  guint seen = 0;

  if (!take (cursor, '{'))
    return fail (cursor, error, "'{'");
  while (!take (cursor, '}'))
    {
      if (!parse_entry (cursor, header, &seen, error))
        return FALSE;
      if (!take (cursor, ',') && !next_is (cursor, '}'))
        return fail (cursor, error, "',' or '}'");
    }
  if (seen != 7)
    {
      g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_DATA, "damaged NumPy header: it has no %s",
                   (seen & 1) == 0   ? "descr"
                   : (seen & 2) == 0 ? "fortran_order"
                                     : "shape");
      return FALSE;
    }
  skip_space (cursor);
  return cursor->at == cursor->end || fail (cursor, error, "only spaces after the '}'");
}

static gboolean
set_data_size (PinwheelNpyHeader *header, GError **error)
{
  guint64 size = pinwheel_dtype_size (header->dtype), end;
  gboolean fits = TRUE;

  for (guint i = 0; i < header->n_dims; i++)
    if (header->shape[i] == 0)
      {
        header->data_size = 0;
        return TRUE;
      }
  for (guint i = 0; i < header->n_dims; i++)
    fits = fits && g_uint64_checked_mul (&size, size, header->shape[i]);
  header->data_size = size;
  if (!fits || !g_uint64_checked_add (&end, size, header->data_offset) || end > G_MAXINT64)
    {
      g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_DATA,
                   "damaged NumPy header: an array of that shape has more bytes than any file");
      return FALSE;
    }
  return TRUE;
}

gboolean
pinwheel_npy_header_length (const guint8 *bytes, gsize size, gsize *length, GError **error)
{
  gsize prefix, text;

  if (size < MAGIC_SIZE + 4 || memcmp (bytes, MAGIC, MAGIC_SIZE) != 0)
    {
      g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_DATA,
                   "is not a NumPy file: it does not begin with the bytes \\x93NUMPY%s",
                   size < MAGIC_SIZE + 4 ? ", and is shorter than any header" : "");
      return FALSE;
    }
  if (bytes[6] < 1 || bytes[6] > 3 || bytes[7] != 0)
    {
      g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_DATA,
                   "is in NumPy format %u.%u; 1.0, 2.0 and 3.0 are known", bytes[6], bytes[7]);
      return FALSE;
    }
  prefix = bytes[6] == 1 ? PINWHEEL_NPY_PREFIX - 2 : PINWHEEL_NPY_PREFIX;
  if (size < prefix)
    {
      g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_DATA,
                   "ends inside its NumPy header, after %" G_GSIZE_FORMAT " bytes", size);
      return FALSE;
    }
  text = bytes[8] | (gsize) bytes[9] << 8;
  if (prefix == PINWHEEL_NPY_PREFIX)
    text |= (gsize) bytes[10] << 16 | (gsize) bytes[11] << 24;
  if (text > LONGEST)
    {
      g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_DATA,
                   "damaged NumPy header: it claims to be %" G_GSIZE_FORMAT
                   " bytes long; no array needs more than %d",
                   text, LONGEST);
      return FALSE;
    }
  *length = prefix + text;
  return TRUE;
}

gboolean
pinwheel_npy_header_parse (const guint8 *bytes, gsize length, PinwheelNpyHeader *header,
                           GError **error)
{
  gsize expected;
  const char *text;
  Cursor cursor;

  if (!pinwheel_npy_header_length (bytes, length, &expected, error))
    return FALSE;
  if (length < expected)
    {
      g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_DATA,
                   "ends inside its NumPy header: %" G_GSIZE_FORMAT " of %" G_GSIZE_FORMAT
                   " bytes are there",
                   length, expected);
      return FALSE;
    }

  *header = (PinwheelNpyHeader){ .data_offset = expected };
  text = (const char *) bytes + (bytes[6] == 1 ? PINWHEEL_NPY_PREFIX - 2 : PINWHEEL_NPY_PREFIX);
  cursor = (Cursor){ text, text, (const char *) bytes + expected };
  return parse_dict (&cursor, header, error) && set_data_size (header, error);
}

static void
append_descr (GString *text, PinwheelDType dtype)
{
  guint i = 0;

  while (dtypes[i].dtype != dtype)
    i++;
  g_string_append_c (text, dtypes[i].size == 1 ? '|' : G_BYTE_ORDER == G_LITTLE_ENDIAN ? '<' : '>');
  g_string_append_printf (text, "%c%u", dtypes[i].kind, dtypes[i].size);
}

GBytes *
pinwheel_npy_header_format (PinwheelDType dtype, guint n_dims, const guint64 *shape, gsize at_least)
{
  GString *text = g_string_new_len (MAGIC "\x01\x00\x00\x00", PINWHEEL_NPY_PREFIX - 2);
  gsize length;

  g_string_append (text, "{'descr': '");
  append_descr (text, dtype);
  g_string_append (text, "', 'fortran_order': False, 'shape': (");
  for (guint i = 0; i < n_dims; i++)
    g_string_append_printf (text, "%s%" G_GUINT64_FORMAT, i > 0 ? ", " : "", shape[i]);
  g_string_append (text, n_dims == 1 ? ",), }" : "), }");

  length = text->len + 1;
  if (n_dims > 0)
    {
      char digits[GROWTH_DIGITS];

      length += GROWTH_DIGITS - g_snprintf (digits, sizeof digits, "%" G_GUINT64_FORMAT, shape[0]);
    }
  /* one byte more than needed makes NumPy add a whole unit where none is missing */
  length = MAX (length + ALIGNMENT - length % ALIGNMENT, at_least);
  while (text->len < length - 1)
    g_string_append_c (text, ' ');
  g_string_append_c (text, '\n');

  text->str[8] = (char) ((length - 10) & 0xff);
  text->str[9] = (char) ((length - 10) >> 8);
  return g_string_free_to_bytes (text);
}
