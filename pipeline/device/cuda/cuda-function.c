/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Compiled kernels on a CUDA device. */
#include "config.h"

#include "base/log-private.h"
#include "device/cuda/cuda-stream-private.h"

#define LOG_BYTES 8192
/* What every kernel may use without being allowed more, its own __shared__ arrays included */
#define SHARED_BYTES (48 * 1024)
/* Threads of a block, where the driver does not say what suits a kernel */
#define COMMON_BLOCK 256

G_DEFINE_FINAL_TYPE (PinwheelCudaFunction, pinwheel_cuda_function, PINWHEEL_TYPE_FUNCTION)

static void
pinwheel_cuda_function_finalize (GObject *object)
{
  PinwheelCudaFunction *self = PINWHEEL_CUDA_FUNCTION (object);
  g_auto (PinwheelCudaScope) scope = { .device = NULL };

  if (self->module != NULL)
    {
      /* queued launches may outlive the object */
      pinwheel_cuda_device_drain (self->device);
      if (pinwheel_cuda_device_enter_anyway (self->device, &scope))
        pinwheel_cuda_drop (self->device, cuModuleUnload, self->module);
    }
  /* before the device: it may be the last holder */
  pinwheel_cuda_scope_leave (&scope);
  scope.device = NULL;
  g_clear_object (&self->device);
  g_free (self->entry);

  G_OBJECT_CLASS (pinwheel_cuda_function_parent_class)->finalize (object);
}

static guint
pinwheel_cuda_function_get_block_size (PinwheelFunction *function)
{
  return PINWHEEL_CUDA_FUNCTION (function)->block_threads;
}

static void
pinwheel_cuda_function_class_init (PinwheelCudaFunctionClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = pinwheel_cuda_function_finalize;
  PINWHEEL_FUNCTION_CLASS (klass)->get_block_size = pinwheel_cuda_function_get_block_size;
}

static void
pinwheel_cuda_function_init (PinwheelCudaFunction *self)
{
}

/* Whether the driver may take the same kernel in a form that it translates itself */
static gboolean
is_refusal (CUresult result)
{
  return result == CUDA_ERROR_NO_BINARY_FOR_GPU || result == CUDA_ERROR_INVALID_IMAGE
         || result == CUDA_ERROR_UNSUPPORTED_PTX_VERSION || result == CUDA_ERROR_INVALID_SOURCE
         || result == CUDA_ERROR_NOT_SUPPORTED;
}

/* Loads the kernel, as far as the driver lets us: it may put off what it does with a module until
 * somebody asks for a function of it.
 * @call: (out): what failed */
static CUresult
try_code (PinwheelCudaFunction *self, GBytes *bytes, const char *symbol, char *log,
          const char **call)
{
  CUjit_option options[] = { CU_JIT_ERROR_LOG_BUFFER, CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES };
  void *values[] = { log, GSIZE_TO_POINTER (LOG_BYTES - 1) };
  const PinwheelCudaDriver *cuda = self->device->cuda;
  CUresult result;

  *call = "cuModuleLoadDataEx";
  result = cuda->cuModuleLoadDataEx (&self->module, g_bytes_get_data (bytes, NULL),
                                     G_N_ELEMENTS (options), options, values);
  if (result != CUDA_SUCCESS)
    {
      self->module = NULL;
      return result;
    }
  *call = "cuModuleGetFunction";
  result = cuda->cuModuleGetFunction (&self->function, self->module, symbol);
  if (result == CUDA_SUCCESS && cuda->cuFuncLoad != NULL)
    {
      *call = "cuFuncLoad";
      result = cuda->cuFuncLoad (self->function);
    }
  if (result != CUDA_SUCCESS)
    {
      pinwheel_cuda_drop (self->device, cuModuleUnload, self->module);
      self->module = NULL;
    }
  return result;
}

/* @log: what the driver's own compiler says */
static gboolean
set_load_error (PinwheelCudaFunction *self, const char *call, CUresult result, char *log,
                GError **error)
{
  int version = self->device->cuda->version;

  pinwheel_cuda_device_check (self->device, NULL, call, result, error);
  g_prefix_error (error, "kernel '%s' cannot be loaded: ", self->entry);
  if (error == NULL)
    return FALSE;
  if (is_refusal (result))
    {
      g_autofree char *message = (*error)->message;

      (*error)->message = g_strdup_printf (
          "%s; the driver knows CUDA %d.%d and this device is %s: was the code compiled for "
          "another one, or by a newer CUDA Toolkit? Update the NVIDIA driver, or name an older "
          "toolkit's folder in CUDA_HOME",
          message, version / 1000, version % 1000 / 10, self->device->architecture);
    }
  if (*g_strchomp (log) != '\0')
    {
      g_autofree char *message = (*error)->message;
      g_autofree char *text = g_utf8_make_valid (log, -1);

      (*error)->message = g_strconcat (message, "\n", text, NULL);
    }
  return FALSE;
}

static gboolean
load_module (PinwheelCudaFunction *self, const PinwheelCode *code, GError **error)
{
  g_autofree char *log = g_malloc0 (LOG_BYTES);
  g_autoptr (GBytes) portable = NULL;
  const char *call;
  CUresult result = try_code (self, code->bytes, code->symbol, log, &call);

  if (is_refusal (result) && code->get_portable != NULL)
    {
      pinwheel_log ("device", PINWHEEL_LOG_INFO, self->entry,
                    "the driver refuses the code (%d) and translates it itself", (int) result);
      portable = code->get_portable (code->owner, error);
      if (portable == NULL)
        return FALSE;
      *log = '\0';
      result = try_code (self, portable, code->symbol, log, &call);
    }
  return result == CUDA_SUCCESS || set_load_error (self, call, result, log, error);
}

/* What the kernel needs: how large its blocks may be, and are best, and the shared memory that it
 * may ask for at a launch without being allowed more. */
static gboolean
read_limits (PinwheelCudaFunction *self, GError **error)
{
  PinwheelCudaDevice *device = self->device;
  int least_grid = 0, block = COMMON_BLOCK, most = 0, shared = 0;

  if (!pinwheel_cuda_call (device, NULL, error, cuFuncGetAttribute, &most,
                           CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK, self->function)
      || !pinwheel_cuda_call (device, NULL, error, cuFuncGetAttribute, &shared,
                              CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES, self->function)
      || (device->cuda->cuOccupancyMaxPotentialBlockSize != NULL
          && !pinwheel_cuda_call (device, NULL, error, cuOccupancyMaxPotentialBlockSize,
                                  &least_grid, &block, self->function, NULL, 0, 0)))
    {
      g_prefix_error (error, "kernel '%s' cannot be loaded: ", self->entry);
      return FALSE;
    }
  self->most_threads = (guint) MAX (most, 1);
  self->block_threads = (guint) CLAMP (block, 1, MAX (most, 1));
  self->own_shared = (gsize) MAX (shared, 0);
  self->shared_bytes = MAX (SHARED_BYTES - shared, 0);
  pinwheel_log ("device", PINWHEEL_LOG_DEBUG, self->entry,
                "blocks of %u threads suit it, %u are possible", self->block_threads,
                self->most_threads);
  return TRUE;
}

/* A launch hands over so many addresses of arguments, and the driver reads as many as the kernel
 * takes: a user who says something else of compiled code is told. */
static gboolean
check_arguments (PinwheelCudaFunction *self, const PinwheelCode *code, GError **error)
{
  const PinwheelCudaDriver *cuda = self->device->cuda;
  g_autoptr (GString) takes = g_string_new (NULL);
  gboolean same = TRUE;
  CUresult result;
  size_t offset, size;
  guint n = 0;

  if (code->argument_sizes == NULL || cuda->cuFuncGetParamInfo == NULL)
    return TRUE;
  while ((result = cuda->cuFuncGetParamInfo (self->function, n, &offset, &size)) == CUDA_SUCCESS)
    {
      g_string_append_printf (takes, "%s%" G_GSIZE_FORMAT, n > 0 ? ", " : "", (gsize) size);
      same = same && n < code->n_arguments && code->argument_sizes[n] == size;
      n++;
    }
  /* that is how it says that there are no more */
  if (result != CUDA_ERROR_INVALID_VALUE || (same && n == code->n_arguments))
    return TRUE;
  g_set_error (
      error, PINWHEEL_ERROR, PINWHEEL_ERROR_KERNEL,
      "kernel '%s' takes %u parameters, of %s bytes, and parameters= names %u, which are not "
      "those; declare what it takes, in its order",
      self->entry, n, n > 0 ? takes->str : "no", code->n_arguments);
  return FALSE;
}

gboolean
pinwheel_cuda_function_allow_shared (PinwheelCudaFunction *self, gsize bytes, GError **error)
{
  gsize most = self->device->most_shared;

  if (bytes <= (gsize) g_atomic_int_get (&self->shared_bytes))
    return TRUE;
  if (bytes > most || self->own_shared > most - bytes)
    {
      g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_KERNEL,
                   "a block would need %" G_GSIZE_FORMAT " bytes of shared memory and has "
                   "%" G_GSIZE_FORMAT " of its own already; device %s gives it %" G_GSIZE_FORMAT
                   " at most: make shared= or block= smaller",
                   bytes, self->own_shared,
                   pinwheel_device_get_name (PINWHEEL_DEVICE (self->device)), most);
      return FALSE;
    }
  if (!pinwheel_cuda_call (self->device, NULL, error, cuFuncSetAttribute, self->function,
                           CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES,
                           (int) MIN (bytes, G_MAXINT)))
    return FALSE;
  g_atomic_int_set (&self->shared_bytes, (int) MIN (bytes, G_MAXINT));
  return TRUE;
}

PinwheelFunction *
pinwheel_cuda_function_new (PinwheelDevice *device, const PinwheelCode *code, GError **error)
{
  g_autoptr (PinwheelCudaFunction) self = NULL;
  g_auto (PinwheelCudaScope) scope = { .device = NULL };

  if (!pinwheel_cuda_device_enter (PINWHEEL_CUDA_DEVICE (device), &scope, error))
    return NULL;
  self = g_object_new (PINWHEEL_TYPE_CUDA_FUNCTION, NULL);
  self->device = PINWHEEL_CUDA_DEVICE (g_object_ref (device));
  self->entry = g_strdup (code->entry);
  if (!load_module (self, code, error) || !check_arguments (self, code, error)
      || !read_limits (self, error))
    return NULL;
  return PINWHEEL_FUNCTION (g_steal_pointer (&self));
}
