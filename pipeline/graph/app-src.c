/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* appsrc, the element's side: what the application gave goes into chunks. */
#include "config.h"

#include "base/property-private.h"
#include "device/device-private.h"
#include "graph/app-src-private.h"
#include "graph/element-private.h"
#include "graph/pad-private.h"
#include "memory/app-array-private.h"
#include "memory/pool-private.h"

G_DEFINE_FINAL_TYPE (PinwheelAppSrc, pinwheel_app_src, PINWHEEL_TYPE_SOURCE)

static const PinwheelProperty properties[] = {
  PINWHEEL_STRING (PinwheelAppSrc, format_text, "format", NULL, PINWHEEL_PROPERTY_REQUIRED,
                   "The arrays that the application gives, such as x:f32[*] k:f64[3]"),
  PINWHEEL_UINT (PinwheelAppSrc, items, "items", 0, G_MAXUINT64, PINWHEEL_ITEMS_UNKNOWN,
                 "Items that are pushed in all; unset: known when the application ends the stream"),
  PINWHEEL_UINT (PinwheelAppSrc, max_blocks, "max-blocks", 1, 1024, 2,
                 "Pushes that may wait to be taken before the next one waits for room"),
  PINWHEEL_BOOLEAN (PinwheelAppSrc, direct, "direct", FALSE,
                    "No buffers for what is pushed: memory that would be staged is an error"),
};

static const PinwheelPadTemplate templates[] = {
  { "src", PINWHEEL_PAD_SRC, PINWHEEL_PLACE_HOST },
  { .name = NULL },
};

static const PinwheelElementInfo info = {
  .name = "appsrc",
  .group = "source",
  .summary = "Takes arrays from the application",
  .description
  = "The application gives whole arrays with pinwheel_app_src_set_array(), or items while it runs "
    "with pinwheel_app_src_push(). Memory that is pinned for the device is copied there directly, "
    "and where device memory is the host's nothing is copied; the plan says for each whole array "
    "whether it is.",
  .example = "appsrc format=\"x:f32[*]\" items=0 ! statsink",
};

/* --- blocks --- */

PinwheelAppBlock *
pinwheel_app_block_new (guint n_arrays, guint64 n_items)
{
  PinwheelAppBlock *self = g_malloc0 (sizeof *self + n_arrays * sizeof self->arrays[0]);

  self->ref_count = 1;
  self->n_arrays = n_arrays;
  self->n_items = n_items;
  return self;
}

static PinwheelAppBlock *
block_ref (PinwheelAppBlock *self)
{
  g_atomic_int_inc (&self->ref_count);
  return self;
}

void
pinwheel_app_block_unref (gpointer block)
{
  PinwheelAppBlock *self = block;

  if (!g_atomic_int_dec_and_test (&self->ref_count))
    return;
  for (guint i = 0; i < self->n_arrays; i++)
    g_clear_pointer (&self->arrays[i], pinwheel_app_array_unref);
  g_free (self);
}

/* --- setting up --- */

/* Whether all that was pushed before the run has a place in it. */
static gboolean
pinwheel_app_src_check_pushed (PinwheelAppSrc *self, GError **error)
{
  if (self->is_whole && !g_queue_is_empty (&self->blocks))
    g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_FAILED,
                 "%" G_GUINT64_FORMAT " items were pushed, and whole arrays were given as well; "
                 "push items, or give whole arrays",
                 self->pushed);
  else if (self->pushed > self->items)
    g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_FAILED,
                 "%" G_GUINT64_FORMAT " items were pushed, and items=%" G_GUINT64_FORMAT
                 " was set afterwards; set it before the first push",
                 self->pushed, self->items);
  else
    return TRUE;
  return FALSE;
}

/* Sets @n_items and whether all is given: no cut array is there, or each. */
static gboolean
pinwheel_app_src_count (PinwheelAppSrc *self, guint64 *n_items, GError **error)
{
  const PinwheelArray *given = NULL, *missing = NULL;

  *n_items = self->items;
  for (guint i = 0; i < self->whole->n_arrays; i++)
    {
      const PinwheelArray *array = pinwheel_format_array (self->format, i);
      PinwheelAppArray *memory = self->whole->arrays[i];

      if (memory == NULL)
        {
          if (missing == NULL || pinwheel_array_is_broadcast (array))
            missing = array;
          continue;
        }
      if (pinwheel_array_is_broadcast (array))
        continue;
      if (given != NULL && pinwheel_app_array_get_length (memory, array->chunk_axis) != *n_items)
        {
          g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_FORMAT,
                       "array '%s' has %" G_GUINT64_FORMAT " items and array '%s' has "
                       "%" G_GUINT64_FORMAT "; all must have the same number",
                       given->name, *n_items, array->name,
                       pinwheel_app_array_get_length (memory, array->chunk_axis));
          return FALSE;
        }
      given = array;
      *n_items = pinwheel_app_array_get_length (memory, array->chunk_axis);
    }
  self->is_whole = given != NULL;
  if (missing == NULL || (given == NULL && !pinwheel_array_is_broadcast (missing)))
    return TRUE;
  g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_FORMAT,
               "no memory was given for array '%s'; give it with pinwheel_app_src_set_array()",
               missing->name);
  return FALSE;
}

static gboolean
pinwheel_app_src_negotiate (PinwheelElement *element, GError **error)
{
  PinwheelAppSrc *self = PINWHEEL_APP_SRC (element);
  g_autoptr (PinwheelFormat) format = NULL;
  guint64 n_items = 0;
  gboolean ok;

  pinwheel_lock (&self->lock);
  ok = pinwheel_app_src_parse_locked (self, error) && pinwheel_app_src_count (self, &n_items, error)
       && pinwheel_app_src_check_pushed (self, error);
  if (ok)
    format = pinwheel_format_new (pinwheel_format_array (self->format, 0),
                                  pinwheel_format_n_arrays (self->format), n_items, error);
  self->running = TRUE;
  self->closed = FALSE;
  pinwheel_unlock (&self->lock);
  if (format == NULL)
    return FALSE;
  pinwheel_pad_set_format (pinwheel_element_get_src (element), format);
  return TRUE;
}

/* Whether chunks can be views of @memory.
 * @rows: (out): how it lies */
static gboolean
pinwheel_app_src_suits (PinwheelAppSrc *self, const PinwheelArray *array, PinwheelAppArray *memory,
                        PinwheelRows *rows)
{
  PinwheelDevice *device = pinwheel_element_get_device (PINWHEEL_ELEMENT (self));

  return pinwheel_app_array_has_rows (memory, array, rows)
         && (self->ahead.strided || pinwheel_rows_are_plain (rows))
         && (!self->ahead.pinned
             || pinwheel_device_is_pinned (device, pinwheel_app_array_get_memory (memory),
                                           pinwheel_app_array_get_extent (memory)));
}

/* Whole arrays are known now. What is pushed later has buffers in the plan unless the application
 * promises otherwise, but uses them only where it must. */
static gboolean
pinwheel_app_src_demand (PinwheelElement *element, GError **error)
{
  PinwheelAppSrc *self = PINWHEEL_APP_SRC (element);
  PinwheelPad *src = pinwheel_element_get_src (element);

  if (!PINWHEEL_ELEMENT_CLASS (pinwheel_app_src_parent_class)->demand (element, error))
    return FALSE;
  self->ahead = pinwheel_pad_look_ahead (src);
  for (guint i = 0; i < self->whole->n_arrays; i++)
    {
      PinwheelAppArray *memory = self->whole->arrays[i];
      PinwheelRows rows;

      if (memory != NULL
          && pinwheel_app_src_suits (self, pinwheel_format_array (self->format, i), memory, &rows))
        pinwheel_pad_set_direct (src, i, pinwheel_app_array_get_memory (memory), &rows);
      else if (memory == NULL && self->direct)
        pinwheel_pad_set_direct (src, i, NULL, NULL);
    }
  return TRUE;
}

/* A buffer came home whose work goes on: the application waits for its memory perhaps. */
static void
pinwheel_app_src_on_returned (gpointer data)
{
  PinwheelAppSrc *self = data;

  pinwheel_lock (&self->lock);
  self->returned = TRUE;
  g_cond_broadcast (&self->changed);
  pinwheel_unlock (&self->lock);
}

static void
pinwheel_app_src_on_cancelled (GCancellable *cancellable, gpointer data)
{
  PinwheelAppSrc *self = data;

  pinwheel_lock (&self->lock);
  self->stopping = TRUE;
  g_cond_broadcast (&self->changed);
  pinwheel_unlock (&self->lock);
}

static gboolean
pinwheel_app_src_start (PinwheelElement *element, GError **error)
{
  PinwheelAppSrc *self = PINWHEEL_APP_SRC (element);
  PinwheelPad *src = pinwheel_element_get_src (element);

  if (pinwheel_pad_get_pool (src) != NULL)
    pinwheel_pool_set_listener (pinwheel_pad_get_pool (src), G_OBJECT (self),
                                pinwheel_app_src_on_returned);
  if (pinwheel_pad_has_direct (src, FALSE))
    pinwheel_buffer_keep (pinwheel_pad_get_broadcast_buffer (src), block_ref (self->whole),
                          pinwheel_app_block_unref);
  self->cancel_id = g_cancellable_connect (pinwheel_element_get_cancellable (element),
                                           G_CALLBACK (pinwheel_app_src_on_cancelled), self, NULL);
  return TRUE;
}

static void
pinwheel_app_src_stop (PinwheelElement *element)
{
  PinwheelAppSrc *self = PINWHEEL_APP_SRC (element);
  gboolean over = self->cancel_id != 0 || !pinwheel_element_is_put_off (element);
  GQueue blocks = G_QUEUE_INIT;

  g_cancellable_disconnect (pinwheel_element_get_cancellable (element), self->cancel_id);
  self->cancel_id = 0;
  g_clear_pointer (&self->current, pinwheel_app_block_unref);
  pinwheel_lock (&self->lock);
  self->running = FALSE;
  if (over)
    {
      blocks = self->blocks;
      g_queue_init (&self->blocks);
      self->closed = TRUE;
      self->ended = self->stopping = self->returned = self->asked = FALSE;
      self->pushed = 0;
      g_cond_broadcast (&self->changed);
    }
  pinwheel_unlock (&self->lock);
  g_queue_clear_full (&blocks, pinwheel_app_block_unref);
  pinwheel_app_src_drop_stale (self);
}

/* --- streaming --- */

/* What there is to do for the streaming thread. */
typedef enum
{
  NOW_NOTHING_MORE,
  NOW_TAKE,
  NOW_REAP,
  NOW_ASK
} Now;

static Now wait_locked (PinwheelAppSrc *self) PINWHEEL_REQUIRES (self->lock);
static Now
wait_locked (PinwheelAppSrc *self)
{
  for (;;)
    {
      if (self->stopping)
        return NOW_NOTHING_MORE;
      if (!g_queue_is_empty (&self->blocks))
        return NOW_TAKE;
      if (self->ended)
        return NOW_NOTHING_MORE;
      if (self->returned)
        {
          self->returned = FALSE;
          return NOW_REAP;
        }
      if (!self->asked)
        {
          self->asked = TRUE;
          return NOW_ASK;
        }
      pinwheel_cond_wait (&self->changed, &self->lock);
    }
}

/* Takes the next block.
 * Returns: FALSE with @error; TRUE without a block where the stream has ended */
static gboolean
pinwheel_app_src_take (PinwheelAppSrc *self, guint64 most, GError **error)
{
  PinwheelPool *pool = pinwheel_pad_get_pool (pinwheel_element_get_src (PINWHEEL_ELEMENT (self)));
  Now now;

  do
    {
      pinwheel_lock (&self->lock);
      now = wait_locked (self);
      if (now == NOW_TAKE)
        {
          self->current = g_queue_pop_head (&self->blocks);
          self->asked = FALSE;
          g_cond_broadcast (&self->changed);
        }
      pinwheel_unlock (&self->lock);
      if (now == NOW_ASK)
        g_signal_emit_by_name (self, "need-data", most);
      if (now == NOW_REAP && pool != NULL && !pinwheel_pool_reap (pool, error))
        return FALSE;
    }
  while (now == NOW_ASK || now == NOW_REAP);
  self->done = 0;
  return TRUE;
}

static gboolean
pinwheel_app_src_next (PinwheelSource *source, guint64 most, guint64 *count, GError **error)
{
  PinwheelAppSrc *self = PINWHEEL_APP_SRC (source);
  GCancellable *cancellable = pinwheel_element_get_cancellable (PINWHEEL_ELEMENT (self));

  *count = most;
  if (self->is_whole)
    return TRUE;
  if (self->current == NULL && !pinwheel_app_src_take (self, most, error))
    return FALSE;
  if (g_cancellable_is_cancelled (cancellable))
    {
      g_set_error_literal (error, PINWHEEL_ERROR, PINWHEEL_ERROR_STOPPED,
                           "the run is being stopped");
      return FALSE;
    }
  *count = self->current != NULL ? MIN (most, self->current->n_items - self->done) : 0;
  if (*count > 0 || self->items == PINWHEEL_ITEMS_UNKNOWN)
    return TRUE;
  g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_DATA,
               "the application ended the stream after %" G_GUINT64_FORMAT
               " items, and items=%" G_GUINT64_FORMAT
               " were to come; push them all, or leave items out",
               self->pushed, self->items);
  return FALSE;
}

/* Copies items of @memory to the buffer. */
static gboolean
pinwheel_app_src_stage (PinwheelAppSrc *self, PinwheelChunk *chunk, guint i,
                        PinwheelAppArray *memory, guint64 first, GError **error)
{
  const PinwheelArray *array = pinwheel_format_array (self->format, i);
  PinwheelElement *element = PINWHEEL_ELEMENT (self);

  if (pinwheel_pad_is_direct (pinwheel_element_get_src (element), i))
    {
      g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_FORMAT,
                   "what was pushed for array '%s' cannot be used where it lies, as direct=true "
                   "says: pin it for device %s (pinwheel_device_register()), with its items behind "
                   "one another, or leave direct out",
                   array->name, pinwheel_device_get_name (pinwheel_element_get_device (element)));
      return FALSE;
    }
  pinwheel_app_array_read (memory, array, first, pinwheel_chunk_get_count (chunk),
                           pinwheel_chunk_get_data (chunk, i));
  pinwheel_device_count_staging (pinwheel_element_get_device (element),
                                 pinwheel_chunk_get_size (chunk, i));
  return TRUE;
}

static gboolean
pinwheel_app_src_fill (PinwheelSource *source, PinwheelChunk *chunk, GError **error)
{
  PinwheelAppSrc *self = PINWHEEL_APP_SRC (source);
  PinwheelAppBlock *block = self->is_whole ? self->whole : self->current;
  guint64 first = self->is_whole ? pinwheel_chunk_get_start (chunk) : self->done;
  guint64 count = pinwheel_chunk_get_count (chunk);
  PinwheelBuffer *keeper = NULL;

  for (guint i = 0; i < block->n_arrays; i++)
    {
      const PinwheelArray *array = pinwheel_format_array (self->format, i);
      guint8 *memory;
      PinwheelRows rows;

      if (pinwheel_array_is_broadcast (array))
        continue;
      if (!pinwheel_app_src_suits (self, array, block->arrays[i], &rows))
        {
          if (!pinwheel_app_src_stage (self, chunk, i, block->arrays[i], first, error))
            return FALSE;
          continue;
        }
      keeper = pinwheel_chunk_get_buffer (chunk, i);
      memory = pinwheel_app_array_get_memory (block->arrays[i]);
      pinwheel_chunk_set_data (chunk, i, memory + first * rows.item, &rows);
    }
  if (keeper != NULL)
    pinwheel_buffer_keep (keeper, block_ref (block), pinwheel_app_block_unref);
  self->done += count;
  if (self->current != NULL && self->done == self->current->n_items)
    g_clear_pointer (&self->current, pinwheel_app_block_unref);
  return TRUE;
}

static gboolean
pinwheel_app_src_fill_broadcast (PinwheelSource *source, guint i, gpointer data, GError **error)
{
  PinwheelAppSrc *self = PINWHEEL_APP_SRC (source);
  const PinwheelArray *array = pinwheel_format_array (self->format, i);
  PinwheelDevice *device = pinwheel_element_get_device (PINWHEEL_ELEMENT (self));

  if (pinwheel_pad_is_direct (pinwheel_element_get_src (PINWHEEL_ELEMENT (self)), i))
    return TRUE;
  pinwheel_app_array_read (self->whole->arrays[i], array, 0, 0, data);
  pinwheel_device_count_staging (device, pinwheel_array_item_size (array));
  return TRUE;
}

static void
pinwheel_app_src_finalize (GObject *object)
{
  PinwheelAppSrc *self = PINWHEEL_APP_SRC (object);

  g_queue_clear_full (&self->blocks, pinwheel_app_block_unref);
  pinwheel_app_src_drop_stale (self);
  g_clear_pointer (&self->whole, pinwheel_app_block_unref);
  g_clear_pointer (&self->format, pinwheel_format_unref);
  g_free (self->parsed_text);
  g_cond_clear (&self->changed);
  pinwheel_lock_clear (&self->lock);

  G_OBJECT_CLASS (pinwheel_app_src_parent_class)->finalize (object);
}

static void
pinwheel_app_src_class_init (PinwheelAppSrcClass *klass)
{
  PinwheelElementClass *element_class = PINWHEEL_ELEMENT_CLASS (klass);
  PinwheelSourceClass *source_class = PINWHEEL_SOURCE_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = pinwheel_app_src_finalize;
  element_class->info = &info;
  element_class->templates = templates;
  element_class->negotiate = pinwheel_app_src_negotiate;
  element_class->demand = pinwheel_app_src_demand;
  element_class->start = pinwheel_app_src_start;
  element_class->stop = pinwheel_app_src_stop;
  source_class->next = pinwheel_app_src_next;
  source_class->fill = pinwheel_app_src_fill;
  source_class->fill_broadcast = pinwheel_app_src_fill_broadcast;
  pinwheel_class_install_properties (G_OBJECT_CLASS (klass), properties, G_N_ELEMENTS (properties));
  /* applications make it without the registry, too */
  pinwheel_type_set_nick (PINWHEEL_TYPE_APP_SRC, info.name);
  g_signal_new ("need-data", PINWHEEL_TYPE_APP_SRC, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                G_TYPE_NONE, 1, G_TYPE_UINT64);
}

static void
pinwheel_app_src_init (PinwheelAppSrc *self)
{
  pinwheel_lock_init (&self->lock);
  g_cond_init (&self->changed);
  g_queue_init (&self->blocks);
  g_queue_init (&self->stale);
}
