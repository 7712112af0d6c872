/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Who waits for whom: on request, and by itself where all wait and nothing moves. The thread that
 * looks for that tells progress too.
 *
 * Every wait of a streaming thread carries the time at which it began, written when the thread is
 * about to sleep anyway. So a stall needs no bookkeeping: it is there when every thread waits, and
 * the wait that began last is old. A thread that works, however long, is no stall. */
#include "config.h"

#include "base/clock-private.h"
#include "base/log-private.h"
#include "graph/element-private.h"
#include "graph/pad-private.h"
#include "memory/pool-private.h"
#include "run/pipeline-private.h"

#define NS_PER_MS ((guint64) 1000000)
#define NS_PER_S  ((guint64) 1000000000)

/* What lies behind a pool. */
typedef struct
{
  guint in_links, in_hands; /* chunks */
  GString *holders;         /* names of elements that have taken chunks */
  GHashTable *seen;         /* of elements */
} PinwheelBehind;

/* Whether chunks of @src are views into buffers of its own alone. */
static gboolean
pinwheel_makes_all (PinwheelPad *src)
{
  PinwheelDemand demand;

  return pinwheel_pad_get_demand (src, &demand)
         && demand.n_arrays == pinwheel_format_n_arrays (pinwheel_pad_get_format (src));
}

/* Chunks may pass through several elements with the same buffer: all that is behind counts, up to
 * where everything is made anew. */
static void
pinwheel_behind_collect (PinwheelBehind *behind, PinwheelPad *src)
{
  PinwheelElement *element = pinwheel_pad_get_element (pinwheel_pad_get_peer (src));
  GPtrArray *pads = pinwheel_element_get_pads (element);
  PinwheelActivity activity;
  PinwheelLinkView link;

  pinwheel_pad_look (src, &link);
  behind->in_links += link.length;
  if (!g_hash_table_add (behind->seen, element))
    return;
  pinwheel_element_look (element, &activity);
  behind->in_hands += activity.holds;
  if (link.read > 0)
    g_string_append_printf (behind->holders, "%s%s", behind->holders->len > 0 ? ", " : "",
                            pinwheel_element_get_name (element));
  for (guint p = 0; p < pads->len; p++)
    if (pinwheel_pad_get_direction (pads->pdata[p]) == PINWHEEL_PAD_SRC
        && !pinwheel_makes_all (pads->pdata[p]))
      pinwheel_behind_collect (behind, pads->pdata[p]);
}

/* Where the buffers of @src's pool are: what is in no link and in no hands, somebody keeps. */
static void
pinwheel_append_holders (GString *text, PinwheelPad *src)
{
  PinwheelPool *pool = pinwheel_pad_get_pool (src);
  guint n = pinwheel_pool_get_n_buffers (pool);
  guint n_lent = n - pinwheel_pool_get_n_home (pool);
  g_autoptr (GString) holders = g_string_new (NULL);
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);
  PinwheelBehind behind = { 0, 0, holders, seen };

  pinwheel_behind_collect (&behind, src);
  g_string_append_printf (
      text, "; %u of %u are lent, and behind it %u chunk%s in links and %u in work", n_lent, n,
      behind.in_links, behind.in_links == 1 ? " is" : "s are", behind.in_hands);
  if (n_lent > behind.in_links + behind.in_hands)
    g_string_append_printf (text, ": %u %s kept by %s", n_lent - behind.in_links - behind.in_hands,
                            n_lent - behind.in_links - behind.in_hands == 1 ? "is" : "are",
                            holders->len > 0 ? holders->str : "somebody outside");
}

static void
pinwheel_append_since (GString *text, guint64 since, guint64 now)
{
  guint64 waited = now > since ? now - since : 0;

  g_string_append_printf (text, " (since %" G_GUINT64_FORMAT ".%" G_GUINT64_FORMAT " s)",
                          waited / NS_PER_S, waited % NS_PER_S / (NS_PER_S / 10));
}

/* Returns: (transfer none): the name of the element at the other end of @pad's link */
static const char *
pinwheel_neighbour (PinwheelPad *pad)
{
  return pinwheel_element_get_name (pinwheel_pad_get_element (pinwheel_pad_get_peer (pad)));
}

static void
pinwheel_append_wait (GString *text, const PinwheelActivity *activity, guint64 now)
{
  PinwheelLinkView link;

  switch (activity->doing)
    {
    case PINWHEEL_DOES_WAIT_INPUT:
      g_string_append_printf (text, "waits for a chunk from %s",
                              pinwheel_neighbour (activity->pad));
      pinwheel_append_since (text, activity->since, now);
      break;
    case PINWHEEL_DOES_WAIT_OUTPUT:
      pinwheel_pad_look (activity->pad, &link);
      g_string_append_printf (text, "waits for room in its link to %s",
                              pinwheel_neighbour (activity->pad));
      pinwheel_append_since (text, activity->since, now);
      g_string_append_printf (text, "; %u of %u places are taken", link.length, link.depth);
      break;
    case PINWHEEL_DOES_WAIT_BUFFER:
      g_string_append_printf (text, "waits for a buffer of the pool of %s",
                              pinwheel_pad_get_path (activity->pad));
      pinwheel_append_since (text, activity->since, now);
      pinwheel_append_holders (text, activity->pad);
      break;
    case PINWHEEL_DOES_WAIT_FENCE:
      g_string_append (text, "waits for work of the device");
      pinwheel_append_since (text, activity->since, now);
      break;
    case PINWHEEL_DOES_STARTING:
    case PINWHEEL_DOES_WORKING:
    case PINWHEEL_DOES_NOTHING_MORE:
    default:
      g_assert_not_reached ();
    }
}

static void
pinwheel_append_element (GString *text, PinwheelElement *element, guint64 now)
{
  PinwheelActivity activity;

  pinwheel_element_look (element, &activity);
  g_string_append (text, pinwheel_element_get_name (element));
  if (activity.holds)
    g_string_append_printf (text, ", at chunk %" G_GUINT64_FORMAT ",", activity.chunk);
  g_string_append_c (text, ' ');
  if (activity.doing == PINWHEEL_DOES_NOTHING_MORE)
    g_string_append (text, "has ended");
  else if (activity.doing == PINWHEEL_DOES_STARTING)
    g_string_append (text, "is starting");
  else if (activity.doing != PINWHEEL_DOES_WORKING)
    pinwheel_append_wait (text, &activity, now);
  else
    g_string_append (text, "works");
  if (activity.n_awaited > 0)
    g_string_append (text, "; its stream on the device is waited for");
  g_string_append_c (text, '\n');
}

static void pinwheel_pipeline_append_activity_locked (PinwheelPipeline *self, GString *text)
    PINWHEEL_REQUIRES (self->lock);
static void
pinwheel_pipeline_append_activity_locked (PinwheelPipeline *self, GString *text)
{
  guint64 now = pinwheel_clock ();

  for (guint i = 0; i < self->order->len; i++)
    pinwheel_append_element (text, self->order->pdata[i], now);
}

char *
pinwheel_pipeline_describe_activity (PinwheelPipeline *self)
{
  g_autoptr (GString) text = g_string_new (NULL);

  g_return_val_if_fail (PINWHEEL_IS_PIPELINE (self), NULL);

  /* the graph stands still from before the first thread starts until after the last one is joined
   */
  pinwheel_lock (&self->lock);
  if (self->phase == PINWHEEL_RUN_IDLE || self->phase == PINWHEEL_RUN_STARTING)
    g_string_append (text, "the pipeline is not running\n");
  else
    pinwheel_pipeline_append_activity_locked (self, text);
  pinwheel_unlock (&self->lock);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* Returns: when the last of the waits began, or a thread left, which wakes others; 0 where somebody
 * works, or nobody is there any more */
static guint64 pinwheel_pipeline_last_move_locked (PinwheelPipeline *self)
    PINWHEEL_REQUIRES (self->lock);
static guint64
pinwheel_pipeline_last_move_locked (PinwheelPipeline *self)
{
  gboolean anybody = FALSE;
  guint64 last = 0;

  for (guint i = 0; i < self->order->len; i++)
    {
      PinwheelActivity activity;

      pinwheel_element_look (self->order->pdata[i], &activity);
      if (activity.since == 0)
        return 0;
      anybody = anybody || activity.doing != PINWHEEL_DOES_NOTHING_MORE;
      last = MAX (last, activity.since);
    }
  return anybody ? last : 0;
}

static void pinwheel_pipeline_warn_locked (PinwheelPipeline *self) PINWHEEL_REQUIRES (self->lock);
static void
pinwheel_pipeline_warn_locked (PinwheelPipeline *self)
{
  g_autoptr (GString) text = g_string_new (NULL);

  g_string_append_printf (text,
                          "nothing has moved for %g s: all wait, for each other or for a long "
                          "kernel (--stall-timeout=0 turns this warning off)\n",
                          (double) self->stall_timeout / 1000);
  pinwheel_pipeline_append_activity_locked (self, text);
  g_string_truncate (text, text->len - 1);
  pinwheel_bus_post (self->bus,
                     pinwheel_message_new (PINWHEEL_MESSAGE_WARNING, NULL, NULL, text->str, NULL));
}

static gpointer
pinwheel_pipeline_watch (gpointer data)
{
  PinwheelPipeline *self = data;
  guint64 timeout = self->stall_timeout * NS_PER_MS;
  guint64 interval = self->progress_interval * NS_PER_MS;
  guint64 progress = pinwheel_clock () + interval; /* when it is told next */
  guint64 told = 0; /* the stall that was told: when its last wait began */

  pinwheel_lock (&self->lock);
  while (self->phase != PINWHEEL_RUN_ENDED)
    {
      guint64 last = timeout > 0 ? pinwheel_pipeline_last_move_locked (self) : 0;
      guint64 now = pinwheel_clock ();
      guint64 next = timeout > 0 ? timeout / 4 : interval;

      if (interval > 0 && now >= progress)
        {
          if (self->phase == PINWHEEL_RUN_STREAMING)
            pinwheel_pipeline_post_progress_locked (self);
          progress = now + interval;
        }
      if (interval > 0)
        next = MIN (next, progress - now);
      if (last != 0 && last != told && now < last + timeout)
        next = MIN (next, last + timeout - now);
      else if (last != 0 && last != told && self->phase == PINWHEEL_RUN_STREAMING)
        {
          told = last;
          pinwheel_pipeline_warn_locked (self);
        }
      pinwheel_cond_wait_until (&self->changed, &self->lock,
                                g_get_monotonic_time () + (gint64) (next / 1000) + 1);
    }
  pinwheel_unlock (&self->lock);
  return NULL;
}

void
pinwheel_pipeline_start_watching (PinwheelPipeline *self)
{
  g_autoptr (GError) error = NULL;

  if (self->stall_timeout == 0 && self->progress_interval == 0)
    return;
  self->watcher = g_thread_try_new ("watcher", pinwheel_pipeline_watch, self, &error);
  if (self->watcher == NULL)
    pinwheel_log ("pipeline", PINWHEEL_LOG_WARNING, NULL,
                  "stalls and progress will not be told: %s", error->message);
}

void
pinwheel_pipeline_end_watching (PinwheelPipeline *self)
{
  g_clear_pointer (&self->watcher, g_thread_join);
}
