/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where threads wait for each other: barriers of the block, and what the lanes of a warp do
 * together. Whoever comes last does the work for all that wait. */
#include "config.h"

#include "ptx-private.h"

/* --- barriers --- */

static const char *const reductions[] = { "popc", "and", "or", NULL };

/* All that are expected have come. */
static void
open_barrier (PtxBlock *block, guint number)
{
  PtxBarrier *barrier = &block->barriers[number];

  for (guint k = 0; k < block->n_threads; k++)
    {
      PtxThread *t = &block->threads[k];
      const PtxInsn *i = t->wait;

      if (t->state != PTX_AT_BARRIER || t->wait_mask != number)
        continue;
      if (i->type == PTX_U32)
        t->r[i->d] = barrier->votes;
      else if (i->type == PTX_PRED)
        t->r[i->d] = i->count == 1 ? barrier->votes == barrier->arrived : barrier->votes > 0;
      t->state = PTX_YIELDED;
    }
  *barrier = (PtxBarrier){ 0 };
}

/* Threads that have exited are not waited for where the instruction names no number. */
void
ptx_barrier_check (PtxBlock *block, guint number)
{
  const PtxBarrier *barrier = &block->barriers[number];
  guint expected = barrier->expected;

  if (expected == 0 || expected > block->n_threads)
    expected = block->n_threads - block->n_exited;
  if (barrier->arrived > 0 && barrier->arrived >= expected)
    open_barrier (block, number);
}

/* kind: 1 if the thread goes on at once (bar.arrive); type: PTX_U32 or PTX_PRED of a reduction, and
 * then its predicate is in e and count says which it is */
static void
arrive (PtxThread *t, const PtxInsn *i)
{
  guint number = (guint) t->r[i->a], expected = i->n_operands > 1 ? (guint) t->r[i->b] : 0;
  PtxBarrier *barrier;

  if (number >= PTX_N_BARRIERS || expected % PTX_WARP != 0)
    {
      ptx_thread_fail (t, i, PTX_ERROR_TRAP,
                       "barrier %u for %u threads: there are %d, for whole warps", number, expected,
                       PTX_N_BARRIERS);
      return;
    }
  barrier = &t->block->barriers[number];
  barrier->arrived++;
  barrier->expected = expected;
  if (i->type != PTX_B64)
    barrier->votes += (guint) (t->r[i->e] & 1);
  if (!i->kind)
    {
      t->state = PTX_AT_BARRIER;
      t->wait = i;
      t->wait_mask = number;
    }
  ptx_barrier_check (t->block, number);
}

static gboolean
prepare_barrier (PtxDecoder *decoder, PtxInsn *insn)
{
  gint reduction = ptx_find_part (decoder, reductions);

  insn->kind = ptx_has_part (decoder, "arrive");
  insn->type = PTX_B64;
  if (reduction < 0)
    return TRUE;
  /* what was read last is the predicate */
  insn->e = insn->n_operands == 3 ? insn->c : insn->b;
  insn->n_operands--;
  insn->type = reduction == 0 ? PTX_U32 : PTX_PRED;
  insn->count = (guint8) reduction;
  return TRUE;
}

/* --- warps --- */

enum
{
  SHUFFLE_UP,
  SHUFFLE_DOWN,
  SHUFFLE_BFLY,
  SHUFFLE_IDX,
  VOTE_ALL,
  VOTE_ANY,
  VOTE_UNI,
  VOTE_BALLOT,
  MATCH_ANY,
  MATCH_ALL,
  REDUX_ADD,
  REDUX_MIN,
  REDUX_MAX,
  REDUX_AND,
  REDUX_OR,
  REDUX_XOR,
  SYNC
};

typedef struct
{
  PtxThread *lanes[PTX_WARP]; /* NULL: takes no part */
  guint64 values[PTX_WARP];
  guint32 mask; /* of those that take part */
} Warp;

static guint64
operand_value (const PtxThread *t)
{
  const PtxInsn *i = t->wait;

  if (i->kind >= VOTE_ALL && i->kind <= VOTE_BALLOT)
    return t->r[i->a] & 1;
  return i->source == PTX_B64 && (i->kind == MATCH_ANY || i->kind == MATCH_ALL)
             ? t->r[i->a]
             : (guint32) t->r[i->a];
}

static void
shuffle (const Warp *warp, guint lane)
{
  PtxThread *t = warp->lanes[lane];
  const PtxInsn *i = t->wait;
  guint32 b = (guint32) t->r[i->b] & 31, c = (guint32) t->r[i->c];
  gint clamp = c & 31, segment = (c >> 8) & 31;
  gint most = ((gint) lane & segment) | (clamp & ~segment), least = (gint) lane & segment;
  gint from;
  gboolean inside;

  if (i->kind == SHUFFLE_UP)
    {
      from = (gint) lane - (gint) b;
      inside = from >= most;
    }
  else
    {
      from = i->kind == SHUFFLE_DOWN   ? (gint) (lane + b)
             : i->kind == SHUFFLE_BFLY ? (gint) (lane ^ b)
                                       : (least | ((gint) b & ~segment));
      inside = from <= most;
    }
  if (!inside)
    from = (gint) lane;
  /* the value of a lane that takes no part is undefined: a pattern that is seen */
  t->r[i->d] = warp->mask >> from & 1 ? warp->values[from] : 0xdeadbeef;
  if (i->q >= 0)
    t->r[i->q] = (guint64) inside;
}

static void
vote (const Warp *warp, guint lane)
{
  PtxThread *t = warp->lanes[lane];
  const PtxInsn *i = t->wait;
  guint32 ballot = 0;

  for (guint k = 0; k < PTX_WARP; k++)
    if (warp->lanes[k] != NULL && warp->values[k])
      ballot |= 1u << k;
  t->r[i->d] = i->kind == VOTE_BALLOT ? ballot
               : i->kind == VOTE_ALL  ? ballot == warp->mask
               : i->kind == VOTE_ANY  ? ballot != 0
                                      : ballot == 0 || ballot == warp->mask;
}

static void
match (const Warp *warp, guint lane)
{
  PtxThread *t = warp->lanes[lane];
  const PtxInsn *i = t->wait;
  guint32 same = 0;

  for (guint k = 0; k < PTX_WARP; k++)
    if (warp->lanes[k] != NULL && warp->values[k] == warp->values[lane])
      same |= 1u << k;
  if (i->kind == MATCH_ALL && same != warp->mask)
    same = 0;
  t->r[i->d] = same;
  if (i->q >= 0)
    t->r[i->q] = same != 0;
}

static guint32
reduced (guint32 a, guint32 b, const PtxInsn *i)
{
  gboolean is_less = i->type == PTX_S32 ? (gint32) a < (gint32) b : a < b;

  switch (i->kind)
    {
    case REDUX_ADD:
      return a + b;
    case REDUX_MIN:
      return is_less ? a : b;
    case REDUX_MAX:
      return is_less ? b : a;
    case REDUX_AND:
      return a & b;
    case REDUX_OR:
      return a | b;
    default:
      return a ^ b;
    }
}

static void
redux (const Warp *warp, guint lane)
{
  PtxThread *t = warp->lanes[lane];
  guint first = (guint) __builtin_ctz (warp->mask);
  guint32 result = (guint32) warp->values[first];

  for (guint k = first + 1; k < PTX_WARP; k++)
    if (warp->lanes[k] != NULL)
      result = reduced (result, (guint32) warp->values[k], t->wait);
  t->r[t->wait->d] = result;
}

static void
go_on (Warp *warp)
{
  for (guint k = 0; k < PTX_WARP; k++)
    if (warp->lanes[k] != NULL)
      warp->values[k] = operand_value (warp->lanes[k]);
  for (guint k = 0; k < PTX_WARP; k++)
    {
      PtxThread *t = warp->lanes[k];

      if (t == NULL)
        continue;
      if (t->wait->kind <= SHUFFLE_IDX)
        shuffle (warp, k);
      else if (t->wait->kind <= VOTE_BALLOT)
        vote (warp, k);
      else if (t->wait->kind <= MATCH_ALL)
        match (warp, k);
      else if (t->wait->kind <= REDUX_XOR)
        redux (warp, k);
      t->state = PTX_YIELDED;
    }
}

/* Lets the lanes go on that wait for one another, if all that they name have come to the same kind
 * of instruction with the same mask. Lanes that have exited, or never were, are not waited for. */
void
ptx_warp_check (PtxThread *t)
{
  PtxBlock *block = t->block;
  guint first = t->index / PTX_WARP * PTX_WARP;
  guint n = MIN (block->n_threads - first, PTX_WARP);
  Warp warp = { 0 };

  for (guint k = 0; k < n; k++)
    {
      PtxThread *other = &block->threads[first + k];

      if (!(t->wait_mask >> k & 1) || other->state == PTX_EXITED)
        continue;
      if (other->state != PTX_AT_WARP || other->wait_mask != t->wait_mask
          || other->wait->kind != t->wait->kind)
        return;
      warp.lanes[k] = other;
      warp.mask |= 1u << k;
    }
  go_on (&warp);
}

/* e: the mask of lanes */
static void
meet (PtxThread *t, const PtxInsn *i)
{
  guint32 mask = (guint32) t->r[i->e];

  if (!(mask >> (t->index % PTX_WARP) & 1))
    {
      ptx_thread_fail (t, i, PTX_ERROR_TRAP, "its own lane %u is not in the mask 0x%x",
                       t->index % PTX_WARP, mask);
      return;
    }
  t->state = PTX_AT_WARP;
  t->wait = i;
  t->wait_mask = mask;
  ptx_warp_check (t);
}

static gboolean
prepare_meeting (PtxDecoder *decoder, PtxInsn *insn)
{
  static const char *const shuffles[] = { "up", "down", "bfly", "idx", NULL };
  static const char *const votes[] = { "all", "any", "uni", "ballot", NULL };
  static const char *const matches[] = { "any", "all", NULL };
  static const char *const sums[] = { "add", "min", "max", "and", "or", "xor", NULL };
  const char *name = decoder->words.parts[0];

  if (strcmp (name, "shfl") == 0)
    insn->kind = (guint8) (SHUFFLE_UP + ptx_find_part (decoder, shuffles));
  else if (strcmp (name, "vote") == 0)
    insn->kind = (guint8) (VOTE_ALL + ptx_find_part (decoder, votes));
  else if (strcmp (name, "match") == 0)
    insn->kind = (guint8) (MATCH_ANY + ptx_find_part (decoder, matches));
  else if (strcmp (name, "redux") == 0)
    insn->kind = (guint8) (REDUX_ADD + ptx_find_part (decoder, sums));
  else
    insn->kind = SYNC;
  if (insn->kind > SHUFFLE_IDX)
    insn->e = insn->kind == SYNC ? insn->a : insn->b;
  return TRUE;
}

/* Threads need not run together here: each is a group of its own, which the hardware may do too. */
static void
activemask (PtxThread *t, const PtxInsn *i)
{
  t->r[i->d] = 1u << (t->index % PTX_WARP);
}

const PtxRow ptx_warp_rows[] = {
  { "bar[.cta].sync", "r?r", arrive, NULL, prepare_barrier },
  { "bar[.cta].arrive", "rr", arrive, NULL, prepare_barrier },
  { "bar[.cta].red.popc.u32", "dr?pp", arrive, NULL, prepare_barrier },
  { "bar[.cta].red(.and|.or).pred", "dr?pp", arrive, NULL, prepare_barrier },
  { "barrier[.cta].sync[.aligned]", "r?r", arrive, NULL, prepare_barrier },
  { "barrier[.cta].arrive[.aligned]", "rr", arrive, NULL, prepare_barrier },
  { "barrier[.cta].red.popc[.aligned].u32", "dr?pp", arrive, NULL, prepare_barrier },
  { "barrier[.cta].red(.and|.or)[.aligned].pred", "dr?pp", arrive, NULL, prepare_barrier },
  { "bar.warp.sync", "r", meet, NULL, prepare_meeting },
  { "shfl.sync(.up|.down|.bfly|.idx).b32", "d|rrrr", meet, NULL, prepare_meeting },
  { "vote.sync(.all|.any|.uni).pred", "dpr", meet, NULL, prepare_meeting },
  { "vote.sync.ballot.b32", "dpr", meet, NULL, prepare_meeting },
  { "match.any.sync(.b32|.b64)", "drr", meet, NULL, prepare_meeting },
  { "match.all.sync(.b32|.b64)", "d|rr", meet, NULL, prepare_meeting },
  { "redux.sync(.add|.min|.max)(.u32|.s32)", "drr", meet, NULL, prepare_meeting },
  { "redux.sync(.and|.or|.xor).b32", "drr", meet, NULL, prepare_meeting },
  { "activemask.b32", "d", activemask, NULL, NULL },
  { NULL, NULL, NULL, NULL, NULL },
};
