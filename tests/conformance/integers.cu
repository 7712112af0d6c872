/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Widths, conversions, shifts, and arithmetic that wraps around. */
#define INDEX (int) (blockIdx.x * blockDim.x + threadIdx.x)

extern "C" __global__ void
widths (const int *x, signed char *a, unsigned char *b, short *c, unsigned short *d, int n)
{
  int i = INDEX;
  if (i >= n)
    return;
  a[i] = (signed char) (x[i] * 3);
  b[i] = (unsigned char) (x[i] * 3);
  c[i] = (short) ((short) (x[i] * 301) + (short) 30000);
  d[i] = (unsigned short) ((unsigned short) x[i] * 7);
}

extern "C" __global__ void
promotions (const int *x, int *y, int n)
{
  int i = INDEX;
  if (i >= n)
    return;
  unsigned char a = (unsigned char) x[i], b = 200;
  signed char c = (signed char) x[i];
  unsigned short s = 65535;
  y[i] = (a + b) + (c >> 1) * 1000 + (a - b < 0 ? 7 : 8) + (s + 1) + (~a & 0xf00);
}

extern "C" __global__ void
conversions (const double *x, int *a, unsigned *b, long long *c, float *d, unsigned char *e, int n)
{
  int i = INDEX;
  if (i >= n)
    return;
  a[i] = (int) x[i];
  b[i] = (unsigned) fabs (x[i]);
  c[i] = (long long) (x[i] * 1e9);
  d[i] = (float) x[i] + (float) c[i] + (float) b[i];
  e[i] = x[i] != 0;
}

extern "C" __global__ void
conversions_by_name (const double *x, long long *y, double *z, float *w, int n)
{
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  assert (n > 0);
  __builtin_assume (n < 1000);
  if (i >= n)
    return;
  double v = x[i], u = v * v;
  float f = (float) v, g = f * f;
  long long *out = y + 32 * i;
#define EACH(k, name, p)           \
  out[k] = __##name##_rz (p);     \
  out[k + 1] = __##name##_rn (p); \
  out[k + 2] = __##name##_rd (p); \
  out[k + 3] = __##name##_ru (p);
  EACH (0, float2int, f)
  EACH (4, float2uint, g)
  EACH (8, float2ll, f)
  EACH (12, float2ull, g)
  EACH (16, double2int, v)
  EACH (20, double2uint, u)
  EACH (24, double2ll, v)
  EACH (28, double2ull, u)
  z[i] = __hiloint2double (__double2hiint (v), __double2loint (u)) + __int2double_rn (i)
         + __uint2double_rn (i) + __ll2double_rn (-i) + __ull2double_rn (i);
  w[i] = __int2float_rn (-i) + __uint2float_rn (i) + __ll2float_rn (1ll << i % 50)
         + __ull2float_rn (~0ull) + __double2float_rn (v);
}

extern "C" __global__ void
floats_from_integers (const unsigned long long *x, float *a, double *b, float *c, double *d, int n)
{
  int i = INDEX;
  if (i >= n)
    return;
  a[i] = (float) x[i];
  b[i] = (double) x[i];
  c[i] = (float) (long long) x[i];
  d[i] = (double) (int) x[i];
}

extern "C" __global__ void
arithmetic_of_64_bits (const unsigned long long *x, unsigned long long *y, long long *z, int n)
{
  int i = INDEX;
  if (i >= n)
    return;
  unsigned long long u = x[i], v = x[n - 1 - i] | 1;
  y[i] = u * v + (u / v) * 3 - u % v;
  z[i] = (long long) u / ((long long) (v >> 40) + 1) - (long long) u % 1000;
}

extern "C" __global__ void
shifts (const int *x, int *a, unsigned *b, long long *c, unsigned long long *d, int n)
{
  int i = INDEX;
  if (i >= n)
    return;
  int s = i & 31;
  a[i] = x[i] >> s;
  b[i] = (unsigned) x[i] << s ^ (unsigned) x[i] >> (31 - s);
  c[i] = (long long) x[i] * 0x100000001ll >> (s + 20);
  d[i] = (unsigned long long) (unsigned) x[i] << (s + 31);
}

extern "C" __global__ void
wrap_around (const unsigned *x, unsigned *y, unsigned short *z, int n)
{
  int i = INDEX;
  if (i >= n)
    return;
  unsigned h = 2166136261u;
  unsigned short s = (unsigned short) x[i];
  for (int k = 0; k < 4; k++)
    h = (h ^ (x[i] >> 8 * k & 0xff)) * 16777619u;
  for (int k = 0; k < 100; k++)
    s = (unsigned short) (s * 251 + 17);
  y[i] = h - x[i] * x[i];
  z[i] = s;
}

extern "C" __global__ void
division_of_negatives (const int *x, int *y, int *z, int n)
{
  int i = INDEX, d;
  if (i >= n)
    return;
  d = i % 7 - 3;
  d = d == 0 ? 5 : d;
  y[i] = x[i] / d;
  z[i] = x[i] % d;
}

extern "C" __global__ void
mixed_signs (const int *x, int *y, int n)
{
  int i = INDEX;
  unsigned u = 10;
  if (i >= n)
    return;
  y[i] = (x[i] < u) + 2 * (x[i] < 10) + 4 * (x[i] + u > 5) + 8 * ((long long) x[i] < (long long) u)
         + 16 * (x[i] > -1) + 32 * ((unsigned) x[i] > 0x80000000u);
}

extern "C" __global__ void
truth_values (const int *x, bool *y, int *z, int n)
{
  int i = INDEX;
  if (i >= n)
    return;
  bool a = x[i], b = x[i] > 10, c = !a;
  y[i] = a && !b;
  z[i] = a + b * 2 + c * 4 + (a ^ b) * 8 + (a & 1 | b) * 16;
}

extern "C" __global__ void
bit_counts (const unsigned long long *x, int *y, unsigned long long *z, int n)
{
  int i = INDEX;
  if (i >= n)
    return;
  unsigned u = (unsigned) x[i];
  y[i] = __popc (u) + 100 * __clz ((int) u) + 10000 * __ffs ((int) u)
         + 1000000 * (__popcll (x[i]) + __clzll ((long long) x[i]) + __ffsll ((long long) x[i]));
  z[i] = __brevll (x[i]) + __brev (u);
}

extern "C" __global__ void
bytes_and_funnels (const unsigned long long *x, unsigned *a, unsigned *b, unsigned *c, int n)
{
  int i = INDEX;
  if (i >= n)
    return;
  unsigned low = (unsigned) x[i], high = (unsigned) (x[i] >> 32), s = (unsigned) i;
  a[i] = __byte_perm (low, high, s * 0x1235u);
  b[i] = __funnelshift_l (low, high, s) ^ __funnelshift_rc (low, high, s);
  c[i] = __funnelshift_r (low, high, s) + __funnelshift_lc (low, high, s);
}

extern "C" __global__ void
high_halves_and_means (const int *x, int *a, unsigned *b, long long *c, unsigned long long *d, int n)
{
  int i = INDEX;
  if (i >= n)
    return;
  int p = (int) ((unsigned) x[i] * 19088743u), q = (int) ((unsigned) x[n - 1 - i] * 1985229328u);
  long long wide = (long long) p << 32 | (unsigned) q;
  a[i] = __mulhi (p, q) ^ __mul24 (p, q) ^ __hadd (p, q) ^ __rhadd (p, q) << 1;
  b[i] = __umulhi (p, q) + __umul24 (p, q) + __uhadd (p, q) + __urhadd (p, q) + __sad (p, q, 5)
         + __usad (p, q, 6);
  c[i] = __mul64hi (wide, ~wide);
  d[i] = __umul64hi ((unsigned long long) wide, ~(unsigned long long) wide);
}

extern "C" __global__ void
random_numbers (unsigned long long seed, unsigned long long *y, unsigned *z, int n)
{
  int i = INDEX;
  if (i >= n)
    return;
  unsigned long long s = seed + (unsigned long long) i * 0x9e3779b97f4a7c15ull;
  unsigned w = (unsigned) i + 1;
  s = (s ^ s >> 30) * 0xbf58476d1ce4e5b9ull;
  s = (s ^ s >> 27) * 0x94d049bb133111ebull;
  y[i] = s ^ s >> 31;
  for (int k = 0; k < 10; k++)
    {
      w ^= w << 13;
      w ^= w >> 17;
      w ^= w << 5;
    }
  z[i] = w;
}

extern "C" __global__ void
least_and_most (const int *x, int *y, long long *z, int n)
{
  int i = INDEX;
  if (i >= n)
    return;
  y[i] = min (x[i], 5) * 3 + max (x[i], -7) + abs (x[i]);
  z[i] = max ((long long) x[i] * 100000000ll, 1ll) + min ((unsigned) x[i], 77u);
}
