/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What people write: the kernels of textbooks and of every day, in their own styles. */
typedef unsigned int u32;
typedef unsigned long long u64;

#define TILE 16
#define WARPS 32
#define IDX(x, y, w) ((y) * (w) + (x))

/* --- sums, scans, lists --- */

template <typename T> __device__ __forceinline__ T
warpReduceSum (T val)
{
#pragma unroll
  for (int offset = warpSize / 2; offset > 0; offset >>= 1)
    val += __shfl_down_sync (0xffffffff, val, offset);
  return val;
}

/* a grid-stride loop, warps, and then one warp */
extern "C" __global__ void
reduce_in_two_steps (const float *__restrict__ in, float *__restrict__ out, size_t n)
{
  __shared__ float partial[WARPS];
  float sum = 0.0f;
  int lane = threadIdx.x % warpSize, wid = threadIdx.x / warpSize;
  for (size_t i = blockIdx.x * (size_t) blockDim.x + threadIdx.x; i < n;
       i += (size_t) blockDim.x * gridDim.x)
    sum += in[i];
  for (int offset = warpSize / 2; offset > 0; offset >>= 1)
    sum += __shfl_down_sync (0xffffffff, sum, offset);
  if (lane == 0)
    partial[wid] = sum;
  __syncthreads ();
  sum = (threadIdx.x < blockDim.x / warpSize) ? partial[lane] : 0.0f;
  if (wid == 0)
    {
      sum = warpReduceSum (sum);
      if (lane == 0)
        atomicAdd (out, sum);
    }
}

/* up and down a tree; two elements for each thread */
extern "C" __global__ void
work_efficient_scan (const int *g_idata, int *g_odata, int n)
{
  extern __shared__ int temp[];
  int thid = threadIdx.x, offset = 1;
  const int *in = g_idata + blockIdx.x * n;
  int *out = g_odata + blockIdx.x * n;
  temp[2 * thid] = in[2 * thid];
  temp[2 * thid + 1] = in[2 * thid + 1];
  for (int d = n >> 1; d > 0; d >>= 1)
    {
      __syncthreads ();
      if (thid < d)
        {
          int ai = offset * (2 * thid + 1) - 1, bi = offset * (2 * thid + 2) - 1;
          temp[bi] += temp[ai];
        }
      offset *= 2;
    }
  if (thid == 0)
    temp[n - 1] = 0;
  for (int d = 1; d < n; d *= 2)
    {
      offset >>= 1;
      __syncthreads ();
      if (thid < d)
        {
          int ai = offset * (2 * thid + 1) - 1, bi = offset * (2 * thid + 2) - 1;
          int t = temp[ai];
          temp[ai] = temp[bi];
          temp[bi] += t;
        }
    }
  __syncthreads ();
  out[2 * thid] = temp[2 * thid];
  out[2 * thid + 1] = temp[2 * thid + 1];
}

/* what is kept of each block, in order */
extern "C" __global__ void
stream_compaction (const int *data, int *result, int *counts, int threshold)
{
  __shared__ unsigned warpCounts[WARPS];
  const int tid = threadIdx.x, lane = tid & 31, warp = tid >> 5;
  const int value = data[blockIdx.x * blockDim.x + tid];
  const bool keep = value > threshold;
  unsigned mask = __ballot_sync (0xffffffffu, keep);
  if (lane == 0)
    warpCounts[warp] = __popc (mask);
  __syncthreads ();
  int before = 0;
  for (int w = 0; w < warp; ++w)
    before += warpCounts[w];
  if (keep)
    result[blockIdx.x * blockDim.x + before + __popc (mask & ((1u << lane) - 1))] = value;
  if (tid == blockDim.x - 1)
    counts[blockIdx.x] = before + __popc (mask);
}

/* --- grids --- */

extern "C" __global__ void
heat_2d (const float *__restrict__ u, float *__restrict__ v, int nx, int ny, float alpha)
{
  __shared__ float s[TILE + 2][TILE + 2];
  const int x = blockIdx.x * TILE + threadIdx.x, y = blockIdx.y * TILE + threadIdx.y;
  const int lx = threadIdx.x + 1, ly = threadIdx.y + 1;
  if (x < nx && y < ny)
    {
      s[ly][lx] = u[IDX (x, y, nx)];
      if (threadIdx.x == 0 && x > 0)
        s[ly][0] = u[IDX (x - 1, y, nx)];
      if (threadIdx.x == TILE - 1 && x < nx - 1)
        s[ly][TILE + 1] = u[IDX (x + 1, y, nx)];
      if (threadIdx.y == 0 && y > 0)
        s[0][lx] = u[IDX (x, y - 1, nx)];
      if (threadIdx.y == TILE - 1 && y < ny - 1)
        s[TILE + 1][lx] = u[IDX (x, y + 1, nx)];
    }
  __syncthreads ();
  if (x > 0 && x < nx - 1 && y > 0 && y < ny - 1)
    {
      float c = s[ly][lx];
      v[IDX (x, y, nx)]
          = c + alpha * (s[ly][lx - 1] + s[ly][lx + 1] + s[ly - 1][lx] + s[ly + 1][lx] - 4.0f * c);
    }
  else if (x < nx && y < ny)
    v[IDX (x, y, nx)] = u[IDX (x, y, nx)];
}

/* planes of a cube pass through registers */
extern "C" __global__ void
stencil_3d (const double *in, double *out, int nx, int ny, int nz)
{
  int ix = blockIdx.x * blockDim.x + threadIdx.x + 1;
  int iy = blockIdx.y * blockDim.y + threadIdx.y + 1;
  if (ix >= nx - 1 || iy >= ny - 1)
    return;
  const int stride = nx * ny;
  int at = iy * nx + ix;
  double behind, current = in[at], infront = in[at + stride];
  for (int k = 1; k < nz - 1; k++)
    {
      at += stride;
      behind = current;
      current = infront;
      infront = in[at + stride];
      out[at] = 0.5 * current
                + 0.125 * (behind + infront + in[at - 1] + in[at + 1] + in[at - nx] + in[at + nx]);
    }
}

#define TILE_DIM   32
#define BLOCK_ROWS 8
extern "C" __global__ void
transpose_without_conflicts (float *odata, const float *idata, int width, int height)
{
  __shared__ float tile[TILE_DIM][TILE_DIM + 1];
  int x = blockIdx.x * TILE_DIM + threadIdx.x;
  int y = blockIdx.y * TILE_DIM + threadIdx.y;
  for (int j = 0; j < TILE_DIM; j += BLOCK_ROWS)
    if (x < width && y + j < height)
      tile[threadIdx.y + j][threadIdx.x] = idata[(y + j) * width + x];
  __syncthreads ();
  x = blockIdx.y * TILE_DIM + threadIdx.x;
  y = blockIdx.x * TILE_DIM + threadIdx.y;
  for (int j = 0; j < TILE_DIM; j += BLOCK_ROWS)
    if (x < height && y + j < width)
      odata[(y + j) * height + x] = tile[threadIdx.x][threadIdx.y + j];
}

typedef struct
{
  int width;
  int height;
  int stride;
  float *elements;
} Matrix;

__device__ float
GetElement (const Matrix A, int row, int col)
{
  return row < A.height && col < A.width ? A.elements[row * A.stride + col] : 0.0f;
}

extern "C" __global__ void
tiled_product_of_any_size (float *a, float *b, float *c, int m, int n, int k)
{
  Matrix A = { k, m, k, a }, B = { n, k, n, b };
  __shared__ float As[TILE][TILE];
  __shared__ float Bs[TILE][TILE];
  int row = blockIdx.y * TILE + threadIdx.y, col = blockIdx.x * TILE + threadIdx.x;
  float Cvalue = 0;
  for (int t = 0; t < (k + TILE - 1) / TILE; ++t)
    {
      As[threadIdx.y][threadIdx.x] = GetElement (A, row, t * TILE + threadIdx.x);
      Bs[threadIdx.y][threadIdx.x] = GetElement (B, t * TILE + threadIdx.y, col);
      __syncthreads ();
#pragma unroll
      for (int e = 0; e < TILE; ++e)
        Cvalue += As[threadIdx.y][e] * Bs[e][threadIdx.x];
      __syncthreads ();
    }
  if (row < m && col < n)
    c[row * n + col] = Cvalue;
}

extern "C" __global__ void
game_of_life (const unsigned char *world, unsigned char *next, int w, int h)
{
  int x = blockIdx.x * blockDim.x + threadIdx.x, y = blockIdx.y * blockDim.y + threadIdx.y;
  if (x >= w || y >= h)
    return;
  int alive = 0;
  for (int dy = -1; dy <= 1; dy++)
    for (int dx = -1; dx <= 1; dx++)
      if (dx || dy)
        alive += world[((y + dy + h) % h) * w + (x + dx + w) % w];
  next[y * w + x] = alive == 3 || (alive == 2 && world[y * w + x]);
}

__constant__ float filter[7] = { 0.0625f, 0.125f, 0.25f, 0.5f, 0.25f, 0.125f, 0.0625f };

extern "C" __global__ void
convolution_with_constants (const float *in, float *out, int n)
{
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n)
    {
      float acc = 0.f;
      for (int j = -3; j <= 3; j++)
        {
          int k = min (max (i + j, 0), n - 1);
          acc += in[k] * filter[j + 3];
        }
      out[i] = acc;
    }
}

/* --- numbers --- */

extern "C" __global__ void
mandelbrot_set (int *iterations, int width, int height, float scale, int max_iter)
{
  int px = blockIdx.x * blockDim.x + threadIdx.x, py = blockIdx.y * blockDim.y + threadIdx.y;
  if (px >= width || py >= height)
    return;
  float2 c = make_float2 (px * scale - 2.0f, py * scale - 1.0f), z = { 0.0f, 0.0f };
  int iter = 0;
  while (z.x * z.x + z.y * z.y <= 4.0f && iter < max_iter)
    {
      float xtemp = z.x * z.x - z.y * z.y + c.x;
      z.y = 2.0f * z.x * z.y + c.y;
      z.x = xtemp;
      iter++;
    }
  iterations[py * width + px] = iter;
}

struct Philox
{
  u32 ctr[4], key[2];
  __device__ static void
  mulhilo (u32 a, u32 b, u32 &hi, u32 &lo)
  {
    u64 p = (u64) a * b;
    hi = (u32) (p >> 32);
    lo = (u32) p;
  }
  __device__ void
  round ()
  {
    u32 h0, l0, h1, l1;
    mulhilo (0xD2511F53u, ctr[0], h0, l0);
    mulhilo (0xCD9E8D57u, ctr[2], h1, l1);
    u32 r0 = h1 ^ ctr[1] ^ key[0], r2 = h0 ^ ctr[3] ^ key[1];
    ctr[0] = r0;
    ctr[1] = l1;
    ctr[2] = r2;
    ctr[3] = l0;
  }
};

/* points in a quarter of a circle */
extern "C" __global__ void
monte_carlo_with_philox (unsigned long long *inside, u32 *first, u32 seed, int samples)
{
  unsigned tid = blockIdx.x * blockDim.x + threadIdx.x;
  unsigned count = 0;
  for (int s = 0; s < samples; s++)
    {
      Philox p;
      p.ctr[0] = s;
      p.ctr[1] = tid;
      p.ctr[2] = p.ctr[3] = 0;
      p.key[0] = seed;
      p.key[1] = 0xCAFE;
      for (int r = 0; r < 10; r++)
        {
          p.round ();
          p.key[0] += 0x9E3779B9u;
          p.key[1] += 0xBB67AE85u;
        }
      if (s == 0)
        first[tid] = p.ctr[3];
      float x = (p.ctr[0] >> 8) * (1.0f / 16777216.0f), y = (p.ctr[1] >> 8) * (1.0f / 16777216.0f);
      if (x * x + y * y < 1.0f)
        count++;
    }
  atomicAdd (inside, (unsigned long long) count);
}

/* one warp for a row */
extern "C" __global__ void
spmv_csr_vector (int num_rows, const int *ptr, const int *indices, const double *data,
                 const double *x, double *y)
{
  int thread_id = blockDim.x * blockIdx.x + threadIdx.x;
  int row = thread_id / 32, lane = thread_id & 31;
  double sum = 0;
  if (row < num_rows)
    for (int jj = ptr[row] + lane; jj < ptr[row + 1]; jj += 32)
      sum += data[jj] * x[indices[jj]];
  for (int d = 16; d; d >>= 1)
    sum += __shfl_xor_sync (0xffffffff, sum, d);
  if (row < num_rows && lane == 0)
    y[row] += sum;
}

extern "C" __global__ void
spmv_csr_scalar (int num_rows, const int *ptr, const int *indices, const double *data,
                 const double *x, double *y)
{
  int row = blockDim.x * blockIdx.x + threadIdx.x;
  if (row < num_rows)
    {
      double dot = 0;
      int row_start = ptr[row], row_end = ptr[row + 1];
      for (int jj = row_start; jj < row_end; jj++)
        dot += data[jj] * x[indices[jj]];
      y[row] += dot;
    }
}

extern "C" __global__ void
lower_bound (const int *sorted, int n, const int *keys, int *found, int n_keys)
{
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n_keys; i += gridDim.x * blockDim.x)
    {
      int lo = 0, hi = n;
      while (lo < hi)
        {
          int mid = lo + (hi - lo) / 2;
          if (sorted[mid] < keys[i])
            lo = mid + 1;
          else
            hi = mid;
        }
      found[i] = lo;
    }
}

/* one system for each thread, elements of all systems side by side */
extern "C" __global__ void
tridiagonal_systems (const double *a, const double *b, const double *c, const double *d, double *x,
                     double *scratch, int systems, int n)
{
  int t = blockIdx.x * blockDim.x + threadIdx.x;
  if (t >= systems)
    return;
  double *cp = scratch + t, *out = x + t;
  cp[0] = c[t] / b[t];
  out[0] = d[t] / b[t];
  for (int i = 1; i < n; i++)
    {
      int k = i * systems;
      double m = 1.0 / (b[k + t] - a[k + t] * cp[k - systems]);
      cp[k] = c[k + t] * m;
      out[k] = (d[k + t] - a[k + t] * out[k - systems]) * m;
    }
  for (int i = n - 2; i >= 0; i--)
    out[i * systems] -= cp[i * systems] * out[(i + 1) * systems];
}

__device__ inline float3
operator+ (float3 a, float3 b)
{
  return make_float3 (a.x + b.x, a.y + b.y, a.z + b.z);
}
__device__ inline float3
operator- (float3 a, float3 b)
{
  return make_float3 (a.x - b.x, a.y - b.y, a.z - b.z);
}
__device__ inline float3
operator* (float s, float3 a)
{
  return make_float3 (s * a.x, s * a.y, s * a.z);
}
__device__ inline float dot (float3 a, float3 b) { return a.x * b.x + a.y * b.y + a.z * b.z; }

struct Ray
{
  float3 o, d;
  __device__ float3 at (float t) const { return o + t * d; }
};

struct Sphere
{
  float3 center;
  float radius;
  __device__ bool
  hit (const Ray &r, float &t) const
  {
    float3 oc = r.o - center;
    float b = dot (oc, r.d), c = dot (oc, oc) - radius * radius, disc = b * b - dot (r.d, r.d) * c;
    if (disc < 0)
      return false;
    t = (-b - sqrtf (disc)) / dot (r.d, r.d);
    return t > 0;
  }
};

/* the nearest of some spheres, and how it is lit */
extern "C" __global__ void
ray_tracer (unsigned char *image, float *depth, int w, int h, int n)
{
  int x = blockIdx.x * blockDim.x + threadIdx.x, y = blockIdx.y * blockDim.y + threadIdx.y;
  if (x >= w || y >= h)
    return;
  Ray r = { { 0, 0, 0 }, { (x - 0.5f * w) / w, (y - 0.5f * h) / h, 1.0f } };
  float nearest = __int_as_float (0x7f800000), light = 0;
  for (int k = 0; k < n; k++)
    {
      Sphere s = { make_float3 (k * 0.75f - 1.5f, (k & 1) * 0.5f, 4.0f + k), 0.9f };
      float t;
      if (s.hit (r, t) && t < nearest)
        {
          nearest = t;
          float3 normal = (1.0f / s.radius) * (r.at (t) - s.center);
          light = fmaxf (0.0f, dot (normal, make_float3 (0.5f, -0.5f, -0.5f)));
        }
    }
  depth[y * w + x] = nearest;
  image[y * w + x] = (unsigned char) (255.99f * fminf (light, 1.0f));
}

/* --- bytes --- */

extern "C" __global__ void
histogram_of_bytes (const unsigned char *data, long size, unsigned int *histo)
{
  __shared__ unsigned int temp[256];
  for (int k = threadIdx.x; k < 256; k += blockDim.x)
    temp[k] = 0;
  __syncthreads ();
  long i = threadIdx.x + blockIdx.x * blockDim.x;
  long offset = blockDim.x * gridDim.x;
  while (i < size)
    {
      atomicAdd (&temp[data[i]], 1);
      i += offset;
    }
  __syncthreads ();
  for (int k = threadIdx.x; k < 256; k += blockDim.x)
    atomicAdd (&histo[k], temp[k]);
}

__device__ __constant__ char digits[] = "0123456789abcdef";

__device__ bool
is_letter (char c)
{
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* words of a text, in hexadecimal with capitals turned */
extern "C" __global__ void
words_and_letters (const char *text, int n, char *hex, char *turned, int *words)
{
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n)
    return;
  char c = text[i];
  hex[2 * i] = digits[(c >> 4) & 15];
  hex[2 * i + 1] = digits[c & 15];
  if (is_letter (c))
    {
      turned[i] = c ^ ' ';
      if (i == 0 || !is_letter (text[i - 1]))
        atomicAdd (words, 1);
    }
  else
    turned[i] = c == '\t' ? ' ' : c == '\0' ? '?' : c;
}

/* the distance of two words of fixed length */
extern "C" __global__ void
edit_distance (const char *a, const char *b, int *distance, int pairs)
{
  const int L = 12;
  int p = blockIdx.x * blockDim.x + threadIdx.x;
  if (p >= pairs)
    return;
  const char *s = &a[p * L], *t = &b[p * L];
  unsigned char row[L + 1];
  for (int j = 0; j <= L; j++)
    row[j] = (unsigned char) j;
  for (int i = 1; i <= L; i++)
    {
      int diagonal = row[0];
      row[0] = (unsigned char) i;
      for (int j = 1; j <= L; j++)
        {
          int cost = diagonal + (s[i - 1] != t[j - 1]);
          diagonal = row[j];
          row[j] = (unsigned char) min (cost, 1 + min ((int) row[j], (int) row[j - 1]));
        }
    }
  distance[p] = row[L];
}

__device__ __forceinline__ u32 rotr (u32 x, int n) { return (x >> n) | (x << (32 - n)); }

/* of one chunk of 64 bytes for each thread, with the first rounds of SHA-256 */
extern "C" __global__ void
mixed_words (const u32 *in, u32 *out, int n)
{
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  u32 w[32], a = 0x6a09e667u, e = 0x510e527fu, f = 0x9b05688cu, g = 0x1f83d9abu;
  if (i >= n)
    return;
#pragma unroll
  for (int t = 0; t < 16; ++t)
    w[t] = __byte_perm (in[i * 16 + t], 0, 0x0123);
#pragma unroll
  for (int t = 16; t < 32; ++t)
    {
      u32 s0 = rotr (w[t - 15], 7) ^ rotr (w[t - 15], 18) ^ (w[t - 15] >> 3);
      u32 s1 = rotr (w[t - 2], 17) ^ rotr (w[t - 2], 19) ^ (w[t - 2] >> 10);
      w[t] = w[t - 16] + s0 + w[t - 7] + s1;
    }
  for (int t = 0; t < 32; ++t)
    {
      u32 ch = (e & f) ^ (~e & g), s = rotr (e, 6) ^ rotr (e, 11) ^ rotr (e, 25);
      u32 next = a + ch + s + w[t];
      a = g;
      g = f;
      f = e;
      e = next;
    }
  out[i] = a ^ e ^ f ^ g;
}

extern "C" __global__ void
grey_pictures (const unsigned char *rgba, unsigned char *grey, int w, int h, size_t pitch)
{
  const unsigned x = blockIdx.x * blockDim.x + threadIdx.x;
  const unsigned y = blockIdx.y * blockDim.y + threadIdx.y;
  if (x < w && y < h)
    {
      const uchar4 p = *((const uchar4 *) (rgba + y * pitch) + x);
      grey[y * w + x] = (unsigned char) (.299f * p.x + .587f * p.y + .114f * p.z);
    }
}

/* --- graphs --- */

extern "C" __global__ void
floyd_warshall_in_a_block (int *dist, int n)
{
  for (int k = 0; k < n; k++)
    {
      for (int at = threadIdx.x; at < n * n; at += blockDim.x)
        {
          int i = at / n, j = at % n, through = dist[i * n + k] + dist[k * n + j];
          if (through < dist[i * n + j])
            dist[i * n + j] = through;
        }
      __syncthreads ();
    }
}

/* one level of a breadth-first search */
extern "C" __global__ void
next_frontier (const int *row, const int *col, const int *frontier, int n_frontier, int *level,
               int *next, int *n_next, int depth)
{
  int t = blockIdx.x * blockDim.x + threadIdx.x;
  if (t < n_frontier)
    {
      int u = frontier[t];
      for (int e = row[u]; e < row[u + 1]; ++e)
        {
          int v = col[e];
          if (atomicCAS (&level[v], -1, depth) == -1)
            next[atomicAdd (n_next, 1)] = v;
        }
    }
}

/* --- with functions of the library: not the same bits everywhere --- */

__device__ inline float
cndGPU (float d)
{
  const float A1 = 0.31938153f, A2 = -0.356563782f, A3 = 1.781477937f, A4 = -1.821255978f,
              A5 = 1.330274429f, RSQRT2PI = 0.39894228040143267793994605993438f;
  float K = 1.0f / (1.0f + 0.2316419f * fabsf (d));
  float cnd = RSQRT2PI * __expf (-0.5f * d * d)
              * (K * (A1 + K * (A2 + K * (A3 + K * (A4 + K * A5)))));
  if (d > 0)
    cnd = 1.0f - cnd;
  return cnd;
}

extern "C" __global__ void
black_scholes (float2 *result, const float *price, const float *strike, const float *years,
               float riskfree, float volatility, int n)
{
  const int opt = blockDim.x * blockIdx.x + threadIdx.x;
  if (opt < n)
    {
      float S = price[opt], X = strike[opt], T = years[opt];
      float sqrtT = __fdividef (1.0F, rsqrtf (T));
      float d1 = __fdividef (__logf (S / X) + (riskfree + 0.5f * volatility * volatility) * T,
                             volatility * sqrtT);
      float d2 = d1 - volatility * sqrtT, CNDD1 = cndGPU (d1), CNDD2 = cndGPU (d2);
      float expRT = __expf (-riskfree * T);
      result[opt].x = S * CNDD1 - X * expRT * CNDD2;
      result[opt].y = X * expRT * (1.0f - CNDD2) - S * (1.0f - CNDD1);
    }
}

__device__ float3
bodyBodyInteraction (float4 bi, float4 bj, float3 ai)
{
  float3 r;
  r.x = bj.x - bi.x;
  r.y = bj.y - bi.y;
  r.z = bj.z - bi.z;
  float distSqr = r.x * r.x + r.y * r.y + r.z * r.z + 0.01f;
  float invDist = rsqrtf (distSqr);
  float s = bj.w * (invDist * invDist * invDist);
  ai.x += r.x * s;
  ai.y += r.y * s;
  ai.z += r.z * s;
  return ai;
}

extern "C" __global__ void
n_body_tiles (const float *bodies, float *result, int n)
{
  const float4 *positions = reinterpret_cast<const float4 *> (bodies);
  float4 *accelerations = reinterpret_cast<float4 *> (result);
  extern __shared__ float4 shPosition[];
  int gtid = blockIdx.x * blockDim.x + threadIdx.x;
  float4 myPosition = gtid < n ? positions[gtid] : make_float4 (0, 0, 0, 0);
  float3 acc = { 0.0f, 0.0f, 0.0f };
  for (int i = 0, tile = 0; i < n; i += blockDim.x, tile++)
    {
      int idx = tile * blockDim.x + threadIdx.x;
      shPosition[threadIdx.x] = idx < n ? positions[idx] : make_float4 (0.f, 0.f, 0.f, 0.f);
      __syncthreads ();
      for (int k = 0; k < blockDim.x; k++)
        acc = bodyBodyInteraction (myPosition, shPosition[k], acc);
      __syncthreads ();
    }
  if (gtid < n)
    accelerations[gtid] = make_float4 (acc.x, acc.y, acc.z, 0.0f);
}

extern "C" __global__ void
softmax_of_rows (const float *in, float *out, int cols)
{
  extern __shared__ float red[];
  const float *row = in + (size_t) blockIdx.x * cols;
  float *dst = out + (size_t) blockIdx.x * cols;
  int tid = threadIdx.x;
  float m = -3.402823466e+38f;
  for (int c = tid; c < cols; c += blockDim.x)
    m = fmaxf (m, row[c]);
  red[tid] = m;
  __syncthreads ();
  for (int s = blockDim.x / 2; s > 0; s >>= 1)
    {
      if (tid < s)
        red[tid] = fmaxf (red[tid], red[tid + s]);
      __syncthreads ();
    }
  m = red[0];
  __syncthreads ();
  float sum = 0.0f;
  for (int c = tid; c < cols; c += blockDim.x)
    {
      float e = expf (row[c] - m);
      dst[c] = e;
      sum += e;
    }
  red[tid] = sum;
  __syncthreads ();
  for (int s = blockDim.x / 2; s > 0; s >>= 1)
    {
      if (tid < s)
        red[tid] += red[tid + s];
      __syncthreads ();
    }
  float inv = 1.0f / red[0];
  for (int c = tid; c < cols; c += blockDim.x)
    dst[c] *= inv;
}

/* a block's own transform, radix 2 */
extern "C" __global__ void
fourier_transforms (float2 *data, int bits)
{
  __shared__ float2 s[256];
  const int n = 1 << bits, t = threadIdx.x;
  float2 *mine = data + blockIdx.x * n;
  for (int k = t; k < n; k += blockDim.x)
    s[__brev ((unsigned) k) >> (32 - bits)] = mine[k];
  __syncthreads ();
  for (int half = 1; half < n; half <<= 1)
    {
      for (int k = t; k < n / 2; k += blockDim.x)
        {
          int j = k & (half - 1), at = ((k & ~(half - 1)) << 1) + j;
          float sn, cs;
          sincosf (-3.14159265358979f * j / half, &sn, &cs);
          float2 u = s[at], v = s[at + half];
          float2 w = make_float2 (v.x * cs - v.y * sn, v.x * sn + v.y * cs);
          s[at] = make_float2 (u.x + w.x, u.y + w.y);
          s[at + half] = make_float2 (u.x - w.x, u.y - w.y);
        }
      __syncthreads ();
    }
  for (int k = t; k < n; k += blockDim.x)
    mine[k] = s[k];
}
