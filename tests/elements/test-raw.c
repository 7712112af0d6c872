/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "support.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static PinwheelElement *
rawsrc (const char *file, const char *format, const char *offset)
{
  return support_make ("rawsrc", "location", support_path (file), "format", format, "offset",
                       offset, NULL);
}

static PinwheelElement *
rawsink (const char *file)
{
  return support_make ("rawsink", "location", support_path (file), NULL);
}

static void
write_ramp (const char *file, gsize n)
{
  g_autofree guint8 *bytes = g_malloc (n + 1);

  for (gsize i = 0; i < n; i++)
    bytes[i] = (guint8) (i * 3 + i / 256);
  support_write (support_path (file), bytes, n);
}

START_TEST (bytes_come_through_whatever_axis_and_chunk)
{
  static const char *const formats[] = { "x:f32[*]",     "x:f32[*,5]",  "x:f32[5,*]",
                                         "x:i16[2,*,5]", "x:u8[4,5,*]", "x:c128[*,5]" };

  for (guint n = 0; n <= 1200; n += 240)
    {
      write_ramp ("in", n);
      for (guint f = 0; f < G_N_ELEMENTS (formats); f++)
        for (guint l = 0; l < SUPPORT_N_LENGTHS; l++)
          {
            support_run (support_chain (support_lengths[l], rawsrc ("in", formats[f], "0"),
                                        rawsink ("out"), NULL));
            support_check_same (support_path ("in"), support_path ("out"));
          }
    }
}
END_TEST

START_TEST (an_offset_is_left_out)
{
  g_autoptr (GBytes) in = NULL, out = NULL;

  write_ramp ("in", 1203);
  support_run (support_chain (7, rawsrc ("in", "x:f32[3,*]", "3"), rawsink ("out"), NULL));
  in = support_read (support_path ("in"));
  out = support_read (support_path ("out"));
  ck_assert_uint_eq (g_bytes_get_size (out), 1200);
  ck_assert_mem_eq (g_bytes_get_data (out, NULL), (const guint8 *) g_bytes_get_data (in, NULL) + 3,
                    1200);
}
END_TEST

START_TEST (a_broadcast_array_is_the_whole_file)
{
  write_ramp ("in", 240);
  support_run (support_chain (0, rawsrc ("in", "w:f32[3,20]", "0"), rawsink ("out"), NULL));
  support_check_same (support_path ("in"), support_path ("out"));
  support_run_fails (support_chain (0, rawsrc ("in", "w:f32[3,21]", "0"), rawsink ("out"), NULL),
                     PINWHEEL_ERROR_DATA, "240 bytes from offset=0 on, and w:f32[3,21] takes 252");
}
END_TEST

START_TEST (what_is_not_a_whole_number_of_items_is_told)
{
  write_ramp ("in", 1203);
  support_run_fails (support_chain (0, rawsrc ("in", "x:f32[3,*]", "0"), rawsink ("out"), NULL),
                     PINWHEEL_ERROR_DATA, "3 bytes are left over after 100 items of 12 bytes");
  support_run_fails (support_chain (0, rawsrc ("in", "x:f32[3,*]", "2000"), rawsink ("out"), NULL),
                     PINWHEEL_ERROR_DATA, "has 1203 bytes, fewer than offset=2000");
}
END_TEST

START_TEST (a_format_that_one_file_cannot_have_is_told)
{
  write_ramp ("in", 240);
  support_run_fails (
      support_chain (0, rawsrc ("in", "x:f32[*] y:f32[*]", "0"), rawsink ("out"), NULL),
      PINWHEEL_ERROR_FORMAT, "more than one array");
  support_run_fails (support_chain (0, rawsrc ("in", "x:f32[0,*]", "0"), rawsink ("out"), NULL),
                     PINWHEEL_ERROR_FORMAT, "items without a byte");
  support_run_fails (support_chain (0, rawsrc ("in", "x:f33[*]", "0"), rawsink ("out"), NULL),
                     PINWHEEL_ERROR_PARSE, "format=\"x:f33[*]\"");
}
END_TEST

/* Writes what it gets, piece by piece, into the FIFO. */
typedef struct
{
  const char *path;
  gsize size;
} Feed;

static gpointer
feed_fifo (gpointer data)
{
  Feed *feed = data;
  int fd = open (feed->path, O_WRONLY);

  for (gsize i = 0; i < feed->size; i++)
    {
      guint8 byte = (guint8) (i * 3 + i / 256);

      ck_assert_int_eq (write (fd, &byte, 1), 1);
    }
  close (fd);
  return NULL;
}

START_TEST (a_pipe_is_read_to_its_end)
{
  static const gsize sizes[] = { 0, 12, 12 * 14, 12 * 15 };

  ck_assert_int_eq (mkfifo (support_path ("fifo"), 0600), 0);
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      Feed feed = { support_path ("fifo"), sizes[i] };
      GThread *thread = g_thread_new ("feed", feed_fifo, &feed);

      write_ramp ("in", sizes[i]);
      support_run (support_chain (7, rawsrc ("fifo", "x:f32[*,3]", "0"), rawsink ("out"), NULL));
      g_thread_join (thread);
      support_check_same (support_path ("in"), support_path ("out"));
    }
}
END_TEST

START_TEST (a_pipe_that_ends_inside_an_item_is_an_error)
{
  Feed feed = { NULL, 12 * 9 + 5 };
  GThread *thread;

  ck_assert_int_eq (mkfifo (support_path ("fifo"), 0600), 0);
  feed.path = support_path ("fifo");
  thread = g_thread_new ("feed", feed_fifo, &feed);
  support_run_fails (support_chain (7, rawsrc ("fifo", "x:f32[*,3]", "0"), rawsink ("out"), NULL),
                     PINWHEEL_ERROR_DATA, "5 bytes are left over after 9 items of 12 bytes");
  g_thread_join (thread);
  ck_assert (!g_file_test (support_path ("out"), G_FILE_TEST_EXISTS));
}
END_TEST

START_TEST (an_inner_chunk_axis_is_refused_for_pipes)
{
  ck_assert_int_eq (mkfifo (support_path ("fifo"), 0600), 0);
  support_run_fails (support_chain (0, rawsrc ("fifo", "x:f32[3,*]", "0"), rawsink ("out"), NULL),
                     PINWHEEL_ERROR_FORMAT, "its chunk axis must be the first one");
  support_run_fails (support_chain (0, support_make ("testsrc", "format", "x:f32[3,*]", NULL),
                                    rawsink ("fifo"), NULL),
                     PINWHEEL_ERROR_FORMAT, "cut along another axis");
}
END_TEST

static gpointer
run_chain (gpointer pipeline)
{
  return GINT_TO_POINTER (pinwheel_pipeline_run (pipeline, NULL));
}

START_TEST (a_pipe_joins_two_pipelines)
{
  g_autoptr (PinwheelPipeline) writer = NULL;
  GThread *thread;

  ck_assert_int_eq (mkfifo (support_path ("fifo"), 0600), 0);
  writer = support_chain (100, support_make ("testsrc", "items", "100000", NULL), rawsink ("fifo"),
                          NULL);
  thread = g_thread_new ("writer", run_chain, writer);
  support_run (support_chain (333, rawsrc ("fifo", "x:f32[*]", "0"), rawsink ("out"), NULL));
  ck_assert (GPOINTER_TO_INT (g_thread_join (thread)));
  support_run (support_chain (0, support_make ("testsrc", "items", "100000", NULL),
                              rawsink ("expected"), NULL));
  support_check_same (support_path ("out"), support_path ("expected"));
}
END_TEST

START_TEST (standard_input_and_output_are_pipes_too)
{
  int in = dup (STDIN_FILENO), out = dup (STDOUT_FILENO);
  int from, to;

  write_ramp ("in", 1200);
  from = open (support_path ("in"), O_RDONLY);
  to = open (support_path ("out"), O_WRONLY | O_CREAT, 0600);
  fflush (stdout);
  ck_assert (dup2 (from, STDIN_FILENO) >= 0 && dup2 (to, STDOUT_FILENO) >= 0);
  support_run (support_chain (7,
                              support_make ("rawsrc", "location", "-", "format", "x:f32[*]", NULL),
                              support_make ("rawsink", "location", "-", NULL), NULL));
  ck_assert (dup2 (in, STDIN_FILENO) >= 0 && dup2 (out, STDOUT_FILENO) >= 0);
  support_check_same (support_path ("in"), support_path ("out"));
  close (from);
  close (to);
  close (in);
  close (out);
}
END_TEST

START_TEST (a_device_takes_everything_or_says_why)
{
  support_run (support_chain (100, support_make ("testsrc", "items", "1000", NULL),
                              support_make ("rawsink", "location", "/dev/null", NULL), NULL));
  support_run_fails (support_chain (100, support_make ("testsrc", "items", "1000", NULL),
                                    support_make ("rawsink", "location", "/dev/full", NULL), NULL),
                     PINWHEEL_ERROR_RESOURCE, "rawsink0: chunk 0: cannot write '/dev/full'");
}
END_TEST

START_TEST (a_stop_ends_a_wait_for_either_end_of_a_pipe)
{
  g_autoptr (PinwheelPipeline) reader = NULL;
  g_autoptr (PinwheelPipeline) writer = NULL;

  ck_assert_int_eq (mkfifo (support_path ("in"), 0600), 0);
  ck_assert_int_eq (mkfifo (support_path ("out"), 0600), 0);
  reader = support_chain (7, rawsrc ("in", "x:f32[*]", "0"), support_make ("fakesink", NULL), NULL);
  writer = support_chain (7, support_make ("testsrc", NULL), rawsink ("out"), NULL);
  ck_assert (pinwheel_pipeline_set_state (reader, PINWHEEL_STATE_RUNNING, NULL));
  ck_assert (pinwheel_pipeline_set_state (writer, PINWHEEL_STATE_RUNNING, NULL));
  ck_assert (pinwheel_pipeline_set_state (reader, PINWHEEL_STATE_NULL, NULL));
  ck_assert (pinwheel_pipeline_set_state (writer, PINWHEEL_STATE_NULL, NULL));
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("raw");
  TCase *tcase = tcase_create ("raw");
  SRunner *runner = srunner_create (suite);
  int failed;

  suite_add_tcase (suite, tcase);
  tcase_set_timeout (tcase, 60);
  tcase_add_checked_fixture (tcase, support_make_folder, support_remove_folder);
  tcase_add_test (tcase, bytes_come_through_whatever_axis_and_chunk);
  tcase_add_test (tcase, an_offset_is_left_out);
  tcase_add_test (tcase, a_broadcast_array_is_the_whole_file);
  tcase_add_test (tcase, what_is_not_a_whole_number_of_items_is_told);
  tcase_add_test (tcase, a_format_that_one_file_cannot_have_is_told);
  tcase_add_test (tcase, a_pipe_is_read_to_its_end);
  tcase_add_test (tcase, a_pipe_that_ends_inside_an_item_is_an_error);
  tcase_add_test (tcase, an_inner_chunk_axis_is_refused_for_pipes);
  tcase_add_test (tcase, a_pipe_joins_two_pipelines);
  tcase_add_test (tcase, standard_input_and_output_are_pipes_too);
  tcase_add_test (tcase, a_device_takes_everything_or_says_why);
  tcase_add_test (tcase, a_stop_ends_a_wait_for_either_end_of_a_pipe);

  srunner_run_all (runner, CK_ENV);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
