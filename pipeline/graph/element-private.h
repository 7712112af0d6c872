/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the pipeline does with elements, and what an element asks of its pipeline.
 *
 * Rooms look down only: the pipeline hands each element this table, so that graph/ need not know
 * run/. */
#pragma once
#include <pinwheel/element.h>
#include <pinwheel/plan.h>

typedef struct
{
  /* All may be called from any thread, with @owner as the first argument. */
  void (*post_warning) (gpointer owner, const char *element, const char *text);
  void (*post_result) (gpointer owner, const char *element, const char *text, GVariant *details);
  gboolean (*claim) (gpointer owner, const char *element, const char *what, GError **error);
} PinwheelElementHost;

/* Main thread. @owner outlives the element's membership. NULL, NULL: no pipeline any more. */
void pinwheel_element_set_host (PinwheelElement *self, const PinwheelElementHost *host,
                                gpointer owner);
/* Returns: (nullable): whose element it is, only to be compared */
gpointer pinwheel_element_get_host_owner (PinwheelElement *self);
/* The pad at one end of a link. @name: (nullable): the first free one, made now where a template
 * allows. Returns: (transfer none) (nullable): NULL with @error */
PinwheelPad *pinwheel_element_find_end (PinwheelElement *self, const char *name,
                                        PinwheelPadDirection direction, GError **error);
/* Takes the pads away that were made behind the first @n. */
void pinwheel_element_drop_pads (PinwheelElement *self, guint n);
/* Main thread: what negotiate() and start() may ask for. @devices NULL: the run is over. */
void pinwheel_element_set_run (PinwheelElement *self, GPtrArray *devices,
                               GCancellable *cancellable);
/* Main thread; errors are prefixed with the element's name. */
gboolean pinwheel_element_negotiate (PinwheelElement *self, GError **error);
gboolean pinwheel_element_start (PinwheelElement *self, GError **error);
gboolean pinwheel_element_seal (PinwheelElement *self, GError **error);
gboolean pinwheel_element_commit (PinwheelElement *self, GError **error);
void pinwheel_element_stop (PinwheelElement *self);
/* In stop(), of an element that has not started: whether nothing went wrong, and the pipeline only
 * sets up anew or will not run after all. */
gboolean pinwheel_element_is_put_off (PinwheelElement *self);
/* Streaming thread; errors are prefixed with name and chunk. */
PinwheelFlow pinwheel_element_run (PinwheelElement *self, GError **error);
/* Streaming thread, when run() is over: waits until the device has done all that the element asked
 * for, so that no work is left when memory goes, and no failure of it is missed. */
gboolean pinwheel_element_drain (PinwheelElement *self, GError **error);
/* Any thread, while the element runs: cancels its stream. */
void pinwheel_element_cancel (PinwheelElement *self);

/* What an element's thread does, as seen from another one. */
typedef enum
{
  PINWHEEL_DOES_STARTING,    /* its thread has not come to it yet */
  PINWHEEL_DOES_WORKING,     /* none of the others: computes, reads, writes */
  PINWHEEL_DOES_WAIT_INPUT,  /* for a chunk at pad */
  PINWHEEL_DOES_WAIT_OUTPUT, /* for room in the link behind pad */
  PINWHEEL_DOES_WAIT_BUFFER, /* for a buffer of pad's pool */
  PINWHEEL_DOES_WAIT_FENCE,  /* for the device's work */
  PINWHEEL_DOES_NOTHING_MORE /* its thread has left */
} PinwheelDoing;

typedef struct
{
  PinwheelDoing doing;
  PinwheelPad *pad; /* unowned, nullable */
  guint64 since;    /* pinwheel_clock(), for those that wait or have left */
  gboolean holds;   /* a chunk is in its hands: */
  guint64 chunk;
  guint n_awaited; /* threads that wait for its stream's work */
} PinwheelActivity;

/* From any thread, while the element runs. */
void pinwheel_element_look (PinwheelElement *self, PinwheelActivity *activity);
/* Implemented by the pad: tells where its element waits at it. */
void pinwheel_pad_look_for_wait (PinwheelPad *self, PinwheelActivity *activity);

/* For pads, in the streaming thread: which chunk is being worked on, for errors and statistics. An
 * element with sink pads works on what it pulled last from the leading one (@chunk NULL: EOS), a
 * source on what it makes until it pushes it. */
void pinwheel_element_note_pull (PinwheelElement *self, PinwheelPad *pad, PinwheelChunk *chunk);
void pinwheel_element_note_new (PinwheelElement *self, guint64 index);
void pinwheel_element_note_push (PinwheelElement *self, PinwheelChunk *chunk);
/* For pads, in the streaming thread: which of the run's devices works on the chunk in hand. What is
 * pulled from the leading sink pad says it, and whoever takes chunks to a device. */
guint pinwheel_element_get_turn (PinwheelElement *self);
void pinwheel_element_set_turn (PinwheelElement *self, guint device);
/* Fences of the element's stream on @device that have not passed. */
guint pinwheel_element_get_n_pending (PinwheelElement *self, guint device);
/* For base classes. */
/* In the streaming thread: the host begins to wait for the device's work; 0: it has ended. */
void pinwheel_element_note_sync (PinwheelElement *self, guint64 since);
/* The sink pad whose chunks are worked on and counted, where that is not the first one. */
void pinwheel_element_set_lead (PinwheelElement *self, PinwheelPad *sink);
/* Host waits until the CPU may read @chunk; counted as waiting for a buffer. */
gboolean pinwheel_element_sync_readable (PinwheelElement *self, PinwheelChunk *chunk,
                                         GError **error);
/* For base classes, in demand(): FALSE with @error where the class lacks what it must have.
 * @has: whether it is there; @function: "fill" */
gboolean pinwheel_element_check_has (PinwheelElement *self, gboolean has, const char *function,
                                     GError **error);
/* For base classes, in demand() of what works with the CPU: FALSE with @error where chunks come, or
 * are to be made, in memory that the CPU does not reach. */
gboolean pinwheel_element_check_reach (PinwheelElement *self, GError **error);
/* For base classes: pads made at once from the templates are @sink and @src; formats and places
 * pass through. */
gboolean pinwheel_element_pass_formats (PinwheelElement *self, GError **error);
