#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Whole pipelines on CUDA devices: kernels come from the real NVRTC, the driver is the emulated one,
which is stricter than a real one and reports what it saw."""
import os
import random
import struct
import subprocess
import sys

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.join(HERE, "..", "..")
sys.path.insert(0, os.path.join(HERE, "..", "pipelines"))
from tap import SANITIZED, Skip, files, launch, main, run, test  # noqa: E402

BUILD = os.environ.get("top_builddir", os.path.join(TOP, "build"))
EMULATOR = os.path.join(BUILD, "tests", "cuda", "emulator", ".libs")
NVRTC = [os.path.join(folder, lib, "libnvrtc.so.13")
         for folder in (os.environ.get("CUDA_HOME", "/usr/local/cuda"), "/usr/local/cuda")
         for lib in ("lib64", "lib", "targets/x86_64-linux/lib")]
LINE = ["--chunk=7", "npysrc", "location=in.npy", "!", "upload", "!", "map", "fp-mode=exact",
        "expr=y = 2 * x + 1; z = x / 3", "!", "download", "!", "npysink", "location=%s.npy"]


class Cuda:
    """One run on the emulated driver, and its report."""

    def __init__(self, *words, options="", cubin=True, hide="", quiet=True, device="cuda", **more):
        real = next(filter(os.path.exists, NVRTC), None)
        if SANITIZED or real is None:
            raise Skip("no NVRTC 13, or a sanitizer, which would look at NVRTC too")
        home = os.path.abspath("cuda-home")
        os.makedirs(os.path.join(home, "lib64"), exist_ok=True)
        for library, source in (("libnvrtc.so.13", os.path.join(EMULATOR, "libnvrtc.so.13")
                                 if cubin else real), ("libcuda.so.1", None)):
            place = os.path.join(home, "lib64", library)
            if os.path.lexists(place):
                os.unlink(place)
            os.symlink(source or os.path.join(EMULATOR, library), place)
        report = os.path.abspath("report")
        if os.path.exists(report):
            os.unlink(report)
        cache = os.path.join(os.environ.get("PINWHEEL_CACHE_DIR", home), "emulated-%d" % cubin)
        self.env = {"CUDA_HOME": home, "PINWHEEL_REAL_NVRTC": os.path.realpath(real),
                    "PINWHEEL_CACHE_DIR": cache,
                    "LD_LIBRARY_PATH": os.path.join(home, "lib64") + ":"
                    + os.environ.get("LD_LIBRARY_PATH", ""),
                    "PINWHEEL_EMULATED_CUDA": "report=%s,%s" % (report, options)}
        if hide:
            self.env["LD_PRELOAD"] = os.path.join(BUILD, "tests", "cuda", ".libs", "hide.so")
            self.env["PINWHEEL_HIDE"] = hide
        self.result = launch(*(["-q"] if quiet and not more.get("tool") else []), *words, device=device,
                             env=self.env, **more)
        self.numbers = {}
        if os.path.exists(report):
            with open(report, encoding="utf-8") as file:
                for line in file:
                    name, value = line.rstrip("\n").split(" ", 1)
                    if not name.startswith("hazard:"):
                        self.numbers[name] = int(value)

    def calls(self, name):
        return self.numbers.get("call-" + name, 0)

    def says(self, *parts):
        """It failed with one message, and left nothing."""
        assert self.result.code == 1 and self.result.err.count("error: ") == 1, self.result
        for part in parts:
            assert part in self.result.err, (part, self.result)
        assert not any(value for name, value in self.numbers.items() if name.startswith("leaked-"))
        assert not results()

    def falls_back(self, *reasons):
        """It ran on the host and said once why."""
        notices = [line for line in self.result.err.splitlines() if line.startswith("device: ")]
        assert self.result.code == 0 and len(results()) == 2, self.result
        assert len(notices) == 1 and notices[0].startswith("device: host ("), self.result
        assert all(reason in notices[0] for reason in reasons), notices
        assert self.result.err.count(reasons[0]) == 1 and "warning" not in self.result.err, self.result
        assert not any(value for name, value in self.numbers.items() if name.startswith("leaked-"))

    def check_clean(self):
        assert self.result.code == 0, self.result
        left = {name: value for name, value in self.numbers.items()
                if (name.startswith("leaked-") or name == "hazards") and value != 0}
        assert self.numbers and not left, (left, self.result)
        assert self.numbers["legacy-stream"] == 0
        assert self.numbers["copies-up-pageable"] == self.numbers["copies-down-pageable"] == 0
        return self


def save(name, array):
    np.save(name, array)


def results():
    return {name: open(name, "rb").read() for name in files()
            if name.endswith(".npy") and not name.startswith("in")}


def forget(names):
    for name in names:
        os.unlink(name)


def same_as_host(words, options="", **more):
    """Runs on both devices; the files must be the same to the bit. Returns the run on CUDA."""
    run(*words)
    host = results()
    assert host
    forget(host)
    cuda = Cuda(*words, options=options, **more).check_clean()
    assert results() == host, words
    forget(host)
    return cuda


@test
def results_are_the_hosts_to_the_bit_for_many_seeds():
    save("in.npy", np.random.default_rng(1).normal(size=100))
    for seed in range(1, 9):
        same_as_host(LINE, "latency=100000,delay=300000,seed=%d" % seed)


@test
def two_devices_share_the_work_and_give_the_hosts_bytes():
    save("in.npy", np.random.default_rng(5).normal(size=100))
    for seed in range(1, 5):
        cuda = same_as_host(LINE, "devices=2,latency=100000,delay=300000,seed=%d" % seed,
                            device="cuda:0,cuda:1")
        assert cuda.calls("cuModuleLoadDataEx") == 2, cuda.numbers
        assert cuda.calls("cuDevicePrimaryCtxRetain") == 2, cuda.numbers


@test
def every_length_and_chunk_is_covered_once():
    for n in (0, 1, 2, 3, 5, 7, 29):
        save("in.npy", np.arange(n) * 1.25)
        for chunk in (1, 2, 5, 100):
            same_as_host(["--chunk=%d" % chunk] + LINE[1:], "delay=50000,seed=%d" % (n + chunk))


@test
def ptx_is_taken_where_the_cubin_is_for_another_gpu():
    save("in.npy", np.arange(30.0))
    cuda = same_as_host(LINE, cubin=False)
    assert cuda.calls("cuModuleLoadDataEx") == 2, cuda.numbers
    assert same_as_host(LINE).calls("cuModuleLoadDataEx") == 1


@test
def every_architecture_is_compiled_for():
    save("in.npy", np.arange(30.0))
    for capability in ("7.5", "8.0", "9.0", "10.0"):
        same_as_host(LINE, "capability=" + capability)


@test
def integers_and_types_of_every_width_are_the_hosts():
    for dtype in ("i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "f4", "f8"):
        save("in.npy", np.arange(40).astype(dtype))
        same_as_host(LINE[:8] + ["expr=y = x * 3 - 7"] + LINE[9:-1] + ["location=%s.npy"])


@test
def functions_of_the_library_are_near_numpys():
    x = np.random.default_rng(2).uniform(-3, 3, 200)
    save("in.npy", x)
    Cuda("npysrc", "location=in.npy", "!", "upload", "!", "map", "expr=y = exp(-x) * sin(x)", "!",
         "download", "!", "npysink", "location=y.npy").check_clean()
    np.testing.assert_allclose(np.load("y.npy"), np.exp(-x) * np.sin(x), rtol=1e-14, atol=1e-15)


@test
def arrays_of_every_shape_ride_together():
    rng = np.random.default_rng(3)
    save("in-a.npy", rng.normal(size=23))
    save("in-b.npy", rng.normal(size=(3, 23)))
    save("in-c.npy", rng.normal(size=(2, 4)))
    with open("k.cu", "w", encoding="utf-8") as file:
        file.write("""
extern "C" __global__ void k (const double *a, const double *b, const double *c, double *s,
                              double *b2, int n)
{
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n)
    return;
  s[i] = a[i] + c[5];
  for (int j = 0; j < 3; j++)
    b2[j * n + i] = b[j * n + i] * c[j];
}
""")
    for chunk in (1, 4, 23):
        same_as_host(["--chunk=%d" % chunk, "zip", "name=z", "!", "upload", "!", "kernel",
                      "fp-mode=exact", "source=k.cu", "outputs=s[*] b2[3,*]", "keep=c", "!",
                      "download", "!", "npysink", "location=%s.npy",
                      "npysrc", "location=in-a.npy", "array=a", "!", "z.",
                      "npysrc", "location=in-b.npy", "array=b", "chunk-axis=1", "!", "z.",
                      "npysrc", "location=in-c.npy", "array=c", "chunk-axis=none", "!", "z."],
                     "delay=100000,seed=%d" % chunk)


@test
def branches_that_part_and_meet_again_are_the_hosts():
    save("in.npy", np.arange(50.0))
    with open("scale.cu", "w", encoding="utf-8") as file:
        file.write('extern "C" __global__ void scale (double *x, int n)\n{\n'
                   "  int i = blockIdx.x * blockDim.x + threadIdx.x;\n"
                   "  if (i < n)\n    x[i] *= 3;\n}\n")
    for seed in range(1, 5):
        same_as_host(["--chunk=6", "npysrc", "location=in.npy", "!", "upload", "!", "tee",
                      "name=t", "t.", "!", "kernel", "source=scale.cu", "!", "zip", "name=z",
                      "t.", "!", "select", "rename=x=w", "!", "z.", "z.", "!", "map",
                      "fp-mode=exact", "expr=y = x - w", "!", "download", "!", "npysink",
                      "location=%s.npy"], "delay=200000,seed=%d" % seed)


@test
def barriers_and_shared_memory_are_the_hosts():
    save("in.npy", np.random.default_rng(4).integers(0, 1000, 1000).astype("i4"))
    with open("sum.cu", "w", encoding="utf-8") as file:
        file.write("""
extern "C" __global__ void sum (const int *x, int *y, int n)
{
  __shared__ int s[64];
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  s[threadIdx.x] = i < n ? x[i] : 0;
  __syncthreads ();
  for (int k = 32; k > 0; k /= 2)
    {
      if (threadIdx.x < k)
        s[threadIdx.x] += s[threadIdx.x + k];
      __syncthreads ();
    }
  if (i < n)
    y[i] = s[0] + __shfl_xor_sync (0xffffffff, s[threadIdx.x], 1);
}
""")
    same_as_host(["--chunk=128", "npysrc", "location=in.npy", "!", "upload", "!", "kernel",
                  "source=sum.cu", "outputs=y[*]", "block=64", "!", "download", "!", "npysink",
                  "location=%s.npy"])


@test
def nothing_is_made_and_nobody_waits_per_chunk():
    """With twice the chunks there are twice the copies and launches, at most one wait more for each
    chunk in the source and in the sink, and no other call of the driver more than before."""
    # NVRTC says cuInit where the kernel is not in the cache yet
    asks = {"cuCtxGetCurrent", "cuCtxSetCurrent", "cuEventQuery", "cuInit"}
    once = {"cuMemcpyHtoDAsync_v2", "cuMemcpyDtoHAsync_v2", "cuLaunchKernel"}
    for seed in range(1, 7):
        counts = []
        for n_chunks in (10, 20):
            save("in.npy", np.arange(7.0 * n_chunks))
            cuda = same_as_host(LINE, "latency=100000,delay=200000,seed=%d" % seed)
            assert all(cuda.calls(name) == n_chunks for name in once), cuda.numbers
            # one record for each stream and chunk
            assert cuda.calls("cuEventRecord") <= 3 * n_chunks, cuda.numbers
            # each stage waits for what it reads, and for who used the buffer that it writes before
            assert cuda.calls("cuStreamWaitEvent") <= 2 * 3 * n_chunks, cuda.numbers
            # beside those of source and sink, one of each stream's owner at the end
            assert cuda.calls("cuEventSynchronize") <= 2 * n_chunks + 3, cuda.numbers
            assert cuda.numbers["blocking"] <= 2 * n_chunks + 3, cuda.numbers
            counts.append({name: value for name, value in cuda.numbers.items()
                           if name.startswith("call-") and name[len("call-"):] not in
                           asks | once | {"cuEventRecord", "cuStreamWaitEvent", "cuEventSynchronize"}})
        assert counts[0] == counts[1], counts


@test
def a_kernel_that_leaves_its_memory_ends_the_run_with_one_error():
    save("in.npy", np.arange(30.0))
    cuda = Cuda(*LINE, options="crash=2")
    assert cuda.result.code == 1, cuda.result
    assert "map0: " in cuda.result.err, cuda.result
    assert "CUDA_ERROR_ILLEGAL_ADDRESS" in cuda.result.err, cuda.result
    assert cuda.result.err.count("error: ") == 1, cuda.result
    assert not results(), files()


@test
def memory_that_is_refused_is_planned_again():
    save("in.npy", np.arange(3000.0))
    words = ["npysrc", "location=in.npy", "!", "upload", "!", "download", "!", "npysink",
             "location=out.npy"]
    cuda = Cuda(*words, options="fail=cuMemAlloc_v2:1:CUDA_ERROR_OUT_OF_MEMORY")
    cuda.check_clean()
    assert np.array_equal(np.load("out.npy"), np.arange(3000.0))
    refused = Cuda(*words, options="memory=4")
    assert refused.result.code == 1 and "does not fit" in refused.result.err, refused.result


@test
def every_call_that_fails_ends_the_run_with_its_name():
    """The first, second and last use of every function of the driver. What only asks may be asked
    again; what gives back cannot fail the run."""
    save("in.npy", np.arange(40.0))
    clean = Cuda(*LINE).check_clean()
    forget(results())
    harmless = {"cuEventDestroy_v2", "cuStreamDestroy_v2", "cuModuleUnload", "cuMemFree_v2",
                "cuMemFreeHost", "cuDevicePrimaryCtxRelease_v2", "cuStreamSynchronize",
                "cuGetErrorName", "cuGetErrorString"}
    wrong = []
    for call in sorted(clean.numbers):
        if not call.startswith("call-"):
            continue
        name, n = call[len("call-"):], clean.numbers[call]
        for nth in sorted({1, min(2, n), n}):
            cuda = Cuda(*LINE, options="fail=%s:%d" % (name, nth), timeout=60)
            left = [key for key, value in cuda.numbers.items()
                    if key.startswith("leaked-") and value and name not in harmless]
            made = results()
            forget(made)
            if cuda.result.code == 1:
                right = (cuda.result.err.count("error: ") == 1 and not made
                         and name.split("_v")[0] in cuda.result.err)
            else:
                right = cuda.result.code == 0 and len(made) == 2
            if left or not right:
                wrong.append("%s at its %d of %d: %r, left %s, made %s" % (
                    name, nth, n, cuda.result, left, list(made)))
    assert not wrong, "\n".join(wrong)


@test
def nothing_but_a_pipeline_that_needs_it_opens_the_driver():
    save("in.npy", np.arange(4.0))
    for words, more in (("--help",), {"device": None}), (LINE, {"device": "host"}), \
            (("testsrc", "items=100", "!", "fakesink"), {"device": None}):
        cuda = Cuda(*words, **more)
        assert cuda.result.code == 0 and not cuda.numbers, (words, cuda.result)
    cuda = Cuda("--names", tool="pinwheel-inspect")
    assert cuda.result.code == 0 and not cuda.numbers, cuda.result


@test
def without_driver_or_device_the_message_says_what_to_do():
    save("in.npy", np.arange(4.0))
    none = launch("-q", *LINE, device="cuda")
    assert none.code != 0 and "libcuda.so.1" in none.err and none.err.count("error: ") == 1, none
    cuda = Cuda(*LINE, options="devices=0")
    assert cuda.result.code != 0 and "device" in cuda.result.err, cuda.result
    cuda = Cuda(*LINE, device="cuda:3", options="devices=2")
    assert cuda.result.code != 0 and "cuda:3" in cuda.result.err, cuda.result
    cuda = Cuda(*LINE, options="driver=10020")
    cuda.says("the NVIDIA driver is too old: it knows CUDA 10.2; install one for CUDA 11.0 or later")


@test
def a_driver_that_lacks_a_function_is_too_old_where_it_is_needed():
    save("in.npy", np.arange(40.0))
    for name in ("cuMemcpy3DAsync_v2", "cuGetErrorName", "cuLaunchKernel"):
        says = "the NVIDIA driver is too old: its libcuda.so.1 has no function " + name
        Cuda(*LINE, hide=name).says(says, "install a driver for CUDA 11.0 or later")
        Cuda(*LINE, hide=name, quiet=False, device=None).falls_back(says)
        forget(results())
    optional = ("cuFuncLoad cuFuncGetParamInfo cuOccupancyMaxPotentialBlockSize "
                "cuDeviceGetPCIBusId")
    assert same_as_host(LINE).calls("cuFuncLoad") == 1
    cuda = same_as_host(LINE, hide=optional)
    assert not any(cuda.calls(name) for name in optional.split()), cuda.numbers
    told = Cuda("--devices", hide=optional, tool="pinwheel-inspect").result
    assert told.code == 0 and "PCIe          unknown" in told.out, told


OWN = """
extern "C" __global__ void scale (const double *x, double *y, double w, int n)
{
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n)
    y[i] = w * x[i];
}
"""
PARAMETERS = "parameters=const double *x, double *y, double w, int n"


def own_line(source, entry="scale", parameters=PARAMETERS, **more):
    return ["--chunk=7", "npysrc", "location=in.npy", "!", "upload", "!", "kernel",
            "source=" + source, "entry=" + entry, *([parameters] if parameters else []),
            "args=" + more.get("args", "w=3"), "outputs=y[*]", "!", "download", "!", "npysink",
            "location=%s.npy"]


def make_ptx(arch):
    Cuda("--version")  # finds NVRTC
    with open("own.cu", "w", encoding="utf-8") as file:
        file.write(OWN)
    subprocess.run([os.path.join(BUILD, "tests", "cuda", "nvrtc-compile"), "own.cu", "own.ptx",
                    "--gpu-architecture=compute_%d" % arch], stdout=subprocess.DEVNULL, check=True)
    with open("own.ptx", "rb") as file:
        return file.read()


def make_fatbin(*codes):
    """As nvcc writes it, without compressing: (1, 90, PTX) or (2, 90, cubin)"""
    entries = b""
    for kind, arch, code in codes:
        code += b"\0" * (-len(code) % 8)
        entries += struct.pack("<HHIQIIHHI6Q", kind, 0x101, 80, len(code), 0, 64, 0, 9, arch, 0,
                               0x11, 0, 0, 0, 0) + code
    return struct.pack("<IHHQ", 0xBA55ED50, 1, 16, len(entries)) + entries


def write(name, content):
    with open(name, "wb") as file:
        file.write(content)


@test
def ptx_and_fat_binaries_of_the_users_have_the_hosts_results():
    save("in.npy", np.random.default_rng(6).normal(size=40))
    ptx = make_ptx(75)
    run(*own_line("own.cu", parameters=None))
    host = results()
    forget(host)
    write("own.fatbin", make_fatbin((2, 90, b"\x7fELF"), (1, 75, ptx)))
    for source in ("own.ptx", "own.fatbin"):
        Cuda(*own_line(source), options="delay=100000,seed=2").check_clean()
        assert results() == host, source
        forget(host)
        # the driver does not know what kernels take
        Cuda(*own_line(source), hide="cuFuncGetParamInfo").check_clean()
        assert results() == host, source
        forget(host)
        Cuda(*own_line(source), options="capability=7.0").says("CUDA_ERROR_NO_BINARY_FOR_GPU",
                                                               "this device is sm_70")
        fail = launch("-q", *own_line(source), device="host")
        assert fail.code == 1 and "which only CUDA devices run" in fail.err, fail


@test
def mistakes_with_compiled_code_are_told():
    save("in.npy", np.arange(40.0))
    ptx = make_ptx(75)
    Cuda(*own_line("own.ptx", "scal")).says("there is no kernel 'scal' in 'own.ptx'", "'scale'")
    Cuda(*own_line("own.ptx", parameters=None)).says("parameters=")
    Cuda(*own_line("own.ptx", parameters="parameters=const double *x, double *y, int n",
                   args="")).says("takes 4 parameters, of 8, 8, 8, 4 bytes", "parameters= names 3")
    Cuda(*own_line("own.ptx", parameters="parameters=const double *x, double *y, float w, int n")
         ).says("takes 4 parameters", "parameters= names 4, which are not those")
    Cuda(*own_line("own.cu")).says("parameters= is for compiled code")
    write("own.ptx", ptx[:len(ptx) // 2] + b"this is no instruction;\n}\n")
    Cuda(*own_line("own.ptx")).says("cuModuleLoadDataEx", "CUDA_ERROR_INVALID_PTX")
    write("own.ptx", ptx.replace(b"\n", b"\0", 3))
    Cuda(*own_line("own.ptx")).says("'own.ptx' is damaged")
    fatbin = make_fatbin((1, 75, ptx), (1, 80, ptx))
    for length in (5, 17, 60, 100, len(fatbin) // 2, len(fatbin) - 2):
        write("own.fatbin", fatbin[:length])
        Cuda(*own_line("own.fatbin")).says("is damaged")
    write("own.fatbin", make_fatbin((1, 75, ptx)))
    Cuda(*own_line("own.fatbin", "scal")).says("cuModuleGetFunction", "CUDA_ERROR_NOT_FOUND")
    write("own.cubin", b"\x7fELF" + bytes(range(200)))
    Cuda(*own_line("own.cubin")).says("is damaged")


@test
def what_nvcc_makes_is_loaded():
    nvcc = next(filter(os.path.exists, (os.path.join(folder, "bin", "nvcc") for folder in (
        os.environ.get("CUDA_HOME", "/usr/local/cuda"), "/usr/local/cuda"))), None)
    if not nvcc:
        raise Skip("no nvcc")
    save("in.npy", np.arange(40.0))
    make_ptx(75)
    for arch in (80, 90):
        made = subprocess.run([nvcc, "--cubin", "-arch=sm_%d" % arch, "-o", "own%d.cubin" % arch,
                               "own.cu"], stderr=subprocess.PIPE, text=True, check=False)
        if made.returncode != 0:
            raise Skip("nvcc does not compile here: " + made.stderr[:200].replace("\n", " "))
    # it goes as far as the launch: nothing here runs machine code
    Cuda(*own_line("own90.cubin"), options="cubins=1").says("cuLaunchKernel",
                                                            "CUDA_ERROR_NOT_SUPPORTED")
    Cuda(*own_line("own90.cubin", "scal"), options="cubins=1").says("there is no kernel 'scal'",
                                                                    "'scale'")
    Cuda(*own_line("own80.cubin"), options="cubins=1").says("CUDA_ERROR_NO_BINARY_FOR_GPU",
                                                            "this device is sm_90")
    Cuda(*own_line("own80.cubin"), options="cubins=1,capability=8.6").says("cuLaunchKernel")
    with open("own90.cubin", "rb") as file:
        cubin = file.read()
    for length in (70, 1000, len(cubin) - 1):
        write("own.cubin", cubin[:length])
        Cuda(*own_line("own.cubin"), options="cubins=1").says("is damaged")
    made = subprocess.run([nvcc, "--fatbin", "--compress-mode=none", "-gencode",
                           "arch=compute_80,code=compute_80", "-gencode",
                           "arch=compute_80,code=sm_80", "-o", "own.fatbin", "own.cu"],
                          stderr=subprocess.DEVNULL, check=False)
    if made.returncode != 0:
        return  # an nvcc that compresses always
    Cuda(*own_line("own.fatbin")).check_clean()
    assert np.array_equal(np.load("y.npy"), 3 * np.arange(40.0))


@test
def code_that_a_driver_refuses_late_is_replaced_by_ptx():
    """Drivers may load a module's kernels when somebody asks for one."""
    save("in.npy", np.arange(30.0))
    cuda = same_as_host(LINE, "lazy=1", cubin=False)
    assert cuda.calls("cuModuleLoadDataEx") == cuda.calls("cuModuleUnload") == 2, cuda.numbers
    Cuda(*LINE, options="lazy=1,driver=12080").says("CUDA_ERROR_UNSUPPORTED_PTX_VERSION",
                                                    "cuModuleGetFunction")


@test
def shared_memory_asked_for_at_a_launch_counts_with_the_kernels_own():
    """More than 48 KiB together must be allowed first."""
    save("in.npy", np.arange(300).astype("i4"))
    with open("shared.cu", "w", encoding="utf-8") as file:
        file.write("""
extern "C" __global__ void shared (const int *x, int *y, int n)
{
  __shared__ int own[10000];
  extern __shared__ int more[];
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  own[threadIdx.x] = more[threadIdx.x + 5000 - 64] = i < n ? x[i] : 0;
  __syncthreads ();
  if (i < n)
    y[i] = own[threadIdx.x ^ 1] - more[(threadIdx.x ^ 2) + 5000 - 64];
}
""")
    line = ["--chunk=128", "npysrc", "location=in.npy", "!", "upload", "!", "kernel",
            "source=shared.cu", "outputs=y[*]", "block=64", "shared=20000", "!", "download", "!",
            "npysink", "location=%s.npy"]
    for capability in ("7.5", "8.6", "9.0"):
        same_as_host(line, "capability=" + capability)
    line[line.index("shared=20000")] = "shared=30000"
    Cuda(*line, options="capability=7.5").says(
        "kernel0: chunk 0: kernel 'shared': a block would need 30000 bytes of shared memory and has "
        "40000 of its own already; device cuda:0 gives it 65536 at most")
    same_as_host(line, "capability=8.0")


@test
def without_nvrtc_the_message_says_what_to_do_and_auto_is_the_host():
    save("in.npy", np.arange(40.0))
    Cuda(*LINE, hide="libnvrtc").says("map0: ", "there is no NVRTC", "install the CUDA Toolkit",
                                  "CUDA_HOME")
    # in the cache there is code for it, which is no help without the library's name
    same_as_host(LINE)
    Cuda(*LINE, hide="libnvrtc").says("there is no NVRTC")
    Cuda(*LINE, hide="libnvrtc", quiet=False, device=None).falls_back("there is no NVRTC")
    forget(results())
    # a pipeline without kernels has no use for it
    cuda = Cuda(*LINE[:6], *LINE[-4:], hide="libnvrtc", device=None).check_clean()
    assert cuda.numbers["copies-up-pinned"] == 6, cuda.numbers
    assert list(results()) == ["x.npy"]


@test
def an_nvrtc_too_new_for_the_driver_is_told_and_auto_is_the_host():
    save("in.npy", np.arange(40.0))
    for cubin in (True, False):
        cuda = Cuda(*LINE, options="driver=12080", cubin=cubin)
        cuda.says("map0: ", "CUDA_ERROR_UNSUPPORTED_PTX_VERSION", "the driver knows CUDA 12.8",
                  "Update the NVIDIA driver", "CUDA_HOME")
        Cuda(*LINE, options="driver=12080", cubin=cubin, quiet=False, device=None).falls_back(
            "NVRTC 13.", "is newer than the NVIDIA driver, which takes code of CUDA 12.8")
        forget(results())


@test
def an_nvrtc_too_new_for_the_device_is_told_and_auto_is_the_host():
    save("in.npy", np.arange(40.0))
    Cuda(*LINE, options="capability=6.1").says("sm_61", "older CUDA Toolkit", "CUDA_HOME")
    Cuda(*LINE, options="capability=6.1", quiet=False, device=None).falls_back("sm_61")


@test
def without_a_device_named_the_first_gpu_is_taken_and_else_the_host():
    save("in.npy", np.arange(40.0))
    cuda = Cuda(*LINE, device=None).check_clean()
    assert cuda.numbers["launches"] > 0
    forget(results())
    cuda = Cuda(*LINE, device=None, options="devices=0")
    assert cuda.result.code == 0 and len(results()) == 2, cuda.result


def passes(script, folder="pipelines", options="", cubin=True, **env):
    """The script's own tests, with the emulated driver as their device"""
    cuda = Cuda("--version", cubin=cubin, options=options)  # for the environment
    path = os.path.join(HERE, "..", folder, script)
    result = subprocess.run(["/usr/bin/python3", path], stdout=subprocess.PIPE, text=True,
                            env=dict(os.environ, PINWHEEL_TEST_DEVICE="cuda", **cuda.env, **env),
                            check=False)
    assert result.returncode == 0 and "not ok" not in result.stdout, result.stdout
    assert result.stdout.count("\nok ") > result.stdout.count("# SKIP") + 1, result.stdout


@test
def files_of_numpy_are_as_on_the_host():
    passes("test-numpy.py")


@test
def arrays_of_every_shape_are_as_on_the_host():
    passes("test-shapes.py")


@test
def the_sweep_is_as_on_the_host():
    passes("test-lorenz.py")


@test
def every_example_of_an_element_runs():
    passes("test-examples.py")


@test
def kernels_without_a_pipeline_are_as_on_the_host():
    # the instructions of later ones are not all known to the interpreter
    passes("test-gpu-kernels.py", "cuda", "capability=8.0", False, PINWHEEL_TEST_FORMS="ptx",
           PINWHEEL_TEST_EVERY="10", GENERATED_COUNT="3")


@test
def random_lines_are_the_hosts():
    rng = random.Random(7)
    for _ in range(25):
        save("in.npy", np.random.default_rng(rng.randrange(256)).normal(
            size=rng.randrange(1, 60)))
        words = ["--chunk=%d" % rng.randrange(1, 20), "npysrc", "location=in.npy", "!", "upload"]
        for _ in range(rng.randrange(1, 4)):
            words += rng.choice((["!", "map", "fp-mode=exact", "expr=x = x * 1.5 + 2"],
                                 ["!", "map", "fp-mode=exact", "expr=x = abs(x) - sqrt(abs(x))"],
                                 ["!", "identity"], ["!", "download", "!", "upload"],
                                 ["!", "queue", "size=2"]))
        words += ["!", "download", "!", "npysink", "location=out.npy"]
        same_as_host(words, "latency=20000,delay=100000,seed=%d" % rng.randrange(1000))


main()
