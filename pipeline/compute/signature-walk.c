/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "compute/signature-private.h"

/* What the walk over the top level of a source keeps. */
typedef struct
{
  const PinwheelTokens *tokens;
  PinwheelTypedefs *typedefs;
  GArray *kernels;   /* (element-type PinwheelKernelText) */
  GPtrArray *scopes; /* (nullable elements): name of each open brace's namespace, or NULL */
  gboolean is_template;
  char *threads; /* of the pragma that waits for its kernel */
} Walk;

static void
clear_kernel (gpointer data)
{
  PinwheelKernelText *kernel = data;

  g_free (kernel->name);
  g_free (kernel->qualified);
  g_free (kernel->threads);
}

static gboolean
is_attribute (const PinwheelTokens *tokens, guint i)
{
  static const char *const names[] = { "__launch_bounds__", "__attribute__",  "__cluster_dims__",
                                       "__maxnreg__",       "__block_size__", "alignas" };

  for (guint k = 0; k < G_N_ELEMENTS (names); k++)
    if (pinwheel_token_is (tokens, i, names[k]))
      return TRUE;
  return FALSE;
}

static char *
qualify (Walk *walk, const char *name)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < walk->scopes->len; i++)
    if (g_ptr_array_index (walk->scopes, i) != NULL)
      g_string_append_printf (text, "%s::", (const char *) g_ptr_array_index (walk->scopes, i));
  g_string_append (text, name);
  return g_string_free (text, FALSE);
}

/* Reads the function whose __global__ is token @at. Returns: the token to go on with */
static guint
read_kernel (Walk *walk, guint at)
{
  const PinwheelTokens *tokens = walk->tokens;
  PinwheelKernelText kernel = { .at = at, .is_template = walk->is_template };
  guint i = at + 1, name = 0;

  kernel.is_void = at > 0 && pinwheel_token_is (tokens, at - 1, "void");
  for (; i < tokens->n_items && !pinwheel_token_is (tokens, i, "("); i++)
    {
      if (strchr (";{}", tokens->text[tokens->items[i].offset]) != NULL
          || pinwheel_token_is (tokens, i, "__global__"))
        return i;
      if (pinwheel_token_is (tokens, i, "void"))
        kernel.is_void = TRUE;
      else if (is_attribute (tokens, i) && pinwheel_token_is (tokens, i + 1, "("))
        i = pinwheel_token_match (tokens, i + 1);
      else if (tokens->items[i].kind == PINWHEEL_TOKEN_NAME)
        name = i;
    }
  if (i >= tokens->n_items || name == 0)
    return i;
  kernel.open = i;
  kernel.close = pinwheel_token_match (tokens, i);
  for (i = kernel.close + 1; i < tokens->n_items && !pinwheel_token_is (tokens, i, "{"); i++)
    if (pinwheel_token_is (tokens, i, ";"))
      break;
  if (i >= tokens->n_items)
    return tokens->n_items;
  if (pinwheel_token_is (tokens, i, "{"))
    {
      kernel.body_open = i;
      kernel.body_close = i = MIN (pinwheel_token_match (tokens, i), tokens->n_items - 1);
      kernel.threads = g_steal_pointer (&walk->threads);
    }
  kernel.name = pinwheel_token_dup (tokens, name);
  kernel.qualified = qualify (walk, kernel.name);
  g_array_append_val (walk->kernels, kernel);
  walk->is_template = FALSE;
  return i + 1;
}

/* Remembers the expression of `#pragma pinwheel threads(...)`. */
static void
read_pragma (Walk *walk, guint i)
{
  const PinwheelToken *token = &walk->tokens->items[i];
  const char *p = walk->tokens->text + token->offset, *end = p + token->length;
  static const char *const words[] = { "#", "pragma", "pinwheel", "threads", "(" };

  for (guint k = 0; k < G_N_ELEMENTS (words); k++)
    {
      while (p < end && g_ascii_isspace (*p))
        p++;
      if ((gsize) (end - p) < strlen (words[k]) || !g_str_has_prefix (p, words[k]))
        return;
      p += strlen (words[k]);
    }
  while (end > p && end[-1] != ')')
    end--;
  if (end == p)
    return;
  g_free (walk->threads);
  walk->threads = g_strndup (p, (gsize) (end - 1 - p));
}

/* Opens a brace: of `namespace A::B {` under that name, of anything else without one. */
static void
open_scope (Walk *walk, guint i)
{
  const PinwheelTokens *tokens = walk->tokens;
  g_autoptr (GString) name = NULL;
  guint from = i;

  while (from > 0 && i - from < 16
         && (tokens->items[from - 1].kind == PINWHEEL_TOKEN_NAME
             || pinwheel_token_is (tokens, from - 1, ":"))
         && !pinwheel_token_is (tokens, from, "namespace"))
    from--;
  if (pinwheel_token_is (tokens, from, "namespace") && from + 1 < i)
    {
      gsize offset = tokens->items[from + 1].offset;

      name = g_string_new_len (
          tokens->text + offset,
          (gssize) (tokens->items[i - 1].offset + tokens->items[i - 1].length - offset));
    }
  g_ptr_array_add (walk->scopes, name != NULL ? g_strdup (name->str) : NULL);
}

static void
walk_source (Walk *walk)
{
  const PinwheelTokens *tokens = walk->tokens;
  guint i = 0;

  while (i < tokens->n_items)
    {
      if (tokens->items[i].kind == PINWHEEL_TOKEN_DIRECTIVE)
        read_pragma (walk, i);
      else if (pinwheel_token_is (tokens, i, "__global__"))
        {
          i = read_kernel (walk, i);
          continue;
        }
      else if (pinwheel_token_is (tokens, i, "typedef") || pinwheel_token_is (tokens, i, "using"))
        i = pinwheel_ctype_read_typedef (tokens, walk->typedefs, i);
      else if (pinwheel_token_is (tokens, i, "template"))
        walk->is_template = TRUE;
      else if (pinwheel_token_is (tokens, i, "{"))
        {
          open_scope (walk, i);
          walk->is_template = FALSE;
        }
      else if (pinwheel_token_is (tokens, i, "}"))
        {
          if (walk->scopes->len > 0)
            g_ptr_array_remove_index (walk->scopes, walk->scopes->len - 1);
          walk->is_template = FALSE;
        }
      else if (pinwheel_token_is (tokens, i, ";"))
        walk->is_template = FALSE;
      i++;
    }
}

GArray *
pinwheel_kernels_find (const PinwheelTokens *tokens, PinwheelTypedefs *typedefs)
{
  Walk walk = { .tokens = tokens, .typedefs = typedefs };

  walk.kernels = g_array_new (FALSE, FALSE, sizeof (PinwheelKernelText));
  g_array_set_clear_func (walk.kernels, clear_kernel);
  walk.scopes = g_ptr_array_new_with_free_func (g_free);
  walk_source (&walk);
  g_ptr_array_unref (walk.scopes);
  g_free (walk.threads);
  return walk.kernels;
}
