/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A token of a pool, and the fences that hang on it. */
#include "config.h"

#include "device/device-private.h"
#include "memory/buffer-private.h"

G_DEFINE_BOXED_TYPE (PinwheelBuffer, pinwheel_buffer, pinwheel_buffer_ref, pinwheel_buffer_unref)

/* --- the sets of fences --- */

/* @fence: (out): the @i-th, with a reference on its stream.
 * Returns: FALSE where there are no more */
static gboolean
get_fence (PinwheelBuffer *self, PinwheelFenceSet *set, guint i, PinwheelFence *fence)
{
  gboolean found;

  pinwheel_lock (&self->lock);
  found = i < set->n;
  if (found)
    {
      *fence = set->fences[i];
      g_object_ref (fence->stream);
    }
  pinwheel_unlock (&self->lock);
  return found;
}

/* Whether nothing is left to wait for or to be told: work that failed is told to whoever comes
 * next. */
static gboolean
is_finished (PinwheelFence fence)
{
  return pinwheel_fence_is_passed (fence) && pinwheel_fence_sync (fence, NULL);
}

/* @finished_only: leave what has not passed, or has failed */
static void
forget (PinwheelBuffer *self, PinwheelFenceSet *set, gboolean finished_only)
{
  PinwheelStream *stream;

  do
    {
      stream = NULL;
      pinwheel_lock (&self->lock);
      for (guint i = set->n; i > 0 && stream == NULL; i--)
        if (!finished_only || is_finished (set->fences[i - 1]))
          stream = pinwheel_fence_set_remove (set, i - 1);
      pinwheel_unlock (&self->lock);
      if (stream != NULL)
        g_object_unref (stream);
    }
  while (stream != NULL);
}

static gboolean
sync_all (PinwheelBuffer *self, PinwheelFenceSet *set, GError **error)
{
  PinwheelFence fence;

  for (guint i = 0; get_fence (self, set, i, &fence); i++)
    {
      gboolean ok = pinwheel_fence_sync (fence, error);

      g_object_unref (fence.stream);
      if (!ok)
        return FALSE;
    }
  return TRUE;
}

/* The CPU is about to use the memory. */
static gboolean
check_access (PinwheelBuffer *self, gboolean write, GError **error)
{
  return self->kind != PINWHEEL_MEMORY_PINNED
         || pinwheel_device_check_host_access (pinwheel_pool_state_get_device (self->state),
                                               self->memory, self->capacity, write, error);
}

/* @cover: (inout) (nullable): becomes the latest fence of @stream itself that was met
 * @waited: (inout) (nullable): becomes TRUE where @stream now waits for another one */
static gboolean
wait_all (PinwheelBuffer *self, PinwheelFenceSet *set, PinwheelStream *stream, PinwheelFence *cover,
          gboolean *waited, GError **error)
{
  PinwheelFence fence;

  for (guint i = 0; get_fence (self, set, i, &fence); i++)
    {
      gboolean ok = TRUE;

      if (fence.stream != stream && !is_finished (fence))
        {
          ok = pinwheel_stream_wait (stream, fence, error);
          if (waited != NULL)
            *waited = TRUE;
        }
      else if (fence.stream == stream && cover != NULL)
        {
          cover->stream = stream;
          cover->value = MAX (cover->value, fence.value);
        }
      g_object_unref (fence.stream);
      if (!ok)
        return FALSE;
    }
  return TRUE;
}

/* --- for the pool --- */

void
pinwheel_buffer_init (PinwheelBuffer *self, PinwheelPoolState *state, PinwheelMemoryKind kind,
                      gpointer memory, gsize capacity)
{
  self->state = state;
  self->kind = kind;
  self->memory = memory;
  self->capacity = capacity;
  pinwheel_lock_init (&self->lock);
}

gboolean
pinwheel_buffer_keeps (PinwheelBuffer *self)
{
  return self->release != NULL;
}

gboolean
pinwheel_buffer_has_passed (PinwheelBuffer *self)
{
  const PinwheelFenceSet *sets[] = { &self->writers, &self->readers };
  gboolean passed = TRUE;

  pinwheel_lock (&self->lock);
  for (guint i = 0; i < G_N_ELEMENTS (sets); i++)
    for (guint j = 0; j < sets[i]->n && passed; j++)
      passed = pinwheel_fence_is_passed (sets[i]->fences[j]);
  pinwheel_unlock (&self->lock);
  return passed;
}

void
pinwheel_buffer_clear (PinwheelBuffer *self)
{
  PinwheelFenceSet *sets[] = { &self->writers, &self->readers };

  for (guint i = 0; i < G_N_ELEMENTS (sets); i++)
    {
      PinwheelFence fence;

      /* work that failed has ended too, and nobody wants the content */
      for (guint j = 0; get_fence (self, sets[i], j, &fence); j++)
        {
          (void) pinwheel_fence_sync (fence, NULL);
          g_object_unref (fence.stream);
        }
      forget (self, sets[i], FALSE);
      pinwheel_fence_set_free (sets[i]);
    }
  pinwheel_buffer_keep (self, NULL, NULL);
  pinwheel_lock_clear (&self->lock);
}

/* --- for everybody --- */

void
pinwheel_buffer_keep (PinwheelBuffer *self, gpointer owner, GDestroyNotify release)
{
  gpointer before;
  GDestroyNotify release_before;

  g_return_if_fail (self != NULL);

  before = self->kept;
  release_before = self->release;
  self->kept = owner;
  self->release = release;
  if (release_before != NULL)
    release_before (before);
}

/* Whether no fence is left. For who holds it alone. */
static gboolean
is_idle (PinwheelBuffer *self)
{
  gboolean idle;

  pinwheel_lock (&self->lock);
  idle = self->writers.n == 0 && self->readers.n == 0;
  pinwheel_unlock (&self->lock);
  return idle;
}

PinwheelBuffer *
pinwheel_buffer_ref (PinwheelBuffer *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  g_atomic_int_inc (&self->ref_count);
  return self;
}

void
pinwheel_buffer_unref (PinwheelBuffer *self)
{
  g_return_if_fail (self != NULL);
  g_return_if_fail (g_atomic_int_get (&self->ref_count) > 0);

  if (!g_atomic_int_dec_and_test (&self->ref_count))
    return;
  forget (self, &self->writers, TRUE);
  forget (self, &self->readers, TRUE);
  if (self->release != NULL && is_idle (self))
    pinwheel_buffer_keep (self, NULL, NULL);
  pinwheel_pool_state_take_back (self->state, self);
}

gpointer
pinwheel_buffer_get_memory (PinwheelBuffer *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->memory;
}

gsize
pinwheel_buffer_get_capacity (PinwheelBuffer *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->capacity;
}

PinwheelMemoryKind
pinwheel_buffer_get_kind (PinwheelBuffer *self)
{
  g_return_val_if_fail (self != NULL, PINWHEEL_MEMORY_PINNED);

  return self->kind;
}

void
pinwheel_buffer_set_writer (PinwheelBuffer *self, PinwheelFence fence)
{
  g_return_if_fail (self != NULL);

  pinwheel_lock (&self->lock);
  pinwheel_fence_set_add (&self->writers, fence);
  pinwheel_unlock (&self->lock);
}

void
pinwheel_buffer_add_reader (PinwheelBuffer *self, PinwheelFence fence)
{
  g_return_if_fail (self != NULL);

  pinwheel_lock (&self->lock);
  pinwheel_fence_set_add (&self->readers, fence);
  pinwheel_unlock (&self->lock);
}

gboolean
pinwheel_buffer_wait_readable (PinwheelBuffer *self, PinwheelStream *stream, GError **error)
{
  g_return_val_if_fail (self != NULL && stream != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return wait_all (self, &self->writers, stream, NULL, NULL, error);
}

/* What was waited for is forgotten, but a fence of @stream that covers it stays: were the buffer
 * dropped before @stream writes into it, the next one to take it would wait for nothing. */
gboolean
pinwheel_buffer_wait_writable (PinwheelBuffer *self, PinwheelStream *stream, GError **error)
{
  PinwheelFence cover = { NULL, 0 };
  gboolean waited = FALSE;

  g_return_val_if_fail (self != NULL && stream != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (!wait_all (self, &self->writers, stream, &cover, &waited, error)
      || !wait_all (self, &self->readers, stream, &cover, &waited, error))
    return FALSE;
  if (waited && !pinwheel_stream_record (stream, &cover, error))
    return FALSE;
  forget (self, &self->readers, FALSE);
  forget (self, &self->writers, FALSE);
  pinwheel_buffer_set_writer (self, cover);
  return TRUE;
}

gboolean
pinwheel_buffer_sync_readable (PinwheelBuffer *self, GError **error)
{
  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return sync_all (self, &self->writers, error) && check_access (self, FALSE, error);
}

gboolean
pinwheel_buffer_sync_writable (PinwheelBuffer *self, GError **error)
{
  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (!sync_all (self, &self->writers, error) || !sync_all (self, &self->readers, error))
    return FALSE;
  forget (self, &self->writers, FALSE);
  forget (self, &self->readers, FALSE);
  return check_access (self, TRUE, error);
}
