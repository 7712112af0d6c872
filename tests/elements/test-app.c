/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* appsrc and appsink: whole arrays go in and come out, without a copy where none is promised. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/lock-private.h"
#include "app-line.h"
#include "pipelines/sim-spec.h"
#include "support.h"

#define ARRAYS   "a:f64[*] b:f32[3,*] c:i32[4,*,2] d:u8[2,3,*] k:f64[5]"
#define N_ARRAYS 5

static const char *const lengths[] = { "1", "2", "3", "7", "1000" };
static const guint64 items[] = { 0, 1, 5, 7, 100 };

/* --- whole arrays --- */

/* An array of ARRAYS with @n items, in pinned memory or not. */
static PinwheelAppArray *
make_array (PinwheelDevice *device, gboolean pinned, guint i, guint64 n)
{
  g_autoptr (PinwheelFormat) format = pinwheel_format_parse (ARRAYS, n, NULL);
  PinwheelArray array = *pinwheel_format_array (format, i);
  gsize size = pinwheel_array_item_size (&array);

  if (!pinwheel_array_is_broadcast (&array))
    {
      size *= n;
      array.shape[array.chunk_axis] = n;
    }
  if (pinned)
    return pinwheel_app_array_new_pinned (device, array.dtype, array.n_dims, array.shape, NULL);
  return pinwheel_app_array_new (array.dtype, array.n_dims, array.shape, NULL, g_malloc0 (size),
                                 size, NULL, NULL, NULL);
}

static const char *
name_of (guint i)
{
  static const char *const names[] = { "a", "b", "c", "d", "k" };

  return names[i];
}

typedef struct
{
  PinwheelAppArray *in[N_ARRAYS], *out[N_ARRAYS];
  gboolean pinned;
} Arrays;

/* An array without items has no memory. */
static void
overwrite (PinwheelAppArray *array)
{
  gsize size = pinwheel_app_array_get_extent (array);

  if (size > 0)
    memset (pinwheel_app_array_get_memory (array), 0xee, size);
}

static Arrays
give_arrays (AppLine *line, PinwheelDevice *device, gboolean pinned, guint64 n)
{
  Arrays arrays = { .pinned = pinned };

  for (guint i = 0; i < N_ARRAYS; i++)
    {
      GRand *random = g_rand_new_with_seed (i + 1);
      guint8 *bytes;

      arrays.in[i] = make_array (device, pinned, i, n);
      arrays.out[i] = make_array (device, pinned, i, n);
      bytes = pinwheel_app_array_get_memory (arrays.in[i]);
      for (gsize k = 0; k < pinwheel_app_array_get_extent (arrays.in[i]); k++)
        bytes[k] = (guint8) g_rand_int (random);
      g_rand_free (random);
      overwrite (arrays.out[i]);
      ck_assert (pinwheel_app_src_set_array (line->in, name_of (i), arrays.in[i], NULL));
      ck_assert (pinwheel_app_sink_set_array (line->out, name_of (i), arrays.out[i], NULL));
    }
  return arrays;
}

static gboolean
same (PinwheelAppArray *a, PinwheelAppArray *b)
{
  gsize size = pinwheel_app_array_get_extent (a);

  return size == 0
         || memcmp (pinwheel_app_array_get_memory (a), pinwheel_app_array_get_memory (b), size)
                == 0;
}

static void
check_arrays (Arrays *arrays)
{
  for (guint i = 0; i < N_ARRAYS; i++)
    ck_assert_msg (same (arrays->in[i], arrays->out[i]), "array %s differs", name_of (i));
}

static void
drop_arrays (Arrays *arrays)
{
  for (guint i = 0; i < N_ARRAYS; i++)
    for (guint side = 0; side < 2; side++)
      {
        PinwheelAppArray *array = side == 0 ? arrays->in[i] : arrays->out[i];
        gpointer memory = arrays->pinned ? NULL : pinwheel_app_array_get_memory (array);

        pinwheel_app_array_unref (array);
        g_free (memory);
      }
}

#define ROUND_TRIP                                                                                 \
  "appsrc name=in format=\"" ARRAYS "\" ! queue ! upload ! download ! queue ! appsink name=out"

static void
run_round_trip (const char *spec, gboolean pinned, const char *chunk, guint64 n, guint runs,
                guint64 *stagings)
{
  g_autoptr (PinwheelDevice) device = app_open_device (spec);
  AppLine line = app_line_new (spec, chunk, ROUND_TRIP);
  Arrays arrays = give_arrays (&line, device, pinned, n);

  for (guint run = 0; run < runs; run++)
    {
      g_autoptr (GError) error = NULL;

      app_check_ok (pinwheel_pipeline_run (line.pipeline, &error), error);
      check_arrays (&arrays);
      overwrite (arrays.out[0]);
    }
  *stagings = app_count (device).stagings;
  g_object_unref (line.pipeline);
  drop_arrays (&arrays);
}

START_TEST (pinned_arrays_go_there_and_back_along_every_axis_without_staging)
{
  for (guint i = 0; i < G_N_ELEMENTS (items); i++)
    for (guint k = 0; k < G_N_ELEMENTS (lengths); k++)
      {
        g_autofree char *spec = g_strdup_printf ("sim:delay=20us,seed=%d", _i);
        guint64 stagings;

        run_round_trip (spec, TRUE, lengths[k], items[i], 2, &stagings);
        ck_assert_uint_eq (stagings, 0);
      }
}
END_TEST

START_TEST (pageable_arrays_are_staged_once_each_way_and_chunk)
{
  for (guint i = 0; i < G_N_ELEMENTS (items); i++)
    for (guint k = 0; k < G_N_ELEMENTS (lengths); k++)
      {
        g_autofree char *spec = g_strdup_printf ("sim:delay=20us,seed=%d", _i);
        guint64 length = g_ascii_strtoull (lengths[k], NULL, 10);
        guint64 stagings;

        run_round_trip (spec, FALSE, lengths[k], items[i], 1, &stagings);
        ck_assert_uint_eq (stagings, 2 * (N_ARRAYS - 1) * ((items[i] + length - 1) / length) + 2);
      }
}
END_TEST

START_TEST (on_the_host_arrays_come_through_at_every_chunk_length)
{
  for (guint i = 0; i < G_N_ELEMENTS (items); i++)
    {
      guint64 stagings;

      run_round_trip ("host", _i % 2 == 0, lengths[_i], items[i], 2, &stagings);
    }
}
END_TEST

START_TEST (the_plan_says_what_is_direct_and_plans_no_buffer_for_it)
{
  g_autoptr (PinwheelDevice) device = app_open_device ("sim");
  AppLine line = app_line_new ("sim", "7", ROUND_TRIP);
  Arrays arrays = give_arrays (&line, device, TRUE, 100);
  g_autofree char *text = NULL;
  PinwheelPlan *plan;

  ck_assert (pinwheel_pipeline_set_state (line.pipeline, PINWHEEL_STATE_READY, NULL));
  plan = pinwheel_pipeline_get_plan (line.pipeline);
  text = pinwheel_plan_to_string (plan);
  ck_assert_ptr_nonnull (
      strstr (text, "in.src  a, b, c, d, k: direct, in memory of the application\n"));
  ck_assert_ptr_nonnull (
      strstr (text, "download0.src  a, b, c, d, k: direct, in memory of the application\n"));
  ck_assert_uint_eq (plan->pinned, 0);
  ck_assert (pinwheel_pipeline_set_state (line.pipeline, PINWHEEL_STATE_NULL, NULL));
  g_object_unref (line.pipeline);
  drop_arrays (&arrays);
}
END_TEST

/* --- no copy at all --- */

static PinwheelAppArray *
make_numbers (PinwheelDevice *device, gsize n)
{
  PinwheelAppArray *array = pinwheel_app_array_new_pinned (device, PINWHEEL_DTYPE_F32, 1,
                                                           (guint64[]){ n }, NULL);
  float *x = pinwheel_app_array_get_memory (array);

  for (gsize i = 0; i < n; i++)
    x[i] = (float) i;
  return array;
}

START_TEST (on_the_host_chunks_are_views_of_the_array)
{
  g_autoptr (PinwheelDevice) device = app_open_device ("host");
  g_autoptr (PinwheelAppArray) x = make_numbers (device, 100);
  AppLine line = app_line_new (
      "host", "7", "appsrc name=in format=x:f32[*] ! upload ! download ! appsink name=out");
  PinwheelChunk *chunk;
  guint64 n = 0;

  ck_assert (pinwheel_app_src_set_array (line.in, "x", x, NULL));
  ck_assert (pinwheel_pipeline_set_state (line.pipeline, PINWHEEL_STATE_RUNNING, NULL));
  while ((chunk = pinwheel_app_sink_pull (line.out, NULL, NULL)) != NULL)
    {
      ck_assert_ptr_eq (pinwheel_chunk_get_data (chunk, 0),
                        (float *) pinwheel_app_array_get_memory (x) + n);
      n += pinwheel_chunk_get_count (chunk);
      pinwheel_chunk_unref (chunk);
    }
  ck_assert_uint_eq (n, 100);
  ck_assert (pinwheel_pipeline_wait (line.pipeline, NULL));
  ck_assert_uint_eq (app_count (device).stagings, 0);
  ck_assert_uint_eq (app_count (device).copies, 0);
  g_object_unref (line.pipeline);
}
END_TEST

START_TEST (a_kernel_reads_and_writes_the_application_s_arrays)
{
  static const char *const specs[] = { "host", "sim:delay=100us,seed=1" };
  static const char *const kernels[] = { "y = 2*x + 1", "x = 2*x + 1" };
  static const char *const names[] = { "y", "x" };

  for (guint i = 0; i < 2; i++)
    for (guint k = 0; k < 2; k++)
      {
        g_autoptr (PinwheelDevice) device = app_open_device (specs[i]);
        g_autofree char *text = g_strdup_printf ("appsrc name=in format=x:f32[*] ! upload ! "
                                                 "map expr=\"%s\" ! download ! appsink name=out",
                                                 kernels[k]);
        g_autoptr (PinwheelAppArray) x = make_numbers (device, 1000);
        g_autoptr (PinwheelAppArray) y = make_numbers (device, 1000);
        AppLine line = app_line_new (specs[i], "64", text);
        PinwheelDeviceCounters before;

        ck_assert (pinwheel_app_src_set_array (line.in, "x", x, NULL));
        ck_assert (pinwheel_app_sink_set_array (line.out, names[k], y, NULL));
        before = app_count (device);
        support_run (line.pipeline);
        ck_assert_uint_eq (app_count (device).stagings, before.stagings);
        ck_assert_uint_eq (app_count (device).copies - before.copies, i == 0 ? 0 : 32);
        for (guint n = 0; n < 1000; n++)
          {
            ck_assert_float_eq (((float *) pinwheel_app_array_get_memory (x))[n], (float) n);
            ck_assert_float_eq (((float *) pinwheel_app_array_get_memory (y))[n],
                                2 * (float) n + 1);
          }
      }
}
END_TEST

/* On the host a kernel that updates an array would write where it reads. */
START_TEST (a_kernel_in_place_leaves_the_application_s_array_as_it_is)
{
  static const char *const specs[] = { "host", "sim:delay=100us,seed=1" };
  static const char source[] = "extern \"C\" __global__ void k (float *x, int n)\n"
                               "{\n"
                               "  int i = blockIdx.x * blockDim.x + threadIdx.x;\n"
                               "  if (i < n)\n"
                               "    x[i] += 1;\n"
                               "}\n";

  support_write (support_path ("k.cu"), source, strlen (source));
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (PinwheelDevice) device = app_open_device (specs[i]);
      g_autofree char *text = g_strdup_printf ("appsrc name=in format=x:f32[*] ! upload ! "
                                               "kernel source=%s ! kernel source=%s ! download ! "
                                               "appsink name=out",
                                               support_path ("k.cu"), support_path ("k.cu"));
      g_autoptr (PinwheelAppArray) x = make_numbers (device, 1000);
      g_autoptr (PinwheelAppArray) y = make_numbers (device, 1000);
      AppLine line = app_line_new (specs[i], "64", text);

      ck_assert (pinwheel_app_src_set_array (line.in, "x", x, NULL));
      ck_assert (pinwheel_app_sink_set_array (line.out, "x", y, NULL));
      support_run (line.pipeline);
      for (guint n = 0; n < 1000; n++)
        {
          ck_assert_float_eq (((float *) pinwheel_app_array_get_memory (x))[n], (float) n);
          ck_assert_float_eq (((float *) pinwheel_app_array_get_memory (y))[n], (float) n + 2);
        }
    }
}
END_TEST

/* Every slice is strided on both sides. */
START_TEST (a_kernel_over_the_last_axis_needs_no_staging_where_memory_is_pinned)
{
  static const char *const specs[] = { "host", "sim:delay=100us,seed=2" };

  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (PinwheelDevice) device = app_open_device (specs[i]);
      guint64 shape[] = { 3, 100 };
      g_autoptr (PinwheelAppArray) x = pinwheel_app_array_new_pinned (device, PINWHEEL_DTYPE_F32, 2,
                                                                      shape, NULL);
      g_autoptr (PinwheelAppArray) y = pinwheel_app_array_new_pinned (device, PINWHEEL_DTYPE_F32, 2,
                                                                      shape, NULL);
      AppLine line = app_line_new (
          specs[i], "7",
          "appsrc name=in format=x:f32[3,*] ! upload ! map expr=\"y = 2*x\" ! "
          "download ! appsink name=out");

      for (guint n = 0; n < 300; n++)
        ((float *) pinwheel_app_array_get_memory (x))[n] = (float) n;
      ck_assert (pinwheel_app_src_set_array (line.in, "x", x, NULL));
      ck_assert (pinwheel_app_sink_set_array (line.out, "y", y, NULL));
      support_run (line.pipeline);
      ck_assert_uint_eq (app_count (device).stagings, i == 0 ? 2 * 15 : 0);
      for (guint n = 0; n < 300; n++)
        ck_assert_float_eq (((float *) pinwheel_app_array_get_memory (y))[n], 2 * (float) n);
    }
}
END_TEST

/* Chunks of two streams with rows at a pitch are joined, and go on in two branches. */
START_TEST (strided_views_pass_through_zip_select_and_tee)
{
  const char *spec = "sim:delay=100us,seed=4";
  g_autoptr (PinwheelDevice) device = app_open_device (spec);
  AppLine line = app_line_new (spec, "7",
                               "zip name=z ! select rename=\"a=p b=q\" ! tee name=t "
                               "t. ! upload ! download ! appsink name=out "
                               "t. ! upload ! download ! appsink name=other "
                               "appsrc name=in format=a:u32[3,*] ! z. "
                               "appsrc name=in2 format=b:u32[2,*,2] ! z.");
  PinwheelAppSrc *in2 = PINWHEEL_APP_SRC (pinwheel_pipeline_get_element (line.pipeline, "in2"));
  PinwheelAppSink *other = PINWHEEL_APP_SINK (
      pinwheel_pipeline_get_element (line.pipeline, "other"));
  guint64 shapes[2][3] = { { 3, 50 }, { 2, 50, 2 } };
  PinwheelAppArray *arrays[6];

  for (guint i = 0; i < 6; i++)
    {
      arrays[i] = pinwheel_app_array_new_pinned (device, PINWHEEL_DTYPE_U32, 2 + i % 2,
                                                 shapes[i % 2], NULL);
      for (guint n = 0; n < (i % 2 == 0 ? 150 : 200); n++)
        ((guint32 *) pinwheel_app_array_get_memory (arrays[i]))[n] = i < 2 ? n + 1000 * i : 0;
    }
  ck_assert (pinwheel_app_src_set_array (line.in, "a", arrays[0], NULL));
  ck_assert (pinwheel_app_src_set_array (in2, "b", arrays[1], NULL));
  ck_assert (pinwheel_app_sink_set_array (line.out, "p", arrays[2], NULL));
  ck_assert (pinwheel_app_sink_set_array (line.out, "q", arrays[3], NULL));
  ck_assert (pinwheel_app_sink_set_array (other, "p", arrays[4], NULL));
  ck_assert (pinwheel_app_sink_set_array (other, "q", arrays[5], NULL));
  support_run (line.pipeline);
  ck_assert_uint_eq (app_count (device).stagings, 0);
  for (guint i = 2; i < 6; i++)
    ck_assert_int_eq (memcmp (pinwheel_app_array_get_memory (arrays[i]),
                              pinwheel_app_array_get_memory (arrays[i % 2]),
                              pinwheel_app_array_get_extent (arrays[i])),
                      0);
  for (guint i = 0; i < 6; i++)
    pinwheel_app_array_unref (arrays[i]);
}
END_TEST

/* One branch of a tee reads with the CPU, so nothing may be strided. */
START_TEST (where_one_branch_reads_rows_are_gathered)
{
  const char *spec = "sim:delay=100us,seed=4";
  g_autoptr (PinwheelDevice) device = app_open_device (spec);
  guint64 shape[] = { 3, 50 };
  g_autoptr (PinwheelAppArray) x = pinwheel_app_array_new_pinned (device, PINWHEEL_DTYPE_U32, 2,
                                                                  shape, NULL);
  AppLine line = app_line_new (spec, "7",
                               "appsrc name=in format=x:u32[3,*] ! tee name=t ! upload ! fakesink "
                               "t. ! statsink");

  for (guint n = 0; n < 150; n++)
    ((guint32 *) pinwheel_app_array_get_memory (x))[n] = n;
  ck_assert (pinwheel_app_src_set_array (line.in, "x", x, NULL));
  g_object_ref (line.pipeline);
  support_run (line.pipeline);
  ck_assert_uint_eq (app_count (device).stagings, 8);
  {
    g_autoptr (PinwheelMessage) message = support_pop (line.pipeline, PINWHEEL_MESSAGE_RESULT);

    ck_assert_ptr_nonnull (strstr (pinwheel_message_get_text (message), "74.5"));
  }
  g_object_unref (line.pipeline);
}
END_TEST

/* --- strides --- */

typedef struct
{
  gint64 strides[3];
  gboolean direct;
} Strides;

/* A 4 x n x 2 array in a larger block: rows apart, planes apart, axes swapped, elements apart. */
START_TEST (arrays_with_strides_are_direct_where_rows_lie_at_one_distance)
{
  static const Strides cases[] = {
    { { 400, 8, 4 }, TRUE },   /* rows of 50 items, 20 are used */
    { { 160, 8, 4 }, TRUE },   /* C order */
    { { 400, 16, 4 }, FALSE }, /* every second item */
    { { 4, 32, 16 }, FALSE },  /* axis 0 last */
    { { 400, 8, 4000 }, FALSE },
  };
  const Strides *way = &cases[_i];
  g_autoptr (PinwheelDevice) device = app_open_device ("sim:delay=100us,seed=3");
  gsize size = 10000;
  g_autofree guint8 *in = g_malloc0 (size);
  g_autofree guint8 *out = g_malloc0 (size);
  guint64 shape[] = { 4, 20, 2 };
  g_autoptr (PinwheelAppArray) a = NULL;
  g_autoptr (PinwheelAppArray) b = NULL;
  AppLine line = app_line_new ("sim:delay=100us,seed=3", "7",
                               "appsrc name=in format=x:i32[4,*,2] ! upload ! download ! "
                               "appsink name=out");

  for (guint i = 0; i < size; i++)
    in[i] = (guint8) (i * 7 + i / 256);
  ck_assert (pinwheel_device_register (device, in, size, NULL));
  ck_assert (pinwheel_device_register (device, out, size, NULL));
  a = pinwheel_app_array_new (PINWHEEL_DTYPE_I32, 3, shape, way->strides, in, size, NULL, NULL,
                              NULL);
  b = pinwheel_app_array_new (PINWHEEL_DTYPE_I32, 3, shape, way->strides, out, size, NULL, NULL,
                              NULL);
  ck_assert_ptr_nonnull (a);
  ck_assert (pinwheel_app_src_set_array (line.in, "x", a, NULL));
  ck_assert (pinwheel_app_sink_set_array (line.out, "x", b, NULL));
  support_run (line.pipeline);
  ck_assert_uint_eq (app_count (device).stagings, way->direct ? 0 : 6);
  for (guint64 i = 0; i < 4; i++)
    for (guint64 j = 0; j < 20; j++)
      for (guint64 k = 0; k < 2; k++)
        {
          gsize place = i * (guint64) way->strides[0] + j * (guint64) way->strides[1]
                        + k * (guint64) way->strides[2];

          ck_assert_int_eq (memcmp (in + place, out + place, 4), 0);
          memset (out + place, 0, 4);
        }
  /* and nothing between the elements was touched */
  for (guint i = 0; i < size; i++)
    ck_assert_uint_eq (out[i], 0);
  ck_assert (pinwheel_device_unregister (device, in, NULL));
  ck_assert (pinwheel_device_unregister (device, out, NULL));
}
END_TEST

/* A view of [3,2,20,16] of i32, or with the chunk axis first, in a block of @base: how far apart
 * the elements are that it takes along each axis, and whether one copy does. */
typedef struct
{
  const char *format;
  guint64 shape[4];
  guint64 base[4];
  guint64 every[4];
  gboolean direct;
} View;

static const View views[] = {
  /* the middle axis is cut: outer axes at one distance, at two, items apart, both */
  { "x:i32[3,2,*,16]", { 3, 2, 20, 16 }, { 4, 2, 25, 16 }, { 1, 1, 1, 1 }, TRUE },
  { "x:i32[3,2,*,16]", { 3, 2, 20, 16 }, { 4, 3, 25, 16 }, { 1, 1, 1, 1 }, TRUE },
  { "x:i32[3,2,*,16]", { 3, 2, 20, 16 }, { 4, 2, 25, 24 }, { 1, 1, 1, 1 }, TRUE },
  { "x:i32[3,2,*,16]", { 3, 2, 20, 16 }, { 4, 3, 25, 24 }, { 1, 1, 1, 1 }, FALSE },
  /* every second item: whole rows from slice to slice, or not */
  { "x:i32[3,2,*,16]", { 3, 2, 20, 16 }, { 4, 2, 50, 16 }, { 1, 1, 2, 1 }, TRUE },
  { "x:i32[3,2,*,16]", { 3, 2, 20, 16 }, { 4, 2, 51, 16 }, { 1, 1, 2, 1 }, FALSE },
  /* elements apart, rows of 60 bytes */
  { "x:i32[3,2,*,16]", { 3, 2, 20, 16 }, { 3, 2, 20, 32 }, { 1, 1, 1, 2 }, FALSE },
  { "x:i32[3,2,*,15]", { 3, 2, 20, 15 }, { 3, 2, 20, 16 }, { 1, 1, 1, 1 }, FALSE },
  /* the first axis is cut: items are slices, and rows where these lie behind one another */
  { "x:i32[*,2,16]", { 20, 2, 16, 1 }, { 25, 3, 24, 1 }, { 1, 1, 1, 1 }, TRUE },
  { "x:i32[*,2,16]", { 20, 2, 16, 1 }, { 25, 2, 24, 1 }, { 1, 1, 1, 1 }, TRUE },
  { "x:i32[*,2,16]", { 20, 2, 16, 1 }, { 25, 4, 16, 1 }, { 1, 2, 1, 1 }, TRUE },
  /* the last one: an array of two distances in front of it */
  { "x:i32[3,2,*]", { 3, 2, 20, 1 }, { 4, 6, 25, 1 }, { 1, 2, 1, 1 }, TRUE },
  { "x:i32[3,2,2,*]", { 3, 2, 2, 20 }, { 4, 3, 3, 25 }, { 1, 1, 1, 1 }, FALSE },
};

/* Returns: elements of the block; @strides: (out): in bytes */
static gsize
lay_view (const View *view, gint64 strides[4])
{
  gsize n = 1;

  for (guint i = 4; i > 0; i--)
    {
      strides[i - 1] = (gint64) (n * view->every[i - 1] * 4);
      n *= view->base[i - 1];
    }
  return n;
}

/* Asserts that @out has the elements of the view of @in, and nothing else. */
static void
check_view (const View *view, const gint64 strides[4], const guint32 *in, guint32 *out, gsize n)
{
  for (guint64 i = 0; i < view->shape[0]; i++)
    for (guint64 j = 0; j < view->shape[1]; j++)
      for (guint64 k = 0; k < view->shape[2]; k++)
        for (guint64 l = 0; l < view->shape[3]; l++)
          {
            guint64 place = (i * (guint64) strides[0] + j * (guint64) strides[1]
                             + k * (guint64) strides[2] + l * (guint64) strides[3])
                            / 4;

            ck_assert_uint_eq (out[place], in[place]);
            out[place] = 0;
          }
  for (gsize i = 0; i < n; i++)
    ck_assert_uint_eq (out[i], 0);
}

static void
run_view (const View *view, const char *spec, const char *chunk, guint n_chunks)
{
  g_autoptr (PinwheelDevice) device = app_open_device (spec);
  g_autofree char *text = g_strdup_printf (
      "appsrc name=in format=%s ! upload ! download ! appsink name=out", view->format);
  AppLine line = app_line_new (spec, chunk, text);
  g_autoptr (PinwheelAppArray) a = NULL;
  g_autoptr (PinwheelAppArray) b = NULL;
  gint64 strides[4];
  gsize n = lay_view (view, strides);
  g_autofree guint32 *in = g_new (guint32, n);
  g_autofree guint32 *out = g_new0 (guint32, n);
  guint n_dims = view->base[3] == 1 ? 3 : 4;

  for (gsize i = 0; i < n; i++)
    in[i] = (guint32) i + 1;
  ck_assert (pinwheel_device_register (device, in, n * 4, NULL));
  ck_assert (pinwheel_device_register (device, out, n * 4, NULL));
  a = pinwheel_app_array_new (PINWHEEL_DTYPE_I32, n_dims, view->shape, strides, in, n * 4, NULL,
                              NULL, NULL);
  b = pinwheel_app_array_new (PINWHEEL_DTYPE_I32, n_dims, view->shape, strides, out, n * 4, NULL,
                              NULL, NULL);
  ck_assert (pinwheel_app_src_set_array (line.in, "x", a, NULL));
  ck_assert (pinwheel_app_sink_set_array (line.out, "x", b, NULL));
  support_run (line.pipeline);
  if (strcmp (spec, "host") != 0)
    {
      ck_assert_uint_eq (app_count (device).stagings, view->direct ? 0 : 2 * n_chunks);
      sim_assert_copies (device, 2 * n_chunks);
    }
  check_view (view, strides, in, out, n);
  sim_assert_clean ();
  ck_assert (pinwheel_device_unregister (device, in, NULL));
  ck_assert (pinwheel_device_unregister (device, out, NULL));
}

START_TEST (views_of_larger_arrays_are_one_copy_per_chunk_and_direction)
{
  run_view (&views[_i], "sim:delay=100us,seed=3", "7", 3);
  run_view (&views[_i], "sim:delay=100us,seed=4", "1", 20);
  run_view (&views[_i], "sim", "20", 1);
  run_view (&views[_i], "host", "7", 3);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("app");
  TCase *tcase = tcase_create ("appsrc and appsink");
  SRunner *runner = srunner_create (suite);
  int failed;

  suite_add_tcase (suite, tcase);
  tcase_set_timeout (tcase, 60);
  tcase_add_checked_fixture (tcase, support_make_folder, support_remove_folder);
  tcase_add_loop_test (tcase, pinned_arrays_go_there_and_back_along_every_axis_without_staging, 0,
                       3);
  tcase_add_loop_test (tcase, pageable_arrays_are_staged_once_each_way_and_chunk, 0, 2);
  tcase_add_loop_test (tcase, on_the_host_arrays_come_through_at_every_chunk_length, 0,
                       G_N_ELEMENTS (lengths));
  tcase_add_test (tcase, the_plan_says_what_is_direct_and_plans_no_buffer_for_it);
  tcase_add_test (tcase, on_the_host_chunks_are_views_of_the_array);
  tcase_add_test (tcase, a_kernel_reads_and_writes_the_application_s_arrays);
  tcase_add_test (tcase, a_kernel_in_place_leaves_the_application_s_array_as_it_is);
  tcase_add_test (tcase, a_kernel_over_the_last_axis_needs_no_staging_where_memory_is_pinned);
  tcase_add_test (tcase, strided_views_pass_through_zip_select_and_tee);
  tcase_add_test (tcase, where_one_branch_reads_rows_are_gathered);
  tcase_add_loop_test (tcase, arrays_with_strides_are_direct_where_rows_lie_at_one_distance, 0, 5);
  tcase_add_loop_test (tcase, views_of_larger_arrays_are_one_copy_per_chunk_and_direction, 0,
                       G_N_ELEMENTS (views));

  srunner_run_all (runner, CK_ENV);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
