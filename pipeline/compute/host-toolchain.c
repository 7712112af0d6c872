/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <pinwheel/error.h>

#include "compute/host-compiler-private.h"

/* Bytes of a compiler's messages that are kept; the rest is read and dropped */
#define OUTPUT_LIMIT (64 * 1024)
/* What one process of the compiler may take before it fails instead of the machine */
#define MEMORY_LIMIT (G_GUINT64_CONSTANT (8) << 30)
#define FILE_LIMIT   (G_GUINT64_CONSTANT (256) << 20)
/* Microseconds to wait for killed processes: longer only where one of them left the group */
#define END_US 1000000

/* A compiler that was started. */
typedef struct
{
  pid_t pid;
  int process; /* pidfd, or -1 where the kernel has none */
  int pipe;    /* read end of its stderr */
  int cancel;  /* can be read once it is to be ended, or -1 */
  gint64 until;
} Child;

/* Whether it is one whose code is faster than that of gcc: its version stands in the name of its
 * folder. */
static gboolean
is_new_clang (const char *program)
{
  char *path = *program != '\0' ? realpath (program, NULL) : NULL;
  const char *number = path != NULL ? strstr (path, "/llvm-") : NULL;
  guint64 version = 0;

  if (number != NULL)
    version = g_ascii_strtoull (number + strlen ("/llvm-"), NULL, 10);
  free (path);
  return version >= PINWHEEL_OLDEST_CLANG;
}

char *
pinwheel_toolchain_find (GError **error)
{
  const char *chosen = g_getenv ("PINWHEEL_CXX");
  g_auto (GStrv) found = NULL;
  char *program;

  if (chosen != NULL && *chosen != '\0')
    {
      program = g_find_program_in_path (chosen);
      if (program == NULL)
        g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_KERNEL,
                     "PINWHEEL_CXX names no program: '%s'; expected the name or path of a C++ "
                     "compiler, without options",
                     chosen);
      return program;
    }
  found = pinwheel_compilers_find ();
  if (*found[PINWHEEL_COMPILER_NEW_CLANG] != '\0')
    return g_strdup (found[PINWHEEL_COMPILER_NEW_CLANG]);
  if (is_new_clang (found[PINWHEEL_COMPILER_CLANG]))
    return g_strdup (found[PINWHEEL_COMPILER_CLANG]);
  if (*found[PINWHEEL_COMPILER_ANY] != '\0')
    return g_strdup (found[PINWHEEL_COMPILER_ANY]);
  g_set_error_literal (error, PINWHEEL_ERROR, PINWHEEL_ERROR_KERNEL,
                       "there is no C++ compiler, which the host device needs to run kernels; "
                       "install the package g++, or name a compiler in PINWHEEL_CXX");
  return NULL;
}

char *
pinwheel_toolchain_identity (const char *program)
{
  char *path = realpath (program, NULL);
  struct stat status = { 0 };
  char *identity;

  if (path == NULL || stat (path, &status) != 0)
    identity = g_strdup (program);
  else
    identity = g_strdup_printf ("%s %" G_GINT64_FORMAT " %ld.%09ld", path, (gint64) status.st_size,
                                (long) status.st_mtim.tv_sec, (long) status.st_mtim.tv_nsec);
  free (path);
  return identity;
}

gboolean
pinwheel_toolchain_is_gcc (const char *program)
{
  char *path = realpath (program, NULL);
  g_autofree char *name = g_path_get_basename (path != NULL ? path : program);

  free (path);
  return strstr (name, "g++") != NULL && strstr (name, "clang") == NULL;
}

/* Returns: (transfer full): the environment without what redirects a compiler or its loader */
static char **
clean_environment (const char *folder)
{
  static const char *const removed[] = {
    "LD_",      "COMPILER_PATH",  "LIBRARY_PATH",        "GCC_",
    "CPATH",    "C_INCLUDE_PATH", "CPLUS_INCLUDE_PATH",  "OBJC_INCLUDE_PATH",
    "COLLECT_", "CCC_",           "DEPENDENCIES_OUTPUT", "SUNPRO_DEPENDENCIES",
    "LC_",      "LANG",           "SOURCE_DATE_EPOCH",   "CLANG_"
  };
  char **all = g_get_environ ();
  GPtrArray *kept = g_ptr_array_new ();

  for (char **p = all; *p != NULL; p++)
    {
      gboolean keep = TRUE;

      for (guint i = 0; i < G_N_ELEMENTS (removed); i++)
        keep = keep && !g_str_has_prefix (*p, removed[i]);
      if (keep)
        g_ptr_array_add (kept, *p);
      else
        g_free (*p);
    }
  g_ptr_array_add (kept, g_strdup ("LC_ALL=C"));
  g_ptr_array_add (kept, g_strconcat ("TMPDIR=", folder, NULL));
  g_ptr_array_add (kept, NULL);
  g_free (all);
  return (char **) g_ptr_array_free (kept, FALSE);
}

static void
limit (pid_t pid, guint timeout_ms)
{
  const struct
  {
    int resource;
    rlim_t most;
  } limits[] = { { RLIMIT_AS, MEMORY_LIMIT },
                 { RLIMIT_FSIZE, FILE_LIMIT },
                 { RLIMIT_CPU, timeout_ms / 1000 + 1 },
                 { RLIMIT_CORE, 0 } };

  for (guint i = 0; i < G_N_ELEMENTS (limits); i++)
    {
      struct rlimit now;

      if (prlimit (pid, (__rlimit_resource_t) limits[i].resource, NULL, &now) == 0
          && now.rlim_cur > limits[i].most)
        {
          now.rlim_cur = limits[i].most;
          prlimit (pid, (__rlimit_resource_t) limits[i].resource, &now, NULL);
        }
    }
}

/* posix_spawn() and not fork(): a parent with many gigabytes mapped is not copied. */
static int
spawn (const char *const *argv, const char *folder, int error_pipe, pid_t *pid)
{
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  sigset_t none, all;
  g_auto (GStrv) environment = clean_environment (folder);
  int status;

  sigemptyset (&none);
  sigfillset (&all);
  posix_spawn_file_actions_init (&actions);
  posix_spawn_file_actions_addopen (&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen (&actions, 1, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_adddup2 (&actions, error_pipe, 2);
#if defined(__GLIBC_PREREQ)
#if __GLIBC_PREREQ(2, 34)
  posix_spawn_file_actions_addclosefrom_np (&actions, 3);
#endif
#endif
  posix_spawnattr_init (&attributes);
  posix_spawnattr_setflags (&attributes,
                            POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  /* a group of its own: the compiler's own children are killed with it */
  posix_spawnattr_setpgroup (&attributes, 0);
  posix_spawnattr_setsigmask (&attributes, &none);
  posix_spawnattr_setsigdefault (&attributes, &all);
  status = posix_spawn (pid, argv[0], &actions, &attributes, (char *const *) argv, environment);
  posix_spawnattr_destroy (&attributes);
  posix_spawn_file_actions_destroy (&actions);
  return status;
}

static gboolean
start (Child *self, const char *const *argv, const char *folder, guint timeout_ms, GError **error)
{
  int ends[2];
  int status;

  if (pipe2 (ends, O_CLOEXEC) != 0)
    {
      g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_RESOURCE,
                   "cannot start the compiler %s: %s", argv[0], g_strerror (errno));
      return FALSE;
    }
  status = spawn (argv, folder, ends[1], &self->pid);
  close (ends[1]);
  if (status != 0)
    {
      close (ends[0]);
      g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_RESOURCE,
                   "cannot start the compiler %s: %s", argv[0], g_strerror (status));
      return FALSE;
    }
  limit (self->pid, timeout_ms);
  self->pipe = ends[0];
#ifdef SYS_pidfd_open
  self->process = (int) syscall (SYS_pidfd_open, self->pid, 0);
#else
  self->process = -1;
#endif
  self->until = g_get_monotonic_time () + (gint64) timeout_ms * 1000;
  return TRUE;
}

/* Waits until @fd can be read or has ended. Returns: FALSE when the child is to be ended */
static gboolean
wait_for (Child *self, int fd)
{
  struct pollfd fds[] = { { .fd = fd, .events = POLLIN },
                          { .fd = self->cancel, .events = POLLIN } };
  int n;

  do
    {
      gint64 left = (self->until - g_get_monotonic_time () + 999) / 1000;

      n = left > 0 ? poll (fds, G_N_ELEMENTS (fds), (int) left) : 0;
    }
  while (n < 0 && errno == EINTR);
  return n != 0 && fds[1].revents == 0;
}

/* Returns: FALSE when the child is to be ended */
static gboolean
read_all (Child *self, GString *output)
{
  for (;;)
    {
      char bytes[4096];
      gssize n;

      if (!wait_for (self, self->pipe))
        return FALSE;
      n = read (self->pipe, bytes, sizeof bytes);
      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        break;
      g_string_append_len (output, bytes, (gssize) MIN ((gsize) n, OUTPUT_LIMIT - output->len));
    }
  /* it may have closed its stderr and go on */
  return self->process < 0 || wait_for (self, self->process);
}

/* Ends the child with all that it started, and waits until none of them can make a file any more:
 * then nobody has the other end of the pipe. */
static void
end (Child *self, GString *output)
{
  kill (-self->pid, SIGKILL);
  self->cancel = -1;
  self->until = g_get_monotonic_time () + END_US;
  read_all (self, output);
}

/* Returns: its wait status, 0 where somebody else has taken that already */
static int
reap (Child *self)
{
  int status = 0;

  while (waitpid (self->pid, &status, 0) < 0)
    if (errno != EINTR)
      return 0;
  return status;
}

/* Who runs it chose PATH and PINWHEEL_CXX, and must not choose what runs with other rights. */
static gboolean
check_rights (const char *program, GError **error)
{
  if (getauxval (AT_SECURE) == 0)
    return TRUE;
  g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_KERNEL,
               "this program runs with another user's rights (set-user-ID or capabilities) and "
               "does not start the compiler %s with them; run it without",
               program);
  return FALSE;
}

gboolean
pinwheel_toolchain_run (const char *const *argv, const char *folder, guint timeout_ms,
                        GCancellable *cancellable, char **output, GError **error)
{
  g_autoptr (GString) text = g_string_new (NULL);
  Child child = { .cancel = -1 };
  gboolean ended;
  int status;

  *output = NULL;
  if (!check_rights (argv[0], error) || g_cancellable_set_error_if_cancelled (cancellable, error)
      || !start (&child, argv, folder, timeout_ms, error))
    return FALSE;
  child.cancel = g_cancellable_get_fd (cancellable);
  ended = !read_all (&child, text);
  if (child.cancel >= 0)
    g_cancellable_release_fd (cancellable);
  if (ended)
    end (&child, text);
  status = reap (&child);
  close (child.pipe);
  if (child.process >= 0)
    close (child.process);

  if (ended)
    {
      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_KERNEL,
                   "the compiler %s was stopped after %u s", argv[0], timeout_ms / 1000);
      return FALSE;
    }
  if (text->len == OUTPUT_LIMIT)
    g_string_append (text, "\n[...]\n");
  if (WIFSIGNALED (status))
    g_string_append_printf (text, "the compiler was ended by signal %d (%s)\n", WTERMSIG (status),
                            g_strsignal (WTERMSIG (status)));
  *output = g_utf8_make_valid (text->str, (gssize) text->len);
  return status == 0;
}
