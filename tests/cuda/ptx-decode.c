/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From an instruction's text to the row that knows it, and its operands. */
#include "config.h"

#include "ptx-private.h"

static const PtxRow *const tables[] = { ptx_integer_rows, ptx_bits_rows,    ptx_float_rows,
                                        ptx_approx_rows,  ptx_convert_rows, ptx_compare_rows,
                                        ptx_memory_rows,  ptx_atomic_rows,  ptx_warp_rows,
                                        ptx_control_rows, ptx_move_rows,    ptx_carry_rows };

static const struct
{
  const char *part;
  guint flags;
} modifiers[] = {
  { "rn", PTX_RN },
  { "rz", PTX_RZ },
  { "rm", PTX_RM },
  { "rp", PTX_RP },
  { "rni", PTX_RN | PTX_INTEGRAL },
  { "rzi", PTX_RZ | PTX_INTEGRAL },
  { "rmi", PTX_RM | PTX_INTEGRAL },
  { "rpi", PTX_RP | PTX_INTEGRAL },
  { "ftz", PTX_FTZ },
  { "sat", PTX_SAT },
  { "cc", PTX_CC },
  { "volatile", PTX_ORDERED },
  { "relaxed", PTX_ORDERED },
  { "acquire", PTX_ORDERED },
  { "release", PTX_ORDERED },
  { "NaN", PTX_NAN },
  { "xorsign", PTX_XORSIGN },
  { "to", PTX_TO },
};

static const struct
{
  const char *part;
  PtxSpace space;
} spaces[] = {
  { "global", PTX_GLOBAL },      { "const", PTX_CONST },       { "shared", PTX_SHARED },
  { "shared::cta", PTX_SHARED }, { "local", PTX_LOCAL },       { "param", PTX_PARAM },
  { "param::entry", PTX_PARAM }, { "param::func", PTX_PARAM },
};

/* Rows by the first part of their pattern. */
static gpointer
index_rows (gpointer unused)
{
  GHashTable *index = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint k = 0; k < G_N_ELEMENTS (tables); k++)
    for (const PtxRow *row = tables[k]; row->pattern != NULL; row++)
      {
        g_autofree char *name = g_strndup (row->pattern, strcspn (row->pattern, ".[("));
        GPtrArray *rows = g_hash_table_lookup (index, name);

        if (rows == NULL)
          {
            rows = g_ptr_array_new ();
            g_hash_table_insert (index, g_steal_pointer (&name), rows);
          }
        g_ptr_array_add (rows, (gpointer) row);
      }
  return index;
}

static gboolean
matches (const char *pattern, const char *text)
{
  for (; *pattern && *pattern != '[' && *pattern != '('; pattern++, text++)
    if (*pattern != *text)
      return FALSE;
  if (*pattern == '\0')
    return *text == '\0';

  const char *end = strchr (pattern, *pattern == '[' ? ']' : ')');
  gsize length;

  for (const char *choice = pattern + 1; choice <= end; choice += length + 1)
    {
      length = strcspn (choice, "|])");
      if (strncmp (choice, text, length) == 0 && matches (end + 1, text + length))
        return TRUE;
    }
  return *pattern == '[' && matches (end + 1, text);
}

static const PtxRow *
find_row (PtxDecoder *decoder, const char *opcode)
{
  static GOnce once = G_ONCE_INIT;
  GHashTable *index = g_once (&once, index_rows, NULL);
  g_autofree char *name = g_strndup (opcode, strcspn (opcode, "."));
  const GPtrArray *rows = g_hash_table_lookup (index, name);

  for (guint k = 0; rows != NULL && k < rows->len; k++)
    if (matches (((const PtxRow *) g_ptr_array_index (rows, k))->pattern, opcode))
      return g_ptr_array_index (rows, k);
  ptx_fail (decoder, "the instruction '%s' is not known here", opcode);
  return NULL;
}

static void
understand (PtxWords *self, const char *opcode)
{
  self->opcode = opcode;
  self->parts = g_strsplit (opcode, ".", -1);
  self->n_parts = g_strv_length (self->parts);
  self->vector = 1;
  for (guint k = 1; k < self->n_parts; k++)
    {
      const char *part = self->parts[k];
      char dotted[16];
      PtxType type;

      for (guint m = 0; m < G_N_ELEMENTS (modifiers); m++)
        if (strcmp (modifiers[m].part, part) == 0)
          self->flags |= modifiers[m].flags;
      for (guint s = 0; s < G_N_ELEMENTS (spaces); s++)
        if (strcmp (spaces[s].part, part) == 0)
          self->space = spaces[s].space;
      if (part[0] == 'v' && g_ascii_isdigit (part[1]) && part[2] == '\0')
        self->vector = (guint) (part[1] - '0');
      g_snprintf (dotted, sizeof dotted, ".%s", part);
      type = ptx_type_from_name (dotted);
      if (type != PTX_NO_TYPE && self->n_types < G_N_ELEMENTS (self->types))
        self->types[self->n_types++] = type;
    }
}

gboolean
ptx_has_part (const PtxDecoder *decoder, const char *part)
{
  for (guint k = 1; k < decoder->words.n_parts; k++)
    if (strcmp (decoder->words.parts[k], part) == 0)
      return TRUE;
  return FALSE;
}

gint
ptx_find_part (const PtxDecoder *decoder, const char *const *names)
{
  for (gint k = 0; names[k] != NULL; k++)
    if (ptx_has_part (decoder, names[k]))
      return k;
  return -1;
}

void
ptx_emit (PtxDecoder *decoder, const PtxInsn *insn)
{
  g_array_append_vals (decoder->function->code, insn, 1);
}

gint32
ptx_new_slot (PtxDecoder *decoder)
{
  return (gint32) decoder->function->n_registers++;
}

static gboolean
read_label (PtxDecoder *decoder)
{
  PtxJump jump = { .insn = (gint) decoder->function->code->len, .line = decoder->token->line };

  jump.label = ptx_expect_word (decoder, "a label");
  if (jump.label == NULL)
    return FALSE;
  g_array_append_val (decoder->jumps, jump);
  return TRUE;
}

/* A source that the form calls for, into the next of a, b, c and e. */
static gboolean
read_operand (PtxDecoder *decoder, char letter, PtxInsn *insn, guint *n_sources)
{
  gint32 *const sources[] = { &insn->a, &insn->b, &insn->c, &insn->e };
  gint32 *slot = sources[MIN (*n_sources, G_N_ELEMENTS (sources) - 1)];
  PtxType type = (PtxType) insn->source;

  switch (letter)
    {
    case 'd':
      return ptx_read_destination (decoder, &insn->d);
    case 'D':
      return ptx_read_list (decoder, type, TRUE, insn, &insn->d);
    case '|':
      return !ptx_accept (decoder, '|') || ptx_read_destination (decoder, &insn->q);
    case 'l':
      return read_label (decoder);
    default:
      ++*n_sources;
      insn->n_operands++;
      if (letter == 'r')
        return ptx_read_source (decoder, type, slot);
      if (letter == 'R')
        return ptx_read_list (decoder, type, FALSE, insn, slot);
      if (letter == 'p')
        return ptx_read_predicate (decoder, slot);
      return ptx_read_address (decoder, insn, slot);
    }
}

static gboolean
read_operands (PtxDecoder *decoder, const char *form, PtxInsn *insn)
{
  guint n_sources = 0, n = 0;
  gboolean optional = FALSE;

  for (; *form; form++)
    {
      if (*form == '?')
        {
          optional = TRUE;
          continue;
        }
      if (optional && decoder->token->kind == PTX_TOKEN_SIGN && decoder->token->value == ';')
        break;
      if (n > 0 && *form != '|' && !ptx_expect (decoder, ','))
        return FALSE;
      if (!read_operand (decoder, *form, insn, &n_sources))
        return FALSE;
      n++;
    }
  return TRUE;
}

static void
skip_over (PtxThread *t, const PtxInsn *i)
{
  if (((guint32) t->r[i->a] & 1) == i->kind)
    t->pc = &g_array_index (t->function->code, PtxInsn, i->offset);
}

/* @p and @!p: a jump over the instruction. */
static gboolean
read_guard (PtxDecoder *decoder, gint *guard)
{
  PtxInsn insn = { .run = skip_over, .line = decoder->token->line };
  const PtxSymbol *symbol;
  guint number;

  *guard = -1;
  if (!ptx_accept (decoder, '@'))
    return TRUE;
  insn.kind = ptx_accept (decoder, '!') ? 1 : 0;
  if (!ptx_is_word (decoder))
    return ptx_fail (decoder, "a predicate is expected");
  symbol = ptx_find_symbol (decoder, decoder->token->text, &number);
  if (symbol == NULL || symbol->kind != PTX_SYMBOL_REGISTER || symbol->type != PTX_PRED)
    return ptx_fail (decoder, "a predicate is expected");
  decoder->token++;
  insn.a = (gint32) (symbol->index + number);
  *guard = (gint) decoder->function->code->len;
  ptx_emit (decoder, &insn);
  return TRUE;
}

static gboolean
read_known (PtxDecoder *decoder, const PtxRow *row)
{
  const PtxWords *words = &decoder->words;
  PtxInsn insn = { .run = row->plain, .line = decoder->token[-1].line, .count = 1 };

  insn.flags = (guint16) words->flags;
  insn.space = (guint8) words->space;
  insn.type = (guint8) (words->n_types > 0 ? words->types[0] : PTX_B64);
  insn.source = (guint8) (words->n_types > 0 ? words->types[words->n_types - 1] : PTX_B64);
  insn.q = -1;
  if (row->general != NULL && (words->flags & PTX_GENERAL) != 0)
    insn.run = row->general;
  if (!read_operands (decoder, row->form, &insn))
    return FALSE;
  if (row->prepare != NULL && !row->prepare (decoder, &insn))
    return ptx_fail (decoder, "'%s' with these operands is not known here", words->opcode);
  if (!ptx_expect (decoder, ';'))
    return FALSE;
  if (insn.run != NULL)
    {
      /* a jump remembers the number that its instruction was going to have */
      if (strchr (row->form, 'l') != NULL)
        g_array_index (decoder->jumps, PtxJump, decoder->jumps->len - 1).insn
            = (gint) decoder->function->code->len;
      ptx_emit (decoder, &insn);
    }
  return TRUE;
}

gboolean
ptx_read_instruction (PtxDecoder *decoder)
{
  const char *opcode;
  const PtxRow *row;
  gboolean success;
  gint guard;

  if (!read_guard (decoder, &guard))
    return FALSE;
  opcode = ptx_expect_word (decoder, "an instruction");
  if (opcode == NULL)
    return FALSE;
  decoder->token--;
  row = find_row (decoder, opcode);
  if (row == NULL)
    return FALSE;
  decoder->token++;
  decoder->words = (PtxWords){ 0 };
  understand (&decoder->words, opcode);
  success = read_known (decoder, row);
  g_strfreev (decoder->words.parts);
  if (success && guard >= 0)
    g_array_index (decoder->function->code, PtxInsn, guard).offset = decoder->function->code->len;
  return success;
}
