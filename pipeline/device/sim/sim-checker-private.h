/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Finds work that nothing keeps in order: a copy or a kernel, or the CPU, that touches bytes which
 * other work may still be using.
 *
 * It does not watch what happens, but what must happen before what: every piece of work is
 * compared, when it is enqueued, with what its stream has waited for, directly or through others,
 * and with what the thread that enqueues it has seen to be done. So a missing fence is found
 * however fast or slow the streams are. The method is that of vector clocks (C. J. Fidge, 1988; F.
 * Mattern, 1989).
 *
 * There is one for the whole process, as memory and streams of several devices meet. Any thread. */
#pragma once
#include <pinwheel/stream.h>

G_BEGIN_DECLS

/* @depth slices of @height rows of @width bytes, @slice and @pitch bytes apart */
typedef struct
{
  gconstpointer address;
  gsize width, height, pitch, depth, slice;
  gboolean write;
} PinwheelSimAccess;

/* Returns: what the stream is called by from now on; -1, which is not checked, where there are more
 * streams than places */
int pinwheel_sim_checker_add_stream (const char *name);
/* Its work is done. */
void pinwheel_sim_checker_remove_stream (int stream);

/* Work item @number of @stream, enqueued by this thread now.
 * @what: static: `copy`, `launch`
 * Returns: FALSE where nothing orders it and other work on the same bytes */
gboolean pinwheel_sim_checker_add_work (int stream, guint64 number, const char *what,
                                        const PinwheelSimAccess *accesses, guint n, GError **error);
/* Work of @stream from now on comes after items of @other up to @number. */
void pinwheel_sim_checker_add_wait (int stream, int other, guint64 number);
/* This thread has seen that items of @stream up to @number are done. */
void pinwheel_sim_checker_saw (int stream, guint64 number);
void pinwheel_sim_checker_saw_all (int stream);
/* This thread's CPU touches memory that devices copy from or to. */
gboolean pinwheel_sim_checker_check_host (gconstpointer memory, gsize size, gboolean write,
                                          GError **error);
/* What this thread has seen, the one that takes @memory next knows too. */
void pinwheel_sim_checker_give (gconstpointer memory);
void pinwheel_sim_checker_take (gconstpointer memory);
/* The memory is freed. */
void pinwheel_sim_checker_forget (gconstpointer memory, gsize size);

G_END_DECLS
