/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include <pinwheel/property.h>

#include "compute/complaint-private.h"

/* Names listed in full before `...` */
#define LISTED_NAMES 24
/* Bytes of a line shown around the caret */
#define SHOWN_BEFORE 60
#define SHOWN_AFTER  40

static void
append_snippet (GString *message, const char *text, gsize start, gsize end, gsize offset,
                gsize length)
{
  gsize from = offset - start > SHOWN_BEFORE ? offset - SHOWN_BEFORE : start;
  gsize to = end - offset > SHOWN_AFTER ? offset + SHOWN_AFTER : end;

  /* never cut a UTF-8 sequence in two */
  while (from < offset && ((guchar) text[from] & 0xc0) == 0x80)
    from++;
  while (to < end && ((guchar) text[to] & 0xc0) == 0x80)
    to++;
  g_string_append (message, "\n  ");
  for (gsize i = from; i < to; i++)
    g_string_append_c (message, g_ascii_iscntrl (text[i]) && text[i] != '\t' ? '?' : text[i]);
  g_string_append (message, "\n  ");
  for (gsize i = from; i < offset; i++)
    if (((guchar) text[i] & 0xc0) != 0x80)
      g_string_append_c (message, text[i] == '\t' ? '\t' : ' ');
  g_string_append_c (message, '^');
  for (gsize i = offset + 1; i < offset + length && i < to; i++)
    if (((guchar) text[i] & 0xc0) != 0x80)
      g_string_append_c (message, '~');
}

void
pinwheel_set_text_error (GError **error, PinwheelError code, const char *label, const char *text,
                         gsize offset, gsize length, const char *format, ...)
{
  g_autoptr (GString) message = g_string_new (NULL);
  g_autofree char *valid = NULL;
  gsize start, end;
  guint line = 1, column = 1;
  va_list arguments;

  offset = MIN (offset, strlen (text));
  for (gsize i = 0; i < offset; i++)
    line += text[i] == '\n';
  for (start = offset; start > 0 && text[start - 1] != '\n'; start--)
    ;
  for (end = offset; text[end] != '\0' && text[end] != '\n'; end++)
    ;
  for (gsize i = start; i < offset; i++)
    column += ((guchar) text[i] & 0xc0) != 0x80;

  g_string_append_printf (message, "%s:%u:%u: ", label, line, column);
  va_start (arguments, format);
  g_string_append_vprintf (message, format, arguments);
  va_end (arguments);
  append_snippet (message, text, start, end, offset, length);
  valid = g_utf8_make_valid (message->str, (gssize) message->len);
  g_set_error_literal (error, PINWHEEL_ERROR, code, valid);
}

char *
pinwheel_name_list (const GPtrArray *names)
{
  GString *list = g_string_new (NULL);

  for (guint i = 0; i < names->len; i++)
    {
      if (i == LISTED_NAMES)
        {
          g_string_append_printf (list, ", ... (%u in all)", names->len);
          break;
        }
      g_string_append_printf (list, "%s%s", i > 0 ? ", " : "",
                              (const char *) g_ptr_array_index (names, i));
    }
  return g_string_free (list, FALSE);
}

char *
pinwheel_name_hint (const char *name, const char *what, const GPtrArray *names)
{
  g_autofree char *list = pinwheel_name_list (names);
  g_autofree const char **candidates = g_new0 (const char *, names->len + 1);
  const char *near;

  if (names->len == 0)
    return g_strdup_printf ("; %s: none", what);
  for (guint i = 0; i < names->len; i++)
    candidates[i] = g_ptr_array_index (names, i);
  near = pinwheel_suggest (name, candidates);
  if (near != NULL)
    return g_strdup_printf ("; did you mean '%s'? %s: %s", near, what, list);
  return g_strdup_printf ("; %s: %s", what, list);
}
