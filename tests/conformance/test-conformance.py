# SPDX-License-Identifier: LGPL-2.1-or-later
"""Small kernels with everything that CUDA C has: on the host device, compiled by gcc and by clang, with
blocks of several sizes, they do what NumPy says; as fibers they do the same bit for bit; and NVRTC
compiles them too, to PTX that does the same."""
import concurrent.futures
import ctypes
import os
import shutil
import sys
import tempfile

import numpy as np

FOLDER = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [FOLDER, os.path.join(FOLDER, "..", "pipelines")]
import cases  # noqa: E402
import intrinsics  # noqa: E402, F401 (adds to the cases)
import programs  # noqa: E402, F401 (adds to the cases)
import ptx  # noqa: E402
import tap  # noqa: E402
from running import Runner, check, same_bits  # noqa: E402

COMPILERS = [c for c in ("g++", "clang++") if shutil.which(c)]
ARCHITECTURES = (75, 80, 90, 100)
SOURCES = sorted(name for name in os.listdir(FOLDER) if name.endswith(".cu"))


def run_case(runner, case, others):
    """others: forms besides the first. Returns: the arrays that came out with the first block."""
    launch, block = case.function(case.blocks[0]), case.blocks[0]
    form, first = runner.run(case.forms[0], case, block, launch)
    check(launch, first, "%s %s as %s" % (runner.compiler, block, form))
    for other in others:
        if form != other and not tap.SANITIZED:
            how = "%s %s as %s" % (runner.compiler, block, other)
            _form, arrays = runner.run(other, case, block, launch)
            check(launch, arrays, how)
            same_bits(launch, arrays, first, "%s, other bits than as %s" % (how, form))
    for block in case.blocks[1:]:
        launch = case.function(block)
        form, arrays = runner.run(case.forms[0], case, block, launch)
        check(launch, arrays, "%s %s as %s" % (runner.compiler, block, form))
    return first


class Worker:
    """Runs all cases with one compiler, one after another, in a thread of its own."""

    def __init__(self, compiler):
        self.compiler, self.runner = compiler, None
        self.thread = concurrent.futures.ThreadPoolExecutor(1)
        self.results = {case.name: self.thread.submit(self.run, case) for case in cases.cases}
        self.end = self.thread.submit(self.close)

    def close(self):
        code = self.runner.close()
        assert code == 0, "the runner ended with status %d" % code

    def run(self, case):
        if self.runner is None or self.runner.child.poll() is not None:
            self.runner = Runner(self.compiler)
        others = case.forms[1:]
        # compilers take turns with fibers where it is not they that the case is about
        turn = cases.cases.index(case) % len(COMPILERS) == COMPILERS.index(self.compiler)
        return run_case(self.runner, case, others if case.forms != cases.AS_IT_IS or turn else [])


workers = []


def get_workers():
    if not COMPILERS:
        raise tap.Skip("there is no C++ compiler")
    if not workers:
        workers.extend(map(Worker, COMPILERS))
    return workers


def add_test(case):
    def run():
        first, *others = [worker.results[case.name].result() for worker in get_workers()]
        launch = case.function(case.blocks[0])
        for arrays in others:
            same_bits(launch, arrays, first, " and ".join(COMPILERS))
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


@tap.test
def the_runners_end_well():
    for worker in get_workers():
        worker.end.result()


def run_ptx(modules, case):
    """Returns: what is wrong."""
    block = case.blocks[0]
    launch = case.function(block)
    with tempfile.TemporaryDirectory(prefix="pinwheel-test-") as folder:
        try:
            arrays = ptx.launch(folder, modules[case.file], case.name, launch.grid, block,
                                launch.shared, launch.args)
            check(launch, arrays, "PTX")
            for worker in get_workers():
                same_bits(launch, arrays, worker.results[case.name].result(),
                          "PTX, other bits than by " + worker.compiler)
        except Exception as reason:  # of whatever kind: the other kernels are run as well
            return "%s: %s" % (case.name, reason)
    return None


@tap.test
def the_ptx_of_every_kernel_gives_the_same_bits():
    get_workers()
    modules = {name: os.path.abspath(name + ".ptx") for name in SOURCES}
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        if not all(pool.map(lambda name: ptx.compile(os.path.join(FOLDER, name), modules[name]),
                            SOURCES)):
            raise tap.Skip("there is no NVRTC: %d kernels" % len(cases.cases))
        wrong = [reason for reason in pool.map(lambda case: run_ptx(modules, case), cases.cases)
                 if reason]
    assert not wrong, "\n".join(wrong)


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
