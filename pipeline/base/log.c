/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log-private.h"

/* One piece of PINWHEEL_DEBUG: categories that match, and the level they speak up to. */
typedef struct
{
  char *pattern; /* with * and ? */
  int level;
} Rule;

int pinwheel_log_threshold;

/* Written once, before the threshold is raised; read-only from then on, never freed. */
static GArray *rules; /* (element-type Rule) */
static gint64 start;  /* g_get_monotonic_time() */

/* Level 3 is one that only GStreamer has; 8 and 9 show what 7 shows. */
static const char *const level_names[] = { "NONE", "ERROR", "WARNING", NULL,
                                           "INFO", "DEBUG", "LOG",     "TRACE" };

static void
write_line (const char *text, gsize length)
{
  int saved = errno;

  while (length > 0)
    {
      gssize n = write (STDERR_FILENO, text, length);

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        break;
      text += n;
      length -= (gsize) n;
    }
  errno = saved;
}

/* Returns: the level, or -1 */
static int
parse_level (const char *text)
{
  if (g_ascii_isdigit (text[0]) && text[1] == '\0')
    return text[0] - '0';
  for (guint i = 0; i < G_N_ELEMENTS (level_names); i++)
    if (level_names[i] != NULL && g_ascii_strcasecmp (text, level_names[i]) == 0)
      return (int) i;
  return -1;
}

static void
add_rule (char *piece)
{
  char *colon = strrchr (piece, ':');
  Rule rule = { NULL, parse_level (colon != NULL ? g_strstrip (colon + 1) : piece) };

  if (rule.level < 0 || colon == piece)
    {
      g_autofree char *line = g_strdup_printf (
          "PINWHEEL_DEBUG: '%s' is not understood; expected a level from 0 to 9 or CATEGORY:LEVEL, "
          "such as 4 or link:5,pool:6,*:2\n",
          piece);

      write_line (line, strlen (line));
      return;
    }
  if (colon != NULL)
    *colon = '\0';
  rule.pattern = g_strdup (colon != NULL ? g_strstrip (piece) : "*");
  g_array_append_val (rules, rule);
}

static int
read_environment (void)
{
  const char *text = g_getenv ("PINWHEEL_DEBUG");
  g_auto (GStrv) pieces = g_strsplit (text != NULL ? text : "", ",", -1);
  int threshold = 0;

  start = g_get_monotonic_time ();
  rules = g_array_new (FALSE, FALSE, sizeof (Rule));
  for (char **piece = pieces; *piece != NULL; piece++)
    if (*g_strstrip (*piece) != '\0')
      add_rule (*piece);
  for (guint i = 0; i < rules->len; i++)
    threshold = MAX (threshold, g_array_index (rules, Rule, i).level);
  return threshold;
}

void
pinwheel_log_init (void)
{
  static gsize is_done;

  if (g_once_init_enter (&is_done))
    {
      g_atomic_int_set (&pinwheel_log_threshold, read_environment ());
      g_once_init_leave (&is_done, 1);
    }
}

/* A category's own name beats a pattern; of several of a kind the last one counts. */
static int
find_level (const char *category)
{
  int by_name = -1, by_pattern = 0;

  for (guint i = 0; i < rules->len; i++)
    {
      const Rule *rule = &g_array_index (rules, Rule, i);

      if (strcmp (rule->pattern, category) == 0)
        by_name = rule->level;
      else if (g_pattern_match_simple (rule->pattern, category))
        by_pattern = rule->level;
    }
  return by_name >= 0 ? by_name : by_pattern;
}

/* No GString: its slices wander between threads where the thread sanitizer cannot see it. */
void
pinwheel_log_line (const char *category, PinwheelLogLevel level, const char *who,
                   const char *format, ...)
{
  g_autofree char *text = NULL;
  g_autofree char *line = NULL;
  char thread[16] = "?";
  gint64 now;
  va_list args;

  if ((int) level > find_level (category))
    return;
  now = g_get_monotonic_time () - start;
  pthread_getname_np (pthread_self (), thread, sizeof thread);
  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  line = g_strdup_printf ("%" G_GINT64_FORMAT ".%06d %-15s %-7s %s: %s%s%s\n", now / G_USEC_PER_SEC,
                          (int) (now % G_USEC_PER_SEC), thread, level_names[level], category,
                          who != NULL ? who : "", who != NULL ? ": " : "", text);
  write_line (line, strlen (line));
}
