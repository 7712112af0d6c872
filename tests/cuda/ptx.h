/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An interpreter of PTX, for tests: what NVRTC and nvcc make of CUDA C runs without a GPU.
 *
 * A module is parsed once. Its variables are placed by the caller, who owns all memory: the
 * interpreter asks PtxMemory about every access to global memory. Shared and local memory are its
 * own. A module does not change once its variables are placed: any number of threads may then
 * launch from it at the same time, and atomics are atomic between them.
 *
 * Arithmetic is IEEE as PTX defines it, bit for bit; the .approx forms are rounded from double
 * precision, so that they keep to the documented error but have not the bits of any one GPU. A
 * result that is NaN is PTX's canonical one in single precision. Instructions that are not known
 * are errors when the module is parsed.
 *
 * The threads of a block take turns in one thread of the host, and nothing but barriers, shuffles
 * and the like orders them: a kernel that counts on lanes running in step is found out. activemask
 * is the thread's own lane alone. Clocks count instructions. A block runs to its end before the
 * next one: a kernel whose blocks wait for each other does not end, see PtxMemory.stop.
 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

typedef struct _PtxModule PtxModule;
typedef struct _PtxFunction PtxEntry;
typedef struct _PtxMemory PtxMemory;

#define PTX_ERROR (ptx_error_quark ())
GQuark ptx_error_quark (void);

/* PTX_ERROR_PARSE: the text is not PTX, or has an instruction that is not known
 * PTX_ERROR_LAUNCH: the configuration of a launch is not possible
 * PTX_ERROR_ADDRESS, PTX_ERROR_ALIGNMENT: a thread's access to memory
 * PTX_ERROR_TRAP: trap, or a failed assert()
 * PTX_ERROR_STACK: calls nest too deep
 * PTX_ERROR_DEADLOCK: every thread left waits for one that never comes
 * PTX_ERROR_CALL: an indirect call of no function, or with other parameters
 * PTX_ERROR_STOPPED: PtxMemory.stop was set */
typedef enum
{
  PTX_ERROR_PARSE,
  PTX_ERROR_LAUNCH,
  PTX_ERROR_ADDRESS,
  PTX_ERROR_ALIGNMENT,
  PTX_ERROR_TRAP,
  PTX_ERROR_STACK,
  PTX_ERROR_DEADLOCK,
  PTX_ERROR_CALL,
  PTX_ERROR_STOPPED
} PtxError;

/* Device addresses [start, start + size) are the bytes at `bytes`. */
typedef struct
{
  guint64 start;
  guint64 size;
  guint8 *bytes;
} PtxRange;

/* How a launch reaches memory; owned by the caller, the same for the whole launch. Addresses must
 * be below 2^56: what is above is shared and local memory, seen through generic pointers. */
struct _PtxMemory
{
  gpointer user;
  /* The bytes of device memory [address, address + size), or NULL where a kernel must not read (or
   * write, where `is_write`) them. It may fill in `range`, empty before the call, with a range
   * around them: the launch then takes it for granted for the same kind of access. Called in the
   * thread of ptx_launch(). Atomics ask for writing. */
  guint8 *(*check) (const PtxMemory *memory, guint64 address, gsize size, gboolean is_write,
                    PtxRange *range);
  /* What a kernel's printf() says; may be NULL. */
  void (*print) (const PtxMemory *memory, const char *text);
  /* Set to another value than 0 by any thread, atomically, to end the launch; may be NULL. */
  const gint *stop;
};

typedef struct
{
  gsize offset, size, alignment; /* bytes; of the parameter in the entry's parameter block */
} PtxParameter;

typedef struct
{
  const char *name; /* owned by the module */
  gsize size, alignment;
  gboolean is_constant; /* .const: kernels only read it */
} PtxVariable;

/* NULL and an error that names the line if the text cannot be run. */
PtxModule *ptx_module_new (const char *text, GError **error);
void ptx_module_free (PtxModule *module);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtxModule, ptx_module_free)

/* The number after "sm_" in .target. */
guint ptx_module_get_target (const PtxModule *module);

guint ptx_module_get_n_entries (const PtxModule *module);
const PtxEntry *ptx_module_get_entry (const PtxModule *module, guint number);
/* NULL if there is none. */
const PtxEntry *ptx_module_find_entry (const PtxModule *module, const char *name);
const char *ptx_entry_get_name (const PtxEntry *entry);
guint ptx_entry_get_n_parameters (const PtxEntry *entry);
PtxParameter ptx_entry_get_parameter (const PtxEntry *entry, guint number);
/* Bytes of shared memory that the entry has without dynamic shared memory. */
gsize ptx_entry_get_shared_size (const PtxEntry *entry);
/* What __launch_bounds__ allows: threads in a block; 0 where it does not say. */
guint ptx_entry_get_max_threads (const PtxEntry *entry);

guint ptx_module_get_n_variables (const PtxModule *module);
PtxVariable ptx_module_get_variable (const PtxModule *module, guint number);
/* Says where every variable is, in their order; once, before the first launch. Not needed where
 * there are none. */
void ptx_module_place (PtxModule *module, const guint64 *addresses);
/* Writes a variable's initial value, `size` bytes; after ptx_module_place(). */
void ptx_module_get_initial (const PtxModule *module, guint number, guint8 *bytes);

/* Runs all blocks of the grid, one after another, in the calling thread. `arguments` has a pointer
 * to each parameter's value. */
gboolean ptx_launch (const PtxEntry *entry, const guint grid[3], const guint block[3],
                     gsize dynamic_shared, void *const *arguments, const PtxMemory *memory,
                     GError **error);

/* As ptx_launch(), and adds the instructions run to `n_instructions`. */
gboolean ptx_launch_counted (const PtxEntry *entry, const guint grid[3], const guint block[3],
                             gsize dynamic_shared, void *const *arguments, const PtxMemory *memory,
                             guint64 *n_instructions, GError **error);

G_END_DECLS
