/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The approximate functions: computed in double precision and rounded once, which is within every
 * error that PTX allows them. */
#include "config.h"

#include <float.h>
#include <math.h>

#include "ptx-private.h"

static double
flushed (const PtxInsn *i, guint64 slot)
{
  float value = ptx_f32 (slot);

  return i->flags & PTX_FTZ && fabsf (value) < FLT_MIN ? copysign (0, value) : value;
}

static guint64
rounded (const PtxInsn *i, double value)
{
  float result = (float) value;

  if (i->flags & PTX_FTZ && fabsf (result) < FLT_MIN)
    result = copysignf (0, result);
  return ptx_result_f32 (result);
}

#define APPROX(name, expression)                                                                   \
  static void name (PtxThread *t, const PtxInsn *i)                                                \
  {                                                                                                \
    const double a = flushed (i, t->r[i->a]);                                                      \
    t->r[i->d] = rounded (i, expression);                                                          \
  }

/* These three also see what is subnormal as zero without .ftz. */
static double
normal (double value)
{
  return fabs (value) < FLT_MIN ? copysign (0, value) : value;
}

APPROX (rcp, 1 / a)
APPROX (square_root, sqrt (a))
APPROX (rsqrt, 1 / sqrt (a))
APPROX (ex2, exp2 (a))
APPROX (lg2, log2 (a))
APPROX (sine, sin (normal (a)))
APPROX (cosine, cos (a))
APPROX (hyperbolic, tanh (a))

/* PTX: the quotient is 0 where the divisor is above 2^126, and NaN for infinity by such a one */
static void
divide (PtxThread *t, const PtxInsn *i)
{
  double a = flushed (i, t->r[i->a]), b = flushed (i, t->r[i->b]), result = a / b;

  if (i->kind && fabs (b) > 0x1p126 && fabs (b) < 0x1p128)
    result = isinf (a) || isnan (a) ? NAN : copysign (0, a) * copysign (1, b);
  t->r[i->d] = rounded (i, result);
}

static gboolean
prepare_divide (PtxDecoder *decoder, PtxInsn *insn)
{
  insn->kind = ptx_has_part (decoder, "approx");
  return TRUE;
}

/* The lower half of the result is zero, what is subnormal counts as zero. */
static void
rough (PtxThread *t, const PtxInsn *i)
{
  double a = ptx_f64 (t->r[i->a]), result;

  if (fabs (a) < DBL_MIN)
    a = copysign (0, a);
  result = i->kind ? 1 / sqrt (a) : 1 / a;
  if (fabs (result) < DBL_MIN)
    result = copysign (0, result);
  t->r[i->d] = isnan (result) ? 0x7fffffff00000000 : ptx_from_f64 (result) & ~(guint64) G_MAXUINT32;
}

static gboolean
prepare_rough (PtxDecoder *decoder, PtxInsn *insn)
{
  insn->kind = decoder->words.parts[0][1] == 's';
  return TRUE;
}

static void
rsqrt_f64 (PtxThread *t, const PtxInsn *i)
{
  t->r[i->d] = ptx_from_f64 (1 / sqrt (ptx_f64 (t->r[i->a])));
}

const PtxRow ptx_approx_rows[] = {
  { "rcp.approx[.ftz].f32", "dr", rcp, NULL, NULL },
  { "sqrt.approx[.ftz].f32", "dr", square_root, NULL, NULL },
  { "rsqrt.approx[.ftz].f32", "dr", rsqrt, NULL, NULL },
  { "rsqrt.approx.f64", "dr", rsqrt_f64, NULL, NULL },
  { "rcp.approx.ftz.f64", "dr", rough, NULL, prepare_rough },
  { "rsqrt.approx.ftz.f64", "dr", rough, NULL, prepare_rough },
  { "ex2.approx[.ftz].f32", "dr", ex2, NULL, NULL },
  { "lg2.approx[.ftz].f32", "dr", lg2, NULL, NULL },
  { "sin.approx[.ftz].f32", "dr", sine, NULL, NULL },
  { "cos.approx[.ftz].f32", "dr", cosine, NULL, NULL },
  { "tanh.approx.f32", "dr", hyperbolic, NULL, NULL },
  { "div.approx[.ftz].f32", "drr", divide, NULL, prepare_divide },
  { "div.full[.ftz].f32", "drr", divide, NULL, prepare_divide },
  { NULL, NULL, NULL, NULL, NULL },
};
