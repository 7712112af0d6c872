/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A kernel that was compiled to a shared object. */
#include "config.h"

#include <dlfcn.h>
#include <string.h>

#include "device/host/fibers-private.h"
#include "device/host/host-function-private.h"
#include "device/workers-private.h"

G_DEFINE_FINAL_TYPE (PinwheelHostFunction, pinwheel_host_function, PINWHEEL_TYPE_FUNCTION)

static void
pinwheel_host_function_finalize (GObject *object)
{
  PinwheelHostFunction *self = PINWHEEL_HOST_FUNCTION (object);

  g_free (self->entry);
  g_free (self->argument_sizes);

  G_OBJECT_CLASS (pinwheel_host_function_parent_class)->finalize (object);
}

static void
pinwheel_host_function_class_init (PinwheelHostFunctionClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = pinwheel_host_function_finalize;
}

static void
pinwheel_host_function_init (PinwheelHostFunction *self)
{
}

static gboolean
check_arguments (const PinwheelImage *image, GError **error)
{
  gsize bytes = 0;

  if (image->n_arguments > PINWHEEL_MAX_ARGUMENTS)
    {
      g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_KERNEL,
                   "kernel '%s' has %u arguments; at most %d can be passed", image->entry,
                   image->n_arguments, PINWHEEL_MAX_ARGUMENTS);
      return FALSE;
    }
  for (guint i = 0; i < image->n_arguments; i++)
    if (image->argument_sizes[i] > PINWHEEL_MAX_ARGUMENT_BYTES - bytes)
      {
        g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_KERNEL,
                     "the arguments of kernel '%s' take more than the %d bytes that can be passed",
                     image->entry, PINWHEEL_MAX_ARGUMENT_BYTES);
        return FALSE;
      }
    else
      bytes += image->argument_sizes[i];
  return TRUE;
}

PinwheelFunction *
pinwheel_host_function_new_for_pointer (PinwheelHostRun run, const PinwheelImage *image,
                                        GError **error)
{
  PinwheelHostFunction *self;

  if (!check_arguments (image, error))
    return NULL;

  self = g_object_new (PINWHEEL_TYPE_HOST_FUNCTION, NULL);
  self->entry = g_strdup (image->entry);
  self->run = run;
  self->argument_sizes = g_memdup2 (image->argument_sizes,
                                    image->n_arguments * sizeof *image->argument_sizes);
  self->n_arguments = image->n_arguments;
  memcpy (self->block, image->block, sizeof self->block);
  return PINWHEEL_FUNCTION (self);
}

PinwheelFunction *
pinwheel_host_function_new (const PinwheelImage *image, GError **error)
{
  /* dlopen() would search the system's folders for a name without a slash */
  g_autofree char *location = g_canonicalize_filename (image->location, NULL);
  void *code = dlopen (location, RTLD_NOW | RTLD_LOCAL);
  PinwheelHostRun run = NULL;

  if (code != NULL)
    *(void **) &run = dlsym (code, PINWHEEL_HOST_SYMBOL);
  if (run == NULL)
    {
      const char *reason = dlerror ();

      g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_DEVICE,
                   "cannot load the compiled kernel '%s': %s", image->entry,
                   reason != NULL ? reason : location);
      return NULL;
    }
  return pinwheel_host_function_new_for_pointer (run, image, error);
}

static gboolean
check_launch (PinwheelHostFunction *self, const PinwheelLaunch *launch, guint64 *n_blocks,
              GError **error)
{
  const guint *fixed = self->block, *block = launch->block;

  *n_blocks = (guint64) launch->grid[0] * launch->grid[1];
  if (!g_uint64_checked_mul (n_blocks, *n_blocks, launch->grid[2]))
    {
      g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_KERNEL,
                   "kernel '%s': a grid of %u x %u x %u has more blocks than can be counted",
                   self->entry, launch->grid[0], launch->grid[1], launch->grid[2]);
      return FALSE;
    }
  if (fixed[0] != 0 && (fixed[0] != block[0] || fixed[1] != block[1] || fixed[2] != block[2]))
    {
      g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_KERNEL,
                   "kernel '%s' was compiled for blocks of %u x %u x %u threads, not %u x %u x %u",
                   self->entry, fixed[0], fixed[1], fixed[2], block[0], block[1], block[2]);
      return FALSE;
    }
  if (block[0] > PINWHEEL_HOST_BLOCK_THREADS || block[1] > PINWHEEL_HOST_BLOCK_THREADS
      || block[2] > PINWHEEL_HOST_BLOCK_THREADS
      || (guint64) block[0] * block[1] * block[2] > PINWHEEL_HOST_BLOCK_THREADS)
    {
      g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_KERNEL,
                   "kernel '%s': a block of %u x %u x %u has more than %d threads", self->entry,
                   block[0], block[1], block[2], PINWHEEL_HOST_BLOCK_THREADS);
      return FALSE;
    }
  if (launch->shared_bytes > PINWHEEL_HOST_SHARED_BYTES)
    {
      g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_KERNEL,
                   "kernel '%s' asks for %" G_GSIZE_FORMAT
                   " bytes of shared memory; a block gets at most %d",
                   self->entry, launch->shared_bytes, PINWHEEL_HOST_SHARED_BYTES);
      return FALSE;
    }
  return TRUE;
}

gboolean
pinwheel_host_function_prepare (PinwheelHostFunction *self, const PinwheelLaunch *launch,
                                PinwheelWorkCall *call, GError **error)
{
  *call = (PinwheelWorkCall){ .run = self->run,
                              .in_order = launch->in_order,
                              .n_arguments = self->n_arguments,
                              .argument_sizes = self->argument_sizes,
                              .arguments = launch->arguments };
  memcpy (call->shape.grid, launch->grid, sizeof call->shape.grid);
  memcpy (call->shape.block, launch->block, sizeof call->shape.block);
  call->shape.shared_bytes = launch->shared_bytes;
  call->shape.runtime = &pinwheel_host_runtime;
  return check_launch (self, launch, &call->n_blocks, error);
}

static void
run_blocks (gpointer data, guint64 first, guint64 end)
{
  PinwheelWorkLaunch *launch = data;

  launch->run (&launch->shape, launch->arguments, first, end);
}

GError *
pinwheel_host_run_launch (PinwheelWorkLaunch *launch, gint *stopped)
{
  PinwheelHostTrouble trouble = { 0 };

  launch->shape.trouble = &trouble;
  if (launch->in_order)
    pinwheel_workers_run_in_order (launch->n_blocks, run_blocks, launch, stopped);
  else
    pinwheel_workers_run (launch->n_blocks, run_blocks, launch, stopped);
  if (!trouble.set)
    return NULL;
  return g_error_new_literal (PINWHEEL_ERROR, PINWHEEL_ERROR_KERNEL, trouble.text);
}
