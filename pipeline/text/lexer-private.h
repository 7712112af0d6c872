/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
#include "text/mistakes-private.h"

typedef enum
{
  PINWHEEL_TOKEN_WORD,     /* an element, a reference, a format */
  PINWHEEL_TOKEN_PROPERTY, /* key=value */
  PINWHEEL_TOKEN_LINK,     /* ! */
  PINWHEEL_TOKEN_END
} PinwheelTokenKind;

typedef struct
{
  PinwheelTokenKind kind;
  PinwheelSpan span;  /* all of it, with its quotes */
  PinwheelSpan value; /* PROPERTY: what stands behind the = */
  char *text;       /* owned: WORD: without quotes and backslashes; PROPERTY: the key; else NULL */
  char *value_text; /* owned: PROPERTY: without quotes and backslashes; else NULL */
  gboolean is_broken; /* a mistake within it was told */
} PinwheelToken;

/* Returns: (transfer full) (element-type PinwheelToken): all tokens, the last one is the END */
GArray *pinwheel_lex (const char *text, PinwheelMistakes *mistakes);

/* Appends @text so that it is read as one value with exactly these characters. */
void pinwheel_text_append_value (GString *out, const char *text);

/* Returns: length of the key where @text begins with `key=`, else 0 */
gsize pinwheel_text_key_length (const char *text);
