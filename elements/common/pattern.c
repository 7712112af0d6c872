/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "common/half.h"
#include "common/pattern.h"

#include <math.h>
#include <string.h>

/* splitmix64: number @index of the sequence that starts at @key. */
static inline guint64
random_bits (guint64 key, guint64 index)
{
  guint64 z = key + (index + 1) * 0x9e3779b97f4a7c15u;

  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
  z = (z ^ z >> 27) * 0x94d049bb133111ebu;
  return z ^ z >> 31;
}

guint64
pinwheel_pattern_key (guint64 seed, guint array)
{
  return random_bits (seed, array);
}

gboolean
pinwheel_pattern_fits (PinwheelDType dtype, double value)
{
  int bits = (int) pinwheel_dtype_size (dtype) * 8;

  switch (pinwheel_dtype_class (dtype))
    {
    case PINWHEEL_DTYPE_CLASS_BOOL:
      return value == 0 || value == 1;
    case PINWHEEL_DTYPE_CLASS_INT:
      return value == trunc (value) && value >= -ldexp (1, bits - 1) && value < ldexp (1, bits - 1);
    case PINWHEEL_DTYPE_CLASS_UINT:
      return value == trunc (value) && value >= 0 && value < ldexp (1, bits);
    case PINWHEEL_DTYPE_CLASS_FLOAT:
    case PINWHEEL_DTYPE_CLASS_COMPLEX:
    default:
      return dtype == PINWHEEL_DTYPE_F16                                  ? fabs (value) < 65520
             : dtype == PINWHEEL_DTYPE_F32 || dtype == PINWHEEL_DTYPE_C64 ? isfinite ((float) value)
                                                                          : isfinite (value);
    }
}

/* Element i is @expression, where x is a 64-bit number of it. */
#define MAKE(Type, number, expression)                                                             \
  for (guint64 i = 0; i < n; i++)                                                                  \
    {                                                                                              \
      guint64 x = (number);                                                                        \
      ((Type *) data)[i] = (expression);                                                           \
    }                                                                                              \
  break

static void
make_ramp (PinwheelDType dtype, guint64 first, guint64 n, gpointer data)
{
  switch (dtype)
    {
    case PINWHEEL_DTYPE_BOOL:
      MAKE (guint8, first + i, x != 0);
    case PINWHEEL_DTYPE_I8:
    case PINWHEEL_DTYPE_U8:
      MAKE (guint8, first + i, (guint8) x);
    case PINWHEEL_DTYPE_I16:
    case PINWHEEL_DTYPE_U16:
      MAKE (guint16, first + i, (guint16) x);
    case PINWHEEL_DTYPE_I32:
    case PINWHEEL_DTYPE_U32:
      MAKE (guint32, first + i, (guint32) x);
    case PINWHEEL_DTYPE_I64:
    case PINWHEEL_DTYPE_U64:
      MAKE (guint64, first + i, x);
    case PINWHEEL_DTYPE_F16:
      MAKE (guint16, first + i, pinwheel_half_from_double ((double) x));
    case PINWHEEL_DTYPE_F32:
      MAKE (float, first + i, (float) x);
    case PINWHEEL_DTYPE_F64:
      MAKE (double, first + i, (double) x);
    case PINWHEEL_DTYPE_C64:
      memset (data, 0, n * 8);
      for (guint64 i = 0; i < n; i++)
        ((float *) data)[2 * i] = (float) (first + i);
      break;
    case PINWHEEL_DTYPE_C128:
      memset (data, 0, n * 16);
      for (guint64 i = 0; i < n; i++)
        ((double *) data)[2 * i] = (double) (first + i);
      break;
    default:
      g_return_if_reached ();
    }
}

/* The topmost bits make floats: as many as keep the result exact and below 1. */
static void
make_random (PinwheelDType dtype, guint64 key, guint64 first, guint64 n, gpointer data)
{
  switch (dtype)
    {
    case PINWHEEL_DTYPE_BOOL:
      MAKE (guint8, random_bits (key, first + i), x >> 63);
    case PINWHEEL_DTYPE_I8:
    case PINWHEEL_DTYPE_U8:
      MAKE (guint8, random_bits (key, first + i), (guint8) x);
    case PINWHEEL_DTYPE_I16:
    case PINWHEEL_DTYPE_U16:
      MAKE (guint16, random_bits (key, first + i), (guint16) x);
    case PINWHEEL_DTYPE_I32:
    case PINWHEEL_DTYPE_U32:
      MAKE (guint32, random_bits (key, first + i), (guint32) x);
    case PINWHEEL_DTYPE_I64:
    case PINWHEEL_DTYPE_U64:
      MAKE (guint64, random_bits (key, first + i), x);
    case PINWHEEL_DTYPE_F16:
      MAKE (guint16, random_bits (key, first + i),
            pinwheel_half_from_double ((double) (x >> 53) * 0x1p-11));
    case PINWHEEL_DTYPE_C64:
      /* two parts, each a number of its own */
      make_random (PINWHEEL_DTYPE_F32, key, first * 2, n * 2, data);
      break;
    case PINWHEEL_DTYPE_F32:
      MAKE (float, random_bits (key, first + i), (float) (x >> 40) * 0x1p-24f);
    case PINWHEEL_DTYPE_C128:
      make_random (PINWHEEL_DTYPE_F64, key, first * 2, n * 2, data);
      break;
    case PINWHEEL_DTYPE_F64:
      MAKE (double, random_bits (key, first + i), (double) (x >> 11) * 0x1p-53);
    default:
      g_return_if_reached ();
    }
}

/* One element, by way of the ramp's conversions where they are exact. */
static void
make_one (PinwheelDType dtype, double value, gpointer data)
{
  float single = (float) value;
  guint16 half = pinwheel_half_from_double (value);

  memset (data, 0, pinwheel_dtype_size (dtype));
  if (dtype == PINWHEEL_DTYPE_F16)
    memcpy (data, &half, sizeof half);
  else if (dtype == PINWHEEL_DTYPE_F32 || dtype == PINWHEEL_DTYPE_C64)
    memcpy (data, &single, sizeof single);
  else if (dtype == PINWHEEL_DTYPE_F64 || dtype == PINWHEEL_DTYPE_C128)
    memcpy (data, &value, sizeof value);
  else
    make_ramp (dtype, value < 0 ? (guint64) (gint64) value : (guint64) value, 1, data);
}

static void
make_constant (PinwheelDType dtype, double value, guint64 n, gpointer data)
{
  guint64 size = n * pinwheel_dtype_size (dtype);
  guint64 done = pinwheel_dtype_size (dtype), more;

  if (n == 0)
    return;
  make_one (dtype, value, data);
  for (; done < size; done += more)
    {
      more = MIN (done, size - done);
      memcpy ((guint8 *) data + done, data, more);
    }
}

void
pinwheel_pattern_make (const PinwheelPattern *self, guint64 first, guint64 n, gpointer data)
{
  switch (self->kind)
    {
    case PINWHEEL_PATTERN_RAMP:
      make_ramp (self->dtype, first, n, data);
      break;
    case PINWHEEL_PATTERN_CONSTANT:
      make_constant (self->dtype, self->value, n, data);
      break;
    case PINWHEEL_PATTERN_RANDOM:
    default:
      make_random (self->dtype, self->key, first, n, data);
      break;
    }
}
