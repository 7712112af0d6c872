/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A region on its way to text: what lower-region.c knows of it, for lower-lanes.c, which chooses
 * the lanes that it runs for. */
#pragma once
#include "compute/lower-private.h"

/* The tokens of a region, as ranges */
typedef struct
{
  PinwheelLower *lower;
  GArray *ranges;       /* (element-type PinwheelLowerRange) */
  GPtrArray *variables; /* named in them or needed for that */
  gboolean may_jump;    /* to its end, past first values */
  gboolean is_short;    /* runs for fewer lanes than a vector has */
} PinwheelLowerRegion;

typedef struct
{
  guint from, end;
} PinwheelLowerRange;

/* Adds a range and what is named in it. */
void pinwheel_lower_region_add (PinwheelLowerRegion *region, guint from, guint end);
/* Adds @statements, and the condition of @condition (nullable). */
void pinwheel_lower_region_collect (PinwheelLowerRegion *region, GPtrArray *statements,
                                    const PinwheelLowerStatement *condition);
/* Whether lanes must come one after the other */
gboolean pinwheel_lower_region_is_serial (const PinwheelLowerRegion *region, GPtrArray *statements,
                                          const PinwheelLowerStatement *condition);
/* Declares threadIdx of the lane. */
void pinwheel_lower_write_thread (PinwheelLower *self);
/* Brings in what the lane keeps. */
void pinwheel_lower_write_all_in (PinwheelLowerRegion *region);
/* What one lane does, from bringing in to putting back */
void pinwheel_lower_write_body (PinwheelLowerRegion *region, GPtrArray *statements,
                                const PinwheelLowerStatement *condition, guint code);
