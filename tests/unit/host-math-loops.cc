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
#include "compute/host-math-bessel.h"
#include "compute/host-math-round.h"

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
HOST_MATH_1_ALONE (LOOP1)
HOST_MATH_2_ALONE (LOOP2)

#define ROUND_LOOP(name, way, expression, S, T, U)                                                 \
  EXPORT loop_##name##_##way##_##S (const T *px, const T *py, T *z, long n)                        \
  {                                                                                                \
    INDEPENDENT for (long i = 0; i < n; i++)                                                       \
    {                                                                                              \
      const T x = px[i], y = py[i], less = -(x * y);                                               \
      const U bits = __builtin_bit_cast (U, x);                                                    \
      z[i] = expression;                                                                           \
    }                                                                                              \
  }
#define ROUND_OPERATIONS(way, s, S, T, U, F, I)                                                    \
  ROUND_LOOP (add, way, __##s##add_##way (x, y), S, T, U)                                          \
  ROUND_LOOP (sub, way, __##s##sub_##way (x, y), S, T, U)                                          \
  ROUND_LOOP (mul, way, __##s##mul_##way (x, y), S, T, U)                                          \
  ROUND_LOOP (div, way, __##s##div_##way (x, y), S, T, U)                                          \
  ROUND_LOOP (rcp, way, __##s##rcp_##way (x), S, T, U)                                             \
  ROUND_LOOP (sqrt, way, __##s##sqrt_##way (x), S, T, U)                                           \
  ROUND_LOOP (fma_x, way, F##_##way (x, y, x), S, T, U)                                            \
  ROUND_LOOP (fma_less, way, F##_##way (x, y, less), S, T, U)                                      \
  ROUND_LOOP (fma_y, way, F##_##way (x, x, y), S, T, U)                                            \
  ROUND_LOOP (signed, way, __##I##_##way (bits), S, T, U)                                          \
  ROUND_LOOP (unsigned, way, __u##I##_##way (bits), S, T, U)
#define ROUND_LOOPS(way)                                                                           \
  ROUND_OPERATIONS (way, d, f64, double, unsigned long long, __fma, ll2double)                     \
  ROUND_OPERATIONS (way, f, f32, float, unsigned, __fmaf, int2float)                               \
  ROUND_LOOP (narrow, way, __double2float_##way (x), f64, double, unsigned long long)              \
  ROUND_LOOP (ll, way, __ll2float_##way (bits), f64, double, unsigned long long)                   \
  ROUND_LOOP (ull, way, __ull2float_##way (bits), f64, double, unsigned long long)
ROUND_LOOPS (rd)
ROUND_LOOPS (ru)
ROUND_LOOPS (rz)
