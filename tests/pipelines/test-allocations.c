/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* In the steady state nothing is allocated per chunk: this program counts every call of the C
 * library's allocator, its own and everybody else's, and a thousand chunks more must not need more.
 */
#include "config.h"

#include <check.h>
#include <stdlib.h>
#include <pinwheel/pinwheel.h>

extern void *__libc_malloc (size_t size);
extern void *__libc_calloc (size_t n, size_t size);
extern void *__libc_realloc (void *old, size_t size);

static gint64 calls; /* atomic */

static void
count (void)
{
  __atomic_fetch_add (&calls, 1, __ATOMIC_RELAXED);
}

void *
malloc (size_t size)
{
  count ();
  return __libc_malloc (size);
}

void *
calloc (size_t n, size_t size)
{
  count ();
  return __libc_calloc (n, size);
}

void *
realloc (void *old, size_t size)
{
  count ();
  return __libc_realloc (old, size);
}

/* Returns: allocations of a whole run of @chunks chunks */
static gint64
count_run (const char *middle, guint64 chunks)
{
  g_autofree char *text = g_strdup_printf (
      "testsrc format=\"x:f32[*]\" pattern=ramp items=%" G_GUINT64_FORMAT " ! %s ! fakesink",
      chunks * 64, middle);
  g_autoptr (GError) error = NULL;
  g_autoptr (PinwheelPipeline) pipeline = pinwheel_parse_launch (text, NULL, &error);
  gint64 before;
  gboolean ok;

  ck_assert_msg (pipeline != NULL, "%s", error != NULL ? error->message : "");
  g_object_set (pipeline, "device", "host", "chunk", (guint64) 64, NULL);
  before = __atomic_load_n (&calls, __ATOMIC_RELAXED);
  ok = pinwheel_pipeline_run (pipeline, &error);
  ck_assert_msg (ok, "%s", error != NULL ? error->message : "");
  return __atomic_load_n (&calls, __ATOMIC_RELAXED) - before;
}

static const char *const middles[] = {
  "identity",
  "queue size=8 ! identity",
  "upload ! download",
  "upload ! map expr=\"y = 2*x\" ! download",
};

/* _i: index into middles */
START_TEST (a_thousand_chunks_more_allocate_nothing)
{
  gint64 few, many;

  count_run (middles[_i], 50); /* types, plug-in, compiled kernel */
  few = count_run (middles[_i], 100);
  many = count_run (middles[_i], 1100);
  ck_assert_int_gt (few, 0);
  /* chunks in flight at once differ a little from run to run, and each is allocated once */
  ck_assert_msg (many - few < 64, "%d allocations for 100 chunks, %d for 1100", (int) few,
                 (int) many);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("allocations");
  TCase *tcase = tcase_create ("steady state");
  SRunner *runner = srunner_create (suite);
  int failed;

  suite_add_tcase (suite, tcase);
  tcase_set_timeout (tcase, 60);
  tcase_add_loop_test (tcase, a_thousand_chunks_more_allocate_nothing, 0, G_N_ELEMENTS (middles));

  srunner_run_all (runner, CK_ENV);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
