/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Links by name, for applications and for the parser: what can be wrong, in one place. */
#include "config.h"

#include "base/property-private.h"
#include "graph/element-fields-private.h"

static const char *
pinwheel_direction_name (PinwheelPadDirection direction)
{
  return direction == PINWHEEL_PAD_SRC ? "source" : "sink";
}

static const char *
pinwheel_element_say (PinwheelElement *self)
{
  const char *name = pinwheel_element_get_name (self);

  return name != NULL ? name : pinwheel_object_get_nick (G_OBJECT (self));
}

/* Returns: (transfer full): names of the pad templates of one direction, or of all (-1) */
static GPtrArray *
pinwheel_element_list_templates (PinwheelElement *self, int direction)
{
  const PinwheelPadTemplate *t = PINWHEEL_ELEMENT_GET_CLASS (self)->templates;
  GPtrArray *names = g_ptr_array_new ();

  for (; t != NULL && t->name != NULL; t++)
    if (direction < 0 || (int) t->direction == direction)
      g_ptr_array_add (names, (gpointer) t->name);
  return names;
}

static void
pinwheel_element_set_no_pad_error (PinwheelElement *self, const char *pad, GError **error)
{
  g_autoptr (GPtrArray) names = pinwheel_element_list_templates (self, -1);
  g_autofree char *all = NULL;

  g_ptr_array_add (names, NULL);
  all = g_strjoinv (", ", (char **) names->pdata);
  g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_LINK, "%s has no pad '%s'; its pads are %s",
               pinwheel_element_say (self), pad, all);
}

/* For one whose pads are always there and all linked, or that has none of that direction. */
static void
pinwheel_element_set_no_free_pad_error (PinwheelElement *self, PinwheelPadDirection direction,
                                        GError **error)
{
  g_autoptr (GPtrArray) names = pinwheel_element_list_templates (self, (int) direction);
  PinwheelPad *pad, *peer;

  if (names->len == 0)
    {
      g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_LINK,
                   "%s has no %s pad: nothing can be linked %s it", pinwheel_element_say (self),
                   pinwheel_direction_name (direction),
                   direction == PINWHEEL_PAD_SRC ? "behind" : "before");
      return;
    }
  pad = pinwheel_element_get_pad (self, names->pdata[0]);
  peer = pad != NULL ? pinwheel_pad_get_peer (pad) : NULL;
  if (peer != NULL)
    g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_LINK, "%s is already linked to %s; %s",
                 pinwheel_pad_get_path (pad), pinwheel_pad_get_path (peer),
                 direction == PINWHEEL_PAD_SRC ? "a tee gives the same chunks to several elements"
                                               : "a zip joins the arrays of several streams");
  else
    g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_LINK, "%s has no free %s pad",
                 pinwheel_element_say (self), pinwheel_direction_name (direction));
}

PinwheelPad *
pinwheel_element_find_end (PinwheelElement *self, const char *name, PinwheelPadDirection direction,
                           GError **error)
{
  PinwheelPad *pad = name != NULL ? pinwheel_element_get_pad (self, name)
                                  : pinwheel_element_get_free_pad (self, direction);

  if (pad == NULL && name != NULL)
    pinwheel_element_set_no_pad_error (self, name, error);
  else if (pad == NULL)
    pinwheel_element_set_no_free_pad_error (self, direction, error);
  else if (pinwheel_pad_get_direction (pad) != direction)
    g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_LINK,
                 "%s is a %s pad; a link goes from a source pad to a sink pad",
                 pinwheel_pad_get_path (pad),
                 pinwheel_direction_name (pinwheel_pad_get_direction (pad)));
  else
    return pad;
  return NULL;
}

gboolean
pinwheel_element_link_pads (PinwheelElement *self, const char *src, PinwheelElement *other,
                            const char *sink, GError **error)
{
  guint n_self, n_other;
  PinwheelPad *from, *to;

  g_return_val_if_fail (PINWHEEL_IS_ELEMENT (self) && PINWHEEL_IS_ELEMENT (other), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  n_self = PRIVATE (self)->pads->len;
  n_other = PRIVATE (other)->pads->len;
  from = pinwheel_element_find_end (self, src, PINWHEEL_PAD_SRC, error);
  to = from != NULL ? pinwheel_element_find_end (other, sink, PINWHEEL_PAD_SINK, error) : NULL;
  if (to != NULL && pinwheel_pad_link (from, to, error))
    return TRUE;
  /* a pad that was made for it would be one that nobody has linked */
  pinwheel_element_drop_pads (self, n_self);
  if (other != self)
    pinwheel_element_drop_pads (other, n_other);
  return FALSE;
}

gboolean
pinwheel_element_link (PinwheelElement *self, PinwheelElement *other, GError **error)
{
  return pinwheel_element_link_pads (self, NULL, other, NULL, error);
}
