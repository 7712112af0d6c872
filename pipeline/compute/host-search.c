/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which compilers PATH has. To look for a dozen names in every folder takes longer than all else
 * between a kernel's source and its code in the cache. So what was found is remembered, by this
 * process and in the user's cache folder, together with what would change when anything comes into
 * one of these folders or goes: the memo. */
#include "config.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/lock-private.h"
#include "base/user-cache-private.h"
#include "compute/generator-digest.h"
#include "compute/host-compiler-private.h"

/* In the user's cache folder. A memo that was cut short has not all its lines, and one that is
 * wrong otherwise names no program. */
#define NAME "compilers"
/* More is no memo */
#define LONGEST (64 << 10)
/* Nanoseconds for which a folder must have been as it is. Times of files are as coarse as 2 s, so
 * that a change just after a memo might leave them as they are. */
#define SETTLED (G_GINT64_CONSTANT (3) * 1000000000)

/* Leaf lock */
static PinwheelLock known_lock;
/* (known_lock), owned, nullable: the memo that was used last */
static char *known;

/* Returns: (transfer full): of PINWHEEL_N_COMPILERS */
static char **
search (void)
{
  static const char *const names[] = { "g++", "clang++", "c++" };
  char **found = g_new0 (char *, PINWHEEL_N_COMPILERS + 1);

  for (guint i = PINWHEEL_NEWEST_CLANG;
       found[PINWHEEL_COMPILER_NEW_CLANG] == NULL && i >= PINWHEEL_OLDEST_CLANG; i--)
    {
      g_autofree char *name = g_strdup_printf ("clang++-%u", i);

      found[PINWHEEL_COMPILER_NEW_CLANG] = g_find_program_in_path (name);
    }
  found[PINWHEEL_COMPILER_CLANG] = g_find_program_in_path ("clang++");
  for (guint i = 0; found[PINWHEEL_COMPILER_ANY] == NULL && i < G_N_ELEMENTS (names); i++)
    found[PINWHEEL_COMPILER_ANY] = g_find_program_in_path (names[i]);
  for (guint i = 0; i < PINWHEEL_N_COMPILERS; i++)
    if (found[i] == NULL)
      found[i] = g_strdup ("");
  return found;
}

static gboolean
is_settled (const struct timespec *time, gint64 now)
{
  return now - (time->tv_sec * G_GINT64_CONSTANT (1000000000) + time->tv_nsec) > SETTLED;
}

/* Returns: whether it can be told from @text when the folder changes */
static gboolean
add_folder (GString *text, const char *name, gint64 now)
{
  struct stat status;

  /* where we are may change */
  if (!g_path_is_absolute (name) || strchr (name, '\n') != NULL)
    return FALSE;
  g_string_append (text, name);
  if (stat (name, &status) != 0)
    {
      g_string_append_c (text, '\n');
      return TRUE;
    }
  g_string_append_printf (text, " %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT " %ld.%ld %ld.%ld\n",
                          (guint64) status.st_dev, (guint64) status.st_ino,
                          (long) status.st_mtim.tv_sec, (long) status.st_mtim.tv_nsec,
                          (long) status.st_ctim.tv_sec, (long) status.st_ctim.tv_nsec);
  return is_settled (&status.st_mtim, now) && is_settled (&status.st_ctim, now);
}

/* Returns: (transfer full) (nullable): how a memo of now begins; NULL where none would hold */
static char *
describe_folders (void)
{
  g_autoptr (GString) text = g_string_new (PINWHEEL_GENERATOR_DIGEST "\n");
  g_autofree char *path = g_strdup (g_getenv ("PATH"));
  gint64 now = g_get_real_time () * 1000;
  gboolean holds = path != NULL;
  char *next = path;

  while (next != NULL && holds)
    holds = add_folder (text, strsep (&next, ":"), now);
  return holds ? g_string_free (g_steal_pointer (&text), FALSE) : NULL;
}

/* @folders: how it must begin
 * Returns: (transfer full) (nullable): what the memo says was found, where all of it is still there
 */
static char **
read_memo (const char *memo, const char *folders)
{
  g_auto (GStrv) lines = NULL;

  if (memo == NULL || !g_str_has_prefix (memo, folders))
    return NULL;
  lines = g_strsplit (memo + strlen (folders), "\n", -1);
  if (g_strv_length (lines) != PINWHEEL_N_COMPILERS + 1 || *lines[PINWHEEL_N_COMPILERS] != '\0')
    return NULL;
  for (guint i = 0; i < PINWHEEL_N_COMPILERS; i++)
    if (*lines[i] != '\0' && access (lines[i], X_OK) != 0)
      return NULL;
  return g_steal_pointer (&lines);
}

/* Returns: (transfer full) (nullable) */
static char *
get_file (void)
{
  g_autofree char *why = NULL;
  g_autofree char *folder = pinwheel_user_cache_folder (NULL, &why);

  return folder != NULL ? g_build_filename (folder, NAME, NULL) : NULL;
}

/* Returns: (transfer full) (nullable): the content where nobody else can have written it */
static char *
read_own (int fd)
{
  struct stat status;
  gssize size;
  char *text;

  if (fstat (fd, &status) != 0 || !S_ISREG (status.st_mode) || status.st_uid != geteuid ()
      || (status.st_mode & (S_IWGRP | S_IWOTH)) != 0 || status.st_size > LONGEST)
    return NULL;
  text = g_malloc ((gsize) status.st_size + 1);
  size = read (fd, text, (gsize) status.st_size);
  text[MAX (size, 0)] = '\0';
  return text;
}

/* Returns: (transfer full) (nullable) */
static char *
load_memo (const char *file)
{
  int fd = file != NULL ? open (file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK) : -1;
  char *memo;

  if (fd < 0)
    return NULL;
  memo = read_own (fd);
  close (fd);
  return memo;
}

/* Not written to the disk at once: losing it costs a search. */
static void
save_memo (const char *file, const char *memo)
{
  g_autofree char *fresh = g_strconcat (file, "-XXXXXX", NULL);
  gssize size = (gssize) strlen (memo);
  int fd = size <= LONGEST ? g_mkstemp_full (fresh, O_WRONLY | O_CLOEXEC, 0600) : -1;
  gboolean ok;

  if (fd < 0)
    return;
  ok = write (fd, memo, (gsize) size) == size;
  close (fd);
  if (!ok || g_rename (fresh, file) != 0)
    g_unlink (fresh);
}

static void
remember (const char *memo)
{
  pinwheel_lock (&known_lock);
  g_free (known);
  known = g_strdup (memo);
  pinwheel_unlock (&known_lock);
}

static char **
recall (const char *folders)
{
  char **found;

  pinwheel_lock (&known_lock);
  found = read_memo (known, folders);
  pinwheel_unlock (&known_lock);
  return found;
}

char **
pinwheel_compilers_find (void)
{
  g_autofree char *folders = describe_folders ();
  g_autofree char *file = NULL;
  g_autofree char *memo = NULL;
  g_autofree char *answers = NULL;
  char **found = folders != NULL ? recall (folders) : NULL;

  if (found != NULL)
    return found;
  if (folders == NULL)
    return search ();
  file = get_file ();
  memo = load_memo (file);
  found = read_memo (memo, folders);
  if (found == NULL)
    {
      found = search ();
      answers = g_strjoinv ("\n", found);
      g_free (memo);
      memo = g_strconcat (folders, answers, "\n", NULL);
      if (file != NULL)
        save_memo (file, memo);
    }
  remember (memo);
  return found;
}
