/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The fields of a pad, for the files that implement it. */
#pragma once
#include "graph/pad-private.h"

/* Where an array lies that a pad's element makes and no buffer holds. */
typedef struct
{
  guint8 *memory;    /* (nullable) of item 0; NULL: the element says it for each chunk */
  PinwheelRows rows; /* where @memory is set */
} PinwheelDirect;

/* The memory of what a pad makes; in host memory there is one, in device memory one per device. */
typedef struct
{
  PinwheelPool *pool;            /* nullable: where nothing cut is made here */
  PinwheelPool *broadcast_pool;  /* nullable: of one buffer, which broadcast holds */
  PinwheelBuffer *broadcast;     /* nullable */
  gpointer *broadcast_addresses; /* (array length=n_made): NULL for cut arrays */
  guint64 first;                 /* the element's thread's: the first chunk made here */
  guint64 n_chunks;              /* the element's thread's: chunks made here */
} PinwheelPadMemory;

struct _PinwheelPad
{
  GObject parent_instance;

  PinwheelElement *element; /* unowned: owns this pad; NULL when it has gone */
  char *name;
  char *path; /* "map0.src" */
  PinwheelPadDirection direction;
  PinwheelPlace template_place;

  /* Linking. Both pads know the link, the source pad owns it. */
  PinwheelPad *peer; /* unowned; each side clears the other */
  PinwheelLink *link;
  guint depth;               /* on the sink pad; 0: as the pipeline says */
  PinwheelFormat *assertion; /* nullable */

  /* Negotiation; read-only while a run lasts. */
  PinwheelFormat *format; /* nullable */
  PinwheelPlace place;
  gboolean has_demand;
  PinwheelMemoryKind kind;
  guint n_made;           /* the first so many arrays of the format are made by the element */
  gboolean *is_direct;    /* nullable (array length=n_made) owned: no buffer holds it */
  PinwheelDirect *direct; /* nullable (array length=n_made) owned */
  GArray *staged_arrays;  /* nullable (element-type PinwheelArray): those that buffers hold */
  GArray *direct_arrays;  /* nullable (element-type PinwheelArray): those that they do not */

  /* From allocate to release, on the source pad; what they point to is safe from any thread. */
  guint64 chunk_length;
  PinwheelChunkStore *store;
  PinwheelPadMemory *memories; /* nullable (array length=n_memories) owned */
  guint n_memories;            /* 0: nothing is made here */
  guint n_devices;             /* from which chunks are given theirs here; 1: they have it */
  gboolean in_turn;            /* and by their number */

  guint64 waited_buffer; /* a counter: raised by the element's thread, read by any */
};
