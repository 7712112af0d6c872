/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include "console-private.h"
#include "interrupt-private.h"

/* A signal may come before the pipeline is on its way to RUNNING, where a stop means nothing: it is
 * told again until it is heard. */
#define AGAIN_MS 50
/* What is in the middle of something (a kernel's block, a compiler) is not ended half-way. After so
 * many times the user is told. */
#define PATIENCE 20

struct _Interrupt
{
  PinwheelPipeline *pipeline; /* owned */
  GThread *thread;            /* joined by interrupt_free() */
  int fds[2]; /* a pipe: the handlers write a signal's number, interrupt_free() a 0 */
};

static gint caught;    /* atomic: the first signal, or 0 */
static gint wake = -1; /* atomic: where the handler writes, or -1 */

/* Calls nothing but what POSIX allows in a handler. */
static void
handle (int signum)
{
  const guint8 byte = (guint8) signum;
  int saved = errno;

  if (!g_atomic_int_compare_and_exchange (&caught, 0, signum))
    _exit (128 + signum);
  if (write (g_atomic_int_get (&wake), &byte, 1) < 0)
    errno = saved; /* the run is over */
}

/* The same for SIGUSR1, which may come any number of times. */
static void
handle_question (int signum)
{
  const guint8 byte = (guint8) signum;
  int saved = errno;

  if (write (g_atomic_int_get (&wake), &byte, 1) < 0)
    errno = saved; /* the run is over */
}

static void
tell_activity (PinwheelPipeline *pipeline)
{
  g_autofree char *activity = pinwheel_pipeline_describe_activity (pipeline);
  /* over the progress line, where there may be one */
  g_autofree char *text = g_strconcat (isatty (STDERR_FILENO) ? "\r\033[K" : "", activity, NULL);

  console_tell (text);
}

/* @how: SIG_BLOCK or SIG_UNBLOCK, for this thread and those that it starts */
static void
mask_signals (int how)
{
  sigset_t set;

  sigemptyset (&set);
  sigaddset (&set, SIGINT);
  sigaddset (&set, SIGTERM);
  sigaddset (&set, SIGHUP);
  sigaddset (&set, SIGUSR1);
  pthread_sigmask (how, &set, NULL);
}

static gpointer
listen (gpointer data)
{
  Interrupt *self = data;
  struct pollfd end = { .fd = self->fds[0], .events = POLLIN };
  int timeout = -1;
  guint told = 0;

  mask_signals (SIG_UNBLOCK);
  for (;;)
    {
      int n = poll (&end, 1, timeout);
      guint8 byte;

      if (n < 0 || (n > 0 && read (end.fd, &byte, 1) != 1))
        continue;
      if (n > 0 && byte == 0)
        return NULL;
      if (n > 0 && byte == SIGUSR1)
        {
          tell_activity (self->pipeline);
          continue;
        }
      pinwheel_pipeline_stop (self->pipeline);
      timeout = AGAIN_MS;
      if (++told == PATIENCE)
        console_say (
            "still stopping: a kernel or a compiler is not done; once more ends it at once");
    }
}

/* Who started us with a signal ignored (nohup, a shell's background job) wants it so. */
static void
handle_unless_ignored (int signum, void (*handler) (int))
{
  struct sigaction action = { .sa_handler = handler, .sa_flags = SA_RESTART };
  struct sigaction before;

  if (sigaction (signum, NULL, &before) == 0 && before.sa_handler != SIG_IGN)
    sigaction (signum, &action, NULL);
}

Interrupt *
interrupt_new (PinwheelPipeline *pipeline, GError **error)
{
  Interrupt *self = g_new0 (Interrupt, 1);

  if (!g_unix_open_pipe (self->fds, FD_CLOEXEC, error))
    {
      g_free (self);
      return NULL;
    }
  self->pipeline = g_object_ref (pipeline);
  g_atomic_int_set (&wake, self->fds[1]);
  /* Only the listener takes them: no thread of the run has a system call cut short, and a thread
   * that never comes back from one holds no signal up. */
  mask_signals (SIG_BLOCK);
  self->thread = g_thread_new ("signals", listen, self);
  handle_unless_ignored (SIGINT, handle);
  handle_unless_ignored (SIGTERM, handle);
  handle_unless_ignored (SIGHUP, handle);
  handle_unless_ignored (SIGUSR1, handle_question);
  return self;
}

int
interrupt_get (Interrupt *self)
{
  return g_atomic_int_get (&caught);
}

/* The handlers stay: a second signal gives its exit code to the very end. */
void
interrupt_free (Interrupt *self)
{
  const guint8 end = 0;

  g_atomic_int_set (&wake, -1);
  while (write (self->fds[1], &end, 1) < 0 && errno == EINTR)
    continue;
  g_thread_join (self->thread);
  mask_signals (SIG_UNBLOCK);
  close (self->fds[0]);
  close (self->fds[1]);
  g_object_unref (self->pipeline);
  g_free (self);
}
