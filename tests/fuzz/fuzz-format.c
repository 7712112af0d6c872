/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The text of a format, which comes back as it is written. */
#include "config.h"

#include <pinwheel/format.h>

#include "fuzz/fuzz.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *text = fuzz_text (data, size);
  g_autoptr (PinwheelFormat) format = pinwheel_format_parse (text, size, NULL);
  g_autoptr (PinwheelFormat) again = NULL;
  g_autofree char *written = NULL;

  if (format == NULL)
    return 0;
  written = pinwheel_format_to_string (format);
  again = pinwheel_format_parse (written, size, NULL);
  g_assert_nonnull (again);
  g_assert_true (pinwheel_format_equal (format, again));
  return 0;
}
