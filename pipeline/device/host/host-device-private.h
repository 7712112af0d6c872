/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
#include <pinwheel/device.h>

G_BEGIN_DECLS

/* The CPU as a device: its memory is the host's, its streams are threads, its kernels native code.
 */
#define PINWHEEL_TYPE_HOST_DEVICE (pinwheel_host_device_get_type ())
G_DECLARE_FINAL_TYPE (PinwheelHostDevice, pinwheel_host_device, PINWHEEL, HOST_DEVICE,
                      PinwheelDevice)

PinwheelDevice *pinwheel_host_device_open (const char *spec, GError **error);

G_END_DECLS
