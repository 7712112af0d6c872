/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Guards: branches in front of a region's work that nearly all lanes answer alike, or all but a few
 */
#include "config.h"

#include <string.h>

#include "compute/lower-private.h"

const PinwheelLowerStatement *
pinwheel_lower_find_guard (const PinwheelLower *self, GPtrArray *statements)
{
  for (guint i = 0; statements != NULL && i < statements->len; i++)
    {
      const PinwheelLowerStatement *statement = g_ptr_array_index (statements, i);

      if (statement->kind == PINWHEEL_LOWER_IF && statement->otherwise == NULL
          && (statement->has_return || i + 1 == statements->len)
          && pinwheel_lower_classify_range (self, statement->condition, statement->condition_end)
                 == PINWHEEL_LOWER_CHEAP)
        return statement;
      if (statement->kind != PINWHEEL_LOWER_DECLARATION)
        return NULL;
    }
  return NULL;
}

gboolean
pinwheel_lower_may_skip (GPtrArray *statements, const PinwheelLowerStatement *guard)
{
  if (guard->has_return)
    return FALSE;
  for (guint i = 0; i + 1 < statements->len; i++)
    {
      const PinwheelLowerStatement *statement = g_ptr_array_index (statements, i);

      for (guint k = 0; k < statement->variables->len; k++)
        {
          const PinwheelLowerVariable *variable = g_ptr_array_index (statement->variables, k);

          if (variable->class > PINWHEEL_LOWER_CHEAP)
            return FALSE;
        }
    }
  return TRUE;
}

static gboolean
has_word_type (const PinwheelLowerVariable *variable)
{
  static const char *const types[] = { "int", "unsigned", "unsigned int", NULL };

  return g_strv_contains (types, variable->type);
}

/* Whether [@from, @end) is the number of the thread along x */
static gboolean
is_thread_number (const PinwheelLower *self, guint from, guint end)
{
  const PinwheelLowerVariable *variable = self->tokens[from].variable;

  if (variable != NULL)
    return end == from + 1 && variable->class == PINWHEEL_LOWER_CHEAP && !variable->is_affine
           && variable->open == '=' && has_word_type (variable)
           && self->tokens[variable->init].variable == NULL
           && is_thread_number (self, variable->init, variable->init_end);
  return end == from + 3 && pinwheel_lower_is (self, from, "threadIdx")
         && pinwheel_lower_is (self, from + 2, "x");
}

gboolean
pinwheel_lower_asks_for_first (const PinwheelLower *self, const PinwheelLowerStatement *guard,
                               guint *limit)
{
  static const char *const allowed[] = { "+", "-", "*", ".", "(", ")", NULL };
  guint i = guard->condition;
  gint64 number;

  while (i < guard->condition_end && !pinwheel_lower_is (self, i, "<")
         && !pinwheel_lower_is (self, i, "=="))
    i++;
  *limit = i + 1;
  if (*limit >= guard->condition_end || !is_thread_number (self, guard->condition, i))
    return FALSE;
  if (pinwheel_lower_is (self, i, "=="))
    return pinwheel_lower_is_number (self, *limit, guard->condition_end, &number) && number == 0;
  for (i = *limit; i < guard->condition_end; i++)
    if (self->tokens[i].kind == PINWHEEL_TOKEN_PUNCTUATOR
            ? !pinwheel_lower_is_one (self, i, allowed)
            : self->tokens[i].kind != PINWHEEL_TOKEN_NAME
                  && self->tokens[i].kind != PINWHEEL_TOKEN_NUMBER)
      return FALSE;
  return pinwheel_lower_classify_range (self, *limit, guard->condition_end)
         <= PINWHEEL_LOWER_UNIFORM;
}

/* Whether [@from, @end) is the thread's number, @operator and a number: 32 or 31 for its number
 * within the warp, 32 or 5 for the warp's own. With or without brackets, or a variable with that
 * value. @number: after `%` or `/`; @bits: after @other, `&` or `>>` */
static gboolean
is_part (const PinwheelLower *self, guint from, guint end, const char *operator, const char * other,
         gint64 bits)
{
  const PinwheelLowerVariable *variable = self->tokens[from].variable;
  gint64 number;
  guint i = from;

  if (pinwheel_lower_is (self, from, "(") && self->tokens[from].match + 1 == end)
    return is_part (self, from + 1, end - 1, operator, other, bits);
  if (variable != NULL && end == from + 1 && variable->class == PINWHEEL_LOWER_CHEAP
      && !variable->is_affine && variable->open == '=' && has_word_type (variable))
    return is_part (self, variable->init, variable->init_end, operator, other, bits);
  while (i < end && !pinwheel_lower_is (self, i, operator) && !pinwheel_lower_is (self, i, other))
    i++;
  if (i >= end || !is_thread_number (self, from, i))
    return FALSE;
  if (pinwheel_lower_is (self, i, operator) && pinwheel_lower_is (self, i + 1, "warpSize"))
    return end == i + 2;
  return pinwheel_lower_is_number (self, i + 1, end, &number)
         && number == (pinwheel_lower_is (self, i, operator) ? 32 : bits);
}

gboolean
pinwheel_lower_is_lane_number (const PinwheelLower *self, guint from, guint end)
{
  return is_part (self, from, end, "%", "&", 31);
}

/* Whether [@from, @end) is a whole number of warps, in threads */
static gboolean
is_whole_warps (const PinwheelLower *self, guint from, guint end)
{
  gint64 number;

  return (end == from + 1 && pinwheel_lower_is (self, from, "warpSize"))
         || (pinwheel_lower_is_number (self, from, end, &number) && number % 32 == 0);
}

gboolean
pinwheel_lower_is_of_warps (const PinwheelLower *self, guint from, guint end)
{
  static const char *const comparisons[] = { "==", "!=", "<", ">", "<=", ">=", NULL };
  guint i = from;

  while (i < end && !pinwheel_lower_is_one (self, i, comparisons))
    i++;
  if (!self->has_whole_warps || i >= end)
    return FALSE;
  if (is_part (self, from, i, "/", ">>", 5))
    return pinwheel_lower_classify_range (self, i + 1, end) <= PINWHEEL_LOWER_UNIFORM;
  return (pinwheel_lower_is (self, i, "<") || pinwheel_lower_is (self, i, ">="))
         && is_thread_number (self, from, i) && is_whole_warps (self, i + 1, end);
}

gboolean
pinwheel_lower_asks_for_warps (const PinwheelLower *self, const PinwheelLowerStatement *guard)
{
  guint end = guard->condition_end;
  gint64 number;

  return self->has_whole_warps && self->width % 32 == 0 && end > guard->condition + 2
         && pinwheel_lower_is (self, end - 2, "==")
         && pinwheel_lower_is_number (self, end - 1, end, &number)
         && number == 0
         /* `t & 31 == 0` asks for something else */
         && pinwheel_lower_find (self, guard->condition, end - 2, "&") == end - 2
         && pinwheel_lower_is_lane_number (self, guard->condition, end - 2);
}

/* Whether [@from, @end) is the number of the thread in a grid along x */
static gboolean
is_item_number (const PinwheelLower *self, guint from, guint end)
{
  static const char *const forms[] = { "blockIdx . x * blockDim . x + threadIdx . x",
                                       "blockDim . x * blockIdx . x + threadIdx . x",
                                       "threadIdx . x + blockIdx . x * blockDim . x",
                                       "threadIdx . x + blockDim . x * blockIdx . x", NULL };
  g_autofree char *text = pinwheel_lower_dup (self, from, end);

  return g_strv_contains (forms, text);
}

gboolean
pinwheel_lower_asks_for_items (const PinwheelLower *self, const PinwheelLowerStatement *guard)
{
  guint i = guard->condition;
  const PinwheelLowerVariable *variable = self->tokens[i].variable;
  const PinwheelLowerVariable *limit;
  const PinwheelParameter *parameter;

  if (guard->condition_end != i + 3
      || !pinwheel_lower_is (self, i + 1, guard->has_return ? ">=" : "<") || variable == NULL
      || variable->is_parameter || strcmp (variable->type, "int") != 0
      || variable->class != PINWHEEL_LOWER_CHEAP || variable->is_affine || variable->open != '='
      || !is_item_number (self, variable->init, variable->init_end))
    return FALSE;
  limit = self->tokens[i + 2].variable;
  if (limit == NULL || !limit->is_parameter || limit->class > PINWHEEL_LOWER_UNIFORM)
    return FALSE;
  parameter = pinwheel_signature_parameter (self->signature, limit->id);
  return parameter->type.dtype == PINWHEEL_DTYPE_I32 && !parameter->type.is_pointer;
}
