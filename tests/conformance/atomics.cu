/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Every atomic, on memory that all threads share. */
#define INDEX (int) (blockIdx.x * blockDim.x + threadIdx.x)

typedef unsigned long long u64;

extern "C" __global__ void
atomic_histogram (const int *x, int *a, unsigned *b, u64 *c, int n)
{
  int i = INDEX;
  if (i >= n)
    return;
  atomicAdd (&a[x[i] & 7], x[i]);
  atomicAdd (&b[x[i] & 7], 3u);
  atomicAdd (&c[x[i] & 7], 1ull << 40);
}

/* sums of small halves are exact in any order */
extern "C" __global__ void
atomic_sums_of_floats (const int *x, float *a, double *b, int n)
{
  int i = INDEX;
  if (i >= n)
    return;
  atomicAdd (&a[i & 3], x[i] * 0.5f);
  atomicAdd (&b[i & 3], x[i] * 0.25);
}

extern "C" __global__ void
atomic_places (int *count, int *seen, int n)
{
  if (INDEX < n)
    seen[atomicAdd (count, 1)] = INDEX;
}

extern "C" __global__ void
atomic_differences (const int *x, int *a, unsigned *b, int n)
{
  int i = INDEX;
  if (i >= n)
    return;
  atomicSub (&a[i & 1], x[i]);
  atomicSub (&b[i & 1], 7u);
}

/* everybody's value is handed on exactly once */
extern "C" __global__ void
atomic_exchanges (int *a, unsigned *b, u64 *c, float *d, int *seen, int n)
{
  int i = INDEX;
  if (i >= n)
    return;
  seen[4 * i] = atomicExch (a, i + 1);
  seen[4 * i + 1] = (int) atomicExch (b, (unsigned) i + 1);
  seen[4 * i + 2] = (int) atomicExch (c, (u64) i + 1);
  seen[4 * i + 3] = (int) atomicExch (d, (float) (i + 1));
}

extern "C" __global__ void
atomic_extremes (const int *x, int *a, unsigned *b, long long *c, u64 *d, int n)
{
  int i = INDEX;
  if (i >= n)
    return;
  atomicMin (&a[0], x[i]);
  atomicMax (&a[1], x[i]);
  atomicMin (&b[0], (unsigned) x[i]);
  atomicMax (&b[1], (unsigned) x[i]);
  atomicMin (&c[0], (long long) x[i] << 33);
  atomicMax (&c[1], (long long) x[i] << 33);
  atomicMin (&d[0], (u64) (long long) x[i]);
  atomicMax (&d[1], (u64) (long long) x[i]);
}

extern "C" __global__ void
atomic_counters (unsigned *up, unsigned *down, int *seen, int n)
{
  if (INDEX >= n)
    return;
  atomicAdd (&seen[atomicInc (up, 6)], 1);
  atomicAdd (&seen[10 + atomicDec (down, 4)], 1);
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
atomic_compare_and_swap (const int *x, float *a, unsigned *b, u64 *c, unsigned short *d, int n)
{
  int i = INDEX;
  u64 seen;
  if (i >= n)
    return;
  most_of_floats (a, x[i] * 0.5f);
  for (unsigned v = *b;;)
    {
      unsigned old = atomicCAS (b, v, v * 3 + 1 & 0xffff);
      if (old == v)
        break;
      v = old;
    }
  do
    seen = *(volatile u64 *) c;
  while (atomicCAS (c, seen, seen + (u64) (i + 1)) != seen);
  atomicCAS (&d[i], (unsigned short) (i & 1), (unsigned short) 500);
}

extern "C" __global__ void
atomic_bits (const int *x, int *a, unsigned *b, u64 *c, int n)
{
  int i = INDEX;
  if (i >= n)
    return;
  atomicAnd (&a[0], x[i] | 0xf0);
  atomicOr (&a[1], x[i] & 0x0f);
  atomicXor (&a[2], x[i]);
  atomicAnd (&b[0], ~(1u << (i & 15)));
  atomicOr (&b[1], 1u << (i & 15));
  atomicXor (&b[2], (unsigned) x[i] * 77);
  atomicAnd (&c[0], ~(1ull << (i % 50)));
  atomicOr (&c[1], 1ull << (i % 50));
  atomicXor (&c[2], (u64) x[i] * 7777777777ull);
}

extern "C" __global__ void
atomics_of_every_scope (const int *x, int *a, float *b, int n)
{
  int i = INDEX;
  if (i >= n)
    return;
  atomicAdd_system (&a[0], x[i]);
  atomicAdd_block (&a[4 + blockIdx.x], x[i]);
  atomicMax_system (&a[1], x[i]);
  atomicOr_system (&a[2], x[i] & 31);
  atomicCAS_system (&a[3], 0, 55);
  atomicAdd_system (b, x[i] * 0.5f);
}

extern "C" __global__ void
atomics_on_shared_memory (const int *x, int *y, int n)
{
  __shared__ int count[8];
  int i = INDEX, t = threadIdx.x;
  if (t < 8)
    count[t] = 0;
  __syncthreads ();
  if (i < n)
    atomicAdd (&count[x[i] & 7], 1);
  __syncthreads ();
  if (t < 8)
    y[blockIdx.x * 8 + t] = count[t];
}

/* The block that comes last adds up what the others left. */
__device__ unsigned arrived;

extern "C" __global__ void
last_block_sums_up (const int *x, int *sums, int *total, int n)
{
  __shared__ int sum, is_last;
  int i = INDEX;
  if (threadIdx.x == 0)
    sum = 0;
  __syncthreads ();
  if (i < n)
    atomicAdd (&sum, x[i]);
  __syncthreads ();
  if (threadIdx.x == 0)
    {
      atomicExch (&sums[blockIdx.x], sum);
      __threadfence ();
      is_last = atomicInc (&arrived, gridDim.x - 1) == gridDim.x - 1;
    }
  __syncthreads ();
  if (is_last && threadIdx.x == 0)
    for (unsigned b = 0; b < gridDim.x; b++)
      *total += atomicAdd (&sums[b], 0);
}

/* A lock that threads of other warps hold meanwhile */
extern "C" __global__ void
spin_lock (const int *x, int *lock, int *sum, int n)
{
  int i = INDEX;
  __syncthreads ();
  if (i >= n)
    return;
  for (int done = 0; !done;)
    if (atomicCAS (lock, 0, 1) == 0)
      {
        __threadfence ();
        *(volatile int *) sum = *(volatile int *) sum * 1 + x[i];
        __threadfence ();
        atomicExch (lock, 0);
        done = 1;
      }
}
