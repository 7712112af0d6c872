/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
#include <pinwheel/bus.h>
#include <pinwheel/element.h>
#include <pinwheel/plan.h>

G_BEGIN_DECLS

/**
 * PinwheelState:
 * @PINWHEEL_STATE_NULL: nothing is held
 * @PINWHEEL_STATE_READY: formats are negotiated and the memory is planned, nothing is allocated
 * @PINWHEEL_STATE_RUNNING: threads stream
 *
 * How far a pipeline is set up.
 */
typedef enum
{
  PINWHEEL_STATE_NULL,
  PINWHEEL_STATE_READY,
  PINWHEEL_STATE_RUNNING
} PinwheelState;

/**
 * PinwheelPipeline:
 *
 * A graph of elements that runs as a whole. pinwheel_pipeline_stop(), pinwheel_pipeline_get_bus()
 * and what says so may be called from any thread, at any time; everything else belongs to one
 * thread at a time. What a getter returns is the pipeline's own, until it changes state.
 */
#define PINWHEEL_TYPE_PIPELINE (pinwheel_pipeline_get_type ())
PINWHEEL_API
G_DECLARE_FINAL_TYPE (PinwheelPipeline, pinwheel_pipeline, PINWHEEL, PIPELINE, GObject)

/**
 * PinwheelPipeline:device:
 *
 * What runs the kernels, as for pinwheel_device_open_list(); `auto` or unset: the first CUDA
 * device, else the host.
 */

/**
 * PinwheelPipeline:chunk:
 *
 * Items of a chunk; 0: as the memory plan finds best.
 */

/**
 * PinwheelPipeline:chunk-bytes:
 *
 * Bytes of the largest buffer; 0: as the memory plan finds best.
 */

/**
 * PinwheelPipeline:device-memory:
 *
 * Bytes of device memory to use at most, of each device; 0: 90 % of what is free.
 */

/**
 * PinwheelPipeline:pinned-memory:
 *
 * Bytes of pinned host memory to use at most; 0: an eighth of the machine's memory.
 */

/**
 * PinwheelPipeline:link-depth:
 *
 * Chunks that a link holds before the element in front of it waits.
 */

/**
 * PinwheelPipeline:stall-timeout:
 *
 * Milliseconds in which all wait and nothing moves before a warning tells who waits for what; 0:
 * never.
 */

/**
 * PinwheelPipeline:progress-interval:
 *
 * Milliseconds between messages of progress on the bus; 0: none.
 */

/**
 * PinwheelPipeline:items-done:
 *
 * Items that have come to the end, of this run or else the last one. Not notified: see
 * #PinwheelPipeline:progress-interval.
 */

/**
 * PinwheelPipeline:items-total:
 *
 * Items in all, or %PINWHEEL_ITEMS_UNKNOWN.
 */

/**
 * pinwheel_pipeline_new:
 *
 * Returns: (transfer full): a pipeline without elements
 */
PINWHEEL_API
PinwheelPipeline *pinwheel_pipeline_new (void);

/**
 * pinwheel_pipeline_add:
 * @element: (transfer none): a reference is kept
 *
 * Adds an element, and gives it a name that no other element has, where it has none. Errors: the
 * name is taken or cannot stand in a description, the element is in a pipeline already, or the
 * pipeline runs.
 */
PINWHEEL_API
gboolean pinwheel_pipeline_add (PinwheelPipeline *self, PinwheelElement *element, GError **error);

/**
 * pinwheel_pipeline_get_element:
 * @name: of an element
 *
 * Returns: (transfer none) (nullable): the element of that name
 */
PINWHEEL_API
PinwheelElement *pinwheel_pipeline_get_element (PinwheelPipeline *self, const char *name);

/**
 * pinwheel_pipeline_get_elements:
 *
 * Returns: (transfer none) (element-type PinwheelElement): all of them, in the order of adding
 */
PINWHEEL_API
GPtrArray *pinwheel_pipeline_get_elements (PinwheelPipeline *self);

/**
 * pinwheel_pipeline_get_bus:
 *
 * Returns: (transfer none): where its messages come
 */
PINWHEEL_API
PinwheelBus *pinwheel_pipeline_get_bus (PinwheelPipeline *self);

/**
 * pinwheel_pipeline_get_device:
 *
 * Returns: (transfer none) (nullable): from READY on; the first one where there are several
 */
PINWHEEL_API
PinwheelDevice *pinwheel_pipeline_get_device (PinwheelPipeline *self);

/**
 * pinwheel_pipeline_get_devices:
 *
 * Returns: (transfer none) (nullable) (element-type PinwheelDevice): from READY on
 */
PINWHEEL_API
GPtrArray *pinwheel_pipeline_get_devices (PinwheelPipeline *self);

/**
 * pinwheel_pipeline_get_device_notice:
 *
 * Returns: (transfer none) (nullable): where the choice of the device was left to the pipeline and
 *   there is no CUDA device: why, and what to do; from READY on
 */
PINWHEEL_API
const char *pinwheel_pipeline_get_device_notice (PinwheelPipeline *self);

/**
 * pinwheel_pipeline_get_plan:
 *
 * Returns: (transfer none) (nullable): the memory plan, from READY on
 */
PINWHEEL_API
PinwheelPlan *pinwheel_pipeline_get_plan (PinwheelPipeline *self);

/**
 * pinwheel_pipeline_get_state:
 *
 * Returns: the state that it is in
 */
PINWHEEL_API
PinwheelState pinwheel_pipeline_get_state (PinwheelPipeline *self);

/**
 * pinwheel_pipeline_set_state:
 * @state: where to go
 *
 * Goes to @state, through those between. RUNNING returns when the threads have started, READY and
 * NULL when they have all been joined. On failure the pipeline is in NULL and holds nothing.
 */
PINWHEEL_API
gboolean pinwheel_pipeline_set_state (PinwheelPipeline *self, PinwheelState state, GError **error);

/**
 * pinwheel_pipeline_wait:
 *
 * Waits until a running pipeline ends, joins its threads and goes to NULL.
 *
 * Returns: %TRUE for success: everything is written and final. %FALSE with the error of the run;
 *   %G_IO_ERROR_CANCELLED where it was stopped.
 */
PINWHEEL_API
gboolean pinwheel_pipeline_wait (PinwheelPipeline *self, GError **error);

/**
 * pinwheel_pipeline_run:
 *
 * Goes to RUNNING, then waits as pinwheel_pipeline_wait() does.
 *
 * Returns: %TRUE for success, as pinwheel_pipeline_wait()
 */
PINWHEEL_API
gboolean pinwheel_pipeline_run (PinwheelPipeline *self, GError **error);
/**
 * pinwheel_pipeline_run_async:
 * @self: a pipeline that does not run
 * @cancellable: (nullable): ends the run as pinwheel_pipeline_stop() does
 * @callback: (nullable) (scope async): called once, in the thread-default main context of the
 *   caller, when the run has ended and no thread of it is left
 * @user_data: (closure): for @callback
 *
 * As pinwheel_pipeline_run(), beside the caller's main loop, which never waits for it. Messages on
 * the bus are seen before @callback is called. Until then the pipeline belongs to the run: only
 * what may be called from any thread is allowed, and elements and properties stay as they are.
 *
 * A run that was cancelled when all was final already has succeeded.
 */
PINWHEEL_API
void pinwheel_pipeline_run_async (PinwheelPipeline *self, GCancellable *cancellable,
                                  GAsyncReadyCallback callback, gpointer user_data);
/**
 * pinwheel_pipeline_run_finish:
 * @self: the pipeline
 * @result: what the callback of pinwheel_pipeline_run_async() was given
 * @error: where to put the error of the run; %G_IO_ERROR_CANCELLED where it was cancelled or
 *   stopped
 *
 * Returns: %TRUE for success: everything is written and final
 */
PINWHEEL_API
gboolean pinwheel_pipeline_run_finish (PinwheelPipeline *self, GAsyncResult *result,
                                       GError **error);
/**
 * pinwheel_pipeline_get_progress:
 * @self: a pipeline
 * @items_done: (out) (optional): items that have come to the end, of this run or else the last one
 * @items_total: (out) (optional): items in all, or %PINWHEEL_ITEMS_UNKNOWN
 *
 * From any thread, at any time. The bus tells the same every #PinwheelPipeline:progress-interval.
 */
PINWHEEL_API
void pinwheel_pipeline_get_progress (PinwheelPipeline *self, guint64 *items_done,
                                     guint64 *items_total);
/**
 * pinwheel_pipeline_stop:
 *
 * Ends the run, or the way to READY, and the compiler that either waits for; from any thread, at
 * any time; does not wait.
 */
PINWHEEL_API
void pinwheel_pipeline_stop (PinwheelPipeline *self);

/**
 * pinwheel_pipeline_describe_activity:
 *
 * From any thread, at any time.
 *
 * What each element does now: works, waits for a chunk, for room in a link, for a buffer (and who
 * holds them), for the device; one line for each. A run in which all wait for each other and
 * nothing moves for #PinwheelPipeline:stall-timeout says the same in a warning on its bus.
 *
 * Returns: (transfer full): lines for people
 */
PINWHEEL_API
char *pinwheel_pipeline_describe_activity (PinwheelPipeline *self);

G_END_DECLS
