# SPDX-License-Identifier: LGPL-2.1-or-later
"""How kernels are compiled: floating-point modes, who may compile, and how a compiler is ended."""
import os
import signal
import stat
import subprocess
import sys

import numpy as np

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from tap import Skip, fails, files, launch, main, mount_tmpfs, run, test  # noqa: E402

LINE = ["testsrc", "items=1000", "!", "upload", "!", "map", "expr=y = 2*x + 1", "!", "download"]


def program(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write("#!/bin/sh\n" + text)
    os.chmod(path, 0o700)
    return os.path.abspath(path)


def folder(name):
    os.mkdir(name, 0o700)
    return os.path.abspath(name)


def entries(cache, suffix=".so"):
    kernels = os.path.join(cache, "kernels")
    names = os.listdir(kernels) if os.path.isdir(kernels) else []
    assert all(name.endswith((".so", ".ii", ".cubin", ".ptx")) for name in names), names
    return sorted(name for name in names if name.endswith(suffix))


@test
def fast_and_exact_give_bits_that_do_not_depend_on_chunks():
    # sums of products, of which a compiler may fuse one or the other
    expr = "a = (x*z + z)*(x - 0.3) - where(x > 1.7*z, x - 0.3, x*z); " \
        "b = a*x + sqrt(abs(x*x))*(0.3*x + z); c = where(x > 0.5, x*x + z*z, x*z - z*x)*x + a*b"
    for dtype in ("f32", "f64"):
        for mode in ("fast", "exact"):
            results = set()
            for chunk in (5, 64, 257, 2003):
                run("--chunk=%d" % chunk, "testsrc", "format=x:%s[*] z:%s[*]" % (dtype, dtype),
                    "items=2003", "pattern=random", "seed=3", "!", "upload", "!", "map",
                    "expr=" + expr, "fp-mode=" + mode, "!", "download", "!", "npysink",
                    "location=out-%s.npy")
                results.add(b"".join(np.load("out-%s.npy" % n).tobytes() for n in "abc"))
            assert len(results) == 1, (dtype, mode)


@test
def exact_is_numpys_to_the_bit_and_fast_is_near():
    x = np.random.default_rng(8).normal(size=4001)
    np.save("in.npy", x)
    expected = x * x * 0.7 + x / 3 - np.sqrt(np.abs(x)) * x
    for mode in ("exact", "fast"):
        run("npysrc", "location=in.npy", "!", "upload", "!", "map",
            "expr=y = x*x*0.7 + x/3 - sqrt(abs(x))*x", "fp-mode=" + mode, "!", "download", "!",
            "npysink", "location=%s.npy" % mode)
    assert np.load("exact.npy").tobytes() == expected.tobytes()
    # a sum of three terms, each rounded to half a unit of its size at most twice
    size = np.abs(x * x * 0.7) + np.abs(x / 3) + np.sqrt(np.abs(x)) * np.abs(x)
    assert (np.abs(np.load("fast.npy") - expected) <= 4 * np.finfo(float).eps * size).all()


def hanging_compiler():
    """A compiler that never ends and starts another process; both hold the named pipe `alive`."""
    os.mkfifo("alive")
    return program("hang", "exec 9>'%s'\nsleep 1000 &\necho begun >&9\nsleep 1000\n"
                   % os.path.abspath("alive"))


def stop_while_compiling(words, number, cache):
    compiler = hanging_compiler()
    child = subprocess.Popen(
        ["pinwheel-launch", "--device=host", *words], stderr=subprocess.DEVNULL,
        env=dict(os.environ, PINWHEEL_CXX=compiler, PINWHEEL_CACHE_DIR=cache))
    with open("alive", encoding="utf-8") as alive:
        assert alive.readline() == "begun\n"
        child.send_signal(number)
        # the end of the file: no process of the compiler's is left
        assert alive.read() == ""
    assert child.wait(timeout=120) == 128 + number
    os.remove("alive")
    assert not entries(cache)


@test
def a_stop_ends_the_compiler_and_leaves_nothing():
    with open("k.cu", "w", encoding="utf-8") as file:
        file.write("#define ONE 1\nextern \"C\" __global__ void k (float *x, int n) { x[0] = ONE; }\n")
    preprocessed = ["testsrc", "!", "upload", "!", "kernel", "source=k.cu", "!", "download", "!",
                    "fakesink"]
    cache = folder("cache")
    for number in (signal.SIGINT, signal.SIGTERM):
        stop_while_compiling(LINE + ["!", "npysink", "location=out.npy"], number, cache)
        stop_while_compiling(preprocessed, number, cache)
        stop_while_compiling(["--plan", *preprocessed], number, cache)
    assert files() == ["cache", "hang", "k.cu"], files()


@test
def kernels_may_be_forbidden_or_must_have_been_compiled_before():
    cache = folder("cache")
    line = LINE + ["!", "fakesink"]

    def with_mode(mode):
        return {"PINWHEEL_HOST_KERNELS": mode, "PINWHEEL_CACHE_DIR": cache}

    fails(*line, env=with_mode("off"), says="PINWHEEL_HOST_KERNELS=off forbids kernels")
    fails(*line, env=with_mode("maybe"), says="expected on, cached or off")
    fails(*line, env=with_mode("cached"), says=("not among the compiled kernels in", cache,
                                                "--compile-only"))
    assert entries(cache) == []
    run(*line, env=with_mode("on"))
    assert len(entries(cache)) == 1
    run(*line, env=with_mode("cached"))
    run(*line, env=dict(with_mode("cached"), PATH=os.environ["PATH"].split(":")[0]))
    assert len(entries(cache)) == 1


@test
def an_entry_is_the_users_alone():
    cache = folder("cache")
    run(*LINE, "!", "fakesink", env={"PINWHEEL_CACHE_DIR": cache})
    name, = entries(cache)
    status = os.stat(os.path.join(cache, "kernels", name))
    assert stat.S_IMODE(status.st_mode) == 0o500 and status.st_uid == os.geteuid()
    os.chmod(cache, 0o777)
    result = launch(*LINE, "!", "fakesink", env={"PINWHEEL_CACHE_DIR": cache, "PINWHEEL_DEBUG": "2"})
    assert result.code == 0 and "can be written by others" in result.err, result


@test
def a_cache_on_a_file_system_without_execute_permission_serves():
    mount_tmpfs("noexec", "noexec,mode=700")
    try:
        for mode in ("on", "cached"):
            run(*LINE, "!", "npysink", "location=out.npy",
                env={"PINWHEEL_CACHE_DIR": os.path.abspath("noexec"), "PINWHEEL_HOST_KERNELS": mode})
            assert (np.load("out.npy") == 2 * np.arange(1000, dtype=np.float32) + 1).all()
        assert len(entries("noexec")) == 1
    finally:
        subprocess.call(["umount", "noexec"])


@test
def compile_only_fills_the_cache_and_runs_nothing():
    cache = folder("cache")
    environment = {"PINWHEEL_CACHE_DIR": cache}
    with open("k.cu", "w", encoding="utf-8") as file:
        file.write("#define ONE 1\nextern \"C\" __global__ void k (float *x, int n) { x[0] = ONE; }\n")
    line = LINE + ["!", "upload", "!", "kernel", "source=k.cu", "outputs=x[*]", "!", "download", "!",
                   "npysink", "location=out.npy"]
    out = run("--compile-only", *line, env=environment).out.splitlines()
    names = entries(cache)
    assert len(out) == 2 and len(names) == 2, out
    assert out[0].startswith("map0: pinwheel_map compiled: " + cache), out
    assert out[1].startswith("kernel0: k compiled: "), out
    assert sorted(os.path.basename(text.split()[-1]) for text in out) == names, out
    assert files() == ["cache", "k.cu"], files()
    out = run("--compile-only", *line, env=environment).out
    assert out.count(" was there: ") == 2, out
    # where nothing may be compiled it runs now
    run(*line, env=dict(environment, PINWHEEL_HOST_KERNELS="cached"))
    assert entries(cache) == names
    assert run("--compile-only", "testsrc", "!", "fakesink").out == \
        "no element of this description runs a kernel\n"
    fails("--arch=sm_90", "testsrc", "!", "fakesink", code=2, says="--arch=sm_90 is for --compile-only")
    fails("--plan", "--compile-only", "testsrc", "!", "fakesink", code=2, says="choose one")


def has_nvrtc():
    return launch("--compile-only", "--arch=sm_80", *LINE, "!", "fakesink").code == 0


@test
def compile_only_needs_no_gpu_to_compile_for_one():
    if not has_nvrtc():
        raise Skip("no NVRTC")
    cache = folder("cache")
    environment = {"PINWHEEL_CACHE_DIR": cache}
    with open("k.cu", "w", encoding="utf-8") as file:
        file.write("// two\n// lines\n__global__ void k (float *x, int n) { x[0] = nothing; }\n")
    for arch in ("sm_75", "sm_90"):
        run("--compile-only", "--arch=" + arch, *LINE, "!", "fakesink", env=environment)
    names = entries(cache, ".cubin")
    assert len(names) == 2
    for name in names:
        with open(os.path.join(cache, "kernels", name), "rb") as file:
            content = file.read()
        assert content.startswith(b"pinwheel_map\0\x7fELF"), content[:20]
    run("--compile-only", "--arch=compute_90", *LINE, "!", "fakesink", env=environment)
    assert len(entries(cache, ".ptx")) == 1
    fails("--compile-only", "--arch=sm_90", *LINE, "!", "upload", "!", "kernel", "source=k.cu",
          "outputs=x[*]", "!", "download", "!", "fakesink", compiler=True,
          says=("kernel0: k.cu: kernel 'k' does not compile for sm_90:", "k.cu(3): error: "))
    fails("--compile-only", "--arch=sm_1", *LINE, "!", "fakesink", says=("sm_1", "90"))


@test
def inspect_tells_the_figures_of_the_cache():
    cache = folder("cache")
    environment = {"PINWHEEL_CACHE_DIR": cache}
    out = launch("--cache", tool="pinwheel-inspect", env=environment).out
    assert out.splitlines() == ["folder   %s/kernels" % cache, "entries  0",
                                "size     0 B of 256 MiB"], out
    run(*LINE, "!", "fakesink", env=environment)
    out = launch("--cache", tool="pinwheel-inspect", env=environment).out
    assert "\nentries  1\n" in out and "\nused     from 20" in out, out


main()
