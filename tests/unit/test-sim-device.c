/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include <pinwheel/pool.h>
#include <pinwheel/stream.h>

#include "base/clock-private.h"
#include "base/error-private.h"

static PinwheelDevice *
open_sim (const char *spec)
{
  GError *error = NULL;
  PinwheelDevice *device = pinwheel_device_open (spec, &error);

  ck_assert_msg (device != NULL, "%s", error != NULL ? error->message : "");
  return device;
}

static gpointer
take (PinwheelDevice *device, PinwheelMemoryKind kind, gsize size)
{
  gpointer memory = NULL;

  ck_assert (pinwheel_device_alloc (device, kind, size, &memory, NULL));
  return memory;
}

static gboolean
copy (PinwheelStream *stream, PinwheelCopyKind kind, gpointer target, gconstpointer source,
      gsize size)
{
  PinwheelCopy plain = {
    .kind = kind, .source = source, .target = target, .width = size, .height = 1
  };

  return pinwheel_stream_copy (stream, &plain, NULL);
}

static gboolean
sync_stream (PinwheelStream *stream, GError **error)
{
  PinwheelFence fence;

  return pinwheel_stream_record (stream, &fence, error) && pinwheel_fence_sync (fence, error);
}

START_TEST (wrong_options_are_told)
{
  static const char *const wrong[][2] = {
    { "sim:memroy=1MiB", "did you mean 'memory'" },
    { "sim:memory=", "a size such as" },
    { "sim:memory=0", "a size such as" },
    { "sim:h2d=12GB", "bytes a second" },
    { "sim:h2d=0B/s", "bytes a second" },
    { "sim:latency=10", "a time such as" },
    { "sim:latency=11000ms", "a time such as" },
    { "sim:kernel=ms", "a time such as" },
    { "sim:seed=-1", "a number" },
    { "sim:lose=0", "a number" },
    { "sim:fail=copy", "one of alloc" },
    { "sim:fail=copy:0", "one of alloc" },
    { "sim:fail=kopy:1", "one of alloc" },
    { "sim:", "there is no option ''" },
    { "sim:seed=1,,", "there is no option ''" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      GError *error = NULL;

      ck_assert_ptr_null (pinwheel_device_open (wrong[i][0], &error));
      ck_assert_int_eq (error->code, PINWHEEL_ERROR_DEVICE);
      ck_assert_msg (strstr (error->message, wrong[i][1]) != NULL, "%s: %s", wrong[i][0],
                     error->message);
      g_error_free (error);
    }
}
END_TEST

START_TEST (memory_is_as_much_as_was_asked_for)
{
  g_autoptr (PinwheelDevice) device = open_sim ("sim:memory=8KiB,pinned=4KiB");
  gpointer half = take (device, PINWHEEL_MEMORY_DEVICE, 5000);
  gpointer pinned = take (device, PINWHEEL_MEMORY_PINNED, 4096);
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) other = NULL;
  gpointer memory;

  ck_assert (!pinwheel_device_alloc (device, PINWHEEL_MEMORY_DEVICE, 5000, &memory, &error));
  ck_assert_int_eq (error->code, PINWHEEL_ERROR_MEMORY);
  ck_assert_ptr_nonnull (strstr (error->message, "5000 bytes of device memory"));
  ck_assert (!pinwheel_device_alloc (device, PINWHEEL_MEMORY_PINNED, 1, &memory, &other));
  ck_assert_ptr_nonnull (strstr (other->message, "pinned memory"));
  pinwheel_device_free (device, PINWHEEL_MEMORY_DEVICE, 5000, half);
  pinwheel_device_free (device, PINWHEEL_MEMORY_PINNED, 4096, pinned);
  memory = take (device, PINWHEEL_MEMORY_DEVICE, 8192);
  pinwheel_device_free (device, PINWHEEL_MEMORY_DEVICE, 8192, memory);
}
END_TEST

START_TEST (bytes_go_there_and_back_and_fresh_memory_is_poisoned)
{
  g_autoptr (PinwheelDevice) device = open_sim ("sim");
  g_autoptr (PinwheelStream) stream = pinwheel_device_new_stream (device, "s", NULL);
  guint8 *up = take (device, PINWHEEL_MEMORY_PINNED, 100);
  guint8 *down = take (device, PINWHEEL_MEMORY_PINNED, 100);
  guint8 *there = take (device, PINWHEEL_MEMORY_DEVICE, 100);

  ck_assert_uint_ne (up[7], 0);
  memset (up, 5, 100);
  ck_assert (copy (stream, PINWHEEL_COPY_HOST_TO_DEVICE, there + 10, up, 50));
  ck_assert (copy (stream, PINWHEEL_COPY_DEVICE_TO_HOST, down, there, 100));
  ck_assert (sync_stream (stream, NULL));
  ck_assert_int_eq (memcmp (down + 10, up, 50), 0);
  ck_assert_uint_eq (down[0], 0xdb);
  ck_assert_uint_eq (down[60], 0xdb);
  pinwheel_device_free (device, PINWHEEL_MEMORY_PINNED, 100, up);
  pinwheel_device_free (device, PINWHEEL_MEMORY_PINNED, 100, down);
  pinwheel_device_free (device, PINWHEEL_MEMORY_DEVICE, 100, there);
}
END_TEST

START_TEST (a_copy_out_of_bounds_or_into_freed_memory_fails_the_stream)
{
  g_autoptr (PinwheelDevice) device = open_sim ("sim");
  guint8 *there = take (device, PINWHEEL_MEMORY_DEVICE, 100);
  guint8 bytes[200] = { 0 };

  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (PinwheelStream) stream = pinwheel_device_new_stream (device, "s", NULL);
      g_autoptr (GError) error = NULL;

      ck_assert (copy (stream, PINWHEEL_COPY_HOST_TO_DEVICE, there + 1, bytes, 100));
      ck_assert (!sync_stream (stream, &error));
      ck_assert_ptr_nonnull (strstr (error->message, i == 0 ? "out of bounds" : "freed"));
      if (i == 0)
        pinwheel_device_free (device, PINWHEEL_MEMORY_DEVICE, 100, there);
    }
}
END_TEST

START_TEST (the_copy_that_was_named_fails_and_a_lost_device_stays_lost)
{
  static const char *const specs[] = { "sim:fail=copy:3", "sim:lose=4" };
  guint8 bytes[8] = { 0 };

  for (guint i = 0; i < G_N_ELEMENTS (specs); i++)
    {
      g_autoptr (PinwheelDevice) device = open_sim (specs[i]);
      g_autoptr (PinwheelStream) stream = pinwheel_device_new_stream (device, "s", NULL);
      g_autoptr (GError) error = NULL;
      gpointer there = take (device, PINWHEEL_MEMORY_DEVICE, 8), more = NULL;

      for (guint n = 0; n < 2; n++)
        ck_assert (copy (stream, PINWHEEL_COPY_HOST_TO_DEVICE, there, bytes, 8)
                   && sync_stream (stream, NULL));
      ck_assert (copy (stream, PINWHEEL_COPY_HOST_TO_DEVICE, there, bytes, 8));
      ck_assert (!sync_stream (stream, &error));
      ck_assert_int_eq (error->code, PINWHEEL_ERROR_DEVICE);
      ck_assert (pinwheel_device_alloc (device, PINWHEEL_MEMORY_DEVICE, 8, &more, NULL)
                 == (i == 0));
      pinwheel_device_free (device, PINWHEEL_MEMORY_DEVICE, 8, more);
      pinwheel_device_free (device, PINWHEEL_MEMORY_DEVICE, 8, there);
    }
}
END_TEST

/* Two streams of a slow device, and a block of its memory and of pinned memory */
typedef struct
{
  PinwheelDevice *device;
  PinwheelStream *first, *second;
  guint8 *pinned, *memory;
} Pair;

static void
pair_init (Pair *pair)
{
  pair->device = open_sim ("sim:memory=64KiB,latency=2ms");
  pair->first = pinwheel_device_new_stream (pair->device, "first", NULL);
  pair->second = pinwheel_device_new_stream (pair->device, "second", NULL);
  pair->pinned = take (pair->device, PINWHEEL_MEMORY_PINNED, 4096);
  pair->memory = take (pair->device, PINWHEEL_MEMORY_DEVICE, 4096);
}

static void
pair_clear (Pair *pair)
{
  ck_assert (sync_stream (pair->first, NULL) && sync_stream (pair->second, NULL));
  g_object_unref (pair->first);
  g_object_unref (pair->second);
  pinwheel_device_free (pair->device, PINWHEEL_MEMORY_PINNED, 4096, pair->pinned);
  pinwheel_device_free (pair->device, PINWHEEL_MEMORY_DEVICE, 4096, pair->memory);
  g_object_unref (pair->device);
}

static gboolean
up (Pair *pair, PinwheelStream *stream, gsize offset, gsize size)
{
  return copy (stream, PINWHEEL_COPY_HOST_TO_DEVICE, pair->memory + offset, pair->pinned + offset,
               size);
}

static gboolean
down (Pair *pair, PinwheelStream *stream, gsize offset, gsize size)
{
  return copy (stream, PINWHEEL_COPY_DEVICE_TO_HOST, pair->pinned + offset, pair->memory + offset,
               size);
}

START_TEST (work_that_nothing_orders_is_a_hazard_only_on_the_same_bytes)
{
  Pair pair;
  PinwheelFence fence;
  PinwheelCopy other;
  g_autoptr (GError) error = NULL;

  pair_init (&pair);
  ck_assert (up (&pair, pair.first, 0, 1024));
  ck_assert (up (&pair, pair.second, 1024, 1024));     /* other bytes */
  ck_assert (up (&pair, pair.first, 512, 1024 - 512)); /* the same stream */
  other = (PinwheelCopy){ .kind = PINWHEEL_COPY_HOST_TO_DEVICE,
                          .source = pair.pinned + 2048,
                          .target = pair.memory + 1023,
                          .width = 1,
                          .height = 1 };
  ck_assert (!pinwheel_stream_copy (pair.second, &other, &error));
  ck_assert_msg (strstr (error->message, "hazard: copy 2 of stream 'second' writes 1 bytes") != NULL
                     && strstr (error->message, "of stream 'first' may still be writing"),
                 "%s", error->message);
  /* what was refused never ran and is in nobody's way */
  ck_assert (pinwheel_stream_record (pair.first, &fence, NULL)
             && pinwheel_stream_wait (pair.second, fence, NULL)
             && pinwheel_stream_copy (pair.second, &other, NULL));
  pair_clear (&pair);
}
END_TEST

START_TEST (order_through_a_third_stream_or_the_host_counts)
{
  Pair pair;
  PinwheelStream *third;
  PinwheelFence fence;

  pair_init (&pair);
  third = pinwheel_device_new_stream (pair.device, "third", NULL);
  ck_assert (up (&pair, pair.first, 0, 64) && pinwheel_stream_record (pair.first, &fence, NULL));
  ck_assert (pinwheel_stream_wait (third, fence, NULL)
             && pinwheel_stream_record (third, &fence, NULL));
  ck_assert (pinwheel_stream_wait (pair.second, fence, NULL));
  ck_assert (down (&pair, pair.second, 0, 64));

  ck_assert (up (&pair, pair.first, 128, 64) && pinwheel_stream_record (pair.first, &fence, NULL));
  ck_assert (!down (&pair, pair.second, 128, 64));
  ck_assert (pinwheel_fence_sync (fence, NULL));
  ck_assert (down (&pair, pair.second, 128, 64));
  g_object_unref (third);
  pair_clear (&pair);
}
END_TEST

START_TEST (rows_between_rows_are_other_bytes)
{
  Pair pair;
  PinwheelCopy left, right;

  pair_init (&pair);
  left = (PinwheelCopy){ .kind = PINWHEEL_COPY_HOST_TO_DEVICE,
                         .source = pair.pinned,
                         .target = pair.memory,
                         .width = 16,
                         .height = 8,
                         .source_pitch = 64,
                         .target_pitch = 64 };
  right = left;
  right.target = pair.memory + 16;
  ck_assert (pinwheel_stream_copy (pair.first, &left, NULL));
  ck_assert (pinwheel_stream_copy (pair.second, &right, NULL));
  right.width = 49; /* one byte into the next row of the left ones */
  ck_assert (!pinwheel_stream_copy (pair.second, &right, NULL));
  right = left;
  right.target_pitch = 40; /* meets a row somewhere */
  right.target = pair.memory + 20;
  ck_assert (!pinwheel_stream_copy (pair.second, &right, NULL));
  pair_clear (&pair);
}
END_TEST

START_TEST (slices_between_slices_are_other_bytes)
{
  Pair pair;
  PinwheelCopy left, right;

  pair_init (&pair);
  /* rows 0 and 1 of every 4 in 8 slices, 16 of 32 bytes each */
  left = (PinwheelCopy){ .kind = PINWHEEL_COPY_HOST_TO_DEVICE,
                         .source = pair.pinned,
                         .target = pair.memory,
                         .width = 16,
                         .height = 2,
                         .source_pitch = 32,
                         .target_pitch = 32,
                         .depth = 8,
                         .source_slice = 128,
                         .target_slice = 128 };
  right = left;
  ck_assert (pinwheel_stream_copy (pair.first, &left, NULL));
  right.target = pair.memory + 16; /* beside them */
  ck_assert (pinwheel_stream_copy (pair.second, &right, NULL));
  right.target = pair.memory + 64; /* the other two rows */
  ck_assert (pinwheel_stream_copy (pair.second, &right, NULL));
  right.target_slice = 256; /* slice 1 lies in slice 2, and its rows beside those there */
  right.depth = 4;
  ck_assert (pinwheel_stream_copy (pair.second, &right, NULL));
  right.target = pair.memory + 32; /* its first row is row 1 of slice 0 */
  ck_assert (!pinwheel_stream_copy (pair.second, &right, NULL));
  pair_clear (&pair);
}
END_TEST

START_TEST (a_buffer_that_changes_hands_takes_along_what_is_known)
{
  Pair pair;
  PinwheelFence fence;
  PinwheelPool *pool;
  PinwheelBuffer *buffer;
  g_autoptr (GError) error = NULL;

  pair_init (&pair);
  pool = pinwheel_pool_new (pair.device, PINWHEEL_MEMORY_PINNED, 1, 64, NULL);
  buffer = pinwheel_pool_acquire (pool, NULL);
  ck_assert (pinwheel_buffer_sync_writable (buffer, NULL));
  ck_assert (copy (pair.first, PINWHEEL_COPY_HOST_TO_DEVICE, pair.memory,
                   pinwheel_buffer_get_memory (buffer), 64));
  /* no fence on it: the CPU may not write while the copy reads */
  ck_assert (pinwheel_buffer_sync_readable (buffer, NULL));
  ck_assert (!pinwheel_buffer_sync_writable (buffer, &error));
  ck_assert_msg (strstr (error->message, "hazard: the CPU writes") != NULL, "%s", error->message);
  ck_assert (pinwheel_stream_record (pair.first, &fence, NULL));
  pinwheel_buffer_add_reader (buffer, fence);
  pinwheel_buffer_unref (buffer);
  buffer = pinwheel_pool_acquire (pool, NULL);
  ck_assert (pinwheel_buffer_sync_writable (buffer, NULL));
  pinwheel_buffer_unref (buffer);
  g_object_unref (pool);
  pair_clear (&pair);
}
END_TEST

START_TEST (copies_of_one_direction_are_counted_apart)
{
  g_autoptr (PinwheelDevice) device = open_sim ("sim:fail=d2h:2,fail=h2d:3");
  g_autoptr (PinwheelStream) up = pinwheel_device_new_stream (device, "up", NULL);
  g_autoptr (PinwheelStream) down = pinwheel_device_new_stream (device, "down", NULL);
  gpointer there = take (device, PINWHEEL_MEMORY_DEVICE, 8);
  guint8 bytes[8] = { 0 };

  for (guint n = 1; n <= 3; n++)
    {
      g_autoptr (GError) error = NULL;
      gboolean ok = copy (up, PINWHEEL_COPY_HOST_TO_DEVICE, there, bytes, 8)
                    && sync_stream (up, &error);

      ck_assert_int_eq (ok, n < 3);
      if (!ok)
        ck_assert_ptr_nonnull (strstr (error->message, "h2d 3 failed"));
      ok = copy (down, PINWHEEL_COPY_DEVICE_TO_HOST, bytes, there, 8) && sync_stream (down, NULL);
      ck_assert_int_eq (ok, n < 2);
    }
  pinwheel_device_free (device, PINWHEEL_MEMORY_DEVICE, 8, there);
}
END_TEST

START_TEST (whoever_waits_is_told_whose_work_failed_and_what_it_was_for)
{
  g_autoptr (PinwheelDevice) device = open_sim ("sim:delay=1ms,fail=h2d:2");
  g_autoptr (PinwheelStream) up = pinwheel_device_new_stream (device, "up", NULL);
  g_autoptr (PinwheelStream) down = pinwheel_device_new_stream (device, "down", NULL);
  gpointer there = take (device, PINWHEEL_MEMORY_DEVICE, 8);
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) other = NULL;
  guint8 bytes[8] = { 0 };
  PinwheelFence fence;
  guint64 chunk = 0;

  /* a copy of pageable memory would not go on behind the caller's back */
  ck_assert (pinwheel_device_register (device, bytes, sizeof bytes, NULL));
  for (guint64 mark = 7; mark < 10; mark++)
    {
      pinwheel_stream_set_mark (up, mark);
      ck_assert (copy (up, PINWHEEL_COPY_HOST_TO_DEVICE, there, bytes, 8));
    }
  ck_assert (pinwheel_stream_record (up, &fence, NULL));
  ck_assert (pinwheel_stream_wait (down, fence, NULL));
  pinwheel_stream_set_mark (down, 5);
  ck_assert (!sync_stream (down, &error));
  ck_assert_str_eq (pinwheel_error_get_owner (error, &chunk), "up");
  ck_assert_uint_eq (chunk, 8);
  g_set_error (&other, PINWHEEL_ERROR, PINWHEEL_ERROR_FAILED, "nobody's");
  ck_assert_ptr_null (pinwheel_error_get_owner (other, &chunk));
  ck_assert_uint_eq (chunk, 8);
  ck_assert (pinwheel_device_unregister (device, bytes, NULL));
  pinwheel_device_free (device, PINWHEEL_MEMORY_DEVICE, 8, there);
}
END_TEST

START_TEST (copies_take_their_time_and_a_cancel_does_not_wait_for_it)
{
  g_autoptr (PinwheelDevice) device = open_sim ("sim:h2d=1MB/s");
  g_autoptr (PinwheelStream) stream = pinwheel_device_new_stream (device, "s", NULL);
  gsize size = 10 * 1000 * 1000;
  gpointer there = take (device, PINWHEEL_MEMORY_DEVICE, size);
  g_autofree guint8 *bytes = g_malloc0 (size);
  guint64 begin = pinwheel_clock ();

  ck_assert (pinwheel_device_register (device, bytes, size, NULL));
  ck_assert (copy (stream, PINWHEEL_COPY_HOST_TO_DEVICE, there, bytes, 20000));
  ck_assert (sync_stream (stream, NULL));
  ck_assert_uint_ge (pinwheel_clock () - begin, 20 * 1000 * 1000);
  ck_assert (copy (stream, PINWHEEL_COPY_HOST_TO_DEVICE, there, bytes, size));
  pinwheel_stream_cancel (stream);
  ck_assert (!sync_stream (stream, NULL));
  ck_assert_uint_lt (pinwheel_clock () - begin, G_GUINT64_CONSTANT (8000000000));
  ck_assert (pinwheel_device_unregister (device, bytes, NULL));
  pinwheel_device_free (device, PINWHEEL_MEMORY_DEVICE, size, there);
}
END_TEST

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
START_TEST (the_cpu_cannot_touch_device_memory)
{
  g_autoptr (PinwheelDevice) device = open_sim ("sim");
  volatile guint8 *there = take (device, PINWHEEL_MEMORY_DEVICE, 100);

  exit (there[3]);
}
END_TEST
#endif

int
main (void)
{
  Suite *suite = suite_create ("sim-device");
  TCase *tcase = tcase_create ("sim");
  SRunner *runner = srunner_create (suite);
  int failed;

  suite_add_tcase (suite, tcase);
  tcase_set_timeout (tcase, 30);
  tcase_add_test (tcase, wrong_options_are_told);
  tcase_add_test (tcase, memory_is_as_much_as_was_asked_for);
  tcase_add_test (tcase, bytes_go_there_and_back_and_fresh_memory_is_poisoned);
  tcase_add_test (tcase, a_copy_out_of_bounds_or_into_freed_memory_fails_the_stream);
  tcase_add_test (tcase, the_copy_that_was_named_fails_and_a_lost_device_stays_lost);
  tcase_add_test (tcase, copies_of_one_direction_are_counted_apart);
  tcase_add_test (tcase, whoever_waits_is_told_whose_work_failed_and_what_it_was_for);
  tcase_add_test (tcase, work_that_nothing_orders_is_a_hazard_only_on_the_same_bytes);
  tcase_add_test (tcase, order_through_a_third_stream_or_the_host_counts);
  tcase_add_test (tcase, rows_between_rows_are_other_bytes);
  tcase_add_test (tcase, slices_between_slices_are_other_bytes);
  tcase_add_test (tcase, a_buffer_that_changes_hands_takes_along_what_is_known);
  tcase_add_test (tcase, copies_take_their_time_and_a_cancel_does_not_wait_for_it);
  /* without a process of its own a crash ends them all, and sanitizers catch it their own way */
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  if (srunner_fork_status (runner) == CK_FORK)
    tcase_add_test_raise_signal (tcase, the_cpu_cannot_touch_device_memory, SIGSEGV);
#endif

  srunner_run_all (runner, CK_ENV);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
