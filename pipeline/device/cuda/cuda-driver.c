/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <dlfcn.h>
#include <string.h>

#include "base/lock-private.h"
#include "base/log-private.h"
#include "device/cuda/cuda-driver-private.h"

#define LIBRARY "libcuda.so.1"
/* The oldest CUDA whose driver has all the functions, in the versions that they are called in */
#define OLDEST 11000

/* Held while the library is opened. Leaf lock */
static PinwheelLock driver_lock;
/* (driver_lock): whole once @is_open, and not changed from then on */
static PinwheelCudaDriver driver;
static gboolean is_open;

static const struct
{
  const char *name;
  gsize offset;
  gboolean optional;
} functions[] = {
#define FUNCTION(name) { G_STRINGIFY (name), G_STRUCT_OFFSET (PinwheelCudaDriver, name), FALSE },
#define OPTIONAL(name) { G_STRINGIFY (name), G_STRUCT_OFFSET (PinwheelCudaDriver, name), TRUE },
  PINWHEEL_CUDA_FUNCTIONS (FUNCTION) PINWHEEL_CUDA_OPTIONAL_FUNCTIONS (OPTIONAL)
#undef FUNCTION
#undef OPTIONAL
};

char *
pinwheel_cuda_driver_describe (const PinwheelCudaDriver *self, CUresult result)
{
  const char *name = NULL, *text = NULL;

  if (self->cuGetErrorName (result, &name) != CUDA_SUCCESS || name == NULL)
    name = "an error that the driver has no name for";
  if (self->cuGetErrorString (result, &text) != CUDA_SUCCESS || text == NULL)
    return g_strdup_printf ("%s (%d)", name, (int) result);
  return g_strdup_printf ("%s (%d): %s", name, (int) result, text);
}

static gboolean
find_functions (void *library, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (functions); i++)
    {
      void *function = dlsym (library, functions[i].name);

      if (function == NULL && functions[i].optional)
        pinwheel_log ("device", PINWHEEL_LOG_INFO, "cuda", LIBRARY " has no function %s",
                      functions[i].name);
      else if (function == NULL)
        {
          g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_DEVICE,
                       "the NVIDIA driver is too old: its " LIBRARY
                       " has no function %s; install a driver for CUDA %d.%d or later",
                       functions[i].name, OLDEST / 1000, OLDEST % 1000 / 10);
          return FALSE;
        }
      G_STRUCT_MEMBER (void *, &driver, functions[i].offset) = function;
    }
  return TRUE;
}

static gboolean
check_version (GError **error)
{
  if (driver.cuDriverGetVersion (&driver.version) != CUDA_SUCCESS)
    {
      g_set_error (
          error, PINWHEEL_ERROR, PINWHEEL_ERROR_DEVICE,
          "the NVIDIA driver does not say its version (cuDriverGetVersion); install one for "
          "CUDA %d.%d or later",
          OLDEST / 1000, OLDEST % 1000 / 10);
      return FALSE;
    }
  if (driver.version >= OLDEST)
    return TRUE;
  g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_DEVICE,
               "the NVIDIA driver is too old: it knows CUDA %d.%d; install one for CUDA %d.%d or "
               "later",
               driver.version / 1000, driver.version % 1000 / 10, OLDEST / 1000,
               OLDEST % 1000 / 10);
  return FALSE;
}

static const char *
advise (CUresult result)
{
  if (result == CUDA_ERROR_NO_DEVICE)
    return "there is no CUDA device, or CUDA_VISIBLE_DEVICES hides it";
  if (result == CUDA_ERROR_SYSTEM_DRIVER_MISMATCH)
    return "the driver was updated and its kernel module was not: load the new one, or reboot";
  if (result == CUDA_ERROR_STUB_LIBRARY)
    return "the " LIBRARY
           " that was found is the toolkit's, for linking: take its folder, stubs, out of "
           "LD_LIBRARY_PATH";
  if (result == CUDA_ERROR_COMPAT_NOT_SUPPORTED_ON_DEVICE)
    return "the " LIBRARY " that was found is that of a compatibility package, which this device "
           "does not run: take its folder, compat, out of LD_LIBRARY_PATH";
  return "see whether `nvidia-smi` works: the driver's kernel module may not be loaded";
}

static gboolean
initialise (GError **error)
{
  CUresult result = driver.cuInit (0);
  g_autofree char *text = NULL;

  if (result == CUDA_SUCCESS)
    return TRUE;
  text = pinwheel_cuda_driver_describe (&driver, result);
  g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_DEVICE,
               "the NVIDIA driver cannot be used: cuInit: %s; %s", text, advise (result));
  return FALSE;
}

/* The library is never closed: the driver has threads of its own, and handlers at exit. */
static gboolean open_locked (GError **error) PINWHEEL_REQUIRES (driver_lock);
static gboolean
open_locked (GError **error)
{
  void *library = dlopen (LIBRARY, RTLD_NOW | RTLD_LOCAL);

  if (library == NULL)
    {
      const char *reason = dlerror ();

      g_set_error (
          error, PINWHEEL_ERROR, PINWHEEL_ERROR_DEVICE,
          "there is no NVIDIA driver (%s); install one to use CUDA devices, or use the host "
          "device",
          strstr (reason, "No such file") != NULL ? LIBRARY : reason);
      return FALSE;
    }
  if (!find_functions (library, error) || !check_version (error) || !initialise (error))
    return FALSE;
  is_open = TRUE;
  pinwheel_log ("device", PINWHEEL_LOG_INFO, "cuda", LIBRARY " knows CUDA %d.%d",
                driver.version / 1000, driver.version % 1000 / 10);
  return TRUE;
}

const PinwheelCudaDriver *
pinwheel_cuda_driver_open (GError **error)
{
  gboolean ok;

  pinwheel_lock (&driver_lock);
  ok = is_open || open_locked (error);
  pinwheel_unlock (&driver_lock);
  return ok ? &driver : NULL;
}
