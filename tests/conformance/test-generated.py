# SPDX-License-Identifier: LGPL-2.1-or-later
"""Random kernels give the same bits lowered, thread by thread, as fibers, and from the PTX that NVRTC
makes of them. GENERATED_SEED is the first kernel, GENERATED_COUNT how many (`make fuzz-kernels`). A
kernel that fails is left as generated-SEED.cu in the folder tests/conformance of the build tree."""
import concurrent.futures
import os
import shutil
import signal
import sys
import tempfile

FOLDER = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [FOLDER, os.path.join(FOLDER, "..", "pipelines")]
import ptx  # noqa: E402
import tap  # noqa: E402
from generated import GRID, Kernel, run  # noqa: E402
from running import Runner  # noqa: E402

BUILT = os.path.join(os.path.abspath(os.environ.get("top_builddir", ".")), "tests")
SEED = int(os.environ.get("GENERATED_SEED") or 1)
COUNT = int(os.environ.get("GENERATED_COUNT") or (4 if tap.SANITIZED else 24))
COMPILERS = [c for c in ("g++", "clang++") if shutil.which(c)]


def check_host(kernel):
    """Returns: what every form gave."""
    runner = Runner(COMPILERS[kernel.seed % len(COMPILERS)])
    try:
        expected = run(runner, "fibers", kernel)
        for form in ("plain", "lowered"):
            got = run(runner, form, kernel)
            if got is not None:
                kernel.compare(got, expected, "%s: %s, not as fibers" % (runner.compiler, form))
    finally:
        runner.close()
    return expected


def check_ptx(kernel, expected):
    with tempfile.TemporaryDirectory(prefix="pinwheel-test-") as folder:
        def path(name):
            return os.path.join(folder, name)
        with open(path("k.cu"), "w") as file:
            file.write(kernel.source)
        if not ptx.compile(path("k.cu"), path("k.ptx")):
            return False
        arrays = ptx.launch(folder, path("k.ptx"), "k", (GRID,), kernel.block, 0,
                            [*kernel.arrays(), kernel.n])
        kernel.compare(arrays.values(), expected, "PTX, not as fibers")
    return True


class Results:
    def __init__(self):
        self.failures, self.failures_ptx = [], []
        self.kernels = [Kernel(seed) for seed in range(SEED, SEED + COUNT)]
        self.n_ptx = 0
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            for _ in pool.map(self.check, self.kernels):
                pass
        self.n_lowered = sum(not any("wait" not in reason for reason in kernel.refusals)
                             for kernel in self.kernels)

    def check(self, kernel):
        try:
            expected = check_host(kernel)
        except Exception as reason:  # of whatever kind: it is this kernel's failure
            self.note(self.failures, kernel, reason)
            return
        try:
            self.n_ptx += not kernel.angles and check_ptx(kernel, expected)
        except Exception as reason:
            self.note(self.failures_ptx, kernel, reason)

    def note(self, failures, kernel, reason):
        failures.append("seed %d: %s" % (kernel.seed, reason))
        print("# " + failures[-1].replace("\n", " ")[:400], flush=True)
        with open(os.path.join(BUILT, "conformance", "generated-%d.cu" % kernel.seed), "w") as file:
            file.write("// block %s\n" % (kernel.block,) + kernel.source)


results = []


def get_results():
    if not COMPILERS:
        raise tap.Skip("there is no C++ compiler")
    if not results:
        if "GENERATED_COUNT" in os.environ:
            signal.alarm(0)  # as long as it takes
        results.append(Results())
    return results[0]


@tap.test
def random_kernels_give_the_bits_of_fibers():
    assert not get_results().failures, "\n".join(get_results().failures)


@tap.test
def most_of_them_are_lowered():
    if COUNT < 20:
        raise tap.Skip("%d kernels are too few to say so" % COUNT)
    found = get_results()
    print("# %d of %d" % (found.n_lowered, COUNT))
    reasons = [reason for kernel in found.kernels for reason in kernel.refusals]
    assert found.n_lowered * 2 > COUNT, "\n".join(reasons)


@tap.test
def their_ptx_gives_the_same_bits():
    found = get_results()
    if not found.n_ptx and not found.failures_ptx:
        raise tap.Skip("there is no NVRTC: %d kernels" % COUNT)
    assert not found.failures_ptx, "\n".join(found.failures_ptx)


tap.main()
