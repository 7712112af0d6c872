/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the tests of elements have in common: pipelines put together by hand, files, and NumPy. */
#pragma once
#include <check.h>
#include <pinwheel/pipeline.h>

/* Returns: (transfer full): an element with properties set from text: "name", "value", ..., NULL */
PinwheelElement *support_make (const char *type, ...) G_GNUC_NULL_TERMINATED;
/* Returns: (transfer full): a pipeline with these elements (transfer full), each linked to the
 * next; ended by NULL.
 * @chunk: items of a chunk, 0: as planned */
PinwheelPipeline *support_chain (guint64 chunk, ...) G_GNUC_NULL_TERMINATED;
/* Runs @pipeline (transfer full), which must succeed. */
void support_run (PinwheelPipeline *pipeline);
/* Runs @pipeline (transfer full), which must fail with this code and these words in its message. */
void support_run_fails (PinwheelPipeline *pipeline, int code, const char *words);
/* Fails the test unless @error has that code and these words in it. */
void support_check_error (const GError *error, int code, const char *words);
/* Returns: (transfer full): the first message of that kind on the pipeline's bus, which must be
 * there */
PinwheelMessage *support_pop (PinwheelPipeline *pipeline, PinwheelMessageType kind);

/* Before and after each test: a folder of its own. */
void support_make_folder (void);
void support_remove_folder (void);
/* Returns: (transfer none): valid until the folder is removed */
const char *support_path (const char *name);
/* Returns: names in the folder, hidden ones too */
guint support_count_files (void);
void support_write (const char *path, gconstpointer bytes, gsize size);
/* Returns: (transfer full): what the file holds */
GBytes *support_read (const char *path);
/* Fails the test unless the two files hold the same bytes. */
void support_check_same (const char *path, const char *other);
/* Runs a script with NumPy (np) imported and the folder in sys.argv[1], @argument (nullable) in
 * sys.argv[2]; an assert that fails in it fails the test. */
void support_python (const char *script, const char *argument);

/* Chunk lengths that every element is tried with; 1000000 is all of it in one. */
#define SUPPORT_N_LENGTHS 4
extern const guint64 support_lengths[SUPPORT_N_LENGTHS];
