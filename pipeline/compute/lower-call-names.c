/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What names mean while a function's body is put in: its own variables get names that nothing else
 * has, and types are remembered for templates. */
#include "config.h"

#include "compute/lower-calls-private.h"

GArray *
pinwheel_lower_new_tokens (void)
{
  return g_array_new (FALSE, FALSE, sizeof (PinwheelLowerToken));
}

PinwheelLowerToken
pinwheel_lower_make_token (PinwheelLowerInliner *self, PinwheelTokenKind kind,
                           const PinwheelToken *place, char *text)
{
  pinwheel_lower_own (self->lower, text);
  return (PinwheelLowerToken){
    .kind = kind, .text = text, .length = (guint) strlen (text), .place = place
  };
}

void
pinwheel_lower_add_word (PinwheelLowerInliner *self, GArray *out, const PinwheelToken *place,
                         const char *text)
{
  PinwheelLowerToken token = pinwheel_lower_make_token (self, PINWHEEL_TOKEN_PUNCTUATOR, place,
                                                        g_strdup (text));

  g_array_append_val (out, token);
}

const PinwheelLowerToken *
pinwheel_lower_get_tokens (const GArray *tokens)
{
  return (const PinwheelLowerToken *) (gconstpointer) tokens->data;
}

gboolean
pinwheel_lower_is_member (const PinwheelLowerText *text, guint i)
{
  static const char *const members[] = { ".", "->", "::", NULL };

  return i > 0 && pinwheel_lower_token_is_one (&text->tokens[i - 1], members);
}

/* What the name at @i stands for in @text. Returns: (nullable): for itself */
static GArray *
look_up (const PinwheelLowerText *text, guint i)
{
  g_autofree char *name = NULL;

  if (text->names == NULL || text->tokens[i].kind != PINWHEEL_TOKEN_NAME
      || pinwheel_lower_is_member (text, i))
    return NULL;
  name = g_strndup (text->tokens[i].text, text->tokens[i].length);
  return g_hash_table_lookup (text->names, name);
}

void
pinwheel_lower_copy_named (const PinwheelLowerText *text, guint from, guint end, GArray *out)
{
  for (guint i = from; i < end; i++)
    {
      const GArray *other = look_up (text, i);

      if (other != NULL)
        g_array_append_vals (out, other->data, other->len);
      else
        g_array_append_val (out, text->tokens[i]);
    }
}

/* Remembers the type of what is declared at @i of @text. */
void
pinwheel_lower_note_type (PinwheelLowerInliner *self, const PinwheelLowerText *text, guint i,
                          guint length)
{
  static const char *const skipped[] = { "const",  "constexpr", "static",   "__shared__",
                                         "extern", "register",  "volatile", NULL };
  const PinwheelLowerToken *name = &text->tokens[i + length];
  GArray *out = look_up (text, i + length);
  GArray *type = pinwheel_lower_new_tokens ();

  name = out != NULL ? pinwheel_lower_get_tokens (out) : name;
  for (guint k = i; k < i + length; k++)
    if (!pinwheel_lower_token_is_one (&text->tokens[k], skipped))
      pinwheel_lower_copy_named (text, k, k + 1, type);
  g_hash_table_insert (self->types, g_strndup (name->text, name->length), type);
}

void
pinwheel_lower_note_parameters (PinwheelLowerInliner *self)
{
  const PinwheelSignature *signature = self->lower->signature;
  const PinwheelToken *place = &signature->tokens->items[signature->body_open];

  for (guint i = 0; i < signature->parameters->len; i++)
    {
      const PinwheelParameter *parameter = pinwheel_signature_parameter (signature, i);
      GArray *type = pinwheel_lower_new_tokens ();
      PinwheelLowerToken token = pinwheel_lower_make_token (self, PINWHEEL_TOKEN_NAME, place,
                                                            g_strdup (parameter->type.spelling));

      g_array_append_val (type, token);
      if (parameter->type.is_pointer)
        pinwheel_lower_add_word (self, type, place, "*");
      g_hash_table_insert (self->types, g_strdup (parameter->name), type);
      g_hash_table_insert (self->own, g_strdup (parameter->name), g_array_ref (type));
    }
}

/* The type of the expression @tokens: of a variable, or of an element of what is at a pointer.
 * Returns: (transfer full) (nullable): where that is not known */
GArray *
pinwheel_lower_find_type (const PinwheelLowerInliner *self, const GArray *tokens)
{
  const PinwheelLowerToken *first = pinwheel_lower_get_tokens (tokens);
  g_autofree char *name = NULL;
  const GArray *type;
  GArray *found;
  guint n;

  if (tokens->len == 0 || first->kind != PINWHEEL_TOKEN_NAME)
    return NULL;
  name = g_strndup (first->text, first->length);
  type = g_hash_table_lookup (self->types, name);
  if (type == NULL || type->len == 0)
    return NULL;
  n = type->len;
  if (tokens->len > 1)
    {
      if (!pinwheel_lower_token_is (&first[1], "[")
          || pinwheel_lower_token_close (first, tokens->len, 1) + 1 != tokens->len
          || !pinwheel_lower_token_is (&pinwheel_lower_get_tokens (type)[--n], "*"))
        return NULL;
    }
  found = pinwheel_lower_new_tokens ();
  g_array_append_vals (found, type->data, n);
  return found;
}

/* Gives the variables of a declaration, of which the first name is at @at, names of their own. */
static void
rename_declared (PinwheelLowerInliner *self, const PinwheelLowerToken *tokens, guint n, guint at,
                 GHashTable *names, const char *prefix)
{
  static const char *const signs[] = { "*", "&", NULL };
  static const char *const behind[] = { ";", ",", ")", NULL };

  while (at < n)
    {
      char *name = g_strndup (tokens[at].text, tokens[at].length);
      GArray *other = pinwheel_lower_new_tokens ();
      PinwheelLowerToken token = pinwheel_lower_make_token (
          self, PINWHEEL_TOKEN_NAME, tokens[at].place, g_strconcat (prefix, name, NULL));

      g_array_append_val (other, token);
      g_hash_table_insert (names, name, other);
      at = pinwheel_lower_token_find (tokens, n, at, behind);
      if (at >= n || !pinwheel_lower_token_is (&tokens[at++], ","))
        return;
      while (at < n && pinwheel_lower_token_is_one (&tokens[at], signs))
        at++;
    }
}

gboolean
pinwheel_lower_is_shared (const PinwheelLowerToken *tokens, guint length)
{
  for (guint i = 0; i < length; i++)
    if (pinwheel_lower_token_is (&tokens[i], "__shared__"))
      return TRUE;
  return FALSE;
}

void
pinwheel_lower_rename_variables (PinwheelLowerInliner *self, const PinwheelLowerToken *tokens,
                                 guint n, GHashTable *names, guint id, guint instance)
{
  static const char *const before[] = { ";", "{", "}", "(", ")", "else", "do", NULL };
  g_autofree char *own = g_strdup_printf ("pinwheel%u_", id);
  g_autofree char *common = g_strdup_printf ("pinwheel_shared%u_", instance);

  for (guint i = 0; i < n; i++)
    if (i == 0 || pinwheel_lower_token_is_one (&tokens[i - 1], before)
        || tokens[i - 1].kind == PINWHEEL_TOKEN_DIRECTIVE)
      {
        guint length = pinwheel_lower_declaration_length (tokens, n, i);

        if (length > 0)
          rename_declared (self, tokens, n, i + length, names,
                           pinwheel_lower_is_shared (tokens + i, length) ? common : own);
      }
}
