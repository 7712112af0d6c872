/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
#include <pinwheel/element.h>

G_BEGIN_DECLS

/**
 * PinwheelSink:
 *
 * Base class of elements that take chunks out. It has one pad, "sink". Where that pad is in host
 * memory the base class waits for the device before consume().
 */
#define PINWHEEL_TYPE_SINK (pinwheel_sink_get_type ())
PINWHEEL_API
G_DECLARE_DERIVABLE_TYPE (PinwheelSink, pinwheel_sink, PINWHEEL, SINK, PinwheelElement)

/**
 * PinwheelSinkClass:
 *
 * What a sink does. All is called in the streaming thread.
 */

/**
 * PinwheelSinkClass::consume:
 * @self: a sink
 * @chunk: may be read now
 *
 * Use @chunk. A sink must have it.
 *
 * Returns: whether all went well
 */

/**
 * PinwheelSinkClass::finish:
 * @self: a sink
 *
 * At EOS: write and close everything. What must look finished only if the whole run succeeds waits
 * for PinwheelElementClass.commit(). May be %NULL.
 *
 * Returns: whether all is written
 */
struct _PinwheelSinkClass
{
  PinwheelElementClass parent_class;

  gboolean (*consume) (PinwheelSink *self, PinwheelChunk *chunk, GError **error);
  gboolean (*finish) (PinwheelSink *self, GError **error);

  gpointer padding[4];
};

G_END_DECLS
