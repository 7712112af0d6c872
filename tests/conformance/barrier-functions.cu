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
