/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A block whose threads wait for each other, on one thread of the process: every thread of the
 * block is a fiber, which runs until it must wait or returns. The order is always the same. */
#pragma once
#include "device/host-launch-private.h"
#include "device/host/fiber-context-private.h"

typedef enum
{
  PINWHEEL_FIBER_DONE, /* its thread has returned, or none has begun */
  PINWHEEL_FIBER_READY,
  PINWHEEL_FIBER_AT_BARRIER,
  PINWHEEL_FIBER_IN_WARP,   /* in wait_warp */
  PINWHEEL_FIBER_GATHERING, /* in gather_warp */
} PinwheelFiberState;

typedef struct
{
  PinwheelContext context; /* without memory until it is first needed */
  PinwheelFiberState state;
  unsigned thread[3];
  const char *file; /* where it waits */
  int line;
  /* in wait_warp */
  PinwheelWarpOperation operation;
  unsigned mask;
  unsigned source;
  guint64 value;
  guint64 result;
} PinwheelFiber;

/* All of it belongs to one thread of the process, and is used again for its next blocks. */
typedef struct
{
  PinwheelContext main; /* of the thread itself */
  PinwheelFiber fibers[PINWHEEL_HOST_BLOCK_THREADS];
  PinwheelFiber *current; /* the one that runs, or NULL */
  guint n;                /* threads of a block */
  guint n_alive;          /* that have not returned */

  /* fibers that may run, first come first served: fiber numbers, at most n of them */
  guint16 ready[PINWHEEL_HOST_BLOCK_THREADS];
  guint ready_first, n_ready;

  guint n_at_barrier, n_true; /* how many wait at the barrier, and with a true predicate */
  guint64 barrier_result;     /* of the barrier that opened last */
  unsigned alive[PINWHEEL_HOST_BLOCK_THREADS / PINWHEEL_HOST_WARP_LANES]; /* lanes of each warp */

  /* the launch */
  const PinwheelHostLaunch *launch;
  PinwheelHostThread run;
  void **arguments;
  unsigned block[3];
} PinwheelFibers;

/* The fibers whose block the calling thread runs. */
PinwheelFibers *pinwheel_fibers_mine (void);
guint pinwheel_fiber_index (const PinwheelFibers *self, const PinwheelFiber *fiber);
void pinwheel_fiber_make_ready (PinwheelFibers *self, PinwheelFiber *fiber);
/* The current fiber stops until it is made ready again. */
void pinwheel_fibers_leave (PinwheelFibers *self);

/* fibers-warp.c: */
guint64 pinwheel_fibers_wait_warp (PinwheelWarpOperation operation, unsigned mask, guint64 value,
                                   unsigned source, const char *file, int line);
unsigned pinwheel_fibers_gather_warp (const char *file, int line);
/* A lane of @warp has returned: others may have waited for that. */
void pinwheel_fibers_warp_shrank (PinwheelFibers *self, guint warp);
/* Nobody is ready: lets those go on that gathered. Returns: whether there were any */
gboolean pinwheel_fibers_end_gathering (PinwheelFibers *self);

extern const PinwheelHostRuntime pinwheel_host_runtime;
