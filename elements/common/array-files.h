/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which arrays of a stream a sink writes, and to which files; what sinks for files have in common.
 */
#pragma once
#include <pinwheel/sink.h>

#include "common/array-file.h"

G_BEGIN_DECLS

/* negotiate(): the array called @array (nullable), the only one, or each where @location holds
 * "%s". Claims the files. Returns: (transfer container) (element-type PinwheelArrayFile) */
GPtrArray *pinwheel_array_files_new (PinwheelElement *element, const char *location,
                                     const char *array, PinwheelHeadFunc make_head, GError **error);
/* start() */
gboolean pinwheel_array_files_open (GPtrArray *files, PinwheelElement *element, GError **error);
/* consume() */
gboolean pinwheel_array_files_write (GPtrArray *files, PinwheelChunk *chunk, GError **error);
/* finish() */
gboolean pinwheel_array_files_finish (GPtrArray *files, GError **error);
/* seal() */
gboolean pinwheel_array_files_seal (GPtrArray *files, GError **error);
/* commit() */
gboolean pinwheel_array_files_commit (GPtrArray *files, GError **error);

G_END_DECLS
