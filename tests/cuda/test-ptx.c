/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Each instruction alone, with results known from its definition. */
#include "config.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "ptx-support.h"

/* %r1 to %r4, %rd1 ..., %f1 ..., %fd1 ... and %rs1 ... all begin as the bits of a, b, c and e, %p1
 * to %p4 as their lowest bit. The result is in the register with the number 0. */
typedef struct
{
  const char *text;
  guint64 a, b, c, e;
  guint64 result;
} Case;

#define ONE    0x3f800000u
#define TWO    0x40000000u
#define HALF   0x3f000000u
#define TINY   0x33800001u /* a little more than half of the last bit of 1 */
#define NAN32  0x7fffffffu
#define INF    0x7f800000u
#define DENORM 0x00000001u
#define D1     0x3ff0000000000000u
#define D2     0x4000000000000000u
#define DTINY  0x3ca0000000000001u

static const Case integers[] = {
  { "add.s32 %r0, %r1, %r2", 0x7fffffff, 1, 0, 0, 0x80000000 },
  { "add.s64 %rd0, %rd1, %rd2", G_MAXUINT64, 2, 0, 0, 1 },
  { "add.u16 %rs0, %rs1, %rs2", 0xffff, 2, 0, 0, 1 },
  { "add.sat.s32 %r0, %r1, %r2", 0x7fffffff, 1, 0, 0, 0x7fffffff },
  { "sub.sat.s32 %r0, %r1, %r2", 0x80000000, 1, 0, 0, 0x80000000 },
  { "sub.s32 %r0, %r1, -3", 4, 0, 0, 0, 7 },
  { "mul.lo.s32 %r0, %r1, %r2", 0x10001, 0x10001, 0, 0, 0x20001 },
  { "mul.hi.u32 %r0, %r1, %r2", 0xffffffff, 0xffffffff, 0, 0, 0xfffffffe },
  { "mul.hi.s32 %r0, %r1, %r2", 0xffffffff, 0xffffffff, 0, 0, 0 },
  { "mul.hi.u64 %rd0, %rd1, %rd2", G_MAXUINT64, G_MAXUINT64, 0, 0, G_MAXUINT64 - 1 },
  { "mul.hi.s64 %rd0, %rd1, %rd2", G_MAXUINT64, 5, 0, 0, G_MAXUINT64 },
  { "mul.wide.s32 %rd0, %r1, %r2", 0xffffffff, 3, 0, 0, (guint64) -3 },
  { "mul.wide.u32 %rd0, %r1, %r2", 0xffffffff, 3, 0, 0, 0x2fffffffd },
  { "mul.wide.u16 %r0, %rs1, %rs2", 0xffff, 0xffff, 0, 0, 0xfffe0001 },
  { "mul24.lo.s32 %r0, %r1, %r2", 0x00ffffff, 3, 0, 0, (guint32) -3 },
  { "mad.lo.s32 %r0, %r1, %r2, %r3", 3, 5, 7, 0, 22 },
  { "mad.hi.u32 %r0, %r1, %r2, %r3", 0x80000000, 4, 7, 0, 9 },
  { "mad.wide.s32 %rd0, %r1, %r2, %rd3", (guint32) -2, 5, 3, 0, (guint64) -7 },
  { "div.s32 %r0, %r1, %r2", (guint32) -7, 2, 0, 0, (guint32) -3 },
  { "div.s32 %r0, %r1, %r2", 0x80000000, (guint32) -1, 0, 0, 0x80000000 },
  { "div.u32 %r0, %r1, %r2", 0xfffffff9, 2, 0, 0, 0x7ffffffc },
  { "rem.s32 %r0, %r1, %r2", (guint32) -7, 2, 0, 0, (guint32) -1 },
  { "rem.s64 %rd0, %rd1, %rd2", (guint64) G_MININT64, (guint64) -1, 0, 0, 0 },
  { "rem.u64 %rd0, %rd1, 10", 123456789012345, 0, 0, 0, 5 },
  { "min.s32 %r0, %r1, %r2", 0xffffffff, 1, 0, 0, 0xffffffff },
  { "min.u32 %r0, %r1, %r2", 0xffffffff, 1, 0, 0, 1 },
  { "max.s64 %rd0, %rd1, %rd2", G_MAXUINT64, 1, 0, 0, 1 },
  { "max.u16 %rs0, %rs1, %rs2", 0xffff, 1, 0, 0, 0xffff },
  { "min.s32.relu %r0, %r1, %r2", (guint32) -5, 3, 0, 0, 0 },
  { "abs.s32 %r0, %r1", (guint32) -5, 0, 0, 0, 5 },
  { "neg.s64 %rd0, %rd1", 5, 0, 0, 0, (guint64) -5 },
  { "sad.s32 %r0, %r1, %r2, %r3", (guint32) -3, 4, 10, 0, 17 },
  { "dp4a.s32.s32 %r0, %r1, %r2, %r3", 0xff020304, 0x01010102, 100, 0, 112 },
  { "dp4a.u32.u32 %r0, %r1, %r2, %r3", 0xff020304, 0x01010102, 0, 0, 268 },
  { "dp2a.lo.s32.s32 %r0, %r1, %r2, %r3", 0x0002ffff, 0x09090503, 0, 0, 7 },
  { "dp2a.hi.u32.u32 %r0, %r1, %r2, %r3", 0x0002ffff, 0x05030909, 1, 0, 0x30000 - 3 + 10 + 1 },
  { "vabsdiff4.u32.u32.u32 %r0, %r1, %r2, %r3", 0xff00017f, 0x01ff0280, 99, 0, 0xfeff0101 },
  { "vabsdiff4.s32.s32.s32 %r0, %r1, %r2, %r3", 0xff00017f, 0x01ff0280, 99, 0, 0x020101ff },
  { "vabsdiff2.u32.u32.u32.add %r0, %r1, %r2, %r3", 0xffff0001, 0x00010003, 10, 0, 0x1000a },
};

static const Case bits[] = {
  { "and.b32 %r0, %r1, %r2", 0xff00ff00, 0x0ff00ff0, 0, 0, 0x0f000f00 },
  { "or.pred %p0, %p1, %p2", 0, 1, 0, 0, 1 },
  { "xor.b64 %rd0, %rd1, -1", 5, 0, 0, 0, ~(guint64) 5 },
  { "not.pred %p0, %p1", 1, 0, 0, 0, 0 },
  { "not.b32 %r0, %r1", 5, 0, 0, 0, 0xfffffffa },
  { "cnot.b32 %r0, %r1", 0, 0, 0, 0, 1 },
  { "shl.b32 %r0, %r1, %r2", 1, 31, 0, 0, 0x80000000 },
  { "shl.b32 %r0, %r1, %r2", 1, 32, 0, 0, 0 },
  { "shl.b64 %rd0, %rd1, %r2", 1, 40, 0, 0, (guint64) 1 << 40 },
  { "shr.u32 %r0, %r1, %r2", 0x80000000, 33, 0, 0, 0 },
  { "shr.s32 %r0, %r1, %r2", 0x80000000, 99, 0, 0, 0xffffffff },
  { "shr.s16 %rs0, %rs1, %r2", 0x8000, 3, 0, 0, 0xf000 },
  { "shr.s64 %rd0, %rd1, %r2", (guint64) 1 << 63, 62, 0, 0, (guint64) -2 },
  { "shf.l.wrap.b32 %r0, %r1, %r2, %r3", 0x89abcdef, 0x01234567, 36, 0, 0x12345678 },
  { "shf.l.clamp.b32 %r0, %r1, %r2, %r3", 0x89abcdef, 0x01234567, 36, 0, 0x89abcdef },
  { "shf.r.wrap.b32 %r0, %r1, %r2, %r3", 0x89abcdef, 0x01234567, 36, 0, 0x789abcde },
  { "shf.r.clamp.b32 %r0, %r1, %r2, %r3", 0x89abcdef, 0x01234567, 36, 0, 0x01234567 },
  { "popc.b64 %r0, %rd1", 0xf0f0f0f0f0f0f0f1, 0, 0, 0, 33 },
  { "clz.b32 %r0, %r1", 1, 0, 0, 0, 31 },
  { "clz.b64 %r0, %rd1", 0, 0, 0, 0, 64 },
  { "brev.b32 %r0, %r1", 1, 0, 0, 0, 0x80000000 },
  { "brev.b64 %rd0, %rd1", 6, 0, 0, 0, 0x6000000000000000 },
  { "bfind.u32 %r0, %r1", 0x00010000, 0, 0, 0, 16 },
  { "bfind.s32 %r0, %r1", 0xffffffff, 0, 0, 0, 0xffffffff },
  { "bfind.shiftamt.s64 %r0, %rd1", (guint64) -5, 0, 0, 0, 61 },
  { "bfe.u32 %r0, %r1, 8, 12", 0x12345678, 0, 0, 0, 0x456 },
  { "bfe.s32 %r0, %r1, %r2, %r3", 0x12345678, 3, 4, 0, 0xffffffff },
  { "bfe.s32 %r0, %r1, 28, 12", 0x92345678, 0, 0, 0, 0xfffffff9 },
  { "bfe.u64 %rd0, %rd1, 60, 10", 0x9234567812345678, 0, 0, 0, 9 },
  { "bfe.s32 %r0, %r1, 40, 4", 0x80000000, 0, 0, 0, 0xffffffff },
  { "fns.b32 %r0, %r1, %r2, %r3", 0x80000112, 2, 2, 0, 8 },
  { "fns.b32 %r0, %r1, %r2, %r3", 0x80000112, 8, (guint32) -3, 0, 1 },
  { "fns.b32 %r0, %r1, %r2, %r3", 0x80000112, 9, 2, 0, 0xffffffff },
  { "fns.b32 %r0, %r1, %r2, %r3", 0x80000112, 4, 0, 0, 4 },
  { "fns.b32 %r0, %r1, %r2, %r3", 0x80000112, 5, 0, 0, 0xffffffff },
  { "bfi.b32 %r0, %r1, %r2, 8, 4", 0xabc, 0x12345678, 0, 0, 0x12345c78 },
  { "bfi.b64 %rd0, %rd1, %rd2, 32, 64", 1, 7, 0, 0, 0x100000007 },
  { "bmsk.clamp.b32 %r0, %r1, %r2", 4, 8, 0, 0, 0xff0 },
  { "szext.wrap.s32 %r0, %r1, %r2", 0x18, 5, 0, 0, 0xfffffff8 },
  { "lop3.b32 %r0, %r1, %r2, %r3, 0x96", 0xff, 0x0f, 0x33, 0, 0xff ^ 0x0f ^ 0x33 },
  { "lop3.b32 %r0, %r1, %r2, %r3, 0xca", 0xf0, 0xaa, 0x55, 0, 0xa5 },
  { "prmt.b32 %r0, %r1, %r2, 0x7531", 0x33221100, 0x77665544, 0, 0, 0x77553311 },
  { "prmt.b32 %r0, %r1, %r2, 0xba98", 0x80017f90, 0, 0, 0, 0xff0000ff },
  { "prmt.b32.f4e %r0, %r1, %r2, %r3", 0x33221100, 0x77665544, 1, 0, 0x44332211 },
  { "prmt.b32.rc16 %r0, %r1, %r2, %r3", 0x33221100, 0, 1, 0, 0x33223322 },
  { "mov.b32 %r0, {%rs1, %rs2}", 0x1234, 0x5678, 0, 0, 0x56781234 },
  { "mov.b64 {_, %r0}, %rd1", 0x123456789abcdef0, 0, 0, 0, 0x12345678 },
  { "mov.u32 %r0, %lanemask_le", 0, 0, 0, 0, 1 },
  { "mov.u32 %r0, %lanemask_ge", 0, 0, 0, 0, 0xffffffff },
  { "mov.u32 %r0, %lanemask_gt", 0, 0, 0, 0, 0xfffffffe },
  { "mov.u32 %r0, %lanemask_lt", 0, 0, 0, 0, 0 },
  { "mov.u32 %r0, %nwarpid", 0, 0, 0, 0, 1 },
  { "mad.lo.u32 %r0, %ntid.x, 5, %nctaid.z", 0, 0, 0, 0, 6 },
  { "mov.u32 %r0, WARP_SZ", 0, 0, 0, 0, 32 },
  { "selp.b32 %r0, %r1, %r2, %p3", 5, 6, 1, 0, 5 },
  { "slct.s32.s32 %r0, %r1, %r2, %r3", 5, 6, (guint32) -1, 0, 6 },
  { "slct.u64.f32 %rd0, %rd1, %rd2, %f3", 5, 6, 0x80000000, 0, 5 },
  { "isspacep.shared %p0, %rd1", 0x0200000000000010, 0, 0, 0, 1 },
};

static const Case carries[] = {
  { "add.cc.u32 %r5, %r1, %r2; addc.u32 %r0, %r3, %r4", 0xffffffff, 1, 5, 6, 12 },
  { "add.cc.u32 %r5, %r1, %r2; addc.u32 %r0, %r3, %r4", 0xfffffffe, 1, 5, 6, 11 },
  { "add.cc.u64 %rd5, %rd1, %rd2; addc.u64 %rd0, %rd3, %rd4", G_MAXUINT64, 1, 5, 6, 12 },
  { "sub.cc.u32 %r5, %r1, %r2; subc.u32 %r0, %r3, %r4", 0, 1, 9, 3, 5 },
  { "sub.cc.u32 %r5, %r1, %r2; subc.u32 %r0, %r3, %r4", 1, 1, 9, 3, 6 },
  { "mad.lo.cc.u32 %r5, %r1, %r2, %r3; madc.hi.u32 %r0, %r1, %r2, 0", 0xffffffff, 0xffffffff,
    0xffffffff, 0, 0xffffffff },
};

static const Case floats[] = {
  { "add.f32 %f0, %f1, %f2", ONE, TINY, 0, 0, ONE + 1 },
  { "add.rz.f32 %f0, %f1, %f2", ONE, TINY, 0, 0, ONE },
  { "add.rm.f32 %f0, %f1, %f2", ONE, TINY | 0x80000000, 0, 0, ONE - 2 },
  { "add.rp.f32 %f0, %f1, %f2", ONE, DENORM, 0, 0, ONE + 1 },
  { "sub.ftz.f32 %f0, %f1, %f2", 0x00800001, 0x00800000, 0, 0, 0 },
  { "sub.f32 %f0, %f1, %f2", 0x00800001, 0x00800000, 0, 0, DENORM },
  { "sub.f32 %f0, %f1, %f2", INF, INF, 0, 0, NAN32 },
  { "add.sat.f32 %f0, %f1, %f2", ONE, ONE, 0, 0, ONE },
  { "add.sat.f32 %f0, %f1, %f2", 0x7fc00001, ONE, 0, 0, 0 },
  { "mul.f32 %f0, %f1, 0f40000000", ONE, 0, 0, 0, TWO },
  { "mul.rn.ftz.f32 %f0, %f1, %f2", DENORM | 0x80000000, TWO, 0, 0, 0x80000000 },
  { "fma.rn.f32 %f0, %f1, %f2, %f3", ONE + 1, ONE + 1, 0xbf800002, 0, 0x28800000 },
  { "fma.rz.f32 %f0, %f1, %f2, %f3", ONE, ONE, TINY, 0, ONE },
  { "fma.rp.f64 %fd0, %fd1, %fd2, %fd3", D1, D1, 1, 0, D1 + 1 },
  { "div.rn.f32 %f0, %f1, %f2", ONE, 0x40400000, 0, 0, 0x3eaaaaab },
  { "div.rz.f32 %f0, %f1, %f2", ONE, 0x40400000, 0, 0, 0x3eaaaaaa },
  { "div.full.f32 %f0, %f1, %f2", ONE, TWO, 0, 0, HALF },
  { "div.approx.f32 %f0, %f1, %f2", ONE, 0x7f000000, 0, 0, 0 },
  { "rcp.rn.f32 %f0, %f1", 0x40400000, 0, 0, 0, 0x3eaaaaab },
  { "rcp.rp.f64 %fd0, %fd1", 0x4008000000000000, 0, 0, 0, 0x3fd5555555555556 },
  { "sqrt.rn.f32 %f0, %f1", TWO, 0, 0, 0, 0x3fb504f3 },
  { "sqrt.rp.f32 %f0, %f1", TWO, 0, 0, 0, 0x3fb504f4 },
  { "sqrt.rm.f64 %fd0, %fd1", D2, 0, 0, 0, 0x3ff6a09e667f3bcc },
  { "sqrt.rn.f32 %f0, %f1", 0xbf800000, 0, 0, 0, NAN32 },
  { "add.f64 %fd0, %fd1, %fd2", D1, DTINY, 0, 0, D1 + 1 },
  { "add.rz.f64 %fd0, %fd1, %fd2", D1, DTINY, 0, 0, D1 },
  { "mul.f64 %fd0, %fd1, 0d3FE0000000000000", D1, 0, 0, 0, 0x3fe0000000000000 },
  { "div.rn.f64 %fd0, %fd1, %fd2", D1, 0x4008000000000000, 0, 0, 0x3fd5555555555555 },
  { "abs.f32 %f0, %f1", 0xff800000, 0, 0, 0, INF },
  { "neg.f64 %fd0, %fd1", D1, 0, 0, 0, D1 | (guint64) 1 << 63 },
  { "min.f32 %f0, %f1, %f2", 0x7fc00000, ONE, 0, 0, ONE },
  { "min.NaN.f32 %f0, %f1, %f2", 0x7fc00000, ONE, 0, 0, NAN32 },
  { "min.f32 %f0, %f1, %f2", 0, 0x80000000, 0, 0, 0x80000000 },
  { "max.f64 %fd0, %fd1, %fd2", (guint64) 1 << 63, 0, 0, 0, 0 },
  { "max.ftz.f32 %f0, %f1, %f2", DENORM, 0x80000000, 0, 0, 0 },
  { "max.xorsign.abs.f32 %f0, %f1, %f2", 0xc0000000, ONE, 0, 0, 0xc0000000 },
  { "copysign.f32 %f0, %f1, %f2", 0x80000000, ONE, 0, 0, 0xbf800000 },
  { "testp.subnormal.f32 %p0, %f1", DENORM, 0, 0, 0, 1 },
  { "testp.notanumber.f64 %p0, %fd1", D1, 0, 0, 0, 0 },
  { "testp.normal.f64 %p0, %fd1", D1, 0, 0, 0, 1 },
  { "ex2.approx.ftz.f32 %f0, %f1", TWO, 0, 0, 0, 0x40800000 },
  { "lg2.approx.f32 %f0, %f1", 0x41000000, 0, 0, 0, 0x40400000 },
  { "sin.approx.f32 %f0, %f1", 0, 0, 0, 0, 0 },
  { "cos.approx.f32 %f0, %f1", 0, 0, 0, 0, ONE },
  { "tanh.approx.f32 %f0, %f1", INF, 0, 0, 0, ONE },
  { "rsqrt.approx.f32 %f0, %f1", 0x40800000, 0, 0, 0, HALF },
  { "rcp.approx.ftz.f64 %fd0, %fd1", 0x4008000000000000, 0, 0, 0, 0x3fd5555500000000 },
};

static const Case conversions[] = {
  { "cvt.u32.u64 %r0, %rd1", 0x123456789, 0, 0, 0, 0x23456789 },
  { "cvt.s64.s32 %rd0, %r1", 0x80000000, 0, 0, 0, 0xffffffff80000000 },
  { "cvt.u64.u32 %rd0, %r1", 0x80000000, 0, 0, 0, 0x80000000 },
  { "cvt.s32.s8 %r0, %r1", 0x1f0, 0, 0, 0, 0xfffffff0 },
  { "cvt.u32.u8 %r0, %r1", 0x1f0, 0, 0, 0, 0xf0 },
  { "cvt.s16.s8 %r0, %r1", 0xf0, 0, 0, 0, 0xfffffff0 },
  { "cvt.u32.s16 %rd0, %rs1", 0x8000, 0, 0, 0, 0xffff8000 },
  { "cvt.sat.u8.s32 %r0, %r1", (guint32) -5, 0, 0, 0, 0 },
  { "cvt.sat.s8.s32 %r0, %r1", 300, 0, 0, 0, 127 },
  { "cvt.sat.s32.u64 %r0, %rd1", G_MAXUINT64, 0, 0, 0, 0x7fffffff },
  { "cvt.rzi.s32.f32 %r0, %f1", 0xc02ccccd, 0, 0, 0, (guint32) -2 },
  { "cvt.rni.s32.f32 %r0, %f1", 0x40200000, 0, 0, 0, 2 },
  { "cvt.rmi.s32.f32 %r0, %f1", 0xc0000001, 0, 0, 0, (guint32) -3 },
  { "cvt.rpi.s32.f64 %r0, %fd1", 0x3ff0000000000001, 0, 0, 0, 2 },
  { "cvt.rzi.s32.f32 %r0, %f1", 0x7fc00000, 0, 0, 0, 0 },
  { "cvt.rzi.s64.f32 %rd0, %f1", 0x7fc00000, 0, 0, 0, (guint64) 1 << 63 },
  { "cvt.rzi.s32.f64 %r0, %fd1", 0x7ff8000000000000, 0, 0, 0, 0x80000000 },
  { "cvt.rzi.u32.f32 %r0, %f1", 0xbf800000, 0, 0, 0, 0 },
  { "cvt.rzi.u32.f32 %r0, %f1", INF, 0, 0, 0, 0xffffffff },
  { "cvt.rzi.s64.f64 %rd0, %fd1", 0xc7f0000000000000, 0, 0, 0, (guint64) 1 << 63 },
  { "cvt.rzi.u8.f32 %r0, %f1", 0x43960000, 0, 0, 0, 255 },
  { "cvt.rn.f32.s32 %f0, %r1", 16777217, 0, 0, 0, 0x4b800000 },
  { "cvt.rp.f32.s32 %f0, %r1", 16777217, 0, 0, 0, 0x4b800001 },
  { "cvt.rz.f32.u64 %f0, %rd1", G_MAXUINT64, 0, 0, 0, 0x5f7fffff },
  { "cvt.rn.f64.u64 %fd0, %rd1", G_MAXUINT64, 0, 0, 0, 0x43f0000000000000 },
  { "cvt.rn.f64.s64 %fd0, %rd1", (guint64) -1, 0, 0, 0, 0xbff0000000000000 },
  { "cvt.rn.f32.f64 %f0, %fd1", 0x3ff0000010000001, 0, 0, 0, ONE + 1 },
  { "cvt.rz.f32.f64 %f0, %fd1", 0x3ff0000010000001, 0, 0, 0, ONE },
  { "cvt.rm.f32.f64 %f0, %fd1", 0xbff0000010000001, 0, 0, 0, 0xbf800001 },
  { "cvt.f64.f32 %fd0, %f1", HALF, 0, 0, 0, 0x3fe0000000000000 },
  { "cvt.ftz.f64.f32 %fd0, %f1", DENORM, 0, 0, 0, 0 },
  { "cvt.rni.f32.f32 %f0, %f1", 0x40200000, 0, 0, 0, TWO },
  { "cvt.rpi.f64.f64 %fd0, %fd1", 0xbfe0000000000000, 0, 0, 0, (guint64) 1 << 63 },
  { "cvt.sat.f32.f32 %f0, %f1", 0xc0000000, 0, 0, 0, 0 },
  { "cvt.rn.f16.f32 %rs0, %f1", 0x3f802000, 0, 0, 0, 0x3c01 },
  { "cvt.rn.f16.f32 %rs0, %f1", 0x3f801000, 0, 0, 0, 0x3c00 },
  { "cvt.rn.f16.f32 %rs0, %f1", 0x477ff000, 0, 0, 0, 0x7c00 },
  { "cvt.rz.f16.f32 %rs0, %f1", 0x477ff000, 0, 0, 0, 0x7bff },
  { "cvt.rn.f16.f32 %rs0, %f1", 0x33800000, 0, 0, 0, 0x0001 },
  { "cvt.rn.bf16.f32 %rs0, %f1", 0x3f818000, 0, 0, 0, 0x3f82 },
  { "cvt.f32.f16 %f0, %rs1", 0xc000, 0, 0, 0, 0xc0000000 },
  { "cvt.f32.f16 %f0, %rs1", 0x0001, 0, 0, 0, 0x33800000 },
  { "cvt.f32.bf16 %f0, %rs1", 0x3f80, 0, 0, 0, ONE },
  { "cvt.rn.f16.s32 %rs0, %r1", 2049, 0, 0, 0, 0x6800 },
  { "cvt.rzi.s32.f16 %r0, %rs1", 0x4500, 0, 0, 0, 5 },
};

static const Case comparisons[] = {
  { "setp.lt.s32 %p0, %r1, %r2", (guint32) -1, 1, 0, 0, 1 },
  { "setp.lt.u32 %p0, %r1, %r2", (guint32) -1, 1, 0, 0, 0 },
  { "setp.hi.u32 %p0, %r1, %r2", (guint32) -1, 1, 0, 0, 1 },
  { "setp.ge.s64 %p0, %rd1, 0", (guint64) -1, 0, 0, 0, 0 },
  { "setp.eq.b16 %p0, %rs1, %rs2", 0x10005, 5, 0, 0, 1 },
  { "setp.ne.f32 %p0, %f1, %f2", 0x7fc00000, ONE, 0, 0, 0 },
  { "setp.neu.f32 %p0, %f1, %f2", 0x7fc00000, ONE, 0, 0, 1 },
  { "setp.ltu.f64 %p0, %fd1, %fd2", 0x7ff8000000000000, D1, 0, 0, 1 },
  { "setp.equ.f64 %p0, %fd1, %fd2", D1, D2, 0, 0, 0 },
  { "setp.num.f32 %p0, %f1, %f2", ONE, ONE, 0, 0, 1 },
  { "setp.nan.f32 %p0, %f1, %f2", ONE, 0x7fc00000, 0, 0, 1 },
  { "setp.eq.ftz.f32 %p0, %f1, %f2", DENORM, 0, 0, 0, 1 },
  { "setp.lt.and.s32 %p0, %r1, %r2, %p3", 1, 2, 0, 0, 0 },
  { "setp.lt.and.s32 %p0, %r1, %r2, !%p3", 1, 2, 0, 0, 1 },
  { "setp.gt.or.s32 %p0|%p5, %r1, %r2, %p3", 1, 2, 1, 0, 1 },
  { "setp.gt.s32 %p5|%p0, %r1, %r2", 1, 2, 0, 0, 1 },
  { "setp.gt.xor.s32 %p5|%p0, %r1, %r2, %p3", 1, 2, 1, 0, 0 },
  { "set.gt.u32.s32 %r0, %r1, %r2", 2, 1, 0, 0, 0xffffffff },
  { "set.gt.f32.s32 %f0, %r1, %r2", 2, 1, 0, 0, ONE },
  { "set.le.and.u32.f32 %r0, %f1, %f2, %p3", ONE, TWO, 0, 0, 0 },
  { "mov.u32 %r0, 1; @%p1 mov.u32 %r0, 2", 1, 0, 0, 0, 2 },
  { "mov.u32 %r0, 1; @!%p1 mov.u32 %r0, 2", 1, 0, 0, 0, 1 },
  { "mov.u32 %r0, 1; @%p1 bra L; mov.u32 %r0, 2; L: add.u32 %r0, %r0, 5", 1, 0, 0, 0, 6 },
};

/* The register in which a case leaves its result: its name without % and 0. */
static const char *
result_register (const char *text)
{
  static const char *const names[] = { "rd", "rs", "fd", "r", "f", "p" };

  for (guint k = 0; k < G_N_ELEMENTS (names); k++)
    {
      g_autofree char *name = g_strdup_printf ("%%%s0", names[k]);
      const char *at = strstr (text, name);

      if (at != NULL && !g_ascii_isalnum (at[strlen (name)]))
        return names[k];
    }
  return NULL;
}

static char *
make_text (const Case *test, const char *result)
{
  GString *text = g_string_new (PTX_HEAD ".visible .entry t(.param .u64 out, .param .u64 in)\n{\n"
                                         ".reg .b64 %rd<9>, %in, %out; .reg .b32 %r<9>;\n"
                                         ".reg .b16 %rs<9>; .reg .f32 %f<9>; .reg .f64 %fd<9>;\n"
                                         ".reg .pred %p<9>; .reg .b32 %bit;\n"
                                         "ld.param.u64 %in, [in]; ld.param.u64 %out, [out];\n");

  for (guint k = 1; k <= 4; k++)
    g_string_append_printf (text,
                            "ld.global.u64 %%rd%u, [%%in+%u]; cvt.u32.u64 %%r%u, %%rd%u;\n"
                            "cvt.u16.u64 %%rs%u, %%rd%u; mov.b32 %%f%u, %%r%u;\n"
                            "mov.b64 %%fd%u, %%rd%u; and.b32 %%bit, %%r%u, 1;\n"
                            "setp.ne.u32 %%p%u, %%bit, 0;\n",
                            k, 8 * (k - 1), k, k, k, k, k, k, k, k, k, k);
  g_string_append_printf (text, "%s;\n", test->text);
  if (strcmp (result, "p") == 0)
    g_string_append (text, "selp.u64 %rd0, 1, 0, %p0;\nst.global.u64 [%out], %rd0;\n");
  else
    g_string_append_printf (text, "st.global.b%d [%%out], %%%s0;\n",
                            result[1] == 'd'   ? 64
                            : result[1] == 's' ? 16
                                               : 32,
                            result);
  g_string_append (text, "ret;\n}\n");
  return g_string_free (text, FALSE);
}

static void
run_cases (const Case *cases, guint n)
{
  for (guint k = 0; k < n; k++)
    {
      const char *result = result_register (cases[k].text);
      guint64 in[4] = { cases[k].a, cases[k].b, cases[k].c, cases[k].e }, out = 0;
      g_autoptr (GError) error = NULL;
      g_autofree char *text = NULL;

      ck_assert_ptr_nonnull (result);
      text = make_text (&cases[k], result);
      ptx_run_text (text, 1, &out, sizeof out, in, sizeof in, &error);
      ck_assert_msg (error == NULL, "%s: %s", cases[k].text, error != NULL ? error->message : "");
      ck_assert_msg (out == cases[k].result,
                     "%s of 0x%" G_GINT64_MODIFIER "x, 0x%" G_GINT64_MODIFIER
                     "x is 0x%" G_GINT64_MODIFIER "x, not 0x%" G_GINT64_MODIFIER "x",
                     cases[k].text, in[0], in[1], cases[k].result, out);
    }
}

#define CASES(name)                                                                                \
  START_TEST (name##_are_as_defined)                                                               \
  {                                                                                                \
    run_cases (name, G_N_ELEMENTS (name));                                                         \
  }                                                                                                \
  END_TEST

CASES (integers)
CASES (bits)
CASES (carries)
CASES (floats)
CASES (conversions)
CASES (comparisons)

int
main (void)
{
  Suite *suite = suite_create ("ptx");
  TCase *tests = tcase_create ("instructions");
  SRunner *runner = srunner_create (suite);
  int failed;

  tcase_add_test (tests, integers_are_as_defined);
  tcase_add_test (tests, bits_are_as_defined);
  tcase_add_test (tests, carries_are_as_defined);
  tcase_add_test (tests, floats_are_as_defined);
  tcase_add_test (tests, conversions_are_as_defined);
  tcase_add_test (tests, comparisons_are_as_defined);
  suite_add_tcase (suite, tests);
  srunner_run_all (runner, CK_ENV);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed > 0;
}
