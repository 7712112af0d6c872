/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Elements that depend on their index alone, for testsrc. */
#pragma once
#include <pinwheel/dtype.h>

G_BEGIN_DECLS

typedef enum
{
  PINWHEEL_PATTERN_RAMP,
  PINWHEEL_PATTERN_CONSTANT,
  PINWHEEL_PATTERN_RANDOM
} PinwheelPatternKind;

typedef struct
{
  PinwheelDType dtype;
  PinwheelPatternKind kind;
  guint64 key;  /* of random elements */
  double value; /* of constant ones; pinwheel_pattern_fits() said yes */
} PinwheelPattern;

/* Returns: the key of array number @array of a stream */
guint64 pinwheel_pattern_key (guint64 seed, guint array);
/* Returns: whether the dtype has that value, but for rounding of floats */
gboolean pinwheel_pattern_fits (PinwheelDType dtype, double value);
/* Makes @n elements from index @first on. */
void pinwheel_pattern_make (const PinwheelPattern *self, guint64 first, guint64 n, gpointer data);

G_END_DECLS
