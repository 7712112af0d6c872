/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <pinwheel/property.h>

#include "statistics-private.h"

#define NS_PER_S 1e9

static double
percent (guint64 part, guint64 whole)
{
  return whole > 0 ? 100.0 * (double) MIN (part, whole) / (double) whole : 0.0;
}

static void
append_element (GString *text, PinwheelElement *element, int width)
{
  PinwheelStatistics s;
  guint64 waited;
  double seconds;
  g_autofree char *speed = NULL;

  pinwheel_element_get_statistics (element, &s);
  waited = s.waited_input + s.waited_buffer + s.waited_output;
  seconds = (double) s.elapsed / NS_PER_S;
  speed = pinwheel_format_size (seconds > 0 ? (guint64) ((double) s.bytes / seconds) : 0);
  g_string_append_printf (
      text,
      "%-*s %8" G_GUINT64_FORMAT " %12" G_GUINT64_FORMAT " %10.3f %6.1f %6.1f %7.1f %7.1f %12s/s\n",
      width, pinwheel_element_get_name (element), s.chunks, s.items, seconds,
      percent (s.elapsed - MIN (waited, s.elapsed), s.elapsed), percent (s.waited_input, s.elapsed),
      percent (s.waited_buffer, s.elapsed), percent (s.waited_output, s.elapsed), speed);
}

char *
statistics_describe (PinwheelPipeline *pipeline)
{
  GPtrArray *elements = pinwheel_pipeline_get_elements (pipeline);
  GString *text = g_string_new (NULL);
  int width = 7;

  for (guint i = 0; i < elements->len; i++)
    width = MAX (width, (int) g_utf8_strlen (
                            pinwheel_element_get_name (g_ptr_array_index (elements, i)), -1));
  g_string_append_printf (text, "%-*s %8s %12s %10s %6s %6s %7s %7s %14s\n", width, "element",
                          "chunks", "items", "seconds", "busy%", "input%", "buffer%", "output%",
                          "speed");
  for (guint i = 0; i < elements->len; i++)
    append_element (text, g_ptr_array_index (elements, i), width);
  return g_string_free (text, FALSE);
}
