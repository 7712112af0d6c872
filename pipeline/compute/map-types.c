/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <math.h>
#include <string.h>

#include "compute/complaint-private.h"
#include "compute/map-private.h"

static gboolean type_node (PinwheelMapProgram *self, PinwheelMapNode *node, guint statement,
                           GError **error);

static gboolean
is_float (PinwheelDType dtype)
{
  return pinwheel_dtype_class (dtype) == PINWHEEL_DTYPE_CLASS_FLOAT;
}

PinwheelDType
pinwheel_map_promote (PinwheelDType a, PinwheelDType b)
{
  gsize size_a = pinwheel_dtype_size (a), size_b = pinwheel_dtype_size (b);
  PinwheelDTypeClass class_a = pinwheel_dtype_class (a), class_b = pinwheel_dtype_class (b);

  if (class_a == class_b)
    return size_a >= size_b ? a : b;
  if (class_a == PINWHEEL_DTYPE_CLASS_BOOL)
    return b;
  if (class_b == PINWHEEL_DTYPE_CLASS_BOOL)
    return a;
  if (class_a == PINWHEEL_DTYPE_CLASS_FLOAT)
    return a == PINWHEEL_DTYPE_F32 && size_b > 2 ? PINWHEEL_DTYPE_F64 : a;
  if (class_b == PINWHEEL_DTYPE_CLASS_FLOAT)
    return b == PINWHEEL_DTYPE_F32 && size_a > 2 ? PINWHEEL_DTYPE_F64 : b;
  /* signed and unsigned: the next larger signed type, beyond 64 bits f64 */
  if (class_a == PINWHEEL_DTYPE_CLASS_UINT)
    return size_b > size_a ? b
           : size_a == 8   ? PINWHEEL_DTYPE_F64
                           : (PinwheelDType) (PINWHEEL_DTYPE_I8 + (a - PINWHEEL_DTYPE_U8) + 1);
  return pinwheel_map_promote (b, a);
}

/* Where NumPy computes in f16, f32 is used: the result is the nearer one. */
static PinwheelDType
to_float (PinwheelDType dtype)
{
  if (is_float (dtype))
    return dtype;
  return pinwheel_dtype_size (dtype) <= 2 ? PINWHEEL_DTYPE_F32 : PINWHEEL_DTYPE_F64;
}

/* What a constant becomes beside arrays of @dtype */
static PinwheelDType
adapt (const PinwheelMapNode *node, PinwheelDType dtype)
{
  if (node->strength == PINWHEEL_MAP_WEAK_FLOAT)
    return is_float (dtype) ? dtype : PINWHEEL_DTYPE_F64;
  return dtype == PINWHEEL_DTYPE_BOOL ? PINWHEEL_DTYPE_I64 : dtype;
}

static PinwheelDType
common_type (const PinwheelMapNode *a, const PinwheelMapNode *b)
{
  if (a->strength == PINWHEEL_MAP_STRONG && b->strength == PINWHEEL_MAP_STRONG)
    return pinwheel_map_promote (a->dtype, b->dtype);
  if (a->strength == PINWHEEL_MAP_STRONG)
    return adapt (b, a->dtype);
  if (b->strength == PINWHEEL_MAP_STRONG)
    return adapt (a, b->dtype);
  return a->strength == PINWHEEL_MAP_WEAK_FLOAT || b->strength == PINWHEEL_MAP_WEAK_FLOAT
             ? PINWHEEL_DTYPE_F64
             : PINWHEEL_DTYPE_I64;
}

/* Whether the constant @node has a value of @dtype */
static gboolean
check_fits (PinwheelMapProgram *self, const PinwheelMapNode *node, PinwheelDType dtype,
            GError **error)
{
  PinwheelWide whole = node->number.whole;

  if (node->strength == PINWHEEL_MAP_STRONG || is_float (dtype) || dtype == PINWHEEL_DTYPE_BOOL)
    return TRUE;
  if (node->number.is_float)
    {
      if (!(fabs (node->number.real) < 0x1p65))
        return pinwheel_map_fail (self, node, PINWHEEL_ERROR_FORMAT, error,
                                  "this number does not fit %s", pinwheel_dtype_to_string (dtype));
      whole = (PinwheelWide) node->number.real;
    }
  if (pinwheel_integer_fits (dtype, whole < 0, (guint64) (whole < 0 ? -whole : whole))
      && (whole < 0 ? -whole : whole) <= G_MAXUINT64)
    return TRUE;
  return pinwheel_map_fail (self, node, PINWHEEL_ERROR_FORMAT, error,
                            "this number does not fit %s, the type of what it is combined with; "
                            "convert that first, as in i64(x)",
                            pinwheel_dtype_to_string (dtype));
}

/* All operands from @first on are converted to @dtype before the operation. */
static gboolean
set_common (PinwheelMapProgram *self, PinwheelMapNode *node, guint first, PinwheelDType dtype,
            GError **error)
{
  node->common = dtype;
  for (guint i = first; i < node->n_operands; i++)
    if (!check_fits (self, node->operands[i], dtype, error))
      return FALSE;
  return TRUE;
}

static char *
describe_shape (PinwheelMapProgram *self, int shape)
{
  return pinwheel_array_to_string (g_ptr_array_index (self->shapes, (guint) shape));
}

static gboolean
join_shapes (PinwheelMapProgram *self, PinwheelMapNode *node, GError **error)
{
  for (guint i = 0; i < node->n_operands; i++)
    {
      int shape = node->operands[i]->shape;

      if (node->shape == PINWHEEL_MAP_SCALAR)
        node->shape = shape;
      else if (shape != PINWHEEL_MAP_SCALAR && shape != node->shape)
        {
          g_autofree char *one = describe_shape (self, node->shape);
          g_autofree char *other = describe_shape (self, shape);

          return pinwheel_map_fail (self, node, PINWHEEL_ERROR_FORMAT, error,
                                    "arrays of different shapes meet here: one is shaped as %s, "
                                    "the other as %s; a statement takes one shape",
                                    one, other);
        }
    }
  return TRUE;
}

static int
find_shape (PinwheelMapProgram *self, const PinwheelArray *array)
{
  for (guint i = 0; i < self->shapes->len; i++)
    {
      const PinwheelArray *other = g_ptr_array_index (self->shapes, i);

      if (other->n_dims == array->n_dims && other->chunk_axis == array->chunk_axis
          && memcmp (other->shape, array->shape, array->n_dims * sizeof array->shape[0]) == 0)
        return (int) i;
    }
  g_ptr_array_add (self->shapes, (gpointer) array);
  return (int) self->shapes->len - 1;
}

static gboolean
refer_to_input (PinwheelMapProgram *self, PinwheelMapNode *node, guint index, GError **error)
{
  const PinwheelArray *array = pinwheel_format_array (self->input, index);
  g_autofree char *text = pinwheel_array_to_string (array);

  if (array->dtype == PINWHEEL_DTYPE_F16
      || pinwheel_dtype_class (array->dtype) == PINWHEEL_DTYPE_CLASS_COMPLEX)
    return pinwheel_map_fail (self, node, PINWHEEL_ERROR_FORMAT, error,
                              "the array is %s; expressions take bool, i8 to i64, u8 to u64, f32 "
                              "and f64",
                              text);
  if (!pinwheel_array_is_broadcast (array))
    node->shape = find_shape (self, array);
  else if (pinwheel_array_item_elements (array) != 1)
    return pinwheel_map_fail (self, node, PINWHEEL_ERROR_FORMAT, error,
                              "the array is %s, which is not cut into chunks; expressions take "
                              "such an array only where it has one element; the kernel element "
                              "takes any",
                              text);
  node->reference = PINWHEEL_MAP_TO_INPUT;
  node->index = index;
  node->strength = PINWHEEL_MAP_STRONG;
  node->dtype = array->dtype;
  return TRUE;
}

static void
refer_to_arg (PinwheelMapProgram *self, PinwheelMapNode *node, PinwheelArg *arg)
{
  arg->used = TRUE;
  node->reference = PINWHEEL_MAP_TO_ARG;
  node->index = (guint) (arg - (PinwheelArg *) (gpointer) self->args->items->data);
  node->arg = (int) node->index;
  node->number.is_float = arg->kind == PINWHEEL_ARG_FLOAT;
  node->number.real = arg->real;
  node->number.whole = arg->negative ? -(PinwheelWide) arg->magnitude : arg->magnitude;
  node->dtype = PINWHEEL_DTYPE_BOOL;
  node->strength = arg->kind == PINWHEEL_ARG_FLOAT ? PINWHEEL_MAP_WEAK_FLOAT
                   : arg->kind == PINWHEEL_ARG_INT ? PINWHEEL_MAP_WEAK_INT
                                                   : PINWHEEL_MAP_STRONG;
}

static void
refer_to_value (PinwheelMapProgram *self, PinwheelMapNode *node, guint index)
{
  const PinwheelMapNode *tree = g_array_index (self->values, PinwheelMapValue, index).tree;

  node->reference = PINWHEEL_MAP_TO_VALUE;
  node->index = index;
  node->strength = tree->strength;
  node->dtype = tree->dtype;
  node->number = tree->number;
  node->arg = tree->arg;
  node->shape = tree->shape;
}

static gboolean
refer_to_constant (PinwheelMapNode *node)
{
  static const struct
  {
    const char *name;
    double real;
    int truth; /* -1: a number */
  } constants[] = {
    { "pi", G_PI, -1 }, { "e", G_E, -1 },        { "true", 0, 1 },
    { "false", 0, 0 },  { "inf", HUGE_VAL, -1 }, { "nan", NAN, -1 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (constants); i++)
    if (strcmp (constants[i].name, node->name) == 0)
      {
        node->operation = PINWHEEL_MAP_NUMBER;
        node->number.is_float = constants[i].truth < 0;
        node->number.real = constants[i].real;
        node->number.whole = constants[i].truth > 0;
        node->strength = constants[i].truth < 0 ? PINWHEEL_MAP_WEAK_FLOAT : PINWHEEL_MAP_STRONG;
        node->dtype = PINWHEEL_DTYPE_BOOL;
        return TRUE;
      }
  return FALSE;
}

/* Later assignments hide earlier ones, these hide arrays, arrays hide args=, and those constants.
 */
static gboolean
type_name (PinwheelMapProgram *self, PinwheelMapNode *node, guint statement, GError **error)
{
  g_autoptr (GPtrArray) names = NULL;
  g_autofree char *hint = NULL;
  PinwheelArg *arg;
  int index;

  for (guint i = statement; i-- > 0;)
    if (strcmp (g_array_index (self->values, PinwheelMapValue, i).name, node->name) == 0)
      {
        refer_to_value (self, node, i);
        return TRUE;
      }
  index = pinwheel_format_find (self->input, node->name);
  if (index >= 0)
    return refer_to_input (self, node, (guint) index, error);
  arg = pinwheel_args_find (self->args, node->name);
  if (arg != NULL)
    {
      refer_to_arg (self, node, arg);
      return TRUE;
    }
  if (refer_to_constant (node))
    return TRUE;
  names = pinwheel_args_names (self->args);
  for (guint i = 0; i < statement; i++)
    g_ptr_array_insert (names, (int) i, g_array_index (self->values, PinwheelMapValue, i).name);
  for (guint i = 0; i < pinwheel_format_n_arrays (self->input); i++)
    g_ptr_array_insert (names, (int) i, (gpointer) pinwheel_format_array (self->input, i)->name);
  hint = pinwheel_name_hint (node->name, "arrays and args", names);
  return pinwheel_map_fail (self, node, PINWHEEL_ERROR_PARSE, error, "there is no '%s'%s",
                            node->name, hint);
}

static gboolean
refuse (PinwheelMapProgram *self, PinwheelMapNode *node, PinwheelDType dtype, const char *advice,
        GError **error)
{
  return pinwheel_map_fail (self, node, PINWHEEL_ERROR_FORMAT, error,
                            "this cannot be done with %s; %s", pinwheel_dtype_to_string (dtype),
                            advice);
}

static gboolean
type_arithmetic (PinwheelMapProgram *self, PinwheelMapNode *node, PinwheelDType dtype,
                 GError **error)
{
  const PinwheelMapNode *exponent = node->operands[1];
  gboolean is_bool = dtype == PINWHEEL_DTYPE_BOOL;

  switch ((int) node->operation)
    {
    case PINWHEEL_MAP_SUBTRACT:
      if (is_bool)
        return refuse (self, node, dtype, "write a ^ b, or convert, as in i8(a) - i8(b)", error);
      break;
    case PINWHEEL_MAP_DIVIDE:
      dtype = is_float (dtype) ? dtype : PINWHEEL_DTYPE_F64;
      break;
    case PINWHEEL_MAP_POWER:
      if (exponent->strength == PINWHEEL_MAP_WEAK_INT && exponent->number.whole < 0
          && !is_float (dtype))
        return refuse (self, node, dtype,
                       "whole numbers have no negative powers; write the exponent with a point, as "
                       "in x ** -1.0",
                       error);
      dtype = is_bool ? PINWHEEL_DTYPE_I8 : dtype;
      break;
    case PINWHEEL_MAP_FLOOR_DIVIDE:
    case PINWHEEL_MAP_REMAINDER:
      dtype = is_bool ? PINWHEEL_DTYPE_I8 : dtype;
      break;
    default:
      break;
    }
  node->dtype = dtype;
  return set_common (self, node, 0, dtype, error);
}

static gboolean
type_two (PinwheelMapProgram *self, PinwheelMapNode *node, GError **error)
{
  PinwheelDType dtype = common_type (node->operands[0], node->operands[1]);
  PinwheelMapOperation operation = node->operation;

  if (operation <= PINWHEEL_MAP_POWER)
    return type_arithmetic (self, node, dtype, error);
  if (operation <= PINWHEEL_MAP_GREATER_EQUAL)
    {
      node->dtype = PINWHEEL_DTYPE_BOOL;
      return set_common (self, node, 0, dtype, error);
    }
  if (operation == PINWHEEL_MAP_AND || operation == PINWHEEL_MAP_OR)
    {
      node->dtype = node->common = PINWHEEL_DTYPE_BOOL;
      return TRUE;
    }
  if (is_float (dtype))
    return refuse (self, node, dtype, "this operator takes whole numbers and bool", error);
  if (operation >= PINWHEEL_MAP_SHIFT_LEFT && dtype == PINWHEEL_DTYPE_BOOL)
    dtype = PINWHEEL_DTYPE_I8;
  node->dtype = dtype;
  return set_common (self, node, 0, dtype, error);
}

static gboolean
type_one (PinwheelMapProgram *self, PinwheelMapNode *node, GError **error)
{
  PinwheelDType dtype = node->operands[0]->dtype;

  node->dtype = node->common = dtype;
  switch ((int) node->operation)
    {
    case PINWHEEL_MAP_NOT:
      node->dtype = node->common = PINWHEEL_DTYPE_BOOL;
      return TRUE;
    case PINWHEEL_MAP_INVERT:
      if (is_float (dtype))
        return refuse (self, node, dtype, "~ takes whole numbers and bool", error);
      return TRUE;
    default:
      if (dtype == PINWHEEL_DTYPE_BOOL)
        return refuse (self, node, dtype, "write !x, or convert it first, as in i8(x)", error);
      return TRUE;
    }
}

static gboolean
type_function (PinwheelMapProgram *self, PinwheelMapNode *node, GError **error)
{
  const PinwheelMapNode *first = node->operands[0];
  PinwheelDType dtype = node->n_operands > 1 ? common_type (first, node->operands[1])
                        : first->strength == PINWHEEL_MAP_STRONG   ? first->dtype
                        : first->strength == PINWHEEL_MAP_WEAK_INT ? PINWHEEL_DTYPE_I64
                                                                   : PINWHEEL_DTYPE_F64;

  node->dtype = dtype;
  switch (node->function->class)
    {
    case PINWHEEL_MAP_CLASS_FLOAT:
      node->dtype = dtype = to_float (dtype);
      break;
    case PINWHEEL_MAP_CLASS_ROUND:
      node->dtype = dtype = dtype == PINWHEEL_DTYPE_BOOL ? PINWHEEL_DTYPE_F32 : dtype;
      break;
    case PINWHEEL_MAP_CLASS_SIGN:
      if (dtype == PINWHEEL_DTYPE_BOOL)
        return refuse (self, node, dtype, "a bool has no sign", error);
      break;
    case PINWHEEL_MAP_CLASS_TEST:
      node->dtype = PINWHEEL_DTYPE_BOOL;
      break;
    case PINWHEEL_MAP_CLASS_CAST:
      node->dtype = node->function->dtype;
      if (first->strength != PINWHEEL_MAP_STRONG)
        dtype = node->dtype;
      break;
    case PINWHEEL_MAP_CLASS_ABSOLUTE:
    case PINWHEEL_MAP_CLASS_EXTREME:
    case PINWHEEL_MAP_CLASS_POWER:
    case PINWHEEL_MAP_CLASS_SELECT:
    default:
      break;
    }
  return set_common (self, node, 0, dtype, error);
}

/* Whether Python would have done it before any array was met */
static gboolean
is_constant (const PinwheelMapNode *node)
{
  if (node->operation == PINWHEEL_MAP_SELECT
      || (node->operation == PINWHEEL_MAP_FUNCTION
          && node->function->class == PINWHEEL_MAP_CLASS_CAST))
    return FALSE;
  for (guint i = 0; i < node->n_operands; i++)
    if (node->operands[i]->strength == PINWHEEL_MAP_STRONG)
      return FALSE;
  return TRUE;
}

static gboolean
type_node (PinwheelMapProgram *self, PinwheelMapNode *node, guint statement, GError **error)
{
  if (node->operation == PINWHEEL_MAP_NUMBER)
    return TRUE;
  if (node->operation == PINWHEEL_MAP_NAME)
    return type_name (self, node, statement, error);
  for (guint i = 0; i < node->n_operands; i++)
    if (!type_node (self, node->operands[i], statement, error))
      return FALSE;
  if (is_constant (node))
    return pinwheel_map_fold (self, node, error);
  if (!join_shapes (self, node, error))
    return FALSE;
  node->strength = PINWHEEL_MAP_STRONG;
  if (node->operation == PINWHEEL_MAP_FUNCTION)
    return type_function (self, node, error);
  if (node->operation == PINWHEEL_MAP_SELECT)
    {
      node->dtype = common_type (node->operands[1], node->operands[2]);
      return set_common (self, node, 1, node->dtype, error);
    }
  return node->n_operands == 2 ? type_two (self, node, error) : type_one (self, node, error);
}

/* The last statement of each name that is no temporary makes an output. */
static gboolean
find_outputs (PinwheelMapProgram *self, GError **error)
{
  guint n_outputs = 0;

  for (guint i = 0; i < self->values->len; i++)
    {
      PinwheelMapValue *value = &g_array_index (self->values, PinwheelMapValue, i);

      value->is_output = value->name[0] != '_';
      for (guint k = i + 1; k < self->values->len; k++)
        if (strcmp (g_array_index (self->values, PinwheelMapValue, k).name, value->name) == 0)
          value->is_output = FALSE;
      if (!value->is_output)
        continue;
      n_outputs++;
      if (value->tree->shape == PINWHEEL_MAP_SCALAR)
        return pinwheel_map_fail (self, value->tree, PINWHEEL_ERROR_FORMAT, error,
                                  "'%s' has no shape: there is no array in it that is cut into "
                                  "chunks; a name that begins with _ is a temporary and may be a "
                                  "single value",
                                  value->name);
    }
  if (n_outputs > 0)
    return TRUE;
  return pinwheel_map_fail (self, g_array_index (self->values, PinwheelMapValue, 0).tree,
                            PINWHEEL_ERROR_PARSE, error,
                            "there is no output: names that begin with _ are temporaries");
}

gboolean
pinwheel_map_type (PinwheelMapProgram *self, GError **error)
{
  for (guint i = 0; i < self->values->len; i++)
    if (!type_node (self, g_array_index (self->values, PinwheelMapValue, i).tree, i, error))
      return FALSE;
  return find_outputs (self, error);
}
