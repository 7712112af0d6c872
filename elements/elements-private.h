/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The types of all elements, for the plug-in and for tests that are linked with it. */
#pragma once
#include <glib-object.h>

G_BEGIN_DECLS

GType pinwheel_checksum_sink_get_type (void);
GType pinwheel_download_get_type (void);
GType pinwheel_fake_sink_get_type (void);
GType pinwheel_identity_get_type (void);
GType pinwheel_kernel_element_get_type (void);
GType pinwheel_map_get_type (void);
GType pinwheel_npy_sink_get_type (void);
GType pinwheel_npy_src_get_type (void);
GType pinwheel_queue_get_type (void);
GType pinwheel_raw_sink_get_type (void);
GType pinwheel_raw_src_get_type (void);
GType pinwheel_select_get_type (void);
GType pinwheel_stat_sink_get_type (void);
GType pinwheel_tee_get_type (void);
GType pinwheel_test_src_get_type (void);
GType pinwheel_upload_get_type (void);
GType pinwheel_zip_get_type (void);

G_END_DECLS
