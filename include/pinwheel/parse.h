/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
#include <pinwheel/pipeline.h>

G_BEGIN_DECLS

/**
 * pinwheel_parse_launch:
 * @text: `npysrc location=in.npy ! upload ! map expr="y = 2*x" ! download ! fakesink`
 * @file: (nullable): name for messages
 *
 * Builds a pipeline from text, in gst-launch's grammar. All mistakes are told at once, each with
 * line:column, the line and a caret.
 *
 * Returns: (transfer full) (nullable): %NULL with @error, %PINWHEEL_ERROR_PARSE
 */
PINWHEEL_API
PinwheelPipeline *pinwheel_parse_launch (const char *text, const char *file, GError **error);

/**
 * pinwheel_pipeline_to_string:
 * @self: a pipeline that does not run
 *
 * The elements with their names and the properties that differ from their default, the links and
 * the formats asserted for them. An element of the application's own must be known by
 * pinwheel_registry_add() to be read again. What has no place in a description (properties of the
 * pipeline, arrays of `appsrc` and `appsink`) is left out.
 *
 * Returns: (transfer full): text from which pinwheel_parse_launch() makes the same graph
 */
PINWHEEL_API
char *pinwheel_pipeline_to_string (PinwheelPipeline *self);
/**
 * pinwheel_parse_words:
 * @words: (array zero-terminated=1): as a shell passes them: one word with everything, or many
 *
 * Returns: (transfer full): the text that pinwheel_parse_launch() reads
 */
PINWHEEL_API
char *pinwheel_parse_words (const char *const *words);

G_END_DECLS
