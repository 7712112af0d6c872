/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A file through upload, kernel, download into a file, beside plain copies of the same file in the
 * same run. Usage: bench-stream [FOLDER [MIB [ROUNDS]]] */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>
#include <pinwheel/pinwheel.h>

#include "bench/bench.h"

typedef gboolean (*CopyFunc) (int source, int target, gsize size);

static gboolean
copy_read_write (int source, int target, gsize size, gsize block)
{
  g_autofree guint8 *buffer = g_malloc (block);
  gssize got;

  while ((got = read (source, buffer, block)) > 0)
    for (gssize done = 0; done < got;)
      {
        gssize put = write (target, buffer + done, (gsize) (got - done));

        if (put <= 0)
          return FALSE;
        done += put;
      }
  return got == 0;
}

static gboolean
copy_64k (int source, int target, gsize size)
{
  return copy_read_write (source, target, size, 64 << 10);
}

static gboolean
copy_1m (int source, int target, gsize size)
{
  return copy_read_write (source, target, size, 1 << 20);
}

static gboolean
copy_range (int source, int target, gsize size)
{
  gssize got = 1;

  for (; size > 0 && got > 0; size -= (gsize) MAX (got, 0))
    got = copy_file_range (source, NULL, target, NULL, size, 0);
  return size == 0;
}

static gboolean
copy_sendfile (int source, int target, gsize size)
{
  gssize got = 1;

  for (; size > 0 && got > 0; size -= (gsize) MAX (got, 0))
    got = sendfile (target, source, NULL, MIN (size, (gsize) 1 << 30));
  return size == 0;
}

static gboolean
copy_mmap (int source, int target, gsize size)
{
  guint8 *data = mmap (NULL, size, PROT_READ, MAP_SHARED, source, 0);
  gsize done = 0;

  if (data == MAP_FAILED)
    return FALSE;
  while (done < size)
    {
      gssize put = write (target, data + done, MIN (size - done, (gsize) 1 << 20));

      if (put <= 0)
        break;
      done += (gsize) put;
    }
  munmap (data, size);
  return done == size;
}

static const struct
{
  const char *name;
  CopyFunc copy;
} ways[] = {
  { "read+write 64 KiB", copy_64k },   { "read+write 1 MiB", copy_1m },
  { "copy_file_range", copy_range },   { "sendfile", copy_sendfile },
  { "mmap + write 1 MiB", copy_mmap },
};

/* Returns: seconds, or -1 where the system does not offer this way */
static double
time_copy (guint way, const char *in, const char *out)
{
  int source = open (in, O_RDONLY);
  int target;
  double begin;
  struct stat info;
  gboolean ok;

  unlink (out);
  target = open (out, O_WRONLY | O_CREAT | O_EXCL, 0666);
  if (source < 0 || target < 0 || fstat (source, &info) != 0)
    bench_die (g_strerror (errno));
  begin = bench_now ();
  ok = ways[way].copy (source, target, (gsize) info.st_size);
  close (target);
  begin = bench_now () - begin;
  close (source);
  return ok ? begin : -1;
}

static double
time_pipeline (const char *text, const char *out)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PinwheelPipeline) pipeline = pinwheel_parse_launch (text, NULL, &error);
  double begin;

  if (pipeline == NULL)
    bench_die (error->message);
  g_object_set (pipeline, "device", "host", NULL);
  unlink (out);
  begin = bench_now ();
  if (!pinwheel_pipeline_run (pipeline, &error))
    bench_die (error->message);
  return bench_now () - begin;
}

static void
make_input (const char *in, guint64 mib)
{
  g_autofree char *text = g_strdup_printf ("testsrc format=\"x:f32[*]\" items=%" G_GUINT64_FORMAT
                                           "Ki pattern=random seed=1 ! npysink location=%s",
                                           mib * 256, in);

  time_pipeline (text, in);
}

int
main (int argc, char **argv)
{
  const char *folder = argc > 1 ? argv[1] : g_get_tmp_dir ();
  guint64 mib = argc > 2 ? g_ascii_strtoull (argv[2], NULL, 10) : 512;
  guint rounds = argc > 3 ? (guint) g_ascii_strtoull (argv[3], NULL, 10) : 7;
  g_autofree char *in = g_build_filename (folder, "bench-in.npy", NULL);
  g_autofree char *out = g_build_filename (folder, "bench-out.npy", NULL);
  g_autofree char *text = g_strdup_printf ("npysrc location=%s ! upload ! map expr=\"y = 2*x\" ! "
                                           "download ! npysink location=%s",
                                           in, out);
  double times[G_N_ELEMENTS (ways) + 1][BENCH_MAX_ROUNDS];
  double best = G_MAXDOUBLE, ours;

  if (mib == 0 || rounds == 0 || rounds > BENCH_MAX_ROUNDS)
    bench_die ("usage: bench-stream [FOLDER [MIB [ROUNDS]]]");
  make_input (in, mib);
  time_pipeline (text, out); /* compiles the kernel, warms the page cache */
  for (guint r = 0; r < rounds; r++)
    {
      for (guint w = 0; w < G_N_ELEMENTS (ways); w++)
        times[w][r] = time_copy (w, in, out);
      times[G_N_ELEMENTS (ways)][r] = time_pipeline (text, out);
    }
  printf ("%" G_GUINT64_FORMAT " MiB in %s, median of %u interleaved rounds\n", mib, folder,
          rounds);
  for (guint w = 0; w < G_N_ELEMENTS (ways); w++)
    {
      double median = bench_median (times[w], rounds);

      if (times[w][0] < 0)
        {
          printf ("%-22s not offered here\n", ways[w].name);
          continue;
        }
      printf ("%-22s %7.3f s  %7.0f MiB/s\n", ways[w].name, median, (double) mib / median);
      best = MIN (best, median);
    }
  ours = bench_median (times[G_N_ELEMENTS (ways)], rounds);
  printf ("%-22s %7.3f s  %7.0f MiB/s\n", "pinwheel, y = 2*x", ours, (double) mib / ours);
  printf ("speed against the fastest plain copy: %.2f\n", best / ours);
  unlink (in);
  unlink (out);
  return EXIT_SUCCESS;
}
