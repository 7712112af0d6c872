/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
#include <pinwheel/app-array.h>
#include <pinwheel/sink.h>

G_BEGIN_DECLS

/**
 * PinwheelAppSink:
 *
 * The element `appsink`: results come out to the application.
 *
 * An array for which the application gave memory (pinwheel_app_sink_set_array()) is written there:
 * by the device itself where that is pinned for it, by the kernel itself where device memory is
 * host memory and the chunk axis is the first one; otherwise from a buffer, which `stagings` of
 * pinwheel_device_get_counters() counts. Where there are other arrays too, chunks wait to be pulled
 * (pinwheel_app_sink_pull()): whoever holds a chunk holds its buffers, and one who keeps as many as
 * a pool has stops the stream.
 *
 * Functions are safe from any thread.
 */
#define PINWHEEL_TYPE_APP_SINK (pinwheel_app_sink_get_type ())
PINWHEEL_API
G_DECLARE_FINAL_TYPE (PinwheelAppSink, pinwheel_app_sink, PINWHEEL, APP_SINK, PinwheelSink)

/**
 * PinwheelAppSink:max-chunks:
 *
 * Chunks that may wait to be pulled before the stream waits.
 */

/**
 * PinwheelAppSink::new-chunk:
 * @self: who has it
 *
 * A chunk can be pulled, and pinwheel_app_sink_try_pull() does so. Emitted from the streaming
 * thread.
 */

/**
 * pinwheel_app_sink_set_array:
 * @name: an array of the stream
 * @array: (nullable) (transfer none): where to write all of it, kept for every run until it is
 *   replaced; %NULL: hand it out in chunks again
 *
 * While the pipeline does not run.
 *
 * Whether it is what comes is checked when the pipeline goes to READY. When the run has succeeded,
 * all of it is written; when it has failed, any part may be.
 *
 * Errors: %PINWHEEL_ERROR_FORMAT: it cannot be written; %PINWHEEL_ERROR_FAILED: while it runs.
 */
PINWHEEL_API
gboolean pinwheel_app_sink_set_array (PinwheelAppSink *self, const char *name,
                                      PinwheelAppArray *array, GError **error);

/**
 * pinwheel_app_sink_pull:
 * @cancellable: (nullable): ends the wait
 *
 * Waits for the next chunk, which may be read at once. Dropping it gives its buffers back. Chunks
 * of a run that has succeeded can still be pulled until the next one starts.
 *
 * Returns: (transfer full) (nullable): %NULL without @error at the end of the stream; with
 *   %PINWHEEL_ERROR_STOPPED where the run ends early, and pinwheel_pipeline_wait() says why; with
 *   %G_IO_ERROR_CANCELLED
 */
PINWHEEL_API
PinwheelChunk *pinwheel_app_sink_pull (PinwheelAppSink *self, GCancellable *cancellable,
                                       GError **error);

/**
 * pinwheel_app_sink_try_pull:
 *
 * As pinwheel_app_sink_pull(), but does not wait.
 *
 * Returns: (transfer full) (nullable): %NULL with %G_IO_ERROR_WOULD_BLOCK where none is there
 */
PINWHEEL_API
PinwheelChunk *pinwheel_app_sink_try_pull (PinwheelAppSink *self, GError **error);

G_END_DECLS
