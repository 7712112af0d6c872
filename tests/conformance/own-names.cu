/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A kernel may have functions of its own whose names CUDA C has as well. */
#define INDEX (int) (blockIdx.x * blockDim.x + threadIdx.x)

__device__ double
normcdf (double x)
{
  return 2 * x;
}

__device__ float
rhypotf (float x, float y)
{
  return x - y;
}

extern "C" __global__ void
own_functions_of_known_names (const double *x, double *y, int n)
{
  int i = INDEX;
  if (i >= n)
    return;
  y[i] = normcdf (x[i]) + rhypotf (1.5f, 1);
}
