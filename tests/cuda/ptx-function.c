/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Functions: their heads, declarations, scopes and labels. */
#include "config.h"

#include "ptx-private.h"

#define LARGEST_PARAMETERS 32764u /* as PTX has it */

void
ptx_function_free (PtxFunction *self)
{
  g_free (self->name);
  g_array_unref (self->parameters);
  g_array_unref (self->results);
  g_array_unref (self->code);
  g_array_unref (self->constants);
  g_array_unref (self->fixes);
  g_array_unref (self->lists);
  g_free (self);
}

static PtxFunction *
function_new (PtxDecoder *decoder, const char *name, gboolean is_entry)
{
  PtxFunction *self = g_new0 (PtxFunction, 1);

  self->name = g_strdup (name);
  self->module = decoder->module;
  self->is_entry = is_entry;
  self->parameters = g_array_new (FALSE, FALSE, sizeof (PtxParameter));
  self->results = g_array_new (FALSE, FALSE, sizeof (PtxParameter));
  self->code = g_array_new (FALSE, FALSE, sizeof (PtxInsn));
  self->constants = g_array_new (FALSE, FALSE, sizeof (guint64));
  self->fixes = g_array_new (FALSE, FALSE, sizeof (PtxFix));
  self->lists = g_array_new (FALSE, FALSE, sizeof (gint32));
  self->number = decoder->module->functions->len;
  g_ptr_array_add (decoder->module->functions, self);
  return self;
}

/* Of a function, a call's prototype or an entry; `names` may be NULL. */
gboolean
ptx_read_parameters (PtxDecoder *decoder, GArray *parameters, gsize *size, GHashTable *names)
{
  PtxDeclaration declaration;
  gboolean is_entry = decoder->function->is_entry;

  g_array_set_size (parameters, 0);
  if (!ptx_expect (decoder, '('))
    return FALSE;
  while (!ptx_accept (decoder, ')'))
    {
      PtxSymbol symbol = { .kind = is_entry ? PTX_SYMBOL_ENTRY_PARAM : PTX_SYMBOL_PARAM };
      PtxParameter parameter;

      if (parameters->len > 0 && !ptx_expect (decoder, ','))
        return FALSE;
      if (!ptx_accept_word (decoder, ".param"))
        return ptx_fail (decoder, "a parameter in .param is expected");
      if (!ptx_read_type (decoder, &declaration) || !ptx_read_name (decoder, &declaration))
        return FALSE;
      parameter.size = declaration.size;
      parameter.alignment = declaration.alignment;
      parameter.offset = ptx_reserve (size, declaration.size, declaration.alignment);
      g_array_append_val (parameters, parameter);
      if (*size > LARGEST_PARAMETERS)
        return ptx_fail (decoder, "parameters have at most %u bytes", LARGEST_PARAMETERS);
      symbol.offset = parameter.offset;
      symbol.size = parameter.size;
      if (names != NULL && !ptx_define (decoder, names, declaration.name, symbol))
        return FALSE;
    }
  return TRUE;
}

/* .maxntid, .minnctapersm, .noreturn ...: only how many threads there may be is kept */
static gboolean
read_attributes (PtxDecoder *decoder)
{
  while (ptx_is_word (decoder) && decoder->token->text[0] == '.')
    {
      const char *word = (decoder->token++)->text;
      guint64 product = 1;

      if (decoder->token->kind != PTX_TOKEN_INTEGER)
        continue;
      do
        {
          gint64 value;

          if (!ptx_expect_integer (decoder, &value))
            return FALSE;
          product *= (guint64) CLAMP (value, 0, 1 << 20);
        }
      while (ptx_accept (decoder, ',') && product < G_MAXUINT16);
      if (strcmp (word, ".maxntid") == 0 || strcmp (word, ".reqntid") == 0)
        decoder->function->max_threads = (guint) MIN (product, G_MAXUINT16);
    }
  return TRUE;
}

static gboolean
find_function (PtxDecoder *decoder, const char *name, gboolean is_entry)
{
  const PtxSymbol *symbol = g_hash_table_lookup (decoder->names, name);
  PtxSymbol added = { .kind = PTX_SYMBOL_FUNCTION };

  if (symbol == NULL)
    {
      decoder->function = function_new (decoder, name, is_entry);
      added.index = decoder->function->number;
      return ptx_define (decoder, decoder->names, name, added);
    }
  if (symbol->kind != PTX_SYMBOL_FUNCTION)
    return ptx_fail (decoder, "'%s' is declared twice", name);
  decoder->function = g_ptr_array_index (decoder->module->functions, symbol->index);
  if (decoder->function->is_defined || decoder->function->is_entry != is_entry)
    return ptx_fail (decoder, "'%s' is declared twice", name);
  return TRUE;
}

gboolean
ptx_read_function (PtxDecoder *decoder, gboolean is_entry)
{
  GHashTable *names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  const PtxToken *results = NULL, *after;
  const char *name;
  gboolean success;

  g_ptr_array_set_size (decoder->scopes, 0);
  g_ptr_array_add (decoder->scopes, names);
  if (!is_entry && decoder->token->kind == PTX_TOKEN_SIGN && decoder->token->value == '(')
    {
      /* the name, which comes behind the results, says whose they are */
      results = decoder->token;
      while (!ptx_accept (decoder, ')'))
        if ((decoder->token++)->kind == PTX_TOKEN_END)
          return (decoder->token--, ptx_fail (decoder, "')' is expected"));
    }
  name = ptx_expect_word (decoder, "a function's name");
  if (name == NULL || !find_function (decoder, name, is_entry))
    return FALSE;
  after = decoder->token;
  decoder->function->parameters_size = 0;
  if (results != NULL)
    {
      decoder->token = results;
      if (!ptx_read_parameters (decoder, decoder->function->results,
                                &decoder->function->parameters_size, names))
        return FALSE;
      decoder->token = after;
    }
  success = (decoder->token->value != '(' || decoder->token->kind != PTX_TOKEN_SIGN
             || ptx_read_parameters (decoder, decoder->function->parameters,
                                     &decoder->function->parameters_size, names))
            && read_attributes (decoder);
  if (success && !ptx_accept (decoder, ';'))
    success = ptx_read_body (decoder);
  g_ptr_array_set_size (decoder->scopes, 0);
  return success;
}

static gboolean
read_registers (PtxDecoder *decoder, GHashTable *names)
{
  PtxDeclaration type, declaration;

  if (!ptx_read_type (decoder, &type))
    return FALSE;
  do
    {
      PtxSymbol symbol = { .kind = PTX_SYMBOL_REGISTER, .type = type.type };

      declaration = type;
      if (!ptx_read_name (decoder, &declaration))
        return FALSE;
      symbol.index = decoder->function->n_registers;
      symbol.count = declaration.count;
      decoder->function->n_registers += MAX (declaration.count, 1);
      if (decoder->function->n_registers > 1 << 20)
        return ptx_fail (decoder, "so many registers are not possible");
      if (!ptx_define (decoder, names, declaration.name, symbol))
        return FALSE;
    }
  while (ptx_accept (decoder, ','));
  return TRUE;
}

/* .param of a call, and .local */
static gboolean
read_stacked (PtxDecoder *decoder, GHashTable *names, PtxSymbolKind kind)
{
  PtxDeclaration type, declaration;

  if (!ptx_read_type (decoder, &type))
    return FALSE;
  do
    {
      PtxSymbol symbol = { .kind = kind };

      declaration = type;
      if (!ptx_read_name (decoder, &declaration))
        return FALSE;
      symbol.offset = ptx_reserve (&decoder->function->frame_size, declaration.size,
                                   declaration.alignment);
      symbol.size = declaration.size;
      if (!ptx_define (decoder, names, declaration.name, symbol))
        return FALSE;
    }
  while (ptx_accept (decoder, ','));
  return TRUE;
}

/* name : .branchtargets a, b; and name : .callprototype ...; */
static gboolean
read_labelled (PtxDecoder *decoder, GHashTable *names, const char *name, gboolean *is_directive)
{
  PtxFunction *function = decoder->function;
  PtxSymbol symbol = { .kind = PTX_SYMBOL_TARGETS, .index = function->lists->len };

  *is_directive = TRUE;
  if (ptx_accept_word (decoder, ".branchtargets"))
    {
      do
        {
          PtxJump jump = { .insn = -1, .list = function->lists->len };
          gint32 none = 0;

          jump.line = decoder->token->line;
          jump.label = ptx_expect_word (decoder, "a label");
          if (jump.label == NULL)
            return FALSE;
          g_array_append_val (decoder->jumps, jump);
          g_array_append_val (function->lists, none);
          symbol.count++;
        }
      while (ptx_accept (decoder, ','));
      return ptx_define (decoder, names, name, symbol) && ptx_expect (decoder, ';');
    }
  if (ptx_accept_word (decoder, ".callprototype") || ptx_accept_word (decoder, ".calltargets"))
    {
      symbol.kind = PTX_SYMBOL_PROTOTYPE;
      while (!ptx_accept (decoder, ';'))
        if ((decoder->token++)->kind == PTX_TOKEN_END)
          return (decoder->token--, ptx_fail (decoder, "';' is expected"));
      return ptx_define (decoder, names, name, symbol);
    }
  *is_directive = FALSE;
  return TRUE;
}

static gboolean
read_label (PtxDecoder *decoder, GHashTable *names)
{
  const char *name = decoder->token->text;
  gboolean is_directive;

  decoder->token += 2;
  if (!read_labelled (decoder, names, name, &is_directive))
    return FALSE;
  if (is_directive)
    return TRUE;
  if (g_hash_table_contains (decoder->labels, name))
    return ptx_fail (decoder, "the label '%s' stands twice", name);
  g_hash_table_insert (decoder->labels, (gpointer) name,
                       GUINT_TO_POINTER (decoder->function->code->len + 1));
  return TRUE;
}

static gboolean
read_declaration (PtxDecoder *decoder, GHashTable *names)
{
  const char *word = (decoder->token++)->text;
  gboolean success;

  if (strcmp (word, ".loc") == 0 || strcmp (word, ".file") == 0)
    {
      guint line = decoder->token[-1].line;

      while (decoder->token->line == line && decoder->token->kind != PTX_TOKEN_END)
        decoder->token++;
      return TRUE;
    }
  if (strcmp (word, ".pragma") == 0)
    success = decoder->token->kind == PTX_TOKEN_STRING && decoder->token++;
  else if (strcmp (word, ".reg") == 0)
    success = read_registers (decoder, names);
  else if (strcmp (word, ".param") == 0)
    success = read_stacked (decoder, names, PTX_SYMBOL_PARAM);
  else if (strcmp (word, ".local") == 0)
    success = read_stacked (decoder, names, PTX_SYMBOL_LOCAL);
  else if (strcmp (word, ".shared") == 0)
    success = ptx_read_variable (decoder, PTX_SHARED, FALSE);
  else if (strcmp (word, ".global") == 0 || strcmp (word, ".const") == 0)
    success = ptx_read_variable (decoder, word[1] == 'g' ? PTX_GLOBAL : PTX_CONST, FALSE);
  else
    success = FALSE;
  if (!success)
    return ptx_fail (decoder, "'%s' cannot be understood here", word);
  return ptx_expect (decoder, ';');
}

static gboolean
read_statement (PtxDecoder *decoder)
{
  GHashTable *names = g_ptr_array_index (decoder->scopes, decoder->scopes->len - 1);
  const PtxToken *next = decoder->token + 1;

  if (decoder->token->kind == PTX_TOKEN_END)
    return ptx_fail (decoder, "'%s' has no end", decoder->function->name);
  if (ptx_accept (decoder, ';'))
    return TRUE;
  if (ptx_accept (decoder, '{'))
    {
      g_ptr_array_add (decoder->scopes,
                       g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free));
      return TRUE;
    }
  if (ptx_accept (decoder, '}'))
    {
      g_ptr_array_set_size (decoder->scopes, (gint) decoder->scopes->len - 1);
      return TRUE;
    }
  if (ptx_is_word (decoder) && decoder->token->text[0] == '.')
    return read_declaration (decoder, names);
  if (ptx_is_word (decoder) && next->kind == PTX_TOKEN_SIGN && next->value == ':')
    return read_label (decoder, names);
  return ptx_read_instruction (decoder);
}

static gboolean
fill_jumps (PtxDecoder *decoder)
{
  PtxFunction *function = decoder->function;

  for (guint k = 0; k < decoder->jumps->len; k++)
    {
      const PtxJump *jump = &g_array_index (decoder->jumps, PtxJump, k);
      guint target = GPOINTER_TO_UINT (g_hash_table_lookup (decoder->labels, jump->label));

      if (target == 0)
        {
          g_set_error (decoder->error, PTX_ERROR, PTX_ERROR_PARSE,
                       "PTX line %u: there is no label '%s' in '%s'", jump->line, jump->label,
                       function->name);
          return FALSE;
        }
      if (jump->insn >= 0)
        g_array_index (function->code, PtxInsn, jump->insn).offset = target - 1;
      else
        g_array_index (function->lists, gint32, jump->list) = (gint32) target - 1;
    }
  return TRUE;
}

gboolean
ptx_read_body (PtxDecoder *decoder)
{
  PtxFunction *function = decoder->function;
  gboolean success = TRUE;

  if (!ptx_expect (decoder, '{'))
    return FALSE;
  function->is_defined = TRUE;
  function->frame_size = function->is_entry ? 0 : function->parameters_size;
  decoder->labels = g_hash_table_new (g_str_hash, g_str_equal);
  decoder->jumps = g_array_new (FALSE, FALSE, sizeof (PtxJump));
  decoder->constants = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  decoder->sink = -1;
  while (success && decoder->scopes->len > 0)
    {
      /* the body's outermost braces are those of the scope with the parameters */
      success = read_statement (decoder);
    }
  if (success)
    {
      const PtxToken *end = decoder->token;
      static const PtxToken ret[] = { { PTX_TOKEN_WORD, 0, "ret", 0 },
                                      { PTX_TOKEN_SIGN, 0, ";", ';' } };

      decoder->token = ret;
      success = ptx_read_instruction (decoder);
      decoder->token = end;
    }
  success = success && fill_jumps (decoder);
  g_hash_table_unref (decoder->labels);
  g_hash_table_unref (decoder->constants);
  g_array_unref (decoder->jumps);
  return success;
}
