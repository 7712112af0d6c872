/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How much memory there is, as a container sees it. */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "device/system-memory-private.h"

/* The two generations of control groups: where they are mounted and how they name the same things.
 */
typedef struct
{
  const char *mount;
  const char *limit, *usage;
  const char
      *reclaimable; /* line of memory.stat: file cache that is given up before anything fails */
} Hierarchy;

static const Hierarchy unified = { "/sys/fs/cgroup", "memory.max", "memory.current",
                                   "inactive_file" };
static const Hierarchy legacy = { "/sys/fs/cgroup/memory", "memory.limit_in_bytes",
                                  "memory.usage_in_bytes", "total_inactive_file" };

/* Returns: the number behind @key in lines of `key number` or `key: number`, or 0 */
static guint64
find_number (const char *text, const char *key)
{
  gsize length = strlen (key);
  const char *line = text;

  while (line != NULL)
    {
      if (strncmp (line, key, length) == 0 && strchr (": \t", line[length]) != NULL)
        return g_ascii_strtoull (line + length + strspn (line + length, ": \t"), NULL, 10);
      line = strchr (line, '\n');
      if (line != NULL)
        line++;
    }
  return 0;
}

static char *
read_text (const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  char *text = NULL;

  if (!g_file_get_contents (path, &text, NULL, NULL))
    return NULL;
  return text;
}

/* A group that has no limit says `max`, or a number beyond any machine; both leave @total alone. */
static void
apply_group (const Hierarchy *hierarchy, const char *folder, guint64 *total, guint64 *available)
{
  g_autofree char *limit_text = read_text (folder, hierarchy->limit);
  g_autofree char *usage_text = read_text (folder, hierarchy->usage);
  g_autofree char *stat_text = read_text (folder, "memory.stat");
  guint64 limit, usage, cache;

  if (limit_text == NULL || !g_ascii_isdigit (limit_text[0]))
    return;
  limit = g_ascii_strtoull (limit_text, NULL, 10);
  usage = usage_text != NULL ? g_ascii_strtoull (usage_text, NULL, 10) : 0;
  cache = stat_text != NULL ? find_number (stat_text, hierarchy->reclaimable) : 0;
  usage -= MIN (cache, usage);

  *total = MIN (*total, limit);
  *available = MIN (*available, limit - MIN (usage, limit));
}

/* A limit on any group above ours binds us too. Inside a container the path may lie outside of what
 * is mounted: then only the mount itself, the last one asked, is there. */
static void
apply_groups (const Hierarchy *hierarchy, const char *path, guint64 *total, guint64 *available)
{
  g_autofree char *folder = g_build_filename (hierarchy->mount, path, NULL);
  gsize mount_length = strlen (hierarchy->mount);

  for (;;)
    {
      char *slash;

      apply_group (hierarchy, folder, total, available);
      slash = strrchr (folder, '/');
      if (slash == NULL || (gsize) (slash - folder) < mount_length)
        break;
      *slash = '\0';
    }
}

static void
apply_limits (guint64 *total, guint64 *available)
{
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;

  if (!g_file_get_contents ("/proc/self/cgroup", &text, NULL, NULL))
    return;
  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_auto (GStrv) fields = g_strsplit (lines[i], ":", 3);

      if (g_strv_length (fields) != 3)
        continue;
      if (fields[1][0] == '\0')
        apply_groups (&unified, fields[2], total, available);
      else if (g_strcmp0 (fields[1], "memory") == 0)
        apply_groups (&legacy, fields[2], total, available);
    }
}

void
pinwheel_system_memory (guint64 *total, guint64 *available)
{
  g_autofree char *text = NULL;
  long page = sysconf (_SC_PAGESIZE);
  long pages = sysconf (_SC_PHYS_PAGES);
  long free_pages = sysconf (_SC_AVPHYS_PAGES);
  guint64 kib = 0;

  *total = page > 0 && pages > 0 ? (guint64) page * (guint64) pages : 0;
  *available = page > 0 && free_pages > 0 ? (guint64) page * (guint64) free_pages : 0;
  /* The kernel's own estimate counts the file cache that it would give up; sysconf() does not. */
  if (g_file_get_contents ("/proc/meminfo", &text, NULL, NULL))
    kib = find_number (text, "MemAvailable");
  if (kib > 0 && kib <= G_MAXUINT64 / 1024)
    *available = kib * 1024;
  apply_limits (total, available);
  *available = MIN (*available, *total);
}
