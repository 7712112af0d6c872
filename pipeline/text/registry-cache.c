/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <unistd.h>

#include <pinwheel/version.h>

#include "base/log-private.h"
#include "base/name-private.h"
#include "base/user-cache-private.h"
#include "text/registry-cache-private.h"

/* Its name in the cache folder, and what its seal names wherever PINWHEEL_REGISTRY puts it */
#define NAME "registry"
/* path; size, inode, modified, changed; name, abi; elements: name, group, summary */
#define RECORD "(ayttxxsua(sss))"
/* library, bytes of a pointer, PINWHEEL_PLUGIN_ABI; plug-ins */
#define CONTENT "(suua" RECORD ")"
/* bytes; a registry has some hundred for each element */
#define LONGEST (8 << 20)
/* seconds after which whoever was writing is taken for dead */
#define WRITER_LIFETIME 60

struct _PinwheelRegistryCache
{
  char *path;          /* owned, nullable: where there is no place for it */
  GHashTable *records; /* path to GVariant of type RECORD, both owned */
  gboolean is_changed;
};

/* Returns: (transfer full) (nullable) */
static char *
find_path (void)
{
  const char *chosen = g_getenv ("PINWHEEL_REGISTRY");
  g_autofree char *why = NULL;
  g_autofree char *folder = NULL;

  if (chosen != NULL && g_str_equal (chosen, "off"))
    return NULL;
  if (chosen != NULL && *chosen != '\0' && getauxval (AT_SECURE) == 0)
    {
      g_autofree char *path = g_canonicalize_filename (chosen, NULL);

      folder = g_path_get_dirname (path);
      if (pinwheel_is_private_folder (folder, TRUE))
        return g_steal_pointer (&path);
      why = g_strdup_printf ("%s is not used: its folder belongs to another user or can be written "
                             "by others",
                             path);
    }
  else
    {
      folder = pinwheel_user_cache_folder (NULL, &why);
      if (folder != NULL)
        return g_build_filename (folder, NAME, NULL);
    }
  pinwheel_log ("registry", PINWHEEL_LOG_INFO, NULL, "%s: every plug-in is loaded", why);
  return NULL;
}

/* Returns: (transfer full) (nullable): a whole one of this very library */
static GVariant *
read_content (const char *path)
{
  int fd = pinwheel_sealed_file_open (path, NAME);
  g_autoptr (GBytes) bytes = fd >= 0 ? pinwheel_sealed_file_read (fd, NULL) : NULL;
  g_autoptr (GBytes) aligned = NULL;
  g_autoptr (GVariant) content = NULL;
  const char *version;
  guint32 pointer, abi;

  if (fd >= 0)
    close (fd);
  if (bytes == NULL || g_bytes_get_size (bytes) > LONGEST)
    return NULL;
  /* out of the file, which another process may replace but nobody should be able to change */
  aligned = g_bytes_new (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  content = g_variant_ref_sink (
      g_variant_new_from_bytes (G_VARIANT_TYPE (CONTENT), aligned, FALSE));
  if (!g_variant_is_normal_form (content))
    return NULL;
  g_variant_get_child (content, 0, "&s", &version);
  g_variant_get_child (content, 1, "u", &pointer);
  g_variant_get_child (content, 2, "u", &abi);
  if (!g_str_equal (version, PINWHEEL_VERSION) || pointer != sizeof (gpointer)
      || abi != PINWHEEL_PLUGIN_ABI)
    return NULL;
  return g_steal_pointer (&content);
}

static void
take_record (PinwheelRegistryCache *self, GVariant *record)
{
  const char *path;

  g_variant_get_child (record, 0, "^&ay", &path);
  g_hash_table_insert (self->records, g_strdup (path), record);
}

PinwheelRegistryCache *
pinwheel_registry_cache_open (void)
{
  PinwheelRegistryCache *self = g_new0 (PinwheelRegistryCache, 1);
  g_autoptr (GVariant) content = NULL;

  self->records = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                         (GDestroyNotify) g_variant_unref);
  self->path = find_path ();
  content = self->path != NULL ? read_content (self->path) : NULL;
  if (content != NULL)
    {
      g_autoptr (GVariant) records = g_variant_get_child_value (content, 3);

      for (gsize i = 0; i < g_variant_n_children (records); i++)
        take_record (self, g_variant_get_child_value (records, i));
    }
  return self;
}

static void
get_stamp (GVariant *record, PinwheelFileStamp *stamp)
{
  g_variant_get_child (record, 1, "t", &stamp->size);
  g_variant_get_child (record, 2, "t", &stamp->inode);
  g_variant_get_child (record, 3, "x", &stamp->modified);
  g_variant_get_child (record, 4, "x", &stamp->changed);
}

PinwheelPluginFile *
pinwheel_registry_cache_find (PinwheelRegistryCache *self, const char *path,
                              const PinwheelFileStamp *stamp)
{
  GVariant *record = g_hash_table_lookup (self->records, path);
  const char *name, *element, *group, *summary;
  g_autoptr (GVariantIter) elements = NULL;
  PinwheelPluginFile *plugin;
  PinwheelFileStamp known;
  guint32 abi;

  if (record == NULL)
    return NULL;
  get_stamp (record, &known);
  if (!pinwheel_plugin_stamp_equal (stamp, &known))
    return NULL;
  g_variant_get_child (record, 5, "&s", &name);
  g_variant_get_child (record, 6, "u", &abi);
  g_variant_get_child (record, 7, "a(sss)", &elements);
  plugin = pinwheel_plugin_new (path, name, abi);
  while (g_variant_iter_next (elements, "(&s&s&s)", &element, &group, &summary))
    if (pinwheel_is_type_name (element))
      pinwheel_plugin_add (plugin, element, group, summary);
  return plugin;
}

void
pinwheel_registry_cache_add (PinwheelRegistryCache *self, const PinwheelPluginFile *plugin,
                             const PinwheelFileStamp *stamp)
{
  GVariantBuilder elements;

  /* somebody else's words, and text in this file is UTF-8 */
  if (!g_utf8_validate (plugin->name, -1, NULL))
    return;
  g_variant_builder_init (&elements, G_VARIANT_TYPE ("a(sss)"));
  for (guint i = 0; i < plugin->elements->len; i++)
    {
      const PinwheelRegistryEntry *e = &g_array_index (plugin->elements, PinwheelRegistryEntry, i);
      g_autofree char *group = g_utf8_make_valid (e->group, -1);
      g_autofree char *summary = g_utf8_make_valid (e->summary, -1);

      g_variant_builder_add (&elements, "(sss)", e->name, group, summary);
    }
  take_record (self, g_variant_ref_sink (g_variant_new (
                         "(^ayttxxsua(sss))", plugin->path, stamp->size, stamp->inode,
                         stamp->modified, stamp->changed, plugin->name, plugin->abi, &elements)));
  self->is_changed = TRUE;
}

/* Returns: (transfer full): all that is still true */
static GVariant *
make_content (PinwheelRegistryCache *self)
{
  GVariantBuilder records;
  GHashTableIter iter;
  gpointer path, record;

  g_variant_builder_init (&records, G_VARIANT_TYPE ("a" RECORD));
  g_hash_table_iter_init (&iter, self->records);
  while (g_hash_table_iter_next (&iter, &path, &record))
    {
      PinwheelFileStamp known, now;

      get_stamp (record, &known);
      if (pinwheel_plugin_stamp (path, &now, NULL) && pinwheel_plugin_stamp_equal (&known, &now))
        g_variant_builder_add_value (&records, record);
    }
  return g_variant_ref_sink (g_variant_new ("(suua" RECORD ")", PINWHEEL_VERSION,
                                            (guint32) sizeof (gpointer),
                                            (guint32) PINWHEEL_PLUGIN_ABI, &records));
}

/* Of several processes that have found the same, one writes. Returns: -1 where it is not this one,
 * or nothing can be written there */
static int
begin_writing (const char *path)
{
  const int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
  int fd = open (path, flags, 0600);
  struct stat status;

  if (fd < 0 && errno == EEXIST && lstat (path, &status) == 0
      && g_get_real_time () / G_USEC_PER_SEC - status.st_mtim.tv_sec > WRITER_LIFETIME
      && g_unlink (path) == 0)
    fd = open (path, flags, 0600);
  return fd;
}

static void
write_content (const char *path, GVariant *content)
{
  g_autofree char *fresh = g_strconcat (path, ".new", NULL);
  /* /dev/null and its like stay what they are */
  gboolean is_free = !g_file_test (path, G_FILE_TEST_EXISTS)
                     || g_file_test (path, G_FILE_TEST_IS_REGULAR);
  int fd = is_free ? begin_writing (fresh) : -1;
  gsize size = g_variant_get_size (content);
  g_autoptr (GError) error = NULL;
  gboolean ok;

  if (fd < 0)
    {
      pinwheel_log ("registry", PINWHEEL_LOG_INFO, NULL, "%s is not written here", path);
      return;
    }
  ok = write (fd, g_variant_get_data (content), size) == (gssize) size;
  close (fd);
  ok = ok && pinwheel_sealed_file_seal (fresh, NAME, 0600, &error) && g_rename (fresh, path) == 0;
  if (ok)
    return;
  pinwheel_log ("registry", PINWHEEL_LOG_INFO, NULL, "%s is not written: %s", path,
                error != NULL ? error->message : g_strerror (errno));
  g_unlink (fresh);
}

void
pinwheel_registry_cache_close (PinwheelRegistryCache *self)
{
  if (self->is_changed && self->path != NULL)
    {
      g_autoptr (GVariant) content = make_content (self);

      if (g_variant_get_size (content) <= LONGEST)
        write_content (self->path, content);
    }
  g_hash_table_unref (self->records);
  g_free (self->path);
  g_free (self);
}
