/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Kernels on their way to a CUDA device: NVRTC really compiles them, nothing runs them. */
#include "config.h"

#include <stdlib.h>

#include "compute/nvrtc-private.h"
#include "cuda/fake-driver.h"
#include "unit/kernel-run.h"

#define N_ITEMS 1000

static const char scale[] = "__global__ void scale (const float *x, float *y, int n)\n"
                            "{\n"
                            "  int i = blockIdx.x * blockDim.x + threadIdx.x;\n"
                            "  if (i < n)\n"
                            "    y[i] = 2 * x[i];\n"
                            "}\n";

static const char own_ptx[] = ".version 8.0\n.entry scale () { ret; }\n";

static PinwheelDevice *device;
static PinwheelFormat *format;

static void
setup (void)
{
  g_autoptr (GError) error = NULL;

  fake_reset ();
  device = pinwheel_device_open ("cuda:0", &error);
  ck_assert_ok (device != NULL, error);
  format = make_format ("x:f32[*]", N_ITEMS);
}

static void
teardown (void)
{
  g_clear_pointer (&format, pinwheel_format_unref);
  g_clear_object (&device);
  ck_assert_uint_eq (fake_count_alive (), 0);
}

static PinwheelKernel *
make_kernel (const char *source, const char *block, GBytes *code, GError **error)
{
  PinwheelKernelSpec spec = { .file = "scale.cu",
                              .source = source,
                              .entry = "scale",
                              .outputs = "y[*]",
                              .block = block,
                              .code = code,
                              .parameters = code != NULL ? "const float *x, float *y, int n"
                                                         : NULL };

  return pinwheel_kernel_new (&spec, format, error);
}

/* Loads it on the device and launches it over all items. */
static void
run_kernel (PinwheelKernel *kernel)
{
  g_autofree float *x = g_new0 (float, N_ITEMS);
  const void *data[] = { x };
  g_autoptr (PinwheelChunk) output = NULL;
  g_autoptr (GError) error = NULL;
  gboolean ok = pinwheel_kernel_load (kernel, device, &error);

  ck_assert_ok (ok, error);
  output = run_chunk (kernel, device, format, 0, N_ITEMS, data, &error);
  ck_assert_ok (output != NULL, error);
}

START_TEST (a_kernel_is_compiled_to_the_device_s_own_code)
{
  g_autoptr (PinwheelKernel) kernel = make_kernel (scale, NULL, NULL, NULL);

  run_kernel (kernel);
  ck_assert_str_eq (fake_last_module, "\177ELF");
  ck_assert_str_eq (fake_last_launch.function, "_Z5scalePKfPfi");
}
END_TEST

START_TEST (blocks_are_as_large_as_the_driver_recommends)
{
  g_autoptr (PinwheelKernel) kernel = make_kernel (scale, NULL, NULL, NULL);

  run_kernel (kernel);
  ck_assert_uint_eq (fake_last_launch.block[0], 384);
  ck_assert_uint_eq (fake_last_launch.grid[0], 3);
}
END_TEST

START_TEST (blocks_are_as_large_as_the_user_says)
{
  g_autoptr (PinwheelKernel) kernel = make_kernel (scale, "64", NULL, NULL);

  run_kernel (kernel);
  ck_assert_uint_eq (fake_last_launch.block[0], 64);
  ck_assert_uint_eq (fake_last_launch.grid[0], 16);
}
END_TEST

START_TEST (the_driver_gets_ptx_where_it_refuses_the_cubin)
{
  g_autoptr (PinwheelKernel) kernel = make_kernel (scale, NULL, NULL, NULL);

  fake_fail ("cuModuleLoadDataEx", 1, CUDA_ERROR_NO_BINARY_FOR_GPU);
  run_kernel (kernel);
  ck_assert_uint_eq (fake_count ("cuModuleLoadDataEx"), 2);
  ck_assert_msg (g_str_has_prefix (fake_last_module, "//"), "%s", fake_last_module);
  ck_assert_str_eq (fake_last_launch.function, "_Z5scalePKfPfi");
}
END_TEST

START_TEST (an_nvrtc_newer_than_the_driver_is_told)
{
  g_autoptr (PinwheelKernel) kernel = make_kernel (scale, NULL, NULL, NULL);
  GError *error = NULL;

  /* the cubin's refusal is the first call's, the PTX's the second one's */
  fake_refuse_modules (CUDA_ERROR_UNSUPPORTED_PTX_VERSION);
  ck_assert (!pinwheel_kernel_load (kernel, device, &error));
  check_message (error, PINWHEEL_ERROR_DEVICE, "name an older toolkit's folder in CUDA_HOME");
  g_error_free (error);
  ck_assert_uint_eq (fake_count ("cuModuleLoadDataEx"), 2);
}
END_TEST

START_TEST (compiled_code_is_loaded_as_it_is)
{
  g_autoptr (GBytes) code = g_bytes_new_static (own_ptx, sizeof own_ptx);
  g_autoptr (PinwheelKernel) kernel = make_kernel (NULL, NULL, code, NULL);

  run_kernel (kernel);
  ck_assert_str_eq (fake_last_module, ".ver");
  ck_assert_str_eq (fake_last_launch.function, "scale");
}
END_TEST

START_TEST (compiled_code_is_for_cuda_devices_alone)
{
  g_autoptr (GBytes) code = g_bytes_new_static (own_ptx, sizeof own_ptx);
  g_autoptr (PinwheelKernel) kernel = make_kernel (NULL, NULL, code, NULL);
  g_autoptr (PinwheelDevice) host = pinwheel_device_open ("host", NULL);
  GError *error = NULL;

  ck_assert (!pinwheel_kernel_load (kernel, host, &error));
  check_message (error, PINWHEEL_ERROR_KERNEL, "which only CUDA devices run");
  g_error_free (error);
}
END_TEST

START_TEST (compiled_code_needs_its_parameters_and_cuda_c_has_its_own)
{
  g_autoptr (GBytes) code = g_bytes_new_static (own_ptx, sizeof own_ptx);
  PinwheelKernelSpec spec = { .file = "scale.ptx", .code = code, .entry = "scale" };
  GError *error = NULL;

  ck_assert_ptr_null (pinwheel_kernel_new (&spec, format, &error));
  check_message (error, PINWHEEL_ERROR_KERNEL, "declare what it takes in parameters=");
  g_clear_error (&error);
  spec = (PinwheelKernelSpec){ .file = "scale.cu", .source = scale, .parameters = "int n" };
  ck_assert_ptr_null (pinwheel_kernel_new (&spec, format, &error));
  check_message (error, PINWHEEL_ERROR_KERNEL, "parameters= is for compiled code");
  g_error_free (error);
}
END_TEST

static Suite *
make_suite (void)
{
  Suite *suite = suite_create ("cuda-kernel");
  TCase *tcase = tcase_create ("kernel");

  tcase_add_checked_fixture (tcase, setup, teardown);
  tcase_add_test (tcase, a_kernel_is_compiled_to_the_device_s_own_code);
  tcase_add_test (tcase, blocks_are_as_large_as_the_driver_recommends);
  tcase_add_test (tcase, blocks_are_as_large_as_the_user_says);
  tcase_add_test (tcase, the_driver_gets_ptx_where_it_refuses_the_cubin);
  tcase_add_test (tcase, an_nvrtc_newer_than_the_driver_is_told);
  tcase_add_test (tcase, compiled_code_is_loaded_as_it_is);
  tcase_add_test (tcase, compiled_code_is_for_cuda_devices_alone);
  tcase_add_test (tcase, compiled_code_needs_its_parameters_and_cuda_c_has_its_own);
  suite_add_tcase (suite, tcase);
  return suite;
}

int
main (void)
{
  g_autoptr (GError) error = NULL;
  SRunner *runner;
  int failed;

  if (pinwheel_nvrtc_open (&error) == NULL)
    {
      g_print ("1..0 # SKIP %s\n", error->message);
      return EXIT_SUCCESS;
    }
  runner = srunner_create (make_suite ());
  srunner_run_all (runner, CK_ENV);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
