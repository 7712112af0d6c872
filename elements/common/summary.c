/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "common/half.h"
#include "common/summary.h"

#include <math.h>

/* Sums are taken in lanes, so that the order of additions is the same whatever vectors the machine
 * has. Two lanes are what every 64-bit processor does at once. */
#define LANES 2
typedef double Lanes __attribute__ ((vector_size (LANES * sizeof (double)), aligned (8)));
typedef gint64 Mask __attribute__ ((vector_size (LANES * sizeof (gint64)), aligned (8)));
G_STATIC_ASSERT (PINWHEEL_SUMMARY_BLOCK % (2 * LANES) == 0);

PinwheelSummary *
pinwheel_summary_new (PinwheelDType dtype)
{
  PinwheelSummary *self = g_new0 (PinwheelSummary, 1);

  self->dtype = dtype;
  self->min = INFINITY;
  self->max = -INFINITY;
  self->int_min = G_MAXINT64;
  self->int_max = G_MININT64;
  self->uint_min = G_MAXUINT64;
  return self;
}

void
pinwheel_summary_free (PinwheelSummary *self)
{
  g_free (self);
}

/* Neumaier's way. */
static void
exact_add (PinwheelExactSum *self, double value)
{
  double sum = self->sum + value;

  if (fabs (self->sum) >= fabs (value))
    self->lost += (self->sum - sum) + value;
  else
    self->lost += (value - sum) + self->sum;
  self->sum = sum;
}

static double
exact_value (const PinwheelExactSum *self)
{
  /* what an infinite sum lost is not a number */
  return isfinite (self->sum) ? self->sum + self->lost : self->sum;
}

typedef struct
{
  Lanes sum;
  Lanes shifted; /* sum of the numbers less the shift */
  Lanes min, max;
  Mask n; /* numbers that are not NaN */
} LaneSums;

static inline void
look_at (LaneSums *sums, const double *block, double shift)
{
  Lanes value = *(const Lanes *) block;
  Mask good = value == value, lower = value<sums->min, higher = value> sums->max;

  sums->n -= good;
  sums->sum += (Lanes) ((Mask) value & good);
  sums->shifted += (Lanes) ((Mask) (value - shift) & good);
  sums->min = (Lanes) (((Mask) value & lower) | ((Mask) sums->min & ~lower));
  sums->max = (Lanes) (((Mask) value & higher) | ((Mask) sums->max & ~higher));
}

typedef struct
{
  double n, sum, shifted;
} BlockSums;

static void
join_lanes (PinwheelSummary *self, const LaneSums *lanes, BlockSums *sums)
{
  for (guint l = 0; l < LANES; l++)
    {
      sums->n += (double) lanes->n[l];
      sums->sum += lanes->sum[l];
      sums->shifted += lanes->shifted[l];
      self->min = MIN (self->min, lanes->min[l]);
      self->max = MAX (self->max, lanes->max[l]);
    }
}

/* Minimum and maximum on the way. Two sets of lanes: neither waits for the other. */
static BlockSums
look_at_block (PinwheelSummary *self)
{
  const Lanes zero = { 0 };
  LaneSums a = { .min = zero + self->min, .max = zero + self->max }, b = a;
  BlockSums sums = { 0 };

  for (guint i = 0; i < PINWHEEL_SUMMARY_BLOCK; i += 2 * LANES)
    {
      look_at (&a, self->block + i, self->shift);
      look_at (&b, self->block + i + LANES, self->shift);
    }
  join_lanes (self, &a, &sums);
  join_lanes (self, &b, &sums);
  return sums;
}

static inline Lanes
square (const double *block, double shift, double mean)
{
  Lanes value = *(const Lanes *) block;
  Lanes difference = (Lanes) ((Mask) (value - shift - mean) & (value == value));

  return difference * difference;
}

/* @mean: less the shift */
static double
sum_squares (PinwheelSummary *self, double mean)
{
  Lanes a = { 0 }, b = { 0 };
  double total = 0;

  for (guint i = 0; i < PINWHEEL_SUMMARY_BLOCK; i += 2 * LANES)
    {
      a += square (self->block + i, self->shift, mean);
      b += square (self->block + i + LANES, self->shift, mean);
    }
  for (guint l = 0; l < LANES; l++)
    total += a[l] + b[l];
  return total;
}

/* The first number is never further from the mean than the deviation times the root of the count,
 * so what is lost when it is subtracted is small; and what is gained where all numbers are large
 * and alike is everything. */
static void
choose_shift (PinwheelSummary *self)
{
  for (guint i = 0; i < self->n_block && !self->has_shift; i++)
    if (isfinite (self->block[i]))
      {
        self->shift = self->block[i];
        self->has_shift = TRUE;
      }
}

/* Adds the block to those that are done: Chan's way to join means and squares. */
static void
end_block (PinwheelSummary *self)
{
  BlockSums sums;
  double mean, difference;

  /* what is missing in the last block counts for nothing */
  for (guint i = self->n_block; i < PINWHEEL_SUMMARY_BLOCK; i++)
    self->block[i] = NAN;
  choose_shift (self);
  sums = look_at_block (self);
  self->n_nan += self->n_block - (guint) sums.n;
  self->n_block = 0;
  if (sums.n == 0)
    return;
  mean = sums.shifted / sums.n;
  difference = mean - self->running_mean;
  exact_add (&self->total, sums.sum);
  exact_add (&self->squares, sum_squares (self, mean));
  exact_add (&self->squares,
             difference * difference * (self->n_done * sums.n / (self->n_done + sums.n)));
  self->n_done += sums.n;
  self->running_mean += difference * (sums.n / self->n_done);
}

#define CONVERT(Type, expression)                                                                  \
  for (guint i = 0; i < n; i++)                                                                    \
    {                                                                                              \
      Type v = ((const Type *) elements)[i];                                                       \
      to[i] = (expression);                                                                        \
    }                                                                                              \
  break

/* Integers of 64 bits do not fit a double: their extremes are looked for here, those of others are
 * taken from the doubles. */
#define CONVERT_EXACT(Type, lowest, highest)                                                       \
  for (guint i = 0; i < n; i++)                                                                    \
    {                                                                                              \
      Type v = ((const Type *) elements)[i];                                                       \
      lowest = v < lowest ? v : lowest;                                                            \
      highest = v > highest ? v : highest;                                                         \
      to[i] = (double) v;                                                                          \
    }                                                                                              \
  break

static void
convert (PinwheelSummary *self, gconstpointer elements, guint n)
{
  double *to = self->block + self->n_block;

  switch (self->dtype)
    {
    case PINWHEEL_DTYPE_BOOL:
      CONVERT (guint8, v != 0 ? 1.0 : 0.0);
    case PINWHEEL_DTYPE_I8:
      CONVERT (gint8, v);
    case PINWHEEL_DTYPE_I16:
      CONVERT (gint16, v);
    case PINWHEEL_DTYPE_I32:
      CONVERT (gint32, v);
    case PINWHEEL_DTYPE_I64:
      CONVERT_EXACT (gint64, self->int_min, self->int_max);
    case PINWHEEL_DTYPE_U8:
      CONVERT (guint8, v);
    case PINWHEEL_DTYPE_U16:
      CONVERT (guint16, v);
    case PINWHEEL_DTYPE_U32:
      CONVERT (guint32, v);
    case PINWHEEL_DTYPE_U64:
      CONVERT_EXACT (guint64, self->uint_min, self->uint_max);
    case PINWHEEL_DTYPE_F16:
      CONVERT (guint16, pinwheel_half_to_double (v));
    case PINWHEEL_DTYPE_F32:
      CONVERT (float, (double) v);
    case PINWHEEL_DTYPE_F64:
      CONVERT (double, v);
    case PINWHEEL_DTYPE_C64:
    case PINWHEEL_DTYPE_C128:
    default:
      g_return_if_reached ();
    }
}

void
pinwheel_summary_add (gconstpointer elements, guint64 n_elements, gpointer summary)
{
  PinwheelSummary *self = summary;
  const guint8 *at = elements;
  gsize size = pinwheel_dtype_size (self->dtype);

  self->count += n_elements;
  while (n_elements > 0)
    {
      guint n = (guint) MIN (n_elements, PINWHEEL_SUMMARY_BLOCK - self->n_block);

      convert (self, at, n);
      self->n_block += n;
      at += n * size;
      n_elements -= n;
      if (self->n_block == PINWHEEL_SUMMARY_BLOCK)
        end_block (self);
    }
}

void
pinwheel_summary_finish (PinwheelSummary *self)
{
  PinwheelDTypeClass kind = pinwheel_dtype_class (self->dtype);

  if (self->n_block > 0)
    end_block (self);
  if (self->n_done == 0)
    return;
  if (kind == PINWHEEL_DTYPE_CLASS_INT && self->dtype != PINWHEEL_DTYPE_I64)
    {
      self->int_min = (gint64) self->min;
      self->int_max = (gint64) self->max;
    }
  else if (kind == PINWHEEL_DTYPE_CLASS_UINT && self->dtype != PINWHEEL_DTYPE_U64)
    {
      self->uint_min = (guint64) self->min;
      self->uint_max = (guint64) self->max;
    }
  self->mean = exact_value (&self->total) / self->n_done;
  self->deviation = sqrt (exact_value (&self->squares) / self->n_done);
}
