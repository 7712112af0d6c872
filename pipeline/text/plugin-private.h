/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
#include <pinwheel/registry.h>

/* What tells one content of a file from another without reading it */
typedef struct
{
  guint64 size, inode;
  gint64 modified, changed; /* nanoseconds since 1970 */
} PinwheelFileStamp;

/* A plug-in and what it brings, whether it is loaded or not. Lives for ever, as types do; all
 * strings are interned. */
typedef struct _PinwheelPluginFile PinwheelPluginFile;
struct _PinwheelPluginFile
{
  PinwheelPluginFile *next; /* under the lock of plugin-file.c: all there are */
  const char *path;         /* absolute */
  const char *name;
  guint abi;                   /* PINWHEEL_PLUGIN_ABI of the headers that it was built with */
  GArray *elements;            /* of PinwheelRegistryEntry */
  const PinwheelPlugin *table; /* nullable: once it is loaded; under the lock of plugin-file.c */
  gboolean is_partial;         /* elements are missing whose names were taken by another one */
};

/* Returns: (transfer full): folders of plug-ins, in the order in which they are searched */
GStrv pinwheel_plugin_folders (void);
/* Finds every plug-in, loads those that the cache does not know, and hands them to the registry;
 * says on stderr what is left out. Called once. */
void pinwheel_plugin_find_all (void);

/* Returns: FALSE with @error where @path is not there */
gboolean pinwheel_plugin_stamp (const char *path, PinwheelFileStamp *stamp, GError **error);
gboolean pinwheel_plugin_stamp_equal (const PinwheelFileStamp *a, const PinwheelFileStamp *b);
/* Returns: (transfer none) (nullable): a new one, without elements */
PinwheelPluginFile *pinwheel_plugin_new (const char *path, const char *name, guint abi);
/* @group, @summary: (nullable) */
void pinwheel_plugin_add (PinwheelPluginFile *self, const char *name, const char *group,
                          const char *summary);
/* Loads it. Returns: (transfer none) (nullable): NULL with @error */
PinwheelPluginFile *pinwheel_plugin_load (const char *path, GError **error);
/* The same for one that is in memory: what its table says. An element that cannot be is left out,
 * which is said on stderr. All that @table points to stays for ever. */
PinwheelPluginFile *pinwheel_plugin_describe (const PinwheelPlugin *table, const char *path,
                                              GError **error);
/* Loads it if need be; from any thread. Returns: %G_TYPE_INVALID with @error */
GType pinwheel_plugin_get_type (PinwheelPluginFile *self, const char *name, GError **error);
