/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include <pinwheel/chunk.h>
#include <pinwheel/pool.h>

#include "host-gate.h"

static PinwheelDevice *device;
static PinwheelPool *pool;
static PinwheelFormat *format;
static PinwheelChunkStore *store;

/* One item: x 4 bytes, state 3 * 8 = 24 bytes, status 1 byte; coeffs 2 * 2 * 4 = 16 bytes in all.
 */
static void
setup (void)
{
  device = pinwheel_device_open ("host", NULL);
  pool = pinwheel_pool_new (device, PINWHEEL_MEMORY_PINNED, 2, 4096, NULL);
  format = pinwheel_format_parse ("x:f32[*] state:f64[3,*] coeffs:f32[2,2] status:u8[*]", 1000,
                                  NULL);
  ck_assert_ptr_nonnull (format);
  store = pinwheel_chunk_store_new (format);
}

static void
teardown (void)
{
  g_clear_pointer (&store, pinwheel_chunk_store_unref);
  g_clear_pointer (&format, pinwheel_format_unref);
  g_clear_object (&pool);
  g_clear_object (&device);
}

static gsize
offset_in (PinwheelChunk *chunk, guint i)
{
  PinwheelBuffer *buffer = pinwheel_chunk_get_buffer (chunk, i);

  return (gsize) ((guint8 *) pinwheel_chunk_get_data (chunk, i)
                  - (guint8 *) pinwheel_buffer_get_memory (buffer));
}

static PinwheelChunk *
new_laid_out (guint64 count)
{
  g_autoptr (PinwheelBuffer) buffer = pinwheel_pool_acquire (pool, NULL);
  PinwheelChunk *chunk = pinwheel_chunk_store_take (store, 0, 0, count);

  pinwheel_chunk_lay_out (chunk, buffer, 4);
  return chunk;
}

START_TEST (a_chunk_is_what_it_was_taken_as)
{
  g_autoptr (PinwheelChunk) chunk = pinwheel_chunk_store_take (store, 7, 700, 100);

  ck_assert_ptr_eq (pinwheel_chunk_get_format (chunk), format);
  ck_assert_uint_eq (pinwheel_chunk_get_index (chunk), 7);
  ck_assert_uint_eq (pinwheel_chunk_get_start (chunk), 700);
  ck_assert_uint_eq (pinwheel_chunk_get_count (chunk), 100);
  ck_assert_uint_eq (pinwheel_chunk_get_size (chunk, 0), 400);
  ck_assert_uint_eq (pinwheel_chunk_get_size (chunk, 1), 2400);
  ck_assert_uint_eq (pinwheel_chunk_get_size (chunk, 2), 16);
  ck_assert_uint_eq (pinwheel_chunk_get_size (chunk, 3), 100);
  ck_assert_uint_eq (pinwheel_chunk_get_bytes (chunk), 2900);
  for (guint i = 0; i < 4; i++)
    {
      ck_assert_ptr_null (pinwheel_chunk_get_buffer (chunk, i));
      ck_assert_ptr_null (pinwheel_chunk_get_data (chunk, i));
    }
}
END_TEST

/* 400 bytes take 512, 2400 take 2560, 100 take 256. */
START_TEST (arrays_lie_side_by_side_each_aligned)
{
  g_autoptr (PinwheelChunk) chunk = new_laid_out (100);

  ck_assert_uint_eq (offset_in (chunk, 0), 0);
  ck_assert_uint_eq (offset_in (chunk, 1), 512);
  ck_assert_ptr_null (pinwheel_chunk_get_buffer (chunk, 2));
  ck_assert_uint_eq (offset_in (chunk, 3), 512 + 2560);
  ck_assert_uint_eq (pinwheel_layout_size (pinwheel_format_array (format, 0), 4, 100),
                     512 + 2560 + 256);
  ck_assert_uint_eq (pinwheel_pool_get_n_home (pool), 1);
}
END_TEST

START_TEST (a_short_last_chunk_is_smaller)
{
  g_autoptr (PinwheelChunk) chunk = new_laid_out (100);

  pinwheel_chunk_set_count (chunk, 10);
  ck_assert_uint_eq (pinwheel_chunk_get_count (chunk), 10);
  ck_assert_uint_eq (pinwheel_chunk_get_size (chunk, 1), 240);
  ck_assert_uint_eq (pinwheel_chunk_get_size (chunk, 2), 16);
  ck_assert_uint_eq (offset_in (chunk, 0), 0);
  ck_assert_uint_eq (offset_in (chunk, 1), 256);
  ck_assert_uint_eq (offset_in (chunk, 3), 512);

  pinwheel_chunk_set_count (chunk, 0);
  ck_assert_uint_eq (pinwheel_chunk_get_bytes (chunk), 0);
  ck_assert_uint_eq (offset_in (chunk, 3), 0);
}
END_TEST

START_TEST (only_the_first_arrays_are_laid_out_where_that_is_asked)
{
  g_autoptr (PinwheelBuffer) buffer = pinwheel_pool_acquire (pool, NULL);
  g_autoptr (PinwheelChunk) input = new_laid_out (100);
  g_autoptr (PinwheelChunk) chunk = pinwheel_chunk_store_take (store, 0, 0, 100);

  pinwheel_chunk_lay_out (chunk, buffer, 1);
  ck_assert_ptr_eq (pinwheel_chunk_get_buffer (chunk, 0), buffer);
  ck_assert_ptr_null (pinwheel_chunk_get_buffer (chunk, 1));
  pinwheel_chunk_copy_view (chunk, 1, input, 1);
  ck_assert_ptr_eq (pinwheel_chunk_get_data (chunk, 1), pinwheel_chunk_get_data (input, 1));
  ck_assert_ptr_eq (pinwheel_chunk_get_buffer (chunk, 1), pinwheel_chunk_get_buffer (input, 1));

  /* laying out again leaves views of others where they are */
  pinwheel_chunk_set_count (chunk, 50);
  ck_assert_ptr_eq (pinwheel_chunk_get_data (chunk, 1), pinwheel_chunk_get_data (input, 1));
}
END_TEST

START_TEST (each_buffer_keeps_a_layout_of_its_own)
{
  g_autoptr (PinwheelBuffer) second = pinwheel_pool_acquire (pool, NULL);
  g_autoptr (PinwheelChunk) chunk = new_laid_out (100);
  PinwheelBuffer *first = pinwheel_chunk_get_buffer (chunk, 3);

  pinwheel_chunk_lay_out (chunk, second, 2);
  ck_assert_ptr_eq (pinwheel_chunk_get_buffer (chunk, 0), second);
  ck_assert_ptr_eq (pinwheel_chunk_get_buffer (chunk, 1), second);
  ck_assert_ptr_eq (pinwheel_chunk_get_buffer (chunk, 3), first);
  pinwheel_chunk_set_count (chunk, 10);
  ck_assert_uint_eq (offset_in (chunk, 0), 0);
  ck_assert_uint_eq (offset_in (chunk, 1), 256);
  ck_assert_uint_eq (offset_in (chunk, 3), 0);
}
END_TEST

START_TEST (buffers_go_home_with_the_last_chunk_that_looks_into_them)
{
  PinwheelChunk *input = new_laid_out (100);
  PinwheelChunk *chunk = pinwheel_chunk_store_take (store, 0, 0, 100);

  pinwheel_chunk_copy_view (chunk, 0, input, 0);
  pinwheel_chunk_copy_view (chunk, 1, input, 1);
  pinwheel_chunk_copy_view (chunk, 1, input, 1);
  pinwheel_chunk_unref (pinwheel_chunk_ref (input));
  pinwheel_chunk_unref (input);
  ck_assert_uint_eq (pinwheel_pool_get_n_home (pool), 1);
  pinwheel_chunk_unref (chunk);
  ck_assert_uint_eq (pinwheel_pool_get_n_home (pool), 2);
}
END_TEST

START_TEST (a_view_may_be_replaced)
{
  g_autoptr (PinwheelBuffer) buffer = pinwheel_pool_acquire (pool, NULL);
  PinwheelChunk *chunk = new_laid_out (100);
  guint8 *memory = pinwheel_buffer_get_memory (buffer);

  for (guint i = 0; i < 4; i++)
    pinwheel_chunk_set_view (chunk, i, buffer, memory + 8 * i);
  ck_assert_uint_eq (pinwheel_pool_get_n_home (pool), 1);
  pinwheel_chunk_set_count (chunk, 1);
  for (guint i = 0; i < 4; i++)
    ck_assert_ptr_eq (pinwheel_chunk_get_data (chunk, i), memory + 8 * i);
  pinwheel_chunk_unref (chunk);
}
END_TEST

START_TEST (chunks_are_used_again)
{
  PinwheelChunk *first = new_laid_out (100);

  pinwheel_chunk_unref (first);
  for (guint64 i = 0; i < 20; i++)
    {
      PinwheelChunk *chunk = pinwheel_chunk_store_take (store, i, 100 * i, 50);

      ck_assert_ptr_eq (chunk, first);
      ck_assert_uint_eq (pinwheel_chunk_get_index (chunk), i);
      ck_assert_uint_eq (pinwheel_chunk_get_start (chunk), 100 * i);
      ck_assert_uint_eq (pinwheel_chunk_get_count (chunk), 50);
      ck_assert_ptr_null (pinwheel_chunk_get_buffer (chunk, 0));
      pinwheel_chunk_unref (chunk);
    }
}
END_TEST

START_TEST (a_chunk_outlives_its_store_and_its_pool)
{
  PinwheelChunk *chunk = new_laid_out (100);

  g_clear_pointer (&store, pinwheel_chunk_store_unref);
  g_clear_object (&pool);
  memset (pinwheel_chunk_get_data (chunk, 1), 1, 2400);
  ck_assert_uint_eq (pinwheel_format_n_arrays (pinwheel_chunk_get_format (chunk)), 4);
  pinwheel_chunk_unref (chunk);
}
END_TEST

START_TEST (an_empty_chunk_is_an_ordinary_one)
{
  g_autoptr (PinwheelPool) empty = pinwheel_pool_new (device, PINWHEEL_MEMORY_PINNED, 1, 0, NULL);
  g_autoptr (PinwheelBuffer) buffer = pinwheel_pool_acquire (empty, NULL);
  g_autoptr (PinwheelChunk) chunk = pinwheel_chunk_store_take (store, 0, 0, 0);

  pinwheel_chunk_lay_out (chunk, buffer, 4);
  ck_assert_uint_eq (pinwheel_chunk_get_bytes (chunk), 0);
  ck_assert_uint_eq (pinwheel_chunk_get_size (chunk, 2), 16);
  ck_assert (pinwheel_chunk_sync_readable (chunk, NULL));
}
END_TEST

START_TEST (layouts_that_do_not_fit_64_bits_are_told)
{
  const PinwheelArray *arrays = pinwheel_format_array (format, 0);

  ck_assert_uint_eq (pinwheel_layout_size (arrays, 0, 1), 0);
  ck_assert_uint_eq (pinwheel_layout_size (arrays, 1, G_MAXUINT64 / 4), G_MAXUINT64);
  ck_assert_uint_eq (pinwheel_layout_size (arrays, 2, G_MAXUINT64 / 24), G_MAXUINT64);
  ck_assert_uint_eq (pinwheel_layout_size (&arrays[2], 1, G_MAXUINT64), 0);
}
END_TEST

START_TEST (fences_of_a_chunk_are_those_of_its_buffers)
{
  g_autoptr (PinwheelStream) stream = new_host_stream (device, "writer");
  g_autoptr (PinwheelStream) other = new_host_stream (device, "reader");
  g_autoptr (PinwheelBuffer) second = pinwheel_pool_acquire (pool, NULL);
  g_autoptr (PinwheelChunk) chunk = new_laid_out (100);
  Gate gate;

  gate_init (&gate);
  pinwheel_chunk_set_view (chunk, 3, second, pinwheel_buffer_get_memory (second));
  pinwheel_buffer_set_writer (second, block_stream (stream, &gate));
  ck_assert (pinwheel_chunk_wait_readable (chunk, other, NULL));
  ck_assert (!pinwheel_fence_is_passed (record (other)));
  pinwheel_chunk_add_reader (chunk, record (other));
  gate_open (&gate);
  ck_assert (pinwheel_chunk_sync_readable (chunk, NULL));
  ck_assert (pinwheel_fence_is_passed (record (stream)));
  ck_assert (pinwheel_buffer_sync_writable (pinwheel_chunk_get_buffer (chunk, 0), NULL));
  ck_assert (pinwheel_fence_is_passed (record (other)));
  g_clear_object (&stream);
  g_clear_object (&other);
  gate_clear (&gate);
}
END_TEST

static gpointer
take_and_drop (gpointer unused)
{
  for (guint64 i = 0; i < 2000; i++)
    {
      PinwheelChunk *chunk = pinwheel_chunk_store_take (store, i, i, 1);

      ck_assert_uint_eq (pinwheel_chunk_get_index (chunk), i);
      pinwheel_chunk_unref (chunk);
    }
  return NULL;
}

START_TEST (threads_may_share_a_store)
{
  GThread *threads[3];

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("taker", take_and_drop, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("chunk");
  TCase *tcase = tcase_create ("views");
  SRunner *runner = srunner_create (suite);
  int failed;

  suite_add_tcase (suite, tcase);
  tcase_add_checked_fixture (tcase, setup, teardown);
  tcase_add_test (tcase, a_chunk_is_what_it_was_taken_as);
  tcase_add_test (tcase, arrays_lie_side_by_side_each_aligned);
  tcase_add_test (tcase, a_short_last_chunk_is_smaller);
  tcase_add_test (tcase, only_the_first_arrays_are_laid_out_where_that_is_asked);
  tcase_add_test (tcase, each_buffer_keeps_a_layout_of_its_own);
  tcase_add_test (tcase, buffers_go_home_with_the_last_chunk_that_looks_into_them);
  tcase_add_test (tcase, a_view_may_be_replaced);
  tcase_add_test (tcase, chunks_are_used_again);
  tcase_add_test (tcase, a_chunk_outlives_its_store_and_its_pool);
  tcase_add_test (tcase, an_empty_chunk_is_an_ordinary_one);
  tcase_add_test (tcase, layouts_that_do_not_fit_64_bits_are_told);
  tcase_add_test (tcase, fences_of_a_chunk_are_those_of_its_buffers);
  tcase_add_test (tcase, threads_may_share_a_store);

  srunner_run_all (runner, CK_ENV);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
