/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Threads of a block that wait for each other in the kernel itself. */
#define INDEX (int) (blockIdx.x * blockDim.x + threadIdx.x)
#define MOST  256

__shared__ int outside[MOST];

extern "C" __global__ void
reversed_block (const int *x, int *y)
{
  __shared__ int s[MOST];
  s[threadIdx.x] = x[INDEX];
  __syncthreads ();
  y[INDEX] = s[blockDim.x - 1 - threadIdx.x];
}

extern "C" __global__ void
block_sum (const int *x, int *y, int n)
{
  extern __shared__ int sums[];
  int i = INDEX;
  sums[threadIdx.x] = i < n ? x[i] : 0;
  __syncthreads ();
  for (int half = 128; half > 0; half /= 2)
    {
      if (threadIdx.x < half && threadIdx.x + half < blockDim.x)
        sums[threadIdx.x] += sums[threadIdx.x + half];
      __syncthreads ();
    }
  if (threadIdx.x == 0)
    y[blockIdx.x] = sums[0];
}

extern "C" __global__ void
inclusive_scan (const int *x, int *y)
{
  __shared__ int s[2][MOST];
  int now = 0, t = threadIdx.x;
  s[0][t] = x[INDEX];
  for (int step = 1; step < blockDim.x; step *= 2)
    {
      __syncthreads ();
      s[1 - now][t] = s[now][t] + (t >= step ? s[now][t - step] : 0);
      now = 1 - now;
    }
  y[INDEX] = s[now][t];
}

extern "C" __global__ void
early_returns_before_a_barrier (const int *x, int *y, int n)
{
  __shared__ int s[MOST];
  int i = INDEX, t = threadIdx.x;
  if (i >= n)
    return;
  s[t] = x[i];
  if (x[i] == 13)
    {
      y[i] = -13;
      return;
    }
  __syncthreads ();
  y[i] = s[t] + s[0] * 2;
}

extern "C" __global__ void
barriers_while_threads_return (const int *x, int *y)
{
  __shared__ int s[MOST];
  int t = threadIdx.x, sum = 0;
  s[t] = x[INDEX];
  for (int k = 0; k < blockDim.x; k++)
    {
      if (k > t)
        {
          y[INDEX] = sum;
          return;
        }
      __syncthreads ();
      sum += s[k];
    }
  y[INDEX] = -sum;
}

/* the number of rounds depends on what all threads say */
extern "C" __global__ void
barrier_in_a_while_loop (const int *x, int *y, int *rounds)
{
  __shared__ int s[MOST];
  int t = threadIdx.x, round = 0, v = x[INDEX] & 0xff, more = 1;
  while (more)
    {
      int left;
      s[t] = v;
      __syncthreads ();
      left = s[(t + 1) % blockDim.x];
      for (int k = 0; k < v % 3; k++)
        left = left > 0 ? left - 1 : 0;
      v = (v + left) / 3;
      more = __syncthreads_or (v > 20);
      round++;
    }
  y[INDEX] = v;
  if (t == 0)
    rounds[blockIdx.x] = round;
}

extern "C" __global__ void
votes_of_a_block (const int *x, int *count, int *all, int *any, int n)
{
  int i = INDEX, c, a, o;
  if (i >= n)
    return;
  c = __syncthreads_count (x[i] > 0);
  a = __syncthreads_and (x[i] > -1000 && x[i] != c);
  o = __syncthreads_or (x[i] == 99);
  count[i] = c;
  all[i] = a != 0;
  any[i] = o != 0;
}

extern "C" __global__ void
transposed_tiles (const int *x, int *y, int w, int h)
{
  __shared__ int tile[16][17];
  int c = blockIdx.x * blockDim.x + threadIdx.x, r = blockIdx.y * blockDim.x;
  for (int k = threadIdx.y; k < blockDim.x; k += blockDim.y)
    if (c < w && r + k < h)
      tile[k][threadIdx.x] = x[(r + k) * w + c];
  __syncthreads ();
  c = blockIdx.y * blockDim.x + threadIdx.x;
  r = blockIdx.x * blockDim.x;
  for (int k = threadIdx.y; k < blockDim.x; k += blockDim.y)
    if (c < h && r + k < w)
      y[(r + k) * h + c] = tile[threadIdx.x][k];
}

extern "C" __global__ void
matrix_product (const int *a, const int *b, int *c, int n)
{
  __shared__ int p[8][8], q[8][8];
  int tx = threadIdx.x, ty = threadIdx.y, sum = 0;
  int row = blockIdx.y * 8 + ty, col = blockIdx.x * 8 + tx;
  for (int k0 = 0; k0 < n; k0 += 8)
    {
      p[ty][tx] = row < n && k0 + tx < n ? a[row * n + k0 + tx] : 0;
      q[ty][tx] = col < n && k0 + ty < n ? b[(k0 + ty) * n + col] : 0;
      __syncthreads ();
      for (int k = 0; k < 8; k++)
        sum += p[ty][k] * q[k][tx];
      __syncthreads ();
    }
  if (row < n && col < n)
    c[row * n + col] = sum;
}

extern "C" __global__ void
stencil_with_halo (const float *x, float *y, int n)
{
  __shared__ float s[MOST + 2];
  int i = INDEX, t = threadIdx.x + 1;
  s[t] = i < n ? x[i] : 0;
  if (t == 1)
    s[0] = i > 0 ? x[i - 1] : 0;
  if (t == blockDim.x)
    s[t + 1] = i + 1 < n ? x[i + 1] : 0;
  __syncthreads ();
  if (i < n)
    y[i] = s[t - 1] + s[t] + s[t + 1];
}

extern "C" __global__ void
shared_memory_of_three_dimensions (const int *x, int *y)
{
  __shared__ int s[4][4][4];
  int t = threadIdx.x + blockDim.x * (threadIdx.y + blockDim.y * threadIdx.z);
  int i = t + (int) (blockDim.x * blockDim.y * blockDim.z) * blockIdx.z;
  s[threadIdx.z][threadIdx.y][threadIdx.x] = x[i];
  __syncthreads ();
  y[i] = s[threadIdx.z][blockDim.y - 1 - threadIdx.y][(threadIdx.x + 1) % blockDim.x];
}

extern __shared__ double room[];

extern "C" __global__ void
several_arrays_in_dynamic_memory (const double *x, const int *z, double *y)
{
  int t = threadIdx.x, n = blockDim.x, *ints = (int *) (room + n);
  unsigned char *bytes = (unsigned char *) (ints + n);
  room[t] = x[INDEX];
  ints[t] = z[INDEX];
  bytes[t] = (unsigned char) t;
  __syncthreads ();
  y[INDEX] = room[n - 1 - t] + ints[bytes[(t + 1) % n]];
}

extern "C" __global__ void
bitonic_sort (int *x)
{
  extern __shared__ int keys[];
  int t = threadIdx.x;
  keys[t] = x[INDEX];
  for (int k = 2; k <= blockDim.x; k *= 2)
    for (int j = k / 2; j > 0; j /= 2)
      {
        int other = t ^ j;
        __syncthreads ();
        if (other > t && (keys[t] > keys[other]) == ((t & k) == 0))
          {
            int v = keys[t];
            keys[t] = keys[other];
            keys[other] = v;
          }
      }
  __syncthreads ();
  x[INDEX] = keys[t];
}

extern "C" __global__ void
shared_memory_outside_of_the_kernel (const int *x, int *y)
{
  outside[threadIdx.x] = x[INDEX] * 2;
  __syncthreads ();
  y[INDEX] = outside[(threadIdx.x + 3) % blockDim.x];
}

/* what points to this thread's elements stays the same */
extern "C" __global__ void
pointers_across_barriers (const int *x, int *y, int *z)
{
  __shared__ int s[MOST];
  const int *in = x + INDEX, *const first = x;
  int *out = y + INDEX, *const again = z + INDEX, *all = z, *mine = s + threadIdx.x;
  int *const base = y;
  *mine = *in;
  __syncthreads ();
  *out = *in + s[0];
  *again = first[INDEX] - mine[0];
  __syncthreads ();
  base[INDEX] += 1;
  all[INDEX] += 5;
}

extern "C" __global__ void
barriers_in_branches (const int *x, int *y)
{
  __shared__ int s[MOST];
  int t = threadIdx.x;
  if (blockIdx.x % 2 == 0)
    {
      s[t] = x[INDEX];
      __syncthreads ();
      y[INDEX] = s[(t + 1) % blockDim.x];
    }
  else
    switch (blockIdx.x % 4)
      {
      case 1:
        s[t] = -x[INDEX];
        __syncthreads ();
        y[INDEX] = s[(t + 2) % blockDim.x];
        break;
      default:
        y[INDEX] = 5;
      }
}

extern "C" __global__ void
blocks_of_a_grid_stride_loop (const int *x, int *y, int n)
{
  __shared__ int s[MOST];
  for (int first = blockIdx.x * blockDim.x; first < n; first += gridDim.x * blockDim.x)
    {
      int i = first + threadIdx.x, count = n - first < blockDim.x ? n - first : blockDim.x;
      if (i < n)
        s[threadIdx.x] = x[i];
      __syncthreads ();
      if (i < n)
        y[i] = s[count - 1 - threadIdx.x];
      __syncthreads ();
    }
}

/* Of 32 threads each; what those gave that have returned stays as it is. */
extern "C" __global__ void
sums_of_those_who_stay (const float *x, float *y, int n)
{
  __shared__ float s[64];
  int i = blockIdx.x * blockDim.x + threadIdx.x, t = threadIdx.x;
  s[t] = x[i];
  __syncthreads ();
  if (i >= n)
    return;
  for (int k = 1; k < 32; k <<= 1)
    {
      if (t % (2 * k) == 0)
        s[t] += s[t + k];
      __syncthreads ();
    }
  y[i] = s[t];
}
