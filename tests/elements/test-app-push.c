/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* appsrc and appsink: what is pushed comes out, its memory is released once, and waits end. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/lock-private.h"
#include "app-line.h"
#include "support.h"

/* --- pushing --- */

typedef struct
{
  PinwheelAppSrc *in;
  guint n_blocks;
  gint released; /* atomic */
} Pusher;

/* Blocks of 1 to APP_BLOCK numbers. */
static gpointer
push_all (gpointer data)
{
  Pusher *self = data;
  guint32 first = 0;

  for (guint i = 0; i < self->n_blocks; i++)
    {
      guint n = 1 + i * 37 % APP_BLOCK;
      PinwheelAppArray *array = app_make_block (first, n, &self->released);
      g_autoptr (GError) error = NULL;

      app_check_ok (pinwheel_app_src_push (self->in, &array, 1, NULL, &error), error);
      pinwheel_app_array_unref (array);
      first += n;
    }
  pinwheel_app_src_end (self->in);
  return NULL;
}

static guint32
count_pushed (guint n_blocks)
{
  guint32 n = 0;

  for (guint i = 0; i < n_blocks; i++)
    n += 1 + i * 37 % APP_BLOCK;
  return n;
}

static void
push_and_pull (const char *spec, const char *chunk, gboolean pinned)
{
  AppLine line = app_line_new (spec, chunk,
                               "appsrc name=in format=x:u32[*] ! upload ! map expr=\"y = x + 1\" ! "
                               "download ! appsink name=out");
  Pusher pusher = { line.in, 40, 0 };
  g_autoptr (GError) error = NULL;
  GThread *thread;
  PinwheelChunk *got;
  guint32 next = 1;

  app_check_ok (pinwheel_pipeline_set_state (line.pipeline, PINWHEEL_STATE_RUNNING, &error), error);
  thread = g_thread_new ("pusher", push_all, &pusher);
  while ((got = pinwheel_app_sink_pull (line.out, NULL, &error)) != NULL)
    {
      guint32 *y = pinwheel_chunk_get_data (got, 0);

      for (guint64 i = 0; i < pinwheel_chunk_get_count (got); i++)
        ck_assert_uint_eq (y[i], next++);
      pinwheel_chunk_unref (got);
    }
  app_check_ok (error == NULL, error);
  ck_assert_uint_eq (next, 1 + count_pushed (40));
  g_thread_join (thread);
  app_check_ok (pinwheel_pipeline_wait (line.pipeline, &error), error);
  ck_assert_int_eq (g_atomic_int_get (&pusher.released), 40);
  g_object_unref (line.pipeline);
}

START_TEST (pushed_blocks_come_through_and_are_released_once_and_not_before)
{
  g_autofree char *spec = g_strdup_printf ("sim:delay=200us,seed=%d", _i);

  push_and_pull (spec, "100", FALSE);
  push_and_pull (spec, "1000", FALSE);
  push_and_pull ("host", _i % 2 == 0 ? "33" : "1000", FALSE);
}
END_TEST

typedef struct
{
  PinwheelLock lock;
  GCond changed;
  gboolean is_free;
} Only;

static void
set_free (gpointer data)
{
  Only *only = data;

  pinwheel_lock (&only->lock);
  only->is_free = TRUE;
  g_cond_signal (&only->changed);
  pinwheel_unlock (&only->lock);
}

/* An application with one block of memory, which it fills again when it is released. */
START_TEST (memory_comes_back_while_the_application_waits_for_it)
{
  static const char *const specs[] = { "sim:latency=200us,delay=300us,seed=5", "host" };

  for (guint i = 0; i < G_N_ELEMENTS (specs); i++)
    {
      g_autoptr (PinwheelDevice) device = app_open_device (specs[i]);
      AppLine line = app_line_new (
          specs[i], "256",
          "appsrc name=in format=x:u32[*] ! upload ! map expr=\"y = x + 1\" ! "
          "download ! statsink name=s");
      Only only = { .is_free = TRUE };
      guint32 numbers[APP_BLOCK];

      ck_assert (pinwheel_device_register (device, numbers, sizeof numbers, NULL));
      ck_assert (pinwheel_pipeline_set_state (line.pipeline, PINWHEEL_STATE_RUNNING, NULL));
      for (guint32 n = 0; n < 100; n++)
        {
          g_autoptr (PinwheelAppArray) array = NULL;
          g_autoptr (GError) error = NULL;

          pinwheel_lock (&only.lock);
          while (!only.is_free)
            pinwheel_cond_wait (&only.changed, &only.lock);
          only.is_free = FALSE;
          pinwheel_unlock (&only.lock);
          for (guint k = 0; k < APP_BLOCK; k++)
            numbers[k] = n;
          array = pinwheel_app_array_new (PINWHEEL_DTYPE_U32, 1, (guint64[]){ APP_BLOCK }, NULL,
                                          numbers, sizeof numbers, set_free, &only, NULL);
          app_check_ok (pinwheel_app_src_push (line.in, &array, 1, NULL, &error), error);
        }
      pinwheel_app_src_end (line.in);
      ck_assert (pinwheel_pipeline_wait (line.pipeline, NULL));
      {
        g_autoptr (PinwheelMessage) message = support_pop (line.pipeline, PINWHEEL_MESSAGE_RESULT);

        /* the mean of 1 ... 100 */
        ck_assert_ptr_nonnull (strstr (pinwheel_message_get_text (message), "50.5"));
      }
      ck_assert_uint_eq (app_count (device).stagings, 0);
      ck_assert (pinwheel_device_unregister (device, numbers, NULL));
      g_object_unref (line.pipeline);
    }
}
END_TEST

START_TEST (direct_pushes_have_no_buffers_and_others_are_refused)
{
  static const char *const specs[] = { "sim:delay=100us,seed=6", "sim" };

  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (PinwheelDevice) device = app_open_device (specs[i]);
      AppLine line = app_line_new (
          specs[i], "100", "appsrc name=in direct=true format=x:u32[*] ! upload ! fakesink");
      gint released = 0;
      g_autoptr (PinwheelAppArray) pageable = app_make_block (0, APP_BLOCK, &released);
      g_autoptr (PinwheelAppArray) pinned = pinwheel_app_array_new_pinned (
          device, PINWHEEL_DTYPE_U32, 1, (guint64[]){ APP_BLOCK }, NULL);
      g_autoptr (GError) error = NULL;
      gboolean ok;

      memset (pinwheel_app_array_get_memory (pinned), 1, APP_BLOCK * 4);
      ck_assert (pinwheel_app_src_push (line.in, i == 0 ? &pinned : &pageable, 1, NULL, NULL));
      pinwheel_app_src_end (line.in);
      ck_assert (pinwheel_pipeline_set_state (line.pipeline, PINWHEEL_STATE_READY, NULL));
      ck_assert_uint_eq (pinwheel_pipeline_get_plan (line.pipeline)->pinned, 0);
      ok = pinwheel_pipeline_run (line.pipeline, &error);
      ck_assert_int_eq (ok, i == 0);
      if (i == 1)
        support_check_error (error, PINWHEEL_ERROR_FORMAT, "as direct=true says: pin it");
      ck_assert_uint_eq (app_count (device).stagings, 0);
      g_object_unref (line.pipeline);
    }
}
END_TEST

START_TEST (long_streams_use_no_more_memory_than_short_ones)
{
  g_autoptr (PinwheelDevice) device = app_open_device ("host");
  AppLine line = app_line_new ("host", NULL,
                               "appsrc name=in format=x:u8[*] ! upload ! download ! fakesink");
  gsize size = 1 << 20;
  gint released = 0;
  int most = 0;

  g_object_set (line.pipeline, "chunk-bytes", (guint64) size, NULL);
  ck_assert (pinwheel_pipeline_set_state (line.pipeline, PINWHEEL_STATE_RUNNING, NULL));
  for (int i = 0; i < 1000; i++)
    {
      AppSpoilt *block = g_malloc0 (size);
      g_autoptr (PinwheelAppArray) array = NULL;

      block->released = &released;
      array = pinwheel_app_array_new (PINWHEEL_DTYPE_U8, 1, (guint64[]){ size }, NULL, block, size,
                                      app_spoil, block, NULL);
      ck_assert (pinwheel_app_src_push (line.in, &array, 1, NULL, NULL));
      most = MAX (most, i + 1 - g_atomic_int_get (&released));
    }
  pinwheel_app_src_end (line.in);
  ck_assert (pinwheel_pipeline_wait (line.pipeline, NULL));
  ck_assert_int_eq (g_atomic_int_get (&released), 1000);
  /* max-blocks, the one that is cut, and one for each buffer of the pool */
  ck_assert_int_le (most, 2 + 1 + 3 + 1);
  ck_assert_uint_eq (app_count (device).stagings, 0);
  g_object_unref (line.pipeline);
}
END_TEST

START_TEST (a_chunk_keeps_its_memory_when_all_else_is_gone)
{
  AppLine line = app_line_new ("host", NULL, "appsrc name=in format=x:u32[*] ! appsink name=out");
  gint released = 0;
  PinwheelAppArray *array = app_make_block (5, 3, &released);
  g_autoptr (PinwheelChunk) chunk = NULL;

  ck_assert (pinwheel_app_src_push (line.in, &array, 1, NULL, NULL));
  pinwheel_app_array_unref (array);
  pinwheel_app_src_end (line.in);
  ck_assert (pinwheel_pipeline_run (line.pipeline, NULL));
  chunk = pinwheel_app_sink_pull (line.out, NULL, NULL);
  ck_assert_ptr_null (pinwheel_app_sink_pull (line.out, NULL, NULL));
  g_object_unref (line.pipeline);
  ck_assert_int_eq (g_atomic_int_get (&released), 0);
  for (guint i = 0; i < 3; i++)
    ck_assert_uint_eq (((guint32 *) pinwheel_chunk_get_data (chunk, 0))[i], 5 + i);
  g_clear_pointer (&chunk, pinwheel_chunk_unref);
  ck_assert_int_eq (g_atomic_int_get (&released), 1);
}
END_TEST

START_TEST (bytes_are_pushed_and_streams_without_items_end)
{
  AppLine line = app_line_new ("host", NULL, "appsrc name=in format=x:i16[2,*] ! appsink name=out");
  gint16 numbers[] = { 1, 2, 3, 4, 5, 6 };
  g_autoptr (GBytes) bytes = g_bytes_new (numbers, sizeof numbers);
  g_autoptr (GBytes) odd = g_bytes_new (numbers, 6);

  for (guint run = 0; run < 3; run++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (PinwheelChunk) chunk = NULL;

      ck_assert (pinwheel_pipeline_set_state (line.pipeline, PINWHEEL_STATE_RUNNING, NULL));
      ck_assert (!pinwheel_app_src_push_bytes (line.in, odd, NULL, &error));
      support_check_error (error, PINWHEEL_ERROR_FORMAT, "6 bytes were pushed for array 'x'");
      if (run != 1)
        ck_assert (pinwheel_app_src_push_bytes (line.in, bytes, NULL, NULL));
      pinwheel_app_src_end (line.in);
      chunk = pinwheel_app_sink_pull (line.out, NULL, NULL);
      ck_assert_uint_eq (pinwheel_chunk_get_count (chunk), run == 1 ? 0 : 3);
      if (run != 1)
        ck_assert_int_eq (memcmp (pinwheel_chunk_get_data (chunk, 0), numbers, 12), 0);
      ck_assert_ptr_null (pinwheel_app_sink_pull (line.out, NULL, NULL));
      ck_assert (pinwheel_pipeline_wait (line.pipeline, NULL));
    }
  g_object_unref (line.pipeline);
}
END_TEST

/* --- signals --- */

static void
on_need_data (PinwheelAppSrc *in, guint64 most, gint *n_left)
{
  if (g_atomic_int_add (n_left, -1) > 0)
    {
      g_autoptr (GBytes) bytes = g_bytes_new ("\1\2\3\4", 4);

      ck_assert (pinwheel_app_src_push_bytes (in, bytes, NULL, NULL));
    }
  else
    pinwheel_app_src_end (in);
}

static void
on_new_chunk (PinwheelAppSink *out, gint *items_seen)
{
  g_autoptr (PinwheelChunk) chunk = pinwheel_app_sink_try_pull (out, NULL);

  ck_assert_ptr_nonnull (chunk);
  g_atomic_int_add (items_seen, (gint) pinwheel_chunk_get_count (chunk));
}

START_TEST (signals_ask_for_items_and_tell_of_chunks)
{
  AppLine line = app_line_new ("host", NULL,
                               "appsrc name=in format=x:u8[*] ! appsink name=out max-chunks=1");
  gint n_left = 10, seen = 0;

  g_signal_connect (line.in, "need-data", G_CALLBACK (on_need_data), &n_left);
  g_signal_connect (line.out, "new-chunk", G_CALLBACK (on_new_chunk), &seen);
  support_run (line.pipeline);
  ck_assert_int_eq (g_atomic_int_get (&seen), 40);
}
END_TEST

/* --- waits end --- */

typedef struct
{
  AppLine *line;
  GCancellable *cancellable;
  gboolean pulls;
  GError *error;
} Waiter;

static gpointer
wait_for_it (gpointer data)
{
  Waiter *self = data;
  g_autoptr (GBytes) bytes = g_bytes_new ("\1\2\3\4", 4);

  while (self->error == NULL)
    if (self->pulls)
      {
        PinwheelChunk *chunk = pinwheel_app_sink_pull (self->line->out, self->cancellable,
                                                       &self->error);

        g_clear_pointer (&chunk, pinwheel_chunk_unref);
      }
    else
      pinwheel_app_src_push_bytes (self->line->in, bytes, self->cancellable, &self->error);
  return NULL;
}

START_TEST (a_push_or_pull_that_waits_ends_on_cancel_and_on_stop)
{
  for (guint round = 0; round < 4; round++)
    {
      AppLine line = app_line_new (_i % 2 == 0 ? "host" : "sim:delay=100us", NULL,
                                   "appsrc name=in format=x:u8[*] ! upload ! download ! "
                                   "appsink name=out max-chunks=1");
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();
      Waiter waiter = { &line, cancellable, round % 2 == 0, NULL };
      gboolean cancels = round < 2;
      g_autoptr (GError) error = NULL;
      GThread *thread;

      ck_assert (pinwheel_pipeline_set_state (line.pipeline, PINWHEEL_STATE_RUNNING, NULL));
      thread = g_thread_new ("waiter", wait_for_it, &waiter);
      if (cancels)
        g_cancellable_cancel (cancellable);
      else
        pinwheel_pipeline_stop (line.pipeline);
      g_thread_join (thread);
      if (cancels)
        ck_assert (g_error_matches (waiter.error, G_IO_ERROR, G_IO_ERROR_CANCELLED));
      else
        ck_assert (g_error_matches (waiter.error, PINWHEEL_ERROR, PINWHEEL_ERROR_STOPPED));
      g_clear_error (&waiter.error);
      pinwheel_pipeline_stop (line.pipeline);
      ck_assert (!pinwheel_pipeline_wait (line.pipeline, &error));
      ck_assert (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED));
      g_object_unref (line.pipeline);
    }
}
END_TEST

/* Setting up a second time, READY to RUNNING, does not end it; a run that cannot start does. */
START_TEST (waits_for_a_run_that_has_not_started_end_where_it_cannot)
{
  for (guint i = 0; i < 4; i++)
    {
      gboolean fails = i >= 2;
      AppLine line = app_line_new ("host", NULL,
                                   fails ? "zip name=z ! appsink name=out "
                                           "rawsrc location=/nowhere format=y:u8[*] ! z. "
                                           "appsrc name=in format=x:u8[*] ! z."
                                         : "appsrc name=in format=x:u8[*] ! appsink name=out");
      Waiter waiter = { &line, NULL, i % 2 == 0, NULL };
      g_autoptr (GError) error = NULL;
      GThread *thread;

      if (fails)
        {
          thread = g_thread_new ("waiter", wait_for_it, &waiter);
          ck_assert (!pinwheel_pipeline_run (line.pipeline, &error));
          g_thread_join (thread);
          support_check_error (waiter.error, PINWHEEL_ERROR_STOPPED, "the pipeline says why");
        }
      else
        {
          g_autoptr (GBytes) bytes = g_bytes_new ("abc", 3);
          g_autoptr (PinwheelChunk) chunk = NULL;

          ck_assert (pinwheel_pipeline_set_state (line.pipeline, PINWHEEL_STATE_READY, NULL));
          ck_assert (pinwheel_app_src_push_bytes (line.in, bytes, NULL, NULL));
          pinwheel_app_src_end (line.in);
          app_check_ok (pinwheel_pipeline_run (line.pipeline, &error), error);
          chunk = pinwheel_app_sink_pull (line.out, NULL, NULL);
          ck_assert_uint_eq (pinwheel_chunk_get_count (chunk), 3);
        }
      g_clear_error (&waiter.error);
      g_object_unref (line.pipeline);
    }
}
END_TEST

START_TEST (what_was_pushed_into_a_run_that_fails_is_released)
{
  static const char *const specs[] = { "host", "sim:delay=100us,fail=copy:3", "sim:lose=12" };
  AppLine line = app_line_new (
      specs[_i], "100",
      _i == 0 ? "appsrc name=in format=x:u32[*] ! identity fail-at=2 ! upload ! "
                "download ! fakesink"
              : "appsrc name=in format=x:u32[*] ! upload ! download ! fakesink");
  gint released = 0;
  gint made = 0;
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) failure = NULL;

  ck_assert (pinwheel_pipeline_set_state (line.pipeline, PINWHEEL_STATE_RUNNING, NULL));
  while (error == NULL)
    {
      g_autoptr (PinwheelAppArray) array = app_make_block (0, APP_BLOCK, &released);

      made++;
      pinwheel_app_src_push (line.in, &array, 1, NULL, &error);
    }
  support_check_error (error, PINWHEEL_ERROR_STOPPED, "the pipeline says why");
  ck_assert (!pinwheel_pipeline_wait (line.pipeline, &failure));
  ck_assert_int_eq (g_atomic_int_get (&released), made);
  g_object_unref (line.pipeline);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("app-push");
  TCase *tcase = tcase_create ("appsrc and appsink");
  SRunner *runner = srunner_create (suite);
  int failed;

  suite_add_tcase (suite, tcase);
  tcase_set_timeout (tcase, 60);
  tcase_add_checked_fixture (tcase, support_make_folder, support_remove_folder);
  tcase_add_loop_test (tcase, pushed_blocks_come_through_and_are_released_once_and_not_before, 0,
                       4);
  tcase_add_test (tcase, memory_comes_back_while_the_application_waits_for_it);
  tcase_add_test (tcase, direct_pushes_have_no_buffers_and_others_are_refused);
  tcase_add_test (tcase, long_streams_use_no_more_memory_than_short_ones);
  tcase_add_test (tcase, a_chunk_keeps_its_memory_when_all_else_is_gone);
  tcase_add_test (tcase, bytes_are_pushed_and_streams_without_items_end);
  tcase_add_test (tcase, signals_ask_for_items_and_tell_of_chunks);
  tcase_add_loop_test (tcase, a_push_or_pull_that_waits_ends_on_cancel_and_on_stop, 0, 6);
  tcase_add_test (tcase, waits_for_a_run_that_has_not_started_end_where_it_cannot);
  tcase_add_loop_test (tcase, what_was_pushed_into_a_run_that_fails_is_released, 0, 3);

  srunner_run_all (runner, CK_ENV);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
