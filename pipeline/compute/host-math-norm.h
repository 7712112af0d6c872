/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Lengths of vectors, and one over them. An infinity counts for more than a NaN. */
/* clang-format off */
namespace pinwheel_math
{
/* What brings the squares of numbers of which @n is the greatest into range, and back */
struct range { double in, out; };
PINWHEEL_INLINE range range_of (double n)
{
  double in = n > 0x1p500 ? 0x1p-600 : n < 0x1p-400 ? 0x1p600 : 1.0;
  double out = n > 0x1p500 ? 0x1p600 : n < 0x1p-400 ? 0x1p-600 : 1.0;
  return { in, out };
}
/* Of the absolute values of @a and @rest, NaN for the least */
PINWHEEL_INLINE double largest () { return 0.0; }
template <class... T> PINWHEEL_INLINE double largest (double a, T... rest)
{
  double n = abs (a), m = largest (rest...);
  return n > m ? n : m;
}
PINWHEEL_INLINE pair add_square (pair s, double x)
{
  double p = x * x, l = fma (x, x, -p);
  pair t = sum (s.h, p);
  return { t.h, t.l + (s.l + l) };
}
PINWHEEL_INLINE pair add_squares (pair s, double) { return s; }
template <class... T> PINWHEEL_INLINE pair add_squares (pair s, double in, double a, T... rest)
{
  return add_squares (add_square (s, a * in), in, rest...);
}
PINWHEEL_INLINE double length_of (pair squares, double n, range r)
{
  pair y = fast_sum (squares.h, squares.l);
  double length = root (y.h, y.l).h * r.out;
  return n == PINWHEEL_INF ? n : length;
}
PINWHEEL_INLINE double one_over_length (pair squares, double n, range r)
{
  pair y = fast_sum (squares.h, squares.l), s = root (y.h, y.l);
  double i = 1.0 / s.h, e = fma (-i, s.l, fma (-i, s.h, 1.0)), over = fma (i, e, i) * r.in;
  over = s.h == 0.0 ? PINWHEEL_INF : over;
  return n == PINWHEEL_INF ? 0.0 : over;
}
template <class... T> PINWHEEL_INLINE double norm_of (T... a)
{
  double n = largest (a...);
  range r = range_of (n);
  return length_of (add_squares ({ 0.0, 0.0 }, r.in, a...), n, r);
}
template <class... T> PINWHEEL_INLINE double rnorm_of (T... a)
{
  double n = largest (a...);
  range r = range_of (n);
  return one_over_length (add_squares ({ 0.0, 0.0 }, r.in, a...), n, r);
}
struct measured { pair squares; double n; range r; };
PINWHEEL_INLINE measured measure (int dims, const double *a)
{
  double n = 0.0;
  pair s = { 0.0, 0.0 };
  for (int i = 0; i < dims; i++)
    n = abs (a[i]) > n ? abs (a[i]) : n;
  range r = range_of (n);
  for (int i = 0; i < dims; i++)
    s = add_square (s, a[i] * r.in);
  return { s, n, r };
}

PINWHEEL_INLINE double hypot (double x, double y)
{
  double a = abs (x), b = abs (y), n = a < b ? b : a, d = a < b ? a : b;
  double f = n > 0x1p500 ? 0x1p-600 : n < 0x1p-400 ? 0x1p600 : 1.0;
  double g = n > 0x1p500 ? 0x1p600 : n < 0x1p-400 ? 0x1p-600 : 1.0;
  n *= f;
  d *= f;
  double p = n * n, q = d * d, pl = fma (n, n, -p), ql = fma (d, d, -q);
  pair s = fast_sum (p, q), r = root (s.h, s.l + (pl + ql));
  return a == PINWHEEL_INF || b == PINWHEEL_INF ? PINWHEEL_INF : r.h * g;
}

/* In single precision squares are exact and in range in double. */
PINWHEEL_INLINE double squares_f () { return 0.0; }
template <class... T> PINWHEEL_INLINE double squares_f (float a, T... rest)
{
  return fma ((double) a, (double) a, squares_f (rest...));
}
PINWHEEL_INLINE float norm_f (double squares, double n)
{
  return (float) (n == PINWHEEL_INF ? n : __builtin_sqrt (squares));
}
PINWHEEL_INLINE float rnorm_f (double squares, double n)
{
  return (float) (n == PINWHEEL_INF ? 0.0 : 1.0 / __builtin_sqrt (squares));
}
template <class... T> PINWHEEL_INLINE float norm_of_f (T... a)
{
  return norm_f (squares_f (a...), largest (a...));
}
template <class... T> PINWHEEL_INLINE float rnorm_of_f (T... a)
{
  return rnorm_f (squares_f (a...), largest (a...));
}
struct measured_f { double squares, n; };
PINWHEEL_INLINE measured_f measure_f (int dims, const float *a)
{
  measured_f m = { 0.0, 0.0 };
  for (int i = 0; i < dims; i++)
    {
      double d = abs ((double) a[i]);
      m.n = d > m.n ? d : m.n;
      m.squares = fma (d, d, m.squares);
    }
  return m;
}
PINWHEEL_INLINE float hypot (float x, float y)
{
  double a = abs ((double) x), b = abs ((double) y), h = __builtin_sqrt (fma (a, a, b * b));
  return (float) (a == PINWHEEL_INF || b == PINWHEEL_INF ? PINWHEEL_INF : h);
}
}

PINWHEEL_MATH2 (hypot, pinwheel_math::hypot)
PINWHEEL_OFFER double rhypot (double x, double y) { return pinwheel_math::rnorm_of (x, y); }
PINWHEEL_OFFER float rhypotf (float x, float y) { return pinwheel_math::rnorm_of_f (x, y); }
#define PINWHEEL_LENGTH(name, array)                                                               \
  PINWHEEL_OFFER double name##3d (double a, double b, double c)                                    \
  {                                                                                                \
    return pinwheel_math::name##_of (a, b, c);                                                     \
  }                                                                                                \
  PINWHEEL_OFFER double name##4d (double a, double b, double c, double d)                          \
  {                                                                                                \
    return pinwheel_math::name##_of (a, b, c, d);                                                  \
  }                                                                                                \
  PINWHEEL_OFFER float name##3df (float a, float b, float c)                                       \
  {                                                                                                \
    return pinwheel_math::name##_of_f (a, b, c);                                                   \
  }                                                                                                \
  PINWHEEL_OFFER float name##4df (float a, float b, float c, float d)                              \
  {                                                                                                \
    return pinwheel_math::name##_of_f (a, b, c, d);                                                \
  }                                                                                                \
  PINWHEEL_OFFER double name (int dims, const double *a)                                           \
  {                                                                                                \
    const pinwheel_math::measured m = pinwheel_math::measure (dims, a);                            \
    return pinwheel_math::array (m.squares, m.n, m.r);                                             \
  }                                                                                                \
  PINWHEEL_OFFER float name##f (int dims, const float *a)                                          \
  {                                                                                                \
    const pinwheel_math::measured_f m = pinwheel_math::measure_f (dims, a);                        \
    return pinwheel_math::name##_f (m.squares, m.n);                                               \
  }
PINWHEEL_LENGTH (norm, length_of)
PINWHEEL_LENGTH (rnorm, one_over_length)
