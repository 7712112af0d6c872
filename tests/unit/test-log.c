/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The environment is read once per process, so every test starts this program again with an
 * environment of its own and reads what it says on stderr. */
#include "config.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log-private.h"

#define N_THREADS 4
#define N_LINES   200

static const char *program;

static gpointer
speak_often (gpointer data)
{
  for (int i = 0; i < N_LINES; i++)
    pinwheel_log ("link", PINWHEEL_LOG_LOG, "a.src", "line %d of a thread", i);
  return NULL;
}

static int
speak (const char *how)
{
  GThread *threads[N_THREADS];

  if (strcmp (how, "unprepared") != 0)
    pinwheel_log_init ();
  pinwheel_log ("link", PINWHEEL_LOG_DEBUG, "npysrc0.src", "level %d", 3);
  pinwheel_log ("pool", PINWHEEL_LOG_TRACE, NULL, "taken");
  pinwheel_log ("plan", PINWHEEL_LOG_WARNING, NULL, "tight");
  if (strcmp (how, "threads") != 0)
    return EXIT_SUCCESS;
  for (guint i = 0; i < N_THREADS; i++)
    threads[i] = g_thread_new ("speaker", speak_often, NULL);
  for (guint i = 0; i < N_THREADS; i++)
    g_thread_join (threads[i]);
  return EXIT_SUCCESS;
}

/* Returns: the lines that a child with this PINWHEEL_DEBUG says */
static char **
listen (const char *how, const char *debug)
{
  const char *argv[] = { program, "--speak", how, NULL };
  g_auto (GStrv) environment = g_environ_unsetenv (g_get_environ (), "PINWHEEL_DEBUG");
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  int status;

  if (debug != NULL)
    environment = g_environ_setenv (environment, "PINWHEEL_DEBUG", debug, TRUE);
  ck_assert_msg (g_spawn_sync (NULL, (char **) argv, environment, G_SPAWN_DEFAULT, NULL, NULL, NULL,
                               &text, &status, &error),
                 "%s", error != NULL ? error->message : "");
  ck_assert_msg (g_spawn_check_wait_status (status, NULL), "%.500s", text);
  if (g_str_has_suffix (text, "\n"))
    text[strlen (text) - 1] = '\0';
  return *text == '\0' ? g_new0 (char *, 1) : g_strsplit (text, "\n", -1);
}

static void
expect (const char *debug, const char *const *endings)
{
  g_auto (GStrv) lines = listen ("plainly", debug);
  g_autofree char *all = g_strjoinv ("\n", lines);
  guint n = 0;

  for (; endings[n] != NULL; n++)
    ck_assert_msg (lines[n] != NULL && g_str_has_suffix (lines[n], endings[n]), "%s: %s", debug,
                   all);
  ck_assert_msg (lines[n] == NULL, "%s: %s", debug, all);
}
#define EXPECT(debug, ...) expect (debug, (const char *const[]){ __VA_ARGS__, NULL })

#define LINK               "DEBUG   link: npysrc0.src: level 3"
#define POOL               "TRACE   pool: taken"
#define PLAN               "WARNING plan: tight"

START_TEST (nothing_is_said_unasked)
{
  expect (NULL, (const char *const[]){ NULL });
  expect ("", (const char *const[]){ NULL });
  expect ("0", (const char *const[]){ NULL });
}
END_TEST

START_TEST (nothing_is_said_before_the_environment_was_read)
{
  g_auto (GStrv) lines = listen ("unprepared", "9");

  ck_assert_ptr_null (lines[0]);
}
END_TEST

START_TEST (a_level_alone_is_for_every_category)
{
  EXPECT ("2", PLAN);
  EXPECT ("5", LINK, PLAN);
  EXPECT ("9", LINK, POOL, PLAN);
  EXPECT ("debug", LINK, PLAN);
}
END_TEST

START_TEST (a_category_has_its_own_level)
{
  EXPECT ("link:5", LINK);
  EXPECT (" pool : 7 , link:LOG", LINK, POOL);
  EXPECT ("p*:2", PLAN);
  EXPECT ("p?ol:7", POOL);
}
END_TEST

START_TEST (a_name_beats_a_pattern_and_the_last_of_a_kind_counts)
{
  EXPECT ("pool:7,*:2", POOL, PLAN);
  EXPECT ("*:2,pool:7", POOL, PLAN);
  EXPECT ("5,link:0", PLAN);
  EXPECT ("link:0,link:5", LINK);
  EXPECT ("9,2", PLAN);
}
END_TEST

START_TEST (a_piece_that_is_not_understood_is_told_and_the_rest_counts)
{
  g_auto (GStrv) lines = listen ("plainly", "link:loud,,:3,plan:2");

  ck_assert_uint_eq (g_strv_length (lines), 3);
  ck_assert (g_str_has_prefix (lines[0], "PINWHEEL_DEBUG: 'link:loud' is not understood"));
  ck_assert (g_str_has_prefix (lines[1], "PINWHEEL_DEBUG: ':3' is not understood"));
  ck_assert (g_str_has_suffix (lines[2], PLAN));
}
END_TEST

START_TEST (threads_do_not_break_each_others_lines)
{
  g_auto (GStrv) lines = listen ("threads", "link:6");
  guint next[N_LINES] = { 0 };

  ck_assert_uint_eq (g_strv_length (lines), 1 + N_THREADS * N_LINES);
  for (char **line = lines + 1; *line != NULL; line++)
    {
      int seconds, microseconds, i, end = 0;

      sscanf (*line, "%d.%6d speaker LOG link: a.src: line %d of a thread%n", &seconds,
              &microseconds, &i, &end);
      ck_assert_msg (end == (int) strlen (*line) && i >= 0 && i < N_LINES, "%s", *line);
      next[i]++;
    }
  for (guint i = 0; i < N_LINES; i++)
    ck_assert_uint_eq (next[i], N_THREADS);
}
END_TEST

int
main (int argc, char **argv)
{
  Suite *suite;
  TCase *tcase;
  SRunner *runner;
  int failed;

  if (argc == 3 && strcmp (argv[1], "--speak") == 0)
    return speak (argv[2]);
  program = argv[0];

  suite = suite_create ("log");
  tcase = tcase_create ("stderr");
  suite_add_tcase (suite, tcase);
  tcase_add_test (tcase, nothing_is_said_unasked);
  tcase_add_test (tcase, nothing_is_said_before_the_environment_was_read);
  tcase_add_test (tcase, a_level_alone_is_for_every_category);
  tcase_add_test (tcase, a_category_has_its_own_level);
  tcase_add_test (tcase, a_name_beats_a_pattern_and_the_last_of_a_kind_counts);
  tcase_add_test (tcase, a_piece_that_is_not_understood_is_told_and_the_rest_counts);
  tcase_add_test (tcase, threads_do_not_break_each_others_lines);

  runner = srunner_create (suite);
  srunner_run_all (runner, CK_ENV);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
