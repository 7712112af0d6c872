/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The work of one stream: a ring, and the thread that works it off. */
#include "config.h"

#include <string.h>

#include "base/clock-private.h"
#include "base/error-private.h"
#include "base/lock-private.h"
#include "base/log-private.h"
#include "device/workers-private.h"
#include "device/work-queue-private.h"

#define RING_LENGTH 256
/* Arguments are allocated from here in the order in which they are freed: one block for each
 * launch, never wrapped around. It holds several launches of the largest kind, so that one always
 * fits. */
#define ARENA_BYTES        (64 * 1024)
#define ARGUMENT_ALIGNMENT 16
#define LARGEST_CALL                                                                               \
  (PINWHEEL_MAX_ARGUMENTS * (sizeof (void *) + ARGUMENT_ALIGNMENT) + PINWHEEL_MAX_ARGUMENT_BYTES)
G_STATIC_ASSERT (LARGEST_CALL <= ARENA_BYTES / 2);

typedef enum
{
  WORK_COPY,
  WORK_CALL,
  WORK_WAIT
} WorkKind;

typedef struct
{
  WorkKind kind;
  guint64 added;     /* when it came, as pinwheel_clock() */
  guint64 mark;      /* what it is for */
  guint64 arena_end; /* what is freed when this item is done */
  union
  {
    PinwheelCopy copy;
    PinwheelWorkLaunch call; /* its arguments are in the arena, and so is what they point to */
    struct
    {
      PinwheelWorkQueue *queue; /* owned until the item is done */
      guint64 value;
    } wait;
  };
} Work;

struct _PinwheelWorkQueue
{
  gint ref_count;               /* atomic: the stream, the thread, and each wait for this queue */
  char *name;                   /* immutable */
  pthread_t thread;             /* immutable */
  const PinwheelWorker *worker; /* immutable */
  gpointer owner;               /* immutable, owned where the worker has a free() */
  gint stopped;                 /* atomic: 1 once error is set; read between ranges of blocks */

  PinwheelLock lock;          /* leaf lock: no work runs while it is held */
  GCond work;                 /* signalled when an item comes or the queue closes */
  GCond progress;             /* signalled when an item is done or the queue stops */
  guint n_waiting;            /* (lock) threads that wait for progress */
  gboolean idle;              /* (lock) the thread waits for work and nobody has woken it */
  gboolean closing;           /* (lock) no work comes any more */
  guint64 mark;               /* (lock) of the items that come */
  guint64 added;              /* (lock) number of the last item that came */
  guint64 done;               /* (lock) number of the last item that is done or skipped */
  guint64 failed_at;          /* (lock) where error is set: the first item that may be incomplete */
  GError *error;              /* (lock) set once */
  PinwheelWorkQueue *awaited; /* (lock) where the thread waits now; owned by that item */
  guint64 arena_head, arena_tail; /* (lock) bytes ever allocated and freed */
  Work ring[RING_LENGTH];         /* (lock) item n in place n % RING_LENGTH */
  /* between tail and head: written under lock, then read by who runs it */
  _Alignas(ARGUMENT_ALIGNMENT) guint8 arena[ARENA_BYTES];
};

static PinwheelWorkQueue *
work_queue_ref (PinwheelWorkQueue *self)
{
  g_atomic_int_inc (&self->ref_count);
  return self;
}

static void
work_queue_unref (PinwheelWorkQueue *self)
{
  if (!g_atomic_int_dec_and_test (&self->ref_count))
    return;
  if (self->worker->free != NULL)
    self->worker->free (self->owner);
  g_clear_error (&self->error);
  g_cond_clear (&self->progress);
  g_cond_clear (&self->work);
  pinwheel_lock_clear (&self->lock);
  g_free (self->name);
  g_free (self);
}

static void wait_progress_locked (PinwheelWorkQueue *self) PINWHEEL_REQUIRES (self->lock);
static void
wait_progress_locked (PinwheelWorkQueue *self)
{
  self->n_waiting++;
  pinwheel_cond_wait (&self->progress, &self->lock);
  self->n_waiting--;
}

/* @error: (transfer full): kept where it is the first */
static void stop_locked (PinwheelWorkQueue *self, GError *error) PINWHEEL_REQUIRES (self->lock);
static void
stop_locked (PinwheelWorkQueue *self, GError *error)
{
  if (self->error != NULL)
    {
      g_error_free (error);
      return;
    }
  self->error = error;
  self->failed_at = self->done + 1;
  g_atomic_int_set (&self->stopped, 1);
  g_cond_broadcast (&self->progress);
  if (self->worker->wake != NULL)
    self->worker->wake (self->owner);
}

/* --- the thread's side --- */

/* Waits until the other queue has come as far, or this one is stopped: whoever stops this one wakes
 * the other's waiters. */
static void
run_wait (PinwheelWorkQueue *self, PinwheelWorkQueue *other, guint64 value)
{
  GError *error = NULL;

  pinwheel_lock (&self->lock);
  self->awaited = other;
  pinwheel_unlock (&self->lock);

  pinwheel_lock (&other->lock);
  while (other->done < value && !g_atomic_int_get (&self->stopped))
    wait_progress_locked (other);
  if (other->error != NULL && value >= other->failed_at)
    error = g_error_copy (other->error);
  pinwheel_unlock (&other->lock);
  if (error == NULL && self->worker->waited != NULL)
    self->worker->waited (self->owner, other->owner);

  pinwheel_lock (&self->lock);
  self->awaited = NULL;
  if (error != NULL)
    stop_locked (self, error);
  pinwheel_unlock (&self->lock);
}

static void
run_work (PinwheelWorkQueue *self, Work *work)
{
  GError *error = NULL;

  switch (work->kind)
    {
    case WORK_COPY:
      error = self->worker->copy (self->owner, work->added, &work->copy, &self->stopped);
      break;
    case WORK_CALL:
      error = self->worker->launch (self->owner, work->added, &work->call, &self->stopped);
      break;
    case WORK_WAIT:
      run_wait (self, work->wait.queue, work->wait.value);
      break;
    }
  if (error == NULL)
    return;
  pinwheel_error_set_owner (error, self->name, work->mark);
  pinwheel_work_queue_fail (self, error);
}

static void *
work_queue_main (void *data)
{
  PinwheelWorkQueue *self = data;

  pinwheel_lock (&self->lock);
  for (;;)
    {
      Work work;

      while (self->done == self->added && !self->closing)
        {
          self->idle = TRUE;
          pinwheel_cond_wait (&self->work, &self->lock);
          self->idle = FALSE;
        }
      if (self->done == self->added)
        break;
      work = self->ring[(self->done + 1) % RING_LENGTH];
      pinwheel_unlock (&self->lock);

      if (!g_atomic_int_get (&self->stopped))
        run_work (self, &work);
      if (work.kind == WORK_WAIT)
        work_queue_unref (work.wait.queue);

      pinwheel_lock (&self->lock);
      self->done++;
      self->arena_tail = work.arena_end;
      if (self->n_waiting > 0)
        g_cond_broadcast (&self->progress);
    }
  pinwheel_unlock (&self->lock);
  work_queue_unref (self);
  return NULL;
}

void
pinwheel_work_copy (const PinwheelCopy *copy)
{
  const guint8 *source = copy->source;
  guint8 *target = copy->target;

  for (gsize slice = 0; slice < copy->depth; slice++)
    for (gsize row = 0; row < copy->height; row++)
      memcpy (target + slice * copy->target_slice + row * copy->target_pitch,
              source + slice * copy->source_slice + row * copy->source_pitch, copy->width);
}

/* --- the callers' side --- */

PinwheelWorkQueue *
pinwheel_work_queue_new (const char *name, const PinwheelWorker *worker, gpointer owner,
                         GError **error)
{
  PinwheelWorkQueue *self = g_new0 (PinwheelWorkQueue, 1);
  int failure;

  self->ref_count = 2;
  self->name = g_strdup (name);
  self->mark = G_MAXUINT64;
  self->worker = worker;
  self->owner = owner;
  pinwheel_lock_init (&self->lock);
  g_cond_init (&self->work);
  g_cond_init (&self->progress);
  failure = pinwheel_workers_start_thread (&self->thread, name, work_queue_main, self);
  if (failure == 0)
    return self;

  self->ref_count = 1;
  work_queue_unref (self);
  g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_RESOURCE,
               "cannot start the thread of stream '%s': %s", name, g_strerror (failure));
  return NULL;
}

void
pinwheel_work_queue_close (PinwheelWorkQueue *self)
{
  pinwheel_lock (&self->lock);
  self->closing = TRUE;
  g_cond_signal (&self->work);
  pinwheel_unlock (&self->lock);

  /* A kernel could drop the last reference on its own stream; its thread cannot join itself. */
  if (pthread_equal (self->thread, pthread_self ()))
    pthread_detach (self->thread);
  else
    pthread_join (self->thread, NULL);
  work_queue_unref (self);
}

/* Returns: FALSE with the queue's error, once nothing runs any more */
static gboolean check_stopped_locked (PinwheelWorkQueue *self, GError **error)
    PINWHEEL_REQUIRES (self->lock);
static gboolean
check_stopped_locked (PinwheelWorkQueue *self, GError **error)
{
  if (self->error == NULL)
    return TRUE;
  while (self->done < self->added)
    wait_progress_locked (self);
  if (error != NULL)
    *error = g_error_copy (self->error);
  return FALSE;
}

/* Returns: where a block of @size bytes would start, counted as arena_head is; it may not fit yet
 */
static guint64 arena_place_locked (PinwheelWorkQueue *self, gsize size)
    PINWHEEL_REQUIRES (self->lock);
static guint64
arena_place_locked (PinwheelWorkQueue *self, gsize size)
{
  guint64 left = ARENA_BYTES - self->arena_head % ARENA_BYTES;

  return left >= size ? self->arena_head : self->arena_head + left;
}

/* Waits for a free place in the ring and @size bytes of the arena, then takes both.
 * @memory: (out) (optional): the bytes
 * Returns: (nullable): the item to fill, before the lock is given up; NULL with the queue's error
 */
static Work *reserve_locked (PinwheelWorkQueue *self, gsize size, guint8 **memory, GError **error)
    PINWHEEL_REQUIRES (self->lock);
static Work *
reserve_locked (PinwheelWorkQueue *self, gsize size, guint8 **memory, GError **error)
{
  guint64 place = arena_place_locked (self, size);
  Work *work;

  while (
      self->error == NULL
      && (self->added - self->done == RING_LENGTH || place + size - self->arena_tail > ARENA_BYTES))
    {
      pinwheel_log ("stream", PINWHEEL_LOG_LOG, self->name, "full: waiting for work to be done");
      wait_progress_locked (self);
      place = arena_place_locked (self, size);
    }
  if (!check_stopped_locked (self, error))
    return NULL;

  self->arena_head = place + size;
  self->added++;
  work = &self->ring[self->added % RING_LENGTH];
  work->added = pinwheel_clock ();
  work->mark = self->mark;
  work->arena_end = self->arena_head;
  if (memory != NULL)
    *memory = self->arena + place % ARENA_BYTES;
  if (self->idle)
    {
      self->idle = FALSE;
      g_cond_signal (&self->work);
    }
  return work;
}

void
pinwheel_work_queue_set_mark (PinwheelWorkQueue *self, guint64 mark)
{
  pinwheel_lock (&self->lock);
  self->mark = mark;
  pinwheel_unlock (&self->lock);
}

gboolean
pinwheel_work_queue_add_copy (PinwheelWorkQueue *self, const PinwheelCopy *copy, GError **error)
{
  Work *work;

  pinwheel_lock (&self->lock);
  work = reserve_locked (self, 0, NULL, error);
  if (work != NULL)
    {
      work->kind = WORK_COPY;
      work->copy = *copy;
    }
  pinwheel_unlock (&self->lock);
  return work != NULL;
}

static gsize
align_argument (gsize size)
{
  return (size + ARGUMENT_ALIGNMENT - 1) & ~(gsize) (ARGUMENT_ALIGNMENT - 1);
}

/* @memory: first the pointers, then what they point to */
static void
copy_arguments (const PinwheelWorkCall *call, guint8 *memory)
{
  void **pointers = (void **) memory;
  guint8 *value = memory + align_argument (call->n_arguments * sizeof (void *));

  for (guint i = 0; i < call->n_arguments; i++)
    {
      memcpy (value, call->arguments[i], call->argument_sizes[i]);
      pointers[i] = value;
      value += align_argument (call->argument_sizes[i]);
    }
}

gboolean
pinwheel_work_queue_add_call (PinwheelWorkQueue *self, const PinwheelWorkCall *call, GError **error)
{
  gsize size = align_argument (call->n_arguments * sizeof (void *));
  guint8 *memory;
  Work *work;

  for (guint i = 0; i < call->n_arguments; i++)
    size += align_argument (call->argument_sizes[i]);

  pinwheel_lock (&self->lock);
  work = reserve_locked (self, size, &memory, error);
  if (work != NULL)
    {
      copy_arguments (call, memory);
      work->kind = WORK_CALL;
      work->call.run = call->run;
      work->call.shape = call->shape;
      work->call.n_blocks = call->n_blocks;
      work->call.in_order = call->in_order;
      work->call.n_arguments = call->n_arguments;
      work->call.arguments = (void **) memory;
      work->call.tag = call->tag;
    }
  pinwheel_unlock (&self->lock);
  return work != NULL;
}

gboolean
pinwheel_work_queue_add_wait (PinwheelWorkQueue *self, PinwheelWorkQueue *other, guint64 value,
                              GError **error)
{
  Work *work;

  pinwheel_lock (&self->lock);
  work = reserve_locked (self, 0, NULL, error);
  if (work != NULL)
    {
      work->kind = WORK_WAIT;
      work->wait.queue = work_queue_ref (other);
      work->wait.value = value;
    }
  pinwheel_unlock (&self->lock);
  return work != NULL;
}

gboolean
pinwheel_work_queue_record (PinwheelWorkQueue *self, guint64 *value, GError **error)
{
  gboolean ok;

  pinwheel_lock (&self->lock);
  ok = check_stopped_locked (self, error);
  *value = self->added;
  pinwheel_unlock (&self->lock);
  return ok;
}

gboolean
pinwheel_work_queue_is_passed (PinwheelWorkQueue *self, guint64 value)
{
  gboolean passed;

  pinwheel_lock (&self->lock);
  passed = self->done >= value;
  pinwheel_unlock (&self->lock);
  return passed;
}

gboolean
pinwheel_work_queue_sync (PinwheelWorkQueue *self, guint64 value, GError **error)
{
  gboolean ok;

  pinwheel_lock (&self->lock);
  while (self->done < value)
    wait_progress_locked (self);
  ok = self->error == NULL || value < self->failed_at;
  if (!ok && error != NULL)
    *error = g_error_copy (self->error);
  pinwheel_unlock (&self->lock);
  return ok;
}

void
pinwheel_work_queue_cancel (PinwheelWorkQueue *self)
{
  pinwheel_work_queue_fail (self, g_error_new (PINWHEEL_ERROR, PINWHEEL_ERROR_STOPPED,
                                               "stream '%s' was cancelled", self->name));
}

void
pinwheel_work_queue_fail (PinwheelWorkQueue *self, GError *error)
{
  PinwheelWorkQueue *awaited;

  pinwheel_lock (&self->lock);
  stop_locked (self, error);
  awaited = self->awaited != NULL ? work_queue_ref (self->awaited) : NULL;
  pinwheel_unlock (&self->lock);

  if (awaited == NULL)
    return;
  pinwheel_lock (&awaited->lock);
  g_cond_broadcast (&awaited->progress);
  pinwheel_unlock (&awaited->lock);
  work_queue_unref (awaited);
}
