/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <pinwheel/format.h>
#include <pinwheel/registry.h>

#include "text/build-private.h"
#include "text/connect-private.h"

/* Names of the properties that a user may write. */
static GPtrArray *
list_properties (PinwheelElement *element)
{
  g_autoptr (GPtrArray) table = pinwheel_class_list_properties (G_OBJECT_GET_CLASS (element));
  GPtrArray *names = g_ptr_array_new ();

  for (guint i = 0; i < table->len; i++)
    {
      const PinwheelProperty *property = g_ptr_array_index (table, i);

      if ((property->flags & PINWHEEL_PROPERTY_READ_ONLY) == 0)
        g_ptr_array_add (names, (gpointer) property->name);
    }
  return names;
}

static gboolean
has_property (PinwheelElement *element, const char *name)
{
  g_autoptr (GPtrArray) table = pinwheel_class_list_properties (G_OBJECT_GET_CLASS (element));

  for (guint i = 0; i < table->len; i++)
    if (g_str_equal (((const PinwheelProperty *) g_ptr_array_index (table, i))->name, name))
      return TRUE;
  return FALSE;
}

static void
tell_no_property (const PinwheelAstNode *node, const PinwheelAstProperty *property,
                  PinwheelElement *element, PinwheelMistakes *mistakes)
{
  g_autoptr (GPtrArray) names = list_properties (element);
  g_autofree char *all = NULL;
  const char *near;

  g_ptr_array_add (names, (gpointer) "name");
  g_ptr_array_add (names, NULL);
  near = pinwheel_suggest (property->name, (const char *const *) names->pdata);
  all = g_strjoinv (", ", (char **) names->pdata);
  if (near != NULL)
    pinwheel_mistakes_add (mistakes, property->key, "%s has no property '%s'; did you mean '%s'?",
                           node->type, property->name, near);
  else
    pinwheel_mistakes_add (mistakes, property->key, "%s has no property '%s'; it has %s",
                           node->type, property->name, all);
}

static void
set_properties (const PinwheelAstNode *node, PinwheelElement *element, PinwheelMistakes *mistakes)
{
  for (guint i = 0; i < node->properties->len; i++)
    {
      const PinwheelAstProperty *property = &g_array_index (node->properties, PinwheelAstProperty,
                                                            i);
      g_autoptr (GError) error = NULL;

      if (!has_property (element, property->name))
        tell_no_property (node, property, element, mistakes);
      else if (!pinwheel_object_set_from_string (G_OBJECT (element), property->name, property->text,
                                                 &error))
        pinwheel_mistakes_add (mistakes, property->value, "%s", error->message);
    }
}

/* Decides how every element is called before any is made, so that a name that is chosen here never
 * takes one that the text gives to a later element.
 *
 * Returns: (transfer full): name to (index of node + 1), the names owned */
static GHashTable *
name_nodes (const PinwheelAst *ast, PinwheelMistakes *mistakes)
{
  GHashTable *names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < ast->nodes->len; i++)
    {
      const PinwheelAstNode *node = g_ptr_array_index (ast->nodes, i);
      guint first;

      if (node->kind != PINWHEEL_AST_ELEMENT || node->name == NULL)
        continue;
      first = GPOINTER_TO_UINT (g_hash_table_lookup (names, node->name));
      if (first == 0)
        g_hash_table_insert (names, g_strdup (node->name), GUINT_TO_POINTER (i + 1));
      else
        {
          const PinwheelAstNode *other = g_ptr_array_index (ast->nodes, first - 1);
          guint line, column;

          pinwheel_text_locate (mistakes->text, other->name_span.start, &line, &column);
          pinwheel_mistakes_add (mistakes, node->name_span,
                                 "the name '%s' is taken by the %s at %u:%u", node->name,
                                 other->type, line, column);
        }
    }
  return names;
}

/* Returns: (transfer none): owned by @names */
static const char *
choose_name (GHashTable *names, GHashTable *counts, const PinwheelAstNode *node, guint index)
{
  guint count = GPOINTER_TO_UINT (g_hash_table_lookup (counts, node->type));
  char *name = g_strdup_printf ("%s%u", node->type, count++);

  while (g_hash_table_contains (names, name))
    {
      g_free (name);
      name = g_strdup_printf ("%s%u", node->type, count++);
    }
  g_hash_table_insert (counts, node->type, GUINT_TO_POINTER (count));
  g_hash_table_insert (names, name, GUINT_TO_POINTER (index + 1));
  return name;
}

/* Returns: (transfer none) (nullable): owned by the pipeline */
static PinwheelElement *
make_element (const PinwheelAstNode *node, const char *name, PinwheelPipeline *pipeline,
              PinwheelMistakes *mistakes)
{
  g_autoptr (PinwheelElement) element = NULL;
  g_autoptr (GError) error = NULL;

  element = pinwheel_element_make (node->type, name, &error);
  if (element == NULL)
    {
      pinwheel_mistakes_add (mistakes, node->span, "%s", error->message);
      return NULL;
    }
  set_properties (node, element, mistakes);
  if (!pinwheel_pipeline_add (pipeline, element, &error))
    {
      pinwheel_mistakes_add (mistakes, node->span, "%s", error->message);
      return NULL;
    }
  return element;
}

/* Resolves what a reference names. @ends: what every node became so far.
 *
 * Returns: (transfer none) (nullable): NULL also where the element could not be made */
static PinwheelElement *
resolve (const PinwheelAstNode *node, GHashTable *names, PinwheelEnd *ends,
         PinwheelMistakes *mistakes)
{
  guint index = GPOINTER_TO_UINT (g_hash_table_lookup (names, node->name));
  g_autofree const char **known = NULL;
  const char *near;

  if (index > 0)
    return ends[index - 1].element;
  known = (const char **) g_hash_table_get_keys_as_array (names, NULL);
  near = pinwheel_suggest (node->name, known);
  if (near != NULL)
    pinwheel_mistakes_add (mistakes, node->span, "no element is named '%s'; did you mean '%s'?",
                           node->name, near);
  else
    pinwheel_mistakes_add (mistakes, node->span,
                           "no element is named '%s'; an element is named by name=%s", node->name,
                           node->name);
  return NULL;
}

PinwheelPipeline *
pinwheel_ast_build (const PinwheelAst *ast, PinwheelMistakes *mistakes)
{
  PinwheelPipeline *pipeline = pinwheel_pipeline_new ();
  g_autoptr (GHashTable) names = name_nodes (ast, mistakes);
  g_autoptr (GHashTable) counts = g_hash_table_new (g_str_hash, g_str_equal);
  g_autofree PinwheelEnd *ends = g_new0 (PinwheelEnd, ast->nodes->len);

  for (guint i = 0; i < ast->nodes->len; i++)
    {
      const PinwheelAstNode *node = g_ptr_array_index (ast->nodes, i);
      const char *name = node->name;

      ends[i].node = node;
      if (node->kind != PINWHEEL_AST_ELEMENT)
        continue;
      if (name == NULL || GPOINTER_TO_UINT (g_hash_table_lookup (names, name)) != i + 1)
        name = choose_name (names, counts, node, i);
      ends[i].element = make_element (node, name, pipeline, mistakes);
    }
  for (guint i = 0; i < ast->nodes->len; i++)
    if (ends[i].node->kind == PINWHEEL_AST_REFERENCE)
      ends[i].element = resolve (ends[i].node, names, ends, mistakes);
  pinwheel_ast_connect (ast, ends, mistakes);

  if (ast->nodes->len == 0 && mistakes->list->len == 0)
    pinwheel_mistakes_add (mistakes, (PinwheelSpan){ 0, 0 },
                           "there is no element here; a description looks like "
                           "testsrc format=\"x:f32[*]\" items=10 ! fakesink");
  return pipeline;
}
