/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the simulated device says of faults on request, and what any device counts. */
#include "config.h"

#include <check.h>
#include <string.h>

#include "pipelines/sim-spec.h"

void
sim_assert_fault (const GError *error, const char *owner, const char *device, const char *use,
                  guint n)
{
  g_autofree char *expected = g_strdup_printf ("%sdevice %s: %s %u failed, as fail= asks",
                                               owner != NULL ? owner : "", device, use, n);

  ck_assert_msg (owner != NULL ? strcmp (error->message, expected) == 0
                               : strstr (error->message, expected) != NULL,
                 "%s, and not: %s", error->message, expected);
}

void
sim_assert_lost (const GError *error)
{
  ck_assert_msg (strstr (error->message, " was lost, as lose= asks") != NULL, "%s", error->message);
}

void
sim_assert_copies (PinwheelDevice *device, guint n)
{
  PinwheelDeviceCounters counters;

  pinwheel_device_get_counters (device, &counters);
  ck_assert_uint_eq (counters.copies, n);
  ck_assert_uint_eq (counters.pageable_copies, 0);
}

void
sim_assert_clean (void)
{
}
