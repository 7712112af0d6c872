/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The work of one stream whose device is this process: a ring of fixed size, and the thread that
 * works it off.
 *
 * It lives apart from the stream object, because a wait that is queued elsewhere may outlive that.
 * Work holds references on queues, never on objects: no object is ever dropped by a worker thread.
 *
 * Work items are numbered from 1 in the order in which they come. A queue that was cancelled, or
 * that waited for work that failed, keeps the error: items from that number on are skipped, and
 * whatever asks gets the error. A call that returns it has waited until nothing of the queue runs
 * any more, so that memory which the caller drops because of the error is not in use. */
#pragma once
#include <pinwheel/stream.h>

#include "device/host-launch-private.h"

G_BEGIN_DECLS

typedef struct _PinwheelWorkQueue PinwheelWorkQueue;

/* One launch as it comes: the sizes say how much of each argument is copied. */
typedef struct
{
  PinwheelHostRun run;
  PinwheelHostLaunch shape;
  guint64 n_blocks;
  gboolean in_order; /* blocks one after the other, in one thread */
  guint n_arguments;
  const gsize *argument_sizes;
  void **arguments;
  gpointer tag; /* (nullable): handed to the worker as it is; must outlive the work */
} PinwheelWorkCall;

/* One launch as it is done. @arguments may be written: they are the queue's own copy. */
typedef struct
{
  PinwheelHostRun run;
  PinwheelHostLaunch shape;
  guint64 n_blocks;
  gboolean in_order;
  guint n_arguments;
  void **arguments;
  gpointer tag;
} PinwheelWorkLaunch;

/* How the work is done: called by the queue's thread, with no lock held unless it says so.
 * @owner: as given to pinwheel_work_queue_new()
 * @added: when the work came, as pinwheel_clock()
 * @stopped: becomes 1 (atomic) when the rest of the work may be left out
 * An error (transfer full) that is returned becomes the queue's. */
typedef struct
{
  GError *(*copy) (gpointer owner, guint64 added, const PinwheelCopy *copy, gint *stopped);
  GError *(*launch) (gpointer owner, guint64 added, PinwheelWorkLaunch *launch, gint *stopped);
  /* (nullable) work of @other, for which this queue waited, is done */
  void (*waited) (gpointer owner, gpointer other);
  /* (nullable) ends a wait inside copy or launch: @stopped is set. Any thread; the queue is locked.
   */
  void (*wake) (gpointer owner);
  /* (nullable) nobody holds the queue any more */
  void (*free) (gpointer owner);
} PinwheelWorker;

/* @owner: (transfer full) also where it fails */
PinwheelWorkQueue *pinwheel_work_queue_new (const char *name, const PinwheelWorker *worker,
                                            gpointer owner, GError **error);
/* Finishes the work, joins the thread, and drops the caller's reference. */
void pinwheel_work_queue_close (PinwheelWorkQueue *self);

/* As pinwheel_stream_set_mark() */
void pinwheel_work_queue_set_mark (PinwheelWorkQueue *self, guint64 mark);
/* These wait for room in the ring. */
gboolean pinwheel_work_queue_add_copy (PinwheelWorkQueue *self, const PinwheelCopy *copy,
                                       GError **error);
gboolean pinwheel_work_queue_add_call (PinwheelWorkQueue *self, const PinwheelWorkCall *call,
                                       GError **error);
gboolean pinwheel_work_queue_add_wait (PinwheelWorkQueue *self, PinwheelWorkQueue *other,
                                       guint64 value, GError **error);
gboolean pinwheel_work_queue_record (PinwheelWorkQueue *self, guint64 *value, GError **error);
gboolean pinwheel_work_queue_is_passed (PinwheelWorkQueue *self, guint64 value);
gboolean pinwheel_work_queue_sync (PinwheelWorkQueue *self, guint64 value, GError **error);
void pinwheel_work_queue_cancel (PinwheelWorkQueue *self);
/* @error: (transfer full): as cancel, for another reason */
void pinwheel_work_queue_fail (PinwheelWorkQueue *self, GError *error);
/* For workers: the copy itself. */
void pinwheel_work_copy (const PinwheelCopy *copy);

G_END_DECLS
