/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A kernel and how each of its parameters gets its value. */
#pragma once
#include <pinwheel/kernel.h>

#include "compute/args-private.h"
#include "compute/expression-private.h"
#include "compute/signature-private.h"

typedef enum
{
  PINWHEEL_ROLE_INPUT,
  PINWHEEL_ROLE_OUTPUT,
  PINWHEEL_ROLE_IN_PLACE, /* an output that begins as the input of its name */
  PINWHEEL_ROLE_ITEMS,    /* n */
  PINWHEEL_ROLE_START,    /* start */
  PINWHEEL_ROLE_TOTAL,    /* N */
  PINWHEEL_ROLE_SCALAR    /* of args= */
} PinwheelRole;

typedef struct
{
  PinwheelRole role;
  guint input;   /* index in the input's format: INPUT, IN_PLACE */
  guint output;  /* index in the output's format: OUTPUT, IN_PLACE */
  guint64 value; /* SCALAR: its bytes, as the kernel's type */
} PinwheelBinding;

/* The kernel on one device */
typedef struct
{
  PinwheelDevice *device;     /* owned */
  PinwheelFunction *function; /* owned */
  guint block[3];
} PinwheelLoaded;

struct _PinwheelKernel
{
  GObject parent_instance;

  /* Set by pinwheel_kernel_new() and only read from then on */
  char *file, *source,
      *include_dir;             /* owned: as the spec has them, for compilers that preprocess */
  GBytes *code;                 /* (nullable) owned: compiled already, in place of @source */
  PinwheelSignature *signature; /* owned */
  PinwheelFormat *input;        /* owned */
  PinwheelFormat *output;       /* owned */
  PinwheelBinding *bindings;    /* owned; one per parameter */
  guint n_outputs;
  GArray *kept;       /* (element-type guint) owned: index in @input of each kept array */
  guint block[3];     /* where the user left it open, each device has its own */
  gboolean has_block; /* the user fixed it */
  PinwheelFpMode fp_mode;
  GCancellable *cancellable; /* (nullable) owned: ends the compiler */
  gboolean has_grid;         /* @grid holds blocks; else grid[0] holds threads in all */
  PinwheelExpression grid[3];
  char *grid_text[3];        /* owned: for messages */
  PinwheelExpression shared; /* bytes */
  char *shared_text;         /* owned: for messages */
  gboolean deterministic;

  /* Set by pinwheel_kernel_load() in the main thread, before anything is launched */
  GArray *loaded; /* (element-type PinwheelLoaded) owned: one for each device */
  char *warning;  /* owned (nullable) */
};

/* Binds every parameter and makes the output's format. @spec and @args: as the user gave them */
gboolean pinwheel_kernel_bind (PinwheelKernel *self, const PinwheelKernelSpec *spec,
                               PinwheelArgs *args, GError **error);

/* Whether there is a compiler whose code @device takes: asked where the user leaves the choice of
 * the device to us, before anything is loaded. */
gboolean pinwheel_kernel_check_compiler (PinwheelKernel *self, PinwheelDevice *device,
                                         GError **error);

/* Whether code that a user gives (PTX with a zero byte behind it, a cubin, a fat binary) is whole,
 * and has kernel @entry as far as it tells: files are hostile, and the driver asks for no size. */
gboolean pinwheel_code_check (GBytes *code, const char *file, const char *entry, GError **error);

/* A shape of outputs= */
typedef struct
{
  char *name;
  gsize offset;
  gboolean has_dtype;
  PinwheelDType dtype;
  guint n_dims;
  int chunk_axis;
  guint64 shape[PINWHEEL_MAX_DIMS];
  gboolean used;
} PinwheelOutputShape;

/* @text: (nullable): `state[51,3,*] status[*]`, a dtype behind a colon allowed.
 * Returns: (transfer full) (element-type PinwheelOutputShape) */
GArray *pinwheel_outputs_parse (const char *text, GError **error);
PinwheelOutputShape *pinwheel_outputs_find (GArray *shapes, const char *name);
