/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the caller asks of a module, and where its variables are. */
#include "config.h"

#include "ptx-private.h"

guint
ptx_module_get_target (const PtxModule *self)
{
  return self->target;
}

guint
ptx_module_get_n_entries (const PtxModule *self)
{
  guint n = 0;

  for (guint k = 0; k < self->functions->len; k++)
    n += (guint) ((PtxFunction *) g_ptr_array_index (self->functions, k))->is_entry;
  return n;
}

const PtxEntry *
ptx_module_get_entry (const PtxModule *self, guint number)
{
  for (guint k = 0; k < self->functions->len; k++)
    {
      const PtxFunction *function = g_ptr_array_index (self->functions, k);

      if (function->is_entry && number-- == 0)
        return function;
    }
  return NULL;
}

const PtxEntry *
ptx_module_find_entry (const PtxModule *self, const char *name)
{
  for (guint k = 0; k < self->functions->len; k++)
    {
      const PtxFunction *function = g_ptr_array_index (self->functions, k);

      if (function->is_entry && strcmp (function->name, name) == 0)
        return function;
    }
  return NULL;
}

const char *
ptx_entry_get_name (const PtxEntry *self)
{
  return self->name;
}

guint
ptx_entry_get_n_parameters (const PtxEntry *self)
{
  return self->parameters->len;
}

PtxParameter
ptx_entry_get_parameter (const PtxEntry *self, guint number)
{
  return g_array_index (self->parameters, PtxParameter, number);
}

gsize
ptx_entry_get_shared_size (const PtxEntry *self)
{
  return self->shared_size;
}

guint
ptx_entry_get_max_threads (const PtxEntry *self)
{
  return self->max_threads;
}

guint
ptx_module_get_n_variables (const PtxModule *self)
{
  return self->variables->len;
}

PtxVariable
ptx_module_get_variable (const PtxModule *self, guint number)
{
  return ((PtxVariableData *) g_ptr_array_index (self->variables, number))->public;
}

static guint64
fixed (const PtxModule *self, const PtxFix *fix)
{
  const PtxVariableData *variable;

  if (fix->kind == PTX_FIX_FUNCTION)
    return PTX_WINDOW_CODE + fix->number;
  variable = g_ptr_array_index (self->variables, fix->number);
  return variable->address + (guint64) fix->addend;
}

void
ptx_module_place (PtxModule *self, const guint64 *addresses)
{
  for (guint k = 0; k < self->variables->len; k++)
    ((PtxVariableData *) g_ptr_array_index (self->variables, k))->address = addresses[k];
  for (guint f = 0; f < self->functions->len; f++)
    {
      PtxFunction *function = g_ptr_array_index (self->functions, f);

      for (guint k = 0; k < function->fixes->len; k++)
        {
          const PtxFix *fix = &g_array_index (function->fixes, PtxFix, k);

          if (fix->kind == PTX_FIX_VARIABLE)
            g_array_index (function->constants, guint64, fix->at) = fixed (self, fix);
        }
    }
}

void
ptx_module_get_initial (const PtxModule *self, guint number, guint8 *bytes)
{
  const PtxVariableData *variable = g_ptr_array_index (self->variables, number);

  if (variable->public.size == 0)
    return;
  if (variable->initial != NULL)
    memcpy (bytes, variable->initial, variable->public.size);
  else
    memset (bytes, 0, variable->public.size);
  for (guint k = 0; variable->fixes != NULL && k < variable->fixes->len; k++)
    {
      const PtxFix *fix = &g_array_index (variable->fixes, PtxFix, k);
      guint64 value = fixed (self, fix);

      for (gsize b = 0; b < fix->width; b++)
        bytes[fix->at + b] = (guint8) (value >> (8 * b));
    }
}
