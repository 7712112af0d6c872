/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What compiled code of a kernel is called in the cache.
 *
 * The source for the compiler is made of the kernel by this library alone, so that a key over both
 * is as good as one over that source, which takes longer to make than to find the code. What of the
 * library has a part in it is known to the build (pipeline/Makefile.am), which makes a digest of
 * all of that. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "compute/generator-digest.h"
#include "compute/host-compiler-private.h"

/* With its zero byte: no text runs on into the next one. */
static void
add_text (GChecksum *sum, const char *text)
{
  g_checksum_update (sum, (const guchar *) text, (gssize) strlen (text) + 1);
}

/* Adds the line of /proc/cpuinfo that says what `native` means here. It comes within the first
 * processor's part; the whole file is long where there are many. */
static void
add_processor (GChecksum *sum)
{
  char text[16384];
  FILE *file = fopen ("/proc/cpuinfo", "re");
  const char *found = NULL;
  gsize length = 0;

  if (file != NULL)
    {
      length = fread (text, 1, sizeof text - 1, file);
      fclose (file);
    }
  text[length] = '\0';
  found = strstr (text, "\nflags");
  if (found == NULL)
    found = strstr (text, "\nFeatures");
  if (found != NULL)
    g_checksum_update (sum, (const guchar *) found, (gssize) strcspn (found + 1, "\n") + 1);
  add_text (sum, "");
}

/* The kernel's whole file: what other kernels in it do not matter for, moves this one's lines all
 * the same. */
static void
add_kernel (GChecksum *sum, const PinwheelSignature *signature, const PinwheelHostBuild *build)
{
  g_autofree char *block = g_strdup_printf ("%u,%u,%u", build->block[0], build->block[1],
                                            build->block[2]);

  add_text (sum, PINWHEEL_GENERATOR_DIGEST);
  add_text (sum, signature->tokens->files->pdata[0]);
  add_text (sum, signature->tokens->text);
  add_text (sum, signature->qualified);
  add_text (sum, signature->as_fibers ? "fibers" : "");
  add_text (sum, block);
}

char *
pinwheel_host_key (const PinwheelSignature *signature, const PinwheelHostBuild *build,
                   const char *flags, const char *source)
{
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  g_autofree char *numbers = g_strdup_printf ("%d,%d", PINWHEEL_HOST_ABI, (int) build->fp_mode);

  add_text (sum, numbers);
  add_text (sum, flags);
  add_processor (sum);
  add_text (sum, source != NULL ? "source" : "kernel");
  if (source != NULL)
    add_text (sum, source);
  else
    add_kernel (sum, signature, build);
  return g_strdup (g_checksum_get_string (sum));
}
