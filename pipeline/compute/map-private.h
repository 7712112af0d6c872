/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From `y = a*x + b; z = sqrt(x)` to a kernel: parse to trees, give every node NumPy's type and its
 * shape, write CUDA C. A program is used by one thread. */
#pragma once
#include <pinwheel/error.h>
#include <pinwheel/format.h>

#include "compute/args-private.h"

/* Trees deeper than this are refused: the walks over them recurse. */
#define PINWHEEL_MAP_DEPTH 200

typedef enum
{
  /* two operands, in the order of map-parse.c's table */
  PINWHEEL_MAP_ADD,
  PINWHEEL_MAP_SUBTRACT,
  PINWHEEL_MAP_MULTIPLY,
  PINWHEEL_MAP_DIVIDE,
  PINWHEEL_MAP_FLOOR_DIVIDE,
  PINWHEEL_MAP_REMAINDER,
  PINWHEEL_MAP_POWER,
  PINWHEEL_MAP_EQUAL,
  PINWHEEL_MAP_NOT_EQUAL,
  PINWHEEL_MAP_LESS,
  PINWHEEL_MAP_LESS_EQUAL,
  PINWHEEL_MAP_GREATER,
  PINWHEEL_MAP_GREATER_EQUAL,
  PINWHEEL_MAP_AND,
  PINWHEEL_MAP_OR,
  PINWHEEL_MAP_BIT_AND,
  PINWHEEL_MAP_BIT_OR,
  PINWHEEL_MAP_BIT_XOR,
  PINWHEEL_MAP_SHIFT_LEFT,
  PINWHEEL_MAP_SHIFT_RIGHT,
  /* one operand */
  PINWHEEL_MAP_NEGATIVE,
  PINWHEEL_MAP_POSITIVE,
  PINWHEEL_MAP_NOT,
  PINWHEEL_MAP_INVERT,
  /* others */
  PINWHEEL_MAP_SELECT,   /* condition, then, else */
  PINWHEEL_MAP_FUNCTION, /* of @function */
  PINWHEEL_MAP_NUMBER,   /* @number */
  PINWHEEL_MAP_NAME      /* @name; @reference once its meaning is known */
} PinwheelMapOperation;

typedef enum
{
  PINWHEEL_MAP_CLASS_FLOAT,    /* computes in floating point */
  PINWHEEL_MAP_CLASS_ABSOLUTE, /* keeps its type */
  PINWHEEL_MAP_CLASS_ROUND,    /* leaves whole numbers alone */
  PINWHEEL_MAP_CLASS_SIGN,
  PINWHEEL_MAP_CLASS_EXTREME, /* min, max */
  PINWHEEL_MAP_CLASS_TEST,    /* gives bool */
  PINWHEEL_MAP_CLASS_CAST,
  PINWHEEL_MAP_CLASS_POWER, /* another way to write ** */
  PINWHEEL_MAP_CLASS_SELECT /* another way to write ?: */
} PinwheelMapClass;

typedef struct
{
  const char *name;
  guint n_arguments;
  PinwheelMapClass class;
  double (*fold1) (double);
  double (*fold2) (double, double);
  const char *c_name;  /* of double; an f is added for float */
  PinwheelDType dtype; /* CAST */
} PinwheelMapFunction;

const PinwheelMapFunction *pinwheel_map_find_function (const char *name);
/* Returns: (transfer container) */
GPtrArray *pinwheel_map_function_names (void);

/* A constant. Whole numbers are Python's: without a type until they meet an array. */
__extension__ typedef __int128 PinwheelWide;

typedef struct
{
  gboolean is_float;
  PinwheelWide whole;
  double real;
} PinwheelMapNumber;

typedef enum
{
  PINWHEEL_MAP_STRONG, /* of @dtype */
  PINWHEEL_MAP_WEAK_INT,
  PINWHEEL_MAP_WEAK_FLOAT
} PinwheelMapStrength;

typedef enum
{
  PINWHEEL_MAP_TO_INPUT, /* @index of the format */
  PINWHEEL_MAP_TO_VALUE, /* @index of an earlier statement */
  PINWHEEL_MAP_TO_ARG    /* @index of args= */
} PinwheelMapReference;

#define PINWHEEL_MAP_SCALAR (-1)

typedef struct _PinwheelMapNode PinwheelMapNode;
struct _PinwheelMapNode
{
  PinwheelMapOperation operation;
  gsize offset, length; /* in the text */
  guint depth;
  PinwheelMapNode *operands[3]; /* the program owns all nodes */
  guint n_operands;
  const PinwheelMapFunction *function;
  char *name;

  /* Set by pinwheel_map_type() */
  PinwheelMapStrength strength;
  PinwheelDType dtype;
  PinwheelMapNumber number; /* where @strength is not STRONG, and of a bool NUMBER */
  int arg;                  /* index in args= where the value is just that argument, else -1 */
  int shape;                /* index in @shapes, or PINWHEEL_MAP_SCALAR */
  PinwheelMapReference reference;
  guint index;
  PinwheelDType common; /* what the operands are converted to first */
};

/* One statement */
typedef struct
{
  char *name;
  gsize offset;
  PinwheelMapNode *tree;
  gboolean is_output; /* the last one of its name, and no temporary */
} PinwheelMapValue;

typedef struct
{
  char *text;
  GPtrArray *nodes; /* (element-type PinwheelMapNode) owns them */
  GArray *values;   /* (element-type PinwheelMapValue) */
  PinwheelArgs *args;
  PinwheelFormat *input;
  GPtrArray *shapes; /* (element-type PinwheelArray): one array of each shape, the format's */
} PinwheelMapProgram;

/* Takes over nothing. Errors: PINWHEEL_ERROR_PARSE with place and caret */
PinwheelMapProgram *pinwheel_map_parse (const char *text, PinwheelArgs *args, PinwheelFormat *input,
                                        GError **error);
void pinwheel_map_free (PinwheelMapProgram *self);
/* Gives every node its type, value and shape. Errors: PINWHEEL_ERROR_FORMAT, and PARSE for names */
gboolean pinwheel_map_type (PinwheelMapProgram *self, GError **error);
/* Types of NumPy: what arrays of @a and @b become together */
PinwheelDType pinwheel_map_promote (PinwheelDType a, PinwheelDType b);

gboolean pinwheel_map_fail (PinwheelMapProgram *self, const PinwheelMapNode *node,
                            PinwheelError code, GError **error, const char *format, ...)
    G_GNUC_PRINTF (5, 6);

/* Replaces an operation on constants by its result. Returns: FALSE with @error where it has none */
gboolean pinwheel_map_fold (PinwheelMapProgram *self, PinwheelMapNode *node, GError **error);

/* Appends C for @node, converted to @dtype. */
void pinwheel_map_emit (GString *text, const PinwheelMapNode *node, PinwheelDType dtype);
const char *pinwheel_map_ctype (PinwheelDType dtype);
/* Device functions that emitted C calls */
extern const char pinwheel_map_prelude[];

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PinwheelMapProgram, pinwheel_map_free)
