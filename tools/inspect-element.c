/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the element tables say, in the words of people. */
#include "config.h"

#include <string.h>

#include "inspect-private.h"

const InspectGroup inspect_groups[] = {
  { "source", "Sources" }, { "transfer", "Transfer" }, { "compute", "Compute" },
  { "flow", "Flow" },      { "sink", "Sinks" },        { NULL, "Others" },
};

static void
fill (InspectElement *element, const char *name, GType type)
{
  const PinwheelElementInfo *info;

  element->name = name;
  element->klass = g_type_class_ref (type);
  info = element->klass->info;
  element->summary = info != NULL && info->summary != NULL ? info->summary : "";
  element->description = info != NULL && info->description != NULL ? info->description : "";
  element->example = info != NULL && info->example != NULL ? info->example : "";
}

gboolean
inspect_find (const char *name, InspectElement *element, GError **error)
{
  g_autoptr (PinwheelElement) made = pinwheel_element_make (name, NULL, error);

  if (made == NULL)
    return FALSE;
  fill (element, name, G_OBJECT_TYPE (made));
  return TRUE;
}

static gboolean
is_in_group (const PinwheelElementInfo *info, const InspectGroup *group)
{
  const char *name = info != NULL ? info->group : NULL;

  if (group->name != NULL)
    return g_strcmp0 (name, group->name) == 0;
  for (const InspectGroup *other = inspect_groups; other->name != NULL; other++)
    if (g_strcmp0 (name, other->name) == 0)
      return FALSE;
  return TRUE;
}

GArray *
inspect_list (const InspectGroup *group)
{
  g_autofree const char **names = pinwheel_registry_list ();
  GArray *list = g_array_new (FALSE, FALSE, sizeof (InspectElement));

  for (guint i = 0; names[i] != NULL; i++)
    {
      GType type = pinwheel_registry_find (names[i]);
      InspectElement element;

      if (!g_type_is_a (type, PINWHEEL_TYPE_ELEMENT))
        continue;
      fill (&element, names[i], type);
      if (is_in_group (element.klass->info, group))
        g_array_append_val (list, element);
    }
  return list;
}

char *
inspect_describe_property (const PinwheelProperty *property)
{
  g_autofree char *type = pinwheel_property_describe (property);
  g_autofree char *value = pinwheel_property_default_as_string (property);
  GString *out = g_string_new (type);

  if ((property->flags & PINWHEEL_PROPERTY_READ_ONLY) != 0)
    g_string_append (out, "; a result, read-only");
  else if ((property->flags & PINWHEEL_PROPERTY_REQUIRED) != 0)
    g_string_append (out, "; required");
  else if (value != NULL)
    g_string_append_printf (out, "; default %s", *value != '\0' ? value : "empty");
  return g_string_free (out, FALSE);
}

char *
inspect_describe_pad (const PinwheelPadTemplate *pad)
{
  gboolean is_sink = pad->direction == PINWHEEL_PAD_SINK;
  const char *place = is_sink ? "in host or device memory" : "where they came in";

  if (pad->place == PINWHEEL_PLACE_HOST)
    place = "in host memory";
  else if (pad->place == PINWHEEL_PLACE_DEVICE)
    place = "in device memory";
  return g_strdup_printf ("%s chunks %s%s", is_sink ? "takes" : "gives", place,
                          strchr (pad->name, '%') != NULL ? "; any number, made on request" : "");
}
