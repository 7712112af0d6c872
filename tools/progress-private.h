/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
#include <pinwheel/pipeline.h>

/* How far a running pipeline has come: one line on a terminal, and a summary. Main thread only. */
typedef struct _Progress Progress;

/* @pipeline: just started
 * @is_shown: whether standard error is a terminal that wants a line */
Progress *progress_new (PinwheelPipeline *pipeline, gboolean is_shown);
void progress_draw (Progress *self);
/* Takes the line away, for something else to be printed. */
void progress_clear (Progress *self);
/* Returns: (transfer full): a line: "1000 items, 16 MiB in 0.31 s, 51.6 MiB/s" */
char *progress_summary (Progress *self);
void progress_free (Progress *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Progress, progress_free)
