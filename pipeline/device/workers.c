/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The pool of threads that runs the blocks of kernels.
 *
 * A job lies on the stack of the thread that runs it and is in the list below only meanwhile.
 * Blocks are handed out in ranges by one counter, so that threads which are slowed down take fewer.
 * The thread that brought a job goes on until the counter runs out, so a job ends even where no
 * pool thread could be started. Where there are several jobs, pool threads look for the one with
 * the least help after each range: a short job does not wait for a long one. */
#include "config.h"

#include <sched.h>
#include <string.h>
#include <unistd.h>

#include "base/clock-private.h"
#include "base/lock-private.h"
#include "base/log-private.h"
#include "device/workers-private.h"

#define STACK_BYTES (2 * 1024 * 1024)
/* enough ranges that threads end nearly together */
#define RANGES_PER_THREAD 12
/* nanoseconds: less work than this is done before another thread has woken up */
#define WORTH_WAKING 50000
/* nanoseconds: a longer range would keep a cancelled launch going for too long */
#define LONGEST_RANGE 20000000
#define MOST_RANGES   (1 << 30)

typedef struct _Job Job;
struct _Job
{
  PinwheelBlocks run;
  gpointer data;
  gint *cancelled; /* atomic, owned by the caller */
  guint64 first;   /* block at which range 0 starts */
  guint64 n_blocks;
  guint n_ranges;
  gint next_range; /* atomic: may run past n_ranges by one for each thread */

  guint n_helpers; /* (workers.lock) */
  guint64 helped;  /* (workers.lock): when a helper came last, as workers.n_helps */
  GCond left;      /* signalled when the last helper leaves */
  Job *newer;      /* (workers.lock) */
};

static struct
{
  PinwheelLock lock; /* leaf lock: no job runs while it is held */
  GCond work;        /* signalled when a job comes */
  Job *oldest;       /* (lock) jobs lie on their callers' stacks */
  gint n_jobs;       /* (lock) to write; atomic to read */
  guint64 n_helps;   /* (lock) how often a helper came to a job */
  gboolean started;  /* (lock) */
  guint n_threads;   /* (lock) pool threads that could be started */
  guint n_idle;      /* (lock) */
} workers;

/* --- CPUs and threads --- */

static guint
count_cpus (void)
{
  const char *wanted = g_getenv ("PINWHEEL_THREADS");
  cpu_set_t set;
  guint64 limit;
  long n;

  if (sched_getaffinity (0, sizeof set, &set) == 0)
    n = CPU_COUNT (&set);
  else
    n = sysconf (_SC_NPROCESSORS_ONLN); /* more CPUs than a cpu_set_t holds */
  n = CLAMP (n, 1, G_MAXINT16);
  if (wanted == NULL || wanted[0] == '\0')
    return n;
  if (g_ascii_string_to_unsigned (wanted, 10, 1, G_MAXINT16, &limit, NULL))
    return MIN ((guint64) n, limit);
  pinwheel_log ("device", PINWHEEL_LOG_WARNING, "host",
                "PINWHEEL_THREADS=%s is not a number from 1 to %d: using all %ld CPUs", wanted,
                G_MAXINT16, n);
  return n;
}

guint
pinwheel_workers_get_n_cpus (void)
{
  static gsize n_cpus = 0;

  if (g_once_init_enter (&n_cpus))
    g_once_init_leave (&n_cpus, count_cpus ());
  return n_cpus;
}

int
pinwheel_workers_start_thread (pthread_t *thread, const char *name, void *(*run) (void *),
                               void *data)
{
  char short_name[16]; /* as long as Linux allows */
  pthread_attr_t attributes;
  gsize stack = 0;
  int failure;

  failure = pthread_attr_init (&attributes);
  if (failure != 0)
    return failure;
  if (pthread_attr_getstacksize (&attributes, &stack) == 0 && stack < STACK_BYTES)
    pthread_attr_setstacksize (&attributes, STACK_BYTES);
  failure = pthread_create (thread, &attributes, run, data);
  pthread_attr_destroy (&attributes);
  if (failure == 0)
    {
      g_strlcpy (short_name, name, sizeof short_name);
      pthread_setname_np (*thread, short_name);
    }
  return failure;
}

/* --- jobs --- */

/* Returns: the block at which range @range starts; the first ranges are a block longer than the
 * others where it does not come out even */
static guint64
range_start (const Job *job, guint range)
{
  guint64 length = job->n_blocks / job->n_ranges;
  guint64 rest = job->n_blocks % job->n_ranges;

  return job->first + length * range + MIN (range, rest);
}

static gboolean
job_has_ranges (Job *job)
{
  return g_atomic_int_get (&job->next_range) < (gint) job->n_ranges
         && !g_atomic_int_get (job->cancelled);
}

/* @helping: leaves also when another job may need help more */
static void
job_take_part (Job *job, gboolean helping)
{
  while (!g_atomic_int_get (job->cancelled))
    {
      guint range = g_atomic_int_add (&job->next_range, 1);

      if (range >= job->n_ranges)
        return;
      job->run (job->data, range_start (job, range), range_start (job, range + 1));
      if (helping && g_atomic_int_get (&workers.n_jobs) > 1)
        return;
    }
}

/* Returns: (nullable): of the jobs with work left the one with the fewest helpers, among equals the
 * one that has been without a new one for longest */
static Job *choose_job_locked (void) PINWHEEL_REQUIRES (workers.lock);
static Job *
choose_job_locked (void)
{
  Job *best = NULL;

  for (Job *job = workers.oldest; job != NULL; job = job->newer)
    if (job_has_ranges (job)
        && (best == NULL || job->n_helpers < best->n_helpers
            || (job->n_helpers == best->n_helpers && job->helped < best->helped)))
      best = job;
  return best;
}

static void *
worker_main (void *unused)
{
  pinwheel_lock (&workers.lock);
  for (;;)
    {
      Job *job = choose_job_locked ();

      if (job == NULL)
        {
          workers.n_idle++;
          pinwheel_cond_wait (&workers.work, &workers.lock);
          workers.n_idle--;
          continue;
        }
      job->n_helpers++;
      job->helped = ++workers.n_helps;
      pinwheel_unlock (&workers.lock);
      job_take_part (job, TRUE);
      pinwheel_lock (&workers.lock);
      job->n_helpers--;
      if (job->n_helpers == 0)
        g_cond_signal (&job->left);
    }
  return NULL;
}

static void start_locked (void) PINWHEEL_REQUIRES (workers.lock);
static void
start_locked (void)
{
  guint wanted = pinwheel_workers_get_n_cpus () - 1;

  workers.started = TRUE;
  for (guint i = 0; i < wanted; i++)
    {
      g_autofree char *name = g_strdup_printf ("pw-worker%u", i);
      pthread_t thread;
      int failure = pinwheel_workers_start_thread (&thread, name, worker_main, NULL);

      if (failure != 0)
        {
          pinwheel_log ("device", PINWHEEL_LOG_WARNING, "host",
                        "only %u of %u worker threads could be started: %s", i, wanted,
                        g_strerror (failure));
          break;
        }
      pthread_detach (thread);
      workers.n_threads++;
    }
}

static void
run_with_helpers (Job *job)
{
  Job **end = &workers.oldest;

  g_cond_init (&job->left);
  pinwheel_lock (&workers.lock);
  if (!workers.started)
    start_locked ();
  while (*end != NULL)
    end = &(*end)->newer;
  *end = job;
  g_atomic_int_inc (&workers.n_jobs);
  if (workers.n_idle > 0)
    g_cond_broadcast (&workers.work);
  pinwheel_unlock (&workers.lock);

  job_take_part (job, FALSE);

  pinwheel_lock (&workers.lock);
  for (end = &workers.oldest; *end != job;)
    end = &(*end)->newer;
  *end = job->newer;
  g_atomic_int_add (&workers.n_jobs, -1);
  while (job->n_helpers > 0)
    pinwheel_cond_wait (&job->left, &workers.lock);
  pinwheel_unlock (&workers.lock);
  g_cond_clear (&job->left);
}

/* @cost: nanoseconds that one block took */
static guint
choose_n_ranges (guint64 n_blocks, guint64 cost)
{
  guint64 even = (guint64) pinwheel_workers_get_n_cpus () * RANGES_PER_THREAD;
  guint64 longest = MAX (LONGEST_RANGE / MAX (cost, 1), 1);

  return MIN (MIN (MAX (even, n_blocks / longest), n_blocks), MOST_RANGES);
}

/* One block goes first and is timed: what is not worth waking others for stays here. */
static void
run_job (guint64 n_blocks, PinwheelBlocks run, gpointer data, gint *cancelled, gboolean alone)
{
  Job job = { .run = run, .data = data, .cancelled = cancelled, .first = 1 };
  guint64 cost;

  if (n_blocks == 0 || g_atomic_int_get (cancelled))
    return;
  cost = pinwheel_clock ();
  run (data, 0, 1);
  if (n_blocks == 1)
    return;
  cost = pinwheel_clock () - cost;
  job.n_blocks = n_blocks - 1;
  job.n_ranges = choose_n_ranges (job.n_blocks, cost);

  if (alone || pinwheel_workers_get_n_cpus () == 1 || job.n_blocks < WORTH_WAKING / MAX (cost, 1))
    job_take_part (&job, FALSE);
  else
    run_with_helpers (&job);
}

void
pinwheel_workers_run (guint64 n_blocks, PinwheelBlocks run, gpointer data, gint *cancelled)
{
  run_job (n_blocks, run, data, cancelled, FALSE);
}

void
pinwheel_workers_run_in_order (guint64 n_blocks, PinwheelBlocks run, gpointer data, gint *cancelled)
{
  run_job (n_blocks, run, data, cancelled, TRUE);
}
