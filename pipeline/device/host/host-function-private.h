/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
#include <pinwheel/stream.h>

#include "device/work-queue-private.h"

G_BEGIN_DECLS

/* A kernel in native code. Immutable, and safe from any thread. The code itself is never unloaded:
 * work that is still queued may outlive the object. */
#define PINWHEEL_TYPE_HOST_FUNCTION (pinwheel_host_function_get_type ())
G_DECLARE_FINAL_TYPE (PinwheelHostFunction, pinwheel_host_function, PINWHEEL, HOST_FUNCTION,
                      PinwheelFunction)

struct _PinwheelHostFunction
{
  PinwheelFunction parent_instance;

  char *entry;
  PinwheelHostRun run;
  gsize *argument_sizes; /* (array length=n_arguments) */
  guint n_arguments;
  guint block[3]; /* all 0: any block will do */
};

PinwheelFunction *pinwheel_host_function_new (const PinwheelImage *image, GError **error);
/* For tests: @run is called where the compiled code would be; image->location is not looked at. */
PinwheelFunction *pinwheel_host_function_new_for_pointer (PinwheelHostRun run,
                                                          const PinwheelImage *image,
                                                          GError **error);

/* Checks a launch and turns it into work. @call: (out): all but its tag */
gboolean pinwheel_host_function_prepare (PinwheelHostFunction *function,
                                         const PinwheelLaunch *launch, PinwheelWorkCall *call,
                                         GError **error);
/* Runs all blocks. @stopped: as for PinwheelWorker.
 * Returns: (transfer full) (nullable): what went wrong inside */
GError *pinwheel_host_run_launch (PinwheelWorkLaunch *launch, gint *stopped);

G_END_DECLS
