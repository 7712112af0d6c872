/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The memory of what a pad's element makes: on each device a pool and a block for broadcast arrays.
 * And which device a chunk goes to. */
#include "config.h"

#include <pinwheel/element.h>

#include "base/clock-private.h"
#include "graph/element-private.h"
#include "graph/pad-fields-private.h"
#include "memory/chunk-private.h"
#include "memory/pool-private.h"

static PinwheelPool *
pinwheel_pad_new_pool (PinwheelPad *self, PinwheelDevice *device, gboolean pageable,
                       guint n_buffers, gsize size, GError **error)
{
  return pageable ? pinwheel_pool_new_pageable (device, n_buffers, size, error)
                  : pinwheel_pool_new (device, self->kind, n_buffers, size, error);
}

static gboolean
pinwheel_pad_allocate_broadcast (PinwheelPad *self, PinwheelPadMemory *memory,
                                 PinwheelDevice *device, gboolean pageable, gsize size,
                                 GError **error)
{
  guint8 *address;

  memory->broadcast_pool = pinwheel_pad_new_pool (self, device, pageable, 1, size, error);
  if (memory->broadcast_pool == NULL)
    return FALSE;
  memory->broadcast = pinwheel_pool_acquire (memory->broadcast_pool, error);
  if (memory->broadcast == NULL)
    return FALSE;
  memory->broadcast_addresses = g_new0 (gpointer, self->n_made);
  address = pinwheel_buffer_get_memory (memory->broadcast);
  for (guint i = 0; i < self->n_made; i++)
    {
      const PinwheelArray *array = pinwheel_format_array (self->format, i);
      gsize bytes = pinwheel_array_item_size (array);

      if (!pinwheel_array_is_broadcast (array))
        continue;
      if (pinwheel_pad_is_direct (self, i))
        {
          memory->broadcast_addresses[i] = self->direct[i].memory;
          continue;
        }
      memory->broadcast_addresses[i] = address;
      address += (bytes + PINWHEEL_ALIGNMENT - 1) / PINWHEEL_ALIGNMENT * PINWHEEL_ALIGNMENT;
    }
  return TRUE;
}

static gboolean
pinwheel_pad_allocate_memory (PinwheelPad *self, PinwheelPadMemory *memory, PinwheelDevice *device,
                              const PinwheelPlanPool *planned, gboolean pageable, GError **error)
{
  if (planned->buffer_size > 0 || pinwheel_pad_has_direct (self, TRUE))
    {
      memory->pool = pinwheel_pad_new_pool (self, device, pageable, planned->n_buffers,
                                            planned->buffer_size, error);
      if (memory->pool == NULL)
        return FALSE;
    }
  return (planned->broadcast_size == 0 && !pinwheel_pad_has_direct (self, FALSE))
         || pinwheel_pad_allocate_broadcast (self, memory, device, pageable,
                                             planned->broadcast_size, error);
}

gboolean
pinwheel_pad_is_entry (PinwheelPad *self)
{
  GPtrArray *pads = pinwheel_element_get_pads (self->element);

  if (self->direction != PINWHEEL_PAD_SRC || self->place != PINWHEEL_PLACE_DEVICE)
    return FALSE;
  for (guint i = 0; i < pads->len; i++)
    {
      PinwheelPad *pad = pads->pdata[i];

      if (pad->direction == PINWHEEL_PAD_SINK && pad->place == PINWHEEL_PLACE_DEVICE)
        return FALSE;
    }
  return TRUE;
}

gboolean
pinwheel_pad_allocate (PinwheelPad *self, const PinwheelPadRun *run,
                       const PinwheelPlanPool *planned, gboolean pageable, GError **error)
{
  self->chunk_length = run->chunk_length;
  self->n_devices = pinwheel_pad_is_entry (self) ? run->devices->len : 1;
  self->in_turn = run->in_turn;
  pinwheel_counter_set (&self->waited_buffer, 0);
  self->store = pinwheel_chunk_store_new (self->format);
  pinwheel_link_reset (self->link, self->peer->depth > 0 ? self->peer->depth : run->depth);
  if (planned == NULL)
    return TRUE;
  self->n_memories = self->kind == PINWHEEL_MEMORY_DEVICE ? run->devices->len : 1;
  self->memories = g_new0 (PinwheelPadMemory, self->n_memories);
  for (guint i = 0; i < self->n_memories; i++)
    if (!pinwheel_pad_allocate_memory (self, &self->memories[i], run->devices->pdata[i], planned,
                                       pageable, error))
      return FALSE;
  return TRUE;
}

void
pinwheel_pad_release (PinwheelPad *self)
{
  if (self->direction == PINWHEEL_PAD_SRC && self->link != NULL)
    pinwheel_link_drop (self->link);
  for (guint i = 0; i < self->n_memories; i++)
    {
      PinwheelPadMemory *memory = &self->memories[i];

      g_clear_pointer (&memory->broadcast, pinwheel_buffer_unref);
      g_clear_pointer (&memory->broadcast_addresses, g_free);
      g_clear_object (&memory->broadcast_pool);
      g_clear_object (&memory->pool);
    }
  g_clear_pointer (&self->memories, g_free);
  self->n_memories = 0;
  g_clear_pointer (&self->store, pinwheel_chunk_store_unref);
}

void
pinwheel_pad_stop (PinwheelPad *self)
{
  pinwheel_link_stop (self->link);
  for (guint i = 0; i < self->n_memories; i++)
    if (self->memories[i].pool != NULL)
      pinwheel_pool_set_flushing (self->memories[i].pool, TRUE);
}

PinwheelPool *
pinwheel_pad_get_pool (PinwheelPad *self)
{
  for (guint i = 1; i < self->n_memories; i++)
    if (self->memories[i].pool != NULL
        && pinwheel_pool_get_waiting_since (self->memories[i].pool) != 0)
      return self->memories[i].pool;
  return self->n_memories > 0 ? self->memories[0].pool : NULL;
}

gpointer
pinwheel_pad_get_broadcast (PinwheelPad *self, guint i)
{
  g_return_val_if_fail (PINWHEEL_IS_PAD (self), NULL);

  return self->n_memories > 0 && self->memories[0].broadcast_addresses != NULL && i < self->n_made
             ? self->memories[0].broadcast_addresses[i]
             : NULL;
}

PinwheelBuffer *
pinwheel_pad_get_broadcast_buffer (PinwheelPad *self)
{
  return self->n_memories > 0 ? self->memories[0].broadcast : NULL;
}

/* --- chunks --- */

/* Chunks that were given to a device and that it has not done with: their buffers, and copies that
 * wait for a buffer. */
static guint64
pinwheel_pad_count_unfinished (PinwheelPad *self, guint device)
{
  PinwheelPadMemory *memory = &self->memories[device];
  guint64 n = pinwheel_element_get_n_pending (self->element, device);

  if (memory->pool != NULL)
    n += pinwheel_pool_get_n_buffers (memory->pool) - pinwheel_pool_get_n_idle (memory->pool);
  return MIN (n, memory->n_chunks);
}

/* One that has nothing to do, or the one that will be done with this chunk first, as far as what
 * each has done so far tells. Whichever it is, its buffers come home as chunks before this one go
 * away: nobody waits for what comes later. */
static guint
pinwheel_pad_choose_device (PinwheelPad *self, guint64 index)
{
  guint64 least = 0, done_by_best = 0;
  guint best = G_MAXUINT;

  if (self->in_turn || self->n_memories < self->n_devices)
    return (guint) (index % self->n_devices);
  for (guint i = 0; i < self->n_devices; i++)
    {
      guint64 n = self->memories[i].n_chunks;
      guint64 unfinished = pinwheel_pad_count_unfinished (self, i);
      guint64 work = unfinished == 0 ? 0 : unfinished + 1;
      guint64 done = n - unfinished + 1;

      /* work / done < least / done_by_best, or there are fewer that it was given */
      if (best != G_MAXUINT
          && (work * done_by_best > least * done
              || (work * done_by_best == least * done && n >= self->memories[best].n_chunks)))
        continue;
      least = work;
      done_by_best = done;
      best = i;
    }
  return best;
}

/* Returns: (nullable): where the chunks are that the element is working on */
static PinwheelPadMemory *
pinwheel_pad_get_memory (PinwheelPad *self)
{
  guint turn = pinwheel_element_get_turn (self->element);

  return self->n_memories == 0 ? NULL : &self->memories[self->n_memories > 1 ? turn : 0];
}

/* Returns: FALSE where the run is being stopped */
static gboolean
pinwheel_pad_lend_buffer (PinwheelPad *self, PinwheelPool *pool, PinwheelChunk *chunk)
{
  guint64 waited = pinwheel_pool_get_waited (pool);
  g_autoptr (PinwheelBuffer) buffer = pinwheel_pool_acquire (pool, NULL);

  pinwheel_counter_add (&self->waited_buffer, pinwheel_pool_get_waited (pool) - waited);
  if (buffer == NULL)
    return FALSE;
  pinwheel_chunk_lay_out_staged (chunk, buffer, self->n_made, self->is_direct);
  pinwheel_pad_place_direct (self, chunk);
  return TRUE;
}

PinwheelChunk *
pinwheel_pad_new_chunk (PinwheelPad *self, guint64 index, guint64 start, guint64 count)
{
  PinwheelPadMemory *memory;
  PinwheelChunk *chunk;

  g_return_val_if_fail (PINWHEEL_IS_PAD (self) && self->store != NULL, NULL);

  pinwheel_element_note_new (self->element, index);
  if (self->n_devices > 1)
    pinwheel_element_set_turn (self->element, pinwheel_pad_choose_device (self, index));
  chunk = pinwheel_chunk_store_take (self->store, index, start, count);
  chunk->device = pinwheel_element_get_turn (self->element);
  memory = pinwheel_pad_get_memory (self);
  if (memory == NULL)
    return chunk;
  if (memory->n_chunks++ == 0)
    memory->first = index;
  if (memory->pool != NULL && !pinwheel_pad_lend_buffer (self, memory->pool, chunk))
    {
      pinwheel_chunk_unref (chunk);
      return NULL;
    }
  for (guint i = 0; memory->broadcast != NULL && i < self->n_made; i++)
    if (memory->broadcast_addresses[i] != NULL)
      pinwheel_chunk_set_view (chunk, i, memory->broadcast, memory->broadcast_addresses[i]);
  return chunk;
}

gboolean
pinwheel_pad_is_first (PinwheelPad *self, PinwheelChunk *chunk)
{
  PinwheelPadMemory *memory;

  g_return_val_if_fail (PINWHEEL_IS_PAD (self) && chunk != NULL, FALSE);

  memory = pinwheel_pad_get_memory (self);
  return memory != NULL && memory->first == pinwheel_chunk_get_index (chunk);
}

gboolean
pinwheel_pad_sync_writable (PinwheelPad *self, PinwheelChunk *chunk, GError **error)
{
  PinwheelPadMemory *memory = pinwheel_pad_get_memory (self);

  for (guint i = 0; memory != NULL && i < self->n_made; i++)
    {
      PinwheelBuffer *buffer = pinwheel_chunk_get_buffer (chunk, i);
      guint64 begin;
      gboolean ok;

      if (buffer == NULL || buffer == memory->broadcast)
        continue;
      begin = pinwheel_clock ();
      pinwheel_element_note_sync (self->element, begin);
      ok = pinwheel_buffer_sync_writable (buffer, error);
      pinwheel_element_note_sync (self->element, 0);
      pinwheel_counter_add (&self->waited_buffer, pinwheel_clock () - begin);
      return ok; /* one buffer holds them all */
    }
  return TRUE;
}
