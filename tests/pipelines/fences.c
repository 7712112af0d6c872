/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <check.h>
#include <dlfcn.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "pipelines/fences.h"

static GMutex lock;
static GHashTable *waits;   /* (lock) "waiter <- stream" of a run */
static const char *dropped; /* (nullable): changed only between runs */

static char *
name_pair (PinwheelStream *stream)
{
  char name[16] = "";

  pthread_getname_np (pthread_self (), name, sizeof name);
  return g_strdup_printf ("%s <- %s", name, pinwheel_stream_get_name (stream));
}

/* Returns: whether the one that waits here is to go on at once */
static gboolean
is_dropped (PinwheelStream *stream)
{
  g_autofree char *pair = name_pair (stream);

  return dropped != NULL && strcmp (pair, dropped) == 0;
}

static void
note (PinwheelStream *stream)
{
  g_mutex_lock (&lock);
  if (waits != NULL)
    g_hash_table_add (waits, name_pair (stream));
  g_mutex_unlock (&lock);
}

gboolean
pinwheel_fence_is_passed (PinwheelFence fence)
{
  gboolean (*real) (PinwheelFence) = dlsym (RTLD_NEXT, "pinwheel_fence_is_passed");

  return (fence.stream == NULL || !is_dropped (fence.stream)) && real (fence);
}

gboolean
pinwheel_fence_sync (PinwheelFence fence, GError **error)
{
  gboolean (*real) (PinwheelFence, GError **) = dlsym (RTLD_NEXT, "pinwheel_fence_sync");

  if (fence.stream != NULL && is_dropped (fence.stream))
    return TRUE;
  if (fence.stream != NULL)
    note (fence.stream);
  return real (fence, error);
}

gboolean
pinwheel_stream_wait (PinwheelStream *stream, PinwheelFence fence, GError **error)
{
  gboolean (*real) (PinwheelStream *, PinwheelFence, GError **) = dlsym (RTLD_NEXT,
                                                                         "pinwheel_stream_wait");

  if (fence.stream != NULL && is_dropped (fence.stream))
    return TRUE;
  if (fence.stream != NULL)
    note (fence.stream);
  return real (stream, fence, error);
}

/* Chunks enough that every buffer is used again. @implied: waits that say nothing new, because what
 * is waited for as well has waited for the same. */
const FenceLine fence_lines[] = {
  /* one of each */
  { "testsrc items=24 format=x:f64[*] ! upload ! map expr='y = x + 1' ! download ! rawsink "
    "location=out",
    { NULL } },
  /* kernels behind each other that write in place, and an array that rides along: whoever is behind
   * the second kernel waits for it, it for the first, and that one for the upload of both arrays */
  { "testsrc items=24 format='x:f64[*] k:f64[3]' ! upload ! kernel source=scale.cu keep=k "
    "! kernel source=scale.cu keep=k ! download ! rawsink array=x location=out",
    { "upload0 <- kernel1", "kernel1 <- upload0", "download0 <- upload0", NULL } },
  /* the same chunk to two branches, of which one writes, and together again: map0, to which all
   * comes, waits for kernel0, that for upload0, and that for map0 before it uses a buffer again */
  { "testsrc items=24 format=x:f64[*] ! upload ! tee name=t  t. ! kernel source=scale.cu "
    "! zip name=z  t. ! select rename=x=w ! z.  z. ! map expr='y = x - w' ! download "
    "! rawsink location=out",
    { "map0 <- upload0", "kernel0 <- map0", "upload0 <- kernel0", NULL } },
  /* up and down twice, the CPU in between */
  { "testsrc items=24 format=x:f64[*] ! upload ! map expr='x = x + 1' ! download ! identity "
    "! upload ! map expr='y = 2 * x' ! download ! rawsink location=out",
    { NULL } },
};
const guint n_fence_lines = G_N_ELEMENTS (fence_lines);

GError *
fences_run (const FenceLine *line, const char *device, const char *without)
{
  g_autoptr (PinwheelPipeline) pipeline = NULL;
  GError *error = NULL;

  pipeline = pinwheel_parse_launch (line->text, NULL, &error);
  ck_assert_msg (pipeline != NULL, "%s", error != NULL ? error->message : "");
  g_object_set (pipeline, "device", device, "chunk", (guint64) 2, NULL);
  dropped = without;
  ck_assert_int_eq (pinwheel_pipeline_run (pipeline, &error), error == NULL);
  dropped = NULL;
  return error;
}

GHashTable *
fences_find (const FenceLine *line, const char *device)
{
  GHashTable *found;
  GError *error;

  waits = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  error = fences_run (line, device, NULL);
  ck_assert_msg (error == NULL, "%s: %s", line->text, error != NULL ? error->message : "");
  found = g_steal_pointer (&waits);
  ck_assert_uint_gt (g_hash_table_size (found), 0);
  return found;
}

gboolean
fences_is_of_the_end (const char *pair)
{
  g_auto (GStrv) names = g_strsplit (pair, " <- ", 2);

  return strcmp (names[0], names[1]) == 0 || g_str_has_prefix (names[0], "test-");
}

void
fences_enter_folder (void)
{
  static const char scale[] = "extern \"C\" __global__ void scale (double *x, int n)\n"
                              "{\n"
                              "  int i = blockIdx.x * blockDim.x + threadIdx.x;\n"
                              "  if (i < n)\n"
                              "    x[i] *= 3;\n"
                              "}\n";
  g_autofree char *folder = g_dir_make_tmp ("pinwheel-fences-XXXXXX", NULL);

  ck_assert (folder != NULL && chdir (folder) == 0);
  ck_assert (g_file_set_contents ("scale.cu", scale, -1, NULL));
}

void
fences_leave_folder (void)
{
  g_autofree char *folder = g_get_current_dir ();

  unlink ("scale.cu");
  unlink ("out");
  ck_assert (chdir ("/") == 0 && rmdir (folder) == 0);
}
