/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A run beside a main loop.
 *
 * The run has a thread of its own, not one of GLib's pool, which has few and runs other things. It
 * hands over by a source of the caller's main context, whose callback joins the thread before it
 * completes the task: when the application hears of the end, nothing of the run is left, and the
 * pipeline is never dropped in a thread that the application does not know. */
#include "config.h"

#include "run/pipeline-private.h"

/* Behind what the run has put on the bus. */
#define PRIORITY (G_PRIORITY_DEFAULT + 1)

/* Owned by the starting thread, then by the run's thread, then by the source. */
typedef struct
{
  GTask *task;     /* owned: holds the pipeline */
  gulong stop;     /* handler on the task's cancellable, or 0 */
  GThread *thread; /* atomic; joined by the source */
  gboolean ok;     /* how the run ended */
  GError *error;   /* owned, nullable: where not ok */
} PinwheelAsyncRun;

static void
pinwheel_async_cancelled (GCancellable *cancellable, gpointer pipeline)
{
  pinwheel_pipeline_stop (pipeline);
}

static gboolean
pinwheel_async_end (gpointer data)
{
  PinwheelAsyncRun *run = data;
  GThread *thread = g_atomic_pointer_get (&run->thread);

  if (thread != NULL)
    g_thread_join (thread);
  g_cancellable_disconnect (g_task_get_cancellable (run->task), run->stop);
  if (run->ok)
    g_task_return_boolean (run->task, TRUE);
  else
    g_task_return_error (run->task, run->error);
  g_object_unref (run->task);
  g_free (run);
  return G_SOURCE_REMOVE;
}

static gpointer
pinwheel_async_thread (gpointer data)
{
  PinwheelAsyncRun *run = data;
  g_autoptr (GMainContext) context = g_main_context_ref (g_task_get_context (run->task));
  g_autoptr (GSource) source = g_idle_source_new ();

  g_atomic_pointer_set (&run->thread, g_thread_self ());
  run->ok = pinwheel_pipeline_run_begun (g_task_get_source_object (run->task), &run->error);
  g_source_set_priority (source, PRIORITY);
  g_source_set_callback (source, pinwheel_async_end, run, NULL);
  g_source_attach (source, context);
  return NULL;
}

void
pinwheel_pipeline_run_async (PinwheelPipeline *self, GCancellable *cancellable,
                             GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = NULL;
  PinwheelAsyncRun *run;
  GError *error = NULL;

  g_return_if_fail (PINWHEEL_IS_PIPELINE (self));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, pinwheel_pipeline_run_async);
  g_task_set_check_cancellable (task, FALSE); /* what is final stays so */
  if (g_cancellable_set_error_if_cancelled (cancellable, &error)
      || !pinwheel_pipeline_begin (self, &error))
    {
      g_task_return_error (task, error);
      return;
    }
  run = g_new0 (PinwheelAsyncRun, 1);
  run->task = g_object_ref (task);
  if (cancellable != NULL)
    run->stop = g_cancellable_connect (cancellable, G_CALLBACK (pinwheel_async_cancelled), self,
                                       NULL);
  if (g_thread_try_new ("run", pinwheel_async_thread, run, &run->error) != NULL)
    return;
  g_prefix_error (&run->error, "the thread of the run cannot start: ");
  pinwheel_pipeline_give_up (self);
  pinwheel_async_end (run);
}

gboolean
pinwheel_pipeline_run_finish (PinwheelPipeline *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (PINWHEEL_IS_PIPELINE (self), FALSE);
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}
