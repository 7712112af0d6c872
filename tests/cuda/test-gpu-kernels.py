# SPDX-License-Identifier: LGPL-2.1-or-later
"""The kernels of tests/conformance on a CUDA device: what NumPy says comes out, and the bits of the same
kernel on the CPU, from the cubin of every block size and from PTX that the driver translates; so do random
kernels. Run by `make check-gpu`; PINWHEEL_TEST_EVERY=N takes every N-th kernel, GENERATED_COUNT says how
many random ones."""
import concurrent.futures
import os
import sys
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "conformance"), os.path.join(HERE, "..", "pipelines")]
import cases  # noqa: E402
import intrinsics  # noqa: E402, F401 (adds to the cases)
import programs  # noqa: E402, F401 (adds to the cases)
import tap  # noqa: E402
from generated import Kernel, run  # noqa: E402
from running import Runner, check, same_bits  # noqa: E402

EVERY = int(os.environ.get("PINWHEEL_TEST_EVERY") or 1)
COUNT = int(os.environ.get("GENERATED_COUNT") or 48)
FORMS = (os.environ.get("PINWHEEL_TEST_FORMS") or "cubin ptx").split()
WORKERS = min(8, os.cpu_count() or 1)


class Pair:
    """A process with the device and one with the CPU, of one thread. An error that the device's context
    does not survive costs no more than the kernel that made it."""

    def __init__(self):
        self.host, self.device = Runner("g++"), Runner("g++", tap.DEVICE)

    def renew(self):
        self.device.close()
        self.device = Runner("g++", tap.DEVICE)
        if self.host.child.poll() is not None:
            self.host.close()
            self.host = Runner("g++")

    def check_case(self, case):
        for number, block in enumerate(case.blocks):
            launch = case.function(block)
            _form, on_host = self.host.run("auto", case, block, launch)
            for form in FORMS if number == 0 else FORMS[:1]:
                how = "%s %s as %s" % (tap.DEVICE, block, form)
                _form, arrays = self.device.run(form, case, block, launch)
                check(launch, arrays, how)
                same_bits(launch, arrays, on_host, how + ", other bits than on the host")

    def check_random(self, kernel):
        expected = run(self.host, "auto", kernel)
        if kernel.angles:  # sin and cos are another library's there
            run(self.device, FORMS[0], kernel)
            return
        for form in FORMS:
            kernel.compare(run(self.device, form, kernel), expected,
                           "%s: %s, not as on the host" % (tap.DEVICE, form))


class Results:
    """Every check's future; the threads run beside the tests that ask for them."""

    def __init__(self):
        self.own, self.pairs = threading.local(), []
        self.pool = concurrent.futures.ThreadPoolExecutor(WORKERS)
        self.cases = {case.name: self.pool.submit(self.work, Pair.check_case, case)
                      for case in chosen}
        self.random = [self.pool.submit(self.work, Pair.check_random, Kernel(seed))
                       for seed in range(1, COUNT + 1)]

    def work(self, function, argument):
        if not hasattr(self.own, "pair"):
            self.own.pair = Pair()
            self.pairs.append(self.own.pair)
        try:
            function(self.own.pair, argument)
        except Exception:
            self.own.pair.renew()
            raise


chosen = cases.cases[::EVERY]
results = []


def get_results():
    if not tap.DEVICE.startswith("cuda"):
        raise tap.Skip("make check-gpu runs this")
    if not results:
        results.append(Results())
    return results[0]


def add_test(case):
    def run_it():
        get_results().cases[case.name].result()
    run_it.__name__ = "%s: %s" % (case.file[:-3], case.name)
    tap.test(run_it)


for one in chosen:
    add_test(one)


@tap.test
def random_kernels_give_the_hosts_bits():
    wrong = [str(future.exception()) for future in get_results().random if future.exception()]
    assert not wrong, "%d of %d:\n%s" % (len(wrong), COUNT, "\n".join(wrong))


@tap.test
def the_runners_end_well():
    get_results().pool.shutdown()
    for pair in get_results().pairs:
        assert [pair.host.close(), pair.device.close()] == [0, 0]


tap.main()
