/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include <pinwheel/error.h>
#include <pinwheel/property.h>

static const struct
{
  const char *text;
  guint64 size;
} sizes[] = {
  { "0", 0 },
  { "4096", 4096 },
  { "64k", 64000 },
  { "64K", 64000 },
  { "64Ki", 65536 },
  { "64KiB", 65536 },
  { "64kB", 64000 },
  { "7B", 7 },
  { "7 B", 7 },
  { "12GB", 12000000000 },
  { "1.5GiB", 1610612736 },
  { "1.50 GiB", 1610612736 },
  { "0.5k", 500 },
  { "1.0", 1 },
  { "2M", 2000000 },
  { "2Mi", 2097152 },
  { "3T", 3000000000000 },
  { "3Ti", 3298534883328 },
  { "4P", 4000000000000000 },
  { "4Pi", 4503599627370496 },
  { "18446744073709551615", G_MAXUINT64 },
  { "007", 7 },
};

static const char *const refused[] = {
  "",
  " ",
  "k",
  "B",
  "-1",
  "+1",
  "1 ",
  " 1",
  "1  k",
  "1kk",
  "1ib",
  "8Gib",
  "8gB",
  "1.",
  ".5k",
  "1.5.1k",
  "1,5k",
  "0x10",
  "1e3",
  "1_000",
  "1k ",
  "1BB",
  "1iB",
  "1 k B",
  "1Zi",
  "1\xff",
  "\xc3\xa9",
  "nan",
  "1.5",
  "1.5B",
  "0.0005k",
  "0.1Ki",
  "1.3Ei",
  "0.00000000000000000001E",
  "18446744073709551616",
  "16Ei",
  "18.5E",
  "99999999999999999999999999999999999999999",
  "18446744073709552k",
  "16384Pi",
};

START_TEST (sizes_are_read_exactly)
{
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autoptr (GError) error = NULL;
      guint64 size = 0;

      ck_assert_msg (pinwheel_parse_size (sizes[i].text, &size, &error), "%s", sizes[i].text);
      ck_assert_uint_eq (size, sizes[i].size);
    }
}
END_TEST

START_TEST (what_is_no_size_is_refused)
{
  for (guint i = 0; i < G_N_ELEMENTS (refused); i++)
    {
      g_autoptr (GError) error = NULL;
      guint64 size = 42;

      ck_assert_msg (!pinwheel_parse_size (refused[i], &size, &error), "%s", refused[i]);
      ck_assert (g_error_matches (error, PINWHEEL_ERROR, PINWHEEL_ERROR_PROPERTY));
      ck_assert (g_utf8_validate (error->message, -1, NULL));
      ck_assert_uint_eq (size, 42);
    }
}
END_TEST

START_TEST (refusals_say_why)
{
  static const char *const reasons[][2] = {
    { "8Gib", "'8Gib' is not a size" },
    { "1.5", "'1.5' is not a whole number of bytes" },
    { "16Ei", "'16Ei' is too large" },
    { "a\n\x1b[1m", "'a\\x0A\\x1B[1m' is not a size" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (reasons); i++)
    {
      g_autoptr (GError) error = NULL;
      guint64 size;

      ck_assert (!pinwheel_parse_size (reasons[i][0], &size, &error));
      ck_assert_msg (g_str_has_prefix (error->message, reasons[i][1]), "%s", error->message);
    }
}
END_TEST

START_TEST (a_long_text_is_cut_short_in_the_message)
{
  g_autofree char *text = g_strnfill (1000000, 'x');
  g_autoptr (GError) error = NULL;
  guint64 size;

  ck_assert (!pinwheel_parse_size (text, &size, &error));
  ck_assert_uint_lt (strlen (error->message), 300);
}
END_TEST

START_TEST (sizes_are_written_with_four_digits)
{
  static const struct
  {
    guint64 size;
    const char *text;
  } written[] = {
    { 0, "0 B" },
    { 356, "356 B" },
    { 1023, "1023 B" },
    { 1024, "1 KiB" },
    { 1536, "1.5 KiB" },
    { 16777216, "16 MiB" },
    { 1000000, "976.6 KiB" },
    { 1610612736, "1.5 GiB" },
    { 1048575, "1024 KiB" },
    { G_GUINT64_CONSTANT (1) << 60, "1 EiB" },
    { G_MAXUINT64, "16 EiB" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (written); i++)
    {
      g_autofree char *text = pinwheel_format_size (written[i].size);

      ck_assert_str_eq (text, written[i].text);
    }
}
END_TEST

START_TEST (what_is_written_is_read_again)
{
  for (guint shift = 0; shift < 64; shift++)
    {
      guint64 size = G_GUINT64_CONSTANT (1) << shift, read = 0;
      g_autofree char *text = pinwheel_format_size (size);

      ck_assert (pinwheel_parse_size (text, &read, NULL));
      ck_assert_uint_eq (read, size);
    }
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("size");
  TCase *tcase = tcase_create ("text");
  SRunner *runner = srunner_create (suite);
  int failed;

  suite_add_tcase (suite, tcase);
  tcase_add_test (tcase, sizes_are_read_exactly);
  tcase_add_test (tcase, what_is_no_size_is_refused);
  tcase_add_test (tcase, refusals_say_why);
  tcase_add_test (tcase, a_long_text_is_cut_short_in_the_message);
  tcase_add_test (tcase, sizes_are_written_with_four_digits);
  tcase_add_test (tcase, what_is_written_is_read_again);

  srunner_run_all (runner, CK_ENV);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
