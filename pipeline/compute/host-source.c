/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "compute/host-compiler-private.h"
#include "compute/host-lane-shim-text.h"
#include "compute/host-shim-text.h"
#include "device/host-launch-private.h"

/* Places that are looked at one by one, each from the file's beginning on */
#define MOST_USES 256

void
pinwheel_append_line_marker (GString *text, guint line, const char *file)
{
  g_string_append_printf (text, "# %u \"", line);
  for (; *file != '\0'; file++)
    {
      if (*file == '"' || *file == '\\')
        g_string_append_c (text, '\\');
      g_string_append_c (text, g_ascii_iscntrl (*file) ? '?' : *file);
    }
  g_string_append (text, "\"\n");
}

/* Ends the line and goes on at the place of the user's next token, so that messages stay right. */
static void
append_insertion (GString *text, const PinwheelEdit *edit)
{
  g_string_append (text, "const uint3 threadIdx, const uint3 blockIdx, const dim3 gridDim");
  g_string_append (text, edit->empty_list ? "\n" : ",\n");
  pinwheel_append_line_marker (text, edit->line, edit->file);
  for (guint i = 1; i < edit->column; i++)
    g_string_append_c (text, ' ');
}

/* What is taken out leaves its line ends behind. */
static void
append_blanks (GString *text, const char *removed, gsize length)
{
  for (gsize i = 0; i < length; i++)
    g_string_append_c (text, removed[i] == '\n' ? '\n' : ' ');
}

/* Copies the user's text from @at up to @end with the edits in between. @next: the first of these
 */
static gsize
append_edited (GString *text, const PinwheelSignature *signature, gsize at, gsize end, guint *next)
{
  const char *source = signature->tokens->text;

  for (; *next < signature->edits->len; ++*next)
    {
      const PinwheelEdit *edit = &g_array_index (signature->edits, PinwheelEdit, *next);

      if (edit->offset >= end)
        break;
      if (edit->offset < at)
        continue; /* within the body that is not there */
      g_string_append_len (text, source + at, (gssize) (edit->offset - at));
      if (edit->insert)
        append_insertion (text, edit);
      else if (edit->text != NULL)
        g_string_append (text, edit->text);
      else
        append_blanks (text, source + edit->offset, edit->remove);
      at = edit->offset + edit->remove;
    }
  g_string_append_len (text, source + at, (gssize) (end - at));
  return end;
}

/* Copies up to the brace at token @open, puts @body in place of what is in it, and goes on at its
 * end. */
static gsize
append_other_body (GString *text, const PinwheelSignature *signature, gsize at, guint open,
                   const char *body, guint *next)
{
  const PinwheelToken *close = &signature->tokens
                                    ->items[pinwheel_token_match (signature->tokens, open)];

  append_edited (text, signature, at, signature->tokens->items[open].offset + 1, next);
  g_string_append_c (text, '\n');
  g_string_append (text, body);
  g_string_append_c (text, '\n');
  pinwheel_append_line_marker (text, close->line, close->file);
  return close->offset;
}

/* @lowered: (nullable): what comes in place of the kernel's body. The functions in which threads
 * wait for each other are part of it: they are left without bodies. */
static void
append_user_source (GString *text, const PinwheelSignature *signature, const char *lowered)
{
  const PinwheelTokens *tokens = signature->tokens;
  gboolean is_there = lowered == NULL;
  PinwheelFunctionText function;
  guint next = 0;
  gsize at = 0;

  for (guint i = 0; i < signature->waits->len && lowered != NULL; i++)
    {
      guint wait = g_array_index (signature->waits, PinwheelRefusal, i).at;

      if (!is_there && wait > signature->body_open)
        {
          at = append_other_body (text, signature, at, signature->body_open, lowered, &next);
          is_there = TRUE;
        }
      if (tokens->items[wait].offset >= at && pinwheel_function_find (tokens, wait, &function)
          && function.body_open != signature->body_open)
        at = append_other_body (text, signature, at, function.body_open, "__builtin_trap ();",
                                &next);
    }
  if (!is_there)
    at = append_other_body (text, signature, at, signature->body_open, lowered, &next);
  append_edited (text, signature, at, strlen (tokens->text), &next);
  g_string_append_c (text, '\n');
}

void
pinwheel_append_parameters (GString *text, const PinwheelSignature *signature, gboolean types)
{
  for (guint i = 0; i < signature->parameters->len; i++)
    {
      const PinwheelParameter *parameter = pinwheel_signature_parameter (signature, i);
      g_autofree char *type = pinwheel_ctype_to_string (&parameter->type);

      if (types)
        g_string_append_printf (text, ", %s a%u", type, i);
      else
        g_string_append_printf (text, ", a%u", i);
    }
}

void
pinwheel_append_arguments (GString *text, const PinwheelSignature *signature)
{
  for (guint i = 0; i < signature->parameters->len; i++)
    {
      const PinwheelParameter *parameter = pinwheel_signature_parameter (signature, i);
      g_autofree char *type = pinwheel_ctype_to_string (&parameter->type);

      g_string_append_printf (text, "  typedef %s T%u;\n  T%u a%u = *(T%u *) arguments[%u];\n",
                              type, i, i, i, i, i);
    }
}

static void
append_call (GString *text, const PinwheelSignature *signature, const char *thread)
{
  g_string_append_printf (text, "      %s (%s, block, size", signature->qualified, thread);
  pinwheel_append_parameters (text, signature, FALSE);
  g_string_append (text, ");\n");
}

static void
append_thread_loop (GString *text, const PinwheelSignature *signature)
{
  g_string_append (text, "      for (unsigned z = 0; z < PINWHEEL_BLOCK_Z; z++)\n"
                         "        for (unsigned y = 0; y < PINWHEEL_BLOCK_Y; y++)\n");
  /* threads of a block that see no barrier do not wait for each other: any order will do. But what
   * they share ties them to each other, and so does a variable that holds a thread's index for
   * device functions to read, and a private array that lies in the same place for each of them. */
  if (!signature->thread_index_outside && !signature->threads_meet && !signature->private_arrays)
    g_string_append (text, "#ifdef __clang__\n"
                           "#pragma clang loop vectorize(assume_safety)\n"
                           "#else\n"
                           "#pragma GCC ivdep\n"
                           "#endif\n");
  g_string_append (text, "          for (int x = 0; x < PINWHEEL_BLOCK_X; x++)\n"
                         "            {\n"
                         "              const uint3 thread = { (unsigned) x, y, z };\n");
  if (signature->thread_index_outside)
    g_string_append (text, "              ::threadIdx = thread;\n");
  append_call (text, signature, "thread");
  g_string_append (text, "            }\n");
}

/* One range of blocks. SMALL says that every index of a thread fits an int: without it gcc takes
 * `blockIdx.x * blockDim.x + threadIdx.x` for something that may wrap, and loads one by one. */
static void
append_block_loop (GString *text, const PinwheelSignature *signature, gboolean is_lowered)
{
  g_string_append (text,
                   "template <bool SMALL> static inline __attribute__ ((always_inline)) void\n"
                   "pinwheel_blocks (const uint3 grid, unsigned long long first, "
                   "unsigned long long end");
  pinwheel_append_parameters (text, signature, TRUE);
  g_string_append (
      text, ")\n{\n"
            "  uint3 block = { (unsigned) first, 0, 0 };\n"
            "  /* most grids are a row: nothing is divided then */\n"
            "  if (first >= grid.x)\n"
            "    block = { (unsigned) (first % grid.x), (unsigned) (first / grid.x % grid.y),\n"
            "              (unsigned) (first / grid.x / grid.y) };\n"
            "  const dim3 size (grid);\n"
            "  for (; first < end; first++)\n"
            "    {\n"
            "      if (SMALL && block.x * blockDim.x > 0x80000000u - blockDim.x)\n"
            "        __builtin_unreachable ();\n"
            "      ::blockIdx = block;\n");
  if (is_lowered)
    append_call (text, signature, "uint3 ()");
  else
    append_thread_loop (text, signature);
  g_string_append (text, "      if (++block.x == grid.x)\n"
                         "        {\n"
                         "          block.x = 0;\n"
                         "          if (++block.y == grid.y)\n"
                         "            block.y = 0, block.z++;\n"
                         "        }\n"
                         "    }\n"
                         "}\n");
}

/* The layout is that of PinwheelHostLaunch in device/host-launch-private.h. */
static void
append_entry (GString *text, const PinwheelSignature *signature)
{
  g_string_append (text, "struct PinwheelHostLaunch { unsigned grid[3], block[3]; };\n"
                         "static __attribute__ ((noinline, cold)) void\n"
                         "pinwheel_large (const uint3 grid, unsigned long long first, "
                         "unsigned long long end");
  pinwheel_append_parameters (text, signature, TRUE);
  g_string_append (text, ")\n{\n  pinwheel_blocks<false> (grid, first, end");
  pinwheel_append_parameters (text, signature, FALSE);
  g_string_append (text, ");\n}\n"
                         "extern \"C\" __attribute__ ((visibility (\"default\"), "
                         "externally_visible)) void\n"
                         "pinwheel_run (const PinwheelHostLaunch *launch, void **arguments,\n"
                         "              unsigned long long first, unsigned long long end)\n"
                         "{\n"
                         "  const uint3 grid = { launch->grid[0], launch->grid[1], "
                         "launch->grid[2] };\n"
                         "  ::gridDim = grid;\n");
  pinwheel_append_arguments (text, signature);
  g_string_append (text, "  if ((unsigned long long) grid.x * blockDim.x <= 0x80000000ull)\n"
                         "    pinwheel_blocks<true> (grid, first, end");
  pinwheel_append_parameters (text, signature, FALSE);
  g_string_append (text, ");\n  else\n    pinwheel_large (grid, first, end");
  pinwheel_append_parameters (text, signature, FALSE);
  g_string_append (text, ");\n}\n");
}

/* Whether token @i is in one of the functions that have become part of a lowered kernel */
static gboolean
is_put_in (const PinwheelSignature *signature, guint i)
{
  PinwheelFunctionText function;

  return pinwheel_function_find (signature->tokens, i, &function)
         && pinwheel_signature_waits (signature, function.body_open, function.body_close);
}

/* What is thread-local is found by a call, where the compiler does not find that nobody reads it. A
 * lowered kernel has its own shared memory elsewhere. */
static gboolean
reaches_own_memory (const PinwheelSignature *signature, const char *lowered)
{
  guint n_uses = signature->own_uses->len;
  gboolean is_outside = n_uses > MOST_USES || (lowered == NULL && n_uses > 0);

  for (guint i = 0; i < n_uses && !is_outside; i++)
    is_outside = !is_put_in (signature, g_array_index (signature->own_uses, guint, i));
  return is_outside
         || (lowered == NULL
             && (signature->threads_meet || signature->as_fibers || signature->waits->len > 0));
}

void
pinwheel_append_program (GString *text, const PinwheelSignature *signature, const guint block[3],
                         const char *more_shim, const char *lowered)
{
  if (reaches_own_memory (signature, lowered))
    g_string_append (text, PINWHEEL_HOST_OWN_MEMORY);
  g_string_append_printf (text,
                          "#define PINWHEEL_BLOCK_X %u\n"
                          "#define PINWHEEL_BLOCK_Y %u\n"
                          "#define PINWHEEL_BLOCK_Z %u\n",
                          block[0], block[1], block[2]);
  if (signature->dynamic_shared)
    g_string_append_printf (text, "#define PINWHEEL_DYNAMIC_SHARED %d\n",
                            PINWHEEL_HOST_SHARED_BYTES);
  if (pinwheel_host_math_is_defined (signature->tokens))
    g_string_append (text, "#define PINWHEEL_KNOWN PINWHEEL_OFFER\n");
  pinwheel_append_line_marker (text, 1, PINWHEEL_HOST_OWN_FILE);
  pinwheel_host_math_append (text, signature->tokens);
  g_string_append (text, host_shim_text);
  pinwheel_host_words_append (text, signature->tokens);
  g_string_append (text, more_shim);
  pinwheel_append_line_marker (text, 1, signature->tokens->items[0].file);
  append_user_source (text, signature, lowered);
  pinwheel_append_line_marker (text, 1, PINWHEEL_HOST_OWN_FILE);
}

char *
pinwheel_host_source (const PinwheelSignature *signature, const guint block[3], const char *lowered)
{
  GString *text;

  if (lowered == NULL && (signature->as_fibers || signature->waits->len > 0))
    return pinwheel_host_fiber_source (signature, block);
  text = g_string_new (NULL);
  pinwheel_append_program (text, signature, block, lowered != NULL ? host_lane_shim_text : "",
                           lowered);
  append_block_loop (text, signature, lowered != NULL);
  append_entry (text, signature);
  return g_string_free (text, FALSE);
}
