/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Integer arithmetic. It wraps around, as on a GPU: all of it is done unsigned, or in a type twice
 * as wide. */
#include "config.h"

#include <string.h>

#include "ptx-private.h"

typedef gint64 s64;
typedef gint32 s32;
typedef gint16 s16;
typedef guint64 u64;
typedef guint32 u32;
typedef guint16 u16;
typedef __int128 s128;
typedef unsigned __int128 u128;

#define UNARY(name, T, expression)                                                                 \
  static void name (PtxThread *t, const PtxInsn *i)                                                \
  {                                                                                                \
    const T a = (T) t->r[i->a];                                                                    \
    t->r[i->d] = (u64) (expression);                                                               \
  }
#define BINARY(name, T, expression)                                                                \
  static void name (PtxThread *t, const PtxInsn *i)                                                \
  {                                                                                                \
    const T a = (T) t->r[i->a], b = (T) t->r[i->b];                                                \
    t->r[i->d] = (u64) (expression);                                                               \
  }
#define TERNARY(name, T, C, expression)                                                            \
  static void name (PtxThread *t, const PtxInsn *i)                                                \
  {                                                                                                \
    const T a = (T) t->r[i->a], b = (T) t->r[i->b];                                                \
    const C c = (C) t->r[i->c];                                                                    \
    t->r[i->d] = (u64) (expression);                                                               \
  }

/* The same for all three widths, signed or not. */
BINARY (add, u64, a + b)
BINARY (sub, u64, a - b)
BINARY (mul_lo, u64, a *b)
TERNARY (mad_lo, u64, u64, a *b + c)
UNARY (neg, u64, 0 - a)

BINARY (add_sat_s32, s64, CLAMP ((s64) (s32) a + (s32) b, G_MININT32, G_MAXINT32))
BINARY (sub_sat_s32, s64, CLAMP ((s64) (s32) a - (s32) b, G_MININT32, G_MAXINT32))

/* W is wide enough for the product. */
#define WIDTH(bits, U, S, UW, SW)                                                                  \
  BINARY (mul_hi_u##bits, U, (U) (((UW) a * b) >> bits))                                           \
  BINARY (mul_hi_s##bits, S, (S) (((SW) a * b) >> bits))                                           \
  TERNARY (mad_hi_u##bits, U, U, (U) ((U) (((UW) a * b) >> bits) + c))                             \
  TERNARY (mad_hi_s##bits, S, U, (U) ((U) (((SW) a * b) >> bits) + c))                             \
  BINARY (div_u##bits, U, b == 0 ? (U) -1 : a / b)                                                 \
  BINARY (div_s##bits, S, b == 0 ? (S) -1 : b == -1 ? (S) (0 - (U) a) : (S) (a / b))               \
  BINARY (rem_u##bits, U, b == 0 ? a : a % b)                                                      \
  BINARY (rem_s##bits, S, b == 0 ? a : b == -1 ? 0 : (S) (a % b))                                  \
  BINARY (min_u##bits, U, a < b ? a : b)                                                           \
  BINARY (min_s##bits, S, a < b ? a : b)                                                           \
  BINARY (max_u##bits, U, a > b ? a : b)                                                           \
  BINARY (max_s##bits, S, a > b ? a : b)                                                           \
  UNARY (abs_s##bits, S, a < 0 ? (U) (0 - (U) a) : (U) a)                                          \
  TERNARY (sad_u##bits, U, U, (U) (c + (a < b ? b - a : a - b)))                                   \
  TERNARY (sad_s##bits, S, U, (U) (c + (a < b ? (U) b - (U) a : (U) a - (U) b)))

WIDTH (16, u16, s16, u32, s32)
WIDTH (32, u32, s32, u64, s64)
WIDTH (64, u64, s64, u128, s128)

BINARY (mul_wide_u16, u16, (u32) a *b)
BINARY (mul_wide_s16, s16, (s32) a *b)
BINARY (mul_wide_u32, u32, (u64) a *b)
BINARY (mul_wide_s32, s32, (s64) a *b)
TERNARY (mad_wide_u16, u16, u32, (u32) a *b + c)
TERNARY (mad_wide_s16, s16, u32, (u32) ((s32) a *b) + c)
TERNARY (mad_wide_u32, u32, u64, (u64) a *b + c)
TERNARY (mad_wide_s32, s32, u64, (u64) ((s64) a *b) + c)
TERNARY (mad_hi_sat_s32, s32, s32, CLAMP ((((s64) a * b) >> 32) + (s64) c, G_MININT32, G_MAXINT32))

BINARY (min_relu_s32, s32, MAX (MIN (a, b), 0))
BINARY (max_relu_s32, s32, MAX (MAX (a, b), 0))

#define LOW24(x)    ((s64) ((x) &0xffffff))
#define SIGNED24(x) ((s64) ((s32) ((u32) (x) << 8) >> 8))
BINARY (mul24_lo_u32, u32, (u32) (LOW24 (a) * LOW24 (b)))
BINARY (mul24_lo_s32, u32, (u32) (SIGNED24 (a) * SIGNED24 (b)))
BINARY (mul24_hi_u32, u32, (u32) ((LOW24 (a) * LOW24 (b)) >> 16))
BINARY (mul24_hi_s32, u32, (u32) ((SIGNED24 (a) * SIGNED24 (b)) >> 16))
TERNARY (mad24_lo_u32, u32, u32, (u32) (LOW24 (a) * LOW24 (b)) + c)
TERNARY (mad24_lo_s32, u32, u32, (u32) (SIGNED24 (a) * SIGNED24 (b)) + c)

/* Four products of bytes; PtxInsn.type says how a's are read, .source how b's are. */
static void
dp4a (PtxThread *t, const PtxInsn *i)
{
  u32 a = (u32) t->r[i->a], b = (u32) t->r[i->b], sum = (u32) t->r[i->c];

  for (guint shift = 0; shift < 32; shift += 8)
    {
      s32 x = i->type == PTX_S32 ? (gint8) (a >> shift) : (guint8) (a >> shift);
      s32 y = i->source == PTX_S32 ? (gint8) (b >> shift) : (guint8) (b >> shift);

      sum += (u32) (x * y);
    }
  t->r[i->d] = sum;
}

static void
dp2a (PtxThread *t, const PtxInsn *i)
{
  u32 a = (u32) t->r[i->a], b = (u32) t->r[i->b] >> i->kind, sum = (u32) t->r[i->c];

  for (guint k = 0; k < 2; k++)
    {
      s32 x = i->type == PTX_S32 ? (s16) (a >> (16 * k)) : (u16) (a >> (16 * k));
      s32 y = i->source == PTX_S32 ? (gint8) (b >> (8 * k)) : (guint8) (b >> (8 * k));

      sum += (u32) x * (u32) y;
    }
  t->r[i->d] = sum;
}

static gboolean
prepare_dp2a (PtxDecoder *decoder, PtxInsn *insn)
{
  insn->kind = ptx_has_part (decoder, "hi") ? 16 : 0;
  return TRUE;
}

/* Distances of bytes or halves, side by side or added up onto c; PtxInsn.kind: their bits, and 1 to
 * add */
static void
vabsdiff (PtxThread *t, const PtxInsn *i)
{
  const guint width = i->kind & ~1u, high = 32 - width;
  u32 a = (u32) t->r[i->a], b = (u32) t->r[i->b], sum = 0, parts = 0;

  for (guint shift = 0; shift < 32; shift += width)
    {
      u32 x = a >> shift << high, y = b >> shift << high;
      s64 p = i->source == PTX_S32 ? (s32) x : (s64) x,
          q = i->source == PTX_S32 ? (s32) y : (s64) y;
      u32 distance = (u32) ((p > q ? p - q : q - p) >> high);

      sum += distance;
      parts |= distance << shift;
    }
  t->r[i->d] = i->kind & 1 ? (u32) t->r[i->c] + sum : parts;
}

static gboolean
prepare_vabsdiff (PtxDecoder *decoder, PtxInsn *insn)
{
  insn->kind = (guint8) ((strcmp (decoder->words.parts[0], "vabsdiff2") == 0 ? 16 : 8)
                         | ptx_has_part (decoder, "add"));
  return TRUE;
}

#define SIGNS(name, form, handler)                                                                 \
  { name ".u16", form, handler##_u16, NULL, NULL },                                                \
      { name ".s16", form, handler##_s16, NULL, NULL },                                            \
      { name ".u32", form, handler##_u32, NULL, NULL },                                            \
      { name ".s32", form, handler##_s32, NULL, NULL },                                            \
      { name ".u64", form, handler##_u64, NULL, NULL },                                            \
  {                                                                                                \
    name ".s64", form, handler##_s64, NULL, NULL                                                   \
  }
#define NARROW(name, form, handler)                                                                \
  { name ".u16", form, handler##_u16, NULL, NULL },                                                \
      { name ".s16", form, handler##_s16, NULL, NULL },                                            \
      { name ".u32", form, handler##_u32, NULL, NULL },                                            \
  {                                                                                                \
    name ".s32", form, handler##_s32, NULL, NULL                                                   \
  }

const PtxRow ptx_integer_rows[] = {
  { "add(.u16|.s16|.u32|.s32|.u64|.s64)", "drr", add, NULL, NULL },
  { "add.sat.s32", "drr", add_sat_s32, NULL, NULL },
  { "sub(.u16|.s16|.u32|.s32|.u64|.s64)", "drr", sub, NULL, NULL },
  { "sub.sat.s32", "drr", sub_sat_s32, NULL, NULL },
  { "mul.lo(.u16|.s16|.u32|.s32|.u64|.s64)", "drr", mul_lo, NULL, NULL },
  SIGNS ("mul.hi", "drr", mul_hi),
  NARROW ("mul.wide", "drr", mul_wide),
  { "mad.lo(.u16|.s16|.u32|.s32|.u64|.s64)", "drrr", mad_lo, NULL, NULL },
  SIGNS ("mad.hi", "drrr", mad_hi),
  { "mad.hi.sat.s32", "drrr", mad_hi_sat_s32, NULL, NULL },
  NARROW ("mad.wide", "drrr", mad_wide),
  { "mul24.lo.u32", "drr", mul24_lo_u32, NULL, NULL },
  { "mul24.lo.s32", "drr", mul24_lo_s32, NULL, NULL },
  { "mul24.hi.u32", "drr", mul24_hi_u32, NULL, NULL },
  { "mul24.hi.s32", "drr", mul24_hi_s32, NULL, NULL },
  { "mad24.lo.u32", "drrr", mad24_lo_u32, NULL, NULL },
  { "mad24.lo.s32", "drrr", mad24_lo_s32, NULL, NULL },
  SIGNS ("div", "drr", div),
  SIGNS ("rem", "drr", rem),
  SIGNS ("min", "drr", min),
  SIGNS ("max", "drr", max),
  { "min(.relu.s32|.s32.relu)", "drr", min_relu_s32, NULL, NULL },
  { "max(.relu.s32|.s32.relu)", "drr", max_relu_s32, NULL, NULL },
  SIGNS ("sad", "drrr", sad),
  { "abs.s16", "dr", abs_s16, NULL, NULL },
  { "abs.s32", "dr", abs_s32, NULL, NULL },
  { "abs.s64", "dr", abs_s64, NULL, NULL },
  { "neg(.s16|.s32|.s64)", "dr", neg, NULL, NULL },
  { "dp4a(.u32|.s32)(.u32|.s32)", "drrr", dp4a, NULL, NULL },
  { "dp2a(.lo|.hi)(.u32|.s32)(.u32|.s32)", "drrr", dp2a, NULL, prepare_dp2a },
  { "vabsdiff2.u32.u32.u32[.add]", "drrr", vabsdiff, NULL, prepare_vabsdiff },
  { "vabsdiff4.u32.u32.u32[.add]", "drrr", vabsdiff, NULL, prepare_vabsdiff },
  { "vabsdiff2.s32.s32.s32[.add]", "drrr", vabsdiff, NULL, prepare_vabsdiff },
  { "vabsdiff4.s32.s32.s32[.add]", "drrr", vabsdiff, NULL, prepare_vabsdiff },
  { NULL, NULL, NULL, NULL, NULL },
};
