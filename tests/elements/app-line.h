/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the tests of appsrc and appsink have in common. */
#pragma once
#include <pinwheel/app-sink.h>
#include <pinwheel/app-src.h>
#include <pinwheel/parse.h>

/* A whole pipeline, and its two ends. */
typedef struct
{
  PinwheelPipeline *pipeline;
  PinwheelAppSrc *in;   /* unowned */
  PinwheelAppSink *out; /* unowned */
} AppLine;

/* @chunk: (nullable): as text */
AppLine app_line_new (const char *device, const char *chunk, const char *text);
PinwheelDevice *app_open_device (const char *spec);
void app_check_ok (gboolean ok, const GError *error);
PinwheelDeviceCounters app_count (PinwheelDevice *device);

#define APP_BLOCK 256

/* Memory that spoils itself when it is released. */
typedef struct
{
  guint32 numbers[APP_BLOCK];
  gint *released; /* atomic */
} AppSpoilt;

void app_spoil (gpointer block);
/* Numbers from @first on; @released counts. */
PinwheelAppArray *app_make_block (guint32 first, guint n, gint *released);
