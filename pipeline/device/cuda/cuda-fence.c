/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Fences of a stream: numbers for everybody, events for the driver. The events are made with the
 * stream and recorded again and again, in turn. One that was recorded again meanwhile answers for
 * its former number too: it passes later. So readers need no lock. */
#include "config.h"

#include "base/clock-private.h"
#include "device/cuda/cuda-stream-private.h"

gboolean
pinwheel_cuda_stream_make_events (PinwheelCudaStream *self, GError **error)
{
  for (guint i = 0; i < PINWHEEL_CUDA_N_EVENTS; i++)
    if (!pinwheel_cuda_call (self->device, NULL, error, cuEventCreate, &self->events[i],
                             CU_EVENT_DISABLE_TIMING | CU_EVENT_BLOCKING_SYNC))
      return FALSE;
  return TRUE;
}

void
pinwheel_cuda_stream_drop_events (PinwheelCudaStream *self)
{
  for (guint i = 0; i < PINWHEEL_CUDA_N_EVENTS; i++)
    if (self->events[i] != NULL)
      pinwheel_cuda_drop (self->device, cuEventDestroy, self->events[i]);
}

static guint64
load (const guint64 *number)
{
  return __atomic_load_n (number, __ATOMIC_ACQUIRE);
}

/* Returns: number of the first fence that has an event of its own */
static guint64
get_oldest (PinwheelCudaStream *self)
{
  guint64 last = load (&self->recorded);

  return last > PINWHEEL_CUDA_N_EVENTS ? last - PINWHEEL_CUDA_N_EVENTS + 1 : 1;
}

/* Returns: an event that passes at fence @value or later */
static CUevent
find_event (PinwheelCudaStream *self, guint64 value)
{
  return self->events[MAX (value, get_oldest (self)) % PINWHEEL_CUDA_N_EVENTS];
}

static void
note_passed (PinwheelCudaStream *self, guint64 value)
{
  guint64 known = pinwheel_counter_get (&self->passed);

  while (known < value
         && !__atomic_compare_exchange_n (&self->passed, &known, value, FALSE, __ATOMIC_RELEASE,
                                          __ATOMIC_RELAXED))
    ;
}

gboolean
pinwheel_cuda_stream_record (PinwheelStream *stream, guint64 *value, GError **error)
{
  PinwheelCudaStream *self = PINWHEEL_CUDA_STREAM (stream);
  g_auto (PinwheelCudaScope) scope = { .device = NULL };
  guint64 next = pinwheel_counter_get (&self->recorded) + 1;
  GError *failure = NULL;
  gboolean ok;

  if (!pinwheel_cuda_stream_check_open (self, error)
      || !pinwheel_cuda_device_enter (self->device, &scope, error))
    return FALSE;
  *value = next - 1;
  if (!g_atomic_int_get (&self->has_unrecorded))
    return TRUE;
  ok = pinwheel_cuda_call (self->device, NULL, &failure, cuEventRecord,
                           self->events[next % PINWHEEL_CUDA_N_EVENTS], self->stream);
  if (ok)
    {
      *value = next;
      pinwheel_counter_set (&self->marks[next % PINWHEEL_CUDA_N_EVENTS],
                            pinwheel_counter_get (&self->mark));
      g_atomic_int_set (&self->has_unrecorded, FALSE);
      __atomic_store_n (&self->recorded, next, __ATOMIC_RELEASE);
    }
  return pinwheel_cuda_stream_keep_error (self, ok, failure, error);
}

gboolean
pinwheel_cuda_stream_wait (PinwheelStream *stream, PinwheelFence fence, GError **error)
{
  PinwheelCudaStream *self = PINWHEEL_CUDA_STREAM (stream);
  g_auto (PinwheelCudaScope) scope = { .device = NULL };
  GError *failure = NULL;
  gboolean ok;

  /* Only the host can wait for another kind of device in this one's place. */
  if (!PINWHEEL_IS_CUDA_STREAM (fence.stream))
    return pinwheel_fence_sync (fence, error);
  if (!pinwheel_cuda_stream_check_open (self, error)
      || !pinwheel_cuda_device_enter (self->device, &scope, error))
    return FALSE;
  ok = pinwheel_cuda_call (self->device, NULL, &failure, cuStreamWaitEvent, self->stream,
                           find_event (PINWHEEL_CUDA_STREAM (fence.stream), fence.value),
                           CU_EVENT_WAIT_DEFAULT);
  return pinwheel_cuda_stream_keep_error (self, ok, failure, error);
}

/* Where the device has failed, nothing runs any more: all fences have passed. A thread asks the
 * driver itself as long as there is an event to ask for: tools that watch the order of work do not
 * know what threads tell each other. */
gboolean
pinwheel_cuda_stream_is_passed (PinwheelStream *stream, guint64 value)
{
  PinwheelCudaStream *self = PINWHEEL_CUDA_STREAM (stream);
  g_auto (PinwheelCudaScope) scope = { .device = NULL };
  CUresult result;

  if (value == 0 || (value < get_oldest (self) && value <= load (&self->passed)))
    return TRUE;
  if (!pinwheel_cuda_device_enter (self->device, &scope, NULL))
    return TRUE;
  result = self->device->cuda->cuEventQuery (find_event (self, value));
  if (result == CUDA_ERROR_NOT_READY)
    return FALSE;
  if (pinwheel_cuda_device_check (self->device, pinwheel_stream_get_name (stream), "cuEventQuery",
                                  result, NULL))
    note_passed (self, value);
  /* an error is told by the sync() that follows */
  return TRUE;
}

gboolean
pinwheel_cuda_stream_sync (PinwheelStream *stream, guint64 value, GError **error)
{
  PinwheelCudaStream *self = PINWHEEL_CUDA_STREAM (stream);
  g_auto (PinwheelCudaScope) scope = { .device = NULL };

  if (pinwheel_cuda_device_has_failed (self->device, error))
    return FALSE;
  if (value <= load (&self->passed))
    return TRUE;
  if (!pinwheel_cuda_device_enter (self->device, &scope, error)
      || !pinwheel_cuda_call (self->device, pinwheel_stream_get_name (stream), error,
                              cuEventSynchronize, find_event (self, value)))
    return FALSE;
  note_passed (self, value);
  return TRUE;
}
