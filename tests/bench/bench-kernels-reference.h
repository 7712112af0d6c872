/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What bench-kernels.cu computes, by hand. Included once for each REAL, with NAME(x) to tell them
 * apart, V a register with WIDTH of them, M the whole numbers of its comparisons and W two
 * registers. */

static void
NAME (plain_saxpy) (const Work *work, guint64 first, guint64 end)
{
  const REAL *x = work->input;
  REAL *y = work->output, a = (REAL) work->factor;

  for (guint64 i = first; i < end; i++)
    y[i] = a * x[i] + y[i];
}

static void
NAME (simd_saxpy) (const Work *work, guint64 first, guint64 end)
{
  const V *x = work->input;
  V *y = work->output;
  REAL a = (REAL) work->factor;

  for (guint64 i = first / WIDTH; i < end / WIDTH; i++)
    y[i] = a * x[i] + y[i];
}

/* One step of the classical Runge-Kutta method; T is REAL or V. */
#define STEP(T)                                                                                    \
  {                                                                                                \
    T x1 = 10 * (y - x), y1 = x * (r - z) - y, z1 = x * y - (REAL) 2.5 * z;                        \
    T xa = x + h * x1, ya = y + h * y1, za = z + h * z1;                                           \
    T x2 = 10 * (ya - xa), y2 = xa * (r - za) - ya, z2 = xa * ya - (REAL) 2.5 * za;                \
    T xb = x + h * x2, yb = y + h * y2, zb = z + h * z2;                                           \
    T x3 = 10 * (yb - xb), y3 = xb * (r - zb) - yb, z3 = xb * yb - (REAL) 2.5 * zb;                \
    T xc = x + dt * x3, yc = y + dt * y3, zc = z + dt * z3;                                        \
    T x4 = 10 * (yc - xc), y4 = xc * (r - zc) - yc, z4 = xc * yc - (REAL) 2.5 * zc;                \
    x += sixth * (x1 + 2 * x2 + 2 * x3 + x4);                                                      \
    y += sixth * (y1 + 2 * y2 + 2 * y3 + y4);                                                      \
    z += sixth * (z1 + 2 * z2 + 2 * z3 + z4);                                                      \
  }
#define LORENZ(T, width)                                                                           \
  {                                                                                                \
    const REAL dt = (REAL) work->factor, h = (REAL) 0.5 * dt, sixth = dt / 6;                      \
    guint64 n = work->n / (width);                                                                 \
                                                                                                   \
    for (guint64 i = first / (width); i < end / (width); i++)                                      \
      {                                                                                            \
        T r = ((const T *) work->input)[i], x = r * 0 + 1, y = x, z = 20 * x;                      \
        T *saved = work->output;                                                                   \
                                                                                                   \
        for (guint64 save = 0; save < 51; save++)                                                  \
          {                                                                                        \
            for (int step = 0; step < 20; step++)                                                  \
              STEP (T)                                                                             \
            saved[(3 * save + 0) * n + i] = x;                                                     \
            saved[(3 * save + 1) * n + i] = y;                                                     \
            saved[(3 * save + 2) * n + i] = z;                                                     \
          }                                                                                        \
      }                                                                                            \
  }

static void NAME (plain_lorenz) (const Work *work, guint64 first, guint64 end) LORENZ (REAL, 1)

    static void NAME (simd_lorenz) (const Work *work, guint64 first, guint64 end)
        LORENZ (W, 2 * WIDTH)

            static const REAL NAME (weights)[7][6]
    = { { 0 },
        { (REAL) 1 / 5 },
        { (REAL) 3 / 40, (REAL) 9 / 40 },
        { (REAL) 44 / 45, (REAL) -56 / 15, (REAL) 32 / 9 },
        { (REAL) 19372 / 6561, (REAL) -25360 / 2187, (REAL) 64448 / 6561, (REAL) -212 / 729 },
        { (REAL) 9017 / 3168, (REAL) -355 / 33, (REAL) 46732 / 5247, (REAL) 49 / 176,
          (REAL) -5103 / 18656 },
        { (REAL) 35 / 384, 0, (REAL) 500 / 1113, (REAL) 125 / 192, (REAL) -2187 / 6784,
          (REAL) 11 / 84 } };

/* A step of Dormand and Prince's pair: from u to v, with the error in each of the three in e */
#define TRY(T)                                                                                     \
  for (int s = 0; s < 7; s++)                                                                      \
    {                                                                                              \
      for (int m = 0; m < 3; m++)                                                                  \
        {                                                                                          \
          T sum = zero;                                                                            \
          for (int q = 0; q < s && q < 6; q++)                                                     \
            sum += NAME (weights)[s][q] * k[q][m];                                                 \
          v[m] = u[m] + h * sum;                                                                   \
        }                                                                                          \
      k[s][0] = 10 * (v[1] - v[0]);                                                                \
      k[s][1] = v[0] * (r - v[2]) - v[1];                                                          \
      k[s][2] = v[0] * v[1] - (REAL) 2.5 * v[2];                                                   \
    }                                                                                              \
  for (int m = 0; m < 3; m++)                                                                      \
    e[m] = h                                                                                       \
           * ((REAL) 71 / 57600 * k[0][m] - (REAL) 71 / 16695 * k[2][m]                            \
              + (REAL) 71 / 1920 * k[3][m] - (REAL) 17253 / 339200 * k[4][m]                       \
              + (REAL) 22 / 525 * k[5][m] - (REAL) 1 / 40 * k[6][m]);

static void
NAME (plain_adaptive) (const Work *work, guint64 first, guint64 end)
{
  const REAL tolerance = (REAL) work->factor, zero = 0;
  REAL *result = work->output;

  for (guint64 i = first; i < end; i++)
    {
      const REAL r = ((const REAL *) work->input)[i];
      REAL u[3] = { 1, 1, 20 }, t = 0, h = (REAL) 0.01;

      while (t < 2)
        {
          REAL k[7][3], v[3], e[3], error = 0;

          if (t + h > 2)
            h = 2 - t;
          TRY (REAL)
          for (int m = 0; m < 3; m++)
            error = (e[m] < 0 ? -e[m] : e[m]) > error ? (e[m] < 0 ? -e[m] : e[m]) : error;
          if (error <= tolerance)
            {
              t += h;
              for (int m = 0; m < 3; m++)
                u[m] = v[m];
            }
          h *= error <= tolerance / 32 ? (REAL) 2 : error <= tolerance ? (REAL) 1 : (REAL) 0.5;
        }
      for (int m = 0; m < 3; m++)
        result[(guint64) m * work->n + i] = u[m];
    }
}

/* @a where @mask, else @b */
static inline V
NAME (select) (M mask, V a, V b)
{
  return (V) ((mask & (M) a) | (~mask & (M) b));
}

static inline gboolean
NAME (any) (M mask)
{
#ifdef __AVX512F__
  return _mm512_test_epi32_mask ((__m512i) mask, (__m512i) mask) != 0;
#else
  gboolean any = FALSE;

  for (guint l = 0; l < WIDTH; l++)
    any |= mask[l] != 0;
  return any;
#endif
}

/* Two registers at a time, as far as their steps go */
static void
NAME (simd_adaptive) (const Work *work, guint64 first, guint64 end)
{
  const V zero = { 0 }, tolerance = zero + (REAL) work->factor;
  guint64 n = work->n / WIDTH;
  V *result = work->output;

  for (guint64 i = first / WIDTH; i < end / WIDTH; i += 2)
    {
      const V rs[2] = { ((const V *) work->input)[i], ((const V *) work->input)[i + 1] };
      V us[2][3] = { { zero + 1, zero + 1, zero + 20 }, { zero + 1, zero + 1, zero + 20 } };
      V ts[2] = { zero, zero }, hs[2] = { zero + (REAL) 0.01, zero + (REAL) 0.01 };

      while (NAME (any) ((ts[0] < 2) | (ts[1] < 2)))
#pragma GCC unroll 2
        for (int p = 0; p < 2; p++)
          {
            V k[7][3], v[3], e[3], error = zero, factor, r = rs[p], t = ts[p], h = hs[p];
            V *u = us[p];
            M runs = t < 2, good;

            h = NAME (select) (t + h > 2, 2 - t, h);
            TRY (V)
            for (int m = 0; m < 3; m++)
              {
                e[m] = NAME (select) (e[m] < 0, -e[m], e[m]);
                error = NAME (select) (e[m] > error, e[m], error);
              }
            good = runs & (error <= tolerance);
            ts[p] = NAME (select) (good, t + h, t);
            for (int m = 0; m < 3; m++)
              u[m] = NAME (select) (good, v[m], u[m]);
            factor = NAME (select) (error <= tolerance, zero + 1, zero + (REAL) 0.5);
            factor = NAME (select) (error <= tolerance / 32, zero + 2, factor);
            hs[p] = NAME (select) (runs, h * factor, hs[p]);
          }
      for (int p = 0; p < 2; p++)
        for (int m = 0; m < 3; m++)
          result[(guint64) m * n + i + (guint64) p] = us[p][m];
    }
}

#undef STEP
#undef LORENZ
#undef TRY
