/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What blocks of bench-kernels.cu compute together, by hand, in f32: VectorF32 is one register. */

static void
plain_expsin_f32 (const Work *work, guint64 first, guint64 end)
{
  const float *x = work->input, a = (float) work->factor;
  float *y = work->output;

  for (guint64 i = first; i < end; i++)
    y[i] = expf (a * x[i]) * sinf (x[i]);
}

static void
plain_expsin_f64 (const Work *work, guint64 first, guint64 end)
{
  const double *x = work->input, a = work->factor;
  double *y = work->output;

  for (guint64 i = first; i < end; i++)
    y[i] = exp (a * x[i]) * sin (x[i]);
}

static void
plain_sum (const Work *work, guint64 first, guint64 end)
{
  const float *x = work->input, a = (float) work->factor;

  for (guint64 i = first; i < end; i += BLOCK)
    {
      float sum = 0;

      for (guint64 k = i; k < i + BLOCK; k++)
        sum += a * x[k];
      ((float *) work->output)[i / BLOCK] = sum;
    }
}

static void
simd_sum (const Work *work, guint64 first, guint64 end)
{
  const float a = (float) work->factor;

  for (guint64 i = first; i < end; i += BLOCK)
    {
      const VectorF32 *x = (const VectorF32 *) ((const float *) work->input + i);
      VectorF32 v = (((x[0] + x[1]) + (x[2] + x[3])) + ((x[4] + x[5]) + (x[6] + x[7])))
                    + (((x[8] + x[9]) + (x[10] + x[11])) + ((x[12] + x[13]) + (x[14] + x[15])));
      MaskF32 half = { 8, 9, 10, 11, 12, 13, 14, 15 }, quarter = { 4, 5, 6, 7 }, two = { 2, 3 };

      v += __builtin_shuffle (v, half);
      v += __builtin_shuffle (v, quarter);
      v += __builtin_shuffle (v, two);
      ((float *) work->output)[i / BLOCK] = a * (v[0] + v[1]);
    }
}

static void
plain_matrix (const Work *work, guint64 first, guint64 end)
{
  const float *x = work->input, a = (float) work->factor;

  for (guint64 i = first; i < end; i += BLOCK)
    for (guint64 row = i / 4096 * 16; row < i / 4096 * 16 + 16; row++)
      {
        float *c = (float *) work->output + row * 256 + i / 256 % 16 * 16, sum[16] = { 0 };

        for (int k = 0; k < 256; k++)
          for (int l = 0; l < 16; l++)
            sum[l] += x[row * 256 + k] * x[k * 256 + i / 256 % 16 * 16 + l];
        for (int l = 0; l < 16; l++)
          c[l] = a * sum[l];
      }
}

static void
simd_matrix (const Work *work, guint64 first, guint64 end)
{
  const float *x = work->input, a = (float) work->factor;

  for (guint64 i = first; i < end; i += BLOCK)
    {
      const VectorF32 *right = (const VectorF32 *) x + i / 256 % 16;
      const float *left = x + i / 4096 * 4096;
      VectorF32 *c = (VectorF32 *) work->output + i / 4096 * 256 + i / 256 % 16, sum[16] = { 0 };

      for (int k = 0; k < 256; k++)
#pragma GCC unroll 16
        for (int row = 0; row < 16; row++)
          sum[row] += left[row * 256 + k] * right[k * 16];
#pragma GCC unroll 16
      for (int row = 0; row < 16; row++)
        c[row * 16] = a * sum[row];
    }
}

/* As the kernel does it, without bins of its own */
static void
plain_global (const Work *work, guint64 first, guint64 end)
{
  const guint *x = work->input;

  for (guint64 i = first * 256; i < end * 256; i++)
    {
#pragma omp atomic
      ((guint *) work->output)[x[i] >> 24]++;
    }
}

/* @end - @first is 65536 at least: clearing and adding the bins costs little beside that. */
static void
plain_histogram (const Work *work, guint64 first, guint64 end)
{
  const guint *x = work->input;
  guint own[256] = { 0 };

  for (guint64 i = first * 256; i < end * 256; i++)
    own[x[i] >> 24]++;
  for (guint i = 0; i < 256; i++)
    __atomic_fetch_add (&((guint *) work->output)[i], own[i], __ATOMIC_RELAXED);
}

/* Neighbours that are equal do not wait for each other. */
static void
simd_histogram (const Work *work, guint64 first, guint64 end)
{
  const guint *x = work->input;
  guint own[4][256] = { 0 };

  for (guint64 i = first * 256; i < end * 256; i += 4)
    for (guint k = 0; k < 4; k++)
      own[k][x[i + k] >> 24]++;
  for (guint i = 0; i < 256; i++)
    __atomic_fetch_add (&((guint *) work->output)[i], own[0][i] + own[1][i] + own[2][i] + own[3][i],
                        __ATOMIC_RELAXED);
}
