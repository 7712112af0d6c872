/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include <pinwheel/error.h>

#include "compute/host-compiler-private.h"

static PinwheelSignature *
read_source (const char *source, const char *entry)
{
  g_autoptr (GError) error = NULL;
  PinwheelSignature *signature = pinwheel_signature_new ("k.cu", source, entry, &error);

  ck_assert_msg (signature != NULL, "%s", error != NULL ? error->message : "");
  return signature;
}

static void
check_error (const char *source, const char *entry, const char *expected)
{
  g_autoptr (GError) error = NULL;

  ck_assert_ptr_null (pinwheel_signature_new ("k.cu", source, entry, &error));
  ck_assert (g_error_matches (error, PINWHEEL_ERROR, PINWHEEL_ERROR_KERNEL));
  ck_assert_msg (strstr (error->message, expected) != NULL, "expected: %s\ngot: %s", expected,
                 error->message);
}

/* `TYPE:DTYPE NAME` of each parameter */
static char *
describe (const PinwheelSignature *signature)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < signature->parameters->len; i++)
    {
      const PinwheelParameter *parameter = pinwheel_signature_parameter (signature, i);
      g_autofree char *type = pinwheel_ctype_to_string (&parameter->type);

      g_string_append_printf (text, "%s%s:%s %s", i > 0 ? ", " : "", type,
                              pinwheel_dtype_to_string (parameter->type.dtype), parameter->name);
    }
  return g_string_free (text, FALSE);
}

static void
check_parameters (const char *source, const char *expected)
{
  g_autoptr (PinwheelSignature) signature = read_source (source, NULL);
  g_autofree char *text = describe (signature);

  ck_assert_str_eq (text, expected);
}

START_TEST (parameters_are_read_with_type_and_name)
{
  check_parameters ("extern \"C\" __global__ void k (int n, float a, const float *x, double *y) {}",
                    "int:i32 n, float:f32 a, const float *:f32 x, double *:f64 y");
  check_parameters ("__global__ void k () {}", "");
  check_parameters ("__global__ void k (void) {}", "");
  check_parameters ("void __global__ __launch_bounds__(256, 2) k(float const*__restrict__ const x,"
                    " volatile bool *const y) {}",
                    "const float *:f32 x, bool *:bool y");
  check_parameters ("__global__ void k (const float x[], const unsigned n, float y = (1, 2)) {}",
                    "const float *:f32 x, unsigned int:u32 n, float:f32 y");
}
END_TEST

START_TEST (every_spelling_of_an_integer_is_known)
{
  check_parameters (
      "__global__ void k (unsigned a, unsigned long b, long long c, long unsigned int d,"
      " short int e, unsigned char f, signed char g, char h, unsigned short i,"
      " long long unsigned j, signed k) {}",
      "unsigned int:u32 a, unsigned long:u64 b, long long:i64 c, unsigned long:u64 d, "
      "short:i16 e, unsigned char:u8 f, signed char:i8 g, char:i8 h, "
      "unsigned short:u16 i, unsigned long long:u64 j, int:i32 k");
  check_parameters ("__global__ void k (size_t a, int8_t b, std::uint64_t c, ::uint16_t *d) {}",
                    "size_t:u64 a, int8_t:i8 b, uint64_t:u64 c, uint16_t *:u16 d");
}
END_TEST

START_TEST (complex_and_half_are_known_as_pointers)
{
  check_parameters ("__global__ void k (const float2 *a, cuDoubleComplex *b, __half *c) {}",
                    "const float2 *:c64 a, cuDoubleComplex *:c128 b, __half *:f16 c");
  check_error ("__global__ void k (float2 a) {}", NULL, "k.cu:1:27: kernel 'k': 'a' is a float2");
}
END_TEST

START_TEST (typedefs_are_followed)
{
  check_parameters ("typedef unsigned long long int count_t; typedef const float *in;\n"
                    "using real = double; using other = real;\n"
                    "__global__ void k (count_t n, in x, const other *y, real z) {}",
                    "unsigned long long:u64 n, const float *:f32 x, const double *:f64 y, "
                    "double:f64 z");
  check_error ("typedef struct { int a; } float_; typedef float_ real; "
               "__global__ void k (real *x) {}",
               NULL, "the parameter 'real *x' is neither a number nor a pointer");
}
END_TEST

START_TEST (comments_strings_and_directives_hide_nothing)
{
  check_parameters ("/* __global__ void a (int x) {} */ // __global__ void b (int y) {}\n"
                    "#pragma unroll\nstatic const char *s = \"__global__ void c (int) {}\";\n"
                    "static const char *r = R\"x(__global__ \")x\"; char c = '\"', d = '\\'';\n"
                    "int million = 1'000'000;\n"
                    "__global__ void k (int /* , int b */ n) { }",
                    "int:i32 n");
}
END_TEST

START_TEST (line_markers_set_the_place)
{
  g_autoptr (PinwheelSignature) signature = read_source (
      "# 1 \"a.cu\"\n\n# 41 \"dir/b \\\"q\\\".h\" 1 3\n\n  __global__ void k (int n) {}", NULL);

  ck_assert_str_eq (signature->file, "dir/b \"q\".h");
  ck_assert_uint_eq (signature->line, 42);
  ck_assert_uint_eq (signature->column, 3);
  ck_assert_uint_eq (pinwheel_signature_parameter (signature, 0)->column, 26);
}
END_TEST

START_TEST (a_directive_or_a_continued_line_needs_the_preprocessor)
{
  const struct
  {
    const char *source;
    gboolean needed;
  } cases[] = { { "#define A 1\n", TRUE },         { "int a\\\nb;", TRUE },
                { "#pragma once\nint a;", FALSE }, { "# 1 \"a.cu\"\nint a;", FALSE },
                { "// a \\\n b\nint a;", FALSE },  { "const char *s = \"\\\n\";", FALSE },
                { "  #  include \"x.h\"", TRUE } };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (PinwheelTokens) tokens = pinwheel_tokens_new ("a.cu", cases[i].source);

      ck_assert_msg (tokens->needs_preprocessor == cases[i].needed, "%s", cases[i].source);
    }
}
END_TEST

START_TEST (the_entry_is_chosen_by_name)
{
  static const char two[] = "namespace a { namespace b::c { __global__ void one (int x) {} } }\n"
                            "__global__ void two (float y);\n__global__ void two (float y) {}";
  g_autoptr (PinwheelSignature) one = read_source (two, "one");
  g_autoptr (PinwheelSignature) second = read_source (two, "two");

  ck_assert_str_eq (one->qualified, "a::b::c::one");
  ck_assert_str_eq (second->qualified, "two");
  ck_assert_uint_eq (second->line, 3);
  check_error (two, NULL, "k.cu: there are several kernels: one, two; choose one with entry=");
  check_error (two, "tow",
               "k.cu: there is no kernel 'tow'; did you mean 'two'? kernels in it: "
               "one, two");
  check_error ("int main () { }", NULL, "k.cu: there is no kernel in it");
  check_error ("__global__ void k (int a) {} __global__ void k (float a) {}", "k",
               "k.cu:1:30: there are two kernels called 'k'");
}
END_TEST

START_TEST (a_kernel_that_cannot_be_bound_is_refused_with_its_place)
{
  check_error ("template <class T>\n__global__ void k (T *x) {}", NULL,
               "k.cu:2:1: kernel 'k' is a template");
  check_error ("__global__ int k (int x) {}", NULL, "must return void");
  check_error ("__global__ void k (int) {}", NULL,
               "k.cu:1:20: kernel 'k': parameter 1 has no name");
  check_error ("__global__ void k (float **x) {}", NULL, "'float **x' is neither a number");
  check_error ("__global__ void k (float &x) {}", NULL, "parameter 1 has no name");
  check_error ("__global__ void k (struct s x) {}", NULL, "'struct s x' is neither a number");
  check_error ("__global__ void k (int n, ) {}", NULL, "a parameter is missing here");
  check_error ("__global__ void k (long double x) {}", NULL, "kernel 'k'");
}
END_TEST

static void
check_refusal (const char *body, const char *what, const char *word)
{
  g_autofree char *source = g_strdup_printf ("__global__ void k (int n)\n{\n  %s\n}", body);
  g_autoptr (PinwheelSignature) signature = read_source (source, NULL);
  const PinwheelRefusal *refusal;

  ck_assert_msg (signature->refusals->len > 0, "%s is not refused", body);
  refusal = &g_array_index (signature->refusals, PinwheelRefusal, 0);
  ck_assert_str_eq (refusal->what, what);
  ck_assert_str_eq (refusal->word, word);
  ck_assert_uint_eq (refusal->line, 3);
}

START_TEST (what_the_host_does_not_run_is_noted)
{
  check_refusal ("n = __shfl (n, 1);",
                 "exchanges values without a mask of the threads that take part", "__shfl");
  check_refusal ("__barrier_sync (1);", "waits at a barrier by its number", "__barrier_sync");
  check_refusal ("asm (\"nop;\");", "contains inline assembly", "asm");
  check_refusal ("auto g = cooperative_groups::this_grid ();", "uses cooperative groups",
                 "cooperative_groups");
  check_refusal ("nvcuda::wmma::fill_fragment (f, 0);", "uses tensor cores", "nvcuda");
  check_refusal ("float f = tex2D<float> (t, 0, 0);", "reads a texture or surface", "tex2D");
  check_refusal ("n = __clusterIdx ().x;", "works with a cluster of blocks", "__clusterIdx");
  check_refusal ("n = __isShared (p);", "asks which kind of memory an address is in", "__isShared");
  check_refusal ("n = __pm2 ();", "reads a profiler's counter", "__pm2");
  check_refusal ("__brkpt ();", "stops for a debugger", "__brkpt");
  check_refusal ("k<<<1, 1>>> (n);", "launches a kernel from a kernel", "<<<");
}
END_TEST

/* @line: where; 0: nothing waits */
static void
check_waits (const char *source, const char *what, guint line, gboolean meet, gboolean dynamic)
{
  g_autoptr (PinwheelSignature) signature = read_source (source, "k");
  const PinwheelRefusal *reason = &g_array_index (signature->waits, PinwheelRefusal, 0);

  ck_assert_uint_eq (signature->refusals->len, 0);
  ck_assert_int_eq (signature->threads_meet, meet);
  ck_assert_int_eq (signature->dynamic_shared, dynamic);
  ck_assert_int_eq (signature->waits->len > 0, line > 0);
  if (line == 0)
    return;
  ck_assert_str_eq (reason->what, what);
  ck_assert_uint_eq (reason->line, line);
}

START_TEST (where_threads_wait_and_meet_is_noted)
{
  check_waits ("__global__ void k (int n) { n = n + 1; }", NULL, 0, FALSE, FALSE);
  check_waits ("__global__ void k (int n) { __shared__ int s[4]; s[0] = n; }", NULL, 0, TRUE,
               FALSE);
  check_waits ("__global__ void k (int *n) { atomicAdd (n, 1); }", NULL, 0, TRUE, FALSE);
  check_waits ("__global__ void k (int n) {\n\n__syncthreads (); }", "barrier", 3, FALSE, FALSE);
  check_waits ("__global__ void k (int n) {\nn = __syncthreads_count (n); }", "barrier", 2, FALSE,
               FALSE);
  check_waits ("__global__ void k (int n) { n = __shfl_down_sync (~0u, n, 1); }", "warp function",
               1, FALSE, FALSE);
  check_waits ("__global__ void k (int n) { n = __ballot_sync (~0u, n); }", "warp function", 1,
               FALSE, FALSE);
  check_waits ("__device__ void f () {\n__syncthreads (); }\n__global__ void k (int n) { f (); }",
               "barrier inside a device function", 2, FALSE, FALSE);
  check_waits ("extern __shared__ float s[];\n__global__ void k (int n) { }", NULL, 0, TRUE, TRUE);
  check_waits ("__global__ void k (int n) { extern __shared__ double s[][4], *t; }", NULL, 0, TRUE,
               TRUE);
  check_waits ("__global__ void other () { __syncthreads (); } __global__ void k (int n) { }", NULL,
               0, FALSE, FALSE);
}
END_TEST

static gboolean
has_private_arrays (const char *source)
{
  g_autoptr (PinwheelSignature) signature = read_source (source, NULL);

  return signature->private_arrays;
}

START_TEST (private_arrays_are_noted)
{
  ck_assert (has_private_arrays ("__global__ void k (int n) { int v[3]; }"));
  ck_assert (has_private_arrays ("__global__ void k (int n) { int i = f (n), v[3] = { n }; }"));
  ck_assert (has_private_arrays ("struct S { float y[3]; }; __global__ void k (int n) { S s; }"));
  ck_assert (has_private_arrays (
      "__device__ void f () { if (1) { S v[2][2]; } } __global__ void k (int n) { f (); }"));
  ck_assert (has_private_arrays (
      "__global__ void k (int n) { auto f = [&] (int i) { int v[3]; }; f (n); }"));
  ck_assert (has_private_arrays ("__global__ void k (int n) { g ([] { int v[3]; }); }"));
  ck_assert (
      !has_private_arrays ("__constant__ int t[3]; __global__ void k (float x[], int *y) {\n"
                           " y[0] = a * x[1] + f (x[2], x[3]); if (n) return; else y[1] = 0;\n"
                           " y[t[0]] = n < x[3]; }"));
}
END_TEST

START_TEST (other_kernels_may_do_what_the_host_does_not_run)
{
  g_autoptr (PinwheelSignature) signature = read_source (
      "__global__ void a (int n) { asm (\"nop;\"); n = threadIdx.x; }\n"
      "__global__ void b (int n) { n = threadIdx.x; }",
      "b");

  ck_assert_uint_eq (signature->refusals->len, 0);
  ck_assert (!signature->thread_index_outside);
  ck_assert_uint_eq (signature->own_uses->len, 0);
}
END_TEST

START_TEST (a_device_function_that_uses_threadidx_is_noted)
{
  g_autoptr (PinwheelSignature) signature = read_source (
      "__device__ int f () { return threadIdx.x; } __global__ void k (int n) { n = f (); }", NULL);

  ck_assert (signature->thread_index_outside);
  ck_assert_uint_eq (signature->own_uses->len, 1);
}
END_TEST

START_TEST (memory_of_a_block_outside_of_kernels_is_noted)
{
  static const char *const words[] = { "blockIdx.x", "gridDim.y", "({ __shared__ int s; s; })" };

  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    {
      g_autofree char *source = g_strdup_printf (
          "__global__ void k (int n) { __shared__ int s; s = n + blockIdx.x + gridDim.x + f (); }\n"
          "__device__ int f () { return %s; }",
          words[i]);
      g_autoptr (PinwheelSignature) signature = read_source (source, NULL);

      ck_assert (!signature->thread_index_outside);
      ck_assert_uint_eq (signature->own_uses->len, 1);
    }
}
END_TEST

/* Whether kernel `k` of @source may come to the warp function in it */
static gboolean
may_wait (const char *source)
{
  g_autoptr (PinwheelSignature) signature = read_source (source, "k");

  return signature->waits->len > 0;
}

#define WAITS   "{ return __shfl_sync (1, v, 0); }"
#define K(body) "__global__ void k (int n) { " body " }"

START_TEST (functions_that_a_kernel_cannot_come_to_are_left_out)
{
  ck_assert (may_wait ("__device__ int f (int v) " WAITS K ("n = f (n);")));
  ck_assert (!may_wait ("__device__ int f (int v) " WAITS K ("n = g (n);")));
  ck_assert (!may_wait (K ("n = g (n);") "template <class T> T ns::f (T v) const noexcept " WAITS));
  ck_assert (!may_wait ("__device__ int f (int v) " WAITS
                        "__device__ int g (int v) { return f (v); }"
                        "__global__ void other (int n) { n = f (n); }" K ("")));
  ck_assert (!may_wait ("struct S { int f (int v) " WAITS " int v[2]; };" K ("S s; s.g ();")));
  /* by way of others, whatever their order, and through what is outside of functions */
  ck_assert (
      may_wait (K ("n = h (n);") "int h (int v) { return g (v); } int g (int v) { return f (v); }"
                                 "__device__ int f (int v) " WAITS));
  ck_assert (may_wait ("__device__ int f (int v) " WAITS "int (*p) (int) = f;" K ("")));
  ck_assert (may_wait ("struct S { int f (int v) " WAITS " };" K ("S s; s.f (n);")));
  ck_assert (may_wait ("__device__ int f (int v = g ()) {} int g () " WAITS K ("f ();")));
  /* what is no function, or one that is called without its name */
  ck_assert (
      may_wait ("struct S { int a, b; S (int v) : a (v), b (v) " WAITS " };" K ("S s (n);")));
  ck_assert (may_wait ("struct S { S (int v) " WAITS " };" K ("S s (n);")));
  ck_assert (may_wait ("struct S { int operator () (int v) " WAITS " };" K ("S s; n = s (n);")));
  ck_assert (may_wait ("struct S { operator int () " WAITS " };" K ("S s; n = s;")));
  ck_assert (may_wait ("auto f = [] (int v) " WAITS ";" K ("n = f (n);")));
  ck_assert (may_wait ("struct alignas (16) { int f (int v) " WAITS " } s;" K ("s.f (n);")));
  ck_assert (may_wait ("namespace a { extern \"C\" { int f (int v) " WAITS " } }" K ("a::f (n);")));
}
END_TEST

START_TEST (what_is_left_out_neither_counts_nor_is_compiled)
{
  g_autoptr (PinwheelSignature) signature = read_source (
      "__device__ void f () { int v[3]; asm (\"nop;\"); }\n"
      "__device__ int g () { __shared__ int s; return s + threadIdx.x; }\n"
      "constexpr int h () { return 3; }\n" K ("n = 1;"),
      NULL);
  g_autofree char *source = NULL;
  static const guint block[3] = { 1, 1, 1 };

  ck_assert_uint_eq (signature->refusals->len, 0);
  ck_assert (!signature->private_arrays);
  ck_assert (!signature->thread_index_outside && signature->own_uses->len == 0);
  ck_assert (!signature->threads_meet);
  source = pinwheel_host_source (signature, block, NULL);
  ck_assert_ptr_null (strstr (source, "nop"));
  ck_assert_ptr_nonnull (strstr (source, "constexpr int h () { return 3; }"));
}
END_TEST

START_TEST (threads_may_be_set_in_the_source)
{
  g_autoptr (PinwheelSignature) signature = read_source (
      "__global__ void a (int n) {}\n#pragma pinwheel threads(n * (3 + 1))\n"
      "__global__ void b (int n) {}\n__global__ void c (int n) {}",
      "b");
  g_autoptr (PinwheelSignature) other = read_source (signature->tokens->text, "c");

  ck_assert_str_eq (signature->threads, "n * (3 + 1)");
  ck_assert_ptr_null (other->threads);
}
END_TEST

/* Damages a source at random: bytes changed, cut out, doubled, or words of C thrown in. */
static char *
mutate (GRand *random, const char *source)
{
  static const char *const words[] = { "__global__",
                                       "(",
                                       ")",
                                       "{",
                                       "}",
                                       "/*",
                                       "*/",
                                       "\"",
                                       "R\"(",
                                       "typedef",
                                       "<",
                                       ">",
                                       "#",
                                       "\\\n",
                                       "'",
                                       "const",
                                       "using a =",
                                       ";",
                                       ",",
                                       "void",
                                       "template",
                                       "[",
                                       "\n# 99999999999 \"f",
                                       "#pragma pinwheel threads(",
                                       "::" };
  GString *text = g_string_new (source);
  guint n = (guint) g_rand_int_range (random, 1, 8);

  for (guint i = 0; i < n && text->len > 2; i++)
    {
      gsize at = (gsize) g_rand_int_range (random, 0, (gint32) text->len - 1);

      switch (g_rand_int_range (random, 0, 4))
        {
        case 0:
          text->str[at] = (char) g_rand_int_range (random, 1, 256);
          break;
        case 1:
          g_string_erase (text, (gssize) at,
                          g_rand_int_range (random, 1, (gint32) MIN (40, text->len - at) + 1));
          break;
        case 2:
          g_string_truncate (text, at);
          break;
        default:
          g_string_insert (text, (gssize) at,
                           words[g_rand_int_range (random, 0, G_N_ELEMENTS (words))]);
        }
    }
  return g_string_free (text, FALSE);
}

START_TEST (damaged_sources_are_read_or_refused_but_never_crash)
{
  static const char *const samples[] = {
    "typedef float real;\nusing idx = long long;\nnamespace n {\n"
    "__device__ real f (real x) { return x * threadIdx.x; }\n"
    "extern \"C\" __global__ void __launch_bounds__(256) k (idx n, const real *__restrict__ x, "
    "real *y, bool b)\n{ if (n < 3) y[0] = f (x[1]); /* done */ }\n}\n",
    "# 1 \"a.cu\"\n#pragma pinwheel threads(n*2)\ntemplate <int A, class B = int> "
    "__global__ void t (B *x) {}\n__global__ void two (int n, float *y);\n"
    "__global__ void two (int n, float *y) { __shared__ int s[2]; k<<<1,2>>> (\"s\", 'c'); }",
  };
  g_autoptr (GRand) random = g_rand_new_with_seed (1);
  guint n_read = 0;

  for (guint i = 0; i < 20000; i++)
    {
      g_autofree char *text = mutate (random, samples[i % G_N_ELEMENTS (samples)]);
      g_autoptr (GError) error = NULL;
      PinwheelSignature *signature = pinwheel_signature_new ("k.cu", text,
                                                             i % 3 == 0 ? "two" : NULL, &error);

      ck_assert ((signature == NULL) == (error != NULL));
      if (signature == NULL)
        continue;
      n_read++;
      for (guint k = 0; k < signature->edits->len; k++)
        {
          const PinwheelEdit *edit = &g_array_index (signature->edits, PinwheelEdit, k);

          ck_assert_uint_le (edit->offset + edit->remove, strlen (text));
          ck_assert (k == 0 || edit[-1].offset + edit[-1].remove <= edit->offset);
        }
      pinwheel_signature_free (signature);
    }
  ck_assert_uint_gt (n_read, 1000);
}
END_TEST

static Suite *
signature_suite (void)
{
  Suite *suite = suite_create ("signature");
  TCase *tcase = tcase_create ("signature");

  tcase_add_test (tcase, parameters_are_read_with_type_and_name);
  tcase_add_test (tcase, every_spelling_of_an_integer_is_known);
  tcase_add_test (tcase, complex_and_half_are_known_as_pointers);
  tcase_add_test (tcase, typedefs_are_followed);
  tcase_add_test (tcase, comments_strings_and_directives_hide_nothing);
  tcase_add_test (tcase, line_markers_set_the_place);
  tcase_add_test (tcase, a_directive_or_a_continued_line_needs_the_preprocessor);
  tcase_add_test (tcase, the_entry_is_chosen_by_name);
  tcase_add_test (tcase, a_kernel_that_cannot_be_bound_is_refused_with_its_place);
  tcase_add_test (tcase, what_the_host_does_not_run_is_noted);
  tcase_add_test (tcase, where_threads_wait_and_meet_is_noted);
  tcase_add_test (tcase, private_arrays_are_noted);
  tcase_add_test (tcase, other_kernels_may_do_what_the_host_does_not_run);
  tcase_add_test (tcase, a_device_function_that_uses_threadidx_is_noted);
  tcase_add_test (tcase, memory_of_a_block_outside_of_kernels_is_noted);
  tcase_add_test (tcase, functions_that_a_kernel_cannot_come_to_are_left_out);
  tcase_add_test (tcase, what_is_left_out_neither_counts_nor_is_compiled);
  tcase_add_test (tcase, threads_may_be_set_in_the_source);
  tcase_add_test (tcase, damaged_sources_are_read_or_refused_but_never_crash);
  tcase_set_timeout (tcase, 60);
  suite_add_tcase (suite, tcase);
  return suite;
}

int
main (void)
{
  SRunner *runner = srunner_create (signature_suite ());
  int n_failed;

  srunner_run_all (runner, CK_ENV);
  n_failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return n_failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
