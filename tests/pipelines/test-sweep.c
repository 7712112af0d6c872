/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The Lorenz sweep of tests/examples on the simulated device, for every size of its memory. That
 * its numbers are right is shown by test-lorenz.py; here, that they are the same bits, and that
 * memory is what arithmetic says. */
#include "config.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "pipelines/sim-run.h"
#include "pipelines/sim-spec.h"
#include "pipelines/toys.h"

#define MOST_CHUNKS 1024

/* Passes chunks on, and asserts that they cover all items once, in order, none of them empty. */
#define TEST_TYPE_COVER (test_cover_get_type ())
G_DECLARE_FINAL_TYPE (TestCover, test_cover, TEST, COVER, PinwheelTransform)
struct _TestCover
{
  PinwheelTransform parent_instance;
  /* the streaming thread's, then the test's */
  guint64 items, wrong;
  guint n_chunks;
  guint64 counts[MOST_CHUNKS];
};

G_DEFINE_FINAL_TYPE (TestCover, test_cover, PINWHEEL_TYPE_TRANSFORM)

static gboolean
test_cover_start (PinwheelElement *element, GError **error)
{
  TestCover *self = TEST_COVER (element);

  self->items = self->wrong = 0;
  self->n_chunks = 0;
  return TRUE;
}

static gboolean
test_cover_transform (PinwheelTransform *transform, PinwheelChunk *input, PinwheelChunk *output,
                      GError **error)
{
  TestCover *self = TEST_COVER (transform);
  guint64 count = pinwheel_chunk_get_count (input);

  self->wrong += pinwheel_chunk_get_start (input) != self->items || count == 0;
  self->items += count;
  self->counts[self->n_chunks++ % MOST_CHUNKS] = count;
  return TRUE;
}

static void
test_cover_class_init (TestCoverClass *klass)
{
  static const PinwheelElementInfo info = { .name = "cover", .group = "flow" };

  PINWHEEL_ELEMENT_CLASS (klass)->info = &info;
  PINWHEEL_ELEMENT_CLASS (klass)->start = test_cover_start;
  PINWHEEL_TRANSFORM_CLASS (klass)->transform = test_cover_transform;
  PINWHEEL_TRANSFORM_CLASS (klass)->asynchronous = TRUE;
}

static void
test_cover_init (TestCover *self)
{
}

/* --- the sweep --- */

typedef struct
{
  PinwheelPipeline *pipeline;
  TestCover *cover;
  PinwheelElement *sum;
} Sweep;

static void
sweep_init (Sweep *sweep, guint64 runs)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = g_strdup_printf (
      "testsrc format=\"initial_values:f64[3,*] parameters:f64[3,*] "
      "driver_coefficients:f64[22,1,4]\" pattern=random items=%" G_GUINT64_FORMAT " ! upload ! "
      "kernel fp-mode=exact source=%s/tests/examples/lorenz.cu args=\"dt=0.01 steps=2\" "
      "outputs=\"state[51,3,*] "
      "observables[51,2,*] summaries[1,3,*] status_codes[*] iteration_counters[51,4,*]\" ! "
      "download name=back  checksumsink name=sum",
      runs, g_getenv ("top_srcdir"));

  sweep->pipeline = pinwheel_parse_launch (text, NULL, &error);
  ck_assert_msg (sweep->pipeline != NULL, "%s", error != NULL ? error->message : "no error set");
  sweep->cover = g_object_new (TEST_TYPE_COVER, NULL);
  sweep->sum = pinwheel_pipeline_get_element (sweep->pipeline, "sum");
  ck_assert (pinwheel_pipeline_add (sweep->pipeline, PINWHEEL_ELEMENT (sweep->cover), NULL));
  toy_link (pinwheel_pipeline_get_element (sweep->pipeline, "back"),
            PINWHEEL_ELEMENT (sweep->cover));
  toy_link (PINWHEEL_ELEMENT (sweep->cover), sweep->sum);
}

static void
sweep_clear (Sweep *sweep)
{
  g_clear_object (&sweep->cover);
  g_clear_object (&sweep->pipeline);
}

static guint64
align (guint64 size)
{
  return (size + 255) / 256 * 256;
}

/* Returns: bytes of device memory for chunks of so many runs, with one buffer in each pool */
static guint64
least_memory (guint64 runs)
{
  guint64 inputs = 2 * align (3 * 8 * runs), coefficients = align (22 * 4 * 8);
  guint64 outputs = align (51 * 3 * 8 * runs) + align (51 * 2 * 8 * runs) + align (3 * 8 * runs)
                    + align (4 * runs) + align (51 * 4 * 4 * runs);

  return inputs + coefficients + outputs;
}

/* Returns: (transfer full): the checksums of a run that succeeded, on a device with so much memory
 */
static char *
sweep_run (Sweep *sweep, guint64 runs, guint64 memory)
{
  g_autoptr (PinwheelDevice) device = sim_open (
      "sim:memory=%" G_GUINT64_FORMAT ",delay=20us,seed=%u", memory, (guint) memory % 99);
  g_autoptr (GError) error = NULL;
  PinwheelDeviceCounters counters;
  char *checksum;
  gboolean ok;

  g_object_set (sweep->pipeline, "device", pinwheel_device_get_name (device), "device-memory",
                memory, NULL);
  ok = pinwheel_pipeline_run (sweep->pipeline, &error);
  ck_assert_msg (ok, "%s", error != NULL ? error->message : "no error set");
  ck_assert_uint_eq (sweep->cover->items, runs);
  ck_assert_uint_eq (sweep->cover->wrong, 0);
  pinwheel_device_get_counters (device, &counters);
  ck_assert_uint_le (counters.device_peak, memory);
  ck_assert_uint_ge (counters.device_peak, least_memory (sweep->cover->counts[0]));
  ck_assert_uint_eq (counters.device + counters.pinned, 0);
  /* the coefficients go up once, whatever the number of chunks */
  ck_assert_uint_eq (counters.launches, sweep->cover->n_chunks);
  ck_assert_uint_eq (counters.copies, 2 * sweep->cover->n_chunks + 1);
  sim_assert_clean ();
  g_object_get (sweep->sum, "checksum", &checksum, NULL);
  return checksum;
}

/* Returns: (transfer full): the checksums of a run on the CPU */
static char *
sweep_run_host (Sweep *sweep)
{
  g_autoptr (GError) error = NULL;
  char *checksum;
  gboolean ok;

  g_object_set (sweep->pipeline, "device", "host", NULL);
  ok = pinwheel_pipeline_run (sweep->pipeline, &error);
  ck_assert_msg (ok, "%s", error != NULL ? error->message : "no error set");
  g_object_get (sweep->sum, "checksum", &checksum, NULL);
  return checksum;
}

static void
assert_same (const char *got, const char *expected, guint64 runs, guint64 memory)
{
  ck_assert_msg (strcmp (got, expected) == 0,
                 "%" G_GUINT64_FORMAT " runs in %" G_GUINT64_FORMAT " bytes:\n%s\nnot\n%s", runs,
                 memory, got, expected);
}

static void
assert_refused (Sweep *sweep, guint64 memory)
{
  g_autofree char *least = g_strdup_printf ("%" G_GUINT64_FORMAT, least_memory (1));
  g_autoptr (PinwheelDevice) device = sim_open ("sim:memory=%" G_GUINT64_FORMAT, memory);
  g_autoptr (GError) error = NULL;

  g_object_set (sweep->pipeline, "device", pinwheel_device_get_name (device), "device-memory",
                memory, NULL);
  ck_assert (!pinwheel_pipeline_run (sweep->pipeline, &error));
  ck_assert (g_error_matches (error, PINWHEEL_ERROR, PINWHEEL_ERROR_MEMORY));
  ck_assert_msg (strstr (error->message, least) != NULL, "%s", error->message);
}

static const guint64 totals[] = { 1, 2, 3, 5, 7, 100, 1000 };

/* _i: index into totals. From what does not hold one run to what holds all of them three times;
 * nothing is counted in less than 256 bytes. */
START_TEST (the_same_bits_come_out_of_every_device_memory)
{
  guint64 runs = totals[_i], most = 3 * least_memory (runs), first = least_memory (1);
  guint64 step = MAX (256, (most - first) / sim_rounds (runs <= 7 ? 100 : 25));
  guint fewest = G_MAXUINT, most_chunks = 0, tries = 0;
  g_autofree char *whole = NULL;
  Sweep sweep;

  sweep_init (&sweep, runs);
  whole = sweep_run_host (&sweep);
  assert_refused (&sweep, 1);
  assert_refused (&sweep, first / 2);
  assert_refused (&sweep, first - 1);
  for (guint64 memory = first; memory <= most; memory += step)
    {
      guint64 odd = memory + tries++ % 3; /* and sizes that are no round number */
      g_autofree char *sum = sweep_run (&sweep, runs, odd);

      assert_same (sum, whole, runs, odd);
      fewest = MIN (fewest, sweep.cover->n_chunks);
      most_chunks = MAX (most_chunks, sweep.cover->n_chunks);
    }
  ck_assert_uint_eq (most_chunks, runs);
  ck_assert_uint_eq (fewest, 1);
  sweep_clear (&sweep);
}
END_TEST

START_TEST (five_runs_are_cut_as_asked)
{
  static const guint64 cuts[][6] = { { 1, 1, 1, 1, 1 }, { 2, 2, 1 }, { 3, 2 }, { 4, 1 }, { 5 } };
  static const guint64 chunks[] = { 1, 2, 3, 4, 5 };
  g_autofree char *whole = NULL;
  Sweep sweep;

  sweep_init (&sweep, 5);
  whole = sweep_run_host (&sweep);
  for (guint i = 0; i < G_N_ELEMENTS (cuts); i++)
    {
      g_autofree char *sum = NULL;

      g_object_set (sweep.pipeline, "chunk", chunks[i], NULL);
      sum = sweep_run (&sweep, 5, 1024 * 1024);
      assert_same (sum, whole, 5, chunks[i]);
      for (guint k = 0; k < sweep.cover->n_chunks; k++)
        ck_assert_uint_eq (sweep.cover->counts[k], cuts[i][k]);
      ck_assert_uint_eq (cuts[i][sweep.cover->n_chunks], 0);
    }
  sweep_clear (&sweep);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("sweep");
  TCase *tcase = tcase_create ("sweep");
  SRunner *runner = srunner_create (suite);
  int failed;

  suite_add_tcase (suite, tcase);
  tcase_set_timeout (tcase, 0);
  /* 1000 runs take the interpreter of PTX too long */
  tcase_add_loop_test (tcase, the_same_bits_come_out_of_every_device_memory, 0,
                       (int) G_N_ELEMENTS (totals) - sim_is_emulated ());
  tcase_add_test (tcase, five_runs_are_cut_as_asked);

  srunner_run_all (runner, CK_ENV);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
