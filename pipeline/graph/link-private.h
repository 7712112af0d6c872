/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The bounded queue between two pads: one thread pushes, one thread pops.
 *
 * A link lives as long as its pads are linked; its ring is sized when a run starts. */
#pragma once
#include <pinwheel/pad.h>

typedef struct _PinwheelLink PinwheelLink;

PinwheelLink *pinwheel_link_new (void);
void pinwheel_link_free (PinwheelLink *self);

/* While no thread uses it: an empty ring of @depth chunks, no EOS, counters at zero. Depth 0
 * ends a run: its counters can still be asked. */
void pinwheel_link_reset (PinwheelLink *self, guint depth);

/* While no thread uses it: drops the chunks in it, and its ring; the counters stay to be read. */
void pinwheel_link_drop (PinwheelLink *self);

/* @chunk: (transfer full) */
PinwheelFlow pinwheel_link_push (PinwheelLink *self, PinwheelChunk *chunk);
PinwheelFlow pinwheel_link_push_eos (PinwheelLink *self);
PinwheelFlow pinwheel_link_pop (PinwheelLink *self, PinwheelChunk **chunk);

/* From any thread: nobody waits any longer, and every call returns PINWHEEL_FLOW_STOPPED. */
void pinwheel_link_stop (PinwheelLink *self);

/* How a link stands, for people: its numbers belong to no one moment. */
typedef struct
{
  guint depth, length; /* chunks that it takes, and holds */
  guint read;          /* chunks that have left it; wraps */
  /* pinwheel_clock() when that side began to wait, and still does; 0: it does not */
  guint64 push_waits_since, pop_waits_since;
} PinwheelLinkView;

/* From any thread, between two resets. */
void pinwheel_link_look (PinwheelLink *self, PinwheelLinkView *view);

/* Nanoseconds that each side has waited since the reset; from any thread. */
guint64 pinwheel_link_get_waited_push (PinwheelLink *self);
guint64 pinwheel_link_get_waited_pop (PinwheelLink *self);
