/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Files with one whole array each, put together from chunks. */
#pragma once
#include <pinwheel/chunk.h>

#include "common/out-file.h"

G_BEGIN_DECLS

/* Makes what stands before the data of an array of @n_items items, of @at_least bytes or more; as
 * long for any number of items where @at_least is what it gave for the largest. */
typedef GBytes *(*PinwheelHeadFunc) (const PinwheelArray *array, guint64 n_items, gsize at_least);

typedef struct
{
  /* from negotiate() on */
  PinwheelArray array;
  guint index;                /* of the array in the format */
  guint64 n_items;            /* in all, or PINWHEEL_ITEMS_UNKNOWN until the end */
  PinwheelHeadFunc make_head; /* nullable: only data is written */
  PinwheelOutFile *out;

  /* from start() on */
  gsize head;             /* bytes before the data */
  guint64 seen;           /* items that came */
  PinwheelOutFile *spool; /* nullable: what came, as it came; see pinwheel_array_file_open() */
  guint64 spooled;        /* bytes in it */
} PinwheelArrayFile;

/* Looks whether @location can be written, and changes nothing. A pipe or device is taken only where
 * there is no @make_head and the items can be written one after the other. */
PinwheelArrayFile *pinwheel_array_file_new (PinwheelFormat *format, guint index,
                                            const char *location, PinwheelHeadFunc make_head,
                                            GError **error);
void pinwheel_array_file_free (PinwheelArrayFile *self);
gboolean pinwheel_array_file_open (PinwheelArrayFile *self, GCancellable *cancellable,
                                   GError **error);
gboolean pinwheel_array_file_write (PinwheelArrayFile *self, PinwheelChunk *chunk, GError **error);
/* Every item has come: afterwards only pinwheel_out_file_seal() and _commit() are left. */
gboolean pinwheel_array_file_finish (PinwheelArrayFile *self, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PinwheelArrayFile, pinwheel_array_file_free)

G_END_DECLS
