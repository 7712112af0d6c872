/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>

#include "unit/kernel-run.h"

static PinwheelKernel *
try_kernel (const PinwheelKernelSpec *spec, const char *format, guint64 n_items, GError **error)
{
  g_autoptr (PinwheelFormat) input = make_format (format, n_items);

  return pinwheel_kernel_new (spec, input, error);
}

static void
check_error (const PinwheelKernelSpec *spec, const char *format, const char *part)
{
  g_autoptr (GError) error = NULL;

  ck_assert_ptr_null (try_kernel (spec, format, 100, &error));
  check_message (error, PINWHEEL_ERROR_KERNEL, part);
}

static void
check_output (const PinwheelKernelSpec *spec, const char *format, const char *expected, guint made)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PinwheelKernel) kernel = try_kernel (spec, format, 100, &error);
  g_autofree char *text = NULL;

  ck_assert_ok (kernel != NULL, error);
  text = pinwheel_format_to_string (pinwheel_kernel_get_output (kernel));
  ck_assert_str_eq (text, expected);
  ck_assert_uint_eq (pinwheel_kernel_get_n_outputs (kernel), made);
  ck_assert_uint_eq (pinwheel_format_n_items (pinwheel_kernel_get_output (kernel)), 100);
}

#define SPEC(text, ...) (&(PinwheelKernelSpec){ .file = "k.cu", .source = (text), __VA_ARGS__ })
#define SMOOTH                                                                                     \
  "__global__ void smooth (long long n, const float *x, float *y, float w)\n"                      \
  "{ long long i = blockIdx.x * (long long) blockDim.x + threadIdx.x; if (i < n) y[i] = w * "      \
  "x[i]; }"

START_TEST (outputs_are_in_the_order_of_the_parameters_then_what_is_kept)
{
  check_output (SPEC (SMOOTH, .args = "w=1", .outputs = "y[*]"), "x:f32[*]", "y:f32[*]", 1);
  check_output (SPEC ("__global__ void k (double *b, const float *x, int *a) {}",
                      .outputs = "a[*] b : f64 [ 2 , * , 3 ]", .keep = "z x"),
                "x:f32[*] z:u8[*] q:u8[*]", "b:f64[2,*,3] a:i32[*] z:u8[*] x:f32[*]", 2);
  check_output (SPEC ("__global__ void k (float *x, const float *c) {}"), "c:f32[3] x:f32[4,*]",
                "x:f32[4,*]", 1);
  check_output (SPEC ("__global__ void k (double *x) {}", .outputs = "x[*]"), "x:f32[4,*]",
                "x:f64[*]", 1);
  check_output (SPEC ("__global__ void k (const float *pinwheel_in_x, int *pinwheel_out_x, "
                      "int pinwheel_arg_a) {}",
                      .outputs = "x[*]", .args = "a=1"),
                "x:f32[*]", "x:i32[*]", 1);
}
END_TEST

START_TEST (an_array_that_is_not_there_or_of_another_type_is_refused)
{
  check_error (
      SPEC (SMOOTH, .args = "w=1", .outputs = "y[*]"), "xx:f32[*] z:f32[*]",
      "k.cu:1:51: kernel 'smooth': there is no input array 'x' for this parameter; inputs: "
      "xx, z");
  check_error (SPEC (SMOOTH, .args = "w=1", .outputs = "y[*]"), "x:f64[*]",
               "'x' is declared const float *, which is f32, but the input array is x:f64[*]");
  check_error (SPEC (SMOOTH, .args = "w=1"), "x:f32[*]",
               "k.cu:1:61: kernel 'smooth': 'y' is an output without a shape; name it in outputs=, "
               "as in \"y[*]\"");
  check_error (SPEC ("__global__ void k (const float *y) {}", .outputs = "y[*]"), "x:f32[*]",
               "'y' is in outputs=, but its type says const");
  check_error (SPEC ("__global__ void k (float *c) {}"), "c:f32[3] x:f32[*]",
               "'c' is a broadcast array");
  check_error (SPEC ("__global__ void k (const float *x) {}"), "x:f32[*]",
               "kernel 'k' has no output");
}
END_TEST

START_TEST (outputs_are_checked_with_their_column)
{
  const PinwheelKernelSpec *spec = SPEC (SMOOTH, .args = "w=1");
  const struct
  {
    const char *outputs, *part;
  } cases[] = {
    { "y[*] yy[*]", "outputs:1:6: kernel 'smooth' has no parameter 'yy' that it could write; it "
                    "writes: y" },
    { "y[3]", "outputs:1:1: an output needs a *" },
    { "y[]", "an output needs a *" },
    { "y", "outputs:1:2: expected a shape, as in y[*]" },
    { "y[*,*]", "outputs:1:5: a second *" },
    { "y[*] y[*]", "outputs:1:6: this output is there twice" },
    { "y[*,", "outputs:1:5: expected a length or *" },
    { "y[*,99999999999999999999]", "the length is too large" },
    { "y:f65[*]", "there is no such dtype" },
    { "y:f64[*]", "'y' is f32 here, but f64 in outputs=" },
    { "y[4294967296,4294967296,*]", "output 'y': " },
    { "3[*]", "outputs:1:1: expected NAME[SHAPE]" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      PinwheelKernelSpec copy = *spec;

      copy.outputs = cases[i].outputs;
      check_error (&copy, "x:f32[*]", cases[i].part);
    }
}
END_TEST

START_TEST (scalars_are_checked_by_name_type_and_range)
{
  const struct
  {
    const char *args, *part;
  } cases[] = {
    { NULL, "'a' (int) has no value; give it in args=, as in \"a=1\"; args= has: none" },
    { "a=1", "'b' (unsigned char) has no value" },
    { "a=1 b=2 c=0 d=1", "args:1:13: 'd' is not used; the kernel's scalars: a, b, c" },
    { "a=1 b=2 ccc=3", "'c' (bool) has no value; give it in args=, as in \"c=1\"; args= has: a, b, "
                       "ccc" },
    { "a=1.5 b=2 c=0", "args:1:1: kernel 'k': 'a' takes whole numbers (i32), not 1.5" },
    { "a=3000000000 b=2 c=0", "3000000000 does not fit kernel 'k': 'a', which is i32" },
    { "a=1 b=256 c=0", "256 does not fit" },
    { "a=1 b=-1 c=0", "-1 does not fit" },
    { "a=1 b=1 c=2", "2 does not fit" },
    { "a=x b=1 c=1", "args:1:3: 'x' is no value for 'a'; expected a number, true or false" },
    { "a=1 a=2", "args:1:5: 'a' is given twice" },
    { "a = 1", "args:1:1: 'a' has no value" },
    { "=1", "args:1:1: expected NAME=VALUE" },
    { "a=99999999999999999999", "the value of 'a' is too large" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    check_error (SPEC ("__global__ void k (float *x, int a, unsigned char b, bool c) {}",
                       .args = cases[i].args),
                 "x:f32[*]", cases[i].part);
  check_error (SPEC ("__global__ void k (float *x, int n) {}", .args = "n=3"), "x:f32[*]",
               "'n' counts items and is not given in args=");
  check_error (SPEC ("__global__ void k (float *x, float n) {}"), "x:f32[*]",
               "must be of an integer type, not float");
  check_output (SPEC ("__global__ void k (float *x, int a, unsigned char b, bool c, double d) {}",
                      .args = " a=-0x10, b=1e2,c=true ,d=-inf "),
                "x:f32[*]", "x:f32[*]", 1);
}
END_TEST

START_TEST (kept_arrays_must_be_inputs_that_the_kernel_does_not_make)
{
  check_error (SPEC ("__global__ void k (float *x) {}", .keep = "w v"), "x:f32[*] w:f32[*]",
               "keep:1:3: there is no input array 'v'");
  check_error (SPEC ("__global__ void k (float *x) {}", .keep = "w x"), "x:f32[*] w:f32[*]",
               "keep:1:3: 'x' is made anew by the kernel");
  check_error (SPEC ("__global__ void k (float *x) {}", .keep = "w,w"), "x:f32[*] w:f32[*]",
               "keep:1:3: 'w' is there twice");
}
END_TEST

START_TEST (grids_and_blocks_are_checked)
{
#define K "__global__ void k (float *x) {}"
  check_error (SPEC (K, .block = "2048"), "x:f32[*]", "block:1:1: expected threads of a block");
  check_error (SPEC (K, .block = "32,33"), "x:f32[*]", "block:1:4: ");
  check_error (SPEC (K, .block = "1,1,65"), "x:f32[*]", "block:1:5: ");
  check_error (SPEC (K, .block = "1,1,1,1"), "x:f32[*]", "block:1:7: ");
  check_error (SPEC (K, .block = "0"), "x:f32[*]", "block:1:1: ");
  check_error (SPEC (K, .block = "4 4"), "x:f32[*]", "block:1:3: expected a comma");
  check_error (SPEC (K, .block = ""), "x:f32[*]", "block:1:1: ");
  check_error (SPEC (K, .grid = "1,2,3,4"), "x:f32[*]", "has 4 parts");
  check_error (SPEC (K, .grid = "n", .threads = "n"), "x:f32[*]", "both threads= and grid=");
  check_error (SPEC (K, .threads = "n *"), "x:f32[*]", "threads:1:4: expected a number");
  check_error (SPEC (K, .threads = "m"), "x:f32[*]",
               "threads:1:1: there is no 'm' here; there are: n, start, N, ceildiv, min, max");
  check_error (SPEC (K, .threads = "n 2"), "x:f32[*]", "threads:1:3: expected an operator");
  check_error (SPEC (K, .threads = "ceildiv(n)"), "x:f32[*]", "takes two values");
  check_error (SPEC (K, .threads = "n + 1.5"), "x:f32[*]", "expected a whole number");
  check_error (SPEC (K, .threads = "n * a", .args = "a=1.5"), "x:f32[*]",
               "its value in args= is not a whole number");
  check_error (SPEC (K, .threads = "((((((((((((((((((((((((((((((((((((1"), "x:f32[*]",
               "nested too deep");
  check_output (SPEC (K, .threads = "a * n - -1", .args = "a=2"), "x:f32[*]", "x:f32[*]", 1);
  check_output (SPEC (K, .grid = "ceildiv(n, 256), max(1, 2)", .block = " 16 , 16 "), "x:f32[*]",
                "x:f32[*]", 1);
#undef K
}
END_TEST

START_TEST (the_total_is_refused_where_it_is_not_known)
{
  g_autoptr (GError) error = NULL;

  ck_assert_ptr_null (try_kernel (SPEC ("__global__ void k (float *x, long N) {}"), "x:f32[*]",
                                  PINWHEEL_ITEMS_UNKNOWN, &error));
  check_message (error, PINWHEEL_ERROR_KERNEL, "k.cu:1:35: kernel 'k': 'N' is the number of items");
  g_clear_error (&error);
  ck_assert_ptr_null (try_kernel (SPEC ("__global__ void k (float *x) {}", .threads = "N"),
                                  "x:f32[*]", PINWHEEL_ITEMS_UNKNOWN, &error));
  check_message (error, PINWHEEL_ERROR_KERNEL, "threads=N uses N");
}
END_TEST

static PinwheelDevice *device;

static void
setup (void)
{
  device = pinwheel_device_open ("host", NULL);
  ck_assert_ptr_nonnull (device);
}

static void
teardown (void)
{
  g_clear_object (&device);
}

static PinwheelKernel *
load_kernel (const PinwheelKernelSpec *spec, PinwheelFormat *input)
{
  g_autoptr (GError) error = NULL;
  PinwheelKernel *kernel = pinwheel_kernel_new (spec, input, &error);

  ck_assert_ok (kernel != NULL, error);
  ck_assert_ok (pinwheel_kernel_load (kernel, device, &error), error);
  return kernel;
}

START_TEST (a_kernel_gets_its_arrays_scalars_and_place)
{
  static const char source[]
      = "__global__ void k (const float *x, const double *c, double *y, int n, unsigned start,\n"
        "                   short N, float w, bool on, char *seen)\n"
        "{ int i = blockIdx.x * blockDim.x + threadIdx.x;\n"
        "  if (i < n) { y[i] = w * x[i] + c[1] + start + 1000 * N + on; seen[i] = 7; } }";
  g_autoptr (PinwheelFormat) input = make_format ("x:f32[*] c:f64[2] q:u8[*]", 5000);
  g_autoptr (PinwheelKernel) kernel = load_kernel (
      SPEC (source, .args = "w=0.5 on=true", .outputs = "seen[*] y[*]", .keep = "q"), input);
  float x[777];
  const double c[2] = { 0, 100 };
  guint8 q[777];
  const void *data[] = { x, c, q };
  g_autoptr (PinwheelChunk) output = NULL;
  g_autoptr (GError) error = NULL;
  const double *y;
  const char *seen;

  for (guint i = 0; i < 777; i++)
    {
      x[i] = (float) i;
      q[i] = (guint8) i;
    }
  output = run_chunk (kernel, device, input, 40, 777, data, &error);
  ck_assert_ok (output != NULL, error);
  y = pinwheel_chunk_get_data (output, 0);
  seen = pinwheel_chunk_get_data (output, 1);
  for (guint i = 0; i < 777; i++)
    {
      ck_assert_double_eq (y[i], 0.5 * i + 100 + 40 + 1000.0 * 5000 + 1);
      ck_assert_int_eq (seen[i], 7);
    }
  ck_assert_int_eq (memcmp (pinwheel_chunk_get_data (output, 2), q, sizeof q), 0);
}
END_TEST

/* What else holds the input's buffer while a kernel updates x in place */
enum
{
  HELD_BY_NOBODY,
  HELD_AS_CHUNK,
  HELD_AS_BUFFER,
  HELD_UNTIL_NOW,
  N_HOLDERS
};

/* _i: who holds it */
START_TEST (an_array_is_updated_where_it_is_if_nobody_else_holds_it)
{
  static const char source[] = "__global__ void k (long long n, double *x, const double *z,\n"
                               "                   double *w)\n"
                               "{ if (threadIdx.x == 0) { x[0] += z[0]; w[0] *= 2; } }";
  g_autoptr (PinwheelFormat) input = make_format ("x:f64[2,*] z:f64[*] w:f64[*]", 100);
  g_autoptr (PinwheelKernel) kernel = load_kernel (SPEC (source, .block = "4", .keep = "z"), input);
  g_autoptr (PinwheelStream) stream = pinwheel_device_new_stream (device, "test", NULL);
  const double x[4] = { 1, 2, 3, 4 }, z[2] = { 10, 20 }, w[2] = { 7, 8 };
  const void *data[] = { x, z, w };
  g_autoptr (PinwheelChunk) in = make_chunk (device, input, 0, 2, data);
  g_autoptr (PinwheelChunk) out = make_chunk (device, pinwheel_kernel_get_output (kernel), 0, 2,
                                              NULL);
  g_autoptr (PinwheelChunk) chunk = NULL;
  g_autoptr (PinwheelBuffer) buffer = NULL;
  g_autoptr (GError) error = NULL;
  gboolean stays = _i == HELD_BY_NOBODY || _i == HELD_UNTIL_NOW;
  const double *before = pinwheel_chunk_get_data (in, 0);

  if (_i == HELD_AS_CHUNK || _i == HELD_UNTIL_NOW)
    chunk = pinwheel_chunk_ref (in);
  if (_i == HELD_AS_BUFFER)
    buffer = pinwheel_buffer_ref (pinwheel_chunk_get_buffer (in, 1));
  if (_i == HELD_UNTIL_NOW)
    g_clear_pointer (&chunk, pinwheel_chunk_unref);

  ck_assert_ok (pinwheel_kernel_launch (kernel, stream, in, out, &error), error);
  ck_assert_ok (pinwheel_chunk_sync_readable (out, &error), error);
  ck_assert_int_eq (pinwheel_chunk_get_data (out, 0) == (gpointer) before, stays);
  ck_assert_int_eq (pinwheel_chunk_get_data (out, 1) == pinwheel_chunk_get_data (in, 2), stays);
  if (!stays)
    ck_assert_int_eq (memcmp (before, x, sizeof x), 0);
  g_clear_pointer (&in, pinwheel_chunk_unref);
  before = pinwheel_chunk_get_data (out, 0);
  ck_assert (before[0] == 11 && before[1] == 2 && before[2] == 3 && before[3] == 4);
  before = pinwheel_chunk_get_data (out, 1);
  ck_assert (before[0] == 14 && before[1] == 8);
}
END_TEST

START_TEST (blocks_are_laid_out_as_asked)
{
  static const char source[]
      = "__global__ void k (unsigned n, int *y) {\n"
        "  unsigned t = threadIdx.y * blockDim.x + threadIdx.x;\n"
        "  unsigned b = blockIdx.y * gridDim.x + blockIdx.x;\n"
        "  unsigned i = b * blockDim.x * blockDim.y + t;\n"
        "  if (i < n) y[i] = (int) (gridDim.x * 100 + gridDim.y * 10 + blockDim.y); }";
  g_autoptr (PinwheelFormat) input = make_format ("x:u8[*]", 100);
  guint8 x[100] = { 0 };
  const void *data[] = { x };
  const struct
  {
    const char *threads, *grid, *block;
    int expected;
  } cases[] = { { NULL, NULL, "4,3", 911 + 2 },
                { "n + 30", NULL, "8,2", 911 + 1 },
                { NULL, "ceildiv(n,20), 5 - 1", "4,4", 441 + 3 } };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (PinwheelKernel) kernel = load_kernel (
          SPEC (source, .outputs = "y[*]", .threads = cases[i].threads, .grid = cases[i].grid,
                .block = cases[i].block),
          input);
      g_autoptr (PinwheelChunk) output = run_chunk (kernel, device, input, 0, i == 2 ? 80 : 100,
                                                    data, &error);
      const int *y;

      ck_assert_ok (output != NULL, error);
      y = pinwheel_chunk_get_data (output, 0);
      for (guint k = 0; k < (i == 2 ? 80 : 100); k++)
        ck_assert_int_eq (y[k], cases[i].expected);
    }
}
END_TEST

START_TEST (a_place_or_grid_that_does_not_fit_is_an_error_of_the_launch)
{
  static const char source[] = "__global__ void k (signed char n, float *x) {}";
  g_autoptr (PinwheelFormat) input = make_format ("x:f32[*]", 1000);
  g_autoptr (PinwheelKernel) narrow = load_kernel (SPEC (source), input);
  g_autoptr (PinwheelKernel) wide = load_kernel (
      SPEC ("__global__ void k (float *x) {}", .threads = "n * 10000000000"), input);
  g_autoptr (PinwheelKernel) negative = load_kernel (
      SPEC ("__global__ void k (float *x) {}", .grid = "n - 1000"), input);
  g_autoptr (PinwheelKernel) zero = load_kernel (
      SPEC ("__global__ void k (float *x) {}", .threads = "n / start"), input);
  float x[128] = { 0 };
  const void *data[] = { x };
  g_autoptr (GError) error = NULL;

  ck_assert_ptr_null (run_chunk (narrow, device, input, 0, 128, data, &error));
  check_message (error, PINWHEEL_ERROR_KERNEL,
                 "k.cu:1:32: kernel 'k': n = 128 does not fit its type, signed char");
  g_clear_error (&error);
  ck_assert_ptr_null (run_chunk (wide, device, input, 0, 128, data, &error));
  check_message (error, PINWHEEL_ERROR_KERNEL,
                 "threads=n * 10000000000 needs 5000000000 blocks along x, and at most 2147483647");
  g_clear_error (&error);
  ck_assert_ptr_null (run_chunk (negative, device, input, 0, 128, data, &error));
  check_message (error, PINWHEEL_ERROR_KERNEL, "grid=n - 1000 is -872 for n=128");
  g_clear_error (&error);
  ck_assert_ptr_null (run_chunk (zero, device, input, 0, 128, data, &error));
  check_message (error, PINWHEEL_ERROR_KERNEL, "overflows or divides by zero for n=128 start=0");
}
END_TEST

START_TEST (an_empty_chunk_launches_nothing_and_keeps_its_views)
{
  g_autoptr (PinwheelFormat) input = make_format ("x:f32[*] w:u8[*]", 0);
  g_autoptr (PinwheelKernel) kernel = load_kernel (
      SPEC (SMOOTH, .args = "w=1", .outputs = "y[*]", .keep = "w"), input);
  const void *data[] = { NULL, NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (PinwheelChunk) output = NULL;
  PinwheelDeviceCounters before, after;

  pinwheel_device_get_counters (device, &before);
  output = run_chunk (kernel, device, input, 0, 0, data, &error);
  pinwheel_device_get_counters (device, &after);
  ck_assert_ok (output != NULL, error);
  ck_assert_uint_eq (before.launches, after.launches);
  ck_assert_ptr_nonnull (pinwheel_chunk_get_buffer (output, 1));
}
END_TEST

START_TEST (results_do_not_depend_on_how_the_items_are_cut)
{
  static const char source[] = "__global__ void k (int n, const float *x, float *y)\n"
                               "{ int i = blockIdx.x * blockDim.x + threadIdx.x;\n"
                               "  if (i < n) y[i] = expf (-x[i]) * sinf (x[i]) + x[i] / 3; }";
  g_autoptr (PinwheelFormat) input = make_format ("x:f32[*]", 1000);
  g_autoptr (PinwheelKernel) kernel = load_kernel (SPEC (source, .outputs = "y[*]"), input);
  const guint lengths[] = { 1000, 1, 7, 256, 333 };
  float x[1000], whole[1000];

  for (guint i = 0; i < 1000; i++)
    x[i] = (float) i * 0.01f - 3;
  for (guint k = 0; k < G_N_ELEMENTS (lengths); k++)
    for (guint start = 0; start < 1000; start += lengths[k])
      {
        guint count = MIN (lengths[k], 1000 - start);
        const void *data[] = { x + start };
        g_autoptr (PinwheelChunk) output = run_chunk (kernel, device, input, start, count, data,
                                                      NULL);
        const float *y = pinwheel_chunk_get_data (output, 0);

        if (k == 0)
          memcpy (whole, y, sizeof whole);
        ck_assert_int_eq (memcmp (whole + start, y, count * sizeof *y), 0);
      }
}
END_TEST

static Suite *
kernel_suite (void)
{
  Suite *suite = suite_create ("kernel");
  TCase *binding = tcase_create ("binding");
  TCase *launch = tcase_create ("launch");

  tcase_add_test (binding, outputs_are_in_the_order_of_the_parameters_then_what_is_kept);
  tcase_add_test (binding, an_array_that_is_not_there_or_of_another_type_is_refused);
  tcase_add_test (binding, outputs_are_checked_with_their_column);
  tcase_add_test (binding, scalars_are_checked_by_name_type_and_range);
  tcase_add_test (binding, kept_arrays_must_be_inputs_that_the_kernel_does_not_make);
  tcase_add_test (binding, grids_and_blocks_are_checked);
  tcase_add_test (binding, the_total_is_refused_where_it_is_not_known);
  suite_add_tcase (suite, binding);
  tcase_add_checked_fixture (launch, setup, teardown);
  tcase_add_test (launch, a_kernel_gets_its_arrays_scalars_and_place);
  tcase_add_loop_test (launch, an_array_is_updated_where_it_is_if_nobody_else_holds_it, 0,
                       N_HOLDERS);
  tcase_add_test (launch, blocks_are_laid_out_as_asked);
  tcase_add_test (launch, a_place_or_grid_that_does_not_fit_is_an_error_of_the_launch);
  tcase_add_test (launch, an_empty_chunk_launches_nothing_and_keeps_its_views);
  tcase_add_test (launch, results_do_not_depend_on_how_the_items_are_cut);
  tcase_set_timeout (launch, 120);
  suite_add_tcase (suite, launch);
  return suite;
}

int
main (void)
{
  SRunner *runner = srunner_create (kernel_suite ());
  int n_failed;

  srunner_run_all (runner, CK_ENV);
  n_failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return n_failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
