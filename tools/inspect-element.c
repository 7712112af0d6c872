/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the element tables say, in the words of people. */
#include "config.h"

#include <string.h>

#include "inspect-private.h"

const InspectGroup inspect_groups[] = {
  { "source", "Sources" }, { "transfer", "Transfer" }, { "compute", "Compute" },
  { "flow", "Flow" },      { "sink", "Sinks" },        { NULL, "Others" },
};

gboolean
inspect_find (const char *name, InspectElement *element, GError **error)
{
  g_autoptr (PinwheelElement) made = pinwheel_element_make (name, NULL, error);
  const PinwheelElementInfo *info;

  if (made == NULL)
    return FALSE;
  element->entry = pinwheel_registry_look_up (name);
  element->klass = g_type_class_ref (G_OBJECT_TYPE (made));
  info = element->klass->info;
  element->description = info != NULL && info->description != NULL ? info->description : "";
  element->example = info != NULL && info->example != NULL ? info->example : "";
  return TRUE;
}

static gboolean
is_in_group (const PinwheelRegistryEntry *entry, const InspectGroup *group)
{
  if (group->name != NULL)
    return g_str_equal (entry->group, group->name);
  for (const InspectGroup *other = inspect_groups; other->name != NULL; other++)
    if (g_str_equal (entry->group, other->name))
      return FALSE;
  return TRUE;
}

GPtrArray *
inspect_list (const InspectGroup *group)
{
  g_autofree const char **names = pinwheel_registry_list ();
  GPtrArray *list = g_ptr_array_new ();

  for (guint i = 0; names[i] != NULL; i++)
    {
      const PinwheelRegistryEntry *entry = pinwheel_registry_look_up (names[i]);

      if (is_in_group (entry, group))
        g_ptr_array_add (list, (gpointer) entry);
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
