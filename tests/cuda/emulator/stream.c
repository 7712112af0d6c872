/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Streams and events. Each stream is a thread; work runs on one of three engines, each doing one
 * piece at a time for as long as bandwidth and latency say. */
#include "config.h"

#include "emulator.h"

#include <string.h>

guint64
emu_clock (void)
{
  return (guint64) g_get_monotonic_time () * 1000;
}

/* --- how long work takes --- */

static guint64
draw_delay (CUstream stream)
{
  stream->random = stream->random * G_GUINT64_CONSTANT (6364136223846793005)
                   + G_GUINT64_CONSTANT (1442695040888963407);
  return emu.options.delay == 0 ? 0 : (stream->random >> 33) % (emu.options.delay + 1);
}

static EmuEngine
engine_of (const EmuWork *work)
{
  return work->kind == EMU_COPY ? work->copy.engine : EMU_ENGINE_COMPUTE;
}

static guint64
duration_of (const EmuWork *work)
{
  EmuEngine engine = engine_of (work);
  guint64 bytes;

  if (work->kind == EMU_LAUNCH)
    return emu.options.latency + emu.options.kernel;
  bytes = work->copy.width * work->copy.height * work->copy.depth;
  if (engine == EMU_ENGINE_COMPUTE || emu.options.bandwidth[engine] == 0)
    return emu.options.latency;
  return emu.options.latency
         + (guint64) ((double) bytes * 1e9 / (double) emu.options.bandwidth[engine]);
}

/* Waits for the engine and then for the end of the work. */
static void
take_time (CUstream stream, const EmuWork *work)
{
  guint64 *free_at = &stream->context->free_at[engine_of (work)];
  guint64 end = MAX (MAX (emu_clock (), work->added), *free_at) + duration_of (work);

  *free_at = end;
  end += draw_delay (stream);
  while (emu_clock () < end)
    pinwheel_cond_wait_until (&emu.changed, &emu.lock, (gint64) (end / 1000) + 1);
}

static void
note_active (EmuEngine engine, int change)
{
  guint64 now = emu_clock ();

  emu.busy[emu.n_active] += now - emu.active_since;
  emu.active_since = now;
  if (change > 0)
    emu.n_active += emu.active[engine]++ == 0;
  else
    emu.n_active -= --emu.active[engine] == 0;
}

/* --- the thread --- */

static void
event_unref (CUevent event)
{
  if (--event->ref_count == 0)
    g_free (event);
}

static void
run_work (CUstream stream, EmuWork *work)
{
  CUresult result = CUDA_SUCCESS;

  note_active (engine_of (work), 1);
  take_time (stream, work);
  if (++emu.work == emu.options.lose)
    result = CUDA_ERROR_UNKNOWN;
  else if (work->kind == EMU_COPY)
    emu_run_copy (stream, work);
  else
    result = emu_run_launch (stream, work);
  note_active (engine_of (work), -1);
  if (result != CUDA_SUCCESS && stream->context->sticky == CUDA_SUCCESS)
    stream->context->sticky = result;
}

static void
finish_work (CUstream stream, EmuWork *work)
{
  if (work->kind == EMU_COPY)
    emu_copy_clear (&work->copy);
  else if (work->kind == EMU_LAUNCH)
    emu_launch_clear (&work->launch);
  else if (work->kind == EMU_RECORD)
    {
      if (work->event->number == work->number && work->event->slot == stream->slot)
        work->event->time = emu_clock ();
      event_unref (work->event);
    }
  stream->done = work->number;
  stream->running = NULL;
  g_free (work);
  g_cond_broadcast (&emu.changed);
}

static gpointer
stream_main (gpointer data)
{
  CUstream stream = data;

  pinwheel_lock (&emu.lock);
  while (!stream->closing || stream->work.length > 0)
    {
      EmuWork *work = g_queue_pop_head (&stream->work);

      if (work == NULL)
        {
          pinwheel_cond_wait (&emu.changed, &emu.lock);
          continue;
        }
      stream->running = work;
      if (work->kind == EMU_WAIT)
        while (work->wait.stream->done < work->wait.number)
          pinwheel_cond_wait (&emu.changed, &emu.lock);
      else if (work->kind != EMU_RECORD && stream->context->sticky == CUDA_SUCCESS)
        run_work (stream, work);
      finish_work (stream, work);
    }
  pinwheel_unlock (&emu.lock);
  return NULL;
}

/* --- the host --- */

EmuWork *
emu_work_new (CUstream stream, EmuWorkKind kind)
{
  EmuWork *work = g_new0 (EmuWork, 1);

  work->kind = kind;
  work->added = emu_clock ();
  return work;
}

static void
queue_wait (CUstream stream, CUstream other)
{
  EmuWork *work;

  if (other == stream || other->done == other->added)
    return;
  work = emu_work_new (stream, EMU_WAIT);
  work->wait.stream = other;
  work->wait.number = other->added;
  emu_clock_join (&stream->clock, &other->clock);
  stream->clock.done[other->slot] = other->added;
  work->number = ++stream->added;
  g_queue_push_tail (&stream->work, work);
}

/* The legacy stream waits for all blocking streams, and they wait for it. */
void
emu_work_queue (CUstream stream, EmuWork *work)
{
  CUstream legacy = stream->context->legacy;

  for (guint i = 0; stream == legacy && i < emu.streams->len; i++)
    {
      CUstream other = emu.streams->pdata[i];

      if (other->context == stream->context && other->blocking)
        queue_wait (stream, other);
    }
  if (stream->blocking && legacy != NULL)
    queue_wait (stream, legacy);
  emu_clock_join (&stream->clock, &emu.seen);
  work->number = ++stream->added;
  work->before = stream->clock;
  g_queue_push_tail (&stream->work, work);
  g_cond_broadcast (&emu.changed);
}

void
emu_wait_done (CUstream stream, guint64 number, gboolean counts)
{
  if (counts && stream->done < number)
    emu.blocking++;
  while (stream->done < number)
    pinwheel_cond_wait (&emu.changed, &emu.lock);
}

void
emu_wait_idle (CUcontext context)
{
  for (guint i = 0; i < emu.streams->len; i++)
    {
      CUstream stream = emu.streams->pdata[i];

      if (stream->context == context)
        emu_wait_done (stream, stream->added, TRUE);
    }
}

static CUstream
stream_new (CUcontext context, gboolean blocking)
{
  CUstream stream = NULL;

  for (int i = 0; i < EMU_MAX_STREAMS && stream == NULL; i++)
    if (!emu.slot_used[i])
      {
        stream = g_new0 (struct CUstream_st, 1);
        stream->slot = i;
        emu.slot_used[i] = TRUE;
      }
  if (stream == NULL)
    return NULL;
  stream->context = context;
  stream->blocking = blocking;
  stream->added = stream->done = emu.slot_last[stream->slot];
  stream->random = emu.options.seed * 2654435761u + (guint64) stream->slot * 40503u;
  g_queue_init (&stream->work);
  g_ptr_array_add (emu.streams, stream);
  emu.n_streams++;
  stream->thread = g_thread_new ("cuda stream", stream_main, stream);
  return stream;
}

CUstream
emu_stream_of (CUstream stream)
{
  if (stream == NULL || stream == CU_STREAM_LEGACY)
    {
      emu.legacy_uses++;
      if (emu_current->legacy == NULL)
        emu_current->legacy = stream_new (emu_current, FALSE);
      return emu_current->legacy;
    }
  return g_ptr_array_find (emu.streams, stream, NULL) && stream->context == emu_current ? stream
                                                                                        : NULL;
}

CUresult CUDAAPI
cuStreamCreate (CUstream *stream, unsigned int flags)
{
  EMU_ENTER (cuStreamCreate);
  *stream = stream_new (emu_current, (flags & CU_STREAM_NON_BLOCKING) == 0);
  return emu_leave (*stream != NULL ? CUDA_SUCCESS : CUDA_ERROR_OUT_OF_MEMORY);
}

/* A driver lets the work run on; this one waits for it, to join the thread. */
CUresult CUDAAPI
cuStreamDestroy (CUstream stream)
{
  EMU_ENTER_RELEASE (cuStreamDestroy);
  if (stream == NULL || emu_stream_of (stream) != stream)
    return emu_leave_release (CUDA_ERROR_INVALID_HANDLE);
  stream->closing = TRUE;
  g_cond_broadcast (&emu.changed);
  emu_wait_done (stream, stream->added, FALSE);
  pinwheel_unlock (&emu.lock);
  g_thread_join (stream->thread);
  pinwheel_lock (&emu.lock);
  emu.slot_last[stream->slot] = stream->added;
  emu.slot_used[stream->slot] = FALSE;
  g_ptr_array_remove_fast (emu.streams, stream);
  emu.n_streams--;
  g_free (stream);
  return emu_leave_release (CUDA_SUCCESS);
}

static void
saw (int slot, guint64 number, const EmuClock *clock)
{
  emu_clock_join (&emu.seen, clock);
  emu.seen.done[slot] = MAX (emu.seen.done[slot], number);
}

CUresult CUDAAPI
cuStreamQuery (CUstream stream)
{
  EMU_ENTER (cuStreamQuery);
  stream = emu_stream_of (stream);
  if (stream == NULL)
    return emu_leave (CUDA_ERROR_INVALID_HANDLE);
  if (stream->done < stream->added)
    return emu_leave (CUDA_ERROR_NOT_READY);
  saw (stream->slot, stream->added, &stream->clock);
  return emu_leave (stream->context->sticky);
}

CUresult CUDAAPI
cuStreamSynchronize (CUstream stream)
{
  EMU_ENTER (cuStreamSynchronize);
  stream = emu_stream_of (stream);
  if (stream == NULL)
    return emu_leave (CUDA_ERROR_INVALID_HANDLE);
  emu_wait_done (stream, stream->added, TRUE);
  saw (stream->slot, stream->added, &stream->clock);
  return emu_leave (stream->context->sticky);
}

CUresult CUDAAPI
cuStreamWaitEvent (CUstream stream, CUevent event, unsigned int flags)
{
  EmuWork *work;

  EMU_ENTER (cuStreamWaitEvent);
  stream = emu_stream_of (stream);
  if (stream == NULL || event == NULL)
    return emu_leave (CUDA_ERROR_INVALID_HANDLE);
  /* an event that was never recorded, or whose stream is gone and so done, holds nothing up */
  if (event->stream == NULL || !g_ptr_array_find (emu.streams, event->stream, NULL))
    return emu_leave (CUDA_SUCCESS);
  work = emu_work_new (stream, EMU_WAIT);
  work->wait.stream = event->stream;
  work->wait.number = event->number;
  emu_clock_join (&stream->clock, &event->clock);
  stream->clock.done[event->slot] = MAX (stream->clock.done[event->slot], event->number);
  emu_work_queue (stream, work);
  return emu_leave (CUDA_SUCCESS);
}

CUresult CUDAAPI
cuEventCreate (CUevent *event, unsigned int flags)
{
  EMU_ENTER (cuEventCreate);
  *event = g_new0 (struct CUevent_st, 1);
  (*event)->ref_count = 1;
  (*event)->context = emu_current;
  (*event)->flags = flags;
  emu.n_events++;
  return emu_leave (CUDA_SUCCESS);
}

CUresult CUDAAPI
cuEventDestroy (CUevent event)
{
  EMU_ENTER_RELEASE (cuEventDestroy);
  if (event == NULL)
    return emu_leave_release (CUDA_ERROR_INVALID_HANDLE);
  emu.n_events--;
  event_unref (event);
  return emu_leave_release (CUDA_SUCCESS);
}

CUresult CUDAAPI
cuEventRecord (CUevent event, CUstream stream)
{
  EmuWork *work;

  EMU_ENTER (cuEventRecord);
  stream = emu_stream_of (stream);
  if (event == NULL || stream == NULL || event->context != stream->context)
    return emu_leave (CUDA_ERROR_INVALID_HANDLE);
  work = emu_work_new (stream, EMU_RECORD);
  work->event = event;
  event->ref_count++;
  emu_work_queue (stream, work);
  event->stream = stream;
  event->slot = stream->slot;
  event->number = stream->added;
  event->clock = stream->clock;
  event->time = 0;
  return emu_leave (CUDA_SUCCESS);
}

static gboolean
is_reached (CUevent event)
{
  return event->stream == NULL || !g_ptr_array_find (emu.streams, event->stream, NULL)
         || event->stream->done >= event->number;
}

CUresult CUDAAPI
cuEventQuery (CUevent event)
{
  EMU_ENTER (cuEventQuery);
  if (event == NULL)
    return emu_leave (CUDA_ERROR_INVALID_HANDLE);
  if (!is_reached (event))
    return emu_leave (CUDA_ERROR_NOT_READY);
  if (event->stream != NULL)
    saw (event->slot, event->number, &event->clock);
  return emu_leave (event->context->sticky);
}

CUresult CUDAAPI
cuEventSynchronize (CUevent event)
{
  EmuClock clock;
  guint64 number;
  int slot;

  EMU_ENTER (cuEventSynchronize);
  if (event == NULL)
    return emu_leave (CUDA_ERROR_INVALID_HANDLE);
  /* it may be recorded anew while this waits */
  clock = event->clock;
  number = event->number;
  slot = event->slot;
  if (!is_reached (event))
    emu_wait_done (event->stream, number, TRUE);
  if (number > 0)
    saw (slot, number, &clock);
  return emu_leave (event->context->sticky);
}

CUresult CUDAAPI
cuEventElapsedTime (float *milliseconds, CUevent start, CUevent end)
{
  EMU_ENTER (cuEventElapsedTime);
  if (start == NULL || end == NULL || start->stream == NULL || end->stream == NULL
      || ((start->flags | end->flags) & CU_EVENT_DISABLE_TIMING) != 0)
    return emu_leave (CUDA_ERROR_INVALID_HANDLE);
  if (start->time == 0 || end->time == 0)
    return emu_leave (CUDA_ERROR_NOT_READY);
  *milliseconds = (float) ((double) (end->time - start->time) / 1e6);
  return emu_leave (CUDA_SUCCESS);
}
