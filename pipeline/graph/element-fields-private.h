/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The element's fields, shared by the files of its class: element.c (object, names, pads) and
 * element-run.c (what the pipeline does with it, chunks, statistics). */
#pragma once
#include "base/lock-private.h"
#include "graph/element-private.h"

#define PINWHEEL_NO_CHUNK G_MAXUINT64

typedef struct
{
  /* The thread that sets the pipeline up; read-only while it runs. */
  char *name;        /* nullable */
  GPtrArray *pads;   /* (element-type PinwheelPad) owned */
  PinwheelPad *lead; /* nullable: whose chunks are counted */
  const PinwheelElementHost *host;
  gpointer host_owner; /* unowned: the pipeline, which outlives the membership */
  GPtrArray *devices;  /* (nullable) (element-type PinwheelDevice) owned: those of the run */
  GCancellable *cancellable;

  PinwheelLock lock;  /* leaf lock */
  GPtrArray *streams; /* (lock) (element-type PinwheelStream) owned: one per device, each nullable;
                         made once per run, in the streaming thread, which reads without */
  gboolean cancelled; /* (lock) */
  guint device;       /* the streaming thread's: the one that has the chunk being worked on */

  /* Counters: raised by the streaming thread, read by any. */
  guint64 chunk; /* the one being worked on, or NO_CHUNK */
  guint64 chunks, items, bytes;
  guint64 waited_fence, host_waits;
  guint64 began, ended;             /* pinwheel_clock() when the thread came and left; 0: not yet */
  guint64 syncing_since;            /* pinwheel_clock() while it waits for the device, or 0 */
  guint64 chunk_items, chunk_bytes; /* of the chunk being worked on; the streaming thread's alone */
} PinwheelElementPrivate;

PinwheelElementPrivate *pinwheel_element_get_private (PinwheelElement *self);
#define PRIVATE(self) pinwheel_element_get_private (self)
