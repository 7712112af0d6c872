/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include <pinwheel/registry.h>

#include "base/lock-private.h"
#include "base/property-private.h"
#include "text/registry-private.h"

typedef struct
{
  const char *name;         /* interned */
  const char *origin;       /* interned */
  GType (*get_type) (void); /* NULL where type is known */
  GType type;
} Entry;

/* One per process; plug-ins stay loaded, so entries are never removed. */
static PinwheelLock lock; /* leaf lock: no plug-in is called while it is held */
static GHashTable *entries PINWHEEL_GUARDED_BY (lock); /* name to Entry, owned */

static void
ensure_loaded (void)
{
  static gsize loaded;

  if (g_once_init_enter (&loaded))
    {
      pinwheel_plugin_load_all ();
      g_once_init_leave (&loaded, 1);
    }
}

void
pinwheel_registry_take (const char *name, GType (*get_type) (void), GType type, const char *origin)
{
  const Entry *first;
  Entry *entry;

  pinwheel_lock (&lock);
  if (entries == NULL)
    entries = g_hash_table_new (g_str_hash, g_str_equal);
  first = g_hash_table_lookup (entries, name);
  if (first == NULL)
    {
      entry = g_new (Entry, 1);
      *entry = (Entry){ g_intern_string (name), g_intern_string (origin), get_type, type };
      g_hash_table_insert (entries, (gpointer) entry->name, entry);
    }
  pinwheel_unlock (&lock);

  if (first != NULL)
    g_printerr ("pinwheel: %s: its element '%s' is left out: that name is taken by %s\n", origin,
                name, first->origin);
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

  ensure_loaded ();
  pinwheel_lock (&lock);
  if (entries != NULL)
    names = (const char **) g_hash_table_get_keys_as_array (entries, &n);
  pinwheel_unlock (&lock);

  if (names == NULL)
    return g_new0 (const char *, 1);
  qsort (names, n, sizeof *names, compare_names);
  return names;
}

GType
pinwheel_registry_find (const char *name)
{
  const Entry *entry = NULL;
  GType type;

  g_return_val_if_fail (name != NULL, G_TYPE_INVALID);

  ensure_loaded ();
  pinwheel_lock (&lock);
  if (entries != NULL)
    entry = g_hash_table_lookup (entries, name);
  pinwheel_unlock (&lock);

  if (entry == NULL)
    return G_TYPE_INVALID;
  type = entry->get_type != NULL ? entry->get_type () : entry->type;
  pinwheel_type_set_nick (type, entry->name);
  return type;
}

void
pinwheel_registry_add (const char *name, GType type)
{
  g_return_if_fail (name != NULL && *name != '\0');
  g_return_if_fail (g_type_is_a (type, PINWHEEL_TYPE_ELEMENT));

  ensure_loaded ();
  pinwheel_registry_take (name, NULL, type, "the application");
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
  GType gtype;

  g_return_val_if_fail (type != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  gtype = pinwheel_registry_find (type);
  if (gtype == G_TYPE_INVALID)
    {
      set_unknown_error (type, error);
      return NULL;
    }
  if (!g_type_is_a (gtype, PINWHEEL_TYPE_ELEMENT) || G_TYPE_IS_ABSTRACT (gtype))
    {
      g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_PARSE,
                   "the plug-in that brings '%s' is broken: %s is not an element that can be made",
                   type, g_type_name (gtype));
      return NULL;
    }
  element = g_object_new (gtype, NULL);
  if (name != NULL)
    pinwheel_element_set_name (element, name);
  return element;
}
