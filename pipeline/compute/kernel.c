/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "compute/complaint-private.h"
#include "compute/host-compiler-private.h"
#include "compute/kernel-private.h"

#define DEFAULT_BLOCK     256
#define MAX_BLOCK_THREADS 1024
#define MAX_BLOCK_Z       64

G_DEFINE_ENUM_TYPE (PinwheelFpMode, pinwheel_fp_mode,
                    G_DEFINE_ENUM_VALUE (PINWHEEL_FP_FAST, "fast"),
                    G_DEFINE_ENUM_VALUE (PINWHEEL_FP_EXACT, "exact"))
G_DEFINE_FINAL_TYPE (PinwheelKernel, pinwheel_kernel, G_TYPE_OBJECT)

static void
pinwheel_loaded_clear (gpointer data)
{
  PinwheelLoaded *loaded = data;

  g_clear_object (&loaded->function);
  g_clear_object (&loaded->device);
}

static void
pinwheel_kernel_finalize (GObject *object)
{
  PinwheelKernel *self = PINWHEEL_KERNEL (object);

  g_array_unref (self->loaded);
  g_clear_object (&self->cancellable);
  g_free (self->file);
  g_free (self->source);
  g_free (self->include_dir);
  g_clear_pointer (&self->code, g_bytes_unref);
  g_clear_pointer (&self->output, pinwheel_format_unref);
  g_clear_pointer (&self->input, pinwheel_format_unref);
  g_clear_pointer (&self->signature, pinwheel_signature_free);
  g_array_unref (self->kept);
  g_free (self->bindings);
  g_free (self->shared_text);
  g_free (self->warning);
  for (guint i = 0; i < G_N_ELEMENTS (self->grid_text); i++)
    g_free (self->grid_text[i]);

  G_OBJECT_CLASS (pinwheel_kernel_parent_class)->finalize (object);
}

static void
pinwheel_kernel_class_init (PinwheelKernelClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = pinwheel_kernel_finalize;
}

static void
pinwheel_kernel_init (PinwheelKernel *self)
{
  self->kept = g_array_new (FALSE, FALSE, sizeof (guint));
  self->loaded = g_array_new (FALSE, FALSE, sizeof (PinwheelLoaded));
  g_array_set_clear_func (self->loaded, pinwheel_loaded_clear);
}

/* Reads `x`, `x,y` or `x,y,z`; what is not there is 1. */
static gboolean
parse_block (PinwheelKernel *self, const char *text, GError **error)
{
  guint64 product = 1;
  gsize at = 0;

  self->has_block = text != NULL;
  self->block[0] = text == NULL ? DEFAULT_BLOCK : 1;
  self->block[1] = self->block[2] = 1;
  for (guint i = 0; text != NULL; i++)
    {
      char *end;
      guint64 value;

      at += strspn (text + at, " \t");
      value = g_ascii_isdigit (text[at]) ? g_ascii_strtoull (text + at, &end, 10) : 0;
      if (i == 3 || value == 0 || value > MAX_BLOCK_THREADS || (i == 2 && value > MAX_BLOCK_Z)
          || (product *= value) > MAX_BLOCK_THREADS)
        {
          pinwheel_set_text_error (error, PINWHEEL_ERROR_KERNEL, "block", text, at,
                                   MAX (1, strcspn (text + at, ", ")),
                                   "expected threads of a block x,y,z: one to three numbers, of "
                                   "which z is at most %d and the product at most %d",
                                   MAX_BLOCK_Z, MAX_BLOCK_THREADS);
          return FALSE;
        }
      self->block[i] = (guint) value;
      at = (gsize) (end - text);
      at += strspn (text + at, " \t");
      if (text[at] == '\0')
        break;
      if (text[at] != ',')
        {
          pinwheel_set_text_error (error, PINWHEEL_ERROR_KERNEL, "block", text, at, 1,
                                   "expected a comma, as in 16,16");
          return FALSE;
        }
      at++;
    }
  return TRUE;
}

/* Cuts at the commas that are in no brackets. */
static GPtrArray *
split_expressions (const char *text)
{
  GPtrArray *parts = g_ptr_array_new_with_free_func (g_free);
  const char *from = text;
  int depth = 0;

  for (;; text++)
    {
      depth += *text == '(' ? 1 : *text == ')' ? -1 : 0;
      if (*text != '\0' && (*text != ',' || depth > 0))
        continue;
      g_ptr_array_add (parts, g_strndup (from, (gsize) (text - from)));
      if (*text == '\0')
        return parts;
      from = text + 1;
    }
}

/* @written: (out): how it is called in messages */
static gboolean
parse_expression (PinwheelKernel *self, PinwheelExpression *expression, char **written,
                  const char *label, const char *text, PinwheelArgs *args, GError **error)
{
  if (!pinwheel_expression_parse (expression, label, text, args, error))
    return FALSE;
  *written = g_strdup_printf ("%s=%s", label, text);
  if (expression->uses_total && pinwheel_format_n_items (self->input) == PINWHEEL_ITEMS_UNKNOWN)
    {
      g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_KERNEL,
                   "%s uses N, the number of items in all, which is not known before the end of "
                   "this stream; use n, those of a chunk",
                   *written);
      return FALSE;
    }
  return TRUE;
}

static gboolean
parse_shared (PinwheelKernel *self, const PinwheelKernelSpec *spec, PinwheelArgs *args,
              GError **error)
{
  if (spec->shared == NULL && self->signature->dynamic_shared)
    {
      g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_KERNEL,
                   "%s:%u:%u: kernel '%s' has shared memory whose size is not in the source "
                   "(extern __shared__); give its bytes with shared=",
                   self->signature->file, self->signature->line, self->signature->column,
                   self->signature->name);
      return FALSE;
    }
  return parse_expression (self, &self->shared, &self->shared_text, "shared",
                           spec->shared != NULL ? spec->shared : "0", args, error);
}

static gboolean
parse_grid (PinwheelKernel *self, const PinwheelKernelSpec *spec, PinwheelArgs *args,
            GError **error)
{
  g_autoptr (GPtrArray) parts = NULL;

  if (spec->grid == NULL)
    {
      const char *threads = spec->threads != NULL ? spec->threads : self->signature->threads;

      return parse_expression (self, &self->grid[0], &self->grid_text[0], "threads",
                               threads != NULL ? threads : "n", args, error);
    }
  if (spec->threads != NULL)
    {
      g_set_error_literal (error, PINWHEEL_ERROR, PINWHEEL_ERROR_KERNEL,
                           "both threads= and grid= are given; threads= is for one thread per "
                           "element, grid= for blocks laid out by hand: keep one");
      return FALSE;
    }
  parts = split_expressions (spec->grid);
  if (parts->len > 3)
    {
      g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_KERNEL,
                   "grid=%s has %u parts; expected blocks x,y,z: one to three", spec->grid,
                   parts->len);
      return FALSE;
    }
  self->has_grid = TRUE;
  for (guint i = 0; i < 3; i++)
    if (!parse_expression (self, &self->grid[i], &self->grid_text[i], "grid",
                           i < parts->len ? g_ptr_array_index (parts, i) : "1", args, error))
      return FALSE;
  return TRUE;
}

/* Compiled code does not say what its arguments are called. */
static gboolean
declare_signature (PinwheelKernel *self, const PinwheelKernelSpec *spec, GError **error)
{
  g_autofree char *text = NULL;

  if (spec->entry == NULL || spec->parameters == NULL)
    {
      g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_KERNEL,
                   "'%s' is compiled code: name the kernel in entry=, as it is called there, and "
                   "declare what it takes in parameters=, as in \"const float *x, float *y, int "
                   "n\"",
                   self->file);
      return FALSE;
    }
  if (!pinwheel_code_check (self->code, self->file, spec->entry, error))
    return FALSE;
  text = g_strdup_printf ("__global__ void %s (%s) {}", spec->entry, spec->parameters);
  self->signature = pinwheel_signature_new ("parameters", text, spec->entry, error);
  return self->signature != NULL;
}

static gboolean
read_signature (PinwheelKernel *self, const PinwheelKernelSpec *spec, GError **error)
{
  g_autofree char *preprocessed = NULL;

  if (spec->code != NULL)
    return declare_signature (self, spec, error);
  if (spec->parameters != NULL)
    {
      g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_KERNEL,
                   "parameters= is for compiled code (PTX, cubin, fatbin); '%s' is CUDA C and "
                   "declares its own",
                   self->file);
      return FALSE;
    }
  if (pinwheel_host_needs_preprocessor (self->file, spec->source))
    {
      preprocessed = pinwheel_host_preprocess (self->file, spec->source, spec->include_dir,
                                               spec->cancellable, error);
      if (preprocessed == NULL)
        return FALSE;
    }
  self->signature = pinwheel_signature_new (
      self->file, preprocessed != NULL ? preprocessed : spec->source, spec->entry, error);
  return self->signature != NULL;
}

PinwheelKernel *
pinwheel_kernel_new (const PinwheelKernelSpec *spec, PinwheelFormat *input, GError **error)
{
  g_autoptr (PinwheelKernel) self = NULL;
  g_autoptr (PinwheelArgs) args = NULL;

  g_return_val_if_fail (spec != NULL && (spec->source != NULL || spec->code != NULL), NULL);
  g_return_val_if_fail (input != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  self = g_object_new (PINWHEEL_TYPE_KERNEL, NULL);
  self->input = pinwheel_format_ref (input);
  self->file = g_strdup (spec->file != NULL ? spec->file : "kernel.cu");
  self->source = g_strdup (spec->source);
  self->code = spec->code != NULL ? g_bytes_ref (spec->code) : NULL;
  self->include_dir = g_strdup (spec->include_dir);
  self->fp_mode = spec->fp_mode;
  g_set_object (&self->cancellable, spec->cancellable);
  self->deterministic = spec->deterministic;
  args = pinwheel_args_new (spec->args, PINWHEEL_ERROR_KERNEL, error);
  if (args == NULL || !read_signature (self, spec, error) || !parse_block (self, spec->block, error)
      || !parse_grid (self, spec, args, error) || !parse_shared (self, spec, args, error)
      || !pinwheel_kernel_bind (self, spec, args, error))
    return NULL;
  return g_steal_pointer (&self);
}

PinwheelFormat *
pinwheel_kernel_get_output (PinwheelKernel *self)
{
  g_return_val_if_fail (PINWHEEL_IS_KERNEL (self), NULL);

  return self->output;
}

guint
pinwheel_kernel_get_n_outputs (PinwheelKernel *self)
{
  g_return_val_if_fail (PINWHEEL_IS_KERNEL (self), 0);

  return self->n_outputs;
}

const char *
pinwheel_kernel_get_entry (PinwheelKernel *self)
{
  g_return_val_if_fail (PINWHEEL_IS_KERNEL (self), NULL);

  return self->signature->qualified;
}

const char *
pinwheel_kernel_get_warning (PinwheelKernel *self)
{
  g_return_val_if_fail (PINWHEEL_IS_KERNEL (self), NULL);

  return self->warning;
}
