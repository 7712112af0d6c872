/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A CUDA device, and what its streams and kernels need of it. */
#pragma once
#include <pinwheel/stream.h>

#include "base/lock-private.h"
#include "device/cuda/cuda-driver-private.h"

G_BEGIN_DECLS

#define PINWHEEL_TYPE_CUDA_DEVICE (pinwheel_cuda_device_get_type ())
G_DECLARE_FINAL_TYPE (PinwheelCudaDevice, pinwheel_cuda_device, PINWHEEL, CUDA_DEVICE,
                      PinwheelDevice)

struct _PinwheelCudaDevice
{
  PinwheelDevice parent_instance;

  /* Set once, before anybody else has the device */
  const PinwheelCudaDriver *cuda;
  CUdevice device;
  CUcontext context;     /* the primary one, retained once */
  char architecture[16]; /* `sm_90` */
  gsize memory;          /* bytes in all */
  gsize most_pitch;      /* bytes between rows of one copy at most */
  gsize most_shared;     /* bytes of shared memory that a block can have */

  PinwheelLock streams_lock; /* taken before @lock */
  GPtrArray *streams;        /* (streams_lock) (element-type PinwheelCudaStream): not owned */

  PinwheelLock lock; /* leaf lock */
  GError *failure;   /* (lock) nullable: why nothing works any more */
  gint has_failed;   /* atomic: whether @failure is set */
};

/* @spec: `cuda:1` */
PinwheelDevice *pinwheel_cuda_device_open (const char *spec, GError **error);
/* Returns: how many `cuda:N` there are; 0 with @error where there is no driver or no device */
guint pinwheel_cuda_device_count (GError **error);
/* Text for people, in lines */
char *pinwheel_cuda_device_describe (PinwheelDevice *device);

/* A thread's context was another one: it comes back at the end of the scope. */
typedef struct
{
  PinwheelCudaDevice *device; /* NULL: nothing has to be put back */
  CUcontext before;
} PinwheelCudaScope;

/* Every call of the driver that needs a context comes behind this one, in its thread.
 * Returns: FALSE where the device has failed for good, with that first error */
gboolean pinwheel_cuda_device_enter (PinwheelCudaDevice *self, PinwheelCudaScope *scope,
                                     GError **error);
/* The same where nobody can be told, and also on a device that has failed: memory goes back */
gboolean pinwheel_cuda_device_enter_anyway (PinwheelCudaDevice *self, PinwheelCudaScope *scope);
void pinwheel_cuda_scope_leave (PinwheelCudaScope *scope);

/* Turns what the driver said into an error. An error that no context survives is kept: it is what
 * every later call gets.
 * @stream: (nullable): name of the stream that was asked; @call: name of the function */
gboolean pinwheel_cuda_device_check (PinwheelCudaDevice *self, const char *stream, const char *call,
                                     CUresult result, GError **error);
/* Every call of the driver that can fail and tell is made through this. */
#define pinwheel_cuda_call(self, stream, error, function, ...)                                     \
  pinwheel_cuda_device_check (self, stream, #function, (self)->cuda->function (__VA_ARGS__), error)

/* The same where something goes away and nobody can be told: it is a warning. A context that has
 * failed lets go of nothing until it ends, which is not told again. */
void pinwheel_cuda_device_drop (PinwheelCudaDevice *self, const char *call, CUresult result);
#define pinwheel_cuda_drop(self, function, ...)                                                    \
  pinwheel_cuda_device_drop (self, #function, (self)->cuda->function (__VA_ARGS__))

/* Returns: whether the device has failed for good; then @error is a copy of why */
gboolean pinwheel_cuda_device_has_failed (PinwheelCudaDevice *self, GError **error);
/* Waits until all streams have done their work: before memory or code goes away that they may
 * still use */
void pinwheel_cuda_device_drain (PinwheelCudaDevice *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PinwheelCudaScope, pinwheel_cuda_scope_leave)

G_END_DECLS
