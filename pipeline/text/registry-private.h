/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
#include <pinwheel/registry.h>

/* Takes in one element; the first of a name wins, later ones are told on stderr.
 * @origin: who brings it, for messages: path of a plug-in */
void pinwheel_registry_take (const char *name, GType (*get_type) (void), GType type,
                             const char *origin);

/* Takes in the elements of @plugin, or says on stderr why not. All it points to stays for ever. */
void pinwheel_plugin_register (const PinwheelPlugin *plugin, const char *path);

/* Loads every plug-in there is; called once. */
void pinwheel_plugin_load_all (void);

/* Returns: (transfer full): folders of plug-ins, in the order in which they are searched */
GStrv pinwheel_plugin_folders (void);
