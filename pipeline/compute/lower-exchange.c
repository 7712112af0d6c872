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

void
pinwheel_lower_read_exchanges (PinwheelLower *self, PinwheelLowerStatement *statement)
{
  static const char *const lazy[] = { "?", "&&", "||", NULL };
  guint n_slots = 0;

  if (statement->kind != PINWHEEL_LOWER_EXPRESSION
      && !(statement->kind == PINWHEEL_LOWER_DECLARATION && statement->variables->len == 1))
    pinwheel_lower_refuse (self, statement->from, "a warp function or vote in a condition");
  for (guint i = statement->from; i < statement->end && self->reason == NULL; i++)
    if (pinwheel_lower_is_one (self, i, lazy))
      pinwheel_lower_refuse (self, i, "a warp function or vote that may not be reached");
    else if (pinwheel_lower_is_exchange (self, i))
      {
        guint close = self->tokens[i + 1].match;

        self->tokens[i].slot = ++n_slots;
        for (guint k = i + 1; k < close; k++)
          if (pinwheel_lower_is_exchange (self, k) || pinwheel_lower_is_assignment (self, k))
            pinwheel_lower_refuse (self, k, "a warp function or vote of what changes meanwhile");
        i = close;
      }
  self->n_slots = MAX (self->n_slots, n_slots);
  statement->has_exchange = statement->has_barrier = statement->is_split = TRUE;
  self->has_barrier = TRUE;
}

/* Whether no lane may be parked here, as the shim asks */
static const char *
everybody (const PinwheelLower *self)
{
  return self->may_park ? "false" : "true";
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

guint
pinwheel_lower_copy_exchange (PinwheelLower *self, guint i)
{
  guint close = self->tokens[i + 1].match;

  pinwheel_lower_say (self, "pinwheel_%.*s (pinwheel_state.slot%u, %s, %s, ",
                      (int) self->tokens[i].length, self->tokens[i].text, self->tokens[i].slot,
                      pinwheel_lower_place (self), everybody (self));
  pinwheel_lower_copy (self, i + 2, close);
  pinwheel_lower_say (self, ")");
  return close + 1;
}

void
pinwheel_lower_write_exchange (PinwheelLower *self, PinwheelLowerStatement *statement)
{
  g_autoptr (GPtrArray) list = g_ptr_array_new ();
  g_autofree PinwheelLowerStatement *values = g_new0 (PinwheelLowerStatement, self->n_slots);

  for (guint i = statement->from; i < statement->end; i++)
    if (self->tokens[i].slot > 0)
      {
        PinwheelLowerStatement *value = &values[list->len];

        value->kind = PINWHEEL_LOWER_PUBLISH;
        value->code = self->tokens[i].slot;
        /* a shuffle publishes its value as it is, a vote whether it is true */
        value->is_uniform = is_shuffle (self, i);
        find_value (self, i, &value->from, &value->end);
        if (self->may_park)
          pinwheel_lower_say (self, "pinwheel_state.slot%u.clear ();\n", value->code);
        g_ptr_array_add (list, value);
      }
  pinwheel_lower_write_region (self, list, NULL, 0);
  for (guint i = statement->from; i < statement->end; i++)
    if (self->tokens[i].slot > 0 && !is_shuffle (self, i))
      pinwheel_lower_say (self, "pinwheel_state.slot%u.count (%s);\n", self->tokens[i].slot,
                          everybody (self));
  g_ptr_array_set_size (list, 0);
  g_ptr_array_add (list, statement);
  pinwheel_lower_write_region (self, list, NULL, 0);
}
