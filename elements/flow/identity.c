/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <pinwheel/transform.h>

#include "common/waiter.h"

/* identity: passes chunks on, and on request slowly or not at all. */
struct _PinwheelIdentity
{
  PinwheelTransform parent_instance;

  guint64 delay; /* microseconds */
  gint64 fail_at;

  PinwheelWaiter waiter; /* from start() to stop(); the streaming thread's between */
};

G_DECLARE_FINAL_TYPE (PinwheelIdentity, pinwheel_identity, PINWHEEL, IDENTITY, PinwheelTransform)
G_DEFINE_FINAL_TYPE (PinwheelIdentity, pinwheel_identity, PINWHEEL_TYPE_TRANSFORM)

static const PinwheelProperty properties[] = {
  PINWHEEL_UINT (PinwheelIdentity, delay, "delay", 0, G_MAXINT64 / 4, 0,
                 "Microseconds that every chunk is held back"),
  PINWHEEL_INT (PinwheelIdentity, fail_at, "fail-at", -1, G_MAXINT64, -1,
                "Number of the chunk, counted from 0, that makes the run fail; -1 for none"),
};

static const PinwheelPadTemplate templates[] = {
  { "sink", PINWHEEL_PAD_SINK, PINWHEEL_PLACE_ANY },
  { "src", PINWHEEL_PAD_SRC, PINWHEEL_PLACE_ANY },
  { .name = NULL },
};

static const PinwheelElementInfo info = {
  .name = "identity",
  .group = "flow",
  .summary = "Passes chunks on as they are",
  .description = "For tests: delay= holds every chunk back for a while, fail-at= fails at one.",
  .example = "testsrc items=1000000 ! identity delay=1000 ! fakesink",
};

static gboolean
pinwheel_identity_start (PinwheelElement *element, GError **error)
{
  pinwheel_waiter_init (&PINWHEEL_IDENTITY (element)->waiter,
                        pinwheel_element_get_cancellable (element));
  return TRUE;
}

static gboolean
pinwheel_identity_transform (PinwheelTransform *transform, PinwheelChunk *input,
                             PinwheelChunk *output, GError **error)
{
  PinwheelIdentity *self = PINWHEEL_IDENTITY (transform);

  if (self->delay > 0 && !pinwheel_waiter_wait (&self->waiter, -1, 0, (gint64) self->delay, error))
    return FALSE;
  if (self->fail_at < 0 || pinwheel_chunk_get_index (input) != (guint64) self->fail_at)
    return TRUE;
  g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_FAILED,
               "failing at chunk %" G_GINT64_FORMAT " as fail-at asks", self->fail_at);
  return FALSE;
}

static void
pinwheel_identity_stop (PinwheelElement *element)
{
  pinwheel_waiter_clear (&PINWHEEL_IDENTITY (element)->waiter);
}

static void
pinwheel_identity_class_init (PinwheelIdentityClass *klass)
{
  PinwheelElementClass *element_class = PINWHEEL_ELEMENT_CLASS (klass);

  element_class->info = &info;
  element_class->intake = PINWHEEL_INTAKE_PASSES;
  element_class->templates = templates;
  element_class->start = pinwheel_identity_start;
  element_class->stop = pinwheel_identity_stop;
  PINWHEEL_TRANSFORM_CLASS (klass)->transform = pinwheel_identity_transform;
  PINWHEEL_TRANSFORM_CLASS (klass)->asynchronous = TRUE;
  pinwheel_class_install_properties (G_OBJECT_CLASS (klass), properties, G_N_ELEMENTS (properties));
}

static void
pinwheel_identity_init (PinwheelIdentity *self)
{
}
