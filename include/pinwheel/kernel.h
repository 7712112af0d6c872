/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
#include <gio/gio.h>
#include <pinwheel/chunk.h>

G_BEGIN_DECLS

/**
 * PinwheelFpMode:
 * @PINWHEEL_FP_FAST: `a * b + c` is rounded once where the processor can do that
 * @PINWHEEL_FP_EXACT: every operation is rounded by itself: + - * / and sqrt give the bits of
 *   IEEE 754, the same on every device, and those of NumPy
 *
 * How a kernel's floating-point arithmetic is compiled. In either mode bits do not depend on how
 * the data is cut into chunks.
 */
typedef enum
{
  PINWHEEL_FP_FAST,
  PINWHEEL_FP_EXACT
} PinwheelFpMode;

#define PINWHEEL_TYPE_FP_MODE (pinwheel_fp_mode_get_type ())
PINWHEEL_API
GType pinwheel_fp_mode_get_type (void);

/**
 * PinwheelKernelSpec:
 * @file: name for messages, and what #line says
 * @source: (nullable): CUDA C
 * @code: (nullable): in place of @source: PTX and a zero byte, a cubin or a fat binary, which CUDA
 *   devices run
 * @parameters: (nullable): with @code, which does not tell them: what the kernel takes, as in CUDA
 * C: `const float *x, float *y, int n`
 * @entry: (nullable): name of the __global__ function; %NULL where there is only one
 * @args: (nullable): scalars by name: `dt=0.001 steps=1000`
 * @outputs: (nullable): shapes of the outputs: `state[51,3,*] status[*]`; dtypes come from the
 * source
 * @keep: (nullable): inputs that ride along uncopied: `a b`
 * @threads: (nullable): threads in all, an expression over n and the names in @args; default n
 * @grid: (nullable): blocks `x,y,z` of such expressions
 * @block: (nullable): threads of a block `x,y,z`, numbers
 * @include_dir: (nullable): folder for #include "..."
 * @fp_mode: how floating-point arithmetic is compiled
 * @cancellable: (nullable): ends the preprocessor and the compiler; referenced by the kernel
 * @shared: (nullable): bytes of dynamic shared memory of a block, such an expression
 * @deterministic: on the host blocks run one after the other: atomic sums of floats have the same
 *   bits every time
 *
 * A kernel as a user describes it: the properties of the element `kernel`.
 */
typedef struct
{
  const char *file;
  const char *source;
  const char *entry;
  const char *args;
  const char *outputs;
  const char *keep;
  const char *threads;
  const char *grid;
  const char *block;
  const char *include_dir;
  PinwheelFpMode fp_mode;
  GCancellable *cancellable;
  const char *shared;
  gboolean deterministic;
  GBytes *code;
  const char *parameters;
} PinwheelKernelSpec;

/**
 * PinwheelKernel:
 *
 * CUDA C bound to arrays by the names in its signature: what the elements `kernel` and `map` share.
 * Made and compiled in the main thread; then pinwheel_kernel_launch() from one streaming thread.
 */
#define PINWHEEL_TYPE_KERNEL (pinwheel_kernel_get_type ())
PINWHEEL_API
G_DECLARE_FINAL_TYPE (PinwheelKernel, pinwheel_kernel, PINWHEEL, KERNEL, GObject)

/**
 * pinwheel_kernel_new: (skip)
 * @spec: copied
 * @input: format of the chunks that will come
 *
 * Reads the signature and binds it. Compiles nothing. Errors: %PINWHEEL_ERROR_KERNEL with file,
 * line and column, and the list of what there is.
 *
 * Returns: (transfer full) (nullable): %NULL with @error
 */
PINWHEEL_API
PinwheelKernel *pinwheel_kernel_new (const PinwheelKernelSpec *spec, PinwheelFormat *input,
                                     GError **error);

/**
 * pinwheel_kernel_get_output:
 *
 * Returns: (transfer none): the kernel's outputs in the order of its parameters, then what is kept
 */
PINWHEEL_API
PinwheelFormat *pinwheel_kernel_get_output (PinwheelKernel *self);

/**
 * pinwheel_kernel_get_n_outputs:
 *
 * Returns: how many arrays of the output are made by the kernel and need room in the element's own
 *   pool: the first ones
 */
PINWHEEL_API
guint pinwheel_kernel_get_n_outputs (PinwheelKernel *self);

/**
 * pinwheel_kernel_get_entry:
 *
 * Returns: (transfer none): name of its __global__ function, with its namespaces
 */
PINWHEEL_API
const char *pinwheel_kernel_get_entry (PinwheelKernel *self);

/**
 * pinwheel_kernel_compile:
 * @arch: (nullable): a CUDA architecture, by NVRTC: `sm_90`, or `compute_90` for PTX; no CUDA
 *   device is needed. %NULL: the host
 * @found: (out): whether it was in the cache
 *
 * Compiles and keeps it in the cache, and loads nothing. May take long.
 *
 * Returns: (transfer full) (nullable): path of the entry in the cache
 */
PINWHEEL_API
char *pinwheel_kernel_compile (PinwheelKernel *self, const char *arch, gboolean *found,
                               GError **error);

/**
 * pinwheel_kernel_load:
 * @device: where it will run
 *
 * Compiles for @device, or finds it in the cache, and loads it. May take long; the main thread
 * only.
 */
PINWHEEL_API
gboolean pinwheel_kernel_load (PinwheelKernel *self, PinwheelDevice *device, GError **error);

/**
 * pinwheel_kernel_get_warning:
 *
 * Returns: (transfer none) (nullable): after pinwheel_kernel_load(): a sentence for the user about
 *   how it runs: why it is slow
 */
PINWHEEL_API
const char *pinwheel_kernel_get_warning (PinwheelKernel *self);

/**
 * pinwheel_kernel_launch:
 * @stream: of the device it was loaded on
 * @input: a chunk on that device; @stream waits for its fences
 * @output: a chunk of the output format with room for the kernel's outputs already laid out; its
 *   kept arrays are set here, and so are arrays updated in place: where the caller's reference on
 *   @input is the only one and nobody else has its buffer, they stay there, and the input's content
 *   is lost; else they are copied
 *
 * Enqueues the launch and hangs the fences on the buffers of both chunks. Does not wait.
 */
PINWHEEL_API
gboolean pinwheel_kernel_launch (PinwheelKernel *self, PinwheelStream *stream, PinwheelChunk *input,
                                 PinwheelChunk *output, GError **error);

/**
 * pinwheel_map_source: (skip)
 * @expr: `y = a*x + b; z = sqrt(x)`
 * @args: (nullable): `a=2 b=1`
 * @input: the arrays that names may mean
 * @outputs: (out): text for #PinwheelKernelSpec.outputs
 *
 * Generates the CUDA C for an expression under NumPy's rules of type promotion.
 *
 * Returns: (transfer full) (nullable): source with the entry `pinwheel_map`. Errors:
 *   %PINWHEEL_ERROR_PARSE with column and caret, %PINWHEEL_ERROR_FORMAT for types and shapes
 */
PINWHEEL_API
char *pinwheel_map_source (const char *expr, const char *args, PinwheelFormat *input,
                           char **outputs, GError **error);

/**
 * PinwheelCacheInfo:
 * @folder: (nullable): owned by the caller; %NULL where there can be none
 * @n_entries: number of entries
 * @bytes: of all entries together, which @limit bounds
 * @limit: the most bytes that it keeps
 * @oldest: when the entry used longest ago was used, microseconds since 1970; 0 without entries
 * @newest: the same of the entry used last
 *
 * What the cache of compiled kernels holds.
 */
typedef struct
{
  char *folder;
  guint64 n_entries, bytes, limit;
  gint64 oldest, newest;
} PinwheelCacheInfo;

/**
 * pinwheel_cache_get_info: (skip)
 * @info: (out caller-allocates): what there is
 *
 * Looks at the cache of compiled kernels.
 */
PINWHEEL_API
void pinwheel_cache_get_info (PinwheelCacheInfo *info);

G_END_DECLS
