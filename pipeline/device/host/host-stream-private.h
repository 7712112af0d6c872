/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
#include <pinwheel/stream.h>

G_BEGIN_DECLS

/* A stream whose work is done by one thread, and whose launches by all cores. After a cancel it is
 * spent: every later call returns PINWHEEL_ERROR_STOPPED. Dropping the last reference waits until
 * its work is done. */
#define PINWHEEL_TYPE_HOST_STREAM (pinwheel_host_stream_get_type ())
G_DECLARE_FINAL_TYPE (PinwheelHostStream, pinwheel_host_stream, PINWHEEL, HOST_STREAM,
                      PinwheelStream)

PinwheelStream *pinwheel_host_stream_new (PinwheelDevice *device, const char *name, GError **error);

G_END_DECLS
