/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* CUDA C to code for CUDA devices, by NVRTC, which needs none of them. The library is opened at run
 * time, by whoever compiles first; its functions are declared here, so that no header of the
 * toolkit's is needed to build. Any thread. */
#pragma once
#include <gio/gio.h>
#include <pinwheel/kernel.h>

typedef struct _nvrtcProgram *PinwheelNvrtcProgram;

/* The functions by their names without `nvrtc`; each returns 0 for success. Immutable once open. */
typedef struct
{
  int major, minor;
  char *identity; /* changes when another library is there */
  char *include;  /* (nullable): folder of the toolkit's headers */

  const char *(*GetErrorString) (int result);
  int (*Version) (int *major, int *minor);
  int (*GetNumSupportedArchs) (int *n);
  int (*GetSupportedArchs) (int *archs);
  int (*CreateProgram) (PinwheelNvrtcProgram *program, const char *source, const char *name, int n,
                        const char *const *headers, const char *const *names);
  int (*DestroyProgram) (PinwheelNvrtcProgram *program);
  int (*CompileProgram) (PinwheelNvrtcProgram program, int n, const char *const *options);
  int (*GetPTXSize) (PinwheelNvrtcProgram program, size_t *size);
  int (*GetPTX) (PinwheelNvrtcProgram program, char *ptx);
  int (*GetCUBINSize) (PinwheelNvrtcProgram program, size_t *size);
  int (*GetCUBIN) (PinwheelNvrtcProgram program, char *cubin);
  int (*GetProgramLogSize) (PinwheelNvrtcProgram program, size_t *size);
  int (*GetProgramLog) (PinwheelNvrtcProgram program, char *log);
  int (*AddNameExpression) (PinwheelNvrtcProgram program, const char *expression);
  int (*GetLoweredName) (PinwheelNvrtcProgram program, const char *expression, const char **name);
  /* (nullable): since 12.9 */
  int (*SetFlowCallback) (PinwheelNvrtcProgram program, int (*ask) (void *, void *), void *data);
} PinwheelNvrtc;

/* Returns: (transfer none): the library, opened once; NULL with PINWHEEL_ERROR_KERNEL where there
 * is none, or one that lacks a function */
const PinwheelNvrtc *pinwheel_nvrtc_open (GError **error);
/* Returns: (transfer full): `75 80 86`, what architectures it compiles for */
char *pinwheel_nvrtc_list_archs (const PinwheelNvrtc *self);

typedef struct
{
  const char *file;        /* in messages */
  const char *source;      /* as the user wrote it: NVRTC has a preprocessor of its own */
  const char *entry;       /* name of the kernel with its namespaces */
  const char *include_dir; /* (nullable): where #include "..." looks */
  const char *arch;        /* `sm_90` gives a cubin, `compute_90` PTX */
  PinwheelFpMode fp_mode;
  GCancellable *cancellable; /* (nullable) */
} PinwheelNvrtcBuild;

typedef struct
{
  GBytes *code;
  char *symbol; /* the kernel's name in @code */
  char *path;   /* the entry in the cache */
  gboolean found;
} PinwheelNvrtcCode;

/* Compiles, or finds in the cache. @code: (out): cleared by the caller, also after a failure.
 * Errors: PINWHEEL_ERROR_KERNEL with NVRTC's whole log, G_IO_ERROR_CANCELLED */
gboolean pinwheel_nvrtc_build (const PinwheelNvrtcBuild *build, PinwheelNvrtcCode *code,
                               GError **error);
void pinwheel_nvrtc_code_clear (PinwheelNvrtcCode *code);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PinwheelNvrtcCode, pinwheel_nvrtc_code_clear)
