/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include <pinwheel/property.h>

/* Longer names get no suggestion: the cost of hostile text stays small. */
#define LONGEST 128

static guint
count_mistakes (const char *word, guint word_length, const char *candidate, guint length)
{
  guint rows[3][LONGEST + 1];
  guint *before = rows[0], *last = rows[1], *row = rows[2];

  for (guint j = 0; j <= length; j++)
    last[j] = j;
  for (guint i = 1; i <= word_length; i++)
    {
      char c = g_ascii_tolower (word[i - 1]);
      guint *oldest = before;

      row[0] = i;
      for (guint j = 1; j <= length; j++)
        {
          char d = g_ascii_tolower (candidate[j - 1]);

          row[j] = MIN (MIN (last[j], row[j - 1]) + 1, last[j - 1] + (c != d));
          if (i > 1 && j > 1 && c != d && c == g_ascii_tolower (candidate[j - 2])
              && d == g_ascii_tolower (word[i - 2]))
            row[j] = MIN (row[j], before[j - 2] + 1);
        }
      before = last;
      last = row;
      row = oldest;
    }
  return last[length];
}

/* A wrong case is no mistake. Where two candidates are equally near, the first one wins. */
const char *
pinwheel_suggest (const char *word, const char *const *candidates)
{
  const char *nearest = NULL;
  guint fewest = G_MAXUINT;
  gsize word_length;

  g_return_val_if_fail (word != NULL && candidates != NULL, NULL);

  word_length = strlen (word);
  if (word_length > 2 * LONGEST)
    return NULL;
  for (; *candidates != NULL; candidates++)
    {
      gsize length = strlen (*candidates);
      guint mistakes;

      if (length > LONGEST)
        continue;
      mistakes = count_mistakes (word, (guint) word_length, *candidates, (guint) length);
      if (3 * mistakes <= length && mistakes < fewest)
        {
          fewest = mistakes;
          nearest = *candidates;
        }
    }
  return nearest;
}
