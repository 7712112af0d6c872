/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>

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

static guint64
host_waits (void)
{
  PinwheelDeviceCounters counters;

  pinwheel_device_get_counters (device, &counters);
  return counters.host_waits;
}

/* --- order --- */

typedef struct
{
  guint n;
  guint seen[2000];
} Journal;

static void
journal_run (const PinwheelHostLaunch *launch, void **arguments, guint64 first, guint64 end)
{
  Journal *journal = *(Journal **) arguments[0];

  journal->seen[journal->n++] = *(guint *) arguments[1];
}

static guint64 open_after; /* launches; set before the thread below starts */

static gpointer
open_when_full (gpointer data)
{
  PinwheelDeviceCounters counters;

  do
    pinwheel_device_get_counters (device, &counters);
  while (counters.launches < open_after);
  gate_open (data);
  return NULL;
}

/* More work than the stream holds, which is 256 pieces: the caller waits for room, and goes on. */
START_TEST (work_runs_in_order_and_arguments_are_copied)
{
  static Journal journal;
  Journal *pointer = &journal;
  gsize sizes[] = { sizeof pointer, sizeof (guint) };
  PinwheelImage image = { "", "journal", sizes, 2, { 1, 1, 1 }, NULL };
  g_autoptr (PinwheelFunction) function = pinwheel_host_function_new_for_pointer (journal_run,
                                                                                  &image, NULL);
  GThread *opener;

  block_stream (stream, &gate);
  open_after = 256;
  opener = g_thread_new ("opener", open_when_full, &gate);
  for (guint i = 0; i < G_N_ELEMENTS (journal.seen); i++)
    {
      guint number = i;
      void *arguments[] = { &pointer, &number };
      PinwheelLaunch launch = { function, { 1, 1, 1 }, { 1, 1, 1 }, 0, arguments, NULL, 0, FALSE };

      ck_assert (pinwheel_stream_launch (stream, &launch, NULL));
      number = 0;
    }
  ck_assert (pinwheel_fence_sync (record (stream), NULL));
  g_thread_join (opener);
  ck_assert_uint_eq (journal.n, G_N_ELEMENTS (journal.seen));
  for (guint i = 0; i < journal.n; i++)
    ck_assert_uint_eq (journal.seen[i], i);
}
END_TEST

static void
sum_bytes_run (const PinwheelHostLaunch *launch, void **arguments, guint64 first, guint64 end)
{
  guint64 sum = 0;

  for (guint i = 1; i < PINWHEEL_MAX_ARGUMENTS; i++)
    {
      ck_assert_uint_eq ((guintptr) arguments[i] % 16, 0);
      for (guint j = 0; j < 15; j++)
        sum += ((guint8 *) arguments[i])[j];
    }
  **(guint64 **) arguments[0] += sum;
}

/* More arguments than the stream holds at once: were they overwritten, the sum would not come out.
 */
START_TEST (launches_with_the_most_arguments_take_turns)
{
  guint64 total = 0, expected = 0, *pointer = &total;
  guint8 values[PINWHEEL_MAX_ARGUMENTS][15];
  gsize sizes[PINWHEEL_MAX_ARGUMENTS] = { sizeof pointer };
  void *arguments[PINWHEEL_MAX_ARGUMENTS] = { &pointer };
  PinwheelImage image = { "", "sum", sizes, PINWHEEL_MAX_ARGUMENTS, { 0, 0, 0 }, NULL };
  g_autoptr (PinwheelFunction) function = NULL;
  GThread *opener;

  for (guint i = 1; i < PINWHEEL_MAX_ARGUMENTS; i++)
    {
      sizes[i] = sizeof values[i];
      arguments[i] = values[i];
    }
  function = pinwheel_host_function_new_for_pointer (sum_bytes_run, &image, NULL);
  block_stream (stream, &gate);
  open_after = 8;
  opener = g_thread_new ("opener", open_when_full, &gate);
  for (guint i = 0; i < 100; i++)
    {
      PinwheelLaunch launch = { function, { 1, 1, 1 }, { 1, 1, 1 }, 0, arguments, NULL, 0, FALSE };

      memset (values, (int) i, sizeof values);
      expected += i * 15 * (PINWHEEL_MAX_ARGUMENTS - 1);
      ck_assert (pinwheel_stream_launch (stream, &launch, NULL));
    }
  ck_assert (pinwheel_fence_sync (record (stream), NULL));
  ck_assert_uint_eq (total, expected);
  g_thread_join (opener);
}
END_TEST

START_TEST (copies_may_have_rows)
{
  guint8 source[6][10], target[4][8] = { { 0 } };
  PinwheelCopy rows = { .kind = PINWHEEL_COPY_HOST_TO_DEVICE,
                        .source = &source[1][2],
                        .target = target,
                        .width = 5,
                        .height = 4,
                        .source_pitch = 10,
                        .target_pitch = 8 };
  PinwheelCopy nothing = { .kind = PINWHEEL_COPY_HOST_TO_DEVICE,
                           .source = NULL,
                           .target = NULL,
                           .width = 5,
                           .height = 0,
                           .source_pitch = 10,
                           .target_pitch = 8 };
  PinwheelDeviceCounters counters;

  for (guint i = 0; i < sizeof source; i++)
    ((guint8 *) source)[i] = (guint8) (i + 1);
  ck_assert (pinwheel_stream_copy (stream, &rows, NULL));
  ck_assert (pinwheel_stream_copy (stream, &nothing, NULL));
  ck_assert (pinwheel_fence_sync (record (stream), NULL));
  for (guint row = 0; row < 4; row++)
    for (guint column = 0; column < 8; column++)
      ck_assert_uint_eq (target[row][column], column < 5 ? (row + 1) * 10 + 2 + column + 1 : 0);
  pinwheel_device_get_counters (device, &counters);
  ck_assert_uint_eq (counters.copies, 1);
  ck_assert_uint_eq (counters.copied_bytes, 20);
}
END_TEST

START_TEST (copies_may_have_slices_of_rows)
{
  guint8 source[3][5][4], target[3][2][3], expected[3][2][3];
  PinwheelCopy slices = { .kind = PINWHEEL_COPY_HOST_TO_DEVICE,
                          .source = &source[0][1][1],
                          .target = target,
                          .width = 3,
                          .height = 2,
                          .source_pitch = 4,
                          .target_pitch = 3,
                          .depth = 3,
                          .source_slice = 20,
                          .target_slice = 6 };
  PinwheelDeviceCounters counters;

  for (guint i = 0; i < sizeof source; i++)
    ((guint8 *) source)[i] = (guint8) i;
  for (guint z = 0; z < 3; z++)
    for (guint y = 0; y < 2; y++)
      memcpy (expected[z][y], &source[z][y + 1][1], 3);
  ck_assert (pinwheel_stream_copy (stream, &slices, NULL));
  ck_assert (pinwheel_fence_sync (record (stream), NULL));
  ck_assert_int_eq (memcmp (target, expected, sizeof target), 0);
  /* one row of each slice */
  slices.height = 1;
  slices.target_slice = 3;
  memset (target, 0, sizeof target);
  ck_assert (pinwheel_stream_copy (stream, &slices, NULL));
  ck_assert (pinwheel_fence_sync (record (stream), NULL));
  for (guint z = 0; z < 3; z++)
    ck_assert_int_eq (memcmp ((guint8 *) target + 3 * z, expected[z][0], 3), 0);
  pinwheel_device_get_counters (device, &counters);
  ck_assert_uint_eq (counters.copies, 2);
  ck_assert_uint_eq (counters.copied_bytes, 18 + 9);
}
END_TEST

START_TEST (a_grid_without_blocks_does_nothing)
{
  gint n = 0;
  PinwheelDeviceCounters counters;

  ck_assert (launch_pointer (stream, count_run, &n, 0, NULL));
  ck_assert (launch_pointer (stream, count_run, &n, 3, NULL));
  ck_assert (pinwheel_fence_sync (record (stream), NULL));
  ck_assert_int_eq (g_atomic_int_get (&n), 3);
  pinwheel_device_get_counters (device, &counters);
  ck_assert_uint_eq (counters.launches, 1);
}
END_TEST

/* --- fences --- */

START_TEST (the_host_does_not_wait_unless_it_asks_to)
{
  PinwheelFence fence = block_stream (stream, &gate);
  guint64 before = host_waits ();
  GThread *opener;

  ck_assert (!pinwheel_fence_is_passed (fence));
  opener = g_thread_new ("opener", gate_open_thread, &gate);
  ck_assert (pinwheel_fence_sync (fence, NULL));
  ck_assert (pinwheel_fence_is_passed (fence));
  g_thread_join (opener);
  ck_assert_uint_le (host_waits (), before + 1);

  before = host_waits ();
  ck_assert (pinwheel_fence_sync (fence, NULL));
  ck_assert (pinwheel_fence_sync ((PinwheelFence){ NULL, 0 }, NULL));
  ck_assert (pinwheel_fence_is_passed ((PinwheelFence){ NULL, 7 }));
  ck_assert_uint_eq (host_waits (), before);
}
END_TEST

static gpointer
sync_fence (gpointer data)
{
  GError *error = NULL;

  pinwheel_fence_sync (*(PinwheelFence *) data, &error);
  return error;
}

/* Spins until another thread has gone into its wait, which the counter shows. */
START_TEST (a_wait_of_the_host_is_counted)
{
  PinwheelFence fence = block_stream (stream, &gate);
  GThread *waiter = g_thread_new ("waiter", sync_fence, &fence);

  while (host_waits () == 0)
    g_thread_yield ();
  gate_open (&gate);
  ck_assert_ptr_null (g_thread_join (waiter));
  ck_assert_uint_eq (host_waits (), 1);
}
END_TEST

START_TEST (a_stream_waits_for_the_fence_of_another)
{
  PinwheelFence fence = block_stream (stream, &gate);
  char source[] = "written", middle[sizeof source] = "", target[sizeof source] = "";
  PinwheelCopy write = plain_copy (middle, source, sizeof source);
  PinwheelCopy read = plain_copy (target, middle, sizeof source);

  ck_assert (pinwheel_stream_copy (stream, &write, NULL));
  fence = record (stream);
  ck_assert (pinwheel_stream_wait (other, fence, NULL));
  ck_assert (pinwheel_stream_copy (other, &read, NULL));
  ck_assert (!pinwheel_fence_is_passed (record (other)));
  gate_open (&gate);
  ck_assert (pinwheel_fence_sync (record (other), NULL));
  ck_assert_str_eq (target, "written");
}
END_TEST

START_TEST (waiting_for_oneself_and_for_nothing_is_free)
{
  PinwheelFence own = block_stream (stream, &gate);
  PinwheelFence before = record (other);

  ck_assert (pinwheel_stream_wait (stream, own, NULL));
  ck_assert (pinwheel_stream_wait (stream, before, NULL));
  ck_assert (pinwheel_stream_wait (stream, (PinwheelFence){ NULL, 0 }, NULL));
  ck_assert_uint_eq (record (stream).value, own.value);
}
END_TEST

static gpointer
drop_stream (gpointer data)
{
  g_object_unref (data);
  return NULL;
}

START_TEST (a_stream_that_is_dropped_finishes_its_work_first)
{
  gint n = 0;
  PinwheelFence fence;
  GThread *dropper;

  block_stream (stream, &gate);
  ck_assert (launch_pointer (stream, count_run, &n, 5, NULL));
  fence = record (stream);
  ck_assert (pinwheel_stream_wait (other, fence, NULL));
  dropper = g_thread_new ("dropper", drop_stream, g_steal_pointer (&stream));
  gate_open (&gate);
  ck_assert (pinwheel_fence_sync (record (other), NULL));
  ck_assert_int_eq (g_atomic_int_get (&n), 5);
  g_thread_join (dropper);
}
END_TEST

static void
drop_run (const PinwheelHostLaunch *launch, void **arguments, guint64 first, guint64 end)
{
  g_object_unref (*(gpointer *) arguments[0]);
}

START_TEST (work_may_drop_its_own_stream)
{
  ck_assert (pinwheel_stream_wait (other, block_stream (stream, &gate), NULL));
  ck_assert (launch_pointer (stream, drop_run, stream, 1, NULL));
  ck_assert (pinwheel_stream_wait (other, record (stream), NULL));
  stream = NULL;
  gate_open (&gate);
  ck_assert (pinwheel_fence_sync (record (other), NULL));
}
END_TEST

/* --- launches --- */

START_TEST (a_launch_that_cannot_run_is_refused)
{
  gsize size = sizeof (gpointer);
  PinwheelImage image = { "", "smooth", &size, 1, { 256, 1, 1 }, NULL };
  g_autoptr (PinwheelFunction) function = pinwheel_host_function_new_for_pointer (count_run, &image,
                                                                                  NULL);
  gpointer data = NULL;
  void *arguments[] = { &data };
  PinwheelLaunch launches[] = {
    { function, { 1, 1, 1 }, { 128, 1, 1 }, 0, arguments, NULL, 0, FALSE },
    { function, { G_MAXUINT, G_MAXUINT, G_MAXUINT }, { 256, 1, 1 }, 0, arguments, NULL, 0, FALSE },
    { function, { 1, 1, 1 }, { 256, 1, 1 }, 300000, arguments, NULL, 0, FALSE },
  };
  static const char *const reasons[] = {
    "compiled for blocks of 256 x 1 x 1 threads, not 128 x 1 x 1", "more blocks than",
    "asks for 300000 bytes of shared memory; a block gets at most 232448"
  };

  for (guint i = 0; i < G_N_ELEMENTS (launches); i++)
    {
      g_autoptr (GError) error = NULL;

      ck_assert (!pinwheel_stream_launch (stream, &launches[i], &error));
      ck_assert (g_error_matches (error, PINWHEEL_ERROR, PINWHEEL_ERROR_KERNEL));
      ck_assert_ptr_nonnull (strstr (error->message, "'smooth'"));
      ck_assert_ptr_nonnull (strstr (error->message, reasons[i]));
    }
  ck_assert (pinwheel_fence_sync (record (stream), NULL));
}
END_TEST

static const char kernel_source[]
    = "typedef struct { unsigned grid[3], block[3]; } Launch;\n"
      "void pinwheel_run (const Launch *l, void **a, unsigned long first, unsigned long end)\n"
      "{\n"
      "  const float *x = *(const float **) a[0]; float *y = *(float **) a[1];\n"
      "  double w = *(double *) a[2]; unsigned long n = *(unsigned long *) a[3];\n"
      "  for (unsigned long i = first * l->block[0]; i < end * l->block[0] && i < n; i++)\n"
      "    y[i] = w * x[i];\n"
      "}\n";

/* Returns: (transfer full): where the kernel above was compiled to */
static char *
compile_kernel (const char *folder)
{
  const char *compiler = g_getenv ("CC") != NULL ? g_getenv ("CC") : "cc";
  g_autofree char *source = g_build_filename (folder, "kernel.c", NULL);
  char *object = g_build_filename (folder, "kernel.so", NULL);
  g_autofree char *command = g_strdup_printf ("%s -O2 -shared -fPIC -o %s %s", compiler, object,
                                              source);
  int status;

  ck_assert (g_file_set_contents (source, kernel_source, -1, NULL));
  ck_assert (g_spawn_command_line_sync (command, NULL, NULL, &status, NULL));
  ck_assert_int_eq (status, 0);
  g_remove (source);
  return object;
}

START_TEST (a_compiled_kernel_runs_over_all_blocks)
{
  g_autofree char *folder = g_dir_make_tmp ("pinwheel-XXXXXX", NULL);
  g_autofree char *location = compile_kernel (folder);
  gsize sizes[] = { sizeof (gpointer), sizeof (gpointer), sizeof (double), sizeof (guint64) };
  PinwheelImage image = { location, "scale", sizes, 4, { 256, 1, 1 }, NULL };
  g_autoptr (PinwheelFunction) function = pinwheel_device_load (device, &image, NULL);
  guint64 n = 100001;
  g_autofree float *x = g_new (float, n), *y = g_new0 (float, n);
  float *px = x, *py = y;
  double w = 0.25;
  void *arguments[] = { &px, &py, &w, &n };
  PinwheelLaunch launch = { function, { 391, 1, 1 }, { 256, 1, 1 }, 0, arguments, NULL, 0, FALSE };

  ck_assert_ptr_nonnull (function);
  for (guint64 i = 0; i < n; i++)
    x[i] = (float) i;
  ck_assert (pinwheel_stream_launch (stream, &launch, NULL));
  g_clear_object (&function);
  ck_assert (pinwheel_fence_sync (record (stream), NULL));
  for (guint64 i = 0; i < n; i++)
    ck_assert (y[i] == (float) i * 0.25f);
  g_remove (location);
  g_rmdir (folder);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("host-stream");
  TCase *order = tcase_create ("order"), *fences = tcase_create ("fences");
  TCase *launches = tcase_create ("launches");
  TCase *all[] = { order, fences, launches };
  SRunner *runner = srunner_create (suite);
  int failed;

  for (guint i = 0; i < G_N_ELEMENTS (all); i++)
    {
      suite_add_tcase (suite, all[i]);
      tcase_add_checked_fixture (all[i], setup, teardown);
    }
  tcase_add_test (order, work_runs_in_order_and_arguments_are_copied);
  tcase_add_test (order, launches_with_the_most_arguments_take_turns);
  tcase_add_test (order, copies_may_have_rows);
  tcase_add_test (order, copies_may_have_slices_of_rows);
  tcase_add_test (order, a_grid_without_blocks_does_nothing);
  tcase_add_test (fences, the_host_does_not_wait_unless_it_asks_to);
  tcase_add_test (fences, a_wait_of_the_host_is_counted);
  tcase_add_test (fences, a_stream_waits_for_the_fence_of_another);
  tcase_add_test (fences, waiting_for_oneself_and_for_nothing_is_free);
  tcase_add_test (fences, a_stream_that_is_dropped_finishes_its_work_first);
  tcase_add_test (fences, work_may_drop_its_own_stream);
  tcase_add_test (launches, a_launch_that_cannot_run_is_refused);
  tcase_add_test (launches, a_compiled_kernel_runs_over_all_blocks);

  srunner_run_all (runner, CK_ENV);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
