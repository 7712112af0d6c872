/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

#include "compute/host-compiler-private.h"
#include "unit/kernel-run.h"

/* A cache, a folder of headers, and a compiler that notes each time that it is called. */
static char *root, *kernels, *headers, *compiler, *calls;

static char *
in_root (const char *name)
{
  return g_build_filename (root, name, NULL);
}

static void
set_up (void)
{
  g_autofree char *cxx = g_find_program_in_path ("g++");
  g_autofree char *script = NULL;

  root = g_dir_make_tmp ("pinwheel-test-XXXXXX", NULL);
  kernels = in_root ("kernels");
  headers = in_root ("headers");
  compiler = in_root ("counting-g++");
  calls = in_root ("calls");
  script = g_strdup_printf ("#!/bin/sh\nprintf x >> %s\nexec %s \"$@\"\n", calls, cxx);
  ck_assert_int_eq (g_mkdir (headers, 0700), 0);
  ck_assert (g_file_set_contents_full (compiler, script, -1, G_FILE_SET_CONTENTS_NONE, 0755, NULL));
  g_setenv ("PINWHEEL_CXX", compiler, TRUE);
  g_setenv ("PINWHEEL_CACHE_DIR", root, TRUE);
}

static void
remove_all (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      if (g_file_test (child, G_FILE_TEST_IS_DIR))
        remove_all (child);
      else
        g_unlink (child);
    }
  g_rmdir (path);
}

static void
tear_down (void)
{
  g_unsetenv ("PINWHEEL_CXX");
  remove_all (root);
}

static guint
count_calls (void)
{
  g_autofree char *text = NULL;
  gsize size = 0;

  g_file_get_contents (calls, &text, &size, NULL);
  return (guint) size;
}

static void
write_header (const char *name, const char *text)
{
  g_autofree char *file = g_build_filename (headers, name, NULL);

  ck_assert (g_file_set_contents (file, text, -1, NULL));
}

/* Whether the result has @part. @is_called: whether the compiler is to be called for it */
static void
check (const char *file, const char *source, const char *part, gboolean is_called)
{
  g_autoptr (GError) error = NULL;
  guint before = count_calls ();
  g_autofree char *text = pinwheel_host_preprocess (file, source, headers, NULL, &error);

  ck_assert_ok (text != NULL, error);
  ck_assert_msg (strstr (text, part) != NULL, "no %s in %.3000s", part, text);
  ck_assert_uint_eq (count_calls () - before, is_called ? 1 : 0);
}

START_TEST (a_result_is_made_once_for_a_file_and_its_headers)
{
  static const char source[] = "#include <cuda.h>\n#include \"outer.h\"\nint x = VALUE;\n";

  write_header ("outer.h", "#include \"inner.h\"\n");
  write_header ("inner.h", "#define VALUE 12\n");
  check ("k.cu", source, "int x = 12;", TRUE);
  check ("k.cu", source, "int x = 12;", FALSE);
  write_header ("inner.h", "#define VALUE 13\n");
  check ("k.cu", source, "int x = 13;", TRUE);
  check ("k.cu", source, "int x = 13;", FALSE);
  write_header ("inner.h", "#define VALUE 12\n");
  check ("k.cu", source, "int x = 12;", FALSE);
  check ("l \"m\"\\.cu", source, "\"l \\\"m\\\"\\\\.cu\"", TRUE);
  check ("l \"m\"\\.cu", source, "\"l \\\"m\\\"\\\\.cu\"", FALSE);
  check ("k.cu", "#define VALUE 7\nint x = VALUE;\n", "int x = 7;", TRUE);
  check ("k.cu", "#define VALUE 7\nint x = VALUE;\n", "int x = 7;", FALSE);
}
END_TEST

START_TEST (what_may_depend_on_more_is_made_anew)
{
  static const char *const sources[] = {
    "#define NAME \"h.h\"\n#include NAME\nint x = VALUE;\n",
    "#inc\\\nlude \"h.h\"\nint x = VALUE;\n", "/* */ #include \"h.h\"\nint x = VALUE;\n",
    "#if __has_include (\"h.h\")\n#endif\nint x = 3;\n",
    "#define VALUE 3\nint x = VALUE; const char *now = __TIME__;\n"
  };

  write_header ("h.h", "#define VALUE 3\n");
  for (guint i = 0; i < G_N_ELEMENTS (sources); i++)
    {
      check ("k.cu", sources[i], "int x = 3;", TRUE);
      check ("k.cu", sources[i], "int x = 3;", TRUE);
    }
  write_header ("h.h", "#define VALUE 4\n");
  for (guint i = 0; i < 3; i++)
    check ("k.cu", sources[i], "int x = 4;", TRUE);
}
END_TEST

START_TEST (a_result_that_is_damaged_is_made_anew)
{
  static const char source[] = "#define VALUE 5\nint x = VALUE;\n";
  g_autoptr (GDir) dir = NULL;
  const char *name;

  check ("k.cu", source, "int x = 5;", TRUE);
  dir = g_dir_open (kernels, 0, NULL);
  ck_assert_ptr_nonnull (dir);
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *file = g_build_filename (kernels, name, NULL);
      g_autofree char *text = NULL;
      gsize size;

      ck_assert (g_file_get_contents (file, &text, &size, NULL));
      text[size / 2] ^= 1;
      ck_assert (g_file_set_contents_full (file, text, (gssize) size, G_FILE_SET_CONTENTS_NONE,
                                           0600, NULL));
    }
  check ("k.cu", source, "int x = 5;", TRUE);
  check ("k.cu", source, "int x = 5;", FALSE);
}
END_TEST

START_TEST (what_was_made_does_without_a_compiler)
{
  static const char source[] = "#define VALUE 6\nint x = VALUE;\n";
  g_autoptr (GError) error = NULL;

  check ("k.cu", source, "int x = 6;", TRUE);
  g_setenv ("PINWHEEL_CXX", "no-such-compiler", TRUE);
  check ("k.cu", source, "int x = 6;", FALSE);
  ck_assert_ptr_null (pinwheel_host_preprocess ("l.cu", source, NULL, NULL, &error));
  check_message (error, PINWHEEL_ERROR_KERNEL, "PINWHEEL_CXX names no program");
}
END_TEST

static Suite *
preprocess_suite (void)
{
  Suite *suite = suite_create ("host-preprocess");
  TCase *tcase = tcase_create ("host-preprocess");

  tcase_add_checked_fixture (tcase, set_up, tear_down);
  tcase_add_test (tcase, a_result_is_made_once_for_a_file_and_its_headers);
  tcase_add_test (tcase, what_may_depend_on_more_is_made_anew);
  tcase_add_test (tcase, a_result_that_is_damaged_is_made_anew);
  tcase_add_test (tcase, what_was_made_does_without_a_compiler);
  tcase_set_timeout (tcase, 60);
  suite_add_tcase (suite, tcase);
  return suite;
}

int
main (void)
{
  SRunner *runner = srunner_create (preprocess_suite ());
  int n_failed;

  srunner_run_all (runner, CK_ENV);
  n_failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return n_failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
