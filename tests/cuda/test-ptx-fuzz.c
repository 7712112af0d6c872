/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* PTX that is damaged: whatever comes of it, it is a module or an error, and what runs stays within
 * its memory. The sanitizers are what sees it. PTX_FUZZ_SECONDS says for how long, PTX_FUZZ_SEED
 * where it begins. */
#include "config.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ptx-support.h"

static const char *const files[] = { "arithmetic-sm_75", "lorenz-sm_100", "threads-sm_100" };

static GRand *chance;
static guint n_parsed, n_run;

static guint
below (gsize n)
{
  return (guint) g_rand_int_range (chance, 0, (gint32) MAX (n, 1));
}

/* Somewhere in the text: a word, up to the next blank. */
static gsize
find_word (const GString *text, gsize *length)
{
  gsize at = below (text->len);

  while (at > 0 && !g_ascii_isspace (text->str[at - 1]))
    at--;
  *length = strcspn (text->str + at, " \t\n,;");
  return at;
}

static void
damage (GString *text)
{
  static const char *const pieces[] = {
    "}",      "{",     ";",    ",",   "[", "]",          "-1",  "0x7fffffffffffffff",
    ".param", "%r1",   "%rd2", "_",   "!", "4294967295", "<9>", "call (retval0), ",
    "bra ",   "@%p1 ", ".v4",  ".b8", "(", ")"
  };
  gsize length, other_length, at = find_word (text, &length);
  g_autofree char *word = NULL;

  switch (below (6))
    {
    case 0:
      text->str[below (text->len)] = (char) (1 + below (127));
      break;
    case 1:
      g_string_erase (text, (gssize) at, (gssize) length);
      break;
    case 2:
      g_string_insert (text, (gssize) at, pieces[below (G_N_ELEMENTS (pieces))]);
      break;
    case 3:
      g_string_truncate (text, below (text->len));
      break;
    default:
      /* another word of the same text in this one's place */
      word = g_strndup (text->str + at, length);
      at = find_word (text, &other_length);
      g_string_erase (text, (gssize) at, (gssize) other_length);
      g_string_insert (text, (gssize) at, word);
    }
}

/* One turn of every thread of each kernel, with a little memory. */
static void
run_entries (PtxModule *module)
{
  const guint grid[3] = { 1, 1, 1 }, block[3] = { 4, 1, 1 };
  guint n_variables = ptx_module_get_n_variables (module);
  g_autofree guint64 *addresses = g_new (guint64, n_variables + 1);
  static guint64 out[512], in[512], parameter[4096];
  const gint stop = 1;
  PtxBlocks blocks = { 0 };
  PtxMemory memory = ptx_blocks_memory (&blocks, out, sizeof out, in, sizeof in);

  memory.stop = &stop;
  for (guint k = 0; k < n_variables; k++)
    addresses[k] = PTX_IN + 256 * k;
  ptx_module_place (module, addresses);
  parameter[0] = PTX_OUT;
  for (guint k = 0; k < ptx_module_get_n_entries (module); k++)
    {
      const PtxEntry *entry = ptx_module_get_entry (module, k);
      guint n = ptx_entry_get_n_parameters (entry);
      g_autofree void **arguments = g_new (void *, n + 1);

      for (guint p = 0; p < n; p++)
        arguments[p] = parameter;
      ptx_launch (entry, grid, block, 64, arguments, &memory, NULL);
      n_run++;
    }
}

static void
try_text (const GString *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PtxModule) module = ptx_module_new (text->str, &error);

  ck_assert ((module == NULL) == (error != NULL));
  if (module == NULL)
    return;
  n_parsed++;
  run_entries (module);
}

/* One function of a text, behind its head: small texts are damaged more thoroughly. */
static char *
choose_text (char **texts)
{
  const char *text = texts[below (G_N_ELEMENTS (files))];
  const char *entry = strstr (text, ".visible .entry");
  const char *end;

  if (below (4) == 0)
    return g_strdup (text);
  for (guint skip = below (12); skip > 0 && strstr (entry + 1, ".visible .entry") != NULL; skip--)
    entry = strstr (entry + 1, ".visible .entry");
  end = strstr (entry, "\n}\n");
  return g_strdup_printf ("%.*s%.*s", (int) (strstr (text, ".visible .entry") - text), text,
                          end != NULL ? (int) (end - entry + 3) : (int) strlen (entry), entry);
}

START_TEST (damaged_texts_are_refused_or_run_within_their_memory)
{
  const char *seconds = g_getenv ("PTX_FUZZ_SECONDS"), *seed = g_getenv ("PTX_FUZZ_SEED");
  gint64 end = g_get_monotonic_time ()
               + (gint64) ((seconds != NULL ? g_ascii_strtod (seconds, NULL) : 1.5) * 1e6);
  char *texts[G_N_ELEMENTS (files)];
  guint n = 0;

  chance = g_rand_new_with_seed (seed != NULL ? (guint32) atoi (seed) : 1);
  for (guint k = 0; k < G_N_ELEMENTS (files); k++)
    {
      g_autofree char *path = g_strdup_printf ("%s/tests/cuda/ptx/%s.ptx", g_getenv ("top_srcdir"),
                                               files[k]);

      ck_assert_msg (g_file_get_contents (path, &texts[k], NULL, NULL), "%s is missing", path);
    }
  while (g_get_monotonic_time () < end || n_parsed == 0)
    {
      g_autofree char *whole = choose_text (texts);
      GString *text = g_string_new (whole);

      for (guint k = below (4); k < 4; k++)
        damage (text);
      try_text (text);
      g_string_free (text, TRUE);
      n++;
    }
  printf ("# %u texts, %u parsed, %u kernels run\n", n, n_parsed, n_run);
  for (guint k = 0; k < G_N_ELEMENTS (files); k++)
    g_free (texts[k]);
  g_rand_free (chance);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("ptx-fuzz");
  TCase *tests = tcase_create ("damage");
  SRunner *runner = srunner_create (suite);
  int failed;

  tcase_set_timeout (tests, 0);
  tcase_add_test (tests, damaged_texts_are_refused_or_run_within_their_memory);
  suite_add_tcase (suite, tests);
  srunner_run_all (runner, CK_ENV);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed > 0;
}
