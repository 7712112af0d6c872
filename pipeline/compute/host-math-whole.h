/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Conversions to whole numbers. */
/* clang-format off */
/* What no @T holds becomes the nearest that one does, and NaN 0 (32 bits of 32) or the upper bit
 * alone, as by a GPU's instruction; to C++ such a conversion is undefined. A fraction is cut off. */
template <class T, class F> PINWHEEL_INLINE T pinwheel_fit (F x)
{
  constexpr bool is_signed = (T) -1 < 0;
  constexpr T upper = (T) (1ull << (8 * sizeof (T) - 1)), least = is_signed ? upper : 0;
  constexpr T none = sizeof (T) + sizeof (F) > 8 ? upper : 0;
  constexpr F from = (F) least, end = (F) (1ull << (8 * sizeof (T) - 1)) * (is_signed ? 1 : 2);
  F size = is_signed ? pinwheel_math::fabs (x) : x > from ? x : from;
  T r = (T) (size < end ? (is_signed ? x : size) : from);
  r = x >= end ? (T) ~least : r;
  return none == least || x == x ? r : none;
}
PINWHEEL_KNOWN long lround (double x) { return pinwheel_fit<long> (round (x)); }
PINWHEEL_KNOWN long lroundf (float x) { return pinwheel_fit<long> (round (x)); }
PINWHEEL_KNOWN long long llround (double x) { return pinwheel_fit<long long> (round (x)); }
PINWHEEL_KNOWN long long llroundf (float x) { return pinwheel_fit<long long> (round (x)); }
PINWHEEL_KNOWN long lrint (double x) { return pinwheel_fit<long> (rint (x)); }
PINWHEEL_KNOWN long lrintf (float x) { return pinwheel_fit<long> (rint (x)); }
PINWHEEL_KNOWN long long llrint (double x) { return pinwheel_fit<long long> (rint (x)); }
PINWHEEL_KNOWN long long llrintf (float x) { return pinwheel_fit<long long> (rint (x)); }
/* To whole numbers: towards 0, to the nearest, down, up; @S: the end of the functions' names */
#define PINWHEEL_TO_WHOLE(F, S, T, name)                                                           \
  PINWHEEL_KNOWN T __##name##_rz (F x) { return pinwheel_fit<T> (x); }                             \
  PINWHEEL_KNOWN T __##name##_rn (F x) { return pinwheel_fit<T> (rint##S (x)); }                   \
  PINWHEEL_KNOWN T __##name##_rd (F x) { return pinwheel_fit<T> (floor##S (x)); }                  \
  PINWHEEL_KNOWN T __##name##_ru (F x) { return pinwheel_fit<T> (ceil##S (x)); }
#define PINWHEEL_FROM_REAL(T, name)                                                                \
  PINWHEEL_TO_WHOLE (float, f, T, float2##name)                                                    \
  PINWHEEL_TO_WHOLE (double, , T, double2##name)
PINWHEEL_FROM_REAL (int, int)
PINWHEEL_FROM_REAL (unsigned int, uint)
PINWHEEL_FROM_REAL (long long, ll)
PINWHEEL_FROM_REAL (unsigned long long, ull)
