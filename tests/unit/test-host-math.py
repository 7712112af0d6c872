# SPDX-License-Identifier: LGPL-2.1-or-later
"""The mathematics of kernels on the CPU, pipeline/compute/host-math*.h: errors against 113 bits, equal
bits however it is compiled, and whether loops become vector code.

usage: test-host-math.py [--bench]. --bench: time per element, beside libm"""
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(TOP, "tests", "pipelines"))
from tap import SANITIZED, Skip, main, test  # noqa: E402

INCLUDE = ["-I" + os.path.join(TOP, "pipeline"), "-I" + HERE]
# as host-compiler.c has them
FLAGS = ["-std=c++17", "-nostdinc", "-nostdinc++", "-fno-math-errno", "-fno-trapping-math", "-fwrapv",
         "-fno-strict-aliasing", "-fno-exceptions", "-fno-rtti", "-fvisibility=hidden", "-fPIC",
         "-shared", "-nostdlib", "-w"] + INCLUDE
NATIVE = "-mcpu=native" if platform.machine() == "aarch64" else "-march=native"


def narrow():
    """Another width of vectors than NATIVE's, where there is one that this machine runs."""
    if platform.machine() == "x86_64" and " avx2 " in open("/proc/cpuinfo").read():
        return "-march=x86-64-v3"
    return NATIVE


def start(compiler, *flags):
    command = [compiler] + FLAGS + list(flags) + ["-lm", "-lc", "-lgcc"]
    return subprocess.Popen(command, stderr=subprocess.PIPE, text=True)


def finish(process):
    errors = process.communicate()[1]
    assert process.returncode == 0, errors[:2000]
    return errors


def check_program():
    source = os.path.join(HERE, "host-math-check.c")
    for libraries in (["-lquadmath"], []):
        done = subprocess.run(["cc", "-O2"] + INCLUDE + [source, "-o", "check"] + libraries
                              + ["-lm", "-ldl"], capture_output=True, text=True)
        if done.returncode == 0:
            return
    raise Skip("no arithmetic of 113 bits to compare with: " + done.stderr.splitlines()[0])


def one_line_each():
    """The loops, a line for each, so that what the compiler says of a line names a function."""
    text = subprocess.run(["g++", "-E", "-P"] + FLAGS + [os.path.join(HERE, "host-math-loops.cc")],
                          check=True, capture_output=True, text=True).stdout
    text = re.sub(r'\s+(?=extern "C" __attribute__ \(\(visibility)', "\n", text)
    before, *loops = text.split('\nextern "C" __attribute__ ((visibility')
    loops = ['extern "C" __attribute__ ((visibility' + re.sub(r"\s+", " ", loop) for loop in loops]
    # a directive needs lines of its own
    loops = [re.sub(r"#pragma GCC ivdep", '_Pragma ("GCC ivdep")', loop) for loop in loops]
    with open("loops.cc", "w") as file:
        file.write(before + "\n" + "\n".join(loops) + "\n")
    first = before.count("\n") + 2
    return {first + i: re.search(r"loop_(\w+)", loop)[1] for i, loop in enumerate(loops)}


def scalar_loops(names, said):
    lines = {int(line.split(":")[1]) for line in said.splitlines() if "loop vectorized" in line}
    return {name for line, name in names.items() if line not in lines}


def judge(*libraries):
    done = subprocess.run(["./check"] + ["./" + name for name in libraries], capture_output=True,
                          text=True)
    rows = [line.split() for line in done.stdout.splitlines()]
    assert done.returncode == 0 and len(rows) > 60, done.stderr
    bad = [row for row in rows if not float(row[2]) <= float(row[3]) or row[6:] != ["0", "0"]]
    assert not bad, "\n".join(" ".join(row) for row in bad) + "\n" + done.stderr[:3000]


@test
def errors_are_those_of_the_table_and_bits_the_same_for_every_compiler_width_and_contraction():
    if SANITIZED:
        raise Skip("kernels are compiled without sanitizers")
    if not shutil.which("g++"):
        raise Skip("there is no g++")
    names = one_line_each()
    info = "-fopt-info-vec-optimized"
    wide = start("g++", "-O3", NATIVE, "-ffp-contract=off", info, "loops.cc", "-o", "wide.so")
    slim = start("g++", "-O3", narrow(), "-ffp-contract=fast", info, "loops.cc", "-o", "narrow.so")
    plain = start("g++", "-O1", NATIVE, "-ffp-contract=off", "loops.cc", "-o", "plain.so")
    libraries = ["wide.so", "narrow.so", "plain.so"]
    if shutil.which("clang++"):
        finish(start("clang++", "-O3", NATIVE, "-ffp-contract=fast",
                     os.path.join(HERE, "host-math-loops.cc"), "-o", "clang.so"))
        libraries.append("clang.so")
    check_program()
    scalar = scalar_loops(names, finish(wide)) | scalar_loops(names, finish(slim))
    finish(plain)
    assert not scalar, "gcc made no vectors of " + " ".join(sorted(scalar))
    judge(*libraries)


def bench():
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        check_program()
        finish(start(os.environ.get("PINWHEEL_CXX", "g++"), "-O3", NATIVE, "-ffp-contract=off",
                     os.path.join(HERE, "host-math-loops.cc"), "-o", "ours.so"))
        subprocess.run(["cc", "-O3", NATIVE, "-fno-math-errno", "-fno-trapping-math", "-shared", "-fPIC",
                        "-w"] + INCLUDE + [os.path.join(HERE, "host-math-libm.c"), "-o", "libm.so", "-lm"],
                       check=True)
        subprocess.run(["./check", "--bench", "./ours.so", "./libm.so"], check=True)
        os.chdir("/")


if sys.argv[1:] == ["--bench"]:
    bench()
else:
    main()
