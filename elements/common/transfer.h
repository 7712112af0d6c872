/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What upload and download have in common: one direction of copies each. */
#pragma once
#include <pinwheel/transform.h>

G_BEGIN_DECLS

/* negotiate(): the format stays; where device memory is memory of its own, output goes to a pool.
 */
void pinwheel_transfer_negotiate (PinwheelElement *element, PinwheelMemoryKind output);
/* transform(): enqueues the copy of @input to @output, and hangs the fences on both. @output: NULL
 * where chunks pass through */
gboolean pinwheel_transfer_chunk (PinwheelElement *element, PinwheelCopyKind kind,
                                  PinwheelChunk *input, PinwheelChunk *output, GError **error);

G_END_DECLS
