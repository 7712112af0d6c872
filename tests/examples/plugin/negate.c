/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A plug-in with one element, built as anybody would: against the installed library. */
#include <gmodule.h>
#include <pinwheel/pinwheel.h>

#define NEGATE_TYPE (negate_get_type ())
G_DECLARE_FINAL_TYPE (Negate, negate, MY, NEGATE, PinwheelTransform)
struct _Negate
{
  PinwheelTransform parent_instance;
};

G_DEFINE_FINAL_TYPE (Negate, negate, PINWHEEL_TYPE_TRANSFORM)

static const PinwheelPadTemplate templates[] = {
  { "sink", PINWHEEL_PAD_SINK, PINWHEEL_PLACE_HOST },
  { "src", PINWHEEL_PAD_SRC, PINWHEEL_PLACE_HOST },
  { .name = NULL },
};

static const PinwheelElementInfo info = {
  .name = "negate",
  .group = "compute",
  .summary = "Changes the sign of one array of f32",
  .description = "An example of an element that is not Pinwheel's own.",
  .example = "testsrc format=\"x:f32[*]\" items=1000 ! negate ! fakesink",
};

static gboolean
negate_negotiate (PinwheelElement *element, GError **error)
{
  PinwheelFormat *format = pinwheel_pad_get_format (pinwheel_element_get_sink (element));
  PinwheelPad *src = pinwheel_element_get_src (element);

  if (pinwheel_format_n_arrays (format) != 1
      || pinwheel_format_array (format, 0)->dtype != PINWHEEL_DTYPE_F32)
    {
      g_autofree char *text = pinwheel_format_to_string (format);

      g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_FORMAT,
                   "expected one array of f32, not %s; 'select' leaves arrays out", text);
      return FALSE;
    }
  pinwheel_pad_set_format (src, format);
  pinwheel_pad_set_demand (src, PINWHEEL_MEMORY_PINNED, 1);
  return TRUE;
}

static gboolean
negate_transform (PinwheelTransform *self, PinwheelChunk *input, PinwheelChunk *output,
                  GError **error)
{
  const float *x = pinwheel_chunk_get_data (input, 0);
  float *y = pinwheel_chunk_get_data (output, 0);
  guint64 n = pinwheel_chunk_get_size (output, 0) / sizeof *y;

  for (guint64 i = 0; i < n; i++)
    y[i] = -x[i];
  return TRUE;
}

static void
negate_class_init (NegateClass *klass)
{
  PINWHEEL_ELEMENT_CLASS (klass)->info = &info;
  PINWHEEL_ELEMENT_CLASS (klass)->templates = templates;
  PINWHEEL_ELEMENT_CLASS (klass)->negotiate = negate_negotiate;
  PINWHEEL_TRANSFORM_CLASS (klass)->transform = negate_transform;
}

static void
negate_init (Negate *self)
{
}

static const PinwheelPluginElement elements[] = { { "negate", negate_get_type }, { .name = NULL } };

G_MODULE_EXPORT const PinwheelPlugin pinwheel_plugin = { PINWHEEL_PLUGIN_ABI, "negate", elements };
