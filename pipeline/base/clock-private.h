/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Nanoseconds, and counters that one thread raises and any thread reads. */
#pragma once
#include <glib.h>
#include <time.h>

/* Monotonic, in nanoseconds. */
static inline guint64
pinwheel_clock (void)
{
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC, &now);
  return (guint64) now.tv_sec * G_GUINT64_CONSTANT (1000000000) + (guint64) now.tv_nsec;
}

static inline void
pinwheel_counter_add (guint64 *counter, guint64 amount)
{
  __atomic_fetch_add (counter, amount, __ATOMIC_RELAXED);
}

static inline guint64
pinwheel_counter_get (const guint64 *counter)
{
  return __atomic_load_n (counter, __ATOMIC_RELAXED);
}

static inline void
pinwheel_counter_set (guint64 *counter, guint64 value)
{
  __atomic_store_n (counter, value, __ATOMIC_RELAXED);
}
