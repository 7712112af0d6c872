/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "text/mistakes-private.h"

/* so that a binary file given by accident does not fill the terminal */
#define MOST_TOLD 20

/* characters of one message, which may repeat a word of the text */
#define LONGEST_MESSAGE 1000

/* columns of a line that are shown, and how many of them stand before the caret at most */
#define SHOWN_COLUMNS  72
#define COLUMNS_BEFORE 28
/* bytes on either side of the caret that can matter, so that a line without end costs nothing */
#define BYTES_LOOKED_AT 1024
#define INDENT          "    "

typedef struct
{
  PinwheelSpan at;
  guint order; /* of adding: settles the order of mistakes at one place */
  char *what;  /* owned */
} Mistake;

static void
mistake_clear (gpointer data)
{
  g_free (((Mistake *) data)->what);
}

void
pinwheel_mistakes_init (PinwheelMistakes *self, const char *text, const char *file)
{
  self->text = text;
  self->file = file != NULL ? file : "<text>";
  self->list = g_array_new (FALSE, FALSE, sizeof (Mistake));
  self->n_more = 0;
  g_array_set_clear_func (self->list, mistake_clear);
}

void
pinwheel_mistakes_clear (PinwheelMistakes *self)
{
  g_clear_pointer (&self->list, g_array_unref);
}

/* Words of the text stand in messages: nothing in them may move a terminal's cursor. */
static char *make_message (const char *format, va_list args) G_GNUC_PRINTF (1, 0);
static char *
make_message (const char *format, va_list args)
{
  g_autofree char *raw = g_strdup_vprintf (format, args);
  g_autofree char *valid = g_utf8_make_valid (raw, -1);
  GString *message = g_string_new (NULL);
  const char *p = valid;

  for (guint i = 0; *p != '\0' && i < LONGEST_MESSAGE; i++, p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      g_string_append_unichar (message, g_unichar_iscntrl (c) ? '?' : c);
    }
  if (*p != '\0')
    g_string_append (message, "...");
  return g_string_free (message, FALSE);
}

void
pinwheel_mistakes_add (PinwheelMistakes *self, PinwheelSpan at, const char *format, ...)
{
  Mistake mistake = { .at = at, .order = self->list->len };
  va_list args;

  if (self->list->len == MOST_TOLD)
    {
      self->n_more++;
      return;
    }
  va_start (args, format);
  mistake.what = make_message (format, args);
  va_end (args);
  g_array_append_val (self->list, mistake);
}

static gboolean
is_character_start (char c)
{
  return ((guchar) c & 0xc0) != 0x80;
}

void
pinwheel_text_locate (const char *text, gsize offset, guint *line, guint *column)
{
  *line = 1;
  *column = 1;
  for (gsize i = 0; i < offset && text[i] != '\0'; i++)
    {
      if (text[i] == '\n')
        {
          (*line)++;
          *column = 1;
        }
      else if (is_character_start (text[i + 1]))
        (*column)++;
    }
}

/* One character as a terminal shows it. Text comes from anywhere: what could move the cursor or is
 * not UTF-8 is shown as `?`, so that the caret stays under its word.
 *
 * Returns: bytes of the character in the text */
static gsize
next_cell (const char *p, const char *end, char cell[7], int *columns)
{
  gunichar c = g_utf8_get_char_validated (p, end - p);
  int length;

  *columns = 1;
  if (c == (gunichar) -1 || c == (gunichar) -2)
    {
      strcpy (cell, "?");
      return 1;
    }
  length = g_unichar_to_utf8 (c, cell);
  cell[length] = '\0';
  if (c == '\t')
    strcpy (cell, " ");
  else if (g_unichar_iszerowidth (c) && g_unichar_ismark (c))
    *columns = 0;
  else if (!g_unichar_isprint (c))
    strcpy (cell, "?");
  else if (g_unichar_iswide (c))
    *columns = 2;
  return length;
}

static gsize
columns_between (const char *from, const char *to)
{
  gsize sum = 0;

  while (from < to)
    {
      char cell[7];
      int columns;

      from += next_cell (from, to, cell, &columns);
      sum += columns;
    }
  return sum;
}

/* Appends the characters of a line that lie in columns [first, last). */
static void
append_columns (GString *out, const char *line, const char *end, gsize first, gsize last)
{
  gsize at = 0;

  while (line < end && at < last)
    {
      char cell[7];
      int columns;

      line += next_cell (line, end, cell, &columns);
      if (at >= first && at + columns <= last)
        g_string_append (out, cell);
      at += columns;
    }
}

/* Appends the line that a span begins in, cut around it, and a caret below. */
static void
append_snippet (GString *out, const char *text, PinwheelSpan at)
{
  const char *start = text + at.start;
  const char *line = start;
  const char *end = start;
  const char *stop;
  gsize before, marked, width, first = 0;

  while (line > text && line[-1] != '\n'
         && (start - line < BYTES_LOOKED_AT || !is_character_start (*line)))
    line--;
  while (*end != '\0' && *end != '\r' && *end != '\n' && end - start < BYTES_LOOKED_AT)
    end++;
  stop = CLAMP (text + at.end, start, end);
  before = columns_between (line, start);
  marked = MAX (columns_between (start, stop), 1);
  width = columns_between (line, end);
  if (width == 0)
    return;
  if (width > SHOWN_COLUMNS && before > COLUMNS_BEFORE)
    first = MIN (before - COLUMNS_BEFORE, MAX (width, before + 1) - SHOWN_COLUMNS);

  g_string_append_printf (out, "\n" INDENT "%s", first > 0 ? "..." : "");
  append_columns (out, line, end, first, first + SHOWN_COLUMNS);
  g_string_append (out, width > first + SHOWN_COLUMNS ? "...\n" INDENT : "\n" INDENT);
  for (gsize i = 0; i < before - first + (first > 0 ? 3 : 0); i++)
    g_string_append_c (out, ' ');
  g_string_append_c (out, '^');
  for (gsize i = 1; i < marked && before - first + i < SHOWN_COLUMNS; i++)
    g_string_append_c (out, '~');
}

static int
compare_mistakes (gconstpointer a, gconstpointer b)
{
  const Mistake *m = a, *n = b;

  if (m->at.start != n->at.start)
    return m->at.start < n->at.start ? -1 : 1;
  return m->order < n->order ? -1 : m->order > n->order;
}

gboolean
pinwheel_mistakes_report (PinwheelMistakes *self, GError **error)
{
  g_autoptr (GString) all = g_string_new (NULL);

  if (self->list->len == 0)
    return TRUE;
  g_array_sort (self->list, compare_mistakes);
  for (guint i = 0; i < self->list->len; i++)
    {
      const Mistake *mistake = &g_array_index (self->list, Mistake, i);
      guint line, column;

      pinwheel_text_locate (self->text, mistake->at.start, &line, &column);
      g_string_append_printf (all, "%s%s:%u:%u: %s", i > 0 ? "\n" : "", self->file, line, column,
                              mistake->what);
      append_snippet (all, self->text, mistake->at);
    }
  if (self->n_more > 0)
    g_string_append_printf (all, "\n%s: and %u more", self->file, self->n_more);
  g_set_error_literal (error, PINWHEEL_ERROR, PINWHEEL_ERROR_PARSE, all->str);
  return FALSE;
}
