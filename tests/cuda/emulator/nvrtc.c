/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A libnvrtc.so that hands everything on to the real one, PINWHEEL_REAL_NVRTC, and puts the PTX of
 * a program behind its cubin: the emulated driver runs that, as it cannot run machine code. What is
 * behind the end of an ELF file is nobody else's business. */
#include "config.h"

#include <dlfcn.h>
#include <glib.h>
#include <nvrtc.h>
#include <string.h>

static const char trailer[16] = "PINWHEEL PTX\n\n\n";

static void *
find (const char *name)
{
  static gsize library;

  if (g_once_init_enter (&library))
    {
      const char *path = g_getenv ("PINWHEEL_REAL_NVRTC");
      void *handle = path != NULL ? dlopen (path, RTLD_NOW | RTLD_LOCAL) : NULL;

      if (handle == NULL)
        g_error ("PINWHEEL_REAL_NVRTC: %s", path != NULL ? dlerror () : "not set");
      g_once_init_leave (&library, (gsize) handle);
    }
  return dlsym ((void *) library, name);
}

#define REAL(name) ((__typeof__ (&name)) find (#name))
#define FORWARD(name, parameters, arguments)                                                       \
  nvrtcResult name parameters                                                                      \
  {                                                                                                \
    return REAL (name) arguments;                                                                  \
  }

FORWARD (nvrtcVersion, (int *major, int *minor), (major, minor))
FORWARD (nvrtcGetNumSupportedArchs, (int *n), (n))
FORWARD (nvrtcGetSupportedArchs, (int *archs), (archs))
FORWARD (nvrtcCreateProgram,
         (nvrtcProgram * program, const char *source, const char *name, int n,
          const char *const *headers, const char *const *names),
         (program, source, name, n, headers, names))
FORWARD (nvrtcDestroyProgram, (nvrtcProgram * program), (program))
FORWARD (nvrtcCompileProgram, (nvrtcProgram program, int n, const char *const *options),
         (program, n, options))
FORWARD (nvrtcGetPTXSize, (nvrtcProgram program, size_t *size), (program, size))
FORWARD (nvrtcGetPTX, (nvrtcProgram program, char *ptx), (program, ptx))
FORWARD (nvrtcGetProgramLogSize, (nvrtcProgram program, size_t *size), (program, size))
FORWARD (nvrtcGetProgramLog, (nvrtcProgram program, char *log), (program, log))
FORWARD (nvrtcAddNameExpression, (nvrtcProgram program, const char *expression),
         (program, expression))
FORWARD (nvrtcGetLoweredName, (nvrtcProgram program, const char *expression, const char **name),
         (program, expression, name))
FORWARD (nvrtcSetFlowCallback, (nvrtcProgram program, int (*ask) (void *, void *), void *data),
         (program, ask, data))

const char *
nvrtcGetErrorString (nvrtcResult result)
{
  return REAL (nvrtcGetErrorString) (result);
}

/* Of both together, the trailer and the PTX with its NUL; 0 where there is no machine code */
nvrtcResult
nvrtcGetCUBINSize (nvrtcProgram program, size_t *size)
{
  nvrtcResult result = REAL (nvrtcGetCUBINSize) (program, size);
  size_t ptx = 0;

  if (result != NVRTC_SUCCESS || *size == 0)
    return result;
  result = REAL (nvrtcGetPTXSize) (program, &ptx);
  *size += sizeof trailer + ptx;
  return result;
}

nvrtcResult
nvrtcGetCUBIN (nvrtcProgram program, char *cubin)
{
  nvrtcResult result = REAL (nvrtcGetCUBIN) (program, cubin);
  size_t size = 0;

  if (result == NVRTC_SUCCESS)
    result = REAL (nvrtcGetCUBINSize) (program, &size);
  if (result != NVRTC_SUCCESS)
    return result;
  cubin[15] = 'P'; /* the last byte of e_ident, of no meaning otherwise */
  memcpy (cubin + size, trailer, sizeof trailer);
  return REAL (nvrtcGetPTX) (program, cubin + size + sizeof trailer);
}
