/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <unistd.h>
#include <fcntl.h>
#include <errno.h>
#include <gio/gio.h>
#include <stdio.h>
#include <stdlib.h>

#include "console-private.h"

void
console_hold_standard_streams (void)
{
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
    if (fcntl (fd, F_GETFD) < 0 && errno == EBADF)
      /* the lowest free descriptor: this one; opened the wrong way round on purpose */
      (void) !open ("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

gboolean
console_print (const char *text, GError **error)
{
  if (fputs (text, stdout) != EOF && fflush (stdout) == 0)
    return TRUE;
  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno),
               "standard output cannot be written: %s", g_strerror (errno));
  return FALSE;
}

int
console_print_all (const char *text)
{
  g_autoptr (GError) error = NULL;

  if (console_print (text, &error))
    return EXIT_SUCCESS;
  console_say ("error: %s", error->message);
  return EXIT_RUN_FAILED;
}

char *
console_help (GOptionContext *context)
{
  g_autofree char *help = g_option_context_get_help (context, TRUE, NULL);
  g_autoptr (GString) text = g_string_new (help);

  /* on one line, as most programs have it and as help2man reads it */
  g_string_replace (text, "Usage:\n  ", "Usage: ", 1);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

void
console_say (const char *format, ...)
{
  g_autofree char *text = NULL;
  g_autofree char *line = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  line = g_strdup_printf ("%s: %s\n", g_get_prgname (), text);
  console_tell (line);
}

void
console_tell (const char *text)
{
  /* nowhere is left to report that standard error is closed */
  (void) fputs (text, stderr);
  (void) fflush (stderr);
}
