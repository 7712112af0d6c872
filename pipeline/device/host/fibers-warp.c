/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the lanes of a warp do together. */
#include "config.h"

#include "device/host/fibers-private.h"

#define LANES PINWHEEL_HOST_WARP_LANES

static unsigned
reduce (PinwheelWarpOperation operation, unsigned a, unsigned b)
{
  switch (operation)
    {
    case PINWHEEL_WARP_ADD:
      return a + b;
    case PINWHEEL_WARP_MIN:
      return MIN (a, b);
    case PINWHEEL_WARP_MAX:
      return MAX (a, b);
    case PINWHEEL_WARP_SIGNED_MIN:
      return (unsigned) MIN ((int) a, (int) b);
    case PINWHEEL_WARP_SIGNED_MAX:
      return (unsigned) MAX ((int) a, (int) b);
    case PINWHEEL_WARP_AND:
      return a & b;
    case PINWHEEL_WARP_OR:
      return a | b;
    case PINWHEEL_WARP_XOR:
    case PINWHEEL_WARP_SYNC:
    case PINWHEEL_WARP_SHUFFLE:
    case PINWHEEL_WARP_BALLOT:
    case PINWHEEL_WARP_MATCH_ANY:
    case PINWHEEL_WARP_MATCH_ALL:
    default:
      return a ^ b;
    }
}

/* Lanes among @lanes whose value is @value */
static unsigned
find_lanes (const PinwheelFiber *warp, unsigned lanes, guint64 value)
{
  unsigned found = 0;

  for (guint i = 0; i < LANES; i++)
    if (lanes >> i & 1 && warp[i].value == value)
      found |= 1u << i;
  return found;
}

/* Returns: what all of @lanes get; @first: one of them */
static guint64
common_result (const PinwheelFiber *warp, unsigned lanes, guint first)
{
  PinwheelWarpOperation operation = warp[first].operation;
  unsigned result = (unsigned) warp[first].value;

  if (operation == PINWHEEL_WARP_BALLOT)
    return (guint64) lanes << 32 | (lanes & ~find_lanes (warp, lanes, 0));
  if (operation == PINWHEEL_WARP_MATCH_ALL)
    return find_lanes (warp, lanes, warp[first].value) == lanes ? lanes : 0;
  for (guint i = first + 1; i < LANES; i++)
    if (lanes >> i & 1)
      result = reduce (operation, result, (unsigned) warp[i].value);
  return result;
}

static void
set_results (PinwheelFiber *warp, unsigned lanes)
{
  guint first = (guint) g_bit_nth_lsf (lanes, -1);
  PinwheelWarpOperation operation = warp[first].operation;

  for (guint i = first; i < LANES; i++)
    {
      PinwheelFiber *fiber = &warp[i];

      if (!(lanes >> i & 1))
        continue;
      if (operation == PINWHEEL_WARP_SHUFFLE)
        fiber->result = lanes >> fiber->source & 1 ? warp[fiber->source].value : fiber->value;
      else if (operation == PINWHEEL_WARP_MATCH_ANY)
        fiber->result = find_lanes (warp, lanes, fiber->value);
      else if (i == first)
        fiber->result = common_result (warp, lanes, first);
      else
        fiber->result = warp[first].result;
    }
}

/* Lets the lanes go on that @fiber, of warp @index, waits with, if all have come. */
static gboolean
complete (PinwheelFibers *self, guint index, const PinwheelFiber *fiber)
{
  PinwheelFiber *warp = &self->fibers[index * LANES];
  unsigned lanes = fiber->mask & self->alive[index];

  for (guint i = 0; i < LANES; i++)
    if (lanes >> i & 1
        && (warp[i].state != PINWHEEL_FIBER_IN_WARP || warp[i].mask != fiber->mask
            || warp[i].operation != fiber->operation))
      return FALSE;
  set_results (warp, lanes);
  for (guint i = 0; i < LANES; i++)
    if (lanes >> i & 1)
      pinwheel_fiber_make_ready (self, &warp[i]);
  return TRUE;
}

guint64
pinwheel_fibers_wait_warp (PinwheelWarpOperation operation, unsigned mask, guint64 value,
                           unsigned source, const char *file, int line)
{
  PinwheelFibers *self = pinwheel_fibers_mine ();
  PinwheelFiber *fiber = self->current;
  guint index = pinwheel_fiber_index (self, fiber);

  fiber->operation = operation;
  fiber->mask = mask | 1u << index % LANES;
  fiber->value = value;
  fiber->source = source % LANES;
  fiber->file = file;
  fiber->line = line;
  fiber->state = PINWHEEL_FIBER_IN_WARP;
  if (!complete (self, index / LANES, fiber))
    pinwheel_fibers_leave (self);
  return fiber->result;
}

void
pinwheel_fibers_warp_shrank (PinwheelFibers *self, guint warp)
{
  for (guint i = 0; i < LANES; i++)
    if (self->alive[warp] >> i & 1
        && self->fibers[warp * LANES + i].state == PINWHEEL_FIBER_IN_WARP)
      complete (self, warp, &self->fibers[warp * LANES + i]);
}

unsigned
pinwheel_fibers_gather_warp (const char *file, int line)
{
  PinwheelFibers *self = pinwheel_fibers_mine ();
  PinwheelFiber *fiber = self->current;

  fiber->file = file;
  fiber->line = line;
  fiber->state = PINWHEEL_FIBER_GATHERING;
  pinwheel_fibers_leave (self);
  return (unsigned) fiber->result;
}

/* Lets those of @warp go on that gather where @fiber does. */
static void
end_gathering_at (PinwheelFibers *self, PinwheelFiber *warp, const char *file, int line)
{
  unsigned lanes = 0;

  for (guint i = 0; i < LANES; i++)
    if (warp[i].state == PINWHEEL_FIBER_GATHERING && warp[i].file == file && warp[i].line == line)
      lanes |= 1u << i;
  for (guint i = 0; i < LANES; i++)
    if (lanes >> i & 1)
      {
        warp[i].result = lanes;
        pinwheel_fiber_make_ready (self, &warp[i]);
      }
}

gboolean
pinwheel_fibers_end_gathering (PinwheelFibers *self)
{
  gboolean found = FALSE;

  for (guint i = 0; i < self->n; i++)
    if (self->fibers[i].state == PINWHEEL_FIBER_GATHERING)
      {
        end_gathering_at (self, &self->fibers[i / LANES * LANES], self->fibers[i].file,
                          self->fibers[i].line);
        found = TRUE;
      }
  return found;
}
