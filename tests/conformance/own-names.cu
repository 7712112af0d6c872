/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A kernel may have functions of its own whose names CUDA C has as well. */
__device__ double normcdf (double x) { return 2 * x; }
__device__ float norm3df (float x, float y, float z) { return x - y - z; }
__device__ float __fadd_rd (float x, float y) { return x * y; }
__device__ unsigned umin (unsigned x, unsigned y) { return x + y; }
__device__ int __dp4a (int x, int y, int z) { return x + y + z; }
__device__ long long clock64 () { return 1000; }
__device__ double j0 (double x) { return 3 * x; }

extern "C" __global__ void
own_functions_of_known_names (const double *x, double *y, int n)
{
  int i = (int) (blockIdx.x * blockDim.x + threadIdx.x);
  if (i >= n)
    return;
  y[i] = normcdf (x[i]) + norm3df (4, 2, 1) + __fadd_rd (3, 4) + umin (20, 30) + __dp4a (100, 200, 300)
         + (double) clock64 () + j0 (x[i]);
}
