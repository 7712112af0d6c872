/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
#include <pinwheel/device.h>
#include <pinwheel/format.h>

G_BEGIN_DECLS

/**
 * PinwheelAppArray:
 *
 * Memory of the application seen as an array: what `appsrc` takes and `appsink` writes into. It
 * keeps the memory until it is dropped itself; who hands it to an element need not know when that
 * is done with it. Immutable, refcounted, safe from any thread; what is in the memory is not to be
 * changed while an `appsrc` has it, nor to be read while an `appsink` writes it.
 */
typedef struct _PinwheelAppArray PinwheelAppArray;

#define PINWHEEL_TYPE_APP_ARRAY (pinwheel_app_array_get_type ())
PINWHEEL_API
GType pinwheel_app_array_get_type (void) G_GNUC_CONST;

/**
 * pinwheel_app_array_new: (skip)
 * @dtype: type of the elements
 * @n_dims: axes, at most %PINWHEEL_MAX_DIMS
 * @shape: (array length=n_dims): elements along each axis
 * @strides: (array length=n_dims) (nullable): bytes from one element to the next along each axis;
 *   %NULL: C order
 * @memory: (not nullable): the first element
 * @size: bytes from there on that may be touched
 * @destroy: (nullable) (scope async) (closure user_data): called once with @user_data, from any
 *   thread, when nothing uses the memory any more; it must not wait for the pipeline. On failure it
 *   is not called
 * @user_data: (nullable): for @destroy
 *
 * Errors (%PINWHEEL_ERROR_FORMAT): the elements end behind @size, or overlap; a stride is negative.
 *
 * Returns: (transfer full) (nullable): %NULL with @error
 */
PINWHEEL_API
PinwheelAppArray *pinwheel_app_array_new (PinwheelDType dtype, guint n_dims, const guint64 *shape,
                                          const gint64 *strides, gpointer memory, gsize size,
                                          GDestroyNotify destroy, gpointer user_data,
                                          GError **error);

/**
 * pinwheel_app_array_new_owned:
 * @dtype: type of the elements
 * @n_dims: number of axes
 * @shape: (array length=n_dims): elements along each axis
 * @strides: (array length=n_dims): bytes from one element to the next along each axis
 * @memory: (not nullable): the first element
 * @size: bytes from there on that may be touched
 * @owner: (transfer none): of the memory; a reference is kept until nothing uses the memory any
 *   more, and dropped by any thread
 *
 * As pinwheel_app_array_new(), for other languages.
 *
 * Returns: (transfer full) (nullable): %NULL with @error
 */
PINWHEEL_API
PinwheelAppArray *pinwheel_app_array_new_owned (PinwheelDType dtype, guint n_dims,
                                                const guint64 *shape, const gint64 *strides,
                                                gpointer memory, gsize size, GObject *owner,
                                                GError **error);

/**
 * pinwheel_app_array_new_bytes:
 * @dtype: type of the elements
 * @n_dims: number of axes
 * @shape: (array length=n_dims): elements along each axis, in C order
 * @bytes: (transfer none): a reference is kept; it may be longer
 *
 * An array that can be read and not written.
 *
 * Returns: (transfer full) (nullable): %NULL with @error
 */
PINWHEEL_API
PinwheelAppArray *pinwheel_app_array_new_bytes (PinwheelDType dtype, guint n_dims,
                                                const guint64 *shape, GBytes *bytes,
                                                GError **error);

/**
 * pinwheel_app_array_new_pinned:
 * @device: where it will be copied to or from without a buffer in between
 * @dtype: type of the elements
 * @n_dims: number of axes
 * @shape: (array length=n_dims): elements along each axis, in C order
 *
 * Allocates pinned memory, which is given back with the last reference.
 *
 * Returns: (transfer full) (nullable): %NULL with @error (%PINWHEEL_ERROR_MEMORY)
 */
PINWHEEL_API
PinwheelAppArray *pinwheel_app_array_new_pinned (PinwheelDevice *device, PinwheelDType dtype,
                                                 guint n_dims, const guint64 *shape,
                                                 GError **error);

/**
 * pinwheel_app_array_ref:
 *
 * Returns: (transfer full): a new reference
 */
PINWHEEL_API
PinwheelAppArray *pinwheel_app_array_ref (PinwheelAppArray *self);

/**
 * pinwheel_app_array_unref:
 *
 * Drops a reference; with the last one it is freed.
 */
PINWHEEL_API
void pinwheel_app_array_unref (PinwheelAppArray *self);

/**
 * pinwheel_app_array_get_memory:
 *
 * Returns: (transfer none): the first element
 */
PINWHEEL_API
gpointer pinwheel_app_array_get_memory (PinwheelAppArray *self);

/**
 * pinwheel_app_array_get_extent:
 *
 * Returns: bytes from the first element to the end of the last
 */
PINWHEEL_API
gsize pinwheel_app_array_get_extent (PinwheelAppArray *self);

/**
 * pinwheel_app_array_get_dtype:
 *
 * Returns: type of the elements
 */
PINWHEEL_API
PinwheelDType pinwheel_app_array_get_dtype (PinwheelAppArray *self);

/**
 * pinwheel_app_array_get_n_dims:
 *
 * Returns: number of axes
 */
PINWHEEL_API
guint pinwheel_app_array_get_n_dims (PinwheelAppArray *self);

/**
 * pinwheel_app_array_get_length:
 * @axis: an axis, from 0
 *
 * Returns: elements along @axis
 */
PINWHEEL_API
guint64 pinwheel_app_array_get_length (PinwheelAppArray *self, guint axis);

/**
 * pinwheel_app_array_get_stride:
 * @axis: an axis, from 0
 *
 * Returns: bytes from one element to the next along @axis
 */
PINWHEEL_API
guint64 pinwheel_app_array_get_stride (PinwheelAppArray *self, guint axis);

/**
 * pinwheel_app_array_is_writable:
 *
 * Returns: whether its memory may be written: that of a GBytes may not
 */
PINWHEEL_API
gboolean pinwheel_app_array_is_writable (PinwheelAppArray *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PinwheelAppArray, pinwheel_app_array_unref)

G_END_DECLS
