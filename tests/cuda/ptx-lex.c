/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "ptx-private.h"

typedef struct
{
  const char *at;
  guint line;
  GStringChunk *strings;
  GArray *tokens;
  GError **error;
} Lexer;

G_DEFINE_QUARK (ptx - error - quark, ptx_error)

static gboolean
fail (Lexer *self, const char *what)
{
  g_set_error (self->error, PTX_ERROR, PTX_ERROR_PARSE, "PTX line %u: %s", self->line, what);
  return FALSE;
}

static gboolean
is_word_start (char c)
{
  return g_ascii_isalpha (c) || c == '_' || c == '$' || c == '%' || c == '.';
}

static gboolean
is_word (char c)
{
  return g_ascii_isalnum (c) || c == '_' || c == '$' || c == '.';
}

static void
add (Lexer *self, PtxTokenKind kind, const char *end, guint64 value)
{
  PtxToken token = { .kind = kind, .line = self->line, .value = value };
  g_autofree char *text = g_strndup (self->at, end - self->at);

  token.text = g_string_chunk_insert_const (self->strings, text);
  g_array_append_val (self->tokens, token);
  self->at = end;
}

static void
word (Lexer *self)
{
  const char *end = self->at + 1;

  while (is_word (*end) || (end[0] == ':' && end[1] == ':' && is_word_start (end[2])))
    end += *end == ':' ? 2 : 1;
  add (self, PTX_TOKEN_WORD, end, 0);
}

/* 0f and 0d: a value's bits, of exactly that many digits */
static gboolean
bits (Lexer *self, PtxTokenKind kind, guint digits)
{
  guint64 value = 0;
  const char *at = self->at + 2;

  for (guint k = 0; k < digits; k++, at++)
    {
      if (!g_ascii_isxdigit (*at))
        return fail (self, "a floating-point constant has too few digits");
      value = value << 4 | (guint64) g_ascii_xdigit_value (*at);
    }
  add (self, kind, at, value);
  return TRUE;
}

static gboolean
number (Lexer *self)
{
  char second = self->at[0] == '0' ? (char) g_ascii_tolower (self->at[1]) : 0;
  const char *start = self->at;
  char *end;
  guint64 value;
  int base = second == 'x' ? 16 : second == 'b' ? 2 : second ? 8 : 10;

  if (second == 'f')
    return bits (self, PTX_TOKEN_SINGLE, 8);
  if (second == 'd')
    return bits (self, PTX_TOKEN_DOUBLE, 16);
  start += base == 16 || base == 2 ? 2 : 0;
  value = g_ascii_strtoull (start, &end, base);
  if (base != 16 && base != 2 && (*end == '.' || g_ascii_tolower (*end) == 'e'))
    {
      double real = g_ascii_strtod (self->at, &end);

      add (self, PTX_TOKEN_DOUBLE, end, ptx_from_f64 (real));
      return TRUE;
    }
  if (end == start || !g_ascii_isalnum (*start))
    return fail (self, "a number has no digits");
  add (self, PTX_TOKEN_INTEGER, *end == 'U' ? end + 1 : end, value);
  return TRUE;
}

static gboolean
string (Lexer *self)
{
  const char *end = self->at + 1;

  while (*end && *end != '"' && *end != '\n')
    end += *end == '\\' && end[1] && end[1] != '\n' ? 2 : 1;
  if (*end != '"')
    return fail (self, "a string has no end");
  add (self, PTX_TOKEN_STRING, end + 1, 0);
  return TRUE;
}

static gboolean
comment (Lexer *self)
{
  const char *end;

  if (self->at[1] == '/')
    {
      self->at += strcspn (self->at, "\n");
      return TRUE;
    }
  end = strstr (self->at + 2, "*/");
  if (end == NULL)
    return fail (self, "a comment has no end");
  for (; self->at < end + 2; self->at++)
    self->line += *self->at == '\n';
  return TRUE;
}

static gboolean
step (Lexer *self)
{
  char c = *self->at;

  if (g_ascii_isspace (c))
    {
      self->line += c == '\n';
      self->at++;
      return TRUE;
    }
  if (c == '/' && (self->at[1] == '/' || self->at[1] == '*'))
    return comment (self);
  if (is_word_start (c))
    {
      word (self);
      return TRUE;
    }
  if (g_ascii_isdigit (c))
    return number (self);
  if (c == '"')
    return string (self);
  if (strchr ("{}[]()<>,;:=+-!|@", c) == NULL)
    return fail (self, "a character that has no meaning in PTX");
  add (self, PTX_TOKEN_SIGN, self->at + 1, (guint64) c);
  return TRUE;
}

GArray *
ptx_lex (const char *text, GStringChunk *strings, GError **error)
{
  Lexer self = { .at = text, .line = 1, .strings = strings, .error = error };

  self.tokens = g_array_new (FALSE, FALSE, sizeof (PtxToken));
  while (*self.at)
    if (!step (&self))
      {
        g_array_unref (self.tokens);
        return NULL;
      }
  add (&self, PTX_TOKEN_END, self.at, 0);
  return self.tokens;
}
