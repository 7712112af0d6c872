/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whole-number expressions over the items of a chunk: `n * 51`, `ceildiv(n, 4)`, `min(n, 1024)`. */
#pragma once
#include "compute/args-private.h"

#define PINWHEEL_EXPRESSION_STEPS 64
#define PINWHEEL_EXPRESSION_DEPTH 32

/* One step of a stack machine: push a value, or replace the two topmost by one. */
typedef struct
{
  char operation; /* 'v' push @value; 'n' 's' 'N' push the chunk's; else what to do */
  gint64 value;
} PinwheelExpressionStep;

/* A plain value: copying and evaluating allocate nothing. */
typedef struct
{
  PinwheelExpressionStep steps[PINWHEEL_EXPRESSION_STEPS];
  guint n_steps;
  gboolean uses_total;
} PinwheelExpression;

/* @label: for messages: `threads`; names in @args count as used */
gboolean pinwheel_expression_parse (PinwheelExpression *self, const char *label, const char *text,
                                    PinwheelArgs *args, GError **error);
/* @values: n, start, N. Returns: FALSE on overflow or division by zero */
gboolean pinwheel_expression_evaluate (const PinwheelExpression *self, const guint64 values[3],
                                       gint64 *result);
