/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A fuzz target is one function. libFuzzer calls it (`make fuzz`), or driver.c with the files of
 * the corpus (`make check`). */
#pragma once
#include <glib.h>
#include <stdint.h>

/* Whatever @data is, this returns 0; the sanitizers see what goes wrong. */
int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

/* Returns: (transfer full): the text up to the first NUL, in memory of just that size */
static inline char *
fuzz_text (const uint8_t *data, size_t size)
{
  return g_strndup ((const char *) data, size);
}
