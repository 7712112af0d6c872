/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "base/error-private.h"
#include "base/log-private.h"
#include "graph/element-private.h"
#include "graph/pad-private.h"
#include "run/pipeline-private.h"

/* Everybody who waits in this run is woken and told to go. Whatever they would wait for next tells
 * them the same.
 *
 * Returns: (transfer full): to be cancelled when the lock is free: that calls out to whoever
 *   listens */
static GCancellable *pinwheel_pipeline_end_locked (PinwheelPipeline *self)
    PINWHEEL_REQUIRES (self->lock);
static GCancellable *
pinwheel_pipeline_end_locked (PinwheelPipeline *self)
{
  self->phase = PINWHEEL_RUN_ENDING;
  for (guint i = 0; i < self->order->len; i++)
    {
      GPtrArray *pads = pinwheel_element_get_pads (self->order->pdata[i]);

      pinwheel_element_cancel (self->order->pdata[i]);
      for (guint p = 0; p < pads->len; p++)
        if (pinwheel_pad_get_direction (pads->pdata[p]) == PINWHEEL_PAD_SRC)
          pinwheel_pad_stop (pads->pdata[p]);
    }
  return g_object_ref (self->cancellable);
}

static void
pinwheel_pipeline_cancel (GCancellable *cancellable)
{
  if (cancellable == NULL)
    return;
  g_cancellable_cancel (cancellable);
  g_object_unref (cancellable);
}

/* @error: (transfer full). The first error of a run is its error; what fails after it fails because
 * of it, or no longer matters.
 * @element: (nullable): who got it; the message names whose it is */
static void
pinwheel_pipeline_fail (PinwheelPipeline *self, const char *element, GError *error)
{
  GCancellable *cancellable = NULL;
  const char *owner;
  gboolean first;

  pinwheel_lock (&self->lock);
  first = self->error == NULL && !self->stopped;
  if (first)
    {
      self->error = g_error_copy (error);
      cancellable = pinwheel_pipeline_end_locked (self);
    }
  pinwheel_unlock (&self->lock);
  pinwheel_pipeline_cancel (cancellable);
  owner = pinwheel_error_get_owner (error, NULL);
  if (first)
    pinwheel_bus_post (self->bus,
                       pinwheel_message_new (PINWHEEL_MESSAGE_ERROR,
                                             owner != NULL ? owner : element, error, NULL, NULL));
  g_error_free (error);
}

void
pinwheel_pipeline_stop (PinwheelPipeline *self)
{
  GCancellable *cancellable = NULL;

  g_return_if_fail (PINWHEEL_IS_PIPELINE (self));

  pinwheel_lock (&self->lock);
  if (self->phase == PINWHEEL_RUN_STARTING)
    {
      self->stopped = TRUE;
      g_set_object (&cancellable, self->cancellable);
    }
  else if (self->phase == PINWHEEL_RUN_STREAMING)
    {
      self->stopped = TRUE;
      cancellable = pinwheel_pipeline_end_locked (self);
    }
  else if (self->phase == PINWHEEL_RUN_IDLE)
    g_set_object (&cancellable, self->cancellable); /* of what goes to READY, and no further */
  pinwheel_unlock (&self->lock);
  pinwheel_pipeline_cancel (cancellable);
}

gboolean
pinwheel_pipeline_begin (PinwheelPipeline *self, GError **error)
{
  gboolean ok;

  pinwheel_lock (&self->lock);
  ok = self->phase == PINWHEEL_RUN_IDLE;
  if (ok)
    {
      g_clear_error (&self->error);
      self->stopped = FALSE;
      self->phase = PINWHEEL_RUN_STARTING;
      self->items_done = 0;
      self->items_total = PINWHEEL_ITEMS_UNKNOWN;
    }
  pinwheel_unlock (&self->lock);
  if (!ok)
    g_set_error_literal (error, PINWHEEL_ERROR, PINWHEEL_ERROR_FAILED,
                         "the pipeline is running already: wait for the end of that run, or make "
                         "another pipeline");
  return ok;
}

static void
pinwheel_set_stopped_error (GError **error)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CANCELLED, "the run was stopped");
}

gboolean
pinwheel_pipeline_goes_on (PinwheelPipeline *self, GError **error)
{
  gboolean stopped;

  pinwheel_lock (&self->lock);
  stopped = self->stopped;
  pinwheel_unlock (&self->lock);
  if (stopped)
    pinwheel_set_stopped_error (error);
  return !stopped;
}

void
pinwheel_pipeline_give_up (PinwheelPipeline *self)
{
  pinwheel_lock (&self->lock);
  self->phase = PINWHEEL_RUN_IDLE;
  pinwheel_unlock (&self->lock);
}

/* The last thread to leave, alone with the elements: results become final only now. What can fail
 * is done for all of them before any is final. */
static void
pinwheel_pipeline_commit (PinwheelPipeline *self)
{
  GPtrArray *elements = self->order;
  GError *error = NULL;
  guint i;

  for (i = 0; i < elements->len && error == NULL; i++)
    pinwheel_element_seal (elements->pdata[i], &error);
  if (error == NULL)
    for (i = 0; i < elements->len && error == NULL; i++)
      pinwheel_element_commit (elements->pdata[i], &error);
  if (error != NULL)
    pinwheel_pipeline_fail (self, pinwheel_element_get_name (elements->pdata[i - 1]), error);
}

static void
pinwheel_pipeline_thread_left (PinwheelPipeline *self)
{
  gboolean last, commits, stopped;

  pinwheel_lock (&self->lock);
  last = --self->n_running == 0;
  commits = last && self->phase == PINWHEEL_RUN_STREAMING;
  if (commits)
    self->phase = PINWHEEL_RUN_COMMITTING;
  stopped = self->stopped;
  pinwheel_unlock (&self->lock);
  if (!last)
    return;
  if (commits)
    pinwheel_pipeline_commit (self);
  pinwheel_lock (&self->lock);
  self->phase = PINWHEEL_RUN_ENDED;
  if (self->error == NULL && self->progress_interval > 0)
    pinwheel_pipeline_post_progress_locked (self);
  if (self->error == NULL)
    pinwheel_bus_post (
        self->bus, pinwheel_message_new (stopped ? PINWHEEL_MESSAGE_STOPPED : PINWHEEL_MESSAGE_EOS,
                                         NULL, NULL, NULL, NULL));
  g_cond_broadcast (&self->changed);
  pinwheel_unlock (&self->lock);
}

typedef struct
{
  PinwheelPipeline *pipeline; /* unowned: it joins its threads before it goes */
  PinwheelElement *element;   /* owned */
} PinwheelThread;

static gboolean
pinwheel_pipeline_is_ending (PinwheelPipeline *self)
{
  gboolean ending;

  pinwheel_lock (&self->lock);
  ending = self->phase != PINWHEEL_RUN_STREAMING;
  pinwheel_unlock (&self->lock);
  return ending;
}

static gpointer
pinwheel_pipeline_thread (gpointer data)
{
  PinwheelThread *thread = data;
  PinwheelPipeline *self = thread->pipeline;
  const char *name = pinwheel_element_get_name (thread->element);
  GError *error = NULL;
  PinwheelFlow flow = pinwheel_element_run (thread->element, &error);

  if (flow == PINWHEEL_FLOW_STOPPED && !pinwheel_pipeline_is_ending (self))
    error = g_error_new (PINWHEEL_ERROR, PINWHEEL_ERROR_FAILED,
                         "%s: stopped although nobody asked, which is a fault of the element",
                         name);
  if (error != NULL)
    pinwheel_pipeline_fail (self, name, g_steal_pointer (&error));
  /* whether it failed or not, nothing of its work may be left when memory goes */
  if (!pinwheel_element_drain (thread->element, &error))
    pinwheel_pipeline_fail (self, name, error);
  g_object_unref (thread->element);
  g_free (thread);
  pinwheel_pipeline_thread_left (self);
  return NULL;
}

static GThread *
pinwheel_pipeline_start_thread (PinwheelPipeline *self, PinwheelElement *element, GError **error)
{
  PinwheelThread *thread = g_new (PinwheelThread, 1);
  GThread *started;

  thread->pipeline = self;
  thread->element = g_object_ref (element);
  started = g_thread_try_new (pinwheel_element_get_name (element), pinwheel_pipeline_thread, thread,
                              error);
  if (started == NULL)
    {
      g_prefix_error (error, "%s: its thread cannot start: ", pinwheel_element_get_name (element));
      g_object_unref (thread->element);
      g_free (thread);
    }
  return started;
}

gboolean
pinwheel_pipeline_start_threads (PinwheelPipeline *self, GError **error)
{
  GError *failure = NULL;
  gboolean stopped;

  pinwheel_lock (&self->lock);
  stopped = self->stopped;
  if (!stopped)
    {
      self->phase = PINWHEEL_RUN_STREAMING;
      pinwheel_pipeline_count_from_locked (self);
    }
  self->n_running = self->order->len;
  pinwheel_unlock (&self->lock);
  if (stopped)
    {
      pinwheel_set_stopped_error (error);
      return FALSE;
    }
  self->state = PINWHEEL_STATE_RUNNING;
  for (guint i = 0; i < self->order->len && failure == NULL; i++)
    {
      GThread *thread = pinwheel_pipeline_start_thread (self, self->order->pdata[i], &failure);

      if (thread != NULL)
        g_ptr_array_add (self->threads, thread);
    }
  pinwheel_pipeline_start_watching (self);
  if (failure == NULL)
    return TRUE;
  pinwheel_pipeline_fail (self, NULL, g_error_copy (failure));
  for (guint i = self->threads->len; i < self->order->len; i++)
    pinwheel_pipeline_thread_left (self); /* for each that never came */
  pinwheel_pipeline_join_threads (self, NULL);
  g_propagate_error (error, failure);
  return FALSE;
}

gboolean
pinwheel_pipeline_join_threads (PinwheelPipeline *self, GError **error)
{
  gboolean ok;

  pinwheel_lock (&self->lock);
  while (self->phase != PINWHEEL_RUN_ENDED)
    pinwheel_cond_wait (&self->changed, &self->lock);
  pinwheel_unlock (&self->lock);
  for (guint i = 0; i < self->threads->len; i++)
    g_thread_join (self->threads->pdata[i]);
  g_ptr_array_set_size (self->threads, 0);
  pinwheel_pipeline_end_watching (self);
  pinwheel_lock (&self->lock);
  pinwheel_pipeline_count_to_locked (self);
  self->phase = PINWHEEL_RUN_IDLE;
  ok = self->error == NULL && !self->stopped;
  if (self->error != NULL)
    g_propagate_error (error, g_steal_pointer (&self->error));
  else if (self->stopped)
    pinwheel_set_stopped_error (error);
  pinwheel_unlock (&self->lock);
  return ok;
}
