/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <pinwheel/error.h>
#include <pinwheel/property.h>

#include "common/out-file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

/* A write of more is cut, so that a slow disk does not hold up a stop. */
#define PIECE (16 * 1024 * 1024)
/* Nothing tells when a FIFO gets its reader: it is tried again so often. */
#define FIFO_TICK (20 * G_TIME_SPAN_MILLISECOND)
/* bytes of the target's name in a hidden name, which has 255 */
#define LONGEST_STEM 200

static gboolean
fail_full (PinwheelOutFile *self, int number, GError **error)
{
  g_autofree char *folder = self->stream ? g_strdup (self->target)
                                         : g_path_get_dirname (self->target);
  g_autofree char *written = pinwheel_format_size (self->written);
  g_autofree char *needed = pinwheel_format_size (self->needed);
  g_autofree char *free_bytes = NULL;
  struct statvfs status;

  if (statvfs (folder, &status) == 0)
    free_bytes = pinwheel_format_size ((guint64) status.f_bavail * status.f_frsize);
  g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_RESOURCE,
               "cannot write '%s': %s: %s%s%s are written, %s are free", self->path,
               g_strerror (number), written, self->needed > 0 ? " of " : "",
               self->needed > 0 ? needed : "", free_bytes != NULL ? free_bytes : "0 B");
  return FALSE;
}

static gboolean
fail (PinwheelOutFile *self, int number, GError **error)
{
  if (number == ENOSPC || number == EDQUOT)
    return fail_full (self, number, error);
  if (number == EPIPE)
    g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_RESOURCE,
                 "cannot write '%s': whoever read it closed it after %" G_GUINT64_FORMAT " bytes",
                 self->path, self->written);
  else
    g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_RESOURCE, "cannot write '%s': %s",
                 self->path, g_strerror (number));
  return FALSE;
}

static gboolean
look_at_existing (PinwheelOutFile *self, mode_t mode, GError **error)
{
  char *resolved;

  if (S_ISDIR (mode))
    return fail (self, EISDIR, error);
  if (S_ISSOCK (mode))
    {
      g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_RESOURCE,
                   "cannot write '%s': it is a socket", self->path);
      return FALSE;
    }
  self->stream = !S_ISREG (mode);
  if (faccessat (AT_FDCWD, self->path, W_OK, AT_EACCESS) < 0)
    return fail (self, errno, error);
  resolved = realpath (self->path, NULL);
  /* /dev/stdout leads to a pipe without a path */
  self->target = g_strdup (resolved != NULL ? resolved : self->path);
  free (resolved);
  return TRUE;
}

static gboolean
look_at_new (PinwheelOutFile *self, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (self->path);
  g_autofree char *name = g_path_get_basename (self->path);
  struct stat status;
  char *resolved;

  if (lstat (self->path, &status) == 0 || g_str_has_suffix (self->path, "/"))
    {
      g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_RESOURCE, "cannot write '%s': %s",
                   self->path,
                   *self->path != '\0' && g_str_has_suffix (self->path, "/")
                       ? "it is the name of a folder"
                       : "it is a symbolic link to nothing");
      return FALSE;
    }
  resolved = realpath (folder, NULL);
  if (resolved == NULL)
    {
      g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_RESOURCE,
                   "cannot write '%s': folder '%s': %s", self->path, folder, g_strerror (errno));
      return FALSE;
    }
  self->target = g_build_filename (resolved, name, NULL);
  free (resolved);
  return TRUE;
}

static gboolean
look (PinwheelOutFile *self, GError **error)
{
  g_autofree char *folder = NULL;
  struct stat status;

  if (stat (self->path, &status) == 0)
    {
      if (!look_at_existing (self, status.st_mode, error))
        return FALSE;
    }
  else if (errno != ENOENT || *self->path == '\0')
    return fail (self, errno, error);
  else if (!look_at_new (self, error))
    return FALSE;
  if (self->stream)
    return TRUE;

  folder = g_path_get_dirname (self->target);
  if (faccessat (AT_FDCWD, folder, W_OK | X_OK, AT_EACCESS) == 0)
    return TRUE;
  g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_RESOURCE,
               "cannot write '%s': no file can be made in folder '%s': %s", self->path, folder,
               g_strerror (errno));
  return FALSE;
}

PinwheelOutFile *
pinwheel_out_file_new (const char *path, GError **error)
{
  g_autoptr (PinwheelOutFile) self = g_new0 (PinwheelOutFile, 1);

  self->fd = -1;
  self->piece = PIECE;
  /* under this name a file that standard output goes to would be replaced, not written on */
  self->standard = self->stream = g_str_equal (path, "-") || g_str_equal (path, "/dev/stdout");
  self->path = g_strdup (self->standard ? "standard output" : path);
  if (self->standard)
    self->target = g_strdup (self->path);
  else if (!look (self, error))
    return NULL;
  return g_steal_pointer (&self);
}

void
pinwheel_out_file_free (PinwheelOutFile *self)
{
  if (self->temporary != NULL)
    unlink (self->temporary);
  if (self->fd >= 0)
    close (self->fd);
  pinwheel_waiter_clear (&self->waiter);
  g_free (self->temporary);
  g_free (self->target);
  g_free (self->path);
  g_free (self);
}

/* Returns: (transfer full): a hidden name beside the target */
static char *
hidden_name (PinwheelOutFile *self, const char *unique)
{
  g_autofree char *folder = g_path_get_dirname (self->target);
  g_autofree char *name = g_path_get_basename (self->target);

  return g_strdup_printf ("%s/.%.*s.%s.part", folder, LONGEST_STEM, name, unique);
}

static void
descriptor_path (int fd, char *path, gsize size)
{
  g_snprintf (path, size, "/proc/self/fd/%d", fd);
}

/* A file without a name cannot be left behind, whatever kills the process. Not every file system
 * makes one, and without /proc it could get no name later. Returns: -1 where there can be none */
static int
open_anonymous (PinwheelOutFile *self)
{
  g_autofree char *folder = g_path_get_dirname (self->target);
  int fd = open (folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0666);
  char path[32];

  if (fd < 0)
    return -1;
  descriptor_path (fd, path, sizeof path);
  if (access (path, F_OK) == 0)
    return fd;
  close (fd);
  return -1;
}

gboolean
pinwheel_out_file_open (PinwheelOutFile *self, guint64 needed, GCancellable *cancellable,
                        GError **error)
{
  struct stat status;

  pinwheel_waiter_init (&self->waiter, cancellable);
  self->needed = needed;
  self->written = 0;
  /* opening a FIFO waits for its reader: the streaming thread does it at the first write */
  if (self->stream)
    return TRUE;
  if (needed > G_MAXINT64)
    return fail (self, EFBIG, error);

  self->fd = open_anonymous (self);
  if (self->fd < 0)
    {
      g_autofree char *name = hidden_name (self, "XXXXXX");

      self->fd = g_mkstemp_full (name, O_RDWR | O_CLOEXEC, 0666);
      if (self->fd < 0)
        return fail (self, errno, error);
      self->temporary = g_steal_pointer (&name);
    }
  /* a file that takes another's place can be read by the same people */
  if (stat (self->target, &status) == 0 && fchmod (self->fd, status.st_mode & 0777) < 0)
    return fail (self, errno, error);
  return TRUE;
}

static gboolean
open_stream (PinwheelOutFile *self, GError **error)
{
  const int flags = O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY;
  struct stat status = { 0 };

  if (!self->standard)
    {
      while ((self->fd = open (self->path, flags)) < 0)
        {
          if (errno != ENXIO)
            return fail (self, errno, error);
          if (!pinwheel_waiter_wait (&self->waiter, -1, 0, FIFO_TICK, error))
            return FALSE;
        }
      return TRUE;
    }
  /* O_NONBLOCK on the descriptor itself would change it for the shell too */
  if (fstat (STDOUT_FILENO, &status) == 0 && S_ISFIFO (status.st_mode))
    self->fd = open ("/proc/self/fd/1", flags);
  if (self->fd >= 0)
    return TRUE;
  self->fd = fcntl (STDOUT_FILENO, F_DUPFD_CLOEXEC, 0);
  /* so much does not block where poll() says that there is room */
  self->piece = S_ISREG (status.st_mode) ? PIECE : PIPE_BUF;
  return self->fd >= 0 || fail (self, errno, error);
}

/* write() to a pipe without the signal that would end the process. */
static gssize
write_without_signal (int fd, gconstpointer memory, gsize size)
{
  const struct timespec now = { 0, 0 };
  sigset_t signals, before, pending;
  gssize n;
  int number;

  sigemptyset (&signals);
  sigaddset (&signals, SIGPIPE);
  sigpending (&pending);
  pthread_sigmask (SIG_BLOCK, &signals, &before);
  n = write (fd, memory, size);
  number = errno;
  if (n < 0 && number == EPIPE && !sigismember (&pending, SIGPIPE))
    while (sigtimedwait (&signals, NULL, &now) < 0 && errno == EINTR)
      ;
  pthread_sigmask (SIG_SETMASK, &before, NULL);
  errno = number;
  return n;
}

gboolean
pinwheel_out_file_write (PinwheelOutFile *self, gconstpointer memory, gsize size, GError **error)
{
  if (self->fd < 0 && !open_stream (self, error))
    return FALSE;
  for (gsize done = 0; done < size;)
    {
      gssize n;

      if (!pinwheel_waiter_wait (&self->waiter, self->fd, POLLOUT, -1, error))
        return FALSE;
      n = write_without_signal (self->fd, (const guint8 *) memory + done,
                                MIN (size - done, self->piece));
      if (n < 0 && errno != EINTR && errno != EAGAIN)
        return fail (self, errno, error);
      done += n > 0 ? (gsize) n : 0;
      self->written += n > 0 ? (guint64) n : 0;
    }
  return TRUE;
}

gboolean
pinwheel_out_file_pwrite (gpointer file, gpointer memory, gsize size, guint64 offset,
                          GError **error)
{
  PinwheelOutFile *self = file;

  for (gsize done = 0; done < size;)
    {
      gssize n;

      if (!pinwheel_waiter_check (&self->waiter, error))
        return FALSE;
      n = pwrite (self->fd, (const guint8 *) memory + done, MIN (size - done, self->piece),
                  (off_t) (offset + done));
      if (n < 0 && errno != EINTR)
        return fail (self, errno, error);
      done += n > 0 ? (gsize) n : 0;
      self->written += n > 0 ? (guint64) n : 0;
    }
  return TRUE;
}

gboolean
pinwheel_out_file_pread (PinwheelOutFile *self, gpointer memory, gsize size, guint64 offset,
                         GError **error)
{
  for (gsize done = 0; done < size;)
    {
      gssize n;

      if (!pinwheel_waiter_check (&self->waiter, error))
        return FALSE;
      n = pread (self->fd, (guint8 *) memory + done, size - done, (off_t) (offset + done));
      if (n == 0 || (n < 0 && errno != EINTR))
        return fail (self, n == 0 ? EIO : errno, error);
      done += n > 0 ? (gsize) n : 0;
    }
  return TRUE;
}

static gboolean
give_hidden_name (PinwheelOutFile *self, GError **error)
{
  char path[32];
  int number;

  descriptor_path (self->fd, path, sizeof path);
  do
    {
      char unique[16];

      g_free (self->temporary);
      g_snprintf (unique, sizeof unique, "%06x", g_random_int () & 0xffffff);
      self->temporary = hidden_name (self, unique);
      number = 0;
      if (linkat (AT_FDCWD, path, AT_FDCWD, self->temporary, AT_SYMLINK_FOLLOW) < 0)
        number = errno;
    }
  while (number == EEXIST);
  if (number == 0)
    return TRUE;
  g_clear_pointer (&self->temporary, g_free);
  return fail (self, number, error);
}

gboolean
pinwheel_out_file_seal (PinwheelOutFile *self, GError **error)
{
  int fd;

  /* whoever waits for a FIFO that gets nothing must see its end */
  if (self->stream && self->fd < 0 && !open_stream (self, error))
    return FALSE;
  /* a rename over a folder would fail, and then it would be too late for other files of the run */
  if (!self->stream && g_file_test (self->target, G_FILE_TEST_IS_DIR))
    return fail (self, EISDIR, error);
  if (!self->stream && self->temporary == NULL && !give_hidden_name (self, error))
    return FALSE;
  fd = self->fd;
  self->fd = -1;
  /* the kernel has everything now; that it also outlives a power cut is the file system's affair */
  return close (fd) == 0 || errno == EINTR || fail (self, errno, error);
}

gboolean
pinwheel_out_file_commit (PinwheelOutFile *self, GError **error)
{
  if (self->stream)
    return TRUE;
  if (rename (self->temporary, self->target) < 0)
    return fail (self, errno, error);
  g_clear_pointer (&self->temporary, g_free);
  return TRUE;
}
