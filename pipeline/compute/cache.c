/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <pinwheel/error.h>

#include "base/lock-private.h"
#include "base/log-private.h"
#include "base/user-cache-private.h"
#include "compute/cache-private.h"

/* Leaf lock */
static PinwheelLock private_lock;
/* (private_lock), owned: this process's own folder, made when there is no other */
static char *private_folder;
/* (private_lock): who removes it, 0 before there is one; a forked child does not */
static pid_t private_owner;

static void
remove_folder (const char *path)
{
  GDir *dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *file = g_build_filename (path, name, NULL);

      g_unlink (file);
    }
  if (dir != NULL)
    g_dir_close (dir);
  g_rmdir (path);
}

static void
remove_private_folder (void)
{
  if (private_folder != NULL && private_owner == getpid ())
    remove_folder (private_folder);
}

/* Returns: (transfer full): the process's own folder */
static char *
get_private_folder (const char *why)
{
  char *folder;

  pinwheel_lock (&private_lock);
  if (private_folder == NULL || private_owner != getpid ())
    {
      if (private_owner == 0)
        atexit (remove_private_folder);
      g_free (private_folder);
      private_folder = g_dir_make_tmp ("pinwheel-XXXXXX", NULL);
      private_owner = getpid ();
      pinwheel_log ("compute", PINWHEEL_LOG_WARNING, "cache",
                    "%s; compiled kernels are kept in %s until the program ends", why,
                    private_folder != NULL ? private_folder : "no folder at all");
    }
  folder = g_strdup (private_folder);
  pinwheel_unlock (&private_lock);
  return folder;
}

/* Returns: (transfer full) (nullable): the folder of entries, made if need be */
static char *
get_folder (void)
{
  g_autofree char *why = NULL;
  char *folder = pinwheel_user_cache_folder ("kernels", &why);

  return folder != NULL ? folder : get_private_folder (why);
}

char *
pinwheel_cache_get_folder (void)
{
  return get_folder ();
}

int
pinwheel_cache_open (const char *name, char **path)
{
  g_autofree char *folder = get_folder ();
  int fd;

  *path = folder != NULL ? g_build_filename (folder, name, NULL) : NULL;
  fd = folder != NULL ? pinwheel_sealed_file_open (*path, name) : -1;
  if (fd >= 0)
    futimens (fd, NULL);
  else
    g_clear_pointer (path, g_free);
  return fd;
}

char *
pinwheel_cache_begin (GError **error)
{
  g_autofree char *folder = get_folder ();
  g_autofree char *work = NULL;

  if (folder != NULL)
    {
      work = g_build_filename (folder, PINWHEEL_CACHE_WORK_PREFIX "XXXXXX", NULL);
      if (g_mkdtemp_full (work, 0700) != NULL)
        return g_steal_pointer (&work);
    }
  /* a folder that can be read may still not be written */
  g_free (folder);
  folder = get_private_folder ("the cache folder cannot be written");
  if (folder != NULL)
    {
      g_free (work);
      work = g_build_filename (folder, PINWHEEL_CACHE_WORK_PREFIX "XXXXXX", NULL);
      if (g_mkdtemp_full (work, 0700) != NULL)
        return g_steal_pointer (&work);
    }
  g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_RESOURCE,
               "there is no folder to compile kernels in: neither the cache folder nor %s can be "
               "written; set PINWHEEL_CACHE_DIR",
               g_get_tmp_dir ());
  return NULL;
}

void
pinwheel_cache_end (const char *work)
{
  remove_folder (work);
}

int
pinwheel_cache_commit (const char *work, const char *built, const char *name, char **path,
                       GError **error)
{
  g_autofree char *folder = g_path_get_dirname (work);
  int fd;

  *path = g_build_filename (folder, name, NULL);
  if (!pinwheel_sealed_file_seal (built, name, 0500, error))
    {
      g_clear_pointer (path, g_free);
      return -1;
    }
  fd = open (built, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (fd < 0 || g_rename (built, *path) != 0)
    {
      g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_RESOURCE, "cannot make %s: %s", *path,
                   g_strerror (errno));
      g_clear_pointer (path, g_free);
      if (fd >= 0)
        close (fd);
      return -1;
    }
  pinwheel_cache_prune (folder, name, PINWHEEL_CACHE_LIMIT);
  return fd;
}
