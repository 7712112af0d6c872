/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the files of the interpreter share.
 *
 * Decoding turns each PTX instruction into one PtxInsn or a few: the function that runs it, and the
 * slots of its operands. A slot is 64 bits, relative to PtxThread.r: registers at 0 and above,
 * constants below 0. Whoever reads a slot casts it to the width it means: what stands above that
 * width has no meaning. */
#pragma once
#include "ptx.h"

#include <string.h>

typedef struct _PtxThread PtxThread;
typedef struct _PtxInsn PtxInsn;
typedef struct _PtxBlock PtxBlock;
typedef struct _PtxFunction PtxFunction;
typedef struct _PtxDecoder PtxDecoder;
typedef void (*PtxHandler) (PtxThread *t, const PtxInsn *i);

/* Four widths of each class, in this order: type - class is the logarithm of its bytes. */
typedef enum
{
  PTX_B8,
  PTX_B16,
  PTX_B32,
  PTX_B64,
  PTX_U8,
  PTX_U16,
  PTX_U32,
  PTX_U64,
  PTX_S8,
  PTX_S16,
  PTX_S32,
  PTX_S64,
  PTX_BF16,
  PTX_F16,
  PTX_F32,
  PTX_F64,
  PTX_PRED,
  PTX_NO_TYPE
} PtxType;

typedef enum
{
  PTX_GENERIC,
  PTX_GLOBAL, /* and .const */
  PTX_SHARED,
  PTX_LOCAL, /* offsets in the thread's stack */
  PTX_PARAM, /* of the entry */
  PTX_FRAME, /* offsets in the stack frame of the running function */
  PTX_CONST
} PtxSpace;

/* Generic addresses: the space is in the uppermost byte. */
#define PTX_WINDOW_SHIFT   56
#define PTX_WINDOW(space)  ((guint64) (space) << PTX_WINDOW_SHIFT)
#define PTX_WINDOW_CODE    PTX_WINDOW (7)
#define PTX_OFFSET(window) ((window) & (PTX_WINDOW (1) - 1))

enum
{
  PTX_RN = 1 << 0, /* .rn and .rni; .rz and .rzi and so on */
  PTX_RZ = 1 << 1,
  PTX_RM = 1 << 2,
  PTX_RP = 1 << 3,
  PTX_INTEGRAL = 1 << 4, /* .rni and its like */
  PTX_FTZ = 1 << 5,
  PTX_SAT = 1 << 6,
  PTX_CC = 1 << 7,
  PTX_ORDERED = 1 << 8, /* .volatile, .relaxed, .acquire, .release */
  PTX_NAN = 1 << 9,
  PTX_XORSIGN = 1 << 10,
  PTX_TO = 1 << 11,
  PTX_GENERAL = PTX_RZ | PTX_RM | PTX_RP | PTX_FTZ | PTX_SAT | PTX_NAN | PTX_XORSIGN
};

struct _PtxInsn
{
  PtxHandler run;
  gint64 offset;       /* of an address; the number of a target; a function's */
  gint32 d, q;         /* slots of the results; d of a list: its place in PtxFunction.lists */
  gint32 a, b, c, e;   /* slots of the operands */
  guint32 line;        /* of the text, from 1 */
  guint16 flags;       /* PTX_RN and so on */
  guint8 type, source; /* PtxType: the first and the last that the instruction names */
  guint8 kind;         /* what the handler distinguishes */
  guint8 count;        /* elements of a list, or 1 */
  guint8 space;        /* PtxSpace */
  guint8 n_operands;   /* that were written */
};

/* --- the module: immutable once it is placed --- */

typedef enum
{
  PTX_FIX_VARIABLE,      /* address of a variable */
  PTX_FIX_FUNCTION,      /* of a function */
  PTX_FIX_MODULE_SHARED, /* offset of a shared variable of the module */
  PTX_FIX_ENTRY_SHARED   /* offset of a shared variable of an entry: behind the module's */
} PtxFixKind;

/* A value that is known only when all variables have their place. */
typedef struct
{
  PtxFixKind kind;
  guint number; /* of the variable or function */
  gsize at;     /* byte of the initial value, or number of the constant */
  gsize width;  /* bytes that are written */
  gint64 addend;
} PtxFix;

typedef struct
{
  PtxVariable public;
  guint8 *initial; /* public.size bytes, or NULL: zeros */
  GArray *fixes;   /* of PtxFix, or NULL */
  guint64 address;
} PtxVariableData;

struct _PtxFunction
{
  char *name;
  const PtxModule *module;
  guint number; /* in PtxModule.functions */
  gboolean is_entry, is_defined;
  GArray *parameters;    /* of PtxParameter, offsets in the frame or the parameter block */
  GArray *results;       /* of PtxParameter */
  gsize parameters_size; /* of all parameters and results */
  gsize frame_size;      /* with .param and .local variables */
  gsize shared_size;     /* of an entry's own shared variables */
  guint max_threads;
  guint called_line; /* of the first call by name, 0: none */
  GArray *code;      /* of PtxInsn */
  GArray *constants; /* of guint64: constant k stands in slot -1 - k */
  GArray *fixes;     /* of PtxFix, into constants */
  GArray *lists;     /* of gint32: slots of vectors, targets of brx, parameters of calls */
  guint n_registers;
};

struct _PtxModule
{
  GPtrArray *functions; /* of PtxFunction */
  GPtrArray *variables; /* of PtxVariableData */
  gsize shared_size;    /* of the shared variables that stand outside of entries */
  guint target;
};

/* --- the text --- */

typedef enum
{
  PTX_TOKEN_WORD,
  PTX_TOKEN_INTEGER,
  PTX_TOKEN_SINGLE, /* 0f: bits in value */
  PTX_TOKEN_DOUBLE, /* 0d and decimal: bits in value */
  PTX_TOKEN_STRING,
  PTX_TOKEN_SIGN, /* one character, in value */
  PTX_TOKEN_END
} PtxTokenKind;

typedef struct
{
  PtxTokenKind kind;
  guint line;
  const char *text; /* of a word, and of what an error shows */
  guint64 value;
} PtxToken;

/* The tokens, the last of which is PTX_TOKEN_END; their texts are in `strings`. */
GArray *ptx_lex (const char *text, GStringChunk *strings, GError **error);

typedef enum
{
  PTX_SYMBOL_REGISTER,
  PTX_SYMBOL_VARIABLE,
  PTX_SYMBOL_MODULE_SHARED,
  PTX_SYMBOL_ENTRY_SHARED,
  PTX_SYMBOL_DYNAMIC_SHARED,
  PTX_SYMBOL_LOCAL,
  PTX_SYMBOL_PARAM, /* of a function, or of a call */
  PTX_SYMBOL_ENTRY_PARAM,
  PTX_SYMBOL_FUNCTION,
  PTX_SYMBOL_TARGETS, /* .branchtargets */
  PTX_SYMBOL_PROTOTYPE
} PtxSymbolKind;

typedef struct
{
  PtxSymbolKind kind;
  PtxType type;
  guint index; /* the first slot; the variable's or function's number; the place in lists */
  guint count; /* registers %r<count>; targets */
  gsize offset, size;
} PtxSymbol;

/* What an opcode consists of: the parts between its points, understood. */
typedef struct
{
  const char *opcode;
  char **parts;
  guint n_parts;
  PtxType types[4];
  guint n_types;
  guint flags;
  PtxSpace space;
  guint vector; /* 1, 2, 4 or 8 */
} PtxWords;

/* An instruction that is known.
 *
 * pattern: what the opcode may be; (a|b) one of these, [a|b] one of these or none.
 * form: its operands: d a destination, D a register or a list of them, | a predicate behind a bar
 * (may be missing), r a source, R a source or a list, p a predicate that may be negated, m an
 * address, l a label; what follows ? may be missing. Sources go to a, b, c, e in turn.
 * plain runs it; general, where there is one, if any of PTX_GENERAL is named. */
typedef struct
{
  const char *pattern;
  const char *form;
  PtxHandler plain, general;
  /* May change the instruction or put others in front; FALSE and the decoder's error if it cannot
   * be run. With run = NULL nothing more is emitted. */
  gboolean (*prepare) (PtxDecoder *decoder, PtxInsn *insn);
} PtxRow;

extern const PtxRow ptx_integer_rows[], ptx_bits_rows[], ptx_float_rows[], ptx_approx_rows[],
    ptx_convert_rows[], ptx_compare_rows[], ptx_memory_rows[], ptx_atomic_rows[], ptx_warp_rows[],
    ptx_control_rows[], ptx_move_rows[], ptx_carry_rows[];

struct _PtxDecoder
{
  PtxModule *module;
  PtxFunction *function; /* the one whose body is read */
  const PtxToken *token; /* the next one */
  GStringChunk *strings; /* of the tokens */
  GHashTable *names;     /* of the module: PtxSymbol */
  GPtrArray *scopes;     /* of GHashTable: of PtxSymbol, the innermost last */
  GHashTable *labels;    /* name to number of instruction + 1 */
  GArray *jumps;         /* of PtxJump */
  GHashTable *constants; /* value to number of the constant + 1 */
  gint32 sink;           /* slot for results that nobody wants, -1 as long as there is none */
  PtxWords words;        /* of the instruction that is read */
  GError **error;
};

/* A target that is filled in at the end of the function. */
typedef struct
{
  const char *label;
  guint line;
  gint insn; /* number of the instruction, or -1: `list` in PtxFunction.lists */
  guint list;
} PtxJump;

gboolean ptx_fail (PtxDecoder *decoder, const char *format, ...) G_GNUC_PRINTF (2, 3);
gboolean ptx_accept (PtxDecoder *decoder, char sign);
gboolean ptx_expect (PtxDecoder *decoder, char sign);
gboolean ptx_accept_word (PtxDecoder *decoder, const char *word);
gboolean ptx_is_word (const PtxDecoder *decoder);
/* NULL and an error if the next token is none. */
const char *ptx_expect_word (PtxDecoder *decoder, const char *what);
gboolean ptx_expect_integer (PtxDecoder *decoder, gint64 *value);
PtxType ptx_type_from_name (const char *name);
gsize ptx_type_get_size (PtxType type);

/* What stands in front of a variable's name. */
typedef struct
{
  PtxType type;
  gsize alignment, size; /* size: 0 for name[] */
  const char *name;
  guint count; /* of %name<count>, else 0 */
} PtxDeclaration;

gboolean ptx_read_type (PtxDecoder *decoder, PtxDeclaration *declaration);
gboolean ptx_read_name (PtxDecoder *decoder, PtxDeclaration *declaration);
/* Reserves room behind `*size`, and returns its offset. */
gsize ptx_reserve (gsize *size, gsize bytes, gsize alignment);
gboolean ptx_define (PtxDecoder *decoder, GHashTable *names, const char *name, PtxSymbol symbol);
const PtxSymbol *ptx_find_symbol (PtxDecoder *decoder, const char *name, guint *number);
/* Module scope .shared, or .shared, .global and .const of a function, without `;`. */
gboolean ptx_read_variable (PtxDecoder *decoder, PtxSpace space, gboolean is_extern);
gboolean ptx_read_function (PtxDecoder *decoder, gboolean is_entry);
gboolean ptx_read_parameters (PtxDecoder *decoder, GArray *parameters, gsize *size,
                              GHashTable *names);
gboolean ptx_read_body (PtxDecoder *decoder);
void ptx_function_free (PtxFunction *function);

/* ptx-decode.c */
gboolean ptx_read_instruction (PtxDecoder *decoder);
void ptx_emit (PtxDecoder *decoder, const PtxInsn *insn);
gint32 ptx_new_slot (PtxDecoder *decoder);
gboolean ptx_has_part (const PtxDecoder *decoder, const char *part);
/* The position of the opcode's part among `names`, up to NULL; -1 if none of them is there. */
gint ptx_find_part (const PtxDecoder *decoder, const char *const *names);

/* ptx-operand.c */
gint32 ptx_constant (PtxDecoder *decoder, guint64 value);
gint32 ptx_sink (PtxDecoder *decoder);
gboolean ptx_read_destination (PtxDecoder *decoder, gint32 *slot);
gboolean ptx_read_source (PtxDecoder *decoder, PtxType type, gint32 *slot);
gboolean ptx_read_predicate (PtxDecoder *decoder, gint32 *slot);
gboolean ptx_read_list (PtxDecoder *decoder, PtxType type, gboolean is_destination, PtxInsn *insn,
                        gint32 *place);
gboolean ptx_read_address (PtxDecoder *decoder, PtxInsn *insn, gint32 *slot);

/* --- running --- */

typedef enum
{
  PTX_RUNNING,
  PTX_AT_BARRIER,
  PTX_AT_WARP, /* shfl, vote and the like */
  PTX_YIELDED,
  PTX_EXITED,
  PTX_FAILED
} PtxState;

typedef struct
{
  const PtxFunction *function;
  const PtxInsn *pc; /* to go on with: behind the call */
  gsize registers, frame;
} PtxFrame;

/* Owned by the thread that runs ptx_launch(), as everything below. */
struct _PtxThread
{
  guint64 *r; /* slot 0 of the running function */
  const PtxInsn *pc;
  const PtxFunction *function;
  PtxState state;
  guint carry;
  PtxBlock *block;
  guint index; /* in the block */
  guint tid[3];
  guint8 *stack; /* frames: parameters and local memory */
  gsize frame, stack_used, stack_size;
  guint64 *registers;
  gsize registers_base, n_registers; /* of the running function in registers; allocated */
  GArray *frames;                    /* of PtxFrame: the callers */
  const PtxInsn *wait;               /* what it waits at */
  guint32 wait_mask;                 /* lanes it waits for, or number of the barrier */
};

typedef struct
{
  guint arrived;  /* threads */
  guint expected; /* 0: all that have not exited */
  guint votes;    /* bar.red: how many had a true predicate */
} PtxBarrier;

#define PTX_N_BARRIERS 16
#define PTX_N_RANGES   4
#define PTX_WARP       32

struct _PtxBlock
{
  const PtxFunction *entry;
  const PtxMemory *memory;
  guint grid[3], size[3], id[3];
  PtxThread *threads;
  guint n_threads, n_exited;
  guint8 *shared;
  gsize shared_size, dynamic_offset;
  guint8 *parameters;
  PtxBarrier barriers[PTX_N_BARRIERS];
  PtxRange ranges[2][PTX_N_RANGES]; /* granted for reading, for writing */
  guint next_range[2];
  guint64 n_instructions;
  GError *error;
};

void ptx_thread_fail (PtxThread *t, const PtxInsn *i, PtxError code, const char *format, ...)
    G_GNUC_PRINTF (4, 5);
/* The bytes at an address of a space, or NULL, and the thread has failed. `size` is a power of two
 * and the alignment that is wanted. */
guint8 *ptx_resolve (PtxThread *t, const PtxInsn *i, PtxSpace space, guint64 address, gsize size,
                     gboolean is_write);
/* As above for bytes that need no alignment. */
guint8 *ptx_resolve_bytes (PtxThread *t, const PtxInsn *i, guint64 generic, gsize size);
gboolean ptx_enter (PtxThread *t, const PtxFunction *function, const PtxInsn *from);
void ptx_thread_exit (PtxThread *t);
void ptx_barrier_check (PtxBlock *block, guint number);
void ptx_warp_check (PtxThread *t);
void ptx_vprintf (PtxThread *t, const PtxInsn *i);

static inline float
ptx_f32 (guint64 slot)
{
  guint32 bits = (guint32) slot;
  float value;

  memcpy (&value, &bits, sizeof value);
  return value;
}

static inline double
ptx_f64 (guint64 slot)
{
  double value;

  memcpy (&value, &slot, sizeof value);
  return value;
}

static inline guint64
ptx_from_f32 (float value)
{
  guint32 bits;

  memcpy (&bits, &value, sizeof bits);
  return bits;
}

static inline guint64
ptx_from_f64 (double value)
{
  guint64 bits;

  memcpy (&bits, &value, sizeof bits);
  return bits;
}

#define PTX_NAN_F32 0x7fffffff

static inline guint64
ptx_result_f32 (float value)
{
  return value == value ? ptx_from_f32 (value) : PTX_NAN_F32;
}
