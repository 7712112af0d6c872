/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which functions of a source its kernel may come to, by their names alone. The others lose their
 * bodies: what they wait for, or what a device refuses in them, is none of this kernel's business.
 */
#include "config.h"

#include "compute/signature-private.h"

/* A function's definition, as token indices */
typedef struct
{
  guint name;
  guint open, close; /* its body's braces */
  gboolean is_reached;
} Function;

typedef struct
{
  PinwheelTokens *tokens;
  GArray *functions; /* (element-type Function): in the order of the source */
  GHashTable
      *chains;   /* name -> GArray of guint: numbers of functions; taken out when it is reached */
  GArray *queue; /* (element-type guint): numbers of functions whose bodies are to be read */
} Reach;

/* Whether the name at token @i, with its parameters behind it, is a function's: not of what else
 * comes with brackets in front of a brace, and not the last one in a constructor's list of members.
 */
static gboolean
is_function_name (const PinwheelTokens *tokens, guint i)
{
  static const char *const others[] = { "__align__",         "__attribute__", "__cluster_dims__",
                                        "__launch_bounds__", "__declspec",    "__maxnreg__",
                                        "alignas",           "decltype",      "explicit",
                                        "noexcept",          "requires",      "throw" };

  if (tokens->items[i].kind != PINWHEEL_TOKEN_NAME || i == 0)
    return FALSE;
  for (guint k = 0; k < G_N_ELEMENTS (others); k++)
    if (pinwheel_token_is (tokens, i, others[k]))
      return FALSE;
  if (pinwheel_token_is (tokens, i - 1, "operator") || pinwheel_token_is (tokens, i - 1, ","))
    return FALSE;
  return !pinwheel_token_is (tokens, i - 1, ":")
         || (i > 1 && pinwheel_token_is (tokens, i - 2, ":"));
}

/* Whether the `{` at token @i begins a function's body; its parameters' brackets are from @open to
 * @close.
 * @begin: where the declaration begins. A constant expression must keep its body. */
static gboolean
is_body (const PinwheelTokens *tokens, guint i, guint begin, guint open, guint close)
{
  static const char *const behind[] = { "const", "noexcept", "override", "final", "volatile" };

  for (guint k = close + 1; k < i; k++)
    {
      gboolean is_known = FALSE;

      for (guint w = 0; w < G_N_ELEMENTS (behind); w++)
        is_known |= pinwheel_token_is (tokens, k, behind[w]);
      if (!is_known)
        return FALSE;
    }
  for (guint k = begin; k < open; k++)
    if (pinwheel_token_is (tokens, k, "constexpr") || pinwheel_token_is (tokens, k, "consteval"))
      return FALSE;
  return open > begin && close < i && is_function_name (tokens, open - 1);
}

gboolean
pinwheel_function_next (const PinwheelTokens *tokens, guint from, guint end,
                        PinwheelFunctionText *function)
{
  guint begin = from, open = 0, close = 0;

  for (guint i = from; i < end; i++)
    if (pinwheel_token_is (tokens, i, "("))
      {
        open = i;
        close = i = pinwheel_token_match (tokens, i);
      }
    else if (pinwheel_token_is (tokens, i, "{") && open >= begin
             && is_body (tokens, i, begin, open, close))
      {
        *function = (PinwheelFunctionText){ begin, open, i, pinwheel_token_match (tokens, i) };
        return function->body_close < end;
      }
    else if (pinwheel_token_is (tokens, i, "{") || pinwheel_token_is (tokens, i, "}")
             || pinwheel_token_is (tokens, i, ";")
             || tokens->items[i].kind == PINWHEEL_TOKEN_DIRECTIVE)
      begin = i + 1;
  return FALSE;
}

gboolean
pinwheel_function_find (const PinwheelTokens *tokens, guint i, PinwheelFunctionText *function)
{
  guint from = 0;

  while (pinwheel_function_next (tokens, from, tokens->n_items, function)
         && function->body_open < i)
    {
      if (function->body_close > i)
        return TRUE;
      from = function->body_close + 1;
    }
  return FALSE;
}

static void
add_function (Reach *self, guint name, guint open, guint close)
{
  Function function = { name, open, close, FALSE };
  char *text = pinwheel_token_dup (self->tokens, name);
  GArray *chain = g_hash_table_lookup (self->chains, text);
  guint number = self->functions->len;

  g_array_append_val (self->functions, function);
  if (chain == NULL)
    {
      chain = g_array_new (FALSE, FALSE, sizeof (guint));
      g_hash_table_insert (self->chains, text, chain);
    }
  else
    g_free (text);
  g_array_append_val (chain, number);
}

/* Between tokens @from and @end, where no kernel's body is */
static void
find_functions (Reach *self, guint from, guint end)
{
  PinwheelFunctionText function;

  for (; pinwheel_function_next (self->tokens, from, end, &function);
       from = function.body_close + 1)
    add_function (self, function.open - 1, function.body_open, function.body_close);
}

/* The names between tokens @from and @to are reached. */
static void
reach (Reach *self, guint from, guint to)
{
  for (guint i = from; i < to; i++)
    {
      g_autofree char *name = NULL;
      GArray *chain;

      if (self->tokens->items[i].kind != PINWHEEL_TOKEN_NAME)
        continue;
      name = pinwheel_token_dup (self->tokens, i);
      chain = g_hash_table_lookup (self->chains, name);
      if (chain == NULL)
        continue;
      g_array_append_vals (self->queue, chain->data, chain->len);
      g_hash_table_remove (self->chains, name);
    }
}

/* What stands outside of functions, but for their own names, and of kernels other than @entry */
static void
reach_outside (Reach *self, GArray *kernels, const PinwheelKernelText *entry)
{
  guint from = 0, k = 0, f = 0;

  while (from < self->tokens->n_items)
    {
      const PinwheelKernelText *kernel = NULL;
      const Function *function = NULL;

      if (k < kernels->len)
        kernel = &g_array_index (kernels, PinwheelKernelText, k);
      if (f < self->functions->len)
        function = &g_array_index (self->functions, Function, f);
      if (kernel != NULL && kernel->body_open == 0)
        k++;
      else if (kernel != NULL && (function == NULL || kernel->at < function->name))
        {
          reach (self, from, kernel == entry ? kernel->body_close : kernel->at);
          from = kernel->body_close + 1;
          k++;
        }
      else if (function != NULL)
        {
          reach (self, from, function->name);
          reach (self, function->name + 1, function->open);
          from = function->close + 1;
          f++;
        }
      else
        {
          reach (self, from, self->tokens->n_items);
          return;
        }
    }
}

/* Its tokens mean nothing from now on, and the compiler sees blanks. */
static void
forget_body (PinwheelSignature *self, const Function *function)
{
  PinwheelToken *items = self->tokens->items;
  gsize start = items[function->open].offset + 1;
  PinwheelEdit edit = { .offset = start, .remove = items[function->close].offset - start };

  g_array_append_val (self->edits, edit);
  for (guint i = function->open + 1; i < function->close; i++)
    items[i].kind = PINWHEEL_TOKEN_STRING;
}

void
pinwheel_signature_forget_others (PinwheelSignature *self, GArray *kernels,
                                  const PinwheelKernelText *entry)
{
  g_autoptr (GArray) functions = g_array_new (FALSE, FALSE, sizeof (Function));
  g_autoptr (GArray) queue = g_array_new (FALSE, FALSE, sizeof (guint));
  g_autoptr (GHashTable) chains = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                                         (GDestroyNotify) g_array_unref);
  Reach found = { self->tokens, functions, chains, queue };
  guint from = 0;

  for (guint i = 0; i < kernels->len; i++)
    {
      const PinwheelKernelText *kernel = &g_array_index (kernels, PinwheelKernelText, i);

      if (kernel->body_open == 0)
        continue;
      find_functions (&found, from, kernel->at);
      from = kernel->body_close + 1;
    }
  find_functions (&found, from, self->tokens->n_items);
  reach_outside (&found, kernels, entry);
  for (guint i = 0; i < queue->len; i++)
    {
      Function *function = &g_array_index (functions, Function, g_array_index (queue, guint, i));

      function->is_reached = TRUE;
      reach (&found, function->open, function->close);
    }
  for (guint i = 0; i < functions->len; i++)
    if (!g_array_index (functions, Function, i).is_reached)
      forget_body (self, &g_array_index (functions, Function, i));
}
