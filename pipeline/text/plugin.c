/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Finds plug-ins.
 *
 * A file hides those of the same name in later folders, so that a build tree named by
 * PINWHEEL_PLUGIN_PATH is used instead of what is installed.
 */
#include "config.h"

#include <dlfcn.h>
#include <string.h>
#include <sys/auxv.h>

#include "base/log-private.h"
#include "text/plugin-private.h"
#include "text/registry-cache-private.h"
#include "text/registry-private.h"

#define FOLDER "pinwheel-1.0"
#define SUFFIX ".so"

/* Returns: (transfer none) (nullable): NULL where it was said why not */
static PinwheelPluginFile *
find_plugin (PinwheelRegistryCache *cache, const char *path)
{
  g_autoptr (GError) error = NULL;
  PinwheelPluginFile *plugin = NULL;
  PinwheelFileStamp before, after;

  if (pinwheel_plugin_stamp (path, &before, &error))
    {
      plugin = pinwheel_registry_cache_find (cache, path, &before);
      if (plugin != NULL)
        return plugin;
      plugin = pinwheel_plugin_load (path, &error);
    }
  if (plugin == NULL)
    g_printerr ("pinwheel: %s: is left out: %s\n", path, error->message);
  /* what was loaded may not be what is there */
  else if (!plugin->is_partial && pinwheel_plugin_stamp (path, &after, NULL)
           && pinwheel_plugin_stamp_equal (&before, &after))
    pinwheel_registry_cache_add (cache, plugin, &before);
  return plugin;
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/* @seen: names of the files that were met in earlier folders */
static void
find_in_folder (PinwheelRegistryCache *cache, const char *folder, GHashTable *seen)
{
  g_autoptr (GPtrArray) files = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *file;

  if (dir == NULL)
    return;
  while ((file = g_dir_read_name (dir)) != NULL)
    if (g_str_has_suffix (file, SUFFIX))
      g_ptr_array_add (files, g_strdup (file));
  /* the order of a folder differs between machines */
  g_ptr_array_sort (files, compare_names);
  for (guint i = 0; i < files->len; i++)
    {
      g_autofree char *path = g_build_filename (folder, g_ptr_array_index (files, i), NULL);
      PinwheelPluginFile *plugin;

      if (!g_hash_table_add (seen, g_strdup (g_ptr_array_index (files, i))))
        continue;
      plugin = find_plugin (cache, path);
      if (plugin != NULL)
        pinwheel_registry_take_plugin (plugin);
    }
}

/* Returns: (transfer full): the folder beside this library, wherever it was moved to: an installed
 * one and one in a build tree never load each other's plug-ins */
static char *
own_folder (void)
{
  Dl_info info;
  g_autofree char *beside = NULL;

  if (dladdr ((gconstpointer) pinwheel_plugin_folders, &info) != 0 && info.dli_fname != NULL)
    beside = g_path_get_dirname (info.dli_fname);
  return g_build_filename (beside != NULL ? beside : PINWHEEL_LIBDIR, FOLDER, NULL);
}

/* Absolute ones, as a plug-in may be loaded after the program has gone to another folder. A program
 * with another user's rights takes no code from where its user says. */
GStrv
pinwheel_plugin_folders (void)
{
  g_autoptr (GStrvBuilder) folders = g_strv_builder_new ();
  g_autofree char *own = own_folder ();
  const char *path = getauxval (AT_SECURE) == 0 ? g_getenv ("PINWHEEL_PLUGIN_PATH") : NULL;
  g_auto (GStrv) given = g_strsplit (path != NULL ? path : "", G_SEARCHPATH_SEPARATOR_S, -1);

  for (guint i = 0; given[i] != NULL; i++)
    if (given[i][0] != '\0')
      {
        g_autofree char *folder = g_canonicalize_filename (given[i], NULL);

        g_strv_builder_add (folders, folder);
      }
  g_strv_builder_add (folders, own);
  return g_strv_builder_end (folders);
}

void
pinwheel_plugin_find_all (void)
{
  g_auto (GStrv) folders = pinwheel_plugin_folders ();
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  PinwheelRegistryCache *cache;

  pinwheel_log_init ();
  cache = pinwheel_registry_cache_open ();
  for (guint i = 0; folders[i] != NULL; i++)
    find_in_folder (cache, folders[i], seen);
  pinwheel_registry_cache_close (cache);
}
