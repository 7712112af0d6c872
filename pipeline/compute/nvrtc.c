/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <pinwheel/error.h>

#include "base/log-private.h"
#include "base/user-cache-private.h"
#include "compute/cache-private.h"
#include "compute/headers-private.h"
#include "compute/nvrtc-private.h"

/* Part of every key: raise it when the prologue or an entry's layout changes. */
#define FORMAT            1
#define ERROR_COMPILATION 6

/* What a kernel may use without an #include on the host too */
static const char prologue[]
    = "typedef signed char int8_t;\ntypedef short int16_t;\ntypedef int int32_t;\n"
      "typedef long int64_t;\ntypedef unsigned char uint8_t;\ntypedef unsigned short uint16_t;\n"
      "typedef unsigned int uint32_t;\ntypedef unsigned long uint64_t;\n"
      "typedef long intptr_t;\ntypedef unsigned long uintptr_t;\n"
      "typedef unsigned char uchar;\ntypedef unsigned short ushort;\ntypedef unsigned int uint;\n"
      "typedef unsigned long ulong;\n"
      "#define NAN __int_as_float (0x7fc00000)\n#define INFINITY __int_as_float (0x7f800000)\n";

/* One kernel on its way to compiled code. */
typedef struct
{
  const PinwheelNvrtc *nvrtc;
  const PinwheelNvrtcBuild *build;
  gboolean is_ptx;
  GPtrArray *options; /* owned: of owned strings */
  char *source;       /* owned: prologue and the user's */
  char *name;         /* owned: of the entry */
  gboolean certain;   /* @name holds everything that could change the code */
  PinwheelNvrtcProgram program;
} Job;

static void
clear_job (Job *self)
{
  if (self->program != NULL)
    self->nvrtc->DestroyProgram (&self->program);
  g_clear_pointer (&self->options, g_ptr_array_unref);
  g_free (self->source);
  g_free (self->name);
}

/* `sm_90`, `sm_90a`, `compute_90`, of those that this library compiles for */
static gboolean
check_arch (Job *self, GError **error)
{
  const char *arch = self->build->arch;
  g_autofree char *known = pinwheel_nvrtc_list_archs (self->nvrtc);
  g_auto (GStrv) all = g_strsplit (known, " ", -1);
  g_autofree char *number = NULL;
  const char *digits = arch;

  self->is_ptx = g_str_has_prefix (arch, "compute_");
  if (self->is_ptx || g_str_has_prefix (arch, "sm_"))
    digits = strchr (arch, '_') + 1;
  number = g_strndup (digits, strspn (digits, "0123456789"));
  digits += strlen (number);
  if (digits > arch + strlen ("sm_") && g_strv_contains ((const char *const *) all, number)
      && (*digits == '\0' || ((*digits == 'a' || *digits == 'f') && digits[1] == '\0')))
    return TRUE;
  g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_KERNEL,
               "'%s' is no architecture that NVRTC %d.%d compiles for; expected sm_ (or compute_ "
               "for PTX) and one of %s",
               arch, self->nvrtc->major, self->nvrtc->minor, known);
  return FALSE;
}

static void
add_option (Job *self, const char *name, const char *value)
{
  g_ptr_array_add (self->options, g_strconcat (name, value, NULL));
}

static void
name_entry (Job *self)
{
  const PinwheelNvrtcBuild *build = self->build;
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  g_autoptr (GString) text = g_string_new (NULL);

  g_string_append_printf (text, "%d\n%d.%d\n%s\n%s\n", FORMAT, self->nvrtc->major,
                          self->nvrtc->minor, self->nvrtc->identity, build->entry);
  for (guint i = 0; i < self->options->len; i++)
    g_string_append_printf (text, "%s\n", (const char *) self->options->pdata[i]);
  g_checksum_update (sum, (const guchar *) text->str, (gssize) text->len + 1);
  g_checksum_update (sum, (const guchar *) self->source, (gssize) strlen (self->source) + 1);
  self->certain = pinwheel_headers_digest (sum, build->source, build->include_dir, NULL);
  self->name = g_strconcat (g_checksum_get_string (sum), self->is_ptx ? ".ptx" : ".cubin", NULL);
}

static gboolean
prepare_job (Job *self, const PinwheelNvrtcBuild *build, GError **error)
{
  g_autoptr (GString) source = g_string_new (prologue);
  g_autofree char *file = g_strescape (build->file, NULL);

  *self = (Job){ .build = build, .nvrtc = pinwheel_nvrtc_open (error) };
  if (self->nvrtc == NULL || !check_arch (self, error))
    return FALSE;
  self->options = g_ptr_array_new_with_free_func (g_free);
  add_option (self, "--gpu-architecture=", build->arch);
  add_option (self, "--std=", "c++17");
  add_option (self, "--fmad=", build->fp_mode == PINWHEEL_FP_EXACT ? "false" : "true");
  if (build->include_dir != NULL)
    add_option (self, "--include-path=", build->include_dir);
  if (self->nvrtc->include != NULL)
    add_option (self, "--include-path=", self->nvrtc->include);
  g_string_append_printf (source, "#line 1 \"%s\"\n%s", file, build->source);
  self->source = g_string_free (g_steal_pointer (&source), FALSE);
  name_entry (self);
  return TRUE;
}

/* Called by NVRTC, in any thread. Returns: 1 to give up */
static int
is_cancelled (void *data, void *unused)
{
  return g_cancellable_is_cancelled (data) ? 1 : 0;
}

/* Returns: (transfer full): what it says, without blank ends */
static char *
read_log (Job *self)
{
  g_autofree char *log = NULL;
  size_t size = 0;

  if (self->program == NULL || self->nvrtc->GetProgramLogSize (self->program, &size) != 0)
    return g_strdup ("");
  log = g_malloc0 (size + 1);
  if (self->nvrtc->GetProgramLog (self->program, log) != 0)
    return g_strdup ("");
  return g_strchomp (g_utf8_make_valid (log, -1));
}

static gboolean
set_failure (Job *self, int result, const char *what, GError **error)
{
  const PinwheelNvrtcBuild *build = self->build;
  g_autofree char *log = read_log (self);

  if (g_cancellable_set_error_if_cancelled (build->cancellable, error))
    return FALSE;
  if (result == ERROR_COMPILATION)
    g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_KERNEL,
                 "%s: kernel '%s' does not compile for %s:\n%s", build->file, build->entry,
                 build->arch, log);
  else
    g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_KERNEL,
                 "%s: kernel '%s': NVRTC %d.%d cannot %s for %s: %s%s%s", build->file, build->entry,
                 self->nvrtc->major, self->nvrtc->minor, what, build->arch,
                 self->nvrtc->GetErrorString (result), *log != '\0' ? "\n" : "", log);
  return FALSE;
}

static gboolean
compile_program (Job *self, GError **error)
{
  const PinwheelNvrtc *nvrtc = self->nvrtc;
  gint64 begun = g_get_monotonic_time ();
  int result;

  if (g_cancellable_set_error_if_cancelled (self->build->cancellable, error))
    return FALSE;
  result = nvrtc->CreateProgram (&self->program, self->source, self->build->file, 0, NULL, NULL);
  if (result != 0)
    return set_failure (self, result, "begin", error);
  result = nvrtc->AddNameExpression (self->program, self->build->entry);
  if (result != 0)
    return set_failure (self, result, "look for this name", error);
  if (self->build->cancellable != NULL && nvrtc->SetFlowCallback != NULL)
    nvrtc->SetFlowCallback (self->program, is_cancelled, self->build->cancellable);
  result = nvrtc->CompileProgram (self->program, (int) self->options->len,
                                  (const char *const *) self->options->pdata);
  if (result != 0)
    return set_failure (self, result, "compile", error);
  pinwheel_log ("compute", PINWHEEL_LOG_INFO, self->build->entry,
                "compiled by NVRTC %d.%d for %s in %d ms", nvrtc->major, nvrtc->minor,
                self->build->arch, (int) ((g_get_monotonic_time () - begun) / 1000));
  return TRUE;
}

static gboolean
take_code (Job *self, PinwheelNvrtcCode *code, GError **error)
{
  const PinwheelNvrtc *nvrtc = self->nvrtc;
  const char *symbol;
  char *bytes;
  size_t size = 0;
  int result = (self->is_ptx ? nvrtc->GetPTXSize : nvrtc->GetCUBINSize) (self->program, &size);

  if (result != 0)
    return set_failure (self, result, "give the code", error);
  bytes = g_malloc (MAX (size, 1));
  code->code = g_bytes_new_take (bytes, size);
  result = (self->is_ptx ? nvrtc->GetPTX : nvrtc->GetCUBIN) (self->program, bytes);
  if (result == 0)
    result = nvrtc->GetLoweredName (self->program, self->build->entry, &symbol);
  if (result != 0)
    return set_failure (self, result, "give the code", error);
  code->symbol = g_strdup (symbol);
  return TRUE;
}

/* An entry is the symbol, a zero byte, and the code. */
static gboolean
write_entry (Job *self, PinwheelNvrtcCode *code, GError **error)
{
  g_autofree char *folder = pinwheel_cache_begin (error);
  g_autofree char *built = folder != NULL ? g_build_filename (folder, "kernel", NULL) : NULL;
  g_autoptr (GString) content = g_string_new (code->symbol);
  int fd = -1;

  if (folder == NULL)
    return FALSE;
  g_string_append_c (content, '\0');
  g_string_append_len (content, g_bytes_get_data (code->code, NULL),
                       (gssize) g_bytes_get_size (code->code));
  if (g_file_set_contents_full (built, content->str, (gssize) content->len,
                                G_FILE_SET_CONTENTS_NONE, 0600, error))
    fd = pinwheel_cache_commit (folder, built, self->name, &code->path, error);
  pinwheel_cache_end (folder);
  if (fd < 0)
    return FALSE;
  close (fd);
  return TRUE;
}

static gboolean
read_entry (Job *self, PinwheelNvrtcCode *code)
{
  int fd = self->certain ? pinwheel_cache_open (self->name, &code->path) : -1;
  g_autoptr (GBytes) content = fd >= 0 ? pinwheel_sealed_file_read (fd, NULL) : NULL;
  const char *bytes;
  gsize size, length;

  if (fd >= 0)
    close (fd);
  if (content == NULL)
    return FALSE;
  bytes = g_bytes_get_data (content, &size);
  length = strnlen (bytes, size);
  if (length == size)
    return FALSE;
  code->symbol = g_strdup (bytes);
  code->code = g_bytes_new (bytes + length + 1, size - length - 1);
  return TRUE;
}

gboolean
pinwheel_nvrtc_build (const PinwheelNvrtcBuild *build, PinwheelNvrtcCode *code, GError **error)
{
  Job job;
  gboolean ok;

  *code = (PinwheelNvrtcCode){ .code = NULL };
  ok = prepare_job (&job, build, error);
  if (ok)
    {
      code->found = read_entry (&job, code);
      ok = code->found
           || (compile_program (&job, error) && take_code (&job, code, error)
               && write_entry (&job, code, error));
    }
  clear_job (&job);
  return ok;
}

void
pinwheel_nvrtc_code_clear (PinwheelNvrtcCode *code)
{
  g_clear_pointer (&code->code, g_bytes_unref);
  g_clear_pointer (&code->symbol, g_free);
  g_clear_pointer (&code->path, g_free);
}
