/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "inspect-private.h"

#define COLUMNS 78

/* Appends a paragraph broken into lines, each indented. */
static void
append_paragraph (GString *out, const char *text, guint indent)
{
  g_auto (GStrv) words = g_strsplit_set (text, " \n", -1);
  glong column = 0;

  for (guint i = 0; words[i] != NULL; i++)
    {
      glong width = g_utf8_strlen (words[i], -1);

      if (width == 0)
        continue;
      if (column > 0 && column + 1 + width > COLUMNS)
        {
          g_string_append_c (out, '\n');
          column = 0;
        }
      if (column == 0)
        {
          g_string_append_printf (out, "%*s", (int) indent, "");
          column = indent;
        }
      else
        {
          g_string_append_c (out, ' ');
          column++;
        }
      g_string_append (out, words[i]);
      column += width;
    }
  g_string_append_c (out, '\n');
}

static void
append_description (GString *out, const char *text)
{
  g_auto (GStrv) paragraphs = g_strsplit (text, "\n\n", -1);

  for (guint i = 0; paragraphs[i] != NULL; i++)
    if (paragraphs[i][0] != '\0')
      {
        g_string_append_c (out, '\n');
        append_paragraph (out, paragraphs[i], 0);
      }
}

static void
append_pads (GString *out, const PinwheelPadTemplate *pads)
{
  if (pads == NULL || pads->name == NULL)
    return;
  g_string_append (out, "\nPads:\n");
  for (; pads->name != NULL; pads++)
    {
      g_autofree char *what = inspect_describe_pad (pads);

      g_string_append_printf (out, "  %-14s %s\n", pads->name, what);
    }
}

static void
append_properties (GString *out, GObjectClass *klass)
{
  g_autoptr (GPtrArray) table = pinwheel_class_list_properties (klass);

  g_string_append (out, "\nProperties, which change only while the pipeline is stopped:\n");
  g_string_append (out, "  name           text; default the element's own name and a number\n"
                        "                 what references, messages and --set call it\n");
  for (guint i = 0; i < table->len; i++)
    {
      const PinwheelProperty *property = g_ptr_array_index (table, i);
      g_autofree char *what = inspect_describe_property (property);

      g_string_append_printf (out, "  %-14s %s\n", property->name, what);
      append_paragraph (out, property->blurb, 17);
    }
}

void
inspect_append_text (GString *out, const InspectElement *element)
{
  const PinwheelRegistryEntry *entry = element->entry;

  g_string_append_printf (out, "%s - %s\n", entry->name, entry->summary);
  append_description (out, element->description);
  if (entry->path != NULL)
    g_string_append_printf (out, "\nPlug-in:\n  %s, built with Pinwheel %s\n  %s\n", entry->plugin,
                            entry->version, entry->path);
  append_pads (out, element->klass->templates);
  append_properties (out, G_OBJECT_CLASS (element->klass));
  if (element->example[0] != '\0')
    g_string_append_printf (out, "\nExample:\n  pinwheel-launch %s\n", element->example);
}
