/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The description of a pipeline, up to linked elements with their properties. */
#include "config.h"

#include <pinwheel/parse.h>

#include "fuzz/fuzz.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *text = fuzz_text (data, size);
  g_autoptr (PinwheelPipeline) pipeline = pinwheel_parse_launch (text, "p.pw", NULL);

  return 0;
}
