/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <sched.h>

#include "base/clock-private.h"
#include "base/lock-private.h"
#include "graph/link-private.h"

/* A thread that finds nothing to do looks again this many times before it gives its core away, and
 * gives it away this many times before it sleeps. Waking a sleeper costs more than a chunk's whole
 * way through an element; spinning for long steals the core from the thread one waits for. */
#define SPINS  60
#define YIELDS 2

struct _PinwheelLink
{
  PinwheelChunk **ring; /* a slot is the writer's until written is raised, then the reader's until
                           read is raised */
  guint depth;          /* fixed while a run lasts */
  guint write_slot;     /* the pushing thread's */
  guint read_slot;      /* the popping thread's */

  /* Counts of chunks ever pushed and popped; they wrap. Each is raised by one side only. */
  guint written; /* atomic, the pushing thread's */
  guint read;    /* atomic, the popping thread's */
  gint eos;      /* atomic: no more will be pushed */
  gint stopped;  /* atomic */

  PinwheelLock lock;  /* leaf lock, for sleeping only */
  GCond room;         /* the writer sleeps here */
  GCond data;         /* the reader sleeps here */
  gint writer_sleeps; /* atomic; raised and cleared under lock */
  gint reader_sleeps; /* atomic; raised and cleared under lock */

  guint64 waited_push; /* atomic, the pushing thread's */
  guint64 waited_pop;  /* atomic, the popping thread's */

  /* atomic: pinwheel_clock() when that side began to wait, 0 while it does not; for who looks on */
  guint64 push_waits_since, pop_waits_since;
};

PinwheelLink *
pinwheel_link_new (void)
{
  PinwheelLink *self = g_new0 (PinwheelLink, 1);

  pinwheel_lock_init (&self->lock);
  g_cond_init (&self->room);
  g_cond_init (&self->data);
  return self;
}

static void
pinwheel_link_clear (PinwheelLink *self)
{
  for (; self->read != self->written; self->read++)
    {
      pinwheel_chunk_unref (self->ring[self->read_slot]);
      self->read_slot = (self->read_slot + 1) % self->depth;
    }
  g_clear_pointer (&self->ring, g_free);
}

void
pinwheel_link_free (PinwheelLink *self)
{
  pinwheel_link_clear (self);
  g_cond_clear (&self->data);
  g_cond_clear (&self->room);
  pinwheel_lock_clear (&self->lock);
  g_free (self);
}

void
pinwheel_link_reset (PinwheelLink *self, guint depth)
{
  pinwheel_link_clear (self);
  self->depth = depth;
  self->ring = depth > 0 ? g_new0 (PinwheelChunk *, depth) : NULL;
  self->written = self->read = 0;
  self->write_slot = self->read_slot = 0;
  self->eos = self->stopped = FALSE;
  pinwheel_counter_set (&self->waited_push, 0);
  pinwheel_counter_set (&self->waited_pop, 0);
  pinwheel_counter_set (&self->push_waits_since, 0);
  pinwheel_counter_set (&self->pop_waits_since, 0);
}

void
pinwheel_link_drop (PinwheelLink *self)
{
  pinwheel_link_clear (self);
}

static inline guint
pinwheel_link_length (PinwheelLink *self)
{
  return (guint) g_atomic_int_get (&self->written) - (guint) g_atomic_int_get (&self->read);
}

static inline gboolean
pinwheel_link_writer_may_go (PinwheelLink *self)
{
  return pinwheel_link_length (self) < self->depth || g_atomic_int_get (&self->stopped);
}

static inline gboolean
pinwheel_link_reader_may_go (PinwheelLink *self)
{
  /* EOS is raised after the last chunk: read in the opposite order */
  return g_atomic_int_get (&self->eos) || pinwheel_link_length (self) > 0
         || g_atomic_int_get (&self->stopped);
}

static inline void
pinwheel_cpu_relax (void)
{
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause ();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

static void
pinwheel_link_wake (PinwheelLink *self, GCond *cond, gint *sleeps)
{
  pinwheel_lock (&self->lock);
  g_atomic_int_set (sleeps, FALSE);
  g_cond_signal (cond);
  pinwheel_unlock (&self->lock);
}

static gboolean
pinwheel_link_may_go (PinwheelLink *self, gboolean writer)
{
  return writer ? pinwheel_link_writer_may_go (self) : pinwheel_link_reader_may_go (self);
}

/* Spins, yields, then sleeps until this side may go on. */
static void
pinwheel_link_wait (PinwheelLink *self, gboolean writer)
{
  GCond *cond = writer ? &self->room : &self->data;
  gint *sleeps = writer ? &self->writer_sleeps : &self->reader_sleeps;
  guint64 *waited = writer ? &self->waited_push : &self->waited_pop;
  guint64 *since = writer ? &self->push_waits_since : &self->pop_waits_since;
  guint64 begin = pinwheel_clock ();
  gboolean go = FALSE;

  for (int i = 0; i < SPINS + YIELDS && !go; i++)
    {
      if (i < SPINS)
        pinwheel_cpu_relax ();
      else
        sched_yield ();
      go = pinwheel_link_may_go (self, writer);
    }
  if (!go)
    {
      pinwheel_counter_set (since, begin);
      pinwheel_lock (&self->lock);
      /* raise the flag, then look again: the other side raises its count, then looks at the flag */
      g_atomic_int_set (sleeps, TRUE);
      while (!pinwheel_link_may_go (self, writer))
        {
          pinwheel_cond_wait (cond, &self->lock);
          g_atomic_int_set (sleeps, TRUE);
        }
      g_atomic_int_set (sleeps, FALSE);
      pinwheel_unlock (&self->lock);
      pinwheel_counter_set (since, 0);
    }
  pinwheel_counter_add (waited, pinwheel_clock () - begin);
}

PinwheelFlow
pinwheel_link_push (PinwheelLink *self, PinwheelChunk *chunk)
{
  if (!pinwheel_link_writer_may_go (self))
    pinwheel_link_wait (self, TRUE);
  if (g_atomic_int_get (&self->stopped))
    {
      pinwheel_chunk_unref (chunk);
      return PINWHEEL_FLOW_STOPPED;
    }
  self->ring[self->write_slot] = chunk;
  self->write_slot = (self->write_slot + 1) % self->depth;
  g_atomic_int_inc ((gint *) &self->written);
  if (g_atomic_int_get (&self->reader_sleeps))
    pinwheel_link_wake (self, &self->data, &self->reader_sleeps);
  return PINWHEEL_FLOW_OK;
}

PinwheelFlow
pinwheel_link_push_eos (PinwheelLink *self)
{
  g_atomic_int_set (&self->eos, TRUE);
  if (g_atomic_int_get (&self->reader_sleeps))
    pinwheel_link_wake (self, &self->data, &self->reader_sleeps);
  return g_atomic_int_get (&self->stopped) ? PINWHEEL_FLOW_STOPPED : PINWHEEL_FLOW_OK;
}

PinwheelFlow
pinwheel_link_pop (PinwheelLink *self, PinwheelChunk **chunk)
{
  gboolean eos;

  *chunk = NULL;
  if (!pinwheel_link_reader_may_go (self))
    pinwheel_link_wait (self, FALSE);
  if (g_atomic_int_get (&self->stopped))
    return PINWHEEL_FLOW_STOPPED;
  eos = g_atomic_int_get (&self->eos);
  if (pinwheel_link_length (self) == 0)
    {
      g_return_val_if_fail (eos, PINWHEEL_FLOW_STOPPED);
      return PINWHEEL_FLOW_EOS;
    }
  *chunk = self->ring[self->read_slot];
  self->read_slot = (self->read_slot + 1) % self->depth;
  g_atomic_int_inc ((gint *) &self->read);
  if (g_atomic_int_get (&self->writer_sleeps))
    pinwheel_link_wake (self, &self->room, &self->writer_sleeps);
  return PINWHEEL_FLOW_OK;
}

void
pinwheel_link_stop (PinwheelLink *self)
{
  pinwheel_lock (&self->lock);
  g_atomic_int_set (&self->stopped, TRUE);
  g_cond_broadcast (&self->room);
  g_cond_broadcast (&self->data);
  pinwheel_unlock (&self->lock);
}

void
pinwheel_link_look (PinwheelLink *self, PinwheelLinkView *view)
{
  view->depth = self->depth;
  view->read = (guint) g_atomic_int_get (&self->read);
  view->length = pinwheel_link_length (self);
  view->push_waits_since = pinwheel_counter_get (&self->push_waits_since);
  view->pop_waits_since = pinwheel_counter_get (&self->pop_waits_since);
}

guint64
pinwheel_link_get_waited_push (PinwheelLink *self)
{
  return pinwheel_counter_get (&self->waited_push);
}

guint64
pinwheel_link_get_waited_pop (PinwheelLink *self)
{
  return pinwheel_counter_get (&self->waited_pop);
}
