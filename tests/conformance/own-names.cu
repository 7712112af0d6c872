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

__device__ float hypot (float x, float y) { return x - y; }
__device__ double erf (double x) { return 2 * x; }
__device__ float expf (float x) { return x + 1; }
__device__ float sqrt (float x) { return 4 * x; }
__device__ int abs (int x) { return x + 7; }
__device__ float fmaxf (float x, float y) { return x * 10 + y; }
__device__ double fmod (double x, double y) { return x * y; }
__device__ double ldexp (double x, int n) { return x + n; }
__device__ float __fadd_rn (float x, float y) { return x * y; }
__device__ int __float2int_rn (float x) { return (int) x + 1000; }
__device__ int __popc (unsigned x) { return (int) x + 3; }
__device__ float2 make_float2 (float x, float y) { float2 v = { y, x }; return v; }
__device__ float clamp (float x, float low, float high) { return x < low ? low : x > high ? high : x; }
__device__ float lerp (float a, float b, float t) { return a + t * (b - a); }
__device__ float norm (float x, float y) { return x + y; }
__device__ float min (float x, float y) { return x + y; }
__device__ double sign (double x) { return (x > 0) - (x < 0); }
template <class T> __device__ void swap (T &a, T &b) { T c = a; a = b; b = c; }
/* as for GPUs that had no such instruction, and twice @value to be told from theirs */
__device__ double
atomicAdd (double *address, double value)
{
  unsigned long long *word = (unsigned long long *) address, old = *word, before;
  do
    {
      before = old;
      old = atomicCAS (word, before, (unsigned long long) __double_as_longlong (2 * value + __longlong_as_double ((long long) before)));
    }
  while (before != old);
  return __longlong_as_double ((long long) old);
}

extern "C" __global__ void
own_functions_of_older_names (const double *x, double *y, double *z, int n)
{
  int i = (int) (blockIdx.x * blockDim.x + threadIdx.x);
  if (i >= n)
    return;
  double v = x[i], w = 3;
  float f = (float) v;
  swap (v, w);
  double *out = y + 20 * i;
  out[0] = hypot (f, 2.0f);
  out[1] = hypot (3.0, 4.0);
  out[2] = erf (w);
  out[3] = erf (0.0f);
  out[4] = expf (f) + exp (0.0);
  out[5] = sqrt (f) + sqrt (9.0);
  out[6] = abs (i) + abs (-3.0);
  out[7] = fmaxf (f, 1) + fmax (1.0, v);
  out[8] = fmod (w, 5.0) + fmod (7.0f, 4.0f);
  out[9] = ldexp (w, 4) + ldexpf (1, 3);
  out[10] = __fadd_rn (f, 3) + __fsub_rn (f, 3);
  out[11] = __float2int_rn (f) + __float2int_rz (2.5f);
  out[12] = __popc ((unsigned) i) + __popcll (7);
  out[13] = make_float2 (f, 5).x + make_float3 (1, 2, 3).x;
  out[14] = clamp (f, -2, 2) + lerp (f, f + 2, 0.5f);
  out[15] = norm (f, 1) + norm3d (2, 3, 6) ;
  out[16] = min (f, 1.0f) + min (3, 4);
  out[17] = sign (w);
  out[18] = v;
  out[19] = atomicAdd (z + i, w) + atomicExch ((int *) (z + n + i), i);
}
