/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
#include "text/plugin-private.h"

/* While plug-ins are looked for. Returns: whether @name has been taken already, which is told on
 * stderr, once for each who @wants it */
gboolean pinwheel_registry_is_taken (const char *name, const char *wants);

/* Takes in the elements of @plugin; the first of a name wins, later ones are told on stderr. */
void pinwheel_registry_take_plugin (PinwheelPluginFile *plugin);
