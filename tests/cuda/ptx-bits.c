/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Logic, shifts and fields of bits. */
#include "config.h"

#include "ptx-private.h"

#define RUN(name, expression)                                                                      \
  static void name (PtxThread *t, const PtxInsn *i)                                                \
  {                                                                                                \
    const guint64 a = t->r[i->a], b = t->r[i->b], c = t->r[i->c];                                  \
    (void) b;                                                                                      \
    (void) c;                                                                                      \
    t->r[i->d] = (guint64) (expression);                                                           \
  }

RUN (and_bits, a &b)
RUN (or_bits, a | b)
RUN (xor_bits, a ^ b)
RUN (not_bits, ~a)
RUN (not_pred, ~a & 1)
RUN (cnot_16, (guint16) a == 0)
RUN (cnot_32, (guint32) a == 0)
RUN (cnot_64, a == 0)

/* Amounts are 32-bit numbers, and those beyond the width shift everything out. */
RUN (shl_16, (guint32) b > 15 ? 0 : (guint16) (a << (b & 15)))
RUN (shl_32, (guint32) b > 31 ? 0 : (guint32) a << (b & 31))
RUN (shl_64, (guint32) b > 63 ? 0 : a << (b & 63))
RUN (shr_u16, (guint32) b > 15 ? 0 : (guint16) a >> (b & 15))
RUN (shr_u32, (guint32) b > 31 ? 0 : (guint32) a >> (b & 31))
RUN (shr_u64, (guint32) b > 63 ? 0 : a >> (b & 63))
RUN (shr_s16, (gint16) a >> MIN ((guint32) b, 15))
RUN (shr_s32, (gint32) a >> MIN ((guint32) b, 31))
RUN (shr_s64, (gint64) a >> MIN ((guint32) b, 63))

#define PAIR ((guint64) (guint32) b << 32 | (guint32) a)
RUN (shf_l_wrap, (guint32) ((PAIR << (c & 31)) >> 32))
RUN (shf_l_clamp, (guint32) (((PAIR << (MIN ((guint32) c, 32) & 31)) >> 32)) * ((guint32) c < 32)
                      + (guint32) a * ((guint32) c >= 32))
RUN (shf_r_wrap, (guint32) (PAIR >> (c & 31)))
RUN (shf_r_clamp, (guint32) (PAIR >> MIN ((guint32) c, 32)))

RUN (popc_32, __builtin_popcount ((guint32) a))
RUN (popc_64, __builtin_popcountll (a))
RUN (clz_32, (guint32) a == 0 ? 32 : __builtin_clz ((guint32) a))
RUN (clz_64, a == 0 ? 64 : __builtin_clzll (a))

static guint64
reverse (guint64 value, guint width)
{
  guint64 result = 0;

  for (guint k = 0; k < width; k++)
    result |= ((value >> k) & 1) << (width - 1 - k);
  return result;
}

RUN (brev_32, reverse (a, 32))
RUN (brev_64, reverse (a, 64))

/* The position of the uppermost bit that is not the sign; kind: counted from the top */
static guint64
find_bit (const PtxInsn *i, guint64 value, guint width, gboolean is_signed)
{
  guint position;

  if (is_signed && ((value >> (width - 1)) & 1))
    value = ~value;
  if (width == 32)
    value &= G_MAXUINT32;
  if (value == 0)
    return G_MAXUINT32;
  position = 63 - (guint) __builtin_clzll (value);
  return i->kind ? width - 1 - position : position;
}

RUN (bfind_u32, find_bit (i, a, 32, FALSE))
RUN (bfind_s32, find_bit (i, a, 32, TRUE))
RUN (bfind_u64, find_bit (i, a, 64, FALSE))
RUN (bfind_s64, find_bit (i, a, 64, TRUE))

static gboolean
prepare_bfind (PtxDecoder *decoder, PtxInsn *insn)
{
  insn->kind = ptx_has_part (decoder, "shiftamt");
  return TRUE;
}

/* Only 8 bits of position and length count; beyond the width there are zeros, or the sign. */
static guint64
extract (guint64 value, guint position, guint length, guint width, gboolean is_signed)
{
  guint64 result = position < width ? value >> position : 0;
  guint last = MIN (position + length - 1, width - 1);

  if (length == 0)
    return 0;
  if (width == 32)
    value &= G_MAXUINT32;
  result = position < width ? value >> position : 0;
  if (length < 64)
    result &= ((guint64) 1 << length) - 1;
  if (is_signed && ((value >> last) & 1))
    {
      guint kept = position < width ? last - position + 1 : 0;

      result |= kept < 64 ? ~(guint64) 0 << kept : 0;
    }
  return result;
}

RUN (bfe_u32, extract (a, (guint8) b, (guint8) c, 32, FALSE))
RUN (bfe_s32, extract (a, (guint8) b, (guint8) c, 32, TRUE))
RUN (bfe_u64, extract (a, (guint8) b, (guint8) c, 64, FALSE))
RUN (bfe_s64, extract (a, (guint8) b, (guint8) c, 64, TRUE))

/* bfi d, field, into, position, length */
static void
bfi (PtxThread *t, const PtxInsn *i)
{
  guint position = (guint8) t->r[i->c], length = (guint8) t->r[i->e];
  guint64 mask = length >= 64 ? ~(guint64) 0 : ((guint64) 1 << length) - 1;

  mask = position >= 64 ? 0 : mask << position;
  t->r[i->d] = (t->r[i->b] & ~mask) | (position >= 64 ? 0 : (t->r[i->a] << position) & mask);
}

/* bmsk: ones from position on, as many as said */
static void
bmsk (PtxThread *t, const PtxInsn *i)
{
  guint32 position = (guint32) t->r[i->a], length = (guint32) t->r[i->b];
  guint64 mask;

  if (i->kind)
    {
      position &= 31;
      length &= 31;
    }
  position = MIN (position, 32);
  length = MIN (length, 32);
  mask = ((guint64) 1 << length) - 1;
  t->r[i->d] = (guint32) (mask << position);
}

static void
szext (PtxThread *t, const PtxInsn *i)
{
  guint32 value = (guint32) t->r[i->a], length = (guint32) t->r[i->b];

  length = i->kind ? length & 31 : MIN (length, 32);
  if (length == 0)
    value = 0;
  else if (length < 32 && i->type == PTX_S32)
    value = (guint32) ((gint32) (value << (32 - length)) >> (32 - length));
  else if (length < 32)
    value &= (1u << length) - 1;
  t->r[i->d] = value;
}

static gboolean
prepare_wrap (PtxDecoder *decoder, PtxInsn *insn)
{
  insn->kind = ptx_has_part (decoder, "wrap");
  return TRUE;
}

/* The truth table is the fourth source. */
static void
lop3 (PtxThread *t, const PtxInsn *i)
{
  guint64 a = t->r[i->a], b = t->r[i->b], c = t->r[i->c], table = t->r[i->e], result = 0;

  for (guint k = 0; k < 8; k++)
    if ((table >> k) & 1)
      result |= (k & 4 ? a : ~a) & (k & 2 ? b : ~b) & (k & 1 ? c : ~c);
  t->r[i->d] = result;
}

/* The place of the n-th bit of a from b on, up or down, or whether b is the place of one for n = 0
 */
static void
fns (PtxThread *t, const PtxInsn *i)
{
  const guint32 mask = (guint32) t->r[i->a];
  const gint32 n = (gint32) t->r[i->c], step = n < 0 ? -1 : 1;
  gint64 place = (guint32) t->r[i->b], left = n == 0 ? 1 : ABS ((gint64) n);

  t->r[i->d] = 0xffffffff;
  for (; place >= 0 && place < 32; place += step)
    {
      left -= mask >> place & 1;
      if (left == 0)
        t->r[i->d] = (guint64) place;
      if (left == 0 || n == 0)
        return;
    }
}

static const char *const permutations[] = { "f4e", "b4e", "rc8", "ecl", "ecr", "rc16", NULL };

/* The selector of one of the named modes, which take the lowest two bits of c. */
static guint32
permutation (guint mode, guint c)
{
  static const guint16 selectors[6][4] = {
    { 0x3210, 0x4321, 0x5432, 0x6543 }, /* f4e */
    { 0x5670, 0x6701, 0x7012, 0x0123 }, /* b4e */
    { 0x0000, 0x1111, 0x2222, 0x3333 }, /* rc8 */
    { 0x3210, 0x3211, 0x3222, 0x3333 }, /* ecl */
    { 0x0000, 0x1110, 0x2210, 0x3210 }, /* ecr */
    { 0x1010, 0x3232, 0x1010, 0x3232 }, /* rc16 */
  };

  return selectors[mode][c & 3];
}

/* kind: 0, or 1 + the named mode */
static void
prmt (PtxThread *t, const PtxInsn *i)
{
  guint64 bytes = (guint64) (guint32) t->r[i->b] << 32 | (guint32) t->r[i->a];
  guint32 selector = (guint32) t->r[i->c], result = 0;

  if (i->kind > 0)
    selector = permutation (i->kind - 1u, selector);
  for (guint k = 0; k < 4; k++)
    {
      guint nibble = (selector >> (4 * k)) & 15;
      guint8 byte = (guint8) (bytes >> (8 * (nibble & 7)));

      if (nibble & 8)
        byte = byte & 0x80 ? 0xff : 0;
      result |= (guint32) byte << (8 * k);
    }
  t->r[i->d] = result;
}

static gboolean
prepare_prmt (PtxDecoder *decoder, PtxInsn *insn)
{
  insn->kind = (guint8) (1 + ptx_find_part (decoder, permutations));
  return TRUE;
}

const PtxRow ptx_bits_rows[] = {
  { "and(.pred|.b16|.b32|.b64)", "drr", and_bits, NULL, NULL },
  { "or(.pred|.b16|.b32|.b64)", "drr", or_bits, NULL, NULL },
  { "xor(.pred|.b16|.b32|.b64)", "drr", xor_bits, NULL, NULL },
  { "not.pred", "dr", not_pred, NULL, NULL },
  { "not(.b16|.b32|.b64)", "dr", not_bits, NULL, NULL },
  { "cnot.b16", "dr", cnot_16, NULL, NULL },
  { "cnot.b32", "dr", cnot_32, NULL, NULL },
  { "cnot.b64", "dr", cnot_64, NULL, NULL },
  { "shl.b16", "drr", shl_16, NULL, NULL },
  { "shl.b32", "drr", shl_32, NULL, NULL },
  { "shl.b64", "drr", shl_64, NULL, NULL },
  { "shr(.b16|.u16)", "drr", shr_u16, NULL, NULL },
  { "shr(.b32|.u32)", "drr", shr_u32, NULL, NULL },
  { "shr(.b64|.u64)", "drr", shr_u64, NULL, NULL },
  { "shr.s16", "drr", shr_s16, NULL, NULL },
  { "shr.s32", "drr", shr_s32, NULL, NULL },
  { "shr.s64", "drr", shr_s64, NULL, NULL },
  { "shf.l.wrap.b32", "drrr", shf_l_wrap, NULL, NULL },
  { "shf.l.clamp.b32", "drrr", shf_l_clamp, NULL, NULL },
  { "shf.r.wrap.b32", "drrr", shf_r_wrap, NULL, NULL },
  { "shf.r.clamp.b32", "drrr", shf_r_clamp, NULL, NULL },
  { "popc.b32", "dr", popc_32, NULL, NULL },
  { "popc.b64", "dr", popc_64, NULL, NULL },
  { "clz.b32", "dr", clz_32, NULL, NULL },
  { "clz.b64", "dr", clz_64, NULL, NULL },
  { "brev.b32", "dr", brev_32, NULL, NULL },
  { "brev.b64", "dr", brev_64, NULL, NULL },
  { "bfind[.shiftamt].u32", "dr", bfind_u32, NULL, prepare_bfind },
  { "bfind[.shiftamt].s32", "dr", bfind_s32, NULL, prepare_bfind },
  { "bfind[.shiftamt].u64", "dr", bfind_u64, NULL, prepare_bfind },
  { "bfind[.shiftamt].s64", "dr", bfind_s64, NULL, prepare_bfind },
  { "bfe.u32", "drrr", bfe_u32, NULL, NULL },
  { "bfe.s32", "drrr", bfe_s32, NULL, NULL },
  { "bfe.u64", "drrr", bfe_u64, NULL, NULL },
  { "bfe.s64", "drrr", bfe_s64, NULL, NULL },
  { "bfi(.b32|.b64)", "drrrr", bfi, NULL, NULL },
  { "bmsk(.clamp|.wrap).b32", "drr", bmsk, NULL, prepare_wrap },
  { "szext(.clamp|.wrap)(.u32|.s32)", "drr", szext, NULL, prepare_wrap },
  { "fns.b32", "drrr", fns, NULL, NULL },
  { "lop3.b32", "drrrr", lop3, NULL, NULL },
  { "prmt.b32[.f4e|.b4e|.rc8|.ecl|.ecr|.rc16]", "drrr", prmt, NULL, prepare_prmt },
  { NULL, NULL, NULL, NULL, NULL },
};
