/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Debug lines on stderr, chosen by PINWHEEL_DEBUG in GST_DEBUG's syntax: `4`, `link:5,pool:6,*:2`.
 *
 * A category is a short lower-case word, the name of the room or class that speaks. Off costs one
 * load and one compare. */
#pragma once
#include <glib.h>

typedef enum
{
  PINWHEEL_LOG_ERROR = 1,
  PINWHEEL_LOG_WARNING = 2,
  PINWHEEL_LOG_INFO = 4,
  PINWHEEL_LOG_DEBUG = 5,
  PINWHEEL_LOG_LOG = 6,
  PINWHEEL_LOG_TRACE = 7
} PinwheelLogLevel;

/* The most talkative level that any category wants; 0 before the environment was read and nothing
 * was asked for. Written once. */
extern int pinwheel_log_threshold;

void pinwheel_log_init (void);
void pinwheel_log_line (const char *category, PinwheelLogLevel level, const char *who,
                        const char *format, ...) G_GNUC_PRINTF (4, 5);

/* Whether a line of this level may come out: what is told in it need not be found out else */
#define pinwheel_log_is_on(level)                                                                  \
  G_UNLIKELY ((int) (level) <= g_atomic_int_get (&pinwheel_log_threshold))

/* who: name of the object, or NULL */
#define pinwheel_log(category, level, who, ...)                                                    \
  do                                                                                               \
    {                                                                                              \
      if (pinwheel_log_is_on (level))                                                              \
        pinwheel_log_line (category, level, who, __VA_ARGS__);                                     \
    }                                                                                              \
  while (0)
