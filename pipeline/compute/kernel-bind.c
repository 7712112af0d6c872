/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "compute/complaint-private.h"
#include "compute/kernel-private.h"

/* A parameter of such a prefix is the input, the output or the scalar of args= of the name behind
 * it: generated code takes any name that way, and one name twice, as in `y = y + a`. */
#define INPUT_PREFIX  "pinwheel_in_"
#define OUTPUT_PREFIX "pinwheel_out_"
#define ARG_PREFIX    "pinwheel_arg_"

/* What is needed while binding. */
typedef struct
{
  PinwheelKernel *kernel;
  PinwheelArgs *args;
  GArray *shapes; /* (element-type PinwheelOutputShape) of outputs= */
  GArray *arrays; /* (element-type PinwheelArray) of the output's format so far */
} Binder;

static gboolean fail (Binder *self, const PinwheelParameter *parameter, GError **error,
                      const char *format, ...) G_GNUC_PRINTF (4, 5);
static gboolean
fail (Binder *self, const PinwheelParameter *parameter, GError **error, const char *format, ...)
{
  g_autofree char *message = NULL;
  va_list arguments;

  va_start (arguments, format);
  message = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_KERNEL, "%s:%u:%u: kernel '%s': %s",
               parameter->file, parameter->line, parameter->column, self->kernel->signature->name,
               message);
  return FALSE;
}

static GPtrArray *
input_names (PinwheelFormat *input)
{
  GPtrArray *names = g_ptr_array_new ();

  for (guint i = 0; i < pinwheel_format_n_arrays (input); i++)
    g_ptr_array_add (names, (gpointer) pinwheel_format_array (input, i)->name);
  return names;
}

static gboolean
is_chunk_scalar (const char *name)
{
  return strcmp (name, "n") == 0 || strcmp (name, "start") == 0 || strcmp (name, "N") == 0;
}

static const char *
scalar_name (const PinwheelParameter *parameter)
{
  return g_str_has_prefix (parameter->name, ARG_PREFIX) ? parameter->name + strlen (ARG_PREFIX)
                                                        : parameter->name;
}

/* @writers: names of pointers that are not const; else of scalars that args= gives */
static GPtrArray *
parameter_names (const PinwheelSignature *signature, gboolean writers)
{
  GPtrArray *names = g_ptr_array_new ();

  for (guint i = 0; i < signature->parameters->len; i++)
    {
      const PinwheelParameter *parameter = pinwheel_signature_parameter (signature, i);
      const PinwheelCType *type = &parameter->type;

      if (writers ? type->is_pointer && !type->is_const
                  : !type->is_pointer && !is_chunk_scalar (parameter->name))
        g_ptr_array_add (names, writers ? parameter->name : (gpointer) scalar_name (parameter));
    }
  return names;
}

static gboolean
check_input_dtype (Binder *self, const PinwheelParameter *parameter, const PinwheelArray *array,
                   GError **error)
{
  g_autofree char *type = pinwheel_ctype_to_string (&parameter->type);
  g_autofree char *text = NULL;

  if (array->dtype == parameter->type.dtype)
    return TRUE;
  text = pinwheel_array_to_string (array);
  return fail (self, parameter, error,
               "'%s' is declared %s, which is %s, but the input array is %s; change one of them",
               parameter->name, type, pinwheel_dtype_to_string (parameter->type.dtype), text);
}

static gboolean
bind_input (Binder *self, const PinwheelParameter *parameter, const char *name,
            PinwheelBinding *binding, GError **error)
{
  PinwheelFormat *input = self->kernel->input;
  int index = pinwheel_format_find (input, name);

  if (index < 0)
    {
      g_autoptr (GPtrArray) names = input_names (input);
      g_autofree char *hint = pinwheel_name_hint (name, "inputs", names);

      if (pinwheel_outputs_find (self->shapes, name) != NULL)
        return fail (self, parameter, error,
                     "'%s' is in outputs=, but its type says const; take the const away", name);
      return fail (self, parameter, error, "there is no input array '%s' for this parameter%s",
                   name, hint);
    }
  binding->role = PINWHEEL_ROLE_INPUT;
  binding->input = (guint) index;
  return check_input_dtype (self, parameter, pinwheel_format_array (input, (guint) index), error);
}

static void
add_output (Binder *self, const PinwheelArray *array, PinwheelBinding *binding)
{
  binding->output = self->arrays->len;
  g_array_append_vals (self->arrays, array, 1);
}

static gboolean
bind_in_place (Binder *self, const PinwheelParameter *parameter, guint index,
               PinwheelBinding *binding, GError **error)
{
  const PinwheelArray *array = pinwheel_format_array (self->kernel->input, index);

  if (!check_input_dtype (self, parameter, array, error))
    return FALSE;
  if (pinwheel_array_is_broadcast (array))
    return fail (self, parameter, error,
                 "'%s' is a broadcast array, the same for every chunk, and cannot be written; make "
                 "the parameter const, or give an output of this name a shape in outputs=",
                 parameter->name);
  binding->role = PINWHEEL_ROLE_IN_PLACE;
  binding->input = index;
  add_output (self, array, binding);
  return TRUE;
}

static gboolean
bind_output (Binder *self, const PinwheelParameter *parameter, const char *name,
             PinwheelBinding *binding, GError **error)
{
  PinwheelOutputShape *shape = pinwheel_outputs_find (self->shapes, name);
  int index = pinwheel_format_find (self->kernel->input, name);
  PinwheelArray array;
  GError *cause = NULL;

  if (shape == NULL && index >= 0)
    return bind_in_place (self, parameter, (guint) index, binding, error);
  if (shape == NULL)
    {
      g_autoptr (GPtrArray) names = input_names (self->kernel->input);
      g_autofree char *hint = pinwheel_name_hint (name, "inputs", names);

      return fail (self, parameter, error,
                   "'%s' is an output without a shape; name it in outputs=, as in \"%s[*]\"%s",
                   name, name, hint);
    }
  shape->used = TRUE;
  if (shape->has_dtype && shape->dtype != parameter->type.dtype)
    return fail (self, parameter, error, "'%s' is %s here, but %s in outputs=", name,
                 pinwheel_dtype_to_string (parameter->type.dtype),
                 pinwheel_dtype_to_string (shape->dtype));
  if (!pinwheel_array_init (&array, name, parameter->type.dtype, shape->n_dims, shape->shape,
                            shape->chunk_axis, &cause))
    {
      fail (self, parameter, error, "output '%s': %s", name, cause->message);
      g_error_free (cause);
      return FALSE;
    }
  binding->role = PINWHEEL_ROLE_OUTPUT;
  add_output (self, &array, binding);
  return TRUE;
}

static gboolean
bind_pointer (Binder *self, const PinwheelParameter *parameter, PinwheelBinding *binding,
              GError **error)
{
  const char *name = parameter->name;

  if (parameter->type.is_const && g_str_has_prefix (name, INPUT_PREFIX))
    name += strlen (INPUT_PREFIX);
  else if (!parameter->type.is_const && g_str_has_prefix (name, OUTPUT_PREFIX))
    name += strlen (OUTPUT_PREFIX);
  if (parameter->type.is_const)
    return bind_input (self, parameter, name, binding, error);
  return bind_output (self, parameter, name, binding, error);
}

static gboolean
bind_chunk_scalar (Binder *self, const PinwheelParameter *parameter, PinwheelBinding *binding,
                   GError **error)
{
  PinwheelDTypeClass class = pinwheel_dtype_class (parameter->type.dtype);

  if (class != PINWHEEL_DTYPE_CLASS_INT && class != PINWHEEL_DTYPE_CLASS_UINT)
    return fail (self, parameter, error, "'%s' counts items and must be of an integer type, not %s",
                 parameter->name, parameter->type.spelling);
  if (pinwheel_args_find (self->args, parameter->name) != NULL)
    return fail (self, parameter, error,
                 "'%s' counts items and is not given in args=: n is the chunk's items, start its "
                 "first one, N all of them",
                 parameter->name);
  binding->role = parameter->name[0] == 'n'   ? PINWHEEL_ROLE_ITEMS
                  : parameter->name[0] == 's' ? PINWHEEL_ROLE_START
                                              : PINWHEEL_ROLE_TOTAL;
  if (binding->role == PINWHEEL_ROLE_TOTAL
      && pinwheel_format_n_items (self->kernel->input) == PINWHEEL_ITEMS_UNKNOWN)
    return fail (self, parameter, error,
                 "'N' is the number of items in all, which is not known before the end of this "
                 "stream; do without it");
  return TRUE;
}

static gboolean
bind_scalar (Binder *self, const PinwheelParameter *parameter, PinwheelBinding *binding,
             GError **error)
{
  const char *name = scalar_name (parameter);
  PinwheelArg *arg = pinwheel_args_find (self->args, name);
  g_autofree char *who = NULL;

  if (is_chunk_scalar (parameter->name))
    return bind_chunk_scalar (self, parameter, binding, error);
  if (arg == NULL)
    {
      g_autoptr (GPtrArray) names = pinwheel_args_names (self->args);
      g_autofree char *hint = pinwheel_name_hint (name, "args= has", names);

      return fail (self, parameter, error,
                   "'%s' (%s) has no value; give it in args=, as in \"%s=1\"%s", name,
                   parameter->type.spelling, name, hint);
    }
  arg->used = TRUE;
  binding->role = PINWHEEL_ROLE_SCALAR;
  who = g_strdup_printf ("kernel '%s': '%s'", self->kernel->signature->name, name);
  return pinwheel_arg_store (self->args, arg, parameter->type.dtype, who, &binding->value, error);
}

static gboolean
bind_parameters (Binder *self, GError **error)
{
  const PinwheelSignature *signature = self->kernel->signature;

  if (signature->parameters->len > PINWHEEL_MAX_ARGUMENTS)
    return fail (self, pinwheel_signature_parameter (signature, PINWHEEL_MAX_ARGUMENTS), error,
                 "it has %u parameters; at most %d can be passed", signature->parameters->len,
                 PINWHEEL_MAX_ARGUMENTS);
  for (guint i = 0; i < signature->parameters->len; i++)
    {
      const PinwheelParameter *parameter = pinwheel_signature_parameter (signature, i);
      PinwheelBinding *binding = &self->kernel->bindings[i];

      if (parameter->type.is_pointer ? !bind_pointer (self, parameter, binding, error)
                                     : !bind_scalar (self, parameter, binding, error))
        return FALSE;
    }
  self->kernel->n_outputs = self->arrays->len;
  return TRUE;
}

static gboolean
check_outputs (Binder *self, const PinwheelKernelSpec *spec, GError **error)
{
  const PinwheelSignature *signature = self->kernel->signature;
  g_autoptr (GPtrArray) names = parameter_names (signature, TRUE);

  for (guint i = 0; i < self->shapes->len; i++)
    {
      PinwheelOutputShape *shape = &g_array_index (self->shapes, PinwheelOutputShape, i);
      g_autofree char *hint = NULL;

      if (shape->used)
        continue;
      hint = pinwheel_name_hint (shape->name, "it writes", names);
      pinwheel_set_text_error (error, PINWHEEL_ERROR_KERNEL, "outputs", spec->outputs,
                               shape->offset, strlen (shape->name),
                               "kernel '%s' has no parameter '%s' that it could write%s",
                               signature->name, shape->name, hint);
      return FALSE;
    }
  if (self->kernel->n_outputs == 0)
    {
      g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_KERNEL,
                   "%s:%u:%u: kernel '%s' has no output: expected a pointer parameter that is not "
                   "const",
                   signature->file, signature->line, signature->column, signature->name);
      return FALSE;
    }
  return TRUE;
}

static gboolean
keep_input (Binder *self, const char *text, gsize offset, gsize length, GError **error)
{
  g_autofree char *name = g_strndup (text + offset, length);
  int index = pinwheel_format_find (self->kernel->input, name);
  guint kept = (guint) index;

  if (index < 0)
    {
      g_autoptr (GPtrArray) names = input_names (self->kernel->input);
      g_autofree char *hint = pinwheel_name_hint (name, "inputs", names);

      pinwheel_set_text_error (error, PINWHEEL_ERROR_KERNEL, "keep", text, offset, length,
                               "there is no input array '%s'%s", name, hint);
      return FALSE;
    }
  for (guint i = 0; i < self->arrays->len; i++)
    if (strcmp (g_array_index (self->arrays, PinwheelArray, i).name, name) == 0)
      {
        pinwheel_set_text_error (error, PINWHEEL_ERROR_KERNEL, "keep", text, offset, length,
                                 i < self->kernel->n_outputs
                                     ? "'%s' is made anew by the kernel and cannot be kept too"
                                     : "'%s' is there twice",
                                 name);
        return FALSE;
      }
  g_array_append_vals (self->arrays, pinwheel_format_array (self->kernel->input, kept), 1);
  g_array_append_val (self->kernel->kept, kept);
  return TRUE;
}

static gboolean
bind_kept (Binder *self, const char *text, GError **error)
{
  gsize at = 0;

  while (text != NULL)
    {
      gsize length;

      at += strspn (text + at, " ,\t\n\r");
      if (text[at] == '\0')
        break;
      length = strcspn (text + at, " ,\t\n\r");
      if (!keep_input (self, text, at, length, error))
        return FALSE;
      at += length;
    }
  return TRUE;
}

gboolean
pinwheel_kernel_bind (PinwheelKernel *self, const PinwheelKernelSpec *spec, PinwheelArgs *args,
                      GError **error)
{
  g_autoptr (GArray) shapes = pinwheel_outputs_parse (spec->outputs, error);
  g_autoptr (GArray) arrays = g_array_new (FALSE, FALSE, sizeof (PinwheelArray));
  g_autoptr (GPtrArray) scalars = parameter_names (self->signature, FALSE);
  Binder binder = { self, args, shapes, arrays };

  if (shapes == NULL)
    return FALSE;
  self->bindings = g_new0 (PinwheelBinding, self->signature->parameters->len);
  if (!bind_parameters (&binder, error) || !check_outputs (&binder, spec, error)
      || !bind_kept (&binder, spec->keep, error)
      || !pinwheel_args_check_used (args, PINWHEEL_ERROR_KERNEL, "the kernel's scalars", scalars,
                                    error))
    return FALSE;
  self->output = pinwheel_format_new ((const PinwheelArray *) (gpointer) arrays->data, arrays->len,
                                      pinwheel_format_n_items (self->input), error);
  return self->output != NULL;
}
