/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "memory/fence-set-private.h"

void
pinwheel_fence_set_add (PinwheelFenceSet *self, PinwheelFence fence)
{
  if (fence.stream == NULL)
    return;
  for (guint i = 0; i < self->n; i++)
    if (self->fences[i].stream == fence.stream)
      {
        self->fences[i].value = MAX (self->fences[i].value, fence.value);
        return;
      }
  if (self->n == self->room)
    {
      self->room = MAX (2 * self->room, 4);
      self->fences = g_renew (PinwheelFence, self->fences, self->room);
    }
  g_object_ref (fence.stream);
  self->fences[self->n++] = fence;
}

PinwheelStream *
pinwheel_fence_set_remove (PinwheelFenceSet *self, guint i)
{
  PinwheelStream *stream = self->fences[i].stream;

  self->fences[i] = self->fences[--self->n];
  return stream;
}

void
pinwheel_fence_set_free (PinwheelFenceSet *self)
{
  g_clear_pointer (&self->fences, g_free);
  self->room = 0;
}
