/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A stream of the simulated device, and what its thread does. */
#include "config.h"

#include <string.h>

#include "base/clock-private.h"
#include "base/lock-private.h"
#include "device/device-private.h"
#include "device/host/host-function-private.h"
#include "device/sim/sim-checker-private.h"
#include "device/sim/sim-stream-private.h"
#include "device/work-queue-private.h"
#include "device/workers-private.h"

struct _PinwheelSimFunction
{
  PinwheelFunction parent_instance;

  PinwheelHostFunction *code; /* owned */
  const gboolean *is_pointer; /* (array) never freed: queued work may outlive the object */
};

G_DEFINE_FINAL_TYPE (PinwheelSimFunction, pinwheel_sim_function, PINWHEEL_TYPE_FUNCTION)

/* What the queue's thread works with */
typedef struct
{
  PinwheelSimMachine *machine; /* owned */
  char *name;                  /* owned */
  guint64 random;              /* of the thread */
  guint64 due;                 /* atomic: when the work that is done was to be done */
  guint64 behind;              /* of the thread: latest due of what it waited for */
  PinwheelLock lock;           /* leaf lock */
  GCond stopped;               /* signalled when the queue stops */
} Worker;

struct _PinwheelSimStream
{
  PinwheelStream parent_instance;

  /* Set once, before anybody else has the stream */
  PinwheelSimMachine *machine; /* owned */
  PinwheelWorkQueue *queue;
  int checked_as; /* what the checker calls it, or -1 */
};

G_DEFINE_FINAL_TYPE (PinwheelSimStream, pinwheel_sim_stream, PINWHEEL_TYPE_STREAM)

/* --- the thread's side --- */

static guint64
draw_delay (Worker *self)
{
  guint64 most = pinwheel_sim_machine_get_options (self->machine)->delay;

  if (most == 0)
    return 0;
  self->random = self->random * G_GUINT64_CONSTANT (6364136223846793005)
                 + G_GUINT64_CONSTANT (1442695040888963407);
  return (self->random >> 33) % (most + 1);
}

static void
wait_until (Worker *self, guint64 end, gint *stopped)
{
  pinwheel_lock (&self->lock);
  while (pinwheel_clock () < end && !g_atomic_int_get (stopped))
    pinwheel_cond_wait_until (&self->stopped, &self->lock, (gint64) ((end + 999) / 1000));
  pinwheel_unlock (&self->lock);
}

/* Waits until the work is due. A device does not sleep: work that had come by then begins when what
 * it stood behind was due, however late the threads wake. */
static void
take_time (Worker *self, PinwheelSimEngine engine, guint64 added, guint64 duration, gint *stopped)
{
  guint64 latency = pinwheel_sim_machine_get_options (self->machine)->latency;
  guint64 delay = draw_delay (self);
  guint64 ready = MAX (MAX (added, self->behind), pinwheel_counter_get (&self->due));
  guint64 end;

  if (latency == 0 && delay == 0 && duration == 0)
    return;
  end = pinwheel_sim_machine_occupy (self->machine, engine, ready + delay, latency + duration);
  wait_until (self, end, stopped);
  pinwheel_counter_set (&self->due, end);
}

static void
worker_waited (gpointer owner, gpointer other)
{
  Worker *self = owner, *before = other;

  self->behind = MAX (self->behind, pinwheel_counter_get (&before->due));
}

/* In nanoseconds, a year at most: times are added up */
static guint64
copy_time (guint64 bytes, guint64 rate)
{
  return rate == 0 ? 0 : (guint64) MIN ((double) bytes * 1e9 / (double) rate, 3.2e16);
}

/* Returns: bytes from the first to the end of the last on a side of the copy */
static gsize
span (const PinwheelCopy *copy, gsize pitch, gsize slice)
{
  return (copy->depth - 1) * slice + (copy->height - 1) * pitch + copy->width;
}

static GError *
run_copy (gpointer owner, guint64 added, const PinwheelCopy *copy, gint *stopped)
{
  Worker *self = owner;
  const PinwheelSimOptions *options = pinwheel_sim_machine_get_options (self->machine);
  PinwheelSimMachine *machine = self->machine;
  gboolean from = copy->kind != PINWHEEL_COPY_HOST_TO_DEVICE;
  gboolean to = copy->kind != PINWHEEL_COPY_DEVICE_TO_HOST;
  gsize bytes = copy->width * copy->height * copy->depth;
  gpointer source = (gpointer) copy->source, target = copy->target;
  PinwheelCopy real = *copy;
  GError *error = NULL;

  if (!pinwheel_sim_machine_use (machine,
                                 !from ? PINWHEEL_SIM_H2D
                                 : !to ? PINWHEEL_SIM_D2H
                                       : PINWHEEL_SIM_COPY,
                                 &error))
    return error;
  if (from && to)
    take_time (self, PINWHEEL_SIM_ENGINE_COMPUTE, added, 0, stopped);
  else
    take_time (self, to ? PINWHEEL_SIM_ENGINE_UP : PINWHEEL_SIM_ENGINE_DOWN, added,
               copy_time (bytes, to ? options->h2d : options->d2h), stopped);
  if (g_atomic_int_get (stopped))
    return NULL;
  if (from
      && !pinwheel_sim_machine_pin (machine, &source,
                                    span (copy, copy->source_pitch, copy->source_slice), self->name,
                                    &error))
    return error;
  if (!to
      || pinwheel_sim_machine_pin (machine, &target,
                                   span (copy, copy->target_pitch, copy->target_slice), self->name,
                                   &error))
    {
      real.source = source;
      real.target = target;
      pinwheel_work_copy (&real);
      if (to)
        pinwheel_sim_machine_unpin (machine, copy->target);
    }
  if (from)
    pinwheel_sim_machine_unpin (machine, (gpointer) copy->source);
  return error;
}

static GError *
run_launch (gpointer owner, guint64 added, PinwheelWorkLaunch *launch, gint *stopped)
{
  Worker *self = owner;
  const gboolean *is_pointer = launch->tag;
  gpointer pinned[PINWHEEL_MAX_ARGUMENTS] = { NULL };
  GError *error = NULL;

  if (!pinwheel_sim_machine_use (self->machine, PINWHEEL_SIM_LAUNCH, &error))
    return error;
  take_time (self, PINWHEEL_SIM_ENGINE_COMPUTE, added,
             pinwheel_sim_machine_get_options (self->machine)->kernel, stopped);
  for (guint i = 0; i < launch->n_arguments && error == NULL; i++)
    if (is_pointer[i])
      {
        gpointer address, *value = launch->arguments[i];

        address = *value;
        /* an array without any item has no memory */
        if (address != NULL
            && pinwheel_sim_machine_pin (self->machine, value, 1, self->name, &error))
          pinned[i] = address;
      }
  if (error == NULL)
    error = pinwheel_host_run_launch (launch, stopped);
  for (guint i = 0; i < launch->n_arguments; i++)
    if (pinned[i] != NULL)
      pinwheel_sim_machine_unpin (self->machine, pinned[i]);
  return error;
}

static void
worker_wake (gpointer owner)
{
  Worker *self = owner;

  pinwheel_lock (&self->lock);
  g_cond_broadcast (&self->stopped);
  pinwheel_unlock (&self->lock);
}

static void
worker_free (gpointer owner)
{
  Worker *self = owner;

  g_cond_clear (&self->stopped);
  pinwheel_lock_clear (&self->lock);
  pinwheel_sim_machine_unref (self->machine);
  g_free (self->name);
  g_free (self);
}

static const PinwheelWorker worker_class = { .copy = run_copy,
                                             .launch = run_launch,
                                             .waited = worker_waited,
                                             .wake = worker_wake,
                                             .free = worker_free };

/* --- the callers' side --- */

static PinwheelWorkQueue *
queue_of (PinwheelStream *stream)
{
  return PINWHEEL_SIM_STREAM (stream)->queue;
}

/* A call that gives the queue's error has waited until nothing of it runs any more. Returns: @ok */
static gboolean
note_end (PinwheelStream *stream, gboolean ok)
{
  if (!ok)
    pinwheel_sim_checker_saw_all (PINWHEEL_SIM_STREAM (stream)->checked_as);
  return ok;
}

/* Whether the next piece of work is in order with all other work on the same bytes. */
static gboolean
check_work (PinwheelStream *stream, const char *what, const PinwheelSimAccess *accesses, guint n,
            GError **error)
{
  guint64 last;

  return note_end (stream, pinwheel_work_queue_record (queue_of (stream), &last, error))
         && pinwheel_sim_checker_add_work (PINWHEEL_SIM_STREAM (stream)->checked_as, last + 1, what,
                                           accesses, n, error);
}

/* Whether the host's side of a copy is memory that is not pinned. */
static gboolean
is_pageable (PinwheelDevice *device, const PinwheelCopy *copy)
{
  gboolean up = copy->kind == PINWHEEL_COPY_HOST_TO_DEVICE;
  gsize size = up ? span (copy, copy->source_pitch, copy->source_slice)
                  : span (copy, copy->target_pitch, copy->target_slice);

  return copy->kind != PINWHEEL_COPY_DEVICE_TO_DEVICE
         && !pinwheel_device_is_pinned (device, up ? copy->source : copy->target, size);
}

static gboolean pinwheel_sim_stream_sync (PinwheelStream *stream, guint64 value, GError **error);

/* As with CUDA, the caller waits until a copy of pageable memory is done. Whether it failed is told
 * by what comes after it, as of any other copy. */
static gboolean
pinwheel_sim_stream_copy (PinwheelStream *stream, const PinwheelCopy *copy, GError **error)
{
  PinwheelDevice *device = pinwheel_stream_get_device (stream);
  const PinwheelSimAccess accesses[] = {
    { copy->source, copy->width, copy->height, copy->source_pitch, copy->depth, copy->source_slice,
      FALSE },
    { copy->target, copy->width, copy->height, copy->target_pitch, copy->depth, copy->target_slice,
      TRUE }
  };
  guint64 value;

  if (!check_work (stream, "copy", accesses, G_N_ELEMENTS (accesses), error)
      || !note_end (stream, pinwheel_work_queue_add_copy (queue_of (stream), copy, error)))
    return FALSE;
  if (!is_pageable (device, copy))
    return TRUE;
  pinwheel_device_count_pageable_copy (device);
  if (pinwheel_work_queue_record (queue_of (stream), &value, NULL))
    (void) pinwheel_sim_stream_sync (stream, value, NULL);
  return TRUE;
}

/* @accesses: (out): room for one per access of @launch */
static gboolean
check_launch (PinwheelStream *stream, const PinwheelLaunch *launch, PinwheelSimAccess *accesses,
              GError **error)
{
  PinwheelSimMachine *machine = PINWHEEL_SIM_STREAM (stream)->machine;

  for (guint i = 0; i < launch->n_accesses; i++)
    {
      const PinwheelAccess *access = &launch->accesses[i];
      gpointer address = (gpointer) access->address;

      accesses[i] = (PinwheelSimAccess){ address,      access->size, 1, access->size, 1,
                                         access->size, access->write };
      if (!pinwheel_sim_machine_pin (machine, &address, access->size,
                                     pinwheel_stream_get_name (stream), error))
        return FALSE;
      pinwheel_sim_machine_unpin (machine, (gpointer) access->address);
    }
  return check_work (stream, "launch", accesses, launch->n_accesses, error);
}

static gboolean
pinwheel_sim_stream_launch (PinwheelStream *stream, const PinwheelLaunch *launch, GError **error)
{
  PinwheelSimAccess accesses[PINWHEEL_MAX_ARGUMENTS];
  PinwheelSimFunction *function;
  PinwheelWorkCall call;

  g_return_val_if_fail (launch->n_accesses <= PINWHEEL_MAX_ARGUMENTS, FALSE);

  if (!PINWHEEL_IS_SIM_FUNCTION (launch->function))
    {
      g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_DEVICE,
                   "stream '%s': the kernel was loaded on another device",
                   pinwheel_stream_get_name (stream));
      return FALSE;
    }
  function = PINWHEEL_SIM_FUNCTION (launch->function);
  if (!pinwheel_host_function_prepare (function->code, launch, &call, error)
      || !check_launch (stream, launch, accesses, error))
    return FALSE;
  call.tag = (gpointer) function->is_pointer;
  return note_end (stream, pinwheel_work_queue_add_call (queue_of (stream), &call, error));
}

static gboolean
pinwheel_sim_stream_wait (PinwheelStream *stream, PinwheelFence fence, GError **error)
{
  /* Only the host can wait for another kind of device in this one's place. */
  if (!PINWHEEL_IS_SIM_STREAM (fence.stream))
    return pinwheel_fence_sync (fence, error);
  if (!note_end (stream, pinwheel_work_queue_add_wait (queue_of (stream), queue_of (fence.stream),
                                                       fence.value, error)))
    return FALSE;
  pinwheel_sim_checker_add_wait (PINWHEEL_SIM_STREAM (stream)->checked_as,
                                 PINWHEEL_SIM_STREAM (fence.stream)->checked_as, fence.value);
  return TRUE;
}

static gboolean
pinwheel_sim_stream_record (PinwheelStream *stream, guint64 *value, GError **error)
{
  return note_end (stream, pinwheel_work_queue_record (queue_of (stream), value, error));
}

static gboolean
pinwheel_sim_stream_is_passed (PinwheelStream *stream, guint64 value)
{
  if (!pinwheel_work_queue_is_passed (queue_of (stream), value))
    return FALSE;
  pinwheel_sim_checker_saw (PINWHEEL_SIM_STREAM (stream)->checked_as, value);
  return TRUE;
}

static gboolean
pinwheel_sim_stream_sync (PinwheelStream *stream, guint64 value, GError **error)
{
  gboolean ok = pinwheel_work_queue_sync (queue_of (stream), value, error);

  /* what failed is over as well */
  pinwheel_sim_checker_saw (PINWHEEL_SIM_STREAM (stream)->checked_as, value);
  return ok;
}

static void
pinwheel_sim_stream_cancel (PinwheelStream *stream)
{
  pinwheel_work_queue_cancel (queue_of (stream));
}

static void
pinwheel_sim_stream_set_mark (PinwheelStream *stream, guint64 mark)
{
  pinwheel_work_queue_set_mark (queue_of (stream), mark);
}

static void
pinwheel_sim_stream_finalize (GObject *object)
{
  PinwheelSimStream *self = PINWHEEL_SIM_STREAM (object);

  if (self->queue != NULL)
    pinwheel_work_queue_close (self->queue);
  pinwheel_sim_checker_remove_stream (self->checked_as);
  g_clear_pointer (&self->machine, pinwheel_sim_machine_unref);

  G_OBJECT_CLASS (pinwheel_sim_stream_parent_class)->finalize (object);
}

static void
pinwheel_sim_stream_class_init (PinwheelSimStreamClass *klass)
{
  PinwheelStreamClass *stream_class = PINWHEEL_STREAM_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = pinwheel_sim_stream_finalize;
  stream_class->copy = pinwheel_sim_stream_copy;
  stream_class->launch = pinwheel_sim_stream_launch;
  stream_class->wait = pinwheel_sim_stream_wait;
  stream_class->record = pinwheel_sim_stream_record;
  stream_class->is_passed = pinwheel_sim_stream_is_passed;
  stream_class->sync = pinwheel_sim_stream_sync;
  stream_class->cancel = pinwheel_sim_stream_cancel;
  stream_class->set_mark = pinwheel_sim_stream_set_mark;
}

static void
pinwheel_sim_stream_init (PinwheelSimStream *self)
{
}

PinwheelStream *
pinwheel_sim_stream_new (PinwheelDevice *device, PinwheelSimMachine *machine, const char *name,
                         GError **error)
{
  Worker *worker = g_new0 (Worker, 1);
  PinwheelWorkQueue *queue;
  PinwheelSimStream *self;

  worker->machine = pinwheel_sim_machine_ref (machine);
  worker->name = g_strdup (name);
  worker->random = pinwheel_sim_machine_get_options (machine)->seed * 2654435761u
                   + g_str_hash (name);
  pinwheel_lock_init (&worker->lock);
  g_cond_init (&worker->stopped);
  queue = pinwheel_work_queue_new (name, &worker_class, worker, error);
  if (queue == NULL)
    return NULL;
  self = g_object_new (PINWHEEL_TYPE_SIM_STREAM, "device", device, "name", name, NULL);
  self->queue = queue;
  self->machine = pinwheel_sim_machine_ref (machine);
  self->checked_as = pinwheel_sim_checker_add_stream (name);
  return PINWHEEL_STREAM (self);
}

/* --- kernels --- */

static void
pinwheel_sim_function_finalize (GObject *object)
{
  g_clear_object (&PINWHEEL_SIM_FUNCTION (object)->code);

  G_OBJECT_CLASS (pinwheel_sim_function_parent_class)->finalize (object);
}

static void
pinwheel_sim_function_class_init (PinwheelSimFunctionClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = pinwheel_sim_function_finalize;
}

static void
pinwheel_sim_function_init (PinwheelSimFunction *self)
{
}

/* One copy of each pattern of arguments, for good: there are few. */
static const gboolean *
keep_pattern (const PinwheelImage *image)
{
  g_autoptr (GString) text = g_string_new (NULL);
  gsize size = PINWHEEL_MAX_ARGUMENTS * sizeof (gboolean);
  static PinwheelLock lock;
  static GHashTable *patterns; /* (lock) */
  gboolean *pattern;

  for (guint i = 0; i < image->n_arguments; i++)
    g_string_append_c (
        text, image->argument_is_pointer != NULL && image->argument_is_pointer[i] ? 'p' : 'v');
  pinwheel_lock (&lock);
  if (patterns == NULL)
    patterns = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  pattern = g_hash_table_lookup (patterns, text->str);
  if (pattern == NULL)
    {
      pattern = g_malloc0 (size);
      for (gsize i = 0; i < text->len; i++)
        pattern[i] = text->str[i] == 'p';
      g_hash_table_insert (patterns, g_strdup (text->str), pattern);
    }
  pinwheel_unlock (&lock);
  return pattern;
}

PinwheelFunction *
pinwheel_sim_function_new (const PinwheelImage *image, GError **error)
{
  PinwheelFunction *code = pinwheel_host_function_new (image, error);
  PinwheelSimFunction *self;

  if (code == NULL)
    return NULL;
  self = g_object_new (PINWHEEL_TYPE_SIM_FUNCTION, NULL);
  self->code = PINWHEEL_HOST_FUNCTION (code);
  self->is_pointer = keep_pattern (image);
  return PINWHEEL_FUNCTION (self);
}
