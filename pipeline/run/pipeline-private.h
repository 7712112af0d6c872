/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The pipeline's struct, shared by the files of its class: pipeline.c (object, elements, states),
 * pipeline-graph.c (order, formats, plan), pipeline-run.c (threads, errors, stop), pipeline-async.c
 * (beside a main loop), pipeline-progress.c (how far) and pipeline-watch.c (who waits for whom). */
#pragma once
#include <pinwheel/pipeline.h>

#include "base/lock-private.h"

/* How a run stands; guarded by the pipeline's lock. */
typedef enum
{
  PINWHEEL_RUN_IDLE,       /* no threads */
  PINWHEEL_RUN_STARTING,   /* no threads yet: the owning thread is on its way up to RUNNING */
  PINWHEEL_RUN_STREAMING,  /* threads stream */
  PINWHEEL_RUN_ENDING,     /* failed or stopped: threads are on their way out */
  PINWHEEL_RUN_COMMITTING, /* all threads have finished without error; the last one makes results
                              final */
  PINWHEEL_RUN_ENDED       /* no thread touches the pipeline any more; they wait to be joined */
} PinwheelRunPhase;

struct _PinwheelPipeline
{
  GObject parent_instance;

  /* Properties: fields of the table, unchanged while it runs. */
  char *device_spec; /* nullable */
  guint64 chunk, chunk_bytes;
  guint64 device_memory, pinned_memory;
  guint64 link_depth;
  guint64 stall_timeout;     /* milliseconds */
  guint64 progress_interval; /* milliseconds */

  /* The thread that owns the pipeline. */
  GPtrArray *elements; /* (element-type PinwheelElement) owned, in order of adding */
  PinwheelBus *bus;
  PinwheelState state;
  GPtrArray *devices;  /* (element-type PinwheelDevice) owned; from READY on */
  gboolean in_turn;    /* from READY on: chunks go to devices by their numbers */
  char *device_notice; /* (nullable) from READY on: why it is not the best choice */
  PinwheelPlan *plan;  /* from READY on */
  GPtrArray *order;    /* (element-type PinwheelElement) unowned: inputs first; from READY on */
  GPtrArray *threads;  /* (element-type GThread), while RUNNING */
  GThread *watcher;    /* nullable; while RUNNING */

  PinwheelLock lock;         /* taken before the locks of elements, pads and pools */
  GCond changed;             /* phase or n_running changed */
  PinwheelRunPhase phase;    /* (lock) */
  guint n_running;           /* (lock) threads still streaming */
  GError *error;             /* (lock) the run's one error */
  gboolean stopped;          /* (lock) the application ended the run */
  GPtrArray *counted;        /* (lock) (element-type PinwheelElement) unowned: whose items are the
                                run's, while threads stream */
  guint64 items_done;        /* (lock) of the last run */
  guint64 items_total;       /* (lock) of this run, or else the last one */
  GHashTable *claims;        /* (lock) thing -> name of the element that writes it */
  GCancellable *cancellable; /* made for each run; cancelled when it ends early */
};

/* pipeline-device.c: the owning thread.
 * @refusal: (nullable): why a GPU is not to be chosen where the user leaves the choice to us */
gboolean pinwheel_pipeline_open_device (PinwheelPipeline *self, const char *refusal,
                                        GError **error);
/* Of a pipeline that has negotiated. Returns: (transfer full) (nullable): why the device that
 * nobody has asked for would run no kernel of it */
char *pinwheel_pipeline_find_refusal (PinwheelPipeline *self);

/* pipeline-graph.c: the owning thread. */

/* NULL to READY: device, order, formats, plan. What it leaves on failure is for unprepare. */
gboolean pinwheel_pipeline_prepare (PinwheelPipeline *self, GError **error);
void pinwheel_pipeline_unprepare (PinwheelPipeline *self);
/* READY to RUNNING: pools and links as the plan says; and back. */
gboolean pinwheel_pipeline_allocate (PinwheelPipeline *self, GError **error);
void pinwheel_pipeline_release (PinwheelPipeline *self);

/* pipeline-run.c: the owning thread. */

/* From here on a stop is heard; and it was not heard so far. Fails where a run has begun already.
 */
gboolean pinwheel_pipeline_begin (PinwheelPipeline *self, GError **error);
/* The run that has begun, to its end. */
gboolean pinwheel_pipeline_run_begun (PinwheelPipeline *self, GError **error);
gboolean pinwheel_pipeline_goes_on (PinwheelPipeline *self, GError **error);
gboolean pinwheel_pipeline_start_threads (PinwheelPipeline *self, GError **error);
/* A way up that failed: back from STARTING. */
void pinwheel_pipeline_give_up (PinwheelPipeline *self);
/* Waits for the end and joins. Returns: whether the run succeeded */
gboolean pinwheel_pipeline_join_threads (PinwheelPipeline *self, GError **error);

/* pipeline-progress.c: any thread. */

/* Before the first thread starts. */
void pinwheel_pipeline_count_from_locked (PinwheelPipeline *self) PINWHEEL_REQUIRES (self->lock);
/* The last thread has left, and the graph may go. */
void pinwheel_pipeline_count_to_locked (PinwheelPipeline *self) PINWHEEL_REQUIRES (self->lock);
void pinwheel_pipeline_post_progress_locked (PinwheelPipeline *self) PINWHEEL_REQUIRES (self->lock);

/* pipeline-watch.c: the owning thread, around the run of the elements' threads. */

void pinwheel_pipeline_start_watching (PinwheelPipeline *self);
/* When the run has ended. */
void pinwheel_pipeline_end_watching (PinwheelPipeline *self);
