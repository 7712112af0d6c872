/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
#include <pinwheel/macros.h>

G_BEGIN_DECLS

/**
 * PinwheelDType:
 * @PINWHEEL_DTYPE_BOOL: true or false, one byte
 * @PINWHEEL_DTYPE_I8: signed, 8 bits
 * @PINWHEEL_DTYPE_I16: signed, 16 bits
 * @PINWHEEL_DTYPE_I32: signed, 32 bits
 * @PINWHEEL_DTYPE_I64: signed, 64 bits
 * @PINWHEEL_DTYPE_U8: unsigned, 8 bits
 * @PINWHEEL_DTYPE_U16: unsigned, 16 bits
 * @PINWHEEL_DTYPE_U32: unsigned, 32 bits
 * @PINWHEEL_DTYPE_U64: unsigned, 64 bits
 * @PINWHEEL_DTYPE_F16: IEEE 754, 16 bits
 * @PINWHEEL_DTYPE_F32: IEEE 754, 32 bits
 * @PINWHEEL_DTYPE_F64: IEEE 754, 64 bits
 * @PINWHEEL_DTYPE_C64: complex of two f32
 * @PINWHEEL_DTYPE_C128: complex of two f64
 *
 * The type of an array's elements, named as NumPy does: bool i8 i16 i32 i64 u8 u16 u32 u64 f16 f32
 * f64 c64 c128.
 */
typedef enum
{
  PINWHEEL_DTYPE_BOOL,
  PINWHEEL_DTYPE_I8,
  PINWHEEL_DTYPE_I16,
  PINWHEEL_DTYPE_I32,
  PINWHEEL_DTYPE_I64,
  PINWHEEL_DTYPE_U8,
  PINWHEEL_DTYPE_U16,
  PINWHEEL_DTYPE_U32,
  PINWHEEL_DTYPE_U64,
  PINWHEEL_DTYPE_F16,
  PINWHEEL_DTYPE_F32,
  PINWHEEL_DTYPE_F64,
  PINWHEEL_DTYPE_C64,
  PINWHEEL_DTYPE_C128
} PinwheelDType;
/**
 * PINWHEEL_N_DTYPES:
 *
 * The number of dtypes.
 */
#define PINWHEEL_N_DTYPES (PINWHEEL_DTYPE_C128 + 1)

/**
 * PinwheelDTypeClass:
 * @PINWHEEL_DTYPE_CLASS_BOOL: true or false, one byte
 * @PINWHEEL_DTYPE_CLASS_INT: signed
 * @PINWHEEL_DTYPE_CLASS_UINT: unsigned
 * @PINWHEEL_DTYPE_CLASS_FLOAT: IEEE 754
 * @PINWHEEL_DTYPE_CLASS_COMPLEX: two floats
 *
 * What kind of number a #PinwheelDType is.
 */
typedef enum
{
  PINWHEEL_DTYPE_CLASS_BOOL,
  PINWHEEL_DTYPE_CLASS_INT,
  PINWHEEL_DTYPE_CLASS_UINT,
  PINWHEEL_DTYPE_CLASS_FLOAT,
  PINWHEEL_DTYPE_CLASS_COMPLEX
} PinwheelDTypeClass;

/**
 * pinwheel_dtype_to_string:
 * @dtype: type of the elements
 *
 * Returns: (transfer none): "f32"
 */
PINWHEEL_API
const char *pinwheel_dtype_to_string (PinwheelDType dtype);

/**
 * pinwheel_dtype_from_string:
 * @text: `f32`
 * @dtype: (out): what it names
 *
 * Returns: whether there is a dtype of that name
 */
PINWHEEL_API
gboolean pinwheel_dtype_from_string (const char *text, PinwheelDType *dtype);

/**
 * pinwheel_dtype_size:
 * @dtype: type of the elements
 *
 * Returns: bytes of one element
 */
PINWHEEL_API
gsize pinwheel_dtype_size (PinwheelDType dtype);

/**
 * pinwheel_dtype_class:
 * @dtype: type of the elements
 *
 * Returns: what kind of number it is
 */
PINWHEEL_API
PinwheelDTypeClass pinwheel_dtype_class (PinwheelDType dtype);

G_END_DECLS
