/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One plug-in: whether its file is what it should be, and what its table says. */
#include "config.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <gmodule.h>
#include <link.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <pinwheel/version.h>

#include "base/lock-private.h"
#include "base/log-private.h"
#include "base/name-private.h"
#include "text/registry-private.h"

#define SYMBOL "pinwheel_plugin"
/* program headers of a shared object; more is no sane file */
#define MOST_HEADERS   256

#define INTERFACE(abi) ((abi) >> 24)
#define MAJOR(abi)     ((abi) >> 16 & 0xff)
#define MINOR(abi)     ((abi) &0xffff)

static PinwheelLock lock; /* leaf lock; guards every PinwheelPluginFile.table, too */
/* The first of all; also those that bring nothing are kept, as what loaded them stays. */
static PinwheelPluginFile *plugins PINWHEEL_GUARDED_BY (lock);

static gint64
nanoseconds (struct timespec time)
{
  return time.tv_sec * G_GINT64_CONSTANT (1000000000) + time.tv_nsec;
}

gboolean
pinwheel_plugin_stamp (const char *path, PinwheelFileStamp *stamp, GError **error)
{
  struct stat status;

  if (stat (path, &status) != 0)
    {
      g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_RESOURCE, "it cannot be loaded: %s",
                   g_strerror (errno));
      return FALSE;
    }
  *stamp = (PinwheelFileStamp){ (guint64) status.st_size, status.st_ino,
                                nanoseconds (status.st_mtim), nanoseconds (status.st_ctim) };
  return TRUE;
}

gboolean
pinwheel_plugin_stamp_equal (const PinwheelFileStamp *a, const PinwheelFileStamp *b)
{
  return a->size == b->size && a->inode == b->inode && a->modified == b->modified
         && a->changed == b->changed;
}

PinwheelPluginFile *
pinwheel_plugin_new (const char *path, const char *name, guint abi)
{
  PinwheelPluginFile *self = g_new0 (PinwheelPluginFile, 1);

  self->path = g_intern_string (path);
  self->name = g_intern_string (name);
  self->abi = abi;
  self->elements = g_array_new (FALSE, FALSE, sizeof (PinwheelRegistryEntry));
  pinwheel_lock (&lock);
  self->next = plugins;
  plugins = self;
  pinwheel_unlock (&lock);
  return self;
}

void
pinwheel_plugin_add (PinwheelPluginFile *self, const char *name, const char *group,
                     const char *summary)
{
  g_autofree char *version = g_strdup_printf ("%u.%u", MAJOR (self->abi), MINOR (self->abi));
  PinwheelRegistryEntry entry = { .name = g_intern_string (name),
                                  .group = g_intern_string (group != NULL ? group : ""),
                                  .summary = g_intern_string (summary != NULL ? summary : ""),
                                  .plugin = self->name,
                                  .version = g_intern_string (version),
                                  .path = self->path };

  g_array_append_val (self->elements, entry);
}

/* Whether all that the loader would map is in the file: it maps first, and a file that was cut
 * short ends the process with SIGBUS. */
static gboolean
is_whole (int fd, guint64 size)
{
  ElfW (Ehdr) header;
  ElfW (Phdr) part;

  if (pread (fd, &header, sizeof header, 0) != sizeof header
      || memcmp (header.e_ident, ELFMAG, SELFMAG) != 0 || header.e_phentsize != sizeof part
      || header.e_phnum > MOST_HEADERS)
    return FALSE;
  for (guint i = 0; i < header.e_phnum; i++)
    if (header.e_phoff > size
        || pread (fd, &part, sizeof part, (off_t) (header.e_phoff + i * sizeof part)) != sizeof part
        || part.p_offset > size || part.p_filesz > size - part.p_offset)
      return FALSE;
  return TRUE;
}

/* Says more than the loader does of files that it does not survive. */
static gboolean
check_file (const char *path, GError **error)
{
  /* a pipe of that name must not hold the program up */
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  struct stat status;
  gboolean ok = fd >= 0 && fstat (fd, &status) == 0;

  if (!ok)
    g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_RESOURCE, "it cannot be loaded: %s",
                 g_strerror (errno));
  else if (!S_ISREG (status.st_mode) || !is_whole (fd, (guint64) status.st_size))
    {
      g_set_error_literal (error, PINWHEEL_ERROR, PINWHEEL_ERROR_RESOURCE,
                           "it cannot be loaded: it is not a whole shared object of this machine");
      ok = FALSE;
    }
  if (fd >= 0)
    close (fd);
  return ok;
}

/* Bytes of what @symbol points to, as its file says; all where it does not. */
static gsize
size_of (gpointer symbol)
{
  Dl_info info;
  ElfW (Sym) *entry = NULL;

  if (dladdr1 (symbol, &info, (void **) &entry, RTLD_DL_SYMENT) == 0 || entry == NULL)
    return G_MAXSIZE;
  return entry->st_size;
}

static gboolean
check_abi (guint abi, GError **error)
{
  if (INTERFACE (abi) != INTERFACE (PINWHEEL_PLUGIN_ABI))
    g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_RESOURCE,
                 "it was built for plug-in interface %u and this library has %u; build it again",
                 INTERFACE (abi), INTERFACE (PINWHEEL_PLUGIN_ABI));
  else if (MAJOR (abi) != PINWHEEL_VERSION_MAJOR || MINOR (abi) > PINWHEEL_VERSION_MINOR)
    g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_RESOURCE,
                 "it was built with Pinwheel %u.%u and this library is %s; build it again with "
                 "this one",
                 MAJOR (abi), MINOR (abi), PINWHEEL_VERSION);
  else
    return TRUE;
  return FALSE;
}

static gboolean
check_table (const PinwheelPlugin *table, gsize size, GError **error)
{
  if (size < sizeof table->abi)
    g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_RESOURCE,
                 "it is not a plug-in, its symbol " SYMBOL " is no table");
  else if (!check_abi (table->abi, error))
    return FALSE;
  else if (size < sizeof *table || table->name == NULL || table->elements == NULL)
    g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_RESOURCE,
                 "its table is broken: expected the interface, a name and elements");
  else
    return TRUE;
  return FALSE;
}

/* Returns: (transfer none) (nullable): what @path exports, for ever */
static const PinwheelPlugin *
open_table (const char *path, GError **error)
{
  GModule *module;
  gpointer table = NULL;

  if (!check_file (path, error))
    return NULL;
  /* not lazily: a function that is missing is told now, and does not end the program later */
  module = g_module_open (path, G_MODULE_BIND_LOCAL);
  if (module == NULL)
    {
      g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_RESOURCE, "it cannot be loaded: %s",
                   g_module_error ());
      return NULL;
    }
  if (!g_module_symbol (module, SYMBOL, &table) || table == NULL)
    {
      g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_RESOURCE,
                   "it is not a plug-in, it has no symbol " SYMBOL);
      table = NULL;
    }
  else if (!check_table (table, size_of (table), error))
    table = NULL;
  if (table == NULL)
    {
      g_module_close (module);
      return NULL;
    }
  /* types cannot be unregistered */
  g_module_make_resident (module);
  pinwheel_log ("registry", PINWHEEL_LOG_INFO, ((const PinwheelPlugin *) table)->name,
                "loaded from %s", path);
  return table;
}

/* Returns: %G_TYPE_INVALID with @error where nothing can be made of it */
static GType
check_type (const PinwheelPluginElement *element, GError **error)
{
  GType type = element->get_type != NULL ? element->get_type () : G_TYPE_INVALID;

  if (!pinwheel_is_type_name (element->name))
    g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_RESOURCE,
                 PINWHEEL_NAME_RULE ", and does not begin with -");
  else if (g_type_is_a (type, PINWHEEL_TYPE_ELEMENT) && !G_TYPE_IS_ABSTRACT (type))
    return type;
  else
    g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_RESOURCE,
                 "%s is not an element that can be made",
                 type != G_TYPE_INVALID ? g_type_name (type) : "nothing");
  return G_TYPE_INVALID;
}

PinwheelPluginFile *
pinwheel_plugin_describe (const PinwheelPlugin *table, const char *path, GError **error)
{
  PinwheelPluginFile *self;

  if (!check_table (table, sizeof *table, error))
    return NULL;
  self = pinwheel_plugin_new (path, table->name, table->abi);
  self->table = table;
  for (const PinwheelPluginElement *e = table->elements; e->name != NULL; e++)
    {
      g_autoptr (GError) problem = NULL;
      const PinwheelElementInfo *info;
      GType type;

      /* most likely a copy, whose types GLib would not register a second time */
      if (pinwheel_registry_is_taken (e->name, path))
        {
          self->is_partial = TRUE;
          continue;
        }
      type = check_type (e, &problem);
      if (type == G_TYPE_INVALID)
        {
          g_printerr ("pinwheel: %s: its element '%s' is left out: %s\n", path, e->name,
                      problem->message);
          continue;
        }
      /* the class stays: its plug-in does, too */
      info = PINWHEEL_ELEMENT_CLASS (g_type_class_ref (type))->info;
      pinwheel_plugin_add (self, e->name, info != NULL ? info->group : NULL,
                           info != NULL ? info->summary : NULL);
    }
  return self;
}

PinwheelPluginFile *
pinwheel_plugin_load (const char *path, GError **error)
{
  const PinwheelPlugin *table = open_table (path, error);

  return table != NULL ? pinwheel_plugin_describe (table, path, error) : NULL;
}

/* Two threads may open the same file at once, which is one library all the same: no lock is held
 * while a plug-in's own code runs. */
static const PinwheelPlugin *
get_table (PinwheelPluginFile *self, GError **error)
{
  const PinwheelPlugin *table;

  pinwheel_lock (&lock);
  table = self->table;
  pinwheel_unlock (&lock);
  if (table != NULL)
    return table;
  table = open_table (self->path, error);
  pinwheel_lock (&lock);
  if (table != NULL)
    self->table = table;
  pinwheel_unlock (&lock);
  return table;
}

GType
pinwheel_plugin_get_type (PinwheelPluginFile *self, const char *name, GError **error)
{
  const PinwheelPlugin *table = get_table (self, error);
  GType type = G_TYPE_INVALID;

  if (table != NULL)
    {
      const PinwheelPluginElement *e = table->elements;

      while (e->name != NULL && !g_str_equal (e->name, name))
        e++;
      if (e->name != NULL)
        type = check_type (e, error);
      else
        g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_RESOURCE, "it has changed");
    }
  if (type == G_TYPE_INVALID)
    g_prefix_error (error, "%s, which brings '%s': ", self->path, name);
  return type;
}
