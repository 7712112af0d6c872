/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which devices there are, and sharing them by spec. */
#include "config.h"

#include <string.h>

#include <pinwheel/device.h>

#include "base/lock-private.h"
#include "base/log-private.h"
#include "base/quote-private.h"
#ifdef HAVE_CUDA
#include "device/cuda/cuda-device-private.h"
#endif
#include "device/device-private.h"
#include "device/host/host-device-private.h"
#include "device/sim/sim-device-private.h"

#ifndef HAVE_CUDA
static PinwheelDevice *
pinwheel_cuda_device_open (const char *spec, GError **error)
{
  g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_DEVICE,
               "device %s: this Pinwheel was built without CUDA; configure it with "
               "--with-cuda=PATH, where PATH/include/cuda.h is",
               spec);
  return NULL;
}

static guint
pinwheel_cuda_device_count (GError **error)
{
  g_set_error_literal (error, PINWHEEL_ERROR, PINWHEEL_ERROR_DEVICE,
                       "this Pinwheel was built without CUDA");
  return 0;
}
#endif

/* One row for each back-end, the most wanted first. */
static const struct
{
  const char *prefix;       /* of a spec: `prefix` or `prefix:...` */
  const char *default_spec; /* (nullable): what the prefix alone means; tried where the caller
                               leaves the choice to us */
  gboolean many;            /* each mention in a list is a device of its own */
  PinwheelDevice *(*open) (const char *spec, GError **error);
  guint (*count) (GError **error); /* (nullable): how many `prefix:N` there are */
} backends[] = {
  { "cuda", "cuda:0", FALSE, pinwheel_cuda_device_open, pinwheel_cuda_device_count },
  { "host", "host", FALSE, pinwheel_host_device_open, NULL },
  { "sim", NULL, TRUE, pinwheel_sim_device_open, NULL },
};

static struct
{
  PinwheelLock lock; /* held while a device opens, so that it is opened once */
  GHashTable *open;  /* (lock) (element-type utf8 GWeakRef), both owned */
} shared;

static void
weak_ref_free (gpointer data)
{
  g_weak_ref_clear (data);
  g_free (data);
}

/* A comma ends a spec only in front of another one: options have commas too. */
static gboolean
spec_has_prefix (const char *spec, const char *prefix)
{
  gsize length = strlen (prefix);

  return strncmp (spec, prefix, length) == 0 && strchr (":#,", spec[length]) != NULL;
}

static PinwheelDevice *
open_backend (const char *spec, GError **error)
{
  g_autoptr (GString) names = NULL;
  g_autofree char *quoted = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (backends); i++)
    if (spec_has_prefix (spec, backends[i].prefix))
      return backends[i].open (spec, error);

  names = g_string_new (NULL);
  for (guint i = 0; i < G_N_ELEMENTS (backends); i++)
    g_string_append_printf (names, "%s%s", i > 0 ? ", " : "", backends[i].prefix);
  quoted = pinwheel_quote (spec);
  g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_DEVICE, "there is no device %s; there is: %s",
               quoted, names->str);
  return NULL;
}

static PinwheelDevice *open_shared_locked (const char *spec, GError **error)
    PINWHEEL_REQUIRES (shared.lock);
static PinwheelDevice *
open_shared_locked (const char *spec, GError **error)
{
  PinwheelDevice *device = NULL;
  GWeakRef *known;

  if (shared.open == NULL)
    shared.open = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, weak_ref_free);
  known = g_hash_table_lookup (shared.open, spec);
  if (known != NULL)
    device = g_weak_ref_get (known);
  if (device != NULL)
    return device;

  device = open_backend (spec, error);
  if (device == NULL)
    return NULL;
  known = g_new0 (GWeakRef, 1);
  g_weak_ref_init (known, device);
  g_hash_table_replace (shared.open, g_strdup (spec), known);
  pinwheel_log ("device", PINWHEEL_LOG_INFO, spec, "opened: %s",
                pinwheel_device_get_description (device));
  return device;
}

/* A back-end's name alone means its default device. */
static const char *
complete_spec (const char *spec)
{
  for (guint i = 0; i < G_N_ELEMENTS (backends); i++)
    if (backends[i].default_spec != NULL && g_str_equal (spec, backends[i].prefix))
      return backends[i].default_spec;
  return spec;
}

PinwheelDevice *
pinwheel_device_open_best (char **notice, GError **error)
{
  PinwheelDevice *device = NULL;

  pinwheel_lock (&shared.lock);
  for (guint i = 0; device == NULL && i < G_N_ELEMENTS (backends); i++)
    {
      g_autoptr (GError) reason = NULL;

      if (backends[i].default_spec == NULL)
        continue;
      device = open_shared_locked (backends[i].default_spec, &reason);
      if (device != NULL)
        break;
      pinwheel_log ("device", PINWHEEL_LOG_INFO, backends[i].default_spec, "not used: %s",
                    reason->message);
      /* The first one's reason is what the user wants to know; what to do about it is for those who
       * asked for that device. */
      if (notice != NULL && *notice == NULL)
        *notice = g_strndup (reason->message, strcspn (reason->message, ";"));
      g_clear_error (error);
      g_propagate_error (error, g_steal_pointer (&reason));
    }
  pinwheel_unlock (&shared.lock);
  if (device != NULL)
    g_clear_error (error);
  return device;
}

PinwheelDevice *
pinwheel_device_open (const char *spec, GError **error)
{
  PinwheelDevice *device;

  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  if (spec == NULL || g_str_equal (spec, "auto"))
    return pinwheel_device_open_best (NULL, error);
  pinwheel_lock (&shared.lock);
  device = open_shared_locked (complete_spec (spec), error);
  pinwheel_unlock (&shared.lock);
  return device;
}

/* Returns: (nullable): the comma behind the first spec of @list */
static const char *
find_next (const char *list)
{
  const char *comma = list;

  while ((comma = strchr (comma, ',')) != NULL)
    {
      comma++;
      for (guint i = 0; i < G_N_ELEMENTS (backends); i++)
        if (spec_has_prefix (comma, backends[i].prefix))
          return comma - 1;
    }
  return NULL;
}

/* Returns: (transfer full) (nullable): what @spec is called behind @names; NULL where it is one of
 * them */
static char *
name_in_list (GPtrArray *names, const char *spec)
{
  gboolean many = FALSE;
  char *name = g_strdup (complete_spec (spec));

  for (guint i = 0; i < G_N_ELEMENTS (backends); i++)
    many = many || (backends[i].many && spec_has_prefix (spec, backends[i].prefix));
  for (guint k = 2; g_ptr_array_find_with_equal_func (names, name, g_str_equal, NULL); k++)
    {
      g_clear_pointer (&name, g_free);
      if (!many)
        return NULL;
      name = g_strdup_printf ("%s#%u", spec, k);
    }
  return name;
}

/* Returns: (transfer full) (element-type utf8) (nullable) */
static GPtrArray *
split_list (const char *list, GError **error)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);

  for (const char *end; list != NULL; list = end != NULL ? end + 1 : NULL)
    {
      g_autofree char *spec = NULL;
      char *name;

      end = find_next (list);
      spec = end != NULL ? g_strndup (list, (gsize) (end - list)) : g_strdup (list);
      name = name_in_list (names, spec);
      if (name == NULL)
        {
          g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_DEVICE,
                       "device %s is listed twice; name each device once", complete_spec (spec));
          return NULL;
        }
      g_ptr_array_add (names, name);
    }
  return g_steal_pointer (&names);
}

static gboolean
check_together (GPtrArray *devices, GError **error)
{
  PinwheelDevice *first = devices->pdata[0];

  for (guint i = 0; i < devices->len && devices->len > 1; i++)
    {
      PinwheelDevice *device = devices->pdata[i];

      if (!pinwheel_device_is_integrated (device)
          && G_OBJECT_TYPE (device) == G_OBJECT_TYPE (first))
        continue;
      g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_DEVICE,
                   "devices %s and %s cannot share the work of a pipeline; list several cuda "
                   "devices, or several sim devices",
                   pinwheel_device_get_name (first),
                   pinwheel_device_get_name (device == first ? devices->pdata[1] : device));
      return FALSE;
    }
  return TRUE;
}

GPtrArray *
pinwheel_device_open_list (const char *list, GError **error)
{
  g_autoptr (GPtrArray) devices = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GPtrArray) names = NULL;

  g_return_val_if_fail (list != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  names = split_list (list, error);
  if (names == NULL)
    return NULL;
  for (guint i = 0; i < names->len; i++)
    {
      PinwheelDevice *device = pinwheel_device_open (names->pdata[i], error);

      if (device == NULL)
        return NULL;
      g_ptr_array_add (devices, device);
    }
  return check_together (devices, error) ? g_steal_pointer (&devices) : NULL;
}

char **
pinwheel_device_list (char **notice)
{
  g_autoptr (GPtrArray) specs = g_ptr_array_new ();

  for (guint i = 0; i < G_N_ELEMENTS (backends); i++)
    {
      g_autoptr (GError) reason = NULL;
      guint n = backends[i].count != NULL ? backends[i].count (&reason) : 0;

      for (guint k = 0; k < n; k++)
        g_ptr_array_add (specs, g_strdup_printf ("%s:%u", backends[i].prefix, k));
      if (backends[i].count == NULL && backends[i].default_spec != NULL)
        g_ptr_array_add (specs, g_strdup (backends[i].default_spec));
      if (reason != NULL && notice != NULL && *notice == NULL)
        *notice = g_strdup (reason->message);
    }
  g_ptr_array_add (specs, NULL);
  return (char **) g_ptr_array_free (g_steal_pointer (&specs), FALSE);
}
