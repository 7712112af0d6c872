/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <pinwheel/element.h>

#include "base/clock-private.h"
#include "base/log-private.h"
#include "base/property-private.h"
#include "graph/element-private.h"
#include "graph/link-private.h"
#include "graph/pad-fields-private.h"
#include "graph/pad-private.h"
#include "memory/chunk-private.h"
#include "memory/pool-private.h"

G_DEFINE_FINAL_TYPE (PinwheelPad, pinwheel_pad, G_TYPE_OBJECT)

static void
pinwheel_pad_dispose (GObject *object)
{
  PinwheelPad *self = PINWHEEL_PAD (object);

  pinwheel_pad_unlink (self);
  pinwheel_pad_release (self);
  pinwheel_pad_reset (self);
  g_clear_pointer (&self->assertion, pinwheel_format_unref);

  G_OBJECT_CLASS (pinwheel_pad_parent_class)->dispose (object);
}

static void
pinwheel_pad_finalize (GObject *object)
{
  PinwheelPad *self = PINWHEEL_PAD (object);

  g_free (self->path);
  g_free (self->name);

  G_OBJECT_CLASS (pinwheel_pad_parent_class)->finalize (object);
}

static void
pinwheel_pad_class_init (PinwheelPadClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = pinwheel_pad_dispose;
  G_OBJECT_CLASS (klass)->finalize = pinwheel_pad_finalize;
}

static void
pinwheel_pad_init (PinwheelPad *self)
{
}

PinwheelPad *
pinwheel_pad_new (PinwheelElement *element, const char *name, PinwheelPadDirection direction,
                  PinwheelPlace place)
{
  PinwheelPad *self = g_object_new (PINWHEEL_TYPE_PAD, NULL);

  self->element = element;
  self->name = g_strdup (name);
  self->direction = direction;
  self->template_place = self->place = place;
  pinwheel_pad_update_path (self);
  return self;
}

void
pinwheel_pad_update_path (PinwheelPad *self)
{
  const char *owner = pinwheel_element_get_name (self->element);

  g_free (self->path);
  if (owner != NULL)
    self->path = g_strdup_printf ("%s.%s", owner, self->name);
  else
    self->path = g_strdup_printf ("(%s).%s", pinwheel_object_get_nick (G_OBJECT (self->element)),
                                  self->name);
}

void
pinwheel_pad_orphan (PinwheelPad *self)
{
  pinwheel_pad_unlink (self);
  self->element = NULL;
}

const char *
pinwheel_pad_get_name (PinwheelPad *self)
{
  g_return_val_if_fail (PINWHEEL_IS_PAD (self), NULL);

  return self->name;
}

PinwheelPadDirection
pinwheel_pad_get_direction (PinwheelPad *self)
{
  g_return_val_if_fail (PINWHEEL_IS_PAD (self), PINWHEEL_PAD_SINK);

  return self->direction;
}

PinwheelElement *
pinwheel_pad_get_element (PinwheelPad *self)
{
  g_return_val_if_fail (PINWHEEL_IS_PAD (self), NULL);

  return self->element;
}

PinwheelPad *
pinwheel_pad_get_peer (PinwheelPad *self)
{
  g_return_val_if_fail (PINWHEEL_IS_PAD (self), NULL);

  return self->peer;
}

const char *
pinwheel_pad_get_path (PinwheelPad *self)
{
  g_return_val_if_fail (PINWHEEL_IS_PAD (self), NULL);

  return self->path;
}

/* Whether the two elements may be linked now, whatever their pads. */
static gboolean
pinwheel_pad_check_elements (PinwheelPad *src, PinwheelPad *sink, GError **error)
{
  PinwheelElement *from = src->element, *to = sink->element;
  gpointer first = from != NULL ? pinwheel_element_get_host_owner (from) : NULL;
  gpointer second = to != NULL ? pinwheel_element_get_host_owner (to) : NULL;

  if (from == NULL || to == NULL)
    g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_LINK,
                 "%s cannot be linked to %s: the element of %s is gone", src->path, sink->path,
                 from == NULL ? src->path : sink->path);
  else if (first != NULL && second != NULL && first != second)
    g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_LINK,
                 "%s cannot be linked to %s: they are in different pipelines", src->path,
                 sink->path);
  else if (pinwheel_object_is_locked (G_OBJECT (from)) || pinwheel_object_is_locked (G_OBJECT (to)))
    g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_LINK,
                 "%s cannot be linked to %s while the pipeline runs", src->path, sink->path);
  else
    return TRUE;
  return FALSE;
}

gboolean
pinwheel_pad_link (PinwheelPad *src, PinwheelPad *sink, GError **error)
{
  g_return_val_if_fail (PINWHEEL_IS_PAD (src) && PINWHEEL_IS_PAD (sink), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (src->direction != PINWHEEL_PAD_SRC || sink->direction != PINWHEEL_PAD_SINK)
    {
      g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_LINK,
                   "%s cannot be linked to %s: a link goes from a source pad to a sink pad",
                   src->path, sink->path);
      return FALSE;
    }
  if (!pinwheel_pad_check_elements (src, sink, error))
    return FALSE;
  for (int i = 0; i < 2; i++)
    {
      PinwheelPad *pad = i == 0 ? src : sink, *other = i == 0 ? sink : src;
      const char *advice = i == 0 ? "; a tee gives the same chunks to several elements"
                                  : "; a zip joins the arrays of several streams";

      if (pad->peer == NULL)
        continue;
      g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_LINK, "%s is already linked to %s%s",
                   pad->path, pad->peer->path, pad->peer == other ? "" : advice);
      return FALSE;
    }
  src->peer = sink;
  sink->peer = src;
  src->link = sink->link = pinwheel_link_new ();
  return TRUE;
}

void
pinwheel_pad_unlink (PinwheelPad *self)
{
  g_return_if_fail (PINWHEEL_IS_PAD (self));

  if (self->peer == NULL)
    return;
  g_return_if_fail (!pinwheel_object_is_locked (G_OBJECT (self->element)));
  g_clear_pointer (&self->link, pinwheel_link_free);
  self->peer->link = NULL;
  self->peer->peer = NULL;
  self->peer = NULL;
}

void
pinwheel_pad_set_assertion (PinwheelPad *self, PinwheelFormat *format)
{
  g_return_if_fail (PINWHEEL_IS_PAD (self));

  if (format != NULL)
    pinwheel_format_ref (format);
  g_clear_pointer (&self->assertion, pinwheel_format_unref);
  self->assertion = format;
}

PinwheelFormat *
pinwheel_pad_get_assertion (PinwheelPad *self)
{
  return self->assertion;
}

void
pinwheel_pad_set_depth (PinwheelPad *self, guint depth)
{
  g_return_if_fail (PINWHEEL_IS_PAD (self));

  self->depth = depth;
}

PinwheelFormat *
pinwheel_pad_get_format (PinwheelPad *self)
{
  g_return_val_if_fail (PINWHEEL_IS_PAD (self), NULL);

  return self->format;
}

PinwheelPlace
pinwheel_pad_get_place (PinwheelPad *self)
{
  g_return_val_if_fail (PINWHEEL_IS_PAD (self), PINWHEEL_PLACE_ANY);

  return self->place;
}

void
pinwheel_pad_set_format (PinwheelPad *self, PinwheelFormat *format)
{
  g_return_if_fail (PINWHEEL_IS_PAD (self) && format != NULL);

  pinwheel_format_ref (format);
  g_clear_pointer (&self->format, pinwheel_format_unref);
  self->format = format;
}

void
pinwheel_pad_set_demand (PinwheelPad *self, PinwheelMemoryKind kind, guint n_arrays)
{
  g_return_if_fail (PINWHEEL_IS_PAD (self) && self->format != NULL);
  g_return_if_fail (n_arrays <= pinwheel_format_n_arrays (self->format));

  pinwheel_pad_clear_direct (self);
  self->has_demand = n_arrays > 0;
  self->kind = kind;
  self->n_made = n_arrays;
}

void
pinwheel_pad_reset (PinwheelPad *self)
{
  g_clear_pointer (&self->format, pinwheel_format_unref);
  self->place = self->template_place;
  self->has_demand = FALSE;
  self->n_made = 0;
  pinwheel_pad_clear_direct (self);
}

static gboolean
pinwheel_pad_check_assertion (PinwheelPad *self, PinwheelPad *holder, GError **error)
{
  g_autofree char *expected = NULL;
  g_autofree char *flows = NULL;

  if (holder->assertion == NULL || pinwheel_format_equal (holder->assertion, self->format))
    return TRUE;
  expected = pinwheel_format_to_string (holder->assertion);
  flows = pinwheel_format_to_string (self->format);
  g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_FORMAT,
               "between %s and %s: the description says \"%s\", but \"%s\" flows", self->path,
               self->peer->path, expected, flows);
  return FALSE;
}

gboolean
pinwheel_pad_settle (PinwheelPad *self, PinwheelPlace place, GError **error)
{
  PinwheelPad *peer = self->peer;

  if (self->place == PINWHEEL_PLACE_ANY)
    self->place = place;
  if (!pinwheel_pad_check_assertion (self, self, error)
      || !pinwheel_pad_check_assertion (self, peer, error))
    return FALSE;
  if (peer->template_place != PINWHEEL_PLACE_ANY && peer->template_place != self->place)
    {
      gboolean wants_device = peer->template_place == PINWHEEL_PLACE_DEVICE;

      g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_LINK,
                   "%s gives chunks in %s memory, but %s takes them in %s memory; put '%s' between "
                   "them",
                   self->path, wants_device ? "host" : "device", peer->path,
                   wants_device ? "device" : "host", wants_device ? "upload" : "download");
      return FALSE;
    }
  peer->place = self->place;
  pinwheel_pad_set_format (peer, self->format);
  pinwheel_pad_take_targets (self);
  return TRUE;
}

gboolean
pinwheel_pad_has_demand (PinwheelPad *self)
{
  return self->has_demand;
}

gboolean
pinwheel_pad_get_demand (PinwheelPad *self, PinwheelDemand *demand)
{
  if (!self->has_demand)
    return FALSE;
  *demand = (PinwheelDemand){ .owner = self->path,
                              .kind = self->kind,
                              .arrays = pinwheel_format_array (self->format, 0),
                              .n_arrays = self->n_made,
                              .direct = NULL,
                              .n_direct = 0,
                              /* all elements work in step: HACKING.md says why 1 is enough */
                              .holds = 1 };
  if (self->is_direct != NULL)
    {
      demand->arrays = (const PinwheelArray *) (gpointer) self->staged_arrays->data;
      demand->n_arrays = self->staged_arrays->len;
      demand->direct = (const PinwheelArray *) (gpointer) self->direct_arrays->data;
      demand->n_direct = self->direct_arrays->len;
    }
  return TRUE;
}

guint64
pinwheel_pad_get_chunk_length (PinwheelPad *self)
{
  g_return_val_if_fail (PINWHEEL_IS_PAD (self), 0);

  return self->chunk_length;
}

PinwheelFlow
pinwheel_pad_push (PinwheelPad *self, PinwheelChunk *chunk)
{
  g_return_val_if_fail (PINWHEEL_IS_PAD (self) && chunk != NULL, PINWHEEL_FLOW_STOPPED);

  pinwheel_log ("pad", PINWHEEL_LOG_LOG, self->path,
                "chunk %" G_GUINT64_FORMAT ", %" G_GUINT64_FORMAT " items from %" G_GUINT64_FORMAT,
                pinwheel_chunk_get_index (chunk), pinwheel_chunk_get_count (chunk),
                pinwheel_chunk_get_start (chunk));
  pinwheel_element_note_push (self->element, chunk);
  return pinwheel_link_push (self->link, chunk);
}

PinwheelFlow
pinwheel_pad_push_eos (PinwheelPad *self)
{
  g_return_val_if_fail (PINWHEEL_IS_PAD (self), PINWHEEL_FLOW_STOPPED);

  pinwheel_log ("pad", PINWHEEL_LOG_DEBUG, self->path, "EOS");
  return pinwheel_link_push_eos (self->link);
}

PinwheelFlow
pinwheel_pad_pull (PinwheelPad *self, PinwheelChunk **chunk)
{
  PinwheelFlow flow;

  g_return_val_if_fail (PINWHEEL_IS_PAD (self) && chunk != NULL, PINWHEEL_FLOW_STOPPED);

  flow = pinwheel_link_pop (self->link, chunk);
  pinwheel_element_note_pull (self->element, self, *chunk);
  return flow;
}

void
pinwheel_pad_look (PinwheelPad *self, PinwheelLinkView *view)
{
  pinwheel_link_look (self->link, view);
}

void
pinwheel_pad_look_for_wait (PinwheelPad *self, PinwheelActivity *activity)
{
  gboolean src = self->direction == PINWHEEL_PAD_SRC;
  PinwheelLinkView link;
  PinwheelPool *pool = pinwheel_pad_get_pool (self);
  guint64 since;

  pinwheel_pad_look (self, &link);
  since = src ? link.push_waits_since : link.pop_waits_since;
  if (since != 0)
    activity->doing = src ? PINWHEEL_DOES_WAIT_OUTPUT : PINWHEEL_DOES_WAIT_INPUT;
  else if (pool != NULL && (since = pinwheel_pool_get_waiting_since (pool)) != 0)
    activity->doing = PINWHEEL_DOES_WAIT_BUFFER;
  else
    return;
  activity->pad = self;
  activity->since = since;
}

guint64
pinwheel_pad_get_waited_link (PinwheelPad *self)
{
  if (self->link == NULL)
    return 0;
  return self->direction == PINWHEEL_PAD_SRC ? pinwheel_link_get_waited_push (self->link)
                                             : pinwheel_link_get_waited_pop (self->link);
}

guint64
pinwheel_pad_get_waited_buffer (PinwheelPad *self)
{
  return pinwheel_counter_get (&self->waited_buffer);
}
