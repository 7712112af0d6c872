/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A pipeline as text that parses to the same graph.
 *
 * A pad is plain where its element has no other of its direction, nor can get one: links between
 * plain pads are chains, and all others name their pads. Each element is written once. */
#include "config.h"

#include <string.h>

#include <pinwheel/parse.h>
#include <pinwheel/registry.h>

#include "base/property-private.h"
#include "graph/pad-private.h"
#include "text/lexer-private.h"

typedef struct
{
  GString *text;       /* what is being made */
  GHashTable *written; /* (element-type PinwheelElement) unowned */
  GHashTable *counts;  /* type to how many names the parser has chosen for it */
} Printer;

static gboolean
is_plain (PinwheelPad *pad)
{
  PinwheelElement *element = pinwheel_pad_get_element (pad);
  const PinwheelPadTemplate *t = PINWHEEL_ELEMENT_GET_CLASS (element)->templates;
  guint n = 0;

  for (; t != NULL && t->name != NULL; t++)
    if (t->direction == pinwheel_pad_get_direction (pad))
      n += strchr (t->name, '%') == NULL ? 1 : 2;
  return n == 1;
}

/* Returns: (nullable): the linked plain pad of @element */
static PinwheelPad *
find_plain (PinwheelElement *element, PinwheelPadDirection direction)
{
  GPtrArray *pads = pinwheel_element_get_pads (element);

  for (guint i = 0; i < pads->len; i++)
    if (pinwheel_pad_get_direction (pads->pdata[i]) == direction && is_plain (pads->pdata[i])
        && pinwheel_pad_get_peer (pads->pdata[i]) != NULL)
      return pads->pdata[i];
  return NULL;
}

static void
print_link (Printer *self, PinwheelPad *src)
{
  PinwheelFormat *format = pinwheel_pad_get_assertion (src);

  if (format == NULL)
    format = pinwheel_pad_get_assertion (pinwheel_pad_get_peer (src));
  g_string_append (self->text, " ! ");
  if (format != NULL)
    {
      g_autofree char *arrays = pinwheel_format_to_string (format);

      g_string_append_printf (self->text, "%s ! ", arrays);
    }
}

static void
print_properties (Printer *self, GObject *element)
{
  g_autoptr (GPtrArray) table = pinwheel_class_list_properties (G_OBJECT_GET_CLASS (element));

  for (guint i = 0; i < table->len; i++)
    {
      const PinwheelProperty *property = g_ptr_array_index (table, i);
      g_autofree char *value = pinwheel_object_get_as_string (element, property->name);
      g_autofree char *usual = pinwheel_property_default_as_string (property);

      if ((property->flags & PINWHEEL_PROPERTY_READ_ONLY) != 0 || g_strcmp0 (value, usual) == 0)
        continue;
      g_string_append_printf (self->text, " %s=", property->name);
      /* an empty one counts as unset */
      pinwheel_text_append_value (self->text, value != NULL ? value : "");
    }
}

static void
print_element (Printer *self, PinwheelElement *element)
{
  const char *type = pinwheel_object_get_nick (G_OBJECT (element));
  guint count = GPOINTER_TO_UINT (g_hash_table_lookup (self->counts, type));
  g_autofree char *usual = g_strdup_printf ("%s%u", type, count);

  g_hash_table_add (self->written, element);
  g_string_append (self->text, type);
  /* the parser calls it so where it has no name */
  if (g_str_equal (pinwheel_element_get_name (element), usual))
    g_hash_table_insert (self->counts, (gpointer) type, GUINT_TO_POINTER (count + 1));
  else
    g_string_append_printf (self->text, " name=%s", pinwheel_element_get_name (element));
  print_properties (self, G_OBJECT (element));
}

static void
begin_chain (Printer *self)
{
  if (self->text->len > 0)
    g_string_append_c (self->text, '\n');
}

static void
print_chain (Printer *self, PinwheelElement *element)
{
  PinwheelPad *src, *sink;

  begin_chain (self);
  for (;;)
    {
      print_element (self, element);
      src = find_plain (element, PINWHEEL_PAD_SRC);
      sink = src != NULL ? pinwheel_pad_get_peer (src) : NULL;
      if (sink == NULL || !is_plain (sink))
        return;
      print_link (self, src);
      element = pinwheel_pad_get_element (sink);
      if (g_hash_table_contains (self->written, element))
        {
          g_string_append (self->text, pinwheel_pad_get_path (sink)); /* a ring */
          return;
        }
    }
}

/* Whether @element follows another one in a chain. */
static gboolean
follows (PinwheelElement *element)
{
  PinwheelPad *sink = find_plain (element, PINWHEEL_PAD_SINK);

  return sink != NULL && is_plain (pinwheel_pad_get_peer (sink));
}

/* The links of @element's @direction that name their pads, in the order in which the pads were
 * made: that order has a meaning. */
static void
print_named_links (Printer *self, PinwheelElement *element, PinwheelPadDirection direction)
{
  GPtrArray *pads = pinwheel_element_get_pads (element);

  for (guint i = 0; i < pads->len; i++)
    {
      PinwheelPad *pad = pads->pdata[i], *peer = pinwheel_pad_get_peer (pad);

      if (pinwheel_pad_get_direction (pad) != direction || peer == NULL || is_plain (pad)
          || (direction == PINWHEEL_PAD_SRC && !is_plain (peer)))
        continue;
      if (direction == PINWHEEL_PAD_SINK)
        {
          PinwheelPad *swap = pad;

          pad = peer;
          peer = swap;
        }
      begin_chain (self);
      g_string_append (self->text, pinwheel_pad_get_path (pad));
      print_link (self, pad);
      g_string_append (self->text, pinwheel_pad_get_path (peer));
    }
}

char *
pinwheel_pipeline_to_string (PinwheelPipeline *self)
{
  g_autoptr (GHashTable) written = g_hash_table_new (NULL, NULL);
  g_autoptr (GHashTable) counts = g_hash_table_new (g_str_hash, g_str_equal);
  Printer printer = { .written = written, .counts = counts };
  GPtrArray *elements;

  g_return_val_if_fail (PINWHEEL_IS_PIPELINE (self), NULL);

  printer.text = g_string_new (NULL);
  elements = pinwheel_pipeline_get_elements (self);
  for (guint rings = 0; rings < 2; rings++)
    for (guint i = 0; i < elements->len; i++)
      if (!g_hash_table_contains (written, elements->pdata[i])
          && (rings || !follows (elements->pdata[i])))
        print_chain (&printer, elements->pdata[i]);
  for (guint i = 0; i < elements->len; i++)
    {
      print_named_links (&printer, elements->pdata[i], PINWHEEL_PAD_SRC);
      print_named_links (&printer, elements->pdata[i], PINWHEEL_PAD_SINK);
    }
  return g_string_free (printer.text, FALSE);
}
