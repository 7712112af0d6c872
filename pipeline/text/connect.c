/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <pinwheel/format.h>

#include "text/connect-private.h"

static const char *
direction_name (PinwheelPadDirection direction)
{
  return direction == PINWHEEL_PAD_SRC ? "source" : "sink";
}

/* Names of an element's pad templates, of one direction or of all (-1), ended by NULL. */
static GPtrArray *
list_templates (PinwheelElement *element, int direction)
{
  const PinwheelPadTemplate *templates = PINWHEEL_ELEMENT_GET_CLASS (element)->templates;
  GPtrArray *names = g_ptr_array_new ();

  for (guint i = 0; templates != NULL && templates[i].name != NULL; i++)
    if (direction < 0 || (int) templates[i].direction == direction)
      g_ptr_array_add (names, (gpointer) templates[i].name);
  g_ptr_array_add (names, NULL);
  return names;
}

static void
tell_no_pad (const PinwheelEnd *end, PinwheelMistakes *mistakes)
{
  g_autoptr (GPtrArray) names = list_templates (end->element, -1);
  g_autofree char *all = g_strjoinv (", ", (char **) names->pdata);

  pinwheel_mistakes_add (mistakes, end->node->span, "%s has no pad '%s'; its pads are %s",
                         pinwheel_element_get_name (end->element), end->node->pad, all);
}

static void
tell_no_free_pad (const PinwheelEnd *end, PinwheelPadDirection direction,
                  PinwheelMistakes *mistakes)
{
  const char *name = pinwheel_element_get_name (end->element);
  g_autoptr (GPtrArray) names = list_templates (end->element, direction);
  PinwheelPad *pad;

  if (names->len == 1)
    {
      pinwheel_mistakes_add (
          mistakes, end->node->span, "%s has no %s pad: nothing can be linked %s it", name,
          direction_name (direction), direction == PINWHEEL_PAD_SRC ? "behind" : "before");
      return;
    }
  pad = pinwheel_element_get_pad (end->element, g_ptr_array_index (names, 0));
  if (pad != NULL && pinwheel_pad_get_peer (pad) != NULL)
    pinwheel_mistakes_add (
        mistakes, end->node->span, "%s is already linked to %s%s", pinwheel_pad_get_path (pad),
        pinwheel_pad_get_path (pinwheel_pad_get_peer (pad)),
        direction == PINWHEEL_PAD_SRC ? "; a tee gives the same chunks to several elements"
                                      : "; a zip joins the arrays of several streams");
  else
    pinwheel_mistakes_add (mistakes, end->node->span, "%s has no free %s pad", name,
                           direction_name (direction));
}

/* Returns: (transfer none) (nullable): the pad at one end of a link; NULL where a mistake was told
 */
static PinwheelPad *
find_pad (const PinwheelEnd *end, PinwheelPadDirection direction, PinwheelMistakes *mistakes)
{
  PinwheelPad *pad;

  if (end->element == NULL)
    return NULL;
  if (end->node->pad == NULL)
    {
      pad = pinwheel_element_get_free_pad (end->element, direction);
      if (pad == NULL)
        tell_no_free_pad (end, direction, mistakes);
      return pad;
    }
  pad = pinwheel_element_get_pad (end->element, end->node->pad);
  if (pad == NULL)
    {
      tell_no_pad (end, mistakes);
      return NULL;
    }
  if (pinwheel_pad_get_direction (pad) != direction)
    {
      pinwheel_mistakes_add (mistakes, end->node->span, "%s is a %s pad and cannot stand %s a '!'",
                             pinwheel_pad_get_path (pad),
                             direction_name (pinwheel_pad_get_direction (pad)),
                             direction == PINWHEEL_PAD_SRC ? "before" : "behind");
      return NULL;
    }
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
