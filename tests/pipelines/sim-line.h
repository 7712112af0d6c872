/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A line on the simulated device whose results are known, and what must hold after every run of it,
 * however it ends. */
#pragma once
#include "pipelines/sim-run.h"

/* testsrc ! upload ! map ! download ! tee ! npysink and fakesink: y = 2 x + 1 for x:f64[3,*],
 * element k of x is k; beside it an array that is not cut. The device does 3 pieces of work for a
 * chunk, and 4 for the first one. */
typedef struct
{
  SimRun run;
  guint64 items;
  guint64 chunk; /* items per chunk, 0: as planned */
  guint factor;  /* y = factor x + 1: 2 at first */
  char *file;    /* out.npy at first */
  char *folder;  /* empty but while a run writes or has succeeded */
} SimLine;

/* @identities: an identity between each two, identity0 to identity4 */
void sim_line_init (SimLine *line, guint64 items, guint64 chunk, gboolean identities);
void sim_line_clear (SimLine *line);
/* For the next run */
void sim_line_set_length (SimLine *line, guint64 items, guint64 chunk);
void sim_line_set_result (SimLine *line, guint factor, const char *file);
/* As sim_run(), and asserts that the result is right and whole, or not there. */
gboolean sim_line_run (SimLine *line, PinwheelDevice *device, void (*meanwhile) (gpointer data),
                       gpointer data, GError **error);
gboolean sim_line_run_on (SimLine *line, GPtrArray *devices, void (*meanwhile) (gpointer data),
                          gpointer data, GError **error);
void sim_line_assert_runs (SimLine *line, const char *spec);
