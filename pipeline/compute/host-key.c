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
#ifdef HAVE_SYS_PLATFORM_X86_H
#include <sys/platform/x86.h>
#endif

#include "compute/generator-digest.h"
#include "compute/host-compiler-private.h"

/* With its zero byte: no text runs on into the next one. */
static void
add_text (GChecksum *sum, const char *text)
{
  g_checksum_update (sum, (const guchar *) text, (gssize) strlen (text) + 1);
}

/* Adds what `native` means here, without what tells processors of one machine from each other. */
#ifdef HAVE_SYS_PLATFORM_X86_H
static void
add_processor (GChecksum *sum)
{
  /* what of each leaf is about features: eax, ebx, ecx, edx */
  static const struct
  {
    guint leaf;
    gboolean has[4];
  } leaves[] = { { CPUID_INDEX_1, { FALSE, FALSE, TRUE, TRUE } },
                 { CPUID_INDEX_7, { FALSE, TRUE, TRUE, TRUE } },
                 { CPUID_INDEX_7_ECX_1, { TRUE, TRUE, TRUE, TRUE } },
                 { CPUID_INDEX_D_ECX_1, { TRUE, FALSE, FALSE, FALSE } },
                 { CPUID_INDEX_80000001, { FALSE, FALSE, TRUE, TRUE } } };

  for (guint i = 0; i < G_N_ELEMENTS (leaves); i++)
    {
      /* the C library has asked already: in a virtual machine that takes microseconds each */
      const struct cpuid_feature *feature = __x86_get_cpuid_feature_leaf (leaves[i].leaf);

      for (guint k = 0; k < G_N_ELEMENTS (leaves[i].has); k++)
        if (leaves[i].has[k])
          {
            /* what there is, and what the system lets programs use */
            const guint32 words[] = { feature->cpuid_array[k], feature->active_array[k] };

            g_checksum_update (sum, (const guchar *) words, sizeof words);
          }
    }
}
#else
/* The line of /proc/cpuinfo that says so. It comes within the first processor's part; the whole
 * file is long where there are many. */
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
#endif

/* The kernel's whole file: hardly anything can change in another kernel without moving this one,
 * and what it has for messages has its place in it. */
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
