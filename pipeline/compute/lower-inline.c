/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Statements within a region: what one lane does by itself. */
#include "config.h"

#include "compute/lower-private.h"

static void
write_all (PinwheelLower *self, GPtrArray *list)
{
  pinwheel_lower_say (self, "{ ");
  for (guint i = 0; list != NULL && i < list->len; i++)
    pinwheel_lower_write_inline (self, g_ptr_array_index (list, i), FALSE);
  pinwheel_lower_say (self, "} ");
}

static void
write_head (PinwheelLower *self, const char *word, const PinwheelLowerStatement *statement)
{
  pinwheel_lower_say (self, "%s (", word);
  pinwheel_lower_copy (self, statement->condition, statement->condition_end);
  pinwheel_lower_say (self, ") ");
}

/* Leaves the region: the lane waits with @code. */
static void
write_park (PinwheelLower *self, guint code)
{
  pinwheel_lower_say (self, "{ ");
  if (self->uses_parked)
    pinwheel_lower_say (self, "pinwheel_state.parked[%s] = %u; ", pinwheel_lower_place (self),
                        code);
  pinwheel_lower_say (self, "goto pinwheel_end%u; } ", self->n_labels);
  self->jumps = TRUE;
}

/* A kept variable is declared in front of the region: here it gets its value. */
static void
write_first_value (PinwheelLower *self, const PinwheelLowerVariable *variable)
{
  if (variable->open == 0)
    return;
  if (variable->n_dims > 0)
    {
      pinwheel_lower_say (self, "{ %s pinwheel_list", variable->type);
      pinwheel_lower_copy (self, variable->dims, variable->dims_end);
      pinwheel_lower_copy_init (self, variable);
      if (variable->is_spread)
        {
          pinwheel_lower_say (self,
                              "; pinwheel_put_back (pinwheel_list, pinwheel_state.v%u, %s); }",
                              variable->id, pinwheel_lower_place (self));
          return;
        }
      pinwheel_lower_say (self, "; __builtin_memcpy (&%s, &pinwheel_list, sizeof pinwheel_list); }",
                          variable->name);
      return;
    }
  pinwheel_lower_copy (self, variable->at, variable->at + 1);
  pinwheel_lower_say (self, "= ");
  if (variable->open != '=' || pinwheel_lower_is (self, variable->init, "{"))
    pinwheel_lower_say (self, "pinwheel_type%u%c", variable->id,
                        variable->open == '=' ? ' ' : variable->open);
  pinwheel_lower_copy (self, variable->init, variable->init_end);
  pinwheel_lower_say (self, "%s;", variable->open == '(' ? ")" : variable->open == '{' ? "}" : "");
}

/* @is_top: in the list of the region itself, where some variables are not the lane's own */
static void
write_declaration (PinwheelLower *self, const PinwheelLowerStatement *statement, gboolean is_top)
{
  for (guint i = 0; i < statement->variables->len; i++)
    {
      PinwheelLowerVariable *variable = g_ptr_array_index (statement->variables, i);

      if (variable->is_hoisted || (is_top && variable->is_scalar))
        continue;
      if (variable->is_in_place && !variable->is_kept)
        {
          /* naming it is a use: where another region has one, too, it is kept */
          pinwheel_lower_write_reference (self, variable);
          pinwheel_lower_say (self, "(void) ");
          pinwheel_lower_copy (self, variable->at, variable->at + 1);
          pinwheel_lower_say (self, ";");
        }
      if (variable->is_kept || variable->is_in_place || variable->is_spread)
        {
          write_first_value (self, variable);
          continue;
        }
      pinwheel_lower_say (self, "%s %s%s", variable->type, variable->is_const ? "const " : "",
                          variable->is_reference ? "&" : "");
      pinwheel_lower_copy (self, variable->at, variable->at + 1);
      pinwheel_lower_copy (self, variable->dims, variable->dims_end);
      pinwheel_lower_copy_init (self, variable);
      pinwheel_lower_say (self, ";");
    }
}

/* Turn by turn, so that nothing hangs on what a compiler makes of a loop */
static void
write_turns (PinwheelLower *self, const PinwheelLowerStatement *loop)
{
  const PinwheelLowerVariable *variable = g_ptr_array_index (loop->init->variables, 0);
  gint64 values[64];
  guint n = pinwheel_lower_count_turns (self, loop, values);

  for (guint i = 0; i < n; i++)
    {
      pinwheel_lower_say (self, "{ constexpr %s ", variable->type);
      pinwheel_lower_copy (self, variable->at, variable->at + 1);
      pinwheel_lower_say (self, "= (%s) (%" G_GINT64_FORMAT "); ", variable->type, values[i]);
      write_all (self, loop->body);
      pinwheel_lower_say (self, "} ");
    }
}

static void
write_for (PinwheelLower *self, const PinwheelLowerStatement *statement)
{
  if (statement->n_turns > 0)
    pinwheel_lower_say (self, "\nPINWHEEL_UNROLL (%u)\n", statement->n_turns);
  pinwheel_lower_say (self, "for (");
  if (statement->init != NULL)
    pinwheel_lower_copy (self, statement->init->from, statement->init->end);
  pinwheel_lower_say (self, "; ");
  pinwheel_lower_copy (self, statement->condition, statement->condition_end);
  pinwheel_lower_say (self, "; ");
  pinwheel_lower_copy (self, statement->step, statement->step_end);
  pinwheel_lower_say (self, ") ");
}

static void
write_loop (PinwheelLower *self, const PinwheelLowerStatement *statement)
{
  self->native_breaks++;
  self->native_continues++;
  if (statement->kind == PINWHEEL_LOWER_FOR)
    write_for (self, statement);
  else if (statement->kind == PINWHEEL_LOWER_WHILE)
    write_head (self, "while", statement);
  else
    pinwheel_lower_say (self, "do ");
  write_all (self, statement->body);
  if (statement->kind == PINWHEEL_LOWER_DO)
    {
      write_head (self, "while", statement);
      pinwheel_lower_say (self, ";");
    }
  self->native_breaks--;
  self->native_continues--;
}

static void
write_switch (PinwheelLower *self, const PinwheelLowerStatement *statement)
{
  write_head (self, "switch", statement);
  self->native_breaks++;
  /* its one block is its scope: case labels may not be deeper */
  write_all (self, statement->body);
  self->native_breaks--;
}

static void
write_jump (PinwheelLower *self, const PinwheelLowerStatement *statement)
{
  gboolean is_break = statement->kind == PINWHEEL_LOWER_BREAK;

  if (is_break ? self->native_breaks > 0 : self->native_continues > 0)
    pinwheel_lower_say (self, "%s; ", is_break ? "break" : "continue");
  else if (self->loop == NULL)
    pinwheel_lower_refuse (self, statement->from, "'%s' outside of a loop",
                           is_break ? "break" : "continue");
  else
    write_park (self, 2 * self->loop->code + (is_break ? 0 : 1));
}

static void
write_expression (PinwheelLower *self, const PinwheelLowerStatement *statement)
{
  gboolean stores = self->angles == PINWHEEL_LOWER_LOOK && statement->look_from > 0;

  pinwheel_lower_say (self, stores ? "(void) (" : "");
  pinwheel_lower_copy (self, stores ? statement->look_from : statement->from, statement->end);
  pinwheel_lower_say (self, stores ? "); " : "; ");
}

void
pinwheel_lower_write_inline (PinwheelLower *self, const PinwheelLowerStatement *statement,
                             gboolean is_top)
{
  if (self->angles == PINWHEEL_LOWER_LOOK && !statement->is_looked)
    return;
  switch (statement->kind)
    {
    case PINWHEEL_LOWER_EXPRESSION:
      write_expression (self, statement);
      break;
    case PINWHEEL_LOWER_DECLARATION:
      write_declaration (self, statement, is_top);
      break;
    case PINWHEEL_LOWER_BLOCK:
      write_all (self, statement->body);
      break;
    case PINWHEEL_LOWER_IF:
      if (statement == self->guard)
        pinwheel_lower_say (self, "if (%d)", !statement->has_return);
      else
        write_head (self, "if", statement);
      write_all (self, statement->body);
      if (statement->otherwise != NULL)
        {
          pinwheel_lower_say (self, "else ");
          write_all (self, statement->otherwise);
        }
      break;
    case PINWHEEL_LOWER_FOR:
    case PINWHEEL_LOWER_WHILE:
    case PINWHEEL_LOWER_DO:
      if (pinwheel_lower_is_unrolled (statement))
        write_turns (self, statement);
      else
        write_loop (self, statement);
      break;
    case PINWHEEL_LOWER_SWITCH:
      write_switch (self, statement);
      break;
    case PINWHEEL_LOWER_LABEL:
      pinwheel_lower_copy (self, statement->from, statement->end);
      pinwheel_lower_say (self, ": ;\n");
      break;
    case PINWHEEL_LOWER_RETURN:
      write_park (self, 1);
      break;
    case PINWHEEL_LOWER_BREAK:
    case PINWHEEL_LOWER_CONTINUE:
      write_jump (self, statement);
      break;
    case PINWHEEL_LOWER_PUBLISH:
      pinwheel_lower_write_publish (self, statement);
      break;
    case PINWHEEL_LOWER_BARRIER:
    case PINWHEEL_LOWER_EMPTY:
    case PINWHEEL_LOWER_TYPE:
      break;
    }
}
