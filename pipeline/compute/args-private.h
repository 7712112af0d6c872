/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* `dt=0.001 steps=1000 verbose=true`: scalars by name. */
#pragma once
#include <pinwheel/dtype.h>
#include <pinwheel/error.h>

typedef enum
{
  PINWHEEL_ARG_BOOL,
  PINWHEEL_ARG_INT,
  PINWHEEL_ARG_FLOAT
} PinwheelArgKind;

typedef struct
{
  char *name;
  char *value;  /* as written */
  gsize offset; /* of the name in the text */
  PinwheelArgKind kind;
  gboolean negative;
  guint64 magnitude; /* of a bool or int */
  double real;       /* of all kinds */
  gboolean used;
} PinwheelArg;

typedef struct
{
  char *text;
  GArray *items; /* (element-type PinwheelArg) */
} PinwheelArgs;

/* @text: (nullable): NULL has no arguments; @code: of the errors */
PinwheelArgs *pinwheel_args_new (const char *text, PinwheelError code, GError **error);
void pinwheel_args_free (PinwheelArgs *self);
PinwheelArg *pinwheel_args_find (PinwheelArgs *self, const char *name);
/* Returns: (transfer container): their names, owned by @self */
GPtrArray *pinwheel_args_names (PinwheelArgs *self);
/* FALSE with @error for the first that nobody used; @what lists what could be given: `scalars` */
gboolean pinwheel_args_check_used (PinwheelArgs *self, PinwheelError code, const char *what,
                                   const GPtrArray *names, GError **error);
/* Whether the whole number fits @dtype, an integer type or bool */
gboolean pinwheel_integer_fits (PinwheelDType dtype, gboolean negative, guint64 magnitude);
/* Writes @arg as a @dtype to @value (8 bytes). @who: begins the message: `kernel 'k': 'dt'` */
gboolean pinwheel_arg_store (PinwheelArgs *self, const PinwheelArg *arg, PinwheelDType dtype,
                             const char *who, gpointer value, GError **error);
/* Writes a whole number that fits. */
void pinwheel_integer_store (PinwheelDType dtype, gboolean negative, guint64 magnitude,
                             gpointer value);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PinwheelArgs, pinwheel_args_free)
