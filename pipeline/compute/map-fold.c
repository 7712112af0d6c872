/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Operations on constants alone, as Python does them. */
#include "config.h"

#include <math.h>

#include "compute/map-private.h"

static const PinwheelWide least_whole = G_MININT64;
static const PinwheelWide most_whole = G_MAXUINT64;

static double
to_real (const PinwheelMapNumber *number)
{
  return number->is_float ? number->real : (double) number->whole;
}

static gboolean
is_true (const PinwheelMapNumber *number)
{
  return number->is_float ? number->real != 0 : number->whole != 0;
}

static void
set_real (PinwheelMapNode *node, double real)
{
  node->operation = PINWHEEL_MAP_NUMBER;
  node->strength = PINWHEEL_MAP_WEAK_FLOAT;
  node->number = (PinwheelMapNumber){ .is_float = TRUE, .real = real };
}

static void
set_bool (PinwheelMapNode *node, gboolean value)
{
  node->operation = PINWHEEL_MAP_NUMBER;
  node->strength = PINWHEEL_MAP_STRONG;
  node->dtype = PINWHEEL_DTYPE_BOOL;
  node->number = (PinwheelMapNumber){ .whole = value };
}

static gboolean
set_whole (PinwheelMapProgram *self, PinwheelMapNode *node, PinwheelWide whole, GError **error)
{
  if (whole < least_whole || whole > most_whole)
    return pinwheel_map_fail (self, node, PINWHEEL_ERROR_FORMAT, error,
                              "this constant does not fit 64 bits");
  node->operation = PINWHEEL_MAP_NUMBER;
  node->strength = PINWHEEL_MAP_WEAK_INT;
  node->number = (PinwheelMapNumber){ .whole = whole };
  return TRUE;
}

static PinwheelWide
floor_quotient (PinwheelWide a, PinwheelWide b)
{
  return a / b - (a % b != 0 && (a < 0) != (b < 0) ? 1 : 0);
}

static double
floor_remainder (double a, double b)
{
  double rest = fmod (a, b);

  if (rest == 0)
    return copysign (0, b);
  return (rest < 0) != (b < 0) ? rest + b : rest;
}

static gboolean
fold_whole_power (PinwheelMapProgram *self, PinwheelMapNode *node, PinwheelWide base,
                  PinwheelWide exponent, GError **error)
{
  PinwheelWide result = 1;

  /* the two bases that may be raised to anything */
  if (base == 0 || base == 1)
    return set_whole (self, node, exponent == 0 ? 1 : base, error);
  if (base == -1)
    return set_whole (self, node, exponent % 2 == 0 ? 1 : -1, error);
  for (; exponent > 0 && result >= least_whole && result <= most_whole; exponent--)
    result *= base;
  return set_whole (self, node, result, error);
}

static gboolean
fold_whole (PinwheelMapProgram *self, PinwheelMapNode *node, PinwheelWide a, PinwheelWide b,
            GError **error)
{
  switch ((int) node->operation)
    {
    case PINWHEEL_MAP_ADD:
      return set_whole (self, node, a + b, error);
    case PINWHEEL_MAP_SUBTRACT:
      return set_whole (self, node, a - b, error);
    case PINWHEEL_MAP_MULTIPLY:
      /* two factors of 64 bits and a sign: at most 128 bits, checked before it wraps */
      if (__builtin_mul_overflow (a, b, &a))
        a = most_whole + 1;
      return set_whole (self, node, a, error);
    case PINWHEEL_MAP_FLOOR_DIVIDE:
      return set_whole (self, node, floor_quotient (a, b), error);
    case PINWHEEL_MAP_REMAINDER:
      return set_whole (self, node, a - floor_quotient (a, b) * b, error);
    case PINWHEEL_MAP_BIT_AND:
      return set_whole (self, node, a & b, error);
    case PINWHEEL_MAP_BIT_OR:
      return set_whole (self, node, a | b, error);
    case PINWHEEL_MAP_BIT_XOR:
      return set_whole (self, node, a ^ b, error);
    case PINWHEEL_MAP_SHIFT_LEFT:
      return set_whole (
          self, node, b > 64 ? (a == 0 ? 0 : most_whole + 1) : a * ((PinwheelWide) 1 << b), error);
    case PINWHEEL_MAP_SHIFT_RIGHT:
      return set_whole (self, node, b > 64 ? (a < 0 ? -1 : 0) : a >> b, error);
    default:
      return fold_whole_power (self, node, a, b, error);
    }
}

static void
fold_real (PinwheelMapNode *node, double a, double b)
{
  switch ((int) node->operation)
    {
    case PINWHEEL_MAP_ADD:
      set_real (node, a + b);
      break;
    case PINWHEEL_MAP_SUBTRACT:
      set_real (node, a - b);
      break;
    case PINWHEEL_MAP_MULTIPLY:
      set_real (node, a * b);
      break;
    case PINWHEEL_MAP_DIVIDE:
      set_real (node, a / b);
      break;
    case PINWHEEL_MAP_FLOOR_DIVIDE:
      set_real (node, floor (a / b));
      break;
    case PINWHEEL_MAP_REMAINDER:
      set_real (node, floor_remainder (a, b));
      break;
    default:
      set_real (node, pow (a, b));
      break;
    }
}

static gboolean
fold_comparison (PinwheelMapNode *node, const PinwheelMapNumber *a, const PinwheelMapNumber *b)
{
  int order;

  if (a->is_float || b->is_float)
    {
      double x = to_real (a), y = to_real (b);

      /* 2: neither, for a NaN */
      order = x < y ? -1 : x > y ? 1 : x == y ? 0 : 2;
    }
  else
    order = a->whole < b->whole ? -1 : a->whole > b->whole ? 1 : 0;
  switch ((int) node->operation)
    {
    case PINWHEEL_MAP_EQUAL:
      set_bool (node, order == 0);
      break;
    case PINWHEEL_MAP_NOT_EQUAL:
      set_bool (node, order != 0);
      break;
    case PINWHEEL_MAP_LESS:
      set_bool (node, order == -1);
      break;
    case PINWHEEL_MAP_LESS_EQUAL:
      set_bool (node, order == -1 || order == 0);
      break;
    case PINWHEEL_MAP_GREATER:
      set_bool (node, order == 1);
      break;
    default:
      set_bool (node, order == 1 || order == 0);
      break;
    }
  return TRUE;
}

static gboolean
fold_two (PinwheelMapProgram *self, PinwheelMapNode *node, const PinwheelMapNumber *a,
          const PinwheelMapNumber *b, GError **error)
{
  PinwheelMapOperation operation = node->operation;
  gboolean is_float = a->is_float || b->is_float;

  if (operation >= PINWHEEL_MAP_EQUAL && operation <= PINWHEEL_MAP_GREATER_EQUAL)
    return fold_comparison (node, a, b);
  if (operation == PINWHEEL_MAP_AND || operation == PINWHEEL_MAP_OR)
    {
      set_bool (node, operation == PINWHEEL_MAP_AND ? is_true (a) && is_true (b)
                                                    : is_true (a) || is_true (b));
      return TRUE;
    }
  if (operation >= PINWHEEL_MAP_BIT_AND && is_float)
    return pinwheel_map_fail (self, node, PINWHEEL_ERROR_FORMAT, error,
                              "this operator takes whole numbers only");
  if ((operation == PINWHEEL_MAP_SHIFT_LEFT || operation == PINWHEEL_MAP_SHIFT_RIGHT)
      && b->whole < 0)
    return pinwheel_map_fail (self, node, PINWHEEL_ERROR_FORMAT, error,
                              "a shift by a negative number");
  if ((operation == PINWHEEL_MAP_DIVIDE || operation == PINWHEEL_MAP_FLOOR_DIVIDE
       || operation == PINWHEEL_MAP_REMAINDER)
      && to_real (b) == 0)
    return pinwheel_map_fail (self, node, PINWHEEL_ERROR_FORMAT, error, "a division by zero");
  /* a whole number to a negative power is none */
  if (is_float || operation == PINWHEEL_MAP_DIVIDE
      || (operation == PINWHEEL_MAP_POWER && b->whole < 0))
    {
      fold_real (node, to_real (a), to_real (b));
      return TRUE;
    }
  return fold_whole (self, node, a->whole, b->whole, error);
}

static gboolean
fold_one (PinwheelMapProgram *self, PinwheelMapNode *node, const PinwheelMapNumber *a,
          GError **error)
{
  switch ((int) node->operation)
    {
    case PINWHEEL_MAP_NEGATIVE:
      if (!a->is_float)
        return set_whole (self, node, -a->whole, error);
      set_real (node, -a->real);
      return TRUE;
    case PINWHEEL_MAP_NOT:
      set_bool (node, !is_true (a));
      return TRUE;
    case PINWHEEL_MAP_INVERT:
      if (!a->is_float)
        return set_whole (self, node, ~a->whole, error);
      return pinwheel_map_fail (self, node, PINWHEEL_ERROR_FORMAT, error,
                                "~ takes whole numbers only");
    default: /* + */
      if (!a->is_float)
        return set_whole (self, node, a->whole, error);
      set_real (node, a->real);
      return TRUE;
    }
}

/* @b: (nullable) */
static gboolean
fold_function (PinwheelMapProgram *self, PinwheelMapNode *node, const PinwheelMapNumber *a,
               const PinwheelMapNumber *b, GError **error)
{
  const PinwheelMapFunction *function = node->function;
  const PinwheelMapNumber *chosen = a;

  switch (function->class)
    {
    case PINWHEEL_MAP_CLASS_FLOAT:
      set_real (node, b == NULL ? function->fold1 (to_real (a))
                                : function->fold2 (to_real (a), to_real (b)));
      return TRUE;
    case PINWHEEL_MAP_CLASS_ABSOLUTE:
      if (!a->is_float)
        return set_whole (self, node, a->whole < 0 ? -a->whole : a->whole, error);
      set_real (node, fabs (a->real));
      return TRUE;
    case PINWHEEL_MAP_CLASS_ROUND:
      if (!a->is_float)
        return set_whole (self, node, a->whole, error);
      set_real (node, rint (a->real));
      return TRUE;
    case PINWHEEL_MAP_CLASS_SIGN:
      if (!a->is_float)
        return set_whole (self, node, (a->whole > 0) - (a->whole < 0), error);
      set_real (node, a->real > 0 ? 1 : a->real < 0 ? -1 : a->real);
      return TRUE;
    case PINWHEEL_MAP_CLASS_EXTREME:
      if (g_str_equal (function->name, "min") ? to_real (b) < to_real (a)
                                              : to_real (b) > to_real (a))
        chosen = b;
      if (!a->is_float && !b->is_float)
        return set_whole (self, node, chosen->whole, error);
      set_real (node, isnan (to_real (b)) ? to_real (b) : to_real (chosen));
      return TRUE;
    case PINWHEEL_MAP_CLASS_TEST:
      set_bool (node,
                g_str_equal (function->name, "isnan") ? isnan (to_real (a)) : isinf (to_real (a)));
      return TRUE;
    case PINWHEEL_MAP_CLASS_CAST:
    case PINWHEEL_MAP_CLASS_POWER:
    case PINWHEEL_MAP_CLASS_SELECT:
    default:
      return TRUE;
    }
}

gboolean
pinwheel_map_fold (PinwheelMapProgram *self, PinwheelMapNode *node, GError **error)
{
  /* by value: the node's own number is written */
  PinwheelMapNumber a = node->operands[0]->number;
  PinwheelMapNumber b = node->n_operands > 1 ? node->operands[1]->number : a;

  if (node->operation == PINWHEEL_MAP_FUNCTION)
    return fold_function (self, node, &a, node->n_operands > 1 ? &b : NULL, error);
  return node->n_operands == 2 ? fold_two (self, node, &a, &b, error)
                               : fold_one (self, node, &a, error);
}
