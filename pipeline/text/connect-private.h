/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
#include <pinwheel/element.h>

#include "text/ast-private.h"

/* What a node of the tree became. */
typedef struct
{
  const PinwheelAstNode *node; /* borrowed from the tree */
  PinwheelElement *element;    /* borrowed from the pipeline; NULL where a mistake was told */
} PinwheelEnd;

/* Links pads as @ast says. @ends: one per node of @ast */
void pinwheel_ast_connect (const PinwheelAst *ast, const PinwheelEnd *ends,
                           PinwheelMistakes *mistakes);
