/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What buffers and their pool know of each other. */
#pragma once
#include <pinwheel/buffer.h>

#include "base/lock-private.h"
#include "memory/fence-set-private.h"

G_BEGIN_DECLS

/* The part of a pool that lives as long as any of its buffers is lent. */
typedef struct _PinwheelPoolState PinwheelPoolState;

struct _PinwheelBuffer
{
  gint ref_count;           /* atomic; 0 while at home */
  PinwheelPoolState *state; /* immutable; alive while the buffer is lent */
  gpointer memory;          /* immutable, owned by the pool; NULL where capacity is 0 */
  gsize capacity;           /* immutable */
  PinwheelMemoryKind kind;  /* immutable */
  gpointer kept;            /* nullable; belongs to who holds the buffer alone, or to the pool */
  GDestroyNotify release;   /* of kept */

  PinwheelLock lock; /* leaf lock, but for the locks of streams that are asked how far they are */
  /* (lock) Fences are added while the buffer is lent, and removed only by who holds it alone: who
   * takes it from the pool, or the last one to drop it. So an index stays valid between two looks.
   */
  PinwheelFenceSet writers, readers;
};

/* Makes a buffer that is at home. */
void pinwheel_buffer_init (PinwheelBuffer *self, PinwheelPoolState *state, PinwheelMemoryKind kind,
                           gpointer memory, gsize capacity);
/* Waits until no work uses the memory any more, and drops the fences. */
void pinwheel_buffer_clear (PinwheelBuffer *self);

/* Whether it keeps something until work on it has passed. For who holds it alone, or the pool. */
gboolean pinwheel_buffer_keeps (PinwheelBuffer *self);

/* Whether all work that is known to use it has passed. */
gboolean pinwheel_buffer_has_passed (PinwheelBuffer *self);

/* Implemented by the pool. The state may be gone when it returns. */
void pinwheel_pool_state_take_back (PinwheelPoolState *state, PinwheelBuffer *buffer);
PinwheelDevice *pinwheel_pool_state_get_device (PinwheelPoolState *state);

G_END_DECLS
