/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include <pinwheel/plan.h>

#define KIB       ((guint64) 1024)
#define MIB       (1024 * KIB)
#define GIB       (1024 * MIB)
#define PINNED    PINWHEEL_MEMORY_PINNED
#define DEVICE    PINWHEEL_MEMORY_DEVICE
#define UNKNOWN   PINWHEEL_ITEMS_UNKNOWN
#define MOST      3
#define ALIGNMENT 256

typedef struct
{
  PinwheelMemoryKind kind;
  const char *arrays;
  guint holds;
} Stage;

/* The formats that the demands borrow their arrays from live as long as the test. */
static GPtrArray *formats;

static void
setup (void)
{
  formats = g_ptr_array_new_with_free_func ((GDestroyNotify) pinwheel_format_unref);
}

static void
teardown (void)
{
  g_clear_pointer (&formats, g_ptr_array_unref);
}

static PinwheelDemand
demand_of (const Stage *stage, const char *owner)
{
  PinwheelFormat *format = pinwheel_format_parse (stage->arrays, 1, NULL);

  ck_assert_ptr_nonnull (format);
  g_ptr_array_add (formats, format);
  return (PinwheelDemand){ owner,
                           stage->kind,
                           pinwheel_format_array (format, 0),
                           pinwheel_format_n_arrays (format),
                           stage->holds,
                           NULL,
                           0 };
}

static PinwheelPlan *
make_plan (const Stage *stages, guint64 n_items, const PinwheelBudget *budget, GError **error)
{
  static const char *const owners[MOST] = { "src0.src", "map0.src", "zip0.src" };
  PinwheelDemand demands[MOST];
  guint n = 0;

  for (; n < MOST && stages[n].arrays != NULL; n++)
    demands[n] = demand_of (&stages[n], owners[n]);
  return pinwheel_plan_new (demands, n, n_items, budget, 0, error);
}

/* --- computed by hand --- */

static const struct
{
  Stage stages[MOST];
  guint64 n_items;
  PinwheelBudget budget;
  guint64 length, n_chunks;
  guint buffers[MOST];
  guint64 pinned, device;
  gboolean warned;
} cases[] = {
  /* 4000 bytes fit one buffer: one chunk, and one buffer is enough; 4000 -> 4096 */
  { { { PINNED, "x:f32[*]", 1 } }, 1000, { GIB, GIB, 0, 0, 0 }, 1000, 1, { 1 }, 4096, 0, FALSE },
  /* 16 MiB still do */
  { { { PINNED, "x:f32[*]", 1 } },
    4 * MIB,
    { GIB, GIB, 0, 0, 0 },
    4 * MIB,
    1,
    { 1 },
    16 * MIB,
    0,
    FALSE },
  /* 32 MiB: a 64th is too little, so 8 chunks of 4 MiB */
  { { { PINNED, "x:f32[*]", 1 } },
    8 * MIB,
    { GIB, GIB, 0, 0, 0 },
    MIB,
    8,
    { 3 },
    12 * MIB,
    0,
    FALSE },
  /* 256 MiB: 16 chunks of 16 MiB */
  { { { PINNED, "x:f32[*]", 1 } },
    64 * MIB,
    { GIB, GIB, 0, 0, 0 },
    4 * MIB,
    16,
    { 3 },
    48 * MIB,
    0,
    FALSE },
  /* 16 GiB: a 64th would be 256 MiB, so 128 */
  { { { PINNED, "x:f32[*]", 1 } },
    4 * GIB,
    { GIB, GIB, 0, 0, 0 },
    32 * MIB,
    128,
    { 3 },
    384 * MIB,
    0,
    FALSE },
  /* 30 MiB pinned: 10 MiB hold 2621440 items: 26 chunks, balanced to 2581111; 10324444 -> 10324480
   */
  { { { PINNED, "x:f32[*]", 1 } },
    64 * MIB,
    { 30 * MIB, GIB, 0, 0, 0 },
    2581111,
    26,
    { 3 },
    30973440,
    0,
    FALSE },
  /* 2.5 MiB: a third is below 1 MiB, a half is 327680 items: 205 chunks of 327361; -> 1309696 */
  { { { PINNED, "x:f32[*]", 1 } },
    64 * MIB,
    { 2560 * KIB, GIB, 0, 0, 0 },
    327361,
    205,
    { 2 },
    2619392,
    0,
    FALSE },
  /* 8 KiB: 2560 bytes three times, 640 items: 157 chunks of 637 */
  { { { PINNED, "x:f32[*]", 1 } },
    100000,
    { 8 * KIB, 0, 0, 0, 0 },
    637,
    157,
    { 3 },
    7680,
    0,
    FALSE },
  /* items of 256 bytes: three do not fit, two do */
  { { { PINNED, "state:f64[32,*]", 1 } }, 10, { 600, 0, 0, 0, 0 }, 1, 10, { 2 }, 512, 0, FALSE },
  { { { PINNED, "state:f64[32,*]", 1 } }, 10, { 300, 0, 0, 0, 0 }, 1, 10, { 1 }, 256, 0, TRUE },
  /* one item needs one buffer, and nothing could overlap */
  { { { PINNED, "state:f64[32,*]", 1 } }, 1, { 300, 0, 0, 0, 0 }, 1, 1, { 1 }, 256, 0, FALSE },
  /* two chunks need two */
  { { { PINNED, "state:f64[32,*]", 1 } }, 2, { GIB, 0, 1, 0, 0 }, 1, 2, { 2 }, 512, 0, FALSE },
  /* four are held behind the pool: 2048 bytes four times, 512 items: 196 chunks of 511 */
  { { { PINNED, "x:f32[*]", 4 } },
    100000,
    { 8 * KIB, 0, 0, 0, 0 },
    511,
    196,
    { 4 },
    8192,
    0,
    FALSE },
  /* items that nobody has counted: 16 MiB, or what the budget allows */
  { { { PINNED, "x:f32[*]", 1 } },
    UNKNOWN,
    { GIB, GIB, 0, 0, 0 },
    4 * MIB,
    UNKNOWN,
    { 3 },
    48 * MIB,
    0,
    FALSE },
  { { { PINNED, "x:f32[*]", 1 } },
    UNKNOWN,
    { 8 * KIB, 0, 0, 0, 0 },
    640,
    UNKNOWN,
    { 3 },
    7680,
    0,
    FALSE },
  /* as the user says, and not balanced; but never longer than the data */
  { { { PINNED, "x:f32[*]", 1 } }, 100, { GIB, GIB, 7, 0, 0 }, 7, 15, { 3 }, 768, 0, FALSE },
  { { { PINNED, "x:f32[*]", 1 } }, 100, { GIB, GIB, 1000, 64, 0 }, 100, 1, { 1 }, 512, 0, FALSE },
  { { { PINNED, "x:f32[*]", 1 } }, 100, { 600, GIB, 7, 0, 0 }, 7, 15, { 2 }, 512, 0, FALSE },
  { { { PINNED, "x:f32[*]", 1 } }, 100, { 256, GIB, 7, 0, 0 }, 7, 15, { 1 }, 256, 0, TRUE },
  { { { PINNED, "x:f32[*]", 1 } },
    64 * MIB,
    { GIB, GIB, 0, MIB, 0 },
    256 * KIB,
    256,
    { 3 },
    3 * MIB,
    0,
    FALSE },
  /* 1000 bytes hold one aligned block of 256 three times: 192 items: 6 chunks of 167 */
  { { { PINNED, "x:f32[*]", 1 } }, 1000, { GIB, GIB, 0, 1000, 0 }, 167, 6, { 3 }, 2304, 0, FALSE },
  /* no items: one chunk of nothing, and the 704 -> 768 bytes of coeffs */
  { { { PINNED, "x:f32[*] coeffs:f64[22,1,4]", 1 } },
    0,
    { KIB, 0, 0, 0, 0 },
    0,
    1,
    { 1 },
    768,
    0,
    FALSE },
  /* nothing is cut */
  { { { PINNED, "c:f32[10]", 1 } }, 1, { KIB, 0, 0, 0, 0 }, 1, 1, { 1 }, 256, 0, FALSE },
  { { { PINNED, "c:f32[10]", 1 } }, 1, { 256, 0, 5, 0, 0 }, 1, 1, { 1 }, 256, 0, FALSE },
  /* an axis of length 0 takes no room at all */
  { { { PINNED, "x:f32[0,*]", 1 } }, 1000000, { 0, 0, 0, 0, 0 }, 1000000, 1, { 1 }, 0, 0, FALSE },
  /* two kinds: 4096 + 8192 pinned, 4096 on the device */
  { { { PINNED, "x:f32[*] y:f64[*]", 1 }, { DEVICE, "z:f32[*]", 1 } },
    1000,
    { GIB, GIB, 0, 0, 0 },
    1000,
    1,
    { 1, 1 },
    12288,
    4096,
    FALSE },
  /* the device is the narrow place: 3 * (256 + 512) = 2304 hold 64 items of z and of s */
  { { { PINNED, "x:f32[*]", 1 }, { DEVICE, "z:f32[*]", 1 }, { DEVICE, "s:f64[*]", 2 } },
    3200,
    { GIB, 2304, 0, 0, 0 },
    64,
    50,
    { 3, 3, 3 },
    768,
    2304,
    FALSE },
};

START_TEST (plans_are_as_computed_by_hand)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PinwheelPlan) plan = make_plan (cases[_i].stages, cases[_i].n_items, &cases[_i].budget,
                                             &error);

  ck_assert_msg (plan != NULL, "%s", error != NULL ? error->message : "no error");
  ck_assert_uint_eq (plan->n_items, cases[_i].n_items);
  ck_assert_uint_eq (plan->chunk_length, cases[_i].length);
  ck_assert_uint_eq (plan->n_chunks, cases[_i].n_chunks);
  ck_assert_uint_eq (plan->pinned, cases[_i].pinned);
  ck_assert_uint_eq (plan->device, cases[_i].device);
  for (guint i = 0; i < plan->pools->len; i++)
    ck_assert_uint_eq (((PinwheelPlanPool *) plan->pools->pdata[i])->n_buffers,
                       cases[_i].buffers[i]);
  ck_assert_int_eq (plan->warning != NULL, cases[_i].warned);
}
END_TEST

/* --- what is said --- */

static const struct
{
  Stage stages[MOST];
  guint64 n_items;
  PinwheelBudget budget;
  const char *message;
} refusals[] = {
  { { { PINNED, "state:f64[32,*] coeffs:f64[22,1,4]", 1 } },
    10,
    { 100, GIB, 0, 0, 0 },
    "the data does not fit: one item needs 256 B in pinned pools (src0.src 1 x 256 B) plus 768 B "
    "fixed for broadcast arrays; 100 B of pinned memory may be used: raise pinned-memory to at "
    "least 1024 B" },
  { { { PINNED, "x:f32[*]", 1 }, { DEVICE, "y:f32[41,*]", 1 }, { DEVICE, "z:f64[*]", 2 } },
    10,
    { GIB, 512, 0, 0, 0 },
    "the data does not fit: one item needs 768 B in device pools (map0.src 1 x 256 B, zip0.src 2 x "
    "256 B) plus 0 B fixed for broadcast arrays; 512 B of device memory may be used: raise "
    "device-memory to at least 768 B" },
  { { { PINNED, "x:f32[*]", 1 } },
    10000000,
    { MIB, GIB, 1000000, 0, 0 },
    "the data does not fit: a chunk of 1000000 items needs 4000000 B (3.815 MiB) in pinned pools "
    "(src0.src 1 x 4000000 B (3.815 MiB)) plus 0 B fixed for broadcast arrays; 1048576 B (1 MiB) "
    "of "
    "pinned memory may be used: the longest chunk that would fit has 262144 items; choose that, or "
    "raise pinned-memory to at least 4000000 B (3.815 MiB)" },
  { { { PINNED, "x:f32[*]", 1 }, { PINNED, "y:f64[100,*]", 1 } },
    10,
    { MIB, GIB, 0, 100, 0 },
    "chunk-bytes=100 is too small: one item takes 1024 B in a buffer of map0.src; give at least "
    "that, or leave chunk-bytes out" },
  { { { DEVICE, "x:f64[2305843009213693951,*]", 2 } },
    10,
    { MIB, GIB, 0, 0, 0 },
    "the data does not fit: one item needs more than 2^64 B in device pools (src0.src 2 x more "
    "than "
    "2^64 B) plus 0 B fixed for broadcast arrays; 1073741824 B (1 GiB) of device memory may be "
    "used: "
    "no machine has that much; check the shapes of the arrays" },
};

START_TEST (refusals_carry_the_arithmetic)
{
  g_autoptr (GError) error = NULL;

  ck_assert_ptr_null (
      make_plan (refusals[_i].stages, refusals[_i].n_items, &refusals[_i].budget, &error));
  ck_assert (g_error_matches (error, PINWHEEL_ERROR, PINWHEEL_ERROR_MEMORY));
  ck_assert_str_eq (error->message, refusals[_i].message);
}
END_TEST

START_TEST (the_longest_chunk_that_would_fit_does_and_no_longer_one)
{
  static const Stage stages[MOST] = { { PINNED, "x:f32[*]", 1 } };
  PinwheelBudget budget = { MIB, GIB, 262144, 0, 0 };
  g_autoptr (PinwheelPlan) plan = make_plan (stages, 10000000, &budget, NULL);

  ck_assert_ptr_nonnull (plan);
  budget.chunk++;
  ck_assert_ptr_null (make_plan (stages, 10000000, &budget, NULL));
}
END_TEST

START_TEST (a_warning_says_where_nothing_overlaps_and_what_would_help)
{
  static const Stage stages[MOST] = { { PINNED, "x:f32[*]", 1 }, { DEVICE, "state:f64[32,*]", 1 } };
  PinwheelBudget budget = { GIB, 300, 0, 0, 0 };
  g_autoptr (PinwheelPlan) plan = make_plan (stages, 10, &budget, NULL);

  ck_assert_str_eq (plan->warning,
                    "there is memory for one buffer only at src0.src, map0.src, so that nothing "
                    "overlaps there: raise device-memory to at least 512 B");
}
END_TEST

/* Where the device has no more, a larger budget would not help. */
START_TEST (a_device_that_is_too_small_is_told_so)
{
  static const Stage stages[MOST] = { { DEVICE, "state:f64[320,*]", 1 } };
  PinwheelBudget budget = { .pinned = GIB, .device = 1800, .device_free = 2000 };
  g_autoptr (GError) error = NULL;

  ck_assert_ptr_null (make_plan (stages, 10, &budget, &error));
  ck_assert_msg (g_str_has_suffix (error->message,
                                   ": take a device with at least 2560 B free (this one has 2000 "
                                   "B), or cut the arrays along an axis that gives smaller items"),
                 "%s", error->message);
  g_clear_error (&error);
  budget.device_free = GIB;
  ck_assert_ptr_null (make_plan (stages, 10, &budget, &error));
  ck_assert_msg (g_str_has_suffix (error->message, ": raise device-memory to at least 2560 B"),
                 "%s", error->message);
}
END_TEST

START_TEST (a_plan_prints_as_a_table)
{
  static const Stage stages[MOST] = { { PINNED, "x:f32[*]", 1 },
                                      { DEVICE, "y:f32[*] c:f32[70]", 1 } };
  PinwheelBudget budget = { MIB, 2 * MIB, 300, 0, 0 };
  g_autoptr (PinwheelPlan) plan = make_plan (stages, 1000, &budget, NULL);
  g_autofree char *text = pinwheel_plan_to_string (plan);

  ck_assert_str_eq (text,
                    "items   1000\n"
                    "chunk   300 items\n"
                    "chunks  4, the last one of 100 items\n"
                    "\n"
                    "pool      memory  buffers        buffer B     broadcast B           all B\n"
                    "src0.src  pinned        3            1280               0            3840\n"
                    "map0.src  device        3            1280             512            4352\n"
                    "\n"
                    "pinned  3840 B of 1048576 B (3.75 KiB of 1 MiB)\n"
                    "device  4352 B of 2097152 B (4.25 KiB of 2 MiB)\n");
}
END_TEST

START_TEST (a_plan_of_a_stream_without_an_end_prints_too)
{
  static const Stage stages[MOST] = { { PINNED, "x:f32[*]", 1 } };
  PinwheelBudget budget = { 256, 0, 1, 0, 0 };
  g_autoptr (PinwheelPlan) plan = make_plan (stages, UNKNOWN, &budget, NULL);
  g_autofree char *text = pinwheel_plan_to_string (plan);

  ck_assert (g_str_has_prefix (text, "items   unknown until the end\nchunk   1 items\n\n"));
  ck_assert_ptr_nonnull (strstr (text, "\nwarning: there is memory for one buffer only"));
}
END_TEST

START_TEST (plans_are_shared)
{
  static const Stage stages[MOST] = { { PINNED, "x:f32[*]", 1 } };
  PinwheelBudget budget = { GIB, 0, 0, 0, 0 };
  PinwheelPlan *plan = make_plan (stages, 10, &budget, NULL);
  g_autoptr (PinwheelPlan) copy = g_boxed_copy (PINWHEEL_TYPE_PLAN, plan);

  ck_assert_ptr_eq (plan, copy);
  pinwheel_plan_unref (plan);
  ck_assert_uint_eq (copy->chunk_length, 10);
}
END_TEST

START_TEST (a_device_may_prefer_buffers_of_one_size)
{
  static const guint64 totals[] = { 1000, MIB / 4, MIB, 64 * MIB, 4 * GIB };
  static const guint64 lengths[] = { 1000, MIB / 4, MIB / 4, MIB / 4, MIB / 4 };
  static const Stage stages[MOST] = { { PINNED, "x:f32[*]", 1 } };
  PinwheelBudget budget = { GIB, GIB, 0, 0, 0 };

  for (guint i = 0; i < G_N_ELEMENTS (totals); i++)
    {
      PinwheelDemand demand = demand_of (&stages[0], "src0.src");
      g_autoptr (PinwheelPlan) plan = pinwheel_plan_new (&demand, 1, totals[i], &budget, MIB, NULL);

      ck_assert_uint_eq (plan->chunk_length, lengths[i]);
    }
}
END_TEST

START_TEST (the_default_budget_is_an_eighth_of_memory)
{
  g_autoptr (PinwheelDevice) device = pinwheel_device_open ("host", NULL);
  guint64 total, available;

  pinwheel_device_get_memory (device, &total, &available);
  ck_assert_uint_eq (pinwheel_plan_default_pinned (), total / 8);
}
END_TEST

/* --- random ones, against what must hold --- */

static guint64
round_up (guint64 size)
{
  return (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

static guint64
log_uniform (GRand *random, guint bits)
{
  return g_rand_int (random) >> (32 - g_rand_int_range (random, 1, (gint) bits));
}

/* Returns: arrays of up to 3 dimensions, the first one cut */
static char *
random_arrays (GRand *random)
{
  static const char *const dtypes[] = { "bool", "i16", "f32", "f64", "c128" };
  GString *text = g_string_new (NULL);
  guint n = (guint) g_rand_int_range (random, 1, 4);

  for (guint i = 0; i < n; i++)
    {
      const char *dtype = dtypes[g_rand_int_range (random, 0, G_N_ELEMENTS (dtypes))];
      gint a = g_rand_int_range (random, 1, 30), b = g_rand_int_range (random, 0, 5);

      if (i > 0 && g_rand_int_range (random, 0, 3) == 0)
        g_string_append_printf (text, " a%u:%s[%d,%d]", i, dtype, a, b);
      else
        g_string_append_printf (text, " a%u:%s[%d,*,%d]", i, dtype, a, b + (i == 0));
    }
  return g_string_free (text, FALSE);
}

/* Sums of what the pools take, worked out from the arrays alone.
 * buffers: of each pool at least, where it holds no more and there are as many chunks */
static guint64
sum_up (const PinwheelDemand *demands, guint n, PinwheelMemoryKind kind, guint64 length,
        guint64 n_chunks, guint buffers)
{
  guint64 sum = 0;

  for (guint i = 0; i < n; i++)
    {
      guint64 times = MIN (MAX (buffers, demands[i].holds), n_chunks);

      for (guint j = 0; j < demands[i].n_arrays && demands[i].kind == kind; j++)
        {
          const PinwheelArray *array = &demands[i].arrays[j];
          guint64 size = pinwheel_array_item_size (array);

          sum += array->chunk_axis < 0 ? round_up (size) : times * round_up (size * length);
        }
    }
  return sum;
}

static void
check_plan (const PinwheelPlan *plan, const PinwheelDemand *demands, guint n)
{
  const PinwheelBudget *budget = &plan->budget;
  guint64 sums[2] = { 0, 0 };

  ck_assert_uint_le (plan->pinned, budget->pinned);
  ck_assert_uint_le (plan->device, budget->device);
  if (plan->n_items == UNKNOWN)
    ck_assert_uint_ge (plan->chunk_length, 1);
  else if (plan->n_items > 0)
    {
      ck_assert_uint_ge (plan->n_chunks * plan->chunk_length, plan->n_items);
      ck_assert_uint_lt ((plan->n_chunks - 1) * plan->chunk_length, plan->n_items);
    }
  if (budget->chunk > 0)
    ck_assert_uint_eq (plan->chunk_length, MIN (budget->chunk, plan->n_items));

  ck_assert_uint_eq (plan->pools->len, n);
  for (guint i = 0; i < n; i++)
    {
      const PinwheelPlanPool *pool = plan->pools->pdata[i];

      ck_assert_uint_ge (pool->n_buffers, MIN (demands[i].holds, plan->n_chunks));
      ck_assert_uint_le (pool->n_buffers, MAX (3, demands[i].holds));
      ck_assert_uint_eq (pool->buffer_size,
                         sum_up (&demands[i], 1, pool->kind, plan->chunk_length, 1, 1)
                             - pool->broadcast_size);
      sums[pool->kind] += pool->n_buffers * pool->buffer_size + pool->broadcast_size;
      if (budget->chunk == 0 && budget->chunk_bytes > 0)
        ck_assert_uint_le (pool->buffer_size, budget->chunk_bytes);
    }
  ck_assert_uint_eq (sums[PINNED], plan->pinned);
  ck_assert_uint_eq (sums[DEVICE], plan->device);
}

/* A refusal is right where not even the least would have fitted. */
static void
check_refusal (const PinwheelBudget *budget, const PinwheelDemand *demands, guint n,
               guint64 n_items)
{
  guint64 length = MIN (budget->chunk > 0 ? budget->chunk : 1, n_items);
  guint64 n_chunks = n_items == UNKNOWN ? UNKNOWN : n_items == 0 ? 1 : (n_items - 1) / length + 1;

  if (budget->chunk == 0 && budget->chunk_bytes > 0)
    return;
  ck_assert (sum_up (demands, n, PINNED, length, n_chunks, 1) > budget->pinned
             || sum_up (demands, n, DEVICE, length, n_chunks, 1) > budget->device);
}

START_TEST (random_plans_keep_the_promises)
{
  g_autoptr (GRand) random = g_rand_new_with_seed ((guint32) _i);
  guint n_made = 0, n_refused = 0;

  for (guint round = 0; round < 300; round++)
    {
      PinwheelDemand demands[MOST];
      guint n = (guint) g_rand_int_range (random, 1, MOST + 1);
      guint64 n_items = g_rand_int_range (random, 0, 9) == 0 ? UNKNOWN : log_uniform (random, 28);
      PinwheelBudget budget = { log_uniform (random, 32), log_uniform (random, 32), 0, 0, 0 };
      g_autoptr (PinwheelPlan) plan = NULL;
      g_autoptr (PinwheelPlan) richer = NULL;

      for (guint i = 0; i < n; i++)
        {
          g_autofree char *arrays = random_arrays (random);
          Stage stage = { g_rand_boolean (random) ? PINNED : DEVICE, arrays,
                          (guint) g_rand_int_range (random, 1, 5) };

          demands[i] = demand_of (&stage, "stage");
        }
      if (g_rand_int_range (random, 0, 4) == 0)
        budget.chunk = log_uniform (random, 16);
      else if (g_rand_int_range (random, 0, 4) == 0)
        budget.chunk_bytes = log_uniform (random, 24);

      plan = pinwheel_plan_new (demands, n, n_items, &budget, 0, NULL);
      if (plan == NULL)
        {
          n_refused++;
          check_refusal (&budget, demands, n, n_items);
          continue;
        }
      n_made++;
      check_plan (plan, demands, n);
      budget.pinned *= 2;
      budget.device += 1;
      richer = pinwheel_plan_new (demands, n, n_items, &budget, 0, NULL);
      ck_assert_ptr_nonnull (richer);
    }
  ck_assert_uint_gt (n_made, 50);
  ck_assert_uint_gt (n_refused, 10);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("plan");
  TCase *tcase = tcase_create ("plans");
  SRunner *runner = srunner_create (suite);
  int failed;

  suite_add_tcase (suite, tcase);
  tcase_add_checked_fixture (tcase, setup, teardown);
  tcase_add_loop_test (tcase, plans_are_as_computed_by_hand, 0, G_N_ELEMENTS (cases));
  tcase_add_loop_test (tcase, refusals_carry_the_arithmetic, 0, G_N_ELEMENTS (refusals));
  tcase_add_test (tcase, the_longest_chunk_that_would_fit_does_and_no_longer_one);
  tcase_add_test (tcase, a_warning_says_where_nothing_overlaps_and_what_would_help);
  tcase_add_test (tcase, a_device_that_is_too_small_is_told_so);
  tcase_add_test (tcase, a_plan_prints_as_a_table);
  tcase_add_test (tcase, a_plan_of_a_stream_without_an_end_prints_too);
  tcase_add_test (tcase, plans_are_shared);
  tcase_add_test (tcase, a_device_may_prefer_buffers_of_one_size);
  tcase_add_test (tcase, the_default_budget_is_an_eighth_of_memory);
  tcase_add_loop_test (tcase, random_plans_keep_the_promises, 0, 8);

  srunner_run_all (runner, CK_ENV);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
