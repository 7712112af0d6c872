/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include <pinwheel/kernel.h>

#include "compute/complaint-private.h"
#include "compute/map-private.h"

/* In the generated kernel input3 is array 3 of the format, value2 what statement 2 gives, arg1 the
 * value of argument 1: the names of the user appear behind prefixes only, and may be any. */

static const PinwheelMapValue *
get_value (const PinwheelMapProgram *self, guint i)
{
  return &g_array_index (self->values, PinwheelMapValue, i);
}

/* Marks the inputs that @node reads. */
static void
find_inputs (const PinwheelMapNode *node, gboolean *used)
{
  if (node->operation == PINWHEEL_MAP_NAME && node->reference == PINWHEEL_MAP_TO_INPUT)
    used[node->index] = TRUE;
  for (guint i = 0; i < node->n_operands; i++)
    find_inputs (node->operands[i], used);
}

/* Returns: (transfer full): one flag per array of the input */
static gboolean *
used_inputs (const PinwheelMapProgram *self)
{
  gboolean *used = g_new0 (gboolean, pinwheel_format_n_arrays (self->input));

  for (guint i = 0; i < self->values->len; i++)
    find_inputs (get_value (self, i)->tree, used);
  return used;
}

/* The type that args= gives a parameter: that of the value as written */
static const char *
arg_type (const PinwheelArg *arg)
{
  if (arg->kind == PINWHEEL_ARG_BOOL)
    return "bool";
  if (arg->kind == PINWHEEL_ARG_FLOAT)
    return "double";
  return arg->magnitude > G_MAXINT64 && !arg->negative ? "unsigned long long" : "long long";
}

static void
append_parameters (GString *text, const PinwheelMapProgram *self, const gboolean *used)
{
  g_string_append (text, "extern \"C\" __global__ void\npinwheel_map (long long n");
  for (guint i = 0; i < self->args->items->len; i++)
    {
      const PinwheelArg *arg = &g_array_index (self->args->items, PinwheelArg, i);

      g_string_append_printf (text, ",\n              %s pinwheel_arg_%s", arg_type (arg),
                              arg->name);
    }
  for (guint i = 0; i < pinwheel_format_n_arrays (self->input); i++)
    {
      const PinwheelArray *array = pinwheel_format_array (self->input, i);

      if (used[i])
        g_string_append_printf (text, ",\n              const %s *__restrict__ pinwheel_in_%s",
                                pinwheel_map_ctype (array->dtype), array->name);
    }
  for (guint i = 0; i < self->values->len; i++)
    if (get_value (self, i)->is_output)
      g_string_append_printf (text, ",\n              %s *__restrict__ pinwheel_out_%s",
                              pinwheel_map_ctype (get_value (self, i)->tree->dtype),
                              get_value (self, i)->name);
  g_string_append (text, ")\n{\n");
}

/* Declares the inputs of @shape and the statements of @shape, in order. */
static void
append_values (GString *text, const PinwheelMapProgram *self, const gboolean *used, int shape,
               const char *indent)
{
  gboolean is_scalar = shape == PINWHEEL_MAP_SCALAR;

  for (guint i = 0; i < pinwheel_format_n_arrays (self->input); i++)
    {
      const PinwheelArray *array = pinwheel_format_array (self->input, i);
      const PinwheelArray *like = is_scalar ? NULL
                                            : g_ptr_array_index (self->shapes, (guint) shape);
      gboolean belongs = is_scalar ? pinwheel_array_is_broadcast (array)
                                   : array->n_dims == like->n_dims
                                         && array->chunk_axis == like->chunk_axis
                                         && memcmp (array->shape, like->shape,
                                                    array->n_dims * sizeof array->shape[0])
                                                == 0;

      if (used[i] && belongs)
        g_string_append_printf (text, "%sconst %s input%u = pinwheel_in_%s[%s];\n", indent,
                                pinwheel_map_ctype (array->dtype), i, array->name,
                                is_scalar ? "0" : "first + thread");
    }
  for (guint i = 0; i < self->values->len; i++)
    {
      const PinwheelMapNode *tree = get_value (self, i)->tree;

      /* a constant has no type yet: it is written where it is used */
      if (tree->shape != shape || tree->strength != PINWHEEL_MAP_STRONG)
        continue;
      g_string_append_printf (text, "%sconst %s value%u = ", indent,
                              pinwheel_map_ctype (tree->dtype), i);
      pinwheel_map_emit (text, tree, tree->dtype);
      g_string_append (text, ";\n");
    }
}

/* One shape's elements. The thread is compared with a small number, the same for all threads of a
 * block: only then compilers make vector code without masks of the whole blocks. */
static void
append_shape (GString *text, const PinwheelMapProgram *self, const gboolean *used, guint shape)
{
  const PinwheelArray *array = g_ptr_array_index (self->shapes, shape);

  g_string_append_printf (
      text,
      "  const long long room%u = n * %" G_GUINT64_FORMAT "LL - first;\n"
      "  const int count%u = room%u < (long long) blockDim.x ? room%u < 0 ? 0 : "
      "(int) room%u : (int) blockDim.x;\n"
      "  if (thread < count%u)\n    {\n",
      shape, pinwheel_array_item_elements (array), shape, shape, shape, shape, shape);
  append_values (text, self, used, (int) shape, "      ");
  for (guint i = 0; i < self->values->len; i++)
    {
      const PinwheelMapValue *value = get_value (self, i);

      if (value->is_output && value->tree->shape == (int) shape)
        g_string_append_printf (text, "      pinwheel_out_%s[first + thread] = value%u;\n",
                                value->name, i);
    }
  g_string_append (text, "    }\n");
}

static char *
write_source (const PinwheelMapProgram *self)
{
  GString *text = g_string_new (pinwheel_map_prelude);
  g_autofree gboolean *used = used_inputs (self);
  guint64 most = 0;

  for (guint i = 0; i < self->shapes->len; i++)
    most = MAX (most, pinwheel_array_item_elements (g_ptr_array_index (self->shapes, i)));
  /* one thread per element of the array that has most of them */
  g_string_append_printf (text, "#pragma pinwheel threads(n * %" G_GUINT64_FORMAT ")\n", most);
  append_parameters (text, self, used);
  g_string_append (text, "  const long long first = (long long) blockIdx.x * blockDim.x;\n"
                         "  const int thread = (int) threadIdx.x;\n");
  for (guint i = 0; i < self->args->items->len; i++)
    {
      const PinwheelArg *arg = &g_array_index (self->args->items, PinwheelArg, i);

      g_string_append_printf (text, "  const %s arg%u = pinwheel_arg_%s;\n", arg_type (arg), i,
                              arg->name);
    }
  append_values (text, self, used, PINWHEEL_MAP_SCALAR, "  ");
  for (guint i = 0; i < self->shapes->len; i++)
    append_shape (text, self, used, i);
  g_string_append (text, "}\n");
  return g_string_free (text, FALSE);
}

static char *
write_outputs (const PinwheelMapProgram *self)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < self->values->len; i++)
    {
      const PinwheelMapValue *value = get_value (self, i);
      const PinwheelArray *array;

      if (!value->is_output)
        continue;
      array = g_ptr_array_index (self->shapes, (guint) value->tree->shape);
      g_string_append_printf (text, "%s%s[", text->len > 0 ? " " : "", value->name);
      for (guint k = 0; k < array->n_dims; k++)
        {
          if (k > 0)
            g_string_append_c (text, ',');
          if ((int) k == array->chunk_axis)
            g_string_append_c (text, '*');
          else
            g_string_append_printf (text, "%" G_GUINT64_FORMAT, array->shape[k]);
        }
      g_string_append_c (text, ']');
    }
  return g_string_free (text, FALSE);
}

/* Every argument becomes a parameter of the kernel, so each must be of use. */
static gboolean
check_args (PinwheelMapProgram *self, GError **error)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();

  for (guint i = 0; i < self->args->items->len; i++)
    {
      const PinwheelArg *arg = &g_array_index (self->args->items, PinwheelArg, i);

      if (strcmp (arg->name, "n") == 0 || strcmp (arg->name, "start") == 0
          || strcmp (arg->name, "N") == 0)
        {
          pinwheel_set_text_error (error, PINWHEEL_ERROR_PARSE, "args", self->args->text,
                                   arg->offset, strlen (arg->name),
                                   "'%s' stands for items in kernels; choose another name",
                                   arg->name);
          return FALSE;
        }
    }
  for (guint i = 0; i < self->nodes->len; i++)
    {
      PinwheelMapNode *node = g_ptr_array_index (self->nodes, i);

      if (node->name != NULL
          && !g_ptr_array_find_with_equal_func (names, node->name, g_str_equal, NULL))
        g_ptr_array_add (names, node->name);
    }
  return pinwheel_args_check_used (self->args, PINWHEEL_ERROR_PARSE, "names in the expression",
                                   names, error);
}

char *
pinwheel_map_source (const char *expr, const char *args, PinwheelFormat *input, char **outputs,
                     GError **error)
{
  g_autoptr (PinwheelArgs) parsed = NULL;
  g_autoptr (PinwheelMapProgram) program = NULL;

  g_return_val_if_fail (expr != NULL && input != NULL && outputs != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  *outputs = NULL;
  parsed = pinwheel_args_new (args, PINWHEEL_ERROR_PARSE, error);
  if (parsed == NULL)
    return NULL;
  program = pinwheel_map_parse (expr, parsed, input, error);
  if (program == NULL || !pinwheel_map_type (program, error) || !check_args (program, error))
    return NULL;
  *outputs = write_outputs (program);
  return write_source (program);
}
