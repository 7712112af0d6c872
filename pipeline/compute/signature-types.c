/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "compute/signature-private.h"

/* The words of a type made of several: `unsigned long long int` */
typedef struct
{
  guint n_signed, n_unsigned, n_char, n_short, n_int, n_long;
  gboolean is_const;
  gboolean have_named;
  PinwheelCType named;
} Words;

static const struct
{
  const char *name;
  PinwheelDType dtype;
  const char *spelling;
} named_types[] = {
  { "bool", PINWHEEL_DTYPE_BOOL, "bool" },
  { "float", PINWHEEL_DTYPE_F32, "float" },
  { "double", PINWHEEL_DTYPE_F64, "double" },
  { "size_t", PINWHEEL_DTYPE_U64, "size_t" },
  { "ptrdiff_t", PINWHEEL_DTYPE_I64, "ptrdiff_t" },
  { "intptr_t", PINWHEEL_DTYPE_I64, "intptr_t" },
  { "uintptr_t", PINWHEEL_DTYPE_U64, "uintptr_t" },
  { "int8_t", PINWHEEL_DTYPE_I8, "int8_t" },
  { "int16_t", PINWHEEL_DTYPE_I16, "int16_t" },
  { "int32_t", PINWHEEL_DTYPE_I32, "int32_t" },
  { "int64_t", PINWHEEL_DTYPE_I64, "int64_t" },
  { "uint8_t", PINWHEEL_DTYPE_U8, "uint8_t" },
  { "uint16_t", PINWHEEL_DTYPE_U16, "uint16_t" },
  { "uint32_t", PINWHEEL_DTYPE_U32, "uint32_t" },
  { "uint64_t", PINWHEEL_DTYPE_U64, "uint64_t" },
  { "uchar", PINWHEEL_DTYPE_U8, "unsigned char" },
  { "ushort", PINWHEEL_DTYPE_U16, "unsigned short" },
  { "uint", PINWHEEL_DTYPE_U32, "unsigned int" },
  { "ulong", PINWHEEL_DTYPE_U64, "unsigned long" },
  { "__half", PINWHEEL_DTYPE_F16, "__half" },
  { "half", PINWHEEL_DTYPE_F16, "half" },
  { "float2", PINWHEEL_DTYPE_C64, "float2" },
  { "cuFloatComplex", PINWHEEL_DTYPE_C64, "cuFloatComplex" },
  { "cuComplex", PINWHEEL_DTYPE_C64, "cuComplex" },
  { "double2", PINWHEEL_DTYPE_C128, "double2" },
  { "cuDoubleComplex", PINWHEEL_DTYPE_C128, "cuDoubleComplex" },
};

static gboolean
is_word (const PinwheelTokens *tokens, guint i, const char *a, const char *b)
{
  return pinwheel_token_is (tokens, i, a) || pinwheel_token_is (tokens, i, b);
}

static gboolean
is_qualifier (const PinwheelTokens *tokens, guint i)
{
  return is_word (tokens, i, "__restrict__", "__restrict")
         || is_word (tokens, i, "restrict", "volatile") || pinwheel_token_is (tokens, i, "const");
}

static gboolean
find_named (const PinwheelTokens *tokens, PinwheelTypedefs *typedefs, guint i, PinwheelCType *type)
{
  g_autofree char *name = pinwheel_token_dup (tokens, i);
  const PinwheelCType *known = g_hash_table_lookup (typedefs, name);

  if (known != NULL)
    {
      *type = *known;
      return known->spelling != NULL;
    }
  for (guint k = 0; k < G_N_ELEMENTS (named_types); k++)
    if (strcmp (name, named_types[k].name) == 0)
      {
        *type = (PinwheelCType){ .dtype = named_types[k].dtype,
                                 .spelling = named_types[k].spelling };
        return TRUE;
      }
  return FALSE;
}

/* Takes token @i into @words. Returns: FALSE where it is no part of a type */
static gboolean
take_word (const PinwheelTokens *tokens, PinwheelTypedefs *typedefs, guint i, Words *words)
{
  guint n_base = words->n_char + words->n_short + words->n_int + words->n_long + words->n_signed
                 + words->n_unsigned;

  if (tokens->items[i].kind != PINWHEEL_TOKEN_NAME)
    return FALSE;
  if (pinwheel_token_is (tokens, i, "const"))
    words->is_const = TRUE;
  else if (is_word (tokens, i, "volatile", "register")
           || pinwheel_token_is (tokens, i, "__grid_constant__"))
    return TRUE;
  else if (words->have_named)
    return FALSE;
  else if (pinwheel_token_is (tokens, i, "unsigned"))
    words->n_unsigned++;
  else if (is_word (tokens, i, "signed", "__signed__"))
    words->n_signed++;
  else if (pinwheel_token_is (tokens, i, "char"))
    words->n_char++;
  else if (pinwheel_token_is (tokens, i, "short"))
    words->n_short++;
  else if (pinwheel_token_is (tokens, i, "int"))
    words->n_int++;
  else if (pinwheel_token_is (tokens, i, "long"))
    words->n_long++;
  else if (n_base == 0 && find_named (tokens, typedefs, i, &words->named))
    words->have_named = TRUE;
  else
    return FALSE;
  return TRUE;
}

static gboolean
finish_words (const Words *words, PinwheelCType *type)
{
  gboolean is_unsigned = words->n_unsigned > 0;
  guint n_base = words->n_char + words->n_short + words->n_int + words->n_long + words->n_signed
                 + words->n_unsigned;

  if (words->have_named)
    *type = words->named;
  else if (n_base == 0 || words->n_long > 2)
    return FALSE;
  else if (words->n_char > 0)
    *type = is_unsigned ? (PinwheelCType){ .dtype = PINWHEEL_DTYPE_U8, .spelling = "unsigned char" }
            : words->n_signed > 0
                ? (PinwheelCType){ .dtype = PINWHEEL_DTYPE_I8, .spelling = "signed char" }
                : (PinwheelCType){ .dtype = PINWHEEL_DTYPE_I8, .spelling = "char" };
  else if (words->n_short > 0)
    *type = is_unsigned
                ? (PinwheelCType){ .dtype = PINWHEEL_DTYPE_U16, .spelling = "unsigned short" }
                : (PinwheelCType){ .dtype = PINWHEEL_DTYPE_I16, .spelling = "short" };
  else if (words->n_long == 2)
    *type = is_unsigned
                ? (PinwheelCType){ .dtype = PINWHEEL_DTYPE_U64, .spelling = "unsigned long long" }
                : (PinwheelCType){ .dtype = PINWHEEL_DTYPE_I64, .spelling = "long long" };
  else if (words->n_long == 1)
    *type = is_unsigned
                ? (PinwheelCType){ .dtype = PINWHEEL_DTYPE_U64, .spelling = "unsigned long" }
                : (PinwheelCType){ .dtype = PINWHEEL_DTYPE_I64, .spelling = "long" };
  else
    *type = is_unsigned ? (PinwheelCType){ .dtype = PINWHEEL_DTYPE_U32, .spelling = "unsigned int" }
                        : (PinwheelCType){ .dtype = PINWHEEL_DTYPE_I32, .spelling = "int" };
  if (words->is_const)
    type->is_const = TRUE;
  return TRUE;
}

gboolean
pinwheel_ctype_read (const PinwheelTokens *tokens, PinwheelTypedefs *typedefs, guint i, guint end,
                     PinwheelCType *type, guint *next)
{
  Words words = { 0 };

  /* `std::uint8_t` and `::size_t` mean the same here */
  if (pinwheel_token_is (tokens, i, "std") && pinwheel_token_is (tokens, i + 1, ":"))
    i++;
  while (i < end && pinwheel_token_is (tokens, i, ":"))
    i++;
  while (i < end && take_word (tokens, typedefs, i, &words))
    i++;
  if (!finish_words (&words, type))
    return FALSE;
  while (i < end && (pinwheel_token_is (tokens, i, "*") || is_qualifier (tokens, i)))
    {
      if (pinwheel_token_is (tokens, i, "*"))
        {
          if (type->is_pointer)
            return FALSE;
          type->is_pointer = TRUE;
        }
      i++;
    }
  *next = i;
  return TRUE;
}

PinwheelTypedefs *
pinwheel_typedefs_new (void)
{
  return g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
}

guint
pinwheel_ctype_read_typedef (const PinwheelTokens *tokens, PinwheelTypedefs *typedefs, guint i)
{
  gboolean is_using = pinwheel_token_is (tokens, i, "using");
  PinwheelCType type = { 0 };
  guint end = i, name, next = 0;

  while (end < tokens->n_items && !pinwheel_token_is (tokens, end, ";"))
    end = pinwheel_token_is (tokens, end, "{") ? pinwheel_token_match (tokens, end) : end + 1;
  end = MIN (end, tokens->n_items);
  if (is_using)
    name = pinwheel_token_is (tokens, i + 2, "=") ? i + 1 : end;
  else
    name = end > i + 1 ? end - 1 : end;
  if (name >= end || tokens->items[name].kind != PINWHEEL_TOKEN_NAME)
    return end;

  /* a name that hides a known type becomes an unknown one: spelling NULL */
  if (!pinwheel_ctype_read (tokens, typedefs, is_using ? i + 3 : i + 1, is_using ? end : name,
                            &type, &next)
      || next != (is_using ? end : name))
    type = (PinwheelCType){ .spelling = NULL };
  g_hash_table_insert (typedefs, pinwheel_token_dup (tokens, name), g_memdup2 (&type, sizeof type));
  return end;
}

char *
pinwheel_ctype_to_string (const PinwheelCType *type)
{
  return g_strdup_printf ("%s%s%s", type->is_const && type->is_pointer ? "const " : "",
                          type->spelling, type->is_pointer ? " *" : "");
}
