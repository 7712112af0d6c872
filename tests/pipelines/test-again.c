/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One pipeline object runs again and again: with other inputs, other properties, other devices,
 * after runs that succeeded, failed or were stopped. */
#include "config.h"

#include <check.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>

#include "pipelines/sim-line.h"
#include "pipelines/sim-spec.h"

START_TEST (a_line_runs_again_shorter_and_longer)
{
  static const guint64 lengths[] = { 57, 3, 400, 0, 1, 57, 58, 1000, 10 };
  SimLine line;

  sim_line_init (&line, 0, 10, FALSE);
  for (guint i = 0; i < G_N_ELEMENTS (lengths); i++)
    {
      sim_line_set_length (&line, lengths[i], 10);
      sim_line_assert_runs (&line, "sim:delay=50us");
      sim_line_set_length (&line, lengths[i], 0);
      sim_line_assert_runs (&line, "sim:memory=4KiB,pinned=64KiB");
    }
  sim_line_clear (&line);
}
END_TEST

typedef enum
{
  FATE_SUCCEEDS,
  FATE_FAILS,
  FATE_IS_STOPPED,
  FATE_LOSES_A_PIECE_OF_WORK,
  N_FATES
} Fate;

static void
stop_now (gpointer pipeline)
{
  pinwheel_pipeline_stop (pipeline);
}

/* A run in which everything may be other than before. */
static void
run_changed (SimLine *line, GRand *rand)
{
  static const char *const specs[] = { "sim", "sim:delay=100us", "sim:memory=6KiB,pinned=6KiB",
                                       "sim:latency=20us,h2d=20MB/s", "host" };
  Fate fate = (Fate) g_rand_int_range (rand, 0, N_FATES);
  guint64 items = (guint64) g_rand_int_range (rand, 0, 120);
  g_autofree char *name = g_strdup_printf ("identity%d", g_rand_int_range (rand, 0, 5));
  PinwheelElement *identity = pinwheel_pipeline_get_element (line->run.pipeline, name);
  gint32 fault = g_rand_int_range (rand, 1, 9);
  g_autoptr (PinwheelDevice) device = NULL;
  g_autoptr (GError) error = NULL;
  gboolean ok;

  device = fate == FATE_LOSES_A_PIECE_OF_WORK
               ? sim_open ("sim:delay=20us,fail=copy:%d", fault)
               : sim_open ("%s", specs[g_rand_int_range (rand, 0, G_N_ELEMENTS (specs))]);
  sim_line_set_length (line, items, (guint64) g_rand_int_range (rand, 0, 40));
  sim_line_set_result (line, (guint) g_rand_int_range (rand, 1, 4),
                       g_rand_boolean (rand) ? "out.npy" : "other.npy");
  g_object_set (identity, "fail-at",
                fate == FATE_FAILS ? (gint64) g_rand_int_range (rand, 0, 3) : -1, NULL);
  ok = sim_line_run (line, device, fate == FATE_IS_STOPPED ? stop_now : NULL, line->run.pipeline,
                     &error);
  g_object_set (identity, "fail-at", (gint64) -1, NULL);
  if (ok)
    return;
  ck_assert_int_ne (fate, FATE_SUCCEEDS);
  if (fate == FATE_IS_STOPPED)
    ck_assert (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED));
  else if (fate == FATE_FAILS)
    ck_assert_msg (g_str_has_suffix (error->message, "as fail-at asks"), "%s", error->message);
  else
    sim_assert_fault (error, NULL, pinwheel_device_get_name (device), "copy", (guint) fault);
}

/* _i: seed */
START_TEST (a_line_runs_again_whatever_changed_and_however_it_ended)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed ((guint32) _i);
  guint rounds = sim_rounds (40);
  SimLine line;

  sim_line_init (&line, 10, 10, TRUE);
  for (guint factor = 1; factor < 4; factor++)
    {
      sim_line_set_result (&line, factor, "out.npy");
      sim_line_assert_runs (&line, "sim");
    }
  for (guint i = 0; i < rounds; i++)
    run_changed (&line, rand);
  sim_line_clear (&line);
}
END_TEST

static void
write_numbers (const char *path, guint n, guint first)
{
  g_autofree guint32 *numbers = g_new (guint32, n + 1);
  gboolean ok;

  for (guint i = 0; i < n; i++)
    numbers[i] = first + i;
  ok = g_file_set_contents (path, (const char *) numbers, (gssize) (n * sizeof *numbers), NULL);
  ck_assert (ok);
}

START_TEST (a_file_may_be_another_one_in_the_next_run)
{
  static const guint lengths[] = { 100, 7, 1000, 0, 101 };
  g_autofree char *folder = g_dir_make_tmp ("pinwheel-again-XXXXXX", NULL);
  g_autofree char *in = g_build_filename (folder, "in.raw", NULL);
  g_autofree char *out = g_build_filename (folder, "out.raw", NULL);
  g_autofree char *spec = sim_spec ("sim:delay=50us");
  g_autoptr (GError) error = NULL;
  g_autoptr (PinwheelPipeline) pipeline = pinwheel_parse_launch (
      "rawsrc name=in location=- format=\"x:u32[*]\" ! upload ! map expr=\"y = x + x\" ! download "
      "! "
      "rawsink name=out location=-",
      NULL, &error);

  ck_assert_msg (pipeline != NULL, "%s", error != NULL ? error->message : "no error set");
  g_object_set (pipeline, "device", spec, "chunk", (guint64) 9, NULL);
  g_object_set (pinwheel_pipeline_get_element (pipeline, "in"), "location", in, NULL);
  g_object_set (pinwheel_pipeline_get_element (pipeline, "out"), "location", out, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (lengths); i++)
    {
      g_autofree char *bytes = NULL;
      guint wrong = 0;
      gsize size;

      ck_assert_int_eq (g_file_test (in, G_FILE_TEST_EXISTS), i > 0);
      if (i == 0)
        ck_assert (!pinwheel_pipeline_run (pipeline, NULL));
      write_numbers (in, lengths[i], i);
      ck_assert (pinwheel_pipeline_run (pipeline, NULL));
      ck_assert (g_file_get_contents (out, &bytes, &size, NULL));
      ck_assert_uint_eq (size, lengths[i] * sizeof (guint32));
      for (guint k = 0; k < lengths[i]; k++)
        {
          guint32 y;

          memcpy (&y, bytes + k * sizeof y, sizeof y);
          wrong += y != 2 * (i + k);
        }
      ck_assert_uint_eq (wrong, 0);
    }
  g_unlink (in);
  g_unlink (out);
  ck_assert_int_eq (g_rmdir (folder), 0);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("again");
  TCase *tcase = tcase_create ("again");
  SRunner *runner = srunner_create (suite);
  int failed;

  suite_add_tcase (suite, tcase);
  tcase_set_timeout (tcase, 0);
  tcase_add_test (tcase, a_line_runs_again_shorter_and_longer);
  tcase_add_loop_test (tcase, a_line_runs_again_whatever_changed_and_however_it_ended, 0, 6);
  tcase_add_test (tcase, a_file_may_be_another_one_in_the_next_run);

  srunner_run_all (runner, CK_ENV);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
