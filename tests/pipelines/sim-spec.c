/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "pipelines/sim-spec.h"

char *
sim_spec (const char *spec)
{
  return g_strdup (spec);
}

gboolean
sim_is_emulated (void)
{
  return FALSE;
}
