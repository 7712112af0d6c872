/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "compute/complaint-private.h"
#include "compute/kernel-private.h"

typedef struct
{
  const char *text;
  gsize at;
  GError **error;
} Parser;

static void
clear_shape (gpointer data)
{
  g_free (((PinwheelOutputShape *) data)->name);
}

static gboolean
fail (Parser *self, gsize offset, gsize length, const char *message)
{
  pinwheel_set_text_error (self->error, PINWHEEL_ERROR_KERNEL, "outputs", self->text, offset,
                           MAX (length, 1), "%s", message);
  return FALSE;
}

static char
peek (Parser *self)
{
  while (g_ascii_isspace (self->text[self->at]))
    self->at++;
  return self->text[self->at];
}

static gsize
word_length (const char *text)
{
  gsize n = 0;

  while (g_ascii_isalnum (text[n]) || text[n] == '_')
    n++;
  return n;
}

static gboolean
parse_length (Parser *self, PinwheelOutputShape *shape)
{
  gsize from = self->at;
  char *end;
  guint64 length;

  if (shape->n_dims == PINWHEEL_MAX_DIMS)
    return fail (self, from, 1, "too many dimensions: at most 32");
  if (peek (self) == '*')
    {
      if (shape->chunk_axis != PINWHEEL_NO_CHUNK_AXIS)
        return fail (self, self->at, 1, "a second *: an array is cut along one axis");
      shape->chunk_axis = (int) shape->n_dims;
      shape->shape[shape->n_dims++] = 0;
      self->at++;
      return TRUE;
    }
  if (!g_ascii_isdigit (peek (self)))
    return fail (self, self->at, 1, "expected a length or *");
  errno = 0;
  length = g_ascii_strtoull (self->text + self->at, &end, 10);
  if (errno == ERANGE)
    return fail (self, self->at, (gsize) (end - self->text) - self->at, "the length is too large");
  self->at = (gsize) (end - self->text);
  shape->shape[shape->n_dims++] = length;
  return TRUE;
}

static gboolean
parse_shape (Parser *self, PinwheelOutputShape *shape)
{
  if (peek (self) != '[')
    return fail (self, self->at, 1, "expected a shape, as in y[*] or state[51,3,*]");
  self->at++;
  if (peek (self) == ']')
    {
      self->at++;
      return TRUE;
    }
  for (;;)
    {
      char c;

      if (!parse_length (self, shape))
        return FALSE;
      c = peek (self);
      if (c != ',' && c != ']')
        return fail (self, self->at, 1, "expected , or ]");
      self->at++;
      if (c == ']')
        return TRUE;
    }
}

static gboolean
parse_dtype (Parser *self, PinwheelOutputShape *shape)
{
  g_autofree char *name = NULL;
  gsize length;

  self->at++;
  peek (self);
  length = word_length (self->text + self->at);
  name = g_strndup (self->text + self->at, length);
  if (!pinwheel_dtype_from_string (name, &shape->dtype))
    return fail (self, self->at, length,
                 "there is no such dtype; it may be left out: the kernel's source says it");
  shape->has_dtype = TRUE;
  self->at += length;
  return TRUE;
}

static gboolean
parse_output (Parser *self, GArray *shapes)
{
  PinwheelOutputShape shape = { .offset = self->at, .chunk_axis = PINWHEEL_NO_CHUNK_AXIS };
  gsize length = word_length (self->text + self->at);

  if (length == 0 || g_ascii_isdigit (self->text[self->at]))
    return fail (self, self->at, 1, "expected NAME[SHAPE], as in y[*]");
  shape.name = g_strndup (self->text + self->at, length);
  self->at += length;
  if ((peek (self) == ':' && !parse_dtype (self, &shape)) || !parse_shape (self, &shape))
    {
      clear_shape (&shape);
      return FALSE;
    }
  if (pinwheel_outputs_find (shapes, shape.name) != NULL)
    {
      clear_shape (&shape);
      return fail (self, shape.offset, length, "this output is there twice");
    }
  g_array_append_val (shapes, shape);
  if (shape.chunk_axis == PINWHEEL_NO_CHUNK_AXIS)
    return fail (self, shape.offset, self->at - shape.offset,
                 "an output needs a *, the axis of the items: each chunk makes its own part of it; "
                 "one value over all items is what a reduction makes");
  return TRUE;
}

GArray *
pinwheel_outputs_parse (const char *text, GError **error)
{
  GArray *shapes = g_array_new (FALSE, FALSE, sizeof (PinwheelOutputShape));
  Parser parser = { text != NULL ? text : "", 0, error };

  g_array_set_clear_func (shapes, clear_shape);
  while (peek (&parser) != '\0')
    {
      if (!parse_output (&parser, shapes))
        {
          g_array_unref (shapes);
          return NULL;
        }
      if (peek (&parser) == ',' || peek (&parser) == ';')
        parser.at++;
    }
  return shapes;
}

PinwheelOutputShape *
pinwheel_outputs_find (GArray *shapes, const char *name)
{
  for (guint i = 0; i < shapes->len; i++)
    {
      PinwheelOutputShape *shape = &g_array_index (shapes, PinwheelOutputShape, i);

      if (strcmp (shape->name, name) == 0)
        return shape;
    }
  return NULL;
}
