/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which device plays what `sim:OPTIONS` says. In most programs (sim-spec.c) it is the simulated
 * one; those that are linked with tests/cuda/emulated-spec.c instead run the same tests on a CUDA
 * device of the emulated driver. */
#pragma once
#include <pinwheel/device.h>

/* Of the emulated driver there is one in the process: what is said last holds.
 * Returns: (transfer full): what to open; @spec where it is no `sim` */
char *sim_spec (const char *spec);
gboolean sim_is_emulated (void);
/* Asserts that @error says that the @n-th work of a kind, `h2d`, `d2h`, `launch`, `copy`, or
 * `alloc`, `pinned`, `load` failed, as fail= asks. @owner: (nullable): what comes in front of it */
void sim_assert_fault (const GError *error, const char *owner, const char *device, const char *use,
                       guint n);
/* Asserts that @error says that the device was lost, as lose= asks. */
void sim_assert_lost (const GError *error);
/* Asserts that so many copies were asked for since sim_spec(), half of them each way and none of
 * pageable memory. */
void sim_assert_copies (PinwheelDevice *device, guint n);
/* Asserts what can be seen from outside of the library between runs. */
void sim_assert_clean (void);
