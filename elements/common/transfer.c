/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <pinwheel/device.h>

#include "common/transfer.h"

void
pinwheel_transfer_negotiate (PinwheelElement *element, PinwheelMemoryKind output)
{
  PinwheelFormat *format = pinwheel_pad_get_format (pinwheel_element_get_sink (element));
  PinwheelPad *src = pinwheel_element_get_src (element);

  pinwheel_pad_set_format (src, format);
  if (!pinwheel_device_is_integrated (pinwheel_element_get_device (element)))
    pinwheel_pad_set_demand (src, output, pinwheel_format_n_arrays (format));
}

static gboolean
copy_bytes (PinwheelStream *stream, PinwheelCopyKind kind, gconstpointer source, gpointer target,
            gsize size, GError **error)
{
  PinwheelCopy copy = {
    .kind = kind, .source = source, .target = target, .width = size, .height = 1
  };

  return size == 0 || pinwheel_stream_copy (stream, &copy, error);
}

static gboolean
is_flat (const PinwheelRows *rows)
{
  return rows->height == 1 && rows->depth == 1;
}

/* An array that is direct may lie anywhere, in rows at any distance; what is in a buffer is in C
 * order. */
static gboolean
copy_array (PinwheelStream *stream, PinwheelCopyKind kind, PinwheelChunk *input,
            PinwheelChunk *output, guint i, GError **error)
{
  PinwheelRows from, to;
  const PinwheelRows *rows;
  PinwheelCopy copy;

  pinwheel_chunk_get_rows (input, i, &from);
  pinwheel_chunk_get_rows (output, i, &to);
  rows = is_flat (&from) ? &to : &from;
  g_return_val_if_fail (is_flat (&from) || is_flat (&to), FALSE);
  copy = (PinwheelCopy){ .kind = kind,
                         .source = pinwheel_chunk_get_data (input, i),
                         .target = pinwheel_chunk_get_data (output, i),
                         .width = rows->width,
                         .height = rows->height,
                         .source_pitch = is_flat (&from) ? rows->width : from.pitch,
                         .target_pitch = is_flat (&to) ? rows->width : to.pitch,
                         .depth = rows->depth,
                         .source_slice = is_flat (&from) ? rows->width * rows->height : from.slice,
                         .target_slice = is_flat (&to) ? rows->width * rows->height : to.slice };
  return copy.width == 0 || pinwheel_stream_copy (stream, &copy, error);
}

static gboolean
is_cut (PinwheelChunk *chunk, guint i)
{
  return !pinwheel_array_is_broadcast (
      pinwheel_format_array (pinwheel_chunk_get_format (chunk), i));
}

/* Whether the cut arrays lie in one buffer on either side, at the same distances. */
static gboolean
is_one_piece (PinwheelChunk *input, PinwheelChunk *output, guint first, guint n)
{
  guint8 *source = pinwheel_chunk_get_data (input, first);
  guint8 *target = pinwheel_chunk_get_data (output, first);

  for (guint i = first; i < n; i++)
    {
      guint8 *from = pinwheel_chunk_get_data (input, i);
      guint8 *to = pinwheel_chunk_get_data (output, i);

      if (is_cut (input, i)
          && (pinwheel_chunk_is_direct (input, i) || pinwheel_chunk_is_direct (output, i)
              || pinwheel_chunk_get_buffer (input, i) != pinwheel_chunk_get_buffer (input, first)
              || pinwheel_chunk_get_buffer (output, i) != pinwheel_chunk_get_buffer (output, first)
              || from < source || from - source != to - target))
        return FALSE;
    }
  return TRUE;
}

static gboolean
copy_cut (PinwheelStream *stream, PinwheelCopyKind kind, PinwheelChunk *input,
          PinwheelChunk *output, GError **error)
{
  guint n = pinwheel_format_n_arrays (pinwheel_chunk_get_format (input));
  guint first = 0, last = n;

  while (first < n && !is_cut (input, first))
    first++;
  while (last > first && !is_cut (input, last - 1))
    last--;
  if (first < last && is_one_piece (input, output, first, last))
    {
      guint8 *source = pinwheel_chunk_get_data (input, first);
      guint8 *end = (guint8 *) pinwheel_chunk_get_data (input, last - 1)
                    + pinwheel_chunk_get_size (input, last - 1);

      return copy_bytes (stream, kind, source, pinwheel_chunk_get_data (output, first),
                         (gsize) (end - source), error);
    }
  for (guint i = first; i < last; i++)
    if (is_cut (input, i) && !copy_array (stream, kind, input, output, i, error))
      return FALSE;
  return TRUE;
}

/* They ride with every chunk and are the same in all of them: once per run and device is enough. */
static gboolean
copy_broadcasts (PinwheelStream *stream, PinwheelCopyKind kind, PinwheelChunk *input,
                 PinwheelChunk *output, GError **error)
{
  for (guint i = 0; i < pinwheel_format_n_arrays (pinwheel_chunk_get_format (input)); i++)
    if (!is_cut (input, i) && !copy_array (stream, kind, input, output, i, error))
      return FALSE;
  return TRUE;
}

/* Makes @stream wait for whoever used the buffers that it is about to write. */
static gboolean
wait_writable (PinwheelStream *stream, PinwheelChunk *output, gboolean first, GError **error)
{
  PinwheelBuffer *before = NULL;

  for (guint i = 0; i < pinwheel_format_n_arrays (pinwheel_chunk_get_format (output)); i++)
    {
      PinwheelBuffer *buffer = pinwheel_chunk_get_buffer (output, i);

      if (buffer == NULL || buffer == before || (!first && !is_cut (output, i)))
        continue;
      if (!pinwheel_buffer_wait_writable (buffer, stream, error))
        return FALSE;
      before = buffer;
    }
  return TRUE;
}

gboolean
pinwheel_transfer_chunk (PinwheelElement *element, PinwheelCopyKind kind, PinwheelChunk *input,
                         PinwheelChunk *output, GError **error)
{
  gboolean first;
  PinwheelStream *stream;
  PinwheelFence fence;

  if (output == NULL)
    return TRUE;
  first = pinwheel_pad_is_first (pinwheel_element_get_src (element), output);
  stream = pinwheel_element_get_stream (element, error);
  if (stream == NULL || !pinwheel_chunk_wait_readable (input, stream, error)
      || !wait_writable (stream, output, first, error)
      || !copy_cut (stream, kind, input, output, error)
      || (first && !copy_broadcasts (stream, kind, input, output, error))
      || !pinwheel_stream_record (stream, &fence, error))
    return FALSE;

  pinwheel_chunk_add_reader (input, fence);
  for (guint i = 0; i < pinwheel_format_n_arrays (pinwheel_chunk_get_format (output)); i++)
    {
      PinwheelBuffer *buffer = pinwheel_chunk_get_buffer (output, i);

      if (buffer != NULL && (first || is_cut (output, i)))
        pinwheel_buffer_set_writer (buffer, fence);
    }
  return TRUE;
}
