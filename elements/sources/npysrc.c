/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <pinwheel/source.h>

#include "common/in-file.h"
#include "common/npy-header.h"
#include "common/rows.h"

/* npysrc: the array in a NumPy file. Rows are read straight into the chunk's pinned buffer. */
struct _PinwheelNpySrc
{
  PinwheelSource parent_instance;

  char *location;
  char *array;
  char *chunk_axis;

  /* Set in negotiate(), dropped in stop(), read-only between. */
  PinwheelInFile *file; /* the very file whose header was read, even if its name changes hands */
  PinwheelNpyHeader header;
};

G_DECLARE_FINAL_TYPE (PinwheelNpySrc, pinwheel_npy_src, PINWHEEL, NPY_SRC, PinwheelSource)
G_DEFINE_FINAL_TYPE (PinwheelNpySrc, pinwheel_npy_src, PINWHEEL_TYPE_SOURCE)

static const PinwheelProperty properties[] = {
  PINWHEEL_STRING (PinwheelNpySrc, location, "location", NULL, PINWHEEL_PROPERTY_REQUIRED,
                   "File to read"),
  PINWHEEL_STRING (PinwheelNpySrc, array, "array", "x", PINWHEEL_PROPERTY_PLAIN,
                   "Name that the array gets"),
  PINWHEEL_STRING (PinwheelNpySrc, chunk_axis, "chunk-axis", "0", PINWHEEL_PROPERTY_PLAIN,
                   "Axis along which it is cut: a number, negative ones count from the last, or "
                   "none for a broadcast array"),
};

static const PinwheelPadTemplate templates[] = {
  { "src", PINWHEEL_PAD_SRC, PINWHEEL_PLACE_HOST },
  { .name = NULL },
};

static const PinwheelElementInfo info = {
  .name = "npysrc",
  .group = "source",
  .summary = "Reads an array from a NumPy file",
  .description
  = "Reads .npy files of format 1.0 to 3.0, of any size, in C order, of dtypes bool, i8 to i64, u8 "
    "to u64, f16, f32, f64, c64 and c128; big-endian data is swapped. The file must hold exactly "
    "as "
    "many bytes as its header promises.\n\n"
    "The array is cut along its first axis. With chunk-axis=N it is cut along another one, and "
    "with "
    "chunk-axis=none every chunk carries all of it.",
  .example = "npysrc location=in.npy ! npysink location=copy.npy",
};

static gboolean
pinwheel_npy_src_read_header (PinwheelNpySrc *self, GError **error)
{
  PinwheelInFile *file = self->file;
  guint8 prefix[PINWHEEL_NPY_PREFIX];
  gsize n_prefix = MIN (file->size, sizeof prefix), length;
  g_autofree guint8 *bytes = NULL;

  if (!pinwheel_in_file_pread (file, prefix, n_prefix, 0, error)
      || !pinwheel_npy_header_length (prefix, n_prefix, &length, error))
    return FALSE;
  if (length > file->size)
    {
      g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_DATA,
                   "ends inside its NumPy header: %" G_GUINT64_FORMAT " of %" G_GSIZE_FORMAT
                   " bytes are there",
                   file->size, length);
      return FALSE;
    }
  bytes = g_malloc (length);
  return pinwheel_in_file_pread (file, bytes, length, 0, error)
         && pinwheel_npy_header_parse (bytes, length, &self->header, error);
}

static gboolean
pinwheel_npy_src_check_size (PinwheelNpySrc *self, GError **error)
{
  guint64 there = self->file->size - self->header.data_offset;
  guint64 promised = self->header.data_size;

  if (there == promised)
    return TRUE;
  g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_DATA,
               "holds %" G_GUINT64_FORMAT
               " bytes of data where its header promises %" G_GUINT64_FORMAT
               ": it is %" G_GUINT64_FORMAT " bytes too %s",
               there, promised, MAX (there, promised) - MIN (there, promised),
               there < promised ? "short" : "long");
  return FALSE;
}

/* Fortran order is C order where no more than one axis is longer than 1. */
static gboolean
pinwheel_npy_src_check_order (PinwheelNpySrc *self, GError **error)
{
  guint n_long = 0;

  for (guint i = 0; i < self->header.n_dims; i++)
    n_long += self->header.shape[i] > 1;
  if (!self->header.fortran_order || n_long <= 1 || self->header.data_size == 0)
    return TRUE;
  g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_FORMAT,
               "is in Fortran order, and only C order can be streamed; save it as "
               "np.save(file, np.ascontiguousarray(array))");
  return FALSE;
}

/* @axis: (out): as the user counts it; PINWHEEL_MAX_DIMS for none */
static gboolean
pinwheel_npy_src_parse_axis (PinwheelNpySrc *self, gint64 *axis, GError **error)
{
  *axis = PINWHEEL_MAX_DIMS;
  if (g_strcmp0 (self->chunk_axis, "none") == 0
      || (self->chunk_axis != NULL
          && g_ascii_string_to_signed (self->chunk_axis, 10, -PINWHEEL_MAX_DIMS,
                                       PINWHEEL_MAX_DIMS - 1, axis, NULL)))
    return TRUE;
  g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_PROPERTY,
               "chunk-axis=%s is neither the number of an axis nor none",
               self->chunk_axis != NULL ? self->chunk_axis : "");
  return FALSE;
}

static gboolean
pinwheel_npy_src_set_format (PinwheelNpySrc *self, gint64 axis, GError **error)
{
  PinwheelNpyHeader *header = &self->header;
  PinwheelPad *src = pinwheel_element_get_src (PINWHEEL_ELEMENT (self));
  gint64 n_dims = header->n_dims;
  g_autoptr (PinwheelFormat) format = NULL;
  PinwheelArray array;

  if (axis < -n_dims || (axis >= n_dims && axis != PINWHEEL_MAX_DIMS))
    {
      g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_FORMAT,
                   "has %" G_GINT64_FORMAT " axes, so it cannot be cut along chunk-axis=%s%s",
                   n_dims, self->chunk_axis,
                   n_dims == 0 ? "; chunk-axis=none streams it whole" : "");
      return FALSE;
    }
  if (axis == PINWHEEL_MAX_DIMS)
    axis = PINWHEEL_NO_CHUNK_AXIS;
  else if (axis < 0)
    axis += n_dims;
  if (!pinwheel_array_init (&array, self->array != NULL ? self->array : "", header->dtype,
                            header->n_dims, header->shape, (int) axis, error))
    return FALSE;
  format = pinwheel_format_new (&array, 1, axis < 0 ? 1 : header->shape[axis], error);
  if (format == NULL)
    return FALSE;
  pinwheel_pad_set_format (src, format);
  pinwheel_pad_set_demand (src, PINWHEEL_MEMORY_PINNED, 1);
  return TRUE;
}

static gboolean
pinwheel_npy_src_negotiate (PinwheelElement *element, GError **error)
{
  PinwheelNpySrc *self = PINWHEEL_NPY_SRC (element);
  gint64 axis;

  g_clear_pointer (&self->file, pinwheel_in_file_free);
  if (!pinwheel_npy_src_parse_axis (self, &axis, error))
    return FALSE;
  self->file = pinwheel_in_file_open (self->location, error);
  if (self->file == NULL)
    return FALSE;
  if (!self->file->regular)
    {
      g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_RESOURCE,
                   "'%s' is not a regular file; rawsrc reads pipes and devices", self->file->path);
      return FALSE;
    }
  if (pinwheel_npy_src_read_header (self, error) && pinwheel_npy_src_check_order (self, error)
      && pinwheel_npy_src_check_size (self, error)
      && pinwheel_npy_src_set_format (self, axis, error))
    return TRUE;
  g_prefix_error (error, "'%s' ", self->location);
  return FALSE;
}

static gboolean
pinwheel_npy_src_start (PinwheelElement *element, GError **error)
{
  PinwheelNpySrc *self = PINWHEEL_NPY_SRC (element);

  pinwheel_in_file_start (self->file, pinwheel_element_get_cancellable (element));
  return TRUE;
}

static void
pinwheel_npy_src_stop (PinwheelElement *element)
{
  g_clear_pointer (&PINWHEEL_NPY_SRC (element)->file, pinwheel_in_file_free);
}

/* The two parts of a complex number are swapped each on its own. */
static void
pinwheel_npy_src_swap (PinwheelNpySrc *self, gpointer data, guint64 size)
{
  gsize part = pinwheel_dtype_size (self->header.dtype);
  guint16 *p16 = data;
  guint32 *p32 = data;
  guint64 *p64 = data;

  if (!self->header.swapped)
    return;
  if (pinwheel_dtype_class (self->header.dtype) == PINWHEEL_DTYPE_CLASS_COMPLEX)
    part /= 2;
  for (guint64 i = 0; part == 2 && i < size / 2; i++)
    p16[i] = GUINT16_SWAP_LE_BE (p16[i]);
  for (guint64 i = 0; part == 4 && i < size / 4; i++)
    p32[i] = GUINT32_SWAP_LE_BE (p32[i]);
  for (guint64 i = 0; part == 8 && i < size / 8; i++)
    p64[i] = GUINT64_SWAP_LE_BE (p64[i]);
}

static gboolean
pinwheel_npy_src_fill (PinwheelSource *source, PinwheelChunk *chunk, GError **error)
{
  PinwheelNpySrc *self = PINWHEEL_NPY_SRC (source);
  PinwheelFormat *format = pinwheel_chunk_get_format (chunk);
  gpointer data = pinwheel_chunk_get_data (chunk, 0);

  if (!pinwheel_rows_each (pinwheel_format_array (format, 0), pinwheel_format_n_items (format),
                           self->header.data_offset, pinwheel_chunk_get_start (chunk),
                           pinwheel_chunk_get_count (chunk), data, pinwheel_in_file_pread,
                           self->file, error))
    return FALSE;
  pinwheel_npy_src_swap (self, data, pinwheel_chunk_get_size (chunk, 0));
  return TRUE;
}

static gboolean
pinwheel_npy_src_fill_broadcast (PinwheelSource *source, guint array, gpointer data, GError **error)
{
  PinwheelNpySrc *self = PINWHEEL_NPY_SRC (source);

  if (!pinwheel_in_file_pread (self->file, data, self->header.data_size, self->header.data_offset,
                               error))
    return FALSE;
  pinwheel_npy_src_swap (self, data, self->header.data_size);
  return TRUE;
}

static void
pinwheel_npy_src_class_init (PinwheelNpySrcClass *klass)
{
  PinwheelElementClass *element_class = PINWHEEL_ELEMENT_CLASS (klass);
  PinwheelSourceClass *source_class = PINWHEEL_SOURCE_CLASS (klass);

  element_class->info = &info;
  element_class->templates = templates;
  element_class->negotiate = pinwheel_npy_src_negotiate;
  element_class->start = pinwheel_npy_src_start;
  element_class->stop = pinwheel_npy_src_stop;
  source_class->fill = pinwheel_npy_src_fill;
  source_class->fill_broadcast = pinwheel_npy_src_fill_broadcast;
  pinwheel_class_install_properties (G_OBJECT_CLASS (klass), properties, G_N_ELEMENTS (properties));
}

static void
pinwheel_npy_src_init (PinwheelNpySrc *self)
{
}
