/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is kept of plug-ins on disk: found again, and never believed where it could be wrong. */
#include "config.h"

#include <check.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <pinwheel/version.h>

#include "base/user-cache-private.h"
#include "text/registry-cache-private.h"

static char *folder, *path; /* PINWHEEL_REGISTRY, and where it is */
static char *plugin;        /* a file that stands for a plug-in: none is loaded here */

static void
setup (void)
{
  folder = g_dir_make_tmp ("pinwheel-registry-XXXXXX", NULL);
  path = g_build_filename (folder, "kept", NULL);
  plugin = g_build_filename (folder, "plugin.so", NULL);
  g_setenv ("PINWHEEL_REGISTRY", path, TRUE);
  ck_assert (g_file_set_contents (plugin, "one", -1, NULL));
}

static void
teardown (void)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (folder, name, NULL);

      g_remove (child);
    }
  g_rmdir (folder);
  g_clear_pointer (&folder, g_free);
  g_clear_pointer (&path, g_free);
  g_clear_pointer (&plugin, g_free);
}

static void
keep (const char *file, const char *element)
{
  PinwheelRegistryCache *cache = pinwheel_registry_cache_open ();
  PinwheelPluginFile *known = pinwheel_plugin_new (file, "test", PINWHEEL_PLUGIN_ABI);
  PinwheelFileStamp stamp;

  ck_assert (pinwheel_plugin_stamp (file, &stamp, NULL));
  pinwheel_plugin_add (known, element, "flow", "what it does \303\274");
  pinwheel_plugin_add (known, "second", NULL, NULL);
  pinwheel_registry_cache_add (cache, known, &stamp);
  pinwheel_registry_cache_close (cache);
}

/* Returns: (transfer none) (nullable): the first element that is known of @file as it is now */
static const PinwheelRegistryEntry *
find (const char *file)
{
  PinwheelRegistryCache *cache = pinwheel_registry_cache_open ();
  PinwheelPluginFile *known;
  PinwheelFileStamp stamp;

  ck_assert (pinwheel_plugin_stamp (file, &stamp, NULL));
  known = pinwheel_registry_cache_find (cache, file, &stamp);
  pinwheel_registry_cache_close (cache);
  if (known == NULL)
    return NULL;
  ck_assert_uint_eq (known->elements->len, 2);
  return &g_array_index (known->elements, PinwheelRegistryEntry, 0);
}

START_TEST (what_was_kept_is_found_again)
{
  const PinwheelRegistryEntry *entry;
  struct stat status;

  ck_assert_ptr_null (find (plugin));
  ck_assert (!g_file_test (path, G_FILE_TEST_EXISTS));
  keep (plugin, "first");
  entry = find (plugin);
  ck_assert_str_eq (entry->name, "first");
  ck_assert_str_eq (entry->group, "flow");
  ck_assert_str_eq (entry->summary, "what it does \303\274");
  ck_assert_str_eq (entry->plugin, "test");
  ck_assert_str_eq (entry->path, plugin);
  ck_assert_int_eq (stat (path, &status), 0);
  ck_assert_uint_eq (status.st_mode & 0777, 0600);
}
END_TEST

START_TEST (a_file_that_was_changed_or_replaced_is_not_known)
{
  g_autofree char *other = g_strconcat (plugin, ".copy", NULL);
  struct stat status;
  struct timespec times[2];

  keep (plugin, "first");
  ck_assert (g_file_set_contents (plugin, "longer", -1, NULL));
  ck_assert_ptr_null (find (plugin));

  /* one of the same size and time under its name */
  keep (plugin, "first");
  ck_assert_int_eq (stat (plugin, &status), 0);
  times[0] = status.st_atim;
  times[1] = status.st_mtim;
  ck_assert (g_file_set_contents (other, "others", -1, NULL));
  ck_assert_int_eq (utimensat (AT_FDCWD, other, times, 0), 0);
  ck_assert_int_eq (g_rename (other, plugin), 0);
  ck_assert_ptr_null (find (plugin));
}
END_TEST

START_TEST (others_are_kept_as_long_as_they_are_there)
{
  g_autofree char *other = g_build_filename (folder, "other.so", NULL);
  g_autofree char *gone = g_build_filename (folder, "gone.so", NULL);
  g_autofree char *before = NULL, *after = NULL;
  gsize size_before, size_after;

  ck_assert (g_file_set_contents (other, "two", -1, NULL));
  keep (plugin, "first");
  ck_assert (g_file_get_contents (path, &before, &size_before, NULL));
  ck_assert (g_file_set_contents (gone, "three", -1, NULL));
  keep (gone, "gone");
  g_unlink (gone);
  keep (other, "another");
  ck_assert_str_eq (find (plugin)->name, "first");
  ck_assert_str_eq (find (other)->name, "another");
  g_unlink (other);
  keep (plugin, "first");
  ck_assert (g_file_get_contents (path, &after, &size_after, NULL));
  ck_assert_uint_eq (size_before, size_after);
}
END_TEST

START_TEST (a_damaged_file_is_as_good_as_none)
{
  g_autofree char *content = NULL;
  gsize size;

  keep (plugin, "first");
  ck_assert (g_file_get_contents (path, &content, &size, NULL));
  for (gsize i = 0; i < size; i++)
    {
      content[i] ^= (char) (1 << i % 8);
      ck_assert (g_file_set_contents (path, content, (gssize) size, NULL));
      g_chmod (path, 0600);
      ck_assert_ptr_null (find (plugin));
      content[i] ^= (char) (1 << i % 8);
      ck_assert (g_file_set_contents (path, content, (gssize) i, NULL));
      g_chmod (path, 0600);
      ck_assert_ptr_null (find (plugin));
    }
  keep (plugin, "again");
  ck_assert_str_eq (find (plugin)->name, "again");
}
END_TEST

/* A seal anybody can make who can write the file at all. */
static void
write_sealed (const void *content, gsize size)
{
  ck_assert (g_file_set_contents (path, content, (gssize) size, NULL));
  ck_assert (pinwheel_sealed_file_seal (path, "registry", 0600, NULL));
}

/* _i: seed */
START_TEST (a_sealed_file_of_nonsense_does_no_harm)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed ((guint32) _i);
  g_autofree char *content = NULL;
  gsize size;

  keep (plugin, "first");
  ck_assert (g_file_get_contents (path, &content, &size, NULL));
  size -= 40; /* the seal */
  for (guint round = 0; round < 50; round++)
    {
      g_autofree char *changed = g_memdup2 (content, size);
      PinwheelRegistryCache *cache;
      PinwheelFileStamp stamp;

      for (gint i = g_rand_int_range (rand, 1, 8); i > 0; i--)
        changed[g_rand_int_range (rand, 0, (gint) size)] = (char) g_rand_int (rand);
      write_sealed (changed, (gsize) g_rand_int_range (rand, 1, (gint) size + 1));
      cache = pinwheel_registry_cache_open ();
      ck_assert (pinwheel_plugin_stamp (plugin, &stamp, NULL));
      pinwheel_registry_cache_find (cache, plugin, &stamp);
      pinwheel_registry_cache_close (cache);
    }
}
END_TEST

START_TEST (a_file_of_another_version_is_as_good_as_none)
{
  const guint pointer = sizeof (gpointer);
  const struct
  {
    const char *version;
    guint pointer, abi;
  } kinds[] = { { "0.0.1", pointer, PINWHEEL_PLUGIN_ABI },
                { PINWHEEL_VERSION, 12 - pointer, PINWHEEL_PLUGIN_ABI },
                { PINWHEEL_VERSION, pointer, PINWHEEL_PLUGIN_ABI + 1 },
                { PINWHEEL_VERSION, pointer, PINWHEEL_PLUGIN_ABI } };
  PinwheelFileStamp stamp;

  ck_assert (pinwheel_plugin_stamp (plugin, &stamp, NULL));
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      GVariantBuilder elements, records;
      g_autoptr (GVariant) content = NULL;

      g_variant_builder_init (&elements, G_VARIANT_TYPE ("a(sss)"));
      g_variant_builder_add (&elements, "(sss)", "first", "flow", "");
      g_variant_builder_add (&elements, "(sss)", "not a name", "flow", "");
      g_variant_builder_add (&elements, "(sss)", "second", "", "");
      g_variant_builder_init (&records, G_VARIANT_TYPE ("a(ayttxxsua(sss))"));
      g_variant_builder_add (&records, "(^ayttxxsua(sss))", plugin, stamp.size, stamp.inode,
                             stamp.modified, stamp.changed, "test", PINWHEEL_PLUGIN_ABI, &elements);
      content = g_variant_ref_sink (g_variant_new ("(suua(ayttxxsua(sss)))", kinds[i].version,
                                                   kinds[i].pointer, kinds[i].abi, &records));
      write_sealed (g_variant_get_data (content), g_variant_get_size (content));
      if (i + 1 < G_N_ELEMENTS (kinds))
        ck_assert_ptr_null (find (plugin));
      else
        ck_assert_str_eq (find (plugin)->name, "first");
    }
}
END_TEST

START_TEST (a_file_that_others_can_write_is_not_read)
{
  g_autofree char *real = g_strconcat (path, ".real", NULL);

  keep (plugin, "first");
  g_chmod (path, 0620);
  ck_assert_ptr_null (find (plugin));
  g_chmod (path, 0600);
  ck_assert_ptr_nonnull (find (plugin));
  ck_assert_int_eq (g_rename (path, real), 0);
  ck_assert_int_eq (symlink (real, path), 0);
  ck_assert_ptr_null (find (plugin));
  g_unlink (path);
  ck_assert_int_eq (g_rename (real, path), 0);
  g_chmod (folder, 0777);
  ck_assert_ptr_null (find (plugin));
  g_chmod (folder, 0700);
  if (geteuid () == 0)
    {
      ck_assert_int_eq (chown (path, 1, 1), 0);
      ck_assert_ptr_null (find (plugin));
    }
}
END_TEST

START_TEST (where_it_cannot_be_written_nothing_is_kept_and_nothing_is_said)
{
  g_autofree char *fresh = g_strconcat (path, ".new", NULL);

  g_setenv ("PINWHEEL_REGISTRY", "off", TRUE);
  keep (plugin, "first");
  ck_assert_ptr_null (find (plugin));
  g_setenv ("PINWHEEL_REGISTRY", "/nowhere/at/all", TRUE);
  keep (plugin, "first");
  ck_assert_ptr_null (find (plugin));
  /* what is no file of ours stays what it is */
  g_setenv ("PINWHEEL_REGISTRY", path, TRUE);
  ck_assert_int_eq (g_mkdir (path, 0700), 0);
  keep (plugin, "first");
  ck_assert (g_file_test (path, G_FILE_TEST_IS_DIR));
  ck_assert (!g_file_test (fresh, G_FILE_TEST_EXISTS));
}
END_TEST

START_TEST (one_of_several_writers_writes_and_a_dead_one_does_not_stop_the_others)
{
  g_autofree char *fresh = g_strconcat (path, ".new", NULL);
  const struct timespec old[2] = { { .tv_sec = 1 }, { .tv_sec = 1 } };

  ck_assert (g_file_set_contents (fresh, "half of", -1, NULL));
  keep (plugin, "first");
  ck_assert_ptr_null (find (plugin));
  ck_assert_int_eq (utimensat (AT_FDCWD, fresh, old, 0), 0);
  keep (plugin, "first");
  ck_assert_ptr_nonnull (find (plugin));
  ck_assert (!g_file_test (fresh, G_FILE_TEST_EXISTS));
}
END_TEST

START_TEST (several_processes_may_use_it_at_once)
{
  pid_t children[8];

  keep (plugin, "first");
  for (guint i = 0; i < G_N_ELEMENTS (children); i++)
    {
      children[i] = fork ();
      ck_assert_int_ge (children[i], 0);
      if (children[i] != 0)
        continue;
      for (guint round = 0; round < 30; round++)
        {
          /* whoever wrote it last, it is whole */
          if (find (plugin) == NULL)
            _exit (1);
          keep (plugin, "first");
        }
      _exit (0);
    }
  for (guint i = 0; i < G_N_ELEMENTS (children); i++)
    {
      int status;

      ck_assert_int_eq (waitpid (children[i], &status, 0), children[i]);
      ck_assert (WIFEXITED (status) && WEXITSTATUS (status) == 0);
    }
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("registry-cache");
  TCase *tcase = tcase_create ("file");
  SRunner *runner = srunner_create (suite);
  int failed;

  suite_add_tcase (suite, tcase);
  tcase_set_timeout (tcase, 0);
  tcase_add_checked_fixture (tcase, setup, teardown);
  tcase_add_test (tcase, what_was_kept_is_found_again);
  tcase_add_test (tcase, a_file_that_was_changed_or_replaced_is_not_known);
  tcase_add_test (tcase, others_are_kept_as_long_as_they_are_there);
  tcase_add_test (tcase, a_damaged_file_is_as_good_as_none);
  tcase_add_loop_test (tcase, a_sealed_file_of_nonsense_does_no_harm, 0, 8);
  tcase_add_test (tcase, a_file_of_another_version_is_as_good_as_none);
  tcase_add_test (tcase, a_file_that_others_can_write_is_not_read);
  tcase_add_test (tcase, where_it_cannot_be_written_nothing_is_kept_and_nothing_is_said);
  tcase_add_test (tcase, one_of_several_writers_writes_and_a_dead_one_does_not_stop_the_others);
  tcase_add_test (tcase, several_processes_may_use_it_at_once);

  srunner_run_all (runner, CK_ENV);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
