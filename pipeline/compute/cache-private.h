/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Compiled code on disk, private to the user: PINWHEEL_CACHE_DIR, else the user's cache folder.
 *
 * Entries are never changed, only made under another name and renamed: any number of processes may
 * use the folder at once. Each is sealed (base/user-cache-private.h). What was checked is a
 * descriptor, and that is what gets loaded. Safe from any thread. Where there is no safe folder, a
 * temporary one serves until the process ends.
 *
 * An entry's name is a key, which holds everything that could change the code, and a suffix that
 * says what it is: `.so`, `.cubin`, `.ptx`; `.ii` is a source behind the preprocessor.
 */
#pragma once
#include <glib.h>

/* Of the names of the folders that pinwheel_cache_begin() makes */
#define PINWHEEL_CACHE_WORK_PREFIX "tmp-"
/* Bytes of all entries together */
#define PINWHEEL_CACHE_LIMIT (G_GUINT64_CONSTANT (256) << 20)

/* @path: (out) (transfer full): where it is. Returns: descriptor of a whole entry, marked as used
 * just now; -1 where there is none */
int pinwheel_cache_open (const char *name, char **path);
/* The same for the entry used last of those that are called @prefix...@suffix. @name: (out)
 * (transfer full) */
int pinwheel_cache_open_any (const char *prefix, const char *suffix, char **name, char **path);
/* Returns: (transfer full): a fresh folder to compile in; pinwheel_cache_end() removes it with what
 * is in it. PINWHEEL_ERROR_RESOURCE where none can be made */
char *pinwheel_cache_begin (GError **error);
void pinwheel_cache_end (const char *work);
/* Makes the file @built in the folder @work the entry @name. Returns: its descriptor, or -1 */
int pinwheel_cache_commit (const char *work, const char *built, const char *name, char **path,
                           GError **error);
/* Returns: (transfer full): the folder, for people */
char *pinwheel_cache_get_folder (void);

/* Removes the entries used longest ago until at most @limit bytes remain, @keep never, and what
 * processes that were killed left behind. */
void pinwheel_cache_prune (const char *folder, const char *keep, guint64 limit);
/* Where dlopen() finds the very file behind @fd, whatever becomes of its name. The descriptor stays
 * open for ever: dlopen() knows libraries by name, and this one has the descriptor's number in it.
 * @fd: (transfer full): once for each @name; where there is one already, the first one's is given
 * Returns: (transfer full) */
char *pinwheel_cache_keep_open (int fd, const char *name, GError **error);
/* Returns: (transfer full) (nullable): what pinwheel_cache_keep_open() gave for @name */
char *pinwheel_cache_find_open (const char *name);
