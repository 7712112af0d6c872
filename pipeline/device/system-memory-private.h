/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/* Bytes of memory that this process may use in all, and that it could take now: the machine's, or
 * the limit of the control group that it runs in where that is less. Reads files: not for a loop.
 */
void pinwheel_system_memory (guint64 *total, guint64 *available);

G_END_DECLS
