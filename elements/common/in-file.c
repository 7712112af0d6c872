/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <pinwheel/error.h>

#include "common/in-file.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

/* A read of more is cut, so that a slow disk does not hold up a stop. */
#define PIECE (16 * 1024 * 1024)

static gboolean
fail (PinwheelInFile *self, int number, GError **error)
{
  g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_RESOURCE, "cannot read '%s': %s", self->path,
               g_strerror (number));
  return FALSE;
}

static gboolean
look (PinwheelInFile *self, GError **error)
{
  struct stat status;

  if (fstat (self->fd, &status) < 0)
    return fail (self, errno, error);
  if (S_ISDIR (status.st_mode))
    return fail (self, EISDIR, error);
  self->regular = S_ISREG (status.st_mode);
  self->size = self->regular ? (guint64) status.st_size : 0;
  if (self->regular)
    posix_fadvise (self->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
  return TRUE;
}

PinwheelInFile *
pinwheel_in_file_open (const char *path, GError **error)
{
  g_autoptr (PinwheelInFile) self = g_new0 (PinwheelInFile, 1);
  gboolean standard = g_str_equal (path, "-");

  self->path = g_strdup (standard ? "standard input" : path);
  /* without O_NONBLOCK, opening a FIFO waits for its writer */
  self->fd = standard ? fcntl (STDIN_FILENO, F_DUPFD_CLOEXEC, 0)
                      : open (path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  if (self->fd < 0)
    {
      fail (self, errno, error);
      return NULL;
    }
  if (!look (self, error))
    return NULL;
  /* it may begin anywhere, and is read from there in order */
  if (standard)
    self->regular = FALSE;
  return g_steal_pointer (&self);
}

void
pinwheel_in_file_free (PinwheelInFile *self)
{
  pinwheel_waiter_clear (&self->waiter);
  if (self->fd >= 0)
    close (self->fd);
  g_free (self->path);
  g_free (self);
}

void
pinwheel_in_file_start (PinwheelInFile *self, GCancellable *cancellable)
{
  pinwheel_waiter_init (&self->waiter, cancellable);
}

gboolean
pinwheel_in_file_pread (gpointer file, gpointer memory, gsize size, guint64 offset, GError **error)
{
  PinwheelInFile *self = file;

  for (gsize done = 0; done < size;)
    {
      gssize n;

      if (!pinwheel_waiter_check (&self->waiter, error))
        return FALSE;
      n = pread (self->fd, (guint8 *) memory + done, MIN (size - done, PIECE),
                 (off_t) (offset + done));
      if (n == 0)
        {
          g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_DATA,
                       "'%s' ends after %" G_GUINT64_FORMAT " bytes, but had %" G_GUINT64_FORMAT
                       " when it was opened: something cut it short while it was read",
                       self->path, offset + done, self->size);
          return FALSE;
        }
      if (n < 0 && errno != EINTR)
        return fail (self, errno, error);
      done += n > 0 ? (gsize) n : 0;
    }
  return TRUE;
}

gboolean
pinwheel_in_file_read (PinwheelInFile *self, gpointer memory, gsize size, gsize *n_read,
                       GError **error)
{
  gsize done = 0;

  while (done < size)
    {
      gssize n;

      if (!pinwheel_waiter_wait (&self->waiter, self->fd, POLLIN, -1, error))
        return FALSE;
      n = read (self->fd, (guint8 *) memory + done, MIN (size - done, PIECE));
      if (n == 0)
        break;
      if (n < 0 && errno != EINTR && errno != EAGAIN)
        return fail (self, errno, error);
      done += n > 0 ? (gsize) n : 0;
    }
  *n_read = done;
  return TRUE;
}
