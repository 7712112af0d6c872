/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Work that fails behind its owner's back is often come upon by somebody else, who waits for it:
 * the error knows whose it is. */
#pragma once
#include <pinwheel/error.h>

G_BEGIN_DECLS

/* @error: of another domain than %PINWHEEL_ERROR: left as it is
 * @owner: the element's name
 * @chunk: that it was working on when it asked for the work; G_MAXUINT64: none */
void pinwheel_error_set_owner (GError *error, const char *owner, guint64 chunk);
/* @chunk: (out) (optional): set where there is an owner
 * Returns: (nullable): NULL where the error is that of whoever got it */
const char *pinwheel_error_get_owner (const GError *error, guint64 *chunk);

G_END_DECLS
