/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A region as a loop over the lanes of a group, or as several of which the answers of all lanes
 * choose one: those that are here, that are first, that are few. */
#include "config.h"

#include "compute/lower-region-private.h"

#define LANES "for (int pinwheel_lane = 0; pinwheel_lane < pinwheel_lanes; pinwheel_lane++) {\n"
/* One lane in so many, or fewer, is faster by itself than as a part of a vector. */
#define FEW 8
/* As many lanes, or fewer, are less than a vector: they are to become one, and not so many turns.
 */
#define SHORT 8

/* Whether lanes remember something across the region, or exchange it, or come one by one. Within a
 * loop compilers must not carry that in registers from one turn to the next, or they take both
 * loops for one that is too hard. What loops do with shared memory alone they may, and what comes
 * once: a tree of sums stays in registers so. */
static gboolean
needs_fence (const PinwheelLowerRegion *region, GPtrArray *statements)
{
  if (region->lower->n_loops == 0)
    return FALSE;
  if (pinwheel_lower_region_is_serial (region, statements, NULL))
    return TRUE;
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
write_loop (PinwheelLowerRegion *region, GPtrArray *statements,
            const PinwheelLowerStatement *condition, guint code, gboolean is_guarded)
{
  PinwheelLower *self = region->lower;

  if (condition != NULL || is_guarded || needs_fence (region, statements))
    pinwheel_lower_say (self, "\nPINWHEEL_FENCE ()");
  pinwheel_lower_say (self, "\n%s" LANES,
                      pinwheel_lower_region_is_serial (region, statements, condition) ? ""
                      : region->is_short ? "PINWHEEL_SHORT_LANES\n"
                                         : "PINWHEEL_LANES\n");
  if (condition != NULL)
    pinwheel_lower_say (self, "int pinwheel_goes = 0;\n");
  if (is_guarded)
    pinwheel_lower_say (self, "if (pinwheel_state.parked[%s] == 0)\n", pinwheel_lower_place (self));
  pinwheel_lower_say (self, "{\n");
  pinwheel_lower_write_body (region, statements, condition, code);
  pinwheel_lower_say (self, "}\n");
  if (condition != NULL)
    pinwheel_lower_say (self, "pinwheel_any |= pinwheel_goes;\n");
  pinwheel_lower_say (self, "}\n");
}

/* Whether the angle of any lane is far, in a loop that changes nothing */
static void
write_look (PinwheelLowerRegion *region, GPtrArray *statements, gboolean is_guarded)
{
  PinwheelLower *self = region->lower;

  self->angles = PINWHEEL_LOWER_LOOK;
  pinwheel_lower_say (self, "\nint pinwheel_found = 0;\nPINWHEEL_LANES\n" LANES
                            "pinwheel_angles pinwheel_look = {};\n");
  if (is_guarded)
    pinwheel_lower_say (self, "if (pinwheel_state.parked[%s] == 0)\n", pinwheel_lower_place (self));
  pinwheel_lower_say (self, "{\n");
  pinwheel_lower_write_thread (self);
  pinwheel_lower_write_all_in (region);
  pinwheel_lower_say (self, "{ ");
  for (guint i = 0; i < statements->len; i++)
    pinwheel_lower_write_inline (self, g_ptr_array_index (statements, i), TRUE);
  pinwheel_lower_say (self, "} }\npinwheel_found |= pinwheel_look.is_far;\n}\n"
                            "pinwheel_far = pinwheel_found;\n");
  self->angles = PINWHEEL_LOWER_ANY_ANGLE;
}

static gboolean
has_near_form (const PinwheelLowerRegion *region, GPtrArray *statements,
               const PinwheelLowerStatement *condition)
{
  return !pinwheel_lower_region_is_serial (region, statements, condition)
         && pinwheel_lower_find_angles (region->lower, statements);
}

/* The loop over lanes for where the words @when hold, behind which comes `} else {` and the form
 * for all other cases: also for that of a far angle, where angles can be looked at before */
static void
write_lanes_when (PinwheelLowerRegion *region, GPtrArray *statements,
                  const PinwheelLowerStatement *condition, guint code, gboolean is_guarded,
                  const char *when)
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
write_lanes (PinwheelLowerRegion *region, GPtrArray *statements,
             const PinwheelLowerStatement *condition, guint code, gboolean is_guarded)
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
write_first (PinwheelLowerRegion *region, GPtrArray *statements,
             const PinwheelLowerStatement *guard, guint limit)
{
  PinwheelLower *self = region->lower;
  const PinwheelLowerVariable *variable = self->tokens[guard->condition].variable;
  gboolean is_zero = pinwheel_lower_is (self, limit - 1, "==");

  pinwheel_lower_say (self, "{\nint pinwheel_count;\n{\nconst int pinwheel_lane = 0;\n");
  pinwheel_lower_write_thread (self);
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
write_warps (PinwheelLowerRegion *region, GPtrArray *statements,
             const PinwheelLowerStatement *guard)
{
  PinwheelLower *self = region->lower;

  self->guard = guard;
  if (needs_fence (region, statements))
    pinwheel_lower_say (self, "\nPINWHEEL_FENCE ()");
  pinwheel_lower_say (self, "\nfor (int pinwheel_lane = 0; pinwheel_lane < pinwheel_lanes; "
                            "pinwheel_lane += 32) {\n");
  pinwheel_lower_write_body (region, statements, NULL, 0);
  pinwheel_lower_say (self, "}\n");
  self->guard = NULL;
}

/* The lanes that answered yes, one by one */
static void
write_few (PinwheelLowerRegion *region, GPtrArray *statements)
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
  pinwheel_lower_write_body (region, statements, NULL, 0);
  pinwheel_lower_say (self, "}\n");
}

/* Whether all lanes are below the limit that @guard asks for: the last one is, and counting up to
 * it did not wrap around. */
static void
write_last (PinwheelLower *self, PinwheelLowerRegion *region, const PinwheelLowerStatement *guard)
{
  const char *name = self->tokens[guard->condition].variable->name;

  pinwheel_lower_say (self, "int pinwheel_first;\n{\nconst int pinwheel_lane = 0;\n");
  pinwheel_lower_write_thread (self);
  pinwheel_lower_write_all_in (region);
  pinwheel_lower_say (self,
                      "pinwheel_first = %s;\n}\nint pinwheel_alike;\n{\n"
                      "const int pinwheel_lane = pinwheel_lanes - 1;\n",
                      name);
  pinwheel_lower_write_thread (self);
  pinwheel_lower_write_all_in (region);
  pinwheel_lower_say (self, "pinwheel_alike = pinwheel_first <= %s && ((", name);
  pinwheel_lower_copy (self, guard->condition, guard->condition_end);
  pinwheel_lower_say (self, ") == %s);\n}\n", guard->has_return ? "false" : "true");
}

/* Whether all lanes answer @guard alike, in a loop of its own: nearly always they do. @counts: and
 * how many say yes, and which */
static void
write_guard (PinwheelLower *self, const PinwheelLowerStatement *guard, gboolean counts)
{
  g_autoptr (GArray) ranges = g_array_new (FALSE, FALSE, sizeof (PinwheelLowerRange));
  g_autoptr (GPtrArray) variables = g_ptr_array_new ();
  PinwheelLowerRegion region = { self, ranges, variables, FALSE, FALSE };

  pinwheel_lower_region_add (&region, guard->condition, guard->condition_end);
  if (!counts && pinwheel_lower_asks_for_items (self, guard))
    {
      write_last (self, &region, guard);
      return;
    }
  if (counts)
    pinwheel_lower_say (self, "pinwheel_few<%u> pinwheel_yes = {};\nint pinwheel_count = 0;\n",
                        self->width);
  pinwheel_lower_say (self, "\nint pinwheel_alike = 1;\nPINWHEEL_LANES\n" LANES);
  pinwheel_lower_write_thread (self);
  pinwheel_lower_write_all_in (&region);
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
write_guarded (PinwheelLowerRegion *region, GPtrArray *statements,
               const PinwheelLowerStatement *guard)
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
pinwheel_lower_ask_once (PinwheelLower *self, const PinwheelLowerStatement *statement)
{
  g_autoptr (GArray) ranges = g_array_new (FALSE, FALSE, sizeof (PinwheelLowerRange));
  g_autoptr (GPtrArray) variables = g_ptr_array_new ();
  PinwheelLowerRegion region = { self, ranges, variables, FALSE, FALSE };

  pinwheel_lower_region_add (&region, statement->condition, statement->condition_end);
  pinwheel_lower_say (self, "int pinwheel_goes;\n{\nconst int pinwheel_lane = 0;\n");
  pinwheel_lower_write_thread (self);
  pinwheel_lower_write_all_in (&region);
  pinwheel_lower_say (self, "pinwheel_goes = (");
  pinwheel_lower_copy (self, statement->condition, statement->condition_end);
  pinwheel_lower_say (self, ") ? 1 : 0;\n}\nif (pinwheel_goes) {\n");
}

void
pinwheel_lower_write_region (PinwheelLower *self, GPtrArray *statements,
                             const PinwheelLowerStatement *condition, guint code)
{
  g_autoptr (GArray) ranges = g_array_new (FALSE, FALSE, sizeof (PinwheelLowerRange));
  g_autoptr (GPtrArray) variables = g_ptr_array_new ();
  PinwheelLowerRegion region = { self, ranges, variables, FALSE, FALSE };
  gboolean knows_full = !self->between_groups && !self->is_masked;
  const PinwheelLowerStatement *guard = NULL;

  if (self->reason != NULL)
    return;
  self->uses_parked |= self->may_park;
  pinwheel_lower_region_collect (&region, statements, condition);
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
  else if (!self->may_park && !self->thread_index_outside
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
