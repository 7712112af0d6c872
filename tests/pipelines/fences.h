/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Runs in which one fence is left out.
 *
 * The library calls what makes a stream or the host wait through the dynamic linker, so that the
 * functions in a program with fences.c come first. A fence is known by who waits (the name of the
 * thread, which is that of the element) and whose work it waits for. */
#pragma once
#include <pinwheel/pinwheel.h>

/* Chunks enough that every buffer is used again; the result is in the file `out`. @implied: waits
 * that say nothing new, because what is waited for as well has waited for the same. */
typedef struct
{
  const char *text;
  const char *implied[4];
} FenceLine;

extern const FenceLine fence_lines[];
extern const guint n_fence_lines;

/* @without: (nullable): `waiter <- stream`, the fence to leave out
 * Returns: (nullable) (transfer full): why it failed */
GError *fences_run (const FenceLine *line, const char *device, const char *without);
/* Returns: (transfer container): the pairs that somebody waits for in a run without a fault */
GHashTable *fences_find (const FenceLine *line, const char *device);
/* When a run ends, each element waits for its own stream, and who frees the pools for all of them:
 * either one would be enough. */
gboolean fences_is_of_the_end (const char *pair);

/* For unchecked fixtures: a folder with what the lines need, in which the process then is. */
void fences_enter_folder (void);
void fences_leave_folder (void);
