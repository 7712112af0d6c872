/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/lock-private.h"
#include "device/workers-private.h"

static const char *program;
static gint never;

static void
mark_blocks (gpointer data, guint64 first, guint64 end)
{
  gint *marks = data;

  for (guint64 i = first; i < end; i++)
    g_atomic_int_inc (&marks[i]);
}

static void
check_marked_once (guint64 n_blocks)
{
  g_autofree gint *marks = g_new0 (gint, n_blocks + 1);

  pinwheel_workers_run (n_blocks, mark_blocks, marks, &never);
  for (guint64 i = 0; i < n_blocks; i++)
    ck_assert_int_eq (g_atomic_int_get (&marks[i]), 1);
  ck_assert_int_eq (marks[n_blocks], 0);
}

START_TEST (every_block_runs_once)
{
  static const guint64 counts[] = { 0, 1, 2, 3, 7, 11, 12, 13, 24, 25, 97, 1000, 100003 };

  for (guint i = 0; i < G_N_ELEMENTS (counts); i++)
    check_marked_once (counts[i]);
}
END_TEST

/* Counts up to 2^36 blocks without touching each: only the ends of the ranges are looked at. */
typedef struct
{
  PinwheelLock lock;
  guint64 n_blocks; /* (lock) */
  guint64 last_end; /* (lock) */
} Tally;

static void
tally_blocks (gpointer data, guint64 first, guint64 end)
{
  Tally *tally = data;

  pinwheel_lock (&tally->lock);
  tally->n_blocks += end - first;
  tally->last_end = MAX (tally->last_end, end);
  pinwheel_unlock (&tally->lock);
}

START_TEST (block_numbers_take_64_bits)
{
  Tally tally = { .n_blocks = 0 };
  guint64 n_blocks = ((guint64) 1 << 36) + 5;

  pinwheel_lock_init (&tally.lock);
  pinwheel_workers_run (n_blocks, tally_blocks, &tally, &never);
  ck_assert_uint_eq (tally.n_blocks, n_blocks);
  ck_assert_uint_eq (tally.last_end, n_blocks);
  pinwheel_lock_clear (&tally.lock);
}
END_TEST

/* Blocks that are long enough for other threads to join: each one computes for a while. */
static void
compute_blocks (gpointer data, guint64 first, guint64 end)
{
  double *results = data;

  for (guint64 i = first; i < end; i++)
    {
      volatile double x = (double) i;

      for (guint k = 0; k < 20000; k++)
        x = x * 0.5 + 1.0;
      results[i] = x;
    }
}

static gpointer
run_jobs (gpointer unused)
{
  for (guint job = 0; job < 5; job++)
    {
      double results[64] = { 0 };

      pinwheel_workers_run (G_N_ELEMENTS (results), compute_blocks, results, &never);
      for (guint i = 0; i < G_N_ELEMENTS (results); i++)
        ck_assert (results[i] > 1.999999 && results[i] < 2.000001);
    }
  return NULL;
}

START_TEST (several_jobs_run_at_once)
{
  GThread *threads[4];

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("job", run_jobs, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
}
END_TEST

/* Two jobs; each atomic, but for the callers, which are set before the jobs begin. */
typedef struct
{
  GThread *long_caller, *short_caller;
  gint long_helped;  /* ranges of the long job that a pool thread ran */
  gint short_helped; /* the same of the short one */
  gint short_done;
} TwoJobs;

static void
spend (gint64 microseconds)
{
  gint64 until = g_get_monotonic_time () + microseconds;

  while (g_get_monotonic_time () < until)
    ;
}

#define LONG_BLOCKS  2000
#define SHORT_BLOCKS 100

/* Whoever brought it waits within it for the short job; a pool thread goes through its ranges, one
 * block each because the first block took so long. */
static void
run_long (gpointer data, guint64 first, guint64 end)
{
  TwoJobs *jobs = data;

  if (first == 0)
    spend (20000);
  else if (g_thread_self () != jobs->long_caller)
    {
      spend (1000);
      g_atomic_int_inc (&jobs->long_helped);
    }
  else
    while (!g_atomic_int_get (&jobs->short_done))
      g_thread_yield ();
}

static void
run_short (gpointer data, guint64 first, guint64 end)
{
  TwoJobs *jobs = data;

  spend (1000 * (gint64) (end - first));
  if (g_thread_self () != jobs->short_caller)
    g_atomic_int_inc (&jobs->short_helped);
}

static gpointer
bring_long (gpointer data)
{
  ((TwoJobs *) data)->long_caller = g_thread_self ();
  pinwheel_workers_run (LONG_BLOCKS, run_long, data, &never);
  return NULL;
}

START_TEST (a_short_job_gets_help_while_a_long_one_runs)
{
  TwoJobs jobs = { .short_caller = g_thread_self () };
  GThread *thread;

  if (pinwheel_workers_get_n_cpus () == 1)
    return;
  thread = g_thread_new ("long", bring_long, &jobs);
  while (g_atomic_int_get (&jobs.long_helped) == 0)
    g_thread_yield ();
  pinwheel_workers_run (SHORT_BLOCKS, run_short, &jobs, &never);
  ck_assert_int_gt (g_atomic_int_get (&jobs.short_helped), 0);
  ck_assert_int_lt (g_atomic_int_get (&jobs.long_helped), LONG_BLOCKS - 2);
  g_atomic_int_set (&jobs.short_done, 1);
  g_thread_join (thread);
}
END_TEST

typedef struct
{
  gint cancelled;
  gint n_run;
} CancelledJob;

static void
cancel_at_tenth (gpointer data, guint64 first, guint64 end)
{
  CancelledJob *job = data;

  g_atomic_int_inc (&job->n_run);
  if (first >= 10 || end > 10)
    g_atomic_int_set (&job->cancelled, 1);
}

static void
note_order (gpointer data, guint64 first, guint64 end)
{
  guint64 *next = data;

  for (guint64 i = first; i < end && *next == i; i++)
    ++*next;
}

START_TEST (blocks_may_run_in_order)
{
  guint64 next = 0;

  pinwheel_workers_run_in_order (1000000, note_order, &next, &never);
  ck_assert_uint_eq (next, 1000000);
}
END_TEST

START_TEST (a_cancelled_job_leaves_ranges_out)
{
  CancelledJob job = { 0, 0 };

  pinwheel_workers_run ((guint64) 1 << 50, cancel_at_tenth, &job, &job.cancelled);
  ck_assert_int_ge (g_atomic_int_get (&job.n_run), 1);
  ck_assert_int_le (g_atomic_int_get (&job.n_run), 1 + 11 + (gint) pinwheel_workers_get_n_cpus ());
}
END_TEST

START_TEST (a_job_that_is_cancelled_already_does_nothing)
{
  CancelledJob job = { 1, 0 };

  pinwheel_workers_run (1000, cancel_at_tenth, &job, &job.cancelled);
  ck_assert_int_eq (job.n_run, 0);
}
END_TEST

static void *
measure_stack (void *data)
{
  pthread_attr_t attributes;

  ck_assert_int_eq (pthread_getattr_np (pthread_self (), &attributes), 0);
  ck_assert_int_eq (pthread_attr_getstacksize (&attributes, data), 0);
  pthread_attr_destroy (&attributes);
  return NULL;
}

START_TEST (threads_have_the_stack_that_kernels_need)
{
  pthread_t thread;
  gsize stack = 0;

  ck_assert_int_eq (
      pinwheel_workers_start_thread (&thread, "a name that is far too long", measure_stack, &stack),
      0);
  pthread_join (thread, NULL);
  ck_assert_uint_ge (stack, 2 * 1024 * 1024);
}
END_TEST

/* Returns: what another process takes for the number of CPUs, with PINWHEEL_THREADS=@threads */
static guint
ask_n_cpus (const char *threads)
{
  const char *argv[] = { program, "--n-cpus", NULL };
  g_auto (GStrv) environment = g_environ_setenv (g_get_environ (), "PINWHEEL_THREADS", threads,
                                                 TRUE);
  g_autofree char *output = NULL;

  ck_assert (g_spawn_sync (NULL, (char **) argv, environment, G_SPAWN_DEFAULT, NULL, NULL, &output,
                           NULL, NULL, NULL));
  return (guint) g_ascii_strtoull (output, NULL, 10);
}

START_TEST (the_environment_limits_the_cpus)
{
  guint all = pinwheel_workers_get_n_cpus ();

  ck_assert_uint_ge (all, 1);
  ck_assert_uint_eq (ask_n_cpus ("1"), 1);
  ck_assert_uint_eq (ask_n_cpus ("10000"), ask_n_cpus (""));
  ck_assert_uint_eq (ask_n_cpus ("0"), ask_n_cpus (""));
  ck_assert_uint_eq (ask_n_cpus ("many"), ask_n_cpus (""));
}
END_TEST

int
main (int argc, char **argv)
{
  Suite *suite;
  TCase *tcase;
  SRunner *runner;
  int failed;

  program = argv[0];
  if (argc == 2 && strcmp (argv[1], "--n-cpus") == 0)
    {
      g_print ("%u\n", pinwheel_workers_get_n_cpus ());
      return EXIT_SUCCESS;
    }
  suite = suite_create ("workers");
  tcase = tcase_create ("blocks");
  suite_add_tcase (suite, tcase);
  tcase_add_test (tcase, every_block_runs_once);
  tcase_add_test (tcase, block_numbers_take_64_bits);
  tcase_add_test (tcase, several_jobs_run_at_once);
  tcase_add_test (tcase, a_short_job_gets_help_while_a_long_one_runs);
  tcase_add_test (tcase, blocks_may_run_in_order);
  tcase_add_test (tcase, a_cancelled_job_leaves_ranges_out);
  tcase_add_test (tcase, a_job_that_is_cancelled_already_does_nothing);
  tcase_add_test (tcase, threads_have_the_stack_that_kernels_need);
  tcase_add_test (tcase, the_environment_limits_the_cpus);

  runner = srunner_create (suite);
  srunner_run_all (runner, CK_ENV);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
