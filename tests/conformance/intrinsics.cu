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
modified_bessel_functions (const double *x, double *y, float *z, int n)
{
  int i = INDEX;
  if (i >= n)
    return;
  double *a = y + 4 * i, v = x[i];
  float *b = z + 4 * i, f = (float) v;
  a[0] = cyl_bessel_i0 (3 * v), b[0] = cyl_bessel_i0 (3 * f);
  a[1] = cyl_bessel_i1 (3 * v), b[1] = cyl_bessel_i1f (3 * f);
  a[2] = cyl_bessel_i0 (20 * v), b[2] = cyl_bessel_i0f (20 * f);
  a[3] = cyl_bessel_i1 (20 * v), b[3] = cyl_bessel_i1 (20 * f);
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

extern "C" __global__ void
products_of_bytes_and_halves (const unsigned *x, int *y, unsigned *z, int n)
{
  int i = INDEX;
  if (i >= n)
    return;
  unsigned a = x[i], b = x[n - 1 - i], c = x[i / 2];
  int p = (int) a, q = (int) b, *s = y + 6 * i;
  unsigned *t = z + 6 * i;
  char4 j = make_char4 ((signed char) a, (signed char) (a >> 8), (signed char) (a >> 16), -3);
  uchar4 k = make_uchar4 ((unsigned char) a, (unsigned char) (a >> 8), (unsigned char) (a >> 16), 3);
  s[0] = __dp4a (p, q, (int) c), t[0] = __dp4a (a, b, c);
  s[1] = __dp2a_lo (p, q, (int) c), t[1] = __dp2a_lo (a, b, c);
  s[2] = __dp2a_hi (p, q, (int) c), t[2] = __dp2a_hi (a, b, c);
  s[3] = __dp4a (j, j, i), t[3] = __dp4a (k, k, 1u);
  s[4] = __dp2a_lo (make_short2 ((short) b, -5), j, i);
  s[5] = __dp2a_hi (make_short2 ((short) b, -5), j, i);
  t[4] = __dp2a_lo (make_ushort2 ((unsigned short) b, 5), k, 1u);
  t[5] = __dp2a_hi (make_ushort2 ((unsigned short) b, 5), k, 1u);
}

#define ORDER(k, s, n)                                                                             \
  out[k] = __vcmpge##s##n (a, b), out[k + 1] = __vcmpgt##s##n (a, b);                              \
  out[k + 2] = __vcmple##s##n (a, b), out[k + 3] = __vcmplt##s##n (a, b);                          \
  out[k + 4] = __vsetge##s##n (a, b), out[k + 5] = __vsetgt##s##n (a, b);                          \
  out[k + 6] = __vsetle##s##n (a, b), out[k + 7] = __vsetlt##s##n (a, b);                          \
  out[k + 8] = __vmax##s##n (a, b), out[k + 9] = __vmin##s##n (a, b);                              \
  out[k + 10] = __vabsdiff##s##n (a, b), out[k + 11] = __vsad##s##n (a, b);                        \
  out[k + 12] = __vavg##s##n (a, b);

#define PARTS(n)                                                                                   \
  ORDER (0, s, n)                                                                                  \
  ORDER (13, u, n)                                                                                 \
  out[26] = __vabs##n (a), out[27] = __vabsss##n (a), out[28] = __vneg##n (a);                     \
  out[29] = __vnegss##n (a), out[30] = __vadd##n (a, b), out[31] = __vsub##n (a, b);               \
  out[32] = __vaddss##n (a, b), out[33] = __vsubss##n (a, b), out[34] = __vaddus##n (a, b);        \
  out[35] = __vsubus##n (a, b), out[36] = __vhaddu##n (a, b), out[37] = __vcmpeq##n (a, b);        \
  out[38] = __vcmpne##n (a, b), out[39] = __vseteq##n (a, b), out[40] = __vsetne##n (a, b);

extern "C" __global__ void
operations_on_halves (const unsigned *x, const unsigned *y, unsigned *z, int n)
{
  int i = INDEX;
  if (i >= n)
    return;
  unsigned a = x[i], b = y[i], *out = z + 41 * i;
  PARTS (2)
}

extern "C" __global__ void
operations_on_bytes (const unsigned *x, const unsigned *y, unsigned *z, int n)
{
  int i = INDEX;
  if (i >= n)
    return;
  unsigned a = x[i], b = y[i], *out = z + 41 * i;
  PARTS (4)
}

#define EXTREMES(k, name)                                                                          \
  out[k] = __vi##name##3_s32 (p, q, r), out[k + 1] = __vi##name##3_u32 (a, b, c);                  \
  out[k + 2] = __vi##name##3_s16x2 (a, b, c), out[k + 3] = __vi##name##3_u16x2 (a, b, c);          \
  out[k + 4] = __viadd##name##_s32 (p, q, r), out[k + 5] = __viadd##name##_u32 (a, b, c);          \
  out[k + 6] = __viadd##name##_s16x2 (a, b, c), out[k + 7] = __viadd##name##_u16x2 (a, b, c);      \
  out[k + 8] = __vi##name##_s32_relu (p, q), out[k + 9] = __vi##name##3_s32_relu (p, q, r);        \
  out[k + 10] = __viadd##name##_s32_relu (p, q, r);                                                \
  out[k + 11] = __vi##name##_s16x2_relu (a, b), out[k + 12] = __vi##name##3_s16x2_relu (a, b, c);  \
  out[k + 13] = __viadd##name##_s16x2_relu (a, b, c);                                              \
  out[k + 14] = __vib##name##_s32 (p, q, &one), out[k + 14] += one;                                \
  out[k + 15] = __vib##name##_u32 (a, b, &one), out[k + 15] += one;                                \
  out[k + 16] = __vib##name##_s16x2 (a, b, &one, &two), out[k + 16] += 5 * one + two;              \
  out[k + 17] = __vib##name##_u16x2 (a, b, &one, &two), out[k + 17] += 5 * one + two;

extern "C" __global__ void
extremes_of_sums (const unsigned *x, const unsigned *y, unsigned *z, int n)
{
  int i = INDEX;
  if (i >= n)
    return;
  unsigned a = x[i], b = y[i], c = y[n - 1 - i], *out = z + 36 * i;
  int p = (int) a, q = (int) b, r = (int) c;
  bool one, two;
  EXTREMES (0, max)
  EXTREMES (18, min)
}

extern "C" __global__ void
places_of_bits (const unsigned *x, unsigned *y, long long *z, int n)
{
  int i = INDEX;
  if (i >= n)
    return;
  y[i] = __fns (x[i], i % 32, i % 7 - 3);
  z[i] = llmin (x[i], 1000) + llmax (-5, i) + (long long) (umin (x[i], 9u) + umax (x[i], 9u))
         + (long long) (ullmin (x[i], 9u) + ullmax (x[i], 9u)) + llrint (2.5) + llrintf (3.5f);
}

extern "C" __global__ void
bytes_copied (const float *x, unsigned *y, unsigned *z, int n)
{
  int i = INDEX;
  if (i >= n)
    return;
  unsigned bits;
  memcpy (&bits, x + i, sizeof bits);
  y[i] = bits;
  memset (z + i, i & 0xff, sizeof *z);
}

extern "C" __global__ void
clocks_go_on (int *y, int n)
{
  int i = INDEX;
  if (i >= n)
    return;
  long long start = clock64 ();
  clock_t first = clock ();
  float x = 0;
  for (int k = 0; k < 1000; k++)
    x = fmaf (x, 0.5f, (float) i);
  y[i] = x >= 0 && clock64 () > start && clock () >= first;
  __prof_trigger (1);
  if (n < 0)
    __trap ();
}

extern "C" __global__ void
functions_of_the_library (const double *x, double *y, float *z, int *q, int n)
{
  int i = INDEX;
  if (i >= n)
    return;
  double v = x[i] + 1;
  float f = (float) v;
  int *w = q + 4 * i;
  double *a = y + 8 * i;
  float *b = z + 8 * i;
  a[0] = j0 (v), a[1] = j1 (v), a[2] = jn (2, v), a[3] = y0 (v), a[4] = y1 (v), a[5] = yn (2, v);
  b[0] = j0f (f), b[1] = j1f (f), b[2] = jnf (2, f), b[3] = y0f (f), b[4] = y1f (f);
  b[5] = ynf (2, f);
  a[6] = scalbn (v, i % 5) + scalbln (v, -2), b[6] = scalbnf (f, i % 5) + scalblnf (f, -2);
  a[7] = remquo (100 * v, 0.75, w) + fdivide (v, 3), b[7] = remquof (100 * f, 0.75f, w + 1) + f / 3;
  w[0] &= 7, w[1] &= 7;
  w[2] = ilogb (v) + ilogbf (f), w[3] = isnan (nan ("")) + 2 * isnan (nanf (""));
}

extern "C" __global__ void
conversions_of_what_does_not_fit (const double *x, const float *f, long long *y, int n)
{
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n)
    return;
  double v = x[i];
  float w = f[i];
  long long *out = y + 40 * i;
#define EACH(k, name, p)          \
  out[k] = __##name##_rz (p);     \
  out[k + 1] = __##name##_rn (p); \
  out[k + 2] = __##name##_rd (p); \
  out[k + 3] = __##name##_ru (p);
  EACH (0, float2int, w)
  EACH (4, float2uint, w)
  EACH (8, float2ll, w)
  EACH (12, float2ull, w)
  EACH (16, double2int, v)
  EACH (20, double2uint, v)
  EACH (24, double2ll, v)
  EACH (28, double2ull, v)
#undef EACH
  out[32] = lrintf (w);
  out[33] = llrintf (w);
  out[34] = lroundf (w);
  out[35] = llroundf (w);
  out[36] = lrint (v);
  out[37] = llrint (v);
  out[38] = lround (v);
  out[39] = llround (v);
}

template <class F, class T>
__device__ auto
call (F function, T x)
{
  return function (x);
}

template <class F>
__device__ float
join (F function, float x, float y)
{
  return function (x, y);
}

extern "C" __global__ void
functions_handed_on (const float *x, float *y, int n)
{
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n)
    return;
  y[i] = join (fmaxf, x[i], 2) + join (__fadd_rn, x[i], 2) + call (__popc, (unsigned) i)
         + call (__float2int_rn, x[i] / 2);
}
