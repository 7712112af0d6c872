/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which compiler a kernel goes through, and how a device gets what it made. */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log-private.h"
#include "compute/host-compiler-private.h"
#include "compute/kernel-private.h"
#include "compute/nvrtc-private.h"
#include "device/device-private.h"

/* --- the host's code --- */

static PinwheelHostBuild
get_host_build (PinwheelKernel *self)
{
  PinwheelHostBuild build = { .fp_mode = self->fp_mode, .cancellable = self->cancellable };

  memcpy (build.block, self->block, sizeof build.block);
  return build;
}

/* There is nothing but code for CUDA devices. */
static gboolean
check_has_source (PinwheelKernel *self, GError **error)
{
  if (self->code == NULL)
    return TRUE;
  g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_KERNEL,
               "'%s' is compiled code, which only CUDA devices run; give the CUDA C that it was "
               "made of, or run it with device=cuda",
               self->file);
  return FALSE;
}

static void
set_warning (PinwheelKernel *self, const char *location)
{
  g_autofree char *reason = NULL;

  if (self->signature->waits->len > 0)
    reason = pinwheel_host_needs_fibers (location);
  g_clear_pointer (&self->warning, g_free);
  if (reason != NULL)
    self->warning = g_strdup_printf ("kernel '%s' runs as fibers (slow): %s", self->signature->name,
                                     reason);
}

/* @is_pointer: (out) (optional) (transfer full): for each argument
 * Returns: (transfer full): bytes of each argument */
static gsize *
list_arguments (PinwheelKernel *self, gboolean **is_pointer)
{
  guint n = self->signature->parameters->len;
  gboolean *pointers = g_new (gboolean, n);
  gsize *sizes = g_new (gsize, n);

  for (guint i = 0; i < n; i++)
    {
      const PinwheelCType *type = &pinwheel_signature_parameter (self->signature, i)->type;

      pointers[i] = type->is_pointer;
      sizes[i] = type->is_pointer ? sizeof (gpointer) : pinwheel_dtype_size (type->dtype);
    }
  if (is_pointer != NULL)
    *is_pointer = pointers;
  else
    g_free (pointers);
  return sizes;
}

static PinwheelFunction *
load_on_host (PinwheelKernel *self, PinwheelDevice *device, GError **error)
{
  PinwheelHostBuild build = get_host_build (self);
  g_autofree char *location = NULL;
  g_autofree gsize *sizes = NULL;
  g_autofree gboolean *pointers = NULL;
  PinwheelImage image = { 0 };
  PinwheelFunction *function;

  if (!check_has_source (self, error))
    return NULL;
  location = pinwheel_host_compile (self->signature, &build, error);
  if (location == NULL)
    return NULL;
  sizes = list_arguments (self, &pointers);
  image.location = location;
  image.entry = self->signature->name;
  image.argument_sizes = sizes;
  image.argument_is_pointer = pointers;
  image.n_arguments = self->signature->parameters->len;
  memcpy (image.block, self->block, sizeof image.block);
  function = pinwheel_device_load (device, &image, error);
  if (function != NULL)
    set_warning (self, location);
  return function;
}

/* --- code for CUDA devices --- */

static gboolean
build_for_cuda (PinwheelKernel *self, const char *arch, PinwheelNvrtcCode *code, GError **error)
{
  const PinwheelNvrtcBuild build = { .file = self->file,
                                     .source = self->source,
                                     .entry = self->signature->qualified,
                                     .include_dir = self->include_dir,
                                     .arch = arch,
                                     .fp_mode = self->fp_mode,
                                     .cancellable = self->cancellable };

  return pinwheel_nvrtc_build (&build, code, error);
}

/* @architecture: the device's, `sm_90`
 * Returns: (transfer full): what to compile for: the same, or where NVRTC is older than the device
 *   PTX for the newest architecture before it */
static char *
choose_target (const char *architecture, GError **error)
{
  const PinwheelNvrtc *nvrtc = pinwheel_nvrtc_open (error);
  g_autofree char *known = nvrtc != NULL ? pinwheel_nvrtc_list_archs (nvrtc) : NULL;
  g_auto (GStrv) all = known != NULL ? g_strsplit (known, " ", -1) : NULL;
  int wanted = atoi (architecture + strlen ("sm_")), best = 0;

  if (all == NULL)
    return NULL;
  for (guint i = 0; all[i] != NULL; i++)
    if (atoi (all[i]) <= wanted)
      best = MAX (best, atoi (all[i]));
  if (best == wanted)
    return g_strdup (architecture);
  if (best > 0)
    return g_strdup_printf ("compute_%d", best);
  g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_KERNEL,
               "NVRTC %d.%d compiles for %s and not for this device, %s, which is older; name the "
               "folder of an older CUDA Toolkit in CUDA_HOME",
               nvrtc->major, nvrtc->minor, known, architecture);
  return NULL;
}

gboolean
pinwheel_kernel_check_compiler (PinwheelKernel *self, PinwheelDevice *device, GError **error)
{
  const char *architecture = pinwheel_device_get_architecture (device);
  guint newest = pinwheel_device_get_newest_toolkit (device);
  g_autofree char *target = NULL;
  const PinwheelNvrtc *nvrtc;

  if (architecture == NULL || self->code != NULL)
    return TRUE;
  nvrtc = pinwheel_nvrtc_open (error);
  if (nvrtc == NULL)
    return FALSE;
  if (newest == 0 || (guint) nvrtc->major <= newest / 1000)
    {
      target = choose_target (architecture, error);
      return target != NULL;
    }
  g_set_error (
      error, PINWHEEL_ERROR, PINWHEEL_ERROR_KERNEL,
      "NVRTC %d.%d is newer than the NVIDIA driver, which takes code of CUDA %u.%u; update "
      "the driver, or name an older toolkit's folder in CUDA_HOME",
      nvrtc->major, nvrtc->minor, newest / 1000, newest % 1000 / 10);
  return FALSE;
}

typedef struct
{
  PinwheelKernel *kernel;
  const char *architecture; /* `sm_90` */
} Portable;

static GBytes *
make_portable (gpointer owner, GError **error)
{
  Portable *self = owner;
  g_autofree char *arch = g_strconcat ("compute_", self->architecture + strlen ("sm_"), NULL);
  g_auto (PinwheelNvrtcCode) code = { .code = NULL };

  if (!build_for_cuda (self->kernel, arch, &code, error))
    return NULL;
  return g_steal_pointer (&code.code);
}

static PinwheelFunction *
load_on_cuda (PinwheelKernel *self, PinwheelDevice *device, GError **error)
{
  Portable portable = { self, pinwheel_device_get_architecture (device) };
  g_auto (PinwheelNvrtcCode) built = { .code = NULL };
  g_autofree char *target = NULL;
  g_autofree gsize *sizes = NULL;
  PinwheelCode code = { .entry = self->signature->name, .owner = &portable };

  if (self->code != NULL)
    {
      sizes = list_arguments (self, NULL);
      code.symbol = self->signature->name;
      code.bytes = self->code;
      code.argument_sizes = sizes;
      code.n_arguments = self->signature->parameters->len;
      return pinwheel_device_load_code (device, &code, error);
    }
  target = choose_target (portable.architecture, error);
  if (target == NULL || !build_for_cuda (self, target, &built, error))
    return NULL;
  code.symbol = built.symbol;
  code.bytes = built.code;
  code.get_portable = g_str_has_prefix (target, "sm_") ? make_portable : NULL;
  return pinwheel_device_load_code (device, &code, error);
}

/* --- */

char *
pinwheel_kernel_compile (PinwheelKernel *self, const char *arch, gboolean *found, GError **error)
{
  g_auto (PinwheelNvrtcCode) code = { .code = NULL };
  PinwheelHostBuild build;
  char *path = NULL;
  int fd;

  g_return_val_if_fail (PINWHEEL_IS_KERNEL (self), NULL);
  g_return_val_if_fail (found != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  if (!check_has_source (self, error))
    return NULL;
  if (arch != NULL)
    {
      if (!build_for_cuda (self, arch, &code, error))
        return NULL;
      *found = code.found;
      return g_steal_pointer (&code.path);
    }
  build = get_host_build (self);
  fd = pinwheel_host_build (self->signature, &build, found, &path, error);
  if (fd >= 0)
    close (fd);
  return path;
}

/* Where the user left it open, blocks are as large as suits the kernel on the device. */
static void
choose_block (PinwheelKernel *self, PinwheelLoaded *loaded)
{
  guint size = pinwheel_function_get_block_size (loaded->function);

  memcpy (loaded->block, self->block, sizeof loaded->block);
  if (self->has_block || self->has_grid || size == 0)
    return;
  loaded->block[0] = size;
  loaded->block[1] = loaded->block[2] = 1;
  pinwheel_log ("compute", PINWHEEL_LOG_INFO, self->signature->name, "blocks of %u threads", size);
}

gboolean
pinwheel_kernel_load (PinwheelKernel *self, PinwheelDevice *device, GError **error)
{
  PinwheelLoaded loaded;

  g_return_val_if_fail (PINWHEEL_IS_KERNEL (self), FALSE);
  g_return_val_if_fail (PINWHEEL_IS_DEVICE (device), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  loaded.function = pinwheel_device_get_architecture (device) != NULL
                        ? load_on_cuda (self, device, error)
                        : load_on_host (self, device, error);
  if (loaded.function == NULL)
    return FALSE;
  loaded.device = g_object_ref (device);
  choose_block (self, &loaded);
  for (guint i = self->loaded->len; i > 0; i--)
    if (g_array_index (self->loaded, PinwheelLoaded, i - 1).device == device)
      g_array_remove_index (self->loaded, i - 1);
  g_array_append_val (self->loaded, loaded);
  return TRUE;
}
