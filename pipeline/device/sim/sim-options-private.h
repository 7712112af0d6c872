/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What `sim:memory=64MiB,h2d=12GB/s,...` says. */
#pragma once
#include <pinwheel/error.h>

G_BEGIN_DECLS

typedef enum
{
  PINWHEEL_SIM_ALLOC,
  PINWHEEL_SIM_PINNED,
  PINWHEEL_SIM_COPY, /* of any direction */
  PINWHEEL_SIM_H2D,  /* copies to the device, and from it: counted apart */
  PINWHEEL_SIM_D2H,
  PINWHEEL_SIM_LAUNCH,
  PINWHEEL_SIM_LOAD,
  PINWHEEL_SIM_N_USES
} PinwheelSimUse;

typedef struct
{
  guint64 memory, pinned;            /* bytes */
  guint64 h2d, d2h;                  /* bytes a second; 0: a copy takes no time but its own */
  guint64 latency, kernel;           /* nanoseconds of each piece of work, and of each launch */
  guint64 delay;                     /* nanoseconds at most that work is late */
  guint64 seed;                      /* of the delays */
  guint64 fail[PINWHEEL_SIM_N_USES]; /* which use fails, from 1; 0: none */
  guint64 lose;                      /* which use of any kind is the last; 0: none */
} PinwheelSimOptions;

/* As the user writes it: alloc, pinned, copy, h2d, d2h, launch, load; then NULL */
extern const char *const pinwheel_sim_uses[PINWHEEL_SIM_N_USES + 1];

/* @spec: `sim` or `sim:name=value,...` */
gboolean pinwheel_sim_options_parse (const char *spec, PinwheelSimOptions *options, GError **error);

G_END_DECLS
