/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What back-ends need of the device class, and the accounting that streams report to.
 *
 * A back-end gives its devices the construct-only properties `name`, `description` and
 * `integrated`, and its streams `device` and `name`. */
#pragma once
#include <pinwheel/stream.h>

G_BEGIN_DECLS

/* The best device there is.
 * @notice: (optional) (inout): set where it is not the first choice: why, and what to do */
PinwheelDevice *pinwheel_device_open_best (char **notice, GError **error);

/* Returns: as in PinwheelDeviceClass; 0 where it does not matter */
guint pinwheel_device_get_newest_toolkit (PinwheelDevice *self);

/* Safe from any thread, without a lock: called for every piece of work. */
void pinwheel_device_count_copy (PinwheelDevice *self, gsize bytes);
void pinwheel_device_count_launch (PinwheelDevice *self);
void pinwheel_device_count_host_wait (PinwheelDevice *self);
void pinwheel_device_count_pageable_copy (PinwheelDevice *self);
/* The CPU copied between memory of the application and a pool's buffer. */
void pinwheel_device_count_staging (PinwheelDevice *self, gsize bytes);

/* See PinwheelDeviceClass. @memory: (nullable): nothing is checked */
gboolean pinwheel_device_check_host_access (PinwheelDevice *self, gconstpointer memory, gsize size,
                                            gboolean write, GError **error);
void pinwheel_device_buffer_came_home (PinwheelDevice *self, gconstpointer memory);
void pinwheel_device_buffer_was_lent (PinwheelDevice *self, gconstpointer memory);

/* Returns: how often the calling thread has waited in pinwheel_fence_sync() */
guint64 pinwheel_fence_get_thread_waits (void);
/* For who enqueues. Returns: how many of the last fences recorded, 16 at most, have not passed */
guint pinwheel_stream_get_n_pending (PinwheelStream *self);
/* From any thread. Returns: threads that wait in pinwheel_fence_sync() for its work */
guint pinwheel_stream_get_n_awaiting (PinwheelStream *self);

G_END_DECLS
