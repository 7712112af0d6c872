/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Files that sources read. */
#pragma once
#include "common/waiter.h"

G_BEGIN_DECLS

typedef struct
{
  char *path; /* as the user wrote it, for messages */
  int fd;
  gboolean regular; /* has a size and is read at any place; else only in order */
  guint64 size;     /* bytes when it was opened, of a regular file */
  PinwheelWaiter waiter;
} PinwheelInFile;

/* @path: `-` is standard input. Never waits, not even for the other end of a FIFO.
 * Errors: PINWHEEL_ERROR_RESOURCE */
PinwheelInFile *pinwheel_in_file_open (const char *path, GError **error);
void pinwheel_in_file_free (PinwheelInFile *self);
/* Reads may block from now on: @cancellable ends them. */
void pinwheel_in_file_start (PinwheelInFile *self, GCancellable *cancellable);
/* Reads exactly @size bytes of a regular file; fewer are an error, PINWHEEL_ERROR_DATA. It is a
 * PinwheelRowFunc. */
gboolean pinwheel_in_file_pread (gpointer self, gpointer memory, gsize size, guint64 offset,
                                 GError **error);
/* Reads the next bytes. @n_read: (out): @size, or fewer at the end of the file */
gboolean pinwheel_in_file_read (PinwheelInFile *self, gpointer memory, gsize size, gsize *n_read,
                                GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PinwheelInFile, pinwheel_in_file_free)

G_END_DECLS
