/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <pinwheel/error.h>

#include "common/array-file.h"
#include "common/rows.h"

#define SCRATCH (1024 * 1024)

/* What stands before each slice in the spool. */
typedef struct
{
  guint64 start, count;
} SpoolEntry;

static gboolean
check_stream (PinwheelArrayFile *self, GError **error)
{
  g_autofree char *text = NULL;

  if (!self->out->stream)
    return TRUE;
  if (self->make_head != NULL)
    {
      g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_RESOURCE,
                   "'%s' is a pipe or a device, and the format needs a regular file; rawsink "
                   "writes to pipes and devices",
                   self->out->path);
      return FALSE;
    }
  if (pinwheel_array_outer (&self->array) == 1)
    return TRUE;
  text = pinwheel_array_to_string (&self->array);
  g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_FORMAT,
               "'%s' is a pipe or a device, which is written in order, but %s is cut along another "
               "axis than the first; write it to a regular file",
               self->out->path, text);
  return FALSE;
}

PinwheelArrayFile *
pinwheel_array_file_new (PinwheelFormat *format, guint index, const char *location,
                         PinwheelHeadFunc make_head, GError **error)
{
  g_autoptr (PinwheelArrayFile) self = g_new0 (PinwheelArrayFile, 1);

  self->array = *pinwheel_format_array (format, index);
  self->index = index;
  self->n_items = pinwheel_format_n_items (format);
  self->make_head = make_head;
  self->out = pinwheel_out_file_new (location, error);
  if (self->out == NULL || !check_stream (self, error))
    return NULL;
  return g_steal_pointer (&self);
}

void
pinwheel_array_file_free (PinwheelArrayFile *self)
{
  g_clear_pointer (&self->spool, pinwheel_out_file_free);
  g_clear_pointer (&self->out, pinwheel_out_file_free);
  g_free (self);
}

/* Where items lie in the file depends on how many there are in all, unless the chunk axis is the
 * first one: with the total unknown they are kept in a file without a name until it is known. */
gboolean
pinwheel_array_file_open (PinwheelArrayFile *self, GCancellable *cancellable, GError **error)
{
  gboolean broadcast = pinwheel_array_is_broadcast (&self->array);
  gboolean known = broadcast || self->n_items != PINWHEEL_ITEMS_UNKNOWN;
  guint64 needed = 0;

  self->seen = 0;
  if (self->make_head != NULL)
    {
      g_autoptr (GBytes) head = self->make_head (&self->array, self->n_items, 0);

      self->head = g_bytes_get_size (head);
    }
  if (known)
    needed = self->head + pinwheel_array_item_size (&self->array) * (broadcast ? 1 : self->n_items);
  if (!pinwheel_out_file_open (self->out, needed, cancellable, error))
    return FALSE;
  if (known || pinwheel_array_outer (&self->array) == 1)
    return TRUE;
  self->spooled = 0;
  self->spool = pinwheel_out_file_new (self->out->path, error);
  return self->spool != NULL && pinwheel_out_file_open (self->spool, 0, cancellable, error);
}

static gboolean
spool (PinwheelArrayFile *self, SpoolEntry entry, gpointer slice, guint64 size, GError **error)
{
  if (!pinwheel_out_file_pwrite (self->spool, &entry, sizeof entry, self->spooled, error)
      || !pinwheel_out_file_pwrite (self->spool, slice, size, self->spooled + sizeof entry, error))
    return FALSE;
  self->spooled += sizeof entry + size;
  return TRUE;
}

gboolean
pinwheel_array_file_write (PinwheelArrayFile *self, PinwheelChunk *chunk, GError **error)
{
  guint64 start = pinwheel_chunk_get_start (chunk);
  guint64 count = pinwheel_chunk_get_count (chunk);
  guint64 size = pinwheel_chunk_get_size (chunk, self->index);
  gpointer slice = pinwheel_chunk_get_data (chunk, self->index);

  /* the same in every chunk */
  if (pinwheel_array_is_broadcast (&self->array) && pinwheel_chunk_get_index (chunk) > 0)
    return TRUE;
  self->seen += count;
  if (self->out->stream)
    return pinwheel_out_file_write (self->out, slice, size, error);
  if (self->spool != NULL)
    return spool (self, (SpoolEntry){ start, count }, slice, size, error);
  return pinwheel_rows_each (&self->array, self->n_items, self->head, start, count, slice,
                             pinwheel_out_file_pwrite, self->out, error);
}

/* Copies the slice at @from of the spool to its rows; @scratch: SCRATCH bytes */
static gboolean
lay_out_slice (PinwheelArrayFile *self, SpoolEntry entry, guint64 from, guint64 size,
               guint8 *scratch, GError **error)
{
  guint64 row = pinwheel_array_row_size (&self->array);
  guint64 piece, part;

  for (guint64 at = 0; at < size; at += piece)
    {
      piece = MIN (size - at, SCRATCH);
      if (!pinwheel_out_file_pread (self->spool, scratch, piece, from + at, error))
        return FALSE;
      for (guint64 done = 0; done < piece; done += part)
        {
          guint64 outer = (at + done) / (entry.count * row);
          guint64 within = (at + done) % (entry.count * row);

          part = MIN (piece - done, entry.count * row - within);
          if (!pinwheel_out_file_pwrite (
                  self->out, scratch + done, part,
                  self->head + (outer * self->n_items + entry.start) * row + within, error))
            return FALSE;
        }
    }
  return TRUE;
}

static gboolean
lay_out_spool (PinwheelArrayFile *self, GError **error)
{
  g_autofree guint8 *scratch = g_malloc (SCRATCH);
  guint64 item = pinwheel_array_item_size (&self->array);
  SpoolEntry entry;

  self->out->needed = self->head + self->n_items * item;
  for (guint64 at = 0; at < self->spooled; at += sizeof entry + entry.count * item)
    if (!pinwheel_out_file_pread (self->spool, &entry, sizeof entry, at, error)
        || !lay_out_slice (self, entry, at + sizeof entry, entry.count * item, scratch, error))
      return FALSE;
  g_clear_pointer (&self->spool, pinwheel_out_file_free);
  return TRUE;
}

gboolean
pinwheel_array_file_finish (PinwheelArrayFile *self, GError **error)
{
  g_autoptr (GBytes) head = NULL;

  if (self->n_items == PINWHEEL_ITEMS_UNKNOWN)
    self->n_items = self->seen;
  else if (self->seen != self->n_items && !pinwheel_array_is_broadcast (&self->array))
    {
      g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_FAILED,
                   "%" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT " items of '%s' came", self->seen,
                   self->n_items, self->array.name);
      return FALSE;
    }
  if (self->spool != NULL && !lay_out_spool (self, error))
    return FALSE;
  if (self->make_head == NULL)
    return TRUE;
  head = self->make_head (&self->array, self->n_items, self->head);
  return pinwheel_out_file_pwrite (self->out, (gpointer) g_bytes_get_data (head, NULL),
                                   g_bytes_get_size (head), 0, error);
}
