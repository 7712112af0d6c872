/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "common/in-file.h"
#include "common/out-file.h"
#include "support.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* While TRUE the file system makes no files without a name. */
static gboolean no_anonymous;

/* Stands before libc's for this program. */
static int
open_or_refuse (const char *path, int flags, va_list args)
{
  int mode = (flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE ? va_arg (args, int) : 0;

  if (no_anonymous && (flags & O_TMPFILE) == O_TMPFILE)
    {
      errno = EOPNOTSUPP;
      return -1;
    }
  return (int) syscall (SYS_openat, AT_FDCWD, path, flags, mode);
}

#undef open
#undef open64
int
open (const char *path, int flags, ...)
{
  va_list args;
  int fd;

  va_start (args, flags);
  fd = open_or_refuse (path, flags, args);
  va_end (args);
  return fd;
}

int
open64 (const char *path, int flags, ...)
{
  va_list args;
  int fd;

  va_start (args, flags);
  fd = open_or_refuse (path, flags, args);
  va_end (args);
  return fd;
}

static GCancellable *cancellable;

static void
setup (void)
{
  support_make_folder ();
  cancellable = g_cancellable_new ();
  no_anonymous = FALSE;
}

static void
teardown (void)
{
  g_clear_object (&cancellable);
  support_remove_folder ();
}

static PinwheelOutFile *
begin (const char *path)
{
  g_autoptr (GError) error = NULL;
  PinwheelOutFile *file = pinwheel_out_file_new (path, &error);

  ck_assert_msg (file != NULL, "%s", error != NULL ? error->message : "");
  ck_assert (pinwheel_out_file_open (file, 6, cancellable, NULL));
  return file;
}

static void
put (PinwheelOutFile *file)
{
  ck_assert (pinwheel_out_file_pwrite (file, (gpointer) "def", 3, 3, NULL));
  ck_assert (pinwheel_out_file_pwrite (file, (gpointer) "abc", 3, 0, NULL));
}

static void
check_content (const char *path, const char *text)
{
  g_autoptr (GBytes) bytes = support_read (path);

  ck_assert_uint_eq (g_bytes_get_size (bytes), strlen (text));
  ck_assert_mem_eq (g_bytes_get_data (bytes, NULL), text, strlen (text));
}

START_TEST (a_file_has_its_name_after_commit_and_not_before)
{
  const char *path = support_path ("out");
  g_autoptr (PinwheelOutFile) file = NULL;

  no_anonymous = _i == 1;
  file = begin (path);
  put (file);
  ck_assert_int_eq (g_access (path, F_OK), -1);
  ck_assert_uint_eq (support_count_files (), no_anonymous ? 1 : 0);
  ck_assert (pinwheel_out_file_seal (file, NULL));
  ck_assert_int_eq (g_access (path, F_OK), -1);
  ck_assert (pinwheel_out_file_commit (file, NULL));
  check_content (path, "abcdef");
  ck_assert_uint_eq (support_count_files (), 1);
}
END_TEST

START_TEST (a_file_that_is_not_committed_leaves_what_was_there)
{
  const char *path = support_path ("out");
  gboolean sealed = _i & 2;
  PinwheelOutFile *file;

  no_anonymous = _i & 1;
  support_write (path, "old", 3);
  file = begin (path);
  put (file);
  if (sealed)
    ck_assert (pinwheel_out_file_seal (file, NULL));
  pinwheel_out_file_free (file);
  check_content (path, "old");
  ck_assert_uint_eq (support_count_files (), 1);
}
END_TEST

START_TEST (a_new_file_has_the_modes_of_the_one_it_replaces)
{
  const char *path = support_path ("out");
  g_autoptr (PinwheelOutFile) file = NULL;
  struct stat status;

  support_write (path, "old", 3);
  ck_assert_int_eq (chmod (path, 0640), 0);
  file = begin (path);
  put (file);
  ck_assert (pinwheel_out_file_seal (file, NULL) && pinwheel_out_file_commit (file, NULL));
  check_content (path, "abcdef");
  ck_assert_int_eq (stat (path, &status), 0);
  ck_assert_uint_eq (status.st_mode & 0777, 0640);
}
END_TEST

START_TEST (a_symbolic_link_stays_and_its_target_is_written)
{
  const char *path = support_path ("link"), *target = support_path ("target");
  g_autoptr (PinwheelOutFile) file = NULL;

  support_write (target, "old", 3);
  ck_assert_int_eq (symlink ("target", path), 0);
  file = begin (path);
  put (file);
  ck_assert (pinwheel_out_file_seal (file, NULL) && pinwheel_out_file_commit (file, NULL));
  check_content (target, "abcdef");
  ck_assert (g_file_test (path, G_FILE_TEST_IS_SYMLINK));
}
END_TEST

START_TEST (one_file_has_one_target_however_it_is_written)
{
  g_autofree char *folder = g_path_get_dirname (support_path ("x"));
  g_autofree char *name = g_path_get_basename (folder);
  g_autofree char *crooked = g_strdup_printf ("%s/../%s//./out", folder, name);
  g_autoptr (PinwheelOutFile) a = pinwheel_out_file_new (support_path ("out"), NULL);
  g_autoptr (PinwheelOutFile) b = pinwheel_out_file_new (crooked, NULL);

  ck_assert_str_eq (a->target, b->target);
}
END_TEST

START_TEST (a_long_name_is_written_too)
{
  g_autofree char *name = g_strnfill (255, 'n');
  const char *path = support_path (name);
  g_autoptr (PinwheelOutFile) file = NULL;

  no_anonymous = _i == 1;
  file = begin (path);
  put (file);
  ck_assert (pinwheel_out_file_seal (file, NULL) && pinwheel_out_file_commit (file, NULL));
  check_content (path, "abcdef");
}
END_TEST

static void
check_refused (const char *path, const char *words)
{
  g_autoptr (GError) error = NULL;

  ck_assert_ptr_null (pinwheel_out_file_new (path, &error));
  support_check_error (error, PINWHEEL_ERROR_RESOURCE, words);
  support_check_error (error, PINWHEEL_ERROR_RESOURCE, path);
}

START_TEST (what_cannot_be_written_is_told_beforehand)
{
  g_autofree char *folder = g_path_get_dirname (support_path ("x"));
  g_autofree char *slash = g_strconcat (support_path ("new"), "/", NULL);

  support_write (support_path ("file"), "", 0);
  ck_assert_int_eq (symlink ("nowhere", support_path ("dangling")), 0);
  check_refused (folder, "Is a directory");
  check_refused (support_path ("missing/out"), "No such file or directory");
  check_refused (support_path ("missing/out"), "folder '");
  check_refused (support_path ("file/out"), "Not a directory");
  check_refused (support_path ("dangling"), "symbolic link to nothing");
  check_refused ("", "No such file");
  check_refused (slash, "name of a folder");
}
END_TEST

START_TEST (a_folder_or_file_that_is_read_only_is_told_beforehand)
{
  g_autofree char *folder = g_path_get_dirname (support_path ("x"));
  const char *path = support_path ("file");
  uid_t user = geteuid ();

  support_write (path, "old", 3);
  ck_assert_int_eq (chmod (path, 0444), 0);
  ck_assert_int_eq (chmod (folder, 0555), 0);
  /* root may write everywhere */
  if (user == 0)
    ck_assert_int_eq (seteuid (65534), 0);
  check_refused (path, "Permission denied");
  check_refused (support_path ("new"), "no file can be made in folder");
  if (user == 0)
    ck_assert_int_eq (seteuid (0), 0);
  ck_assert_int_eq (chmod (folder, 0755), 0);
}
END_TEST

START_TEST (a_full_device_is_told_with_numbers)
{
  g_autoptr (PinwheelOutFile) file = pinwheel_out_file_new ("/dev/full", NULL);
  g_autoptr (GError) error = NULL;

  ck_assert (file->stream);
  ck_assert (pinwheel_out_file_open (file, 4096, cancellable, NULL));
  ck_assert (!pinwheel_out_file_write (file, "abc", 3, &error));
  support_check_error (error, PINWHEEL_ERROR_RESOURCE, "No space left on device");
  support_check_error (error, PINWHEEL_ERROR_RESOURCE, "0 B of 4 KiB are written");
  support_check_error (error, PINWHEEL_ERROR_RESOURCE, "are free");
}
END_TEST

START_TEST (no_file_is_longer_than_the_system_allows)
{
  g_autoptr (PinwheelOutFile) file = pinwheel_out_file_new (support_path ("out"), NULL);
  g_autoptr (GError) error = NULL;

  ck_assert (!pinwheel_out_file_open (file, G_MAXUINT64, cancellable, &error));
  support_check_error (error, PINWHEEL_ERROR_RESOURCE, "File too large");
}
END_TEST

START_TEST (places_beyond_4_gib_are_places_of_their_own)
{
  const guint64 far = (5ull << 30) + 3;
  g_autoptr (PinwheelOutFile) file = begin (support_path ("out"));
  g_autoptr (PinwheelInFile) in = NULL;
  char bytes[3];

  ck_assert (pinwheel_out_file_pwrite (file, (gpointer) "low", 3, far & G_MAXUINT32, NULL));
  ck_assert (pinwheel_out_file_pwrite (file, (gpointer) "far", 3, far, NULL));
  ck_assert (pinwheel_out_file_pread (file, bytes, 3, far & G_MAXUINT32, NULL));
  ck_assert_mem_eq (bytes, "low", 3);
  ck_assert (pinwheel_out_file_seal (file, NULL) && pinwheel_out_file_commit (file, NULL));
  in = pinwheel_in_file_open (support_path ("out"), NULL);
  ck_assert_uint_eq (in->size, far + 3);
  ck_assert (pinwheel_in_file_pread (in, bytes, 3, far, NULL));
  ck_assert_mem_eq (bytes, "far", 3);
}
END_TEST

/* Reads a FIFO to its end, which is what it returns. */
static gpointer
read_fifo (gpointer path)
{
  return support_read (path);
}

START_TEST (a_fifo_gets_everything_in_order)
{
  const char *path = support_path ("fifo");
  const gsize size = 3 * 1024 * 1024 + 5;
  g_autofree guint8 *bytes = g_malloc (size);
  g_autoptr (PinwheelOutFile) file = NULL;
  g_autoptr (GBytes) got = NULL;
  GThread *reader;

  for (gsize i = 0; i < size; i++)
    bytes[i] = (guint8) (i * 7 + i / 4096);
  ck_assert_int_eq (mkfifo (path, 0600), 0);
  file = begin (path);
  ck_assert (file->stream);
  reader = g_thread_new ("reader", read_fifo, (gpointer) path);
  ck_assert (pinwheel_out_file_write (file, bytes, 1000, NULL));
  ck_assert (pinwheel_out_file_write (file, bytes + 1000, size - 1000, NULL));
  ck_assert (pinwheel_out_file_seal (file, NULL) && pinwheel_out_file_commit (file, NULL));
  got = g_thread_join (reader);
  ck_assert_uint_eq (g_bytes_get_size (got), size);
  ck_assert_mem_eq (g_bytes_get_data (got, NULL), bytes, size);
}
END_TEST

START_TEST (a_reader_that_leaves_is_an_error_and_no_signal)
{
  const char *path = support_path ("fifo");
  g_autofree guint8 *bytes = g_malloc0 (1024 * 1024);
  g_autoptr (PinwheelOutFile) file = NULL;
  g_autoptr (GError) error = NULL;
  int fd;

  ck_assert_int_eq (mkfifo (path, 0600), 0);
  fd = open (path, O_RDONLY | O_NONBLOCK);
  ck_assert_int_ge (fd, 0);
  file = begin (path);
  ck_assert (pinwheel_out_file_write (file, bytes, 100, NULL));
  close (fd);
  ck_assert (!pinwheel_out_file_write (file, bytes, 1024 * 1024, &error));
  support_check_error (error, PINWHEEL_ERROR_RESOURCE, "closed it after 100 bytes");
}
END_TEST

static gpointer
cancel_soon (gpointer data)
{
  g_cancellable_cancel (cancellable);
  return data;
}

START_TEST (a_stop_ends_the_wait_for_a_reader)
{
  const char *path = support_path ("fifo");
  g_autoptr (PinwheelOutFile) file = NULL;
  g_autoptr (GError) error = NULL;
  GThread *thread;

  ck_assert_int_eq (mkfifo (path, 0600), 0);
  file = begin (path);
  thread = g_thread_new ("stop", cancel_soon, NULL);
  ck_assert (!pinwheel_out_file_write (file, "abc", 3, &error));
  support_check_error (error, PINWHEEL_ERROR_STOPPED, "stopped");
  g_thread_join (thread);
}
END_TEST

START_TEST (a_stop_ends_the_wait_for_room_in_a_pipe)
{
  const char *path = support_path ("fifo");
  g_autofree guint8 *bytes = g_malloc0 (1024 * 1024);
  g_autoptr (PinwheelOutFile) file = NULL;
  g_autoptr (GError) error = NULL;
  GThread *thread;
  int fd;

  ck_assert_int_eq (mkfifo (path, 0600), 0);
  fd = open (path, O_RDONLY | O_NONBLOCK);
  file = begin (path);
  thread = g_thread_new ("stop", cancel_soon, NULL);
  ck_assert (!pinwheel_out_file_write (file, bytes, 1024 * 1024, &error));
  support_check_error (error, PINWHEEL_ERROR_STOPPED, "stopped");
  g_thread_join (thread);
  close (fd);
}
END_TEST

START_TEST (a_stop_ends_the_wait_for_bytes_of_a_pipe)
{
  const char *path = support_path ("fifo");
  g_autoptr (PinwheelInFile) file = NULL;
  g_autoptr (GError) error = NULL;
  GThread *thread;
  char byte;
  gsize n;

  ck_assert_int_eq (mkfifo (path, 0600), 0);
  file = pinwheel_in_file_open (path, NULL);
  ck_assert (!file->regular);
  pinwheel_in_file_start (file, cancellable);
  thread = g_thread_new ("stop", cancel_soon, NULL);
  ck_assert (!pinwheel_in_file_read (file, &byte, 1, &n, &error));
  support_check_error (error, PINWHEEL_ERROR_STOPPED, "stopped");
  g_thread_join (thread);
}
END_TEST

START_TEST (a_read_beyond_the_end_is_an_error_with_numbers)
{
  g_autoptr (PinwheelInFile) file = NULL;
  g_autoptr (GError) error = NULL;
  char bytes[16];

  support_write (support_path ("in"), "0123456789", 10);
  file = pinwheel_in_file_open (support_path ("in"), NULL);
  ck_assert_uint_eq (file->size, 10);
  ck_assert (pinwheel_in_file_pread (file, bytes, 4, 6, NULL));
  ck_assert_mem_eq (bytes, "6789", 4);
  ck_assert_int_eq (truncate (support_path ("in"), 7), 0);
  ck_assert (!pinwheel_in_file_pread (file, bytes, 4, 6, &error));
  support_check_error (error, PINWHEEL_ERROR_DATA, "ends after 7 bytes, but had 10");
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("out-file");
  TCase *tcase = tcase_create ("files");
  SRunner *runner = srunner_create (suite);
  int failed;

  suite_add_tcase (suite, tcase);
  tcase_add_checked_fixture (tcase, setup, teardown);
  tcase_add_loop_test (tcase, a_file_has_its_name_after_commit_and_not_before, 0, 2);
  tcase_add_loop_test (tcase, a_file_that_is_not_committed_leaves_what_was_there, 0, 4);
  tcase_add_test (tcase, a_new_file_has_the_modes_of_the_one_it_replaces);
  tcase_add_test (tcase, a_symbolic_link_stays_and_its_target_is_written);
  tcase_add_test (tcase, one_file_has_one_target_however_it_is_written);
  tcase_add_loop_test (tcase, a_long_name_is_written_too, 0, 2);
  tcase_add_test (tcase, what_cannot_be_written_is_told_beforehand);
  tcase_add_test (tcase, a_folder_or_file_that_is_read_only_is_told_beforehand);
  tcase_add_test (tcase, a_full_device_is_told_with_numbers);
  tcase_add_test (tcase, no_file_is_longer_than_the_system_allows);
  tcase_add_test (tcase, places_beyond_4_gib_are_places_of_their_own);
  tcase_add_test (tcase, a_fifo_gets_everything_in_order);
  tcase_add_test (tcase, a_reader_that_leaves_is_an_error_and_no_signal);
  tcase_add_test (tcase, a_stop_ends_the_wait_for_a_reader);
  tcase_add_test (tcase, a_stop_ends_the_wait_for_room_in_a_pipe);
  tcase_add_test (tcase, a_stop_ends_the_wait_for_bytes_of_a_pipe);
  tcase_add_test (tcase, a_read_beyond_the_end_is_an_error_with_numbers);

  srunner_run_all (runner, CK_ENV);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
