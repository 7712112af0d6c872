/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "base/log-private.h"
#include "base/name-private.h"
#include "base/property-private.h"
#include "base/quote-private.h"
#include "graph/element-private.h"
#include "run/bus-private.h"
#include "run/pipeline-private.h"

G_DEFINE_FINAL_TYPE (PinwheelPipeline, pinwheel_pipeline, G_TYPE_OBJECT)

static const PinwheelProperty properties[] = {
  PINWHEEL_STRING (PinwheelPipeline, device_spec, "device", NULL, PINWHEEL_PROPERTY_PLAIN,
                   "what runs the kernels: cuda[:N], host, or sim[:OPTION=VALUE,...], several cuda "
                   "or sim devices "
                   "with a comma between; auto or unset: the first CUDA device, else host"),
  PINWHEEL_UINT (PinwheelPipeline, chunk, "chunk", 0, G_MAXINT64, 0,
                 "items per chunk; 0: as the memory plan finds best"),
  PINWHEEL_BYTES (PinwheelPipeline, chunk_bytes, "chunk-bytes", 0, G_MAXINT64, 0,
                  "bytes of the largest buffer; 0: as the memory plan finds best"),
  PINWHEEL_BYTES (PinwheelPipeline, device_memory, "device-memory", 0, G_MAXINT64, 0,
                  "device memory to use at most; 0: 90 % of what is free"),
  PINWHEEL_BYTES (PinwheelPipeline, pinned_memory, "pinned-memory", 0, G_MAXINT64, 0,
                  "pinned host memory to use at most; 0: an eighth of the machine's memory"),
  PINWHEEL_UINT (PinwheelPipeline, link_depth, "link-depth", 1, 4096, 4,
                 "chunks that a link holds before the element in front of it waits"),
  PINWHEEL_UINT (
      PinwheelPipeline, stall_timeout, "stall-timeout", 0, G_MAXINT32, 10000,
      "milliseconds in which all wait and nothing moves before a warning tells who waits "
      "for what; 0: never"),
  PINWHEEL_UINT (PinwheelPipeline, progress_interval, "progress-interval", 0, G_MAXINT32, 200,
                 "milliseconds between messages of progress, which pinwheel-launch draws; 0: none"),
};

/* Those that are computed when they are read, behind the table's. */
enum
{
  PROP_ITEMS_DONE = G_N_ELEMENTS (properties) + 1,
  PROP_ITEMS_TOTAL
};

static void (*get_table_property) (GObject *object, guint id, GValue *value, GParamSpec *pspec);

static void
pinwheel_pipeline_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  guint64 done, total;

  if (id < PROP_ITEMS_DONE)
    {
      get_table_property (object, id, value, pspec);
      return;
    }
  pinwheel_pipeline_get_progress (PINWHEEL_PIPELINE (object), &done, &total);
  g_value_set_uint64 (value, id == PROP_ITEMS_DONE ? done : total);
}

static void
pinwheel_pipeline_dispose (GObject *object)
{
  PinwheelPipeline *self = PINWHEEL_PIPELINE (object);

  pinwheel_pipeline_set_state (self, PINWHEEL_STATE_NULL, NULL);
  for (guint i = 0; i < self->elements->len; i++)
    pinwheel_element_set_host (self->elements->pdata[i], NULL, NULL);
  g_ptr_array_set_size (self->elements, 0);
  g_clear_object (&self->bus);

  G_OBJECT_CLASS (pinwheel_pipeline_parent_class)->dispose (object);
}

static void
pinwheel_pipeline_finalize (GObject *object)
{
  PinwheelPipeline *self = PINWHEEL_PIPELINE (object);

  g_ptr_array_unref (self->elements);
  g_ptr_array_unref (self->threads);
  g_ptr_array_unref (self->counted);
  g_hash_table_unref (self->claims);
  g_clear_error (&self->error);
  g_cond_clear (&self->changed);
  pinwheel_lock_clear (&self->lock);
  pinwheel_object_clear_properties (object);

  G_OBJECT_CLASS (pinwheel_pipeline_parent_class)->finalize (object);
}

static void
pinwheel_pipeline_class_init (PinwheelPipelineClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = pinwheel_pipeline_dispose;
  object_class->finalize = pinwheel_pipeline_finalize;
  pinwheel_class_install_properties (object_class, properties, G_N_ELEMENTS (properties));
  get_table_property = object_class->get_property;
  object_class->get_property = pinwheel_pipeline_get_property;
  g_object_class_install_property (
      object_class, PROP_ITEMS_DONE,
      g_param_spec_uint64 ("items-done", NULL,
                           "items that have come to the end, of this run or the last one; not "
                           "notified: see PinwheelBus::message",
                           0, G_MAXUINT64, 0, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));
  g_object_class_install_property (
      object_class, PROP_ITEMS_TOTAL,
      g_param_spec_uint64 ("items-total", NULL,
                           "items in all, or G_MAXUINT64 where that is not known", 0, G_MAXUINT64,
                           PINWHEEL_ITEMS_UNKNOWN, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));
  pinwheel_type_set_nick (PINWHEEL_TYPE_PIPELINE, "the pipeline");
}

static void
pinwheel_pipeline_init (PinwheelPipeline *self)
{
  pinwheel_object_init_properties (G_OBJECT (self));
  self->elements = g_ptr_array_new_with_free_func (g_object_unref);
  self->threads = g_ptr_array_new ();
  self->counted = g_ptr_array_new ();
  self->items_total = PINWHEEL_ITEMS_UNKNOWN;
  self->claims = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->bus = pinwheel_bus_new ();
  pinwheel_lock_init (&self->lock);
  g_cond_init (&self->changed);
}

PinwheelPipeline *
pinwheel_pipeline_new (void)
{
  return g_object_new (PINWHEEL_TYPE_PIPELINE, NULL);
}

/* What elements ask of their pipeline: see element-private.h. */

static void
pinwheel_pipeline_host_warning (gpointer owner, const char *element, const char *text)
{
  PinwheelPipeline *self = owner;

  pinwheel_bus_post (self->bus,
                     pinwheel_message_new (PINWHEEL_MESSAGE_WARNING, element, NULL, text, NULL));
}

static void
pinwheel_pipeline_host_result (gpointer owner, const char *element, const char *text,
                               GVariant *details)
{
  PinwheelPipeline *self = owner;

  pinwheel_bus_post (self->bus,
                     pinwheel_message_new (PINWHEEL_MESSAGE_RESULT, element, NULL, text, details));
}

static gboolean
pinwheel_pipeline_host_claim (gpointer owner, const char *element, const char *what, GError **error)
{
  PinwheelPipeline *self = owner;
  const char *holder;
  gboolean ok;

  pinwheel_lock (&self->lock);
  holder = g_hash_table_lookup (self->claims, what);
  ok = holder == NULL || g_str_equal (holder, element);
  if (holder == NULL)
    g_hash_table_insert (self->claims, g_strdup (what), g_strdup (element));
  else if (!ok)
    g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_RESOURCE,
                 "%s is already in use by %s; give each of them a place of its own", what, holder);
  pinwheel_unlock (&self->lock);
  return ok;
}

static const PinwheelElementHost host = { .post_warning = pinwheel_pipeline_host_warning,
                                          .post_result = pinwheel_pipeline_host_result,
                                          .claim = pinwheel_pipeline_host_claim };

/* Elements. */

PinwheelElement *
pinwheel_pipeline_get_element (PinwheelPipeline *self, const char *name)
{
  g_return_val_if_fail (PINWHEEL_IS_PIPELINE (self) && name != NULL, NULL);

  for (guint i = 0; i < self->elements->len; i++)
    if (g_strcmp0 (pinwheel_element_get_name (self->elements->pdata[i]), name) == 0)
      return self->elements->pdata[i];
  return NULL;
}

static void
pinwheel_pipeline_name_element (PinwheelPipeline *self, PinwheelElement *element)
{
  const PinwheelElementInfo *info = pinwheel_element_get_info (element);
  const char *stem = info != NULL && info->name != NULL ? info->name : "";

  if (!pinwheel_is_name (stem, strlen (stem)))
    stem = "element";
  for (guint i = 0; pinwheel_element_get_name (element) == NULL; i++)
    {
      g_autofree char *name = g_strdup_printf ("%s%u", stem, i);

      if (pinwheel_pipeline_get_element (self, name) == NULL)
        pinwheel_element_set_name (element, name);
    }
}

static gboolean
pinwheel_pipeline_check_name (PinwheelPipeline *self, const char *name, GError **error)
{
  if (!pinwheel_is_name (name, strlen (name)))
    {
      g_autofree char *quoted = pinwheel_quote (name);

      g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_LINK,
                   PINWHEEL_NAME_RULE ", so that a description can carry it, not %s", quoted);
      return FALSE;
    }
  if (pinwheel_pipeline_get_element (self, name) == NULL)
    return TRUE;
  g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_LINK,
               "there is already an element named '%s' in the pipeline", name);
  return FALSE;
}

gboolean
pinwheel_pipeline_add (PinwheelPipeline *self, PinwheelElement *element, GError **error)
{
  const char *name;
  gpointer owner;

  g_return_val_if_fail (PINWHEEL_IS_PIPELINE (self) && PINWHEEL_IS_ELEMENT (element), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  name = pinwheel_element_get_name (element);
  owner = pinwheel_element_get_host_owner (element);
  if (owner != NULL)
    {
      g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_LINK,
                   owner == self ? "'%s' is in this pipeline already"
                                 : "'%s' is in another pipeline already; make another element",
                   name);
      return FALSE;
    }
  if (pinwheel_object_is_locked (G_OBJECT (self)))
    {
      g_set_error_literal (error, PINWHEEL_ERROR, PINWHEEL_ERROR_LINK,
                           "no element can be added while the pipeline runs");
      return FALSE;
    }
  if (name != NULL && !pinwheel_pipeline_check_name (self, name, error))
    return FALSE;
  pinwheel_pipeline_name_element (self, element);
  g_ptr_array_add (self->elements, g_object_ref_sink (element));
  pinwheel_element_set_host (element, &host, self);
  return TRUE;
}

GPtrArray *
pinwheel_pipeline_get_elements (PinwheelPipeline *self)
{
  g_return_val_if_fail (PINWHEEL_IS_PIPELINE (self), NULL);

  return self->elements;
}

PinwheelBus *
pinwheel_pipeline_get_bus (PinwheelPipeline *self)
{
  g_return_val_if_fail (PINWHEEL_IS_PIPELINE (self), NULL);

  return self->bus;
}

const char *
pinwheel_pipeline_get_device_notice (PinwheelPipeline *self)
{
  g_return_val_if_fail (PINWHEEL_IS_PIPELINE (self), NULL);

  return self->device_notice;
}

PinwheelDevice *
pinwheel_pipeline_get_device (PinwheelPipeline *self)
{
  g_return_val_if_fail (PINWHEEL_IS_PIPELINE (self), NULL);

  return self->devices != NULL ? self->devices->pdata[0] : NULL;
}

GPtrArray *
pinwheel_pipeline_get_devices (PinwheelPipeline *self)
{
  g_return_val_if_fail (PINWHEEL_IS_PIPELINE (self), NULL);

  return self->devices;
}

PinwheelPlan *
pinwheel_pipeline_get_plan (PinwheelPipeline *self)
{
  g_return_val_if_fail (PINWHEEL_IS_PIPELINE (self), NULL);

  return self->plan;
}

PinwheelState
pinwheel_pipeline_get_state (PinwheelPipeline *self)
{
  g_return_val_if_fail (PINWHEEL_IS_PIPELINE (self), PINWHEEL_STATE_NULL);

  return self->state;
}

/* States. */

static void
pinwheel_pipeline_lock_properties (PinwheelPipeline *self, gboolean locked)
{
  pinwheel_object_set_locked (G_OBJECT (self), locked);
  for (guint i = 0; i < self->elements->len; i++)
    pinwheel_object_set_locked (self->elements->pdata[i], locked);
}

/* Down to NULL from wherever a way up ended. No thread runs. */
static void
pinwheel_pipeline_reset (PinwheelPipeline *self)
{
  for (guint i = 0; i < self->elements->len; i++)
    pinwheel_element_stop (self->elements->pdata[i]);
  pinwheel_pipeline_release (self);
  pinwheel_pipeline_unprepare (self);
  pinwheel_pipeline_lock_properties (self, FALSE);
  self->state = PINWHEEL_STATE_NULL;
}

/* The way up has failed: who waits for the run outside of it is told. */
static void
pinwheel_pipeline_abandon (PinwheelPipeline *self)
{
  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  pinwheel_pipeline_reset (self);
}

static gboolean
pinwheel_pipeline_go_ready (PinwheelPipeline *self, GError **error)
{
  /* a second time where it is READY already: properties may have changed */
  if (self->state != PINWHEEL_STATE_NULL)
    pinwheel_pipeline_reset (self);
  if (!pinwheel_pipeline_prepare (self, error))
    {
      pinwheel_pipeline_abandon (self);
      return FALSE;
    }
  self->state = PINWHEEL_STATE_READY;
  return TRUE;
}

static gboolean
pinwheel_pipeline_go_running (PinwheelPipeline *self, GError **error)
{
  gboolean ok;

  pinwheel_bus_flush (self->bus); /* what is left of the run before */
  ok = pinwheel_pipeline_go_ready (self, error);
  if (ok)
    {
      pinwheel_pipeline_lock_properties (self, TRUE);
      ok = pinwheel_pipeline_goes_on (self, error) && pinwheel_pipeline_allocate (self, error);
    }
  for (guint i = 0; ok && i < self->order->len; i++)
    ok = pinwheel_pipeline_goes_on (self, error)
         && pinwheel_element_start (self->order->pdata[i], error);
  if (ok && pinwheel_pipeline_start_threads (self, error))
    return TRUE;
  pinwheel_pipeline_give_up (self);
  pinwheel_pipeline_abandon (self);
  return FALSE;
}

gboolean
pinwheel_pipeline_set_state (PinwheelPipeline *self, PinwheelState state, GError **error)
{
  g_return_val_if_fail (PINWHEEL_IS_PIPELINE (self), FALSE);

  if (state == self->state)
    return TRUE;
  if (self->state == PINWHEEL_STATE_RUNNING)
    {
      pinwheel_pipeline_stop (self);
      pinwheel_pipeline_wait (self, NULL);
    }
  if (state == PINWHEEL_STATE_READY)
    return pinwheel_pipeline_go_ready (self, error);
  if (state == PINWHEEL_STATE_RUNNING)
    return pinwheel_pipeline_begin (self, error) && pinwheel_pipeline_go_running (self, error);
  if (self->state != PINWHEEL_STATE_NULL)
    pinwheel_pipeline_reset (self);
  return TRUE;
}

gboolean
pinwheel_pipeline_wait (PinwheelPipeline *self, GError **error)
{
  gboolean ok;

  g_return_val_if_fail (PINWHEEL_IS_PIPELINE (self), FALSE);

  if (self->state != PINWHEEL_STATE_RUNNING)
    {
      g_set_error_literal (error, PINWHEEL_ERROR, PINWHEEL_ERROR_FAILED,
                           "the pipeline is not running: there is nothing to wait for");
      return FALSE;
    }
  ok = pinwheel_pipeline_join_threads (self, error);
  pinwheel_pipeline_reset (self);
  return ok;
}

gboolean
pinwheel_pipeline_run_begun (PinwheelPipeline *self, GError **error)
{
  return pinwheel_pipeline_go_running (self, error) && pinwheel_pipeline_wait (self, error);
}

gboolean
pinwheel_pipeline_run (PinwheelPipeline *self, GError **error)
{
  g_return_val_if_fail (PINWHEEL_IS_PIPELINE (self), FALSE);

  return pinwheel_pipeline_set_state (self, PINWHEEL_STATE_RUNNING, error)
         && pinwheel_pipeline_wait (self, error);
}
