# SPDX-License-Identifier: LGPL-2.1-or-later
"""The Lorenz sweep of tests/examples: every array cut along its last axis, one of them not at all, equals
NumPy's and is the same to the bit however the runs are cut."""
import os
import re
import sys

import numpy as np

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from tap import fails, files, main, only_on_host, run, test  # noqa: E402

SOURCE = os.path.join(os.environ["top_srcdir"], "tests", "examples", "lorenz.cu")
SHAPES = {"state": (np.float64, (51, 3)), "observables": (np.float64, (51, 2)),
          "summaries": (np.float64, (1, 3)), "status_codes": (np.int32, ()),
          "iteration_counters": (np.int32, (51, 4))}
DT, STEPS = 0.01, 50
# bytes of one run, rounded up to 256 for each array
INPUTS = 2 * 256
OUTPUTS = sum((np.dtype(dtype).itemsize * int(np.prod(shape)) + 255) // 256 * 256
              for dtype, shape in SHAPES.values())
BROADCAST = (22 * 4 * 8 + 255) // 256 * 256
LINE = ["zip", "name=all", "!", "upload", "!", "kernel", "source=" + SOURCE,
        "fp-mode=exact", "args=dt=%r steps=%d" % (DT, STEPS),
        "outputs=state[51,3,*] observables[51,2,*] summaries[1,3,*] status_codes[*] "
        "iteration_counters[51,4,*]", "!", "download", "!", "npysink", "location=%s.npy",
        "npysrc", "location=initial_values.npy", "array=initial_values", "chunk-axis=1", "!", "all.",
        "npysrc", "location=parameters.npy", "array=parameters", "chunk-axis=1", "!", "all.",
        "npysrc", "location=driver_coefficients.npy", "array=driver_coefficients",
        "chunk-axis=none", "!", "all."]


def make(n):
    rng = np.random.default_rng(3)
    start = rng.uniform(-15, 15, (1000, 3))[:n].T
    parameters = np.stack([np.full(n, 10.0), np.linspace(0, 28, 1000)[:n], np.full(n, 8 / 3)])
    if n > 2:
        parameters[1, 2] = 1e9  # leaves every bound
    np.save("initial_values.npy", np.ascontiguousarray(start))
    np.save("parameters.npy", np.ascontiguousarray(parameters))
    np.save("driver_coefficients.npy", rng.normal(size=(22, 1, 4)))


def sweep(*options):
    run("-q", *options, *LINE)
    return {name: np.load(name + ".npy") for name in SHAPES}


def plan(*options):
    out = run("-q", "--plan", *options, *LINE).out
    return [int(number) for number in
            re.search(r"^chunk +(\d+) items?\nchunks +(\d+)", out, re.M).groups()]


def reference():
    """The same steps in the same order, for all runs at once."""
    p = np.load("initial_values.npy")
    sigma, rho, beta = np.load("parameters.npy")
    c = np.load("driver_coefficients.npy")[:, 0]
    n = p.shape[1]
    out = {name: np.empty(shape + (n,), dtype) for name, (dtype, shape) in SHAPES.items()}
    status = np.zeros(n, np.int32)
    most = p

    def drive(t):
        k = min(int(t), 21)
        u = t - k
        return c[k, 0] + u * (c[k, 1] + u * (c[k, 2] + u * c[k, 3]))

    def slope(q, force):
        x, y, z = q
        return np.stack([sigma * (y - x) + force, x * (rho - z) - y, x * y - beta * z])

    for save in range(51):
        for step in range(STEPS if save else 0):
            t = ((save - 1) * STEPS + step) * DT
            a = slope(p, drive(t))
            b = slope(p + 0.5 * DT * a, drive(t + 0.5 * DT))
            d = slope(p + 0.5 * DT * b, drive(t + 0.5 * DT))
            e = slope(p + DT * d, drive(t + DT))
            p = p + DT / 6 * (a + 2 * b + 2 * d + e)
        t = save * STEPS * DT
        square = p[0] * p[0] + p[1] * p[1] + p[2] * p[2]
        status[(status == 0) & ~(square < 1e12)] = 1 + save
        most = np.where(p > most, p, most)
        out["state"][save] = p
        out["observables"][save] = square, np.full(n, drive(t))
        out["iteration_counters"][save] = np.array(
            [STEPS if save else 0, 4 * STEPS if save else 0, min(int(t), 21), t >= 22])[:, None]
    out["summaries"][0] = most
    out["status_codes"][:] = status
    return out


def same(a, b):
    return all(a[name].shape == b[name].shape and a[name].dtype == b[name].dtype
               and a[name].tobytes() == b[name].tobytes() for name in SHAPES)


@test
def the_sweep_is_numpys_to_the_bit():
    for n in (1, 7, 1000):
        make(n)
        got = sweep()
        with np.errstate(all="ignore"):
            expected = reference()
        for name in SHAPES:
            # NaN is NaN, whatever its sign
            assert got[name].dtype == expected[name].dtype, name
            assert np.array_equal(got[name], expected[name],
                                  equal_nan=got[name].dtype.kind == "f"), (name, n)
        assert n == 1 or (got["status_codes"][2] > 0 and got["status_codes"][0] == 0)
        assert got["iteration_counters"][50, 3, 0] == 1


@test
def the_same_bits_come_out_of_every_budget_and_chunk_length():
    only_on_host()
    for n in (1, 2, 3, 5, 7, 100, 1000):
        make(n)
        whole = sweep()
        assert whole["state"].shape == (51, 3, n)
        lengths = set()
        for runs in (1, 2, 3, 5, 64, 1000):
            options = ["--device-memory=%d" % (runs * OUTPUTS),
                       "--pinned-memory=%d" % (runs * INPUTS + BROADCAST)]
            lengths.add(plan(*options)[0])
            assert same(sweep(*options), whole), (n, options)
        assert len(lengths) > 1 or n == 1, (n, lengths)
        for chunk in (1, 2, 3, 7):
            assert same(sweep("--chunk=%d" % chunk), whole), (n, chunk)


@test
def five_runs_are_cut_as_asked():
    make(5)
    whole = sweep("--chunk=5")
    for chunk, chunks in ((2, 3), (3, 2), (5, 1)):  # 2-2-1, 3-2, whole
        assert plan("--chunk=%d" % chunk) == [chunk, chunks]
        assert same(sweep("--chunk=%d" % chunk), whole), chunk


@test
def a_budget_that_does_not_hold_one_run_is_refused_with_the_numbers():
    only_on_host()
    make(5)
    inputs = files()
    fails("--device-memory=%d" % (OUTPUTS - 1), *LINE, says=["device", str(OUTPUTS)])
    fails("--pinned-memory=%d" % (INPUTS + BROADCAST - 1), *LINE,
          says=["pinned", str(INPUTS + BROADCAST)])
    assert files() == inputs
    sweep("--device-memory=%d" % OUTPUTS, "--pinned-memory=%d" % (INPUTS + BROADCAST))


main()
