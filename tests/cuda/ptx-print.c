/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A kernel's printf: a format, and a buffer in which each argument has its natural alignment. */
#include "config.h"

#include "ptx-private.h"

#define LONGEST 4096

typedef struct
{
  PtxThread *thread;
  const PtxInsn *insn;
  guint64 buffer; /* generic address of the next argument */
  GString *text;
} Printer;

static gboolean
read_string (Printer *self, guint64 address, GString *into)
{
  for (guint k = 0; k < LONGEST; k++)
    {
      const guint8 *byte = ptx_resolve_bytes (self->thread, self->insn, address + k, 1);

      if (byte == NULL)
        return FALSE;
      if (*byte == 0)
        return TRUE;
      g_string_append_c (into, (char) *byte);
    }
  return TRUE;
}

static gboolean
next_argument (Printer *self, gsize size, guint64 *value)
{
  const guint8 *bytes;

  self->buffer = (self->buffer + size - 1) / size * size;
  bytes = ptx_resolve_bytes (self->thread, self->insn, self->buffer, size);
  if (bytes == NULL)
    return FALSE;
  *value = 0;
  memcpy (value, bytes, size);
  self->buffer += size;
  return TRUE;
}

/* One conversion, from % on; `flags` is what stands between % and the length. */
static gboolean
convert (Printer *self, const char *flags, gboolean is_long, char kind)
{
  gboolean is_wide = is_long || strchr ("fFeEgGaAsp", kind) != NULL;
  g_autofree char *format = NULL;
  guint64 value;

  if (!next_argument (self, is_wide ? 8 : 4, &value))
    return FALSE;
  format = g_strdup_printf ("%%%s%s%c", flags,
                            strchr ("diouxX", kind) != NULL ? G_GINT64_MODIFIER : "", kind);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
  if (strchr ("di", kind) != NULL)
    g_string_append_printf (self->text, format, is_long ? (gint64) value : (gint64) (gint32) value);
  else if (strchr ("ouxX", kind) != NULL)
    g_string_append_printf (self->text, format, value);
  else if (strchr ("fFeEgGaA", kind) != NULL)
    g_string_append_printf (self->text, format, ptx_f64 (value));
  else if (kind == 'c')
    g_string_append_printf (self->text, format, (int) value);
  else if (kind == 'p')
    g_string_append_printf (self->text, "0x%" G_GINT64_MODIFIER "x", value);
  else if (kind == 's')
    {
      g_autoptr (GString) string = g_string_new (NULL);

      if (!read_string (self, value, string))
        return FALSE;
      g_string_append_printf (self->text, format, string->str);
    }
#pragma GCC diagnostic pop
  return TRUE;
}

static gboolean
print (Printer *self, const char *format)
{
  while (*format)
    {
      char flags[16];
      gsize length;
      gboolean is_long = FALSE;

      if (*format != '%' || format[1] == '%')
        {
          g_string_append_c (self->text, *format);
          format += *format == '%' ? 2 : 1;
          continue;
        }
      length = strspn (++format, "-+ #0123456789.");
      g_strlcpy (flags, format, MIN (length + 1, sizeof flags));
      for (format += length; *format && strchr ("hlzj", *format); format++)
        is_long |= *format != 'h';
      if (*format == '\0' || strchr ("diouxXfFeEgGaAcsp", *format) == NULL)
        break;
      if (strlen (flags) > 6 || !convert (self, flags, is_long, *format))
        return FALSE;
      format++;
    }
  return TRUE;
}

/* The call of vprintf: its two parameters stand in the caller's frame. */
void
ptx_vprintf (PtxThread *t, const PtxInsn *i)
{
  const gint32 *list = &g_array_index (t->function->lists, gint32, i->d);
  const PtxMemory *memory = t->block->memory;
  g_autoptr (GString) format = g_string_new (NULL);
  Printer self = { .thread = t, .insn = i };
  const gint32 *arguments = list + 2 + 2 * list[0];
  guint64 address;
  guint32 n = 1;

  memcpy (&address, t->stack + t->frame + arguments[0], sizeof address);
  memcpy (&self.buffer, t->stack + t->frame + arguments[2], sizeof self.buffer);
  self.text = g_string_new (NULL);
  if (read_string (&self, address, format) && print (&self, format->str) && memory != NULL
      && memory->print != NULL)
    memory->print (memory, self.text->str);
  if (list[0] == 1)
    memcpy (t->stack + t->frame + list[2], &n, sizeof n);
  g_string_free (self.text, TRUE);
}
