/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An array of the application goes through a kernel into another one; neither is copied where the
 * kernel can reach it. */
#include <pinwheel/pinwheel.h>

static PinwheelAppArray *
wrap (float *memory, guint64 n)
{
  return pinwheel_app_array_new (PINWHEEL_DTYPE_F32, 1, &n, NULL, memory, n * sizeof *memory, NULL,
                                 NULL, NULL);
}

int
main (void)
{
  float x[] = { 1, 2, 3 }, y[G_N_ELEMENTS (x)];
  g_autoptr (GError) error = NULL;
  g_autoptr (PinwheelPipeline) pipeline = pinwheel_parse_launch (
      "appsrc name=in format=x:f32[*] ! upload ! map expr='y = 2*x' ! download ! appsink name=out",
      NULL, &error);
  g_autoptr (PinwheelAppArray) from = wrap (x, G_N_ELEMENTS (x));
  g_autoptr (PinwheelAppArray) to = wrap (y, G_N_ELEMENTS (y));

  if (pipeline != NULL)
    {
      PinwheelElement *in = pinwheel_pipeline_get_element (pipeline, "in");
      PinwheelElement *out = pinwheel_pipeline_get_element (pipeline, "out");

      if (pinwheel_app_src_set_array (PINWHEEL_APP_SRC (in), "x", from, &error)
          && pinwheel_app_sink_set_array (PINWHEEL_APP_SINK (out), "y", to, &error)
          && pinwheel_pipeline_run (pipeline, &error))
        for (guint i = 0; i < G_N_ELEMENTS (y); i++)
          g_print ("%g\n", (double) y[i]);
    }
  if (error != NULL)
    g_printerr ("%s\n", error->message);
  return error != NULL;
}
