/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include <pinwheel/error.h>

#include "compute/complaint-private.h"
#include "compute/signature-private.h"

static void
clear_parameter (gpointer data)
{
  g_free (((PinwheelParameter *) data)->name);
}

static void
clear_edit (gpointer data)
{
  g_free (((PinwheelEdit *) data)->text);
}

static void set_error_at (GError **error, const PinwheelTokens *tokens, guint i, const char *format,
                          ...) G_GNUC_PRINTF (4, 5);
static void
set_error_at (GError **error, const PinwheelTokens *tokens, guint i, const char *format, ...)
{
  const PinwheelToken *token = &tokens->items[MIN (i, tokens->n_items)];
  g_autofree char *message = NULL;
  va_list arguments;

  va_start (arguments, format);
  message = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_KERNEL, "%s:%u:%u: %s", token->file,
               token->line, token->column, message);
}

/* Returns: index of the definition to use, or -1 with @error */
static int
choose_kernel (const PinwheelTokens *tokens, GArray *kernels, const char *file, const char *entry,
               GError **error)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  int found = -1;

  for (guint i = 0; i < kernels->len; i++)
    {
      PinwheelKernelText *kernel = &g_array_index (kernels, PinwheelKernelText, i);

      if (kernel->body_open == 0)
        continue;
      g_ptr_array_add (names, kernel->name);
      if (entry != NULL && strcmp (kernel->name, entry) != 0)
        continue;
      if (found >= 0 && entry != NULL)
        {
          set_error_at (error, tokens, kernel->at,
                        "there are two kernels called '%s'; give them different names", entry);
          return -1;
        }
      found = (int) i;
    }
  if (names->len == 0)
    g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_KERNEL,
                 "%s: there is no kernel in it: expected a function marked __global__", file);
  else if (found < 0)
    {
      g_autofree char *hint = pinwheel_name_hint (entry, "kernels in it", names);

      g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_KERNEL, "%s: there is no kernel '%s'%s",
                   file, entry, hint);
    }
  else if (entry == NULL && names->len > 1)
    {
      g_autofree char *list = pinwheel_name_list (names);

      g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_KERNEL,
                   "%s: there are several kernels: %s; choose one with entry=", file, list);
      return -1;
    }
  return found;
}

/* End of the parameter that begins at @i: its comma, or @close */
static guint
find_parameter_end (const PinwheelTokens *tokens, guint i, guint close)
{
  guint angles = 0;

  for (; i < close; i++)
    {
      if (pinwheel_token_is (tokens, i, "(") || pinwheel_token_is (tokens, i, "{")
          || pinwheel_token_is (tokens, i, "["))
        i = pinwheel_token_match (tokens, i);
      else if (pinwheel_token_is (tokens, i, "<"))
        angles++;
      else if (pinwheel_token_is (tokens, i, ">"))
        angles = angles > 0 ? angles - 1 : 0;
      else if (angles == 0 && pinwheel_token_is (tokens, i, ","))
        break;
    }
  return MIN (i, close);
}

/* Reads the parameter in tokens [@i, @end). */
static gboolean
read_parameter (PinwheelSignature *self, PinwheelTypedefs *typedefs, guint i, guint end,
                GError **error)
{
  const PinwheelTokens *tokens = self->tokens;
  PinwheelParameter parameter = { 0 };
  guint name = i;

  if (!pinwheel_ctype_read (tokens, typedefs, i, end, &parameter.type, &name))
    {
      gsize from = tokens->items[i].offset;

      set_error_at (error, tokens, i,
                    "kernel '%s': the parameter '%.*s' is neither a number nor a pointer to "
                    "numbers; expected bool, an integer type, float, double, or a pointer to one "
                    "of these, to float2 or to double2",
                    self->name, (int) MIN (tokens->items[end].offset - from, 60),
                    tokens->text + from);
      return FALSE;
    }
  if (name >= end || tokens->items[name].kind != PINWHEEL_TOKEN_NAME)
    {
      set_error_at (error, tokens, i,
                    "kernel '%s': parameter %u has no name; arguments are bound by name",
                    self->name, self->parameters->len + 1);
      return FALSE;
    }
  if (name + 1 < end && pinwheel_token_is (tokens, name + 1, "[") && !parameter.type.is_pointer)
    parameter.type.is_pointer = TRUE;
  else if (name + 1 < end && !pinwheel_token_is (tokens, name + 1, "="))
    {
      set_error_at (error, tokens, name + 1, "kernel '%s': the parameter goes on behind its name",
                    self->name);
      return FALSE;
    }
  parameter.name = pinwheel_token_dup (tokens, name);
  parameter.file = tokens->items[name].file;
  parameter.line = tokens->items[name].line;
  parameter.column = tokens->items[name].column;
  g_array_append_val (self->parameters, parameter);
  if (!parameter.type.is_pointer
      && (parameter.type.dtype == PINWHEEL_DTYPE_F16
          || pinwheel_dtype_class (parameter.type.dtype) == PINWHEEL_DTYPE_CLASS_COMPLEX))
    {
      set_error_at (error, tokens, name,
                    "kernel '%s': '%s' is a %s passed by value, which args= cannot give; pass its "
                    "parts as float or double",
                    self->name, parameter.name, parameter.type.spelling);
      return FALSE;
    }
  return TRUE;
}

static gboolean
read_parameters (PinwheelSignature *self, PinwheelTypedefs *typedefs,
                 const PinwheelKernelText *kernel, GError **error)
{
  guint i = kernel->open + 1;

  if (i == kernel->close || (i + 1 == kernel->close && pinwheel_token_is (self->tokens, i, "void")))
    return TRUE;
  while (i <= kernel->close)
    {
      guint end = find_parameter_end (self->tokens, i, kernel->close);

      if (end == i)
        {
          set_error_at (error, self->tokens, i, "kernel '%s': a parameter is missing here",
                        self->name);
          return FALSE;
        }
      if (!read_parameter (self, typedefs, i, end, error))
        return FALSE;
      i = end + 1;
    }
  return TRUE;
}

/* Every declaration of the entry takes the thread's place as parameters. */
static void
add_insertion (PinwheelSignature *self, const PinwheelKernelText *kernel)
{
  const PinwheelTokens *tokens = self->tokens;
  const PinwheelToken *next = &tokens->items[kernel->open + 1];
  gboolean is_void = kernel->open + 2 == kernel->close
                     && pinwheel_token_is (tokens, kernel->open + 1, "void");
  PinwheelEdit edit = { .offset = tokens->items[kernel->open].offset + 1,
                        .insert = TRUE,
                        .empty_list = kernel->open + 1 == kernel->close || is_void };

  if (is_void)
    next++;
  edit.file = next->file;
  edit.line = next->line;
  edit.column = next->column;
  /* blanks and comments up to the next token go: its place is set again */
  edit.remove = next->offset - edit.offset;
  g_array_append_val (self->edits, edit);
}

gboolean
pinwheel_signature_waits (const PinwheelSignature *self, guint from, guint to)
{
  for (guint i = 0; i < self->waits->len; i++)
    {
      guint at = g_array_index (self->waits, PinwheelRefusal, i).at;

      if (at > from && at < to)
        return TRUE;
    }
  return FALSE;
}

static int
compare_edits (gconstpointer a, gconstpointer b)
{
  gsize one = ((const PinwheelEdit *) a)->offset, other = ((const PinwheelEdit *) b)->offset;

  return one < other ? -1 : one > other;
}

/* Between tokens @from and @to, which are outside of kernels */
static void
scan_outside (PinwheelSignature *self, guint from, guint to)
{
  const PinwheelTokens *tokens = self->tokens;

  pinwheel_signature_scan (self, from, to, FALSE);
  for (guint k = from; k < MIN (to, tokens->n_items); k++)
    {
      gboolean is_index = pinwheel_token_is (tokens, k, "threadIdx");

      self->thread_index_outside |= is_index;
      if (is_index || pinwheel_token_is (tokens, k, "blockIdx")
          || pinwheel_token_is (tokens, k, "gridDim")
          || pinwheel_token_is (tokens, k, "__shared__"))
        g_array_append_val (self->own_uses, k);
    }
}

static void
collect_edits (PinwheelSignature *self, GArray *kernels, const PinwheelKernelText *entry)
{
  const PinwheelTokens *tokens = self->tokens;
  guint from = 0;

  pinwheel_signature_forget_others (self, kernels, entry);
  for (guint i = 0; i < kernels->len; i++)
    {
      const PinwheelKernelText *kernel = &g_array_index (kernels, PinwheelKernelText, i);

      if (strcmp (kernel->qualified, entry->qualified) == 0)
        add_insertion (self, kernel);
      else if (kernel->body_open > 0)
        {
          gsize start = tokens->items[kernel->body_open].offset + 1;
          PinwheelEdit edit = { .offset = start,
                                .remove = tokens->items[kernel->body_close].offset - start };

          g_array_append_val (self->edits, edit);
        }
      if (kernel->body_open == 0)
        continue;
      scan_outside (self, from, kernel->at);
      if (kernel == entry)
        pinwheel_signature_scan (self, kernel->at, kernel->body_close, TRUE);
      from = kernel->body_close + 1;
    }
  scan_outside (self, from, tokens->n_items);
  g_array_sort (self->edits, compare_edits);
}

static gboolean
read_entry (PinwheelSignature *self, GArray *kernels, PinwheelTypedefs *typedefs, const char *file,
            const char *entry, GError **error)
{
  int chosen = choose_kernel (self->tokens, kernels, file, entry, error);
  const PinwheelKernelText *kernel;

  if (chosen < 0)
    return FALSE;
  kernel = &g_array_index (kernels, PinwheelKernelText, chosen);
  self->name = g_strdup (kernel->name);
  self->qualified = g_strdup (kernel->qualified);
  self->file = self->tokens->items[kernel->at].file;
  self->line = self->tokens->items[kernel->at].line;
  self->column = self->tokens->items[kernel->at].column;
  self->body_open = kernel->body_open;
  self->body_close = kernel->body_close;
  self->threads = g_strdup (kernel->threads);
  if (kernel->is_template)
    {
      set_error_at (error, self->tokens, kernel->at,
                    "kernel '%s' is a template, whose parameters have no types yet; call it as a "
                    "__device__ function from a kernel with plain types",
                    kernel->name);
      return FALSE;
    }
  if (!kernel->is_void)
    {
      set_error_at (error, self->tokens, kernel->at, "kernel '%s' must return void", kernel->name);
      return FALSE;
    }
  if (!read_parameters (self, typedefs, kernel, error))
    return FALSE;
  collect_edits (self, kernels, kernel);
  return TRUE;
}

PinwheelSignature *
pinwheel_signature_new (const char *file, const char *source, const char *entry, GError **error)
{
  g_autoptr (PinwheelSignature) self = g_new0 (PinwheelSignature, 1);
  g_autoptr (GHashTable) typedefs = pinwheel_typedefs_new ();
  g_autoptr (GArray) kernels = NULL;

  self->tokens = pinwheel_tokens_new (file, source);
  self->parameters = g_array_new (FALSE, FALSE, sizeof (PinwheelParameter));
  g_array_set_clear_func (self->parameters, clear_parameter);
  self->edits = g_array_new (FALSE, FALSE, sizeof (PinwheelEdit));
  g_array_set_clear_func (self->edits, clear_edit);
  self->refusals = pinwheel_refusals_new ();
  self->waits = pinwheel_refusals_new ();
  self->own_uses = g_array_new (FALSE, FALSE, sizeof (guint));

  kernels = pinwheel_kernels_find (self->tokens, typedefs);
  if (!read_entry (self, kernels, typedefs, file, entry, error))
    return NULL;
  return g_steal_pointer (&self);
}

void
pinwheel_signature_free (PinwheelSignature *self)
{
  g_array_unref (self->parameters);
  g_array_unref (self->edits);
  g_array_unref (self->refusals);
  g_array_unref (self->waits);
  g_array_unref (self->own_uses);
  g_free (self->name);
  g_free (self->qualified);
  g_free (self->threads);
  pinwheel_tokens_free (self->tokens);
  g_free (self);
}

const PinwheelParameter *
pinwheel_signature_parameter (const PinwheelSignature *self, guint i)
{
  return &g_array_index (self->parameters, PinwheelParameter, i);
}
