/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Statistics of numbers that come in any number of pieces.
 *
 * Numbers are put into blocks of a fixed length by their place in the whole, and each block is
 * worked out in the same order, so that the result does not depend on the pieces to the last bit.
 */
#pragma once
#include <pinwheel/dtype.h>

G_BEGIN_DECLS

#define PINWHEEL_SUMMARY_BLOCK 4096

/* A sum and what rounding took from it. */
typedef struct
{
  double sum, lost;
} PinwheelExactSum;

typedef struct
{
  PinwheelDType dtype;

  /* What is asked for: valid after pinwheel_summary_finish(). All but count and n_nan are without
   * meaning where every element is NaN, or there is none. */
  guint64 count; /* NaN are counted too */
  guint64 n_nan;
  double min, max;            /* of bool and floats */
  gint64 int_min, int_max;    /* of signed integers */
  guint64 uint_min, uint_max; /* of unsigned integers */
  double mean, deviation;

  /* Blocks that are done. */
  gboolean has_shift;
  double shift;             /* the first finite number: subtracted for the squares */
  double n_done;            /* numbers in them */
  double running_mean;      /* of them, less the shift; for the squares alone */
  PinwheelExactSum total;   /* of them */
  PinwheelExactSum squares; /* of their differences from their mean */

  guint n_block; /* numbers in the block */
  double block[PINWHEEL_SUMMARY_BLOCK];
} PinwheelSummary;

/* @dtype: not a complex one */
PinwheelSummary *pinwheel_summary_new (PinwheelDType dtype);
void pinwheel_summary_free (PinwheelSummary *self);
/* It is a PinwheelItemsFunc. */
void pinwheel_summary_add (gconstpointer elements, guint64 n_elements, gpointer self);
void pinwheel_summary_finish (PinwheelSummary *self);

G_END_DECLS
