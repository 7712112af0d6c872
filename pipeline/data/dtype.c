/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include <pinwheel/dtype.h>

static const struct
{
  const char *name;
  gsize size;
  PinwheelDTypeClass class;
} dtypes[PINWHEEL_N_DTYPES] = {
  [PINWHEEL_DTYPE_BOOL] = { "bool", 1, PINWHEEL_DTYPE_CLASS_BOOL },
  [PINWHEEL_DTYPE_I8] = { "i8", 1, PINWHEEL_DTYPE_CLASS_INT },
  [PINWHEEL_DTYPE_I16] = { "i16", 2, PINWHEEL_DTYPE_CLASS_INT },
  [PINWHEEL_DTYPE_I32] = { "i32", 4, PINWHEEL_DTYPE_CLASS_INT },
  [PINWHEEL_DTYPE_I64] = { "i64", 8, PINWHEEL_DTYPE_CLASS_INT },
  [PINWHEEL_DTYPE_U8] = { "u8", 1, PINWHEEL_DTYPE_CLASS_UINT },
  [PINWHEEL_DTYPE_U16] = { "u16", 2, PINWHEEL_DTYPE_CLASS_UINT },
  [PINWHEEL_DTYPE_U32] = { "u32", 4, PINWHEEL_DTYPE_CLASS_UINT },
  [PINWHEEL_DTYPE_U64] = { "u64", 8, PINWHEEL_DTYPE_CLASS_UINT },
  [PINWHEEL_DTYPE_F16] = { "f16", 2, PINWHEEL_DTYPE_CLASS_FLOAT },
  [PINWHEEL_DTYPE_F32] = { "f32", 4, PINWHEEL_DTYPE_CLASS_FLOAT },
  [PINWHEEL_DTYPE_F64] = { "f64", 8, PINWHEEL_DTYPE_CLASS_FLOAT },
  [PINWHEEL_DTYPE_C64] = { "c64", 8, PINWHEEL_DTYPE_CLASS_COMPLEX },
  [PINWHEEL_DTYPE_C128] = { "c128", 16, PINWHEEL_DTYPE_CLASS_COMPLEX },
};

const char *
pinwheel_dtype_to_string (PinwheelDType dtype)
{
  g_return_val_if_fail ((guint) dtype < PINWHEEL_N_DTYPES, NULL);

  return dtypes[dtype].name;
}

gboolean
pinwheel_dtype_from_string (const char *text, PinwheelDType *dtype)
{
  g_return_val_if_fail (text != NULL && dtype != NULL, FALSE);

  for (guint i = 0; i < PINWHEEL_N_DTYPES; i++)
    if (strcmp (text, dtypes[i].name) == 0)
      {
        *dtype = (PinwheelDType) i;
        return TRUE;
      }
  return FALSE;
}

gsize
pinwheel_dtype_size (PinwheelDType dtype)
{
  g_return_val_if_fail ((guint) dtype < PINWHEEL_N_DTYPES, 0);

  return dtypes[dtype].size;
}

PinwheelDTypeClass
pinwheel_dtype_class (PinwheelDType dtype)
{
  g_return_val_if_fail ((guint) dtype < PINWHEEL_N_DTYPES, PINWHEEL_DTYPE_CLASS_BOOL);

  return dtypes[dtype].class;
}
