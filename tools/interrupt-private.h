/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
#include <pinwheel/pipeline.h>

/* From now on SIGINT, SIGTERM and SIGHUP stop @pipeline, and a second one ends the process at once.
 * SIGUSR1 prints what each element does on standard error; the run goes on.
 * A thread of its own listens, so that this works whatever the main thread is waiting for. */
typedef struct _Interrupt Interrupt;

/* One per process. */
Interrupt *interrupt_new (PinwheelPipeline *pipeline, GError **error);
/* Returns: the signal that came, or 0 */
int interrupt_get (Interrupt *self);
void interrupt_free (Interrupt *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Interrupt, interrupt_free)
