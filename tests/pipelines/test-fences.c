/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Every fence that anybody waits for is needed: with any single one left out the simulated device
 * finds work that nothing keeps in order, and with all of them it finds none. */
#include "config.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "pipelines/fences.h"

#define SEEDS 3

/* @seed: of the streams' delays */
static GError *
run (guint line, guint seed, const char *without)
{
  g_autofree char *device = g_strdup_printf ("sim:memory=64KiB,latency=1ms,delay=1ms,seed=%u",
                                             seed);

  return fences_run (&fence_lines[line], device, without);
}

START_TEST (no_fence_can_be_left_out)
{
  const FenceLine *line = &fence_lines[_i];
  g_autoptr (GHashTable) found = fences_find (line, "sim:memory=64KiB,latency=1ms");
  guint n_needed = 0;
  GHashTableIter iter;
  gpointer pair;

  g_hash_table_iter_init (&iter, found);
  while (g_hash_table_iter_next (&iter, &pair, NULL))
    {
      gboolean needed = !g_strv_contains (line->implied, pair);

      if (fences_is_of_the_end (pair))
        continue;
      n_needed += needed;
      for (guint seed = 1; seed <= SEEDS; seed++)
        {
          g_autoptr (GError) error = run ((guint) _i, seed, pair);

          ck_assert_msg ((error != NULL) == needed, "%s: without %s: %s", line->text, (char *) pair,
                         error != NULL ? error->message : "no error");
          ck_assert (!needed || strstr (error->message, "hazard: ") != NULL);
        }
    }
  /* the CPU for upload and for download; upload, kernel and download for each other */
  ck_assert_uint_ge (n_needed, 6);
}
END_TEST

START_TEST (with_every_fence_nothing_is_found)
{
  for (guint seed = 1; seed <= SEEDS * SEEDS; seed++)
    {
      g_autoptr (GError) error = run ((guint) _i, seed, NULL);

      ck_assert_msg (error == NULL, "%s: %s", fence_lines[_i].text,
                     error != NULL ? error->message : "");
    }
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("fences");
  TCase *tcase = tcase_create ("fences");
  SRunner *runner;
  int failed;

  tcase_add_unchecked_fixture (tcase, fences_enter_folder, fences_leave_folder);
  tcase_add_loop_test (tcase, no_fence_can_be_left_out, 0, (int) n_fence_lines);
  tcase_add_loop_test (tcase, with_every_fence_nothing_is_found, 0, (int) n_fence_lines);
  tcase_set_timeout (tcase, 120);
  suite_add_tcase (suite, tcase);
  runner = srunner_create (suite);
  srunner_run_all (runner, CK_ENV);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
