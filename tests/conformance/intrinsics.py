# SPDX-License-Identifier: LGPL-2.1-or-later
"""The kernels of intrinsics.cu and own-names.cu, as cases.py has the others."""
import math
from fractions import Fraction
from statistics import NormalDist

import numpy as np

from cases import ALONE, Launch, f32, f64, i32, i64, over, u32, wide, wrap
from cases import case as any_case


def case(file):
    return any_case(file, forms=ALONE)


def close(want, bound):
    """Says whether what came out is @want but for @bound of it, or of 1 where @want is less than that."""
    return lambda got: (abs(got - want) <= bound * np.maximum(abs(want), 1)).all()


def pairs(block, function, columns=8):
    """A kernel (x, y, z, n): row i of y and z is function (x[i]), in double and in single precision."""
    x = np.linspace(-0.99, 0.99, 300)
    want = np.array([function(v) for v in x])
    return Launch(over(300, block), [x, np.zeros((300, columns)), np.zeros((300, columns), f32), i32(300)],
                  {1: close(want, 1e-13), 2: close(want, 4e-6)})


@case("intrinsics.cu")
def error_functions(block):
    normal = NormalDist()

    def f(x):
        inverse = normal.inv_cdf(0.5 * x + 0.5)
        return [math.exp(9 * x * x) * math.erfc(3 * x), inverse * 0.5**0.5, -inverse * 0.5**0.5,
                0.5 * math.erfc(-5 * x * 0.5**0.5), inverse, 0, 0, 0]
    return pairs(block, f)


@case("intrinsics.cu")
def modified_bessel_functions(block):
    t = (np.arange(200) + 0.5) * np.pi / 200

    def f(x):
        waves = [np.exp(k * x * np.cos(t)) for k in (3, 20)]
        return [mean for w in waves for mean in (w.mean(), (w * np.cos(t)).mean())]
    return pairs(block, f, 4)


@case("intrinsics.cu")
def lengths_of_vectors(block):
    def f(x):
        lengths = [math.hypot(*[x, 2, 3, -4, 5][:n]) for n in (2, 3, 4, 5)]
        return lengths + [1 / v for v in lengths]
    return pairs(block, f)


@case("intrinsics.cu")
def half_turns(block):
    return pairs(block, lambda x: [math.sin(math.pi * x), math.cos(math.pi * x)], 2)


def sides(value, dtype):
    """The numbers of a type below a fraction, above it, and towards 0 of it."""
    info, size = np.finfo(dtype), abs(value)
    if value == 0:
        return [0.0] * 3
    exponent = size.numerator.bit_length() - size.denominator.bit_length()
    exponent -= size < Fraction(2)**exponent
    unit = Fraction(2)**(max(exponent, int(info.minexp)) - int(info.nmant))
    below, above = math.floor(value / unit) * unit, math.ceil(value / unit) * unit
    most = Fraction(float(info.max))
    below = float(min(below, most)) if below >= -most else -math.inf
    above = float(max(above, -most)) if above <= most else math.inf
    return [below, above, below if value > 0 else above]


def sides_of_root(value, dtype):
    """Of a root: of a number between the same two of the type, if it is none of them."""
    root = Fraction(math.isqrt(int(value * 4**1200)), 2**1200)
    return sides(root if root * root == value else root + Fraction(1, 2**1201), dtype)


def of_every_size(n, dtype):
    info = np.finfo(dtype)
    random = np.random.default_rng(21)
    x = random.uniform(1, 2, n) * 2.0**random.integers(info.minexp - info.nmant, info.maxexp, n)
    x[::3] = random.uniform(1, 2, len(x[::3])) * 2.0**random.integers(-9, 9, len(x[::3]))
    x[7::10], x[9::20] = x[6::10][:len(x[7::10])] * 0.75, 0
    return (x * random.choice([-1, 1], n)).astype(dtype)


def arithmetic(x, dtype):
    rows = []
    for u, v, w in zip(*(map(Fraction, map(float, x[k:len(x) - 2 + k])) for k in range(3))):
        row = sides(u + v, dtype) + sides(u - v, dtype) + sides(u * v, dtype)
        row += sides(u / v, dtype) if v else [math.inf if u > 0 else -math.inf if u < 0 else 0] * 3
        row += sides(u * v + w, dtype) + (sides(1 / u, dtype) if u else [math.inf] * 3)
        rows.append(row + sides_of_root(abs(u), dtype))
    return np.array(rows).astype(dtype)


def same_size(want):
    """As 1 / 0 has the sign of a zero, which is not looked at."""
    return lambda got: (abs(got) == abs(want)).all() and ((got == want) | np.isinf(want)).all()


@case("intrinsics.cu")
def sums_and_products_to_every_side(block):
    n = 200
    x, y = of_every_size(n + 2, f32), of_every_size(n + 2, f64)
    a, b = arithmetic(x, f32), arithmetic(y, f64)
    return Launch(over(n, block), [x, y, np.zeros_like(a), np.zeros_like(b), i32(n)],
                  {2: same_size(a), 3: same_size(b)})


@case("intrinsics.cu")
def conversions_to_every_side(block):
    n = 300
    x, y = of_every_size(n, f64), wide(n)
    a, b = [], []
    for v, w in zip(map(float, x), map(int, y)):
        whole = [wrap(w), w & 0xffffffff, wrap(w, 64), w]
        a.append(sides(Fraction(v), f32) + sum((sides(Fraction(k), f32) for k in whole), []))
        b.append(sides(Fraction(wrap(w, 64)), f64) + sides(Fraction(w), f64))
    want = {2: np.array(a).astype(f32), 3: np.array(b)}
    return Launch(over(n, block), [x, y, np.zeros_like(want[2]), np.zeros_like(want[3]), i32(n)], want)


def edges(dtype):
    """What conversions to whole numbers may stumble over, and its neighbours"""
    limits = [0.0, 0.5, 1, 1.5, 2.5] + [2.0**k - d for k in (31, 32, 53, 63, 64) for d in (0, 0.5, 1)]
    x = np.array(limits + [np.finfo(dtype).tiny, np.finfo(dtype).max, 1e300, np.nan], f64)
    with np.errstate(over="ignore"):
        x = x.astype(dtype)
    x = np.concatenate([x, np.nextafter(x, dtype(0)), np.nextafter(x, dtype(np.inf))])
    return np.concatenate([x, -x])


def fitted(value, bits, signed, none):
    if math.isnan(value):
        return none
    least, most = (-1 << bits - 1, (1 << bits - 1) - 1) if signed else (0, (1 << bits) - 1)
    return least if value < least else most if value > most else int(value)


@case("intrinsics.cu")
def conversions_of_what_does_not_fit(block):
    x, y, rows = edges(f64), edges(f32), []
    for v, w in zip(map(float, x), map(float, y)):
        row = []

        def put(value, way, size, bits, signed):
            whole = value if math.isinf(value) or math.isnan(value) else way(value)
            row.append(wrap(fitted(whole, bits, signed, 0 if size + bits == 64 else 1 << bits - 1), 64))
            if signed and bits == 32:
                row[-1] = wrap(row[-1])
        for value, size in ((w, 32), (v, 64)):
            for bits in (32, 64):
                for signed in (True, False):
                    for way in (math.trunc, round, math.floor, math.ceil):
                        put(value, way, size, bits, signed)
        for value, size in ((w, 32), (v, 64)):
            for way in (round, lambda p: int(math.copysign(math.floor(Fraction(abs(p)) + Fraction(1, 2)), p))):
                put(value, way, size, 64, True)
                put(value, way, size, 64, True)
        rows.append(row)
    want = np.array(rows, i64)
    return Launch(over(len(x), block), [x, y, np.zeros_like(want), i32(len(x))], {2: want})


def words(n, seed):
    """With parts that are the least and the greatest, and equal ones"""
    random = np.random.default_rng(seed)
    x = random.integers(0, 2**32, n, dtype=u32)
    parts = x.view(np.uint8)
    chosen = random.random(len(parts)) < 0.4
    parts[chosen] = random.choice([0, 1, 0x7f, 0x80, 0xff], chosen.sum())
    return x


def cut(word, bits, signed):
    parts = [int(word) >> k & (1 << bits) - 1 for k in range(0, 32, bits)]
    return [wrap(part, bits) for part in parts] if signed else parts


def joined(parts, bits):
    return sum((part & (1 << bits) - 1) << bits * k for k, part in enumerate(parts))


def dots(a, b, c, signed):
    quarter, half, high = cut(a, 8, signed), cut(a, 16, signed), cut(b, 8, signed)
    return [sum(x * y for x, y in zip(left, right)) + c
            for left, right in ((quarter, high), (half, high[:2]), (half, high[2:]))]


@case("intrinsics.cu")
def products_of_bytes_and_halves(block):
    n = 300
    x, s, t = words(n, 31), [], []
    for i in range(n):
        a, b, c = int(x[i]), int(x[n - 1 - i]), int(x[i // 2])
        j, k = cut(a, 8, True)[:3] + [-3], cut(a, 8, False)[:3] + [3]
        h, g = wrap(b, 16), b & 0xffff
        s.append([wrap(v) for v in dots(a, b, c, True) + [sum(v * v for v in j) + i,
                                                          h * j[0] - 5 * j[1] + i, h * j[2] + 15 + i]])
        t.append([v & 2**32 - 1 for v in dots(a, b, c, False) + [sum(v * v for v in k) + 1,
                                                                 g * k[0] + 5 * k[1] + 1, g * k[2] + 16]])
    return Launch(over(n, block), [x, np.zeros((n, 6), i32), np.zeros((n, 6), u32), i32(n)],
                  {1: np.array(s, i32), 2: np.array(t, u32)})


def on_parts(block, bits):
    n = 200
    x, y, rows = words(n, 32), words(n, 33), []
    y[::7] = x[::7]
    for v, w in zip(x, y):
        row = []
        for signed in (True, False):
            a, b = cut(v, bits, signed), cut(w, bits, signed)

            def each(function):
                return joined(map(function, a, b), bits)
            order = [lambda p, q: p >= q, lambda p, q: p > q, lambda p, q: p <= q, lambda p, q: p < q]
            row += [each(lambda p, q: -f(p, q)) for f in order] + [each(f) for f in order]
            row += [each(max), each(min), each(lambda p, q: abs(p - q)),
                    sum(abs(p - q) for p, q in zip(a, b)), each(lambda p, q: p + q + (p + q >= 0) >> 1)]
        a, b = cut(v, bits, True), cut(w, bits, True)
        most = (1 << bits - 1) - 1

        def near(p):
            return max(-most - 1, min(most, p))
        row += [each(lambda p, q: f(wrap(p, bits))) for f in (abs, lambda p: near(abs(p)),
                                                             lambda p: -p, lambda p: near(-p))]
        row += [each(lambda p, q: p + q), each(lambda p, q: p - q)]
        row += [joined(map(lambda p, q: near(p + q), a, b), bits),
                joined(map(lambda p, q: near(p - q), a, b), bits)]
        a, b = cut(v, bits, False), cut(w, bits, False)
        row += [each(lambda p, q: min(p + q, 2 * most + 1)), each(lambda p, q: max(p - q, 0)),
                each(lambda p, q: p + q >> 1), each(lambda p, q: -(p == q)),
                each(lambda p, q: -(p != q)), each(lambda p, q: p == q), each(lambda p, q: p != q)]
        rows.append(row)
    return Launch(over(n, block), [x, y, np.zeros((n, 41), u32), i32(n)], {2: np.array(rows, u32)})


@case("intrinsics.cu")
def operations_on_halves(block):
    return on_parts(block, 16)


@case("intrinsics.cu")
def operations_on_bytes(block):
    return on_parts(block, 8)


@case("intrinsics.cu")
def extremes_of_sums(block):
    n = 200
    x, y, rows = words(n, 34), words(n, 35), []
    y[::7] = x[::7]
    for i in range(n):
        row = []

        def put(function, bits, signed):
            parts = zip(*(cut(v, bits, signed) for v in (x[i], y[i], y[n - 1 - i])))
            row.append(joined((function(*part) for part in parts), bits))
        for f in (max, min):
            for function in (lambda a, b, c: f(a, b, c), lambda a, b, c: f(total(a + b), c)):
                for bits in (32, 16):
                    for signed in (True, False):
                        def total(v):
                            return wrap(v, bits) if signed else v & (1 << bits) - 1
                        put(function, bits, signed)
            for bits in (32, 16):
                put(lambda a, b, c: max(f(a, b), 0), bits, True)
                put(lambda a, b, c: max(f(a, b, c), 0), bits, True)
                put(lambda a, b, c: max(f(wrap(a + b, bits), c), 0), bits, True)
            for bits in (32, 16):
                for signed in (True, False):
                    put(lambda a, b, c: f(a, b), bits, signed)
                    first = [f(a, b) == a for a, b in zip(*(cut(v[i], bits, signed) for v in (x, y)))]
                    row[-1] += first[0] + 5 * sum(first[1:])
        rows.append([v & 2**32 - 1 for v in row])
    return Launch(over(n, block), [x, y, np.zeros((n, 36), u32), i32(n)], {2: np.array(rows, u32)})


@case("intrinsics.cu")
def places_of_bits(block):
    n, x, y, z = 300, words(300, 36), [], []
    for i, v in enumerate(map(int, x)):
        k, base = i % 7 - 3, i % 32
        places = [p for p in (range(base, 32) if k > 0 else range(base, -1, -1)) if v >> p & 1]
        if k == 0:
            places = places if places[:1] == [base] else []
        y.append(places[max(abs(k), 1) - 1] if len(places) >= max(abs(k), 1) else 2**32 - 1)
        z.append(min(v, 1000) + i + 2 * (v + 9) + 6)
    return Launch(over(n, block), [x, np.zeros(n, u32), np.zeros(n, i64), i32(n)],
                  {1: np.array(y, u32), 2: np.array(z, i64)})


@case("intrinsics.cu")
def bytes_copied(block):
    n = 300
    x = np.random.default_rng(37).standard_normal(n).astype(f32)
    return Launch(over(n, block), [x, np.zeros(n, u32), np.zeros(n, u32), i32(n)],
                  {1: x.view(u32), 2: (np.arange(n) & 0xff).astype(u32) * u32(0x01010101)})


@case("intrinsics.cu")
def clocks_go_on(block):
    return Launch(over(300, block), [np.zeros(300, i32), i32(300)], {0: np.ones(300, i32)})


def bessel(n, x):
    """Of the first kind, by Bessel's integral."""
    t = (np.arange(400) + 0.5) * np.pi / 400
    return np.cos(n * t - x * np.sin(t)).mean()


@case("intrinsics.cu")
def functions_of_the_library(block):
    n = 300
    x = np.linspace(-0.99, 0.99, n)
    want = np.array([[bessel(k, v + 1) for k in range(3)] for v in x])
    scaled = (x + 1) * 2.0**(np.arange(n) % 5) + (x + 1) / 4
    rest = np.array([math.remainder(100 * (v + 1), 0.75) for v in x]) + (x + 1) / 3
    whole = np.round(100 * (x + 1) / 0.75).astype(i64) & 7
    exponents = 2 * np.floor(np.log2(x + 1)).astype(i64)

    def wronskian(a, bound):
        """J(n+1) Y(n) - J(n) Y(n+1) = 2 / (pi x)"""
        v = 2 / (np.pi * (x + 1))
        return all((abs(a[:, k + 1] * a[:, k + 3] - a[:, k] * a[:, k + 4] - v) < bound * v).all()
                   for k in range(2))
    return Launch(over(n, block), [x, np.zeros((n, 8)), np.zeros((n, 8), f32), np.zeros((n, 4), i32),
                                   i32(n)],
                  {1: lambda a: wronskian(a, 1e-12) and close(want, 1e-12)(a[:, :3])
                   and close(scaled, 1e-13)(a[:, 6]) and close(rest, 1e-13)(a[:, 7]),
                   2: lambda a: wronskian(a, 1e-4) and close(want, 1e-6)(a[:, :3])
                   and close(scaled, 1e-5)(a[:, 6]),
                   3: lambda w: (w[:, 0] == whole).all() and (w[:, 2] == exponents).mean() > 0.99
                   and (w[:, 3] == 3).all()})


@case("own-names.cu")
def own_functions_of_known_names(block):
    x = np.arange(-150, 150).astype(f64)
    return Launch(over(300, block), [x, np.zeros(300), i32(300)], {1: 5 * x + 1663})


@case("own-names.cu")
def own_functions_of_older_names(block):
    x = np.arange(-150, 150).astype(f64)
    n, i, one = len(x), np.arange(len(x)), np.ones(len(x))
    y = [x - 2, 5 * one, 2 * x, 0 * x, x + 2, 4 * x + 3, i + 10, 10 * x + 4, 5 * x + 3, x + 12,
         4 * x - 3, x + 1002, i + 6, 6 * one, np.clip(x, -2, 2) + x + 1, x + 8, x + 4, np.sign(x),
         3 * one, 7 * one]
    z = np.concatenate([7 * one, 0 * one])
    after = np.concatenate([7 + 2 * x, i.astype(i64).view(f64)])
    return Launch(over(n, block), [x, np.zeros((n, 20)), z, i32(n)], {1: np.stack(y, 1), 2: after})


@case("intrinsics.cu")
def functions_handed_on(block):
    n = 300
    x = np.arange(-150, 150).astype(f32)
    y = np.maximum(x, 2) + (x + 2) + np.array([bin(i).count("1") for i in range(n)]) + np.round(x / 2)
    return Launch(over(n, block), [x, np.zeros(n, f32), i32(n)], {1: y.astype(f32)})
