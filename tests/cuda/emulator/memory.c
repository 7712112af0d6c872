/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Allocations, of the device and pinned. Fresh memory is poisoned. */
#include "config.h"

#include "emulator.h"

#include <string.h>
#include <sys/mman.h>

#define POISON 0xd7

EmuBlock *
emu_find_block (gconstpointer address)
{
  for (guint i = 0; i < emu.blocks->len; i++)
    {
      EmuBlock *block = emu.blocks->pdata[i];

      if ((const guint8 *) address >= block->address
          && (const guint8 *) address < block->address + block->size)
        return block;
    }
  return NULL;
}

static void
count (EmuKind kind, CUcontext context, gsize size)
{
  emu.used[kind] += size;
  emu.peak[kind] = MAX (emu.peak[kind], emu.used[kind]);
  if (kind != EMU_DEVICE)
    return;
  context->used += size;
  context->peak = MAX (context->peak, context->used);
}

void
emu_block_free (gpointer data)
{
  EmuBlock *block = data;

  emu.used[block->kind] -= block->size;
  if (block->kind == EMU_DEVICE)
    {
      block->context->used -= block->size;
      munmap (block->address, block->size);
    }
  if (block->kind != EMU_REGISTERED)
    munmap (block->bytes, block->size);
  g_array_unref (block->records);
  g_free (block);
}

static gpointer
map (gsize size, int protection)
{
  void *pages = mmap (NULL, size, protection, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

  return pages == MAP_FAILED ? NULL : pages;
}

static EmuBlock *
add_block (EmuKind kind, guint8 *address, guint8 *bytes, gsize size)
{
  EmuBlock *block = g_new0 (EmuBlock, 1);

  block->kind = kind;
  block->context = emu_current;
  block->address = address;
  block->bytes = bytes;
  block->size = size;
  block->records = g_array_new (FALSE, FALSE, sizeof (EmuRecord));
  g_ptr_array_add (emu.blocks, block);
  count (kind, emu_current, size);
  return block;
}

EmuBlock *
emu_add_device_block (gsize size)
{
  guint8 *address = map (size, PROT_NONE);
  guint8 *bytes = map (size, PROT_READ | PROT_WRITE);

  if (address == NULL || bytes == NULL)
    return NULL;
  memset (bytes, POISON, size);
  return add_block (EMU_DEVICE, address, bytes, size);
}

CUresult CUDAAPI
cuMemAlloc (CUdeviceptr *pointer, size_t size)
{
  EmuBlock *block;

  EMU_ENTER (cuMemAlloc);
  if (size == 0)
    return emu_leave (CUDA_ERROR_INVALID_VALUE);
  if (size > emu.options.memory - emu_current->used)
    return emu_leave (CUDA_ERROR_OUT_OF_MEMORY);
  block = emu_add_device_block (size);
  if (block == NULL)
    return emu_leave (CUDA_ERROR_OUT_OF_MEMORY);
  *pointer = (CUdeviceptr) block->address;
  return emu_leave (CUDA_SUCCESS);
}

/* Waits for all work of the context, as drivers do, and counts that. */
static CUresult
free_block (EmuKind kind, gconstpointer address)
{
  EmuBlock *block = emu_find_block (address);

  if (block == NULL || block->kind != kind || block->address != address)
    return CUDA_ERROR_INVALID_VALUE;
  emu_wait_idle (block->context);
  g_ptr_array_remove_fast (emu.blocks, block);
  return CUDA_SUCCESS;
}

CUresult CUDAAPI
cuMemFree (CUdeviceptr pointer)
{
  EMU_ENTER_RELEASE (cuMemFree);
  return emu_leave_release (free_block (EMU_DEVICE, (gconstpointer) pointer));
}

CUresult CUDAAPI
cuMemHostAlloc (void **pointer, size_t size, unsigned int flags)
{
  guint8 *bytes;

  EMU_ENTER (cuMemHostAlloc);
  if (size == 0 || size > emu.options.pinned - emu.used[EMU_PINNED] - emu.used[EMU_REGISTERED])
    return emu_leave (size == 0 ? CUDA_ERROR_INVALID_VALUE : CUDA_ERROR_OUT_OF_MEMORY);
  bytes = map (size, PROT_READ | PROT_WRITE);
  if (bytes == NULL)
    return emu_leave (CUDA_ERROR_OUT_OF_MEMORY);
  memset (bytes, POISON, size);
  add_block (EMU_PINNED, bytes, bytes, size);
  *pointer = bytes;
  return emu_leave (CUDA_SUCCESS);
}

CUresult CUDAAPI
cuMemFreeHost (void *pointer)
{
  EMU_ENTER_RELEASE (cuMemFreeHost);
  return emu_leave_release (free_block (EMU_PINNED, pointer));
}

CUresult CUDAAPI
cuMemHostRegister (void *pointer, size_t size, unsigned int flags)
{
  EMU_ENTER (cuMemHostRegister);
  if (pointer == NULL || size == 0)
    return emu_leave (CUDA_ERROR_INVALID_VALUE);
  for (guint i = 0; i < emu.blocks->len; i++)
    {
      EmuBlock *block = emu.blocks->pdata[i];

      if ((guint8 *) pointer < block->address + block->size
          && block->address < (guint8 *) pointer + size)
        return emu_leave (CUDA_ERROR_HOST_MEMORY_ALREADY_REGISTERED);
    }
  if (size > emu.options.pinned - emu.used[EMU_PINNED] - emu.used[EMU_REGISTERED])
    return emu_leave (CUDA_ERROR_OUT_OF_MEMORY);
  add_block (EMU_REGISTERED, pointer, pointer, size);
  return emu_leave (CUDA_SUCCESS);
}

CUresult CUDAAPI
cuMemHostUnregister (void *pointer)
{
  CUresult result;

  EMU_ENTER_RELEASE (cuMemHostUnregister);
  result = free_block (EMU_REGISTERED, pointer);
  return emu_leave_release (result == CUDA_SUCCESS ? result
                                                   : CUDA_ERROR_HOST_MEMORY_NOT_REGISTERED);
}

CUresult CUDAAPI
cuMemGetInfo (size_t *available, size_t *total)
{
  EMU_ENTER (cuMemGetInfo);
  *total = emu.options.memory;
  *available = emu.options.memory - emu_current->used;
  return emu_leave (CUDA_SUCCESS);
}

CUresult CUDAAPI
cuPointerGetAttribute (void *data, CUpointer_attribute attribute, CUdeviceptr pointer)
{
  EmuBlock *block;

  EMU_ENTER (cuPointerGetAttribute);
  block = emu_find_block ((gconstpointer) pointer);
  if (block == NULL)
    return emu_leave (CUDA_ERROR_INVALID_VALUE);
  if (attribute == CU_POINTER_ATTRIBUTE_MEMORY_TYPE)
    *(guint *) data = block->kind == EMU_DEVICE ? CU_MEMORYTYPE_DEVICE : CU_MEMORYTYPE_HOST;
  else if (attribute == CU_POINTER_ATTRIBUTE_DEVICE_ORDINAL)
    *(int *) data = block->context->device;
  else if (attribute == CU_POINTER_ATTRIBUTE_CONTEXT)
    *(CUcontext *) data = block->context;
  else
    return emu_leave (CUDA_ERROR_NOT_SUPPORTED);
  return emu_leave (CUDA_SUCCESS);
}
