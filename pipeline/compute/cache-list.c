/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What looks at all entries of the cache: its limit, its figures, and a search. */
#include "config.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

#include <pinwheel/kernel.h>

#include "compute/cache-private.h"

/* Seconds after which a work folder belongs to nobody any more */
#define WORK_LIFETIME (24 * 60 * 60)

typedef struct
{
  char *name;
  guint64 size;
  gint64 used; /* nanoseconds since 1970 */
} Entry;

static void
clear_entry (gpointer data)
{
  g_free (((Entry *) data)->name);
}

static int
compare_entries (gconstpointer a, gconstpointer b)
{
  const Entry *first = a, *second = b;

  return first->used < second->used ? -1 : first->used > second->used ? 1 : 0;
}

/* Returns: (element-type Entry) (transfer full): the one used longest ago first.
 * @abandoned: (nullable) (element-type char*): gets the work folders that nobody uses any more */
static GArray *
list_entries (const char *folder, GPtrArray *abandoned)
{
  GArray *entries = g_array_new (FALSE, FALSE, sizeof (Entry));
  g_autoptr (GDir) dir = folder != NULL ? g_dir_open (folder, 0, NULL) : NULL;
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;
  const char *name;

  g_array_set_clear_func (entries, clear_entry);
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      struct stat status;

      if (lstat (path, &status) != 0)
        continue;
      if (S_ISDIR (status.st_mode) && g_str_has_prefix (name, PINWHEEL_CACHE_WORK_PREFIX)
          && abandoned != NULL && now - status.st_mtim.tv_sec > WORK_LIFETIME)
        g_ptr_array_add (abandoned, g_steal_pointer (&path));
      else if (S_ISREG (status.st_mode))
        {
          Entry entry = { g_strdup (name), (guint64) status.st_size,
                          status.st_mtim.tv_sec * G_GINT64_CONSTANT (1000000000)
                              + status.st_mtim.tv_nsec };

          g_array_append_val (entries, entry);
        }
    }
  g_array_sort (entries, compare_entries);
  return entries;
}

static guint64
count_bytes (const GArray *entries)
{
  guint64 bytes = 0;

  for (guint i = 0; i < entries->len; i++)
    bytes += g_array_index (entries, Entry, i).size;
  return bytes;
}

void
pinwheel_cache_prune (const char *folder, const char *keep, guint64 limit)
{
  g_autoptr (GPtrArray) abandoned = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GArray) entries = list_entries (folder, abandoned);
  guint64 total = count_bytes (entries);

  for (guint i = 0; i < abandoned->len; i++)
    pinwheel_cache_end (abandoned->pdata[i]);
  for (guint i = 0; i < entries->len && total > limit; i++)
    {
      const Entry *entry = &g_array_index (entries, Entry, i);
      g_autofree char *path = g_build_filename (folder, entry->name, NULL);

      if (g_strcmp0 (entry->name, keep) == 0)
        continue;
      if (g_unlink (path) == 0)
        total -= entry->size;
    }
}

int
pinwheel_cache_open_any (const char *prefix, const char *suffix, char **name, char **path)
{
  g_autofree char *folder = pinwheel_cache_get_folder ();
  g_autoptr (GArray) entries = list_entries (folder, NULL);

  for (guint i = entries->len; i-- > 0;)
    {
      const char *candidate = g_array_index (entries, Entry, i).name;
      int fd;

      if (!g_str_has_prefix (candidate, prefix) || !g_str_has_suffix (candidate, suffix))
        continue;
      fd = pinwheel_cache_open (candidate, path);
      if (fd < 0)
        continue;
      *name = g_strdup (candidate);
      return fd;
    }
  return -1;
}

void
pinwheel_cache_get_info (PinwheelCacheInfo *info)
{
  g_autofree char *folder = pinwheel_cache_get_folder ();
  g_autoptr (GArray) entries = list_entries (folder, NULL);

  g_return_if_fail (info != NULL);

  info->folder = g_steal_pointer (&folder);
  info->n_entries = entries->len;
  info->bytes = count_bytes (entries);
  info->limit = PINWHEEL_CACHE_LIMIT;
  info->oldest = info->newest = 0;
  if (entries->len > 0)
    {
      info->oldest = g_array_index (entries, Entry, 0).used / 1000;
      info->newest = g_array_index (entries, Entry, entries->len - 1).used / 1000;
    }
}
