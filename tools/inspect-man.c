/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The element tables as a manual page. */
#include "config.h"

#include <pinwheel/version.h>

#include "inspect-private.h"

/* Appends text that means nothing to roff, whatever is in it. */
static void
append_escaped (GString *out, const char *text)
{
  for (const char *p = text; *p != '\0'; p++)
    {
      if ((p == text || p[-1] == '\n') && (*p == '.' || *p == '\''))
        g_string_append (out, "\\&");
      if (*p == '\\')
        g_string_append (out, "\\e");
      else if (*p == '-')
        g_string_append (out, "\\-");
      else if (*p == '\n' && p[1] == '\n')
        {
          g_string_append (out, "\n.PP\n");
          p++;
        }
      else
        g_string_append_c (out, *p);
    }
}

/* Appends @before, escaped @text, @after. */
static void
append (GString *out, const char *before, const char *text, const char *after)
{
  g_string_append (out, before);
  append_escaped (out, text);
  g_string_append (out, after);
}

static void
append_pads (GString *out, const PinwheelPadTemplate *pads)
{
  for (; pads != NULL && pads->name != NULL; pads++)
    {
      g_autofree char *what = inspect_describe_pad (pads);

      append (out, ".TP\npad \\fB", pads->name, "\\fR\n");
      append (out, "", what, "\n");
    }
}

static void
append_properties (GString *out, GObjectClass *klass)
{
  g_autoptr (GPtrArray) table = pinwheel_class_list_properties (klass);

  for (guint i = 0; i < table->len; i++)
    {
      const PinwheelProperty *property = g_ptr_array_index (table, i);
      g_autofree char *what = inspect_describe_property (property);

      append (out, ".TP\n\\fB", property->name, "\\fR\n");
      append (out, "", property->blurb, " ");
      append (out, "(", what, ")\n");
    }
}

static void
append_element (GString *out, const InspectElement *element)
{
  append (out, ".SS ", element->entry->name, "\n");
  append (out, "", element->entry->summary, ".\n");
  if (element->description[0] != '\0')
    append (out, ".PP\n", element->description, "\n");
  append_pads (out, element->klass->templates);
  append_properties (out, G_OBJECT_CLASS (element->klass));
  if (element->example[0] != '\0')
    append (out, ".PP\nExample:\n.PP\n.RS 4\n.nf\npinwheel\\-launch ", element->example,
            "\n.fi\n.RE\n");
}

gboolean
inspect_append_man (GString *out, GError **error)
{
  g_string_append (out, ".TH PINWHEEL\\-ELEMENTS 7 \"\" \"Pinwheel " PINWHEEL_VERSION "\" "
                        "\"Pinwheel\"\n"
                        ".SH NAME\npinwheel\\-elements \\- the elements of Pinwheel\n"
                        ".SH DESCRIPTION\nAn element is one stage of a pipeline that\n"
                        ".BR pinwheel\\-launch (1)\nruns. Every element has the property\n"
                        ".BR name ,\nby which references, messages and\n.B \\-\\-set\ncall it. "
                        "Properties change only while the pipeline is stopped.\n");
  for (const InspectGroup *group = inspect_groups;; group++)
    {
      g_autoptr (GPtrArray) list = inspect_list (group);
      g_autofree char *title = g_ascii_strup (group->title, -1);

      if (list->len > 0)
        append (out, ".SH ", title, "\n");
      for (guint i = 0; i < list->len; i++)
        {
          InspectElement element;

          if (!inspect_find (((const PinwheelRegistryEntry *) list->pdata[i])->name, &element,
                             error))
            return FALSE;
          append_element (out, &element);
        }
      if (group->name == NULL)
        break;
    }
  g_string_append (out, ".SH \"SEE ALSO\"\n.BR pinwheel\\-launch (1),\n"
                        ".BR pinwheel\\-inspect (1)\n");
  return TRUE;
}
