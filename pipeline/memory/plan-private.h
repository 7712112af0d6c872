/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the search for a plan and its texts have in common: the arithmetic of one try. */
#pragma once
#include <pinwheel/plan.h>

G_BEGIN_DECLS

/* buffers that a pool has where memory does not matter: one is filled, one moves, one is read */
#define PINWHEEL_PLAN_MOST_BUFFERS 3

/* What is asked. Borrowed from the caller of pinwheel_plan_new(). */
typedef struct
{
  const PinwheelDemand *demands;
  guint n_demands;
  guint64 n_items; /* or PINWHEEL_ITEMS_UNKNOWN */
  const PinwheelBudget *budget;
  guint64 preferred; /* bytes of the largest buffer, or 0 */
} PinwheelPlanProblem;

/* One try. */
typedef struct
{
  guint64 length; /* items of a chunk */
  /* or PINWHEEL_ITEMS_UNKNOWN; a pool needs no more buffers than there are chunks */
  guint64 n_chunks;
  guint buffers; /* of each pool, where it holds no more and there are as many chunks */
} PinwheelPlanTry;

/* Sizes are in bytes, and G_MAXUINT64 where they do not fit 64 bits. */
guint64 pinwheel_plan_buffer_size (const PinwheelDemand *demand, guint64 length);
/* Of a chunk's arrays, whether a buffer holds them or not. */
guint64 pinwheel_plan_chunk_size (const PinwheelDemand *demand, guint64 length);
guint64 pinwheel_plan_broadcast_size (const PinwheelDemand *demand);
guint pinwheel_plan_n_buffers (const PinwheelDemand *demand, const PinwheelPlanTry *attempt);
guint64 pinwheel_plan_cost (const PinwheelPlanProblem *problem, PinwheelMemoryKind kind,
                            const PinwheelPlanTry *attempt);
gboolean pinwheel_plan_fits (const PinwheelPlanProblem *problem, PinwheelMemoryKind kind,
                             const PinwheelPlanTry *attempt);

/* Sets @error: @attempt, the smallest that was possible, does not fit.
 * longest: where the user fixed the length: the most items that would fit, or 0 */
void pinwheel_plan_refuse (const PinwheelPlanProblem *problem, const PinwheelPlanTry *attempt,
                           guint64 longest, GError **error);
/* Sets @error: the user's chunk_bytes hold no item. */
void pinwheel_plan_refuse_chunk_bytes (const PinwheelPlanProblem *problem, GError **error);
/* Returns: (transfer full) (nullable): a sentence, where some stage has one buffer for many chunks
 */
char *pinwheel_plan_warn (const PinwheelPlanProblem *problem, const PinwheelPlanTry *attempt);

G_END_DECLS
