/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <check.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef HAVE_NVRTC_H
#include <nvrtc.h>
#endif

#include "compute/nvrtc-private.h"
#include "unit/kernel-run.h"

static char *root; /* PINWHEEL_CACHE_DIR, the program's own */

#ifdef HAVE_NVRTC_H
/* Results and programs are the toolkit's own types, of the same size. */
#define CHECK(name, ...)                                                                           \
  _Static_assert(                                                                                  \
      __builtin_types_compatible_p (__typeof__ (&nvrtc##name), nvrtcResult (*) (__VA_ARGS__)),     \
      #name)
_Static_assert(sizeof (nvrtcResult) == sizeof (int), "nvrtcResult");
_Static_assert(sizeof (nvrtcProgram) == sizeof (PinwheelNvrtcProgram), "nvrtcProgram");
_Static_assert(NVRTC_SUCCESS == 0 && NVRTC_ERROR_COMPILATION == 6, "results");
CHECK (Version, int *, int *);
CHECK (GetNumSupportedArchs, int *);
CHECK (GetSupportedArchs, int *);
CHECK (CreateProgram, nvrtcProgram *, const char *, const char *, int, const char *const *,
       const char *const *);
CHECK (DestroyProgram, nvrtcProgram *);
CHECK (CompileProgram, nvrtcProgram, int, const char *const *);
CHECK (GetPTXSize, nvrtcProgram, size_t *);
CHECK (GetPTX, nvrtcProgram, char *);
CHECK (GetCUBINSize, nvrtcProgram, size_t *);
CHECK (GetCUBIN, nvrtcProgram, char *);
CHECK (GetProgramLogSize, nvrtcProgram, size_t *);
CHECK (GetProgramLog, nvrtcProgram, char *);
CHECK (AddNameExpression, nvrtcProgram, const char *const);
CHECK (GetLoweredName, nvrtcProgram, const char *const, const char **);
#endif

/* Returns: whether it compiled. @ptx: (out) (optional) (transfer full) */
static gboolean
compile (const char *source, const char *entry, const char *arch, PinwheelFpMode mode,
         const char *include_dir, PinwheelNvrtcCode *code, GError **error)
{
  const PinwheelNvrtcBuild build = { .file = "smooth.cu",
                                     .source = source,
                                     .entry = entry,
                                     .include_dir = include_dir,
                                     .arch = arch,
                                     .fp_mode = mode };

  return pinwheel_nvrtc_build (&build, code, error);
}

static const char *
text_of (const PinwheelNvrtcCode *code)
{
  return g_bytes_get_data (code->code, NULL);
}

#define AXPY                                                                                       \
  "namespace our { __global__ void axpy (float *y, const float *x, float a) {\n"                   \
  "  y[threadIdx.x] = a * x[threadIdx.x] + y[threadIdx.x]; } }\n"

START_TEST (code_is_compiled_once_and_its_symbol_is_kept_with_it)
{
  g_auto (PinwheelNvrtcCode) one = { .code = NULL };
  g_auto (PinwheelNvrtcCode) two = { .code = NULL };
  g_autoptr (GError) error = NULL;

  ck_assert_ok (compile (AXPY, "our::axpy", "sm_90", PINWHEEL_FP_FAST, NULL, &one, &error), error);
  ck_assert (!one.found);
  ck_assert_int_eq (memcmp (text_of (&one), "\177ELF", 4), 0);
  ck_assert_str_eq (one.symbol, "_ZN3our4axpyEPfPKff");
  ck_assert_ok (compile (AXPY, "our::axpy", "sm_90", PINWHEEL_FP_FAST, NULL, &two, &error), error);
  ck_assert (two.found);
  ck_assert_str_eq (one.symbol, two.symbol);
  ck_assert_str_eq (one.path, two.path);
  ck_assert (g_bytes_equal (one.code, two.code));
  ck_assert_uint_eq ((gsize) text_of (&two) % 16, 0);
}
END_TEST

START_TEST (exact_keeps_products_and_sums_apart)
{
  g_auto (PinwheelNvrtcCode) fast = { .code = NULL };
  g_auto (PinwheelNvrtcCode) exact = { .code = NULL };
  g_autoptr (GError) error = NULL;

  ck_assert_ok (compile (AXPY, "our::axpy", "compute_75", PINWHEEL_FP_FAST, NULL, &fast, &error),
                error);
  ck_assert_ptr_nonnull (strstr (text_of (&fast), "fma.rn.f32"));
  ck_assert_ok (compile (AXPY, "our::axpy", "compute_75", PINWHEEL_FP_EXACT, NULL, &exact, &error),
                error);
  ck_assert (!exact.found);
  ck_assert_ptr_null (strstr (text_of (&exact), "fma.rn.f32"));
  ck_assert_ptr_nonnull (strstr (text_of (&exact), fast.symbol));
}
END_TEST

static void
check_error (const char *source, const char *entry, const char *arch, const char *part)
{
  g_auto (PinwheelNvrtcCode) code = { .code = NULL };
  g_autoptr (GError) error = NULL;

  ck_assert (!compile (source, entry, arch, PINWHEEL_FP_FAST, NULL, &code, &error));
  check_message (error, PINWHEEL_ERROR_KERNEL, part);
}

START_TEST (errors_have_the_users_file_and_line)
{
  check_error ("__global__ void k (float *y)\n{\n  y[0] = nothing;\n}", "k", "sm_80",
               "smooth.cu: kernel 'k' does not compile for sm_80:\nsmooth.cu(3): error: "
               "identifier \"nothing\" is undefined");
  check_error (AXPY, "our::axpy", "sm_1", "'sm_1' is no architecture that NVRTC ");
  check_error (AXPY, "our::axpy", "90", "expected sm_ (or compute_ for PTX) and one of 75 ");
  check_error (AXPY, "our::axpy", "sm_90x", "'sm_90x' is no architecture");
  check_error (AXPY, "our::axpy", "sm_", "'sm_' is no architecture");
}
END_TEST

START_TEST (headers_count_also_those_of_headers)
{
  static const char source[] = "#include \"outer.h\"\n__global__ void k (int *y) { y[0] = VALUE; }";
  g_autofree char *outer = g_build_filename (root, "outer.h", NULL);
  g_autofree char *inner = g_build_filename (root, "inner.h", NULL);
  g_autoptr (GError) error = NULL;
  g_auto (PinwheelNvrtcCode) one = { .code = NULL };
  g_auto (PinwheelNvrtcCode) two = { .code = NULL };
  g_auto (PinwheelNvrtcCode) three = { .code = NULL };

  ck_assert (g_file_set_contents (outer, "  #  include <inner.h>", -1, NULL));
  ck_assert (g_file_set_contents (inner, "#define VALUE 12345", -1, NULL));
  ck_assert_ok (compile (source, "k", "compute_80", PINWHEEL_FP_FAST, root, &one, &error), error);
  ck_assert_ptr_nonnull (strstr (text_of (&one), "12345"));
  ck_assert_ok (compile (source, "k", "compute_80", PINWHEEL_FP_FAST, root, &two, &error), error);
  ck_assert (two.found);
  ck_assert (g_file_set_contents (inner, "#define VALUE 54321", -1, NULL));
  ck_assert_ok (compile (source, "k", "compute_80", PINWHEEL_FP_FAST, root, &three, &error), error);
  ck_assert (!three.found);
  ck_assert_ptr_nonnull (strstr (text_of (&three), "54321"));
  g_unlink (outer);
  g_unlink (inner);
}
END_TEST

START_TEST (a_header_that_a_macro_names_is_never_taken_from_the_cache)
{
  static const char source[] = "#define NAME \"value.h\"\n#include NAME\n"
                               "__global__ void k (int *y) { y[0] = VALUE; }";
  g_autofree char *header = g_build_filename (root, "value.h", NULL);
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < 2; i++)
    {
      g_auto (PinwheelNvrtcCode) code = { .code = NULL };
      g_autofree char *value = g_strdup_printf ("%u", 7000 + i);
      g_autofree char *text = g_strdup_printf ("#define VALUE %s", value);

      ck_assert (g_file_set_contents (header, text, -1, NULL));
      ck_assert_ok (compile (source, "k", "compute_80", PINWHEEL_FP_FAST, root, &code, &error),
                    error);
      ck_assert_ptr_nonnull (strstr (text_of (&code), value));
    }
  g_unlink (header);
}
END_TEST

START_TEST (a_damaged_entry_is_compiled_anew)
{
  g_autoptr (GError) error = NULL;
  g_auto (PinwheelNvrtcCode) one = { .code = NULL };
  g_auto (PinwheelNvrtcCode) two = { .code = NULL };

  ck_assert_ok (compile (AXPY, "our::axpy", "sm_80", PINWHEEL_FP_FAST, NULL, &one, &error), error);
  ck_assert_int_eq (g_chmod (one.path, 0600), 0);
  ck_assert (
      g_file_set_contents_full (one.path, "_Zevil", -1, G_FILE_SET_CONTENTS_NONE, 0600, NULL));
  ck_assert_ok (compile (AXPY, "our::axpy", "sm_80", PINWHEEL_FP_FAST, NULL, &two, &error), error);
  ck_assert (!two.found);
  ck_assert (g_bytes_equal (one.code, two.code));
}
END_TEST

/* A kernel of map's for every architecture that is named in the documents */
static void
check_map (const char *expr, const char *format)
{
  static const char *const archs[] = { "sm_75", "sm_80", "sm_90", "sm_100" };
  g_autoptr (PinwheelFormat) input = make_format (format, 100);
  g_autoptr (GError) error = NULL;
  g_autofree char *outputs = NULL;
  g_autofree char *source = pinwheel_map_source (expr, NULL, input, &outputs, &error);

  ck_assert_ok (source != NULL, error);
  for (guint i = 0; i < G_N_ELEMENTS (archs); i++)
    {
      g_auto (PinwheelNvrtcCode) code = { .code = NULL };

      ck_assert_ok (
          compile (source, "pinwheel_map", archs[i], PINWHEEL_FP_EXACT, NULL, &code, &error),
          error);
      ck_assert_str_eq (code.symbol, "pinwheel_map");
    }
}

START_TEST (what_map_writes_compiles_for_every_gpu)
{
  check_map ("a = sin(x) + cos(x)*tan(x) - asin(x)/acos(x) + atan(x); b = sinh(x) + cosh(x) + "
             "tanh(x); c = exp(x) + exp2(x) + expm1(x) + log(x) + log2(x) + log10(x) + log1p(x); "
             "d = sqrt(x) + cbrt(x) + floor(x) + ceil(x) + trunc(x) + round(x); "
             "e = hypot(x, y) + atan2(x, y) + min(x, y) + max(x, y) + abs(x) + sign(x)",
             "x:f32[*] y:f64[*]");
  check_map ("a = x // y + x % y + x ** y; b = where(isnan(x) || isinf(y), x, y); c = x > y && "
             "!(x != 0); d = pi * x + e; e1 = f32(x) + i32(y)",
             "x:f64[3,*] y:f64[3,*]");
  check_map ("a = x // y + x % y - (x << 2) + (y >> 1); b = (x & y) | (x ^ 5); c = ~x; d = x ** 3; "
             "e1 = x / y; f = abs(x) + sign(y) + min(x, y); g = u8(x) + bool(y)",
             "x:i32[*] y:i64[*]");
  check_map ("a = x + y; b = x * z; c = x // z; d = sin(x); e1 = z ** 2",
             "x:u8[*] y:bool[*] z:u64[*]");
}
END_TEST

START_TEST (a_cancelled_compilation_says_so)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  g_auto (PinwheelNvrtcCode) code = { .code = NULL };
  const PinwheelNvrtcBuild build = { .file = "k.cu",
                                     .source = "__global__ void never (int *y) { y[0] = 1; }",
                                     .entry = "never",
                                     .arch = "sm_80",
                                     .cancellable = cancellable };

  g_cancellable_cancel (cancellable);
  ck_assert (!pinwheel_nvrtc_build (&build, &code, &error));
  ck_assert (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED));
}
END_TEST

static Suite *
nvrtc_suite (void)
{
  Suite *suite = suite_create ("nvrtc");
  TCase *tcase = tcase_create ("nvrtc");

  tcase_add_test (tcase, code_is_compiled_once_and_its_symbol_is_kept_with_it);
  tcase_add_test (tcase, exact_keeps_products_and_sums_apart);
  tcase_add_test (tcase, errors_have_the_users_file_and_line);
  tcase_add_test (tcase, headers_count_also_those_of_headers);
  tcase_add_test (tcase, a_header_that_a_macro_names_is_never_taken_from_the_cache);
  tcase_add_test (tcase, a_damaged_entry_is_compiled_anew);
  tcase_add_test (tcase, what_map_writes_compiles_for_every_gpu);
  tcase_add_test (tcase, a_cancelled_compilation_says_so);
  tcase_set_timeout (tcase, 120);
  suite_add_tcase (suite, tcase);
  return suite;
}

static void
remove_all (const char *path)
{
  GDir *dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      if (g_file_test (child, G_FILE_TEST_IS_DIR))
        remove_all (child);
      else
        g_unlink (child);
    }
  if (dir != NULL)
    g_dir_close (dir);
  g_rmdir (path);
}

int
main (void)
{
  g_autoptr (GError) error = NULL;
  SRunner *runner;
  int n_failed;

  if (pinwheel_nvrtc_open (&error) == NULL)
    {
      g_print ("1..0 # SKIP %s\n", error->message);
      return EXIT_SUCCESS;
    }
  root = g_dir_make_tmp ("pinwheel-test-XXXXXX", NULL);
  g_setenv ("PINWHEEL_CACHE_DIR", root, TRUE);
  runner = srunner_create (nvrtc_suite ());
  srunner_run_all (runner, CK_ENV);
  n_failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  remove_all (root);
  g_free (root);
  return n_failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
