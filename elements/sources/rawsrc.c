/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <pinwheel/source.h>

#include "common/in-file.h"
#include "common/rows.h"

/* rawsrc: bytes of a file, pipe or device as an array. */
struct _PinwheelRawSrc
{
  PinwheelSource parent_instance;

  char *location;
  char *format;
  guint64 offset;

  PinwheelInFile *file; /* from negotiate() to stop() */
  guint64 items;        /* read from a pipe so far; the streaming thread's alone */
};

G_DECLARE_FINAL_TYPE (PinwheelRawSrc, pinwheel_raw_src, PINWHEEL, RAW_SRC, PinwheelSource)
G_DEFINE_FINAL_TYPE (PinwheelRawSrc, pinwheel_raw_src, PINWHEEL_TYPE_SOURCE)

static const PinwheelProperty properties[] = {
  PINWHEEL_STRING (PinwheelRawSrc, location, "location", NULL, PINWHEEL_PROPERTY_REQUIRED,
                   "File, FIFO or device to read; - is standard input"),
  PINWHEEL_STRING (PinwheelRawSrc, format, "format", NULL, PINWHEEL_PROPERTY_REQUIRED,
                   "The array in it, such as x:f32[3,*]"),
  PINWHEEL_BYTES (PinwheelRawSrc, offset, "offset", 0, G_MAXINT64, 0,
                  "Bytes before the array, which are skipped"),
};

static const PinwheelPadTemplate templates[] = {
  { "src", PINWHEEL_PAD_SRC, PINWHEEL_PLACE_HOST },
  { .name = NULL },
};

static const PinwheelElementInfo info = {
  .name = "rawsrc",
  .group = "source",
  .summary = "Reads an array from the bytes of a file or pipe",
  .description
  = "Reads one array in C order and in the machine's own byte order. The number of items comes "
    "from "
    "the size of the file, which must be a whole number of them.\n\n"
    "From standard input, a FIFO or a device items are read until it ends, so the chunk axis must "
    "be the first one.",
  .example = "rawsrc location=in.raw format=\"x:f32[3,*]\" ! rawsink location=copy.raw",
};

static gboolean
pinwheel_raw_src_fail_partial (PinwheelRawSrc *self, guint64 bytes, guint64 size, GError **error)
{
  g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_DATA,
               "'%s' ends inside an item: %" G_GUINT64_FORMAT
               " bytes are left over after %" G_GUINT64_FORMAT " items of %" G_GUINT64_FORMAT
               " bytes (%s)",
               self->file->path, bytes % size, bytes / size, size, self->format);
  return FALSE;
}

static gboolean
pinwheel_raw_src_check_pipe (PinwheelRawSrc *self, const PinwheelArray *array, GError **error)
{
  if (!pinwheel_array_is_broadcast (array) && pinwheel_array_outer (array) == 1)
    return TRUE;
  g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_FORMAT,
               "'%s' is read in order, so its chunk axis must be the first one, which it is not in "
               "%s",
               self->file->path, self->format);
  return FALSE;
}

/* The number of items is what fills the file. */
static gboolean
pinwheel_raw_src_count (PinwheelRawSrc *self, const PinwheelArray *array, guint64 *n_items,
                        GError **error)
{
  guint64 size = pinwheel_array_item_size (array), bytes;

  if (self->offset > self->file->size)
    {
      g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_DATA,
                   "'%s' has %" G_GUINT64_FORMAT " bytes, fewer than offset=%" G_GUINT64_FORMAT,
                   self->file->path, self->file->size, self->offset);
      return FALSE;
    }
  bytes = self->file->size - self->offset;
  if (pinwheel_array_is_broadcast (array) && bytes != size)
    {
      g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_DATA,
                   "'%s' has %" G_GUINT64_FORMAT " bytes from offset=%" G_GUINT64_FORMAT
                   " on, and %s takes %" G_GUINT64_FORMAT,
                   self->file->path, bytes, self->offset, self->format, size);
      return FALSE;
    }
  *n_items = pinwheel_array_is_broadcast (array) ? 1 : bytes / size;
  return pinwheel_array_is_broadcast (array) || bytes % size == 0
         || pinwheel_raw_src_fail_partial (self, bytes, size, error);
}

/* Returns: (transfer full): the format without the number of items */
static PinwheelFormat *
pinwheel_raw_src_parse (PinwheelRawSrc *self, GError **error)
{
  g_autoptr (PinwheelFormat) format = pinwheel_format_parse (self->format, PINWHEEL_ITEMS_UNKNOWN,
                                                             error);
  const char *problem = NULL;

  if (format == NULL)
    {
      g_prefix_error (error, "format=\"%s\": ", self->format);
      return NULL;
    }
  if (pinwheel_format_n_arrays (format) != 1)
    problem = "has more than one array, and a file of bytes holds one";
  else if (pinwheel_array_item_size (pinwheel_format_array (format, 0)) == 0)
    problem = "has items without a byte, so nothing tells how many there are";
  if (problem == NULL)
    return g_steal_pointer (&format);
  g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_FORMAT, "format=\"%s\" %s", self->format,
               problem);
  return NULL;
}

static gboolean
pinwheel_raw_src_negotiate (PinwheelElement *element, GError **error)
{
  PinwheelRawSrc *self = PINWHEEL_RAW_SRC (element);
  PinwheelPad *src = pinwheel_element_get_src (element);
  g_autoptr (PinwheelFormat) parsed = pinwheel_raw_src_parse (self, error);
  g_autoptr (PinwheelFormat) format = NULL;
  const PinwheelArray *array;
  guint64 n_items = PINWHEEL_ITEMS_UNKNOWN;

  g_clear_pointer (&self->file, pinwheel_in_file_free);
  if (parsed == NULL)
    return FALSE;
  self->file = pinwheel_in_file_open (self->location, error);
  if (self->file == NULL)
    return FALSE;
  array = pinwheel_format_array (parsed, 0);
  if (!(self->file->regular ? pinwheel_raw_src_count (self, array, &n_items, error)
                            : pinwheel_raw_src_check_pipe (self, array, error)))
    return FALSE;
  if (g_str_equal (self->location, "-")
      && !pinwheel_element_claim (element, "standard input", error))
    return FALSE;
  format = pinwheel_format_new (array, 1, n_items, error);
  if (format == NULL)
    return FALSE;
  pinwheel_pad_set_format (src, format);
  pinwheel_pad_set_demand (src, PINWHEEL_MEMORY_PINNED, 1);
  return TRUE;
}

static gboolean
pinwheel_raw_src_start (PinwheelElement *element, GError **error)
{
  PinwheelRawSrc *self = PINWHEEL_RAW_SRC (element);

  self->items = 0;
  pinwheel_in_file_start (self->file, pinwheel_element_get_cancellable (element));
  return TRUE;
}

static void
pinwheel_raw_src_stop (PinwheelElement *element)
{
  g_clear_pointer (&PINWHEEL_RAW_SRC (element)->file, pinwheel_in_file_free);
}

/* What comes before the array in a pipe can only be read away. */
static gboolean
pinwheel_raw_src_skip (PinwheelRawSrc *self, GError **error)
{
  guint8 scratch[16 * 1024];
  gsize n;

  for (guint64 left = self->offset; left > 0; left -= n)
    {
      if (!pinwheel_in_file_read (self->file, scratch, MIN (left, sizeof scratch), &n, error))
        return FALSE;
      if (n == 0)
        {
          g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_DATA,
                       "'%s' ends after %" G_GUINT64_FORMAT
                       " bytes, before the first item at offset=%" G_GUINT64_FORMAT,
                       self->file->path, self->offset - left, self->offset);
          return FALSE;
        }
    }
  return TRUE;
}

/* A smaller chunk with one array begins where the larger one did, so its data can be there already.
 */
static gboolean
pinwheel_raw_src_fill_in_order (PinwheelRawSrc *self, PinwheelChunk *chunk, GError **error)
{
  guint64 size = pinwheel_chunk_get_size (chunk, 0);
  guint64 item = size / pinwheel_chunk_get_count (chunk);
  gsize n = 0;

  if (pinwheel_chunk_get_index (chunk) == 0 && !pinwheel_raw_src_skip (self, error))
    return FALSE;
  if (!pinwheel_in_file_read (self->file, pinwheel_chunk_get_data (chunk, 0), size, &n, error))
    return FALSE;
  if (n % item != 0)
    return pinwheel_raw_src_fail_partial (self, self->items * item + n, item, error);
  self->items += n / item;
  if (n < size)
    pinwheel_chunk_set_count (chunk, n / item);
  return TRUE;
}

static gboolean
pinwheel_raw_src_fill (PinwheelSource *source, PinwheelChunk *chunk, GError **error)
{
  PinwheelRawSrc *self = PINWHEEL_RAW_SRC (source);
  PinwheelFormat *format = pinwheel_chunk_get_format (chunk);

  if (!self->file->regular)
    return pinwheel_raw_src_fill_in_order (self, chunk, error);
  return pinwheel_rows_each (pinwheel_format_array (format, 0), pinwheel_format_n_items (format),
                             self->offset, pinwheel_chunk_get_start (chunk),
                             pinwheel_chunk_get_count (chunk), pinwheel_chunk_get_data (chunk, 0),
                             pinwheel_in_file_pread, self->file, error);
}

static gboolean
pinwheel_raw_src_fill_broadcast (PinwheelSource *source, guint array, gpointer data, GError **error)
{
  PinwheelRawSrc *self = PINWHEEL_RAW_SRC (source);

  return pinwheel_in_file_pread (self->file, data, self->file->size - self->offset, self->offset,
                                 error);
}

static void
pinwheel_raw_src_class_init (PinwheelRawSrcClass *klass)
{
  PinwheelElementClass *element_class = PINWHEEL_ELEMENT_CLASS (klass);
  PinwheelSourceClass *source_class = PINWHEEL_SOURCE_CLASS (klass);

  element_class->info = &info;
  element_class->templates = templates;
  element_class->negotiate = pinwheel_raw_src_negotiate;
  element_class->start = pinwheel_raw_src_start;
  element_class->stop = pinwheel_raw_src_stop;
  source_class->fill = pinwheel_raw_src_fill;
  source_class->fill_broadcast = pinwheel_raw_src_fill_broadcast;
  pinwheel_class_install_properties (G_OBJECT_CLASS (klass), properties, G_N_ELEMENTS (properties));
}

static void
pinwheel_raw_src_init (PinwheelRawSrc *self)
{
}
