/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What plug-ins bring, kept on disk, so that none is loaded before one of its elements is made.
 *
 * The file says nothing of where plug-ins are: it is asked about files that were found, and only
 * what it says of exactly that content counts. One that is damaged, of another version of the
 * library or of somebody else is as good as none, and one that cannot be written does no harm. */
#pragma once
#include "text/plugin-private.h"

typedef struct _PinwheelRegistryCache PinwheelRegistryCache;

PinwheelRegistryCache *pinwheel_registry_cache_open (void);
/* Returns: (transfer none) (nullable): what is known of the file @path where it is as @stamp says
 */
PinwheelPluginFile *pinwheel_registry_cache_find (PinwheelRegistryCache *self, const char *path,
                                                  const PinwheelFileStamp *stamp);
void pinwheel_registry_cache_add (PinwheelRegistryCache *self, const PinwheelPluginFile *plugin,
                                  const PinwheelFileStamp *stamp);
/* Writes the file where something was added. */
void pinwheel_registry_cache_close (PinwheelRegistryCache *self);
