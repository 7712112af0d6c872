/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "compute/signature-private.h"

#define GROUPS    "uses cooperative groups"
#define ASSEMBLER "contains inline assembly"
#define TEXTURE   "reads a texture or surface"
#define LAUNCH    "launches a kernel from a kernel"
#define TENSOR    "uses tensor cores"
#define NUMBERED  "waits at a barrier by its number"
#define NO_MASK   "exchanges values without a mask of the threads that take part"
#define CLUSTER   "works with a cluster of blocks"
#define PLACE     "asks which kind of memory an address is in"
#define COUNTER   "reads a profiler's counter"
#define DEBUGGER  "stops for a debugger"
#define BARRIER   "barrier"
#define WARP      "warp function"
#define SHARED    "shared memory"
#define INSIDE    " inside a device function"

typedef enum
{
  REFUSED,
  WAITS, /* only fibers can */
  MEETS, /* threads must run one after the other, but need not wait */
} Kind;

static const struct
{
  const char *word;
  gboolean prefix; /* every name that begins so */
  Kind kind;
  const char *what;
  const char *elsewhere; /* of WAITS: @what, inside a device function */
} words[] = {
  { "__shared__", FALSE, MEETS, SHARED, NULL },
  { "atomic", TRUE, MEETS, "atomic", NULL },
  { "__syncthreads", TRUE, WAITS, BARRIER, BARRIER INSIDE },
  { "__syncwarp", FALSE, WAITS, BARRIER, BARRIER INSIDE },
  { "__shfl_sync", FALSE, WAITS, WARP, WARP INSIDE },
  { "__shfl_up_sync", FALSE, WAITS, WARP, WARP INSIDE },
  { "__shfl_down_sync", FALSE, WAITS, WARP, WARP INSIDE },
  { "__shfl_xor_sync", FALSE, WAITS, WARP, WARP INSIDE },
  { "__ballot_sync", FALSE, WAITS, WARP, WARP INSIDE },
  { "__any_sync", FALSE, WAITS, WARP, WARP INSIDE },
  { "__all_sync", FALSE, WAITS, WARP, WARP INSIDE },
  { "__match_any_sync", FALSE, WAITS, WARP, WARP INSIDE },
  { "__match_all_sync", FALSE, WAITS, WARP, WARP INSIDE },
  { "__reduce_", TRUE, WAITS, WARP, WARP INSIDE },
  { "__activemask", FALSE, WAITS, WARP, WARP INSIDE },
  { "__shfl", FALSE, REFUSED, NO_MASK, NULL },
  { "__shfl_up", FALSE, REFUSED, NO_MASK, NULL },
  { "__shfl_down", FALSE, REFUSED, NO_MASK, NULL },
  { "__shfl_xor", FALSE, REFUSED, NO_MASK, NULL },
  { "__ballot", FALSE, REFUSED, NO_MASK, NULL },
  { "__any", FALSE, REFUSED, NO_MASK, NULL },
  { "__all", FALSE, REFUSED, NO_MASK, NULL },
  { "__barrier_sync", TRUE, REFUSED, NUMBERED, NULL },
  { "cooperative_groups", FALSE, REFUSED, GROUPS, NULL },
  { "this_thread_block", FALSE, REFUSED, GROUPS, NULL },
  { "this_grid", FALSE, REFUSED, GROUPS, NULL },
  { "wmma", FALSE, REFUSED, TENSOR, NULL },
  { "nvcuda", FALSE, REFUSED, TENSOR, NULL },
  { "mma_sync", FALSE, REFUSED, TENSOR, NULL },
  { "load_matrix_sync", FALSE, REFUSED, TENSOR, NULL },
  { "asm", FALSE, REFUSED, ASSEMBLER, NULL },
  { "__asm", TRUE, REFUSED, ASSEMBLER, NULL },
  { "cudaLaunch", TRUE, REFUSED, LAUNCH, NULL },
  { "cudaTextureObject_t", FALSE, REFUSED, TEXTURE, NULL },
  { "cudaSurfaceObject_t", FALSE, REFUSED, TEXTURE, NULL },
  { "tex1D", TRUE, REFUSED, TEXTURE, NULL },
  { "tex2D", TRUE, REFUSED, TEXTURE, NULL },
  { "tex3D", TRUE, REFUSED, TEXTURE, NULL },
  { "texCubemap", TRUE, REFUSED, TEXTURE, NULL },
  { "surf1D", TRUE, REFUSED, TEXTURE, NULL },
  { "surf2D", TRUE, REFUSED, TEXTURE, NULL },
  { "surf3D", TRUE, REFUSED, TEXTURE, NULL },
  { "__cluster_barrier_", TRUE, REFUSED, CLUSTER, NULL },
  { "__cluster_map_", TRUE, REFUSED, CLUSTER, NULL },
  { "__cluster_query_", TRUE, REFUSED, CLUSTER, NULL },
  { "__clusterDim", TRUE, REFUSED, CLUSTER, NULL },
  { "__clusterIdx", FALSE, REFUSED, CLUSTER, NULL },
  { "__clusterGridDimInClusters", FALSE, REFUSED, CLUSTER, NULL },
  { "__clusterRelativeBlock", TRUE, REFUSED, CLUSTER, NULL },
  { "__clusterSizeInBlocks", FALSE, REFUSED, CLUSTER, NULL },
  { "__isGlobal", FALSE, REFUSED, PLACE, NULL },
  { "__isShared", FALSE, REFUSED, PLACE, NULL },
  { "__isConstant", FALSE, REFUSED, PLACE, NULL },
  { "__isLocal", FALSE, REFUSED, PLACE, NULL },
  { "__isGridConstant", FALSE, REFUSED, PLACE, NULL },
  { "__isCtaShared", FALSE, REFUSED, PLACE, NULL },
  { "__isClusterShared", FALSE, REFUSED, PLACE, NULL },
  { "__cvta_", TRUE, REFUSED, PLACE, NULL },
  { "__pm0", FALSE, REFUSED, COUNTER, NULL },
  { "__pm1", FALSE, REFUSED, COUNTER, NULL },
  { "__pm2", FALSE, REFUSED, COUNTER, NULL },
  { "__pm3", FALSE, REFUSED, COUNTER, NULL },
  { "__brkpt", FALSE, REFUSED, DEBUGGER, NULL },
};

/* `<<<` with nothing in between */
static gboolean
is_launch (const PinwheelTokens *tokens, guint i)
{
  return pinwheel_token_is (tokens, i, "<") && pinwheel_token_is (tokens, i + 1, "<")
         && pinwheel_token_is (tokens, i + 2, "<")
         && tokens->items[i + 2].offset == tokens->items[i].offset + 2;
}

static void
clear_refusal (gpointer data)
{
  g_free (((PinwheelRefusal *) data)->word);
}

GArray *
pinwheel_refusals_new (void)
{
  GArray *refusals = g_array_new (FALSE, FALSE, sizeof (PinwheelRefusal));

  g_array_set_clear_func (refusals, clear_refusal);
  return refusals;
}

static void
note (GArray *notes, const PinwheelTokens *tokens, guint i, const char *what, const char *word)
{
  const PinwheelToken *token = &tokens->items[i];
  PinwheelRefusal refusal = { .what = what,
                              .word = g_strdup (word),
                              .at = i,
                              .file = token->file,
                              .line = token->line,
                              .column = token->column };

  g_array_append_val (notes, refusal);
}

/* --- shared memory whose size the launch says --- */

static void
add_text (PinwheelSignature *self, gsize offset, gsize remove, char *text)
{
  PinwheelEdit edit = { .offset = offset, .remove = remove, .text = text };

  g_array_append_val (self->edits, edit);
}

/* Makes references of the arrays without a size in tokens [@from, @to), a declaration:
 * `float (&s)[] = pinwheel_dynamic<decltype (s)> ()`. */
static void
refer_to_dynamic (PinwheelSignature *self, guint from, guint to)
{
  const PinwheelTokens *tokens = self->tokens;

  for (guint i = from; i < to; i++)
    {
      const PinwheelToken *name = &tokens->items[i], *last;
      g_autofree char *text = NULL;

      if (pinwheel_token_is (tokens, i, "extern"))
        add_text (self, name->offset, name->length, g_strdup (""));
      if (name->kind != PINWHEEL_TOKEN_NAME || !pinwheel_token_is (tokens, i + 1, "["))
        continue;
      text = pinwheel_token_dup (tokens, i);
      while (pinwheel_token_is (tokens, i + 1, "[") && i + 1 < to)
        i = pinwheel_token_match (tokens, i + 1);
      if (i >= to)
        return;
      last = &tokens->items[i];
      add_text (self, name->offset, name->length, g_strdup_printf ("(&%s)", text));
      add_text (self, last->offset + 1, 0,
                g_strdup_printf (" = pinwheel_dynamic<decltype (%s)> ()", text));
      self->dynamic_shared = TRUE;
    }
}

/* Looks at the declaration around the `__shared__` at token @i, within [@from, @to). */
static void
read_shared (PinwheelSignature *self, guint i, guint from, guint to)
{
  const PinwheelTokens *tokens = self->tokens;
  guint begin = i, end = i;
  gboolean is_extern = FALSE;

  while (begin > from && tokens->items[begin - 1].kind == PINWHEEL_TOKEN_NAME)
    begin--;
  while (end < to && !pinwheel_token_is (tokens, end, ";"))
    end++;
  for (guint k = begin; k < end; k++)
    is_extern |= pinwheel_token_is (tokens, k, "extern");
  if (is_extern && end < to)
    refer_to_dynamic (self, begin, end);
}

/* --- private arrays --- */

/* Whether the name at token @i, behind which a `[` comes, is being declared, as far as one can tell
 * without knowing types. */
static gboolean
is_declared (const PinwheelTokens *tokens, guint i)
{
  static const char *const others[] = { "return", "else", "do", "case", "goto", "throw", "sizeof" };

  if (i == 0)
    return FALSE;
  if (tokens->items[i - 1].kind != PINWHEEL_TOKEN_NAME)
    return pinwheel_token_is (tokens, i - 1, ",");
  for (guint k = 0; k < G_N_ELEMENTS (others); k++)
    if (pinwheel_token_is (tokens, i - 1, others[k]))
      return FALSE;
  return TRUE;
}

/* Looks for arrays between tokens @from and @to that are declared directly within braces. */
static void
find_private_arrays (PinwheelSignature *self, guint from, guint to)
{
  const PinwheelTokens *tokens = self->tokens;
  g_autoptr (GString) open = g_string_new (NULL); /* brackets around the token */

  for (guint i = from; i < to; i++)
    {
      char c = tokens->text[tokens->items[i].offset];

      if (tokens->items[i].kind == PINWHEEL_TOKEN_NAME)
        {
          if (open->len > 0 && open->str[open->len - 1] == '{'
              && pinwheel_token_is (tokens, i + 1, "[") && is_declared (tokens, i))
            self->private_arrays = TRUE;
        }
      else if (tokens->items[i].kind != PINWHEEL_TOKEN_PUNCTUATOR)
        continue;
      else if (c == '(' || c == '[' || c == '{')
        g_string_append_c (open, c);
      else if ((c == ')' || c == ']' || c == '}') && open->len > 0)
        g_string_truncate (open, open->len - 1);
    }
}

/* --- all words --- */

static void
scan_name (PinwheelSignature *self, guint i, gboolean in_entry)
{
  g_autofree char *name = pinwheel_token_dup (self->tokens, i);

  for (guint k = 0; k < G_N_ELEMENTS (words); k++)
    {
      gboolean is_word = words[k].prefix ? g_str_has_prefix (name, words[k].word)
                                         : g_str_equal (name, words[k].word);

      if (!is_word)
        continue;
      if (words[k].kind == MEETS)
        self->threads_meet = TRUE;
      else if (words[k].kind == REFUSED)
        note (self->refusals, self->tokens, i, words[k].what, name);
      else
        note (self->waits, self->tokens, i, in_entry ? words[k].what : words[k].elsewhere, name);
      return;
    }
}

void
pinwheel_signature_scan (PinwheelSignature *self, guint from, guint to, gboolean in_entry)
{
  const PinwheelTokens *tokens = self->tokens;

  to = MIN (to, tokens->n_items);
  find_private_arrays (self, from, to);
  for (guint i = from; i < to; i++)
    if (tokens->items[i].kind == PINWHEEL_TOKEN_NAME)
      {
        scan_name (self, i, in_entry);
        if (pinwheel_token_is (tokens, i, "__shared__"))
          read_shared (self, i, from, to);
      }
    else if (tokens->items[i].kind == PINWHEEL_TOKEN_PUNCTUATOR && is_launch (tokens, i))
      note (self->refusals, tokens, i, LAUNCH, "<<<");
}
