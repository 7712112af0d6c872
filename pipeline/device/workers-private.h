/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* All cores, for one launch after another: a pool of threads that lives as long as the process.
 *
 * Whoever calls pinwheel_workers_run() works too, so that the pool is one thread smaller than the
 * CPUs that may be used: those that the scheduler gives us, or fewer where the environment variable
 * PINWHEEL_THREADS holds a smaller number. */
#pragma once
#include <glib.h>
#include <pthread.h>

G_BEGIN_DECLS

/* Runs the blocks [first, end); called from several threads at once. */
typedef void (*PinwheelBlocks) (gpointer data, guint64 first, guint64 end);

/* Runs every block once, in ranges, and returns when all are done. Allocates nothing.
 * cancelled: read (atomically) between ranges: where it is not 0, what has not begun is left out */
void pinwheel_workers_run (guint64 n_blocks, PinwheelBlocks run, gpointer data, gint *cancelled);

/* The same in the calling thread alone, block after block. */
void pinwheel_workers_run_in_order (guint64 n_blocks, PinwheelBlocks run, gpointer data,
                                    gint *cancelled);

/* CPUs that a launch may use, at least 1. */
guint pinwheel_workers_get_n_cpus (void);

/* Starts a thread in which kernels may run: its stack holds at least 2 MiB, whatever `ulimit -s`
 * says. Returns: 0, or the error number */
int pinwheel_workers_start_thread (pthread_t *thread, const char *name, void *(*run) (void *),
                                   void *data);

G_END_DECLS
