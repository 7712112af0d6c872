/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Private arrays, structs, constants, vectors, and how threads find their place. */
#define INDEX (int) (blockIdx.x * blockDim.x + threadIdx.x)

struct Pair
{
  int a;
  double b;
};
struct Bits
{
  unsigned low : 5, mid : 11;
  int top : 16;
};
struct Nested
{
  Pair pair[2];
  short tag[3];
};
__constant__ int table[8] = { 2, 3, 5, 7, 11, 13, 17, 19 };
__constant__ double factor = 0.5;
__device__ int offsets[4] = { 100, 200, 300, 400 };
__device__ const float weights[3] = { 0.25f, 0.5f, 0.25f };

extern "C" __global__ void
private_array (const int *x, int *y, int n)
{
  int i = INDEX, count[8] = { 0 };
  if (i >= n)
    return;
  for (int k = 0; k < 20; k++)
    count[(x[(i + k) % n] + 128) & 7]++;
  y[i] = count[i & 7] * 100 + count[x[i] & 7];
}

extern "C" __global__ void
private_matrix (const int *x, int *y, int n)
{
  int i = INDEX, m[3][4], sum = 0;
  if (i >= n)
    return;
  for (int r = 0; r < 3; r++)
    for (int c = 0; c < 4; c++)
      m[r][c] = x[(i + r * 4 + c) % n];
  for (int r = 0; r < 3; r++)
    for (int c = 0; c < 4; c++)
      sum += m[(r + i) % 3][c ^ 1] * (r + 1) * (c + 1);
  y[i] = sum;
}

extern "C" __global__ void
sorted_private_array (const int *x, int *y, int n)
{
  int i = INDEX, v[7];
  if (i >= n)
    return;
  for (int k = 0; k < 7; k++)
    v[k] = x[(i * 7 + k) % n];
  for (int k = 1; k < 7; k++)
    {
      int t = v[k], j = k - 1;
      while (j >= 0 && v[j] > t)
        {
          v[j + 1] = v[j];
          j--;
        }
      v[j + 1] = t;
    }
  for (int k = 0; k < 7; k++)
    y[i * 7 + k] = v[k];
}

__device__ Pair
combine (Pair p, Pair q)
{
  p.a += q.a;
  p.b = p.b + q.b;
  return p;
}

extern "C" __global__ void
structs_by_value (const int *x, double *y, int n)
{
  int i = INDEX;
  if (i < n)
    {
      Pair p = { x[i], x[i] * 0.5 }, q = p;
      q.a = 7;
      p = combine (p, combine (q, q));
      y[i] = p.a + p.b + q.a;
    }
}

extern "C" __global__ void
structs_in_structs (const int *x, int *y, int n)
{
  int i = INDEX;
  Nested s[2];
  if (i >= n)
    return;
  for (int k = 0; k < 2; k++)
    for (int j = 0; j < 2; j++)
      s[k].pair[j] = { x[i] + k, (double) j };
  s[1] = s[0];
  s[1].pair[1].a = 5;
  s[1].tag[2] = (short) (x[i] * 1000);
  y[i] = s[0].pair[1].a + s[1].pair[1].a * 10 + s[1].tag[2] + (int) s[1].pair[1].b
         + (int) sizeof (Nested);
}

extern "C" __global__ void
bit_fields (const int *x, int *y, int n)
{
  int i = INDEX;
  Bits b;
  if (i >= n)
    return;
  b.low = (unsigned) x[i];
  b.mid = (unsigned) x[i] * 37;
  b.top = x[i] * 1000;
  b.low += 3;
  y[i] = (int) (b.low + b.mid * 32) ^ b.top;
}

extern "C" __global__ void
constants_and_device_variables (const int *x, double *y, int n)
{
  int i = INDEX;
  if (i < n)
    y[i] = table[x[i] & 7] * factor + offsets[i & 3] + weights[i % 3];
}

__device__ void
add_to (int &target, const int &amount)
{
  target += amount;
}
__device__ void
exchange (int *a, int *b)
{
  int t = *a;
  *a = *b;
  *b = t;
}

extern "C" __global__ void
references_and_pointers (const int *x, int *y, int n)
{
  int i = INDEX, a, b = 3, v[2] = { 1, 2 };
  if (i >= n)
    return;
  a = x[i];
  add_to (a, b);
  add_to (v[i & 1], a);
  int &r = v[a & 1];
  r += 100;
  exchange (&v[0], &a);
  y[i] = a * 3 + v[0] * 5 + v[1] * 7 + b;
}

extern "C" __global__ void
vector_types (const float2 *x, double2 *y, float *z, int n)
{
  int i = INDEX;
  if (i >= n)
    return;
  float4 v = make_float4 (x[i].x, x[i].y, x[n - 1 - i].x, x[n - 1 - i].y), w = v;
  int3 k = make_int3 ((int) v.x, (int) v.w, i);
  w.x = v.w;
  y[i] = make_double2 (v.x > v.z ? v.x : v.z, (double) w.x + w.y + w.z + w.w);
  z[i] = (float) (k.x - k.y + k.z);
}

extern "C" __global__ void
bytes_and_shorts (const unsigned char *x, short *y, signed char *z, int n)
{
  int i = INDEX;
  if (i >= n)
    return;
  y[i] = (short) (x[i] * 300);
  z[i] = (signed char) (x[i] + x[n - 1 - i]);
}

extern "C" __global__ void
gathered_items (const int *index, const float *x, float *y, int n)
{
  int i = INDEX;
  if (i < n && index[i] >= 0)
    y[i] = x[index[i]] + x[n - 1 - index[i]];
}

extern "C" __global__ void
in_place_update (double *x, int n)
{
  int i = INDEX;
  if (i < n && x[i] > 0)
    x[i] = x[i] / 3 + 1;
}

extern "C" __global__ void
two_dimensions (int *y, int w, int h)
{
  int c = blockIdx.x * blockDim.x + threadIdx.x, r = blockIdx.y * blockDim.y + threadIdx.y;
  if (c < w && r < h)
    y[r * w + c] = (int) (threadIdx.x + 100 * threadIdx.y + 10000 * blockIdx.x + 100000 * blockIdx.y);
}

extern "C" __global__ void
three_dimensions (unsigned *y)
{
  unsigned w = gridDim.x * blockDim.x, h = gridDim.y * blockDim.y;
  uint3 p = make_uint3 (blockIdx.x * blockDim.x + threadIdx.x, blockIdx.y * blockDim.y + threadIdx.y,
                        blockIdx.z * blockDim.z + threadIdx.z);
  y[(p.z * h + p.y) * w + p.x] = p.x + 1000 * p.y + 1000000 * p.z + gridDim.z + blockDim.z;
}

extern "C" __global__ void
bits_of_floats (const float *x, int *y, double *z, int n)
{
  int i = INDEX;
  if (i >= n)
    return;
  y[i] = __float_as_int (x[i]) ^ 0x55;
  z[i] = __longlong_as_double (__double_as_longlong ((double) x[i]) + (1ll << 52));
}
