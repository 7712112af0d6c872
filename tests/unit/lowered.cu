/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Control flow of every form. All kernels have the same parameters: a[n], b[n], whole numbers from 0
 * to 30; y[n], z[n], w[2 * n] start as they are and are compared afterwards. */
typedef float real;
enum { THREE = 3 };
struct pair { double u, v; };
struct mixed { float f; int i; };
struct holder { float *p; };
__constant__ float table[4] = { 1, 2, 4, 8 };
__device__ float twist (float x) { return x * 1.25f - 0.5f; }
__device__ void add_to (float &x, float d) { x += d; }
__device__ void slopes (const double *s, double *d) { d[0] = s[1]; d[1] = -s[0]; d[2] = s[0] * s[1]; }
__device__ float *largest (float *v, int n)
{
  float *best = v;
  for (int i = 1; i < n; i++)
    if (v[i] > *best)
      best = v + i;
  return best;
}
__device__ int fibonacci (int n) { return n < 2 ? n : fibonacci (n - 1) + fibonacci (n - 2); }
template <class T> __device__ T square (T x) { return x * x; }

#define KERNEL(name) \
  extern "C" __global__ void name (const float *a, const int *b, float *y, int *z, double *w, int n)
#define HERE int i = blockIdx.x * blockDim.x + threadIdx.x

KERNEL (straight) { HERE; if (i < n) y[i] = 2 * a[i] + y[i]; }

KERNEL (arrays_in_place_of_one_loop)
{
  HERE;
  float first[4] = { 1, 2, 3, i * 0.5f }, second[4];
  int turns = b[i % n] % 5;
  while (turns-- > 0)
    {
      second[turns % 4] = *largest (first, 4);
      first[turns % 3] += *largest (second + turns % 4, 1) * 0.5f;
      if (i < n)
        y[i] = first[turns % 4];
    }
}

KERNEL (angle_declared_beside_an_address)
{
  HERE;
  double far = tan (b[i % n] * 1e17), other = 7;
  {
    double *p = &other;
    *p += i;
  }
  if (i < n)
    w[i] = far + other;
}

KERNEL (early_return)
{
  HERE;
  if (i >= n)
    return;
  float x = a[i];
  if (b[i] > 25)
    return;
  for (int k = 0; k < n % 7 + 3; k++)
    x = x * 0.5f + k;
  y[i] = x;
}

KERNEL (uniform_loop)
{
  HERE;
  const float d = 1.0f / (n + 1);
  float s = 0, t = 1;
  for (int k = 0; k < 20; k++)
    {
      const float e = d * k;
      s += t * e;
      t = t * 0.75f + a[i % n] * d;
    }
  if (i < n)
    y[i] = s, w[i] = t;
}

KERNEL (nested_uniform)
{
  HERE;
  double s = i;
  for (int k = 0; k < 5; k++)
    {
      double t = k;
      for (int m = k; m < 9; m += 2)
        for (int q = 30; q > m; q -= 7)
          t += s / (m + q);
      s += t;
    }
  if (i < n)
    w[i] = s;
}

KERNEL (private_array)
{
  HERE;
  if (i >= n)
    return;
  double s[3] = { 1, 0.5, a[i] }, d[3];
  for (int k = 0; k < 40; k++)
    {
      slopes (s, d);
      for (int m = 0; m < 3; m++)
        s[m] += 0.01 * d[m];
    }
  w[i] = s[0] + s[1];
  w[n + i] = s[2];
}

KERNEL (large_array)
{
  HERE;
  if (i >= n)
    return;
  int count[40];
  for (int k = 0; k < 40; k++)
    count[k] = 0;
  for (int k = 0; k < n; k++)
    count[b[k] + (i & 7)]++;
  int s = 0;
  for (int k = 0; k < 40; k++)
    s = s * 3 + count[k];
  z[i] = s;
}

KERNEL (two_dimensional_array)
{
  HERE;
  if (i >= n)
    return;
  real m[THREE][2];
  for (int r = 0; r < THREE; r++)
    for (int c = 0; c < 2; c++)
      m[r][c] = a[i] + r * c;
  for (int k = 0; k < n; k++)
    {
      real t = m[k % 3][k & 1];
      m[(k + 1) % 3][0] += t;
      m[2][1] -= m[0][0] * 0.125f;
    }
  y[i] = m[0][0] + m[1][1] * m[2][1];
}

KERNEL (structures)
{
  HERE;
  if (i >= n)
    return;
  pair p = { a[i], 1 }, q;
  struct mixed s;
  s.f = 1;
  s.i = i;
  q = p;
  for (int k = 0; k < 25; k++)
    {
      q.u += p.v * 0.5;
      p.v = q.u - p.u * s.f;
      s.i = s.i * 5 + k;
      s.f *= 0.875f;
    }
  w[i] = p.u + p.v;
  w[n + i] = q.u;
  y[i] = s.f;
  z[i] = s.i;
}

KERNEL (pointer_to_private)
{
  HERE;
  if (i >= n)
    return;
  float v[5];
  for (int k = 0; k < 5; k++)
    v[k] = (float) ((b[i] * (k + 3)) % 17);
  float *p = largest (v, 5);
  for (int k = 0; k < n; k++)
    {
      *p -= 1.5f;
      p = largest (v, 5);
    }
  y[i] = *p;
  z[i] = (int) (p - v);
}

KERNEL (pointer_in_structure)
{
  HERE;
  if (i >= n)
    return;
  float v[2] = { 1, 2 };
  holder h;
  h.p = v;
  for (int k = 0; k < b[i]; k++)
    {
      *h.p += 1;
      h.p = v + (k & 1);
    }
  y[i] = v[0] * 100 + v[1];
}

KERNEL (reference)
{
  HERE;
  if (i >= n)
    return;
  float s = 0;
  for (int k = 0; k < n; k++)
    {
      float &r = s;
      r += a[k];
      add_to (s, 0.25f);
    }
  y[i] = s;
}

KERNEL (walking_pointers)
{
  HERE;
  a += i;
  y += i;
  for (int left = n - i; left > 0; left -= gridDim.x * blockDim.x)
    {
      *y = *a + 1;
      a += gridDim.x * blockDim.x;
      y += gridDim.x * blockDim.x;
    }
}

KERNEL (changed_parameter)
{
  HERE;
  if (i >= n)
    return;
  n -= i;
  while (n > 5)
    n -= 3;
  z[i] = n;
}

KERNEL (grid_stride)
{
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += blockDim.x * gridDim.x)
    {
      int j = i / 2;
      y[i] = a[i] * 3 + j;
    }
}

KERNEL (grid_stride_with_jumps)
{
  for (unsigned i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += blockDim.x * gridDim.x)
    {
      if (b[i] == 3)
        continue;
      float s = 0;
      for (int k = 0; k < b[i]; k++)
        {
          if (k == 20)
            break;
          s += table[k & 3] * a[i];
        }
      if (b[i] == 29)
        return;
      y[i] = s;
    }
}

KERNEL (backwards)
{
  for (long long i = n - 1 - (long long) (blockIdx.x * blockDim.x + threadIdx.x); i >= 0;
       i -= blockDim.x * gridDim.x)
    for (int k = 3; k >= 0; --k)
      z[i] = z[i] * 7 + k + b[i];
}

KERNEL (collatz)
{
  HERE;
  if (i >= n)
    return;
  int x = b[i] + 1, steps = 0;
  while (x != 1)
    {
      x = x % 2 ? 3 * x + 1 : x / 2;
      steps++;
    }
  z[i] = steps;
}

KERNEL (mandelbrot)
{
  HERE;
  if (i >= n)
    return;
  float cx = a[i] * 0.1f - 2, cy = b[i] * 0.05f - 0.7f, x = 0, y0 = 0;
  int k;
  for (k = 0; k < 100; k++)
    {
      if (x * x + y0 * y0 > 4)
        break;
      float t = x * x - y0 * y0 + cx;
      y0 = 2 * x * y0 + cy;
      x = t;
    }
  z[i] = k;
  y[i] = x;
}

KERNEL (break_from_uniform_loop)
{
  HERE;
  int found = -1;
  for (int k = 0; k < n; k++)
    if (b[k] == i % 31)
      {
        found = k;
        break;
      }
  if (i < n)
    z[i] = found;
}

KERNEL (return_from_loops)
{
  HERE;
  if (i >= n)
    return;
  for (int k = 0; k < 10; k++)
    {
      for (int m = 0; m < b[i]; m++)
        {
          if (k * m > 40)
            return;
          z[i] += m;
        }
      if (b[i] == k)
        {
          y[i] = k;
          return;
        }
      w[i] += k;
    }
  y[i] = -1;
}

KERNEL (nested_jumps)
{
  HERE;
  if (i >= n)
    return;
  int s = 0;
  for (int k = 0; k < b[i]; k++)
    {
      if (k % 3 == 1)
        continue;
      for (int m = k; ; m++)
        {
          if (m > b[i] + 2)
            break;
          if ((m ^ k) & 1)
            continue;
          s += m * k;
          if (s > 3000)
            return;
        }
      if (s % 11 == 5)
        break;
      s++;
    }
  z[i] = s;
}

KERNEL (do_while)
{
  HERE;
  if (i >= n)
    return;
  float x = a[i] + 1;
  int k = 0;
  do
    {
      k++;
      if (k % 4 == 2)
        continue;
      x = x * 0.75f;
      if (x < 0.01f)
        break;
    }
  while (x > 0.1f && k < b[i]);
  y[i] = x;
  z[i] = k;
}

KERNEL (while_with_effect)
{
  HERE;
  if (i >= n)
    return;
  int k = b[i], s = 0;
  while (k-- > 2)
    s += k;
  for (; k < 5; s += ++k)
    ;
  z[i] = s * 100 + k;
}

KERNEL (branch_around_loop)
{
  HERE;
  if (i >= n)
    return;
  float s = a[i];
  if (b[i] > 10)
    {
      for (int k = 0; k < b[i]; k++)
        s += k * 0.5f;
      s *= 2;
    }
  else if (b[i] > 5)
    for (int k = b[i]; k > 0; k--)
      s -= k;
  else
    s = 7;
  y[i] = s;
}

KERNEL (branch_with_jumps)
{
  HERE;
  if (i >= n)
    return;
  int s = 0;
  for (int k = 0; k < 12; k++)
    {
      if (b[i] & 1)
        {
          for (int m = 0; m < k; m++)
            s += m;
          if (s > 60)
            break;
        }
      else
        {
          for (int m = k; m > 0; m--)
            s -= m;
          if (k == 4)
            continue;
          if (s < -200)
            return;
        }
      s += 1000;
    }
  z[i] = s;
}

KERNEL (uniform_branch)
{
  HERE;
  float s = 0;
  if (n > 100)
    for (int k = 0; k < 9; k++)
      s += a[(i + k) % n];
  else
    for (int k = 0; k < 3; k++)
      s -= a[(i + k) % n];
  if (blockIdx.x == 1)
    {
      int m = n / 2;
      while (m > i % 5)
        m -= 3, s += 1;
    }
  if (i < n)
    y[i] = s;
}

KERNEL (switches)
{
  HERE;
  if (i >= n)
    return;
  int s = 0;
  for (int k = 0; k < b[i]; k++)
    {
      switch ((k + i) % 5)
        {
        case 0:
          s += 3;
          break;
        case 1:
        case 2:
          s *= 2;
          if (s > 100)
            continue;
          break;
        case 3:
          for (int m = 0; m < k; m++)
            if (m == 6)
              break;
            else
              s ^= m;
          /* falls through */
        default:
          s -= 1;
          if (s < -1000)
            return;
        }
      s += 7;
    }
  z[i] = s;
}

KERNEL (unrolled)
{
  HERE;
  if (i >= n)
    return;
  float s = 0;
#pragma unroll
  for (int k = 0; k < 24; k++)
    {
      if (k == b[i])
        break;
      if (k & 1)
        continue;
      s += k * a[i];
    }
#pragma unroll 4
  for (int k = 0; k < n % 5; k++)
    s *= 0.5f;
  y[i] = s;
}

KERNEL (halving_steps)
{
  HERE;
  int s = i;
  for (int step = 64; step > 0; step >>= 1)
    s = s * 3 + step;
  for (int step = n; step > 1; step /= 2)
    s ^= step;
  if (i < n)
    z[i] = s;
}

KERNEL (whole_numbers)
{
  HERE;
  if (i >= n)
    return;
  unsigned char c = (unsigned char) (b[i] * 37);
  short h = (short) (i * 4099);
  unsigned u = 0xfffffff0u + b[i];
  long long l = (long long) i << 33;
  unsigned long long v = ~0ull / (b[i] + 1);
  bool f = false;
  for (int k = 0; k < b[i]; k++)
    {
      c += 7;
      h = (short) (h * 3 + c);
      u = u * 2654435761u + (u >> 13);
      l = l * 3 - h;
      v ^= v << 7 ^ v >> 9;
      f = !f && c > 100;
    }
  z[i] = (int) (c ^ h ^ u ^ (unsigned) l ^ (unsigned) (v >> 32)) + f;
}

KERNEL (rational)
{
  HERE;
  if (i >= n)
    return;
  int p = b[i], q = i + 1;
  while (q)
    {
      int t = p % q;
      p = q;
      q = t;
    }
  z[i] = (b[i] / p) << 8 | p;
}

KERNEL (square_root)
{
  HERE;
  if (i >= n)
    return;
  double x = b[i] + 2.0, g = x;
  int k = 0;
  for (double e = 1; e > 1e-12 && k < 50; k++)
    {
      double h = 0.5 * (g + x / g);
      e = fabs (h - g);
      g = h;
    }
  w[i] = g;
  w[n + i] = fmax (square (g), sqrt (x));
  z[i] = k;
}

KERNEL (adaptive)
{
  HERE;
  if (i >= n)
    return;
  double s[2] = { 1, a[i] * 0.1 }, t = 0, h = 0.125;
  int accepted = 0;
  while (t < 1.0)
    {
      if (t + h > 1.0)
        h = 1.0 - t;
      double k0 = s[1], k1 = -s[0];
      double m0 = s[1] + 0.5 * h * k1, m1 = -(s[0] + 0.5 * h * k0);
      double e = fabs (h * (k0 - m0)) + fabs (h * (k1 - m1));
      if (e < 0.004)
        {
          s[0] += h * m0;
          s[1] += h * m1;
          t += h;
          accepted++;
        }
      h *= e < 0.002 ? 1.5 : 0.5;
      if (accepted > 200)
        break;
    }
  w[i] = s[0];
  w[n + i] = s[1];
  z[i] = accepted;
}

KERNEL (recursion)
{
  HERE;
  int s = 0;
  for (int k = 0; k < 5; k++)
    s += fibonacci (b[i % n] % 9 + k);
  if (i < n)
    z[i] = s;
}

KERNEL (local_names)
{
  HERE;
  typedef double number;
  constexpr int SIZE = 2 + 1;
  const float scale[3] = { 0.5f, 0.25f, 2 };
  if (i >= n)
    return;
  number s[SIZE];
  for (int k = 0; k < SIZE; k++)
    s[k] = k;
  {
    const int half = n / 2;
    for (int k = 0; k < half; k++)
      s[k % SIZE] += scale[k % 3] * half;
  }
  {
    float t = 2;
    for (int k = 0; k < i % 7; k++)
      t *= 1.5f;
    s[0] += t;
  }
  w[i] = s[0] + s[1] * s[2];
}

KERNEL (several_dimensions)
{
  int x = threadIdx.x, yy = threadIdx.y + blockDim.y * threadIdx.z;
  int i = (blockIdx.x * blockDim.y * blockDim.z + yy) * blockDim.x + x;
  int s = x;
  for (int k = 0; k < yy + 2; k++)
    s = s * 3 + k;
  if (i < n)
    z[i] = s;
}

KERNEL (nothing_for_most)
{
  HERE;
  if (i >= n || b[i] != 7)
    return;
  int k = 0;
  while (true)
    {
      if (++k > i)
        return;
      z[i] += k;
    }
}

KERNEL (counting)
{
  HERE;
  if (i >= n)
    return;
  int old = 0;
  for (int k = 0; k < b[i]; k++)
    old = atomicAdd (&z[0], 2);
  atomicMax (&z[1], b[i]);
  if (old < 0)
    y[i] = 1;
}

KERNEL (conditional_assignment)
{
  HERE;
  if (i >= n)
    return;
  int p = 1, q = 2;
  for (int k = 0; k < b[i]; k++)
    {
      (k & 1 ? p : q) += k;
      (p)++;
      float e = twist ((float) q), d = e;
      if (e > 20)
        (q) = 0;
      y[i] = d;
    }
  z[i] = p * 1000 + q;
}

/* What follows is about places on the stack that lanes must not share. */
__device__ float median (float p, float q, float r)
{
  float v[3] = { p, q, r };
  int low = v[1] < v[0], high;
  if (v[2] < v[low])
    low = 2;
  high = v[1] > v[0];
  if (v[2] > v[high])
    high = 2;
  return v[(3 - low - high) % 3];
}
__device__ float chosen (const float *v, int k) { return v[k & 3]; }
__device__ void scale (float *v, float by)
{
  v[0] *= by;
  v[1] *= by;
}

KERNEL (indexed_scratch)
{
  HERE;
  if (i >= n)
    return;
  float t[4] = { 1, 2, 3, 4 };
  t[b[i] & 3] = a[i];
  t[(b[i] >> 1) & 3] += 0.5f;
  y[i] = t[i & 3] + t[(i + 1) & 3];
}

KERNEL (scratch_of_a_function)
{
  HERE;
  if (i >= n)
    return;
  y[i] = median (a[i], (float) b[i], 11.5f);
}

KERNEL (scratch_for_a_function)
{
  HERE;
  if (i >= n)
    return;
  float t[4] = { a[i], 2, 3, 4 };
  scale (t, 0.5f);
  y[i] = chosen (t, b[i]);
}

KERNEL (chosen_variable)
{
  HERE;
  if (i >= n)
    return;
  int p = 1, q = 2;
  (b[i] & 1 ? p : q) += b[i];
  int &r = b[i] & 2 ? p : q;
  r *= 3;
  int *s = b[i] & 4 ? &p : &q;
  *s += 7;
  z[i] = p * 1000 + q;
}

KERNEL (constant_indices)
{
  HERE;
  if (i >= n)
    return;
  real m[THREE][2] = { { 1, 2 }, { 3, 4 }, { a[i], 6 } };
  for (int k = 0; k < b[i]; k++)
    for (int r = 0; r < THREE; r++)
      for (int c = 0; c < 2; c++)
        m[r][c] = m[r][1 - c] * 0.5f + m[(r + 1) % 3][c];
  y[i] = m[0][0] + m[1][1] * m[2][0];
}

KERNEL (index_by_an_unrolled_loop)
{
  HERE;
  if (i >= n)
    return;
  float v[5], s = 0;
  for (int k = 4; k >= 0; k--)
    v[k] = a[i] * k;
  for (int k = 1; k < 5; k <<= 1)
    s += v[k];
  for (int k = 0; k < 5; k++)
    {
      if (v[k] > 20)
        break;
      s -= v[k];
    }
  y[i] = s;
}

KERNEL (strided_twice)
{
  HERE;
  if (i >= n)
    return;
  w[i * 2 + 1] = a[i];
  w[i * 2 + 0] = w[i * 2 + 0] * 0.5 + b[i];
  w[i * 2 + 1] = w[i * 2 + 1] * 0.5 + a[n - 1 - i];
}

KERNEL (choice_in_brackets)
{
  HERE;
  float p = table[1] * 0.5f;
  float q = p + 1;
  ((((unsigned) p) < (unsigned) i) ? q : p) = p * 3;
  for (int k = 0; k < b[i % n]; k++)
    q += p * k;
  if (i < n)
    y[i] = p + q;
}

KERNEL (label_at_the_end)
{
  HERE;
  if (i >= n)
    return;
  for (int k = 0; k < b[i]; k++)
    switch (k % 3)
      {
      case 1:
        z[i] += k;
      case 2:;
      }
}

KERNEL (two_guards)
{
  HERE;
  if (i < n)
    y[i] = a[i];
  for (int k = 0; k < n / 50; k++)
    z[i % n] += k;
  if (i < n)
    y[i] += sin (w[i]);
}

KERNEL (first_threads)
{
  HERE;
  int t = threadIdx.x;
  for (int k = -3; k < n / 20; k += 5)
    {
      if (t < k * 2 - 1)
        y[i % n] += k;
    }
  for (int k = -3; k < n / 20; k += 7)
    {
      if (threadIdx.x < k) /* nobody is below zero, and everybody below 4294967293 */
        z[i % n] += k;
    }
  for (int k = 0; k < n / 50; k++)
    {
      if (t < k + 0.75f)
        w[i % n] *= k;
    }
  if (t == 0)
    {
      double s = 0;
      for (int k = 0; k < 5; k++)
        s += a[(i + k) % n] / (k + 3.0);
      w[n + i % n] = s;
    }
}

/* --- angles, of which some are beyond 2^45: lanes of a group are looked at together before --- */

KERNEL (angles)
{
  HERE;
  if (i < n)
    w[i] = sin (b[i] == 3 ? w[i] * 1e18 : w[i]) + cos (2.0 * i) * tan (w[n + i]) + sin (a[i]);
}

KERNEL (angles_of_single_blocks)
{
  HERE;
  if (i >= n)
    return;
  double x = blockIdx.x % 2 ? w[i] * 1e30 : w[i], s, c;
  sincos (x, &s, &c);
  w[i] = s * 2;
  w[n + i] = c + cos (x + 1);
}

KERNEL (angles_behind_stores)
{
  HERE;
  if (i >= n)
    return;
  w[i] = w[i] * 1e19;
  w[n + i] = cos (w[i]);
  w[i] += sin (w[n + i]);
}

KERNEL (angles_behind_pointers)
{
  HERE;
  double v[2] = { 1, 2 }, *p = v;
  if (i >= n)
    return;
  p[1] = w[i] * 1e20;
  w[i] = sin (v[1]) + cos (v[0]++);
  *p = 1e17 * i;
  w[n + i] = sin (v[0]);
}

KERNEL (angles_that_grow)
{
  HERE;
  double x = w[i % n], v[3] = { 1, 1e5, 0.5 }, t = 0;
  for (int k = 0; k < 20; k++)
    {
      x = x * 17 + sin (x);
      for (int m = 0; m < 3; m++)
        t += cos (x * v[m]);
      if (b[i % n] == k)
        break;
    }
  for (int m = 0; m < 3; m++)
    {
      t += sin (t * 1e3 + v[m]);
      v[m] = t;
      if (i < n)
        w[i] = t;
      t = i < n ? w[i] * 1e9 : t;
    }
  if (i < n)
    w[n + i] = t;
}

KERNEL (angles_in_branches)
{
  HERE;
  double x = i;
  if (i >= n)
    return;
  if (b[i] > 15)
    {
      x = w[i] * (b[i] > 28 ? 1e25 : 1);
      double before = x--;
      x = sin (before) + x;
    }
  else if (b[i] > 3)
    x += cos (x += 1e16);
  else
    x = -INFINITY;
  for (int k = 0; k < b[i]; k++)
    x += 0.25;
  w[i] = b[i] % 3 ? cos (x) : sin (x * 1e15);
}
