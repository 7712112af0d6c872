/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "compute/lower-private.h"

gpointer
pinwheel_lower_own (PinwheelLower *self, gpointer memory)
{
  g_ptr_array_add (self->owned, memory);
  return memory;
}

GPtrArray *
pinwheel_lower_new_list (PinwheelLower *self)
{
  GPtrArray *list = g_ptr_array_new ();

  g_ptr_array_add (self->lists, list);
  return list;
}

void
pinwheel_lower_refuse (PinwheelLower *self, guint i, const char *format, ...)
{
  const PinwheelToken *place = self->tokens[MIN (i, self->n_tokens)].place;
  g_autofree char *what = NULL;
  va_list arguments;

  if (self->reason != NULL)
    return;
  va_start (arguments, format);
  what = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  self->reason = g_strdup_printf ("%s, %s:%u", what, place->file, place->line);
}

gboolean
pinwheel_lower_token_is (const PinwheelLowerToken *token, const char *text)
{
  return token->kind != PINWHEEL_TOKEN_STRING && token->length == strlen (text)
         && memcmp (token->text, text, token->length) == 0;
}

gboolean
pinwheel_lower_is (const PinwheelLower *self, guint i, const char *text)
{
  return i < self->n_tokens && pinwheel_lower_token_is (&self->tokens[i], text);
}

gboolean
pinwheel_lower_is_one (const PinwheelLower *self, guint i, const char *const *words)
{
  for (; *words != NULL; words++)
    if (pinwheel_lower_is (self, i, *words))
      return TRUE;
  return FALSE;
}

gboolean
pinwheel_lower_knows (const PinwheelLower *self, guint i, GHashTable *names)
{
  g_autofree char *name = pinwheel_lower_dup (self, i, i + 1);

  return self->tokens[i].kind == PINWHEEL_TOKEN_NAME && g_hash_table_contains (names, name);
}

char *
pinwheel_lower_dup (const PinwheelLower *self, guint from, guint end)
{
  GString *text = g_string_new (NULL);

  for (guint i = from; i < end; i++)
    {
      if (i > from)
        g_string_append_c (text, ' ');
      g_string_append_len (text, self->tokens[i].text, self->tokens[i].length);
    }
  return g_string_free (text, FALSE);
}

/* Length of the operator that begins at punctuator @i */
static guint
operator_length (const PinwheelTokens *tokens, guint i)
{
  static const char *const operators[] = { "<<=", ">>=", "...", "->*", "->", "++", "--", "<<",
                                           ">>",  "<=",  ">=",  "==",  "!=", "&&", "||", "+=",
                                           "-=",  "*=",  "/=",  "%=",  "&=", "|=", "^=", "::" };
  const char *text = tokens->text + tokens->items[i].offset;

  for (guint k = 0; k < G_N_ELEMENTS (operators); k++)
    if (g_str_has_prefix (text, operators[k]))
      return (guint) strlen (operators[k]);
  return 1;
}

/* Notes which bracket closes which. */
static void
match_brackets (PinwheelLower *self)
{
  g_autoptr (GArray) open = g_array_new (FALSE, FALSE, sizeof (guint));

  for (guint i = 0; i < self->n_tokens; i++)
    {
      const PinwheelLowerToken *token = &self->tokens[i];
      const char *pair;

      if (token->kind != PINWHEEL_TOKEN_PUNCTUATOR || token->length != 1)
        continue;
      if (strchr ("([{", token->text[0]) != NULL)
        g_array_append_val (open, i);
      pair = strchr (")(][}{", token->text[0]);
      if (strchr (")]}", token->text[0]) == NULL)
        continue;
      if (open->len == 0
          || self->tokens[g_array_index (open, guint, open->len - 1)].text[0] != pair[1])
        {
          pinwheel_lower_refuse (self, i, "a bracket that does not match");
          return;
        }
      self->tokens[g_array_index (open, guint, open->len - 1)].match = i;
      g_array_set_size (open, open->len - 1);
    }
  if (open->len > 0)
    pinwheel_lower_refuse (self, g_array_index (open, guint, 0), "a bracket that is not closed");
}

GArray *
pinwheel_lower_cut (const PinwheelLower *self, guint from, guint end)
{
  const PinwheelTokens *tokens = self->signature->tokens;
  GArray *cut = g_array_new (FALSE, FALSE, sizeof (PinwheelLowerToken));

  for (guint i = from; i < end;)
    {
      const PinwheelToken *place = &tokens->items[i];
      PinwheelLowerToken token = { .kind = place->kind,
                                   .text = tokens->text + place->offset,
                                   .length = (guint) place->length,
                                   .place = place };

      if (place->kind == PINWHEEL_TOKEN_PUNCTUATOR)
        token.length = operator_length (tokens, i);
      g_array_append_val (cut, token);
      i += place->kind == PINWHEEL_TOKEN_PUNCTUATOR ? token.length : 1;
    }
  return cut;
}

/* The kernel's own tokens, between @from and @end of the file */
static void
read_tokens (PinwheelLower *self, guint from, guint end)
{
  GArray *cut = pinwheel_lower_cut (self, from, end);
  PinwheelLowerToken last = { .kind = PINWHEEL_TOKEN_END,
                              .text = "",
                              .place = &self->signature->tokens->items[end] };

  self->n_tokens = cut->len;
  g_array_append_val (cut, last);
  self->tokens = pinwheel_lower_own (self, g_array_free (cut, FALSE));
}

/* Where threads wait inside of functions that the kernel comes to */
static const PinwheelRefusal *
find_wait_inside (const PinwheelSignature *signature)
{
  for (guint i = 0; i < signature->waits->len; i++)
    {
      const PinwheelRefusal *wait = &g_array_index (signature->waits, PinwheelRefusal, i);

      if (g_str_has_suffix (wait->what, "inside a device function"))
        return wait;
    }
  return NULL;
}

/* Notes the names of `{ a, b = 2 }` behind an enum at @i. */
static void
read_enumerators (PinwheelLower *self, guint i)
{
  const PinwheelTokens *tokens = self->signature->tokens;
  guint end;

  while (i < tokens->n_items && !pinwheel_token_is (tokens, i, "{"))
    if (pinwheel_token_is (tokens, i, ";") || pinwheel_token_is (tokens, i, "("))
      return;
    else
      i++;
  end = pinwheel_token_match (tokens, i);
  for (i++; i < end; i++)
    if (tokens->items[i].kind == PINWHEEL_TOKEN_NAME
        && (pinwheel_token_is (tokens, i - 1, "{") || pinwheel_token_is (tokens, i - 1, ",")))
      g_hash_table_add (self->constants, pinwheel_token_dup (tokens, i));
}

/* Notes the name that a declaration with const or constexpr at @i gives to a value. */
static void
read_constant (PinwheelLower *self, guint i)
{
  const PinwheelTokens *tokens = self->signature->tokens;

  for (; i + 1 < tokens->n_items; i++)
    {
      /* what a const pointer points to may be const alone, and an argument is no constant */
      if (pinwheel_token_is (tokens, i, "*") || pinwheel_token_is (tokens, i, ";")
          || pinwheel_token_is (tokens, i, "(") || pinwheel_token_is (tokens, i, ")")
          || pinwheel_token_is (tokens, i, ",") || pinwheel_token_is (tokens, i, "&"))
        return;
      if (tokens->items[i].kind == PINWHEEL_TOKEN_NAME
          && (pinwheel_token_is (tokens, i + 1, "=") || pinwheel_token_is (tokens, i + 1, "[")
              || pinwheel_token_is (tokens, i + 1, "{")))
        {
          g_hash_table_add (self->constants, pinwheel_token_dup (tokens, i));
          return;
        }
    }
}

/* Notes the members of the structure whose brace is at @open, where they are numbers alone. */
static void
read_structure (PinwheelLower *self, char *name, guint open)
{
  const PinwheelTokens *tokens = self->signature->tokens;
  g_autoptr (GPtrArray) fields = g_ptr_array_new_with_free_func (g_free);
  guint i = open + 1, end = pinwheel_token_match (tokens, open);

  while (i < end)
    {
      PinwheelCType type;
      guint next;

      if (!pinwheel_ctype_read (tokens, self->typedefs, i, end, &type, &next) || type.is_pointer
          || type.is_const)
        return;
      do
        {
          guint at = next++;
          g_autoptr (GString) field = g_string_new (type.spelling);

          if (tokens->items[at].kind != PINWHEEL_TOKEN_NAME)
            return;
          if (pinwheel_token_is (tokens, next, "["))
            return;
          g_string_append_c (field, ' ');
          g_string_append_len (field, tokens->text + tokens->items[at].offset,
                               (gssize) tokens->items[at].length);
          g_ptr_array_add (fields, g_strdup (field->str));
        }
      while (pinwheel_token_is (tokens, next, ",") && next++ < end);
      if (!pinwheel_token_is (tokens, next, ";"))
        return;
      i = next + 1;
    }
  if (fields->len > 0 && fields->len <= 16)
    g_hash_table_insert (self->structures, g_strdup (name), g_steal_pointer (&fields));
}

/* Returns: whether a function's parameters, from @open, are taken by reference */
static gboolean
takes_references (const PinwheelTokens *tokens, guint open, guint close)
{
  for (guint i = open; i < close; i++)
    if (pinwheel_token_is (tokens, i, "&"))
      return TRUE;
  return FALSE;
}

/* Whether the index behind the bracket at @i is a number */
static gboolean
has_known_index (const PinwheelTokens *tokens, guint i)
{
  return tokens->items[i + 1].kind == PINWHEEL_TOKEN_NUMBER
         && pinwheel_token_is (tokens, i + 2, "]");
}

/* Whether an unknown index at @i reaches into something that is declared in the function: `x[k]`
 * behind `T x[3]`, or `s.x[k]` */
static gboolean
is_own_array (const PinwheelTokens *tokens, guint brace, guint i)
{
  if (i < 2 || pinwheel_token_is (tokens, i - 1, "]") || pinwheel_token_is (tokens, i - 2, ".")
      || pinwheel_token_is (tokens, i - 2, ">"))
    return TRUE;
  for (guint k = brace; k + 1 < i; k++)
    if (tokens->items[k].length == tokens->items[i - 1].length
        && strncmp (tokens->text + tokens->items[k].offset,
                    tokens->text + tokens->items[i - 1].offset, tokens->items[k].length)
               == 0
        && pinwheel_token_is (tokens, k + 1, "[")
        && tokens->items[k - 1].kind == PINWHEEL_TOKEN_NAME)
      return TRUE;
  return FALSE;
}

/* Notes whether a function reaches into memory by what it computes. */
static void
read_reach (PinwheelLower *self, const char *name, guint at, guint brace, guint end)
{
  const PinwheelTokens *tokens = self->signature->tokens;
  gboolean indexes = at > 0 && pinwheel_token_is (tokens, at - 1, "*"), is_serial = FALSE;

  for (guint i = brace; i < end; i++)
    {
      g_autofree char *word = pinwheel_token_dup (tokens, i);

      if (pinwheel_token_is (tokens, i, "[") && !has_known_index (tokens, i))
        {
          indexes = TRUE;
          is_serial |= is_own_array (tokens, brace, i);
        }
      else if (pinwheel_token_is (tokens, i, "*"))
        {
          /* `*(p + k)`, or `T *p =` */
          gboolean is_binary = tokens->items[i - 1].kind == PINWHEEL_TOKEN_NAME
                               || tokens->items[i - 1].kind == PINWHEEL_TOKEN_NUMBER
                               || pinwheel_token_is (tokens, i - 1, ")")
                               || pinwheel_token_is (tokens, i - 1, "]");

          indexes |= !is_binary && tokens->items[i + 1].kind != PINWHEEL_TOKEN_NAME;
          indexes |= is_binary && pinwheel_token_is (tokens, i + 2, "=");
        }
      indexes |= g_hash_table_contains (self->indexers, word);
      is_serial |= g_hash_table_contains (self->serials, word);
    }
  if (indexes)
    g_hash_table_add (self->indexers, g_strdup (name));
  if (is_serial)
    g_hash_table_add (self->serials, g_strdup (name));
}

/* Notes what a function is that is defined with the parameters at @open and the body at @brace. */
static void
read_function (PinwheelLower *self, guint open, guint brace)
{
  const PinwheelTokens *tokens = self->signature->tokens;
  guint close = pinwheel_token_match (tokens, open), end = pinwheel_token_match (tokens, brace);
  char *name;

  if (open == 0 || tokens->items[open - 1].kind != PINWHEEL_TOKEN_NAME)
    return;
  name = pinwheel_lower_own (self, pinwheel_token_dup (tokens, open - 1));
  if (takes_references (tokens, open, close))
    g_hash_table_add (self->references, g_strdup (name));
  g_hash_table_add (self->defined, g_strdup (name));
  self->has_own_angles |= pinwheel_lower_is_angle (name);
  read_reach (self, name, open - 1, brace, end);
  for (guint i = brace; i < end; i++)
    {
      g_autofree char *word = pinwheel_token_dup (tokens, i);

      if (tokens->items[i].kind == PINWHEEL_TOKEN_NAME
          && (g_str_has_prefix (word, "atomic") || g_hash_table_contains (self->atomics, word)))
        g_hash_table_add (self->atomics, g_strdup (name));
    }
}

/* Reads the definition whose bracket is at @i. Returns: the token to go on with */
static guint
read_bracket (PinwheelLower *self, guint i)
{
  const PinwheelTokens *tokens = self->signature->tokens;
  guint close = pinwheel_token_match (tokens, i), brace = close + 1;

  while (brace < tokens->n_items
         && (pinwheel_token_is (tokens, brace, "const")
             || pinwheel_token_is (tokens, brace, "noexcept")))
    brace++;
  if (!pinwheel_token_is (tokens, brace, "{"))
    return close;
  read_function (self, i, brace);
  return pinwheel_token_match (tokens, brace);
}

/* Goes over the file: types, constants, and what functions do to their arguments. */
static void
read_surroundings (PinwheelLower *self)
{
  const PinwheelTokens *tokens = self->signature->tokens;

  for (guint i = 0; i < tokens->n_items; i++)
    if (pinwheel_token_is (tokens, i, "enum"))
      {
        g_hash_table_add (self->constants, pinwheel_token_dup (tokens, i + 1));
        read_enumerators (self, i);
      }
    else if (pinwheel_token_is (tokens, i, "struct") || pinwheel_token_is (tokens, i, "class")
             || pinwheel_token_is (tokens, i, "union"))
      {
        char *name = pinwheel_lower_own (self, pinwheel_token_dup (tokens, i + 1));

        g_hash_table_add (self->constants, g_strdup (name));
        if (pinwheel_token_is (tokens, i, "struct") && pinwheel_token_is (tokens, i + 2, "{"))
          read_structure (self, name, i + 2);
      }
    else if (pinwheel_token_is (tokens, i, "const") || pinwheel_token_is (tokens, i, "constexpr"))
      read_constant (self, i + 1);
    else if (pinwheel_token_is (tokens, i, "using"))
      g_hash_table_add (self->constants, pinwheel_token_dup (tokens, i + 1));
    else if (pinwheel_token_is (tokens, i, "("))
      i = MIN (read_bracket (self, i), tokens->n_items);
}

gboolean
pinwheel_lower_read_source (PinwheelLower *self)
{
  const PinwheelSignature *signature = self->signature;
  g_autoptr (GArray) kernels = pinwheel_kernels_find (signature->tokens, self->typedefs);
  const PinwheelRefusal *wait = find_wait_inside (signature);

  read_surroundings (self);
  read_tokens (self, signature->body_open + 1,
               MAX (signature->body_open + 1, signature->body_close));
  if (wait != NULL && !pinwheel_lower_put_calls_in (self))
    self->reason = g_strdup_printf ("%s, %s:%u", wait->what, wait->file, wait->line);
  else
    match_brackets (self);
  return self->reason == NULL;
}
