/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Branches, calls and ends. */
#include "config.h"

#include "ptx-private.h"

/* Registers and stack of one thread; what needs more never returns. */
#define MOST_REGISTERS ((gsize) 4 << 20)
#define MOST_STACK     ((gsize) 4 << 20)
#define MOST_CALLS     20000

static void
jump (PtxThread *t, gint64 target)
{
  t->pc = (const PtxInsn *) (gpointer) t->function->code->data + target;
}

static void
branch (PtxThread *t, const PtxInsn *i)
{
  jump (t, i->offset);
}

/* brx.idx: what is out of the list is undefined; here it is an error */
static void
branch_indexed (PtxThread *t, const PtxInsn *i)
{
  guint32 index = (guint32) t->r[i->a];

  if (index >= (guint32) i->c)
    ptx_thread_fail (t, i, PTX_ERROR_TRAP, "a branch to target %u of %d", index, i->c);
  else
    jump (t, g_array_index (t->function->lists, gint32, i->b + (gint32) index));
}

static gboolean
prepare_branch_indexed (PtxDecoder *decoder, PtxInsn *insn)
{
  const PtxSymbol *symbol;
  const char *name;
  guint number;

  if (!ptx_expect (decoder, ',') || (name = ptx_expect_word (decoder, "a list")) == NULL)
    return FALSE;
  symbol = ptx_find_symbol (decoder, name, &number);
  if (symbol == NULL || symbol->kind != PTX_SYMBOL_TARGETS)
    return FALSE;
  insn->b = (gint32) symbol->index;
  insn->c = (gint32) symbol->count;
  return TRUE;
}

static gboolean
grow_registers (PtxThread *t, gsize needed)
{
  gsize n = MAX (needed, t->n_registers * 2);
  guint64 *registers;

  if (needed <= t->n_registers)
    return TRUE;
  registers = needed > MOST_REGISTERS ? NULL : g_try_renew (guint64, t->registers, n);
  if (registers == NULL)
    return FALSE;
  t->registers = registers;
  t->n_registers = n;
  return TRUE;
}

static gboolean
grow_stack (PtxThread *t, gsize needed)
{
  gsize size = MAX (MAX (needed, t->stack_size * 2), 64);
  guint8 *stack;

  if (needed <= t->stack_size && t->stack != NULL)
    return TRUE;
  stack = needed > MOST_STACK ? NULL : g_try_realloc (t->stack, size);
  if (stack == NULL)
    return FALSE;
  t->stack = stack;
  t->stack_size = size;
  return TRUE;
}

/* Makes the function's frame above the present one; `from` is the call, or NULL for an entry. */
gboolean
ptx_enter (PtxThread *t, const PtxFunction *function, const PtxInsn *from)
{
  gsize n_constants = function->constants->len;
  gsize base = 0, frame = 0;

  if (from != NULL)
    {
      PtxFrame caller = { t->function, t->pc, t->registers_base, t->frame };

      g_array_append_val (t->frames, caller);
      base = t->registers_base + t->function->constants->len + t->function->n_registers;
      frame = (t->stack_used + 15) / 16 * 16;
    }
  if (t->frames->len > MOST_CALLS
      || !grow_registers (t, base + n_constants + function->n_registers + 1)
      || !grow_stack (t, frame + function->frame_size))
    {
      ptx_thread_fail (t, from, PTX_ERROR_STACK,
                       "%u calls of '%s' and others need more memory than a thread has",
                       t->frames->len, function->name);
      return FALSE;
    }
  for (gsize k = 0; k < n_constants; k++)
    t->registers[base + n_constants - 1 - k] = g_array_index (function->constants, guint64, k);
  memset (t->registers + base + n_constants, 0, function->n_registers * sizeof (guint64));
  if (function->frame_size > 0)
    memset (t->stack + frame, 0, function->frame_size);
  t->registers_base = base;
  t->r = t->registers + base + n_constants;
  t->frame = frame;
  t->stack_used = frame + function->frame_size;
  t->function = function;
  jump (t, 0);
  return TRUE;
}

static gboolean
takes (const PtxFunction *function, const gint32 *list)
{
  guint n_results = (guint) list[0], n = (guint) list[1];

  if (function->results->len != n_results || function->parameters->len != n)
    return FALSE;
  for (guint k = 0; k < n_results + n; k++)
    {
      const GArray *array = k < n_results ? function->results : function->parameters;
      gsize size = g_array_index (array, PtxParameter, k < n_results ? k : k - n_results).size;

      if (size != (gsize) list[3 + 2 * k])
        return FALSE;
    }
  return TRUE;
}

/* list: results, parameters, and for each of both its place in the frame and its size */
static void
enter_called (PtxThread *t, const PtxInsn *i, const PtxFunction *function)
{
  const gint32 *list = &g_array_index (t->function->lists, gint32, i->d);
  guint n_results = (guint) list[0], n = (guint) list[1];
  gsize frame = t->frame;

  if (!ptx_enter (t, function, i))
    return;
  for (guint k = 0; k < n; k++)
    {
      const PtxParameter *parameter = &g_array_index (function->parameters, PtxParameter, k);
      const gint32 *argument = list + 2 + 2 * (n_results + k);

      memcpy (t->stack + t->frame + parameter->offset, t->stack + frame + argument[0],
              parameter->size);
    }
}

static void
call (PtxThread *t, const PtxInsn *i)
{
  enter_called (t, i, g_ptr_array_index (t->function->module->functions, i->offset));
}

static void
call_indirect (PtxThread *t, const PtxInsn *i)
{
  const GPtrArray *functions = t->function->module->functions;
  guint64 number = t->r[i->a] - PTX_WINDOW_CODE;
  const PtxFunction *function;

  if (number >= functions->len)
    {
      ptx_thread_fail (t, i, PTX_ERROR_CALL,
                       "a call of 0x%" G_GINT64_MODIFIER "x, which is no function", t->r[i->a]);
      return;
    }
  function = g_ptr_array_index (functions, number);
  if (!function->is_defined || function->is_entry
      || !takes (function, &g_array_index (t->function->lists, gint32, i->d)))
    ptx_thread_fail (t, i, PTX_ERROR_CALL, "'%s' is called with parameters that are not its own",
                     function->name);
  else
    enter_called (t, i, function);
}

/* An external function that the interpreter has itself. */
static void
call_assert (PtxThread *t, const PtxInsn *i)
{
  ptx_thread_fail (t, i, PTX_ERROR_TRAP, "an assertion fails");
}

static void
ret (PtxThread *t, const PtxInsn *i)
{
  const PtxFunction *function = t->function;
  gsize frame = t->frame;
  const PtxFrame *caller;
  const gint32 *list;

  if (t->frames->len == 0)
    {
      ptx_thread_exit (t);
      return;
    }
  caller = &g_array_index (t->frames, PtxFrame, t->frames->len - 1);
  t->function = caller->function;
  t->pc = caller->pc;
  t->registers_base = caller->registers;
  t->r = t->registers + caller->registers + t->function->constants->len;
  t->frame = caller->frame;
  t->stack_used = caller->frame + t->function->frame_size;
  g_array_set_size (t->frames, t->frames->len - 1);
  list = &g_array_index (t->function->lists, gint32, t->pc[-1].d);
  for (guint k = 0; k < (guint) list[0]; k++)
    {
      const PtxParameter *result = &g_array_index (function->results, PtxParameter, k);

      memcpy (t->stack + t->frame + list[2 + 2 * k], t->stack + frame + result->offset,
              result->size);
    }
}

static void
leave (PtxThread *t, const PtxInsn *i)
{
  ptx_thread_exit (t);
}

static void
trap (PtxThread *t, const PtxInsn *i)
{
  ptx_thread_fail (t, i, PTX_ERROR_TRAP, "%s", i->kind ? "brkpt" : "trap");
}

static gboolean
prepare_trap (PtxDecoder *decoder, PtxInsn *insn)
{
  insn->kind = decoder->words.parts[0][0] == 'b';
  return TRUE;
}

static void
nothing (PtxThread *t, const PtxInsn *i)
{
}

static void
yield (PtxThread *t, const PtxInsn *i)
{
  t->state = PTX_YIELDED;
}

/* ( param0, param1 ) behind a call; FALSE if something else is there. */
static gboolean
read_arguments (PtxDecoder *decoder, GArray *list, guint *n)
{
  *n = 0;
  if (!ptx_accept (decoder, '('))
    return TRUE;
  while (!ptx_accept (decoder, ')'))
    {
      const PtxSymbol *symbol;
      const char *name;
      gint32 pair[2];
      guint number;

      if ((*n > 0 && !ptx_expect (decoder, ','))
          || (name = ptx_expect_word (decoder, "a parameter")) == NULL)
        return FALSE;
      symbol = ptx_find_symbol (decoder, name, &number);
      if (symbol == NULL || symbol->kind != PTX_SYMBOL_PARAM)
        return ptx_fail (decoder, "arguments must be in .param");
      pair[0] = (gint32) symbol->offset;
      pair[1] = (gint32) symbol->size;
      g_array_append_vals (list, pair, 2);
      ++*n;
    }
  return TRUE;
}

static gboolean
read_called (PtxDecoder *decoder, PtxInsn *insn)
{
  const char *name = ptx_is_word (decoder) ? decoder->token->text : "";
  guint number;
  const PtxSymbol *symbol = ptx_find_symbol (decoder, name, &number);

  if (symbol == NULL || symbol->kind != PTX_SYMBOL_FUNCTION)
    {
      insn->run = call_indirect;
      return ptx_read_source (decoder, PTX_B64, &insn->a);
    }
  insn->run = call;
  insn->offset = symbol->index;
  if (strcmp (name, "vprintf") == 0)
    insn->run = ptx_vprintf;
  if (strcmp (name, "__assertfail") == 0)
    insn->run = call_assert;
  decoder->token++;
  return TRUE;
}

/* call (results), function, (parameters), prototype */
static gboolean
prepare_call (PtxDecoder *decoder, PtxInsn *insn)
{
  GArray *lists = decoder->function->lists;
  g_autoptr (GArray) list = g_array_new (FALSE, FALSE, sizeof (gint32));
  PtxFunction *function;
  gint32 head[2] = { 0, 0 };
  guint n_results, n = 0;

  g_array_append_vals (list, head, 2);
  if (!read_arguments (decoder, list, &n_results) || (list->len > 2 && !ptx_expect (decoder, ','))
      || !read_called (decoder, insn)
      || (ptx_accept (decoder, ',') && !read_arguments (decoder, list, &n))
      || (ptx_accept (decoder, ',') && ptx_expect_word (decoder, "a prototype") == NULL))
    return FALSE;
  g_array_index (list, gint32, 0) = (gint32) n_results;
  g_array_index (list, gint32, 1) = (gint32) n;
  insn->d = (gint32) lists->len;
  g_array_append_vals (lists, list->data, list->len);
  if (insn->run == call_indirect)
    return TRUE;
  function = g_ptr_array_index (decoder->module->functions, insn->offset);
  if (insn->run == ptx_vprintf
      && !(n == 2 && n_results < 2 && g_array_index (list, gint32, list->len - 3) == 8
           && g_array_index (list, gint32, list->len - 1) == 8
           && (n_results == 0 || g_array_index (list, gint32, 3) == 4)))
    return FALSE;
  if (insn->run == call && function->called_line == 0)
    function->called_line = insn->line;
  return !function->is_entry && takes (function, (const gint32 *) (gpointer) list->data);
}

const PtxRow ptx_control_rows[] = {
  { "bra[.uni]", "l", branch, NULL, NULL },
  { "brx.idx[.uni]", "r", branch_indexed, NULL, prepare_branch_indexed },
  { "call[.uni]", "", NULL, NULL, prepare_call },
  { "ret[.uni]", "", ret, NULL, NULL },
  { "exit", "", leave, NULL, NULL },
  { "trap", "", trap, NULL, prepare_trap },
  { "brkpt", "", trap, NULL, prepare_trap },
  { "nanosleep.u32", "r", yield, NULL, NULL },
  { "griddepcontrol(.launch_dependents|.wait)", "", nothing, NULL, NULL },
  { "pmevent", "r", nothing, NULL, NULL },
  { NULL, NULL, NULL, NULL, NULL },
};
