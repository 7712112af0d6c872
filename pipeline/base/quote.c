/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "base/quote-private.h"

/* bytes of a quoted text that are shown */
#define LONGEST 80

char *
pinwheel_quote (const char *text)
{
  GString *quoted = g_string_new ("'");
  const char *at = text;

  while (*at != '\0' && at - text < LONGEST)
    {
      gunichar c = g_utf8_get_char_validated (at, -1);

      if (c == (gunichar) -1 || c == (gunichar) -2 || g_unichar_iscntrl (c))
        {
          g_string_append_printf (quoted, "\\x%02X", (guint) (guchar) *at);
          at++;
        }
      else
        {
          g_string_append_unichar (quoted, c);
          at = g_utf8_next_char (at);
        }
    }
  g_string_append (quoted, *at == '\0' ? "'" : "...'");
  return g_string_free (quoted, FALSE);
}
