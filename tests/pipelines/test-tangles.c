/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Branches that part and meet again on a simulated device that is late at random: arrays updated in
 * place beside others that read them, several streams, few buffers. Whatever the plan, the bits are
 * the host's; whatever fails, the next run has them again. */
#include "config.h"

#include <check.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>

#include "pipelines/sim-run.h"
#include "pipelines/sim-spec.h"

#define ITEMS 97

static const char scale[]
    = "extern \"C\" __global__ void scale (double *x, const float *b, int n)\n"
      "{\n"
      "  int i = blockIdx.x * blockDim.x + threadIdx.x;\n"
      "  if (i < n)\n"
      "    x[i] = x[i] * 3 + b[0] + b[3];\n"
      "}\n";

/* %s: the kernel's file. An array goes three ways: updated in place, mapped, and as it is; there is
 * a second upload, and results leave in two places. */
static const char graph[]
    = "testsrc name=source format=\"x:f64[*] b:f32[4]\" items=97 ! upload name=up ! tee name=t  "
      "t. ! kernel name=scale source=%s keep=b ! select keep=x rename=x=scaled ! zip.  "
      "t. ! map name=double expr=\"y = 2*x\" ! select keep=y rename=y=doubled ! zip.  "
      "t. ! select keep=x rename=x=plain ! zip.  "
      "testsrc format=\"u:f32[2,*]\" items=97 pattern=random ! upload name=other ! zip.  "
      "zip name=zip ! tee name=out  "
      "out. ! map name=sum expr=\"s = scaled + doubled + plain\" ! download name=down ! "
      "checksumsink name=one  "
      "out. ! download name=all ! checksumsink name=two";

typedef struct
{
  SimRun run;
  char *folder, *kernel;
  char *expected[2]; /* checksums of the host's run */
} Tangle;

static char *
get_checksum (Tangle *tangle, guint i)
{
  PinwheelElement *sink = pinwheel_pipeline_get_element (tangle->run.pipeline,
                                                         i == 0 ? "one" : "two");
  char *checksum;

  g_object_get (sink, "checksum", &checksum, NULL);
  return checksum;
}

static void
tangle_init (Tangle *tangle)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  gboolean ok;

  *tangle = (Tangle){ .folder = g_dir_make_tmp ("pinwheel-tangles-XXXXXX", NULL) };
  tangle->kernel = g_build_filename (tangle->folder, "scale.cu", NULL);
  ck_assert (g_file_set_contents (tangle->kernel, scale, -1, NULL));
  text = g_strdup_printf (graph, tangle->kernel);
  tangle->run.pipeline = pinwheel_parse_launch (text, NULL, &error);
  ck_assert_msg (tangle->run.pipeline != NULL, "%s", error != NULL ? error->message : "");
  g_object_set (tangle->run.pipeline, "device", "host", NULL);
  ok = pinwheel_pipeline_run (tangle->run.pipeline, &error);
  ck_assert_msg (ok, "%s", error != NULL ? error->message : "no error set");
  for (guint i = 0; i < 2; i++)
    tangle->expected[i] = get_checksum (tangle, i);
}

static void
tangle_clear (Tangle *tangle)
{
  g_clear_object (&tangle->run.pipeline);
  g_unlink (tangle->kernel);
  ck_assert_int_eq (g_rmdir (tangle->folder), 0);
  for (guint i = 0; i < 2; i++)
    g_free (tangle->expected[i]);
  g_free (tangle->kernel);
  g_free (tangle->folder);
}

/* Every run has a plan of its own. */
static void
draw_plan (Tangle *tangle, GRand *rand)
{
  guint64 chunk = (guint64) g_rand_int_range (rand, 1, 30);

  g_object_set (tangle->run.pipeline, "chunk", chunk, "link-depth",
                (guint64) g_rand_int_range (rand, 1, 5), "device-memory",
                (guint64) g_rand_int_range (rand, 4096, 16384), "pinned-memory",
                (guint64) g_rand_int_range (rand, 4096, 16384), NULL);
}

static void
assert_runs (Tangle *tangle, PinwheelDevice *device)
{
  g_autoptr (GError) error = NULL;
  gboolean ok = sim_run (&tangle->run, device, NULL, NULL, &error);

  ck_assert_msg (ok, "%s", error != NULL ? error->message : "no error set");
  for (guint i = 0; i < 2; i++)
    {
      g_autofree char *checksum = get_checksum (tangle, i);

      ck_assert_str_eq (checksum, tangle->expected[i]);
    }
}

/* _i: seed */
START_TEST (bits_are_the_hosts_for_every_plan_and_delay)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed ((guint32) _i);
  guint rounds = sim_rounds (15);
  Tangle tangle;

  tangle_init (&tangle);
  for (guint i = 0; i < rounds; i++)
    {
      g_autoptr (PinwheelDevice) device = sim_open ("sim:delay=%dus,latency=%dus,seed=%u",
                                                    g_rand_int_range (rand, 0, 200),
                                                    g_rand_int_range (rand, 0, 20), i);

      draw_plan (&tangle, rand);
      assert_runs (&tangle, device);
    }
  tangle_clear (&tangle);
}
END_TEST

static gboolean
is_owner (const char *message)
{
  static const char *const owners[] = { "up", "other", "scale", "double", "sum", "down", "all" };

  for (guint i = 0; i < G_N_ELEMENTS (owners); i++)
    {
      g_autofree char *prefix = g_strdup_printf ("%s: chunk ", owners[i]);

      if (g_str_has_prefix (message, prefix))
        return TRUE;
    }
  return FALSE;
}

/* _i: seed */
START_TEST (any_work_that_fails_is_one_error_and_the_next_run_is_right)
{
  static const char *const faults[] = { "fail=h2d", "fail=d2h", "fail=launch", "fail=copy",
                                        "lose" };
  g_autoptr (GRand) rand = g_rand_new_with_seed ((guint32) _i);
  guint rounds = sim_rounds (20), failed = 0;
  Tangle tangle;

  tangle_init (&tangle);
  for (guint i = 0; i < rounds; i++)
    {
      const char *fault = faults[g_rand_int_range (rand, 0, G_N_ELEMENTS (faults))];
      gboolean lost = strcmp (fault, "lose") == 0;
      /* behind all allocations and compiles, the device is lost to some work */
      guint number = lost ? (guint) g_rand_int_range (rand, 20, 40)
                          : (guint) g_rand_int_range (rand, 1, 8);
      g_autoptr (PinwheelDevice) device = sim_open ("sim:delay=100us,seed=%u,%s%c%u", i, fault,
                                                    lost ? '=' : ':', number);
      g_autoptr (GError) error = NULL;

      draw_plan (&tangle, rand);
      if (!sim_run (&tangle.run, device, NULL, NULL, &error))
        {
          failed++;
          ck_assert (g_error_matches (error, PINWHEEL_ERROR, PINWHEEL_ERROR_DEVICE));
          /* CUDA does not say which work has lost a device */
          if (lost && sim_is_emulated ())
            sim_assert_lost (error);
          else
            ck_assert_msg (is_owner (error->message), "%s", error->message);
        }
      if (lost)
        {
          g_clear_object (&device);
          device = sim_open ("sim:delay=100us,seed=%u", i);
        }
      assert_runs (&tangle, device);
    }
  ck_assert_uint_gt (failed, rounds / 2);
  tangle_clear (&tangle);
}
END_TEST

static void
stop_after_a_while (gpointer data)
{
  PinwheelPipeline *pipeline = ((gpointer *) data)[0];
  gint64 until = *(gint64 *) ((gpointer *) data)[1];

  while (g_get_monotonic_time () < until)
    g_thread_yield ();
  pinwheel_pipeline_stop (pipeline);
}

/* _i: seed */
START_TEST (a_stop_at_any_moment_ends_it_and_the_next_run_is_right)
{
  g_autoptr (PinwheelDevice) device = sim_open ("sim:delay=100us,seed=%d", _i);
  g_autoptr (GRand) rand = g_rand_new_with_seed ((guint32) _i);
  guint rounds = sim_rounds (20);
  Tangle tangle;

  tangle_init (&tangle);
  for (guint i = 0; i < rounds; i++)
    {
      gint64 until = g_get_monotonic_time () + g_rand_int_range (rand, 0, 8000);
      gpointer data[] = { tangle.run.pipeline, &until };
      g_autoptr (GError) error = NULL;

      draw_plan (&tangle, rand);
      if (!sim_run (&tangle.run, device, stop_after_a_while, data, &error))
        ck_assert (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED));
      if (i % 4 == 0)
        assert_runs (&tangle, device);
    }
  tangle_clear (&tangle);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("tangles");
  TCase *tcase = tcase_create ("tangles");
  SRunner *runner = srunner_create (suite);
  int failed;

  suite_add_tcase (suite, tcase);
  tcase_set_timeout (tcase, 0);
  tcase_add_loop_test (tcase, bits_are_the_hosts_for_every_plan_and_delay, 0, 4);
  tcase_add_loop_test (tcase, any_work_that_fails_is_one_error_and_the_next_run_is_right, 0, 4);
  tcase_add_loop_test (tcase, a_stop_at_any_moment_ends_it_and_the_next_run_is_right, 0, 4);

  srunner_run_all (runner, CK_ENV);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
