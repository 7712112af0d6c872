/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A libcuda.so.1 that needs no GPU and is stricter than a driver: for tests, never installed.
 *
 * Streams are threads that really run later; copies and kernels take their time on engines of their
 * own; kernels are interpreted from PTX. Each access of a copy or kernel is checked: that the
 * memory is alive, and that nothing that must not run at the same time may. What it saw is written
 * into a file when the process ends.
 *
 * PINWHEEL_EMULATED_CUDA says what it plays: see options.c. Every function is documented in cuda.h;
 * a comment here says only where this one is stricter. */
#pragma once
#include <cuda.h>
#include <glib.h>

#include "base/lock-private.h"

G_BEGIN_DECLS

#define EMU_MAX_DEVICES 8
#define EMU_MAX_STREAMS 64
#define EMU_MAX_FAULTS  8

typedef enum
{
  EMU_ENGINE_UP,
  EMU_ENGINE_DOWN,
  EMU_ENGINE_COMPUTE,
  EMU_N_ENGINES
} EmuEngine;

/* The @nth call of @name does nothing and gives @code. A name that ends in * is that of all
 * functions that begin so. */
typedef struct
{
  char *name;
  guint64 nth, seen;
  CUresult code;
} EmuFault;

typedef struct
{
  int devices, major, minor, driver; /* driver: as cuDriverGetVersion(); 0 devices: none */
  guint64 memory, pinned;            /* bytes, of each device and of the host */
  guint64 cubins;                    /* not 0: cubins are taken, though they cannot be run */
  guint64 lazy;                      /* not 0: what is wrong with code is told late */
  guint64 pitch;                     /* bytes between rows of a copy at most */
  guint64 bandwidth[2];              /* bytes a second up and down; 0: no time */
  guint64 latency, kernel, delay;    /* ns: of all work, of a launch, at most and at random */
  guint64 seed;
  guint64 crash; /* which launch dies of an illegal address; 0: none */
  guint64 lose;  /* with which copy or launch the device is lost; 0: with none */
  EmuFault faults[EMU_MAX_FAULTS];
  guint n_faults;
  char *report; /* (nullable): file */
} EmuOptions;

/* What is known to come before: work items of each stream up to this number */
typedef struct
{
  guint64 done[EMU_MAX_STREAMS];
} EmuClock;

typedef enum
{
  EMU_DEVICE,
  EMU_PINNED,
  EMU_REGISTERED,
  EMU_N_KINDS
} EmuKind;

/* One allocation. Device addresses are pages that the CPU cannot touch; the bytes lie elsewhere. */
typedef struct
{
  EmuKind kind;
  struct CUctx_st *context;
  guint8 *address, *bytes;
  gsize size;
  GArray *records; /* (element-type EmuRecord) the oldest first */
} EmuBlock;

/* Work that has touched bytes [begin, end) of a block */
typedef struct
{
  int slot; /* of the stream */
  guint64 number;
  gboolean write;
  gsize begin, end;
} EmuRecord;

/* Width, height and depth in bytes, rows, slices. @source and @target: first byte of the first row
 */
typedef struct
{
  EmuEngine engine;
  guint8 *source, *target;
  EmuBlock *source_block, *target_block; /* (nullable): pageable */
  gsize width, height, depth;
  gsize source_pitch, source_slice, target_pitch, target_slice;
  gboolean checks_source; /* @sum is what it was when the copy was asked for */
  guint64 sum;
  guint8 *snapshot; /* (nullable) owned: of a pageable source */
} EmuCopy;

typedef struct
{
  CUfunction function;
  guint grid[3], block[3];
  gsize shared;
  void **arguments; /* owned, and what they point to */
} EmuLaunch;

typedef enum
{
  EMU_COPY,
  EMU_LAUNCH,
  EMU_WAIT,
  EMU_RECORD
} EmuWorkKind;

typedef struct
{
  EmuWorkKind kind;
  guint64 number, added; /* added: when it came, ns */
  EmuClock before;
  union
  {
    EmuCopy copy;
    EmuLaunch launch;
    struct
    {
      CUstream stream;
      guint64 number;
    } wait;
    CUevent event; /* owned */
  };
} EmuWork;

struct CUctx_st
{
  int device;
  guint retained;
  guint flags;
  CUresult sticky;
  guint64 used, peak;
  guint64 free_at[EMU_N_ENGINES];
  CUstream legacy;
};

struct CUstream_st
{
  CUcontext context;
  gboolean blocking; /* waits for the legacy stream, and it for this one */
  int slot;
  GThread *thread;
  GQueue work;      /* (element-type EmuWork) */
  EmuWork *running; /* (nullable): taken from the queue and not done */
  guint64 added, done;
  gboolean closing;
  EmuClock clock;
  guint64 random;
};

struct CUevent_st
{
  gint ref_count; /* of the handle and of each queued record */
  CUcontext context;
  guint flags;
  CUstream stream; /* (nullable): never recorded */
  int slot;
  guint64 number;
  EmuClock clock;
  guint64 time; /* ns; 0: the last record has not been reached */
};

/* Everything is guarded by its lock; `changed` is told of every step of any stream. */
typedef struct
{
  PinwheelLock lock;
  GCond changed;
  gboolean initialised;
  EmuOptions options;
  struct CUctx_st contexts[EMU_MAX_DEVICES];
  GPtrArray *blocks;  /* (element-type EmuBlock) owned */
  GPtrArray *streams; /* (element-type CUstream) */
  guint64 slot_last[EMU_MAX_STREAMS];
  gboolean slot_used[EMU_MAX_STREAMS];
  /* What any thread of the host has seen to be done: they tell each other in ways that are not seen
   * here. */
  EmuClock seen;
  GHashTable *calls;  /* name -> number, as a pointer */
  GPtrArray *hazards; /* (element-type utf8) owned */
  guint64 used[EMU_N_KINDS], peak[EMU_N_KINDS];
  guint64 copies[2][2], copied[2]; /* [up, down][pageable, pinned] */
  guint64 launches, instructions, blocking, legacy_uses;
  guint64 work; /* copies and launches that have begun */
  guint n_events, n_modules, n_streams;
  guint active[EMU_N_ENGINES], n_active;         /* work that runs now */
  guint64 active_since, busy[EMU_N_ENGINES + 1]; /* ns in which so many engines ran */
} Emu;

extern Emu emu;
extern __thread CUcontext emu_current; /* of this thread */

guint64 emu_clock (void); /* ns */

/* Counts the call, and locks. Returns: not CUDA_SUCCESS, and not locked, where the call is to fail
 */
CUresult emu_enter (const char *name, gboolean needs_context);
/* Unlocks. Returns: @result */
CUresult emu_leave (CUresult result);
/* For what gives something back: it does so in a context that has failed too, and then says that it
 * has. */
CUresult emu_enter_release (const char *name);
CUresult emu_leave_release (CUresult result);
#define EMU_ENTER(function)                                                                        \
  G_STMT_START                                                                                     \
  {                                                                                                \
    CUresult emu_result_ = emu_enter (G_STRINGIFY (function), TRUE);                               \
    if (emu_result_ != CUDA_SUCCESS)                                                               \
      return emu_result_;                                                                          \
  }                                                                                                \
  G_STMT_END

#define EMU_ENTER_RELEASE(function)                                                                \
  G_STMT_START                                                                                     \
  {                                                                                                \
    CUresult emu_result_ = emu_enter_release (G_STRINGIFY (function));                             \
    if (emu_result_ != CUDA_SUCCESS)                                                               \
      return emu_result_;                                                                          \
  }                                                                                                \
  G_STMT_END

gboolean emu_options_parse (const char *text, EmuOptions *options, char **problem);
void emu_options_clear (EmuOptions *options);
/* For programs that are linked with it: other options from now on, and calls, copies, launches and
 * work are counted from 0 again. */
void emu_set_options (const char *text);
/* Returns: (transfer full) (nullable): what has gone wrong in this process, and what of memory,
 * streams, events and modules nobody has given back */
char *emu_describe_faults (void);
void emu_report_write (void);
void emu_report_hazard (char *text); /* (transfer full) */

/* memory.c */
EmuBlock *emu_find_block (gconstpointer address); /* any kind; anywhere in it */
void emu_block_free (gpointer block);
/* Device memory beside what cuMemAlloc() counts: a module's variable. Returns: (transfer none) */
EmuBlock *emu_add_device_block (gsize size);

/* order.c */
void emu_clock_join (EmuClock *self, const EmuClock *other);
/* @work of @stream touches @size bytes at @offset of @block. */
void emu_check_order (CUstream stream, const EmuWork *work, EmuBlock *block, gsize offset,
                      gsize size, gboolean write);

/* stream.c */
EmuWork *emu_work_new (CUstream stream, EmuWorkKind kind);             /* not yet queued */
void emu_work_queue (CUstream stream, EmuWork *work);                  /* (transfer full) */
void emu_wait_done (CUstream stream, guint64 number, gboolean counts); /* the host waits */
CUstream emu_stream_of (CUstream stream); /* the legacy stream for NULL; (nullable): no stream */
void emu_wait_idle (CUcontext context);   /* all its streams */

/* launch.c: bytes of shared memory that a block may have where it is allowed to */
int emu_most_shared (void);

/* image.c: of an image only the address is known.
 * Returns: (transfer full) (nullable): PTX that makes the same kernels */
char *emu_image_find_ptx (const void *image);
/* Whether it is a cubin that such a device could run */
gboolean emu_image_is_for_device (const void *image);
gboolean emu_image_has_function (const void *image, const char *name);

/* copy.c and launch.c: without the lock, in the stream's thread */
void emu_run_copy (CUstream stream, EmuWork *work);
CUresult emu_run_launch (CUstream stream, EmuWork *work);
void emu_copy_clear (EmuCopy *copy);
void emu_launch_clear (EmuLaunch *launch);

G_END_DECLS
