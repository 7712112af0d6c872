/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One operation for each of the bytes or halves of a word. It comes behind host-shim.h where a
 * source names one of these functions (host-math.c). */
/* clang-format off */
PINWHEEL_INLINE int pinwheel_cut (int x, int least, int most)
{
  return x < least ? least : x > most ? most : x;
}
/* @result: of x, y and z, the same part of a, b and c; @least and @most are its limits. */
#define PINWHEEL_PARTS(name, S, parameters, b, c, T, result)                                       \
  PINWHEEL_OFFER unsigned name parameters                                                          \
  {                                                                                                \
    constexpr int width = 8 * sizeof (T), most = (T) -1 < 0 ? (1 << (width - 1)) - 1 : (T) -1;     \
    constexpr int least = (T) -1 < 0 ? -most - 1 : 0;                                              \
    unsigned all = 0;                                                                              \
    for (int i = 0; i < 32; i += width)                                                            \
      {                                                                                            \
        const int x = (T) (a >> i), y = (T) (b >> i), z = (T) (c >> i);                            \
        const unsigned one = (unsigned) (result);                                                  \
        (void) y, (void) z, (void) least;                                                          \
        all PINWHEEL_GATHER_##S;                                                                   \
      }                                                                                            \
    return all;                                                                                    \
  }
#define PINWHEEL_GATHER_each |= (one & (0xffffffffu >> (32 - width))) << i
#define PINWHEEL_GATHER_sum  += one
#define PINWHEEL_OF_ONE(name, T, S, result)                                                        \
  PINWHEEL_PARTS (name, S, (unsigned a), a, a, T, result)
#define PINWHEEL_OF_TWO(name, T, S, result)                                                        \
  PINWHEEL_PARTS (name, S, (unsigned a, unsigned b), b, a, T, result)
#define PINWHEEL_OF_THREE(name, T, result)                                                         \
  PINWHEEL_PARTS (name, each, (unsigned a, unsigned b, unsigned c), b, c, T, result)
#define PINWHEEL_COMPARE(name, k, n, T, op)                                                        \
  PINWHEEL_OF_TWO (__vcmp##name##k##n, T, each, -(x op y))                                         \
  PINWHEEL_OF_TWO (__vset##name##k##n, T, each, x op y)
#define PINWHEEL_ORDER(k, n, T)                                                                    \
  PINWHEEL_COMPARE (ge, k, n, T, >=)                                                               \
  PINWHEEL_COMPARE (gt, k, n, T, >)                                                                \
  PINWHEEL_COMPARE (le, k, n, T, <=)                                                               \
  PINWHEEL_COMPARE (lt, k, n, T, <)                                                                \
  PINWHEEL_OF_TWO (__vmax##k##n, T, each, x > y ? x : y)                                           \
  PINWHEEL_OF_TWO (__vmin##k##n, T, each, x < y ? x : y)                                           \
  PINWHEEL_OF_TWO (__vabsdiff##k##n, T, each, x > y ? x - y : y - x)                               \
  PINWHEEL_OF_TWO (__vsad##k##n, T, sum, x > y ? x - y : y - x)                                    \
  PINWHEEL_OF_TWO (__vavg##k##n, T, each, (x + y + (x + y >= 0)) >> 1)                             \
  PINWHEEL_OF_TWO (__vadd##k##s##n, T, each, pinwheel_cut (x + y, least, most))                    \
  PINWHEEL_OF_TWO (__vsub##k##s##n, T, each, pinwheel_cut (x - y, least, most))
#define PINWHEEL_WORDS(n, T, U)                                                                    \
  PINWHEEL_OF_ONE (__vabs##n, T, each, x < 0 ? -x : x)                                             \
  PINWHEEL_OF_ONE (__vabsss##n, T, each, pinwheel_cut (x < 0 ? -x : x, least, most))               \
  PINWHEEL_OF_ONE (__vneg##n, T, each, -x)                                                         \
  PINWHEEL_OF_ONE (__vnegss##n, T, each, pinwheel_cut (-x, least, most))                           \
  PINWHEEL_OF_TWO (__vadd##n, T, each, x + y)                                                      \
  PINWHEEL_OF_TWO (__vsub##n, T, each, x - y)                                                      \
  PINWHEEL_OF_TWO (__vhaddu##n, U, each, (x + y) >> 1)                                             \
  PINWHEEL_COMPARE (eq, , n, T, ==)                                                                \
  PINWHEEL_COMPARE (ne, , n, T, !=)                                                                \
  PINWHEEL_ORDER (s, n, T)                                                                         \
  PINWHEEL_ORDER (u, n, U)
PINWHEEL_WORDS (2, short, unsigned short)
PINWHEEL_WORDS (4, signed char, unsigned char)

/* What dynamic programming asks for, of words and of halves */
#define PINWHEEL_MOST(name, op, s, T, H)                                                           \
  PINWHEEL_OFFER T __vi##name##3_##s##32 (T a, T b, T c)                                           \
  {                                                                                                \
    return name (name (a, b), c);                                                                  \
  }                                                                                                \
  PINWHEEL_OFFER T __viadd##name##_##s##32 (T a, T b, T c) { return name ((T) (a + b), c); }       \
  PINWHEEL_OFFER T __vib##name##_##s##32 (T a, T b, bool *is_first)                                \
  {                                                                                                \
    *is_first = a op b;                                                                            \
    return name (a, b);                                                                            \
  }                                                                                                \
  PINWHEEL_OF_THREE (__vi##name##3_##s##16x2, H, name (name (x, y), z))                            \
  PINWHEEL_OF_THREE (__viadd##name##_##s##16x2, H, name ((int) (H) (x + y), z))                    \
  PINWHEEL_OFFER unsigned __vib##name##_##s##16x2 (unsigned a, unsigned b, bool *high, bool *low)  \
  {                                                                                                \
    *high = (H) (a >> 16) op (H) (b >> 16), *low = (H) a op (H) b;                                 \
    return __v##name##s##2 (a, b);                                                                 \
  }
#define PINWHEEL_MOST_ABOVE_0(name)                                                                \
  PINWHEEL_OFFER int __vi##name##_s32_relu (int a, int b) { return max (name (a, b), 0); }         \
  PINWHEEL_OFFER int __vi##name##3_s32_relu (int a, int b, int c)                                  \
  {                                                                                                \
    return max (__vi##name##3_s32 (a, b, c), 0);                                                   \
  }                                                                                                \
  PINWHEEL_OFFER int __viadd##name##_s32_relu (int a, int b, int c)                                \
  {                                                                                                \
    return max (__viadd##name##_s32 (a, b, c), 0);                                                 \
  }                                                                                                \
  PINWHEEL_OF_TWO (__vi##name##_s16x2_relu, short, each, max (name (x, y), 0))                     \
  PINWHEEL_OF_THREE (__vi##name##3_s16x2_relu, short, max (name (name (x, y), z), 0))              \
  PINWHEEL_OF_THREE (__viadd##name##_s16x2_relu, short, max (name ((int) (short) (x + y), z), 0))
PINWHEEL_MOST (max, >=, s, int, short)
PINWHEEL_MOST (max, >=, u, unsigned, unsigned short)
PINWHEEL_MOST (min, <=, s, int, short)
PINWHEEL_MOST (min, <=, u, unsigned, unsigned short)
PINWHEEL_MOST_ABOVE_0 (max)
PINWHEEL_MOST_ABOVE_0 (min)

/* The place of the n-th bit that is set, from @base up or, where @n is negative, down */
PINWHEEL_OFFER unsigned __fns (unsigned mask, unsigned base, int n)
{
  const int step = n < 0 ? -1 : 1;
  unsigned place = base;

  for (int left = n < 0 ? -n : n; place < 32; place += step)
    {
      left -= n == 0 || (mask >> place & 1);
      if (left <= 0)
        return n != 0 || (mask >> place & 1) ? place : ~0u;
    }
  return ~0u;
}
