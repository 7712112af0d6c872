/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Errors about a piece of text that a user wrote: where, a caret under it, and nearly right names.
 */
#pragma once
#include <pinwheel/error.h>

/* @label: what the text is: `expr`, `args`; @text: all of it; the caret runs under the @length
 * bytes at @offset. */
void pinwheel_set_text_error (GError **error, PinwheelError code, const char *label,
                              const char *text, gsize offset, gsize length, const char *format, ...)
    G_GNUC_PRINTF (7, 8);

/* `; did you mean 'x'? WHAT: a, b, c`, the question only where a name is near.
 * Returns: (transfer full) */
char *pinwheel_name_hint (const char *name, const char *what, const GPtrArray *names);
/* Returns: (transfer full): `a, b, c` */
char *pinwheel_name_list (const GPtrArray *names);
