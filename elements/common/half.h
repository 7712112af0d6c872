/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* f16 for compilers without a type for it. */
#pragma once
#include <glib.h>

static inline double
pinwheel_half_to_double (guint16 half)
{
  guint64 sign = (guint64) (half >> 15) << 63;
  guint64 exponent = half >> 10 & 0x1f;
  guint64 fraction = half & 0x3ff;
  union
  {
    guint64 bits;
    double value;
  } out;

  if (exponent == 0)
    {
      out.value = (double) fraction * 0x1p-24;
      out.bits |= sign;
      return out.value;
    }
  exponent = exponent == 0x1f ? 0x7ff : exponent - 15 + 1023;
  out.bits = sign | exponent << 52 | fraction << 42;
  return out.value;
}

/* Rounds to nearest, ties to even; what is too large becomes infinite. */
static inline guint16
pinwheel_half_from_double (double value)
{
  union
  {
    double value;
    guint64 bits;
  } in = { value };
  guint16 sign = (guint16) (in.bits >> 48 & 0x8000);
  double size = value < 0 ? -value : value;

  if (value != value)
    return sign | 0x7e00;
  if (size >= 65520.0)
    return sign | 0x7c00;
  /* adding 1.5 * 2^52 units leaves the rounded number of units in the low bits */
  if (size < 0x1p-14)
    {
      in.value = size + 0x1.8p52 * 0x1p-24;
      return sign | (guint16) (in.bits & 0xffff);
    }
  /* half of the last place kept, less one where that place is even; a carry moves the exponent */
  in.value = size;
  in.bits += (1ull << 41) - 1 + (in.bits >> 42 & 1);
  return sign | (guint16) ((in.bits >> 42) - ((1023ull - 15) << 10));
}
