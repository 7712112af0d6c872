/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Slices of whole arrays against loops over single bytes that know nothing of rows. */
#include "config.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include <pinwheel/format.h>

#define N_CASES 300

/* Poison: no byte of the data is 0xEE. */
#define POISON 0xEE

typedef struct
{
  PinwheelArray array;
  guint64 n_items;
  guint64 outer, row; /* counted here, not asked for */
  guint8 *whole;
} Case;

static Case
make_case (GRand *rand)
{
  Case c = { .outer = 1 };
  guint n_dims = (guint) g_rand_int_range (rand, 1, 5);
  int axis = g_rand_int_range (rand, 0, (int) n_dims);
  PinwheelDType dtype = (PinwheelDType) g_rand_int_range (rand, 0, PINWHEEL_N_DTYPES);
  guint64 shape[4];

  c.row = pinwheel_dtype_size (dtype);
  for (guint i = 0; i < n_dims; i++)
    {
      shape[i] = (guint64) g_rand_int_range (rand, g_rand_int_range (rand, 0, 20) != 0, 7);
      if ((int) i < axis)
        c.outer *= shape[i];
      else if ((int) i > axis)
        c.row *= shape[i];
    }
  c.n_items = (guint64) g_rand_int_range (rand, 0, 50);
  ck_assert (pinwheel_array_init (&c.array, "x", dtype, n_dims, shape, axis, NULL));
  c.whole = g_malloc0 (c.outer * c.n_items * c.row + 1);
  for (guint64 i = 0; i < c.outer * c.n_items * c.row; i++)
    c.whole[i] = (guint8) g_rand_int_range (rand, 0, POISON);
  return c;
}

/* One byte more than asked for, to see what writes too far. */
static guint8 *
poisoned (guint64 size)
{
  guint8 *memory = g_malloc (size + 1);

  memset (memory, POISON, size + 1);
  return memory;
}

static guint8
byte_of (const Case *c, guint64 outer, guint64 item, guint64 byte)
{
  return c->whole[(outer * c->n_items + item) * c->row + byte];
}

static void
gather_and_scatter (const Case *c, guint64 start, guint64 count)
{
  guint64 size = c->outer * count * c->row, whole_size = c->outer * c->n_items * c->row;
  g_autofree guint8 *slice = poisoned (size);
  g_autofree guint8 *back = poisoned (whole_size);
  g_autofree guint8 *expected_slice = poisoned (size);
  g_autofree guint8 *expected_back = poisoned (whole_size);

  pinwheel_gather (&c->array, c->n_items, c->whole, start, count, slice);
  pinwheel_scatter (&c->array, c->n_items, back, start, count, slice);

  for (guint64 o = 0; o < c->outer; o++)
    for (guint64 i = start; i < start + count; i++)
      for (guint64 b = 0; b < c->row; b++)
        {
          expected_slice[(o * count + (i - start)) * c->row + b] = byte_of (c, o, i, b);
          expected_back[(o * c->n_items + i) * c->row + b] = byte_of (c, o, i, b);
        }
  ck_assert_mem_eq (slice, expected_slice, size + 1);
  ck_assert_mem_eq (back, expected_back, whole_size + 1);
}

START_TEST (any_slice_of_any_axis_is_gathered_and_scattered)
{
  GRand *rand = g_rand_new_with_seed (11);

  for (guint k = 0; k < N_CASES; k++)
    {
      Case c = make_case (rand);
      guint64 start = (guint64) g_rand_int_range (rand, 0, (gint32) c.n_items + 1);
      guint64 count = (guint64) g_rand_int_range (rand, 0, (gint32) (c.n_items - start) + 1);

      gather_and_scatter (&c, start, count);
      gather_and_scatter (&c, 0, c.n_items);
      g_free (c.whole);
    }
  g_rand_free (rand);
}
END_TEST

/* Cuts the whole into slices of @length, the last one shorter, and puts items behind each other. */
static guint8 *
items_by_slices (const Case *c, guint64 length, guint64 at_once)
{
  guint64 item = c->outer * c->row;
  guint8 *items = poisoned (item * c->n_items);

  for (guint64 start = 0; start < c->n_items; start += length)
    {
      guint64 count = MIN (length, c->n_items - start);
      g_autofree guint8 *slice = poisoned (item * count);

      pinwheel_gather (&c->array, c->n_items, c->whole, start, count, slice);
      for (guint64 first = 0; first < count; first += at_once)
        pinwheel_slice_to_items (&c->array, slice, count, first, MIN (at_once, count - first),
                                 items + (start + first) * item);
    }
  return items;
}

START_TEST (items_do_not_depend_on_how_the_data_was_cut)
{
  GRand *rand = g_rand_new_with_seed (12);

  for (guint k = 0; k < N_CASES; k++)
    {
      Case c = make_case (rand);
      guint64 length = (guint64) g_rand_int_range (rand, 1, 60);
      guint64 at_once = (guint64) g_rand_int_range (rand, 1, 60);
      g_autofree guint8 *items = items_by_slices (&c, length, at_once);
      guint64 size = c.outer * c.n_items * c.row;
      g_autofree guint8 *expected = poisoned (size);
      guint8 *next = expected;

      for (guint64 i = 0; i < c.n_items; i++)
        for (guint64 o = 0; o < c.outer; o++)
          for (guint64 b = 0; b < c.row; b++)
            *next++ = byte_of (&c, o, i, b);
      ck_assert_mem_eq (items, expected, size + 1);
      g_free (c.whole);
    }
  g_rand_free (rand);
}
END_TEST

/* Every size of element that has a loop of its own, and one that has none, in shapes that are no
 * multiple of a tile. */
START_TEST (many_small_rows_become_items)
{
  static const guint64 inner[] = { 1, 2, 4, 8, 16, 3, 100 };

  for (guint k = 0; k < G_N_ELEMENTS (inner); k++)
    {
      const guint64 shape[] = { 37, 0, inner[k] }, n = 101;
      PinwheelArray array;
      g_autofree guint8 *slice = g_malloc (37 * n * inner[k]);
      g_autofree guint8 *items = poisoned (37 * n * inner[k]);

      ck_assert (pinwheel_array_init (&array, "x", PINWHEEL_DTYPE_U8, 3, shape, 1, NULL));
      for (guint64 i = 0; i < 37 * n * inner[k]; i++)
        slice[i] = (guint8) (i * 7 % 229);
      pinwheel_slice_to_items (&array, slice, n, 0, n, items);
      for (guint64 i = 0; i < n; i++)
        for (guint64 o = 0; o < 37; o++)
          ck_assert_mem_eq (items + (i * 37 + o) * inner[k], slice + (o * n + i) * inner[k],
                            inner[k]);
    }
}
END_TEST

START_TEST (nothing_is_touched_where_there_is_nothing)
{
  const guint64 shape[] = { 3, 0, 0 };
  PinwheelArray array;

  ck_assert (pinwheel_array_init (&array, "x", PINWHEEL_DTYPE_F32, 2, shape, 1, NULL));
  pinwheel_gather (&array, 0, NULL, 0, 0, NULL);
  pinwheel_scatter (&array, 0, NULL, 0, 0, NULL);
  pinwheel_slice_to_items (&array, NULL, 0, 0, 0, NULL);
  ck_assert (pinwheel_array_init (&array, "x", PINWHEEL_DTYPE_F32, 3, shape, 1, NULL));
  pinwheel_gather (&array, 5, NULL, 1, 4, NULL);
  pinwheel_scatter (&array, 5, NULL, 1, 4, NULL);
  pinwheel_slice_to_items (&array, NULL, 4, 1, 3, NULL);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("slice");
  TCase *tcase = tcase_create ("against single bytes");
  SRunner *runner = srunner_create (suite);
  int failed;

  suite_add_tcase (suite, tcase);
  tcase_add_test (tcase, any_slice_of_any_axis_is_gathered_and_scattered);
  tcase_add_test (tcase, items_do_not_depend_on_how_the_data_was_cut);
  tcase_add_test (tcase, many_small_rows_become_items);
  tcase_add_test (tcase, nothing_is_touched_where_there_is_nothing);

  srunner_run_all (runner, CK_ENV);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
