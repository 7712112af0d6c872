/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A module: its directives and variables, and what the caller asks of it. */
#include "config.h"

#include <stdlib.h>

#include "ptx-private.h"

/* No kernel of a test comes near: what asks for more is damaged. */
#define LARGEST_VARIABLE ((gint64) 1 << 30)

static const struct
{
  const char *name;
  PtxType type;
} types[] = {
  { ".b8", PTX_B8 },     { ".b16", PTX_B16 },   { ".b32", PTX_B32 }, { ".b64", PTX_B64 },
  { ".u8", PTX_U8 },     { ".u16", PTX_U16 },   { ".u32", PTX_U32 }, { ".u64", PTX_U64 },
  { ".s8", PTX_S8 },     { ".s16", PTX_S16 },   { ".s32", PTX_S32 }, { ".s64", PTX_S64 },
  { ".f16", PTX_F16 },   { ".bf16", PTX_BF16 }, { ".f32", PTX_F32 }, { ".f64", PTX_F64 },
  { ".pred", PTX_PRED },
};

PtxType
ptx_type_from_name (const char *name)
{
  for (guint k = 0; k < G_N_ELEMENTS (types); k++)
    if (strcmp (types[k].name, name) == 0)
      return types[k].type;
  return PTX_NO_TYPE;
}

gsize
ptx_type_get_size (PtxType type)
{
  if (type == PTX_BF16)
    return 2;
  return type >= PTX_PRED ? 1 : type == PTX_F16 ? 2 : (gsize) 1 << (type & 3);
}

gboolean
ptx_fail (PtxDecoder *decoder, const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list arguments;

  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  if (decoder->error == NULL || *decoder->error == NULL)
    g_set_error (decoder->error, PTX_ERROR, PTX_ERROR_PARSE, "PTX line %u, at '%s': %s",
                 decoder->token->line, decoder->token->text, text);
  return FALSE;
}

gboolean
ptx_accept (PtxDecoder *decoder, char sign)
{
  if (decoder->token->kind != PTX_TOKEN_SIGN || decoder->token->value != (guint64) sign)
    return FALSE;
  decoder->token++;
  return TRUE;
}

gboolean
ptx_expect (PtxDecoder *decoder, char sign)
{
  return ptx_accept (decoder, sign) || ptx_fail (decoder, "'%c' is expected", sign);
}

gboolean
ptx_is_word (const PtxDecoder *decoder)
{
  return decoder->token->kind == PTX_TOKEN_WORD;
}

gboolean
ptx_accept_word (PtxDecoder *decoder, const char *word)
{
  if (!ptx_is_word (decoder) || strcmp (decoder->token->text, word) != 0)
    return FALSE;
  decoder->token++;
  return TRUE;
}

const char *
ptx_expect_word (PtxDecoder *decoder, const char *what)
{
  if (ptx_is_word (decoder))
    return (decoder->token++)->text;
  ptx_fail (decoder, "%s is expected", what);
  return NULL;
}

gboolean
ptx_expect_integer (PtxDecoder *decoder, gint64 *value)
{
  gboolean is_negative = ptx_accept (decoder, '-');

  if (decoder->token->kind != PTX_TOKEN_INTEGER)
    return ptx_fail (decoder, "a number is expected");
  *value = (gint64) (decoder->token++)->value;
  if (is_negative)
    *value = (gint64) (0 - (guint64) *value);
  return TRUE;
}

gsize
ptx_reserve (gsize *size, gsize bytes, gsize alignment)
{
  gsize offset = (*size + alignment - 1) / alignment * alignment;

  *size = offset + bytes;
  return offset;
}

gboolean
ptx_define (PtxDecoder *decoder, GHashTable *names, const char *name, PtxSymbol symbol)
{
  if (g_hash_table_contains (names, name))
    return ptx_fail (decoder, "'%s' is declared twice", name);
  g_hash_table_insert (names, g_strdup (name), g_memdup2 (&symbol, sizeof symbol));
  return TRUE;
}

/* [.align N] [.v2|.v4] .type, and in .param also .ptr and what belongs to it */
gboolean
ptx_read_type (PtxDecoder *decoder, PtxDeclaration *declaration)
{
  gint64 alignment = 0;
  guint vector = 1;

  *declaration = (PtxDeclaration){ .type = PTX_NO_TYPE };
  while (ptx_is_word (decoder) && decoder->token->text[0] == '.')
    {
      const char *word = (decoder->token++)->text;

      if (strcmp (word, ".align") == 0)
        {
          if (!ptx_expect_integer (decoder, &alignment))
            return FALSE;
          if (alignment < 1 || alignment > 4096 || (alignment & (alignment - 1)) != 0)
            return ptx_fail (decoder, "an alignment is a power of two up to 4096");
        }
      else if (strcmp (word, ".v2") == 0 || strcmp (word, ".v4") == 0)
        vector = (guint) (word[2] - '0');
      else if (strcmp (word, ".attribute") == 0 && ptx_accept (decoder, '('))
        while (!ptx_accept (decoder, ')'))
          if ((decoder->token++)->kind == PTX_TOKEN_END)
            return (decoder->token--, ptx_fail (decoder, "an attribute has no end"));
      if (strcmp (word, ".ptr") == 0 || ptx_type_from_name (word) == PTX_NO_TYPE)
        continue;
      declaration->type = ptx_type_from_name (word);
    }
  if (declaration->type == PTX_NO_TYPE)
    return ptx_fail (decoder, "a type that is known is expected");
  declaration->size = ptx_type_get_size (declaration->type) * vector;
  declaration->alignment = alignment > 0 ? (gsize) alignment : declaration->size;
  return TRUE;
}

/* name, name[3][4], name[] or %name<5> */
gboolean
ptx_read_name (PtxDecoder *decoder, PtxDeclaration *declaration)
{
  gint64 count;

  declaration->name = ptx_expect_word (decoder, "a name");
  declaration->count = 0;
  if (declaration->name == NULL)
    return FALSE;
  if (ptx_accept (decoder, '<'))
    {
      if (!ptx_expect_integer (decoder, &count))
        return FALSE;
      if (count < 1 || count > 1 << 20)
        return ptx_fail (decoder, "so many registers are not possible");
      declaration->count = (guint) count;
      return ptx_expect (decoder, '>');
    }
  while (ptx_accept (decoder, '['))
    {
      if (ptx_accept (decoder, ']'))
        {
          declaration->size = 0;
          continue;
        }
      if (!ptx_expect_integer (decoder, &count))
        return FALSE;
      if (count < 0 || count > LARGEST_VARIABLE
          || (count > 0 && declaration->size > (guint64) (LARGEST_VARIABLE / count)))
        return ptx_fail (decoder, "'%s' is too large", declaration->name);
      declaration->size *= (gsize) count;
      if (!ptx_expect (decoder, ']'))
        return FALSE;
    }
  return TRUE;
}

/* One element of an initial value: a number, name + n, or generic (name) + n */
static gboolean
read_element (PtxDecoder *decoder, PtxVariableData *variable, gsize at, gsize width, PtxType type)
{
  gboolean is_negative = ptx_accept (decoder, '-');
  const PtxToken *token = decoder->token;
  guint64 bits = token->value;

  if (token->kind == PTX_TOKEN_WORD)
    {
      gboolean in_brackets = ptx_accept_word (decoder, "generic");
      PtxFix fix = { .at = at, .width = width };
      const PtxSymbol *symbol;
      const char *name;

      if ((in_brackets && !ptx_expect (decoder, '('))
          || (name = ptx_expect_word (decoder, "a variable's name")) == NULL)
        return FALSE;
      symbol = g_hash_table_lookup (decoder->names, name);
      if (symbol == NULL
          || (symbol->kind != PTX_SYMBOL_VARIABLE && symbol->kind != PTX_SYMBOL_FUNCTION))
        return ptx_fail (decoder, "no variable or function is called '%s'", name);
      fix.kind = symbol->kind == PTX_SYMBOL_VARIABLE ? PTX_FIX_VARIABLE : PTX_FIX_FUNCTION;
      fix.number = symbol->index;
      if (in_brackets && !ptx_expect (decoder, ')'))
        return FALSE;
      if (ptx_accept (decoder, '+') && !ptx_expect_integer (decoder, &fix.addend))
        return FALSE;
      if (variable->fixes == NULL)
        variable->fixes = g_array_new (FALSE, FALSE, sizeof (PtxFix));
      g_array_append_val (variable->fixes, fix);
      return TRUE;
    }
  if (token->kind == PTX_TOKEN_DOUBLE || token->kind == PTX_TOKEN_SINGLE)
    {
      double value = token->kind == PTX_TOKEN_SINGLE ? ptx_f32 (bits) : ptx_f64 (bits);

      value = is_negative ? -value : value;
      bits = type == PTX_F32 ? ptx_from_f32 ((float) value) : ptx_from_f64 (value);
    }
  else if (token->kind != PTX_TOKEN_INTEGER)
    return ptx_fail (decoder, "a constant is expected");
  else if (is_negative)
    bits = 0 - bits;
  decoder->token++;
  for (gsize k = 0; k < width; k++)
    variable->initial[at + k] = (guint8) (bits >> (8 * k));
  return TRUE;
}

static gboolean
read_initial (PtxDecoder *decoder, PtxVariableData *variable, PtxType type)
{
  gsize width = ptx_type_get_size (type), at = 0;
  guint depth = 0;

  variable->initial = g_try_malloc0 (MAX (variable->public.size, 1));
  if (variable->initial == NULL)
    return ptx_fail (decoder, "'%s' is too large", variable->public.name);
  for (;;)
    {
      while (ptx_accept (decoder, '{'))
        depth++;
      if (depth == 0 || !ptx_accept (decoder, '}'))
        {
          if (at + width > variable->public.size)
            return ptx_fail (decoder, "'%s' has more initial values than room",
                             variable->public.name);
          if (!read_element (decoder, variable, at, width, type))
            return FALSE;
          at += width;
        }
      else
        depth--;
      while (depth > 0 && ptx_accept (decoder, '}'))
        depth--;
      if (depth == 0)
        return TRUE;
      if (!ptx_expect (decoder, ','))
        return FALSE;
    }
}

static gboolean
read_placed (PtxDecoder *decoder, const PtxDeclaration *declaration, gboolean is_constant)
{
  PtxVariableData *variable = g_new0 (PtxVariableData, 1);
  PtxSymbol symbol = { .kind = PTX_SYMBOL_VARIABLE, .index = decoder->module->variables->len };

  g_ptr_array_add (decoder->module->variables, variable);
  variable->public.name = g_strdup (declaration->name);
  variable->public.size = declaration->size;
  variable->public.alignment = declaration->alignment;
  variable->public.is_constant = is_constant;
  return ptx_define (decoder,
                     decoder->scopes->len > 0
                         ? g_ptr_array_index (decoder->scopes, decoder->scopes->len - 1)
                         : decoder->names,
                     declaration->name, symbol)
         && (!ptx_accept (decoder, '=') || read_initial (decoder, variable, declaration->type));
}

static gboolean
read_shared (PtxDecoder *decoder, const PtxDeclaration *declaration, gboolean is_extern)
{
  gboolean in_entry = decoder->scopes->len > 0 && decoder->function->is_entry;
  gsize *size = in_entry ? &decoder->function->shared_size : &decoder->module->shared_size;
  PtxSymbol symbol = { .kind = in_entry ? PTX_SYMBOL_ENTRY_SHARED : PTX_SYMBOL_MODULE_SHARED };

  if (is_extern && declaration->size == 0)
    symbol.kind = PTX_SYMBOL_DYNAMIC_SHARED;
  else
    symbol.offset = ptx_reserve (size, declaration->size, declaration->alignment);
  return ptx_define (decoder,
                     decoder->scopes->len > 0
                         ? g_ptr_array_index (decoder->scopes, decoder->scopes->len - 1)
                         : decoder->names,
                     declaration->name, symbol);
}

gboolean
ptx_read_variable (PtxDecoder *decoder, PtxSpace space, gboolean is_extern)
{
  PtxDeclaration type, declaration;

  if (!ptx_read_type (decoder, &type))
    return FALSE;
  do
    {
      declaration = type;
      if (!ptx_read_name (decoder, &declaration))
        return FALSE;
      if (is_extern && space != PTX_SHARED)
        return ptx_fail (decoder, "'%s' is in another module: modules are not linked here",
                         declaration.name);
      if (!(space == PTX_SHARED ? read_shared (decoder, &declaration, is_extern)
                                : read_placed (decoder, &declaration, space == PTX_CONST)))
        return FALSE;
    }
  while (ptx_accept (decoder, ','));
  return TRUE;
}

static gboolean
read_target (PtxDecoder *decoder)
{
  do
    {
      const char *word = ptx_expect_word (decoder, "a target");

      if (word == NULL)
        return FALSE;
      if (g_str_has_prefix (word, "sm_"))
        decoder->module->target = (guint) strtoul (word + 3, NULL, 10);
    }
  while (ptx_accept (decoder, ','));
  return TRUE;
}

/* .file, .section and the like: nothing of it is run */
static gboolean
skip_debug (PtxDecoder *decoder, const char *word)
{
  guint line = decoder->token[-1].line;

  if (strcmp (word, ".section") != 0)
    {
      while (decoder->token->line == line && decoder->token->kind != PTX_TOKEN_END)
        decoder->token++;
      return TRUE;
    }
  while (!ptx_accept (decoder, '}'))
    if ((decoder->token++)->kind == PTX_TOKEN_END)
      return (decoder->token--, ptx_fail (decoder, "a section has no end"));
  return TRUE;
}

static gboolean
read_directive (PtxDecoder *decoder)
{
  gboolean is_extern = FALSE;
  const char *word;
  gint64 size;

  while (ptx_accept_word (decoder, ".visible") || ptx_accept_word (decoder, ".weak")
         || ptx_accept_word (decoder, ".common")
         || (ptx_accept_word (decoder, ".extern") && (is_extern = TRUE)))
    ;
  word = ptx_expect_word (decoder, "a directive");
  if (word == NULL)
    return FALSE;
  if (strcmp (word, ".version") == 0)
    return decoder->token++->kind == PTX_TOKEN_DOUBLE
           || (decoder->token--, ptx_fail (decoder, "a version is expected"));
  if (strcmp (word, ".target") == 0)
    return read_target (decoder);
  if (strcmp (word, ".address_size") == 0)
    return ptx_expect_integer (decoder, &size)
           && (size == 64 || ptx_fail (decoder, "addresses have 64 bits here"));
  if (strcmp (word, ".file") == 0 || strcmp (word, ".section") == 0
      || strcmp (word, ".pragma") == 0)
    return skip_debug (decoder, word);
  if (strcmp (word, ".entry") == 0 || strcmp (word, ".func") == 0)
    return ptx_read_function (decoder, word[1] == 'e');
  if (strcmp (word, ".global") == 0 || strcmp (word, ".const") == 0
      || strcmp (word, ".shared") == 0)
    return ptx_read_variable (decoder,
                              word[1] == 'g'   ? PTX_GLOBAL
                              : word[1] == 'c' ? PTX_CONST
                                               : PTX_SHARED,
                              is_extern)
           && ptx_expect (decoder, ';');
  decoder->token--;
  return ptx_fail (decoder, "no directive that is known");
}

static void
variable_free (gpointer data)
{
  PtxVariableData *self = data;

  g_free ((char *) self->public.name);
  g_free (self->initial);
  g_clear_pointer (&self->fixes, g_array_unref);
  g_free (self);
}

/* The offset of shared variables is known when all of them have been seen. */
static void
fix_shared (PtxModule *self)
{
  gsize entries = (self->shared_size + 127) / 128 * 128;

  for (guint f = 0; f < self->functions->len; f++)
    {
      PtxFunction *function = g_ptr_array_index (self->functions, f);

      for (guint k = 0; k < function->fixes->len; k++)
        {
          const PtxFix *fix = &g_array_index (function->fixes, PtxFix, k);

          if (fix->kind == PTX_FIX_ENTRY_SHARED || fix->kind == PTX_FIX_MODULE_SHARED)
            g_array_index (function->constants, guint64, fix->at)
                = (guint64) fix->addend + (fix->kind == PTX_FIX_ENTRY_SHARED ? entries : 0);
        }
      if (function->is_entry)
        function->shared_size += function->shared_size > 0 ? entries : self->shared_size;
    }
}

static gboolean
check_calls (const PtxModule *self, GError **error)
{
  for (guint f = 0; f < self->functions->len; f++)
    {
      const PtxFunction *function = g_ptr_array_index (self->functions, f);

      if (function->called_line > 0 && !function->is_defined)
        {
          g_set_error (error, PTX_ERROR, PTX_ERROR_PARSE,
                       "PTX line %u: '%s' is called, which is nowhere in this module",
                       function->called_line, function->name);
          return FALSE;
        }
    }
  return TRUE;
}

PtxModule *
ptx_module_new (const char *text, GError **error)
{
  g_autoptr (PtxModule) self = g_new0 (PtxModule, 1);
  g_autoptr (GError) first = NULL;
  PtxDecoder decoder = { .module = self, .error = &first };
  GArray *tokens;
  gboolean success = TRUE;

  self->functions = g_ptr_array_new_with_free_func ((GDestroyNotify) ptx_function_free);
  self->variables = g_ptr_array_new_with_free_func (variable_free);
  decoder.strings = g_string_chunk_new (4096);
  tokens = ptx_lex (text, decoder.strings, error);
  if (tokens == NULL)
    {
      g_string_chunk_free (decoder.strings);
      return NULL;
    }
  decoder.names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  decoder.scopes = g_ptr_array_new_with_free_func ((GDestroyNotify) g_hash_table_unref);
  decoder.token = &g_array_index (tokens, PtxToken, 0);
  while (success && decoder.token->kind != PTX_TOKEN_END)
    success = read_directive (&decoder);
  success = success && check_calls (self, &first);
  if (success)
    fix_shared (self);
  else
    g_propagate_error (error, g_steal_pointer (&first));
  g_hash_table_unref (decoder.names);
  g_ptr_array_unref (decoder.scopes);
  g_array_unref (tokens);
  g_string_chunk_free (decoder.strings);
  return success ? g_steal_pointer (&self) : NULL;
}

void
ptx_module_free (PtxModule *self)
{
  g_ptr_array_unref (self->functions);
  g_ptr_array_unref (self->variables);
  g_free (self);
}
