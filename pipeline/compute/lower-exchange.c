/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Shuffles and votes: every lane publishes its value, and when all have, every lane reads those of
 * others. A statement with such calls is two regions. */
#include "config.h"

#include <string.h>

#include "compute/lower-private.h"

static const char *const exchanges[] = {
  "__shfl_sync", "__shfl_up_sync", "__shfl_down_sync",    "__shfl_xor_sync",   "__ballot_sync",
  "__any_sync",  "__all_sync",     "__syncthreads_count", "__syncthreads_and", "__syncthreads_or",
  NULL
};
static const char *const of_block[] = { "__syncthreads_count", "__syncthreads_and",
                                        "__syncthreads_or", NULL };

gboolean
pinwheel_lower_is_exchange (const PinwheelLower *self, guint i)
{
  return pinwheel_lower_is_one (self, i, exchanges) && pinwheel_lower_is (self, i + 1, "(");
}

/* Whether the exchange at @i is of values, not of votes */
static gboolean
is_shuffle (const PinwheelLower *self, guint i)
{
  return strncmp (self->tokens[i].text, "__shfl", 6) == 0;
}

/* The value that the call at @i publishes: its first argument, or the one behind the mask */
static void
find_value (const PinwheelLower *self, guint i, guint *from, guint *end)
{
  guint close = self->tokens[i + 1].match;

  *from = i + 2;
  *end = pinwheel_lower_find (self, *from, close, ",");
  if (pinwheel_lower_is_one (self, i, of_block) || *end == close)
    return;
  *from = *end + 1;
  *end = pinwheel_lower_find (self, *from, close, ",");
}

/* Whether the comma at @i is between two expressions, of which the first may change what the second
 * gives away, and not between the arguments of a call or the values of a list */
static gboolean
is_sequence (const PinwheelLower *self, const PinwheelLowerStatement *statement, guint i)
{
  guint open = i;

  while (open > statement->from
         && !(self->tokens[open].match > i && self->tokens[open].match < self->n_tokens))
    open--;
  if (self->tokens[open].match <= i || self->tokens[open].match >= self->n_tokens)
    return TRUE;
  return pinwheel_lower_is (self, open, "(")
         && (open == statement->from
             || !(self->tokens[open - 1].kind == PINWHEEL_TOKEN_NAME
                  || pinwheel_lower_is (self, open - 1, ">")));
}

void
pinwheel_lower_read_exchanges (PinwheelLower *self, PinwheelLowerStatement *statement)
{
  static const char *const lazy[] = { "?", "&&", "||", NULL };
  gboolean needs_block = !self->has_whole_warps, is_behind = FALSE;
  guint n_slots = 0;

  if (statement->kind != PINWHEEL_LOWER_EXPRESSION
      && !(statement->kind == PINWHEEL_LOWER_DECLARATION && statement->variables->len == 1))
    pinwheel_lower_refuse (self, statement->from, "a warp function or vote in a condition");
  for (guint i = statement->from; i < statement->end && self->reason == NULL; i++)
    if (pinwheel_lower_is_one (self, i, lazy))
      pinwheel_lower_refuse (self, i, "a warp function or vote that may not be reached");
    else if (pinwheel_lower_is (self, i, ","))
      is_behind |= is_sequence (self, statement, i);
    else if (pinwheel_lower_is_exchange (self, i) && is_behind)
      pinwheel_lower_refuse (self, i, "a warp function or vote behind a comma");
    else if (pinwheel_lower_is_exchange (self, i))
      {
        guint close = self->tokens[i + 1].match;

        self->tokens[i].slot = ++n_slots;
        needs_block |= pinwheel_lower_is_one (self, i, of_block);
        for (guint k = i + 1; k < close; k++)
          if (pinwheel_lower_is_exchange (self, k) || pinwheel_lower_is_assignment (self, k))
            pinwheel_lower_refuse (self, k, "a warp function or vote of what changes meanwhile");
        i = close;
      }
  self->n_slots = MAX (self->n_slots, n_slots);
  statement->has_exchange = statement->has_warp = statement->is_split = TRUE;
  statement->has_barrier = needs_block;
  self->has_barrier |= needs_block;
}

/* Whether no lane may be parked here, as the shim asks */
static const char *
everybody (const PinwheelLower *self)
{
  return self->may_park ? "false" : "true";
}

/* The first place of those that exchange here, and how many: a group's, or all of the block */
static const char *
exchanging (PinwheelLower *self)
{
  if (!self->between_groups)
    return self->has_barrier ? "pinwheel_group, pinwheel_lanes" : "0, pinwheel_lanes";
  return pinwheel_lower_own (
      self, g_strdup_printf ("0, %u", self->block[0] * self->block[1] * self->block[2]));
}

void
pinwheel_lower_write_publish (PinwheelLower *self, const PinwheelLowerStatement *statement)
{
  pinwheel_lower_say (self, "pinwheel_state.slot%u.put (%s, %s, %s (", statement->code,
                      pinwheel_lower_place (self), everybody (self),
                      statement->is_uniform ? "" : "(int)");
  pinwheel_lower_copy (self, statement->from, statement->end);
  pinwheel_lower_say (self, "));\n");
}

/* The arguments of a call: ranges of tokens. Returns: how many there are, of @most */
static guint
read_arguments (const PinwheelLower *self, guint i, guint (*ranges)[2], guint most)
{
  guint close = self->tokens[i + 1].match, n = 0;

  for (guint from = i + 2; from < close && n < most; n++)
    {
      ranges[n][0] = from;
      ranges[n][1] = pinwheel_lower_find (self, from, close, ",");
      from = ranges[n][1] + 1;
    }
  return n;
}

/* Whether the tokens are a whole number, or the variable of a loop that is written turn by turn */
static gboolean
is_known (const PinwheelLower *self, const guint range[2], gint64 *number)
{
  if (range[1] == range[0] + 1 && self->rung != NULL
      && self->tokens[range[0]].variable == self->rung)
    {
      *number = self->rung_value;
      return TRUE;
    }
  return pinwheel_lower_is_number (self, range[0], range[1], number);
}

/* Whether the tokens are a mask of all threads of a warp: `0xffffffffu`, `-1`, `~0u`, or a variable
 * that never has another value */
static gboolean
is_everybody (const PinwheelLower *self, guint from, guint end)
{
  gboolean is_inverse = pinwheel_lower_is (self, from, "~");
  const PinwheelLowerVariable *variable = self->tokens[from].variable;
  g_autofree char *text = NULL;
  char *rest;
  gint64 number;

  if (variable != NULL)
    return end == from + 1 && variable->class <= PINWHEEL_LOWER_UNIFORM && variable->open == '='
           && variable->loop == NULL && is_everybody (self, variable->init, variable->init_end);
  if (pinwheel_lower_is_number (self, from + is_inverse, end, &number))
    return number == (is_inverse ? 0 : -1);
  if (end != from + 1 || self->tokens[from].kind != PINWHEEL_TOKEN_NUMBER)
    return FALSE;
  text = pinwheel_lower_dup (self, from, end);
  return g_ascii_strtoull (text, &rest, 0) == G_MAXUINT32 && strspn (rest, "uUlL") == strlen (rest);
}

/* Whether the tokens say that a warp is not divided any further */
static gboolean
is_whole_width (const PinwheelLower *self, const guint range[2])
{
  gint64 number;

  if (pinwheel_lower_is (self, range[0], "warpSize"))
    return range[1] == range[0] + 1;
  return pinwheel_lower_is_number (self, range[0], range[1], &number) && number == 32;
}

/* Whether each lane of a warp takes what is kept as @variable, from a lane that is known.
 * @reads: (out) (nullable): which one, as the shim says it */
static gboolean
is_moved (const PinwheelLower *self, guint i, const PinwheelLowerVariable **variable,
          const char **reads, guint *by)
{
  static const char *const names[][2] = { { "__shfl_down_sync", "down" },
                                          { "__shfl_up_sync", "up" },
                                          { "__shfl_xor_sync", "xor" },
                                          { "__shfl_sync", "one" } };
  guint ranges[5][2], n = read_arguments (self, i, ranges, G_N_ELEMENTS (ranges));
  gint64 number;

  *reads = NULL;
  for (guint k = 0; k < G_N_ELEMENTS (names); k++)
    if (pinwheel_lower_is (self, i, names[k][0]))
      *reads = names[k][1];
  if (*reads == NULL || n < 3 || n > 4 || self->may_park || !self->has_whole_warps
      || !self->is_final || !is_everybody (self, ranges[0][0], ranges[0][1])
      || ranges[1][1] != ranges[1][0] + 1 || (n == 4 && !is_whole_width (self, ranges[3])))
    return FALSE;
  *variable = self->tokens[ranges[1][0]].variable;
  if (*variable == NULL || !(*variable)->is_kept || (*variable)->n_dims > 0
      || (*variable)->fields != NULL || (*variable)->is_in_place || (*variable)->is_spread
      || !is_known (self, ranges[2], &number) || number < 0 || number >= 32)
    return FALSE;
  *by = (guint) number;
  return TRUE;
}

guint
pinwheel_lower_copy_exchange (PinwheelLower *self, guint i)
{
  guint close = self->tokens[i + 1].match;

  if (self->tokens[i].is_taken)
    {
      guint from, end;

      find_value (self, i, &from, &end);
      pinwheel_lower_say (self, "pinwheel_taken (pinwheel_state.slot%u, %s, ", self->tokens[i].slot,
                          pinwheel_lower_place (self));
      pinwheel_lower_copy (self, from, end);
      pinwheel_lower_say (self, ")");
      return close + 1;
    }
  pinwheel_lower_say (self, "pinwheel_%.*s (pinwheel_state.slot%u, %s, %s, ",
                      (int) self->tokens[i].length, self->tokens[i].text, self->tokens[i].slot,
                      pinwheel_lower_place (self), everybody (self));
  pinwheel_lower_copy (self, i + 2, close);
  pinwheel_lower_say (self, ")");
  return close + 1;
}

/* Fills the slot of the call at @i with what lanes take of each other, where that is known.
 * Returns: whether it is */
static gboolean
write_move (PinwheelLower *self, guint i)
{
  const PinwheelLowerVariable *variable = NULL;
  const char *reads;
  guint by = 0;

  self->tokens[i].is_taken = is_moved (self, i, &variable, &reads, &by);
  if (!self->tokens[i].is_taken)
    return FALSE;
  pinwheel_lower_say (self,
                      "pinwheel_take<pinwheel_%s<%u>> (pinwheel_state.slot%u, pinwheel_state.v%u, "
                      "%s);\n",
                      reads, by, self->tokens[i].slot, variable->id, exchanging (self));
  return TRUE;
}

/* Gives every lane's value to the call at @i. */
static void
write_give (PinwheelLower *self, guint i, PinwheelLowerStatement *value)
{
  value->kind = PINWHEEL_LOWER_PUBLISH;
  value->code = self->tokens[i].slot;
  /* a shuffle publishes its value as it is, a vote whether it is true */
  value->is_uniform = is_shuffle (self, i);
  find_value (self, i, &value->from, &value->end);
  if (self->may_park)
    pinwheel_lower_say (self, "pinwheel_state.slot%u.clear (%s);\n", value->code,
                        exchanging (self));
}

void
pinwheel_lower_write_exchange (PinwheelLower *self, PinwheelLowerStatement *statement)
{
  g_autoptr (GPtrArray) list = g_ptr_array_new ();
  g_autofree PinwheelLowerStatement *values = g_new0 (PinwheelLowerStatement, self->n_slots);

  for (guint i = statement->from; i < statement->end; i++)
    if (self->tokens[i].slot > 0 && !write_move (self, i))
      {
        write_give (self, i, &values[list->len]);
        g_ptr_array_add (list, &values[list->len]);
      }
  if (list->len > 0)
    pinwheel_lower_write_region (self, list, NULL, 0);
  for (guint i = statement->from; i < statement->end; i++)
    if (self->tokens[i].slot > 0 && !is_shuffle (self, i))
      pinwheel_lower_say (self, "pinwheel_state.slot%u.count (%s, %s);\n", self->tokens[i].slot,
                          exchanging (self), everybody (self));
  g_ptr_array_set_size (list, 0);
  g_ptr_array_add (list, statement);
  pinwheel_lower_write_region (self, list, NULL, 0);
}
