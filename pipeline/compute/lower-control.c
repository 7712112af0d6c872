/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Loops and branches around regions: once for all lanes of a group, or of the block where there is
 * a barrier within. */
#include "config.h"

#include "compute/lower-private.h"

/* Turns of a loop that is written turn by turn: down from the largest block */
#define LADDER_TURNS 10

static void write_split (PinwheelLower *self, PinwheelLowerStatement *statement);

/* Declares outside of regions what is the same for all threads. Returns: whether more is left */
static gboolean
write_scalars (PinwheelLower *self, PinwheelLowerStatement *statement)
{
  gboolean is_more = FALSE;

  for (guint i = 0; i < statement->variables->len; i++)
    {
      PinwheelLowerVariable *variable = g_ptr_array_index (statement->variables, i);

      variable->is_scalar = variable->class == PINWHEEL_LOWER_UNIFORM && !variable->is_hoisted;
      is_more |= !variable->is_scalar && !variable->is_hoisted;
      if (!variable->is_scalar)
        continue;
      pinwheel_lower_say (self, "%s const ", variable->type);
      pinwheel_lower_copy (self, variable->at, variable->at + 1);
      pinwheel_lower_copy_init (self, variable);
      pinwheel_lower_say (self, ";\n");
    }
  return is_more;
}

/* Writes what waits in @pending as one region, or as the groups' part of it. */
static void
flush (PinwheelLower *self, GPtrArray *pending)
{
  if (pending->len == 0)
    return;
  if (self->between_groups)
    {
      pinwheel_lower_begin_groups (self);
      self->between_groups = FALSE;
      if (self->may_park && !self->is_masked)
        pinwheel_lower_write_full (self);
      pinwheel_lower_write_list (self, pending);
      self->between_groups = TRUE;
      pinwheel_lower_end_groups (self);
    }
  else
    pinwheel_lower_write_region (self, pending, NULL, 0);
  for (guint i = 0; i < pending->len; i++)
    self->may_park |= ((PinwheelLowerStatement *) g_ptr_array_index (pending, i))->has_return;
  g_ptr_array_set_size (pending, 0);
}

void
pinwheel_lower_write_list (PinwheelLower *self, GPtrArray *statements)
{
  g_autoptr (GPtrArray) pending = g_ptr_array_new ();

  for (guint i = 0; i < statements->len && self->reason == NULL; i++)
    {
      PinwheelLowerStatement *statement = g_ptr_array_index (statements, i);

      if (statement->kind == PINWHEEL_LOWER_TYPE
          || (statement->kind == PINWHEEL_LOWER_DECLARATION && !write_scalars (self, statement)))
        continue;
      if (self->between_groups ? !statement->has_barrier : !statement->is_split)
        {
          g_ptr_array_add (pending, statement);
          continue;
        }
      flush (self, pending);
      write_split (self, statement);
    }
  flush (self, pending);
}

/* Runs for every lane: `text` over its place among the parked */
static void
write_lanes (PinwheelLower *self, const char *format, guint code)
{
  g_autofree char *place = g_strdup_printf ("pinwheel_state.parked[%s]",
                                            pinwheel_lower_place (self));
  g_autoptr (GString) text = g_string_new (format);

  self->uses_parked = TRUE;
  g_string_replace (text, "@", place, 0);
  pinwheel_lower_begin_groups (self);
  pinwheel_lower_say (self,
                      "PINWHEEL_LANES\nfor (int pinwheel_lane = 0; pinwheel_lane < "
                      "pinwheel_lanes; pinwheel_lane++) { enum { pinwheel_code = %u }; %s }\n",
                      code, text->str);
  pinwheel_lower_end_groups (self);
}

/* Lanes parked with @code go on. */
static void
write_join (PinwheelLower *self, guint code)
{
  write_lanes (self, "@ = @ == pinwheel_code ? 0 : @;", code);
}

static void
write_count (PinwheelLower *self)
{
  pinwheel_lower_say (self, "int pinwheel_any = 0;\n");
  write_lanes (self, "pinwheel_any |= @ == 0;", 0);
}

/* The condition of @statement, for every lane that is here; others are parked with @code. */
static void
write_question (PinwheelLower *self, GPtrArray *statements, PinwheelLowerStatement *statement,
                guint code)
{
  gboolean may_park = self->may_park;

  pinwheel_lower_say (self, "int pinwheel_any = 0;\n");
  self->uses_parked = TRUE;
  pinwheel_lower_write_region (self, statements, statement, code);
  self->may_park = may_park;
}

/* Behind a loop or a branch: most lanes are back. */
static void
leave (PinwheelLower *self, gboolean is_masked, gboolean may_park)
{
  self->is_masked = is_masked;
  self->may_park = may_park;
  if (may_park && !is_masked && !self->between_groups)
    pinwheel_lower_write_full (self);
}

static void
write_if (PinwheelLower *self, PinwheelLowerStatement *statement)
{
  gboolean may_park = self->may_park, is_masked = self->is_masked;
  guint code = 2 * statement->code;

  self->is_masked = TRUE;
  pinwheel_lower_say (self, "{\n");
  write_question (self, NULL, statement, code);
  self->may_park = TRUE;
  self->n_masks++;
  pinwheel_lower_say (self, "if (pinwheel_any) {\n");
  pinwheel_lower_write_list (self, statement->body);
  pinwheel_lower_say (self, "}\n");
  if (statement->otherwise != NULL)
    {
      /* those that ran wait, those that waited run */
      pinwheel_lower_say (self, "{ int pinwheel_any = 0;\n");
      write_lanes (self,
                   "const int pinwheel_was = @; @ = pinwheel_was == 0 ? pinwheel_code + 1 : "
                   "pinwheel_was == pinwheel_code ? 0 : pinwheel_was; pinwheel_any |= @ == 0;",
                   code);
      pinwheel_lower_say (self, "if (pinwheel_any) {\n");
      pinwheel_lower_write_list (self, statement->otherwise);
      pinwheel_lower_say (self, "} }\n");
      write_join (self, code + 1);
    }
  else
    write_join (self, code);
  pinwheel_lower_say (self, "}\n");
  leave (self, is_masked,
         may_park || statement->has_return || statement->has_break || statement->has_continue);
}

static void
write_uniform_if (PinwheelLower *self, PinwheelLowerStatement *statement)
{
  gboolean may_park = self->may_park, then_parks;

  pinwheel_lower_say (self, "{\n");
  if (statement->is_uniform)
    {
      pinwheel_lower_say (self, "if (");
      pinwheel_lower_copy (self, statement->condition, statement->condition_end);
      pinwheel_lower_say (self, ") {\n");
    }
  else
    pinwheel_lower_ask_once (self, statement);
  pinwheel_lower_write_list (self, statement->body);
  then_parks = self->may_park;
  self->may_park = may_park;
  if (statement->otherwise != NULL)
    {
      pinwheel_lower_say (self, "} else {\n");
      pinwheel_lower_write_list (self, statement->otherwise);
    }
  pinwheel_lower_say (self, "}\n}\n");
  self->may_park |= then_parks;
}

/* All lanes turn together; those that leave early wait for the others. */
static void
write_uniform_loop (PinwheelLower *self, PinwheelLowerStatement *loop)
{
  const PinwheelLowerVariable *variable = g_ptr_array_index (loop->init->variables, 0);
  gboolean may_leave = loop->has_break || loop->has_return;
  gboolean may_park = self->may_park;

  pinwheel_lower_say (self, "{\n");
  /* nobody may be here to whom the header makes sense */
  if (may_park)
    {
      write_count (self);
      pinwheel_lower_say (self, "if (pinwheel_any)\n");
    }
  self->may_park |= may_leave || loop->has_continue;
  pinwheel_lower_say (self, "for (%s ", variable->type);
  pinwheel_lower_copy (self, variable->at, variable->at + 1);
  pinwheel_lower_copy_init (self, variable);
  pinwheel_lower_say (self, "; ");
  pinwheel_lower_copy (self, loop->condition, loop->condition_end);
  pinwheel_lower_say (self, "; ");
  pinwheel_lower_copy (self, loop->step, loop->step_end);
  pinwheel_lower_say (self, ") {\n");
  if (may_leave)
    {
      write_count (self);
      pinwheel_lower_say (self, "if (!pinwheel_any) break;\n");
    }
  pinwheel_lower_write_list (self, loop->body);
  if (loop->has_continue)
    write_join (self, 2 * loop->code + 1);
  if (loop->has_continue)
    leave (self, self->is_masked, TRUE);
  pinwheel_lower_say (self, "}\n");
  if (loop->has_break)
    write_join (self, 2 * loop->code);
  leave (self, self->is_masked, may_park || loop->has_return);
  pinwheel_lower_say (self, "}\n");
}

/* The first values of a header, which all lanes set for themselves */
static void
write_init (PinwheelLower *self, PinwheelLowerStatement *loop)
{
  g_autoptr (GPtrArray) list = g_ptr_array_new ();
  const PinwheelLowerVariable *variable = NULL;

  if (loop->init == NULL)
    return;
  if (loop->init->kind == PINWHEEL_LOWER_DECLARATION)
    variable = g_ptr_array_index (loop->init->variables, 0);
  if (variable != NULL && variable->is_affine)
    return;
  g_ptr_array_add (list, loop->init);
  pinwheel_lower_write_list (self, list);
}

static gboolean
asks_nothing (const PinwheelLower *self, const PinwheelLowerStatement *loop)
{
  static const char *const always[] = { "1", "true", NULL };

  return loop->condition == loop->condition_end
         || (loop->condition_end == loop->condition + 1
             && pinwheel_lower_is_one (self, loop->condition, always));
}

/* The end of a turn, or the beginning: who goes on? */
static void
write_turn (PinwheelLower *self, PinwheelLowerStatement *loop)
{
  if (asks_nothing (self, loop))
    write_count (self);
  else
    write_question (self, NULL, loop, 2 * loop->code);
  pinwheel_lower_say (self, "if (!pinwheel_any) break;\n");
}

static void
write_step (PinwheelLower *self, PinwheelLowerStatement *loop)
{
  PinwheelLowerStatement step = { .kind = PINWHEEL_LOWER_EXPRESSION,
                                  .from = loop->step,
                                  .end = loop->step_end,
                                  .has_atomic = loop->has_atomic };
  g_autoptr (GPtrArray) list = g_ptr_array_new ();
  const PinwheelLowerVariable *variable = NULL;

  if (loop->init != NULL && loop->init->kind == PINWHEEL_LOWER_DECLARATION)
    variable = g_ptr_array_index (loop->init->variables, 0);
  if (loop->kind != PINWHEEL_LOWER_FOR || loop->step == loop->step_end
      || (variable != NULL && variable->is_affine))
    return;
  g_ptr_array_add (list, &step);
  pinwheel_lower_write_list (self, list);
}

/* Each lane turns as often as it likes; the loop ends when none is left. */
static void
write_loop (PinwheelLower *self, PinwheelLowerStatement *loop)
{
  gboolean may_park = self->may_park, is_masked = self->is_masked;

  pinwheel_lower_say (self, "{\n");
  write_init (self, loop);
  self->may_park = self->is_masked = TRUE;
  self->n_masks++;
  pinwheel_lower_say (self, "for (long long pinwheel_turn%u = 0;; pinwheel_turn%u++) {\n",
                      loop->code, loop->code);
  if (loop->kind != PINWHEEL_LOWER_DO)
    write_turn (self, loop);
  pinwheel_lower_write_list (self, loop->body);
  if (loop->has_continue)
    write_join (self, 2 * loop->code + 1);
  write_step (self, loop);
  if (loop->kind == PINWHEEL_LOWER_DO)
    write_turn (self, loop);
  pinwheel_lower_say (self, "}\n");
  write_join (self, 2 * loop->code);
  leave (self, is_masked, may_park || loop->has_return);
  pinwheel_lower_say (self, "}\n");
}

/* Whether @loop doubles or halves its variable from one barrier or exchange to the next, a few
 * times: such loops reduce or scan, and with the distance a constant compilers know which lanes
 * meet. */
static gboolean
is_ladder (const PinwheelLower *self, const PinwheelLowerStatement *loop, gint64 *values, guint *n)
{
  static const char *const factors[] = { "*=", "/=", ">>=", "<<=", NULL };

  *n = 0;
  if (!loop->is_uniform || !(loop->has_barrier || loop->has_warp) || loop->has_break
      || loop->has_continue || loop->has_return || loop->has_split_loop
      || !pinwheel_lower_is_one (self, loop->step + 1, factors))
    return FALSE;
  *n = pinwheel_lower_count_turns (self, loop, values);
  return *n > 0 && *n <= LADDER_TURNS;
}

/* Turn by turn. What is declared within belongs to one turn: it is not kept from one to another. */
static void
write_ladder (PinwheelLower *self, const PinwheelLowerStatement *loop, const gint64 *values,
              guint n)
{
  const PinwheelLowerVariable *variable = g_ptr_array_index (loop->init->variables, 0);

  for (guint turn = 0; turn < n; turn++)
    {
      for (guint i = 0; i < self->variables->len; i++)
        {
          PinwheelLowerVariable *inner = g_ptr_array_index (self->variables, i);

          if (inner->at >= loop->from && inner->at < loop->end)
            inner->region = -1;
        }
      pinwheel_lower_say (self, "{ constexpr %s ", variable->type);
      pinwheel_lower_copy (self, variable->at, variable->at + 1);
      pinwheel_lower_say (self, "= (%s) (%" G_GINT64_FORMAT ");\n", variable->type, values[turn]);
      self->rung = variable;
      self->rung_value = values[turn];
      pinwheel_lower_write_list (self, loop->body);
      self->rung = NULL;
      pinwheel_lower_say (self, "}\n");
    }
}

static void
write_any_loop (PinwheelLower *self, PinwheelLowerStatement *statement)
{
  PinwheelLowerStatement *around = self->loop;
  gint64 values[64];
  guint n_turns;

  self->loop = statement;
  if (is_ladder (self, statement, values, &n_turns))
    write_ladder (self, statement, values, n_turns);
  else
    {
      self->n_loops++;
      if (statement->is_uniform)
        write_uniform_loop (self, statement);
      else
        write_loop (self, statement);
      self->n_loops--;
    }
  self->loop = around;
}

static void
write_split (PinwheelLower *self, PinwheelLowerStatement *statement)
{
  /* 0 runs, 1 has returned */
  statement->code = ++self->n_codes;
  if (statement->kind == PINWHEEL_LOWER_BLOCK)
    {
      pinwheel_lower_say (self, "{\n");
      pinwheel_lower_write_list (self, statement->body);
      pinwheel_lower_say (self, "}\n");
    }
  else if (statement->kind == PINWHEEL_LOWER_IF)
    {
      if (statement->is_uniform || (statement->is_of_warps && !self->between_groups))
        write_uniform_if (self, statement);
      else
        write_if (self, statement);
    }
  else if (statement->has_exchange)
    pinwheel_lower_write_exchange (self, statement);
  else if (statement->kind != PINWHEEL_LOWER_BARRIER)
    write_any_loop (self, statement);
}
