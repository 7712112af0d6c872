/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include "console-private.h"
#include "progress-private.h"

#define NARROWEST 20
#define USUAL     80
/* how much the newest of the speeds counts in their running mean */
#define NEWEST 0.2

struct _Progress
{
  PinwheelPipeline *pipeline; /* owned */
  GPtrArray *sources;         /* unowned elements without inputs: their bytes are the run's */
  gboolean is_shown;
  gboolean is_drawn; /* the line stands on the terminal */

  gint64 started; /* g_get_monotonic_time() */
  gint64 last;    /* when speeds were taken */
  guint64 last_items, last_bytes;
  double items_speed, bytes_speed; /* per second, running means; 0 before the first */
};

static gboolean
is_source (PinwheelElement *element)
{
  GPtrArray *pads = pinwheel_element_get_pads (element);

  for (guint i = 0; i < pads->len; i++)
    if (pinwheel_pad_get_direction (g_ptr_array_index (pads, i)) == PINWHEEL_PAD_SINK)
      return FALSE;
  return TRUE;
}

Progress *
progress_new (PinwheelPipeline *pipeline, gboolean is_shown)
{
  Progress *self = g_new0 (Progress, 1);
  GPtrArray *elements = pinwheel_pipeline_get_elements (pipeline);

  self->pipeline = g_object_ref (pipeline);
  self->is_shown = is_shown;
  self->started = self->last = g_get_monotonic_time ();
  self->sources = g_ptr_array_new ();
  for (guint i = 0; i < elements->len; i++)
    if (is_source (g_ptr_array_index (elements, i)))
      g_ptr_array_add (self->sources, g_ptr_array_index (elements, i));
  return self;
}

void
progress_free (Progress *self)
{
  progress_clear (self);
  g_ptr_array_unref (self->sources);
  g_object_unref (self->pipeline);
  g_free (self);
}

static guint64
count_bytes (Progress *self)
{
  guint64 sum = 0;

  for (guint i = 0; i < self->sources->len; i++)
    {
      PinwheelStatistics statistics;

      pinwheel_element_get_statistics (g_ptr_array_index (self->sources, i), &statistics);
      sum += statistics.bytes;
    }
  return sum;
}

/* Returns: (nullable): the element that waited least: the others wait for it */
static const char *
find_slowest (Progress *self)
{
  GPtrArray *elements = pinwheel_pipeline_get_elements (self->pipeline);
  PinwheelElement *slowest = NULL;
  guint64 least = G_MAXUINT64;

  for (guint i = 0; i < elements->len; i++)
    {
      PinwheelElement *element = g_ptr_array_index (elements, i);
      PinwheelStatistics s;
      guint64 waited;

      pinwheel_element_get_statistics (element, &s);
      waited = s.waited_input + s.waited_buffer + s.waited_output;
      if (s.chunks > 0 && waited < least)
        {
          least = waited;
          slowest = element;
        }
    }
  return slowest != NULL ? pinwheel_element_get_name (slowest) : NULL;
}

static void
take_speed (double *mean, guint64 amount, double seconds)
{
  double speed = amount / seconds;

  *mean = *mean > 0 ? *mean + NEWEST * (speed - *mean) : speed;
}

static void
take_speeds (Progress *self, guint64 items, guint64 bytes)
{
  gint64 now = g_get_monotonic_time ();
  double seconds = (now - self->last) / (double) G_USEC_PER_SEC;

  if (seconds <= 0)
    return;
  take_speed (&self->items_speed, items - self->last_items, seconds);
  take_speed (&self->bytes_speed, bytes - self->last_bytes, seconds);
  self->last = now;
  self->last_items = items;
  self->last_bytes = bytes;
}

/* Appends 12.3M for 12300000. */
static void
append_count (GString *out, guint64 count)
{
  static const char units[] = " kMGTPE";
  double value = count;
  guint unit = 0;

  if (count < 100000)
    {
      g_string_append_printf (out, "%" G_GUINT64_FORMAT, count);
      return;
    }
  for (; value >= 1000 && unit + 2 < sizeof units; unit++)
    value /= 1000;
  g_string_append_printf (out, "%.*f%c", value < 100 ? 1 : 0, value, units[unit]);
}

static void
append_time (GString *out, double seconds)
{
  guint64 whole = seconds < 1e15 ? (guint64) seconds : 0;

  if (seconds < 0.1)
    g_string_append_printf (out, "%.1f ms", seconds * 1000);
  else if (whole < 60)
    g_string_append_printf (out, "%.*f s", seconds < 10 ? 2 : 1, seconds);
  else if (whole < 3600)
    g_string_append_printf (out, "%d:%02d min", (int) (whole / 60), (int) (whole % 60));
  else
    g_string_append_printf (out, "%" G_GUINT64_FORMAT ":%02d h", whole / 3600,
                            (int) (whole / 60 % 60));
}

static void
append_speed (GString *out, double bytes)
{
  g_autofree char *size = pinwheel_format_size ((guint64) bytes);

  g_string_append_printf (out, "%s/s", size);
}

static guint
get_width (void)
{
  struct winsize size;

  if (ioctl (STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
    return USUAL;
  return MAX (size.ws_col, NARROWEST);
}

void
progress_draw (Progress *self)
{
  g_autoptr (GString) line = g_string_new (NULL);
  guint64 bytes = count_bytes (self);
  const char *slowest = find_slowest (self);
  guint64 items, total;

  if (!self->is_shown)
    return;
  pinwheel_pipeline_get_progress (self->pipeline, &items, &total);
  take_speeds (self, items, bytes);
  if (total != PINWHEEL_ITEMS_UNKNOWN && total > 0)
    g_string_append_printf (line, "%3d %%  ", (int) (100.0 * MIN (items, total) / total));
  append_count (line, items);
  if (total != PINWHEEL_ITEMS_UNKNOWN)
    {
      g_string_append (line, " of ");
      append_count (line, total);
    }
  g_string_append (line, " items, ");
  append_speed (line, self->bytes_speed);
  if (total != PINWHEEL_ITEMS_UNKNOWN && self->items_speed > 0)
    {
      g_string_append (line, ", ");
      append_time (line, (total - MIN (items, total)) / self->items_speed);
      g_string_append (line, " left");
    }
  if (slowest != NULL)
    g_string_append_printf (line, ", held up by %s", slowest);
  /* the last column would make some terminals go to the next line */
  g_string_truncate (line, MIN (line->len, get_width () - 1));
  g_string_prepend (line, "\r\033[K");
  console_tell (line->str);
  self->is_drawn = TRUE;
}

void
progress_clear (Progress *self)
{
  if (self->is_drawn)
    console_tell ("\r\033[K");
  self->is_drawn = FALSE;
}

char *
progress_summary (Progress *self)
{
  double seconds = MAX (g_get_monotonic_time () - self->started, 1) / (double) G_USEC_PER_SEC;
  guint64 bytes = count_bytes (self);
  g_autofree char *size = pinwheel_format_size (bytes);
  GString *out = g_string_new (NULL);
  guint64 items;

  pinwheel_pipeline_get_progress (self->pipeline, &items, NULL);

  g_string_append_printf (out, "%" G_GUINT64_FORMAT " item%s, %s in ", items, items == 1 ? "" : "s",
                          size);
  append_time (out, seconds);
  g_string_append (out, ", ");
  append_speed (out, bytes / seconds);
  g_string_append_c (out, '\n');
  return g_string_free (out, FALSE);
}
