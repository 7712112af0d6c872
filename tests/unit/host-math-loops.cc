/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Loops over the functions of host-math.h, compiled as kernels are; host-math-check.c loads them */
#include "compute/host-math.h"
#include "compute/host-math-exp.h"
#include "compute/host-math-trig.h"
#include "compute/host-math-arc.h"
#include "compute/host-math-power.h"
#include "compute/host-math-erf.h"
#include "compute/host-math-normal.h"
#include "compute/host-math-norm.h"

#include "host-math-list.h"

#ifdef __clang__
#define INDEPENDENT _Pragma ("clang loop vectorize(assume_safety)")
#else
#define INDEPENDENT _Pragma ("GCC ivdep")
#endif
#define EXPORT                                                                                     \
  extern "C" __attribute__ ((visibility ("default"), noinline, used, externally_visible)) void

/* Lengths of vectors that two numbers make */
#define LENGTHS(name, T, S)                                                                        \
  PINWHEEL_INLINE T name##3##S (T x, T y) { return name##3d##S (x, y, y); }                        \
  PINWHEEL_INLINE T name##4##S (T x, T y) { return name##4d##S (x, y, x, y); }                     \
  PINWHEEL_INLINE T name##5##S (T x, T y)                                                          \
  {                                                                                                \
    const T all[5] = { x, y, x, y, y };                                                            \
    return name##S (5, all);                                                                       \
  }
LENGTHS (norm, double, )
LENGTHS (norm, float, f)
LENGTHS (rnorm, double, )
LENGTHS (rnorm, float, f)

#define LOOP1(name, d, s)                                                                          \
  EXPORT loop_##name##_f64 (const double *x, const double *, double *z, long n)                    \
  {                                                                                                \
    INDEPENDENT for (long i = 0; i < n; i++) z[i] = name (x[i]);                                   \
  }                                                                                                \
  EXPORT loop_##name##_f32 (const float *x, const float *, float *z, long n)                       \
  {                                                                                                \
    INDEPENDENT for (long i = 0; i < n; i++) z[i] = name (x[i]);                                   \
  }
#define LOOP2(name, d, s)                                                                          \
  EXPORT loop_##name##_f64 (const double *x, const double *y, double *z, long n)                   \
  {                                                                                                \
    INDEPENDENT for (long i = 0; i < n; i++) z[i] = name (x[i], y[i]);                             \
  }                                                                                                \
  EXPORT loop_##name##_f32 (const float *x, const float *y, float *z, long n)                      \
  {                                                                                                \
    INDEPENDENT for (long i = 0; i < n; i++) z[i] = name##f (x[i], y[i]);                          \
  }
HOST_MATH_1 (LOOP1)
HOST_MATH_2 (LOOP2)
