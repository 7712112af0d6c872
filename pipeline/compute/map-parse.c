/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "compute/complaint-private.h"
#include "compute/map-private.h"

/* Calls within calls, and brackets: bounds the parser's own recursion */
#define MAX_NESTING 100

typedef struct
{
  PinwheelMapProgram *program;
  const char *text;
  gsize at;
  guint brackets; /* inside of them a line end is a blank */
  guint nesting;
  GError **error;
} Parser;

/* Operators of two operands, by how tightly they bind: Python's order, so that `x & 1 == 0` asks
 * whether x & 1 is 0; && and || bind weakest. ** is not here: it binds to the right. */
static const struct
{
  const char *text;
  guint level;
  PinwheelMapOperation operation;
} operators[] = {
  { "||", 1, PINWHEEL_MAP_OR },           { "&&", 2, PINWHEEL_MAP_AND },
  { "==", 3, PINWHEEL_MAP_EQUAL },        { "!=", 3, PINWHEEL_MAP_NOT_EQUAL },
  { "<=", 3, PINWHEEL_MAP_LESS_EQUAL },   { ">=", 3, PINWHEEL_MAP_GREATER_EQUAL },
  { "<<", 7, PINWHEEL_MAP_SHIFT_LEFT },   { ">>", 7, PINWHEEL_MAP_SHIFT_RIGHT },
  { "//", 9, PINWHEEL_MAP_FLOOR_DIVIDE }, { "**", 0, PINWHEEL_MAP_POWER },
  { "<", 3, PINWHEEL_MAP_LESS },          { ">", 3, PINWHEEL_MAP_GREATER },
  { "|", 4, PINWHEEL_MAP_BIT_OR },        { "^", 5, PINWHEEL_MAP_BIT_XOR },
  { "&", 6, PINWHEEL_MAP_BIT_AND },       { "+", 8, PINWHEEL_MAP_ADD },
  { "-", 8, PINWHEEL_MAP_SUBTRACT },      { "*", 9, PINWHEEL_MAP_MULTIPLY },
  { "/", 9, PINWHEEL_MAP_DIVIDE },        { "%", 9, PINWHEEL_MAP_REMAINDER },
};
#define COMPARISON_LEVEL 3
#define TIGHTEST_LEVEL   9

static PinwheelMapNode *parse_expression (Parser *self);

static gpointer fail (Parser *self, gsize offset, gsize length, const char *format, ...)
    G_GNUC_PRINTF (4, 5);
static gpointer
fail (Parser *self, gsize offset, gsize length, const char *format, ...)
{
  g_autofree char *message = NULL;
  va_list arguments;

  va_start (arguments, format);
  message = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  pinwheel_set_text_error (self->error, PINWHEEL_ERROR_PARSE, "expr", self->text, offset, length,
                           "%s", message);
  return NULL;
}

static char
peek (Parser *self)
{
  for (;; self->at++)
    {
      char c = self->text[self->at];

      if (c != ' ' && c != '\t' && c != '\r' && (c != '\n' || self->brackets == 0))
        return c;
    }
}

static gboolean
accept (Parser *self, char c)
{
  if (peek (self) != c)
    return FALSE;
  self->at++;
  return TRUE;
}

static gsize
name_length (const char *text)
{
  gsize n = 0;

  if (g_ascii_isdigit (*text))
    return 0;
  while (g_ascii_isalnum (text[n]) || text[n] == '_')
    n++;
  return n;
}

/* Makes a node of @operands. Returns: NULL with an error when the tree is too deep */
static PinwheelMapNode *
new_node (Parser *self, PinwheelMapOperation operation, gsize offset, PinwheelMapNode *a,
          PinwheelMapNode *b, PinwheelMapNode *c)
{
  PinwheelMapNode *operands[3] = { a, b, c };
  PinwheelMapNode *node = g_new0 (PinwheelMapNode, 1);
  gsize end = self->at;

  g_ptr_array_add (self->program->nodes, node);
  node->operation = operation;
  node->arg = -1;
  node->shape = PINWHEEL_MAP_SCALAR;
  for (guint i = 0; i < 3 && operands[i] != NULL; i++)
    {
      node->operands[node->n_operands++] = operands[i];
      node->depth = MAX (node->depth, operands[i]->depth + 1);
    }
  while (end > offset && g_ascii_isspace (self->text[end - 1]))
    end--;
  node->offset = offset;
  node->length = end - offset;
  if (node->depth > PINWHEEL_MAP_DEPTH)
    return fail (self, offset, 1, "the expression is too deep; name a part of it, as in _t = ...");
  return node;
}

static PinwheelMapNode *
parse_number (Parser *self)
{
  gsize from = self->at;
  const char *text = self->text + from;
  PinwheelMapNumber number = { 0 };
  PinwheelMapNode *node;
  gsize digits = strspn (text, "0123456789");
  gboolean is_hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
  char *end;

  if (!is_hex && (text[digits] == '.' || text[digits] == 'e' || text[digits] == 'E'))
    {
      number.is_float = TRUE;
      number.real = g_ascii_strtod (text, &end);
    }
  else
    {
      errno = 0;
      number.whole = g_ascii_strtoull (text, &end, is_hex ? 16 : 10);
      if (errno == ERANGE)
        return fail (self, from, (gsize) (end - text), "the number does not fit 64 bits");
    }
  self->at = from + (gsize) (end - text);
  if (name_length (end) > 0 || *end == '.' || end == text)
    return fail (self, from, self->at - from + 1, "this is no number; expected 12, 0x1f or 1.5e-3");
  node = new_node (self, PINWHEEL_MAP_NUMBER, from, NULL, NULL, NULL);
  if (node != NULL)
    {
      node->number = number;
      node->strength = number.is_float ? PINWHEEL_MAP_WEAK_FLOAT : PINWHEEL_MAP_WEAK_INT;
    }
  return node;
}

/* Reads the arguments behind the `(` of a call. Returns: how many, or G_MAXUINT with an error */
static guint
parse_arguments (Parser *self, PinwheelMapNode *arguments[3], guint expected)
{
  guint n = 0;

  if (accept (self, ')'))
    return 0;
  for (;;)
    {
      PinwheelMapNode *argument = parse_expression (self);

      if (argument == NULL)
        return G_MAXUINT;
      if (n < 3)
        arguments[n] = argument;
      n++;
      if (accept (self, ')'))
        return n;
      if (!accept (self, ','))
        {
          fail (self, self->at, 1, "expected , or ) in the arguments: %u of %u so far", n,
                expected);
          return G_MAXUINT;
        }
    }
}

static PinwheelMapNode *
parse_call (Parser *self, gsize from, const char *name)
{
  const PinwheelMapFunction *function = pinwheel_map_find_function (name);
  PinwheelMapNode *arguments[3] = { NULL };
  PinwheelMapNode *node;
  guint n;

  if (function == NULL)
    {
      g_autoptr (GPtrArray) names = pinwheel_map_function_names ();
      g_autofree char *hint = pinwheel_name_hint (name, "functions", names);

      return fail (self, from, strlen (name), "there is no function '%s'%s", name, hint);
    }
  self->brackets++;
  self->at++;
  n = parse_arguments (self, arguments, function->n_arguments);
  self->brackets--;
  if (n == G_MAXUINT)
    return NULL;
  if (n != function->n_arguments)
    return fail (self, from, self->at - from, "'%s' takes %u argument%s, not %u", name,
                 function->n_arguments, function->n_arguments == 1 ? "" : "s", n);
  node = new_node (self,
                   function->class == PINWHEEL_MAP_CLASS_POWER    ? PINWHEEL_MAP_POWER
                   : function->class == PINWHEEL_MAP_CLASS_SELECT ? PINWHEEL_MAP_SELECT
                                                                  : PINWHEEL_MAP_FUNCTION,
                   from, arguments[0], arguments[1], arguments[2]);
  if (node != NULL)
    node->function = function;
  return node;
}

static PinwheelMapNode *
parse_name (Parser *self)
{
  gsize from = self->at;
  gsize length = name_length (self->text + from);
  g_autofree char *name = g_strndup (self->text + from, length);
  PinwheelMapNode *node;

  self->at += length;
  if (peek (self) == '(')
    return parse_call (self, from, name);
  node = new_node (self, PINWHEEL_MAP_NAME, from, NULL, NULL, NULL);
  if (node != NULL)
    {
      node->name = g_steal_pointer (&name);
      node->length = length;
    }
  return node;
}

static PinwheelMapNode *
parse_primary (Parser *self)
{
  char c = peek (self);
  gsize from = self->at;
  PinwheelMapNode *node;

  if (g_ascii_isdigit (c) || (c == '.' && g_ascii_isdigit (self->text[self->at + 1])))
    return parse_number (self);
  if (name_length (self->text + self->at) > 0)
    return parse_name (self);
  if (!accept (self, '('))
    return fail (self, self->at, 1, "expected a number, a name or (");
  self->brackets++;
  node = parse_expression (self);
  if (node != NULL && !accept (self, ')'))
    node = fail (self, self->at, 1, "expected ) for the ( in column %" G_GSIZE_FORMAT, from + 1);
  self->brackets--;
  return node;
}

/* Signs, which bind weaker than the ** behind them and stronger than the one before them */
static PinwheelMapNode *
parse_unary (Parser *self)
{
  static const char signs[] = "-+!~";
  char c = peek (self);
  gsize from = self->at;
  const char *sign = c != '\0' && !(c == '!' && self->text[from + 1] == '=') ? strchr (signs, c)
                                                                             : NULL;
  PinwheelMapNode *node;

  if (++self->nesting > MAX_NESTING)
    return fail (self, from, 1, "too many brackets or signs inside each other");
  if (sign != NULL)
    {
      self->at++;
      node = parse_unary (self);
      if (node != NULL)
        node = new_node (self, PINWHEEL_MAP_NEGATIVE + (guint) (sign - signs), from, node, NULL,
                         NULL);
    }
  else
    {
      node = parse_primary (self);
      if (node != NULL && peek (self) == '*' && self->text[self->at + 1] == '*')
        {
          PinwheelMapNode *exponent;

          self->at += 2;
          exponent = parse_unary (self);
          node = exponent != NULL ? new_node (self, PINWHEEL_MAP_POWER, from, node, exponent, NULL)
                                  : NULL;
        }
    }
  self->nesting--;
  return node;
}

/* Returns: index in @operators of what comes next, or -1 */
static int
find_operator (Parser *self)
{
  peek (self);
  for (guint i = 0; i < G_N_ELEMENTS (operators); i++)
    if (g_str_has_prefix (self->text + self->at, operators[i].text))
      return (int) i;
  return -1;
}

/* Everything that binds at least as tightly as @level */
static PinwheelMapNode *
parse_operators (Parser *self, guint level)
{
  PinwheelMapNode *node;
  gsize from;
  guint n_comparisons = 0;

  if (level > TIGHTEST_LEVEL)
    return parse_unary (self);
  peek (self);
  from = self->at;
  node = parse_operators (self, level + 1);
  while (node != NULL)
    {
      int i = find_operator (self);
      PinwheelMapNode *right;

      if (i < 0 || operators[i].level != level)
        break;
      if (level == COMPARISON_LEVEL && n_comparisons++ > 0)
        return fail (self, self->at, strlen (operators[i].text),
                     "comparisons do not chain; write (a < b) && (b < c)");
      self->at += strlen (operators[i].text);
      right = parse_operators (self, level + 1);
      node = right != NULL ? new_node (self, operators[i].operation, from, node, right, NULL)
                           : NULL;
    }
  return node;
}

static PinwheelMapNode *
parse_expression (Parser *self)
{
  PinwheelMapNode *node, *yes, *no;
  gsize from;

  if (++self->nesting > MAX_NESTING)
    return fail (self, self->at, 1, "too many brackets or signs inside each other");
  peek (self);
  from = self->at;
  node = parse_operators (self, 1);
  if (node != NULL && accept (self, '?'))
    {
      yes = parse_expression (self);
      if (yes != NULL && !accept (self, ':'))
        yes = fail (self, self->at, 1, "expected : of the ?");
      no = yes != NULL ? parse_expression (self) : NULL;
      node = no != NULL ? new_node (self, PINWHEEL_MAP_SELECT, from, node, yes, no) : NULL;
    }
  self->nesting--;
  return node;
}

static gboolean
parse_statement (Parser *self)
{
  PinwheelMapValue value = { .offset = self->at };
  gsize length = name_length (self->text + self->at);
  char c;

  self->at += length;
  c = peek (self);
  if (length == 0 || c != '=' || self->text[self->at + 1] == '=')
    {
      fail (self, value.offset, MAX (length, 1),
            "expected NAME = EXPRESSION, as in y = exp(-x) * sin(x)");
      return FALSE;
    }
  self->at++;
  value.tree = parse_expression (self);
  if (value.tree == NULL)
    return FALSE;
  c = peek (self);
  if (c != ';' && c != '\n' && c != '\0')
    {
      fail (self, self->at, 1, "expected an operator, or ; before the next statement");
      return FALSE;
    }
  value.name = g_strndup (self->text + value.offset, length);
  g_array_append_val (self->program->values, value);
  return TRUE;
}

static void
free_node (gpointer data)
{
  PinwheelMapNode *node = data;

  g_free (node->name);
  g_free (node);
}

static void
clear_value (gpointer data)
{
  g_free (((PinwheelMapValue *) data)->name);
}

PinwheelMapProgram *
pinwheel_map_parse (const char *text, PinwheelArgs *args, PinwheelFormat *input, GError **error)
{
  g_autoptr (PinwheelMapProgram) self = g_new0 (PinwheelMapProgram, 1);
  Parser parser = { .program = self, .error = error };

  self->text = g_strdup (text);
  self->args = args;
  self->input = input;
  self->nodes = g_ptr_array_new_with_free_func (free_node);
  self->shapes = g_ptr_array_new ();
  self->values = g_array_new (FALSE, FALSE, sizeof (PinwheelMapValue));
  g_array_set_clear_func (self->values, clear_value);
  parser.text = self->text;
  for (;;)
    {
      while (peek (&parser) == ';' || peek (&parser) == '\n')
        parser.at++;
      if (peek (&parser) == '\0')
        break;
      if (!parse_statement (&parser))
        return NULL;
    }
  if (self->values->len == 0)
    return fail (&parser, 0, 1, "the expression is empty; expected NAME = EXPRESSION");
  return g_steal_pointer (&self);
}

void
pinwheel_map_free (PinwheelMapProgram *self)
{
  g_free (self->text);
  g_ptr_array_unref (self->nodes);
  g_ptr_array_unref (self->shapes);
  g_array_unref (self->values);
  g_free (self);
}

gboolean
pinwheel_map_fail (PinwheelMapProgram *self, const PinwheelMapNode *node, PinwheelError code,
                   GError **error, const char *format, ...)
{
  g_autofree char *message = NULL;
  va_list arguments;

  va_start (arguments, format);
  message = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  pinwheel_set_text_error (error, code, "expr", self->text, node->offset, node->length, "%s",
                           message);
  return FALSE;
}
