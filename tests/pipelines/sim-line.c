/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <check.h>
#include <glib/gstdio.h>
#include <string.h>

#include "pipelines/sim-line.h"

#define ROWS 3

void
sim_line_init (SimLine *line, guint64 items, guint64 chunk, gboolean identities)
{
  g_autoptr (GError) error = NULL;
  const char *between = identities ? "identity ! " : "";
  g_autofree char *text = NULL;

  *line = (SimLine){ .folder = g_dir_make_tmp ("pinwheel-sim-XXXXXX", NULL) };
  ck_assert_ptr_nonnull (line->folder);
  text = g_strdup_printf ("testsrc name=source format=\"x:f64[%d,*] b:f32[2,5]\" ! %supload ! "
                          "%smap name=map expr=\"y = 2*x + 1\" ! %sdownload ! %stee name=t  "
                          "t. ! %snpysink name=file location=-  t. ! fakesink name=end",
                          ROWS, between, between, between, between, between);
  line->run.pipeline = pinwheel_parse_launch (text, NULL, &error);
  ck_assert_msg (line->run.pipeline != NULL, "%s", error != NULL ? error->message : "no error set");
  sim_line_set_length (line, items, chunk);
  sim_line_set_result (line, 2, "out.npy");
}

void
sim_line_clear (SimLine *line)
{
  g_clear_object (&line->run.pipeline);
  ck_assert_int_eq (g_rmdir (line->folder), 0);
  g_clear_pointer (&line->folder, g_free);
  g_clear_pointer (&line->file, g_free);
}

void
sim_line_set_length (SimLine *line, guint64 items, guint64 chunk)
{
  line->items = items;
  line->chunk = chunk;
  g_object_set (pinwheel_pipeline_get_element (line->run.pipeline, "source"), "items", items, NULL);
  g_object_set (line->run.pipeline, "chunk", chunk, NULL);
}

void
sim_line_set_result (SimLine *line, guint factor, const char *file)
{
  g_autofree char *path = g_build_filename (line->folder, file, NULL);
  g_autofree char *expression = g_strdup_printf ("y = %u*x + 1", factor);

  line->factor = factor;
  g_free (line->file);
  line->file = g_strdup (file);
  g_object_set (pinwheel_pipeline_get_element (line->run.pipeline, "map"), "expr", expression,
                NULL);
  g_object_set (pinwheel_pipeline_get_element (line->run.pipeline, "file"), "location", path, NULL);
}

static void
assert_result (SimLine *line)
{
  g_autofree char *path = g_build_filename (line->folder, line->file, NULL);
  PinwheelElement *end = pinwheel_pipeline_get_element (line->run.pipeline, "end");
  gsize n = ROWS * line->items, size;
  g_autofree char *bytes = NULL;
  PinwheelStatistics statistics;
  guint64 wrong = 0;

  ck_assert (g_file_get_contents (path, &bytes, &size, NULL));
  ck_assert_int_eq (g_unlink (path), 0);
  ck_assert_uint_gt (size, n * sizeof (double));
  for (gsize k = 0; k < n; k++)
    {
      double y;

      memcpy (&y, bytes + size - (n - k) * sizeof y, sizeof y);
      wrong += y != line->factor * (double) k + 1;
    }
  ck_assert_uint_eq (wrong, 0);
  pinwheel_element_get_statistics (end, &statistics);
  ck_assert_uint_eq (statistics.items, line->items);
  if (line->chunk > 0)
    ck_assert_uint_eq (statistics.chunks, MAX ((line->items + line->chunk - 1) / line->chunk, 1));
}

gboolean
sim_line_run (SimLine *line, PinwheelDevice *device, void (*meanwhile) (gpointer data),
              gpointer data, GError **error)
{
  g_autoptr (GPtrArray) devices = g_ptr_array_new ();

  g_ptr_array_add (devices, device);
  return sim_line_run_on (line, devices, meanwhile, data, error);
}

gboolean
sim_line_run_on (SimLine *line, GPtrArray *devices, void (*meanwhile) (gpointer data),
                 gpointer data, GError **error)
{
  gboolean ok = sim_run_on (&line->run, devices, meanwhile, data, error);

  if (ok)
    assert_result (line);
  else
    {
      g_autoptr (GDir) files = g_dir_open (line->folder, 0, NULL);

      ck_assert_ptr_null (g_dir_read_name (files));
    }
  return ok;
}

void
sim_line_assert_runs (SimLine *line, const char *spec)
{
  g_autoptr (PinwheelDevice) device = sim_open ("%s", spec);
  g_autoptr (GError) error = NULL;
  gboolean ok = sim_line_run (line, device, NULL, NULL, &error);

  ck_assert_msg (ok, "%s", error != NULL ? error->message : "no error set");
}
