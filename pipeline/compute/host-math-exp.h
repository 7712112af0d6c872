/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Exponentials, logarithms and powers. */
/* clang-format off */
namespace pinwheel_math
{
struct power { double r, l; i64 q; };            /* x = q * ln 2 + r + l */
PINWHEEL_INLINE power by_ln2 (double x)
{
  double m = fma (x, log2e, magic), q = m - magic, h = fma (-q, ln2_h, x), r = fma (-q, ln2_l, h);
  return { r, fma (-q, ln2_l, h - r), whole (m) };
}
/* e^(r + l) - 1 for |r| <= ln 2 / 2 */
PINWHEEL_INLINE pair above_one (double r, double l)
{
  double p = poly (r, 0x1p-1, 0x1.5555555555557p-3, 0x1.5555555555556p-5, 0x1.111111111007ep-7,
                   0x1.6c16c16c162dap-10, 0x1.a01a01ac1adebp-13, 0x1.a01a01a6e42a8p-16,
                   0x1.71de0190b33a1p-19, 0x1.27e4db2c97892p-22, 0x1.af4f375ba602bp-26,
                   0x1.1f738bb68ab31p-29);
  return fast_sum (r, fma (r * r, p, l));
}
PINWHEEL_INLINE double clamp (double x, double low, double high)
{
  x = x < low ? low : x;
  return x > high ? high : x;
}
PINWHEEL_INLINE double exp (power p)
{
  pair y = above_one (p.r, p.l);
  return scale (1.0 + y.h, p.q);
}
PINWHEEL_INLINE double exp (double x) { return exp (by_ln2 (clamp (x, -760.0, 720.0))); }
/* e^(h + l) times @y */
PINWHEEL_INLINE double times_exp (double h, double l, pair y)
{
  power p = by_ln2 (h);
  pair r = fast_sum (p.r, p.l + l), e = above_one (r.h, r.l);
  double rest = fma (y.h, e.l, fma (y.l, e.h, y.l));
  return scale (y.h + fma (y.h, e.h, rest), p.q);
}
PINWHEEL_INLINE double exp2 (double x)
{
  double c = clamp (x, -1090.0, 1030.0), m = c + magic, f = c - (m - magic);
  pair r = times ({ f, 0.0 }, ln2, 0x1.abc9e3b39803fp-56);
  return exp (power { r.h, r.l, whole (m) });
}
PINWHEEL_INLINE double exp10 (double x)
{
  double c = clamp (x, -330.0, 312.0), m = fma (c, 0x1.a934f0979a371p+1, magic), q = m - magic;
  double h = fma (-q, 0x1.34413508p-2, c), f = fma (-q, 0x1.f79fef311f12bp-34, h);
  pair r = times ({ f, fma (-q, 0x1.f79fef311f12bp-34, h - f) }, 0x1.26bb1bbb55516p+1,
                  -0x1.f48ad494ea3e9p-53);
  return exp (power { r.h, r.l, whole (m) });
}
PINWHEEL_INLINE double expm1 (double x)
{
  power p = by_ln2 (clamp (x, -50.0, 709.9));
  pair e = above_one (p.r, p.l);
  double b = power2 (p.q - 1);                   /* half of all, for e^x near the limit */
  pair s = sum (b - 0.5, b * e.h);
  double y = 2.0 * (s.h + fma (b, e.l, s.l));
  return abs (x) < 0x1p-54 ? x : y;
}

/* ln (1 + f + l) for 1 + f within [sqrt 1/2, sqrt 2], |l| <= half a unit of f */
PINWHEEL_INLINE pair log_near_one (double f, double l)
{
  double s = f / (2.0 + f), z = s * s;
  double r = z * poly (z, 0x1.5555555555558p-1, 0x1.9999999995273p-2, 0x1.2492492dfd86cp-2,
                       0x1.c71c62d5e53e0p-3, 0x1.7462b91b8df65p-3, 0x1.39fdcceb4bb45p-3,
                       0x1.2b5f68a50d903p-3);
  double h = fma (-0.5 * f, f, f), d = fma (-0.5 * f, f, f - h);
  d = fma (l, fma (2.0 * s, s - 1.0, 1.0), d);   /* l / (1 + f) */
  return { h, fma (s, fma (0.5 * f, f, r), d) };
}
/* x = (1 + f) * 2^k. Of x <= 0, infinities and NaN the caller takes care. */
struct mantissa { double f, k; };
PINWHEEL_INLINE mantissa split (double x)
{
  bool tiny = x < 0x1p-1022;
  u64 b = bits (tiny ? x * 0x1p54 : x), k = (b + 0x00095f619980c433ull) >> 52;
  double e = real (0x4330000000000000ull | k) - (0x1p52 + 1023.0);
  return { real (b - (k << 52) + (1023ull << 52)) - 1.0, tiny ? e - 54.0 : e };
}
PINWHEEL_INLINE double log_limits (double x, double y)
{
  y = x < PINWHEEL_INF ? y : x;
  return x > 0.0 ? y : x == 0.0 ? -PINWHEEL_INF : PINWHEEL_NAN;
}
/* k ln 2 + a */
PINWHEEL_INLINE pair log_whole (double k, pair a)
{
  pair s = fast_sum (k * ln2_h, a.h);
  return { s.h, fma (k, ln2_l, s.l) + a.l };
}
PINWHEEL_INLINE double log (double x)
{
  mantissa m = split (x);
  pair y = log_whole (m.k, log_near_one (m.f, 0.0));
  return log_limits (x, y.h + y.l);
}
PINWHEEL_INLINE double log2 (double x)
{
  mantissa m = split (x);
  pair a = times (log_near_one (m.f, 0.0), log2e, 0x1.777d0ffda0d24p-56), s = fast_sum (m.k, a.h);
  return log_limits (x, s.h + (s.l + a.l));
}
PINWHEEL_INLINE double log10 (double x)
{
  mantissa m = split (x);
  pair a = times (log_near_one (m.f, 0.0), 0x1.bcb7b1526e50ep-2, 0x1.95355baaafad3p-57);
  pair s = fast_sum (m.k * 0x1.34413508p-2, a.h);
  return log_limits (x, s.h + (fma (m.k, 0x1.f79fef311f12bp-34, s.l) + a.l));
}
/* ln (2^k * (1 + x + l)) for -1 < x, |l| <= half a unit of x */
PINWHEEL_INLINE pair log_above_one (double k, double x, double l)
{
  pair u = sum (1.0, x);
  mantissa m = split (u.h);
  pair f = fast_sum (m.f, (u.l + l) * power2 (-whole (m.k + magic)));
  return log_whole (m.k + k, log_near_one (f.h, f.l));
}
PINWHEEL_INLINE double log1p (double x)
{
  pair y = log_above_one (0.0, x < 0x1p1000 ? x : 0x1p1000, 0.0);
  double r = x < 0x1p1000 ? y.h + y.l : log (x);
  r = abs (x) < 0x1p-54 ? x : r;
  return x > -1.0 ? r : x == -1.0 ? -PINWHEEL_INF : PINWHEEL_NAN;
}

/* ln x, off by 2^-68 of it at most */
PINWHEEL_INLINE pair log_pair (double x)
{
  mantissa m = split (x);
  double n = m.f, d = 2.0 + n, dl = n - (d - 2.0), i = 1.0 / d;
  double f = n * i, fl = fma (-f, dl, fma (-f, d, n)) * i;
  double z = f * f, zl = fma (2.0 * f, fl, fma (f, f, -z));
  double g = z * f, gl = fma (zl, f, fma (z, fl, fma (z, f, -g)));
  pair c = times ({ g, gl }, 0x1.5555555555555p-1, 0x1.5555555555555p-55);
  double p = poly (z, 0x1.999999999999ap-2, 0x1.2492492492491p-2, 0x1.c71c71c71cfe7p-3,
                   0x1.745d1745124c7p-3, 0x1.3b13b1bd0ead0p-3, 0x1.1110df7e2b9b8p-3,
                   0x1.e1f80a4c22cd4p-4, 0x1.ac4927065cf5ap-4, 0x1.b8e0c07ef591ap-4);
  pair a = fast_sum (m.k * ln2_h, 2.0 * f), b = fast_sum (a.h, c.h);
  double l = fma (m.k, ln2_l, fma (2.0, fl, a.l)) + (b.l + fma (g * z, p, c.l));
  return fast_sum (b.h, l);
}
/* p is |x|^y where both are finite. One condition at a time: gcc makes no vectors of conditions
 * that are values. */
template <class T> PINWHEEL_INLINE T pow_limits (T x, T y, T p)
{
  const T one = 1, none = 0, inf = __builtin_inff (), half = T (0.5) * y;
  T a = fabs (x), t = fabs (y), whole_y = trunc (y), odd = trunc (half) != half ? x : one;
  T up = y > none ? inf : none, down = y > none ? none : inf, end = a > one ? up : down;
  T fraction = x < none ? (a < inf ? T (__builtin_nanf ("")) : p) : p;
  p = whole_y == y ? p : fraction;
  p = a == none ? end : p;
  p = a == inf ? end : p;
  p = t == inf ? end : p;
  p = copysign (p, whole_y == y ? odd : one);
  p = t == inf ? (a == one ? one : p) : p;
  p = x != x ? x : p;
  p = y != y ? y : p;
  p = x == one ? one : p;
  return y == none ? one : p;
}
PINWHEEL_INLINE double pow (double x, double y)
{
  double cut = abs (y) < 0x1p70 ? y : sign (0x1p70, y);
  pair e = times (log_pair (abs (x)), cut, 0.0);
  double c = clamp (e.h, -760.0, 720.0), m = fma (c, log2e, magic), q = m - magic;
  double h = fma (-q, ln2_h, c), r = fma (-q, ln2_l, h);
  pair s = fast_sum (r, fma (-q, ln2_l, h - r) + (c == e.h ? e.l : 0.0));
  return pow_limits (x, y, exp (power { s.h, s.l, whole (m) }));
}

/* In single precision a part of the digits of double will do: no second halves. */
PINWHEEL_INLINE pair above_one_f (double x)      /* e^r - 1, 2^q; -160 < x < 130 */
{
  double m = fma (x, log2e, magic), r = fma (magic - m, ln2, x);
  double p = poly (r, 0x1.0000000bc3067p-1, 0x1.5555555a8f13bp-3, 0x1.5554e7cfb8dd9p-5,
                   0x1.1110e0684c4bfp-7, 0x1.6d44d2021d74fp-10, 0x1.a1266f45c8e9bp-13);
  return { fma (r * r, p, r), real ((bits (m) - 0x4338000000000000ull + 1023) << 52) };
}
PINWHEEL_INLINE double exp_f (double x)
{
  pair e = above_one_f (clamp (x, -160.0, 130.0));
  return fma (e.l, e.h, e.l);
}
PINWHEEL_INLINE float exp2 (float x) { return (float) exp_f (x * ln2); }
PINWHEEL_INLINE float exp10 (float x) { return (float) exp_f (x * 0x1.26bb1bbb55516p+1); }
PINWHEEL_INLINE float expm1 (float x)
{
  pair e = above_one_f (clamp (x, -50.0, 130.0));
  float y = (float) fma (e.l, e.h, e.l - 1.0);
  return x == 0.0f ? x : y;
}
/* exp alone in single precision throughout: it is what most kernels call */
PINWHEEL_INLINE float power2f (int q)
{
  return __builtin_bit_cast (float, (unsigned) (q + 127) << 23);
}
PINWHEEL_INLINE float exp (float x)
{
  float c = x < -150.0f ? -150.0f : x, s = 0x1.8p23f;
  c = c > 130.0f ? 130.0f : c;
  float m = fma (c, 0x1.715476p+0f, s), q = m - s;
  float h = fma (-q, 0x1.62e4p-1f, c), r = fma (-q, 0x1.7f7d1cp-20f, h);
  float p = 0x1.a0f4dep-13f;
  p = fma (p, r, 0x1.6d7ca6p-10f);
  p = fma (p, r, 0x1.1110ecp-7f);
  p = fma (p, r, 0x1.5554d6p-5f);
  p = fma (p, r, 0x1.555556p-3f);
  p = fma (p, r, 0.5f);
  p = fma (r * r, p, r) + 1.0f;
  int n = (int) (bits (m) - 0x4b400000u), half = n >> 1;
  return p * power2f (half) * power2f (n - half);
}
/* ln (1 + f) */
PINWHEEL_INLINE double log_near_one_f (double f)
{
  double s = f / (2.0 + f), z = s * s;
  double p = poly (z, 0x1.5555554ba8b0ep-1, 0x1.9999eb9d6ddfep-2, 0x1.245c273432202p-2,
                   0x1.ddd4dad98e4c4p-3);
  return fma (s * z, p, 2.0 * s);
}
PINWHEEL_INLINE double log_f (double x)          /* 2^-1000 < x */
{
  mantissa m = split (x);
  return fma (m.k, ln2, log_near_one_f (m.f));
}
PINWHEEL_INLINE float log (float x) { return (float) log_limits (x, log_f (x)); }
PINWHEEL_INLINE float pow (float x, float y)
{
  mantissa m = split (__builtin_fabsf (x));
  pair a = log_near_one (m.f, 0.0);
  double e = fma (m.k, ln2, a.h + a.l);
  return pow_limits (x, y, (float) exp_f (e * y));
}
PINWHEEL_INLINE float log2 (float x)
{
  mantissa m = split (x);
  return (float) log_limits (x, fma (log_near_one_f (m.f), log2e, m.k));
}
PINWHEEL_INLINE float log10 (float x)
{
  return (float) log_limits (x, log_f (x) * 0x1.bcb7b1526e50ep-2);
}
PINWHEEL_INLINE float log1p (float x)
{
  double d = x, u = 1.0 + d, y = u < PINWHEEL_INF ? log_f (u) : d;
  y += (d - (u - 1.0)) / u;                      /* what 1 + x has lost of a small x */
  y = __builtin_fabsf (x) < 0x1p-30f ? d : x == __builtin_inff () ? d : y;
  return (float) (x > -1.0f ? y : x == -1.0f ? -PINWHEEL_INF : PINWHEEL_NAN);
}
}

PINWHEEL_MATH1 (exp, pinwheel_math::exp)
PINWHEEL_MATH1 (exp2, pinwheel_math::exp2)
PINWHEEL_MATH1 (exp10, pinwheel_math::exp10)
PINWHEEL_MATH1 (expm1, pinwheel_math::expm1)
PINWHEEL_MATH1 (log, pinwheel_math::log)
PINWHEEL_MATH1 (log2, pinwheel_math::log2)
PINWHEEL_MATH1 (log10, pinwheel_math::log10)
PINWHEEL_MATH1 (log1p, pinwheel_math::log1p)
PINWHEEL_MATH2 (pow, pinwheel_math::pow)
PINWHEEL_KNOWN float __expf (float x) { return expf (x); }
PINWHEEL_KNOWN float __exp10f (float x) { return exp10f (x); }
PINWHEEL_KNOWN float __logf (float x) { return logf (x); }
PINWHEEL_KNOWN float __log2f (float x) { return log2f (x); }
PINWHEEL_KNOWN float __log10f (float x) { return log10f (x); }
PINWHEEL_KNOWN float __powf (float x, float y) { return powf (x, y); }
