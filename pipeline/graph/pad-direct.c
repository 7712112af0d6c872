/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Arrays that lie in memory of the application: they go straight to the device and come straight
 * from it, and no buffer is planned for them. */
#include "config.h"

#include <pinwheel/element.h>

#include "graph/pad-fields-private.h"
#include "memory/app-array-private.h"
#include "memory/chunk-private.h"

void
pinwheel_pad_clear_direct (PinwheelPad *self)
{
  g_clear_pointer (&self->is_direct, g_free);
  g_clear_pointer (&self->direct, g_free);
  g_clear_pointer (&self->staged_arrays, g_array_unref);
  g_clear_pointer (&self->direct_arrays, g_array_unref);
}

void
pinwheel_pad_set_direct (PinwheelPad *self, guint i, gpointer memory, const PinwheelRows *rows)
{
  g_return_if_fail (PINWHEEL_IS_PAD (self) && i < self->n_made);
  g_return_if_fail (memory == NULL || rows != NULL);

  if (self->is_direct == NULL)
    {
      self->is_direct = g_new0 (gboolean, self->n_made);
      self->direct = g_new0 (PinwheelDirect, self->n_made);
      self->staged_arrays = g_array_new (FALSE, FALSE, sizeof (PinwheelArray));
      self->direct_arrays = g_array_new (FALSE, FALSE, sizeof (PinwheelArray));
    }
  self->is_direct[i] = TRUE;
  self->direct[i].memory = memory;
  if (rows != NULL)
    self->direct[i].rows = *rows;
  g_array_set_size (self->staged_arrays, 0);
  g_array_set_size (self->direct_arrays, 0);
  for (guint k = 0; k < self->n_made; k++)
    g_array_append_vals (self->is_direct[k] ? self->direct_arrays : self->staged_arrays,
                         pinwheel_format_array (self->format, k), 1);
}

gboolean
pinwheel_pad_is_direct (PinwheelPad *self, guint i)
{
  g_return_val_if_fail (PINWHEEL_IS_PAD (self), FALSE);

  return self->is_direct != NULL && i < self->n_made && self->is_direct[i];
}

gboolean
pinwheel_pad_has_direct (PinwheelPad *self, gboolean cut)
{
  for (guint i = 0; i < self->n_made; i++)
    if (pinwheel_pad_is_direct (self, i)
        && cut == !pinwheel_array_is_broadcast (pinwheel_format_array (self->format, i)))
      return TRUE;
  return FALSE;
}

void
pinwheel_pad_place_direct (PinwheelPad *self, PinwheelChunk *chunk)
{
  for (guint i = 0; self->is_direct != NULL && i < self->n_made; i++)
    {
      const PinwheelArray *array = pinwheel_format_array (self->format, i);
      const PinwheelDirect *direct = &self->direct[i];

      if (self->is_direct[i] && direct->memory != NULL && !pinwheel_array_is_broadcast (array))
        pinwheel_chunk_set_data (
            chunk, i, direct->memory + pinwheel_chunk_get_start (chunk) * direct->rows.item,
            &direct->rows);
    }
}

/* --- who is behind a pad --- */

static PinwheelIntake
intake_of (PinwheelElement *element)
{
  PinwheelIntake intake = PINWHEEL_ELEMENT_GET_CLASS (element)->intake;

  if (intake == PINWHEEL_INTAKE_COPIES
      && pinwheel_device_is_integrated (pinwheel_element_get_device (element)))
    return PINWHEEL_INTAKE_PASSES;
  return intake;
}

/* The pads of the same run have their device before the first of them negotiates. */
static void
look_ahead (PinwheelPad *src, PinwheelAhead *ahead)
{
  PinwheelElement *element = src->peer->element;
  PinwheelIntake intake = intake_of (element);
  GPtrArray *pads = pinwheel_element_get_pads (element);

  if (intake == PINWHEEL_INTAKE_READS)
    ahead->strided = FALSE;
  if (intake == PINWHEEL_INTAKE_COPIES)
    ahead->pinned = TRUE;
  if (intake == PINWHEEL_INTAKE_PASSES || intake == PINWHEEL_INTAKE_ROUTES)
    for (guint i = 0; i < pads->len; i++)
      if (pinwheel_pad_get_direction (pads->pdata[i]) == PINWHEEL_PAD_SRC)
        look_ahead (pads->pdata[i], ahead);
}

PinwheelAhead
pinwheel_pad_look_ahead (PinwheelPad *self)
{
  PinwheelAhead ahead = { .strided = TRUE, .pinned = FALSE };

  look_ahead (self, &ahead);
  return ahead;
}

/* Returns: whether somebody behind @src wants the array in memory of its own */
static gboolean
find_target (PinwheelPad *src, const PinwheelArray *array, guint64 n_items, PinwheelTarget *target)
{
  PinwheelElement *element = src->peer->element;
  PinwheelElementClass *klass = PINWHEEL_ELEMENT_GET_CLASS (element);

  if (klass->get_target != NULL)
    return klass->get_target (element, array, n_items, target);
  return intake_of (element) == PINWHEEL_INTAKE_PASSES && pinwheel_element_get_src (element) != NULL
         && find_target (pinwheel_element_get_src (element), array, n_items, target);
}

void
pinwheel_pad_take_targets (PinwheelPad *self)
{
  PinwheelDevice *device = pinwheel_element_get_device (self->element);
  gboolean copies = intake_of (self->element) == PINWHEEL_INTAKE_COPIES;
  guint64 n_items = pinwheel_format_n_items (self->format);

  /* the CPU writes what is in host memory */
  if (self->kind == PINWHEEL_MEMORY_DEVICE && !pinwheel_device_is_integrated (device))
    return;
  for (guint i = 0; i < self->n_made; i++)
    {
      const PinwheelArray *array = pinwheel_format_array (self->format, i);
      PinwheelTarget target;

      if (pinwheel_pad_is_direct (self, i) || (pinwheel_array_is_broadcast (array) && !copies)
          || n_items == PINWHEEL_ITEMS_UNKNOWN || !find_target (self, array, n_items, &target))
        continue;
      if (copies ? pinwheel_device_is_pinned (device, target.memory, target.size)
                 : pinwheel_rows_are_plain (&target.rows))
        pinwheel_pad_set_direct (self, i, target.memory, &target.rows);
    }
}
