/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* CUDA C to native code: [names of CUDA + the user's source + a loop over the threads], compiled by
 * the system's C++ compiler. How the thread loop is made is known to host-source.c alone. */
#pragma once
#include <gio/gio.h>
#include <pinwheel/kernel.h>

#include "compute/signature-private.h"

/* Part of every cache key: raise it when code of before no longer fits what it calls in the
 * library, for a reason that is not in the files of which the generator's digest is made. */
#define PINWHEEL_HOST_ABI 2

/* A file that is our own, in line markers and errors, and the folder of our own headers */
#define PINWHEEL_HOST_OWN_FILE "<pinwheel>"

/* A line of a source whose code reaches thread-local memory by the compiler's own means */
#define PINWHEEL_HOST_OWN_MEMORY "#define PINWHEEL_OWN_MEMORY 1\n"

/* What a kernel is compiled for, besides its source */
typedef struct
{
  guint block[3]; /* threads of a block, fixed from now on */
  PinwheelFpMode fp_mode;
  GCancellable *cancellable; /* (nullable): ends the compiler */
} PinwheelHostBuild;

/* Whether @file's text must go through pinwheel_host_preprocess() before its signature is read. */
gboolean pinwheel_host_needs_preprocessor (const char *file, const char *source);
/* @include_dir: (nullable): where #include "..." looks. Returns: (transfer full): text with line
 * markers, in which headers count; out of the cache, where all that it is made of is the same */
char *pinwheel_host_preprocess (const char *file, const char *source, const char *include_dir,
                                GCancellable *cancellable, GError **error);

/* What is preprocessed: the arguments of pinwheel_host_preprocess() */
typedef struct
{
  const char *file, *source, *include_dir;
  GCancellable *cancellable;
} PinwheelPreprocess;

/* Likewise, by @program, which works in @folder */
char *pinwheel_host_run_preprocessor (const PinwheelPreprocess *job, char *program,
                                      const char *folder, GError **error);
gboolean pinwheel_host_write (const char *path, const char *text, GError **error);

/* Compiles, or finds in the cache.
 * @found: (out): whether it was there; @path: (out) (transfer full): where it is now
 * Returns: descriptor of a shared object with the symbol pinwheel_run, or -1 */
int pinwheel_host_build (const PinwheelSignature *signature, const PinwheelHostBuild *build,
                         gboolean *found, char **path, GError **error);
/* The same for code that this process runs. Returns: (transfer full): what dlopen() takes */
char *pinwheel_host_compile (const PinwheelSignature *signature, const PinwheelHostBuild *build,
                             GError **error);

/* The same for @source alone, which need not be what pinwheel_host_compile() makes of the kernel */
char *pinwheel_host_compile_source (const PinwheelSignature *signature,
                                    const PinwheelHostBuild *build, const char *source,
                                    GError **error);

/* @flags: of the compiler
 * @source: (nullable): what is compiled in the kernel's place
 * Returns: (transfer full): a name for the code, another one wherever the source for the compiler
 * is another one, or what is made of it here */
char *pinwheel_host_key (const PinwheelSignature *signature, const PinwheelHostBuild *build,
                         const char *flags, const char *source);

/* The whole source for the compiler. @lowered: (nullable): the kernel's body from pinwheel_lower();
 * without it the body is called thread by thread, or as fibers where they wait for each other.
 * Returns: (transfer full) */
char *pinwheel_host_source (const PinwheelSignature *signature, const guint block[3],
                            const char *lowered);
/* Turns the kernel's body into loops over the threads of a block. @summary: what it has become
 * (`3 regions, 1 mask`), or why that was not possible (`a lambda, k.cu:17`)
 * Returns: (transfer full) (nullable) */
char *pinwheel_lower (const PinwheelSignature *signature, const guint block[3], char **summary);
/* The names of the shim's functions that take numbers, give one and do nothing else */
extern const char *const pinwheel_pure_functions[];
/* Whether @tokens define a function that has a name of one of the shim's. */
gboolean pinwheel_host_math_is_defined (const PinwheelTokens *tokens);
/* Appends what of the mathematics @tokens names. */
void pinwheel_host_math_append (GString *text, const PinwheelTokens *tokens);
/* Appends, behind host-shim.h, what @tokens name of its operations on parts of words. */
void pinwheel_host_words_append (GString *text, const PinwheelTokens *tokens);
/* Likewise, with every thread as a fiber: right for every kernel, and slow. */
char *pinwheel_host_fiber_source (const PinwheelSignature *signature, const guint block[3]);
/* @location: from pinwheel_host_compile(), and loaded since
 * Returns: (transfer full) (nullable): why the kernel runs as fibers: `barrier, k.cu:17` */
char *pinwheel_host_needs_fibers (const char *location);
/* Parts of such a source: what comes before a kernel runs, and its parameters, with or without
 * their types, each behind a comma. */
void pinwheel_append_program (GString *text, const PinwheelSignature *signature,
                              const guint block[3], const char *more_shim, const char *lowered);
void pinwheel_append_parameters (GString *text, const PinwheelSignature *signature, gboolean types);
/* Definitions of a0, a1 ... out of `arguments` */
void pinwheel_append_arguments (GString *text, const PinwheelSignature *signature);
/* Appends `# 12 "file"` and a line end. */
void pinwheel_append_line_marker (GString *text, guint line, const char *file);

/* Versions of clang that are taken before gcc */
#define PINWHEEL_OLDEST_CLANG 16
#define PINWHEEL_NEWEST_CLANG 25

/* What is found of compilers */
typedef enum
{
  PINWHEEL_COMPILER_NEW_CLANG, /* with its version in its name: the newest one */
  PINWHEEL_COMPILER_CLANG,     /* without one */
  PINWHEEL_COMPILER_ANY,
  PINWHEEL_N_COMPILERS
} PinwheelCompilerKind;

/* Returns: (transfer full): for each kind the absolute path, or "": of what is in PATH now. That a
 * file has been given other rights, or that a link leads elsewhere, may be seen later. */
char **pinwheel_compilers_find (void);

/* Returns: (transfer full): path of the C++ compiler, from PINWHEEL_CXX or PATH */
char *pinwheel_toolchain_find (GError **error);
/* Returns: (transfer full): text that changes when another compiler is behind @program */
char *pinwheel_toolchain_identity (const char *program);
/* Whether it knows what gcc alone has. */
gboolean pinwheel_toolchain_is_gcc (const char *program);
/* Runs @argv without a shell, in a clean environment, with limits on time and memory.
 * @folder: for its temporary files
 * @cancellable: (nullable): ends it and all that it started at once: G_IO_ERROR_CANCELLED
 * @output: what it wrote to stderr, valid UTF-8, cut short where it is very long
 * Returns: TRUE when it ended by itself with status 0; FALSE without @error when it said no */
gboolean pinwheel_toolchain_run (const char *const *argv, const char *folder, guint timeout_ms,
                                 GCancellable *cancellable, char **output, GError **error);
