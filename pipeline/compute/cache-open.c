/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Entries that this process has loaded, and where dlopen() finds them. */
#include "config.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <pinwheel/error.h>

#include "base/lock-private.h"
#include "compute/cache-private.h"

/* Leaf lock */
static PinwheelLock open_lock;
/* (open_lock), owned: name of an entry -> descriptor; nothing is ever taken out */
static GHashTable *open_entries;

static char *
location_of (int fd)
{
  return g_strdup_printf ("/proc/self/fd/%d", fd);
}

static gboolean
write_all (int fd, const char *bytes, gsize size)
{
  while (size > 0)
    {
      gssize n = write (fd, bytes, size);

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        return FALSE;
      bytes += n;
      size -= (gsize) n;
    }
  return TRUE;
}

/* No code can be mapped from where the entry is: a copy in memory takes its place.
 * Returns: the copy's descriptor, or -1 */
static int
copy_to_memory (int fd, const char *name, GError **error)
{
  GMappedFile *file = g_mapped_file_new_from_fd (fd, FALSE, error);
  int copy;

  if (file == NULL)
    return -1;
  copy = memfd_create (name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (copy >= 0
      && (!write_all (copy, g_mapped_file_get_contents (file), g_mapped_file_get_length (file))
          || fcntl (copy, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK) != 0))
    {
      close (copy);
      copy = -1;
    }
  if (copy < 0)
    g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_RESOURCE,
                 "the cache folder is on a file system without execute permission, and its code "
                 "cannot be copied to memory: %s; set PINWHEEL_CACHE_DIR",
                 g_strerror (errno));
  g_mapped_file_unref (file);
  return copy;
}

char *
pinwheel_cache_keep_open (int fd, const char *name, GError **error)
{
  struct statvfs where;
  gpointer first;

  if (fstatvfs (fd, &where) == 0 && (where.f_flag & ST_NOEXEC) != 0)
    {
      int copy = copy_to_memory (fd, name, error);

      close (fd);
      if (copy < 0)
        return NULL;
      fd = copy;
    }
  pinwheel_lock (&open_lock);
  if (open_entries == NULL)
    open_entries = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  if (g_hash_table_lookup_extended (open_entries, name, NULL, &first))
    {
      close (fd);
      fd = GPOINTER_TO_INT (first);
    }
  else
    g_hash_table_insert (open_entries, g_strdup (name), GINT_TO_POINTER (fd));
  pinwheel_unlock (&open_lock);
  return location_of (fd);
}

char *
pinwheel_cache_find_open (const char *name)
{
  gpointer fd = NULL;
  gboolean found;

  pinwheel_lock (&open_lock);
  found = open_entries != NULL && g_hash_table_lookup_extended (open_entries, name, NULL, &fd);
  pinwheel_unlock (&open_lock);
  return found ? location_of (GPOINTER_TO_INT (fd)) : NULL;
}
