/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Kernels with control flow of every form give the same bits lowered, and called thread by thread.
 * With the argument `all`, every one with every block size and compiler; else each with one. */
#include "config.h"

#include <dlfcn.h>
#include <string.h>

#include "compute/host-compiler-private.h"
#include "device/host-launch-private.h"
#include "unit/kernel-run.h"

#define N 1000

static const guint blocks[][3] = { { 256, 1, 1 }, { 100, 1, 1 }, { 64, 1, 1 },
                                   { 33, 1, 1 },  { 7, 1, 1 },   { 16, 4, 2 } };
static gboolean all;

/* What kernels read, and what they write */
typedef struct
{
  float a[N];
  int b[N];
  float y[N];
  int z[N];
  double w[2 * N];
} Data;

/* One kernel with one block size; @message is set by the thread that runs it. */
typedef struct
{
  const char *source;
  char *name;
  const guint *block;
  char *message;
} Job;

static Data *
make_data (void)
{
  GRand *random = g_rand_new_with_seed (5);
  Data *data = g_new (Data, 1);

  for (guint i = 0; i < N; i++)
    {
      data->a[i] = (float) g_rand_int_range (random, 0, 31);
      data->b[i] = g_rand_int_range (random, 0, 31);
      data->y[i] = (float) g_rand_double (random);
      data->z[i] = g_rand_int_range (random, 0, 9);
      data->w[i] = data->w[N + i] = g_rand_double (random);
    }
  g_rand_free (random);
  return data;
}

static gboolean
run (const char *path, const Job *job, Data *data)
{
  const guint *block = job->block;
  guint n_blocks = N / (block[0] * block[1] * block[2]) + 1;
  void *code = dlopen (path, RTLD_NOW | RTLD_LOCAL);
  PinwheelHostLaunch launch = { .grid = { n_blocks, 1, 1 },
                                .block = { block[0], block[1], block[2] } };
  void *pointers[] = { data->a, data->b, data->y, data->z, data->w };
  int n = N;
  void *arguments[] = { &pointers[0], &pointers[1], &pointers[2], &pointers[3], &pointers[4], &n };
  PinwheelHostRun function = NULL;

  if (code != NULL)
    *(void **) &function = dlsym (code, PINWHEEL_HOST_SYMBOL);
  if (function == NULL)
    return FALSE;
  if (strstr (job->name, "grid") != NULL)
    launch.grid[0] = MAX (1, n_blocks / 3);
  for (guint first = 0; first < launch.grid[0]; first += 3)
    function (&launch, arguments, first, MIN (first + 3, launch.grid[0]));
  return TRUE;
}

/* Returns: (transfer full) (nullable): what is wrong */
static char *
compare (const Job *job)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PinwheelSignature) signature = NULL;
  g_autofree char *summary = NULL, *body = NULL, *lowered = NULL, *plain = NULL;
  g_autofree char *lowered_path = NULL, *plain_path = NULL;
  PinwheelHostBuild build = { .block = { job->block[0], job->block[1], job->block[2] },
                              .fp_mode = PINWHEEL_FP_EXACT };
  g_autofree Data *first = make_data (), *second = make_data (), *before = make_data ();

  signature = pinwheel_signature_new ("lowered.cu", job->source, job->name, &error);
  if (signature == NULL)
    return g_strdup (error->message);
  body = pinwheel_lower (signature, job->block, &summary);
  if (body == NULL)
    return g_strdup_printf ("not lowered: %s", summary);
  lowered = pinwheel_host_source (signature, job->block, body);
  plain = pinwheel_host_source (signature, job->block, NULL);
  lowered_path = pinwheel_host_compile_source (signature, &build, lowered, &error);
  if (lowered_path != NULL)
    plain_path = pinwheel_host_compile_source (signature, &build, plain, &error);
  if (plain_path == NULL)
    return g_strdup (error->message);
  if (!run (lowered_path, job, first) || !run (plain_path, job, second))
    return g_strdup ("cannot be loaded");
  if (memcmp (first, second, sizeof *first) != 0)
    return g_strdup_printf ("other bits than thread by thread (%s)", summary);
  return memcmp (first, before, sizeof *first) == 0 ? g_strdup ("does nothing") : NULL;
}

typedef struct
{
  GArray *jobs; /* (element-type Job): each is one thread's */
  gint next;    /* atomic */
} Queue;

static gpointer
work (gpointer data)
{
  Queue *queue = data;

  for (gint i; (i = g_atomic_int_add (&queue->next, 1)) < (gint) queue->jobs->len;)
    {
      Job *job = &g_array_index (queue->jobs, Job, i);

      job->message = compare (job);
    }
  return NULL;
}

/* Returns: (element-type Job): every @stride-th pair of a kernel and a block size, from @start */
static GArray *
make_jobs (const char *source, guint start, guint stride)
{
  g_autoptr (PinwheelTokens) tokens = pinwheel_tokens_new ("lowered.cu", source);
  g_autoptr (GHashTable) typedefs = pinwheel_typedefs_new ();
  g_autoptr (GArray) kernels = pinwheel_kernels_find (tokens, typedefs);
  GArray *jobs = g_array_new (FALSE, FALSE, sizeof (Job));

  for (guint i = 0; i < kernels->len; i++)
    for (guint k = 0; k < G_N_ELEMENTS (blocks); k++)
      {
        Job job = { .source = source, .block = blocks[k] };

        if (!all && (k != i / 2 % G_N_ELEMENTS (blocks) || i % stride != start))
          continue;
        job.name = g_strdup (g_array_index (kernels, PinwheelKernelText, i).name);
        g_array_append_val (jobs, job);
      }
  return jobs;
}

static void
check_compiler (const char *compiler, guint start, guint stride)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *file = g_build_filename (g_getenv ("top_srcdir"), "tests", "unit", "lowered.cu",
                                            NULL);
  g_autofree char *text = NULL, *source = NULL;
  g_autoptr (GArray) jobs = NULL;
  GThread *threads[8];
  guint n_threads = MIN (g_get_num_processors (), G_N_ELEMENTS (threads));
  Queue queue = { 0 };

  ck_assert (g_file_get_contents (file, &text, NULL, NULL));
  g_setenv ("PINWHEEL_CXX", compiler, TRUE);
  source = pinwheel_host_preprocess ("lowered.cu", text, NULL, NULL, &error);
  ck_assert_ok (source != NULL, error);
  jobs = make_jobs (source, start, stride);
  ck_assert_uint_gt (jobs->len, 10);
  queue.jobs = jobs;
  for (guint i = 0; i < n_threads; i++)
    threads[i] = g_thread_new ("compares", work, &queue);
  for (guint i = 0; i < n_threads; i++)
    g_thread_join (threads[i]);
  for (guint i = 0; i < jobs->len; i++)
    {
      Job *job = &g_array_index (jobs, Job, i);

      ck_assert_msg (job->message == NULL, "%s, kernel '%s', blocks of %u x %u x %u: %s", compiler,
                     job->name, job->block[0], job->block[1], job->block[2], job->message);
      g_free (job->name);
    }
}

START_TEST (with_gcc_lowered_kernels_give_the_bits_of_single_threads)
{
  check_compiler ("g++", 0, 2);
}
END_TEST

START_TEST (with_clang_lowered_kernels_give_the_bits_of_single_threads)
{
  g_autofree char *clang = g_find_program_in_path ("clang++");

  if (clang != NULL)
    check_compiler ("clang++", 1, 2);
}
END_TEST

static Suite *
lowered_suite (void)
{
  Suite *suite = suite_create ("lowered");
  TCase *tcase = tcase_create ("lowered");

  tcase_add_test (tcase, with_gcc_lowered_kernels_give_the_bits_of_single_threads);
  tcase_add_test (tcase, with_clang_lowered_kernels_give_the_bits_of_single_threads);
  tcase_set_timeout (tcase, all ? 0 : 300);
  suite_add_tcase (suite, tcase);
  return suite;
}

int
main (int argc, char **argv)
{
  SRunner *runner;
  int n_failed;

  all = argc > 1 && strcmp (argv[1], "all") == 0;
  runner = srunner_create (lowered_suite ());
  srunner_run_all (runner, CK_ENV);
  n_failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return n_failed == 0 ? 0 : 1;
}
