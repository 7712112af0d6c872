/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Arithmetic and conversions that round down, up, or to zero: to the nearest first, and then to its
 * neighbour where the sign of what was rounded off says so. That sign is exact, with underflow and
 * overflow too, and the processor's own way of rounding stays what it is. */
/* clang-format off */
namespace pinwheel_math
{
enum { rd, ru, rz };
static constexpr u64 sign_bit = 0x8000000000000000ull;
/* @h, where h + rest was meant */
template <int way> PINWHEEL_INLINE double moved (double h, double rest)
{
  u64 b = bits (h), up = b & sign_bit ? ~0ull : 1;
  double inwards = real (bits (rest) ^ (b & sign_bit));
  u64 down = rest < 0.0 ? 0 - up : 0, above = rest > 0.0 ? up : 0, less = inwards < 0.0 ? ~0ull : 0;
  return real (b + (way == rd ? down : way == ru ? above : less));
}
/* h + l, |l| at most half a unit of h, in single precision */
template <int way> PINWHEEL_INLINE float narrowed (double h, double l)
{
  float f = (float) h;
  double rest = (h - f) + l, inwards = real (bits (rest) ^ (bits (h) & sign_bit));
  unsigned b = bits (f), up = b & 0x80000000u ? ~0u : 1;
  unsigned down = rest < 0.0 ? 0 - up : 0, above = rest > 0.0 ? up : 0;
  unsigned less = inwards < 0.0 ? ~0u : 0;
  return __builtin_bit_cast (float, b + (way == rd ? down : way == ru ? above : less));
}
/* What is exactly zero is so with a minus if anything is negative in it, rounded down. */
template <int way> PINWHEEL_INLINE double zero_of (double a, double b)
{
  return way == rd ? real ((bits (a) | bits (b)) & sign_bit) : a + b;
}
template <int way> PINWHEEL_INLINE double add (double a, double b)
{
  bool swap = abs (a) < abs (b);
  double n = swap ? b : a, m = swap ? a : b, h = n + m, y = moved<way> (h, m - (h - n));
  return h == 0.0 ? zero_of<way> (a, b) : y;
}
/* Below 2^-900 the rest is looked at from nearer by. */
static constexpr double small = 0x1p-900, large = 0x1p600;
template <int way> PINWHEEL_INLINE double multiply (double a, double b)
{
  bool swap = abs (a) < abs (b);
  double n = swap ? b : a, m = swap ? a : b, h = n * m, f = abs (h) < small ? large : 1.0;
  double g = abs (n) < 0x1p-100 ? f : 1.0;
  return moved<way> (h, fma (n * g, m * f, -(h * f * g)));
}
template <int way> PINWHEEL_INLINE double divide (double a, double b)
{
  double h = a / b, f = abs (a) < small ? large : 1.0;
  double g = abs (b) < 1.0 ? f : 1.0, k = abs (b) < 1.0 ? 1.0 : f;
  double r = fma (-(h * k), b * g, a * f);
  return moved<way> (h, b < 0.0 ? -r : r);
}
template <int way> PINWHEEL_INLINE double root_of (double a)
{
  double h = __builtin_sqrt (a), f = a < small ? large : 1.0, g = a < small ? 0x1p300 : 1.0;
  return moved<way> (h, fma (-(h * g), h * g, a * f));
}
/* x = m 2^e with 1 <= |m| < 2, for numbers other than 0 */
struct digits { double m; i64 e; };
PINWHEEL_INLINE digits digits_of (double x)
{
  bool tiny = abs (x) < 0x1p-1022;
  u64 b = bits (tiny ? x * 0x1p54 : x);
  double m = real ((b & 0x800fffffffffffffull) | 0x3ff0000000000000ull);
  return { m, (i64) (b >> 52 & 2047) - (tiny ? 1077 : 1023) };
}
/* What a b + c is above @h, with the right sign. All is brought to where a b is about 1, and there
 * c need not be more than 2^200 or less than 2^-200. */
PINWHEEL_INLINE double rest_of (double a, double b, double c, double h)
{
  digits x = digits_of (a), y = digits_of (b);
  i64 e = x.e + y.e;
  e = e < -2040 ? -2040 : e;
  e = e > 2040 ? 2040 : e;
  double p = x.m * y.m, pl = fma (x.m, y.m, -p), d = scale (c, -e), g = scale (h, -e);
  double least = c == 0.0 ? 0.0 : sign (0x1p-200, c);
  d = abs (d) < 0x1p-200 ? least : d;
  pair s = sum (d, pl), t = sum (p, s.h), u = sum (t.l, s.l), v = sum (t.h - g, u.h);
  double rest = v.h + (v.l + u.l);
  rest = abs (d) > 0x1p200 ? p : rest;
  rest = a == 0.0 ? 0.0 : rest;
  rest = b == 0.0 ? 0.0 : rest;
  double beyond = abs (a) < PINWHEEL_INF ? -h : 0.0;
  beyond = abs (b) < PINWHEEL_INF ? beyond : 0.0;
  beyond = abs (c) < PINWHEEL_INF ? beyond : 0.0;
  return abs (h) < PINWHEEL_INF ? rest : beyond;
}
template <int way> PINWHEEL_INLINE double multiply_add (double a, double b, double c)
{
  double h = fma (a, b, c), rest = rest_of (a, b, c, h), y = moved<way> (h, rest);
  double p = real ((bits (a) ^ bits (b)) & sign_bit), zero = way == rd ? zero_of<way> (p, c) : h;
  zero = rest == 0.0 ? zero : y;
  return h == 0.0 ? zero : y;
}
/* In double precision the sum of two floats leaves a rest, and their product is exact. A quotient
 * or a root of floats is never rounded onto a float that it is not. */
template <int way> PINWHEEL_INLINE float add_f (double a, double b)
{
  pair s = sum (a, b);
  float y = narrowed<way> (s.h, s.l);
  return s.h == 0.0 ? (float) zero_of<way> (a, b) : y;
}
PINWHEEL_INLINE pair wide (long long x)
{
  return fast_sum ((double) (int) (x >> 32) * 0x1p32, (double) (unsigned) x);
}
PINWHEEL_INLINE pair wide (unsigned long long x)
{
  return fast_sum ((double) (unsigned) (x >> 32) * 0x1p32, (double) (unsigned) x);
}
}

#define PINWHEEL_ROUND(way)                                                                        \
  PINWHEEL_OFFER double __dadd_##way (double x, double y)                                          \
  {                                                                                                \
    return pinwheel_math::add<pinwheel_math::way> (x, y);                                          \
  }                                                                                                \
  PINWHEEL_OFFER double __dsub_##way (double x, double y)                                          \
  {                                                                                                \
    return pinwheel_math::add<pinwheel_math::way> (x, -y);                                         \
  }                                                                                                \
  PINWHEEL_OFFER double __dmul_##way (double x, double y)                                          \
  {                                                                                                \
    return pinwheel_math::multiply<pinwheel_math::way> (x, y);                                     \
  }                                                                                                \
  PINWHEEL_OFFER double __ddiv_##way (double x, double y)                                          \
  {                                                                                                \
    return pinwheel_math::divide<pinwheel_math::way> (x, y);                                       \
  }                                                                                                \
  PINWHEEL_OFFER double __drcp_##way (double x)                                                    \
  {                                                                                                \
    return pinwheel_math::divide<pinwheel_math::way> (1.0, x);                                     \
  }                                                                                                \
  PINWHEEL_OFFER double __dsqrt_##way (double x)                                                   \
  {                                                                                                \
    return pinwheel_math::root_of<pinwheel_math::way> (x);                                         \
  }                                                                                                \
  PINWHEEL_OFFER double __fma_##way (double x, double y, double z)                                 \
  {                                                                                                \
    return pinwheel_math::multiply_add<pinwheel_math::way> (x, y, z);                              \
  }                                                                                                \
  PINWHEEL_OFFER float __double2float_##way (double x)                                             \
  {                                                                                                \
    return pinwheel_math::narrowed<pinwheel_math::way> (x, 0.0);                                   \
  }                                                                                                \
  PINWHEEL_OFFER float __fadd_##way (float x, float y)                                             \
  {                                                                                                \
    return pinwheel_math::add_f<pinwheel_math::way> (x, y);                                        \
  }                                                                                                \
  PINWHEEL_OFFER float __fsub_##way (float x, float y)                                             \
  {                                                                                                \
    return pinwheel_math::add_f<pinwheel_math::way> (x, -y);                                       \
  }                                                                                                \
  PINWHEEL_OFFER float __fmaf_##way (float x, float y, float z)                                    \
  {                                                                                                \
    return pinwheel_math::add_f<pinwheel_math::way> ((double) x * y, z);                           \
  }                                                                                                \
  PINWHEEL_OFFER float __fmaf_ieee_##way (float x, float y, float z)                               \
  {                                                                                                \
    return __fmaf_##way (x, y, z);                                                                 \
  }                                                                                                \
  PINWHEEL_OFFER float __fmul_##way (float x, float y)                                             \
  {                                                                                                \
    return __double2float_##way ((double) x * y);                                                  \
  }                                                                                                \
  PINWHEEL_OFFER float __fdiv_##way (float x, float y)                                             \
  {                                                                                                \
    return __double2float_##way ((double) x / y);                                                  \
  }                                                                                                \
  PINWHEEL_OFFER float __frcp_##way (float x) { return __double2float_##way (1.0 / x); }           \
  PINWHEEL_OFFER float __fsqrt_##way (float x)                                                     \
  {                                                                                                \
    return __double2float_##way (__builtin_sqrt ((double) x));                                     \
  }                                                                                                \
  PINWHEEL_OFFER float __int2float_##way (int x) { return __double2float_##way (x); }              \
  PINWHEEL_OFFER float __uint2float_##way (unsigned x) { return __double2float_##way (x); }        \
  PINWHEEL_ROUND_WIDE (way, long long, ll)                                                         \
  PINWHEEL_ROUND_WIDE (way, unsigned long long, ull)
#define PINWHEEL_ROUND_WIDE(way, T, name)                                                          \
  PINWHEEL_OFFER float __##name##2float_##way (T x)                                                \
  {                                                                                                \
    const pinwheel_math::pair p = pinwheel_math::wide (x);                                         \
    return pinwheel_math::narrowed<pinwheel_math::way> (p.h, p.l);                                 \
  }                                                                                                \
  PINWHEEL_OFFER double __##name##2double_##way (T x)                                              \
  {                                                                                                \
    const pinwheel_math::pair p = pinwheel_math::wide (x);                                         \
    return pinwheel_math::moved<pinwheel_math::way> (p.h, p.l);                                    \
  }
PINWHEEL_ROUND (rd)
PINWHEEL_ROUND (ru)
PINWHEEL_ROUND (rz)
