/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the tests of the application's arrays say of the simulated device, said of a CUDA device of
 * this machine, PINWHEEL_TEST_DEVICE. Faults happen on the simulated one: nothing makes hardware
 * fail on request. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pipelines/sim-spec.h"

static const char *
test_device (void)
{
  const char *name = g_getenv ("PINWHEEL_TEST_DEVICE");

  return name != NULL && g_str_has_prefix (name, "cuda") ? name : NULL;
}

/* Before Check does anything: a process with CUDA does not fork, and one without is skipped. */
static void __attribute__ ((constructor)) at_start (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PinwheelDevice) device = NULL;

  g_setenv ("CK_FORK", "no", TRUE);
  if (test_device () != NULL)
    device = pinwheel_device_open (test_device (), &error);
  if (device != NULL)
    return;
  printf ("1..0 # SKIP %s\n", error != NULL ? error->message : "make check-gpu runs this");
  exit (EXIT_SUCCESS);
}

char *
sim_spec (const char *spec)
{
  gboolean is_fault = strstr (spec, "fail=") != NULL || strstr (spec, "lose=") != NULL;

  return g_strdup (g_str_has_prefix (spec, "sim") && !is_fault ? test_device () : spec);
}

/* As far as the tests ask: copies and launches are those of a CUDA device. */
gboolean
sim_is_emulated (void)
{
  return TRUE;
}
