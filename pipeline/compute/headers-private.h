/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
#include <glib.h>

/* Adds every file that @source may include to @sum: over-estimates, and knows nothing of the
 * headers of the toolkit, which belong to the library.
 * @headers: (out) (optional) (transfer full): their paths, as a set
 * Returns: FALSE where more may matter than that: an #include that is not told by its own line, or
 *   the time */
gboolean pinwheel_headers_digest (GChecksum *sum, const char *source, const char *include_dir,
                                  GHashTable **headers);
