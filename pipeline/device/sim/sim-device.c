/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <pinwheel/property.h>

#include "device/sim/sim-checker-private.h"
#include "device/sim/sim-device-private.h"
#include "device/sim/sim-machine-private.h"
#include "device/sim/sim-stream-private.h"

struct _PinwheelSimDevice
{
  PinwheelDevice parent_instance;

  PinwheelSimMachine *machine; /* set once, before anybody else has the device; owned */
};

G_DEFINE_FINAL_TYPE (PinwheelSimDevice, pinwheel_sim_device, PINWHEEL_TYPE_DEVICE)

static PinwheelSimMachine *
machine_of (PinwheelDevice *device)
{
  return PINWHEEL_SIM_DEVICE (device)->machine;
}

static gboolean
pinwheel_sim_device_alloc (PinwheelDevice *device, PinwheelMemoryKind kind, gsize size,
                           gpointer *memory, GError **error)
{
  return pinwheel_sim_machine_alloc (machine_of (device), kind, size, memory, error);
}

static void
pinwheel_sim_device_free (PinwheelDevice *device, PinwheelMemoryKind kind, gsize size,
                          gpointer memory)
{
  pinwheel_sim_checker_forget (memory, size);
  pinwheel_sim_machine_free (machine_of (device), kind, size, memory);
}

static gboolean
pinwheel_sim_device_register (PinwheelDevice *device, gpointer memory, gsize size, GError **error)
{
  return pinwheel_sim_machine_register (machine_of (device), size, error);
}

static void
pinwheel_sim_device_unregister (PinwheelDevice *device, gpointer memory, gsize size)
{
  pinwheel_sim_machine_unregister (machine_of (device), size);
}

static void
pinwheel_sim_device_get_memory (PinwheelDevice *device, guint64 *total, guint64 *available)
{
  *total = pinwheel_sim_machine_get_options (machine_of (device))->memory;
  *available = pinwheel_sim_machine_get_available (machine_of (device));
}

static PinwheelStream *
pinwheel_sim_device_new_stream (PinwheelDevice *device, const char *name, GError **error)
{
  return pinwheel_sim_stream_new (device, machine_of (device), name, error);
}

static PinwheelFunction *
pinwheel_sim_device_load (PinwheelDevice *device, const PinwheelImage *image, GError **error)
{
  if (!pinwheel_sim_machine_use (machine_of (device), PINWHEEL_SIM_LOAD, error))
    return NULL;
  return pinwheel_sim_function_new (image, error);
}

static gboolean
pinwheel_sim_device_check_host_access (PinwheelDevice *device, gconstpointer memory, gsize size,
                                       gboolean write, GError **error)
{
  return pinwheel_sim_checker_check_host (memory, size, write, error);
}

static void
pinwheel_sim_device_buffer_came_home (PinwheelDevice *device, gconstpointer memory)
{
  pinwheel_sim_checker_give (memory);
}

static void
pinwheel_sim_device_buffer_was_lent (PinwheelDevice *device, gconstpointer memory)
{
  pinwheel_sim_checker_take (memory);
}

static void
pinwheel_sim_device_finalize (GObject *object)
{
  g_clear_pointer (&PINWHEEL_SIM_DEVICE (object)->machine, pinwheel_sim_machine_unref);

  G_OBJECT_CLASS (pinwheel_sim_device_parent_class)->finalize (object);
}

static void
pinwheel_sim_device_class_init (PinwheelSimDeviceClass *klass)
{
  PinwheelDeviceClass *device_class = PINWHEEL_DEVICE_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = pinwheel_sim_device_finalize;
  device_class->alloc = pinwheel_sim_device_alloc;
  device_class->free = pinwheel_sim_device_free;
  device_class->register_memory = pinwheel_sim_device_register;
  device_class->unregister_memory = pinwheel_sim_device_unregister;
  device_class->get_memory = pinwheel_sim_device_get_memory;
  device_class->new_stream = pinwheel_sim_device_new_stream;
  device_class->load = pinwheel_sim_device_load;
  device_class->check_host_access = pinwheel_sim_device_check_host_access;
  device_class->buffer_came_home = pinwheel_sim_device_buffer_came_home;
  device_class->buffer_was_lent = pinwheel_sim_device_buffer_was_lent;
}

static void
pinwheel_sim_device_init (PinwheelSimDevice *self)
{
}

PinwheelDevice *
pinwheel_sim_device_open (const char *spec, GError **error)
{
  g_autofree char *memory = NULL, *description = NULL;
  PinwheelSimOptions options;
  PinwheelSimDevice *self;

  if (!pinwheel_sim_options_parse (spec, &options, error))
    return NULL;
  memory = pinwheel_format_size (options.memory);
  description = g_strdup_printf ("simulated device with memory of its own, %s", memory);
  self = g_object_new (PINWHEEL_TYPE_SIM_DEVICE, "name", spec, "description", description,
                       "integrated", FALSE, NULL);
  self->machine = pinwheel_sim_machine_new (spec, &options);
  return PINWHEEL_DEVICE (self);
}
