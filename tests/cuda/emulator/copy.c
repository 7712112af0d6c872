/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copies. Pinned memory must not change while a copy reads it, and is poisoned when a copy to it is
 * asked for, so that who reads too early reads rubbish: both where nothing else is queued that has
 * to do with it. From pageable memory a copy takes a snapshot, to pageable memory it waits until it
 * is done: the most that a driver may do. */
#include "config.h"

#include "emulator.h"

#include <string.h>

#define POISON 0xd9

static gsize
span (const EmuCopy *copy, gsize pitch, gsize slice)
{
  return (copy->depth - 1) * slice + (copy->height - 1) * pitch + copy->width;
}

static guint8 *
row (guint8 *base, gsize y, gsize z, gsize pitch, gsize slice)
{
  return base + z * slice + y * pitch;
}

/* FNV-1a, by 8 bytes where it can */
static guint64
sum_source (const EmuCopy *copy)
{
  guint64 sum = G_GUINT64_CONSTANT (14695981039346656037);

  for (gsize z = 0; z < copy->depth; z++)
    for (gsize y = 0; y < copy->height; y++)
      {
        const guint8 *bytes = row (copy->source, y, z, copy->source_pitch, copy->source_slice);
        gsize i = 0;

        for (guint64 word; i + sizeof word <= copy->width; i += sizeof word)
          {
            memcpy (&word, bytes + i, sizeof word);
            sum = (sum ^ word) * G_GUINT64_CONSTANT (1099511628211);
          }
        for (; i < copy->width; i++)
          sum = (sum ^ bytes[i]) * G_GUINT64_CONSTANT (1099511628211);
      }
  return sum;
}

/* Whether the work is a copy that has to do with @size bytes of pinned memory at @memory */
static gboolean
touches (const EmuWork *work, const guint8 *memory, gsize size)
{
  const EmuCopy *copy = &work->copy;

  if (work->kind != EMU_COPY)
    return FALSE;
  return (copy->source < memory + size
          && memory < copy->source + span (copy, copy->source_pitch, copy->source_slice))
         || (copy->target < memory + size
             && memory < copy->target + span (copy, copy->target_pitch, copy->target_slice));
}

/* Whether nothing that is queued or runs has to do with the memory */
static gboolean
is_quiet (const guint8 *memory, gsize size)
{
  for (guint i = 0; i < emu.streams->len; i++)
    {
      CUstream stream = emu.streams->pdata[i];

      if (stream->running != NULL && touches (stream->running, memory, size))
        return FALSE;
      for (GList *item = stream->work.head; item != NULL; item = item->next)
        if (touches (item->data, memory, size))
          return FALSE;
    }
  return TRUE;
}

static void
poison_target (const EmuCopy *copy)
{
  if (!is_quiet (copy->target, span (copy, copy->target_pitch, copy->target_slice)))
    return;
  for (gsize z = 0; z < copy->depth; z++)
    for (gsize y = 0; y < copy->height; y++)
      memset (row (copy->target, y, z, copy->target_pitch, copy->target_slice), POISON,
              copy->width);
}

static void
take_snapshot (EmuCopy *copy)
{
  gsize slice = copy->width * copy->height;

  copy->snapshot = g_malloc (slice * copy->depth);
  for (gsize z = 0; z < copy->depth; z++)
    for (gsize y = 0; y < copy->height; y++)
      memcpy (row (copy->snapshot, y, z, copy->width, slice),
              row (copy->source, y, z, copy->source_pitch, copy->source_slice), copy->width);
  copy->source = copy->snapshot;
  copy->source_pitch = copy->width;
  copy->source_slice = slice;
}

/* Whether one side of a copy of rows keeps to what cuda.h says of pitches and heights. */
static gboolean
is_laid_out (const EmuCopy *copy, gsize x, gsize y, gsize pitch, gsize height)
{
  return pitch <= emu.options.pitch && (copy->height <= 1 || pitch >= x + copy->width)
         && (copy->depth <= 1 || (pitch >= x + copy->width && height >= y + copy->height));
}

/* @on_device: what the caller says that it is */
static gboolean
find_side (guint8 *address, gsize size, gboolean on_device, EmuBlock **block)
{
  *block = emu_find_block (address);
  if (*block == NULL)
    return !on_device;
  return ((*block)->kind == EMU_DEVICE) == on_device
         && size <= (*block)->size - (gsize) (address - (*block)->address);
}

static CUresult
queue_copy (EmuCopy *copy, gboolean from_device, gboolean to_device, CUstream handle)
{
  CUstream stream = emu_stream_of (handle);
  gboolean up = !from_device, pinned;
  EmuWork *work;

  if (stream == NULL)
    return CUDA_ERROR_INVALID_HANDLE;
  if (copy->width == 0 || copy->height == 0 || copy->depth == 0)
    return CUDA_SUCCESS;
  if (!find_side (copy->source, span (copy, copy->source_pitch, copy->source_slice), from_device,
                  &copy->source_block)
      || !find_side (copy->target, span (copy, copy->target_pitch, copy->target_slice), to_device,
                     &copy->target_block))
    return CUDA_ERROR_INVALID_VALUE;
  copy->engine = from_device && to_device ? EMU_ENGINE_COMPUTE
                 : up                     ? EMU_ENGINE_UP
                                          : EMU_ENGINE_DOWN;
  pinned = copy->source_block != NULL && copy->target_block != NULL;
  if (from_device != to_device)
    {
      emu.copies[!up][pinned]++;
      emu.copied[!up] += copy->width * copy->height * copy->depth;
    }
  if (up && !pinned)
    take_snapshot (copy);
  else if (up && is_quiet (copy->source, span (copy, copy->source_pitch, copy->source_slice)))
    {
      copy->checks_source = TRUE;
      copy->sum = sum_source (copy);
    }
  else if (!to_device && pinned)
    poison_target (copy);
  work = emu_work_new (stream, EMU_COPY);
  work->copy = *copy;
  emu_work_queue (stream, work);
  if (!up && !to_device && !pinned)
    emu_wait_done (stream, stream->added, TRUE);
  return CUDA_SUCCESS;
}

static void
check_rows (CUstream stream, const EmuWork *work, EmuBlock *block, const guint8 *first, gsize pitch,
            gsize slice, gboolean write)
{
  const EmuCopy *copy = &work->copy;
  gsize offset = (gsize) (first - block->address);

  for (gsize z = 0; z < copy->depth; z++)
    for (gsize y = 0; y < copy->height; y++)
      emu_check_order (stream, work, block, offset + z * slice + y * pitch, copy->width, write);
}

static guint8 *
bytes_of (EmuBlock *block, guint8 *address)
{
  return block == NULL ? address : block->bytes + (address - block->address);
}

void
emu_run_copy (CUstream stream, EmuWork *work)
{
  EmuCopy *copy = &work->copy;
  guint8 *source = bytes_of (copy->snapshot != NULL ? NULL : copy->source_block, copy->source);
  guint8 *target = bytes_of (copy->target_block, copy->target);
  gboolean changed;

  if (copy->source_block != NULL)
    check_rows (stream, work, copy->source_block, copy->source, copy->source_pitch,
                copy->source_slice, FALSE);
  if (copy->target_block != NULL)
    check_rows (stream, work, copy->target_block, copy->target, copy->target_pitch,
                copy->target_slice, TRUE);
  pinwheel_unlock (&emu.lock);
  changed = copy->checks_source && sum_source (copy) != copy->sum;
  for (gsize z = 0; z < copy->depth; z++)
    for (gsize y = 0; y < copy->height; y++)
      memcpy (row (target, y, z, copy->target_pitch, copy->target_slice),
              row (source, y, z, copy->source_pitch, copy->source_slice), copy->width);
  pinwheel_lock (&emu.lock);
  /* a device that is lost stops what it does, of which this copy knows nothing */
  if (changed && stream->context->sticky == CUDA_SUCCESS)
    emu_report_hazard (g_strdup_printf ("pinned memory at %p changed while copy %" G_GUINT64_FORMAT
                                        " of stream %d was to read it",
                                        (void *) copy->source, work->number, stream->slot));
}

void
emu_copy_clear (EmuCopy *copy)
{
  g_free (copy->snapshot);
}

static EmuCopy
flat (gconstpointer source, gpointer target, gsize size)
{
  return (EmuCopy){ .source = (guint8 *) source,
                    .target = target,
                    .width = size,
                    .height = 1,
                    .depth = 1,
                    .source_pitch = size,
                    .source_slice = size,
                    .target_pitch = size,
                    .target_slice = size };
}

CUresult CUDAAPI
cuMemcpyHtoDAsync (CUdeviceptr target, const void *source, size_t size, CUstream stream)
{
  EmuCopy copy = flat (source, (gpointer) target, size);

  EMU_ENTER (cuMemcpyHtoDAsync);
  return emu_leave (queue_copy (&copy, FALSE, TRUE, stream));
}

CUresult CUDAAPI
cuMemcpyDtoHAsync (void *target, CUdeviceptr source, size_t size, CUstream stream)
{
  EmuCopy copy = flat ((gconstpointer) source, target, size);

  EMU_ENTER (cuMemcpyDtoHAsync);
  return emu_leave (queue_copy (&copy, TRUE, FALSE, stream));
}

CUresult CUDAAPI
cuMemcpyDtoDAsync (CUdeviceptr target, CUdeviceptr source, size_t size, CUstream stream)
{
  EmuCopy copy = flat ((gconstpointer) source, (gpointer) target, size);

  EMU_ENTER (cuMemcpyDtoDAsync);
  return emu_leave (queue_copy (&copy, TRUE, TRUE, stream));
}

/* Returns: FALSE for a type that is not known */
static gboolean
choose_side (CUmemorytype type, const void *host, CUdeviceptr device, guint8 **address,
             gboolean *on_device)
{
  *on_device = type == CU_MEMORYTYPE_DEVICE;
  *address = *on_device ? (guint8 *) device : (guint8 *) host;
  return type == CU_MEMORYTYPE_DEVICE || type == CU_MEMORYTYPE_HOST;
}

CUresult CUDAAPI
cuMemcpy3DAsync (const CUDA_MEMCPY3D *what, CUstream stream)
{
  EmuCopy copy = { .width = what->WidthInBytes,
                   .height = what->Height,
                   .depth = what->Depth,
                   .source_pitch = what->srcPitch,
                   .target_pitch = what->dstPitch };
  gboolean from_device, to_device;

  EMU_ENTER (cuMemcpy3DAsync);
  if (!choose_side (what->srcMemoryType, what->srcHost, what->srcDevice, &copy.source, &from_device)
      || !choose_side (what->dstMemoryType, what->dstHost, what->dstDevice, &copy.target,
                       &to_device)
      || !is_laid_out (&copy, what->srcXInBytes, what->srcY, what->srcPitch, what->srcHeight)
      || !is_laid_out (&copy, what->dstXInBytes, what->dstY, what->dstPitch, what->dstHeight)
      || what->srcLOD != 0 || what->dstLOD != 0 || what->reserved0 != NULL
      || what->reserved1 != NULL)
    return emu_leave (CUDA_ERROR_INVALID_VALUE);
  copy.source_slice = what->srcPitch * what->srcHeight;
  copy.target_slice = what->dstPitch * what->dstHeight;
  copy.source += what->srcZ * copy.source_slice + what->srcY * what->srcPitch + what->srcXInBytes;
  copy.target += what->dstZ * copy.target_slice + what->dstY * what->dstPitch + what->dstXInBytes;
  return emu_leave (queue_copy (&copy, from_device, to_device, stream));
}

CUresult CUDAAPI
cuMemcpy2DAsync (const CUDA_MEMCPY2D *what, CUstream stream)
{
  EmuCopy copy = { .width = what->WidthInBytes,
                   .height = what->Height,
                   .depth = 1,
                   .source_pitch = what->srcPitch,
                   .target_pitch = what->dstPitch };
  gboolean from_device, to_device;

  EMU_ENTER (cuMemcpy2DAsync);
  if (!choose_side (what->srcMemoryType, what->srcHost, what->srcDevice, &copy.source, &from_device)
      || !choose_side (what->dstMemoryType, what->dstHost, what->dstDevice, &copy.target,
                       &to_device)
      || !is_laid_out (&copy, what->srcXInBytes, what->srcY, what->srcPitch, 1)
      || !is_laid_out (&copy, what->dstXInBytes, what->dstY, what->dstPitch, 1))
    return emu_leave (CUDA_ERROR_INVALID_VALUE);
  copy.source += what->srcY * what->srcPitch + what->srcXInBytes;
  copy.target += what->dstY * what->dstPitch + what->dstXInBytes;
  return emu_leave (queue_copy (&copy, from_device, to_device, stream));
}
