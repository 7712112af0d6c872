/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "compute/complaint-private.h"
#include "compute/expression-private.h"

typedef struct
{
  PinwheelExpression *expression;
  const char *label;
  const char *text;
  gsize at;
  PinwheelArgs *args;
  guint depth; /* of brackets and signs: bounds the recursion */
  GError **error;
} Parser;

static gboolean parse_sum (Parser *self);

static gboolean
fail (Parser *self, gsize offset, gsize length, const char *message)
{
  pinwheel_set_text_error (self->error, PINWHEEL_ERROR_KERNEL, self->label, self->text, offset,
                           length, "%s", message);
  return FALSE;
}

static char
peek (Parser *self)
{
  while (g_ascii_isspace (self->text[self->at]))
    self->at++;
  return self->text[self->at];
}

static gboolean
accept (Parser *self, char c)
{
  if (peek (self) != c)
    return FALSE;
  self->at++;
  return TRUE;
}

static gboolean
emit (Parser *self, char operation, gint64 value)
{
  PinwheelExpression *expression = self->expression;

  if (expression->n_steps == PINWHEEL_EXPRESSION_STEPS)
    return fail (self, self->at, 1, "the expression is too long");
  expression->steps[expression->n_steps++] = (PinwheelExpressionStep){ operation, value };
  return TRUE;
}

static gboolean
parse_call (Parser *self, char operation)
{
  if (!accept (self, '('))
    return fail (self, self->at, 1, "expected '('");
  if (!parse_sum (self))
    return FALSE;
  if (!accept (self, ','))
    return fail (self, self->at, 1, "expected ',': this function takes two values");
  if (!parse_sum (self))
    return FALSE;
  if (!accept (self, ')'))
    return fail (self, self->at, 1, "expected ')'");
  return emit (self, operation, 0);
}

static gboolean
fail_unknown (Parser *self, gsize offset, const char *name)
{
  static const char *const known[] = { "n", "start", "N", "ceildiv", "min", "max" };
  g_autoptr (GPtrArray) names = pinwheel_args_names (self->args);
  g_autofree char *hint = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (known); i++)
    g_ptr_array_add (names, (gpointer) known[i]);
  hint = pinwheel_name_hint (name, "there are", names);
  pinwheel_set_text_error (self->error, PINWHEEL_ERROR_KERNEL, self->label, self->text, offset,
                           strlen (name), "there is no '%s' here%s", name, hint);
  return FALSE;
}

static gboolean
parse_name (Parser *self)
{
  gsize from = self->at;
  g_autofree char *name = NULL;
  PinwheelArg *arg;

  while (g_ascii_isalnum (self->text[self->at]) || self->text[self->at] == '_')
    self->at++;
  name = g_strndup (self->text + from, self->at - from);
  if (strcmp (name, "n") == 0)
    return emit (self, 'n', 0);
  if (strcmp (name, "start") == 0)
    return emit (self, 's', 0);
  if (strcmp (name, "N") == 0)
    {
      self->expression->uses_total = TRUE;
      return emit (self, 'N', 0);
    }
  if (peek (self) == '(' && strcmp (name, "ceildiv") == 0)
    return parse_call (self, 'c');
  if (peek (self) == '(' && strcmp (name, "min") == 0)
    return parse_call (self, '<');
  if (peek (self) == '(' && strcmp (name, "max") == 0)
    return parse_call (self, '>');
  arg = pinwheel_args_find (self->args, name);
  if (arg == NULL)
    return fail_unknown (self, from, name);
  if (arg->kind != PINWHEEL_ARG_INT
      || !pinwheel_integer_fits (PINWHEEL_DTYPE_I64, arg->negative, arg->magnitude))
    return fail (self, from, strlen (name), "its value in args= is not a whole number of 64 bits");
  arg->used = TRUE;
  return emit (self, 'v', arg->negative ? (gint64) (0 - arg->magnitude) : (gint64) arg->magnitude);
}

static gboolean
parse_number (Parser *self)
{
  gsize from = self->at;
  char *end;
  guint64 value;

  errno = 0;
  value = g_ascii_strtoull (self->text + from, &end, 10);
  self->at = (gsize) (end - self->text);
  if (errno == ERANGE || value > G_MAXINT64)
    return fail (self, from, self->at - from, "the number is too large");
  if (g_ascii_isalnum (*end) || *end == '.' || *end == '_')
    return fail (self, from, self->at - from + 1, "expected a whole number");
  return emit (self, 'v', (gint64) value);
}

static gboolean
parse_value (Parser *self)
{
  gboolean ok;
  char c = peek (self);

  if (self->depth == PINWHEEL_EXPRESSION_DEPTH)
    return fail (self, self->at, 1, "the expression is nested too deep");
  self->depth++;
  if (g_ascii_isdigit (c))
    ok = parse_number (self);
  else if (g_ascii_isalpha (c) || c == '_')
    ok = parse_name (self);
  else if (accept (self, '-'))
    ok = emit (self, 'v', 0) && parse_value (self) && emit (self, '-', 0);
  else if (accept (self, '('))
    {
      ok = parse_sum (self);
      if (ok && !accept (self, ')'))
        ok = fail (self, self->at, 1, "expected ')'");
    }
  else
    ok = fail (self, self->at, 1, "expected a number, a name or '('");
  self->depth--;
  return ok;
}

static gboolean
parse_product (Parser *self)
{
  if (!parse_value (self))
    return FALSE;
  for (;;)
    {
      char c = peek (self);

      if (c != '*' && c != '/' && c != '%')
        return TRUE;
      self->at++;
      if (!parse_value (self) || !emit (self, c, 0))
        return FALSE;
    }
}

static gboolean
parse_sum (Parser *self)
{
  if (!parse_product (self))
    return FALSE;
  for (;;)
    {
      char c = peek (self);

      if (c != '+' && c != '-')
        return TRUE;
      self->at++;
      if (!parse_product (self) || !emit (self, c, 0))
        return FALSE;
    }
}

gboolean
pinwheel_expression_parse (PinwheelExpression *self, const char *label, const char *text,
                           PinwheelArgs *args, GError **error)
{
  Parser parser = { self, label, text, 0, args, 0, error };

  self->n_steps = 0;
  self->uses_total = FALSE;
  if (!parse_sum (&parser))
    return FALSE;
  if (peek (&parser) != '\0')
    return fail (&parser, parser.at, 1, "expected an operator or the end: + - * / % ( )");
  return TRUE;
}

/* Rounds towards minus infinity, so that ceildiv(a,b) is -floor(-a / b) for every sign. */
static gboolean
floor_divide (gint64 a, gint64 b, gint64 *result)
{
  if (b == 0 || (a == G_MININT64 && b == -1))
    return FALSE;
  *result = a / b - ((a % b != 0) && ((a < 0) != (b < 0)) ? 1 : 0);
  return TRUE;
}

static gboolean
apply (char operation, gint64 a, gint64 b, gint64 *result)
{
  switch (operation)
    {
    case '+':
      return !__builtin_add_overflow (a, b, result);
    case '-':
      return !__builtin_sub_overflow (a, b, result);
    case '*':
      return !__builtin_mul_overflow (a, b, result);
    case '/':
      return floor_divide (a, b, result);
    case '%':
      if (!floor_divide (a, b, result))
        return FALSE;
      *result = a - *result * b;
      return TRUE;
    case 'c':
      if (!floor_divide (a, b, result))
        return FALSE;
      *result += a % b != 0;
      return TRUE;
    case '<':
      *result = MIN (a, b);
      return TRUE;
    case '>':
      *result = MAX (a, b);
      return TRUE;
    default:
      g_return_val_if_reached (FALSE);
    }
}

static gboolean
push_value (const PinwheelExpressionStep *step, const guint64 values[3], gint64 *result)
{
  guint64 value;

  if (step->operation == 'v')
    {
      *result = step->value;
      return TRUE;
    }
  value = values[step->operation == 'n' ? 0 : step->operation == 's' ? 1 : 2];
  *result = (gint64) value;
  return value <= G_MAXINT64;
}

gboolean
pinwheel_expression_evaluate (const PinwheelExpression *self, const guint64 values[3],
                              gint64 *result)
{
  gint64 stack[PINWHEEL_EXPRESSION_STEPS];
  guint top = 0;

  for (guint i = 0; i < self->n_steps; i++)
    {
      const PinwheelExpressionStep *step = &self->steps[i];

      if (strchr ("vnsN", step->operation) != NULL)
        {
          if (!push_value (step, values, &stack[top]))
            return FALSE;
          top++;
        }
      else
        {
          g_return_val_if_fail (top >= 2, FALSE);
          if (!apply (step->operation, stack[top - 2], stack[top - 1], &stack[top - 2]))
            return FALSE;
          top--;
        }
    }
  g_return_val_if_fail (top == 1, FALSE);
  *result = stack[0];
  return TRUE;
}
