/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Integers and floating point: every result has its place, test-kernels.py says what is in it. */
#define AT(k) out[(k) * n + i]

extern "C" __global__ void
integers (const int *a, const int *b, int *out, int n)
{
  int i = blockIdx.x * blockDim.x + threadIdx.x;

  if (i >= n)
    return;
  int x = a[i], y = b[i];
  unsigned u = x, v = y;
  AT (0) = x + y;
  AT (1) = x * y;
  AT (2) = y ? x / y : 0;
  AT (3) = y ? x % y : 0;
  AT (4) = v ? u / v : 0;
  AT (5) = v ? u % v : 0;
  AT (6) = __mulhi (x, y);
  AT (7) = __umulhi (u, v);
  AT (8) = x >> (y & 31);
  AT (9) = u >> (y & 31);
  AT (10) = x << (y & 31);
  AT (11) = __popc (x) + 100 * __clz (y);
  AT (12) = __brev (x);
  AT (13) = __ffs (x);
  AT (14) = __byte_perm (x, y, 0x5140);
  AT (15) = __funnelshift_l (x, y, 7);
  AT (16) = __funnelshift_r (x, y, 39);
  AT (17) = min (x, y) ^ max (x, y);
  AT (18) = abs (x) - __usad (u, v, 5);
  AT (19) = (short) x * (short) y + (signed char) x - (unsigned char) y;
  AT (20) = (x & y) | (~x & 0x55555555) ^ y;
  AT (21) = __dp4a (x, y, 1000);
  AT (22) = (x >> 5) & 0xff;
  AT (23) = (short) (x >> 8);
}

extern "C" __global__ void
wide (const long long *a, const long long *b, long long *out, int n)
{
  int i = blockIdx.x * blockDim.x + threadIdx.x;

  if (i >= n)
    return;
  long long x = a[i], y = b[i];
  unsigned long long u = x, v = y;
  AT (0) = x + y;
  AT (1) = x * y;
  AT (2) = y ? x / y : 0;
  AT (3) = v ? u % v : 0;
  AT (4) = __mul64hi (x, y);
  AT (5) = __umul64hi (u, v);
  AT (6) = x >> (y & 63);
  AT (7) = u >> (y & 63);
  AT (8) = x << (y & 63);
  AT (9) = __popcll (x) + 100 * __clzll (y);
  AT (10) = __brevll (x);
  AT (11) = (long long) (int) x * (int) y;
  AT (12) = x < y ? x : y;
  AT (13) = u < v ? u : v;
}

extern "C" __global__ void
singles (const float *a, const float *b, float *out, int n)
{
  int i = blockIdx.x * blockDim.x + threadIdx.x;

  if (i >= n)
    return;
  float x = a[i], y = b[i];
  AT (0) = x + y;
  AT (1) = x - y;
  AT (2) = x * y;
  AT (3) = x / y;
  AT (4) = sqrtf (x);
  AT (5) = fmaf (x, y, x);
  AT (6) = fminf (x, y);
  AT (7) = fmaxf (x, y);
  AT (8) = floorf (x);
  AT (9) = ceilf (x);
  AT (10) = truncf (x);
  AT (11) = rintf (x);
  AT (12) = fabsf (x);
  AT (13) = copysignf (x, y);
  AT (14) = (float) (int) x;
  AT (15) = x * y + x;
  AT (16) = x < y ? 1 : x > y ? 2 : x == y ? 3 : 4;
  AT (17) = (float) ((double) x * (double) y);
  AT (18) = __int_as_float (__float_as_int (x) ^ 1);
}

extern "C" __global__ void
doubles (const double *a, const double *b, double *out, int n)
{
  int i = blockIdx.x * blockDim.x + threadIdx.x;

  if (i >= n)
    return;
  double x = a[i], y = b[i];
  AT (0) = x + y;
  AT (1) = x - y;
  AT (2) = x * y;
  AT (3) = x / y;
  AT (4) = sqrt (x);
  AT (5) = x * y + x;
  AT (6) = fmin (x, y);
  AT (7) = fmax (x, y);
  AT (8) = floor (x);
  AT (9) = rint (x);
  AT (10) = (double) (long long) x;
  AT (11) = (double) (float) x;
  AT (12) = -x;
}

/* Each of the four directions: a + b, a * b, a / b, sqrt |a|, fma (a, b, a) */
extern "C" __global__ void
directions (const double *a, const double *b, double *out, int n)
{
  int i = blockIdx.x * blockDim.x + threadIdx.x;

  if (i >= n)
    return;
  double x = a[i], y = b[i], z = fabs (x);
  AT (0) = __dadd_rn (x, y);
  AT (1) = __dadd_rz (x, y);
  AT (2) = __dadd_rd (x, y);
  AT (3) = __dadd_ru (x, y);
  AT (4) = __dmul_rn (x, y);
  AT (5) = __dmul_rz (x, y);
  AT (6) = __dmul_rd (x, y);
  AT (7) = __dmul_ru (x, y);
  AT (8) = __ddiv_rn (x, y);
  AT (9) = __ddiv_rz (x, y);
  AT (10) = __ddiv_rd (x, y);
  AT (11) = __ddiv_ru (x, y);
  AT (12) = __dsqrt_rn (z);
  AT (13) = __dsqrt_rz (z);
  AT (14) = __dsqrt_rd (z);
  AT (15) = __dsqrt_ru (z);
  AT (16) = __fma_rn (x, y, x);
  AT (17) = __fma_rz (x, y, x);
  AT (18) = __fma_rd (x, y, x);
  AT (19) = __fma_ru (x, y, x);
}
