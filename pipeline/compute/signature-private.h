/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a CUDA C source says about one of its kernels, read without a compiler. */
#pragma once
#include <pinwheel/dtype.h>

#include "compute/token-private.h"

/* A number's type, or a pointer to numbers */
typedef struct
{
  PinwheelDType dtype;
  gboolean is_pointer;
  gboolean is_const;    /* what it points to, or the value */
  const char *spelling; /* static: canonical C without const: `unsigned int`, `float2` */
} PinwheelCType;

/* name -> PinwheelCType of the typedefs seen so far */
typedef GHashTable PinwheelTypedefs;

/* Reads the type at token @i, ending before @end at the latest. @next: the token behind it.
 * Returns: FALSE where it is not a type of numbers */
gboolean pinwheel_ctype_read (const PinwheelTokens *tokens, PinwheelTypedefs *typedefs, guint i,
                              guint end, PinwheelCType *type, guint *next);
/* Learns from the `typedef` or `using` at token @i. Returns: the token behind its `;` */
guint pinwheel_ctype_read_typedef (const PinwheelTokens *tokens, PinwheelTypedefs *typedefs,
                                   guint i);
PinwheelTypedefs *pinwheel_typedefs_new (void);
/* Returns: (transfer full): `const float *` */
char *pinwheel_ctype_to_string (const PinwheelCType *type);

/* A __global__ function as found; token indices, body_open is 0 for a declaration. */
typedef struct
{
  char *name;
  char *qualified;
  guint at;
  guint open, close;
  guint body_open, body_close;
  gboolean is_template;
  gboolean is_void;
  char *threads; /* (nullable): of the pragma before it */
} PinwheelKernelText;

/* A function's definition as token indices: where its declaration begins, the bracket of its
 * parameters behind its name, and its body's braces */
typedef struct
{
  guint begin;
  guint open;
  guint body_open, body_close;
} PinwheelFunctionText;

/* Walks over the top level of a source, and learns its typedefs on the way.
 * Returns: (element-type PinwheelKernelText) (transfer full) */
GArray *pinwheel_kernels_find (const PinwheelTokens *tokens, PinwheelTypedefs *typedefs);

typedef struct
{
  char *name;
  PinwheelCType type;
  const char *file; /* the signature's tokens own it */
  guint line, column;
} PinwheelParameter;

/* One change that makes the source a host function, @remove bytes at @offset: new parameters for a
 * parameter list, @text, or blanks. Sorted by offset. */
typedef struct
{
  gsize offset, remove;
  char *text; /* (nullable): owned */
  gboolean insert;
  gboolean empty_list; /* no other parameter follows */
  const char *file;
  guint line, column;
} PinwheelEdit;

/* Something that a device may refuse: @what as a clause, @word as the source has it. Or a place
 * where a thread may wait for others: @what as a noun */
typedef struct
{
  const char *what; /* static */
  char *word;
  guint at; /* its token */
  const char *file;
  guint line, column;
} PinwheelRefusal;

typedef struct
{
  PinwheelTokens *tokens;
  char *name;      /* as written */
  char *qualified; /* with its namespaces */
  const char *file;
  guint line, column;
  guint body_open, body_close; /* tokens */
  GArray *parameters;          /* (element-type PinwheelParameter) */
  GArray *edits;               /* (element-type PinwheelEdit) */
  GArray *refusals;        /* (element-type PinwheelRefusal): in the entry or in what it may call */
  GArray *waits;           /* (element-type PinwheelRefusal): likewise */
  gboolean threads_meet;   /* threads of a block share memory, or use atomics */
  gboolean private_arrays; /* inside of functions or structs */
  gboolean dynamic_shared; /* there is shared memory whose size the launch says */
  gboolean as_fibers;      /* of its user: wants fibers also where there is a faster way */
  gboolean thread_index_outside; /* threadIdx is used outside of kernels */
  GArray *own_uses; /* (element-type guint): tokens outside of kernels that reach what each thread
     of the processor has of its own: indices, the size of the grid, shared memory */
  char *threads;    /* (nullable): of `#pragma pinwheel threads(...)` */
} PinwheelSignature;

/*
 * @file: name for messages
 * @entry: (nullable): name of the kernel; NULL where there is only one
 *
 * Errors: PINWHEEL_ERROR_KERNEL with file, line, column and the kernels that there are. What a
 * device cannot do is noted, not refused.
 */
PinwheelSignature *pinwheel_signature_new (const char *file, const char *source, const char *entry,
                                           GError **error);
void pinwheel_signature_free (PinwheelSignature *self);
const PinwheelParameter *pinwheel_signature_parameter (const PinwheelSignature *self, guint i);

/* Whether there is a place between tokens @from and @to where a thread may wait for others */
gboolean pinwheel_signature_waits (const PinwheelSignature *self, guint from, guint to);

/* Notes what stands between tokens @from and @to that not every device can do, or not at once.
 * @in_entry: whether they are the entry's own */
void pinwheel_signature_scan (PinwheelSignature *self, guint from, guint to, gboolean in_entry);
GArray *pinwheel_refusals_new (void);
/* The next function that is defined in tokens [@from, @end), within namespaces and types as well,
 * but no constant expression. Returns: FALSE where there is none */
gboolean pinwheel_function_next (const PinwheelTokens *tokens, guint from, guint end,
                                 PinwheelFunctionText *function);
/* The function in whose body token @i is. Returns: FALSE where it is in none */
gboolean pinwheel_function_find (const PinwheelTokens *tokens, guint i,
                                 PinwheelFunctionText *function);
/* Takes the bodies of functions that @entry cannot come to out of the source and the tokens.
 * @kernels: (element-type PinwheelKernelText) */
void pinwheel_signature_forget_others (PinwheelSignature *self, GArray *kernels,
                                       const PinwheelKernelText *entry);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PinwheelSignature, pinwheel_signature_free)
