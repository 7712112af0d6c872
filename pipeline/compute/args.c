/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <math.h>
#include <string.h>

#include "compute/args-private.h"
#include "compute/complaint-private.h"

static void
clear_arg (gpointer data)
{
  PinwheelArg *arg = data;

  g_free (arg->name);
  g_free (arg->value);
}

static gboolean
is_separator (char c)
{
  return g_ascii_isspace (c) || c == ',';
}

/* Reads digits, decimal or 0x..., all of @text. */
static gboolean
parse_integer (PinwheelArg *arg, const char *text)
{
  char *end;
  int base = 10;

  arg->negative = *text == '-';
  text += *text == '-' || *text == '+';
  if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X'))
    {
      base = 16;
      text += 2;
    }
  if (!g_ascii_isxdigit (*text))
    return FALSE;
  errno = 0;
  arg->magnitude = g_ascii_strtoull (text, &end, base);
  if (*end != '\0' || end == text || errno == ERANGE)
    return FALSE;
  arg->kind = PINWHEEL_ARG_INT;
  arg->real = arg->negative ? -(double) arg->magnitude : (double) arg->magnitude;
  return TRUE;
}

static gboolean
parse_value (PinwheelArg *arg)
{
  const char *text = arg->value;
  char *end;

  if (strcmp (text, "true") == 0 || strcmp (text, "false") == 0)
    {
      arg->kind = PINWHEEL_ARG_BOOL;
      arg->magnitude = *text == 't';
      arg->real = *text == 't';
      return TRUE;
    }
  if (parse_integer (arg, text))
    return TRUE;
  arg->negative = FALSE;
  arg->magnitude = 0;
  arg->kind = PINWHEEL_ARG_FLOAT;
  arg->real = g_ascii_strtod (text, &end);
  return end != text && *end == '\0' && !g_ascii_isspace (*text);
}

static gboolean
check_range (PinwheelArgs *self, PinwheelArg *arg, gsize at, PinwheelError code, GError **error)
{
  gsize digits = strspn (arg->value, "+-0123456789");

  /* digits alone that are no integer did not fit 64 bits; an infinity must be written as one */
  if (arg->kind == PINWHEEL_ARG_FLOAT
      && (arg->value[digits] == '\0' || (isinf (arg->real) && strpbrk (arg->value, "iI") == NULL)))
    {
      pinwheel_set_text_error (error, code, "args", self->text, at, strlen (arg->value),
                               "the value of '%s' is too large", arg->name);
      return FALSE;
    }
  return TRUE;
}

/* Reads `name=value` at @at. Returns: offset behind it, or 0 with @error */
static gsize
parse_one (PinwheelArgs *self, gsize at, PinwheelError code, GError **error)
{
  const char *text = self->text;
  PinwheelArg arg = { .offset = at };
  gsize end = at, value;

  while (g_ascii_isalnum (text[end]) || text[end] == '_')
    end++;
  if (end == at || g_ascii_isdigit (text[at]))
    {
      pinwheel_set_text_error (error, code, "args", text, at, 1,
                               "expected NAME=VALUE, as in \"dt=0.001 steps=1000\"");
      return 0;
    }
  if (text[end] != '=')
    {
      pinwheel_set_text_error (error, code, "args", text, at, end - at,
                               "'%.*s' has no value; expected NAME=VALUE without blanks around =",
                               (int) MIN (end - at, 60), text + at);
      return 0;
    }
  arg.name = g_strndup (text + at, end - at);
  value = ++end;
  while (text[end] != '\0' && !is_separator (text[end]))
    end++;
  arg.value = g_strndup (text + value, end - value);
  if (pinwheel_args_find (self, arg.name) != NULL)
    pinwheel_set_text_error (error, code, "args", text, at, strlen (arg.name),
                             "'%s' is given twice", arg.name);
  else if (!parse_value (&arg))
    pinwheel_set_text_error (error, code, "args", text, value, end - value,
                             "'%s' is no value for '%s'; expected a number, true or false",
                             arg.value, arg.name);
  else if (check_range (self, &arg, value, code, error))
    {
      g_array_append_val (self->items, arg);
      return end;
    }
  clear_arg (&arg);
  return 0;
}

PinwheelArgs *
pinwheel_args_new (const char *text, PinwheelError code, GError **error)
{
  g_autoptr (PinwheelArgs) self = g_new0 (PinwheelArgs, 1);
  gsize at = 0;

  self->text = g_strdup (text != NULL ? text : "");
  self->items = g_array_new (FALSE, FALSE, sizeof (PinwheelArg));
  g_array_set_clear_func (self->items, clear_arg);
  for (;;)
    {
      while (is_separator (self->text[at]))
        at++;
      if (self->text[at] == '\0')
        break;
      at = parse_one (self, at, code, error);
      if (at == 0)
        return NULL;
    }
  return g_steal_pointer (&self);
}

void
pinwheel_args_free (PinwheelArgs *self)
{
  g_free (self->text);
  g_array_unref (self->items);
  g_free (self);
}

PinwheelArg *
pinwheel_args_find (PinwheelArgs *self, const char *name)
{
  for (guint i = 0; i < self->items->len; i++)
    {
      PinwheelArg *arg = &g_array_index (self->items, PinwheelArg, i);

      if (strcmp (arg->name, name) == 0)
        return arg;
    }
  return NULL;
}

GPtrArray *
pinwheel_args_names (PinwheelArgs *self)
{
  GPtrArray *names = g_ptr_array_new ();

  for (guint i = 0; i < self->items->len; i++)
    g_ptr_array_add (names, g_array_index (self->items, PinwheelArg, i).name);
  return names;
}

gboolean
pinwheel_args_check_used (PinwheelArgs *self, PinwheelError code, const char *what,
                          const GPtrArray *names, GError **error)
{
  for (guint i = 0; i < self->items->len; i++)
    {
      const PinwheelArg *arg = &g_array_index (self->items, PinwheelArg, i);

      if (!arg->used)
        {
          g_autofree char *hint = pinwheel_name_hint (arg->name, what, names);

          pinwheel_set_text_error (error, code, "args", self->text, arg->offset, strlen (arg->name),
                                   "'%s' is not used%s", arg->name, hint);
          return FALSE;
        }
    }
  return TRUE;
}

gboolean
pinwheel_integer_fits (PinwheelDType dtype, gboolean negative, guint64 magnitude)
{
  guint bits = (guint) pinwheel_dtype_size (dtype) * 8;
  guint64 most = bits == 64 ? G_MAXUINT64 : (G_GUINT64_CONSTANT (1) << bits) - 1;

  switch (pinwheel_dtype_class (dtype))
    {
    case PINWHEEL_DTYPE_CLASS_BOOL:
      return magnitude <= 1 && (!negative || magnitude == 0);
    case PINWHEEL_DTYPE_CLASS_UINT:
      return magnitude <= most && (!negative || magnitude == 0);
    case PINWHEEL_DTYPE_CLASS_INT:
      return magnitude <= most / 2 + (negative ? 1 : 0);
    case PINWHEEL_DTYPE_CLASS_FLOAT:
    case PINWHEEL_DTYPE_CLASS_COMPLEX:
    default:
      return TRUE;
    }
}

void
pinwheel_integer_store (PinwheelDType dtype, gboolean negative, guint64 magnitude, gpointer value)
{
  guint64 bits = negative ? 0 - magnitude : magnitude;
  guint8 *bytes = value;

  /* the low bytes of a two's complement number, in the machine's order */
  for (gsize size = pinwheel_dtype_size (dtype), i = 0; i < size; i++)
    bytes[G_BYTE_ORDER == G_LITTLE_ENDIAN ? i : size - 1 - i] = (guint8) (bits >> (8 * i));
}

gboolean
pinwheel_arg_store (PinwheelArgs *self, const PinwheelArg *arg, PinwheelDType dtype,
                    const char *who, gpointer value, GError **error)
{
  gboolean negative = arg->negative;
  guint64 magnitude = arg->magnitude;

  if (dtype == PINWHEEL_DTYPE_F64)
    memcpy (value, &arg->real, sizeof arg->real);
  else if (dtype == PINWHEEL_DTYPE_F32)
    {
      float real = (float) arg->real;

      memcpy (value, &real, sizeof real);
    }
  else
    {
      /* 1e6 is a whole number too */
      if (arg->kind == PINWHEEL_ARG_FLOAT)
        {
          if (!(fabs (arg->real) < 0x1p64) || arg->real != floor (arg->real))
            {
              pinwheel_set_text_error (error, PINWHEEL_ERROR_KERNEL, "args", self->text,
                                       arg->offset, strlen (arg->name) + 1 + strlen (arg->value),
                                       "%s takes whole numbers (%s), not %s", who,
                                       pinwheel_dtype_to_string (dtype), arg->value);
              return FALSE;
            }
          negative = arg->real < 0;
          magnitude = (guint64) fabs (arg->real);
        }
      if (!pinwheel_integer_fits (dtype, negative, magnitude))
        {
          pinwheel_set_text_error (error, PINWHEEL_ERROR_KERNEL, "args", self->text, arg->offset,
                                   strlen (arg->name) + 1 + strlen (arg->value),
                                   "%s does not fit %s, which is %s", arg->value, who,
                                   pinwheel_dtype_to_string (dtype));
          return FALSE;
        }
      pinwheel_integer_store (dtype, negative, magnitude, value);
    }
  return TRUE;
}
