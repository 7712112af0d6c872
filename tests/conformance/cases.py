# SPDX-License-Identifier: LGPL-2.1-or-later
"""The kernels of this folder but those of programs.cu: how each is launched, and what NumPy says comes out.

A case is a function called like its kernel. It takes the block and gives a Launch."""
import numpy as np

i32, u32, i64, u64, f32, f64 = np.int32, np.uint32, np.int64, np.uint64, np.float32, np.float64
cases = []


class Case:
    """forms: of the runner; with the first of them every block is run, with the others one"""

    def __init__(self, file, blocks, forms, function):
        self.file, self.blocks, self.forms, self.function = file, blocks, forms, function
        self.name = function.__name__


class Launch:
    """want: by the argument's index, an array, or a function of the array that came out"""

    def __init__(self, grid, args, want, shared=0):
        self.grid = tuple(grid) + (1,) * (3 - len(grid))
        self.args, self.want, self.shared = args, want, shared


LINE = [(64,), (33,)]  # blocks of kernels whose threads work alone
AS_IT_IS = ["auto", "fibers"]  # in whatever form the library chooses
ALONE = ["lowered", "plain", "fibers"]  # lowered for certain
TOGETHER = ["lowered", "fibers"]


def case(file, blocks=None, forms=AS_IT_IS):
    def add(function):
        cases.append(Case(file, blocks or LINE, forms, function))
        return function
    return add


def numbers(n, low=-100, high=100, seed=1):
    return np.random.default_rng(seed).integers(low, high + 1, n).astype(i32)


def wide(n):
    x = np.random.default_rng(2).integers(0, 2**64, n, dtype=u64)
    x >>= np.arange(n, dtype=u64) % u64(64)
    x[:2] = 0, 2**64 - 1
    return x


def over(n, block):
    return (-(-n // block[0]),)


def each(function, block, n=300, low=-100, high=100, dtype=i32):
    """A kernel (x, y, n): y[i] is function (x, i)."""
    x = numbers(n, low, high)
    y = np.array([function(int(x[i]), i) for i in range(n)], dtype)
    return Launch(over(n, block), [x, np.zeros(n, dtype), i32(n)], {1: y})


def quotient(a, b):
    """C's, which rounds to 0."""
    q = abs(a) // abs(b)
    return q if (a < 0) == (b < 0) else -q


def wrap(value, bits=32):
    value &= (1 << bits) - 1
    return value - (1 << bits) if value >> bits - 1 else value


# --- control flow ---

@case("control.cu")
def if_else_chains(block):
    def f(x, _i):
        if x < 0:
            return -1 if x % 2 == 0 else -2 if x < -50 else -3
        return 0 if x == 0 else 3 if x > 50 else x
    return each(f, block)


@case("control.cu")
def while_loop(block):
    def f(x, _i):
        v, steps = abs(x), 0
        while v > 1:
            v = v // 2 if v % 2 == 0 else 3 * v + 1
            steps += 1
        return steps
    return each(f, block)


@case("control.cu")
def do_while_loop(block):
    return each(lambda x, _i: len(str(abs(x))), block, low=-20000, high=20000)


@case("control.cu")
def for_with_break_and_continue(block):
    def f(x, _i):
        total = 0
        for k in range(100):
            if (x + k) % 3 == 0:  # C's % is 0 for the same numbers
                continue
            if total > 200 + x:
                break
            total += k
        return total
    return each(f, block)


@case("control.cu")
def nested_loops_with_return(block):
    def f(x, _i):
        v, count = x & 63, 0
        for a in range(1, v + 1):
            rest = v
            if a % 5 == 4:
                continue
            while rest > 0:
                rest -= a
                if rest == 7:
                    break
                if count > 90:
                    return -a
                count += 1
            count += 2 if rest == 7 else 0
        return count
    return each(f, block)


@case("control.cu")
def switch_with_fall_through(block):
    results = [10, 17, 2, 0, 0, -101, -99, -101]
    return each(lambda x, _i: results[x & 7], block)


@case("control.cu")
def switch_inside_a_loop(block):
    def f(x, _i):
        state = out = 0
        for k in range(20):
            if state == 0:
                state = 1 if x >> (k & 7) & 1 else 2
                continue
            if state == 1:
                out, state = out + 3, 2
            elif state == 2:
                out = out * 2 + 1
                state = 3 if out > 100 else 0
            else:
                return out
            out ^= k
        return -out
    return each(f, block)


@case("control.cu")
def endless_loop_with_two_exits(block):
    def f(v, _i):
        k = 0
        while True:
            v = v * 7 + 3 & 0xff
            k += 1
            if v < 16:
                return k
            if k == 9:
                return -v
    return each(f, block)


@case("control.cu")
def triangular_loops(block):
    def f(x, i):
        return sum(a * b - c for a in range(x & 15) for b in range(a, i % 13, 2)
                   for c in range(b, 0, -3))
    return each(f, block)


@case("control.cu")
def short_circuits_and_commas(block):
    def f(x, _i):
        if x > 0 and x % 3 == 0:
            return 102
        calls = 1 if x > 0 else 0
        if x < -10:
            return 200 + calls
        calls += 4
        if x == 0:
            return 200 + calls
        return 300 + calls + 8 + 16
    return each(f, block)


@case("control.cu")
def changed_parameters(block):
    n = 300
    x = numbers(n)
    y = np.zeros(n, i32)
    y[:n - 3] = x[2:n - 1] + 74  # 297, 148, 74
    return Launch(over(n, block), [x, np.zeros(n, i32), i32(n)], {1: y})


@case("control.cu")
def grid_stride_loop(block):
    n = 1000
    x = numbers(n)
    y = np.where(x < -90, -5, x * 2 + np.arange(n) // block[0] % 3).astype(i32)
    return Launch((3,), [x, np.full(n, -5, i32), i32(n)], {1: y})


@case("control.cu")
def goto_out_of_loops(block):
    def f(x, _i):
        return next((a * 10 + b for a in range(10) for b in range(10) if a * b == x & 31), -1)
    return each(f, block)


@case("control.cu")
def escape_time(block):
    w, h = 40, 20
    y = []
    for i in range(w * h):
        cr, ci = i % w * 3 * 65536 // w - 2 * 65536, i // w * 2 * 65536 // h - 65536
        zr = zi = k = 0
        while k < 60 and (zr * zr + zi * zi) >> 16 <= 4 * 65536:
            zr, zi = ((zr * zr - zi * zi) >> 16) + cr, ((2 * zr * zi) >> 16) + ci
            k += 1
        y.append(k)
    return Launch(over(w * h, block), [np.zeros(w * h, i32), i32(w), i32(h)], {0: np.array(y, i32)})


# --- memory ---

@case("memory.cu")
def private_array(block):
    n = 300
    x = numbers(n)
    y = np.zeros(n, i32)
    for i in range(n):
        count = np.bincount((x[(i + np.arange(20)) % n] + 128) & 7, minlength=8)
        y[i] = count[i & 7] * 100 + count[x[i] & 7]
    return Launch(over(n, block), [x, np.zeros(n, i32), i32(n)], {1: y})


@case("memory.cu")
def private_matrix(block):
    n = 300
    x = numbers(n)
    y = np.zeros(n, i32)
    for i in range(n):
        m = x[(i + np.arange(12)) % n].reshape(3, 4)
        y[i] = sum(m[(r + i) % 3, c ^ 1] * (r + 1) * (c + 1) for r in range(3) for c in range(4))
    return Launch(over(n, block), [x, np.zeros(n, i32), i32(n)], {1: y})


@case("memory.cu")
def sorted_private_array(block):
    n = 200
    x = numbers(n)
    y = np.sort(x[np.arange(n * 7) % n].reshape(n, 7), axis=1)
    return Launch(over(n, block), [x, np.zeros((n, 7), i32), i32(n)], {1: y})


@case("memory.cu")
def structs_by_value(block):
    return each(lambda x, _i: x + 14 + 1.5 * x + 7, block, dtype=f64)


@case("memory.cu")
def structs_in_structs(block):
    def f(x, _i):
        return x + 50 + wrap(x * 1000, 16) + 1 + 40
    return each(f, block)


@case("memory.cu")
def bit_fields(block):
    def f(x, _i):
        low, mid, top = (x + 3) & 31, x * 37 & 2047, wrap(x * 1000, 16)
        return wrap((low + mid * 32) ^ top)
    return each(f, block)


@case("memory.cu")
def constants_and_device_variables(block):
    table = [2, 3, 5, 7, 11, 13, 17, 19]
    return each(lambda x, i: table[x & 7] * 0.5 + (i % 4 + 1) * 100 + [0.25, 0.5, 0.25][i % 3],
                block, dtype=f64)


@case("memory.cu")
def references_and_pointers(block):
    def f(x, i):
        a, b, v = x + 3, 3, [1, 2]
        v[i & 1] += a
        v[a & 1] += 100
        v[0], a = a, v[0]
        return a * 3 + v[0] * 5 + v[1] * 7 + b
    return each(f, block)


@case("memory.cu")
def vector_types(block):
    n = 300
    x = numbers(2 * n).astype(f32).reshape(n, 2)
    v = np.concatenate([x, x[::-1]], axis=1)
    y = np.stack([np.maximum(v[:, 0], v[:, 2]), v[:, 1:].sum(1) + v[:, 3]], axis=1).astype(f64)
    return Launch(over(n, block), [x, np.zeros((n, 2), f64), np.zeros(n, f32), i32(n)],
                  {1: y, 2: (v[:, 0] - v[:, 3] + np.arange(n)).astype(f32)})


@case("memory.cu")
def bytes_and_shorts(block):
    n = 300
    x = (np.arange(n) * 7).astype(np.uint8)
    y = (x.astype(i32) * 300).astype(np.int16)
    z = (x + x[::-1]).astype(np.int8)
    return Launch(over(n, block), [x, np.zeros(n, np.int16), np.zeros(n, np.int8), i32(n)],
                  {1: y, 2: z})


@case("memory.cu")
def gathered_items(block):
    n = 300
    index = numbers(n, -5, n - 1)
    x = numbers(n, seed=3).astype(f32)
    y = np.where(index >= 0, x[index] + x[n - 1 - index.clip(0)], -1).astype(f32)
    return Launch(over(n, block), [index, x, np.full(n, -1, f32), i32(n)], {2: y})


@case("memory.cu")
def in_place_update(block):
    n = 300
    x = numbers(n).astype(f64)
    return Launch(over(n, block), [x, i32(n)], {0: np.where(x > 0, x / 3 + 1, x)})


@case("memory.cu", [(16, 8), (5, 3)])
def two_dimensions(block):
    w, h = 50, 30
    c, r = np.meshgrid(np.arange(w), np.arange(h))
    y = (c % block[0] + 100 * (r % block[1]) + 10000 * (c // block[0])
         + 100000 * (r // block[1])).astype(i32)
    return Launch((-(-w // block[0]), -(-h // block[1])), [np.zeros((h, w), i32), i32(w), i32(h)],
                  {0: y})


@case("memory.cu", [(4, 4, 4), (3, 2, 5)])
def three_dimensions(block):
    grid = (3, 2, 4)
    d, h, w = (grid[k] * block[k] for k in (2, 1, 0))
    z, y, x = np.mgrid[0:d, 0:h, 0:w]
    want = (x + 1000 * y + 1000000 * z + grid[2] + block[2]).astype(u32)
    return Launch(grid, [np.zeros((d, h, w), u32)], {0: want})


@case("memory.cu")
def bits_of_floats(block):
    n = 300
    x = np.random.default_rng(4).standard_normal(n).astype(f32)
    z = (x.astype(f64).view(i64) + (1 << 52)).view(f64)
    return Launch(over(n, block), [x, np.zeros(n, i32), np.zeros(n, f64), i32(n)],
                  {1: x.view(i32) ^ 0x55, 2: z})


# --- guards: some groups of lanes go in, some do not, some part ---

GROUPS = [(200,), (33,)]


@case("guards.cu", GROUPS, ALONE)
def guarded_body(block):
    return each(lambda x, _i: x * 3 + 1, block)


@case("guards.cu", GROUPS, ALONE)
def guarding_return(block):
    n = 300
    x = numbers(n)
    return Launch((over(n, block)[0] + 2,), [x, np.zeros(n, i32), i32(n)],
                  {1: (x * 8 + 4 + n - np.arange(n)).astype(i32)})


@case("guards.cu", GROUPS, ALONE)
def window(block):
    x = rows(block, 9)
    first, last = x.size // 3, x.size * 2 // 3 + 1
    i = np.arange(x.size).reshape(x.shape)
    want = np.where((i >= first) & (i < last) | (i == 0), x - 5, 44).astype(i32)
    return Launch((9,), [x, np.full_like(x, 44), i32(first), i32(last)], {1: want})


@case("guards.cu", GROUPS, ALONE)
def odd_lanes_return(block):
    n = 3 * block[0]
    x = numbers(n + 1)
    odd = np.arange(n) % block[0] & 1
    want = np.where(odd, 7, x[:-1] + x[1:]).astype(i32)
    return Launch((3,), [x, np.full(n, 7, i32)], {1: want})


@case("guards.cu", GROUPS, ALONE)
def work_before_the_return(block):
    x = rows(block, 7)
    n = x.size // 2
    i = np.arange(x.size).reshape(x.shape)
    want = np.where(i < n, x + 1, np.where(i < n + 70, -i, 9)).astype(i32)
    return Launch((7,), [x, np.full_like(x, 9), i32(n)], {1: want})


@case("guards.cu", GROUPS, ALONE)
def return_in_a_branch_of_it(block):
    x = rows(block)
    t = np.arange(block[0])
    want = np.where(t >= 40, x + 3, np.where(x > 20, 3, 1000 + x)).astype(i32)
    return Launch((5,), [x, np.full_like(x, 3), i32(20)], {1: want})


@case("guards.cu", GROUPS, ALONE)
def declarations_in_front(block):
    n = 300
    x = numbers(n)
    i = np.arange(n)
    return Launch((over(n, block)[0] + 1,), [x, np.zeros(n, i32), i32(n)],
                  {1: (np.where(i % block[0] & 1, 7, x) + i).astype(i32)})


@case("guards.cu", GROUPS, ALONE)
def function_decides(block):
    return each(lambda x, _i: quotient(x, 2), block)


@case("guards.cu", [(40, 3), (17, 2)], ALONE)
def edge_of_a_picture(block):
    w, h = 90, 13
    x = numbers(w * h).reshape(h, w)
    y = np.full_like(x, -1)
    y[1:-1, 1:-1] = x[1:-1, :-2] + x[1:-1, 2:] + x[:-2, 1:-1] + x[2:, 1:-1]
    return Launch((-(-w // block[0]), -(-h // block[1])), [x, np.zeros_like(x), i32(w), i32(h)],
                  {1: y})


@case("guards.cu", GROUPS, TOGETHER)
def guards_between_barriers(block):
    x = rows(block)
    return Launch((5,), [x, np.zeros(5, i32)], {1: x.sum(1).astype(i32)})


@case("guards.cu", GROUPS, TOGETHER)
def guard_after_a_barrier_that_some_miss(block):
    n = 3 * block[0] + 21
    x = numbers(n)
    t = np.arange(n) % block[0]
    want = np.where(t < 3, 8, x + np.roll(x, 3)).astype(i32)
    return Launch((5,), [x, np.full(n, 8, i32), i32(n)], {1: want})


@case("guards.cu", GROUPS, ALONE)
def guarded_turns(block):
    n = 500
    x = numbers(n)
    want = sum(np.append(x, np.zeros(300, i32))[50 * k:50 * k + n] for k in range(6))
    return Launch(over(n, block), [x, np.zeros(n + block[0], i32), i32(n)],
                  {1: np.append(want, np.zeros(block[0])).astype(i32)})


@case("guards.cu", GROUPS, ALONE)
def guarded_atomic(block):
    n = 300
    x = numbers(n)
    return Launch((over(n, block)[0] + 1,), [x, np.zeros(4, i32), np.zeros(n, i32), i32(n)],
                  {1: np.bincount(x & 3, minlength=4).astype(i32), 2: -x})


# --- functions ---

def fibonacci(n):
    return n if n < 2 else fibonacci(n - 1) + fibonacci(n - 2)


@case("functions.cu")
def recursive_function(block):
    return each(lambda x, _i: fibonacci(x & 15), block)


@case("functions.cu")
def functions_that_call_each_other(block):
    return each(lambda x, _i: 1 if x % 2 == 0 else 2, block)


@case("functions.cu")
def templates(block):
    return each(lambda x, _i: x**5 + x**2 + x**3, block, dtype=i64)


@case("functions.cu")
def overloads_and_defaults(block):
    return each(lambda x, _i: 1 if x & 1 else 2 if x & 2 else 41, block)


@case("functions.cu")
def lambdas(block):
    return each(lambda x, _i: 3 * x + 310, block)


@case("functions.cu")
def function_pointers(block):
    return each(lambda x, i: 2 * x if i % 3 == 0 else x * x, block)


@case("functions.cu")
def methods_and_operators(block):
    return each(lambda x, _i: (x * 2 + 3 + 24) * 500 + 6, block)


@case("functions.cu")
def namespaces(block):
    return each(lambda x, i: x + 1 + i, block)


@case("functions.cu")
def thread_index_in_a_function(block):
    n = 300
    y = np.arange(n, dtype=u32) * u32(10) + u32(over(n, block)[0])
    return Launch(over(n, block), [np.zeros(n, u32), i32(n)], {0: y})


@case("functions.cu")
def function_with_returns_in_loops(block):
    return each(lambda x, _i: 0 if x < 0 else int(x**0.5) + 1, block)


# --- integers ---

@case("integers.cu")
def widths(block):
    n = 300
    x = numbers(n)
    w = x.astype(i64)
    want = {1: (w * 3).astype(np.int8), 2: (w * 3).astype(np.uint8),
            3: ((w * 301).astype(np.int16).astype(i64) + 30000).astype(np.int16),
            4: (x.astype(np.uint16).astype(i64) * 7).astype(np.uint16)}
    return Launch(over(n, block), [x] + [np.zeros_like(want[k]) for k in want] + [i32(n)], want)


@case("integers.cu")
def promotions(block):
    def f(x, _i):
        a, c = x & 0xff, wrap(x, 8)
        return a + 200 + (c >> 1) * 1000 + (7 if a < 200 else 8) + 65536 + (~a & 0xf00)
    return each(f, block, low=-300, high=300)


@case("integers.cu")
def conversions(block):
    n = 300
    x = np.random.default_rng(5).uniform(-2e9, 2e9, n)
    x[::2] /= 1e9
    x[3] = 0
    a, b, c = x.astype(i32), abs(x).astype(u32), (x * 1e9).astype(i64)
    d = x.astype(f32) + c.astype(f32) + b.astype(f32)
    want = {1: a, 2: b, 3: c, 4: d, 5: (x != 0).astype(np.uint8)}
    return Launch(over(n, block), [x] + [np.zeros_like(want[k]) for k in want] + [i32(n)], want)


@case("integers.cu", [(64,)], ALONE)
def conversions_by_name(block):
    n = 200
    x = np.random.default_rng(15).uniform(-3e4, 3e4, n)
    x[:40] = np.arange(-20, 20) / 4
    f, u = x.astype(f32), x * x
    ways = (np.trunc, np.rint, np.floor, np.ceil)
    y = [way(v).astype(i64) for v in (f, f * f, f, f * f, x, u, x, u) for way in ways]
    z = (x.view(u64) >> u64(32) << u64(32) | u.view(u64) & u64(0xffffffff)).view(f64)
    i = np.arange(n)
    w = -i.astype(f32) + i.astype(f32) + (i64(1) << i % 50).astype(f32) + f32(2**64) + f
    return Launch(over(n, block),
                  [x, np.zeros((n, 32), i64), np.zeros(n), np.zeros(n, f32), i32(n)],
                  {1: np.stack(y, 1), 2: z + i + i - i + i, 3: w})


@case("integers.cu")
def floats_from_integers(block):
    x = wide(300)
    want = {1: x.astype(f32), 2: x.astype(f64), 3: x.view(i64).astype(f32),
            4: x.astype(u32).view(i32).astype(f64)}
    return Launch(over(300, block), [x] + [np.zeros_like(want[k]) for k in want] + [i32(300)], want)


@case("integers.cu")
def arithmetic_of_64_bits(block):
    x = wide(300)
    v = x[::-1] | u64(1)
    y = x * v + (x // v) * u64(3) - x % v
    z = [quotient(int(s), (int(t) >> 40) + 1) - (int(s) - quotient(int(s), 1000) * 1000)
         for s, t in zip(x.view(i64), v)]
    return Launch(over(300, block), [x, np.zeros(300, u64), np.zeros(300, i64), i32(300)],
                  {1: y, 2: np.array(z, i64)})


@case("integers.cu")
def shifts(block):
    n = 300
    x = numbers(n, -2**31, 2**31 - 1)
    s = np.arange(n) & 31
    w, u = x.astype(i64), x.view(u32).astype(u64)
    want = {1: (w >> s).astype(i32),
            2: (u << s.astype(u64) ^ u >> (31 - s).astype(u64)).astype(u32),
            3: w * 0x100000001 >> s + 20,
            4: u << (s + 31).astype(u64)}
    return Launch(over(n, block), [x] + [np.zeros_like(want[k]) for k in want] + [i32(n)], want)


@case("integers.cu")
def wrap_around(block):
    n = 300
    x = numbers(n, -2**31, 2**31 - 1).view(u32)
    y, z = [], []
    for v in map(int, x):
        h, s = 2166136261, v & 0xffff
        for k in range(4):
            h = (h ^ v >> 8 * k & 0xff) * 16777619 & 0xffffffff
        for _k in range(100):
            s = s * 251 + 17 & 0xffff
        y.append(h - v * v & 0xffffffff)
        z.append(s)
    return Launch(over(n, block), [x, np.zeros(n, u32), np.zeros(n, np.uint16), i32(n)],
                  {1: np.array(y, u32), 2: np.array(z, np.uint16)})


@case("integers.cu")
def division_of_negatives(block):
    n = 300
    x = numbers(n)
    d = [i % 7 - 3 or 5 for i in range(n)]
    q = np.array([quotient(int(a), b) for a, b in zip(x, d)], i32)
    return Launch(over(n, block), [x, np.zeros(n, i32), np.zeros(n, i32), i32(n)],
                  {1: q, 2: (x - q * d).astype(i32)})


@case("integers.cu")
def mixed_signs(block):
    def f(x, _i):
        u = x & 0xffffffff
        return ((u < 10) + 2 * (x < 10) + 4 * ((u + 10 & 0xffffffff) > 5) + 8 * (x < 10)
                + 16 * (x > -1) + 32 * (u > 0x80000000))
    return each(f, block, low=-20, high=20)


@case("integers.cu")
def truth_values(block):
    n = 300
    x = numbers(n, -3, 20)
    a, b = x != 0, x > 10
    z = a + b * 2 + ~a * 4 + (a ^ b) * 8 + (a | b) * 16
    return Launch(over(n, block), [x, np.zeros(n, bool), np.zeros(n, i32), i32(n)],
                  {1: a & ~b, 2: z.astype(i32)})


@case("integers.cu")
def bit_counts(block):
    x = wide(300)
    y, z = [], []
    for v in map(int, x):
        u = v & 0xffffffff
        y.append(bin(u).count("1") + 100 * (32 - u.bit_length()) + 10000 * (u & -u).bit_length()
                 + 1000000 * (bin(v).count("1") + 64 - v.bit_length() + (v & -v).bit_length()))
        z.append(int(f"{v:064b}"[::-1], 2) + int(f"{u:032b}"[::-1], 2) & 2**64 - 1)
    return Launch(over(300, block), [x, np.zeros(300, i32), np.zeros(300, u64), i32(300)],
                  {1: np.array(y, i32), 2: np.array(z, u64)})


@case("integers.cu")
def bytes_and_funnels(block):
    x = wide(300)
    a, b, c = [], [], []
    for i, v in enumerate(map(int, x)):
        chosen, s, t = i * 0x1235, i % 32, min(i, 32)
        permuted = 0
        for k in range(4):
            permuted |= (v >> 8 * (chosen >> 4 * k & 7) & 0xff) << 8 * k
        a.append(permuted)
        b.append((v << s >> 32 ^ v >> t) & 0xffffffff)
        c.append((v >> s) + (v << t >> 32) & 0xffffffff)
    return Launch(over(300, block), [x] + [np.zeros(300, u32)] * 3 + [i32(300)],
                  {1: np.array(a, u32), 2: np.array(b, u32),
                   3: np.array(c, u32)})


@case("integers.cu")
def high_halves_and_means(block):
    n = 300
    x = numbers(n)
    a, b, c, d = [], [], [], []
    for s, t in zip(map(int, x), map(int, x[::-1])):
        p, q = wrap(s * 19088743), wrap(t * 1985229328)
        u, v = p & 0xffffffff, q & 0xffffffff
        w = wrap(p << 32 | v, 64)
        a.append(wrap((p * q >> 32) ^ wrap(p, 24) * wrap(q, 24) ^ (p + q >> 1) ^ (p + q + 1 >> 1) << 1))
        b.append((u * v >> 32) + (u & 0xffffff) * (v & 0xffffff) + (u + v >> 1) + (u + v + 1 >> 1)
                 + abs(p - q) + 5 + abs(u - v) + 6 & 0xffffffff)
        c.append(w * ~w >> 64)
        d.append((w & 2**64 - 1) * (~w & 2**64 - 1) >> 64)
    want = {1: np.array(a, i32), 2: np.array(b, u32), 3: np.array(c, i64), 4: np.array(d, u64)}
    return Launch(over(n, block), [x] + [np.zeros_like(want[k]) for k in want] + [i32(n)], want)


@case("integers.cu")
def random_numbers(block):
    n = 300
    s = u64(12345) + np.arange(n, dtype=u64) * u64(0x9e3779b97f4a7c15)
    s = (s ^ s >> u64(30)) * u64(0xbf58476d1ce4e5b9)
    s = (s ^ s >> u64(27)) * u64(0x94d049bb133111eb)
    w = np.arange(1, n + 1, dtype=u32)
    for _k in range(10):
        w = w ^ w << u32(13)
        w = w ^ w >> u32(17)
        w = w ^ w << u32(5)
    return Launch(over(n, block), [u64(12345), np.zeros(n, u64), np.zeros(n, u32), i32(n)],
                  {1: s ^ s >> u64(31), 2: w})


@case("integers.cu")
def least_and_most(block):
    n = 300
    x = numbers(n)
    w = x.astype(i64)
    y = np.minimum(w, 5) * 3 + np.maximum(w, -7) + abs(w)
    z = np.maximum(w * 100000000, 1) + np.minimum(w & 0xffffffff, 77)
    return Launch(over(n, block), [x, np.zeros(n, i32), np.zeros(n, i64), i32(n)],
                  {1: y.astype(i32), 2: z})


# --- barriers: whole blocks, x in rows of a block each ---

WAITING = [(64,), (37,)]


def rows(block, n_blocks=5, dtype=i32, **options):
    size = int(np.prod(block))
    return numbers(n_blocks * size, **options).astype(dtype).reshape(n_blocks, size)


def by_rows(x, y, **options):
    return Launch((len(x),), [x, np.zeros_like(y)], {1: y}, **options)


@case("barriers.cu", WAITING)
def reversed_block(block):
    x = rows(block)
    return by_rows(x, x[:, ::-1])


@case("barriers.cu", [(128,), (100,)])
def block_sum(block):
    n = 1000
    x = numbers(n)
    grid = over(n, block)
    y = np.resize(np.append(x, np.zeros(grid[0] * block[0] - n, i32)), (grid[0], block[0])).sum(1)
    return Launch(grid, [x, np.zeros(grid[0], i32), i32(n)], {1: y.astype(i32)}, 4 * block[0])


@case("barriers.cu", WAITING)
def inclusive_scan(block):
    x = rows(block)
    return by_rows(x, np.cumsum(x, axis=1).astype(i32))


@case("barriers.cu", WAITING)
def early_returns_before_a_barrier(block):
    n = 300
    x = numbers(n, 5, 20)
    y = np.where(x == 13, -13, x + 2 * x[np.arange(n) // block[0] * block[0]]).astype(i32)
    return Launch(over(n, block), [x, np.zeros(n, i32), i32(n)], {1: y})


@case("barriers.cu", [(32,), (64,)], TOGETHER)
def sums_of_those_who_stay(block):
    n = 4 * block[0] + 24
    x = rows(block, dtype=f32)
    s, y = x.copy(), np.zeros_like(x)
    here = np.arange(x.size).reshape(x.shape) < n
    for k in (1, 2, 4, 8, 16):
        own = here & (np.arange(block[0]) % (2 * k) == 0)
        s[own] += np.roll(s, -k, axis=1)[own]
    y[here] = s[here]
    return Launch((5,), [x, np.zeros_like(x), i32(n)], {1: y})


@case("barriers.cu", WAITING)
def barriers_while_threads_return(block):
    x = rows(block)
    y = np.cumsum(x, axis=1)
    y[:, -1] *= -1
    return by_rows(x, y.astype(i32))


@case("barriers.cu", WAITING)
def barrier_in_a_while_loop(block):
    x = rows(block, high=1000)
    y, counts = [], []
    for v in x & 0xff:
        count, more = 0, True
        while more:
            left = np.roll(v, -1)
            v = (v + np.maximum(left - v % 3, 0)) // 3
            more = (v > 20).any()
            count += 1
        y.append(v)
        counts.append(count)
    return Launch((5,), [x, np.zeros_like(x), np.zeros(5, i32)],
                  {1: np.array(y, i32), 2: np.array(counts, i32)})


@case("barriers.cu", WAITING)
def votes_of_a_block(block):
    n = 300
    x = numbers(n)
    count, every, some = np.zeros((3, n), i32)
    for first in range(0, n, block[0]):
        part = slice(first, min(first + block[0], n))
        count[part] = c = (x[part] > 0).sum()
        every[part] = (x[part] != c).all()
        some[part] = (x[part] == 99).any()
    return Launch(over(n, block), [x] + [np.zeros(n, i32)] * 3 + [i32(n)],
                  {1: count, 2: every, 3: some})


@case("barriers.cu", [(16, 4), (8, 8)])
def transposed_tiles(block):
    w, h = 45, 30
    x = numbers(w * h).reshape(h, w)
    return Launch((-(-w // block[0]), -(-h // block[0])),
                  [x, np.zeros((w, h), i32), i32(w), i32(h)], {1: x.T})


@case("barriers.cu", [(8, 8)])
def matrix_product(block):
    n = 29
    a, b = numbers(2 * n * n).reshape(2, n, n)
    return Launch((4, 4), [a, b, np.zeros((n, n), i32), i32(n)], {2: (a @ b).astype(i32)})


@case("barriers.cu", WAITING)
def stencil_with_halo(block):
    n = 300
    x = np.random.default_rng(6).standard_normal(n).astype(f32)
    p = np.concatenate([[0], x, [0]]).astype(f32)
    return Launch(over(n, block), [x, np.zeros(n, f32), i32(n)], {1: p[:-2] + p[1:-1] + p[2:]})


@case("barriers.cu", [(4, 4, 4), (3, 2, 4)])
def shared_memory_of_three_dimensions(block):
    x = rows(block, 3)
    cube = x.reshape(3, block[2], block[1], block[0])
    y = np.roll(cube[:, :, ::-1], -1, axis=3).reshape(x.shape)
    return Launch((1, 1, 3), [x, np.zeros_like(x)], {1: y})


@case("barriers.cu", [(64,), (38,)])
def several_arrays_in_dynamic_memory(block):
    x, z = rows(block, dtype=f64), rows(block, seed=7)
    return Launch((5,), [x, z, np.zeros_like(x)], {2: x[:, ::-1] + np.roll(z, -1, axis=1)},
                  13 * block[0])


@case("barriers.cu", [(64,), (128,)])
def bitonic_sort(block):
    x = rows(block)
    return Launch((5,), [x], {0: np.sort(x, axis=1)}, 4 * block[0])


@case("barriers.cu", WAITING)
def shared_memory_outside_of_the_kernel(block):
    x = rows(block)
    return by_rows(x, np.roll(x * 2, -3, axis=1))


@case("barriers.cu", WAITING, TOGETHER)
def pointers_across_barriers(block):
    x = rows(block)
    return Launch((5,), [x, np.zeros_like(x), np.zeros_like(x)],
                  {1: x + x[:, :1] + 1, 2: np.full_like(x, 5)})


@case("barriers.cu", WAITING)
def barriers_in_branches(block):
    x = rows(block)
    y = np.roll(x, -1, axis=1)
    y[1] = -np.roll(x[1], -2)
    y[3] = 5
    return by_rows(x, y)


@case("barriers.cu", WAITING)
def blocks_of_a_grid_stride_loop(block):
    n = 500
    x = numbers(n)
    parts = [x[k:k + block[0]][::-1] for k in range(0, n, block[0])]
    return Launch((3,), [x, np.zeros(n, i32), i32(n)], {1: np.concatenate(parts)})


@case("barrier-functions.cu", WAITING)
def barrier_in_a_function(block):
    x = y = rows(block)
    for k in range(3):
        y = np.roll(y, -(k + 1), axis=1) + k
    return by_rows(x, y.astype(i32))


@case("barrier-functions.cu", WAITING)
def barrier_in_a_recursion(block):
    x = y = rows(block)
    for k in (8, 4, 2, 1):
        y = y + np.roll(y, -k, axis=1)
    return by_rows(x, y)


@case("barrier-functions.cu", WAITING)
def barrier_in_a_template(block):
    x = rows(block)
    most = np.broadcast_to(x.max(1, keepdims=True), x.shape)
    return Launch((5,), [x, np.zeros_like(x), np.zeros(x.shape, f32)],
                  {1: most, 2: most.astype(f32) / 2})


@case("barrier-functions.cu", [(64,), (32,)])
def warp_function_in_a_function(block):
    x = rows(block)
    return by_rows(x, x.reshape(-1, 2)[:, ::-1].reshape(x.shape) * 2 + x + 1)


@case("barrier-functions.cu", [(64,), (256,), (96,)])
def totals(block):
    x = numbers(3000).astype(f32)  # whole numbers: any order gives the same sum
    sums = np.zeros(4, f32)
    np.add.at(sums, np.arange(3000) // block[0] % 4, x)
    return Launch((4,), [x, np.zeros(4, f32), i32(3000)], {1: sums})


@case("barrier-functions.cu", [(64,), (96,)])
def most_of_warps(block):
    x = rows(block)
    most = np.repeat(x.reshape(-1, 32).max(1), 32).reshape(x.shape)
    return Launch((5,), [x, np.zeros_like(x), np.zeros(x.shape, f64)],
                  {1: most - 6, 2: most * 0.5})


@case("barrier-functions.cu", [(64,), (33,), (256,)])
def scan_by_a_function(block):
    x = rows(block)
    sums = np.cumsum(x, 1)
    ours = 3 * np.arange(1, block[0] + 1) - 3 * block[0]
    return by_rows(x, (sums * 1000 + sums[:, -1:] + ours).astype(i32))


@case("barrier-functions.cu", [(64,), (160,)])
def names_of_functions(block):
    x = rows(block)
    lane = np.arange(32)

    def turned(v, by):
        return v.reshape(-1, 32)[:, (lane + by) % 32].reshape(x.shape) + np.tile(
            lane, x.size // 32).reshape(x.shape)

    v = x
    for k in range(3):
        other = turned(v, 1 + k) + turned(turned(np.full_like(x, 5), 1), 2)
        v = v - turned(v, 1) if k == 1 else v + turned(other, 3)
    return by_rows(x, (v + 6).astype(i32))


@case("barrier-functions.cu", WAITING)
def shared_by_calls(block):
    x = rows(block)
    return by_rows(x, x + 0 + 50 + 12000)


@case("barrier-functions.cu", WAITING)
def names_outside_of_functions(block):
    x = rows(block)
    return Launch((5,), [x, np.zeros(x.shape, f32)], {1: (x + 101.5).astype(f32)})


@case("barrier-functions.cu", WAITING)
def numbers_for_reals(block):
    x = rows(block)
    return Launch((5,), [x, np.zeros(x.shape, f32)], {1: (x + 1.5).astype(f32)})


@case("barrier-functions.cu", WAITING)
def references_to_converted_values(block):
    x = rows(block)
    return Launch((5,), [x, np.zeros(x.shape, f32)], {1: (x * 500.5).astype(f32)})


@case("barrier-functions.cu", WAITING, TOGETHER)
def references_to_values(block):
    x = rows(block)
    return Launch((5,), [x, np.zeros(x.shape, f32)], {1: (x * 0.5).astype(f32)})


def from_a_limit_on(block, factor):
    x = numbers(4 * block[0])
    n = block[0] + 21
    y = np.zeros_like(x)
    y[n:] = x[n:] * factor
    return Launch((4,), [x, np.zeros_like(x), i32(n)], {1: y})


@case("guards.cu", forms=ALONE)
def threads_from_a_limit_on(block):
    return from_a_limit_on(block, 2)


@case("guards.cu", forms=ALONE)
def work_from_a_limit_on(block):
    return from_a_limit_on(block, 3)


# --- warps ---

WARPS = [(64,), (96,)]


def lanes(x):
    return x.reshape(-1, 32)


@case("warps.cu", WARPS)
def warp_sum(block):
    n = 1000
    x = numbers(n)
    grid = over(n, block)
    padded = np.append(x, np.zeros(grid[0] * block[0] - n, i32))
    y = lanes(padded).sum(1).astype(i32)
    return Launch(grid, [x, np.zeros_like(y), i32(n)], {1: y})


@case("warps.cu", WARPS)
def warp_scan(block):
    x = rows(block, dtype=f32)  # whole numbers: sums are exact in any order
    return by_rows(x, np.cumsum(lanes(x), axis=1).astype(f32).reshape(x.shape))


@case("warps.cu", WARPS)
def butterfly(block):
    x = rows(block, dtype=f64)
    y = np.broadcast_to(lanes(x).max(1, keepdims=True), lanes(x).shape)
    return by_rows(x, y.reshape(x.shape))


@case("warps.cu", WARPS)
def shuffles_of_every_width(block):
    x = rows(block)
    n = np.arange(32)

    def pick(source, inside):
        """By machine rules: the own value where the source lies outside."""
        return lanes(x)[:, np.where(inside, source, n)]

    def segment(width):
        return n // width * width

    def down(d, w):
        return pick((n + d) % 32, n + d < segment(w) + w)

    def up(d, w):
        return pick(n - d, n - d >= segment(w))

    def xor(d, w):
        return pick(n ^ d, (n ^ d) < segment(w) + w)
    a = pick(segment(8) + 5, True) + 1000 * pick(n, True)
    b = up(3, 8) + 1000 * up(1, 2)
    c = down(3, 4) + 1000 * down(7, 16)
    d = xor(3, 4) + 1000 * xor(9, 16)
    return Launch((5,), [x] + [np.zeros_like(x)] * 4,
                  {k + 1: v.astype(i32).reshape(x.shape) for k, v in enumerate((a, b, c, d))})


@case("warps.cu", WARPS)
def shuffles_of_every_type(block):
    x = rows(block)
    w = lanes(x).astype(i64)
    n = np.arange(32)
    u = w & 0xffffffff
    y = ((w << 33)[:, n ^ 1] + (w << 33)[:, n ^ 2] + 1 + u[:, n ^ 4] + w[:, n ^ 8] + u[:, n ^ 16])
    z = w[:, n ^ 1] * 0.5 + w[:, n ^ 2] * 0.25
    return Launch((5,), [x, np.zeros(x.shape, i64), np.zeros(x.shape, f64)],
                  {1: y.reshape(x.shape), 2: z.reshape(x.shape)})


@case("warps.cu", WARPS)
def shuffles_by_every_distance(block):
    x = rows(block)
    whole, real, n = lanes(x).astype(u32), lanes(x) * 0.25, np.arange(32)
    sums, reals = np.zeros(whole.shape, u32), np.zeros(real.shape)
    for k in range(32):
        down, up = np.where(n + k < 32, n + k, n), np.where(n >= k, n - k, n)
        sums = sums * u32(5) + whole[:, down % 32] + u32(2) * whole[:, up]
        sums = sums * u32(3) + whole[:, n ^ k] + u32(2) * whole[:, [k] * 32]
        reals = reals * 0.5 + real[:, down % 32] - real[:, up]
        reals = reals * 0.5 + real[:, n ^ k] - 0.125 * real[:, [k] * 32]
    return Launch((5,), [x, np.zeros(x.shape, u32), np.zeros(x.shape, f64)],
                  {1: sums.reshape(x.shape), 2: reals.reshape(x.shape)})


@case("warps.cu", WARPS, TOGETHER)
def shuffles_within_halves(block):
    x, n = rows(block), np.arange(32)
    down, up = np.where(n % 16 + 3 < 16, n + 3, n), np.where(n % 16 >= 3, n - 3, n)
    return by_rows(x, (lanes(x)[:, down % 32] + 1000 * lanes(x)[:, up]).reshape(x.shape))


@case("warps.cu", WARPS, TOGETHER)
def shuffles_one_after_another(block):
    x, n = rows(block), np.arange(32)
    u = lanes(x)[:, n ^ 1] + 3
    return by_rows(x, (1000 * u + u[:, np.where(n < 30, n + 2, n) % 32]).reshape(x.shape))


@case("warps.cu", WARPS, TOGETHER)
def shuffles_in_strange_loops(block):
    x, turns, turn = rows(block), 0, 5
    while turn > 1:
        turns, turn = turns + turn, (turn - 3) % 256
    return by_rows(x, (lanes(x)[:, np.arange(32) ^ 1] * 35 + turns).reshape(x.shape))


@case("warps.cu", WARPS, TOGETHER)
def no_lanes_of_warps(block):
    x = rows(block)
    return by_rows(x, x + lanes(x)[:, np.arange(32) ^ 1].reshape(x.shape))


@case("warps.cu", WARPS)
def first_lanes_of_warps(block):
    x = rows(block)
    first = 3 * (lanes(x)[:, 0] + lanes(x)[:, 1])
    y = first[:, None] + np.arange(32, dtype=i32)
    return Launch((5,), [x, np.zeros(x.shape, i32)], {1: y.reshape(x.shape)})


@case("warps.cu", [(64,), (37,)])
def votes_of_a_warp(block):
    n = 300
    x = numbers(n)
    every, some, ballot = np.zeros(n, i32), np.zeros(n, i32), np.zeros(n, u32)
    warp = np.arange(n) // block[0] * 100 + np.arange(n) % block[0] // 32
    for w in np.unique(warp):
        own = np.flatnonzero(warp == w)
        every[own] = (x[own] > -95).all()
        some[own] = (x[own] > 95).any()
        ballot[own] = sum(1 << k for k, i in enumerate(own) if x[i] & 1)
    return Launch(over(n, block),
                  [x, np.zeros(n, i32), np.zeros(n, i32), np.zeros(n, u32), i32(n)],
                  {1: every, 2: some, 3: ballot})


@case("warps.cu", WARPS)
def halves_of_a_warp(block):
    x = rows(block)
    y = lanes(x).copy()
    y[:, :16] = y[:, :16].sum(1, keepdims=True)
    y[:, 16:] = np.roll(y[:, 16:], -1, axis=1) * 2
    return by_rows(x, y.reshape(x.shape))


@case("warps.cu", WARPS)
def gathered_atomics(block):
    n = 1000
    x = numbers(n)
    chosen = x > 0

    def places(place):
        return (place[~chosen] == -1).all() and sorted(place[chosen]) == list(range(chosen.sum()))
    return Launch(over(n, block), [x, np.zeros(1, i32), np.full(n, -1, i32), i32(n)],
                  {1: np.array([chosen.sum()], i32), 2: places})


@case("warps.cu", [(64,), (128,)])
def lanes_of_the_same_value(block):
    x = rows(block, 4)
    i = np.arange(x.size).reshape(-1, 32)
    bits = u32(1) << np.arange(32, dtype=u32)

    def matching(v):
        return ((v[:, :, None] == v[:, None, :]) * bits).sum(2).astype(u32)
    same = ((i[:, 0] // 64 % 2 == 1) | (lanes(x).min(1) == lanes(x).max(1)))[:, None]
    same = np.broadcast_to(same, i.shape).reshape(x.shape)
    a = matching(lanes(x) & 3) ^ matching(lanes(x) & 1)
    return Launch((4,), [x, np.zeros(x.shape, u32), np.zeros(x.shape, u32), np.zeros(x.shape, i32)],
                  {1: a.reshape(x.shape), 2: np.where(same, 2**32 - 1, 0).astype(u32),
                   3: same.astype(i32)})


@case("warps.cu", WARPS)
def reduced_warps(block):
    x = rows(block)
    w = lanes(x).astype(i64)
    u = w & 0xffffffff
    y = w.sum(1) + 3 * w.min(1) + 7 * w.max(1)
    z = (u.sum(1) + 3 * u.min(1) + 5 * u.max(1) + 7 * np.bitwise_and.reduce(u, 1)
         + 11 * np.bitwise_or.reduce(u, 1) + 13 * np.bitwise_xor.reduce(u, 1)) & 0xffffffff
    return Launch((5,), [x, np.zeros_like(x), np.zeros(x.shape, u32)],
                  {1: np.repeat(y, 32).astype(i32).reshape(x.shape),
                   2: np.repeat(z, 32).astype(u32).reshape(x.shape)})


@case("warps.cu", WARPS)
def shared_memory_between_lanes(block):
    x = rows(block)
    y = np.broadcast_to(lanes(x).sum(1, keepdims=True), lanes(x).shape).astype(i32)
    return by_rows(x, y.reshape(x.shape))


@case("warps.cu", [(8, 4, 2), (7, 3, 3), (5, 20)])
def lanes_of_a_flat_block(block):
    x = rows(block)
    y = np.zeros_like(x)
    for first in range(0, x.shape[1], 32):
        own = np.arange(first, min(first + 32, x.shape[1]))
        y[:, own] = x[:, first + 3, None] + (own % block[0] == 0).sum()
    return by_rows(x, y)


# --- atomics ---

@case("atomics.cu")
def atomic_histogram(block):
    n = 2000
    x = numbers(n)
    count = np.bincount(x & 7, minlength=8)
    return Launch(over(n, block), [x, np.zeros(8, i32), np.zeros(8, u32), np.zeros(8, u64), i32(n)],
                  {1: np.bincount(x & 7, x, 8).astype(i32), 2: (count * 3).astype(u32),
                   3: count.astype(u64) << u64(40)})


@case("atomics.cu")
def atomic_sums_of_floats(block):
    n = 2000
    x = numbers(n)
    total = np.bincount(np.arange(n) & 3, x)
    return Launch(over(n, block), [x, np.zeros(4, f32), np.zeros(4, f64), i32(n)],
                  {1: (total * 0.5).astype(f32), 2: total * 0.25})


@case("atomics.cu")
def atomic_places(block):
    n = 1000
    return Launch(over(n, block), [np.zeros(1, i32), np.zeros(n, i32), i32(n)],
                  {0: np.array([n], i32), 1: lambda y: (np.sort(y) == np.arange(n)).all()})


@case("atomics.cu")
def atomic_differences(block):
    n = 1000
    x = numbers(n)
    return Launch(over(n, block), [x, np.zeros(2, i32), np.zeros(2, u32), i32(n)],
                  {1: -x.reshape(-1, 2).sum(0).astype(i32), 2: np.full(2, 2**32 - 7 * 500, u32)})


@case("atomics.cu")
def atomic_exchanges(block):
    n = 1000
    last = [np.zeros(1, t) for t in (i32, u32, u64, f32)]

    def handed_on(seen):
        seen = np.sort(seen, axis=0)
        # all but the last one, in each column
        return all(len(set(column) | {0}) == n and column[0] == 0 and column[-1] <= n
                   for column in seen.T)
    return Launch(over(n, block), last + [np.zeros((n, 4), i32), i32(n)], {4: handed_on})


@case("atomics.cu")
def atomic_extremes(block):
    n = 1000
    x = numbers(n)
    w = x.astype(i64)
    u, v = x.view(u32), w.view(u64)
    start = [np.array([2**31 - 1, -2**31], i32), np.array([2**32 - 1, 0], u32),
             np.array([2**62, -2**62], i64), np.array([2**64 - 1, 0], u64)]
    return Launch(over(n, block), [x] + start + [i32(n)],
                  {1: np.array([x.min(), x.max()], i32), 2: np.array([u.min(), u.max()], u32),
                   3: np.array([w.min() << 33, w.max() << 33], i64),
                   4: np.array([v.min(), v.max()], u64)})


@case("atomics.cu")
def atomic_counters(block):
    n = 1000
    seen = np.zeros(20, i32)
    seen[:7] = np.bincount(np.arange(n) % 7)
    seen[10:15] = np.bincount(-np.arange(n) % 5)
    return Launch(over(n, block), [np.zeros(1, u32), np.zeros(1, u32), np.zeros(20, i32), i32(n)],
                  {0: np.array([n % 7], u32), 1: np.array([-n % 5], u32), 2: seen})


@case("atomics.cu")
def atomic_compare_and_swap(block):
    n = 1000
    x = numbers(n)
    b = 1
    for _i in range(n):
        b = b * 3 + 1 & 0xffff
    d = np.arange(n) & 1
    d[::3] += 1
    want = np.where(d == np.arange(n) % 2, 500, d).astype(np.uint16)
    return Launch(over(n, block),
                  [x, np.array([-1000], f32), np.ones(1, u32), np.zeros(1, u64),
                   d.astype(np.uint16), i32(n)],
                  {1: np.array([x.max() * 0.5], f32), 2: np.array([b], u32),
                   3: np.array([n * (n + 1) // 2], u64), 4: want})


@case("atomics.cu")
def atomic_bits(block):
    n = 1000
    x = numbers(n)
    v = x.astype(i64).view(u64)
    a = [np.bitwise_and.reduce(x | 0xf0), np.bitwise_or.reduce(x & 15), np.bitwise_xor.reduce(x)]
    b = [0xffff0000, 0xffff, np.bitwise_xor.reduce(x.view(u32) * u32(77))]
    c = [2**64 - 2**50, 2**50 - 1, np.bitwise_xor.reduce(v * u64(7777777777))]
    return Launch(over(n, block),
                  [x, np.array([-1, 0, 0], i32), np.array([2**32 - 1, 0, 0], u32),
                   np.array([2**64 - 1, 0, 0], u64), i32(n)],
                  {1: np.array(a, i32), 2: np.array(b, u32), 3: np.array(c, u64)})


@case("atomics.cu")
def atomics_of_every_scope(block):
    n = 1000
    x = numbers(n)
    grid = over(n, block)
    sums = np.add.reduceat(x, np.arange(0, n, block[0]))
    start = np.zeros(4 + grid[0], i32)
    start[1] = -1000
    want = np.concatenate([[x.sum(), x.max(), np.bitwise_or.reduce(x & 31), 55], sums])
    return Launch(grid, [x, start, np.zeros(1, f32), i32(n)],
                  {1: want.astype(i32), 2: np.array([x.sum() * 0.5], f32)})


@case("atomics.cu", WAITING)
def atomics_on_shared_memory(block):
    n = 1000
    x = numbers(n)
    parts = [np.bincount(x[k:k + block[0]] & 7, minlength=8) for k in range(0, n, block[0])]
    y = np.array(parts, i32)
    return Launch(over(n, block), [x, np.zeros_like(y), i32(n)], {1: y})


@case("atomics.cu", WAITING)
def last_block_sums_up(block):
    n = 1000
    x = numbers(n)
    grid = over(n, block)
    return Launch(grid, [x, np.zeros(grid[0], i32), np.zeros(1, i32), i32(n)],
                  {1: np.add.reduceat(x, np.arange(0, n, block[0])).astype(i32),
                   2: np.array([x.sum()], i32)})


@case("atomics.cu", WAITING)
def spin_lock(block):
    n = 300
    x = numbers(n)
    return Launch(over(n, block), [x, np.zeros(1, i32), np.zeros(1, i32), i32(n)],
                  {1: np.zeros(1, i32), 2: np.array([x.sum()], i32)})


# --- atomics on shared memory ---

def own_places(block, dtype, start, *steps):
    """What each thread sees before and after each of the steps."""
    x = rows(block, 3)
    t = np.broadcast_to(np.arange(block[0]), x.shape)
    v = x.astype(i64)
    with np.errstate(over="ignore"):
        s, seen = np.array(start(v, t)).astype(dtype), []
        s = np.broadcast_to(s, x.shape)
        for step in steps:
            old, s = s, np.broadcast_to(np.asarray(step(s, v)).astype(dtype), x.shape)
            seen += [old, s]
    want = np.stack(seen, axis=2)
    return Launch((3,), [x, np.zeros_like(want)], {1: want})


@case("shared-atomics.cu", [(37,)], ALONE)
def own_int(block):
    return own_places(block, i32, lambda v, t: 17 - t, lambda s, v: s + v, lambda s, v: s - 3 * v,
                      np.minimum, lambda s, v: np.maximum(s, -v), lambda s, v: s & 0x5f,
                      lambda s, v: s | v, lambda s, v: s ^ 0x333,
                      lambda s, v: np.where(s == v ^ 0x333, 5, s), lambda s, v: s,
                      lambda s, v: v * v)


@case("shared-atomics.cu", [(37,)], ALONE)
def own_unsigned(block):
    def of(function):
        """On whole numbers that do not wrap"""
        return lambda s, v: function(s.astype(i64), v * 2654435761 & 0xffffffff) & 0xffffffff
    return own_places(block, u32, lambda v, t: 9, lambda s, v: np.where(s >= 9, 0, s + u32(1)),
                      lambda s, v: np.where(s >= 9, 0, s + u32(1)),
                      of(lambda s, v: np.where((s == 0) | (s > v), v, s - 1)),
                      of(lambda s, v: np.where((s == 0) | (s > v), v, s - 1)),
                      of(lambda s, v: s + v), of(lambda s, v: s - (v >> 3)), of(np.minimum),
                      of(lambda s, v: np.maximum(s, 0x80000000)), of(lambda s, v: s & ~v),
                      of(lambda s, v: s | v & 0xff), of(lambda s, v: s ^ v), of(lambda s, v: v + 1),
                      of(lambda s, v: np.where(s == v, 1, s)), of(lambda s, v: s * 0 - 1))


@case("shared-atomics.cu", [(37,)], ALONE)
def own_wide(block):
    def of(function):
        return lambda s, v: function(s, v.astype(u64) * u64(0x9e3779b97f4a7c15))
    return own_places(block, u64, lambda v, t: u64(2**63), of(lambda s, v: s + v), of(np.minimum),
                      of(lambda s, v: np.maximum(s, u64(2**40))),
                      of(lambda s, v: s & u64(0xffffff00000000ff)),
                      of(lambda s, v: s | v << u64(8)), of(lambda s, v: s ^ v >> u64(1)),
                      of(lambda s, v: v + u64(1)), of(lambda s, v: np.where(s == v, u64(1), s)),
                      of(lambda s, v: ~v))


@case("shared-atomics.cu", [(37,)], ALONE)
def own_signed_wide(block):
    return own_places(block, i64, lambda v, t: -2**36, lambda s, v: np.maximum(s, v << 33),
                      lambda s, v: np.minimum(s, -v << 33))


@case("shared-atomics.cu", [(37,)], ALONE)
def own_float(block):
    def third(v):
        return v.astype(f32) / f32(3)
    return own_places(block, f32, lambda v, t: f32(0.1), lambda s, v: s + third(v),
                      lambda s, v: s - third(v), lambda s, v: third(v))


@case("shared-atomics.cu", [(37,)], ALONE)
def own_double(block):
    return own_places(block, f64, lambda v, t: 0.1, lambda s, v: s + v / 3.0,
                      lambda s, v: s - v / 3.0)


@case("shared-atomics.cu", [(37,)], ALONE)
def own_short(block):
    return own_places(block, np.uint16, lambda v, t: v, lambda s, v: 77 + 0 * v,
                      lambda s, v: np.where(v & 0xffff == 77, 78, 77))


def met(block, columns):
    """A row of results for each block"""
    x = rows(block)
    want = columns(x)
    return Launch((5,), [x, np.zeros_like(want)], {1: want})


@case("shared-atomics.cu", [(64,)], TOGETHER)
def met_int(block):
    return met(block, lambda x: np.stack(
        [x.sum(1), -x.sum(1), np.minimum(x.min(1), 0), np.maximum(x.max(1), 0),
         np.bitwise_and.reduce(x | 0x60, 1), np.bitwise_or.reduce(x & 0x1e, 1),
         np.bitwise_xor.reduce(x * 77, 1), np.full(5, 4321)], axis=1).astype(i32))


@case("shared-atomics.cu", [(64,)], TOGETHER)
def met_unsigned(block):
    def columns(x):
        v = x.astype(u32)
        return np.stack([x.sum(1), -x.sum(1), v.min(1), v.max(1),
                         np.bitwise_and.reduce(v | 0x60, 1), np.bitwise_or.reduce(v & 0x1e, 1),
                         np.bitwise_xor.reduce(v * u32(77), 1), np.full(5, block[0] % 11),
                         np.full(5, -block[0] % 11)], axis=1).astype(i64).astype(u32)
    return met(block, columns)


@case("shared-atomics.cu", [(64,)], TOGETHER)
def met_wide(block):
    def columns(x):
        v = x.astype(u64)
        return np.stack([v.sum(1) << u64(20), v.min(1), v.max(1),
                         np.bitwise_and.reduce(v | u64(0x60), 1),
                         np.bitwise_or.reduce(v & u64(0x1e), 1) << u64(40),
                         np.bitwise_xor.reduce(v * u64(7777777777), 1), np.full(5, 99, u64)], axis=1)
    return met(block, columns)


@case("shared-atomics.cu", [(64,)], TOGETHER)
def met_reals(block):
    x = rows(block)
    odd = np.arange(x.size).reshape(x.shape) & 1
    y = x.sum(1) * 0.5 + (x * odd).sum(1) * (x * (1 - odd)).sum(1)
    return Launch((5,), [x, np.zeros(5, f32), np.zeros(5)],
                  {1: y.astype(f32), 2: x.sum(1) * 0.25}, 8)


@case("shared-atomics.cu", [(64,)], TOGETHER)
def met_exchanges(block):
    def handed_on(seen):
        """All but the last one, in each block and column"""
        return all(len(set(column)) == block[0] and min(column) == 0 and max(column) <= block[0]
                   for part in seen for column in part.T)
    return Launch((5,), [np.zeros((5, block[0], 4), i32)], {0: handed_on})


@case("shared-atomics.cu", [(64,)], TOGETHER)
def met_compare_and_swap(block):
    return met(block, lambda x: (x.max(1) * 0.5).astype(f32))


@case("shared-atomics.cu", [(64,)], TOGETHER)
def met_in_a_branch(block):
    x = rows(block)
    chosen = np.sort(x[x > 30])

    def listed(y):
        return np.array_equal(np.sort(y[:len(chosen)]), chosen) and not y[len(chosen):].any()
    return Launch((5,), [x, np.zeros(x.size, i32), np.zeros(1, i32)],
                  {1: listed, 2: np.array([len(chosen)], i32)})
