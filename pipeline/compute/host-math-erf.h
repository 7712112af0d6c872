/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The error function. */
/* clang-format off */
namespace pinwheel_math
{
/* (1 + 2 x) e^(x^2) erfc x, which hardly changes, in t = (x - 4) / (x + 4); 0 <= x < 28 */
PINWHEEL_INLINE pair erfc_shape (double t)
{
  double p = poly (t, -0x1.1df1ad154a28fp-3, 0x1.f7f5df66fd6a7p-7, 0x1.16ecefcfa540ep-4,
                   -0x1.9ddb23c3e8874p-4, 0x1.7fee004e112c3p-4, -0x1.0fb06dfe56142p-4,
                   0x1.3079edf6aa5a8p-5, -0x1.096238828c1cbp-6, 0x1.49c6727af5d87p-8,
                   -0x1.8d4a9c3d62797p-11, -0x1.a1df1e2a70512p-13, 0x1.3be068698b9ccp-13,
                   -0x1.9959f4cc5a01cp-16, -0x1.788ca4d342b82p-17, 0x1.7f2d5af276b00p-18,
                   0x1.3b713b970cad2p-22, -0x1.bb2bbabb02ec5p-21, 0x1.40eafd5947706p-24,
                   0x1.d8b4353ca5555p-24, -0x1.353a87be1712dp-26, -0x1.e432644b5660ap-27,
                   0x1.00cd8e2f991c3p-29, 0x1.5b62d008c2d94p-30);
  return fast_sum (0x1.3ba5916e9fd7fp+0, fma (t, p, -0x1.aa9c415679e6fp-55));
}
/* e^(x^2) erfc x for 1/4 <= x <= 28, where the sum of 2 x and 1 has an exact rest */
PINWHEEL_INLINE pair erfc_scaled (double x)
{
  pair n = erfc_shape ((x - 4.0) / (x + 4.0)), d = fast_sum (x + x, 1.0);
  double i = 1.0 / d.h, q = n.h * i;
  return { q, i * fma (-q, d.l, fma (-q, d.h, n.h) + n.l) };
}
PINWHEEL_INLINE double erfc_above_0 (double a)
{
  double x = a < 28.0 ? a : 28.0, square = x * x;
  return times_exp (-square, -fma (x, x, -square), erfc_scaled (x));
}
PINWHEEL_INLINE double erf_near_0 (double x)     /* |x| <= 1 */
{
  return fma (x, poly (x * x, 0x1.06eba8214db68p-3, -0x1.812746b0379c1p-2, 0x1.ce2f21a040f66p-4,
                         -0x1.b82ce31203772p-6, 0x1.565bccfa44156p-8, -0x1.c02db0665e53dp-11,
                         0x1.f9a2be4f731a1p-14, -0x1.f4ca838adb73bp-17, 0x1.b981d78881a5dp-20,
                         -0x1.5c131500d3f88p-23, 0x1.d76af6ca49787p-27, -0x1.ac9585a44fe29p-31), x);
}
PINWHEEL_INLINE double erf (double x)
{
  double a = abs (x), c = a < 6.0 ? a : 6.0, near = erf_near_0 (a);
  double far = fma (-erfc_scaled (c).h, exp (by_ln2 (-c * c)), 1.0);
  double y = sign (a < 1.0 ? near : far, x);
  return a == a ? y : x;
}
PINWHEEL_INLINE double erfc (double x)
{
  double a = abs (x), far = erfc_above_0 (a), near = 1.0 - erf_near_0 (x);
  far = x < 0.0 ? 2.0 - far : far;
  return a == a ? (a < 0.47 ? near : far) : x;
}
PINWHEEL_INLINE double erfc_f (double a)
{
  double x = a < 12.0 ? a : 12.0, t = (x - 4.0) / (x + 4.0);
  double y = poly (t, 0x1.3ba5916eaf308p+0, -0x1.1df1ad1a64562p-3, 0x1.f7f5daa29b684p-7,
                    0x1.16ecf172b4447p-4, -0x1.9ddb13eaf76bbp-4, 0x1.7fedf0093e7e9p-4,
                    -0x1.0fb10ec5228e5p-4, 0x1.307a3570d66f1p-5, -0x1.0955f47332b05p-6,
                    0x1.49d343ad37429p-8, -0x1.9125b30d2dca0p-11, -0x1.ab268ee9cd7b0p-13,
                    0x1.4eee79be4fe33p-13, -0x1.10394659ae664p-16, -0x1.01eea6a42d3edp-16);
  return y / fma (2.0, x, 1.0) * exp_f (-x * x);
}
PINWHEEL_INLINE double erf_f (double x)
{
  return fma (x, poly (x * x, 0x1.06eba7f673903p-3, -0x1.81273e7a02443p-2, 0x1.ce2d10ed44e09p-4,
                         -0x1.b7faba961c85ap-6, 0x1.541270c79ca2cp-8, -0x1.a45087f1a200ap-11,
                         0x1.4a5690869d13fp-14), x);
}
PINWHEEL_INLINE float erf (float x)
{
  double a = abs ((double) x), y = a < 1.0 ? erf_f (a) : 1.0 - erfc_f (a);
  return x == x ? (float) sign (y, x) : x;
}
PINWHEEL_INLINE float erfc (float x)
{
  double a = abs ((double) x), y = a < 0.25 ? 1.0 - erf_f (x) : erfc_f (a);
  y = x <= -0.25f ? 2.0 - y : y;
  return x == x ? (float) y : x;
}
}

PINWHEEL_MATH1 (erf, pinwheel_math::erf)
PINWHEEL_MATH1 (erfc, pinwheel_math::erfc)
