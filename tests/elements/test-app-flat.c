/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Much more than fits goes through appsrc in large steps, each in memory of its own: what the
 * process holds stays as it was soon after the beginning. `make soak` pushes 16 GiB. */
#include "config.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "app-line.h"

/* max-blocks, the one that is being filled, the one that is cut, and one for each buffer */
#define MOST_HELD (2 + 1 + 1 + 3)

typedef struct
{
  PinwheelAppSrc *in;
  guint n_steps;
  gsize step; /* bytes */
  gint held;  /* atomic: blocks that are not released */
  gint most;  /* the pusher's */
} Flood;

typedef struct
{
  gint *held;
  gpointer memory;
} Block;

static void
release (gpointer data)
{
  Block *block = data;

  g_atomic_int_add (block->held, -1);
  g_free (block->memory);
  g_free (block);
}

/* Step i is all i. */
static gpointer
push_all (gpointer data)
{
  Flood *self = data;

  for (guint i = 0; i < self->n_steps; i++)
    {
      float *memory = g_malloc (self->step);
      Block *block = g_new (Block, 1);
      g_autoptr (PinwheelAppArray) array = NULL;
      g_autoptr (GError) error = NULL;
      gint now;

      for (gsize k = 0; k < self->step / sizeof *memory; k++)
        memory[k] = (float) i;
      *block = (Block){ &self->held, memory };
      now = 1 + g_atomic_int_add (&self->held, 1);
      self->most = MAX (self->most, now);
      array = pinwheel_app_array_new (PINWHEEL_DTYPE_F32, 1,
                                      (guint64[]){ self->step / sizeof *memory }, NULL, memory,
                                      self->step, release, block, &error);
      app_check_ok (array != NULL, error);
      app_check_ok (pinwheel_app_src_push (self->in, &array, 1, NULL, &error), error);
    }
  pinwheel_app_src_end (self->in);
  return NULL;
}

/* Returns: bytes that the process had in memory at most */
static guint64
peak_memory (void)
{
  g_autofree char *text = NULL;
  const char *line;

  ck_assert (g_file_get_contents ("/proc/self/status", &text, NULL, NULL));
  line = strstr (text, "VmHWM:");
  ck_assert_ptr_nonnull (line);
  return g_ascii_strtoull (line + strlen ("VmHWM:"), NULL, 10) * 1024;
}

START_TEST (a_long_stream_holds_no_more_than_its_beginning)
{
  gboolean soak = g_getenv ("PINWHEEL_SOAK") != NULL;
  AppLine line = app_line_new ("host", NULL,
                               "appsrc name=in format=x:f32[*] ! upload ! map expr=\"y = 2*x\" ! "
                               "download ! appsink name=out");
  Flood flood = { .in = line.in, .n_steps = soak ? 256 : 64, .step = soak ? 64 << 20 : 2 << 20 };
  guint64 per_step = flood.step / sizeof (float), items = 0, early = 0;
  g_autoptr (GError) error = NULL;
  PinwheelChunk *chunk;
  GThread *thread;

  g_object_set (line.pipeline, "chunk-bytes", (guint64) flood.step, NULL);
  app_check_ok (pinwheel_pipeline_set_state (line.pipeline, PINWHEEL_STATE_RUNNING, &error), error);
  thread = g_thread_new ("pusher", push_all, &flood);
  while ((chunk = pinwheel_app_sink_pull (line.out, NULL, &error)) != NULL)
    {
      const float *y = pinwheel_chunk_get_data (chunk, 0);
      guint64 count = pinwheel_chunk_get_count (chunk);

      ck_assert_uint_eq (pinwheel_chunk_get_start (chunk), items);
      ck_assert (y[0] == (float) (2 * (items / per_step)));
      items += count;
      ck_assert (y[count - 1] == (float) (2 * ((items - 1) / per_step)));
      if (early == 0 && items >= flood.n_steps / 4 * per_step)
        early = peak_memory ();
      pinwheel_chunk_unref (chunk);
    }
  app_check_ok (error == NULL, error);
  g_thread_join (thread);
  app_check_ok (pinwheel_pipeline_wait (line.pipeline, &error), error);
  ck_assert_uint_eq (items, flood.n_steps * per_step);
  ck_assert_int_eq (g_atomic_int_get (&flood.held), 0);
  ck_assert_int_le (flood.most, MOST_HELD);
  g_printerr ("# %u MiB in steps of %u MiB: %u MiB in memory at most, %u after a quarter\n",
              flood.n_steps * (guint) (flood.step >> 20), (guint) (flood.step >> 20),
              (guint) (peak_memory () >> 20), (guint) (early >> 20));
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  /* the beginning may not have come to hold all that it could */
  ck_assert_uint_le (peak_memory (), early + early / 20 + MOST_HELD * flood.step);
#endif
  g_object_unref (line.pipeline);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("app-flat");
  TCase *tcase = tcase_create ("memory");
  SRunner *runner = srunner_create (suite);
  int failed;

  suite_add_tcase (suite, tcase);
  tcase_set_timeout (tcase, 0);
  tcase_add_test (tcase, a_long_stream_holds_no_more_than_its_beginning);

  srunner_run_all (runner, CK_ENV);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
