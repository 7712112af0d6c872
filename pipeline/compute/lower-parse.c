/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "compute/lower-private.h"

/* Turns that a loop may have to be unrolled: by itself, or where a pragma asks for it */
#define UNROLL_TURNS        16
#define PRAGMA_UNROLL_TURNS 64
/* Copies of a statement that come of loops within loops */
#define MOST_COPIES 256

static const char *const barriers[] = { "__syncthreads", "__syncwarp", NULL };
static const char *const strange[] = { "asm",   "__asm__",  "__asm",    "goto",   "try",
                                       "throw", "this",     "new",      "delete", "typeid",
                                       "union", "template", "operator", NULL };
/* What begins so waits for other threads, or asks them */
static const char *const warp_prefixes[] = { "__sync",   "__barrier_sync", "__shfl",
                                             "__ballot", "__any",          "__all",
                                             "__match_", "__reduce_",      "__activemask" };

static guint parse_statement (PinwheelLower *self, guint i, GPtrArray *list);

/* Whether a `[` begins a lambda: it does not follow anything that could be indexed */
static gboolean
is_lambda (const PinwheelLower *self, guint i)
{
  if (!pinwheel_lower_is (self, i, "["))
    return FALSE;
  return i == 0
         || !(self->tokens[i - 1].kind == PINWHEEL_TOKEN_NAME
              || pinwheel_lower_is (self, i - 1, ")") || pinwheel_lower_is (self, i - 1, "]"))
         || pinwheel_lower_is (self, i - 1, "return");
}

/* Reads an expression's tokens: what their names mean, and what @statement does by them. */
static void
read_expression (PinwheelLower *self, guint from, guint end, PinwheelLowerStatement *statement)
{
  gboolean has_exchange = FALSE;

  pinwheel_lower_resolve (self, from, end);
  for (guint i = from; i < end; i++)
    {
      const PinwheelLowerToken *token = &self->tokens[i];

      if (is_lambda (self, i))
        pinwheel_lower_refuse (self, i, "a lambda");
      if (token->kind == PINWHEEL_TOKEN_DIRECTIVE)
        pinwheel_lower_refuse (self, i, "a directive within an expression");
      if (token->kind != PINWHEEL_TOKEN_NAME || token->variable != NULL)
        continue;
      if (pinwheel_lower_is_exchange (self, i))
        {
          has_exchange = TRUE;
          continue;
        }
      if (pinwheel_lower_is_one (self, i, strange))
        pinwheel_lower_refuse (self, i, "'%.*s' in the kernel", (int) token->length, token->text);
      for (guint k = 0; k < G_N_ELEMENTS (warp_prefixes); k++)
        if (token->length >= strlen (warp_prefixes[k])
            && memcmp (token->text, warp_prefixes[k], strlen (warp_prefixes[k])) == 0)
          pinwheel_lower_refuse (self, i, "%.*s within an expression", (int) token->length,
                                 token->text);
      if ((token->length > 6 && memcmp (token->text, "atomic", 6) == 0)
          || pinwheel_lower_knows (self, i, self->atomics))
        statement->has_atomic = TRUE;
    }
  if (has_exchange)
    pinwheel_lower_read_exchanges (self, statement);
}

static gboolean
is_loop (const PinwheelLowerStatement *statement)
{
  return statement->kind == PINWHEEL_LOWER_FOR || statement->kind == PINWHEEL_LOWER_WHILE
         || statement->kind == PINWHEEL_LOWER_DO;
}

/* Hands on to @statement what @list does. */
static void
absorb (PinwheelLowerStatement *statement, GPtrArray *list)
{
  for (guint i = 0; list != NULL && i < list->len; i++)
    {
      const PinwheelLowerStatement *part = g_ptr_array_index (list, i);

      statement->is_split |= part->is_split;
      statement->n_copies = MAX (statement->n_copies, part->n_copies);
      statement->has_barrier |= part->has_barrier;
      statement->has_warp |= part->has_warp;
      statement->has_atomic |= part->has_atomic;
      statement->has_return |= part->has_return;
      statement->has_split_loop |= part->has_split_loop || (is_loop (part) && part->is_split);
      if (!is_loop (part) && part->kind != PINWHEEL_LOWER_SWITCH)
        statement->has_break |= part->has_break;
      if (!is_loop (part))
        statement->has_continue |= part->has_continue;
    }
}

/* Reads statements up to @end. */
static void
parse_list (PinwheelLower *self, guint i, guint end, GPtrArray *list)
{
  while (i < end && self->reason == NULL)
    i = parse_statement (self, i, list);
}

/* Notes what a pragma asks for; others mean nothing to the loops that are made here. */
static guint
parse_directive (PinwheelLower *self, guint i)
{
  g_autofree char *text = pinwheel_lower_dup (self, i, i + 1);

  self->unroll = strstr (text, "unroll") != NULL;
  return i + 1;
}

/* Reads the statement that belongs to an if or a loop. Returns: the token behind it */
static guint
parse_body (PinwheelLower *self, guint i, GPtrArray **list)
{
  guint scope = self->visible->len;

  *list = pinwheel_lower_new_list (self);
  while (self->tokens[i].kind == PINWHEEL_TOKEN_DIRECTIVE)
    i = parse_directive (self, i);
  i = parse_statement (self, i, *list);
  g_ptr_array_set_size (self->visible, (int) scope);
  return i;
}

/* Reads `(condition)` at @i. Returns: the token behind it */
static guint
parse_condition (PinwheelLower *self, guint i, PinwheelLowerStatement *statement)
{
  if (!pinwheel_lower_is (self, i, "("))
    {
      pinwheel_lower_refuse (self, i, "a condition without brackets");
      return i;
    }
  statement->condition = i + 1;
  statement->condition_end = self->tokens[i].match;
  if (pinwheel_lower_is_declaration (self, i + 1)
      || pinwheel_lower_find (self, i + 1, statement->condition_end, ";")
             < statement->condition_end)
    pinwheel_lower_refuse (self, i, "a declaration in a condition");
  read_expression (self, i + 1, statement->condition_end, statement);
  return statement->condition_end + 1;
}

static guint
parse_if (PinwheelLower *self, guint i, PinwheelLowerStatement *statement)
{
  statement->kind = PINWHEEL_LOWER_IF;
  if (pinwheel_lower_is (self, i + 1, "constexpr"))
    i++;
  i = parse_condition (self, i + 1, statement);
  i = parse_body (self, i, &statement->body);
  absorb (statement, statement->body);
  if (pinwheel_lower_is (self, i, "else"))
    {
      i = parse_body (self, i + 1, &statement->otherwise);
      absorb (statement, statement->otherwise);
    }
  return i;
}

/* Reads `init; condition; step` between @i and @end. */
static void
parse_header (PinwheelLower *self, guint i, guint end, PinwheelLowerStatement *statement)
{
  guint semicolon = pinwheel_lower_find (self, i, end, ";");

  if (semicolon >= end)
    pinwheel_lower_refuse (self, i, "a loop over a range");
  else if (semicolon > i)
    {
      PinwheelLowerStatement *init = pinwheel_lower_own (self, g_new0 (PinwheelLowerStatement, 1));

      statement->init = init;
      init->from = i;
      init->end = semicolon;
      if (!pinwheel_lower_is_declaration (self, i))
        init->kind = PINWHEEL_LOWER_EXPRESSION;
      else if (pinwheel_lower_read_declaration (self, i, init) == semicolon)
        for (guint k = 0; k < init->variables->len; k++)
          ((PinwheelLowerVariable *) g_ptr_array_index (init->variables, k))->loop = statement;
      else
        pinwheel_lower_refuse (self, i, "a loop header that is not understood");
      read_expression (self, i, semicolon, statement);
      init->has_atomic = statement->has_atomic;
    }
  statement->condition = semicolon + 1;
  statement->condition_end = pinwheel_lower_find (self, semicolon + 1, end, ";");
  statement->step = MIN (statement->condition_end + 1, end);
  statement->step_end = end;
  if (statement->condition_end >= end)
    pinwheel_lower_refuse (self, i, "a loop header that is not understood");
  read_expression (self, MIN (statement->condition, end), end, statement);
}

static guint
parse_for (PinwheelLower *self, guint i, PinwheelLowerStatement *statement, guint most_turns)
{
  guint scope = self->visible->len, close;

  statement->kind = PINWHEEL_LOWER_FOR;
  if (!pinwheel_lower_is (self, i + 1, "("))
    {
      pinwheel_lower_refuse (self, i, "a loop header that is not understood");
      return i;
    }
  close = self->tokens[i + 1].match;
  parse_header (self, i + 2, close, statement);
  i = parse_body (self, close + 1, &statement->body);
  g_ptr_array_set_size (self->visible, (int) scope);
  statement->n_turns = pinwheel_lower_count_turns (self, statement, NULL);
  absorb (statement, statement->body);
  statement->n_copies *= statement->n_turns;
  if (statement->n_turns > most_turns || statement->n_copies > MOST_COPIES || statement->is_split)
    statement->n_turns = 0;
  statement->is_split = statement->n_turns == 0;
  return i;
}

static guint
parse_while (PinwheelLower *self, guint i, PinwheelLowerStatement *statement)
{
  statement->kind = PINWHEEL_LOWER_WHILE;
  i = parse_condition (self, i + 1, statement);
  i = parse_body (self, i, &statement->body);
  absorb (statement, statement->body);
  statement->is_split = TRUE;
  return i;
}

static guint
parse_do (PinwheelLower *self, guint i, PinwheelLowerStatement *statement)
{
  statement->kind = PINWHEEL_LOWER_DO;
  i = parse_body (self, i + 1, &statement->body);
  if (!pinwheel_lower_is (self, i, "while"))
    pinwheel_lower_refuse (self, i, "do without while");
  i = parse_condition (self, i + 1, statement);
  absorb (statement, statement->body);
  statement->is_split = TRUE;
  return i + 1;
}

/* A switch stays whole: its cases are reached within one lane. */
static guint
parse_switch (PinwheelLower *self, guint i, PinwheelLowerStatement *statement)
{
  statement->kind = PINWHEEL_LOWER_SWITCH;
  i = parse_condition (self, i + 1, statement);
  i = parse_body (self, i, &statement->body);
  absorb (statement, statement->body);
  statement->is_split = FALSE;
  if (statement->has_barrier || statement->has_warp)
    pinwheel_lower_refuse (self, statement->from, "a barrier within a switch");
  return i;
}

/* A simple statement and its semicolon. Returns: the token behind it */
static guint
parse_simple (PinwheelLower *self, guint i, PinwheelLowerStatement *statement)
{
  statement->end = pinwheel_lower_find (self, i, self->n_tokens, ";");
  if (statement->end >= self->n_tokens)
    pinwheel_lower_refuse (self, i, "a statement without an end");
  return statement->end + 1;
}

static guint
parse_jump (PinwheelLower *self, guint i, PinwheelLowerStatement *statement)
{
  statement->kind = pinwheel_lower_is (self, i, "break")      ? PINWHEEL_LOWER_BREAK
                    : pinwheel_lower_is (self, i, "continue") ? PINWHEEL_LOWER_CONTINUE
                                                              : PINWHEEL_LOWER_RETURN;
  statement->has_return = statement->kind == PINWHEEL_LOWER_RETURN;
  statement->has_break = statement->kind == PINWHEEL_LOWER_BREAK;
  statement->has_continue = statement->kind == PINWHEEL_LOWER_CONTINUE;
  if (!pinwheel_lower_is (self, i + 1, ";"))
    pinwheel_lower_refuse (self, i, "a return with a value");
  return i + 2;
}

static guint
parse_barrier (PinwheelLower *self, guint i, PinwheelLowerStatement *statement)
{
  statement->kind = PINWHEEL_LOWER_BARRIER;
  statement->has_barrier = statement->is_split = self->has_barrier = TRUE;
  i = self->tokens[i + 1].match + 1;
  if (!pinwheel_lower_is (self, i, ";"))
    pinwheel_lower_refuse (self, i, "a barrier within an expression");
  return i + 1;
}

static guint
parse_type (PinwheelLower *self, guint i, PinwheelLowerStatement *statement)
{
  statement->kind = PINWHEEL_LOWER_TYPE;
  for (guint k = i; k < self->n_tokens && !pinwheel_lower_is (self, k, ";"); k++)
    if (self->tokens[k].match > k)
      k = self->tokens[k].match;
    else if (self->tokens[k].kind == PINWHEEL_TOKEN_NAME
             && (pinwheel_lower_is (self, k + 1, "=") || pinwheel_lower_is (self, k + 1, ";")))
      g_hash_table_add (self->constants, pinwheel_lower_dup (self, k, k + 1));
  return parse_simple (self, i, statement);
}

static guint
parse_label (PinwheelLower *self, guint i, PinwheelLowerStatement *statement)
{
  statement->kind = PINWHEEL_LOWER_LABEL;
  statement->end = pinwheel_lower_find (self, i, self->n_tokens, ":;");
  if (!pinwheel_lower_is (self, statement->end, ":"))
    pinwheel_lower_refuse (self, i, "a label that is not understood");
  read_expression (self, i, statement->end, statement);
  return statement->end + 1;
}

/* Whether `a = x, b = y` are two statements in one, and values are exchanged in them: each is one
 * by itself then, as what lanes give away is looked at before the rest of a statement. */
static gboolean
is_list_of_exchanges (const PinwheelLower *self, guint from, guint end)
{
  gboolean has_exchange = FALSE;

  for (guint i = from; i < end; i++)
    if (pinwheel_lower_is (self, i, "<"))
      return FALSE; /* the comma may be one of a template's arguments */
    else
      has_exchange |= pinwheel_lower_is_exchange (self, i);
  return has_exchange && pinwheel_lower_find (self, from, end, ",") < end;
}

/* Reads `a, b, c` up to @end as a block of so many statements. */
static void
parse_parts (PinwheelLower *self, guint from, guint end, PinwheelLowerStatement *statement)
{
  statement->kind = PINWHEEL_LOWER_BLOCK;
  statement->body = pinwheel_lower_new_list (self);
  while (from < end)
    {
      PinwheelLowerStatement *part = pinwheel_lower_own (self, g_new0 (PinwheelLowerStatement, 1));

      part->kind = PINWHEEL_LOWER_EXPRESSION;
      part->n_copies = 1;
      part->from = from;
      part->end = pinwheel_lower_find (self, from, end, ",");
      read_expression (self, part->from, part->end, part);
      g_ptr_array_add (statement->body, part);
      from = part->end + 1;
    }
  absorb (statement, statement->body);
}

static guint
parse_expression (PinwheelLower *self, guint i, PinwheelLowerStatement *statement)
{
  guint next;

  if (self->tokens[i].kind == PINWHEEL_TOKEN_NAME && pinwheel_lower_is (self, i + 1, ":"))
    pinwheel_lower_refuse (self, i, "a label");
  statement->kind = PINWHEEL_LOWER_EXPRESSION;
  next = parse_simple (self, i, statement);
  if (is_list_of_exchanges (self, i, statement->end))
    parse_parts (self, i, statement->end, statement);
  else
    read_expression (self, i, statement->end, statement);
  return next;
}

static guint
parse_declaration (PinwheelLower *self, guint i, PinwheelLowerStatement *statement)
{
  statement->end = pinwheel_lower_read_declaration (self, i, statement);
  read_expression (self, i, statement->end, statement);
  return statement->end + 1;
}

static guint
parse_block (PinwheelLower *self, guint i, PinwheelLowerStatement *statement)
{
  guint scope = self->visible->len, close = self->tokens[i].match;

  statement->kind = PINWHEEL_LOWER_BLOCK;
  statement->body = pinwheel_lower_new_list (self);
  parse_list (self, i + 1, close, statement->body);
  g_ptr_array_set_size (self->visible, (int) scope);
  absorb (statement, statement->body);
  return close + 1;
}

static guint
parse_by_word (PinwheelLower *self, guint i, PinwheelLowerStatement *statement, guint most_turns)
{
  static const char *const jumps[] = { "return", "break", "continue", NULL };
  static const char *const labels[] = { "case", "default", NULL };
  static const char *const types[] = { "typedef", "using", NULL };
  static const char *const records[] = { "struct", "enum", "class", "union", NULL };

  if (pinwheel_lower_is (self, i, "{"))
    return parse_block (self, i, statement);
  if (pinwheel_lower_is (self, i, "if"))
    return parse_if (self, i, statement);
  if (pinwheel_lower_is (self, i, "for"))
    return parse_for (self, i, statement, most_turns);
  if (pinwheel_lower_is (self, i, "while"))
    return parse_while (self, i, statement);
  if (pinwheel_lower_is (self, i, "do"))
    return parse_do (self, i, statement);
  if (pinwheel_lower_is (self, i, "switch"))
    return parse_switch (self, i, statement);
  if (pinwheel_lower_is_one (self, i, jumps))
    return parse_jump (self, i, statement);
  if (pinwheel_lower_is_one (self, i, labels))
    return parse_label (self, i, statement);
  if (pinwheel_lower_is_one (self, i, barriers) && pinwheel_lower_is (self, i + 1, "("))
    return parse_barrier (self, i, statement);
  if (pinwheel_lower_is_one (self, i, types))
    return parse_type (self, i, statement);
  if (pinwheel_lower_is_one (self, i, records)
      && (pinwheel_lower_is (self, i + 1, "{") || pinwheel_lower_is (self, i + 2, "{")))
    pinwheel_lower_refuse (self, i, "a type defined in the kernel");
  if (pinwheel_lower_is_declaration (self, i))
    return parse_declaration (self, i, statement);
  return parse_expression (self, i, statement);
}

/* Reads one statement into @list, or a directive into nothing. Returns: the token behind it */
static guint
parse_statement (PinwheelLower *self, guint i, GPtrArray *list)
{
  PinwheelLowerStatement *statement;
  guint most_turns = self->unroll ? PRAGMA_UNROLL_TURNS : UNROLL_TURNS;

  if (i >= self->n_tokens)
    {
      pinwheel_lower_refuse (self, i, "a statement is missing");
      return i;
    }
  if (self->tokens[i].kind == PINWHEEL_TOKEN_DIRECTIVE)
    return parse_directive (self, i);
  self->unroll = FALSE;
  if (pinwheel_lower_is (self, i, ";"))
    return i + 1;
  if (self->depth == PINWHEEL_LOWER_DEPTH)
    {
      pinwheel_lower_refuse (self, i, "statements too deep within each other");
      return i;
    }
  self->depth++;
  statement = pinwheel_lower_own (self, g_new0 (PinwheelLowerStatement, 1));
  statement->from = i;
  statement->n_copies = 1;
  g_ptr_array_add (list, statement);
  i = parse_by_word (self, i, statement, most_turns);
  if (statement->end == 0)
    statement->end = i;
  self->depth--;
  return MAX (i, statement->from + 1);
}

void
pinwheel_lower_parse (PinwheelLower *self)
{
  self->body = pinwheel_lower_new_list (self);
  for (guint i = 0; i < self->signature->parameters->len; i++)
    {
      const PinwheelParameter *parameter = pinwheel_signature_parameter (self->signature, i);
      PinwheelLowerVariable *variable = pinwheel_lower_declare (self, G_MAXUINT,
                                                                g_strdup (parameter->name));

      variable->is_parameter = TRUE;
      variable->is_pointer = parameter->type.is_pointer;
      variable->class = PINWHEEL_LOWER_UNIFORM;
      variable->type = pinwheel_lower_own (self,
                                           g_strdup_printf ("decltype (%s)", parameter->name));
    }
  parse_list (self, 0, self->n_tokens, self->body);
}
