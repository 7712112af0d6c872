/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Products of bytes and halves, summed up. It comes behind host-shim.h where a source names one of
 * these functions (host-math.c). */
/* clang-format off */
#define PINWHEEL_DOT(R, Byte, Half, bytes, halves)                                                 \
  PINWHEEL_OFFER R __dp4a (R a, R b, R c)                                                          \
  {                                                                                                \
    for (int i = 0; i < 32; i += 8)                                                                \
      c += (Byte) (a >> i) * (Byte) (b >> i);                                                      \
    return c;                                                                                      \
  }                                                                                                \
  PINWHEEL_OFFER R __dp2a_lo (R a, R b, R c)                                                       \
  {                                                                                                \
    return c + (Half) a * (Byte) b + (Half) (a >> 16) * (Byte) (b >> 8);                           \
  }                                                                                                \
  PINWHEEL_OFFER R __dp2a_hi (R a, R b, R c) { return __dp2a_lo (a, b >> 16, c); }                 \
  PINWHEEL_OFFER R __dp4a (bytes a, bytes b, R c)                                                  \
  {                                                                                                \
    return c + a.x * b.x + a.y * b.y + a.z * b.z + a.w * b.w;                                      \
  }                                                                                                \
  PINWHEEL_OFFER R __dp2a_lo (halves a, bytes b, R c) { return c + a.x * b.x + a.y * b.y; }        \
  PINWHEEL_OFFER R __dp2a_hi (halves a, bytes b, R c) { return c + a.x * b.z + a.y * b.w; }
PINWHEEL_DOT (int, signed char, short, char4, short2)
PINWHEEL_DOT (unsigned, unsigned char, unsigned short, uchar4, ushort2)
