/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An element of the application itself, which is no plug-in: used by its name in a description, and
 * by hand: element [LIMIT] */
#include <pinwheel/pinwheel.h>
#include <stdlib.h>

#define CLIP_TYPE (clip_get_type ())
G_DECLARE_FINAL_TYPE (Clip, clip, APP, CLIP, PinwheelTransform)
struct _Clip
{
  PinwheelTransform parent_instance;

  double limit; /* does not change while the pipeline runs */
};

G_DEFINE_FINAL_TYPE (Clip, clip, PINWHEEL_TYPE_TRANSFORM)

static const PinwheelProperty properties[] = {
  PINWHEEL_DOUBLE (Clip, limit, "limit", -G_MAXDOUBLE, G_MAXDOUBLE, 1,
                   "the most that is let through"),
};

/* The CPU reads and writes, so chunks are to be in its memory. */
static const PinwheelPadTemplate templates[] = {
  { "sink", PINWHEEL_PAD_SINK, PINWHEEL_PLACE_HOST },
  { "src", PINWHEEL_PAD_SRC, PINWHEEL_PLACE_HOST },
  { .name = NULL },
};

static const PinwheelElementInfo info = {
  .name = "clip",
  .group = "compute",
  .summary = "Cuts off what is above a limit",
  .description = "Takes one array of f64.",
};

static gboolean
clip_negotiate (PinwheelElement *element, GError **error)
{
  PinwheelFormat *format = pinwheel_pad_get_format (pinwheel_element_get_sink (element));
  PinwheelPad *src = pinwheel_element_get_src (element);

  if (pinwheel_format_n_arrays (format) != 1
      || pinwheel_format_array (format, 0)->dtype != PINWHEEL_DTYPE_F64)
    {
      g_set_error_literal (error, PINWHEEL_ERROR, PINWHEEL_ERROR_FORMAT,
                           "expected one array of f64; 'select' leaves arrays out");
      return FALSE;
    }
  pinwheel_pad_set_format (src, format);
  pinwheel_pad_set_demand (src, PINWHEEL_MEMORY_PINNED, 1); /* chunks of its own to write to */
  return TRUE;
}

static gboolean
clip_transform (PinwheelTransform *transform, PinwheelChunk *input, PinwheelChunk *output,
                GError **error)
{
  const double *x = pinwheel_chunk_get_data (input, 0);
  double *y = pinwheel_chunk_get_data (output, 0);
  guint64 n = pinwheel_chunk_get_size (output, 0) / sizeof *y;

  for (guint64 i = 0; i < n; i++)
    y[i] = MIN (x[i], APP_CLIP (transform)->limit);
  return TRUE;
}

static void
clip_class_init (ClipClass *klass)
{
  PINWHEEL_ELEMENT_CLASS (klass)->info = &info;
  PINWHEEL_ELEMENT_CLASS (klass)->templates = templates;
  PINWHEEL_ELEMENT_CLASS (klass)->negotiate = clip_negotiate;
  PINWHEEL_TRANSFORM_CLASS (klass)->transform = clip_transform;
  pinwheel_class_install_properties (G_OBJECT_CLASS (klass), properties, G_N_ELEMENTS (properties));
}

static void
clip_init (Clip *self)
{
}

/* By name. Returns: (transfer full) (nullable) */
static PinwheelPipeline *
make_from_text (const char *limit, GError **error)
{
  g_autofree char *text = g_strdup_printf (
      "testsrc format=x:f64[*] items=11 ! clip limit=%s ! statsink", limit);

  pinwheel_registry_add ("clip", CLIP_TYPE);
  return pinwheel_parse_launch (text, NULL, error);
}

/* By hand. Returns: (transfer full) (nullable) */
static PinwheelPipeline *
make_by_hand (double limit, GError **error)
{
  g_autoptr (PinwheelPipeline) pipeline = pinwheel_pipeline_new ();
  g_autoptr (PinwheelElement) source = pinwheel_element_make ("testsrc", NULL, error);
  g_autoptr (PinwheelElement) clip = g_object_new (CLIP_TYPE, "limit", limit, NULL);
  g_autoptr (PinwheelElement) sink = pinwheel_element_make ("statsink", NULL, error);

  if (source == NULL || sink == NULL)
    return NULL;
  g_object_set (source, "format", "x:f64[*]", "items", (guint64) 11, NULL);
  if (!pinwheel_pipeline_add (pipeline, source, error)
      || !pinwheel_pipeline_add (pipeline, clip, error)
      || !pinwheel_pipeline_add (pipeline, sink, error)
      || !pinwheel_pad_link (pinwheel_element_get_src (source), pinwheel_element_get_sink (clip),
                             error)
      || !pinwheel_pad_link (pinwheel_element_get_src (clip), pinwheel_element_get_sink (sink),
                             error))
    return NULL;
  return g_steal_pointer (&pipeline);
}

/* @pipeline: (nullable): %NULL with @error. Prints what the sink found out. */
static int
run (PinwheelPipeline *pipeline, GError **error)
{
  PinwheelMessage *message;

  if (pipeline == NULL || !pinwheel_pipeline_run (pipeline, error))
    {
      g_printerr ("%s\n", (*error)->message);
      return EXIT_FAILURE;
    }
  while ((message = pinwheel_bus_pop (pinwheel_pipeline_get_bus (pipeline), 0)) != NULL)
    {
      if (pinwheel_message_get_kind (message) == PINWHEEL_MESSAGE_RESULT)
        g_print ("%s\n", pinwheel_message_get_text (message));
      pinwheel_message_unref (message);
    }
  return EXIT_SUCCESS;
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PinwheelPipeline) from_text = make_from_text (argc > 1 ? argv[1] : "5", &error);
  g_autoptr (PinwheelPipeline) by_hand = NULL;

  if (run (from_text, &error) != EXIT_SUCCESS)
    return EXIT_FAILURE;
  by_hand = make_by_hand (2.5, &error);
  return run (by_hand, &error);
}
