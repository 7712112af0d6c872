/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The machine behind a simulated device: what its streams' threads share. It lives as long as the
 * device or any work, and is no GObject, because threads of streams drop it. */
#pragma once
#include <pinwheel/device.h>

#include "device/sim/sim-options-private.h"

G_BEGIN_DECLS

typedef struct _PinwheelSimMachine PinwheelSimMachine;

typedef enum
{
  PINWHEEL_SIM_ENGINE_UP,
  PINWHEEL_SIM_ENGINE_DOWN,
  PINWHEEL_SIM_ENGINE_COMPUTE,
  PINWHEEL_SIM_N_ENGINES
} PinwheelSimEngine;

PinwheelSimMachine *pinwheel_sim_machine_new (const char *name, const PinwheelSimOptions *options);
PinwheelSimMachine *pinwheel_sim_machine_ref (PinwheelSimMachine *self);
void pinwheel_sim_machine_unref (PinwheelSimMachine *self);
const PinwheelSimOptions *pinwheel_sim_machine_get_options (PinwheelSimMachine *self);

/* Counts a use. Returns: FALSE where this one is to fail, or the device is lost */
gboolean pinwheel_sim_machine_use (PinwheelSimMachine *self, PinwheelSimUse use, GError **error);

gboolean pinwheel_sim_machine_alloc (PinwheelSimMachine *self, PinwheelMemoryKind kind, gsize size,
                                     gpointer *memory, GError **error);
void pinwheel_sim_machine_free (PinwheelSimMachine *self, PinwheelMemoryKind kind, gsize size,
                                gpointer memory);
/* Pins memory that is there already; counts as an allocation of pinned memory. */
gboolean pinwheel_sim_machine_register (PinwheelSimMachine *self, gsize size, GError **error);
void pinwheel_sim_machine_unregister (PinwheelSimMachine *self, gsize size);
guint64 pinwheel_sim_machine_get_available (PinwheelSimMachine *self);

/* @address: device memory; becomes what the CPU may touch, valid until it is unpinned
 * @size: bytes from there on that must lie in one allocation
 * Returns: FALSE where it is no device memory, is freed, or ends before. What it is for says @what
 */
gboolean pinwheel_sim_machine_pin (PinwheelSimMachine *self, gpointer *address, gsize size,
                                   const char *what, GError **error);
/* @address: as it was before it was pinned */
void pinwheel_sim_machine_unpin (PinwheelSimMachine *self, gpointer address);

/* The next piece of work of an engine: it begins when the engine is free, and not before @ready.
 * Returns: the time, as pinwheel_clock(), at which it ends */
guint64 pinwheel_sim_machine_occupy (PinwheelSimMachine *self, PinwheelSimEngine engine,
                                     guint64 ready, guint64 duration);

G_END_DECLS
