/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A launch. The threads of a block take turns: each runs until it waits, ends, or has had its turn.
 * Only what waits at barriers, shuffles and the like brings an order between them. */
#include "config.h"

#include "ptx-private.h"

/* Instructions until another thread has its turn, so that one that spins does not hold up the one
 * it waits for. */
#define TURN           4096

#define LARGEST_SHARED ((gsize) 1 << 20)

void
ptx_thread_fail (PtxThread *t, const PtxInsn *i, PtxError code, const char *format, ...)
{
  const PtxBlock *block = t->block;
  g_autofree char *text = NULL;
  va_list arguments;

  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  t->state = PTX_FAILED;
  if (block->error == NULL)
    g_set_error (&t->block->error, PTX_ERROR, code,
                 "kernel '%s', block (%u, %u, %u), thread (%u, %u, %u), PTX line %u: %s",
                 block->entry->name, block->id[0], block->id[1], block->id[2], t->tid[0], t->tid[1],
                 t->tid[2], i != NULL ? i->line : 0, text);
}

/* What the others wait for may be complete without this one. */
void
ptx_thread_exit (PtxThread *t)
{
  PtxBlock *block = t->block;
  guint first = t->index / PTX_WARP * PTX_WARP;

  t->state = PTX_EXITED;
  block->n_exited++;
  for (guint k = 0; k < PTX_N_BARRIERS; k++)
    ptx_barrier_check (block, k);
  for (guint k = first; k < MIN (first + PTX_WARP, block->n_threads); k++)
    if (block->threads[k].state == PTX_AT_WARP)
      ptx_warp_check (&block->threads[k]);
}

static void
take_turn (PtxThread *t)
{
  guint left = TURN;

  t->state = PTX_RUNNING;
  do
    {
      const PtxInsn *i = t->pc++;

      i->run (t, i);
    }
  while (--left > 0 && t->state == PTX_RUNNING);
  t->block->n_instructions += TURN - left;
}

static void
report_deadlock (PtxBlock *block)
{
  GString *text = g_string_new (NULL);
  PtxThread *first = NULL;
  guint n = 0;

  for (guint k = 0; k < block->n_threads; k++)
    {
      PtxThread *t = &block->threads[k];

      if (t->state == PTX_EXITED)
        continue;
      if (first == NULL)
        first = t;
      if (n++ < 4)
        g_string_append_printf (text, "%s(%u, %u, %u) at line %u for %s 0x%x", n > 1 ? ", " : "",
                                t->tid[0], t->tid[1], t->tid[2], t->wait->line,
                                t->state == PTX_AT_BARRIER ? "barrier" : "lanes", t->wait_mask);
    }
  ptx_thread_fail (first, first->wait, PTX_ERROR_DEADLOCK,
                   "a deadlock: %u threads wait and none runs: %s%s", n, text->str,
                   n > 4 ? " ..." : "");
  g_string_free (text, TRUE);
}

static gboolean
run_block (PtxBlock *block)
{
  const gint *stop = block->memory != NULL ? block->memory->stop : NULL;

  while (block->n_exited < block->n_threads)
    {
      gboolean any = FALSE;

      for (guint k = 0; k < block->n_threads; k++)
        {
          PtxThread *t = &block->threads[k];

          if (t->state != PTX_RUNNING && t->state != PTX_YIELDED)
            continue;
          any = TRUE;
          take_turn (t);
          if (t->state == PTX_FAILED)
            return FALSE;
        }
      if (stop != NULL && g_atomic_int_get (stop))
        {
          g_set_error (&block->error, PTX_ERROR, PTX_ERROR_STOPPED, "kernel '%s' was stopped",
                       block->entry->name);
          return FALSE;
        }
      if (!any)
        {
          report_deadlock (block);
          return FALSE;
        }
    }
  return TRUE;
}

static gboolean
start_block (PtxBlock *block)
{
  memset (block->barriers, 0, sizeof block->barriers);
  /* shared memory has no initial value: this one is seen if it is used */
  if (block->shared_size > 0)
    memset (block->shared, 0xcd, block->shared_size);
  block->n_exited = 0;
  for (guint k = 0; k < block->n_threads; k++)
    {
      PtxThread *t = &block->threads[k];

      t->state = PTX_RUNNING;
      t->carry = 0;
      g_array_set_size (t->frames, 0);
      if (!ptx_enter (t, block->entry, NULL))
        return FALSE;
    }
  return TRUE;
}

static gboolean
run_grid (PtxBlock *block)
{
  for (block->id[2] = 0; block->id[2] < block->grid[2]; block->id[2]++)
    for (block->id[1] = 0; block->id[1] < block->grid[1]; block->id[1]++)
      for (block->id[0] = 0; block->id[0] < block->grid[0]; block->id[0]++)
        if (!start_block (block) || !run_block (block))
          return FALSE;
  return TRUE;
}

static void
make_threads (PtxBlock *block)
{
  block->threads = g_new0 (PtxThread, block->n_threads);
  for (guint k = 0; k < block->n_threads; k++)
    {
      PtxThread *t = &block->threads[k];

      t->block = block;
      t->index = k;
      t->tid[0] = k % block->size[0];
      t->tid[1] = k / block->size[0] % block->size[1];
      t->tid[2] = k / block->size[0] / block->size[1];
      t->frames = g_array_new (FALSE, FALSE, sizeof (PtxFrame));
    }
}

static void
free_threads (PtxBlock *block)
{
  for (guint k = 0; k < block->n_threads; k++)
    {
      g_free (block->threads[k].stack);
      g_free (block->threads[k].registers);
      g_array_unref (block->threads[k].frames);
    }
  g_free (block->threads);
}

static gboolean
check_shape (const PtxEntry *entry, const guint grid[3], const guint block[3], gsize dynamic_shared,
             GError **error)
{
  guint64 threads = 1;

  for (guint k = 0; k < 3; k++)
    {
      threads *= MIN (block[k], 4096);
      if (grid[k] == 0 || block[k] == 0)
        threads = 0;
    }
  if (threads == 0 || threads > 1024 || block[2] > 64 || grid[1] > 65535 || grid[2] > 65535
      || (entry->max_threads > 0 && threads > entry->max_threads) || dynamic_shared > LARGEST_SHARED
      || entry->shared_size > LARGEST_SHARED - dynamic_shared)
    {
      g_set_error (
          error, PTX_ERROR, PTX_ERROR_LAUNCH,
          "kernel '%s' cannot be launched with %u x %u x %u blocks of %u x %u x %u threads "
          "and %" G_GSIZE_FORMAT " bytes of shared memory",
          entry->name, grid[0], grid[1], grid[2], block[0], block[1], block[2], dynamic_shared);
      return FALSE;
    }
  return TRUE;
}

static guint8 *
copy_arguments (const PtxEntry *entry, void *const *arguments)
{
  guint8 *block = g_malloc0 (entry->parameters_size + 1);

  for (guint k = 0; k < entry->parameters->len; k++)
    {
      const PtxParameter *parameter = &g_array_index (entry->parameters, PtxParameter, k);

      memcpy (block + parameter->offset, arguments[k], parameter->size);
    }
  return block;
}

gboolean
ptx_launch_counted (const PtxEntry *entry, const guint grid[3], const guint block[3],
                    gsize dynamic_shared, void *const *arguments, const PtxMemory *memory,
                    guint64 *n_instructions, GError **error)
{
  PtxBlock self = { .entry = entry, .memory = memory };
  gboolean success;

  if (!check_shape (entry, grid, block, dynamic_shared, error))
    return FALSE;
  memcpy (self.grid, grid, sizeof self.grid);
  memcpy (self.size, block, sizeof self.size);
  self.n_threads = block[0] * block[1] * block[2];
  self.dynamic_offset = (entry->shared_size + 15) / 16 * 16;
  self.shared_size = self.dynamic_offset + dynamic_shared;
  self.shared = g_aligned_alloc0 (1, self.shared_size + 1, 128);
  self.parameters = copy_arguments (entry, arguments);
  make_threads (&self);
  success = run_grid (&self);
  free_threads (&self);
  g_aligned_free (self.shared);
  g_free (self.parameters);
  if (n_instructions != NULL)
    *n_instructions += self.n_instructions;
  if (!success)
    g_propagate_error (error, self.error);
  return success;
}

gboolean
ptx_launch (const PtxEntry *entry, const guint grid[3], const guint block[3], gsize dynamic_shared,
            void *const *arguments, const PtxMemory *memory, GError **error)
{
  return ptx_launch_counted (entry, grid, block, dynamic_shared, arguments, memory, NULL, error);
}
