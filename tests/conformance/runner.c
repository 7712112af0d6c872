/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Runs kernels without a pipeline on the device that its argument names, for tests. Each line of
 * the input is one launch:
 *
 *   FORM SOURCE ENTRY BLOCK GRID SHARED ARGUMENT...
 *
 * FORM is `auto`, `lowered`, `plain` (threads one by one, where they work alone) or `fibers`, on a
 * CUDA device `cubin` or `ptx`; BLOCK and GRID are x,y,z. An argument is `@FILE`, an array that is
 * read and written back, or `=BYTES`, a scalar in hexadecimal. Each launch is answered by a line:
 * `ok FORM`, `refused` and why the kernel is not lowered or does not run plain, or `error` and why.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include <pinwheel/stream.h>

#include "compute/host-compiler-private.h"
#include "compute/nvrtc-private.h"

typedef struct
{
  char *file; /* (nullable): where an array comes from and goes to */
  char *data;
  gsize size;
  gpointer
      place; /* of an array: where the device has it; @data where it shares the host's memory */
} Argument;

static void
clear_argument (gpointer data)
{
  Argument *argument = data;

  g_free (argument->file);
  g_free (argument->data);
}

static gboolean
parse_three (const char *text, guint values[3])
{
  return sscanf (text, "%u,%u,%u", &values[0], &values[1], &values[2]) == 3;
}

static gboolean
read_argument (const char *word, Argument *argument, GError **error)
{
  if (word[0] == '@')
    {
      argument->file = g_strdup (word + 1);
      return g_file_get_contents (argument->file, &argument->data, &argument->size, error);
    }
  argument->size = strlen (word + 1) / 2;
  argument->data = g_malloc0 (argument->size + 1);
  for (gsize i = 0; i < argument->size; i++)
    argument->data[i] = (char) (g_ascii_xdigit_value (word[1 + 2 * i]) << 4
                                | g_ascii_xdigit_value (word[2 + 2 * i]));
  return TRUE;
}

/* @sources: path -> preprocessed text, filled here */
static PinwheelSignature *
read_kernel (GHashTable *sources, const char *file, const char *entry, GError **error)
{
  g_autofree char *name = g_path_get_basename (file);
  char *preprocessed = g_hash_table_lookup (sources, file);

  if (preprocessed == NULL)
    {
      g_autofree char *source = NULL;

      if (!g_file_get_contents (file, &source, NULL, error))
        return NULL;
      preprocessed = pinwheel_host_preprocess (name, source, NULL, NULL, error);
      if (preprocessed == NULL)
        return NULL;
      g_hash_table_insert (sources, g_strdup (file), preprocessed);
    }
  return pinwheel_signature_new (name, preprocessed, entry, error);
}

/* @source: (nullable): what is compiled in the kernel's place
 * @reason: (out) (transfer full) (nullable): why its threads run as fibers */
static PinwheelFunction *
load_on_host (const PinwheelSignature *signature, PinwheelDevice *device,
              const PinwheelLaunch *launch, const char *source, GArray *arguments, char **reason,
              GError **error)
{
  gsize sizes[PINWHEEL_MAX_ARGUMENTS];
  PinwheelHostBuild build = { .fp_mode = PINWHEEL_FP_EXACT };
  PinwheelImage image = { .entry = signature->name, .argument_sizes = sizes };
  g_autofree char *path = NULL;
  PinwheelFunction *function;

  if (signature->parameters->len != arguments->len)
    {
      g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_KERNEL, "%u arguments for %u parameters",
                   arguments->len, signature->parameters->len);
      return NULL;
    }
  for (guint i = 0; i < arguments->len; i++)
    {
      const Argument *argument = &g_array_index (arguments, Argument, i);

      sizes[i] = argument->file != NULL ? sizeof (gpointer) : argument->size;
    }
  memcpy (build.block, launch->block, sizeof build.block);
  path = pinwheel_host_compile_source (signature, &build, source, error);
  if (path == NULL)
    return NULL;
  image.location = path;
  image.n_arguments = arguments->len;
  memcpy (image.block, launch->block, sizeof image.block);
  function = pinwheel_device_load (device, &image, error);
  if (function != NULL)
    *reason = pinwheel_host_needs_fibers (path);
  return function;
}

/* The kernel as NVRTC compiles it, every operation rounded by itself.
 * @is_ptx: the driver translates it */
static PinwheelFunction *
load_on_cuda (const PinwheelSignature *signature, PinwheelDevice *device, const char *path,
              gboolean is_ptx, GError **error)
{
  const char *architecture = pinwheel_device_get_architecture (device);
  g_autofree char *file = g_path_get_basename (path);
  g_autofree char *source = NULL;
  g_autofree char *arch = NULL;
  g_auto (PinwheelNvrtcCode) built = { .code = NULL };
  PinwheelNvrtcBuild build = { .file = file,
                               .entry = signature->qualified,
                               .fp_mode = PINWHEEL_FP_EXACT };
  PinwheelCode code = { .entry = signature->name };

  if (architecture == NULL)
    {
      g_set_error_literal (error, PINWHEEL_ERROR, PINWHEEL_ERROR_KERNEL, "not a CUDA device");
      return NULL;
    }
  arch = g_strconcat (is_ptx ? "compute_" : "sm_", architecture + strlen ("sm_"), NULL);
  if (!g_file_get_contents (path, &source, NULL, error))
    return NULL;
  build.source = source;
  build.arch = arch;
  if (!pinwheel_nvrtc_build (&build, &built, error))
    return NULL;
  code.symbol = built.symbol;
  code.bytes = built.code;
  return pinwheel_device_load_code (device, &code, error);
}

/* Gives every array a place, and takes it away. */
static gboolean
place_arrays (PinwheelDevice *device, GArray *arguments, GError **error)
{
  for (guint i = 0; i < arguments->len; i++)
    {
      Argument *argument = &g_array_index (arguments, Argument, i);

      if (argument->file == NULL)
        continue;
      if (pinwheel_device_is_integrated (device))
        argument->place = argument->data;
      else if (!pinwheel_device_alloc (device, PINWHEEL_MEMORY_DEVICE, MAX (argument->size, 1),
                                       &argument->place, error))
        return FALSE;
    }
  return TRUE;
}

static void
displace_arrays (PinwheelDevice *device, GArray *arguments)
{
  for (guint i = 0; i < arguments->len; i++)
    {
      Argument *argument = &g_array_index (arguments, Argument, i);

      if (argument->place != NULL && argument->place != argument->data)
        pinwheel_device_free (device, PINWHEEL_MEMORY_DEVICE, MAX (argument->size, 1),
                              argument->place);
    }
}

static gboolean
copy_arrays (PinwheelStream *stream, GArray *arguments, PinwheelCopyKind kind, GError **error)
{
  gboolean is_up = kind == PINWHEEL_COPY_HOST_TO_DEVICE;

  for (guint i = 0; i < arguments->len; i++)
    {
      Argument *argument = &g_array_index (arguments, Argument, i);
      PinwheelCopy copy = { .kind = kind,
                            .source = is_up ? argument->data : argument->place,
                            .target = is_up ? argument->place : argument->data,
                            .width = argument->size,
                            .height = 1 };

      if (argument->place != argument->data && argument->file != NULL && argument->size > 0
          && !pinwheel_stream_copy (stream, &copy, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
launch_and_wait (PinwheelDevice *device, PinwheelLaunch *launch, GArray *arguments, GError **error)
{
  g_autoptr (PinwheelStream) stream = pinwheel_device_new_stream (device, "runner", error);
  gpointer values[PINWHEEL_MAX_ARGUMENTS];
  PinwheelFence fence;

  if (stream == NULL)
    return FALSE;
  for (guint i = 0; i < arguments->len; i++)
    {
      Argument *argument = &g_array_index (arguments, Argument, i);

      values[i] = argument->file != NULL ? (gpointer) &argument->place : argument->data;
    }
  launch->arguments = values;
  return copy_arrays (stream, arguments, PINWHEEL_COPY_HOST_TO_DEVICE, error)
         && pinwheel_stream_launch (stream, launch, error)
         && copy_arrays (stream, arguments, PINWHEEL_COPY_DEVICE_TO_HOST, error)
         && pinwheel_stream_record (stream, &fence, error) && pinwheel_fence_sync (fence, error);
}

/* What makes the kernel run in the form that is asked for.
 * @refused: (out) (transfer full): why there is none
 * Returns: (transfer full) (nullable): NULL: what the library takes by itself */
static char *
make_source (PinwheelSignature *signature, const char *form, const guint block[3], char **refused)
{
  g_autofree char *summary = NULL;
  g_autofree char *body = NULL;

  signature->as_fibers = strcmp (form, "fibers") == 0;
  if (strcmp (form, "plain") == 0 && signature->waits->len > 0)
    *refused = g_strdup ("threads wait for each other");
  else if (strcmp (form, "plain") == 0)
    return pinwheel_host_source (signature, block, NULL);
  if (strcmp (form, "lowered") != 0)
    return NULL;
  body = pinwheel_lower (signature, block, &summary);
  if (body == NULL)
    *refused = g_steal_pointer (&summary);
  return body != NULL ? pinwheel_host_source (signature, block, body) : NULL;
}

/* Loads what the line asks for. @form: (inout): how it runs
 * @refused: (out): as of make_source() */
static PinwheelFunction *
load (char **words, GHashTable *sources, PinwheelDevice *device, const PinwheelLaunch *launch,
      GArray *arguments, const char **form, char **refused, GError **error)
{
  g_autoptr (PinwheelSignature) signature = read_kernel (sources, words[1], words[2], error);
  gboolean is_ptx = strcmp (words[0], "ptx") == 0;
  g_autofree char *reason = NULL;
  g_autofree char *source = NULL;
  PinwheelFunction *function;

  if (signature == NULL)
    return NULL;
  if (is_ptx || strcmp (words[0], "cubin") == 0)
    return load_on_cuda (signature, device, words[1], is_ptx, error);
  source = make_source (signature, words[0], launch->block, refused);
  if (*refused != NULL)
    return NULL;
  function = load_on_host (signature, device, launch, source, arguments, &reason, error);
  if (signature->as_fibers || reason != NULL)
    *form = "fibers";
  return function;
}

static gboolean
run_line (char **words, GHashTable *sources, PinwheelDevice *device, const char **form,
          char **refused, GError **error)
{
  g_autoptr (GArray) arguments = g_array_new (FALSE, TRUE, sizeof (Argument));
  g_autoptr (PinwheelFunction) function = NULL;
  PinwheelLaunch launch = { .shared_bytes = g_ascii_strtoull (words[5], NULL, 10) };
  gboolean done;

  g_array_set_clear_func (arguments, clear_argument);
  if (!parse_three (words[3], launch.block) || !parse_three (words[4], launch.grid))
    {
      g_set_error_literal (error, PINWHEEL_ERROR, PINWHEEL_ERROR_PARSE, "expected x,y,z");
      return FALSE;
    }
  for (guint i = 6; words[i] != NULL; i++)
    {
      g_array_set_size (arguments, arguments->len + 1);
      if (!read_argument (words[i], &g_array_index (arguments, Argument, arguments->len - 1),
                          error))
        return FALSE;
    }
  function = load (words, sources, device, &launch, arguments, form, refused, error);
  if (function == NULL)
    return FALSE;
  launch.function = function;
  done = place_arrays (device, arguments, error)
         && launch_and_wait (device, &launch, arguments, error);
  displace_arrays (device, arguments);
  for (guint i = 0; done && i < arguments->len; i++)
    {
      const Argument *argument = &g_array_index (arguments, Argument, i);

      if (argument->file != NULL)
        done = g_file_set_contents (argument->file, argument->data, (gssize) argument->size, error);
    }
  return done;
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) failure = NULL;
  g_autoptr (PinwheelDevice) device = pinwheel_device_open (argc > 1 ? argv[1] : "host", &failure);
  g_autoptr (GHashTable) sources = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  char line[4096];

  if (device == NULL)
    {
      fprintf (stderr, "runner: %s\n", failure->message);
      return 77;
    }
  while (fgets (line, sizeof line, stdin) != NULL)
    {
      g_autoptr (GError) error = NULL;
      g_auto (GStrv) words = g_strsplit (g_strstrip (line), " ", -1);
      g_autofree char *refused = NULL;
      const char *form = words[0];

      if (g_strv_length (words) < 6)
        printf ("error a launch has at least six words\n");
      else if (run_line (words, sources, device, &form, &refused, &error))
        printf ("ok %s\n", form);
      else if (refused != NULL)
        printf ("refused %s\n", refused);
      else
        printf ("error %s\n", g_strdelimit (error->message, "\n", ' '));
      fflush (stdout);
    }
  return 0;
}
