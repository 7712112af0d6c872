/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Sine, cosine and tangent. */
/* clang-format off */
namespace pinwheel_math
{
/* 2 / pi behind 16 zero bits */
static constexpr u64 two_over_pi[] = {
  0x0000a2f9836e4e44ull, 0x1529fc2757d1f534ull, 0xddc0db6295993c43ull, 0x9041fe5163abdebbull,
  0xc561b7246e3a424dull, 0xd2e006492eea09d1ull, 0x921cfe1deb1cb129ull, 0xa73ee88235f52ebbull,
  0x4484e99c7026b45full, 0x7e413991d6398353ull, 0x39f49c845f8bbdf9ull, 0x283b1ff897ffde05ull,
  0x980fef2f118b5a0aull, 0x6d1f6d367ecf27cbull, 0x09b74f463f669e5full, 0xea2d7527bac7ebe5ull,
  0xf17b3d0739f78a52ull, 0x92ea6bfb5fb11f8dull, 0x5d0856033046fc7bull,
};
PINWHEEL_INLINE u64 pick (u64 place, u64 bit, u64 a, u64 b) { return place & bit ? b : a; }
struct window { u64 a, b, c; };
/* 192 bits of 2 / pi from place 0..1023 on: by selects, because a load from a place that is
 * computed keeps gcc from making vectors of conditional code */
PINWHEEL_INLINE window window_at (u64 p)
{
#define PINWHEEL_PICK(i) pick (p, 512, two_over_pi[i], two_over_pi[i + 8])
  u64 a0 = PINWHEEL_PICK (0), a1 = PINWHEEL_PICK (1), a2 = PINWHEEL_PICK (2);
  u64 a3 = PINWHEEL_PICK (3), a4 = PINWHEEL_PICK (4), a5 = PINWHEEL_PICK (5);
  u64 a6 = PINWHEEL_PICK (6), a7 = PINWHEEL_PICK (7), a8 = PINWHEEL_PICK (8);
  u64 a9 = PINWHEEL_PICK (9), a10 = PINWHEEL_PICK (10);
#undef PINWHEEL_PICK
  u64 b0 = pick (p, 256, a0, a4), b1 = pick (p, 256, a1, a5), b2 = pick (p, 256, a2, a6);
  u64 b3 = pick (p, 256, a3, a7), b4 = pick (p, 256, a4, a8), b5 = pick (p, 256, a5, a9);
  u64 b6 = pick (p, 256, a6, a10);
  u64 c0 = pick (p, 128, b0, b2), c1 = pick (p, 128, b1, b3), c2 = pick (p, 128, b2, b4);
  u64 c3 = pick (p, 128, b3, b5), c4 = pick (p, 128, b4, b6);
  u64 d0 = pick (p, 64, c0, c1), d1 = pick (p, 64, c1, c2), d2 = pick (p, 64, c2, c3);
  u64 d3 = pick (p, 64, c3, c4), up = p & 63, down = 63 - up;
  return { d0 << up | d1 >> 1 >> down, d1 << up | d2 >> 1 >> down, d2 << up | d3 >> 1 >> down };
}
struct turn { double r, l; u64 q; };             /* q * pi / 2 + r + l, |r| <= pi / 4 */
PINWHEEL_INLINE double below_2_52 (u64 x) { return real (0x4330000000000000ull | x) - 0x1p52; }
/* For |x| < 2^45: x - q pi/2, where only the product with the third part of pi/2 is rounded */
PINWHEEL_INLINE turn turn_near (double x)
{
  double m = fma (x, 0x1.45f306dc9c883p-1, magic), q = m - magic;
  double r = fma (-q, 0x1.921fb54442d18p+0, x), p = q * 0x1.1a62633145c07p-54;
  double e = fma (q, 0x1.1a62633145c07p-54, -p);
  pair s = sum (r, -p);
  pair y = fast_sum (s.h, fma (q, 0x1.f1976b7ed8fbcp-110, s.l - e));
  return { y.h, y.l, bits (m) };
}
/* For 2^45 <= |x|, by Payne and Hanek: the digits of x times those 192 bits of 2 / pi that matter,
 * modulo 4 in units of 2^-190 */
PINWHEEL_INLINE turn turn_far (double x)
{
  u64 b = bits (x), n = (b & 0xfffffffffffffull) | 0x10000000000000ull;
  window w = window_at (((b >> 52) - (1075 - 14)) & 1023);
  u64 w0 = w.a, w1 = w.b, w2 = w.c;
  u64 n0 = n & 0xffffffff, n1 = n >> 32;
  u64 a0 = w0 & 0xffffffff, b1 = w1 >> 32, b0 = w1 & 0xffffffff;
  u64 c1 = w2 >> 32, c0 = w2 & 0xffffffff;
  u64 low = n1 * c1 + (n0 * c1 >> 32) + (n1 * c0 >> 32);
  u64 p00 = n0 * b0, p01 = n0 * b1, p10 = n1 * b0;
  u64 mid = (p00 & 0xffffffff) + (low & 0xffffffff);
  u64 t = (p00 >> 32) + (low >> 32) + (mid >> 32) + (p01 & 0xffffffff) + (p10 & 0xffffffff);
  u64 high = n1 * b1 + (p01 >> 32) + (p10 >> 32) + (t >> 32)
             + n0 * a0 + (((n0 * (w0 >> 32) + n1 * a0) & 0xffffffff) << 32);
  u64 rest = t << 32 | (mid & 0xffffffff);
  u64 q = high + 0x2000000000000000ull;
  u64 f = (high << 2 | rest >> 62) ^ 0x8000000000000000ull;
  double f1 = (below_2_52 (f >> 32) - 0x1p31) * 0x1p-32, f2 = below_2_52 (f & 0xffffffff) * 0x1p-64;
  double f3 = (below_2_52 (rest << 2 >> 12) + 0.5) * 0x1p-116;
  pair s = fast_sum (f1, f2), y = fast_sum (s.h, s.l + f3);
  pair r = times (y, 0x1.921fb54442d18p+0, 0x1.1a62633145c07p-54);
  bool down = b >> 63;
  r.h = down ? -r.h : r.h;
  r.l = down ? -r.l : r.l;
  q >>= 62;
  return { r.h, r.l, down ? 0 - q : q };
}
PINWHEEL_INLINE turn turn_of (double x)
{
  turn near = turn_near (x), far = turn_far (x);
  bool is_near = abs (x) < 0x1p45;
  double r = is_near ? near.r : far.r;
  return { abs (x) < PINWHEEL_INF ? r : PINWHEEL_NAN, is_near ? near.l : far.l,
           is_near ? near.q : far.q };
}
PINWHEEL_INLINE pair sin_turn (turn t)
{
  double z = t.r * t.r;
  double p = poly (z, -0x1.5555555555555p-3, 0x1.1111111110b6cp-7, -0x1.a01a019e73325p-13,
                   0x1.71de3781495ffp-19, -0x1.ae5ff4f957b14p-26, 0x1.5e0333e3ccba1p-33);
  return fast_sum (t.r, fma (t.r * z, p, t.l * fma (-0.5, z, 1.0)));
}
PINWHEEL_INLINE pair cos_turn (turn t)
{
  double z = t.r * t.r, w = fma (-0.5, z, 1.0);
  double p = poly (z, 0x1.5555555555555p-5, -0x1.6c16c16c16944p-10, 0x1.a01a019f4671dp-16,
                   -0x1.27e4fa0d3726cp-22, 0x1.1eeb5de1e2b95p-29, -0x1.9075bb669682cp-37);
  double l = fma (-0.5, z, 1.0 - w), zl = fma (t.r, t.r, -z);
  return fast_sum (w, fma (z * z, p, fma (-t.r, t.l, fma (-0.5, zl, l))));
}
PINWHEEL_INLINE double quarter (u64 q, double sine, double cosine)
{
  double y = q & 1 ? cosine : sine;
  return real (bits (y) ^ (q & 2) << 62);
}
PINWHEEL_INLINE double sin_of (double x, turn t)
{
  double y = quarter (t.q, sin_turn (t).h, cos_turn (t).h);
  return x == 0.0 ? x : y;
}
PINWHEEL_INLINE double cos_of (double, turn t)
{
  return quarter (t.q + 1, sin_turn (t).h, cos_turn (t).h);
}
PINWHEEL_INLINE void sincos_of (double x, turn t, double *s, double *c)
{
  double sine = sin_turn (t).h, cosine = cos_turn (t).h, y = quarter (t.q, sine, cosine);
  *s = x == 0.0 ? x : y;
  *c = quarter (t.q + 1, sine, cosine);
}
PINWHEEL_INLINE double tan_of (double x, turn t)
{
  pair s = sin_turn (t), c = cos_turn (t);
  bool odd = t.q & 1;
  pair y = odd ? ratio (-c.h, -c.l, s.h, s.l) : ratio (s.h, s.l, c.h, c.l);
  return abs (x) < 0x1p-28 ? x : y.h;
}
PINWHEEL_INLINE double sin (double x) { return sin_of (x, turn_of (x)); }
PINWHEEL_INLINE double cos (double x) { return cos_of (x, turn_of (x)); }
PINWHEEL_INLINE double tan (double x) { return tan_of (x, turn_of (x)); }
PINWHEEL_INLINE void sincos (double x, double *s, double *c) { sincos_of (x, turn_of (x), s, c); }
/* In half turns: exact until the product with pi */
PINWHEEL_INLINE turn turn_pi (double x)
{
  double t = x + x, n = __builtin_rint (t), half = 0.25 * n, m = n - 4.0 * __builtin_rint (half);
  pair r = times ({ fma (-0.5, n, x), 0.0 }, 0x1.921fb54442d18p+1, 0x1.1a62633145c07p-53);
  return { r.h, r.l, bits (m + magic) };
}
PINWHEEL_INLINE double sinpi (double x)
{
  double c = abs (x) < 0x1p54 ? x : x - x;       /* all even numbers, infinities, NaN */
  turn t = turn_pi (c);
  double y = quarter (t.q, sin_turn (t).h, cos_turn (t).h);
  /* as pi x is below the smallest normal number: rounded once */
  double small = x * 0x1.921fb54442d18p+1;
  return c == __builtin_rint (c) ? sign (x - x, x) : abs (x) < 0x1p-900 ? small : y;
}
PINWHEEL_INLINE double cospi (double x)
{
  turn t = turn_pi (abs (x) < 0x1p54 ? x : x - x);
  double y = quarter (t.q + 1, sin_turn (t).h, cos_turn (t).h);
  return y == 0.0 ? 0.0 : y;
}

/* In single precision the digits of 2 / pi come in three parts for 25 exponents each: the products
 * with the first two are exact, and what is not below 4 for any x of these exponents is cut off. */
PINWHEEL_INLINE double part (double a, double x, double b, double c, double d, double e)
{
  a = x >= 0x1p28 ? b : a;
  a = x >= 0x1p53 ? c : a;
  a = x >= 0x1p78 ? d : a;
  return x >= 0x1p103 ? e : a;
}
struct turn_f { double r; u64 q; };
PINWHEEL_INLINE turn_f turn_of_f (double x)
{
  double a = abs (x);
  double t0 = x * part (0x1.45f306dp-1, a, 0x1.7cc1b7p-7, 0x1.c9c882ap-29, 0x1.4a7f09dp-54,
                        0x1.abe8fa9p-79);
  double t1 = x * part (0x1.9391054p-30, a, 0x1.391054ap-34, 0x1.4fe13aap-59, 0x1.7d1f534p-84,
                        0x1.4ddc0dbp-108);
  double t2 = part (0x1.4fe13abe8fa9ap-59, a, 0x1.fc2757d1f534ep-64, 0x1.e8fa9a6ee06dbp-87,
                    0x1.bb81b6c52b328p-113, 0x1.8a5664f10e41p-138);
  double m0 = t0 + magic, m1 = t1 + magic, f = (t0 - (m0 - magic)) + (t1 - (m1 - magic));
  double m2 = f + magic, r = fma (x, t2, f - (m2 - magic)) * 0x1.921fb54442d18p+0;
  return { a < PINWHEEL_INF ? r : PINWHEEL_NAN, bits (m0) + bits (m1) + bits (m2) };
}
PINWHEEL_INLINE double sin_f (double r)
{
  double z = r * r;
  return fma (r * z, poly (z, -0x1.5555555454057p-3, 0x1.11110dd6f24b2p-7, -0x1.a0138702ef739p-13,
                           0x1.6db3872f5e48bp-19), r);
}
PINWHEEL_INLINE double cos_f (double r)
{
  double z = r * r;
  return fma (z * z, poly (z, 0x1.5555543921ba4p-5, -0x1.6c12bec5f6071p-10, 0x1.9bcdc5af6ecb0p-16),
              fma (-0.5, z, 1.0));
}
PINWHEEL_INLINE float sin (float x)
{
  turn_f t = turn_of_f (x);
  float y = (float) quarter (t.q, sin_f (t.r), cos_f (t.r));
  return x == 0.0f ? x : y;
}
PINWHEEL_INLINE float cos (float x)
{
  turn_f t = turn_of_f (x);
  return (float) quarter (t.q + 1, sin_f (t.r), cos_f (t.r));
}
PINWHEEL_INLINE void sincos (float x, float *s, float *c)
{
  turn_f t = turn_of_f (x);
  double sine = sin_f (t.r), cosine = cos_f (t.r);
  float y = (float) quarter (t.q, sine, cosine);
  *s = x == 0.0f ? x : y;
  *c = (float) quarter (t.q + 1, sine, cosine);
}
PINWHEEL_INLINE float tan (float x)
{
  turn_f t = turn_of_f (x);
  double s = sin_f (t.r), c = cos_f (t.r);
  bool odd = t.q & 1;
  float y = (float) ((odd ? -c : s) / (odd ? s : c));
  return x == 0.0f ? x : y;
}
PINWHEEL_INLINE float sinpi (float x) { return (float) sinpi ((double) x); }
PINWHEEL_INLINE float cospi (float x) { return (float) cospi ((double) x); }
}

PINWHEEL_MATH1 (sin, pinwheel_math::sin)
PINWHEEL_MATH1 (cos, pinwheel_math::cos)
PINWHEEL_MATH1 (tan, pinwheel_math::tan)
PINWHEEL_MATH1 (sinpi, pinwheel_math::sinpi)
PINWHEEL_MATH1 (cospi, pinwheel_math::cospi)
PINWHEEL_INLINE void sincos (double x, double *s, double *c) { pinwheel_math::sincos (x, s, c); }
PINWHEEL_INLINE void sincos (float x, float *s, float *c) { pinwheel_math::sincos (x, s, c); }
PINWHEEL_INLINE void sincosf (float x, float *s, float *c) { pinwheel_math::sincos (x, s, c); }
PINWHEEL_OFFER void sincospi (double x, double *s, double *c)
{
  *s = sinpi (x), *c = cospi (x);
}
PINWHEEL_OFFER void sincospi (float x, float *s, float *c) { *s = sinpi (x), *c = cospi (x); }
PINWHEEL_OFFER void sincospif (float x, float *s, float *c) { *s = sinpi (x), *c = cospi (x); }
PINWHEEL_KNOWN float __sinf (float x) { return sinf (x); }
PINWHEEL_KNOWN float __cosf (float x) { return cosf (x); }
PINWHEEL_KNOWN float __tanf (float x) { return tanf (x); }
PINWHEEL_INLINE void __sincosf (float x, float *s, float *c) { sincosf (x, s, c); }

/* For lanes of which all angles are near: the same bits without what far angles cost. Who calls
 * them has looked at all angles before, with a pinwheel_angles. */
namespace pinwheel_near
{
#define PINWHEEL_NEAR(name)                                                                        \
  PINWHEEL_INLINE double name (double x)                                                           \
  {                                                                                                \
    return pinwheel_math::name##_of (x, pinwheel_math::turn_near (x));                             \
  }                                                                                                \
  PINWHEEL_INLINE float name (float x) { return pinwheel_math::name (x); }                         \
  template <class T> PINWHEEL_INLINE typename pinwheel_whole<T>::real name (T x)                   \
  {                                                                                                \
    return name ((double) x);                                                                      \
  }
PINWHEEL_NEAR (sin)
PINWHEEL_NEAR (cos)
PINWHEEL_NEAR (tan)
PINWHEEL_INLINE void sincos (double x, double *s, double *c)
{
  pinwheel_math::sincos_of (x, pinwheel_math::turn_near (x), s, c);
}
PINWHEEL_INLINE void sincos (float x, float *s, float *c) { pinwheel_math::sincos (x, s, c); }
}
struct pinwheel_angles
{
  bool is_far;
#define PINWHEEL_LOOK(name)                                                                        \
  inline __attribute__ ((always_inline)) double name (double x)                                    \
  {                                                                                                \
    is_far |= !(__builtin_fabs (x) < 0x1p45);                                                      \
    return pinwheel_near::name (x);                                                                \
  }                                                                                                \
  inline __attribute__ ((always_inline)) float name (float x) { return pinwheel_near::name (x); }  \
  template <class T> inline __attribute__ ((always_inline)) typename pinwheel_whole<T>::real       \
  name (T x)                                                                                       \
  {                                                                                                \
    return name ((double) x);                                                                      \
  }
  PINWHEEL_LOOK (sin)
  PINWHEEL_LOOK (cos)
  PINWHEEL_LOOK (tan)
  inline __attribute__ ((always_inline)) void sincos (double x, double *s, double *c)
  {
    is_far |= !(__builtin_fabs (x) < 0x1p45);
    pinwheel_near::sincos (x, s, c);
  }
  inline __attribute__ ((always_inline)) void sincos (float x, float *s, float *c)
  {
    pinwheel_near::sincos (x, s, c);
  }
};
