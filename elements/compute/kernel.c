/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include <pinwheel/kernel.h>
#include <pinwheel/transform.h>

/* kernel: the user's CUDA C over every chunk. */
struct _PinwheelKernelElement
{
  PinwheelTransform parent_instance;

  char *source;
  char *entry;
  char *parameters;
  char *args;
  char *outputs;
  char *keep;
  int fp_mode; /* a PinwheelFpMode */
  char *threads;
  char *grid;
  char *block;
  char *shared;
  gboolean deterministic;

  PinwheelKernel *kernel; /* from negotiate() to stop(); in between the streaming thread's */
};

G_DECLARE_FINAL_TYPE (PinwheelKernelElement, pinwheel_kernel_element, PINWHEEL, KERNEL_ELEMENT,
                      PinwheelTransform)
G_DEFINE_FINAL_TYPE (PinwheelKernelElement, pinwheel_kernel_element, PINWHEEL_TYPE_TRANSFORM)

#define TEXT(field, name, flags, blurb)                                                            \
  PINWHEEL_STRING (PinwheelKernelElement, field, name, NULL, flags, blurb)

static const PinwheelProperty properties[] = {
  TEXT (source, "source", PINWHEEL_PROPERTY_REQUIRED,
        "File with the CUDA C; for CUDA devices also PTX, a cubin or a fat binary"),
  TEXT (entry, "entry", PINWHEEL_PROPERTY_PLAIN,
        "Name of the __global__ function; not needed where there is only one in CUDA C"),
  TEXT (parameters, "parameters", PINWHEEL_PROPERTY_PLAIN,
        "What compiled code takes, which it does not tell: \"const float *x, float *y, int n\""),
  TEXT (args, "args", PINWHEEL_PROPERTY_PLAIN,
        "Values of scalar parameters: \"dt=0.001 steps=1000\""),
  TEXT (outputs, "outputs", PINWHEEL_PROPERTY_PLAIN,
        "Shapes of the outputs: \"state[51,3,*] status[*]\""),
  TEXT (keep, "keep", PINWHEEL_PROPERTY_PLAIN,
        "Inputs that ride along to the output uncopied: \"a b\""),
  TEXT (threads, "threads", PINWHEEL_PROPERTY_PLAIN,
        "Threads in all, an expression over n and the names in args; n where it is not set"),
  TEXT (grid, "grid", PINWHEEL_PROPERTY_PLAIN, "Blocks \"x,y,z\", such expressions"),
  TEXT (block, "block", PINWHEEL_PROPERTY_PLAIN, "Threads of a block \"x,y,z\", numbers"),
  PINWHEEL_ENUM (PinwheelKernelElement, fp_mode, "fp-mode", pinwheel_fp_mode_get_type,
                 PINWHEEL_FP_FAST,
                 "fast: a * b + c may be rounded once; exact: + - * / and sqrt as IEEE 754 says"),
  TEXT (shared, "shared", PINWHEEL_PROPERTY_PLAIN,
        "Bytes of dynamic shared memory (extern __shared__) of a block, such an expression"),
  PINWHEEL_BOOLEAN (PinwheelKernelElement, deterministic, "deterministic", FALSE,
                    "Run blocks one after the other, so that atomic sums of floats always have the "
                    "same bits (host device)"),
};

static const PinwheelPadTemplate templates[] = {
  { "sink", PINWHEEL_PAD_SINK, PINWHEEL_PLACE_DEVICE },
  { "src", PINWHEEL_PAD_SRC, PINWHEEL_PLACE_DEVICE },
  { .name = NULL },
};

static const PinwheelElementInfo info = {
  .name = "kernel",
  .group = "compute",
  .summary = "Runs a CUDA C kernel over every chunk",
  .description
  = "Parameters of the __global__ function are bound by name. \"const float *x\" is the input "
    "array "
    "x; a pointer that is not const is an output, or an input of that name updated in place; n is "
    "the number of items in the chunk, start the index of its first item, N the number in all; "
    "other "
    "scalars come from args=. The output has the kernel's outputs, then the inputs in keep=.\n\n"
    "There is one thread per item unless threads= says how many, or grid= and block= do.",
  .example
  = "npysrc location=in.npy ! upload ! kernel source=smooth.cu entry=smooth args=\"w=0.25\" "
    "outputs=\"y[*]\" ! download ! npysink location=out.npy",
};

/* Cubins are ELF files, fat binaries have a number of their own. */
static gboolean
is_machine_code (const char *content, gsize length)
{
  return length > 4
         && (memcmp (content, "\177ELF", 4) == 0 || memcmp (content, "\x50\xed\x55\xba", 4) == 0);
}

/* @text: (out) (transfer full); @code: (out) (transfer full): one of the two */
static gboolean
pinwheel_kernel_element_read (PinwheelKernelElement *self, char **text, GBytes **code,
                              GError **error)
{
  g_autoptr (GError) reason = NULL;
  g_autofree char *content = NULL;
  gsize length;

  if (!g_file_get_contents (self->source, &content, &length, &reason))
    {
      g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_RESOURCE, "cannot read the source: %s",
                   reason->message);
      return FALSE;
    }
  if (is_machine_code (content, length))
    {
      *code = g_bytes_new_take (g_steal_pointer (&content), length);
      return TRUE;
    }
  /* PTX is text by another name, and needs the zero byte behind it */
  if (g_str_has_suffix (self->source, ".ptx"))
    {
      *code = g_bytes_new_take (g_steal_pointer (&content), length + 1);
      return TRUE;
    }
  if (g_utf8_validate_len (content, length, NULL))
    {
      *text = g_steal_pointer (&content);
      return TRUE;
    }
  g_set_error (
      error, PINWHEEL_ERROR, PINWHEEL_ERROR_KERNEL,
      "'%s' is not CUDA C: it is not text in UTF-8; and it is neither a cubin nor a fat binary",
      self->source);
  return FALSE;
}

static gboolean
pinwheel_kernel_element_negotiate (PinwheelElement *element, GError **error)
{
  PinwheelKernelElement *self = PINWHEEL_KERNEL_ELEMENT (element);
  PinwheelPad *src = pinwheel_element_get_src (element);
  g_autofree char *folder = g_path_get_dirname (self->source);
  g_autofree char *text = NULL;
  g_autoptr (GBytes) code = NULL;
  PinwheelKernelSpec spec;

  g_clear_object (&self->kernel);
  if (!pinwheel_kernel_element_read (self, &text, &code, error))
    return FALSE;
  spec = (PinwheelKernelSpec){
    .file = self->source,
    .source = text,
    .code = code,
    .parameters = self->parameters,
    .entry = self->entry,
    .args = self->args,
    .outputs = self->outputs,
    .keep = self->keep,
    .threads = self->threads,
    .grid = self->grid,
    .block = self->block,
    .include_dir = folder,
    .fp_mode = self->fp_mode,
    .cancellable = pinwheel_element_get_cancellable (element),
    .shared = self->shared,
    .deterministic = self->deterministic,
  };
  self->kernel = pinwheel_kernel_new (
      &spec, pinwheel_pad_get_format (pinwheel_element_get_sink (element)), error);
  if (self->kernel == NULL)
    return FALSE;
  pinwheel_pad_set_format (src, pinwheel_kernel_get_output (self->kernel));
  pinwheel_pad_set_demand (src, PINWHEEL_MEMORY_DEVICE,
                           pinwheel_kernel_get_n_outputs (self->kernel));
  return TRUE;
}

static gboolean
pinwheel_kernel_element_start (PinwheelElement *element, GError **error)
{
  PinwheelKernel *kernel = PINWHEEL_KERNEL_ELEMENT (element)->kernel;
  GPtrArray *devices = pinwheel_element_get_devices (element);
  const char *warning;

  for (guint i = 0; i < devices->len; i++)
    if (!pinwheel_kernel_load (kernel, devices->pdata[i], error))
      return FALSE;
  warning = pinwheel_kernel_get_warning (kernel);
  if (warning != NULL)
    pinwheel_element_post_warning (element, "%s", warning);
  return TRUE;
}

static gboolean
pinwheel_kernel_element_transform (PinwheelTransform *transform, PinwheelChunk *input,
                                   PinwheelChunk *output, GError **error)
{
  PinwheelStream *stream = pinwheel_element_get_stream (PINWHEEL_ELEMENT (transform), error);

  return stream != NULL
         && pinwheel_kernel_launch (PINWHEEL_KERNEL_ELEMENT (transform)->kernel, stream, input,
                                    output, error);
}

static void
pinwheel_kernel_element_add_kernels (PinwheelElement *element, GPtrArray *kernels)
{
  g_ptr_array_add (kernels, g_object_ref (PINWHEEL_KERNEL_ELEMENT (element)->kernel));
}

static void
pinwheel_kernel_element_stop (PinwheelElement *element)
{
  g_clear_object (&PINWHEEL_KERNEL_ELEMENT (element)->kernel);
}

static void
pinwheel_kernel_element_class_init (PinwheelKernelElementClass *klass)
{
  PinwheelElementClass *element_class = PINWHEEL_ELEMENT_CLASS (klass);

  element_class->info = &info;
  element_class->templates = templates;
  element_class->negotiate = pinwheel_kernel_element_negotiate;
  element_class->start = pinwheel_kernel_element_start;
  element_class->stop = pinwheel_kernel_element_stop;
  element_class->add_kernels = pinwheel_kernel_element_add_kernels;
  PINWHEEL_TRANSFORM_CLASS (klass)->transform = pinwheel_kernel_element_transform;
  PINWHEEL_TRANSFORM_CLASS (klass)->asynchronous = TRUE;
  pinwheel_class_install_properties (G_OBJECT_CLASS (klass), properties, G_N_ELEMENTS (properties));
}

static void
pinwheel_kernel_element_init (PinwheelKernelElement *self)
{
}
