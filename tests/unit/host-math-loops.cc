/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Loops over the functions of host-math.h, compiled as kernels are; host-math-check.c loads them */
#include "compute/host-math.h"
#include "compute/host-math-exp.h"
#include "compute/host-math-trig.h"
#include "compute/host-math-arc.h"
#include "compute/host-math-power.h"
#include "compute/host-math-erf.h"

#include "host-math-list.h"

#ifdef __clang__
#define INDEPENDENT _Pragma ("clang loop vectorize(assume_safety)")
#else
#define INDEPENDENT _Pragma ("GCC ivdep")
#endif
#define EXPORT                                                                                     \
  extern "C" __attribute__ ((visibility ("default"), noinline, used, externally_visible)) void

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
    INDEPENDENT for (long i = 0; i < n; i++) z[i] = name (x[i], y[i]);                             \
  }
HOST_MATH_1 (LOOP1)
HOST_MATH_2 (LOOP2)
