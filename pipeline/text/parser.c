/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Tokens to a tree of chains.
 *
 *   description = chain*
 *   chain       = node ( "!" ( format+ "!" )? node )*
 *   node        = TYPE property* | NAME "." PAD?
 *   property    = KEY "=" VALUE
 *   format      = NAME ":" DTYPE ( "[" AXES "]" )?
 */
#include "config.h"

#include <string.h>

#include "base/name-private.h"
#include "text/ast-private.h"
#include "text/lexer-private.h"

/* Where in a chain the parser stands. */
typedef enum
{
  AT_START,        /* nothing before: a new chain */
  AFTER_NODE,      /* properties, `!`, or a new chain may come */
  AFTER_LINK,      /* a format or a node must come */
  AFTER_FORMAT,    /* another format or `!` must come */
  AFTER_LAST_LINK, /* behind the `!` that ends a format: a node must come */
  SKIPPING         /* a word made no sense behind a node: words are passed over */
} Place;

typedef struct
{
  PinwheelAst *ast;           /* what is being made */
  PinwheelMistakes *mistakes; /* borrowed */
  Place place;
  gboolean has_left;    /* the last node of ast is the left end of the link being read */
  PinwheelSpan link;    /* the `!` being read */
  GString *format;      /* owned: the formats behind it */
  PinwheelSpan formats; /* where they stand */
} Parser;

static void
node_free (gpointer data)
{
  PinwheelAstNode *node = data;

  g_free (node->type);
  g_free (node->name);
  g_free (node->pad);
  g_array_unref (node->properties);
  g_free (node);
}

static void
property_clear (gpointer data)
{
  PinwheelAstProperty *property = data;

  g_free (property->name);
  g_free (property->text);
}

static void
link_clear (gpointer data)
{
  g_free (((PinwheelAstLink *) data)->format);
}

void
pinwheel_ast_free (PinwheelAst *self)
{
  g_ptr_array_unref (self->nodes);
  g_array_unref (self->links);
  g_free (self);
}

static PinwheelAstNode *
last_node (Parser *self)
{
  return g_ptr_array_index (self->ast->nodes, self->ast->nodes->len - 1);
}

/* an array's name and a colon */
static gboolean
is_format (const char *text)
{
  gsize length = strspn (text, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "_");

  return length > 0 && !g_ascii_isdigit (text[0]) && text[length] == ':';
}

/* Reads the word of a node. Returns: FALSE where it is neither a type nor a reference */
static gboolean
classify (PinwheelAstNode *node, const PinwheelToken *token)
{
  const char *dot = strchr (token->text, '.');

  if (dot == NULL)
    {
      if (!pinwheel_is_type_name (token->text))
        return FALSE;
      node->kind = PINWHEEL_AST_ELEMENT;
      node->type = g_strdup (token->text);
      return TRUE;
    }
  if (!pinwheel_is_name (token->text, dot - token->text)
      || (dot[1] != '\0' && !pinwheel_is_name (dot + 1, strlen (dot + 1))))
    return FALSE;
  node->kind = PINWHEEL_AST_REFERENCE;
  node->name = g_strndup (token->text, dot - token->text);
  node->pad = dot[1] != '\0' ? g_strdup (dot + 1) : NULL;
  return TRUE;
}

static void
tell_strange_word (Parser *self, const PinwheelToken *token)
{
  if (token->text[0] == '=')
    pinwheel_mistakes_add (self->mistakes, token->span,
                           "a property is written key=value, without blanks around the =, and with "
                           "quotes around a value that has blanks: expr=\"y = 2*x\"");
  else
    pinwheel_mistakes_add (self->mistakes, token->span,
                           "expected an element, a reference such as t. or a format such as "
                           "\"x:f32[*]\", not '%s'",
                           token->text);
}

/* Ends the link being read with the node just added. */
static void
close_link (Parser *self)
{
  PinwheelAstLink link = { .span = self->link, .format_span = self->formats };

  link.to = self->ast->nodes->len - 1;
  link.from = link.to - 1;
  link.format = self->format->len > 0 ? g_strdup (self->format->str) : NULL;
  g_array_append_val (self->ast->links, link);
}

static void
read_node (Parser *self, const PinwheelToken *token)
{
  gboolean linked = self->place == AFTER_LINK || self->place == AFTER_FORMAT
                    || self->place == AFTER_LAST_LINK;
  PinwheelAstNode *node = g_new0 (PinwheelAstNode, 1);

  node->kind = PINWHEEL_AST_BROKEN;
  node->span = node->name_span = token->span;
  node->properties = g_array_new (FALSE, FALSE, sizeof (PinwheelAstProperty));
  g_array_set_clear_func (node->properties, property_clear);
  if (!token->is_broken && !classify (node, token))
    {
      tell_strange_word (self, token);
      /* most likely the rest of a value without quotes: the chain goes on behind it */
      if (self->place == AFTER_NODE)
        {
          self->place = SKIPPING;
          node_free (node);
          return;
        }
    }
  else if (self->place == AFTER_FORMAT)
    pinwheel_mistakes_add (self->mistakes, token->span,
                           "expected '!' between the format %s and '%s'", self->format->str,
                           token->text);
  g_ptr_array_add (self->ast->nodes, node);
  if (linked && self->has_left)
    close_link (self);
  self->place = AFTER_NODE;
}

static void
begin_link (Parser *self, PinwheelSpan at, gboolean has_left)
{
  self->place = AFTER_LINK;
  self->has_left = has_left;
  self->link = at;
  g_string_truncate (self->format, 0);
}

static void
read_format (Parser *self, const PinwheelToken *token)
{
  if (self->place == AFTER_LAST_LINK)
    {
      pinwheel_mistakes_add (
          self->mistakes, token->span,
          "a link has one format; write all its arrays between the same two '!'");
      self->place = AFTER_FORMAT;
      return;
    }
  if (self->place == AT_START || self->place == AFTER_NODE)
    {
      pinwheel_mistakes_add (self->mistakes, token->span, "a format stands between two '!'");
      begin_link (self, token->span, self->place == AFTER_NODE);
    }
  if (self->place == AFTER_LINK)
    self->formats.start = token->span.start;
  else
    g_string_append_c (self->format, ' ');
  self->formats.end = token->span.end;
  g_string_append (self->format, token->text);
  self->place = AFTER_FORMAT;
}

static void
read_link (Parser *self, const PinwheelToken *token)
{
  if (self->place == AFTER_FORMAT)
    self->place = AFTER_LAST_LINK;
  else if (self->place == AFTER_LINK || self->place == AFTER_LAST_LINK)
    pinwheel_mistakes_add (self->mistakes, token->span, "an element is missing between two '!'");
  else
    {
      if (self->place == AT_START)
        pinwheel_mistakes_add (self->mistakes, token->span, "no element stands before this '!'");
      begin_link (self, token->span, self->place != AT_START);
    }
}

static void
set_name (Parser *self, PinwheelAstNode *node, const PinwheelToken *token)
{
  if (node->name != NULL)
    pinwheel_mistakes_add (self->mistakes, token->span, "%s is given two names", node->type);
  else if (!pinwheel_is_name (token->value_text, strlen (token->value_text)))
    pinwheel_mistakes_add (self->mistakes, token->value, PINWHEEL_NAME_RULE ", not '%s'",
                           token->value_text);
  else
    {
      node->name = g_strdup (token->value_text);
      node->name_span = token->value;
    }
}

static gboolean
has_property (const PinwheelAstNode *node, const char *name)
{
  for (guint i = 0; i < node->properties->len; i++)
    if (g_str_equal (g_array_index (node->properties, PinwheelAstProperty, i).name, name))
      return TRUE;
  return FALSE;
}

static void
add_property (Parser *self, PinwheelAstNode *node, const PinwheelToken *token)
{
  PinwheelAstProperty property = { .value = token->value };

  if (token->value.start == token->value.end)
    {
      pinwheel_mistakes_add (
          self->mistakes, token->span,
          "'%s' has no value; it follows the = without a blank, and an empty one "
          "is written %s=\"\"",
          token->text, token->text);
      return;
    }
  if (g_str_equal (token->text, "name"))
    {
      set_name (self, node, token);
      return;
    }
  if (has_property (node, token->text))
    {
      pinwheel_mistakes_add (self->mistakes, token->span, "'%s' is given twice", token->text);
      return;
    }
  property.key = (PinwheelSpan){ token->span.start, token->span.start + strlen (token->text) };
  property.name = g_strdup (token->text);
  property.text = g_strdup (token->value_text);
  g_array_append_val (node->properties, property);
}

static void
read_property (Parser *self, const PinwheelToken *token)
{
  if (token->is_broken)
    return;
  if (self->place == AT_START)
    pinwheel_mistakes_add (self->mistakes, token->span,
                           "no element stands before the property '%s'", token->text);
  else if (self->place != AFTER_NODE && self->place != SKIPPING)
    pinwheel_mistakes_add (self->mistakes, token->span,
                           "expected an element after '!', not the property '%s'", token->text);
  else if (last_node (self)->kind == PINWHEEL_AST_REFERENCE)
    pinwheel_mistakes_add (self->mistakes, token->span,
                           "the property '%s' belongs where the element '%s' is made, not behind a "
                           "reference to it",
                           token->text, last_node (self)->name);
  else if (last_node (self)->kind == PINWHEEL_AST_ELEMENT)
    add_property (self, last_node (self), token);
}

static void
read_end (Parser *self)
{
  if (self->place == AFTER_LINK || self->place == AFTER_LAST_LINK)
    pinwheel_mistakes_add (self->mistakes, self->link, "no element follows this '!'");
  else if (self->place == AFTER_FORMAT)
    pinwheel_mistakes_add (self->mistakes, self->formats,
                           "expected '!' and an element behind the format %s", self->format->str);
}

PinwheelAst *
pinwheel_ast_parse (const char *text, PinwheelMistakes *mistakes)
{
  g_autoptr (GArray) tokens = pinwheel_lex (text, mistakes);
  Parser self = { .mistakes = mistakes, .format = g_string_new (NULL) };

  self.ast = g_new0 (PinwheelAst, 1);
  self.ast->nodes = g_ptr_array_new_with_free_func (node_free);
  self.ast->links = g_array_new (FALSE, FALSE, sizeof (PinwheelAstLink));
  g_array_set_clear_func (self.ast->links, link_clear);

  for (guint i = 0; i < tokens->len; i++)
    {
      const PinwheelToken *token = &g_array_index (tokens, PinwheelToken, i);

      if (token->kind == PINWHEEL_TOKEN_PROPERTY)
        read_property (&self, token);
      else if (token->kind == PINWHEEL_TOKEN_LINK)
        read_link (&self, token);
      else if (token->kind == PINWHEEL_TOKEN_END)
        read_end (&self);
      else if (self.place == SKIPPING)
        continue;
      else if (!token->is_broken && is_format (token->text))
        read_format (&self, token);
      else
        read_node (&self, token);
    }
  g_string_free (self.format, TRUE);
  return self.ast;
}
