/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <gmodule.h>
#include <pinwheel/app-sink.h>
#include <pinwheel/app-src.h>
#include <pinwheel/registry.h>

#include "elements-private.h"

static const PinwheelPluginElement elements[] = {
  /* these two are in the library, where applications call them */
  { "appsink", pinwheel_app_sink_get_type },
  { "appsrc", pinwheel_app_src_get_type },
  { "checksumsink", pinwheel_checksum_sink_get_type },
  { "download", pinwheel_download_get_type },
  { "fakesink", pinwheel_fake_sink_get_type },
  { "identity", pinwheel_identity_get_type },
  { "kernel", pinwheel_kernel_element_get_type },
  { "map", pinwheel_map_get_type },
  { "npysink", pinwheel_npy_sink_get_type },
  { "npysrc", pinwheel_npy_src_get_type },
  { "queue", pinwheel_queue_get_type },
  { "rawsink", pinwheel_raw_sink_get_type },
  { "rawsrc", pinwheel_raw_src_get_type },
  { "select", pinwheel_select_get_type },
  { "statsink", pinwheel_stat_sink_get_type },
  { "tee", pinwheel_tee_get_type },
  { "testsrc", pinwheel_test_src_get_type },
  { "upload", pinwheel_upload_get_type },
  { "zip", pinwheel_zip_get_type },
  { .name = NULL },
};

G_MODULE_EXPORT const PinwheelPlugin pinwheel_plugin = { PINWHEEL_PLUGIN_ABI, "elements",
                                                         elements };
