/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Work on a host stream that stays where it is until the test lets it go on, so that tests of what
 * happens meanwhile do not depend on time. */
#pragma once
#include <check.h>

#include <pinwheel/stream.h>

#include "base/lock-private.h"
#include "device/host/host-function-private.h"

typedef struct
{
  PinwheelLock lock;
  GCond changed;
  gboolean open;   /* (lock) */
  guint n_arrived; /* (lock) pieces of work that have come to the gate */
} Gate;

static inline void
gate_init (Gate *gate)
{
  pinwheel_lock_init (&gate->lock);
  g_cond_init (&gate->changed);
  gate->open = FALSE;
  gate->n_arrived = 0;
}

static inline void
gate_clear (Gate *gate)
{
  g_cond_clear (&gate->changed);
  pinwheel_lock_clear (&gate->lock);
}

static inline void
gate_open (Gate *gate)
{
  pinwheel_lock (&gate->lock);
  gate->open = TRUE;
  g_cond_broadcast (&gate->changed);
  pinwheel_unlock (&gate->lock);
}

/* For g_thread_new(). */
static inline gpointer
gate_open_thread (gpointer gate)
{
  gate_open (gate);
  return NULL;
}

static inline void
gate_pass (Gate *gate)
{
  pinwheel_lock (&gate->lock);
  gate->n_arrived++;
  g_cond_broadcast (&gate->changed);
  while (!gate->open)
    pinwheel_cond_wait (&gate->changed, &gate->lock);
  pinwheel_unlock (&gate->lock);
}

static inline void
gate_wait_arrival (Gate *gate)
{
  pinwheel_lock (&gate->lock);
  while (gate->n_arrived == 0)
    pinwheel_cond_wait (&gate->changed, &gate->lock);
  pinwheel_unlock (&gate->lock);
}

static inline void
gate_run (const PinwheelHostLaunch *launch, void **arguments, guint64 first, guint64 end)
{
  gate_pass (*(Gate **) arguments[0]);
}

/* @run: takes one argument, a pointer */
static inline PinwheelFunction *
new_pointer_function (PinwheelHostRun run)
{
  gsize size = sizeof (gpointer);
  PinwheelImage image = { "", "test", &size, 1, { 0, 0, 0 }, NULL };
  PinwheelFunction *function = pinwheel_host_function_new_for_pointer (run, &image, NULL);

  ck_assert_ptr_nonnull (function);
  return function;
}

/* Enqueues @n_blocks blocks of @run on @data. */
static inline gboolean
launch_pointer (PinwheelStream *stream, PinwheelHostRun run, gpointer data, guint n_blocks,
                GError **error)
{
  g_autoptr (PinwheelFunction) function = new_pointer_function (run);
  void *arguments[] = { &data };
  PinwheelLaunch launch = {
    function, { n_blocks, 1, 1 }, { 1, 1, 1 }, 0, arguments, NULL, 0, FALSE
  };

  return pinwheel_stream_launch (stream, &launch, error);
}

static inline PinwheelStream *
new_host_stream (PinwheelDevice *device, const char *name)
{
  PinwheelStream *stream = pinwheel_device_new_stream (device, name, NULL);

  ck_assert_ptr_nonnull (stream);
  return stream;
}

static inline PinwheelFence
record (PinwheelStream *stream)
{
  PinwheelFence fence;

  ck_assert (pinwheel_stream_record (stream, &fence, NULL));
  return fence;
}

/* Enqueues work that stays at the gate. Returns: its fence */
static inline PinwheelFence
block_stream (PinwheelStream *stream, Gate *gate)
{
  ck_assert (launch_pointer (stream, gate_run, gate, 1, NULL));
  return record (stream);
}
