/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
#include <pinwheel/buffer.h>

G_BEGIN_DECLS

/**
 * PinwheelPool:
 *
 * The fixed set of buffers of one stage, cut from one allocation. Asking an empty pool waits: that
 * is back-pressure. A pool outlives its buffers' borrowers: its memory is freed when the pool and
 * every buffer have been dropped.
 */
#define PINWHEEL_TYPE_POOL (pinwheel_pool_get_type ())
PINWHEEL_API
G_DECLARE_FINAL_TYPE (PinwheelPool, pinwheel_pool, PINWHEEL, POOL, GObject)

/**
 * PINWHEEL_ALIGNMENT:
 *
 * Every array in every buffer starts at a multiple of this many bytes.
 */
#define PINWHEEL_ALIGNMENT 256

/**
 * pinwheel_pool_new:
 * @device: where the memory comes from
 * @kind: pinned host or device memory
 * @n_buffers: at least 1
 * @capacity: bytes of each buffer, rounded up to %PINWHEEL_ALIGNMENT
 *
 * Allocates everything at once. Errors: %PINWHEEL_ERROR_MEMORY, with the numbers.
 *
 * Returns: (transfer full) (nullable): %NULL with @error
 */
PINWHEEL_API
PinwheelPool *pinwheel_pool_new (PinwheelDevice *device, PinwheelMemoryKind kind, guint n_buffers,
                                 gsize capacity, GError **error);

/**
 * pinwheel_pool_acquire:
 *
 * Takes a buffer out, waiting until one is home. Its fences are still on it: the caller waits for
 * them, on its stream or on the host. Ends with %PINWHEEL_ERROR_STOPPED while the pool is flushing.
 *
 * Returns: (transfer full) (nullable): a buffer
 */
PINWHEEL_API
PinwheelBuffer *pinwheel_pool_acquire (PinwheelPool *self, GError **error);

/**
 * pinwheel_pool_set_flushing:
 * @flushing: whether nobody waits
 *
 * Ends all waits for a buffer; safe from any thread.
 */
PINWHEEL_API
void pinwheel_pool_set_flushing (PinwheelPool *self, gboolean flushing);

/**
 * pinwheel_pool_get_n_buffers:
 *
 * Returns: buffers in all
 */
PINWHEEL_API
guint pinwheel_pool_get_n_buffers (PinwheelPool *self);

/**
 * pinwheel_pool_get_n_home:
 *
 * Returns: buffers that nobody holds
 */
PINWHEEL_API
guint pinwheel_pool_get_n_home (PinwheelPool *self);

/**
 * pinwheel_pool_get_waited:
 *
 * Returns: nanoseconds spent waiting in pinwheel_pool_acquire()
 */
PINWHEEL_API
guint64 pinwheel_pool_get_waited (PinwheelPool *self);

G_END_DECLS
