/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <pinwheel/transform.h>

#include "common/transfer.h"

/* upload: chunks to the device. */
struct _PinwheelUpload
{
  PinwheelTransform parent_instance;
};

G_DECLARE_FINAL_TYPE (PinwheelUpload, pinwheel_upload, PINWHEEL, UPLOAD, PinwheelTransform)
G_DEFINE_FINAL_TYPE (PinwheelUpload, pinwheel_upload, PINWHEEL_TYPE_TRANSFORM)

static const PinwheelPadTemplate templates[] = {
  { "sink", PINWHEEL_PAD_SINK, PINWHEEL_PLACE_HOST },
  { "src", PINWHEEL_PAD_SRC, PINWHEEL_PLACE_DEVICE },
  { .name = NULL },
};

static const PinwheelElementInfo info = {
  .name = "upload",
  .group = "transfer",
  .summary = "Takes chunks to the device's memory",
  .description
  = "Copies behind the caller's back while the next chunk is read, and once per run for arrays "
    "that are not cut. Where the device's memory is the host's, chunks pass through.",
  .example = "testsrc items=1000000 ! upload ! map expr=\"y = 2*x\" ! download ! statsink",
};

static gboolean
pinwheel_upload_negotiate (PinwheelElement *element, GError **error)
{
  pinwheel_transfer_negotiate (element, PINWHEEL_MEMORY_DEVICE);
  return TRUE;
}

static gboolean
pinwheel_upload_transform (PinwheelTransform *transform, PinwheelChunk *input,
                           PinwheelChunk *output, GError **error)
{
  return pinwheel_transfer_chunk (PINWHEEL_ELEMENT (transform), PINWHEEL_COPY_HOST_TO_DEVICE, input,
                                  output, error);
}

static void
pinwheel_upload_class_init (PinwheelUploadClass *klass)
{
  PinwheelElementClass *element_class = PINWHEEL_ELEMENT_CLASS (klass);

  element_class->info = &info;
  element_class->intake = PINWHEEL_INTAKE_COPIES;
  element_class->templates = templates;
  element_class->negotiate = pinwheel_upload_negotiate;
  PINWHEEL_TRANSFORM_CLASS (klass)->transform = pinwheel_upload_transform;
  PINWHEEL_TRANSFORM_CLASS (klass)->asynchronous = TRUE;
}

static void
pinwheel_upload_init (PinwheelUpload *self)
{
}
