/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What one lane does in a region: what it keeps comes in, statements run, it goes out again. */
#include "config.h"

#include <string.h>

#include "compute/lower-region-private.h"

static gboolean
contains (const PinwheelLowerRegion *region, guint i)
{
  for (guint k = 0; k < region->ranges->len; k++)
    {
      const PinwheelLowerRange *range = &g_array_index (region->ranges, PinwheelLowerRange, k);

      if (i >= range->from && i < range->end)
        return TRUE;
    }
  return FALSE;
}

static void add_tokens (PinwheelLowerRegion *region, guint from, guint end);

static void
add_variable (PinwheelLowerRegion *region, PinwheelLowerVariable *variable)
{
  if (g_ptr_array_find (region->variables, variable, NULL))
    return;
  if (variable->is_affine
      || (variable->class == PINWHEEL_LOWER_CHEAP && !contains (region, variable->at)))
    add_tokens (region, variable->init, variable->init_end);
  g_ptr_array_add (region->variables, variable);
}

static void
add_tokens (PinwheelLowerRegion *region, guint from, guint end)
{
  for (guint i = from; i < end; i++)
    if (region->lower->tokens[i].variable != NULL)
      add_variable (region, region->lower->tokens[i].variable);
}

static void
add_range (PinwheelLowerRegion *region, guint from, guint end)
{
  PinwheelLowerRange range = { from, end };

  g_array_append_val (region->ranges, range);
}

void
pinwheel_lower_region_add (PinwheelLowerRegion *region, guint from, guint end)
{
  add_range (region, from, end);
  add_tokens (region, from, end);
}

/* Whether a variable is changed in the region, or given its first value */
static gboolean
is_written (const PinwheelLowerRegion *region, const PinwheelLowerVariable *variable)
{
  gboolean has_no_value = variable->open == 0 && variable->n_dims == 0 && variable->fields == NULL
                          && !variable->may_point;

  if (variable->escapes || (contains (region, variable->at) && !has_no_value))
    return TRUE;
  for (guint k = 0; k < region->ranges->len; k++)
    {
      const PinwheelLowerRange *range = &g_array_index (region->ranges, PinwheelLowerRange, k);

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
write_in (PinwheelLowerRegion *region, PinwheelLowerVariable *variable)
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
write_out (PinwheelLowerRegion *region, const PinwheelLowerVariable *variable)
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

/* A variable that is computed again: compilers do not see that lanes of one warp are neighbours in
 * what they reach by their numbers within it. */
static void
write_cheap (PinwheelLower *self, const PinwheelLowerVariable *variable)
{
  pinwheel_lower_say (self, "%s const %s", variable->type, variable->name);
  if (self->has_whole_warps && self->width == 32 && variable->open == '='
      && pinwheel_lower_is_lane_number (self, variable->init, variable->init_end))
    pinwheel_lower_say (self, " = pinwheel_lane");
  else
    pinwheel_lower_copy_init (self, variable);
  pinwheel_lower_say (self, ";\n");
}

void
pinwheel_lower_write_all_in (PinwheelLowerRegion *region)
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
        write_cheap (self, variable);
      else if (variable->is_kept)
        write_in (region, variable);
    }
}

void
pinwheel_lower_write_thread (PinwheelLower *self)
{
  pinwheel_lower_say (self, "const uint3 threadIdx = { (unsigned) (pinwheel_x + pinwheel_lane), "
                            "(unsigned) pinwheel_y, (unsigned) pinwheel_z };\n");
  if (self->thread_index_outside)
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

void
pinwheel_lower_region_collect (PinwheelLowerRegion *region, GPtrArray *statements,
                               const PinwheelLowerStatement *condition)
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
      const PinwheelLowerRange *range = &g_array_index (region->ranges, PinwheelLowerRange, k);

      add_tokens (region, range->from, range->end);
    }
}

gboolean
pinwheel_lower_region_is_serial (const PinwheelLowerRegion *region, GPtrArray *statements,
                                 const PinwheelLowerStatement *condition)
{
  const PinwheelLower *self = region->lower;
  gboolean serial = self->thread_index_outside || (condition != NULL && condition->has_atomic);

  for (guint i = 0; statements != NULL && i < statements->len; i++)
    serial |= ((PinwheelLowerStatement *) g_ptr_array_index (statements, i))->has_atomic;
  for (guint k = 0; k < region->ranges->len && !serial; k++)
    {
      const PinwheelLowerRange *range = &g_array_index (region->ranges, PinwheelLowerRange, k);

      for (guint i = range->from; i < range->end; i++)
        serial |= pinwheel_lower_knows (self, i, self->serials);
    }
  return serial;
}

void
pinwheel_lower_write_body (PinwheelLowerRegion *region, GPtrArray *statements,
                           const PinwheelLowerStatement *condition, guint code)
{
  PinwheelLower *self = region->lower;

  pinwheel_lower_write_thread (self);
  pinwheel_lower_write_all_in (region);
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
