/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Text of the lowered kernel: the user's words at their own places, ours in between. */
#include "config.h"

#include <string.h>

#include "compute/host-compiler-private.h"
#include "compute/lower-private.h"

void
pinwheel_lower_say (PinwheelLower *self, const char *format, ...)
{
  gsize length = self->text->len;
  va_list arguments;

  va_start (arguments, format);
  g_string_append_vprintf (self->text, format, arguments);
  va_end (arguments);
  self->column += (guint) (self->text->len - length);
  if (strchr (self->text->str + length, '\n') != NULL)
    self->file = NULL;
}

/* Moves to @place with a line marker where the text is elsewhere. */
static void
go_to (PinwheelLower *self, const PinwheelToken *place)
{
  if (self->file != place->file || self->line != place->line || self->column > place->column)
    {
      g_string_append_c (self->text, '\n');
      pinwheel_append_line_marker (self->text, place->line, place->file);
      self->file = place->file;
      self->line = place->line;
      self->column = 1;
    }
  for (; self->column < place->column; self->column++)
    g_string_append_c (self->text, ' ');
}

static void
note_use (PinwheelLower *self, PinwheelLowerVariable *variable)
{
  int region = (int) self->n_regions;

  if (self->is_final || variable->class != PINWHEEL_LOWER_VARYING || variable->is_hoisted
      || variable->is_affine)
    return;
  if (variable->region >= 0 && variable->region != region)
    variable->is_kept = TRUE;
  variable->region = region;
}

static void
copy_token (PinwheelLower *self, guint i)
{
  const PinwheelLowerToken *token = &self->tokens[i];

  go_to (self, token->place);
  g_string_append_len (self->text, token->text, token->length);
  self->column += token->length;
  if (memchr (token->text, '\n', token->length) != NULL)
    self->file = NULL;
}

/* `x[k]` of an array whose elements lie spread over the lanes. Returns: the token behind it */
static guint
copy_element (PinwheelLower *self, guint i)
{
  const PinwheelLowerVariable *variable = self->tokens[i].variable;
  guint end = i + 1;

  for (guint k = 0; k < variable->n_dims; k++)
    {
      if (!pinwheel_lower_is (self, end, "["))
        {
          pinwheel_lower_refuse (self, i, "the array '%s' without an index", variable->name);
          return i + 1;
        }
      end = self->tokens[end].match + 1;
    }
  pinwheel_lower_say (self, "pinwheel_state.v%u", variable->id);
  pinwheel_lower_copy (self, i + 1, end);
  pinwheel_lower_say (self, "[%s]", pinwheel_lower_place (self));
  return end;
}

/* Whether the call at @i changes an element of a shared array, which one thread of the processor
 * alone sees. Returns: the token behind that argument, or 0 */
static guint
find_own_atomic (const PinwheelLower *self, guint i)
{
  static const char *const words[] = { "atomicAdd", "atomicSub", "atomicExch", "atomicMin",
                                       "atomicMax", "atomicAnd", "atomicOr",   "atomicXor",
                                       "atomicInc", "atomicDec", NULL };
  const PinwheelLowerVariable *variable;
  guint k = i + 3;

  if (!pinwheel_lower_is_one (self, i, words) || pinwheel_lower_knows (self, i, self->atomics)
      || !pinwheel_lower_is (self, i + 1, "(") || !pinwheel_lower_is (self, i + 2, "&"))
    return 0;
  variable = self->tokens[k++].variable;
  if (variable == NULL || !variable->is_shared || variable->is_pointer || variable->is_reference)
    return 0;
  for (guint d = 0; d < variable->n_dims; d++)
    {
      if (!pinwheel_lower_is (self, k, "["))
        return 0;
      k = self->tokens[k].match + 1;
    }
  return pinwheel_lower_is (self, k, ",") ? k : 0;
}

static void
copy_own_atomic (PinwheelLower *self, guint i, guint comma)
{
  copy_token (self, i);
  pinwheel_lower_say (self, " (pinwheel_own<%s> { ", self->tokens[i + 3].variable->type);
  pinwheel_lower_copy (self, i + 2, comma);
  pinwheel_lower_say (self, " } ");
}

void
pinwheel_lower_copy (PinwheelLower *self, guint from, guint end)
{
  guint comma;

  for (guint i = from; i < end;)
    {
      PinwheelLowerVariable *variable = self->tokens[i].variable;

      if (variable != NULL)
        note_use (self, variable);
      if (variable != NULL && variable->is_spread && i != variable->at)
        i = copy_element (self, i);
      else if (self->tokens[i].is_angle && self->angles != PINWHEEL_LOWER_ANY_ANGLE)
        {
          pinwheel_lower_say (self, self->angles == PINWHEEL_LOWER_LOOK ? "pinwheel_look."
                                                                        : "pinwheel_near::");
          copy_token (self, i++);
        }
      else if (self->tokens[i].slot > 0)
        i = pinwheel_lower_copy_exchange (self, i);
      else if ((comma = find_own_atomic (self, i)) != 0)
        {
          copy_own_atomic (self, i, comma);
          i = comma;
        }
      else
        copy_token (self, i++);
    }
  /* two words of ours and theirs must not run together */
  g_string_append_c (self->text, ' ');
  self->column++;
}

void
pinwheel_lower_copy_init (PinwheelLower *self, const PinwheelLowerVariable *variable)
{
  if (variable->open == 0)
    return;
  pinwheel_lower_say (self, " %c ", variable->open);
  pinwheel_lower_copy (self, variable->init, variable->init_end);
  if (variable->open != '=')
    pinwheel_lower_say (self, "%c", variable->open == '(' ? ')' : '}');
}

const char *
pinwheel_lower_place (const PinwheelLower *self)
{
  return self->has_barrier ? "pinwheel_group + pinwheel_lane" : "pinwheel_lane";
}

/* A loop over groups, where the text is not in one yet */
void
pinwheel_lower_begin_groups (PinwheelLower *self)
{
  const guint *block = self->block;
  guint rest = block[0] % self->width;

  if (!self->between_groups)
    return;
  pinwheel_lower_say (
      self,
      "\nfor (int pinwheel_z = 0; pinwheel_z < %u; pinwheel_z++)"
      "\nfor (int pinwheel_y = 0; pinwheel_y < %u; pinwheel_y++)"
      "\nfor (int pinwheel_x = 0; pinwheel_x < %u; pinwheel_x += %u) {"
      "\nconst int pinwheel_group = (pinwheel_z * %u + pinwheel_y) * %u + pinwheel_x;"
      "\n(void) pinwheel_group;\n",
      block[2], block[1], block[0], self->width, block[1], block[0]);
  if (rest != 0)
    pinwheel_lower_say (self, "const int pinwheel_lanes = pinwheel_x + %u <= %u ? %u : %u;\n",
                        self->width, block[0], self->width, rest);
  else
    pinwheel_lower_say (self, "enum { pinwheel_lanes = %u };\n", self->width);
  pinwheel_lower_say (self, "int pinwheel_full = 1;\n(void) pinwheel_full;\n");
}

void
pinwheel_lower_end_groups (PinwheelLower *self)
{
  if (self->between_groups)
    pinwheel_lower_say (self, "}\n");
}

void
pinwheel_lower_write_full (PinwheelLower *self)
{
  if (!self->uses_parked)
    return;
  pinwheel_lower_say (self,
                      "pinwheel_full = 1;\nPINWHEEL_LANES\nfor (int pinwheel_lane = 0; "
                      "pinwheel_lane < pinwheel_lanes; pinwheel_lane++)\n"
                      "pinwheel_full &= pinwheel_state.parked[%s] == 0;\n",
                      pinwheel_lower_place (self));
}

/* The array of a kept variable: structures of arrays, so that neighbours stand side by side */
static void
write_place (PinwheelLower *self, const PinwheelLowerVariable *variable, guint n_places)
{
  g_autofree char *dims = pinwheel_lower_dup (self, variable->dims, variable->dims_end);
  const char *type = variable->type;
  guint id = variable->id;

  for (guint i = variable->dims; i < variable->dims_end; i++)
    if (!pinwheel_lower_is (self, i, "[")
        && pinwheel_lower_classify_range (self, i, i + 1) != PINWHEEL_LOWER_CONSTANT)
      pinwheel_lower_refuse (self, i, "the size of '%s' is not known here", variable->name);
  if (variable->is_auto)
    pinwheel_lower_refuse (self, variable->at,
                           "'auto' for '%s', which lives across a loop or a barrier",
                           variable->name);
  if (variable->is_reference)
    pinwheel_lower_refuse (self, variable->at,
                           "the reference '%s' lives across a loop or a barrier", variable->name);
  if (variable->is_in_place)
    pinwheel_lower_say (self, "alignas (64) %s v%u[%u]%s;\n", type, id, n_places, dims);
  else if (variable->n_dims > 0)
    pinwheel_lower_say (self, "alignas (64) %s v%u%s[%u];\n", type, id, dims, n_places);
  else if (variable->fields != NULL)
    for (guint i = 0; i < variable->fields->len; i++)
      {
        const char *field = g_ptr_array_index (variable->fields, i);
        const char *name = strrchr (field, ' ') + 1;

        pinwheel_lower_say (self, "alignas (64) %.*s v%u_%s[%u];\n", (int) (name - field), field,
                            id, name, n_places);
      }
  else
    pinwheel_lower_say (self, "alignas (64) %s v%u[%u];\n", type, id, n_places);
}

static gboolean
has_place (const PinwheelLowerVariable *variable)
{
  return variable->is_kept || variable->is_in_place || variable->is_spread;
}

/* What lanes keep between regions; known after the first time over the kernel */
void
pinwheel_lower_write_state (PinwheelLower *self)
{
  guint n_places = self->has_barrier ? self->block[0] * self->block[1] * self->block[2]
                                     : self->width;
  gboolean is_empty = !self->uses_parked && self->n_slots == 0;

  for (guint i = 0; i < self->variables->len; i++)
    is_empty &= !has_place (g_ptr_array_index (self->variables, i));
  if (is_empty)
    return;
  pinwheel_lower_say (self, "struct alignas (64) pinwheel_kept {\n");
  for (guint i = 0; i < self->variables->len; i++)
    {
      const PinwheelLowerVariable *variable = g_ptr_array_index (self->variables, i);

      if (has_place (variable))
        write_place (self, variable, n_places);
    }
  for (guint i = 1; i <= self->n_slots; i++)
    pinwheel_lower_say (self, "pinwheel_slots<%u> slot%u;\n", n_places, i);
  if (self->uses_parked)
    pinwheel_lower_say (self, "alignas (64) int parked[%u];\n", n_places);
  pinwheel_lower_say (self, "};\npinwheel_room<pinwheel_kept> pinwheel_memory;\n"
                            "pinwheel_kept &pinwheel_state = *pinwheel_memory.get ();\n");
}

static void
write_types (PinwheelLower *self, GPtrArray *list)
{
  for (guint i = 0; list != NULL && i < list->len; i++)
    {
      const PinwheelLowerStatement *statement = g_ptr_array_index (list, i);

      if (statement->kind == PINWHEEL_LOWER_TYPE)
        {
          pinwheel_lower_copy (self, statement->from, statement->end);
          pinwheel_lower_say (self, ";");
        }
      write_types (self, statement->body);
      write_types (self, statement->otherwise);
    }
}

static void
write_shared (PinwheelLower *self, const PinwheelLowerVariable *variable)
{
  if (variable->is_extern)
    {
      g_autofree char *dims = pinwheel_lower_dup (self, variable->dims, variable->dims_end);

      pinwheel_lower_say (self, "%s (&%s)%s = pinwheel_dynamic<%s (&)%s> ();\n", variable->type,
                          variable->name, dims, variable->type, dims);
      return;
    }
  pinwheel_lower_say (self, "alignas (64) %s ", variable->type);
  pinwheel_lower_copy (self, variable->at, variable->at + 1);
  pinwheel_lower_copy (self, variable->dims, variable->dims_end);
  pinwheel_lower_say (self, ";");
}

/* Types, constants and shared memory, which belong to no lane */
void
pinwheel_lower_write_hoisted (PinwheelLower *self)
{
  write_types (self, self->body);
  for (guint i = 0; i < self->variables->len; i++)
    {
      const PinwheelLowerVariable *variable = g_ptr_array_index (self->variables, i);

      if (variable->is_hoisted && variable->is_shared)
        write_shared (self, variable);
      else if (variable->is_hoisted)
        {
          /* a table on the stack would be filled again for each block */
          pinwheel_lower_say (self, "%sconst %s ", variable->n_dims > 0 ? "static " : "",
                              variable->type);
          pinwheel_lower_copy (self, variable->at, variable->at + 1);
          pinwheel_lower_copy (self, variable->dims, variable->dims_end);
          pinwheel_lower_copy_init (self, variable);
          pinwheel_lower_say (self, ";");
        }
    }
}
