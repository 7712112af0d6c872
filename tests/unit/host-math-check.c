/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * host-math-check LIBRARY...            errors of the first library's functions in units of the
 * last place, against 113 bits; equal bits of the others host-math-check --bench LIBRARY       time
 * per element, beside libm
 *
 * test-host-math.py builds and runs it. One line for each function:
 * NAME TYPE WORST LIMIT AT-X AT-Y SPECIALS-WRONG BITS-DIFFER
 */
#include <dlfcn.h>
#include <fenv.h>
#include <float.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "host-math-list.h"

#if LDBL_MANT_DIG == 113
typedef long double quad;
#define Q(name) name##l
#define PI_Q    3.14159265358979323846264338327950288419716939937510L
#else
#include <quadmath.h>
typedef __float128 quad;
#define Q(name) name##q
#define PI_Q    M_PIq
#endif

#define N 24576

typedef void (*Loop64) (const double *x, const double *y, double *z, long n);
typedef void (*Loop32) (const float *x, const float *y, float *z, long n);

static quad
ref_sinpi (quad x)
{
  quad r = x - 2 * Q (rint) (x / 2);
  if (Q (fabs) (r) > (quad) 0.5)
    r = Q (copysign) (1, r) - r;
  return Q (copysign) (Q (sin) (PI_Q * Q (fabs) (r)), r == 0 ? x : r);
}

static quad
ref_cospi (quad x)
{
  quad r = Q (fabs) (x - 2 * Q (rint) (x / 2));
  return Q (sin) (PI_Q * ((quad) 0.5 - r));
}

static quad
ref_exp10 (quad x)
{
  return Q (pow) (10, x);
}

static quad
ref_rcbrt (quad x)
{
  return 1 / Q (cbrt) (x);
}

static quad
ref_rsqrt (quad x)
{
  return 1 / Q (sqrt) (x);
}

static quad
ref_erfcx (quad x)
{
  quad term = 1, sum = 1;

  if (x < 60)
    return Q (exp) (x * x) * Q (erfc) (x);
  for (int k = 1; k < 20; k++)
    sum += term *= -(2 * k - 1) / (2 * x * x);
  return x * Q (sqrt) (PI_Q) > (quad) FLT_MAX * (quad) DBL_MAX ? 0 : sum / (x * Q (sqrt) (PI_Q));
}

static quad
ref_normcdf (quad x)
{
  return Q (erfc) (-x / Q (sqrt) (2)) / 2;
}

/* The y >= 0 of which erfc is @q: Newton's steps towards its logarithm, which hardly bends */
static quad
inverse_of_erfc (quad q)
{
  quad y = 0;

  if (q == 0)
    return INFINITY;
  y = q < (quad) 0.5 ? Q (sqrt) (-Q (log) (q)) : 1 - q;
  for (int k = 0; k < 60; k++)
    {
      quad e = Q (erfc) (y), slope = 2 / Q (sqrt) (PI_Q) * Q (exp) (-y * y) / e;
      quad step = Q (log) (e / q) / slope;

      y += step;
      if (Q (fabs) (step) <= 0x1p-100 * y)
        break;
    }
  return y;
}

/* The y of which erf is @x, where 1 - |x| is @q */
static quad
inverse_of_erf (quad x, quad q)
{
  quad y = Q (fabs) (x) * Q (sqrt) (PI_Q) / 2;

  if (!(q >= 0))
    return NAN;
  for (int k = 0; q > (quad) 0.5 && k < 8; k++)
    y -= (Q (erf) (y) - Q (fabs) (x)) * Q (sqrt) (PI_Q) / 2 * Q (exp) (y * y);
  return Q (copysign) (q > (quad) 0.5 ? y : inverse_of_erfc (q), x);
}

static quad
ref_erfinv (quad x)
{
  return inverse_of_erf (x, 1 - Q (fabs) (x));
}

static quad
ref_erfcinv (quad x)
{
  return inverse_of_erf (1 - x, x < 1 ? x : 2 - x);
}

static quad
ref_normcdfinv (quad x)
{
  return Q (sqrt) (2) * inverse_of_erf (2 * x - 1, x < (quad) 0.5 ? 2 * x : 2 - 2 * x);
}

/* By its series, of which no term is negative */
static quad
bessel_i (int n, quad x)
{
  quad z = x * x / 4, term = n == 0 ? (quad) 1 : x / 2, sum = term;

  if (Q (fabs) (x) > 720)
    return n == 0 ? INFINITY : Q (copysign) (INFINITY, x);
  for (int k = 1; Q (fabs) (term) > 0x1p-115 * Q (fabs) (sum); k++)
    sum += term *= z / (k * (quad) (k + n));
  return sum;
}

static quad
ref_cyl_bessel_i0 (quad x)
{
  return bessel_i (0, x);
}

static quad
ref_cyl_bessel_i1 (quad x)
{
  return bessel_i (1, x);
}

/* Lengths of vectors with @n times x and @m times y */
static quad
length (int n, quad x, int m, quad y)
{
  return Q (hypot) (Q (sqrt) (n) * x, Q (sqrt) (m) * y);
}

/* clang-format off */
#define LENGTH(name, n, m)                                                                         \
  static quad ref_##name (quad x, quad y) { return length (n, x, m, y); }                          \
  static quad ref_r##name (quad x, quad y) { return 1 / length (n, x, m, y); }
LENGTH (hypot, 1, 1) LENGTH (norm3, 1, 2) LENGTH (norm4, 2, 2) LENGTH (norm5, 2, 3)

#define PLAIN1(name) static quad ref_##name (quad x) { return Q (name) (x); }
#define PLAIN2(name) static quad ref_##name (quad x, quad y) { return Q (name) (x, y); }
PLAIN1 (exp) PLAIN1 (exp2) PLAIN1 (expm1) PLAIN1 (log) PLAIN1 (log2) PLAIN1 (log10) PLAIN1 (log1p)
PLAIN1 (sin) PLAIN1 (cos) PLAIN1 (tan) PLAIN1 (asin) PLAIN1 (acos) PLAIN1 (atan)
PLAIN1 (sinh) PLAIN1 (cosh) PLAIN1 (tanh) PLAIN1 (asinh) PLAIN1 (acosh) PLAIN1 (atanh)
PLAIN1 (cbrt) PLAIN1 (erf) PLAIN1 (erfc) PLAIN1 (sqrt) PLAIN1 (fabs)
PLAIN1 (round) PLAIN1 (trunc) PLAIN1 (floor) PLAIN1 (ceil) PLAIN1 (rint)
PLAIN2 (pow) PLAIN2 (atan2) PLAIN2 (fmin) PLAIN2 (fmax) PLAIN2 (fdim)
PLAIN2 (copysign)

typedef struct
{
  const char *name;
  double limit64, limit32;
  quad (*one) (quad);
  quad (*two) (quad, quad);
} Function;
#define ROW1(name, d, s) { #name, d, s, ref_##name, NULL },
#define ROW2(name, d, s) { #name, d, s, NULL, ref_##name },
static const Function functions[] = { HOST_MATH_1 (ROW1) HOST_MATH_2 (ROW2)
                                      HOST_MATH_1_ALONE (ROW1) HOST_MATH_2_ALONE (ROW2) };
/* clang-format on */

static uint64_t state = 0x9e3779b97f4a7c15u;
static uint64_t
next (void)
{
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return state;
}

static double
unit (void)
{
  return (double) (next () >> 11) * 0x1p-53;
}

static const double hard[] = {
  0.0,
  1.0,
  0.5,
  2.0,
  3.0,
  10.0,
  100.0,
  1000.0,
  0x1p-1074,
  0x1p-1073,
  0x1.8p-1070,
  0x1p-1022,
  0x1.fffffffffffffp-1023,
  0x1p-149,
  0x1p-148,
  0x1p-126,
  0x1.fffffcp-127,
  0x1p-54,
  0x1p-28,
  0x1p-27,
  0x1p-25,
  0x1.fffffffffffffp1023,
  0x1p1023,
  0x1.fffffep127,
  0x1p127,
  0x1p53,
  0x1p52,
  0x1p51,
  0x1p24,
  0x1p23,
  4503599627370497.5,
  0x1.fffffffffffffp-2,
  0x1.fffffep-2,
  2.5,
  1.5,
  3.5,
  709.78271289338397,
  709.782712893384,
  709.8,
  710.4758600739439,
  710.47586007394,
  745.13321910194110,
  745.2,
  708.4,
  744.0,
  88.722839,
  88.72284,
  103.9,
  89.4,
  104.0,
  1024.0,
  1023.9999999999999,
  1074.0,
  1075.0,
  1076.0,
  128.0,
  149.0,
  150.0,
  308.25471555991675,
  308.3,
  323.6,
  38.53184,
  45.0,
  36.7,
  37.5,
  22.0,
  19.06,
  9.01,
  26.5,
  26.54,
  27.2,
  27.3,
  5.9,
  6.0,
  9.2,
  10.05,
  14.0,
  0x1.fffffffffffffp-1,
  0x1.0000000000001p0,
  0x1.fffffep-1,
  0x1.000002p0,
  0.70710678118654752,
  0.70710678118654757,
  1.4142135623730951,
  0.41421356237309503,
  2.414213562373095,
  0x1.5bf0a8b145769p1,
  /* near multiples of pi / 2 */
  1.5707963267948966,
  3.141592653589793,
  6.283185307179586,
  0.7853981633974483,
  2.356194490192345,
  4.71238898038469,
  11.0,
  22.0,
  33.0,
  355.0,
  710.0,
  103993.0,
  104348.0,
  208341.0,
  312689.0,
  833719.0,
  1146408.0,
  4272943.0,
  5419351.0,
  80143857.0,
  165707065.0,
  245850922.0,
  411557987.0,
  1068966896.0,
  2549491779.0,
  6167950454.0,
  14885392687.0,
  21053343141.0,
  1783366216531.0,
  3587785776203.0,
  5371151992734.0,
  8958937768937.0,
  0x1p45,
  35184372088831.0,
  35184372088833.0,
  0x1p44,
  0x1.6ac5b262ca1ffp849,
  0x1.dfffffffffffcp-1,
  5.319372648326541e+255,
  6381956970095103.0 * 0x1p797,
  16367173.0 * 0x1p72,
  0x1.f9cbe2p7,
  0x1.921fb6p0,
  0x1.2d97c8p1,
  0x1.6ccb72p126,
  0x1p28,
  0x1p53,
  0x1p78,
  0x1p103,
  1e22,
  1e100,
  1e300,
  1e308,
  1e15,
  1e16,
  1e10,
  1e5,
  16777216.0,
  33554432.0,
  /* cubes, powers of ten */
  8.0,
  27.0,
  64.0,
  1e3,
  1e6,
  0.1,
  0.01,
  0.001,
  0.3333333333333333,
  0.25,
  0.75,
  INFINITY,
  NAN,
};
#define N_HARD (sizeof hard / sizeof hard[0])

/* A third each: any bits; of moderate size; near 1 and below 2 */
static double
any (int single, int kind)
{
  uint64_t bits = next ();
  double x;

  if (kind == 0 && single)
    {
      uint32_t low = (uint32_t) bits;
      float f;
      memcpy (&f, &low, 4);
      return f;
    }
  if (kind == 0)
    {
      memcpy (&x, &bits, 8);
      return x;
    }
  x = kind == 1   ? exp2 (unit () * 24.0 - 12.0)
      : kind == 2 ? unit () * (next () & 1 ? 2.0 : 1.0)
                  : unit () * (single ? 110.0 : 760.0);
  return bits & 1 ? x : -x;
}

static void
fill (double *x, double *y, int single, int two)
{
  size_t i = 0;
  for (; !two && i < 2 * N_HARD; i++)
    x[i] = i & 1 ? -hard[i / 2] : hard[i / 2];
  for (; two && i < 8192; i++)
    {
      double a = hard[next () % N_HARD], b = hard[next () % N_HARD];
      x[i] = next () & 1 ? a : -a;
      y[i] = next () & 1 ? b : -b;
    }
  for (; i < N; i++)
    {
      int kind = (int) (i & 3);
      x[i] = any (single, kind);
      y[i] = any (single, (int) (i >> 2 & 3));
      if (two && (i & 16) && kind) /* pow: powers within range */
        y[i] = (single ? 90.0 : 710.0) * (2.0 * unit () - 1.0) / log (fabs (x[i]));
      if (two && (i & 96) == 96)
        y[i] = x[i] * (1.0 + 0.1 * unit ());
      if (two && (i & 992) == 128)
        y[i] = floor (y[i]);
    }
  for (i = 0; single && i < N; i++)
    x[i] = (float) x[i], y[i] = (float) y[i];
}

/* In units of the last place of @want in a format of @digits bits; *@special: one is an infinity, a
 * NaN or a zero and the other is not the same */
static double
distance (double got, quad want, int digits, int lowest, double most, int *special)
{
  quad last, off;
  int e;

  if (want != want || got != got)
    {
      *special += (want != want) != (got != got);
      return 0;
    }
  if (want == 0 || Q (fabs) (want) > (quad) DBL_MAX * 4)
    {
      *special += want == 0 ? got != 0 || !signbit (got) != !Q (signbit) (want)
                            : !isinf (got) || !signbit (got) != (want > 0);
      return 0;
    }
  *special += !signbit (got) != (want > 0);
  Q (frexp) (want, &e);
  last = Q (ldexp) (1, (e < lowest ? lowest : e) - digits);
  if (isinf (got))
    {
      quad limit = (quad) most + Q (ldexp) (most, -digits - 1);
      return Q (fabs) (want) >= limit ? 0 : (double) ((limit - Q (fabs) (want)) / last) + 0.5;
    }
  if (Q (fabs) (want) > most)
    return fabs (got) == most ? (double) ((Q (fabs) (want) - most) / last) : HUGE_VAL;
  off = got - want;
  return fabs ((double) (off / last));
}

static double x[N], y[N], z[N], other[N];
static float xf[N], yf[N], zf[N], otherf[N];

static void *
look_for (void *library, const char *name, const char *type)
{
  char symbol[64];

  snprintf (symbol, sizeof symbol, "loop_%s_%s", name, type);
  return dlsym (library, symbol);
}

static void *
find (void *library, const char *name, const char *type)
{
  void *found = look_for (library, name, type);

  if (found == NULL)
    fprintf (stderr, "%s\n", dlerror ()), exit (1);
  return found;
}

static void
run (void *library, const char *name, int single, void *result, long piece)
{
  void *loop = find (library, name, single ? "f32" : "f64");
  for (long i = 0; i < N; i += piece)
    if (single)
      ((Loop32) loop) (xf + i, yf + i, (float *) result + i, i + piece > N ? N - i : piece);
    else
      ((Loop64) loop) (x + i, y + i, (double *) result + i, i + piece > N ? N - i : piece);
}

static long
unequal (int single)
{
  long n = 0;
  for (long i = 0; i < N; i++)
    if (single)
      n += memcmp (zf + i, otherf + i, 4) != 0 && !(isnan (zf[i]) && isnan (otherf[i]));
    else
      n += memcmp (z + i, other + i, 8) != 0 && !(isnan (z[i]) && isnan (other[i]));
  return n;
}

static void
check (const Function *f, int single, void **libraries, int n)
{
  double worst = 0, limit = single ? f->limit32 : f->limit64;
  long at = 0, differ = 0;
  int special = 0;

  fill (x, y, single, f->two != NULL);
  for (int i = 0; i < N; i++)
    xf[i] = (float) x[i], yf[i] = (float) y[i];
  run (libraries[0], f->name, single, single ? (void *) zf : (void *) z, N);
  for (int k = 0; k < n; k++)
    for (long piece = 1; piece <= 1000; piece = piece == 1 ? 13 : piece == 13 ? 1000 : 1001)
      {
        run (libraries[k], f->name, single, single ? (void *) otherf : (void *) other, piece);
        differ += unequal (single);
      }
  for (long i = 0; i < N; i++)
    {
      quad want = f->one ? f->one (x[i]) : f->two (x[i], y[i]);
      int bad = 0;

      if (limit == 0 && x[i] == 0 && y[i] == 0)
        continue; /* which of two zeros is the smaller one is anybody's choice */
      double d = distance (single ? zf[i] : z[i], want, single ? 24 : 53, single ? -125 : -1021,
                           single ? FLT_MAX : DBL_MAX, &bad);
      if (bad && special < 5)
        fprintf (stderr, "# %s(%a, %a) = %a, not %a\n", f->name, x[i], y[i], single ? zf[i] : z[i],
                 (double) want);
      special += bad;
      if (d > worst)
        worst = d, at = i;
    }
  printf ("%s %s %.3f %.2f %a %a %d %ld\n", f->name, single ? "f32" : "f64", worst, limit, x[at],
          f->two ? y[at] : 0.0, special, differ);
}

/* What the processor's own rounding gives. volatile keeps the operation where the mode is set. */
/* clang-format off */
#define WANT(name, expression, S, xs, ys, out, T, U)                                               \
  static void want_##name##_##S (void)                                                             \
  {                                                                                                \
    for (long i = 0; i < N; i++)                                                                   \
      {                                                                                            \
        volatile T a = xs[i], b = ys[i], less;                                                     \
        volatile U bits;                                                                           \
        int way = fegetround ();                                                                   \
        fesetround (FE_TONEAREST);                                                                 \
        less = -(a * b);                                                                           \
        fesetround (way);                                                                          \
        memcpy ((void *) &bits, xs + i, sizeof bits);                                              \
        (void) b, (void) bits, (void) less;                                                        \
        out[i] = expression;                                                                       \
      }                                                                                            \
  }
#define WANT64(name, expression) WANT (name, expression, f64, x, y, other, double, uint64_t)
#define WANT32(name, expression) WANT (name, expression, f32, xf, yf, otherf, float, uint32_t)
#define REAL     double
#define SIGNED   int64_t
#define UNSIGNED uint64_t
#define ROOT     sqrt
#define FMA      fma
HOST_ROUND (WANT64) WANT64 (narrow, (float) a) WANT64 (ll, (float) (int64_t) bits)
WANT64 (ull, (float) bits)
#undef REAL
#undef SIGNED
#undef UNSIGNED
#undef ROOT
#undef FMA
#define REAL     float
#define SIGNED   int32_t
#define UNSIGNED uint32_t
#define ROOT     sqrtf
#define FMA      fmaf
HOST_ROUND (WANT32)

typedef struct
{
  const char *name;
  int single;
  void (*want) (void);
} Rounded;
#define ROUNDED64(name, expression) { #name, 0, want_##name##_f64 },
#define ROUNDED32(name, expression) { #name, 1, want_##name##_f32 },
static const Rounded rounded[] = { HOST_ROUND (ROUNDED64) HOST_ROUND (ROUNDED32)
                                   ROUNDED64 (narrow, ) ROUNDED64 (ll, ) ROUNDED64 (ull, ) };
/* clang-format on */

static void
check_rounded (const Rounded *f, const char *way, int mode, void **libraries, int n)
{
  char name[32];
  long wrong = 0;

  snprintf (name, sizeof name, "%s_%s", f->name, way);
  fesetround (mode);
  f->want ();
  fesetround (FE_TONEAREST);
  for (int k = 0; k < n; k++)
    for (long piece = 13; piece <= N; piece += N - 13)
      {
        run (libraries[k], name, f->single, f->single ? (void *) zf : (void *) z, piece);
        wrong += unequal (f->single);
      }
  for (long i = 0, shown = 0; wrong > 0 && i < N && shown < 5; i++)
    if (f->single ? memcmp (zf + i, otherf + i, 4) != 0 : memcmp (z + i, other + i, 8) != 0)
      {
        fprintf (stderr, "# %s(%a, %a) = %a, not %a\n", name, f->single ? xf[i] : x[i],
                 f->single ? yf[i] : y[i], f->single ? zf[i] : z[i],
                 f->single ? otherf[i] : other[i]);
        shown++;
      }
  printf ("%s %s 0 0 0 0 %ld 0\n", name, f->single ? "f32" : "f64", wrong);
}

/* As fill() does, and a half of the pairs with exponents of their own or near each other's */
static void
fill_for_rounding (int single)
{
  fill (x, y, single, 1);
  for (int i = 8192; i < N; i += 2)
    {
      int kind = (int) (next () % 4),
          e = (int) (next () % (single ? 277 : 2098)) - (single ? 149 : 1074);
      int d = kind == 0 ? (int) (next () % 120) - 60 : kind == 1 ? -e - (single ? 140 : 1060) : 0;

      x[i] = ldexp (1 + unit (), e) * (next () & 1 ? 1 : -1);
      y[i] = kind == 3 ? any (single, 0) : ldexp (1 + unit (), d + (kind == 0 ? e : 0));
      if (next () & 1)
        y[i] = -y[i];
    }
  for (int i = 0; i < N; i++)
    xf[i] = (float) x[i], yf[i] = (float) y[i];
}

static void
check_rounding (void **libraries, int n)
{
  for (size_t i = 0; i < sizeof rounded / sizeof rounded[0]; i++)
    {
      fill_for_rounding (rounded[i].single);
      check_rounded (&rounded[i], "rd", FE_DOWNWARD, libraries, n);
      check_rounded (&rounded[i], "ru", FE_UPWARD, libraries, n);
      check_rounded (&rounded[i], "rz", FE_TOWARDZERO, libraries, n);
    }
}

static double
seconds (void)
{
  struct timespec t;
  clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &t);
  return (double) t.tv_sec + 1e-9 * (double) t.tv_nsec;
}

/* Nanoseconds per element of 4096: the best of many rounds */
static double
time_loop (void *loop, int single)
{
  double best = HUGE_VAL;

  for (int round = 0; round < 60; round++)
    {
      double start = seconds ();
      for (int i = 0; i < 4; i++)
        if (single)
          ((Loop32) loop) (xf, yf, zf, 4096);
        else
          ((Loop64) loop) (x, y, z, 4096);
      best = fmin (best, (seconds () - start) / (4 * 4096) * 1e9);
    }
  return best;
}

static void
bench_one (void *ours, void *libm, const char *name)
{
  printf ("%-13s", name);
  for (int single = 0; single < 2; single++)
    {
      const char *type = single ? "f32" : "f64";
      void *other_loop = look_for (libm, name, type);
      double t = time_loop (find (ours, name, type), single);
      double libm_t = other_loop != NULL ? time_loop (other_loop, single) : 0;

      if (other_loop != NULL)
        printf (" %8.2f %8.2f %6.1f  ", t, libm_t, libm_t / t);
      else
        printf (" %8.2f %8s %6s  ", t, "", "");
    }
  printf ("\n");
}

static void
bench (void *ours, void *libm)
{
  printf ("%-13s %8s %8s %6s   %8s %8s %6s\n", "", "f64 ns", "libm", "ratio", "f32 ns", "libm",
          "ratio");
  for (int i = 0; i < 4096; i++)
    {
      x[i] = xf[i] = (float) (0.05 + 0.9 * unit ());
      y[i] = yf[i] = (float) (0.05 + 3.0 * unit ());
    }
  for (size_t i = 0; i < sizeof functions / sizeof functions[0]; i++)
    bench_one (ours, libm, functions[i].name);
}

int
main (int argc, char **argv)
{
  void *libraries[8];
  int benching = argc > 1 && strcmp (argv[1], "--bench") == 0, n = 0;

  for (int i = 1 + benching; i < argc && n < 8; i++)
    {
      libraries[n] = dlopen (argv[i], RTLD_NOW | RTLD_LOCAL);
      if (libraries[n++] == NULL)
        return fprintf (stderr, "%s\n", dlerror ()), 1;
    }
  if (n < 1 + benching)
    return fprintf (stderr, "usage: %s [--bench] LIBRARY...\n", argv[0]), 2;
  if (benching)
    return bench (libraries[0], libraries[1]), 0;
  for (size_t i = 0; i < sizeof functions / sizeof functions[0]; i++)
    for (int single = 0; single < 2; single++)
      check (&functions[i], single, libraries, n);
  check_rounding (libraries, n);
  return 0;
}
