/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
#include <pinwheel/message.h>

G_BEGIN_DECLS

/**
 * PinwheelBus:
 *
 * Carries messages from streaming threads to the application, in order. Each message goes to one
 * taker: to pinwheel_bus_pop(), to a watch, or to the handlers of #PinwheelBus::message. All
 * functions may be called from any thread.
 */
#define PINWHEEL_TYPE_BUS (pinwheel_bus_get_type ())
PINWHEEL_API
G_DECLARE_FINAL_TYPE (PinwheelBus, pinwheel_bus, PINWHEEL, BUS, GObject)

/**
 * PinwheelBus::message:
 * @self: the bus
 * @message: what was posted
 *
 * Between pinwheel_bus_add_signal_watch() and pinwheel_bus_remove_signal_watch(), in the main
 * context of the former. Details are `error`, `warning`, `result`, `eos`, `stopped` and `progress`:
 * `message::eos`.
 */

/**
 * PinwheelBusFunc:
 * @bus: where it came from
 * @message: what came
 * @user_data: as it was given to pinwheel_bus_add_watch()
 *
 * Called for each message.
 *
 * Returns: %G_SOURCE_REMOVE to end the watch
 */
typedef gboolean (*PinwheelBusFunc) (PinwheelBus *bus, PinwheelMessage *message,
                                     gpointer user_data);

/**
 * pinwheel_bus_new:
 *
 * Returns: (transfer full): a bus without messages
 */
PINWHEEL_API
PinwheelBus *pinwheel_bus_new (void);

/**
 * pinwheel_bus_post:
 * @message: (transfer full): goes behind those that are there
 *
 * Hands a message to the application.
 */
PINWHEEL_API
void pinwheel_bus_post (PinwheelBus *self, PinwheelMessage *message);

/**
 * pinwheel_bus_pop:
 * @timeout: microseconds to wait: 0 not at all, -1 for ever
 *
 * Returns: (transfer full) (nullable): the oldest message
 */
PINWHEEL_API
PinwheelMessage *pinwheel_bus_pop (PinwheelBus *self, gint64 timeout);

/**
 * pinwheel_bus_add_watch:
 * @func: (scope notified) (closure user_data) (destroy notify): called for each message
 * @user_data: (nullable): for @func
 * @notify: (nullable): called with @user_data when the watch ends
 *
 * Calls @func in the thread-default main context, message by message.
 *
 * Returns: id for g_source_remove()
 */
PINWHEEL_API
guint pinwheel_bus_add_watch (PinwheelBus *self, PinwheelBusFunc func, gpointer user_data,
                              GDestroyNotify notify);
/**
 * pinwheel_bus_create_watch: (skip)
 * @self: a bus
 *
 * For a main context of the caller's choice: set a #PinwheelBusFunc with g_source_set_callback(),
 * attach it, and g_source_destroy() ends the watch.
 *
 * Returns: (transfer full): a source that is ready while there are messages
 */
PINWHEEL_API
GSource *pinwheel_bus_create_watch (PinwheelBus *self);
/**
 * pinwheel_bus_add_signal_watch:
 * @self: a bus
 *
 * From now on #PinwheelBus::message is emitted in the thread-default main context of the caller.
 * May be called again, also elsewhere; the first context stays, until as many calls of
 * pinwheel_bus_remove_signal_watch() end it.
 */
PINWHEEL_API
void pinwheel_bus_add_signal_watch (PinwheelBus *self);
/**
 * pinwheel_bus_remove_signal_watch:
 * @self: a bus
 *
 * Takes back one call of pinwheel_bus_add_signal_watch().
 */
PINWHEEL_API
void pinwheel_bus_remove_signal_watch (PinwheelBus *self);

G_END_DECLS
