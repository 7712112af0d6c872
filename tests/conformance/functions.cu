/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a kernel calls. */
#define INDEX (int) (blockIdx.x * blockDim.x + threadIdx.x)

__device__ int
fibonacci (int n)
{
  return n < 2 ? n : fibonacci (n - 1) + fibonacci (n - 2);
}

extern "C" __global__ void
recursive_function (const int *x, int *y, int n)
{
  int i = INDEX;
  if (i < n)
    y[i] = fibonacci (x[i] & 15);
}

__device__ bool is_odd (int n);
__device__ bool
is_even (int n)
{
  return n == 0 ? true : is_odd (n - 1);
}
__device__ bool
is_odd (int n)
{
  return n == 0 ? false : is_even (n - 1);
}

extern "C" __global__ void
functions_that_call_each_other (const int *x, int *y, int n)
{
  int i = INDEX;
  if (i < n)
    y[i] = is_even (x[i] & 63) ? 1 : is_odd (x[i] & 31) ? 2 : 3;
}

template <class T, int N> __device__ T
power (T x)
{
  T r = 1;
  for (int i = 0; i < N; i++)
    r *= x;
  return r;
}

extern "C" __global__ void
templates (const int *x, long long *y, int n)
{
  int i = INDEX;
  if (i < n)
    y[i] = power<long long, 5> (x[i]) + power<int, 2> (x[i]) + (long long) power<double, 3> (x[i]);
}

__device__ int
kind (int)
{
  return 1;
}
__device__ int
kind (unsigned)
{
  return 2;
}
__device__ int
kind (float, int more = 30)
{
  return 3 + more;
}

extern "C" __global__ void
overloads_and_defaults (const int *x, int *y, int n)
{
  int i = INDEX;
  if (i < n)
    y[i] = x[i] & 1 ? kind (x[i]) : x[i] & 2 ? kind ((unsigned) x[i]) : kind (1.0f) + kind (1.0f, 5);
}

extern "C" __global__ void
lambdas (const int *x, int *y, int n)
{
  int i = INDEX, calls = 0;
  if (i >= n)
    return;
  auto scaled = [=] (int k) { return x[i] * k; };
  auto count = [&] (int k) {
    calls += k;
    return calls;
  };
  y[i] = scaled (3) + count (1) * 10;
  y[i] += count (2) * 100;
}

__device__ int
twice (int x)
{
  return 2 * x;
}
__device__ int
squared (int x)
{
  return x * x;
}

extern "C" __global__ void
function_pointers (const int *x, int *y, int n)
{
  int i = INDEX;
  int (*f) (int) = i % 3 == 0 ? twice : squared;
  if (i < n)
    y[i] = f (x[i]);
}

struct Fraction
{
  int p, q;
  __device__ Fraction (int p, int q = 1) : p (p), q (q) {}
  __device__ Fraction
  operator+ (const Fraction &o) const
  {
    return Fraction (p * o.q + o.p * q, q * o.q);
  }
  __device__ Fraction &
  operator*= (int k)
  {
    p *= k;
    return *this;
  }
};

extern "C" __global__ void
methods_and_operators (const int *x, int *y, int n)
{
  int i = INDEX;
  if (i >= n)
    return;
  Fraction f = Fraction (x[i], 3) + Fraction (1, 2) + 4;
  f *= 5;
  y[i] = f.p * 100 + f.q;
}

namespace outer
{
namespace inner
{
__device__ int
add (int a, int b)
{
  return a + b;
}
}
using inner::add;
}

extern "C" __global__ void
namespaces (const int *x, int *y, int n)
{
  int i = INDEX;
  if (i < n)
    y[i] = outer::add (x[i], outer::inner::add (1, i));
}

__device__ unsigned
place ()
{
  return (blockIdx.x * blockDim.x + threadIdx.x) * 10 + gridDim.x;
}

extern "C" __global__ void
thread_index_in_a_function (unsigned *y, int n)
{
  if (INDEX < n)
    y[INDEX] = place ();
}

__device__ __noinline__ void
leave_early (int *y, int v)
{
  if (v < 0)
    return;
  for (int k = 0;; k++)
    {
      if (k * k > v)
        {
          *y = k;
          return;
        }
    }
}

extern "C" __global__ void
function_with_returns_in_loops (const int *x, int *y, int n)
{
  int i = INDEX;
  if (i < n)
    leave_early (&y[i], x[i]);
}
