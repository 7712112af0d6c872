/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Compiled code from files: whole, cut off anywhere, and with any byte changed. */
#include "config.h"

#include <check.h>
#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include <pinwheel/error.h>

#include "compute/kernel-private.h"

static const char ptx[] = "// made by hand\n.version 8.0\n.target sm_75\n.address_size 64\n"
                          ".visible .entry scale(\n.param .u64 x)\n{\nret;\n}\n"
                          ".weak .entry\tother (.param .u32 n) { ret; }\n";

/* A cubin without code: a table of names, and one of symbols: `scale`, a global function */
typedef struct
{
  Elf64_Ehdr header;
  Elf64_Shdr sections[3];
  Elf64_Sym symbols[2];
  char names[8];
} Cubin;

static Cubin
make_cubin (void)
{
  Cubin cubin = { .names = "\0scale" };

  memcpy (cubin.header.e_ident, ELFMAG, SELFMAG);
  cubin.header.e_ident[EI_CLASS] = ELFCLASS64;
  cubin.header.e_ident[EI_DATA] = ELFDATA2LSB;
  cubin.header.e_machine = 190;
  cubin.header.e_shoff = G_STRUCT_OFFSET (Cubin, sections);
  cubin.header.e_shnum = 3;
  cubin.header.e_shentsize = sizeof (Elf64_Shdr);
  cubin.sections[1] = (Elf64_Shdr){ .sh_type = SHT_STRTAB,
                                    .sh_offset = G_STRUCT_OFFSET (Cubin, names),
                                    .sh_size = sizeof cubin.names };
  cubin.sections[2] = (Elf64_Shdr){ .sh_type = SHT_SYMTAB,
                                    .sh_offset = G_STRUCT_OFFSET (Cubin, symbols),
                                    .sh_size = sizeof cubin.symbols,
                                    .sh_link = 1 };
  cubin.symbols[1].st_name = 1;
  cubin.symbols[1].st_info = ELF64_ST_INFO (STB_GLOBAL, STT_FUNC);
  return cubin;
}

/* Two pieces of code of 8 bytes */
static const guint8 fatbin[] = {
  0x50, 0xed, 0x55, 0xba, 1,  0, 16, 0, 56, 0, 0, 0, 0, 0, 0, 0, 1,   0,   1,   1,   24, 0, 0, 0,
  8,    0,    0,    0,    0,  0, 0,  0, 0,  0, 0, 0, 0, 0, 0, 0, 'p', 't', 'x', ' ', 1,  2, 3, 4,
  2,    0,    1,    1,    16, 0, 0,  0, 8,  0, 0, 0, 0, 0, 0, 0, 1,   2,   3,   4,   5,  6, 7, 8
};

/* @says: (nullable): nothing is wrong with it */
static void
check_says (gconstpointer bytes, gsize size, const char *entry, const char *says)
{
  /* of exactly this length, so that a sanitizer sees what is read behind it */
  g_autoptr (GBytes) code = g_bytes_new (bytes, size);
  g_autoptr (GError) error = NULL;
  gboolean ok = pinwheel_code_check (code, "k.bin", entry, &error);

  ck_assert_msg (ok == (says == NULL), "%s", error != NULL ? error->message : "it is taken");
  if (ok)
    return;
  ck_assert (g_error_matches (error, PINWHEEL_ERROR, PINWHEEL_ERROR_KERNEL));
  ck_assert_msg (strstr (error->message, says) != NULL && strstr (error->message, "k.bin") != NULL,
                 "%s", error->message);
}

START_TEST (whole_code_is_taken_and_kernels_are_known_by_name)
{
  Cubin cubin = make_cubin ();

  check_says (ptx, sizeof ptx, "scale", NULL);
  check_says (ptx, sizeof ptx, "other", NULL);
  check_says (ptx, sizeof ptx, "scal",
              "there is no kernel 'scal' in 'k.bin', which has: 'scale', 'other'");
  check_says (&cubin, sizeof cubin, "scale", NULL);
  check_says (&cubin, sizeof cubin, "other", "which has: 'scale'");
  check_says (fatbin, sizeof fatbin, "anything", NULL);
}
END_TEST

START_TEST (code_that_is_cut_off_anywhere_is_refused)
{
  Cubin cubin = make_cubin ();

  for (gsize n = 0; n < sizeof cubin - 1; n++)
    check_says (&cubin, n, "scale", "is damaged");
  for (gsize n = 0; n < sizeof fatbin; n++)
    check_says (fatbin, n, "scale", "is damaged");
  /* PTX without the zero byte, and of a file that ends anywhere */
  for (gsize n = 0; n < sizeof ptx; n++)
    check_says (ptx, n, "scale", "is damaged");
  for (gsize n = 0; n < (gsize) (strstr (ptx, "scale") - ptx); n++)
    {
      g_autofree char *cut = g_strndup (ptx, n);
      gboolean begun = strstr (cut, ".version") != NULL;

      check_says (cut, n + 1, "scale", begun ? NULL : "is damaged");
    }
}
END_TEST

START_TEST (what_is_no_code_is_told)
{
  Cubin cubin = make_cubin ();

  check_says ("hello", 6, "scale", "it has no .version");
  check_says ("", 0, "scale", "is damaged");
  cubin.header.e_machine = EM_X86_64;
  check_says (&cubin, sizeof cubin, "scale", "not of a CUDA device");
  cubin = make_cubin ();
  cubin.sections[2].sh_link = 7;
  check_says (&cubin, sizeof cubin, "scale", "its symbols have no names");
  cubin = make_cubin ();
  cubin.symbols[1].st_name = 100;
  check_says (&cubin, sizeof cubin, "scale", "a symbol's name is not in it");
  cubin = make_cubin ();
  memset (cubin.names, 'x', sizeof cubin.names);
  check_says (&cubin, sizeof cubin, "scale", "its symbols have no names");
}
END_TEST

/* It may be taken or refused; a sanitizer says whether it was read beyond its end. */
static void
change_bytes (gconstpointer bytes, gsize size, GRand *rand)
{
  for (guint round = 0; round < 3000; round++)
    {
      g_autofree guint8 *changed = g_memdup2 (bytes, size);
      g_autoptr (GBytes) code = NULL;

      for (guint i = 0; i < 1 + round % 4; i++)
        changed[g_rand_int_range (rand, 0, (gint32) size)]
            = (guint8) (g_rand_boolean (rand) ? g_rand_int (rand) : 0xff * (g_rand_int (rand) & 1));
      code = g_bytes_new (changed, size);
      pinwheel_code_check (code, "k.bin", "scale", NULL);
    }
}

START_TEST (no_byte_leads_out_of_the_code)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (4);
  Cubin cubin = make_cubin ();

  change_bytes (&cubin, sizeof cubin, rand);
  change_bytes (fatbin, sizeof fatbin, rand);
  change_bytes (ptx, sizeof ptx, rand);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("code");
  TCase *tcase = tcase_create ("code");
  SRunner *runner = srunner_create (suite);
  int failed;

  suite_add_tcase (suite, tcase);
  tcase_set_timeout (tcase, 60);
  tcase_add_test (tcase, whole_code_is_taken_and_kernels_are_known_by_name);
  tcase_add_test (tcase, code_that_is_cut_off_anywhere_is_refused);
  tcase_add_test (tcase, what_is_no_code_is_told);
  tcase_add_test (tcase, no_byte_leads_out_of_the_code);
  srunner_run_all (runner, CK_ENV);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
