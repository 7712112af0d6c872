/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Numbers with the suffixes k M G T P E and Ki Mi Gi Ti Pi Ei. */
#pragma once
#include <glib.h>

typedef enum
{
  PINWHEEL_NUMBER_OK,
  PINWHEEL_NUMBER_MALFORMED,
  PINWHEEL_NUMBER_FRACTION, /* not whole once multiplied by its suffix */
  PINWHEEL_NUMBER_TOO_LARGE /* does not fit 64 bits */
} PinwheelNumber;

/* with_b: whether a final B may follow */
PinwheelNumber pinwheel_number_parse (const char *text, gboolean with_b, guint64 *number);

/* @text: all that follows the digits: nothing, or a suffix after one space at most.
 * Returns: what it multiplies by, or 0 where it is none */
guint64 pinwheel_number_unit (const char *text, gboolean with_b);

/* Returns: (transfer full): the size exactly, as short as it goes: "64MiB", "1000001" */
char *pinwheel_size_exact (guint64 bytes);
