/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include <pinwheel/pool.h>

#include "host-gate.h"
#include "memory/buffer-private.h"

static PinwheelDevice *device;
static PinwheelStream *stream, *other;
static PinwheelPool *pool;
static PinwheelBuffer *buffer;
static Gate gate;

static void
setup (void)
{
  device = pinwheel_device_open ("host", NULL);
  stream = new_host_stream (device, "first");
  other = new_host_stream (device, "second");
  pool = pinwheel_pool_new (device, PINWHEEL_MEMORY_DEVICE, 1, 1000, NULL);
  ck_assert_ptr_nonnull (pool);
  buffer = pinwheel_pool_acquire (pool, NULL);
  gate_init (&gate);
}

static void
teardown (void)
{
  gate_open (&gate);
  g_clear_pointer (&buffer, pinwheel_buffer_unref);
  g_clear_object (&pool);
  g_clear_object (&stream);
  g_clear_object (&other);
  g_clear_object (&device);
  gate_clear (&gate);
}

static guint64
host_waits (void)
{
  PinwheelDeviceCounters counters;

  pinwheel_device_get_counters (device, &counters);
  return counters.host_waits;
}

START_TEST (a_buffer_is_what_its_pool_says)
{
  PinwheelBuffer *again;

  ck_assert_uint_eq (pinwheel_buffer_get_capacity (buffer), 1024);
  ck_assert_int_eq (pinwheel_buffer_get_kind (buffer), PINWHEEL_MEMORY_DEVICE);
  ck_assert_uint_eq ((guintptr) pinwheel_buffer_get_memory (buffer) % PINWHEEL_ALIGNMENT, 0);
  memset (pinwheel_buffer_get_memory (buffer), 1, 1024);

  again = g_boxed_copy (PINWHEEL_TYPE_BUFFER, buffer);
  ck_assert_ptr_eq (again, buffer);
  pinwheel_buffer_unref (buffer);
  ck_assert_uint_eq (pinwheel_pool_get_n_home (pool), 0);
  g_boxed_free (PINWHEEL_TYPE_BUFFER, again);
  ck_assert_uint_eq (pinwheel_pool_get_n_home (pool), 1);
  buffer = NULL;
}
END_TEST

START_TEST (a_buffer_without_fences_is_free_to_use)
{
  ck_assert (pinwheel_buffer_sync_readable (buffer, NULL));
  ck_assert (pinwheel_buffer_sync_writable (buffer, NULL));
  ck_assert (pinwheel_buffer_wait_readable (buffer, stream, NULL));
  ck_assert (pinwheel_buffer_wait_writable (buffer, stream, NULL));
  pinwheel_buffer_set_writer (buffer, (PinwheelFence){ NULL, 0 });
  ck_assert (pinwheel_buffer_sync_readable (buffer, NULL));
  ck_assert_uint_eq (record (stream).value, 0);
  ck_assert_uint_eq (host_waits (), 0);
}
END_TEST

START_TEST (readers_do_not_keep_others_from_reading)
{
  pinwheel_buffer_add_reader (buffer, block_stream (stream, &gate));
  ck_assert (pinwheel_buffer_sync_readable (buffer, NULL));
  ck_assert (pinwheel_buffer_wait_readable (buffer, other, NULL));
  ck_assert_uint_eq (record (other).value, 0);
  ck_assert_uint_eq (host_waits (), 0);
}
END_TEST

START_TEST (a_stream_waits_for_the_writer_of_another)
{
  pinwheel_buffer_set_writer (buffer, block_stream (stream, &gate));
  ck_assert (pinwheel_buffer_wait_readable (buffer, stream, NULL));
  ck_assert_uint_eq (record (stream).value, 1);
  ck_assert (pinwheel_buffer_wait_readable (buffer, other, NULL));
  ck_assert (!pinwheel_fence_is_passed (record (other)));
  gate_open (&gate);
  ck_assert (pinwheel_fence_sync (record (other), NULL));
}
END_TEST

typedef struct
{
  gboolean (*func) (PinwheelBuffer *buffer, GError **error);
  gint done; /* atomic */
} Wait;

static gpointer
wait_for_buffer (gpointer data)
{
  Wait *wait = data;
  gboolean ok = wait->func (buffer, NULL);

  g_atomic_int_set (&wait->done, 1);
  return GINT_TO_POINTER (ok);
}

/* Returns: whether the host waited until the gate was open */
static gboolean
host_waits_for_gate (gboolean (*func) (PinwheelBuffer *, GError **))
{
  Wait wait = { func, 0 };
  guint64 before = host_waits ();
  GThread *thread = g_thread_new ("waiter", wait_for_buffer, &wait);
  gboolean waited;

  while (host_waits () == before && !g_atomic_int_get (&wait.done))
    g_thread_yield ();
  waited = !g_atomic_int_get (&wait.done);
  gate_open (&gate);
  ck_assert_ptr_nonnull (g_thread_join (thread));
  return waited;
}

START_TEST (the_host_waits_for_the_writer_to_read)
{
  pinwheel_buffer_set_writer (buffer, block_stream (stream, &gate));
  ck_assert (host_waits_for_gate (pinwheel_buffer_sync_readable));
}
END_TEST

START_TEST (the_host_waits_for_readers_to_write)
{
  pinwheel_buffer_add_reader (buffer, block_stream (stream, &gate));
  ck_assert (host_waits_for_gate (pinwheel_buffer_sync_writable));
}
END_TEST

START_TEST (the_host_waits_for_the_writer_to_write)
{
  pinwheel_buffer_set_writer (buffer, block_stream (stream, &gate));
  ck_assert (host_waits_for_gate (pinwheel_buffer_sync_writable));
}
END_TEST

START_TEST (writers_of_two_streams_are_both_waited_for)
{
  pinwheel_buffer_set_writer (buffer, block_stream (stream, &gate));
  pinwheel_buffer_set_writer (buffer, block_stream (other, &gate));
  ck_assert_uint_eq (buffer->writers.n, 2);
  ck_assert (host_waits_for_gate (pinwheel_buffer_sync_readable));
  ck_assert (pinwheel_fence_is_passed (record (stream)));
  ck_assert (pinwheel_fence_is_passed (record (other)));
}
END_TEST

START_TEST (a_later_fence_of_a_stream_takes_the_place_of_the_earlier)
{
  PinwheelFence early = block_stream (stream, &gate), late;

  pinwheel_buffer_add_reader (buffer, early);
  late = block_stream (stream, &gate);
  pinwheel_buffer_add_reader (buffer, late);
  pinwheel_buffer_add_reader (buffer, early);
  ck_assert_uint_eq (buffer->readers.n, 1);
  ck_assert_uint_eq (buffer->readers.fences[0].value, late.value);
}
END_TEST

/* What the next one to take the buffer must wait for is the stream that waited, not the old
 * readers. */
START_TEST (whoever_waits_to_write_takes_the_fences_over)
{
  pinwheel_buffer_set_writer (buffer, block_stream (stream, &gate));
  pinwheel_buffer_add_reader (buffer, record (stream));
  ck_assert (pinwheel_buffer_wait_writable (buffer, other, NULL));
  ck_assert_uint_eq (buffer->readers.n, 0);
  ck_assert_uint_eq (buffer->writers.n, 1);
  ck_assert_ptr_eq (buffer->writers.fences[0].stream, other);
  ck_assert (!pinwheel_fence_is_passed (buffer->writers.fences[0]));
  ck_assert (host_waits_for_gate (pinwheel_buffer_sync_writable));
  ck_assert_uint_eq (buffer->writers.n, 0);
}
END_TEST

START_TEST (an_own_fence_stays_for_the_next)
{
  PinwheelFence fence = block_stream (stream, &gate);

  pinwheel_buffer_add_reader (buffer, fence);
  ck_assert (pinwheel_buffer_wait_writable (buffer, stream, NULL));
  ck_assert_uint_eq (record (stream).value, fence.value);
  ck_assert_uint_eq (buffer->writers.n, 1);
  ck_assert_uint_eq (buffer->writers.fences[0].value, fence.value);
}
END_TEST

START_TEST (a_failed_writer_is_told_to_every_reader)
{
  PinwheelFence fence = block_stream (stream, &gate);

  pinwheel_buffer_set_writer (buffer, fence);
  pinwheel_stream_cancel (stream);
  gate_open (&gate);
  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (GError) error = NULL;

      ck_assert (!pinwheel_buffer_sync_readable (buffer, &error));
      ck_assert (g_error_matches (error, PINWHEEL_ERROR, PINWHEEL_ERROR_STOPPED));
      g_clear_error (&error);
      ck_assert (!pinwheel_buffer_wait_readable (buffer, other, &error));
      ck_assert (g_error_matches (error, PINWHEEL_ERROR, PINWHEEL_ERROR_STOPPED));
    }
}
END_TEST

START_TEST (a_buffer_comes_back_with_its_fences)
{
  PinwheelFence fence = block_stream (stream, &gate);
  PinwheelBuffer *first = buffer;

  pinwheel_buffer_add_reader (buffer, fence);
  pinwheel_buffer_unref (buffer);
  buffer = pinwheel_pool_acquire (pool, NULL);
  ck_assert_ptr_eq (buffer, first);
  ck_assert (host_waits_for_gate (pinwheel_buffer_sync_writable));

  /* and what has passed by then does not keep its stream alive */
  pinwheel_buffer_add_reader (buffer, fence);
  pinwheel_buffer_unref (buffer);
  buffer = NULL;
  ck_assert_uint_eq (G_OBJECT (stream)->ref_count, 1);
}
END_TEST

START_TEST (fences_keep_their_stream)
{
  PinwheelFence fence = block_stream (stream, &gate);
  gpointer alive = stream;

  g_object_add_weak_pointer (G_OBJECT (stream), &alive);
  pinwheel_buffer_set_writer (buffer, fence);
  g_clear_object (&stream);
  ck_assert_ptr_nonnull (alive);
  gate_open (&gate);
  ck_assert (pinwheel_buffer_sync_readable (buffer, NULL));
  ck_assert (pinwheel_buffer_sync_writable (buffer, NULL));
  ck_assert_ptr_null (alive);
}
END_TEST

static gpointer
drop_pool (gpointer data)
{
  g_object_unref (data);
  return NULL;
}

START_TEST (memory_is_not_freed_while_work_uses_it)
{
  PinwheelDeviceCounters counters;
  GThread *dropper;

  pinwheel_buffer_set_writer (buffer, block_stream (stream, &gate));
  g_clear_pointer (&buffer, pinwheel_buffer_unref);
  dropper = g_thread_new ("dropper", drop_pool, g_steal_pointer (&pool));
  do
    pinwheel_device_get_counters (device, &counters);
  while (counters.host_waits == 0 && counters.device > 0);
  ck_assert_uint_eq (counters.device, 1024);
  gate_open (&gate);
  g_thread_join (dropper);
  pinwheel_device_get_counters (device, &counters);
  ck_assert_uint_eq (counters.device, 0);
}
END_TEST

static gpointer
use_buffer (gpointer data)
{
  g_autoptr (PinwheelStream) mine = new_host_stream (device, "mine");

  for (guint i = 0; i < 100; i++)
    {
      ck_assert (pinwheel_buffer_wait_readable (buffer, mine, NULL));
      ck_assert (launch_pointer (mine, gate_run, &gate, 1, NULL));
      pinwheel_buffer_add_reader (buffer, record (mine));
      if (i % 10 == 0)
        ck_assert (pinwheel_buffer_sync_readable (buffer, NULL));
    }
  return data;
}

START_TEST (several_threads_read_one_buffer)
{
  GThread *threads[3];

  gate_open (&gate);
  pinwheel_buffer_set_writer (buffer, block_stream (stream, &gate));
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("reader", use_buffer, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
  ck_assert_uint_eq (buffer->readers.n, 3);
  ck_assert (pinwheel_buffer_sync_writable (buffer, NULL));
  ck_assert_uint_eq (buffer->readers.n, 0);
}
END_TEST

START_TEST (a_buffer_that_goes_round_keeps_its_room)
{
  gpointer fences;

  gate_open (&gate);
  pinwheel_buffer_add_reader (buffer, block_stream (stream, &gate));
  fences = buffer->readers.fences;
  for (guint i = 0; i < 50; i++)
    {
      pinwheel_buffer_add_reader (buffer, block_stream (stream, &gate));
      pinwheel_buffer_add_reader (buffer, block_stream (other, &gate));
      pinwheel_buffer_unref (buffer);
      buffer = pinwheel_pool_acquire (pool, NULL);
      ck_assert (pinwheel_buffer_sync_writable (buffer, NULL));
      ck_assert_uint_eq (buffer->readers.n, 0);
    }
  ck_assert_ptr_eq (buffer->readers.fences, fences);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("buffer");
  TCase *tcase = tcase_create ("fences");
  SRunner *runner = srunner_create (suite);
  int failed;

  suite_add_tcase (suite, tcase);
  tcase_add_checked_fixture (tcase, setup, teardown);
  tcase_add_test (tcase, a_buffer_is_what_its_pool_says);
  tcase_add_test (tcase, a_buffer_without_fences_is_free_to_use);
  tcase_add_test (tcase, readers_do_not_keep_others_from_reading);
  tcase_add_test (tcase, a_stream_waits_for_the_writer_of_another);
  tcase_add_test (tcase, the_host_waits_for_the_writer_to_read);
  tcase_add_test (tcase, the_host_waits_for_readers_to_write);
  tcase_add_test (tcase, the_host_waits_for_the_writer_to_write);
  tcase_add_test (tcase, writers_of_two_streams_are_both_waited_for);
  tcase_add_test (tcase, a_later_fence_of_a_stream_takes_the_place_of_the_earlier);
  tcase_add_test (tcase, whoever_waits_to_write_takes_the_fences_over);
  tcase_add_test (tcase, an_own_fence_stays_for_the_next);
  tcase_add_test (tcase, a_failed_writer_is_told_to_every_reader);
  tcase_add_test (tcase, a_buffer_comes_back_with_its_fences);
  tcase_add_test (tcase, fences_keep_their_stream);
  tcase_add_test (tcase, memory_is_not_freed_while_work_uses_it);
  tcase_add_test (tcase, several_threads_read_one_buffer);
  tcase_add_test (tcase, a_buffer_that_goes_round_keeps_its_room);

  srunner_run_all (runner, CK_ENV);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
