/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What lowered kernels are written with: loops over lanes, and where lanes keep things. It comes
 * behind host-shim.h, and is embedded into the library likewise. */

/* clang-format off */
#define PINWHEEL_MEMBER inline __attribute__ ((always_inline))

/* The lanes of a loop do not wait for each other; what they keep is in memory
 * between two loops, or compilers take several loops for one that is too hard. */
#ifdef __clang__
#define PINWHEEL_LANES _Pragma ("clang loop vectorize(assume_safety)")
#define PINWHEEL_PRAGMA(text) _Pragma (#text)
#define PINWHEEL_UNROLL(n) PINWHEEL_PRAGMA (clang loop unroll(full))
#else
#define PINWHEEL_LANES _Pragma ("GCC ivdep")
#define PINWHEEL_PRAGMA(text) _Pragma (#text)
#define PINWHEEL_UNROLL(n) PINWHEEL_PRAGMA (GCC unroll n)
#endif
#define PINWHEEL_FENCE() __asm__ volatile ("" : : : "memory");
/* Room for what lanes keep: on the stack where it is small, else each thread's own */
template <class T, bool is_small = sizeof (T) <= 65536> struct pinwheel_room
{
  T kept;
  PINWHEEL_MEMBER T *get () { return &kept; }
};
template <class T> struct pinwheel_room<T, false>
{
  PINWHEEL_OWN_PLACE (place, 64, sizeof (T))
  PINWHEEL_MEMBER T *get () { return (T *) __builtin_assume_aligned (place (), 64); }
};
/* Elements of a lane's array, out of its places and into them */
#define PINWHEEL_MOVE(name, A, K, statement)                                                       \
  template <class T, class P, size_t lanes> PINWHEEL_INLINE void                                   \
  name##_one (A T &element, K P (&kept)[lanes], int lane)                                          \
  {                                                                                                \
    statement;                                                                                     \
  }                                                                                                \
  template <class T, size_t n, class P, size_t m> PINWHEEL_INLINE void                             \
  name (A T (&array)[n], K P (&kept)[m], int lane);                                                \
  template <class T, size_t n, class P, size_t m> PINWHEEL_INLINE void                             \
  name##_one (A T (&array)[n], K P (&kept)[m], int lane)                                           \
  {                                                                                                \
    name (array, kept, lane);                                                                      \
  }                                                                                                \
  template <class T, size_t n, class P, size_t m> PINWHEEL_INLINE void                             \
  name (A T (&array)[n], K P (&kept)[m], int lane)                                                 \
  {                                                                                                \
    PINWHEEL_UNROLL (64)                                                                           \
    for (size_t i = 0; i < n; i++)                                                                 \
      name##_one (array[i], kept[i], lane);                                                        \
  }
PINWHEEL_MOVE (pinwheel_bring, , const, element = kept[lane])
PINWHEEL_MOVE (pinwheel_put_back, const, , kept[lane] = element)

/* What the threads of a block publish for each other, by their number in it; with a warp on either
 * side that is not here, so that every lane may read first and decide then */
template <int n> struct pinwheel_slots
{
  unsigned long long values[n + 64];
  unsigned char is_here[n + 64];
  int n_here, n_true;

  PINWHEEL_MEMBER unsigned long long value (int place) const { return values[32 + place]; }
  PINWHEEL_MEMBER bool here (int place) const { return is_here[32 + place]; }
  PINWHEEL_MEMBER void clear () { __builtin_memset (is_here, 0, sizeof is_here); }
  template <class T> PINWHEEL_MEMBER void put (int place, T what)
  {
    unsigned long long bits = 0;
    __builtin_memcpy (&bits, &what, sizeof what);
    values[32 + place] = bits;
    is_here[32 + place] = 1;
  }
  PINWHEEL_MEMBER void sum ()
  {
    n_here = n_true = 0;
    for (int i = 0; i < n; i++)
      n_here += here (i), n_true += here (i) && value (i) != 0;
  }
  PINWHEEL_MEMBER bool takes_part (int place, unsigned mask, unsigned lane) const
  {
    const int from = (place & ~31) + (int) lane;

    return lane < 32 && (mask >> lane & 1) && from < n && here (from);
  }
  PINWHEEL_MEMBER unsigned lanes (int place, unsigned mask, bool all) const
  {
    unsigned found = 0;

    for (unsigned i = 0; i < 32; i++)
      if (takes_part (place, mask, i) && (all || value ((place & ~31) + (int) i) != 0))
        found |= 1u << i;
    return found;
  }
};
/* @from: the lane that is read; @at: its number in the block, in words that tell the compiler where
 * neighbours read neighbours */
#define PINWHEEL_LANE_SHUFFLE(name, S, reads, from, at)                                            \
  template <class T, int n> PINWHEEL_INLINE T                                                      \
  pinwheel_##name (const pinwheel_slots<n> &slots, int place, unsigned mask, T own, S what,        \
                   int wide = 32)                                                                  \
  {                                                                                                \
    const unsigned lane = (unsigned) place % 32, width = (unsigned) wide;                          \
    const unsigned first = lane & ~(width - 1), by = (unsigned) what % 32;                         \
    const bool is_there = slots.here (at);                                                         \
    const unsigned long long bits = slots.value (at);                                              \
    T other;                                                                                       \
                                                                                                   \
    __builtin_memcpy (&other, &bits, sizeof other);                                                \
    return ((reads) & (mask >> ((from) % 32)) & is_there) ? other : own;                           \
  }
PINWHEEL_LANE_SHUFFLE (__shfl_sync, int, 1, first + (by & (width - 1)),
                       place - (int) lane + (int) ((first + (by & (width - 1))) % 32))
PINWHEEL_LANE_SHUFFLE (__shfl_up_sync, unsigned, lane >= first + by, lane - by, place - (int) by)
PINWHEEL_LANE_SHUFFLE (__shfl_down_sync, unsigned, lane + by < first + width, lane + by,
                       place + (int) by)
PINWHEEL_LANE_SHUFFLE (__shfl_xor_sync, int, (lane ^ by) < first + width, lane ^ by,
                       place - (int) lane + (int) (lane ^ by))
#define PINWHEEL_LANE_VOTE(T, name, result)                                                        \
  template <int n> PINWHEEL_INLINE T                                                               \
  pinwheel_##name (const pinwheel_slots<n> &slots, int place, unsigned mask, int)                  \
  {                                                                                                \
    return result;                                                                                 \
  }
PINWHEEL_LANE_VOTE (unsigned, __ballot_sync, slots.lanes (place, mask, false))
PINWHEEL_LANE_VOTE (int, __any_sync, slots.lanes (place, mask, false) != 0)
PINWHEEL_LANE_VOTE (int, __all_sync,
                    slots.lanes (place, mask, false) == slots.lanes (place, mask, true))
#define PINWHEEL_BLOCK_VOTE(name, result)                                                          \
  template <int n> PINWHEEL_INLINE int                                                             \
  pinwheel_##name (const pinwheel_slots<n> &slots, int, int)                                       \
  {                                                                                                \
    return result;                                                                                 \
  }
PINWHEEL_BLOCK_VOTE (__syncthreads_count, slots.n_true)
PINWHEEL_BLOCK_VOTE (__syncthreads_or, slots.n_true != 0)
PINWHEEL_BLOCK_VOTE (__syncthreads_and, slots.n_true == slots.n_here)
