/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "compute/host-compiler-private.h"
#include "unit/kernel-run.h"

/* Microseconds after which a folder's times are trusted */
#define SETTLED_US 3500000

/* A folder that is all of PATH, and a cache: nobody else's compilers are found or remembered. */
static char *root, *programs, *cache, *memo;

static void
set_up (void)
{
  root = g_dir_make_tmp ("pinwheel-test-XXXXXX", NULL);
  programs = g_build_filename (root, "bin", NULL);
  cache = g_build_filename (root, "cache", NULL);
  memo = g_build_filename (cache, "compilers", NULL);
  ck_assert_int_eq (g_mkdir (programs, 0700), 0);
  g_setenv ("PATH", programs, TRUE);
  g_setenv ("PINWHEEL_CACHE_DIR", cache, TRUE);
}

/* Returns: (transfer full) */
static char *
get_program (const char *name)
{
  return g_build_filename (programs, name, NULL);
}

static void
add_program (const char *name)
{
  g_autofree char *file = get_program (name);

  ck_assert (g_file_set_contents_full (file, "", 0, G_FILE_SET_CONTENTS_NONE, 0755, NULL));
}

static void
remove_program (const char *name)
{
  g_autofree char *file = get_program (name);

  ck_assert_int_eq (g_unlink (file), 0);
}

static void
tear_down (void)
{
  static const char *const names[] = { "g++", "clang++-17", "clang++-18", "other" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *file = get_program (names[i]);

      g_unlink (file);
    }
  g_unlink (memo);
  g_rmdir (cache);
  g_rmdir (programs);
  g_rmdir (root);
}

static gboolean
finds (const char *name)
{
  g_autofree char *found = pinwheel_toolchain_find (NULL);
  g_autofree char *expected = get_program (name);

  return g_strcmp0 (found, expected) == 0;
}

/* In a process that remembers nothing. */
static gboolean
finds_anew (const char *name)
{
  pid_t child = fork ();
  int status;

  if (child == 0)
    _exit (finds (name) ? 0 : 1);
  ck_assert_int_eq (waitpid (child, &status, 0), child);
  return WIFEXITED (status) && WEXITSTATUS (status) == 0;
}

/* Puts a program's name in the place of another one of the same length. */
static char *
forge (const char *text, const char *from, const char *to)
{
  g_autoptr (GString) forged = g_string_new (text);

  ck_assert_uint_eq (g_string_replace (forged, from, to, 0), 1);
  return g_strdup (forged->str);
}

static void
write_memo (const char *text, mode_t mode)
{
  ck_assert (g_file_set_contents_full (memo, text, -1, G_FILE_SET_CONTENTS_NONE, 0600, NULL));
  ck_assert_int_eq (chmod (memo, mode), 0);
}

START_TEST (what_was_found_is_remembered_until_a_folder_changes)
{
  g_autofree char *text = NULL;
  g_autofree char *forged = NULL;
  gint64 begun = g_get_monotonic_time ();
  gsize size;

  add_program ("g++");
  add_program ("other");
  ck_assert (finds_anew ("g++"));
  /* where nothing held us up for as long as it takes to trust the times */
  ck_assert_msg (!g_file_test (memo, G_FILE_TEST_EXISTS)
                     || g_get_monotonic_time () - begun > SETTLED_US - 1000000,
                 "a change might leave the times");
  g_usleep (SETTLED_US);
  ck_assert (finds_anew ("g++"));
  ck_assert (g_file_get_contents (memo, &text, &size, NULL));
  /* it is what is believed, */
  forged = forge (text, "bin/g++\n", "bin/other\n");
  write_memo (forged, 0600);
  ck_assert (finds_anew ("other"));
  /* but not what another one can have written, what was cut short, or what is gone */
  write_memo (forged, 0620);
  ck_assert (finds_anew ("g++"));
  for (gsize i = strlen (forged) - strlen ("/other\n"); i < strlen (forged); i++)
    {
      g_autofree char *part = g_strndup (forged, i);

      write_memo (part, 0600);
      ck_assert_msg (finds_anew ("g++"), "cut to %u bytes", (guint) i);
    }
  write_memo (forged, 0600);
  g_setenv ("PATH", "/nowhere", TRUE);
  ck_assert (!finds_anew ("other") && !finds_anew ("g++"));
  g_setenv ("PATH", programs, TRUE);
  write_memo (forged, 0600);
  remove_program ("other");
  ck_assert (finds_anew ("g++"));
}
END_TEST

START_TEST (a_process_remembers_until_a_folder_changes)
{
  add_program ("g++");
  g_usleep (SETTLED_US);
  ck_assert (finds ("g++"));
  write_memo ("", 0600);
  ck_assert (finds ("g++"));
  add_program ("clang++-17");
  ck_assert (finds ("clang++-17"));
  add_program ("clang++-18");
  ck_assert (finds ("clang++-18"));
  g_usleep (SETTLED_US);
  ck_assert (finds ("clang++-18"));
  remove_program ("clang++-18");
  ck_assert (finds ("clang++-17"));
}
END_TEST

START_TEST (a_folder_that_depends_on_where_we_are_is_always_looked_through)
{
  g_autofree char *path = g_strconcat ("bin:", programs, NULL);
  g_autofree char *here = g_get_current_dir ();

  add_program ("g++");
  g_usleep (SETTLED_US);
  g_setenv ("PATH", path, TRUE);
  ck_assert (finds ("g++"));
  ck_assert (!g_file_test (memo, G_FILE_TEST_EXISTS));
  g_setenv ("PATH", "bin", TRUE);
  ck_assert (!finds ("g++"));
  ck_assert_int_eq (g_chdir (root), 0);
  ck_assert (finds ("g++"));
  ck_assert_int_eq (g_chdir (here), 0);
}
END_TEST

static Suite *
search_suite (void)
{
  Suite *suite = suite_create ("host-search");
  TCase *tcase = tcase_create ("host-search");

  tcase_add_checked_fixture (tcase, set_up, tear_down);
  tcase_set_timeout (tcase, 60);
  tcase_add_test (tcase, what_was_found_is_remembered_until_a_folder_changes);
  tcase_add_test (tcase, a_process_remembers_until_a_folder_changes);
  tcase_add_test (tcase, a_folder_that_depends_on_where_we_are_is_always_looked_through);
  suite_add_tcase (suite, tcase);
  return suite;
}

int
main (void)
{
  SRunner *runner = srunner_create (search_suite ());
  int n_failed;

  srunner_run_all (runner, CK_ENV);
  n_failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return n_failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
