/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* In which context a thread calls the driver, and what becomes of its errors. */
#include "config.h"

#include "base/error-private.h"
#include "device/cuda/cuda-device-private.h"
#include "device/cuda/cuda-stream-private.h"

/* Errors that no context survives, and what to do about them. Those by number are not in all
 * headers: CUDA_ERROR_CONTAINED, CUDA_ERROR_TENSOR_MEMORY_LEAK, CUDA_ERROR_MPS_CLIENT_TERMINATED,
 * CUDA_ERROR_EXTERNAL_DEVICE. */
static const struct
{
  CUresult result;
  const char *advice; /* nullable */
} lethal[] = {
  { CUDA_ERROR_ILLEGAL_ADDRESS,
    "a kernel read or wrote outside its arrays; compute-sanitizer tells where" },
  { CUDA_ERROR_MISALIGNED_ADDRESS,
    "a kernel used an address that its type does not allow; compute-sanitizer tells where" },
  { CUDA_ERROR_INVALID_ADDRESS_SPACE, "compute-sanitizer tells where in a kernel" },
  { CUDA_ERROR_INVALID_PC, "compute-sanitizer tells where in a kernel" },
  { CUDA_ERROR_HARDWARE_STACK_ERROR, "a kernel's calls go too deep, or its stack was overwritten" },
  { CUDA_ERROR_ILLEGAL_INSTRUCTION, NULL },
  { CUDA_ERROR_LAUNCH_FAILED, "compute-sanitizer tells where in a kernel" },
  { CUDA_ERROR_LAUNCH_TIMEOUT, "a kernel ran for longer than the system allows on a GPU with a "
                               "display; use shorter chunks (chunk=)" },
  { CUDA_ERROR_ASSERT, "an assert() in a kernel failed" },
  { CUDA_ERROR_ECC_UNCORRECTABLE, "the device's memory is damaged" },
  { CUDA_ERROR_NVLINK_UNCORRECTABLE, NULL },
  { (CUresult) 226, "the device has shut itself off after an error of its hardware" },
  { (CUresult) 721, "a kernel has not given back its tensor memory" },
  { (CUresult) 810, "another process that uses the device through MPS has failed" },
  { (CUresult) 911, NULL },
  { CUDA_ERROR_CONTEXT_IS_DESTROYED, "something in this process reset the device" },
  { CUDA_ERROR_DEINITIALIZED, NULL },
  { CUDA_ERROR_DEVICE_UNAVAILABLE, "another process has the device for itself" },
  { CUDA_ERROR_SYSTEM_NOT_READY, NULL },
  { CUDA_ERROR_UNKNOWN, "the system's log (dmesg) may tell more: lines with NVRM or Xid" },
};

gboolean
pinwheel_cuda_device_enter_anyway (PinwheelCudaDevice *self, PinwheelCudaScope *scope)
{
  CUcontext before = NULL;

  if (self->cuda->cuCtxGetCurrent (&before) == CUDA_SUCCESS && before == self->context)
    return TRUE;
  if (self->cuda->cuCtxSetCurrent (self->context) != CUDA_SUCCESS)
    return FALSE;
  /* threads of this library keep it; those of an application get back what they had */
  if (before != NULL)
    *scope = (PinwheelCudaScope){ self, before };
  return TRUE;
}

gboolean
pinwheel_cuda_device_enter (PinwheelCudaDevice *self, PinwheelCudaScope *scope, GError **error)
{
  CUcontext before = NULL;

  if (pinwheel_cuda_device_has_failed (self, error)
      || !pinwheel_cuda_call (self, NULL, error, cuCtxGetCurrent, &before))
    return FALSE;
  if (before == self->context)
    return TRUE;
  if (!pinwheel_cuda_call (self, NULL, error, cuCtxSetCurrent, self->context))
    return FALSE;
  if (before != NULL)
    *scope = (PinwheelCudaScope){ self, before };
  return TRUE;
}

void
pinwheel_cuda_scope_leave (PinwheelCudaScope *scope)
{
  if (scope->device != NULL)
    scope->device->cuda->cuCtxSetCurrent (scope->before);
}

gboolean
pinwheel_cuda_device_has_failed (PinwheelCudaDevice *self, GError **error)
{
  if (G_LIKELY (!g_atomic_int_get (&self->has_failed)))
    return FALSE;
  pinwheel_lock (&self->lock);
  if (error != NULL)
    *error = g_error_copy (self->failure);
  pinwheel_unlock (&self->lock);
  return TRUE;
}

static int
find_lethal (CUresult result)
{
  for (guint i = 0; i < G_N_ELEMENTS (lethal); i++)
    if (lethal[i].result == result)
      return (int) i;
  return -1;
}

/* Whose kernels an error of the device may come from: it reaches whoever calls next. */
typedef struct
{
  guint n;      /* streams that have kernels under way */
  char *name;   /* (nullable) owned: of the first of them */
  guint64 mark; /* what its kernels are for, where that is one thing; G_MAXUINT64 */
} Suspects;

static void
find_suspects (PinwheelCudaDevice *self, Suspects *suspects, GString *text)
{
  pinwheel_lock (&self->streams_lock);
  for (guint i = 0; i < self->streams->len; i++)
    {
      PinwheelCudaStream *stream = self->streams->pdata[i];
      const char *name = pinwheel_stream_get_name (PINWHEEL_STREAM (stream));
      guint64 first, last;

      if (!pinwheel_cuda_stream_is_computing (stream, &first, &last))
        continue;
      g_string_append_printf (text, "%s'%s'",
                              suspects->n++ == 0 ? "; kernels under way: of " : ", ", name);
      if (last != G_MAXUINT64)
        g_string_append_printf (text, " for chunks %" G_GUINT64_FORMAT " to %" G_GUINT64_FORMAT,
                                first, last);
      if (suspects->n > 1)
        continue;
      suspects->name = g_strdup (name);
      suspects->mark = first == last ? first : G_MAXUINT64;
    }
  pinwheel_unlock (&self->streams_lock);
}

/* Returns: whether it was the first one */
static gboolean
keep_failure (PinwheelCudaDevice *self, const GError *failure)
{
  gboolean first;

  pinwheel_lock (&self->lock);
  first = self->failure == NULL;
  if (first)
    self->failure = g_error_copy (failure);
  g_atomic_int_set (&self->has_failed, TRUE);
  pinwheel_unlock (&self->lock);
  return first;
}

gboolean
pinwheel_cuda_device_check (PinwheelCudaDevice *self, const char *stream, const char *call,
                            CUresult result, GError **error)
{
  g_autoptr (GString) text = NULL;
  g_autofree char *what = NULL;
  g_autoptr (GError) failure = NULL;
  Suspects suspects = { .n = 0 };
  int kind;

  if (G_LIKELY (result == CUDA_SUCCESS))
    return TRUE;
  if (pinwheel_cuda_device_has_failed (self, error))
    return FALSE;
  kind = find_lethal (result);
  what = pinwheel_cuda_driver_describe (self->cuda, result);
  text = g_string_new (NULL);
  g_string_append_printf (text, "device %s: ", pinwheel_device_get_name (PINWHEEL_DEVICE (self)));
  if (stream != NULL)
    g_string_append_printf (text, "stream '%s': ", stream);
  g_string_append_printf (text, "%s: %s", call, what);
  if (kind >= 0)
    find_suspects (self, &suspects, text);
  if (kind >= 0 && lethal[kind].advice != NULL)
    g_string_append_printf (text, "; %s", lethal[kind].advice);
  failure = g_error_new_literal (PINWHEEL_ERROR,
                                 result == CUDA_ERROR_OUT_OF_MEMORY ? PINWHEEL_ERROR_MEMORY
                                                                    : PINWHEEL_ERROR_DEVICE,
                                 text->str);
  if (suspects.n == 1)
    pinwheel_error_set_owner (failure, suspects.name, suspects.mark);
  g_free (suspects.name);
  if (kind < 0 || keep_failure (self, failure))
    g_propagate_error (error, g_steal_pointer (&failure));
  else
    pinwheel_cuda_device_has_failed (self, error);
  return FALSE;
}

void
pinwheel_cuda_device_drop (PinwheelCudaDevice *self, const char *call, CUresult result)
{
  gboolean told = pinwheel_cuda_device_has_failed (self, NULL);
  g_autoptr (GError) error = NULL;

  if (!pinwheel_cuda_device_check (self, NULL, call, result, &error) && !told)
    g_warning ("something is not given back: %s", error->message);
}

void
pinwheel_cuda_device_drain (PinwheelCudaDevice *self)
{
  g_auto (PinwheelCudaScope) scope = { .device = NULL };

  if (!pinwheel_cuda_device_enter_anyway (self, &scope))
    return;
  /* held all the while: no stream goes away meanwhile */
  pinwheel_lock (&self->streams_lock);
  for (guint i = 0; i < self->streams->len; i++)
    {
      PinwheelCudaStream *stream = self->streams->pdata[i];

      self->cuda->cuStreamSynchronize (stream->stream);
    }
  pinwheel_unlock (&self->streams_lock);
}
