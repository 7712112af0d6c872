/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "common/npy-header.h"
#include "support.h"

#include <stdlib.h>
#include <string.h>

/* A header of format 1.0 around @text, the dictionary. Returns: (transfer full) */
static GBytes *
wrap (const char *text, gsize size)
{
  GByteArray *bytes = g_byte_array_new ();
  guint8 length[2] = { size & 0xff, size >> 8 };

  g_byte_array_append (bytes, (const guint8 *) "\x93NUMPY\x01\x00", 8);
  g_byte_array_append (bytes, length, 2);
  g_byte_array_append (bytes, (const guint8 *) text, size);
  return g_byte_array_free_to_bytes (bytes);
}

/* Parses a copy of exactly that size, so that the address sanitizer sees a read beyond it. */
static gboolean
parse (GBytes *bytes, PinwheelNpyHeader *header, GError **error)
{
  gsize size;
  gconstpointer data = g_bytes_get_data (bytes, &size);
  g_autofree guint8 *copy = g_malloc (MAX (size, 1));
  gsize length;

  memcpy (copy, data, size);
  return pinwheel_npy_header_length (copy, MIN (size, PINWHEEL_NPY_PREFIX), &length, error)
         && pinwheel_npy_header_parse (copy, MIN (size, length), header, error);
}

/* Each line of the index: file, dtype, swapped, fortran, bytes of data, axes. */
static const char save_arrays[]
    = "index = open(folder + 'index', 'w')\n"
      "names = dict(b1='bool', i1='i8', i2='i16', i4='i32', i8='i64', u1='u8', u2='u16', "
      "u4='u32',\n"
      "             u8='u64', f2='f16', f4='f32', f8='f64', c8='c64', c16='c128')\n"
      "n = 0\n"
      "for code, name in names.items():\n"
      "  for shape in (), (0,), (5,), (12345678901,), (3, 4), (2, 0, 3), (1,) * 32:\n"
      "    for order in '<>':\n"
      "      for fortran in False, True:\n"
      "        for version in None, (1, 0), (2, 0), (3, 0):\n"
      "          n += 1\n"
      "          d = dict(descr=np.dtype(order + code).str, fortran_order=fortran, shape=shape)\n"
      "          with open(folder + str(n), 'wb') as f:\n"
      "            np.lib.format._write_array_header(f, d, version)\n"
      "          swapped = order == '>' and code not in ('b1', 'i1', 'u1')\n"
      "          size = np.dtype(code).itemsize\n"
      "          for length in shape: size *= length\n"
      "          print(n, name, int(swapped), int(fortran), size, *shape, file=index)\n";

static void
check_header (const char *line)
{
  g_auto (GStrv) words = g_strsplit (line, " ", -1);
  g_autoptr (GBytes) bytes = support_read (support_path (words[0]));
  g_autoptr (GBytes) again = NULL;
  PinwheelNpyHeader header;
  guint n_dims = g_strv_length (words) - 5;

  ck_assert (parse (bytes, &header, NULL));
  ck_assert_str_eq (pinwheel_dtype_to_string (header.dtype), words[1]);
  ck_assert_int_eq (header.swapped, atoi (words[2]));
  ck_assert_int_eq (header.fortran_order, atoi (words[3]));
  ck_assert_uint_eq (header.data_size, g_ascii_strtoull (words[4], NULL, 10));
  ck_assert_uint_eq (header.data_offset, g_bytes_get_size (bytes));
  ck_assert_uint_eq (header.n_dims, n_dims);
  for (guint i = 0; i < n_dims; i++)
    ck_assert_uint_eq (header.shape[i], g_ascii_strtoull (words[5 + i], NULL, 10));

  again = pinwheel_npy_header_format (header.dtype, n_dims, header.shape, 0);
  if (!header.swapped && !header.fortran_order
      && ((const char *) g_bytes_get_data (bytes, NULL))[6] == 1)
    ck_assert (g_bytes_equal (bytes, again));
}

START_TEST (numpys_headers_are_read_and_written_alike)
{
  g_autofree char *index = NULL;
  g_auto (GStrv) lines = NULL;

  support_python (save_arrays, NULL);
  ck_assert (g_file_get_contents (support_path ("index"), &index, NULL, NULL));
  lines = g_strsplit (g_strstrip (index), "\n", -1);
  ck_assert_uint_eq (g_strv_length (lines), 14 * 7 * 2 * 2 * 4);
  for (guint i = 0; lines[i] != NULL; i++)
    check_header (lines[i]);
}
END_TEST

#define GOOD "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }"

static const char *const accepted[] = {
  GOOD,
  "{'shape':(3,4),'fortran_order':False,'descr':'<f4'}",
  "  {\"descr\" : \"<f4\" , \"fortran_order\":False,\n\t\"shape\": ( 3L , 4L , ) }  \n",
  "{'fortran_order': False, 'descr': 'f4', 'shape': (3, 4)}",
  "{'fortran_order': False, 'descr': '=f4', 'shape': (3, 4)}",
};

START_TEST (any_way_to_write_a_dictionary_is_read)
{
  g_autoptr (GBytes) bytes = wrap (accepted[_i], strlen (accepted[_i]));
  PinwheelNpyHeader header;

  ck_assert (parse (bytes, &header, NULL));
  ck_assert_int_eq (header.dtype, PINWHEEL_DTYPE_F32);
  ck_assert_uint_eq (header.n_dims, 2);
  ck_assert_uint_eq (header.shape[0], 3);
  ck_assert_uint_eq (header.shape[1], 4);
  ck_assert_uint_eq (header.data_size, 48);
}
END_TEST

#define WITH(descr, shape) "{'descr': " descr ", 'fortran_order': False, 'shape': " shape ", }"

static const struct
{
  const char *text;
  int code;
  const char *words;
} refused[] = {
  { "", PINWHEEL_ERROR_DATA, "expected '{'" },
  { "{", PINWHEEL_ERROR_DATA, "expected 'descr'" },
  { "{}", PINWHEEL_ERROR_DATA, "has no descr" },
  { "{'descr': '<f4', 'fortran_order': False}", PINWHEEL_ERROR_DATA, "has no shape" },
  { "{'descr': '<f4', 'shape': (3,)}", PINWHEEL_ERROR_DATA, "has no fortran_order" },
  { "{'descr': '<f4', 'descr': '<f4', 'shape': (3,)}", PINWHEEL_ERROR_DATA, "comes twice" },
  { "{'descr': '<f4', 'order': 'C'}", PINWHEEL_ERROR_DATA, "key 'order' is not known" },
  { "{'descr' '<f4'}", PINWHEEL_ERROR_DATA, "expected ':'" },
  { "{'descr': '<f4' 'shape': (3,)}", PINWHEEL_ERROR_DATA, "expected ',' or '}'" },
  { "{'descr: '<f4'}", PINWHEEL_ERROR_DATA, "key 'descr: ' is not known" },
  { "{'descr", PINWHEEL_ERROR_DATA, "expected 'descr'" },
  { "{'", PINWHEEL_ERROR_DATA, "expected 'descr'" },
  { GOOD " x", PINWHEEL_ERROR_DATA, "only spaces after" },
  { GOOD GOOD, PINWHEEL_ERROR_DATA, "only spaces after" },
  { "{'descr': '<f4', 'fortran_order': 0, 'shape': (3,)}", PINWHEEL_ERROR_DATA, "True or False" },
  { WITH ("3", "(3,)"), PINWHEEL_ERROR_DATA, "names the dtype" },
  { WITH ("'\\x3cf4'", "(3,)"), PINWHEEL_ERROR_DATA, "names the dtype" },
  { WITH ("''", "(3,)"), PINWHEEL_ERROR_FORMAT, "NumPy dtype ''" },
  { WITH ("'<'", "(3,)"), PINWHEEL_ERROR_FORMAT, "NumPy dtype '<'" },
  { WITH ("'<f'", "(3,)"), PINWHEEL_ERROR_FORMAT, "NumPy dtype '<f'" },
  { WITH ("'<f16'", "(3,)"), PINWHEEL_ERROR_FORMAT, "'<f16' (floats)" },
  { WITH ("'<f99999999999999999999'", "(3,)"), PINWHEEL_ERROR_FORMAT, "floats" },
  { WITH ("'|O'", "(3,)"), PINWHEEL_ERROR_FORMAT, "Python objects" },
  { WITH ("'|O8'", "(3,)"), PINWHEEL_ERROR_FORMAT, "Python objects" },
  { WITH ("'<U10'", "(3,)"), PINWHEEL_ERROR_FORMAT, "unicode text" },
  { WITH ("'|S10'", "(3,)"), PINWHEEL_ERROR_FORMAT, "byte strings" },
  { WITH ("'<M8[ns]'", "(3,)"), PINWHEEL_ERROR_FORMAT, "dates" },
  { WITH ("[('a', '<f4'), ('b', '<i8')]", "(3,)"), PINWHEEL_ERROR_FORMAT, "structured" },
  { WITH ("('<f4', (2,))", "(3,)"), PINWHEEL_ERROR_FORMAT, "structured" },
  { WITH ("'<f4'", "3"), PINWHEEL_ERROR_DATA, "a shape such as" },
  { WITH ("'<f4'", "(3)"), PINWHEEL_ERROR_DATA, "',' after the only length" },
  { WITH ("'<f4'", "(-3,)"), PINWHEEL_ERROR_DATA, "the length of an axis" },
  { WITH ("'<f4'", "(3,,)"), PINWHEEL_ERROR_DATA, "the length of an axis" },
  { WITH ("'<f4'", "(,)"), PINWHEEL_ERROR_DATA, "the length of an axis" },
  { WITH ("'<f4'", "(3.0,)"), PINWHEEL_ERROR_DATA, "',' or ')'" },
  { WITH ("'<f4'", "(3 4)"), PINWHEEL_ERROR_DATA, "',' or ')'" },
  { WITH ("'<f4'", "(18446744073709551616,)"), PINWHEEL_ERROR_DATA, "more than 64 bits" },
  { WITH ("'<f4'", "(18446744073709551615,)"), PINWHEEL_ERROR_DATA, "more bytes than any file" },
  { WITH ("'<f4'", "(4294967296, 4294967296)"), PINWHEEL_ERROR_DATA, "more bytes than any file" },
  { WITH ("'|i1'", "(9223372036854775807,)"), PINWHEEL_ERROR_DATA, "more bytes than any file" },
  { WITH ("'<f4'", "(1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1)"),
    PINWHEEL_ERROR_FORMAT, "more than 32 axes" },
  { "{'descr': '<f4', 'fortran_order': False, 'shape': (3", PINWHEEL_ERROR_DATA, "',' or ')'" },
  { "{'descr': '<f4', 'fortran_order': False, 'shape': (", PINWHEEL_ERROR_DATA,
    "length of an axis" },
};

START_TEST (a_wrong_header_is_told_and_not_believed)
{
  g_autoptr (GBytes) bytes = wrap (refused[_i].text, strlen (refused[_i].text));
  g_autoptr (GError) error = NULL;
  PinwheelNpyHeader header;

  ck_assert (!parse (bytes, &header, &error));
  support_check_error (error, refused[_i].code, refused[_i].words);
}
END_TEST

static const struct
{
  const char *bytes;
  gsize size;
  const char *words;
} damaged[] = {
  { "", 0, "shorter than any header" },
  { "\x93NUM", 4, "shorter than any header" },
  { "PK\x03\x04zipzipzip", 13, "is not a NumPy file" },
  { "\x93NUMPY\x04\x00\x10\x00{}", 12, "format 4.0" },
  { "\x93NUMPY\x00\x00\x10\x00{}", 12, "format 0.0" },
  { "\x93NUMPY\x01\x01\x10\x00{}", 12, "format 1.1" },
  { "\x93NUMPY\x02\x00\x10\x00", 10, "ends inside its NumPy header, after 10" },
  { "\x93NUMPY\x02\x00\xff\xff\xff\xff", 12, "claims to be 4294967295 bytes" },
  { "\x93NUMPY\x01\x00\x10\x00{}", 12, "12 of 26 bytes" },
};

START_TEST (a_damaged_beginning_is_told)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static (damaged[_i].bytes, damaged[_i].size);
  g_autoptr (GError) error = NULL;
  PinwheelNpyHeader header;

  ck_assert (!parse (bytes, &header, &error));
  support_check_error (error, PINWHEEL_ERROR_DATA, damaged[_i].words);
}
END_TEST

START_TEST (no_mutation_gives_a_header_that_cannot_be)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (2);
  guint n_good = 0, n_bad = 0;

  for (guint round = 0; round < 40000; round++)
    {
      const char *from = accepted[round % G_N_ELEMENTS (accepted)];
      g_autoptr (GString) text = g_string_new (from);
      g_autoptr (GError) error = NULL;
      g_autoptr (GBytes) bytes = NULL;
      PinwheelNpyHeader header;

      for (int i = g_rand_int_range (random, 1, 4); i > 0 && text->len > 0; i--)
        {
          gsize at = (gsize) g_rand_int_range (random, 0, (gint32) text->len);

          switch (g_rand_int_range (random, 0, 4))
            {
            case 0:
              text->str[at] = (char) g_rand_int_range (random, 0, 256);
              break;
            case 1:
              g_string_erase (text, (gssize) at, 1);
              break;
            case 2:
              g_string_insert_c (text, (gssize) at, "{}(),:'0129fcL \\"[at % 15]);
              break;
            default:
              g_string_truncate (text, at + 1);
            }
        }
      bytes = wrap (text->str, text->len);
      if (parse (bytes, &header, &error))
        {
          ck_assert_uint_le (header.n_dims, PINWHEEL_MAX_DIMS);
          ck_assert_uint_lt ((guint) header.dtype, PINWHEEL_N_DTYPES);
          ck_assert_uint_eq (header.data_offset, g_bytes_get_size (bytes));
          n_good++;
        }
      else
        n_bad += error != NULL;
    }
  ck_assert_uint_eq (n_good + n_bad, 40000);
  ck_assert_uint_gt (n_good, 100);
  ck_assert_uint_gt (n_bad, 10000);
}
END_TEST

START_TEST (a_header_has_room_for_more_items_along_the_first_axis)
{
  guint64 none[] = { 0, 7 }, all[] = { G_MAXUINT64 - 1, 7 };
  g_autoptr (GBytes) a = pinwheel_npy_header_format (PINWHEEL_DTYPE_F64, 2, none, 0);
  g_autoptr (GBytes) b = pinwheel_npy_header_format (PINWHEEL_DTYPE_F64, 2, all, 0);

  ck_assert_uint_eq (g_bytes_get_size (a), g_bytes_get_size (b));
}
END_TEST

START_TEST (a_header_is_padded_to_the_place_that_was_left_for_it)
{
  guint64 shape[] = { 3 };
  g_autoptr (GBytes) bytes = pinwheel_npy_header_format (PINWHEEL_DTYPE_F64, 1, shape, 448);
  PinwheelNpyHeader header;

  ck_assert_uint_eq (g_bytes_get_size (bytes), 448);
  ck_assert (parse (bytes, &header, NULL));
  ck_assert_uint_eq (header.data_offset, 448);
  ck_assert_uint_eq (header.shape[0], 3);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("npy-header");
  TCase *numpy = tcase_create ("numpy");
  TCase *tcase = tcase_create ("hostile");
  SRunner *runner = srunner_create (suite);
  int failed;

  suite_add_tcase (suite, numpy);
  tcase_set_timeout (numpy, 60);
  tcase_add_checked_fixture (numpy, support_make_folder, support_remove_folder);
  tcase_add_test (numpy, numpys_headers_are_read_and_written_alike);
  suite_add_tcase (suite, tcase);
  tcase_set_timeout (tcase, 60);
  tcase_add_loop_test (tcase, any_way_to_write_a_dictionary_is_read, 0, G_N_ELEMENTS (accepted));
  tcase_add_loop_test (tcase, a_wrong_header_is_told_and_not_believed, 0, G_N_ELEMENTS (refused));
  tcase_add_loop_test (tcase, a_damaged_beginning_is_told, 0, G_N_ELEMENTS (damaged));
  tcase_add_test (tcase, no_mutation_gives_a_header_that_cannot_be);
  tcase_add_test (tcase, a_header_has_room_for_more_items_along_the_first_axis);
  tcase_add_test (tcase, a_header_is_padded_to_the_place_that_was_left_for_it);

  srunner_run_all (runner, CK_ENV);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
