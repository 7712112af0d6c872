/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "compute/lower-calls-private.h"

static void
free_parameter (gpointer data)
{
  PinwheelLowerParameter *parameter = data;

  g_free (parameter->name);
  g_array_unref (parameter->type);
  g_free (parameter);
}

static void
free_callee (gpointer data)
{
  PinwheelLowerCallee *callee = data;

  g_free (callee->name);
  g_free (callee->type_parameter);
  g_array_unref (callee->type);
  g_ptr_array_unref (callee->parameters);
  g_array_unref (callee->body);
  g_free (callee);
}

gboolean
pinwheel_lower_token_is_one (const PinwheelLowerToken *token, const char *const *words)
{
  for (; *words != NULL; words++)
    if (pinwheel_lower_token_is (token, *words))
      return TRUE;
  return FALSE;
}

guint
pinwheel_lower_token_close (const PinwheelLowerToken *tokens, guint n, guint i)
{
  guint depth = 0;

  for (; i < n; i++)
    {
      if (tokens[i].kind != PINWHEEL_TOKEN_PUNCTUATOR || tokens[i].length != 1)
        continue;
      if (strchr ("([{", tokens[i].text[0]) != NULL)
        depth++;
      else if (strchr (")]}", tokens[i].text[0]) != NULL && --depth == 0)
        return i;
    }
  return n;
}

guint
pinwheel_lower_token_find (const PinwheelLowerToken *tokens, guint end, guint i,
                           const char *const *words)
{
  static const char *const opens[] = { "(", "[", "{", NULL };

  while (i < end && !pinwheel_lower_token_is_one (&tokens[i], words))
    i = pinwheel_lower_token_is_one (&tokens[i], opens)
            ? pinwheel_lower_token_close (tokens, end, i) + 1
            : i + 1;
  return MIN (i, end);
}

/* Behind the `<...>` at @i, or @i */
static guint
skip_angles (const PinwheelLowerToken *tokens, guint n, guint i)
{
  guint depth = 0;

  for (guint k = i; k < n && !pinwheel_lower_token_is (&tokens[k], ";"); k++)
    if (pinwheel_lower_token_is (&tokens[k], "<"))
      depth++;
    else if (pinwheel_lower_token_is (&tokens[k], ">") && --depth == 0)
      return k + 1;
  return i;
}

guint
pinwheel_lower_declaration_length (const PinwheelLowerToken *tokens, guint n, guint i)
{
  static const char *const others[] = { "return", "break",  "continue", "goto",
                                        "else",   "if",     "for",      "while",
                                        "do",     "switch", "delete",   "default",
                                        "case",   "new",    "throw",    NULL };
  static const char *const between[] = { "*", "&", "const", "__restrict__", "__restrict", NULL };
  static const char *const behind[] = { "=", ";", ",", "[", "(", "{", ":", NULL };
  guint begin = i, n_names = 0, last = i;

  if (i >= n || pinwheel_lower_token_is_one (&tokens[i], others))
    return 0;
  while (i < n)
    if (n_names > 0 && pinwheel_lower_token_is_one (&tokens[i], between))
      i++;
    else if (tokens[i].kind == PINWHEEL_TOKEN_NAME)
      {
        last = i++;
        n_names++;
        while (i + 1 < n && pinwheel_lower_token_is (&tokens[i], "::"))
          i += 2;
        if (i < n && pinwheel_lower_token_is (&tokens[i], "<"))
          i = MAX (i, skip_angles (tokens, n, i));
      }
    else
      break;
  return n_names >= 2 && last + 1 == i && i < n && pinwheel_lower_token_is_one (&tokens[i], behind)
             ? last - begin
             : 0;
}

static gboolean
names (const GArray *tokens, const char *name)
{
  for (guint i = 0; i < tokens->len; i++)
    if (pinwheel_lower_token_is (&g_array_index (tokens, PinwheelLowerToken, i), name))
      return TRUE;
  return FALSE;
}

/* Reads `const T *x` in @tokens, or notes that it is more than that. */
static void
read_parameter (PinwheelLowerCallee *callee, const PinwheelLowerToken *tokens, guint n)
{
  PinwheelLowerParameter *parameter = g_new0 (PinwheelLowerParameter, 1);
  static const PinwheelLowerToken star = { .kind = PINWHEEL_TOKEN_PUNCTUATOR,
                                           .text = "*",
                                           .length = 1 };
  guint at = n;

  parameter->type = g_array_new (FALSE, FALSE, sizeof (PinwheelLowerToken));
  g_ptr_array_add (callee->parameters, parameter);
  if (n > 0 && pinwheel_lower_token_is (&tokens[n - 1], "]"))
    while (at > 0 && !pinwheel_lower_token_is (&tokens[at], "["))
      at--;
  if (at < 2 || tokens[at - 1].kind != PINWHEEL_TOKEN_NAME)
    {
      callee->is_simple = FALSE;
      return;
    }
  parameter->name = g_strndup (tokens[at - 1].text, tokens[at - 1].length);
  for (guint i = 0; i + 1 < at; i++)
    {
      if (tokens[i].kind == PINWHEEL_TOKEN_PUNCTUATOR
          && !pinwheel_lower_token_is_one (&tokens[i],
                                           (const char *const[]){ "*", "&", "::", NULL }))
        callee->is_simple = FALSE;
      parameter->is_pointer |= pinwheel_lower_token_is (&tokens[i], "*");
      parameter->is_reference |= pinwheel_lower_token_is (&tokens[i], "&");
      g_array_append_val (parameter->type, tokens[i]);
    }
  if (at < n)
    {
      PinwheelLowerToken pointer = star;

      pointer.place = tokens[at].place;
      parameter->is_pointer = TRUE;
      g_array_append_val (parameter->type, pointer);
    }
}

static void
read_parameters (PinwheelLowerCallee *callee, const GArray *list)
{
  static const char *const comma[] = { ",", NULL };
  const PinwheelLowerToken *tokens = pinwheel_lower_get_tokens (list);

  if (list->len == 1 && pinwheel_lower_token_is (tokens, "void"))
    return;
  for (guint from = 0, end; from < list->len; from = end + 1)
    {
      end = pinwheel_lower_token_find (tokens, list->len, from, comma);
      read_parameter (callee, tokens + from, end - from);
    }
}

/* What stands in front of the name: `template <class T> static __device__ inline T` */
static void
read_head (PinwheelLowerCallee *callee, const GArray *head)
{
  static const char *const words[] = { "static",     "inline",          "__inline__",
                                       "__device__", "__forceinline__", "__noinline__",
                                       "__host__",   "constexpr",       "extern",
                                       "const",      "\"C\"",           NULL };
  static const char *const kinds[] = { "class", "typename", NULL };
  const PinwheelLowerToken *tokens = pinwheel_lower_get_tokens (head);
  guint i = 0;

  if (head->len > 0 && pinwheel_lower_token_is (tokens, "template"))
    {
      callee->is_simple &= head->len > 5 && pinwheel_lower_token_is (&tokens[1], "<")
                           && pinwheel_lower_token_is_one (&tokens[2], kinds)
                           && tokens[3].kind == PINWHEEL_TOKEN_NAME
                           && pinwheel_lower_token_is (&tokens[4], ">");
      if (!callee->is_simple)
        return;
      callee->type_parameter = g_strndup (tokens[3].text, tokens[3].length);
      i = 5;
    }
  for (; i < head->len; i++)
    {
      if (tokens[i].kind == PINWHEEL_TOKEN_STRING || tokens[i].kind == PINWHEEL_TOKEN_DIRECTIVE
          || pinwheel_lower_token_is_one (&tokens[i], words))
        continue;
      callee->is_simple &= tokens[i].kind == PINWHEEL_TOKEN_NAME
                           || pinwheel_lower_token_is (&tokens[i], "*")
                           || pinwheel_lower_token_is (&tokens[i], "::");
      g_array_append_val (callee->type, tokens[i]);
    }
  callee->is_simple &= callee->type->len > 0;
  if (callee->type->len == 1
      && pinwheel_lower_token_is (&g_array_index (callee->type, PinwheelLowerToken, 0), "void"))
    g_array_set_size (callee->type, 0);
}

static PinwheelLowerCallee *
read_callee (PinwheelLower *self, const PinwheelFunctionText *function)
{
  const PinwheelTokens *tokens = self->signature->tokens;
  PinwheelLowerCallee *callee = g_new0 (PinwheelLowerCallee, 1);
  guint close = pinwheel_token_match (tokens, function->open);
  g_autoptr (GArray) head = pinwheel_lower_cut (self, function->begin, function->open - 1);
  g_autoptr (GArray) list = pinwheel_lower_cut (self, function->open + 1, close);

  callee->name = pinwheel_token_dup (tokens, function->open - 1);
  callee->type = g_array_new (FALSE, FALSE, sizeof (PinwheelLowerToken));
  callee->parameters = g_ptr_array_new_with_free_func (free_parameter);
  callee->body = pinwheel_lower_cut (self, function->body_open + 1, function->body_close);
  callee->is_simple = function->body_open == close + 1;
  callee->waits = pinwheel_signature_waits (self->signature, function->body_open,
                                            function->body_close);
  callee->has_thread_index = names (callee->body, "threadIdx");
  read_head (callee, head);
  read_parameters (callee, list);
  return callee;
}

/* What calls something that waits, waits. Which one of several of a name is called takes a compiler
 * to say. */
static void
compare_callees (GPtrArray *callees)
{
  gboolean is_new = TRUE;

  while (is_new)
    {
      is_new = FALSE;
      for (guint i = 0; i < callees->len; i++)
        for (guint k = 0; k < callees->len; k++)
          {
            PinwheelLowerCallee *one = g_ptr_array_index (callees, i);
            const PinwheelLowerCallee *other = g_ptr_array_index (callees, k);

            if (i != k && strcmp (one->name, other->name) == 0)
              one->is_simple = FALSE;
            if (!one->waits && other->waits && names (one->body, other->name))
              one->waits = is_new = TRUE;
          }
    }
}

/* Whether it is one of the kernels, which nobody calls */
static gboolean
is_kernel (const PinwheelTokens *tokens, const PinwheelFunctionText *function)
{
  for (guint i = function->begin; i < function->open; i++)
    if (pinwheel_token_is (tokens, i, "__global__"))
      return TRUE;
  return FALSE;
}

GPtrArray *
pinwheel_lower_read_callees (PinwheelLower *self)
{
  const PinwheelTokens *tokens = self->signature->tokens;
  GPtrArray *callees = g_ptr_array_new_with_free_func (free_callee);
  PinwheelFunctionText function;

  for (guint from = 0; pinwheel_function_next (tokens, from, tokens->n_items, &function);
       from = function.body_close + 1)
    if (!is_kernel (tokens, &function))
      g_ptr_array_add (callees, read_callee (self, &function));
  compare_callees (callees);
  return callees;
}
