/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <errno.h>
#include <string.h>

#include "device/host/fibers-private.h"

#define LANES PINWHEEL_HOST_WARP_LANES

static void fibers_free (gpointer data);

/* Owns each thread's fibers until it ends. */
static GPrivate owned = G_PRIVATE_INIT (fibers_free);
/* The same, quicker to find; set while blocks run */
static __thread PinwheelFibers *mine;

PinwheelFibers *
pinwheel_fibers_mine (void)
{
  return mine;
}

guint
pinwheel_fiber_index (const PinwheelFibers *self, const PinwheelFiber *fiber)
{
  return (guint) (fiber - self->fibers);
}

static void
fibers_free (gpointer data)
{
  PinwheelFibers *self = data;

  for (guint i = 0; i < G_N_ELEMENTS (self->fibers); i++)
    pinwheel_context_clear (&self->fibers[i].context);
  g_free (self);
}

/* --- who runs --- */

void
pinwheel_fiber_make_ready (PinwheelFibers *self, PinwheelFiber *fiber)
{
  guint place = (self->ready_first + self->n_ready) % G_N_ELEMENTS (self->ready);

  fiber->state = PINWHEEL_FIBER_READY;
  if (fiber == self->current) /* goes on by itself */
    return;
  self->ready[place] = (guint16) pinwheel_fiber_index (self, fiber);
  self->n_ready++;
}

void
pinwheel_fibers_leave (PinwheelFibers *self)
{
  PinwheelFiber *from = self->current, *to = NULL;

  if (self->n_ready > 0)
    {
      to = &self->fibers[self->ready[self->ready_first]];
      self->ready_first = (self->ready_first + 1) % G_N_ELEMENTS (self->ready);
      self->n_ready--;
    }
  self->current = to;
  pinwheel_context_switch (from != NULL ? &from->context : &self->main,
                           to != NULL ? &to->context : &self->main);
}

static void
yield (void)
{
  PinwheelFibers *self = mine;
  PinwheelFiber *fiber = self->current;

  if (self->n_ready == 0)
    return;
  self->current = NULL; /* or it would not be put into the queue */
  pinwheel_fiber_make_ready (self, fiber);
  self->current = fiber;
  pinwheel_fibers_leave (self);
}

/* --- the barrier --- */

/* Opens it if all have come. */
static gboolean
complete_barrier (PinwheelFibers *self)
{
  if (self->n_at_barrier < self->n_alive)
    return FALSE;
  self->barrier_result = (guint64) self->n_at_barrier << 32 | self->n_true;
  self->n_at_barrier = self->n_true = 0;
  for (guint i = 0; i < self->n; i++)
    if (self->fibers[i].state == PINWHEEL_FIBER_AT_BARRIER)
      pinwheel_fiber_make_ready (self, &self->fibers[i]);
  return TRUE;
}

static guint64
wait_block (int predicate, const char *file, int line)
{
  PinwheelFibers *self = mine;
  PinwheelFiber *fiber = self->current;

  fiber->file = file;
  fiber->line = line;
  fiber->state = PINWHEEL_FIBER_AT_BARRIER;
  self->n_at_barrier++;
  self->n_true += predicate != 0;
  if (!complete_barrier (self))
    pinwheel_fibers_leave (self);
  return self->barrier_result;
}

/* --- blocks --- */

/* A fiber runs one thread of block after block. */
static void
fiber_main (void)
{
  for (;;)
    {
      PinwheelFibers *self = mine;
      PinwheelFiber *fiber = self->current;
      guint index = pinwheel_fiber_index (self, fiber);

      self->run (self->launch, self->arguments, self->block, fiber->thread);
      fiber->state = PINWHEEL_FIBER_DONE;
      self->n_alive--;
      self->alive[index / LANES] &= ~(1u << index % LANES);
      complete_barrier (self);
      pinwheel_fibers_warp_shrank (self, index / LANES);
      pinwheel_fibers_leave (self);
    }
}

static void fail (PinwheelFibers *self, const char *format, ...) G_GNUC_PRINTF (2, 3);
static void
fail (PinwheelFibers *self, const char *format, ...)
{
  PinwheelHostTrouble *trouble = self->launch->trouble;
  va_list arguments;

  if (!g_atomic_int_compare_and_exchange (&trouble->set, 0, 1))
    return;
  va_start (arguments, format);
  g_vsnprintf (trouble->text, sizeof trouble->text, format, arguments);
  va_end (arguments);
}

/* Returns: the first fiber that waits; with @other, the first that waits at another place */
static const PinwheelFiber *
find_waiting (const PinwheelFibers *self, const PinwheelFiber *other)
{
  for (guint i = 0; i < self->n; i++)
    {
      const PinwheelFiber *fiber = &self->fibers[i];

      if (fiber->state != PINWHEEL_FIBER_DONE
          && (other == NULL || fiber->line != other->line || fiber->file != other->file))
        return fiber;
    }
  return NULL;
}

/* Nobody can go on: says who waits where. */
static void
give_up (PinwheelFibers *self, const char *kernel)
{
  const PinwheelFiber *one = find_waiting (self, NULL);
  const PinwheelFiber *other = find_waiting (self, one);
  char second[160] = "";

  if (other != NULL)
    g_snprintf (second, sizeof second, ", thread (%u, %u, %u) at %s:%d", other->thread[0],
                other->thread[1], other->thread[2], other->file, other->line);
  fail (self,
        "kernel '%s': the threads of block (%u, %u, %u) wait for each other for ever: thread "
        "(%u, %u, %u) at %s:%d%s; all threads of a block must come to the same barriers, and all "
        "lanes of a mask to the same warp function",
        kernel, self->block[0], self->block[1], self->block[2], one->thread[0], one->thread[1],
        one->thread[2], one->file, one->line, second);
  for (guint i = 0; i < self->n; i++)
    if (self->fibers[i].state != PINWHEEL_FIBER_DONE)
      {
        self->fibers[i].state = PINWHEEL_FIBER_DONE;
        pinwheel_context_reset (&self->fibers[i].context, i);
      }
}

static void
run_block (PinwheelFibers *self, const char *kernel)
{
  const unsigned *size = self->launch->block;

  self->n_alive = self->n;
  self->n_at_barrier = self->n_true = 0;
  memset (self->alive, 0, sizeof self->alive);
  for (guint i = 0; i < self->n; i++)
    {
      PinwheelFiber *fiber = &self->fibers[i];

      fiber->thread[0] = i % size[0];
      fiber->thread[1] = i / size[0] % size[1];
      fiber->thread[2] = i / size[0] / size[1];
      self->alive[i / LANES] |= 1u << i % LANES;
      pinwheel_fiber_make_ready (self, fiber);
    }
  do
    pinwheel_fibers_leave (self);
  while (self->n_alive > 0 && pinwheel_fibers_end_gathering (self));
  if (self->n_alive > 0)
    give_up (self, kernel);
}

/* Makes stacks for @n threads; those of earlier launches stay. */
static gboolean
get_stacks (PinwheelFibers *self, guint n, const char *kernel)
{
  self->n = n;
  for (guint i = 0; i < n; i++)
    if (self->fibers[i].context.memory == NULL
        && !pinwheel_context_init (&self->fibers[i].context, fiber_main, i))
      {
        fail (self, "kernel '%s': cannot get %u stacks of %d KiB for the threads of a block: %s",
              kernel, n, PINWHEEL_FIBER_STACK / 1024, g_strerror (errno));
        return FALSE;
      }
  return TRUE;
}

static void
run_fibers (const PinwheelHostLaunch *launch, const char *kernel, PinwheelHostThread run,
            void **arguments, guint64 first_block, guint64 end_block)
{
  PinwheelFibers *self = g_private_get (&owned);

  if (self == NULL)
    {
      self = g_new0 (PinwheelFibers, 1);
      pinwheel_context_init_thread (&self->main);
      g_private_set (&owned, self);
    }
  mine = self;
  self->launch = launch;
  self->run = run;
  self->arguments = arguments;
  if (!get_stacks (self, launch->block[0] * launch->block[1] * launch->block[2], kernel))
    return;
  for (guint64 i = first_block; i < end_block && !g_atomic_int_get (&launch->trouble->set); i++)
    {
      self->block[0] = (unsigned) (i % launch->grid[0]);
      self->block[1] = (unsigned) (i / launch->grid[0] % launch->grid[1]);
      self->block[2] = (unsigned) (i / launch->grid[0] / launch->grid[1]);
      run_block (self, kernel);
    }
}

const PinwheelHostRuntime pinwheel_host_runtime = {
  .run_fibers = run_fibers,
  .wait_block = wait_block,
  .wait_warp = pinwheel_fibers_wait_warp,
  .gather_warp = pinwheel_fibers_gather_warp,
  .yield = yield,
};
