# SPDX-License-Identifier: LGPL-2.1-or-later
"""Several devices give one device's bytes, whatever the kernels and however streams part and meet."""
import os
import sys

import numpy as np

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from tap import SANITIZED, fails, files, main, run, test  # noqa: E402

RNG = np.random.default_rng(5)
SEEDS = 2 if SANITIZED else 6


def devices(count, seed):
    """Each late in its own way."""
    return ",".join("sim:delay=%dus,seed=%d" % (100 + 150 * i, seed) for i in range(count))


def gives(line, expected, chunks=(7, 100, 400), counts=(1, 2, 3)):
    """Every number of devices writes what NumPy computes."""
    for seed in range(SEEDS):
        for count in counts:
            chunk = chunks[(seed + count) % len(chunks)]
            run("--chunk=%d" % chunk, *line, device=devices(count, seed))
            result = np.load("out.npy")
            assert result.dtype == expected.dtype and result.shape == expected.shape, result.shape
            assert result.tobytes() == expected.tobytes(), (seed, count, chunk)
            os.remove("out.npy")


@test
def arrays_that_are_not_cut_reach_every_device():
    with open("k.cu", "w") as source:
        source.write("__global__ void k (const float *x, const float *b, float *y, int n)\n"
                     "{ int i = blockIdx.x * blockDim.x + threadIdx.x;\n"
                     "  if (i < n) y[i] = x[i] * b[i % 5] + b[4]; }\n")
    # testsrc's ramp counts through each array
    expected = None
    for length in (403, 1):
        x = np.arange(length, dtype="float32")
        b = np.arange(5, dtype="float32")
        for chunk in (10, 50):
            line = ["testsrc", "format=x:f32[*] b:f32[5]", "items=%d" % length, "!", "upload", "!",
                    "kernel", "source=k.cu", "fp-mode=exact", "outputs=y[*]", "!", "download", "!",
                    "npysink", "location=out.npy"]
            index = np.arange(length) % chunk % 5
            expected = x * b[index] + b[4]
            gives(line, expected.astype("float32"), chunks=(chunk,))


@test
def a_kernel_that_updates_in_place_does_so_on_the_chunk_s_device():
    x = RNG.integers(-1000, 1000, (403, 3)).astype("int64")
    np.save("in.npy", x)
    with open("k.cu", "w") as source:
        source.write("__global__ void k (long long *x, int n, long long start)\n"
                     "{ int i = blockIdx.x * blockDim.x + threadIdx.x;\n"
                     "  if (i < n) for (int k = 0; k < 3; k++) x[3 * i + k] += start + i; }\n")
    line = ["npysrc", "location=in.npy", "!", "upload", "!", "kernel", "source=k.cu", "!", "map",
            "expr=x = 2*x + 1", "!", "download", "!", "npysink", "location=out.npy"]
    gives(line, 2 * (x + np.arange(403)[:, None]) + 1)


@test
def branches_of_one_upload_meet_again_on_the_device():
    x = RNG.normal(size=403)
    np.save("in.npy", x)
    line = ["zip", "name=z", "!", "map", "expr=y = a - b", "fp-mode=exact", "!", "download", "!",
            "npysink", "location=out.npy", "npysrc", "location=in.npy", "!", "upload", "!", "tee",
            "name=t", "t.", "!", "map", "expr=a = 3*x", "fp-mode=exact", "!", "z.", "t.", "!",
            "queue", "!", "map", "expr=b = x*x", "fp-mode=exact", "!", "z."]
    gives(line, 3 * x - x * x)


@test
def streams_that_are_uploaded_apart_meet_on_the_same_device():
    a, b = RNG.normal(size=403), RNG.normal(size=403)
    np.save("a.npy", a)
    np.save("b.npy", b)
    line = ["zip", "name=z", "!", "map", "expr=y = a*b", "!", "download", "!", "npysink",
            "location=out.npy", "npysrc", "location=a.npy", "array=a", "!", "upload", "!", "z.",
            "npysrc", "location=b.npy", "array=b", "!", "identity", "delay=500", "!", "upload", "!",
            "z."]
    gives(line, a * b, chunks=(50, 100, 403))


@test
def chunks_may_come_back_and_go_to_another_device():
    x = RNG.normal(size=403)
    np.save("in.npy", x)
    line = ["npysrc", "location=in.npy", "!", "upload", "!", "map", "expr=y = 2*x", "!", "download",
            "!", "upload", "!", "map", "expr=z = y + 1", "fp-mode=exact", "!", "download", "!",
            "npysink", "location=out.npy"]
    gives(line, 2 * x + 1)


@test
def a_stream_that_is_not_cut_is_refused_beside_one_that_is():
    np.save("a.npy", np.zeros(100))
    line = ["zip", "name=z", "!", "download", "!", "npysink", "location=out.npy", "array=a",
            "npysrc", "location=a.npy", "array=a", "!", "upload", "!", "z.",
            "npysrc", "location=a.npy", "array=b", "chunk-axis=none", "!", "upload", "!", "z."]
    fails(*line, device="sim,sim", says="join them before 'upload', or name one device")
    assert files() == ["a.npy"]
    run(*line, device="sim")


@test
def the_plan_counts_each_device_s_memory():
    line = ["testsrc", "items=1000000", "!", "upload", "!", "map", "expr=y = x", "!", "download",
            "!", "fakesink"]
    plans = [run("--plan", *line, device=device).out
             for device in ("sim:memory=1MiB", "sim:memory=1MiB,sim", "sim,sim:memory=1MiB")]
    assert " on each of 2 devices" not in plans[0]
    for plan in plans[1:]:
        assert plan.replace(" on each of 2 devices", "") == plans[0], plan
        assert "921.6 KiB) on each of 2 devices" in plan, plan


main()
