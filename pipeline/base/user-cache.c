/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gstdio.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/user-cache-private.h"

gboolean
pinwheel_is_private_folder (const char *path, gboolean follow)
{
  struct stat status;

  if ((follow ? stat (path, &status) : lstat (path, &status)) != 0)
    return FALSE;
  return S_ISDIR (status.st_mode) && status.st_uid == geteuid ()
         && (status.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

char *
pinwheel_user_cache_folder (const char *child, char **why)
{
  const char *chosen = g_getenv ("PINWHEEL_CACHE_DIR");
  g_autofree char *parent = NULL;
  g_autofree char *folder = NULL;

  if (getauxval (AT_SECURE) != 0)
    {
      *why = g_strdup ("this program runs with another user's rights");
      return NULL;
    }
  parent = chosen != NULL && *chosen != '\0'
               ? g_canonicalize_filename (chosen, NULL)
               : g_build_filename (g_get_user_cache_dir (), "pinwheel", NULL);
  folder = g_build_filename (parent, child, NULL);
  if (g_mkdir_with_parents (folder, 0700) != 0)
    *why = g_strdup_printf ("the cache folder %s cannot be made (%s)", folder, g_strerror (errno));
  /* the user's own link to the outer one is the user's business */
  else if (!pinwheel_is_private_folder (parent, TRUE)
           || (child != NULL && !pinwheel_is_private_folder (folder, FALSE)))
    *why = g_strdup_printf ("the cache folder %s is not used: it, or the folder around it, belongs "
                            "to another user or can be written by others",
                            folder);
  else
    return g_steal_pointer (&folder);
  return NULL;
}
