# SPDX-License-Identifier: LGPL-2.1-or-later
"""Kernels whose threads wait for each other, in pipelines."""
import os
import sys

import numpy as np

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from tap import fails, main, run, test  # noqa: E402

REVERSE = """
extern "C" __global__ void reverse (const float *x, float *y, int n)
{
  extern __shared__ float s[];
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  s[threadIdx.x] = i < n ? x[i] : -1.0f;
  __syncthreads ();
  if (i < n)
    y[i] = s[blockDim.x - 1 - threadIdx.x];
}
"""
# no loop over lanes can be cut in two at a barrier that some calls of a function do not come to
HIDDEN = ("__device__ void meet (int n) { if (n < 0) return; __syncthreads (); }"
          + REVERSE.replace("  __syncthreads ();", "  meet (n);"))
SLOW = ("warning: kernel0: kernel 'reverse' runs as fibers (slow): barrier inside a device function, "
        "k.cu:1\n")


def write(text, name="k.cu"):
    with open(name, "w") as file:
        file.write(text)


def words(*options):
    source = ["npysrc", "location=x.npy", "!", "upload", "!", "kernel", "source=k.cu"]
    return source + list(options) + ["!", "download", "!", "npysink", "location=y.npy"]


def save(n=10000):
    x = np.random.default_rng(1).standard_normal(n).astype(np.float32)
    np.save("x.npy", x)
    return x


def reversed_blocks(x, size):
    x = np.append(x, np.full(-len(x) % size, -1, np.float32))
    return x.reshape(-1, size)[:, ::-1].ravel()


@test
def a_kernel_with_a_barrier_runs_without_a_warning():
    write(REVERSE)
    x = save()
    for device in ("host", "sim"):
        result = run("--chunk=1000", *words("outputs=y[*]", "block=100", "shared=4*100"),
                     device=device)
        assert "warning" not in result.err, result
        assert (np.load("y.npy") == reversed_blocks(x, 100)).all()


@test
def where_it_runs_as_fibers_the_user_is_told_once():
    write(HIDDEN)
    x = save()
    for device in ("host", "sim"):
        result = run("--chunk=1000", *words("outputs=y[*]", "block=100", "shared=4*100"),
                     device=device)
        assert result.err.count(SLOW) == 1 and result.err.count("warning") == 1, result
        assert (np.load("y.npy") == reversed_blocks(x, 100)).all()


@test
def a_kernel_that_was_compiled_before_says_the_same():
    write(HIDDEN)
    save()
    env = {"PINWHEEL_CACHE_DIR": os.path.abspath("cache"), "PINWHEEL_DEBUG": "compute:4"}
    results = [run(*words("outputs=y[*]", "block=100", "shared=4*100"), env=env, device="host")
               for _try in range(2)]
    assert ["compiled by" in result.err for result in results] == [True, False], results
    for result in results:
        assert result.err.count(SLOW) == 1, result
        assert result.err.count("compute: reverse: fibers: barrier inside a device function") == 1


@test
def dynamic_shared_memory_needs_its_size():
    write(REVERSE)
    save()
    fails(*words("outputs=y[*]"),
          says="kernel 'reverse' has shared memory whose size is not in the source (extern "
               "__shared__); give its bytes with shared=")
    fails(*words("outputs=y[*]", "shared=4*"), says="shared:1:3: ")
    fails(*words("outputs=y[*]", "shared=n-20000"), says="shared=n-20000 is -10000 for n=10000")
    fails(*words("outputs=y[*]", "shared=n*1000"),
          says="asks for 10000000 bytes of shared memory; a block gets at most 232448")


@test
def a_plain_kernel_is_no_reason_for_a_warning():
    write('extern "C" __global__ void k (const float *x, float *y, int n)\n'
          "{ int i = blockIdx.x * blockDim.x + threadIdx.x; if (i < n) y[i] = x[i]; }\n")
    save()
    assert "warning" not in run(*words("outputs=y[*]")).err


@test
def threads_that_wait_for_ever_end_the_run():
    write("""
extern "C" __global__ void k (const float *x, float *y, int n)
{
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (threadIdx.x < 32)
    __syncthreads ();
  else
    while (i >= 0)
      i = __shfl_sync (0xffffffff, i, 1) + (threadIdx.x == 40 ? __syncthreads_count (1) : 0);
}
""")
    save()
    for device in ("host", "sim"):
        fails(*words("outputs=y[*]", "block=64"), device=device,
              says=["wait for each other for ever: thread (0, 0, 0) at k.cu:6, thread (32, 0, 0) at "
                    "k.cu:9"])
    assert not os.path.exists("y.npy")


@test
def deterministic_sums_have_the_same_bits_every_time():
    write("""
extern "C" __global__ void k (float *x, int n)
{
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= 8 && i < n)
    atomicAdd (&x[i & 7], x[i]);
}
""")
    x = save(100000)
    expected = x.copy()
    for i in range(8, len(x)):
        expected[i & 7] += x[i]
    for _try in range(3):
        run("--chunk=100000", *words("block=64", "deterministic=true"))
        assert (np.load("y.npy") == expected).all()


@test
def what_the_host_does_not_run_is_one_line_with_its_place():
    save()
    body = 'extern "C" __global__ void k (const float *x, float *y)\n{\n  %s\n}\n'
    for statement, column, what in (
            ('asm ("nop;");', 3, "contains inline assembly (asm)"),
            ("y[0] = tex2D<float> (0, 0, 0);", 10, "reads a texture or surface (tex2D)"),
            ("k<<<1, 1>>> (x, y);", 4, "launches a kernel from a kernel (<<<)"),
            ("auto g = cooperative_groups::this_grid ();", 12,
             "uses cooperative groups (cooperative_groups)"),
            ("nvcuda::wmma::mma_sync (a, b, c, d);", 3, "uses tensor cores (nvcuda)"),
            ("y[0] = __shfl (x[0], 1);", 10,
             "exchanges values without a mask of the threads that take part (__shfl)")):
        write(body % statement)
        fails(*words("outputs=y[*]"),
              says="k.cu:3:%d: kernel 'k' %s, which the host device does not run" % (column, what))


main()
