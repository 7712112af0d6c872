/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Words of the user inside messages. */
#pragma once
#include <glib.h>

/* Returns: (transfer full): @text between single quotes, fit for a terminal: control characters and
 * bytes that are not UTF-8 as \xNN, a long text cut short with "..." */
char *pinwheel_quote (const char *text);
