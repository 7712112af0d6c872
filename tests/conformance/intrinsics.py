# SPDX-License-Identifier: LGPL-2.1-or-later
"""The kernels of intrinsics.cu and own-names.cu, as cases.py has the others."""
import math
from fractions import Fraction
from statistics import NormalDist

import numpy as np

from cases import Launch, case, f32, f64, i32, over, wide, wrap


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


@case("own-names.cu")
def own_functions_of_known_names(block):
    x = np.linspace(-3, 3, 300).astype(f64)
    return Launch(over(300, block), [x, np.zeros(300), i32(300)], {1: 2 * x + 0.5})
