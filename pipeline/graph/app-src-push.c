/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* appsrc, the application's side. */
#include "config.h"

#include "base/quote-private.h"
#include "graph/app-src-private.h"
#include "memory/app-array-private.h"

gboolean
pinwheel_app_src_parse_locked (PinwheelAppSrc *self, GError **error)
{
  PinwheelFormat *format;

  if (self->format != NULL && g_strcmp0 (self->parsed_text, self->format_text) == 0)
    return TRUE;
  if (self->format_text == NULL)
    {
      g_set_error_literal (error, PINWHEEL_ERROR, PINWHEEL_ERROR_PROPERTY,
                           "set the property format first, such as \"x:f32[*]\"");
      return FALSE;
    }
  if (!g_queue_is_empty (&self->blocks))
    {
      g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_FAILED,
                   "format=\"%s\" was set after items had been pushed for format=\"%s\"; set it "
                   "before the first push",
                   self->format_text, self->parsed_text);
      return FALSE;
    }
  format = pinwheel_format_parse (self->format_text, PINWHEEL_ITEMS_UNKNOWN, error);
  if (format == NULL)
    {
      g_prefix_error (error, "format=\"%s\": ", self->format_text);
      return FALSE;
    }
  g_clear_pointer (&self->format, pinwheel_format_unref);
  if (self->whole != NULL)
    g_queue_push_tail (&self->stale, self->whole);
  self->format = format;
  g_free (self->parsed_text);
  self->parsed_text = g_strdup (self->format_text);
  self->whole = pinwheel_app_block_new (pinwheel_format_n_arrays (format), 0);
  return TRUE;
}

/* Another block takes the place of whole: chunks that are still held keep the old one. */
static void replace_locked (PinwheelAppSrc *self, guint index, PinwheelAppArray *array)
    PINWHEEL_REQUIRES (self->lock);
static void
replace_locked (PinwheelAppSrc *self, guint index, PinwheelAppArray *array)
{
  PinwheelAppBlock *block = pinwheel_app_block_new (self->whole->n_arrays, 0);

  for (guint i = 0; i < block->n_arrays; i++)
    {
      PinwheelAppArray *kept = i == index ? array : self->whole->arrays[i];

      block->arrays[i] = kept != NULL ? pinwheel_app_array_ref (kept) : NULL;
    }
  g_queue_push_tail (&self->stale, self->whole);
  self->whole = block;
}

void
pinwheel_app_src_drop_stale (PinwheelAppSrc *self)
{
  GQueue stale;

  pinwheel_lock (&self->lock);
  stale = self->stale;
  g_queue_init (&self->stale);
  pinwheel_unlock (&self->lock);
  g_queue_clear_full (&stale, pinwheel_app_block_unref);
}

static gboolean set_array_locked (PinwheelAppSrc *self, const char *name, PinwheelAppArray *array,
                                  GError **error) PINWHEEL_REQUIRES (self->lock);
static gboolean
set_array_locked (PinwheelAppSrc *self, const char *name, PinwheelAppArray *array, GError **error)
{
  int index;

  if (self->running)
    {
      g_set_error_literal (
          error, PINWHEEL_ERROR, PINWHEEL_ERROR_FAILED,
          "arrays cannot be set while the pipeline runs; push items, or wait until "
          "it has ended");
      return FALSE;
    }
  if (!pinwheel_app_src_parse_locked (self, error))
    return FALSE;
  index = pinwheel_format_find (self->format, name);
  if (index < 0)
    {
      g_autofree char *quoted = pinwheel_quote (name);

      g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_FORMAT,
                   "there is no array %s in format=\"%s\"", quoted, self->format_text);
      return FALSE;
    }
  if (array != NULL
      && !pinwheel_app_array_check (array, pinwheel_format_array (self->format, (guint) index),
                                    error))
    return FALSE;
  replace_locked (self, (guint) index, array);
  return TRUE;
}

gboolean
pinwheel_app_src_set_array (PinwheelAppSrc *self, const char *name, PinwheelAppArray *array,
                            GError **error)
{
  gboolean ok;

  g_return_val_if_fail (PINWHEEL_IS_APP_SRC (self) && name != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  pinwheel_lock (&self->lock);
  ok = set_array_locked (self, name, array, error);
  pinwheel_unlock (&self->lock);
  pinwheel_app_src_drop_stale (self);
  return ok;
}

/* @arrays: one for each cut array of the format.
 * Returns: (transfer full) (nullable) */
static PinwheelAppBlock *make_block_locked (PinwheelAppSrc *self, PinwheelAppArray **arrays,
                                            guint n_arrays, GError **error)
    PINWHEEL_REQUIRES (self->lock);
static PinwheelAppBlock *
make_block_locked (PinwheelAppSrc *self, PinwheelAppArray **arrays, guint n_arrays, GError **error)
{
  guint n = pinwheel_format_n_arrays (self->format), n_cut = 0, k = 0;
  PinwheelAppBlock *block;

  for (guint i = 0; i < n; i++)
    if (!pinwheel_array_is_broadcast (pinwheel_format_array (self->format, i)))
      n_cut++;
  if (n_arrays != n_cut)
    {
      g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_FORMAT,
                   "%u arrays were pushed, and format=\"%s\" has %u with a chunk axis", n_arrays,
                   self->format_text, n_cut);
      return NULL;
    }
  block = pinwheel_app_block_new (n, 0);
  for (guint i = 0; i < n; i++)
    {
      const PinwheelArray *array = pinwheel_format_array (self->format, i);
      guint64 length;

      if (pinwheel_array_is_broadcast (array))
        continue;
      if (!pinwheel_app_array_check (arrays[k], array, error))
        break;
      length = pinwheel_app_array_get_length (arrays[k], (guint) array->chunk_axis);
      if (k > 0 && length != block->n_items)
        {
          g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_FORMAT,
                       "array '%s' was pushed with %" G_GUINT64_FORMAT
                       " items and the one before it with %" G_GUINT64_FORMAT
                       "; all must have the same number",
                       array->name, length, block->n_items);
          break;
        }
      block->n_items = length;
      block->arrays[i] = pinwheel_app_array_ref (arrays[k++]);
    }
  if (k == n_cut)
    return block;
  pinwheel_app_block_unref (block);
  return NULL;
}

static gboolean is_full_locked (PinwheelAppSrc *self) PINWHEEL_REQUIRES (self->lock);
static gboolean
is_full_locked (PinwheelAppSrc *self)
{
  return self->blocks.length >= self->max_blocks && !self->closed && !self->ended
         && !self->stopping;
}

/* Whether a block of @n_items can be taken now. */
static gboolean check_open_locked (PinwheelAppSrc *self, guint64 n_items, GError **error)
    PINWHEEL_REQUIRES (self->lock);
static gboolean
check_open_locked (PinwheelAppSrc *self, guint64 n_items, GError **error)
{
  if (self->closed || self->stopping)
    g_set_error_literal (error, PINWHEEL_ERROR, PINWHEEL_ERROR_STOPPED,
                         "the run has ended or is being stopped; the pipeline says why, and takes "
                         "pushes again when it is READY");
  else if (self->ended)
    g_set_error_literal (error, PINWHEEL_ERROR, PINWHEEL_ERROR_FAILED,
                         "items were pushed after the end of the stream was");
  else if (is_full_locked (self))
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK,
                 "%" G_GUINT64_FORMAT " pushes wait already (max-blocks)", self->max_blocks);
  else if (self->running && self->is_whole)
    g_set_error_literal (error, PINWHEEL_ERROR, PINWHEEL_ERROR_FAILED,
                         "whole arrays were given for this run; push items, or give whole arrays");
  else if (n_items > self->items - self->pushed)
    g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_FAILED,
                 "%" G_GUINT64_FORMAT " items were pushed after %" G_GUINT64_FORMAT
                 ", and items=%" G_GUINT64_FORMAT,
                 n_items, self->pushed, self->items);
  else
    return TRUE;
  return FALSE;
}

static gboolean push_locked (PinwheelAppSrc *self, PinwheelAppArray **arrays, guint n_arrays,
                             gboolean waits, GCancellable *cancellable, GError **error)
    PINWHEEL_REQUIRES (self->lock);
static gboolean
push_locked (PinwheelAppSrc *self, PinwheelAppArray **arrays, guint n_arrays, gboolean waits,
             GCancellable *cancellable, GError **error)
{
  PinwheelAppBlock *block;
  gboolean ok;

  if (!pinwheel_app_src_parse_locked (self, error))
    return FALSE;
  while (waits && is_full_locked (self) && !g_cancellable_is_cancelled (cancellable))
    pinwheel_cond_wait (&self->changed, &self->lock);
  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;
  block = make_block_locked (self, arrays, n_arrays, error);
  if (block == NULL)
    return FALSE;
  ok = check_open_locked (self, block->n_items, error);
  if (ok && block->n_items > 0)
    {
      self->pushed += block->n_items;
      g_queue_push_tail (&self->blocks, g_steal_pointer (&block));
      g_cond_broadcast (&self->changed);
    }
  /* the caller holds the arrays, so that nothing of the application's is called */
  g_clear_pointer (&block, pinwheel_app_block_unref);
  return ok;
}

static void
on_cancelled (GCancellable *cancellable, gpointer data)
{
  PinwheelAppSrc *self = data;

  pinwheel_lock (&self->lock);
  g_cond_broadcast (&self->changed);
  pinwheel_unlock (&self->lock);
}

gboolean
pinwheel_app_src_push (PinwheelAppSrc *self, PinwheelAppArray **arrays, guint n_arrays,
                       GCancellable *cancellable, GError **error)
{
  gulong id = 0;
  gboolean ok;

  g_return_val_if_fail (PINWHEEL_IS_APP_SRC (self) && arrays != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (cancellable != NULL)
    id = g_cancellable_connect (cancellable, G_CALLBACK (on_cancelled), self, NULL);
  pinwheel_lock (&self->lock);
  ok = push_locked (self, arrays, n_arrays, TRUE, cancellable, error);
  pinwheel_unlock (&self->lock);
  if (id != 0)
    g_cancellable_disconnect (cancellable, id);
  return ok;
}

gboolean
pinwheel_app_src_try_push (PinwheelAppSrc *self, PinwheelAppArray **arrays, guint n_arrays,
                           GError **error)
{
  gboolean ok;

  g_return_val_if_fail (PINWHEEL_IS_APP_SRC (self) && arrays != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  pinwheel_lock (&self->lock);
  ok = push_locked (self, arrays, n_arrays, FALSE, NULL, error);
  pinwheel_unlock (&self->lock);
  return ok;
}

/* @array: (out): the only cut array. Returns: whether there is one */
static gboolean
get_only (PinwheelAppSrc *self, PinwheelArray *array, GError **error)
{
  guint n_cut = 0;

  pinwheel_lock (&self->lock);
  if (!pinwheel_app_src_parse_locked (self, error))
    {
      pinwheel_unlock (&self->lock);
      return FALSE;
    }
  for (guint i = 0; i < pinwheel_format_n_arrays (self->format); i++)
    if (!pinwheel_array_is_broadcast (pinwheel_format_array (self->format, i)))
      {
        *array = *pinwheel_format_array (self->format, i);
        n_cut++;
      }
  if (n_cut != 1)
    g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_FORMAT,
                 "bytes were pushed, and format=\"%s\" has %u arrays with a chunk axis where one "
                 "was expected; push arrays",
                 self->format_text, n_cut);
  pinwheel_unlock (&self->lock);
  return n_cut == 1;
}

gboolean
pinwheel_app_src_push_bytes (PinwheelAppSrc *self, GBytes *bytes, GCancellable *cancellable,
                             GError **error)
{
  g_autoptr (PinwheelAppArray) memory = NULL;
  PinwheelArray array;
  guint64 item;

  g_return_val_if_fail (PINWHEEL_IS_APP_SRC (self) && bytes != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (!get_only (self, &array, error))
    return FALSE;
  item = pinwheel_array_item_size (&array);
  if (item == 0 || g_bytes_get_size (bytes) % item != 0)
    {
      g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_FORMAT,
                   "%" G_GSIZE_FORMAT " bytes were pushed for array '%s', whose items have "
                   "%" G_GUINT64_FORMAT " bytes; push whole items",
                   g_bytes_get_size (bytes), array.name, item);
      return FALSE;
    }
  array.shape[array.chunk_axis] = g_bytes_get_size (bytes) / item;
  memory = pinwheel_app_array_new_bytes (array.dtype, array.n_dims, array.shape, bytes, error);
  return memory != NULL && pinwheel_app_src_push (self, &memory, 1, cancellable, error);
}

void
pinwheel_app_src_end (PinwheelAppSrc *self)
{
  g_return_if_fail (PINWHEEL_IS_APP_SRC (self));

  pinwheel_lock (&self->lock);
  if (!self->closed)
    self->ended = TRUE;
  g_cond_broadcast (&self->changed);
  pinwheel_unlock (&self->lock);
}
