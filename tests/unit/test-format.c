/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <pinwheel/error.h>
#include <pinwheel/format.h>

#define N_RANDOM 500

static PinwheelFormat *
parse (const char *text, guint64 n_items)
{
  g_autoptr (GError) error = NULL;
  PinwheelFormat *format = pinwheel_format_parse (text, n_items, &error);

  ck_assert_msg (format != NULL, "%s: %s", text, error != NULL ? error->message : "no error");
  ck_assert_ptr_null (error);
  return format;
}

START_TEST (text_becomes_arrays)
{
  g_autoptr (PinwheelFormat) format = parse (
      " x:f32[*]\tstate:f64[51, 3 ,*]\n coeffs:i16[22,1,4] s:c64 t:u8[] ", 7);
  const PinwheelArray *array;

  ck_assert_uint_eq (pinwheel_format_n_arrays (format), 5);
  ck_assert_uint_eq (pinwheel_format_n_items (format), 7);
  ck_assert (pinwheel_format_has_cut (format));
  ck_assert_int_eq (pinwheel_format_find (format, "coeffs"), 2);
  ck_assert_int_eq (pinwheel_format_find (format, "coeff"), -1);

  array = pinwheel_format_array (format, 1);
  ck_assert_str_eq (array->name, "state");
  ck_assert_ptr_eq (array->name, g_intern_string ("state"));
  ck_assert_int_eq (array->dtype, PINWHEEL_DTYPE_F64);
  ck_assert_uint_eq (array->n_dims, 3);
  ck_assert_int_eq (array->chunk_axis, 2);
  ck_assert_uint_eq (array->shape[0], 51);
  ck_assert_uint_eq (array->shape[1], 3);
  ck_assert_uint_eq (array->shape[2], 0);

  array = pinwheel_format_array (format, 4);
  ck_assert_uint_eq (array->n_dims, 0);
  ck_assert (pinwheel_array_is_broadcast (array));
  ck_assert_uint_eq (pinwheel_array_item_elements (array), 1);
}
END_TEST

START_TEST (text_is_written_the_short_way)
{
  g_autoptr (PinwheelFormat) format = parse (" x:f32[ * ]  state:f64[51, 3,*] s:c64[] ", 7);
  g_autofree char *text = pinwheel_format_to_string (format);

  ck_assert_str_eq (text, "x:f32[*] state:f64[51,3,*] s:c64");
}
END_TEST

static const struct
{
  const char *text;
  guint64 elements, size, outer, row;
} geometries[] = {
  { "x:f32[*]", 1, 4, 1, 4 },           { "x:f64[51,3,*]", 153, 1224, 153, 8 },
  { "x:i16[5,*,3]", 15, 30, 5, 6 },     { "x:c128[*,3,2]", 6, 96, 1, 96 },
  { "x:f64[22,1,4]", 88, 704, 1, 704 }, { "x:u8", 1, 1, 1, 1 },
  { "x:u8[0,*,3]", 0, 0, 0, 3 },        { "x:u8[3,*,0]", 0, 0, 3, 0 },
  { "x:u8[3,0]", 0, 0, 1, 0 },          { "x:u8[0,*,18446744073709551615]", 0, 0, 0, G_MAXUINT64 },
};

START_TEST (sizes_of_items_and_rows_are_right)
{
  for (guint i = 0; i < G_N_ELEMENTS (geometries); i++)
    {
      g_autoptr (PinwheelFormat) format = parse (geometries[i].text, 1);
      const PinwheelArray *array = pinwheel_format_array (format, 0);

      ck_assert_uint_eq (pinwheel_array_item_elements (array), geometries[i].elements);
      ck_assert_uint_eq (pinwheel_array_item_size (array), geometries[i].size);
      ck_assert_uint_eq (pinwheel_array_outer (array), geometries[i].outer);
      ck_assert_uint_eq (pinwheel_array_row_size (array), geometries[i].row);
    }
}
END_TEST

static const struct
{
  const char *text;
  const char *message;
} mistakes[] = {
  { "", "column 1: expected an array such as x:f32[*], found the end" },
  { "  ", "column 3: expected an array such as x:f32[*], found the end" },
  { "1x:f32", "column 1: expected an array such as x:f32[*], found '1x'" },
  { "x", "column 2: expected ':' and a dtype after the name, found the end" },
  { "x[*]", "column 2: expected ':' and a dtype after the name, found '['" },
  { "x :f32", "column 2: expected ':' and a dtype after the name, found a space" },
  { "x:", "column 3: expected a dtype such as f32, found the end" },
  { "x:[*]", "column 3: expected a dtype such as f32, found '['" },
  { "x:32", "column 3: expected a dtype such as f32, found '32'" },
  { "x:f32*", "column 6: expected '[' and the shape, or a space before the next array, "
              "found '*'" },
  { "x:f32[", "column 7: expected the length of an axis, or *, found the end" },
  { "x:f32[-1]", "column 7: expected the length of an axis, or *, found '-'" },
  { "x:f32[3,]", "column 9: expected the length of an axis, or *, found ']'" },
  { "x:f32[3 4]", "column 9: expected ',' or ']', found '4'" },
  { "x:f32[3", "column 8: expected ',' or ']', found the end" },
  { "x:f32[4k]", "column 8: expected ',' or ']', found 'k'" },
  { "x:f32[**]", "column 8: expected ',' or ']', found '*'" },
  { "x:f32[*,3,*]", "column 11: a second * in array 'x'; it is cut along one axis" },
  { "x:f32[*]y:f32[*]", "column 9: expected a space before the next array, found 'y'" },
  { "x:f32[*],y:f32[*]", "column 9: expected a space before the next array, found ','" },
  { "x:f32[\xc3\xa9]", "column 7: expected the length of an axis, or *, found '\xc3\xa9'" },
  { "x:f32[\xff]", "column 7: expected the length of an axis, or *, found '\\xFF'" },
  { "x:f32[\x1b]", "column 7: expected the length of an axis, or *, found '\\x1B'" },
  { "x:f32[*] x:f64", "column 10: a second array called 'x'" },
  { "x:f32[18446744073709551616]", "column 7: the length of this axis does not fit 64 bits" },
  { "a:u8 x:f32[*,4611686018427387904]",
    "column 6: one item of array 'x' would need more bytes than 64 bits can count" },
  { "x:f32[4294967296,4294967296]",
    "column 1: the whole of array 'x' would need more bytes than 64 bits can count" },
  { "x:u8[0,4294967296,*,4294967296]",
    "column 1: one item of array 'x' would need more bytes than 64 bits can count" },
};

START_TEST (a_mistake_is_told_with_its_column)
{
  for (guint i = 0; i < G_N_ELEMENTS (mistakes); i++)
    {
      g_autoptr (GError) error = NULL;

      ck_assert_msg (pinwheel_format_parse (mistakes[i].text, 1, &error) == NULL, "%s",
                     mistakes[i].text);
      ck_assert (g_error_matches (error, PINWHEEL_ERROR, PINWHEEL_ERROR_PARSE));
      ck_assert_str_eq (error->message, mistakes[i].message);
    }
}
END_TEST

START_TEST (a_wrong_dtype_gets_a_near_one_and_the_list)
{
#define LIST "expected one of bool i8 i16 i32 i64 u8 u16 u32 u64 f16 f32 f64 c64 c128"
  static const char *const wrong[][2] = {
    { "f23", "column 3: 'f23' is not a dtype; " LIST "; did you mean 'f32'?" },
    { "float32", "column 3: 'float32' is not a dtype; " LIST "; did you mean 'f32'?" },
    { "Double", "column 3: 'Double' is not a dtype; " LIST "; did you mean 'f64'?" },
    { "F64", "column 3: 'F64' is not a dtype; " LIST "; did you mean 'f64'?" },
    { "string", "column 3: 'string' is not a dtype; " LIST },
  };

  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_autofree char *text = g_strdup_printf ("x:%s[*]", wrong[i][0]);
      g_autoptr (GError) error = NULL;

      ck_assert_ptr_null (pinwheel_format_parse (text, 1, &error));
      ck_assert_str_eq (error->message, wrong[i][1]);
    }
}
END_TEST

START_TEST (more_than_the_most_is_refused)
{
  g_autoptr (GString) axes = g_string_new ("x:u8[1");
  g_autoptr (GString) arrays = g_string_new (NULL);
  g_autofree char *name = g_strnfill (256, 'n');
  g_autofree char *named = g_strconcat (name, ":u8", NULL);
  struct
  {
    const char *text;
    const char *message;
  } cases[3];

  for (guint i = 1; i < PINWHEEL_MAX_DIMS; i++)
    g_string_append (axes, ",1");
  for (guint i = 0; i < PINWHEEL_MAX_ARRAYS; i++)
    g_string_append_printf (arrays, "x%u:u8 ", i);
  g_string_append_c (axes, ']');
  pinwheel_format_unref (parse (axes->str, 1));
  pinwheel_format_unref (parse (arrays->str, 1));

  g_string_truncate (axes, axes->len - 1);
  cases[0].text = g_string_append (axes, ",1]")->str;
  cases[0].message = "column 70: array 'x' has too many axes; 32 are the most";
  cases[1].text = g_string_append (arrays, "last:u8")->str;
  cases[1].message = "column 1939: too many arrays; 256 are the most";
  cases[2].text = named;
  cases[2].message = "column 1: 'nnn";
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;

      ck_assert_ptr_null (pinwheel_format_parse (cases[i].text, 1, &error));
      ck_assert (g_error_matches (error, PINWHEEL_ERROR, PINWHEEL_ERROR_PARSE));
      ck_assert_msg (g_str_has_prefix (error->message, cases[i].message), "%s", error->message);
    }
}
END_TEST

START_TEST (the_total_must_fit_64_bits)
{
  g_autoptr (PinwheelFormat) most = parse ("x:u8[*] s:u8", G_MAXUINT64 - 2);
  g_autoptr (PinwheelFormat) unknown = parse ("x:f64[*] s:u8", PINWHEEL_ITEMS_UNKNOWN);
  static const char *const texts[] = { "x:u16[*]", "x:u8[*] y:u8[*]", "x:u8[*] s:u8[3]" };

  ck_assert_uint_eq (pinwheel_format_total_size (most), G_MAXUINT64 - 1);
  ck_assert_uint_eq (pinwheel_format_total_size (unknown), G_MAXUINT64);
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GError) error = NULL;

      ck_assert_ptr_null (pinwheel_format_parse (texts[i], G_MAXUINT64 - 2, &error));
      ck_assert (g_error_matches (error, PINWHEEL_ERROR, PINWHEEL_ERROR_PARSE));
    }
}
END_TEST

START_TEST (without_a_cut_array_there_is_one_item)
{
  g_autoptr (PinwheelFormat) whole = parse ("a:f32[5] b:f64", 100);
  g_autoptr (PinwheelFormat) unknown = parse ("a:f32[5] b:f64", PINWHEEL_ITEMS_UNKNOWN);

  ck_assert (!pinwheel_format_has_cut (whole));
  ck_assert_uint_eq (pinwheel_format_n_items (whole), 1);
  ck_assert_uint_eq (pinwheel_format_total_size (whole), 28);
  ck_assert_uint_eq (pinwheel_format_n_items (unknown), 1);
  ck_assert_uint_eq (pinwheel_format_total_size (unknown), 28);
}
END_TEST

START_TEST (no_items_are_as_good_as_any)
{
  g_autoptr (PinwheelFormat) format = parse ("x:f32[3,*] s:f64", 0);

  ck_assert_uint_eq (pinwheel_format_n_items (format), 0);
  ck_assert_uint_eq (pinwheel_format_total_size (format), 8);
}
END_TEST

START_TEST (wrong_arrays_of_a_program_are_refused)
{
  const guint64 shape[PINWHEEL_MAX_DIMS + 1] = { 2, 3 };
  static const char *const names[] = { "", "1x", "a-b", "a b", "\xc3\xa9", "x\n" };
  g_autoptr (GError) error = NULL;
  PinwheelArray array = { .name = "untouched" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (GError) wrong_name = NULL;

      ck_assert (
          !pinwheel_array_init (&array, names[i], PINWHEEL_DTYPE_F32, 2, shape, 0, &wrong_name));
      ck_assert (g_error_matches (wrong_name, PINWHEEL_ERROR, PINWHEEL_ERROR_FORMAT));
    }
  ck_assert (!pinwheel_array_init (&array, "x", PINWHEEL_DTYPE_F32, 2, shape, 2, NULL));
  ck_assert (!pinwheel_array_init (&array, "x", PINWHEEL_DTYPE_F32, 2, shape, -2, NULL));
  ck_assert (!pinwheel_array_init (&array, "x", PINWHEEL_DTYPE_F32, PINWHEEL_MAX_DIMS + 1, shape, 0,
                                   NULL));
  ck_assert_str_eq (array.name, "untouched");
  ck_assert_ptr_null (pinwheel_format_new (NULL, 0, 1, &error));
  ck_assert (g_error_matches (error, PINWHEEL_ERROR, PINWHEEL_ERROR_FORMAT));
}
END_TEST

START_TEST (two_arrays_of_one_name_are_refused)
{
  const guint64 shape[] = { 0 };
  PinwheelArray arrays[2];
  g_autoptr (GError) error = NULL;

  ck_assert (pinwheel_array_init (&arrays[0], "x", PINWHEEL_DTYPE_F32, 1, shape, 0, NULL));
  ck_assert (pinwheel_array_init (&arrays[1], "x", PINWHEEL_DTYPE_I8, 0, NULL, -1, NULL));
  ck_assert_ptr_null (pinwheel_format_new (arrays, 2, 1, &error));
  ck_assert (g_error_matches (error, PINWHEEL_ERROR, PINWHEEL_ERROR_FORMAT));
  ck_assert_str_eq (error->message,
                    "arrays 1 and 2 are both called 'x'; give one of them another name");
}
END_TEST

START_TEST (formats_are_equal_by_their_arrays)
{
  static const char *const others[] = { "y:f32[2,*]",     "x:f64[2,*]", "x:f32[3,*]",
                                        "x:f32[*,2]",     "x:f32[2]",   "x:f32[2,*] s:u8",
                                        "s:u8 x:f32[2,*]" };
  g_autoptr (PinwheelFormat) format = parse ("x:f32[2,*]", 5);
  g_autoptr (PinwheelFormat) longer = parse ("x:f32[2,*]", 500);

  ck_assert (pinwheel_format_equal (format, format));
  ck_assert (pinwheel_format_equal (format, longer));
  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    {
      g_autoptr (PinwheelFormat) other = parse (others[i], 5);

      ck_assert_msg (!pinwheel_format_equal (format, other), "%s", others[i]);
    }
}
END_TEST

static PinwheelFormat *
random_format (GRand *rand)
{
  static const guint64 lengths[] = { 0, 1, 2, 3, 51, 640, 1000003 };
  PinwheelArray arrays[5];
  guint n_arrays = (guint) g_rand_int_range (rand, 1, G_N_ELEMENTS (arrays) + 1);

  for (guint i = 0; i < n_arrays; i++)
    {
      guint n_dims = (guint) g_rand_int_range (rand, 0, 4);
      g_autofree char *name = g_strdup_printf ("%c_%u", g_rand_int_range (rand, 'A', 'Z'), i);
      guint64 shape[4];

      for (guint k = 0; k < n_dims; k++)
        shape[k] = lengths[g_rand_int_range (rand, 0, G_N_ELEMENTS (lengths))];
      ck_assert (pinwheel_array_init (
          &arrays[i], name, (PinwheelDType) g_rand_int_range (rand, 0, PINWHEEL_N_DTYPES), n_dims,
          shape, g_rand_int_range (rand, -1, (int) n_dims), NULL));
    }
  return pinwheel_format_new (arrays, n_arrays, g_rand_int (rand) % 5, NULL);
}

START_TEST (what_is_written_is_read_again)
{
  GRand *rand = g_rand_new_with_seed (2);

  for (guint i = 0; i < N_RANDOM; i++)
    {
      g_autoptr (PinwheelFormat) format = random_format (rand);
      g_autoptr (PinwheelFormat) again = NULL;
      g_autofree char *text = NULL;

      ck_assert_ptr_nonnull (format);
      text = pinwheel_format_to_string (format);
      again = parse (text, pinwheel_format_n_items (format));
      ck_assert_msg (pinwheel_format_equal (again, format), "%s", text);
      ck_assert_uint_eq (pinwheel_format_n_items (again), pinwheel_format_n_items (format));
      ck_assert_uint_eq (pinwheel_format_total_size (again), pinwheel_format_total_size (format));
    }
  g_rand_free (rand);
}
END_TEST

/* Whatever is cut out of, put into or changed in a good text: a format, or an error with a column
 * inside the text. */
START_TEST (any_text_ends_in_a_format_or_a_column)
{
  static const char good[] = "x:f32[*] state:f64[51,3,*] coeffs:c128[22,1,4] s:u8";
  static const char letters[] = "x:[],* 19f\xff\x80\n-";
  GRand *rand = g_rand_new_with_seed (3);
  guint n_good = 0;

  for (guint i = 0; i < 20000; i++)
    {
      char text[sizeof good];
      g_autoptr (PinwheelFormat) format = NULL;
      g_autoptr (GError) error = NULL;
      int changes = g_rand_int_range (rand, 1, 4), column = 0;

      memcpy (text, good, sizeof good);
      while (changes-- > 0)
        text[g_rand_int_range (rand, 0, sizeof good - 1)]
            = letters[g_rand_int_range (rand, 0, sizeof letters)];
      format = pinwheel_format_parse (text, 3, &error);
      ck_assert ((format != NULL) == (error == NULL));
      if (format != NULL)
        {
          n_good++;
          continue;
        }
      ck_assert (g_error_matches (error, PINWHEEL_ERROR, PINWHEEL_ERROR_PARSE));
      ck_assert (g_utf8_validate (error->message, -1, NULL));
      ck_assert_int_eq (sscanf (error->message, "column %d: ", &column), 1);
      ck_assert_int_ge (column, 1);
      ck_assert_int_le (column, (int) strlen (text) + 1);
    }
  ck_assert_uint_gt (n_good, 100);
  g_rand_free (rand);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("format");
  TCase *tcase = tcase_create ("text and arrays");
  SRunner *runner = srunner_create (suite);
  int failed;

  suite_add_tcase (suite, tcase);
  tcase_add_test (tcase, text_becomes_arrays);
  tcase_add_test (tcase, text_is_written_the_short_way);
  tcase_add_test (tcase, sizes_of_items_and_rows_are_right);
  tcase_add_test (tcase, a_mistake_is_told_with_its_column);
  tcase_add_test (tcase, a_wrong_dtype_gets_a_near_one_and_the_list);
  tcase_add_test (tcase, more_than_the_most_is_refused);
  tcase_add_test (tcase, the_total_must_fit_64_bits);
  tcase_add_test (tcase, without_a_cut_array_there_is_one_item);
  tcase_add_test (tcase, no_items_are_as_good_as_any);
  tcase_add_test (tcase, wrong_arrays_of_a_program_are_refused);
  tcase_add_test (tcase, two_arrays_of_one_name_are_refused);
  tcase_add_test (tcase, formats_are_equal_by_their_arrays);
  tcase_add_test (tcase, what_is_written_is_read_again);
  tcase_add_test (tcase, any_text_ends_in_a_format_or_a_column);

  srunner_run_all (runner, CK_ENV);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
