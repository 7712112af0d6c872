# SPDX-License-Identifier: LGPL-2.1-or-later
"""The kernels of intrinsics.cu and own-names.cu, as cases.py has the others."""
import math
from statistics import NormalDist

import numpy as np

from cases import Launch, case, f32, f64, i32, over


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


@case("own-names.cu")
def own_functions_of_known_names(block):
    x = np.linspace(-3, 3, 300).astype(f64)
    return Launch(over(300, block), [x, np.zeros(300), i32(300)], {1: 2 * x + 0.5})
