/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Running PTX written in a test. */
#pragma once
#include "ptx.h"

#define PTX_HEAD ".version 9.0\n.target sm_90\n.address_size 64\n"

/* Where the device sees the two blocks of memory that a test gives. */
#define PTX_OUT ((guint64) 1 << 40)
#define PTX_IN  ((guint64) 2 << 40)

typedef struct
{
  PtxRange out, in; /* only out may be written */
  GString *said;    /* what the kernel printed, or NULL */
} PtxBlocks;

static inline guint8 *
ptx_blocks_check (const PtxMemory *memory, guint64 address, gsize size, gboolean is_write,
                  PtxRange *range)
{
  const PtxBlocks *blocks = memory->user;

  *range = address < PTX_IN ? blocks->out : blocks->in;
  if ((is_write && range->start == PTX_IN) || address < range->start
      || address - range->start > range->size || range->size - (address - range->start) < size)
    {
      range->size = 0;
      return NULL;
    }
  return range->bytes + (address - range->start);
}

static inline void
ptx_blocks_print (const PtxMemory *memory, const char *text)
{
  const PtxBlocks *blocks = memory->user;

  if (blocks->said != NULL)
    g_string_append (blocks->said, text);
}

static inline PtxMemory
ptx_blocks_memory (PtxBlocks *blocks, void *out, gsize out_size, const void *in, gsize in_size)
{
  PtxMemory memory = { .user = blocks, .check = ptx_blocks_check, .print = ptx_blocks_print };

  blocks->out = (PtxRange){ PTX_OUT, out_size, out };
  blocks->in = (PtxRange){ PTX_IN, in_size, (guint8 *) in };
  return memory;
}

/* Runs `t` of a text, one block of n threads, with the addresses of the two blocks. */
static inline gboolean
ptx_run_text (const char *text, guint n, void *out, gsize out_size, const void *in, gsize in_size,
              GError **error)
{
  const guint grid[3] = { 1, 1, 1 }, block[3] = { n, 1, 1 };
  guint64 addresses[2] = { PTX_OUT, PTX_IN };
  void *arguments[2] = { &addresses[0], &addresses[1] };
  PtxBlocks blocks = { 0 };
  PtxMemory memory = ptx_blocks_memory (&blocks, out, out_size, in, in_size);
  g_autoptr (PtxModule) module = ptx_module_new (text, error);

  if (module == NULL)
    return FALSE;
  return ptx_launch (ptx_module_find_entry (module, "t"), grid, block, 0, arguments, &memory,
                     error);
}
