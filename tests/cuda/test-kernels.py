# SPDX-License-Identifier: LGPL-2.1-or-later
"""Kernels in CUDA C, run by the PTX interpreter, do what NumPy and exact arithmetic say: their PTX
as it is stored in ptx/, and as NVRTC makes it here, where there is one."""
import math
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "pipelines"))
from tap import Skip, main, run, test  # noqa: E402

BUILT = os.path.join(os.environ["top_builddir"], "tests", "cuda")
LORENZ = os.path.join(HERE, "..", "examples", "lorenz.cu")
TARGETS = {"sm_75": 75, "sm_80": 80, "sm_90": 90, "sm_100": 100, "sm_90-debug": 90}
SOURCES = {"arithmetic": os.path.join(HERE, "kernels", "arithmetic.cu"),
           "threads": os.path.join(HERE, "kernels", "threads.cu"),
           "corners": os.path.join(HERE, "kernels", "corners.cu"),
           "functions": os.path.join(HERE, "kernels", "functions.cu"),
           "lorenz": LORENZ}
compiled = {}  # (name, target) -> path of a file, or None where there is no NVRTC
folder = os.path.join(BUILT, "made")


def compile_one(key):
    name, target = key
    path = os.path.join(folder, "%s-%s.ptx" % key)
    done = subprocess.run([os.path.join(BUILT, "nvrtc-compile"), SOURCES[name], path,
                           "--fmad=false", "--gpu-architecture=compute_%d" % TARGETS[target],
                           *["--device-debug"] * target.endswith("debug")],
                          stderr=subprocess.PIPE, text=True)
    if done.returncode == 77:
        return None
    assert done.returncode == 0, done.stderr
    return path


def compile_all():
    if not compiled:
        os.makedirs(folder, exist_ok=True)
        keys = [(name, target) for name in SOURCES for target in TARGETS]
        with ThreadPoolExecutor(2) as pool:
            compiled.update(zip(keys, pool.map(compile_one, keys)))
    return compiled


def modules(name):
    """Every PTX text of a source."""
    paths = [os.path.join(HERE, "ptx", "%s-%s.ptx" % (name, target)) for target in TARGETS]
    paths = [path for path in paths if os.path.exists(path)]
    paths += [path for (other, _), path in compile_all().items() if other == name and path]
    if not paths:
        raise Skip("no NVRTC, and nothing stored")
    return paths


def launch(path, entry, grid, block, *arguments, shared=0, variables=()):
    """Runs a kernel: arrays are device memory, and are changed; (type, value) is a scalar."""
    words, arrays = [], []
    for array in arguments:
        if isinstance(array, np.ndarray):
            name = "buffer-%d" % len(arrays)
            array.tofile(name)
            arrays.append((array, name))
            words.append("buffer:" + name)
        else:
            words.append("%s:%s" % array)
    done = subprocess.run([os.path.join(BUILT, "ptx-launch"),
                           *["get:%s=variable-%s" % (name, name) for name in variables],
                           path, entry, grid, block, str(shared), *words],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 0, (path, entry, done.stderr)
    for array, name in arrays:
        array[...] = np.fromfile(name, array.dtype).reshape(array.shape)


def check(got, expected, what):
    """Bit for bit, but a NaN is a NaN."""
    expected = np.asarray(expected, got.dtype)
    if got.dtype.kind == "f":
        assert np.array_equal(np.isnan(got), np.isnan(expected)), what
        got, expected = (np.where(np.isnan(a), 0, a).view("i%d" % a.itemsize)
                         for a in (got, expected))
    wrong = np.flatnonzero(got != expected)
    assert not len(wrong), (what, wrong[:5], got[wrong[:5]], expected[wrong[:5]])


def each(name, entry, a, b, rows):
    """out[k] of every element for (a, b), from every text."""
    for path in modules(name):
        out = np.zeros((len(rows), len(a)), a.dtype)
        launch(path, entry, str(-(-len(a) // 64)), "64", a, b, out, ("i32", len(a)))
        with np.errstate(all="ignore"):
            for k, row in enumerate(rows):
                check(out[k], row, (path, entry, k))


def wrap(value, bits):
    value &= (1 << bits) - 1
    return value - (1 << bits) if value >> (bits - 1) else value


def quotient(x, y):
    return 0 if y == 0 else abs(x) // abs(y) * (1 if (x < 0) == (y < 0) else -1)


def integer_inputs(bits):
    rng = np.random.default_rng(1)
    corners = [0, 1, -1, 2, 5, 31, 33, 255, 256, -128, 0x12345678, 2**(bits - 1) - 1,
               -2**(bits - 1)]
    pairs = [(x, y) for x in corners for y in corners]
    a = [x for x, _ in pairs] + [int(x) >> int(s) for x, s in zip(
        rng.integers(-2**(bits - 1), 2**(bits - 1) - 1, 200), rng.integers(0, bits, 200))]
    b = [y for _, y in pairs] + [int(x) >> int(s) for x, s in zip(
        rng.integers(-2**(bits - 1), 2**(bits - 1) - 1, 200), rng.integers(0, bits, 200))]
    return a, b


def unsigned(x, bits):
    return x & ((1 << bits) - 1)


def reversed_bits(x, bits):
    return int(format(unsigned(x, bits), "0%db" % bits)[::-1], 2)


def byte(x, k):
    return (x >> (8 * k)) & 255


def rows_of_integers(a, b):
    u32 = lambda x: unsigned(x, 32)  # noqa: E731
    s8 = lambda x: wrap(x, 8)  # noqa: E731
    formulas = [
        lambda x, y: x + y,
        lambda x, y: x * y,
        quotient,
        lambda x, y: x - quotient(x, y) * y if y else 0,
        lambda x, y: u32(x) // u32(y) if y else 0,
        lambda x, y: u32(x) % u32(y) if y else 0,
        lambda x, y: (x * y) >> 32,
        lambda x, y: (u32(x) * u32(y)) >> 32,
        lambda x, y: x >> (y & 31),
        lambda x, y: u32(x) >> (y & 31),
        lambda x, y: x << (y & 31),
        lambda x, y: bin(u32(x)).count("1") + 100 * (32 - u32(y).bit_length()),
        lambda x, y: reversed_bits(x, 32),
        lambda x, y: (u32(x) & -u32(x)).bit_length(),
        lambda x, y: byte(x, 0) | byte(y, 0) << 8 | byte(x, 1) << 16 | byte(y, 1) << 24,
        lambda x, y: ((u32(y) << 32 | u32(x)) << 7) >> 32,
        lambda x, y: (u32(y) << 32 | u32(x)) >> 7,
        lambda x, y: min(x, y) ^ max(x, y),
        lambda x, y: abs(x) - (abs(u32(x) - u32(y)) + 5),
        lambda x, y: wrap(x, 16) * wrap(y, 16) + s8(x) - (y & 255),
        lambda x, y: (x & y) | ((~x & 0x55555555) ^ y),
        lambda x, y: 1000 + sum(s8(x >> (8 * k)) * s8(y >> (8 * k)) for k in range(4)),
        lambda x, y: (x >> 5) & 255,
        lambda x, y: wrap(x >> 8, 16),
    ]
    return [[wrap(formula(x, y), 32) for x, y in zip(a, b)] for formula in formulas]


@test
def integers_of_32_bits_are_exact():
    a, b = integer_inputs(32)
    each("arithmetic", "integers", np.array(a, np.int32), np.array(b, np.int32),
         rows_of_integers(a, b))


@test
def integers_of_64_bits_are_exact():
    a, b = integer_inputs(64)
    u64 = lambda x: unsigned(x, 64)  # noqa: E731
    formulas = [
        lambda x, y: x + y,
        lambda x, y: x * y,
        quotient,
        lambda x, y: u64(x) % u64(y) if y else 0,
        lambda x, y: (x * y) >> 64,
        lambda x, y: (u64(x) * u64(y)) >> 64,
        lambda x, y: x >> (y & 63),
        lambda x, y: u64(x) >> (y & 63),
        lambda x, y: x << (y & 63),
        lambda x, y: bin(u64(x)).count("1") + 100 * (64 - u64(y).bit_length()),
        lambda x, y: reversed_bits(x, 64),
        lambda x, y: wrap(x, 32) * wrap(y, 32),
        min,
        lambda x, y: min(u64(x), u64(y)),
    ]
    each("arithmetic", "wide", np.array(a, np.int64), np.array(b, np.int64),
         [[wrap(formula(x, y), 64) for x, y in zip(a, b)] for formula in formulas])


def real_inputs(dtype):
    rng = np.random.default_rng(2)
    info = np.finfo(dtype)
    corners = np.array([0, -0.0, 1, -1, 0.5, 2.5, -2.5, 3, 1e-3, info.tiny, info.tiny / 8, info.max,
                        -info.max, np.inf, -np.inf, np.nan, 1 + info.eps], dtype)
    a, b = (grid.ravel() for grid in np.meshgrid(corners, corners))
    scale = 2.0 ** rng.integers(-20, 20, 300)
    return (np.concatenate([a, (rng.normal(size=300) * scale).astype(dtype)]),
            np.concatenate([b, (rng.normal(size=300) * scale[::-1]).astype(dtype)]))


def pick(x, y, greatest):
    """-0 is less than 0, and a NaN counts for nothing."""
    chosen = (np.fmax if greatest else np.fmin)(x, y)
    zeros = (x == 0) & (y == 0)
    negative = (np.signbit(x) & np.signbit(y)) if greatest else (np.signbit(x) | np.signbit(y))
    return np.where(zeros, np.where(negative, -0.0, 0.0).astype(x.dtype), chosen)


def to_integer(x, bits):
    """As cvt.rzi does: clamped; a NaN is 0 for f32 to 32 bits, else the least number."""
    return [(0 if bits == 32 else -2**(bits - 1)) if math.isnan(v) else
            2**(bits - 1) - 1 if v >= 2.0**(bits - 1) else
            -2**(bits - 1) if v < -2.0**(bits - 1) else int(v) for v in x.tolist()]


@test
def single_precision_is_ieee():
    x, y = real_inputs(np.float32)
    with np.errstate(all="ignore"):
        rows = [x + y, x - y, x * y, x / y, np.sqrt(x),
                [fused(p, q, p, np.float32) for p, q in zip(x, y)],
                pick(x, y, False), pick(x, y, True), np.floor(x), np.ceil(x), np.trunc(x),
                np.rint(x), np.abs(x), np.copysign(x, y),
                np.array(to_integer(x, 32), np.int32).astype(np.float32),
                x * y + x, np.where(x < y, 1, np.where(x > y, 2, np.where(x == y, 3, 4))),
                (x.astype(float) * y).astype(np.float32), (x.view(np.int32) ^ 1).view(np.float32)]
    each("arithmetic", "singles", x, y, rows)


@test
def double_precision_is_ieee():
    x, y = real_inputs(np.float64)
    with np.errstate(all="ignore"):
        rows = [x + y, x - y, x * y, x / y, np.sqrt(x), x * y + x, pick(x, y, False),
                pick(x, y, True), np.floor(x), np.rint(x),
                np.array(to_integer(x, 64), np.int64).astype(float), x.astype(np.float32), -x]
    each("arithmetic", "doubles", x, y, rows)


def rounded(exact, dtype, direction):
    """A fraction to the nearest number of a type, or to the one in a direction: n, z, d or u."""
    info = np.finfo(dtype)
    if exact == 0:
        return 0.0
    size = abs(exact)
    exponent = size.numerator.bit_length() - size.denominator.bit_length()
    exponent -= Fraction(2) ** exponent > size
    unit = Fraction(2) ** (max(exponent, info.minexp) - info.nmant)
    whole, rest = divmod(size / unit, 1)
    up = {"n": rest > Fraction(1, 2) or (rest == Fraction(1, 2) and whole & 1),
          "z": False, "d": exact < 0 and rest > 0, "u": exact > 0 and rest > 0}[direction]
    result = (whole + up) * unit
    if result > Fraction(float(info.max)):
        assert direction == "n", "the directions are tried where nothing overflows"
        return math.copysign(math.inf, float(exact > 0) - 0.5)
    return math.copysign(float(result), float(exact > 0) - 0.5)


def fused(x, y, z, dtype):
    x, y, z = float(x), float(y), float(z)
    if not all(map(math.isfinite, (x, y, z))):
        return dtype(x * y) + dtype(z)
    exact = Fraction(x) * Fraction(y) + Fraction(z)
    return rounded(exact, dtype, "n") if exact else x * y + z


def root(x):
    """Enough bits of a root, and whether more follow, to round it anywhere."""
    scaled = x * Fraction(2) ** 2200
    whole = math.isqrt(scaled.numerator // scaled.denominator)
    return Fraction(2 * whole + (Fraction(whole) ** 2 != scaled), 2) / Fraction(2) ** 1100


@test
def every_rounding_direction_is_exact():
    rng = np.random.default_rng(4)
    x = rng.normal(size=300) * 2.0 ** rng.integers(-40, 40, 300)
    y = rng.normal(size=300) * 2.0 ** rng.integers(-40, 40, 300)
    x[:40] *= 2.0 ** -1030
    rows = []
    for formula in (lambda p, q: p + q, lambda p, q: p * q, lambda p, q: p / q,
                    lambda p, q: root(abs(p)), lambda p, q: p * q + p):
        exact = [formula(Fraction(p), Fraction(q)) for p, q in zip(x.tolist(), y.tolist())]
        rows += [[rounded(value, np.float64, direction) for value in exact] for direction in "nzdu"]
    each("arithmetic", "directions", x, y, rows)


@test
def reductions_in_shared_memory_and_in_warps_are_right():
    rng = np.random.default_rng(5)
    n = 1000
    a = rng.integers(-99, 99, n)
    for path in modules("threads"):
        sums = np.zeros(4, np.float32)
        launch(path, "block_sums", "4", "256", a.astype(np.float32), sums, ("i32", n), shared=1024)
        check(sums, [a[k:k + 256].sum() for k in range(0, n, 256)], path)
        total = np.zeros(1, np.int32)
        launch(path, "warp_sums", "4", "256", a.astype(np.int32), total, ("i32", n))
        check(total, [a.sum()], path)


@test
def a_tiled_product_is_right():
    rng = np.random.default_rng(6)
    n = 19
    a, b = rng.integers(-9, 9, (2, n, n)).astype(float)
    for path in modules("threads"):
        c = np.zeros((n, n))
        launch(path, "product", "3,3", "8,8", a, b, c, ("i32", n))
        check(c.ravel(), (a @ b).ravel(), path)


@test
def atomics_add_up():
    rng = np.random.default_rng(7)
    bytes_ = rng.integers(0, 256, 3000).astype(np.uint8)
    a = rng.integers(0, 1 << 20, 500).astype(np.int32)
    for path in modules("threads"):
        bins = np.zeros(256, np.uint32)
        launch(path, "histogram", "3", "100", bytes_, bins, ("i32", len(bytes_)))
        check(bins, np.bincount(bytes_, minlength=256), path)
        out = np.array([0, 0, 1 << 30, 0, -1, 0, 0, 0, 0, 0], np.int32)
        wide, real, precise = np.zeros(2, np.uint64), np.zeros(1, np.float32), np.zeros(1)
        launch(path, "atomics", "4", "128", a, out, wide, real, precise, ("i32", len(a)))
        check(out, [a.sum(dtype=np.int32), -a.sum(dtype=np.int32), a.min(), a.max(),
                    np.bitwise_and.reduce(a), np.bitwise_or.reduce(a), np.bitwise_xor.reduce(a), 77,
                    1000, 0], path)
        check(wide.view(np.int64), [a.sum(dtype=np.int64), 499], path)
        assert real[0] == 250 and precise[0] == 125


@test
def lanes_see_each_other():
    rng = np.random.default_rng(8)
    n = 96
    a = rng.integers(-100, 100, n).astype(np.int32)
    warps, lane = a.reshape(3, 32), np.arange(n) % 32
    ballots = np.repeat([sum(1 << k for k in range(32) if w[k] > 0) for w in warps], 32)
    rows = [ballots.astype(np.uint32).view(np.int32),
            np.repeat([(w > 90).any() + 2 * (w > -1000).all() for w in warps], 32),
            np.full(n, (a > 0).sum()), np.full(n, (a > 98).any() + 2 * (a < 1000).all()),
            a[np.arange(n) // 16 * 16 + (np.arange(n) + 3) % 16],
            np.where(lane < 2, a, np.roll(a, 2)),
            np.array([sum(1 << k for k in range(32) if w[k] & 3 == w[j] & 3)
                      for w in warps for j in range(32)], np.uint32).view(np.int32),
            a[np.where(lane & 1, np.arange(n) ^ 2, np.arange(n) ^ 4)]]
    for path in modules("threads"):
        out = np.zeros((8, n), np.int32)
        launch(path, "votes", "1", str(n), a, out, ("i32", n))
        for k, row in enumerate(rows):
            check(out[k], row, (path, k))


def ackermann(m, n):
    return n + 1 if m == 0 else ackermann(m - 1, 1 if n == 0 else ackermann(m, n - 1))


@test
def calls_structures_and_variables_are_right():
    body = np.dtype([("mass", "f8"), ("place", "f4", 3), ("kind", "i2"), ("name", "S6")],
                    align=True)
    one = np.zeros(1, body)
    one[0] = (1.5, (1, 2, 4), -3, b"abc")
    n, table = 70, [2, 3, 5, 7, 11]
    for path in modules("threads"):
        out, masses = np.zeros((4, n), np.int32), np.zeros(n)
        launch(path, "calls", "3", "32", ("bytes", one.tobytes().hex()), out, masses, ("i32", n),
               variables=["n_launches"])
        check(out[0], [ackermann(2, i % 4) for i in range(n)], path)
        check(out[1], [i * i if i & 1 else 2 * i for i in range(n)], path)
        check(out[2], [table[i % 5] + 11 for i in range(n)], path)
        check(out[3], [-3 + ord("a") + ord("z")] * n, path)
        check(masses, [1.5 * i * (4 if i & 1 else 0.5) + 8 for i in range(n)], path)
        assert np.fromfile("variable-n_launches", np.int32)[0] == n


def flow(x):
    total, z, history = 0, unsigned(x, 32) % 1000 + 1, [0] * 16
    while z != 1:
        total += 1
        if total > 200:
            break
        z = 3 * z + 1 if z & 1 else z // 2
    for k in range(40):
        if math.fmod(wrap(k ^ x, 32), 5) != 0:
            history[(k * x) & 15] += k
    case = x & 7
    total = {0: total + 11, 1: total + 10, 2: total * 3, 3: total - history[3], 5: total ^ 0x55,
             6: ~total}.get(case, -total)
    while True:
        total += history[total & 15]
        if not total & 64:
            return total
        x += 1
        if x >= 1000:
            return total


@test
def loops_branches_and_switches_go_where_they_should():
    a = np.concatenate([np.arange(0, 200), [-1, -7, 2**31 - 2, 999, 998]]).astype(np.int32)
    for path in modules("threads"):
        out = np.zeros(len(a), np.int32)
        launch(path, "flow", "7", "32", a, out, ("i32", len(a)))
        check(out, [flow(int(x)) for x in a], path)


@test
def vectors_and_shapes_are_right():
    rng = np.random.default_rng(9)
    n = 50
    a = rng.integers(-99, 99, (n, 4)).astype(np.float32)
    b = rng.integers(0, 99, (n, 2)).astype(float)
    for path in modules("threads"):
        c, d, e = np.zeros((n, 4), np.float32), np.zeros((n, 2), np.int16), np.zeros(n, np.uint8)
        launch(path, "vectors", "2", "32", a, b, c, d, e, ("i32", n))
        check(c[:, 2], a[:, 1] + b[:, 0], path)
        check(c[:, 3], a[:, 0] * b[:, 1], path)
        check(c[:, 0], a[:, 3], path)
        check(d.ravel(), a[:, :2].ravel(), path)
        check(e, b[:, 0], path)
        out = np.zeros((24, 30), np.int32)
        launch(path, "shape", "2,3,4", "5,3,2", out)
        check(out.ravel(), [10000 * block + k for block in range(24) for k in range(30)], path)


@test
def caches_scopes_and_address_spaces_are_right():
    n = 70
    a = np.arange(n, dtype=np.int32) * 7 - 200
    for path in modules("corners"):
        b, c = np.zeros(n, np.int32), np.zeros((3, n), np.int32)
        launch(path, "caches", "3", "32", a, b, c, ("i32", n))
        check(c.ravel(), np.concatenate([5 * a, -5 * a, 10 * a]), path)
        out = np.array([0, 0, -5, 3], np.int32)
        shorts = np.array([7, 7, 8, 7] * 10, np.uint16)
        wide = np.array([1000, 0], np.uint64)
        launch(path, "scopes", "1", "40", out, shorts, wide)
        # 3 goes down to 0, then from 6 on again and again
        check(out, [40, 80, 39, (3 - 40) % 7], path)
        check(shorts, [8 if k % 4 == 2 else k for k in range(40)], path)
        check(wide, [61, 2**40 - 1], path)
        out = np.zeros(24, np.int32)
        launch(path, "spaces", "1", "8", out)
        check(out, [100 + t // 2 if t & 1 else 10 * t for t in range(8)]
              + [3 if t & 1 else 5 for t in range(8)] + [100 + t // 2 for t in range(8)], path)


@test
def tables_of_functions_and_inline_ptx_are_right():
    for path in modules("corners"):
        out = np.zeros(64, np.int32)
        launch(path, "tables", "1", "32", ("bytes", np.array([3, 1, 4, 1], "<i4").tobytes().hex()),
               out, ("i32", 6))
        check(out, [t * t if t & 1 else 6 * t for t in range(32)] + [3, 1, 4, 1] * 8, path)
        out = np.zeros(128, np.int32)
        launch(path, "inlined", "1", "64", out, ("i32", 20))
        check(out, [min(t, 20) for t in range(64)] + [1] * 64, path)


def near(got, expected, ulps, what):
    unit = np.spacing(np.abs(expected.astype(got.dtype)))
    worst = np.max(np.abs(got - expected) / unit)
    assert worst <= ulps, (what, worst)


@test
def the_librarys_functions_are_near():
    rng = np.random.default_rng(10)
    x = np.concatenate([rng.uniform(-20, 20, 400), rng.uniform(-1e-3, 1e-3, 50)])
    wanted = [np.exp, lambda v: np.log(np.abs(v)), np.sin, np.cos, np.tanh,
              lambda v: np.abs(v) ** v.dtype.type(1.7), lambda v: np.arctan2(v, 2.0),
              lambda v: np.array([math.erf(k) for k in v]), np.cbrt, None,
              lambda v: np.fmod(v, v.dtype.type(0.37))]
    for path in modules("functions"):
        out = np.zeros((11, len(x)))
        launch(path, "functions", "4", "128", x, out, ("i32", len(x)))
        for k, function in enumerate(wanted):
            near(out[k], function(x) if function else np.sin(x * 1e9), 4, (path, k))
        y = x.astype(np.float32)
        small = np.zeros((11, len(y)), np.float32)
        launch(path, "single_functions", "4", "128", y, small, ("i32", len(y)))
        exact = y.astype(float)
        for k, function in enumerate([wanted[0], wanted[1], np.sin, np.cos]):
            near(small[k], function(exact), 4, (path, "f", k))
        near(small[4], np.abs(exact) ** float(np.float32(1.7)), 8, (path, "powf"))
        near(small[5], np.exp(exact), 2 + 1.173 * 20, (path, "__expf"))
        near(small[7], 1 / np.sqrt(np.abs(exact)), 2, (path, "rsqrtf"))
        near(small[8], 1 / exact, 2, (path, "__fdividef"))
        near(small[9], np.sin((y * np.float32(1e6)).astype(float)), 4, (path, "large"))
        check(small[10], np.fmod(y, np.float32(0.37)), path)


SHAPES = {"state": ("f8", (51, 3)), "observables": ("f8", (51, 2)), "summaries": ("f8", (1, 3)),
          "status_codes": ("i4", ()), "iteration_counters": ("i4", (51, 4))}


@test
def the_lorenz_sweep_has_the_host_devices_bits():
    rng = np.random.default_rng(11)
    n, steps = 40, 30
    inputs = {"initial_values": rng.uniform(-15, 15, (3, n)),
              "parameters": np.stack([np.full(n, 10.0), np.linspace(0, 28, n), np.full(n, 8 / 3)]),
              "driver_coefficients": rng.normal(size=(22, 1, 4))}
    inputs["parameters"][1, 2] = 1e9  # leaves every bound
    line = ["zip", "name=all", "!", "upload", "!", "kernel", "fp-mode=exact", "source=" + LORENZ,
            "args=dt=0.01 steps=%d" % steps,
            "outputs=" + " ".join("%s[%s]" % (name, ",".join([*map(str, shape), "*"]))
                                  for name, (_, shape) in SHAPES.items()),
            "!", "download", "!", "npysink", "location=%s.npy"]
    for name, array in inputs.items():
        np.save(name + ".npy", array)
        axis = "none" if name.startswith("driver") else "1"
        line += ["npysrc", "location=%s.npy" % name, "array=" + name, "chunk-axis=" + axis, "!",
                 "all."]
    run("-q", *line)
    for path in modules("lorenz"):
        outputs = [np.zeros(shape + (n,), dtype) for dtype, shape in SHAPES.values()]
        launch(path, "lorenz", "2", "32", *[inputs[name].copy() for name in inputs], *outputs,
               ("f64", 0.01), ("i32", steps), ("i64", n))
        for name, output in zip(SHAPES, outputs):
            check(output.ravel(), np.load(name + ".npy").ravel(), (path, name))


@test
def the_assembler_takes_every_text():
    tools = [os.path.join(path, "ptxas")
             for path in os.environ["PATH"].split(":") + ["/usr/local/cuda/bin"]]
    tools = [tool for tool in tools if os.access(tool, os.X_OK)]
    texts = [(path, target) for (_, target), path in compile_all().items() if path]
    if not tools or not texts:
        raise Skip("no ptxas, or no NVRTC: %d texts are not assembled"
                   % (len(TARGETS) * len(SOURCES)))

    def assemble(text):
        return subprocess.run([tools[0], "-O0", "-arch=sm_%d" % TARGETS[text[1]], text[0],
                               "-o", os.devnull], stderr=subprocess.PIPE, text=True)

    with ThreadPoolExecutor(2) as pool:
        for text, done in zip(texts, pool.map(assemble, texts)):
            assert done.returncode == 0, (text, done.stderr)


main()
