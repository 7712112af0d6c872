/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a plan, or the lack of one, says to people. Sizes are given in bytes, so that every sum can
 * be checked by hand. */
#include "config.h"

#include <pinwheel/property.h>

#include "memory/plan-private.h"

/* pools that a message names one by one */
#define MOST_NAMED 6

static const char *
kind_name (PinwheelMemoryKind kind)
{
  return kind == PINWHEEL_MEMORY_PINNED ? "pinned" : "device";
}

static guint64
budget_of (const PinwheelBudget *budget, PinwheelMemoryKind kind)
{
  return kind == PINWHEEL_MEMORY_PINNED ? budget->pinned : budget->device;
}

static void
append_size (GString *text, guint64 size)
{
  g_autofree char *rounded = NULL;

  if (size == G_MAXUINT64)
    {
      g_string_append (text, "more than 2^64 B");
      return;
    }
  g_string_append_printf (text, "%" G_GUINT64_FORMAT " B", size);
  if (size < 10 * 1024)
    return;
  rounded = pinwheel_format_size (size);
  g_string_append_printf (text, " (%s)", rounded);
}

/* --- refusals --- */

static void
append_pools (GString *text, const PinwheelPlanProblem *problem, PinwheelMemoryKind kind,
              const PinwheelPlanTry *attempt)
{
  guint n = 0;

  for (guint i = 0; i < problem->n_demands; i++)
    {
      const PinwheelDemand *demand = &problem->demands[i];
      guint64 size = pinwheel_plan_buffer_size (demand, attempt->length);

      if (demand->kind != kind || size == 0)
        continue;
      n++;
      if (n > MOST_NAMED)
        continue;
      g_string_append_printf (text, "%s%s %u x ", n == 1 ? " (" : ", ", demand->owner,
                              pinwheel_plan_n_buffers (demand, attempt));
      append_size (text, size);
    }
  if (n > MOST_NAMED)
    g_string_append_printf (text, " and %u more", n - MOST_NAMED);
  if (n > 0)
    g_string_append_c (text, ')');
}

static guint64
fixed_part (const PinwheelPlanProblem *problem, PinwheelMemoryKind kind)
{
  PinwheelPlanTry nothing = { 0, PINWHEEL_ITEMS_UNKNOWN, 1 };

  return pinwheel_plan_cost (problem, kind, &nothing);
}

static void
append_arithmetic (GString *text, const PinwheelPlanProblem *problem, PinwheelMemoryKind kind,
                   const PinwheelPlanTry *attempt)
{
  guint64 cost = pinwheel_plan_cost (problem, kind, attempt);
  guint64 fixed = fixed_part (problem, kind);

  if (attempt->length == 1)
    g_string_append (text, "one item needs ");
  else
    g_string_append_printf (text, "a chunk of %" G_GUINT64_FORMAT " items needs ", attempt->length);
  append_size (text, cost == G_MAXUINT64 ? cost : cost - fixed);
  g_string_append_printf (text, " in %s pools", kind_name (kind));
  append_pools (text, problem, kind, attempt);
  g_string_append (text, " plus ");
  append_size (text, fixed);
  g_string_append (text, " fixed for broadcast arrays; ");
  append_size (text, budget_of (problem->budget, kind));
  g_string_append_printf (text, " of %s memory may be used", kind_name (kind));
}

/* What the user can do to get @size bytes: a device cannot be told to have more. */
static void
append_raise (GString *text, const PinwheelBudget *budget, PinwheelMemoryKind kind, guint64 size)
{
  if (kind == PINWHEEL_MEMORY_DEVICE && budget->device_free > 0 && size > budget->device_free)
    {
      g_string_append (text, "take a device with at least ");
      append_size (text, size);
      g_string_append (text, " free (this one has ");
      append_size (text, budget->device_free);
      g_string_append (text, "), or cut the arrays along an axis that gives smaller items");
      return;
    }
  g_string_append_printf (text, "raise %s-memory to at least ", kind_name (kind));
  append_size (text, size);
}

void
pinwheel_plan_refuse (const PinwheelPlanProblem *problem, const PinwheelPlanTry *attempt,
                      guint64 longest, GError **error)
{
  g_autoptr (GString) text = g_string_new ("the data does not fit: ");
  PinwheelMemoryKind kind = pinwheel_plan_fits (problem, PINWHEEL_MEMORY_PINNED, attempt)
                                ? PINWHEEL_MEMORY_DEVICE
                                : PINWHEEL_MEMORY_PINNED;
  guint64 cost = pinwheel_plan_cost (problem, kind, attempt);

  append_arithmetic (text, problem, kind, attempt);
  g_string_append (text, ": ");
  if (longest > 0)
    g_string_append_printf (
        text, "the longest chunk that would fit has %" G_GUINT64_FORMAT " item%s; choose that, or ",
        longest, longest == 1 ? "" : "s");
  if (cost == G_MAXUINT64)
    g_string_append (text, "no machine has that much; check the shapes of the arrays");
  else
    append_raise (text, problem->budget, kind, cost);
  g_set_error_literal (error, PINWHEEL_ERROR, PINWHEEL_ERROR_MEMORY, text->str);
}

void
pinwheel_plan_refuse_chunk_bytes (const PinwheelPlanProblem *problem, GError **error)
{
  g_autoptr (GString) text = g_string_new (NULL);
  const PinwheelDemand *largest = &problem->demands[0];

  for (guint i = 1; i < problem->n_demands; i++)
    if (pinwheel_plan_chunk_size (&problem->demands[i], 1) > pinwheel_plan_chunk_size (largest, 1))
      largest = &problem->demands[i];
  g_string_append_printf (text, "chunk-bytes=%" G_GUINT64_FORMAT " is too small: one item takes ",
                          problem->budget->chunk_bytes);
  append_size (text, pinwheel_plan_chunk_size (largest, 1));
  g_string_append_printf (text, " in a buffer of %s; give at least that, or leave chunk-bytes out",
                          largest->owner);
  g_set_error_literal (error, PINWHEEL_ERROR, PINWHEEL_ERROR_MEMORY, text->str);
}

/* --- the warning --- */

static gboolean
is_alone (const PinwheelDemand *demand, const PinwheelPlanTry *attempt)
{
  return pinwheel_plan_n_buffers (demand, attempt) == 1
         && pinwheel_plan_buffer_size (demand, attempt->length) > 0;
}

char *
pinwheel_plan_warn (const PinwheelPlanProblem *problem, const PinwheelPlanTry *attempt)
{
  PinwheelPlanTry better = { attempt->length, attempt->n_chunks, 2 };
  const char *separator = ": ";
  GString *text;
  guint n = 0;

  if (attempt->n_chunks <= 1)
    return NULL;
  for (guint i = 0; i < problem->n_demands; i++)
    n += is_alone (&problem->demands[i], attempt) ? 1 : 0;
  if (n == 0)
    return NULL;

  text = g_string_new ("there is memory for one buffer only at ");
  n = 0;
  for (guint i = 0; i < problem->n_demands; i++)
    if (is_alone (&problem->demands[i], attempt) && n++ < MOST_NAMED)
      g_string_append_printf (text, "%s%s", n == 1 ? "" : ", ", problem->demands[i].owner);
  if (n > MOST_NAMED)
    g_string_append_printf (text, " and %u more", n - MOST_NAMED);
  g_string_append (text, ", so that nothing overlaps there");
  for (guint kind = PINWHEEL_MEMORY_PINNED; kind <= PINWHEEL_MEMORY_DEVICE; kind++)
    if (!pinwheel_plan_fits (problem, kind, &better))
      {
        g_string_append (text, separator);
        append_raise (text, problem->budget, kind, pinwheel_plan_cost (problem, kind, &better));
        separator = " and ";
      }
  if (problem->budget->chunk > 1 || problem->budget->chunk_bytes > 0)
    g_string_append (text, ", or choose a shorter chunk");
  return g_string_free (text, FALSE);
}

/* --- the table --- */

static void
append_counts (GString *text, PinwheelPlan *self)
{
  guint64 rest;

  if (self->n_items == PINWHEEL_ITEMS_UNKNOWN)
    {
      g_string_append_printf (text,
                              "items   unknown until the end\n"
                              "chunk   %" G_GUINT64_FORMAT " items\n",
                              self->chunk_length);
      return;
    }
  g_string_append_printf (text,
                          "items   %" G_GUINT64_FORMAT "\n"
                          "chunk   %" G_GUINT64_FORMAT " items\n"
                          "chunks  %" G_GUINT64_FORMAT,
                          self->n_items, self->chunk_length, self->n_chunks);
  rest = self->n_items - (self->n_chunks - 1) * self->chunk_length;
  if (rest != self->chunk_length)
    g_string_append_printf (text, ", the last one of %" G_GUINT64_FORMAT " items", rest);
  g_string_append_c (text, '\n');
}

static void
append_total (GString *text, PinwheelMemoryKind kind, guint64 used, guint64 budget, guint n_devices)
{
  g_autofree char *rounded = pinwheel_format_size (used);
  g_autofree char *rounded_budget = pinwheel_format_size (budget);

  g_string_append_printf (text,
                          "%-6s  %" G_GUINT64_FORMAT " B of %" G_GUINT64_FORMAT " B (%s of %s)",
                          kind_name (kind), used, budget, rounded, rounded_budget);
  if (n_devices > 1)
    g_string_append_printf (text, " on each of %u devices", n_devices);
  g_string_append_c (text, '\n');
}

/* Which arrays no buffer holds. */
static void
append_direct (GString *text, PinwheelPlan *self)
{
  gboolean any = FALSE;

  for (guint i = 0; i < self->pools->len; i++)
    {
      PinwheelPlanPool *pool = self->pools->pdata[i];

      if (pool->direct == NULL)
        continue;
      if (!any)
        g_string_append_c (text, '\n');
      any = TRUE;
      g_string_append_printf (text, "%s  %s: direct, in memory of the application", pool->owner,
                              pool->direct);
      if (pool->staged != NULL)
        g_string_append_printf (text, "; %s: staged", pool->staged);
      g_string_append_c (text, '\n');
    }
}

char *
pinwheel_plan_to_string (PinwheelPlan *self)
{
  static const char *const head[] = { "pool",     "memory",      "buffers",
                                      "buffer B", "broadcast B", "all B" };
  GString *text;
  int owner_width = 4;

  g_return_val_if_fail (self != NULL, NULL);

  for (guint i = 0; i < self->pools->len; i++)
    {
      PinwheelPlanPool *pool = self->pools->pdata[i];

      owner_width = MAX (owner_width, (int) g_utf8_strlen (pool->owner, 200));
    }
  text = g_string_new (NULL);
  append_counts (text, self);
  g_string_append_printf (text, "\n%-*s  %-6s  %7s  %14s  %14s  %14s\n", owner_width, head[0],
                          head[1], head[2], head[3], head[4], head[5]);
  for (guint i = 0; i < self->pools->len; i++)
    {
      PinwheelPlanPool *pool = self->pools->pdata[i];

      g_string_append_printf (text,
                              "%-*s  %-6s  %7u  %14" G_GUINT64_FORMAT "  %14" G_GUINT64_FORMAT
                              "  %14" G_GUINT64_FORMAT "\n",
                              owner_width, pool->owner, kind_name (pool->kind), pool->n_buffers,
                              pool->buffer_size, pool->broadcast_size,
                              pool->n_buffers * pool->buffer_size + pool->broadcast_size);
    }
  append_direct (text, self);
  g_string_append_c (text, '\n');
  append_total (text, PINWHEEL_MEMORY_PINNED, self->pinned, self->budget.pinned, 1);
  append_total (text, PINWHEEL_MEMORY_DEVICE, self->device, self->budget.device, self->n_devices);
  if (self->warning != NULL)
    g_string_append_printf (text, "\nwarning: %s\n", self->warning);
  return g_string_free (text, FALSE);
}
