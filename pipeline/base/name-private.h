/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Names of elements, of their instances and of pads: what a description can carry. */
#pragma once
#include <glib.h>
#include <string.h>

#define PINWHEEL_NAME_RULE "a name has only letters, digits, - and _"

/* @length: of the part of @text that is asked about */
static inline gboolean
pinwheel_is_name (const char *text, gsize length)
{
  return length > 0 && strspn (text, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "_-") >= length;
}

/* Of a class: one that begins like an option would be taken for one. */
static inline gboolean
pinwheel_is_type_name (const char *text)
{
  return text[0] != '-' && pinwheel_is_name (text, strlen (text));
}
