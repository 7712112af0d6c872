/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <pinwheel/bus.h>

#include "base/lock-private.h"
#include "run/bus-private.h"

struct _PinwheelBus
{
  GObject parent_instance;

  PinwheelLock lock; /* leaf lock */
  GCond posted;
  GQueue messages;        /* (lock) (element-type PinwheelMessage) owned */
  GList *watches;         /* (lock) (element-type GSource) unowned: they leave when they go */
  GSource *signals;       /* (lock) nullable, owned: emits PinwheelBus::message */
  guint n_signal_watches; /* (lock) */
};

typedef struct
{
  GSource source;
  PinwheelBus *bus; /* owned */
} PinwheelBusSource;

static guint message_signal;

G_DEFINE_FINAL_TYPE (PinwheelBus, pinwheel_bus, G_TYPE_OBJECT)

static void
pinwheel_bus_finalize (GObject *object)
{
  PinwheelBus *self = PINWHEEL_BUS (object);

  g_queue_clear_full (&self->messages, (GDestroyNotify) pinwheel_message_unref);
  g_cond_clear (&self->posted);
  pinwheel_lock_clear (&self->lock);

  G_OBJECT_CLASS (pinwheel_bus_parent_class)->finalize (object);
}

static void
pinwheel_bus_class_init (PinwheelBusClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = pinwheel_bus_finalize;
  message_signal = g_signal_new ("message", PINWHEEL_TYPE_BUS,
                                 G_SIGNAL_RUN_LAST | G_SIGNAL_DETAILED, 0, NULL, NULL, NULL,
                                 G_TYPE_NONE, 1, PINWHEEL_TYPE_MESSAGE);
}

static void
pinwheel_bus_init (PinwheelBus *self)
{
  pinwheel_lock_init (&self->lock);
  g_cond_init (&self->posted);
  g_queue_init (&self->messages);
}

PinwheelBus *
pinwheel_bus_new (void)
{
  return g_object_new (PINWHEEL_TYPE_BUS, NULL);
}

void
pinwheel_bus_post (PinwheelBus *self, PinwheelMessage *message)
{
  PinwheelMessage *last, *stale = NULL;

  g_return_if_fail (PINWHEEL_IS_BUS (self) && message != NULL);

  pinwheel_lock (&self->lock);
  last = g_queue_peek_tail (&self->messages);
  if (last != NULL && pinwheel_message_get_kind (message) == PINWHEEL_MESSAGE_PROGRESS
      && pinwheel_message_get_kind (last) == PINWHEEL_MESSAGE_PROGRESS)
    stale = g_queue_pop_tail (&self->messages);
  g_queue_push_tail (&self->messages, message);
  g_cond_signal (&self->posted);
  for (GList *l = self->watches; l != NULL; l = l->next)
    g_source_set_ready_time (l->data, 0);
  pinwheel_unlock (&self->lock);
  g_clear_pointer (&stale, pinwheel_message_unref);
}

PinwheelMessage *
pinwheel_bus_pop (PinwheelBus *self, gint64 timeout)
{
  gint64 until = timeout > 0 ? g_get_monotonic_time () + timeout : 0;
  PinwheelMessage *message;

  g_return_val_if_fail (PINWHEEL_IS_BUS (self), NULL);

  pinwheel_lock (&self->lock);
  while ((message = g_queue_pop_head (&self->messages)) == NULL && timeout != 0)
    if (timeout < 0)
      pinwheel_cond_wait (&self->posted, &self->lock);
    else if (!pinwheel_cond_wait_until (&self->posted, &self->lock, until))
      timeout = 0;
  pinwheel_unlock (&self->lock);
  return message;
}

void
pinwheel_bus_flush (PinwheelBus *self)
{
  PinwheelMessage *message;

  while ((message = pinwheel_bus_pop (self, 0)) != NULL)
    pinwheel_message_unref (message);
}

static gboolean
pinwheel_bus_source_dispatch (GSource *source, GSourceFunc callback, gpointer user_data)
{
  g_autoptr (PinwheelBus) bus = g_object_ref (((PinwheelBusSource *) source)->bus);
  PinwheelMessage *message;
  gboolean again = G_SOURCE_CONTINUE;

  pinwheel_lock (&bus->lock);
  message = g_queue_pop_head (&bus->messages);
  if (bus->messages.length == 0)
    g_source_set_ready_time (source, -1);
  pinwheel_unlock (&bus->lock);
  if (message == NULL)
    return again;
  if (callback != NULL)
    again = ((PinwheelBusFunc) (void (*) (void)) callback) (bus, message, user_data);
  pinwheel_message_unref (message);
  return again;
}

static void
pinwheel_bus_source_finalize (GSource *source)
{
  PinwheelBus *bus = ((PinwheelBusSource *) source)->bus;

  pinwheel_lock (&bus->lock);
  bus->watches = g_list_remove (bus->watches, source);
  pinwheel_unlock (&bus->lock);
  g_object_unref (bus);
}

GSource *
pinwheel_bus_create_watch (PinwheelBus *self)
{
  static GSourceFuncs funcs = { .dispatch = pinwheel_bus_source_dispatch,
                                .finalize = pinwheel_bus_source_finalize };
  GSource *source;

  g_return_val_if_fail (PINWHEEL_IS_BUS (self), NULL);

  source = g_source_new (&funcs, sizeof (PinwheelBusSource));
  ((PinwheelBusSource *) source)->bus = g_object_ref (self);
  g_source_set_name (source, "PinwheelBus");
  pinwheel_lock (&self->lock);
  self->watches = g_list_prepend (self->watches, source);
  if (self->messages.length > 0)
    g_source_set_ready_time (source, 0);
  pinwheel_unlock (&self->lock);
  return source;
}

guint
pinwheel_bus_add_watch (PinwheelBus *self, PinwheelBusFunc func, gpointer user_data,
                        GDestroyNotify notify)
{
  g_autoptr (GMainContext) context = g_main_context_ref_thread_default ();
  g_autoptr (GSource) source = NULL;

  g_return_val_if_fail (PINWHEEL_IS_BUS (self) && func != NULL, 0);

  source = pinwheel_bus_create_watch (self);
  g_source_set_callback (source, (GSourceFunc) (void (*) (void)) func, user_data, notify);
  return g_source_attach (source, context);
}

static gboolean
pinwheel_bus_emit (PinwheelBus *self, PinwheelMessage *message, gpointer user_data)
{
  static const char *const details[] = {
    [PINWHEEL_MESSAGE_ERROR] = "error",     [PINWHEEL_MESSAGE_WARNING] = "warning",
    [PINWHEEL_MESSAGE_RESULT] = "result",   [PINWHEEL_MESSAGE_EOS] = "eos",
    [PINWHEEL_MESSAGE_STOPPED] = "stopped", [PINWHEEL_MESSAGE_PROGRESS] = "progress"
  };
  PinwheelMessageType kind = pinwheel_message_get_kind (message);

  g_return_val_if_fail (kind < G_N_ELEMENTS (details), G_SOURCE_CONTINUE);

  g_signal_emit (self, message_signal, g_quark_from_static_string (details[kind]), message);
  return G_SOURCE_CONTINUE;
}

void
pinwheel_bus_add_signal_watch (PinwheelBus *self)
{
  g_autoptr (GMainContext) context = g_main_context_ref_thread_default ();
  g_autoptr (GSource) source = NULL;

  g_return_if_fail (PINWHEEL_IS_BUS (self));

  source = pinwheel_bus_create_watch (self);
  g_source_set_callback (source, (GSourceFunc) (void (*) (void)) pinwheel_bus_emit, NULL, NULL);
  pinwheel_lock (&self->lock);
  if (self->n_signal_watches++ == 0)
    {
      g_source_attach (source, context);
      self->signals = g_steal_pointer (&source);
    }
  pinwheel_unlock (&self->lock);
}

void
pinwheel_bus_remove_signal_watch (PinwheelBus *self)
{
  GSource *source = NULL;
  gboolean any;

  g_return_if_fail (PINWHEEL_IS_BUS (self));

  pinwheel_lock (&self->lock);
  any = self->n_signal_watches > 0;
  if (any && --self->n_signal_watches == 0)
    source = g_steal_pointer (&self->signals);
  pinwheel_unlock (&self->lock);
  g_return_if_fail (any);
  if (source == NULL)
    return;
  g_source_destroy (source);
  g_source_unref (source);
}
