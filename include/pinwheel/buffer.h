/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
#include <pinwheel/stream.h>

G_BEGIN_DECLS

/**
 * PinwheelBuffer:
 *
 * A token: one block of memory of fixed capacity, owned by a pool, lent to chunks, used again and
 * again. Dropping the last reference sends it home with its fences. Two kinds of fence hang on it:
 * the *writer*, after which the content may be read, and the *readers*, after which (and after the
 * writer) it may be overwritten. All functions are safe from any thread; the content belongs to
 * whoever took the buffer from its pool until the chunk is pushed, and is read-only from then on.
 */
typedef struct _PinwheelBuffer PinwheelBuffer;

#define PINWHEEL_TYPE_BUFFER (pinwheel_buffer_get_type ())
PINWHEEL_API
GType pinwheel_buffer_get_type (void) G_GNUC_CONST;

/**
 * pinwheel_buffer_ref:
 *
 * Returns: (transfer full): a new reference
 */
PINWHEEL_API
PinwheelBuffer *pinwheel_buffer_ref (PinwheelBuffer *self);

/**
 * pinwheel_buffer_unref:
 *
 * Drops a reference; with the last one it is freed.
 */
PINWHEEL_API
void pinwheel_buffer_unref (PinwheelBuffer *self);

/**
 * pinwheel_buffer_get_memory:
 *
 * Returns: (transfer none): where it begins; a device's address where it is device memory
 */
PINWHEEL_API
gpointer pinwheel_buffer_get_memory (PinwheelBuffer *self);

/**
 * pinwheel_buffer_get_capacity:
 *
 * Returns: bytes that fit
 */
PINWHEEL_API
gsize pinwheel_buffer_get_capacity (PinwheelBuffer *self);

/**
 * pinwheel_buffer_get_kind:
 *
 * Returns: whose memory it is
 */
PINWHEEL_API
PinwheelMemoryKind pinwheel_buffer_get_kind (PinwheelBuffer *self);

/**
 * pinwheel_buffer_set_writer: (skip)
 * @fence: work after which the content is there
 *
 * Says which work has to be waited for before the content is read.
 */
PINWHEEL_API
void pinwheel_buffer_set_writer (PinwheelBuffer *self, PinwheelFence fence);

/**
 * pinwheel_buffer_add_reader: (skip)
 * @fence: work that still reads the content until it passes
 *
 * Says which work has to be waited for before the content is written again.
 */
PINWHEEL_API
void pinwheel_buffer_add_reader (PinwheelBuffer *self, PinwheelFence fence);

/**
 * pinwheel_buffer_wait_readable:
 * @stream: the one that waits
 *
 * @stream waits for the writer; the host does not.
 */
PINWHEEL_API
gboolean pinwheel_buffer_wait_readable (PinwheelBuffer *self, PinwheelStream *stream,
                                        GError **error);

/**
 * pinwheel_buffer_wait_writable:
 * @stream: the one that waits
 *
 * @stream waits for writer and readers, then they are forgotten.
 */
PINWHEEL_API
gboolean pinwheel_buffer_wait_writable (PinwheelBuffer *self, PinwheelStream *stream,
                                        GError **error);

/**
 * pinwheel_buffer_sync_readable:
 *
 * The host waits for the writer: the CPU is about to read.
 */
PINWHEEL_API
gboolean pinwheel_buffer_sync_readable (PinwheelBuffer *self, GError **error);

/**
 * pinwheel_buffer_sync_writable:
 *
 * The host waits for writer and readers: the CPU is about to write.
 */
PINWHEEL_API
gboolean pinwheel_buffer_sync_writable (PinwheelBuffer *self, GError **error);

/**
 * pinwheel_buffer_keep: (skip)
 * @owner: (nullable): of memory that views into this buffer's chunk lie in, see
 *   pinwheel_chunk_set_data()
 * @release: (nullable): called once with @owner, from any thread, when nobody holds the buffer and
 *   the work on it has passed. What was kept before is released now.
 *
 * For whoever holds the buffer alone and has waited until it is writable.
 */
PINWHEEL_API
void pinwheel_buffer_keep (PinwheelBuffer *self, gpointer owner, GDestroyNotify release);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PinwheelBuffer, pinwheel_buffer_unref)

G_END_DECLS
