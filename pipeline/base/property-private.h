/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
#include <pinwheel/property.h>

/* Refuses every change of a property from now on, or allows it again. For the pipeline, around a
 * run; from any thread. */
void pinwheel_object_set_locked (GObject *object, gboolean locked);
gboolean pinwheel_object_is_locked (GObject *object);

/* What messages call instances of @type and of types derived from it: "npysrc". @nick: static. */
void pinwheel_type_set_nick (GType type, const char *nick);
/* Returns: (transfer none): the nick, or else the name of the type */
const char *pinwheel_object_get_nick (GObject *object);

/* In place of PinwheelProperty.offset: the class keeps the value itself, and GObject knows how to
 * get and set it. */
#define PINWHEEL_PROPERTY_NO_FIELD G_MAXSIZE

/* Room for a field of any kind. */
typedef union
{
  gboolean boolean;
  gint64 int64;
  guint64 uint64;
  double number;
  char *string;
  int value;
} PinwheelField;

/* Returns: (transfer full) (nullable) (array length=n_properties): entries for the properties of
 * @type, @klass or a parent of it, that a user can write as text */
PinwheelProperty *pinwheel_class_make_table (GObjectClass *klass, GType type, guint *n_properties);

/* Text and values. @value is initialised here, with the type of the property's GParamSpec; the
 * error begins with the quoted @text. */
gboolean pinwheel_property_parse (const PinwheelProperty *property, const char *text, GValue *value,
                                  GError **error);
/* Returns: (transfer full) (nullable): NULL for an unset string */
char *pinwheel_property_format (const PinwheelProperty *property, gconstpointer field);
/* Writes the default; what a string field held before is not freed. */
void pinwheel_property_reset (const PinwheelProperty *property, gpointer field);
