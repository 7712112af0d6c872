/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "compute/host-compiler-private.h"
#include "compute/host-math-text.h"

/* A part of the mathematics: compiling one takes milliseconds, so that a source gets those alone of
 * which it names a function. @stems: its names begin so, behind underscores */
typedef struct
{
  const char *text;
  const char *stems[12];
} Part;

#define EXPONENTIALS "exp", "log", "pow"
#define HYPERBOLAS   "sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "cbrt", "rcbrt", "hypot"

/* A part stands behind those that it calls. */
static const Part parts[] = {
  { host_math_exp_text, { EXPONENTIALS, "erf" } },
  { host_math_trig_text, { "sin", "cos", "tan" } },
  { host_math_arc_text, { "asin", "acos", "atan" } },
  { host_math_power_text, { HYPERBOLAS } },
  { host_math_erf_text, { "erf" } },
};

static gboolean
names_one_of (const PinwheelTokens *tokens, const char *const *stems)
{
  for (guint i = 0; i < tokens->n_items; i++)
    {
      const char *name = tokens->text + tokens->items[i].offset;

      if (tokens->items[i].kind != PINWHEEL_TOKEN_NAME)
        continue;
      name += strspn (name, "_");
      for (guint k = 0; stems[k] != NULL; k++)
        if (strncmp (name, stems[k], strlen (stems[k])) == 0)
          return TRUE;
    }
  return FALSE;
}

void
pinwheel_host_math_append (GString *text, const PinwheelTokens *tokens)
{
  static const char *const hyperbolas[] = { HYPERBOLAS, NULL };
  gboolean with_exponentials = names_one_of (tokens, hyperbolas);

  g_string_append (text, host_math_text);
  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    if ((i == 0 && with_exponentials) || names_one_of (tokens, parts[i].stems))
      g_string_append (text, parts[i].text);
}
