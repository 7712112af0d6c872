/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "graph/element-fields-private.h"
#include "graph/pad-private.h"

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE (PinwheelElement, pinwheel_element, G_TYPE_OBJECT)

PinwheelElementPrivate *
pinwheel_element_get_private (PinwheelElement *self)
{
  return pinwheel_element_get_instance_private (self);
}

static PinwheelPad *
pinwheel_element_add_pad (PinwheelElement *self, const char *name,
                          const PinwheelPadTemplate *template)
{
  PinwheelPad *pad = pinwheel_pad_new (self, name, template->direction, template->place);

  g_ptr_array_add (PRIVATE (self)->pads, pad);
  if (template->direction == PINWHEEL_PAD_SINK && PRIVATE (self)->lead == NULL)
    PRIVATE (self)->lead = pad;
  return pad;
}

static void
pinwheel_element_constructed (GObject *object)
{
  PinwheelElement *self = PINWHEEL_ELEMENT (object);
  const PinwheelPadTemplate *template = PINWHEEL_ELEMENT_GET_CLASS (self)->templates;

  G_OBJECT_CLASS (pinwheel_element_parent_class)->constructed (object);
  pinwheel_object_init_properties (object);
  for (; template != NULL && template->name != NULL; template ++)
    if (strchr (template->name, '%') == NULL)
      pinwheel_element_add_pad (self, template->name, template);
}

static void
pinwheel_element_dispose (GObject *object)
{
  PinwheelElementPrivate *priv = PRIVATE (PINWHEEL_ELEMENT (object));

  for (guint i = 0; i < priv->pads->len; i++)
    pinwheel_pad_unlink (priv->pads->pdata[i]);
  g_clear_pointer (&priv->streams, g_ptr_array_unref);
  g_clear_pointer (&priv->devices, g_ptr_array_unref);
  g_clear_object (&priv->cancellable);

  G_OBJECT_CLASS (pinwheel_element_parent_class)->dispose (object);
}

static void
pinwheel_element_finalize (GObject *object)
{
  PinwheelElementPrivate *priv = PRIVATE (PINWHEEL_ELEMENT (object));

  for (guint i = 0; i < priv->pads->len; i++)
    pinwheel_pad_orphan (priv->pads->pdata[i]);
  g_ptr_array_unref (priv->pads);
  pinwheel_lock_clear (&priv->lock);
  g_free (priv->name);
  pinwheel_object_clear_properties (object);

  G_OBJECT_CLASS (pinwheel_element_parent_class)->finalize (object);
}

static void
pinwheel_element_class_init (PinwheelElementClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->constructed = pinwheel_element_constructed;
  object_class->dispose = pinwheel_element_dispose;
  object_class->finalize = pinwheel_element_finalize;
}

static void
pinwheel_element_init (PinwheelElement *self)
{
  PinwheelElementPrivate *priv = PRIVATE (self);

  priv->pads = g_ptr_array_new_with_free_func (g_object_unref);
  priv->chunk = PINWHEEL_NO_CHUNK;
  pinwheel_lock_init (&priv->lock);
}

const char *
pinwheel_element_get_name (PinwheelElement *self)
{
  g_return_val_if_fail (PINWHEEL_IS_ELEMENT (self), NULL);

  return PRIVATE (self)->name;
}

void
pinwheel_element_set_name (PinwheelElement *self, const char *name)
{
  PinwheelElementPrivate *priv;

  g_return_if_fail (PINWHEEL_IS_ELEMENT (self));

  priv = PRIVATE (self);
  g_return_if_fail (priv->host == NULL);
  g_free (priv->name);
  priv->name = g_strdup (name);
  for (guint i = 0; i < priv->pads->len; i++)
    pinwheel_pad_update_path (priv->pads->pdata[i]);
}

const PinwheelElementInfo *
pinwheel_element_get_info (PinwheelElement *self)
{
  g_return_val_if_fail (PINWHEEL_IS_ELEMENT (self), NULL);

  return PINWHEEL_ELEMENT_GET_CLASS (self)->info;
}

GPtrArray *
pinwheel_element_get_pads (PinwheelElement *self)
{
  g_return_val_if_fail (PINWHEEL_IS_ELEMENT (self), NULL);

  return PRIVATE (self)->pads;
}

void
pinwheel_element_drop_pads (PinwheelElement *self, guint n)
{
  PinwheelElementPrivate *priv = PRIVATE (self);

  for (guint i = n; i < priv->pads->len; i++)
    {
      PinwheelPad *pad = priv->pads->pdata[i];

      pinwheel_pad_orphan (pad);
      if (priv->lead == pad)
        priv->lead = NULL;
    }
  g_ptr_array_set_size (priv->pads, (gint) n);
}

static PinwheelPad *
pinwheel_element_find_pad (PinwheelElement *self, const char *name)
{
  GPtrArray *pads = PRIVATE (self)->pads;

  for (guint i = 0; i < pads->len; i++)
    if (g_str_equal (pinwheel_pad_get_name (pads->pdata[i]), name))
      return pads->pdata[i];
  return NULL;
}

/* Whether @name is @pattern with its "%u" replaced by a number. */
static gboolean
pinwheel_name_fits (const char *name, const char *pattern)
{
  const char *number = strchr (pattern, '%');
  gsize stem = number != NULL ? (gsize) (number - pattern) : 0;
  guint64 value;

  return number != NULL && strncmp (name, pattern, stem) == 0
         && g_ascii_string_to_unsigned (name + stem, 10, 0, G_MAXUINT16, &value, NULL);
}

PinwheelPad *
pinwheel_element_get_pad (PinwheelElement *self, const char *name)
{
  const PinwheelPadTemplate *template;
  PinwheelPad *pad;

  g_return_val_if_fail (PINWHEEL_IS_ELEMENT (self) && name != NULL, NULL);

  pad = pinwheel_element_find_pad (self, name);
  template = PINWHEEL_ELEMENT_GET_CLASS (self)->templates;
  for (; pad == NULL && template != NULL && template->name != NULL; template ++)
    if (pinwheel_name_fits (name, template->name))
      pad = pinwheel_element_add_pad (self, name, template);
  return pad;
}

PinwheelPad *
pinwheel_element_get_free_pad (PinwheelElement *self, PinwheelPadDirection direction)
{
  const PinwheelPadTemplate *template;
  GPtrArray *pads;

  g_return_val_if_fail (PINWHEEL_IS_ELEMENT (self), NULL);

  pads = PRIVATE (self)->pads;
  for (guint i = 0; i < pads->len; i++)
    if (pinwheel_pad_get_direction (pads->pdata[i]) == direction
        && pinwheel_pad_get_peer (pads->pdata[i]) == NULL)
      return pads->pdata[i];
  template = PINWHEEL_ELEMENT_GET_CLASS (self)->templates;
  for (; template != NULL && template->name != NULL; template ++)
    if (template->direction == direction && strchr (template->name, '%') != NULL)
      for (guint i = 0; i <= G_MAXUINT16; i++)
        {
          int stem = (int) (strchr (template->name, '%') - template->name);
          g_autofree char *name = g_strdup_printf ("%.*s%u", stem, template->name, i);

          if (pinwheel_element_find_pad (self, name) == NULL)
            return pinwheel_element_add_pad (self, name, template);
        }
  return NULL;
}

PinwheelPad *
pinwheel_element_get_sink (PinwheelElement *self)
{
  return pinwheel_element_find_pad (self, "sink");
}

PinwheelPad *
pinwheel_element_get_src (PinwheelElement *self)
{
  return pinwheel_element_find_pad (self, "src");
}

gboolean
pinwheel_element_pass_formats (PinwheelElement *self, GError **error)
{
  PinwheelFormat *format = pinwheel_pad_get_format (pinwheel_element_get_sink (self));
  GPtrArray *pads = PRIVATE (self)->pads;

  for (guint i = 0; i < pads->len; i++)
    if (pinwheel_pad_get_direction (pads->pdata[i]) == PINWHEEL_PAD_SRC)
      pinwheel_pad_set_format (pads->pdata[i], format);
  return TRUE;
}
