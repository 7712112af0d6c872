/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <pinwheel/parse.h>

#include "text/build-private.h"

PinwheelPipeline *
pinwheel_parse_launch (const char *text, const char *file, GError **error)
{
  g_autoptr (PinwheelPipeline) pipeline = NULL;
  g_autoptr (PinwheelAst) ast = NULL;
  PinwheelMistakes mistakes;
  gboolean ok;

  g_return_val_if_fail (text != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  pinwheel_mistakes_init (&mistakes, text, file);
  ast = pinwheel_ast_parse (text, &mistakes);
  /* also where the text is broken, so that wrong names are told at the same time */
  pipeline = pinwheel_ast_build (ast, &mistakes);
  ok = pinwheel_mistakes_report (&mistakes, error);
  pinwheel_mistakes_clear (&mistakes);
  return ok ? g_steal_pointer (&pipeline) : NULL;
}
