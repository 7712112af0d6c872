/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
#include <pinwheel/format.h>
#include <pinwheel/device.h>

G_BEGIN_DECLS

/**
 * PinwheelDemand:
 * @owner: (transfer none): who asks, for people: "npysrc0.src"
 * @kind: which budget it counts against
 * @arrays: (transfer none) (array length=n_arrays): what a buffer of the pool holds; broadcast
 * arrays are counted once, in a block of their own
 * @n_arrays: number of @arrays
 * @holds: chunks that the elements behind the pool may hold before they give one back, at least 1
 * @direct: (transfer none) (array length=n_direct): arrays that lie in memory of the application:
 *   no buffer holds them, but they count for the length of a chunk
 * @n_direct: number of @direct
 *
 * What one pool is to hold.
 */
typedef struct
{
  const char *owner;
  PinwheelMemoryKind kind;
  const PinwheelArray *arrays;
  guint n_arrays;
  guint holds;
  const PinwheelArray *direct;
  guint n_direct;
} PinwheelDemand;

/**
 * PinwheelBudget:
 * @pinned: bytes of pinned host memory
 * @device: bytes of device memory, of each device
 * @chunk: items per chunk as the user fixed it, or 0
 * @chunk_bytes: bytes of the largest pool's buffer as the user fixed it, or 0
 * @device_free: bytes that are free on the device with the least, for messages; 0: not known
 *
 * How much memory a plan may use.
 */
typedef struct
{
  guint64 pinned, device;
  guint64 chunk, chunk_bytes;
  guint64 device_free;
} PinwheelBudget;

/**
 * PinwheelPlanPool:
 * @owner: (transfer full): who asked, for people
 * @kind: which memory
 * @n_buffers: number of buffers
 * @buffer_size: bytes of a buffer, a multiple of %PINWHEEL_ALIGNMENT; 0 where nothing is cut
 * @broadcast_size: bytes of the block for broadcast arrays, or 0
 * @direct: (nullable): names of the arrays that lie in memory of the application, which no buffer
 *   holds
 * @staged: (nullable): where there are such, names of the others
 *
 * One pool of a plan.
 */
typedef struct
{
  char *owner;
  PinwheelMemoryKind kind;
  guint n_buffers;
  guint64 buffer_size;
  guint64 broadcast_size;
  char *direct, *staged;
} PinwheelPlanPool;

#define PINWHEEL_TYPE_PLAN_POOL (pinwheel_plan_pool_get_type ())
PINWHEEL_API
GType pinwheel_plan_pool_get_type (void) G_GNUC_CONST;

/**
 * PinwheelPlan:
 * @n_items: items in all, or %PINWHEEL_ITEMS_UNKNOWN
 * @chunk_length: items of every chunk but a shorter last one
 * @n_chunks: number of chunks, or %PINWHEEL_ITEMS_UNKNOWN
 * @pinned: bytes of pinned memory that the run uses
 * @device: bytes of device memory that the run uses, on each device
 * @n_devices: how many devices have so much each, in pools of their own; 1 unless who made the plan
 *   says otherwise
 * @budget: within which it was made
 * @warning: (nullable): a sentence for the user, e.g. that nothing overlaps
 * @pools: (element-type PinwheelPlanPool): one per demand, in their order
 *
 * The memory plan of a run. Immutable, refcounted.
 */
typedef struct
{
  guint64 n_items;
  guint64 chunk_length;
  guint64 n_chunks;
  guint64 pinned, device;
  guint n_devices;
  PinwheelBudget budget;
  char *warning;
  GPtrArray *pools;
} PinwheelPlan;

#define PINWHEEL_TYPE_PLAN (pinwheel_plan_get_type ())
PINWHEEL_API
GType pinwheel_plan_get_type (void) G_GNUC_CONST;

/**
 * pinwheel_plan_ref:
 *
 * Returns: (transfer full): a new reference
 */
PINWHEEL_API
PinwheelPlan *pinwheel_plan_ref (PinwheelPlan *self);

/**
 * pinwheel_plan_unref:
 *
 * Drops a reference; with the last one it is freed.
 */
PINWHEEL_API
void pinwheel_plan_unref (PinwheelPlan *self);

/**
 * pinwheel_plan_new: (skip)
 * @demands: (array length=n_demands): one for each pool
 * @n_demands: number of @demands
 * @n_items: items in all, or %PINWHEEL_ITEMS_UNKNOWN
 * @budget: what may be used
 * @preferred: bytes of the largest buffer where no budget is in the way, from
 *   pinwheel_device_get_preferred_size(); 0: a 64th of the data, between 16 MiB and 128 MiB
 *
 * Chooses one chunk length for all pools and the number of buffers of each, within the budgets.
 * Errors (%PINWHEEL_ERROR_MEMORY) carry the arithmetic and what to change.
 *
 * Returns: (transfer full) (nullable): %NULL with @error
 */
PINWHEEL_API
PinwheelPlan *pinwheel_plan_new (const PinwheelDemand *demands, guint n_demands, guint64 n_items,
                                 const PinwheelBudget *budget, guint64 preferred, GError **error);

/**
 * pinwheel_plan_to_string:
 *
 * Returns: (transfer full): what `--plan` prints
 */
PINWHEEL_API
char *pinwheel_plan_to_string (PinwheelPlan *self);

/**
 * pinwheel_plan_default_pinned:
 *
 * Returns: an eighth of the machine's memory (or of its limit)
 */
PINWHEEL_API
guint64 pinwheel_plan_default_pinned (void);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PinwheelPlan, pinwheel_plan_unref)

G_END_DECLS
