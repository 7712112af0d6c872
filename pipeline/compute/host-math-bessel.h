/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The modified Bessel functions of the first kind. */
/* clang-format off */
namespace pinwheel_math
{
/* I0 (x) in z = x^2 / 4, and I1 (x) / x; 0 <= x <= 12 */
PINWHEEL_INLINE double i0_near_0 (double z)
{
  return poly (z, 0x1.0000000000000p+0, 0x1.0000000000000p+0, 0x1.0000000000000p-2,
                  0x1.c71c71c71c714p-6, 0x1.c71c71c71c790p-10, 0x1.23456789ab913p-14,
                  0x1.02e85c089b5e9p-19, 0x1.522a43f62a9e5p-25, 0x1.522a43f839e5ep-31,
                  0x1.0b31327930574p-37, 0x1.5601893c7cf4bp-44, 0x1.69ca93e44aae7p-51,
                  0x1.4197f22ec166dp-58, 0x1.e7219c4002f2ep-66, 0x1.3e35c71b25e95p-73,
                  0x1.696223347b33fp-81, 0x1.6d86ea3c968d0p-89, 0x1.305a9fbf1bd7ep-97,
                  0x1.332ab555fed55p-105, 0x1.dfbde139e91f3p-116, 0x1.0ca56b2c2ad04p-121);
}
PINWHEEL_INLINE double i1_near_0 (double z)
{
  return poly (z, 0x1.0000000000000p-1, 0x1.0000000000000p-2, 0x1.5555555555553p-5,
                  0x1.c71c71c71c757p-9, 0x1.6c16c16c1693ep-13, 0x1.845c8a0ce7c48p-18,
                  0x1.27e4fb776ecc2p-23, 0x1.522a43f7d5cd2p-29, 0x1.2c9758cb5c48ap-35,
                  0x1.ab81eb6899db8p-42, 0x1.f1768c8d2a564p-49, 0x1.e263e340223cdp-56,
                  0x1.8bcb77ba3c155p-63, 0x1.166e723c1415dp-70, 0x1.52cf710a9e3e6p-78,
                  0x1.6d79258a62bcdp-86, 0x1.4384b49d63fe3p-94, 0x1.595a1b119b28ep-102,
                  0x1.1d30216b42109p-112, 0x1.4fed1f382b74fp-118);
}
/* e^-x sqrt (x) times I0 and times I1 in u = 1 / x for x >= 12 */
PINWHEEL_INLINE double i0_far (double u)
{
  return poly (u, 0x1.9884533d43651p-2, 0x1.9884533d43c5fp-5, 0x1.cb94dda11b7fep-6,
                  0x1.debb1926bf1edp-6, 0x1.6e833b7ffaa9bp-5, 0x1.7461b134332ccp-4,
                  0x1.8f51909422f49p-3, 0x1.985e249030cc6p+1, -0x1.08a07214d4953p+7,
                  0x1.4e3adf93331c3p+12, -0x1.33499f18c2abcp+17, 0x1.a6de79c8fe103p+21,
                  -0x1.afd4e947be0d8p+25, 0x1.4221f1398a42dp+29, -0x1.541effa803396p+32,
                  0x1.dff01e0830276p+34, -0x1.9445913fe3201p+36, 0x1.321f71f19db22p+37);
}
PINWHEEL_INLINE double i1_far (double u)
{
  return poly (u, 0x1.9884533d43651p-2, -0x1.32633e6df2a59p-3, -0x1.7efc0e07681f8p-5,
                  -0x1.4f1c9052f925ap-5, -0x1.d73be79df95fep-5, -0x1.c6edc8e4dc8f8p-4,
                  -0x1.e034cb86345abp-3, -0x1.b911ebb90c0c1p+1, 0x1.17c62d0756e29p+7,
                  -0x1.616f2db304c03p+12, 0x1.447c7dc6a9155p+17, -0x1.bded3b1937535p+21,
                  0x1.c6b5e3a5ffed8p+25, -0x1.52adb8a25641ep+29, 0x1.65043cc1be801p+32,
                  -0x1.f6ef5c9324c49p+34, 0x1.a6e6fb61e0d95p+36, -0x1.3fa5a1b310944p+37);
}
/* @near: in x^2 / 4, of which rounding leaves a rest; @slope: of its logarithm, roughly */
PINWHEEL_INLINE double bessel_near_0 (double near, double slope, double rest)
{
  return fma (near * slope, rest, near);
}
PINWHEEL_INLINE double bessel_far (double x, double far)
{
  double c = x < 720.0 ? x : 720.0;
  pair s = root (c, 0.0);
  return times_exp (c, 0.0, ratio (far, 0.0, s.h, s.l));
}
PINWHEEL_INLINE double cyl_bessel_i0 (double x)
{
  double a = abs (x), h = 0.5 * a, z = h * h, slope = 1.0 / __builtin_sqrt (1.0 + z);
  double near = bessel_near_0 (i0_near_0 (z), slope, fma (h, h, -z));
  double far = bessel_far (a, i0_far (1.0 / a));
  return a == a ? (a < 12.0 ? near : far) : x;
}
PINWHEEL_INLINE double cyl_bessel_i1 (double x)
{
  double a = abs (x), h = 0.5 * a, z = h * h, slope = 1.0 / __builtin_sqrt (4.0 + z);
  double near = a * bessel_near_0 (i1_near_0 (z), slope, fma (h, h, -z));
  double far = bessel_far (a, i1_far (1.0 / a));
  return a == a ? sign (a < 12.0 ? near : far, x) : x;
}

/* Single precision, from one to the other at 8 */
PINWHEEL_INLINE double bessel_far_f (double x, double far)
{
  double c = x < 120.0 ? x : 120.0;
  return exp_f (c) * far / __builtin_sqrt (c);
}
PINWHEEL_INLINE float cyl_bessel_i0 (float x)
{
  double a = abs ((double) x), u = 1.0 / a;
  double near = poly (0.25 * a * a,
                     0x1.fffffffdcb230p-1, 0x1.00000013da385p+0, 0x1.fffffe2793d6dp-3,
                     0x1.c71c82f3c8de1p-6, 0x1.c71bcce4be7eep-10, 0x1.23490ba397e17p-14,
                     0x1.02ce550ab2805p-19, 0x1.531e4c09647c9p-25, 0x1.4c3cc00f7d4adp-31,
                     0x1.234c94c56c434p-37, 0x1.b83220c1e48a2p-45, 0x1.5d383bc4c1e51p-50);
  double far = poly (u, 0x1.9884533c5b2d0p-2, 0x1.9884703d9d977p-5, 0x1.cb6efb3b38706p-6,
                     0x1.e8183aee4cb84p-6, 0x1.be3d123ddf20fp-6, 0x1.7dca9a040000ap-2,
                     -0x1.0f54b47679631p+1, 0x1.20ede94d34bdep+3);
  double y = a < 8.0 ? near : bessel_far_f (a, far);
  return x == x ? (float) y : x;
}
PINWHEEL_INLINE float cyl_bessel_i1 (float x)
{
  double a = abs ((double) x), u = 1.0 / a;
  double near = poly (0.25 * a * a,
                     0x1.ffffffffd638ep-2, 0x1.00000002efc9ap-2, 0x1.5555550f717a7p-5,
                     0x1.c71c76dc3cb7bp-9, 0x1.6c16909d0c135p-13, 0x1.845eb21d0b466p-18,
                     0x1.27d58edd575fep-23, 0x1.52baffe65364ap-29, 0x1.291241e309bb4p-35,
                     0x1.c830370b9fc2dp-42, 0x1.5ffa5ba179b0dp-49, 0x1.bb5e9645db2e2p-55);
  double far = poly (u, 0x1.9884533e4dcbap-2, -0x1.326346bea4432p-3, -0x1.7ee65c9994e77p-5,
                     -0x1.5475b34b8c3cdp-5, -0x1.34024855fa564p-5, -0x1.b8f9d99a38077p-2,
                     0x1.3087c27c418abp+1, -0x1.452e4764e49e5p+3);
  double y = a < 8.0 ? a * near : bessel_far_f (a, far);
  return x == x ? (float) sign (y, x) : x;
}
}

PINWHEEL_OFFER1 (cyl_bessel_i0, pinwheel_math::cyl_bessel_i0)
PINWHEEL_OFFER1 (cyl_bessel_i1, pinwheel_math::cyl_bessel_i1)
