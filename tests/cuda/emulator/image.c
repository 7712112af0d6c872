/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a module may be made of: PTX, a fat binary with PTX in it that is not compressed, or a
 * cubin, which cannot be run here. The emulated NVRTC puts PTX behind a cubin, and says so in a
 * byte of the header that means nothing. */
#include "config.h"

#include "emulator.h"

#include <elf.h>
#include <string.h>

#define FATBIN_MAGIC    0xba55ed50u
#define KIND_PTX        1
#define FLAG_COMPRESSED 0xf000u

static const char trailer[16] = "PINWHEEL PTX\n\n\n";

/* Of a fat binary, and of each piece of code in it, as nvcc writes them */
typedef struct
{
  guint32 magic;
  guint16 version, header_size;
  guint64 size;
} FatHeader;

typedef struct
{
  guint16 kind, version;
  guint32 header_size;
  guint64 size;
  guint32 compressed_size, options;
  guint16 minor, major;
  guint32 architecture; /* 90 */
  guint64 name, flags;
} FatEntry;

static gboolean
is_ours (const Elf64_Ehdr *header)
{
  return header->e_ident[EI_NIDENT - 1] == 'P';
}

/* Returns: (nullable): the PTX behind an ELF file of which only the address is known */
static const char *
find_trailer (const guint8 *image, const Elf64_Ehdr *header)
{
  const guint8 *end = image + header->e_shoff + (gsize) header->e_shnum * header->e_shentsize;

  end = MAX (end, image + header->e_phoff + (gsize) header->e_phnum * header->e_phentsize);
  return memcmp (end, trailer, sizeof trailer) == 0 ? (const char *) end + sizeof trailer : NULL;
}

/* The newest PTX that the device can run. Returns: (transfer full) (nullable) */
static char *
find_in_fatbin (const guint8 *image)
{
  guint32 best = 0;
  FatHeader header;
  char *found = NULL;

  memcpy (&header, image, sizeof header);
  for (guint64 at = header.header_size; at < header.header_size + header.size;)
    {
      FatEntry entry;

      memcpy (&entry, image + at, sizeof entry);
      if (entry.kind == KIND_PTX && (entry.flags & FLAG_COMPRESSED) == 0
          && entry.architecture >= best
          && entry.architecture <= (guint) (emu.options.major * 10 + emu.options.minor))
        {
          g_free (found);
          found = g_strndup ((const char *) image + at + entry.header_size, entry.size);
          best = entry.architecture;
        }
      at += entry.header_size + entry.size;
    }
  return found;
}

char *
emu_image_find_ptx (const void *image)
{
  Elf64_Ehdr header;
  guint32 magic;

  memcpy (&magic, image, sizeof magic);
  if (magic == FATBIN_MAGIC)
    return find_in_fatbin (image);
  if (memcmp (image, ELFMAG, SELFMAG) != 0)
    return g_strdup (image);
  memcpy (&header, image, sizeof header);
  return is_ours (&header) ? g_strdup (find_trailer (image, &header)) : NULL;
}

/* A cubin is for its own generation, of the same or a later minor number. Toolkits up to 12 say
 * which in the low byte of the flags. */
gboolean
emu_image_is_for_device (const void *image)
{
  Elf64_Ehdr header;
  int architecture;

  if (memcmp (image, ELFMAG, SELFMAG) != 0)
    return FALSE;
  memcpy (&header, image, sizeof header);
  architecture = (int) (header.e_ident[EI_ABIVERSION] >= 8 ? header.e_flags >> 8 : header.e_flags)
                 & 0xff;
  return architecture / 10 == emu.options.major && architecture % 10 <= emu.options.minor;
}

gboolean
emu_image_has_function (const void *image, const char *name)
{
  const guint8 *bytes = image;
  Elf64_Ehdr header;
  Elf64_Shdr table, names;

  memcpy (&header, image, sizeof header);
  for (guint i = 0; i < header.e_shnum; i++)
    {
      memcpy (&table, bytes + header.e_shoff + i * sizeof table, sizeof table);
      if (table.sh_type != SHT_SYMTAB)
        continue;
      memcpy (&names, bytes + header.e_shoff + table.sh_link * sizeof names, sizeof names);
      for (guint64 k = 0; k < table.sh_size / sizeof (Elf64_Sym); k++)
        {
          Elf64_Sym symbol;

          memcpy (&symbol, bytes + table.sh_offset + k * sizeof symbol, sizeof symbol);
          if (ELF64_ST_TYPE (symbol.st_info) == STT_FUNC
              && strcmp ((const char *) bytes + names.sh_offset + symbol.st_name, name) == 0)
            return TRUE;
        }
    }
  return FALSE;
}
