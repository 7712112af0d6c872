/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where a lane's variables live. Loops over lanes promise that lanes have nothing to do with each
 * other: that is true of registers and of places that belong to one lane, but not of one variable
 * on the stack that each lane uses in turn. So whatever is reached through an index or an address
 * that only the running code knows gets a place of its own for each lane. */
#include "config.h"

#include "compute/lower-private.h"

gboolean
pinwheel_lower_is_unrolled (const PinwheelLowerStatement *loop)
{
  const PinwheelLowerVariable *variable;

  if (loop->n_turns == 0 || loop->has_break || loop->has_continue)
    return FALSE;
  variable = g_ptr_array_index (loop->init->variables, 0);
  return !variable->is_assigned && !variable->escapes;
}

/* Whether an index is known when the kernel is compiled */
static gboolean
is_known_index (const PinwheelLower *self, guint from, guint end)
{
  for (guint i = from; i < end; i++)
    {
      const PinwheelLowerVariable *variable = self->tokens[i].variable;

      if (variable != NULL && variable->loop != NULL && pinwheel_lower_is_unrolled (variable->loop))
        continue;
      if (pinwheel_lower_classify_range (self, i, i + 1) != PINWHEEL_LOWER_CONSTANT
          || (variable != NULL && !variable->is_hoisted))
        return FALSE;
    }
  return TRUE;
}

/* Looks at the members and indices behind token @i. Returns: whether all are known */
static gboolean
read_chain (const PinwheelLower *self, guint i, guint *end, guint *n_indices)
{
  gboolean is_known = TRUE;

  for (*n_indices = 0;;)
    if (pinwheel_lower_is (self, i, "."))
      i += 2;
    else if (pinwheel_lower_is (self, i, "["))
      {
        is_known &= is_known_index (self, i + 1, self->tokens[i].match);
        i = self->tokens[i].match + 1;
        ++*n_indices;
      }
    else
      break;
  *end = i;
  return is_known && !pinwheel_lower_is (self, i, "(");
}

/* The function whose argument [@from, @end) is, or 0 where it is no argument by itself */
static guint
find_called (const PinwheelLower *self, guint from, guint end)
{
  guint depth = 0;

  if (from == 0
      || !(pinwheel_lower_is (self, from - 1, "(") || pinwheel_lower_is (self, from - 1, ","))
      || !(pinwheel_lower_is (self, end, ",") || pinwheel_lower_is (self, end, ")")))
    return 0;
  for (guint i = from; i > 1; i--)
    if (pinwheel_lower_is (self, i - 1, ")"))
      depth++;
    else if (pinwheel_lower_is (self, i - 1, "(") && depth-- == 0)
      return self->tokens[i - 2].kind == PINWHEEL_TOKEN_NAME ? i - 2 : 0;
  return 0;
}

/* Whether what is passed as [@from, @end) is used there in a way that is known */
static gboolean
is_passed_well (const PinwheelLower *self, guint from, guint end)
{
  guint called = find_called (self, from, end);

  return called > 0 && !pinwheel_lower_knows (self, called, self->indexers);
}

static void
read_use (PinwheelLower *self, guint i)
{
  PinwheelLowerVariable *variable = self->tokens[i].variable;
  guint end, n_indices;
  gboolean is_known = read_chain (self, i + 1, &end, &n_indices);
  gboolean is_whole = n_indices < variable->n_dims;
  gboolean is_address = i > 0 && pinwheel_lower_is (self, i - 1, "&")
                        && (i == 1
                            || (self->tokens[i - 2].kind == PINWHEEL_TOKEN_PUNCTUATOR
                                && !pinwheel_lower_is (self, i - 2, ")")
                                && !pinwheel_lower_is (self, i - 2, "]")));

  if (variable->is_pointer && variable->n_dims == 0 && !is_address)
    return;
  if (!is_known)
    variable->is_reached = TRUE;
  if (is_address && !is_passed_well (self, i - 1, end))
    variable->is_reached = TRUE;
  if (!is_address && is_whole && !is_passed_well (self, i, end))
    variable->is_reached = TRUE;
  if (find_called (self, i, end) > 0 && variable->escapes && !is_passed_well (self, i, end))
    variable->is_reached = TRUE;
}

/* `(a ? x : y) = 1` and `T &r = a ? x : y` choose between variables while running. */
static void
read_choice (PinwheelLower *self, guint from, guint end)
{
  gboolean is_choice = FALSE;

  for (guint i = from; i < end; i++)
    is_choice |= pinwheel_lower_is (self, i, "?");
  for (guint i = from; is_choice && i < end; i++)
    if (self->tokens[i].variable != NULL)
      self->tokens[i].variable->is_reached = TRUE;
}

void
pinwheel_lower_choose_places (PinwheelLower *self)
{
  for (guint i = 0; i < self->n_tokens; i++)
    {
      const PinwheelLowerVariable *variable = self->tokens[i].variable;

      if (variable != NULL && i != variable->at)
        read_use (self, i);
      if (variable != NULL && i == variable->at && variable->is_reference)
        read_choice (self, variable->init, variable->init_end);
      if (pinwheel_lower_is (self, i, "(") && self->tokens[i].match < self->n_tokens
          && pinwheel_lower_is_assignment (self, self->tokens[i].match + 1))
        read_choice (self, i, self->tokens[i].match);
    }
  for (guint i = 0; i < self->variables->len; i++)
    {
      PinwheelLowerVariable *variable = g_ptr_array_index (self->variables, i);

      if (!variable->is_reached || variable->is_hoisted || variable->is_reference
          || variable->is_parameter || variable->class != PINWHEEL_LOWER_VARYING)
        continue;
      variable->is_spread = variable->n_dims > 0 && !variable->escapes;
      variable->is_in_place = !variable->is_spread;
    }
}

/* Where a pointer outlives its region, what it may point to must not move. */
void
pinwheel_lower_fix_places (PinwheelLower *self)
{
  gboolean has_pointer = FALSE;

  for (guint i = 0; i < self->variables->len; i++)
    {
      const PinwheelLowerVariable *variable = g_ptr_array_index (self->variables, i);

      has_pointer |= variable->is_kept && variable->may_point && !variable->is_parameter;
    }
  for (guint i = 0; i < self->variables->len; i++)
    {
      PinwheelLowerVariable *variable = g_ptr_array_index (self->variables, i);

      variable->is_in_place |= variable->is_kept && variable->escapes && has_pointer
                               && !variable->is_parameter;
    }
}
