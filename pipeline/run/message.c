/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <pinwheel/message.h>

struct _PinwheelMessage
{
  gint refs; /* atomic */
  PinwheelMessageType type;
  char *source;      /* nullable */
  GError *error;     /* nullable */
  char *text;        /* nullable */
  GVariant *details; /* nullable */
};

G_DEFINE_BOXED_TYPE (PinwheelMessage, pinwheel_message, pinwheel_message_ref,
                     pinwheel_message_unref)

PinwheelMessage *
pinwheel_message_new (PinwheelMessageType type, const char *source, const GError *error,
                      const char *text, GVariant *details)
{
  PinwheelMessage *self = g_new0 (PinwheelMessage, 1);

  self->refs = 1;
  self->type = type;
  self->source = g_strdup (source);
  self->error = error != NULL ? g_error_copy (error) : NULL;
  self->text = g_strdup (text);
  self->details = details != NULL ? g_variant_ref_sink (details) : NULL;
  return self;
}

PinwheelMessage *
pinwheel_message_ref (PinwheelMessage *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  g_atomic_int_inc (&self->refs);
  return self;
}

void
pinwheel_message_unref (PinwheelMessage *self)
{
  g_return_if_fail (self != NULL);

  if (!g_atomic_int_dec_and_test (&self->refs))
    return;
  g_clear_pointer (&self->details, g_variant_unref);
  g_clear_error (&self->error);
  g_free (self->text);
  g_free (self->source);
  g_free (self);
}

PinwheelMessageType
pinwheel_message_get_kind (PinwheelMessage *self)
{
  g_return_val_if_fail (self != NULL, PINWHEEL_MESSAGE_ERROR);

  return self->type;
}

const char *
pinwheel_message_get_source (PinwheelMessage *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->source;
}

const GError *
pinwheel_message_get_error (PinwheelMessage *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->error;
}

const char *
pinwheel_message_get_text (PinwheelMessage *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  if (self->text == NULL && self->error != NULL)
    return self->error->message;
  return self->text;
}

GVariant *
pinwheel_message_get_details (PinwheelMessage *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->details;
}
