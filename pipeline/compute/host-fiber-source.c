/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "compute/host-compiler-private.h"
#include "compute/host-fiber-shim-text.h"

/* Layouts and types are those of device/host-launch-private.h, as the shim has them. */
static void
append_entry (GString *text, const PinwheelSignature *signature)
{
  g_string_append (text, "static void\n"
                         "pinwheel_thread (const PinwheelHostLaunch *launch, void **arguments,\n"
                         "                 const unsigned block[3], const unsigned thread[3])\n"
                         "{\n"
                         "  const dim3 grid (launch->grid[0], launch->grid[1], launch->grid[2]);\n"
                         "  ::threadIdx = { thread[0], thread[1], thread[2] };\n"
                         "  ::blockIdx = { block[0], block[1], block[2] };\n");
  pinwheel_append_arguments (text, signature);
  g_string_append_printf (text, "  %s (::threadIdx, ::blockIdx, grid", signature->qualified);
  pinwheel_append_parameters (text, signature, FALSE);
  g_string_append_printf (text,
                          ");\n}\n"
                          "extern \"C\" __attribute__ ((visibility (\"default\"), "
                          "externally_visible)) void\n"
                          "pinwheel_run (const PinwheelHostLaunch *launch, void **arguments,\n"
                          "              unsigned long long first, unsigned long long end)\n"
                          "{\n"
                          "  ::gridDim = { launch->grid[0], launch->grid[1], launch->grid[2] };\n"
                          "  pinwheel_runtime = launch->runtime;\n"
                          "  pinwheel_runtime->run_fibers (launch, \"%s\", pinwheel_thread, "
                          "arguments, first, end);\n"
                          "}\n",
                          signature->name);
}

char *
pinwheel_host_fiber_source (const PinwheelSignature *signature, const guint block[3])
{
  GString *text = g_string_new ("#define PINWHEEL_FIBERS 1\n");

  pinwheel_append_program (text, signature, block, host_fiber_shim_text, NULL);
  append_entry (text, signature);
  return g_string_free (text, FALSE);
}
