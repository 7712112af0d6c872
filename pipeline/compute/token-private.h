/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* CUDA C cut into tokens: enough to find and read declarations, not to compile. Never fails: what
 * is not closed ends with its line or the text, and the compiler says so better. */
#pragma once
#include <glib.h>

typedef enum
{
  PINWHEEL_TOKEN_END,
  PINWHEEL_TOKEN_NAME,
  PINWHEEL_TOKEN_NUMBER,
  PINWHEEL_TOKEN_STRING,
  PINWHEEL_TOKEN_CHARACTER,
  PINWHEEL_TOKEN_PUNCTUATOR, /* one character each */
  PINWHEEL_TOKEN_DIRECTIVE   /* from # to the end of the line, line markers left out */
} PinwheelTokenKind;

/* @file and @line follow `# 12 "file"` markers; columns count bytes from 1. */
typedef struct
{
  PinwheelTokenKind kind;
  gsize offset, length;
  const char *file;
  guint line, column;
} PinwheelToken;

/* @items: ends with one of kind END, not counted in @n_items; @files owns the tokens' file names;
 * @needs_preprocessor: whether the text means nothing certain before the preprocessor has run. */
typedef struct
{
  char *text;
  PinwheelToken *items;
  guint n_items;
  GPtrArray *files;
  gboolean needs_preprocessor;
} PinwheelTokens;

PinwheelTokens *pinwheel_tokens_new (const char *file, const char *text);
void pinwheel_tokens_free (PinwheelTokens *self);

gboolean pinwheel_token_is (const PinwheelTokens *self, guint i, const char *text);
char *pinwheel_token_dup (const PinwheelTokens *self, guint i);
/* Index of the bracket that closes the one at @i, or n_items */
guint pinwheel_token_match (const PinwheelTokens *self, guint i);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PinwheelTokens, pinwheel_tokens_free)
