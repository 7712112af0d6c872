/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where a stage's chunks come from and go back to. */
#include "config.h"

#include "base/lock-private.h"
#include "memory/chunk-private.h"

struct _PinwheelChunkStore
{
  gint ref_count;         /* atomic: the owner, and each chunk that is out */
  PinwheelFormat *format; /* immutable, owned */

  PinwheelLock lock;   /* leaf lock: nothing is called out to while it is held */
  PinwheelChunk *home; /* (lock) the chunks that nobody holds; the last one back leaves first, while
                          it is still in a cache */
};

PinwheelChunkStore *
pinwheel_chunk_store_new (PinwheelFormat *format)
{
  PinwheelChunkStore *self;

  g_return_val_if_fail (format != NULL, NULL);

  self = g_new0 (PinwheelChunkStore, 1);
  self->ref_count = 1;
  self->format = pinwheel_format_ref (format);
  pinwheel_lock_init (&self->lock);
  return self;
}

void
pinwheel_chunk_store_unref (PinwheelChunkStore *self)
{
  g_return_if_fail (self != NULL);

  if (!g_atomic_int_dec_and_test (&self->ref_count))
    return;
  while (self->home != NULL)
    {
      PinwheelChunk *chunk = self->home;

      self->home = chunk->next;
      g_free (chunk);
    }
  pinwheel_lock_clear (&self->lock);
  pinwheel_format_unref (self->format);
  g_free (self);
}

PinwheelChunk *
pinwheel_chunk_store_take (PinwheelChunkStore *self, guint64 index, guint64 start, guint64 count)
{
  PinwheelChunk *chunk;

  g_return_val_if_fail (self != NULL, NULL);

  pinwheel_lock (&self->lock);
  chunk = self->home;
  if (chunk != NULL)
    self->home = chunk->next;
  pinwheel_unlock (&self->lock);

  if (chunk == NULL)
    {
      guint n_arrays = pinwheel_format_n_arrays (self->format);

      chunk = g_malloc0 (sizeof *chunk + n_arrays * sizeof chunk->views[0]);
      chunk->format = self->format;
      chunk->n_arrays = n_arrays;
    }
  g_atomic_int_inc (&self->ref_count);
  chunk->store = self;
  chunk->index = index;
  chunk->start = start;
  chunk->count = count;
  chunk->device = 0;
  chunk->n_layouts = 0;
  g_atomic_int_set (&chunk->ref_count, 1);
  return chunk;
}

void
pinwheel_chunk_store_take_back (PinwheelChunk *chunk)
{
  PinwheelChunkStore *store = chunk->store;

  pinwheel_lock (&store->lock);
  chunk->next = store->home;
  store->home = chunk;
  pinwheel_unlock (&store->lock);
  pinwheel_chunk_store_unref (store);
}
