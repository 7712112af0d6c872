/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <math.h>
#include <string.h>

#include "compute/map-private.h"

/* No operation here traps or is undefined in C: whole numbers wrap, division by zero gives 0,
 * shifts past the width give 0 or the sign, conversions of floats to whole numbers stop at the
 * type's limits and a NaN becomes 0. */
const char pinwheel_map_prelude[]
    = "typedef unsigned long long pinwheel_u64;\n"
      "template <class T> static __device__ __forceinline__ T\n"
      "pinwheel_floor_divide (T a, T b)\n"
      "{\n"
      "  if (b == 0) return 0;\n"
      "  if (T (-1) < T (0) && b == T (-1)) return (T) (0 - (pinwheel_u64) a);\n"
      "  const T q = (T) (a / b);\n"
      "  return (T) (q - (a % b != 0 && (a < 0) != (b < 0) ? 1 : 0));\n"
      "}\n"
      "template <class T> static __device__ __forceinline__ T\n"
      "pinwheel_remainder (T a, T b)\n"
      "{\n"
      "  if (b == 0 || (T (-1) < T (0) && b == T (-1))) return 0;\n"
      "  const T r = (T) (a % b);\n"
      "  return (T) (r != 0 && (r < 0) != (b < 0) ? r + b : r);\n"
      "}\n"
      "template <class T> static __device__ __forceinline__ T\n"
      "pinwheel_float_remainder (T a, T b)\n"
      "{\n"
      "  const T r = fmod (a, b);\n"
      "  if (b == 0 || r != r) return r;\n"
      "  if (r == 0) return copysign (r, b);\n"
      "  return (r < 0) != (b < 0) ? r + b : r;\n"
      "}\n"
      "template <class T> static __device__ __forceinline__ T\n"
      "pinwheel_float_floor_divide (T a, T b)\n"
      "{\n"
      "  if (b == 0) return a / b;\n"
      "  const T r = fmod (a, b);\n"
      "  T q = (a - r) / b;\n"
      "  if (r != 0 && (r < 0) != (b < 0)) q -= 1;\n"
      "  if (q == 0) return copysign ((T) 0, a / b);\n"
      "  const T f = floor (q);\n"
      "  return q - f > (T) 0.5 ? f + 1 : f;\n"
      "}\n"
      "template <class T> static __device__ __forceinline__ T\n"
      "pinwheel_power (T a, T b)\n"
      "{\n"
      "  if (b < 0) return (T) (a == 1 ? 1 : a == T (-1) ? (b & 1 ? -1 : 1) : 0);\n"
      "  pinwheel_u64 result = 1, base = (pinwheel_u64) a;\n"
      "  for (pinwheel_u64 n = (pinwheel_u64) b; n != 0; n >>= 1, base *= base)\n"
      "    if (n & 1) result *= base;\n"
      "  return (T) result;\n"
      "}\n"
      "template <class T> static __device__ __forceinline__ T\n"
      "pinwheel_shift_left (T a, T b)\n"
      "{\n"
      "  return (pinwheel_u64) b < 8 * sizeof (T) ? (T) ((pinwheel_u64) a << b) : (T) 0;\n"
      "}\n"
      "template <class T> static __device__ __forceinline__ T\n"
      "pinwheel_shift_right (T a, T b)\n"
      "{\n"
      "  return (T) (a >> ((pinwheel_u64) b < 8 * sizeof (T) ? (int) b : (int) (8 * sizeof (T) - "
      "1)))\n"
      "         & (T) ((pinwheel_u64) b < 8 * sizeof (T) || T (-1) < T (0) ? T (-1) : T (0));\n"
      "}\n"
      "template <class T> static __device__ __forceinline__ T\n"
      "pinwheel_min (T a, T b)\n"
      "{\n"
      "  return a < b || a != a ? a : b;\n"
      "}\n"
      "template <class T> static __device__ __forceinline__ T\n"
      "pinwheel_max (T a, T b)\n"
      "{\n"
      "  return a > b || a != a ? a : b;\n"
      "}\n"
      "template <class T> static __device__ __forceinline__ T\n"
      "pinwheel_square (T a)\n"
      "{\n"
      "  return a * a;\n"
      "}\n"
      "template <class T> static __device__ __forceinline__ T\n"
      "pinwheel_abs (T a)\n"
      "{\n"
      "  return a < 0 ? (T) (0 - (pinwheel_u64) a) : a;\n"
      "}\n"
      "template <class T> static __device__ __forceinline__ T\n"
      "pinwheel_sign (T a)\n"
      "{\n"
      "  return a > 0 ? (T) 1 : a < 0 ? (T) -1 : a == 0 ? (T) 0 : a;\n"
      "}\n"
      "template <class T, class F> static __device__ __forceinline__ T\n"
      "pinwheel_convert (F a, T least, T most)\n"
      "{\n"
      "  return a != a ? (T) 0 : a <= (F) least ? least : a >= (F) most ? most : (T) a;\n"
      "}\n"
      "static __device__ __forceinline__ int\n"
      "pinwheel_compare (long long a, pinwheel_u64 b)\n"
      "{\n"
      "  return a < 0 || (pinwheel_u64) a < b ? -1 : (pinwheel_u64) a > b;\n"
      "}\n";

static const struct
{
  const char *name, *least, *most;
} ctypes[] = {
  [PINWHEEL_DTYPE_BOOL] = { "bool", NULL, NULL },
  [PINWHEEL_DTYPE_I8] = { "signed char", "-128", "127" },
  [PINWHEEL_DTYPE_I16] = { "short", "-32768", "32767" },
  [PINWHEEL_DTYPE_I32] = { "int", "-2147483647 - 1", "2147483647" },
  [PINWHEEL_DTYPE_I64] = { "long long", "-9223372036854775807LL - 1", "9223372036854775807LL" },
  [PINWHEEL_DTYPE_U8] = { "unsigned char", "0", "255" },
  [PINWHEEL_DTYPE_U16] = { "unsigned short", "0", "65535" },
  [PINWHEEL_DTYPE_U32] = { "unsigned int", "0", "4294967295U" },
  [PINWHEEL_DTYPE_U64] = { "unsigned long long", "0", "18446744073709551615ULL" },
  [PINWHEEL_DTYPE_F16] = { "__half", NULL, NULL },
  [PINWHEEL_DTYPE_F32] = { "float", NULL, NULL },
  [PINWHEEL_DTYPE_F64] = { "double", NULL, NULL },
};

const char *
pinwheel_map_ctype (PinwheelDType dtype)
{
  return ctypes[dtype].name;
}

static gboolean
is_float (PinwheelDType dtype)
{
  return dtype == PINWHEEL_DTYPE_F32 || dtype == PINWHEEL_DTYPE_F64;
}

static void
emit_real (GString *text, double value, PinwheelDType dtype)
{
  char digits[G_ASCII_DTOSTR_BUF_SIZE];
  gboolean is_f32 = dtype == PINWHEEL_DTYPE_F32;

  if (is_f32)
    value = (float) value;
  if (isnan (value))
    g_string_append (text, is_f32 ? "__int_as_float (0x7fc00000)"
                                  : "__longlong_as_double (0x7ff8000000000000LL)");
  else if (isinf (value))
    g_string_append_printf (text, "(%s%s)", value < 0 ? "-" : "",
                            is_f32 ? "__int_as_float (0x7f800000)"
                                   : "__longlong_as_double (0x7ff0000000000000LL)");
  else
    {
      g_ascii_formatd (digits, sizeof digits, "%.17g", value);
      g_string_append_printf (text, "(%s%s%s)", digits, strpbrk (digits, ".e") != NULL ? "" : ".0",
                              is_f32 ? "f" : "");
    }
}

static void
emit_whole (GString *text, PinwheelWide value, PinwheelDType dtype)
{
  if (value == G_MININT64)
    g_string_append_printf (text, "((%s) (-9223372036854775807LL - 1))", ctypes[dtype].name);
  else if (value < 0)
    g_string_append_printf (text, "((%s) -%" G_GINT64_FORMAT "LL)", ctypes[dtype].name,
                            (gint64) -value);
  else
    g_string_append_printf (text, "((%s) %" G_GUINT64_FORMAT "ULL)", ctypes[dtype].name,
                            (guint64) value);
}

static void
emit_constant (GString *text, const PinwheelMapNode *node, PinwheelDType dtype)
{
  const PinwheelMapNumber *number = &node->number;

  if (dtype == PINWHEEL_DTYPE_BOOL)
    g_string_append (text, (number->is_float ? number->real != 0 : number->whole != 0) ? "true"
                                                                                       : "false");
  else if (is_float (dtype))
    emit_real (text, number->is_float ? number->real : (double) number->whole, dtype);
  else
    emit_whole (text, number->is_float ? (PinwheelWide) number->real : number->whole, dtype);
}

/* Operators whose result C gives as NumPy does, on operands of one type */
static void
emit_infix (GString *text, const PinwheelMapNode *node, const char *operation)
{
  g_string_append_c (text, '(');
  pinwheel_map_emit (text, node->operands[0], node->common);
  g_string_append_printf (text, " %s ", operation);
  pinwheel_map_emit (text, node->operands[1], node->common);
  g_string_append_c (text, ')');
}

static void
emit_call (GString *text, const PinwheelMapNode *node, const char *name, const char *suffix)
{
  g_string_append_printf (text, "%s%s (", name, suffix);
  for (guint i = 0; i < node->n_operands; i++)
    {
      if (i > 0)
        g_string_append (text, ", ");
      pinwheel_map_emit (text, node->operands[i], node->common);
    }
  g_string_append_c (text, ')');
}

/* A helper of the prelude, whose arguments say its type */
static void
emit_helper (GString *text, const PinwheelMapNode *node, const char *name)
{
  g_autofree char *suffix = g_strdup_printf ("<%s>", ctypes[node->common].name);

  emit_call (text, node, name, suffix);
}

/* + - * of whole numbers, in an unsigned type: there they may overflow */
static void
emit_wrapping (GString *text, const PinwheelMapNode *node, char operation)
{
  const char *wide = pinwheel_dtype_size (node->dtype) == 8 ? "unsigned long long" : "unsigned int";

  g_string_append_printf (text, "((%s) ((%s) ", ctypes[node->dtype].name, wide);
  pinwheel_map_emit (text, node->operands[0], node->common);
  g_string_append_printf (text, " %c (%s) ", operation, wide);
  pinwheel_map_emit (text, node->operands[1], node->common);
  g_string_append (text, "))");
}

/* The powers that NumPy computes without pow() too */
static void
emit_float_power (GString *text, const PinwheelMapNode *node)
{
  const PinwheelMapNode *exponent = node->operands[1];
  const char *suffix = node->dtype == PINWHEEL_DTYPE_F32 ? "f" : "";
  double value = exponent->number.is_float ? exponent->number.real
                                           : (double) exponent->number.whole;

  if (exponent->strength == PINWHEEL_MAP_STRONG || (value != 2 && value != -1 && value != 0.5))
    {
      emit_call (text, node, "pow", suffix);
      return;
    }
  g_string_append (text, value == 2 ? "pinwheel_square (" : value == -1 ? "(1 / " : "sqrt");
  if (value == 0.5)
    g_string_append_printf (text, "%s (", suffix);
  pinwheel_map_emit (text, node->operands[0], node->common);
  g_string_append_c (text, ')');
}

static void
emit_arithmetic (GString *text, const PinwheelMapNode *node)
{
  gboolean real = is_float (node->dtype);
  gboolean is_bool = node->dtype == PINWHEEL_DTYPE_BOOL;

  switch ((int) node->operation)
    {
    case PINWHEEL_MAP_ADD:
    case PINWHEEL_MAP_SUBTRACT:
    case PINWHEEL_MAP_MULTIPLY:
      if (is_bool)
        emit_infix (text, node, node->operation == PINWHEEL_MAP_ADD ? "|" : "&");
      else if (real)
        emit_infix (text, node, (const char *[]){ "+", "-", "*" }[node->operation]);
      else
        emit_wrapping (text, node, "+-*"[node->operation]);
      break;
    case PINWHEEL_MAP_DIVIDE:
      emit_infix (text, node, "/");
      break;
    case PINWHEEL_MAP_FLOOR_DIVIDE:
      emit_helper (text, node, real ? "pinwheel_float_floor_divide" : "pinwheel_floor_divide");
      break;
    case PINWHEEL_MAP_REMAINDER:
      emit_helper (text, node, real ? "pinwheel_float_remainder" : "pinwheel_remainder");
      break;
    default:
      if (real)
        emit_float_power (text, node);
      else
        emit_helper (text, node, "pinwheel_power");
      break;
    }
}

/* i64 with u64: there is no type for both, but an exact answer */
static void
emit_comparison (GString *text, const PinwheelMapNode *node)
{
  static const char *const symbols[] = { "==", "!=", "<", "<=", ">", ">=" };
  static const char *const swapped[] = { "==", "!=", ">", ">=", "<", "<=" };
  guint i = node->operation - PINWHEEL_MAP_EQUAL;
  const PinwheelMapNode *a = node->operands[0], *b = node->operands[1];
  gboolean mixed = node->common == PINWHEEL_DTYPE_F64 && !is_float (a->dtype)
                   && !is_float (b->dtype) && a->strength == PINWHEEL_MAP_STRONG
                   && b->strength == PINWHEEL_MAP_STRONG;

  if (!mixed)
    {
      emit_infix (text, node, symbols[i]);
      return;
    }
  g_string_append (text, "(pinwheel_compare (");
  pinwheel_map_emit (text, a->dtype == PINWHEEL_DTYPE_U64 ? b : a, PINWHEEL_DTYPE_I64);
  g_string_append (text, ", ");
  pinwheel_map_emit (text, a->dtype == PINWHEEL_DTYPE_U64 ? a : b, PINWHEEL_DTYPE_U64);
  g_string_append_printf (text, ") %s 0)",
                          a->dtype == PINWHEEL_DTYPE_U64 ? swapped[i] : symbols[i]);
}

static void
emit_two (GString *text, const PinwheelMapNode *node)
{
  if (node->operation <= PINWHEEL_MAP_POWER)
    emit_arithmetic (text, node);
  else if (node->operation <= PINWHEEL_MAP_GREATER_EQUAL)
    emit_comparison (text, node);
  else if (node->operation <= PINWHEEL_MAP_OR)
    emit_infix (text, node, node->operation == PINWHEEL_MAP_AND ? "&&" : "||");
  else if (node->operation == PINWHEEL_MAP_SHIFT_LEFT)
    emit_helper (text, node, "pinwheel_shift_left");
  else if (node->operation == PINWHEEL_MAP_SHIFT_RIGHT)
    emit_helper (text, node, "pinwheel_shift_right");
  else
    {
      g_string_append_printf (text, "((%s) ", ctypes[node->dtype].name);
      emit_infix (text, node,
                  (const char *[]){ "&", "|", "^" }[node->operation - PINWHEEL_MAP_BIT_AND]);
      g_string_append_c (text, ')');
    }
}

static void
emit_one (GString *text, const PinwheelMapNode *node)
{
  const char *type = ctypes[node->dtype].name;

  if (node->operation == PINWHEEL_MAP_NOT
      || (node->operation == PINWHEEL_MAP_INVERT && node->dtype == PINWHEEL_DTYPE_BOOL))
    g_string_append (text, "(!");
  else if (node->operation == PINWHEEL_MAP_INVERT)
    g_string_append_printf (text, "((%s) ~", type);
  else if (node->operation == PINWHEEL_MAP_POSITIVE)
    g_string_append (text, "(");
  else if (is_float (node->dtype))
    g_string_append (text, "(-");
  else
    g_string_append_printf (text, "((%s) (0ULL - (unsigned long long) ", type);
  pinwheel_map_emit (text, node->operands[0], node->common);
  g_string_append (text, node->operation == PINWHEEL_MAP_NEGATIVE && !is_float (node->dtype) ? "))"
                                                                                             : ")");
}

static void
emit_absolute (GString *text, const PinwheelMapNode *node)
{
  PinwheelDTypeClass class = pinwheel_dtype_class (node->dtype);

  if (class == PINWHEEL_DTYPE_CLASS_FLOAT)
    emit_call (text, node, "fabs", node->dtype == PINWHEEL_DTYPE_F32 ? "f" : "");
  else if (class == PINWHEEL_DTYPE_CLASS_INT)
    emit_helper (text, node, "pinwheel_abs");
  else
    pinwheel_map_emit (text, node->operands[0], node->common);
}

static void
emit_function (GString *text, const PinwheelMapNode *node)
{
  const PinwheelMapFunction *function = node->function;
  const char *suffix = node->common == PINWHEEL_DTYPE_F32 ? "f" : "";
  g_autofree char *helper = NULL;

  switch (function->class)
    {
    case PINWHEEL_MAP_CLASS_FLOAT:
      emit_call (text, node, function->c_name, suffix);
      break;
    case PINWHEEL_MAP_CLASS_ROUND:
      if (is_float (node->dtype))
        emit_call (text, node, function->c_name, suffix);
      else
        pinwheel_map_emit (text, node->operands[0], node->common);
      break;
    case PINWHEEL_MAP_CLASS_ABSOLUTE:
      emit_absolute (text, node);
      break;
    case PINWHEEL_MAP_CLASS_EXTREME:
    case PINWHEEL_MAP_CLASS_SIGN:
      helper = g_strconcat ("pinwheel_", function->name, NULL);
      emit_helper (text, node, helper);
      break;
    case PINWHEEL_MAP_CLASS_TEST:
      if (is_float (node->common))
        {
          g_string_append (text, "(bool) ");
          emit_call (text, node, function->name, "");
        }
      else
        g_string_append (text, "false");
      break;
    case PINWHEEL_MAP_CLASS_CAST:
      pinwheel_map_emit (text, node->operands[0], node->dtype);
      break;
    case PINWHEEL_MAP_CLASS_POWER:
    case PINWHEEL_MAP_CLASS_SELECT:
    default:
      g_return_if_reached ();
    }
}

static void
emit_plain (GString *text, const PinwheelMapNode *node)
{
  if (node->operation == PINWHEEL_MAP_NUMBER)
    emit_constant (text, node, node->dtype);
  else if (node->operation == PINWHEEL_MAP_NAME)
    g_string_append_printf (text, "%s%u",
                            node->reference == PINWHEEL_MAP_TO_INPUT   ? "input"
                            : node->reference == PINWHEEL_MAP_TO_VALUE ? "value"
                                                                       : "arg",
                            node->index);
  else if (node->operation == PINWHEEL_MAP_FUNCTION)
    emit_function (text, node);
  else if (node->operation == PINWHEEL_MAP_SELECT)
    {
      g_string_append (text, "(");
      pinwheel_map_emit (text, node->operands[0], PINWHEEL_DTYPE_BOOL);
      g_string_append (text, " ? ");
      pinwheel_map_emit (text, node->operands[1], node->common);
      g_string_append (text, " : ");
      pinwheel_map_emit (text, node->operands[2], node->common);
      g_string_append (text, ")");
    }
  else if (node->n_operands == 2)
    emit_two (text, node);
  else
    emit_one (text, node);
}

void
pinwheel_map_emit (GString *text, const PinwheelMapNode *node, PinwheelDType dtype)
{
  const char *name = ctypes[dtype].name;

  if (node->strength != PINWHEEL_MAP_STRONG)
    {
      /* its value is known to fit; as a parameter it does not make another kernel */
      if (node->arg >= 0)
        g_string_append_printf (text, "((%s) arg%d)", name, node->arg);
      else
        emit_constant (text, node, dtype);
    }
  else if (node->dtype == dtype)
    emit_plain (text, node);
  else if (dtype == PINWHEEL_DTYPE_BOOL)
    {
      g_string_append_c (text, '(');
      emit_plain (text, node);
      g_string_append (text, " != 0)");
    }
  else if (is_float (node->dtype) && !is_float (dtype))
    {
      g_string_append_printf (text, "pinwheel_convert<%s, %s> (", name, ctypes[node->dtype].name);
      emit_plain (text, node);
      g_string_append_printf (text, ", %s, %s)", ctypes[dtype].least, ctypes[dtype].most);
    }
  else
    {
      g_string_append_printf (text, "((%s) ", name);
      emit_plain (text, node);
      g_string_append_c (text, ')');
    }
}
