/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <pinwheel/source.h>

#include "support.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* A ramp whose number of items is told only by its end: what an application's own source does. */
#define BLIND_TYPE_SOURCE (blind_source_get_type ())
G_DECLARE_FINAL_TYPE (BlindSource, blind_source, BLIND, SOURCE, PinwheelSource)

struct _BlindSource
{
  PinwheelSource parent_instance;

  const char *format; /* x:i32[outer,*,inner] */
  guint64 n_items, outer, inner;
};

G_DEFINE_FINAL_TYPE (BlindSource, blind_source, PINWHEEL_TYPE_SOURCE)

static gboolean
blind_source_negotiate (PinwheelElement *element, GError **error)
{
  PinwheelPad *src = pinwheel_element_get_src (element);
  g_autoptr (PinwheelFormat) format = pinwheel_format_parse (BLIND_SOURCE (element)->format,
                                                             PINWHEEL_ITEMS_UNKNOWN, error);

  pinwheel_pad_set_format (src, format);
  pinwheel_pad_set_demand (src, PINWHEEL_MEMORY_PINNED, 1);
  return TRUE;
}

static gboolean
blind_source_fill (PinwheelSource *source, PinwheelChunk *chunk, GError **error)
{
  BlindSource *self = BLIND_SOURCE (source);
  guint64 start = pinwheel_chunk_get_start (chunk);
  guint64 count = MIN (pinwheel_chunk_get_count (chunk), self->n_items - start);
  gint32 *data;

  pinwheel_chunk_set_count (chunk, count);
  data = pinwheel_chunk_get_data (chunk, 0);
  for (guint64 o = 0; o < self->outer; o++)
    for (guint64 i = 0; i < count * self->inner; i++)
      *data++ = (gint32) ((o * self->n_items + start) * self->inner + i);
  return TRUE;
}

static void
blind_source_class_init (BlindSourceClass *klass)
{
  PINWHEEL_ELEMENT_CLASS (klass)->negotiate = blind_source_negotiate;
  PINWHEEL_SOURCE_CLASS (klass)->fill = blind_source_fill;
}

static void
blind_source_init (BlindSource *self)
{
}

static PinwheelElement *
npysink (const char *name)
{
  return support_make ("npysink", "location", support_path (name), NULL);
}

static const char *const formats[] = { "x:f32[*]",     "x:f64[*,3]",  "x:i16[4,*]", "x:u8[2,*,3]",
                                       "x:c64[2,3,*]", "x:bool[1,*]", NULL };
static const char *const counts[] = { "0", "1", "14", "23" };

START_TEST (files_are_what_numpy_saves_whatever_axis_and_chunk)
{
  g_autofree char *argument = g_strjoinv (" ", (GStrv) formats);

  support_python (
      "for i, text in enumerate(sys.argv[2].split()):\n"
      "  dtype, shape = text[2:-1].split('[')\n"
      "  for n in 0, 1, 14, 23:\n"
      "    s = [n if d == '*' else int(d) for d in shape.split(',')]\n"
      "    d = dict(f32='f4', f64='f8', i16='i2', u8='u1', c64='c8', bool='?')[dtype]\n"
      "    np.save(folder + f'{i}-{n}.npy', np.arange(np.prod(s)).reshape(s).astype(d))\n",
      argument);
  for (guint i = 0; formats[i] != NULL; i++)
    for (guint n = 0; n < G_N_ELEMENTS (counts); n++)
      for (guint l = 0; l < SUPPORT_N_LENGTHS; l++)
        {
          g_autofree char *expected = g_strdup_printf ("%u-%s.npy", i, counts[n]);

          support_run (support_chain (
              support_lengths[l],
              support_make ("testsrc", "format", formats[i], "items", counts[n], NULL),
              npysink ("out.npy"), NULL));
          support_check_same (support_path ("out.npy"), support_path (expected));
        }
}
END_TEST

static const struct
{
  const char *format;
  guint64 outer, inner;
} blind_cases[] = { { "x:i32[*]", 1, 1 },   { "x:i32[*,5]", 1, 5 },
                    { "x:i32[1,*]", 1, 1 }, { "x:i32[3,*,5]", 3, 5 },
                    { "x:i32[6,*]", 6, 1 }, { "x:i32[2,*,100000]", 2, 100000 } };

START_TEST (a_total_that_is_known_at_the_end_only_makes_the_same_array)
{
  static const guint64 n_items[] = { 0, 1, 14, 15 };

  for (guint n = 0; n < G_N_ELEMENTS (n_items); n++)
    for (guint l = 0; l < 3; l++)
      {
        BlindSource *source = g_object_new (BLIND_TYPE_SOURCE, NULL);
        guint64 outer = blind_cases[_i].outer, inner = blind_cases[_i].inner;
        guint64 count = outer * inner * n_items[n];
        g_autoptr (GBytes) bytes = NULL;
        const guint8 *data;
        gsize size;

        source->format = blind_cases[_i].format;
        source->n_items = n_items[n];
        source->outer = outer;
        source->inner = inner;
        support_run (support_chain (support_lengths[l], source, npysink ("out.npy"), NULL));
        bytes = support_read (support_path ("out.npy"));
        data = g_bytes_get_data (bytes, &size);
        ck_assert_uint_eq (size % 64, count * 4 % 64);
        for (guint64 i = 0; i < count; i++)
          {
            gint32 value;

            memcpy (&value, data + size - 4 * (count - i), 4);
            if (value != (gint32) i)
              ck_assert_int_eq (value, (gint32) i);
          }
        ck_assert_uint_eq (support_count_files (), 1);
      }
  support_python ("a = np.load(folder + 'out.npy')\n"
                  "assert a.size == int(sys.argv[2]) and a.ndim <= 3, a.shape\n"
                  "assert (a.ravel() == np.arange(a.size)).all()\n",
                  _i == 0   ? "15"
                  : _i == 1 ? "75"
                  : _i == 2 ? "15"
                  : _i == 3 ? "225"
                  : _i == 4 ? "90"
                            : "3000000");
}
END_TEST

START_TEST (each_array_has_its_file_where_the_location_has_its_name)
{
  support_run (support_chain (
      3, support_make ("testsrc", "format", "x:f32[*] y:i64[2,*] w:f64[3]", "items", "10", NULL),
      npysink ("%s.npy"), NULL));
  support_python ("assert (np.load(folder + 'x.npy') == np.arange(10)).all()\n"
                  "assert (np.load(folder + 'y.npy') == np.arange(20).reshape(2, 10)).all()\n"
                  "w = np.load(folder + 'w.npy')\n"
                  "assert w.shape == (3,) and w.dtype == 'f8' and (w == np.arange(3)).all()\n",
                  NULL);
}
END_TEST

START_TEST (one_array_of_several_is_written_where_it_is_named)
{
  support_run (support_chain (
      3, support_make ("testsrc", "format", "x:f32[*] y:i64[2,*]", "items", "10", NULL),
      support_make ("npysink", "location", support_path ("o-%s.npy"), "array", "y", NULL), NULL));
  ck_assert_uint_eq (support_count_files (), 1);
  support_python ("assert np.load(folder + 'o-y.npy').shape == (2, 10)", NULL);
}
END_TEST

static PinwheelElement *
two_arrays (void)
{
  return support_make ("testsrc", "format", "speed:f32[*] mass:i64[*]", NULL);
}

START_TEST (a_choice_that_is_missing_or_wrong_is_told)
{
  support_run_fails (support_chain (0, two_arrays (), npysink ("out.npy"), NULL),
                     PINWHEEL_ERROR_FORMAT, "2 arrays (speed, mass)");
  support_run_fails (support_chain (0, two_arrays (),
                                    support_make ("npysink", "location", support_path ("out.npy"),
                                                  "array", "sped", NULL),
                                    NULL),
                     PINWHEEL_ERROR_FORMAT, "did you mean 'speed'");
  ck_assert_uint_eq (support_count_files (), 0);
}
END_TEST

START_TEST (a_place_that_cannot_be_written_is_told_before_anything_runs)
{
  static const char *const bad[] = { ".", "missing/out.npy", "fifo" };
  static const char *const words[] = { "Is a directory", "No such file or directory",
                                       "rawsink writes to pipes" };

  ck_assert_int_eq (mkfifo (support_path ("fifo"), 0600), 0);
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (PinwheelPipeline) pipeline = support_chain (0, support_make ("testsrc", NULL),
                                                             npysink (bad[i]), NULL);
      g_autoptr (GError) error = NULL;

      ck_assert (!pinwheel_pipeline_set_state (pipeline, PINWHEEL_STATE_READY, &error));
      support_check_error (error, PINWHEEL_ERROR_RESOURCE, words[i]);
    }
}
END_TEST

START_TEST (two_sinks_on_one_file_are_told)
{
  g_autoptr (PinwheelPipeline) pipeline = pinwheel_pipeline_new ();
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = g_path_get_dirname (support_path ("x"));
  g_autofree char *crooked = g_strconcat (folder, "/./out.npy", NULL);
  PinwheelElement *all[] = { support_make ("testsrc", NULL), support_make ("tee", NULL),
                             npysink ("out.npy"),
                             support_make ("rawsink", "location", crooked, NULL) };

  for (guint i = 0; i < G_N_ELEMENTS (all); i++)
    {
      ck_assert (pinwheel_pipeline_add (pipeline, all[i], NULL));
      if (i > 0)
        ck_assert (pinwheel_pad_link (
            pinwheel_element_get_free_pad (all[MIN (i - 1, 1)], PINWHEEL_PAD_SRC),
            pinwheel_element_get_sink (all[i]), NULL));
      g_object_unref (all[i]);
    }
  ck_assert (!pinwheel_pipeline_run (pipeline, &error));
  support_check_error (error, PINWHEEL_ERROR_RESOURCE, "already in use by npysink0");
}
END_TEST

START_TEST (a_run_that_fails_leaves_what_was_there)
{
  static const char *const chunks[] = { "0", "5", "9" };

  support_write (support_path ("out.npy"), "old", 3);
  for (guint i = 0; i < G_N_ELEMENTS (chunks); i++)
    {
      g_autoptr (GBytes) bytes = NULL;

      support_run_fails (support_chain (10, support_make ("testsrc", "items", "100", NULL),
                                        support_make ("identity", "fail-at", chunks[i], NULL),
                                        npysink ("out.npy"), NULL),
                         PINWHEEL_ERROR_FAILED, "as fail-at asks");
      bytes = support_read (support_path ("out.npy"));
      ck_assert_uint_eq (g_bytes_get_size (bytes), 3);
      ck_assert_uint_eq (support_count_files (), 1);
    }
}
END_TEST

START_TEST (a_run_that_is_stopped_leaves_nothing)
{
  g_autoptr (PinwheelPipeline) pipeline = support_chain (
      10, support_make ("testsrc", "items", "100000", NULL),
      support_make ("identity", "delay", "100000", NULL), npysink ("out.npy"), NULL);
  g_autoptr (GError) error = NULL;

  ck_assert (pinwheel_pipeline_set_state (pipeline, PINWHEEL_STATE_RUNNING, NULL));
  pinwheel_pipeline_stop (pipeline);
  ck_assert (!pinwheel_pipeline_wait (pipeline, &error));
  ck_assert (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED));
  ck_assert_uint_eq (support_count_files (), 0);
}
END_TEST

START_TEST (a_second_run_writes_the_same)
{
  g_autoptr (PinwheelPipeline) pipeline = support_chain (
      7, support_make ("testsrc", "format", "x:f32[3,*]", "items", "50", NULL), npysink ("out.npy"),
      NULL);
  g_autoptr (GBytes) first = NULL, second = NULL;

  ck_assert (pinwheel_pipeline_run (pipeline, NULL));
  first = support_read (support_path ("out.npy"));
  ck_assert (pinwheel_pipeline_run (pipeline, NULL));
  second = support_read (support_path ("out.npy"));
  ck_assert (g_bytes_equal (first, second));
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("npysink");
  TCase *tcase = tcase_create ("npysink");
  SRunner *runner = srunner_create (suite);
  int failed;

  suite_add_tcase (suite, tcase);
  tcase_set_timeout (tcase, 60);
  tcase_add_checked_fixture (tcase, support_make_folder, support_remove_folder);
  tcase_add_test (tcase, files_are_what_numpy_saves_whatever_axis_and_chunk);
  tcase_add_loop_test (tcase, a_total_that_is_known_at_the_end_only_makes_the_same_array, 0,
                       G_N_ELEMENTS (blind_cases));
  tcase_add_test (tcase, each_array_has_its_file_where_the_location_has_its_name);
  tcase_add_test (tcase, one_array_of_several_is_written_where_it_is_named);
  tcase_add_test (tcase, a_choice_that_is_missing_or_wrong_is_told);
  tcase_add_test (tcase, a_place_that_cannot_be_written_is_told_before_anything_runs);
  tcase_add_test (tcase, two_sinks_on_one_file_are_told);
  tcase_add_test (tcase, a_run_that_fails_leaves_what_was_there);
  tcase_add_test (tcase, a_run_that_is_stopped_leaves_nothing);
  tcase_add_test (tcase, a_second_run_writes_the_same);

  srunner_run_all (runner, CK_ENV);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
