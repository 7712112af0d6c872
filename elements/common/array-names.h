/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The names of a format's arrays, in messages. */
#pragma once
#include <pinwheel/format.h>

G_BEGIN_DECLS

/* Returns: (transfer full): "x, y, z" */
char *pinwheel_array_names_list (PinwheelFormat *format);
/* Sets @error: there is no array @name; with the nearest name and all there are. */
void pinwheel_array_names_fail (PinwheelFormat *format, const char *name, GError **error);

G_END_DECLS
