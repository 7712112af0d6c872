/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is kept on disk between programs, private to the user: PINWHEEL_CACHE_DIR, else the user's
 * cache folder. Safe from any thread.
 *
 * A sealed file ends with a checksum of its name and of what is before it, and is not used without:
 * one that was cut short, damaged or put under another's name is as if it were not there. */
#pragma once
#include <glib.h>
#include <sys/types.h>

/* @follow: whether it may be a link. Returns: whether nobody but this user can put anything into it
 */
gboolean pinwheel_is_private_folder (const char *path, gboolean follow);

/* @child: (nullable): a folder in it
 * @why: (out) (transfer full): where there is none that nobody but the user can write to
 * Returns: (transfer full) (nullable): the folder, made if need be */
char *pinwheel_user_cache_folder (const char *child, char **why);

/* Appends the checksum of @name and the content, and has all of it written to the disk. */
gboolean pinwheel_sealed_file_seal (const char *path, const char *name, mode_t mode,
                                    GError **error);
/* Returns: descriptor of @path where it is a file that only this user can have written and its
 * checksum is right; else -1 */
int pinwheel_sealed_file_open (const char *path, const char *name);
/* Returns: (transfer full) (nullable): the content, without the checksum */
GBytes *pinwheel_sealed_file_read (int fd, GError **error);
