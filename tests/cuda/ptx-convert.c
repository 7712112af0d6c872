/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* cvt between every pair of types; compiled as ptx-float.c is. */
#include "config.h"

#include <fenv.h>
#include <float.h>
#include <math.h>

#include "ptx-private.h"

#define IS_FLOAT(type)  ((type) >= PTX_BF16 && (type) <= PTX_F64)
#define IS_SIGNED(type) ((type) >= PTX_S8 && (type) <= PTX_S64)

/* --- between integers --- */

#define EXTEND(name, T)                                                                            \
  static void name (PtxThread *t, const PtxInsn *i)                                                \
  {                                                                                                \
    t->r[i->d] = (guint64) (T) t->r[i->a];                                                         \
  }
EXTEND (extend_u8, guint8)
EXTEND (extend_u16, guint16)
EXTEND (extend_u32, guint32)
EXTEND (extend_64, guint64)
EXTEND (extend_s8, gint8)
EXTEND (extend_s16, gint16)
EXTEND (extend_s32, gint32)

static const PtxHandler extensions[PTX_S64 + 1] = {
  [PTX_U8] = extend_u8, [PTX_U16] = extend_u16, [PTX_U32] = extend_u32, [PTX_U64] = extend_64,
  [PTX_S8] = extend_s8, [PTX_S16] = extend_s16, [PTX_S32] = extend_s32, [PTX_S64] = extend_64,
};

static guint64
extended (guint64 value, PtxType type)
{
  guint shift = 64 - 8 * (guint) ptx_type_get_size (type);

  return IS_SIGNED (type) ? (guint64) ((gint64) (value << shift) >> shift)
                          : value << shift >> shift;
}

/* .sat, and what a single extension does not do */
static void
integer_to_integer (PtxThread *t, const PtxInsn *i)
{
  PtxType to = (PtxType) i->type, from = (PtxType) i->source;
  guint64 bits = extended (t->r[i->a], from);
  __int128 value = IS_SIGNED (from) ? (__int128) (gint64) bits : (__int128) bits;
  guint width = 8 * (guint) ptx_type_get_size (to);

  if (i->flags & PTX_SAT)
    {
      __int128 least = IS_SIGNED (to) ? -((__int128) 1 << (width - 1)) : 0;
      __int128 most = ((__int128) 1 << (IS_SIGNED (to) ? width - 1 : width)) - 1;

      value = CLAMP (value, least, most);
    }
  t->r[i->d] = extended ((guint64) value, to);
}

/* --- halves --- */

typedef struct
{
  gint mantissa, lowest; /* bits behind the point; the exponent of the least normal number */
  gint infinity;         /* the exponent field of infinity */
} Format;

static const Format formats[] = { [PTX_BF16 - PTX_BF16] = { 7, -126, 255 },
                                  [PTX_F16 - PTX_BF16] = { 10, -14, 31 } };

static double
from_half (guint16 bits, PtxType type)
{
  const Format *format = &formats[type - PTX_BF16];
  gint exponent = (bits & 0x7fff) >> format->mantissa;
  gint fraction = bits & ((1 << format->mantissa) - 1);
  double value;

  if (exponent == format->infinity)
    value = fraction ? NAN : INFINITY;
  else if (exponent == 0)
    value = ldexp (fraction, format->lowest - format->mantissa);
  else
    value = ldexp (fraction + (1 << format->mantissa),
                   exponent - 1 + format->lowest - format->mantissa);
  return bits & 0x8000 ? -value : value;
}

static double
integral (double value, guint flags)
{
  return flags & PTX_RZ   ? trunc (value)
         : flags & PTX_RM ? floor (value)
         : flags & PTX_RP ? ceil (value)
                          : rint (value);
}

static guint16
to_half (double value, PtxType type, guint flags)
{
  const Format *format = &formats[type - PTX_BF16];
  guint16 sign = signbit (value) ? 0x8000 : 0, infinity;
  double quantum, units;
  gint exponent;

  infinity = (guint16) (format->infinity << format->mantissa);
  if (isnan (value))
    return 0x7fff;
  if (isinf (value) || value == 0)
    return sign | (value == 0 ? 0 : infinity);
  exponent = MAX (ilogb (value), format->lowest);
  quantum = ldexp (1, exponent - format->mantissa);
  units = fabs (integral (value / quantum, flags));
  if (units >= ldexp (2, format->mantissa))
    {
      units /= 2;
      exponent++;
    }
  if (exponent - format->lowest + 1 >= format->infinity)
    {
      gboolean is_finite = flags & PTX_RZ || (flags & PTX_RM && sign == 0)
                           || (flags & PTX_RP && sign != 0);

      return sign | (guint16) (infinity - is_finite);
    }
  /* the implied bit carries into the exponent, and is missing where the number is subnormal */
  return sign | (guint16) (((exponent - format->lowest) << format->mantissa) + (gint) units);
}

/* --- to and from floating point --- */

static float
flushed (float value, guint flags)
{
  return flags & PTX_FTZ && fabsf (value) < FLT_MIN ? copysignf (0, value) : value;
}

static double
read_float (guint64 slot, const PtxInsn *i)
{
  if (i->source == PTX_F64)
    return ptx_f64 (slot);
  if (i->source == PTX_F32)
    return flushed (ptx_f32 (slot), i->flags);
  return from_half ((guint16) slot, (PtxType) i->source);
}

static void
set_rounding (guint flags)
{
  if (flags & (PTX_RZ | PTX_RM | PTX_RP))
    fesetround (flags & PTX_RZ ? FE_TOWARDZERO : flags & PTX_RM ? FE_DOWNWARD : FE_UPWARD);
}

static guint64
to_f32 (double value, guint flags)
{
  volatile double exact = value;
  volatile float result;

  set_rounding (flags);
  result = (float) exact;
  if (flags & (PTX_RZ | PTX_RM | PTX_RP))
    fesetround (FE_TONEAREST);
  return ptx_result_f32 (flushed (result, flags));
}

static void
float_to_float (PtxThread *t, const PtxInsn *i)
{
  double value = read_float (t->r[i->a], i);

  if (i->flags & PTX_INTEGRAL)
    value = integral (value, i->flags);
  if (i->flags & PTX_SAT)
    value = value > 0 ? MIN (value, 1) : 0;
  if (i->type == PTX_F64)
    t->r[i->d] = ptx_from_f64 (value);
  else if (i->type == PTX_F32)
    t->r[i->d] = to_f32 (value, i->flags);
  else
    t->r[i->d] = to_half (value, (PtxType) i->type, i->flags);
}

static void
f32_to_f64 (PtxThread *t, const PtxInsn *i)
{
  t->r[i->d] = ptx_from_f64 (ptx_f32 (t->r[i->a]));
}

static void
f64_to_f32 (PtxThread *t, const PtxInsn *i)
{
  t->r[i->d] = ptx_result_f32 ((float) ptx_f64 (t->r[i->a]));
}

/* What is out of range becomes the nearest number that is not. */
static void
float_to_integer (PtxThread *t, const PtxInsn *i)
{
  PtxType to = (PtxType) i->type;
  gboolean is_signed = IS_SIGNED (to);
  guint width = 8 * (guint) ptx_type_get_size (to);
  double value = read_float (t->r[i->a], i), most = ldexp (1, (gint) width - is_signed);
  guint64 result;

  if (isnan (value))
    result = i->source == PTX_F64 || width == 64 ? (guint64) 1 << (width - 1) : 0;
  else
    {
      value = integral (value, i->flags);
      if (value >= most)
        result = is_signed ? ((guint64) 1 << (width - 1)) - 1 : ~(guint64) 0;
      else if (is_signed)
        result = value < -most ? (guint64) 1 << (width - 1) : (guint64) (gint64) value;
      else
        result = value < 0 ? 0 : (guint64) value;
    }
  t->r[i->d] = extended (result, to);
}

static void
integer_to_float (PtxThread *t, const PtxInsn *i)
{
  volatile guint64 bits = extended (t->r[i->a], (PtxType) i->source);
  volatile gboolean is_signed = IS_SIGNED (i->source);
  guint64 result;

  set_rounding (i->flags);
  if (i->type == PTX_F32)
    {
      volatile float value = is_signed ? (float) (gint64) bits : (float) bits;

      result = ptx_from_f32 (i->flags & PTX_SAT ? CLAMP (value, 0.0f, 1.0f) : value);
    }
  else
    {
      volatile double value = is_signed ? (double) (gint64) bits : (double) bits;

      result = ptx_from_f64 (value);
    }
  if (i->flags & (PTX_RZ | PTX_RM | PTX_RP))
    fesetround (FE_TONEAREST);
  /* beyond 53 bits a half is infinite (or the greatest), however the double was rounded */
  if (i->type < PTX_F32)
    result = to_half (ptx_f64 (result), (PtxType) i->type, i->flags);
  t->r[i->d] = result;
}

static void
s32_to_f64 (PtxThread *t, const PtxInsn *i)
{
  t->r[i->d] = ptx_from_f64 ((gint32) t->r[i->a]);
}

static PtxHandler
choose_integers (PtxType to, PtxType from, guint flags)
{
  gsize to_size = ptx_type_get_size (to), from_size = ptx_type_get_size (from);

  if (flags & PTX_SAT)
    return integer_to_integer;
  if (to_size <= from_size)
    return extensions[to];
  if (IS_SIGNED (from) && !IS_SIGNED (to) && to_size < 8)
    return integer_to_integer;
  return extensions[from];
}

static gboolean
prepare_cvt (PtxDecoder *decoder, PtxInsn *insn)
{
  PtxType to = (PtxType) insn->type, from = (PtxType) insn->source;
  gboolean is_plain = (insn->flags & PTX_GENERAL) == 0;

  if (IS_FLOAT (to) && IS_FLOAT (from))
    insn->run = to == PTX_F64 && from == PTX_F32 && is_plain && !(insn->flags & PTX_INTEGRAL)
                    ? f32_to_f64
                : to == PTX_F32 && from == PTX_F64 && is_plain ? f64_to_f32
                                                               : float_to_float;
  else if (IS_FLOAT (to))
    insn->run = to == PTX_F64 && from == PTX_S32 && is_plain ? s32_to_f64 : integer_to_float;
  else if (IS_FLOAT (from))
    insn->run = float_to_integer;
  else
    insn->run = choose_integers (to, from, insn->flags);
  return decoder->words.n_types == 2;
}

#define INTEGERS ".u8|.u16|.u32|.u64|.s8|.s16|.s32|.s64"

const PtxRow ptx_convert_rows[] = {
  { "cvt[.sat](" INTEGERS ")(" INTEGERS ")", "dr", NULL, NULL, prepare_cvt },
  { "cvt(.rni|.rzi|.rmi|.rpi)[.ftz][.sat](" INTEGERS ")(.f16|.bf16|.f32|.f64)", "dr", NULL, NULL,
    prepare_cvt },
  { "cvt(.rn|.rz|.rm|.rp)[.ftz][.sat](.f16|.bf16|.f32|.f64)(" INTEGERS ")", "dr", NULL, NULL,
    prepare_cvt },
  { "cvt[.rni|.rzi|.rmi|.rpi|.rn|.rz|.rm|.rp][.ftz][.sat](.f16|.bf16|.f32|.f64)"
    "(.f16|.bf16|.f32|.f64)",
    "dr", NULL, NULL, prepare_cvt },
  { NULL, NULL, NULL, NULL, NULL },
};
