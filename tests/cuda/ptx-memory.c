/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Loads, stores and addresses. */
#include "config.h"

#include "ptx-private.h"

static guint8 *
ask (PtxThread *t, const PtxInsn *i, guint64 address, gsize size, gboolean is_write)
{
  PtxBlock *block = t->block;
  PtxRange range = { 0 };
  guint8 *bytes = NULL;

  if (block->memory != NULL)
    bytes = block->memory->check (block->memory, address, size, is_write, &range);
  if (bytes == NULL)
    {
      ptx_thread_fail (t, i, PTX_ERROR_ADDRESS,
                       "%s of %" G_GSIZE_FORMAT " bytes at 0x%" G_GINT64_MODIFIER
                       "x, where it has no memory",
                       is_write ? "a write" : "a read", size, address);
      return NULL;
    }
  if (range.size > 0)
    {
      block->ranges[is_write][block->next_range[is_write]] = range;
      block->next_range[is_write] = (block->next_range[is_write] + 1) % PTX_N_RANGES;
    }
  return bytes;
}

static guint8 *
resolve_global (PtxThread *t, const PtxInsn *i, guint64 address, gsize size, gboolean is_write)
{
  const PtxRange *ranges = t->block->ranges[is_write];

  for (guint k = 0; k < PTX_N_RANGES; k++)
    if (address - ranges[k].start < ranges[k].size
        && ranges[k].size - (address - ranges[k].start) >= size)
      return ranges[k].bytes + (address - ranges[k].start);
  return ask (t, i, address, size, is_write);
}

/* The bytes of one of the thread's or the block's own spaces. */
static guint8 *
resolve_own (PtxThread *t, const PtxInsn *i, PtxSpace space, guint64 offset, gsize size,
             gboolean is_write)
{
  static const char *const names[] = { "generic",   "global", "shared",  "local",
                                       "parameter", "local",  "constant" };
  guint8 *bytes;
  gsize limit;

  if (space == PTX_SHARED)
    {
      bytes = t->block->shared;
      limit = t->block->shared_size;
    }
  else if (space == PTX_PARAM)
    {
      bytes = t->block->parameters;
      limit = is_write ? 0 : t->block->entry->parameters_size;
    }
  else
    {
      if (space == PTX_FRAME)
        offset += t->frame;
      bytes = t->stack;
      limit = t->stack_used;
    }
  if (offset > limit || limit - offset < size)
    {
      ptx_thread_fail (t, i, PTX_ERROR_ADDRESS,
                       "%s of %" G_GSIZE_FORMAT " bytes at 0x%" G_GINT64_MODIFIER
                       "x of %s memory, which has %" G_GSIZE_FORMAT,
                       is_write ? "a write" : "a read", size, offset, names[space], limit);
      return NULL;
    }
  return bytes + offset;
}

guint8 *
ptx_resolve (PtxThread *t, const PtxInsn *i, PtxSpace space, guint64 address, gsize size,
             gboolean is_write)
{
  if (address & (size - 1))
    {
      ptx_thread_fail (t, i, PTX_ERROR_ALIGNMENT,
                       "an access to %" G_GSIZE_FORMAT " bytes at 0x%" G_GINT64_MODIFIER
                       "x, which is no multiple of that",
                       size, address);
      return NULL;
    }
  if (space == PTX_GENERIC && address >= PTX_WINDOW (PTX_SHARED)
      && address < PTX_WINDOW (PTX_PARAM + 1))
    {
      space = (PtxSpace) (address >> PTX_WINDOW_SHIFT);
      address = PTX_OFFSET (address);
    }
  if (space == PTX_GENERIC || space == PTX_GLOBAL || space == PTX_CONST)
    return resolve_global (t, i, address, size, is_write);
  /* registers of 32 bits may hold these addresses */
  return resolve_own (t, i, space, (guint32) address, size, is_write);
}

guint8 *
ptx_resolve_bytes (PtxThread *t, const PtxInsn *i, guint64 address, gsize size)
{
  if (address >= PTX_WINDOW (PTX_SHARED) && address < PTX_WINDOW (PTX_PARAM + 1))
    return resolve_own (t, i, (PtxSpace) (address >> PTX_WINDOW_SHIFT), PTX_OFFSET (address), size,
                        FALSE);
  return resolve_global (t, i, address, size, FALSE);
}

static guint8 *
operand (PtxThread *t, const PtxInsn *i, gsize size, gboolean is_write)
{
  return ptx_resolve (t, i, (PtxSpace) i->space, t->r[i->a] + (guint64) i->offset, size, is_write);
}

/* Whole elements are read and written at once: other launches may run atomics on them. */
#define ACCESS(bits, U, S)                                                                         \
  static void load_u##bits (PtxThread *t, const PtxInsn *i)                                        \
  {                                                                                                \
    const U *bytes = (const U *) (gpointer) operand (t, i, sizeof (U), FALSE);                     \
    if (bytes != NULL)                                                                             \
      t->r[i->d] = __atomic_load_n (bytes, __ATOMIC_RELAXED);                                      \
  }                                                                                                \
  static void load_s##bits (PtxThread *t, const PtxInsn *i)                                        \
  {                                                                                                \
    const U *bytes = (const U *) (gpointer) operand (t, i, sizeof (U), FALSE);                     \
    if (bytes != NULL)                                                                             \
      t->r[i->d] = (guint64) (S) __atomic_load_n (bytes, __ATOMIC_RELAXED);                        \
  }                                                                                                \
  static void store_##bits (PtxThread *t, const PtxInsn *i)                                        \
  {                                                                                                \
    U *bytes = (U *) (gpointer) operand (t, i, sizeof (U), TRUE);                                  \
    if (bytes != NULL)                                                                             \
      __atomic_store_n (bytes, (U) t->r[i->b], __ATOMIC_RELAXED);                                  \
  }

ACCESS (8, guint8, gint8)
ACCESS (16, guint16, gint16)
ACCESS (32, guint32, gint32)
ACCESS (64, guint64, gint64)

static const PtxHandler loads[2][4] = { { load_u8, load_u16, load_u32, load_u64 },
                                        { load_s8, load_s16, load_s32, load_s64 } };
static const PtxHandler stores[4] = { store_8, store_16, store_32, store_64 };

static void
load_list (PtxThread *t, const PtxInsn *i)
{
  const gint32 *slots = &g_array_index (t->function->lists, gint32, i->d);
  gsize size = ptx_type_get_size ((PtxType) i->type);
  const guint8 *bytes = operand (t, i, size * i->count, FALSE);

  for (guint k = 0; bytes != NULL && k < i->count; k++, bytes += size)
    {
      guint64 value = 0;

      memcpy (&value, bytes, size);
      if (i->type >= PTX_S8 && i->type <= PTX_S64)
        value = (guint64) ((gint64) (value << (64 - 8 * size)) >> (64 - 8 * size));
      t->r[slots[k]] = value;
    }
}

static void
store_list (PtxThread *t, const PtxInsn *i)
{
  const gint32 *slots = &g_array_index (t->function->lists, gint32, i->b);
  gsize size = ptx_type_get_size ((PtxType) i->type);
  guint8 *bytes = operand (t, i, size * i->count, TRUE);

  for (guint k = 0; bytes != NULL && k < i->count; k++, bytes += size)
    memcpy (bytes, &t->r[slots[k]], size);
}

static guint
log_size (PtxType type)
{
  return (guint) __builtin_ctzl (ptx_type_get_size (type));
}

static gboolean
prepare_load (PtxDecoder *decoder, PtxInsn *insn)
{
  gboolean is_signed = insn->type >= PTX_S8 && insn->type <= PTX_S64;

  insn->run = decoder->words.vector > 1 ? load_list
                                        : loads[is_signed][log_size ((PtxType) insn->type)];
  return insn->count == decoder->words.vector;
}

static gboolean
prepare_store (PtxDecoder *decoder, PtxInsn *insn)
{
  insn->run = decoder->words.vector > 1 ? store_list : stores[log_size ((PtxType) insn->type)];
  return insn->count == decoder->words.vector && insn->space != PTX_CONST;
}

/* cvta: kind is the space, and generic addresses of global memory are the same */
static void
to_generic (PtxThread *t, const PtxInsn *i)
{
  t->r[i->d] = PTX_WINDOW (i->space) + t->r[i->a];
}

static void
from_generic (PtxThread *t, const PtxInsn *i)
{
  t->r[i->d] = t->r[i->a] - PTX_WINDOW (i->space);
}

static void
same (PtxThread *t, const PtxInsn *i)
{
  t->r[i->d] = t->r[i->a];
}

static gboolean
prepare_cvta (PtxDecoder *decoder, PtxInsn *insn)
{
  insn->run = insn->space == PTX_GLOBAL || insn->space == PTX_CONST ? same
              : insn->flags & PTX_TO                                ? from_generic
                                                                    : to_generic;
  return decoder->words.n_types == 1;
}

static void
isspacep (PtxThread *t, const PtxInsn *i)
{
  guint64 window = t->r[i->a] >> PTX_WINDOW_SHIFT;

  t->r[i->d] = i->space == PTX_GLOBAL ? window < PTX_SHARED || window > PTX_PARAM
                                      : window == (guint64) i->space;
}

static void
prefetch (PtxThread *t, const PtxInsn *i)
{
}

#define ORDERING "[.weak|.volatile|.relaxed|.acquire|.release][.cta|.cluster|.gpu|.sys]"
#define SPACE    "[.global|.const|.shared|.shared::cta|.local|.param|.param::entry|.param::func]"
#define TYPES    "(.b8|.b16|.b32|.b64|.u8|.u16|.u32|.u64|.s8|.s16|.s32|.s64|.f32|.f64)"
#define HINTS                                                                                      \
  "[.L1::evict_normal|.L1::evict_unchanged|.L1::evict_first|.L1::evict_last|.L1::no_allocate]"     \
  "[.L2::64B|.L2::128B|.L2::256B]"

const PtxRow ptx_memory_rows[] = {
  { "ld" ORDERING SPACE "[.ca|.cg|.cs|.lu|.cv][.nc]" HINTS "[.v2|.v4|.v8]" TYPES, "Dm", NULL, NULL,
    prepare_load },
  { "ldu" SPACE "[.v2|.v4]" TYPES, "Dm", NULL, NULL, prepare_load },
  { "st" ORDERING SPACE "[.wb|.cg|.cs|.wt]" HINTS "[.v2|.v4|.v8]" TYPES, "mR", NULL, NULL,
    prepare_store },
  { "cvta[.to](.global|.const|.shared|.shared::cta|.local|.param|.param::entry).u64", "dr", NULL,
    NULL, prepare_cvta },
  { "isspacep(.global|.const|.shared|.shared::cta|.local|.param|.param::entry)", "dr", isspacep,
    NULL, NULL },
  { "prefetch[.global|.local](.L1|.L2)", "m", prefetch, NULL, NULL },
  { "prefetchu.L1", "m", prefetch, NULL, NULL },
  { NULL, NULL, NULL, NULL, NULL },
};
