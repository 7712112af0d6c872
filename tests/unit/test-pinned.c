/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include <check.h>

#include <pinwheel/pool.h>
#include <pinwheel/stream.h>

#include "base/clock-private.h"
#include "memory/pool-private.h"

static PinwheelDevice *
open_device (const char *spec)
{
  GError *error = NULL;
  PinwheelDevice *device = pinwheel_device_open (spec, &error);

  ck_assert_msg (device != NULL, "%s", error != NULL ? error->message : "");
  return device;
}

static PinwheelDeviceCounters
counters (PinwheelDevice *device)
{
  PinwheelDeviceCounters now;

  pinwheel_device_get_counters (device, &now);
  return now;
}

START_TEST (what_is_registered_is_pinned_until_it_is_unregistered)
{
  g_autoptr (PinwheelDevice) device = open_device ("sim");
  guint8 memory[1000];

  ck_assert (!pinwheel_device_is_pinned (device, memory, 1));
  ck_assert (pinwheel_device_register (device, memory + 100, 400, NULL));
  ck_assert (pinwheel_device_register (device, memory + 500, 100, NULL));
  ck_assert_uint_eq (counters (device).registered, 500);
  ck_assert (pinwheel_device_is_pinned (device, memory + 100, 400));
  ck_assert (pinwheel_device_is_pinned (device, memory + 499, 1));
  ck_assert (!pinwheel_device_is_pinned (device, memory + 99, 2));
  ck_assert (!pinwheel_device_is_pinned (device, memory + 499, 2));
  ck_assert (!pinwheel_device_is_pinned (device, memory + 599, 2));
  ck_assert (!pinwheel_device_is_pinned (device, memory + 600, 1));
  ck_assert (pinwheel_device_unregister (device, memory + 100, NULL));
  ck_assert (!pinwheel_device_is_pinned (device, memory + 100, 1));
  ck_assert (pinwheel_device_is_pinned (device, memory + 500, 100));
  ck_assert (pinwheel_device_unregister (device, memory + 500, NULL));
  ck_assert_uint_eq (counters (device).registered, 0);
  ck_assert_uint_eq (counters (device).pinned_peak, 0);
}
END_TEST

START_TEST (what_was_allocated_pinned_is_pinned_and_cannot_be_unregistered)
{
  g_autoptr (PinwheelDevice) device = open_device ("sim");
  g_autoptr (GError) error = NULL;
  gpointer memory;

  ck_assert (pinwheel_device_alloc (device, PINWHEEL_MEMORY_PINNED, 300, &memory, NULL));
  ck_assert (pinwheel_device_is_pinned (device, memory, 300));
  ck_assert (!pinwheel_device_unregister (device, memory, &error));
  ck_assert_ptr_nonnull (strstr (error->message, "no registered memory begins at"));
  pinwheel_device_free (device, PINWHEEL_MEMORY_PINNED, 300, memory);
  ck_assert (!pinwheel_device_is_pinned (device, memory, 300));
}
END_TEST

START_TEST (an_overlap_is_refused)
{
  static const struct
  {
    gsize begin, size;
  } wrong[] = { { 100, 100 }, { 50, 51 }, { 199, 1 }, { 50, 500 }, { 150, 10 } };
  static const char *const specs[] = { "sim", "host" };

  for (guint i = 0; i < G_N_ELEMENTS (specs); i++)
    {
      g_autoptr (PinwheelDevice) device = open_device (specs[i]);
      guint8 memory[1000];

      ck_assert (pinwheel_device_register (device, memory + 100, 100, NULL));
      for (guint k = 0; k < G_N_ELEMENTS (wrong); k++)
        {
          g_autoptr (GError) error = NULL;

          ck_assert (
              !pinwheel_device_register (device, memory + wrong[k].begin, wrong[k].size, &error));
          ck_assert_ptr_nonnull (strstr (error->message, "overlap memory that is pinned already"));
        }
      ck_assert_uint_eq (counters (device).registered, 100);
      ck_assert (pinwheel_device_unregister (device, memory + 100, NULL));
    }
}
END_TEST

START_TEST (registering_counts_against_the_limit_and_fails_on_request)
{
  g_autoptr (PinwheelDevice) device = open_device ("sim:pinned=1000,fail=pinned:3");
  g_autoptr (GError) full = NULL;
  g_autoptr (GError) failed = NULL;
  guint8 memory[2000];
  gpointer more;

  ck_assert (pinwheel_device_register (device, memory, 900, NULL));
  ck_assert (!pinwheel_device_alloc (device, PINWHEEL_MEMORY_PINNED, 101, &more, &full));
  ck_assert_int_eq (full->code, PINWHEEL_ERROR_MEMORY);
  ck_assert_ptr_nonnull (strstr (full->message, "100 B of 1000 B are free"));
  ck_assert (!pinwheel_device_register (device, memory + 900, 1, &failed));
  ck_assert_ptr_nonnull (strstr (failed->message, "pinned 3 failed"));
  ck_assert (!pinwheel_device_is_pinned (device, memory + 900, 1));
  ck_assert (pinwheel_device_unregister (device, memory, NULL));
  ck_assert (pinwheel_device_register (device, memory, 1000, NULL));
  ck_assert (pinwheel_device_unregister (device, memory, NULL));
}
END_TEST

START_TEST (a_copy_of_pageable_memory_blocks_and_one_of_pinned_memory_does_not)
{
  g_autoptr (PinwheelDevice) device = open_device ("sim:latency=50ms");
  g_autoptr (PinwheelStream) stream = pinwheel_device_new_stream (device, "s", NULL);
  guint8 bytes[8] = { 1, 2, 3, 4, 5, 6, 7, 8 };
  PinwheelCopy copy = {
    .kind = PINWHEEL_COPY_HOST_TO_DEVICE, .source = bytes, .target = NULL, .width = 8, .height = 1
  };
  guint64 begin;

  ck_assert (pinwheel_device_alloc (device, PINWHEEL_MEMORY_DEVICE, 8, &copy.target, NULL));
  begin = pinwheel_clock ();
  ck_assert (pinwheel_stream_copy (stream, &copy, NULL));
  ck_assert_uint_ge (pinwheel_clock () - begin, 50000000);
  ck_assert_uint_eq (counters (device).pageable_copies, 1);
  ck_assert (pinwheel_device_register (device, bytes, 8, NULL));
  ck_assert (pinwheel_stream_copy (stream, &copy, NULL));
  ck_assert_uint_eq (counters (device).pageable_copies, 1);
  pinwheel_stream_cancel (stream);
  g_clear_object (&stream);
  ck_assert (pinwheel_device_unregister (device, bytes, NULL));
  pinwheel_device_free (device, PINWHEEL_MEMORY_DEVICE, 8, copy.target);
}
END_TEST

START_TEST (a_pageable_pool_pins_nothing)
{
  g_autoptr (PinwheelDevice) device = open_device ("sim:pinned=0");
  g_autoptr (GError) error = NULL;
  PinwheelBuffer *buffers[2];
  PinwheelPool *pool;

  ck_assert_ptr_null (pinwheel_pool_new (device, PINWHEEL_MEMORY_PINNED, 2, 100, &error));
  pool = pinwheel_pool_new_pageable (device, 2, 100, NULL);
  ck_assert_ptr_nonnull (pool);
  for (guint i = 0; i < 2; i++)
    {
      buffers[i] = pinwheel_pool_acquire (pool, NULL);
      ck_assert_uint_eq ((guintptr) pinwheel_buffer_get_memory (buffers[i]) % PINWHEEL_ALIGNMENT,
                         0);
      memset (pinwheel_buffer_get_memory (buffers[i]), 7, 256);
      ck_assert (!pinwheel_device_is_pinned (device, pinwheel_buffer_get_memory (buffers[i]), 1));
    }
  ck_assert_uint_eq (counters (device).pinned_peak, 0);
  g_object_unref (pool);
  for (guint i = 0; i < 2; i++)
    pinwheel_buffer_unref (buffers[i]);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("pinned");
  TCase *tcase = tcase_create ("pinned memory");
  SRunner *runner = srunner_create (suite);
  int failed;

  suite_add_tcase (suite, tcase);
  tcase_add_test (tcase, what_is_registered_is_pinned_until_it_is_unregistered);
  tcase_add_test (tcase, what_was_allocated_pinned_is_pinned_and_cannot_be_unregistered);
  tcase_add_test (tcase, an_overlap_is_refused);
  tcase_add_test (tcase, registering_counts_against_the_limit_and_fails_on_request);
  tcase_add_test (tcase, a_copy_of_pageable_memory_blocks_and_one_of_pinned_memory_does_not);
  tcase_add_test (tcase, a_pageable_pool_pins_nothing);

  srunner_run_all (runner, CK_ENV);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
