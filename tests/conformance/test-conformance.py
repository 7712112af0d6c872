# SPDX-License-Identifier: LGPL-2.1-or-later
"""Small kernels with everything that CUDA C has: on the host device, compiled by gcc and by clang, with
blocks of several sizes, they do what NumPy says; as fibers they do the same bit for bit; and NVRTC
compiles them too."""
import concurrent.futures
import ctypes
import os
import shutil
import subprocess
import sys
import tempfile
import threading

import numpy as np

FOLDER = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [FOLDER, os.path.join(FOLDER, "..", "pipelines")]
import cases  # noqa: E402
import tap  # noqa: E402

COMPILERS = [c for c in ("g++", "clang++") if shutil.which(c)]
RUNNER = os.path.join(os.environ.get("top_builddir", "."), "tests", "conformance", "runner")
ARCHITECTURES = (75, 80, 90, 100)
SOURCES = sorted(name for name in os.listdir(FOLDER) if name.endswith(".cu"))


class Runner:
    """A process that runs kernels; its arrays lie in a folder of its own."""

    def __init__(self, compiler):
        self.compiler = compiler
        self.folder = tempfile.TemporaryDirectory(prefix="pinwheel-test-")
        # the leak sanitizer of gcc 12 crashes over the thread-local memory of so many libraries
        sanitizer = os.environ.get("ASAN_OPTIONS", "") + ":detect_leaks=0"
        self.child = subprocess.Popen(
            [RUNNER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=self.folder.name,
            env=dict(os.environ, PINWHEEL_CXX=compiler, ASAN_OPTIONS=sanitizer), text=True)

    def close(self):
        self.child.stdin.close()
        code = self.child.wait()
        self.folder.cleanup()
        assert code == 0, "the runner ended with status %d" % code

    def run(self, form, case, block, launch):
        """Returns: how it ran, and the arrays afterwards."""
        words = [form, os.path.join(FOLDER, case.file), case.name]
        words += [",".join(map(str, v + (1,) * (3 - len(v)))) for v in (block, launch.grid)]
        words.append(str(launch.shared))
        for i, value in enumerate(launch.args):
            if isinstance(value, np.ndarray):
                value.tofile(os.path.join(self.folder.name, "a%d" % i))
                words.append("@a%d" % i)
            else:
                words.append("=" + value.tobytes().hex())
        self.child.stdin.write(" ".join(words) + "\n")
        self.child.stdin.flush()
        answer = self.child.stdout.readline().strip()
        assert answer.startswith("ok "), "%s %s %s: %s" % (self.compiler, case.name, block, answer)
        arrays = {i: np.fromfile(os.path.join(self.folder.name, "a%d" % i), value.dtype)
                  .reshape(value.shape)
                  for i, value in enumerate(launch.args) if isinstance(value, np.ndarray)}
        return answer[3:], arrays


def check(case, launch, arrays, how):
    for i, want in launch.want.items():
        if callable(want):
            assert want(arrays[i]), "%s: argument %d is wrong: %s" % (how, i, arrays[i])
        elif not np.array_equal(arrays[i], want):
            wrong = np.flatnonzero(arrays[i].ravel() != want.ravel())
            raise AssertionError(
                "%s: argument %d: %d of %d differ, from [%d] on: %s, expected %s"
                % (how, i, len(wrong), want.size, wrong[0], arrays[i].ravel()[wrong[:4]],
                   want.ravel()[wrong[:4]]))


def run_case(runner, case):
    for k, block in enumerate(case.blocks):
        launch = case.function(block)
        form, arrays = runner.run("auto", case, block, launch)
        how = "%s %s as %s" % (runner.compiler, block, form)
        check(case, launch, arrays, how)
        if k > 0 or form == "fibers" or tap.SANITIZED:
            continue
        _form, slow = runner.run("fibers", case, block, launch)
        check(case, launch, slow, how + " and then fibers")
        for i, want in launch.want.items():
            assert callable(want) or arrays[i].tobytes() == slow[i].tobytes(), how


class Results:
    """Of all cases, by name: filled by one thread for each compiler."""

    def __init__(self):
        self.failures = {case.name: [] for case in cases.cases}
        self.lock = threading.Lock()
        with concurrent.futures.ThreadPoolExecutor(len(COMPILERS)) as pool:
            list(pool.map(self.run_all, COMPILERS))

    def attempt(self, case, function, *arguments):
        try:
            function(*arguments)
        except Exception as reason:  # of whatever kind: it is this case's failure
            with self.lock:
                self.failures[case.name].append(reason)

    def run_all(self, compiler):
        runner = Runner(compiler)
        for number, case in enumerate(cases.cases, 1):
            self.attempt(case, run_case, runner, case)
            if runner.child.poll() is not None or number == len(cases.cases):
                self.attempt(case, runner.close)
                runner = Runner(compiler) if number < len(cases.cases) else None


results = []


def add_test(case):
    def run():
        if not COMPILERS:
            raise tap.Skip("there is no C++ compiler")
        if not results:
            results.append(Results())
        assert not results[0].failures[case.name], "\n".join(
            map(str, results[0].failures[case.name]))
    run.__name__ = "%s: %s" % (case.file[:-3], case.name)
    tap.test(run)


for one in cases.cases:
    add_test(one)


@tap.test
def every_kernel_has_a_case():
    for name in SOURCES:
        with open(os.path.join(FOLDER, name)) as file:
            text = file.read().replace("__global__ void\n", "__global__ void ")
        kernels = {part.split("(")[0].strip() for part in text.split("__global__ void ")[1:]}
        assert kernels == {case.name for case in cases.cases if case.file == name}, name


def find_nvrtc():
    for name in ("libnvrtc.so", "/usr/local/cuda/lib64/libnvrtc.so"):
        try:
            return ctypes.CDLL(name)
        except OSError:
            pass
    raise tap.Skip("there is no NVRTC: %d compilations" % (len(SOURCES) * len(ARCHITECTURES)))


def compile_with_nvrtc(nvrtc, name, architecture):
    """Returns: what the compiler complains about."""
    with open(os.path.join(FOLDER, name), "rb") as file:
        source = file.read()
    program = ctypes.c_void_p()
    assert nvrtc.nvrtcCreateProgram(ctypes.byref(program), source, name.encode(), 0, None, None) == 0
    options = (ctypes.c_char_p * 2)(b"--gpu-architecture=sm_%d" % architecture, b"--std=c++17")
    failed = nvrtc.nvrtcCompileProgram(program, len(options), options)
    size = ctypes.c_size_t()
    nvrtc.nvrtcGetProgramLogSize(program, ctypes.byref(size))
    log = ctypes.create_string_buffer(size.value + 1)
    nvrtc.nvrtcGetProgramLog(program, log)
    nvrtc.nvrtcDestroyProgram(ctypes.byref(program))
    return "sm_%d: %s" % (architecture, log.value.decode()) if failed else None


@tap.test
def nvrtc_compiles_the_same_sources_for_four_architectures():
    if tap.SANITIZED:
        raise tap.Skip("nothing of this library takes part")
    nvrtc = find_nvrtc()
    work = [(name, architecture) for name in SOURCES for architecture in ARCHITECTURES]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        complaints = list(pool.map(lambda one: compile_with_nvrtc(nvrtc, *one), work))
    assert not any(complaints), "\n".join(filter(None, complaints))


tap.main()
