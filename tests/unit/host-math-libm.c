/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The same loops over libm, for host-math-check --bench */
#define _GNU_SOURCE
#include <math.h>

#include "host-math-list.h"

/* clang-format off */
static double rsqrt (double x) { return 1 / sqrt (x); }
static float rsqrtf (float x) { return 1 / sqrtf (x); }
static double rcbrt (double x) { return 1 / cbrt (x); }
static float rcbrtf (float x) { return 1 / cbrtf (x); }
static double sinpi (double x) { return sin (M_PI * remainder (x, 2)); }
static float sinpif (float x) { return (float) sinpi (x); }
static double cospi (double x) { return cos (M_PI * remainder (x, 2)); }
static float cospif (float x) { return (float) cospi (x); }
static double erfcx (double x) { return exp (x * x) * erfc (x); }
static float erfcxf (float x) { return expf (x * x) * erfcf (x); }
static double normcdf (double x) { return 0.5 * erfc (x * -M_SQRT1_2); }
static float normcdff (float x) { return 0.5f * erfcf (x * (float) -M_SQRT1_2); }
static double rhypot (double x, double y) { return 1 / hypot (x, y); }
static float rhypotf (float x, float y) { return 1 / hypotf (x, y); }

#define LOOP1(name, d, s)                                                                          \
  void loop_##name##_f64 (const double *x, const double *y, double *z, long n);                    \
  void loop_##name##_f32 (const float *x, const float *y, float *z, long n);                       \
  void loop_##name##_f64 (const double *x, const double *y, double *z, long n)                     \
  {                                                                                                \
    (void) y;                                                                                      \
    for (long i = 0; i < n; i++)                                                                   \
      z[i] = name (x[i]);                                                                          \
  }                                                                                                \
  void loop_##name##_f32 (const float *x, const float *y, float *z, long n)                        \
  {                                                                                                \
    (void) y;                                                                                      \
    for (long i = 0; i < n; i++)                                                                   \
      z[i] = name##f (x[i]);                                                                       \
  }
#define LOOP2(name, d, s)                                                                          \
  void loop_##name##_f64 (const double *x, const double *y, double *z, long n);                    \
  void loop_##name##_f32 (const float *x, const float *y, float *z, long n);                       \
  void loop_##name##_f64 (const double *x, const double *y, double *z, long n)                     \
  {                                                                                                \
    for (long i = 0; i < n; i++)                                                                   \
      z[i] = name (x[i], y[i]);                                                                    \
  }                                                                                                \
  void loop_##name##_f32 (const float *x, const float *y, float *z, long n)                        \
  {                                                                                                \
    for (long i = 0; i < n; i++)                                                                   \
      z[i] = name##f (x[i], y[i]);                                                                 \
  }
HOST_MATH_1 (LOOP1)
HOST_MATH_2 (LOOP2)
