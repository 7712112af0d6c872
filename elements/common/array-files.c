/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "common/array-files.h"
#include "common/array-names.h"

#include <string.h>

/* Returns: index of the one array to write, -1 for every one, -2 with @error */
static int
choose (PinwheelFormat *format, const char *location, const char *array, GError **error)
{
  g_autofree char *names = NULL;
  int index;

  if (array != NULL)
    {
      index = pinwheel_format_find (format, array);
      if (index >= 0)
        return index;
      pinwheel_array_names_fail (format, array, error);
      return -2;
    }
  if (strstr (location, "%s") != NULL)
    return -1;
  if (pinwheel_format_n_arrays (format) == 1)
    return 0;
  names = pinwheel_array_names_list (format);
  g_set_error (
      error, PINWHEEL_ERROR, PINWHEEL_ERROR_FORMAT,
      "the stream has %u arrays (%s): choose one with array=, or put %%s in location for a "
      "file each",
      pinwheel_format_n_arrays (format), names);
  return -2;
}

static gboolean
add (GPtrArray *files, PinwheelElement *element, guint index, const char *location,
     PinwheelHeadFunc make_head, GError **error)
{
  PinwheelFormat *format = pinwheel_pad_get_format (pinwheel_element_get_sink (element));
  g_autoptr (GString) path = g_string_new (location);
  PinwheelArrayFile *file;

  g_string_replace (path, "%s", pinwheel_format_array (format, index)->name, 0);
  file = pinwheel_array_file_new (format, index, path->str, make_head, error);
  if (file == NULL)
    return FALSE;
  g_ptr_array_add (files, file);
  return pinwheel_element_claim (element, file->out->target, error);
}

GPtrArray *
pinwheel_array_files_new (PinwheelElement *element, const char *location, const char *array,
                          PinwheelHeadFunc make_head, GError **error)
{
  PinwheelFormat *format = pinwheel_pad_get_format (pinwheel_element_get_sink (element));
  g_autoptr (GPtrArray) files = g_ptr_array_new_with_free_func (
      (GDestroyNotify) pinwheel_array_file_free);
  int chosen = choose (format, location, array, error);

  if (chosen == -2)
    return NULL;
  for (guint i = 0; i < pinwheel_format_n_arrays (format); i++)
    if ((chosen == -1 || chosen == (int) i) && !add (files, element, i, location, make_head, error))
      return NULL;
  return g_steal_pointer (&files);
}

gboolean
pinwheel_array_files_open (GPtrArray *files, PinwheelElement *element, GError **error)
{
  for (guint i = 0; i < files->len; i++)
    if (!pinwheel_array_file_open (files->pdata[i], pinwheel_element_get_cancellable (element),
                                   error))
      return FALSE;
  return TRUE;
}

gboolean
pinwheel_array_files_write (GPtrArray *files, PinwheelChunk *chunk, GError **error)
{
  for (guint i = 0; i < files->len; i++)
    if (!pinwheel_array_file_write (files->pdata[i], chunk, error))
      return FALSE;
  return TRUE;
}

gboolean
pinwheel_array_files_finish (GPtrArray *files, GError **error)
{
  for (guint i = 0; i < files->len; i++)
    {
      PinwheelArrayFile *file = files->pdata[i];

      if (!pinwheel_array_file_finish (file, error))
        return FALSE;
      /* a reader waits for the end of a pipe; other files get a name in commit() only */
      if (file->out->stream && !pinwheel_out_file_seal (file->out, error))
        return FALSE;
    }
  return TRUE;
}

gboolean
pinwheel_array_files_seal (GPtrArray *files, GError **error)
{
  for (guint i = 0; i < files->len; i++)
    {
      PinwheelArrayFile *file = files->pdata[i];

      if (!file->out->stream && !pinwheel_out_file_seal (file->out, error))
        return FALSE;
    }
  return TRUE;
}

gboolean
pinwheel_array_files_commit (GPtrArray *files, GError **error)
{
  for (guint i = 0; i < files->len; i++)
    {
      PinwheelArrayFile *file = files->pdata[i];

      if (!pinwheel_out_file_commit (file->out, error))
        return FALSE;
    }
  return TRUE;
}
