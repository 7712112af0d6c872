/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Kernels for bench-kernels.c; REAL comes from there. Runs are the last axis of every array. */
#define SAVES 51

extern "C" __global__ void
saxpy (REAL a, const REAL *x, REAL *y, int n)
{
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n)
    y[i] = a * x[i] + y[i];
}

extern "C" __global__ void
lorenz (REAL dt, const REAL *rho, REAL *saved, int n)
{
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n)
    return;
  const REAL r = rho[i], h = (REAL) 0.5 * dt, sixth = dt / 6;
  REAL x = 1, y = 1, z = 20;
  for (int save = 0; save < SAVES; save++)
    {
      for (int step = 0; step < 20; step++)
        {
          REAL x1 = 10 * (y - x), y1 = x * (r - z) - y, z1 = x * y - (REAL) 2.5 * z;
          REAL xa = x + h * x1, ya = y + h * y1, za = z + h * z1;
          REAL x2 = 10 * (ya - xa), y2 = xa * (r - za) - ya, z2 = xa * ya - (REAL) 2.5 * za;
          REAL xb = x + h * x2, yb = y + h * y2, zb = z + h * z2;
          REAL x3 = 10 * (yb - xb), y3 = xb * (r - zb) - yb, z3 = xb * yb - (REAL) 2.5 * zb;
          REAL xc = x + dt * x3, yc = y + dt * y3, zc = z + dt * z3;
          REAL x4 = 10 * (yc - xc), y4 = xc * (r - zc) - yc, z4 = xc * yc - (REAL) 2.5 * zc;
          x += sixth * (x1 + 2 * x2 + 2 * x3 + x4);
          y += sixth * (y1 + 2 * y2 + 2 * y3 + y4);
          z += sixth * (z1 + 2 * z2 + 2 * z3 + z4);
        }
      saved[(3 * save + 0) * n + i] = x;
      saved[(3 * save + 1) * n + i] = y;
      saved[(3 * save + 2) * n + i] = z;
    }
}

/* Dormand and Prince's pair, steps doubled or halved by the greatest error */
extern "C" __global__ void
adaptive (REAL tolerance, const REAL *rho, REAL *result, int n)
{
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n)
    return;
  const REAL r = rho[i];
  REAL u[3] = { 1, 1, 20 }, t = 0, h = (REAL) 0.01;
  while (t < 2)
    {
      REAL k[7][3], v[3], error = 0;
      if (t + h > 2)
        h = 2 - t;
      for (int s = 0; s < 7; s++)
        {
          const REAL a[7][6]
              = { { 0, 0, 0, 0, 0, 0 },
                  { (REAL) 1 / 5, 0, 0, 0, 0, 0 },
                  { (REAL) 3 / 40, (REAL) 9 / 40, 0, 0, 0, 0 },
                  { (REAL) 44 / 45, (REAL) -56 / 15, (REAL) 32 / 9, 0, 0, 0 },
                  { (REAL) 19372 / 6561, (REAL) -25360 / 2187, (REAL) 64448 / 6561,
                    (REAL) -212 / 729, 0, 0 },
                  { (REAL) 9017 / 3168, (REAL) -355 / 33, (REAL) 46732 / 5247, (REAL) 49 / 176,
                    (REAL) -5103 / 18656, 0 },
                  { (REAL) 35 / 384, 0, (REAL) 500 / 1113, (REAL) 125 / 192,
                    (REAL) -2187 / 6784, (REAL) 11 / 84 } };
          for (int m = 0; m < 3; m++)
            {
              REAL sum = 0;
              for (int q = 0; q < 6; q++)
                if (q < s)
                  sum += a[s][q] * k[q][m];
              v[m] = u[m] + h * sum;
            }
          k[s][0] = 10 * (v[1] - v[0]);
          k[s][1] = v[0] * (r - v[2]) - v[1];
          k[s][2] = v[0] * v[1] - (REAL) 2.5 * v[2];
        }
      for (int m = 0; m < 3; m++)
        {
          REAL e = h * ((REAL) 71 / 57600 * k[0][m] - (REAL) 71 / 16695 * k[2][m]
                        + (REAL) 71 / 1920 * k[3][m] - (REAL) 17253 / 339200 * k[4][m]
                        + (REAL) 22 / 525 * k[5][m] - (REAL) 1 / 40 * k[6][m]);
          e = e < 0 ? -e : e;
          error = e > error ? e : error;
        }
      if (error <= tolerance)
        {
          t += h;
          for (int m = 0; m < 3; m++)
            u[m] = v[m];
        }
      h *= error <= tolerance / 32 ? (REAL) 2 : error <= tolerance ? (REAL) 1 : (REAL) 0.5;
    }
  for (int m = 0; m < 3; m++)
    result[m * n + i] = u[m];
}

extern "C" __global__ void
expsin (REAL a, const REAL *x, REAL *y, int n)
{
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n)
    y[i] = exp (a * x[i]) * sin (x[i]);
}

/* One sum for each block */
extern "C" __global__ void
sum (REAL a, const REAL *x, REAL *sums, int n)
{
  __shared__ REAL part[256];
  int t = threadIdx.x;
  part[t] = a * x[blockIdx.x * blockDim.x + t];
  __syncthreads ();
  for (int half = 128; half > 0; half /= 2)
    {
      if (t < half)
        part[t] += part[t + half];
      __syncthreads ();
    }
  if (t == 0)
    sums[blockIdx.x] = part[0];
}

extern "C" __global__ void
shuffles (REAL a, const REAL *x, REAL *sums, int n)
{
  __shared__ REAL part[8];
  int t = threadIdx.x;
  REAL value = a * x[blockIdx.x * blockDim.x + t];
  for (int by = 16; by > 0; by /= 2)
    value += __shfl_down_sync (0xffffffff, value, by);
  if (t % 32 == 0)
    part[t / 32] = value;
  __syncthreads ();
  if (t == 0)
    {
      value = 0;
      for (int warp = 0; warp < 8; warp++)
        value += part[warp];
      sums[blockIdx.x] = value;
    }
}

/* c = a * x * x for x of 256 by 256, in tiles of 16 by 16 */
extern "C" __global__ void
matrix (REAL a, const REAL *x, REAL *c, int n)
{
  __shared__ REAL left[16][16], right[16][16];
  int column = blockIdx.x % 16 * 16 + threadIdx.x, row = blockIdx.x / 16 * 16 + threadIdx.y;
  REAL sum = 0;
  for (int tile = 0; tile < 256; tile += 16)
    {
      left[threadIdx.y][threadIdx.x] = x[row * 256 + tile + threadIdx.x];
      right[threadIdx.y][threadIdx.x] = x[(tile + threadIdx.y) * 256 + column];
      __syncthreads ();
      for (int k = 0; k < 16; k++)
        sum += left[threadIdx.y][k] * right[k][threadIdx.x];
      __syncthreads ();
    }
  c[row * 256 + column] = a * sum;
}

/* 256 bins; each block has 256 turns */
extern "C" __global__ void
global (REAL a, const unsigned *x, unsigned *bins, int n)
{
  for (int turn = 0; turn < 256; turn++)
    atomicAdd (&bins[x[(blockIdx.x * 256 + turn) * 256 + threadIdx.x] >> 24], 1u);
}

extern "C" __global__ void
shared (REAL a, const unsigned *x, unsigned *bins, int n)
{
  __shared__ unsigned own[256];
  own[threadIdx.x] = 0;
  __syncthreads ();
  for (int turn = 0; turn < 256; turn++)
    atomicAdd (&own[x[(blockIdx.x * 256 + turn) * 256 + threadIdx.x] >> 24], 1u);
  __syncthreads ();
  atomicAdd (&bins[threadIdx.x], own[threadIdx.x]);
}
