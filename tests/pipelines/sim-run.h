/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A run on the simulated device, and what must hold after every one, however it ends. */
#pragma once
#include <pinwheel/pinwheel.h>

typedef struct
{
  PinwheelPipeline *pipeline;
  guint threads; /* of the process while nothing runs, once a run has ended; before: 0 */
  guint replans; /* warnings of the last run that memory was planned again */
} SimRun;

PinwheelDevice *sim_open (const char *format, ...) G_GNUC_PRINTF (1, 2);
/* From NULL to RUNNING and back, in between @meanwhile (nullable). Asserts that the run ended with
 * one message that is its error where it has one; that the host waited for the device where it
 * writes and where it reads, once per chunk at most; that memory was never more than planned; and
 * that none and no thread is left. Returns: whether it succeeded */
gboolean sim_run (SimRun *run, PinwheelDevice *device, void (*meanwhile) (gpointer data),
                  gpointer data, GError **error);
/* The same on several devices; each has its own memory, and the pinned memory is the first one's.
 */
gboolean sim_run_on (SimRun *run, GPtrArray *devices, void (*meanwhile) (gpointer data),
                     gpointer data, GError **error);
/* How often to do what is done @times in an ordinary run: PINWHEEL_SOAK times as often, a tenth
 * under a sanitizer. */
guint sim_rounds (guint times);
