/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
#include <pinwheel/pipeline.h>

#include "text/ast-private.h"

/* Makes and links the elements that @ast names; adds a mistake for all that cannot be done.
 *
 * Returns: (transfer full): a pipeline, whole only where there are no mistakes */
PinwheelPipeline *pinwheel_ast_build (const PinwheelAst *ast, PinwheelMistakes *mistakes);
