/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Sine and cosine in double precision take three times as long where an angle may be huge. Whether
 * one is can be asked for all lanes of a group before their region runs: what angles are computed
 * from is computed in a loop of its own, in which nothing is changed but copies. Here is found
 * which statements that takes. */
#include "config.h"

#include "compute/host-compiler-private.h"
#include "compute/lower-private.h"

static const char *const angles[] = { "sin", "cos", "tan", "sincos", NULL };
/* They change nothing but what `sincos` is given. */
static const char *const more_pure_functions[] = { "sincos", "__ldg", NULL };
static const char *const members[] = { ".", "->", "::", NULL };

/* @has_stored: memory is not what it was. @has_address: of a lane's own variable, so that a pointer
 * may lead to one */
typedef struct
{
  PinwheelLower *lower;
  gboolean has_stored, has_address, found;
} Look;

static gboolean look_at_list (Look *look, GPtrArray *list);
static void forget (PinwheelLower *self, GPtrArray *list);

gboolean
pinwheel_lower_is_angle (const char *name)
{
  return g_strv_contains (angles, name);
}

/* Whether `*` or `&` at @i stands in front of an operand, within [@from, ...) */
static gboolean
is_unary (const PinwheelLower *self, guint from, guint i)
{
  return i == from
         || (self->tokens[i - 1].kind == PINWHEEL_TOKEN_PUNCTUATOR
             && !pinwheel_lower_is (self, i - 1, ")") && !pinwheel_lower_is (self, i - 1, "]"));
}

/* Whether the variable is the lane's own, in registers or copied in and out */
static gboolean
is_own (const PinwheelLowerVariable *variable)
{
  return !variable->is_shared && !variable->is_in_place && !variable->is_spread
         && !variable->is_reference;
}

/* Whether the name at @i stands for memory that others may change */
static gboolean
is_memory (const PinwheelLower *self, guint i)
{
  const PinwheelLowerVariable *variable = self->tokens[i].variable;

  if (variable != NULL)
    return !is_own (variable)
           || (variable->is_pointer && variable->n_dims == 0
               && (pinwheel_lower_is (self, i + 1, "[") || pinwheel_lower_is (self, i + 1, "->")));
  return !(i > 0 && pinwheel_lower_is_one (self, i - 1, members))
         && !pinwheel_lower_is (self, i + 1, "(")
         && pinwheel_lower_classify_range (self, i, i + 1) == PINWHEEL_LOWER_VARYING;
}

/* Whether the name at @i may be that of a function that changes something. One of the file may be
 * followed by `<`, or stand in brackets. */
static gboolean
is_effect (const PinwheelLower *self, guint i)
{
  const gboolean is_variable = self->tokens[i].variable != NULL;

  if (!is_variable && pinwheel_lower_knows (self, i, self->defined))
    return TRUE;
  if (!pinwheel_lower_is (self, i + 1, "(") || pinwheel_lower_knows (self, i, self->typedefs))
    return FALSE;
  return is_variable
         || !(pinwheel_lower_is_one (self, i, pinwheel_pure_functions)
              || pinwheel_lower_is_one (self, i, more_pure_functions))
         || (i > 0 && pinwheel_lower_is_one (self, i - 1, members));
}

/* Whether token @i of an expression that begins at @from does nothing that must not be done twice
 * or too early */
static gboolean
is_harmless (const Look *look, guint from, guint i)
{
  const PinwheelLower *self = look->lower;
  const PinwheelLowerToken *token = &self->tokens[i];

  if (token->kind == PINWHEEL_TOKEN_DIRECTIVE || token->slot > 0)
    return FALSE;
  if (token->kind == PINWHEEL_TOKEN_NAME)
    return !is_effect (self, i)
           && !(token->is_write && (token->variable == NULL || !is_own (token->variable)))
           && !(look->has_stored && is_memory (self, i));
  if (pinwheel_lower_is (self, i, "*") && is_unary (self, from, i))
    return !look->has_stored;
  return !pinwheel_lower_is (self, i, "->") || !look->has_stored;
}

/* Whether the call at @i is of a function that gets addresses to write to, which is `sincos` */
static gboolean
gives_addresses (const PinwheelLower *self, guint from, guint i)
{
  for (guint k = i; k > from; k--)
    if (pinwheel_lower_is (self, k - 1, "(") && self->tokens[k - 1].match > i && k >= from + 2
        && pinwheel_lower_is (self, k - 2, "sincos"))
      return self->tokens[i + 1].variable != NULL;
  return FALSE;
}

/* Whether what ends in front of the assignment at @i, in an expression from @from on, is the lane's
 * own: `v`, `v[1].x` */
static gboolean
is_own_target (const PinwheelLower *self, guint from, guint i)
{
  while (i > from)
    {
      guint last = --i;

      if (pinwheel_lower_is (self, i, "]"))
        {
          while (i > from && self->tokens[i].match != last)
            i--;
          if (self->tokens[i].match != last)
            return FALSE;
          continue;
        }
      if (i > from && pinwheel_lower_is (self, i - 1, "."))
        {
          i--;
          continue;
        }
      return self->tokens[i].variable != NULL && !is_memory (self, i)
             && !(i > from && pinwheel_lower_is (self, i - 1, "*") && is_unary (self, from, i - 1));
    }
  return FALSE;
}

/* Whether the assignment at @i, of whatever kind, changes nothing but the lane's own */
static gboolean
is_own_change (const PinwheelLower *self, guint from, guint i, guint end)
{
  static const char *const steps[] = { "++", "--", NULL };
  static const char *const chains[] = { "[", "->", ".", NULL };

  if (is_own_target (self, from, i))
    return TRUE;
  return pinwheel_lower_is_one (self, i, steps) && i + 1 < end
         && self->tokens[i + 1].variable != NULL && is_own (self->tokens[i + 1].variable)
         && !pinwheel_lower_is_one (self, i + 2, chains);
}

/* Reads an expression and marks its angles. Returns: whether it can be computed before */
static gboolean
look_at_expression (Look *look, guint from, guint end)
{
  PinwheelLower *self = look->lower;

  for (guint i = from; i < end; i++)
    {
      if (!is_harmless (look, from, i))
        return FALSE;
      if (pinwheel_lower_is (self, i, "&") && is_unary (self, from, i)
          && !gives_addresses (self, from, i))
        return FALSE;
      if (pinwheel_lower_is_assignment (self, i) && !is_own_change (self, from, i, end))
        return FALSE;
    }
  for (guint i = from; i < end; i++)
    if (self->tokens[i].variable == NULL && pinwheel_lower_is_one (self, i, angles)
        && pinwheel_lower_is (self, i + 1, "(")
        && !(i > 0 && pinwheel_lower_is (self, i - 1, "::")))
      self->tokens[i].is_angle = look->found = TRUE;
  return TRUE;
}

/* Whether [@from, @assignment) is memory, so that the statement stores there. */
static gboolean
is_store (const Look *look, guint from, guint assignment)
{
  const PinwheelLower *self = look->lower;
  const PinwheelLowerVariable *variable = self->tokens[from].variable;

  for (guint i = from; i < assignment; i++)
    if (pinwheel_lower_is_assignment (self, i)
        || (self->tokens[i].kind == PINWHEEL_TOKEN_NAME && pinwheel_lower_is (self, i + 1, "(")))
      return FALSE;
  if (variable == NULL)
    return self->tokens[from].kind == PINWHEEL_TOKEN_NAME;
  if (!pinwheel_lower_is (self, from + 1, "["))
    return FALSE;
  return variable->is_shared
         || (variable->is_pointer && variable->n_dims == 0
             && (variable->is_parameter || !look->has_address));
}

static gboolean
look_at_statement (Look *look, PinwheelLowerStatement *statement)
{
  PinwheelLower *self = look->lower;
  guint from = statement->from, end = statement->end, assignment = from;

  while (assignment < end && !pinwheel_lower_is_assignment (self, assignment))
    assignment = pinwheel_lower_is (self, assignment, "[")   ? self->tokens[assignment].match + 1
                 : pinwheel_lower_is (self, assignment, "(") ? end
                                                             : assignment + 1;
  if (assignment < end && is_store (look, from, assignment))
    {
      if (assignment + 1 == end || !look_at_expression (look, assignment + 1, end))
        return FALSE;
      statement->look_from = assignment + 1;
      statement->is_looked = look->has_stored = TRUE;
      return TRUE;
    }
  return statement->is_looked = look_at_expression (look, from, end);
}

static void
unmark (PinwheelLower *self, guint from, guint end)
{
  for (guint i = from; i < end; i++)
    self->tokens[i].is_angle = FALSE;
}

/* All of its variables or none: it is written as a whole. */
static gboolean
look_at_declaration (Look *look, PinwheelLowerStatement *statement)
{
  gboolean found = look->found;

  for (guint i = 0; i < statement->variables->len; i++)
    {
      const PinwheelLowerVariable *variable = g_ptr_array_index (statement->variables, i);

      if (variable->is_hoisted)
        continue;
      if (!is_own (variable) || !look_at_expression (look, variable->init, variable->init_end))
        {
          unmark (look->lower, statement->from, statement->end);
          look->found = found;
          return FALSE;
        }
    }
  return statement->is_looked = TRUE;
}

/* A loop whose turns are written one by one. What one turn does, the next may need: all or nothing
 */
static gboolean
look_at_turns (Look *look, PinwheelLowerStatement *loop)
{
  gboolean found = look->found;

  if (!pinwheel_lower_is_unrolled (loop))
    return FALSE;
  loop->is_looked = look_at_list (look, loop->body) && !look->has_stored;
  if (!loop->is_looked)
    {
      forget (look->lower, loop->body);
      look->found = found;
    }
  return loop->is_looked;
}

static gboolean
look_at_branch (Look *look, PinwheelLowerStatement *statement)
{
  /* a guard that returns does so for no lane here */
  if (statement == look->lower->guard && statement->has_return)
    return TRUE;
  if (!look_at_expression (look, statement->condition, statement->condition_end))
    return FALSE;
  statement->is_looked = TRUE;
  return look_at_list (look, statement->body)
         && (statement->otherwise == NULL || look_at_list (look, statement->otherwise));
}

/* Returns: whether what follows can be looked at as well */
static gboolean
look_at (Look *look, PinwheelLowerStatement *statement)
{
  statement->is_looked = FALSE;
  statement->look_from = 0;
  if (statement->kind == PINWHEEL_LOWER_EXPRESSION)
    return look_at_statement (look, statement);
  if (statement->kind == PINWHEEL_LOWER_DECLARATION)
    return look_at_declaration (look, statement);
  if (statement->kind == PINWHEEL_LOWER_FOR)
    return look_at_turns (look, statement);
  if (statement->kind == PINWHEEL_LOWER_BLOCK)
    {
      statement->is_looked = TRUE;
      return look_at_list (look, statement->body);
    }
  if (statement->kind == PINWHEEL_LOWER_IF)
    return look_at_branch (look, statement);
  return statement->kind == PINWHEEL_LOWER_EMPTY || statement->kind == PINWHEEL_LOWER_TYPE;
}

/* Forgets what was marked for a form of the region with another guard. */
static void
forget (PinwheelLower *self, GPtrArray *list)
{
  for (guint i = 0; list != NULL && i < list->len; i++)
    {
      PinwheelLowerStatement *statement = g_ptr_array_index (list, i);

      statement->is_looked = FALSE;
      unmark (self, statement->from, statement->end);
      forget (self, statement->body);
      forget (self, statement->otherwise);
    }
}

static gboolean
look_at_list (Look *look, GPtrArray *list)
{
  for (guint i = 0; i < list->len; i++)
    if (!look_at (look, g_ptr_array_index (list, i)))
      return FALSE;
  return TRUE;
}

gboolean
pinwheel_lower_find_angles (PinwheelLower *self, GPtrArray *statements)
{
  Look look = { self, FALSE, FALSE, FALSE };

  if (statements == NULL || self->has_own_angles)
    return FALSE;
  for (guint i = 0; i < self->variables->len; i++)
    {
      const PinwheelLowerVariable *variable = g_ptr_array_index (self->variables, i);

      look.has_address |= variable->escapes && !variable->is_parameter && !variable->is_shared;
    }
  forget (self, statements);
  look_at_list (&look, statements);
  return look.found;
}
