/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
#include <pinwheel/error.h>

G_BEGIN_DECLS

/**
 * PinwheelMemoryKind:
 * @PINWHEEL_MEMORY_PINNED: host memory that the device copies from and to asynchronously
 * @PINWHEEL_MEMORY_DEVICE: the device's own; on an integrated device the CPU reads it too
 *
 * Whose memory it is.
 */
typedef enum
{
  PINWHEEL_MEMORY_PINNED,
  PINWHEEL_MEMORY_DEVICE
} PinwheelMemoryKind;

typedef struct _PinwheelStream PinwheelStream;

/**
 * PinwheelFence:
 * @stream: (nullable): whose work; %NULL is the fence that is always passed
 * @value: work items of @stream up to and including this number
 *
 * A point in a stream's work. A plain value: making and waiting for one allocates nothing. Fences
 * of one stream are ordered; the later one covers the earlier ones.
 */
typedef struct
{
  PinwheelStream *stream;
  guint64 value;
} PinwheelFence;

/**
 * PinwheelDevice:
 *
 * What runs kernels, and whose memory chunks are in. Safe from any thread.
 */
#define PINWHEEL_TYPE_DEVICE (pinwheel_device_get_type ())
PINWHEEL_API
G_DECLARE_DERIVABLE_TYPE (PinwheelDevice, pinwheel_device, PINWHEEL, DEVICE, GObject)

/**
 * PinwheelFunction:
 *
 * One kernel entry loaded on a device. Final arguments of a launch are as for cuLaunchKernel(): an
 * array of pointers to the values; their sizes are known since loading.
 */
#define PINWHEEL_TYPE_FUNCTION (pinwheel_function_get_type ())
PINWHEEL_API
G_DECLARE_DERIVABLE_TYPE (PinwheelFunction, pinwheel_function, PINWHEEL, FUNCTION, GObject)

/**
 * PINWHEEL_MAX_ARGUMENTS:
 *
 * The most arguments that a kernel can have.
 */
#define PINWHEEL_MAX_ARGUMENTS 256

/**
 * PINWHEEL_MAX_ARGUMENT_BYTES:
 *
 * The most bytes of one argument.
 */
#define PINWHEEL_MAX_ARGUMENT_BYTES 4096

struct _PinwheelFunctionClass
{
  GObjectClass parent_class;

  /* (nullable) see pinwheel_function_get_block_size() */
  guint (*get_block_size) (PinwheelFunction *self);

  gpointer padding[4];
};

/**
 * PinwheelDevice:name:
 *
 * See pinwheel_device_get_name().
 */

/**
 * PinwheelDevice:description:
 *
 * See pinwheel_device_get_description().
 */

/**
 * PinwheelDevice:integrated:
 *
 * See pinwheel_device_is_integrated().
 */

/**
 * PinwheelImage:
 * @location: path of the compiled code
 * @entry: name of the entry
 * @argument_sizes: bytes of each argument, @n_arguments of them
 * @n_arguments: number of arguments
 * @block: threads of a block, x y z, fixed when the code was compiled (host)
 * @argument_is_pointer: (nullable): which arguments are addresses of device memory; %NULL: none
 *
 * What a compiler hands to a device that runs the host's code.
 */
typedef struct
{
  const char *location;
  const char *entry;
  const gsize *argument_sizes;
  guint n_arguments;
  guint block[3];
  const gboolean *argument_is_pointer;
} PinwheelImage;

/**
 * PinwheelCode:
 * @entry: name of the kernel, for people
 * @symbol: its name in @bytes
 * @bytes: compiled for the device's architecture: a cubin, a fat binary, or PTX and a zero byte
 * @get_portable: (nullable): gives the same code in a form that any device translates for itself,
 *   PTX; called with @owner by a device that refuses @bytes. Returns: (transfer full)
 * @owner: of @get_portable
 * @argument_sizes: (nullable): bytes of each argument, @n_arguments of them, where only a person
 * says what the kernel takes and the device is to compare
 * @n_arguments: number of arguments
 *
 * What a compiler hands to a device that has an architecture of its own.
 */
typedef struct
{
  const char *entry;
  const char *symbol;
  GBytes *bytes;
  GBytes *(*get_portable) (gpointer owner, GError **error);
  gpointer owner;
  const gsize *argument_sizes;
  guint n_arguments;
} PinwheelCode;

/**
 * PinwheelDeviceClass:
 *
 * What a back-end implements. All may be called from any thread. alloc and free may be slow and are
 * called only while a pipeline starts and stops.
 */

/**
 * PinwheelDeviceClass::get_newest_toolkit:
 * @self: a device
 *
 * May be %NULL, where any code is taken.
 *
 * Returns: the newest CUDA Toolkit whose code it takes: 1000 * major + 10 * minor
 */

/**
 * PinwheelDeviceClass::check_host_access:
 * @self: a device
 * @memory: pinned
 * @size: bytes from there on
 * @write: whether they are to be written
 *
 * For devices that check who uses what when; may be %NULL. The CPU is about to use pinned memory.
 *
 * Returns: %FALSE with @error where work of the device may still be at it
 */

/**
 * PinwheelDeviceClass::buffer_came_home:
 * @self: a device
 * @memory: (not nullable): of the buffer
 *
 * For devices that check who uses what when; may be %NULL. A buffer goes home to its pool.
 */

/**
 * PinwheelDeviceClass::buffer_was_lent:
 * @self: a device
 * @memory: (not nullable): of the buffer
 *
 * As buffer_came_home(): it is lent again, perhaps by another thread.
 */

/**
 * PinwheelDeviceClass::register_memory:
 * @self: a device
 * @memory: (not nullable): of the application
 * @size: bytes from there on
 *
 * See pinwheel_device_register(). %NULL: nothing has to be done.
 *
 * Returns: whether it is pinned now
 */

/**
 * PinwheelDeviceClass::unregister_memory:
 * @self: a device
 * @memory: (not nullable): as it was registered
 * @size: as it was registered
 *
 * See pinwheel_device_unregister(). %NULL: nothing has to be done.
 */
struct _PinwheelDeviceClass
{
  GObjectClass parent_class;

  gboolean (*alloc) (PinwheelDevice *self, PinwheelMemoryKind kind, gsize size, gpointer *memory,
                     GError **error);
  void (*free) (PinwheelDevice *self, PinwheelMemoryKind kind, gsize size, gpointer memory);
  void (*get_memory) (PinwheelDevice *self, guint64 *total, guint64 *available);
  /* (nullable) see pinwheel_device_get_preferred_size() */
  guint64 (*get_preferred_size) (PinwheelDevice *self);
  PinwheelStream *(*new_stream) (PinwheelDevice *self, const char *name, GError **error);
  /* (nullable): one of the two, by pinwheel_device_get_architecture() */
  PinwheelFunction *(*load) (PinwheelDevice *self, const PinwheelImage *image, GError **error);
  PinwheelFunction *(*load_code) (PinwheelDevice *self, const PinwheelCode *code, GError **error);
  /* (nullable) both: see pinwheel_device_get_architecture() and pinwheel_device_describe() */
  const char *(*get_architecture) (PinwheelDevice *self);
  char *(*describe) (PinwheelDevice *self);
  guint (*get_newest_toolkit) (PinwheelDevice *self);
  gboolean (*check_host_access) (PinwheelDevice *self, gconstpointer memory, gsize size,
                                 gboolean write, GError **error);
  void (*buffer_came_home) (PinwheelDevice *self, gconstpointer memory);
  void (*buffer_was_lent) (PinwheelDevice *self, gconstpointer memory);
  gboolean (*register_memory) (PinwheelDevice *self, gpointer memory, gsize size, GError **error);
  void (*unregister_memory) (PinwheelDevice *self, gpointer memory, gsize size);

  gpointer padding[2];
};

/**
 * PinwheelDeviceCounters:
 * @pinned: bytes of pinned memory allocated now
 * @pinned_peak: the most that it was
 * @device: bytes of device memory allocated now
 * @device_peak: the most that it was
 * @registered: bytes of application memory registered now; not in @pinned
 * @allocations: allocations of either kind
 * @host_waits: how often the host waited for a fence that had not passed
 * @copies: copies enqueued
 * @copied_bytes: bytes of them
 * @launches: kernels enqueued
 * @pageable_copies: copies of memory that is not pinned: whoever enqueued them waited
 * @stagings: how often the CPU copied one array of one chunk between memory of the application and
 *   a pool's buffer (`appsrc`, `appsink`)
 * @staged_bytes: bytes of them
 *
 * What a device was asked for since it was opened, or since pinwheel_device_reset_peaks().
 */
typedef struct
{
  guint64 pinned, pinned_peak;
  guint64 device, device_peak;
  guint64 registered;
  guint64 allocations;
  guint64 host_waits;
  guint64 copies, copied_bytes;
  guint64 launches;
  guint64 pageable_copies;
  guint64 stagings, staged_bytes;
} PinwheelDeviceCounters;

/**
 * pinwheel_device_open:
 * @spec: (nullable): `cuda:0`, `host`, `sim`, `sim:memory=64MiB,h2d=12GB/s`; `auto` or %NULL for
 *   the best there is: the first CUDA device, else the host
 *
 * Devices are shared: the same spec gives the same object while anybody holds it. The CUDA driver
 * is opened by the first who asks for a CUDA device, or for the best.
 *
 * Returns: (transfer full) (nullable): %NULL with @error that lists what there is
 */
PINWHEEL_API
PinwheelDevice *pinwheel_device_open (const char *spec, GError **error);

/**
 * pinwheel_device_open_list:
 * @list: specs with a comma between each two; a comma that no device's name follows belongs to the
 *   options: "sim:memory=1GiB,latency=5us,sim"
 *
 * Several devices must be of one kind, with memory of their own, and named once; but each `sim` is
 * a device of its own: the second one of the same options is called "sim#2".
 *
 * Returns: (transfer full) (element-type PinwheelDevice): in the order of the list
 */
PINWHEEL_API
GPtrArray *pinwheel_device_open_list (const char *list, GError **error);
/**
 * pinwheel_device_list:
 * @notice: (out) (optional) (nullable): set where there is no CUDA device: why, and what to do
 *
 * Returns: (transfer full) (array zero-terminated=1): the specs of all devices of this machine
 */
PINWHEEL_API
char **pinwheel_device_list (char **notice);

/**
 * pinwheel_device_get_name:
 *
 * Returns: (transfer none): the spec it was opened by, e.g. `host`
 */
PINWHEEL_API
const char *pinwheel_device_get_name (PinwheelDevice *self);

/**
 * pinwheel_device_get_description:
 *
 * Returns: (transfer none): for people: processor, cores, memory
 */
PINWHEEL_API
const char *pinwheel_device_get_description (PinwheelDevice *self);

/**
 * pinwheel_device_describe:
 *
 * Returns: (transfer full): lines for people: name, memory and more
 */
PINWHEEL_API
char *pinwheel_device_describe (PinwheelDevice *self);

/**
 * pinwheel_device_get_architecture:
 *
 * Returns: (transfer none) (nullable): what code the device runs, as compilers call it: `sm_90`;
 *   %NULL where it runs the host's
 */
PINWHEEL_API
const char *pinwheel_device_get_architecture (PinwheelDevice *self);

/**
 * pinwheel_device_is_integrated:
 *
 * Returns: whether device memory is host memory: transfers copy nothing
 */
PINWHEEL_API
gboolean pinwheel_device_is_integrated (PinwheelDevice *self);

/**
 * pinwheel_device_get_memory:
 * @total: (out): bytes that the device has
 * @available: (out): bytes of them that are free now
 *
 * How much memory there is.
 */
PINWHEEL_API
void pinwheel_device_get_memory (PinwheelDevice *self, guint64 *total, guint64 *available);

/**
 * pinwheel_device_get_preferred_size:
 *
 * Returns: bytes of a buffer that the device works on best, where a larger one is slower (what the
 *   caches of a CPU hold); 0 where larger is never worse
 */
PINWHEEL_API
guint64 pinwheel_device_get_preferred_size (PinwheelDevice *self);

/**
 * pinwheel_device_alloc: (skip)
 * @kind: pinned host or device memory
 * @size: bytes
 * @memory: (out): the first byte, aligned to %PINWHEEL_ALIGNMENT
 *
 * Allocates memory. Slow: pools do it once for a run. Errors: %PINWHEEL_ERROR_MEMORY, with the
 * numbers.
 */
PINWHEEL_API
gboolean pinwheel_device_alloc (PinwheelDevice *self, PinwheelMemoryKind kind, gsize size,
                                gpointer *memory, GError **error);

/**
 * pinwheel_device_free: (skip)
 * @kind: as it was allocated
 * @size: as it was allocated
 * @memory: from pinwheel_device_alloc()
 *
 * Gives memory back, when no work uses it any more.
 */
PINWHEEL_API
void pinwheel_device_free (PinwheelDevice *self, PinwheelMemoryKind kind, gsize size,
                           gpointer memory);

/**
 * pinwheel_device_register: (skip)
 * @memory: (not nullable): of the application; it stays where it is until
 *   pinwheel_device_unregister()
 * @size: bytes, at least 1
 *
 * Pins memory that the application allocated, so that the device copies straight from and to it,
 * with no buffer in between. Slow: once for a large array, not for each chunk. Where device memory
 * is host memory nothing has to be done, and nothing can fail but an overlap.
 *
 * Returns: %FALSE with @error: %PINWHEEL_ERROR_MEMORY with the numbers where no more can be pinned,
 *   %PINWHEEL_ERROR_FAILED where it overlaps what is pinned already
 */
PINWHEEL_API
gboolean pinwheel_device_register (PinwheelDevice *self, gpointer memory, gsize size,
                                   GError **error);

/**
 * pinwheel_device_unregister: (skip)
 * @memory: as it was registered
 *
 * To be called before the memory is freed, when no copy of it is under way: from the destroy notify
 * that was given to `appsrc`, or when the run has ended.
 *
 * Returns: %FALSE with @error (%PINWHEEL_ERROR_FAILED) where nothing was registered there
 */
PINWHEEL_API
gboolean pinwheel_device_unregister (PinwheelDevice *self, gpointer memory, GError **error);

/**
 * pinwheel_device_is_pinned: (skip)
 * @memory: an address
 * @size: bytes from there on
 *
 * Returns: whether the device copies asynchronously from and to all of it: one allocation of
 *   %PINWHEEL_MEMORY_PINNED or one registered range holds it, or device memory is host memory
 */
PINWHEEL_API
gboolean pinwheel_device_is_pinned (PinwheelDevice *self, gconstpointer memory, gsize size);

/**
 * pinwheel_device_new_stream:
 * @name: for people: whose work it is
 *
 * Makes a stream, on which work is done in order.
 *
 * Returns: (transfer full) (nullable): %NULL with @error
 */
PINWHEEL_API
PinwheelStream *pinwheel_device_new_stream (PinwheelDevice *self, const char *name, GError **error);

/**
 * pinwheel_device_load: (skip)
 * @image: what the compiler made
 *
 * Loads code for a device that runs the host's.
 *
 * Returns: (transfer full) (nullable): %NULL with @error
 */
PINWHEEL_API
PinwheelFunction *pinwheel_device_load (PinwheelDevice *self, const PinwheelImage *image,
                                        GError **error);

/**
 * pinwheel_device_load_code: (skip)
 * @code: what the compiler made
 *
 * Loads code for a device that has an architecture.
 *
 * Returns: (transfer full) (nullable): %NULL with @error
 */
PINWHEEL_API
PinwheelFunction *pinwheel_device_load_code (PinwheelDevice *self, const PinwheelCode *code,
                                             GError **error);

/**
 * pinwheel_function_get_block_size:
 *
 * Returns: threads of a block that keep the device busiest; 0 where it does not care, or they were
 *   fixed when the code was compiled
 */
PINWHEEL_API
guint pinwheel_function_get_block_size (PinwheelFunction *self);

/**
 * pinwheel_device_get_counters:
 * @counters: (out caller-allocates): a copy of them
 *
 * What the device was asked for.
 */
PINWHEEL_API
void pinwheel_device_get_counters (PinwheelDevice *self, PinwheelDeviceCounters *counters);

/**
 * pinwheel_device_reset_peaks:
 *
 * Peaks become the current values; the other counters become 0.
 */
PINWHEEL_API
void pinwheel_device_reset_peaks (PinwheelDevice *self);

G_END_DECLS
