/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* IEEE arithmetic. Compiled with -ffp-contract=off and -frounding-math. Nearest rounding without
 * .ftz and .sat has functions of its own; all else goes through those named _general. */
#include "config.h"

#include <fenv.h>
#include <float.h>
#include <math.h>

#include "ptx-private.h"

#define F32(name, expression)                                                                      \
  static void name (PtxThread *t, const PtxInsn *i)                                                \
  {                                                                                                \
    const float a = ptx_f32 (t->r[i->a]), b = ptx_f32 (t->r[i->b]), c = ptx_f32 (t->r[i->c]);      \
    (void) b;                                                                                      \
    (void) c;                                                                                      \
    t->r[i->d] = ptx_result_f32 (expression);                                                      \
  }
#define F64(name, expression)                                                                      \
  static void name (PtxThread *t, const PtxInsn *i)                                                \
  {                                                                                                \
    const double a = ptx_f64 (t->r[i->a]), b = ptx_f64 (t->r[i->b]), c = ptx_f64 (t->r[i->c]);     \
    (void) b;                                                                                      \
    (void) c;                                                                                      \
    t->r[i->d] = ptx_from_f64 (expression);                                                        \
  }

static int
rounding (guint flags)
{
  return flags & PTX_RZ   ? FE_TOWARDZERO
         : flags & PTX_RM ? FE_DOWNWARD
         : flags & PTX_RP ? FE_UPWARD
                          : FE_TONEAREST;
}

static float
flush (float value)
{
  return fabsf (value) < FLT_MIN ? copysignf (0, value) : value;
}

static float
saturated (float value)
{
  return value > 0 ? fminf (value, 1) : 0;
}

/* volatile keeps the operation between the two changes of the rounding mode */
#define F32_GENERAL(name, expression)                                                              \
  static void name (PtxThread *t, const PtxInsn *i)                                                \
  {                                                                                                \
    volatile float a = ptx_f32 (t->r[i->a]), b = ptx_f32 (t->r[i->b]), c = ptx_f32 (t->r[i->c]);   \
    volatile float result;                                                                         \
    if (i->flags & PTX_FTZ)                                                                        \
      {                                                                                            \
        a = flush (a);                                                                             \
        b = flush (b);                                                                             \
        c = flush (c);                                                                             \
      }                                                                                            \
    (void) b;                                                                                      \
    (void) c;                                                                                      \
    fesetround (rounding (i->flags));                                                              \
    result = (expression);                                                                         \
    fesetround (FE_TONEAREST);                                                                     \
    if (i->flags & PTX_SAT)                                                                        \
      result = saturated (result);                                                                 \
    t->r[i->d] = ptx_result_f32 (i->flags & PTX_FTZ ? flush (result) : result);                    \
  }
#define F64_GENERAL(name, expression)                                                              \
  static void name (PtxThread *t, const PtxInsn *i)                                                \
  {                                                                                                \
    volatile double a = ptx_f64 (t->r[i->a]), b = ptx_f64 (t->r[i->b]), c = ptx_f64 (t->r[i->c]);  \
    volatile double result;                                                                        \
    (void) b;                                                                                      \
    (void) c;                                                                                      \
    fesetround (rounding (i->flags));                                                              \
    result = (expression);                                                                         \
    fesetround (FE_TONEAREST);                                                                     \
    t->r[i->d] = ptx_from_f64 (result);                                                            \
  }
#define BOTH(name, single, twice)                                                                  \
  F32 (name##_f32, single)                                                                         \
  F64 (name##_f64, twice)                                                                          \
  F32_GENERAL (name##_f32_general, single)                                                         \
  F64_GENERAL (name##_f64_general, twice)

BOTH (add, a + b, a + b)
BOTH (sub, a - b, a - b)
BOTH (mul, a *b, a *b)
BOTH (fma, fmaf (a, b, c), fma (a, b, c))
BOTH (div, a / b, a / b)
BOTH (rcp, 1 / a, 1 / a)
BOTH (sqrt, sqrtf (a), sqrt (a))

/* abs and neg change the sign alone, also a NaN's */
static void
abs_f32 (PtxThread *t, const PtxInsn *i)
{
  float value = ptx_f32 (t->r[i->a] & 0x7fffffff);

  t->r[i->d] = ptx_from_f32 (i->flags & PTX_FTZ ? flush (value) : value);
}

static void
neg_f32 (PtxThread *t, const PtxInsn *i)
{
  float value = ptx_f32 (t->r[i->a] ^ 0x80000000);

  t->r[i->d] = ptx_from_f32 (i->flags & PTX_FTZ ? flush (value) : value);
}

static void
abs_f64 (PtxThread *t, const PtxInsn *i)
{
  t->r[i->d] = t->r[i->a] & G_MAXINT64;
}

static void
neg_f64 (PtxThread *t, const PtxInsn *i)
{
  t->r[i->d] = t->r[i->a] ^ (guint64) 1 << 63;
}

/* -0 is less than +0, and a NaN is missing unless .NaN asks for it; kind: 1 for the greatest */
#define PICK(name, T, from, to, flushed, nan_bits)                                                 \
  static void name (PtxThread *t, const PtxInsn *i)                                                \
  {                                                                                                \
    T a = from (t->r[i->a]), b = from (t->r[i->b]), result;                                        \
    if (i->flags & PTX_FTZ)                                                                        \
      {                                                                                            \
        a = flushed (a);                                                                           \
        b = flushed (b);                                                                           \
      }                                                                                            \
    if ((a != a && b != b) || ((i->flags & PTX_NAN) && (a != a || b != b)))                        \
      {                                                                                            \
        t->r[i->d] = nan_bits;                                                                     \
        return;                                                                                    \
      }                                                                                            \
    gboolean is_negative = (signbit (a) != 0) != (signbit (b) != 0);                               \
    if (i->flags & PTX_XORSIGN)                                                                    \
      {                                                                                            \
        a = (T) fabs (a);                                                                          \
        b = (T) fabs (b);                                                                          \
      }                                                                                            \
    if (a != a || b != b)                                                                          \
      result = a != a ? b : a;                                                                     \
    else if (a == b)                                                                               \
      result = (signbit (a) != 0) == (i->kind == 0) ? a : b;                                       \
    else                                                                                           \
      result = (a < b) == (i->kind == 0) ? a : b;                                                  \
    if (i->flags & PTX_XORSIGN && is_negative)                                                     \
      result = -result;                                                                            \
    t->r[i->d] = to (result);                                                                      \
  }

PICK (pick_f32, float, ptx_f32, ptx_from_f32, flush, PTX_NAN_F32)
PICK (pick_f64, double, ptx_f64, ptx_from_f64, (double), (guint64) 0x7fffffffffffffff)

static gboolean
prepare_pick (PtxDecoder *decoder, PtxInsn *insn)
{
  insn->kind = decoder->words.parts[0][1] == 'a';
  return TRUE;
}

/* the sign of a, the rest of b */
static void
copysign_f32 (PtxThread *t, const PtxInsn *i)
{
  t->r[i->d] = (t->r[i->a] & 0x80000000) | (t->r[i->b] & 0x7fffffff);
}

static void
copysign_f64 (PtxThread *t, const PtxInsn *i)
{
  t->r[i->d] = (t->r[i->a] & (guint64) 1 << 63) | (t->r[i->b] & G_MAXINT64);
}

static const char *const tests[] = { "finite", "infinite",  "number", "notanumber",
                                     "normal", "subnormal", NULL };

static void
testp (PtxThread *t, const PtxInsn *i)
{
  gboolean is_single = i->type == PTX_F32;
  int class = is_single ? fpclassify (ptx_f32 (t->r[i->a])) : fpclassify (ptx_f64 (t->r[i->a]));
  const gboolean results[] = {
    class != FP_NAN && class != FP_INFINITE,
    class == FP_INFINITE,
    class != FP_NAN,
    class == FP_NAN,
    class == FP_NORMAL,
    class == FP_SUBNORMAL,
  };

  t->r[i->d] = (guint64) results[i->kind];
}

static gboolean
prepare_testp (PtxDecoder *decoder, PtxInsn *insn)
{
  insn->kind = (guint8) ptx_find_part (decoder, tests);
  return TRUE;
}

#define ROUND    "[.rn|.rz|.rm|.rp]"
#define ROUNDING "(.rn|.rz|.rm|.rp)"

const PtxRow ptx_float_rows[] = {
  { "add" ROUND "[.ftz][.sat].f32", "drr", add_f32, add_f32_general, NULL },
  { "add" ROUND ".f64", "drr", add_f64, add_f64_general, NULL },
  { "sub" ROUND "[.ftz][.sat].f32", "drr", sub_f32, sub_f32_general, NULL },
  { "sub" ROUND ".f64", "drr", sub_f64, sub_f64_general, NULL },
  { "mul" ROUND "[.ftz][.sat].f32", "drr", mul_f32, mul_f32_general, NULL },
  { "mul" ROUND ".f64", "drr", mul_f64, mul_f64_general, NULL },
  { "fma" ROUNDING "[.ftz][.sat].f32", "drrr", fma_f32, fma_f32_general, NULL },
  { "fma" ROUNDING ".f64", "drrr", fma_f64, fma_f64_general, NULL },
  { "mad" ROUNDING "[.ftz][.sat].f32", "drrr", fma_f32, fma_f32_general, NULL },
  { "mad" ROUNDING ".f64", "drrr", fma_f64, fma_f64_general, NULL },
  { "div" ROUNDING "[.ftz].f32", "drr", div_f32, div_f32_general, NULL },
  { "div" ROUNDING ".f64", "drr", div_f64, div_f64_general, NULL },
  { "rcp" ROUNDING "[.ftz].f32", "dr", rcp_f32, rcp_f32_general, NULL },
  { "rcp" ROUNDING ".f64", "dr", rcp_f64, rcp_f64_general, NULL },
  { "sqrt" ROUNDING "[.ftz].f32", "dr", sqrt_f32, sqrt_f32_general, NULL },
  { "sqrt" ROUNDING ".f64", "dr", sqrt_f64, sqrt_f64_general, NULL },
  { "abs[.ftz].f32", "dr", abs_f32, NULL, NULL },
  { "abs.f64", "dr", abs_f64, NULL, NULL },
  { "neg[.ftz].f32", "dr", neg_f32, NULL, NULL },
  { "neg.f64", "dr", neg_f64, NULL, NULL },
  { "min[.ftz][.NaN][.xorsign.abs].f32", "drr", pick_f32, NULL, prepare_pick },
  { "min.f64", "drr", pick_f64, NULL, prepare_pick },
  { "max[.ftz][.NaN][.xorsign.abs].f32", "drr", pick_f32, NULL, prepare_pick },
  { "max.f64", "drr", pick_f64, NULL, prepare_pick },
  { "copysign.f32", "drr", copysign_f32, NULL, NULL },
  { "copysign.f64", "drr", copysign_f64, NULL, NULL },
  { "testp(.finite|.infinite|.number|.notanumber|.normal|.subnormal)(.f32|.f64)", "dr", testp, NULL,
    prepare_testp },
  { NULL, NULL, NULL, NULL, NULL },
};
