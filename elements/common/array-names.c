/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "common/array-names.h"

#include <pinwheel/error.h>
#include <pinwheel/property.h>

char *
pinwheel_array_names_list (PinwheelFormat *format)
{
  GString *names = g_string_new (NULL);

  for (guint i = 0; i < pinwheel_format_n_arrays (format); i++)
    g_string_append_printf (names, "%s%s", i > 0 ? ", " : "",
                            pinwheel_format_array (format, i)->name);
  return g_string_free (names, FALSE);
}

void
pinwheel_array_names_fail (PinwheelFormat *format, const char *name, GError **error)
{
  g_autofree char *names = pinwheel_array_names_list (format);
  g_autofree const char **candidates = g_new0 (const char *, pinwheel_format_n_arrays (format) + 1);
  const char *near;

  for (guint i = 0; i < pinwheel_format_n_arrays (format); i++)
    candidates[i] = pinwheel_format_array (format, i)->name;
  near = pinwheel_suggest (name, candidates);
  g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_FORMAT,
               "there is no array '%s' in the stream%s%s%s; it has: %s", name,
               near != NULL ? "; did you mean '" : "", near != NULL ? near : "",
               near != NULL ? "'" : "", names);
}
