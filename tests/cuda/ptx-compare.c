/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Comparisons and choices. setp.lt.and.f32 p|q, a, b, c becomes a comparison, and what combines its
 * result with c. */
#include "config.h"

#include <float.h>
#include <math.h>

#include "ptx-private.h"

#define COMPARE(name, T, expression)                                                               \
  static void name (PtxThread *t, const PtxInsn *i)                                                \
  {                                                                                                \
    const T a = (T) t->r[i->a], b = (T) t->r[i->b];                                                \
    t->r[i->d] = (expression);                                                                     \
  }
#define ORDER(suffix, T)                                                                           \
  COMPARE (eq_##suffix, T, a == b)                                                                 \
  COMPARE (ne_##suffix, T, a != b)                                                                 \
  COMPARE (lt_##suffix, T, a < b)                                                                  \
  COMPARE (le_##suffix, T, a <= b)                                                                 \
  COMPARE (gt_##suffix, T, a > b)                                                                  \
  COMPARE (ge_##suffix, T, a >= b)
#define ORDER_ROW(suffix)                                                                          \
  {                                                                                                \
    eq_##suffix, ne_##suffix, lt_##suffix, le_##suffix, gt_##suffix, ge_##suffix                   \
  }

ORDER (u16, guint16)
ORDER (u32, guint32)
ORDER (u64, guint64)
ORDER (s16, gint16)
ORDER (s32, gint32)
ORDER (s64, gint64)

/* the first six as for integers, then those that are true for NaNs, then num and nan */
enum
{
  EQ,
  NE,
  LT,
  LE,
  GT,
  GE,
  UNORDERED,
  EQU = UNORDERED,
  NEU,
  LTU,
  LEU,
  GTU,
  GEU,
  NUM,
  IS_NAN,
  LO,
  LS,
  HI,
  HS
};
static const char *const comparisons[] = { "eq",  "ne",  "lt",  "le",  "gt",  "ge",  "equ",
                                           "neu", "ltu", "leu", "gtu", "geu", "num", "nan",
                                           "lo",  "ls",  "hi",  "hs",  NULL };

static const PtxHandler integer_handlers[][6] = {
  [PTX_U16] = ORDER_ROW (u16), [PTX_U32] = ORDER_ROW (u32), [PTX_U64] = ORDER_ROW (u64),
  [PTX_S16] = ORDER_ROW (s16), [PTX_S32] = ORDER_ROW (s32), [PTX_S64] = ORDER_ROW (s64),
  [PTX_B16] = ORDER_ROW (u16), [PTX_B32] = ORDER_ROW (u32), [PTX_B64] = ORDER_ROW (u64),
};

static float
flushed (const PtxInsn *i, float value)
{
  return i->flags & PTX_FTZ && fabsf (value) < FLT_MIN ? copysignf (0, value) : value;
}

#define FLOAT_COMPARE(name, T, read, expression)                                                   \
  static void name (PtxThread *t, const PtxInsn *i)                                                \
  {                                                                                                \
    const T a = read (t->r[i->a]), b = read (t->r[i->b]);                                          \
    t->r[i->d] = (expression);                                                                     \
  }
#define FLOAT_ORDER(suffix, T, read)                                                               \
  FLOAT_COMPARE (eq_##suffix, T, read, a == b)                                                     \
  FLOAT_COMPARE (ne_##suffix, T, read, a<b || a> b)                                                \
  FLOAT_COMPARE (lt_##suffix, T, read, a < b)                                                      \
  FLOAT_COMPARE (le_##suffix, T, read, a <= b)                                                     \
  FLOAT_COMPARE (gt_##suffix, T, read, a > b)                                                      \
  FLOAT_COMPARE (ge_##suffix, T, read, a >= b)                                                     \
  FLOAT_COMPARE (equ_##suffix, T, read, !(a < b || a > b))                                         \
  FLOAT_COMPARE (neu_##suffix, T, read, !(a == b))                                                 \
  FLOAT_COMPARE (ltu_##suffix, T, read, !(a >= b))                                                 \
  FLOAT_COMPARE (leu_##suffix, T, read, !(a > b))                                                  \
  FLOAT_COMPARE (gtu_##suffix, T, read, !(a <= b))                                                 \
  FLOAT_COMPARE (geu_##suffix, T, read, !(a < b))                                                  \
  FLOAT_COMPARE (num_##suffix, T, read, a == a && b == b)                                          \
  FLOAT_COMPARE (nan_##suffix, T, read, a != a || b != b)
#define FLOAT_ROW(suffix)                                                                          \
  {                                                                                                \
    eq_##suffix, ne_##suffix, lt_##suffix, le_##suffix, gt_##suffix, ge_##suffix, equ_##suffix,    \
        neu_##suffix, ltu_##suffix, leu_##suffix, gtu_##suffix, geu_##suffix, num_##suffix,        \
        nan_##suffix                                                                               \
  }

#define READ_FTZ(slot) flushed (i, ptx_f32 (slot))
FLOAT_ORDER (f32, float, ptx_f32)
FLOAT_ORDER (f32_ftz, float, READ_FTZ)
FLOAT_ORDER (f64, double, ptx_f64)

static const PtxHandler float_handlers[3][14] = { FLOAT_ROW (f32), FLOAT_ROW (f32_ftz),
                                                  FLOAT_ROW (f64) };

static PtxHandler
choose (const PtxInsn *insn, gint comparison)
{
  gboolean is_signed = insn->source >= PTX_S8 && insn->source <= PTX_S64;

  if (comparison < 0)
    return NULL;
  if (insn->source >= PTX_F32)
    return insn->source > PTX_F64 || comparison >= LO ? NULL
           : insn->source == PTX_F64                  ? float_handlers[2][comparison]
           : insn->flags & PTX_FTZ                    ? float_handlers[1][comparison]
                                                      : float_handlers[0][comparison];
  if (comparison >= LO && !is_signed)
    comparison = comparison - LO + LT;
  if (comparison >= UNORDERED || insn->source > PTX_S64)
    return NULL;
  return integer_handlers[insn->source][comparison];
}

static void
both (PtxThread *t, const PtxInsn *i)
{
  t->r[i->d] = t->r[i->a] & t->r[i->b] & 1;
}

static void
either (PtxThread *t, const PtxInsn *i)
{
  t->r[i->d] = (t->r[i->a] | t->r[i->b]) & 1;
}

static void
one (PtxThread *t, const PtxInsn *i)
{
  t->r[i->d] = (t->r[i->a] ^ t->r[i->b]) & 1;
}

static void
invert (PtxThread *t, const PtxInsn *i)
{
  t->r[i->d] = ~t->r[i->a] & 1;
}

/* set: all ones, or 1.0 */
static void
widen (PtxThread *t, const PtxInsn *i)
{
  guint64 yes = i->type == PTX_F32 ? ptx_from_f32 (1) : G_MAXUINT32;

  t->r[i->d] = t->r[i->a] & 1 ? yes : 0;
}

static const char *const combinations[] = { "and", "or", "xor", NULL };
static const PtxHandler combine[] = { both, either, one };

/* d = result combined with c */
static void
emit_combined (PtxDecoder *decoder, const PtxInsn *insn, gint how, gint32 result, gint32 d)
{
  PtxInsn next = { .run = combine[how], .line = insn->line, .d = d, .a = result, .b = insn->c };

  ptx_emit (decoder, &next);
}

static gboolean
prepare_comparison (PtxDecoder *decoder, PtxInsn *insn)
{
  gint how = ptx_find_part (decoder, combinations);
  gboolean is_set = strcmp (decoder->words.parts[0], "set") == 0;
  PtxInsn first = *insn, next = { .line = insn->line };

  first.run = choose (insn, ptx_find_part (decoder, comparisons));
  if (first.run == NULL || (how >= 0) != (insn->n_operands == 3))
    return FALSE;
  if (how < 0 && insn->q < 0 && !is_set)
    {
      insn->run = first.run;
      return TRUE;
    }
  first.d = ptx_new_slot (decoder);
  next.a = first.d;
  ptx_emit (decoder, &first);
  if (insn->q >= 0)
    {
      next.run = invert;
      next.d = how < 0 ? insn->q : ptx_new_slot (decoder);
      ptx_emit (decoder, &next);
      if (how >= 0)
        {
          /* d may be c itself: what the combination with the opposite needs is read first */
          gint32 inverse = next.d, combined = ptx_new_slot (decoder);

          emit_combined (decoder, insn, how, first.d, combined);
          emit_combined (decoder, insn, how, inverse, insn->q);
          how = -1;
          first.d = combined;
        }
    }
  else if (how >= 0)
    {
      gint32 combined = ptx_new_slot (decoder);

      emit_combined (decoder, insn, how, first.d, combined);
      first.d = combined;
    }
  insn->a = first.d;
  insn->run = widen;
  if (!is_set)
    {
      insn->run = both;
      insn->b = first.d;
    }
  return TRUE;
}

static void
select_32 (PtxThread *t, const PtxInsn *i)
{
  t->r[i->d] = t->r[i->c] & 1 ? t->r[i->a] : t->r[i->b];
}

/* slct: a where c is not negative */
static void
select_s32 (PtxThread *t, const PtxInsn *i)
{
  t->r[i->d] = (gint32) t->r[i->c] >= 0 ? t->r[i->a] : t->r[i->b];
}

static void
select_f32 (PtxThread *t, const PtxInsn *i)
{
  t->r[i->d] = flushed (i, ptx_f32 (t->r[i->c])) >= 0 ? t->r[i->a] : t->r[i->b];
}

#define COMPARISONS                                                                                \
  "(.eq|.ne|.lt|.le|.gt|.ge|.equ|.neu|.ltu|.leu|.gtu|.geu|.num|.nan|.lo|.ls|.hi|.hs)"              \
  "[.and|.or|.xor][.ftz]"
#define ORDERED    "(.b16|.b32|.b64|.u16|.u32|.u64|.s16|.s32|.s64|.f32|.f64)"
#define SELECTABLE "(.b16|.b32|.b64|.u16|.u32|.u64|.s16|.s32|.s64|.f32|.f64)"

const PtxRow ptx_compare_rows[] = {
  { "setp" COMPARISONS ORDERED, "d|rr?p", NULL, NULL, prepare_comparison },
  { "set" COMPARISONS "(.u32|.s32|.f32)" ORDERED, "drr?p", NULL, NULL, prepare_comparison },
  { "selp" SELECTABLE, "drrp", select_32, NULL, NULL },
  { "slct" SELECTABLE ".s32", "drrr", select_s32, NULL, NULL },
  { "slct[.ftz]" SELECTABLE ".f32", "drrr", select_f32, NULL, NULL },
  { NULL, NULL, NULL, NULL, NULL },
};
