/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
#include <pinwheel/bus.h>

/* Drops all messages that nobody has taken. From any thread. */
void pinwheel_bus_flush (PinwheelBus *self);
