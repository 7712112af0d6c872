/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <pinwheel/transform.h>

#include "common/array-names.h"

#include <string.h>

/* select: keeps, drops and renames arrays. Nothing is copied: its chunks are views into the
 * buffers of its input's. */
struct _PinwheelSelect
{
  PinwheelTransform parent_instance;

  char *keep;
  char *drop;
  char *rename;

  /* (element-type guint) owned: which array of the input each one of the output is; made in
   * negotiate(), dropped in stop(), in between the streaming thread's */
  GArray *origins;
};

G_DECLARE_FINAL_TYPE (PinwheelSelect, pinwheel_select, PINWHEEL, SELECT, PinwheelTransform)
G_DEFINE_FINAL_TYPE (PinwheelSelect, pinwheel_select, PINWHEEL_TYPE_TRANSFORM)

static const PinwheelProperty properties[] = {
  PINWHEEL_STRING (PinwheelSelect, keep, "keep", NULL, PINWHEEL_PROPERTY_PLAIN,
                   "Arrays to keep, in this order: \"a b\"; all where it is not set"),
  PINWHEEL_STRING (PinwheelSelect, drop, "drop", NULL, PINWHEEL_PROPERTY_PLAIN,
                   "Arrays to leave out: \"c d\""),
  PINWHEEL_STRING (PinwheelSelect, rename, "rename", NULL, PINWHEEL_PROPERTY_PLAIN,
                   "New names: \"a=b\" array a is called b from here on"),
};

static const PinwheelElementInfo info = {
  .name = "select",
  .group = "flow",
  .summary = "Keeps, drops and renames arrays",
  .description
  = "keep= and drop= say which arrays go on, rename= what they are called. Each takes names "
    "of the incoming arrays, separated by spaces or commas; an array that is renamed may be "
    "kept, not dropped. Nothing is copied.",
  .example = "testsrc format=\"a:f32[*] b:i32[*] c:f64[*]\" items=1000000 ! "
             "select drop=c rename=\"b=count\" ! statsink",
};

/* Returns: (transfer full): the words of a list, ended by NULL; none of @text NULL */
static GStrv
pinwheel_select_split (const char *text)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) words = g_strsplit_set (text != NULL ? text : "", " ,\t\n\r", -1);

  for (guint i = 0; words[i] != NULL; i++)
    if (*words[i] != '\0')
      g_strv_builder_add (builder, words[i]);
  return g_strv_builder_end (builder);
}

/* Returns: index of the array called @name, or -1 with @error */
static int
pinwheel_select_find (PinwheelFormat *format, const char *property, const char *name,
                      GError **error)
{
  int index = pinwheel_format_find (format, name);

  if (index < 0)
    {
      pinwheel_array_names_fail (format, name, error);
      g_prefix_error (error, "%s: ", property);
    }
  return index;
}

static gboolean
pinwheel_select_keep (PinwheelSelect *self, PinwheelFormat *format, GError **error)
{
  g_auto (GStrv) names = pinwheel_select_split (self->keep);

  for (guint i = 0; names[i] != NULL; i++)
    {
      int index = pinwheel_select_find (format, "keep", names[i], error);
      guint origin = (guint) index;

      if (index < 0)
        return FALSE;
      g_array_append_val (self->origins, origin);
    }
  for (guint i = 0; names[0] == NULL && i < pinwheel_format_n_arrays (format); i++)
    g_array_append_val (self->origins, i);
  return TRUE;
}

static gboolean
pinwheel_select_drop (PinwheelSelect *self, PinwheelFormat *format, GError **error)
{
  g_auto (GStrv) names = pinwheel_select_split (self->drop);

  for (guint i = 0; names[i] != NULL; i++)
    {
      int index = pinwheel_select_find (format, "drop", names[i], error);

      if (index < 0)
        return FALSE;
      for (guint k = self->origins->len; k > 0; k--)
        if (g_array_index (self->origins, guint, k - 1) == (guint) index)
          g_array_remove_index (self->origins, k - 1);
    }
  return TRUE;
}

/* @pair: "old=new" */
static gboolean
pinwheel_select_rename_one (PinwheelSelect *self, PinwheelFormat *format, GArray *arrays,
                            const char *pair, GError **error)
{
  const char *equals = strchr (pair, '=');
  g_autofree char *old = g_strndup (pair, equals != NULL ? (gsize) (equals - pair) : 0);
  PinwheelArray array;
  int index;

  if (equals == NULL || equals == pair || equals[1] == '\0')
    {
      g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_PROPERTY,
                   "rename: '%s' is no pair of names; expected OLD=NEW, as in \"a=b\"", pair);
      return FALSE;
    }
  index = pinwheel_select_find (format, "rename", old, error);
  if (index < 0)
    return FALSE;
  for (guint i = 0; i < self->origins->len; i++)
    if (g_array_index (self->origins, guint, i) == (guint) index)
      {
        array = g_array_index (arrays, PinwheelArray, i);
        if (!pinwheel_array_init (&g_array_index (arrays, PinwheelArray, i), equals + 1,
                                  array.dtype, array.n_dims, array.shape, array.chunk_axis, error))
          {
            g_prefix_error (error, "rename: ");
            return FALSE;
          }
        return TRUE;
      }
  g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_PROPERTY,
               "rename: the array '%s' does not go on; take it out of rename, or keep it", old);
  return FALSE;
}

static gboolean
pinwheel_select_rename (PinwheelSelect *self, PinwheelFormat *format, GArray *arrays,
                        GError **error)
{
  g_auto (GStrv) pairs = pinwheel_select_split (self->rename);

  for (guint i = 0; i < self->origins->len; i++)
    g_array_append_vals (
        arrays, pinwheel_format_array (format, g_array_index (self->origins, guint, i)), 1);
  for (guint i = 0; pairs[i] != NULL; i++)
    if (!pinwheel_select_rename_one (self, format, arrays, pairs[i], error))
      return FALSE;
  return TRUE;
}

/* A stream that is cut has many chunks, one without any cut array has one. */
static gboolean
pinwheel_select_check_left (PinwheelFormat *input, PinwheelFormat *output, GError **error)
{
  if (!pinwheel_format_has_cut (input) || pinwheel_format_has_cut (output))
    return TRUE;
  g_set_error_literal (error, PINWHEEL_ERROR, PINWHEEL_ERROR_FORMAT,
                       "only broadcast arrays would be left of a stream that is cut; keep one "
                       "array with a chunk axis");
  return FALSE;
}

static gboolean
pinwheel_select_negotiate (PinwheelElement *element, GError **error)
{
  PinwheelSelect *self = PINWHEEL_SELECT (element);
  PinwheelFormat *input = pinwheel_pad_get_format (pinwheel_element_get_sink (element));
  g_autoptr (GArray) arrays = g_array_new (FALSE, FALSE, sizeof (PinwheelArray));
  g_autoptr (PinwheelFormat) output = NULL;

  g_clear_pointer (&self->origins, g_array_unref);
  self->origins = g_array_new (FALSE, FALSE, sizeof (guint));
  if (!pinwheel_select_keep (self, input, error) || !pinwheel_select_drop (self, input, error)
      || !pinwheel_select_rename (self, input, arrays, error))
    return FALSE;
  if (arrays->len == 0)
    {
      g_autofree char *names = pinwheel_array_names_list (input);

      g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_FORMAT,
                   "no array would be left; the stream has: %s", names);
      return FALSE;
    }
  output = pinwheel_format_new ((const PinwheelArray *) (gpointer) arrays->data, arrays->len,
                                pinwheel_format_n_items (input), error);
  if (output == NULL || !pinwheel_select_check_left (input, output, error))
    return FALSE;
  pinwheel_pad_set_format (pinwheel_element_get_src (element), output);
  return TRUE;
}

static gboolean
pinwheel_select_transform (PinwheelTransform *transform, PinwheelChunk *input,
                           PinwheelChunk *output, GError **error)
{
  PinwheelSelect *self = PINWHEEL_SELECT (transform);

  /* output NULL: the arrays are what they were */
  for (guint i = 0; output != NULL && i < self->origins->len; i++)
    pinwheel_chunk_copy_view (output, i, input, g_array_index (self->origins, guint, i));
  return TRUE;
}

static void
pinwheel_select_stop (PinwheelElement *element)
{
  g_clear_pointer (&PINWHEEL_SELECT (element)->origins, g_array_unref);
}

static void
pinwheel_select_class_init (PinwheelSelectClass *klass)
{
  PinwheelElementClass *element_class = PINWHEEL_ELEMENT_CLASS (klass);

  element_class->info = &info;
  element_class->intake = PINWHEEL_INTAKE_ROUTES;
  element_class->negotiate = pinwheel_select_negotiate;
  element_class->stop = pinwheel_select_stop;
  PINWHEEL_TRANSFORM_CLASS (klass)->transform = pinwheel_select_transform;
  PINWHEEL_TRANSFORM_CLASS (klass)->asynchronous = TRUE;
  pinwheel_class_install_properties (G_OBJECT_CLASS (klass), properties, G_N_ELEMENTS (properties));
}

static void
pinwheel_select_init (PinwheelSelect *self)
{
}
