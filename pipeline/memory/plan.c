/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The planner: one chunk length for all pools, and the number of buffers of each. */
#include "config.h"

#include <pinwheel/chunk.h>
#include <pinwheel/plan.h>
#include <pinwheel/pool.h>

#include "base/log-private.h"
#include "device/system-memory-private.h"
#include "memory/plan-private.h"

#define MIB ((guint64) 1024 * 1024)
/* Data that fits one buffer of this size is one chunk; longer data is cut into about so many chunks
 * of a size between the two limits, or into fewer where it is short, but enough that stages
 * overlap. */
#define SMALLEST_TARGET (16 * MIB)
#define LARGEST_TARGET  (128 * MIB)
#define WANTED_CHUNKS   64
#define FEWEST_CHUNKS   8
/* Shorter chunks cost more in hand-overs than a third buffer brings in overlap. */
#define WORTH_OVERLAPPING MIB

/* What users see of a plan, and what they do not. */
typedef struct
{
  PinwheelPlan plan; /* immutable once made */
  gint ref_count;    /* atomic */
} PlanInstance;

G_DEFINE_BOXED_TYPE (PinwheelPlan, pinwheel_plan, pinwheel_plan_ref, pinwheel_plan_unref)

static void
plan_pool_free (gpointer data)
{
  PinwheelPlanPool *pool = data;

  g_free (pool->owner);
  g_free (pool->direct);
  g_free (pool->staged);
  g_free (pool);
}

/* For those who keep it longer than the plan. */
static PinwheelPlanPool *
plan_pool_copy (PinwheelPlanPool *pool)
{
  PinwheelPlanPool *copy = g_memdup2 (pool, sizeof *copy);

  copy->owner = g_strdup (pool->owner);
  copy->direct = g_strdup (pool->direct);
  copy->staged = g_strdup (pool->staged);
  return copy;
}

G_DEFINE_BOXED_TYPE (PinwheelPlanPool, pinwheel_plan_pool, plan_pool_copy, plan_pool_free)

/* --- arithmetic --- */

static guint64
add_sizes (guint64 a, guint64 b)
{
  guint64 sum;

  return __builtin_add_overflow (a, b, &sum) ? G_MAXUINT64 : sum;
}

static guint64
multiply_sizes (guint64 a, guint64 b)
{
  guint64 product;

  return __builtin_mul_overflow (a, b, &product) ? G_MAXUINT64 : product;
}

guint64
pinwheel_plan_buffer_size (const PinwheelDemand *demand, guint64 length)
{
  return pinwheel_layout_size (demand->arrays, demand->n_arrays, length);
}

guint64
pinwheel_plan_chunk_size (const PinwheelDemand *demand, guint64 length)
{
  return add_sizes (pinwheel_plan_buffer_size (demand, length),
                    pinwheel_layout_size (demand->direct, demand->n_direct, length));
}

guint64
pinwheel_plan_broadcast_size (const PinwheelDemand *demand)
{
  guint64 total = 0;

  for (guint i = 0; i < demand->n_arrays; i++)
    {
      guint64 size;

      if (!pinwheel_array_is_broadcast (&demand->arrays[i]))
        continue;
      size = add_sizes (pinwheel_array_item_size (&demand->arrays[i]), PINWHEEL_ALIGNMENT - 1);
      if (size != G_MAXUINT64)
        size -= size % PINWHEEL_ALIGNMENT;
      total = add_sizes (total, size);
    }
  return total;
}

guint
pinwheel_plan_n_buffers (const PinwheelDemand *demand, const PinwheelPlanTry *attempt)
{
  return MIN (MAX (MAX (attempt->buffers, demand->holds), 1), attempt->n_chunks);
}

guint64
pinwheel_plan_cost (const PinwheelPlanProblem *problem, PinwheelMemoryKind kind,
                    const PinwheelPlanTry *attempt)
{
  guint64 total = 0;

  for (guint i = 0; i < problem->n_demands; i++)
    {
      const PinwheelDemand *demand = &problem->demands[i];

      if (demand->kind != kind)
        continue;
      total = add_sizes (total, multiply_sizes (pinwheel_plan_buffer_size (demand, attempt->length),
                                                pinwheel_plan_n_buffers (demand, attempt)));
      total = add_sizes (total, pinwheel_plan_broadcast_size (demand));
    }
  return total;
}

gboolean
pinwheel_plan_fits (const PinwheelPlanProblem *problem, PinwheelMemoryKind kind,
                    const PinwheelPlanTry *attempt)
{
  guint64 cost = pinwheel_plan_cost (problem, kind, attempt);

  return cost != G_MAXUINT64
         && cost <= (kind == PINWHEEL_MEMORY_PINNED ? problem->budget->pinned
                                                    : problem->budget->device);
}

static gboolean
fits_both (const PinwheelPlanProblem *problem, const PinwheelPlanTry *attempt)
{
  return pinwheel_plan_fits (problem, PINWHEEL_MEMORY_PINNED, attempt)
         && pinwheel_plan_fits (problem, PINWHEEL_MEMORY_DEVICE, attempt);
}

static guint64
largest_buffer (const PinwheelPlanProblem *problem, guint64 length)
{
  guint64 largest = 0;

  for (guint i = 0; i < problem->n_demands; i++)
    largest = MAX (largest, pinwheel_plan_chunk_size (&problem->demands[i], length));
  return largest;
}

static guint64
count_chunks (const PinwheelPlanProblem *problem, guint64 length)
{
  if (problem->n_items == PINWHEEL_ITEMS_UNKNOWN)
    return PINWHEEL_ITEMS_UNKNOWN;
  return problem->n_items == 0 ? 1 : (problem->n_items - 1) / length + 1;
}

/* Returns: the length that gives as many chunks as @length, all but the last one equally long */
static guint64
balance (const PinwheelPlanProblem *problem, guint64 length)
{
  if (problem->n_items == PINWHEEL_ITEMS_UNKNOWN || problem->n_items == 0)
    return length;
  return (problem->n_items - 1) / count_chunks (problem, length) + 1;
}

/* --- the search --- */

/* Returns: the greatest length of at most @most items whose buffers take at most @bytes each and,
 * where @buffers is not 0, fit the budgets so many times; 0 where there is none. Sizes never shrink
 * with the length, so the real layouts can be asked. */
static guint64
find_longest (const PinwheelPlanProblem *problem, guint64 most, guint64 bytes, guint buffers)
{
  guint64 good = 0, bad = most;

  if (most < G_MAXUINT64)
    bad = most + 1;
  while (bad - good > 1)
    {
      PinwheelPlanTry attempt = { good + (bad - good) / 2, PINWHEEL_ITEMS_UNKNOWN, buffers };

      if (largest_buffer (problem, attempt.length) <= bytes
          && (buffers == 0 || fits_both (problem, &attempt)))
        good = attempt.length;
      else
        bad = attempt.length;
    }
  return good;
}

/* Returns: bytes of the largest pool's buffer where no budget is in the way */
static guint64
choose_target (const PinwheelPlanProblem *problem)
{
  guint64 total;

  if (problem->n_items == PINWHEEL_ITEMS_UNKNOWN)
    return problem->preferred > 0 ? problem->preferred : SMALLEST_TARGET;
  total = largest_buffer (problem, problem->n_items);
  if (problem->preferred > 0)
    return MIN (total, problem->preferred);
  if (total <= SMALLEST_TARGET)
    return total;
  return MIN (CLAMP (total / WANTED_CHUNKS, SMALLEST_TARGET, LARGEST_TARGET),
              total / FEWEST_CHUNKS);
}

static void
set_length (const PinwheelPlanProblem *problem, PinwheelPlanTry *attempt, guint64 length)
{
  attempt->length = balance (problem, length);
  attempt->n_chunks = count_chunks (problem, attempt->length);
}

/* Finds the number of buffers that a fixed length leaves room for. */
static gboolean
settle_buffers (const PinwheelPlanProblem *problem, PinwheelPlanTry *attempt)
{
  for (attempt->buffers = PINWHEEL_PLAN_MOST_BUFFERS; attempt->buffers > 1; attempt->buffers--)
    if (fits_both (problem, attempt))
      return TRUE;
  return fits_both (problem, attempt);
}

static gboolean
choose_fixed (const PinwheelPlanProblem *problem, PinwheelPlanTry *attempt, GError **error)
{
  guint64 most = MIN (problem->n_items, attempt->length);

  if (settle_buffers (problem, attempt))
    return TRUE;
  pinwheel_plan_refuse (problem, attempt, find_longest (problem, most, G_MAXUINT64, 1), error);
  return FALSE;
}

/* Tries the wanted length, then the longest one that fits, with so many buffers.
 * @enough: bytes of the largest buffer below which a shortened chunk is refused */
static gboolean
try_buffers (const PinwheelPlanProblem *problem, PinwheelPlanTry *attempt, guint64 wanted,
             guint64 enough)
{
  guint64 longest;

  set_length (problem, attempt, wanted);
  if (fits_both (problem, attempt))
    return TRUE;
  longest = find_longest (problem, wanted, G_MAXUINT64, attempt->buffers);
  if (longest == 0 || largest_buffer (problem, longest) < enough)
    return FALSE;
  set_length (problem, attempt, longest);
  return TRUE;
}

static gboolean
choose_freely (const PinwheelPlanProblem *problem, PinwheelPlanTry *attempt, GError **error)
{
  guint64 target = choose_target (problem);
  /* where items are not counted, one takes a byte at least */
  guint64 most = problem->n_items == PINWHEEL_ITEMS_UNKNOWN ? target : problem->n_items;
  guint64 wanted = MAX (find_longest (problem, most, target, 0), 1);

  for (attempt->buffers = PINWHEEL_PLAN_MOST_BUFFERS; attempt->buffers > 1; attempt->buffers--)
    if (try_buffers (problem, attempt, wanted, WORTH_OVERLAPPING))
      return TRUE;
  for (attempt->buffers = PINWHEEL_PLAN_MOST_BUFFERS; attempt->buffers > 0; attempt->buffers--)
    if (try_buffers (problem, attempt, wanted, 0))
      return TRUE;

  attempt->buffers = 1;
  set_length (problem, attempt, 1);
  pinwheel_plan_refuse (problem, attempt, 0, error);
  return FALSE;
}

static gboolean
choose (const PinwheelPlanProblem *problem, PinwheelPlanTry *attempt, GError **error)
{
  const PinwheelBudget *budget = problem->budget;
  guint64 length;

  if (problem->n_items == 0)
    {
      set_length (problem, attempt, 0);
      return choose_fixed (problem, attempt, error);
    }
  if (budget->chunk > 0)
    {
      attempt->length = MIN (budget->chunk, problem->n_items);
      attempt->n_chunks = count_chunks (problem, attempt->length);
      return choose_fixed (problem, attempt, error);
    }
  if (budget->chunk_bytes == 0)
    return choose_freely (problem, attempt, error);

  length = find_longest (problem, MIN (problem->n_items, budget->chunk_bytes), budget->chunk_bytes,
                         0);
  if (length == 0)
    {
      pinwheel_plan_refuse_chunk_bytes (problem, error);
      return FALSE;
    }
  set_length (problem, attempt, length);
  return choose_fixed (problem, attempt, error);
}

/* --- the result --- */

/* Returns: (transfer full) (nullable) */
static char *
list_names (const PinwheelArray *arrays, guint n_arrays)
{
  GString *names;

  if (n_arrays == 0)
    return NULL;
  names = g_string_new (arrays[0].name);
  for (guint i = 1; i < n_arrays; i++)
    g_string_append_printf (names, ", %s", arrays[i].name);
  return g_string_free (names, FALSE);
}

static PinwheelPlan *
make_plan (const PinwheelPlanProblem *problem, const PinwheelPlanTry *attempt)
{
  PlanInstance *instance = g_new0 (PlanInstance, 1);
  PinwheelPlan *self = &instance->plan;

  instance->ref_count = 1;
  self->n_items = problem->n_items;
  self->chunk_length = attempt->length;
  self->n_chunks = attempt->n_chunks;
  self->pinned = pinwheel_plan_cost (problem, PINWHEEL_MEMORY_PINNED, attempt);
  self->device = pinwheel_plan_cost (problem, PINWHEEL_MEMORY_DEVICE, attempt);
  self->n_devices = 1;
  self->budget = *problem->budget;
  self->warning = pinwheel_plan_warn (problem, attempt);
  self->pools = g_ptr_array_new_with_free_func (plan_pool_free);
  for (guint i = 0; i < problem->n_demands; i++)
    {
      const PinwheelDemand *demand = &problem->demands[i];
      PinwheelPlanPool *pool = g_new0 (PinwheelPlanPool, 1);

      pool->owner = g_strdup (demand->owner);
      pool->kind = demand->kind;
      pool->n_buffers = pinwheel_plan_n_buffers (demand, attempt);
      pool->buffer_size = pinwheel_plan_buffer_size (demand, attempt->length);
      pool->broadcast_size = pinwheel_plan_broadcast_size (demand);
      pool->direct = list_names (demand->direct, demand->n_direct);
      if (demand->n_direct > 0)
        pool->staged = list_names (demand->arrays, demand->n_arrays);
      g_ptr_array_add (self->pools, pool);
    }
  return self;
}

PinwheelPlan *
pinwheel_plan_new (const PinwheelDemand *demands, guint n_demands, guint64 n_items,
                   const PinwheelBudget *budget, guint64 preferred, GError **error)
{
  PinwheelPlanProblem problem = { demands, n_demands, n_items, budget, preferred };
  PinwheelPlanTry attempt = { 0, 0, 0 };

  g_return_val_if_fail (demands != NULL || n_demands == 0, NULL);
  g_return_val_if_fail (budget != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  if (!choose (&problem, &attempt, error))
    return NULL;
  pinwheel_log ("plan", PINWHEEL_LOG_INFO, NULL,
                "chunks of %" G_GUINT64_FORMAT " items, up to %u buffers a pool", attempt.length,
                attempt.buffers);
  return make_plan (&problem, &attempt);
}

PinwheelPlan *
pinwheel_plan_ref (PinwheelPlan *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  g_atomic_int_inc (&((PlanInstance *) self)->ref_count);
  return self;
}

void
pinwheel_plan_unref (PinwheelPlan *self)
{
  g_return_if_fail (self != NULL);

  if (!g_atomic_int_dec_and_test (&((PlanInstance *) self)->ref_count))
    return;
  g_ptr_array_unref (self->pools);
  g_free (self->warning);
  g_free (self);
}

guint64
pinwheel_plan_default_pinned (void)
{
  guint64 total, available;

  pinwheel_system_memory (&total, &available);
  return total / 8;
}
