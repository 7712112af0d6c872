/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
#include <gio/gio.h>
#include <pinwheel/error.h>
#include <pinwheel/pad.h>
#include <pinwheel/property.h>

G_BEGIN_DECLS

/**
 * PinwheelElementInfo:
 * @name: as in a description: "npysrc"
 * @group: "source", "transfer", "compute", "flow" or "sink"
 * @summary: one line, no full stop
 * @description: a paragraph or more for people
 * @example: a whole description that runs as it stands
 *
 * What `pinwheel-inspect` tells about an element.
 */
typedef struct
{
  const char *name;
  const char *group;
  const char *summary;
  const char *description;
  const char *example;
} PinwheelElementInfo;

/**
 * PinwheelPadTemplate:
 * @name: "sink", "src", or "sink_%u", "src_%u" for pads made on request
 * @direction: whether chunks enter or leave
 * @place: where its chunks live
 *
 * A pad that every element of a class has, or can be asked for.
 */
typedef struct
{
  const char *name;
  PinwheelPadDirection direction;
  PinwheelPlace place;
} PinwheelPadTemplate;

/**
 * PinwheelIntake:
 * @PINWHEEL_INTAKE_READS: reads arrays where they lie, in C order: the CPU does, or a kernel
 * @PINWHEEL_INTAKE_PASSES: hands chunks on as they are, from one input to one output; or drops them
 * @PINWHEEL_INTAKE_ROUTES: hands arrays on as they are, elsewhere or under other names
 * @PINWHEEL_INTAKE_COPIES: copies between host and device, rows at any distance; as
 *   @PINWHEEL_INTAKE_PASSES where device memory is host memory
 *
 * What an element does with the arrays of its input: which arrays of the application can come to
 * it without a copy.
 */
typedef enum
{
  PINWHEEL_INTAKE_READS,
  PINWHEEL_INTAKE_PASSES,
  PINWHEEL_INTAKE_ROUTES,
  PINWHEEL_INTAKE_COPIES
} PinwheelIntake;

/**
 * PinwheelTarget:
 * @memory: of item 0 of a whole array
 * @size: bytes of it
 * @rows: how it lies there
 *
 * Where an element wants an array to be made.
 */
typedef struct
{
  gpointer memory;
  gsize size;
  PinwheelRows rows;
} PinwheelTarget;

/**
 * PinwheelStatistics:
 * @chunks: chunks that went through
 * @items: items
 * @bytes: bytes of the cut arrays in them
 * @waited_input: nanoseconds waiting for a chunk to come
 * @waited_buffer: nanoseconds waiting for a buffer of its pool, or for the device's work on it
 * @waited_output: nanoseconds waiting for room in a link
 * @elapsed: nanoseconds from the start of its thread to its end, or to now
 * @host_waits: how often its thread waited for the device's work; told when the thread has left
 *
 * What an element did in this run so far; from any thread.
 */
typedef struct
{
  guint64 chunks, items, bytes;
  guint64 waited_input, waited_buffer, waited_output;
  guint64 elapsed;
  guint64 host_waits;
} PinwheelStatistics;

/**
 * PinwheelElement:
 *
 * One stage of a pipeline, with a thread of its own while the pipeline runs. Most elements derive
 * from #PinwheelSource, #PinwheelTransform, #PinwheelSink or #PinwheelAggregator and write one
 * function over one chunk.
 */
#define PINWHEEL_TYPE_ELEMENT (pinwheel_element_get_type ())
PINWHEEL_API
GType pinwheel_element_get_type (void);
typedef struct _PinwheelElementClass PinwheelElementClass;
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PinwheelElement, g_object_unref)
#define PINWHEEL_ELEMENT(o)                                                                        \
  (G_TYPE_CHECK_INSTANCE_CAST ((o), PINWHEEL_TYPE_ELEMENT, PinwheelElement))
#define PINWHEEL_IS_ELEMENT(o) (G_TYPE_CHECK_INSTANCE_TYPE ((o), PINWHEEL_TYPE_ELEMENT))
#define PINWHEEL_ELEMENT_CLASS(k)                                                                  \
  (G_TYPE_CHECK_CLASS_CAST ((k), PINWHEEL_TYPE_ELEMENT, PinwheelElementClass))
#define PINWHEEL_IS_ELEMENT_CLASS(k) (G_TYPE_CHECK_CLASS_TYPE ((k), PINWHEEL_TYPE_ELEMENT))
#define PINWHEEL_ELEMENT_GET_CLASS(o)                                                              \
  (G_TYPE_INSTANCE_GET_CLASS ((o), PINWHEEL_TYPE_ELEMENT, PinwheelElementClass))

struct _PinwheelElement
{
  GObject parent_instance;
};

/**
 * PinwheelElementClass:
 * @info: (skip): static
 * @templates: (skip): static, ended by an entry without a name
 * @intake: what it does with the arrays of its input
 *
 * What an element does, and when. The main thread is the one that sets the pipeline up; whatever
 * fails sets its error, which reaches the application with the element's name in front. All may be
 * %NULL.
 */

/**
 * PinwheelElementClass::negotiate:
 * @self: an element
 *
 * Main thread, NULL to READY, inputs before outputs: look at the formats of the sink pads, set
 * format and demand of every source pad. Opens and reads headers, changes nothing.
 *
 * Returns: whether it can take what comes
 */

/**
 * PinwheelElementClass::demand:
 * @self: an element
 *
 * For base classes. Main thread, right after negotiate(): check what every subclass must have, and
 * ask for the memory that it needs.
 *
 * Returns: whether all is there
 */

/**
 * PinwheelElementClass::start:
 * @self: an element
 *
 * Main thread, READY to RUNNING, when the plan is made: take what streaming needs.
 *
 * Returns: whether it can stream
 */

/**
 * PinwheelElementClass::run:
 * @self: an element
 *
 * Streaming thread: the whole loop (the base classes write it).
 *
 * Returns: %PINWHEEL_FLOW_OK where all is done
 */

/**
 * PinwheelElementClass::seal:
 * @self: an element
 *
 * After every element has finished without error: do all of commit() that can fail.
 *
 * Returns: whether it can be committed
 */

/**
 * PinwheelElementClass::commit:
 * @self: an element
 *
 * After every element has been sealed: make results final (rename a file).
 *
 * Returns: whether they are
 */

/**
 * PinwheelElementClass::stop:
 * @self: an element
 *
 * Main thread, after every thread has been joined, also when start() failed or was never called:
 * give back everything, drop what was not committed.
 */

/**
 * PinwheelElementClass::add_kernels: (skip)
 * @self: an element
 * @kernels: (element-type PinwheelKernel): where to add them, each with a reference
 *
 * Main thread, READY: add the #PinwheelKernel objects that start() would load.
 */

/**
 * PinwheelElementClass::get_target: (skip)
 * @self: an element
 * @array: one that comes
 * @n_items: of the stream
 * @target: (out caller-allocates): where it is wanted
 *
 * Main thread, before negotiate(): whether it wants @array to be made in memory of its own.
 *
 * Returns: whether @target is set
 */
struct _PinwheelElementClass
{
  GObjectClass parent_class;

  const PinwheelElementInfo *info;
  const PinwheelPadTemplate *templates;
  PinwheelIntake intake;

  gboolean (*negotiate) (PinwheelElement *self, GError **error);
  gboolean (*demand) (PinwheelElement *self, GError **error);
  gboolean (*start) (PinwheelElement *self, GError **error);
  PinwheelFlow (*run) (PinwheelElement *self, GError **error);
  gboolean (*seal) (PinwheelElement *self, GError **error);
  gboolean (*commit) (PinwheelElement *self, GError **error);
  void (*stop) (PinwheelElement *self);
  void (*add_kernels) (PinwheelElement *self, GPtrArray *kernels);
  gboolean (*get_target) (PinwheelElement *self, const PinwheelArray *array, guint64 n_items,
                          PinwheelTarget *target);

  gpointer padding[6];
};

/**
 * pinwheel_element_class_set_info:
 * @klass: a class, before its first instance
 * @name: as in a description
 * @group: "source", "transfer", "compute", "flow" or "sink"
 * @summary: one line, no full stop
 * @description: a paragraph or more for people
 * @example: (nullable): a whole description that runs as it stands
 *
 * Sets PinwheelElementClass.info, for languages that have no static tables.
 */
PINWHEEL_API
void pinwheel_element_class_set_info (PinwheelElementClass *klass, const char *name,
                                      const char *group, const char *summary,
                                      const char *description, const char *example);

/**
 * pinwheel_element_class_set_pad:
 * @klass: a class, before its first instance
 * @name: "sink", "src", or "sink_%u", "src_%u" for pads made on request
 * @direction: of the pad
 * @place: where its chunks live
 *
 * Adds a pad to PinwheelElementClass.templates, for languages that have no static tables. It comes
 * in place of the one of that name that the base class has.
 */
PINWHEEL_API
void pinwheel_element_class_set_pad (PinwheelElementClass *klass, const char *name,
                                     PinwheelPadDirection direction, PinwheelPlace place);

/**
 * pinwheel_element_get_name:
 *
 * Returns: (transfer none) (nullable): its name in the pipeline; %NULL before it has one
 */
PINWHEEL_API
const char *pinwheel_element_get_name (PinwheelElement *self);

/**
 * pinwheel_element_set_name:
 * @name: a name that no other element of the pipeline has: letters, digits, - and _
 *
 * Names the element, before it is added to a pipeline, which refuses other names.
 */
PINWHEEL_API
void pinwheel_element_set_name (PinwheelElement *self, const char *name);

/**
 * pinwheel_element_get_info: (skip)
 *
 * Returns: (transfer none) (nullable): what its class says about itself
 */
PINWHEEL_API
const PinwheelElementInfo *pinwheel_element_get_info (PinwheelElement *self);

/**
 * pinwheel_element_get_pads:
 *
 * Returns: (transfer none) (element-type PinwheelPad): in order of making
 */
PINWHEEL_API
GPtrArray *pinwheel_element_get_pads (PinwheelElement *self);

/**
 * pinwheel_element_get_pad:
 * @name: "sink", "src", "src_1", ...
 *
 * Returns: (transfer none) (nullable): the pad of that name, made now where a template "src_%u"
 *   fits
 */
PINWHEEL_API
PinwheelPad *pinwheel_element_get_pad (PinwheelElement *self, const char *name);

/**
 * pinwheel_element_get_free_pad:
 * @direction: of the pad
 *
 * Returns: (transfer none) (nullable): the first unlinked pad of that direction, made now where a
 *   template allows
 */
PINWHEEL_API
PinwheelPad *pinwheel_element_get_free_pad (PinwheelElement *self, PinwheelPadDirection direction);

/**
 * pinwheel_element_get_sink:
 *
 * Returns: (transfer none): the pad called "sink"; for elements with one
 */
PINWHEEL_API
PinwheelPad *pinwheel_element_get_sink (PinwheelElement *self);

/**
 * pinwheel_element_get_src:
 *
 * Returns: (transfer none): the pad called "src"
 */
PINWHEEL_API
PinwheelPad *pinwheel_element_get_src (PinwheelElement *self);

/**
 * pinwheel_element_link:
 * @other: where the chunks go
 *
 * As `self ! other` in a description: links the first source pad of this element that is not
 * linked to the first such sink pad of @other, made now where a template allows. The elements may
 * be added to their pipeline before or after.
 *
 * Returns: %FALSE with @error (%PINWHEEL_ERROR_LINK): there is no such pad, the elements are in
 *   different pipelines, or their pipeline runs
 */
PINWHEEL_API
gboolean pinwheel_element_link (PinwheelElement *self, PinwheelElement *other, GError **error);

/**
 * pinwheel_element_link_pads:
 * @src: (nullable): name of a source pad: "src_1"; %NULL: as pinwheel_element_link()
 * @other: where the chunks go
 * @sink: (nullable): name of a sink pad of @other
 *
 * As `self.src_1 ! other.sink_0` in a description.
 *
 * Returns: %FALSE with @error (%PINWHEEL_ERROR_LINK), and nothing is changed
 */
PINWHEEL_API
gboolean pinwheel_element_link_pads (PinwheelElement *self, const char *src, PinwheelElement *other,
                                     const char *sink, GError **error);

/**
 * pinwheel_element_get_device:
 *
 * Returns: (transfer none): the pipeline's, from negotiate() to stop(); where there are several,
 * the first one: pinned memory comes from it
 */
PINWHEEL_API
PinwheelDevice *pinwheel_element_get_device (PinwheelElement *self);

/**
 * pinwheel_element_get_devices:
 *
 * Returns: (transfer none) (element-type PinwheelDevice): the pipeline's, from negotiate() to
 * stop()
 */
PINWHEEL_API
GPtrArray *pinwheel_element_get_devices (PinwheelElement *self);

/**
 * pinwheel_element_get_stream:
 *
 * From start() to stop(), in one thread at a time.
 *
 * The element's own stream on the device that has the chunk being worked on, made at the first call
 * for that device in a run. It is cancelled when the run is being stopped, and dropped after
 * stop().
 *
 * Returns: (transfer none) (nullable): %NULL with @error
 */
PINWHEEL_API
PinwheelStream *pinwheel_element_get_stream (PinwheelElement *self, GError **error);

/**
 * pinwheel_element_get_cancellable:
 *
 * Returns: (transfer none): cancelled when the run is being stopped; for reads and writes that may
 *   block
 */
PINWHEEL_API
GCancellable *pinwheel_element_get_cancellable (PinwheelElement *self);

/**
 * pinwheel_element_claim:
 * @what: a thing that only one element may write, e.g. an absolute path
 *
 * From negotiate().
 *
 * Returns: %FALSE with @error (%PINWHEEL_ERROR_RESOURCE) naming the element that claimed it before
 */
PINWHEEL_API
gboolean pinwheel_element_claim (PinwheelElement *self, const char *what, GError **error);

/**
 * pinwheel_element_post_warning: (skip)
 * @format: as for printf()
 * @...: its arguments
 *
 * One sentence for the user, from any thread.
 */
PINWHEEL_API
void pinwheel_element_post_warning (PinwheelElement *self, const char *format, ...)
    G_GNUC_PRINTF (2, 3);

/**
 * pinwheel_element_post_result:
 * @text: for people
 * @details: (nullable): the same for programs; a floating one is taken
 *
 * Tells what a sink found out.
 */
PINWHEEL_API
void pinwheel_element_post_result (PinwheelElement *self, const char *text, GVariant *details);

/**
 * pinwheel_element_list_kernels:
 *
 * For the main thread, of a pipeline that is READY.
 *
 * Returns: (transfer full) (element-type PinwheelKernel): the #PinwheelKernel objects that it would
 *   run
 */
PINWHEEL_API
GPtrArray *pinwheel_element_list_kernels (PinwheelElement *self);

/**
 * pinwheel_element_get_statistics:
 * @statistics: (out caller-allocates): a copy of them
 *
 * What the element did in this run so far; from any thread.
 */
PINWHEEL_API
void pinwheel_element_get_statistics (PinwheelElement *self, PinwheelStatistics *statistics);

G_END_DECLS
