/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <pinwheel/kernel.h>
#include <pinwheel/parse.h>
#include <pinwheel/version.h>

#include "console-private.h"
#include "interrupt-private.h"
#include "options-private.h"
#include "progress-private.h"
#include "statistics-private.h"

/* All of it belongs to the main thread. */
typedef struct
{
  const Options *options;
  PinwheelPipeline *pipeline;
  Progress *progress; /* (nullable): while it runs */
  GMainLoop *loop;
  GError *output_error; /* (nullable): the first time that standard output could not be written */
} Launch;

/* Everything but the progress line itself goes through here, so that it never stands in the way. */
static void
print (Launch *self, const char *text)
{
  if (self->progress != NULL)
    progress_clear (self->progress);
  if (self->output_error == NULL)
    console_print (text, &self->output_error);
}

static void
print_result (Launch *self, PinwheelMessage *message)
{
  const char *source = pinwheel_message_get_source (message);
  const char *text = pinwheel_message_get_text (message);
  g_auto (GStrv) lines = g_strsplit (text != NULL ? text : "", "\n", -1);
  g_autoptr (GString) out = g_string_new (NULL);

  g_string_append_printf (out, "%s:", source != NULL ? source : "pipeline");
  for (guint i = 0; lines[i] != NULL; i++)
    if (lines[1] == NULL)
      g_string_append_printf (out, " %s", lines[i]);
    else if (lines[i][0] != '\0')
      g_string_append_printf (out, "\n  %s", lines[i]);
  g_string_append_c (out, '\n');
  print (self, out->str);
}

static void
say_warning (Launch *self, PinwheelMessage *message)
{
  const char *source = pinwheel_message_get_source (message);

  if (self->options->quiet)
    return;
  if (self->progress != NULL)
    progress_clear (self->progress);
  console_say ("warning: %s%s%s", source != NULL ? source : "", source != NULL ? ": " : "",
               pinwheel_message_get_text (message));
}

static gboolean
take_message (PinwheelBus *bus, PinwheelMessage *message, gpointer data)
{
  Launch *self = data;

  switch (pinwheel_message_get_kind (message))
    {
    case PINWHEEL_MESSAGE_RESULT:
      print_result (self, message);
      break;
    case PINWHEEL_MESSAGE_WARNING:
      say_warning (self, message);
      break;
    case PINWHEEL_MESSAGE_PROGRESS:
      if (self->progress != NULL)
        progress_draw (self->progress);
      break;
    case PINWHEEL_MESSAGE_ERROR: /* told once, by pinwheel_pipeline_wait() */
    case PINWHEEL_MESSAGE_EOS:
    case PINWHEEL_MESSAGE_STOPPED:
    default:
      g_main_loop_quit (self->loop);
    }
  return G_SOURCE_CONTINUE;
}

static void
take_all_messages (Launch *self)
{
  PinwheelBus *bus = pinwheel_pipeline_get_bus (self->pipeline);
  PinwheelMessage *message;

  while ((message = pinwheel_bus_pop (bus, 0)) != NULL)
    {
      take_message (bus, message, self);
      pinwheel_message_unref (message);
    }
}

/* Returns: (transfer full): the format of every link, and the memory plan */
static char *
describe_plan (PinwheelPipeline *pipeline)
{
  GPtrArray *elements = pinwheel_pipeline_get_elements (pipeline);
  g_autofree char *plan = pinwheel_plan_to_string (pinwheel_pipeline_get_plan (pipeline));
  GString *out = g_string_new (NULL);

  for (guint i = 0; i < elements->len; i++)
    {
      GPtrArray *pads = pinwheel_element_get_pads (g_ptr_array_index (elements, i));

      for (guint j = 0; j < pads->len; j++)
        {
          PinwheelPad *pad = g_ptr_array_index (pads, j);
          PinwheelPad *peer = pinwheel_pad_get_peer (pad);
          PinwheelFormat *format = pinwheel_pad_get_format (pad);
          g_autofree char *text = NULL;

          if (pinwheel_pad_get_direction (pad) != PINWHEEL_PAD_SRC || peer == NULL
              || format == NULL)
            continue;
          text = pinwheel_format_to_string (format);
          g_string_append_printf (out, "%s ! %s: %s\n", pinwheel_pad_get_path (pad),
                                  pinwheel_pad_get_path (peer), text);
        }
    }
  g_string_append_printf (out, "\n%s", plan);
  if (!g_str_has_suffix (out->str, "\n"))
    g_string_append_c (out, '\n');
  return g_string_free (out, FALSE);
}

static gboolean
uses_device (PinwheelPipeline *pipeline)
{
  GPtrArray *elements = pinwheel_pipeline_get_elements (pipeline);

  for (guint i = 0; i < elements->len; i++)
    {
      const PinwheelPadTemplate *t = PINWHEEL_ELEMENT_GET_CLASS (g_ptr_array_index (elements, i))
                                         ->templates;

      for (; t != NULL && t->name != NULL; t++)
        if (t->place == PINWHEEL_PLACE_DEVICE)
          return TRUE;
    }
  return FALSE;
}

/* Says which device was chosen, where nobody did: `host` instead of a GPU makes a great difference.
 */
static void
say_device (Launch *self)
{
  g_autofree char *given = pinwheel_object_get_as_string (G_OBJECT (self->pipeline), "device");
  const char *environment = g_getenv ("PINWHEEL_DEVICE");
  PinwheelDevice *device = pinwheel_pipeline_get_device (self->pipeline);
  const char *notice = pinwheel_pipeline_get_device_notice (self->pipeline);
  g_autofree char *line = NULL;

  if (self->options->quiet || device == NULL || (given != NULL && *given != '\0')
      || (environment != NULL && *environment != '\0') || !uses_device (self->pipeline))
    return;
  line = g_strdup_printf ("device: %s (%s%s%s)\n", pinwheel_device_get_name (device),
                          pinwheel_device_get_description (device), notice != NULL ? "; " : "",
                          notice != NULL ? notice : "");
  console_tell (line);
}

static int
print_plan (Launch *self, GError **error)
{
  g_autofree char *text = NULL;

  if (!pinwheel_pipeline_set_state (self->pipeline, PINWHEEL_STATE_READY, error))
    return EXIT_RUN_FAILED;
  say_device (self);
  take_all_messages (self);
  text = describe_plan (self->pipeline);
  pinwheel_pipeline_set_state (self->pipeline, PINWHEEL_STATE_NULL, NULL);
  print (self, text);
  return EXIT_SUCCESS;
}

static gboolean
compile_element (Launch *self, PinwheelElement *element, guint *n, GError **error)
{
  g_autoptr (GPtrArray) kernels = pinwheel_element_list_kernels (element);

  for (guint i = 0; i < kernels->len; i++)
    {
      gboolean found = FALSE;
      g_autofree char *path = pinwheel_kernel_compile (kernels->pdata[i], self->options->arch,
                                                       &found, error);
      g_autofree char *line = NULL;

      if (path == NULL)
        {
          g_prefix_error (error, "%s: ", pinwheel_element_get_name (element));
          return FALSE;
        }
      line = g_strdup_printf ("%s: %s %s: %s\n", pinwheel_element_get_name (element),
                              pinwheel_kernel_get_entry (kernels->pdata[i]),
                              found ? "was there" : "compiled", path);
      print (self, line);
      ++*n;
    }
  return TRUE;
}

static int
compile_only (Launch *self, GError **error)
{
  GPtrArray *elements = pinwheel_pipeline_get_elements (self->pipeline);
  gboolean ok = pinwheel_pipeline_set_state (self->pipeline, PINWHEEL_STATE_READY, error);
  guint n = 0;

  take_all_messages (self);
  for (guint i = 0; ok && i < elements->len; i++)
    ok = compile_element (self, elements->pdata[i], &n, error);
  pinwheel_pipeline_set_state (self->pipeline, PINWHEEL_STATE_NULL, NULL);
  if (ok && n == 0)
    print (self, "no element of this description runs a kernel\n");
  return ok ? EXIT_SUCCESS : EXIT_RUN_FAILED;
}

static gboolean
wants_progress (const Options *options)
{
  const char *terminal = g_getenv ("TERM");

  return !options->quiet && isatty (STDERR_FILENO) && g_strcmp0 (terminal, "dumb") != 0;
}

static int
run (Launch *self, GError **error)
{
  g_autofree char *text = NULL;
  guint watch;
  gboolean ok;

  if (!pinwheel_pipeline_set_state (self->pipeline, PINWHEEL_STATE_RUNNING, error))
    {
      take_all_messages (self);
      return EXIT_RUN_FAILED;
    }
  self->progress = progress_new (self->pipeline, wants_progress (self->options));
  say_device (self);
  if (self->options->verbose)
    {
      text = describe_plan (self->pipeline);
      console_tell (text);
    }
  watch = pinwheel_bus_add_watch (pinwheel_pipeline_get_bus (self->pipeline), take_message, self,
                                  NULL);
  g_main_loop_run (self->loop);
  g_source_remove (watch);
  ok = pinwheel_pipeline_wait (self->pipeline, error);
  take_all_messages (self);
  return ok ? EXIT_SUCCESS : EXIT_RUN_FAILED;
}

/* Tells how it ended, once. Returns: the exit code */
static int
finish (Launch *self, int code, int signum, const GError *error)
{
  g_autofree char *summary = NULL;
  g_autofree char *statistics = NULL;

  if (self->progress != NULL && self->options->stats)
    statistics = statistics_describe (self->pipeline);
  if (self->progress != NULL)
    {
      summary = progress_summary (self->progress);
      g_clear_pointer (&self->progress, progress_free);
    }
  if (statistics != NULL)
    console_tell (statistics);
  if (code != EXIT_SUCCESS && signum != 0)
    {
      console_say ("interrupted");
      return 128 + signum;
    }
  if (code != EXIT_SUCCESS)
    {
      console_say ("error: %s", error->message);
      return code;
    }
  if (self->output_error != NULL)
    {
      console_say ("error: %s", self->output_error->message);
      return EXIT_RUN_FAILED;
    }
  if (summary != NULL && !self->options->quiet)
    console_tell (summary);
  return EXIT_SUCCESS;
}

static int
launch (const Options *options)
{
  Launch self = { .options = options };
  g_autoptr (PinwheelPipeline) pipeline = NULL;
  g_autoptr (Interrupt) interrupt = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  const char *name;
  int code;

  text = options_read_text (options, &name, &error);
  if (text == NULL)
    {
      console_say ("error: %s", error->message);
      return EXIT_USAGE;
    }
  pipeline = pinwheel_parse_launch (text, name, &error);
  if (pipeline == NULL)
    {
      /* file:line:column begin lines of their own, where editors look for them */
      console_say ("error: the description is wrong:\n%s", error->message);
      return EXIT_USAGE;
    }
  if (!options_apply (options, pipeline, &error))
    {
      console_say ("error: %s", error->message);
      return EXIT_USAGE;
    }
  interrupt = interrupt_new (pipeline, &error);
  if (interrupt == NULL)
    {
      console_say ("error: %s", error->message);
      return EXIT_RUN_FAILED;
    }
  self.pipeline = pipeline;
  self.loop = g_main_loop_new (NULL, FALSE);
  if (options->compile_only)
    code = compile_only (&self, &error);
  else
    code = options->plan ? print_plan (&self, &error) : run (&self, &error);
  code = finish (&self, code, interrupt_get (interrupt), error);
  g_main_loop_unref (self.loop);
  g_clear_error (&self.output_error);
  return code;
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  Options options;
  int code;

  console_hold_standard_streams ();
  /* characters as the user's terminal has them, numbers as everywhere */
  setlocale (LC_CTYPE, "");
  /* a reader that goes away is an error like others, and told */
  signal (SIGPIPE, SIG_IGN);
  g_set_prgname ("pinwheel-launch");
  if (!options_parse (&options, argc, argv, &error))
    {
      console_say ("error: %s", error->message);
      code = EXIT_USAGE;
    }
  else if (options.version)
    code = console_print_all ("pinwheel-launch (Pinwheel) " PINWHEEL_VERSION "\n");
  else if (options.help != NULL)
    code = console_print_all (options.help);
  else
    code = launch (&options);
  options_clear (&options);
  return code;
}
