/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the benchmarks share. */
#pragma once
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define BENCH_MAX_ROUNDS 101

static inline void G_GNUC_NORETURN
bench_die (const char *text)
{
  fprintf (stderr, "%s\n", text);
  exit (EXIT_FAILURE);
}

/* Seconds on a clock that only goes forward. */
static inline double
bench_now (void)
{
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC, &now);
  return (double) now.tv_sec + 1e-9 * (double) now.tv_nsec;
}

static inline int
bench_compare (const void *a, const void *b)
{
  double x = *(const double *) a, y = *(const double *) b;

  return (x > y) - (x < y);
}

/* Sorts @values. */
static inline double
bench_median (double *values, guint n)
{
  qsort (values, n, sizeof *values, bench_compare);
  return values[n / 2];
}
