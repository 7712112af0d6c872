/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include <pinwheel/error.h>

#include "base/lock-private.h"
#include "base/log-private.h"
#include "base/property-private.h"
#include "base/quote-private.h"

/* The table of one class, kept by its type for ever. */
typedef struct
{
  const PinwheelProperty *properties; /* static, the class's own */
  guint n_properties;
} Table;

static G_DEFINE_QUARK (pinwheel_property_table, table);
static G_DEFINE_QUARK (pinwheel_property, property);
static G_DEFINE_QUARK (pinwheel_locked, locked);
static G_DEFINE_QUARK (pinwheel_nick, nick);

static gboolean
has_field (const PinwheelProperty *property)
{
  return property->offset != PINWHEEL_PROPERTY_NO_FIELD;
}

static gpointer
field_of (GObject *object, const PinwheelProperty *property)
{
  return (guint8 *) object + property->offset;
}

static void
get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  const PinwheelProperty *property = g_param_spec_get_qdata (pspec, property_quark ());
  gpointer field = field_of (object, property);

  switch (property->kind)
    {
    case PINWHEEL_PROPERTY_BOOLEAN:
      g_value_set_boolean (value, *(gboolean *) field);
      break;
    case PINWHEEL_PROPERTY_INT:
      g_value_set_int64 (value, *(gint64 *) field);
      break;
    case PINWHEEL_PROPERTY_UINT:
    case PINWHEEL_PROPERTY_BYTES:
      g_value_set_uint64 (value, *(guint64 *) field);
      break;
    case PINWHEEL_PROPERTY_DOUBLE:
      g_value_set_double (value, *(double *) field);
      break;
    case PINWHEEL_PROPERTY_STRING:
      g_value_set_string (value, *(char **) field);
      break;
    case PINWHEEL_PROPERTY_ENUM:
      g_value_set_enum (value, *(int *) field);
      break;
    }
}

static void
write_field (const PinwheelProperty *property, gpointer field, const GValue *value)
{
  switch (property->kind)
    {
    case PINWHEEL_PROPERTY_BOOLEAN:
      *(gboolean *) field = g_value_get_boolean (value);
      break;
    case PINWHEEL_PROPERTY_INT:
      *(gint64 *) field = g_value_get_int64 (value);
      break;
    case PINWHEEL_PROPERTY_UINT:
    case PINWHEEL_PROPERTY_BYTES:
      *(guint64 *) field = g_value_get_uint64 (value);
      break;
    case PINWHEEL_PROPERTY_DOUBLE:
      *(double *) field = g_value_get_double (value);
      break;
    case PINWHEEL_PROPERTY_STRING:
      g_free (*(char **) field);
      *(char **) field = g_value_dup_string (value);
      break;
    case PINWHEEL_PROPERTY_ENUM:
      *(int *) field = g_value_get_enum (value);
      break;
    }
}

static void
set_locked_error (GObject *object, const char *name, GError **error)
{
  g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_PROPERTY,
               "property '%s' of %s may change only while the pipeline is stopped", name,
               pinwheel_object_get_nick (object));
}

static void
set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  const PinwheelProperty *property = g_param_spec_get_qdata (pspec, property_quark ());
  g_auto (GValue) before = G_VALUE_INIT;

  if (pinwheel_object_is_locked (object))
    {
      g_autoptr (GError) error = NULL;

      set_locked_error (object, pspec->name, &error);
      g_warning ("%s", error->message);
      return;
    }
  g_value_init (&before, G_PARAM_SPEC_VALUE_TYPE (pspec));
  get_property (object, id, &before, pspec);
  write_field (property, field_of (object, property), value);
  if (g_param_values_cmp (pspec, &before, value) != 0)
    g_object_notify_by_pspec (object, pspec);
}

static GParamSpec *
make_pspec (const PinwheelProperty *p)
{
  GParamFlags flags = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  if ((p->flags & PINWHEEL_PROPERTY_READ_ONLY) == 0)
    flags |= G_PARAM_WRITABLE;
  switch (p->kind)
    {
    case PINWHEEL_PROPERTY_BOOLEAN:
      return g_param_spec_boolean (p->name, NULL, p->blurb, p->int_default != 0, flags);
    case PINWHEEL_PROPERTY_INT:
      return g_param_spec_int64 (p->name, NULL, p->blurb, p->int_min, p->int_max, p->int_default,
                                 flags);
    case PINWHEEL_PROPERTY_UINT:
    case PINWHEEL_PROPERTY_BYTES:
      return g_param_spec_uint64 (p->name, NULL, p->blurb, p->uint_min, p->uint_max,
                                  p->uint_default, flags);
    case PINWHEEL_PROPERTY_DOUBLE:
      return g_param_spec_double (p->name, NULL, p->blurb, p->double_min, p->double_max,
                                  p->double_default, flags);
    case PINWHEEL_PROPERTY_STRING:
      return g_param_spec_string (p->name, NULL, p->blurb, p->string_default, flags);
    case PINWHEEL_PROPERTY_ENUM:
      return g_param_spec_enum (p->name, NULL, p->blurb, p->enum_type (), (int) p->int_default,
                                flags);
    }
  g_return_val_if_reached (NULL);
}

/* Every class of Pinwheel with properties comes through here before it has an instance, which makes
 * it the place where the debug lines are turned on. */
void
pinwheel_class_install_properties (GObjectClass *klass, const PinwheelProperty *properties,
                                   guint n_properties)
{
  Table *table;

  g_return_if_fail (G_IS_OBJECT_CLASS (klass));
  g_return_if_fail (g_type_get_qdata (G_OBJECT_CLASS_TYPE (klass), table_quark ()) == NULL);

  pinwheel_log_init ();
  klass->get_property = get_property;
  klass->set_property = set_property;
  for (guint i = 0; i < n_properties; i++)
    {
      GParamSpec *pspec = make_pspec (&properties[i]);

      g_return_if_fail (pspec != NULL);
      g_param_spec_set_qdata (pspec, property_quark (), (gpointer) &properties[i]);
      g_object_class_install_property (klass, i + 1, pspec);
    }
  table = g_new (Table, 1);
  *table = (Table){ .properties = properties, .n_properties = n_properties };
  g_type_set_qdata (G_OBJECT_CLASS_TYPE (klass), table_quark (), table);
}

/* The table of @type, made now where the class gave none: its first instance is being made then, or
 * was before, so that all its properties are there. */
static const Table *
ensure_table (GObjectClass *klass, GType type)
{
  static PinwheelLock lock; /* leaf lock, but for those of the type system */
  Table *table;

  pinwheel_lock (&lock);
  table = g_type_get_qdata (type, table_quark ());
  if (table == NULL)
    {
      table = g_new (Table, 1);
      table->properties = pinwheel_class_make_table (klass, type, &table->n_properties);
      g_type_set_qdata (type, table_quark (), table);
    }
  pinwheel_unlock (&lock);
  return table;
}

static void
append_tables (GPtrArray *list, GObjectClass *klass, GType type)
{
  const Table *table;

  if (type == G_TYPE_OBJECT)
    return;
  append_tables (list, klass, g_type_parent (type));
  table = ensure_table (klass, type);
  for (guint i = 0; i < table->n_properties; i++)
    g_ptr_array_add (list, (gpointer) &table->properties[i]);
}

GPtrArray *
pinwheel_class_list_properties (GObjectClass *klass)
{
  GPtrArray *list;

  g_return_val_if_fail (G_IS_OBJECT_CLASS (klass), NULL);

  list = g_ptr_array_new ();
  append_tables (list, klass, G_OBJECT_CLASS_TYPE (klass));
  return list;
}

void
pinwheel_object_init_properties (GObject *object)
{
  g_autoptr (GPtrArray) list = pinwheel_class_list_properties (G_OBJECT_GET_CLASS (object));

  for (guint i = 0; i < list->len; i++)
    if (has_field (list->pdata[i]))
      pinwheel_property_reset (list->pdata[i], field_of (object, list->pdata[i]));
}

void
pinwheel_object_clear_properties (GObject *object)
{
  g_autoptr (GPtrArray) list = pinwheel_class_list_properties (G_OBJECT_GET_CLASS (object));

  for (guint i = 0; i < list->len; i++)
    {
      const PinwheelProperty *property = list->pdata[i];

      if (property->kind == PINWHEEL_PROPERTY_STRING && has_field (property))
        g_clear_pointer ((char **) field_of (object, property), g_free);
    }
}

void
pinwheel_object_set_locked (GObject *object, gboolean locked)
{
  g_object_set_qdata (object, locked_quark (), GINT_TO_POINTER (locked));
}

gboolean
pinwheel_object_is_locked (GObject *object)
{
  return GPOINTER_TO_INT (g_object_get_qdata (object, locked_quark ()));
}

void
pinwheel_type_set_nick (GType type, const char *nick)
{
  g_type_set_qdata (type, nick_quark (), (gpointer) nick);
}

const char *
pinwheel_object_get_nick (GObject *object)
{
  for (GType type = G_OBJECT_TYPE (object); type != G_TYPE_INVALID; type = g_type_parent (type))
    {
      const char *nick = g_type_get_qdata (type, nick_quark ());

      if (nick != NULL)
        return nick;
    }
  return G_OBJECT_TYPE_NAME (object);
}

/* Returns: the property of @list called @name, or NULL */
static const PinwheelProperty *
find_property (GPtrArray *list, const char *name)
{
  for (guint i = 0; i < list->len; i++)
    {
      const PinwheelProperty *property = list->pdata[i];

      if (strcmp (property->name, name) == 0)
        return property;
    }
  return NULL;
}

static void
set_unknown_error (GObject *object, GPtrArray *list, const char *name, GError **error)
{
  g_autofree char *quoted = pinwheel_quote (name);
  g_autofree char *near = NULL;
  g_autofree char *all = NULL;
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  const char *suggestion;

  for (guint i = 0; i < list->len; i++)
    g_ptr_array_add (names, (gpointer) ((const PinwheelProperty *) list->pdata[i])->name);
  g_ptr_array_add (names, NULL);
  suggestion = pinwheel_suggest (name, (const char *const *) names->pdata);
  if (suggestion != NULL)
    near = g_strdup_printf ("; did you mean '%s'?", suggestion);
  if (list->len > 0)
    all = g_strjoinv (", ", (char **) names->pdata);
  g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_PROPERTY, "%s has no property %s%s It has: %s",
               pinwheel_object_get_nick (object), quoted, near != NULL ? near : ".",
               all != NULL ? all : "no properties");
}

gboolean
pinwheel_object_set_from_string (GObject *object, const char *name, const char *text,
                                 GError **error)
{
  g_autoptr (GPtrArray) list = NULL;
  const PinwheelProperty *property;
  g_auto (GValue) value = G_VALUE_INIT;

  g_return_val_if_fail (G_IS_OBJECT (object), FALSE);
  g_return_val_if_fail (name != NULL && text != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  list = pinwheel_class_list_properties (G_OBJECT_GET_CLASS (object));
  property = find_property (list, name);
  if (property == NULL)
    {
      set_unknown_error (object, list, name, error);
      return FALSE;
    }
  if ((property->flags & PINWHEEL_PROPERTY_READ_ONLY) != 0)
    {
      g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_PROPERTY,
                   "property '%s' of %s is a result: it can be read and not set", name,
                   pinwheel_object_get_nick (object));
      return FALSE;
    }
  if (pinwheel_object_is_locked (object))
    {
      set_locked_error (object, name, error);
      return FALSE;
    }
  if (!pinwheel_property_parse (property, text, &value, error))
    {
      g_prefix_error (error, "property '%s' of %s: ", name, pinwheel_object_get_nick (object));
      return FALSE;
    }
  g_object_set_property (object, name, &value);
  return TRUE;
}

/* Returns: (transfer full) (nullable): the value that the class keeps itself */
static char *
get_foreign (GObject *object, const PinwheelProperty *property)
{
  static const GType types[] = { [PINWHEEL_PROPERTY_BOOLEAN] = G_TYPE_BOOLEAN,
                                 [PINWHEEL_PROPERTY_INT] = G_TYPE_INT64,
                                 [PINWHEEL_PROPERTY_UINT] = G_TYPE_UINT64,
                                 [PINWHEEL_PROPERTY_DOUBLE] = G_TYPE_DOUBLE,
                                 [PINWHEEL_PROPERTY_STRING] = G_TYPE_STRING };
  g_auto (GValue) value = G_VALUE_INIT;
  PinwheelField field = { 0 };
  char *text;

  g_value_init (&value, types[property->kind]);
  g_object_get_property (object, property->name, &value);
  write_field (property, &field, &value);
  text = pinwheel_property_format (property, &field);
  if (property->kind == PINWHEEL_PROPERTY_STRING)
    g_free (field.string);
  return text;
}

char *
pinwheel_object_get_as_string (GObject *object, const char *name)
{
  g_autoptr (GPtrArray) list = NULL;
  const PinwheelProperty *property;

  g_return_val_if_fail (G_IS_OBJECT (object) && name != NULL, NULL);

  list = pinwheel_class_list_properties (G_OBJECT_GET_CLASS (object));
  property = find_property (list, name);
  g_return_val_if_fail (property != NULL, NULL);
  if (!has_field (property))
    return get_foreign (object, property);
  return pinwheel_property_format (property, field_of (object, property));
}

/* An empty string counts as unset: no element can run on one. */
gboolean
pinwheel_object_check_required (GObject *object, GError **error)
{
  g_autoptr (GPtrArray) list = NULL;

  g_return_val_if_fail (G_IS_OBJECT (object), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  list = pinwheel_class_list_properties (G_OBJECT_GET_CLASS (object));
  for (guint i = 0; i < list->len; i++)
    {
      const PinwheelProperty *property = list->pdata[i];
      const char *text;

      if (property->kind != PINWHEEL_PROPERTY_STRING
          || (property->flags & PINWHEEL_PROPERTY_REQUIRED) == 0)
        continue;
      text = *(const char **) field_of (object, property);
      if (text == NULL || *text == '\0')
        {
          g_set_error (
              error, PINWHEEL_ERROR, PINWHEEL_ERROR_PROPERTY,
              "%s needs its property '%s' (%s); set it with %s=", pinwheel_object_get_nick (object),
              property->name, property->blurb, property->name);
          return FALSE;
        }
    }
  return TRUE;
}
