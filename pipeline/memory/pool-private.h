/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
#include <pinwheel/pool.h>

/* As pinwheel_pool_new() for pinned memory, where there is none: the device copies from and to it,
 * but whoever enqueues the copy waits for it. */
PinwheelPool *pinwheel_pool_new_pageable (PinwheelDevice *device, guint n_buffers, gsize capacity,
                                          GError **error);

/* Before any buffer is lent. @notify is called with @listener, from any thread and without a lock,
 * when a buffer comes home that keeps something for work that has not passed: time to reap. A
 * reference on @listener is held until the last buffer is home. */
void pinwheel_pool_set_listener (PinwheelPool *self, GObject *listener,
                                 void (*notify) (gpointer listener));
/* The host waits until work on the buffers that are home has passed, and what they keep is
 * released. */
gboolean pinwheel_pool_reap (PinwheelPool *self, GError **error);
/* For who acquires. Returns: buffers that are home and that no work uses any more */
guint pinwheel_pool_get_n_idle (PinwheelPool *self);
/* From any thread. Returns: pinwheel_clock() when somebody began to wait for a buffer, and still
 * waits; 0: nobody */
guint64 pinwheel_pool_get_waiting_since (PinwheelPool *self);
