/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Device functions in which threads wait for each other: what lower-callee.c reads of them, for
 * lower-calls.c, which puts their bodies in the place of calls. */
#pragma once
#include "compute/lower-private.h"

typedef struct
{
  char *name;
  GArray *type; /* (element-type PinwheelLowerToken): without the name; an array is a pointer */
  gboolean is_pointer, is_reference;
} PinwheelLowerParameter;

typedef struct
{
  char *name;
  char *type_parameter; /* (nullable): T of `template <class T>` */
  GArray *type;         /* (element-type PinwheelLowerToken): of the result; empty for void */
  GPtrArray *parameters;
  GArray *body;       /* (element-type PinwheelLowerToken): within its braces */
  gboolean is_simple; /* nothing about it but the body may be in the way */
  gboolean waits;     /* threads wait for each other in it, or in what it calls */
  gboolean has_thread_index;
} PinwheelLowerCallee;

typedef struct
{
  PinwheelLower *lower;
  GPtrArray *callees; /* (element-type PinwheelLowerCallee) */
  GArray *out;        /* (element-type PinwheelLowerToken) */
  GArray *shared;     /* (element-type PinwheelLowerToken): shared memory of functions, declared in
                         front of all else: every call of one has the same */
  GHashTable *types;  /* name -> GArray of tokens: of variables declared so far, without const */
  GHashTable *own;    /* name -> any: of all variables of the kernel */
  GHashTable *instances; /* `f` or `f<int>` -> its number, from 1 on */
  guint n_calls;
  guint depth;   /* of functions within functions */
  guint nesting; /* of statements and calls: the walks recurse */
  gboolean has_failed;
} PinwheelLowerInliner;

/* Tokens in which names mean something else: those of a function while it is put in */
typedef struct
{
  const PinwheelLowerToken *tokens;
  guint n;
  GHashTable *names;                /* (nullable): name -> GArray of tokens */
  const PinwheelLowerToken *result; /* (nullable): where a returned value goes */
  gboolean is_callee;
  gboolean is_again; /* and not the first call of it: its shared memory is declared */
} PinwheelLowerText;

/* Returns: (transfer full) (element-type PinwheelLowerCallee): the functions of the file */
GPtrArray *pinwheel_lower_read_callees (PinwheelLower *self);
/* Length of the tokens that begin a declaration at @i, up to the name that is declared, or 0 where
 * none begins there */
guint pinwheel_lower_declaration_length (const PinwheelLowerToken *tokens, guint n, guint i);
gboolean pinwheel_lower_token_is_one (const PinwheelLowerToken *token, const char *const *words);
/* Token that closes the bracket at @i, or @n */
guint pinwheel_lower_token_close (const PinwheelLowerToken *tokens, guint n, guint i);
/* Token in [@i, @end) outside of brackets that is one of @words, or @end */
guint pinwheel_lower_token_find (const PinwheelLowerToken *tokens, guint end, guint i,
                                 const char *const *words);

/* lower-call-names.c */
GArray *pinwheel_lower_new_tokens (void);
/* @text: (transfer full): lives as long as the lowering */
PinwheelLowerToken pinwheel_lower_make_token (PinwheelLowerInliner *self, PinwheelTokenKind kind,
                                              const PinwheelToken *place, char *text);
void pinwheel_lower_add_word (PinwheelLowerInliner *self, GArray *out, const PinwheelToken *place,
                              const char *text);
const PinwheelLowerToken *pinwheel_lower_get_tokens (const GArray *tokens);
gboolean pinwheel_lower_is_member (const PinwheelLowerText *text, guint i);
/* Copies tokens of @text, with what its names stand for. */
void pinwheel_lower_copy_named (const PinwheelLowerText *text, guint from, guint end, GArray *out);
/* Gives each of the @n variables that @tokens declare a name that nothing else has: that of the
 * call number @id, or for shared memory of the function's instance. */
void pinwheel_lower_rename_variables (PinwheelLowerInliner *self, const PinwheelLowerToken *tokens,
                                      guint n, GHashTable *names, guint id, guint instance);
/* Whether the first words of a declaration, @length of them, are of shared memory */
gboolean pinwheel_lower_is_shared (const PinwheelLowerToken *tokens, guint length);
/* Remembers the type of what is declared at @i of @text. */
void pinwheel_lower_note_type (PinwheelLowerInliner *self, const PinwheelLowerText *text, guint i,
                               guint length);
void pinwheel_lower_note_parameters (PinwheelLowerInliner *self);
/* The type of the expression @tokens: of a variable, or of an element of what is at a pointer.
 * Returns: (transfer full) (nullable): where that is not known */
GArray *pinwheel_lower_find_type (const PinwheelLowerInliner *self, const GArray *tokens);
