/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A stream of a CUDA device: copies and launches go straight to the driver's own queue. */
#include "config.h"

#include "base/clock-private.h"
#include "device/cuda/cuda-stream-private.h"

G_DEFINE_FINAL_TYPE (PinwheelCudaStream, pinwheel_cuda_stream, PINWHEEL_TYPE_STREAM)

/* --- the stream's own error --- */

/* Who is told that the stream takes no more work gives back the memory that it worked on, so that
 * nothing of it may run any more then. */
static void
settle (PinwheelCudaStream *self)
{
  g_auto (PinwheelCudaScope) scope = { .device = NULL };

  if (pinwheel_cuda_device_enter_anyway (self->device, &scope))
    self->device->cuda->cuStreamSynchronize (self->stream);
}

gboolean
pinwheel_cuda_stream_check_open (PinwheelCudaStream *self, GError **error)
{
  if (G_LIKELY (!g_atomic_int_get (&self->is_stopped)))
    return TRUE;
  settle (self);
  pinwheel_lock (&self->lock);
  if (error != NULL)
    *error = g_error_copy (self->error);
  pinwheel_unlock (&self->lock);
  return FALSE;
}

/* @error: (transfer full): kept where it is the first */
static void
stop (PinwheelCudaStream *self, GError *error)
{
  pinwheel_lock (&self->lock);
  if (self->error == NULL)
    self->error = g_steal_pointer (&error);
  g_atomic_int_set (&self->is_stopped, TRUE);
  pinwheel_unlock (&self->lock);
  g_clear_error (&error);
}

gboolean
pinwheel_cuda_stream_keep_error (PinwheelCudaStream *self, gboolean ok, GError *failure,
                                 GError **error)
{
  if (G_LIKELY (ok))
    return TRUE;
  stop (self, g_error_copy (failure));
  settle (self);
  g_propagate_error (error, failure);
  return FALSE;
}

/* --- work --- */

static gboolean
copy_flat (PinwheelCudaStream *self, const PinwheelCopy *copy, gsize size, GError **error)
{
  PinwheelCudaDevice *device = self->device;

  switch (copy->kind)
    {
    case PINWHEEL_COPY_HOST_TO_DEVICE:
      return pinwheel_cuda_call (device, NULL, error, cuMemcpyHtoDAsync, (CUdeviceptr) copy->target,
                                 copy->source, size, self->stream);
    case PINWHEEL_COPY_DEVICE_TO_HOST:
      return pinwheel_cuda_call (device, NULL, error, cuMemcpyDtoHAsync, copy->target,
                                 (CUdeviceptr) copy->source, size, self->stream);
    case PINWHEEL_COPY_DEVICE_TO_DEVICE:
    default:
      return pinwheel_cuda_call (device, NULL, error, cuMemcpyDtoDAsync, (CUdeviceptr) copy->target,
                                 (CUdeviceptr) copy->source, size, self->stream);
    }
}

static gboolean
copy_rows (PinwheelCudaStream *self, const PinwheelCopy *copy, GError **error)
{
  gboolean from_host = copy->kind == PINWHEEL_COPY_HOST_TO_DEVICE;
  gboolean to_host = copy->kind == PINWHEEL_COPY_DEVICE_TO_HOST;
  CUDA_MEMCPY2D rows = { .srcMemoryType = from_host ? CU_MEMORYTYPE_HOST : CU_MEMORYTYPE_DEVICE,
                         .srcHost = from_host ? copy->source : NULL,
                         .srcDevice = from_host ? 0 : (CUdeviceptr) copy->source,
                         .srcPitch = copy->source_pitch,
                         .dstMemoryType = to_host ? CU_MEMORYTYPE_HOST : CU_MEMORYTYPE_DEVICE,
                         .dstHost = to_host ? copy->target : NULL,
                         .dstDevice = to_host ? 0 : (CUdeviceptr) copy->target,
                         .dstPitch = copy->target_pitch,
                         .WidthInBytes = copy->width,
                         .Height = copy->height };

  return pinwheel_cuda_call (self->device, NULL, error, cuMemcpy2DAsync, &rows, self->stream);
}

/* Both slices are whole numbers of rows. */
static gboolean
copy_slices (PinwheelCudaStream *self, const PinwheelCopy *copy, GError **error)
{
  gboolean from_host = copy->kind == PINWHEEL_COPY_HOST_TO_DEVICE;
  gboolean to_host = copy->kind == PINWHEEL_COPY_DEVICE_TO_HOST;
  CUDA_MEMCPY3D slices = { .srcMemoryType = from_host ? CU_MEMORYTYPE_HOST : CU_MEMORYTYPE_DEVICE,
                           .srcHost = from_host ? copy->source : NULL,
                           .srcDevice = from_host ? 0 : (CUdeviceptr) copy->source,
                           .srcPitch = copy->source_pitch,
                           .srcHeight = copy->source_slice / copy->source_pitch,
                           .dstMemoryType = to_host ? CU_MEMORYTYPE_HOST : CU_MEMORYTYPE_DEVICE,
                           .dstHost = to_host ? copy->target : NULL,
                           .dstDevice = to_host ? 0 : (CUdeviceptr) copy->target,
                           .dstPitch = copy->target_pitch,
                           .dstHeight = copy->target_slice / copy->target_pitch,
                           .WidthInBytes = copy->width,
                           .Height = copy->height,
                           .Depth = copy->depth };

  return pinwheel_cuda_call (self->device, NULL, error, cuMemcpy3DAsync, &slices, self->stream);
}

static gboolean copy_piece (PinwheelCudaStream *self, const PinwheelCopy *copy, GError **error);

/* What one call cannot take goes slice by slice, or row by row. Rows farther apart than the device
 * allows are gigabytes apart, so there are few. */
static gboolean
copy_parts (PinwheelCudaStream *self, const PinwheelCopy *copy, GError **error)
{
  gboolean by_slice = copy->depth > 1;
  PinwheelCopy part = *copy;

  part.depth = 1;
  part.height = by_slice ? copy->height : 1;
  for (gsize i = 0; i < (by_slice ? copy->depth : copy->height); i++)
    {
      if (!copy_piece (self, &part, error))
        return FALSE;
      part.source = (const guint8 *) part.source
                    + (by_slice ? copy->source_slice : copy->source_pitch);
      part.target = (guint8 *) part.target + (by_slice ? copy->target_slice : copy->target_pitch);
    }
  return TRUE;
}

static gboolean
copy_piece (PinwheelCudaStream *self, const PinwheelCopy *copy, GError **error)
{
  gsize rows = copy->width * copy->height;

  if (copy->depth == 1
      && (copy->height == 1
          || (copy->source_pitch == copy->width && copy->target_pitch == copy->width)))
    return copy_flat (self, copy, rows, error);
  if (copy->depth > 1 && copy->source_pitch == copy->width && copy->target_pitch == copy->width
      && copy->source_slice == rows && copy->target_slice == rows)
    return copy_flat (self, copy, rows * copy->depth, error);
  if (MAX (copy->source_pitch, copy->target_pitch) > self->device->most_pitch
      || (copy->depth > 1
          && (copy->source_slice % copy->source_pitch != 0
              || copy->target_slice % copy->target_pitch != 0)))
    return copy_parts (self, copy, error);
  return copy->depth > 1 ? copy_slices (self, copy, error) : copy_rows (self, copy, error);
}

static gboolean
pinwheel_cuda_stream_copy (PinwheelStream *stream, const PinwheelCopy *copy, GError **error)
{
  PinwheelCudaStream *self = PINWHEEL_CUDA_STREAM (stream);
  g_auto (PinwheelCudaScope) scope = { .device = NULL };
  GError *failure = NULL;
  gboolean ok;

  if (!pinwheel_cuda_stream_check_open (self, error)
      || !pinwheel_cuda_device_enter (self->device, &scope, error))
    return FALSE;
  g_atomic_int_set (&self->has_unrecorded, TRUE);
  ok = copy_piece (self, copy, &failure);
  return pinwheel_cuda_stream_keep_error (self, ok, failure, error);
}

static gboolean
check_launch (PinwheelCudaStream *self, const PinwheelCudaFunction *function,
              const PinwheelLaunch *launch, GError **error)
{
  guint64 threads = (guint64) launch->block[0] * launch->block[1] * launch->block[2];

  if (function->device != self->device)
    {
      g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_DEVICE,
                   "stream '%s': kernel '%s' was loaded on device %s",
                   pinwheel_stream_get_name (PINWHEEL_STREAM (self)), function->entry,
                   pinwheel_device_get_name (PINWHEEL_DEVICE (function->device)));
      return FALSE;
    }
  if (threads > function->most_threads)
    {
      g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_KERNEL,
                   "kernel '%s' needs so many registers that its blocks hold at most %u threads, "
                   "not %" G_GUINT64_FORMAT "; make block= smaller",
                   function->entry, function->most_threads, threads);
      return FALSE;
    }
  return TRUE;
}

static gboolean
pinwheel_cuda_stream_launch (PinwheelStream *stream, const PinwheelLaunch *launch, GError **error)
{
  PinwheelCudaStream *self = PINWHEEL_CUDA_STREAM (stream);
  g_auto (PinwheelCudaScope) scope = { .device = NULL };
  PinwheelCudaFunction *function;
  GError *failure = NULL;
  gboolean ok;

  if (!PINWHEEL_IS_CUDA_FUNCTION (launch->function))
    {
      g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_DEVICE,
                   "stream '%s': the kernel was loaded on another device",
                   pinwheel_stream_get_name (stream));
      return FALSE;
    }
  function = PINWHEEL_CUDA_FUNCTION (launch->function);
  if (!check_launch (self, function, launch, error)
      || !pinwheel_cuda_stream_check_open (self, error)
      || !pinwheel_cuda_device_enter (self->device, &scope, error))
    return FALSE;
  g_atomic_int_set (&self->has_unrecorded, TRUE);
  __atomic_store_n (&self->covers_launch, pinwheel_counter_get (&self->recorded) + 1,
                    __ATOMIC_RELEASE);
  ok = pinwheel_cuda_function_allow_shared (function, launch->shared_bytes, &failure)
       && pinwheel_cuda_call (self->device, NULL, &failure, cuLaunchKernel, function->function,
                              launch->grid[0], launch->grid[1], launch->grid[2], launch->block[0],
                              launch->block[1], launch->block[2], (guint) launch->shared_bytes,
                              self->stream, launch->arguments, NULL);
  if (!ok)
    g_prefix_error (&failure, "kernel '%s': ", function->entry);
  return pinwheel_cuda_stream_keep_error (self, ok, failure, error);
}

static guint64
get_mark (PinwheelCudaStream *self, guint64 fence)
{
  return fence > pinwheel_counter_get (&self->recorded)
             ? pinwheel_counter_get (&self->mark)
             : pinwheel_counter_get (&self->marks[fence % PINWHEEL_CUDA_N_EVENTS]);
}

gboolean
pinwheel_cuda_stream_is_computing (PinwheelCudaStream *self, guint64 *first, guint64 *last)
{
  guint64 passed = pinwheel_counter_get (&self->passed);
  guint64 launched = pinwheel_counter_get (&self->covers_launch);

  if (launched <= passed)
    return FALSE;
  /* marks older than the events are gone */
  passed = MAX (passed, launched - MIN (launched, PINWHEEL_CUDA_N_EVENTS - 1));
  *first = get_mark (self, MIN (passed + 1, launched));
  *last = get_mark (self, launched);
  return TRUE;
}

static void
pinwheel_cuda_stream_set_mark (PinwheelStream *stream, guint64 mark)
{
  pinwheel_counter_set (&PINWHEEL_CUDA_STREAM (stream)->mark, mark);
}

/* What was enqueued runs: CUDA has no way to take it back. No more of it comes. */
static void
pinwheel_cuda_stream_cancel (PinwheelStream *stream)
{
  stop (PINWHEEL_CUDA_STREAM (stream),
        g_error_new (PINWHEEL_ERROR, PINWHEEL_ERROR_STOPPED, "stream '%s' was cancelled",
                     pinwheel_stream_get_name (stream)));
}

/* --- the object --- */

static void
pinwheel_cuda_stream_finalize (GObject *object)
{
  PinwheelCudaStream *self = PINWHEEL_CUDA_STREAM (object);
  PinwheelCudaDevice *device = self->device;
  g_auto (PinwheelCudaScope) scope = { .device = NULL };

  if (device != NULL && pinwheel_cuda_device_enter_anyway (device, &scope))
    {
      pinwheel_lock (&device->streams_lock);
      g_ptr_array_remove_fast (device->streams, self);
      pinwheel_unlock (&device->streams_lock);
      if (self->stream != NULL)
        device->cuda->cuStreamSynchronize (self->stream);
      pinwheel_cuda_stream_drop_events (self);
      if (self->stream != NULL)
        pinwheel_cuda_drop (device, cuStreamDestroy, self->stream);
    }
  /* before the device: it may be the last holder */
  pinwheel_cuda_scope_leave (&scope);
  scope.device = NULL;
  g_clear_error (&self->error);
  pinwheel_lock_clear (&self->lock);

  G_OBJECT_CLASS (pinwheel_cuda_stream_parent_class)->finalize (object);
}

static void
pinwheel_cuda_stream_class_init (PinwheelCudaStreamClass *klass)
{
  PinwheelStreamClass *stream_class = PINWHEEL_STREAM_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = pinwheel_cuda_stream_finalize;
  stream_class->copy = pinwheel_cuda_stream_copy;
  stream_class->launch = pinwheel_cuda_stream_launch;
  stream_class->wait = pinwheel_cuda_stream_wait;
  stream_class->record = pinwheel_cuda_stream_record;
  stream_class->is_passed = pinwheel_cuda_stream_is_passed;
  stream_class->sync = pinwheel_cuda_stream_sync;
  stream_class->cancel = pinwheel_cuda_stream_cancel;
  stream_class->set_mark = pinwheel_cuda_stream_set_mark;
}

static void
pinwheel_cuda_stream_init (PinwheelCudaStream *self)
{
  pinwheel_lock_init (&self->lock);
  self->mark = G_MAXUINT64;
}

PinwheelStream *
pinwheel_cuda_stream_new (PinwheelDevice *device, const char *name, GError **error)
{
  g_autoptr (PinwheelCudaStream) self = NULL;
  g_auto (PinwheelCudaScope) scope = { .device = NULL };
  PinwheelCudaDevice *owner = PINWHEEL_CUDA_DEVICE (device);

  if (!pinwheel_cuda_device_enter (owner, &scope, error))
    return NULL;
  self = g_object_new (PINWHEEL_TYPE_CUDA_STREAM, "device", device, "name", name, NULL);
  self->device = owner;
  if (!pinwheel_cuda_call (owner, NULL, error, cuStreamCreate, &self->stream,
                           CU_STREAM_NON_BLOCKING)
      || !pinwheel_cuda_stream_make_events (self, error))
    return NULL;
  pinwheel_lock (&owner->streams_lock);
  g_ptr_array_add (owner->streams, self);
  pinwheel_unlock (&owner->streams_lock);
  return PINWHEEL_STREAM (g_steal_pointer (&self));
}
