/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The fields of an appsrc, for the files that implement it. */
#pragma once
#include <pinwheel/app-src.h>

#include "base/lock-private.h"
#include "graph/pad-private.h"

/* Arrays that were given together. */
typedef struct
{
  gint ref_count;             /* atomic */
  guint n_arrays;             /* immutable: as many as the format has */
  guint64 n_items;            /* immutable; of a block that was pushed */
  PinwheelAppArray *arrays[]; /* (nullable) owned, immutable once pushed, or while it runs */
} PinwheelAppBlock;

struct _PinwheelAppSrc
{
  PinwheelSource parent_instance;

  char *format_text;
  guint64 items;
  guint64 max_blocks;
  gboolean direct;

  PinwheelLock lock; /* nothing is called out to while it is held */
  GCond changed;     /* signalled when anything of what follows has changed */
  /* (lock) from the first use on, and while it runs the streaming thread's too, which reads it */
  PinwheelFormat *format;  /* nullable */
  char *parsed_text;       /* what format was parsed from */
  PinwheelAppBlock *whole; /* nullable, like format */
  GQueue blocks;           /* (lock) (element-type PinwheelAppBlock) pushed, not taken */
  GQueue stale;            /* (lock) (element-type PinwheelAppBlock) what whole was before: to be
                              dropped without the lock */
  guint64 pushed;          /* (lock) items */
  gboolean running;        /* (lock) from negotiate() to stop() */
  gboolean ended;          /* (lock) no more is pushed */
  gboolean closed;         /* (lock) a run has ended, and no other has been set up */
  gboolean stopping;       /* (lock) the run is being stopped */
  gboolean returned;       /* (lock) buffers can be reaped */
  gboolean asked;          /* (lock) need-data was emitted, and nothing has come */

  /* The streaming thread's while it runs, else the main thread's. */
  gboolean is_whole; /* all cut arrays are in whole */
  PinwheelAhead ahead;
  PinwheelAppBlock *current; /* nullable */
  guint64 done;              /* items of current that are in chunks */
  gulong cancel_id;
};

PinwheelAppBlock *pinwheel_app_block_new (guint n_arrays, guint64 n_items);
void pinwheel_app_block_unref (gpointer block);
/* Without the lock. */
void pinwheel_app_src_drop_stale (PinwheelAppSrc *self);
/* Makes format and whole, where they are not there or the property has changed. */
gboolean pinwheel_app_src_parse_locked (PinwheelAppSrc *self, GError **error)
    PINWHEEL_REQUIRES (self->lock);
