/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* appsink: results come out to the application, in chunks or into arrays of its own. */
#include "config.h"

#include <pinwheel/app-sink.h>

#include "base/lock-private.h"
#include "base/property-private.h"
#include "device/device-private.h"
#include "graph/element-private.h"
#include "memory/app-array-private.h"

struct _PinwheelAppSink
{
  PinwheelSink parent_instance;

  guint64 max_chunks;

  PinwheelLock lock; /* nothing is called out to while it is held */
  GCond changed;     /* signalled when anything of what follows has changed */
  /* (lock) (element-type utf8 PinwheelAppArray) both owned; unchanged while it runs, when the
   * streaming thread reads it without the lock */
  GHashTable *targets;
  GQueue chunks;     /* (lock) (element-type PinwheelChunk) owned, not pulled */
  gboolean running;  /* (lock) from negotiate() to stop() */
  gboolean ended;    /* (lock) all chunks have come */
  gboolean stopping; /* (lock) the run is being stopped, or has ended early */

  /* The streaming thread's while it runs, else the main thread's. */
  gboolean hands_out; /* chunks are pulled */
  guint64 items;      /* that have come */
  gulong cancel_id;
};

G_DEFINE_FINAL_TYPE (PinwheelAppSink, pinwheel_app_sink, PINWHEEL_TYPE_SINK)

static const PinwheelProperty properties[] = {
  PINWHEEL_UINT (PinwheelAppSink, max_chunks, "max-chunks", 1, 1024, 2,
                 "Chunks that may wait to be pulled before the stream waits"),
};

static const PinwheelElementInfo info = {
  .name = "appsink",
  .group = "sink",
  .summary = "Gives results to the application",
  .description
  = "The application pulls chunks with pinwheel_app_sink_pull(), or gives arrays of its own with "
    "pinwheel_app_sink_set_array(), which are written in place: by the device directly where they "
    "are pinned for it.",
  .example = "testsrc items=1000 ! appsink",
};

/* --- arrays of the application --- */

static gboolean
pinwheel_app_sink_check_target (PinwheelAppSink *self, const char *name, PinwheelAppArray *target,
                                PinwheelFormat *format, GError **error)
{
  int index = pinwheel_format_find (format, name);
  guint64 n_items = pinwheel_format_n_items (format), length;
  const PinwheelArray *array;

  if (index < 0)
    {
      g_autofree char *flows = pinwheel_format_to_string (format);

      g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_FORMAT,
                   "there is no array '%s' in the stream, which has \"%s\"; see "
                   "pinwheel_app_sink_set_array()",
                   name, flows);
      return FALSE;
    }
  array = pinwheel_format_array (format, (guint) index);
  if (!pinwheel_app_array_check (target, array, error))
    return FALSE;
  if (pinwheel_array_is_broadcast (array) || n_items == PINWHEEL_ITEMS_UNKNOWN)
    return TRUE;
  length = pinwheel_app_array_get_length (target, (guint) array->chunk_axis);
  if (length == n_items)
    return TRUE;
  g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_FORMAT,
               "the memory given for array '%s' has %" G_GUINT64_FORMAT
               " items, and the stream has %" G_GUINT64_FORMAT,
               name, length, n_items);
  return FALSE;
}

static gboolean
pinwheel_app_sink_negotiate (PinwheelElement *element, GError **error)
{
  PinwheelAppSink *self = PINWHEEL_APP_SINK (element);
  PinwheelFormat *format = pinwheel_pad_get_format (pinwheel_element_get_sink (element));
  GHashTableIter iter;
  gpointer name, target;

  pinwheel_lock (&self->lock);
  self->running = TRUE;
  pinwheel_unlock (&self->lock);
  g_hash_table_iter_init (&iter, self->targets);
  while (g_hash_table_iter_next (&iter, &name, &target))
    if (!pinwheel_app_sink_check_target (self, name, target, format, error))
      return FALSE;
  self->hands_out = g_hash_table_size (self->targets) < pinwheel_format_n_arrays (format);
  return TRUE;
}

static gboolean
pinwheel_app_sink_get_target (PinwheelElement *element, const PinwheelArray *array, guint64 n_items,
                              PinwheelTarget *target)
{
  PinwheelAppSink *self = PINWHEEL_APP_SINK (element);
  PinwheelAppArray *memory = g_hash_table_lookup (self->targets, array->name);

  if (memory == NULL || !pinwheel_app_array_check (memory, array, NULL)
      || (!pinwheel_array_is_broadcast (array)
          && pinwheel_app_array_get_length (memory, (guint) array->chunk_axis) != n_items)
      || !pinwheel_app_array_has_rows (memory, array, &target->rows))
    return FALSE;
  target->memory = pinwheel_app_array_get_memory (memory);
  target->size = pinwheel_app_array_get_extent (memory);
  return target->memory != NULL;
}

gboolean
pinwheel_app_sink_set_array (PinwheelAppSink *self, const char *name, PinwheelAppArray *array,
                             GError **error)
{
  PinwheelAppArray *before = NULL;
  char *key = NULL;
  gboolean running;

  g_return_val_if_fail (PINWHEEL_IS_APP_SINK (self) && name != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (array != NULL && !pinwheel_app_array_is_writable (array))
    {
      g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_FORMAT,
                   "the memory given for array '%s' can be read only; give an array made by "
                   "pinwheel_app_array_new()",
                   name);
      return FALSE;
    }
  pinwheel_lock (&self->lock);
  running = self->running;
  if (!running)
    {
      g_hash_table_steal_extended (self->targets, name, (gpointer *) &key, (gpointer *) &before);
      if (array != NULL)
        g_hash_table_insert (self->targets, g_strdup (name), pinwheel_app_array_ref (array));
    }
  pinwheel_unlock (&self->lock);
  g_free (key);
  g_clear_pointer (&before, pinwheel_app_array_unref);
  if (running)
    g_set_error_literal (error, PINWHEEL_ERROR, PINWHEEL_ERROR_FAILED,
                         "arrays cannot be set while the pipeline runs; wait until it has ended");
  return !running;
}

/* --- the run --- */

static void
pinwheel_app_sink_on_cancelled (GCancellable *cancellable, gpointer data)
{
  PinwheelAppSink *self = data;

  pinwheel_lock (&self->lock);
  self->stopping = TRUE;
  g_cond_broadcast (&self->changed);
  pinwheel_unlock (&self->lock);
}

/* Drops what nobody has pulled. */
static void
pinwheel_app_sink_drop (PinwheelAppSink *self)
{
  GQueue chunks;

  pinwheel_lock (&self->lock);
  chunks = self->chunks;
  g_queue_init (&self->chunks);
  pinwheel_unlock (&self->lock);
  g_queue_clear_full (&chunks, (GDestroyNotify) pinwheel_chunk_unref);
}

static gboolean
pinwheel_app_sink_start (PinwheelElement *element, GError **error)
{
  PinwheelAppSink *self = PINWHEEL_APP_SINK (element);

  pinwheel_app_sink_drop (self);
  pinwheel_lock (&self->lock);
  self->ended = self->stopping = FALSE;
  pinwheel_unlock (&self->lock);
  self->items = 0;
  self->cancel_id = g_cancellable_connect (pinwheel_element_get_cancellable (element),
                                           G_CALLBACK (pinwheel_app_sink_on_cancelled), self, NULL);
  return TRUE;
}

static void
pinwheel_app_sink_stop (PinwheelElement *element)
{
  PinwheelAppSink *self = PINWHEEL_APP_SINK (element);
  gboolean over = self->cancel_id != 0 || !pinwheel_element_is_put_off (element);
  gboolean ended;

  g_cancellable_disconnect (pinwheel_element_get_cancellable (element), self->cancel_id);
  self->cancel_id = 0;
  pinwheel_lock (&self->lock);
  ended = !over || (self->ended && !self->stopping);
  self->stopping = !ended;
  self->running = FALSE;
  g_cond_broadcast (&self->changed);
  pinwheel_unlock (&self->lock);
  if (!ended)
    pinwheel_app_sink_drop (self);
}

/* Writes array @i where the application wants it, unless it was made there. */
static gboolean
pinwheel_app_sink_write (PinwheelAppSink *self, PinwheelChunk *chunk, guint i, GError **error)
{
  const PinwheelArray *array = pinwheel_format_array (pinwheel_chunk_get_format (chunk), i);
  PinwheelAppArray *target = g_hash_table_lookup (self->targets, array->name);
  guint64 start = pinwheel_chunk_get_start (chunk), count = pinwheel_chunk_get_count (chunk);
  gboolean cut = !pinwheel_array_is_broadcast (array);
  guint64 length;

  if (target == NULL || (!cut && pinwheel_chunk_get_index (chunk) > 0))
    return TRUE;
  length = cut ? pinwheel_app_array_get_length (target, (guint) array->chunk_axis) : 0;
  if (cut && (count > length || start > length - count))
    {
      g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_DATA,
                   "the memory given for array '%s' has %" G_GUINT64_FORMAT
                   " items, and the stream has more",
                   array->name, length);
      return FALSE;
    }
  if (pinwheel_chunk_get_size (chunk, i) == 0)
    return TRUE;
  if (pinwheel_chunk_is_direct (chunk, i)
      && pinwheel_chunk_get_data (chunk, i)
             == (guint8 *) pinwheel_app_array_get_memory (target)
                    + (cut ? start
                                 * pinwheel_app_array_get_stride (target, (guint) array->chunk_axis)
                           : 0))
    return TRUE;
  pinwheel_app_array_write (target, array, start, count, pinwheel_chunk_get_data (chunk, i));
  pinwheel_device_count_staging (pinwheel_element_get_device (PINWHEEL_ELEMENT (self)),
                                 pinwheel_chunk_get_size (chunk, i));
  return TRUE;
}

/* Returns: FALSE when the run is being stopped */
static gboolean
pinwheel_app_sink_hand_out (PinwheelAppSink *self, PinwheelChunk *chunk, GError **error)
{
  gboolean stopping;

  pinwheel_lock (&self->lock);
  while (self->chunks.length >= self->max_chunks && !self->stopping)
    pinwheel_cond_wait (&self->changed, &self->lock);
  stopping = self->stopping;
  if (!stopping)
    {
      g_queue_push_tail (&self->chunks, pinwheel_chunk_ref (chunk));
      g_cond_broadcast (&self->changed);
    }
  pinwheel_unlock (&self->lock);
  if (stopping)
    g_set_error_literal (error, PINWHEEL_ERROR, PINWHEEL_ERROR_STOPPED, "the run is being stopped");
  else
    g_signal_emit_by_name (self, "new-chunk");
  return !stopping;
}

static gboolean
pinwheel_app_sink_consume (PinwheelSink *sink, PinwheelChunk *chunk, GError **error)
{
  PinwheelAppSink *self = PINWHEEL_APP_SINK (sink);

  for (guint i = 0; i < pinwheel_format_n_arrays (pinwheel_chunk_get_format (chunk)); i++)
    if (!pinwheel_app_sink_write (self, chunk, i, error))
      return FALSE;
  self->items += pinwheel_chunk_get_count (chunk);
  return !self->hands_out || pinwheel_app_sink_hand_out (self, chunk, error);
}

static gboolean
pinwheel_app_sink_finish (PinwheelSink *sink, GError **error)
{
  PinwheelAppSink *self = PINWHEEL_APP_SINK (sink);
  PinwheelFormat *format = pinwheel_pad_get_format (
      pinwheel_element_get_sink (PINWHEEL_ELEMENT (sink)));

  for (guint i = 0; i < pinwheel_format_n_arrays (format); i++)
    {
      const PinwheelArray *array = pinwheel_format_array (format, i);
      PinwheelAppArray *target = g_hash_table_lookup (self->targets, array->name);

      if (target == NULL || pinwheel_array_is_broadcast (array)
          || pinwheel_app_array_get_length (target, (guint) array->chunk_axis) == self->items)
        continue;
      g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_DATA,
                   "the memory given for array '%s' has %" G_GUINT64_FORMAT
                   " items, and the stream ended after %" G_GUINT64_FORMAT,
                   array->name, pinwheel_app_array_get_length (target, (guint) array->chunk_axis),
                   self->items);
      return FALSE;
    }
  pinwheel_lock (&self->lock);
  self->ended = TRUE;
  g_cond_broadcast (&self->changed);
  pinwheel_unlock (&self->lock);
  return TRUE;
}

/* --- pulling --- */

static PinwheelChunk *pull_locked (PinwheelAppSink *self, gboolean waits, GCancellable *cancellable,
                                   GError **error) PINWHEEL_REQUIRES (self->lock);
static PinwheelChunk *
pull_locked (PinwheelAppSink *self, gboolean waits, GCancellable *cancellable, GError **error)
{
  PinwheelChunk *chunk;

  while (waits && g_queue_is_empty (&self->chunks) && !self->ended && !self->stopping
         && !g_cancellable_is_cancelled (cancellable))
    pinwheel_cond_wait (&self->changed, &self->lock);
  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return NULL;
  chunk = self->stopping ? NULL : g_queue_pop_head (&self->chunks);
  if (chunk != NULL)
    g_cond_broadcast (&self->changed);
  else if (self->stopping)
    g_set_error_literal (error, PINWHEEL_ERROR, PINWHEEL_ERROR_STOPPED,
                         "the run has ended early; the pipeline says why");
  else if (!self->ended)
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK, "no chunk has come");
  return chunk;
}

static void
on_cancelled (GCancellable *cancellable, gpointer data)
{
  PinwheelAppSink *self = data;

  pinwheel_lock (&self->lock);
  g_cond_broadcast (&self->changed);
  pinwheel_unlock (&self->lock);
}

PinwheelChunk *
pinwheel_app_sink_pull (PinwheelAppSink *self, GCancellable *cancellable, GError **error)
{
  PinwheelChunk *chunk;
  gulong id = 0;

  g_return_val_if_fail (PINWHEEL_IS_APP_SINK (self), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  if (cancellable != NULL)
    id = g_cancellable_connect (cancellable, G_CALLBACK (on_cancelled), self, NULL);
  pinwheel_lock (&self->lock);
  chunk = pull_locked (self, TRUE, cancellable, error);
  pinwheel_unlock (&self->lock);
  if (id != 0)
    g_cancellable_disconnect (cancellable, id);
  return chunk;
}

PinwheelChunk *
pinwheel_app_sink_try_pull (PinwheelAppSink *self, GError **error)
{
  PinwheelChunk *chunk;

  g_return_val_if_fail (PINWHEEL_IS_APP_SINK (self), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  pinwheel_lock (&self->lock);
  chunk = pull_locked (self, FALSE, NULL, error);
  pinwheel_unlock (&self->lock);
  return chunk;
}

static void
pinwheel_app_sink_finalize (GObject *object)
{
  PinwheelAppSink *self = PINWHEEL_APP_SINK (object);

  pinwheel_app_sink_drop (self);
  g_hash_table_unref (self->targets);
  g_cond_clear (&self->changed);
  pinwheel_lock_clear (&self->lock);

  G_OBJECT_CLASS (pinwheel_app_sink_parent_class)->finalize (object);
}

static void
pinwheel_app_sink_class_init (PinwheelAppSinkClass *klass)
{
  PinwheelElementClass *element_class = PINWHEEL_ELEMENT_CLASS (klass);
  PinwheelSinkClass *sink_class = PINWHEEL_SINK_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = pinwheel_app_sink_finalize;
  element_class->info = &info;
  element_class->negotiate = pinwheel_app_sink_negotiate;
  element_class->start = pinwheel_app_sink_start;
  element_class->stop = pinwheel_app_sink_stop;
  element_class->get_target = pinwheel_app_sink_get_target;
  sink_class->consume = pinwheel_app_sink_consume;
  sink_class->finish = pinwheel_app_sink_finish;
  pinwheel_class_install_properties (G_OBJECT_CLASS (klass), properties, G_N_ELEMENTS (properties));
  /* applications make it without the registry, too */
  pinwheel_type_set_nick (PINWHEEL_TYPE_APP_SINK, info.name);
  g_signal_new ("new-chunk", PINWHEEL_TYPE_APP_SINK, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                G_TYPE_NONE, 0);
}

static void
pinwheel_app_sink_init (PinwheelAppSink *self)
{
  pinwheel_lock_init (&self->lock);
  g_cond_init (&self->changed);
  g_queue_init (&self->chunks);
  self->targets = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                         (GDestroyNotify) pinwheel_app_array_unref);
}
