/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>

#include "host-gate.h"

static PinwheelDevice *device;
static PinwheelStream *stream, *other;
static Gate gate;

static void
setup (void)
{
  device = pinwheel_device_open ("host", NULL);
  ck_assert_ptr_nonnull (device);
  stream = new_host_stream (device, "first");
  other = new_host_stream (device, "second");
  gate_init (&gate);
}

static void
teardown (void)
{
  gate_open (&gate);
  g_clear_object (&stream);
  g_clear_object (&other);
  g_clear_object (&device);
  gate_clear (&gate);
}

static PinwheelCopy
plain_copy (gpointer target, gconstpointer source, gsize size)
{
  return (PinwheelCopy){ .kind = PINWHEEL_COPY_HOST_TO_DEVICE,
                         .source = source,
                         .target = target,
                         .width = size,
                         .height = 1 };
}

static void
count_run (const PinwheelHostLaunch *launch, void **arguments, guint64 first, guint64 end)
{
  g_atomic_int_add (*(gint **) arguments[0], (gint) (end - first));
}

START_TEST (cancel_skips_what_has_not_begun)
{
  g_autoptr (GError) error = NULL;
  PinwheelFence early, late;
  gint n = 0;

  ck_assert (launch_pointer (stream, count_run, &n, 1, NULL));
  early = record (stream);
  ck_assert (pinwheel_fence_sync (early, NULL));
  block_stream (stream, &gate);
  ck_assert (launch_pointer (stream, count_run, &n, 100, NULL));
  late = record (stream);
  gate_wait_arrival (&gate);
  pinwheel_stream_cancel (stream);
  pinwheel_stream_cancel (stream);
  gate_open (&gate);

  ck_assert (!pinwheel_fence_sync (late, &error));
  ck_assert (g_error_matches (error, PINWHEEL_ERROR, PINWHEEL_ERROR_STOPPED));
  ck_assert (pinwheel_fence_is_passed (late));
  ck_assert_int_eq (g_atomic_int_get (&n), 1);
  ck_assert (pinwheel_fence_sync (early, NULL));
}
END_TEST

START_TEST (every_later_call_returns_the_first_error)
{
  GError *errors[5] = { NULL };
  PinwheelCopy copy = plain_copy (&gate, &gate, 1);
  PinwheelFence fence;
  gint n = 0;

  pinwheel_stream_cancel (stream);
  ck_assert (!launch_pointer (stream, count_run, &n, 1, &errors[0]));
  ck_assert (!pinwheel_stream_copy (stream, &copy, &errors[1]));
  ck_assert (!pinwheel_stream_record (stream, &fence, &errors[2]));
  ck_assert (!pinwheel_stream_wait (stream, block_stream (other, &gate), &errors[3]));
  ck_assert (!launch_pointer (stream, count_run, &n, 1, &errors[4]));
  for (guint i = 0; i < G_N_ELEMENTS (errors); i++)
    {
      ck_assert (g_error_matches (errors[i], PINWHEEL_ERROR, PINWHEEL_ERROR_STOPPED));
      ck_assert_str_eq (errors[i]->message, "stream 'first' was cancelled");
      g_clear_error (&errors[i]);
    }
}
END_TEST

/* Nothing shows from outside that the stream is in its wait: it has most likely come there when the
 * work before it is done, and this is done many times. */
START_TEST (cancel_ends_a_wait_for_another_stream)
{
  PinwheelFence fence = block_stream (other, &gate);
  gint n = 0;

  for (guint round = 0; round < 50; round++)
    {
      g_autoptr (PinwheelStream) waiting = new_host_stream (device, "waiting");
      g_autoptr (GError) error = NULL;
      PinwheelFence early, late;

      ck_assert (launch_pointer (waiting, count_run, &n, 1, NULL));
      early = record (waiting);
      ck_assert (pinwheel_stream_wait (waiting, fence, NULL));
      late = record (waiting);
      ck_assert (pinwheel_fence_sync (early, NULL));
      for (guint i = 0; i < round; i++)
        g_thread_yield ();
      pinwheel_stream_cancel (waiting);
      ck_assert (!pinwheel_fence_sync (late, &error));
      ck_assert (g_error_matches (error, PINWHEEL_ERROR, PINWHEEL_ERROR_STOPPED));
    }
  ck_assert (!pinwheel_fence_is_passed (fence));
}
END_TEST

START_TEST (an_error_reaches_the_streams_that_waited_for_the_work)
{
  g_autoptr (GError) error = NULL;
  PinwheelFence good, bad;
  gint n = 0;

  ck_assert (launch_pointer (other, count_run, &n, 1, NULL));
  good = record (other);
  ck_assert (pinwheel_fence_sync (good, NULL));
  bad = block_stream (other, &gate);
  ck_assert (pinwheel_stream_wait (stream, bad, NULL));
  ck_assert (launch_pointer (stream, count_run, &n, 1, NULL));
  pinwheel_stream_cancel (other);
  gate_open (&gate);

  ck_assert (!pinwheel_fence_sync ((PinwheelFence){ stream, 2 }, &error));
  ck_assert_str_eq (error->message, "stream 'second' was cancelled");
  ck_assert_int_eq (g_atomic_int_get (&n), 1);
  g_clear_error (&error);
  g_clear_object (&stream);
  stream = new_host_stream (device, "third");
  ck_assert (pinwheel_stream_wait (stream, good, NULL));
  ck_assert (!pinwheel_stream_wait (stream, bad, &error));
}
END_TEST

START_TEST (work_before_the_error_is_as_good_as_ever)
{
  PinwheelFence good = block_stream (other, &gate);
  Gate second;
  gint n = 0;

  gate_init (&second);
  block_stream (stream, &second);
  ck_assert (pinwheel_stream_wait (stream, good, NULL));
  ck_assert (launch_pointer (stream, count_run, &n, 1, NULL));
  gate_open (&gate);
  ck_assert (pinwheel_fence_sync (good, NULL));
  pinwheel_stream_cancel (other);
  gate_open (&second);
  ck_assert (pinwheel_fence_sync (record (stream), NULL));
  ck_assert_int_eq (g_atomic_int_get (&n), 1);
  g_clear_object (&stream);
  gate_clear (&second);
}
END_TEST

typedef struct
{
  Gate *gate;
  gint n_blocks;
} LongLaunch;

static void
long_run (const PinwheelHostLaunch *launch, void **arguments, guint64 first, guint64 end)
{
  LongLaunch *work = *(LongLaunch **) arguments[0];

  if (first == 0)
    gate_pass (work->gate);
  g_atomic_int_add (&work->n_blocks, (gint) (end - first));
}

START_TEST (cancel_abandons_a_running_launch)
{
  g_autoptr (GError) error = NULL;
  LongLaunch work = { &gate, 0 };
  PinwheelFence fence;

  ck_assert (launch_pointer (stream, long_run, &work, 1000000, NULL));
  fence = record (stream);
  gate_wait_arrival (&gate);
  pinwheel_stream_cancel (stream);
  ck_assert (!pinwheel_fence_is_passed (fence));
  gate_open (&gate);
  ck_assert (!pinwheel_fence_sync (fence, &error));
  ck_assert_int_lt (g_atomic_int_get (&work.n_blocks), 1000000);
}
END_TEST

static gpointer
fill_stream (gpointer data)
{
  static gint n;
  GError *error = NULL;

  while (launch_pointer (data, count_run, &n, 1, &error))
    ;
  return error;
}

START_TEST (cancel_wakes_a_caller_that_waits_for_room)
{
  g_autoptr (GError) error = NULL;
  GThread *filler;
  PinwheelDeviceCounters counters;

  block_stream (stream, &gate);
  filler = g_thread_new ("filler", fill_stream, stream);
  do
    pinwheel_device_get_counters (device, &counters);
  while (counters.launches < 256);
  pinwheel_stream_cancel (stream);
  gate_open (&gate);
  error = g_thread_join (filler);
  ck_assert (g_error_matches (error, PINWHEEL_ERROR, PINWHEEL_ERROR_STOPPED));
}
END_TEST

static gpointer
cancel_stream (gpointer data)
{
  pinwheel_stream_cancel (data);
  return NULL;
}

/* Two streams that wait for each other's work in turn, one of them cancelled somewhere on the way.
 */
START_TEST (streams_end_wherever_they_are_cancelled)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (1);
  gint n = 0;

  for (guint round = 0; round < 100; round++)
    {
      g_autoptr (PinwheelStream) a = new_host_stream (device, "a");
      g_autoptr (PinwheelStream) b = new_host_stream (device, "b");
      gint when = g_rand_int_range (random, 0, 40);
      GThread *canceller = NULL;
      gboolean ok = TRUE;

      for (gint step = 0; step < 40 && ok; step++)
        {
          PinwheelStream *from = step % 2 == 0 ? a : b, *to = step % 2 == 0 ? b : a;
          PinwheelFence fence;

          if (step == when)
            canceller = g_thread_new ("canceller", cancel_stream, g_rand_boolean (random) ? a : b);
          ok = launch_pointer (from, count_run, &n, 40, NULL)
               && pinwheel_stream_record (from, &fence, NULL)
               && pinwheel_stream_wait (to, fence, NULL);
        }
      if (canceller != NULL)
        g_thread_join (canceller);
    }
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("host-cancel");
  TCase *tcase = tcase_create ("end");
  SRunner *runner = srunner_create (suite);
  int failed;

  suite_add_tcase (suite, tcase);
  tcase_set_timeout (tcase, 60); /* a busy machine makes a yield long */
  tcase_add_checked_fixture (tcase, setup, teardown);
  tcase_add_test (tcase, cancel_skips_what_has_not_begun);
  tcase_add_test (tcase, every_later_call_returns_the_first_error);
  tcase_add_test (tcase, cancel_ends_a_wait_for_another_stream);
  tcase_add_test (tcase, an_error_reaches_the_streams_that_waited_for_the_work);
  tcase_add_test (tcase, work_before_the_error_is_as_good_as_ever);
  tcase_add_test (tcase, cancel_abandons_a_running_launch);
  tcase_add_test (tcase, cancel_wakes_a_caller_that_waits_for_room);
  tcase_add_test (tcase, streams_end_wherever_they_are_cancelled);

  srunner_run_all (runner, CK_ENV);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
