/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A stream of the host device: checks what comes, and hands it to its queue. */
#include "config.h"

#include "device/host/host-function-private.h"
#include "device/host/host-stream-private.h"
#include "device/work-queue-private.h"

struct _PinwheelHostStream
{
  PinwheelStream parent_instance;

  PinwheelWorkQueue *queue; /* set once, before anybody else has the stream */
};

G_DEFINE_FINAL_TYPE (PinwheelHostStream, pinwheel_host_stream, PINWHEEL_TYPE_STREAM)

static PinwheelWorkQueue *
queue_of (PinwheelStream *stream)
{
  return PINWHEEL_HOST_STREAM (stream)->queue;
}

static GError *
run_copy (gpointer owner, guint64 added, const PinwheelCopy *copy, gint *stopped)
{
  pinwheel_work_copy (copy);
  return NULL;
}

static GError *
run_launch (gpointer owner, guint64 added, PinwheelWorkLaunch *launch, gint *stopped)
{
  return pinwheel_host_run_launch (launch, stopped);
}

static const PinwheelWorker worker = { .copy = run_copy, .launch = run_launch };

static gboolean
pinwheel_host_stream_copy (PinwheelStream *stream, const PinwheelCopy *copy, GError **error)
{
  return pinwheel_work_queue_add_copy (queue_of (stream), copy, error);
}

static gboolean
pinwheel_host_stream_launch (PinwheelStream *stream, const PinwheelLaunch *launch, GError **error)
{
  PinwheelHostFunction *function;
  PinwheelWorkCall call;

  if (!PINWHEEL_IS_HOST_FUNCTION (launch->function))
    {
      g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_DEVICE,
                   "stream '%s': the kernel was loaded on another device",
                   pinwheel_stream_get_name (stream));
      return FALSE;
    }
  function = PINWHEEL_HOST_FUNCTION (launch->function);
  if (!pinwheel_host_function_prepare (function, launch, &call, error))
    return FALSE;
  return pinwheel_work_queue_add_call (queue_of (stream), &call, error);
}

static gboolean
pinwheel_host_stream_wait (PinwheelStream *stream, PinwheelFence fence, GError **error)
{
  /* Only the host can wait for another kind of device in this one's place. */
  if (!PINWHEEL_IS_HOST_STREAM (fence.stream))
    return pinwheel_fence_sync (fence, error);
  return pinwheel_work_queue_add_wait (queue_of (stream), queue_of (fence.stream), fence.value,
                                       error);
}

static gboolean
pinwheel_host_stream_record (PinwheelStream *stream, guint64 *value, GError **error)
{
  return pinwheel_work_queue_record (queue_of (stream), value, error);
}

static gboolean
pinwheel_host_stream_is_passed (PinwheelStream *stream, guint64 value)
{
  return pinwheel_work_queue_is_passed (queue_of (stream), value);
}

static gboolean
pinwheel_host_stream_sync (PinwheelStream *stream, guint64 value, GError **error)
{
  return pinwheel_work_queue_sync (queue_of (stream), value, error);
}

static void
pinwheel_host_stream_cancel (PinwheelStream *stream)
{
  pinwheel_work_queue_cancel (queue_of (stream));
}

static void
pinwheel_host_stream_set_mark (PinwheelStream *stream, guint64 mark)
{
  pinwheel_work_queue_set_mark (queue_of (stream), mark);
}

static void
pinwheel_host_stream_finalize (GObject *object)
{
  PinwheelHostStream *self = PINWHEEL_HOST_STREAM (object);

  if (self->queue != NULL)
    pinwheel_work_queue_close (self->queue);

  G_OBJECT_CLASS (pinwheel_host_stream_parent_class)->finalize (object);
}

static void
pinwheel_host_stream_class_init (PinwheelHostStreamClass *klass)
{
  PinwheelStreamClass *stream_class = PINWHEEL_STREAM_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = pinwheel_host_stream_finalize;
  stream_class->copy = pinwheel_host_stream_copy;
  stream_class->launch = pinwheel_host_stream_launch;
  stream_class->wait = pinwheel_host_stream_wait;
  stream_class->record = pinwheel_host_stream_record;
  stream_class->is_passed = pinwheel_host_stream_is_passed;
  stream_class->sync = pinwheel_host_stream_sync;
  stream_class->cancel = pinwheel_host_stream_cancel;
  stream_class->set_mark = pinwheel_host_stream_set_mark;
}

static void
pinwheel_host_stream_init (PinwheelHostStream *self)
{
}

PinwheelStream *
pinwheel_host_stream_new (PinwheelDevice *device, const char *name, GError **error)
{
  PinwheelWorkQueue *queue = pinwheel_work_queue_new (name, &worker, NULL, error);
  PinwheelHostStream *self;

  if (queue == NULL)
    return NULL;
  self = g_object_new (PINWHEEL_TYPE_HOST_STREAM, "device", device, "name", name, NULL);
  self->queue = queue;
  return PINWHEEL_STREAM (self);
}
