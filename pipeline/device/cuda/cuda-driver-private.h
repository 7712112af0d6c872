/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* NVIDIA's driver, libcuda.so.1, opened at run time by the first CUDA device: nothing is linked
 * with it. */
#pragma once
#include <cuda.h>
#include <pinwheel/device.h>

G_BEGIN_DECLS

/* cuda.h makes many of these names macros for the version that it declares, cuMemAlloc_v2 for
 * cuMemAlloc. So do the fields of the table and the names that are looked up in the library. */
#define PINWHEEL_CUDA_FUNCTIONS(F)                                                                 \
  F (cuInit)                                                                                       \
  F (cuDriverGetVersion)                                                                           \
  F (cuGetErrorName)                                                                               \
  F (cuGetErrorString)                                                                             \
  F (cuDeviceGetCount)                                                                             \
  F (cuDeviceGet)                                                                                  \
  F (cuDeviceGetName)                                                                              \
  F (cuDeviceGetAttribute)                                                                         \
  F (cuDeviceTotalMem)                                                                             \
  F (cuDevicePrimaryCtxRetain)                                                                     \
  F (cuDevicePrimaryCtxRelease)                                                                    \
  F (cuDevicePrimaryCtxSetFlags)                                                                   \
  F (cuDevicePrimaryCtxGetState)                                                                   \
  F (cuCtxSetCurrent)                                                                              \
  F (cuCtxGetCurrent)                                                                              \
  F (cuMemGetInfo)                                                                                 \
  F (cuMemAlloc)                                                                                   \
  F (cuMemFree)                                                                                    \
  F (cuMemHostAlloc)                                                                               \
  F (cuMemFreeHost)                                                                                \
  F (cuMemHostRegister)                                                                            \
  F (cuMemHostUnregister)                                                                          \
  F (cuMemcpyHtoDAsync)                                                                            \
  F (cuMemcpyDtoHAsync)                                                                            \
  F (cuMemcpyDtoDAsync)                                                                            \
  F (cuMemcpy2DAsync)                                                                              \
  F (cuMemcpy3DAsync)                                                                              \
  F (cuStreamCreate)                                                                               \
  F (cuStreamDestroy)                                                                              \
  F (cuStreamWaitEvent)                                                                            \
  F (cuStreamSynchronize)                                                                          \
  F (cuEventCreate)                                                                                \
  F (cuEventDestroy)                                                                               \
  F (cuEventRecord)                                                                                \
  F (cuEventQuery)                                                                                 \
  F (cuEventSynchronize)                                                                           \
  F (cuModuleLoadDataEx)                                                                           \
  F (cuModuleUnload)                                                                               \
  F (cuModuleGetFunction)                                                                          \
  F (cuLaunchKernel)                                                                               \
  F (cuFuncGetAttribute)                                                                           \
  F (cuFuncSetAttribute)

/* What the library can do without; without a function its field is NULL.
 * cuDeviceGetPCIBusId: the place of the device is not told
 * cuOccupancyMaxPotentialBlockSize: blocks have a common size
 * cuFuncLoad, since CUDA 12.4: the driver may put off loading a kernel until its first launch, and
 * wait for the device then. Older headers lack it. */
#define PINWHEEL_CUDA_OPTIONAL_FUNCTIONS(F)                                                        \
  F (cuDeviceGetPCIBusId)                                                                          \
  F (cuOccupancyMaxPotentialBlockSize)                                                             \
  F (cuFuncLoad)                                                                                   \
  F (cuFuncGetParamInfo)
#if CUDA_VERSION < 12040
CUresult CUDAAPI cuFuncLoad (CUfunction function);
CUresult CUDAAPI cuFuncGetParamInfo (CUfunction function, size_t i, size_t *offset, size_t *size);
#endif

/* Immutable once open. */
typedef struct
{
  int version; /* of CUDA that the driver knows: 1000 * major + 10 * minor */
#define PINWHEEL_CUDA_FIELD(name) __typeof__ (&name) name;
  PINWHEEL_CUDA_FUNCTIONS (PINWHEEL_CUDA_FIELD)
  PINWHEEL_CUDA_OPTIONAL_FUNCTIONS (PINWHEEL_CUDA_FIELD)
#undef PINWHEEL_CUDA_FIELD
} PinwheelCudaDriver;

/* Any thread. Returns: (transfer none): the table, for good; NULL with PINWHEEL_ERROR_DEVICE: no
 * driver, too old a driver, or no device that it can use */
const PinwheelCudaDriver *pinwheel_cuda_driver_open (GError **error);
/* Returns: (transfer full): `CUDA_ERROR_INVALID_VALUE (1): invalid argument` */
char *pinwheel_cuda_driver_describe (const PinwheelCudaDriver *self, CUresult result);

G_END_DECLS
