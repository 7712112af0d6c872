/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Waits of streaming threads that end at once when the run is being stopped. */
#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS

/* Zeroes are a waiter that nothing ends. */
typedef struct
{
  GCancellable *cancellable; /* owned; NULL: nothing ends the wait */
  gboolean has_fd;
  int fd; /* of the cancellable, kept so that a wait makes none */
} PinwheelWaiter;

/* @cancellable: (nullable): a reference is kept until pinwheel_waiter_clear() */
void pinwheel_waiter_init (PinwheelWaiter *self, GCancellable *cancellable);
void pinwheel_waiter_clear (PinwheelWaiter *self);
/* Returns: FALSE with PINWHEEL_ERROR_STOPPED when the run is being stopped */
gboolean pinwheel_waiter_check (PinwheelWaiter *self, GError **error);
/* Waits until @fd (or -1) is ready for @events or @microseconds (or -1, for ever) have passed.
 * Returns: FALSE with PINWHEEL_ERROR_STOPPED when the run is being stopped */
gboolean pinwheel_waiter_wait (PinwheelWaiter *self, int fd, short events, gint64 microseconds,
                               GError **error);

G_END_DECLS
