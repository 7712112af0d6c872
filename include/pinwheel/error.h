/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
#include <pinwheel/macros.h>

G_BEGIN_DECLS

/**
 * PinwheelError:
 * @PINWHEEL_ERROR_FAILED: anything without a code of its own
 * @PINWHEEL_ERROR_STOPPED: a wait was ended because the run is being stopped; never shown to a user
 * @PINWHEEL_ERROR_PARSE: a pipeline description, format or expression is wrong
 * @PINWHEEL_ERROR_PROPERTY: no such property, or a value that it does not take
 * @PINWHEEL_ERROR_LINK: pads that cannot be linked, are not linked, or form a cycle
 * @PINWHEEL_ERROR_FORMAT: arrays that an element cannot take
 * @PINWHEEL_ERROR_MEMORY: the plan does not fit, or memory ran out
 * @PINWHEEL_ERROR_KERNEL: a kernel's source, signature or arguments are wrong
 * @PINWHEEL_ERROR_DEVICE: the device failed, or there is no such device
 * @PINWHEEL_ERROR_DATA: a file's content is not what it says it is
 * @PINWHEEL_ERROR_RESOURCE: a file or another thing of the system cannot be read or written
 *
 * Codes of %PINWHEEL_ERROR. The message is always whole: what, where, what was expected, what to
 * do.
 */
typedef enum
{
  PINWHEEL_ERROR_FAILED,
  PINWHEEL_ERROR_STOPPED,
  PINWHEEL_ERROR_PARSE,
  PINWHEEL_ERROR_PROPERTY,
  PINWHEEL_ERROR_LINK,
  PINWHEEL_ERROR_FORMAT,
  PINWHEEL_ERROR_MEMORY,
  PINWHEEL_ERROR_KERNEL,
  PINWHEEL_ERROR_DEVICE,
  PINWHEEL_ERROR_DATA,
  PINWHEEL_ERROR_RESOURCE
} PinwheelError;

#define PINWHEEL_ERROR (pinwheel_error_quark ())

/**
 * pinwheel_error_quark:
 *
 * Returns: the domain of #PinwheelError
 */
PINWHEEL_API
GQuark pinwheel_error_quark (void);

G_END_DECLS
