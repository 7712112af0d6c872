/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
#include <pinwheel/element.h>

G_BEGIN_DECLS

/**
 * PinwheelTransform:
 *
 * Base class of elements with one pad "sink" and one pad "src". Unless the subclass negotiates
 * something else, chunks pass through as they are.
 */
#define PINWHEEL_TYPE_TRANSFORM (pinwheel_transform_get_type ())
PINWHEEL_API
G_DECLARE_DERIVABLE_TYPE (PinwheelTransform, pinwheel_transform, PINWHEEL, TRANSFORM,
                          PinwheelElement)

/**
 * PinwheelTransformClass:
 * @asynchronous: %FALSE: transform() reads the input and writes the output with the CPU, and the
 *   base class waits for the device before it; %TRUE: transform() touches no data, it only enqueues
 *   work on the element's stream and hangs the fences on the buffers
 *
 * What a transform does.
 */

/**
 * PinwheelTransformClass::transform:
 * @self: a transform
 * @input: to be read
 * @output: (nullable): a new chunk of the format of "src" where that format differs or has a
 *   demand; where chunks pass through it is %NULL and @input is pushed
 *
 * Streaming thread, for each chunk. May be %NULL where chunks pass through.
 *
 * Returns: whether @output is written
 */
struct _PinwheelTransformClass
{
  PinwheelElementClass parent_class;

  gboolean asynchronous;
  gboolean (*transform) (PinwheelTransform *self, PinwheelChunk *input, PinwheelChunk *output,
                         GError **error);

  gpointer padding[4];
};

G_END_DECLS
