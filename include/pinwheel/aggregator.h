/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
#include <pinwheel/element.h>

G_BEGIN_DECLS

/**
 * PinwheelAggregator:
 *
 * Base class of elements with several pads "sink_%u" and one pad "src", which take one chunk from
 * every input at a time. All inputs must have the same number of items; but an input whose arrays
 * are all broadcast has one chunk, which is pulled once and goes with every chunk of the others.
 */
#define PINWHEEL_TYPE_AGGREGATOR (pinwheel_aggregator_get_type ())
PINWHEEL_API
G_DECLARE_DERIVABLE_TYPE (PinwheelAggregator, pinwheel_aggregator, PINWHEEL, AGGREGATOR,
                          PinwheelElement)

/**
 * PinwheelAggregatorClass:
 * @asynchronous: as in #PinwheelTransformClass
 *
 * What an aggregator does.
 */

/**
 * PinwheelAggregatorClass::aggregate:
 * @self: an aggregator
 * @inputs: (array length=n_inputs): one chunk per sink pad, in the order of the pads, all of the
 *   same items, but for inputs without any cut array
 * @n_inputs: number of @inputs
 * @output: a new chunk of the format of "src"
 *
 * Streaming thread, for one chunk of each input. An aggregator must have it.
 *
 * Returns: whether @output is written
 */
struct _PinwheelAggregatorClass
{
  PinwheelElementClass parent_class;

  gboolean asynchronous;
  gboolean (*aggregate) (PinwheelAggregator *self, PinwheelChunk **inputs, guint n_inputs,
                         PinwheelChunk *output, GError **error);

  gpointer padding[4];
};

G_END_DECLS
