/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the lanes of a warp do together. */
#define INDEX (int) (blockIdx.x * blockDim.x + threadIdx.x)
#define ALL   0xffffffffu

extern "C" __global__ void
warp_sum (const int *x, int *y, int n)
{
  int i = INDEX, v = i < n ? x[i] : 0;
  for (int d = 16; d > 0; d /= 2)
    v += __shfl_down_sync (ALL, v, d);
  if (threadIdx.x % 32 == 0)
    y[blockIdx.x * (blockDim.x / 32) + threadIdx.x / 32] = v;
}

extern "C" __global__ void
warp_scan (const float *x, float *y)
{
  float v = x[INDEX];
  int lane = threadIdx.x & 31;
  for (int d = 1; d < 32; d *= 2)
    {
      float other = __shfl_up_sync (ALL, v, d);
      if (lane >= d)
        v += other;
    }
  y[INDEX] = v;
}

extern "C" __global__ void
butterfly (const double *x, double *y)
{
  double v = x[INDEX];
  for (int bits = 1; bits < 32; bits *= 2)
    v = fmax (v, __shfl_xor_sync (ALL, v, bits));
  y[INDEX] = v;
}

extern "C" __global__ void
shuffles_of_every_width (const int *x, int *a, int *b, int *c, int *d)
{
  int i = INDEX, v = x[i];
  a[i] = __shfl_sync (ALL, v, 5, 8) + 1000 * __shfl_sync (ALL, v, i, 16);
  b[i] = __shfl_up_sync (ALL, v, 3, 8) + 1000 * __shfl_up_sync (ALL, v, 1, 2);
  c[i] = __shfl_down_sync (ALL, v, 3, 4) + 1000 * __shfl_down_sync (ALL, v, 7, 16);
  d[i] = __shfl_xor_sync (ALL, v, 3, 4) + 1000 * __shfl_xor_sync (ALL, v, 9, 16);
}

extern "C" __global__ void
shuffles_of_every_type (const int *x, long long *y, double *z)
{
  int i = INDEX, v = x[i];
  unsigned u = (unsigned) v;
  long long l = (long long) v << 33;
  unsigned long long ul = (unsigned long long) l + 1;
  y[i] = __shfl_xor_sync (ALL, l, 1) + (long long) __shfl_xor_sync (ALL, ul, 2)
         + __shfl_xor_sync (ALL, u, 4) + __shfl_xor_sync (ALL, (long) v, 8)
         + (long long) __shfl_xor_sync (ALL, (unsigned long) u, 16);
  z[i] = __shfl_xor_sync (ALL, v * 0.5f, 1) + __shfl_xor_sync (ALL, v * 0.25, 2);
}

#define EVERY_DISTANCE(M)                                                                          \
  M (0)                                                                                            \
  M (1) M (2) M (3) M (4) M (5) M (6) M (7) M (8) M (9) M (10) M (11) M (12) M (13) M (14) M (15)  \
      M (16) M (17) M (18) M (19) M (20) M (21) M (22) M (23) M (24) M (25) M (26) M (27) M (28)   \
          M (29) M (30) M (31)

extern "C" __global__ void
shuffles_by_every_distance (const int *x, unsigned *y, double *z)
{
  const unsigned every = ALL;
  int i = INDEX;
  unsigned v = (unsigned) x[i], sum = 0;
  double real = x[i] * 0.25, reals = 0;
#define BY(k)                                                                                      \
  sum = sum * 5 + __shfl_down_sync (every, v, k) + 2 * __shfl_up_sync (~0u, v, k, warpSize);       \
  sum = sum * 3 + __shfl_xor_sync (-1, v, k, 32) + 2 * __shfl_sync (ALL, v, k);                    \
  reals = reals * 0.5 + __shfl_down_sync (ALL, real, k) - __shfl_up_sync (ALL, real, k);           \
  reals = reals * 0.5 + __shfl_xor_sync (ALL, real, k) - 0.125 * __shfl_sync (ALL, real, k);
  EVERY_DISTANCE (BY)
  y[i] = sum;
  z[i] = reals;
}

extern "C" __global__ void
shuffles_within_halves (const int *x, int *y)
{
  int i = INDEX, v = x[i];
  y[i] = __shfl_down_sync (ALL, v, 3, warpSize / 2)
         + 1000 * __shfl_up_sync (ALL, v, 3, warpSize >> 1);
}

extern "C" __global__ void
shuffles_one_after_another (const int *x, int *y)
{
  int i = INDEX, v = x[i], u = 0;
  v += 3, u = __shfl_xor_sync (ALL, v, 1), v = __shfl_down_sync (ALL, u, 2);
  y[i] = 1000 * u + v;
}

/* Turns that are no whole numbers, and one that wraps around */
extern "C" __global__ void
shuffles_in_strange_loops (const int *x, int *y)
{
  int i = INDEX, v = x[i], sum = 0;
  for (float f = 5; f >= 1; f /= 2)
    sum += (int) (__shfl_xor_sync (ALL, v, 1) * f * 4);
  for (unsigned char turn = 5; turn > 1; turn -= 3)
    sum += turn;
  y[i] = sum;
}

/* What is written `t & 31 == 0` is true for nobody. */
extern "C" __global__ void
no_lanes_of_warps (const int *x, int *y)
{
  int i = INDEX, v = x[i], t = threadIdx.x;
  v += __shfl_xor_sync (ALL, v, 1);
  if (t & 31 == 0)
    v = 1000;
  __syncthreads ();
  y[i] = v;
}

extern "C" __global__ void
first_lanes_of_warps (const int *x, int *y)
{
  __shared__ int sums[32];
  int i = INDEX, v = x[i], lane = threadIdx.x & 31, warp = threadIdx.x / warpSize;
  v += __shfl_xor_sync (ALL, v, 1);
  if (lane == 0)
    sums[warp] = v;
  __syncthreads ();
  if ((threadIdx.x % warpSize) == 0)
    sums[warp] *= 3;
  __syncthreads ();
  y[i] = sums[warp] + lane;
}

extern "C" __global__ void
votes_of_a_warp (const int *x, int *all, int *any, unsigned *ballot, int n)
{
  int i = INDEX;
  if (i >= n)
    return;
  all[i] = __all_sync (__ballot_sync (ALL, 1), x[i] > -95) != 0;
  any[i] = __any_sync (__ballot_sync (ALL, 1), x[i] > 95) != 0;
  ballot[i] = __ballot_sync (__ballot_sync (ALL, 1), x[i] & 1);
}

extern "C" __global__ void
halves_of_a_warp (const int *x, int *y)
{
  int i = INDEX, lane = threadIdx.x & 31, v = x[i];
  if (lane < 16)
    for (int d = 8; d > 0; d /= 2)
      v += __shfl_xor_sync (0x0000ffffu, v, d);
  else
    v = __shfl_sync (0xffff0000u, v, 16 + (lane + 1) % 16) * 2;
  __syncwarp ();
  y[i] = v;
}

/* One lane adds for all that are there. */
extern "C" __global__ void
gathered_atomics (const int *x, int *count, int *place, int n)
{
  int i = INDEX;
  if (i < n && x[i] > 0)
    {
      unsigned lanes = __activemask ();
      int leader = __ffs (lanes) - 1, lane = threadIdx.x & 31, first = 0;
      if (lane == leader)
        first = atomicAdd (count, __popc (lanes));
      first = __shfl_sync (lanes, first, leader);
      place[i] = first + __popc (lanes & ((1u << lane) - 1));
    }
}

extern "C" __global__ void
lanes_of_the_same_value (const int *x, unsigned *a, unsigned *b, int *same)
{
  int i = INDEX, equal;
  a[i] = __match_any_sync (ALL, x[i] & 3) ^ __match_any_sync (ALL, (double) (x[i] & 1));
  b[i] = __match_all_sync (ALL, (long long) (i / 64 % 2 ? 5 : x[i]), &equal);
  same[i] = equal != 0;
}

extern "C" __global__ void
reduced_warps (const int *x, int *y, unsigned *z)
{
#if !defined(__CUDA_ARCH__) || __CUDA_ARCH__ >= 800
  int i = INDEX;
  unsigned u = (unsigned) x[i];
  y[i] = __reduce_add_sync (ALL, x[i]) + 3 * __reduce_min_sync (ALL, x[i])
         + 7 * __reduce_max_sync (ALL, x[i]);
  z[i] = __reduce_add_sync (ALL, u) + 3 * __reduce_min_sync (ALL, u)
         + 5 * __reduce_max_sync (ALL, u) + 7 * __reduce_and_sync (ALL, u)
         + 11 * __reduce_or_sync (ALL, u) + 13 * __reduce_xor_sync (ALL, u);
#endif
}

extern "C" __global__ void
shared_memory_between_lanes (const int *x, int *y)
{
  __shared__ int s[256];
  int t = threadIdx.x, first = t & ~31;
  s[t] = x[INDEX];
  for (int step = 1; step < 32; step *= 2)
    {
      int v;
      __syncwarp ();
      v = s[first + (t + step) % 32];
      __syncwarp ();
      s[t] += v;
    }
  y[INDEX] = s[t];
}

extern "C" __global__ void
lanes_of_a_flat_block (const int *x, int *y)
{
  int t = threadIdx.x + blockDim.x * (threadIdx.y + blockDim.y * threadIdx.z);
  int size = blockDim.x * blockDim.y * blockDim.z, i = blockIdx.x * size + t;
  y[i] = __shfl_sync (ALL, x[i], 3) + __popc (__ballot_sync (ALL, threadIdx.x == 0));
}
