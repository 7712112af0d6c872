/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <math.h>
#include <string.h>

#include "compute/map-private.h"

#define FLOAT1(name)                                                                               \
  {                                                                                                \
#name, 1, PINWHEEL_MAP_CLASS_FLOAT, name, NULL, #name, PINWHEEL_DTYPE_F64                      \
  }
#define FLOAT2(name)                                                                               \
  {                                                                                                \
#name, 2, PINWHEEL_MAP_CLASS_FLOAT, NULL, name, #name, PINWHEEL_DTYPE_F64                      \
  }
#define OTHER(name, n, class)                                                                      \
  {                                                                                                \
    name, n, PINWHEEL_MAP_CLASS_##class, NULL, NULL, NULL, PINWHEEL_DTYPE_F64                      \
  }
#define CAST(name, dtype)                                                                          \
  {                                                                                                \
    name, 1, PINWHEEL_MAP_CLASS_CAST, NULL, NULL, NULL, PINWHEEL_DTYPE_##dtype                     \
  }

static const PinwheelMapFunction functions[] = {
  FLOAT1 (sin),
  FLOAT1 (cos),
  FLOAT1 (tan),
  FLOAT1 (asin),
  FLOAT1 (acos),
  FLOAT1 (atan),
  FLOAT1 (sinh),
  FLOAT1 (cosh),
  FLOAT1 (tanh),
  FLOAT1 (exp),
  FLOAT1 (exp2),
  FLOAT1 (expm1),
  FLOAT1 (log),
  FLOAT1 (log2),
  FLOAT1 (log10),
  FLOAT1 (log1p),
  FLOAT1 (sqrt),
  FLOAT1 (cbrt),
  FLOAT1 (floor),
  FLOAT1 (ceil),
  FLOAT1 (trunc),
  FLOAT2 (hypot),
  FLOAT2 (atan2),
  { "round", 1, PINWHEEL_MAP_CLASS_ROUND, rint, NULL, "rint", PINWHEEL_DTYPE_F64 },
  OTHER ("abs", 1, ABSOLUTE),
  OTHER ("sign", 1, SIGN),
  OTHER ("min", 2, EXTREME),
  OTHER ("max", 2, EXTREME),
  OTHER ("isnan", 1, TEST),
  OTHER ("isinf", 1, TEST),
  OTHER ("pow", 2, POWER),
  OTHER ("where", 3, SELECT),
  CAST ("bool", BOOL),
  CAST ("i8", I8),
  CAST ("i16", I16),
  CAST ("i32", I32),
  CAST ("i64", I64),
  CAST ("u8", U8),
  CAST ("u16", U16),
  CAST ("u32", U32),
  CAST ("u64", U64),
  CAST ("f32", F32),
  CAST ("f64", F64),
};

const PinwheelMapFunction *
pinwheel_map_find_function (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (functions); i++)
    if (strcmp (functions[i].name, name) == 0)
      return &functions[i];
  return NULL;
}

GPtrArray *
pinwheel_map_function_names (void)
{
  GPtrArray *names = g_ptr_array_new ();

  for (guint i = 0; i < G_N_ELEMENTS (functions); i++)
    g_ptr_array_add (names, (gpointer) functions[i].name);
  return names;
}
