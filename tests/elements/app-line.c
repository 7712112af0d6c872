/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <check.h>
#include <string.h>

#include <pinwheel/property.h>

#include "app-line.h"
#include "pipelines/sim-spec.h"

AppLine
app_line_new (const char *device, const char *chunk, const char *text)
{
  g_autoptr (GError) error = NULL;
  AppLine line = { .pipeline = pinwheel_parse_launch (text, NULL, &error) };
  g_autofree char *spec = sim_spec (device);

  ck_assert_msg (line.pipeline != NULL, "%s", error != NULL ? error->message : "");
  ck_assert (pinwheel_object_set_from_string (G_OBJECT (line.pipeline), "device", spec, NULL));
  if (chunk != NULL)
    ck_assert (pinwheel_object_set_from_string (G_OBJECT (line.pipeline), "chunk", chunk, NULL));
  line.in = PINWHEEL_APP_SRC (pinwheel_pipeline_get_element (line.pipeline, "in"));
  if (pinwheel_pipeline_get_element (line.pipeline, "out") != NULL)
    line.out = PINWHEEL_APP_SINK (pinwheel_pipeline_get_element (line.pipeline, "out"));
  return line;
}

PinwheelDevice *
app_open_device (const char *spec)
{
  g_autofree char *real = sim_spec (spec);
  PinwheelDevice *device = pinwheel_device_open (real, NULL);

  ck_assert_ptr_nonnull (device);
  return device;
}

void
app_check_ok (gboolean ok, const GError *error)
{
  ck_assert_msg (ok, "%s", error != NULL ? error->message : "(no message)");
}

PinwheelDeviceCounters
app_count (PinwheelDevice *device)
{
  PinwheelDeviceCounters counters;

  pinwheel_device_get_counters (device, &counters);
  return counters;
}

void
app_spoil (gpointer data)
{
  AppSpoilt *block = data;

  memset (block->numbers, 0xff, sizeof block->numbers);
  g_atomic_int_inc (block->released);
  g_free (block);
}

PinwheelAppArray *
app_make_block (guint32 first, guint n, gint *released)
{
  AppSpoilt *block = g_new0 (AppSpoilt, 1);

  block->released = released;
  for (guint i = 0; i < n; i++)
    block->numbers[i] = first + i;
  return pinwheel_app_array_new (PINWHEEL_DTYPE_U32, 1, (guint64[]){ n }, NULL, block->numbers,
                                 sizeof block->numbers, app_spoil, block, NULL);
}
