/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Coming up, devices, contexts, names of errors, and the report. */
#include "config.h"

#include "emulator.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

Emu emu;
__thread CUcontext emu_current;

static void
take_options (const char *text)
{
  char *problem = NULL;

  emu_options_clear (&emu.options);
  if (emu_options_parse (text, &emu.options, &problem))
    return;
  g_printerr ("emulated libcuda: PINWHEEL_EMULATED_CUDA: '%s' is wrong\n", problem);
  abort ();
}

static void
set_up_locked (void)
{
  emu.calls = g_hash_table_new (g_str_hash, g_str_equal);
  emu.blocks = g_ptr_array_new_with_free_func (emu_block_free);
  emu.streams = g_ptr_array_new ();
  emu.hazards = g_ptr_array_new_with_free_func (g_free);
  emu.active_since = emu_clock ();
  take_options (g_getenv ("PINWHEEL_EMULATED_CUDA"));
  for (int i = 0; i < EMU_MAX_DEVICES; i++)
    emu.contexts[i].device = i;
}

void
emu_set_options (const char *text)
{
  pinwheel_lock (&emu.lock);
  if (emu.calls == NULL)
    set_up_locked ();
  take_options (text);
  g_hash_table_remove_all (emu.calls);
  emu.launches = emu.work = 0;
  memset (emu.copies, 0, sizeof emu.copies);
  pinwheel_unlock (&emu.lock);
}

static gboolean
is_named (const EmuFault *fault, const char *name)
{
  gsize length = strlen (fault->name);

  return g_str_has_suffix (fault->name, "*") ? strncmp (fault->name, name, length - 1) == 0
                                             : strcmp (fault->name, name) == 0;
}

/* Counts the call. Returns: whether it fails */
static CUresult
count_call (const char *name)
{
  guint64 n = GPOINTER_TO_SIZE (g_hash_table_lookup (emu.calls, name)) + 1;
  CUresult result = CUDA_SUCCESS;

  g_hash_table_insert (emu.calls, (gpointer) name, GSIZE_TO_POINTER (n));
  for (guint i = 0; i < emu.options.n_faults; i++)
    {
      EmuFault *fault = &emu.options.faults[i];

      if (is_named (fault, name) && ++fault->seen == fault->nth)
        result = fault->code;
    }
  /* no context survives these */
  if ((result == CUDA_ERROR_LAUNCH_FAILED || result == CUDA_ERROR_ILLEGAL_ADDRESS)
      && emu_current != NULL)
    emu_current->sticky = result;
  return result;
}

CUresult
emu_enter (const char *name, gboolean needs_context)
{
  CUresult result;

  pinwheel_lock (&emu.lock);
  if (emu.calls == NULL)
    set_up_locked ();
  result = count_call (name);
  if (result == CUDA_SUCCESS && !emu.initialised && strcmp (name, "cuInit") != 0
      && strcmp (name, "cuDriverGetVersion") != 0 && !g_str_has_prefix (name, "cuGetError"))
    result = CUDA_ERROR_NOT_INITIALIZED;
  else if (result == CUDA_SUCCESS && needs_context)
    result = emu_current == NULL ? CUDA_ERROR_INVALID_CONTEXT : emu_current->sticky;
  if (result != CUDA_SUCCESS)
    pinwheel_unlock (&emu.lock);
  return result;
}

CUresult
emu_leave (CUresult result)
{
  pinwheel_unlock (&emu.lock);
  return result;
}

CUresult
emu_enter_release (const char *name)
{
  CUresult result;

  pinwheel_lock (&emu.lock);
  result = emu_current == NULL || emu.calls == NULL ? CUDA_ERROR_INVALID_CONTEXT
                                                    : count_call (name);
  if (result != CUDA_SUCCESS && (emu_current == NULL || emu_current->sticky == CUDA_SUCCESS))
    return emu_leave (result);
  return CUDA_SUCCESS;
}

CUresult
emu_leave_release (CUresult result)
{
  return emu_leave (emu_current->sticky != CUDA_SUCCESS ? emu_current->sticky : result);
}

#define ENTER_WITHOUT_CONTEXT(function)                                                            \
  G_STMT_START                                                                                     \
  {                                                                                                \
    CUresult emu_result_ = emu_enter (G_STRINGIFY (function), FALSE);                              \
    if (emu_result_ != CUDA_SUCCESS)                                                               \
      return emu_result_;                                                                          \
  }                                                                                                \
  G_STMT_END

CUresult CUDAAPI
cuInit (unsigned int flags)
{
  ENTER_WITHOUT_CONTEXT (cuInit);
  if (emu.options.devices == 0)
    return emu_leave (CUDA_ERROR_NO_DEVICE);
  emu.initialised = TRUE;
  return emu_leave (flags == 0 ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE);
}

CUresult CUDAAPI
cuDriverGetVersion (int *version)
{
  ENTER_WITHOUT_CONTEXT (cuDriverGetVersion);
  *version = emu.options.driver;
  return emu_leave (CUDA_SUCCESS);
}

/* --- devices --- */

CUresult CUDAAPI
cuDeviceGetCount (int *count)
{
  ENTER_WITHOUT_CONTEXT (cuDeviceGetCount);
  *count = emu.options.devices;
  return emu_leave (CUDA_SUCCESS);
}

CUresult CUDAAPI
cuDeviceGet (CUdevice *device, int ordinal)
{
  ENTER_WITHOUT_CONTEXT (cuDeviceGet);
  *device = ordinal;
  return emu_leave (ordinal >= 0 && ordinal < emu.options.devices ? CUDA_SUCCESS
                                                                  : CUDA_ERROR_INVALID_DEVICE);
}

CUresult CUDAAPI
cuDeviceGetName (char *name, int length, CUdevice device)
{
  ENTER_WITHOUT_CONTEXT (cuDeviceGetName);
  g_snprintf (name, (gulong) length, "Emulated GPU %d", device);
  return emu_leave (CUDA_SUCCESS);
}

CUresult CUDAAPI
cuDeviceGetPCIBusId (char *text, int length, CUdevice device)
{
  ENTER_WITHOUT_CONTEXT (cuDeviceGetPCIBusId);
  g_snprintf (text, (gulong) length, "0000:%02X:00.0", device + 1);
  return emu_leave (CUDA_SUCCESS);
}

CUresult CUDAAPI
cuDeviceTotalMem (size_t *size, CUdevice device)
{
  ENTER_WITHOUT_CONTEXT (cuDeviceTotalMem);
  *size = emu.options.memory;
  return emu_leave (CUDA_SUCCESS);
}

CUresult CUDAAPI
cuDeviceGetAttribute (int *value, CUdevice_attribute attribute, CUdevice device)
{
  const struct
  {
    int attribute, value;
  } known[] = {
    { CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR, emu.options.major },
    { CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR, emu.options.minor },
    { CU_DEVICE_ATTRIBUTE_ASYNC_ENGINE_COUNT, 2 },
    { CU_DEVICE_ATTRIBUTE_MAX_PITCH, (int) emu.options.pitch },
    { CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT, 4 },
    { CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_BLOCK, 1024 },
    { CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_X, 1024 },
    { CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_Y, 1024 },
    { CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_Z, 64 },
    { CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_X, G_MAXINT32 },
    { CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_Y, 65535 },
    { CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_Z, 65535 },
    { CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK, 48 * 1024 },
    { CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN, emu_most_shared () },
    { CU_DEVICE_ATTRIBUTE_WARP_SIZE, 32 },
    { CU_DEVICE_ATTRIBUTE_INTEGRATED, 0 },
    { CU_DEVICE_ATTRIBUTE_CAN_MAP_HOST_MEMORY, 1 },
    { CU_DEVICE_ATTRIBUTE_UNIFIED_ADDRESSING, 1 },
    { CU_DEVICE_ATTRIBUTE_COMPUTE_MODE, CU_COMPUTEMODE_DEFAULT },
    { CU_DEVICE_ATTRIBUTE_PCI_BUS_ID, device + 1 },
    { CU_DEVICE_ATTRIBUTE_PCI_DEVICE_ID, 0 },
    { CU_DEVICE_ATTRIBUTE_PCI_DOMAIN_ID, 0 },
  };

  ENTER_WITHOUT_CONTEXT (cuDeviceGetAttribute);
  for (guint i = 0; i < G_N_ELEMENTS (known); i++)
    if (known[i].attribute == (int) attribute)
      {
        *value = known[i].value;
        return emu_leave (CUDA_SUCCESS);
      }
  return emu_leave (CUDA_ERROR_INVALID_VALUE);
}

/* --- contexts --- */

static CUcontext
context_of (CUdevice device)
{
  return device >= 0 && device < emu.options.devices ? &emu.contexts[device] : NULL;
}

CUresult CUDAAPI
cuDevicePrimaryCtxRetain (CUcontext *context, CUdevice device)
{
  ENTER_WITHOUT_CONTEXT (cuDevicePrimaryCtxRetain);
  *context = context_of (device);
  if (*context == NULL)
    return emu_leave (CUDA_ERROR_INVALID_DEVICE);
  (*context)->retained++;
  return emu_leave (CUDA_SUCCESS);
}

/* The last one takes a sticky error along. Whatever is still allocated is a leak and stays. */
CUresult CUDAAPI
cuDevicePrimaryCtxRelease (CUdevice device)
{
  CUcontext context;

  ENTER_WITHOUT_CONTEXT (cuDevicePrimaryCtxRelease);
  context = context_of (device);
  if (context == NULL || context->retained == 0)
    return emu_leave (CUDA_ERROR_INVALID_CONTEXT);
  if (--context->retained == 0)
    {
      context->sticky = CUDA_SUCCESS;
      context->flags = 0;
    }
  return emu_leave (CUDA_SUCCESS);
}

CUresult CUDAAPI
cuDevicePrimaryCtxGetState (CUdevice device, unsigned int *flags, int *active)
{
  CUcontext context;

  ENTER_WITHOUT_CONTEXT (cuDevicePrimaryCtxGetState);
  context = context_of (device);
  if (context == NULL)
    return emu_leave (CUDA_ERROR_INVALID_DEVICE);
  *flags = context->flags;
  *active = context->retained > 0;
  return emu_leave (CUDA_SUCCESS);
}

CUresult CUDAAPI
cuDevicePrimaryCtxSetFlags (CUdevice device, unsigned int flags)
{
  CUcontext context;

  ENTER_WITHOUT_CONTEXT (cuDevicePrimaryCtxSetFlags);
  context = context_of (device);
  if (context == NULL)
    return emu_leave (CUDA_ERROR_INVALID_DEVICE);
  context->flags = flags;
  return emu_leave (CUDA_SUCCESS);
}

CUresult CUDAAPI
cuCtxSetCurrent (CUcontext context)
{
  ENTER_WITHOUT_CONTEXT (cuCtxSetCurrent);
  if (context != NULL && context->retained == 0)
    return emu_leave (CUDA_ERROR_CONTEXT_IS_DESTROYED);
  emu_current = context;
  return emu_leave (CUDA_SUCCESS);
}

CUresult CUDAAPI
cuCtxGetCurrent (CUcontext *context)
{
  ENTER_WITHOUT_CONTEXT (cuCtxGetCurrent);
  *context = emu_current;
  return emu_leave (CUDA_SUCCESS);
}

/* --- errors --- */

static const struct
{
  CUresult code;
  const char *name, *text;
} errors[] = {
#define ERROR(code, text)                                                                          \
  {                                                                                                \
    code, #code, text                                                                              \
  }
  ERROR (CUDA_SUCCESS, "no error"),
  ERROR (CUDA_ERROR_INVALID_VALUE, "invalid argument"),
  ERROR (CUDA_ERROR_OUT_OF_MEMORY, "out of memory"),
  ERROR (CUDA_ERROR_NOT_INITIALIZED, "initialization error"),
  ERROR (CUDA_ERROR_NO_DEVICE, "no CUDA-capable device is detected"),
  ERROR (CUDA_ERROR_INVALID_DEVICE, "invalid device ordinal"),
  ERROR (CUDA_ERROR_INVALID_CONTEXT, "invalid device context"),
  ERROR (CUDA_ERROR_NO_BINARY_FOR_GPU, "no kernel image is available for execution on the device"),
  ERROR (CUDA_ERROR_INVALID_PTX, "a PTX JIT compilation failed"),
  ERROR (CUDA_ERROR_UNSUPPORTED_PTX_VERSION,
         "the provided PTX was compiled with an unsupported toolchain."),
  ERROR (CUDA_ERROR_INVALID_HANDLE, "invalid resource handle"),
  ERROR (CUDA_ERROR_NOT_FOUND, "named symbol not found"),
  ERROR (CUDA_ERROR_NOT_READY, "device not ready"),
  ERROR (CUDA_ERROR_ILLEGAL_ADDRESS, "an illegal memory access was encountered"),
  ERROR (CUDA_ERROR_MISALIGNED_ADDRESS, "misaligned address"),
  ERROR (CUDA_ERROR_ILLEGAL_INSTRUCTION, "an illegal instruction was encountered"),
  ERROR (CUDA_ERROR_LAUNCH_FAILED, "unspecified launch failure"),
  ERROR (CUDA_ERROR_CONTEXT_IS_DESTROYED, "context is destroyed"),
  ERROR (CUDA_ERROR_HOST_MEMORY_ALREADY_REGISTERED,
         "part or all of the requested memory range is already mapped"),
  ERROR (CUDA_ERROR_HOST_MEMORY_NOT_REGISTERED,
         "pointer does not correspond to a registered memory region"),
  ERROR (CUDA_ERROR_NOT_SUPPORTED, "operation not supported"),
  ERROR (CUDA_ERROR_SYSTEM_DRIVER_MISMATCH,
         "system has unsupported display driver / cuda driver combination"),
  ERROR (CUDA_ERROR_UNKNOWN, "unknown error"),
#undef ERROR
};

static CUresult
describe (CUresult code, const char **name, const char **text)
{
  *name = *text = NULL;
  for (guint i = 0; i < G_N_ELEMENTS (errors); i++)
    if (errors[i].code == code)
      {
        *name = errors[i].name;
        *text = errors[i].text;
        return CUDA_SUCCESS;
      }
  return CUDA_ERROR_INVALID_VALUE;
}

/* NVRTC looks for it where a driver is in the process, and takes it for granted. */
CUresult CUDAAPI
cuGetExportTable (const void **table, const CUuuid *id)
{
  *table = NULL;
  return CUDA_ERROR_NOT_FOUND;
}

CUresult CUDAAPI
cuGetErrorName (CUresult code, const char **name)
{
  const char *text;

  ENTER_WITHOUT_CONTEXT (cuGetErrorName);
  return emu_leave (describe (code, name, &text));
}

CUresult CUDAAPI
cuGetErrorString (CUresult code, const char **text)
{
  const char *name;

  ENTER_WITHOUT_CONTEXT (cuGetErrorString);
  return emu_leave (describe (code, &name, text));
}

/* --- the report --- */

void
emu_report_hazard (char *text)
{
  g_printerr ("emulated libcuda: hazard: %s\n", text);
  g_ptr_array_add (emu.hazards, text);
}

char *
emu_describe_faults (void)
{
  GString *text = g_string_new (NULL);

  pinwheel_lock (&emu.lock);
  if (emu.calls != NULL)
    {
      for (guint i = 0; i < emu.hazards->len; i++)
        g_string_append_printf (text, "hazard: %s\n", (char *) emu.hazards->pdata[i]);
      if (emu.used[EMU_DEVICE] + emu.used[EMU_PINNED] + emu.n_streams + emu.n_events + emu.n_modules
              + emu.legacy_uses
          > 0)
        g_string_append_printf (text,
                                "%" G_GUINT64_FORMAT " B of the device, %" G_GUINT64_FORMAT
                                " B pinned, %u streams, %u events, %u modules left, legacy stream "
                                "used %" G_GUINT64_FORMAT " times\n",
                                emu.used[EMU_DEVICE], emu.used[EMU_PINNED], emu.n_streams,
                                emu.n_events, emu.n_modules, emu.legacy_uses);
    }
  pinwheel_unlock (&emu.lock);
  return g_string_free (text, text->len == 0);
}

static void
print_numbers (FILE *file)
{
  static const char *const kinds[] = { "device", "pinned", "registered" };
  guint retained = 0;

  for (guint i = 0; i < EMU_MAX_DEVICES; i++)
    retained += emu.contexts[i].retained;
  for (guint up = 0; up < 2; up++)
    for (guint pinned = 0; pinned < 2; pinned++)
      fprintf (file, "copies-%s-%s %" G_GUINT64_FORMAT "\n", up == 0 ? "up" : "down",
               pinned ? "pinned" : "pageable", emu.copies[up][pinned]);
  fprintf (file, "bytes-up %" G_GUINT64_FORMAT "\nbytes-down %" G_GUINT64_FORMAT "\n",
           emu.copied[0], emu.copied[1]);
  fprintf (file, "launches %" G_GUINT64_FORMAT "\ninstructions %" G_GUINT64_FORMAT "\n",
           emu.launches, emu.instructions);
  fprintf (file, "blocking %" G_GUINT64_FORMAT "\nlegacy-stream %" G_GUINT64_FORMAT "\n",
           emu.blocking, emu.legacy_uses);
  for (guint i = 0; i < EMU_N_KINDS; i++)
    fprintf (file, "peak-%s %" G_GUINT64_FORMAT "\nleaked-%s %" G_GUINT64_FORMAT "\n", kinds[i],
             emu.peak[i], kinds[i], emu.used[i]);
  fprintf (file, "leaked-streams %u\nleaked-events %u\nleaked-modules %u\nleaked-contexts %u\n",
           emu.n_streams, emu.n_events, emu.n_modules, retained);
  for (guint i = 0; i <= EMU_N_ENGINES; i++)
    fprintf (file, "engines-%u-ns %" G_GUINT64_FORMAT "\n", i, emu.busy[i]);
  fprintf (file, "hazards %u\n", emu.hazards->len);
}

void
emu_report_write (void)
{
  GHashTableIter iter;
  gpointer name, n;
  FILE *file;

  if (emu.calls == NULL || emu.options.report == NULL)
    return;
  file = fopen (emu.options.report, "we");
  if (file == NULL)
    return;
  print_numbers (file);
  g_hash_table_iter_init (&iter, emu.calls);
  while (g_hash_table_iter_next (&iter, &name, &n))
    fprintf (file, "call-%s %" G_GSIZE_FORMAT "\n", (char *) name, GPOINTER_TO_SIZE (n));
  for (guint i = 0; i < emu.hazards->len; i++)
    fprintf (file, "hazard: %s\n", (char *) emu.hazards->pdata[i]);
  fclose (file);
}

static void __attribute__ ((destructor)) at_exit (void)
{
  pinwheel_lock (&emu.lock);
  emu_report_write ();
  pinwheel_unlock (&emu.lock);
}
