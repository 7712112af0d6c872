/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* With `--run FOLDER` the program runs the cases that map-numpy.py wrote there; else it is the
 * test. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "unit/kernel-run.h"

static char *
map_source (const char *expr, const char *args, const char *format, char **outputs, GError **error)
{
  g_autoptr (PinwheelFormat) input = make_format (format, 100);

  return pinwheel_map_source (expr, args, input, outputs, error);
}

/* The output's format as text, or the error's message */
static char *
type_of (const char *expr, const char *args, const char *format)
{
  g_autoptr (PinwheelFormat) input = make_format (format, 100);
  g_autoptr (GError) error = NULL;
  g_autofree char *outputs = NULL;
  g_autofree char *source = pinwheel_map_source (expr, args, input, &outputs, &error);
  PinwheelKernelSpec spec = { .file = "expr", .source = source, .args = args, .outputs = outputs };
  g_autoptr (PinwheelKernel) kernel = NULL;

  if (source == NULL)
    return g_strdup (error->message);
  kernel = pinwheel_kernel_new (&spec, input, &error);
  return kernel == NULL ? g_strconcat ("kernel: ", error->message, NULL)
                        : pinwheel_format_to_string (pinwheel_kernel_get_output (kernel));
}

static void
check_type (const char *expr, const char *args, const char *format, const char *expected)
{
  g_autofree char *type = type_of (expr, args, format);

  ck_assert_msg (g_str_equal (type, expected), "%s over %s: expected %s, got %s", expr, format,
                 expected, type);
}

static void
check_error (const char *expr, const char *args, const char *format, int code, const char *part)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *outputs = NULL;
  g_autofree char *source = map_source (expr, args, format, &outputs, &error);

  ck_assert_msg (source == NULL, "expected an error for %s", expr);
  ck_assert_ptr_null (outputs);
  check_message (error, code, part);
}

START_TEST (an_output_has_the_dtype_that_numpy_gives)
{
  check_type ("y = x", NULL, "x:f32[*]", "y:f32[*]");
  check_type ("y = x / 2", NULL, "x:i8[*]", "y:f64[*]");
  check_type ("y = x + 1", NULL, "x:u8[*]", "y:u8[*]");
  check_type ("y = x + 1.5", NULL, "x:f32[*]", "y:f32[*]");
  check_type ("y = x * 1.5", NULL, "x:i16[*]", "y:f64[*]");
  check_type ("y = a + b", NULL, "a:u64[*] b:i8[*]", "y:f64[*]");
  check_type ("y = a + b", NULL, "a:u32[*] b:i32[*]", "y:i64[*]");
  check_type ("y = a + b", NULL, "a:i32[*] b:f32[*]", "y:f64[*]");
  check_type ("y = a + b", NULL, "a:u8[*] b:i8[*]", "y:i16[*]");
  check_type ("y = sin(x)", NULL, "x:i8[*]", "y:f32[*]");
  check_type ("y = x > 0 && x < 1", NULL, "x:f64[*]", "y:bool[*]");
  check_type ("y = where(x > 0, 1, 0)", NULL, "x:f32[*]", "y:i64[*]");
  check_type ("y = x > 0 ? x : 0", NULL, "x:f32[*]", "y:f32[*]");
  check_type ("y = a*x", "a=2.5", "x:f32[*]", "y:f32[*]");
  check_type ("y = (x > 0) + 1", NULL, "x:f32[*]", "y:i64[*]");
}
END_TEST

START_TEST (an_output_has_the_shape_of_its_arrays)
{
  check_type ("y = x + 1", NULL, "x:f32[51,3,*]", "y:f32[51,3,*]");
  check_type ("y = x; z = w > 0", NULL, "x:f32[2,*] w:f64[*]", "y:f32[2,*] z:bool[*]");
  check_type ("y = c * x", NULL, "x:f32[*] c:f64[1,1]", "y:f64[*]");
}
END_TEST

START_TEST (a_temporary_is_no_output_and_a_name_may_be_assigned_again)
{
  check_type ("_t = x * x; y = _t + 1", NULL, "x:f32[*]", "y:f32[*]");
  check_type ("x = x > 0", NULL, "x:f32[*]", "x:bool[*]");
  check_type ("y = x; y = y > 0", NULL, "x:f32[*]", "y:bool[*]");
  check_type ("_k = 2 * 3\ny = x * _k", NULL, "x:u8[*]", "y:u8[*]");
  check_type ("y = x\n\n ;; z = (x +\n 1)", NULL, "x:u8[*]", "y:u8[*] z:u8[*]");
}
END_TEST

START_TEST (a_name_of_c_or_of_the_kernel_is_an_ordinary_name)
{
  check_type ("int = double + n; threadIdx = n", "for=1", "double:f32[*] n:f32[*]",
              "args:1:1: 'for' is not used; names in the expression: "
              "double, n\n  for=1\n  ^~~");
  check_type ("int = double + n * for; threadIdx = n; sin = sin(n)", "for=1",
              "double:f32[*] n:f32[*]", "int:f32[*] threadIdx:f32[*] sin:f32[*]");
}
END_TEST

START_TEST (a_wrong_expression_is_shown_with_a_caret)
{
  check_error ("y = x +* 2", NULL, "x:f32[*]", PINWHEEL_ERROR_PARSE,
               "expr:1:8: expected a number, a name or (\n  y = x +* 2\n         ^");
  check_error ("y = expp(x)", NULL, "x:f32[*]", PINWHEEL_ERROR_PARSE, "did you mean 'exp'?");
  check_error ("y = pressur", NULL, "pressure:f32[*] t:f32[*]", PINWHEEL_ERROR_PARSE,
               "there is no 'pressur'; did you mean 'pressure'? arrays and args: pressure, t");
  check_error ("y == x", NULL, "x:f32[*]", PINWHEEL_ERROR_PARSE, "expected NAME = EXPRESSION");
  check_error ("", NULL, "x:f32[*]", PINWHEEL_ERROR_PARSE, "the expression is empty");
  check_error ("y = x; z = hypot(x)", NULL, "x:f32[*]", PINWHEEL_ERROR_PARSE,
               "expr:1:12: 'hypot' takes 2 arguments, not 1");
  check_error ("y = 0 < x < 1", NULL, "x:f32[*]", PINWHEEL_ERROR_PARSE, "do not chain");
  check_error ("y = (x + 1", NULL, "x:f32[*]", PINWHEEL_ERROR_PARSE, "expected ) for the (");
  check_error ("y = x z = x", NULL, "x:f32[*]", PINWHEEL_ERROR_PARSE, "expected an operator, or ;");
  check_error ("y = x\nz = q", NULL, "x:f32[*]", PINWHEEL_ERROR_PARSE, "expr:2:5: ");
  check_error ("y = 12abc", NULL, "x:f32[*]", PINWHEEL_ERROR_PARSE, "this is no number");
  check_error ("_y = x", NULL, "x:f32[*]", PINWHEEL_ERROR_PARSE, "there is no output");
  check_error ("y = n", "n=3", "x:f32[*]", PINWHEEL_ERROR_FORMAT, "'y' has no shape");
  check_error ("y = n * x", "n=3", "x:f32[*]", PINWHEEL_ERROR_PARSE, "choose another name");
  check_error ("y = a * x", "a=2 b=1", "x:f32[*]", PINWHEEL_ERROR_PARSE, "'b' is not used");
  check_error ("y = x", "a 2", "x:f32[*]", PINWHEEL_ERROR_PARSE, "args:1:1: 'a' has no value");
}
END_TEST

START_TEST (a_wrong_type_or_shape_is_refused_by_name)
{
  check_error ("y = x + 300", NULL, "x:u8[*]", PINWHEEL_ERROR_FORMAT,
               "expr:1:9: this number does not fit u8");
  check_error ("y = x + k", "k=-1", "x:u8[*]", PINWHEEL_ERROR_FORMAT, "does not fit u8");
  check_error ("y = x", NULL, "x:f16[*]", PINWHEEL_ERROR_FORMAT, "the array is x:f16[*]");
  check_error ("y = x", NULL, "x:c64[*]", PINWHEEL_ERROR_FORMAT, "the array is x:c64[*]");
  check_error ("y = x * c", NULL, "x:f32[*] c:f32[3]", PINWHEEL_ERROR_FORMAT,
               "only where it has one element");
  check_error ("y = x * w", NULL, "x:f32[*] w:f32[3,*]", PINWHEEL_ERROR_FORMAT,
               "arrays of different shapes meet here: one is shaped as x:f32[*]");
  check_error ("y = c * 2", NULL, "x:f32[*] c:f32", PINWHEEL_ERROR_FORMAT, "'y' has no shape");
  check_error ("y = x & 1", NULL, "x:f32[*]", PINWHEEL_ERROR_FORMAT,
               "this cannot be done with f32");
  check_error ("y = x - x", NULL, "x:bool[*]", PINWHEEL_ERROR_FORMAT, "write a ^ b");
  check_error ("y = x ** -1", NULL, "x:i32[*]", PINWHEEL_ERROR_FORMAT, "no negative powers");
  check_error ("y = x + 1 / 0", NULL, "x:f32[*]", PINWHEEL_ERROR_FORMAT, "a division by zero");
  check_error ("y = x + 2 ** 64", NULL, "x:u64[*]", PINWHEEL_ERROR_FORMAT, "does not fit 64 bits");
  check_error ("y = x << 1.5", NULL, "x:i32[*]", PINWHEEL_ERROR_FORMAT, "whole numbers");
}
END_TEST

START_TEST (a_deep_or_long_expression_is_refused_or_works_in_bounded_time)
{
  g_autoptr (GString) text = g_string_new ("y = ");
  g_autofree char *type = NULL;

  for (guint i = 0; i < 100000; i++)
    g_string_append_c (text, '(');
  check_error (text->str, NULL, "x:f32[*]", PINWHEEL_ERROR_PARSE, "too many brackets");
  g_string_assign (text, "y = x");
  for (guint i = 0; i < 100000; i++)
    g_string_append (text, "+x");
  check_error (text->str, NULL, "x:f32[*]", PINWHEEL_ERROR_PARSE, "too deep");
  g_string_assign (text, "y = x");
  for (guint i = 0; i < 90; i++)
    {
      g_string_prepend (text, "y = abs((");
      g_string_erase (text, 9, 4);
      g_string_append (text, ")**2)");
    }
  type = type_of (text->str, NULL, "x:f32[*]");
  ck_assert_ptr_nonnull (strstr (type, "too many brackets"));
}
END_TEST

START_TEST (random_text_never_crashes)
{
  static const char alphabet[] = "xyzab01.9e+-*/%()<>=!&|^~?:;,_ \n#\"'sin";
  g_autoptr (GRand) random = g_rand_new_with_seed (42);
  guint n_good = 0;

  for (guint i = 0; i < 20000; i++)
    {
      char text[40] = "y=";
      guint length = (guint) g_rand_int_range (random, 3, sizeof text);
      g_autofree char *outputs = NULL;
      g_autofree char *source = NULL;
      g_autoptr (PinwheelFormat) input = make_format ("x:f32[*] z:u8[*] a:f64", 100);
      g_autoptr (GError) error = NULL;

      for (guint k = 2; k < length - 1; k++)
        text[k] = alphabet[g_rand_int_range (random, 0, sizeof alphabet - 1)];
      source = pinwheel_map_source (text, NULL, input, &outputs, &error);
      ck_assert ((source == NULL) == (error != NULL));
      n_good += source != NULL;
    }
  ck_assert_uint_gt (n_good, 0);
}
END_TEST

START_TEST (values_equal_numpy)
{
  const char *top = g_getenv ("top_srcdir");
  g_autofree char *script = g_build_filename (top != NULL ? top : ".", "tests", "unit",
                                              "map-numpy.py", NULL);
  g_autofree char *self = g_file_read_link ("/proc/self/exe", NULL);
  const char *argv[] = { "/usr/bin/python3", script, self, NULL };
  g_autofree char *trouble = NULL;
  g_autoptr (GError) error = NULL;
  int status = 0;

  ck_assert_ok (g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, NULL,
                              &trouble, &status, &error),
                error);
  ck_assert_msg (g_spawn_check_wait_status (status, NULL), "%s", trouble);
}
END_TEST

/* One case: format, items, args and expression on a line each. Writes what it gives, or why not. */
static void
run_case (PinwheelDevice *device, const char *folder, guint number)
{
  g_autofree char *path = g_strdup_printf ("%s/%u.case", folder, number);
  g_autofree char *in_path = g_strdup_printf ("%s/%u.in", folder, number);
  g_autofree char *out_path = g_strdup_printf ("%s/%u.out", folder, number);
  g_autofree char *type_path = g_strdup_printf ("%s/%u.type", folder, number);
  g_autofree char *text = NULL;
  g_autofree char *in = NULL;
  g_autofree char *type = NULL;
  g_auto (GStrv) lines = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (PinwheelFormat) input = NULL;
  g_autoptr (PinwheelKernel) kernel = NULL;
  g_autoptr (PinwheelChunk) output = NULL;
  g_autofree char *outputs = NULL;
  g_autofree char *source = NULL;
  g_autoptr (GString) bytes = g_string_new (NULL);
  const void *data[PINWHEEL_MAX_ARRAYS];
  const char *at;
  guint64 n;

  ck_assert_ok (g_file_get_contents (path, &text, NULL, &error), error);
  lines = g_strsplit (text, "\n", 4);
  n = g_ascii_strtoull (lines[1], NULL, 10);
  input = make_format (lines[0], n);
  source = pinwheel_map_source (lines[3], lines[2], input, &outputs, &error);
  ck_assert_ok (source != NULL, error);
  kernel = pinwheel_kernel_new (&(PinwheelKernelSpec){ .file = "expr",
                                                       .source = source,
                                                       .args = lines[2],
                                                       .outputs = outputs,
                                                       /* NumPy rounds every operation */
                                                       .fp_mode = PINWHEEL_FP_EXACT },
                                input, &error);
  ck_assert_ok (kernel != NULL, error);
  type = pinwheel_format_to_string (pinwheel_kernel_get_output (kernel));
  ck_assert_ok (g_file_set_contents (type_path, type, -1, &error), error);
  if (!g_file_get_contents (in_path, &in, NULL, NULL))
    return;

  at = in;
  for (guint i = 0; i < pinwheel_format_n_arrays (input); i++)
    {
      const PinwheelArray *array = pinwheel_format_array (input, i);

      data[i] = at;
      at += pinwheel_array_item_size (array) * (pinwheel_array_is_broadcast (array) ? 1 : n);
    }
  ck_assert_ok (pinwheel_kernel_load (kernel, device, &error), error);
  output = run_chunk (kernel, device, input, 0, n, data, &error);
  ck_assert_ok (output != NULL, error);
  for (guint i = 0; i < pinwheel_kernel_get_n_outputs (kernel); i++)
    g_string_append_len (bytes, pinwheel_chunk_get_data (output, i),
                         (gssize) pinwheel_chunk_get_size (output, i));
  ck_assert_ok (g_file_set_contents (out_path, bytes->str, (gssize) bytes->len, &error), error);
}

static Suite *
map_suite (void)
{
  Suite *suite = suite_create ("map");
  TCase *tcase = tcase_create ("source");
  TCase *slow = tcase_create ("numpy");

  tcase_add_test (tcase, an_output_has_the_dtype_that_numpy_gives);
  tcase_add_test (tcase, an_output_has_the_shape_of_its_arrays);
  tcase_add_test (tcase, a_temporary_is_no_output_and_a_name_may_be_assigned_again);
  tcase_add_test (tcase, a_name_of_c_or_of_the_kernel_is_an_ordinary_name);
  tcase_add_test (tcase, a_wrong_expression_is_shown_with_a_caret);
  tcase_add_test (tcase, a_wrong_type_or_shape_is_refused_by_name);
  tcase_add_test (tcase, a_deep_or_long_expression_is_refused_or_works_in_bounded_time);
  tcase_add_test (tcase, random_text_never_crashes);
  tcase_set_timeout (tcase, 30);
  suite_add_tcase (suite, tcase);
  tcase_add_test (slow, values_equal_numpy);
  tcase_set_timeout (slow, 300);
  suite_add_tcase (suite, slow);
  return suite;
}

static const char *case_folder;
static guint n_cases;

START_TEST (every_case_runs)
{
  g_autoptr (PinwheelDevice) device = pinwheel_device_open ("host", NULL);

  for (guint i = 0; i < n_cases; i++)
    run_case (device, case_folder, i);
}
END_TEST

static Suite *
case_suite (void)
{
  Suite *suite = suite_create ("cases");
  TCase *tcase = tcase_create ("cases");

  tcase_add_test (tcase, every_case_runs);
  tcase_set_timeout (tcase, 300);
  suite_add_tcase (suite, tcase);
  return suite;
}

int
main (int argc, char **argv)
{
  gboolean is_run = argc == 4 && g_str_equal (argv[1], "--run");
  SRunner *runner;
  int n_failed;

  if (is_run)
    {
      case_folder = argv[2];
      n_cases = (guint) atoi (argv[3]);
    }
  runner = srunner_create (is_run ? case_suite () : map_suite ());
  srunner_run_all (runner, CK_ENV);
  n_failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return n_failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
