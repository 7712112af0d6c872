/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "support.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Streams a file cut along @axis into @out, the bytes of the array. */
static PinwheelPipeline *
to_bytes (const char *file, const char *axis, const char *out, guint64 chunk)
{
  return support_chain (
      chunk, support_make ("npysrc", "location", support_path (file), "chunk-axis", axis, NULL),
      support_make ("rawsink", "location", support_path (out), NULL), NULL);
}

/* Each line of the index: number, axis. Array N.npy has the bytes of N.raw. */
static const char save_arrays[]
    = "index = open(folder + 'index', 'w')\n"
      "rng = np.random.default_rng(1)\n"
      "n = 0\n"
      "for code in 'b1 i1 i2 i4 i8 u1 u2 u4 u8 f2 f4 f8 c8 c16'.split():\n"
      "  for shape in (17,), (5, 3, 4), (0, 3), (1,):\n"
      "    for order in '<>':\n"
      "      for version in (1, 0), (2, 0), (3, 0):\n"
      "        if version != (1, 0) and code != 'f4': continue\n"
      "        a = (rng.random(shape) * 200 - 100 * (code[0] != 'u')).astype(code)\n"
      "        n += 1\n"
      "        a.tofile(folder + f'{n}.raw')\n"
      "        with open(folder + f'{n}.npy', 'wb') as f:\n"
      "          np.lib.format.write_array(f, a.astype(order + code), version)\n"
      "        for axis in range(len(shape)):\n"
      "          print(f'{n}.npy', axis, f'{n}.raw', file=index)\n"
      "        print(f'{n}.npy', -1, f'{n}.raw', file=index)\n"
      "        print(f'{n}.npy', 'none', f'{n}.raw', file=index)\n";

START_TEST (arrays_are_numpys_whatever_dtype_order_axis_and_chunk)
{
  g_autofree char *index = NULL;
  g_auto (GStrv) lines = NULL;

  support_python (save_arrays, NULL);
  ck_assert (g_file_get_contents (support_path ("index"), &index, NULL, NULL));
  lines = g_strsplit (g_strstrip (index), "\n", -1);
  ck_assert_uint_gt (g_strv_length (lines), 300);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_auto (GStrv) words = g_strsplit (lines[i], " ", -1);

      support_run (to_bytes (words[0], words[1], "out", support_lengths[i % SUPPORT_N_LENGTHS]));
      support_check_same (support_path ("out"), support_path (words[2]));
    }
}
END_TEST

START_TEST (an_inner_axis_is_gathered_with_any_chunk_length)
{
  support_python ("a = np.arange(5 * 23 * 4, dtype='f4').reshape(5, 23, 4)\n"
                  "np.save(folder + 'in.npy', a)\na.tofile(folder + 'raw')\n",
                  NULL);
  for (guint64 chunk = 1; chunk <= 24; chunk++)
    {
      support_run (to_bytes ("in.npy", "1", "out", chunk));
      support_check_same (support_path ("out"), support_path ("raw"));
    }
}
END_TEST

START_TEST (fortran_order_is_taken_where_it_is_the_same)
{
  support_python ("a = np.arange(6, dtype='i4').reshape(1, 6, 1)\n"
                  "with open(folder + 'in.npy', 'wb') as f:\n"
                  "  np.lib.format._write_array_header(f,\n"
                  "    dict(descr='<i4', fortran_order=True, shape=(1, 6, 1)))\n"
                  "  a.tofile(f)\n"
                  "a.tofile(folder + 'raw')\n"
                  "np.save(folder + 'bad.npy', np.asfortranarray(np.ones((2, 3))))\n",
                  NULL);
  support_run (to_bytes ("in.npy", "1", "out", 2));
  support_check_same (support_path ("out"), support_path ("raw"));
  support_run_fails (to_bytes ("bad.npy", "0", "out", 0), PINWHEEL_ERROR_FORMAT,
                     "np.ascontiguousarray");
}
END_TEST

START_TEST (the_array_has_the_name_that_was_asked_for)
{
  PinwheelPipeline *pipeline;

  support_python ("np.save(folder + 'in.npy', np.zeros((4, 3), 'f8'))", NULL);
  pipeline = support_chain (
      2, support_make ("npysrc", "location", support_path ("in.npy"), "array", "speed", NULL),
      support_make ("rawsink", "location", support_path ("%s.raw"), NULL), NULL);
  support_run (pipeline);
  ck_assert (g_file_test (support_path ("speed.raw"), G_FILE_TEST_EXISTS));
}
END_TEST

START_TEST (a_file_that_cannot_be_read_is_told)
{
  ck_assert_int_eq (mkfifo (support_path ("fifo"), 0600), 0);
  support_write (support_path ("empty"), "", 0);
  support_write (support_path ("text"), "hello, this is text", 19);
  support_run_fails (to_bytes ("missing.npy", "0", "out", 0), PINWHEEL_ERROR_RESOURCE,
                     "missing.npy': No such file");
  support_run_fails (to_bytes (".", "0", "out", 0), PINWHEEL_ERROR_RESOURCE, "Is a directory");
  support_run_fails (to_bytes ("fifo", "0", "out", 0), PINWHEEL_ERROR_RESOURCE,
                     "rawsrc reads pipes");
  support_run_fails (to_bytes ("empty", "0", "out", 0), PINWHEEL_ERROR_DATA, "is not a NumPy file");
  support_run_fails (to_bytes ("text", "0", "out", 0), PINWHEEL_ERROR_DATA, "text' is not a NumPy");
  ck_assert (!g_file_test (support_path ("out"), G_FILE_TEST_EXISTS));
}
END_TEST

START_TEST (a_size_that_is_not_the_headers_is_told_with_numbers)
{
  support_python ("np.save(folder + 'a.npy', np.zeros((4, 3), 'f4'))\n"
                  "b = open(folder + 'a.npy', 'rb').read()\n"
                  "open(folder + 'short.npy', 'wb').write(b[:-7])\n"
                  "open(folder + 'long.npy', 'wb').write(b + b'12')\n"
                  "open(folder + 'cut.npy', 'wb').write(b[:50])\n"
                  "open(folder + 'huge.npy', 'wb').write(b.replace(b'(4, 3)', b'(9, 9**9'[:6]))\n"
                  "open(folder + 'lies.npy', 'wb').write(b.replace(b'(4, 3), }   ',\n"
                  "                                                b'(4, 3000), }'))\n",
                  NULL);
  support_run_fails (
      to_bytes ("short.npy", "0", "out", 0), PINWHEEL_ERROR_DATA,
      "holds 41 bytes of data where its header promises 48: it is 7 bytes too short");
  support_run_fails (to_bytes ("long.npy", "0", "out", 0), PINWHEEL_ERROR_DATA, "2 bytes too long");
  support_run_fails (to_bytes ("cut.npy", "0", "out", 0), PINWHEEL_ERROR_DATA,
                     "50 of 128 bytes are there");
  support_run_fails (to_bytes ("huge.npy", "0", "out", 0), PINWHEEL_ERROR_DATA, "damaged");
  support_run_fails (to_bytes ("lies.npy", "0", "out", 0), PINWHEEL_ERROR_DATA, "promises 48000");
}
END_TEST

START_TEST (an_axis_or_name_that_cannot_be_is_told)
{
  support_python ("np.save(folder + 'in.npy', np.zeros((4, 3)))\n"
                  "np.save(folder + 'scalar.npy', np.float64(3))\n",
                  NULL);
  support_run_fails (to_bytes ("in.npy", "2", "out", 0), PINWHEEL_ERROR_FORMAT, "has 2 axes");
  support_run_fails (to_bytes ("in.npy", "-3", "out", 0), PINWHEEL_ERROR_FORMAT, "has 2 axes");
  support_run_fails (to_bytes ("in.npy", "first", "out", 0), PINWHEEL_ERROR_PROPERTY,
                     "chunk-axis=first");
  support_run_fails (to_bytes ("scalar.npy", "0", "out", 0), PINWHEEL_ERROR_FORMAT,
                     "chunk-axis=none");
  support_run (to_bytes ("scalar.npy", "none", "out", 0));
  support_run_fails (support_chain (0,
                                    support_make ("npysrc", "location", support_path ("in.npy"),
                                                  "array", "2x", NULL),
                                    support_make ("fakesink", NULL), NULL),
                     PINWHEEL_ERROR_FORMAT, "2x");
}
END_TEST

START_TEST (a_file_cut_short_while_it_is_read_is_an_error_with_the_chunk)
{
  g_autoptr (PinwheelPipeline) pipeline = NULL;
  g_autoptr (GError) error = NULL;

  support_python ("np.save(folder + 'in.npy', np.zeros(100000))", NULL);
  pipeline = support_chain (10, support_make ("npysrc", "location", support_path ("in.npy"), NULL),
                            support_make ("identity", "delay", "2000", NULL),
                            support_make ("fakesink", NULL), NULL);
  ck_assert (pinwheel_pipeline_set_state (pipeline, PINWHEEL_STATE_RUNNING, NULL));
  ck_assert_int_eq (truncate (support_path ("in.npy"), 40000), 0);
  ck_assert (!pinwheel_pipeline_wait (pipeline, &error));
  support_check_error (error, PINWHEEL_ERROR_DATA, "ends after 40000 bytes, but had 800128");
  support_check_error (error, PINWHEEL_ERROR_DATA, "npysrc0: chunk 498: ");
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("npysrc");
  TCase *tcase = tcase_create ("npysrc");
  SRunner *runner = srunner_create (suite);
  int failed;

  suite_add_tcase (suite, tcase);
  tcase_set_timeout (tcase, 60);
  tcase_add_checked_fixture (tcase, support_make_folder, support_remove_folder);
  tcase_add_test (tcase, arrays_are_numpys_whatever_dtype_order_axis_and_chunk);
  tcase_add_test (tcase, an_inner_axis_is_gathered_with_any_chunk_length);
  tcase_add_test (tcase, fortran_order_is_taken_where_it_is_the_same);
  tcase_add_test (tcase, the_array_has_the_name_that_was_asked_for);
  tcase_add_test (tcase, a_file_that_cannot_be_read_is_told);
  tcase_add_test (tcase, a_size_that_is_not_the_headers_is_told_with_numbers);
  tcase_add_test (tcase, an_axis_or_name_that_cannot_be_is_told);
  tcase_add_test (tcase, a_file_cut_short_while_it_is_read_is_an_error_with_the_chunk);

  srunner_run_all (runner, CK_ENV);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
