/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <errno.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include "device/host/fiber-context-private.h"

#if defined(__SANITIZE_ADDRESS__)
#define ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ASAN 1
#endif
#endif
#if defined(__SANITIZE_THREAD__)
#define TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define TSAN 1
#endif
#endif
#ifdef ASAN
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif
#ifdef TSAN
#include <sanitizer/tsan_interface.h>
#endif

/* Steps between the tops of neighbouring stacks: all would begin in the same set of the cache */
#define COLOURS     64
#define COLOUR_STEP 64

/* The switch under way: where from and where to */
static __thread PinwheelContext *leaving, *entering;

/* --- the machine's part --- */

#ifndef PINWHEEL_FIBER_UCONTEXT
/* Saves the registers that a callee must keep on the stack, its pointer in *@from, and takes back
 * those at @to. Control words of the floating point units stay as they are: kernels leave them. */
__attribute__ ((visibility ("hidden"))) void pinwheel_fiber_switch (void **from, void *to);
#endif

#if defined(PINWHEEL_FIBER_UCONTEXT)
#define SAVED_WORDS 0
#elif defined(__x86_64__)
#define SAVED_WORDS 8 /* six registers, the return address, and one for the callee's alignment */
#define SAVED_PC    6 /* index of the return address */
__asm__(".text\n"
        ".p2align 4\n"
        ".globl pinwheel_fiber_switch\n"
        ".hidden pinwheel_fiber_switch\n"
        ".type pinwheel_fiber_switch, @function\n"
        "pinwheel_fiber_switch:\n"
        "  pushq %rbp\n"
        "  pushq %rbx\n"
        "  pushq %r12\n"
        "  pushq %r13\n"
        "  pushq %r14\n"
        "  pushq %r15\n"
        "  movq %rsp, (%rdi)\n"
        "  movq %rsi, %rsp\n"
        "  popq %r15\n"
        "  popq %r14\n"
        "  popq %r13\n"
        "  popq %r12\n"
        "  popq %rbx\n"
        "  popq %rbp\n"
        "  ret\n"
        ".size pinwheel_fiber_switch, . - pinwheel_fiber_switch\n");
#elif defined(__aarch64__)
#define SAVED_WORDS 20 /* x19 to x30 and d8 to d15 */
#define SAVED_PC    11 /* x30 */
__asm__(".text\n"
        ".p2align 4\n"
        ".globl pinwheel_fiber_switch\n"
        ".hidden pinwheel_fiber_switch\n"
        ".type pinwheel_fiber_switch, %function\n"
        "pinwheel_fiber_switch:\n"
        "  sub sp, sp, #160\n"
        "  stp x19, x20, [sp, #0]\n"
        "  stp x21, x22, [sp, #16]\n"
        "  stp x23, x24, [sp, #32]\n"
        "  stp x25, x26, [sp, #48]\n"
        "  stp x27, x28, [sp, #64]\n"
        "  stp x29, x30, [sp, #80]\n"
        "  stp d8, d9, [sp, #96]\n"
        "  stp d10, d11, [sp, #112]\n"
        "  stp d12, d13, [sp, #128]\n"
        "  stp d14, d15, [sp, #144]\n"
        "  mov x9, sp\n"
        "  str x9, [x0]\n"
        "  mov sp, x1\n"
        "  ldp x19, x20, [sp, #0]\n"
        "  ldp x21, x22, [sp, #16]\n"
        "  ldp x23, x24, [sp, #32]\n"
        "  ldp x25, x26, [sp, #48]\n"
        "  ldp x27, x28, [sp, #64]\n"
        "  ldp x29, x30, [sp, #80]\n"
        "  ldp d8, d9, [sp, #96]\n"
        "  ldp d10, d11, [sp, #112]\n"
        "  ldp d12, d13, [sp, #128]\n"
        "  ldp d14, d15, [sp, #144]\n"
        "  add sp, sp, #160\n"
        "  ret\n"
        ".size pinwheel_fiber_switch, . - pinwheel_fiber_switch\n");
#endif

/* --- telling sanitizers --- */

static void
before_switch (PinwheelContext *from, PinwheelContext *to)
{
  leaving = from;
  entering = to;
#ifdef ASAN
  __sanitizer_start_switch_fiber (&from->sanitizer, to->bottom, to->size);
#endif
#ifdef TSAN
  __tsan_switch_to_fiber (to->sanitizer, 0);
#endif
}

static void
after_switch (PinwheelContext *self)
{
#ifdef ASAN
  const void *bottom;
  size_t size;

  /* the only way to learn where the thread's own stack is */
  __sanitizer_finish_switch_fiber (self->sanitizer, &bottom, &size);
  if (leaving->memory == NULL)
    {
      leaving->bottom = bottom;
      leaving->size = size;
    }
#else
  (void) self;
#endif
}

/* --- contexts --- */

static void
context_main (void)
{
  PinwheelContext *self = entering;

  after_switch (self);
  self->main ();
  __builtin_unreachable ();
}

void
pinwheel_context_reset (PinwheelContext *self, guint colour)
{
  gsize room = self->size - (gsize) (colour % COLOURS) * COLOUR_STEP;
#ifdef PINWHEEL_FIBER_UCONTEXT
  getcontext (&self->registers);
  self->registers.uc_stack.ss_sp = (void *) self->bottom;
  self->registers.uc_stack.ss_size = room;
  self->registers.uc_link = NULL;
  makecontext (&self->registers, context_main, 0);
#else
  void **top = (void **) ((char *) self->bottom + room) - SAVED_WORDS;

  for (guint i = 0; i < SAVED_WORDS; i++)
    top[i] = NULL;
  top[SAVED_PC] = (void *) (uintptr_t) context_main;
  self->top = top;
#endif
#ifdef ASAN
  __asan_unpoison_memory_region (self->bottom, self->size);
  self->sanitizer = NULL;
#endif
#ifdef TSAN
  if (self->sanitizer != NULL)
    __tsan_destroy_fiber (self->sanitizer);
  self->sanitizer = __tsan_create_fiber (0);
#endif
}

gboolean
pinwheel_context_init (PinwheelContext *self, void (*main) (void), guint colour)
{
  gsize guard = (gsize) sysconf (_SC_PAGESIZE);
  gsize size = PINWHEEL_FIBER_STACK + guard;

  self->memory = mmap (NULL, size, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
  if (self->memory == MAP_FAILED)
    {
      self->memory = NULL;
      return FALSE;
    }
  /* refused where the process has as many mappings as it may: then stacks have no guard */
  (void) mprotect (self->memory, guard, PROT_NONE);
  self->bottom = (char *) self->memory + guard;
  self->size = PINWHEEL_FIBER_STACK;
  self->main = main;
  self->sanitizer = NULL;
  pinwheel_context_reset (self, colour);
  return TRUE;
}

void
pinwheel_context_init_thread (PinwheelContext *self)
{
  *self = (PinwheelContext){ .memory = NULL };
#ifdef TSAN
  self->sanitizer = __tsan_get_current_fiber ();
#endif
}

void
pinwheel_context_clear (PinwheelContext *self)
{
  if (self->memory == NULL)
    return;
#ifdef TSAN
  __tsan_destroy_fiber (self->sanitizer);
#endif
  munmap (self->memory, (gsize) ((const char *) self->bottom - (char *) self->memory) + self->size);
  self->memory = NULL;
}

void
pinwheel_context_switch (PinwheelContext *from, PinwheelContext *to)
{
  before_switch (from, to);
#ifdef PINWHEEL_FIBER_UCONTEXT
  swapcontext (&from->registers, &to->registers);
#else
  pinwheel_fiber_switch (&from->top, to->top);
#endif
  after_switch (from);
}
