/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* clang-format off */
/* The mathematics of kernels on the CPU, inline and without branches, so that a loop over threads
 * becomes vector code: this part for every source, host-math-*.h for those that name their
 * functions (host-math.c). C++17; includes nothing; stands in front of host-shim.h.
 *
 * The bits do not depend on the compiler, its level of optimisation, the width of vectors or
 * -ffp-contract. Every multiplication and addition in one is an explicit fma. A plain product that
 * goes into a sum is exact (by a power of two, or of few digits), or goes into an fma as well, so
 * that no compiler contracts it. Without fused instructions fma is libm's: the same bits, slowly.
 *
 * All arguments are valid: NaN, infinities, signed zeros, denormals, and angles however large.
 * Greatest error, in units of the last place (tests/unit/test-host-math.py, against 113 bits):
 *
 *              f64   f32                f64   f32                  f64   f32
 *   exp       0.85  1.00     asin      0.60  0.51     rsqrt       1.50  1.50
 *   exp2      0.85  0.51     acos      0.60  0.51     hypot       0.76  0.51
 *   exp10     0.90  0.51     atan      0.60  0.51     rhypot      0.76  0.51
 *   expm1     1.00  0.51     atan2     0.70  0.51     norm, rnorm 0.76  0.51
 *   log       0.60  0.51     pow       1.60  0.51     norm3d, 4d  0.76  0.51
 *   log2      0.65  0.51     sinh      0.70  0.51     rnorm3d, 4d 0.76  0.51
 *   log10     0.60  0.51     cosh      0.65  0.51     erf         1.10  0.52
 *   log1p     0.60  0.51     tanh      0.65  0.51     erfc        1.20  0.51
 *   sin, cos  0.80  0.52     asinh     0.60  0.51     erfcx       1.60  0.51
 *   sincos    0.80  0.52     acosh     0.60  0.51     erfinv      2.20  0.51
 *   tan       1.00  0.52     atanh     0.60  0.51     erfcinv     2.20  0.51
 *   sinpi     0.85  0.51     cbrt      0.51  0.51     normcdf     1.00  0.51
 *   cospi     0.85  0.51     rcbrt     0.51  0.51     normcdfinv  2.30  0.51
 *
 * cyl_bessel_i0 and cyl_bessel_i1 are off by 4.00 and 0.51. sqrt, fma and fdim are rounded
 * correctly; floor, ceil, trunc, round, rint, fmin, fmax, copysign, fabs and modf are exact. tgamma,
 * lgamma, fmod, remainder, nextafter, logb, ldexp, frexp and what host-math-libm.h has are libm's:
 * one element at a time, the gamma and the other Bessel functions with libm's errors. */
#define PINWHEEL_INLINE static inline __attribute__ ((always_inline, unused))
/* A template, as PINWHEEL_OFFER is, where the kernel's file defines a function that is called as one
 * of ours. Elsewhere none: no parameter's type follows from a template, as in `reduce (x, fmaxf)`. */
#ifndef PINWHEEL_KNOWN
#define PINWHEEL_KNOWN PINWHEEL_INLINE
#endif

/* Functions of whole numbers compute in double. */
template <class T> struct pinwheel_whole {};
#define PINWHEEL_WHOLE(T) template <> struct pinwheel_whole<T> { typedef double real; };
PINWHEEL_WHOLE (bool) PINWHEEL_WHOLE (char) PINWHEEL_WHOLE (signed char)
PINWHEEL_WHOLE (unsigned char) PINWHEEL_WHOLE (short) PINWHEEL_WHOLE (unsigned short)
PINWHEEL_WHOLE (int) PINWHEEL_WHOLE (unsigned int) PINWHEEL_WHOLE (long)
PINWHEEL_WHOLE (unsigned long) PINWHEEL_WHOLE (long long) PINWHEEL_WHOLE (unsigned long long)

/* name (double), namef (float), name (float) and name (whole number) of what computes inline */
#define PINWHEEL_MATH1(name, with)                                                                 \
  PINWHEEL_KNOWN double name (double x) { return with (x); }                                       \
  PINWHEEL_KNOWN float name (float x) { return with (x); }                                         \
  PINWHEEL_KNOWN float name##f (float x) { return with (x); }                                      \
  template <class T> PINWHEEL_INLINE typename pinwheel_whole<T>::real name (T x)                   \
  {                                                                                                \
    return with ((double) x);                                                                      \
  }
#define PINWHEEL_MATH2(name, with)                                                                 \
  PINWHEEL_KNOWN double name (double x, double y) { return with (x, y); }                          \
  PINWHEEL_KNOWN float name (float x, float y) { return with (x, y); }                             \
  PINWHEEL_KNOWN float name##f (float x, float y) { return with (x, y); }                          \
  template <class T, class U> PINWHEEL_INLINE double name (T x, U y)                               \
  {                                                                                                \
    return with ((double) x, (double) y);                                                          \
  }
/* The same of names that a kernel may define itself, as it may under NVRTC: to templates its own
 * functions are preferred. */
#define PINWHEEL_OFFER template <int = 0> PINWHEEL_INLINE
#define PINWHEEL_OFFER1(name, with)                                                                \
  PINWHEEL_OFFER double name (double x) { return with (x); }                                       \
  PINWHEEL_OFFER float name (float x) { return with (x); }                                         \
  PINWHEEL_OFFER float name##f (float x) { return with (x); }                                      \
  template <class T> PINWHEEL_INLINE typename pinwheel_whole<T>::real name (T x)                   \
  {                                                                                                \
    return with ((double) x);                                                                      \
  }

namespace pinwheel_math
{
typedef long long i64;
typedef unsigned long long u64;
struct pair { double h, l; };                    /* h + l, |l| at most half a unit of h */
#define PINWHEEL_INF __builtin_inf ()
#define PINWHEEL_NAN __builtin_nan ("")

PINWHEEL_INLINE u64 bits (double x) { return __builtin_bit_cast (u64, x); }
PINWHEEL_INLINE unsigned bits (float x) { return __builtin_bit_cast (unsigned, x); }
PINWHEEL_INLINE double real (u64 x) { return __builtin_bit_cast (double, x); }
PINWHEEL_INLINE double fma (double a, double b, double c) { return __builtin_fma (a, b, c); }
PINWHEEL_INLINE float fma (float a, float b, float c) { return __builtin_fmaf (a, b, c); }
PINWHEEL_INLINE double abs (double x) { return __builtin_fabs (x); }
PINWHEEL_INLINE double sign (double x, double of) { return __builtin_copysign (x, of); }
PINWHEEL_INLINE double poly (double, double a) { return a; }
template <class... T> PINWHEEL_INLINE double poly (double x, double a, T... rest)
{
  return fma (x, poly (x, rest...), a);
}
/* a + b where |a| >= |b| or a is 0 */
PINWHEEL_INLINE pair fast_sum (double a, double b) { double h = a + b; return { h, (a - h) + b }; }
PINWHEEL_INLINE pair sum (double a, double b)
{
  double h = a + b, c = h - a;
  return { h, (a - (h - c)) + (b - c) };
}
/* (n + nl) / (d + dl) */
PINWHEEL_INLINE pair ratio (double n, double nl, double d, double dl)
{
  double i = 1.0 / d, q = n * i, e = fma (-q, dl, fma (-q, d, n) + nl), h = fma (e, i, q);
  return { h, fma (e, i, q - h) };
}
PINWHEEL_INLINE pair times (pair a, double bh, double bl)
{
  double h = a.h * bh;
  return { h, fma (a.h, bl, fma (a.l, bh, fma (a.h, bh, -h))) };
}
/* sqrt (h + l) */
PINWHEEL_INLINE pair root (double h, double l)
{
  double s = __builtin_sqrt (h), d = s == 0.0 ? 1.0 : s + s;
  return fast_sum (s, (fma (-s, s, h) + l) / d);
}
/* Whole numbers of less than 2^51 lie in the low bits of x + 1.5 * 2^52, where AVX2 has no
 * conversion to 64 bits. */
static constexpr double magic = 0x1.8p52;
PINWHEEL_INLINE i64 whole (double shifted)
{
  return (i64) (bits (shifted) - 0x4338000000000000ull);
}
PINWHEEL_INLINE double power2 (i64 q) { return real ((u64) (q + 1023) << 52); }
/* y * 2^q for |q| < 2040: in two steps, of which at most the second rounds */
PINWHEEL_INLINE double scale (double y, i64 q)
{
  i64 half = (i64) ((u64) (q + 4096) >> 1) - 2048;
  return y * power2 (half) * power2 (q - half);
}
/* ln 2 in 32 bits and the rest: a multiple of the first by an exponent is exact */
static constexpr double ln2_h = 0x1.62e42feep-1, ln2_l = 0x1.a39ef35793c76p-33;
static constexpr double ln2 = 0x1.62e42fefa39efp-1, log2e = 0x1.71547652b82fep+0;
PINWHEEL_INLINE double sqrt (double x) { return __builtin_sqrt (x); }
PINWHEEL_INLINE float sqrt (float x) { return __builtin_sqrtf (x); }
PINWHEEL_INLINE double rsqrt (double x) { return 1.0 / __builtin_sqrt (x); }
PINWHEEL_INLINE float rsqrt (float x) { return 1.0f / __builtin_sqrtf (x); }
PINWHEEL_INLINE double fabs (double x) { return __builtin_fabs (x); }
PINWHEEL_INLINE float fabs (float x) { return __builtin_fabsf (x); }
PINWHEEL_INLINE double floor (double x) { return __builtin_floor (x); }
PINWHEEL_INLINE float floor (float x) { return __builtin_floorf (x); }
PINWHEEL_INLINE double ceil (double x) { return __builtin_ceil (x); }
PINWHEEL_INLINE float ceil (float x) { return __builtin_ceilf (x); }
PINWHEEL_INLINE double trunc (double x) { return __builtin_trunc (x); }
PINWHEEL_INLINE float trunc (float x) { return __builtin_truncf (x); }
PINWHEEL_INLINE double rint (double x) { return __builtin_rint (x); }
PINWHEEL_INLINE float rint (float x) { return __builtin_rintf (x); }
PINWHEEL_INLINE double copysign (double x, double y) { return __builtin_copysign (x, y); }
PINWHEEL_INLINE float copysign (float x, float y) { return __builtin_copysignf (x, y); }
/* halves away from zero: what lies just below a half must not get there */
PINWHEEL_INLINE double round (double x)
{
  return __builtin_trunc (x + __builtin_copysign (0x1.fffffffffffffp-2, x));
}
PINWHEEL_INLINE float round (float x)
{
  return __builtin_truncf (x + __builtin_copysignf (0x1.fffffep-2f, x));
}
/* Comparisons instead of libm's fmin and fmax: loops over them become vector code. A NaN loses. */
#define PINWHEEL_EXTREME(name, T, op)                                                              \
  PINWHEEL_INLINE T name (T a, T b)                                                                \
  {                                                                                                \
    T r = a op b ? a : b;                                                                          \
    r = a != a ? b : r;                                                                            \
    return b != b ? a : r;                                                                         \
  }
PINWHEEL_EXTREME (fmin, double, <) PINWHEEL_EXTREME (fmin, float, <)
PINWHEEL_EXTREME (fmax, double, >) PINWHEEL_EXTREME (fmax, float, >)
#undef PINWHEEL_EXTREME
PINWHEEL_INLINE double fdim (double x, double y)
{
  double d = x - y;
  return x <= y ? 0.0 : d;
}
PINWHEEL_INLINE float fdim (float x, float y)
{
  float d = x - y;
  return x <= y ? 0.0f : d;
}
}

PINWHEEL_MATH1 (sqrt, pinwheel_math::sqrt) PINWHEEL_MATH1 (rsqrt, pinwheel_math::rsqrt)
PINWHEEL_MATH1 (fabs, pinwheel_math::fabs) PINWHEEL_MATH1 (round, pinwheel_math::round)
PINWHEEL_MATH1 (floor, pinwheel_math::floor) PINWHEEL_MATH1 (ceil, pinwheel_math::ceil)
PINWHEEL_MATH1 (trunc, pinwheel_math::trunc) PINWHEEL_MATH1 (rint, pinwheel_math::rint)
PINWHEEL_MATH1 (nearbyint, pinwheel_math::rint)
PINWHEEL_MATH2 (copysign, pinwheel_math::copysign) PINWHEEL_MATH2 (fdim, pinwheel_math::fdim)
PINWHEEL_MATH2 (fmin, pinwheel_math::fmin) PINWHEEL_MATH2 (fmax, pinwheel_math::fmax)
PINWHEEL_KNOWN double fma (double a, double b, double c) { return __builtin_fma (a, b, c); }
PINWHEEL_KNOWN float fma (float a, float b, float c) { return __builtin_fmaf (a, b, c); }
PINWHEEL_KNOWN float fmaf (float a, float b, float c) { return __builtin_fmaf (a, b, c); }
PINWHEEL_OFFER double nan (const char *) { return __builtin_nan (""); }
PINWHEEL_OFFER float nanf (const char *) { return __builtin_nanf (""); }
PINWHEEL_KNOWN double modf (double x, double *whole)
{
  double t = __builtin_trunc (x), f = __builtin_fabs (t) < __builtin_inf () ? x - t : x - x;
  *whole = t;
  f = t == x ? 0.0 : f;
  return __builtin_copysign (f, x);
}
PINWHEEL_KNOWN float modf (float x, float *whole)
{
  float t = __builtin_truncf (x), f = __builtin_fabsf (t) < __builtin_inff () ? x - t : x - x;
  *whole = t;
  f = t == x ? 0.0f : f;
  return __builtin_copysignf (f, x);
}
PINWHEEL_KNOWN float modff (float x, float *whole) { return modf (x, whole); }
#define PINWHEEL_CLASSIFY(T)                                                                       \
  PINWHEEL_INLINE bool isnan (T x) { return __builtin_isnan (x); }                                 \
  PINWHEEL_INLINE bool isinf (T x) { return __builtin_isinf (x); }                                 \
  PINWHEEL_INLINE bool isfinite (T x) { return __builtin_isfinite (x); }                           \
  PINWHEEL_INLINE bool signbit (T x) { return __builtin_signbit (x); }
PINWHEEL_CLASSIFY (float)
PINWHEEL_CLASSIFY (double)

/* From libm: no branch-free code gives these, or hardly any kernel calls them. */
#define PINWHEEL_LIBM1(name)                                                                       \
  PINWHEEL_KNOWN double name (double x) { return __builtin_##name (x); }                           \
  PINWHEEL_KNOWN float name (float x) { return __builtin_##name##f (x); }                          \
  PINWHEEL_KNOWN float name##f (float x) { return __builtin_##name##f (x); }                       \
  template <class T> PINWHEEL_INLINE typename pinwheel_whole<T>::real name (T x)                   \
  {                                                                                                \
    return __builtin_##name ((double) x);                                                          \
  }
#define PINWHEEL_LIBM2(name)                                                                       \
  PINWHEEL_KNOWN double name (double x, double y) { return __builtin_##name (x, y); }              \
  PINWHEEL_KNOWN float name (float x, float y) { return __builtin_##name##f (x, y); }              \
  PINWHEEL_KNOWN float name##f (float x, float y) { return __builtin_##name##f (x, y); }           \
  template <class T, class U> PINWHEEL_INLINE double name (T x, U y)                               \
  {                                                                                                \
    return __builtin_##name ((double) x, (double) y);                                              \
  }
PINWHEEL_LIBM1 (tgamma) PINWHEEL_LIBM1 (lgamma) PINWHEEL_LIBM1 (logb)
PINWHEEL_LIBM2 (fmod) PINWHEEL_LIBM2 (remainder) PINWHEEL_LIBM2 (nextafter)
PINWHEEL_KNOWN double ldexp (double x, int e) { return __builtin_ldexp (x, e); }
PINWHEEL_KNOWN float ldexp (float x, int e) { return __builtin_ldexpf (x, e); }
PINWHEEL_KNOWN float ldexpf (float x, int e) { return __builtin_ldexpf (x, e); }
PINWHEEL_KNOWN double frexp (double x, int *e) { return __builtin_frexp (x, e); }
PINWHEEL_KNOWN float frexp (float x, int *e) { return __builtin_frexpf (x, e); }
PINWHEEL_KNOWN float frexpf (float x, int *e) { return __builtin_frexpf (x, e); }
