/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Calls of functions in which threads wait for each other: the function's body, with names of its
 * own, is put in front of the statement that calls it, so that its barriers and shuffles are the
 * kernel's. `v = sum (v) * 2;` becomes `{ float r; { float x = v; ...; r = x; } v = r * 2; }`. What
 * returns in the middle, calls itself, or is called where it may not be reached stays as it is. */
#include "config.h"

#include <string.h>

#include "compute/lower-calls-private.h"

#define MOST_DEPTH  8
#define MOST_TOKENS 20000

/* Returns: (nullable): the function in which threads wait that the name at @i means */
static const PinwheelLowerCallee *
find_callee (const PinwheelLowerInliner *self, const PinwheelLowerText *text, guint i)
{
  for (guint k = 0; k < self->callees->len && text->tokens[i].kind == PINWHEEL_TOKEN_NAME; k++)
    {
      const PinwheelLowerCallee *callee = g_ptr_array_index (self->callees, k);

      if (callee->waits && pinwheel_lower_token_is (&text->tokens[i], callee->name))
        return callee;
    }
  return NULL;
}

static gboolean
has_call (const PinwheelLowerInliner *self, const PinwheelLowerText *text, guint from, guint end)
{
  for (guint i = from; i < end; i++)
    if (find_callee (self, text, i) != NULL)
      return TRUE;
  return FALSE;
}

/* Whether @name changes in @body, or its address is taken */
static gboolean
is_changed (const GArray *body, const char *name)
{
  static const char *const before[] = { "++", "--", "&", NULL };
  static const char *const behind[] = { "=",  "+=", "-=",  "*=",  "/=", "%=", "&=",
                                        "|=", "^=", "<<=", ">>=", "++", "--", NULL };
  const PinwheelLowerToken *tokens = pinwheel_lower_get_tokens (body);

  for (guint i = 0; i < body->len; i++)
    if (pinwheel_lower_token_is (&tokens[i], name)
        && ((i > 0 && pinwheel_lower_token_is_one (&tokens[i - 1], before))
            || (i + 1 < body->len && pinwheel_lower_token_is_one (&tokens[i + 1], behind))))
      return TRUE;
  return FALSE;
}

static guint put_statement (PinwheelLowerInliner *self, const PinwheelLowerText *text, guint i,
                            gboolean is_last);

/* Whether a parameter is an `int` and the argument a number of that type: then one may stand for
 * the other */
static gboolean
is_same_number (const PinwheelLowerParameter *parameter, const GArray *argument)
{
  const PinwheelLowerToken *type = pinwheel_lower_get_tokens (parameter->type);
  const PinwheelLowerToken *token = pinwheel_lower_get_tokens (argument);
  guint n = parameter->type->len;

  if (argument->len != 1 || token->kind != PINWHEEL_TOKEN_NUMBER || token->length > 9
      || !(n == 1 || (n == 2 && pinwheel_lower_token_is (&type[0], "const")))
      || !pinwheel_lower_token_is (&type[n - 1], "int"))
    return FALSE;
  for (guint i = 0; i < token->length; i++)
    if (!g_ascii_isdigit (token->text[i]))
      return FALSE;
  return token->length == 1 || token->text[0] != '0';
}

/* Whether the name that is given for a parameter taken by reference is what the reference is to. A
 * constant one may be to another value, converted from that. */
static gboolean
is_same_variable (const PinwheelLowerInliner *self, const PinwheelLowerText *type,
                  const GArray *argument)
{
  static const char *const signs[] = { "const", "&", NULL };
  g_autoptr (GArray) expected = pinwheel_lower_new_tokens ();
  g_autoptr (GArray) found = NULL;
  gboolean is_const = FALSE;

  for (guint i = 0; i < type->n; i++)
    if (pinwheel_lower_token_is_one (&type->tokens[i], signs))
      is_const |= pinwheel_lower_token_is (&type->tokens[i], "const");
    else
      pinwheel_lower_copy_named (type, i, i + 1, expected);
  if (!is_const)
    return TRUE;
  found = pinwheel_lower_find_type (self, argument);
  if (found == NULL || found->len != expected->len)
    return FALSE;
  for (guint i = 0; i < found->len; i++)
    {
      const PinwheelLowerToken *one = &pinwheel_lower_get_tokens (found)[i];
      const PinwheelLowerToken *other = &pinwheel_lower_get_tokens (expected)[i];

      if (one->length != other->length || memcmp (one->text, other->text, one->length) != 0)
        return FALSE;
    }
  return TRUE;
}

/* Lets a parameter's name stand for the argument itself, or declares it with that value. */
static void
put_parameter (PinwheelLowerInliner *self, const PinwheelLowerCallee *callee,
               const PinwheelLowerParameter *parameter, GArray *argument,
               const PinwheelLowerText *inner, guint id, const PinwheelToken *place)
{
  const PinwheelLowerText type = { .tokens = pinwheel_lower_get_tokens (parameter->type),
                                   .n = parameter->type->len,
                                   .names = inner->names };
  gboolean changes = is_changed (callee->body, parameter->name);
  gboolean is_name = argument->len == 1
                     && pinwheel_lower_get_tokens (argument)->kind == PINWHEEL_TOKEN_NAME;
  GArray *other;

  self->has_failed |= parameter->is_reference
                      && !(is_name && is_same_variable (self, &type, argument));
  if (parameter->is_reference
      || (!changes && ((parameter->is_pointer && is_name) || is_same_number (parameter, argument))))
    {
      g_hash_table_insert (inner->names, g_strdup (parameter->name), g_array_ref (argument));
      return;
    }
  other = pinwheel_lower_new_tokens ();
  g_array_append_vals (other,
                       (PinwheelLowerToken[]){ pinwheel_lower_make_token (
                           self, PINWHEEL_TOKEN_NAME, place,
                           g_strdup_printf ("pinwheel%u_%s", id, parameter->name)) },
                       1);
  g_hash_table_insert (inner->names, g_strdup (parameter->name), other);
  pinwheel_lower_copy_named (&type, 0, type.n, self->out);
  g_array_append_vals (self->out, other->data, 1);
  pinwheel_lower_add_word (self, self->out, place, "=");
  g_array_append_vals (self->out, argument->data, argument->len);
  pinwheel_lower_add_word (self, self->out, place, ";");
}

/* What T of a template stands for: said, or the type of the first argument that has it.
 * Returns: whether that is known */
static gboolean
find_type_argument (PinwheelLowerInliner *self, const PinwheelLowerCallee *callee,
                    GPtrArray *arguments, const GArray *said, GHashTable *names)
{
  GArray *type = NULL;

  if (callee->type_parameter == NULL)
    return said->len == 0;
  if (said->len > 0)
    {
      type = pinwheel_lower_new_tokens ();
      g_array_append_vals (type, said->data, said->len);
    }
  for (guint i = 0; i < arguments->len && type == NULL; i++)
    {
      const PinwheelLowerParameter *parameter = g_ptr_array_index (callee->parameters, i);
      const PinwheelLowerToken *first = pinwheel_lower_get_tokens (parameter->type);

      if (parameter->type->len > 0 && !parameter->is_pointer
          && pinwheel_lower_token_is (&first[0], callee->type_parameter))
        type = pinwheel_lower_find_type (self, g_ptr_array_index (arguments, i));
    }
  if (type == NULL)
    return FALSE;
  g_hash_table_insert (names, g_strdup (callee->type_parameter), type);
  return TRUE;
}

/* A name that the function means otherwise than the kernel does must not get there. */
static gboolean
has_foreign_names (const PinwheelLowerInliner *self, const PinwheelLowerText *text)
{
  for (guint i = 0; i < text->n; i++)
    {
      g_autofree char *name = g_strndup (text->tokens[i].text, text->tokens[i].length);

      if (text->tokens[i].kind == PINWHEEL_TOKEN_NAME && !pinwheel_lower_is_member (text, i)
          && !g_hash_table_contains (text->names, name) && g_hash_table_contains (self->own, name))
        return TRUE;
    }
  return FALSE;
}

/* Returns: the number of the function that @callee is for the type in @names.
 * @is_again: (out): whether it was asked for before */
static guint
get_instance (PinwheelLowerInliner *self, const PinwheelLowerCallee *callee, GHashTable *names,
              gboolean *is_again)
{
  GString *text = g_string_new (callee->name);
  const GArray *type = callee->type_parameter != NULL
                           ? g_hash_table_lookup (names, callee->type_parameter)
                           : NULL;
  gpointer number;

  for (guint i = 0; type != NULL && i < type->len; i++)
    g_string_append_printf (text, " %.*s", (int) pinwheel_lower_get_tokens (type)[i].length,
                            pinwheel_lower_get_tokens (type)[i].text);
  number = g_hash_table_lookup (self->instances, text->str);
  *is_again = number != NULL;
  if (number == NULL)
    number = GUINT_TO_POINTER (g_hash_table_size (self->instances) + 1);
  g_hash_table_insert (self->instances, g_string_free (text, FALSE), number);
  return GPOINTER_TO_UINT (number);
}

/* The variable that the value of a call is in. */
static void
put_result (PinwheelLowerInliner *self, const PinwheelLowerCallee *callee, GHashTable *names,
            const PinwheelLowerToken *value)
{
  const PinwheelLowerText type = { .tokens = pinwheel_lower_get_tokens (callee->type),
                                   .n = callee->type->len,
                                   .names = names };

  pinwheel_lower_copy_named (&type, 0, type.n, self->out);
  g_array_append_vals (self->out, value, 1);
  pinwheel_lower_add_word (self, self->out, value->place, ";");
}

/* Puts the body of @callee into the text. @result: gets the token that is its value, or none */
static void
put_call (PinwheelLowerInliner *self, const PinwheelLowerCallee *callee, GPtrArray *arguments,
          const GArray *said, const PinwheelToken *place, GArray *result)
{
  g_autoptr (GHashTable) names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                                        (GDestroyNotify) g_array_unref);
  guint id = ++self->n_calls;
  PinwheelLowerToken value = pinwheel_lower_make_token (self, PINWHEEL_TOKEN_NAME, place,
                                                        g_strdup_printf ("pinwheel%u_result", id));
  PinwheelLowerText text = { pinwheel_lower_get_tokens (callee->body),
                             callee->body->len,
                             names,
                             callee->type->len > 0 ? &value : NULL,
                             TRUE,
                             FALSE };

  if (!callee->is_simple || arguments->len != callee->parameters->len || self->depth >= MOST_DEPTH
      || self->out->len > MOST_TOKENS || !find_type_argument (self, callee, arguments, said, names))
    {
      self->has_failed = TRUE;
      return;
    }
  self->depth++;
  if (text.result != NULL)
    {
      put_result (self, callee, names, &value);
      g_array_append_val (result, value);
    }
  pinwheel_lower_add_word (self, self->out, place, "{");
  pinwheel_lower_rename_variables (self, text.tokens, text.n, names, id,
                                   get_instance (self, callee, names, &text.is_again));
  for (guint i = 0; i < arguments->len; i++)
    put_parameter (self, callee, g_ptr_array_index (callee->parameters, i),
                   g_ptr_array_index (arguments, i), &text, id, place);
  self->has_failed |= has_foreign_names (self, &text);
  for (guint i = 0; i < text.n && !self->has_failed;)
    i = put_statement (self, &text, i, TRUE);
  pinwheel_lower_add_word (self, self->out, place, "}");
  self->depth--;
}

static void hoist (PinwheelLowerInliner *self, const PinwheelLowerText *text, guint from, guint end,
                   GArray *rest);

/* Whether the walks may go one step deeper; then the caller takes it back. */
static gboolean
go_deeper (PinwheelLowerInliner *self)
{
  self->has_failed |= self->nesting >= 2 * PINWHEEL_LOWER_DEPTH;
  self->nesting += !self->has_failed;
  return !self->has_failed;
}

/* The arguments between the brackets at @open and @close, with the calls in them put in */
static GPtrArray *
hoist_arguments (PinwheelLowerInliner *self, const PinwheelLowerText *text, guint open, guint close)
{
  static const char *const comma[] = { ",", NULL };
  GPtrArray *arguments = g_ptr_array_new_with_free_func ((GDestroyNotify) g_array_unref);

  for (guint from = open + 1, end; from < close && go_deeper (self); from = end + 1)
    {
      GArray *argument = pinwheel_lower_new_tokens ();

      end = pinwheel_lower_token_find (text->tokens, close, from, comma);
      g_ptr_array_add (arguments, argument);
      hoist (self, text, from, end, argument);
      self->nesting--;
    }
  return arguments;
}

/* The call of @callee at @i, `f (x)` or `f<T> (x)`. Returns: the token behind it */
static guint
hoist_call (PinwheelLowerInliner *self, const PinwheelLowerText *text, guint i,
            const PinwheelLowerCallee *callee, GArray *rest)
{
  g_autoptr (GPtrArray) arguments = NULL;
  g_autoptr (GArray) said = pinwheel_lower_new_tokens ();
  guint open = i + 1, close;

  if (open < text->n && pinwheel_lower_token_is (&text->tokens[open], "<"))
    {
      while (++open < text->n && !pinwheel_lower_token_is (&text->tokens[open], ">"))
        pinwheel_lower_copy_named (text, open, open + 1, said);
      open++;
    }
  close = open < text->n ? pinwheel_lower_token_close (text->tokens, text->n, open) : text->n;
  self->has_failed |= pinwheel_lower_is_member (text, i) || close >= text->n
                      || !pinwheel_lower_token_is (&text->tokens[open], "(");
  if (self->has_failed)
    return text->n;
  arguments = hoist_arguments (self, text, open, close);
  if (!self->has_failed)
    put_call (self, callee, arguments, said, text->tokens[i].place, rest);
  return close + 1;
}

/* Puts in the calls of [@from, @end); @rest gets the tokens with their results in their places. */
static void
hoist (PinwheelLowerInliner *self, const PinwheelLowerText *text, guint from, guint end,
       GArray *rest)
{
  for (guint i = from; i < end && !self->has_failed;)
    {
      const PinwheelLowerCallee *callee = find_callee (self, text, i);

      if (callee != NULL)
        i = hoist_call (self, text, i, callee, rest);
      else
        {
          pinwheel_lower_copy_named (text, i, i + 1, rest);
          i++;
        }
    }
}

/* Whether what calls do may come before all else of a statement: nothing in it changes but what is
 * assigned to in the end, and nothing may be left out */
static gboolean
may_hoist (const PinwheelLowerText *text, guint from, guint end, gboolean is_declaration)
{
  static const char *const never[] = { "?", "&&", "||", "++", "--", NULL };
  static const char *const assignments[] = { "=",  "+=", "-=", "*=",  "/=",  "%=",
                                             "&=", "|=", "^=", "<<=", ">>=", NULL };
  static const char *const comma[] = { ",", NULL };
  guint n_assignments = 0;

  for (guint i = from; i < end; i++)
    {
      if (pinwheel_lower_token_is_one (&text->tokens[i], never))
        return FALSE;
      n_assignments += pinwheel_lower_token_is_one (&text->tokens[i], assignments);
    }
  return n_assignments <= 1 && pinwheel_lower_token_find (text->tokens, end, from, comma) == end
         && !(is_declaration && pinwheel_lower_token_is (&text->tokens[from], "static"));
}

/* A statement up to its semicolon at @end. @target: (nullable): what its value is assigned to */
static void
put_simple (PinwheelLowerInliner *self, const PinwheelLowerText *text, guint from, guint end,
            const PinwheelLowerToken *target)
{
  guint length = pinwheel_lower_declaration_length (text->tokens, text->n, from);
  const PinwheelToken *place = text->tokens[from < text->n ? from : text->n - 1].place;
  g_autoptr (GArray) rest = pinwheel_lower_new_tokens ();
  gboolean has_calls = has_call (self, text, from, end);

  if (length > 0)
    pinwheel_lower_note_type (self, text, from, length);
  if (length > 0 && text->is_callee && pinwheel_lower_is_shared (text->tokens + from, length))
    {
      if (!text->is_again)
        pinwheel_lower_copy_named (text, from, MIN (end + 1, text->n), self->shared);
      return;
    }
  if (has_calls && !may_hoist (text, from, end, length > 0))
    self->has_failed = TRUE;
  /* what is declared must stay visible behind it */
  if (has_calls && length == 0)
    pinwheel_lower_add_word (self, self->out, place, "{");
  hoist (self, text, from, end, rest);
  if (target != NULL)
    {
      g_array_append_val (self->out, *target);
      pinwheel_lower_add_word (self, self->out, place, "=");
    }
  g_array_append_vals (self->out, rest->data, rest->len);
  pinwheel_lower_add_word (self, self->out, place, ";");
  if (has_calls && length == 0)
    pinwheel_lower_add_word (self, self->out, place, "}");
}

/* `return x` of a function: only at its end */
static guint
put_return (PinwheelLowerInliner *self, const PinwheelLowerText *text, guint i, guint end,
            gboolean is_last)
{
  self->has_failed |= !is_last || end + 1 < text->n || (text->result == NULL) != (end == i + 1);
  if (!self->has_failed && text->result != NULL)
    put_simple (self, text, i + 1, end, text->result);
  return text->n;
}

/* Up to the token @end, in which there may be no calls */
static guint
put_head (PinwheelLowerInliner *self, const PinwheelLowerText *text, guint i, guint end)
{
  guint inner = i + 2 < text->n ? pinwheel_lower_declaration_length (text->tokens, text->n, i + 2)
                                : 0;

  if (inner > 0)
    pinwheel_lower_note_type (self, text, i + 2, inner);
  self->has_failed |= has_call (self, text, i, MIN (end, text->n));
  pinwheel_lower_copy_named (text, i, MIN (end, text->n), self->out);
  return MIN (end, text->n);
}

static guint
put_block (PinwheelLowerInliner *self, const PinwheelLowerText *text, guint i)
{
  guint close = pinwheel_lower_token_close (text->tokens, text->n, i);

  pinwheel_lower_copy_named (text, i, i + 1, self->out);
  for (i++; i < close && !self->has_failed;)
    i = put_statement (self, text, i, FALSE);
  if (close < text->n)
    pinwheel_lower_copy_named (text, close, close + 1, self->out);
  return close + 1;
}

/* `if (...)` and the like with what comes behind it, or `else` and `do`, which have no brackets */
static guint
put_compound (PinwheelLowerInliner *self, const PinwheelLowerText *text, guint i,
              gboolean has_brackets)
{
  guint end = has_brackets ? pinwheel_lower_token_close (text->tokens, text->n, i + 1) + 1 : i + 1;

  i = put_head (self, text, i, end);
  return i < text->n ? put_statement (self, text, i, FALSE) : i;
}

/* Returns: the token behind the statement */
static guint
put_any (PinwheelLowerInliner *self, const PinwheelLowerText *text, guint i, gboolean is_last)
{
  static const char *const heads[] = { "if", "for", "while", "switch", NULL };
  static const char *const words[] = { "else", "do", NULL };
  static const char *const labels[] = { "case", "default", NULL };
  static const char *const colon[] = { ":", NULL };
  static const char *const semicolon[] = { ";", NULL };
  const PinwheelLowerToken *token = &text->tokens[i];
  guint end;

  if (pinwheel_lower_token_is (token, "{"))
    return put_block (self, text, i);
  if (pinwheel_lower_token_is_one (token, heads) || pinwheel_lower_token_is_one (token, words))
    return put_compound (self, text, i, pinwheel_lower_token_is_one (token, heads));
  if (token->kind == PINWHEEL_TOKEN_DIRECTIVE)
    return put_head (self, text, i, i + 1);
  if (pinwheel_lower_token_is_one (token, labels))
    return put_head (self, text, i,
                     pinwheel_lower_token_find (text->tokens, text->n, i, colon) + 1);
  end = pinwheel_lower_token_find (text->tokens, text->n, i, semicolon);
  if (text->is_callee && pinwheel_lower_token_is (token, "return"))
    return put_return (self, text, i, end, is_last);
  put_simple (self, text, i, end, NULL);
  return end + 1;
}

/* @is_last: nothing but further statements is around, so that the last one may return.
 * Returns: the token behind the statement */
static guint
put_statement (PinwheelLowerInliner *self, const PinwheelLowerText *text, guint i, gboolean is_last)
{
  if (!go_deeper (self))
    return text->n;
  i = put_any (self, text, i, is_last);
  self->nesting--;
  return i;
}

/* Whether a function that stays a function uses the thread's index */
static gboolean
others_use_thread_index (const PinwheelLowerInliner *self)
{
  for (guint i = 0; i < self->callees->len; i++)
    {
      const PinwheelLowerCallee *callee = g_ptr_array_index (self->callees, i);

      if (callee->has_thread_index && !callee->waits)
        return TRUE;
    }
  return FALSE;
}

/* Whether every place where threads wait is in the kernel or in a function that was understood as
 * one */
static gboolean
knows_all_waits (const PinwheelSignature *signature)
{
  PinwheelFunctionText function;

  for (guint i = 0; i < signature->waits->len; i++)
    {
      guint at = g_array_index (signature->waits, PinwheelRefusal, i).at;

      if (!(at > signature->body_open && at < signature->body_close)
          && !pinwheel_function_find (signature->tokens, at, &function))
        return FALSE;
    }
  return TRUE;
}

/* Takes the kernel's tokens for those of @inliner. */
static void
take_tokens (PinwheelLower *self, PinwheelLowerInliner *inliner)
{
  PinwheelLowerToken end = self->tokens[self->n_tokens];
  GArray *tokens = g_steal_pointer (&inliner->shared);

  g_array_append_vals (tokens, inliner->out->data, inliner->out->len);
  self->n_tokens = tokens->len;
  g_array_append_val (tokens, end);
  self->tokens = pinwheel_lower_own (self, g_array_free (tokens, FALSE));
}

static void
clear_inliner (PinwheelLowerInliner *self)
{
  g_ptr_array_unref (self->callees);
  g_array_unref (self->out);
  g_clear_pointer (&self->shared, g_array_unref);
  g_hash_table_unref (self->types);
  g_hash_table_unref (self->own);
  g_hash_table_unref (self->instances);
}

static GHashTable *
new_names (void)
{
  return g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_array_unref);
}

gboolean
pinwheel_lower_put_calls_in (PinwheelLower *self)
{
  PinwheelLowerInliner inliner = { .lower = self,
                                   .callees = pinwheel_lower_read_callees (self),
                                   .out = pinwheel_lower_new_tokens (),
                                   .shared = pinwheel_lower_new_tokens (),
                                   .types = new_names (),
                                   .own = new_names (),
                                   .instances = g_hash_table_new_full (g_str_hash, g_str_equal,
                                                                       g_free, NULL) };
  PinwheelLowerText text = { .tokens = self->tokens, .n = self->n_tokens };
  PinwheelLowerText result = { 0 };
  gboolean is_done;

  inliner.has_failed = !knows_all_waits (self->signature);
  pinwheel_lower_note_parameters (&inliner);
  pinwheel_lower_rename_variables (&inliner, text.tokens, text.n, inliner.own, 0, 0);
  for (guint i = 0; i < text.n && !inliner.has_failed;)
    i = put_statement (&inliner, &text, i, TRUE);
  result.tokens = pinwheel_lower_get_tokens (inliner.out);
  result.n = inliner.out->len;
  /* the functions themselves have no bodies any more */
  is_done = !inliner.has_failed && !has_call (&inliner, &result, 0, result.n);
  if (is_done)
    {
      take_tokens (self, &inliner);
      self->thread_index_outside &= others_use_thread_index (&inliner);
    }
  clear_inliner (&inliner);
  return is_done;
}
