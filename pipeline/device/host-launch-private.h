/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The contract between the host device and the code that it loads.
 *
 * Generated code repeats these layouts in plain C++ and exports one symbol, `pinwheel_run`, of the
 * type below: it runs the blocks [first_block, end_block), numbered with x fastest, of a launch.
 * Several threads call it at once with different blocks of the same launch. */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

#define PINWHEEL_HOST_SYMBOL "pinwheel_run"
/* In code whose threads run as fibers because there is no faster form of it: a string, why not */
#define PINWHEEL_HOST_FIBERS_SYMBOL "pinwheel_fibers"

/* Dynamic shared memory that a block may ask for: the most that a GPU of today gives to one */
#define PINWHEEL_HOST_SHARED_BYTES (227 * 1024)
/* Threads of a block */
#define PINWHEEL_HOST_BLOCK_THREADS 1024
#define PINWHEEL_HOST_WARP_LANES    32

typedef struct _PinwheelHostLaunch PinwheelHostLaunch;

/* The first thing that went wrong while blocks of a launch ran. */
typedef struct
{
  gint set;       /* atomic: 1 from when a thread has taken @text for itself */
  char text[512]; /* written by that thread, read when all blocks have ended */
} PinwheelHostTrouble;

/* Runs one thread of a block; may wait inside through the functions below. */
typedef void (*PinwheelHostThread) (const PinwheelHostLaunch *launch, void **arguments,
                                    const unsigned block[3], const unsigned thread[3]);

/* What lanes of a warp do together. All lanes in the mask that have not returned come with the same
 * mask and operation, and each gets its result: */
typedef enum
{
  PINWHEEL_WARP_SYNC,      /* nothing */
  PINWHEEL_WARP_SHUFFLE,   /* the value of lane @source, its own where that one takes no part */
  PINWHEEL_WARP_BALLOT,    /* lanes that take part << 32 | those of them whose value is not 0 */
  PINWHEEL_WARP_MATCH_ANY, /* lanes with the same value */
  PINWHEEL_WARP_MATCH_ALL, /* lanes that take part where all values are the same, else 0 */
  PINWHEEL_WARP_ADD,       /* of 32 bits each, from here on */
  PINWHEEL_WARP_MIN,
  PINWHEEL_WARP_MAX,
  PINWHEEL_WARP_SIGNED_MIN,
  PINWHEEL_WARP_SIGNED_MAX,
  PINWHEEL_WARP_AND,
  PINWHEEL_WARP_OR,
  PINWHEEL_WARP_XOR,
} PinwheelWarpOperation;

/* What generated code may call. Everything but run_fibers only from inside a PinwheelHostThread
 * that run_fibers started; @file and @line are the caller's, for messages, and live as long as the
 * code.
 */
typedef struct
{
  /* Every thread of each block as a fiber of the calling thread. @kernel: for messages */
  void (*run_fibers) (const PinwheelHostLaunch *launch, const char *kernel, PinwheelHostThread run,
                      void **arguments, guint64 first_block, guint64 end_block);
  /* Waits for all threads of the block that have not returned.
   * Returns: how many came << 32 | how many with a @predicate that is not 0 */
  guint64 (*wait_block) (int predicate, const char *file, int line);
  guint64 (*wait_warp) (PinwheelWarpOperation operation, unsigned mask, guint64 value,
                        unsigned source, const char *file, int line);
  /* Returns: the lanes of the warp that come to this place before they must wait elsewhere */
  unsigned (*gather_warp) (const char *file, int line);
  /* Lets the other threads of the block go on first. */
  void (*yield) (void);
} PinwheelHostRuntime;

struct _PinwheelHostLaunch
{
  unsigned grid[3];     /* blocks, x y z */
  unsigned block[3];    /* threads of a block, x y z */
  guint64 shared_bytes; /* dynamic shared memory of a block */
  const PinwheelHostRuntime *runtime;
  PinwheelHostTrouble *trouble;
};

typedef void (*PinwheelHostRun) (const PinwheelHostLaunch *launch, void **arguments,
                                 guint64 first_block, guint64 end_block);

G_END_DECLS
