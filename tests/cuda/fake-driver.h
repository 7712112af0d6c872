/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A libcuda.so.1 that does what it is told at once, in the calling thread, and counts. Device
 * memory is the host's; kernels are not run, only their launches kept. A test program is linked
 * with it, so that dlopen() finds it there. Not for more than one thread at a time. */
#pragma once
#include <cuda.h>
#include <glib.h>

/* One device of compute capability 9.0, no faults, all counts 0. What is alive stays. */
void fake_reset (void);
void fake_set_devices (int n);
void fake_set_version (int version);
/* The @nth call of @function from now on returns @result: 1 is the next one. */
void fake_fail (const char *function, guint nth, CUresult result);
/* No code is taken from now on; CUDA_SUCCESS: it is again. */
void fake_refuse_modules (CUresult result);
/* As long as it is held, streams do nothing: events that are recorded meanwhile do not pass. */
void fake_hold (gboolean hold);
/* Calls of @function since the reset */
guint fake_count (const char *function);
/* Things that were made and not dropped: memory, streams, events, modules, contexts */
guint fake_count_alive (void);

typedef struct
{
  guint grid[3], block[3], shared_bytes;
  char function[64];
} FakeLaunch;

extern FakeLaunch fake_last_launch;
/* Its first bytes, and a zero */
extern char fake_last_module[5];
