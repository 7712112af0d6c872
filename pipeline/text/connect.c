/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <pinwheel/format.h>

#include "graph/element-private.h"
#include "text/connect-private.h"

/* Returns: (transfer none) (nullable): the pad at one end of a link; NULL where a mistake was told
 */
static PinwheelPad *
find_pad (const PinwheelEnd *end, PinwheelPadDirection direction, PinwheelMistakes *mistakes)
{
  g_autoptr (GError) error = NULL;
  PinwheelPad *pad;

  if (end->element == NULL)
    return NULL;
  pad = pinwheel_element_find_end (end->element, end->node->pad, direction, &error);
  if (pad == NULL)
    pinwheel_mistakes_add (mistakes, end->node->span, "%s", error->message);
  return pad;
}

static void
connect_link (const PinwheelAstLink *link, const PinwheelEnd *ends, PinwheelMistakes *mistakes)
{
  g_autoptr (PinwheelFormat) format = NULL;
  g_autoptr (GError) error = NULL;
  PinwheelPad *src, *sink;

  if (link->format != NULL)
    {
      format = pinwheel_format_parse (link->format, PINWHEEL_ITEMS_UNKNOWN, &error);
      if (format == NULL)
        pinwheel_mistakes_add (mistakes, link->format_span, "%s", error->message);
      g_clear_error (&error);
    }
  src = find_pad (&ends[link->from], PINWHEEL_PAD_SRC, mistakes);
  sink = find_pad (&ends[link->to], PINWHEEL_PAD_SINK, mistakes);
  if (src == NULL || sink == NULL)
    return;
  if (!pinwheel_pad_link (src, sink, &error))
    pinwheel_mistakes_add (mistakes, link->span, "%s", error->message);
  else if (format != NULL)
    pinwheel_pad_set_assertion (src, format);
}

void
pinwheel_ast_connect (const PinwheelAst *ast, const PinwheelEnd *ends, PinwheelMistakes *mistakes)
{
  /* links of pads with names first: a link without must not take their pads */
  for (int named = 1; named >= 0; named--)
    for (guint i = 0; i < ast->links->len; i++)
      {
        const PinwheelAstLink *link = &g_array_index (ast->links, PinwheelAstLink, i);
        gboolean has_name = ends[link->from].node->pad != NULL || ends[link->to].node->pad != NULL;

        if (has_name == named)
          connect_link (link, ends, mistakes);
      }
}
