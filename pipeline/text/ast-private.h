/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a description says, before any element is made. */
#pragma once
#include "text/mistakes-private.h"

typedef struct
{
  PinwheelSpan key, value;
  char *name; /* owned */
  char *text; /* owned: the value without quotes */
} PinwheelAstProperty;

typedef enum
{
  PINWHEEL_AST_ELEMENT,   /* `npysrc name=in location=in.npy` */
  PINWHEEL_AST_REFERENCE, /* `t.`, `t.src_1` */
  PINWHEEL_AST_BROKEN     /* a mistake was told; keeps the place in its chain */
} PinwheelAstKind;

typedef struct
{
  PinwheelAstKind kind;
  PinwheelSpan span;      /* the word that begins it */
  PinwheelSpan name_span; /* where the name stands */
  char *type;             /* owned: ELEMENT: its type; else NULL */
  char *name;             /* owned: ELEMENT: its name, or NULL; REFERENCE: the name referred to */
  char *pad;              /* owned: REFERENCE: name of the pad, or NULL */
  GArray *properties;     /* owned: of PinwheelAstProperty */
} PinwheelAstNode;

typedef struct
{
  guint from, to;    /* indices into nodes */
  PinwheelSpan span; /* the (first) `!` */
  PinwheelSpan format_span;
  char *format; /* owned: what must flow here, or NULL */
} PinwheelAstLink;

typedef struct
{
  GPtrArray *nodes; /* owned: of PinwheelAstNode, in the order of the text */
  GArray *links;    /* owned: of PinwheelAstLink, in the order of the text */
} PinwheelAst;

/* Goes on after a mistake, with what can be made of the rest. Returns: (transfer full) */
PinwheelAst *pinwheel_ast_parse (const char *text, PinwheelMistakes *mistakes);
void pinwheel_ast_free (PinwheelAst *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PinwheelAst, pinwheel_ast_free)
