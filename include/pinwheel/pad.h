/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
#include <pinwheel/chunk.h>

G_BEGIN_DECLS

typedef struct _PinwheelElement PinwheelElement;

/**
 * PinwheelPadDirection:
 * @PINWHEEL_PAD_SINK: chunks enter the element
 * @PINWHEEL_PAD_SRC: chunks leave the element
 *
 * Which way chunks go through a pad.
 */
typedef enum
{
  PINWHEEL_PAD_SINK,
  PINWHEEL_PAD_SRC
} PinwheelPadDirection;

/**
 * PinwheelPlace:
 * @PINWHEEL_PLACE_HOST: chunks in memory that the CPU reads
 * @PINWHEEL_PLACE_DEVICE: chunks in the device's memory
 * @PINWHEEL_PLACE_ANY: either; a source pad then gives what its element's sink pad got
 *
 * Where the chunks of a pad live.
 */
typedef enum
{
  PINWHEEL_PLACE_HOST,
  PINWHEEL_PLACE_DEVICE,
  PINWHEEL_PLACE_ANY
} PinwheelPlace;

/**
 * PinwheelFlow:
 * @PINWHEEL_FLOW_OK: go on
 * @PINWHEEL_FLOW_EOS: no more chunks will come
 * @PINWHEEL_FLOW_STOPPED: the run is being stopped: drop everything and return
 * @PINWHEEL_FLOW_ERROR: failed, and the GError says why
 *
 * How a step of streaming ended.
 */
typedef enum
{
  PINWHEEL_FLOW_OK,
  PINWHEEL_FLOW_EOS,
  PINWHEEL_FLOW_STOPPED,
  PINWHEEL_FLOW_ERROR
} PinwheelFlow;

/**
 * PinwheelPad:
 *
 * Where chunks leave or enter an element. A linked pair has one bounded queue. Linking and
 * negotiating belong to the thread that sets the pipeline up; pushing belongs to the thread of the
 * source pad's element, pulling to that of the sink pad's element.
 */
#define PINWHEEL_TYPE_PAD (pinwheel_pad_get_type ())
PINWHEEL_API
G_DECLARE_FINAL_TYPE (PinwheelPad, pinwheel_pad, PINWHEEL, PAD, GObject)

/**
 * pinwheel_pad_get_name:
 *
 * Returns: (transfer none): "src", "sink_0"
 */
PINWHEEL_API
const char *pinwheel_pad_get_name (PinwheelPad *self);

/**
 * pinwheel_pad_get_direction:
 *
 * Returns: whether chunks leave or enter
 */
PINWHEEL_API
PinwheelPadDirection pinwheel_pad_get_direction (PinwheelPad *self);

/**
 * pinwheel_pad_get_element:
 *
 * Returns: (transfer none) (nullable): whose pad it is; %NULL when that has gone
 */
PINWHEEL_API
PinwheelElement *pinwheel_pad_get_element (PinwheelPad *self);

/**
 * pinwheel_pad_get_peer:
 *
 * Returns: (transfer none) (nullable): the pad that it is linked with
 */
PINWHEEL_API
PinwheelPad *pinwheel_pad_get_peer (PinwheelPad *self);

/**
 * pinwheel_pad_get_path:
 *
 * Returns: (transfer none): "map0.src", for messages
 */
PINWHEEL_API
const char *pinwheel_pad_get_path (PinwheelPad *self);

/**
 * pinwheel_pad_link:
 * @src: a source pad
 * @sink: a sink pad
 *
 * Errors: %PINWHEEL_ERROR_LINK: wrong direction, already linked, different pipelines, or one that
 * runs.
 */
PINWHEEL_API
gboolean pinwheel_pad_link (PinwheelPad *src, PinwheelPad *sink, GError **error);

/**
 * pinwheel_pad_unlink:
 *
 * Takes a link away, where there is one. Not while the pipeline runs.
 */
PINWHEEL_API
void pinwheel_pad_unlink (PinwheelPad *self);

/**
 * pinwheel_pad_set_assertion:
 * @format: (nullable): what must flow here
 *
 * Has the format checked when formats are negotiated. For either pad of a link.
 */
PINWHEEL_API
void pinwheel_pad_set_assertion (PinwheelPad *self, PinwheelFormat *format);

/**
 * pinwheel_pad_set_depth:
 * @depth: chunks that the link behind this sink pad holds; 0: as the pipeline says
 *
 * Bounds the link.
 */
PINWHEEL_API
void pinwheel_pad_set_depth (PinwheelPad *self, guint depth);

/* Negotiation: while an element's negotiate() runs. */

/**
 * pinwheel_pad_get_format:
 *
 * Returns: (transfer none) (nullable): what flows, once negotiated
 */
PINWHEEL_API
PinwheelFormat *pinwheel_pad_get_format (PinwheelPad *self);

/**
 * pinwheel_pad_get_place:
 *
 * Returns: where its chunks live
 */
PINWHEEL_API
PinwheelPlace pinwheel_pad_get_place (PinwheelPad *self);

/**
 * pinwheel_pad_set_format:
 * @format: what the element will push
 *
 * On a source pad, while the element negotiates.
 */
PINWHEEL_API
void pinwheel_pad_set_format (PinwheelPad *self, PinwheelFormat *format);

/**
 * pinwheel_pad_set_demand:
 * @kind: pinned or device memory
 * @n_arrays: the first so many arrays of the format are written by this element into buffers of a
 *   pool of its own; the others ride along from its input
 *
 * On a source pad.
 */
PINWHEEL_API
void pinwheel_pad_set_demand (PinwheelPad *self, PinwheelMemoryKind kind, guint n_arrays);

/**
 * pinwheel_pad_set_direct: (skip)
 * @i: an array that the element makes
 * @memory: (nullable): of item 0 of the whole array; %NULL: the element says for each chunk where
 * it lies, with pinwheel_chunk_set_data()
 * @rows: (nullable): how the whole array lies there; %NULL where @memory is
 *
 * On a source pad, after pinwheel_pad_set_demand().
 *
 * Array @i lies in memory of the application and not in the pool's buffers: none is planned for it,
 * but a chunk still takes a buffer, whose fences stand for that memory.
 */
PINWHEEL_API
void pinwheel_pad_set_direct (PinwheelPad *self, guint i, gpointer memory,
                              const PinwheelRows *rows);

/**
 * pinwheel_pad_is_direct:
 * @i: index of an array in the format
 *
 * Returns: whether array @i lies in memory of the application
 */
PINWHEEL_API
gboolean pinwheel_pad_is_direct (PinwheelPad *self, guint i);

/* Streaming: in the element's own thread. */

/**
 * pinwheel_pad_new_chunk:
 * @index: number of the chunk in its run, from 0
 * @start: first item
 * @count: items
 *
 * On a source pad.
 *
 * Makes a chunk of the pad's format. Where the pad has a demand, waits for a buffer of its pool,
 * lays the arrays out in it, and sets the views of its broadcast arrays. The buffer's fences are
 * still on it: see pinwheel_buffer_wait_writable() and pinwheel_buffer_sync_writable().
 *
 * Returns: (transfer full) (nullable): %NULL where the run is being stopped
 */
PINWHEEL_API
PinwheelChunk *pinwheel_pad_new_chunk (PinwheelPad *self, guint64 index, guint64 start,
                                       guint64 count);

/**
 * pinwheel_pad_get_broadcast:
 * @i: index of an array in the format
 *
 * On a source pad, from start() to stop(). Every chunk shows that memory: it is written before the
 * first one is pushed.
 *
 * Returns: (transfer none) (nullable): where the pad keeps the whole of array @i; %NULL where that
 *   is cut, or not made by the element
 */
PINWHEEL_API
gpointer pinwheel_pad_get_broadcast (PinwheelPad *self, guint i);

/**
 * pinwheel_pad_is_first:
 * @chunk: made by pinwheel_pad_new_chunk()
 *
 * On a source pad, in its element's thread.
 *
 * Returns: whether it is the first one on its device, so that nothing is in its broadcast arrays
 */
PINWHEEL_API
gboolean pinwheel_pad_is_first (PinwheelPad *self, PinwheelChunk *chunk);

/**
 * pinwheel_pad_get_chunk_length:
 *
 * Returns: items of a chunk, from the plan
 */
PINWHEEL_API
guint64 pinwheel_pad_get_chunk_length (PinwheelPad *self);

/**
 * pinwheel_pad_push:
 * @chunk: (transfer full): whole, and not to be changed any more
 *
 * Waits for room in the link, and puts the chunk in.
 *
 * Returns: %PINWHEEL_FLOW_OK, or %PINWHEEL_FLOW_STOPPED
 */
PINWHEEL_API
PinwheelFlow pinwheel_pad_push (PinwheelPad *self, PinwheelChunk *chunk);

/**
 * pinwheel_pad_push_eos:
 *
 * After the last chunk.
 *
 * Returns: %PINWHEEL_FLOW_OK, or %PINWHEEL_FLOW_STOPPED
 */
PINWHEEL_API
PinwheelFlow pinwheel_pad_push_eos (PinwheelPad *self);

/**
 * pinwheel_pad_pull:
 * @chunk: (out) (transfer full) (nullable): the next one
 *
 * Waits for a chunk.
 *
 * Returns: %PINWHEEL_FLOW_OK with @chunk, %PINWHEEL_FLOW_EOS behind the last one, or
 *   %PINWHEEL_FLOW_STOPPED
 */
PINWHEEL_API
PinwheelFlow pinwheel_pad_pull (PinwheelPad *self, PinwheelChunk **chunk);

G_END_DECLS
