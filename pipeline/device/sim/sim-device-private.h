/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
#include <pinwheel/device.h>

G_BEGIN_DECLS

/* This process playing a GPU with memory, copy engines and streams of its own. */
#define PINWHEEL_TYPE_SIM_DEVICE (pinwheel_sim_device_get_type ())
G_DECLARE_FINAL_TYPE (PinwheelSimDevice, pinwheel_sim_device, PINWHEEL, SIM_DEVICE, PinwheelDevice)

PinwheelDevice *pinwheel_sim_device_open (const char *spec, GError **error);

G_END_DECLS
