/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
#include "text/plugin-private.h"

/* Takes in the elements of @plugin; the first of a name wins, later ones are told on stderr. */
void pinwheel_registry_take_plugin (PinwheelPluginFile *plugin);
