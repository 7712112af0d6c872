/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <check.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <pinwheel/kernel.h>

#include "compute/cache-private.h"

static char *root;   /* PINWHEEL_CACHE_DIR */
static char *folder; /* where entries are in it */

static void
setup (void)
{
  root = g_dir_make_tmp ("pinwheel-test-XXXXXX", NULL);
  folder = g_build_filename (root, "kernels", NULL);
  g_setenv ("PINWHEEL_CACHE_DIR", root, TRUE);
}

static void
remove_all (const char *path)
{
  GDir *dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      if (g_file_test (child, G_FILE_TEST_IS_DIR) && !g_file_test (child, G_FILE_TEST_IS_SYMLINK))
        remove_all (child);
      else
        g_unlink (child);
    }
  if (dir != NULL)
    g_dir_close (dir);
  g_rmdir (path);
}

static void
teardown (void)
{
  remove_all (root);
  g_clear_pointer (&folder, g_free);
  g_clear_pointer (&root, g_free);
}

/* Returns: (transfer full): path of a new entry of @size bytes */
static char *
add_entry (const char *key, gsize size)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *work = pinwheel_cache_begin (&error);
  g_autofree char *built = NULL;
  g_autofree char *content = g_strnfill (size, *key);
  char *path;
  int fd;

  ck_assert_msg (work != NULL, "%s", error != NULL ? error->message : "");
  built = g_build_filename (work, "kernel.so", NULL);
  ck_assert (g_file_set_contents (built, content, (gssize) size, NULL));
  fd = pinwheel_cache_commit (work, built, key, &path, &error);
  ck_assert_msg (fd >= 0, "%s", error != NULL ? error->message : "");
  close (fd);
  pinwheel_cache_end (work);
  return path;
}

/* Returns: (transfer full) (nullable) */
static char *
find_entry (const char *key)
{
  char *path;
  int fd = pinwheel_cache_open (key, &path);

  if (fd >= 0)
    close (fd);
  return path;
}

static gboolean
has_entry (const char *key)
{
  g_autofree char *path = find_entry (key);

  return path != NULL;
}

static guint
count_files (const char *path)
{
  GDir *dir = g_dir_open (path, 0, NULL);
  guint n = 0;

  while (dir != NULL && g_dir_read_name (dir) != NULL)
    n++;
  if (dir != NULL)
    g_dir_close (dir);
  return n;
}

START_TEST (an_entry_is_found_again_and_is_private)
{
  g_autofree char *path = add_entry ("a", 1000);
  g_autofree char *found = find_entry ("a");
  struct stat status;

  ck_assert_str_eq (path, found);
  ck_assert_ptr_null (find_entry ("b"));
  ck_assert_int_eq (stat (path, &status), 0);
  ck_assert_uint_eq (status.st_mode & 0777, 0500);
  ck_assert_int_eq (stat (folder, &status), 0);
  ck_assert_uint_eq (status.st_mode & 0777, 0700);
  /* nothing but the entry is left */
  ck_assert_uint_eq (count_files (folder), 1);
}
END_TEST

/* Returns: (transfer full): path of a new entry of 1000 bytes, for damaging */
static char *
add_writable_entry (const char *key)
{
  char *path = add_entry (key, 1000);

  ck_assert_int_eq (chmod (path, 0600), 0);
  return path;
}

START_TEST (a_damaged_entry_is_not_found_and_can_be_made_anew)
{
  static const off_t places[] = { 0, 500, 999, 1001, 1039 };

  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    {
      g_autofree char *path = add_writable_entry ("a");
      int fd = open (path, O_RDWR | O_CLOEXEC);
      char byte;

      ck_assert_int_eq (pread (fd, &byte, 1, places[i]), 1);
      byte ^= 1;
      ck_assert_int_eq (pwrite (fd, &byte, 1, places[i]), 1);
      close (fd);
      ck_assert (!has_entry ("a"));
    }
  g_free (add_entry ("a", 1000));
  ck_assert (has_entry ("a"));
}
END_TEST

START_TEST (a_truncated_entry_is_not_found)
{
  g_autofree char *path = add_writable_entry ("a");

  for (off_t size = 1039; size >= 0; size -= size > 10 ? 173 : 1)
    {
      ck_assert_int_eq (truncate (path, size), 0);
      ck_assert (!has_entry ("a"));
    }
}
END_TEST

START_TEST (an_entry_that_others_can_write_or_a_link_is_not_used)
{
  g_autofree char *path = add_entry ("a", 10);
  g_autofree char *link = g_build_filename (folder, "b", NULL);

  ck_assert_int_eq (symlink (path, link), 0);
  ck_assert (!has_entry ("b"));
  ck_assert (has_entry ("a"));
  ck_assert_int_eq (chmod (path, 0622), 0);
  ck_assert (!has_entry ("a"));
}
END_TEST

START_TEST (an_entry_under_anothers_name_is_not_used)
{
  g_autofree char *path = add_entry ("a", 10);
  g_autofree char *copy = g_build_filename (folder, "b", NULL);

  ck_assert_int_eq (link (path, copy), 0);
  ck_assert (!has_entry ("b"));
  ck_assert (has_entry ("a"));
}
END_TEST

START_TEST (what_was_checked_is_loaded_whatever_becomes_of_its_name)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = NULL;
  g_autofree char *made = add_entry ("a", 10);
  g_autofree char *location = NULL;
  g_autofree char *again = NULL;
  g_autofree char *content = NULL;
  int fd = pinwheel_cache_open ("a", &path);

  ck_assert_int_ge (fd, 0);
  ck_assert_int_eq (unlink (path), 0);
  ck_assert (g_file_set_contents (path, "evil", -1, NULL));
  location = pinwheel_cache_keep_open (fd, "a", &error);
  ck_assert_ptr_nonnull (location);
  ck_assert (g_file_get_contents (location, &content, NULL, NULL));
  ck_assert (g_str_has_prefix (content, "aaaaaaaaaaPW"));
  again = pinwheel_cache_find_open ("a");
  ck_assert_str_eq (location, again);
  ck_assert_ptr_null (pinwheel_cache_find_open ("b"));
}
END_TEST

START_TEST (any_whole_entry_of_a_stem_is_found_the_newest_first)
{
  static const char *const names[] = { "k-1.so", "k-2.so", "k-3.so", "j-4.so", "k-5.cubin" };
  g_autofree char *name = NULL;
  g_autofree char *path = NULL;
  int fd;

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      struct timespec times[2] = { { .tv_sec = 1000 + i }, { .tv_sec = 1000 + i } };

      g_free (path);
      path = add_entry (names[i], 10);
      ck_assert_int_eq (utimensat (AT_FDCWD, path, times, 0), 0);
      if (i == 2)
        {
          ck_assert_int_eq (chmod (path, 0600), 0);
          ck_assert_int_eq (truncate (path, 20), 0);
          ck_assert_int_eq (utimensat (AT_FDCWD, path, times, 0), 0);
        }
    }
  g_clear_pointer (&path, g_free);
  fd = pinwheel_cache_open_any ("k-", ".so", &name, &path);
  ck_assert_int_ge (fd, 0);
  ck_assert_str_eq (name, "k-2.so");
  close (fd);
  g_free (g_steal_pointer (&path));
  ck_assert_int_eq (pinwheel_cache_open_any ("i-", ".so", &name, &path), -1);
}
END_TEST

START_TEST (the_figures_are_those_of_the_entries)
{
  PinwheelCacheInfo info;
  gint64 before = g_get_real_time () - G_USEC_PER_SEC;

  pinwheel_cache_get_info (&info);
  ck_assert_str_eq (info.folder, folder);
  ck_assert_uint_eq (info.n_entries, 0);
  ck_assert_int_eq (info.oldest, 0);
  g_free (info.folder);
  g_free (add_entry ("a", 1000));
  g_free (add_entry ("b", 100));
  pinwheel_cache_get_info (&info);
  ck_assert_uint_eq (info.n_entries, 2);
  ck_assert_uint_eq (info.bytes, 1040 + 140);
  ck_assert_uint_eq (info.limit, PINWHEEL_CACHE_LIMIT);
  ck_assert_int_ge (info.oldest, before);
  ck_assert_int_ge (info.newest, info.oldest);
  g_free (info.folder);
}
END_TEST

static void
check_falls_back (void)
{
  g_autofree char *path = add_entry ("f", 10);

  ck_assert_msg (!g_str_has_prefix (path, root), "%s was used", path);
  ck_assert (has_entry ("f"));
}

START_TEST (a_folder_that_others_can_write_is_refused)
{
  ck_assert_int_eq (g_mkdir_with_parents (folder, 0700), 0);
  ck_assert_int_eq (chmod (folder, 0770), 0);
  check_falls_back ();
  ck_assert_uint_eq (count_files (folder), 0);
}
END_TEST

START_TEST (a_folder_inside_one_that_others_can_write_is_refused)
{
  ck_assert_int_eq (chmod (root, 0777), 0);
  check_falls_back ();
}
END_TEST

START_TEST (a_folder_of_another_user_is_refused)
{
  if (geteuid () != 0)
    return;
  ck_assert_int_eq (g_mkdir_with_parents (folder, 0700), 0);
  ck_assert_int_eq (chown (folder, 12345, 12345), 0);
  check_falls_back ();
}
END_TEST

START_TEST (a_folder_that_cannot_be_made_is_replaced)
{
  ck_assert (g_file_set_contents (folder, "", 0, NULL));
  check_falls_back ();
}
END_TEST

START_TEST (the_oldest_entries_go_first_and_the_newest_never)
{
  for (guint i = 0; i < 4; i++)
    {
      const char key[] = { (char) ('a' + i), '\0' };
      g_autofree char *path = add_entry (key, 1000);
      struct timespec times[2] = { { .tv_sec = 1000 + i }, { .tv_sec = 1000 + i } };

      ck_assert_int_eq (utimensat (AT_FDCWD, path, times, 0), 0);
    }
  /* being found is being used: now b is the oldest */
  ck_assert (has_entry ("a"));
  pinwheel_cache_prune (folder, "c", 2500);
  ck_assert (!has_entry ("b"));
  ck_assert (has_entry ("c"));
  ck_assert (!has_entry ("d"));
  ck_assert (has_entry ("a"));
}
END_TEST

START_TEST (what_killed_processes_left_is_removed_after_a_day)
{
  g_autofree char *old = pinwheel_cache_begin (NULL);
  g_autofree char *fresh = pinwheel_cache_begin (NULL);
  g_autofree char *file = g_build_filename (old, "kernel.cc", NULL);
  struct timespec times[2] = { { .tv_sec = 1000 }, { .tv_sec = 1000 } };

  ck_assert (g_file_set_contents (file, "x", 1, NULL));
  ck_assert_int_eq (utimensat (AT_FDCWD, old, times, 0), 0);
  g_free (add_entry ("a", 10));
  ck_assert (!g_file_test (old, G_FILE_TEST_EXISTS));
  ck_assert (g_file_test (fresh, G_FILE_TEST_EXISTS));
  pinwheel_cache_end (fresh);
}
END_TEST

/* Adds, finds and prunes; whatever is found must be whole. */
static void
churn (guint seed)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (seed);

  for (guint i = 0; i < 200; i++)
    {
      char key[] = { (char) g_rand_int_range (random, 'a', 'g'), '\0' };
      g_autofree char *path = NULL;
      g_autofree char *content = NULL;
      gsize size = 0;

      if (i % 3 == 0)
        g_free (add_entry (key, 5000));
      if (i % 20 == 0)
        pinwheel_cache_prune (folder, NULL, 10000);
      path = find_entry (key);
      /* another process may have pruned it since */
      if (path != NULL && g_file_get_contents (path, &content, &size, NULL))
        ck_assert (size == 5040 && content[0] == key[0] && content[4999] == key[0]);
    }
}

START_TEST (several_processes_may_use_it_at_once)
{
  pid_t children[3];

  for (guint i = 0; i < G_N_ELEMENTS (children); i++)
    {
      children[i] = fork ();
      ck_assert_int_ge (children[i], 0);
      if (children[i] == 0)
        {
          churn (i);
          _exit (0);
        }
    }
  for (guint i = 0; i < G_N_ELEMENTS (children); i++)
    {
      int status;

      ck_assert_int_eq (waitpid (children[i], &status, 0), children[i]);
      ck_assert_int_eq (status, 0);
    }
}
END_TEST

static Suite *
cache_suite (void)
{
  Suite *suite = suite_create ("cache");
  TCase *tcase = tcase_create ("cache");

  tcase_add_checked_fixture (tcase, setup, teardown);
  tcase_add_test (tcase, an_entry_is_found_again_and_is_private);
  tcase_add_test (tcase, a_damaged_entry_is_not_found_and_can_be_made_anew);
  tcase_add_test (tcase, a_truncated_entry_is_not_found);
  tcase_add_test (tcase, an_entry_that_others_can_write_or_a_link_is_not_used);
  tcase_add_test (tcase, an_entry_under_anothers_name_is_not_used);
  tcase_add_test (tcase, what_was_checked_is_loaded_whatever_becomes_of_its_name);
  tcase_add_test (tcase, any_whole_entry_of_a_stem_is_found_the_newest_first);
  tcase_add_test (tcase, the_figures_are_those_of_the_entries);
  tcase_add_test (tcase, a_folder_that_others_can_write_is_refused);
  tcase_add_test (tcase, a_folder_inside_one_that_others_can_write_is_refused);
  tcase_add_test (tcase, a_folder_of_another_user_is_refused);
  tcase_add_test (tcase, a_folder_that_cannot_be_made_is_replaced);
  tcase_add_test (tcase, the_oldest_entries_go_first_and_the_newest_never);
  tcase_add_test (tcase, what_killed_processes_left_is_removed_after_a_day);
  tcase_add_test (tcase, several_processes_may_use_it_at_once);
  tcase_set_timeout (tcase, 60);
  suite_add_tcase (suite, tcase);
  return suite;
}

int
main (void)
{
  SRunner *runner = srunner_create (cache_suite ());
  int n_failed;

  srunner_run_all (runner, CK_ENV);
  n_failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return n_failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
