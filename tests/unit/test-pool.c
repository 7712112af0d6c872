/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include <check.h>

#include <pinwheel/pool.h>

#include "base/lock-private.h"

static PinwheelDevice *device;
static PinwheelPool *pool;

static void
setup (void)
{
  device = pinwheel_device_open ("host", NULL);
  pool = pinwheel_pool_new (device, PINWHEEL_MEMORY_PINNED, 3, 1000, NULL);
  ck_assert_ptr_nonnull (pool);
}

static void
teardown (void)
{
  g_clear_object (&pool);
  g_clear_object (&device);
}

static PinwheelDeviceCounters
counters (void)
{
  PinwheelDeviceCounters now;

  pinwheel_device_get_counters (device, &now);
  return now;
}

START_TEST (a_pool_is_one_allocation)
{
  ck_assert_uint_eq (counters ().allocations, 1);
  ck_assert_uint_eq (counters ().pinned, 3 * 1024);
  g_clear_object (&pool);
  ck_assert_uint_eq (counters ().pinned, 0);
}
END_TEST

START_TEST (buffers_lie_apart_and_are_aligned)
{
  g_autoptr (PinwheelBuffer) a = pinwheel_pool_acquire (pool, NULL);
  g_autoptr (PinwheelBuffer) b = pinwheel_pool_acquire (pool, NULL);
  g_autoptr (PinwheelBuffer) c = pinwheel_pool_acquire (pool, NULL);
  PinwheelBuffer *all[] = { a, b, c };

  ck_assert_uint_eq (pinwheel_pool_get_n_buffers (pool), 3);
  ck_assert_uint_eq (pinwheel_pool_get_n_home (pool), 0);
  for (guint i = 0; i < 3; i++)
    {
      guint8 *memory = pinwheel_buffer_get_memory (all[i]);

      ck_assert_uint_eq ((guintptr) memory % PINWHEEL_ALIGNMENT, 0);
      for (guint j = 0; j < i; j++)
        ck_assert_int_ge (labs ((long) (memory - (guint8 *) pinwheel_buffer_get_memory (all[j]))),
                          1024);
      memset (memory, 255, pinwheel_buffer_get_capacity (all[i]));
    }
}
END_TEST

START_TEST (the_longest_at_home_leaves_first)
{
  PinwheelBuffer *first = pinwheel_pool_acquire (pool, NULL);
  PinwheelBuffer *second = pinwheel_pool_acquire (pool, NULL);
  PinwheelBuffer *third = pinwheel_pool_acquire (pool, NULL);
  PinwheelBuffer *order[] = { second, third, first };

  for (guint i = 0; i < 3; i++)
    pinwheel_buffer_unref (order[i]);
  for (guint i = 0; i < 3; i++)
    {
      PinwheelBuffer *got = pinwheel_pool_acquire (pool, NULL);

      ck_assert_ptr_eq (got, order[i]);
      pinwheel_buffer_unref (got);
    }
}
END_TEST

static gpointer
ask (gpointer error)
{
  return pinwheel_pool_acquire (pool, error);
}

/* Nothing shows from outside that the other thread is in its wait, so this is done until it was. */
START_TEST (an_empty_pool_makes_the_asker_wait)
{
  PinwheelBuffer *held[3];

  for (guint i = 0; i < 3; i++)
    held[i] = pinwheel_pool_acquire (pool, NULL);
  ck_assert_uint_eq (pinwheel_pool_get_waited (pool), 0);
  do
    {
      GThread *thread = g_thread_new ("asker", ask, NULL);

      g_thread_yield ();
      pinwheel_buffer_unref (held[1]);
      ck_assert_ptr_eq (g_thread_join (thread), held[1]);
    }
  while (pinwheel_pool_get_waited (pool) == 0);
  for (guint i = 0; i < 3; i++)
    pinwheel_buffer_unref (held[i]);
  ck_assert_uint_eq (pinwheel_pool_get_n_home (pool), 3);
}
END_TEST

START_TEST (flushing_wakes_who_waits_and_refuses_who_comes)
{
  PinwheelBuffer *held[3], *buffer;
  g_autoptr (GError) asker_error = NULL;
  g_autoptr (GError) error = NULL;
  GThread *thread;

  for (guint i = 0; i < 3; i++)
    held[i] = pinwheel_pool_acquire (pool, NULL);
  thread = g_thread_new ("asker", ask, &asker_error);
  pinwheel_pool_set_flushing (pool, TRUE);
  ck_assert_ptr_null (g_thread_join (thread));
  ck_assert (g_error_matches (asker_error, PINWHEEL_ERROR, PINWHEEL_ERROR_STOPPED));

  pinwheel_buffer_unref (held[0]);
  ck_assert_ptr_null (pinwheel_pool_acquire (pool, &error));
  ck_assert (g_error_matches (error, PINWHEEL_ERROR, PINWHEEL_ERROR_STOPPED));
  pinwheel_pool_set_flushing (pool, FALSE);
  buffer = pinwheel_pool_acquire (pool, NULL);
  ck_assert_ptr_eq (buffer, held[0]);
  for (guint i = 0; i < 3; i++)
    pinwheel_buffer_unref (held[i]);
}
END_TEST

START_TEST (memory_lives_as_long_as_a_buffer_is_lent)
{
  PinwheelBuffer *a = pinwheel_pool_acquire (pool, NULL);
  PinwheelBuffer *b = pinwheel_pool_acquire (pool, NULL);

  g_clear_object (&pool);
  ck_assert_uint_eq (counters ().pinned, 3 * 1024);
  memset (pinwheel_buffer_get_memory (a), 1, 1024);
  pinwheel_buffer_unref (a);
  memset (pinwheel_buffer_get_memory (b), 1, 1024);
  pinwheel_buffer_unref (b);
  ck_assert_uint_eq (counters ().pinned, 0);
}
END_TEST

#define ROUNDS 3000

/* Buffers on their way from one thread to others. */
typedef struct
{
  PinwheelLock lock;
  GCond came;
  PinwheelBuffer *buffers[3]; /* (lock) */
  guint n;                    /* (lock) */
} Way;

static gpointer
give_back (gpointer data)
{
  Way *way = data;

  for (guint i = 0; i < ROUNDS; i++)
    {
      PinwheelBuffer *buffer;

      pinwheel_lock (&way->lock);
      while (way->n == 0)
        pinwheel_cond_wait (&way->came, &way->lock);
      buffer = way->buffers[--way->n];
      pinwheel_unlock (&way->lock);
      pinwheel_buffer_unref (buffer);
    }
  return NULL;
}

START_TEST (buffers_come_home_from_other_threads)
{
  Way way = { .n = 0 };
  GThread *threads[2];

  pinwheel_lock_init (&way.lock);
  g_cond_init (&way.came);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("giver", give_back, &way);
  for (guint i = 0; i < ROUNDS * G_N_ELEMENTS (threads); i++)
    {
      PinwheelBuffer *buffer = pinwheel_pool_acquire (pool, NULL);

      pinwheel_lock (&way.lock);
      way.buffers[way.n++] = buffer;
      g_cond_signal (&way.came);
      pinwheel_unlock (&way.lock);
    }
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
  g_cond_clear (&way.came);
  pinwheel_lock_clear (&way.lock);
  ck_assert_uint_eq (pinwheel_pool_get_n_home (pool), 3);
  ck_assert_uint_eq (counters ().allocations, 1);
}
END_TEST

static gpointer
take_and_drop (gpointer data)
{
  guint n = 0;

  for (;;)
    {
      PinwheelBuffer *buffer = pinwheel_pool_acquire (pool, NULL);

      if (buffer == NULL)
        return GUINT_TO_POINTER (n);
      n++;
      pinwheel_buffer_unref (buffer);
      if (n == ROUNDS)
        pinwheel_pool_set_flushing (pool, TRUE);
    }
}

START_TEST (more_askers_than_buffers_all_end)
{
  GThread *threads[6];
  guint total = 0;

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("asker", take_and_drop, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    total += GPOINTER_TO_UINT (g_thread_join (threads[i]));
  ck_assert_uint_ge (total, ROUNDS);
  ck_assert_uint_eq (pinwheel_pool_get_n_home (pool), 3);
}
END_TEST

START_TEST (tokens_need_no_memory)
{
  g_autoptr (PinwheelPool) empty = pinwheel_pool_new (device, PINWHEEL_MEMORY_DEVICE, 2, 0, NULL);
  g_autoptr (PinwheelBuffer) buffer = pinwheel_pool_acquire (empty, NULL);

  ck_assert_uint_eq (pinwheel_buffer_get_capacity (buffer), 0);
  ck_assert_ptr_null (pinwheel_buffer_get_memory (buffer));
  ck_assert_uint_eq (counters ().allocations, 1);
}
END_TEST

START_TEST (what_does_not_fit_is_refused_with_the_numbers)
{
  static const gsize capacities[] = { G_MAXSIZE, G_MAXSIZE / 2, G_MAXSIZE / 8 };

  for (guint i = 0; i < G_N_ELEMENTS (capacities); i++)
    {
      g_autoptr (GError) error = NULL;

      ck_assert_ptr_null (
          pinwheel_pool_new (device, PINWHEEL_MEMORY_PINNED, 4, capacities[i], &error));
      ck_assert (g_error_matches (error, PINWHEEL_ERROR, PINWHEEL_ERROR_MEMORY));
      ck_assert (g_str_has_prefix (error->message, "4 buffers of "));
    }
  ck_assert_uint_eq (counters ().pinned_peak, 3 * 1024);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("pool");
  TCase *tcase = tcase_create ("buffers");
  SRunner *runner = srunner_create (suite);
  int failed;

  suite_add_tcase (suite, tcase);
  tcase_add_checked_fixture (tcase, setup, teardown);
  tcase_add_test (tcase, a_pool_is_one_allocation);
  tcase_add_test (tcase, buffers_lie_apart_and_are_aligned);
  tcase_add_test (tcase, the_longest_at_home_leaves_first);
  tcase_add_test (tcase, an_empty_pool_makes_the_asker_wait);
  tcase_add_test (tcase, flushing_wakes_who_waits_and_refuses_who_comes);
  tcase_add_test (tcase, memory_lives_as_long_as_a_buffer_is_lent);
  tcase_add_test (tcase, buffers_come_home_from_other_threads);
  tcase_add_test (tcase, more_askers_than_buffers_all_end);
  tcase_add_test (tcase, tokens_need_no_memory);
  tcase_add_test (tcase, what_does_not_fit_is_refused_with_the_numbers);

  srunner_run_all (runner, CK_ENV);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
