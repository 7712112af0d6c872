/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Inverse sine, cosine and tangent. */
/* clang-format off */
namespace pinwheel_math
{
static constexpr double pi_h = 0x1.921fb54442d18p+1, pi_l = 0x1.1a62633145c07p-53;
PINWHEEL_INLINE double asin_tail (double z)      /* (asin s - s) / s for z = s^2 <= 1/4 */
{
  return z * poly (z, 0x1.5555555555555p-3, 0x1.3333333333389p-4, 0x1.6db6db6dac0eap-5,
                       0x1.f1c71c7a5e151p-6, 0x1.6e8ba121b9d5fp-6, 0x1.1c4efd20ebb99p-6,
                       0x1.c990a42b32b03p-7, 0x1.7b02ef007d23ep-7, 0x1.3b462d121c5d2p-7,
                       0x1.31777489dfd29p-7, 0x1.8dcdf11997e0fp-9, 0x1.40c91fa8deb7ep-6,
                       -0x1.3bd7e353ddbc2p-6, 0x1.e58a4f278e007p-6);
}
/* From 1/2 on, asin x = pi/2 - 2 asin sqrt ((1 - x) / 2) */
struct arc { double s, l, p; bool big; };
PINWHEEL_INLINE arc arc_of (double a)
{
  bool big = a > 0.5;
  double z = big ? fma (-0.5, a, 0.5) : a * a, root = __builtin_sqrt (z);
  double l = fma (-root, root, z) / (root + root);
  return { big ? root : a, big && z != 0.0 ? l : 0.0, asin_tail (z), big };
}
PINWHEEL_INLINE double asin (double x)
{
  arc t = arc_of (abs (x));
  pair s = fast_sum (0.5 * pi_h, -2.0 * t.s);
  double tail = fma (t.s, t.p, t.l);
  double y = t.big ? s.h + (fma (-2.0, tail, 0.5 * pi_l) + s.l) : t.s + tail;
  return sign (y, x);
}
PINWHEEL_INLINE double acos (double x)
{
  arc t = arc_of (abs (x));
  bool down = x < 0.0;
  double s = t.big ? 2.0 * t.s : t.s, l = t.big ? 2.0 * t.l : 0.0;
  double by = t.big ? (down ? 1.0 : 0.0) : 0.5;
  bool minus = down == t.big;
  s = minus ? -s : s;
  l = minus ? -l : l;
  pair y = sum (by * pi_h, s);
  return y.h + (fma (s, t.p, l) + fma (by, pi_l, y.l));
}
PINWHEEL_INLINE double atan_tail (double z)      /* (atan t - t) / t for z = t^2 */
{
  return z * poly (z, -0x1.5555555555555p-2, 0x1.999999999933dp-3, -0x1.24924924355d5p-3,
                       0x1.c71c7184c32bfp-4, -0x1.745d0b153ffadp-4, 0x1.3b126143b5cbcp-4,
                       -0x1.10fa5ee9ab25cp-4, 0x1.dfe49b2919c4ep-5, -0x1.a090d1950d2b4p-5,
                       0x1.41495cefb6c73p-5, -0x1.39f38ad451ea6p-6);
}
/* The angle of (d, n), both >= 0; in the left half when `left`. Near an axis the angle to it, else
 * that to the diagonal. */
PINWHEEL_INLINE double angle (double n, double d, bool left)
{
  bool low = n < 0x1.a827999fcef32p-2 * d, high = d < 0x1.a827999fcef32p-2 * n;
  pair minus = sum (n, -d), plus = sum (n, d);
  double u = low ? n : high ? -d : minus.h, ul = low || high ? 0.0 : minus.l;
  double v = low ? d : high ? n : plus.h, vl = low || high ? 0.0 : plus.l;
  double by = low ? 0.0 : high ? 0.5 : 0.25;
  by = left ? 1.0 - by : by;
  u = left ? -u : u;
  ul = left ? -ul : ul;
  pair t = ratio (u, ul, v, vl), b = times ({ by, 0.0 }, pi_h, pi_l), s = fast_sum (b.h, t.h);
  return s.h + ((b.l + s.l) + fma (t.h, atan_tail (t.h * t.h), t.l));
}
PINWHEEL_INLINE double atan (double x)
{
  double a = abs (x), c = a > 0x1p100 ? 0x1p100 : a;
  double y = angle (c, 1.0, false);
  return a < 0x1p-28 ? x : sign (y, x);
}
PINWHEEL_INLINE double atan2 (double y, double x)
{
  double n = abs (y), d = abs (x);
  double most = n > d ? n : d;
  bool far = most == PINWHEEL_INF, none = most == 0.0;
  double f = most > 0x1p900 ? 0x1p-200 : most < 0x1p-700 ? 0x1p300 : 1.0;
  double ns = far ? (n == PINWHEEL_INF ? 1.0 : 0.0) : n * f;
  double ds = far ? (d == PINWHEEL_INF ? 1.0 : 0.0) : none ? 1.0 : d * f;
  bool left = bits (x) >> 63;
  double r = angle (ns, ds, left), small = n / d;
  r = !left && !far && small < 0x1p-28 ? small : r;
  return x != x || y != y ? x + y : sign (r, y);
}

PINWHEEL_INLINE double asin_f (double s, double z)
{
  return fma (s * z, poly (z, 0x1.5555555c06d99p-3, 0x1.33331ec1202bdp-4, 0x1.6dc0f61ccc6c3p-5,
                           0x1.efed0c67f5d24p-6, 0x1.82e318947cfa5p-6, 0x1.5a41fba7de28bp-7,
                           0x1.fbaa70c46e293p-6), s);
}
PINWHEEL_INLINE float asin (float x)
{
  double a = abs ((double) x);
  bool big = a > 0.5;
  double z = big ? fma (-0.5, a, 0.5) : a * a, y = asin_f (big ? __builtin_sqrt (z) : a, z);
  return (float) sign (big ? fma (-2.0, y, 0.5 * pi_h) : y, x);
}
PINWHEEL_INLINE float acos (float x)
{
  double a = abs ((double) x);
  bool big = a > 0.5, down = x < 0.0f;
  double z = big ? fma (-0.5, a, 0.5) : a * a, y = asin_f (big ? __builtin_sqrt (z) : a, z);
  y = down == big ? -y : y;
  return (float) ((big ? (down ? pi_h : 0.0) : 0.5 * pi_h) + (big ? 2.0 * y : y));
}
PINWHEEL_INLINE double angle_f (double n, double d, bool left)
{
  bool low = n < 0x1.a827999fcef32p-2 * d, high = d < 0x1.a827999fcef32p-2 * n;
  double u = low ? n : high ? -d : n - d, v = low ? d : high ? n : n + d;
  double by = low ? 0.0 : high ? 0.5 : 0.25;
  double t = u / v, z = t * t;
  double p = poly (z, -0x1.5555554bfd993p-2, 0x1.99997aefc3eb5p-3, -0x1.248a0f9e7dbe8p-3,
                   0x1.c57a94756983fp-4, -0x1.613c1c599a50fp-4, 0x1.9d60fa5068fb4p-5);
  double y = fma (by, pi_h, fma (t * z, p, t));
  return left ? pi_h - y : y;
}
PINWHEEL_INLINE float atan (float x)
{
  double a = abs ((double) x);
  return (float) sign (angle_f (a > 0x1p100 ? 0x1p100 : a, 1.0, false), x);
}
PINWHEEL_INLINE float atan2 (float y, float x)
{
  double n = abs ((double) y), d = abs ((double) x);
  double most = n > d ? n : d;
  bool far = most == PINWHEEL_INF, none = most == 0.0;
  double ns = far ? (n == PINWHEEL_INF ? 1.0 : 0.0) : n;
  double ds = far ? (d == PINWHEEL_INF ? 1.0 : 0.0) : none ? 1.0 : d;
  double r = angle_f (ns, ds, bits (x) >> 31);
  return x != x || y != y ? x + y : (float) sign (r, y);
}
}

PINWHEEL_MATH1 (asin, pinwheel_math::asin)
PINWHEEL_MATH1 (acos, pinwheel_math::acos)
PINWHEEL_MATH1 (atan, pinwheel_math::atan)
PINWHEEL_MATH2 (atan2, pinwheel_math::atan2)
