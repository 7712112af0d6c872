/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
#include <pinwheel/element.h>
#include <pinwheel/version.h>

G_BEGIN_DECLS

/**
 * PINWHEEL_PLUGIN_ABI: (skip)
 *
 * What a plug-in was built against: the interface in the highest byte, which changes when plug-ins
 * must be built again, and the version of the library. A plug-in of another interface, of another
 * major or of a newer minor version than the library that runs is left out, with a warning.
 */
#define PINWHEEL_PLUGIN_ABI                                                                        \
  ((guint) 1 << 24 | (guint) PINWHEEL_VERSION_MAJOR << 16 | (guint) PINWHEEL_VERSION_MINOR)

/**
 * PinwheelPluginElement:
 * @name: as in a description
 * @get_type: its class
 *
 * An element of a plug-in.
 */
typedef struct
{
  const char *name;
  GType (*get_type) (void);
} PinwheelPluginElement;

/**
 * PinwheelPlugin:
 * @abi: %PINWHEEL_PLUGIN_ABI
 * @name: of the plug-in
 * @elements: ended by an entry without a name
 *
 * A plug-in is a shared object that exports one of these as `pinwheel_plugin`.
 */
typedef struct
{
  guint abi;
  const char *name;
  const PinwheelPluginElement *elements;
} PinwheelPlugin;

/**
 * pinwheel_registry_list:
 *
 * Names of all elements, sorted.
 *
 * Plug-ins are looked for once per process: in the folders of PINWHEEL_PLUGIN_PATH (separated by
 * colons), then in pinwheel-1.0 beside the library. A file hides those of the same name in later
 * folders, and of two elements of one name the first one stays: in the order of the folders, and
 * within a folder of the files' names. What is left out, and why, is told on standard error, once.
 *
 * A plug-in is loaded when an element of it is first asked for. What it brings is kept in the file
 * `registry` of the user's cache folder; PINWHEEL_REGISTRY names another file, and with
 * `PINWHEEL_REGISTRY=off` all plug-ins are loaded at once, as they are where there is no such file.
 *
 * Returns: (transfer container) (array zero-terminated=1): free with g_free()
 */
PINWHEEL_API
const char **pinwheel_registry_list (void);

/**
 * PinwheelRegistryEntry:
 * @name: of the element, as in a description: "npysrc"
 * @group: as in #PinwheelElementInfo, or empty
 * @summary: one line, or empty
 * @plugin: (nullable): name of the plug-in that brings it; %NULL: the application does
 * @version: (nullable): of the library that the plug-in was built with: "1.2"
 * @path: (nullable): of the plug-in
 *
 * What is known of an element without loading its plug-in.
 */
typedef struct
{
  const char *name;
  const char *group;
  const char *summary;
  const char *plugin;
  const char *version;
  const char *path;
} PinwheelRegistryEntry;

/**
 * pinwheel_registry_look_up:
 * @name: of an element
 *
 * Tells about an element, and loads nothing.
 *
 * Returns: (transfer none) (nullable): stays as it is for ever; %NULL where there is no such
 * element
 */
PINWHEEL_API
const PinwheelRegistryEntry *pinwheel_registry_look_up (const char *name);

/**
 * pinwheel_registry_find:
 * @name: of an element
 *
 * Loads the plug-in that brings it. Where that fails, standard error says why, and
 * pinwheel_element_make() in its @error.
 *
 * Returns: the type of the element called @name, or %G_TYPE_INVALID
 */
PINWHEEL_API
GType pinwheel_registry_find (const char *name);

/**
 * pinwheel_registry_add:
 * @name: must be free; letters, digits, - and _, not a - first
 * @type: a subclass of #PinwheelElement that is not abstract
 *
 * For elements of the application itself.
 */
PINWHEEL_API
void pinwheel_registry_add (const char *name, GType type);

/**
 * pinwheel_element_make:
 * @type: name of an element: "npysrc"
 * @name: (nullable): name of the instance: letters, digits, - and _
 *
 * Returns: (transfer full) (nullable): %NULL with @error: %PINWHEEL_ERROR_PARSE and a near name, or
 *   %PINWHEEL_ERROR_RESOURCE where its plug-in is broken
 */
PINWHEEL_API
PinwheelElement *pinwheel_element_make (const char *type, const char *name, GError **error);

G_END_DECLS
