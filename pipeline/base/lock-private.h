/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Locks that the race checkers understand.
 *
 * GLib's own locks are futexes inside libglib, so a ThreadSanitizer build of this library alone
 * sees no lock at all and reports every guarded field. Taking locks only through this file tells
 * it, and lets clang's -Wthread-safety hold each _locked() function to its lock.
 */
#pragma once
#include <glib.h>

#if defined(__clang__)
#define PINWHEEL_TS(x) __attribute__ ((x))
#else
#define PINWHEEL_TS(x)
#endif
#define PINWHEEL_REQUIRES(lock)   PINWHEEL_TS (requires_capability (lock))
#define PINWHEEL_GUARDED_BY(lock) PINWHEEL_TS (guarded_by (lock))

#if defined(__SANITIZE_THREAD__)
#define PINWHEEL_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define PINWHEEL_TSAN 1
#endif
#endif
#ifdef PINWHEEL_TSAN
#include <sanitizer/tsan_interface.h>
#else
#define __tsan_mutex_pre_lock(m, f)
#define __tsan_mutex_post_lock(m, f, r)
#define __tsan_mutex_pre_unlock(m, f)
#define __tsan_mutex_post_unlock(m, f)
#endif

typedef struct PINWHEEL_TS (capability ("mutex"))
{
  GMutex mutex;
} PinwheelLock;

static inline void
pinwheel_lock_init (PinwheelLock *self)
{
  g_mutex_init (&self->mutex);
}

static inline void
pinwheel_lock_clear (PinwheelLock *self)
{
  g_mutex_clear (&self->mutex);
}

static inline void pinwheel_lock (PinwheelLock *self) PINWHEEL_TS (acquire_capability (*self))
    PINWHEEL_TS (no_thread_safety_analysis);
static inline void
pinwheel_lock (PinwheelLock *self)
{
  __tsan_mutex_pre_lock (self, 0);
  g_mutex_lock (&self->mutex);
  __tsan_mutex_post_lock (self, 0, 0);
}

static inline void pinwheel_unlock (PinwheelLock *self) PINWHEEL_TS (release_capability (*self))
    PINWHEEL_TS (no_thread_safety_analysis);
static inline void
pinwheel_unlock (PinwheelLock *self)
{
  __tsan_mutex_pre_unlock (self, 0);
  g_mutex_unlock (&self->mutex);
  __tsan_mutex_post_unlock (self, 0);
}

/* Waits; like every condition wait, it may also wake without a reason. */
static inline void pinwheel_cond_wait (GCond *cond, PinwheelLock *lock) PINWHEEL_REQUIRES (*lock);
static inline void
pinwheel_cond_wait (GCond *cond, PinwheelLock *lock)
{
  __tsan_mutex_pre_unlock (lock, 0);
  __tsan_mutex_post_unlock (lock, 0);
  g_cond_wait (cond, &lock->mutex);
  __tsan_mutex_pre_lock (lock, 0);
  __tsan_mutex_post_lock (lock, 0, 0);
}

/* @until: g_get_monotonic_time() at which to give up. Returns: FALSE when it is past */
static inline gboolean pinwheel_cond_wait_until (GCond *cond, PinwheelLock *lock, gint64 until)
    PINWHEEL_REQUIRES (*lock);
static inline gboolean
pinwheel_cond_wait_until (GCond *cond, PinwheelLock *lock, gint64 until)
{
  gboolean in_time;

  __tsan_mutex_pre_unlock (lock, 0);
  __tsan_mutex_post_unlock (lock, 0);
  in_time = g_cond_wait_until (cond, &lock->mutex, until);
  __tsan_mutex_pre_lock (lock, 0);
  __tsan_mutex_post_lock (lock, 0, 0);
  return in_time;
}
