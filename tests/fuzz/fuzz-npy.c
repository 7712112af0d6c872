/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The header of a .npy file. */
#include "config.h"

#include <string.h>

#include "common/npy-header.h"
#include "fuzz/fuzz.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  gsize have = MIN (size, PINWHEEL_NPY_PREFIX), length = 0;
  g_autofree guint8 *prefix = g_memdup2 (data, have);
  g_autofree guint8 *header = NULL;
  PinwheelNpyHeader parsed;

  if (!pinwheel_npy_header_length (prefix, have, &length, NULL) || length > size)
    return 0;
  header = g_memdup2 (data, length);
  pinwheel_npy_header_parse (header, length, &parsed, NULL);
  return 0;
}
