/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
#include <pinwheel/element.h>

G_BEGIN_DECLS

/**
 * PINWHEEL_PLUGIN_ABI:
 *
 * Changes when a plug-in must be built again.
 */
#define PINWHEEL_PLUGIN_ABI 1

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
 * Names of all elements, sorted. Plug-ins are looked for once per process: in the folders of
 * PINWHEEL_PLUGIN_PATH (separated by colons), then in pinwheel-1.0 beside the library.
 *
 * Returns: (transfer container) (array zero-terminated=1): free with g_free()
 */
PINWHEEL_API
const char **pinwheel_registry_list (void);

/**
 * pinwheel_registry_find:
 * @name: of an element
 *
 * Returns: the type of the element called @name, or %G_TYPE_INVALID
 */
PINWHEEL_API
GType pinwheel_registry_find (const char *name);

/**
 * pinwheel_registry_add:
 * @name: must be free
 * @type: a subclass of #PinwheelElement
 *
 * For elements of the application itself.
 */
PINWHEEL_API
void pinwheel_registry_add (const char *name, GType type);

/**
 * pinwheel_element_make:
 * @type: name of an element: "npysrc"
 * @name: (nullable): name of the instance
 *
 * Returns: (transfer full) (nullable): %NULL with @error (%PINWHEEL_ERROR_PARSE) and a near name
 */
PINWHEEL_API
PinwheelElement *pinwheel_element_make (const char *type, const char *name, GError **error);

G_END_DECLS
