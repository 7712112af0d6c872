/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* CUDA C's names for kernels that run on the CPU: behind host-math.h the first part of every source
 * that is compiled for the host device. C++17; includes nothing, as under NVRTC. It is embedded
 * into the library by embed.sed, and part of every cache key.
 *
 * PINWHEEL_BLOCK_X, _Y and _Z are defined in front of it. A kernel itself gets threadIdx, blockIdx
 * and gridDim as parameters, which hide the variables below; those serve __device__ functions. */

/* clang-format off */
#define __global__ __attribute__ ((always_inline))
#define __device__
#define __host__
#define __constant__
#define __managed__
#define __shared__ thread_local
#define __grid_constant__
#define __forceinline__ inline __attribute__ ((always_inline))
#define __noinline__ __attribute__ ((noinline))
#define __launch_bounds__(...)
#define __cluster_dims__(...)
#define __maxnreg__(...)
#define __align__(n) __attribute__ ((aligned (n)))
#define NAN (__builtin_nanf (""))
#define INFINITY (__builtin_inff ())

/* Thread-local memory that lowered code may reach: through a function of which the compiler knows
 * nothing, as such code does without PINWHEEL_OWN_MEMORY and what host-compiler.c does about it. */
#define PINWHEEL_OWN_PLACE(name, alignment, size)                                                  \
  static __attribute__ ((noinline)) char *name ()                                                  \
  {                                                                                                \
    alignas (alignment) static thread_local char bytes[size];                                      \
    char *place = bytes;                                                                           \
    __asm__ ("" : "+r"(place));                                                                    \
    return place;                                                                                  \
  }

typedef decltype (sizeof 0) size_t;
typedef __PTRDIFF_TYPE__ ptrdiff_t;
typedef __INT8_TYPE__ int8_t;
typedef __INT16_TYPE__ int16_t;
typedef __INT32_TYPE__ int32_t;
typedef __INT64_TYPE__ int64_t;
typedef __UINT8_TYPE__ uint8_t;
typedef __UINT16_TYPE__ uint16_t;
typedef __UINT32_TYPE__ uint32_t;
typedef __UINT64_TYPE__ uint64_t;
typedef __INTPTR_TYPE__ intptr_t;
typedef __UINTPTR_TYPE__ uintptr_t;
typedef unsigned char uchar;
typedef unsigned short ushort;
typedef unsigned int uint;
typedef unsigned long ulong;

/* Vectors of 1 to 4: type, name, alignment of 2 and of 4 */
#define PINWHEEL_VECTORS(T, N, A2, A4)                                                             \
  struct N##1 { T x; };                                                                            \
  struct alignas (A2) N##2 { T x, y; };                                                            \
  struct N##3 { T x, y, z; };                                                                      \
  struct alignas (A4) N##4 { T x, y, z, w; };                                                      \
  PINWHEEL_KNOWN N##1 make_##N##1 (T x) { return { x }; }                                          \
  PINWHEEL_KNOWN N##2 make_##N##2 (T x, T y) { return { x, y }; }                                  \
  PINWHEEL_KNOWN N##3 make_##N##3 (T x, T y, T z) { return { x, y, z }; }                          \
  PINWHEEL_KNOWN N##4 make_##N##4 (T x, T y, T z, T w) { return { x, y, z, w }; }
PINWHEEL_VECTORS (signed char, char, 2, 4)
PINWHEEL_VECTORS (unsigned char, uchar, 2, 4)
PINWHEEL_VECTORS (short, short, 4, 8)
PINWHEEL_VECTORS (unsigned short, ushort, 4, 8)
PINWHEEL_VECTORS (int, int, 8, 16)
PINWHEEL_VECTORS (unsigned int, uint, 8, 16)
PINWHEEL_VECTORS (long, long, 16, 16)
PINWHEEL_VECTORS (unsigned long, ulong, 16, 16)
PINWHEEL_VECTORS (long long, longlong, 16, 16)
PINWHEEL_VECTORS (unsigned long long, ulonglong, 16, 16)
PINWHEEL_VECTORS (float, float, 8, 16)
PINWHEEL_VECTORS (double, double, 16, 16)
typedef float2 cuFloatComplex;
typedef float2 cuComplex;
typedef double2 cuDoubleComplex;

struct dim3
{
  unsigned int x, y, z;
  constexpr dim3 (unsigned int a = 1, unsigned int b = 1, unsigned int c = 1)
      : x (a), y (b), z (c)
  {
  }
  constexpr dim3 (uint3 v) : x (v.x), y (v.y), z (v.z) {}
};

static constexpr int warpSize = 32;
static constexpr dim3 blockDim (PINWHEEL_BLOCK_X, PINWHEEL_BLOCK_Y, PINWHEEL_BLOCK_Z);
static thread_local uint3 threadIdx, blockIdx, gridDim;

extern "C" int printf (const char *, ...);
extern "C" void *memcpy (void *, const void *, size_t) noexcept;
extern "C" void *memset (void *, int, size_t) noexcept;
extern "C" void __assert_fail (const char *, const char *, unsigned int, const char *)
    __attribute__ ((noreturn));
#define assert(condition)                                                                          \
  ((condition) ? (void) 0 : __assert_fail (#condition, __FILE__, __LINE__, __func__))
#ifndef __clang__
#define __builtin_assume(condition) ((condition) ? (void) 0 : __builtin_unreachable ())
#endif

/* Minima and maxima of whole numbers, and of reals as fmin and fmax give them */
template <class T> struct pinwheel_extreme
{
  PINWHEEL_INLINE T least (T a, T b) { return a < b ? a : b; }
  PINWHEEL_INLINE T most (T a, T b) { return a > b ? a : b; }
};
template <> struct pinwheel_extreme<float>
{
  PINWHEEL_INLINE float least (float a, float b) { return fminf (a, b); }
  PINWHEEL_INLINE float most (float a, float b) { return fmaxf (a, b); }
};
template <> struct pinwheel_extreme<double>
{
  PINWHEEL_INLINE double least (double a, double b) { return fmin (a, b); }
  PINWHEEL_INLINE double most (double a, double b) { return fmax (a, b); }
};
template <class T, class U> PINWHEEL_INLINE auto
min (T a, U b) -> decltype (a + b)
{
  return pinwheel_extreme<decltype (a + b)>::least (a, b);
}
template <class T, class U> PINWHEEL_INLINE auto
max (T a, U b) -> decltype (a + b)
{
  return pinwheel_extreme<decltype (a + b)>::most (a, b);
}
PINWHEEL_KNOWN int abs (int x) { return x < 0 ? -x : x; }
PINWHEEL_KNOWN long abs (long x) { return x < 0 ? -x : x; }
PINWHEEL_KNOWN long long abs (long long x) { return x < 0 ? -x : x; }
PINWHEEL_KNOWN float abs (float x) { return __builtin_fabsf (x); }
PINWHEEL_KNOWN double abs (double x) { return __builtin_fabs (x); }
PINWHEEL_KNOWN long labs (long x) { return x < 0 ? -x : x; }
PINWHEEL_KNOWN long long llabs (long long x) { return x < 0 ? -x : x; }

#define PINWHEEL_EXTREMES(T, least, most)                                                          \
  PINWHEEL_OFFER T least (T a, T b) { return a < b ? a : b; }                                      \
  PINWHEEL_OFFER T most (T a, T b) { return a > b ? a : b; }
PINWHEEL_EXTREMES (unsigned, umin, umax)
PINWHEEL_EXTREMES (long long, llmin, llmax)
PINWHEEL_EXTREMES (unsigned long long, ullmin, ullmax)

/* Intrinsics: the exact operation where CUDA has a faster, rougher one */
PINWHEEL_OFFER double fdivide (double x, double y) { return x / y; }
PINWHEEL_KNOWN float fdividef (float x, float y) { return x / y; }
PINWHEEL_KNOWN float __fdividef (float x, float y) { return x / y; }
PINWHEEL_KNOWN float __saturatef (float x) { return x > 0.0f ? (x < 1.0f ? x : 1.0f) : 0.0f; }
PINWHEEL_KNOWN float __fadd_rn (float x, float y) { return x + y; }
PINWHEEL_KNOWN float __fsub_rn (float x, float y) { return x - y; }
PINWHEEL_KNOWN float __fmul_rn (float x, float y) { return x * y; }
PINWHEEL_KNOWN float __fdiv_rn (float x, float y) { return x / y; }
PINWHEEL_KNOWN float __frcp_rn (float x) { return 1.0f / x; }
PINWHEEL_KNOWN float __fsqrt_rn (float x) { return sqrtf (x); }
PINWHEEL_KNOWN float __frsqrt_rn (float x) { return 1.0f / sqrtf (x); }
PINWHEEL_KNOWN float __fmaf_rn (float x, float y, float z) { return fmaf (x, y, z); }
PINWHEEL_OFFER float __fmaf_ieee_rn (float x, float y, float z) { return fmaf (x, y, z); }
PINWHEEL_KNOWN double __dadd_rn (double x, double y) { return x + y; }
PINWHEEL_KNOWN double __dsub_rn (double x, double y) { return x - y; }
PINWHEEL_KNOWN double __dmul_rn (double x, double y) { return x * y; }
PINWHEEL_KNOWN double __ddiv_rn (double x, double y) { return x / y; }
PINWHEEL_OFFER double __drcp_rn (double x) { return 1.0 / x; }
PINWHEEL_KNOWN double __dsqrt_rn (double x) { return sqrt (x); }
PINWHEEL_KNOWN double __fma_rn (double x, double y, double z) { return fma (x, y, z); }
#define PINWHEEL_FROM_WHOLE(T, name)\
  PINWHEEL_KNOWN float __##name##2float_rn (T x) { return (float) x; }                             \
  PINWHEEL_KNOWN double __##name##2double_rn (T x) { return (double) x; }
PINWHEEL_FROM_WHOLE (int, int)
PINWHEEL_FROM_WHOLE (unsigned int, uint)
PINWHEEL_FROM_WHOLE (long long, ll)
PINWHEEL_FROM_WHOLE (unsigned long long, ull)
PINWHEEL_KNOWN float __double2float_rn (double x) { return (float) x; }

template <class To, class From> PINWHEEL_INLINE To
pinwheel_bits (From from)
{
  To to;

  static_assert (sizeof to == sizeof from, "sizes differ");
  __builtin_memcpy (&to, &from, sizeof to);
  return to;
}
PINWHEEL_KNOWN int __float_as_int (float x) { return pinwheel_bits<int> (x); }
PINWHEEL_KNOWN unsigned int __float_as_uint (float x) { return pinwheel_bits<unsigned int> (x); }
PINWHEEL_KNOWN float __int_as_float (int x) { return pinwheel_bits<float> (x); }
PINWHEEL_KNOWN float __uint_as_float (unsigned int x) { return pinwheel_bits<float> (x); }
PINWHEEL_KNOWN long long __double_as_longlong (double x) { return pinwheel_bits<long long> (x); }
PINWHEEL_KNOWN double __longlong_as_double (long long x) { return pinwheel_bits<double> (x); }
PINWHEEL_KNOWN int __double2loint (double x) { return (int) pinwheel_bits<long long> (x); }
PINWHEEL_KNOWN int __double2hiint (double x) { return (int) (pinwheel_bits<long long> (x) >> 32); }
PINWHEEL_KNOWN double
__hiloint2double (int high, int low)
{
  return pinwheel_bits<double> ((unsigned long long) high << 32 | (unsigned int) low);
}
PINWHEEL_KNOWN int __popc (unsigned int x) { return __builtin_popcount (x); }
PINWHEEL_KNOWN int __popcll (unsigned long long x) { return __builtin_popcountll (x); }
PINWHEEL_KNOWN int __clz (int x) { return x != 0 ? __builtin_clz ((unsigned int) x) : 32; }
PINWHEEL_KNOWN int __clzll (long long x) { return x != 0 ? __builtin_clzll (x) : 64; }
PINWHEEL_KNOWN int __ffs (int x) { return __builtin_ffs (x); }
PINWHEEL_KNOWN int __ffsll (long long x) { return __builtin_ffsll (x); }
PINWHEEL_KNOWN unsigned int
__brev (unsigned int x)
{
  x = (x & 0x55555555u) << 1 | (x >> 1 & 0x55555555u);
  x = (x & 0x33333333u) << 2 | (x >> 2 & 0x33333333u);
  x = (x & 0x0f0f0f0fu) << 4 | (x >> 4 & 0x0f0f0f0fu);
  return __builtin_bswap32 (x);
}
PINWHEEL_KNOWN unsigned long long
__brevll (unsigned long long x)
{
  return (unsigned long long) __brev ((unsigned int) x) << 32 | __brev ((unsigned int) (x >> 32));
}
PINWHEEL_KNOWN int __mul24 (int x, int y) { return (x << 8 >> 8) * (y << 8 >> 8); }
PINWHEEL_KNOWN unsigned int
__umul24 (unsigned int x, unsigned int y)
{
  return (x & 0xffffffu) * (y & 0xffffffu);
}
PINWHEEL_KNOWN int __hadd (int x, int y) { return (int) (((long long) x + y) >> 1); }
PINWHEEL_KNOWN int __rhadd (int x, int y) { return (int) (((long long) x + y + 1) >> 1); }
PINWHEEL_KNOWN unsigned int
__uhadd (unsigned int x, unsigned int y)
{
  return (unsigned int) (((unsigned long long) x + y) >> 1);
}
PINWHEEL_KNOWN unsigned int
__urhadd (unsigned int x, unsigned int y)
{
  return (unsigned int) (((unsigned long long) x + y + 1) >> 1);
}
PINWHEEL_KNOWN unsigned int
__usad (unsigned int x, unsigned int y, unsigned int z)
{
  return (x > y ? x - y : y - x) + z;
}
PINWHEEL_KNOWN unsigned int
__sad (int x, int y, unsigned int z)
{
  return (x > y ? (unsigned int) x - y : (unsigned int) y - x) + z;
}
/* The lower three bits of each half byte of @selector choose one of the eight bytes. The fourth, by
 * which the machine's instruction takes the byte's sign alone, is left out, as NVRTC does. */
PINWHEEL_KNOWN unsigned int
__byte_perm (unsigned int low, unsigned int high, unsigned int selector)
{
  const unsigned long long bytes = (unsigned long long) high << 32 | low;
  unsigned int result = 0;

  for (int i = 0; i < 4; i++)
    result |= (unsigned int) (bytes >> (selector >> 4 * i & 7) * 8 & 0xff) << 8 * i;
  return result;
}
PINWHEEL_KNOWN unsigned int
__funnelshift_lc (unsigned int low, unsigned int high, unsigned int shift)
{
  shift = shift < 32 ? shift : 32;
  return (unsigned int) (((unsigned long long) high << 32 | low) << shift >> 32);
}
PINWHEEL_KNOWN unsigned int
__funnelshift_rc (unsigned int low, unsigned int high, unsigned int shift)
{
  shift = shift < 32 ? shift : 32;
  return (unsigned int) (((unsigned long long) high << 32 | low) >> shift);
}
PINWHEEL_KNOWN unsigned int
__funnelshift_l (unsigned int low, unsigned int high, unsigned int shift)
{
  return __funnelshift_lc (low, high, shift & 31);
}
PINWHEEL_KNOWN unsigned int
__funnelshift_r (unsigned int low, unsigned int high, unsigned int shift)
{
  return __funnelshift_rc (low, high, shift & 31);
}
PINWHEEL_KNOWN int __mulhi (int x, int y) { return (int) ((long long) x * y >> 32); }
PINWHEEL_KNOWN unsigned int
__umulhi (unsigned int x, unsigned int y)
{
  return (unsigned int) ((unsigned long long) x * y >> 32);
}
PINWHEEL_KNOWN long long
__mul64hi (long long x, long long y)
{
  return (long long) ((__int128) x * y >> 64);
}
PINWHEEL_KNOWN unsigned long long
__umul64hi (unsigned long long x, unsigned long long y)
{
  return (unsigned long long) ((unsigned __int128) x * y >> 64);
}
template <class T> struct pinwheel_same { typedef T type; };
#define PINWHEEL_LOAD(name)\
  template <class T> PINWHEEL_INLINE T name (const T *p) { return *p; }
PINWHEEL_LOAD (__ldg) PINWHEEL_LOAD (__ldca) PINWHEEL_LOAD (__ldcg) PINWHEEL_LOAD (__ldcs)
PINWHEEL_LOAD (__ldcv) PINWHEEL_LOAD (__ldlu)
#define PINWHEEL_STORE(name)                                                                       \
  template <class T> PINWHEEL_INLINE void name (T *p, typename pinwheel_same<T>::type value)       \
  {                                                                                                \
    *p = value;                                                                                    \
  }
PINWHEEL_STORE (__stcg) PINWHEEL_STORE (__stcs) PINWHEEL_STORE (__stwb) PINWHEEL_STORE (__stwt)
PINWHEEL_INLINE void __threadfence () { __atomic_thread_fence (__ATOMIC_SEQ_CST); }
PINWHEEL_INLINE void __threadfence_system () { __atomic_thread_fence (__ATOMIC_SEQ_CST); }
/* a block runs on one thread */
PINWHEEL_INLINE void __threadfence_block () { __atomic_signal_fence (__ATOMIC_SEQ_CST); }

/* For a thread that found that another was quicker, and may try again: only fibers can let that one
 * go on. */
static void pinwheel_pause ();
#ifndef PINWHEEL_FIBERS
PINWHEEL_INLINE void pinwheel_pause () {}
#endif
PINWHEEL_INLINE void __nanosleep (unsigned int) { pinwheel_pause (); }
/* The processor's own clock, which ticks as evenly as a GPU's, or the C library's */
typedef long clock_t;
#if defined __x86_64__ || defined __i386__
PINWHEEL_INLINE long long pinwheel_ticks () { return (long long) __builtin_ia32_rdtsc (); }
#elif defined __aarch64__
PINWHEEL_INLINE long long pinwheel_ticks ()
{
  long long ticks;
  __asm__ volatile ("mrs %0, cntvct_el0" : "=r"(ticks));
  return ticks;
}
#else
extern "C" long pinwheel_ticks () noexcept __asm__ ("clock");
#endif
PINWHEEL_OFFER long long clock64 () { return pinwheel_ticks (); }
PINWHEEL_OFFER clock_t clock () { return (clock_t) pinwheel_ticks (); }
PINWHEEL_OFFER void __prof_trigger (int) {}
#define __trap() __assert_fail ("__trap ()", __FILE__, __LINE__, __func__)

/* Atomics. Templates, so that a kernel's own overload of the same name is preferred. Blocks are not
 * tied to a thread, so that those of a block are no cheaper. */
template <int size> struct pinwheel_word { typedef unsigned int type; };
template <> struct pinwheel_word<8> { typedef unsigned long long type; };
/* Replaces *address by change (*address). Returns: what it was */
template <class T, class Change> PINWHEEL_INLINE T
pinwheel_update (T *address, Change change)
{
  typedef typename pinwheel_word<sizeof (T)>::type Word;
  Word *word = (Word *) address;
  Word old = __atomic_load_n (word, __ATOMIC_RELAXED);

  for (;;)
    {
      Word next = pinwheel_bits<Word> (change (pinwheel_bits<T> (old)));

      if (__atomic_compare_exchange_n (word, &old, next, true, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
        return pinwheel_bits<T> (old);
    }
}
/* An address that no other thread of the processor knows: shared memory of a lowered kernel */
template <class T> struct pinwheel_own { T *address; };
#define PINWHEEL_ATOMIC_AS(name, own)                                                              \
  template <class T>                                                                               \
  PINWHEEL_INLINE T name (T *address, typename pinwheel_same<T>::type value)                       \
  {                                                                                                \
    return own (address, value);                                                                   \
  }
#define PINWHEEL_ATOMIC(name, numbers, expression)                                                 \
  template <class T> PINWHEEL_INLINE T name (T *address, typename pinwheel_same<T>::type value)    \
  {                                                                                                \
    static_assert (numbers, #name " has no form for this type, nor has it in CUDA");               \
    return pinwheel_update (address, [=] (T old) -> T { return expression; });                     \
  }                                                                                                \
  template <class T>                                                                               \
  PINWHEEL_INLINE T name (pinwheel_own<T> own, typename pinwheel_same<T>::type value)              \
  {                                                                                                \
    const T old = *own.address;                                                                    \
    static_assert (numbers, #name " has no form for this type, nor has it in CUDA");               \
    *own.address = expression;                                                                     \
    return old;                                                                                    \
  }                                                                                                \
  PINWHEEL_ATOMIC_AS (name##_block, name)                                                          \
  PINWHEEL_ATOMIC_AS (name##_system, name)
PINWHEEL_ATOMIC (atomicAdd, true, old + value)
PINWHEEL_ATOMIC (atomicExch, true, value)
PINWHEEL_ATOMIC (atomicSub, (T) 0.5 == 0, old - value)
PINWHEEL_ATOMIC (atomicMin, (T) 0.5 == 0, value < old ? value : old)
PINWHEEL_ATOMIC (atomicMax, (T) 0.5 == 0, value > old ? value : old)
PINWHEEL_ATOMIC (atomicAnd, (T) 0.5 == 0, old & value)
PINWHEEL_ATOMIC (atomicOr, (T) 0.5 == 0, old | value)
PINWHEEL_ATOMIC (atomicXor, (T) 0.5 == 0, old ^ value)
PINWHEEL_ATOMIC (atomicInc, (T) -1 > 0, old >= value ? 0 : old + 1)
PINWHEEL_ATOMIC (atomicDec, (T) -1 > 0, old == 0 || old > value ? value : old - 1)
/* where the processor has an instruction */
#define PINWHEEL_FETCH(T)                                                                          \
  PINWHEEL_KNOWN T atomicAdd (T *address, T value)                                                 \
  {                                                                                                \
    return __atomic_fetch_add (address, value, __ATOMIC_RELAXED);                                  \
  }                                                                                                \
  PINWHEEL_KNOWN T atomicExch (T *address, T value)                                                \
  {                                                                                                \
    return __atomic_exchange_n (address, value, __ATOMIC_RELAXED);                                 \
  }
PINWHEEL_FETCH (int)
PINWHEEL_FETCH (unsigned int)
PINWHEEL_FETCH (unsigned long long)
template <class T> PINWHEEL_INLINE T
atomicCAS (T *address, typename pinwheel_same<T>::type compare,
           typename pinwheel_same<T>::type value)
{
  const T expected = compare;

  static_assert ((T) 0.5 == 0, "atomicCAS has no form for this type, nor has it in CUDA");
  if (!__atomic_compare_exchange_n (address, &compare, value, false, __ATOMIC_RELAXED,
                                    __ATOMIC_RELAXED) && compare != expected)
    pinwheel_pause ();
  return compare;
}
#define PINWHEEL_CAS(name)                                                                         \
  template <class T>                                                                               \
  PINWHEEL_INLINE T name (T *address, typename pinwheel_same<T>::type compare,                     \
                          typename pinwheel_same<T>::type value)                                   \
  {                                                                                                \
    return atomicCAS (address, compare, value);                                                    \
  }
PINWHEEL_CAS (atomicCAS_block) PINWHEEL_CAS (atomicCAS_system)

#ifdef PINWHEEL_DYNAMIC_SHARED
/* One block at a time runs on a thread. Its arrays without a size are all here, as references. */
PINWHEEL_OWN_PLACE (pinwheel_dynamic_place, 128, PINWHEEL_DYNAMIC_SHARED)
template <class Array> PINWHEEL_INLINE Array pinwheel_dynamic ()
{
  return (Array) *(char (*)[PINWHEEL_DYNAMIC_SHARED]) __builtin_assume_aligned (
      pinwheel_dynamic_place (), 128);
}
#endif
