/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include <pinwheel/error.h>
#include <pinwheel/property.h>

#include "base/quote-private.h"
#include "base/size-private.h"

#define PREFIXES "kMGTPE"
/* 10 to the power of this fits 64 bits */
#define MAX_FRACTION_DIGITS 19

guint64
pinwheel_number_unit (const char *text, gboolean with_b)
{
  guint64 unit = 1, base = 1000;
  const char *prefix;

  if (*text == '\0')
    return 1;
  if (*text == ' ')
    text++;
  if (*text == '\0')
    return 0;
  prefix = strchr (PREFIXES, *text == 'K' ? 'k' : *text);
  if (prefix != NULL)
    {
      text++;
      if (*text == 'i')
        {
          base = 1024;
          text++;
        }
      for (gssize i = 0; i <= prefix - PREFIXES; i++)
        unit *= base;
    }
  if (with_b && *text == 'B')
    text++;
  return *text == '\0' ? unit : 0;
}

/* Reads the digits behind a point: @fraction / @scale. Trailing zeros do not count. */
static PinwheelNumber
parse_fraction (const char **text, guint64 *fraction, guint64 *scale)
{
  gsize digits = strspn (*text, "0123456789");
  const char *end = *text + digits;

  if (digits == 0)
    return PINWHEEL_NUMBER_MALFORMED;
  while (digits > 0 && (*text)[digits - 1] == '0')
    digits--;
  if (digits > MAX_FRACTION_DIGITS)
    return PINWHEEL_NUMBER_FRACTION;
  for (gsize i = 0; i < digits; i++)
    {
      *fraction = *fraction * 10 + (guint64) ((*text)[i] - '0');
      *scale *= 10;
    }
  *text = end;
  return PINWHEEL_NUMBER_OK;
}

PinwheelNumber
pinwheel_number_parse (const char *text, gboolean with_b, guint64 *number)
{
  guint64 whole = 0, fraction = 0, scale = 1, unit;
  gboolean fits = TRUE;

  if (!g_ascii_isdigit (*text))
    return PINWHEEL_NUMBER_MALFORMED;
  for (; g_ascii_isdigit (*text); text++)
    fits = fits && g_uint64_checked_mul (&whole, whole, 10)
           && g_uint64_checked_add (&whole, whole, (guint64) (*text - '0'));
  if (*text == '.')
    {
      PinwheelNumber result;

      text++;
      result = parse_fraction (&text, &fraction, &scale);
      if (result != PINWHEEL_NUMBER_OK)
        return result;
    }
  unit = pinwheel_number_unit (text, with_b);
  if (unit == 0)
    return PINWHEEL_NUMBER_MALFORMED;
  /* fraction < scale < 2^64 and unit <= 2^60, so the product fits 128 bits and the part 64 */
  if ((unsigned __int128) fraction * unit % scale != 0)
    return PINWHEEL_NUMBER_FRACTION;
  if (!fits || !g_uint64_checked_mul (&whole, whole, unit)
      || !g_uint64_checked_add (&whole, whole,
                                (guint64) ((unsigned __int128) fraction * unit / scale)))
    return PINWHEEL_NUMBER_TOO_LARGE;
  *number = whole;
  return PINWHEEL_NUMBER_OK;
}

gboolean
pinwheel_parse_size (const char *text, guint64 *size, GError **error)
{
  static const char *const reasons[] = {
    [PINWHEEL_NUMBER_MALFORMED] = "is not a size; expected a number, and k, M, G, T, P, or Ki, Mi, "
                                  "Gi, Ti, Pi, such as 64MiB",
    [PINWHEEL_NUMBER_FRACTION] = "is not a whole number of bytes",
    [PINWHEEL_NUMBER_TOO_LARGE] = "is too large: a size must be below 16 EiB",
  };
  g_autofree char *quoted = NULL;
  PinwheelNumber result;

  g_return_val_if_fail (text != NULL && size != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  result = pinwheel_number_parse (text, TRUE, size);
  if (result == PINWHEEL_NUMBER_OK)
    return TRUE;
  quoted = pinwheel_quote (text);
  g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_PROPERTY, "%s %s", quoted, reasons[result]);
  return FALSE;
}

char *
pinwheel_size_exact (guint64 bytes)
{
  static const char *const units[] = { "", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" };
  guint unit = 0;

  while (bytes != 0 && bytes % 1024 == 0)
    {
      bytes /= 1024;
      unit++;
    }
  return g_strdup_printf ("%" G_GUINT64_FORMAT "%s", bytes, units[unit]);
}

char *
pinwheel_format_size (guint64 bytes)
{
  static const char *const units[] = { "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" };
  char digits[G_ASCII_DTOSTR_BUF_SIZE];
  double size = (double) bytes / 1024;
  guint unit = 0;

  if (bytes < 1024)
    return g_strdup_printf ("%" G_GUINT64_FORMAT " B", bytes);
  while (size >= 1024 && unit + 1 < G_N_ELEMENTS (units))
    {
      size /= 1024;
      unit++;
    }
  g_ascii_formatd (digits, sizeof digits, "%.4g", size);
  return g_strdup_printf ("%s %s", digits, units[unit]);
}
