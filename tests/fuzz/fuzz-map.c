/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What `map` computes: a line of arguments, then the expression; the first of them also as the
 * sizes of a launch. */
#include "config.h"

#include <string.h>

#include <pinwheel/kernel.h>

#include "compute/expression-private.h"
#include "fuzz/fuzz.h"

static void
evaluate (const char *text)
{
  static const guint64 values[][3] = { { 1000, 5, 100000 }, { 0, 0, 0 }, { 1, G_MAXINT64, 2 } };
  g_autoptr (PinwheelArgs) args = pinwheel_args_new ("k=3 m=-1", PINWHEEL_ERROR_PARSE, NULL);
  PinwheelExpression expression;
  gint64 result;

  if (!pinwheel_expression_parse (&expression, "threads", text, args, NULL))
    return;
  for (guint i = 0; i < G_N_ELEMENTS (values); i++)
    pinwheel_expression_evaluate (&expression, values[i], &result);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *text = fuzz_text (data, size);
  char *newline = strchr (text, '\n');
  g_autoptr (PinwheelFormat) format = NULL;
  g_autofree char *source = NULL;
  g_autofree char *outputs = NULL;

  evaluate (text);
  if (newline == NULL)
    return 0;
  *newline = '\0';
  format = pinwheel_format_parse ("x:f32[3,*] y:i64[*] b:bool[*] c:u8[3,2]", 100, NULL);
  source = pinwheel_map_source (newline + 1, text, format, &outputs, NULL);
  return 0;
}
