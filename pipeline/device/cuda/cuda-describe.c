/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A CUDA device in words. */
#include "config.h"

#include <pinwheel/property.h>

#include "device/cuda/cuda-device-private.h"

static int
read_attribute (PinwheelCudaDevice *self, CUdevice_attribute attribute)
{
  int value = 0;

  return self->cuda->cuDeviceGetAttribute (&value, attribute, self->device) == CUDA_SUCCESS ? value
                                                                                            : 0;
}

char *
pinwheel_cuda_device_describe (PinwheelDevice *device)
{
  PinwheelCudaDevice *self = PINWHEEL_CUDA_DEVICE (device);
  GString *text = g_string_new (NULL);
  g_autofree char *total_text = NULL;
  g_autofree char *free_text = NULL;
  char name[256] = "unknown", location[32] = "unknown";
  guint64 total, available;
  int n_engines = read_attribute (self, CU_DEVICE_ATTRIBUTE_ASYNC_ENGINE_COUNT);

  self->cuda->cuDeviceGetName (name, sizeof name, self->device);
  if (self->cuda->cuDeviceGetPCIBusId != NULL)
    self->cuda->cuDeviceGetPCIBusId (location, sizeof location, self->device);
  pinwheel_device_get_memory (device, &total, &available);
  total_text = pinwheel_format_size (total);
  free_text = pinwheel_format_size (available);
  g_string_append_printf (text,
                          "name          %s\n"
                          "architecture  %s, %d multiprocessors\n"
                          "memory        %s, %s free\n"
                          "copy engines  %d\n"
                          "PCIe          %s\n"
                          "driver        CUDA %d.%d\n",
                          name, self->architecture,
                          read_attribute (self, CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT),
                          total_text, free_text, n_engines, location, self->cuda->version / 1000,
                          self->cuda->version % 1000 / 10);
  return g_string_free (text, FALSE);
}
