/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Kernels on the host device against plain C with OpenMP and against vectors by hand, in one run:
 * bench-kernels KERNELS.CU [NAME] */
#include "config.h"

/* behind -O2 on the command line, where -O3 would not count */
#pragma GCC optimize("O3")

#include <dlfcn.h>
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>
#ifdef __AVX512F__
#include <immintrin.h>
#endif

#include "bench/bench.h"
#include "compute/host-compiler-private.h"
#include "device/host-launch-private.h"

#define BLOCK  256
#define ROUNDS 9

/* One problem: @n threads; what lies in @input and @output is the kernel's affair */
typedef struct
{
  double factor;
  void *input, *output;
  guint64 n;
  guint block[2];
  PinwheelHostRun run;
} Work;

typedef void (*Form) (const Work *work, guint64 first, guint64 end);

typedef float VectorF32 __attribute__ ((vector_size (64)));
typedef gint32 MaskF32 __attribute__ ((vector_size (64)));
typedef float TwoF32 __attribute__ ((vector_size (128)));
typedef double VectorF64 __attribute__ ((vector_size (64)));
typedef gint64 MaskF64 __attribute__ ((vector_size (64)));
typedef double TwoF64 __attribute__ ((vector_size (128)));

#define REAL       float
#define NAME(name) name##_f32
#define WIDTH      16
#define V          VectorF32
#define M          MaskF32
#define W          TwoF32
#include "bench/bench-kernels-reference.h"
#undef REAL
#undef NAME
#undef WIDTH
#undef V
#undef M
#undef W

#define REAL       double
#define NAME(name) name##_f64
#define WIDTH      8
#define V          VectorF64
#define M          MaskF64
#define W          TwoF64
#include "bench/bench-kernels-reference.h"

#include "bench/bench-kernels-blocks.h"

/* What bench-kernels-math.h has become */
static void (*by_hand_float) (float a, const float *x, float *y, guint64 n);
static void (*by_hand_double) (double a, const double *x, double *y, guint64 n);

static void
simd_expsin_f32 (const Work *work, guint64 first, guint64 end)
{
  by_hand_float ((float) work->factor, (const float *) work->input + first,
                 (float *) work->output + first, end - first);
}

static void
simd_expsin_f64 (const Work *work, guint64 first, guint64 end)
{
  by_hand_double (work->factor, (const double *) work->input + first,
                  (double *) work->output + first, end - first);
}

typedef enum
{
  ROW,
  SQUARE, /* blocks of 16 by 16 */
  WHOLE   /* numbers; 256 for each thread */
} Kind;

static const struct
{
  const char *name, *type;
  double factor;
  guint64 n, n_outputs;
  guint times; /* in one measurement */
  Form plain, simd;
  Kind kind;
} kernels[] = {
  { "saxpy", "float", 2.5, 65536, 65536, 200, plain_saxpy_f32, simd_saxpy_f32, ROW },
  { "saxpy", "double", 2.5, 65536, 65536, 200, plain_saxpy_f64, simd_saxpy_f64, ROW },
  { "expsin", "float", -0.1, 65536, 65536, 20, plain_expsin_f32, simd_expsin_f32, ROW },
  { "expsin", "double", -0.1, 65536, 65536, 20, plain_expsin_f64, simd_expsin_f64, ROW },
  { "lorenz", "float", 0.001, 4096, 153 * 4096, 1, plain_lorenz_f32, simd_lorenz_f32, ROW },
  { "lorenz", "double", 0.001, 4096, 153 * 4096, 1, plain_lorenz_f64, simd_lorenz_f64, ROW },
  { "adaptive", "float", 1e-6, 4096, 3 * 4096, 1, plain_adaptive_f32, simd_adaptive_f32, ROW },
  { "adaptive", "double", 1e-6, 4096, 3 * 4096, 1, plain_adaptive_f64, simd_adaptive_f64, ROW },
  { "sum", "float", 0.5, 1 << 18, 1 << 10, 50, plain_sum, simd_sum, ROW },
  { "shuffles", "float", 0.5, 1 << 18, 1 << 10, 50, plain_sum, simd_sum, ROW },
  { "matrix", "float", 0.5, 65536, 65536, 10, plain_matrix, simd_matrix, SQUARE },
  { "global", "float", 0, 4096, 256, 10, plain_global, simd_histogram, WHOLE },
  { "shared", "float", 0, 4096, 256, 10, plain_histogram, simd_histogram, WHOLE },
};

static void
run_kernel (const Work *work, void *factor, guint64 first, guint64 end)
{
  PinwheelHostLaunch launch = { .grid = { (guint) (work->n / BLOCK), 1, 1 },
                                .block = { work->block[0], work->block[1], 1 } };
  const void *input = work->input;
  void *output = work->output;
  int n = (int) work->n;
  void *arguments[] = { factor, &input, &output, &n };

  work->run (&launch, arguments, first / BLOCK, end / BLOCK);
}

static void
run_single (const Work *work, guint64 first, guint64 end)
{
  float factor = (float) work->factor;

  run_kernel (work, &factor, first, end);
}

static void
run_double (const Work *work, guint64 first, guint64 end)
{
  double factor = work->factor;

  run_kernel (work, &factor, first, end);
}

/* Of one thread what it computes, however busy the machine is; of several what it takes */
static double
now (guint threads)
{
  struct timespec now;

  if (threads > 1)
    return bench_now ();
  clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &now);
  return (double) now.tv_sec + 1e-9 * (double) now.tv_nsec;
}

/* Returns: seconds for all of @work, on so many threads */
static double
measure (const Work *work, Form form, guint threads, guint times)
{
  guint64 n_blocks = work->n / BLOCK, pieces = MIN (n_blocks, 4 * threads);
  double begun = now (threads);

  for (guint t = 0; t < times; t++)
    {
#pragma omp parallel for num_threads(threads) schedule(dynamic)
      for (guint64 i = 0; i < pieces; i++)
        form (work, i * n_blocks / pieces * BLOCK, (i + 1) * n_blocks / pieces * BLOCK);
    }
  return (now (threads) - begun) / times;
}

/* Returns: the symbol @name of what is in the file @path */
static void *
find (const char *path, const char *name)
{
  void *code = dlopen (path, RTLD_NOW | RTLD_LOCAL);
  void *symbol = code != NULL ? dlsym (code, name) : NULL;

  if (symbol == NULL)
    bench_die ("what was compiled cannot be loaded");
  return symbol;
}

/* Returns: the kernel, compiled by @compiler */
static PinwheelHostRun
compile (const char *source, const char *name, const Work *work, const char *compiler)
{
  PinwheelHostBuild build = { .block = { work->block[0], work->block[1], 1 },
                              .fp_mode = PINWHEEL_FP_EXACT };
  g_autoptr (GError) error = NULL;
  g_autoptr (PinwheelSignature) signature = NULL;
  g_autofree char *path = NULL;
  PinwheelHostRun run;

  g_setenv ("PINWHEEL_CXX", compiler, TRUE);
  signature = pinwheel_signature_new ("bench-kernels.cu", source, name, &error);
  if (signature != NULL)
    path = pinwheel_host_compile (signature, &build, &error);
  if (path == NULL)
    bench_die (error->message);
  *(void **) &run = find (path, PINWHEEL_HOST_SYMBOL);
  return run;
}

/* Compiles bench-kernels-math.h in @folder. */
static void
compile_by_hand (const char *folder)
{
  g_autofree char *root = g_dir_make_tmp ("pinwheel-bench-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (root, "math.so", NULL);
  g_autofree char *source = g_build_filename (folder, "bench-kernels-math.h", NULL);
  g_autofree char *include = g_build_filename (folder, "..", "..", "pipeline", "compute", NULL);
  const char *argv[] = { "g++",
                         "-std=c++17",
                         "-O3",
                         "-march=native",
                         "-ffp-contract=off",
                         "-fno-math-errno",
                         "-fno-trapping-math",
                         "-shared",
                         "-fPIC",
                         "-w",
                         "-I",
                         include,
                         "-include",
                         "host-math.h",
                         "-include",
                         "host-math-exp.h",
                         "-include",
                         "host-math-trig.h",
                         "-x",
                         "c++",
                         source,
                         "-o",
                         path,
                         NULL };
  int status = 1;

  if (!g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL,
                     &status, NULL)
      || status != 0)
    bench_die ("g++ does not compile bench-kernels-math.h");
  *(void **) &by_hand_float = find (path, "by_hand_float");
  *(void **) &by_hand_double = find (path, "by_hand_double");
  g_unlink (path);
  g_rmdir (root);
}

/* Returns: (transfer full): for most kernels values on both sides of where Lorenz' system becomes
 * chaotic */
static void *
new_input (guint k)
{
  guint64 n = kernels[k].n * (kernels[k].kind == WHOLE ? 256 : 1);
  void *input = g_aligned_alloc0 (n, sizeof (double), 64);

  for (guint64 i = 0; i < n; i++)
    if (kernels[k].kind == WHOLE)
      ((guint *) input)[i] = (guint) i * 2654435761u;
    else if (strcmp (kernels[k].type, "float") == 0)
      ((float *) input)[i] = 20 + 15 * (float) i / (float) n;
    else
      ((double *) input)[i] = 20 + 15 * (double) i / (double) n;
  return input;
}

/* Whether all forms compute the same, but for the order of sums and the mathematics */
static void
check (const Work *work, guint k, const double *expected, double *found)
{
  for (guint64 i = 0; i < kernels[k].n_outputs; i++)
    {
      const void *output = work->output;
      double value = kernels[k].kind == WHOLE                 ? ((const guint *) output)[i]
                     : strcmp (kernels[k].type, "float") == 0 ? ((const float *) output)[i]
                                                              : ((const double *) output)[i];

      if (expected != NULL && fabs (value - expected[i]) > 1e-5 * fabs (expected[i]) + 1e-9)
        {
          fprintf (stderr, "%s %s, number %" G_GUINT64_FORMAT ": %.9g instead of %.9g\n",
                   kernels[k].name, kernels[k].type, i, value, expected[i]);
          exit (EXIT_FAILURE);
        }
      found[i] = value;
    }
}

static void
compare (const char *text, guint k, guint threads)
{
  static const char *const forms[] = { "C", "SIMD", "g++", "clang++" };
  gboolean is_single = strcmp (kernels[k].type, "float") == 0;
  g_autofree char *clang = g_find_program_in_path ("clang++");
  g_autofree char *source = g_strdup_printf ("#define REAL %s\n%s", kernels[k].type, text);
  g_autofree char *plain = NULL;
  g_autofree double *results = g_new (double, kernels[k].n_outputs);
  guint side = kernels[k].kind == SQUARE ? 16 : 1;
  Work work = { .factor = kernels[k].factor, .n = kernels[k].n, .block = { BLOCK / side, side } };
  PinwheelHostRun runs[2] = { NULL, NULL };
  double seconds[4][ROUNDS];
  guint n_forms = clang != NULL ? 4 : 3;

  plain = pinwheel_host_preprocess ("bench-kernels.cu", source, NULL, NULL, NULL);
  runs[0] = compile (plain, kernels[k].name, &work, "g++");
  if (clang != NULL)
    runs[1] = compile (plain, kernels[k].name, &work, "clang++");
  work.input = new_input (k);
  work.output = g_aligned_alloc0 (kernels[k].n_outputs, sizeof (double), 64);
  for (guint round = 0; round < ROUNDS; round++)
    for (guint form = 0; form < n_forms; form++)
      {
        Form run = form == 0 ? kernels[k].plain : form == 1 ? kernels[k].simd : NULL;

        work.run = form >= 2 ? runs[form - 2] : NULL;
        if (run == NULL)
          run = is_single ? run_single : run_double;
        memset (work.output, 0, kernels[k].n_outputs * sizeof (double));
        if (round == 0)
          {
            measure (&work, run, threads, 1);
            check (&work, k, form == 0 ? NULL : results, results);
          }
        seconds[form][round] = measure (&work, run, threads, kernels[k].times);
      }
  printf ("%-9s %-7s %u", kernels[k].name, kernels[k].type, threads);
  for (guint form = 0; form < n_forms; form++)
    printf ("  %s %7.4f ms %5.2f", forms[form], 1e3 * bench_median (seconds[form], ROUNDS),
            bench_median (seconds[form], ROUNDS) / bench_median (seconds[1], ROUNDS));
  putchar ('\n');
  g_aligned_free (work.input);
  g_aligned_free (work.output);
}

int
main (int argc, char **argv)
{
  g_autofree char *text = NULL;
  g_autofree char *folder = NULL;

  if (argc < 2 || argc > 3 || !g_file_get_contents (argv[1], &text, NULL, NULL))
    bench_die ("usage: bench-kernels KERNELS.CU [NAME]");
  setvbuf (stdout, NULL, _IOLBF, 0);
  folder = g_path_get_dirname (argv[1]);
  compile_by_hand (folder);
  puts ("kernel    type  threads; each: ms, and times of what vectors by hand take");
  for (guint k = 0; k < G_N_ELEMENTS (kernels); k++)
    for (guint threads = 1; threads <= 2; threads++)
      if (argc == 2 || strcmp (argv[2], kernels[k].name) == 0)
        compare (text, k, threads);
  return EXIT_SUCCESS;
}
