/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
#include <pinwheel/element.h>

G_BEGIN_DECLS

/**
 * PinwheelSource:
 *
 * Base class of elements that make chunks. It has one pad, "src", in host memory. A subclass sets
 * the format in negotiate(); the base class asks for pinned buffers and cuts the stream.
 */
#define PINWHEEL_TYPE_SOURCE (pinwheel_source_get_type ())
PINWHEEL_API
G_DECLARE_DERIVABLE_TYPE (PinwheelSource, pinwheel_source, PINWHEEL, SOURCE, PinwheelElement)

/**
 * PinwheelSourceClass:
 *
 * What a source does. All is called in the streaming thread.
 */

/**
 * PinwheelSourceClass::fill:
 * @self: a source
 * @chunk: to be written; nobody else touches its buffer
 *
 * Write all cut arrays of @chunk. Where the total is unknown, fewer items
 * (pinwheel_chunk_set_count()) end the stream. A source of cut arrays must have it.
 *
 * Returns: whether it is written
 */

/**
 * PinwheelSourceClass::fill_broadcast:
 * @self: a source
 * @array: index of a broadcast array in the format
 * @memory: (not nullable): where to write the whole of it
 *
 * Once before the first chunk, for each array that is not cut. A source of such arrays must have
 * it.
 *
 * Returns: whether it is written
 */

/**
 * PinwheelSourceClass::next:
 * @self: a source
 * @most: items that the next chunk can have
 * @count: (out): what the next chunk has, at most that; 0: the stream has
 *   ended
 *
 * Before each chunk of a stream that is cut: wait until items are there. Where it is %NULL, a chunk
 * has as many as the plan says.
 *
 * Returns: whether @count is set
 */
struct _PinwheelSourceClass
{
  PinwheelElementClass parent_class;

  gboolean (*fill) (PinwheelSource *self, PinwheelChunk *chunk, GError **error);
  gboolean (*fill_broadcast) (PinwheelSource *self, guint array, gpointer memory, GError **error);

  gboolean (*next) (PinwheelSource *self, guint64 most, guint64 *count, GError **error);

  gpointer padding[3];
};

G_END_DECLS
