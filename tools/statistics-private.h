/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
#include <pinwheel/pipeline.h>

/* Returns: (transfer full): a table of what each element did in the last run: how much went through
 * it, and where the time of its thread went */
char *statistics_describe (PinwheelPipeline *pipeline);
