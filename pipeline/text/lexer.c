/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Text to tokens.
 *
 * Blanks separate tokens. A `#` where a token could begin is a comment to the end of the line.
 * Quotes of both kinds keep blanks, a backslash makes the next character an ordinary one anywhere,
 * and a backslash before the end of a line joins it with the next. A `!` ends a bare word, but not
 * a value: `expr=y=x!=0` is one token.
 */
#include "config.h"

#include <string.h>

#include "text/lexer-private.h"

#define BLANKS " \t\r\n\f\v"

typedef struct
{
  const char *text;           /* borrowed */
  gsize at;                   /* next byte to read */
  PinwheelMistakes *mistakes; /* borrowed */
  gboolean is_broken;         /* a mistake was told in the token being read */
} Lexer;

gsize
pinwheel_text_key_length (const char *text)
{
  gsize length = strcspn (text, BLANKS "\"'\\!=");

  return text[length] == '=' ? length : 0;
}

static gboolean
is_blank (char c)
{
  return c != '\0' && strchr (BLANKS, c) != NULL;
}

/* Returns: bytes of the backslash and the end of line where @p begins with them, else 0 */
static gsize
joined_line (const char *p)
{
  if (p[0] != '\\')
    return 0;
  if (p[1] == '\n')
    return 2;
  return p[1] == '\r' && p[2] == '\n' ? 3 : 0;
}

static void
skip_blanks (Lexer *self)
{
  for (;;)
    {
      const char *p = self->text + self->at;

      if (is_blank (*p))
        self->at++;
      else if (joined_line (p) > 0)
        self->at += joined_line (p);
      else if (*p == '#')
        self->at += strcspn (p, "\n");
      else
        return;
    }
}

static void
read_escape (Lexer *self, GString *into)
{
  const char *p = self->text + self->at;
  gsize joined = joined_line (p);

  if (joined > 0)
    {
      self->at += joined;
      return;
    }
  if (p[1] == '\0')
    {
      pinwheel_mistakes_add (self->mistakes, (PinwheelSpan){ self->at, self->at + 1 },
                             "nothing follows this backslash; write \\\\ for a backslash itself");
      self->is_broken = TRUE;
      self->at++;
      return;
    }
  g_string_append_c (into, p[1]);
  self->at += 2;
}

static void
read_quoted (Lexer *self, GString *into)
{
  gsize opening = self->at++;
  char quote = self->text[opening];

  while (self->text[self->at] != quote)
    {
      char c = self->text[self->at];

      if (c == '\0' || (c == '\\' && self->text[self->at + 1] == '\0'))
        {
          self->at += strlen (self->text + self->at);
          pinwheel_mistakes_add (self->mistakes, (PinwheelSpan){ opening, opening + 1 },
                                 "the quote that opens here is not closed; write \\%c for a quote "
                                 "itself",
                                 quote);
          self->is_broken = TRUE;
          return;
        }
      if (c == '\\')
        {
          read_escape (self, into);
          continue;
        }
      g_string_append_c (into, c);
      self->at++;
    }
  self->at++;
}

/* Reads bare and quoted pieces that are glued together. */
static char *
read_pieces (Lexer *self, gboolean ends_at_link)
{
  GString *into = g_string_new (NULL);

  for (;;)
    {
      char c = self->text[self->at];

      if (c == '\0' || is_blank (c) || (c == '!' && ends_at_link))
        return g_string_free (into, FALSE);
      if (c == '"' || c == '\'')
        read_quoted (self, into);
      else if (c == '\\')
        read_escape (self, into);
      else
        {
          g_string_append_c (into, c);
          self->at++;
        }
    }
}

static void
token_clear (gpointer data)
{
  PinwheelToken *token = data;

  g_free (token->text);
  g_free (token->value_text);
}

static PinwheelToken
read_token (Lexer *self)
{
  PinwheelToken token = { .kind = PINWHEEL_TOKEN_WORD, .span = { self->at, self->at } };
  const char *p = self->text + self->at;
  gsize key = pinwheel_text_key_length (p);

  if (*p == '\0')
    token.kind = PINWHEEL_TOKEN_END;
  else if (*p == '!')
    {
      token.kind = PINWHEEL_TOKEN_LINK;
      self->at++;
    }
  else if (key > 0)
    {
      token.kind = PINWHEEL_TOKEN_PROPERTY;
      token.text = g_strndup (p, key);
      self->at += key + 1;
      token.value.start = self->at;
      token.value_text = read_pieces (self, FALSE);
      token.value.end = self->at;
    }
  else
    token.text = read_pieces (self, TRUE);
  token.span.end = self->at;
  token.is_broken = self->is_broken;
  self->is_broken = FALSE;
  return token;
}

GArray *
pinwheel_lex (const char *text, PinwheelMistakes *mistakes)
{
  Lexer lexer = { .text = text, .mistakes = mistakes };
  GArray *tokens = g_array_new (FALSE, FALSE, sizeof (PinwheelToken));
  PinwheelToken token;

  g_array_set_clear_func (tokens, token_clear);
  do
    {
      skip_blanks (&lexer);
      token = read_token (&lexer);
      g_array_append_val (tokens, token);
    }
  while (token.kind != PINWHEEL_TOKEN_END);
  return tokens;
}
