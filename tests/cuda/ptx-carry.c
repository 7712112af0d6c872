/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Arithmetic of many words: what takes the carry, and what leaves it (.cc). */
#include "config.h"

#include "ptx-private.h"

/* a + b + carry in `width` bits, as a 64-bit number; sets the carry if asked to. */
static void
add_carry (PtxThread *t, const PtxInsn *i, guint64 a, guint64 b, guint carry)
{
  unsigned __int128 sum;
  guint width = i->type == PTX_U64 || i->type == PTX_S64 ? 64 : 32;

  if (width == 32)
    {
      a &= G_MAXUINT32;
      b &= G_MAXUINT32;
    }
  sum = (unsigned __int128) a + b + carry;
  t->r[i->d] = (guint64) sum;
  if (i->flags & PTX_CC)
    t->carry = (guint) (sum >> width) & 1;
}

/* kind: 1 if the carry is added */
static void
add (PtxThread *t, const PtxInsn *i)
{
  add_carry (t, i, t->r[i->a], t->r[i->b], i->kind ? t->carry : 0);
}

/* a - b - borrow is a + ~b + !borrow; PTX keeps the borrow, not its opposite. */
static void
sub (PtxThread *t, const PtxInsn *i)
{
  guint borrow = i->kind ? t->carry : 0, before = t->carry;

  add_carry (t, i, t->r[i->a], ~t->r[i->b], 1 - borrow);
  t->carry = i->flags & PTX_CC ? 1 - t->carry : before;
}

static void
mad_lo (PtxThread *t, const PtxInsn *i)
{
  add_carry (t, i, t->r[i->a] * t->r[i->b], t->r[i->c], i->kind ? t->carry : 0);
}

static void
mad_hi (PtxThread *t, const PtxInsn *i)
{
  guint64 a = t->r[i->a], b = t->r[i->b], high;

  if (i->type == PTX_U32)
    high = ((guint64) (guint32) a * (guint32) b) >> 32;
  else if (i->type == PTX_S32)
    high = (guint64) (((gint64) (gint32) a * (gint32) b) >> 32);
  else if (i->type == PTX_U64)
    high = (guint64) (((unsigned __int128) a * b) >> 64);
  else
    high = (guint64) (((__int128) (gint64) a * (gint64) b) >> 64);
  add_carry (t, i, high, t->r[i->c], i->kind ? t->carry : 0);
}

/* addc, subc and madc end with a c */
static gboolean
prepare (PtxDecoder *decoder, PtxInsn *insn)
{
  insn->kind = g_str_has_suffix (decoder->words.parts[0], "c");
  return TRUE;
}

const PtxRow ptx_carry_rows[] = {
  { "add.cc(.u32|.s32|.u64|.s64)", "drr", add, NULL, prepare },
  { "addc[.cc](.u32|.s32|.u64|.s64)", "drr", add, NULL, prepare },
  { "sub.cc(.u32|.s32|.u64|.s64)", "drr", sub, NULL, prepare },
  { "subc[.cc](.u32|.s32|.u64|.s64)", "drr", sub, NULL, prepare },
  { "mad.lo.cc(.u32|.s32|.u64|.s64)", "drrr", mad_lo, NULL, prepare },
  { "mad.hi.cc(.u32|.s32|.u64|.s64)", "drrr", mad_hi, NULL, prepare },
  { "madc.lo[.cc](.u32|.s32|.u64|.s64)", "drrr", mad_lo, NULL, prepare },
  { "madc.hi[.cc](.u32|.s32|.u64|.s64)", "drrr", mad_hi, NULL, prepare },
  { NULL, NULL, NULL, NULL, NULL },
};
