/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* PINWHEEL_EMULATED_CUDA="devices=2,capability=9.0,memory=64M,pinned=16M,driver=13000,up=1000000000,
 * down=1000000000,pitch=4096,latency=1000,kernel=1000,delay=1000,seed=3,crash=2,lose=9,lazy=1,cubins=1,
 * fail=cuMemAlloc_v2:3:CUDA_ERROR_OUT_OF_MEMORY,report=FILE": bytes, bytes a second and ns. */
#include "config.h"

#include "emulator.h"

#include <stdlib.h>
#include <string.h>

static const struct
{
  const char *name;
  CUresult code;
} codes[] = {
  { "CUDA_ERROR_OUT_OF_MEMORY", CUDA_ERROR_OUT_OF_MEMORY },
  { "CUDA_ERROR_NOT_INITIALIZED", CUDA_ERROR_NOT_INITIALIZED },
  { "CUDA_ERROR_NO_DEVICE", CUDA_ERROR_NO_DEVICE },
  { "CUDA_ERROR_INVALID_VALUE", CUDA_ERROR_INVALID_VALUE },
  { "CUDA_ERROR_LAUNCH_FAILED", CUDA_ERROR_LAUNCH_FAILED },
  { "CUDA_ERROR_ILLEGAL_ADDRESS", CUDA_ERROR_ILLEGAL_ADDRESS },
  { "CUDA_ERROR_NOT_SUPPORTED", CUDA_ERROR_NOT_SUPPORTED },
  { "CUDA_ERROR_NO_BINARY_FOR_GPU", CUDA_ERROR_NO_BINARY_FOR_GPU },
  { "CUDA_ERROR_SYSTEM_DRIVER_MISMATCH", CUDA_ERROR_SYSTEM_DRIVER_MISMATCH },
  { "CUDA_ERROR_HOST_MEMORY_ALREADY_REGISTERED", CUDA_ERROR_HOST_MEMORY_ALREADY_REGISTERED },
  { "CUDA_ERROR_UNKNOWN", CUDA_ERROR_UNKNOWN },
};

static gboolean
parse_fault (const char *text, EmuOptions *options)
{
  g_auto (GStrv) words = g_strsplit (text, ":", 3);
  EmuFault *fault = &options->faults[options->n_faults];

  if (options->n_faults == EMU_MAX_FAULTS || g_strv_length (words) < 2)
    return FALSE;
  fault->code = CUDA_ERROR_UNKNOWN;
  for (guint i = 0; words[2] != NULL && i < G_N_ELEMENTS (codes); i++)
    if (strcmp (words[2], codes[i].name) == 0)
      fault->code = codes[i].code;
  fault->name = g_strdup (words[0]);
  fault->seen = 0;
  fault->nth = g_ascii_strtoull (words[1], NULL, 10);
  options->n_faults++;
  return fault->nth > 0;
}

static gboolean
parse_number (const char *text, guint64 *value)
{
  char *end;

  *value = g_ascii_strtoull (text, &end, 10);
  if (end != text && (*end == 'K' || *end == 'M' || *end == 'G'))
    *value <<= *end++ == 'K' ? 10 : end[-1] == 'M' ? 20 : 30;
  return end != text && *end == '\0';
}

static gboolean
parse_capability (const char *text, EmuOptions *options)
{
  char *end;

  options->major = (int) strtol (text, &end, 10);
  if (*end != '.')
    return FALSE;
  options->minor = (int) strtol (end + 1, &end, 10);
  return *end == '\0';
}

static gboolean
parse_one (const char *name, const char *value, EmuOptions *options)
{
  const struct
  {
    const char *name;
    guint64 *value;
  } numbers[] = {
    { "memory", &options->memory },   { "pinned", &options->pinned },
    { "up", &options->bandwidth[0] }, { "down", &options->bandwidth[1] },
    { "latency", &options->latency }, { "kernel", &options->kernel },
    { "delay", &options->delay },     { "seed", &options->seed },
    { "crash", &options->crash },     { "lose", &options->lose },
    { "lazy", &options->lazy },       { "cubins", &options->cubins },
    { "pitch", &options->pitch },
  };

  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    if (strcmp (name, numbers[i].name) == 0)
      return parse_number (value, numbers[i].value);
  if (strcmp (name, "devices") == 0)
    return (options->devices = atoi (value)) <= EMU_MAX_DEVICES;
  if (strcmp (name, "driver") == 0)
    return (options->driver = atoi (value)) > 0;
  if (strcmp (name, "capability") == 0)
    return parse_capability (value, options);
  if (strcmp (name, "fail") == 0)
    return parse_fault (value, options);
  if (strcmp (name, "report") != 0)
    return FALSE;
  g_free (options->report);
  options->report = g_strdup (value);
  return TRUE;
}

void
emu_options_clear (EmuOptions *options)
{
  for (guint i = 0; i < options->n_faults; i++)
    g_free (options->faults[i].name);
  g_free (options->report);
  *options = (EmuOptions){ .n_faults = 0 };
}

/* @problem: (out): the word that is wrong */
gboolean
emu_options_parse (const char *text, EmuOptions *options, char **problem)
{
  g_auto (GStrv) words = g_strsplit (text != NULL ? text : "", ",", 0);

  *options = (EmuOptions){ .devices = 1,
                           .major = 9,
                           .driver = CUDA_VERSION,
                           .memory = (guint64) 1 << 30,
                           .pinned = (guint64) 1 << 30,
                           .pitch = G_MAXINT32 };
  for (guint i = 0; words[i] != NULL; i++)
    {
      char *value = strchr (words[i], '=');

      if (*words[i] == '\0')
        continue;
      if (value != NULL)
        *value++ = '\0';
      if (value == NULL || !parse_one (words[i], value, options))
        {
          *problem = g_strdup (words[i]);
          return FALSE;
        }
    }
  return TRUE;
}
