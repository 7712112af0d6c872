/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a source includes, found without a preprocessor, for the key of what is made of it. */
#include "config.h"

#include <string.h>

#include "compute/headers-private.h"

#define MOST_HEADERS 1000

typedef struct
{
  GChecksum *sum;
  const char *include_dir; /* (nullable) */
  GHashTable *seen;        /* paths of the headers that are in @sum */
  gboolean certain;        /* every #include so far named its file, and nothing else asks for one */
} Scan;

static void scan_text (Scan *self, const char *text, const char *folder);

/* Returns: whether there is such a file in @folder */
static gboolean
take_header (Scan *self, const char *folder, const char *name)
{
  g_autofree char *path = folder != NULL ? g_build_filename (folder, name, NULL) : NULL;
  g_autofree char *inner = path != NULL ? g_path_get_dirname (path) : NULL;
  g_autofree char *content = NULL;
  gsize size;

  if (path == NULL || !g_file_test (path, G_FILE_TEST_IS_REGULAR))
    return FALSE;
  if (g_hash_table_contains (self->seen, path))
    return TRUE;
  if (g_hash_table_size (self->seen) == MOST_HEADERS
      || !g_file_get_contents (path, &content, &size, NULL))
    {
      self->certain = FALSE;
      return TRUE;
    }
  g_hash_table_add (self->seen, g_strdup (path));
  g_checksum_update (self->sum, (const guchar *) path, (gssize) strlen (path) + 1);
  g_checksum_update (self->sum, (const guchar *) content, (gssize) size);
  scan_text (self, content, inner);
  return TRUE;
}

/* @at: behind the word `include` */
static void
take_include (Scan *self, const char *at, const char *folder)
{
  g_autofree char *name = NULL;
  const char *end;

  at += strspn (at, " \t");
  end = *at == '"' || *at == '<' ? strpbrk (at + 1, "\">\n") : NULL;
  if (end == NULL || *end == '\n')
    {
      self->certain = FALSE;
      return;
    }
  name = g_strndup (at + 1, (gsize) (end - at - 1));
  if (!take_header (self, folder, name))
    take_header (self, self->include_dir, name);
}

static void
scan_text (Scan *self, const char *text, const char *folder)
{
  /* what else is asked of files, or of the clock */
  static const char *const askers[] = { "__has_include", "__has_embed", "__DATE__", "__TIME__",
                                        "__TIMESTAMP__" };

  for (guint i = 0; i < G_N_ELEMENTS (askers); i++)
    if (strstr (text, askers[i]) != NULL)
      self->certain = FALSE;
  for (const char *line = text; line != NULL; line = strchr (line, '\n'))
    {
      line += strspn (line, " \t\r\n");
      if (*line != '#')
        continue;
      line += 1 + strspn (line + 1, " \t");
      if (g_str_has_prefix (line, "include"))
        take_include (self, line + strlen ("include"), folder);
      else if (g_str_has_prefix (line, "embed"))
        self->certain = FALSE;
    }
}

gboolean
pinwheel_headers_digest (GChecksum *sum, const char *source, const char *include_dir,
                         GHashTable **headers)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  Scan scan = { sum, include_dir, seen, TRUE };

  scan_text (&scan, source, include_dir);
  if (headers != NULL)
    *headers = g_steal_pointer (&seen);
  return scan.certain;
}
