/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Operands. What is not in a register yet (a special register, an address within the frame, the
 * negation of a predicate) is brought into one by an instruction in front. */
#include "config.h"

#include "ptx-private.h"

/* Special registers that are a 32-bit number of three, or a single one. */
typedef enum
{
  SPECIAL_TID,
  SPECIAL_NTID,
  SPECIAL_CTAID,
  SPECIAL_NCTAID,
  SPECIAL_LANEID,
  SPECIAL_WARPID,
  SPECIAL_NWARPID,
  SPECIAL_LANEMASK_EQ,
  SPECIAL_LANEMASK_LE,
  SPECIAL_LANEMASK_LT,
  SPECIAL_LANEMASK_GE,
  SPECIAL_LANEMASK_GT,
  SPECIAL_CLOCK,
  SPECIAL_DYNAMIC_SIZE,
  SPECIAL_TOTAL_SIZE,
  SPECIAL_ZERO,
  SPECIAL_ONE
} Special;

static const struct
{
  const char *name;
  Special special;
} specials[] = {
  { "%tid", SPECIAL_TID },
  { "%ntid", SPECIAL_NTID },
  { "%ctaid", SPECIAL_CTAID },
  { "%nctaid", SPECIAL_NCTAID },
  { "%laneid", SPECIAL_LANEID },
  { "%warpid", SPECIAL_WARPID },
  { "%nwarpid", SPECIAL_NWARPID },
  { "%lanemask_eq", SPECIAL_LANEMASK_EQ },
  { "%lanemask_le", SPECIAL_LANEMASK_LE },
  { "%lanemask_lt", SPECIAL_LANEMASK_LT },
  { "%lanemask_ge", SPECIAL_LANEMASK_GE },
  { "%lanemask_gt", SPECIAL_LANEMASK_GT },
  { "%clock", SPECIAL_CLOCK },
  { "%clock64", SPECIAL_CLOCK },
  { "%globaltimer", SPECIAL_CLOCK },
  { "%globaltimer_lo", SPECIAL_CLOCK },
  { "%dynamic_smem_size", SPECIAL_DYNAMIC_SIZE },
  { "%total_smem_size", SPECIAL_TOTAL_SIZE },
  { "%smid", SPECIAL_ZERO },
  { "%gridid", SPECIAL_ZERO },
  { "%nsmid", SPECIAL_ONE },
};

static guint32
lane_mask (Special special, guint lane)
{
  switch ((gint) special)
    {
    case SPECIAL_LANEMASK_EQ:
      return 1u << lane;
    case SPECIAL_LANEMASK_LE:
      return 0xffffffffu >> (31 - lane);
    case SPECIAL_LANEMASK_LT:
      return (1u << lane) - 1;
    case SPECIAL_LANEMASK_GE:
      return 0xffffffffu << lane;
    default:
      return 0xfffffffeu << lane;
    }
}

static guint64
special_value (const PtxThread *t, Special special, gint64 axis)
{
  const PtxBlock *block = t->block;
  const guint *const vectors[] = { t->tid, block->size, block->id, block->grid };

  if (special <= SPECIAL_NCTAID)
    return vectors[special][axis];
  if (special >= SPECIAL_LANEMASK_EQ && special <= SPECIAL_LANEMASK_GT)
    return lane_mask (special, t->index % PTX_WARP);
  switch ((gint) special)
    {
    case SPECIAL_LANEID:
      return t->index % PTX_WARP;
    case SPECIAL_WARPID:
      return t->index / PTX_WARP;
    case SPECIAL_NWARPID:
      return (block->n_threads + PTX_WARP - 1) / PTX_WARP;
    case SPECIAL_CLOCK:
      return ++t->block->n_instructions; /* which grow by turns: each reading is a later one */
    case SPECIAL_DYNAMIC_SIZE:
      return block->shared_size - block->dynamic_offset;
    case SPECIAL_TOTAL_SIZE:
      return block->shared_size;
    default:
      return special == SPECIAL_ONE;
    }
}

static void
read_special (PtxThread *t, const PtxInsn *i)
{
  t->r[i->d] = special_value (t, (Special) i->kind, i->offset);
}

static void
dynamic_address (PtxThread *t, const PtxInsn *i)
{
  t->r[i->d] = t->block->dynamic_offset + (guint64) i->offset;
}

static void
frame_address (PtxThread *t, const PtxInsn *i)
{
  t->r[i->d] = t->frame + (guint64) i->offset;
}

static void
negate (PtxThread *t, const PtxInsn *i)
{
  t->r[i->d] = ~t->r[i->a] & 1;
}

gint32
ptx_constant (PtxDecoder *decoder, guint64 value)
{
  GArray *constants = decoder->function->constants;
  guint number = GPOINTER_TO_UINT (g_hash_table_lookup (decoder->constants, &value));

  if (number == 0)
    {
      g_array_append_val (constants, value);
      number = constants->len;
      g_hash_table_insert (decoder->constants, g_memdup2 (&value, sizeof value),
                           GUINT_TO_POINTER (number));
    }
  return -(gint32) number;
}

static gint32
fixed_constant (PtxDecoder *decoder, PtxFixKind kind, guint number, gint64 addend)
{
  GArray *constants = decoder->function->constants;
  PtxFix fix = { .kind = kind, .number = number, .addend = addend, .at = constants->len };
  guint64 value = kind == PTX_FIX_FUNCTION ? PTX_WINDOW_CODE + number : 0;

  g_array_append_val (decoder->function->fixes, fix);
  g_array_append_val (constants, value);
  return -(gint32) constants->len;
}

gint32
ptx_sink (PtxDecoder *decoder)
{
  if (decoder->sink < 0)
    decoder->sink = ptx_new_slot (decoder);
  return decoder->sink;
}

/* `number` is what follows the prefix in %r12 of %r<43>. */
const PtxSymbol *
ptx_find_symbol (PtxDecoder *decoder, const char *name, guint *number)
{
  gsize length = strlen (name), digits = length;
  g_autofree char *prefix = NULL;

  *number = 0;
  while (digits > 0 && g_ascii_isdigit (name[digits - 1]))
    digits--;
  if (digits < length && length - digits < 8 && (name[digits] != '0' || length - digits == 1))
    {
      prefix = g_strndup (name, digits);
      *number = (guint) g_ascii_strtoull (name + digits, NULL, 10);
    }
  for (guint k = decoder->scopes->len; k-- > 0;)
    {
      GHashTable *names = g_ptr_array_index (decoder->scopes, k);
      const PtxSymbol *symbol = g_hash_table_lookup (names, name);

      if (symbol != NULL && symbol->count == 0)
        {
          *number = 0;
          return symbol;
        }
      if (symbol != NULL && symbol->kind == PTX_SYMBOL_TARGETS)
        return symbol;
      symbol = prefix != NULL ? g_hash_table_lookup (names, prefix) : NULL;
      if (symbol != NULL && symbol->kind == PTX_SYMBOL_REGISTER && *number < symbol->count)
        return symbol;
    }
  *number = 0;
  return g_hash_table_lookup (decoder->names, name);
}

gboolean
ptx_read_destination (PtxDecoder *decoder, gint32 *slot)
{
  const PtxSymbol *symbol;
  guint number;

  if (ptx_accept_word (decoder, "_"))
    {
      *slot = ptx_sink (decoder);
      return TRUE;
    }
  if (!ptx_is_word (decoder))
    return ptx_fail (decoder, "a register is expected");
  symbol = ptx_find_symbol (decoder, decoder->token->text, &number);
  if (symbol == NULL || symbol->kind != PTX_SYMBOL_REGISTER)
    return ptx_fail (decoder, "a register is expected");
  decoder->token++;
  *slot = (gint32) (symbol->index + number);
  return TRUE;
}

static gint32
put_in_front (PtxDecoder *decoder, PtxHandler run, gint64 offset, guint8 kind, gint32 a)
{
  PtxInsn insn = { .run = run, .offset = offset, .kind = kind, .a = a };

  insn.line = decoder->token->line;
  insn.d = ptx_new_slot (decoder);
  ptx_emit (decoder, &insn);
  return insn.d;
}

/* FALSE without an error if there is no such special register. */
static gboolean
find_special (PtxDecoder *decoder, const char *name, gint32 *slot)
{
  const char *point = strchr (name, '.');
  gsize length = point != NULL ? (gsize) (point - name) : strlen (name);
  gint64 axis = point != NULL ? point[1] - 'x' : 0;

  for (guint k = 0; k < G_N_ELEMENTS (specials); k++)
    if (strlen (specials[k].name) == length && strncmp (specials[k].name, name, length) == 0
        && (point != NULL) == (specials[k].special <= SPECIAL_NCTAID)
        && (point == NULL || (axis >= 0 && axis <= 2 && point[2] == '\0')))
      {
        *slot = put_in_front (decoder, read_special, axis, (guint8) specials[k].special, 0);
        return TRUE;
      }
  return FALSE;
}

/* The address of what a symbol names, in its own space. */
static gboolean
take_address (PtxDecoder *decoder, const PtxSymbol *symbol, gint64 addend, gint32 *slot)
{
  switch (symbol->kind)
    {
    case PTX_SYMBOL_VARIABLE:
      *slot = fixed_constant (decoder, PTX_FIX_VARIABLE, symbol->index, addend);
      return TRUE;
    case PTX_SYMBOL_FUNCTION:
      *slot = fixed_constant (decoder, PTX_FIX_FUNCTION, symbol->index, 0);
      return TRUE;
    case PTX_SYMBOL_MODULE_SHARED:
    case PTX_SYMBOL_ENTRY_SHARED:
      *slot = fixed_constant (decoder,
                              symbol->kind == PTX_SYMBOL_MODULE_SHARED ? PTX_FIX_MODULE_SHARED
                                                                       : PTX_FIX_ENTRY_SHARED,
                              0, (gint64) symbol->offset + addend);
      return TRUE;
    case PTX_SYMBOL_DYNAMIC_SHARED:
      *slot = put_in_front (decoder, dynamic_address, addend, 0, 0);
      return TRUE;
    case PTX_SYMBOL_LOCAL:
    case PTX_SYMBOL_PARAM:
      *slot = put_in_front (decoder, frame_address, (gint64) symbol->offset + addend, 0, 0);
      return TRUE;
    case PTX_SYMBOL_ENTRY_PARAM:
      *slot = ptx_constant (decoder, symbol->offset + (guint64) addend);
      return TRUE;
    case PTX_SYMBOL_REGISTER:
    case PTX_SYMBOL_TARGETS:
    case PTX_SYMBOL_PROTOTYPE:
    default:
      return ptx_fail (decoder, "this has no address");
    }
}

static gboolean
read_word (PtxDecoder *decoder, gint32 *slot)
{
  const char *name = decoder->token->text;
  gint64 addend = 0;
  guint number;
  const PtxSymbol *symbol = ptx_find_symbol (decoder, name, &number);

  decoder->token++;
  if (symbol == NULL)
    {
      if (find_special (decoder, name, slot))
        return TRUE;
      if (strcmp (name, "WARP_SZ") == 0)
        return (*slot = ptx_constant (decoder, PTX_WARP), TRUE);
      decoder->token--;
      return ptx_fail (decoder, "nothing is declared with this name");
    }
  if (symbol->kind == PTX_SYMBOL_REGISTER)
    {
      *slot = (gint32) (symbol->index + number);
      return TRUE;
    }
  if (ptx_accept (decoder, '+') && !ptx_expect_integer (decoder, &addend))
    return FALSE;
  return take_address (decoder, symbol, addend, slot);
}

gboolean
ptx_read_source (PtxDecoder *decoder, PtxType type, gint32 *slot)
{
  const PtxToken *token = decoder->token;
  gboolean is_negative;
  guint64 bits;

  if (token->kind == PTX_TOKEN_WORD)
    return read_word (decoder, slot);
  is_negative = ptx_accept (decoder, '-');
  token = decoder->token;
  bits = token->value;
  if (token->kind == PTX_TOKEN_DOUBLE || token->kind == PTX_TOKEN_SINGLE)
    {
      gboolean is_single = token->kind == PTX_TOKEN_SINGLE;
      gboolean is_wanted_single = type == PTX_F32 || (type == PTX_B32 && is_single);

      if (is_single && !is_wanted_single)
        bits = ptx_from_f64 (ptx_f32 (bits));
      if (!is_single && is_wanted_single)
        bits = ptx_from_f32 ((float) ptx_f64 (bits));
      if (is_negative)
        bits ^= is_wanted_single ? (guint64) 1 << 31 : (guint64) 1 << 63;
    }
  else if (token->kind == PTX_TOKEN_INTEGER)
    bits = is_negative ? 0 - bits : bits;
  else
    return ptx_fail (decoder, "an operand is expected");
  decoder->token++;
  *slot = ptx_constant (decoder, bits);
  return TRUE;
}

gboolean
ptx_read_predicate (PtxDecoder *decoder, gint32 *slot)
{
  gboolean is_negated = ptx_accept (decoder, '!');

  if (!ptx_read_source (decoder, PTX_PRED, slot))
    return FALSE;
  if (is_negated)
    *slot = put_in_front (decoder, negate, 0, 0, *slot);
  return TRUE;
}

/* One register, or { a, b, ... }: then their slots are in PtxFunction.lists from `place`, and
 * insn->count says how many. */
gboolean
ptx_read_list (PtxDecoder *decoder, PtxType type, gboolean is_destination, PtxInsn *insn,
               gint32 *place)
{
  GArray *lists = decoder->function->lists;
  gint32 slots[8];
  guint n = 0;

  if (!ptx_accept (decoder, '{'))
    {
      insn->count = 1;
      return is_destination ? ptx_read_destination (decoder, place)
                            : ptx_read_source (decoder, type, place);
    }
  do
    {
      if (n == G_N_ELEMENTS (slots))
        return ptx_fail (decoder, "a list of at most %u is expected", (guint) G_N_ELEMENTS (slots));
      if (!(is_destination ? ptx_read_destination (decoder, &slots[n])
                           : ptx_read_source (decoder, type, &slots[n])))
        return FALSE;
      n++;
    }
  while (ptx_accept (decoder, ','));
  *place = (gint32) lists->len;
  insn->count = (guint8) n;
  g_array_append_vals (lists, slots, n);
  return ptx_expect (decoder, '}') && (n > 1 || ptx_fail (decoder, "a list of one"));
}

/* [register + offset], [name + offset] or [number] */
gboolean
ptx_read_address (PtxDecoder *decoder, PtxInsn *insn, gint32 *slot)
{
  const PtxSymbol *symbol = NULL;
  guint number;

  if (!ptx_expect (decoder, '['))
    return FALSE;
  if (ptx_is_word (decoder))
    symbol = ptx_find_symbol (decoder, decoder->token->text, &number);
  if (symbol != NULL
      && (symbol->kind == PTX_SYMBOL_PARAM || symbol->kind == PTX_SYMBOL_LOCAL
          || symbol->kind == PTX_SYMBOL_ENTRY_PARAM))
    {
      insn->space = symbol->kind == PTX_SYMBOL_ENTRY_PARAM ? PTX_PARAM : PTX_FRAME;
      *slot = ptx_constant (decoder, symbol->offset);
      decoder->token++;
    }
  else
    {
      if (!ptx_read_source (decoder, PTX_B64, slot))
        return FALSE;
      /* the address of a function's parameter is one in its stack */
      if (insn->space == PTX_PARAM && !decoder->function->is_entry)
        insn->space = PTX_LOCAL;
    }
  if (ptx_accept (decoder, '+') && !ptx_expect_integer (decoder, &insn->offset))
    return FALSE;
  else if (decoder->token->value == '-' && decoder->token->kind == PTX_TOKEN_SIGN
           && !ptx_expect_integer (decoder, &insn->offset))
    return FALSE;
  return ptx_expect (decoder, ']');
}
