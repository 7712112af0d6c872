/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Atomics: atomic also against launches in other threads. */
#include "config.h"

#include <float.h>
#include <math.h>

#include "ptx-private.h"

enum
{
  ADD,
  AND,
  OR,
  XOR,
  MIN_OF,
  MAX_OF,
  INC,
  DEC,
  EXCH,
  CAS
};
static const char *const operations[] = { "add", "and", "or",   "xor", "min", "max",
                                          "inc", "dec", "exch", "cas", NULL };

static guint64
add (PtxType type, guint64 old, guint64 b)
{
  if (type == PTX_F64)
    return ptx_from_f64 (ptx_f64 (old) + ptx_f64 (b));
  if (type == PTX_F32)
    {
      float sum = ptx_f32 (old) + ptx_f32 (b);

      return ptx_result_f32 (sum);
    }
  return old + b;
}

/* The new value; both operands have the type's width, with their sign. */
static guint64
combined (const PtxInsn *i, guint64 old, guint64 b, guint64 c)
{
  gboolean is_signed = i->type == PTX_S32 || i->type == PTX_S64;
  gboolean is_less = is_signed ? (gint64) old < (gint64) b : old < b;

  switch (i->kind)
    {
    case ADD:
      return add ((PtxType) i->type, old, b);
    case AND:
      return old & b;
    case OR:
      return old | b;
    case XOR:
      return old ^ b;
    case MIN_OF:
      return is_less ? old : b;
    case MAX_OF:
      return is_less ? b : old;
    case INC:
      return old >= b ? 0 : old + 1;
    case DEC:
      return old == 0 || old > b ? b : old - 1;
    case CAS:
      return old == b ? c : old;
    default:
      return b;
    }
}

#define ATOMIC(bits, U, S)                                                                         \
  static guint64 extended_##bits (const PtxInsn *i, guint64 value)                                 \
  {                                                                                                \
    return i->type == PTX_S##bits ? (guint64) (S) value : (guint64) (U) value;                     \
  }                                                                                                \
  static void atomic_##bits (PtxThread *t, const PtxInsn *i)                                       \
  {                                                                                                \
    guint64 b = extended_##bits (i, t->r[i->b]), c = extended_##bits (i, t->r[i->c]);              \
    U *bytes = (U *) (gpointer) ptx_resolve (t, i, (PtxSpace) i->space,                            \
                                             t->r[i->a] + (guint64) i->offset, sizeof (U), TRUE);  \
    U old, next;                                                                                   \
    if (bytes == NULL)                                                                             \
      return;                                                                                      \
    old = __atomic_load_n (bytes, __ATOMIC_RELAXED);                                               \
    do                                                                                             \
      next = (U) combined (i, extended_##bits (i, old), b, c);                                     \
    while (!__atomic_compare_exchange_n (bytes, &old, next, FALSE, __ATOMIC_SEQ_CST,               \
                                         __ATOMIC_SEQ_CST));                                       \
    t->r[i->d] = extended_##bits (i, old);                                                         \
  }

ATOMIC (16, guint16, gint16)
ATOMIC (32, guint32, gint32)
ATOMIC (64, guint64, gint64)

static gboolean
prepare_atomic (PtxDecoder *decoder, PtxInsn *insn)
{
  gsize size = ptx_type_get_size ((PtxType) insn->type);

  insn->kind = (guint8) ptx_find_part (decoder, operations);
  insn->run = size == 8 ? atomic_64 : size == 4 ? atomic_32 : atomic_16;
  if (strcmp (decoder->words.parts[0], "red") == 0)
    insn->d = ptx_sink (decoder);
  return (insn->n_operands == 3) == (insn->kind == CAS) && insn->space != PTX_CONST
         && insn->space != PTX_LOCAL;
}

/* A fence in a form that the thread sanitizer understands. */
static void
fence (PtxThread *t, const PtxInsn *i)
{
  static guint32 word;

  __atomic_fetch_add (&word, 0, __ATOMIC_SEQ_CST);
}

/* the scope stands behind the space in older texts */
#define SCOPE "[.cta|.cluster|.gpu|.sys]"
#define ORDERING                                                                                   \
  "[.relaxed|.acquire|.release|.acq_rel]" SCOPE "[.global|.shared|.shared::cta]" SCOPE
#define REDUCTIONS                                                                                 \
  { "red" ORDERING ".add[.noftz](.u32|.s32|.u64|.s64|.f32|.f64)", "mr", NULL, NULL,                \
    prepare_atomic },                                                                              \
      { "red" ORDERING "(.and|.or|.xor)(.b32|.b64)", "mr", NULL, NULL, prepare_atomic },           \
      { "red" ORDERING "(.min|.max)(.u32|.s32|.u64|.s64)", "mr", NULL, NULL, prepare_atomic },     \
  {                                                                                                \
    "red" ORDERING "(.inc|.dec).u32", "mr", NULL, NULL, prepare_atomic                             \
  }

const PtxRow ptx_atomic_rows[] = {
  REDUCTIONS,
  { "atom" ORDERING ".add(.u32|.s32|.u64|.s64|.f32|.f64)", "dmr", NULL, NULL, prepare_atomic },
  { "atom" ORDERING "(.and|.or|.xor)(.b32|.b64)", "dmr", NULL, NULL, prepare_atomic },
  { "atom" ORDERING "(.min|.max)(.u32|.s32|.u64|.s64)", "dmr", NULL, NULL, prepare_atomic },
  { "atom" ORDERING "(.inc|.dec).u32", "dmr", NULL, NULL, prepare_atomic },
  { "atom" ORDERING ".exch(.b32|.b64)", "dmr", NULL, NULL, prepare_atomic },
  { "atom" ORDERING ".cas(.b16|.b32|.b64|.u32|.s32|.u64|.s64)", "dmrr", NULL, NULL,
    prepare_atomic },
  { "membar(.cta|.gl|.sys)", "", fence, NULL, NULL },
  { "fence[.sc|.acq_rel|.acquire|.release](.cta|.cluster|.gpu|.sys)", "", fence, NULL, NULL },
  { NULL, NULL, NULL, NULL, NULL },
};
