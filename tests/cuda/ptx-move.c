/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* mov, and what it does with vectors. */
#include "config.h"

#include "ptx-private.h"

static void
move (PtxThread *t, const PtxInsn *i)
{
  t->r[i->d] = t->r[i->a];
}

/* kind: bits of each element */
static void
pack (PtxThread *t, const PtxInsn *i)
{
  const gint32 *slots = &g_array_index (t->function->lists, gint32, i->a);
  guint64 value = 0, mask = ((guint64) 1 << i->kind) - 1;

  for (guint k = 0; k < i->count; k++)
    value |= (t->r[slots[k]] & mask) << (k * i->kind);
  t->r[i->d] = value;
}

static void
unpack (PtxThread *t, const PtxInsn *i)
{
  const gint32 *slots = &g_array_index (t->function->lists, gint32, i->d);
  guint64 value = t->r[i->a], mask = ((guint64) 1 << i->kind) - 1;

  for (guint k = 0; k < i->count; k++)
    t->r[slots[k]] = (value >> (k * i->kind)) & mask;
}

static gboolean
prepare_move (PtxDecoder *decoder, PtxInsn *insn)
{
  guint bits = 8 * (guint) ptx_type_get_size ((PtxType) insn->type);
  gboolean unpacks = decoder->token->kind == PTX_TOKEN_SIGN && decoder->token->value == '{';
  guint n;

  if (!ptx_read_list (decoder, (PtxType) insn->type, TRUE, insn, &insn->d))
    return FALSE;
  n = insn->count;
  if (!ptx_expect (decoder, ',')
      || !ptx_read_list (decoder, (PtxType) insn->type, FALSE, insn, &insn->a))
    return FALSE;
  if (n == 1 && insn->count == 1)
    return TRUE;
  if (n > 1 && insn->count > 1)
    return FALSE;
  insn->run = unpacks ? unpack : pack;
  insn->count = (guint8) MAX (n, insn->count);
  insn->kind = (guint8) (bits / insn->count);
  return insn->count == 2 || insn->count == 4;
}

const PtxRow ptx_move_rows[] = {
  { "mov(.pred|.b16|.b32|.b64|.u16|.u32|.u64|.s16|.s32|.s64|.f32|.f64)", "", move, NULL,
    prepare_move },
  { NULL, NULL, NULL, NULL, NULL },
};
