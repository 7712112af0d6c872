/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Lowering: the body of a kernel, written for one thread, becomes loops over the threads of a block
 * that a C++ compiler turns into vector code.
 *
 * A *lane* is one thread within a *group* of neighbours along x. A *region* is a piece of straight
 * code that runs for all lanes of a group before the next one does: `for (lane) { ... }`,
 * innermost, without loops of its own but such as are unrolled. Loops and branches around several
 * regions run once for the whole group. Where lanes part, a lane that takes no part is *parked*:
 * its place in the array `parked` says what it waits for, and regions pass it by. What a lane must
 * remember from one region to another is *kept* in arrays with a place for each lane.
 *
 * Everything here belongs to the one thread that lowers. */
#pragma once
#include "compute/signature-private.h"

/* Lanes of a group: enough to hide what a region costs, few enough for the first-level cache */
#define PINWHEEL_LOWER_LANES 64
/* Statements within statements, and blocks: the walks recurse */
#define PINWHEEL_LOWER_DEPTH 100

typedef struct _PinwheelLowerStatement PinwheelLowerStatement;
typedef struct _PinwheelLowerVariable PinwheelLowerVariable;

/* Of an expression: how it varies between threads, and what it costs */
typedef enum
{
  PINWHEEL_LOWER_CONSTANT, /* known to the compiler */
  PINWHEEL_LOWER_UNIFORM,  /* the same for all threads of a block */
  PINWHEEL_LOWER_CHEAP,    /* made of threadIdx and the above: computed again where it is needed */
  PINWHEEL_LOWER_VARYING
} PinwheelLowerClass;

/* A token of the kernel's body; unlike PinwheelToken, an operator is one whole. */
typedef struct
{
  PinwheelTokenKind kind;
  const char *text;
  guint length;
  guint match; /* of an opening bracket: the one that closes it */
  const PinwheelToken *place;
  PinwheelLowerVariable *variable; /* (nullable) */
  gboolean is_write;               /* may change @variable */
  guint slot;        /* of a call that exchanges values: where it does that, from 1 on */
  gboolean is_taken; /* of such a call: the slot has what each lane takes, not what it gives */
  gboolean is_angle; /* the name of a function whose angle can be looked at before the region */
} PinwheelLowerToken;

struct _PinwheelLowerVariable
{
  char *name;
  char *type; /* without const and references */
  guint id;
  guint at;             /* token of its declaration */
  guint dims, dims_end; /* tokens of `[3][4]` */
  guint n_dims;
  guint init, init_end; /* tokens of its first value */
  char open;            /* what is in front of that: = ( { or 0 */
  gboolean is_const, is_pointer, is_reference, is_auto, is_shared, is_extern, is_parameter;
  PinwheelLowerStatement *loop; /* (nullable): the `for` that declares it */
  gboolean is_assigned;         /* elsewhere than in its declaration and that loop's step */
  gboolean escapes;             /* its address is taken */
  gboolean may_point;           /* holds addresses, as far as is known */
  PinwheelLowerClass class;
  gboolean is_affine;   /* first value + turn * step, with the loop's count of turns */
  gboolean is_hoisted;  /* declared at the beginning of the kernel */
  gboolean is_scalar;   /* declared outside of regions */
  gboolean is_reached;  /* through an index or address that is not known before */
  gboolean is_in_place; /* each lane has it as a whole at a place that stays */
  gboolean is_spread;   /* an array with the lanes' elements side by side; always indexed */
  int region;           /* first one that names it, or -1 */
  gboolean is_kept;
  GPtrArray *fields; /* (nullable): of a simple structure, texts `float x[2]`; borrowed */
};

typedef enum
{
  PINWHEEL_LOWER_EMPTY,
  PINWHEEL_LOWER_EXPRESSION,
  PINWHEEL_LOWER_DECLARATION,
  PINWHEEL_LOWER_TYPE,
  PINWHEEL_LOWER_BLOCK,
  PINWHEEL_LOWER_IF,
  PINWHEEL_LOWER_FOR,
  PINWHEEL_LOWER_WHILE,
  PINWHEEL_LOWER_DO,
  PINWHEEL_LOWER_SWITCH,
  PINWHEEL_LOWER_LABEL, /* case and default */
  PINWHEEL_LOWER_RETURN,
  PINWHEEL_LOWER_BREAK,
  PINWHEEL_LOWER_CONTINUE,
  PINWHEEL_LOWER_BARRIER,
  PINWHEEL_LOWER_PUBLISH /* a value for other lanes, into slot @code */
} PinwheelLowerKind;

/* Ranges of tokens are [from, end). What it *has* may be in a statement within it; breaks and
 * continues count only where they are not for a loop within it. */
struct _PinwheelLowerStatement
{
  PinwheelLowerKind kind;
  guint from, end; /* without the semicolon of a simple statement */
  guint condition, condition_end;
  guint step, step_end;
  PinwheelLowerStatement *init;
  GPtrArray *body;      /* (element-type PinwheelLowerStatement) */
  GPtrArray *otherwise; /* (nullable): behind else */
  GPtrArray *variables; /* (nullable) (element-type PinwheelLowerVariable) */
  gboolean is_split;    /* runs as several regions */
  gboolean has_barrier; /* all threads of the block wait for each other in it */
  gboolean has_warp;    /* those of a warp exchange something */
  gboolean has_exchange, has_atomic;
  gboolean has_return, has_break, has_continue;
  gboolean has_split_loop; /* within it */
  guint n_turns;           /* of a loop to unroll, or 0 */
  guint n_copies;          /* of what is within, after that */
  gboolean is_uniform;     /* its condition is the same for all threads */
  gboolean is_of_warps;    /* the same for all of a group, which is a warp */
  guint code;              /* parks lanes: 2 * code and 2 * code + 1 */
  gboolean is_looked;      /* written while angles are looked at, */
  guint look_from;         /* from this token on: behind what would change memory; or 0 */
};

/* How functions of angles are written */
typedef enum
{
  PINWHEEL_LOWER_ANY_ANGLE,
  PINWHEEL_LOWER_NEAR_ANGLE, /* all lanes' angles are known to be near */
  PINWHEEL_LOWER_LOOK        /* nothing is computed but angles: is one far? */
} PinwheelLowerAngles;

typedef struct
{
  const PinwheelSignature *signature;
  guint block[3];
  PinwheelTypedefs *typedefs;
  GHashTable *constants;   /* names at file scope whose values never change, and types */
  GHashTable *references;  /* functions that take something by reference */
  GHashTable *atomics;     /* functions that use atomics */
  GHashTable *indexers;    /* functions that reach into their arguments by unknown indices */
  GHashTable *serials;     /* functions with arrays of their own that they reach into so */
  GHashTable *structures;  /* name -> GPtrArray of fields */
  GHashTable *defined;     /* functions of the file */
  gboolean has_own_angles; /* the file defines a function called sin or the like */
  GPtrArray *owned;        /* what g_free() takes back at the end */
  GPtrArray *lists;        /* and g_ptr_array_unref() */
  char *reason;            /* (nullable): set once; then nothing goes on */

  PinwheelLowerToken *tokens; /* ends with one of kind END */
  guint n_tokens;
  GPtrArray *variables; /* all, in the order of declaration */
  GPtrArray *visible;   /* those in scope */
  guint depth;
  gboolean unroll; /* a pragma asks the next loop to be unrolled */
  GPtrArray *body;
  gboolean has_barrier;
  gboolean has_warp_branches;    /* such that groups are to be warps */
  gboolean has_whole_warps;      /* each warp is a part of one group */
  gboolean thread_index_outside; /* threadIdx is used in functions that stay functions */

  /* while it is written, twice: the first time only to learn what is kept */
  GString *text;
  const char *file; /* (nullable): where @text is in the user's file; NULL: in our own words */
  guint line, column;
  gboolean is_final;
  guint width;             /* lanes of a group */
  gboolean between_groups; /* what comes next is not in a loop over groups yet */
  gboolean may_park;       /* there may be parked lanes here */
  gboolean uses_parked;
  gboolean is_masked; /* some lanes are parked here as a rule, not as an exception */
  const PinwheelLowerStatement *guard; /* (nullable): a branch of known outcome: no lane returns */
  PinwheelLowerAngles angles;
  gboolean jumps; /* within the region: there is a goto to its end */
  guint n_labels;
  PinwheelLowerStatement *loop;      /* (nullable): the split one around */
  guint n_loops;                     /* around, of those that are written as loops */
  const PinwheelLowerVariable *rung; /* (nullable): of a loop that is written turn by turn, */
  gint64 rung_value;                 /* and its value in this one */
  guint native_breaks, native_continues;
  guint n_regions, n_masks, n_codes, n_slots;
} PinwheelLower;

/* lower-read.c: tokens, and what the file says around the kernel */
gboolean pinwheel_lower_read_source (PinwheelLower *self);
gboolean pinwheel_lower_token_is (const PinwheelLowerToken *token, const char *text);
gboolean pinwheel_lower_is (const PinwheelLower *self, guint i, const char *text);
gboolean pinwheel_lower_is_one (const PinwheelLower *self, guint i, const char *const *words);
gboolean pinwheel_lower_knows (const PinwheelLower *self, guint i, GHashTable *names);
void pinwheel_lower_refuse (PinwheelLower *self, guint i, const char *format, ...)
    G_GNUC_PRINTF (3, 4);
gpointer pinwheel_lower_own (PinwheelLower *self, gpointer memory);
GPtrArray *pinwheel_lower_new_list (PinwheelLower *self);
/* Returns: (transfer full) */
char *pinwheel_lower_dup (const PinwheelLower *self, guint from, guint end);

/* Copies the tokens between @from and @end of the file, with whole operators.
 * Returns: (transfer full) (element-type PinwheelLowerToken) */
GArray *pinwheel_lower_cut (const PinwheelLower *self, guint from, guint end);

/* lower-calls.c */
/* Puts the bodies of functions in which threads wait in the place of their calls.
 * Returns: FALSE where that cannot be done with all; then nothing has changed */
gboolean pinwheel_lower_put_calls_in (PinwheelLower *self);

/* lower-parse.c, lower-declare.c */
void pinwheel_lower_parse (PinwheelLower *self);
gboolean pinwheel_lower_is_declaration (const PinwheelLower *self, guint i);
/* Returns: the token behind it: `;` */
guint pinwheel_lower_read_declaration (PinwheelLower *self, guint i,
                                       PinwheelLowerStatement *statement);
PinwheelLowerVariable *pinwheel_lower_declare (PinwheelLower *self, guint i, char *name);
void pinwheel_lower_resolve (PinwheelLower *self, guint from, guint end);
/* Token in [@i, @end) outside of brackets that is one of the characters @stops, or @end */
guint pinwheel_lower_find (const PinwheelLower *self, guint i, guint end, const char *stops);

/* lower-writes.c, lower-classify.c */
void pinwheel_lower_find_writes (PinwheelLower *self);
gboolean pinwheel_lower_is_assignment (const PinwheelLower *self, guint i);
/* Whether [@from, @end) is a whole number; a minus in front is allowed. */
gboolean pinwheel_lower_is_number (const PinwheelLower *self, guint from, guint end,
                                   gint64 *number);
/* @values: (nullable): gets the loop's variable at each turn; room for 64 */
guint pinwheel_lower_count_turns (const PinwheelLower *self,
                                  const PinwheelLowerStatement *statement, gint64 *values);
PinwheelLowerClass pinwheel_lower_classify_range (const PinwheelLower *self, guint from, guint end);
void pinwheel_lower_classify (PinwheelLower *self);

/* lower-places.c */
gboolean pinwheel_lower_is_unrolled (const PinwheelLowerStatement *loop);
void pinwheel_lower_choose_places (PinwheelLower *self);
/* Once it is known what is kept */
void pinwheel_lower_fix_places (PinwheelLower *self);

/* lower-write.c: text */
void pinwheel_lower_say (PinwheelLower *self, const char *format, ...) G_GNUC_PRINTF (2, 3);
void pinwheel_lower_copy (PinwheelLower *self, guint from, guint end);
void pinwheel_lower_copy_init (PinwheelLower *self, const PinwheelLowerVariable *variable);
/* Static: the index of a lane's place */
const char *pinwheel_lower_place (const PinwheelLower *self);
void pinwheel_lower_begin_groups (PinwheelLower *self);
void pinwheel_lower_end_groups (PinwheelLower *self);
/* Finds out anew whether all lanes of the group run. */
void pinwheel_lower_write_full (PinwheelLower *self);
void pinwheel_lower_write_state (PinwheelLower *self);
void pinwheel_lower_write_hoisted (PinwheelLower *self);

/* lower-inline.c: statements within a region */
void pinwheel_lower_write_inline (PinwheelLower *self, const PinwheelLowerStatement *statement,
                                  gboolean is_top);

/* lower-angles.c */
gboolean pinwheel_lower_is_angle (const char *name);
/* Marks in @statements which angles can be looked at before, and what must be computed for that.
 * Returns: whether there are any */
gboolean pinwheel_lower_find_angles (PinwheelLower *self, GPtrArray *statements);

/* lower-guard.c */
/* Returns: (nullable): the branch of the kind `if (i < n) ...` or `if (i >= n) return;` that is
 * asked first, by all lanes */
const PinwheelLowerStatement *pinwheel_lower_find_guard (const PinwheelLower *self,
                                                         GPtrArray *statements);
/* Whether lanes for which @guard does not hold have nothing to do among @statements, so that they
 * need not be visited */
gboolean pinwheel_lower_may_skip (GPtrArray *statements, const PinwheelLowerStatement *guard);
/* Whether @guard asks which threads are below a limit, `t < half` or `t == 0`: then they are the
 * first of the group. @limit: gets the token where the limit begins */
gboolean pinwheel_lower_asks_for_first (const PinwheelLower *self,
                                        const PinwheelLowerStatement *guard, guint *limit);

/* Whether [@from, @end) is the thread's number within its warp, `t % 32` */
gboolean pinwheel_lower_is_lane_number (const PinwheelLower *self, guint from, guint end);
/* Whether the condition [@from, @end) is the same for all threads of a warp, though not of a block
 */
gboolean pinwheel_lower_is_of_warps (const PinwheelLower *self, guint from, guint end);
/* Whether @guard lets threads of the grid work that are below a limit, `if (i < n)` or `if (i >= n)
 * return`, both of type int: of neighbours the last one is the last to do so */
gboolean pinwheel_lower_asks_for_items (const PinwheelLower *self,
                                        const PinwheelLowerStatement *guard);
/* Whether @guard asks for the first thread of each warp, `t % 32 == 0`: no other one runs */
gboolean pinwheel_lower_asks_for_warps (const PinwheelLower *self,
                                        const PinwheelLowerStatement *guard);

/* lower-region.c */
/* Declares a variable that lives in the lane's place. */
void pinwheel_lower_write_reference (PinwheelLower *self, const PinwheelLowerVariable *variable);

/* lower-lanes.c */
/* `if (...) {` with the condition of @statement, of which all lanes think the same */
void pinwheel_lower_ask_once (PinwheelLower *self, const PinwheelLowerStatement *statement);
/* Writes @statements for every lane. @condition: (nullable): the statement whose condition is
 * asked at the end; a lane for which it is not met is parked with @code, and `pinwheel_any` says
 * whether there is another one. */
void pinwheel_lower_write_region (PinwheelLower *self, GPtrArray *statements,
                                  const PinwheelLowerStatement *condition, guint code);

/* lower-exchange.c */
gboolean pinwheel_lower_is_exchange (const PinwheelLower *self, guint i);
void pinwheel_lower_read_exchanges (PinwheelLower *self, PinwheelLowerStatement *statement);
void pinwheel_lower_write_publish (PinwheelLower *self, const PinwheelLowerStatement *statement);
/* Returns: the token behind the call */
guint pinwheel_lower_copy_exchange (PinwheelLower *self, guint i);
void pinwheel_lower_write_exchange (PinwheelLower *self, PinwheelLowerStatement *statement);

/* lower-control.c: what is split */
void pinwheel_lower_write_list (PinwheelLower *self, GPtrArray *statements);
