/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What lowered kernels are written with: loops over lanes, and where lanes keep things. It comes
 * behind host-shim.h, and is embedded into the library likewise. */

/* clang-format off */
#define PINWHEEL_MEMBER inline __attribute__ ((always_inline))

/* The lanes of a loop do not wait for each other; what they keep is in memory
 * between two loops, or compilers take several loops for one that is too hard. Fewer lanes than a
 * vector has become a part of one, unless they are unrolled before. */
#ifdef __clang__
#define PINWHEEL_LANES _Pragma ("clang loop vectorize(assume_safety)")
#define PINWHEEL_SHORT_LANES _Pragma ("clang loop vectorize(assume_safety) unroll(disable)")
#define PINWHEEL_PRAGMA(text) _Pragma (#text)
#define PINWHEEL_UNROLL(n) PINWHEEL_PRAGMA (clang loop unroll(full))
#else
#define PINWHEEL_LANES _Pragma ("GCC ivdep")
#define PINWHEEL_SHORT_LANES _Pragma ("GCC ivdep") _Pragma ("GCC unroll 1")
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

/* How many of the @lanes whole numbers from @first on, which is not negative, are below @limit. What
 * is compared is compared as the kernel does it. */
template <class A, class B> PINWHEEL_INLINE int
pinwheel_below (A first, B limit, int lanes)
{
  int n = 0;

  if ((decltype (first + limit)) 0.5 != 0)
    while (n < lanes && (A) (first + n) < limit)
      n++;
  else if (first < limit)
    n = limit - first < (decltype (limit - first)) lanes ? (int) (limit - first) : lanes;
  return n;
}
/* Which of @n lanes answered yes, where they are few */
template <int n> struct pinwheel_few
{
  alignas (64) unsigned char asks[(n + 63) / 64 * 64];

  /* Of eight lanes: the lowest bit of each byte is the next lane's */
  PINWHEEL_MEMBER unsigned long long eight (int from) const
  {
    unsigned long long word;

    __builtin_memcpy (&word, asks + from, sizeof word);
    return __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? __builtin_bswap64 (word) : word;
  }
};
/* What the threads of a block publish for each other, by their number in it; with a warp on either
 * side that is not here, so that every lane may read first and decide then. @everybody: no thread
 * is parked, which compilers know as well: then nobody is asked whether he is here. */
template <int n> struct pinwheel_slots
{
  alignas (64) char values[8 * (n + 64)];        /* of one type at a time */
  int is_here[n + 64];
  unsigned here_bits[(n + 31) / 32], true_bits[(n + 31) / 32]; /* of each warp */
  int n_here, n_true;

  template <class T> PINWHEEL_MEMBER const T &value (int place) const
  {
    return ((const T *) values)[32 + place];
  }
  PINWHEEL_MEMBER bool here (int place, bool everybody) const
  {
    return everybody ? n % 32 == 0 || (unsigned) place < n : is_here[32 + place] != 0;
  }
  /* Of @lanes threads from @from on, as what follows */
  PINWHEEL_MEMBER void clear (int from, int lanes)
  {
    __builtin_memset (is_here + 32 + from, 0, lanes * sizeof *is_here);
  }
  template <class T> PINWHEEL_MEMBER void put (int place, bool everybody, T what)
  {
    ((T *) values)[32 + place] = what;
    if (!everybody)
      is_here[32 + place] = 1;
  }
  /* For votes, which are of whole numbers */
  PINWHEEL_MEMBER void count (int from, int lanes, bool everybody)
  {
    n_here = n_true = 0;
    for (int first = from; first < from + lanes; first += 32)
      {
        unsigned here_now = 0, true_now = 0;

        for (int i = first; i < n && i < first + 32; i++)
          {
            const unsigned is_in = here (i, everybody), is_true = is_in & (value<int> (i) != 0);

            here_now |= is_in << (i - first), true_now |= is_true << (i - first);
          }
        here_bits[first / 32] = here_now, true_bits[first / 32] = true_now;
        n_here += __builtin_popcount (here_now), n_true += __builtin_popcount (true_now);
      }
  }
};
/* @from: the lane that is read; @at: its number in the block, in words that tell the compiler where
 * neighbours read neighbours */
#define PINWHEEL_LANE_SHUFFLE(name, S, reads, from, read)                                          \
  template <class T, int n> PINWHEEL_INLINE T                                                      \
  pinwheel_##name (const pinwheel_slots<n> &slots, int place, bool everybody, unsigned mask,       \
                   T own, S what, int wide = 32)                                                   \
  {                                                                                                \
    const unsigned lane = (unsigned) place % 32, width = (unsigned) wide;                          \
    const unsigned first = lane & ~(width - 1), by = (unsigned) what % 32;                         \
    bool is_there;                                                                                 \
    T other;                                                                                       \
                                                                                                   \
    read;                                                                                          \
    const bool is_asked = mask == 0xffffffffu || (mask >> ((from) % 32) & 1);                      \
                                                                                                   \
    return ((reads) & is_asked & is_there) ? other : own;                                          \
  }
#define PINWHEEL_READ_LANE(at)                                                                     \
  other = slots.template value<T> (at), is_there = slots.here (at, everybody)
PINWHEEL_LANE_SHUFFLE (__shfl_sync, int, 1, first + (by & (width - 1)),
                       PINWHEEL_READ_LANE (place - (int) lane
                                           + (int) ((first + (by & (width - 1))) % 32)))
PINWHEEL_LANE_SHUFFLE (__shfl_up_sync, unsigned, lane >= first + by, lane - by,
                       PINWHEEL_READ_LANE (place - (int) by))
PINWHEEL_LANE_SHUFFLE (__shfl_down_sync, unsigned, lane + by < first + width, lane + by,
                       PINWHEEL_READ_LANE (place + (int) by))
/* where one bit is turned, the neighbour above or the one below */
PINWHEEL_LANE_SHUFFLE (__shfl_xor_sync, int, (lane ^ by) < first + width, lane ^ by,
                       if (__builtin_constant_p (by) && (by & (by - 1)) == 0)
                         {
                           const bool is_up = (lane & by) == 0;
                           const int above = place + (int) by;
                           const int below = place - (int) by;
                           const T up = slots.template value<T> (above);
                           const T down = slots.template value<T> (below);

                           other = is_up ? up : down;
                           is_there = is_up ? slots.here (above, everybody)
                                            : slots.here (below, everybody);
                         }
                       else
                         PINWHEEL_READ_LANE (place - (int) lane + (int) (lane ^ by)))
/* Shuffles over a distance that is known, of warps whose threads are all here: what lanes keep is
 * moved within registers. */
#ifdef __AVX512F__
#define PINWHEEL_VECTOR 64
#elif defined __AVX__
#define PINWHEEL_VECTOR 32
#else
#define PINWHEEL_VECTOR 16
#endif
template <int... i> struct pinwheel_indices {};
#ifdef __clang__
template <class T, T... i> struct pinwheel_sequence { typedef pinwheel_indices<i...> type; };
template <int n> using pinwheel_up_to = typename __make_integer_seq<pinwheel_sequence, int, n>::type;
#define PINWHEEL_SHUFFLE(a, b, ...) __builtin_shufflevector (a, b, __VA_ARGS__)
#else
template <int n> using pinwheel_up_to = pinwheel_indices<__integer_pack (n)...>;
#define PINWHEEL_SHUFFLE(a, b, ...) __builtin_shuffle (a, b, (Index) { __VA_ARGS__ })
#endif
template <class T> struct pinwheel_warp
{
  template <class Read> static PINWHEEL_MEMBER void take (const T *values, T *taken)
  {
    for (int lane = 0; lane < 32; lane++)
      taken[lane] = values[Read::from (lane)];
  }
};
/* The values of a warp are so many vectors, and each that comes out is made of two that go in. */
template <class T, class Whole> struct pinwheel_vectors
{
  enum { width = PINWHEEL_VECTOR / sizeof (T), n = 32 / width };
  typedef T Vector __attribute__ ((vector_size (PINWHEEL_VECTOR)));
  typedef Whole Index __attribute__ ((vector_size (PINWHEEL_VECTOR)));

  template <class Read, int at, int... i>
  static PINWHEEL_MEMBER Vector make (const Vector *in, pinwheel_indices<i...>)
  {
    constexpr int first = at * width, low = Read::from (first) / width;
    constexpr int high = Read::from (first + width - 1) / width;

    return PINWHEEL_SHUFFLE (in[low], in[high],
                             ((Read::from (first + i) / width == low ? 0 : width)
                              + Read::from (first + i) % width)...);
  }
  template <class Read, int... at>
  static PINWHEEL_MEMBER void make_all (const Vector *in, Vector *out, pinwheel_indices<at...>)
  {
    ((out[at] = make<Read, at> (in, pinwheel_up_to<width> ())), ...);
  }
  template <class Read> static PINWHEEL_MEMBER void take (const T *values, T *taken)
  {
    make_all<Read> ((const Vector *) values, (Vector *) taken, pinwheel_up_to<n> ());
  }
};
#define PINWHEEL_WARP(T, Whole) \
  template <> struct pinwheel_warp<T> : pinwheel_vectors<T, Whole> {};
PINWHEEL_WARP (int, int) PINWHEEL_WARP (unsigned int, int) PINWHEEL_WARP (float, int)
PINWHEEL_WARP (long, long) PINWHEEL_WARP (unsigned long, long) PINWHEEL_WARP (long long, long)
PINWHEEL_WARP (unsigned long long, long) PINWHEEL_WARP (double, long)
/* Where each lane of a warp reads */
template <int by> struct pinwheel_down
{
  static constexpr int from (int lane) { return lane + by < 32 ? lane + by : lane; }
};
template <int by> struct pinwheel_up
{
  static constexpr int from (int lane) { return lane >= by ? lane - by : lane; }
};
template <int by> struct pinwheel_xor
{
  static constexpr int from (int lane) { return lane ^ by; }
};
template <int by> struct pinwheel_one
{
  static constexpr int from (int) { return by; }
};
/* @from: the place of the first of @lanes threads; @kept: of all */
template <class Read, int n, class T, size_t m> PINWHEEL_INLINE void
pinwheel_take (pinwheel_slots<n> &slots, const T (&kept)[m], int from, int lanes)
{
  for (int warp = 0; warp < lanes; warp += 32)
    pinwheel_warp<T>::template take<Read> (kept + from + warp, (T *) slots.values + 32 + from + warp);
}
template <class T, int n> PINWHEEL_INLINE T
pinwheel_taken (const pinwheel_slots<n> &slots, int place, T)
{
  return slots.template value<T> (place);
}
#define PINWHEEL_LANE_VOTE(T, name, result)                                                        \
  template <int n> PINWHEEL_INLINE T                                                               \
  pinwheel_##name (const pinwheel_slots<n> &slots, int place, bool, unsigned mask, int)            \
  {                                                                                                \
    const unsigned found = slots.true_bits[place / 32] & mask;                                     \
    const unsigned asked = slots.here_bits[place / 32] & mask;                                     \
                                                                                                   \
    return result;                                                                                 \
  }
PINWHEEL_LANE_VOTE (unsigned, __ballot_sync, found)
PINWHEEL_LANE_VOTE (int, __any_sync, found != 0)
PINWHEEL_LANE_VOTE (int, __all_sync, found == asked)
#define PINWHEEL_BLOCK_VOTE(name, result)                                                          \
  template <int n> PINWHEEL_INLINE int                                                             \
  pinwheel_##name (const pinwheel_slots<n> &slots, int, bool, int)                                 \
  {                                                                                                \
    return result;                                                                                 \
  }
PINWHEEL_BLOCK_VOTE (__syncthreads_count, slots.n_true)
PINWHEEL_BLOCK_VOTE (__syncthreads_or, slots.n_true != 0)
PINWHEEL_BLOCK_VOTE (__syncthreads_and, slots.n_true == slots.n_here)
