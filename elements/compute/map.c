/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <pinwheel/kernel.h>
#include <pinwheel/transform.h>

/* map: an expression over every element, by way of a generated kernel. */
struct _PinwheelMap
{
  PinwheelTransform parent_instance;

  char *expr;
  char *args;
  char *keep;
  int fp_mode; /* a PinwheelFpMode */

  PinwheelKernel *kernel; /* from negotiate() to stop(); in between the streaming thread's */
};

G_DECLARE_FINAL_TYPE (PinwheelMap, pinwheel_map, PINWHEEL, MAP, PinwheelTransform)
G_DEFINE_FINAL_TYPE (PinwheelMap, pinwheel_map, PINWHEEL_TYPE_TRANSFORM)

static const PinwheelProperty properties[] = {
  PINWHEEL_STRING (PinwheelMap, expr, "expr", NULL, PINWHEEL_PROPERTY_REQUIRED,
                   "Assignments to the outputs: \"y = a*x + b; z = sqrt(x)\""),
  PINWHEEL_STRING (PinwheelMap, args, "args", NULL, PINWHEEL_PROPERTY_PLAIN,
                   "Values of names that are not arrays: \"a=2 b=1\""),
  PINWHEEL_STRING (PinwheelMap, keep, "keep", NULL, PINWHEEL_PROPERTY_PLAIN,
                   "Inputs that ride along to the output uncopied: \"a b\""),
  PINWHEEL_ENUM (PinwheelMap, fp_mode, "fp-mode", pinwheel_fp_mode_get_type, PINWHEEL_FP_FAST,
                 "fast: a * b + c may be rounded once; exact: + - * / and sqrt as IEEE 754 says"),
};

static const PinwheelPadTemplate templates[] = {
  { "sink", PINWHEEL_PAD_SINK, PINWHEEL_PLACE_DEVICE },
  { "src", PINWHEEL_PAD_SRC, PINWHEEL_PLACE_DEVICE },
  { .name = NULL },
};

static const PinwheelElementInfo info = {
  .name = "map",
  .group = "compute",
  .summary = "Computes an expression for every element",
  .description
  = "Each assignment makes an output array of the shape of its inputs, with the dtype that NumPy "
    "gives the expression. Names are input arrays, names in args=, or outputs assigned before; a "
    "name that begins with _ is no output. Operators: + - * / // % ** < <= > >= == != && || ! & | "
    "^ ~ << >> ?:, with / true division and // and % as in Python. Functions: sin cos tan asin "
    "acos atan sinh cosh tanh exp exp2 expm1 log log2 log10 log1p sqrt cbrt floor ceil trunc round "
    "hypot atan2 abs sign min max isnan isinf pow where(condition, yes, no), and casts by the name "
    "of a dtype, as in f32(x). Constants: pi, e.",
  .example = "npysrc location=in.npy ! upload ! map expr=\"y = exp(-x) * sin(x)\" ! download "
             "! npysink location=out.npy",
};

static gboolean
pinwheel_map_negotiate (PinwheelElement *element, GError **error)
{
  PinwheelMap *self = PINWHEEL_MAP (element);
  PinwheelFormat *input = pinwheel_pad_get_format (pinwheel_element_get_sink (element));
  PinwheelPad *src = pinwheel_element_get_src (element);
  g_autofree char *outputs = NULL;
  g_autofree char *source = pinwheel_map_source (self->expr, self->args, input, &outputs, error);
  PinwheelKernelSpec spec;

  g_clear_object (&self->kernel);
  if (source == NULL)
    return FALSE;
  spec = (PinwheelKernelSpec){
    .file = "expr",
    .source = source,
    .entry = "pinwheel_map",
    .args = self->args,
    .outputs = outputs,
    .keep = self->keep,
    .fp_mode = self->fp_mode,
    .cancellable = pinwheel_element_get_cancellable (element),
  };
  self->kernel = pinwheel_kernel_new (&spec, input, error);
  if (self->kernel == NULL)
    return FALSE;
  pinwheel_pad_set_format (src, pinwheel_kernel_get_output (self->kernel));
  pinwheel_pad_set_demand (src, PINWHEEL_MEMORY_DEVICE,
                           pinwheel_kernel_get_n_outputs (self->kernel));
  return TRUE;
}

static gboolean
pinwheel_map_start (PinwheelElement *element, GError **error)
{
  GPtrArray *devices = pinwheel_element_get_devices (element);

  for (guint i = 0; i < devices->len; i++)
    if (!pinwheel_kernel_load (PINWHEEL_MAP (element)->kernel, devices->pdata[i], error))
      return FALSE;
  return TRUE;
}

static gboolean
pinwheel_map_transform (PinwheelTransform *transform, PinwheelChunk *input, PinwheelChunk *output,
                        GError **error)
{
  PinwheelStream *stream = pinwheel_element_get_stream (PINWHEEL_ELEMENT (transform), error);

  return stream != NULL
         && pinwheel_kernel_launch (PINWHEEL_MAP (transform)->kernel, stream, input, output, error);
}

static void
pinwheel_map_add_kernels (PinwheelElement *element, GPtrArray *kernels)
{
  g_ptr_array_add (kernels, g_object_ref (PINWHEEL_MAP (element)->kernel));
}

static void
pinwheel_map_stop (PinwheelElement *element)
{
  g_clear_object (&PINWHEEL_MAP (element)->kernel);
}

static void
pinwheel_map_class_init (PinwheelMapClass *klass)
{
  PinwheelElementClass *element_class = PINWHEEL_ELEMENT_CLASS (klass);

  element_class->info = &info;
  element_class->templates = templates;
  element_class->negotiate = pinwheel_map_negotiate;
  element_class->start = pinwheel_map_start;
  element_class->stop = pinwheel_map_stop;
  element_class->add_kernels = pinwheel_map_add_kernels;
  PINWHEEL_TRANSFORM_CLASS (klass)->transform = pinwheel_map_transform;
  PINWHEEL_TRANSFORM_CLASS (klass)->asynchronous = TRUE;
  pinwheel_class_install_properties (G_OBJECT_CLASS (klass), properties, G_N_ELEMENTS (properties));
}

static void
pinwheel_map_init (PinwheelMap *self)
{
}
