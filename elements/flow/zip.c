/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <pinwheel/aggregator.h>

/* zip: the arrays of several streams in one. Nothing is copied: its chunks are views into the
 * buffers of all inputs. */
struct _PinwheelZip
{
  PinwheelAggregator parent_instance;
};

G_DECLARE_FINAL_TYPE (PinwheelZip, pinwheel_zip, PINWHEEL, ZIP, PinwheelAggregator)
G_DEFINE_FINAL_TYPE (PinwheelZip, pinwheel_zip, PINWHEEL_TYPE_AGGREGATOR)

static const PinwheelElementInfo info = {
  .name = "zip",
  .group = "flow",
  .summary = "Joins the arrays of several streams, item by item",
  .description
  = "Inputs are made as they are linked: write NAME. once for each. The output has the arrays of "
    "the first input, then those of the second, and so on; they may be cut along different axes. "
    "All inputs must have the same number of items, arrays of different names (select rename= "
    "changes one), and be in one place: all in host memory, or all on the device. An input that "
    "is not cut goes with every chunk of the others. Nothing is copied.",
  .example = "zip name=z ! checksumsink  testsrc format=\"x:f32[*]\" items=1000000 ! z.  "
             "testsrc format=\"y:f64[3,*]\" items=1000000 ! z.",
};

/* What negotiating has found out so far. */
typedef struct
{
  GArray *arrays;       /* (element-type PinwheelArray) of the output */
  GPtrArray *owners;    /* (element-type PinwheelPad) unowned: the input of each array */
  PinwheelPad *counted; /* (nullable) unowned: the first input whose total is known */
  gboolean any_cut;
} Joining;

static gboolean
pinwheel_zip_add_array (Joining *joining, PinwheelPad *sink, const PinwheelArray *array,
                        GError **error)
{
  for (guint i = 0; i < joining->arrays->len; i++)
    if (g_array_index (joining->arrays, PinwheelArray, i).name == array->name)
      {
        g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_FORMAT,
                     "both %s and %s have an array '%s'; put 'select rename=\"%s=...\"' before one "
                     "of them",
                     pinwheel_pad_get_path (joining->owners->pdata[i]),
                     pinwheel_pad_get_path (sink), array->name, array->name);
        return FALSE;
      }
  g_array_append_vals (joining->arrays, array, 1);
  g_ptr_array_add (joining->owners, sink);
  return TRUE;
}

static gboolean
pinwheel_zip_check_total (Joining *joining, PinwheelPad *sink, GError **error)
{
  guint64 n_items = pinwheel_format_n_items (pinwheel_pad_get_format (sink));
  guint64 before;

  if (!pinwheel_format_has_cut (pinwheel_pad_get_format (sink)))
    return TRUE;
  joining->any_cut = TRUE;
  if (n_items == PINWHEEL_ITEMS_UNKNOWN)
    return TRUE;
  if (joining->counted == NULL)
    joining->counted = sink;
  before = pinwheel_format_n_items (pinwheel_pad_get_format (joining->counted));
  if (before == n_items)
    return TRUE;
  g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_FORMAT,
               "%s has %" G_GUINT64_FORMAT " items and %s has %" G_GUINT64_FORMAT
               "; all inputs must have the same number of items",
               pinwheel_pad_get_path (joining->counted), before, pinwheel_pad_get_path (sink),
               n_items);
  return FALSE;
}

static gboolean
pinwheel_zip_check_place (PinwheelPad *first, PinwheelPad *sink, GError **error)
{
  gboolean on_device = pinwheel_pad_get_place (sink) == PINWHEEL_PLACE_DEVICE;

  if (pinwheel_pad_get_place (first) == pinwheel_pad_get_place (sink))
    return TRUE;
  g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_LINK,
               "%s gets chunks in %s memory and %s in %s memory, but all inputs must be in one "
               "place; put 'upload' before %s, or 'download' before %s",
               pinwheel_pad_get_path (first), on_device ? "host" : "device",
               pinwheel_pad_get_path (sink), on_device ? "device" : "host",
               pinwheel_pad_get_path (on_device ? first : sink),
               pinwheel_pad_get_path (on_device ? sink : first));
  return FALSE;
}

static gboolean
pinwheel_zip_add_input (Joining *joining, PinwheelPad *sink, GError **error)
{
  PinwheelFormat *format = pinwheel_pad_get_format (sink);
  PinwheelPad *first = joining->owners->len > 0 ? joining->owners->pdata[0] : sink;

  if (!pinwheel_zip_check_place (first, sink, error)
      || !pinwheel_zip_check_total (joining, sink, error))
    return FALSE;
  for (guint i = 0; i < pinwheel_format_n_arrays (format); i++)
    if (!pinwheel_zip_add_array (joining, sink, pinwheel_format_array (format, i), error))
      return FALSE;
  return TRUE;
}

static gboolean
pinwheel_zip_negotiate (PinwheelElement *element, GError **error)
{
  GPtrArray *pads = pinwheel_element_get_pads (element);
  g_autoptr (GArray) arrays = g_array_new (FALSE, FALSE, sizeof (PinwheelArray));
  g_autoptr (GPtrArray) owners = g_ptr_array_new ();
  g_autoptr (PinwheelFormat) format = NULL;
  Joining joining = { arrays, owners, NULL, FALSE };
  guint64 n_items = 1;

  for (guint i = 0; i < pads->len; i++)
    if (pinwheel_pad_get_direction (pads->pdata[i]) == PINWHEEL_PAD_SINK
        && !pinwheel_zip_add_input (&joining, pads->pdata[i], error))
      return FALSE;
  if (arrays->len == 0)
    {
      g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_LINK,
                   "has no input; write \"... ! %s.\" for each",
                   pinwheel_element_get_name (element));
      return FALSE;
    }
  if (joining.counted != NULL)
    n_items = pinwheel_format_n_items (pinwheel_pad_get_format (joining.counted));
  else if (joining.any_cut)
    n_items = PINWHEEL_ITEMS_UNKNOWN;
  format = pinwheel_format_new ((const PinwheelArray *) (gpointer) arrays->data, arrays->len,
                                n_items, error);
  if (format == NULL)
    return FALSE;
  pinwheel_pad_set_format (pinwheel_element_get_src (element), format);
  return TRUE;
}

static gboolean
pinwheel_zip_aggregate (PinwheelAggregator *aggregator, PinwheelChunk **inputs, guint n_inputs,
                        PinwheelChunk *output, GError **error)
{
  guint n = 0;

  for (guint i = 0; i < n_inputs; i++)
    for (guint k = 0; k < pinwheel_format_n_arrays (pinwheel_chunk_get_format (inputs[i])); k++)
      pinwheel_chunk_copy_view (output, n++, inputs[i], k);
  return TRUE;
}

static void
pinwheel_zip_class_init (PinwheelZipClass *klass)
{
  PinwheelElementClass *element_class = PINWHEEL_ELEMENT_CLASS (klass);

  element_class->info = &info;
  element_class->intake = PINWHEEL_INTAKE_ROUTES;
  element_class->negotiate = pinwheel_zip_negotiate;
  PINWHEEL_AGGREGATOR_CLASS (klass)->aggregate = pinwheel_zip_aggregate;
  PINWHEEL_AGGREGATOR_CLASS (klass)->asynchronous = TRUE;
}

static void
pinwheel_zip_init (PinwheelZip *self)
{
}
