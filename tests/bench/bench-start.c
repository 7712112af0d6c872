/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How long it takes until a kernel runs: compiled, found in the cache, launched, and beside
 * another.
 *
 *   bench-start [ROUNDS] */
#include "config.h"

#include <glib/gstdio.h>
#include <string.h>

#include <pinwheel/kernel.h>
#include <pinwheel/pool.h>

#include "bench/bench.h"

#define SMALL_ITEMS 256
#define LARGE_ITEMS (1 << 20)
#define LAUNCHES    2000
/* What makes this program load one kernel and say how long it took */
#define LOAD_OPTION "--load"

static const char source[]
    = "extern \"C\" __global__ void k (const float *x, float *y, float a, int n)\n"
      "{\n"
      "  int i = blockIdx.x * blockDim.x + threadIdx.x;\n"
      "  if (i >= n)\n"
      "    return;\n"
      "  float v = x[i];\n"
      "  for (int k = 0; k < STEPS; k++)\n"
      "    v = a * v + 1.0f;\n"
      "  y[i] = v;\n"
      "}\n";

/* Returns: (transfer full): loaded, new code for each @steps */
static PinwheelKernel *
load (guint steps, PinwheelFormat *format, PinwheelDevice *device)
{
  g_autofree char *number = g_strdup_printf ("%u", steps);
  g_autoptr (GString) text = g_string_new (source);
  g_autoptr (GError) error = NULL;
  PinwheelKernelSpec spec = { .args = "a=0.5", .outputs = "y[*]" };
  PinwheelKernel *kernel;

  g_string_replace (text, "STEPS", number, 0);
  spec.source = text->str;
  kernel = pinwheel_kernel_new (&spec, format, &error);
  if (kernel == NULL || !pinwheel_kernel_load (kernel, device, &error))
    bench_die (error->message);
  return kernel;
}

/* Returns: seconds from source to code that can be launched */
static double
time_load (guint steps, PinwheelFormat *format, PinwheelDevice *device)
{
  double begun = bench_now ();
  PinwheelKernel *kernel = load (steps, format, device);
  double taken = bench_now () - begun;

  g_object_unref (kernel);
  return taken;
}

/* The same in a process that has loaded nothing yet. A program of its own: what is forked shares
 * the memory that it writes to, and pays for each page of that. */
static double
time_load_in_program (guint steps)
{
  g_autofree char *number = g_strdup_printf ("%u", steps);
  char *argv[] = { (char *) "/proc/self/exe", (char *) LOAD_OPTION, number, NULL };
  g_autofree char *output = NULL;
  int status = 0;

  if (!g_spawn_sync (NULL, argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, &output, NULL, &status, NULL)
      || status != 0)
    bench_die ("a program that loads a kernel failed");
  return g_ascii_strtod (output, NULL);
}

/* What that program does. */
static int
load_once (const char *steps)
{
  g_autoptr (PinwheelDevice) device = pinwheel_device_open ("host", NULL);
  g_autoptr (PinwheelFormat) format = pinwheel_format_parse ("x:f32[*]", LARGE_ITEMS, NULL);

  printf ("%.9f\n", time_load ((guint) g_ascii_strtoull (steps, NULL, 10), format, device));
  return EXIT_SUCCESS;
}

/* A kernel with chunks and a stream of its own. */
typedef struct
{
  PinwheelKernel *kernel;
  PinwheelStream *stream;
  PinwheelChunk *input, *output;
} Launcher;

static PinwheelChunk *
make_chunk (PinwheelFormat *format, guint64 items, PinwheelDevice *device)
{
  g_autoptr (PinwheelPool) pool = pinwheel_pool_new (device, PINWHEEL_MEMORY_DEVICE, 1,
                                                     items * sizeof (float), NULL);
  g_autoptr (PinwheelBuffer) buffer = pinwheel_pool_acquire (pool, NULL);
  PinwheelChunkStore *store = pinwheel_chunk_store_new (format);
  PinwheelChunk *chunk = pinwheel_chunk_store_take (store, 0, 0, items);

  pinwheel_chunk_set_view (chunk, 0, buffer, pinwheel_buffer_get_memory (buffer));
  pinwheel_chunk_store_unref (store);
  return chunk;
}

static void
prepare (Launcher *self, guint steps, PinwheelFormat *format, guint64 items, PinwheelDevice *device)
{
  self->kernel = load (steps, format, device);
  self->stream = pinwheel_device_new_stream (device, "bench", NULL);
  self->input = make_chunk (format, items, device);
  self->output = make_chunk (pinwheel_kernel_get_output (self->kernel), items, device);
}

static void
clear (Launcher *self)
{
  pinwheel_chunk_unref (self->input);
  pinwheel_chunk_unref (self->output);
  g_object_unref (self->stream);
  g_object_unref (self->kernel);
}

static void
enqueue (Launcher *self)
{
  g_autoptr (GError) error = NULL;

  if (!pinwheel_kernel_launch (self->kernel, self->stream, self->input, self->output, &error))
    bench_die (error->message);
}

static void
wait_for (Launcher *self)
{
  g_autoptr (GError) error = NULL;

  if (!pinwheel_chunk_sync_readable (self->output, &error))
    bench_die (error->message);
}

/* Returns: seconds */
static double
time_launch (Launcher *self)
{
  double begun = bench_now ();

  enqueue (self);
  wait_for (self);
  return bench_now () - begun;
}

static void
bench_loading (PinwheelFormat *format, PinwheelDevice *device, guint rounds)
{
  double cold[BENCH_MAX_ROUNDS], fresh[BENCH_MAX_ROUNDS], again[BENCH_MAX_ROUNDS];
  guint base = (guint) g_get_real_time () % 1000000 + 1000;

  for (guint i = 0; i < rounds; i++)
    {
      cold[i] = time_load_in_program (base + i);
      fresh[i] = time_load_in_program (base + i);
    }
  for (guint i = 0; i < rounds; i++)
    {
      time_load (base + i, format, device);
      again[i] = time_load (base + i, format, device);
    }
  printf ("from source to running: %.0f ms compiled, %.2f ms cached, %.2f ms loaded before\n",
          1e3 * bench_median (cold, rounds), 1e3 * bench_median (fresh, rounds),
          1e3 * bench_median (again, rounds));
}

static void
bench_small (PinwheelFormat *format, PinwheelDevice *device, guint rounds)
{
  Launcher small;
  double taken[BENCH_MAX_ROUNDS];

  prepare (&small, 1, format, SMALL_ITEMS, device);
  for (guint i = 0; i < rounds; i++)
    {
      double begun = bench_now ();

      for (guint k = 0; k < LAUNCHES; k++)
        time_launch (&small);
      taken[i] = (bench_now () - begun) / LAUNCHES;
    }
  printf ("launch of one block and wait for it: %.2f us\n", 1e6 * bench_median (taken, rounds));
  clear (&small);
}

/* A short launch alone, and in the middle of one that takes fifty times as long */
static void
bench_two (PinwheelFormat *format, PinwheelDevice *device, guint rounds)
{
  Launcher large, small;
  double alone[BENCH_MAX_ROUNDS], beside[BENCH_MAX_ROUNDS], whole[BENCH_MAX_ROUNDS];

  prepare (&large, 1000, format, LARGE_ITEMS, device);
  prepare (&small, 20, format, LARGE_ITEMS, device);
  time_launch (&small);
  for (guint i = 0; i < rounds; i++)
    {
      double begun;

      alone[i] = time_launch (&small);
      begun = bench_now ();
      enqueue (&large);
      beside[i] = time_launch (&small);
      wait_for (&large);
      whole[i] = bench_now () - begun;
    }
  printf ("a short launch: %.1f ms alone, %.1f ms beside one of %.0f ms\n",
          1e3 * bench_median (alone, rounds), 1e3 * bench_median (beside, rounds),
          1e3 * bench_median (whole, rounds));
  clear (&large);
  clear (&small);
}

static void
remove_files (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      g_unlink (path);
    }
}

static void
remove_cache (const char *root)
{
  g_autofree char *folder = g_build_filename (root, "kernels", NULL);

  remove_files (folder);
  g_rmdir (folder);
  remove_files (root);
  g_rmdir (root);
}

int
main (int argc, char **argv)
{
  guint64 rounds = argc > 1 ? g_ascii_strtoull (argv[1], NULL, 10) : 9;
  g_autofree char *root = NULL;
  g_autoptr (PinwheelDevice) device = NULL;
  g_autoptr (PinwheelFormat) format = NULL;

  if (argc == 3 && strcmp (argv[1], LOAD_OPTION) == 0)
    return load_once (argv[2]);
  root = g_dir_make_tmp ("pinwheel-bench-XXXXXX", NULL);
  if (argc > 2 || rounds < 1 || rounds > BENCH_MAX_ROUNDS || root == NULL)
    bench_die ("usage: bench-start [ROUNDS]");
  g_setenv ("PINWHEEL_CACHE_DIR", root, TRUE);
  device = pinwheel_device_open ("host", NULL);
  format = pinwheel_format_parse ("x:f32[*]", LARGE_ITEMS, NULL);
  bench_loading (format, device, (guint) rounds);
  bench_small (format, device, (guint) rounds);
  bench_two (format, device, (guint) rounds);
  remove_cache (root);
  return EXIT_SUCCESS;
}
