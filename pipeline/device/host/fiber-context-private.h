/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Several stacks on one thread, and going from one to the other. Sanitizers are told. */
#pragma once
#include <glib.h>

#if !defined(PINWHEEL_FIBER_UCONTEXT) && !defined(__x86_64__) && !defined(__aarch64__)
#define PINWHEEL_FIBER_UCONTEXT 1
#endif
#ifdef __ILP32__
#undef PINWHEEL_FIBER_UCONTEXT
#define PINWHEEL_FIBER_UCONTEXT 1
#endif
#ifdef PINWHEEL_FIBER_UCONTEXT
#include <ucontext.h>
#endif

/* A stack and what runs on it. Used by one thread alone: the one that made it. */
typedef struct
{
  void *memory;        /* owned: stack with its guard page below; NULL for the thread's own stack */
  const void *bottom;  /* lowest address of the stack; the sanitizer's knowledge for the thread's */
  gsize size;          /* of the stack */
  void (*main) (void); /* never returns */
#ifdef PINWHEEL_FIBER_UCONTEXT
  ucontext_t registers;
#else
  void *top; /* where the registers were saved */
#endif
  void *sanitizer; /* address sanitizer: its frames; thread sanitizer: its fiber, owned */
} PinwheelContext;

/* Bytes of a fiber's stack, in which a kernel's private arrays lie */
#define PINWHEEL_FIBER_STACK (128 * 1024)

/* @main: runs on the new stack from the first switch to it on
 * @colour: neighbours with other numbers use other lines of the cache
 * Returns: FALSE with errno where there is no memory */
gboolean pinwheel_context_init (PinwheelContext *self, void (*main) (void), guint colour);
/* Begins anew: whatever was on the stack is forgotten. */
void pinwheel_context_reset (PinwheelContext *self, guint colour);
/* The calling thread's own stack. */
void pinwheel_context_init_thread (PinwheelContext *self);
void pinwheel_context_clear (PinwheelContext *self);
/* Goes on where @to left off; returns when somebody switches to @from. */
void pinwheel_context_switch (PinwheelContext *from, PinwheelContext *to);
