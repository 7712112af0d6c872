/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A process that uses CUDA by itself: what is its own stays as it is. */
#include "config.h"

#include <check.h>
#include <stdlib.h>

#include "cuda/emulator/emulator.h"

#include <pinwheel/pinwheel.h>

#define SIZE 4096

static PinwheelDevice *
open_device (const char *spec)
{
  g_autoptr (GError) error = NULL;
  PinwheelDevice *device = pinwheel_device_open (spec, &error);

  ck_assert_msg (device != NULL, "%s", error != NULL ? error->message : "no error set");
  return device;
}

static guint
get_flags (void)
{
  unsigned int flags;
  int active;

  ck_assert_int_eq (cuDevicePrimaryCtxGetState (0, &flags, &active), CUDA_SUCCESS);
  return flags;
}

START_TEST (threads_sleep_while_they_wait_unless_the_process_has_decided_otherwise)
{
  PinwheelDevice *device = open_device ("cuda:0");
  CUcontext context;

  ck_assert_uint_eq (get_flags (), CU_CTX_SCHED_BLOCKING_SYNC);
  g_object_unref (device);
  ck_assert_int_eq (cuDevicePrimaryCtxSetFlags (0, CU_CTX_SCHED_SPIN), CUDA_SUCCESS);
  ck_assert_int_eq (cuDevicePrimaryCtxRetain (&context, 0), CUDA_SUCCESS);
  device = open_device ("cuda:0");
  ck_assert_uint_eq (get_flags (), CU_CTX_SCHED_SPIN);
  g_object_unref (device);
  ck_assert_int_eq (cuDevicePrimaryCtxRelease (0), CUDA_SUCCESS);
}
END_TEST

/* Every call that an application makes, while another context is the thread's own */
static void
use_device (PinwheelDevice *device)
{
  g_autoptr (PinwheelStream) stream = NULL;
  g_autofree guint8 *bytes = g_malloc0 (SIZE);
  gpointer memory, pinned;
  guint64 total, available;
  PinwheelCopy copy = { .width = SIZE, .height = 1 };
  PinwheelFence fence;

  ck_assert (pinwheel_device_alloc (device, PINWHEEL_MEMORY_DEVICE, SIZE, &memory, NULL));
  ck_assert (pinwheel_device_alloc (device, PINWHEEL_MEMORY_PINNED, SIZE, &pinned, NULL));
  ck_assert (pinwheel_device_register (device, bytes, SIZE, NULL));
  pinwheel_device_get_memory (device, &total, &available);
  ck_assert_uint_gt (total, available);
  stream = pinwheel_device_new_stream (device, "stream", NULL);
  copy.kind = PINWHEEL_COPY_HOST_TO_DEVICE;
  copy.source = pinned;
  copy.target = memory;
  ck_assert (pinwheel_stream_copy (stream, &copy, NULL));
  ck_assert (pinwheel_stream_record (stream, &fence, NULL));
  ck_assert (pinwheel_fence_sync (fence, NULL));
  ck_assert (pinwheel_fence_is_passed (fence));
  ck_assert (pinwheel_device_unregister (device, bytes, NULL));
  pinwheel_device_free (device, PINWHEEL_MEMORY_DEVICE, SIZE, memory);
  pinwheel_device_free (device, PINWHEEL_MEMORY_PINNED, SIZE, pinned);
}

START_TEST (a_thread_gets_its_own_context_back)
{
  PinwheelDevice *device = open_device ("cuda:1");
  CUcontext own, now;

  ck_assert_int_eq (cuDevicePrimaryCtxRetain (&own, 0), CUDA_SUCCESS);
  ck_assert_int_eq (cuCtxSetCurrent (own), CUDA_SUCCESS);
  use_device (device);
  g_object_unref (device);
  ck_assert_int_eq (cuCtxGetCurrent (&now), CUDA_SUCCESS);
  ck_assert_ptr_eq (now, own);
  ck_assert_int_eq (cuDevicePrimaryCtxRelease (0), CUDA_SUCCESS);
}
END_TEST

START_TEST (memory_that_is_pinned_already_is_told)
{
  g_autoptr (PinwheelDevice) device = open_device ("cuda:0");
  g_autofree guint8 *bytes = g_malloc0 (SIZE);
  g_autoptr (GError) error = NULL;
  CUcontext own;

  ck_assert_int_eq (cuDevicePrimaryCtxRetain (&own, 0), CUDA_SUCCESS);
  ck_assert_int_eq (cuCtxSetCurrent (own), CUDA_SUCCESS);
  ck_assert_int_eq (cuMemHostRegister (bytes, SIZE, 0), CUDA_SUCCESS);
  ck_assert (!pinwheel_device_register (device, bytes, SIZE, &error));
  ck_assert_msg (g_strrstr (error->message, "CUDA_ERROR_HOST_MEMORY_ALREADY_REGISTERED") != NULL,
                 "%s", error->message);
  ck_assert_int_eq (cuMemHostUnregister (bytes), CUDA_SUCCESS);
  ck_assert (pinwheel_device_register (device, bytes, SIZE, NULL));
  ck_assert (pinwheel_device_unregister (device, bytes, NULL));
  ck_assert_int_eq (cuCtxSetCurrent (NULL), CUDA_SUCCESS);
  ck_assert_int_eq (cuDevicePrimaryCtxRelease (0), CUDA_SUCCESS);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("cuda-process");
  TCase *tcase = tcase_create ("cuda-process");
  SRunner *runner = srunner_create (suite);
  int failed;

  emu_set_options ("devices=2");
  suite_add_tcase (suite, tcase);
  tcase_add_test (tcase, threads_sleep_while_they_wait_unless_the_process_has_decided_otherwise);
  tcase_add_test (tcase, a_thread_gets_its_own_context_back);
  tcase_add_test (tcase, memory_that_is_pinned_already_is_told);
  srunner_run_all (runner, CK_ENV);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
