/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <pinwheel/chunk.h>
#include <pinwheel/element.h>

/* tee: every chunk to each of its outputs. Nothing is copied: they hold the same chunk. */
struct _PinwheelTee
{
  PinwheelElement parent_instance;
};

G_DECLARE_FINAL_TYPE (PinwheelTee, pinwheel_tee, PINWHEEL, TEE, PinwheelElement)
G_DEFINE_FINAL_TYPE (PinwheelTee, pinwheel_tee, PINWHEEL_TYPE_ELEMENT)

static const PinwheelPadTemplate templates[] = {
  { "sink", PINWHEEL_PAD_SINK, PINWHEEL_PLACE_ANY },
  { "src_%u", PINWHEEL_PAD_SRC, PINWHEEL_PLACE_ANY },
  { .name = NULL },
};

static const PinwheelElementInfo info = {
  .name = "tee",
  .group = "flow",
  .summary = "Gives every chunk to several outputs",
  .description = "Outputs are made as they are linked: write NAME. once for each. A chunk's buffer "
                 "is free again "
                 "when all of them are done with it, so the slowest output sets the pace.",
  .example = "testsrc items=1000000 ! tee name=t  t. ! statsink  t. ! checksumsink",
};

static gboolean
pinwheel_tee_negotiate (PinwheelElement *element, GError **error)
{
  GPtrArray *pads = pinwheel_element_get_pads (element);
  PinwheelFormat *format = pinwheel_pad_get_format (pinwheel_element_get_sink (element));
  guint n_outputs = 0;

  for (guint i = 0; i < pads->len; i++)
    if (pinwheel_pad_get_direction (pads->pdata[i]) == PINWHEEL_PAD_SRC)
      {
        pinwheel_pad_set_format (pads->pdata[i], format);
        n_outputs++;
      }
  if (n_outputs > 0)
    return TRUE;
  g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_LINK,
               "has no output; write \"%s. ! ...\" for each", pinwheel_element_get_name (element));
  return FALSE;
}

static PinwheelFlow
pinwheel_tee_push (GPtrArray *pads, PinwheelChunk *chunk)
{
  PinwheelFlow flow = PINWHEEL_FLOW_OK;

  for (guint i = 0; i < pads->len && flow == PINWHEEL_FLOW_OK; i++)
    if (pinwheel_pad_get_direction (pads->pdata[i]) == PINWHEEL_PAD_SRC)
      flow = chunk != NULL ? pinwheel_pad_push (pads->pdata[i], pinwheel_chunk_ref (chunk))
                           : pinwheel_pad_push_eos (pads->pdata[i]);
  return flow;
}

static PinwheelFlow
pinwheel_tee_run (PinwheelElement *element, GError **error)
{
  GPtrArray *pads = pinwheel_element_get_pads (element);
  PinwheelPad *sink = pinwheel_element_get_sink (element);
  PinwheelFlow flow;

  do
    {
      g_autoptr (PinwheelChunk) chunk = NULL;

      flow = pinwheel_pad_pull (sink, &chunk);
      if (flow == PINWHEEL_FLOW_OK)
        flow = pinwheel_tee_push (pads, chunk);
    }
  while (flow == PINWHEEL_FLOW_OK);
  return flow == PINWHEEL_FLOW_EOS ? pinwheel_tee_push (pads, NULL) : flow;
}

static void
pinwheel_tee_class_init (PinwheelTeeClass *klass)
{
  PinwheelElementClass *element_class = PINWHEEL_ELEMENT_CLASS (klass);

  element_class->info = &info;
  element_class->intake = PINWHEEL_INTAKE_ROUTES;
  element_class->templates = templates;
  element_class->negotiate = pinwheel_tee_negotiate;
  element_class->run = pinwheel_tee_run;
}

static void
pinwheel_tee_init (PinwheelTee *self)
{
}
