/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <pinwheel/transform.h>

#include "common/transfer.h"

/* download: chunks from the device. */
struct _PinwheelDownload
{
  PinwheelTransform parent_instance;
};

G_DECLARE_FINAL_TYPE (PinwheelDownload, pinwheel_download, PINWHEEL, DOWNLOAD, PinwheelTransform)
G_DEFINE_FINAL_TYPE (PinwheelDownload, pinwheel_download, PINWHEEL_TYPE_TRANSFORM)

static const PinwheelPadTemplate templates[] = {
  { "sink", PINWHEEL_PAD_SINK, PINWHEEL_PLACE_DEVICE },
  { "src", PINWHEEL_PAD_SRC, PINWHEEL_PLACE_HOST },
  { .name = NULL },
};

static const PinwheelElementInfo info = {
  .name = "download",
  .group = "transfer",
  .summary = "Takes chunks back from the device's memory",
  .description = "Copies behind the caller's back while the device works on the next chunk. Where "
                 "the device's memory is the host's, chunks pass through.",
  .example = "testsrc items=1000000 ! upload ! map expr=\"y = 2*x\" ! download ! statsink",
};

static gboolean
pinwheel_download_negotiate (PinwheelElement *element, GError **error)
{
  pinwheel_transfer_negotiate (element, PINWHEEL_MEMORY_PINNED);
  return TRUE;
}

static gboolean
pinwheel_download_transform (PinwheelTransform *transform, PinwheelChunk *input,
                             PinwheelChunk *output, GError **error)
{
  return pinwheel_transfer_chunk (PINWHEEL_ELEMENT (transform), PINWHEEL_COPY_DEVICE_TO_HOST, input,
                                  output, error);
}

static void
pinwheel_download_class_init (PinwheelDownloadClass *klass)
{
  PinwheelElementClass *element_class = PINWHEEL_ELEMENT_CLASS (klass);

  element_class->info = &info;
  element_class->intake = PINWHEEL_INTAKE_COPIES;
  element_class->templates = templates;
  element_class->negotiate = pinwheel_download_negotiate;
  PINWHEEL_TRANSFORM_CLASS (klass)->transform = pinwheel_download_transform;
  PINWHEEL_TRANSFORM_CLASS (klass)->asynchronous = TRUE;
}

static void
pinwheel_download_init (PinwheelDownload *self)
{
}
