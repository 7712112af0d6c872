/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What chunks and their store know of each other. */
#pragma once
#include <pinwheel/chunk.h>

G_BEGIN_DECLS

typedef struct
{
  PinwheelBuffer *buffer; /* (nullable), owned */
  gpointer data;          /* in buffer, or in memory that it stands for */
  PinwheelRows rows;      /* of one item; depth 0: C order */
  guint layout;           /* which call of pinwheel_chunk_lay_out() placed it, from 1; 0: none */
} PinwheelChunkView;

/* Everything but ref_count belongs to whoever fills the chunk until it is pushed, and does not
 * change after that until the last reference is dropped. */
struct _PinwheelChunk
{
  gint ref_count;            /* atomic; 0 while in the store */
  PinwheelChunkStore *store; /* owned while the chunk is out */
  PinwheelChunk *next;       /* (store's lock) */
  PinwheelFormat *format;    /* immutable, owned by the store */
  guint64 index, start, count;
  guint device; /* of the run's devices, the one whose memory it is in, or comes from */
  guint n_layouts;
  guint n_arrays; /* immutable */
  PinwheelChunkView views[];
};

/* Whether nobody but the caller, who holds one reference on @self, can reach the buffer of array
 * @i, and no other array of @self is in its place: it may then be written there, after the buffer's
 * fences. Nobody else can come to hold it meanwhile. */
gboolean pinwheel_chunk_owns_buffer (PinwheelChunk *self, guint i);
/* As pinwheel_chunk_lay_out(), but for arrays that are @direct (array length=n_arrays): they become
 * views of @buffer without data. */
void pinwheel_chunk_lay_out_staged (PinwheelChunk *self, PinwheelBuffer *buffer, guint n_arrays,
                                    const gboolean *direct);
/* @chunk: without any view. The store may be gone when it returns. */
void pinwheel_chunk_store_take_back (PinwheelChunk *chunk);

G_END_DECLS
