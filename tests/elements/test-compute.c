/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "support.h"

#include <stdlib.h>
#include <string.h>

static void
write_source (const char *text)
{
  support_write (support_path ("kernel.cu"), text, strlen (text));
}

/* testsrc ! upload ! @stage (transfer full) ! download ! npysink, a file NAME.npy per array */
static PinwheelPipeline *
around (const char *format, const char *items, guint64 chunk, PinwheelElement *stage)
{
  return support_chain (chunk, support_make ("testsrc", "format", format, "items", items, NULL),
                        support_make ("upload", NULL), stage, support_make ("download", NULL),
                        support_make ("npysink", "location", support_path ("%s.npy"), NULL), NULL);
}

static PinwheelElement *
kernel (void)
{
  return support_make ("kernel", "source", support_path ("kernel.cu"), NULL);
}

static const char *const counts[] = { "0", "1", "14", "50" };

START_TEST (map_computes_every_element_whatever_the_chunks)
{
  for (guint n = 0; n < G_N_ELEMENTS (counts); n++)
    {
      support_run (around ("x:f64[3,*] w:f64[13]", counts[n], support_lengths[_i],
                           support_make ("map", "expr", "y = a*x + 1; z = y*y", "args", "a=2",
                                         "keep", "x w", NULL)));
      support_python ("n = int(sys.argv[2])\n"
                      "x, y, z, w = (np.load(folder + name + '.npy') for name in 'xyzw')\n"
                      "want = np.arange(3.0 * n).reshape(3, n)\n"
                      "assert (x == want).all() and (w == np.arange(13)).all()\n"
                      "assert y.shape == (3, n) and (y == 2 * want + 1).all()\n"
                      "assert (z == (2 * want + 1)**2).all()\n",
                      counts[n]);
    }
}
END_TEST

#define SCALE                                                                                      \
  "extern \"C\" __global__ void scale (const float *x, float *y, int n, long start, long N,\n"     \
  "                                    float w)\n"                                                 \
  "{\n"                                                                                            \
  "  int i = blockIdx.x * blockDim.x + threadIdx.x;\n"                                             \
  "  if (i < n)\n"                                                                                 \
  "    y[i] = w * x[i] + (float) (start + i) + (float) N;\n"                                       \
  "}\n"

START_TEST (kernel_gets_its_arguments_by_name_whatever_the_chunks)
{
  write_source (SCALE);
  for (guint n = 0; n < G_N_ELEMENTS (counts); n++)
    {
      PinwheelElement *stage = kernel ();

      g_object_set (stage, "args", "w=0.5", "outputs", "y[*]", NULL);
      support_run (around ("x:f32[*]", counts[n], support_lengths[_i], stage));
      support_python ("n = int(sys.argv[2])\n"
                      "x = np.arange(n, dtype='f4')\n"
                      "y = np.load(folder + 'y.npy')\n"
                      "assert y.shape == (n,) and (y == x / 2 + x + n).all(), y\n",
                      counts[n]);
    }
}
END_TEST

START_TEST (a_source_that_cannot_be_read_is_told)
{
  support_run_fails (around ("x:f32[*]", "9", 0, kernel ()), PINWHEEL_ERROR_RESOURCE, "kernel.cu");
  support_write (support_path ("kernel.cu"), "\xff\xfe\x00", 3);
  support_run_fails (around ("x:f32[*]", "9", 0, kernel ()), PINWHEEL_ERROR_KERNEL,
                     "not text in UTF-8");
}
END_TEST

START_TEST (a_source_that_does_not_compile_is_told_with_its_line)
{
  PinwheelElement *stage = kernel ();

  write_source ("__global__ void f (const float *x, float *y, int n)\n"
                "{\n"
                "  int i = threadIdx.x + blockIdx.x * blockDim.x;\n"
                "  if (i < n) y[i] = nonsense (x[i]);\n"
                "}\n");
  g_object_set (stage, "outputs", "y[*]", NULL);
  support_run_fails (around ("x:f32[*]", "9", 0, stage), PINWHEEL_ERROR_KERNEL, "kernel.cu:4");
  ck_assert (!g_file_test (support_path ("y.npy"), G_FILE_TEST_EXISTS));
}
END_TEST

START_TEST (an_argument_that_is_missing_is_told)
{
  PinwheelElement *stage = kernel ();

  write_source (SCALE);
  g_object_set (stage, "outputs", "y[*]", NULL);
  support_run_fails (around ("x:f32[*]", "9", 0, stage), PINWHEEL_ERROR_KERNEL, "'w'");
}
END_TEST

START_TEST (an_expression_that_is_wrong_is_told)
{
  support_run_fails (around ("x:f32[*]", "9", 0, support_make ("map", "expr", "y = 2 *", NULL)),
                     PINWHEEL_ERROR_PARSE, "map0: ");
}
END_TEST

START_TEST (kernels_take_chunks_from_the_device_only)
{
  support_run_fails (support_chain (0, support_make ("testsrc", NULL),
                                    support_make ("map", "expr", "y = 2*x", NULL),
                                    support_make ("fakesink", NULL), NULL),
                     PINWHEEL_ERROR_LINK, "put 'upload' between them");
}
END_TEST

START_TEST (a_stop_ends_a_run_with_a_kernel)
{
  for (guint i = 0; i < 20; i++)
    {
      g_autoptr (PinwheelPipeline) pipeline = around (
          "x:f32[*]", "100000", 11, support_make ("map", "expr", "y = 2*x", NULL));

      ck_assert (pinwheel_pipeline_set_state (pipeline, PINWHEEL_STATE_RUNNING, NULL));
      pinwheel_pipeline_stop (pipeline);
      ck_assert (!pinwheel_pipeline_wait (pipeline, NULL));
    }
  ck_assert (!g_file_test (support_path ("y.npy"), G_FILE_TEST_EXISTS));
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("compute");
  TCase *tcase = tcase_create ("compute");
  SRunner *runner = srunner_create (suite);
  int failed;

  suite_add_tcase (suite, tcase);
  tcase_set_timeout (tcase, 60);
  tcase_add_checked_fixture (tcase, support_make_folder, support_remove_folder);
  tcase_add_loop_test (tcase, map_computes_every_element_whatever_the_chunks, 0, SUPPORT_N_LENGTHS);
  tcase_add_loop_test (tcase, kernel_gets_its_arguments_by_name_whatever_the_chunks, 0,
                       SUPPORT_N_LENGTHS);
  tcase_add_test (tcase, a_source_that_cannot_be_read_is_told);
  tcase_add_test (tcase, a_source_that_does_not_compile_is_told_with_its_line);
  tcase_add_test (tcase, an_argument_that_is_missing_is_told);
  tcase_add_test (tcase, an_expression_that_is_wrong_is_told);
  tcase_add_test (tcase, kernels_take_chunks_from_the_device_only);
  tcase_add_test (tcase, a_stop_ends_a_run_with_a_kernel);

  srunner_run_all (runner, CK_ENV);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
