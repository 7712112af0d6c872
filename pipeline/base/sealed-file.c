/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <pinwheel/error.h>

#include "base/user-cache-private.h"

/* Behind the last byte of the content, which loaders do not look at */
typedef struct
{
  char magic[8];
  guint8 digest[32];
} Trailer;

static const char magic[8] = "PWHOST2";

static void
make_trailer (const char *content, gsize size, const char *name, Trailer *trailer)
{
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  gsize length = sizeof trailer->digest;

  memcpy (trailer->magic, magic, sizeof magic);
  /* with its zero byte: no name runs on into the content */
  g_checksum_update (sum, (const guchar *) name, (gssize) strlen (name) + 1);
  g_checksum_update (sum, (const guchar *) content, (gssize) size);
  g_checksum_get_digest (sum, trailer->digest, &length);
}

gboolean
pinwheel_sealed_file_seal (const char *path, const char *name, mode_t mode, GError **error)
{
  g_autofree char *content = NULL;
  gsize size;
  Trailer trailer;
  int fd;
  gboolean ok;

  if (!g_file_get_contents (path, &content, &size, NULL))
    {
      g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_RESOURCE,
                   "%s was to be kept and is not there", path);
      return FALSE;
    }
  make_trailer (content, size, name, &trailer);
  fd = open (path, O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW);
  /* on disk before its name is: a crash leaves no empty entry */
  ok = fd >= 0 && fchmod (fd, mode) == 0
       && write (fd, &trailer, sizeof trailer) == (gssize) sizeof trailer && fsync (fd) == 0;
  if (!ok)
    g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_RESOURCE, "cannot write %s: %s", path,
                 g_strerror (errno));
  if (fd >= 0)
    close (fd);
  return ok;
}

static gboolean
check_file (int fd, const char *name)
{
  struct stat status;
  GMappedFile *file;
  Trailer expected;
  gsize size;
  gboolean ok;

  if (fstat (fd, &status) != 0 || !S_ISREG (status.st_mode) || status.st_uid != geteuid ()
      || (status.st_mode & (S_IWGRP | S_IWOTH)) != 0 || status.st_size <= (off_t) sizeof expected)
    return FALSE;
  file = g_mapped_file_new_from_fd (fd, FALSE, NULL);
  if (file == NULL)
    return FALSE;
  size = g_mapped_file_get_length (file) - sizeof expected;
  make_trailer (g_mapped_file_get_contents (file), size, name, &expected);
  ok = memcmp (g_mapped_file_get_contents (file) + size, &expected, sizeof expected) == 0;
  g_mapped_file_unref (file);
  return ok;
}

int
pinwheel_sealed_file_open (const char *path, const char *name)
{
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);

  if (fd < 0)
    return -1;
  if (!check_file (fd, name))
    {
      close (fd);
      return -1;
    }
  return fd;
}

GBytes *
pinwheel_sealed_file_read (int fd, GError **error)
{
  GMappedFile *file = g_mapped_file_new_from_fd (fd, FALSE, error);
  g_autoptr (GBytes) bytes = NULL;

  if (file == NULL)
    return NULL;
  bytes = g_mapped_file_get_bytes (file);
  g_mapped_file_unref (file);
  return g_bytes_new_from_bytes (bytes, 0, g_bytes_get_size (bytes) - sizeof (Trailer));
}
