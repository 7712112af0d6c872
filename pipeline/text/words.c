/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include <pinwheel/parse.h>

#include "text/lexer-private.h"

/* Whether @text is one quoted piece and nothing else: somebody quoted for this grammar inside the
 * quotes of the shell. */
static gboolean
is_quoted (const char *text)
{
  char quote = text[0];

  if (quote != '"' && quote != '\'')
    return FALSE;
  for (const char *p = text + 1; *p != '\0'; p++)
    {
      if (*p == quote)
        return p[1] == '\0';
      if (*p == '\\' && *++p == '\0')
        return FALSE;
    }
  return FALSE;
}

static void
append_quoted (GString *out, const char *text)
{
  g_string_append_c (out, '"');
  for (const char *p = text; *p != '\0'; p++)
    {
      if (*p == '"' || *p == '\\')
        g_string_append_c (out, '\\');
      g_string_append_c (out, *p);
    }
  g_string_append_c (out, '"');
}

void
pinwheel_text_append_value (GString *out, const char *text)
{
  if (text[0] != '\0' && strpbrk (text, " \t\r\n\f\v\"'\\") == NULL)
    g_string_append (out, text);
  else
    append_quoted (out, text);
}

/* A word of the shell, which may have quotes for this grammar. */
static void
append_piece (GString *out, const char *text)
{
  if (is_quoted (text))
    g_string_append (out, text);
  else
    pinwheel_text_append_value (out, text);
}

char *
pinwheel_parse_words (const char *const *words)
{
  GString *out = g_string_new (NULL);

  g_return_val_if_fail (words != NULL, g_string_free (out, FALSE));

  if (words[0] != NULL && words[1] == NULL)
    {
      g_string_append (out, words[0]);
      return g_string_free (out, FALSE);
    }
  for (guint i = 0; words[i] != NULL; i++)
    {
      gsize key = words[i][0] != '#' ? pinwheel_text_key_length (words[i]) : 0;

      if (i > 0)
        g_string_append_c (out, ' ');
      if (key > 0)
        {
          g_string_append_len (out, words[i], key + 1);
          append_piece (out, words[i] + key + 1);
        }
      else if (words[i][0] == '#')
        append_quoted (out, words[i]);
      else
        append_piece (out, words[i]);
    }
  return g_string_free (out, FALSE);
}
