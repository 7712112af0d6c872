/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "compute/host-compiler-private.h"
#include "compute/host-math-text.h"
#include "compute/host-words-text.h"

/* A part of the mathematics: compiling one takes milliseconds, so that a source gets those alone of
 * which it names a function. @stems: its names begin so, behind underscores where a stem has none;
 * @ends: and end so */
typedef struct
{
  const char *text;
  const char *stems[24];
  const char *ends[4];
} Part;

#define EXPONENTIALS "exp", "log", "pow"
#define ROUNDED                                                                                    \
  "fadd_", "fsub_", "fmul_", "fdiv_", "frcp_", "fsqrt_", "fma_", "fmaf_", "dadd_", "dsub_",        \
      "dmul_", "ddiv_", "drcp_", "dsqrt_", "double2float_", "int2float_", "uint2float_",           \
      "ll2float_", "ll2double_", "ull2float_", "ull2double_"
#define WHOLE                                                                                      \
  "float2int_", "float2uint_", "float2ll_", "float2ull_", "double2int_", "double2uint_",           \
      "double2ll_", "double2ull_", "lround", "llround", "lrint", "llrint"
#define HYPERBOLAS "sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "cbrt", "rcbrt"

/* A part stands behind those that it calls. */
static const Part parts[] = {
  { host_math_exp_text, { EXPONENTIALS, "erf", "normcdf", "cyl_bessel_i" }, { NULL } },
  { host_math_trig_text, { "sin", "cos", "tan" }, { NULL } },
  { host_math_arc_text, { "asin", "acos", "atan" }, { NULL } },
  { host_math_power_text, { HYPERBOLAS }, { NULL } },
  { host_math_erf_text, { "erf", "normcdf" }, { NULL } },
  { host_math_normal_text, { "erfcx", "erfinv", "erfcinv", "normcdf" }, { NULL } },
  { host_math_norm_text, { "hypot", "rhypot", "norm", "rnorm" }, { NULL } },
  { host_math_bessel_text, { "cyl_bessel_i" }, { NULL } },
  { host_math_libm_text,
    { "j0", "j1", "jn", "y0", "y1", "yn", "scalbn", "scalbln", "remquo", "ilogb" },
    { NULL } },
  { host_math_whole_text, { WHOLE }, { NULL } },
  { host_math_round_text, { ROUNDED }, { "_rd", "_ru", "_rz" } },
};

/* They stand behind host-shim.h. */
static const Part words[] = {
  { host_dots_text, { "__dp2a_", "__dp4a" }, { NULL } },
  { host_words_text, { "__v", "__fns" }, { NULL } },
};

const char *const pinwheel_pure_functions[] = {
#include "compute/pure-functions.h"
  NULL
};

static gboolean
begins_with_one (const char *name, const char *const *stems)
{
  const char *letters = name + strspn (name, "_");

  for (; *stems != NULL; stems++)
    if (strncmp (**stems == '_' ? name : letters, *stems, strlen (*stems)) == 0)
      return TRUE;
  return FALSE;
}

static gboolean
ends_with_one (const char *name, gsize length, const char *const *ends)
{
  for (guint i = 0; ends[i] != NULL; i++)
    if (length >= strlen (ends[i])
        && strncmp (name + length - strlen (ends[i]), ends[i], strlen (ends[i])) == 0)
      return TRUE;
  return ends[0] == NULL;
}

static gboolean
is_named (const Part *part, const PinwheelTokens *tokens)
{
  for (guint i = 0; i < tokens->n_items; i++)
    {
      const PinwheelToken *token = &tokens->items[i];
      const char *name = tokens->text + token->offset;

      if (token->kind == PINWHEEL_TOKEN_NAME && begins_with_one (name, part->stems)
          && ends_with_one (name, token->length, part->ends))
        return TRUE;
    }
  return FALSE;
}

/* Whether a function of the shim may be called as the token */
static gboolean
is_known (const PinwheelTokens *tokens, guint i)
{
  g_autofree char *name = pinwheel_token_dup (tokens, i);

  return g_strv_contains (pinwheel_pure_functions, name) || g_str_has_prefix (name, "atomic")
         || g_str_has_prefix (name, "make_") || g_str_has_prefix (name, "modf")
         || g_str_has_prefix (name, "frexp");
}

gboolean
pinwheel_host_math_is_defined (const PinwheelTokens *tokens)
{
  for (guint i = 0; i + 1 < tokens->n_items; i++)
    if (tokens->items[i].kind == PINWHEEL_TOKEN_NAME && pinwheel_token_is (tokens, i + 1, "(")
        && pinwheel_token_is (tokens, pinwheel_token_match (tokens, i + 1) + 1, "{")
        && is_known (tokens, i))
      return TRUE;
  return FALSE;
}

void
pinwheel_host_math_append (GString *text, const PinwheelTokens *tokens)
{
  static const Part hyperbolas = { NULL, { HYPERBOLAS }, { NULL } };
  gboolean with_exponentials = is_named (&hyperbolas, tokens);

  g_string_append (text, host_math_text);
  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    if ((i == 0 && with_exponentials) || is_named (&parts[i], tokens))
      g_string_append (text, parts[i].text);
}

void
pinwheel_host_words_append (GString *text, const PinwheelTokens *tokens)
{
  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    if (is_named (&words[i], tokens))
      g_string_append (text, words[i].text);
}
