/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An element in its pipeline: set up, run, stopped, and looked at. */
#include "config.h"

#include <string.h>

#include "base/clock-private.h"
#include "base/error-private.h"
#include "base/log-private.h"
#include "device/device-private.h"
#include "graph/element-fields-private.h"
#include "graph/pad-private.h"
#include "memory/chunk-private.h"

/* A prefix says where; a chunk is named where one was being worked on. Whose work it was counts,
 * not who came upon it. Who failed has an error, also where its class did not set one. */
static void
pinwheel_element_prefix (PinwheelElement *self, GError **error)
{
  PinwheelElementPrivate *priv = PRIVATE (self);
  guint64 chunk = pinwheel_counter_get (&priv->chunk);
  const char *owner = NULL;

  if (error != NULL && *error != NULL)
    owner = pinwheel_error_get_owner (*error, &chunk);
  if (owner == NULL)
    owner = priv->name;
  if (error != NULL && *error == NULL)
    g_set_error_literal (error, PINWHEEL_ERROR, PINWHEEL_ERROR_FAILED,
                         "failed without saying why, which is a fault of the element");
  if (chunk == PINWHEEL_NO_CHUNK)
    g_prefix_error (error, "%s: ", owner);
  else
    g_prefix_error (error, "%s: chunk %" G_GUINT64_FORMAT ": ", owner, chunk);
}

void
pinwheel_element_set_host (PinwheelElement *self, const PinwheelElementHost *host, gpointer owner)
{
  PinwheelElementPrivate *priv = PRIVATE (self);

  priv->host = host;
  priv->host_owner = owner;
}

static void
pinwheel_element_drop_stream (gpointer stream)
{
  if (stream != NULL)
    g_object_unref (stream);
}

void
pinwheel_element_set_run (PinwheelElement *self, GPtrArray *devices, GCancellable *cancellable)
{
  PinwheelElementPrivate *priv = PRIVATE (self);
  GPtrArray *streams;

  if (devices != NULL)
    g_ptr_array_ref (devices);
  g_clear_pointer (&priv->devices, g_ptr_array_unref);
  priv->devices = devices;
  g_set_object (&priv->cancellable, cancellable);
  priv->device = 0;
  pinwheel_lock (&priv->lock);
  streams = g_steal_pointer (&priv->streams);
  if (devices != NULL)
    {
      priv->streams = g_ptr_array_new_with_free_func (pinwheel_element_drop_stream);
      g_ptr_array_set_size (priv->streams, (gint) devices->len);
    }
  priv->cancelled = FALSE;
  pinwheel_unlock (&priv->lock);
  g_clear_pointer (&streams, g_ptr_array_unref);
}

gpointer
pinwheel_element_get_host_owner (PinwheelElement *self)
{
  return PRIVATE (self)->host_owner;
}

PinwheelDevice *
pinwheel_element_get_device (PinwheelElement *self)
{
  g_return_val_if_fail (PINWHEEL_IS_ELEMENT (self), NULL);

  return PRIVATE (self)->devices != NULL ? PRIVATE (self)->devices->pdata[0] : NULL;
}

GPtrArray *
pinwheel_element_get_devices (PinwheelElement *self)
{
  g_return_val_if_fail (PINWHEEL_IS_ELEMENT (self), NULL);

  return PRIVATE (self)->devices;
}

GPtrArray *
pinwheel_element_list_kernels (PinwheelElement *self)
{
  GPtrArray *kernels = g_ptr_array_new_with_free_func (g_object_unref);

  g_return_val_if_fail (PINWHEEL_IS_ELEMENT (self), kernels);

  if (PINWHEEL_ELEMENT_GET_CLASS (self)->add_kernels != NULL)
    PINWHEEL_ELEMENT_GET_CLASS (self)->add_kernels (self, kernels);
  return kernels;
}

GCancellable *
pinwheel_element_get_cancellable (PinwheelElement *self)
{
  g_return_val_if_fail (PINWHEEL_IS_ELEMENT (self), NULL);

  return PRIVATE (self)->cancellable;
}

gboolean
pinwheel_element_is_put_off (PinwheelElement *self)
{
  GCancellable *cancellable = PRIVATE (self)->cancellable;

  return cancellable != NULL && !g_cancellable_is_cancelled (cancellable);
}

PinwheelStream *
pinwheel_element_get_stream (PinwheelElement *self, GError **error)
{
  PinwheelElementPrivate *priv;
  PinwheelStream *stream;

  g_return_val_if_fail (PINWHEEL_IS_ELEMENT (self), NULL);

  priv = PRIVATE (self);
  if (priv->streams->pdata[priv->device] != NULL)
    return priv->streams->pdata[priv->device];
  stream = pinwheel_device_new_stream (priv->devices->pdata[priv->device], priv->name, error);
  if (stream == NULL)
    return NULL;
  pinwheel_stream_set_mark (stream, pinwheel_counter_get (&priv->chunk));
  pinwheel_lock (&priv->lock);
  priv->streams->pdata[priv->device] = stream;
  if (priv->cancelled)
    pinwheel_stream_cancel (stream);
  pinwheel_unlock (&priv->lock);
  return stream;
}

gboolean
pinwheel_element_drain (PinwheelElement *self, GError **error)
{
  PinwheelElementPrivate *priv = PRIVATE (self);
  gboolean ok = TRUE;

  for (guint i = 0; i < priv->streams->len; i++)
    {
      PinwheelStream *stream = priv->streams->pdata[i];
      PinwheelFence fence;

      /* each is waited for, whatever became of the others; the first error is told */
      if (stream != NULL
          && !(pinwheel_stream_record (stream, &fence, ok ? error : NULL)
               && pinwheel_fence_sync (fence, ok ? error : NULL)))
        ok = FALSE;
    }
  if (!ok)
    pinwheel_element_prefix (self, error);
  return ok;
}

guint
pinwheel_element_get_turn (PinwheelElement *self)
{
  return PRIVATE (self)->device;
}

void
pinwheel_element_set_turn (PinwheelElement *self, guint device)
{
  PRIVATE (self)->device = device;
}

guint
pinwheel_element_get_n_pending (PinwheelElement *self, guint device)
{
  PinwheelStream *stream = PRIVATE (self)->streams->pdata[device];

  return stream != NULL ? pinwheel_stream_get_n_pending (stream) : 0;
}

void
pinwheel_element_cancel (PinwheelElement *self)
{
  PinwheelElementPrivate *priv = PRIVATE (self);

  pinwheel_lock (&priv->lock);
  priv->cancelled = TRUE;
  for (guint i = 0; i < priv->streams->len; i++)
    if (priv->streams->pdata[i] != NULL)
      pinwheel_stream_cancel (priv->streams->pdata[i]);
  pinwheel_unlock (&priv->lock);
}

gboolean
pinwheel_element_claim (PinwheelElement *self, const char *what, GError **error)
{
  PinwheelElementPrivate *priv;

  g_return_val_if_fail (PINWHEEL_IS_ELEMENT (self) && what != NULL, FALSE);

  priv = PRIVATE (self);
  return priv->host == NULL || priv->host->claim (priv->host_owner, priv->name, what, error);
}

void
pinwheel_element_post_warning (PinwheelElement *self, const char *format, ...)
{
  PinwheelElementPrivate *priv;
  g_autofree char *text = NULL;
  va_list args;

  g_return_if_fail (PINWHEEL_IS_ELEMENT (self));

  priv = PRIVATE (self);
  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  if (priv->host != NULL)
    priv->host->post_warning (priv->host_owner, priv->name, text);
}

void
pinwheel_element_post_result (PinwheelElement *self, const char *text, GVariant *details)
{
  PinwheelElementPrivate *priv;
  g_autoptr (GVariant) owned = details != NULL ? g_variant_ref_sink (details) : NULL;

  g_return_if_fail (PINWHEEL_IS_ELEMENT (self) && text != NULL);

  priv = PRIVATE (self);
  if (priv->host != NULL)
    priv->host->post_result (priv->host_owner, priv->name, text, owned);
}

void
pinwheel_element_get_statistics (PinwheelElement *self, PinwheelStatistics *statistics)
{
  PinwheelElementPrivate *priv;
  guint64 began, ended;

  g_return_if_fail (PINWHEEL_IS_ELEMENT (self) && statistics != NULL);

  priv = PRIVATE (self);
  memset (statistics, 0, sizeof *statistics);
  statistics->chunks = pinwheel_counter_get (&priv->chunks);
  statistics->items = pinwheel_counter_get (&priv->items);
  statistics->bytes = pinwheel_counter_get (&priv->bytes);
  statistics->waited_buffer = pinwheel_counter_get (&priv->waited_fence);
  statistics->host_waits = pinwheel_counter_get (&priv->host_waits);
  began = pinwheel_counter_get (&priv->began);
  ended = pinwheel_counter_get (&priv->ended);
  if (began != 0)
    statistics->elapsed = (ended != 0 ? ended : pinwheel_clock ()) - began;
  for (guint i = 0; i < priv->pads->len; i++)
    {
      PinwheelPad *pad = priv->pads->pdata[i];

      if (pinwheel_pad_get_direction (pad) == PINWHEEL_PAD_SRC)
        statistics->waited_output += pinwheel_pad_get_waited_link (pad);
      else
        statistics->waited_input += pinwheel_pad_get_waited_link (pad);
      statistics->waited_buffer += pinwheel_pad_get_waited_buffer (pad);
    }
}

static gboolean
pinwheel_element_check_formats (PinwheelElement *self, GError **error)
{
  GPtrArray *pads = PRIVATE (self)->pads;

  for (guint i = 0; i < pads->len; i++)
    if (pinwheel_pad_get_direction (pads->pdata[i]) == PINWHEEL_PAD_SRC
        && pinwheel_pad_get_format (pads->pdata[i]) == NULL)
      {
        g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_FAILED,
                     "negotiate() of class %s gave pad '%s' no format, which is a fault of the "
                     "element",
                     G_OBJECT_TYPE_NAME (self), pinwheel_pad_get_name (pads->pdata[i]));
        return FALSE;
      }
  return TRUE;
}

gboolean
pinwheel_element_negotiate (PinwheelElement *self, GError **error)
{
  PinwheelElementClass *klass = PINWHEEL_ELEMENT_GET_CLASS (self);

  pinwheel_counter_set (&PRIVATE (self)->chunk, PINWHEEL_NO_CHUNK);
  if (pinwheel_object_check_required (G_OBJECT (self), error)
      && (klass->negotiate == NULL || klass->negotiate (self, error))
      && pinwheel_element_check_formats (self, error)
      && (klass->demand == NULL || klass->demand (self, error)))
    return TRUE;
  pinwheel_element_prefix (self, error);
  return FALSE;
}

gboolean
pinwheel_element_start (PinwheelElement *self, GError **error)
{
  PinwheelElementPrivate *priv = PRIVATE (self);
  PinwheelElementClass *klass = PINWHEEL_ELEMENT_GET_CLASS (self);

  pinwheel_counter_set (&priv->chunk, PINWHEEL_NO_CHUNK);
  pinwheel_counter_set (&priv->chunks, 0);
  pinwheel_counter_set (&priv->items, 0);
  pinwheel_counter_set (&priv->bytes, 0);
  pinwheel_counter_set (&priv->waited_fence, 0);
  pinwheel_counter_set (&priv->host_waits, 0);
  pinwheel_counter_set (&priv->began, 0);
  pinwheel_counter_set (&priv->ended, 0);
  pinwheel_counter_set (&priv->syncing_since, 0);
  if (klass->start == NULL || klass->start (self, error))
    return TRUE;
  pinwheel_element_prefix (self, error);
  return FALSE;
}

gboolean
pinwheel_element_seal (PinwheelElement *self, GError **error)
{
  PinwheelElementClass *klass = PINWHEEL_ELEMENT_GET_CLASS (self);

  if (klass->seal == NULL || klass->seal (self, error))
    return TRUE;
  pinwheel_element_prefix (self, error);
  return FALSE;
}

gboolean
pinwheel_element_commit (PinwheelElement *self, GError **error)
{
  PinwheelElementClass *klass = PINWHEEL_ELEMENT_GET_CLASS (self);

  if (klass->commit == NULL || klass->commit (self, error))
    return TRUE;
  pinwheel_element_prefix (self, error);
  return FALSE;
}

void
pinwheel_element_stop (PinwheelElement *self)
{
  PinwheelElementClass *klass = PINWHEEL_ELEMENT_GET_CLASS (self);

  if (klass->stop != NULL)
    klass->stop (self);
}

PinwheelFlow
pinwheel_element_run (PinwheelElement *self, GError **error)
{
  PinwheelElementClass *klass = PINWHEEL_ELEMENT_GET_CLASS (self);
  guint64 waits = pinwheel_fence_get_thread_waits ();
  PinwheelFlow flow;

  g_return_val_if_fail (klass->run != NULL, PINWHEEL_FLOW_STOPPED);

  pinwheel_counter_set (&PRIVATE (self)->began, pinwheel_clock ());
  flow = klass->run (self, error);
  pinwheel_counter_set (&PRIVATE (self)->host_waits, pinwheel_fence_get_thread_waits () - waits);
  pinwheel_counter_set (&PRIVATE (self)->ended, pinwheel_clock ());
  pinwheel_log ("element", PINWHEEL_LOG_DEBUG, PRIVATE (self)->name, "thread ends, flow %d", flow);
  if (flow == PINWHEEL_FLOW_ERROR)
    pinwheel_element_prefix (self, error);
  else
    g_clear_error (error);
  return flow;
}

static void
pinwheel_element_end_chunk (PinwheelElementPrivate *priv)
{
  if (pinwheel_counter_get (&priv->chunk) == PINWHEEL_NO_CHUNK)
    return;
  pinwheel_counter_add (&priv->chunks, 1);
  pinwheel_counter_add (&priv->items, priv->chunk_items);
  pinwheel_counter_add (&priv->bytes, priv->chunk_bytes);
  pinwheel_counter_set (&priv->chunk, PINWHEEL_NO_CHUNK);
}

static void
pinwheel_element_set_chunk (PinwheelElementPrivate *priv, guint64 index)
{
  pinwheel_counter_set (&priv->chunk, index);
  for (guint i = 0; priv->streams != NULL && i < priv->streams->len; i++)
    if (priv->streams->pdata[i] != NULL)
      pinwheel_stream_set_mark (priv->streams->pdata[i], index);
}

static void
pinwheel_element_begin_chunk (PinwheelElementPrivate *priv, PinwheelChunk *chunk)
{
  priv->chunk_items = pinwheel_chunk_get_count (chunk);
  priv->chunk_bytes = pinwheel_chunk_get_bytes (chunk);
  priv->device = chunk->device;
  pinwheel_element_set_chunk (priv, pinwheel_chunk_get_index (chunk));
}

void
pinwheel_element_set_lead (PinwheelElement *self, PinwheelPad *sink)
{
  PRIVATE (self)->lead = sink;
}

void
pinwheel_element_note_pull (PinwheelElement *self, PinwheelPad *pad, PinwheelChunk *chunk)
{
  PinwheelElementPrivate *priv = PRIVATE (self);

  if (pad != priv->lead)
    return;
  pinwheel_element_end_chunk (priv);
  if (chunk != NULL)
    pinwheel_element_begin_chunk (priv, chunk);
}

void
pinwheel_element_note_new (PinwheelElement *self, guint64 index)
{
  PinwheelElementPrivate *priv = PRIVATE (self);

  if (priv->lead == NULL)
    pinwheel_element_set_chunk (priv, index);
}

void
pinwheel_element_note_push (PinwheelElement *self, PinwheelChunk *chunk)
{
  PinwheelElementPrivate *priv = PRIVATE (self);

  if (priv->lead != NULL)
    return;
  pinwheel_element_begin_chunk (priv, chunk);
  pinwheel_element_end_chunk (priv);
}

void
pinwheel_element_note_sync (PinwheelElement *self, guint64 since)
{
  pinwheel_counter_set (&PRIVATE (self)->syncing_since, since);
}

gboolean
pinwheel_element_sync_readable (PinwheelElement *self, PinwheelChunk *chunk, GError **error)
{
  guint64 begin = pinwheel_clock ();
  gboolean ok;

  pinwheel_element_note_sync (self, begin);
  ok = pinwheel_chunk_sync_readable (chunk, error);
  pinwheel_element_note_sync (self, 0);
  pinwheel_counter_add (&PRIVATE (self)->waited_fence, pinwheel_clock () - begin);
  return ok;
}

void
pinwheel_element_look (PinwheelElement *self, PinwheelActivity *activity)
{
  PinwheelElementPrivate *priv = PRIVATE (self);
  guint64 syncing_since = pinwheel_counter_get (&priv->syncing_since);

  *activity = (PinwheelActivity){ .doing = PINWHEEL_DOES_WORKING };
  activity->chunk = pinwheel_counter_get (&priv->chunk);
  pinwheel_lock (&priv->lock);
  for (guint i = 0; priv->streams != NULL && i < priv->streams->len; i++)
    if (priv->streams->pdata[i] != NULL)
      activity->n_awaited += pinwheel_stream_get_n_awaiting (priv->streams->pdata[i]);
  pinwheel_unlock (&priv->lock);
  activity->since = pinwheel_counter_get (&priv->ended);
  if (activity->since != 0)
    activity->doing = PINWHEEL_DOES_NOTHING_MORE;
  else if (pinwheel_counter_get (&priv->began) == 0)
    activity->doing = PINWHEEL_DOES_STARTING;
  else if (syncing_since != 0)
    {
      activity->doing = PINWHEEL_DOES_WAIT_FENCE;
      activity->since = syncing_since;
    }
  for (guint i = 0; i < priv->pads->len && activity->doing == PINWHEEL_DOES_WORKING; i++)
    pinwheel_pad_look_for_wait (priv->pads->pdata[i], activity);
  /* who asks for the next chunk has dropped the last one, and a source has none before it has a
   * buffer */
  activity->holds = activity->chunk != PINWHEEL_NO_CHUNK
                    && activity->doing != PINWHEEL_DOES_NOTHING_MORE
                    && !(activity->doing == PINWHEEL_DOES_WAIT_INPUT && activity->pad == priv->lead)
                    && !(activity->doing == PINWHEEL_DOES_WAIT_BUFFER && priv->lead == NULL);
}
