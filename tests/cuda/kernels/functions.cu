/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The library's functions: their PTX is mostly CUDA's own code, and is never stored. */
#define AT(k) out[(k) * n + i]

extern "C" __global__ void
functions (const double *a, double *out, int n)
{
  int i = blockIdx.x * blockDim.x + threadIdx.x;

  if (i >= n)
    return;
  double x = a[i];
  AT (0) = exp (x);
  AT (1) = log (fabs (x));
  AT (2) = sin (x);
  AT (3) = cos (x);
  AT (4) = tanh (x);
  AT (5) = pow (fabs (x), 1.7);
  AT (6) = atan2 (x, 2.0);
  AT (7) = erf (x);
  AT (8) = cbrt (x);
  AT (9) = sin (x * 1e9);
  AT (10) = fmod (x, 0.37);
}

extern "C" __global__ void
single_functions (const float *a, float *out, int n)
{
  int i = blockIdx.x * blockDim.x + threadIdx.x;

  if (i >= n)
    return;
  float x = a[i];
  AT (0) = expf (x);
  AT (1) = logf (fabsf (x));
  AT (2) = sinf (x);
  AT (3) = cosf (x);
  AT (4) = powf (fabsf (x), 1.7f);
  AT (5) = __expf (x);
  AT (6) = __logf (fabsf (x));
  AT (7) = rsqrtf (fabsf (x));
  AT (8) = __fdividef (1.0f, x);
  AT (9) = sinf (x * 1e6f);
  AT (10) = fmodf (x, 0.37f);
}
