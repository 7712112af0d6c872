/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Branches at the beginning of what lanes do: a group asks first whether its lanes go the same way.
 * Launches are such that some groups do all, some do nothing, and some part. */
#define INDEX (int) (blockIdx.x * blockDim.x + threadIdx.x)

extern "C" __global__ void
guarded_body (const int *x, int *y, int n)
{
  int i = INDEX;
  if (i < n)
    y[i] = x[i] * 3 + 1;
}

extern "C" __global__ void
guarding_return (const int *x, int *y, int n)
{
  const int i = INDEX, left = n - i;
  if (left <= 0)
    return;
  int v = x[i];
  for (int k = 0; k < 3; k++)
    v = v * 2 + k;
  y[i] = v + left;
}

extern "C" __global__ void
window (const int *x, int *y, int from, int to)
{
  int i = INDEX;
  if (i >= from && i < to || i == 0)
    y[i] = x[i] - 5;
}

/* no group goes one way */
extern "C" __global__ void
odd_lanes_return (const int *x, int *y)
{
  int i = INDEX;
  if (threadIdx.x & 1)
    return;
  y[i] = x[i] + x[i + 1];
}

extern "C" __global__ void
work_before_the_return (const int *x, int *y, int n)
{
  int i = INDEX;
  if (i >= n)
    {
      if (i < n + 70)
        y[i] = -i;
      return;
    }
  y[i] = x[i] + 1;
}

/* some of those that go in return, the others go on behind it */
extern "C" __global__ void
return_in_a_branch_of_it (const int *x, int *y, int n)
{
  int i = INDEX, t = threadIdx.x;
  if (t < 40)
    {
      if (x[i] > n)
        return;
      y[i] = 1000;
    }
  y[i] += x[i];
}

extern "C" __global__ void
declarations_in_front (const int *x, int *y, int n)
{
  const unsigned t = threadIdx.x;
  int i = INDEX, first = x[i < n ? i : 0], half[2] = { first, 7 };
  unsigned long long wide = (unsigned long long) blockIdx.x * blockDim.x + t;
  if (wide < (unsigned long long) n)
    y[wide] = half[t & 1] + i;
}

extern "C" __global__ void
function_decides (const int *x, int *y, int n)
{
  int i = INDEX;
  if (min (i, n) == n)
    return;
  y[i] = x[i] / 2;
}

extern "C" __global__ void
edge_of_a_picture (const int *x, int *y, int w, int h)
{
  int c = blockIdx.x * blockDim.x + threadIdx.x, r = blockIdx.y * blockDim.y + threadIdx.y;
  if (c >= w || r >= h)
    return;
  if (c == 0 || r == 0 || c == w - 1 || r == h - 1)
    y[r * w + c] = -1;
  else
    y[r * w + c] = x[r * w + c - 1] + x[r * w + c + 1] + x[(r - 1) * w + c] + x[(r + 1) * w + c];
}

/* a new one with every turn: fewer and fewer groups go in */
extern "C" __global__ void
guards_between_barriers (const int *x, int *y)
{
  __shared__ int s[256];
  int t = threadIdx.x;
  s[t] = x[INDEX];
  __syncthreads ();
  for (int half = 128; half > 0; half /= 2)
    {
      if (t < half && t + half < blockDim.x)
        s[t] += s[t + half];
      __syncthreads ();
    }
  if (t == 0)
    y[blockIdx.x] = s[0];
}

extern "C" __global__ void
guard_after_a_barrier_that_some_miss (const int *x, int *y, int n)
{
  __shared__ int s[256];
  int i = INDEX, t = threadIdx.x;
  if (i >= n)
    return;
  s[t] = x[i];
  __syncthreads ();
  if (t < 3)
    return;
  y[i] = s[t - 3] + s[t];
}

extern "C" __global__ void
guarded_turns (const int *x, int *y, int n)
{
  int i = INDEX;
  for (int k = 0; k < 6; k++)
    {
      if (i + 50 * k >= n)
        break;
      y[i] += x[i + 50 * k];
    }
}

extern "C" __global__ void
guarded_atomic (const int *x, int *count, int *y, int n)
{
  int i = INDEX;
  if (i < n)
    {
      atomicAdd (&count[x[i] & 3], 1);
      y[i] = -x[i];
    }
}

/* What most kernels do for threads below a limit, for those that are not: the first one decides. */
extern "C" __global__ void
threads_from_a_limit_on (const int *x, int *y, int n)
{
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n)
    return;
  y[i] = x[i] * 2;
}

extern "C" __global__ void
work_from_a_limit_on (const int *x, int *y, int n)
{
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n)
    y[i] = x[i] * 3;
}
