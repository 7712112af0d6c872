/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
#include <pinwheel/app-array.h>
#include <pinwheel/source.h>

G_BEGIN_DECLS

/**
 * PinwheelAppSrc:
 *
 * The element `appsrc`: arrays of the application go in. Its property `format` says which:
 * `x:f32[*] k:f64[3]`.
 *
 * Either whole arrays are given before the run (pinwheel_app_src_set_array()) and cut as the plan
 * says; or items are pushed while it runs (pinwheel_app_src_push()), and each push is a chunk, or
 * several where it is longer than the plan's. Then `items` may say how many come in all. Arrays
 * that are not cut are always given before.
 *
 * Memory that is pinned for the device (pinwheel_app_array_new_pinned(),
 * pinwheel_device_register()) is copied to it directly where rows lie at one distance, and memory
 * whose items lie behind one another is read where it is by what runs on the CPU. Everything else
 * is copied to a buffer first; `stagings` of pinwheel_device_get_counters() counts that. No buffers
 * are planned for whole arrays that need none, nor for what is pushed where `direct` is set.
 *
 * Functions are safe from any thread.
 */
#define PINWHEEL_TYPE_APP_SRC (pinwheel_app_src_get_type ())
PINWHEEL_API
G_DECLARE_FINAL_TYPE (PinwheelAppSrc, pinwheel_app_src, PINWHEEL, APP_SRC, PinwheelSource)

/**
 * PinwheelAppSrc:format:
 *
 * The arrays that the application gives: `x:f32[*] k:f64[3]`.
 */

/**
 * PinwheelAppSrc:items:
 *
 * Items that are pushed in all; where it is unset they are known when the stream ends.
 */

/**
 * PinwheelAppSrc:max-blocks:
 *
 * Pushes that may wait to be taken before the next one waits for room.
 */

/**
 * PinwheelAppSrc:direct:
 *
 * No buffers are planned for what is pushed: memory that would be staged is an error.
 */

/**
 * PinwheelAppSrc::need-data:
 * @self: who asks
 * @most: items that the next chunk can have
 *
 * Nothing is left to send. Emitted once from the streaming thread, which then waits for a push; the
 * handler may push.
 */

/**
 * pinwheel_app_src_set_array:
 * @name: an array of the format
 * @array: (nullable) (transfer none): the whole of it, kept for every run until it is replaced;
 *   %NULL: forget it
 *
 * While the pipeline does not run.
 *
 * Errors: %PINWHEEL_ERROR_FORMAT with what the array is to be; %PINWHEEL_ERROR_FAILED while it
 * runs.
 */
PINWHEEL_API
gboolean pinwheel_app_src_set_array (PinwheelAppSrc *self, const char *name,
                                     PinwheelAppArray *array, GError **error);

/**
 * pinwheel_app_src_push:
 * @arrays: (array length=n_arrays) (transfer none): one for each array of the format that is cut,
 *   in its order, with the same number of items; kept until nothing uses them any more
 * @n_arrays: number of @arrays
 * @cancellable: (nullable): ends the wait
 *
 * Waits while `max-blocks` pushes have not been taken. Before the first run they wait for it; once
 * a run has ended, pushes fail until the pipeline is READY again.
 *
 * Errors: %PINWHEEL_ERROR_FORMAT: not these arrays; %PINWHEEL_ERROR_FAILED: after
 * pinwheel_app_src_end(), or more than `items`; %PINWHEEL_ERROR_STOPPED: the run ends or has ended,
 * and pinwheel_pipeline_wait() says why; %G_IO_ERROR_CANCELLED. Nothing was taken then.
 */
PINWHEEL_API
gboolean pinwheel_app_src_push (PinwheelAppSrc *self, PinwheelAppArray **arrays, guint n_arrays,
                                GCancellable *cancellable, GError **error);

/**
 * pinwheel_app_src_try_push:
 * @arrays: (array length=n_arrays) (transfer none): as for pinwheel_app_src_push()
 * @n_arrays: number of @arrays
 *
 * As pinwheel_app_src_push(), but does not wait.
 *
 * Errors: %G_IO_ERROR_WOULD_BLOCK where there is no room.
 */
PINWHEEL_API
gboolean pinwheel_app_src_try_push (PinwheelAppSrc *self, PinwheelAppArray **arrays, guint n_arrays,
                                    GError **error);

/**
 * pinwheel_app_src_push_bytes:
 * @bytes: (transfer none): whole items in C order
 * @cancellable: (nullable): ends the wait
 *
 * As pinwheel_app_src_push(), for a format with one cut array.
 */
PINWHEEL_API
gboolean pinwheel_app_src_push_bytes (PinwheelAppSrc *self, GBytes *bytes,
                                      GCancellable *cancellable, GError **error);

/**
 * pinwheel_app_src_end:
 *
 * What was pushed is all: the stream ends behind it.
 */
PINWHEEL_API
void pinwheel_app_src_end (PinwheelAppSrc *self);

G_END_DECLS
