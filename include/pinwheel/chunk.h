/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
#include <pinwheel/format.h>
#include <pinwheel/buffer.h>

G_BEGIN_DECLS

/**
 * PinwheelChunk:
 *
 * Items [start, start + count) of every array of a format. Each array is a view into a buffer, C
 * order, with count along its chunk axis; or into memory of the application for which a buffer
 * stands, see pinwheel_chunk_set_data(). Refcounted; filled by whoever made it and immutable once
 * pushed. Dropping the last reference is all that an element does with a chunk it is done with.
 */
typedef struct _PinwheelChunk PinwheelChunk;
typedef struct _PinwheelChunkStore PinwheelChunkStore;

/**
 * PinwheelRowsCut:
 * @PINWHEEL_ROWS_CUT_WIDTH: items follow one another within a row
 * @PINWHEEL_ROWS_CUT_HEIGHT: each item has rows of its own
 * @PINWHEEL_ROWS_CUT_DEPTH: each item has slices of its own
 *
 * Where the chunk axis is in #PinwheelRows.
 */
typedef enum
{
  PINWHEEL_ROWS_CUT_WIDTH,
  PINWHEEL_ROWS_CUT_HEIGHT,
  PINWHEEL_ROWS_CUT_DEPTH
} PinwheelRowsCut;

/**
 * PinwheelRows:
 * @width: bytes of a row
 * @height: rows of a slice, @pitch bytes apart
 * @depth: slices, @slice bytes apart: a whole number of rows
 * @pitch: bytes from one row to the next
 * @slice: bytes from one slice to the next
 * @item: bytes from one item to the next
 * @cut: which of @width, @height and @depth is here that of one item, and as many times as long for
 *   a chunk
 *
 * How an array lies in memory of the application, where one copy can take it.
 */
typedef struct
{
  guint64 width, height, depth;
  guint64 pitch, slice;
  guint64 item;
  PinwheelRowsCut cut;
} PinwheelRows;

#define PINWHEEL_TYPE_CHUNK (pinwheel_chunk_get_type ())
PINWHEEL_API
GType pinwheel_chunk_get_type (void) G_GNUC_CONST;

/**
 * pinwheel_chunk_ref:
 *
 * Returns: (transfer full): a new reference
 */
PINWHEEL_API
PinwheelChunk *pinwheel_chunk_ref (PinwheelChunk *self);

/**
 * pinwheel_chunk_unref:
 *
 * Drops a reference; with the last one it is freed.
 */
PINWHEEL_API
void pinwheel_chunk_unref (PinwheelChunk *self);

/**
 * pinwheel_chunk_get_format:
 *
 * Returns: (transfer none): the arrays that it has items of
 */
PINWHEEL_API
PinwheelFormat *pinwheel_chunk_get_format (PinwheelChunk *self);

/**
 * pinwheel_chunk_get_index:
 *
 * Returns: 0 for the first chunk of a run, 1 for the second, ...
 */
PINWHEEL_API
guint64 pinwheel_chunk_get_index (PinwheelChunk *self);

/**
 * pinwheel_chunk_get_start:
 *
 * Returns: first item
 */
PINWHEEL_API
guint64 pinwheel_chunk_get_start (PinwheelChunk *self);

/**
 * pinwheel_chunk_get_count:
 *
 * Returns: items; 0 only in the one chunk of an empty stream
 */
PINWHEEL_API
guint64 pinwheel_chunk_get_count (PinwheelChunk *self);

/**
 * pinwheel_chunk_get_data:
 * @i: index of an array in the format
 *
 * Returns: (transfer none) (nullable): address of array @i, a device's where the chunk is on a
 *   device
 */
PINWHEEL_API
gpointer pinwheel_chunk_get_data (PinwheelChunk *self, guint i);

/**
 * pinwheel_chunk_is_on_host:
 * @i: index of an array in the format
 *
 * Returns: whether the CPU reaches array @i: it is in host memory, or device memory is host memory
 */
PINWHEEL_API
gboolean pinwheel_chunk_is_on_host (PinwheelChunk *self, guint i);

/**
 * pinwheel_chunk_get_rows: (skip)
 * @i: index of an array in the format
 * @rows: (out caller-allocates): how array @i lies in memory, for all of the chunk's items
 *
 * Only what copies between host and device meets arrays whose rows do not follow one another at
 * once.
 */
PINWHEEL_API
void pinwheel_chunk_get_rows (PinwheelChunk *self, guint i, PinwheelRows *rows);

/**
 * pinwheel_chunk_is_direct:
 * @i: index of an array in the format
 *
 * Returns: whether array @i lies in memory of the application: it is never written in place, and
 *   never reused
 */
PINWHEEL_API
gboolean pinwheel_chunk_is_direct (PinwheelChunk *self, guint i);

/**
 * pinwheel_chunk_get_size:
 * @i: index of an array in the format
 *
 * Returns: bytes of array @i in this chunk
 */
PINWHEEL_API
guint64 pinwheel_chunk_get_size (PinwheelChunk *self, guint i);

/**
 * pinwheel_chunk_get_buffer:
 * @i: index of an array in the format
 *
 * Returns: (transfer none) (nullable): what array @i is a view into
 */
PINWHEEL_API
PinwheelBuffer *pinwheel_chunk_get_buffer (PinwheelChunk *self, guint i);

/**
 * pinwheel_chunk_get_bytes:
 *
 * Returns: bytes of all cut arrays in this chunk
 */
PINWHEEL_API
guint64 pinwheel_chunk_get_bytes (PinwheelChunk *self);

/**
 * pinwheel_chunk_sync_readable:
 *
 * The host waits until the CPU may read all of it.
 */
PINWHEEL_API
gboolean pinwheel_chunk_sync_readable (PinwheelChunk *self, GError **error);

/**
 * pinwheel_chunk_wait_readable:
 * @stream: the one that waits
 *
 * @stream waits until it may read all of it.
 */
PINWHEEL_API
gboolean pinwheel_chunk_wait_readable (PinwheelChunk *self, PinwheelStream *stream, GError **error);

/**
 * pinwheel_chunk_add_reader: (skip)
 * @fence: work that reads (some of) it until it passes
 *
 * Says which work has to be waited for before any of its buffers is written again.
 */
PINWHEEL_API
void pinwheel_chunk_add_reader (PinwheelChunk *self, PinwheelFence fence);

/**
 * pinwheel_chunk_set_count:
 * @count: not more than now
 *
 * For whoever is filling it: fewer items came than there is room for.
 *
 * Lays the arrays out again for @count; call it before any data is written.
 */
PINWHEEL_API
void pinwheel_chunk_set_count (PinwheelChunk *self, guint64 count);

/**
 * pinwheel_chunk_set_view: (skip)
 * @i: index of an array in the format
 * @buffer: a new reference is taken
 * @data: where the array begins in it
 *
 * Makes array @i a view into @buffer.
 */
PINWHEEL_API
void pinwheel_chunk_set_view (PinwheelChunk *self, guint i, PinwheelBuffer *buffer, gpointer data);

/**
 * pinwheel_chunk_set_data: (skip)
 * @i: index of an array in the format
 * @data: the first item of array @i in this chunk, in memory of the application
 * @rows: (nullable): how it lies there; %NULL: in C order
 *
 * For whoever is filling it.
 *
 * Array @i, which is a view into a buffer already, becomes a view of other memory: that buffer's
 * fences stand for it, and pinwheel_buffer_keep() keeps it there until they have passed.
 */
PINWHEEL_API
void pinwheel_chunk_set_data (PinwheelChunk *self, guint i, gpointer data,
                              const PinwheelRows *rows);

/**
 * pinwheel_chunk_copy_view:
 * @i: index of an array in the format
 * @source: another chunk of the same items
 * @j: index of an array in its format
 *
 * Array @i becomes the same view as array @j of @source.
 */
PINWHEEL_API
void pinwheel_chunk_copy_view (PinwheelChunk *self, guint i, PinwheelChunk *source, guint j);

/**
 * PinwheelChunkStore:
 *
 * Where a stage's chunks come from and go back to, so that no chunk is allocated in the steady
 * state.
 */

/**
 * pinwheel_chunk_store_new: (skip)
 * @format: of the chunks that it will give
 *
 * Returns: (transfer full): a store without chunks
 */
PINWHEEL_API
PinwheelChunkStore *pinwheel_chunk_store_new (PinwheelFormat *format);

/**
 * pinwheel_chunk_store_unref: (skip)
 *
 * Drops a reference; with the last one it is freed.
 */
PINWHEEL_API
void pinwheel_chunk_store_unref (PinwheelChunkStore *self);

/**
 * pinwheel_chunk_store_take: (skip)
 * @index: number of the chunk in its run, from 0
 * @start: first item
 * @count: items
 *
 * Returns: (transfer full): a chunk without any view yet
 */
PINWHEEL_API
PinwheelChunk *pinwheel_chunk_store_take (PinwheelChunkStore *self, guint64 index, guint64 start,
                                          guint64 count);

/**
 * pinwheel_chunk_lay_out: (skip)
 * @buffer: with room for them
 * @n_arrays: the first so many arrays of the format
 *
 * Lays the cut ones among the first @n_arrays side by side in @buffer, in order, each aligned.
 */
PINWHEEL_API
void pinwheel_chunk_lay_out (PinwheelChunk *self, PinwheelBuffer *buffer, guint n_arrays);

/**
 * pinwheel_layout_size: (skip)
 * @arrays: (array length=n_arrays): of a format
 * @n_arrays: number of @arrays
 * @count: items
 *
 * Returns: bytes that pinwheel_chunk_lay_out() needs for @count items of the cut arrays among
 *   @arrays, %G_MAXUINT64 where it does not fit 64 bits
 */
PINWHEEL_API
guint64 pinwheel_layout_size (const PinwheelArray *arrays, guint n_arrays, guint64 count);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PinwheelChunk, pinwheel_chunk_unref)

G_END_DECLS
