/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>

#include "compute/host-compiler-private.h"
#include "unit/kernel-run.h"

static const guint block_256[3] = { 256, 1, 1 };

#define HEAD                                                                                       \
  "__global__ void k (const float *a, float *y, int n)\n"                                          \
  "{\n"                                                                                            \
  "  int i = blockIdx.x * blockDim.x + threadIdx.x;\n"

/* Returns: (transfer full) (nullable) */
static char *
lower (const char *source, const guint block[3], char **summary)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PinwheelSignature) signature = pinwheel_signature_new ("k.cu", source, "k", &error);

  ck_assert_ok (signature != NULL, error);
  return pinwheel_lower (signature, block, summary);
}

static void
check_lowered (const char *source, const char *expected)
{
  g_autofree char *summary = NULL;
  g_autofree char *body = lower (source, block_256, &summary);

  ck_assert_msg (body != NULL, "not lowered: %s\n%s", summary, source);
  ck_assert_msg (strcmp (summary, expected) == 0, "expected %s, got %s\n%s", expected, summary,
                 source);
}

static void
check_refused (const char *source, const char *expected)
{
  g_autofree char *summary = NULL;
  g_autofree char *body = lower (source, block_256, &summary);

  ck_assert_msg (body == NULL, "lowered: %s\n%s", summary, source);
  ck_assert_str_eq (summary, expected);
}

/* Whether the lowered text of @source has @part, but for blanks and line markers */
static gboolean
has (const char *source, const guint block[3], const char *part)
{
  g_autofree char *summary = NULL;
  g_autofree char *body = lower (source, block, &summary);
  g_autoptr (GString) text = g_string_new (NULL);
  g_auto (GStrv) lines = NULL;

  ck_assert_msg (body != NULL, "not lowered: %s\n%s", summary, source);
  lines = g_strsplit (body, "\n", -1);
  for (char **line = lines; *line != NULL; line++)
    for (const char *p = *line; *p != '\0' && **line != '#'; p++)
      if (!g_ascii_isspace (*p))
        g_string_append_c (text, *p);
  return strstr (text->str, part) != NULL;
}

START_TEST (straight_code_is_one_region)
{
  check_lowered (HEAD "  if (i < n) y[i] = a[i];\n}", "1 region, 0 masks");
  check_lowered (HEAD "  if (i >= n) return;\n  y[i] = a[i];\n}", "1 region, 0 masks");
  check_lowered (HEAD "  float s = 0;\n  for (int k = 0; k < 8; k++) s += a[i + k];\n"
                      "  y[i] = s;\n}",
                 "1 region, 0 masks");
}
END_TEST

START_TEST (a_uniform_loop_stands_around_its_region)
{
  check_lowered (HEAD "  float s = 0;\n  for (int k = 0; k < n; k++) s += a[i + k];\n"
                      "  y[i] = s;\n}",
                 "3 regions, 0 masks");
}
END_TEST

START_TEST (a_divergent_loop_takes_a_mask)
{
  check_lowered (HEAD "  float s = a[i];\n  while (s > 1) s *= 0.5f;\n  y[i] = s;\n}",
                 "4 regions, 1 mask");
  check_lowered (HEAD "  if (a[i] > 0)\n    for (int k = 0; k < n; k++) y[i] += k;\n}",
                 "3 regions, 1 mask");
}
END_TEST

START_TEST (only_what_crosses_regions_is_kept)
{
  static const char source[] = HEAD "  float s = 0, t = a[i];\n  y[i] = t;\n"
                                    "  for (int k = 0; k < n; k++) { float u = k; s += u; }\n"
                                    "  y[i] += s;\n}";

  ck_assert (has (source, block_256, "alignas(64)floatv4[64];};"));
}
END_TEST

START_TEST (groups_are_of_equal_size_where_that_is_possible)
{
  static const char source[] = HEAD
      "  float s = 0;\n  for (int k = 0; k < n; k++) s += k;\n  y[i] = s;\n}";
  static const char in_place[] = HEAD "  for (int k = 0; k < n; k++) y[i] += k;\n  y[i] += 1;\n}";
  static const struct
  {
    guint block[3];
    const char *lanes;
  } cases[] = { { { 7, 1, 1 }, "pinwheel_lanes=7}" },
                { { 100, 1, 1 }, "pinwheel_lanes=50}" },
                { { 96, 1, 1 }, "pinwheel_lanes=48}" },
                { { 1024, 1, 1 }, "pinwheel_lanes=64}" },
                { { 127, 1, 1 }, "pinwheel_lanes=pinwheel_x+64<=127?64:63;" },
                { { 16, 16, 1 }, "pinwheel_lanes=16}" } };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    ck_assert_msg (has (source, cases[i].block, cases[i].lanes), "case %u", i);
  /* lanes that keep nothing need not be few */
  ck_assert (has (in_place, block_256, "pinwheel_lanes=256}"));
  ck_assert (has (in_place, cases[3].block, "pinwheel_lanes=256}"));
}
END_TEST

START_TEST (loops_that_halve_a_distance_between_barriers_are_written_turn_by_turn)
{
  static const char ladder[] = HEAD "  float s = a[i];\n  for (int d = 16; d > 0; d /= 2)\n"
                                    "    s += __shfl_down_sync (0xffffffffu, s, d);\n"
                                    "  y[i] = s;\n}";
  static const char tiles[] = HEAD "  float s = 0;\n  for (int d = 16; d > 0; d -= 4) {\n"
                                   "    __syncthreads ();\n    s += a[i + d]; }\n  y[i] = s;\n}";

  static const char block[] = HEAD "  for (int d = blockDim.x / 2; d > 32; d >>= 1) {\n"
                                   "    __syncthreads ();\n    y[i] += a[i + d]; }\n}";
  static const char warp[] = HEAD "  for (int d = warpSize >> 1; d > 0; d >>= 1) {\n"
                                  "    __syncthreads ();\n    y[i] += a[i + d]; }\n}";

  ck_assert (has (block, block_256, "{constexprintd=(int)(128);"));
  ck_assert (has (block, block_256, "{constexprintd=(int)(64);"));
  ck_assert (!has (block, block_256, "{constexprintd=(int)(32);"));
  ck_assert (has (warp, block_256, "{constexprintd=(int)(16);"));
  ck_assert (has (ladder, block_256, "{constexprintd=(int)(16);"));
  ck_assert (has (ladder, block_256, "{constexprintd=(int)(1);"));
  ck_assert (!has (ladder, block_256, "{constexprintd=(int)(0);"));
  ck_assert (!has (tiles, block_256, "constexpr"));
  ck_assert (!has (HEAD "  for (float d = 3; d >= 1; d /= 2) {\n    __syncthreads ();\n"
                        "    y[i] += d; }\n}",
                   block_256, "constexpr"));
}
END_TEST

START_TEST (what_loops_do_with_shared_memory_alone_may_stay_in_registers)
{
#define TREE                                                                                       \
  "__global__ void k (const float *a, float *y, int n)\n{\n  __shared__ float s[256];\n"           \
  "  int t = threadIdx.x;\n  s[t] = a[t];\n  __syncthreads ();\n"                                  \
  "  for (int half = 128; half > 0; half /= 2) {\n    if (t < half) s[t] += s[t + half];\n"        \
  "    __syncthreads (); }\n  if (t == 0) y[blockIdx.x] = s[0];\n}"
  static const char shorts[] = "PINWHEEL_SHORT_LANESfor(intpinwheel_lane=0;";
  static const char kept[] = "__global__ void k (const float *a, float *y, int n)\n{\n"
                             "  float s = 0;\n  for (int k = 0; k < n; k++) {\n"
                             "    s += a[k + threadIdx.x];\n    __syncthreads (); }\n"
                             "  y[threadIdx.x] = s;\n}";

  ck_assert (!has (TREE, block_256, "PINWHEEL_FENCE"));
  ck_assert (has (TREE, block_256, shorts));
  /* fewer than a vector has, as far as is known */
  for (guint n = 8; n <= 9; n++)
    {
      g_autofree char *source = g_strdup_printf (HEAD "  int t = threadIdx.x;\n"
                                                      "  if (t < %u) y[i] = 1;\n}",
                                                 n);

      ck_assert (has (source, block_256, shorts) == (n == 8));
    }
  ck_assert (has (kept, block_256, "PINWHEEL_FENCE"));
  ck_assert (!has (kept, block_256, shorts));
}
END_TEST

START_TEST (lanes_are_asked_whether_they_are_here_only_where_some_may_be_parked)
{
#define SHUFFLED "  y[i] = __shfl_xor_sync (0xffffffffu, a[i], 1);\n}"
  static const char here[] = "pinwheel___shfl_xor_sync(pinwheel_state.slot1,pinwheel_lane,true,";
  static const char maybe[] = "pinwheel___shfl_xor_sync(pinwheel_state.slot1,pinwheel_lane,false,";

  ck_assert (has (HEAD SHUFFLED, block_256, here));
  ck_assert (has (HEAD "  if (i >= n) return;\n" SHUFFLED, block_256, maybe));
}
END_TEST

START_TEST (few_lanes_among_threads_that_meet_run_one_by_one)
{
#define FEW "  if (threadIdx.x % 16 == 0) y[i] = 1;\n"
  ck_assert (has (HEAD "  __syncthreads ();\n" FEW "}", block_256, "pinwheel_few"));
  ck_assert (!has (HEAD "  __syncthreads ();\n  float s = y[i];\n" FEW "  __syncthreads ();\n"
                        "  y[i] += s;\n}",
                   block_256, "pinwheel_few"));
  ck_assert (!has (HEAD FEW "}", block_256, "pinwheel_few"));
}
END_TEST

START_TEST (the_first_lane_of_each_warp_runs_alone)
{
  static const char strided[] = "pinwheel_lane<pinwheel_lanes;pinwheel_lane+=32)";
  static const guint odd[3] = { 80, 1, 1 };
  static const struct
  {
    const char *guard;
    gboolean is_one;
  } cases[] = {
    { "t % 32 == 0", TRUE },    { "(t & 31) == 0", TRUE }, { "threadIdx.x % warpSize == 0", TRUE },
    { "lane == 0", TRUE },      { "t % 32 == 1", FALSE },  { "t % 64 == 0", FALSE },
    { "(t & 32) == 0", FALSE }, { "i % 32 == 0", FALSE },  { "t % 32 == 0 && n > 7", FALSE },
    { "lane != 0", FALSE },     { "t & 31 == 0", FALSE },
  };

  for (guint k = 0; k < G_N_ELEMENTS (cases); k++)
    {
      g_autofree char *source = g_strdup_printf (
          HEAD "  int t = threadIdx.x, lane = t & 31;\n  if (%s) y[i] = 1;\n}", cases[k].guard);

      ck_assert_msg (has (source, block_256, strided) == cases[k].is_one, "%s", source);
      ck_assert_msg (!has (source, odd, strided), "%s", source);
    }
}
END_TEST

START_TEST (the_last_lane_answers_for_all_that_count_up_to_a_limit)
{
  static const struct
  {
    const char *guarded;
    gboolean is_last;
  } cases[] = { { "if (i < n) y[i] = 1;", TRUE },
                { "if (i >= n) return;\n  y[i] = 1;", TRUE },
                { "if (i < n) return;\n  y[i] = 1;", FALSE },
                { "if (i >= n) y[i] = 1;", FALSE },
                { "if (i <= n) y[i] = 1;", FALSE },
                { "if (i + 1 < n) y[i] = 1;", FALSE } };

  for (guint k = 0; k < G_N_ELEMENTS (cases); k++)
    {
      g_autofree char *source = g_strdup_printf (HEAD "  %s\n}", cases[k].guarded);

      ck_assert_msg (has (source, block_256, "pinwheel_lane=pinwheel_lanes-1;") == cases[k].is_last,
                     "%s", source);
    }
}
END_TEST

START_TEST (shuffles_over_known_distances_stay_in_registers)
{
  static const char moved[] = "pinwheel_take<pinwheel_down<4>>(pinwheel_state.slot1,";
  static const guint odd[3] = { 80, 1, 1 };
  static const struct
  {
    const char *call;
    gboolean is_moved;
  } cases[] = { { "(0xffffffff, s, 4)", TRUE },       { "(all, s, 4, 32)", TRUE },
                { "(~0u, s, 4, warpSize)", TRUE },    { "(-1, s, 4)", TRUE },
                { "(0xffffffff, s, n)", FALSE },      { "(0xffffffff, s, 4, 16)", FALSE },
                { "(0xffff, s, 4)", FALSE },          { "(n, s, 4)", FALSE },
                { "(0xffffffff, s + 1, 4)", FALSE },  { "(mask, s, 4)", TRUE },
                { "(-1, s, 4, warpSize / 2)", FALSE } };

  for (guint k = 0; k < G_N_ELEMENTS (cases); k++)
    {
      g_autofree char *source = g_strdup_printf (
          HEAD "  const unsigned all = 0xffffffffu;\n  unsigned mask = -1;\n  float s = a[i];\n"
               "  s += __shfl_down_sync %s;\n  y[i] = s;\n}",
          cases[k].call);

      ck_assert_msg (has (source, block_256, moved) == cases[k].is_moved, "%s", source);
      ck_assert_msg (!has (source, odd, moved), "%s", source);
    }
  ck_assert (!has (HEAD "  if (i >= n) return;\n  float s = a[i];\n"
                        "  s += __shfl_down_sync (0xffffffff, s, 4);\n  y[i] = s;\n}",
                   block_256, moved));
}
END_TEST

START_TEST (the_first_lanes_are_counted_and_not_asked)
{
  static const struct
  {
    const char *guard, *count; /* (nullable) */
  } cases[] = {
    { "threadIdx.x < n", "pinwheel_below((unsigned)threadIdx.x,n,pinwheel_lanes)" },
    { "t < n / i", NULL },
    { "t < (n + 1) * 2", "pinwheel_below((int)threadIdx.x,(n+1)*2,pinwheel_lanes)" },
    { "t == 0", "pinwheel_below((int)threadIdx.x,1,pinwheel_lanes)" },
    { "t == 1", NULL },
    { "t < i", NULL },
    { "t < a[0]", NULL },
    { "t < n && n > 7", NULL },
    { "i < n", NULL },
    { "s < n", NULL },
    { "threadIdx.y < n", NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *source = g_strdup_printf (
          HEAD "  int t = threadIdx.x; signed char s = threadIdx.x;\n"
               "  if (%s) y[i] = 1;\n}",
          cases[i].guard);

      if (cases[i].count != NULL)
        ck_assert_msg (has (source, block_256, cases[i].count), "%s", source);
      else
        ck_assert_msg (!has (source, block_256, "pinwheel_below"), "%s", source);
    }
}
END_TEST

START_TEST (angles_are_looked_at_where_nothing_is_changed_by_that)
{
#define ANGLES                                                                                     \
  "__device__ int count;\n__device__ int next () { return count++; }\n"                            \
  "template <int by> __device__ int step () { return count += by; }\n"                             \
  "struct Counter { __device__ double sqrt (double x) const { return x * count++; } };\n"          \
  "__global__ void k (const double *a, double *y, int n)\n"                                        \
  "{\n  int i = blockIdx.x * blockDim.x + threadIdx.x;\n"
  static const char *const seen[] = {
    "  y[i] = sin (a[i]);\n}",
    "  double x = a[i];\n  x += 2 * x;\n  y[(i + 1)] *= 3 + cos (x);\n}",
    "  double s, c;\n  y[i] = 1;\n  sincos (2.0 * i, &s, &c);\n  y[i] = s * c;\n}",
    "  if (i < n) { double t = tan (a[i]); y[i] = t; }\n}",
    "  double x = 0;\n  for (int k = 0; k < n; k++) x += sin (x);\n  y[i] = x;\n}",
    "  double x = 0;\n  for (int k = 0; k < 3; k++) x += sin (x);\n  y[i] = x;\n}",
  };
  static const char *const unseen[] = {
    "  y[i] = a[i];\n  y[i] = sin (y[i]);\n}",
    "  y[i] = sin (next ());\n}",
    "  int k = next ();\n  y[i] = sin (1.0 * k);\n}",
    "  double x = 1, *p = &x;\n  *p = a[i];\n  y[i] = sin (x);\n}",
    "  double x = y[i] = a[i];\n  y[i] = sin (x);\n}",
    "  for (int k = 0; k < 3; k++) y[i] += sin (1.0 * k);\n}",
    "  double x = 1;\n  for (int k = 0; k < 3; k++) { x += sin (x); x += next (); }\n}",
    "  y[i] = sinf (i);\n}",
    "  y[i] = sin (atomicAdd (y, 1.0));\n}",
    "  double s;\n  y[i] = sin (modf (a[i], &s));\n}",
    "  y[i] = sin (1.0 * step<3> ());\n}",
    "  Counter norm3d;\n  y[i] = sin (norm3d.sqrt (a[i]));\n}",
  };

  for (guint i = 0; i < G_N_ELEMENTS (seen); i++)
    {
      g_autofree char *source = g_strconcat (ANGLES, seen[i], NULL);
      g_autofree char *own = g_strconcat ("__device__ double sin (double x) { return x; }\n",
                                          source, NULL);

      ck_assert_msg (has (source, block_256, "pinwheel_near::"), "%s", source);
      ck_assert_msg (!has (own, block_256, "pinwheel_near::"), "%s", own);
    }
  for (guint i = 0; i < G_N_ELEMENTS (unseen); i++)
    {
      g_autofree char *source = g_strconcat (ANGLES, unseen[i], NULL);

      ck_assert_msg (!has (source, block_256, "pinwheel_near::"), "%s", source);
    }
}
END_TEST

START_TEST (functions_in_which_threads_wait_are_put_in_place_of_their_calls)
{
#define SUM                                                                                        \
  "__device__ float sum (float v)\n{\n  for (int d = 16; d > 0; d /= 2)\n"                         \
  "    v += __shfl_down_sync (~0u, v, d);\n  return v;\n}\n"
#define MEET "__device__ void meet (int n) { __syncthreads (); }\n"
  static const char *const refused[] = {
    /* in the middle, and where it may not be reached */
    "__device__ int f (int v) { if (v) return 1; __syncthreads (); return 2; }\n",
    "__device__ int f (int v) { __syncthreads (); return v > 0 ? f (v - 1) : 0; }\n",
    "__device__ int f (int v) { __syncthreads (); return v; }\n"
    "__device__ float f (float v) { __syncthreads (); return v; }\n",
    "__device__ int f (int v, int w = 1) { __syncthreads (); return v + w; }\n",
    "__device__ auto f (int v) -> int { __syncthreads (); return v; }\n",
    "__device__ int f (const float &v) { __syncthreads (); return v / 2; }\n",
  };
  static const char *const statements[] = { "  y[i] = n && f (1);\n}", "  y[i++] = f (i);\n}",
                                            "  if (f (i)) y[i] = 1;\n}",
                                            "  for (int k = f (1); k < n; k++) y[k] = 1;\n}",
                                            "  y[i] = f;\n}" };
  static const char good[] = "__device__ int f (int v) { __syncthreads (); return v; }\n" HEAD;

  ck_assert (has (SUM HEAD "  float s = a[i];\n  y[i] = sum (s) * 2;\n}", block_256,
                  "pinwheel_take<pinwheel_down<16>>"));
  check_lowered (MEET HEAD "  float s = a[i];\n  meet (1);\n  y[i] = s;\n}", "2 regions, 0 masks");
  for (guint k = 0; k < G_N_ELEMENTS (refused); k++)
    {
      g_autofree char *source = g_strconcat (refused[k], HEAD "  y[i] = f (n);\n}", NULL);

      check_refused (source, "barrier inside a device function, k.cu:1");
    }
  for (guint k = 0; k < G_N_ELEMENTS (statements); k++)
    {
      g_autofree char *source = g_strconcat (good, statements[k], NULL);

      check_refused (source, "barrier inside a device function, k.cu:1");
    }
}
END_TEST

/* Whether the lowered kernel's whole source says that it reaches thread-local memory */
static gboolean
reaches_own_memory (const char *source)
{
  g_autoptr (PinwheelSignature) signature = pinwheel_signature_new ("k.cu", source, "k", NULL);
  g_autofree char *summary = NULL;
  g_autofree char *body = pinwheel_lower (signature, block_256, &summary);
  g_autofree char *whole = NULL;

  ck_assert_msg (body != NULL, "%s", summary);
  whole = pinwheel_host_source (signature, block_256, body);
  return strstr (whole, PINWHEEL_HOST_OWN_MEMORY) != NULL;
}

START_TEST (what_functions_that_were_put_in_reach_is_the_kernels)
{
#define MEETING                                                                                    \
  "__device__ int f (int v) { __shared__ int s; if (threadIdx.x == 0) s = v; __syncthreads ();\n"  \
  "  return s + blockIdx.x; }\n"
  ck_assert (!reaches_own_memory (MEETING HEAD "  y[i] = f (n);\n}"));
  ck_assert (reaches_own_memory (MEETING "__device__ int g () { return threadIdx.x; }\n" HEAD
                                         "  y[i] = f (n) + g ();\n}"));
  ck_assert (reaches_own_memory (MEETING "__shared__ int t[9];\n" HEAD
                                         "  t[1] = 2;\n  y[i] = f (n) + t[1];\n}"));
}
END_TEST

START_TEST (branches_of_whole_warps_are_asked_once)
{
  static const char asked[] = "if(pinwheel_goes){";
  static const struct
  {
    const char *condition;
    gboolean is_of_warps;
  } cases[] = { { "t / 32 == 0", TRUE },  { "(t >> 5) < n", TRUE },      { "warp != 1", TRUE },
                { "t < 32", TRUE },       { "threadIdx.x >= 64", TRUE }, { "t < 33", FALSE },
                { "t / 16 == 0", FALSE }, { "warp == t", FALSE },        { "i / 32 == 0", FALSE },
                { "t < warpSize", TRUE } };

  for (guint k = 0; k < G_N_ELEMENTS (cases); k++)
    {
      g_autofree char *source = g_strdup_printf (
          HEAD "  int t = threadIdx.x, warp = t / warpSize;\n  float s = a[i];\n"
               "  if (%s) s += __shfl_xor_sync (~0u, s, 1);\n  y[i] = s;\n}",
          cases[k].condition);

      ck_assert_msg (has (source, block_256, asked) == cases[k].is_of_warps, "%s", source);
    }
}
END_TEST

START_TEST (functions_without_effects_are_called_before_as_well)
{
  static const char *const calls[] = {
    "erfcx (v)",
    "erfinv (v)",
    "normcdf (v)",
    "normcdfinv (v)",
    "rhypot (v, 2)",
    "norm3d (v, 1, 2)",
    "norm4df (v, 1, 2, 3)",
    "cyl_bessel_i1 (v)",
    "expm1 (v)",
    "j0 (v)",
    "jn (2, v)",
    "scalbn (v, 3)",
    "ilogb (v)",
    "lgamma (v)",
    "ldexp (v, 2)",
    "__dmul_rz (v, v)",
    "isnan (v)",
    "__double2int_rn (v)",
    "lround (v)",
    "umax (3, 4)",
    "__popc (i)",
    "__dp4a (1, 2, 3)",
    "min (v, 2)",
    "__ldg (a + i)",
  };

  for (guint i = 0; i < G_N_ELEMENTS (calls); i++)
    {
      g_autofree char *source = g_strconcat (ANGLES "  double v = a[i];\n  y[i] = sin (", calls[i],
                                             ");\n}", NULL);
      g_autofree char *name = g_strndup (calls[i], strcspn (calls[i], " "));
      g_autofree char *own = g_strdup_printf ("__device__ double %s (...) { return 1; }\n%s", name,
                                              source);

      ck_assert_msg (has (source, block_256, "pinwheel_near::"), "%s", source);
      ck_assert_msg (!has (own, block_256, "pinwheel_near::"), "%s", own);
    }
}
END_TEST

START_TEST (what_is_not_understood_is_refused_with_its_place)
{
  check_refused (HEAD "  goto end;\nend: y[i] = n;\n}", "'goto' in the kernel, k.cu:4");
  check_refused (HEAD "  auto f = [=] (int k) { return k; };\n  y[i] = f (n);\n}",
                 "a lambda, k.cu:4");
  check_refused (HEAD "  for (auto x : a) y[i] = x;\n}", "a loop over a range, k.cu:4");
  check_refused (HEAD "  auto s = a[i];\n  for (int k = 0; k < n; k++) s += k;\n  y[i] = s;\n}",
                 "'auto' for 's', which lives across a loop or a barrier, k.cu:4");
  check_refused (HEAD "  float &r = y[i];\n  for (int k = 0; k < n; k++) r += k;\n}",
                 "the reference 'r' lives across a loop or a barrier, k.cu:4");
  check_refused (HEAD "  static int s;\n  y[i] = s++;\n}",
                 "a static variable in the kernel, k.cu:4");
  check_refused (HEAD "  struct p { int x; } q;\n  q.x = 1;\n  y[i] = q.x;\n}",
                 "a type defined in the kernel, k.cu:4");
  check_refused (HEAD "  if (float x = a[i]) y[i] = x;\n}", "a declaration in a condition, k.cu:4");
  check_refused (HEAD "  { int n = 3; y[i] = n; }\n}", "'n' hides another variable, k.cu:4");
  check_refused (HEAD "  int s = (n++, __shfl_sync (-1, n, 1));\n  y[i] = s;\n}",
                 "a warp function or vote behind a comma, k.cu:4");
}
END_TEST

/* Damaged texts are lowered or refused: the compiler has its say later. */
START_TEST (damaged_kernels_do_no_harm)
{
  static const char source[] = HEAD
      "  double s[3] = { 1, 2, a[i] }; const float t = 1.0f / n;\n"
      "  if (i >= n) return;\n"
      "  for (int k = 0, m = 1; k < n; k += 2) { do { s[k % 3] *= t; } while (s[0] > 1);\n"
      "    switch (k & 3) { case 0: continue; case 1: break; default: y[i] = (float) s[1]; } }\n"
      "#pragma unroll\n"
      "  for (int k = 0; k < 4; ++k) y[i] += k ? s[1] : -s[2];\n}";
  g_autoptr (GRand) random = g_rand_new_with_seed (1);

  for (guint i = 0; i < 3000; i++)
    {
      g_autofree char *text = g_strdup (source);
      g_autofree char *summary = NULL, *body = NULL;
      g_autoptr (PinwheelSignature) signature = NULL;
      gint32 length = (gint32) strlen (text);

      for (guint n = g_rand_int_range (random, 1, 5); n > 0; n--)
        text[g_rand_int_range (random, 60, length)] = source[g_rand_int_range (random, 0, length)];
      signature = pinwheel_signature_new ("k.cu", text, NULL, NULL);
      if (signature == NULL)
        continue;
      body = pinwheel_lower (signature, block_256, &summary);
      ck_assert_ptr_nonnull (summary);
    }
}
END_TEST

static Suite *
lower_suite (void)
{
  Suite *suite = suite_create ("lower");
  TCase *tcase = tcase_create ("lower");

  tcase_add_test (tcase, straight_code_is_one_region);
  tcase_add_test (tcase, a_uniform_loop_stands_around_its_region);
  tcase_add_test (tcase, a_divergent_loop_takes_a_mask);
  tcase_add_test (tcase, only_what_crosses_regions_is_kept);
  tcase_add_test (tcase, groups_are_of_equal_size_where_that_is_possible);
  tcase_add_test (tcase, loops_that_halve_a_distance_between_barriers_are_written_turn_by_turn);
  tcase_add_test (tcase, what_loops_do_with_shared_memory_alone_may_stay_in_registers);
  tcase_add_test (tcase, lanes_are_asked_whether_they_are_here_only_where_some_may_be_parked);
  tcase_add_test (tcase, few_lanes_among_threads_that_meet_run_one_by_one);
  tcase_add_test (tcase, the_first_lane_of_each_warp_runs_alone);
  tcase_add_test (tcase, the_last_lane_answers_for_all_that_count_up_to_a_limit);
  tcase_add_test (tcase, shuffles_over_known_distances_stay_in_registers);
  tcase_add_test (tcase, the_first_lanes_are_counted_and_not_asked);
  tcase_add_test (tcase, angles_are_looked_at_where_nothing_is_changed_by_that);
  tcase_add_test (tcase, functions_in_which_threads_wait_are_put_in_place_of_their_calls);
  tcase_add_test (tcase, what_functions_that_were_put_in_reach_is_the_kernels);
  tcase_add_test (tcase, branches_of_whole_warps_are_asked_once);
  tcase_add_test (tcase, functions_without_effects_are_called_before_as_well);
  tcase_add_test (tcase, what_is_not_understood_is_refused_with_its_place);
  tcase_add_test (tcase, damaged_kernels_do_no_harm);
  tcase_set_timeout (tcase, 60);
  suite_add_tcase (suite, tcase);
  return suite;
}

int
main (void)
{
  SRunner *runner = srunner_create (lower_suite ());
  int n_failed;

  srunner_run_all (runner, CK_ENV);
  n_failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return n_failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
