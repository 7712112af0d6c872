/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Files that sinks write, which have their name only when they are whole. */
#pragma once
#include "common/waiter.h"

G_BEGIN_DECLS

typedef struct
{
  char *path;      /* as the user wrote it, for messages */
  char *target;    /* absolute, links resolved; what only one element may write */
  gboolean stream; /* pipe, terminal or device: written in order, and there is nothing to rename */
  gboolean standard;

  int fd;          /* -1 while it is closed */
  gsize piece;     /* the most that one write() gets */
  char *temporary; /* name until it is committed; NULL while it has none */
  guint64 needed;  /* bytes that it will have, for messages; 0: unknown */
  guint64 written;
  PinwheelWaiter waiter;
} PinwheelOutFile;

/* Looks whether @path can be written, and changes nothing. @path: `-` is standard output.
 * Errors: PINWHEEL_ERROR_RESOURCE */
PinwheelOutFile *pinwheel_out_file_new (const char *path, GError **error);
/* What was not committed is gone. */
void pinwheel_out_file_free (PinwheelOutFile *self);
/* @cancellable: ends waits and long writes
 * @needed: bytes that the file will have, 0 where that is not known */
gboolean pinwheel_out_file_open (PinwheelOutFile *self, guint64 needed, GCancellable *cancellable,
                                 GError **error);
/* In order; waits for the reader of a pipe, and while it is full. */
gboolean pinwheel_out_file_write (PinwheelOutFile *self, gconstpointer memory, gsize size,
                                  GError **error);
/* Not for streams. It is a PinwheelRowFunc. */
gboolean pinwheel_out_file_pwrite (gpointer self, gpointer memory, gsize size, guint64 offset,
                                   GError **error);
/* Not for streams: what was written before. */
gboolean pinwheel_out_file_pread (PinwheelOutFile *self, gpointer memory, gsize size,
                                  guint64 offset, GError **error);
/* Nothing more will be written: gives it a hidden name and closes it, where errors of late writes
 * are told. */
gboolean pinwheel_out_file_seal (PinwheelOutFile *self, GError **error);
/* After pinwheel_out_file_seal(): takes the place of what had the name before. */
gboolean pinwheel_out_file_commit (PinwheelOutFile *self, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PinwheelOutFile, pinwheel_out_file_free)

G_END_DECLS
