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
 * @next: (nullable): streaming thread, before each chunk of a stream that is cut: wait until items
 *   are there, and say how many the next chunk has: at most @most; 0: the stream has ended. %NULL:
 *   as many as the plan says
 * @fill: streaming thread: write all cut arrays of @chunk, whose buffer nobody else touches. Where
 *   the total is unknown, fewer items (pinwheel_chunk_set_count()) end the stream.
 * @fill_broadcast: (nullable): streaming thread, once before the first chunk: write the whole of
 *   broadcast array @array of the format to @data
 */
struct _PinwheelSourceClass
{
  PinwheelElementClass parent_class;

  gboolean (*fill) (PinwheelSource *self, PinwheelChunk *chunk, GError **error);
  gboolean (*fill_broadcast) (PinwheelSource *self, guint array, gpointer data, GError **error);

  gboolean (*next) (PinwheelSource *self, guint64 most, guint64 *count, GError **error);

  gpointer padding[3];
};

G_END_DECLS
