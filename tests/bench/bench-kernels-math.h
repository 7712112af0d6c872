/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* exp (a x) sin (x) by hand, in C++ with the mathematics of kernels; bench-kernels.c compiles it.
 * Angles are looked at before: nearly always all of them are small. */
#ifdef __clang__
#define LANES _Pragma ("clang loop vectorize(assume_safety)")
#else
#define LANES _Pragma ("GCC ivdep")
#endif

extern "C" __attribute__ ((visibility ("default"))) void
by_hand_double (double a, const double *x, double *y, unsigned long n)
{
  namespace math = pinwheel_math;

  for (unsigned long i = 0; i < n; i += 256, x += 256, y += 256)
    {
      bool large = false;

      for (int k = 0; k < 256; k++)
        large |= !(math::abs (x[k]) < 0x1p45);
      if (large)
        LANES for (int k = 0; k < 256; k++) y[k] = exp (a * x[k]) * sin (x[k]);
      else
        LANES for (int k = 0; k < 256; k++)
        {
          math::turn t = math::turn_near (x[k]);
          double s = math::quarter (t.q, math::sin_turn (t).h, math::cos_turn (t).h);

          y[k] = exp (a * x[k]) * (x[k] == 0.0 ? x[k] : s);
        }
    }
}

extern "C" __attribute__ ((visibility ("default"))) void
by_hand_float (float a, const float *x, float *y, unsigned long n)
{
  LANES for (unsigned long i = 0; i < n; i++) y[i] = exp (a * x[i]) * sin (x[i]);
}
