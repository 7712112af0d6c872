# SPDX-License-Identifier: LGPL-2.1-or-later
"""Random kernels (generate.py) with their arrays, to be run."""
import generate
import numpy as np
from running import Refused

GRID = 2


def run(runner, form, kernel):
    """Returns: the arrays afterwards, or None where the kernel does not run in this form."""
    path = runner.path("k%d.cu" % kernel.seed)  # the runner reads each file once
    with open(path, "w") as file:
        file.write(kernel.source)
    try:
        _form, arrays = runner.launch(form, path, "k", (GRID,), kernel.block, 0,
                                      [*kernel.arrays(), kernel.n])
    except Refused as reason:
        kernel.refusals.append(str(reason))
        return None
    return list(arrays.values())


class Kernel:
    def __init__(self, seed):
        generator = generate.Generator(seed)
        self.seed, self.source, self.block = seed, generator.source(), generator.block
        self.angles = generator.angles
        self.n_threads = GRID * int(np.prod(self.block))
        self.n = np.int32(max(1, self.n_threads - seed % 9))
        self.refusals = []

    def arrays(self):
        rng = np.random.default_rng(self.seed)
        size = self.n_threads * generate.SLOTS
        outputs = [rng.integers(0, 9, size).astype(dtype) for dtype in ("i4", "f4", "f8")]
        whole = rng.integers(-50, 51, generate.N).astype("i4")
        reals = rng.uniform(-8, 8, generate.N)
        reals[:5] = 0.0, -0.0, 1e-310, 1e30, 3.0
        return [whole, reals.astype("f4"), reals, *outputs,
                rng.integers(0, 99, generate.ACCUMULATORS).astype("u4")]

    def compare(self, got, expected, how):
        for k, (one, other) in enumerate(zip(got, expected)):
            wrong = one != other
            if one.dtype.kind == "f":
                bits = "u%d" % one.itemsize
                wrong = (one.view(bits) != other.view(bits)) & ~(np.isnan(one) & np.isnan(other))
            at = np.flatnonzero(wrong)
            assert not len(at), "%s: argument %d: %d differ, from [%d] on: %s, expected %s" % (
                how, k, len(at), at[0], one[at[:3]], other[at[:3]])
