/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a run tells of itself while it lasts. */
#include "config.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "pipelines/toys.h"

/* Returns: (transfer full) (nullable): the next warning, within @milliseconds */
static char *
wait_for_warning (PinwheelPipeline *pipeline, gint64 milliseconds)
{
  gint64 until = g_get_monotonic_time () + milliseconds * 1000;
  PinwheelMessage *message;
  char *text;

  for (;;)
    {
      message = pinwheel_bus_pop (pinwheel_pipeline_get_bus (pipeline),
                                  MAX (until - g_get_monotonic_time (), 0));
      if (message == NULL)
        return NULL;
      if (pinwheel_message_get_kind (message) != PINWHEEL_MESSAGE_PROGRESS)
        break;
      pinwheel_message_unref (message);
    }
  ck_assert_int_eq (pinwheel_message_get_kind (message), PINWHEEL_MESSAGE_WARNING);
  text = g_strdup (pinwheel_message_get_text (message));
  pinwheel_message_unref (message);
  return text;
}

static void
assert_says (const char *text, const char *part)
{
  ck_assert_msg (strstr (text, part) != NULL, "no \"%s\" in:\n%s", part, text);
}

START_TEST (a_stall_is_told_once_with_who_waits_for_what_and_who_holds_it)
{
  g_autofree char *warning = NULL;
  g_autofree char *again = NULL;
  g_autofree char *asked = NULL;
  g_autofree char *afterwards = NULL;
  ToyLine line;

  toy_line_init (&line, 1, 1000, 10, 4);
  g_object_set (line.pipeline, "stall-timeout", (guint64) 100, NULL);
  line.stages[0]->keeps = TRUE;
  ck_assert (pinwheel_pipeline_set_state (line.pipeline, PINWHEEL_STATE_RUNNING, NULL));
  warning = wait_for_warning (line.pipeline, 10000);
  ck_assert_ptr_nonnull (warning);
  assert_says (warning, "nothing has moved for 0.1 s");
  assert_says (warning, "toysrc0 waits for a buffer of the pool of toysrc0.src (since 0.");
  assert_says (warning, "3 of 3 are lent, and behind it 0 chunks are in links and 0 in work: "
                        "3 are kept by toystage0\n");
  assert_says (warning, "toystage0 waits for a chunk from toysrc0 (since 0.");
  assert_says (warning, "toysink0 waits for a chunk from toystage0 (since 0.");
  asked = pinwheel_pipeline_describe_activity (line.pipeline);
  assert_says (asked, "3 are kept by toystage0\n");
  again = wait_for_warning (line.pipeline, 300);
  ck_assert_ptr_null (again);

  pinwheel_pipeline_stop (line.pipeline);
  ck_assert (!pinwheel_pipeline_wait (line.pipeline, NULL));
  afterwards = pinwheel_pipeline_describe_activity (line.pipeline);
  ck_assert_str_eq (afterwards, "the pipeline is not running\n");
  line.stages[0]->keeps = FALSE;
  ck_assert_uint_eq (toy_count_messages (line.pipeline, PINWHEEL_MESSAGE_STOPPED), 1);
  toy_line_assert_ran (&line, 1000);
  ck_assert_uint_eq (toy_count_messages (line.pipeline, PINWHEEL_MESSAGE_WARNING), 0);
  toy_line_clear (&line);
}
END_TEST

typedef struct
{
  PinwheelPipeline *pipeline;
  gint goes_on; /* atomic */
} Asking;

static gpointer
ask_until_ended (gpointer data)
{
  Asking *asking = data;

  while (g_atomic_int_get (&asking->goes_on) > 0)
    g_free (pinwheel_pipeline_describe_activity (asking->pipeline));
  return NULL;
}

START_TEST (activity_may_be_asked_for_at_any_moment)
{
  Asking asking;
  GThread *thread;
  ToyLine line;

  toy_line_init (&line, 3, 20000, 10, 2);
  asking = (Asking){ line.pipeline, 1 };
  thread = g_thread_new ("asker", ask_until_ended, &asking);
  for (guint i = 0; i < 10; i++)
    toy_line_assert_ran (&line, 20000);
  g_atomic_int_set (&asking.goes_on, 0);
  g_thread_join (thread);
  toy_line_clear (&line);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("watch");
  TCase *tcase = tcase_create ("activity");
  SRunner *runner = srunner_create (suite);
  int failed;

  suite_add_tcase (suite, tcase);
  tcase_set_timeout (tcase, 300);
  tcase_add_test (tcase, a_stall_is_told_once_with_who_waits_for_what_and_who_holds_it);
  tcase_add_test (tcase, activity_may_be_asked_for_at_any_moment);

  srunner_run_all (runner, CK_ENV);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
