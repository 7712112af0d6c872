/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Devices, and how fast bytes get there and back. */
#include "config.h"

#include <string.h>

#include <pinwheel/property.h>
#include <pinwheel/stream.h>

#include "inspect-private.h"

#define FIRST_BYTES ((gsize) 64 << 10)   /* of the copy that tells how long the others may be */
#define MOST_BYTES  ((guint64) 64 << 20) /* of one copy */
#define AIM_SECONDS 0.1                  /* of one measurement, so that it outlasts its beginning */
#define MOST_COPIES 64
#define N_REPEATS   3 /* the best counts: others use the machine too */

/* One direction: its buffers, and a stream of its own */
typedef struct
{
  PinwheelStream *stream; /* owned */
  PinwheelCopy copy;
  guint n_copies;
  GError *error; /* nullable: what ended it */
} Lane;

static gboolean
run_lane (Lane *lane, guint n_copies, GError **error)
{
  PinwheelFence fence;

  for (guint i = 0; i < n_copies; i++)
    if (!pinwheel_stream_copy (lane->stream, &lane->copy, error))
      return FALSE;
  return pinwheel_stream_record (lane->stream, &fence, error) && pinwheel_fence_sync (fence, error);
}

static gpointer
run_in_thread (gpointer data)
{
  Lane *lane = data;

  run_lane (lane, lane->n_copies, &lane->error);
  return NULL;
}

/* Makes the copies as long and as many as the time allows, going by a short one.
 * @size: bytes of a copy at most */
static gboolean
choose_copies (Lane *lane, gsize size, GError **error)
{
  gint64 begun;
  double rate;

  lane->copy.width = MIN (size, FIRST_BYTES);
  /* the first copy ever also makes pages and tables */
  if (!run_lane (lane, 1, error))
    return FALSE;
  begun = g_get_monotonic_time ();
  if (!run_lane (lane, 1, error))
    return FALSE;
  rate = (double) lane->copy.width / (double) MAX (1, g_get_monotonic_time () - begun);
  rate *= G_USEC_PER_SEC;
  lane->copy.width = (gsize) CLAMP (rate * AIM_SECONDS, lane->copy.width, size);
  lane->n_copies = (guint) CLAMP (rate * AIM_SECONDS / (double) lane->copy.width, 1, MOST_COPIES);
  return TRUE;
}

/* Both lanes' copies at once, each from a thread: a copy of pageable memory may hold its caller up.
 * @second: nullable. Returns: bytes per second, 0 with @error */
static double
measure (Lane *first, Lane *second, GError **error)
{
  double best = 0, bytes = (double) first->copy.width * first->n_copies;

  if (second != NULL)
    bytes += (double) second->copy.width * second->n_copies;
  for (guint i = 0; i < N_REPEATS; i++)
    {
      gint64 begun = g_get_monotonic_time ();
      GThread *thread = second != NULL ? g_thread_new ("copies", run_in_thread, second) : NULL;
      gboolean ok = run_lane (first, first->n_copies, error);

      if (thread != NULL)
        g_thread_join (thread);
      if (ok && second != NULL && second->error != NULL)
        {
          g_propagate_error (error, g_steal_pointer (&second->error));
          ok = FALSE;
        }
      if (second != NULL)
        g_clear_error (&second->error);
      if (!ok)
        return 0;
      best = MAX (best, bytes * G_USEC_PER_SEC / (double) MAX (1, g_get_monotonic_time () - begun));
    }
  return best;
}

static gboolean
append_row (GString *out, const char *title, Lane lanes[2], GError **error)
{
  Lane *const pairs[][2] = { { &lanes[0], NULL }, { &lanes[1], NULL }, { &lanes[0], &lanes[1] } };

  for (guint i = 0; i < 2; i++)
    if (!choose_copies (&lanes[i], lanes[i].copy.width, error))
      return FALSE;
  g_string_append_printf (out, "  %-14s", title);
  for (guint i = 0; i < G_N_ELEMENTS (pairs); i++)
    {
      double rate = measure (pairs[i][0], pairs[i][1], error);
      g_autofree char *size = pinwheel_format_size ((guint64) rate);
      g_autofree char *text = g_strconcat (size, "/s", NULL);

      if (rate == 0)
        return FALSE;
      g_string_append_printf (out, i < 2 ? "%-16s" : "%s\n", text);
    }
  return TRUE;
}

/* @host, @memory: room for both lanes' bytes, one behind the other */
static gboolean
append_rates_of (GString *out, PinwheelDevice *device, const char *title, guint8 *host,
                 guint8 *memory, gsize size, GError **error)
{
  Lane lanes[2] = {
    { .copy = { PINWHEEL_COPY_HOST_TO_DEVICE, host, memory, size, 1, size, size } },
    { .copy = { PINWHEEL_COPY_DEVICE_TO_HOST, memory + size, host + size, size, 1, size, size } },
  };
  gboolean ok;

  lanes[0].stream = pinwheel_device_new_stream (device, "up", error);
  if (lanes[0].stream != NULL)
    lanes[1].stream = pinwheel_device_new_stream (device, "down", error);
  ok = lanes[1].stream != NULL && append_row (out, title, lanes, error);
  g_clear_object (&lanes[0].stream);
  g_clear_object (&lanes[1].stream);
  return ok;
}

static gboolean
append_rates (GString *out, PinwheelDevice *device, GError **error)
{
  gpointer memory = NULL, pinned = NULL;
  g_autofree guint8 *pageable = NULL;
  guint64 available;
  gboolean ok;
  gsize size;

  pinwheel_device_get_memory (device, NULL, &available);
  size = MIN (MOST_BYTES, available / 4) & ~(gsize) 4095;
  size = MAX (size, 4096);
  pageable = g_try_malloc (2 * size);
  ok = pinwheel_device_alloc (device, PINWHEEL_MEMORY_DEVICE, 2 * size, &memory, error)
       && pinwheel_device_alloc (device, PINWHEEL_MEMORY_PINNED, 2 * size, &pinned, error);
  if (ok)
    {
      memset (pinned, 1, 2 * size);
      g_string_append_printf (out, "  %-14s%-16s%-16s%s\n", "host memory", "to the device",
                              "from it", "both at once");
      ok = append_rates_of (out, device, "pinned", pinned, memory, size, error);
    }
  if (ok && pageable != NULL)
    {
      memset (pageable, 1, 2 * size);
      ok = append_rates_of (out, device, "pageable", pageable, memory, size, error);
    }
  pinwheel_device_free (device, PINWHEEL_MEMORY_PINNED, 2 * size, pinned);
  pinwheel_device_free (device, PINWHEEL_MEMORY_DEVICE, 2 * size, memory);
  return ok;
}

static gboolean
append_device (GString *out, const char *spec, gboolean with_rates, GError **error)
{
  g_autoptr (PinwheelDevice) device = pinwheel_device_open (spec, error);
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;

  if (device == NULL)
    return FALSE;
  text = g_strchomp (pinwheel_device_describe (device));
  lines = g_strsplit (text, "\n", -1);
  g_string_append_printf (out, "%s\n", pinwheel_device_get_name (device));
  for (guint i = 0; lines[i] != NULL; i++)
    g_string_append_printf (out, "  %s\n", lines[i]);
  return !with_rates || append_rates (out, device, error);
}

gboolean
inspect_append_devices (GString *out, char **specs, gboolean with_rates, GError **error)
{
  g_autofree char *notice = NULL;
  g_auto (GStrv) all = NULL;

  if (specs[0] == NULL)
    specs = all = pinwheel_device_list (&notice);
  for (guint i = 0; specs[i] != NULL; i++)
    {
      g_string_append (out, i > 0 ? "\n" : "");
      if (!append_device (out, specs[i], with_rates, error))
        return FALSE;
    }
  if (notice != NULL)
    g_string_append_printf (out, "\nno CUDA device: %s\n", notice);
  return TRUE;
}
