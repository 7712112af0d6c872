/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <dlfcn.h>
#include <string.h>

#include <pinwheel/error.h>

#include "base/log-private.h"
#include "compute/cache-private.h"
#include "compute/host-compiler-private.h"
#include "device/host-launch-private.h"

#define TIMEOUT_MS   60000
#define ENTRY_SUFFIX ".so"

/* For the preprocessor and the compiler alike */
static const char *const common_flags[] = { "-std=c++17",         "-nostdinc",
                                            "-nostdinc++",        "-D__CUDACC__=1",
                                            "-D__CUDACC_RTC__=1", "-DPINWHEEL_HOST=1" };

/* Overflow wraps as on a GPU. No traps and no errno: only then branches become vector masks. A
 * whole program of one exported function: every other one may be inlined. No start files and only
 * libm: linking takes a tenth of the time. Code and constants on the same pages: a third of the
 * file, which is read and hashed whenever it is loaded, and half as many pieces to map. Vectors as
 * long as the processor has them: for many of Intel's compilers take half of that, and twice the
 * time. Loops begin where what a processor fetches begins: a short one is up to a fifth quicker. */
static const char *const compile_flags[] = { "-O3",
#if defined(__x86_64__) || defined(__i386__)
                                             "-march=native",
                                             "-mprefer-vector-width=512",
#elif defined(__aarch64__)
                                             "-mcpu=native",
#endif
                                             "-falign-loops=64",
                                             "-fno-math-errno",
                                             "-fno-trapping-math",
                                             "-fwrapv",
                                             "-fno-strict-aliasing",
                                             "-fno-exceptions",
                                             "-fno-rtti",
                                             "-fno-asynchronous-unwind-tables",
                                             "-fvisibility=hidden",
                                             "-fwhole-program",
                                             "-fPIC",
                                             "-shared",
                                             "-nostdlib",
                                             "-Wl,-z,noseparate-code",
                                             "-pipe",
                                             "-w" };
/* Of gcc and clang alike. Without contraction + - * / and sqrt give the bits of IEEE 754. `on` is
 * done where an expression is read: `fast`, done where code is emitted, may contract the body of a
 * vector loop otherwise than what is left over at its end, and bits would depend on where a chunk
 * begins. gcc knows `on` from version 14; before, it contracts nothing. */
static const char *const fp_flags[]
    = { [PINWHEEL_FP_FAST] = "-ffp-contract=on", [PINWHEEL_FP_EXACT] = "-ffp-contract=off" };
/* Marks for the end of a variable's life would keep branches around it from becoming masks. gcc 12
 * takes the first answer of a loop over lanes for the second where all lanes are unrolled vectors
 * and the question is of the kind `p[lane] == 0 && lane % 2 == 0`: it threads jumps through masks
 * as if these were numbers. What is loaded in order stays so where nothing is put off until it is
 * used: a sum of many vectors takes a tenth less. */
static const char *const gcc_flags[] = { "-fstack-reuse=none", "-fno-thread-jumps",
                                         "-fno-tree-ter" };
/* That lanes are independent says nothing of one lane's own `y[3 * i] = a; y[3 * i] += b;`, but
 * clang then looks at no dependence at all before it joins accesses with a stride. Loops over 64
 * lanes are not to be unrolled before they become vectors. */
static const char *const clang_flags[] = { "-mllvm", "-enable-interleaved-mem-accesses=false",
                                           "-mllvm", "-unroll-full-max-count=8" };
#if defined(__x86_64__) || defined(__i386__)
/* Of the registers that __tls_get_addr may use, those that came with AVX-512 are not on clang's
 * list. */
static const char *const clang_own_memory_flags[] = { "-mno-avx512f" };
#endif
static const char *const libraries[] = { "-lm", "-lc", "-lgcc" };

static void
add_all (GPtrArray *argv, const char *const *words, guint n)
{
  for (guint i = 0; i < n; i++)
    g_ptr_array_add (argv, (gpointer) words[i]);
}

gboolean
pinwheel_host_needs_preprocessor (const char *file, const char *source)
{
  g_autoptr (PinwheelTokens) tokens = pinwheel_tokens_new (file, source);

  return tokens->needs_preprocessor;
}

gboolean
pinwheel_host_write (const char *path, const char *text, GError **error)
{
  GError *cause = NULL;

  if (g_file_set_contents (path, text, -1, &cause))
    return TRUE;
  g_set_error_literal (error, PINWHEEL_ERROR, PINWHEEL_ERROR_RESOURCE, cause->message);
  g_error_free (cause);
  return FALSE;
}

/* The hidden parameters of a kernel are none of the user's business. */
static void
set_compile_error (GError **error, const char *subject, const char *output)
{
  g_autoptr (GString) text = g_string_new (output);

  g_string_replace (text, "(uint3, uint3, dim3, ", "(", 0);
  g_string_replace (text, "(uint3, uint3, dim3)", "()", 0);
  while (text->len > 0 && g_ascii_isspace (text->str[text->len - 1]))
    g_string_truncate (text, text->len - 1);
  g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_KERNEL, "%s:\n%s", subject, text->str);
}

/* Cuts off what the preprocessor says about itself before the user's first line, and takes out
 * where it worked: another folder every time, which would make another text of the same file. */
static char *
clean_result (const char *text, const char *marker, const char *folder)
{
  const char *found = strstr (text, marker);
  g_autoptr (GString) result = g_string_new (found != NULL ? found : text);
  g_autoptr (GString) written = g_string_new (folder);

  /* as line markers have it */
  g_string_replace (written, "\\", "\\\\", 0);
  g_string_replace (written, "\"", "\\\"", 0);
  g_string_replace (result, written->str, PINWHEEL_HOST_OWN_FILE, 0);
  return g_string_free (g_steal_pointer (&result), FALSE);
}

/* Headers of CUDA's that declare nothing which is not there without them, or only what is refused
 * where it is used: for the preprocessor they are empty. */
static gboolean
write_headers (const char *folder, GError **error)
{
  static const char *const names[] = {
    "cooperative_groups.h",       "cuda.h", "cuda_runtime.h", "cuda_runtime_api.h",
    "device_launch_parameters.h", "mma.h"
  };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_build_filename (folder, names[i], NULL);

      if (!pinwheel_host_write (path, "", error))
        return FALSE;
    }
  return TRUE;
}

char *
pinwheel_host_run_preprocessor (const PinwheelPreprocess *job, char *program, const char *folder,
                                GError **error)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  g_autofree char *input = g_build_filename (folder, "kernel.cu", NULL);
  g_autofree char *result = g_build_filename (folder, "kernel.ii", NULL);
  g_autofree char *subject = g_strdup_printf ("%s: the preprocessor says", job->file);
  g_autofree char *marker = NULL;
  g_autofree char *output = NULL;
  g_autofree char *content = NULL;
  GError *cause = NULL;

  pinwheel_append_line_marker (text, 1, job->file);
  marker = g_strdup (text->str);
  g_string_append (text, job->source);
  if (!pinwheel_host_write (input, text->str, error) || !write_headers (folder, error))
    return NULL;
  g_ptr_array_add (argv, program);
  add_all (argv, common_flags, G_N_ELEMENTS (common_flags));
  if (job->include_dir != NULL)
    {
      g_ptr_array_add (argv, (gpointer) "-I");
      g_ptr_array_add (argv, (gpointer) job->include_dir);
    }
  add_all (argv, (const char *const[]){ "-idirafter", folder }, 2);
  add_all (argv, (const char *const[]){ "-E", "-x", "c++", input, "-o", result, NULL }, 7);
  if (!pinwheel_toolchain_run ((const char *const *) argv->pdata, folder, TIMEOUT_MS,
                               job->cancellable, &output, &cause))
    {
      if (cause != NULL)
        g_propagate_error (error, cause);
      else
        set_compile_error (error, subject, output);
      return NULL;
    }
  if (!g_file_get_contents (result, &content, NULL, NULL))
    {
      g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_RESOURCE,
                   "the preprocessor %s made no output", program);
      return NULL;
    }
  return clean_result (content, marker, folder);
}

/* One kernel on its way to compiled code. */
typedef struct
{
  const PinwheelSignature *signature;
  const PinwheelHostBuild *build;
  gboolean may_compile;
  char *program;      /* (nullable) owned: the compiler */
  GError *no_program; /* (nullable) owned: why there is none */
  char *source;       /* (nullable) owned: given, or made when there is nothing in the cache */
  char *plain;        /* (nullable) owned: what to compile where @source is not accepted: what is
                         wrong is said about that, which is nearer to the user's text */
  char *stem;         /* owned: the entry's name without what stands for the compiler */
  char *name;         /* (nullable) owned: the entry's name; NULL without a compiler */
} Job;

static void
clear_job (Job *self)
{
  g_free (self->program);
  g_clear_error (&self->no_program);
  g_free (self->source);
  g_free (self->plain);
  g_free (self->stem);
  g_free (self->name);
}

static void
append_all (GString *text, const char *const *words, guint n)
{
  for (guint i = 0; i < n; i++)
    g_string_append_printf (text, "%s ", words[i]);
}

static void
name_entry (Job *self)
{
  g_autoptr (GString) flags = g_string_new (NULL);
  g_autofree char *key = NULL;

  append_all (flags, common_flags, G_N_ELEMENTS (common_flags));
  append_all (flags, compile_flags, G_N_ELEMENTS (compile_flags));
  append_all (flags, gcc_flags, G_N_ELEMENTS (gcc_flags));
  append_all (flags, clang_flags, G_N_ELEMENTS (clang_flags));
  append_all (flags, libraries, G_N_ELEMENTS (libraries));
  append_all (flags, &fp_flags[self->build->fp_mode], 1);
  key = pinwheel_host_key (self->signature, self->build, flags->str, self->source);
  self->stem = g_strconcat (key, "-", NULL);
  if (self->program != NULL)
    {
      g_autofree char *identity = pinwheel_toolchain_identity (self->program);
      g_autofree char *digest = g_compute_checksum_for_string (G_CHECKSUM_SHA256, identity, -1);

      self->name = g_strconcat (self->stem, digest, ENTRY_SUFFIX, NULL);
    }
}

static void
add_compiler_flags (GPtrArray *argv, const char *program, const char *source)
{
  if (pinwheel_toolchain_is_gcc (program))
    {
      add_all (argv, gcc_flags, G_N_ELEMENTS (gcc_flags));
      return;
    }
  add_all (argv, clang_flags, G_N_ELEMENTS (clang_flags));
#if defined(__x86_64__) || defined(__i386__)
  if (strstr (source, PINWHEEL_HOST_OWN_MEMORY) != NULL)
    add_all (argv, clang_own_memory_flags, G_N_ELEMENTS (clang_own_memory_flags));
#endif
}

/* Compiles @source to @result. Returns: FALSE without @error when the compiler said no, which is
 * then in @output */
static gboolean
run_compiler (const Job *self, const char *folder, const char *source, const char *result,
              char **output, GError **error)
{
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  g_autofree char *input = g_build_filename (folder, "kernel.cc", NULL);

  if (!pinwheel_host_write (input, source, error))
    return FALSE;
  g_ptr_array_add (argv, self->program);
  add_all (argv, common_flags, G_N_ELEMENTS (common_flags));
  add_all (argv, compile_flags, G_N_ELEMENTS (compile_flags));
  add_all (argv, &fp_flags[self->build->fp_mode], 1);
  add_compiler_flags (argv, self->program, source);
  add_all (argv, (const char *const[]){ "-x", "c++", input, "-o", result }, 5);
  add_all (argv, libraries, G_N_ELEMENTS (libraries));
  g_ptr_array_add (argv, NULL);
  return pinwheel_toolchain_run ((const char *const *) argv->pdata, folder, TIMEOUT_MS,
                                 self->build->cancellable, output, error);
}

static int
compile_in (Job *self, const char *folder, char **path, GError **error)
{
  const PinwheelSignature *signature = self->signature;
  g_autofree char *result = g_build_filename (folder, "kernel.so", NULL);
  g_autofree char *subject = g_strdup_printf ("%s:%u:%u: kernel '%s' does not compile for the host",
                                              signature->file, signature->line, signature->column,
                                              signature->name);
  g_autofree char *output = NULL;
  GError *cause = NULL;
  gint64 begun = g_get_monotonic_time ();
  gboolean compiled = run_compiler (self, folder, self->source, result, &output, &cause);

  if (!compiled && cause == NULL && self->plain != NULL)
    {
      g_autofree char *complaint = g_steal_pointer (&output);

      compiled = run_compiler (self, folder, self->plain, result, &output, &cause);
      if (compiled)
        pinwheel_log ("compute", PINWHEEL_LOG_INFO, signature->name,
                      "plain: the lowered kernel does not compile: %s", complaint);
    }
  if (!compiled)
    {
      if (cause != NULL)
        g_propagate_prefixed_error (error, cause, "%s: ", subject);
      else
        set_compile_error (error, subject, output);
      return -1;
    }
  pinwheel_log ("compute", PINWHEEL_LOG_INFO, signature->name, "compiled by %s in %d ms",
                self->program, (int) ((g_get_monotonic_time () - begun) / 1000));
  return pinwheel_cache_commit (folder, result, self->name, path, error);
}

/* What the host does not run is said before a compiler is looked for. */
static gboolean
check_refusals (const PinwheelSignature *signature, GError **error)
{
  for (guint i = 0; i < signature->parameters->len; i++)
    {
      const PinwheelParameter *parameter = pinwheel_signature_parameter (signature, i);

      if (parameter->type.dtype == PINWHEEL_DTYPE_F16)
        {
          g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_KERNEL,
                       "%s:%u:%u: kernel '%s': '%s' is an array of %s (f16), with which the host "
                       "device does not compute; use f32, or run it on a CUDA device",
                       parameter->file, parameter->line, parameter->column, signature->name,
                       parameter->name, parameter->type.spelling);
          return FALSE;
        }
    }
  if (signature->refusals->len > 0)
    {
      const PinwheelRefusal *refusal = &g_array_index (signature->refusals, PinwheelRefusal, 0);

      g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_KERNEL,
                   "%s:%u:%u: kernel '%s' %s (%s), which the host device does not run; run it on a "
                   "CUDA device, or write it without",
                   refusal->file, refusal->line, refusal->column, signature->name, refusal->what,
                   refusal->word);
      return FALSE;
    }
  return TRUE;
}

/* Whether kernels may run on the host, and be compiled for that: PINWHEEL_HOST_KERNELS. */
static gboolean
check_permission (Job *self, GError **error)
{
  const char *mode = g_getenv ("PINWHEEL_HOST_KERNELS");

  self->may_compile = mode == NULL || *mode == '\0' || strcmp (mode, "on") == 0;
  if (self->may_compile || strcmp (mode, "cached") == 0)
    return TRUE;
  if (strcmp (mode, "off") == 0)
    g_set_error (
        error, PINWHEEL_ERROR, PINWHEEL_ERROR_KERNEL,
        "kernel '%s': PINWHEEL_HOST_KERNELS=off forbids kernels on the host device; set it "
        "to cached (only those compiled before) or on",
        self->signature->name);
  else
    g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_KERNEL,
                 "PINWHEEL_HOST_KERNELS=%s has no meaning; expected on, cached or off", mode);
  return FALSE;
}

/* Says what the kernel runs as, and why: @body and @summary are from pinwheel_lower(). */
static void
tell_form (const Job *self, const char *body, const char *summary)
{
  const PinwheelSignature *signature = self->signature;

  pinwheel_log ("compute", PINWHEEL_LOG_INFO, signature->name, "%s: %s",
                body != NULL                 ? "lowered"
                : signature->waits->len == 0 ? "plain"
                                             : "fibers",
                summary);
}

/* Whoever loads the code asks it, without lowering the kernel once more. */
static char *
append_reason (char *source, const char *reason)
{
  GString *text = g_string_new (source);
  g_autofree char *literal = g_strescape (reason, NULL);

  g_free (source);
  g_string_append_printf (text,
                          "extern \"C\" __attribute__ ((visibility (\"default\"), "
                          "externally_visible)) const char\n" PINWHEEL_HOST_FIBERS_SYMBOL
                          "[] = \"%s\";\n",
                          literal);
  return g_string_free (text, FALSE);
}

/* The lowered kernel where that can be, and what to fall back on */
static void
write_sources (Job *self)
{
  const PinwheelSignature *signature = self->signature;
  const guint *block = self->build->block;
  g_autofree char *summary = NULL;
  g_autofree char *body = NULL;

  if (!signature->as_fibers)
    body = pinwheel_lower (signature, block, &summary);
  self->source = pinwheel_host_source (signature, block, body);
  if (body != NULL)
    self->plain = pinwheel_host_source (signature, block, NULL);
  else if (signature->waits->len > 0 && summary != NULL)
    self->source = append_reason (self->source, summary);
  if (summary != NULL)
    tell_form (self, body, summary);
}

/* Of code that was found: nobody but a reader of the log needs it now. */
static void
tell_form_of_found (const Job *self)
{
  g_autofree char *summary = NULL;
  g_autofree char *body = NULL;

  if (!pinwheel_log_is_on (PINWHEEL_LOG_INFO) || self->source != NULL || self->signature->as_fibers)
    return;
  body = pinwheel_lower (self->signature, self->build->block, &summary);
  tell_form (self, body, summary);
}

/* @source: (nullable): what to compile in the kernel's place */
static gboolean
prepare_job (Job *self, const PinwheelSignature *signature, const PinwheelHostBuild *build,
             const char *source, GError **error)
{
  *self = (Job){ .signature = signature, .build = build, .source = g_strdup (source) };
  if (!check_refusals (signature, error) || !check_permission (self, error))
    return FALSE;
  self->program = pinwheel_toolchain_find (&self->no_program);
  name_entry (self);
  return TRUE;
}

/* Where nothing may or can be compiled here, code of another compiler will do: it was made from the
 * same source, for the same processor. */
static int
find_entry (Job *self, char **path)
{
  int fd = self->name != NULL ? pinwheel_cache_open (self->name, path) : -1;

  if (fd >= 0 || (self->may_compile && self->program != NULL))
    return fd;
  g_clear_pointer (&self->name, g_free);
  return pinwheel_cache_open_any (self->stem, ENTRY_SUFFIX, &self->name, path);
}

static int
compile_entry (Job *self, char **path, GError **error)
{
  g_autofree char *folder = NULL;
  int fd;

  if (!self->may_compile)
    {
      g_autofree char *cache = pinwheel_cache_get_folder ();

      g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_KERNEL,
                   "kernel '%s' is not among the compiled kernels in %s, and "
                   "PINWHEEL_HOST_KERNELS=cached allows no others; run 'pinwheel-launch "
                   "--compile-only' with this description where PINWHEEL_HOST_KERNELS is on",
                   self->signature->name, cache);
      return -1;
    }
  if (self->program == NULL)
    {
      g_propagate_prefixed_error (error, g_steal_pointer (&self->no_program),
                                  "kernel '%s': ", self->signature->name);
      return -1;
    }
  folder = pinwheel_cache_begin (error);
  if (folder == NULL)
    return -1;
  if (self->source == NULL)
    write_sources (self);
  fd = compile_in (self, folder, path, error);
  pinwheel_cache_end (folder);
  return fd;
}

static int
build_job (Job *self, gboolean *found, char **path, GError **error)
{
  int fd = find_entry (self, path);

  *found = fd >= 0;
  if (!*found)
    return compile_entry (self, path, error);
  tell_form_of_found (self);
  return fd;
}

int
pinwheel_host_build (const PinwheelSignature *signature, const PinwheelHostBuild *build,
                     gboolean *found, char **path, GError **error)
{
  Job job;
  int fd = -1;

  *path = NULL;
  if (prepare_job (&job, signature, build, NULL, error))
    fd = build_job (&job, found, path, error);
  clear_job (&job);
  return fd;
}

char *
pinwheel_host_compile_source (const PinwheelSignature *signature, const PinwheelHostBuild *build,
                              const char *source, GError **error)
{
  g_autofree char *path = NULL;
  char *location = NULL;
  gboolean found;
  Job job;

  if (prepare_job (&job, signature, build, source, error))
    {
      if (job.name != NULL)
        location = pinwheel_cache_find_open (job.name);
      if (location != NULL)
        tell_form_of_found (&job);
      else
        {
          int fd = build_job (&job, &found, &path, error);

          if (fd >= 0)
            location = pinwheel_cache_keep_open (fd, job.name, error);
        }
    }
  clear_job (&job);
  return location;
}

char *
pinwheel_host_compile (const PinwheelSignature *signature, const PinwheelHostBuild *build,
                       GError **error)
{
  return pinwheel_host_compile_source (signature, build, NULL, error);
}

char *
pinwheel_host_needs_fibers (const char *location)
{
  void *code = dlopen (location, RTLD_NOW | RTLD_NOLOAD);

  return code != NULL ? g_strdup (dlsym (code, PINWHEEL_HOST_FIBERS_SYMBOL)) : NULL;
}
