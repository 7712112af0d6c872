/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The scaled error function, the inverse ones, and the normal distribution. */
/* clang-format off */
namespace pinwheel_math
{
/* (x + l - c) / (x + l + c) */
PINWHEEL_INLINE pair around (double x, double l, double c)
{
  pair n = sum (x, -c), d = sum (x, c);
  return ratio (n.h, n.l + l, d.h, d.l + l);
}
/* e^(x^2) erfc x for x + l >= 0: in t = (x - 4) / (x + 4) a polynomial over x + 1/2. Of the rest of
 * t its slope is enough. */
PINWHEEL_INLINE pair erfcx_above_0 (double x, double l)
{
  pair t = around (x < 0x1p900 ? x : 0x1p900, l, 4.0), d = sum (x, 0.5);
  double p = poly (t.h, -0x1.1df1ad154a286p-4, 0x1.f7f5df66fd797p-8, 0x1.16ecefcfa4d10p-5,
                   -0x1.9ddb23c3e8f13p-5, 0x1.7fee004e1eefep-5, -0x1.0fb06dfe4c6c0p-5,
                   0x1.3079edf5181dfp-6, -0x1.09623884747dbp-7, 0x1.49c672e199469p-9,
                   -0x1.8d4a9a6465372p-12, -0x1.a1df5e81f57b4p-14, 0x1.3be0432bfa860p-14,
                   -0x1.99537515467bep-17, -0x1.7884d2487d5efp-18, 0x1.7ef644c7815aap-19,
                   0x1.393f4d359a7fdp-23, -0x1.b8ce493292da5p-22, 0x1.4dcd6b6d85452p-25,
                   0x1.c8a212189b424p-25, -0x1.64110b1736fb3p-27, -0x1.a7f4a11380e73p-28,
                   0x1.bc41def3d5cc5p-30, 0x1.ff247156a53a2p-32, -0x1.2feb115e10ff8p-33);
  double slope = poly (t.h, -0.06475, 0.01322, 0.01167, -0.1633, 0.4656, -0.3011);
  double low = fma (slope, t.l, -0x1.aa9c415679e6fp-56);
  pair f = fast_sum (0x1.3ba5916e9fd7fp-1, fma (t.h, p, low)), y = ratio (f.h, f.l, d.h, d.l + l);
  return x < PINWHEEL_INF ? y : pair { 0.0, 0.0 };
}
/* Below 0: e^(x^2) times 1 + erf |x|, or 2 e^(x^2) less what it is above */
PINWHEEL_INLINE double erfcx (double x)
{
  double a = abs (x), c = a < 27.0 ? a : 27.0, square = c * c, above = erfcx_above_0 (a, 0.0).h;
  pair y = fast_sum (1.0, c < 1.0 ? erf_near_0 (c) : 1.0);
  double below = times_exp (square, fma (c, c, -square), y) - (c < 1.0 ? 0.0 : above);
  double r = x < 0.0 ? below : above;
  return a == a ? r : x;
}
PINWHEEL_INLINE double normcdf (double x)
{
  double a = abs (x), c = a < 39.0 ? a : 39.0, r = c * 0x1.6a09e667f3bcdp-1, square = c * c;
  double l = fma (c, 0x1.6a09e667f3bcdp-1, -r) + c * -0x1.bdd3413b26456p-55;
  pair y = erfcx_above_0 (r, l);
  y = { 0.5 * y.h, 0.5 * y.l };
  double far = times_exp (-0.5 * square, -0.5 * fma (c, c, -square), y);
  double near = fma (0.5, sign (erf_near_0 (r), x), 0.5);
  far = x > 0.0 ? 1.0 - far : far;
  return a == a ? (a < 0.3 ? near : far) : x;
}
/* The inverse of erf for 0 <= x <= 1/2 */
PINWHEEL_INLINE double erfinv_near_0 (double x)
{
  double z = x * x;
  double p = poly (z, 0x1.db29fb2fee5e4p-3, 0x1.053c2c0ab9260p-3, 0x1.62847c47ca0b6p-4,
                   0x1.0a1318a43aacap-4, 0x1.a7c8594faae75p-5, 0x1.5eeb83571203ep-5,
                   0x1.2ab2766d938f0p-5, 0x1.0408b29f2dccep-5, 0x1.c21818eabc1ddp-6,
                   0x1.d15ef0034655cp-6, 0x1.d1125ebbbc304p-8, 0x1.173d553b4c29ep-4,
                   -0x1.24d7db170e9bfp-4, 0x1.b027b5feb0defp-4);
  return fma (x, 0x1.c5bf891b4ef6bp-1, x * fma (z, p, -0x1.618f13eb7ca89p-55));
}
/* The inverse of erfc for 0 <= q <= 1/2: s = sqrt (-ln q) times what hardly changes */
PINWHEEL_INLINE double erfcinv_near_0 (double q)
{
  mantissa m = split (q);
  pair a = log_whole (m.k, log_near_one (m.f, 0.0)), log = fast_sum (a.h, a.l);
  pair s = root (-log.h, -log.l), t = around (s.h, s.l, 3.25);
  double p = poly (t.h, 0x1.fac3880d49721p-3, -0x1.43b36940483a3p-2, 0x1.19850fa982fb5p-2,
                   -0x1.8ec0fccffcbfbp-3, 0x1.99c09df108ab0p-4, -0x1.e2fcde3816aa7p-7,
                   -0x1.904e6f4630104p-5, 0x1.57c7e97069b82p-4, -0x1.75bb49020035ap-4,
                   0x1.35fb02be784e1p-4, -0x1.768575047a4e0p-5, 0x1.59f0e3672cd2dp-7,
                   0x1.58e395dd8a931p-6, -0x1.5ebe577f8416ap-5, 0x1.a46bca4c28078p-5,
                   -0x1.7c90f7f859827p-5, 0x1.00ccc1097d69bp-5, -0x1.88865bf92afacp-7,
                   -0x1.027d14654d530p-7, 0x1.da35f59d95f5bp-6, -0x1.58ffe2f687fb6p-5,
                   0x1.bb4ccc2f2e434p-6, -0x1.a8856d7f207d9p-12, 0x1.f91a4cbe59185p-7,
                   -0x1.85ce63a681320p-5, 0x1.22ff046403b00p-9, 0x1.63e07fa061950p-4,
                   -0x1.4f38a20afba87p-4, -0x1.584e5a9b64a9dp-8, 0x1.816fb3c79acd1p-5,
                   -0x1.a71e6b318113fp-6, 0x1.1d1c41c05d6fep-8);
  double slope = poly (t.h, 0.2402, -0.6612, 0.9565, -0.6064);
  double f = fma (t.h, p, fma (slope, t.l, 0x1.9d589edeb82d3p-55)), c = 0x1.d4a7b33195381p-1;
  double y = fma (s.h, c, fma (s.h, f, s.l * (c + f)));
  return q > 0.0 ? y : q == 0.0 ? PINWHEEL_INF : PINWHEEL_NAN;
}
/* Of x = 1 - q near the middle, else of q = 1 - |x|: both are exact where they are used. */
PINWHEEL_INLINE double erf_inverse (double x, double q)
{
  double a = abs (x), near = erfinv_near_0 (a), far = erfcinv_near_0 (q);
  return sign (a <= 0.5 ? near : far, x);
}
PINWHEEL_INLINE double erfinv (double x) { return erf_inverse (x, 1.0 - abs (x)); }
PINWHEEL_INLINE double erfcinv (double q)
{
  return erf_inverse (1.0 - q, q < 1.0 ? q : 2.0 - q);
}
PINWHEEL_INLINE double normcdfinv (double p)
{
  double q = p + p, y = erf_inverse (q - 1.0, q < 1.0 ? q : 2.0 - q);
  double r = fma (y, 0x1.6a09e667f3bcdp+0, y * -0x1.bdd3413b26456p-54);
  return abs (y) < PINWHEEL_INF ? r : y;
}

/* Single precision */
PINWHEEL_INLINE float erfcx (float x)
{
  double a = abs ((double) x), c = a < 11.0 ? a : 11.0, t = (a - 4.0) / (a + 4.0);
  double above = poly (t, 0x1.3ba5916e9fd7fp-1, -0x1.1df1acab84012p-4, 0x1.f7f5e049826ffp-8,
                       0x1.16ecd0d5981f5p-5, -0x1.9ddb27e38af69p-5, 0x1.7fef5236c244dp-5,
                       -0x1.0fb0419cd392cp-5, 0x1.306d21e211a22p-6, -0x1.09658060f0eadp-7,
                       0x1.4ac86484c99dap-9, -0x1.8c4d114ec28ebp-12, -0x1.ce6a336ccf00cp-14,
                       0x1.36d15a55788c4p-14, -0x1.2077fb005bcb6p-18, -0x1.45f8b89f1fd19p-18)
                 / (a + 0.5);
  above = a < PINWHEEL_INF ? above : 0.0;
  double y = x < 0.0f ? 2.0 * exp_f (c * c) - above : above;
  return x == x ? (float) y : x;
}
PINWHEEL_INLINE float normcdf (float x)
{
  double d = x, r = abs (d) * 0x1.6a09e667f3bcdp-1, far = 0.5 * erfc_f (r);
  double near = fma (0.5, sign (erf_f (r), d), 0.5);
  far = x > 0.0f ? 1.0 - far : far;
  return x == x ? (float) (r < 0.25 ? near : far) : x;
}
PINWHEEL_INLINE double erfcinv_near_0_f (double q)
{
  double s = __builtin_sqrt (-log_f (q)), t = (s - 2.0) / (s + 2.0);
  double y = s * poly (t, 0x1.ab0e63b4b8ee5p-1, 0x1.b9427f7d794c7p-2, -0x1.b1eefb3b489b4p-2,
                       0x1.9d92144450d35p-3, 0x1.b8aca41d3e7dcp-8, -0x1.065aab4688318p-3,
                       0x1.1a2a646f41b6ep-3, -0x1.2a69e946e4c22p-4, -0x1.be8c76579db8fp-7,
                       0x1.2b672eb12fbd2p-4, -0x1.4754e2ff4a1dfp-4, 0x1.0f518e2128cfdp-5,
                       0x1.a76860e86da29p-6, -0x1.4bca9beb8e681p-5, 0x1.fc377684e0221p-7);
  return q > 0.0 ? y : q == 0.0 ? PINWHEEL_INF : PINWHEEL_NAN;
}
PINWHEEL_INLINE double erf_inverse_f (double x, double q)
{
  double a = abs (x), z = x * x, far = erfcinv_near_0_f (q);
  double near = a * poly (z, 0x1.c5bf891af8f74p-1, 0x1.db29fddeb64a0p-3, 0x1.053b4cb22775fp-3,
                          0x1.62bb5ca2755a7p-4, 0x1.06cd4924ba7ebp-4, 0x1.dd0ef99599050p-5,
                          0x1.dbfdf76a6c8ddp-7, 0x1.85e6ac585aec5p-4);
  return sign (a <= 0.5 ? near : far, x);
}
PINWHEEL_INLINE float erfinv (float x)
{
  double d = x;
  return (float) erf_inverse_f (d, 1.0 - abs (d));
}
PINWHEEL_INLINE float erfcinv (float x)
{
  double q = x;
  return (float) erf_inverse_f (1.0 - q, q < 1.0 ? q : 2.0 - q);
}
PINWHEEL_INLINE float normcdfinv (float x)
{
  double q = (double) x + x;
  return (float) (erf_inverse_f (q - 1.0, q < 1.0 ? q : 2.0 - q) * 0x1.6a09e667f3bcdp+0);
}
}

PINWHEEL_OFFER1 (erfcx, pinwheel_math::erfcx)
PINWHEEL_OFFER1 (erfinv, pinwheel_math::erfinv)
PINWHEEL_OFFER1 (erfcinv, pinwheel_math::erfcinv)
PINWHEEL_OFFER1 (normcdf, pinwheel_math::normcdf)
PINWHEEL_OFFER1 (normcdfinv, pinwheel_math::normcdfinv)
