/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What threads do with each other, with memory, and with functions. */

extern "C" __global__ void
block_sums (const float *a, float *out, int n)
{
  extern __shared__ float dynamic[];
  int i = blockIdx.x * blockDim.x + threadIdx.x, t = threadIdx.x;

  dynamic[t] = i < n ? a[i] : 0;
  __syncthreads ();
  for (int step = blockDim.x / 2; step > 0; step /= 2)
    {
      if (t < step)
        dynamic[t] += dynamic[t + step];
      __syncthreads ();
    }
  if (t == 0)
    out[blockIdx.x] = dynamic[0];
}

extern "C" __global__ void
warp_sums (const int *a, int *out, int n)
{
  __shared__ int partial[32];
  int i = blockIdx.x * blockDim.x + threadIdx.x, lane = threadIdx.x & 31;
  int sum = i < n ? a[i] : 0;

  for (int step = 16; step > 0; step /= 2)
    sum += __shfl_down_sync (0xffffffff, sum, step);
  if (lane == 0)
    partial[threadIdx.x >> 5] = sum;
  __syncthreads ();
  if (threadIdx.x < 32)
    {
      sum = lane < (int) (blockDim.x >> 5) ? partial[lane] : 0;
      for (int step = 16; step > 0; step /= 2)
        sum += __shfl_xor_sync (0xffffffff, sum, step);
      if (lane == 0)
        atomicAdd (out, sum);
    }
}

#define TILE 8

extern "C" __global__ void
product (const double *a, const double *b, double *c, int n)
{
  __shared__ double left[TILE][TILE], right[TILE][TILE];
  int x = threadIdx.x, y = threadIdx.y;
  int column = blockIdx.x * TILE + x, row = blockIdx.y * TILE + y;
  double sum = 0;

  for (int k = 0; k < n; k += TILE)
    {
      left[y][x] = row < n && k + x < n ? a[row * n + k + x] : 0;
      right[y][x] = column < n && k + y < n ? b[(k + y) * n + column] : 0;
      __syncthreads ();
      for (int j = 0; j < TILE; j++)
        sum += left[y][j] * right[j][x];
      __syncthreads ();
    }
  if (row < n && column < n)
    c[row * n + column] = sum;
}

extern "C" __global__ void
histogram (const unsigned char *a, unsigned *bins, int n)
{
  __shared__ unsigned local[256];

  for (int k = threadIdx.x; k < 256; k += blockDim.x)
    local[k] = 0;
  __syncthreads ();
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += gridDim.x * blockDim.x)
    atomicAdd (&local[a[i]], 1u);
  __syncthreads ();
  for (int k = threadIdx.x; k < 256; k += blockDim.x)
    atomicAdd (&bins[k], local[k]);
}

/* out: add, sub, min, max, and, or, xor, exch or another, cas, inc; as each is at the end */
extern "C" __global__ void
atomics (const int *a, int *out, unsigned long long *wide, float *real, double *precise, int n)
{
  int i = blockIdx.x * blockDim.x + threadIdx.x;

  if (i >= n)
    return;
  atomicAdd (&out[0], a[i]);
  atomicSub (&out[1], a[i]);
  atomicMin (&out[2], a[i]);
  atomicMax (&out[3], a[i]);
  atomicAnd (&out[4], a[i]);
  atomicOr (&out[5], a[i]);
  atomicXor (&out[6], a[i]);
  atomicExch (&out[7], 77);
  for (int old = out[8], seen; (seen = atomicCAS (&out[8], old, old + 2)) != old;)
    old = seen;
  atomicInc ((unsigned *) &out[9], 9u);
  atomicAdd (wide, (unsigned long long) a[i]);
  atomicMax (wide + 1, (unsigned long long) i);
  atomicAdd (real, 0.5f);
  atomicAdd (precise, 0.25);
}

extern "C" __global__ void
votes (const int *a, int *out, int n)
{
  int i = threadIdx.x, value = i < n ? a[i] : 0;

  out[i] = __ballot_sync (0xffffffff, value > 0);
  out[n + i] = __any_sync (0xffffffff, value > 90) + 2 * __all_sync (0xffffffff, value > -1000);
  out[2 * n + i] = __syncthreads_count (value > 0);
  out[3 * n + i] = __syncthreads_or (value > 98) + 2 * __syncthreads_and (value < 1000);
  out[4 * n + i] = __shfl_sync (0xffffffff, value, i + 3, 16);
  out[5 * n + i] = __shfl_up_sync (0xffffffff, value, 2);
  out[6 * n + i] = __match_any_sync (0xffffffff, value & 3);
  if (i & 1)
    out[7 * n + i] = __shfl_xor_sync (0xaaaaaaaa, value, 2);
  else
    out[7 * n + i] = __shfl_xor_sync (0x55555555, value, 4);
}

struct body
{
  double mass;
  float place[3];
  short kind;
  char name[6];
};

__constant__ int table[5] = { 2, 3, 5, 7, 11 };
__device__ double scale[2] = { 0.5, 4 };
__device__ const int *table_end = table + 4;
__device__ int n_launches;

__device__ __noinline__ int
ackermann (int m, int n)
{
  return m == 0 ? n + 1 : n == 0 ? ackermann (m - 1, 1) : ackermann (m - 1, ackermann (m, n - 1));
}

__device__ __noinline__ body
heavier (body one, int k)
{
  one.mass *= k;
  one.place[k % 3] += 1;
  one.name[1] = 'z';
  return one;
}

__device__ __noinline__ int
twice (int x)
{
  return 2 * x;
}

__device__ __noinline__ int
square (int x)
{
  return x * x;
}

typedef int (*function) (int);
__device__ function chosen[2] = { twice, square };

extern "C" __global__ void
calls (body one, int *out, double *masses, int n)
{
  int i = blockIdx.x * blockDim.x + threadIdx.x;

  if (i >= n)
    return;
  body other = heavier (one, i);
  out[i] = ackermann (2, i % 4);
  out[n + i] = chosen[i & 1](i);
  out[2 * n + i] = table[i % 5] + *table_end;
  out[3 * n + i] = other.kind + other.name[0] + other.name[1];
  masses[i] = other.mass * scale[i & 1] + other.place[0] + other.place[1] + other.place[2];
  atomicAdd (&n_launches, 1);
}

extern "C" __global__ void
flow (const int *a, int *out, int n)
{
  int i = blockIdx.x * blockDim.x + threadIdx.x, sum = 0, history[16] = { 0 };

  if (i >= n)
    return;
  int x = a[i];
  for (unsigned long long z = (unsigned) x % 1000 + 1; z != 1; z = z & 1 ? 3 * z + 1 : z / 2)
    if (++sum > 200)
      break;
  for (int k = 0; k < 40; k++)
    {
      if ((k ^ x) % 5 == 0)
        continue;
      history[(k * x) & 15] += k;
    }
  switch (x & 7)
    {
    case 0:
      sum += 1;
    case 1:
      sum += 10;
      break;
    case 2:
      sum *= 3;
      break;
    case 3:
      sum -= history[3];
      break;
    case 5:
      sum ^= 0x55;
      break;
    case 6:
      sum = ~sum;
      break;
    default:
      sum = -sum;
    }
  do
    sum += history[sum & 15];
  while (sum & 64 && ++x < 1000);
  out[i] = sum;
}

extern "C" __global__ void
vectors (const float4 *a, const double2 *b, float4 *c, short2 *d, unsigned char *e, int n)
{
  int i = blockIdx.x * blockDim.x + threadIdx.x;

  if (i >= n)
    return;
  float4 v = a[i];
  double2 w = b[i];
  c[i] = make_float4 (v.w, v.z, v.y + (float) w.x, v.x * (float) w.y);
  d[i] = make_short2 ((short) (int) v.x, (short) (int) v.y);
  e[i] = (unsigned char) (int) w.x;
}

extern "C" __global__ void
shape (int *out)
{
  int t = threadIdx.x + blockDim.x * (threadIdx.y + blockDim.y * threadIdx.z);
  int b = blockIdx.x + gridDim.x * (blockIdx.y + gridDim.y * blockIdx.z);

  out[b * blockDim.x * blockDim.y * blockDim.z + t] = 10000 * b + t;
}
