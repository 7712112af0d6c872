/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
#include <pinwheel/device.h>

G_BEGIN_DECLS

/**
 * PinwheelStream:
 *
 * Work that a device does in order, behind the caller's back. One element owns one stream per
 * device and enqueues from its own thread; fences may be waited for from any thread. Nothing here
 * allocates after the stream was made; a full queue of work makes the caller wait until there is
 * room.
 *
 * A stream whose work fails keeps its first error: later work is skipped, fences still pass, and
 * every later call returns that error.
 */
#define PINWHEEL_TYPE_STREAM (pinwheel_stream_get_type ())
PINWHEEL_API
G_DECLARE_DERIVABLE_TYPE (PinwheelStream, pinwheel_stream, PINWHEEL, STREAM, GObject)

/**
 * PinwheelStream:name:
 *
 * See pinwheel_stream_get_name().
 */

/**
 * PinwheelStream:device:
 *
 * See pinwheel_stream_get_device().
 */

/**
 * PinwheelCopyKind:
 * @PINWHEEL_COPY_HOST_TO_DEVICE: to the device
 * @PINWHEEL_COPY_DEVICE_TO_HOST: from the device
 * @PINWHEEL_COPY_DEVICE_TO_DEVICE: within the device
 *
 * Which way a copy goes.
 */
typedef enum
{
  PINWHEEL_COPY_HOST_TO_DEVICE,
  PINWHEEL_COPY_DEVICE_TO_HOST,
  PINWHEEL_COPY_DEVICE_TO_DEVICE
} PinwheelCopyKind;

/**
 * PinwheelCopy:
 * @kind: which way
 * @source: first byte to read
 * @target: first byte to write
 * @width: bytes of a row
 * @height: rows
 * @depth: slices; 0 counts as 1
 * @source_pitch: bytes from one row to the next
 * @target_pitch: the same of the target
 * @source_slice: bytes from one slice to the next
 * @target_slice: the same of the target
 *
 * A copy of @depth slices of @height rows of @width bytes; rows lie @source_pitch and @target_pitch
 * bytes apart, slices @source_slice and @target_slice. A plain copy is one row.
 */
typedef struct
{
  PinwheelCopyKind kind;
  gconstpointer source;
  gpointer target;
  gsize width, height;
  gsize source_pitch, target_pitch;
  gsize depth;
  gsize source_slice, target_slice;
} PinwheelCopy;

/**
 * PinwheelAccess:
 * @address: first byte
 * @size: bytes
 * @write: whether it is written too
 *
 * @size bytes of device memory that a kernel reads, or reads and writes.
 */
typedef struct
{
  gconstpointer address;
  gsize size;
  gboolean write;
} PinwheelAccess;

/**
 * PinwheelLaunch:
 * @function: the kernel
 * @grid: blocks along x, y, z
 * @block: threads of a block along x, y, z
 * @shared_bytes: dynamic shared memory of each block
 * @arguments: one pointer per argument of @function; the values are copied before the call returns
 * @accesses: (nullable) (array length=n_accesses): what the kernel touches, for devices that check
 *   it; read before the call returns
 * @n_accesses: number of @accesses
 * @in_order: the host runs one block after the other, so that sums of floats have the same bits
 *   every time; without meaning where blocks cannot be ordered
 *
 * A kernel to be run once.
 */
typedef struct
{
  PinwheelFunction *function;
  guint grid[3];
  guint block[3];
  gsize shared_bytes;
  void **arguments;
  const PinwheelAccess *accesses;
  guint n_accesses;
  gboolean in_order;
} PinwheelLaunch;

/**
 * PinwheelStreamClass::is_passed:
 * @self: a stream
 * @value: of a fence
 *
 * See pinwheel_fence_is_passed().
 *
 * Returns: whether all work up to @value is done
 */

/**
 * PinwheelStreamClass::sync:
 * @self: a stream
 * @value: of a fence
 *
 * The host waits; see pinwheel_fence_sync().
 *
 * Returns: %FALSE with the stream's own error where its work failed
 */
struct _PinwheelStreamClass
{
  GObjectClass parent_class;

  gboolean (*copy) (PinwheelStream *self, const PinwheelCopy *copy, GError **error);
  gboolean (*launch) (PinwheelStream *self, const PinwheelLaunch *launch, GError **error);
  /* later work of self waits for the fence of another stream */
  gboolean (*wait) (PinwheelStream *self, PinwheelFence fence, GError **error);
  /* number that covers all work enqueued so far */
  gboolean (*record) (PinwheelStream *self, guint64 *fence, GError **error);
  gboolean (*is_passed) (PinwheelStream *self, guint64 value);
  gboolean (*sync) (PinwheelStream *self, guint64 value, GError **error);
  /* skip what has not begun; fences of skipped work pass */
  void (*cancel) (PinwheelStream *self);
  /* (nullable) see pinwheel_stream_set_mark() */
  void (*set_mark) (PinwheelStream *self, guint64 mark);

  gpointer padding[7];
};

/**
 * pinwheel_stream_get_device:
 *
 * Returns: (transfer none): whose stream it is
 */
PINWHEEL_API
PinwheelDevice *pinwheel_stream_get_device (PinwheelStream *self);

/**
 * pinwheel_stream_get_name:
 *
 * Returns: (transfer none): for people
 */
PINWHEEL_API
const char *pinwheel_stream_get_name (PinwheelStream *self);

/**
 * pinwheel_stream_copy: (skip)
 * @copy: what to copy; read before the call returns
 *
 * Enqueues a copy.
 */
PINWHEEL_API
gboolean pinwheel_stream_copy (PinwheelStream *self, const PinwheelCopy *copy, GError **error);

/**
 * pinwheel_stream_launch: (skip)
 * @launch: what to run; read before the call returns
 *
 * Enqueues a kernel.
 */
PINWHEEL_API
gboolean pinwheel_stream_launch (PinwheelStream *self, const PinwheelLaunch *launch,
                                 GError **error);

/**
 * pinwheel_stream_wait: (skip)
 * @fence: of any stream
 *
 * Later work of @self waits for @fence. A no-op for a fence of @self, a passed fence and the empty
 * fence.
 */
PINWHEEL_API
gboolean pinwheel_stream_wait (PinwheelStream *self, PinwheelFence fence, GError **error);

/**
 * pinwheel_stream_record: (skip)
 * @fence: (out caller-allocates): covers all work enqueued so far
 *
 * Notes how far the stream's work goes now.
 */
PINWHEEL_API
gboolean pinwheel_stream_record (PinwheelStream *self, PinwheelFence *fence, GError **error);

/**
 * pinwheel_stream_cancel:
 *
 * Skips what has not begun; fences of skipped work pass.
 */
PINWHEEL_API
void pinwheel_stream_cancel (PinwheelStream *self);

/**
 * pinwheel_stream_set_mark:
 * @mark: what the work is for that comes from now on: the number of a chunk, or %G_MAXUINT64
 *
 * Work that fails is told with the stream's name and this number, whoever comes upon it.
 */
PINWHEEL_API
void pinwheel_stream_set_mark (PinwheelStream *self, guint64 mark);

/**
 * pinwheel_fence_is_passed: (skip)
 * @fence: a point in a stream's work
 *
 * Returns: whether the work up to @fence is done
 */
PINWHEEL_API
gboolean pinwheel_fence_is_passed (PinwheelFence fence);

/**
 * pinwheel_fence_sync: (skip)
 * @fence: a point in a stream's work
 *
 * The host waits. Ends early when the stream is cancelled.
 */
PINWHEEL_API
gboolean pinwheel_fence_sync (PinwheelFence fence, GError **error);

G_END_DECLS
