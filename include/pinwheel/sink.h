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
 * @consume: streaming thread: use @chunk, which may be read now
 * @finish: (nullable): streaming thread, at EOS: write and close everything. What must look
 * finished only if the whole run succeeds waits for PinwheelElementClass.commit().
 */
struct _PinwheelSinkClass
{
  PinwheelElementClass parent_class;

  gboolean (*consume) (PinwheelSink *self, PinwheelChunk *chunk, GError **error);
  gboolean (*finish) (PinwheelSink *self, GError **error);

  gpointer padding[4];
};

G_END_DECLS
