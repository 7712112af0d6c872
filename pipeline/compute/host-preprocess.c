/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The preprocessor's results in the cache: to start it takes forty times as long as all else until
 * a compiled kernel runs. */
#include "config.h"

#include <string.h>
#include <unistd.h>

#include "base/user-cache-private.h"
#include "compute/cache-private.h"
#include "compute/generator-digest.h"
#include "compute/headers-private.h"
#include "compute/host-compiler-private.h"

#define ENTRY_SUFFIX ".ii"

/* One result, by what it is made of */
typedef struct
{
  char *stem;          /* owned: its name without what stands for the compiler */
  char *name;          /* (nullable) owned: its name; NULL without a compiler */
  GHashTable *headers; /* owned: paths of those that are in the name */
  gboolean certain;    /* nothing else can have a part in it, as far as the text tells */
} Entry;

static void
clear_entry (Entry *self)
{
  g_clear_pointer (&self->stem, g_free);
  g_clear_pointer (&self->name, g_free);
  g_clear_pointer (&self->headers, g_hash_table_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Entry, clear_entry)

/* @program: (nullable): the compiler */
static void
name_entry (Entry *self, const PinwheelPreprocess *job, const char *program)
{
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  const char *words[] = { PINWHEEL_GENERATOR_DIGEST, job->file,
                          job->include_dir != NULL ? job->include_dir : "", job->source };

  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    g_checksum_update (sum, (const guchar *) words[i], (gssize) strlen (words[i]) + 1);
  self->certain = pinwheel_headers_digest (sum, job->source, job->include_dir, &self->headers);
  self->stem = g_strconcat (g_checksum_get_string (sum), "-", NULL);
  if (program != NULL)
    {
      g_autofree char *identity = pinwheel_toolchain_identity (program);
      g_autofree char *digest = g_compute_checksum_for_string (G_CHECKSUM_SHA256, identity, -1);

      self->name = g_strconcat (self->stem, digest, ENTRY_SUFFIX, NULL);
    }
}

/* Without a compiler here, what another one made will do.
 * Returns: (transfer full) (nullable) */
static char *
find_result (const Entry *self)
{
  g_autofree char *name = NULL;
  g_autofree char *path = NULL;
  g_autoptr (GBytes) content = NULL;
  int fd;

  if (!self->certain)
    return NULL;
  fd = self->name != NULL ? pinwheel_cache_open (self->name, &path)
                          : pinwheel_cache_open_any (self->stem, ENTRY_SUFFIX, &name, &path);
  if (fd < 0)
    return NULL;
  content = pinwheel_sealed_file_read (fd, NULL);
  close (fd);
  if (content == NULL)
    return NULL;
  return g_strndup (g_bytes_get_data (content, NULL), g_bytes_get_size (content));
}

/* @line: behind `# 12 "`. Returns: (transfer full): the name as it was before it was written so */
static char *
read_marker (const char *line)
{
  GString *name = g_string_new (NULL);

  for (; *line != '\0' && *line != '\n' && *line != '"'; line++)
    {
      if (*line == '\\' && line[1] != '\0')
        line++;
      g_string_append_c (name, *line);
    }
  return g_string_free (name, FALSE);
}

/* Whether every file that the preprocessor names was read for the key as well. */
static gboolean
names_known_files (const char *text, const char *file, GHashTable *headers)
{
  for (const char *line = text; line != NULL; line = strchr (line, '\n'))
    {
      const char *quote;

      line += strspn (line, "\n");
      quote = line + strspn (line, "# 0123456789");
      if (*line == '#' && *quote == '"')
        {
          g_autofree char *name = read_marker (quote + 1);

          if (strcmp (name, file) != 0 && !g_str_has_prefix (name, PINWHEEL_HOST_OWN_FILE "/")
              && !g_hash_table_contains (headers, name))
            return FALSE;
        }
    }
  return TRUE;
}

/* A header may have changed since the key was made. That nothing can be kept is no failure. */
static void
keep_result (const Entry *self, const PinwheelPreprocess *job, const char *program,
             const char *folder, const char *text)
{
  g_autofree char *file = g_build_filename (folder, "kernel.text", NULL);
  g_autofree char *path = NULL;
  g_auto (Entry) now = { 0 };
  int fd;

  if (!self->certain || !names_known_files (text, job->file, self->headers))
    return;
  name_entry (&now, job, program);
  if (strcmp (now.name, self->name) != 0 || !pinwheel_host_write (file, text, NULL))
    return;
  fd = pinwheel_cache_commit (folder, file, self->name, &path, NULL);
  if (fd >= 0)
    close (fd);
}

char *
pinwheel_host_preprocess (const char *file, const char *source, const char *include_dir,
                          GCancellable *cancellable, GError **error)
{
  const PinwheelPreprocess job = { file, source, include_dir, cancellable };
  g_autoptr (GError) no_program = NULL;
  g_autofree char *program = pinwheel_toolchain_find (&no_program);
  g_autofree char *folder = NULL;
  g_auto (Entry) entry = { 0 };
  char *text;

  name_entry (&entry, &job, program);
  text = find_result (&entry);
  if (text != NULL)
    return text;
  if (program == NULL)
    {
      g_propagate_error (error, g_steal_pointer (&no_program));
      return NULL;
    }
  folder = pinwheel_cache_begin (error);
  if (folder == NULL)
    return NULL;
  text = pinwheel_host_run_preprocessor (&job, program, folder, error);
  if (text != NULL)
    keep_result (&entry, &job, program, folder, text);
  pinwheel_cache_end (folder);
  return text;
}
