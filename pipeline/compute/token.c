/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "compute/token-private.h"

/* A reader over the text. Only pinwheel_tokens_new() and what it calls use it. */
typedef struct
{
  PinwheelTokens *tokens;
  GArray *items;
  const char *text;
  gsize at;
  gsize line_start;
  const char *file;
  guint line;
  gboolean fresh_line; /* nothing but blanks since the line began */
} Reader;

static gboolean
is_name_start (char c)
{
  return g_ascii_isalpha (c) || c == '_' || c == '$' || (guchar) c >= 0x80;
}

static gboolean
is_name (char c)
{
  return is_name_start (c) || g_ascii_isdigit (c);
}

/* Bytes of a backslash and the line end behind it at @p, or 0 */
static gsize
splice_length (const char *p)
{
  if (p[0] != '\\')
    return 0;
  if (p[1] == '\n')
    return 2;
  return p[1] == '\r' && p[2] == '\n' ? 3 : 0;
}

static void
advance (Reader *self, gsize n)
{
  for (; n > 0 && self->text[self->at] != '\0'; n--)
    if (self->text[self->at++] == '\n')
      {
        self->line++;
        self->line_start = self->at;
      }
}

/* Adds a token that begins here and goes on to @end, and moves behind it. */
static void
add (Reader *self, PinwheelTokenKind kind, gsize end)
{
  PinwheelToken token = { .kind = kind,
                          .offset = self->at,
                          .length = end - self->at,
                          .file = self->file,
                          .line = self->line,
                          .column = (guint) (self->at - self->line_start + 1) };

  g_array_append_val (self->items, token);
  advance (self, end - self->at);
}

static gsize
find_comment_end (const char *text, gsize at)
{
  const char *end = strstr (text + at + 2, "*/");

  return end != NULL ? (gsize) (end - text) + 2 : at + strlen (text + at);
}

/* End of the line in which @at is, behind continuation lines and comments; at its newline */
static gsize
find_line_end (const char *text, gsize at, gboolean comments)
{
  while (text[at] != '\0' && text[at] != '\n')
    {
      gsize splice = splice_length (text + at);

      if (splice > 0)
        at += splice;
      else if (comments && text[at] == '/' && text[at + 1] == '*')
        at = find_comment_end (text, at);
      else
        at++;
    }
  return at;
}

static gsize
find_quote_end (const char *text, gsize at)
{
  char quote = text[at++];

  while (text[at] != '\0' && text[at] != '\n')
    {
      gsize splice = splice_length (text + at);

      if (splice > 0)
        at += splice;
      else if (text[at] == '\\' && text[at + 1] != '\0' && text[at + 1] != '\n')
        at += 2;
      else if (text[at++] == quote)
        return at;
    }
  return at;
}

/* @at: the quote of R"delimiter( ... )delimiter" */
static gsize
find_raw_end (const char *text, gsize at)
{
  char close[20];
  gsize n = 0;
  const char *end;

  while (n < 16 && text[at + 1 + n] != '\0' && strchr ("()\\ \t\n\"", text[at + 1 + n]) == NULL)
    n++;
  if (text[at + 1 + n] != '(')
    return find_quote_end (text, at);
  close[0] = ')';
  memcpy (close + 1, text + at + 1, n);
  close[n + 1] = '"';
  close[n + 2] = '\0';
  end = strstr (text + at + n + 2, close);
  return end != NULL ? (gsize) (end - text) + n + 2 : at + strlen (text + at);
}

static gsize
find_number_end (const char *text, gsize at)
{
  while (is_name (text[at]) || text[at] == '.' || (text[at] == '\'' && is_name (text[at + 1]))
         || ((text[at] == '+' || text[at] == '-') && strchr ("eEpP", text[at - 1]) != NULL))
    at++;
  return at;
}

/* Reads `# 12 "file"` or `#line 12 "file"` at @p. Returns: whether it was one */
static gboolean
read_line_marker (Reader *self, const char *p, const char *end)
{
  g_autoptr (GString) name = NULL;
  guint64 line = 0;

  for (p++; *p == ' ' || *p == '\t'; p++)
    ;
  if (g_str_has_prefix (p, "line"))
    for (p += 4; *p == ' ' || *p == '\t'; p++)
      ;
  if (!g_ascii_isdigit (*p))
    return FALSE;
  for (; g_ascii_isdigit (*p) && line < G_MAXINT; p++)
    line = line * 10 + (guint64) (*p - '0');
  for (; *p == ' ' || *p == '\t'; p++)
    ;
  if (*p == '"')
    {
      name = g_string_new (NULL);
      for (p++; p < end && *p != '"'; p++)
        {
          if (*p == '\\' && p + 1 < end)
            p++;
          g_string_append_c (name, *p);
        }
      self->file = g_strdup (name->str);
      g_ptr_array_add (self->tokens->files, (gpointer) self->file);
    }
  /* the newline behind the marker counts one more */
  self->line = (guint) MIN (line, G_MAXINT) - 1;
  return TRUE;
}

static void
read_directive (Reader *self)
{
  const char *p = self->text + self->at;
  gsize end = find_line_end (self->text, self->at, TRUE);
  gsize word = self->at + 1;

  if (read_line_marker (self, p, self->text + end))
    {
      self->at = end;
      return;
    }
  while (self->text[word] == ' ' || self->text[word] == '\t')
    word++;
  if (!g_str_has_prefix (self->text + word, "pragma") && word < end)
    self->tokens->needs_preprocessor = TRUE;
  add (self, PINWHEEL_TOKEN_DIRECTIVE, end);
}

static void
read_name (Reader *self)
{
  static const char *const raw_prefixes[] = { "R", "u8R", "uR", "UR", "LR" };
  gsize end = self->at;
  gsize length;

  while (is_name (self->text[end]))
    end++;
  length = end - self->at;
  if (self->text[end] == '"')
    for (guint i = 0; i < G_N_ELEMENTS (raw_prefixes); i++)
      if (strlen (raw_prefixes[i]) == length
          && strncmp (self->text + self->at, raw_prefixes[i], length) == 0)
        {
          add (self, PINWHEEL_TOKEN_STRING, find_raw_end (self->text, end));
          return;
        }
  add (self, PINWHEEL_TOKEN_NAME, end);
}

static void
read_token (Reader *self)
{
  const char *p = self->text + self->at;

  if (is_name_start (p[0]))
    read_name (self);
  else if (g_ascii_isdigit (p[0]) || (p[0] == '.' && g_ascii_isdigit (p[1])))
    add (self, PINWHEEL_TOKEN_NUMBER, find_number_end (self->text, self->at + 1));
  else if (p[0] == '"')
    add (self, PINWHEEL_TOKEN_STRING, find_quote_end (self->text, self->at));
  else if (p[0] == '\'')
    add (self, PINWHEEL_TOKEN_CHARACTER, find_quote_end (self->text, self->at));
  else if (p[0] == '#' && self->fresh_line)
    read_directive (self);
  else
    add (self, PINWHEEL_TOKEN_PUNCTUATOR, self->at + 1);
  self->fresh_line = FALSE;
}

static void
read_all (Reader *self)
{
  for (;;)
    {
      const char *p = self->text + self->at;
      gsize splice = splice_length (p);

      if (p[0] == '\0')
        break;
      if (splice > 0)
        {
          /* a name may be cut in two by it */
          self->tokens->needs_preprocessor = TRUE;
          advance (self, splice);
        }
      else if (p[0] == '\n')
        {
          advance (self, 1);
          self->fresh_line = TRUE;
        }
      else if (g_ascii_isspace (p[0]))
        advance (self, 1);
      else if (p[0] == '/' && p[1] == '/')
        advance (self, find_line_end (self->text, self->at, FALSE) - self->at);
      else if (p[0] == '/' && p[1] == '*')
        advance (self, find_comment_end (self->text, self->at) - self->at);
      else
        read_token (self);
    }
}

PinwheelTokens *
pinwheel_tokens_new (const char *file, const char *text)
{
  PinwheelTokens *self = g_new0 (PinwheelTokens, 1);
  Reader reader = { .tokens = self, .line = 1, .fresh_line = TRUE };

  self->text = g_strdup (text);
  self->files = g_ptr_array_new_with_free_func (g_free);
  reader.items = g_array_new (FALSE, FALSE, sizeof (PinwheelToken));
  reader.text = self->text;
  reader.file = g_strdup (file);
  g_ptr_array_add (self->files, (gpointer) reader.file);

  read_all (&reader);
  self->n_items = reader.items->len;
  add (&reader, PINWHEEL_TOKEN_END, reader.at);
  self->items = (PinwheelToken *) (gpointer) g_array_free (reader.items, FALSE);
  return self;
}

void
pinwheel_tokens_free (PinwheelTokens *self)
{
  g_free (self->text);
  g_free (self->items);
  g_ptr_array_unref (self->files);
  g_free (self);
}

gboolean
pinwheel_token_is (const PinwheelTokens *self, guint i, const char *text)
{
  gsize length = strlen (text);

  return i < self->n_items && self->items[i].length == length
         && self->items[i].kind != PINWHEEL_TOKEN_STRING
         && strncmp (self->text + self->items[i].offset, text, length) == 0;
}

char *
pinwheel_token_dup (const PinwheelTokens *self, guint i)
{
  return g_strndup (self->text + self->items[i].offset, self->items[i].length);
}

guint
pinwheel_token_match (const PinwheelTokens *self, guint i)
{
  guint depth = 0;

  for (; i < self->n_items; i++)
    {
      char c = self->text[self->items[i].offset];

      if (self->items[i].kind != PINWHEEL_TOKEN_PUNCTUATOR)
        continue;
      if (c == '(' || c == '[' || c == '{')
        depth++;
      else if ((c == ')' || c == ']' || c == '}') && --depth == 0)
        return i;
    }
  return self->n_items;
}
