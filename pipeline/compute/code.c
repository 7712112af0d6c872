/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Compiled code that a user gives. The driver gets nothing but its address, and believes what it
 * says of its own size: so that is looked at here. */
#include "config.h"

#include <elf.h>
#include <string.h>

#include <pinwheel/error.h>

#include "base/quote-private.h"
#include "compute/kernel-private.h"

#define EM_CUDA      190
#define FATBIN_MAGIC 0xba55ed50u
#define MOST_NAMES   8 /* in a message */

/* Of a fat binary, and of each piece of code in it */
typedef struct
{
  guint32 magic;
  guint16 version, header_size;
  guint64 size; /* of all that follows the header */
} FatHeader;

typedef struct
{
  guint16 kind, version;
  guint32 header_size;
  guint64 size; /* of what follows the header */
} FatEntry;

typedef struct
{
  const char *bytes;
  gsize size;
  GPtrArray *kernels; /* (element-type utf8) owned: those that are known to be in it */
} Code;

/* Whether @n things of @each bytes at @offset are within the code. */
static gboolean
holds (const Code *self, guint64 offset, guint64 n, guint64 each)
{
  return offset <= self->size && (each == 0 || n <= (self->size - offset) / each);
}

static void
add_kernel (Code *self, const char *name, gsize length)
{
  g_ptr_array_add (self->kernels, g_strndup (name, length));
}

/* --- cubins --- */

static Elf64_Shdr
read_section (const Code *self, const Elf64_Ehdr *header, guint i)
{
  Elf64_Shdr section;

  memcpy (&section, self->bytes + header->e_shoff + i * sizeof section, sizeof section);
  return section;
}

/* Kernels are functions that are not local; those of templates are weak. Returns: (nullable): what
 * is wrong */
static const char *
read_symbols (Code *self, const Elf64_Ehdr *header, const Elf64_Shdr *table)
{
  Elf64_Shdr names;

  if (table->sh_link >= header->e_shnum)
    return "its symbols have no names";
  names = read_section (self, header, table->sh_link);
  if (names.sh_type != SHT_STRTAB || names.sh_size == 0
      || self->bytes[names.sh_offset + names.sh_size - 1] != '\0')
    return "its symbols have no names";
  for (guint64 i = 0; i < table->sh_size / sizeof (Elf64_Sym); i++)
    {
      Elf64_Sym symbol;

      memcpy (&symbol, self->bytes + table->sh_offset + i * sizeof symbol, sizeof symbol);
      if (symbol.st_name >= names.sh_size)
        return "a symbol's name is not in it";
      if (ELF64_ST_TYPE (symbol.st_info) == STT_FUNC && ELF64_ST_BIND (symbol.st_info) != STB_LOCAL)
        add_kernel (self, self->bytes + names.sh_offset + symbol.st_name, names.sh_size);
    }
  return NULL;
}

static const char *
check_elf (Code *self)
{
  Elf64_Ehdr header;
  const char *wrong = NULL;

  if (self->size < sizeof header)
    return "it ends within its header";
  memcpy (&header, self->bytes, sizeof header);
  if (header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_machine != EM_CUDA)
    return "it is an ELF file, but not of a CUDA device";
  if (header.e_shentsize != sizeof (Elf64_Shdr) || header.e_shnum == 0
      || !holds (self, header.e_shoff, header.e_shnum, sizeof (Elf64_Shdr))
      || !holds (self, header.e_phoff, header.e_phnum, header.e_phentsize))
    return "it ends before its tables do";
  for (guint i = 0; i < header.e_shnum; i++)
    {
      Elf64_Shdr section = read_section (self, &header, i);

      if (section.sh_type != SHT_NOBITS && section.sh_type != SHT_NULL
          && !holds (self, section.sh_offset, section.sh_size, 1))
        return "it ends before its sections do";
    }
  for (guint i = 0; wrong == NULL && i < header.e_shnum; i++)
    {
      Elf64_Shdr section = read_section (self, &header, i);

      if (section.sh_type == SHT_SYMTAB)
        wrong = read_symbols (self, &header, &section);
    }
  return wrong;
}

/* --- fat binaries --- */

static const char *
check_fatbin (Code *self)
{
  guint64 at, end;
  FatHeader header;

  if (self->size < sizeof header)
    return "it ends within its header";
  memcpy (&header, self->bytes, sizeof header);
  if (header.header_size < sizeof header || !holds (self, header.header_size, header.size, 1))
    return "it ends before its code does";
  at = header.header_size;
  end = at + header.size;
  while (at < end)
    {
      FatEntry entry;

      if (end - at < sizeof entry)
        return "it ends within the header of a piece of code";
      memcpy (&entry, self->bytes + at, sizeof entry);
      if (entry.header_size < sizeof entry || entry.header_size > end - at
          || entry.size > end - at - entry.header_size)
        return "a piece of its code is longer than the file says";
      at += entry.header_size + entry.size;
    }
  return NULL;
}

/* --- PTX --- */

static const char *
check_ptx (Code *self)
{
  gsize length;

  if (self->size == 0)
    return "it is empty";
  length = strnlen (self->bytes, self->size);
  /* exactly one zero byte, the last one */
  if (length + 1 != self->size)
    return "it is no text: there is a zero byte in it";
  if (strstr (self->bytes, ".version") == NULL)
    return "it is no PTX, or only the beginning of it: it has no .version";
  for (const char *at = self->bytes; (at = strstr (at, ".entry")) != NULL;)
    {
      at += strlen (".entry");
      at += strspn (at, " \t\r\n");
      length = strcspn (at, " \t\r\n(");
      if (length > 0)
        add_kernel (self, at, length);
    }
  return NULL;
}

/* --- */

static char *
list_kernels (const Code *self)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < MIN (self->kernels->len, MOST_NAMES); i++)
    {
      g_autofree char *quoted = pinwheel_quote (self->kernels->pdata[i]);

      g_string_append_printf (text, "%s%s", i > 0 ? ", " : "", quoted);
    }
  if (self->kernels->len > MOST_NAMES)
    g_string_append_printf (text, " and %u more", self->kernels->len - MOST_NAMES);
  return g_string_free (text, FALSE);
}

gboolean
pinwheel_code_check (GBytes *bytes, const char *file, const char *entry, GError **error)
{
  g_autoptr (GPtrArray) kernels = g_ptr_array_new_with_free_func (g_free);
  Code self = { .kernels = kernels };
  g_autofree char *list = NULL;
  const char *wrong;
  guint32 magic = 0;

  self.bytes = g_bytes_get_data (bytes, &self.size);
  if (self.size >= sizeof magic)
    memcpy (&magic, self.bytes, sizeof magic);
  if (self.size >= SELFMAG && memcmp (self.bytes, ELFMAG, SELFMAG) == 0)
    wrong = check_elf (&self);
  else
    wrong = magic == FATBIN_MAGIC ? check_fatbin (&self) : check_ptx (&self);
  if (wrong != NULL)
    {
      g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_KERNEL,
                   "'%s' is damaged, or no code for CUDA devices: %s", file, wrong);
      return FALSE;
    }
  if (kernels->len == 0 || g_ptr_array_find_with_equal_func (kernels, entry, g_str_equal, NULL))
    return TRUE;
  list = list_kernels (&self);
  g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_KERNEL,
               "there is no kernel '%s' in '%s', which has: %s (without extern \"C\" compilers add "
               "to a name)",
               entry, file, list);
  return FALSE;
}
