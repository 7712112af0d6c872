/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Headers of NumPy's .npy files, format 1.0 to 3.0. */
#pragma once
#include <pinwheel/format.h>

G_BEGIN_DECLS

/* magic, version, and a length of 2 bytes (format 1.0) or 4 */
#define PINWHEEL_NPY_PREFIX 12

typedef struct
{
  PinwheelDType dtype;
  gboolean swapped; /* the parts of each element are in the other byte order */
  gboolean fortran_order;
  guint n_dims;
  guint64 shape[PINWHEEL_MAX_DIMS];
  guint64 data_offset; /* bytes before the data */
  guint64 data_size;   /* bytes of data that dtype and shape ask for */
} PinwheelNpyHeader;

/* @size: bytes at @bytes; PINWHEEL_NPY_PREFIX of them where the file has so many
 * @length: (out): bytes of the whole header, these included
 * Errors: PINWHEEL_ERROR_DATA */
gboolean pinwheel_npy_header_length (const guint8 *bytes, gsize size, gsize *length,
                                     GError **error);
/* @bytes: the whole header, @length bytes as pinwheel_npy_header_length() said
 * Errors: PINWHEEL_ERROR_DATA where it is damaged, PINWHEEL_ERROR_FORMAT for dtypes that there are
 * no arrays of */
gboolean pinwheel_npy_header_parse (const guint8 *bytes, gsize length, PinwheelNpyHeader *header,
                                    GError **error);
/* The header that numpy.save() writes for this array, so that equal data gives equal files.
 * @at_least: pad to so many bytes: a header of a longer shape that this one takes the place of */
GBytes *pinwheel_npy_header_format (PinwheelDType dtype, guint n_dims, const guint64 *shape,
                                    gsize at_least);

G_END_DECLS
