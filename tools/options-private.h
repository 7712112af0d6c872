/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
#include <pinwheel/pipeline.h>

/* What pinwheel-launch was asked for. */
typedef struct
{
  char *file;  /* (nullable): where the description stands; "-" is standard input */
  GStrv words; /* the words of the description */
  GStrv sets;  /* (nullable): --set: "map0.expr=y = x", "chunk=100" */
  GPtrArray
      *settings; /* of "NAME=VALUE": properties of the pipeline, from options of their names */
  char *arch;    /* (nullable): CUDA architecture to compile for, with compile_only */
  gboolean plan, compile_only, stats, verbose, quiet, version;
  char *help; /* (nullable): what --help asked for */
} Options;

/* Returns: FALSE with @error for a mistake in the options */
gboolean options_parse (Options *self, int argc, char **argv, GError **error);
void options_clear (Options *self);

/* Returns: (transfer full) (nullable): the description; @name: (out) (transfer none) (nullable):
 * what messages call it */
char *options_read_text (const Options *self, const char **name, GError **error);

/* Sets what --set and the options of the pipeline say. */
gboolean options_apply (const Options *self, PinwheelPipeline *pipeline, GError **error);
