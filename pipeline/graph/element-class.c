/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a class says about itself by calls, for languages that have no static tables; and what its
 * base class makes sure of. */
#include "config.h"

#include <string.h>

#include "device/device-private.h"
#include "graph/element-private.h"
#include "graph/pad-private.h"

/* Both kept by the type, for ever. */
static G_DEFINE_QUARK (pinwheel_element_info, info);
static G_DEFINE_QUARK (pinwheel_element_templates, templates);

void
pinwheel_element_class_set_info (PinwheelElementClass *klass, const char *name, const char *group,
                                 const char *summary, const char *description, const char *example)
{
  PinwheelElementInfo *info;
  GType type;

  g_return_if_fail (PINWHEEL_IS_ELEMENT_CLASS (klass));

  type = G_TYPE_FROM_CLASS (klass);
  info = g_type_get_qdata (type, info_quark ());
  if (info == NULL)
    {
      info = g_new (PinwheelElementInfo, 1);
      g_type_set_qdata (type, info_quark (), info);
    }
  *info = (PinwheelElementInfo){ g_intern_string (name), g_intern_string (group),
                                 g_intern_string (summary), g_intern_string (description),
                                 g_intern_string (example) };
  klass->info = info;
}

void
pinwheel_element_class_set_pad (PinwheelElementClass *klass, const char *name,
                                PinwheelPadDirection direction, PinwheelPlace place)
{
  const PinwheelPadTemplate template = { g_intern_string (name), direction, place };
  GArray *own;
  GType type;

  g_return_if_fail (PINWHEEL_IS_ELEMENT_CLASS (klass) && name != NULL);

  type = G_TYPE_FROM_CLASS (klass);
  own = g_type_get_qdata (type, templates_quark ());
  if (own == NULL)
    {
      own = g_array_new (TRUE, FALSE, sizeof (PinwheelPadTemplate));
      g_type_set_qdata (type, templates_quark (), own);
      for (guint i = 0; klass->templates != NULL && klass->templates[i].name != NULL; i++)
        g_array_append_val (own, klass->templates[i]);
    }
  for (guint i = 0; i < own->len; i++)
    if (strcmp (g_array_index (own, PinwheelPadTemplate, i).name, name) == 0)
      {
        g_array_remove_index (own, i);
        break;
      }
  g_array_append_val (own, template);
  klass->templates = (const PinwheelPadTemplate *) (gpointer) own->data;
}

gboolean
pinwheel_element_check_has (PinwheelElement *self, gboolean has, const char *function,
                            GError **error)
{
  if (has)
    return TRUE;
  g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_FAILED,
               "class %s has no %s(), which it must have, and that is a fault of the element",
               G_OBJECT_TYPE_NAME (self), function);
  return FALSE;
}

gboolean
pinwheel_element_check_reach (PinwheelElement *self, GError **error)
{
  PinwheelDevice *device = pinwheel_element_get_device (self);
  GPtrArray *pads = pinwheel_element_get_pads (self);

  if (pinwheel_device_is_integrated (device))
    return TRUE;
  for (guint i = 0; i < pads->len; i++)
    {
      PinwheelPad *pad = pads->pdata[i];
      PinwheelDemand demand;

      if (pinwheel_pad_get_direction (pad) == PINWHEEL_PAD_SINK
          && pinwheel_pad_get_place (pad) == PINWHEEL_PLACE_DEVICE)
        {
          g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_LINK,
                       "works with the CPU, which does not reach the memory of %s where the chunks "
                       "of %s are; put 'download' before it, and 'upload' behind it where kernels "
                       "follow",
                       pinwheel_device_get_name (device), pinwheel_pad_get_path (pad));
          return FALSE;
        }
      if (pinwheel_pad_get_demand (pad, &demand) && demand.kind == PINWHEEL_MEMORY_DEVICE)
        {
          g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_FAILED,
                       "works with the CPU, which does not reach the memory of %s that "
                       "negotiate() of class %s demands for %s; expected pinned memory",
                       pinwheel_device_get_name (device), G_OBJECT_TYPE_NAME (self),
                       pinwheel_pad_get_path (pad));
          return FALSE;
        }
    }
  return TRUE;
}
