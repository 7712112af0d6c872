/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* main() of a fuzz target where libFuzzer brings none: every file of its corpus, as a test. */
#include "config.h"

#include <stdio.h>

#include "fuzz/fuzz.h"

#ifndef PINWHEEL_LIBFUZZER
int
main (int argc, char **argv)
{
  g_autofree char *program = g_path_get_basename (argv[0]);
  const char *target = g_str_has_prefix (program, "lt-") ? program + 3 : program;
  g_autofree char *folder = g_build_filename (g_getenv ("top_srcdir"), "tests", "fuzz", "corpus",
                                              target, NULL);
  g_autoptr (GDir) files = g_dir_open (folder, 0, NULL);
  const char *name;
  guint n = 0;

  while (files != NULL && (name = g_dir_read_name (files)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      g_autofree char *data = NULL;
      gsize size;

      if (!g_file_get_contents (path, &data, &size, NULL))
        continue;
      LLVMFuzzerTestOneInput ((const uint8_t *) data, size);
      n++;
    }
  printf ("%sok 1 - %u files of %s are read or refused\n1..1\n", n > 0 ? "" : "not ", n, target);
  return n > 0 ? 0 : 1;
}
#endif
