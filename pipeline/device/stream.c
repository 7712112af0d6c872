/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The abstract stream, and fences. */
#include "config.h"

#include <pinwheel/stream.h>

#include "base/log-private.h"
#include "device/device-private.h"

/* The last fences of a stream that are looked at to see how much it has to do */
#define MOST_PENDING 16

typedef struct
{
  PinwheelDevice *device;         /* construct-only, owned */
  char *name;                     /* construct-only */
  gint n_awaiting;                /* atomic */
  guint64 recorded[MOST_PENDING]; /* a ring, of who enqueues */
  guint n_recorded;               /* of who enqueues */
} PinwheelStreamPrivate;

typedef enum
{
  PROP_DEVICE = 1,
  PROP_NAME
} PinwheelStreamProperty;

static GParamSpec *props[PROP_NAME + 1];

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE (PinwheelStream, pinwheel_stream, G_TYPE_OBJECT)

static void
pinwheel_stream_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  PinwheelStreamPrivate *priv = pinwheel_stream_get_instance_private (PINWHEEL_STREAM (object));

  switch ((PinwheelStreamProperty) id)
    {
    case PROP_DEVICE:
      g_value_set_object (value, priv->device);
      break;
    case PROP_NAME:
      g_value_set_string (value, priv->name);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
pinwheel_stream_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  PinwheelStreamPrivate *priv = pinwheel_stream_get_instance_private (PINWHEEL_STREAM (object));

  switch ((PinwheelStreamProperty) id)
    {
    case PROP_DEVICE:
      priv->device = g_value_dup_object (value);
      break;
    case PROP_NAME:
      priv->name = g_value_dup_string (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
pinwheel_stream_finalize (GObject *object)
{
  PinwheelStreamPrivate *priv = pinwheel_stream_get_instance_private (PINWHEEL_STREAM (object));

  g_clear_object (&priv->device);
  g_free (priv->name);

  G_OBJECT_CLASS (pinwheel_stream_parent_class)->finalize (object);
}

static void
pinwheel_stream_class_init (PinwheelStreamClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GParamFlags flags = G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS;

  object_class->get_property = pinwheel_stream_get_property;
  object_class->set_property = pinwheel_stream_set_property;
  object_class->finalize = pinwheel_stream_finalize;

  /**
   * PinwheelStream:device:
   *
   * What does the work.
   */
  props[PROP_DEVICE] = g_param_spec_object ("device", NULL, NULL, PINWHEEL_TYPE_DEVICE, flags);
  /**
   * PinwheelStream:name:
   *
   * For people: the element that owns it.
   */
  props[PROP_NAME] = g_param_spec_string ("name", NULL, NULL, NULL, flags);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (props), props);
}

static void
pinwheel_stream_init (PinwheelStream *self)
{
}

PinwheelDevice *
pinwheel_stream_get_device (PinwheelStream *self)
{
  PinwheelStreamPrivate *priv = pinwheel_stream_get_instance_private (self);

  g_return_val_if_fail (PINWHEEL_IS_STREAM (self), NULL);

  return priv->device;
}

const char *
pinwheel_stream_get_name (PinwheelStream *self)
{
  PinwheelStreamPrivate *priv = pinwheel_stream_get_instance_private (self);

  g_return_val_if_fail (PINWHEEL_IS_STREAM (self), NULL);

  return priv->name;
}

/* Whether neither rows nor slices meet. */
static gboolean
is_apart (const PinwheelCopy *copy, gsize pitch, gsize slice)
{
  return (copy->height <= 1 || pitch >= copy->width)
         && (copy->depth <= 1 || copy->height == 0
             || slice >= (copy->height - 1) * pitch + copy->width);
}

/* Devices get slices only where rows would not do. */
static void
simplify (PinwheelCopy *copy)
{
  copy->depth = MAX (copy->depth, 1);
  if (copy->height == 1)
    {
      copy->source_pitch = copy->source_slice;
      copy->target_pitch = copy->target_slice;
    }
  else if (copy->source_slice != copy->height * copy->source_pitch
           || copy->target_slice != copy->height * copy->target_pitch)
    return;
  copy->height *= copy->depth;
  copy->depth = 1;
}

gboolean
pinwheel_stream_copy (PinwheelStream *self, const PinwheelCopy *copy, GError **error)
{
  PinwheelCopy real;

  g_return_val_if_fail (PINWHEEL_IS_STREAM (self), FALSE);
  g_return_val_if_fail (copy != NULL, FALSE);
  g_return_val_if_fail (is_apart (copy, copy->source_pitch, copy->source_slice)
                            && is_apart (copy, copy->target_pitch, copy->target_slice),
                        FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  /* an array with an axis of length 0 */
  if (copy->width == 0 || copy->height == 0)
    return TRUE;
  g_return_val_if_fail (copy->source != NULL && copy->target != NULL, FALSE);

  real = *copy;
  simplify (&real);
  if (!PINWHEEL_STREAM_GET_CLASS (self)->copy (self, &real, error))
    return FALSE;
  pinwheel_device_count_copy (pinwheel_stream_get_device (self),
                              real.width * real.height * real.depth);
  return TRUE;
}

gboolean
pinwheel_stream_launch (PinwheelStream *self, const PinwheelLaunch *launch, GError **error)
{
  g_return_val_if_fail (PINWHEEL_IS_STREAM (self), FALSE);
  g_return_val_if_fail (launch != NULL && PINWHEEL_IS_FUNCTION (launch->function), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  /* no threads, nothing to do: devices would call it an error, and none of them in the same words
   */
  for (guint i = 0; i < 3; i++)
    if (launch->grid[i] == 0 || launch->block[i] == 0)
      return TRUE;

  if (!PINWHEEL_STREAM_GET_CLASS (self)->launch (self, launch, error))
    return FALSE;
  pinwheel_device_count_launch (pinwheel_stream_get_device (self));
  return TRUE;
}

gboolean
pinwheel_stream_wait (PinwheelStream *self, PinwheelFence fence, GError **error)
{
  g_return_val_if_fail (PINWHEEL_IS_STREAM (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (fence.stream == NULL || fence.stream == self)
    return TRUE;
  /* work that failed has passed too: this does not wait, but it tells */
  if (pinwheel_fence_is_passed (fence))
    return PINWHEEL_STREAM_GET_CLASS (fence.stream)->sync (fence.stream, fence.value, error);
  return PINWHEEL_STREAM_GET_CLASS (self)->wait (self, fence, error);
}

gboolean
pinwheel_stream_record (PinwheelStream *self, PinwheelFence *fence, GError **error)
{
  PinwheelStreamPrivate *priv;

  g_return_val_if_fail (PINWHEEL_IS_STREAM (self), FALSE);
  g_return_val_if_fail (fence != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  fence->stream = self;
  if (!PINWHEEL_STREAM_GET_CLASS (self)->record (self, &fence->value, error))
    return FALSE;
  priv = pinwheel_stream_get_instance_private (self);
  priv->recorded[priv->n_recorded++ % MOST_PENDING] = fence->value;
  return TRUE;
}

guint
pinwheel_stream_get_n_pending (PinwheelStream *self)
{
  PinwheelStreamPrivate *priv = pinwheel_stream_get_instance_private (self);
  guint n = 0;

  while (n < MOST_PENDING && n < priv->n_recorded
         && !PINWHEEL_STREAM_GET_CLASS (self)->is_passed (
             self, priv->recorded[(priv->n_recorded - n - 1) % MOST_PENDING]))
    n++;
  return n;
}

void
pinwheel_stream_cancel (PinwheelStream *self)
{
  g_return_if_fail (PINWHEEL_IS_STREAM (self));

  pinwheel_log ("stream", PINWHEEL_LOG_DEBUG, pinwheel_stream_get_name (self), "cancelled");
  PINWHEEL_STREAM_GET_CLASS (self)->cancel (self);
}

void
pinwheel_stream_set_mark (PinwheelStream *self, guint64 mark)
{
  g_return_if_fail (PINWHEEL_IS_STREAM (self));

  if (PINWHEEL_STREAM_GET_CLASS (self)->set_mark != NULL)
    PINWHEEL_STREAM_GET_CLASS (self)->set_mark (self, mark);
}

gboolean
pinwheel_fence_is_passed (PinwheelFence fence)
{
  if (fence.stream == NULL)
    return TRUE;
  g_return_val_if_fail (PINWHEEL_IS_STREAM (fence.stream), TRUE);

  return PINWHEEL_STREAM_GET_CLASS (fence.stream)->is_passed (fence.stream, fence.value);
}

static _Thread_local guint64 thread_waits;

guint64
pinwheel_fence_get_thread_waits (void)
{
  return thread_waits;
}

gboolean
pinwheel_fence_sync (PinwheelFence fence, GError **error)
{
  PinwheelStreamPrivate *priv;
  gboolean ok;

  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (fence.stream == NULL)
    return TRUE;
  g_return_val_if_fail (PINWHEEL_IS_STREAM (fence.stream), FALSE);

  /* work that failed has passed too: this does not wait, but it tells */
  if (pinwheel_fence_is_passed (fence))
    return PINWHEEL_STREAM_GET_CLASS (fence.stream)->sync (fence.stream, fence.value, error);
  pinwheel_log ("stream", PINWHEEL_LOG_LOG, pinwheel_stream_get_name (fence.stream),
                "the host waits for work item %" G_GUINT64_FORMAT, fence.value);
  pinwheel_device_count_host_wait (pinwheel_stream_get_device (fence.stream));
  thread_waits++;
  priv = pinwheel_stream_get_instance_private (fence.stream);
  g_atomic_int_inc (&priv->n_awaiting);
  ok = PINWHEEL_STREAM_GET_CLASS (fence.stream)->sync (fence.stream, fence.value, error);
  g_atomic_int_add (&priv->n_awaiting, -1);
  return ok;
}

guint
pinwheel_stream_get_n_awaiting (PinwheelStream *self)
{
  PinwheelStreamPrivate *priv = pinwheel_stream_get_instance_private (self);

  return (guint) g_atomic_int_get (&priv->n_awaiting);
}
