/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which devices a pipeline runs on, where the user says so and where not. */
#include "config.h"

#include "compute/kernel-private.h"
#include "device/device-private.h"
#include "graph/element-private.h"
#include "run/pipeline-private.h"

static gboolean
pinwheel_pipeline_uses_device (PinwheelPipeline *self)
{
  for (guint i = 0; i < self->elements->len; i++)
    {
      const PinwheelPadTemplate *pad = PINWHEEL_ELEMENT_GET_CLASS (self->elements->pdata[i])
                                           ->templates;

      for (; pad != NULL && pad->name != NULL; pad++)
        if (pad->place == PINWHEEL_PLACE_DEVICE)
          return TRUE;
    }
  return FALSE;
}

static gboolean
pinwheel_pipeline_has_chosen_device (PinwheelPipeline *self)
{
  return self->device_spec != NULL && !g_str_equal (self->device_spec, "auto");
}

/* Nobody looks for a GPU, and opens its driver, on behalf of a pipeline that has no use for it. */
gboolean
pinwheel_pipeline_open_device (PinwheelPipeline *self, const char *refusal, GError **error)
{
  gboolean chosen = pinwheel_pipeline_has_chosen_device (self);
  PinwheelDevice *best;

  if (chosen || refusal != NULL || !pinwheel_pipeline_uses_device (self))
    {
      self->devices = pinwheel_device_open_list (chosen ? self->device_spec : "host", error);
      self->device_notice = g_strdup (refusal);
      return self->devices != NULL;
    }
  best = pinwheel_device_open_best (&self->device_notice, error);
  if (best == NULL)
    return FALSE;
  self->devices = g_ptr_array_new_with_free_func (g_object_unref);
  g_ptr_array_add (self->devices, best);
  return TRUE;
}

char *
pinwheel_pipeline_find_refusal (PinwheelPipeline *self)
{
  for (guint i = 0; !pinwheel_pipeline_has_chosen_device (self) && i < self->order->len; i++)
    {
      g_autoptr (GPtrArray) kernels = pinwheel_element_list_kernels (self->order->pdata[i]);

      for (guint k = 0; k < kernels->len; k++)
        {
          g_autoptr (GError) reason = NULL;

          /* what to do about it is for those who ask for the device */
          if (!pinwheel_kernel_check_compiler (kernels->pdata[k], self->devices->pdata[0], &reason))
            return g_strndup (reason->message, strcspn (reason->message, ";"));
        }
    }
  return NULL;
}
