# SPDX-License-Identifier: LGPL-2.1-or-later
"""A simulated GPU gives the host's bits, late or not, and every fault ends the run with one error."""
import os
import sys

import numpy as np

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from tap import SANITIZED, Skip, fails, files, main, run, test  # noqa: E402

RNG = np.random.default_rng(11)
LINE = ["npysrc", "location=in.npy", "!", "upload", "!", "map", "expr=y = 2*x + 1", "!",
        "download", "!", "npysink", "location=out.npy"]


@test
def bits_equal_the_host_s_for_many_seeds():
    x = RNG.normal(size=1003).astype("float32")
    np.save("in.npy", x)
    run(*LINE, device="host")
    expected = np.load("out.npy").tobytes()
    for seed in range(8):
        for chunk in (7, 100, 1003):
            os.remove("out.npy")
            run("--chunk=%d" % chunk, *LINE, device="sim:delay=100us,seed=%d" % seed)
            assert np.load("out.npy").tobytes() == expected, (seed, chunk)


@test
def data_much_larger_than_the_device_goes_through():
    x = RNG.integers(0, 1000, 100000).astype("int32")
    np.save("in.npy", x)
    run(*LINE, device="sim:memory=16KiB,pinned=16KiB")
    assert np.array_equal(np.load("out.npy"), 2 * x + 1)


@test
def upload_kernel_and_download_of_different_chunks_overlap():
    if SANITIZED:
        raise Skip("sanitizers change times")
    np.save("in.npy", np.arange(1000, dtype="float32"))
    run("--chunk=10", *LINE, device="sim")  # the kernel is in the cache now
    # one after the other they take 100 * 3 * 3 ms, overlapped (100 + 2) * 3 ms: the best of a few, as
    # the machine may have other things to do
    best = 1e9
    for _ in range(8):
        seconds = run("--chunk=10", *LINE, device="sim:latency=3ms").seconds
        assert seconds >= 0.306, seconds
        best = min(best, seconds)
        if best < 0.4:
            break
    assert best < 0.7, best


@test
def a_device_that_holds_no_item_is_refused():
    np.save("in.npy", np.zeros((10, 1000)))
    fails(*LINE, device="sim:memory=4KiB", says="memory")
    assert files() == ["in.npy"]


@test
def a_fault_at_any_use_ends_the_run_with_one_error_and_no_file():
    np.save("in.npy", np.arange(40, dtype="float32"))
    for use, last in (("copy", 8), ("launch", 4), ("load", 1)):
        for number in range(1, last + 1):
            fails("--chunk=10", *LINE, device="sim:fail=%s:%d" % (use, number),
                  says="%s %d failed" % (use, number))
            assert files() == ["in.npy"], (use, number)


@test
def memory_refused_once_is_planned_again_and_refused_always_is_an_error():
    x = np.arange(4000, dtype="float32")
    np.save("in.npy", x)
    run(*LINE, device="host")
    expected = np.load("out.npy")
    for use, last in (("alloc", 2), ("pinned", 2)):
        for number in range(1, last + 1):
            os.remove("out.npy")
            result = run("--pinned-memory=1MiB", *LINE, device="sim:fail=%s:%d" % (use, number))
            assert "%s %d failed" % (use, number) in result.err, result
            assert "memory was planned again" in result.err, result
            assert (np.load("out.npy") == expected).all()
    os.remove("out.npy")
    for limit in ("memory", "pinned"):
        fails("--device-memory=1MiB", "--pinned-memory=1MiB", *LINE, device="sim:%s=100" % limit,
              says="100 B")
        assert files() == ["in.npy"]
    fails(*LINE, device="sim:fail=copy:1,fail=copy:2", says="fail=copy:2")
    fails(*LINE, device="sim:memory=1MiB,memory=2MiB", says="memory=2MiB")
    fails("--device-memory=1GiB", "testsrc", "format=x:f32[3,*]", "items=1M", "!", "upload", "!",
          "map", "expr=y=2*x", "!", "download", "!", "fakesink", device="sim:memory=1MiB",
          says=["22.89 MiB", "were refused too", "set device-memory"])


@test
def memory_that_cannot_be_pinned_is_pageable_with_one_warning_where_no_budget_was_given():
    x = np.arange(4000, dtype="float32")
    np.save("in.npy", x)
    for device in ("pinned=0", "pinned=8000,delay=100us", "fail=pinned:1", "fail=pinned:2"):
        result = run("--chunk=500", *LINE, device="sim:" + device)
        assert np.array_equal(np.load("out.npy"), 2 * x + 1), device
        warnings = [line for line in result.err.splitlines() if "warning" in line]
        assert len(warnings) == 1, result
        assert "are pageable memory" in warnings[0] and "ulimit -l" in warnings[0], result
    # 500 items of 4 bytes, rounded up to 256, in 3 buffers, in 2 pools
    run("--chunk=500", *LINE, device="sim:pinned=0").err.index("12 KiB of the 12 KiB")
    run("--chunk=500", *LINE, device="sim:fail=pinned:2").err.index("6 KiB of the 12 KiB")


@test
def a_device_lost_at_any_use_ends_the_run_with_one_error_and_no_file():
    np.save("in.npy", np.arange(40, dtype="float32"))
    for number in range(1, 18):
        fails("--chunk=10", *LINE, device="sim:delay=100us,lose=%d" % number, says="was lost")
        assert files() == ["in.npy"], number


main()
