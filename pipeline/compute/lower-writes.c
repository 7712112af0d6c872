/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which tokens may change the variable they name. What is not certain to read only, writes. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "compute/lower-private.h"

/* Turns that are counted */
#define MOST_TURNS 64

static const char *const assignments[] = { "=",  "+=", "-=",  "*=",  "/=", "%=", "&=",
                                           "|=", "^=", "<<=", ">>=", "++", "--", NULL };
static const char *const steps[] = { "++", "--", NULL };

gboolean
pinwheel_lower_is_assignment (const PinwheelLower *self, guint i)
{
  return pinwheel_lower_is_one (self, i, assignments);
}

/* Whether token @i may end an operand, so that what follows is an operator between two */
static gboolean
ends_operand (const PinwheelLower *self, guint i)
{
  const PinwheelLowerToken *token = &self->tokens[i];

  return (token->kind == PINWHEEL_TOKEN_NAME && !pinwheel_lower_is (self, i, "return")
          && !pinwheel_lower_is (self, i, "case"))
         || token->kind == PINWHEEL_TOKEN_NUMBER || token->kind == PINWHEEL_TOKEN_CHARACTER
         || pinwheel_lower_is (self, i, ")") || pinwheel_lower_is (self, i, "]");
}

/* Behind the members and indices that follow token @i. @n_indices: how many of these
 * @is_call: a member function is called */
static guint
skip_chain (const PinwheelLower *self, guint i, guint *n_indices, gboolean *is_call)
{
  *n_indices = 0;
  *is_call = FALSE;
  for (;;)
    if (pinwheel_lower_is (self, i, ".") || pinwheel_lower_is (self, i, "->"))
      i += 2;
    else if (pinwheel_lower_is (self, i, "["))
      {
        i = self->tokens[i].match + 1;
        ++*n_indices;
      }
    else
      break;
  *is_call = pinwheel_lower_is (self, i, "(");
  return i;
}

/* Whether [@from, @end) is all of an argument of a function that takes references */
static gboolean
is_reference_argument (const PinwheelLower *self, guint from, guint end)
{
  guint depth = 0;

  if (from == 0
      || !(pinwheel_lower_is (self, from - 1, "(") || pinwheel_lower_is (self, from - 1, ","))
      || !(pinwheel_lower_is (self, end, ",") || pinwheel_lower_is (self, end, ")")))
    return FALSE;
  for (guint i = from; i > 1; i--)
    if (pinwheel_lower_is (self, i - 1, ")"))
      depth++;
    else if (pinwheel_lower_is (self, i - 1, "(") && depth-- == 0)
      return pinwheel_lower_knows (self, i - 2, self->references)
             || pinwheel_lower_is (self, i - 2, ">");
  return FALSE;
}

/* Whether all indices of the chain at @i reach through a pointer, so that @variable stays */
static gboolean
is_behind_pointer (const PinwheelLower *self, const PinwheelLowerVariable *variable, guint i)
{
  return variable->is_pointer && variable->n_dims == 0
         && (pinwheel_lower_is (self, i + 1, "[") || pinwheel_lower_is (self, i + 1, "->"));
}

/* Looks at one use of a variable. */
static void
read_use (PinwheelLower *self, guint i)
{
  PinwheelLowerToken *token = &self->tokens[i];
  PinwheelLowerVariable *variable = token->variable;
  guint n_indices, from = i, end;
  gboolean is_call, is_address, is_decayed;

  end = skip_chain (self, i + 1, &n_indices, &is_call);
  while (from > 0 && pinwheel_lower_is (self, from - 1, "(") && self->tokens[from - 1].match == end
         && !(from > 1 && self->tokens[from - 2].kind == PINWHEEL_TOKEN_NAME))
    {
      from--;
      end++;
      if (pinwheel_lower_is (self, end, ".") || pinwheel_lower_is (self, end, "["))
        end = skip_chain (self, end, &n_indices, &is_call);
    }
  is_address = from > 0 && pinwheel_lower_is (self, from - 1, "&")
               && !(from > 1 && ends_operand (self, from - 2));
  is_decayed = n_indices < variable->n_dims;
  if (is_behind_pointer (self, variable, i))
    return;
  token->is_write |= is_call || is_address || is_decayed || pinwheel_lower_is_assignment (self, end)
                     || (from > 0 && pinwheel_lower_is_one (self, from - 1, steps))
                     || is_reference_argument (self, from, end);
  if (is_call || is_address || is_decayed || is_reference_argument (self, from, end))
    variable->escapes = TRUE;
}

/* `*(p + i) = 1` writes behind p; anything else in brackets in front of an assignment is changed.
 */
static void
read_bracketed_target (PinwheelLower *self, guint open)
{
  if (open > 0
      && (self->tokens[open - 1].kind == PINWHEEL_TOKEN_NAME
          || pinwheel_lower_is (self, open - 1, "*")))
    return;
  for (guint i = open; i < self->tokens[open].match; i++)
    self->tokens[i].is_write = self->tokens[i].variable != NULL;
}

/* What a reference is bound to is changed through it. */
static void
read_references (PinwheelLower *self)
{
  for (guint i = 0; i < self->variables->len; i++)
    {
      PinwheelLowerVariable *variable = g_ptr_array_index (self->variables, i);

      for (guint k = variable->init; variable->is_reference && k < variable->init_end; k++)
        if (self->tokens[k].variable != NULL
            && !is_behind_pointer (self, self->tokens[k].variable, k))
          {
            self->tokens[k].is_write = TRUE;
            self->tokens[k].variable->escapes = TRUE;
          }
    }
}

static void
sum_up (PinwheelLower *self)
{
  for (guint i = 0; i < self->n_tokens; i++)
    {
      PinwheelLowerVariable *variable = self->tokens[i].variable;
      const PinwheelLowerStatement *loop = variable != NULL ? variable->loop : NULL;

      if (self->tokens[i].is_write && i != variable->at
          && !(loop != NULL && i >= loop->step && i < loop->step_end))
        variable->is_assigned = TRUE;
    }
}

void
pinwheel_lower_find_writes (PinwheelLower *self)
{
  for (guint i = 0; i < self->n_tokens; i++)
    {
      PinwheelLowerToken *token = &self->tokens[i];

      if (token->variable != NULL && i != token->variable->at)
        read_use (self, i);
      if (pinwheel_lower_is (self, i, "(") && token->match < self->n_tokens
          && pinwheel_lower_is_assignment (self, token->match + 1))
        read_bracketed_target (self, i);
    }
  read_references (self);
  sum_up (self);
}

gboolean
pinwheel_lower_is_number (const PinwheelLower *self, guint from, guint end, gint64 *number)
{
  gboolean is_negative = end == from + 2 && pinwheel_lower_is (self, from, "-");
  g_autofree char *text = NULL;
  char *rest;

  if (is_negative)
    from++;
  if (end != from + 1 || self->tokens[from].kind != PINWHEEL_TOKEN_NUMBER)
    return FALSE;
  text = pinwheel_lower_dup (self, from, end);
  *number = g_ascii_strtoll (text, &rest, 0);
  if (strspn (rest, "uUlL") != strlen (rest) || *number > G_MAXINT32)
    return FALSE;
  if (is_negative)
    *number = -*number;
  return TRUE;
}

/* What a loop's variable can be so that counting it with whole numbers of any size is right */
typedef struct
{
  const char *types[8];
  gint64 least, most;
  gboolean is_whole; /* a division gives a whole number */
} Range;

static const Range *
variable_range (const PinwheelLowerVariable *variable)
{
  static const Range ranges[] = {
    { { "int", "long", "long long", "int32_t", "int64_t", "ptrdiff_t", NULL },
      G_MININT32,
      G_MAXINT32,
      TRUE },
    { { "unsigned", "unsigned int", "unsigned long", "unsigned long long", "size_t", "uint32_t",
        "uint64_t", NULL },
      0,
      G_MAXINT32,
      TRUE },
    /* of whatever type: it may be a short one, or real */
    { { NULL }, 0, G_MAXINT8, FALSE }
  };
  guint i = 0;

  while (ranges[i].types[0] != NULL
         && (variable->type == NULL || !g_strv_contains (ranges[i].types, variable->type)))
    i++;
  return &ranges[i];
}

/* Applies the step of a loop to @value. Returns: FALSE where it is not understood */
static gboolean
apply_step (const PinwheelLower *self, const PinwheelLowerStatement *loop,
            const PinwheelLowerVariable *variable, gint64 *value)
{
  guint i = loop->step;
  gint64 by;

  if (loop->step_end == i + 2)
    {
      guint name = self->tokens[i].variable == variable ? i : i + 1;
      guint operator= name == i ? i + 1 : i;

      if (self->tokens[name].variable != variable || !pinwheel_lower_is_one (self, operator, steps))
        return FALSE;
      *value += pinwheel_lower_is (self, operator, "++") ? 1 : -1;
      return TRUE;
    }
  if (self->tokens[i].variable != variable
      || !pinwheel_lower_is_number (self, i + 2, loop->step_end, &by))
    return FALSE;
  if (pinwheel_lower_is (self, i + 1, "+="))
    *value += by;
  else if (pinwheel_lower_is (self, i + 1, "-="))
    *value -= by;
  else if (pinwheel_lower_is (self, i + 1, "*="))
    *value *= by;
  else if (pinwheel_lower_is (self, i + 1, ">>=") && by >= 0 && by < 32 && *value >= 0)
    *value >>= by;
  else if (pinwheel_lower_is (self, i + 1, "<<=") && by >= 0 && by < 32 && *value >= 0)
    *value <<= by;
  else if (pinwheel_lower_is (self, i + 1, "/=") && by > 0 && *value >= 0
           && (*value % by == 0 || variable_range (variable)->is_whole))
    *value /= by;
  else
    return FALSE;
  return TRUE;
}

static gboolean
compare (const PinwheelLower *self, guint operator, gint64 a, gint64 b)
{
  return (pinwheel_lower_is (self, operator, "<") && a < b)
         || (pinwheel_lower_is (self, operator, "<=") && a <= b)
         || (pinwheel_lower_is (self, operator, ">") && a > b)
         || (pinwheel_lower_is (self, operator, ">=") && a >= b)
         || (pinwheel_lower_is (self, operator, "!=") && a != b);
}

/* Where a loop begins: at a number, or at one that the block has, of which a part may be taken */
static gboolean
read_first (const PinwheelLower *self, guint from, guint end, gint64 *value)
{
  guint behind = from + 1;
  gint64 by = 1;

  if (pinwheel_lower_is_number (self, from, end, value))
    return TRUE;
  if (from >= end || self->tokens[from].variable != NULL)
    return FALSE;
  if (pinwheel_lower_is (self, from, "warpSize"))
    *value = 32;
  else if (pinwheel_lower_is (self, from, "blockDim") && pinwheel_lower_is (self, from + 1, "."))
    {
      behind = from + 3;
      *value = self->block[pinwheel_lower_is (self, from + 2, "x")   ? 0
                           : pinwheel_lower_is (self, from + 2, "y") ? 1
                                                                     : 2];
    }
  else
    return FALSE;
  if (behind == end)
    return TRUE;
  if (behind > end || !pinwheel_lower_is_number (self, behind + 1, end, &by) || by < 0 || by > 31)
    return FALSE;
  if (pinwheel_lower_is (self, behind, ">>"))
    *value >>= by;
  else if (pinwheel_lower_is (self, behind, "/") && by > 0)
    *value /= by;
  else
    return FALSE;
  return TRUE;
}

guint
pinwheel_lower_count_turns (const PinwheelLower *self, const PinwheelLowerStatement *statement,
                            gint64 *values)
{
  const PinwheelLowerVariable *variable;
  guint operator= statement->condition + 1, turns = 0;
  const Range *range;
  gint64 value, limit;

  if (statement->init == NULL || statement->init->kind != PINWHEEL_LOWER_DECLARATION
      || statement->init->variables->len != 1)
    return 0;
  variable = g_ptr_array_index (statement->init->variables, 0);
  if (variable->open != '=' || !read_first (self, variable->init, variable->init_end, &value)
      || self->tokens[statement->condition].variable != variable
      || !pinwheel_lower_is_number (self, operator+ 1, statement->condition_end, &limit))
    return 0;
  range = variable_range (variable);
  if (limit < range->least || value < range->least || value > range->most)
    return 0;
  for (; compare (self, operator, value, limit); turns++)
    {
      if (turns == MOST_TURNS)
        return 0;
      if (values != NULL)
        values[turns] = value;
      if (!apply_step (self, statement, variable, &value) || value < range->least
          || value > range->most)
        return 0;
    }
  return turns;
}
