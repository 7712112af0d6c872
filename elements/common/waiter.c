/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <pinwheel/error.h>

#include "common/waiter.h"

#include <errno.h>
#include <poll.h>

/* How often a waiter without a descriptor of the cancellable looks at it: only where the process
 * has run out of descriptors. */
#define TICK_US (50 * G_TIME_SPAN_MILLISECOND)

void
pinwheel_waiter_init (PinwheelWaiter *self, GCancellable *cancellable)
{
  GPollFD stop;

  pinwheel_waiter_clear (self);
  if (cancellable == NULL)
    return;
  self->cancellable = g_object_ref (cancellable);
  self->has_fd = g_cancellable_make_pollfd (cancellable, &stop);
  self->fd = self->has_fd ? stop.fd : -1;
}

void
pinwheel_waiter_clear (PinwheelWaiter *self)
{
  if (self->has_fd)
    g_cancellable_release_fd (self->cancellable);
  self->has_fd = FALSE;
  g_clear_object (&self->cancellable);
}

gboolean
pinwheel_waiter_check (PinwheelWaiter *self, GError **error)
{
  if (!g_cancellable_is_cancelled (self->cancellable))
    return TRUE;
  g_set_error_literal (error, PINWHEEL_ERROR, PINWHEEL_ERROR_STOPPED, "the run is being stopped");
  return FALSE;
}

/* Returns: microseconds to wait now, -1 for ever */
static gint64
next_wait (PinwheelWaiter *self, gint64 end)
{
  gint64 left = -1;

  if (end >= 0)
    {
      left = end - g_get_monotonic_time ();
      left = MAX (left, 0);
    }
  if (self->cancellable == NULL || self->has_fd)
    return left;
  return left < 0 ? TICK_US : MIN (left, TICK_US);
}

gboolean
pinwheel_waiter_wait (PinwheelWaiter *self, int fd, short events, gint64 microseconds,
                      GError **error)
{
  gint64 end = microseconds < 0 ? -1 : g_get_monotonic_time () + microseconds;
  struct pollfd fds[] = { { .fd = fd, .events = events },
                          { .fd = self->has_fd ? self->fd : -1, .events = POLLIN } };

  for (;;)
    {
      gint64 left = next_wait (self, end);
      struct timespec span = { .tv_sec = left / G_USEC_PER_SEC,
                               .tv_nsec = left % G_USEC_PER_SEC * 1000 };
      int n = ppoll (fds, G_N_ELEMENTS (fds), left < 0 ? NULL : &span, NULL);

      if (!pinwheel_waiter_check (self, error))
        return FALSE;
      if (n > 0 && fds[0].revents != 0)
        return TRUE;
      if (n < 0 && errno != EINTR)
        {
          g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_RESOURCE, "cannot wait: %s",
                       g_strerror (errno));
          return FALSE;
        }
      if (end >= 0 && g_get_monotonic_time () >= end)
        return TRUE;
    }
}
