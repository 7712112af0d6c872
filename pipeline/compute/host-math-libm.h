/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is libm's, one element at a time, and hardly any kernel calls. */
/* clang-format off */
#define PINWHEEL_LIBM(T, name, parameters, arguments)                                              \
  extern "C" T pinwheel_libm_##name parameters noexcept __asm__ (#name);                           \
  PINWHEEL_OFFER T name parameters { return pinwheel_libm_##name arguments; }
/* name (double), namef (float) and name (float) */
#define PINWHEEL_LIBM_BOTH(name, of_double, of_float, arguments)                                   \
  PINWHEEL_LIBM (double, name, of_double, arguments)                                               \
  PINWHEEL_LIBM (float, name##f, of_float, arguments)                                              \
  PINWHEEL_OFFER float name of_float { return pinwheel_libm_##name##f arguments; }
PINWHEEL_LIBM_BOTH (j0, (double x), (float x), (x))
PINWHEEL_LIBM_BOTH (j1, (double x), (float x), (x))
PINWHEEL_LIBM_BOTH (y0, (double x), (float x), (x))
PINWHEEL_LIBM_BOTH (y1, (double x), (float x), (x))
PINWHEEL_LIBM_BOTH (jn, (int n, double x), (int n, float x), (n, x))
PINWHEEL_LIBM_BOTH (yn, (int n, double x), (int n, float x), (n, x))
PINWHEEL_LIBM_BOTH (scalbn, (double x, int n), (float x, int n), (x, n))
PINWHEEL_LIBM_BOTH (scalbln, (double x, long n), (float x, long n), (x, n))
PINWHEEL_LIBM_BOTH (remquo, (double x, double y, int *q), (float x, float y, int *q), (x, y, q))
PINWHEEL_LIBM (int, ilogb, (double x), (x))
PINWHEEL_LIBM (int, ilogbf, (float x), (x))
PINWHEEL_OFFER int ilogb (float x) { return pinwheel_libm_ilogbf (x); }
