/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One chunk through a kernel on the host device, for tests. */
#pragma once
#include <check.h>
#include <string.h>

#include <pinwheel/kernel.h>
#include <pinwheel/pool.h>

#define ck_assert_ok(ok, error)                                                                    \
  ck_assert_msg ((ok), "%.3000s", (error) != NULL ? (error)->message : "")

static inline void
check_message (GError *error, int code, const char *part)
{
  ck_assert_msg (error != NULL, "expected an error with: %s", part);
  ck_assert_msg (error->domain == PINWHEEL_ERROR && error->code == code
                     && strstr (error->message, part) != NULL,
                 "expected code %d with: %s\ngot %d: %s", code, part, error->code, error->message);
}

static inline PinwheelFormat *
make_format (const char *text, guint64 n_items)
{
  g_autoptr (GError) error = NULL;
  PinwheelFormat *format = pinwheel_format_parse (text, n_items, &error);

  ck_assert_ok (format != NULL, error);
  return format;
}

/* Room for every array of @format, cut or not, from a pool of its own */
static inline PinwheelBuffer *
make_buffer (PinwheelDevice *device, PinwheelFormat *format, guint64 count)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PinwheelPool) pool = NULL;
  PinwheelBuffer *buffer;
  gsize capacity = 0;

  for (guint i = 0; i < pinwheel_format_n_arrays (format); i++)
    {
      const PinwheelArray *array = pinwheel_format_array (format, i);
      guint64 n = pinwheel_array_is_broadcast (array) ? 1 : count;

      capacity += pinwheel_array_item_size (array) * n + PINWHEEL_ALIGNMENT;
    }
  pool = pinwheel_pool_new (device, PINWHEEL_MEMORY_DEVICE, 1, capacity, &error);
  ck_assert_ok (pool != NULL, error);
  buffer = pinwheel_pool_acquire (pool, &error);
  ck_assert_ok (buffer != NULL, error);
  return buffer;
}

/* A chunk whose arrays lie in one buffer, filled from @data where that is not NULL */
static inline PinwheelChunk *
make_chunk (PinwheelDevice *device, PinwheelFormat *format, guint64 start, guint64 count,
            const void *const *data)
{
  PinwheelChunkStore *store = pinwheel_chunk_store_new (format);
  PinwheelChunk *chunk = pinwheel_chunk_store_take (store, 0, start, count);
  g_autoptr (PinwheelBuffer) buffer = make_buffer (device, format, count);
  char *memory = pinwheel_buffer_get_memory (buffer);

  for (guint i = 0; i < pinwheel_format_n_arrays (format); i++)
    {
      gsize size;

      pinwheel_chunk_set_view (chunk, i, buffer, memory);
      size = pinwheel_chunk_get_size (chunk, i);
      if (data != NULL && size > 0)
        memcpy (memory, data[i], size);
      memory += (size + PINWHEEL_ALIGNMENT - 1) / PINWHEEL_ALIGNMENT * PINWHEEL_ALIGNMENT;
    }
  pinwheel_chunk_store_unref (store);
  return chunk;
}

/* Launches a loaded kernel over one chunk and waits. Returns: (transfer full): the output, or NULL
 */
static inline PinwheelChunk *
run_chunk (PinwheelKernel *kernel, PinwheelDevice *device, PinwheelFormat *input, guint64 start,
           guint64 count, const void *const *data, GError **error)
{
  g_autoptr (PinwheelStream) stream = pinwheel_device_new_stream (device, "test", error);
  g_autoptr (PinwheelChunk) in = make_chunk (device, input, start, count, data);
  g_autoptr (PinwheelChunk) out = make_chunk (device, pinwheel_kernel_get_output (kernel), start,
                                              count, NULL);

  ck_assert_ptr_nonnull (stream);
  if (!pinwheel_kernel_launch (kernel, stream, in, out, error)
      || !pinwheel_chunk_sync_readable (out, error))
    return NULL;
  return g_steal_pointer (&out);
}
