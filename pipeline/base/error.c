/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "base/error-private.h"

typedef struct
{
  char *owner; /* nullable */
  guint64 chunk;
} PinwheelErrorPrivate;

static void
pinwheel_error_private_init (PinwheelErrorPrivate *self)
{
  self->owner = NULL;
  self->chunk = G_MAXUINT64;
}

static void
pinwheel_error_private_copy (const PinwheelErrorPrivate *from, PinwheelErrorPrivate *to)
{
  to->owner = g_strdup (from->owner);
  to->chunk = from->chunk;
}

static void
pinwheel_error_private_clear (PinwheelErrorPrivate *self)
{
  g_free (self->owner);
}

G_DEFINE_EXTENDED_ERROR (PinwheelError, pinwheel_error)

void
pinwheel_error_set_owner (GError *error, const char *owner, guint64 chunk)
{
  PinwheelErrorPrivate *priv;

  if (error->domain != PINWHEEL_ERROR)
    return;
  priv = pinwheel_error_get_private (error);
  g_free (priv->owner);
  priv->owner = g_strdup (owner);
  priv->chunk = chunk;
}

const char *
pinwheel_error_get_owner (const GError *error, guint64 *chunk)
{
  const PinwheelErrorPrivate *priv;

  if (error->domain != PINWHEEL_ERROR)
    return NULL;
  priv = pinwheel_error_get_private (error);
  if (chunk != NULL && priv->owner != NULL)
    *chunk = priv->chunk;
  return priv->owner;
}
