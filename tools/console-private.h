/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the tools say, and where. */
#pragma once
#include <glib.h>

/* exit codes of the tools; 128 and the number of a signal where one ended them */
#define EXIT_RUN_FAILED 1
#define EXIT_USAGE      2

/* The first thing a tool does: where it was started with a standard stream closed, the descriptor
 * is taken, so that no other file becomes "standard output", and reads or writes fail as on a
 * closed one. */
void console_hold_standard_streams (void);
/* Writes to standard output, all of it, now. Returns: FALSE with @error: a closed pipe, a full disk
 */
gboolean console_print (const char *text, GError **error);
/* The same for all that a tool has to print. Returns: its exit code; a failure has been told */
int console_print_all (const char *text);
/* Returns: (transfer full): what --help prints */
char *console_help (GOptionContext *context);
/* Writes "PROGRAM: " and the message to standard error. */
void console_say (const char *format, ...) G_GNUC_PRINTF (1, 2);
/* Writes to standard error as it is. */
void console_tell (const char *text);
