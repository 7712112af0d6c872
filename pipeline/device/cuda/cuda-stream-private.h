/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
#include <pinwheel/stream.h>

#include "device/cuda/cuda-device-private.h"

G_BEGIN_DECLS

/* Fences that can be told apart. Older ones are answered by the oldest of these, which is later. */
#define PINWHEEL_CUDA_N_EVENTS    32

#define PINWHEEL_TYPE_CUDA_STREAM (pinwheel_cuda_stream_get_type ())
G_DECLARE_FINAL_TYPE (PinwheelCudaStream, pinwheel_cuda_stream, PINWHEEL, CUDA_STREAM,
                      PinwheelStream)

struct _PinwheelCudaStream
{
  PinwheelStream parent_instance;

  /* Set once, before anybody else has the stream */
  PinwheelCudaDevice *device; /* the parent's */
  CUstream stream;
  CUevent events[PINWHEEL_CUDA_N_EVENTS]; /* fence number n is recorded in n modulo their number */

  guint64 recorded;      /* atomic, raised by the owner's thread: number of the last fence */
  guint64 passed;        /* atomic: fences up to this number are known to have passed */
  gint has_unrecorded;   /* atomic: work was enqueued behind the last fence */
  guint64 covers_launch; /* atomic: number of the fence that covers the last launch */

  guint64 mark;                          /* atomic: what the work is for that comes */
  guint64 marks[PINWHEEL_CUDA_N_EVENTS]; /* atomic: the same of the work up to each fence */

  PinwheelLock lock; /* leaf lock */
  GError *error;     /* (lock) nullable: the first one of what was enqueued, or STOPPED */
  gint is_stopped;   /* atomic: whether @error is set */
};

PinwheelStream *pinwheel_cuda_stream_new (PinwheelDevice *device, const char *name, GError **error);
/* Whether a kernel that was enqueued may be running, as far as is known without asking the driver.
 * @first, @last: (out): what such kernels are for; G_MAXUINT64: nothing that has a number */
gboolean pinwheel_cuda_stream_is_computing (PinwheelCudaStream *self, guint64 *first,
                                            guint64 *last);

/* --- fences: cuda-fence.c --- */

gboolean pinwheel_cuda_stream_make_events (PinwheelCudaStream *self, GError **error);
void pinwheel_cuda_stream_drop_events (PinwheelCudaStream *self);
gboolean pinwheel_cuda_stream_wait (PinwheelStream *stream, PinwheelFence fence, GError **error);
gboolean pinwheel_cuda_stream_record (PinwheelStream *stream, guint64 *value, GError **error);
gboolean pinwheel_cuda_stream_is_passed (PinwheelStream *stream, guint64 value);
gboolean pinwheel_cuda_stream_sync (PinwheelStream *stream, guint64 value, GError **error);
/* Returns: FALSE where the stream takes no more work, and nothing of it runs any more */
gboolean pinwheel_cuda_stream_check_open (PinwheelCudaStream *self, GError **error);
/* Keeps the first error. Returns: @ok; where that is FALSE, nothing of the stream runs any more */
gboolean pinwheel_cuda_stream_keep_error (PinwheelCudaStream *self, gboolean ok, GError *failure,
                                          GError **error);

/* --- kernels: cuda-function.c --- */

#define PINWHEEL_TYPE_CUDA_FUNCTION (pinwheel_cuda_function_get_type ())
G_DECLARE_FINAL_TYPE (PinwheelCudaFunction, pinwheel_cuda_function, PINWHEEL, CUDA_FUNCTION,
                      PinwheelFunction)

struct _PinwheelCudaFunction
{
  PinwheelFunction parent_instance;

  /* Immutable */
  PinwheelCudaDevice *device; /* owned */
  char *entry;                /* owned */
  CUmodule module;
  CUfunction function;
  guint most_threads;  /* of a block */
  guint block_threads; /* of a block, as the driver recommends */

  gsize own_shared;  /* bytes of its __shared__ arrays */
  gint shared_bytes; /* atomic: what a launch may ask for */
};

PinwheelFunction *pinwheel_cuda_function_new (PinwheelDevice *device, const PinwheelCode *code,
                                              GError **error);
/* Makes room for @bytes of shared memory per block that are asked for at the launch. */
gboolean pinwheel_cuda_function_allow_shared (PinwheelCudaFunction *self, gsize bytes,
                                              GError **error);

G_END_DECLS
