/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Modules and kernels: PTX is interpreted. A cubin cannot be: where there is no PTX of the same
 * kernels it counts as code for another GPU, or with cubins=1 is taken and fails at its launch. */
#include "config.h"

#include "emulator.h"

#include <stdlib.h>
#include <string.h>

#include "ptx.h"

#define GRANULE     4 /* bytes: what a kernel touches is noted so finely */
#define MOST_SHARED (48 * 1024)

struct CUmod_st
{
  CUcontext context;
  const void *image; /* (nullable): machine code, in place of what follows */
  CUresult refusal;  /* of code that cannot run, kept for who asks for a function: lazy=1 */
  PtxModule *ptx;
  GHashTable *functions; /* entry -> CUfunction, owned */
  EmuBlock **variables;  /* (array) owned */
};

struct CUfunc_st
{
  CUmodule module;
  const PtxEntry *entry; /* (nullable): machine code, which cannot be run */
  int most_shared;
};

/* --- running --- */

/* What one launch touches of one block: a bit for each granule */
typedef struct
{
  EmuBlock *block;
  guint8 *bits[2]; /* (nullable) owned: read, written */
} Touched;

static guint8 *
check_access (const PtxMemory *memory, guint64 address, gsize size, gboolean is_write,
              PtxRange *range)
{
  GArray *touched = memory->user;
  Touched *found = NULL;
  gsize offset;

  for (guint i = 0; i < touched->len && found == NULL; i++)
    {
      Touched *candidate = &g_array_index (touched, Touched, i);

      if (address >= (gsize) candidate->block->address
          && address - (gsize) candidate->block->address < candidate->block->size)
        found = candidate;
    }
  if (found == NULL)
    {
      Touched fresh = { NULL, { NULL, NULL } };

      pinwheel_lock (&emu.lock);
      fresh.block = emu_find_block ((gconstpointer) address);
      pinwheel_unlock (&emu.lock);
      if (fresh.block == NULL || fresh.block->kind != EMU_DEVICE)
        return NULL;
      g_array_append_val (touched, fresh);
      found = &g_array_index (touched, Touched, touched->len - 1);
    }
  offset = address - (gsize) found->block->address;
  if (size > found->block->size - offset)
    return NULL;
  if (found->bits[is_write] == NULL)
    found->bits[is_write] = g_malloc0 (found->block->size / GRANULE / 8 + 1);
  for (gsize i = offset / GRANULE; i <= (offset + size - 1) / GRANULE; i++)
    found->bits[is_write][i / 8] |= (guint8) (1u << (i % 8));
  return found->block->bytes + offset;
}

static void
check_bits (CUstream stream, const EmuWork *work, const Touched *touched, gboolean write)
{
  const guint8 *bits = touched->bits[write];
  gsize n = (touched->block->size + GRANULE - 1) / GRANULE;

  for (gsize i = 0; bits != NULL && i < n; i++)
    {
      gsize begin = i;

      while (i < n && (bits[i / 8] & (1u << (i % 8))) != 0)
        i++;
      if (i > begin)
        emu_check_order (stream, work, touched->block, begin * GRANULE,
                         MIN (i * GRANULE, touched->block->size) - begin * GRANULE, write);
    }
}

static CUresult
code_of (const GError *error)
{
  switch (error->code)
    {
    case PTX_ERROR_ADDRESS:
      return CUDA_ERROR_ILLEGAL_ADDRESS;
    case PTX_ERROR_ALIGNMENT:
      return CUDA_ERROR_MISALIGNED_ADDRESS;
    case PTX_ERROR_TRAP:
      return CUDA_ERROR_ILLEGAL_INSTRUCTION;
    default:
      return CUDA_ERROR_LAUNCH_FAILED;
    }
}

static CUresult
launch (const EmuLaunch *what, GArray *touched)
{
  PtxMemory memory = { .user = touched, .check = check_access };
  guint64 instructions = 0;
  GError *error = NULL;
  CUresult result = CUDA_SUCCESS;

  if (!ptx_launch_counted (what->function->entry, what->grid, what->block, what->shared,
                           what->arguments, &memory, &instructions, &error))
    {
      g_printerr ("emulated libcuda: %s\n", error->message);
      result = code_of (error);
      g_error_free (error);
    }
  pinwheel_lock (&emu.lock);
  emu.instructions += instructions;
  pinwheel_unlock (&emu.lock);
  return result;
}

CUresult
emu_run_launch (CUstream stream, EmuWork *work)
{
  g_autoptr (GArray) touched = g_array_new (FALSE, FALSE, sizeof (Touched));
  gboolean crashes = ++emu.launches == emu.options.crash;
  CUresult result;

  pinwheel_unlock (&emu.lock);
  result = crashes ? CUDA_ERROR_ILLEGAL_ADDRESS : launch (&work->launch, touched);
  pinwheel_lock (&emu.lock);
  for (guint i = 0; i < touched->len; i++)
    for (gboolean write = FALSE; write <= TRUE; write++)
      {
        check_bits (stream, work, &g_array_index (touched, Touched, i), write);
        g_free (g_array_index (touched, Touched, i).bits[write]);
      }
  return result;
}

void
emu_launch_clear (EmuLaunch *what)
{
  for (guint i = 0; i < ptx_entry_get_n_parameters (what->function->entry); i++)
    g_free (what->arguments[i]);
  g_free (what->arguments);
}

/* --- modules --- */

/* Returns: bytes of the kernel's own __shared__ arrays */
static int
own_shared (CUfunction function)
{
  return function->entry != NULL ? (int) ptx_entry_get_shared_size (function->entry) : 0;
}

static void
module_free (CUmodule module)
{
  g_hash_table_unref (module->functions);
  if (module->ptx == NULL)
    {
      g_free (module);
      return;
    }
  for (guint i = 0; i < ptx_module_get_n_variables (module->ptx); i++)
    g_ptr_array_remove_fast (emu.blocks, module->variables[i]);
  g_free (module->variables);
  ptx_module_free (module->ptx);
  g_free (module);
}

static gboolean
is_newer_ptx (const char *text)
{
  const char *version = strstr (text, ".version ");
  int most = emu.options.driver / 1000 * 10 - 40 + emu.options.driver % 1000 / 10;
  int major = 0, minor = 0;

  if (version != NULL)
    {
      char *end;

      major = (int) strtol (version + strlen (".version "), &end, 10);
      minor = *end == '.' ? atoi (end + 1) : 0;
    }
  return major * 10 + minor > most;
}

int
emu_most_shared (void)
{
  const int kib = emu.options.major < 8    ? 64
                  : emu.options.major >= 9 ? 227
                  : emu.options.minor == 0 ? 163
                                           : 99;

  return kib * 1024;
}

static CUmodule
module_new (void)
{
  CUmodule module = g_new0 (struct CUmod_st, 1);

  module->context = emu_current;
  module->functions = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  emu.n_modules++;
  return module;
}

/* A driver that loads late takes code as it is, and says what is wrong with it when it has to. */
static CUresult
refuse (CUmodule *result, CUresult code)
{
  if (!emu.options.lazy)
    return code;
  *result = module_new ();
  (*result)->refusal = code;
  return CUDA_SUCCESS;
}

static void
place_variables (CUmodule module)
{
  guint n = ptx_module_get_n_variables (module->ptx);
  g_autofree guint64 *addresses = g_new0 (guint64, n);

  module->variables = g_new0 (EmuBlock *, n);
  for (guint i = 0; i < n; i++)
    {
      module->variables[i] = emu_add_device_block (ptx_module_get_variable (module->ptx, i).size);
      addresses[i] = (guint64) module->variables[i]->address;
    }
  ptx_module_place (module->ptx, addresses);
  for (guint i = 0; i < n; i++)
    ptx_module_get_initial (module->ptx, i, module->variables[i]->bytes);
}

CUresult CUDAAPI
cuModuleLoadDataEx (CUmodule *result, const void *image, unsigned int n_options,
                    CUjit_option *options, void **values)
{
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  PtxModule *ptx;

  EMU_ENTER (cuModuleLoadDataEx);
  text = emu_image_find_ptx (image);
  if (text == NULL && emu.options.cubins && emu_image_is_for_device (image))
    {
      *result = module_new ();
      (*result)->image = image;
      return emu_leave (CUDA_SUCCESS);
    }
  if (text == NULL || is_newer_ptx (text))
    return emu_leave (refuse (result, text == NULL ? CUDA_ERROR_NO_BINARY_FOR_GPU
                                                   : CUDA_ERROR_UNSUPPORTED_PTX_VERSION));
  ptx = ptx_module_new (text, &error);
  if (ptx == NULL)
    {
      g_printerr ("emulated libcuda: %s\n", error->message);
      return emu_leave (CUDA_ERROR_INVALID_PTX);
    }
  if (ptx_module_get_target (ptx) > (guint) (emu.options.major * 10 + emu.options.minor))
    {
      ptx_module_free (ptx);
      return emu_leave (refuse (result, CUDA_ERROR_NO_BINARY_FOR_GPU));
    }
  *result = module_new ();
  (*result)->ptx = ptx;
  place_variables (*result);
  return emu_leave (CUDA_SUCCESS);
}

CUresult CUDAAPI
cuModuleUnload (CUmodule module)
{
  EMU_ENTER_RELEASE (cuModuleUnload);
  if (module == NULL)
    return emu_leave_release (CUDA_ERROR_INVALID_HANDLE);
  emu_wait_idle (module->context);
  emu.n_modules--;
  module_free (module);
  return emu_leave_release (CUDA_SUCCESS);
}

CUresult CUDAAPI
cuModuleGetFunction (CUfunction *function, CUmodule module, const char *name)
{
  const PtxEntry *entry = NULL;

  EMU_ENTER (cuModuleGetFunction);
  if (module == NULL)
    return emu_leave (CUDA_ERROR_INVALID_HANDLE);
  if (module->refusal != CUDA_SUCCESS)
    return emu_leave (module->refusal);
  if (module->ptx != NULL)
    entry = ptx_module_find_entry (module->ptx, name);
  if (entry == NULL && (module->image == NULL || !emu_image_has_function (module->image, name)))
    return emu_leave (CUDA_ERROR_NOT_FOUND);
  *function = g_hash_table_lookup (module->functions, name);
  if (*function == NULL)
    {
      *function = g_new0 (struct CUfunc_st, 1);
      (*function)->module = module;
      (*function)->entry = entry;
      (*function)->most_shared = MOST_SHARED - own_shared (*function);
      g_hash_table_insert (module->functions, g_strdup (name), *function);
    }
  return emu_leave (CUDA_SUCCESS);
}

CUresult CUDAAPI
cuModuleGetGlobal (CUdeviceptr *pointer, size_t *size, CUmodule module, const char *name)
{
  EMU_ENTER (cuModuleGetGlobal);
  if (module != NULL && module->ptx == NULL)
    return emu_leave (module->refusal != CUDA_SUCCESS ? module->refusal : CUDA_ERROR_NOT_FOUND);
  for (guint i = 0; module != NULL && i < ptx_module_get_n_variables (module->ptx); i++)
    if (strcmp (ptx_module_get_variable (module->ptx, i).name, name) == 0)
      {
        if (pointer != NULL)
          *pointer = (CUdeviceptr) module->variables[i]->address;
        if (size != NULL)
          *size = module->variables[i]->size;
        return emu_leave (CUDA_SUCCESS);
      }
  return emu_leave (module == NULL ? CUDA_ERROR_INVALID_HANDLE : CUDA_ERROR_NOT_FOUND);
}

CUresult CUDAAPI
cuFuncLoad (CUfunction function)
{
  EMU_ENTER (cuFuncLoad);
  return emu_leave (function != NULL ? CUDA_SUCCESS : CUDA_ERROR_INVALID_HANDLE);
}

CUresult CUDAAPI
cuFuncGetParamInfo (CUfunction function, size_t i, size_t *offset, size_t *size)
{
  EMU_ENTER (cuFuncGetParamInfo);
  if (function == NULL || function->entry == NULL)
    return emu_leave (function == NULL ? CUDA_ERROR_INVALID_HANDLE : CUDA_ERROR_NOT_SUPPORTED);
  if (i >= ptx_entry_get_n_parameters (function->entry))
    return emu_leave (CUDA_ERROR_INVALID_VALUE);
  *offset = ptx_entry_get_parameter (function->entry, (guint) i).offset;
  if (size != NULL)
    *size = ptx_entry_get_parameter (function->entry, (guint) i).size;
  return emu_leave (CUDA_SUCCESS);
}

static int
most_threads (CUfunction function)
{
  guint bound = function->entry != NULL ? ptx_entry_get_max_threads (function->entry) : 0;

  return bound == 0 ? 1024 : (int) MIN (bound, 1024);
}

CUresult CUDAAPI
cuFuncGetAttribute (int *value, CUfunction_attribute attribute, CUfunction function)
{
  EMU_ENTER (cuFuncGetAttribute);
  if (function == NULL)
    return emu_leave (CUDA_ERROR_INVALID_HANDLE);
  switch ((int) attribute)
    {
    case CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK:
      *value = most_threads (function);
      break;
    case CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES:
      *value = own_shared (function);
      break;
    case CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES:
      *value = function->most_shared;
      break;
    case CU_FUNC_ATTRIBUTE_NUM_REGS:
      *value = 32;
      break;
    default:
      return emu_leave (CUDA_ERROR_NOT_SUPPORTED);
    }
  return emu_leave (CUDA_SUCCESS);
}

CUresult CUDAAPI
cuFuncSetAttribute (CUfunction function, CUfunction_attribute attribute, int value)
{
  EMU_ENTER (cuFuncSetAttribute);
  if (function == NULL)
    return emu_leave (CUDA_ERROR_INVALID_HANDLE);
  if (attribute != CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES)
    return emu_leave (CUDA_ERROR_NOT_SUPPORTED);
  if (value < 0 || value > emu_most_shared () - own_shared (function))
    return emu_leave (CUDA_ERROR_INVALID_VALUE);
  function->most_shared = value;
  return emu_leave (CUDA_SUCCESS);
}

CUresult CUDAAPI
cuOccupancyMaxPotentialBlockSize (int *grid, int *block, CUfunction function,
                                  CUoccupancyB2DSize shared_of_block, size_t shared, int limit)
{
  EMU_ENTER (cuOccupancyMaxPotentialBlockSize);
  if (function == NULL)
    return emu_leave (CUDA_ERROR_INVALID_HANDLE);
  *block = MIN (most_threads (function), 256);
  if (limit > 0)
    *block = MIN (*block, limit);
  *grid = 8;
  return emu_leave (CUDA_SUCCESS);
}

static gboolean
is_possible (CUfunction function, const guint grid[3], const guint block[3], gsize shared)
{
  guint64 threads = (guint64) block[0] * block[1] * block[2];

  return grid[0] > 0 && grid[1] > 0 && grid[2] > 0 && grid[0] <= G_MAXINT32 && grid[1] <= 65535
         && grid[2] <= 65535 && threads > 0 && block[0] <= 1024 && block[1] <= 1024
         && block[2] <= 64 && threads <= (guint64) most_threads (function)
         && shared <= (gsize) function->most_shared;
}

CUresult CUDAAPI
cuLaunchKernel (CUfunction function, unsigned int grid_x, unsigned int grid_y, unsigned int grid_z,
                unsigned int block_x, unsigned int block_y, unsigned int block_z,
                unsigned int shared, CUstream stream, void **arguments, void **extra)
{
  EmuLaunch what = {
    function, { grid_x, grid_y, grid_z }, { block_x, block_y, block_z }, shared, NULL
  };
  EmuWork *work;
  guint n;

  EMU_ENTER (cuLaunchKernel);
  stream = emu_stream_of (stream);
  if (function == NULL || stream == NULL || function->module->context != stream->context)
    return emu_leave (CUDA_ERROR_INVALID_HANDLE);
  if (!is_possible (function, what.grid, what.block, shared))
    return emu_leave (CUDA_ERROR_INVALID_VALUE);
  if (function->entry == NULL)
    return emu_leave (CUDA_ERROR_NOT_SUPPORTED);
  n = ptx_entry_get_n_parameters (function->entry);
  if (extra != NULL || (n > 0 && arguments == NULL))
    return emu_leave (CUDA_ERROR_INVALID_VALUE);
  what.arguments = g_new0 (void *, n + 1);
  for (guint i = 0; i < n; i++)
    what.arguments[i] = g_memdup2 (arguments[i], ptx_entry_get_parameter (function->entry, i).size);
  work = emu_work_new (stream, EMU_LAUNCH);
  work->launch = what;
  emu_work_queue (stream, work);
  return emu_leave (CUDA_SUCCESS);
}
