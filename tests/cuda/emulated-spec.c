/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What tests/pipelines says of the simulated device, said of the emulated driver. */
#include "config.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "cuda/emulator/emulator.h"
#include "pipelines/sim-spec.h"

/* Allocations and compiles of a run, which lose= counts on the simulated device: here it is work
 * alone. */
#define BEFORE_WORK 7

static const struct
{
  const char *use, *call;
  const char *code;
} uses[] = {
  { "h2d", "cuMemcpyHtoDAsync_v2", "CUDA_ERROR_INVALID_VALUE" },
  { "d2h", "cuMemcpyDtoHAsync_v2", "CUDA_ERROR_INVALID_VALUE" },
  { "copy", "cuMemcpy*", "CUDA_ERROR_INVALID_VALUE" },
  { "launch", "cuLaunchKernel", "CUDA_ERROR_INVALID_VALUE" },
  { "load", "cuModuleLoadDataEx", "CUDA_ERROR_INVALID_VALUE" },
  { "alloc", "cuMemAlloc_v2", "CUDA_ERROR_OUT_OF_MEMORY" },
  { "pinned", "cuMemHostAlloc", "CUDA_ERROR_OUT_OF_MEMORY" },
};

/* Numbers without a unit, bytes, bytes a second, or nanoseconds */
static guint64
read_number (const char *text)
{
  static const struct
  {
    const char *unit;
    guint64 factor;
  } units[] = { { "", 1 },          { "ns", 1 },         { "us", 1000 },
                { "ms", 1000000 },  { "B", 1 },          { "KiB", 1024 },
                { "MiB", 1 << 20 }, { "MB/s", 1000000 }, { "GB/s", 1000000000 } };
  char *end;
  guint64 number = g_ascii_strtoull (text, &end, 10);

  for (guint i = 0; i < G_N_ELEMENTS (units); i++)
    if (strcmp (end, units[i].unit) == 0)
      return number * units[i].factor;
  ck_abort_msg ("what is %s?", text);
}

static const char *
call_of (const char *use, const char **code)
{
  for (guint i = 0; i < G_N_ELEMENTS (uses); i++)
    if (strcmp (uses[i].use, use) == 0)
      {
        *code = uses[i].code;
        return uses[i].call;
      }
  ck_abort_msg ("what is %s?", use);
}

static void
add_option (GString *options, const char *name, char *value)
{
  static const char *const renamed[][2] = { { "h2d", "up" }, { "d2h", "down" } };
  const char *code;

  if (strcmp (name, "fail") == 0)
    {
      char *number = strchr (value, ':');

      *number++ = '\0';
      g_string_append_printf (options, ",fail=%s:%s", call_of (value, &code), number);
      g_string_append_printf (options, ":%s", code);
      return;
    }
  if (strcmp (name, "lose") == 0)
    {
      gint64 number = (gint64) read_number (value) - BEFORE_WORK;

      g_string_append_printf (options, ",lose=%" G_GINT64_FORMAT, MAX (number, 1));
      return;
    }
  for (guint i = 0; i < G_N_ELEMENTS (renamed); i++)
    if (strcmp (name, renamed[i][0]) == 0)
      name = renamed[i][1];
  g_string_append_printf (options, ",%s=%" G_GUINT64_FORMAT, name, read_number (value));
}

char *
sim_spec (const char *spec)
{
  g_autoptr (GString) options = g_string_new ("");
  g_auto (GStrv) words = NULL;

  if (!g_str_has_prefix (spec, "sim"))
    return g_strdup (spec);
  words = g_strsplit (spec[3] == ':' ? spec + 4 : "", ",", -1);
  for (guint i = 0; words[i] != NULL; i++)
    {
      char *value = strchr (words[i], '=');

      ck_assert_msg (value != NULL, "what is %s?", spec);
      *value++ = '\0';
      add_option (options, words[i], value);
    }
  emu_set_options (options->str);
  return g_strdup ("cuda");
}

gboolean
sim_is_emulated (void)
{
  return TRUE;
}

void
sim_assert_fault (const GError *error, const char *owner, const char *device, const char *use,
                  guint n)
{
  const char *code, *call = call_of (use, &code);
  g_autofree char *name = g_strndup (call, strcspn (call, "*_"));

  ck_assert_msg (owner == NULL || g_str_has_prefix (error->message, owner), "%s", error->message);
  ck_assert_msg (strstr (error->message, device) != NULL && strstr (error->message, name) != NULL
                     && strstr (error->message, code) != NULL,
                 "%s", error->message);
}

void
sim_assert_lost (const GError *error)
{
  ck_assert_msg (strstr (error->message, "CUDA_ERROR_UNKNOWN (999)") != NULL, "%s", error->message);
}

void
sim_assert_copies (PinwheelDevice *device, guint n)
{
  for (guint way = 0; way < 2; way++)
    {
      ck_assert_uint_eq (emu.copies[way][FALSE], 0);
      ck_assert_uint_eq (emu.copies[way][TRUE], n / 2);
    }
}

void
sim_assert_clean (void)
{
  g_autofree char *faults = emu_describe_faults ();

  ck_assert_msg (faults == NULL, "the driver says: %s", faults);
}

/* When everything is over, nobody holds a context. */
static void __attribute__ ((destructor)) at_exit (void)
{
  for (guint i = 0; i < EMU_MAX_DEVICES; i++)
    if (emu.contexts[i].retained > 0)
      {
        g_printerr ("the context of device %u is not given back\n", i);
        _Exit (EXIT_FAILURE);
      }
}
