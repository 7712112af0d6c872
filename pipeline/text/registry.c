/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include <pinwheel/registry.h>

#include "base/lock-private.h"
#include "base/name-private.h"
#include "base/property-private.h"
#include "base/quote-private.h"
#include "text/registry-private.h"

typedef struct
{
  PinwheelRegistryEntry about;
  PinwheelPluginFile *plugin; /* NULL where the application brings it */
  GType type;                 /* what the application brings */
} Entry;

/* One per process; plug-ins stay loaded, so entries are never removed. */
static PinwheelLock lock; /* leaf lock: no plug-in is called while it is held */
static GHashTable *entries PINWHEEL_GUARDED_BY (lock); /* name to Entry, owned */

static void
ensure_found (void)
{
  static gsize found;

  if (g_once_init_enter (&found))
    {
      pinwheel_plugin_find_all ();
      g_once_init_leave (&found, 1);
    }
}

static const char *
origin_of (const PinwheelRegistryEntry *entry)
{
  return entry->path != NULL ? entry->path : "the application";
}

gboolean
pinwheel_registry_is_taken (const char *name, const char *wants)
{
  const Entry *first = NULL;

  pinwheel_lock (&lock);
  if (entries != NULL)
    first = g_hash_table_lookup (entries, name);
  pinwheel_unlock (&lock);
  if (first != NULL)
    g_printerr ("pinwheel: %s: its element '%s' is left out: that name is taken by %s\n", wants,
                name, origin_of (&first->about));
  return first != NULL;
}

/* Returns: FALSE where the name was taken */
static gboolean
take (const PinwheelRegistryEntry *about, PinwheelPluginFile *plugin, GType type)
{
  Entry *entry = NULL;

  pinwheel_lock (&lock);
  if (entries == NULL)
    entries = g_hash_table_new (g_str_hash, g_str_equal);
  if (!g_hash_table_contains (entries, about->name))
    {
      entry = g_new (Entry, 1);
      *entry = (Entry){ *about, plugin, type };
      g_hash_table_insert (entries, (gpointer) entry->about.name, entry);
    }
  pinwheel_unlock (&lock);
  return entry != NULL || !pinwheel_registry_is_taken (about->name, origin_of (about));
}

void
pinwheel_registry_take_plugin (PinwheelPluginFile *plugin)
{
  for (guint i = 0; i < plugin->elements->len; i++)
    take (&g_array_index (plugin->elements, PinwheelRegistryEntry, i), plugin, G_TYPE_INVALID);
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

const char **
pinwheel_registry_list (void)
{
  const char **names = NULL;
  guint n = 0;

  ensure_found ();
  pinwheel_lock (&lock);
  if (entries != NULL)
    names = (const char **) g_hash_table_get_keys_as_array (entries, &n);
  pinwheel_unlock (&lock);

  if (names == NULL)
    return g_new0 (const char *, 1);
  qsort (names, n, sizeof *names, compare_names);
  return names;
}

/* Returns: (transfer none) (nullable): for ever */
static const Entry *
find_entry (const char *name)
{
  const Entry *entry = NULL;

  ensure_found ();
  pinwheel_lock (&lock);
  if (entries != NULL)
    entry = g_hash_table_lookup (entries, name);
  pinwheel_unlock (&lock);
  return entry;
}

const PinwheelRegistryEntry *
pinwheel_registry_look_up (const char *name)
{
  const Entry *entry;

  g_return_val_if_fail (name != NULL, NULL);

  entry = find_entry (name);
  return entry != NULL ? &entry->about : NULL;
}

/* Returns: %G_TYPE_INVALID with @error where its plug-in is broken */
static GType
get_type (const Entry *entry, GError **error)
{
  GType type = entry->type;

  if (entry->plugin != NULL)
    type = pinwheel_plugin_get_type (entry->plugin, entry->about.name, error);
  if (type != G_TYPE_INVALID)
    pinwheel_type_set_nick (type, entry->about.name);
  return type;
}

GType
pinwheel_registry_find (const char *name)
{
  g_autoptr (GError) error = NULL;
  const Entry *entry;
  GType type;

  g_return_val_if_fail (name != NULL, G_TYPE_INVALID);

  entry = find_entry (name);
  if (entry == NULL)
    return G_TYPE_INVALID;
  type = get_type (entry, &error);
  if (error != NULL)
    g_printerr ("pinwheel: %s\n", error->message);
  return type;
}

void
pinwheel_registry_add (const char *name, GType type)
{
  g_autoptr (GTypeClass) klass = NULL;
  const PinwheelElementInfo *info;
  PinwheelRegistryEntry about = { .name = NULL };

  g_return_if_fail (name != NULL && pinwheel_is_type_name (name));
  g_return_if_fail (g_type_is_a (type, PINWHEEL_TYPE_ELEMENT) && !G_TYPE_IS_ABSTRACT (type));

  klass = g_type_class_ref (type);
  info = PINWHEEL_ELEMENT_CLASS (klass)->info;
  about.name = g_intern_string (name);
  about.group = g_intern_string (info != NULL && info->group != NULL ? info->group : "");
  about.summary = g_intern_string (info != NULL && info->summary != NULL ? info->summary : "");
  ensure_found ();
  if (take (&about, NULL, type))
    pinwheel_type_set_nick (type, about.name);
}

static void
set_unknown_error (const char *type, GError **error)
{
  g_autofree const char **names = pinwheel_registry_list ();
  const char *near = pinwheel_suggest (type, names);

  if (near != NULL)
    g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_PARSE,
                 "there is no element '%s'; did you mean '%s'?", type, near);
  else if (names[0] != NULL)
    g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_PARSE,
                 "there is no element '%s'; pinwheel-inspect lists those there are", type);
  else
    {
      g_auto (GStrv) folders = pinwheel_plugin_folders ();
      g_autofree char *all = g_strjoinv (", ", folders);

      g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_PARSE,
                   "there is no element '%s', because no plug-in was found in %s; "
                   "PINWHEEL_PLUGIN_PATH names further folders",
                   type, all);
    }
}

PinwheelElement *
pinwheel_element_make (const char *type, const char *name, GError **error)
{
  PinwheelElement *element;
  const Entry *entry;
  GType gtype;

  g_return_val_if_fail (type != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  entry = find_entry (type);
  if (entry == NULL)
    {
      set_unknown_error (type, error);
      return NULL;
    }
  if (name != NULL && !pinwheel_is_name (name, strlen (name)))
    {
      g_autofree char *quoted = pinwheel_quote (name);

      g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_PARSE, PINWHEEL_NAME_RULE ", not %s",
                   quoted);
      return NULL;
    }
  gtype = get_type (entry, error);
  if (gtype == G_TYPE_INVALID)
    return NULL;
  element = g_object_new (gtype, NULL);
  if (name != NULL)
    pinwheel_element_set_name (element, name);
  return element;
}
