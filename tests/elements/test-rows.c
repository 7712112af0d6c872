/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "common/rows.h"
#include "support.h"

#include <stdlib.h>
#include <string.h>

/* What stands in for a file: rows are copied to and from it. */
typedef struct
{
  guint8 *bytes;
  gsize size;
  guint n_calls;
} Memory;

static gboolean
store (gpointer file, gpointer row, gsize size, guint64 offset, GError **error)
{
  Memory *memory = file;

  ck_assert_uint_le (offset + size, memory->size);
  memcpy (memory->bytes + offset, row, size);
  memory->n_calls++;
  return TRUE;
}

static gboolean
refuse (gpointer file, gpointer row, gsize size, guint64 offset, GError **error)
{
  g_set_error_literal (error, PINWHEEL_ERROR, PINWHEEL_ERROR_FAILED, "no");
  return FALSE;
}

static const struct
{
  const char *format;
  guint64 n_items;
} cases[] = {
  { "x:i32[*]", 17 },    { "x:i32[*,3]", 10 },  { "x:i32[3,*]", 10 }, { "x:i32[2,*,3]", 11 },
  { "x:i32[1,*,1]", 5 }, { "x:i32[2,3,*]", 9 }, { "x:i32[3,*]", 1 },  { "x:i32[3,*]", 0 },
  { "x:i32[0,*,4]", 9 }, { "x:i32[4,0,*]", 9 }, { "x:u8[5,*,2]", 8 },
};

#define HEAD 10

/* All of the array with element i being i, cut into slices of @length and put together again */
static void
check_put_together (const PinwheelArray *array, guint64 n_items, guint64 length)
{
  gsize size = n_items * pinwheel_array_item_size (array);
  g_autofree guint8 *whole = g_malloc (size + 1), *slice = g_malloc (size + 1);
  g_autofree guint8 *file = g_malloc0 (HEAD + size);
  Memory memory = { file, HEAD + size, 0 };

  for (gsize i = 0; i < size; i++)
    whole[i] = (guint8) (i + i / 256);
  for (guint64 start = 0; start < n_items; start += length)
    {
      guint64 count = MIN (length, n_items - start);

      pinwheel_gather (array, n_items, whole, start, count, slice);
      ck_assert (
          pinwheel_rows_each (array, n_items, HEAD, start, count, slice, store, &memory, NULL));
    }
  ck_assert_mem_eq (file + HEAD, whole, size);
  for (guint i = 0; i < HEAD; i++)
    ck_assert_uint_eq (file[i], 0);
  if (length >= n_items)
    ck_assert_uint_le (memory.n_calls, 1);
}

START_TEST (slices_make_the_whole_file)
{
  g_autoptr (PinwheelFormat) format = pinwheel_format_parse (cases[_i].format, cases[_i].n_items,
                                                             NULL);

  for (guint i = 0; i < SUPPORT_N_LENGTHS; i++)
    check_put_together (pinwheel_format_array (format, 0), cases[_i].n_items, support_lengths[i]);
}
END_TEST

static void
append (gconstpointer elements, guint64 n_elements, gpointer data)
{
  g_byte_array_append (data, elements, (guint) n_elements);
}

/* Of u8 arrays: an element is a byte. */
static void
check_items (const char *text, guint64 n_items)
{
  g_autoptr (PinwheelFormat) format = pinwheel_format_parse (text, n_items, NULL);
  const PinwheelArray *array = pinwheel_format_array (format, 0);
  gsize size = n_items * pinwheel_array_item_size (array);
  g_autofree guint8 *whole = g_malloc (size + 1), *slice = g_malloc (size + 1);
  g_autofree guint8 *items = g_malloc (size + 1);
  g_autofree gpointer scratch = g_malloc (PINWHEEL_ITEMS_SCRATCH);

  for (gsize i = 0; i < size; i++)
    whole[i] = (guint8) (i * 31 + i / 256);
  pinwheel_slice_to_items (array, whole, n_items, 0, n_items, items);
  for (guint i = 0; i < SUPPORT_N_LENGTHS; i++)
    {
      g_autoptr (GByteArray) got = g_byte_array_new ();

      for (guint64 start = 0; start < n_items; start += support_lengths[i])
        {
          guint64 count = MIN (support_lengths[i], n_items - start);

          pinwheel_gather (array, n_items, whole, start, count, slice);
          pinwheel_items_each (array, slice, count, scratch, append, got);
        }
      ck_assert_uint_eq (got->len, size);
      ck_assert_mem_eq (got->data, items, size);
    }
}

START_TEST (items_come_in_order_however_they_were_cut)
{
  check_items ("x:u8[*,3]", 11);
  check_items ("x:u8[2,*,3]", 11);
  check_items ("x:u8[3,*]", 100000);   /* more than the scratch holds */
  check_items ("x:u8[3,*,100000]", 9); /* an item larger than the scratch */
}
END_TEST

START_TEST (a_broadcast_array_is_one_piece)
{
  g_autoptr (PinwheelFormat) format = pinwheel_format_parse ("x:i32[2,3]", 1, NULL);
  guint8 whole[24] = { 1, 2, 3 }, file[HEAD + 24] = { 0 };
  Memory memory = { file, sizeof file, 0 };

  ck_assert (pinwheel_rows_each (pinwheel_format_array (format, 0), 1, HEAD, 0, 1, whole, store,
                                 &memory, NULL));
  ck_assert_uint_eq (memory.n_calls, 1);
  ck_assert_mem_eq (file + HEAD, whole, 24);
}
END_TEST

START_TEST (the_first_error_ends_it)
{
  g_autoptr (PinwheelFormat) format = pinwheel_format_parse ("x:i32[2,*]", 9, NULL);
  guint8 slice[24];
  g_autoptr (GError) error = NULL;

  ck_assert (!pinwheel_rows_each (pinwheel_format_array (format, 0), 9, HEAD, 0, 3, slice, refuse,
                                  NULL, &error));
  support_check_error (error, PINWHEEL_ERROR_FAILED, "no");
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("rows");
  TCase *tcase = tcase_create ("rows");
  SRunner *runner = srunner_create (suite);
  int failed;

  suite_add_tcase (suite, tcase);
  tcase_add_loop_test (tcase, slices_make_the_whole_file, 0, G_N_ELEMENTS (cases));
  tcase_add_test (tcase, items_come_in_order_however_they_were_cut);
  tcase_add_test (tcase, a_broadcast_array_is_one_piece);
  tcase_add_test (tcase, the_first_error_ends_it);

  srunner_run_all (runner, CK_ENV);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
