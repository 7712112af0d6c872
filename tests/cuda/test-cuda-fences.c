/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The same on a CUDA device: with any single fence left out the emulated driver finds a hazard, or
 * the result is wrong because it was read too early; with all of them neither. */
#include "config.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "cuda/emulator/emulator.h"
#include "pipelines/fences.h"

#define SEEDS 2

/* Returns: hazards found so far in this process */
static guint
count_hazards (void)
{
  guint n;

  pinwheel_lock (&emu.lock);
  n = emu.hazards->len;
  pinwheel_unlock (&emu.lock);
  return n;
}

/* Returns: (transfer full): the bytes that the run has made */
static GBytes *
run (guint line, const char *without, guint *hazards)
{
  g_autoptr (GError) error = fences_run (&fence_lines[line], "cuda", without);
  guint before = *hazards;
  gsize size;
  char *bytes;

  ck_assert_msg (error == NULL, "%s: %s", fence_lines[line].text,
                 error != NULL ? error->message : "");
  ck_assert (g_file_get_contents ("out", &bytes, &size, NULL));
  *hazards = count_hazards () - before;
  return g_bytes_new_take (bytes, size);
}

START_TEST (no_fence_can_be_left_out)
{
  const FenceLine *line = &fence_lines[_i];
  g_autoptr (GHashTable) found = fences_find (line, "cuda");
  guint n_needed = 0, hazards = count_hazards ();
  g_autoptr (GBytes) right = run ((guint) _i, NULL, &hazards);
  GHashTableIter iter;
  gpointer pair;

  ck_assert_uint_eq (hazards, 0);
  g_hash_table_iter_init (&iter, found);
  while (g_hash_table_iter_next (&iter, &pair, NULL))
    {
      gboolean needed = !g_strv_contains (line->implied, pair);

      if (fences_is_of_the_end (pair))
        continue;
      n_needed += needed;
      for (guint round = 0; round < SEEDS; round++)
        {
          g_autoptr (GBytes) bytes = NULL;

          hazards = count_hazards ();
          bytes = run ((guint) _i, pair, &hazards);
          ck_assert_msg ((hazards > 0 || !g_bytes_equal (bytes, right)) == needed,
                         "%s: without %s: %u hazards", line->text, (char *) pair, hazards);
        }
    }
  ck_assert_uint_ge (n_needed, 6);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("cuda-fences");
  TCase *tcase = tcase_create ("cuda-fences");
  SRunner *runner;
  int failed;

  g_setenv ("PINWHEEL_EMULATED_CUDA", "latency=2000000,delay=1000000,seed=5", TRUE);
  tcase_add_unchecked_fixture (tcase, fences_enter_folder, fences_leave_folder);
  tcase_add_loop_test (tcase, no_fence_can_be_left_out, 0, (int) n_fence_lines);
  tcase_set_timeout (tcase, 120);
  suite_add_tcase (suite, tcase);
  runner = srunner_create (suite);
  srunner_run_all (runner, CK_ENV);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
