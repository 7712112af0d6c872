/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stddef.h>
#include <string.h>

#include <pinwheel/property.h>

#include "base/quote-private.h"
#include "base/size-private.h"
#include "device/sim/sim-options-private.h"

const char *const pinwheel_sim_uses[] = { "alloc", "pinned", "copy", "h2d",
                                          "d2h",   "launch", "load", NULL };

typedef enum
{
  KIND_SIZE,
  KIND_RATE,
  KIND_TIME,
  KIND_NUMBER,
  KIND_FAIL
} Kind;

static const struct
{
  Kind kind;
  gsize offset;
  guint64 least, most;
} options_table[] = {
  { KIND_SIZE, offsetof (PinwheelSimOptions, memory), 1, (guint64) 1 << 44 },
  { KIND_SIZE, offsetof (PinwheelSimOptions, pinned), 0, (guint64) 1 << 44 },
  { KIND_RATE, offsetof (PinwheelSimOptions, h2d), 1, (guint64) 1 << 50 },
  { KIND_RATE, offsetof (PinwheelSimOptions, d2h), 1, (guint64) 1 << 50 },
  { KIND_TIME, offsetof (PinwheelSimOptions, latency), 0, 10000000000 },
  { KIND_TIME, offsetof (PinwheelSimOptions, kernel), 0, 10000000000 },
  { KIND_TIME, offsetof (PinwheelSimOptions, delay), 0, 10000000000 },
  { KIND_NUMBER, offsetof (PinwheelSimOptions, seed), 0, G_MAXUINT64 },
  { KIND_NUMBER, offsetof (PinwheelSimOptions, lose), 1, G_MAXUINT64 },
  { KIND_FAIL, offsetof (PinwheelSimOptions, fail), 1, G_MAXUINT64 },
};

static const char *const names[] = { "memory", "pinned", "h2d",  "d2h",  "latency", "kernel",
                                     "delay",  "seed",   "lose", "fail", NULL };

static const char *const expectations[] = {
  [KIND_SIZE] = "a size such as 64MiB, at most 16TiB",
  [KIND_RATE] = "bytes a second such as 12GB/s, at least 1B/s",
  [KIND_TIME] = "a time such as 500ns, 10us or 2ms, at most 10000ms",
  [KIND_NUMBER] = "a number (lose= counts from 1)",
  [KIND_FAIL] = "one of alloc, pinned, copy, h2d, d2h, launch, load, and which, from 1: copy:3",
};

static gboolean
parse_time (const char *text, guint64 *value)
{
  static const struct
  {
    const char *unit;
    guint64 nanoseconds;
  } units[] = { { "ns", 1 }, { "us", 1000 }, { "ms", 1000000 } };
  g_autofree char *digits = NULL;
  gsize length = strspn (text, "0123456789");

  digits = g_strndup (text, length);
  for (guint i = 0; i < G_N_ELEMENTS (units); i++)
    if (strcmp (text + length, units[i].unit) == 0)
      return g_ascii_string_to_unsigned (digits, 10, 0, G_MAXUINT64 / 1000000, value, NULL)
             && g_uint64_checked_mul (value, *value, units[i].nanoseconds);
  return strcmp (text, "0") == 0 && (*value = 0, TRUE);
}

/* @which: (out): offset in the options' array of what fails */
static gboolean
parse_fail (const char *text, gsize *which, guint64 *value)
{
  for (guint i = 0; i < PINWHEEL_SIM_N_USES; i++)
    {
      gsize length = strlen (pinwheel_sim_uses[i]);

      *which = i * sizeof (guint64);
      if (strncmp (text, pinwheel_sim_uses[i], length) == 0 && text[length] == ':')
        return g_ascii_string_to_unsigned (text + length + 1, 10, 0, G_MAXUINT64, value, NULL);
    }
  return FALSE;
}

static gboolean
parse_value (Kind kind, const char *text, gsize *offset, guint64 *value)
{
  g_autofree char *size = NULL;

  switch (kind)
    {
    case KIND_SIZE:
      return pinwheel_number_parse (text, TRUE, value) == PINWHEEL_NUMBER_OK;
    case KIND_RATE:
      if (!g_str_has_suffix (text, "/s"))
        return FALSE;
      size = g_strndup (text, strlen (text) - 2);
      return pinwheel_number_parse (size, TRUE, value) == PINWHEEL_NUMBER_OK;
    case KIND_TIME:
      return parse_time (text, value);
    case KIND_NUMBER:
      return g_ascii_string_to_unsigned (text, 10, 0, G_MAXUINT64, value, NULL);
    case KIND_FAIL:
    default:
      return parse_fail (text, offset, value);
    }
}

/* @seen: (inout): a bit for each of options_table that was there before */
static gboolean
parse_option (const char *text, guint *seen, PinwheelSimOptions *options, GError **error)
{
  const char *value = strchr (text, '=');
  g_autofree char *name = value != NULL ? g_strndup (text, value - text) : g_strdup (text);
  g_autofree char *quoted = pinwheel_quote (text);
  const char *near;

  for (guint i = 0; i < G_N_ELEMENTS (options_table); i++)
    if (strcmp (name, names[i]) == 0)
      {
        Kind kind = options_table[i].kind;
        gsize place = 0;
        guint64 number;

        if (value != NULL && parse_value (kind, value + 1, &place, &number)
            && number >= options_table[i].least && number <= options_table[i].most)
          {
            guint64 *field = (guint64 *) (void *) ((guint8 *) options + options_table[i].offset
                                                   + place);

            if (kind == KIND_FAIL ? *field != 0 : (*seen & 1u << i) != 0)
              {
                g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_DEVICE,
                             "device sim: %s comes too late: one number is given for each%s, and "
                             "%" G_GUINT64_FORMAT " was before",
                             quoted, kind == KIND_FAIL ? " kind of use" : " option", *field);
                return FALSE;
              }
            *seen |= 1u << i;
            *field = number;
            return TRUE;
          }
        g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_DEVICE,
                     "device sim: %s is wrong: expected %s=, then %s", quoted, name,
                     expectations[kind]);
        return FALSE;
      }
  near = pinwheel_suggest (name, names);
  g_set_error (error, PINWHEEL_ERROR, PINWHEEL_ERROR_DEVICE,
               "device sim: there is no option %s%s%s%s; there is: memory, pinned, h2d, d2h, "
               "latency, kernel, delay, seed, lose, fail",
               quoted, near != NULL ? "; did you mean '" : "", near != NULL ? near : "",
               near != NULL ? "'" : "");
  return FALSE;
}

gboolean
pinwheel_sim_options_parse (const char *spec, PinwheelSimOptions *options, GError **error)
{
  g_autofree char *plain = NULL; /* without the #2 of the second device of this kind */
  g_auto (GStrv) parts = NULL;
  guint seen = 0;

  *options = (PinwheelSimOptions){ .memory = (guint64) 1 << 30, .pinned = G_MAXUINT64 };
  plain = g_strndup (spec, strcspn (spec, "#"));
  if (strcmp (plain, "sim") == 0)
    return TRUE;
  parts = g_strsplit (plain + strlen ("sim:"), ",", -1);
  if (parts[0] == NULL)
    return parse_option ("", &seen, options, error);
  for (guint i = 0; parts[i] != NULL; i++)
    if (!parse_option (parts[i], &seen, options, error))
      return FALSE;
  return TRUE;
}
