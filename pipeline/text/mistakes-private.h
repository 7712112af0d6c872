/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The mistakes of one text, gathered so that they are all told at once. */
#pragma once
#include <pinwheel/error.h>

/* bytes [start, end) of the text */
typedef struct
{
  gsize start, end;
} PinwheelSpan;

/* Used by one thread, on its stack. */
typedef struct
{
  const char *text; /* borrowed */
  const char *file; /* borrowed: name of the text in messages */
  GArray *list;     /* owned: the first mistakes that were added */
  guint n_more;     /* further ones, counted only */
} PinwheelMistakes;

/* @file: (nullable) */
void pinwheel_mistakes_init (PinwheelMistakes *self, const char *text, const char *file);
void pinwheel_mistakes_clear (PinwheelMistakes *self);
void pinwheel_mistakes_add (PinwheelMistakes *self, PinwheelSpan at, const char *format, ...)
    G_GNUC_PRINTF (3, 4);
/* Returns: TRUE where there are none; else FALSE with a PINWHEEL_ERROR_PARSE that holds all of
 * them, in the order of the text, each with file:line:column, the line and a caret */
gboolean pinwheel_mistakes_report (PinwheelMistakes *self, GError **error);

/* Line and column of a byte, both from 1; columns count characters. */
void pinwheel_text_locate (const char *text, gsize offset, guint *line, guint *column);
