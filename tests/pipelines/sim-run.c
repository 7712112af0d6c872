/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <check.h>
#include <string.h>

#include "pipelines/sim-run.h"
#include "pipelines/sim-spec.h"
#include "pipelines/toys.h"

PinwheelDevice *
sim_open (const char *format, ...)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  g_autofree char *spec = NULL;
  PinwheelDevice *device;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  spec = sim_spec (text);
  device = pinwheel_device_open (spec, &error);
  ck_assert_msg (device != NULL, "%s", error != NULL ? error->message : "no error set");
  return device;
}

guint
sim_rounds (guint times)
{
  const char *sanitizer = g_getenv ("PINWHEEL_SANITIZE"), *soak = g_getenv ("PINWHEEL_SOAK");

  if (sanitizer != NULL && *sanitizer != '\0')
    times = (times + 9) / 10;
  return soak != NULL ? times * (guint) g_ascii_strtoull (soak, NULL, 10) : times;
}

/* The host waits where it writes and where it reads. What is counted beside that is the end of
 * each stream, of which an element has one at most. */
static void
assert_waits (SimRun *run, GPtrArray *devices)
{
  GPtrArray *elements = pinwheel_pipeline_get_elements (run->pipeline);
  guint64 total = 0, counted = 0;

  for (guint i = 0; i < elements->len; i++)
    {
      PinwheelStatistics statistics;
      guint n_pads = pinwheel_element_get_pads (elements->pdata[i])->len;

      /* nothing comes before a source, and nothing after a sink */
      pinwheel_element_get_statistics (elements->pdata[i], &statistics);
      ck_assert_uint_le (statistics.host_waits, n_pads == 1 ? statistics.chunks : 0);
      total += statistics.host_waits;
    }
  for (guint i = 0; i < devices->len; i++)
    {
      PinwheelDeviceCounters counters;

      pinwheel_device_get_counters (devices->pdata[i], &counters);
      counted += counters.host_waits;
    }
  ck_assert_uint_ge (counted, total);
  ck_assert_uint_le (counted, total + elements->len * devices->len);
}

/* One message says how it ended, and it is the error that the caller got. What did not start was
 * told to the caller alone. */
static void
assert_messages (SimRun *run, gboolean started, gboolean ok, const GError *error)
{
  PinwheelBus *bus = pinwheel_pipeline_get_bus (run->pipeline);
  PinwheelMessage *message;
  guint ends = 0;

  run->replans = 0;
  while ((message = pinwheel_bus_pop (bus, 0)) != NULL)
    {
      PinwheelMessageType kind = pinwheel_message_get_kind (message);

      ends += kind == PINWHEEL_MESSAGE_EOS || kind == PINWHEEL_MESSAGE_STOPPED
              || kind == PINWHEEL_MESSAGE_ERROR;
      run->replans += kind == PINWHEEL_MESSAGE_WARNING
                      && strstr (pinwheel_message_get_text (message), "planned again") != NULL;
      ck_assert_int_eq (kind == PINWHEEL_MESSAGE_EOS, ok && ends == 1);
      if (kind == PINWHEEL_MESSAGE_ERROR)
        {
          ck_assert_str_eq (pinwheel_message_get_error (message)->message, error->message);
          ck_assert (g_str_has_prefix (error->message, pinwheel_message_get_source (message)));
        }
      pinwheel_message_unref (message);
    }
  ck_assert_uint_eq (ends, started ? 1 : 0);
}

/* As planned: nothing is planned any more once the run is over, so what it was is given. */
static void
assert_memory (PinwheelDevice *device, guint64 pinned, guint64 in_device)
{
  PinwheelDeviceCounters counters;

  pinwheel_device_get_counters (device, &counters);
  ck_assert_uint_eq (counters.pinned, 0);
  ck_assert_uint_eq (counters.device, 0);
  ck_assert_uint_le (counters.pinned_peak, pinned);
  ck_assert_uint_le (counters.device_peak, in_device);
}

static void
choose_devices (SimRun *run, GPtrArray *devices)
{
  g_autoptr (GString) names = g_string_new (NULL);

  for (guint i = 0; i < devices->len; i++)
    g_string_append_printf (names, "%s%s", i > 0 ? "," : "",
                            pinwheel_device_get_name (devices->pdata[i]));
  g_object_set (run->pipeline, "device", names->str, NULL);
}

gboolean
sim_run (SimRun *run, PinwheelDevice *device, void (*meanwhile) (gpointer data), gpointer data,
         GError **error)
{
  g_autoptr (GPtrArray) devices = g_ptr_array_new ();

  g_ptr_array_add (devices, device);
  return sim_run_on (run, devices, meanwhile, data, error);
}

gboolean
sim_run_on (SimRun *run, GPtrArray *devices, void (*meanwhile) (gpointer data), gpointer data,
            GError **error)
{
  g_autoptr (GError) failure = NULL;
  guint64 pinned, in_device;
  gboolean started, ok;

  choose_devices (run, devices);
  ok = pinwheel_pipeline_set_state (run->pipeline, PINWHEEL_STATE_READY, &failure);
  ck_assert_msg (ok, "%s", failure != NULL ? failure->message : "no error set");
  pinned = pinwheel_pipeline_get_plan (run->pipeline)->pinned;
  in_device = pinwheel_pipeline_get_plan (run->pipeline)->device;
  for (guint i = 0; i < devices->len; i++)
    pinwheel_device_reset_peaks (devices->pdata[i]);
  ok = started = pinwheel_pipeline_set_state (run->pipeline, PINWHEEL_STATE_RUNNING, &failure);
  if (ok)
    {
      if (meanwhile != NULL)
        meanwhile (data);
      ok = pinwheel_pipeline_wait (run->pipeline, &failure);
    }
  ck_assert_int_eq (ok, failure == NULL);
  ck_assert_int_eq (pinwheel_pipeline_get_state (run->pipeline), PINWHEEL_STATE_NULL);
  assert_messages (run, started, ok, failure);
  for (guint i = 0; i < devices->len; i++)
    assert_memory (devices->pdata[i], i == 0 ? pinned : 0, in_device);
  sim_assert_clean ();
  if (ok)
    assert_waits (run, devices);
  if (run->threads == 0)
    run->threads = toy_count_threads (G_MAXUINT);
  ck_assert_uint_le (toy_count_threads (run->threads), run->threads);
  if (failure != NULL)
    g_propagate_error (error, g_steal_pointer (&failure));
  return ok;
}
