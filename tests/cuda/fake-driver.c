/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "cuda/fake-driver.h"

typedef struct
{
  const char *name;
  guint n, fail_at;
  CUresult result;
} Function;

struct CUevent_st
{
  gboolean is_recorded, is_pending;
};

struct CUstream_st
{
  guint flags;
};

struct CUfunc_st
{
  char name[64];
};

struct CUmod_st
{
  struct CUfunc_st function;
};

static Function functions[64];
static int n_devices = 1, version = 13000;
static gboolean held;
static CUresult module_refusal;
static guint n_alive;
static struct CUctx_st
{
  guint n_users;
} primary[4];
static __thread CUcontext current;
FakeLaunch fake_last_launch;
char fake_last_module[5];

/* --- what a test says --- */

/* @name: without its version, or with it, as in cuMemAlloc_v2 */
static Function *
find (const char *name)
{
  g_autofree char *plain = g_strndup (name, strcspn (name, "_"));
  guint i = 0;

  while (functions[i].name != NULL && strcmp (functions[i].name, plain) != 0)
    i++;
  g_assert (i + 1 < G_N_ELEMENTS (functions));
  if (functions[i].name == NULL)
    functions[i].name = g_intern_string (plain);
  return &functions[i];
}

void
fake_reset (void)
{
  memset (functions, 0, sizeof functions);
  n_devices = 1;
  version = 13000;
  held = FALSE;
  module_refusal = CUDA_SUCCESS;
}

void
fake_refuse_modules (CUresult result)
{
  module_refusal = result;
}

void
fake_set_devices (int n)
{
  n_devices = n;
}

void
fake_set_version (int number)
{
  version = number;
}

void
fake_fail (const char *function, guint nth, CUresult result)
{
  Function *self = find (function);

  self->fail_at = self->n + nth;
  self->result = result;
}

void
fake_hold (gboolean hold)
{
  held = hold;
}

guint
fake_count (const char *function)
{
  return find (function)->n;
}

guint
fake_count_alive (void)
{
  return n_alive;
}

static CUresult
call (const char *name)
{
  Function *self = find (name);

  return ++self->n == self->fail_at ? self->result : CUDA_SUCCESS;
}

#define CALL()                                                                                     \
  do                                                                                               \
    {                                                                                              \
      CUresult said = call (__func__);                                                             \
      if (said != CUDA_SUCCESS)                                                                    \
        return said;                                                                               \
    }                                                                                              \
  while (0)
#define CALL_IN_CONTEXT()                                                                          \
  do                                                                                               \
    {                                                                                              \
      CALL ();                                                                                     \
      if (current == NULL || current->n_users == 0)                                                \
        return CUDA_ERROR_INVALID_CONTEXT;                                                         \
    }                                                                                              \
  while (0)

/* --- the driver --- */

CUresult
cuInit (unsigned int flags)
{
  CALL ();
  return n_devices > 0 ? CUDA_SUCCESS : CUDA_ERROR_NO_DEVICE;
}

CUresult
cuDriverGetVersion (int *number)
{
  CALL ();
  *number = version;
  return CUDA_SUCCESS;
}

/* NVRTC looks for a driver in the process, and asks it for things that are told nobody. */
CUresult
cuGetExportTable (const void **table, const CUuuid *id)
{
  *table = NULL;
  return CUDA_ERROR_NOT_FOUND;
}

CUresult
cuGetErrorName (CUresult error, const char **name)
{
  *name = error == CUDA_ERROR_OUT_OF_MEMORY     ? "CUDA_ERROR_OUT_OF_MEMORY"
          : error == CUDA_ERROR_ILLEGAL_ADDRESS ? "CUDA_ERROR_ILLEGAL_ADDRESS"
                                                : "CUDA_ERROR_OF_SOME_KIND";
  return CUDA_SUCCESS;
}

CUresult
cuGetErrorString (CUresult error, const char **text)
{
  *text = "in the driver's words";
  return CUDA_SUCCESS;
}

CUresult
cuDeviceGetCount (int *n)
{
  CALL ();
  *n = n_devices;
  return CUDA_SUCCESS;
}

CUresult
cuDeviceGet (CUdevice *device, int number)
{
  CALL ();
  *device = number;
  return CUDA_SUCCESS;
}

CUresult
cuDeviceGetName (char *name, int size, CUdevice device)
{
  CALL ();
  g_snprintf (name, (gulong) size, "Fake %d", device);
  return CUDA_SUCCESS;
}

CUresult
cuDeviceGetAttribute (int *value, CUdevice_attribute attribute, CUdevice device)
{
  CALL ();
  if (attribute == CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR)
    *value = 9;
  else if (attribute == CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR)
    *value = 0;
  else if (attribute == CU_DEVICE_ATTRIBUTE_MAX_PITCH)
    *value = 4096;
  else if (attribute == CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN)
    *value = 227 * 1024;
  else
    *value = 2;
  return CUDA_SUCCESS;
}

CUresult
cuDeviceTotalMem (size_t *bytes, CUdevice device)
{
  CALL ();
  *bytes = (size_t) 1 << 30;
  return CUDA_SUCCESS;
}

CUresult
cuDeviceGetPCIBusId (char *text, int size, CUdevice device)
{
  CALL ();
  g_snprintf (text, (gulong) size, "0000:0%d:00.0", device + 1);
  return CUDA_SUCCESS;
}

CUresult
cuDevicePrimaryCtxGetState (CUdevice number, unsigned int *flags, int *active)
{
  CALL ();
  *flags = 0;
  *active = 0;
  return CUDA_SUCCESS;
}

CUresult
cuDevicePrimaryCtxSetFlags (CUdevice device, unsigned int flags)
{
  CALL ();
  return flags == CU_CTX_SCHED_BLOCKING_SYNC ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
}

CUresult
cuDevicePrimaryCtxRetain (CUcontext *context, CUdevice device)
{
  CALL ();
  primary[device].n_users++;
  n_alive++;
  *context = &primary[device];
  return CUDA_SUCCESS;
}

CUresult
cuDevicePrimaryCtxRelease (CUdevice device)
{
  CALL ();
  primary[device].n_users--;
  n_alive--;
  return CUDA_SUCCESS;
}

CUresult
cuCtxSetCurrent (CUcontext context)
{
  CALL ();
  current = context;
  return CUDA_SUCCESS;
}

CUresult
cuCtxGetCurrent (CUcontext *context)
{
  CALL ();
  *context = current;
  return CUDA_SUCCESS;
}

CUresult
cuMemGetInfo (size_t *available, size_t *total)
{
  CALL_IN_CONTEXT ();
  *total = (size_t) 1 << 30;
  *available = (size_t) 1 << 29;
  return CUDA_SUCCESS;
}

/* --- memory --- */

CUresult
cuMemAlloc (CUdeviceptr *address, size_t size)
{
  CALL_IN_CONTEXT ();
  *address = (CUdeviceptr) malloc (size);
  n_alive++;
  return CUDA_SUCCESS;
}

CUresult
cuMemFree (CUdeviceptr address)
{
  CALL_IN_CONTEXT ();
  free ((void *) address);
  n_alive--;
  return CUDA_SUCCESS;
}

CUresult
cuMemHostAlloc (void **address, size_t size, unsigned int flags)
{
  CALL_IN_CONTEXT ();
  if (flags != CU_MEMHOSTALLOC_PORTABLE)
    return CUDA_ERROR_INVALID_VALUE;
  *address = malloc (size);
  n_alive++;
  return CUDA_SUCCESS;
}

CUresult
cuMemFreeHost (void *address)
{
  CALL_IN_CONTEXT ();
  free (address);
  n_alive--;
  return CUDA_SUCCESS;
}

CUresult
cuMemHostRegister (void *address, size_t size, unsigned int flags)
{
  CALL_IN_CONTEXT ();
  n_alive++;
  return CUDA_SUCCESS;
}

CUresult
cuMemHostUnregister (void *address)
{
  CALL_IN_CONTEXT ();
  n_alive--;
  return CUDA_SUCCESS;
}

/* --- streams and events --- */

CUresult
cuStreamCreate (CUstream *stream, unsigned int flags)
{
  CALL_IN_CONTEXT ();
  *stream = g_new0 (struct CUstream_st, 1);
  n_alive++;
  return flags == CU_STREAM_NON_BLOCKING ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
}

CUresult
cuStreamDestroy (CUstream stream)
{
  CALL_IN_CONTEXT ();
  g_free (stream);
  n_alive--;
  return CUDA_SUCCESS;
}

/* Returns although the stream is held: it is let go. */
CUresult
cuStreamSynchronize (CUstream stream)
{
  CALL_IN_CONTEXT ();
  held = FALSE;
  return CUDA_SUCCESS;
}

CUresult
cuStreamWaitEvent (CUstream stream, CUevent event, unsigned int flags)
{
  CALL_IN_CONTEXT ();
  return CUDA_SUCCESS;
}

CUresult
cuEventCreate (CUevent *event, unsigned int flags)
{
  CALL_IN_CONTEXT ();
  if (flags != (CU_EVENT_DISABLE_TIMING | CU_EVENT_BLOCKING_SYNC))
    return CUDA_ERROR_INVALID_VALUE;
  *event = g_new0 (struct CUevent_st, 1);
  n_alive++;
  return CUDA_SUCCESS;
}

CUresult
cuEventDestroy (CUevent event)
{
  CALL_IN_CONTEXT ();
  g_free (event);
  n_alive--;
  return CUDA_SUCCESS;
}

CUresult
cuEventRecord (CUevent event, CUstream stream)
{
  CALL_IN_CONTEXT ();
  event->is_recorded = TRUE;
  event->is_pending = held;
  return CUDA_SUCCESS;
}

CUresult
cuEventQuery (CUevent event)
{
  CALL_IN_CONTEXT ();
  return event->is_pending && held ? CUDA_ERROR_NOT_READY : CUDA_SUCCESS;
}

CUresult
cuEventSynchronize (CUevent event)
{
  CALL_IN_CONTEXT ();
  held = FALSE;
  return event->is_recorded ? CUDA_SUCCESS : CUDA_ERROR_INVALID_HANDLE;
}

CUresult
cuMemcpyHtoDAsync (CUdeviceptr target, const void *source, size_t size, CUstream stream)
{
  CALL_IN_CONTEXT ();
  memcpy ((void *) target, source, size);
  return CUDA_SUCCESS;
}

CUresult
cuMemcpyDtoHAsync (void *target, CUdeviceptr source, size_t size, CUstream stream)
{
  CALL_IN_CONTEXT ();
  memcpy (target, (const void *) source, size);
  return CUDA_SUCCESS;
}

CUresult
cuMemcpyDtoDAsync (CUdeviceptr target, CUdeviceptr source, size_t size, CUstream stream)
{
  CALL_IN_CONTEXT ();
  memcpy ((void *) target, (const void *) source, size);
  return CUDA_SUCCESS;
}

CUresult
cuMemcpy2DAsync (const CUDA_MEMCPY2D *copy, CUstream stream)
{
  const char *source = copy->srcMemoryType == CU_MEMORYTYPE_HOST ? copy->srcHost
                                                                 : (const char *) copy->srcDevice;
  char *target = copy->dstMemoryType == CU_MEMORYTYPE_HOST ? copy->dstHost
                                                           : (char *) copy->dstDevice;

  CALL_IN_CONTEXT ();
  if (MAX (copy->srcPitch, copy->dstPitch) > 4096)
    return CUDA_ERROR_INVALID_VALUE;
  for (size_t i = 0; i < copy->Height; i++)
    memcpy (target + i * copy->dstPitch, source + i * copy->srcPitch, copy->WidthInBytes);
  return CUDA_SUCCESS;
}

CUresult
cuMemcpy3DAsync (const CUDA_MEMCPY3D *copy, CUstream stream)
{
  const char *source = copy->srcMemoryType == CU_MEMORYTYPE_HOST ? copy->srcHost
                                                                 : (const char *) copy->srcDevice;
  char *target = copy->dstMemoryType == CU_MEMORYTYPE_HOST ? copy->dstHost
                                                           : (char *) copy->dstDevice;

  CALL_IN_CONTEXT ();
  if (MAX (copy->srcPitch, copy->dstPitch) > 4096 || copy->srcHeight < copy->Height
      || copy->dstHeight < copy->Height)
    return CUDA_ERROR_INVALID_VALUE;
  for (size_t z = 0; z < copy->Depth; z++)
    for (size_t y = 0; y < copy->Height; y++)
      memcpy (target + (z * copy->dstHeight + y) * copy->dstPitch,
              source + (z * copy->srcHeight + y) * copy->srcPitch, copy->WidthInBytes);
  return CUDA_SUCCESS;
}

/* --- kernels --- */

CUresult
cuModuleLoadDataEx (CUmodule *module, const void *image, unsigned int n, CUjit_option *options,
                    void **values)
{
  CALL_IN_CONTEXT ();
  if (module_refusal != CUDA_SUCCESS)
    return module_refusal;
  memcpy (fake_last_module, image, 4);
  *module = g_new0 (struct CUmod_st, 1);
  n_alive++;
  return CUDA_SUCCESS;
}

CUresult
cuModuleUnload (CUmodule module)
{
  CALL_IN_CONTEXT ();
  g_free (module);
  n_alive--;
  return CUDA_SUCCESS;
}

CUresult
cuModuleGetFunction (CUfunction *function, CUmodule module, const char *name)
{
  CALL_IN_CONTEXT ();
  g_strlcpy (module->function.name, name, sizeof module->function.name);
  *function = &module->function;
  return CUDA_SUCCESS;
}

CUresult
cuFuncGetAttribute (int *value, CUfunction_attribute attribute, CUfunction function)
{
  CALL_IN_CONTEXT ();
  *value = 640;
  return CUDA_SUCCESS;
}

CUresult
cuFuncSetAttribute (CUfunction function, CUfunction_attribute attribute, int value)
{
  CALL_IN_CONTEXT ();
  return value <= 227 * 1024 ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
}

CUresult
cuOccupancyMaxPotentialBlockSize (int *least_grid, int *block, CUfunction function,
                                  CUoccupancyB2DSize shared, size_t shared_bytes, int limit)
{
  CALL_IN_CONTEXT ();
  *least_grid = 132;
  *block = 384;
  return CUDA_SUCCESS;
}

CUresult
cuLaunchKernel (CUfunction function, unsigned int grid_x, unsigned int grid_y, unsigned int grid_z,
                unsigned int block_x, unsigned int block_y, unsigned int block_z,
                unsigned int shared_bytes, CUstream stream, void **arguments, void **extra)
{
  CALL_IN_CONTEXT ();
  fake_last_launch = (FakeLaunch){ .grid = { grid_x, grid_y, grid_z },
                                   .block = { block_x, block_y, block_z },
                                   .shared_bytes = shared_bytes };
  g_strlcpy (fake_last_launch.function, function->name, sizeof fake_last_launch.function);
  return CUDA_SUCCESS;
}
