/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Threads that wait for each other, calls, what goes wrong, and texts that are damaged. */
#include "config.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "ptx-support.h"

#define ENTRY                                                                                      \
  PTX_HEAD ".visible .entry t(.param .u64 out, .param .u64 in)\n{\n"                               \
           ".reg .b64 %rd<9>, %in, %out, %mine; .reg .b32 %r<9>; .reg .pred %p<9>;\n"              \
           ".reg .f32 %f<9>;\n"                                                                    \
           "ld.param.u64 %in, [in]; ld.param.u64 %out, [out]; mov.u32 %r1, %tid.x;\n"              \
           "mad.wide.u32 %mine, %r1, 4, %out;\n"
#define LEAVE "st.global.u32 [%mine], %r2;\nret;\n}\n"

static void
run (const char *text, guint n, guint32 *out)
{
  guint64 in[4] = { 1, 2, 3, 4 };
  g_autoptr (GError) error = NULL;

  memset (out, 0, n * sizeof *out);
  ptx_run_text (text, n, out, n * sizeof *out, in, sizeof in, &error);
  ck_assert_msg (error == NULL, "%s", error != NULL ? error->message : "");
}

static void
fails (const char *text, guint n, int code, const char *says)
{
  g_autofree guint32 *out = g_new0 (guint32, n);
  guint64 in[4] = { 1, 2, 3, 4 };
  g_autoptr (GError) error = NULL;

  ck_assert (!ptx_run_text (text, n, out, n * sizeof *out, in, sizeof in, &error));
  ck_assert_msg (error != NULL && error->domain == PTX_ERROR && error->code == code
                     && strstr (error->message, says) != NULL,
                 "expected %d with '%s', got %d: %s", code, says, error->code, error->message);
}

START_TEST (shuffles_move_values_within_their_segments)
{
  guint32 out[64];

  run (ENTRY "shfl.sync.down.b32 %r2|%p1, %r1, 4, 0x1f, -1;\n@!%p1 mov.u32 %r2, 99;\n" LEAVE, 64,
       out);
  for (guint k = 0; k < 64; k++)
    ck_assert_uint_eq (out[k], k % 32 < 28 ? k + 4 : 99);
  run (ENTRY "shfl.sync.up.b32 %r2|%p1, %r1, 1, 0, -1;\n" LEAVE, 32, out);
  for (guint k = 0; k < 32; k++)
    ck_assert_uint_eq (out[k], k == 0 ? 0 : k - 1);
  run (ENTRY "shfl.sync.bfly.b32 %r2, %r1, 3, 0x1f, -1;\n" LEAVE, 32, out);
  for (guint k = 0; k < 32; k++)
    ck_assert_uint_eq (out[k], k ^ 3);
  /* segments of eight */
  run (ENTRY "shfl.sync.idx.b32 %r2, %r1, 2, 0x181f, -1;\n" LEAVE, 32, out);
  for (guint k = 0; k < 32; k++)
    ck_assert_uint_eq (out[k], k / 8 * 8 + 2);
}
END_TEST

START_TEST (lanes_that_are_not_named_take_no_part)
{
  guint32 out[32];

  /* odd lanes come to another shuffle than even ones, and at another time */
  run (ENTRY "and.b32 %r3, %r1, 1; setp.ne.u32 %p1, %r3, 0;\n"
             "@%p1 bra ODD;\nshfl.sync.bfly.b32 %r2, %r1, 2, 0x1f, 0x55555555;\nbra JOIN;\n"
             "ODD: shfl.sync.bfly.b32 %r2, %r1, 4, 0x1f, 0xaaaaaaaa;\nJOIN:\n" LEAVE,
       32, out);
  for (guint k = 0; k < 32; k++)
    ck_assert_uint_eq (out[k], k & 1 ? k ^ 4 : k ^ 2);
}
END_TEST

START_TEST (votes_and_matches_see_all_lanes)
{
  guint32 out[32];

  run (ENTRY "setp.lt.u32 %p1, %r1, 5; vote.sync.ballot.b32 %r2, %p1, -1;\n" LEAVE, 32, out);
  ck_assert_uint_eq (out[31], 0x1f);
  run (ENTRY "setp.lt.u32 %p1, %r1, 5; vote.sync.ballot.b32 %r2, !%p1, -1;\n" LEAVE, 32, out);
  ck_assert_uint_eq (out[0], 0xffffffe0);
  run (ENTRY "setp.lt.u32 %p1, %r1, 32; vote.sync.all.pred %p2, %p1, -1;\n"
             "selp.u32 %r2, 1, 0, %p2;\n" LEAVE,
       20, out);
  ck_assert_uint_eq (out[19], 1);
  run (ENTRY "and.b32 %r3, %r1, 3; match.any.sync.b32 %r2, %r3, -1;\n" LEAVE, 32, out);
  ck_assert_uint_eq (out[5], 0x22222222);
  run (ENTRY "match.all.sync.b32 %r2|%p1, %r1, -1;\n" LEAVE, 32, out);
  ck_assert_uint_eq (out[5], 0);
  run (ENTRY "sub.s32 %r3, %r1, 5; redux.sync.min.s32 %r2, %r3, -1;\n" LEAVE, 32, out);
  ck_assert_uint_eq (out[7], (guint32) -5);
}
END_TEST

START_TEST (barriers_order_shared_memory)
{
  guint32 out[100];

  run (ENTRY ".shared .align 4 .b8 s[400];\nmov.u32 %r3, s; shl.b32 %r4, %r1, 2;\n"
             "add.u32 %r5, %r3, %r4; st.shared.u32 [%r5], %r1; bar.sync 0;\n"
             "sub.u32 %r6, %r3, %r4; ld.shared.u32 %r2, [%r6+396];\n" LEAVE,
       100, out);
  for (guint k = 0; k < 100; k++)
    ck_assert_uint_eq (out[k], 99 - k);
  /* threads that have left are not waited for */
  run (ENTRY "mov.u32 %r2, 7; setp.gt.u32 %p1, %r1, 10; @%p1 exit; bar.sync 0;\n" LEAVE, 100, out);
  ck_assert_uint_eq (out[10], 7);
  ck_assert_uint_eq (out[11], 0);
  run (ENTRY "setp.lt.u32 %p1, %r1, 42; bar.red.popc.u32 %r2, 0, %p1;\n" LEAVE, 100, out);
  ck_assert_uint_eq (out[99], 42);
  run (ENTRY "setp.lt.u32 %p1, %r1, 42; bar.red.and.pred %p2, 1, 64, !%p1;\n"
             "selp.u32 %r2, 5, 6, %p2;\n" LEAVE,
       64, out);
  ck_assert_uint_eq (out[63], 6);
  /* one warp arrives and goes on, another waits for it */
  run (ENTRY ".shared .align 4 .b8 s[4];\nsetp.lt.u32 %p1, %r1, 32; @%p1 bra FIRST;\n"
             "bar.sync 3, 64; ld.shared.u32 %r2, [s]; bra JOIN;\n"
             "FIRST: setp.eq.u32 %p2, %r1, 0; @%p2 st.shared.u32 [s], 77; bar.warp.sync -1;\n"
             "bar.arrive 3, 64; mov.u32 %r2, 1;\nJOIN:\n" LEAVE,
       64, out);
  ck_assert_uint_eq (out[0], 1);
  ck_assert_uint_eq (out[63], 77);
}
END_TEST

START_TEST (a_thread_that_spins_lets_others_run)
{
  guint32 out[64];

  run (ENTRY
       ".shared .align 4 .b8 s[4];\nsetp.ne.u32 %p1, %r1, 63; @!%p1 st.shared.u32 [s], 5;\n"
       "LOOP: ld.volatile.shared.u32 %r2, [s]; setp.ne.u32 %p2, %r2, 5; @%p2 bra LOOP;\n" LEAVE,
       64, out);
  ck_assert_uint_eq (out[0], 5);
}
END_TEST

#define FACTORIAL                                                                                  \
  ".func (.param .b32 result) factorial (.param .b32 n)\n{\n.reg .b32 %r<9>; .reg .pred %p1;\n"    \
  "ld.param.u32 %r1, [n]; setp.lt.u32 %p1, %r1, 2; @%p1 bra ONE;\n"                                \
  "sub.u32 %r2, %r1, 1;\n{ .param .b32 a; .param .b32 b; st.param.b32 [a], %r2;\n"                 \
  "call.uni (b), factorial, (a); ld.param.b32 %r3, [b]; }\n"                                       \
  "mul.lo.u32 %r4, %r3, %r1; st.param.b32 [result], %r4; ret;\n"                                   \
  "ONE: st.param.b32 [result], 1; ret;\n}\n"

START_TEST (functions_call_themselves_and_each_other)
{
  guint32 out[12];
  const char *entry = strstr (ENTRY, ".visible");
  g_autofree char *direct = g_strconcat (
      PTX_HEAD FACTORIAL, entry,
      "{ .param .b32 a; .param .b32 b; st.param.b32 [a], %r1; call (b), factorial, (a);\n"
      "ld.param.b32 %r2, [b]; }\n" LEAVE,
      NULL);
  g_autofree char *indirect = g_strconcat (
      PTX_HEAD FACTORIAL, entry,
      "mov.u64 %rd1, factorial; { .param .b32 a; .param .b32 b; st.param.b32 [a], %r1;\n"
      "proto : .callprototype (.param .b32 _) _ (.param .b32 _);\n"
      "call (b), %rd1, (a), proto; ld.param.b32 %r2, [b]; }\n" LEAVE,
      NULL);

  run (direct, 12, out);
  ck_assert_uint_eq (out[11], 39916800);
  run (indirect, 12, out);
  ck_assert_uint_eq (out[10], 3628800);
}
END_TEST

START_TEST (a_branch_can_go_to_one_of_a_list)
{
  guint32 out[3];

  run (ENTRY
       "list: .branchtargets A, B, C;\nbrx.idx %r1, list;\n"
       "A: mov.u32 %r2, 10; bra J;\nB: mov.u32 %r2, 20; bra J;\nC: mov.u32 %r2, 30;\nJ:\n" LEAVE,
       3, out);
  ck_assert_uint_eq (out[0], 10);
  ck_assert_uint_eq (out[2], 30);
  fails (ENTRY "list: .branchtargets A;\nbrx.idx %r1, list;\nA: mov.u32 %r2, 10;\n" LEAVE, 2,
         PTX_ERROR_TRAP, "target 1 of 1");
}
END_TEST

START_TEST (local_memory_is_each_threads_own)
{
  guint32 out[40];

  run (ENTRY ".local .align 4 .b8 depot[16]; mov.u64 %rd1, depot; cvta.local.u64 %rd2, %rd1;\n"
             "st.local.u32 [%rd1+4], %r1; bar.sync 0; ld.u32 %r2, [%rd2+4];\n" LEAVE,
       40, out);
  for (guint k = 0; k < 40; k++)
    ck_assert_uint_eq (out[k], k);
  fails (ENTRY ".local .align 4 .b8 depot[16]; ld.local.u32 %r2, [depot+16];\n" LEAVE, 1,
         PTX_ERROR_ADDRESS, "local memory");
}
END_TEST

START_TEST (atomics_return_what_was_there)
{
  guint32 out[64];

  run (ENTRY "atom.global.add.u32 %r2, [%out], 1; bar.sync 0;\n ld.global.u32 %r2, [%out];\n"
             "bar.sync 0;\n" LEAVE,
       64, out);
  ck_assert_uint_eq (out[63], 64);
  run (ENTRY "mov.u32 %r2, 5; setp.eq.u32 %p1, %r1, 0;\n"
             "@%p1 atom.global.cas.b32 %r2, [%out+4], 0, 9; @%p1 ld.global.u32 %r2, [%out+4];\n"
             "bar.sync 0;\n" LEAVE,
       2, out);
  ck_assert_uint_eq (out[0], 9);
  /* the scope behind the space, and before it */
  run (ENTRY "atom.global.sys.add.u32 %r2, [%mine], 2; atom.acq_rel.gpu.global.exch.b32 %r2, "
             "[%mine], 8;\n" LEAVE,
       1, out);
  ck_assert_uint_eq (out[0], 2);
  run (ENTRY "st.global.u32 [%mine], 3; atom.global.inc.u32 %r2, [%mine], 3;\n"
             "ld.global.u32 %r2, [%mine];\n" LEAVE,
       1, out);
  ck_assert_uint_eq (out[0], 0);
  run (ENTRY "st.global.u32 [%mine], -5; red.global.min.s32 [%mine], 3;\n"
             "red.global.max.u32 [%mine], 3; ld.global.u32 %r2, [%mine];\n" LEAVE,
       1, out);
  ck_assert_uint_eq (out[0], (guint32) -5);
  run (ENTRY "st.global.f32 [%mine], 0f3F800000; atom.global.add.f32 %f1, [%mine], 0f3F800000;\n"
             "ld.global.u32 %r2, [%mine];\n" LEAVE,
       1, out);
  ck_assert_uint_eq (out[0], 0x40000000);
}
END_TEST

START_TEST (variables_begin_as_written)
{
  const char *text = PTX_HEAD
      ".func f ();\n.const .align 4 .u32 table[3] = {5, 6, -7};\n.global .align 8 .f64 half = "
      "0.5;\n"
      ".global .align 8 .u64 pointers[2] = {generic(table)+4, f};\n.global .b32 zeros[4];\n"
      ".func f () { ret; }\n";
  const guint64 addresses[4] = { 0x1000, 0x2000, 0x3000, 0x4000 };
  g_autoptr (GError) error = NULL;
  g_autoptr (PtxModule) module = ptx_module_new (text, &error);
  guint32 table[3];
  guint64 pointers[2];
  double half;

  ck_assert_msg (module != NULL, "%s", error != NULL ? error->message : "");
  ck_assert_uint_eq (ptx_module_get_n_variables (module), 4);
  ck_assert_str_eq (ptx_module_get_variable (module, 1).name, "half");
  ck_assert (ptx_module_get_variable (module, 0).is_constant);
  ck_assert_uint_eq (ptx_module_get_variable (module, 3).size, 16);
  ptx_module_place (module, addresses);
  ptx_module_get_initial (module, 0, (guint8 *) table);
  ptx_module_get_initial (module, 1, (guint8 *) &half);
  ptx_module_get_initial (module, 2, (guint8 *) pointers);
  ck_assert_uint_eq (table[2], (guint32) -7);
  ck_assert (half == 0.5);
  ck_assert_uint_eq (pointers[0], 0x1004);
}
END_TEST

START_TEST (an_access_that_is_wrong_is_named)
{
  fails (ENTRY "st.global.u32 [%mine+4], %r1;\n" LEAVE, 4, PTX_ERROR_ADDRESS,
         "kernel 't', block (0, 0, 0), thread (3, 0, 0), PTX line 10: a write of 4 bytes");
  fails (ENTRY "st.global.u32 [%in], %r1;\n" LEAVE, 1, PTX_ERROR_ADDRESS, "a write");
  fails (ENTRY "ld.global.u32 %r2, [0];\n" LEAVE, 1, PTX_ERROR_ADDRESS, "a read of 4 bytes at 0x0");
  fails (ENTRY "ld.global.u32 %r2, [%in+2];\n" LEAVE, 1, PTX_ERROR_ALIGNMENT, "4 bytes");
  fails (ENTRY "ld.global.v2.u32 {%r2, %r3}, [%in+4];\n" LEAVE, 1, PTX_ERROR_ALIGNMENT, "8 bytes");
  fails (ENTRY "mov.u32 %r3, 64; ld.shared.u32 %r2, [%r3];\n" LEAVE, 1, PTX_ERROR_ADDRESS,
         "shared memory, which has 0");
  fails (ENTRY "mov.u64 %rd1, 0x0400000000000000; st.u32 [%rd1], 1;\n" LEAVE, 1, PTX_ERROR_ADDRESS,
         "parameter");
  fails (ENTRY "trap;\n" LEAVE, 1, PTX_ERROR_TRAP, "trap");
  fails (ENTRY "call %rd1, ();\n" LEAVE, 1, PTX_ERROR_CALL, "no function");
}
END_TEST

START_TEST (a_deadlock_is_found)
{
  fails (ENTRY "setp.eq.u32 %p1, %r1, 0; @%p1 bar.sync 1; bar.sync 2;\n" LEAVE, 64,
         PTX_ERROR_DEADLOCK, "64 threads wait");
  fails (ENTRY "setp.eq.u32 %p1, %r1, 0; @%p1 bra L; shfl.sync.idx.b32 %r2, %r1, 0, 31, -1;\n"
               "L: bar.sync 0;\n" LEAVE,
         32, PTX_ERROR_DEADLOCK, "lanes 0xffffffff");
  fails (ENTRY "bar.warp.sync 0xfe;\n" LEAVE, 32, PTX_ERROR_TRAP, "its own lane 0");
}
END_TEST

START_TEST (endless_recursion_is_found)
{
  const char *entry = strstr (ENTRY, ".visible");
  g_autofree char *text = g_strconcat (PTX_HEAD ".func f () { call f, (); ret; }\n", entry,
                                       "call f, ();\n" LEAVE, NULL);

  fails (text, 1, PTX_ERROR_STACK, "calls of 'f'");
}
END_TEST

static gpointer
stop_later (gpointer data)
{
  g_atomic_int_set ((gint *) data, 1);
  return NULL;
}

START_TEST (an_endless_loop_can_be_stopped)
{
  const guint one[3] = { 1, 1, 1 };
  g_autoptr (GError) error = NULL;
  g_autoptr (PtxModule) module = ptx_module_new (PTX_HEAD ".entry t () { L: bra L; }", &error);
  PtxBlocks blocks = { 0 };
  PtxMemory memory = ptx_blocks_memory (&blocks, NULL, 0, NULL, 0);
  gint stop = 0;
  GThread *thread;

  memory.stop = &stop;
  thread = g_thread_new ("stopper", stop_later, &stop);
  ck_assert (!ptx_launch (ptx_module_get_entry (module, 0), one, one, 0, NULL, &memory, &error));
  ck_assert (g_error_matches (error, PTX_ERROR, PTX_ERROR_STOPPED));
  g_thread_join (thread);
}
END_TEST

START_TEST (a_configuration_that_is_not_possible_is_refused)
{
  const guint one[3] = { 1, 1, 1 }, none[3] = { 0, 1, 1 }, many[3] = { 32, 33, 1 };
  const guint eight[3] = { 8, 1, 1 };
  g_autoptr (PtxModule) module = ptx_module_new (PTX_HEAD ".entry t () .maxntid 4, 1, 1 { }", NULL);
  const PtxEntry *entry = ptx_module_get_entry (module, 0);

  ck_assert_uint_eq (ptx_entry_get_max_threads (entry), 4);
  ck_assert_uint_eq (ptx_module_get_target (module), 90);
  ck_assert (ptx_launch (entry, one, one, 0, NULL, NULL, NULL));
  ck_assert (!ptx_launch (entry, none, one, 0, NULL, NULL, NULL));
  ck_assert (!ptx_launch (entry, one, many, 0, NULL, NULL, NULL));
  ck_assert (!ptx_launch (entry, one, eight, 0, NULL, NULL, NULL));
}
END_TEST

START_TEST (printf_says_what_was_meant)
{
  const guint one[3] = { 1, 1, 1 };
  const char *text = PTX_HEAD
      ".extern .func (.param .b32 r) vprintf (.param .b64 f, .param .b64 a);\n"
      ".entry t(.param .u64 in)\n{\n.reg .b64 %rd<9>;\n.local .align 8 .b8 depot[32];\n"
      "mov.u64 %rd1, depot; cvta.local.u64 %rd2, %rd1; ld.param.u64 %rd3, [in];\n"
      "st.local.u32 [%rd1], -7; st.local.f64 [%rd1+8], 0d3FF8000000000000;\n"
      "st.local.u64 [%rd1+16], %rd3;\n{ .param .b64 a; .param .b64 b; .param .b32 r;\n"
      "st.param.b64 [a], %rd3; st.param.b64 [b], %rd2; call (r), vprintf, (a, b); }\n}\n";
  const char *format = "%d %.2f %5s%%\n";
  guint64 address = PTX_IN;
  void *arguments[1] = { &address };
  PtxBlocks blocks = { 0 };
  PtxMemory memory = ptx_blocks_memory (&blocks, NULL, 0, format, strlen (format) + 1);
  g_autoptr (GError) error = NULL;
  g_autoptr (PtxModule) module = ptx_module_new (text, &error);

  ck_assert_msg (module != NULL, "%s", error != NULL ? error->message : "");
  blocks.said = g_string_new (NULL);
  ck_assert (ptx_launch (ptx_module_get_entry (module, 0), one, one, 0, arguments, &memory, NULL));
  ck_assert_str_eq (blocks.said->str, "-7 1.50 %d %.2f %5s%%\n%\n");
  g_string_free (blocks.said, TRUE);
}
END_TEST

static const struct
{
  const char *text, *says;
} refused[] = {
  { ".entry t () { frobnicate.u32 %r1, %r2; }", "PTX line 4, at 'frobnicate.u32'" },
  { ".entry t () { add.u31 %r1, %r2; }", "is not known here" },
  { ".entry t () { .reg .b32 %r<2>; add.u32 %r1, %r2, 1; }", "nothing is declared" },
  { ".entry t () { .reg .b32 %r<2>; add.u32 %r1, %r0; }", "',' is expected" },
  { ".entry t () { bra NOWHERE; }", "no label 'NOWHERE'" },
  { ".entry t () { .reg .b32 %r<9>; .reg .b32 %r<9>; }", "declared twice" },
  { ".entry t () { .reg .b32 %r<4000000000>; }", "so many registers" },
  { ".global .b8 g[4] = {1, 2, 3, 4, 5};", "more initial values" },
  { ".global .b8 g[2000000000];", "too large" },
  { ".extern .global .b8 g[4];", "another module" },
  { ".entry t () { ", "has no end" },
  { ".entry t () { /* ", "comment has no end" },
  { ".entry t () { mov.f32 %f1, 0f3F; }", "too few digits" },
  { ".func f (.param .b32 a) ;\n.entry t () { call f, (); }", "with these operands" },
  { ".func f ();\n.entry t () { call f, (); }", "nowhere in this module" },
  { ".extern .func vprintf ();\n.entry t () { call vprintf, (); }", "with these operands" },
  { ".entry t (.param .b8 p[40000]) { }", "parameters have at most" },
  { "\x80", "no meaning" },
};

START_TEST (what_is_not_known_is_refused_with_its_line)
{
  for (guint k = 0; k < G_N_ELEMENTS (refused); k++)
    {
      g_autofree char *text = g_strconcat (PTX_HEAD, refused[k].text, NULL);
      g_autoptr (GError) error = NULL;

      ck_assert_msg (ptx_module_new (text, &error) == NULL, "%s", refused[k].text);
      ck_assert_msg (strstr (error->message, refused[k].says) != NULL, "%s: %s", refused[k].text,
                     error->message);
    }
}
END_TEST

#define N_LAUNCHES 4
#define N_ADDED    20000

typedef struct
{
  const PtxModule *module;
  guint32 *counter;
} Adder;

static gpointer
launch_adder (gpointer data)
{
  const Adder *adder = data;
  const guint grid[3] = { N_ADDED / 1000, 1, 1 }, block[3] = { 1000, 1, 1 };
  guint64 address = PTX_OUT;
  void *arguments[1] = { &address };
  PtxBlocks blocks = { 0 };
  PtxMemory memory = ptx_blocks_memory (&blocks, adder->counter, sizeof *adder->counter, NULL, 0);

  return GINT_TO_POINTER (ptx_launch (ptx_module_get_entry (adder->module, 0), grid, block, 0,
                                      arguments, &memory, NULL));
}

START_TEST (launches_run_at_the_same_time)
{
  g_autoptr (PtxModule) module = ptx_module_new (
      PTX_HEAD ".entry t (.param .u64 p) { .reg .b64 %rd<2>; ld.param.u64 %rd1, [p];\n"
               "red.global.add.u32 [%rd1], 1; ret; }",
      NULL);
  GThread *threads[N_LAUNCHES];
  guint32 counter = 0;
  Adder adder = { module, &counter };

  for (guint k = 0; k < N_LAUNCHES; k++)
    threads[k] = g_thread_new ("launch", launch_adder, &adder);
  for (guint k = 0; k < N_LAUNCHES; k++)
    ck_assert (GPOINTER_TO_INT (g_thread_join (threads[k])));
  ck_assert_uint_eq (counter, N_LAUNCHES * N_ADDED);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("ptx-launch");
  TCase *tests = tcase_create ("launches");
  SRunner *runner = srunner_create (suite);
  int failed;

  tcase_add_test (tests, shuffles_move_values_within_their_segments);
  tcase_add_test (tests, lanes_that_are_not_named_take_no_part);
  tcase_add_test (tests, votes_and_matches_see_all_lanes);
  tcase_add_test (tests, barriers_order_shared_memory);
  tcase_add_test (tests, a_thread_that_spins_lets_others_run);
  tcase_add_test (tests, functions_call_themselves_and_each_other);
  tcase_add_test (tests, a_branch_can_go_to_one_of_a_list);
  tcase_add_test (tests, local_memory_is_each_threads_own);
  tcase_add_test (tests, atomics_return_what_was_there);
  tcase_add_test (tests, variables_begin_as_written);
  tcase_add_test (tests, an_access_that_is_wrong_is_named);
  tcase_add_test (tests, a_deadlock_is_found);
  tcase_add_test (tests, endless_recursion_is_found);
  tcase_add_test (tests, an_endless_loop_can_be_stopped);
  tcase_add_test (tests, a_configuration_that_is_not_possible_is_refused);
  tcase_add_test (tests, printf_says_what_was_meant);
  tcase_add_test (tests, what_is_not_known_is_refused_with_its_line);
  tcase_add_test (tests, launches_run_at_the_same_time);
  suite_add_tcase (suite, tests);
  srunner_run_all (runner, CK_ENV);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed > 0;
}
