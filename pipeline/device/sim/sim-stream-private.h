/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
#include <pinwheel/stream.h>

#include "device/host-launch-private.h"
#include "device/sim/sim-machine-private.h"

G_BEGIN_DECLS

#define PINWHEEL_TYPE_SIM_STREAM (pinwheel_sim_stream_get_type ())
G_DECLARE_FINAL_TYPE (PinwheelSimStream, pinwheel_sim_stream, PINWHEEL, SIM_STREAM, PinwheelStream)

PinwheelStream *pinwheel_sim_stream_new (PinwheelDevice *device, PinwheelSimMachine *machine,
                                         const char *name, GError **error);

/* A compiled kernel, and which of its arguments are addresses. */
#define PINWHEEL_TYPE_SIM_FUNCTION (pinwheel_sim_function_get_type ())
G_DECLARE_FINAL_TYPE (PinwheelSimFunction, pinwheel_sim_function, PINWHEEL, SIM_FUNCTION,
                      PinwheelFunction)

PinwheelFunction *pinwheel_sim_function_new (const PinwheelImage *image, GError **error);

G_END_DECLS
