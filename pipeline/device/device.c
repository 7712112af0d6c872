/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The abstract device, and the accounting of memory and work. */
#include "config.h"

#include <string.h>

#include <pinwheel/property.h>
#include <pinwheel/stream.h>

#include "base/clock-private.h"
#include "base/lock-private.h"
#include "base/log-private.h"
#include "device/device-private.h"
#include "device/ranges-private.h"

typedef struct
{
  char *name;          /* construct-only */
  char *description;   /* construct-only */
  gboolean integrated; /* construct-only */

  PinwheelLock lock;              /* leaf lock: nothing is called out to while it is held */
  guint64 allocated[2], peak[2];  /* (lock), by PinwheelMemoryKind */
  guint64 allocations;            /* (lock) */
  guint64 copies, copied_bytes;   /* atomic */
  guint64 launches, host_waits;   /* atomic */
  guint64 pageable_copies;        /* atomic */
  guint64 stagings, staged_bytes; /* atomic */
  PinwheelRanges pinned;          /* has a lock of its own */
} PinwheelDevicePrivate;

typedef enum
{
  PROP_NAME = 1,
  PROP_DESCRIPTION,
  PROP_INTEGRATED
} PinwheelDeviceProperty;

static GParamSpec *props[PROP_INTEGRATED + 1];

/* Memory that one device pinned is pinned for all of its kind. */
static struct
{
  PinwheelLock lock;  /* taken before those of ranges */
  GPtrArray *devices; /* (lock) (element-type PinwheelDevice) unowned */
} all;

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE (PinwheelDevice, pinwheel_device, G_TYPE_OBJECT)
G_DEFINE_ABSTRACT_TYPE (PinwheelFunction, pinwheel_function, G_TYPE_OBJECT)

static void
pinwheel_function_class_init (PinwheelFunctionClass *klass)
{
}

static void
pinwheel_function_init (PinwheelFunction *self)
{
}

guint
pinwheel_function_get_block_size (PinwheelFunction *self)
{
  PinwheelFunctionClass *klass;

  g_return_val_if_fail (PINWHEEL_IS_FUNCTION (self), 0);

  klass = PINWHEEL_FUNCTION_GET_CLASS (self);
  return klass->get_block_size != NULL ? klass->get_block_size (self) : 0;
}

/* --- the object --- */

static void
pinwheel_device_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  PinwheelDevicePrivate *priv = pinwheel_device_get_instance_private (PINWHEEL_DEVICE (object));

  switch ((PinwheelDeviceProperty) id)
    {
    case PROP_NAME:
      g_value_set_string (value, priv->name);
      break;
    case PROP_DESCRIPTION:
      g_value_set_string (value, priv->description);
      break;
    case PROP_INTEGRATED:
      g_value_set_boolean (value, priv->integrated);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
pinwheel_device_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  PinwheelDevicePrivate *priv = pinwheel_device_get_instance_private (PINWHEEL_DEVICE (object));

  switch ((PinwheelDeviceProperty) id)
    {
    case PROP_NAME:
      priv->name = g_value_dup_string (value);
      break;
    case PROP_DESCRIPTION:
      priv->description = g_value_dup_string (value);
      break;
    case PROP_INTEGRATED:
      priv->integrated = g_value_get_boolean (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
pinwheel_device_constructed (GObject *object)
{
  G_OBJECT_CLASS (pinwheel_device_parent_class)->constructed (object);

  pinwheel_lock (&all.lock);
  if (all.devices == NULL)
    all.devices = g_ptr_array_new ();
  g_ptr_array_add (all.devices, object);
  pinwheel_unlock (&all.lock);
}

static void
pinwheel_device_finalize (GObject *object)
{
  PinwheelDevicePrivate *priv = pinwheel_device_get_instance_private (PINWHEEL_DEVICE (object));

  pinwheel_lock (&all.lock);
  g_ptr_array_remove_fast (all.devices, object);
  pinwheel_unlock (&all.lock);
  pinwheel_lock (&priv->lock);
  if (priv->allocated[PINWHEEL_MEMORY_PINNED] != 0 || priv->allocated[PINWHEEL_MEMORY_DEVICE] != 0)
    g_critical ("device %s goes away with memory still allocated", priv->name);
  pinwheel_unlock (&priv->lock);
  pinwheel_lock_clear (&priv->lock);
  if (pinwheel_ranges_get_registered (&priv->pinned) != 0)
    g_critical ("device %s goes away with memory still registered", priv->name);
  pinwheel_ranges_clear (&priv->pinned);
  g_free (priv->name);
  g_free (priv->description);

  G_OBJECT_CLASS (pinwheel_device_parent_class)->finalize (object);
}

static void
pinwheel_device_class_init (PinwheelDeviceClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GParamFlags flags = G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS;

  object_class->get_property = pinwheel_device_get_property;
  object_class->set_property = pinwheel_device_set_property;
  object_class->constructed = pinwheel_device_constructed;
  object_class->finalize = pinwheel_device_finalize;

  /**
   * PinwheelDevice:name:
   *
   * The spec that the device was opened by.
   */
  props[PROP_NAME] = g_param_spec_string ("name", NULL, NULL, NULL, flags);
  /**
   * PinwheelDevice:description:
   *
   * For people: processor, cores, memory.
   */
  props[PROP_DESCRIPTION] = g_param_spec_string ("description", NULL, NULL, NULL, flags);
  /**
   * PinwheelDevice:integrated:
   *
   * Whether device memory is host memory.
   */
  props[PROP_INTEGRATED] = g_param_spec_boolean ("integrated", NULL, NULL, FALSE, flags);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (props), props);
}

static void
pinwheel_device_init (PinwheelDevice *self)
{
  PinwheelDevicePrivate *priv = pinwheel_device_get_instance_private (self);

  pinwheel_lock_init (&priv->lock);
  pinwheel_ranges_init (&priv->pinned);
}

const char *
pinwheel_device_get_name (PinwheelDevice *self)
{
  PinwheelDevicePrivate *priv = pinwheel_device_get_instance_private (self);

  g_return_val_if_fail (PINWHEEL_IS_DEVICE (self), NULL);

  return priv->name;
}

const char *
pinwheel_device_get_description (PinwheelDevice *self)
{
  PinwheelDevicePrivate *priv = pinwheel_device_get_instance_private (self);

  g_return_val_if_fail (PINWHEEL_IS_DEVICE (self), NULL);

  return priv->description;
}

gboolean
pinwheel_device_is_integrated (PinwheelDevice *self)
{
  PinwheelDevicePrivate *priv = pinwheel_device_get_instance_private (self);

  g_return_val_if_fail (PINWHEEL_IS_DEVICE (self), FALSE);

  return priv->integrated;
}

void
pinwheel_device_get_memory (PinwheelDevice *self, guint64 *total, guint64 *available)
{
  guint64 unused_total, unused_available;

  g_return_if_fail (PINWHEEL_IS_DEVICE (self));

  PINWHEEL_DEVICE_GET_CLASS (self)->get_memory (self, total != NULL ? total : &unused_total,
                                                available != NULL ? available : &unused_available);
}

guint64
pinwheel_device_get_preferred_size (PinwheelDevice *self)
{
  PinwheelDeviceClass *klass;

  g_return_val_if_fail (PINWHEEL_IS_DEVICE (self), 0);

  klass = PINWHEEL_DEVICE_GET_CLASS (self);
  return klass->get_preferred_size != NULL ? klass->get_preferred_size (self) : 0;
}

const char *
pinwheel_device_get_architecture (PinwheelDevice *self)
{
  PinwheelDeviceClass *klass;

  g_return_val_if_fail (PINWHEEL_IS_DEVICE (self), NULL);

  klass = PINWHEEL_DEVICE_GET_CLASS (self);
  return klass->get_architecture != NULL ? klass->get_architecture (self) : NULL;
}

guint
pinwheel_device_get_newest_toolkit (PinwheelDevice *self)
{
  PinwheelDeviceClass *klass = PINWHEEL_DEVICE_GET_CLASS (self);

  return klass->get_newest_toolkit != NULL ? klass->get_newest_toolkit (self) : 0;
}

char *
pinwheel_device_describe (PinwheelDevice *self)
{
  PinwheelDeviceClass *klass;
  g_autofree char *total_text = NULL;
  g_autofree char *free_text = NULL;
  guint64 total, available;

  g_return_val_if_fail (PINWHEEL_IS_DEVICE (self), NULL);

  klass = PINWHEEL_DEVICE_GET_CLASS (self);
  if (klass->describe != NULL)
    return klass->describe (self);
  pinwheel_device_get_memory (self, &total, &available);
  total_text = pinwheel_format_size (total);
  free_text = pinwheel_format_size (available);
  return g_strdup_printf ("name          %s\n"
                          "memory        %s, %s free\n",
                          pinwheel_device_get_description (self), total_text, free_text);
}

gboolean
pinwheel_device_alloc (PinwheelDevice *self, PinwheelMemoryKind kind, gsize size, gpointer *memory,
                       GError **error)
{
  PinwheelDevicePrivate *priv = pinwheel_device_get_instance_private (self);

  g_return_val_if_fail (PINWHEEL_IS_DEVICE (self), FALSE);
  g_return_val_if_fail (size > 0 && memory != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (!PINWHEEL_DEVICE_GET_CLASS (self)->alloc (self, kind, size, memory, error))
    return FALSE;

  pinwheel_lock (&priv->lock);
  priv->allocated[kind] += size;
  priv->peak[kind] = MAX (priv->peak[kind], priv->allocated[kind]);
  priv->allocations++;
  pinwheel_unlock (&priv->lock);
  if (kind == PINWHEEL_MEMORY_PINNED)
    pinwheel_ranges_add (&priv->pinned, *memory, size, FALSE);
  pinwheel_log ("device", PINWHEEL_LOG_DEBUG, priv->name,
                "allocated %" G_GSIZE_FORMAT " bytes of %s memory", size,
                kind == PINWHEEL_MEMORY_PINNED ? "pinned" : "device");
  return TRUE;
}

void
pinwheel_device_free (PinwheelDevice *self, PinwheelMemoryKind kind, gsize size, gpointer memory)
{
  PinwheelDevicePrivate *priv = pinwheel_device_get_instance_private (self);

  g_return_if_fail (PINWHEEL_IS_DEVICE (self));

  if (memory == NULL)
    return;
  if (kind == PINWHEEL_MEMORY_PINNED)
    pinwheel_ranges_remove (&priv->pinned, memory, FALSE);
  PINWHEEL_DEVICE_GET_CLASS (self)->free (self, kind, size, memory);
  pinwheel_lock (&priv->lock);
  priv->allocated[kind] -= size;
  pinwheel_unlock (&priv->lock);
}

gboolean
pinwheel_device_register (PinwheelDevice *self, gpointer memory, gsize size, GError **error)
{
  PinwheelDevicePrivate *priv = pinwheel_device_get_instance_private (self);
  PinwheelDeviceClass *klass;

  g_return_val_if_fail (PINWHEEL_IS_DEVICE (self), FALSE);
  g_return_val_if_fail (memory != NULL && size > 0, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  klass = PINWHEEL_DEVICE_GET_CLASS (self);
  if (!pinwheel_ranges_add (&priv->pinned, memory, size, TRUE))
    {
      g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_FAILED,
                   "device %s: %" G_GSIZE_FORMAT " bytes at %p cannot be registered: they overlap "
                   "memory that is pinned already",
                   priv->name, size, memory);
      return FALSE;
    }
  if (klass->register_memory == NULL || klass->register_memory (self, memory, size, error))
    return TRUE;
  pinwheel_ranges_remove (&priv->pinned, memory, TRUE);
  return FALSE;
}

gboolean
pinwheel_device_unregister (PinwheelDevice *self, gpointer memory, GError **error)
{
  PinwheelDevicePrivate *priv = pinwheel_device_get_instance_private (self);
  PinwheelDeviceClass *klass;
  gsize size;

  g_return_val_if_fail (PINWHEEL_IS_DEVICE (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  klass = PINWHEEL_DEVICE_GET_CLASS (self);
  size = pinwheel_ranges_remove (&priv->pinned, memory, TRUE);
  if (size == 0)
    {
      g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_FAILED,
                   "device %s: no registered memory begins at %p; give the address that was "
                   "registered, once",
                   priv->name, memory);
      return FALSE;
    }
  if (klass->unregister_memory != NULL)
    klass->unregister_memory (self, memory, size);
  return TRUE;
}

gboolean
pinwheel_device_is_pinned (PinwheelDevice *self, gconstpointer memory, gsize size)
{
  PinwheelDevicePrivate *priv = pinwheel_device_get_instance_private (self);
  gboolean pinned = priv->integrated;

  g_return_val_if_fail (PINWHEEL_IS_DEVICE (self), FALSE);

  pinwheel_lock (&all.lock);
  for (guint i = 0; i < all.devices->len && !pinned; i++)
    {
      PinwheelDevice *device = all.devices->pdata[i];

      priv = pinwheel_device_get_instance_private (device);
      pinned = G_OBJECT_TYPE (device) == G_OBJECT_TYPE (self)
               && pinwheel_ranges_hold (&priv->pinned, memory, size);
    }
  pinwheel_unlock (&all.lock);
  return pinned;
}

PinwheelStream *
pinwheel_device_new_stream (PinwheelDevice *self, const char *name, GError **error)
{
  g_return_val_if_fail (PINWHEEL_IS_DEVICE (self), NULL);
  g_return_val_if_fail (name != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return PINWHEEL_DEVICE_GET_CLASS (self)->new_stream (self, name, error);
}

static void
set_code_error (PinwheelDevice *self, const char *entry, GError **error)
{
  const char *architecture = pinwheel_device_get_architecture (self);

  g_set_error (
      error, PINWHEEL_ERROR, PINWHEEL_ERROR_DEVICE,
      "kernel '%s' was compiled for another kind of device than %s, which runs code for %s", entry,
      pinwheel_device_get_name (self), architecture != NULL ? architecture : "the host");
}

PinwheelFunction *
pinwheel_device_load (PinwheelDevice *self, const PinwheelImage *image, GError **error)
{
  PinwheelDeviceClass *klass;

  g_return_val_if_fail (PINWHEEL_IS_DEVICE (self), NULL);
  g_return_val_if_fail (image != NULL && image->location != NULL && image->entry != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  klass = PINWHEEL_DEVICE_GET_CLASS (self);
  if (klass->load != NULL)
    return klass->load (self, image, error);
  set_code_error (self, image->entry, error);
  return NULL;
}

PinwheelFunction *
pinwheel_device_load_code (PinwheelDevice *self, const PinwheelCode *code, GError **error)
{
  PinwheelDeviceClass *klass;

  g_return_val_if_fail (PINWHEEL_IS_DEVICE (self), NULL);
  g_return_val_if_fail (code != NULL && code->entry != NULL && code->symbol != NULL, NULL);
  g_return_val_if_fail (code->bytes != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  klass = PINWHEEL_DEVICE_GET_CLASS (self);
  if (klass->load_code != NULL)
    return klass->load_code (self, code, error);
  set_code_error (self, code->entry, error);
  return NULL;
}

/* --- accounting --- */

void
pinwheel_device_count_copy (PinwheelDevice *self, gsize bytes)
{
  PinwheelDevicePrivate *priv = pinwheel_device_get_instance_private (self);

  pinwheel_counter_add (&priv->copies, 1);
  pinwheel_counter_add (&priv->copied_bytes, bytes);
}

void
pinwheel_device_count_launch (PinwheelDevice *self)
{
  PinwheelDevicePrivate *priv = pinwheel_device_get_instance_private (self);

  pinwheel_counter_add (&priv->launches, 1);
}

void
pinwheel_device_count_host_wait (PinwheelDevice *self)
{
  PinwheelDevicePrivate *priv = pinwheel_device_get_instance_private (self);

  pinwheel_counter_add (&priv->host_waits, 1);
}

void
pinwheel_device_count_pageable_copy (PinwheelDevice *self)
{
  PinwheelDevicePrivate *priv = pinwheel_device_get_instance_private (self);

  pinwheel_counter_add (&priv->pageable_copies, 1);
}

void
pinwheel_device_count_staging (PinwheelDevice *self, gsize bytes)
{
  PinwheelDevicePrivate *priv = pinwheel_device_get_instance_private (self);

  pinwheel_counter_add (&priv->stagings, 1);
  pinwheel_counter_add (&priv->staged_bytes, bytes);
}

void
pinwheel_device_get_counters (PinwheelDevice *self, PinwheelDeviceCounters *counters)
{
  PinwheelDevicePrivate *priv = pinwheel_device_get_instance_private (self);

  g_return_if_fail (PINWHEEL_IS_DEVICE (self));
  g_return_if_fail (counters != NULL);

  pinwheel_lock (&priv->lock);
  counters->pinned = priv->allocated[PINWHEEL_MEMORY_PINNED];
  counters->pinned_peak = priv->peak[PINWHEEL_MEMORY_PINNED];
  counters->device = priv->allocated[PINWHEEL_MEMORY_DEVICE];
  counters->device_peak = priv->peak[PINWHEEL_MEMORY_DEVICE];
  counters->allocations = priv->allocations;
  pinwheel_unlock (&priv->lock);
  counters->host_waits = pinwheel_counter_get (&priv->host_waits);
  counters->copies = pinwheel_counter_get (&priv->copies);
  counters->copied_bytes = pinwheel_counter_get (&priv->copied_bytes);
  counters->launches = pinwheel_counter_get (&priv->launches);
  counters->pageable_copies = pinwheel_counter_get (&priv->pageable_copies);
  counters->stagings = pinwheel_counter_get (&priv->stagings);
  counters->staged_bytes = pinwheel_counter_get (&priv->staged_bytes);
  counters->registered = pinwheel_ranges_get_registered (&priv->pinned);
}

void
pinwheel_device_reset_peaks (PinwheelDevice *self)
{
  PinwheelDevicePrivate *priv = pinwheel_device_get_instance_private (self);

  g_return_if_fail (PINWHEEL_IS_DEVICE (self));

  pinwheel_lock (&priv->lock);
  memcpy (priv->peak, priv->allocated, sizeof priv->peak);
  priv->allocations = 0;
  pinwheel_unlock (&priv->lock);
  pinwheel_counter_set (&priv->host_waits, 0);
  pinwheel_counter_set (&priv->copies, 0);
  pinwheel_counter_set (&priv->copied_bytes, 0);
  pinwheel_counter_set (&priv->launches, 0);
  pinwheel_counter_set (&priv->pageable_copies, 0);
  pinwheel_counter_set (&priv->stagings, 0);
  pinwheel_counter_set (&priv->staged_bytes, 0);
}

gboolean
pinwheel_device_check_host_access (PinwheelDevice *self, gconstpointer memory, gsize size,
                                   gboolean write, GError **error)
{
  PinwheelDeviceClass *klass = PINWHEEL_DEVICE_GET_CLASS (self);

  return memory == NULL || klass->check_host_access == NULL
         || klass->check_host_access (self, memory, size, write, error);
}

void
pinwheel_device_buffer_came_home (PinwheelDevice *self, gconstpointer memory)
{
  PinwheelDeviceClass *klass = PINWHEEL_DEVICE_GET_CLASS (self);

  if (memory != NULL && klass->buffer_came_home != NULL)
    klass->buffer_came_home (self, memory);
}

void
pinwheel_device_buffer_was_lent (PinwheelDevice *self, gconstpointer memory)
{
  PinwheelDeviceClass *klass = PINWHEEL_DEVICE_GET_CLASS (self);

  if (memory != NULL && klass->buffer_was_lent != NULL)
    klass->buffer_was_lent (self, memory);
}
