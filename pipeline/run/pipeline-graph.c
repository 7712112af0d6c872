/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <pinwheel/property.h>

#include "base/log-private.h"
#include "device/device-private.h"
#include "graph/element-private.h"
#include "graph/pad-private.h"
#include "run/pipeline-private.h"

static gboolean
pinwheel_pipeline_check_linked (PinwheelPipeline *self, GError **error)
{
  if (self->elements->len == 0)
    {
      g_set_error_literal (error, PINWHEEL_ERROR, PINWHEEL_ERROR_LINK,
                           "the pipeline has no elements");
      return FALSE;
    }
  for (guint i = 0; i < self->elements->len; i++)
    {
      GPtrArray *pads = pinwheel_element_get_pads (self->elements->pdata[i]);

      if (pads->len == 0)
        {
          g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_LINK, "%s is not linked to anything",
                       pinwheel_element_get_name (self->elements->pdata[i]));
          return FALSE;
        }
      for (guint p = 0; p < pads->len; p++)
        {
          gboolean src = pinwheel_pad_get_direction (pads->pdata[p]) == PINWHEEL_PAD_SRC;

          if (pinwheel_pad_get_peer (pads->pdata[p]) != NULL)
            continue;
          g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_LINK, "%s is not linked; %s",
                       pinwheel_pad_get_path (pads->pdata[p]),
                       src ? "link it to a sink, to 'fakesink' if its chunks are not wanted"
                           : "link a source to it");
          return FALSE;
        }
    }
  return TRUE;
}

/* Whether every element in front of @element stands in @order already. */
static gboolean
pinwheel_pipeline_inputs_in (PinwheelElement *element, GPtrArray *order)
{
  GPtrArray *pads = pinwheel_element_get_pads (element);

  for (guint p = 0; p < pads->len; p++)
    if (pinwheel_pad_get_direction (pads->pdata[p]) == PINWHEEL_PAD_SINK
        && !g_ptr_array_find (
            order, pinwheel_pad_get_element (pinwheel_pad_get_peer (pads->pdata[p])), NULL))
      return FALSE;
  return TRUE;
}

static gboolean
pinwheel_pipeline_check_members (PinwheelPipeline *self, GError **error)
{
  for (guint i = 0; i < self->elements->len; i++)
    {
      GPtrArray *pads = pinwheel_element_get_pads (self->elements->pdata[i]);

      for (guint p = 0; p < pads->len; p++)
        {
          PinwheelPad *peer = pinwheel_pad_get_peer (pads->pdata[p]);

          if (g_ptr_array_find (self->elements, pinwheel_pad_get_element (peer), NULL))
            continue;
          g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_LINK,
                       "%s is linked to %s, which is not in this pipeline",
                       pinwheel_pad_get_path (pads->pdata[p]), pinwheel_pad_get_path (peer));
          return FALSE;
        }
    }
  return TRUE;
}

static void
pinwheel_pipeline_set_cycle_error (PinwheelPipeline *self, GError **error)
{
  g_autoptr (GString) names = g_string_new (NULL);

  for (guint i = 0; i < self->elements->len; i++)
    if (!g_ptr_array_find (self->order, self->elements->pdata[i], NULL))
      g_string_append_printf (names, "%s%s", names->len > 0 ? ", " : "",
                              pinwheel_element_get_name (self->elements->pdata[i]));
  g_set_error (
      error, PINWHEEL_ERROR, PINWHEEL_ERROR_LINK,
      "the links run in a circle, so that no chunk could ever start: %s (or what is behind "
      "the circle); take one link out",
      names->str);
}

/* Kahn's way: whoever has all its inputs in the order comes next. */
static gboolean
pinwheel_pipeline_sort (PinwheelPipeline *self, GError **error)
{
  gboolean moved = TRUE;

  self->order = g_ptr_array_new ();
  while (moved)
    {
      moved = FALSE;
      for (guint i = 0; i < self->elements->len; i++)
        {
          PinwheelElement *element = self->elements->pdata[i];

          if (g_ptr_array_find (self->order, element, NULL)
              || !pinwheel_pipeline_inputs_in (element, self->order))
            continue;
          g_ptr_array_add (self->order, element);
          moved = TRUE;
        }
    }
  if (self->order->len == self->elements->len)
    return TRUE;
  pinwheel_pipeline_set_cycle_error (self, error);
  return FALSE;
}

static gboolean
pinwheel_pipeline_negotiate_element (PinwheelElement *element, GError **error)
{
  GPtrArray *pads = pinwheel_element_get_pads (element);
  PinwheelPlace place = PINWHEEL_PLACE_HOST;

  for (guint p = pads->len; p > 0; p--)
    if (pinwheel_pad_get_direction (pads->pdata[p - 1]) == PINWHEEL_PAD_SINK)
      place = pinwheel_pad_get_place (pads->pdata[p - 1]);
  if (!pinwheel_element_negotiate (element, error))
    return FALSE;
  for (guint p = 0; p < pads->len; p++)
    if (pinwheel_pad_get_direction (pads->pdata[p]) == PINWHEEL_PAD_SRC
        && !pinwheel_pad_settle (pads->pdata[p], place, error))
      return FALSE;
  return TRUE;
}

/* Calls @func for every source pad, inputs first, until it returns FALSE. */
static gboolean
pinwheel_pipeline_each_src (PinwheelPipeline *self,
                            gboolean (*func) (PinwheelPad *pad, gpointer data), gpointer data)
{
  for (guint i = 0; i < self->order->len; i++)
    {
      GPtrArray *pads = pinwheel_element_get_pads (self->order->pdata[i]);

      for (guint p = 0; p < pads->len; p++)
        if (pinwheel_pad_get_direction (pads->pdata[p]) == PINWHEEL_PAD_SRC
            && !func (pads->pdata[p], data))
          return FALSE;
    }
  return TRUE;
}

/* How often memory is planned anew, for half, where the device refuses what it said was free. */
#define MOST_REPLANS 4

typedef struct
{
  GArray *demands; /* (element-type PinwheelDemand) */
  guint64 n_items; /* the most that any stream has */
} PinwheelPlanning;

static gboolean
pinwheel_pipeline_collect (PinwheelPad *pad, gpointer data)
{
  PinwheelPlanning *planning = data;
  PinwheelDemand demand;

  if (pinwheel_format_has_cut (pinwheel_pad_get_format (pad)))
    planning->n_items = MAX (planning->n_items,
                             pinwheel_format_n_items (pinwheel_pad_get_format (pad)));
  if (pinwheel_pad_get_demand (pad, &demand))
    g_array_append_val (planning->demands, demand);
  return TRUE;
}

static gboolean
pinwheel_pipeline_is_uncut (PinwheelPad *pad, gpointer data)
{
  return !pinwheel_format_has_cut (pinwheel_pad_get_format (pad));
}

static PinwheelBudget
pinwheel_pipeline_get_budget (PinwheelPipeline *self)
{
  PinwheelBudget budget = { .pinned = self->pinned_memory,
                            .device = self->device_memory,
                            .chunk = self->chunk,
                            .chunk_bytes = self->chunk_bytes };

  if (budget.pinned == 0)
    budget.pinned = pinwheel_plan_default_pinned ();
  /* each has the same pools: the one with the least room says how much */
  for (guint i = 0; i < self->devices->len; i++)
    {
      guint64 total, available;

      pinwheel_device_get_memory (self->devices->pdata[i], &total, &available);
      budget.device_free = i == 0 ? available : MIN (budget.device_free, available);
    }
  if (self->device_memory == 0)
    budget.device = budget.device_free / 10 * 9;
  return budget;
}

/* Returns: (transfer full) (nullable) */
static PinwheelPlan *
pinwheel_pipeline_plan_within (PinwheelPipeline *self, const PinwheelBudget *budget, GError **error)
{
  g_autoptr (GArray) demands = g_array_new (FALSE, FALSE, sizeof (PinwheelDemand));
  PinwheelPlanning planning = { demands, 0 };
  PinwheelPlan *plan;

  pinwheel_pipeline_each_src (self, pinwheel_pipeline_collect, &planning);
  if (pinwheel_pipeline_each_src (self, pinwheel_pipeline_is_uncut, NULL))
    planning.n_items = 1;
  plan = pinwheel_plan_new ((const PinwheelDemand *) demands->data, demands->len, planning.n_items,
                            budget, pinwheel_device_get_preferred_size (self->devices->pdata[0]),
                            error);
  if (plan != NULL)
    plan->n_devices = self->devices->len;
  return plan;
}

static gboolean
pinwheel_pipeline_make_plan (PinwheelPipeline *self, GError **error)
{
  PinwheelBudget budget = pinwheel_pipeline_get_budget (self);

  self->plan = pinwheel_pipeline_plan_within (self, &budget, error);
  return self->plan != NULL;
}

/* What meets on a device must be on the same one, chunk by chunk. */
static gboolean
pinwheel_pipeline_check_meeting (PinwheelPipeline *self, PinwheelElement *element, GError **error)
{
  GPtrArray *pads = pinwheel_element_get_pads (element);
  PinwheelPad *first = NULL;

  for (guint p = 0; p < pads->len; p++)
    {
      PinwheelPad *pad = pads->pdata[p];

      if (pinwheel_pad_get_direction (pad) != PINWHEEL_PAD_SINK
          || pinwheel_pad_get_place (pad) != PINWHEEL_PLACE_DEVICE)
        continue;
      if (first == NULL)
        {
          first = pad;
          continue;
        }
      self->in_turn = TRUE;
      if (pinwheel_format_has_cut (pinwheel_pad_get_format (pad))
          == pinwheel_format_has_cut (pinwheel_pad_get_format (first)))
        continue;
      g_set_error (
          error, PINWHEEL_ERROR, PINWHEEL_ERROR_LINK,
          "%s: of %s and %s only one is cut into chunks, and the other one would be on one "
          "of the %u devices alone; join them before 'upload', or name one device",
          pinwheel_element_get_name (element), pinwheel_pad_get_path (first),
          pinwheel_pad_get_path (pad), self->devices->len);
      return FALSE;
    }
  return TRUE;
}

static gboolean
pinwheel_pipeline_count_entry (PinwheelPad *pad, gpointer data)
{
  *(guint *) data += pinwheel_pad_is_entry (pad) ? 1 : 0;
  return TRUE;
}

/* A chunk goes where there is room, but where streams meet that are taken to devices one by one,
 * its number says where. */
static gboolean
pinwheel_pipeline_share_out (PinwheelPipeline *self, GError **error)
{
  guint n_entries = 0;

  self->in_turn = FALSE;
  for (guint i = 0; self->devices->len > 1 && i < self->order->len; i++)
    if (!pinwheel_pipeline_check_meeting (self, self->order->pdata[i], error))
      return FALSE;
  pinwheel_pipeline_each_src (self, pinwheel_pipeline_count_entry, &n_entries);
  self->in_turn = self->in_turn && n_entries > 1;
  return TRUE;
}

/* As pinwheel_pipeline_open_device() */
static gboolean
pinwheel_pipeline_prepare_once (PinwheelPipeline *self, const char *refusal, GError **error)
{
  if (!pinwheel_pipeline_open_device (self, refusal, error)
      || !pinwheel_pipeline_check_linked (self, error)
      || !pinwheel_pipeline_check_members (self, error) || !pinwheel_pipeline_sort (self, error))
    return FALSE;
  pinwheel_lock (&self->lock);
  self->cancellable = g_cancellable_new ();
  if (self->phase == PINWHEEL_RUN_STARTING && self->stopped)
    g_cancellable_cancel (self->cancellable); /* nobody listens yet */
  pinwheel_unlock (&self->lock);
  for (guint i = 0; i < self->order->len; i++)
    pinwheel_element_set_run (self->order->pdata[i], self->devices, self->cancellable);
  for (guint i = 0; i < self->order->len; i++)
    if (!pinwheel_pipeline_negotiate_element (self->order->pdata[i], error))
      return FALSE;
  return pinwheel_pipeline_share_out (self, error) && pinwheel_pipeline_make_plan (self, error);
}

gboolean
pinwheel_pipeline_prepare (PinwheelPipeline *self, GError **error)
{
  g_autofree char *refusal = NULL;

  if (!pinwheel_pipeline_prepare_once (self, NULL, error))
    return FALSE;
  refusal = pinwheel_pipeline_find_refusal (self);
  if (refusal == NULL)
    return TRUE;
  for (guint i = 0; i < self->elements->len; i++)
    pinwheel_element_stop (self->elements->pdata[i]);
  pinwheel_pipeline_unprepare (self);
  return pinwheel_pipeline_prepare_once (self, refusal, error);
}

void
pinwheel_pipeline_unprepare (PinwheelPipeline *self)
{
  for (guint i = 0; i < self->elements->len; i++)
    {
      GPtrArray *pads = pinwheel_element_get_pads (self->elements->pdata[i]);

      pinwheel_element_set_run (self->elements->pdata[i], NULL, NULL);
      for (guint p = 0; p < pads->len; p++)
        pinwheel_pad_reset (pads->pdata[p]);
    }
  pinwheel_lock (&self->lock);
  g_hash_table_remove_all (self->claims);
  g_clear_object (&self->cancellable);
  pinwheel_unlock (&self->lock);
  g_clear_pointer (&self->plan, pinwheel_plan_unref);
  g_clear_pointer (&self->order, g_ptr_array_unref);
  g_clear_pointer (&self->devices, g_ptr_array_unref);
  g_clear_pointer (&self->device_notice, g_free);
}

typedef struct
{
  PinwheelPipeline *pipeline;
  PinwheelPadRun run;
  guint next_pool;                /* the plan's pools stand in the order of the demands */
  const PinwheelPlanPool *failed; /* nullable: whose memory there was not */
  GError *refusal;                /* nullable, owned: the first, of pinned memory */
  guint64 pageable;               /* bytes that were to be pinned, and are not */
  GError **error;
} PinwheelAllocating;

/* Pinned memory may be capped below what the machine has (ulimit -l, a container, WSL). Where the
 * user has not said how much there is, ordinary memory does: slower, and told. */
static gboolean
pinwheel_pipeline_allocate_pageable (PinwheelAllocating *allocating, PinwheelPad *pad,
                                     const PinwheelPlanPool *planned)
{
  PinwheelPipeline *self = allocating->pipeline;

  if (self->pinned_memory != 0 || planned == NULL || planned->kind != PINWHEEL_MEMORY_PINNED
      || !g_error_matches (*allocating->error, PINWHEEL_ERROR, PINWHEEL_ERROR_MEMORY))
    return FALSE;
  if (allocating->refusal == NULL)
    allocating->refusal = g_steal_pointer (allocating->error);
  g_clear_error (allocating->error);
  pinwheel_pad_release (pad);
  if (!pinwheel_pad_allocate (pad, &allocating->run, planned, TRUE, allocating->error))
    return FALSE;
  allocating->pageable += planned->n_buffers * planned->buffer_size + planned->broadcast_size;
  return TRUE;
}

static gboolean
pinwheel_pipeline_allocate_pad (PinwheelPad *pad, gpointer data)
{
  PinwheelAllocating *allocating = data;
  PinwheelPipeline *self = allocating->pipeline;
  const PinwheelPlanPool *planned = NULL;
  PinwheelDemand demand;

  if (pinwheel_pad_get_demand (pad, &demand))
    planned = self->plan->pools->pdata[allocating->next_pool++];
  if (pinwheel_pad_allocate (pad, &allocating->run, planned, FALSE, allocating->error)
      || pinwheel_pipeline_allocate_pageable (allocating, pad, planned))
    return TRUE;
  allocating->failed = planned;
  g_prefix_error (allocating->error, "%s: ", pinwheel_pad_get_path (pad));
  return FALSE;
}

static void
pinwheel_pipeline_warn (PinwheelPipeline *self, const char *text)
{
  pinwheel_bus_post (self->bus,
                     pinwheel_message_new (PINWHEEL_MESSAGE_WARNING, NULL, NULL, text, NULL));
}

/* Plans for half of what was used of the memory that was refused. Where even that cannot be, or
 * the user's own chunk length does not fit it, the refusal stands.
 * Returns: (transfer full) (nullable) */
static PinwheelPlan *
pinwheel_pipeline_replan (PinwheelPipeline *self, PinwheelMemoryKind kind)
{
  PinwheelBudget budget = self->plan->budget;

  if (kind == PINWHEEL_MEMORY_PINNED)
    budget.pinned = self->plan->pinned / 2;
  else
    budget.device = self->plan->device / 2;
  return pinwheel_pipeline_plan_within (self, &budget, NULL);
}

static void
pinwheel_pipeline_warn_replanned (PinwheelPipeline *self, const PinwheelPlan *first,
                                  const GError *refusal)
{
  g_autofree char *pinned_before = pinwheel_format_size (first->pinned);
  g_autofree char *pinned = pinwheel_format_size (self->plan->pinned);
  g_autofree char *device_before = pinwheel_format_size (first->device);
  g_autofree char *device = pinwheel_format_size (self->plan->device);
  g_autofree char *text = g_strdup_printf (
      "memory was planned again, in chunks of %" G_GUINT64_FORMAT
      " items instead of %" G_GUINT64_FORMAT
      ": %s of pinned memory instead of %s, %s of device memory instead of %s; "
      "%s",
      self->plan->chunk_length, first->chunk_length, pinned, pinned_before, device, device_before,
      refusal->message);

  pinwheel_pipeline_warn (self, text);
}

static void
pinwheel_pipeline_warn_pageable (PinwheelPipeline *self, const PinwheelAllocating *allocating)
{
  g_autofree char *pageable = pinwheel_format_size (allocating->pageable);
  g_autofree char *planned = pinwheel_format_size (self->plan->pinned);
  g_autofree char *text = g_strdup_printf (
      "%s of the %s that were to be pinned are pageable memory, so that copies to and from the "
      "device are slower and wait for each other: %s; raise the limit (ulimit -l, the container's "
      "memlock), or say with pinned-memory= how much there is",
      pageable, planned, allocating->refusal->message);

  pinwheel_pipeline_warn (self, text);
}

/* @kind: what was refused. Says how little was asked for in the end, and what to do. */
static void
pinwheel_pipeline_add_advice (PinwheelPipeline *self, const PinwheelPlan *first,
                              PinwheelMemoryKind kind, GError *refusal)
{
  gboolean pinned = kind == PINWHEEL_MEMORY_PINNED;
  g_autofree char *asked = pinwheel_format_size (pinned ? first->pinned : first->device);
  g_autofree char *least = pinwheel_format_size (pinned ? self->plan->pinned : self->plan->device);
  g_autofree char *text = refusal->message;

  refusal->message = g_strdup_printf (
      "%s; the plan wanted %s of %s memory, and %s were refused too: set %s to what there is, or "
      "free some",
      text, asked, pinned ? "pinned" : "device", least, pinned ? "pinned-memory" : "device-memory");
}

gboolean
pinwheel_pipeline_allocate (PinwheelPipeline *self, GError **error)
{
  g_autoptr (PinwheelPlan) first = pinwheel_plan_ref (self->plan);
  g_autoptr (GError) refusal = NULL; /* the first */
  gboolean ok = FALSE;

  for (guint i = 0; !ok; i++)
    {
      g_autoptr (GError) failure = NULL;
      g_autoptr (PinwheelPlan) smaller = NULL;
      g_autoptr (GError) unpinned = NULL;
      PinwheelAllocating allocating = { .pipeline = self,
                                        .run = { self->devices, self->plan->chunk_length,
                                                 (guint) self->link_depth, self->in_turn },
                                        .error = &failure };

      ok = pinwheel_pipeline_each_src (self, pinwheel_pipeline_allocate_pad, &allocating);
      unpinned = allocating.refusal;
      if (ok && unpinned != NULL)
        pinwheel_pipeline_warn_pageable (self, &allocating);
      if (ok)
        break;
      if (i < MOST_REPLANS && allocating.failed != NULL
          && g_error_matches (failure, PINWHEEL_ERROR, PINWHEEL_ERROR_MEMORY))
        smaller = pinwheel_pipeline_replan (self, allocating.failed->kind);
      if (refusal == NULL)
        refusal = g_steal_pointer (&failure);
      if (smaller == NULL && i > 0 && allocating.failed != NULL)
        pinwheel_pipeline_add_advice (self, first, allocating.failed->kind, refusal);
      if (smaller == NULL)
        break;
      pinwheel_pipeline_release (self);
      pinwheel_plan_unref (self->plan);
      self->plan = g_steal_pointer (&smaller);
    }
  if (!ok)
    {
      g_propagate_error (error, g_steal_pointer (&refusal));
      return FALSE;
    }
  if (refusal != NULL)
    pinwheel_pipeline_warn_replanned (self, first, refusal);
  if (self->plan->warning != NULL)
    pinwheel_pipeline_warn (self, self->plan->warning);
  return TRUE;
}

void
pinwheel_pipeline_release (PinwheelPipeline *self)
{
  for (guint i = 0; i < self->elements->len; i++)
    {
      GPtrArray *pads = pinwheel_element_get_pads (self->elements->pdata[i]);

      for (guint p = 0; p < pads->len; p++)
        if (pinwheel_pad_get_direction (pads->pdata[p]) == PINWHEEL_PAD_SRC)
          pinwheel_pad_release (pads->pdata[p]);
    }
}
