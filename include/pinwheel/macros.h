/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
#include <glib-object.h>

#if defined(__GNUC__)
#define PINWHEEL_API __attribute__ ((visibility ("default"))) extern
#else
#define PINWHEEL_API extern
#endif
