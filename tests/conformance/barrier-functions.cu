/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Threads of a block that wait for each other in the functions which the kernel calls. */
#define INDEX (int) (blockIdx.x * blockDim.x + threadIdx.x)

__device__ int
rotate (int v, int by)
{
  __shared__ int s[256];
  __syncthreads ();
  s[threadIdx.x] = v;
  __syncthreads ();
  return s[(threadIdx.x + by) % blockDim.x];
}

extern "C" __global__ void
barrier_in_a_function (const int *x, int *y)
{
  int v = x[INDEX];
  for (int k = 0; k < 3; k++)
    v = rotate (v, k + 1) + k;
  y[INDEX] = v;
}

__device__ int
halved (int v, int n)
{
  int w;
  if (n == 0)
    return v;
  w = rotate (v, n);
  return halved (v + w, n / 2);
}

extern "C" __global__ void
barrier_in_a_recursion (const int *x, int *y)
{
  y[INDEX] = halved (x[INDEX], 8);
}

template <class T> __device__ T
block_most (T v)
{
  __shared__ T most;
  if (threadIdx.x == 0)
    most = v;
  __syncthreads ();
  for (unsigned k = 0; k < blockDim.x; k++)
    {
      if (k == threadIdx.x && v > most)
        most = v;
      __syncthreads ();
    }
  return most;
}

extern "C" __global__ void
barrier_in_a_template (const int *x, int *y, float *z)
{
  y[INDEX] = block_most (x[INDEX]);
  z[INDEX] = block_most (x[INDEX] * 0.5f);
}

__device__ int
swapped (int v)
{
  return __shfl_xor_sync (0xffffffffu, v, 1);
}

extern "C" __global__ void
warp_function_in_a_function (const int *x, int *y)
{
  y[INDEX] = swapped (x[INDEX]) * 2 + swapped (1 + swapped (x[INDEX]));
}

/* --- what people write --- */

__inline__ __device__ float
warp_total (float val)
{
  for (int offset = warpSize / 2; offset > 0; offset /= 2)
    val += __shfl_down_sync (0xffffffff, val, offset);
  return val;
}

__inline__ __device__ float
block_total (float val)
{
  static __shared__ float shared[32];
  int lane = threadIdx.x % warpSize;
  int wid = threadIdx.x / warpSize;

  val = warp_total (val);
  if (lane == 0)
    shared[wid] = val;
  __syncthreads ();
  val = (threadIdx.x < blockDim.x / warpSize) ? shared[lane] : 0;
  if (wid == 0)
    val = warp_total (val);
  return val;
}

extern "C" __global__ void
totals (const float *x, float *y, int n)
{
  float total = 0;
  for (int i = INDEX; i < n; i += blockDim.x * gridDim.x)
    total += x[i];
  total = block_total (total);
  if (threadIdx.x == 0)
    y[blockIdx.x] = total;
}

template <typename T> __device__ __forceinline__ T
warp_most (T v)
{
#pragma unroll
  for (int k = 16; k > 0; k >>= 1)
    {
      T other = __shfl_xor_sync (~0u, v, k);
      v = v > other ? v : other;
    }
  return v;
}

extern "C" __global__ void
most_of_warps (const int *x, int *y, double *z)
{
  int i = INDEX;
  double v = x[i] * 0.5;
  y[i] = warp_most (x[i]) - warp_most<int> (i % 7);
  z[i] = warp_most (v);
}

__device__ void
scan_in (int *s, int n, int &total)
{
  for (int d = 1; d < n; d *= 2)
    {
      int v = (int) threadIdx.x >= d ? s[threadIdx.x - d] : 0;
      __syncthreads ();
      s[threadIdx.x] += v;
      __syncthreads ();
    }
  total = s[n - 1];
}

extern "C" __global__ void
scan_by_a_function (const int *x, int *y)
{
  __shared__ int sums[256], others[256];
  int t = threadIdx.x, all = 0, v = 3;
  sums[t] = x[INDEX];
  others[t] = v;
  __syncthreads ();
  scan_in (sums, blockDim.x, all);
  scan_in (others, (int) blockDim.x, v);
  y[INDEX] = sums[t] * 1000 + all + others[t] - v;
}

/* Names of the function's own are the kernel's as well. */
__device__ int
turned (int v, const int by)
{
  int t = by * 2, i = threadIdx.x & 31;
  t -= by;
  v = __shfl_sync (0xffffffffu, v, (i + t) % 32);
  return v + i;
}

extern "C" __global__ void
names_of_functions (const int *x, int *y)
{
  int i = INDEX, by = i % 32 / 32 + 1, t = 5, v = x[i];
  for (int k = 0; k < 3; k++)
    {
      int other = turned (v, by + k) + turned (turned (t, 1), 2);
      if (k != 1)
        v += turned (other, 3);
      else
        {
          v -= turned (v, k);
        }
    }
  y[i] = v + t + by;
}

/* Shared memory of a function is the same whenever it is called. */
__device__ int
counted (int add)
{
  __shared__ int count;
  if (add == 0 && threadIdx.x == 0)
    count = 0;
  __syncthreads ();
  if (threadIdx.x == 1)
    count += add;
  __syncthreads ();
  return count;
}

extern "C" __global__ void
shared_by_calls (const int *x, int *y)
{
  int none = counted (0);
  int one = counted (5);
  int two = counted (7);
  y[INDEX] = x[INDEX] + none + 10 * one + 1000 * two;
}

__constant__ int factor = 3;

__device__ float
scaled (float v)
{
  __syncthreads ();
  return v / 2 * factor;
}

extern "C" __global__ void
names_outside_of_functions (const int *x, float *y)
{
  int factor = 100;
  y[INDEX] = scaled (1) + factor + x[INDEX];
}

extern "C" __global__ void
numbers_for_reals (const int *x, float *y)
{
  float half = scaled (1);
  y[INDEX] = half + x[INDEX];
}

__device__ float
halved_reference (const float &v)
{
  __syncthreads ();
  return v / 2;
}

extern "C" __global__ void
references_to_converted_values (const int *x, float *y)
{
  int i = INDEX, v = x[i];
  float real = v;
  float half = halved_reference (v);
  y[i] = half + 1000 * halved_reference (real);
}

extern "C" __global__ void
references_to_values (const int *x, float *y)
{
  float real = x[INDEX];
  y[INDEX] = halved_reference (real);
}
