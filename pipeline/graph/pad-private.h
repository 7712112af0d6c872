/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the element and the pipeline do with pads; all in the thread that sets the pipeline up,
 * unless it says otherwise. */
#pragma once
#include <pinwheel/pad.h>
#include <pinwheel/plan.h>
#include <pinwheel/pool.h>

#include "graph/link-private.h"

/* @element: not referenced: the element owns its pads */
PinwheelPad *pinwheel_pad_new (PinwheelElement *element, const char *name,
                               PinwheelPadDirection direction, PinwheelPlace place);
/* The element was given a name: the path changes with it. */
void pinwheel_pad_update_path (PinwheelPad *self);
/* The element goes, or gives the pad up; others may still hold it. */
void pinwheel_pad_orphan (PinwheelPad *self);
/* Returns: (transfer none) (nullable): what was asserted for this pad */
PinwheelFormat *pinwheel_pad_get_assertion (PinwheelPad *self);
/* Forgets format, place, demand. */
void pinwheel_pad_reset (PinwheelPad *self);
/* On a source pad whose element has negotiated: checks assertions and places, hands format and
 * place to the peer. @place: of the element's input, for pads that take either. */
gboolean pinwheel_pad_settle (PinwheelPad *self, PinwheelPlace place, GError **error);
/* On a source pad. */
gboolean pinwheel_pad_has_demand (PinwheelPad *self);
/* On a source pad. Returns: whether it has a demand */
gboolean pinwheel_pad_get_demand (PinwheelPad *self, PinwheelDemand *demand);
/* Forgets which arrays lie in memory of the application. */
void pinwheel_pad_clear_direct (PinwheelPad *self);
/* On a source pad. Returns: whether any array that is cut, or any that is not, is direct */
gboolean pinwheel_pad_has_direct (PinwheelPad *self, gboolean cut);
/* On a source pad: direct arrays of @chunk whose memory is known become views of it. */
void pinwheel_pad_place_direct (PinwheelPad *self, PinwheelChunk *chunk);

/* What those behind a source pad make of its chunks. */
typedef struct
{
  gboolean strided; /* nobody reads them but copies of rows at any distance */
  gboolean pinned;  /* somebody copies them to the device */
} PinwheelAhead;

/* On a source pad, while negotiating. */
PinwheelAhead pinwheel_pad_look_ahead (PinwheelPad *self);
/* On a source pad whose element has negotiated: arrays that somebody behind it wants in memory of
 * its own are made there. */
void pinwheel_pad_take_targets (PinwheelPad *self);
/* From allocate to release. Returns: (transfer none) (nullable): what stands for the broadcast
 * arrays */
PinwheelBuffer *pinwheel_pad_get_broadcast_buffer (PinwheelPad *self);
/* What the pads of a run have in common. */
typedef struct
{
  GPtrArray *devices; /* (element-type PinwheelDevice) */
  guint64 chunk_length;
  guint depth;      /* of links */
  gboolean in_turn; /* chunks go to devices by their numbers, as some of several streams meet */
} PinwheelPadRun;

/* On a source pad: makes the pools (where there is a demand: @planned is its row in the plan), the
 * blocks for broadcast arrays and the store, and an empty link.
 * @pageable: in ordinary memory in place of pinned memory */
gboolean pinwheel_pad_allocate (PinwheelPad *self, const PinwheelPadRun *run,
                                const PinwheelPlanPool *planned, gboolean pageable, GError **error);
/* On a source pad: whether its element takes chunks to a device. */
gboolean pinwheel_pad_is_entry (PinwheelPad *self);
/* On a source pad: drops all of that, and every chunk still in the link. */
void pinwheel_pad_release (PinwheelPad *self);
/* On a source pad, from any thread between allocate and release: nobody waits here any longer. */
void pinwheel_pad_stop (PinwheelPad *self);
/* On a source pad, in its element's thread: the host waits until @chunk's own buffer may be
 * written. */
gboolean pinwheel_pad_sync_writable (PinwheelPad *self, PinwheelChunk *chunk, GError **error);
/* From any thread, between allocate and release, for people. */
void pinwheel_pad_look (PinwheelPad *self, PinwheelLinkView *view);
/* Returns: (transfer none) (nullable): a source pad's pool; of several the one that its element
 * waits at, or the first */
PinwheelPool *pinwheel_pad_get_pool (PinwheelPad *self);
/* Nanoseconds waited, for statistics; from any thread. */
guint64 pinwheel_pad_get_waited_link (PinwheelPad *self);
guint64 pinwheel_pad_get_waited_buffer (PinwheelPad *self);
