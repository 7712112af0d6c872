/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "support.h"

#include <stdlib.h>

/* Writes every array of @format to its own file, NAME.npy. */
static void
make (const char *format, const char *items, const char *pattern, const char *name,
      const char *value, guint64 chunk)
{
  support_run (support_chain (chunk,
                              support_make ("testsrc", "format", format, "items", items, "pattern",
                                            pattern, name, value, NULL),
                              support_make ("npysink", "location", support_path ("%s.npy"), NULL),
                              NULL));
}

#define ALL                                                                                        \
  "b:bool[2,*,150] i8:i8[2,*,150] i16:i16[*,300] i32:i32[300,*] i64:i64[*] u8:u8[2,*,150] "        \
  "u16:u16[*] u32:u32[*] u64:u64[*] f16:f16[30,*,300] f32:f32[2,*] f64:f64[*] c64:c64[3,*] "       \
  "c128:c128[*] whole:i32[3,4] number:f64"

START_TEST (a_ramp_is_numpys_arange)
{
  make (ALL, "11", "ramp", "seed", "0", support_lengths[_i]);
  support_python (
      "np.seterr(over='ignore')\n"
      "def check(name, dtype, *shape):\n"
      "  a = np.load(folder + name + '.npy')\n"
      "  assert a.dtype == dtype and a.shape == shape, (name, a.dtype, a.shape)\n"
      "  assert (a == np.arange(a.size).reshape(shape).astype(dtype)).all(), name\n"
      "check('b', '?', 2, 11, 150)\ncheck('i8', 'i1', 2, 11, 150)\n"
      "check('i16', 'i2', 11, 300)\ncheck('i32', 'i4', 300, 11)\ncheck('i64', 'i8', 11)\n"
      "check('u8', 'u1', 2, 11, 150)\ncheck('u16', 'u2', 11)\ncheck('u32', 'u4', 11)\n"
      "check('u64', 'u8', 11)\ncheck('f16', 'f2', 30, 11, 300)\ncheck('f32', 'f4', 2, 11)\n"
      "check('f64', 'f8', 11)\ncheck('c64', 'c8', 3, 11)\ncheck('c128', 'c16', 11)\n"
      "check('whole', 'i4', 3, 4)\ncheck('number', 'f8')\n",
      NULL);
}
END_TEST

START_TEST (random_elements_are_splitmix64_of_their_index)
{
  make (ALL, "11", "random", "seed", "12345", support_lengths[_i]);
  support_python (
      "np.seterr(over='ignore')\n"
      "U = np.uint64\n"
      "def bits(key, index):\n"
      "  z = U(key) + (index.astype(U) + U(1)) * U(0x9e3779b97f4a7c15)\n"
      "  z = (z ^ z >> U(30)) * U(0xbf58476d1ce4e5b9)\n"
      "  z = (z ^ z >> U(27)) * U(0x94d049bb133111eb)\n"
      "  return z ^ z >> U(31)\n"
      "for i, name in enumerate('b i8 i16 i32 i64 u8 u16 u32 u64 f16 f32 f64 c64 c128 whole "
      "number'.split()):\n"
      "  a = np.load(folder + name + '.npy')\n"
      "  flat = a.ravel()\n"
      "  if a.dtype.kind == 'c': flat = flat.view('f%d' % (a.itemsize // 2))\n"
      "  x = bits(bits(12345, np.array([i]))[0], np.arange(flat.size))\n"
      "  if flat.dtype.kind == 'f':\n"
      "    digits = np.finfo(flat.dtype).nmant + 1\n"
      "    want = ((x >> U(64 - digits)).astype('f8') / 2.0**digits).astype(flat.dtype)\n"
      "    assert flat.min() >= 0 and flat.max() < 1\n"
      "  elif flat.dtype.kind == 'b': want = (x >> U(63)).astype('?')\n"
      "  else: want = x.astype(flat.dtype)\n"
      "  assert (flat == want).all(), name\n",
      NULL);
}
END_TEST

START_TEST (a_constant_is_the_value_in_every_dtype)
{
  make ("i8:i8[2,*] u8:u8[*] i64:i64[*] u64:u64[*] f16:f16[*] f32:f32[*,3] c128:c128[*] w:i32[5]",
        "11", "constant", "value", "103", support_lengths[_i]);
  support_python ("for name in 'i8 u8 i64 u64 f16 f32 c128 w'.split():\n"
                  "  a = np.load(folder + name + '.npy')\n"
                  "  assert a.size in (5, 11, 22, 33) and (a == 103).all(), name\n",
                  NULL);
  make ("i8:i8[*] i64:i64[*] f16:f16[*] f64:f64[*]", "11", "constant", "value", "-7",
        support_lengths[_i]);
  support_python ("for name in 'i8 i64 f16 f64'.split():\n"
                  "  assert (np.load(folder + name + '.npy') == -7).all(), name\n",
                  NULL);
}
END_TEST

static const struct
{
  const char *format, *value;
} wrong[] = { { "x:u8[*]", "256" },
              { "x:u8[*]", "-1" },
              { "x:i8[*]", "128" },
              { "x:i32[*]", "0.5" },
              { "x:bool[*]", "2" },
              { "x:f16[*]", "65520" },
              { "x:f32[*]", "1e39" },
              { "x:u64[*]", "18446744073709551616" },
              { "y:f32[*] x:i16[3]", "40000" } };

START_TEST (a_value_that_a_dtype_has_not_is_told)
{
  support_run_fails (support_chain (0,
                                    support_make ("testsrc", "format", wrong[_i].format, "pattern",
                                                  "constant", "value", wrong[_i].value, NULL),
                                    support_make ("fakesink", NULL), NULL),
                     PINWHEEL_ERROR_PROPERTY, "is not a value of array 'x'");
}
END_TEST

START_TEST (a_wrong_format_is_told)
{
  support_run_fails (support_chain (0, support_make ("testsrc", "format", "x:f32[*", NULL),
                                    support_make ("fakesink", NULL), NULL),
                     PINWHEEL_ERROR_PARSE, "format=\"x:f32[*\"");
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("testsrc");
  TCase *tcase = tcase_create ("testsrc");
  SRunner *runner = srunner_create (suite);
  int failed;

  suite_add_tcase (suite, tcase);
  tcase_set_timeout (tcase, 60);
  tcase_add_checked_fixture (tcase, support_make_folder, support_remove_folder);
  tcase_add_loop_test (tcase, a_ramp_is_numpys_arange, 0, SUPPORT_N_LENGTHS);
  tcase_add_loop_test (tcase, random_elements_are_splitmix64_of_their_index, 0, SUPPORT_N_LENGTHS);
  tcase_add_loop_test (tcase, a_constant_is_the_value_in_every_dtype, 0, SUPPORT_N_LENGTHS);
  tcase_add_loop_test (tcase, a_value_that_a_dtype_has_not_is_told, 0, G_N_ELEMENTS (wrong));
  tcase_add_test (tcase, a_wrong_format_is_told);

  srunner_run_all (runner, CK_ENV);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
