/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Properties that a class declares as GObject does and not in a table: those of elements written in
 * other languages. Seen from here they are entries of a table, but for their field: the class keeps
 * the value itself. */
#include "config.h"

#include "base/property-private.h"

/* @KIND: of PinwheelProperty; @field: its members for that kind; @SPEC: what GObject calls it */
#define TAKE_LIMITS(KIND, field, SPEC)                                                             \
  if (G_IS_PARAM_SPEC_##SPEC (pspec))                                                              \
    {                                                                                              \
      property->kind = PINWHEEL_PROPERTY_##KIND;                                                   \
      property->field##_min = G_PARAM_SPEC_##SPEC (pspec)->minimum;                                \
      property->field##_max = G_PARAM_SPEC_##SPEC (pspec)->maximum;                                \
      property->field##_default = G_PARAM_SPEC_##SPEC (pspec)->default_value;                      \
      return TRUE;                                                                                 \
    }

static gboolean
from_number (GParamSpec *pspec, PinwheelProperty *property)
{
  TAKE_LIMITS (INT, int, INT)
  TAKE_LIMITS (INT, int, LONG)
  TAKE_LIMITS (INT, int, INT64)
  TAKE_LIMITS (UINT, uint, UINT)
  TAKE_LIMITS (UINT, uint, ULONG)
  TAKE_LIMITS (UINT, uint, UINT64)
  TAKE_LIMITS (DOUBLE, double, FLOAT)
  TAKE_LIMITS (DOUBLE, double, DOUBLE)
  return FALSE;
}

/* Returns: whether a user can write what @pspec takes; @property becomes its entry then */
static gboolean
from_pspec (GParamSpec *pspec, PinwheelProperty *property)
{
  const char *blurb = g_param_spec_get_blurb (pspec);

  *property = (PinwheelProperty){ .name = pspec->name,
                                  .blurb = blurb != NULL ? blurb : "",
                                  .offset = PINWHEEL_PROPERTY_NO_FIELD };
  if ((pspec->flags & G_PARAM_READABLE) == 0 || (pspec->flags & G_PARAM_CONSTRUCT_ONLY) != 0)
    return FALSE;
  if ((pspec->flags & G_PARAM_WRITABLE) == 0)
    property->flags = PINWHEEL_PROPERTY_READ_ONLY;

  if (G_IS_PARAM_SPEC_BOOLEAN (pspec))
    {
      property->kind = PINWHEEL_PROPERTY_BOOLEAN;
      property->int_default = G_PARAM_SPEC_BOOLEAN (pspec)->default_value;
    }
  else if (G_IS_PARAM_SPEC_STRING (pspec))
    {
      property->kind = PINWHEEL_PROPERTY_STRING;
      property->string_default = G_PARAM_SPEC_STRING (pspec)->default_value;
    }
  else
    return from_number (pspec, property);
  return TRUE;
}

PinwheelProperty *
pinwheel_class_make_table (GObjectClass *klass, GType type, guint *n_properties)
{
  guint n_pspecs;
  g_autofree GParamSpec **pspecs = g_object_class_list_properties (klass, &n_pspecs);
  PinwheelProperty *table = g_new0 (PinwheelProperty, n_pspecs);

  *n_properties = 0;
  for (guint i = 0; i < n_pspecs; i++)
    if (pspecs[i]->owner_type == type && from_pspec (pspecs[i], &table[*n_properties]))
      ++*n_properties;
  if (*n_properties == 0)
    g_clear_pointer (&table, g_free);
  return table;
}
