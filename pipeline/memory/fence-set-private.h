/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The fences that hang on a buffer: one for each stream, the latest.
 *
 * Holds a reference on each stream. Not safe by itself: its owner's lock guards it. Keeps its room
 * when it shrinks, so that a buffer that goes round allocates nothing. */
#pragma once
#include <pinwheel/stream.h>

G_BEGIN_DECLS

typedef struct
{
  PinwheelFence *fences; /* (array length=n) owned */
  guint n, room;
} PinwheelFenceSet;

void pinwheel_fence_set_add (PinwheelFenceSet *self, PinwheelFence fence);
/* Returns: (transfer full): the stream of the fence that was taken out, to be dropped without a
 * lock: it may be the last reference, and a stream ends only when its work has */
PinwheelStream *pinwheel_fence_set_remove (PinwheelFenceSet *self, guint i);
/* Frees the array; the set is empty by then. */
void pinwheel_fence_set_free (PinwheelFenceSet *self);

G_END_DECLS
