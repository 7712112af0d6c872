/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "support.h"

#include <stdlib.h>

START_TEST (checksums_go_over_items_in_order_whatever_the_chunks)
{
  g_autoptr (PinwheelPipeline) pipeline = NULL;
  g_autoptr (PinwheelElement) sink = support_make ("checksumsink", NULL);
  g_autofree char *checksum = NULL;

  pipeline = support_chain (
      support_lengths[_i],
      support_make ("testsrc", "format",
                    "a:f32[*] b:u8[3,*] c:i64[2,*,5] big:u8[3,*,100000] w:f64[7]", "items", "23",
                    NULL),
      g_object_ref (sink), NULL);
  ck_assert (pinwheel_pipeline_run (pipeline, NULL));
  g_object_get (sink, "checksum", &checksum, NULL);
  support_python ("import hashlib\n"
                  "lines = []\n"
                  "def add(name, dtype, axis, *shape):\n"
                  "  a = np.arange(np.prod(shape)).reshape(shape).astype(dtype)\n"
                  "  if axis is not None: a = np.moveaxis(a, axis, 0)\n"
                  "  lines.append(name + ': ' + hashlib.sha256(a.tobytes()).hexdigest())\n"
                  "add('a', 'f4', 0, 23)\nadd('b', 'u1', 1, 3, 23)\nadd('c', 'i8', 1, 2, 23, 5)\n"
                  "add('big', 'u1', 1, 3, 23, 100000)\nadd('w', 'f8', None, 7)\n"
                  "assert '\\n'.join(lines) == sys.argv[2], (lines, sys.argv[2])\n",
                  checksum);
}
END_TEST

START_TEST (an_array_without_items_has_the_checksum_of_nothing)
{
  g_autoptr (PinwheelPipeline) pipeline = support_chain (
      0, support_make ("testsrc", "items", "0", NULL), support_make ("checksumsink", NULL), NULL);
  g_autoptr (PinwheelMessage) message = NULL;
  const char *sum = NULL;

  ck_assert (pinwheel_pipeline_run (pipeline, NULL));
  message = support_pop (pipeline, PINWHEEL_MESSAGE_RESULT);
  ck_assert_str_eq (pinwheel_message_get_text (message),
                    "x: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  ck_assert (g_variant_lookup (pinwheel_message_get_details (message), "sha256", "&s", &sum));
  ck_assert_str_eq (sum, pinwheel_message_get_text (message) + 3);
}
END_TEST

START_TEST (a_second_run_has_the_same_checksum)
{
  g_autoptr (PinwheelElement) sink = support_make ("checksumsink", NULL);
  g_autoptr (PinwheelPipeline) pipeline = support_chain (
      7, support_make ("testsrc", "pattern", "random", "items", "1000", NULL), g_object_ref (sink),
      NULL);
  g_autofree char *first = NULL, *second = NULL;

  ck_assert (pinwheel_pipeline_run (pipeline, NULL));
  g_object_get (sink, "checksum", &first, NULL);
  ck_assert (pinwheel_pipeline_run (pipeline, NULL));
  g_object_get (sink, "checksum", &second, NULL);
  ck_assert_str_eq (first, second);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("checksumsink");
  TCase *tcase = tcase_create ("checksumsink");
  SRunner *runner = srunner_create (suite);
  int failed;

  suite_add_tcase (suite, tcase);
  tcase_set_timeout (tcase, 60);
  tcase_add_checked_fixture (tcase, support_make_folder, support_remove_folder);
  tcase_add_loop_test (tcase, checksums_go_over_items_in_order_whatever_the_chunks, 0,
                       SUPPORT_N_LENGTHS);
  tcase_add_test (tcase, an_array_without_items_has_the_checksum_of_nothing);
  tcase_add_test (tcase, a_second_run_has_the_same_checksum);

  srunner_run_all (runner, CK_ENV);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
