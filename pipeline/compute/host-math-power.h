/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Hyperbolic functions and their inverses, and cube roots. */
/* clang-format off */
namespace pinwheel_math
{
/* e^x = 2^q e^r makes sinh x = a cosh r + b sinh r and cosh x = b cosh r + a sinh r. Beyond 2^40
 * all is scaled up at the end. */
struct hyperbola { pair a, b; double s, l, c; i64 up; };
PINWHEEL_INLINE double sinh_tail (double z)      /* (sinh r - r) / r^3 */
{
  return poly (z, 0x1.5555555555556p-3, 0x1.1111111110989p-7, 0x1.a01a01a7e5259p-13,
               0x1.71de0d2e6e42bp-19, 0x1.af39d92ab3282p-26);
}
PINWHEEL_INLINE double cosh_tail (double z)      /* (cosh r - 1) / r^2 */
{
  return poly (z, 0x1p-1, 0x1.5555555555557p-5, 0x1.6c16c16c15a03p-10, 0x1.a01a01aa13da2p-16,
               0x1.27e4d3a8962fep-22, 0x1.1f7ff790c1201p-29);
}
PINWHEEL_INLINE hyperbola hyperbola_of (double x)
{
  power p = by_ln2 (x);
  i64 q = p.q < 40 ? p.q : 40;
  double up = power2 (q - 1), down = power2 (-q - 1), z = p.r * p.r;
  pair s = fast_sum (p.r, fma (p.r * z, sinh_tail (z), p.l));
  return { fast_sum (up, -down), fast_sum (up, down), s.h, s.l,
           fma (z, cosh_tail (z), p.r * p.l), p.q - q };
}
PINWHEEL_INLINE pair combine (pair one, pair other, hyperbola h)
{
  pair p = times ({ h.s, h.l }, other.h, other.l), y = sum (one.h, p.h);
  return fast_sum (y.h, fma (one.h, h.c, y.l) + (one.l + p.l));
}
PINWHEEL_INLINE double sinh (double x)
{
  double a = abs (x);
  hyperbola h = hyperbola_of (a > 720.0 ? 720.0 : a);
  double y = scale (combine (h.a, h.b, h).h, h.up);
  return sign (y, x);
}
PINWHEEL_INLINE double cosh (double x)
{
  double a = abs (x);
  hyperbola h = hyperbola_of (a > 720.0 ? 720.0 : a);
  return scale (combine (h.b, h.a, h).h, h.up);
}
PINWHEEL_INLINE double tanh (double x)
{
  double a = abs (x);
  hyperbola h = hyperbola_of (a > 24.0 ? 24.0 : a);
  pair s = combine (h.a, h.b, h), c = combine (h.b, h.a, h);
  double y = ratio (s.h, s.l, c.h, c.l).h;
  return a < 0x1p-28 ? x : sign (y, x);
}
PINWHEEL_INLINE double asinh (double x)
{
  double a = abs (x), t = a * a, tl = fma (a, a, -t);
  bool big = a > 0x1p500;
  pair u = sum (1.0, t), s = root (u.h, u.l + tl), d = fast_sum (s.h, 1.0);
  pair w = ratio (t, tl, d.h, d.l + s.l), v = sum (a, w.h);
  pair y = log_above_one (big ? 4.0 : 0.0, big ? 0.125 * a : v.h, big ? 0.0 : v.l + w.l);
  double r = a < 0x1p-28 ? a : y.h + y.l;
  return sign (a < PINWHEEL_INF ? r : a, x);
}
PINWHEEL_INLINE double acosh (double x)
{
  double p = x * x, pl = fma (x, x, -p);
  bool big = x > 0x1p500;
  pair t = sum (x, -1.0), v = sum (p, -1.0), f = fast_sum (v.h, v.l + pl), s = root (f.h, f.l);
  pair w = sum (t.h, s.h);
  pair y = log_above_one (big ? 4.0 : 0.0, big ? 0.125 * x : w.h, big ? 0.0 : w.l + (t.l + s.l));
  double r = x < PINWHEEL_INF ? y.h + y.l : x;
  return x >= 1.0 ? r : PINWHEEL_NAN;
}
PINWHEEL_INLINE double atanh (double x)
{
  double a = abs (x);
  pair d = sum (1.0, -a), q = ratio (a + a, 0.0, d.h, d.l), y = log_above_one (0.0, q.h, q.l);
  double r = a < 0x1p-28 ? a : 0.5 * (y.h + y.l);
  r = a < 1.0 ? r : a == 1.0 ? PINWHEEL_INF : PINWHEEL_NAN;
  return sign (r, x);
}

/* |x| = w 2^3k with 1 <= w < 8; i is about 1 / cbrt w, off by 2^-40 */
struct cube { double w, i; i64 k; };
PINWHEEL_INLINE cube cube_of (double a)
{
  bool tiny = a < 0x1p-1022;
  u64 b = bits (tiny ? a * 0x1p54 : a);
  double e = real (0x4330000000000000ull | b >> 52) - 0x1p52;
  double k = __builtin_floor (fma (e, 0x1.5555555555555p-2, 0.125)), j = fma (-3.0, k, e);
  double m = real ((b & 0xfffffffffffffull) | 0x3ff0000000000000ull);
  double i = poly (m, 0x1.aa913e4c930ecp+0, -0x1.2992df8a9809cp+0, 0x1.5e8accb9a7d37p-1,
                   -0x1.bb1bec900c2fdp-3, 0x1.c731837107b28p-6);
  i *= j == 0.0 ? 1.0 : j == 1.0 ? 0x1.965fea53d6e3dp-1 : 0x1.428a2f98d728bp-1;
  double w = j == 0.0 ? m : j == 1.0 ? 2.0 * m : 4.0 * m;
  double r = fma (-w * i, i * i, 1.0);
  i = fma (i * r, fma (r, 0x1.c71c71c71c71cp-3, 0x1.5555555555555p-2), i);
  return { w, i, whole (k - (tiny ? 359.0 : 341.0) + magic) };
}
PINWHEEL_INLINE double cbrt (double x)
{
  double a = abs (x);
  cube c = cube_of (a);
  double i2 = c.i * c.i, y = c.w * i2, y2 = y * y, yl = fma (y, y, -y2);
  double r = fma (-y, yl, fma (-y, y2, c.w));
  y = fma (i2 * r, 0x1.5555555555555p-2, y) * power2 (c.k);
  return a == 0.0 || !(a < PINWHEEL_INF) ? x : sign (y, x);
}
PINWHEEL_INLINE double rcbrt (double x)
{
  double a = abs (x);
  cube c = cube_of (a);
  double t = c.w * c.i, tl = fma (c.w, c.i, -t), i2 = c.i * c.i, il = fma (c.i, c.i, -i2);
  double r = fma (-tl, i2, fma (-t, il, fma (-t, i2, 1.0)));
  double y = fma (c.i * r, 0x1.5555555555555p-2, c.i) * power2 (-c.k);
  y = a == 0.0 ? PINWHEEL_INF : a == PINWHEEL_INF ? 0.0 : a != a ? a : y;
  return sign (y, x);
}

/* Single precision */
struct hyperbola_f { double a, b, s, c; };
PINWHEEL_INLINE hyperbola_f hyperbola_of_f (double x)
{
  double m = fma (x, log2e, magic), r = fma (magic - m, ln2, x), z = r * r;
  i64 q = whole (m);
  double up = power2 (q - 1), down = power2 (-q - 1);
  return { up - down, up + down, fma (r * z, sinh_tail (z), r), fma (z, cosh_tail (z), 1.0) };
}
PINWHEEL_INLINE float sinh (float x)
{
  double a = abs ((double) x);
  hyperbola_f h = hyperbola_of_f (a > 130.0 ? 130.0 : a);
  return (float) sign (fma (h.a, h.c, h.b * h.s), x);
}
PINWHEEL_INLINE float cosh (float x)
{
  double a = abs ((double) x);
  hyperbola_f h = hyperbola_of_f (a > 130.0 ? 130.0 : a);
  return (float) fma (h.b, h.c, h.a * h.s);
}
PINWHEEL_INLINE float tanh (float x)
{
  double a = abs ((double) x);
  hyperbola_f h = hyperbola_of_f (a > 20.0 ? 20.0 : a);
  return (float) sign (fma (h.a, h.c, h.b * h.s) / fma (h.b, h.c, h.a * h.s), x);
}
PINWHEEL_INLINE double log1p_f (double x)
{
  double u = 1.0 + x;
  return log_f (u) + (x - (u - 1.0)) / u;
}
PINWHEEL_INLINE float asinh (float x)
{
  double a = abs ((double) x);
  double y = log1p_f (a + a * a / (1.0 + __builtin_sqrt (fma (a, a, 1.0))));
  return (float) sign (a < PINWHEEL_INF ? y : a, x);
}
PINWHEEL_INLINE float acosh (float x)
{
  double t = (double) x - 1.0, y = log1p_f (t + __builtin_sqrt (t * (t + 2.0)));
  return (float) (x >= 1.0f ? t < PINWHEEL_INF ? y : t : PINWHEEL_NAN);
}
PINWHEEL_INLINE float atanh (float x)
{
  double a = abs ((double) x), y = 0.5 * log1p_f ((a + a) / (1.0 - a));
  y = a < 1.0 ? y : a == 1.0 ? PINWHEEL_INF : PINWHEEL_NAN;
  return (float) sign (y, x);
}
PINWHEEL_INLINE float cbrt (float x)
{
  double a = abs ((double) x);
  cube c = cube_of (a);
  double y = sign (c.w * (c.i * c.i) * power2 (c.k), x);
  return a == 0.0 || !(a < PINWHEEL_INF) ? x : (float) y;
}
PINWHEEL_INLINE float rcbrt (float x)
{
  double a = abs ((double) x);
  cube c = cube_of (a);
  double y = c.i * power2 (-c.k);
  y = a == 0.0 ? PINWHEEL_INF : a == PINWHEEL_INF ? 0.0 : a != a ? a : y;
  return (float) sign (y, x);
}
}

PINWHEEL_MATH1 (sinh, pinwheel_math::sinh)
PINWHEEL_MATH1 (cosh, pinwheel_math::cosh)
PINWHEEL_MATH1 (tanh, pinwheel_math::tanh)
PINWHEEL_MATH1 (asinh, pinwheel_math::asinh)
PINWHEEL_MATH1 (acosh, pinwheel_math::acosh)
PINWHEEL_MATH1 (atanh, pinwheel_math::atanh)
PINWHEEL_MATH1 (cbrt, pinwheel_math::cbrt)
PINWHEEL_MATH1 (rcbrt, pinwheel_math::rcbrt)
PINWHEEL_OFFER float __tanhf (float x) { return tanhf (x); }
