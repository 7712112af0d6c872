/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* CUDA C to PTX by NVRTC, which needs no GPU.
 *
 *     nvrtc-compile FILE.cu OUTPUT.ptx OPTION...
 *
 * OPTION: NVRTC's own, as --gpu-architecture=compute_90. Exits with 77 where there is no NVRTC. The
 * library is opened at run time; PINWHEEL_NVRTC names another one. */
#include "config.h"

#include <gmodule.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct _nvrtcProgram *Program;

/* As nvrtc.h has them; every result is 0 for success. */
static struct
{
  int (*create) (Program *, const char *source, const char *name, int n_headers,
                 const char *const *headers, const char *const *include_names);
  int (*compile) (Program, int n_options, const char *const *options);
  int (*get_ptx_size) (Program, size_t *);
  int (*get_ptx) (Program, char *);
  int (*get_log_size) (Program, size_t *);
  int (*get_log) (Program, char *);
  int (*version) (int *major, int *minor);
} nvrtc;

static GModule *
open_library (void)
{
  static const char *const names[] = { "libnvrtc.so.13", "libnvrtc.so",
                                       "/usr/local/cuda/lib64/libnvrtc.so.13",
                                       "/usr/local/cuda/lib64/libnvrtc.so", "libnvrtc.so.12" };
  const char *chosen = g_getenv ("PINWHEEL_NVRTC");
  GModule *library = chosen != NULL ? g_module_open (chosen, G_MODULE_BIND_LOCAL) : NULL;

  for (guint k = 0; chosen == NULL && library == NULL && k < G_N_ELEMENTS (names); k++)
    library = g_module_open (names[k], G_MODULE_BIND_LOCAL);
  return library;
}

static gboolean
find_functions (GModule *library)
{
  const struct
  {
    const char *name;
    gpointer *function;
  } functions[] = {
    { "nvrtcCreateProgram", (gpointer *) &nvrtc.create },
    { "nvrtcCompileProgram", (gpointer *) &nvrtc.compile },
    { "nvrtcGetPTXSize", (gpointer *) &nvrtc.get_ptx_size },
    { "nvrtcGetPTX", (gpointer *) &nvrtc.get_ptx },
    { "nvrtcGetProgramLogSize", (gpointer *) &nvrtc.get_log_size },
    { "nvrtcGetProgramLog", (gpointer *) &nvrtc.get_log },
    { "nvrtcVersion", (gpointer *) &nvrtc.version },
  };

  for (guint k = 0; k < G_N_ELEMENTS (functions); k++)
    if (!g_module_symbol (library, functions[k].name, functions[k].function))
      return FALSE;
  return TRUE;
}

static void
show_log (Program program)
{
  size_t size = 0;
  g_autofree char *log = NULL;

  if (nvrtc.get_log_size (program, &size) != 0)
    return;
  log = g_malloc0 (size + 1);
  nvrtc.get_log (program, log);
  fputs (log, stderr);
}

int
main (int argc, char **argv)
{
  g_autofree gchar *source = NULL;
  g_autofree char *ptx = NULL;
  GModule *library = open_library ();
  Program program;
  size_t size = 0;
  int major = 0, minor = 0;

  if (library == NULL || !find_functions (library))
    {
      fprintf (stderr, "nvrtc-compile: there is no NVRTC\n");
      return 77;
    }
  if (argc < 3 || !g_file_get_contents (argv[1], &source, NULL, NULL))
    {
      fprintf (stderr, "nvrtc-compile: FILE.cu OUTPUT.ptx OPTION...\n");
      return 1;
    }
  if (nvrtc.create (&program, source, argv[1], 0, NULL, NULL) != 0)
    return 1;
  if (nvrtc.compile (program, argc - 3, (const char *const *) argv + 3) != 0
      || nvrtc.get_ptx_size (program, &size) != 0)
    {
      show_log (program);
      return 1;
    }
  ptx = g_malloc0 (size + 1);
  nvrtc.get_ptx (program, ptx);
  nvrtc.version (&major, &minor);
  fprintf (stderr, "NVRTC %d.%d\n", major, minor);
  return g_file_set_contents (argv[2], ptx, -1, NULL) ? 0 : 1;
}
