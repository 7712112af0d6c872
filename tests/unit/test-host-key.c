/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "compute/host-compiler-private.h"
#include "unit/kernel-run.h"

static const char kernels[] = "typedef float real;\n"
                              "enum { four = 4 };\n"
                              "struct pair { float a, b; };\n"
                              "__device__ real twice (real x) { return 2 * x; }\n"
                              "__device__ real never (real x) { return x / 2; }\n"
                              "extern \"C\" __global__ void first (const real *x, real *y, int n)\n"
                              "{\n"
                              "  int i = blockIdx.x * blockDim.x + threadIdx.x; /* which */\n"
                              "  real v = sinf (x[i]);\n"
                              "  for (int k = 0; k < four; k++)\n"
                              "    v = twice (v) + 1;\n"
                              "  if (i < n)\n"
                              "    y[i] = v;\n"
                              "}\n"
                              "__global__ void second (int *y)\n"
                              "{\n"
                              "  __shared__ int t[32];\n"
                              "  t[threadIdx.x] = y[threadIdx.x];\n"
                              "  __syncthreads ();\n"
                              "  y[threadIdx.x] = t[31 - threadIdx.x];\n"
                              "}\n";

static const guint blocks[][3] = { { 32, 1, 1 }, { 8, 4, 1 } };

/* Returns: (transfer full): all that the compiler is given */
static char *
make_source (const PinwheelSignature *signature, const guint block[3])
{
  g_autofree char *summary = NULL;
  g_autofree char *body = NULL;

  if (!signature->as_fibers)
    body = pinwheel_lower (signature, block, &summary);
  return pinwheel_host_source (signature, block, body);
}

static char *
make_key (const PinwheelSignature *signature, const guint block[3])
{
  const PinwheelHostBuild build = { { block[0], block[1], block[2] }, PINWHEEL_FP_FAST, NULL };

  return pinwheel_host_key (signature, &build, "", NULL);
}

/* @seen: key -> source. Returns: whether the source is one that had not been made yet */
static gboolean
check_kernel (GHashTable *seen, const PinwheelSignature *signature, const guint block[3])
{
  char *key = make_key (signature, block);
  char *source = make_source (signature, block);
  const char *other = g_hash_table_lookup (seen, key);

  ck_assert_msg (other == NULL || strcmp (source, other) == 0,
                 "one key for\n%.3000s\nand for\n%.3000s", source, other);
  return g_hash_table_insert (seen, key, source);
}

/* Returns: how many kernels @text has, in as many forms */
static guint
check_text (GHashTable *seen, const char *file, const char *text)
{
  static const char *const entries[] = { "first", "second" };
  guint n = 0;

  for (guint i = 0; i < 8; i++)
    {
      g_autoptr (PinwheelSignature) signature = pinwheel_signature_new (file, text, entries[i & 1],
                                                                        NULL);

      if (signature == NULL)
        continue;
      signature->as_fibers = (i & 4) != 0;
      check_kernel (seen, signature, blocks[i >> 1 & 1]);
      n++;
    }
  return n;
}

START_TEST (sources_that_differ_have_keys_that_differ)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  guint n = check_text (seen, "k.cu", kernels) + check_text (seen, "other.cu", kernels);

  ck_assert_uint_eq (n, 16);
  ck_assert_uint_eq (g_hash_table_size (seen), 16);
  for (gsize i = 0; i < strlen (kernels); i++)
    for (const char *by = "\1 x3"; *by != '\0'; by++)
      {
        g_autoptr (GString) text = g_string_new (kernels);

        g_string_erase (text, (gssize) i, 1);
        if (*by != '\1')
          g_string_insert_c (text, (gssize) i, *by);
        n += check_text (seen, "k.cu", text->str);
      }
  ck_assert_uint_gt (n, 10000);
}
END_TEST

START_TEST (whatever_else_changes_code_changes_the_key)
{
  g_autoptr (PinwheelSignature) signature = pinwheel_signature_new ("k.cu", kernels, "first", NULL);
  const PinwheelHostBuild fast = { { 32, 1, 1 }, PINWHEEL_FP_FAST, NULL };
  const PinwheelHostBuild exact = { { 32, 1, 1 }, PINWHEEL_FP_EXACT, NULL };
  g_autoptr (GHashTable) keys = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  ck_assert (g_hash_table_add (keys, pinwheel_host_key (signature, &fast, "-O3", NULL)));
  ck_assert (!g_hash_table_add (keys, pinwheel_host_key (signature, &fast, "-O3", NULL)));
  ck_assert (g_hash_table_add (keys, pinwheel_host_key (signature, &exact, "-O3", NULL)));
  ck_assert (g_hash_table_add (keys, pinwheel_host_key (signature, &fast, "-O2", NULL)));
  ck_assert (g_hash_table_add (keys, pinwheel_host_key (signature, &fast, "-O3", kernels)));
  ck_assert (!g_hash_table_add (keys, pinwheel_host_key (signature, &fast, "-O3", kernels)));
  ck_assert (g_hash_table_add (keys, pinwheel_host_key (signature, &fast, "-O3", "")));
}
END_TEST

/* Writes a key to stdout. */
static int
print_key (void)
{
  g_autoptr (PinwheelSignature) signature = pinwheel_signature_new ("k.cu", kernels, "first", NULL);
  g_autofree char *key = make_key (signature, blocks[0]);

  return puts (key) >= 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

static void
stay_on (gpointer data)
{
  cpu_set_t one;

  CPU_ZERO (&one);
  CPU_SET (GPOINTER_TO_UINT (data), &one);
  if (sched_setaffinity (0, sizeof one, &one) != 0)
    _exit (77);
}

START_TEST (every_processor_of_the_machine_has_the_same_key)
{
  char *argv[] = { (char *) "/proc/self/exe", (char *) "--key", NULL };
  g_autofree char *first = NULL;
  cpu_set_t all;
  guint n = 0;

  ck_assert_int_eq (sched_getaffinity (0, sizeof all, &all), 0);
  for (guint i = 0; i < CPU_SETSIZE && n < 8; i++)
    {
      g_autofree char *key = NULL;
      int status;

      if (!CPU_ISSET (i, &all))
        continue;
      ck_assert (g_spawn_sync (NULL, argv, NULL, G_SPAWN_DEFAULT, stay_on, GUINT_TO_POINTER (i),
                               &key, NULL, &status, NULL));
      ck_assert_int_eq (status, 0);
      ck_assert_uint_eq (strlen (key), 65);
      if (first == NULL)
        first = g_strdup (key);
      ck_assert_str_eq (key, first);
      n++;
    }
  ck_assert_uint_gt (n, 0);
}
END_TEST

static Suite *
key_suite (void)
{
  Suite *suite = suite_create ("host-key");
  TCase *tcase = tcase_create ("host-key");

  tcase_add_test (tcase, sources_that_differ_have_keys_that_differ);
  tcase_add_test (tcase, whatever_else_changes_code_changes_the_key);
  tcase_add_test (tcase, every_processor_of_the_machine_has_the_same_key);
  suite_add_tcase (suite, tcase);
  return suite;
}

int
main (int argc, char **argv)
{
  SRunner *runner;
  int n_failed;

  if (argc > 1 && strcmp (argv[1], "--key") == 0)
    return print_key ();
  runner = srunner_create (key_suite ());
  srunner_run_all (runner, CK_ENV);
  n_failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return n_failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
