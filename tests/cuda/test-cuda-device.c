/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the back-end asks of the driver, and what becomes of the driver's answers. */
#include "config.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include <pinwheel/device.h>
#include <pinwheel/stream.h>

#include "base/error-private.h"
#include "cuda/fake-driver.h"

#define SIZE 4096

static PinwheelDevice *device;
static PinwheelStream *stream;
static guint8 *memory;

static void
setup (void)
{
  g_autoptr (GError) error = NULL;
  gpointer address;

  fake_reset ();
  device = pinwheel_device_open ("cuda:0", &error);
  ck_assert_msg (device != NULL, "%s", error != NULL ? error->message : "");
  stream = pinwheel_device_new_stream (device, "worker", NULL);
  ck_assert_ptr_nonnull (stream);
  ck_assert (pinwheel_device_alloc (device, PINWHEEL_MEMORY_DEVICE, SIZE, &address, NULL));
  memory = address;
}

static void
teardown (void)
{
  pinwheel_device_free (device, PINWHEEL_MEMORY_DEVICE, SIZE, memory);
  g_clear_object (&stream);
  g_clear_object (&device);
  ck_assert_uint_eq (fake_count_alive (), 0);
}

static gboolean
upload (const void *bytes, gsize size, GError **error)
{
  PinwheelCopy copy = { .kind = PINWHEEL_COPY_HOST_TO_DEVICE,
                        .source = bytes,
                        .target = memory,
                        .width = size,
                        .height = 1 };

  return pinwheel_stream_copy (stream, &copy, error);
}

static PinwheelFence
work_and_record (void)
{
  PinwheelFence fence;

  ck_assert (upload ("1234", 4, NULL));
  ck_assert (pinwheel_stream_record (stream, &fence, NULL));
  return fence;
}

/* @error: cleared */
static void
assert_fails (gboolean ok, GError **error, int code, const char *text)
{
  ck_assert (!ok);
  ck_assert_ptr_nonnull (*error);
  ck_assert_msg (g_error_matches (*error, PINWHEEL_ERROR, code), "%s", (*error)->message);
  ck_assert_msg (strstr ((*error)->message, text) != NULL, "'%s' is not in: %s", text,
                 (*error)->message);
  g_clear_error (error);
}

/* --- opening --- */

START_TEST (cuda_means_its_first_device)
{
  g_autoptr (PinwheelDevice) plain = pinwheel_device_open ("cuda", NULL);
  g_autoptr (PinwheelDevice) best = pinwheel_device_open (NULL, NULL);
  g_autoptr (PinwheelDevice) automatic = pinwheel_device_open ("auto", NULL);

  ck_assert_ptr_eq (plain, device);
  ck_assert_ptr_eq (best, device);
  ck_assert_ptr_eq (automatic, device);
  ck_assert_str_eq (pinwheel_device_get_name (device), "cuda:0");
  ck_assert_str_eq (pinwheel_device_get_architecture (device), "sm_90");
  ck_assert (!pinwheel_device_is_integrated (device));
  ck_assert_uint_eq (fake_count ("cuDevicePrimaryCtxRetain"), 1);
}
END_TEST

static void
assert_does_not_open (const char *spec, const char *text)
{
  GError *error = NULL;
  PinwheelDevice *other = pinwheel_device_open (spec, &error);

  assert_fails (other != NULL, &error, PINWHEEL_ERROR_DEVICE, text);
}

START_TEST (a_device_that_is_not_there_is_told_with_those_that_are)
{
  assert_does_not_open ("cuda:1", "there is 1 CUDA device");
  assert_does_not_open ("cuda:", "expected cuda, or cuda:N");
  assert_does_not_open ("cuda:x", "expected cuda, or cuda:N");
  assert_does_not_open ("cuda:-1", "expected cuda, or cuda:N");
  assert_does_not_open ("cuda:99999999999999999999", "expected cuda, or cuda:N");
  fake_set_devices (2);
  assert_does_not_open ("cuda:2", "there are 2 CUDA devices, from cuda:0 to cuda:1");
}
END_TEST

START_TEST (every_device_is_listed)
{
  g_auto (GStrv) specs = NULL;
  g_autofree char *notice = NULL;

  fake_set_devices (2);
  specs = pinwheel_device_list (&notice);
  ck_assert_ptr_null (notice);
  ck_assert_uint_eq (g_strv_length (specs), 3);
  ck_assert_str_eq (specs[0], "cuda:0");
  ck_assert_str_eq (specs[1], "cuda:1");
  ck_assert_str_eq (specs[2], "host");
}
END_TEST

START_TEST (a_device_describes_itself)
{
  g_autofree char *text = pinwheel_device_describe (device);

  ck_assert_msg (strstr (text, "Fake 0") != NULL && strstr (text, "sm_90") != NULL
                     && strstr (text, "0000:01:00.0") != NULL && strstr (text, "1 GiB") != NULL
                     && strstr (text, "copy engines  2") != NULL,
                 "%s", text);
}
END_TEST

START_TEST (an_application_keeps_its_context)
{
  CUcontext mine, after;

  ck_assert_int_eq (cuDevicePrimaryCtxRetain (&mine, 1), CUDA_SUCCESS);
  ck_assert_int_eq (cuCtxSetCurrent (mine), CUDA_SUCCESS);
  ck_assert (upload ("1234", 4, NULL));
  ck_assert_int_eq (cuCtxGetCurrent (&after), CUDA_SUCCESS);
  ck_assert_ptr_eq (after, mine);
  ck_assert_int_eq (cuCtxSetCurrent (NULL), CUDA_SUCCESS);
  ck_assert_int_eq (cuDevicePrimaryCtxRelease (1), CUDA_SUCCESS);
}
END_TEST

/* --- drivers that are of no use: these come first, as a driver is opened once --- */

static void
assert_no_driver (const char *text)
{
  g_autoptr (PinwheelDevice) best = pinwheel_device_open (NULL, NULL);
  g_autofree char *notice = NULL;
  g_auto (GStrv) specs = pinwheel_device_list (&notice);

  assert_does_not_open ("cuda:0", text);
  ck_assert_str_eq (pinwheel_device_get_name (best), "host");
  ck_assert_str_eq (specs[0], "host");
  ck_assert_msg (notice != NULL && strstr (notice, text) != NULL, "%s", notice);
}

START_TEST (an_old_driver_is_told_with_the_version_that_is_needed)
{
  fake_reset ();
  fake_set_version (10020);
  assert_no_driver ("it knows CUDA 10.2; install one for CUDA 11.0 or later");
}
END_TEST

START_TEST (a_driver_without_devices_is_told)
{
  fake_reset ();
  fake_set_devices (0);
  assert_no_driver ("there is no CUDA device, or CUDA_VISIBLE_DEVICES hides it");
}
END_TEST

START_TEST (a_driver_that_does_not_begin_is_told)
{
  fake_reset ();
  fake_fail ("cuInit", 1, CUDA_ERROR_SYSTEM_DRIVER_MISMATCH);
  assert_does_not_open ("cuda:0", "reboot");
  fake_fail ("cuInit", 1, CUDA_ERROR_UNKNOWN);
  assert_does_not_open ("cuda:0", "nvidia-smi");
}
END_TEST

/* --- copies --- */

START_TEST (bytes_go_to_the_device_and_back)
{
  char back[8] = "";
  PinwheelCopy copy = { .kind = PINWHEEL_COPY_DEVICE_TO_HOST,
                        .source = memory,
                        .target = back,
                        .width = sizeof back,
                        .height = 1 };

  ck_assert (upload ("12345678", 8, NULL));
  ck_assert (pinwheel_stream_copy (stream, &copy, NULL));
  ck_assert (memcmp (back, "12345678", 8) == 0);
}
END_TEST

START_TEST (rows_apart_are_one_copy_and_rows_together_a_flat_one)
{
  static const char source[] = "ab..cd..ef..";
  PinwheelCopy copy = { .kind = PINWHEEL_COPY_HOST_TO_DEVICE,
                        .source = source,
                        .target = memory,
                        .width = 2,
                        .height = 3,
                        .source_pitch = 4,
                        .target_pitch = 2 };

  ck_assert (pinwheel_stream_copy (stream, &copy, NULL));
  ck_assert (memcmp (memory, "abcdef", 6) == 0);
  ck_assert_uint_eq (fake_count ("cuMemcpy2DAsync"), 1);
  copy.source_pitch = 2;
  ck_assert (pinwheel_stream_copy (stream, &copy, NULL));
  ck_assert (memcmp (memory, "ab..cd", 6) == 0);
  ck_assert_uint_eq (fake_count ("cuMemcpy2DAsync"), 1);
  ck_assert_uint_eq (fake_count ("cuMemcpyHtoDAsync"), 1);
}
END_TEST

START_TEST (rows_too_far_apart_for_the_device_go_one_by_one)
{
  g_autofree char *source = g_malloc0 (3 * 8192);
  PinwheelCopy copy = { .kind = PINWHEEL_COPY_HOST_TO_DEVICE,
                        .source = source,
                        .target = memory,
                        .width = 2,
                        .height = 3,
                        .source_pitch = 8192,
                        .target_pitch = 2 };

  memcpy (source, "ab", 2);
  memcpy (source + 8192, "cd", 2);
  memcpy (source + 16384, "ef", 2);
  ck_assert (pinwheel_stream_copy (stream, &copy, NULL));
  ck_assert (memcmp (memory, "abcdef", 6) == 0);
  ck_assert_uint_eq (fake_count ("cuMemcpyHtoDAsync"), 3);
}
END_TEST

/* 2 slices of 2 rows of 2 bytes: one call, or as few as can be where slices are no whole number of
 * rows, and where rows are too far apart. */
START_TEST (slices_of_rows_are_one_copy_where_the_driver_can)
{
  static const struct
  {
    gsize pitch, slice;
    guint three, two, flat;
  } cases[] = { { 4, 12, 1, 0, 0 },        { 4, 15, 0, 2, 0 }, { 5000, 15000, 0, 0, 4 },
                { 4, 8, 0, 1, 0 },         { 2, 6, 1, 0, 0 },  { 2, 4, 0, 0, 1 },
                { 4000, 1200000, 1, 0, 0 } };
  g_autofree char *source = g_malloc0 (1300000);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      PinwheelCopy copy = { .kind = PINWHEEL_COPY_HOST_TO_DEVICE,
                            .source = source,
                            .target = memory,
                            .width = 2,
                            .height = 2,
                            .source_pitch = cases[i].pitch,
                            .target_pitch = 2,
                            .depth = 2,
                            .source_slice = cases[i].slice,
                            .target_slice = 4 };
      guint before[] = { fake_count ("cuMemcpy3DAsync"), fake_count ("cuMemcpy2DAsync"),
                         fake_count ("cuMemcpyHtoDAsync") };

      memcpy (source, "ab", 2);
      memcpy (source + cases[i].pitch, "cd", 2);
      memcpy (source + cases[i].slice, "ef", 2);
      memcpy (source + cases[i].slice + cases[i].pitch, "gh", 2);
      memset (memory, 0, 8);
      ck_assert (pinwheel_stream_copy (stream, &copy, NULL));
      ck_assert (memcmp (memory, "abcdefgh", 8) == 0);
      ck_assert_uint_eq (fake_count ("cuMemcpy3DAsync") - before[0], cases[i].three);
      ck_assert_uint_eq (fake_count ("cuMemcpy2DAsync") - before[1], cases[i].two);
      ck_assert_uint_eq (fake_count ("cuMemcpyHtoDAsync") - before[2], cases[i].flat);
    }
}
END_TEST

START_TEST (memory_of_the_application_is_registered_and_let_go)
{
  g_autofree char *bytes = g_malloc (SIZE);
  guint alive = fake_count_alive ();
  GError *error = NULL;

  ck_assert (pinwheel_device_register (device, bytes, SIZE, NULL));
  ck_assert (pinwheel_device_is_pinned (device, bytes + 100, SIZE - 100));
  ck_assert_uint_eq (fake_count_alive (), alive + 1);
  ck_assert (pinwheel_device_unregister (device, bytes, NULL));
  ck_assert_uint_eq (fake_count_alive (), alive);
  fake_fail ("cuMemHostRegister", 1, CUDA_ERROR_OUT_OF_MEMORY);
  assert_fails (pinwheel_device_register (device, bytes, SIZE, &error), &error,
                PINWHEEL_ERROR_MEMORY, "cuMemHostRegister");
  ck_assert (!pinwheel_device_is_pinned (device, bytes, SIZE));
}
END_TEST

/* --- fences --- */

START_TEST (events_are_made_with_the_stream_and_used_again)
{
  guint made = fake_count ("cuEventCreate");

  for (guint i = 0; i < 1000; i++)
    ck_assert (pinwheel_fence_sync (work_and_record (), NULL));
  ck_assert_uint_eq (fake_count ("cuEventCreate"), made);
  ck_assert_uint_eq (fake_count ("cuEventRecord"), 1000);
  ck_assert_uint_eq (fake_count ("cuStreamSynchronize"), 0);
}
END_TEST

START_TEST (a_fence_without_new_work_is_the_one_before)
{
  PinwheelFence none, first, second;

  ck_assert (pinwheel_stream_record (stream, &none, NULL));
  ck_assert (pinwheel_fence_is_passed (none));
  first = work_and_record ();
  ck_assert (pinwheel_stream_record (stream, &second, NULL));
  ck_assert_uint_eq (first.value, second.value);
  ck_assert_uint_eq (fake_count ("cuEventRecord"), 1);
}
END_TEST

START_TEST (a_fence_older_than_the_events_waits_for_a_later_one)
{
  PinwheelFence early, old, late;

  early = work_and_record ();
  ck_assert (pinwheel_fence_is_passed (early));
  fake_hold (TRUE);
  old = work_and_record ();
  for (guint i = 0; i < 200; i++)
    late = work_and_record ();
  ck_assert (pinwheel_fence_is_passed (early));
  ck_assert (!pinwheel_fence_is_passed (old));
  ck_assert (!pinwheel_fence_is_passed (late));
  fake_hold (FALSE);
  ck_assert (pinwheel_fence_is_passed (old));
  ck_assert (pinwheel_fence_is_passed (late));
}
END_TEST

START_TEST (a_passed_fence_is_not_waited_for)
{
  PinwheelFence fence = work_and_record ();

  ck_assert (pinwheel_fence_is_passed (fence));
  ck_assert (pinwheel_fence_sync (fence, NULL));
  ck_assert_uint_eq (fake_count ("cuEventSynchronize"), 0);
}
END_TEST

START_TEST (a_stream_waits_for_another_on_the_device)
{
  g_autoptr (PinwheelStream) other = pinwheel_device_new_stream (device, "other", NULL);
  PinwheelFence fence;

  fake_hold (TRUE);
  fence = work_and_record ();
  ck_assert (pinwheel_stream_wait (other, fence, NULL));
  ck_assert_uint_eq (fake_count ("cuStreamWaitEvent"), 1);
  ck_assert_uint_eq (fake_count ("cuEventSynchronize"), 0);
  fake_hold (FALSE);
}
END_TEST

START_TEST (a_cancelled_stream_takes_no_work_and_ends_what_it_has)
{
  PinwheelFence fence;
  GError *error = NULL;

  fake_hold (TRUE);
  fence = work_and_record ();
  pinwheel_stream_cancel (stream);
  ck_assert (!pinwheel_fence_is_passed (fence));
  assert_fails (upload ("1234", 4, &error), &error, PINWHEEL_ERROR_STOPPED, "was cancelled");
  ck_assert (pinwheel_fence_is_passed (fence));
  ck_assert (pinwheel_fence_sync (fence, NULL));
}
END_TEST

/* Nobody has a fence for it: who is refused one gives the memory back at once. */
START_TEST (what_was_not_recorded_is_done_when_that_fails)
{
  PinwheelFence fence;
  GError *error = NULL;

  ck_assert (upload ("1234", 4, NULL));
  pinwheel_stream_cancel (stream);
  ck_assert_uint_eq (fake_count ("cuStreamSynchronize"), 0);
  assert_fails (pinwheel_stream_record (stream, &fence, &error), &error, PINWHEEL_ERROR_STOPPED,
                "was cancelled");
  ck_assert_uint_eq (fake_count ("cuStreamSynchronize"), 1);
}
END_TEST

START_TEST (what_came_before_work_that_fails_is_done)
{
  GError *error = NULL;

  ck_assert (upload ("1234", 4, NULL));
  fake_fail ("cuMemcpyHtoDAsync", 1, CUDA_ERROR_INVALID_VALUE);
  assert_fails (upload ("1234", 4, &error), &error, PINWHEEL_ERROR_DEVICE, "cuMemcpyHtoDAsync");
  ck_assert_uint_eq (fake_count ("cuStreamSynchronize"), 1);
}
END_TEST

/* --- errors --- */

START_TEST (an_error_names_the_call_and_the_driver_s_words)
{
  GError *error = NULL;

  fake_fail ("cuMemcpyHtoDAsync", 1, CUDA_ERROR_INVALID_VALUE);
  assert_fails (upload ("1234", 4, &error), &error, PINWHEEL_ERROR_DEVICE,
                "device cuda:0: cuMemcpyHtoDAsync: CUDA_ERROR_OF_SOME_KIND (1): in the driver's "
                "words");
  assert_fails (upload ("1234", 4, &error), &error, PINWHEEL_ERROR_DEVICE, "cuMemcpyHtoDAsync");
}
END_TEST

START_TEST (memory_that_there_is_not_is_told_with_numbers)
{
  gpointer address;
  GError *error = NULL;

  fake_fail ("cuMemAlloc", 1, CUDA_ERROR_OUT_OF_MEMORY);
  assert_fails (pinwheel_device_alloc (device, PINWHEEL_MEMORY_DEVICE, 2 * SIZE, &address, &error),
                &error, PINWHEEL_ERROR_MEMORY, "8 KiB) of device memory");
  fake_fail ("cuMemAlloc", 1, CUDA_ERROR_OUT_OF_MEMORY);
  assert_fails (pinwheel_device_alloc (device, PINWHEEL_MEMORY_DEVICE, 2 * SIZE, &address, &error),
                &error, PINWHEEL_ERROR_MEMORY, "512 MiB of 1 GiB are free");
  fake_fail ("cuMemHostAlloc", 1, CUDA_ERROR_OUT_OF_MEMORY);
  assert_fails (pinwheel_device_alloc (device, PINWHEEL_MEMORY_PINNED, 2 * SIZE, &address, &error),
                &error, PINWHEEL_ERROR_MEMORY, "cuMemHostAlloc");
}
END_TEST

START_TEST (after_a_lost_device_every_call_gives_the_first_error)
{
  PinwheelFence fence = work_and_record ();
  g_autoptr (PinwheelStream) other = pinwheel_device_new_stream (device, "other", NULL);
  GError *error = NULL;
  gpointer address;

  fake_fail ("cuEventQuery", 1, CUDA_ERROR_ILLEGAL_ADDRESS);
  assert_fails (pinwheel_fence_sync (fence, &error), &error, PINWHEEL_ERROR_DEVICE,
                "stream 'worker': cuEventQuery: CUDA_ERROR_ILLEGAL_ADDRESS");
  ck_assert (pinwheel_fence_is_passed (fence));
  assert_fails (upload ("1234", 4, &error), &error, PINWHEEL_ERROR_DEVICE, "cuEventQuery");
  assert_fails (pinwheel_stream_record (other, &fence, &error), &error, PINWHEEL_ERROR_DEVICE,
                "cuEventQuery");
  assert_fails (pinwheel_device_alloc (device, PINWHEEL_MEMORY_DEVICE, SIZE, &address, &error),
                &error, PINWHEEL_ERROR_DEVICE, "cuEventQuery");
  assert_fails (pinwheel_device_new_stream (device, "third", &error) != NULL, &error,
                PINWHEEL_ERROR_DEVICE, "compute-sanitizer");
}
END_TEST

/* What cuda.h says leaves the process in an inconsistent state, and some that do not */
static const struct
{
  int code;
  gboolean is_lethal;
} codes[] = { { 226, TRUE }, { 700, TRUE },  { 702, TRUE }, { 709, TRUE }, { 710, TRUE },
              { 714, TRUE }, { 715, TRUE },  { 716, TRUE }, { 717, TRUE }, { 718, TRUE },
              { 719, TRUE }, { 721, TRUE },  { 810, TRUE }, { 911, TRUE }, { 1, FALSE },
              { 2, FALSE },  { 701, FALSE }, { 801, FALSE } };

START_TEST (a_device_is_lost_with_what_no_context_survives)
{
  GError *error = NULL;
  gpointer address;
  gboolean ok;

  fake_fail ("cuMemAlloc", 1, (CUresult) codes[_i].code);
  ck_assert (!pinwheel_device_alloc (device, PINWHEEL_MEMORY_DEVICE, SIZE, &address, NULL));
  ok = pinwheel_device_alloc (device, PINWHEEL_MEMORY_DEVICE, SIZE, &address, &error);
  ck_assert_msg (ok != codes[_i].is_lethal, "after %d", codes[_i].code);
  if (ok)
    pinwheel_device_free (device, PINWHEEL_MEMORY_DEVICE, SIZE, address);
  g_clear_error (&error);
}
END_TEST

static const char *const opening[] = { "cuDeviceGetCount", "cuDeviceGet", "cuDeviceGetAttribute",
                                       "cuDevicePrimaryCtxSetFlags", "cuDevicePrimaryCtxRetain" };

START_TEST (a_device_that_fails_while_it_opens_leaves_nothing)
{
  guint alive = fake_count_alive ();

  fake_set_devices (2);
  fake_fail (opening[_i], 1, CUDA_ERROR_INVALID_VALUE);
  assert_does_not_open ("cuda:1", opening[_i]);
  ck_assert_uint_eq (fake_count_alive (), alive);
}
END_TEST

START_TEST (a_stream_that_fails_while_it_is_made_leaves_nothing)
{
  guint alive = fake_count_alive ();
  GError *error = NULL;

  fake_fail ("cuStreamCreate", 1, CUDA_ERROR_INVALID_VALUE);
  assert_fails (pinwheel_device_new_stream (device, "s", &error) != NULL, &error,
                PINWHEEL_ERROR_DEVICE, "cuStreamCreate");
  fake_fail ("cuEventCreate", 5, CUDA_ERROR_INVALID_VALUE);
  assert_fails (pinwheel_device_new_stream (device, "s", &error) != NULL, &error,
                PINWHEEL_ERROR_DEVICE, "cuEventCreate");
  ck_assert_uint_eq (fake_count_alive (), alive);
}
END_TEST

/* --- kernels --- */

static PinwheelFunction *
load (GBytes *(*get_portable) (gpointer owner, GError **error), GError **error)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static ("code", 5);
  PinwheelCode code = {
    .entry = "kernel", .symbol = "_Z6kernelPf", .bytes = bytes, .get_portable = get_portable
  };

  return pinwheel_device_load_code (device, &code, error);
}

static gboolean
launch (PinwheelFunction *function, guint threads, gsize shared_bytes, GError **error)
{
  void *argument = memory, *arguments[] = { &argument };
  PinwheelLaunch work = { .function = function,
                          .grid = { 7, 1, 1 },
                          .block = { threads, 1, 1 },
                          .shared_bytes = shared_bytes,
                          .arguments = arguments };

  return pinwheel_stream_launch (stream, &work, error);
}

START_TEST (a_kernel_is_launched_as_it_was_asked_for)
{
  g_autoptr (PinwheelFunction) function = load (NULL, NULL);

  ck_assert_uint_eq (pinwheel_function_get_block_size (function), 384);
  ck_assert (launch (function, 128, 64 * 1024, NULL));
  ck_assert_str_eq (fake_last_launch.function, "_Z6kernelPf");
  ck_assert_uint_eq (fake_last_launch.grid[0], 7);
  ck_assert_uint_eq (fake_last_launch.block[0], 128);
  ck_assert_uint_eq (fake_last_launch.shared_bytes, 64 * 1024);
  ck_assert_uint_eq (fake_count ("cuFuncSetAttribute"), 1);
  ck_assert (launch (function, 128, 64 * 1024, NULL));
  ck_assert_uint_eq (fake_count ("cuFuncSetAttribute"), 1);
}
END_TEST

START_TEST (a_block_that_the_kernel_cannot_have_is_told)
{
  g_autoptr (PinwheelFunction) function = load (NULL, NULL);
  GError *error = NULL;

  assert_fails (launch (function, 1024, 0, &error), &error, PINWHEEL_ERROR_KERNEL,
                "blocks hold at most 640 threads, not 1024");
}
END_TEST

START_TEST (a_lost_device_names_whose_kernels_were_under_way)
{
  g_autoptr (PinwheelFunction) function = load (NULL, NULL);
  PinwheelFence fence;
  GError *error = NULL;
  guint64 chunk = 0;

  fake_hold (TRUE);
  pinwheel_stream_set_mark (stream, 6);
  ck_assert (launch (function, 128, 0, NULL));
  ck_assert (pinwheel_stream_record (stream, &fence, NULL));
  pinwheel_stream_set_mark (stream, 7);
  fake_fail ("cuEventSynchronize", 1, CUDA_ERROR_ILLEGAL_ADDRESS);
  ck_assert (!pinwheel_fence_sync (fence, &error));
  ck_assert_str_eq (pinwheel_error_get_owner (error, &chunk), "worker");
  ck_assert_uint_eq (chunk, 6);
  assert_fails (FALSE, &error, PINWHEEL_ERROR_DEVICE,
                "kernels under way: of 'worker' for chunks 6 to 6");
}
END_TEST

static GBytes *
give_portable (gpointer owner, GError **error)
{
  return g_bytes_new_static ("// ptx", 7);
}

START_TEST (code_that_the_driver_refuses_is_given_in_portable_form)
{
  g_autoptr (PinwheelFunction) function = NULL;
  GError *error = NULL;

  fake_fail ("cuModuleLoadDataEx", 1, CUDA_ERROR_NO_BINARY_FOR_GPU);
  function = load (give_portable, NULL);
  ck_assert_ptr_nonnull (function);
  ck_assert_uint_eq (fake_count ("cuModuleLoadDataEx"), 2);
  g_clear_object (&function);
  fake_fail ("cuModuleLoadDataEx", 1, CUDA_ERROR_NO_BINARY_FOR_GPU);
  function = load (NULL, &error);
  assert_fails (function != NULL, &error, PINWHEEL_ERROR_DEVICE, "the driver knows CUDA 13.0");
}
END_TEST

static const char *const loading[] = { "cuModuleLoadDataEx", "cuModuleGetFunction",
                                       "cuFuncGetAttribute", "cuOccupancyMaxPotentialBlockSize" };

START_TEST (a_kernel_that_fails_while_it_is_loaded_leaves_nothing)
{
  guint alive = fake_count_alive ();
  GError *error = NULL;

  fake_fail (loading[_i], 1, CUDA_ERROR_INVALID_VALUE);
  assert_fails (load (NULL, &error) != NULL, &error, PINWHEEL_ERROR_DEVICE, loading[_i]);
  ck_assert_uint_eq (fake_count_alive (), alive);
}
END_TEST

static Suite *
make_suite (void)
{
  Suite *suite = suite_create ("cuda-device");
  TCase *tcase = tcase_create ("driver");

  tcase_add_test (tcase, an_old_driver_is_told_with_the_version_that_is_needed);
  tcase_add_test (tcase, a_driver_without_devices_is_told);
  tcase_add_test (tcase, a_driver_that_does_not_begin_is_told);
  suite_add_tcase (suite, tcase);

  tcase = tcase_create ("device");
  tcase_add_checked_fixture (tcase, setup, teardown);
  tcase_add_test (tcase, cuda_means_its_first_device);
  tcase_add_test (tcase, a_device_that_is_not_there_is_told_with_those_that_are);
  tcase_add_test (tcase, every_device_is_listed);
  tcase_add_test (tcase, a_device_describes_itself);
  tcase_add_test (tcase, an_application_keeps_its_context);
  tcase_add_test (tcase, bytes_go_to_the_device_and_back);
  tcase_add_test (tcase, rows_apart_are_one_copy_and_rows_together_a_flat_one);
  tcase_add_test (tcase, rows_too_far_apart_for_the_device_go_one_by_one);
  tcase_add_test (tcase, slices_of_rows_are_one_copy_where_the_driver_can);
  tcase_add_test (tcase, memory_of_the_application_is_registered_and_let_go);
  tcase_add_test (tcase, events_are_made_with_the_stream_and_used_again);
  tcase_add_test (tcase, a_fence_without_new_work_is_the_one_before);
  tcase_add_test (tcase, a_fence_older_than_the_events_waits_for_a_later_one);
  tcase_add_test (tcase, a_passed_fence_is_not_waited_for);
  tcase_add_test (tcase, a_stream_waits_for_another_on_the_device);
  tcase_add_test (tcase, a_cancelled_stream_takes_no_work_and_ends_what_it_has);
  tcase_add_test (tcase, what_was_not_recorded_is_done_when_that_fails);
  tcase_add_test (tcase, what_came_before_work_that_fails_is_done);
  tcase_add_test (tcase, an_error_names_the_call_and_the_driver_s_words);
  tcase_add_test (tcase, memory_that_there_is_not_is_told_with_numbers);
  tcase_add_test (tcase, after_a_lost_device_every_call_gives_the_first_error);
  tcase_add_loop_test (tcase, a_device_is_lost_with_what_no_context_survives, 0,
                       G_N_ELEMENTS (codes));
  tcase_add_loop_test (tcase, a_device_that_fails_while_it_opens_leaves_nothing, 0,
                       G_N_ELEMENTS (opening));
  tcase_add_test (tcase, a_stream_that_fails_while_it_is_made_leaves_nothing);
  tcase_add_test (tcase, a_kernel_is_launched_as_it_was_asked_for);
  tcase_add_test (tcase, a_block_that_the_kernel_cannot_have_is_told);
  tcase_add_test (tcase, a_lost_device_names_whose_kernels_were_under_way);
  tcase_add_test (tcase, code_that_the_driver_refuses_is_given_in_portable_form);
  tcase_add_loop_test (tcase, a_kernel_that_fails_while_it_is_loaded_leaves_nothing, 0,
                       G_N_ELEMENTS (loading));
  suite_add_tcase (suite, tcase);
  return suite;
}

int
main (void)
{
  SRunner *runner = srunner_create (make_suite ());
  int failed;

  srunner_run_all (runner, CK_ENV);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
