/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The fixed set of buffers of one stage. */
#include "config.h"

#include <errno.h>
#include <sys/mman.h>

#include <pinwheel/pool.h>

#include "base/clock-private.h"
#include "base/log-private.h"
#include "device/device-private.h"
#include "memory/buffer-private.h"
#include "memory/pool-private.h"

/* Freed when the pool is dropped and every buffer is home. */
struct _PinwheelPoolState
{
  PinwheelDevice *device;  /* immutable, owned */
  PinwheelMemoryKind kind; /* immutable */
  gboolean pageable;       /* immutable: memory is not the device's */
  gpointer memory;         /* immutable, owned: one allocation for all buffers */
  gsize size;              /* immutable: bytes of it */
  PinwheelBuffer *buffers; /* immutable (array length=n_buffers), owned */
  guint n_buffers;         /* immutable */
  GObject *listener;       /* (nullable) owned; set before any buffer is lent, like notify */
  void (*notify) (gpointer listener);

  PinwheelLock lock;     /* leaf lock: nothing is called out to while it is held */
  GCond back;            /* signalled when a buffer comes home or flushing starts */
  PinwheelBuffer **home; /* (lock) ring of n_buffers places: the longest at home leaves first, its
                            fences have had the most time to pass */
  guint first, n_home;   /* (lock) */
  guint n_waiting;       /* (lock) */
  gboolean flushing;     /* (lock) */
  gboolean dropped;      /* (lock) the pool is gone */
  guint64 waited;        /* (lock) nanoseconds */
  guint64 waiting_since; /* (lock) pinwheel_clock(), or 0: nobody waits */
};

struct _PinwheelPool
{
  GObject parent_instance;

  PinwheelPoolState *state; /* set once, before anybody else has the pool */
};

G_DEFINE_FINAL_TYPE (PinwheelPool, pinwheel_pool, G_TYPE_OBJECT)

static void
pool_state_free (PinwheelPoolState *state)
{
  for (guint i = 0; i < state->n_buffers; i++)
    pinwheel_buffer_clear (&state->buffers[i]);
  if (!state->pageable)
    pinwheel_device_free (state->device, state->kind, state->size, state->memory);
  else if (state->memory != NULL)
    munmap (state->memory, state->size);
  g_object_unref (state->device);
  g_clear_object (&state->listener);
  g_cond_clear (&state->back);
  pinwheel_lock_clear (&state->lock);
  g_free (state->buffers);
  g_free (state->home);
  g_free (state);
}

static void push_home_locked (PinwheelPoolState *state, PinwheelBuffer *buffer)
    PINWHEEL_REQUIRES (state->lock);
static void
push_home_locked (PinwheelPoolState *state, PinwheelBuffer *buffer)
{
  state->home[(state->first + state->n_home) % state->n_buffers] = buffer;
  state->n_home++;
}

void
pinwheel_pool_state_take_back (PinwheelPoolState *state, PinwheelBuffer *buffer)
{
  void (*notify) (gpointer listener) = state->notify;
  g_autoptr (GObject) listener = NULL;
  gboolean last;

  pinwheel_device_buffer_came_home (state->device, buffer->memory);
  if (notify != NULL && pinwheel_buffer_keeps (buffer))
    listener = g_object_ref (state->listener);
  pinwheel_lock (&state->lock);
  push_home_locked (state, buffer);
  if (state->n_waiting > 0)
    g_cond_signal (&state->back);
  last = state->dropped && state->n_home == state->n_buffers;
  pinwheel_unlock (&state->lock);

  if (last)
    pool_state_free (state);
  else if (listener != NULL)
    notify (listener);
}

PinwheelDevice *
pinwheel_pool_state_get_device (PinwheelPoolState *state)
{
  return state->device;
}

static void
pinwheel_pool_finalize (GObject *object)
{
  PinwheelPool *self = PINWHEEL_POOL (object);
  PinwheelPoolState *state = self->state;
  gboolean last;

  if (state != NULL)
    {
      pinwheel_lock (&state->lock);
      state->dropped = TRUE;
      last = state->n_home == state->n_buffers;
      pinwheel_unlock (&state->lock);
      if (last)
        pool_state_free (state);
    }

  G_OBJECT_CLASS (pinwheel_pool_parent_class)->finalize (object);
}

static void
pinwheel_pool_class_init (PinwheelPoolClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = pinwheel_pool_finalize;
}

static void
pinwheel_pool_init (PinwheelPool *self)
{
}

/* @capacity: (inout): rounded up
 * @size: (out): of all buffers */
static gboolean
measure (guint n_buffers, gsize *capacity, gsize *size, GError **error)
{
  gsize asked = *capacity;

  if (!__builtin_add_overflow (asked, PINWHEEL_ALIGNMENT - 1, capacity))
    {
      *capacity -= *capacity % PINWHEEL_ALIGNMENT;
      if (!__builtin_mul_overflow (*capacity, n_buffers, size))
        return TRUE;
    }
  g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_MEMORY,
               "%u buffers of %" G_GSIZE_FORMAT " bytes are more than can be addressed", n_buffers,
               asked);
  return FALSE;
}

/* Returns: (nullable): pages of their own */
static gpointer
map_pageable (gsize size, GError **error)
{
  void *pages = mmap (NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

  if (pages != MAP_FAILED)
    return pages;
  g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_MEMORY,
               "cannot allocate %" G_GSIZE_FORMAT " bytes of pageable memory: %s", size,
               g_strerror (errno));
  return NULL;
}

static PinwheelPool *
new_pool (PinwheelDevice *device, PinwheelMemoryKind kind, gboolean pageable, guint n_buffers,
          gsize capacity, GError **error)
{
  PinwheelPoolState *state;
  PinwheelPool *self;
  gpointer memory = NULL;
  gsize size;

  if (!measure (n_buffers, &capacity, &size, error))
    return NULL;
  /* a stage whose arrays are never cut, or have an axis of length 0, needs tokens and no memory */
  if (size > 0
      && !(pageable ? (memory = map_pageable (size, error)) != NULL
                    : pinwheel_device_alloc (device, kind, size, &memory, error)))
    {
      g_prefix_error (error, "%u buffers of %" G_GSIZE_FORMAT " bytes: ", n_buffers, capacity);
      return NULL;
    }

  state = g_new0 (PinwheelPoolState, 1);
  state->device = g_object_ref (device);
  state->kind = kind;
  state->pageable = pageable;
  state->memory = memory;
  state->size = size;
  state->n_buffers = n_buffers;
  state->buffers = g_new0 (PinwheelBuffer, n_buffers);
  state->home = g_new0 (PinwheelBuffer *, n_buffers);
  pinwheel_lock_init (&state->lock);
  g_cond_init (&state->back);
  pinwheel_lock (&state->lock);
  for (guint i = 0; i < n_buffers; i++)
    {
      pinwheel_buffer_init (&state->buffers[i], state, kind,
                            size > 0 ? (guint8 *) memory + i * capacity : NULL, capacity);
      push_home_locked (state, &state->buffers[i]);
    }
  pinwheel_unlock (&state->lock);

  self = g_object_new (PINWHEEL_TYPE_POOL, NULL);
  self->state = state;
  return self;
}

PinwheelPool *
pinwheel_pool_new (PinwheelDevice *device, PinwheelMemoryKind kind, guint n_buffers, gsize capacity,
                   GError **error)
{
  g_return_val_if_fail (PINWHEEL_IS_DEVICE (device), NULL);
  g_return_val_if_fail (n_buffers > 0, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return new_pool (device, kind, FALSE, n_buffers, capacity, error);
}

PinwheelPool *
pinwheel_pool_new_pageable (PinwheelDevice *device, guint n_buffers, gsize capacity, GError **error)
{
  return new_pool (device, PINWHEEL_MEMORY_PINNED, TRUE, n_buffers, capacity, error);
}

static void wait_home_locked (PinwheelPoolState *state) PINWHEEL_REQUIRES (state->lock);
static void
wait_home_locked (PinwheelPoolState *state)
{
  guint64 began = pinwheel_clock ();

  pinwheel_log ("pool", PINWHEEL_LOG_LOG, NULL, "all %u buffers are lent: waiting",
                state->n_buffers);
  if (state->n_waiting == 0)
    state->waiting_since = began;
  while (state->n_home == 0 && !state->flushing)
    {
      state->n_waiting++;
      pinwheel_cond_wait (&state->back, &state->lock);
      state->n_waiting--;
    }
  if (state->n_waiting == 0)
    state->waiting_since = 0;
  state->waited += pinwheel_clock () - began;
}

static PinwheelBuffer *acquire_locked (PinwheelPoolState *state, GError **error)
    PINWHEEL_REQUIRES (state->lock);
static PinwheelBuffer *
acquire_locked (PinwheelPoolState *state, GError **error)
{
  PinwheelBuffer *buffer;

  if (state->n_home == 0 && !state->flushing)
    wait_home_locked (state);
  if (state->flushing)
    {
      g_set_error_literal (error, PINWHEEL_ERROR, PINWHEEL_ERROR_STOPPED,
                           "waiting for a buffer was ended");
      return NULL;
    }
  buffer = state->home[state->first];
  state->first = (state->first + 1) % state->n_buffers;
  state->n_home--;
  g_atomic_int_set (&buffer->ref_count, 1);
  return buffer;
}

PinwheelBuffer *
pinwheel_pool_acquire (PinwheelPool *self, GError **error)
{
  PinwheelBuffer *buffer;

  g_return_val_if_fail (PINWHEEL_IS_POOL (self), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  pinwheel_lock (&self->state->lock);
  buffer = acquire_locked (self->state, error);
  pinwheel_unlock (&self->state->lock);
  if (buffer != NULL)
    pinwheel_device_buffer_was_lent (self->state->device, buffer->memory);
  return buffer;
}

void
pinwheel_pool_set_listener (PinwheelPool *self, GObject *listener,
                            void (*notify) (gpointer listener))
{
  self->state->notify = notify;
  self->state->listener = g_object_ref (listener);
}

/* Returns: (nullable): the one that is longest at home */
static PinwheelBuffer *
take_first (PinwheelPoolState *state)
{
  PinwheelBuffer *buffer = NULL;

  pinwheel_lock (&state->lock);
  if (state->n_home > 0)
    buffer = acquire_locked (state, NULL);
  pinwheel_unlock (&state->lock);
  return buffer;
}

gboolean
pinwheel_pool_reap (PinwheelPool *self, GError **error)
{
  gboolean ok = TRUE;

  for (guint n = pinwheel_pool_get_n_home (self); n > 0 && ok; n--)
    {
      PinwheelBuffer *buffer = take_first (self->state);

      if (buffer == NULL)
        break;
      if (pinwheel_buffer_keeps (buffer))
        {
          ok = pinwheel_buffer_sync_writable (buffer, error);
          if (ok)
            pinwheel_buffer_keep (buffer, NULL, NULL);
        }
      /* one that failed keeps its fences and what it keeps until the pool goes */
      pinwheel_buffer_unref (buffer);
    }
  return ok;
}

void
pinwheel_pool_set_flushing (PinwheelPool *self, gboolean flushing)
{
  PinwheelPoolState *state;

  g_return_if_fail (PINWHEEL_IS_POOL (self));

  state = self->state;
  pinwheel_lock (&state->lock);
  state->flushing = flushing;
  if (flushing)
    g_cond_broadcast (&state->back);
  pinwheel_unlock (&state->lock);
}

guint
pinwheel_pool_get_n_buffers (PinwheelPool *self)
{
  g_return_val_if_fail (PINWHEEL_IS_POOL (self), 0);

  return self->state->n_buffers;
}

guint
pinwheel_pool_get_n_home (PinwheelPool *self)
{
  guint n_home;

  g_return_val_if_fail (PINWHEEL_IS_POOL (self), 0);

  pinwheel_lock (&self->state->lock);
  n_home = self->state->n_home;
  pinwheel_unlock (&self->state->lock);
  return n_home;
}

guint
pinwheel_pool_get_n_idle (PinwheelPool *self)
{
  PinwheelPoolState *state = self->state;
  guint n = 0;

  for (guint i = 0; i < state->n_buffers; i++)
    n += g_atomic_int_get (&state->buffers[i].ref_count) == 0
         && pinwheel_buffer_has_passed (&state->buffers[i]);
  return n;
}

guint64
pinwheel_pool_get_waited (PinwheelPool *self)
{
  guint64 waited;

  g_return_val_if_fail (PINWHEEL_IS_POOL (self), 0);

  pinwheel_lock (&self->state->lock);
  waited = self->state->waited;
  pinwheel_unlock (&self->state->lock);
  return waited;
}

guint64
pinwheel_pool_get_waiting_since (PinwheelPool *self)
{
  guint64 since;

  pinwheel_lock (&self->state->lock);
  since = self->state->waiting_since;
  pinwheel_unlock (&self->state->lock);
  return since;
}
