/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* CUDA C: tokens, signature, lowering, and the source for the compiler. The first byte chooses the
 * block. */
#include "config.h"

#include "compute/host-compiler-private.h"
#include "fuzz/fuzz.h"

static const guint blocks[][3] = { { 256, 1, 1 }, { 33, 1, 1 }, { 16, 4, 2 }, { 1, 1, 1 } };

static void
lower (const char *text, const char *entry, const guint block[3])
{
  g_autoptr (PinwheelSignature) signature = pinwheel_signature_new ("k.cu", text, entry, NULL);
  g_autofree char *summary = NULL;
  g_autofree char *body = NULL;
  g_autofree char *source = NULL;

  if (signature == NULL)
    return;
  body = pinwheel_lower (signature, block, &summary);
  source = pinwheel_host_source (signature, block, body);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *text = size > 0 ? fuzz_text (data + 1, size - 1) : NULL;
  g_autoptr (PinwheelTokens) tokens = NULL;
  g_autoptr (GHashTable) typedefs = NULL;
  g_autoptr (GArray) kernels = NULL;

  if (text == NULL)
    return 0;
  tokens = pinwheel_tokens_new ("k.cu", text);
  typedefs = pinwheel_typedefs_new ();
  kernels = pinwheel_kernels_find (tokens, typedefs);
  for (guint i = 0; i < MIN (kernels->len, 4); i++)
    lower (text, g_array_index (kernels, PinwheelKernelText, i).name,
           blocks[data[0] % G_N_ELEMENTS (blocks)]);
  return 0;
}
