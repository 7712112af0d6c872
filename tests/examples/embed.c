/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A pipeline beside a main loop: embed DESCRIPTION [ITEMS]
 *
 * Tells progress while it runs, and ends it behind so many items. */
#include <pinwheel/pinwheel.h>
#include <stdlib.h>

typedef struct
{
  PinwheelPipeline *pipeline;
  GMainLoop *loop;
  GCancellable *cancellable;
  guint64 enough; /* items after which to cancel; 0: none */
  int status;
} App;

static void
on_progress (PinwheelBus *bus, PinwheelMessage *message, App *app)
{
  guint64 done;

  pinwheel_pipeline_get_progress (app->pipeline, &done, NULL);
  g_print ("progress: %s\n", pinwheel_message_get_text (message));
  if (app->enough > 0 && done >= app->enough)
    g_cancellable_cancel (app->cancellable);
}

static void
on_result (PinwheelBus *bus, PinwheelMessage *message, App *app)
{
  g_print ("%s: %s\n", pinwheel_message_get_source (message), pinwheel_message_get_text (message));
}

static void
on_end (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;
  App *app = data;

  if (pinwheel_pipeline_run_finish (app->pipeline, result, &error))
    g_print ("done\n");
  else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_print ("cancelled\n");
  else
    {
      g_printerr ("%s\n", error->message);
      app->status = EXIT_FAILURE;
    }
  g_main_loop_quit (app->loop);
}

int
main (int argc, char **argv)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (PinwheelPipeline) pipeline = NULL;
  App app = { .loop = loop, .cancellable = cancellable };
  PinwheelBus *bus;

  if (argc > 1)
    pipeline = pinwheel_parse_launch (argv[1], NULL, &error);
  if (pipeline == NULL)
    {
      g_printerr ("%s\n", error != NULL ? error->message : "usage: embed DESCRIPTION [ITEMS]");
      return EXIT_FAILURE;
    }
  app.pipeline = pipeline;
  app.enough = argc > 2 ? g_ascii_strtoull (argv[2], NULL, 10) : 0;
  g_object_set (pipeline, "progress-interval", (guint64) 50, NULL);
  bus = pinwheel_pipeline_get_bus (pipeline);
  pinwheel_bus_add_signal_watch (bus);
  g_signal_connect (bus, "message::progress", G_CALLBACK (on_progress), &app);
  g_signal_connect (bus, "message::result", G_CALLBACK (on_result), &app);
  pinwheel_pipeline_run_async (pipeline, cancellable, on_end, &app);
  g_main_loop_run (loop);
  pinwheel_bus_remove_signal_watch (bus);
  return app.status;
}
