/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Pinned arrays of the application: pinned [DEVICE]
 *
 * The device reads one and writes the other itself. No CPU copies anything, as the counters say,
 * and where the device shares the host's memory nobody does. */
#include <pinwheel/pinwheel.h>
#include <stdlib.h>

#define N 1000000

/* Pulls all chunks: y of each lies in the application's own array, where the kernel or the device
 * put it. Returns: FALSE with @error */
static gboolean
pull_all (PinwheelAppSink *out, const float *y, GError **error)
{
  PinwheelChunk *chunk;
  guint n_chunks = 0, n_in_place = 0;
  g_autoptr (GError) failure = NULL;

  while ((chunk = pinwheel_app_sink_pull (out, NULL, &failure)) != NULL)
    {
      int i = pinwheel_format_find (pinwheel_chunk_get_format (chunk), "y");

      n_chunks++;
      if (pinwheel_chunk_get_data (chunk, (guint) i) == y + pinwheel_chunk_get_start (chunk))
        n_in_place++;
      pinwheel_chunk_unref (chunk);
    }
  g_print ("%u of %u chunks in place\n", n_in_place, n_chunks);
  if (failure == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}

static gboolean
run (PinwheelPipeline *pipeline, PinwheelAppArray *x, PinwheelAppArray *y, GError **error)
{
  PinwheelAppSrc *in = PINWHEEL_APP_SRC (pinwheel_pipeline_get_element (pipeline, "in"));
  PinwheelAppSink *out = PINWHEEL_APP_SINK (pinwheel_pipeline_get_element (pipeline, "out"));

  return pinwheel_app_src_set_array (in, "x", x, error)
         && pinwheel_app_sink_set_array (out, "y", y, error)
         && pinwheel_pipeline_set_state (pipeline, PINWHEEL_STATE_RUNNING, error)
         && pull_all (out, pinwheel_app_array_get_memory (y), error)
         && pinwheel_pipeline_wait (pipeline, error);
}

int
main (int argc, char **argv)
{
  const guint64 shape[] = { N };
  g_autoptr (GError) error = NULL;
  g_autoptr (PinwheelDevice) device = pinwheel_device_open (argc > 1 ? argv[1] : NULL, &error);
  g_autoptr (PinwheelPipeline) pipeline = NULL;
  g_autoptr (PinwheelAppArray) x = NULL;
  g_autoptr (PinwheelAppArray) y = NULL;
  PinwheelDeviceCounters counters;
  gboolean ok = FALSE;

  if (device != NULL)
    x = pinwheel_app_array_new_pinned (device, PINWHEEL_DTYPE_F32, 1, shape, &error);
  if (x != NULL)
    y = pinwheel_app_array_new_pinned (device, PINWHEEL_DTYPE_F32, 1, shape, &error);
  if (y != NULL)
    pipeline = pinwheel_parse_launch ("appsrc name=in format=x:f32[*] ! upload "
                                      "! map expr='y = 2*x' keep=x ! download ! appsink name=out",
                                      NULL, &error);
  if (pipeline != NULL)
    {
      float *values = pinwheel_app_array_get_memory (x);

      for (guint i = 0; i < N; i++)
        values[i] = (float) i;
      g_object_set (pipeline, "device", pinwheel_device_get_name (device), "chunk",
                    (guint64) N / 10, NULL);
      ok = run (pipeline, x, y, &error);
    }
  if (!ok)
    {
      g_printerr ("%s\n", error->message);
      return EXIT_FAILURE;
    }
  pinwheel_device_get_counters (device, &counters);
  g_print ("y ends with %g\n", (double) ((float *) pinwheel_app_array_get_memory (y))[N - 1]);
  g_print ("%" G_GUINT64_FORMAT " copies by the CPU, %" G_GUINT64_FORMAT " by the device\n",
           counters.stagings, counters.copies);
  return EXIT_SUCCESS;
}
