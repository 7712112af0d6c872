/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Every form of control flow, each thread alone. */
#define INDEX (int) (blockIdx.x * blockDim.x + threadIdx.x)

extern "C" __global__ void
if_else_chains (const int *x, int *y, int n)
{
  int i = INDEX;
  if (i >= n)
    return;
  if (x[i] < 0)
    {
      if (x[i] % 2 == 0)
        y[i] = -1;
      else if (x[i] < -50)
        y[i] = -2;
      else
        y[i] = -3;
    }
  else if (x[i] == 0)
    y[i] = 0;
  else if (x[i] > 50)
    y[i] = 3;
  else
    y[i] = x[i];
}

/* the number of steps depends on the data */
extern "C" __global__ void
while_loop (const int *x, int *y, int n)
{
  int i = INDEX, steps = 0;
  unsigned v;
  if (i >= n)
    return;
  v = x[i] < 0 ? -x[i] : x[i];
  while (v > 1)
    {
      v = v % 2 == 0 ? v / 2 : 3 * v + 1;
      steps++;
    }
  y[i] = steps;
}

extern "C" __global__ void
do_while_loop (const int *x, int *y, int n)
{
  int i = INDEX;
  if (i < n)
    {
      int v = x[i], digits = 0;
      do
        {
          v /= 10;
          digits++;
        }
      while (v != 0);
      y[i] = digits;
    }
}

extern "C" __global__ void
for_with_break_and_continue (const int *x, int *y, int n)
{
  int i = INDEX, sum = 0;
  if (i >= n)
    return;
  for (int k = 0; k < 100; k++)
    {
      if ((x[i] + k) % 3 == 0)
        continue;
      if (sum > 200 + x[i])
        break;
      sum += k;
    }
  y[i] = sum;
}

extern "C" __global__ void
nested_loops_with_return (const int *x, int *y, int n)
{
  int i = INDEX, v, count = 0;
  if (i >= n)
    return;
  v = x[i] & 63;
  for (int a = 1; a <= v; a++)
    {
      int rest = v;
      if (a % 5 == 4)
        continue;
      while (rest > 0)
        {
          rest -= a;
          if (rest == 7)
            break;
          if (count > 90)
            {
              y[i] = -a;
              return;
            }
          count++;
        }
      count += rest == 7 ? 2 : 0;
    }
  y[i] = count;
}

extern "C" __global__ void
switch_with_fall_through (const int *x, int *y, int n)
{
  int i = INDEX, r = 1;
  if (i >= n)
    return;
  switch (x[i] & 7)
    {
    case 0:
      r = 10;
      break;
    case 1:
      r += 5; /* falls through */
    case 2:
      r *= 3; /* falls through */
    case 3:
    case 4:
      r -= 1;
      break;
    default:
      r = -r; /* falls through */
    case 6:
      r -= 100;
    }
  y[i] = r;
}

extern "C" __global__ void
switch_inside_a_loop (const int *x, int *y, int n)
{
  int i = INDEX, state = 0, out = 0;
  if (i >= n)
    return;
  for (int k = 0; k < 20; k++)
    {
      switch (state)
        {
        case 0:
          state = (x[i] >> (k & 7)) & 1 ? 1 : 2;
          continue;
        case 1:
          out += 3;
          state = 2;
          break;
        case 2:
          out = out * 2 + 1;
          state = out > 100 ? 3 : 0;
          break;
        default:
          y[i] = out;
          return;
        }
      out ^= k;
    }
  y[i] = -out;
}

extern "C" __global__ void
endless_loop_with_two_exits (const int *x, int *y, int n)
{
  int i = INDEX, k = 0, v;
  if (i >= n)
    return;
  v = x[i];
  for (;;)
    {
      v = v * 7 + 3 & 0xff;
      k++;
      if (v < 16)
        break;
      if (k == 9)
        {
          y[i] = -v;
          return;
        }
    }
  y[i] = k;
}

extern "C" __global__ void
triangular_loops (const int *x, int *y, int n)
{
  int i = INDEX, sum = 0;
  if (i >= n)
    return;
  for (int a = 0; a < (x[i] & 15); a++)
    for (int b = a; b < i % 13; b += 2)
      for (int c = b; c > 0; c -= 3)
        sum += a * b - c;
  y[i] = sum;
}

extern "C" __global__ void
short_circuits_and_commas (const int *x, int *y, int n)
{
  int i = INDEX, calls = 0, r;
  if (i >= n)
    return;
  if (x[i] > 0 && (calls++, x[i] % 3 == 0) && (calls++, true))
    r = 1;
  else if (x[i] < -10 || (calls += 4, x[i] == 0) || (calls += 8, false))
    r = 2;
  else
    r = (calls += 16, 3);
  y[i] = r * 100 + calls;
}

extern "C" __global__ void
changed_parameters (const int *x, int *y, int n)
{
  int i = INDEX;
  n -= 3;
  if (i >= n)
    return;
  x += 2;
  while (n > 100)
    n /= 2;
  y[i] = x[i] + n;
}

extern "C" __global__ void
grid_stride_loop (const int *x, int *y, int n)
{
  for (int i = INDEX; i < n; i += blockDim.x * gridDim.x)
    {
      if (x[i] < -90)
        continue;
      y[i] = x[i] * 2 + (int) blockIdx.x;
    }
}

extern "C" __global__ void
goto_out_of_loops (const int *x, int *y, int n)
{
  int i = INDEX, a, b = 0;
  if (i >= n)
    return;
  for (a = 0; a < 10; a++)
    for (b = 0; b < 10; b++)
      if (a * b == (x[i] & 31))
        goto found;
  y[i] = -1;
  return;
found:
  y[i] = a * 10 + b;
}

/* fixed point, so that every bit is certain */
extern "C" __global__ void
escape_time (int *y, int w, int h)
{
  int i = INDEX, k = 0;
  long long cr, ci, zr = 0, zi = 0;
  if (i >= w * h)
    return;
  cr = (long long) (i % w) * 3 * 65536 / w - 2 * 65536;
  ci = (long long) (i / w) * 2 * 65536 / h - 65536;
  for (; k < 60; k++)
    {
      long long t = ((zr * zr - zi * zi) >> 16) + cr;
      if (((zr * zr + zi * zi) >> 16) > 4 * 65536)
        break;
      zi = ((2 * zr * zi) >> 16) + ci;
      zr = t;
    }
  y[i] = k;
}
