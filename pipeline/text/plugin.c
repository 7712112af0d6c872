/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Finds plug-ins and loads them.
 *
 * A file hides those of the same name in later folders, so that a build tree named by
 * PINWHEEL_PLUGIN_PATH is used instead of what is installed.
 */
#include "config.h"

#include <dlfcn.h>
#include <gmodule.h>
#include <string.h>

#include <pinwheel/registry.h>

#include "base/log-private.h"
#include "text/registry-private.h"

#define FOLDER "pinwheel-1.0"
#define SUFFIX ".so"
#define SYMBOL "pinwheel_plugin"

void
pinwheel_plugin_register (const PinwheelPlugin *plugin, const char *path)
{
  if (plugin->abi != PINWHEEL_PLUGIN_ABI)
    {
      g_printerr ("pinwheel: %s: is left out: it was built for plug-in interface %u and this "
                  "library has %u; build it again\n",
                  path, plugin->abi, PINWHEEL_PLUGIN_ABI);
      return;
    }
  for (const PinwheelPluginElement *e = plugin->elements; e != NULL && e->name != NULL; e++)
    if (e->get_type != NULL)
      pinwheel_registry_take (e->name, e->get_type, G_TYPE_INVALID, path);
  pinwheel_log ("registry", PINWHEEL_LOG_INFO, plugin->name, "loaded from %s", path);
}

static void
load (const char *path)
{
  GModule *module = g_module_open (path, G_MODULE_BIND_LAZY | G_MODULE_BIND_LOCAL);
  gpointer plugin = NULL;

  if (module == NULL)
    {
      g_printerr ("pinwheel: %s: is left out: it cannot be loaded: %s\n", path, g_module_error ());
      return;
    }
  if (!g_module_symbol (module, SYMBOL, &plugin) || plugin == NULL)
    {
      g_printerr ("pinwheel: %s: is left out: it is not a plug-in, it has no symbol " SYMBOL "\n",
                  path);
      g_module_close (module);
      return;
    }
  /* types cannot be unregistered */
  g_module_make_resident (module);
  pinwheel_plugin_register (plugin, path);
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/* @seen: names of the files that were met in earlier folders */
static void
load_folder (const char *folder, GHashTable *seen)
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

      if (g_hash_table_add (seen, g_strdup (g_ptr_array_index (files, i))))
        load (path);
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

GStrv
pinwheel_plugin_folders (void)
{
  g_autoptr (GStrvBuilder) folders = g_strv_builder_new ();
  g_autofree char *own = own_folder ();
  const char *path = g_getenv ("PINWHEEL_PLUGIN_PATH");
  g_auto (GStrv) given = g_strsplit (path != NULL ? path : "", G_SEARCHPATH_SEPARATOR_S, -1);

  for (guint i = 0; given[i] != NULL; i++)
    if (given[i][0] != '\0')
      g_strv_builder_add (folders, given[i]);
  g_strv_builder_add (folders, own);
  return g_strv_builder_end (folders);
}

void
pinwheel_plugin_load_all (void)
{
  g_auto (GStrv) folders = pinwheel_plugin_folders ();
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  pinwheel_log_init ();
  for (guint i = 0; folders[i] != NULL; i++)
    load_folder (folders[i], seen);
}
