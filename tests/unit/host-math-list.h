/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The functions of pipeline/compute/host-math*.h: name, and the greatest error in units of the last
 * place that the table in host-math.h states for f64 and for f32. */
/* clang-format off */
#define HOST_MATH_1(F)                                                                             \
  F (exp, 0.85, 1.0) F (exp2, 0.85, 0.51) F (exp10, 0.9, 0.51) F (expm1, 1.0, 0.51)                \
  F (log, 0.6, 0.51) F (log2, 0.65, 0.51) F (log10, 0.6, 0.51) F (log1p, 0.6, 0.51)                \
  F (sin, 0.8, 0.52) F (cos, 0.8, 0.52) F (tan, 1.0, 0.52)                                         \
  F (sinpi, 0.85, 0.51) F (cospi, 0.85, 0.51)                                                      \
  F (asin, 0.6, 0.51) F (acos, 0.6, 0.51) F (atan, 0.6, 0.51)                                      \
  F (sinh, 0.7, 0.51) F (cosh, 0.65, 0.51) F (tanh, 0.65, 0.51)                                    \
  F (asinh, 0.6, 0.51) F (acosh, 0.6, 0.51) F (atanh, 0.6, 0.51)                                   \
  F (cbrt, 0.51, 0.51) F (rcbrt, 0.51, 0.51) F (erf, 1.1, 0.52) F (erfc, 1.2, 0.51)                \
  F (erfcx, 1.6, 0.51) F (normcdf, 1.0, 0.51)                                                      \
  F (sqrt, 0.5, 0.5) F (rsqrt, 1.5, 1.5) F (fabs, 0, 0) F (round, 0, 0) F (trunc, 0, 0)            \
  F (floor, 0, 0) F (ceil, 0, 0) F (rint, 0, 0)
#define HOST_MATH_2(F)                                                                             \
  F (pow, 1.6, 0.51) F (atan2, 0.7, 0.51) F (hypot, 0.76, 0.51) F (rhypot, 0.76, 0.51)             \
  F (fmin, 0, 0) F (fmax, 0, 0) F (fdim, 0.5, 0.5) F (copysign, 0, 0)
/* Those that libm has nothing for */
#define HOST_MATH_1_ALONE(F)                                                                       \
  F (erfinv, 2.2, 0.51) F (erfcinv, 2.2, 0.51) F (normcdfinv, 2.3, 0.51)                           \
  F (cyl_bessel_i0, 4.0, 0.51) F (cyl_bessel_i1, 4.0, 0.51)
#define HOST_MATH_2_ALONE(F)                                                                       \
  F (norm3, 0.76, 0.51) F (norm4, 0.76, 0.51) F (norm5, 0.76, 0.51)                                \
  F (rnorm3, 0.76, 0.51) F (rnorm4, 0.76, 0.51) F (rnorm5, 0.76, 0.51)
/* Operations that round down, up and to zero, in f64 and in f32. Sums of products: with the first
 * factor, with the product rounded away, and of a square. Conversions take the bits of a number, and in
 * f32 the lower half of them. */
#define HOST_ROUND(F)                                                                              \
  F (add, a + b) F (sub, a - b) F (mul, a *b) F (div, a / b) F (rcp, 1 / a) F (sqrt, ROOT (a))     \
  F (fma_x, FMA (a, b, a)) F (fma_less, FMA (a, b, less)) F (fma_y, FMA (a, a, b))                 \
  F (signed, (REAL) (SIGNED) bits) F (unsigned, (REAL) (UNSIGNED) bits)
