/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A loop over the lanes of a group: what lanes keep comes in, statements run, it goes out again. */
#include "config.h"

#include <string.h>

#include "compute/lower-private.h"

#define LANES "for (int pinwheel_lane = 0; pinwheel_lane < pinwheel_lanes; pinwheel_lane++) {\n"
/* One lane in so many, or fewer, is faster by itself than as a part of a vector. */
#define FEW 8
/* As many lanes, or fewer, are less than a vector: they are to become one, and not so many turns.
 */
#define SHORT 8

/* The tokens of a region, as ranges */
typedef struct
{
  PinwheelLower *lower;
  GArray *ranges;       /* (element-type Range) */
  GPtrArray *variables; /* named in them or needed for that */
  gboolean may_jump;    /* to its end, past first values */
  gboolean is_short;    /* runs for fewer lanes than a vector has */
} Region;

typedef struct
{
  guint from, end;
} Range;

static gboolean
contains (const Region *region, guint i)
{
  for (guint k = 0; k < region->ranges->len; k++)
    {
      const Range *range = &g_array_index (region->ranges, Range, k);

      if (i >= range->from && i < range->end)
        return TRUE;
    }
  return FALSE;
}

static void add_tokens (Region *region, guint from, guint end);

static void
add_variable (Region *region, PinwheelLowerVariable *variable)
{
  if (g_ptr_array_find (region->variables, variable, NULL))
    return;
  if (variable->is_affine
      || (variable->class == PINWHEEL_LOWER_CHEAP && !contains (region, variable->at)))
    add_tokens (region, variable->init, variable->init_end);
  g_ptr_array_add (region->variables, variable);
}

static void
add_tokens (Region *region, guint from, guint end)
{
  for (guint i = from; i < end; i++)
    if (region->lower->tokens[i].variable != NULL)
      add_variable (region, region->lower->tokens[i].variable);
}

static void
add_range (Region *region, guint from, guint end)
{
  Range range = { from, end };

  g_array_append_val (region->ranges, range);
}

/* Whether a variable is changed in the region, or given its first value */
static gboolean
is_written (const Region *region, const PinwheelLowerVariable *variable)
{
  if (variable->escapes || contains (region, variable->at))
    return TRUE;
  for (guint k = 0; k < region->ranges->len; k++)
    {
      const Range *range = &g_array_index (region->ranges, Range, k);

      for (guint i = range->from; i < range->end; i++)
        if (region->lower->tokens[i].variable == variable && region->lower->tokens[i].is_write)
          return TRUE;
    }
  return FALSE;
}

/* first value + turn * step, in the arithmetic of the variable's own type */
static void
write_affine (PinwheelLower *self, const PinwheelLowerVariable *variable)
{
  const PinwheelLowerStatement *loop = variable->loop;
  gboolean is_one = loop->step_end == loop->step + 2;
  gboolean is_down = pinwheel_lower_is (self, loop->step, "--")
                     || pinwheel_lower_is (self, loop->step + 1, "--")
                     || pinwheel_lower_is (self, loop->step + 1, "-=");

  pinwheel_lower_say (self, "%s const %s = (%s) (", variable->type, variable->name, variable->type);
  pinwheel_lower_copy (self, variable->init, variable->init_end);
  pinwheel_lower_say (self, ") %c (%s) pinwheel_turn%u * (%s) (", is_down ? '-' : '+',
                      variable->type, loop->code, variable->type);
  if (is_one)
    pinwheel_lower_say (self, "1");
  else
    pinwheel_lower_copy (self, loop->step + 2, loop->step_end);
  pinwheel_lower_say (self, ");\n");
}

static void
write_fields (PinwheelLower *self, const PinwheelLowerVariable *variable, gboolean is_out)
{
  for (guint i = 0; i < variable->fields->len; i++)
    {
      const char *name = strrchr (g_ptr_array_index (variable->fields, i), ' ') + 1;
      const char *place = pinwheel_lower_place (self);

      if (is_out)
        pinwheel_lower_say (self, "pinwheel_state.v%u_%s[%s] = %s.%s;\n", variable->id, name, place,
                            variable->name, name);
      else
        pinwheel_lower_say (self, "%s.%s = pinwheel_state.v%u_%s[%s];\n", variable->name, name,
                            variable->id, name, place);
    }
}

/* The type's name, for values that need it */
static void
write_type (PinwheelLower *self, const PinwheelLowerVariable *variable)
{
  pinwheel_lower_say (self, "typedef %s pinwheel_type%u", variable->type, variable->id);
  pinwheel_lower_copy (self, variable->dims, variable->dims_end);
  pinwheel_lower_say (self, ";\n");
}

void
pinwheel_lower_write_reference (PinwheelLower *self, const PinwheelLowerVariable *variable)
{
  write_type (self, variable);
  pinwheel_lower_say (self, "pinwheel_type%u &%s = pinwheel_state.v%u[%s];\n", variable->id,
                      variable->name, variable->id, pinwheel_lower_place (self));
}

/* The lane's own copy of a kept variable */
static void
write_in (Region *region, PinwheelLowerVariable *variable)
{
  PinwheelLower *self = region->lower;
  gboolean is_new = contains (region, variable->at);
  const char *place = pinwheel_lower_place (self);
  guint id = variable->id;

  if (variable->is_spread)
    return;
  if (variable->is_in_place)
    {
      pinwheel_lower_write_reference (self, variable);
      return;
    }
  write_type (self, variable);
  if (is_new && !region->may_jump)
    pinwheel_lower_say (self, "pinwheel_type%u %s;\n", id, variable->name);
  else if (variable->n_dims > 0)
    pinwheel_lower_say (self, "pinwheel_type%u %s; pinwheel_bring (%s, pinwheel_state.v%u, %s);\n",
                        id, variable->name, variable->name, id, place);
  else if (variable->fields != NULL)
    {
      pinwheel_lower_say (self, "pinwheel_type%u %s;\n", id, variable->name);
      write_fields (self, variable, FALSE);
    }
  else
    pinwheel_lower_say (self, "pinwheel_type%u %s = pinwheel_state.v%u[%s];\n", id, variable->name,
                        id, place);
}

static void
write_out (Region *region, const PinwheelLowerVariable *variable)
{
  PinwheelLower *self = region->lower;
  const char *place = pinwheel_lower_place (self);

  if (variable->is_in_place || variable->is_spread || !is_written (region, variable))
    return;
  if (variable->n_dims > 0)
    pinwheel_lower_say (self, "pinwheel_put_back (%s, pinwheel_state.v%u, %s);\n", variable->name,
                        variable->id, place);
  else if (variable->fields != NULL)
    write_fields (self, variable, TRUE);
  else
    pinwheel_lower_say (self, "pinwheel_state.v%u[%s] = %s;\n", variable->id, place,
                        variable->name);
}

static int
compare_ids (gconstpointer a, gconstpointer b)
{
  const PinwheelLowerVariable *first = *(PinwheelLowerVariable *const *) a;
  const PinwheelLowerVariable *second = *(PinwheelLowerVariable *const *) b;

  return first->id < second->id ? -1 : first->id > second->id;
}

static void
write_all_in (Region *region)
{
  PinwheelLower *self = region->lower;

  g_ptr_array_sort (region->variables, compare_ids);
  for (guint i = 0; i < region->variables->len; i++)
    {
      PinwheelLowerVariable *variable = g_ptr_array_index (region->variables, i);

      if (variable->is_hoisted || variable->is_scalar)
        continue;
      if (variable->is_affine)
        write_affine (self, variable);
      else if (variable->class == PINWHEEL_LOWER_CHEAP && !contains (region, variable->at))
        {
          pinwheel_lower_say (self, "%s const %s", variable->type, variable->name);
          pinwheel_lower_copy_init (self, variable);
          pinwheel_lower_say (self, ";\n");
        }
      else if (variable->is_kept)
        write_in (region, variable);
    }
}

static void
write_thread (PinwheelLower *self)
{
  pinwheel_lower_say (self, "const uint3 threadIdx = { (unsigned) (pinwheel_x + pinwheel_lane), "
                            "(unsigned) pinwheel_y, (unsigned) pinwheel_z };\n");
  if (self->signature->thread_index_outside)
    pinwheel_lower_say (self, "::threadIdx = threadIdx;\n");
}

/* Asks the condition in the lane's own turn, and says the answer to the group. */
static void
write_condition (PinwheelLower *self, const PinwheelLowerStatement *statement, guint code)
{
  pinwheel_lower_say (self, "pinwheel_goes = (");
  if (statement->condition < statement->condition_end)
    pinwheel_lower_copy (self, statement->condition, statement->condition_end);
  else
    pinwheel_lower_say (self, "true");
  pinwheel_lower_say (self, ") ? 1 : 0;\npinwheel_state.parked[%s] = pinwheel_goes ? 0 : %u;\n",
                      pinwheel_lower_place (self), code);
}

static void
collect (Region *region, GPtrArray *statements, const PinwheelLowerStatement *condition)
{
  for (guint i = 0; statements != NULL && i < statements->len; i++)
    {
      const PinwheelLowerStatement *statement = g_ptr_array_index (statements, i);

      add_range (region, statement->from, statement->end);
      region->may_jump |= statement->has_return || statement->has_break || statement->has_continue;
    }
  if (condition != NULL)
    add_range (region, condition->condition, condition->condition_end);
  for (guint k = 0; k < region->ranges->len; k++)
    {
      const Range *range = &g_array_index (region->ranges, Range, k);

      add_tokens (region, range->from, range->end);
    }
}

static gboolean
is_serial (const Region *region, GPtrArray *statements, const PinwheelLowerStatement *condition)
{
  const PinwheelLower *self = region->lower;
  gboolean serial = self->signature->thread_index_outside
                    || (condition != NULL && condition->has_atomic);

  for (guint i = 0; statements != NULL && i < statements->len; i++)
    serial |= ((PinwheelLowerStatement *) g_ptr_array_index (statements, i))->has_atomic;
  for (guint k = 0; k < region->ranges->len && !serial; k++)
    {
      const Range *range = &g_array_index (region->ranges, Range, k);

      for (guint i = range->from; i < range->end; i++)
        serial |= pinwheel_lower_knows (self, i, self->serials);
    }
  return serial;
}

static void
write_body (Region *region, GPtrArray *statements, const PinwheelLowerStatement *condition,
            guint code)
{
  PinwheelLower *self = region->lower;

  write_thread (self);
  write_all_in (region);
  self->jumps = FALSE;
  pinwheel_lower_say (self, "{ { ");
  for (guint i = 0; statements != NULL && i < statements->len; i++)
    pinwheel_lower_write_inline (self, g_ptr_array_index (statements, i), TRUE);
  pinwheel_lower_say (self, "}\n");
  if (condition != NULL)
    write_condition (self, condition, code);
  pinwheel_lower_say (self, "}\n");
  if (self->jumps)
    pinwheel_lower_say (self, "pinwheel_end%u: __attribute__ ((unused));\n", self->n_labels++);
  for (guint i = 0; i < region->variables->len; i++)
    {
      PinwheelLowerVariable *variable = g_ptr_array_index (region->variables, i);

      if (variable->is_kept)
        write_out (region, variable);
    }
}

/* Whether lanes remember something across the region, or exchange it. Within a loop compilers must
 * not carry that in registers from one turn to the next, or they take both loops for one that is
 * too hard. What loops do with shared memory alone they may, and what comes once: a tree of sums
 * stays in registers so. */
static gboolean
needs_fence (const Region *region, GPtrArray *statements)
{
  if (region->lower->n_loops == 0)
    return FALSE;
  for (guint i = 0; statements != NULL && i < statements->len; i++)
    {
      const PinwheelLowerStatement *statement = g_ptr_array_index (statements, i);

      if (statement->kind == PINWHEEL_LOWER_PUBLISH || statement->has_exchange)
        return TRUE;
    }
  for (guint i = 0; i < region->variables->len; i++)
    {
      const PinwheelLowerVariable *variable = g_ptr_array_index (region->variables, i);

      if (variable->is_kept || variable->is_in_place || variable->is_spread)
        return TRUE;
    }
  return FALSE;
}

/* One loop over lanes. @is_guarded: passes by those that are parked */
static void
write_loop (Region *region, GPtrArray *statements, const PinwheelLowerStatement *condition,
            guint code, gboolean is_guarded)
{
  PinwheelLower *self = region->lower;

  if (condition != NULL || is_guarded || needs_fence (region, statements))
    pinwheel_lower_say (self, "\nPINWHEEL_FENCE ()");
  pinwheel_lower_say (self, "\n%s" LANES,
                      is_serial (region, statements, condition) ? ""
                      : region->is_short                        ? "PINWHEEL_SHORT_LANES\n"
                                                                : "PINWHEEL_LANES\n");
  if (condition != NULL)
    pinwheel_lower_say (self, "int pinwheel_goes = 0;\n");
  if (is_guarded)
    pinwheel_lower_say (self, "if (pinwheel_state.parked[%s] == 0)\n", pinwheel_lower_place (self));
  pinwheel_lower_say (self, "{\n");
  write_body (region, statements, condition, code);
  pinwheel_lower_say (self, "}\n");
  if (condition != NULL)
    pinwheel_lower_say (self, "pinwheel_any |= pinwheel_goes;\n");
  pinwheel_lower_say (self, "}\n");
}

/* Whether the angle of any lane is far, in a loop that changes nothing */
static void
write_look (Region *region, GPtrArray *statements, gboolean is_guarded)
{
  PinwheelLower *self = region->lower;

  self->angles = PINWHEEL_LOWER_LOOK;
  pinwheel_lower_say (self, "\nint pinwheel_found = 0;\nPINWHEEL_LANES\n" LANES
                            "pinwheel_angles pinwheel_look = {};\n");
  if (is_guarded)
    pinwheel_lower_say (self, "if (pinwheel_state.parked[%s] == 0)\n", pinwheel_lower_place (self));
  pinwheel_lower_say (self, "{\n");
  write_thread (self);
  write_all_in (region);
  pinwheel_lower_say (self, "{ ");
  for (guint i = 0; i < statements->len; i++)
    pinwheel_lower_write_inline (self, g_ptr_array_index (statements, i), TRUE);
  pinwheel_lower_say (self, "} }\npinwheel_found |= pinwheel_look.is_far;\n}\n"
                            "pinwheel_far = pinwheel_found;\n");
  self->angles = PINWHEEL_LOWER_ANY_ANGLE;
}

static gboolean
has_near_form (const Region *region, GPtrArray *statements, const PinwheelLowerStatement *condition)
{
  return !is_serial (region, statements, condition)
         && pinwheel_lower_find_angles (region->lower, statements);
}

/* The loop over lanes for where the words @when hold, behind which comes `} else {` and the form
 * for all other cases: also for that of a far angle, where angles can be looked at before */
static void
write_lanes_when (Region *region, GPtrArray *statements, const PinwheelLowerStatement *condition,
                  guint code, gboolean is_guarded, const char *when)
{
  PinwheelLower *self = region->lower;
  gboolean has_angles = has_near_form (region, statements, condition);

  if (has_angles)
    {
      pinwheel_lower_say (self, "int pinwheel_far = 1;\nif (%s) {\n", when);
      write_look (region, statements, is_guarded);
      pinwheel_lower_say (self, "}\n");
      when = "!pinwheel_far";
      self->angles = PINWHEEL_LOWER_NEAR_ANGLE;
    }
  pinwheel_lower_say (self, "if (%s) {\n", when);
  write_loop (region, statements, condition, code, is_guarded);
  self->angles = PINWHEEL_LOWER_ANY_ANGLE;
}

/* The loop over lanes, in two forms where angles can be looked at before */
static void
write_lanes (Region *region, GPtrArray *statements, const PinwheelLowerStatement *condition,
             guint code, gboolean is_guarded)
{
  if (has_near_form (region, statements, condition))
    {
      write_lanes_when (region, statements, condition, code, is_guarded, "true");
      pinwheel_lower_say (region->lower, "} else {\n");
      write_loop (region, statements, condition, code, is_guarded);
      pinwheel_lower_say (region->lower, "}\n");
    }
  else
    write_loop (region, statements, condition, code, is_guarded);
}

/* Whether the first lanes, up to the limit in the tokens from @limit on, are known to be fewer than
 * a vector has */
static gboolean
is_short (const PinwheelLower *self, const PinwheelLowerStatement *guard, guint limit)
{
  const PinwheelLowerVariable *variable = self->tokens[limit].variable;
  gint64 number;

  if (pinwheel_lower_is (self, limit - 1, "=="))
    return TRUE;
  if (limit + 1 == guard->condition_end && variable != NULL && variable == self->rung)
    return self->rung_value <= SHORT;
  return pinwheel_lower_is_number (self, limit, guard->condition_end, &number) && number <= SHORT;
}

/* @statements for the first lanes alone, for which @guard holds */
static void
write_first (Region *region, GPtrArray *statements, const PinwheelLowerStatement *guard,
             guint limit)
{
  PinwheelLower *self = region->lower;
  const PinwheelLowerVariable *variable = self->tokens[guard->condition].variable;
  gboolean is_zero = pinwheel_lower_is (self, limit - 1, "==");

  pinwheel_lower_say (self, "{\nint pinwheel_count;\n{\nconst int pinwheel_lane = 0;\n");
  write_thread (self);
  pinwheel_lower_say (self, "pinwheel_count = pinwheel_below ((%s) threadIdx.x, ",
                      variable != NULL ? variable->type : "unsigned");
  if (is_zero)
    pinwheel_lower_say (self, "1");
  else
    pinwheel_lower_copy (self, limit, guard->condition_end);
  pinwheel_lower_say (self, ", pinwheel_lanes);\n}\nconst int pinwheel_lanes = pinwheel_count;\n");
  self->guard = guard;
  region->is_short = is_short (self, guard, limit);
  write_lanes (region, statements, NULL, 0, FALSE);
  region->is_short = FALSE;
  self->guard = NULL;
  pinwheel_lower_say (self, "}\n");
}

/* @statements for the first lane of each warp, for which @guard holds */
static void
write_warps (Region *region, GPtrArray *statements, const PinwheelLowerStatement *guard)
{
  PinwheelLower *self = region->lower;

  self->guard = guard;
  if (needs_fence (region, statements))
    pinwheel_lower_say (self, "\nPINWHEEL_FENCE ()");
  pinwheel_lower_say (self, "\nfor (int pinwheel_lane = 0; pinwheel_lane < pinwheel_lanes; "
                            "pinwheel_lane += 32) {\n");
  write_body (region, statements, NULL, 0);
  pinwheel_lower_say (self, "}\n");
  self->guard = NULL;
}

/* The lanes that answered yes, one by one */
static void
write_few (Region *region, GPtrArray *statements)
{
  PinwheelLower *self = region->lower;

  pinwheel_lower_say (self,
                      "\nPINWHEEL_FENCE ()\nfor (int pinwheel_from = 0; pinwheel_from < %u; "
                      "pinwheel_from += 8)\n"
                      "for (unsigned long long pinwheel_eight = pinwheel_yes.eight (pinwheel_from);"
                      " pinwheel_eight != 0; pinwheel_eight &= pinwheel_eight - 1) {\n"
                      "const int pinwheel_lane = pinwheel_from + __builtin_ctzll (pinwheel_eight)"
                      " / 8;\n",
                      self->width);
  write_body (region, statements, NULL, 0);
  pinwheel_lower_say (self, "}\n");
}

/* Whether all lanes answer @guard alike, in a loop of its own: nearly always they do. @counts: and
 * how many say yes, and which */
static void
write_guard (PinwheelLower *self, const PinwheelLowerStatement *guard, gboolean counts)
{
  g_autoptr (GArray) ranges = g_array_new (FALSE, FALSE, sizeof (Range));
  g_autoptr (GPtrArray) variables = g_ptr_array_new ();
  Region region = { self, ranges, variables, FALSE, FALSE };

  add_range (&region, guard->condition, guard->condition_end);
  add_tokens (&region, guard->condition, guard->condition_end);
  if (counts)
    pinwheel_lower_say (self, "pinwheel_few<%u> pinwheel_yes = {};\nint pinwheel_count = 0;\n",
                        self->width);
  pinwheel_lower_say (self, "\nint pinwheel_alike = 1;\nPINWHEEL_LANES\n" LANES);
  write_thread (self);
  write_all_in (&region);
  pinwheel_lower_say (self, "const int pinwheel_says = (");
  pinwheel_lower_copy (self, guard->condition, guard->condition_end);
  pinwheel_lower_say (self, ") ? %d : %d;\npinwheel_alike &= pinwheel_says;\n", !guard->has_return,
                      guard->has_return);
  if (counts)
    pinwheel_lower_say (self, "pinwheel_count += pinwheel_says;\n"
                              "pinwheel_yes.asks[pinwheel_lane] = pinwheel_says;\n");
  pinwheel_lower_say (self, "}\n");
}

/* @statements in forms of which the answers of the lanes to @guard choose one */
static void
write_guarded (Region *region, GPtrArray *statements, const PinwheelLowerStatement *guard)
{
  PinwheelLower *self = region->lower;
  gboolean may_skip = pinwheel_lower_may_skip (statements, guard);
  /* where threads meet, one of many writes what all computed */
  gboolean counts = may_skip && (self->has_barrier || self->n_slots > 0);
  guint limit;

  if (may_skip && pinwheel_lower_asks_for_first (self, guard, &limit))
    {
      write_first (region, statements, guard, limit);
      return;
    }
  if (may_skip && pinwheel_lower_asks_for_warps (self, guard))
    {
      write_warps (region, statements, guard);
      return;
    }
  write_guard (self, guard, counts);
  self->guard = guard;
  write_lanes_when (region, statements, NULL, 0, FALSE, "pinwheel_alike");
  if (counts)
    {
      pinwheel_lower_say (self, "} else if (pinwheel_count * %d <= pinwheel_lanes) {\n", FEW);
      write_few (region, statements);
    }
  self->guard = NULL;
  pinwheel_lower_say (self, "} else {\n");
  write_loop (region, statements, NULL, 0, FALSE);
  pinwheel_lower_say (self, "}\n");
}

void
pinwheel_lower_write_region (PinwheelLower *self, GPtrArray *statements,
                             const PinwheelLowerStatement *condition, guint code)
{
  g_autoptr (GArray) ranges = g_array_new (FALSE, FALSE, sizeof (Range));
  g_autoptr (GPtrArray) variables = g_ptr_array_new ();
  Region region = { self, ranges, variables, FALSE, FALSE };
  gboolean knows_full = !self->between_groups && !self->is_masked;
  const PinwheelLowerStatement *guard = NULL;

  if (self->reason != NULL)
    return;
  self->uses_parked |= self->may_park;
  collect (&region, statements, condition);
  pinwheel_lower_begin_groups (self);
  pinwheel_lower_say (self, "{\n");
  /* most groups are whole, and without a mask more can be made vector code */
  if (self->may_park && knows_full)
    {
      write_lanes_when (&region, statements, condition, code, FALSE, "pinwheel_full");
      pinwheel_lower_say (self, "} else {\n");
      write_loop (&region, statements, condition, code, TRUE);
      pinwheel_lower_say (self, "}\n");
    }
  else if (!self->may_park && !self->signature->thread_index_outside
           && (guard = pinwheel_lower_find_guard (self, statements)) != NULL)
    write_guarded (&region, statements, guard);
  else
    write_lanes (&region, statements, condition, code, self->may_park);
  pinwheel_lower_say (self, "}\n");
  if (self->jumps && knows_full)
    pinwheel_lower_write_full (self);
  pinwheel_lower_end_groups (self);
  self->n_regions++;
}
