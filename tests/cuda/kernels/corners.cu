/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What kernels seldom do: cache operators, scopes, address spaces, tables of functions, inline PTX. */

extern "C" __global__ void
caches (const int *__restrict__ a, volatile int *b, int *c, int n)
{
  int i = blockIdx.x * blockDim.x + threadIdx.x;

  if (i >= n)
    return;
  b[i] = __ldg (a + i) + __ldcg (a + i) + __ldcs (a + i) + __ldca (a + i) + __ldcv (a + i);
  __threadfence ();
  __threadfence_block ();
  __threadfence_system ();
  __stcs (c + i, b[i]);
  __stcg (c + n + i, -b[i]);
  __stwt (c + 2 * n + i, 2 * b[i]);
  __nanosleep (20);
}

extern "C" __global__ void
scopes (int *out, unsigned short *shorts, unsigned long long *wide)
{
  atomicAdd_block (out, 1);
  atomicAdd_system (out + 1, 2);
  atomicMax_block (out + 2, (int) threadIdx.x);
  atomicDec ((unsigned *) out + 3, 6u);
  atomicCAS (shorts + threadIdx.x, (unsigned short) 7, (unsigned short) threadIdx.x);
  atomicMin (wide, 100ull - threadIdx.x);
  atomicOr (wide + 1, 1ull << threadIdx.x);
}

extern "C" __global__ void
spaces (int *out)
{
  __shared__ int shared[4];
  int local[8], t = threadIdx.x;
  int *pointer = t & 1 ? shared + t / 2 : local + t;

  for (int k = 0; k < 8; k++)
    local[k] = 10 * k;
  if (t < 4)
    shared[t] = 100 + t;
  __syncthreads ();
  out[t] = *pointer;
  out[8 + t] = __isGlobal (out) + 2 * __isShared (pointer) + 4 * __isLocal (pointer);
  out[16 + t] = *(int *) __cvta_shared_to_generic (__cvta_generic_to_shared (shared + t / 2));
}

struct shape
{
  __device__ virtual int area (int) = 0;
};

struct square : shape
{
  __device__ int
  area (int x) override
  {
    return x * x;
  }
};

struct strip : shape
{
  int width;

  __device__
  strip (int w)
      : width (w)
  {
  }
  __device__ int
  area (int x) override
  {
    return width * x;
  }
};

extern "C" __global__ void
tables (const __grid_constant__ int4 numbers, int *out, int n)
{
  square one;
  strip two (n);
  shape *chosen = (threadIdx.x + n) & 1 ? (shape *) &one : (shape *) &two;
  const int *number = &numbers.x;

  out[threadIdx.x] = chosen->area (threadIdx.x);
  out[32 + threadIdx.x] = number[threadIdx.x & 3];
}

extern "C" __global__ void
inlined (int *out, int n)
{
  int t = threadIdx.x, least, all;

  asm ("{ .reg .pred p; setp.lt.s32 p, %1, %2; selp.s32 %0, %1, %2, p; }"
       : "=r"(least)
       : "r"(t), "r"(n));
  out[t] = least;
  if (t < 32)
    asm volatile ("bar.arrive 5, 64;" ::: "memory");
  else
    asm volatile ("bar.sync 5, 64;" ::: "memory");
  out[64 + t] = __match_all_sync (0xffffffff, t / 64, &all) == 0xffffffff && all;
}
