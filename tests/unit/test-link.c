/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <check.h>
#include <stdlib.h>

#include "graph/link-private.h"

static PinwheelLink *pipe_link;
static PinwheelChunkStore *store;
static gint made; /* atomic: chunks taken from the store so far */

static void
setup (void)
{
  g_autoptr (PinwheelFormat) format = pinwheel_format_parse ("x:u8[*]", 1000000, NULL);

  g_atomic_int_set (&made, 0);
  store = pinwheel_chunk_store_new (format);
  pipe_link = pinwheel_link_new ();
  pinwheel_link_reset (pipe_link, 3);
}

static void
teardown (void)
{
  pinwheel_link_free (pipe_link);
  pinwheel_chunk_store_unref (store);
}

static PinwheelChunk *
chunk (guint64 index)
{
  g_atomic_int_inc (&made);
  return pinwheel_chunk_store_take (store, index, index, 1);
}

START_TEST (chunks_come_out_in_order_then_eos)
{
  for (guint64 i = 0; i < 3; i++)
    ck_assert_int_eq (pinwheel_link_push (pipe_link, chunk (i)), PINWHEEL_FLOW_OK);
  ck_assert_int_eq (pinwheel_link_push_eos (pipe_link), PINWHEEL_FLOW_OK);
  for (guint64 i = 0; i < 3; i++)
    {
      g_autoptr (PinwheelChunk) got = NULL;

      ck_assert_int_eq (pinwheel_link_pop (pipe_link, &got), PINWHEEL_FLOW_OK);
      ck_assert_uint_eq (pinwheel_chunk_get_index (got), i);
    }
  for (int i = 0; i < 2; i++)
    {
      PinwheelChunk *none = NULL;

      ck_assert_int_eq (pinwheel_link_pop (pipe_link, &none), PINWHEEL_FLOW_EOS);
      ck_assert_ptr_null (none);
    }
}
END_TEST

typedef struct
{
  guint64 chunks;
  PinwheelFlow flow;
} Pushing;

static gpointer
push_many (gpointer data)
{
  Pushing *pushing = data;

  for (guint64 i = 0; i < pushing->chunks && pushing->flow == PINWHEEL_FLOW_OK; i++)
    pushing->flow = pinwheel_link_push (pipe_link, chunk (i));
  if (pushing->flow == PINWHEEL_FLOW_OK)
    pushing->flow = pinwheel_link_push_eos (pipe_link);
  return NULL;
}

/* _i: depth of the link */
START_TEST (two_threads_pass_every_chunk_once)
{
  Pushing pushing = { 20000, PINWHEEL_FLOW_OK };
  PinwheelFlow flow;
  GThread *thread;
  guint64 expected = 0;

  pinwheel_link_reset (pipe_link, (guint) _i);
  thread = g_thread_new ("pusher", push_many, &pushing);
  do
    {
      g_autoptr (PinwheelChunk) got = NULL;

      flow = pinwheel_link_pop (pipe_link, &got);
      if (flow == PINWHEEL_FLOW_OK)
        ck_assert_uint_eq (pinwheel_chunk_get_index (got), expected++);
    }
  while (flow == PINWHEEL_FLOW_OK);
  g_thread_join (thread);
  ck_assert_int_eq (flow, PINWHEEL_FLOW_EOS);
  ck_assert_uint_eq (expected, pushing.chunks);
}
END_TEST

START_TEST (a_writer_is_never_more_than_the_depth_ahead)
{
  Pushing pushing = { 20000, PINWHEEL_FLOW_OK };
  GThread *thread = g_thread_new ("pusher", push_many, &pushing);
  guint64 ahead = 0;

  for (guint64 i = 0; i < pushing.chunks; i++)
    {
      g_autoptr (PinwheelChunk) got = NULL;

      ck_assert_int_eq (pinwheel_link_pop (pipe_link, &got), PINWHEEL_FLOW_OK);
      /* made so far: what was popped, what the link holds, and the one in the writer's hands */
      ahead = MAX (ahead, (guint64) g_atomic_int_get (&made) - i);
    }
  g_thread_join (thread);
  ck_assert_uint_le (ahead, 3 + 1 + 1);
}
END_TEST

START_TEST (a_waiting_writer_goes_on_when_one_place_is_free)
{
  Pushing pushing = { 4, PINWHEEL_FLOW_OK }; /* one more than the link holds */
  GThread *thread = g_thread_new ("pusher", push_many, &pushing);
  g_autoptr (PinwheelChunk) got = NULL;

  ck_assert_int_eq (pinwheel_link_pop (pipe_link, &got), PINWHEEL_FLOW_OK);
  g_thread_join (thread);
  ck_assert_int_eq (pushing.flow, PINWHEEL_FLOW_OK);
}
END_TEST

START_TEST (stop_wakes_a_waiting_push)
{
  Pushing pushing = { 100, PINWHEEL_FLOW_OK };
  GThread *thread = g_thread_new ("pusher", push_many, &pushing);

  pinwheel_link_stop (pipe_link);
  g_thread_join (thread);
  ck_assert_int_eq (pushing.flow, PINWHEEL_FLOW_STOPPED);
}
END_TEST

static gpointer
pop_one (gpointer data)
{
  PinwheelChunk *got = NULL;
  PinwheelFlow *flow = data;

  *flow = pinwheel_link_pop (pipe_link, &got);
  return got;
}

START_TEST (stop_wakes_a_waiting_pop)
{
  PinwheelFlow flow = PINWHEEL_FLOW_OK;
  GThread *thread = g_thread_new ("popper", pop_one, &flow);

  pinwheel_link_stop (pipe_link);
  ck_assert_ptr_null (g_thread_join (thread));
  ck_assert_int_eq (flow, PINWHEEL_FLOW_STOPPED);
}
END_TEST

START_TEST (eos_wakes_a_waiting_pop)
{
  PinwheelFlow flow = PINWHEEL_FLOW_OK;
  GThread *thread = g_thread_new ("popper", pop_one, &flow);

  pinwheel_link_push_eos (pipe_link);
  ck_assert_ptr_null (g_thread_join (thread));
  ck_assert_int_eq (flow, PINWHEEL_FLOW_EOS);
}
END_TEST

START_TEST (a_reset_link_is_empty_and_open_again)
{
  PinwheelChunk *got = NULL;

  pinwheel_link_push (pipe_link, chunk (7));
  pinwheel_link_stop (pipe_link);
  pinwheel_link_reset (pipe_link, 1);
  pinwheel_link_push_eos (pipe_link);
  ck_assert_int_eq (pinwheel_link_pop (pipe_link, &got), PINWHEEL_FLOW_EOS);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("link");
  TCase *tcase = tcase_create ("bounded");
  SRunner *runner = srunner_create (suite);
  int failed;

  suite_add_tcase (suite, tcase);
  tcase_set_timeout (tcase, 60);
  tcase_add_checked_fixture (tcase, setup, teardown);
  tcase_add_test (tcase, chunks_come_out_in_order_then_eos);
  tcase_add_loop_test (tcase, two_threads_pass_every_chunk_once, 1, 9);
  tcase_add_test (tcase, a_writer_is_never_more_than_the_depth_ahead);
  tcase_add_test (tcase, a_waiting_writer_goes_on_when_one_place_is_free);
  tcase_add_test (tcase, stop_wakes_a_waiting_push);
  tcase_add_test (tcase, stop_wakes_a_waiting_pop);
  tcase_add_test (tcase, eos_wakes_a_waiting_pop);
  tcase_add_test (tcase, a_reset_link_is_empty_and_open_again);

  srunner_run_all (runner, CK_ENV);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
