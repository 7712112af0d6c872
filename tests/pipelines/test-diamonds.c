/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Branches that part and meet again end for every length of the branches, number of buffers and
 * depth of the links. A run that does not end is killed by alarm(), in a fork or not. */
#include "config.h"

#include <check.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>
#include <pinwheel/pinwheel.h>

#define MOST_STAGES 3
#define MOST        3 /* buffers in a pool, chunks in a link */
#define CHUNKS      7
#define BUFFER      256 /* bytes of a chunk of one number */

/* What a branch is made of: stages that pass chunks on, hold each back for a while, have a pool of
 * their own, or both in turn. */
typedef enum
{
  STAGE_PASSES,
  STAGE_DELAYS,
  STAGE_COMPUTES,
  STAGE_MIXED
} Stage;

#define N_STAGES 4

static void
append_branch (GString *text, const char *from, const char *to, const char *array, guint n,
               Stage stage)
{
  g_string_append_printf (text, "  %s ! select rename=x=%s ! ", from, array);
  for (guint i = 0; i < n; i++)
    if (stage == STAGE_COMPUTES || (stage == STAGE_MIXED && i % 2 == 0))
      g_string_append_printf (text, "map expr=\"%s = %s + 1\" ! ", array, array);
    else
      g_string_append_printf (text, "identity delay=%u ! ", stage == STAGE_DELAYS ? 20 : 0);
  g_string_append (text, to);
}

/* Every pool gets @buffers buffers: so many fit the pinned memory, and the plan gives all pools the
 * same number. */
static void
run_limited (const char *text, guint64 pinned, guint buffers, guint depth, guint items)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PinwheelPipeline) pipeline = pinwheel_parse_launch (text, NULL, &error);
  PinwheelStatistics statistics;
  PinwheelPlan *plan;
  gboolean ok;

  ck_assert_msg (pipeline != NULL, "%s", error != NULL ? error->message : "");
  g_object_set (pipeline, "device", "host", "chunk", (guint64) 1, "link-depth", (guint64) depth,
                "pinned-memory", pinned, NULL);
  ok = pinwheel_pipeline_set_state (pipeline, PINWHEEL_STATE_READY, &error);
  ck_assert_msg (ok, "%s: %s", text, error != NULL ? error->message : "");
  plan = pinwheel_pipeline_get_plan (pipeline);
  for (guint i = 0; i < plan->pools->len; i++)
    {
      PinwheelPlanPool *pool = plan->pools->pdata[i];

      ck_assert_uint_eq (pool->n_buffers, buffers);
    }
  /* Check's own handler would kill the whole process group */
  signal (SIGALRM, SIG_DFL);
  alarm (30);
  ok = pinwheel_pipeline_run (pipeline, &error);
  alarm (0);
  ck_assert_msg (ok, "%s: %s", text, error != NULL ? error->message : "");
  pinwheel_element_get_statistics (pinwheel_pipeline_get_element (pipeline, "end"), &statistics);
  ck_assert_uint_eq (statistics.items, items);
}

/* _i: lengths of the two branches and what the second one is made of */
START_TEST (two_branches_meet_again_whatever_their_lengths)
{
  guint left = (guint) _i % (MOST_STAGES + 1);
  guint right = (guint) _i / (MOST_STAGES + 1) % (MOST_STAGES + 1);
  Stage stage = (Stage) ((guint) _i / (MOST_STAGES + 1) / (MOST_STAGES + 1));

  for (guint buffers = 1; buffers <= MOST; buffers++)
    for (guint depth = 1; depth <= MOST; depth++)
      {
        g_autoptr (GString) text = g_string_new (
            "zip name=z ! download ! fakesink name=end  "
            "testsrc format=\"x:f64[*]\" items=7 ! upload ! tee name=t");

        append_branch (text, "t.", "z.", "a", left, STAGE_COMPUTES);
        append_branch (text, "t.", "z.", "b", right, stage);
        run_limited (text->str, buffers * BUFFER, buffers, depth, CHUNKS);
      }
}
END_TEST

/* _i: buffers and depth; a diamond in one branch of a diamond, beside a second source, behind it a
 * branch that does not come back, and an input that is not cut */
START_TEST (diamonds_within_diamonds_end_too)
{
  guint buffers = (guint) _i / MOST + 1, depth = (guint) _i % MOST + 1;

  for (guint left = 0; left <= MOST_STAGES; left++)
    for (Stage stage = 0; stage < N_STAGES; stage++)
      {
        g_autoptr (GString) text = g_string_new (
            "zip name=out ! tee name=last  last. ! download ! fakesink name=end  "
            "last. ! identity ! download ! checksumsink  zip name=in ! map "
            "expr=\"x = c + d\" ! select rename=x=b ! out.  "
            "testsrc format=\"x:f64[*]\" items=7 ! upload ! tee name=t  "
            "testsrc format=\"k:f64[3]\" ! upload ! out.  "
            "testsrc format=\"x:f64[*]\" items=7 ! upload ! select rename=x=e ! out.  "
            "t. ! identity ! tee name=u");

        append_branch (text, "t.", "out.", "a", left, STAGE_COMPUTES);
        append_branch (text, "u.", "in.", "c", MOST_STAGES - left, stage);
        append_branch (text, "u.", "in.", "d", left, STAGE_MIXED);
        /* two cut sources and the broadcast block */
        run_limited (text->str, (2 * buffers + 1) * BUFFER, buffers, depth, CHUNKS);
      }
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("diamonds");
  TCase *tcase = tcase_create ("diamonds");
  SRunner *runner = srunner_create (suite);
  int failed;

  suite_add_tcase (suite, tcase);
  tcase_set_timeout (tcase, 300);
  tcase_add_loop_test (tcase, two_branches_meet_again_whatever_their_lengths, 0,
                       (MOST_STAGES + 1) * (MOST_STAGES + 1) * N_STAGES);
  tcase_add_loop_test (tcase, diamonds_within_diamonds_end_too, 0, MOST * MOST);

  srunner_run_all (runner, CK_ENV);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
