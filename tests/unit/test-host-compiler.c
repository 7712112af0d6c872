/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <malloc.h>
#include <stdlib.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "compute/cache-private.h"
#include "compute/host-compiler-private.h"
#include "device/host-launch-private.h"
#include "unit/kernel-run.h"

static const guint block_256[3] = { 256, 1, 1 };

/* Returns: (transfer full) (nullable): what dlopen() takes */
static char *
compile (const char *source, const char *entry, const guint block[3], PinwheelFpMode mode,
         GError **error)
{
  g_autoptr (PinwheelSignature) signature = pinwheel_signature_new ("smooth.cu", source, entry,
                                                                    error);

  PinwheelHostBuild build = { { block[0], block[1], block[2] }, mode, NULL };

  return signature != NULL ? pinwheel_host_compile (signature, &build, error) : NULL;
}

/* Returns: (transfer full) (nullable): path of the entry in the cache. @found: it was there */
static char *
build (const char *source, const guint block[3], PinwheelFpMode mode, gboolean *found,
       GError **error)
{
  g_autoptr (PinwheelSignature) signature = pinwheel_signature_new ("smooth.cu", source, NULL,
                                                                    error);
  PinwheelHostBuild wanted = { { block[0], block[1], block[2] }, mode, NULL };
  char *path = NULL;
  int fd = pinwheel_host_build (signature, &wanted, found, &path, error);

  if (fd >= 0)
    close (fd);
  return path;
}

static PinwheelHostRun
load (const char *source, const guint block[3], PinwheelFpMode mode)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = compile (source, NULL, block, mode, &error);
  PinwheelHostRun run;
  void *code;

  ck_assert_ok (path != NULL, error);
  code = dlopen (path, RTLD_NOW | RTLD_LOCAL);
  ck_assert_msg (code != NULL, "%s", dlerror ());
  *(void **) &run = dlsym (code, PINWHEEL_HOST_SYMBOL);
  ck_assert_ptr_nonnull (run);
  return run;
}

static void
check_error (const char *source, const char *part)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = compile (source, NULL, block_256, PINWHEEL_FP_FAST, &error);

  ck_assert_msg (path == NULL, "expected an error with: %s", part);
  check_message (error, PINWHEEL_ERROR_KERNEL, part);
}

START_TEST (every_thread_of_every_block_runs_once)
{
  static const guint block[3] = { 5, 3, 2 };
  PinwheelHostRun run = load ("__global__ void k (int *seen) {\n"
                              "  int x = blockIdx.x * blockDim.x + threadIdx.x;\n"
                              "  int y = blockIdx.y * blockDim.y + threadIdx.y;\n"
                              "  int z = blockIdx.z * blockDim.z + threadIdx.z;\n"
                              "  int w = gridDim.x * blockDim.x, h = gridDim.y * blockDim.y;\n"
                              "  seen[(z * h + y) * w + x] += 1 + blockIdx.z; }",
                              block, PINWHEEL_FP_FAST);
  PinwheelHostLaunch launch = { .grid = { 3, 4, 2 }, .block = { 5, 3, 2 } };
  int seen[15 * 12 * 4] = { 0 };
  int *pointer = seen;
  void *arguments[] = { &pointer };

  for (guint64 first = 0; first < 24; first += 5)
    run (&launch, arguments, first, MIN (first + 5, 24));
  for (guint i = 0; i < G_N_ELEMENTS (seen); i++)
    ck_assert_int_eq (seen[i], 1 + (int) (i / (15 * 12) / 2));
}
END_TEST

START_TEST (a_device_function_sees_the_thread_that_calls_it)
{
  PinwheelHostRun run = load (
      "__device__ unsigned where () {\n"
      "  return blockIdx.x * blockDim.x + threadIdx.x + 1000 * gridDim.x; }\n"
      "__global__ void k (unsigned *x) {\n"
      "  x[blockIdx.x * blockDim.x + threadIdx.x] = where (); }",
      block_256, PINWHEEL_FP_FAST);
  PinwheelHostLaunch launch = { .grid = { 2, 1, 1 }, .block = { 256, 1, 1 } };
  guint x[512];
  guint *pointer = x;
  void *arguments[] = { &pointer };

  run (&launch, arguments, 0, 2);
  for (guint i = 0; i < 512; i++)
    ck_assert_uint_eq (x[i], 2000 + i);
}
END_TEST

START_TEST (the_names_of_cuda_are_there)
{
  PinwheelHostRun run = load (
      "__constant__ float table[3] = { 1, 2, 3 };\n"
      "__host__ __device__ __forceinline__ float twice (float x) { return 2 * x; }\n"
      "template <class T> __device__ T pick (const T *__restrict__ p) { return __ldg (p); }\n"
      "extern \"C\" __global__ void __launch_bounds__(256)\n"
      "k (double *r, int *count, float *sum, const float2 *c)\n"
      "{\n"
      "  atomicAdd (count, 1); atomicAdd (sum, 0.5f); atomicMax (count + 1, (int) threadIdx.x);\n"
      "  if (threadIdx.x != 0) return;\n"
      "  r[0] = twice (table[2]) + max (1, 2) + min (1.5f, 3) + fmaxf (1, NAN) + abs (-3);\n"
      "  r[1] = sqrtf (16) + rsqrt (4.0) + pow (2.0, 3) + fma (2.0f, 3.0f, 4.0f) + exp2 (3);\n"
      "  r[2] = __popc (255) + __clz (1) + __ffs (8) + __brev (1u) + __float_as_int (1.0f);\n"
      "  float4 v = make_float4 (1, 2, 3, 4); dim3 d (2); uint64_t u = 1ull << 40;\n"
      "  r[3] = v.x + v.w + d.x + d.y + (double) u + pick (&c->y) + isnan (NAN) + isinf "
      "(INFINITY);\n"
      "  r[4] = floor (-1.5f) + ceil (1.5) + round (2.5) + trunc (-1.5f) + fabs (-1.0) + sqrt "
      "(4);\n"
      "  r[5] = __fdividef (1, 4) + __expf (0) + hypot (3.0f, 4.0f) + atan2 (0.0, 1.0) + "
      "warpSize;\n"
      "}",
      block_256, PINWHEEL_FP_FAST);
  PinwheelHostLaunch launch = { .grid = { 2, 1, 1 }, .block = { 256, 1, 1 } };
  double r[6];
  int count[2] = { 0, 0 };
  float sum = 0;
  const float c[2] = { 8, 9 };
  void *pointers[] = { r, count, &sum, (void *) c };
  void *arguments[] = { &pointers[0], &pointers[1], &pointers[2], &pointers[3] };

  run (&launch, arguments, 0, 2);
  ck_assert_int_eq (count[0], 512);
  ck_assert_int_eq (count[1], 255);
  ck_assert_float_eq (sum, 256);
  ck_assert_double_eq (r[0], 6 + 2 + 1.5 + 1 + 3);
  ck_assert_double_eq (r[1], 4 + 0.5 + 8 + 10 + 8);
  ck_assert_double_eq (r[2], (double) (8u + 31u + 4u + 0x80000000u + 0x3f800000u));
  ck_assert_double_eq (r[3], 1 + 4 + 2 + 1 + 1099511627776.0 + 9 + 1 + 1);
  ck_assert_double_eq (r[4], -2 + 2 + 3 - 1 + 1 + 2);
  ck_assert_double_eq (r[5], 0.25 + 1 + 5 + 0 + 32);
}
END_TEST

/* @expression: the only one in its source, which has what it names and no more */
static double
value_of (const char *expression)
{
  g_autofree char *source = g_strdup_printf ("__global__ void k (double *r) { *r = %s; }",
                                             expression);
  PinwheelHostRun run = load (source, block_256, PINWHEEL_FP_FAST);
  PinwheelHostLaunch launch = { .grid = { 1, 1, 1 }, .block = { 256, 1, 1 } };
  double r = -1;
  double *pointer = &r;
  void *arguments[] = { &pointer };

  run (&launch, arguments, 0, 1);
  return r;
}

START_TEST (a_name_brings_all_that_it_calls)
{
  static const struct
  {
    const char *expression;
    double value;
  } cases[] = {
    { "log2 (8.0f)", 3 },
    { "cospi (1.0)", -1 },
    { "acos (1.0f)", 0 },
    { "__tanhf (0)", 0 },
    { "rcbrt (8.0)", 0.5 },
    { "erfc (0.0)", 1 },
    { "erfcx (0.0f)", 1 },
    { "normcdfinv (0.5)", 0 },
    { "normcdff (0)", 0.5 },
    { "hypotf (3, 4)", 5 },
    { "rnorm3d (2, 3, 6)", 1 / 7. },
    { "cyl_bessel_i0f (0)", 1 },
    { "scalbn (3.0, 2)", 12 },
    { "__fadd_ru (1, 1)", 2 },
    { "__dp4a (1, 2, 3)", 5 },
    { "__vadd2 (1u, 2u)", 3 },
    { "umax (1, 2)", 2 },
    { "clock64 () > 0", 1 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    ck_assert_msg (value_of (cases[i].expression) == cases[i].value, "%s", cases[i].expression);
}
END_TEST

START_TEST (errors_have_the_users_file_line_and_column)
{
  check_error ("__global__ void smooth (int n,\n                        float *y)\n{\n"
               "  y[0] = undefined_name;\n}",
               "smooth.cu:4:10: error: 'undefined_name' was not declared");
  check_error ("__global__ void smooth (int n, float *y) { y[0] = nothing; }",
               "smooth.cu:1:51: error: 'nothing' was not declared");
  check_error ("__global__ void smooth (/* a\n b */ float *y) { y[0] = nothing; }",
               "smooth.cu:2:26: error: 'nothing'");
  check_error ("__global__ void smooth () { nothing; }", "smooth.cu:1:29: error: 'nothing'");
  check_error ("__global__ void smooth () { nothing; }",
               "smooth.cu:1:1: kernel 'smooth' does not compile for the host:\n");
  check_error ("__global__ void smooth (float *y) { y = 1.0f }",
               "In function 'void smooth(float*)'");
}
END_TEST

START_TEST (what_the_host_does_not_run_is_refused_with_a_sentence)
{
  check_error ("__global__ void smooth (float *y)\n{\n  asm (\"nop;\");\n}",
               "smooth.cu:3:3: kernel 'smooth' contains inline assembly (asm), which the host "
               "device does not run; ");
  check_error ("template <class T> __global__ void smooth (T *y) { y[0] = 1; }",
               "smooth.cu:1:20: kernel 'smooth' is a template");
  check_error ("__global__ void smooth (const __half *x, float *y) { }",
               "smooth.cu:1:39: kernel 'smooth': 'x' is an array of __half (f16)");
}
END_TEST

START_TEST (another_kernel_in_the_file_does_no_harm)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = compile (
      "__global__ void other (float *y)\n{ asm (\"nop;\"); y[0] = nothing; }\n"
      "__global__ void smooth (float *y);\n"
      "__global__ void smooth (float *y) { y[0] = 1; }",
      "smooth", block_256, PINWHEEL_FP_FAST, &error);

  ck_assert_ok (path != NULL, error);
}
END_TEST

START_TEST (headers_are_read_and_count)
{
  g_autofree char *folder = g_dir_make_tmp ("pinwheel-test-XXXXXX", NULL);
  g_autofree char *header = g_build_filename (folder, "value.h", NULL);
  static const char source[] = "#include \"value.h\"\n#define N 3\n#ifdef PINWHEEL_HOST\n"
                               "__global__ void k (real *y) { y[0] = VALUE + N; }\n#endif\n";
  g_autoptr (GError) error = NULL;
  g_autofree char *one = NULL;
  g_autofree char *same = NULL;
  g_autofree char *two = NULL;
  g_autofree char *none = NULL;

  ck_assert (pinwheel_host_needs_preprocessor ("k.cu", source));
  ck_assert (g_file_set_contents (header, "typedef double real;\n#define VALUE 1\n", -1, NULL));
  one = pinwheel_host_preprocess ("k.cu", source, folder, NULL, &error);
  ck_assert_ok (one != NULL, error);
  same = pinwheel_host_preprocess ("k.cu", source, folder, NULL, &error);
  ck_assert_str_eq (one, same);
  ck_assert (g_str_has_prefix (one, "# 1 \"k.cu\"\n"));
  ck_assert (g_file_set_contents (header, "typedef double real;\n#define VALUE 2\n", -1, NULL));
  two = pinwheel_host_preprocess ("k.cu", source, folder, NULL, &error);
  ck_assert_str_ne (one, two);
  g_unlink (header);
  g_rmdir (folder);
  none = pinwheel_host_preprocess ("k.cu", source, NULL, NULL, &error);
  ck_assert_ptr_null (none);
  check_message (error, PINWHEEL_ERROR_KERNEL, "k.cu:1:10: fatal error: value.h");
}
END_TEST

START_TEST (what_headers_of_cuda_bring_is_refused_where_it_is_used)
{
  static const char source[] = "#include <cuda_runtime.h>\n#include <cooperative_groups.h>\n"
                               "#include <mma.h>\n__global__ void k (float *y)\n{\n"
                               "  auto g = cooperative_groups::this_grid ();\n}\n";
  g_autoptr (GError) error = NULL;
  g_autofree char *text = pinwheel_host_preprocess ("k.cu", source, NULL, NULL, &error);
  g_autoptr (PinwheelSignature) signature = NULL;
  g_autofree char *path = NULL;
  const PinwheelHostBuild build_256 = { { 256, 1, 1 }, PINWHEEL_FP_FAST, NULL };

  ck_assert_ok (text != NULL, error);
  signature = pinwheel_signature_new ("k.cu", text, NULL, &error);
  ck_assert_ok (signature != NULL, error);
  path = pinwheel_host_compile (signature, &build_256, &error);
  ck_assert_ptr_null (path);
  check_message (error, PINWHEEL_ERROR_KERNEL,
                 "k.cu:6:12: kernel 'k' uses cooperative groups (cooperative_groups), which");
}
END_TEST

/* Only what the preprocessor made: it is to do so once more. */
static void
remove_texts (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      if (g_str_has_suffix (name, ".ii"))
        g_unlink (path);
    }
}

START_TEST (a_file_that_includes_headers_of_cuda_is_compiled_once)
{
  g_autofree char *old = g_strdup (g_getenv ("PINWHEEL_CACHE_DIR"));
  g_autofree char *folder = g_dir_make_tmp ("pinwheel-test-\"\\-XXXXXX", NULL);
  g_autofree char *kernels = g_build_filename (folder, "kernels", NULL);
  static const char source[] = "#include <cuda_runtime.h>\n#include \"cuda.h\"\n"
                               "__global__ void k (float *y) { y[threadIdx.x] = 42; }\n";
  gboolean found;

  g_setenv ("PINWHEEL_CACHE_DIR", folder, TRUE);
  for (guint i = 0; i < 2; i++)
    {
      g_autofree char *text = pinwheel_host_preprocess ("k.cu", source, NULL, NULL, NULL);
      g_autofree char *path = build (text, block_256, PINWHEEL_FP_FAST, &found, NULL);

      ck_assert_ptr_nonnull (path);
      ck_assert_int_eq (found, i == 1);
      ck_assert_msg (i == 0 || g_unlink (path) == 0, "%s", path);
      remove_texts (kernels);
    }
  g_setenv ("PINWHEEL_CACHE_DIR", old, TRUE);
  ck_assert_int_eq (g_rmdir (kernels), 0);
  g_rmdir (folder);
}
END_TEST

START_TEST (code_is_compiled_once_and_all_that_could_change_it_is_part_of_the_key)
{
  g_autofree char *source = g_strdup_printf (
      "__global__ void k (float *y) { y[threadIdx.x] = %" G_GINT64_FORMAT "; }",
      g_get_real_time ());
  static const guint block[3] = { 32, 1, 1 };
  gboolean found;
  g_autofree char *one = build (source, block_256, PINWHEEL_FP_FAST, &found, NULL);
  g_autofree char *again = NULL;
  g_autofree char *other = NULL;
  g_autofree char *exact = NULL;

  ck_assert_ptr_nonnull (one);
  ck_assert (!found);
  again = build (source, block_256, PINWHEEL_FP_FAST, &found, NULL);
  ck_assert (found);
  ck_assert_str_eq (one, again);
  other = build (source, block, PINWHEEL_FP_FAST, &found, NULL);
  ck_assert (!found);
  ck_assert_str_ne (one, other);
  exact = build (source, block_256, PINWHEEL_FP_EXACT, &found, NULL);
  ck_assert (!found);
  ck_assert_str_ne (one, exact);
}
END_TEST

START_TEST (an_entry_that_is_damaged_or_has_anothers_name_is_compiled_anew)
{
  static const char source[] = "__global__ void k (float *y) { y[threadIdx.x] = 12345; }";
  static const guint block[3] = { 32, 1, 1 };
  gboolean found;
  g_autofree char *one = build (source, block_256, PINWHEEL_FP_FAST, &found, NULL);
  g_autofree char *other = build (source, block, PINWHEEL_FP_FAST, &found, NULL);
  g_autofree char *again = NULL;

  ck_assert_int_eq (chmod (one, 0600), 0);
  ck_assert_int_eq (truncate (one, 100), 0);
  again = build (source, block_256, PINWHEEL_FP_FAST, &found, NULL);
  ck_assert (!found);
  ck_assert_str_eq (one, again);
  g_free (again);
  again = build (source, block_256, PINWHEEL_FP_FAST, &found, NULL);
  ck_assert (found);
  /* code for other blocks under this one's name */
  ck_assert_int_eq (unlink (one), 0);
  ck_assert_int_eq (link (other, one), 0);
  g_free (again);
  again = build (source, block_256, PINWHEEL_FP_FAST, &found, NULL);
  ck_assert (!found);
}
END_TEST

/* Returns: (transfer full) (nullable): why the kernel's code runs as fibers, from the code itself
 */
static char *
get_reason (const char *file, const char *source)
{
  const PinwheelHostBuild build_256 = { { 256, 1, 1 }, PINWHEEL_FP_FAST, NULL };
  g_autoptr (PinwheelSignature) signature = pinwheel_signature_new (file, source, NULL, NULL);
  g_autofree char *location = pinwheel_host_compile (signature, &build_256, NULL);

  ck_assert_ptr_nonnull (location);
  ck_assert_ptr_null (pinwheel_host_needs_fibers (location));
  ck_assert_ptr_nonnull (dlopen (location, RTLD_NOW | RTLD_LOCAL));
  return pinwheel_host_needs_fibers (location);
}

START_TEST (code_says_itself_why_it_runs_as_fibers)
{
  g_autofree char *reason = get_reason (
      "a \"b\"\\n?/%s.cu", "__device__ void meet () { if (false) return; __syncthreads (); }\n"
                           "__global__ void k (float *y) { meet (); y[threadIdx.x] = 7; }");

  ck_assert_str_eq (reason, "barrier inside a device function, a \"b\"\\n?/%s.cu:1");
  ck_assert_ptr_null (get_reason ("k.cu", "__global__ void k (float *y) {\n"
                                          "  __syncthreads (); y[threadIdx.x] = 7; }"));
  ck_assert_ptr_null (get_reason ("k.cu", "__global__ void k (float *y) { y[threadIdx.x] = 8; }"));
}
END_TEST

START_TEST (the_environment_says_whether_kernels_run_and_are_compiled)
{
  g_autofree char *source = g_strdup_printf (
      "__global__ void k (float *y) { y[threadIdx.x] = %" G_GINT64_FORMAT "; }",
      g_get_real_time ());
  g_autofree char *path = NULL;
  gboolean found;

  g_setenv ("PINWHEEL_HOST_KERNELS", "never", TRUE);
  check_error (source, "PINWHEEL_HOST_KERNELS=never has no meaning; expected on, cached or off");
  g_setenv ("PINWHEEL_HOST_KERNELS", "off", TRUE);
  check_error (source, "kernel 'k': PINWHEEL_HOST_KERNELS=off forbids kernels on the host device");
  g_setenv ("PINWHEEL_HOST_KERNELS", "cached", TRUE);
  check_error (source, "kernel 'k' is not among the compiled kernels in ");
  g_setenv ("PINWHEEL_HOST_KERNELS", "on", TRUE);
  path = build (source, block_256, PINWHEEL_FP_FAST, &found, NULL);
  ck_assert (path != NULL && !found);
  g_clear_pointer (&path, g_free);
  g_setenv ("PINWHEEL_HOST_KERNELS", "cached", TRUE);
  path = build (source, block_256, PINWHEEL_FP_FAST, &found, NULL);
  ck_assert (path != NULL && found);
  g_clear_pointer (&path, g_free);
  /* code that was compiled elsewhere does without a compiler here */
  g_setenv ("PINWHEEL_CXX", "no-such-compiler", TRUE);
  path = build (source, block_256, PINWHEEL_FP_FAST, &found, NULL);
  ck_assert (path != NULL && found);
  g_clear_pointer (&path, g_free);
  path = build (source, block_256, PINWHEEL_FP_EXACT, &found, NULL);
  ck_assert_ptr_null (path);
  g_unsetenv ("PINWHEEL_CXX");
  g_unsetenv ("PINWHEEL_HOST_KERNELS");
}
END_TEST

/* One thread's a * b + c for values where rounding the product first makes a difference */
START_TEST (exact_rounds_every_operation_and_fast_may_fuse)
{
  static const char source[] = "__global__ void k (double *y, const double *x) {\n"
                               "  y[threadIdx.x] = x[0] * x[1] + x[2]; }";
  static const guint block[3] = { 1, 1, 1 };
  const double x[] = { 1 + 0x1p-30, 1 - 0x1p-30, -1 };
  PinwheelHostLaunch launch = { .grid = { 1, 1, 1 }, .block = { 1, 1, 1 } };
  double y;
  void *pointers[] = { &y, (void *) x };
  void *arguments[] = { &pointers[0], &pointers[1] };

  load (source, block, PINWHEEL_FP_EXACT) (&launch, arguments, 0, 1);
  ck_assert_double_eq (y, 0);
  load (source, block, PINWHEEL_FP_FAST) (&launch, arguments, 0, 1);
  ck_assert (y == 0 || y == -0x1p-60);
#if defined(__FMA__) || defined(__aarch64__)
  ck_assert_double_eq (y, -0x1p-60);
#endif
}
END_TEST

START_TEST (a_missing_compiler_is_named)
{
  g_autofree char *path = g_strdup (g_getenv ("PATH"));
  static const char source[] = "__global__ void k (float *y) { y[0] = 54321; }";

  g_setenv ("PINWHEEL_CXX", "no-such-compiler", TRUE);
  check_error (source, "PINWHEEL_CXX names no program: 'no-such-compiler'");
  g_unsetenv ("PINWHEEL_CXX");
  g_setenv ("PATH", "/nowhere", TRUE);
  check_error (source, "install the package g++, or name a compiler in PINWHEEL_CXX");
  g_setenv ("PATH", path, TRUE);
}
END_TEST

START_TEST (another_compiler_may_be_chosen)
{
  g_autofree char *clang = g_find_program_in_path ("clang++");

  if (clang == NULL)
    return;
  g_setenv ("PINWHEEL_CXX", clang, TRUE);
  every_thread_of_every_block_runs_once_fn (0);
  the_names_of_cuda_are_there_fn (0);
  check_error ("__global__ void smooth (int n, float *y) { y[0] = nothing; }",
               "smooth.cu:1:51: error: use of undeclared identifier 'nothing'");
  g_unsetenv ("PINWHEEL_CXX");
}
END_TEST

#define FIRST_BLOCKS  5
#define FIRST_THREADS 37

/* What a kernel in a new thread is given, and gives */
typedef struct
{
  PinwheelHostRun run;
  int x[FIRST_BLOCKS * FIRST_THREADS];
  float y[FIRST_BLOCKS];
  double z[FIRST_BLOCKS];
} FirstWork;

static gpointer
work_first (gpointer data)
{
  FirstWork *work = data;
  PinwheelHostLaunch launch = { .grid = { FIRST_BLOCKS, 1, 1 }, .block = { FIRST_THREADS, 1, 1 } };
  void *pointers[] = { work->x, work->y, work->z };
  void *arguments[] = { &pointers[0], &pointers[1], &pointers[2] };

  work->run (&launch, arguments, 0, FIRST_BLOCKS);
  return NULL;
}

/* Where a thread reaches its own memory for the first time, the dynamic linker calls malloc(),
 * which uses registers like any function: with M_PERTURB always, else now and then. */
static void
check_first_work (const char *source)
{
  static const guint block[3] = { FIRST_THREADS, 1, 1 };
  FirstWork work = { .run = load (source, block, PINWHEEL_FP_EXACT) };

  for (int i = 0; i < FIRST_BLOCKS * FIRST_THREADS; i++)
    work.x[i] = i;
  g_thread_join (g_thread_new ("first", work_first, &work));
  for (int i = 0; i < FIRST_BLOCKS; i++)
    {
      int sum = FIRST_THREADS * (i * FIRST_THREADS + FIRST_THREADS / 2);

      ck_assert_float_eq (work.y[i], (float) sum * 0.5f);
      ck_assert_double_eq (work.z[i], sum * 0.25);
    }
}

START_TEST (constants_outlast_the_first_use_of_a_threads_own_memory)
{
  static const char body[] = "__global__ void k (const int *x, float *y, double *z) {\n"
                             "  %s\n"
                             "  __shared__ float a;\n"
                             "  __shared__ double b;\n"
                             "  int i = blockIdx.x * blockDim.x + threadIdx.x;\n"
                             "  if (threadIdx.x == 0) a = b = c[0] = c[1] = 0;\n"
                             "  __syncthreads ();\n"
                             "  atomicAdd (&a, x[i] * 0.5f);\n"
                             "  atomicAdd (&b, x[i] * 0.25);\n"
                             "  atomicAdd (c + (i & 1), (float) x[i]);\n"
                             "  __syncthreads ();\n"
                             "  if (threadIdx.x == 0) {\n"
                             "    y[blockIdx.x] = (c[0] + c[1]) * 0.5f == a ? a : -1;\n"
                             "    z[blockIdx.x] = b; } }\n";
  static const char alone[] = "__device__ float half (float v) { return v * 0.5f; }\n"
                              "__device__ unsigned here () { return blockIdx.x; }\n"
                              "__global__ void k (const int *x, float *y, double *z) {\n"
                              "  float a = 0;\n"
                              "  double b = 0;\n"
                              "  if (threadIdx.x > 0) return;\n"
                              "  for (int i = 0; i < blockDim.x; i++) {\n"
                              "    a += half (x[here () * blockDim.x + i]);\n"
                              "    b += x[here () * blockDim.x + i] * 0.25; }\n"
                              "  y[here ()] = a;\n"
                              "  z[here ()] = b; }\n";
  static const char *const compilers[] = { "g++", "clang++" };
  g_autofree char *sized = g_strdup_printf (body, "extern __shared__ float c[];");
  g_autofree char *outside = g_strdup_printf (body, "");
  g_autofree char *fixed = g_strconcat ("__shared__ float c[2];\n", outside, NULL);

#ifdef M_PERTURB
  mallopt (M_PERTURB, 1);
#endif
  for (guint i = 0; i < G_N_ELEMENTS (compilers); i++)
    {
      g_autofree char *program = g_find_program_in_path (compilers[i]);

      if (program == NULL)
        continue;
      g_setenv ("PINWHEEL_CXX", program, TRUE);
      check_first_work (sized);
      check_first_work (fixed);
      check_first_work (alone);
    }
#ifdef M_PERTURB
  mallopt (M_PERTURB, 0);
#endif
  g_unsetenv ("PINWHEEL_CXX");
}
END_TEST

START_TEST (the_compiler_runs_in_a_clean_environment_and_within_limits)
{
  /* the limits come a moment after the start */
  const char *show[] = { "/bin/sh", "-c",
                         "until [ $(ulimit -v) = 8388608 ]; do :; done; "
                         "env >&2; ulimit -v >&2; ls /proc/self/fd >&2; cat; exit 3",
                         NULL };
  const char *hang[] = { "/bin/sh", "-c", "sleep 600 & sleep 600", NULL };
  const char *flood[] = { "/bin/sh", "-c", "yes 1234567 | head -c 1000000 >&2", NULL };
  const char *killed[] = { "/bin/sh", "-c", "kill -9 $$", NULL };
  g_autoptr (GError) error = NULL;
  g_autofree char *output = NULL;

  g_setenv ("CPLUS_INCLUDE_PATH", "/tmp", TRUE);
  g_setenv ("LD_AUDIT_NOT", "x", TRUE);
  ck_assert (!pinwheel_toolchain_run (show, "/tmp", 60000, NULL, &output, &error));
  ck_assert_ptr_null (error);
  ck_assert_ptr_null (strstr (output, "CPLUS_INCLUDE_PATH"));
  ck_assert_ptr_null (strstr (output, "LD_AUDIT_NOT"));
  ck_assert_ptr_nonnull (strstr (output, "LC_ALL=C"));

  g_clear_pointer (&output, g_free);
  ck_assert (!pinwheel_toolchain_run (hang, "/tmp", 300, NULL, &output, &error));
  check_message (error, PINWHEEL_ERROR_KERNEL, "the compiler /bin/sh was stopped");
  g_clear_error (&error);

  g_clear_pointer (&output, g_free);
  ck_assert (pinwheel_toolchain_run (flood, "/tmp", 10000, NULL, &output, &error));
  ck_assert_uint_lt (strlen (output), 70000);

  g_clear_pointer (&output, g_free);
  ck_assert (!pinwheel_toolchain_run (killed, "/tmp", 10000, NULL, &output, &error));
  ck_assert_ptr_nonnull (strstr (output, "ended by signal 9"));
}
END_TEST

/* Runs in a copy of this program that belongs to another user, and with that user's rights.
 * Returns: the exit status: 0 where the compiler was refused, 77 where this is no such copy */
static int
compile_with_other_rights (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *location = NULL;

  if (getauxval (AT_SECURE) == 0)
    return 77;
  location = compile ("__global__ void k (float *y) { y[0] = 1; }", NULL, block_256,
                      PINWHEEL_FP_FAST, &error);
  return location == NULL && strstr (error->message, "runs with another user's rights") != NULL
             ? EXIT_SUCCESS
             : EXIT_FAILURE;
}

START_TEST (a_program_with_another_users_rights_starts_no_compiler)
{
  g_autofree char *folder = g_dir_make_tmp ("pinwheel-test-XXXXXX", NULL);
  g_autofree char *copy = g_build_filename (folder, "copy", NULL);
  char *argv[] = { copy, (char *) "--with-other-rights", NULL };
  g_autofree char *content = NULL;
  g_autoptr (GError) error = NULL;
  gsize size;
  const char *sanitizers = g_getenv ("PINWHEEL_SANITIZE");
  int status;

  /* sanitizers do not run with another user's rights */
  if (geteuid () != 0 || (sanitizers != NULL && *sanitizers != '\0'))
    return;
  ck_assert (g_file_get_contents ("/proc/self/exe", &content, &size, NULL));
  ck_assert (g_file_set_contents (copy, content, (gssize) size, NULL));
  ck_assert_int_eq (chmod (folder, 0755), 0);
  ck_assert_int_eq (chown (copy, 65534, 65534), 0);
  ck_assert_int_eq (chmod (copy, 04755), 0);
  ck_assert_ok (
      g_spawn_sync (NULL, argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, NULL, NULL, &status, &error),
      error);
  g_unlink (copy);
  g_rmdir (folder);
  ck_assert (WIFEXITED (status));
  ck_assert (WEXITSTATUS (status) == 0 || WEXITSTATUS (status) == 77);
}
END_TEST

START_TEST (a_new_clang_is_chosen_before_gcc_and_gcc_before_an_old_one)
{
  static const char *const names[] = { "clang++", "g++", "clang++-16", "clang++-19", "clang++-15" };
  static const char *const chosen[] = { "clang++", "g++", "clang++-16", "clang++-19",
                                        "clang++-19" };
  g_autofree char *path = g_strdup (g_getenv ("PATH"));
  g_autofree char *folder = g_dir_make_tmp ("pinwheel-test-XXXXXX", NULL);

  g_setenv ("PATH", folder, TRUE);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *file = g_build_filename (folder, names[i], NULL);
      g_autofree char *expected = g_build_filename (folder, chosen[i], NULL);
      g_autofree char *found = NULL;

      ck_assert (g_file_set_contents_full (file, "", 0, G_FILE_SET_CONTENTS_NONE, 0755, NULL));
      found = pinwheel_toolchain_find (NULL);
      ck_assert_str_eq (found, expected);
    }
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *file = g_build_filename (folder, names[i], NULL);

      g_unlink (file);
    }
  g_rmdir (folder);
  g_setenv ("PATH", path, TRUE);
}
END_TEST

static gpointer
cancel_when_begun (gpointer data)
{
  char byte;
  int fd = open ("alive", O_RDONLY | O_CLOEXEC);

  /* it says so */
  ck_assert_int_eq (read (fd, &byte, 1), 1);
  g_cancellable_cancel (data);
  /* nobody has the other end any more: the shell and its child are gone */
  while (read (fd, &byte, 1) == 1)
    ;
  close (fd);
  return NULL;
}

START_TEST (a_cancelled_compiler_ends_at_once_with_all_that_it_started)
{
  const char *hang[] = { "/bin/sh", "-c", "exec 9>alive; sleep 600 & echo >&9; sleep 600", NULL };
  g_autofree char *folder = g_dir_make_tmp ("pinwheel-test-XXXXXX", NULL);
  g_autofree char *here = g_get_current_dir ();
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  g_autofree char *output = NULL;
  GThread *thread;

  ck_assert_int_eq (g_chdir (folder), 0);
  ck_assert_int_eq (mkfifo ("alive", 0600), 0);
  thread = g_thread_new ("canceller", cancel_when_begun, cancellable);
  ck_assert (!pinwheel_toolchain_run (hang, folder, 600000, cancellable, &output, &error));
  ck_assert (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED));
  g_thread_join (thread);
  /* and none is started when it is too late */
  g_clear_error (&error);
  ck_assert (!pinwheel_toolchain_run (hang, folder, 600000, cancellable, &output, &error));
  ck_assert (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED));
  g_unlink ("alive");
  ck_assert_int_eq (g_chdir (here), 0);
  g_rmdir (folder);
}
END_TEST

static Suite *
compiler_suite (void)
{
  Suite *suite = suite_create ("host-compiler");
  TCase *tcase = tcase_create ("host-compiler");

  tcase_add_test (tcase, every_thread_of_every_block_runs_once);
  tcase_add_test (tcase, a_device_function_sees_the_thread_that_calls_it);
  tcase_add_test (tcase, the_names_of_cuda_are_there);
  tcase_add_test (tcase, a_name_brings_all_that_it_calls);
  tcase_add_test (tcase, errors_have_the_users_file_line_and_column);
  tcase_add_test (tcase, what_the_host_does_not_run_is_refused_with_a_sentence);
  tcase_add_test (tcase, another_kernel_in_the_file_does_no_harm);
  tcase_add_test (tcase, headers_are_read_and_count);
  tcase_add_test (tcase, what_headers_of_cuda_bring_is_refused_where_it_is_used);
  tcase_add_test (tcase, a_file_that_includes_headers_of_cuda_is_compiled_once);
  tcase_add_test (tcase, code_is_compiled_once_and_all_that_could_change_it_is_part_of_the_key);
  tcase_add_test (tcase, an_entry_that_is_damaged_or_has_anothers_name_is_compiled_anew);
  tcase_add_test (tcase, code_says_itself_why_it_runs_as_fibers);
  tcase_add_test (tcase, the_environment_says_whether_kernels_run_and_are_compiled);
  tcase_add_test (tcase, exact_rounds_every_operation_and_fast_may_fuse);
  tcase_add_test (tcase, a_missing_compiler_is_named);
  tcase_add_test (tcase, another_compiler_may_be_chosen);
  tcase_add_test (tcase, constants_outlast_the_first_use_of_a_threads_own_memory);
  tcase_add_test (tcase, the_compiler_runs_in_a_clean_environment_and_within_limits);
  tcase_add_test (tcase, a_program_with_another_users_rights_starts_no_compiler);
  tcase_add_test (tcase, a_new_clang_is_chosen_before_gcc_and_gcc_before_an_old_one);
  tcase_add_test (tcase, a_cancelled_compiler_ends_at_once_with_all_that_it_started);
  tcase_set_timeout (tcase, 120);
  suite_add_tcase (suite, tcase);
  return suite;
}

int
main (int argc, char **argv)
{
  SRunner *runner;
  int n_failed;

  if (argc > 1 && strcmp (argv[1], "--with-other-rights") == 0)
    return compile_with_other_rights ();
  runner = srunner_create (compiler_suite ());
  srunner_run_all (runner, CK_ENV);
  n_failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return n_failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
