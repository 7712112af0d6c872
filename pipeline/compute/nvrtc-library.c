/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <dlfcn.h>
#include <stdlib.h>

#include <pinwheel/error.h>

#include "base/lock-private.h"
#include "base/log-private.h"
#include "compute/host-compiler-private.h"
#include "compute/nvrtc-private.h"

/* The newest first */
static const char *const names[] = { "libnvrtc.so.13", "libnvrtc.so.12", "libnvrtc.so.11.2",
                                     "libnvrtc.so" };
/* Within a toolkit */
static const char *const folders[] = { "lib64", "lib" };

/* Leaf lock */
static PinwheelLock library_lock;
/* (library_lock): whole once @is_open, and not changed from then on */
static PinwheelNvrtc library;
static gboolean is_open;

static const struct
{
  const char *name;
  gsize offset;
  gboolean optional;
} functions[] = {
#define FUNCTION(name)                                                                             \
  {                                                                                                \
    "nvrtc" #name, G_STRUCT_OFFSET (PinwheelNvrtc, name), FALSE                                    \
  }
  FUNCTION (GetErrorString),
  FUNCTION (Version),
  FUNCTION (GetNumSupportedArchs),
  FUNCTION (GetSupportedArchs),
  FUNCTION (CreateProgram),
  FUNCTION (DestroyProgram),
  FUNCTION (CompileProgram),
  FUNCTION (GetPTXSize),
  FUNCTION (GetPTX),
  FUNCTION (GetCUBINSize),
  FUNCTION (GetCUBIN),
  FUNCTION (GetProgramLogSize),
  FUNCTION (GetProgramLog),
  FUNCTION (AddNameExpression),
  FUNCTION (GetLoweredName),
  { "nvrtcSetFlowCallback", G_STRUCT_OFFSET (PinwheelNvrtc, SetFlowCallback), TRUE },
#undef FUNCTION
};

/* Returns: (transfer full): where a toolkit may be, in order. Another user's rights are not used
 * with a library that this user names. */
static GPtrArray *
list_toolkits (void)
{
  const char *const roots[] = { secure_getenv ("CUDA_HOME"), secure_getenv ("CUDA_PATH"),
                                PINWHEEL_CUDA_TOOLKIT, "/usr/local/cuda" };
  GPtrArray *toolkits = g_ptr_array_new ();

  for (guint i = 0; i < G_N_ELEMENTS (roots); i++)
    if (roots[i] != NULL && g_path_is_absolute (roots[i]))
      g_ptr_array_add (toolkits, (gpointer) roots[i]);
  return toolkits;
}

static void *
open_in (const char *toolkit)
{
  for (guint i = 0; i < G_N_ELEMENTS (folders); i++)
    for (guint k = 0; k < G_N_ELEMENTS (names); k++)
      {
        g_autofree char *path = g_build_filename (toolkit, folders[i], names[k], NULL);
        void *handle = dlopen (path, RTLD_NOW | RTLD_LOCAL);

        if (handle != NULL)
          return handle;
      }
  return NULL;
}

/* @toolkit: (out) (nullable): where it was found, NULL for the linker's folders */
static void *
open_library (const char **toolkit)
{
  g_autoptr (GPtrArray) toolkits = list_toolkits ();
  void *handle = NULL;

  *toolkit = NULL;
  for (guint i = 0; i < toolkits->len; i++)
    {
      handle = open_in (toolkits->pdata[i]);
      if (handle != NULL)
        {
          *toolkit = toolkits->pdata[i];
          return handle;
        }
    }
  for (guint k = 0; handle == NULL && k < G_N_ELEMENTS (names); k++)
    handle = dlopen (names[k], RTLD_NOW | RTLD_LOCAL);
  return handle;
}

static gboolean
find_functions (void *handle, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (functions); i++)
    {
      void *function = dlsym (handle, functions[i].name);

      if (function == NULL && !functions[i].optional)
        {
          g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_KERNEL,
                       "the NVRTC library that was found has no function %s; expected that of CUDA "
                       "11.2 or later",
                       functions[i].name);
          return FALSE;
        }
      G_STRUCT_MEMBER (void *, &library, functions[i].offset) = function;
    }
  return TRUE;
}

/* The library stays open: code of it may still run in another thread. */
static gboolean open_locked (GError **error) PINWHEEL_REQUIRES (library_lock);
static gboolean
open_locked (GError **error)
{
  const char *toolkit;
  void *handle = open_library (&toolkit);
  Dl_info where = { 0 };

  if (handle == NULL)
    {
      g_set_error_literal (error, PINWHEEL_ERROR, PINWHEEL_ERROR_KERNEL,
                           "there is no NVRTC, which compiles kernels for CUDA devices: no "
                           "libnvrtc.so in CUDA_HOME, /usr/local/cuda or the linker's folders; "
                           "install the CUDA Toolkit, or name its folder in CUDA_HOME");
      return FALSE;
    }
  if (!find_functions (handle, error))
    return FALSE;
  library.Version (&library.major, &library.minor);
  dladdr (*(void **) &library.Version, &where);
  library.identity = pinwheel_toolchain_identity (where.dli_fname != NULL ? where.dli_fname : "");
  if (toolkit != NULL)
    library.include = g_build_filename (toolkit, "include", NULL);
  is_open = TRUE;
  pinwheel_log ("compute", PINWHEEL_LOG_INFO, "nvrtc", "version %d.%d from %s", library.major,
                library.minor, where.dli_fname);
  return TRUE;
}

const PinwheelNvrtc *
pinwheel_nvrtc_open (GError **error)
{
  gboolean ok;

  pinwheel_lock (&library_lock);
  ok = is_open || open_locked (error);
  pinwheel_unlock (&library_lock);
  return ok ? &library : NULL;
}

char *
pinwheel_nvrtc_list_archs (const PinwheelNvrtc *self)
{
  GString *text = g_string_new (NULL);
  g_autofree int *archs = NULL;
  int n;

  if (self->GetNumSupportedArchs (&n) != 0 || n <= 0)
    return g_string_free (text, FALSE);
  archs = g_new (int, (gsize) n);
  if (self->GetSupportedArchs (archs) == 0)
    for (int i = 0; i < n; i++)
      g_string_append_printf (text, "%s%d", i > 0 ? " " : "", archs[i]);
  return g_string_free (text, FALSE);
}
