/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Names that CUDA C has beyond those of C. */
#define INDEX (int) (blockIdx.x * blockDim.x + threadIdx.x)

extern "C" __global__ void
error_functions (const double *x, double *y, float *z, int n)
{
  int i = INDEX;
  if (i >= n)
    return;
  float f = (float) x[i];
  double *a = y + 8 * i;
  float *b = z + 8 * i;
  a[0] = erfcx (3 * x[i]), b[0] = erfcx (3 * f);
  a[1] = erfinv (x[i]), b[1] = erfinv (f);
  a[2] = erfcinv (x[i] + 1), b[2] = erfcinv (f + 1);
  a[3] = normcdf (5 * x[i]), b[3] = normcdf (5 * f);
  a[4] = normcdfinv (0.5 * x[i] + 0.5), b[4] = normcdfinv (0.5f * f + 0.5f);
  a[5] = erfcxf (f) - erfcx (f), b[5] = erfinvf (f) - erfinv (f);
  a[6] = erfcinvf (f + 1) - erfcinv (f + 1), b[6] = normcdff (f) - normcdf (f);
  a[7] = normcdfinvf (0.5f * f + 0.5f) - normcdfinv (0.5f * f + 0.5f), b[7] = 0;
}

extern "C" __global__ void
lengths_of_vectors (const double *x, double *y, float *z, int n)
{
  int i = INDEX;
  if (i >= n)
    return;
  double p[5] = { x[i], 2, 3, -4, 5 };
  float q[5] = { (float) x[i], 2, 3, -4, 5 };
  double *a = y + 8 * i;
  float *b = z + 8 * i;
  a[0] = hypot (p[0], p[1]), b[0] = hypotf (q[0], q[1]);
  a[1] = norm3d (p[0], p[1], p[2]), b[1] = norm3df (q[0], q[1], q[2]);
  a[2] = norm4d (p[0], p[1], p[2], p[3]), b[2] = norm4df (q[0], q[1], q[2], q[3]);
  a[3] = norm (5, p), b[3] = normf (5, q);
  a[4] = rhypot (p[0], p[1]), b[4] = rhypotf (q[0], q[1]);
  a[5] = rnorm3d (p[0], p[1], p[2]), b[5] = rnorm3df (q[0], q[1], q[2]);
  a[6] = rnorm4d (p[0], p[1], p[2], p[3]), b[6] = rnorm4df (q[0], q[1], q[2], q[3]);
  a[7] = rnorm (5, p), b[7] = rnormf (5, q);
}

extern "C" __global__ void
half_turns (const double *x, double *y, float *z, int n)
{
  int i = INDEX;
  if (i >= n)
    return;
  double s, c;
  float t, d;
  sincospi (x[i], &s, &c);
  sincospif ((float) x[i], &t, &d);
  y[2 * i] = s, y[2 * i + 1] = c;
  z[2 * i] = t, z[2 * i + 1] = d;
}

#define WAYS(k, f, ...)                                                                            \
  out[k] = f##_rd (__VA_ARGS__);                                                                   \
  out[k + 1] = f##_ru (__VA_ARGS__);                                                               \
  out[k + 2] = f##_rz (__VA_ARGS__);

extern "C" __global__ void
sums_and_products_to_every_side (const float *x, const double *y, float *a, double *b, int n)
{
  int i = INDEX;
  if (i >= n)
    return;
  {
    float u = x[i], v = x[i + 1], w = x[i + 2], *out = a + 21 * i;
    WAYS (0, __fadd, u, v)
    WAYS (3, __fsub, u, v)
    WAYS (6, __fmul, u, v)
    WAYS (9, __fdiv, u, v)
    WAYS (12, __fmaf, u, v, w)
    WAYS (15, __frcp, u)
    WAYS (18, __fsqrt, fabsf (u))
  }
  double u = y[i], v = y[i + 1], w = y[i + 2], *out = b + 21 * i;
  WAYS (0, __dadd, u, v)
  WAYS (3, __dsub, u, v)
  WAYS (6, __dmul, u, v)
  WAYS (9, __ddiv, u, v)
  WAYS (12, __fma, u, v, w)
  WAYS (15, __drcp, u)
  WAYS (18, __dsqrt, fabs (u))
}

extern "C" __global__ void
conversions_to_every_side (const double *x, const unsigned long long *y, float *a, double *b, int n)
{
  int i = INDEX;
  if (i >= n)
    return;
  {
    float *out = a + 15 * i;
    WAYS (0, __double2float, x[i])
    WAYS (3, __int2float, (int) y[i])
    WAYS (6, __uint2float, (unsigned) y[i])
    WAYS (9, __ll2float, (long long) y[i])
    WAYS (12, __ull2float, y[i])
  }
  double *out = b + 6 * i;
  WAYS (0, __ll2double, (long long) y[i])
  WAYS (3, __ull2double, y[i])
}
