/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <pinwheel/registry.h>

#include "support.h"

#include <glib/gstdio.h>
#include <string.h>

const guint64 support_lengths[SUPPORT_N_LENGTHS] = { 1, 2, 7, 1000000 };

static char *folder;
static GPtrArray *paths; /* (element-type char) owned */

PinwheelElement *
support_make (const char *type, ...)
{
  g_autoptr (GError) error = NULL;
  PinwheelElement *element = pinwheel_element_make (type, NULL, &error);
  const char *name;
  va_list args;

  ck_assert_msg (element != NULL, "%s", error != NULL ? error->message : "");
  va_start (args, type);
  while ((name = va_arg (args, const char *)) != NULL)
    {
      const char *value = va_arg (args, const char *);

      ck_assert_msg (pinwheel_object_set_from_string (G_OBJECT (element), name, value, &error),
                     "%s", error != NULL ? error->message : "");
    }
  va_end (args);
  return element;
}

PinwheelPipeline *
support_chain (guint64 chunk, ...)
{
  PinwheelPipeline *pipeline = pinwheel_pipeline_new ();
  PinwheelElement *before = NULL, *element;
  va_list args;

  g_object_set (pipeline, "chunk", chunk, "device", "host", NULL);
  va_start (args, chunk);
  while ((element = va_arg (args, PinwheelElement *)) != NULL)
    {
      ck_assert (pinwheel_pipeline_add (pipeline, element, NULL));
      if (before != NULL)
        ck_assert (pinwheel_pad_link (pinwheel_element_get_free_pad (before, PINWHEEL_PAD_SRC),
                                      pinwheel_element_get_free_pad (element, PINWHEEL_PAD_SINK),
                                      NULL));
      g_object_unref (element);
      before = element;
    }
  va_end (args);
  return pipeline;
}

void
support_run (PinwheelPipeline *pipeline)
{
  g_autoptr (GError) error = NULL;

  ck_assert_msg (pinwheel_pipeline_run (pipeline, &error), "%s",
                 error != NULL ? error->message : "");
  g_object_unref (pipeline);
}

void
support_check_error (const GError *error, int code, const char *words)
{
  ck_assert_ptr_nonnull (error);
  ck_assert_msg (strstr (error->message, words) != NULL, "\"%s\" is not in \"%s\"", words,
                 error->message);
  ck_assert_msg (g_error_matches (error, PINWHEEL_ERROR, code), "%s: %d, not %d", error->message,
                 error->code, code);
}

void
support_run_fails (PinwheelPipeline *pipeline, int code, const char *words)
{
  g_autoptr (GError) error = NULL;

  ck_assert (!pinwheel_pipeline_run (pipeline, &error));
  support_check_error (error, code, words);
  g_object_unref (pipeline);
}

PinwheelMessage *
support_pop (PinwheelPipeline *pipeline, PinwheelMessageType kind)
{
  PinwheelMessage *message;

  while ((message = pinwheel_bus_pop (pinwheel_pipeline_get_bus (pipeline), 0)) != NULL)
    {
      if (pinwheel_message_get_kind (message) == kind)
        return message;
      pinwheel_message_unref (message);
    }
  ck_abort_msg ("no such message");
  return NULL;
}

void
support_make_folder (void)
{
  folder = g_dir_make_tmp ("pinwheel-XXXXXX", NULL);
  paths = g_ptr_array_new_with_free_func (g_free);
  ck_assert_ptr_nonnull (folder);
}

void
support_remove_folder (void)
{
  GDir *dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    g_remove (support_path (name));
  g_dir_close (dir);
  ck_assert_int_eq (g_rmdir (folder), 0);
  g_clear_pointer (&folder, g_free);
  g_clear_pointer (&paths, g_ptr_array_unref);
}

const char *
support_path (const char *name)
{
  char *path = g_build_filename (folder, name, NULL);

  g_ptr_array_add (paths, path);
  return path;
}

guint
support_count_files (void)
{
  GDir *dir = g_dir_open (folder, 0, NULL);
  guint n = 0;

  while (g_dir_read_name (dir) != NULL)
    n++;
  g_dir_close (dir);
  return n;
}

void
support_write (const char *path, gconstpointer bytes, gsize size)
{
  ck_assert (
      g_file_set_contents_full (path, bytes, (gssize) size, G_FILE_SET_CONTENTS_NONE, 0644, NULL));
}

GBytes *
support_read (const char *path)
{
  g_autoptr (GError) error = NULL;
  char *bytes = NULL;
  gsize size = 0;

  ck_assert_msg (g_file_get_contents (path, &bytes, &size, &error), "%s",
                 error != NULL ? error->message : "");
  return g_bytes_new_take (bytes, size);
}

void
support_check_same (const char *path, const char *other)
{
  g_autoptr (GBytes) a = support_read (path);
  g_autoptr (GBytes) b = support_read (other);

  ck_assert_msg (g_bytes_equal (a, b), "%s and %s differ", path, other);
}

void
support_python (const char *script, const char *argument)
{
  g_autofree char *text = g_strconcat ("import sys, numpy as np\n"
                                       "folder = sys.argv[1] + '/'\n",
                                       script, NULL);
  const char *argv[] = { "/usr/bin/python3", "-c", text, folder, argument, NULL };
  g_autofree char *trouble = NULL;
  g_autoptr (GError) error = NULL;
  int status = 0;

  ck_assert_msg (g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, NULL,
                               &trouble, &status, &error),
                 "%s", error != NULL ? error->message : "");
  ck_assert_msg (g_spawn_check_wait_status (status, NULL), "%s", trouble);
}
