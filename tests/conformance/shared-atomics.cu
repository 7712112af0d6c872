/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Every atomic on shared memory. In a place of a thread's own it gives back exactly what was there; where all
 * threads of a block meet, what is left does not depend on who comes first. */
#define INDEX (int) (blockIdx.x * blockDim.x + threadIdx.x)

typedef unsigned long long u64;

/* what was there before, and what is there afterwards */
#define STEP(call)      \
  {                     \
    seen[k++] = (call); \
    seen[k++] = s[t];   \
  }

extern "C" __global__ void
own_int (const int *x, int *y)
{
  __shared__ int s[256];
  int i = INDEX, t = threadIdx.x, k = 0, v = x[i], *seen = y + i * 20;
  s[t] = 17 - t;
  STEP (atomicAdd (&s[t], v))
  STEP (atomicSub (&s[t], 3 * v))
  STEP (atomicMin (&s[t], v))
  STEP (atomicMax (&s[t], -v))
  STEP (atomicAnd (&s[t], 0x5f))
  STEP (atomicOr (&s[t], v))
  STEP (atomicXor (&s[t], 0x333))
  STEP (atomicCAS (&s[t], v ^ 0x333, 5))
  STEP (atomicCAS (&s[t], -1000000, 6))
  STEP (atomicExch (&s[t], v * v))
}

extern "C" __global__ void
own_unsigned (const int *x, unsigned *y)
{
  __shared__ unsigned s[256];
  int i = INDEX, t = threadIdx.x, k = 0;
  unsigned v = (unsigned) x[i] * 2654435761u, *seen = y + i * 28;
  s[t] = 9;
  STEP (atomicInc (&s[t], 9))
  STEP (atomicInc (&s[t], 9))
  STEP (atomicDec (&s[t], v))
  STEP (atomicDec (&s[t], v))
  STEP (atomicAdd (&s[t], v))
  STEP (atomicSub (&s[t], v >> 3))
  STEP (atomicMin (&s[t], v))
  STEP (atomicMax (&s[t], 0x80000000u))
  STEP (atomicAnd (&s[t], ~v))
  STEP (atomicOr (&s[t], v & 0xff))
  STEP (atomicXor (&s[t], v))
  STEP (atomicCAS (&s[t], s[t], v + 1))
  STEP (atomicCAS (&s[t], v, 1))
  STEP (atomicExch (&s[t], ~0u))
}

extern "C" __global__ void
own_wide (const int *x, u64 *y)
{
  __shared__ u64 s[256];
  int i = INDEX, t = threadIdx.x, k = 0;
  u64 v = (u64) x[i] * 0x9e3779b97f4a7c15ull, *seen = y + i * 18;
  s[t] = 1ull << 63;
  STEP (atomicAdd (&s[t], v))
  STEP (atomicMin (&s[t], v))
  STEP (atomicMax (&s[t], 1ull << 40))
  STEP (atomicAnd (&s[t], 0xffffff00000000ffull))
  STEP (atomicOr (&s[t], v << 8))
  STEP (atomicXor (&s[t], v >> 1))
  STEP (atomicCAS (&s[t], s[t], v + 1))
  STEP (atomicCAS (&s[t], v, 1))
  STEP (atomicExch (&s[t], ~v))
}

extern "C" __global__ void
own_signed_wide (const int *x, long long *y)
{
  __shared__ long long s[256];
  int i = INDEX, t = threadIdx.x, k = 0;
  long long v = (long long) x[i] << 33, *seen = y + i * 4;
  s[t] = -1ll << 36;
  STEP (atomicMax (&s[t], v))
  STEP (atomicMin (&s[t], -v))
}

extern "C" __global__ void
own_float (const int *x, float *y)
{
  __shared__ float s[256];
  int i = INDEX, t = threadIdx.x, k = 0;
  float v = x[i] / 3.0f, *seen = y + i * 6;
  s[t] = 0.1f;
  STEP (atomicAdd (&s[t], v))
  STEP (atomicAdd (&s[t], -v))
  STEP (atomicExch (&s[t], v))
}

extern "C" __global__ void
own_double (const int *x, double *y)
{
  __shared__ double s[256];
  int i = INDEX, t = threadIdx.x, k = 0;
  double v = x[i] / 3.0, *seen = y + i * 4;
  s[t] = 0.1;
  STEP (atomicAdd (&s[t], v))
  STEP (atomicAdd (&s[t], -v))
}

extern "C" __global__ void
own_short (const int *x, unsigned short *y)
{
  __shared__ unsigned short s[256];
  int i = INDEX, t = threadIdx.x, k = 0;
  unsigned short v = (unsigned short) x[i], *seen = y + i * 4;
  s[t] = v;
  STEP (atomicCAS (&s[t], v, (unsigned short) 77))
  STEP (atomicCAS (&s[t], v, (unsigned short) 78))
}

/* --- all threads of a block --- */

extern "C" __global__ void
met_int (const int *x, int *y)
{
  __shared__ int s[8];
  int v = x[INDEX], t = threadIdx.x;
  if (t < 8)
    s[t] = t == 4 ? -1 : t == 7 ? -12345 : 0;
  __syncthreads ();
  atomicAdd (&s[0], v);
  atomicSub (&s[1], v);
  atomicMin (&s[2], v);
  atomicMax (&s[3], v);
  atomicAnd (&s[4], v | 0x60);
  atomicOr (&s[5], v & 0x1e);
  atomicXor (&s[6], v * 77);
  atomicCAS (&s[7], -12345, 4321);
  __syncthreads ();
  if (t < 8)
    y[blockIdx.x * 8 + t] = s[t];
}

extern "C" __global__ void
met_unsigned (const int *x, unsigned *y)
{
  __shared__ unsigned s[9];
  unsigned v = (unsigned) x[INDEX], t = threadIdx.x;
  if (t < 9)
    s[t] = t == 2 || t == 4 ? ~0u : 0;
  __syncthreads ();
  atomicAdd (&s[0], v);
  atomicSub (&s[1], v);
  atomicMin (&s[2], v);
  atomicMax (&s[3], v);
  atomicAnd (&s[4], v | 0x60);
  atomicOr (&s[5], v & 0x1e);
  atomicXor (&s[6], v * 77);
  atomicInc (&s[7], 10);
  atomicDec (&s[8], 10);
  __syncthreads ();
  if (t < 9)
    y[blockIdx.x * 9 + t] = s[t];
}

extern "C" __global__ void
met_wide (const int *x, u64 *y)
{
  __shared__ u64 s[7];
  u64 v = (u64) x[INDEX], t = threadIdx.x;
  if (t < 7)
    s[t] = t == 1 || t == 3 ? ~0ull : 0;
  __syncthreads ();
  atomicAdd (&s[0], v << 20);
  atomicMin (&s[1], v);
  atomicMax (&s[2], v);
  atomicAnd (&s[3], v | 0x60);
  atomicOr (&s[4], (v & 0x1e) << 40);
  atomicXor (&s[5], v * 7777777777ull);
  atomicCAS (&s[6], 0ull, 99ull);
  __syncthreads ();
  if (t < 7)
    y[blockIdx.x * 7 + t] = s[t];
}

/* sums of small halves are exact in any order */
extern "C" __global__ void
met_reals (const int *x, float *y, double *z)
{
  __shared__ float a;
  __shared__ double b;
  extern __shared__ float c[];
  int i = INDEX;
  if (threadIdx.x == 0)
    a = b = c[0] = c[1] = 0;
  __syncthreads ();
  atomicAdd (&a, x[i] * 0.5f);
  atomicAdd (&b, x[i] * 0.25);
  atomicAdd (c + (i & 1), (float) x[i]);
  __syncthreads ();
  if (threadIdx.x == 0)
    {
      y[blockIdx.x] = a + c[0] * c[1];
      z[blockIdx.x] = b;
    }
}

/* everybody's value is handed on exactly once */
extern "C" __global__ void
met_exchanges (int *y)
{
  __shared__ int a;
  __shared__ unsigned b;
  __shared__ u64 c;
  __shared__ float d;
  int t = threadIdx.x, *seen = y + INDEX * 4;
  if (t == 0)
    a = b = c = d = 0;
  __syncthreads ();
  seen[0] = atomicExch (&a, t + 1);
  seen[1] = (int) atomicExch (&b, (unsigned) t + 1);
  seen[2] = (int) atomicExch (&c, (u64) t + 1);
  seen[3] = (int) atomicExch (&d, (float) (t + 1));
}

__device__ float
most_of_floats (float *address, float value)
{
  int *bits = (int *) address, old = *bits, expected;
  do
    {
      expected = old;
      if (__int_as_float (expected) >= value)
        break;
      old = atomicCAS (bits, expected, __float_as_int (value));
    }
  while (old != expected);
  return __int_as_float (old);
}

extern "C" __global__ void
met_compare_and_swap (const int *x, float *y)
{
  __shared__ float most;
  if (threadIdx.x == 0)
    most = -1000;
  __syncthreads ();
  most_of_floats (&most, x[INDEX] * 0.5f);
  __syncthreads ();
  if (threadIdx.x == 0)
    y[blockIdx.x] = most;
}

/* places in a list of the block, and then one list of all */
extern "C" __global__ void
met_in_a_branch (const int *x, int *y, int *total)
{
  __shared__ int count, list[256], first;
  int v = x[INDEX], t = threadIdx.x;
  if (t == 0)
    count = 0;
  __syncthreads ();
  if (v > 30)
    {
      int at = atomicAdd (&count, 1);
      list[at] = v;
    }
  __syncthreads ();
  if (t == 0)
    first = atomicAdd (total, count);
  __syncthreads ();
  if (t < count)
    y[first + t] = list[t];
}
