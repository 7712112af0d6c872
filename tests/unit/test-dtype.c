/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <check.h>
#include <complex.h>
#include <stdlib.h>

#include <pinwheel/dtype.h>

static const struct
{
  const char *name;
  gsize size;
  PinwheelDTypeClass class;
} expected[] = {
  { "bool", 1, PINWHEEL_DTYPE_CLASS_BOOL },
  { "i8", sizeof (gint8), PINWHEEL_DTYPE_CLASS_INT },
  { "i16", sizeof (gint16), PINWHEEL_DTYPE_CLASS_INT },
  { "i32", sizeof (gint32), PINWHEEL_DTYPE_CLASS_INT },
  { "i64", sizeof (gint64), PINWHEEL_DTYPE_CLASS_INT },
  { "u8", sizeof (guint8), PINWHEEL_DTYPE_CLASS_UINT },
  { "u16", sizeof (guint16), PINWHEEL_DTYPE_CLASS_UINT },
  { "u32", sizeof (guint32), PINWHEEL_DTYPE_CLASS_UINT },
  { "u64", sizeof (guint64), PINWHEEL_DTYPE_CLASS_UINT },
  { "f16", 2, PINWHEEL_DTYPE_CLASS_FLOAT },
  { "f32", sizeof (float), PINWHEEL_DTYPE_CLASS_FLOAT },
  { "f64", sizeof (double), PINWHEEL_DTYPE_CLASS_FLOAT },
  { "c64", sizeof (float complex), PINWHEEL_DTYPE_CLASS_COMPLEX },
  { "c128", sizeof (double complex), PINWHEEL_DTYPE_CLASS_COMPLEX },
};

START_TEST (every_dtype_has_its_name_size_and_class)
{
  ck_assert_uint_eq (G_N_ELEMENTS (expected), PINWHEEL_N_DTYPES);
  for (guint i = 0; i < PINWHEEL_N_DTYPES; i++)
    {
      PinwheelDType dtype = (PinwheelDType) i;

      ck_assert_str_eq (pinwheel_dtype_to_string (dtype), expected[i].name);
      ck_assert_uint_eq (pinwheel_dtype_size (dtype), expected[i].size);
      ck_assert_int_eq (pinwheel_dtype_class (dtype), expected[i].class);
    }
}
END_TEST

START_TEST (names_are_read_again)
{
  for (guint i = 0; i < PINWHEEL_N_DTYPES; i++)
    {
      PinwheelDType dtype = PINWHEEL_DTYPE_BOOL;

      ck_assert (pinwheel_dtype_from_string (expected[i].name, &dtype));
      ck_assert_int_eq (dtype, i);
    }
}
END_TEST

START_TEST (other_names_are_refused)
{
  static const char *const names[] = { "", "f", "f32 ", " f32", "F32", "float32", "f3", "f322" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      PinwheelDType dtype = PINWHEEL_DTYPE_U16;

      ck_assert_msg (!pinwheel_dtype_from_string (names[i], &dtype), "'%s'", names[i]);
      ck_assert_int_eq (dtype, PINWHEEL_DTYPE_U16);
    }
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("dtype");
  TCase *tcase = tcase_create ("table");
  SRunner *runner = srunner_create (suite);
  int failed;

  suite_add_tcase (suite, tcase);
  tcase_add_test (tcase, every_dtype_has_its_name_size_and_class);
  tcase_add_test (tcase, names_are_read_again);
  tcase_add_test (tcase, other_names_are_refused);

  srunner_run_all (runner, CK_ENV);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
