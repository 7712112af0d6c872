/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The emulated driver keeps to cuda.h, and finds what it is there to find. */
#include "config.h"

#include <check.h>
#include <cuda.h>
#include <glib.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define SIZE 4096

/* x[i] += n, of u32; one thread for each */
static const char add_ptx[]
    = ".version 8.0\n.target sm_75\n.address_size 64\n"
      ".visible .entry add(.param .u64 x, .param .u32 n)\n{\n"
      ".reg .b32 %r<8>;\n.reg .b64 %rd<4>;\n"
      "ld.param.u64 %rd1, [x];\nld.param.u32 %r1, [n];\ncvta.to.global.u64 %rd1, %rd1;\n"
      "mov.u32 %r2, %ctaid.x;\nmov.u32 %r3, %ntid.x;\nmov.u32 %r4, %tid.x;\n"
      "mad.lo.s32 %r5, %r2, %r3, %r4;\nmul.wide.u32 %rd2, %r5, 4;\nadd.s64 %rd3, %rd1, %rd2;\n"
      "ld.global.u32 %r6, [%rd3];\nadd.s32 %r7, %r6, %r1;\nst.global.u32 [%rd3], %r7;\nret;\n}\n";

typedef struct
{
  CUcontext context;
  CUstream first, second;
  CUdeviceptr memory;
  guint32 *pinned;
  CUevent event;
} World;

/* @options: of the emulated driver. In a process of its own: the report comes when it ends. */
static void
world_init (World *world, const char *options)
{
  g_setenv ("PINWHEEL_EMULATED_CUDA", options, TRUE);
  ck_assert_int_eq (cuInit (0), CUDA_SUCCESS);
  ck_assert_int_eq (cuDevicePrimaryCtxRetain (&world->context, 0), CUDA_SUCCESS);
  ck_assert_int_eq (cuCtxSetCurrent (world->context), CUDA_SUCCESS);
  ck_assert_int_eq (cuStreamCreate (&world->first, CU_STREAM_NON_BLOCKING), CUDA_SUCCESS);
  ck_assert_int_eq (cuStreamCreate (&world->second, CU_STREAM_NON_BLOCKING), CUDA_SUCCESS);
  ck_assert_int_eq (cuMemAlloc (&world->memory, SIZE), CUDA_SUCCESS);
  ck_assert_int_eq (cuMemHostAlloc ((void **) &world->pinned, SIZE, 0), CUDA_SUCCESS);
  ck_assert_int_eq (cuEventCreate (&world->event, CU_EVENT_DISABLE_TIMING), CUDA_SUCCESS);
}

static void
world_clear (World *world)
{
  ck_assert_int_eq (cuEventDestroy (world->event), CUDA_SUCCESS);
  ck_assert_int_eq (cuStreamDestroy (world->first), CUDA_SUCCESS);
  ck_assert_int_eq (cuStreamDestroy (world->second), CUDA_SUCCESS);
  ck_assert_int_eq (cuMemFreeHost (world->pinned), CUDA_SUCCESS);
  ck_assert_int_eq (cuMemFree (world->memory), CUDA_SUCCESS);
  ck_assert_int_eq (cuDevicePrimaryCtxRelease (0), CUDA_SUCCESS);
}

/* Runs @body in a process of its own. Returns: (transfer full): the report */
static char *
run (void (*body) (World *world), const char *options)
{
  g_autofree char *path = NULL, *text = NULL;
  char *report = NULL;
  int fd = g_file_open_tmp ("emulator-XXXXXX", &path, NULL), status = 0;
  pid_t child;

  ck_assert_int_ge (fd, 0);
  close (fd);
  text = g_strdup_printf ("%s,report=%s", options, path);
  child = fork ();
  if (child == 0)
    {
      World world;

      world_init (&world, text);
      body (&world);
      world_clear (&world);
      exit (0);
    }
  ck_assert_int_eq (waitpid (child, &status, 0), child);
  ck_assert_int_eq (status, 0);
  ck_assert (g_file_get_contents (path, &report, NULL, NULL));
  unlink (path);
  return report;
}

/* Returns: the number behind @name in the report; -1: it is not there */
static gint64
look_up (const char *report, const char *name)
{
  g_autofree char *key = g_strdup_printf ("%s ", name);
  const char *found = g_str_has_prefix (report, key) ? report : strstr (report, key);

  return found != NULL ? g_ascii_strtoll (found + strlen (key), NULL, 10) : -1;
}

static void
up (World *world, CUstream stream)
{
  ck_assert_int_eq (cuMemcpyHtoDAsync (world->memory, world->pinned, SIZE, stream), CUDA_SUCCESS);
}

static void
down (World *world, CUstream stream)
{
  ck_assert_int_eq (cuMemcpyDtoHAsync (world->pinned, world->memory, SIZE, stream), CUDA_SUCCESS);
}

static void
order (World *world, CUstream before, CUstream after)
{
  ck_assert_int_eq (cuEventRecord (world->event, before), CUDA_SUCCESS);
  ck_assert_int_eq (cuStreamWaitEvent (after, world->event, 0), CUDA_SUCCESS);
}

static void
fill (World *world)
{
  for (guint i = 0; i < SIZE / 4; i++)
    world->pinned[i] = i;
}

static CUresult
add (World *world, CUmodule *module, guint blocks, guint n, CUstream stream)
{
  void *arguments[] = { &world->memory, &n };
  CUfunction function;

  ck_assert_int_eq (cuModuleLoadDataEx (module, add_ptx, 0, NULL, NULL), CUDA_SUCCESS);
  ck_assert_int_eq (cuModuleGetFunction (&function, *module, "add"), CUDA_SUCCESS);
  return cuLaunchKernel (function, blocks, 1, 1, 128, 1, 1, 0, stream, arguments, NULL);
}

static void
a_whole_way (World *world)
{
  CUmodule module;

  fill (world);
  up (world, world->first);
  order (world, world->first, world->second);
  ck_assert_int_eq (add (world, &module, 8, 5, world->second), CUDA_SUCCESS);
  order (world, world->second, world->first);
  down (world, world->first);
  ck_assert_int_eq (cuEventRecord (world->event, world->first), CUDA_SUCCESS);
  ck_assert_int_eq (cuEventQuery (world->event), CUDA_ERROR_NOT_READY);
  ck_assert_int_eq (cuEventSynchronize (world->event), CUDA_SUCCESS);
  for (guint i = 0; i < SIZE / 4; i++)
    ck_assert_uint_eq (world->pinned[i], i + 5);
  ck_assert_int_eq (cuModuleUnload (module), CUDA_SUCCESS);
}

START_TEST (a_kernel_between_two_copies_computes)
{
  g_autofree char *report = run (a_whole_way, "latency=5000000");

  ck_assert_int_eq (look_up (report, "hazards"), 0);
  ck_assert_int_eq (look_up (report, "copies-up-pinned"), 1);
  ck_assert_int_eq (look_up (report, "copies-down-pinned"), 1);
  ck_assert_int_eq (look_up (report, "bytes-up"), SIZE);
  ck_assert_int_eq (look_up (report, "launches"), 1);
  ck_assert_int_eq (look_up (report, "call-cuMemAlloc_v2"), 1);
  ck_assert_int_eq (look_up (report, "leaked-device"), 0);
  ck_assert_int_eq (look_up (report, "leaked-streams"), 0);
  ck_assert_int_eq (look_up (report, "leaked-events"), 0);
  ck_assert_int_eq (look_up (report, "leaked-modules"), 0);
  ck_assert_int_eq (look_up (report, "leaked-contexts"), 0);
  ck_assert_int_eq (look_up (report, "legacy-stream"), 0);
  ck_assert_int_gt (look_up (report, "instructions"), SIZE / 4 * 10);
}
END_TEST

static void
no_event_up (World *world)
{
  CUmodule module;

  fill (world);
  up (world, world->first);
  ck_assert_int_eq (add (world, &module, 8, 5, world->second), CUDA_SUCCESS);
  ck_assert_int_eq (cuStreamSynchronize (world->second), CUDA_SUCCESS);
  ck_assert_int_eq (cuModuleUnload (module), CUDA_SUCCESS);
}

static void
other_bytes (World *world)
{
  CUmodule module;

  fill (world);
  ck_assert_int_eq (
      cuMemcpyHtoDAsync (world->memory + SIZE / 2, world->pinned, SIZE / 2, world->first),
      CUDA_SUCCESS);
  ck_assert_int_eq (add (world, &module, 4, 5, world->second), CUDA_SUCCESS);
  ck_assert_int_eq (cuStreamSynchronize (world->second), CUDA_SUCCESS);
  ck_assert_int_eq (cuModuleUnload (module), CUDA_SUCCESS);
}

START_TEST (a_kernel_that_waits_for_no_copy_is_a_hazard_on_the_same_bytes)
{
  g_autofree char *report = run (no_event_up, "delay=1000000,seed=4");
  g_autofree char *other = run (other_bytes, "delay=1000000,seed=4");

  ck_assert_int_ge (look_up (report, "hazards"), 1);
  ck_assert_int_eq (look_up (other, "hazards"), 0);
}
END_TEST

static void
change_too_early (World *world)
{
  fill (world);
  up (world, world->first);
  world->pinned[7] = 1;
  ck_assert_int_eq (cuStreamSynchronize (world->first), CUDA_SUCCESS);
}

static void
read_too_early (World *world)
{
  memset (world->pinned, 0, SIZE);
  up (world, world->first);
  ck_assert_int_eq (cuStreamSynchronize (world->first), CUDA_SUCCESS);
  down (world, world->first);
  ck_assert_uint_ne (world->pinned[0], 0);
  ck_assert_int_eq (cuStreamSynchronize (world->first), CUDA_SUCCESS);
  ck_assert_uint_eq (world->pinned[0], 0);
}

START_TEST (pinned_memory_that_is_used_too_early_is_found)
{
  g_autofree char *changed = run (change_too_early, "latency=5000000");
  g_autofree char *read = run (read_too_early, "latency=5000000");

  ck_assert (strstr (changed, "hazard: pinned memory at") != NULL);
  ck_assert_int_eq (look_up (read, "hazards"), 0);
}
END_TEST

static void
pageable (World *world)
{
  g_autofree guint8 *bytes = g_malloc0 (SIZE);

  ck_assert_int_eq (cuMemcpyHtoDAsync (world->memory, bytes, SIZE, world->first), CUDA_SUCCESS);
  memset (bytes, 1, SIZE); /* the snapshot is taken */
  ck_assert_int_eq (cuMemcpyDtoHAsync (bytes, world->memory, SIZE, world->first), CUDA_SUCCESS);
  ck_assert_uint_eq (bytes[0], 0); /* it has waited */
}

START_TEST (copies_of_pageable_memory_are_counted_and_wait)
{
  g_autofree char *report = run (pageable, "latency=2000000");

  ck_assert_int_eq (look_up (report, "copies-up-pageable"), 1);
  ck_assert_int_eq (look_up (report, "copies-down-pageable"), 1);
  ck_assert_int_eq (look_up (report, "blocking"), 1);
}
END_TEST

static void
out_of_bounds (World *world)
{
  CUmodule module;
  CUdeviceptr more;

  ck_assert_int_eq (add (world, &module, 9, 5, world->second), CUDA_SUCCESS);
  ck_assert_int_eq (cuStreamSynchronize (world->second), CUDA_ERROR_ILLEGAL_ADDRESS);
  /* and so does everything from now on */
  ck_assert_int_eq (cuMemAlloc (&more, 16), CUDA_ERROR_ILLEGAL_ADDRESS);
  ck_assert_int_eq (cuMemcpyHtoDAsync (world->memory, world->pinned, SIZE, world->first),
                    CUDA_ERROR_ILLEGAL_ADDRESS);
  _exit (0);
}

START_TEST (an_illegal_address_is_sticky)
{
  g_autofree char *report = run (out_of_bounds, "latency=0");

  ck_assert_str_eq (report, "");
}
END_TEST

static void
faulty (World *world)
{
  CUdeviceptr memory;

  ck_assert_int_eq (cuMemAlloc (&memory, 16), CUDA_ERROR_OUT_OF_MEMORY);
  ck_assert_int_eq (cuMemAlloc (&memory, 16), CUDA_SUCCESS);
  ck_assert_int_eq (cuMemFree (memory), CUDA_SUCCESS);
  ck_assert_int_eq (cuMemAlloc (&memory, 1 << 20), CUDA_ERROR_OUT_OF_MEMORY);
  ck_assert_int_eq (cuMemcpyHtoDAsync (world->memory + 1, world->pinned, SIZE, world->first),
                    CUDA_ERROR_INVALID_VALUE);
}

START_TEST (the_call_that_was_named_fails_once)
{
  g_autofree char *report = run (faulty,
                                 "memory=512K,fail=cuMemAlloc_v2:2:CUDA_ERROR_OUT_OF_MEMORY");

  ck_assert_int_eq (look_up (report, "leaked-device"), 0);
}
END_TEST

/* 4 slices of 3 of 5 rows of 8 of 16 bytes, in the middle of pinned memory */
static CUDA_MEMCPY3D
choose_slices (World *world)
{
  return (CUDA_MEMCPY3D){ .srcMemoryType = CU_MEMORYTYPE_HOST,
                          .srcHost = world->pinned,
                          .srcXInBytes = 4,
                          .srcY = 1,
                          .srcZ = 2,
                          .srcPitch = 16,
                          .srcHeight = 5,
                          .dstMemoryType = CU_MEMORYTYPE_DEVICE,
                          .dstDevice = world->memory,
                          .dstPitch = 8,
                          .dstHeight = 3,
                          .WidthInBytes = 8,
                          .Height = 3,
                          .Depth = 4 };
}

static void
copy_slices (World *world)
{
  CUDA_MEMCPY3D slices = choose_slices (world), wrong;
  guint32 *bytes = world->pinned;

  for (guint i = 0; i < SIZE / 4; i++)
    bytes[i] = i;
  ck_assert_int_eq (cuMemcpy3DAsync (&slices, world->first), CUDA_SUCCESS);
  ck_assert_int_eq (cuStreamSynchronize (world->first), CUDA_SUCCESS);
  ck_assert_int_eq (cuMemcpyDtoHAsync (bytes + 512, world->memory, 4 * 3 * 8, world->first),
                    CUDA_SUCCESS);
  ck_assert_int_eq (cuStreamSynchronize (world->first), CUDA_SUCCESS);
  for (guint z = 0; z < 4; z++)
    for (guint y = 0; y < 3; y++)
      for (guint x = 0; x < 2; x++)
        ck_assert_uint_eq (bytes[512 + (z * 3 + y) * 2 + x], ((z + 2) * 5 + y + 1) * 4 + x + 1);
#define REFUSED(field, value)                                                                      \
  wrong = slices;                                                                                  \
  wrong.field = value;                                                                             \
  ck_assert_int_eq (cuMemcpy3DAsync (&wrong, world->first), CUDA_ERROR_INVALID_VALUE)
  REFUSED (srcPitch, 8);    /* the width does not fit behind its offset */
  REFUSED (srcPitch, 2048); /* more than pitch= */
  REFUSED (srcHeight, 3);   /* nor do the rows */
  REFUSED (dstHeight, 2);   /* slices meet */
  REFUSED (dstHeight, 200); /* behind the memory */
  REFUSED (srcZ, 48);       /* likewise */
  REFUSED (srcLOD, 1);
  REFUSED (dstMemoryType, CU_MEMORYTYPE_ARRAY);
#undef REFUSED
}

START_TEST (slices_of_rows_are_copied_where_they_fit)
{
  g_autofree char *report = run (copy_slices, "pitch=1024");

  ck_assert_int_eq (look_up (report, "copies-up-pinned"), 1);
  ck_assert_int_eq (look_up (report, "bytes-up"), 4 * 3 * 8);
  ck_assert_int_eq (look_up (report, "hazards"), 0);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("emulator");
  TCase *tcase = tcase_create ("emulator");
  SRunner *runner;
  int failed;

  tcase_add_test (tcase, a_kernel_between_two_copies_computes);
  tcase_add_test (tcase, a_kernel_that_waits_for_no_copy_is_a_hazard_on_the_same_bytes);
  tcase_add_test (tcase, pinned_memory_that_is_used_too_early_is_found);
  tcase_add_test (tcase, copies_of_pageable_memory_are_counted_and_wait);
  tcase_add_test (tcase, an_illegal_address_is_sticky);
  tcase_add_test (tcase, the_call_that_was_named_fails_once);
  tcase_add_test (tcase, slices_of_rows_are_copied_where_they_fit);
  suite_add_tcase (suite, tcase);
  runner = srunner_create (suite);
  srunner_run_all (runner, CK_ENV);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
