/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>

#include "device/host/fibers-private.h"
#include "device/host/host-function-private.h"
#include "unit/kernel-run.h"

#define HERE "here.cu", __LINE__

static const PinwheelHostRuntime *const runtime = &pinwheel_host_runtime;

/* What the kernels below get as their one argument */
typedef struct
{
  guint n; /* threads of a block */
  guint *out;
  guint counter;
} Work;

static guint
thread_of (const PinwheelHostLaunch *launch, const unsigned thread[3])
{
  return thread[0] + launch->block[0] * (thread[1] + launch->block[1] * thread[2]);
}

/* Runs @n_blocks blocks of @x * @y * @z threads. Returns: what went wrong, or "" */
static const char *
run (PinwheelHostThread kernel, Work *work, guint n_blocks, guint x, guint y, guint z)
{
  static PinwheelHostTrouble trouble;
  PinwheelHostLaunch launch = {
    .grid = { n_blocks, 1, 1 }, .block = { x, y, z }, .runtime = runtime, .trouble = &trouble
  };
  void *arguments[] = { &work };

  memset (&trouble, 0, sizeof trouble);
  work->n = x * y * z;
  runtime->run_fibers (&launch, "k", kernel, arguments, 0, n_blocks);
  return trouble.text;
}

/* Each thread takes over from its neighbour, @n times: right only if all move in step. */
static void
rotate_kernel (const PinwheelHostLaunch *launch, void **arguments, const unsigned block[3],
               const unsigned thread[3])
{
  Work *work = *(Work **) arguments[0];
  guint i = thread_of (launch, thread), *out = work->out + block[0] * work->n;

  out[i] = i;
  for (guint k = 0; k < work->n; k++)
    {
      guint next;

      runtime->wait_block (0, HERE);
      next = out[(i + 1) % work->n];
      runtime->wait_block (0, HERE);
      out[i] = next;
    }
  runtime->wait_block (0, HERE);
  out[i] += 1000 * block[0];
}

START_TEST (a_barrier_keeps_the_threads_of_a_block_in_step)
{
  static const guint shapes[][3] = { { 1, 1, 1 }, { 2, 1, 1 }, { 33, 1, 1 }, { 5, 3, 7 } };

  for (guint s = 0; s < G_N_ELEMENTS (shapes); s++)
    {
      guint n = shapes[s][0] * shapes[s][1] * shapes[s][2];
      g_autofree guint *out = g_new (guint, 3 * n);
      Work work = { .out = out };

      ck_assert_str_eq (run (rotate_kernel, &work, 3, shapes[s][0], shapes[s][1], shapes[s][2]),
                        "");
      for (guint i = 0; i < 3 * n; i++)
        ck_assert_uint_eq (out[i], 1000 * (i / n) + i % n);
    }
}
END_TEST

static void
full_kernel (const PinwheelHostLaunch *launch, void **arguments, const unsigned block[3],
             const unsigned thread[3])
{
  Work *work = *(Work **) arguments[0];
  guint i = thread_of (launch, thread);
  volatile char large[64 * 1024];
  guint64 got;

  large[i] = (char) i;
  got = runtime->wait_block (i % 3 == 0, HERE);
  work->out[i] = (guint) got + (large[i] == (char) i ? 0 : 100000);
}

START_TEST (the_largest_block_has_room_for_private_arrays)
{
  guint out[PINWHEEL_HOST_BLOCK_THREADS];
  Work work = { .out = out };

  ck_assert_str_eq (run (full_kernel, &work, 1, 1024, 1, 1), "");
  for (guint i = 0; i < 1024; i++)
    ck_assert_uint_eq (out[i], 342);
}
END_TEST

/* Threads leave one by one; those that are left go on meeting. */
static void
leaving_kernel (const PinwheelHostLaunch *launch, void **arguments, const unsigned block[3],
                const unsigned thread[3])
{
  Work *work = *(Work **) arguments[0];
  guint i = thread_of (launch, thread);

  for (guint k = 0; k < i; k++)
    {
      guint64 result = runtime->wait_block (1, HERE);

      if ((guint) result != work->n - 1 - k || result >> 32 != work->n - 1 - k)
        return;
    }
  work->out[i] = 7;
}

START_TEST (threads_that_have_returned_are_not_waited_for)
{
  guint out[70] = { 0 };
  Work work = { .out = out };

  ck_assert_str_eq (run (leaving_kernel, &work, 2, 70, 1, 1), "");
  for (guint i = 0; i < 70; i++)
    ck_assert_uint_eq (out[i], 7);
}
END_TEST

/* Halves of a warp exchange at different places, each for itself. */
static void
halves_kernel (const PinwheelHostLaunch *launch, void **arguments, const unsigned block[3],
               const unsigned thread[3])
{
  Work *work = *(Work **) arguments[0];
  guint i = thread_of (launch, thread), lane = i % 32;
  guint64 ballot;

  if (lane < 16)
    work->out[i] = (guint) runtime->wait_warp (PINWHEEL_WARP_SHUFFLE, 0xffff, i, 15 - lane, HERE);
  else
    work->out[i] = (guint) runtime->wait_warp (PINWHEEL_WARP_SHUFFLE, 0xffff0000, i, lane ^ 1,
                                               HERE);
  ballot = runtime->wait_warp (PINWHEEL_WARP_BALLOT, ~0u, lane & 1, 0, HERE);
  if (ballot >> 32 != (work->n - i / 32 * 32 >= 32 ? ~0u : (1u << work->n % 32) - 1)
      || (guint) ballot != (ballot >> 32 & 0xaaaaaaaa))
    work->out[i] = 0;
}

START_TEST (lanes_under_different_masks_do_not_mix)
{
  guint out[48] = { 0 };
  Work work = { .out = out };

  ck_assert_str_eq (run (halves_kernel, &work, 1, 48, 1, 1), "");
  for (guint i = 0; i < 48; i++)
    ck_assert_uint_eq (out[i], i % 32 < 16 ? i / 32 * 32 + 15 - i % 32 : i ^ 1);
}
END_TEST

static void
operations_kernel (const PinwheelHostLaunch *launch, void **arguments, const unsigned block[3],
                   const unsigned thread[3])
{
  Work *work = *(Work **) arguments[0];
  guint i = thread_of (launch, thread), *out = work->out + i * 16;

  for (int k = PINWHEEL_WARP_SYNC; k <= PINWHEEL_WARP_XOR; k++)
    out[k] = (guint) runtime->wait_warp ((PinwheelWarpOperation) k, ~0u, (i % 3) - 1, 0, HERE);
}

START_TEST (every_operation_of_a_warp_has_its_result)
{
  guint out[32 * 16] = { 0 };
  Work work = { .out = out };

  /* the values are -1, 0, 1, -1, 0, 1 ... -1, 0 */
  ck_assert_str_eq (run (operations_kernel, &work, 1, 32, 1, 1), "");
  for (guint i = 0; i < 32; i++)
    {
      const guint *own = out + 16 * i;

      ck_assert_uint_eq (own[PINWHEEL_WARP_SHUFFLE], ~0u);
      ck_assert_uint_eq (own[PINWHEEL_WARP_BALLOT], ~0x92492492u);
      ck_assert_uint_eq (own[PINWHEEL_WARP_MATCH_ANY], i % 3 == 0   ? 0x49249249u
                                                       : i % 3 == 1 ? 0x92492492u
                                                                    : 0x24924924u);
      ck_assert_uint_eq (own[PINWHEEL_WARP_MATCH_ALL], 0);
      ck_assert_uint_eq (own[PINWHEEL_WARP_ADD], ~0u);
      ck_assert_uint_eq (own[PINWHEEL_WARP_MIN], 0);
      ck_assert_uint_eq (own[PINWHEEL_WARP_MAX], ~0u);
      ck_assert_uint_eq (own[PINWHEEL_WARP_SIGNED_MIN], ~0u);
      ck_assert_uint_eq (own[PINWHEEL_WARP_SIGNED_MAX], 1);
      ck_assert_uint_eq (own[PINWHEEL_WARP_AND], 0);
      ck_assert_uint_eq (own[PINWHEEL_WARP_OR], ~0u);
      ck_assert_uint_eq (own[PINWHEEL_WARP_XOR], ~0u);
    }
}
END_TEST

static void
gather_kernel (const PinwheelHostLaunch *launch, void **arguments, const unsigned block[3],
               const unsigned thread[3])
{
  Work *work = *(Work **) arguments[0];
  guint i = thread_of (launch, thread);

  if (i % 5 == 0)
    work->out[i] = runtime->gather_warp (HERE);
  else if (i % 5 == 1)
    work->out[i] = runtime->gather_warp (HERE);
  runtime->wait_warp (PINWHEEL_WARP_SYNC, ~0u, 0, 0, HERE);
}

START_TEST (lanes_gather_where_they_come_together)
{
  guint out[64] = { 0 };
  Work work = { .out = out };

  ck_assert_str_eq (run (gather_kernel, &work, 1, 40, 1, 1), "");
  for (guint i = 0; i < 32; i++)
    ck_assert_uint_eq (out[i], i % 5 == 0 ? 0x42108421u : i % 5 == 1 ? 0x84210842u : 0);
  ck_assert_uint_eq (out[35], 0x8); /* threads 32 to 39: 35 alone, 36 alone */
  ck_assert_uint_eq (out[36], 0x10);
}
END_TEST

static void
parted_kernel (const PinwheelHostLaunch *launch, void **arguments, const unsigned block[3],
               const unsigned thread[3])
{
  if (block[0] == 1 && thread[0] > 2)
    runtime->wait_warp (PINWHEEL_WARP_SYNC, ~0u, 0, 0, "there.cu", 23);
  else
    runtime->wait_block (0, "here.cu", 17);
  (*(Work **) arguments[0])->counter++;
}

START_TEST (threads_that_wait_for_ever_are_an_error)
{
  guint out[105];
  Work work = { .out = out };

  ck_assert_str_eq (run (parted_kernel, &work, 3, 8, 1, 1),
                    "kernel 'k': the threads of block (1, 0, 0) wait for each other for ever: "
                    "thread (0, 0, 0) at here.cu:17, thread (3, 0, 0) at there.cu:23; all threads "
                    "of a block must come to the same barriers, and all lanes of a mask to the "
                    "same warp function");
  /* the block before it has run, and the one behind it has not */
  ck_assert_uint_eq (work.counter, 8);
  /* and the next launch finds everything in order */
  ck_assert_str_eq (run (rotate_kernel, &work, 1, 105, 1, 1), "");
  for (guint i = 0; i < 105; i++)
    ck_assert_uint_eq (out[i], i);
}
END_TEST

/* Waits in a loop for what the last thread does. */
static void
yield_kernel (const PinwheelHostLaunch *launch, void **arguments, const unsigned block[3],
              const unsigned thread[3])
{
  Work *work = *(Work **) arguments[0];
  guint i = thread_of (launch, thread);

  while (work->counter != work->n - 1 - i)
    runtime->yield ();
  work->counter++;
}

START_TEST (a_thread_that_yields_lets_the_others_go_on)
{
  Work work = { 0 };

  ck_assert_str_eq (run (yield_kernel, &work, 1, 40, 1, 1), "");
  ck_assert_uint_eq (work.counter, 40);
}
END_TEST

static void
failing_run (const PinwheelHostLaunch *launch, void **arguments, guint64 first, guint64 end)
{
  launch->runtime->run_fibers (launch, "k", parted_kernel, arguments, first, end);
}

START_TEST (the_stream_keeps_the_error)
{
  g_autoptr (PinwheelDevice) device = pinwheel_device_open ("host", NULL);
  g_autoptr (PinwheelStream) stream = pinwheel_device_new_stream (device, "test", NULL);
  g_autoptr (GError) error = NULL;
  gsize size = sizeof (gpointer);
  PinwheelImage image = { .entry = "k", .argument_sizes = &size, .n_arguments = 1 };
  g_autoptr (PinwheelFunction) function = pinwheel_host_function_new_for_pointer (failing_run,
                                                                                  &image, NULL);
  Work work = { 0 }, *pointer = &work;
  void *arguments[] = { &pointer };
  PinwheelLaunch launch = { .function = function,
                            .grid = { 2, 1, 1 },
                            .block = { 8, 1, 1 },
                            .arguments = arguments,
                            .in_order = TRUE };
  PinwheelFence fence;

  ck_assert (pinwheel_stream_launch (stream, &launch, NULL));
  ck_assert (!pinwheel_stream_record (stream, &fence, &error)
             || !pinwheel_fence_sync (fence, &error));
  check_message (error, PINWHEEL_ERROR_KERNEL, "kernel 'k': the threads of block (1, 0, 0) wait");
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("fibers");
  TCase *tcase = tcase_create ("fibers");
  SRunner *runner = srunner_create (suite);
  int failed;

  tcase_add_test (tcase, a_barrier_keeps_the_threads_of_a_block_in_step);
  tcase_add_test (tcase, the_largest_block_has_room_for_private_arrays);
  tcase_add_test (tcase, threads_that_have_returned_are_not_waited_for);
  tcase_add_test (tcase, lanes_under_different_masks_do_not_mix);
  tcase_add_test (tcase, every_operation_of_a_warp_has_its_result);
  tcase_add_test (tcase, lanes_gather_where_they_come_together);
  tcase_add_test (tcase, threads_that_wait_for_ever_are_an_error);
  tcase_add_test (tcase, a_thread_that_yields_lets_the_others_go_on);
  tcase_add_test (tcase, the_stream_keeps_the_error);
  suite_add_tcase (suite, tcase);
  srunner_run_all (runner, CK_ENV);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
