/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A CUDA device through the driver's API: its memory, and how it begins and ends. */
#include "config.h"

#include <string.h>

#include <pinwheel/property.h>

#include "base/log-private.h"
#include "base/quote-private.h"
#include "device/cuda/cuda-device-private.h"
#include "device/cuda/cuda-stream-private.h"

G_DEFINE_FINAL_TYPE (PinwheelCudaDevice, pinwheel_cuda_device, PINWHEEL_TYPE_DEVICE)

static const char *
name_of (PinwheelCudaDevice *self)
{
  return pinwheel_device_get_name (PINWHEEL_DEVICE (self));
}

/* --- memory --- */

static void
prefix_memory_error (PinwheelCudaDevice *self, PinwheelMemoryKind kind, gsize size, GError **error)
{
  g_autofree char *wanted = pinwheel_format_size (size);
  guint64 total, available;

  g_prefix_error (error, "cannot allocate %" G_GSIZE_FORMAT " bytes (%s) of %s memory: ", size,
                  wanted, kind == PINWHEEL_MEMORY_PINNED ? "pinned" : "device");
  if (error == NULL || kind == PINWHEEL_MEMORY_PINNED)
    return;
  pinwheel_device_get_memory (PINWHEEL_DEVICE (self), &total, &available);
  if (g_error_matches (*error, PINWHEEL_ERROR, PINWHEEL_ERROR_MEMORY))
    {
      g_autofree char *free_text = pinwheel_format_size (available);
      g_autofree char *total_text = pinwheel_format_size (total);
      g_autofree char *message = (*error)->message;

      (*error)->message = g_strdup_printf ("%s; %s of %s are free", message, free_text, total_text);
    }
}

static gboolean
pinwheel_cuda_device_alloc (PinwheelDevice *device, PinwheelMemoryKind kind, gsize size,
                            gpointer *memory, GError **error)
{
  PinwheelCudaDevice *self = PINWHEEL_CUDA_DEVICE (device);
  g_auto (PinwheelCudaScope) scope = { .device = NULL };
  CUdeviceptr address = 0;
  gboolean ok;

  if (!pinwheel_cuda_device_enter (self, &scope, error))
    return FALSE;
  if (kind == PINWHEEL_MEMORY_PINNED)
    ok = pinwheel_cuda_call (self, NULL, error, cuMemHostAlloc, memory, size,
                             CU_MEMHOSTALLOC_PORTABLE);
  else
    {
      ok = pinwheel_cuda_call (self, NULL, error, cuMemAlloc, &address, size);
      *memory = (gpointer) address;
    }
  if (!ok)
    prefix_memory_error (self, kind, size, error);
  return ok;
}

static void
pinwheel_cuda_device_free (PinwheelDevice *device, PinwheelMemoryKind kind, gsize size,
                           gpointer memory)
{
  PinwheelCudaDevice *self = PINWHEEL_CUDA_DEVICE (device);
  g_auto (PinwheelCudaScope) scope = { .device = NULL };

  pinwheel_cuda_device_drain (self);
  if (!pinwheel_cuda_device_enter_anyway (self, &scope))
    return;
  if (kind == PINWHEEL_MEMORY_PINNED)
    pinwheel_cuda_drop (self, cuMemFreeHost, memory);
  else
    pinwheel_cuda_drop (self, cuMemFree, (CUdeviceptr) memory);
}

/* PORTABLE, as what is allocated: every context of the process knows that it is pinned. */
static gboolean
pinwheel_cuda_device_register (PinwheelDevice *device, gpointer memory, gsize size, GError **error)
{
  PinwheelCudaDevice *self = PINWHEEL_CUDA_DEVICE (device);
  g_auto (PinwheelCudaScope) scope = { .device = NULL };
  g_autofree char *wanted = pinwheel_format_size (size);

  if (pinwheel_cuda_device_enter (self, &scope, error)
      && pinwheel_cuda_call (self, NULL, error, cuMemHostRegister, memory, size,
                             CU_MEMHOSTREGISTER_PORTABLE))
    return TRUE;
  g_prefix_error (error,
                  "cannot pin %" G_GSIZE_FORMAT " bytes (%s) of the application's memory: ", size,
                  wanted);
  return FALSE;
}

static void
pinwheel_cuda_device_unregister (PinwheelDevice *device, gpointer memory, gsize size)
{
  PinwheelCudaDevice *self = PINWHEEL_CUDA_DEVICE (device);
  g_auto (PinwheelCudaScope) scope = { .device = NULL };

  pinwheel_cuda_device_drain (self);
  if (pinwheel_cuda_device_enter_anyway (self, &scope))
    pinwheel_cuda_drop (self, cuMemHostUnregister, memory);
}

/* Where the driver does not say, all of it is taken to be free: who asks for too much is told. */
static void
pinwheel_cuda_device_get_memory (PinwheelDevice *device, guint64 *total, guint64 *available)
{
  PinwheelCudaDevice *self = PINWHEEL_CUDA_DEVICE (device);
  g_auto (PinwheelCudaScope) scope = { .device = NULL };
  size_t free_bytes = 0, total_bytes = 0;

  if (!pinwheel_cuda_device_enter (self, &scope, NULL)
      || !pinwheel_cuda_call (self, NULL, NULL, cuMemGetInfo, &free_bytes, &total_bytes))
    free_bytes = total_bytes = self->memory;
  *total = total_bytes;
  *available = free_bytes;
}

static const char *
pinwheel_cuda_device_get_architecture (PinwheelDevice *device)
{
  return PINWHEEL_CUDA_DEVICE (device)->architecture;
}

static guint
pinwheel_cuda_device_get_newest_toolkit (PinwheelDevice *device)
{
  return (guint) PINWHEEL_CUDA_DEVICE (device)->cuda->version;
}

/* --- the object --- */

static void
pinwheel_cuda_device_finalize (GObject *object)
{
  PinwheelCudaDevice *self = PINWHEEL_CUDA_DEVICE (object);

  if (self->context != NULL)
    {
      CUcontext current = NULL;

      /* threads that had no context keep this one; this thread must not keep what is destroyed */
      if (self->cuda->cuCtxGetCurrent (&current) == CUDA_SUCCESS && current == self->context)
        self->cuda->cuCtxSetCurrent (NULL);
      pinwheel_cuda_drop (self, cuDevicePrimaryCtxRelease, self->device);
    }
  g_ptr_array_unref (self->streams);
  pinwheel_lock_clear (&self->streams_lock);
  pinwheel_lock_clear (&self->lock);
  g_clear_error (&self->failure);

  G_OBJECT_CLASS (pinwheel_cuda_device_parent_class)->finalize (object);
}

static void
pinwheel_cuda_device_class_init (PinwheelCudaDeviceClass *klass)
{
  PinwheelDeviceClass *device_class = PINWHEEL_DEVICE_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = pinwheel_cuda_device_finalize;
  device_class->alloc = pinwheel_cuda_device_alloc;
  device_class->free = pinwheel_cuda_device_free;
  device_class->register_memory = pinwheel_cuda_device_register;
  device_class->unregister_memory = pinwheel_cuda_device_unregister;
  device_class->get_memory = pinwheel_cuda_device_get_memory;
  device_class->get_architecture = pinwheel_cuda_device_get_architecture;
  device_class->get_newest_toolkit = pinwheel_cuda_device_get_newest_toolkit;
  device_class->describe = pinwheel_cuda_device_describe;
  device_class->new_stream = pinwheel_cuda_stream_new;
  device_class->load_code = pinwheel_cuda_function_new;
}

static void
pinwheel_cuda_device_init (PinwheelCudaDevice *self)
{
  pinwheel_lock_init (&self->streams_lock);
  pinwheel_lock_init (&self->lock);
  self->streams = g_ptr_array_new ();
}

/* --- opening --- */

/* What can be said before there is a device to say it of. */
static gboolean
check_early (const PinwheelCudaDriver *cuda, const char *spec, const char *call, CUresult result,
             GError **error)
{
  g_autofree char *text = NULL;

  if (result == CUDA_SUCCESS)
    return TRUE;
  text = pinwheel_cuda_driver_describe (cuda, result);
  g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_DEVICE, "device %s: %s: %s", spec, call, text);
  return FALSE;
}

static guint
count_devices (const PinwheelCudaDriver *cuda, GError **error)
{
  int n = 0;

  if (!check_early (cuda, "cuda", "cuDeviceGetCount", cuda->cuDeviceGetCount (&n), error))
    return 0;
  if (n <= 0)
    g_set_error_literal (error, PINWHEEL_ERROR, PINWHEEL_ERROR_DEVICE,
                         "there is no CUDA device, or CUDA_VISIBLE_DEVICES hides it");
  return (guint) MAX (n, 0);
}

guint
pinwheel_cuda_device_count (GError **error)
{
  const PinwheelCudaDriver *cuda = pinwheel_cuda_driver_open (error);

  return cuda != NULL ? count_devices (cuda, error) : 0;
}

/* `cuda:N` */
static gboolean
parse_number (const char *spec, guint64 *number, GError **error)
{
  const char *text = spec + strlen ("cuda");
  g_autofree char *quoted = NULL;

  if (g_str_has_prefix (text, ":")
      && g_ascii_string_to_unsigned (text + 1, 10, 0, G_MAXINT, number, NULL))
    return TRUE;
  quoted = pinwheel_quote (spec);
  g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_DEVICE,
               "device %s: expected cuda, or cuda:N with the number of a device, as in cuda:0",
               quoted);
  return FALSE;
}

static gboolean
find_device (const PinwheelCudaDriver *cuda, const char *spec, CUdevice *device, GError **error)
{
  guint64 number;
  guint n;

  if (!parse_number (spec, &number, error))
    return FALSE;
  n = count_devices (cuda, error);
  if (n == 0)
    return FALSE;
  if (number < n)
    return check_early (cuda, spec, "cuDeviceGet", cuda->cuDeviceGet (device, (int) number), error);
  g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_DEVICE,
               "there is no device %s: there %s %u CUDA device%s, from cuda:0 to cuda:%u; "
               "pinwheel-inspect --devices lists them",
               spec, n == 1 ? "is" : "are", n, n == 1 ? "" : "s", n - 1);
  return FALSE;
}

static gboolean
read_attributes (PinwheelCudaDevice *self, GError **error)
{
  int major = 0, minor = 0, pitch = 0, shared = 0;
  size_t memory = 0;

  if (!pinwheel_cuda_call (self, NULL, error, cuDeviceGetAttribute, &major,
                           CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR, self->device)
      || !pinwheel_cuda_call (self, NULL, error, cuDeviceGetAttribute, &minor,
                              CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR, self->device)
      || !pinwheel_cuda_call (self, NULL, error, cuDeviceGetAttribute, &pitch,
                              CU_DEVICE_ATTRIBUTE_MAX_PITCH, self->device)
      || !pinwheel_cuda_call (self, NULL, error, cuDeviceGetAttribute, &shared,
                              CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN, self->device)
      || !pinwheel_cuda_call (self, NULL, error, cuDeviceTotalMem, &memory, self->device))
    return FALSE;
  self->memory = memory;
  g_snprintf (self->architecture, sizeof self->architecture, "sm_%d%d", major, minor);
  self->most_pitch = (gsize) MAX (pitch, 0);
  self->most_shared = (gsize) MAX (shared, 0);
  return TRUE;
}

/* The context that everything in the process shares which uses this device. Its threads sleep
 * while they wait; where somebody made it already, it keeps its ways, which the driver would
 * overwrite. */
static gboolean
retain_context (PinwheelCudaDevice *self, GError **error)
{
  unsigned int flags = 0;
  CUresult result;
  int is_active = 0;

  if (!pinwheel_cuda_call (self, NULL, error, cuDevicePrimaryCtxGetState, self->device, &flags,
                           &is_active))
    return FALSE;
  result = is_active
               ? CUDA_SUCCESS
               : self->cuda->cuDevicePrimaryCtxSetFlags (self->device, CU_CTX_SCHED_BLOCKING_SYNC);
  /* older drivers refuse; it has been made meanwhile */
  if (result != CUDA_ERROR_PRIMARY_CONTEXT_ACTIVE
      && !pinwheel_cuda_device_check (self, NULL, "cuDevicePrimaryCtxSetFlags", result, error))
    return FALSE;
  return pinwheel_cuda_call (self, NULL, error, cuDevicePrimaryCtxRetain, &self->context,
                             self->device);
}

static char *
make_description (const PinwheelCudaDriver *cuda, CUdevice device)
{
  g_autofree char *memory = NULL;
  char name[256] = "CUDA device";
  size_t bytes = 0;

  if (cuda->cuDeviceGetName (name, sizeof name, device) != CUDA_SUCCESS
      || cuda->cuDeviceTotalMem (&bytes, device) != CUDA_SUCCESS)
    return g_strdup (name);
  memory = pinwheel_format_size (bytes);
  return g_strdup_printf ("%s, %s", name, memory);
}

PinwheelDevice *
pinwheel_cuda_device_open (const char *spec, GError **error)
{
  const PinwheelCudaDriver *cuda = pinwheel_cuda_driver_open (error);
  g_autoptr (PinwheelCudaDevice) self = NULL;
  g_autofree char *description = NULL;
  CUdevice device;

  if (cuda == NULL)
    {
      g_prefix_error (error, "device %s: ", spec);
      return NULL;
    }
  if (!find_device (cuda, spec, &device, error))
    return NULL;
  description = make_description (cuda, device);
  self = g_object_new (PINWHEEL_TYPE_CUDA_DEVICE, "name", spec, "description", description,
                       "integrated", FALSE, NULL);
  self->cuda = cuda;
  self->device = device;
  if (!read_attributes (self, error) || !retain_context (self, error))
    return NULL;
  pinwheel_log ("device", PINWHEEL_LOG_DEBUG, name_of (self), "architecture %s",
                self->architecture);
  return PINWHEEL_DEVICE (g_steal_pointer (&self));
}
