/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
#include <pinwheel/error.h>

G_BEGIN_DECLS

/**
 * PinwheelMessageType:
 * @PINWHEEL_MESSAGE_ERROR: the run failed; one per run
 * @PINWHEEL_MESSAGE_WARNING: something the user should know; the run goes on
 * @PINWHEEL_MESSAGE_RESULT: what an element found out (statistics, a checksum)
 * @PINWHEEL_MESSAGE_EOS: the run succeeded: everything is written and final
 * @PINWHEEL_MESSAGE_STOPPED: the run was stopped before its end
 * @PINWHEEL_MESSAGE_PROGRESS: how far the run is: `items-done`, and `items-total` where that is
 * known; every #PinwheelPipeline:progress-interval (200 ms unless it is changed; 0: never) and once
 * more right before a run ends without an error. A newer one takes the place of one that waits on
 * the bus, so that they do not pile up where nobody takes them
 *
 * What a message is about. The bus has a signal for each: `message::error`, ...
 */
typedef enum
{
  PINWHEEL_MESSAGE_ERROR,
  PINWHEEL_MESSAGE_WARNING,
  PINWHEEL_MESSAGE_RESULT,
  PINWHEEL_MESSAGE_EOS,
  PINWHEEL_MESSAGE_STOPPED,
  PINWHEEL_MESSAGE_PROGRESS
} PinwheelMessageType;

/**
 * PinwheelMessage:
 *
 * What the bus carries. Immutable, refcounted.
 */
typedef struct _PinwheelMessage PinwheelMessage;

#define PINWHEEL_TYPE_MESSAGE (pinwheel_message_get_type ())
PINWHEEL_API
GType pinwheel_message_get_type (void) G_GNUC_CONST;

/**
 * pinwheel_message_new:
 * @type: what it is about
 * @source: (nullable): name of an element
 * @error: (nullable) (transfer none): why
 * @text: (nullable): for people
 * @details: (nullable): for programs; a floating one is taken
 *
 * Returns: (transfer full): a message
 */
PINWHEEL_API
PinwheelMessage *pinwheel_message_new (PinwheelMessageType type, const char *source,
                                       const GError *error, const char *text, GVariant *details);

/**
 * pinwheel_message_ref:
 *
 * Returns: (transfer full): a new reference
 */
PINWHEEL_API
PinwheelMessage *pinwheel_message_ref (PinwheelMessage *self);

/**
 * pinwheel_message_unref:
 *
 * Drops a reference; with the last one it is freed.
 */
PINWHEEL_API
void pinwheel_message_unref (PinwheelMessage *self);

/**
 * pinwheel_message_get_kind:
 *
 * Returns: what it is about
 */
PINWHEEL_API
PinwheelMessageType pinwheel_message_get_kind (PinwheelMessage *self);

/**
 * pinwheel_message_get_source:
 *
 * Returns: (transfer none) (nullable): name of the element
 */
PINWHEEL_API
const char *pinwheel_message_get_source (PinwheelMessage *self);

/**
 * pinwheel_message_get_error:
 *
 * Returns: (transfer none) (nullable): why the run failed
 */
PINWHEEL_API
const GError *pinwheel_message_get_error (PinwheelMessage *self);

/**
 * pinwheel_message_get_text:
 *
 * Returns: (transfer none) (nullable): for people
 */
PINWHEEL_API
const char *pinwheel_message_get_text (PinwheelMessage *self);

/**
 * pinwheel_message_get_details:
 *
 * Returns: (transfer none) (nullable): for programs
 */
PINWHEEL_API
GVariant *pinwheel_message_get_details (PinwheelMessage *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PinwheelMessage, pinwheel_message_unref)

G_END_DECLS
