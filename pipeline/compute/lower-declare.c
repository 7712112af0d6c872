/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "compute/lower-private.h"

static const char *const type_words[] = { "unsigned", "signed",   "long",   "short", "int",
                                          "float",    "double",   "char",   "bool",  "void",
                                          "auto",     "volatile", "struct", "class", "union",
                                          "enum",     "typename", NULL };
static const char *const prefixes[] = { "const",    "constexpr",  "static", "extern",
                                        "register", "__shared__", NULL };
static const char *const restricts[] = { "__restrict__", "__restrict", NULL };

/* What the words in front of the names of a declaration say */
typedef struct
{
  GString *type;
  gboolean is_const, is_static, is_shared, is_extern, is_auto;
} Prefix;

static PinwheelLowerVariable *
look_up (const PinwheelLower *self, const char *name, gsize length)
{
  for (guint i = self->visible->len; i > 0; i--)
    {
      PinwheelLowerVariable *variable = g_ptr_array_index (self->visible, i - 1);

      if (strlen (variable->name) == length && memcmp (variable->name, name, length) == 0)
        return variable;
    }
  return NULL;
}

void
pinwheel_lower_resolve (PinwheelLower *self, guint from, guint end)
{
  static const char *const members[] = { ".", "->", "::", NULL };

  for (guint i = from; i < end; i++)
    if (self->tokens[i].kind == PINWHEEL_TOKEN_NAME
        && (i == 0 || !pinwheel_lower_is_one (self, i - 1, members)))
      self->tokens[i].variable = look_up (self, self->tokens[i].text, self->tokens[i].length);
}

PinwheelLowerVariable *
pinwheel_lower_declare (PinwheelLower *self, guint i, char *name)
{
  PinwheelLowerVariable *variable = g_new0 (PinwheelLowerVariable, 1);

  pinwheel_lower_own (self, variable);
  variable->name = pinwheel_lower_own (self, name);
  variable->at = i;
  variable->id = self->variables->len;
  variable->region = -1;
  variable->class = PINWHEEL_LOWER_VARYING;
  if (look_up (self, name, strlen (name)) != NULL)
    pinwheel_lower_refuse (self, i, "'%s' hides another variable", name);
  g_ptr_array_add (self->variables, variable);
  g_ptr_array_add (self->visible, variable);
  return variable;
}

guint
pinwheel_lower_find (const PinwheelLower *self, guint i, guint end, const char *stops)
{
  for (; i < end; i++)
    {
      const PinwheelLowerToken *token = &self->tokens[i];

      if (token->kind != PINWHEEL_TOKEN_PUNCTUATOR || token->length != 1)
        continue;
      if (strchr (stops, token->text[0]) != NULL)
        return i;
      if (token->match > i)
        i = token->match;
    }
  return end;
}

/* Behind the `<...>` at @i, or @i where that is no list of template arguments */
static guint
skip_angles (const PinwheelLower *self, guint i)
{
  int depth = 0;

  for (guint k = i; k < self->n_tokens; k++)
    {
      if (pinwheel_lower_is (self, k, "<"))
        depth++;
      else if (pinwheel_lower_is (self, k, ">"))
        depth--;
      else if (pinwheel_lower_is (self, k, ">>"))
        depth -= 2;
      else if (pinwheel_lower_is (self, k, ";") || pinwheel_lower_is (self, k, "{"))
        return i;
      if (depth <= 0)
        return k + 1;
    }
  return i;
}

/* Behind the name of a type at @i: `a::b<c>` */
static guint
skip_type_name (const PinwheelLower *self, guint i)
{
  i++;
  for (;;)
    if (pinwheel_lower_is (self, i, "::") && self->tokens[i + 1].kind == PINWHEEL_TOKEN_NAME)
      i += 2;
    else if (pinwheel_lower_is (self, i, "<") && skip_angles (self, i) > i)
      i = skip_angles (self, i);
    else
      return i;
}

static guint
skip_pointers (const PinwheelLower *self, guint i)
{
  while (pinwheel_lower_is (self, i, "*") || pinwheel_lower_is (self, i, "&")
         || pinwheel_lower_is (self, i, "const") || pinwheel_lower_is_one (self, i, restricts))
    i++;
  return i;
}

gboolean
pinwheel_lower_is_declaration (const PinwheelLower *self, guint i)
{
  static const char *const follow[] = { "=", ";", ",", "[", "(", "{", ":", NULL };
  const PinwheelLowerToken *token = &self->tokens[i];

  if (pinwheel_lower_is_one (self, i, prefixes))
    return TRUE;
  if (pinwheel_lower_is_one (self, i, type_words))
    return !pinwheel_lower_is (self, i + 1, "(");
  if (token->kind != PINWHEEL_TOKEN_NAME || look_up (self, token->text, token->length) != NULL)
    return FALSE;
  i = skip_pointers (self, skip_type_name (self, i));
  return self->tokens[i].kind == PINWHEEL_TOKEN_NAME && pinwheel_lower_is_one (self, i + 1, follow);
}

static void
append (GString *type, const PinwheelLower *self, guint from, guint end)
{
  g_autofree char *text = pinwheel_lower_dup (self, from, end);

  g_string_append_printf (type, "%s%s", type->len > 0 ? " " : "", text);
}

static guint
read_prefix (PinwheelLower *self, guint i, Prefix *prefix)
{
  gboolean is_named = FALSE;

  for (;; i++)
    {
      if (pinwheel_lower_is (self, i, "const") || pinwheel_lower_is (self, i, "constexpr"))
        prefix->is_const = TRUE;
      else if (pinwheel_lower_is (self, i, "static"))
        prefix->is_static = TRUE;
      else if (pinwheel_lower_is (self, i, "extern"))
        prefix->is_extern = TRUE;
      else if (pinwheel_lower_is (self, i, "__shared__"))
        prefix->is_shared = TRUE;
      else if (pinwheel_lower_is (self, i, "__align__") || pinwheel_lower_is (self, i, "alignas"))
        i = MAX (self->tokens[i + 1].match, i);
      else if (pinwheel_lower_is_one (self, i, type_words))
        {
          static const char *const elaborate[] = { "struct", "class",    "union",
                                                   "enum",   "typename", NULL };

          append (prefix->type, self, i, i + 1);
          prefix->is_auto |= pinwheel_lower_is (self, i, "auto");
          is_named = !pinwheel_lower_is_one (self, i, elaborate)
                     && !pinwheel_lower_is (self, i, "volatile");
        }
      else if (self->tokens[i].kind == PINWHEEL_TOKEN_NAME && !is_named
               && !pinwheel_lower_is (self, i, "register"))
        {
          guint end = skip_type_name (self, i);

          append (prefix->type, self, i, end);
          is_named = TRUE;
          i = end - 1;
        }
      else if (!pinwheel_lower_is (self, i, "register"))
        return i;
    }
}

static guint
read_dims (PinwheelLower *self, guint i, PinwheelLowerVariable *variable)
{
  variable->dims = i;
  for (; pinwheel_lower_is (self, i, "["); i = self->tokens[i].match + 1)
    variable->n_dims++;
  variable->dims_end = i;
  pinwheel_lower_resolve (self, variable->dims, i);
  return i;
}

static guint
read_init (PinwheelLower *self, guint i, PinwheelLowerVariable *variable)
{
  variable->init = variable->init_end = i;
  if (pinwheel_lower_is (self, i, "="))
    {
      variable->open = '=';
      variable->init = i + 1;
      variable->init_end = i = pinwheel_lower_find (self, i + 1, self->n_tokens, ",;)");
    }
  else if (pinwheel_lower_is (self, i, "(") || pinwheel_lower_is (self, i, "{"))
    {
      variable->open = self->tokens[i].text[0];
      variable->init = i + 1;
      variable->init_end = self->tokens[i].match;
      i = variable->init_end + 1;
    }
  return i;
}

/* Whether a value of this type may hold an address: all but numbers, and structures of numbers */
static gboolean
may_point (const PinwheelLower *self, const PinwheelLowerVariable *variable)
{
  static const char *const numbers[] = { "size_t",  "int8_t",   "int16_t",  "int32_t",  "int64_t",
                                         "uint8_t", "uint16_t", "uint32_t", "uint64_t", "uint",
                                         "float2",  "float3",   "float4",   "double2",  "double3",
                                         "double4", "int2",     "int3",     "int4",     "uint2",
                                         "uint3",   "uint4",    NULL };
  g_auto (GStrv) words = g_strsplit (variable->type, " ", -1);

  if (variable->is_pointer || variable->is_auto)
    return TRUE;
  for (char **word = words; variable->fields == NULL && *word != NULL; word++)
    {
      const PinwheelCType *known = g_hash_table_lookup (self->typedefs, *word);

      if (!g_strv_contains (numbers, *word) && !g_strv_contains (type_words, *word)
          && !(known != NULL && known->spelling != NULL && !known->is_pointer))
        return TRUE;
    }
  return FALSE;
}

/* Reads `*name[3] = value` at @i. Returns: the token behind it */
static guint
read_declarator (PinwheelLower *self, guint i, const Prefix *prefix,
                 PinwheelLowerStatement *statement)
{
  g_autoptr (GString) type = g_string_new (prefix->type->str);
  gboolean is_const = prefix->is_const, is_pointer = FALSE, is_reference = FALSE;
  PinwheelLowerVariable *variable, read = { 0 };
  guint at;

  for (;; i++)
    if (pinwheel_lower_is (self, i, "*"))
      {
        if (is_const)
          g_string_append (type, " const");
        g_string_append (type, " *");
        is_const = FALSE;
        is_pointer = TRUE;
      }
    else if (pinwheel_lower_is (self, i, "const"))
      is_const = TRUE;
    else if (pinwheel_lower_is (self, i, "&"))
      is_reference = TRUE;
    else if (!pinwheel_lower_is_one (self, i, restricts))
      break;
  at = i;
  if (self->tokens[i].kind != PINWHEEL_TOKEN_NAME)
    {
      pinwheel_lower_refuse (self, i, "a declaration that is not understood");
      return i;
    }
  /* the name is not visible in its own first value here: nobody means that */
  i = read_init (self, read_dims (self, i + 1, &read), &read);
  pinwheel_lower_resolve (self, read.init, read.init_end);
  variable = pinwheel_lower_declare (self, at, pinwheel_lower_dup (self, at, at + 1));
  self->tokens[at].variable = variable;
  variable->type = pinwheel_lower_own (self, g_strdup (type->str));
  variable->dims = read.dims;
  variable->dims_end = read.dims_end;
  variable->n_dims = read.n_dims;
  variable->init = read.init;
  variable->init_end = read.init_end;
  variable->open = read.open;
  variable->is_const = is_const;
  variable->is_pointer = is_pointer;
  variable->is_reference = is_reference;
  variable->is_auto = prefix->is_auto;
  variable->is_shared = prefix->is_shared;
  variable->is_extern = prefix->is_extern;
  if (!is_pointer && !is_reference)
    variable->fields = g_hash_table_lookup (self->structures, type->str);
  variable->may_point = may_point (self, variable);
  g_ptr_array_add (statement->variables, variable);
  return i;
}

guint
pinwheel_lower_read_declaration (PinwheelLower *self, guint i, PinwheelLowerStatement *statement)
{
  g_autoptr (GString) type = g_string_new (NULL);
  Prefix prefix = { .type = type };
  guint from = i;

  statement->kind = PINWHEEL_LOWER_DECLARATION;
  statement->variables = pinwheel_lower_new_list (self);
  i = read_prefix (self, i, &prefix);
  if (type->len == 0)
    pinwheel_lower_refuse (self, from, "a declaration that is not understood");
  if (prefix.is_static && !prefix.is_shared)
    pinwheel_lower_refuse (self, from, "a static variable in the kernel");
  if (prefix.is_extern && !prefix.is_shared)
    pinwheel_lower_refuse (self, from, "a declaration of something external in the kernel");
  while (self->reason == NULL)
    {
      i = read_declarator (self, i, &prefix, statement);
      if (!pinwheel_lower_is (self, i, ","))
        break;
      i++;
    }
  if (self->reason == NULL && !pinwheel_lower_is (self, i, ";"))
    pinwheel_lower_refuse (self, i, "a declaration that is not understood");
  return i;
}
