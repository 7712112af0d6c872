/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* CUDA C to native code: [names of CUDA + the user's source + a loop over the threads], compiled by
 * the system's C++ compiler. How the thread loop is made is known to host-source.c alone. */
#pragma once
#include <gio/gio.h>
#include <pinwheel/kernel.h>

#include "compute/signature-private.h"

/* Part of every cache key: raise it when generated code and library no longer fit together. */
#define PINWHEEL_HOST_ABI 2

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
 * markers, in which headers count */
char *pinwheel_host_preprocess (const char *file, const char *source, const char *include_dir,
                                GCancellable *cancellable, GError **error);
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

/* The whole source for the compiler. @lowered: (nullable): the kernel's body from pinwheel_lower();
 * without it the body is called thread by thread, or as fibers where they wait for each other.
 * Returns: (transfer full) */
char *pinwheel_host_source (const PinwheelSignature *signature, const guint block[3],
                            const char *lowered);
/* Turns the kernel's body into loops over the threads of a block. @summary: what it has become
 * (`3 regions, 1 mask`), or why that was not possible (`a lambda, k.cu:17`)
 * Returns: (transfer full) (nullable) */
char *pinwheel_lower (const PinwheelSignature *signature, const guint block[3], char **summary);
/* Appends what of the mathematics @tokens names. */
void pinwheel_host_math_append (GString *text, const PinwheelTokens *tokens);
/* Appends, behind host-shim.h, what @tokens name of its operations on parts of words. */
void pinwheel_host_words_append (GString *text, const PinwheelTokens *tokens);
/* Likewise, with every thread as a fiber: right for every kernel, and slow. */
char *pinwheel_host_fiber_source (const PinwheelSignature *signature, const guint block[3]);
/* Returns: (transfer full) (nullable): why the kernel runs as fibers: `barrier, k.cu:17` */
char *pinwheel_host_needs_fibers (const PinwheelSignature *signature, const guint block[3]);
/* Parts of such a source: what comes before a kernel runs, and its parameters, with or without
 * their types, each behind a comma. */
void pinwheel_append_program (GString *text, const PinwheelSignature *signature,
                              const guint block[3], const char *more_shim, const char *lowered);
void pinwheel_append_parameters (GString *text, const PinwheelSignature *signature, gboolean types);
/* Definitions of a0, a1 ... out of `arguments` */
void pinwheel_append_arguments (GString *text, const PinwheelSignature *signature);
/* Appends `# 12 "file"` and a line end. */
void pinwheel_append_line_marker (GString *text, guint line, const char *file);

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
