/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What threads that are fibers may do more: wait for each other. It comes behind host-shim.h, in
 * sources made by host-fiber-source.c, and is embedded in the same way.
 *
 * Whenever a fiber has waited, others have set threadIdx in between: it is put back. */

/* clang-format off */
struct PinwheelHostLaunch;
typedef void (*PinwheelHostThread) (const PinwheelHostLaunch *launch, void **arguments,
                                    const unsigned block[3], const unsigned thread[3]);
struct PinwheelHostRuntime
{
  void (*run_fibers) (const PinwheelHostLaunch *launch, const char *kernel, PinwheelHostThread run,
                      void **arguments, unsigned long long first, unsigned long long end);
  unsigned long long (*wait_block) (int predicate, const char *file, int line);
  unsigned long long (*wait_warp) (int operation, unsigned mask, unsigned long long value,
                                   unsigned source, const char *file, int line);
  unsigned (*gather_warp) (const char *file, int line);
  void (*yield) ();
};
struct PinwheelHostLaunch
{
  unsigned grid[3], block[3];
  unsigned long long shared_bytes;
  const PinwheelHostRuntime *runtime;
  void *trouble;
};
static thread_local const PinwheelHostRuntime *pinwheel_runtime;

/* The caller's place, as default arguments have it */
#define PINWHEEL_HERE const char *file = __builtin_FILE (), int line = __builtin_LINE ()

/* --- the block --- */

PINWHEEL_INLINE unsigned long long
pinwheel_wait_block (int predicate, const char *file, int line)
{
  const uint3 thread = ::threadIdx;
  const unsigned long long result = pinwheel_runtime->wait_block (predicate, file, line);

  ::threadIdx = thread;
  return result;
}
PINWHEEL_INLINE void __syncthreads (PINWHEEL_HERE) { pinwheel_wait_block (0, file, line); }
PINWHEEL_INLINE int
__syncthreads_count (int predicate, PINWHEEL_HERE)
{
  return (int) (unsigned) pinwheel_wait_block (predicate, file, line);
}
PINWHEEL_INLINE int
__syncthreads_or (int predicate, PINWHEEL_HERE)
{
  return (unsigned) pinwheel_wait_block (predicate, file, line) != 0;
}
PINWHEEL_INLINE int
__syncthreads_and (int predicate, PINWHEEL_HERE)
{
  const unsigned long long result = pinwheel_wait_block (predicate, file, line);

  return (unsigned) result == result >> 32;
}
PINWHEEL_INLINE void
pinwheel_pause ()
{
  const uint3 thread = ::threadIdx;

  pinwheel_runtime->yield ();
  ::threadIdx = thread;
}

/* --- the warp --- */

/* PinwheelWarpOperation */
enum
{
  PINWHEEL_SYNC, PINWHEEL_SHUFFLE, PINWHEEL_BALLOT, PINWHEEL_MATCH_ANY, PINWHEEL_MATCH_ALL,
  PINWHEEL_ADD, PINWHEEL_MIN, PINWHEEL_MAX, PINWHEEL_SIGNED_MIN, PINWHEEL_SIGNED_MAX,
  PINWHEEL_AND, PINWHEEL_OR, PINWHEEL_XOR
};
PINWHEEL_INLINE unsigned
pinwheel_lane ()
{
  return (::threadIdx.x
          + PINWHEEL_BLOCK_X * (::threadIdx.y + PINWHEEL_BLOCK_Y * ::threadIdx.z)) % 32;
}
PINWHEEL_INLINE unsigned long long
pinwheel_wait_warp (int operation, unsigned mask, unsigned long long value, unsigned source,
                    const char *file, int line)
{
  const uint3 thread = ::threadIdx;
  const unsigned long long result
      = pinwheel_runtime->wait_warp (operation, mask, value, source, file, line);

  ::threadIdx = thread;
  return result;
}
PINWHEEL_INLINE void
__syncwarp (unsigned mask = 0xffffffffu, PINWHEEL_HERE)
{
  pinwheel_wait_warp (PINWHEEL_SYNC, mask, 0, 0, file, line);
}
PINWHEEL_INLINE unsigned
__activemask (PINWHEEL_HERE)
{
  const uint3 thread = ::threadIdx;
  const unsigned lanes = pinwheel_runtime->gather_warp (file, line);

  ::threadIdx = thread;
  return lanes;
}
PINWHEEL_INLINE unsigned
__ballot_sync (unsigned mask, int predicate, PINWHEEL_HERE)
{
  return (unsigned) pinwheel_wait_warp (PINWHEEL_BALLOT, mask, predicate != 0, 0, file, line);
}
PINWHEEL_INLINE int
__any_sync (unsigned mask, int predicate, PINWHEEL_HERE)
{
  return __ballot_sync (mask, predicate, file, line) != 0;
}
PINWHEEL_INLINE int
__all_sync (unsigned mask, int predicate, PINWHEEL_HERE)
{
  const unsigned long long result
      = pinwheel_wait_warp (PINWHEEL_BALLOT, mask, predicate != 0, 0, file, line);

  return (unsigned) result == result >> 32;
}

/* Which lane a shuffle reads, as the machine instruction finds it: of @width lanes that begin at
 * @first, the lane itself where there is no such one. */
PINWHEEL_INLINE unsigned
pinwheel_index_lane (unsigned lane, unsigned first, unsigned width, unsigned index)
{
  return first + (index & (width - 1));
}
PINWHEEL_INLINE unsigned
pinwheel_up_lane (unsigned lane, unsigned first, unsigned width, unsigned delta)
{
  return lane >= first + delta % 32 ? lane - delta % 32 : lane;
}
PINWHEEL_INLINE unsigned
pinwheel_down_lane (unsigned lane, unsigned first, unsigned width, unsigned delta)
{
  return lane + delta % 32 < first + width ? lane + delta % 32 : lane;
}
PINWHEEL_INLINE unsigned
pinwheel_xor_lane (unsigned lane, unsigned first, unsigned width, unsigned bits)
{
  return (lane ^ bits % 32) < first + width ? lane ^ bits % 32 : lane;
}
template <class T> PINWHEEL_INLINE unsigned long long
pinwheel_pack (T value)
{
  return pinwheel_bits<typename pinwheel_word<sizeof (T)>::type> (value);
}
template <class T> PINWHEEL_INLINE T
pinwheel_unpack (unsigned long long value)
{
  return pinwheel_bits<T> ((typename pinwheel_word<sizeof (T)>::type) value);
}
#define PINWHEEL_SHUFFLE(T, name, find, S)                                                         \
  PINWHEEL_INLINE T name (unsigned mask, T value, S what, int width = 32, PINWHEEL_HERE)           \
  {                                                                                                \
    const unsigned lane = pinwheel_lane (), first = lane & ~(unsigned) (width - 1);                \
    return pinwheel_unpack<T> (                                                                    \
        pinwheel_wait_warp (PINWHEEL_SHUFFLE, mask, pinwheel_pack (value),                         \
                            find (lane, first, (unsigned) width, (unsigned) what), file, line));   \
  }
#define PINWHEEL_EXCHANGES(T)                                                                      \
  PINWHEEL_SHUFFLE (T, __shfl_sync, pinwheel_index_lane, int)                                      \
  PINWHEEL_SHUFFLE (T, __shfl_up_sync, pinwheel_up_lane, unsigned)                                 \
  PINWHEEL_SHUFFLE (T, __shfl_down_sync, pinwheel_down_lane, unsigned)                             \
  PINWHEEL_SHUFFLE (T, __shfl_xor_sync, pinwheel_xor_lane, int)                                    \
  PINWHEEL_INLINE unsigned __match_any_sync (unsigned mask, T value, PINWHEEL_HERE)                \
  {                                                                                                \
    return (unsigned) pinwheel_wait_warp (PINWHEEL_MATCH_ANY, mask, pinwheel_pack (value), 0,      \
                                          file, line);                                             \
  }                                                                                                \
  PINWHEEL_INLINE unsigned __match_all_sync (unsigned mask, T value, int *same, PINWHEEL_HERE)     \
  {                                                                                                \
    const unsigned lanes = (unsigned) pinwheel_wait_warp (PINWHEEL_MATCH_ALL, mask,                \
                                                          pinwheel_pack (value), 0, file, line);   \
    *same = lanes != 0;                                                                            \
    return lanes;                                                                                  \
  }
PINWHEEL_EXCHANGES (int)
PINWHEEL_EXCHANGES (unsigned int)
PINWHEEL_EXCHANGES (long)
PINWHEEL_EXCHANGES (unsigned long)
PINWHEEL_EXCHANGES (long long)
PINWHEEL_EXCHANGES (unsigned long long)
PINWHEEL_EXCHANGES (float)
PINWHEEL_EXCHANGES (double)
#define PINWHEEL_REDUCE(T, name, operation)                                                        \
  PINWHEEL_INLINE T name (unsigned mask, T value, PINWHEEL_HERE)                                   \
  {                                                                                                \
    return (T) pinwheel_wait_warp (operation, mask, (unsigned) value, 0, file, line);              \
  }
PINWHEEL_REDUCE (unsigned, __reduce_add_sync, PINWHEEL_ADD)
PINWHEEL_REDUCE (int, __reduce_add_sync, PINWHEEL_ADD)
PINWHEEL_REDUCE (unsigned, __reduce_min_sync, PINWHEEL_MIN)
PINWHEEL_REDUCE (int, __reduce_min_sync, PINWHEEL_SIGNED_MIN)
PINWHEEL_REDUCE (unsigned, __reduce_max_sync, PINWHEEL_MAX)
PINWHEEL_REDUCE (int, __reduce_max_sync, PINWHEEL_SIGNED_MAX)
PINWHEEL_REDUCE (unsigned, __reduce_and_sync, PINWHEEL_AND)
PINWHEEL_REDUCE (unsigned, __reduce_or_sync, PINWHEEL_OR)
PINWHEEL_REDUCE (unsigned, __reduce_xor_sync, PINWHEEL_XOR)
