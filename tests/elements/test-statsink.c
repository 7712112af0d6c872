/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "support.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Runs npysrc ! statsink. Returns: (transfer full): the result */
static PinwheelMessage *
measure (const char *file, const char *axis, guint64 chunk)
{
  g_autoptr (PinwheelPipeline) pipeline = support_chain (
      chunk, support_make ("npysrc", "location", support_path (file), "chunk-axis", axis, NULL),
      support_make ("statsink", NULL), NULL);
  g_autoptr (GError) error = NULL;

  ck_assert_msg (pinwheel_pipeline_run (pipeline, &error), "%s",
                 error != NULL ? error->message : "");
  return support_pop (pipeline, PINWHEEL_MESSAGE_RESULT);
}

/* Each line of the index: file, axis, then what the details must be. */
static const char save_arrays[]
    = "index = open(folder + 'index', 'w')\n"
      "rng = np.random.default_rng(3)\n"
      "def add(a, axis=0, close=1e-12):\n"
      "  name = f'{add.n}.npy'\n"
      "  add.n += 1\n"
      "  with open(folder + name, 'wb') as f: np.lib.format.write_array(f, a)\n"
      "  numbers = a.ravel()\n"
      "  if a.dtype.kind == 'f': numbers = numbers[~np.isnan(numbers)]\n"
      "  if a.dtype.kind == 'b': numbers = numbers.astype('f8')\n"
      "  d = [a.size, a.size - numbers.size]\n"
      "  if numbers.size:\n"
      "    wide = numbers.astype('g')\n"
      "    with np.errstate(all='ignore'): d += [wide.mean(), wide.std()]\n"
      "    with np.errstate(all='ignore'): d += [numbers.min(), numbers.max()]\n"
      "  print(name, axis, close, *[repr(v) if v.__class__ is int else v.item() if\n"
      "        v.dtype.kind in 'iu' else '%.20g' % v for v in d], file=index)\n"
      "add.n = 0\n"
      "for code in 'b1 i1 i2 i4 u1 u2 u4 f2 f4 f8'.split():\n"
      "  a = (rng.random((40, 3, 100)) * 250 - 125 * (code[0] != 'u')).astype(code)\n"
      "  add(a)\n"
      "  add(a, 1)\n"
      "add(rng.integers(-2**63, 2**63 - 1, 5000, dtype='i8'))\n"
      "add(np.array([2**63 - 1, 2**63 - 2, -2**63, -2**63 + 1], 'i8'), 0, 1)\n"
      "add(np.array([2**64 - 1, 2**64 - 2, 2**64 - 3], 'u8'), 0, 1)\n"
      "add(rng.random(9999) + 1e9)\n"
      "add(np.concatenate([[1e8], rng.random(20000)]))\n"
      "add(np.zeros(0, 'f4'))\n"
      "add(np.zeros((0, 3), 'i8'))\n"
      "add(np.ones(1, 'u2'))\n"
      "add(np.full(5000, np.nan))\n"
      "a = rng.random((100, 100)); a[a > .9] = np.nan\n"
      "add(a); add(a, 1)\n"
      "a[3] = np.nan; a[7, 7] = np.inf; add(a)\n"
      "a[8, 8] = -np.inf; add(a)\n";

static gboolean
is_close (double a, double b, double close)
{
  return (isnan (a) && isnan (b)) || a == b || fabs (a - b) <= close * fmax (fabs (a), fabs (b));
}

static void
check_row (GVariant *row, char **words)
{
  double close = g_ascii_strtod (words[2], NULL);
  guint64 count, n_nan;
  double mean, std, min, max;

  ck_assert (g_variant_lookup (row, "count", "t", &count));
  ck_assert (g_variant_lookup (row, "nan", "t", &n_nan));
  ck_assert_uint_eq (count, g_ascii_strtoull (words[3], NULL, 10));
  ck_assert_uint_eq (n_nan, g_ascii_strtoull (words[4], NULL, 10));
  if (words[5] == NULL)
    {
      ck_assert (!g_variant_lookup (row, "mean", "d", &mean));
      return;
    }
  ck_assert (g_variant_lookup (row, "mean", "d", &mean)
             && g_variant_lookup (row, "std", "d", &std));
  ck_assert_msg (is_close (mean, g_ascii_strtod (words[5], NULL), close), "mean %.17g, not %s",
                 mean, words[5]);
  ck_assert_msg (is_close (std, g_ascii_strtod (words[6], NULL), close), "std %.17g, not %s", std,
                 words[6]);
  if (g_variant_lookup (row, "min", "d", &min) && g_variant_lookup (row, "max", "d", &max))
    {
      ck_assert (min == g_ascii_strtod (words[7], NULL));
      ck_assert (max == g_ascii_strtod (words[8], NULL));
    }
  else
    {
      g_autoptr (GVariant) lowest = g_variant_lookup_value (row, "min", NULL);
      g_autoptr (GVariant) highest = g_variant_lookup_value (row, "max", NULL);
      g_autofree char *low = g_variant_print (lowest, FALSE);
      g_autofree char *high = g_variant_print (highest, FALSE);

      ck_assert_str_eq (low, words[7]);
      ck_assert_str_eq (high, words[8]);
    }
}

START_TEST (statistics_are_numpys_and_do_not_depend_on_the_chunks)
{
  g_autofree char *index = NULL;
  g_auto (GStrv) lines = NULL;

  support_python (save_arrays, NULL);
  ck_assert (g_file_get_contents (support_path ("index"), &index, NULL, NULL));
  lines = g_strsplit (g_strstrip (index), "\n", -1);
  ck_assert_uint_gt (g_strv_length (lines), 30);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_auto (GStrv) words = g_strsplit (lines[i], " ", -1);
      g_autoptr (PinwheelMessage) whole = measure (words[0], words[1], 1000000);
      g_autoptr (GVariant) row = g_variant_get_child_value (pinwheel_message_get_details (whole),
                                                            0);

      check_row (row, words);
      for (guint64 chunk = 3; chunk < 100; chunk += 13)
        {
          g_autoptr (PinwheelMessage) cut = measure (words[0], words[1], chunk);

          /* NaN is equal to itself here: bytes are compared */
          ck_assert_mem_eq (g_variant_get_data (pinwheel_message_get_details (whole)),
                            g_variant_get_data (pinwheel_message_get_details (cut)),
                            g_variant_get_size (pinwheel_message_get_details (whole)));
          ck_assert_str_eq (pinwheel_message_get_text (whole), pinwheel_message_get_text (cut));
        }
    }
}
END_TEST

START_TEST (the_table_is_aligned)
{
  g_autoptr (PinwheelPipeline) pipeline = support_chain (
      2,
      support_make ("testsrc", "format", "x:i16[*] long_name:f64[3] e:f32[0,*]", "items", "5",
                    NULL),
      support_make ("statsink", NULL), NULL);
  g_autoptr (PinwheelMessage) message = NULL;

  ck_assert (pinwheel_pipeline_run (pipeline, NULL));
  message = support_pop (pipeline, PINWHEEL_MESSAGE_RESULT);
  ck_assert_str_eq (pinwheel_message_get_text (message),
                    "array      dtype  count  NaN  min  max  mean          std\n"
                    "x          i16        5    0    0    4     2   1.41421356\n"
                    "long_name  f64        3    0    0    2     1  0.816496581\n"
                    "e          f32        0    0    -    -     -            -");
}
END_TEST

START_TEST (complex_arrays_are_refused_by_name)
{
  support_run_fails (support_chain (0,
                                    support_make ("testsrc", "format", "x:f32[*] z:c64[*]", NULL),
                                    support_make ("statsink", NULL), NULL),
                     PINWHEEL_ERROR_FORMAT, "array 'z' is c64");
}
END_TEST

START_TEST (a_run_that_fails_has_no_result)
{
  g_autoptr (PinwheelPipeline) pipeline = support_chain (
      2, support_make ("testsrc", "items", "50", NULL),
      support_make ("identity", "fail-at", "20", NULL), support_make ("statsink", NULL), NULL);
  PinwheelMessage *message;

  ck_assert (!pinwheel_pipeline_run (pipeline, NULL));
  while ((message = pinwheel_bus_pop (pinwheel_pipeline_get_bus (pipeline), 0)) != NULL)
    {
      ck_assert_int_ne (pinwheel_message_get_kind (message), PINWHEEL_MESSAGE_RESULT);
      pinwheel_message_unref (message);
    }
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("statsink");
  TCase *tcase = tcase_create ("statsink");
  SRunner *runner = srunner_create (suite);
  int failed;

  suite_add_tcase (suite, tcase);
  tcase_set_timeout (tcase, 60);
  tcase_add_checked_fixture (tcase, support_make_folder, support_remove_folder);
  tcase_add_test (tcase, statistics_are_numpys_and_do_not_depend_on_the_chunks);
  tcase_add_test (tcase, the_table_is_aligned);
  tcase_add_test (tcase, complex_arrays_are_refused_by_name);
  tcase_add_test (tcase, a_run_that_fails_has_no_result);

  srunner_run_all (runner, CK_ENV);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
