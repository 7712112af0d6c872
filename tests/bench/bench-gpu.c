/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Pinned arrays through a CUDA device, beside plain copies of the same bytes in the same run: what
 * overlap is worth. Usage: bench-gpu [DEVICE [MIB [ROUNDS]]] */
#include "config.h"

#include <pinwheel/pinwheel.h>

#include "bench/bench.h"

#define CHUNK_BYTES ((gsize) 64 << 20)

/* What every measurement works with */
typedef struct
{
  PinwheelDevice *device;
  PinwheelAppArray *x, *y; /* pinned, of so many bytes */
  gsize size;
  PinwheelStream *streams[2]; /* of the copies, while they are timed */
  gpointer blocks[2];         /* of CHUNK_BYTES on the device */
} Bench;

static const struct
{
  const char *name, *text;
  gboolean has_output;
} lines[] = {
  { "upload", "appsrc name=in format=x:f32[*] ! upload ! fakesink", FALSE },
  { "upload, download", "appsrc name=in format=x:f32[*] ! upload ! download ! appsink name=out",
    TRUE },
  { "upload, map, download",
    "appsrc name=in format=x:f32[*] ! upload ! map expr='x = exp(-x) * sin(x)' "
    "! download ! appsink name=out",
    TRUE },
};

static void
check (gboolean ok, GError *const *error)
{
  if (!ok)
    bench_die ((*error)->message);
}

/* Enqueues all of an array, chunk by chunk, on the stream of its direction. */
static void
enqueue_copies (Bench *self, PinwheelCopyKind kind)
{
  gboolean is_up = kind == PINWHEEL_COPY_HOST_TO_DEVICE;
  guint8 *host = pinwheel_app_array_get_memory (is_up ? self->x : self->y);
  g_autoptr (GError) error = NULL;

  for (gsize done = 0; done < self->size; done += CHUNK_BYTES)
    {
      gpointer block = self->blocks[is_up];
      PinwheelCopy copy = { .kind = kind,
                            .source = is_up ? (gpointer) (host + done) : block,
                            .target = is_up ? block : (gpointer) (host + done),
                            .width = MIN (CHUNK_BYTES, self->size - done),
                            .height = 1 };

      check (pinwheel_stream_copy (self->streams[is_up], &copy, &error), &error);
    }
}

/* Returns: seconds for plain copies, one way or both ways at once */
static double
time_copies (Bench *self, gboolean up, gboolean down)
{
  g_autoptr (GError) error = NULL;
  double begun;

  for (guint way = 0; way < 2; way++)
    {
      self->streams[way] = pinwheel_device_new_stream (self->device, "bench", &error);
      check (self->streams[way] != NULL, &error);
    }
  begun = bench_now ();
  if (up)
    enqueue_copies (self, PINWHEEL_COPY_HOST_TO_DEVICE);
  if (down)
    enqueue_copies (self, PINWHEEL_COPY_DEVICE_TO_HOST);
  for (guint way = 0; way < 2; way++)
    {
      PinwheelFence fence;

      check (pinwheel_stream_record (self->streams[way], &fence, &error)
                 && pinwheel_fence_sync (fence, &error),
             &error);
    }
  begun = bench_now () - begun;
  g_clear_object (&self->streams[0]);
  g_clear_object (&self->streams[1]);
  return begun;
}

/* Returns: seconds from the running state to the end, kernels being compiled before */
static double
time_line (Bench *self, guint i)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PinwheelPipeline) pipeline = pinwheel_parse_launch (lines[i].text, NULL, &error);
  PinwheelElement *in, *out;
  double begun;

  check (pipeline != NULL, &error);
  in = pinwheel_pipeline_get_element (pipeline, "in");
  out = pinwheel_pipeline_get_element (pipeline, "out");
  g_object_set (pipeline, "device", pinwheel_device_get_name (self->device), "chunk",
                (guint64) CHUNK_BYTES / sizeof (float), NULL);
  check (pinwheel_app_src_set_array (PINWHEEL_APP_SRC (in), "x", self->x, &error), &error);
  if (lines[i].has_output)
    check (pinwheel_app_sink_set_array (PINWHEEL_APP_SINK (out), "x", self->y, &error), &error);
  check (pinwheel_pipeline_set_state (pipeline, PINWHEEL_STATE_RUNNING, &error), &error);
  begun = bench_now ();
  check (pinwheel_pipeline_wait (pipeline, &error), &error);
  return bench_now () - begun;
}

static void
print (const Bench *self, const char *name, double seconds, double both)
{
  printf ("%-24s %8.2f ms %7.2f GB/s %6.2f\n", name, 1e3 * seconds,
          1e-9 * (double) self->size / seconds, seconds / both);
}

static void
run (Bench *self, guint rounds)
{
  double copies[3][BENCH_MAX_ROUNDS], seconds[G_N_ELEMENTS (lines)][BENCH_MAX_ROUNDS], both;
  static const char *const names[] = { "copies up", "copies down", "copies up and down" };

  for (guint i = 0; i < G_N_ELEMENTS (lines); i++)
    time_line (self, i);
  for (guint round = 0; round < rounds; round++)
    {
      for (guint i = 0; i < 3; i++)
        copies[i][round] = time_copies (self, i != 1, i != 0);
      for (guint i = 0; i < G_N_ELEMENTS (lines); i++)
        seconds[i][round] = time_line (self, i);
    }
  both = bench_median (copies[2], rounds);
  puts ("each: time, bytes of the array per second, times of what copies up and down take");
  for (guint i = 0; i < 3; i++)
    print (self, names[i], bench_median (copies[i], rounds), both);
  for (guint i = 0; i < G_N_ELEMENTS (lines); i++)
    print (self, lines[i].name, bench_median (seconds[i], rounds), both);
}

int
main (int argc, char **argv)
{
  const char *name = argc > 1 ? argv[1] : "cuda";
  guint64 mib = argc > 2 ? g_ascii_strtoull (argv[2], NULL, 10) : 4096;
  guint64 rounds = argc > 3 ? g_ascii_strtoull (argv[3], NULL, 10) : 5;
  g_autoptr (GError) error = NULL;
  Bench self = { .size = (gsize) mib << 20 };
  const guint64 shape[] = { self.size / sizeof (float) };

  if (mib < 1 || mib >= G_MAXSIZE >> 20 || rounds < 1 || rounds > BENCH_MAX_ROUNDS)
    bench_die ("usage: bench-gpu [DEVICE [MIB [ROUNDS]]]");
  self.device = pinwheel_device_open (name, &error);
  if (self.device == NULL)
    {
      printf ("bench-gpu: skipped: %s\n", error->message);
      return EXIT_SUCCESS;
    }
  self.x = pinwheel_app_array_new_pinned (self.device, PINWHEEL_DTYPE_F32, 1, shape, &error);
  check (self.x != NULL, &error);
  self.y = pinwheel_app_array_new_pinned (self.device, PINWHEEL_DTYPE_F32, 1, shape, &error);
  check (self.y != NULL, &error);
  for (guint64 i = 0; i < shape[0]; i++)
    ((float *) pinwheel_app_array_get_memory (self.x))[i] = (float) (i % 1021) / 256;
  for (guint way = 0; way < 2; way++)
    check (pinwheel_device_alloc (self.device, PINWHEEL_MEMORY_DEVICE, CHUNK_BYTES,
                                  &self.blocks[way], &error),
           &error);
  run (&self, (guint) rounds);
  for (guint way = 0; way < 2; way++)
    pinwheel_device_free (self.device, PINWHEEL_MEMORY_DEVICE, CHUNK_BYTES, self.blocks[way]);
  pinwheel_app_array_unref (self.x);
  pinwheel_app_array_unref (self.y);
  g_object_unref (self.device);
  return EXIT_SUCCESS;
}
