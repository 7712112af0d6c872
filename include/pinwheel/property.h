/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
#include <pinwheel/macros.h>

G_BEGIN_DECLS

/**
 * PinwheelPropertyKind:
 * @PINWHEEL_PROPERTY_BOOLEAN: a gboolean
 * @PINWHEEL_PROPERTY_INT: a gint64; size suffixes understood
 * @PINWHEEL_PROPERTY_UINT: a guint64; size suffixes understood (64k = 64000, 64Ki = 65536)
 * @PINWHEEL_PROPERTY_BYTES: a guint64; the same, and a final B; printed as a size
 * @PINWHEEL_PROPERTY_DOUBLE: a double
 * @PINWHEEL_PROPERTY_STRING: a char *, owned by the object, %NULL when unset
 * @PINWHEEL_PROPERTY_ENUM: an int, one of a registered GEnum's values, spelt by nick
 *
 * What a property's field is.
 */
typedef enum
{
  PINWHEEL_PROPERTY_BOOLEAN,
  PINWHEEL_PROPERTY_INT,
  PINWHEEL_PROPERTY_UINT,
  PINWHEEL_PROPERTY_BYTES,
  PINWHEEL_PROPERTY_DOUBLE,
  PINWHEEL_PROPERTY_STRING,
  PINWHEEL_PROPERTY_ENUM
} PinwheelPropertyKind;

/**
 * PinwheelPropertyFlags:
 * @PINWHEEL_PROPERTY_PLAIN: nothing special
 * @PINWHEEL_PROPERTY_READ_ONLY: a result; the object writes its field itself
 * @PINWHEEL_PROPERTY_REQUIRED: a string that must be set before the element can run
 *
 * Every property that is not read-only may be changed in the states NULL and READY, and is refused
 * while the pipeline runs, so that streaming threads read the fields without a lock.
 */
typedef enum
{
  PINWHEEL_PROPERTY_PLAIN = 0,
  PINWHEEL_PROPERTY_READ_ONLY = 1 << 0,
  PINWHEEL_PROPERTY_REQUIRED = 1 << 1
} PinwheelPropertyFlags;

typedef struct _PinwheelProperty PinwheelProperty;

/**
 * PinwheelProperty:
 * @name: as in a description
 * @blurb: for people, one line
 * @kind: what the field is
 * @offset: of the field in the instance struct
 * @flags: what is special about it
 * @int_min: of a %PINWHEEL_PROPERTY_INT
 * @int_max: of a %PINWHEEL_PROPERTY_INT
 * @int_default: of a %PINWHEEL_PROPERTY_INT, %PINWHEEL_PROPERTY_BOOLEAN or %PINWHEEL_PROPERTY_ENUM
 * @uint_min: of a %PINWHEEL_PROPERTY_UINT or %PINWHEEL_PROPERTY_BYTES
 * @uint_max: of a %PINWHEEL_PROPERTY_UINT or %PINWHEEL_PROPERTY_BYTES
 * @uint_default: of a %PINWHEEL_PROPERTY_UINT or %PINWHEEL_PROPERTY_BYTES
 * @double_min: of a %PINWHEEL_PROPERTY_DOUBLE
 * @double_max: of a %PINWHEEL_PROPERTY_DOUBLE
 * @double_default: of a %PINWHEEL_PROPERTY_DOUBLE
 * @string_default: (nullable): of a %PINWHEEL_PROPERTY_STRING
 * @enum_type: of a %PINWHEEL_PROPERTY_ENUM
 *
 * One property, declared once: the GParamSpec, the field's default, the range check of text and
 * g_object_set(), `pinwheel-inspect`, completion and man pages all come from it. @offset is the
 * field's place in the instance struct (G_STRUCT_OFFSET).
 *
 * Where a class has no table, those of its GObject properties that are numbers, booleans or text
 * can be written in a description all the same; the class itself keeps their values then, and minds
 * what happens to them while the pipeline runs.
 */
struct _PinwheelProperty
{
  const char *name;
  const char *blurb;
  PinwheelPropertyKind kind;
  gsize offset;
  PinwheelPropertyFlags flags;
  gint64 int_min, int_max, int_default;     /* INT, BOOLEAN and ENUM (default only) */
  guint64 uint_min, uint_max, uint_default; /* UINT and BYTES */
  double double_min, double_max, double_default;
  const char *string_default;
  GType (*enum_type) (void);
};

#define PINWHEEL_PROPERTY_HEAD_(Type, field, name_, kind_, blurb_)                                 \
  .name = name_, .blurb = blurb_, .kind = kind_, .offset = G_STRUCT_OFFSET (Type, field)

/**
 * PINWHEEL_BOOLEAN:
 * @Type: of the instance
 * @field: of @Type
 * @name: as in a description
 * @def: the default
 * @blurb: for people, one line
 *
 * An entry of a table of #PinwheelProperty: the field is a gboolean.
 */
#define PINWHEEL_BOOLEAN(Type, field, name, def, blurb)                                            \
  {                                                                                                \
    PINWHEEL_PROPERTY_HEAD_ (Type, field, name, PINWHEEL_PROPERTY_BOOLEAN, blurb),                 \
        .int_default = def                                                                         \
  }
/**
 * PINWHEEL_INT:
 * @Type: of the instance
 * @field: of @Type
 * @name: as in a description
 * @min: the least value
 * @max: the greatest value
 * @def: the default
 * @blurb: for people, one line
 *
 * An entry of a table of #PinwheelProperty: the field is a gint64.
 */
#define PINWHEEL_INT(Type, field, name, min, max, def, blurb)                                      \
  {                                                                                                \
    PINWHEEL_PROPERTY_HEAD_ (Type, field, name, PINWHEEL_PROPERTY_INT, blurb),                     \
        .int_min = min, .int_max = max, .int_default = def                                         \
  }
/**
 * PINWHEEL_UINT:
 * @Type: of the instance
 * @field: of @Type
 * @name: as in a description
 * @min: the least value
 * @max: the greatest value
 * @def: the default
 * @blurb: for people, one line
 *
 * An entry of a table of #PinwheelProperty: the field is a guint64.
 */
#define PINWHEEL_UINT(Type, field, name, min, max, def, blurb)                                     \
  {                                                                                                \
    PINWHEEL_PROPERTY_HEAD_ (Type, field, name, PINWHEEL_PROPERTY_UINT, blurb),                    \
        .uint_min = min, .uint_max = max, .uint_default = def                                      \
  }
/**
 * PINWHEEL_BYTES:
 * @Type: of the instance
 * @field: of @Type
 * @name: as in a description
 * @min: the least value
 * @max: the greatest value
 * @def: the default
 * @blurb: for people, one line
 *
 * An entry of a table of #PinwheelProperty: the field is a guint64 that is a number of bytes.
 */
#define PINWHEEL_BYTES(Type, field, name, min, max, def, blurb)                                    \
  {                                                                                                \
    PINWHEEL_PROPERTY_HEAD_ (Type, field, name, PINWHEEL_PROPERTY_BYTES, blurb),                   \
        .uint_min = min, .uint_max = max, .uint_default = def                                      \
  }
/**
 * PINWHEEL_DOUBLE:
 * @Type: of the instance
 * @field: of @Type
 * @name: as in a description
 * @min: the least value
 * @max: the greatest value
 * @def: the default
 * @blurb: for people, one line
 *
 * An entry of a table of #PinwheelProperty: the field is a double.
 */
#define PINWHEEL_DOUBLE(Type, field, name, min, max, def, blurb)                                   \
  {                                                                                                \
    PINWHEEL_PROPERTY_HEAD_ (Type, field, name, PINWHEEL_PROPERTY_DOUBLE, blurb),                  \
        .double_min = min, .double_max = max, .double_default = def                                \
  }
/**
 * PINWHEEL_STRING:
 * @Type: of the instance
 * @field: of @Type
 * @name: as in a description
 * @def: the default
 * @flags_: #PinwheelPropertyFlags
 * @blurb: for people, one line
 *
 * An entry of a table of #PinwheelProperty: the field is a char *, owned by the object.
 */
#define PINWHEEL_STRING(Type, field, name, def, flags_, blurb)                                     \
  {                                                                                                \
    PINWHEEL_PROPERTY_HEAD_ (Type, field, name, PINWHEEL_PROPERTY_STRING, blurb),                  \
        .flags = flags_, .string_default = def                                                     \
  }
/**
 * PINWHEEL_ENUM:
 * @Type: of the instance
 * @field: of @Type
 * @name: as in a description
 * @get_type: of the GEnum
 * @def: the default
 * @blurb: for people, one line
 *
 * An entry of a table of #PinwheelProperty: the field is an int, one of an enumeration's values.
 */
#define PINWHEEL_ENUM(Type, field, name, get_type, def, blurb)                                     \
  {                                                                                                \
    PINWHEEL_PROPERTY_HEAD_ (Type, field, name, PINWHEEL_PROPERTY_ENUM, blurb),                    \
        .int_default = def, .enum_type = get_type                                                  \
  }

/**
 * pinwheel_class_install_properties: (skip)
 * @klass: a class, in its class_init
 * @properties: (array length=n_properties): a static table, kept by reference
 * @n_properties: number of @properties
 *
 * Installs GObject properties for the table and serves get and set straight from the fields. The
 * class must be derived from a class whose instances were prepared with
 * pinwheel_object_init_properties() (all elements, and the pipeline, are).
 */
PINWHEEL_API
void pinwheel_class_install_properties (GObjectClass *klass, const PinwheelProperty *properties,
                                        guint n_properties);

/* For base classes: give every field of the instance its default (in init of the *root* class it is
 * too early for subclasses; call it from constructed's chain, i.e. GObjectClass.constructor), and
 * free string fields in finalize. */

/**
 * pinwheel_object_init_properties: (skip)
 * @object: an instance that is being made
 *
 * For base classes: gives every field of the instance its default. In init of the *root* class it
 * is too early for subclasses: call it from GObjectClass.constructor.
 */
PINWHEEL_API
void pinwheel_object_init_properties (GObject *object);

/**
 * pinwheel_object_clear_properties: (skip)
 * @object: an instance that is being finalized
 *
 * For base classes: frees string fields, in finalize.
 */
PINWHEEL_API
void pinwheel_object_clear_properties (GObject *object);

/**
 * pinwheel_object_set_from_string:
 * @object: an object whose properties come from a table
 * @name: property name
 * @text: the value as a user writes it: `64MiB`, `true`, `ramp`, `in.npy`
 *
 * The one way from text to a property: understands size suffixes (k M G T and Ki Mi Gi Ti), checks
 * the range, suggests near names. Errors: %PINWHEEL_ERROR_PROPERTY.
 */
PINWHEEL_API
gboolean pinwheel_object_set_from_string (GObject *object, const char *name, const char *text,
                                          GError **error);

/**
 * pinwheel_object_get_as_string:
 * @object: an object whose properties come from a table
 * @name: property name
 *
 * Returns: (transfer full) (nullable): the value as pinwheel_object_set_from_string() reads it, or
 *   %NULL where it is an unset string
 */
PINWHEEL_API
char *pinwheel_object_get_as_string (GObject *object, const char *name);

/**
 * pinwheel_object_check_required:
 * @object: an object whose properties come from a table
 *
 * Returns: %FALSE with @error naming the first %PINWHEEL_PROPERTY_REQUIRED property that is unset
 */
PINWHEEL_API
gboolean pinwheel_object_check_required (GObject *object, GError **error);

/**
 * pinwheel_property_describe: (skip)
 * @property: an entry of a table
 *
 * Returns: (transfer full): type and range in words: "bytes, 1 to 1 EiB", "one of ramp, constant,
 *   random"
 */
PINWHEEL_API
char *pinwheel_property_describe (const PinwheelProperty *property);

/**
 * pinwheel_property_default_as_string: (skip)
 * @property: an entry of a table
 *
 * Returns: (transfer full) (nullable): the default as a user would write it
 */
PINWHEEL_API
char *pinwheel_property_default_as_string (const PinwheelProperty *property);

/**
 * pinwheel_class_list_properties: (skip)
 * @klass: a class whose properties come from tables
 *
 * Returns: (transfer container) (element-type PinwheelProperty): all tables of the class and its
 *   parents, parents first, in the order of the tables
 */
PINWHEEL_API
GPtrArray *pinwheel_class_list_properties (GObjectClass *klass);

/**
 * pinwheel_parse_size:
 * @text: `4096`, `64k`, `64Ki`, `1.5GiB`, `12GB`
 * @size: (out): the number
 *
 * Returns: %FALSE with @error where @text is not a size or does not fit 64 bits
 */
PINWHEEL_API
gboolean pinwheel_parse_size (const char *text, guint64 *size, GError **error);

/**
 * pinwheel_format_size:
 * @bytes: a number of bytes
 *
 * Returns: (transfer full): "16 MiB", "1.5 GiB", "356 B" (exact bytes below 1 KiB, else 4 digits)
 */
PINWHEEL_API
char *pinwheel_format_size (guint64 bytes);

/**
 * pinwheel_suggest: (skip)
 * @word: what was written
 * @candidates: (array zero-terminated=1): what there is
 *
 * Returns: (nullable) (transfer none): the candidate that is nearly @word (Damerau-Levenshtein
 *   distance at most a third of its length), or %NULL
 */
PINWHEEL_API
const char *pinwheel_suggest (const char *word, const char *const *candidates);

G_END_DECLS
