/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include <pinwheel/device.h>

#include "device/host/host-function-private.h"
#include "device/system-memory-private.h"

#define ALIGNMENT 256

static PinwheelDevice *device;

static void
setup (void)
{
  device = pinwheel_device_open ("host", NULL);
  ck_assert_ptr_nonnull (device);
}

static void
teardown (void)
{
  g_clear_object (&device);
}

START_TEST (one_spec_is_one_device)
{
  g_autoptr (PinwheelDevice) again = pinwheel_device_open ("host", NULL);

  ck_assert_ptr_eq (again, device);
  ck_assert_str_eq (pinwheel_device_get_name (device), "host");
  ck_assert (pinwheel_device_is_integrated (device));
}
END_TEST

START_TEST (a_listed_device_is_there_and_says_what_it_is)
{
  g_autofree char *notice = NULL;
  g_auto (GStrv) specs = pinwheel_device_list (&notice);

  ck_assert (g_strv_contains ((const char *const *) specs, "host"));
  ck_assert_int_eq (notice == NULL, g_str_has_prefix (specs[0], "cuda:"));
  for (guint i = 0; specs[i] != NULL; i++)
    {
      g_autoptr (PinwheelDevice) listed = pinwheel_device_open (specs[i], NULL);
      g_autofree char *text = listed != NULL ? pinwheel_device_describe (listed) : NULL;

      ck_assert_msg (text != NULL && strstr (text, "iB") != NULL, "%s", specs[i]);
    }
}
END_TEST

START_TEST (a_device_ends_with_its_last_holder)
{
  gpointer alive = device;

  g_object_add_weak_pointer (G_OBJECT (device), &alive);
  g_clear_object (&device);
  ck_assert_ptr_null (alive);
  setup ();
}
END_TEST

static gpointer
open_and_close (gpointer unused)
{
  for (guint i = 0; i < 200; i++)
    {
      g_autoptr (PinwheelDevice) mine = pinwheel_device_open ("host", NULL);

      ck_assert_str_eq (pinwheel_device_get_name (mine), "host");
    }
  return NULL;
}

START_TEST (threads_may_open_and_close_at_once)
{
  GThread *threads[4];

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("opener", open_and_close, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
}
END_TEST

START_TEST (an_unknown_device_lists_what_there_is)
{
  static const char *const specs[] = { "simple", "hos", "hostess", "", "cuda0", "HOST" };

  for (guint i = 0; i < G_N_ELEMENTS (specs); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *expected = g_strdup_printf (
          "there is no device '%s'; there is: cuda, host, sim", specs[i]);

      ck_assert_ptr_null (pinwheel_device_open (specs[i], &error));
      ck_assert (g_error_matches (error, PINWHEEL_ERROR, PINWHEEL_ERROR_DEVICE));
      ck_assert_str_eq (error->message, expected);
    }
}
END_TEST

START_TEST (the_host_takes_no_options)
{
  g_autoptr (GError) error = NULL;

  ck_assert_ptr_null (pinwheel_device_open ("host:cores=3", &error));
  ck_assert (g_error_matches (error, PINWHEEL_ERROR, PINWHEEL_ERROR_DEVICE));
  ck_assert_ptr_nonnull (strstr (error->message, "takes no options"));
}
END_TEST

START_TEST (a_description_names_processors_and_memory)
{
  const char *description = pinwheel_device_get_description (device);

  ck_assert_ptr_nonnull (strstr (description, " CPU"));
  ck_assert_ptr_nonnull (strstr (description, "iB"));
  ck_assert_ptr_null (strchr (description, '\n'));
}
END_TEST

START_TEST (memory_is_not_more_than_the_machine_has)
{
  g_autofree char *text = NULL;
  guint64 total, available, machine;

  ck_assert (g_file_get_contents ("/proc/meminfo", &text, NULL, NULL));
  ck_assert (g_str_has_prefix (text, "MemTotal:"));
  machine = g_ascii_strtoull (text + strlen ("MemTotal:"), NULL, 10) * 1024;
  pinwheel_device_get_memory (device, &total, &available);
  ck_assert_uint_gt (available, 0);
  ck_assert_uint_le (available, total);
  ck_assert_uint_le (total, machine);
}
END_TEST

START_TEST (memory_is_aligned_and_zero)
{
  for (guint kind = PINWHEEL_MEMORY_PINNED; kind <= PINWHEEL_MEMORY_DEVICE; kind++)
    {
      gpointer memory = NULL;

      ck_assert (pinwheel_device_alloc (device, kind, 100000, &memory, NULL));
      ck_assert_uint_eq ((guintptr) memory % ALIGNMENT, 0);
      for (guint i = 0; i < 100000; i++)
        ck_assert_uint_eq (((guint8 *) memory)[i], 0);
      memset (memory, 0xff, 100000);
      pinwheel_device_free (device, kind, 100000, memory);
    }
}
END_TEST

START_TEST (allocations_are_counted_by_kind_with_their_peaks)
{
  PinwheelDeviceCounters counters;
  gpointer a, b, c;

  ck_assert (pinwheel_device_alloc (device, PINWHEEL_MEMORY_PINNED, 1000, &a, NULL));
  ck_assert (pinwheel_device_alloc (device, PINWHEEL_MEMORY_PINNED, 500, &b, NULL));
  ck_assert (pinwheel_device_alloc (device, PINWHEEL_MEMORY_DEVICE, 70, &c, NULL));
  pinwheel_device_free (device, PINWHEEL_MEMORY_PINNED, 1000, a);
  pinwheel_device_get_counters (device, &counters);
  ck_assert_uint_eq (counters.pinned, 500);
  ck_assert_uint_eq (counters.pinned_peak, 1500);
  ck_assert_uint_eq (counters.device, 70);
  ck_assert_uint_eq (counters.device_peak, 70);
  ck_assert_uint_eq (counters.allocations, 3);

  pinwheel_device_free (device, PINWHEEL_MEMORY_DEVICE, 70, c);
  pinwheel_device_reset_peaks (device);
  pinwheel_device_get_counters (device, &counters);
  ck_assert_uint_eq (counters.pinned_peak, 500);
  ck_assert_uint_eq (counters.device_peak, 0);
  ck_assert_uint_eq (counters.allocations, 0);
  pinwheel_device_free (device, PINWHEEL_MEMORY_PINNED, 500, b);
}
END_TEST

START_TEST (memory_that_does_not_exist_is_refused_with_the_numbers)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *size = g_strdup_printf ("%" G_GSIZE_FORMAT, G_MAXSIZE / 2);
  PinwheelDeviceCounters counters;
  gpointer memory;

  ck_assert (
      !pinwheel_device_alloc (device, PINWHEEL_MEMORY_PINNED, G_MAXSIZE / 2, &memory, &error));
  ck_assert (g_error_matches (error, PINWHEEL_ERROR, PINWHEEL_ERROR_MEMORY));
  ck_assert_ptr_nonnull (strstr (error->message, size));
  ck_assert_ptr_nonnull (strstr (error->message, "pinned memory on device host"));
  ck_assert_ptr_nonnull (strstr (error->message, "are free"));
  pinwheel_device_get_counters (device, &counters);
  ck_assert_uint_eq (counters.pinned_peak, 0);
  ck_assert_uint_eq (counters.allocations, 0);
}
END_TEST

START_TEST (a_kernel_that_cannot_be_loaded_is_named)
{
  static const char *const locations[] = { "/nowhere/kernel.so", "/proc/self/status", "libm.so.6" };

  for (guint i = 0; i < G_N_ELEMENTS (locations); i++)
    {
      g_autoptr (GError) error = NULL;
      PinwheelImage image = { locations[i], "smooth", NULL, 0, { 1, 1, 1 }, NULL };

      ck_assert_ptr_null (pinwheel_device_load (device, &image, &error));
      ck_assert (g_error_matches (error, PINWHEEL_ERROR, PINWHEEL_ERROR_DEVICE));
      ck_assert_ptr_nonnull (strstr (error->message, "'smooth'"));
      ck_assert_ptr_nonnull (strstr (error->message, locations[i]));
    }
}
END_TEST

static void
run_nothing (const PinwheelHostLaunch *launch, void **arguments, guint64 first, guint64 end)
{
}

START_TEST (too_many_arguments_are_refused)
{
  static gsize sizes[PINWHEEL_MAX_ARGUMENTS + 1];
  PinwheelImage many = { "", "many", sizes, PINWHEEL_MAX_ARGUMENTS + 1, { 1, 1, 1 }, NULL };
  PinwheelImage large = { "", "large", sizes, 2, { 1, 1, 1 }, NULL };
  g_autoptr (PinwheelFunction) function = NULL;
  g_autoptr (GError) error = NULL;

  sizes[0] = 1;
  sizes[1] = PINWHEEL_MAX_ARGUMENT_BYTES;
  ck_assert_ptr_null (pinwheel_host_function_new_for_pointer (run_nothing, &many, &error));
  ck_assert (g_error_matches (error, PINWHEEL_ERROR, PINWHEEL_ERROR_KERNEL));
  g_clear_error (&error);
  ck_assert_ptr_null (pinwheel_host_function_new_for_pointer (run_nothing, &large, &error));
  ck_assert (g_error_matches (error, PINWHEEL_ERROR, PINWHEEL_ERROR_KERNEL));

  sizes[1]--;
  function = pinwheel_host_function_new_for_pointer (run_nothing, &large, NULL);
  ck_assert_ptr_nonnull (function);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("device");
  TCase *tcase = tcase_create ("host");
  SRunner *runner = srunner_create (suite);
  int failed;

  suite_add_tcase (suite, tcase);
  tcase_add_checked_fixture (tcase, setup, teardown);
  tcase_add_test (tcase, one_spec_is_one_device);
  tcase_add_test (tcase, a_listed_device_is_there_and_says_what_it_is);
  tcase_add_test (tcase, a_device_ends_with_its_last_holder);
  tcase_add_test (tcase, threads_may_open_and_close_at_once);
  tcase_add_test (tcase, an_unknown_device_lists_what_there_is);
  tcase_add_test (tcase, the_host_takes_no_options);
  tcase_add_test (tcase, a_description_names_processors_and_memory);
  tcase_add_test (tcase, memory_is_not_more_than_the_machine_has);
  tcase_add_test (tcase, memory_is_aligned_and_zero);
  tcase_add_test (tcase, allocations_are_counted_by_kind_with_their_peaks);
  tcase_add_test (tcase, memory_that_does_not_exist_is_refused_with_the_numbers);
  tcase_add_test (tcase, a_kernel_that_cannot_be_loaded_is_named);
  tcase_add_test (tcase, too_many_arguments_are_refused);

  srunner_run_all (runner, CK_ENV);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
