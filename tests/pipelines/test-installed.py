# SPDX-License-Identifier: LGPL-2.1-or-later
"""What is installed is enough for others: applications and a plug-in are built with pkg-config and run, and
so is what the pages of the API tell to do."""
import os
import shutil
import subprocess
import sys
import tempfile

import numpy as np

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from pages import API, EXAMPLES, commands, is_shown  # noqa: E402

SANITIZE = os.environ.get("PINWHEEL_SANITIZE", "")
n_tests = 0
failed = 0


def check(what, ok, told=""):
    global n_tests, failed
    n_tests += 1
    failed += not ok
    print(("ok" if ok else "not ok"), n_tests, "-", what)
    for line in str(told).splitlines() if not ok else []:
        print("#", line)


def environ():
    """Without what `make check` says to its own: a make of ours is not part of it."""
    return {k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")}


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, env=environ(), timeout=300)


def tell(result):
    return "%s: %d\n%s%s" % (result.args, result.returncode, result.stdout, result.stderr)


def install(folder):
    """Returns the prefix under which everything lies."""
    made = subprocess.run(["make", "-C", os.environ["top_builddir"], "install", "DESTDIR=" + folder],
                          capture_output=True, text=True, env=environ(), timeout=300)
    check("everything is installed", made.returncode == 0, tell(made))
    for path, _, names in os.walk(folder):
        if "pinwheel-1.0.pc" in names:
            file = os.path.join(path, "pinwheel-1.0.pc")
            prefix = path.removesuffix("/lib/pkgconfig")
            with open(file, encoding="utf-8") as pc:
                lines = pc.read().split("\n", 1)
            with open(file, "w", encoding="utf-8") as pc:
                pc.write("prefix=" + prefix + "\n" + lines[1])  # as if configured so
            return prefix
    sys.exit("Bail out! nothing was installed")


def run_pages():
    """The reader has copied the examples."""
    os.mkdir("reader")
    os.chdir("reader")
    shutil.copytree(EXAMPLES, ".", dirs_exist_ok=True)
    os.environ["PINWHEEL_DEVICE"] = "host"
    del os.environ["PINWHEEL_PLUGIN_PATH"]
    if SANITIZE:
        os.mkdir("bin")
        with open("bin/cc", "w", encoding="utf-8") as file:
            file.write('#!/bin/sh\nexec %s %s "$@"\n' % (shutil.which("cc"), SANITIZE))
        os.chmod("bin/cc", 0o755)
        os.environ["PATH"] = os.path.abspath("bin") + os.pathsep + os.environ["PATH"]
    for page in API:
        for command, shown in commands(page):
            told = run("bash", "-c", command)
            check("%s: %s" % (os.path.basename(page), command), is_shown(told.stdout + told.stderr, shown), tell(told))


def main():
    prefix = install(os.getcwd())
    lib = os.path.join(prefix, "lib")
    os.environ["PKG_CONFIG_PATH"] = os.path.join(lib, "pkgconfig")
    os.environ["LD_LIBRARY_PATH"] = lib
    os.environ["PATH"] = os.path.join(prefix, "bin") + os.pathsep + os.environ["PATH"]

    shutil.copytree(os.path.join(EXAMPLES, "plugin"), "plugin")
    made = run("make", "-C", "plugin")
    check("a plug-in builds against it without a warning",
          made.returncode == 0 and "warning" not in made.stderr, tell(made))
    os.environ["PINWHEEL_PLUGIN_PATH"] = os.path.abspath("plugin")
    told = run("pinwheel-inspect", "negate")
    check("pinwheel-inspect tells of its element",
          told.returncode == 0 and "Changes the sign" in told.stdout, tell(told))
    x = np.arange(1000, dtype=np.float32)
    np.save("x.npy", x)
    told = run("pinwheel-launch", "-q", "--chunk=7", "npysrc", "location=x.npy", "!", "negate", "!", "npysink",
               "location=y.npy")
    check("pinwheel-launch runs it",
          told.returncode == 0 and np.array_equal(np.load("y.npy"), -x), tell(told))
    told = run("pinwheel-launch", "testsrc", "format=x:i32[*]", "items=3", "!", "negate", "!", "fakesink")
    check("its errors are told as others are",
          told.returncode == 1 and "negate0: expected one array of f32" in told.stderr, tell(told))

    for name in ("double", "embed", "pinned", "element"):
        made = run("sh", "-c", "cc -Wall -Wextra -Wno-unused-parameter %s -o %s %s $(pkg-config --cflags --libs "
                   "pinwheel-1.0)" % (SANITIZE, name, os.path.join(EXAMPLES, name + ".c")))
        check("an application builds against it without a warning: " + name,
              made.returncode == 0 and "warning" not in made.stderr, tell(made))
    told = run("./embed", "testsrc items=100 format=x:f32[*] ! negate ! statsink")
    check("it runs beside a main loop, with what plug-ins bring",
          told.returncode == 0 and told.stdout.endswith("progress: 100 of 100 items\ndone\n")
          and "statsink0: " in told.stdout, tell(told))
    told = run("./embed", "testsrc items=1000 ! identity delay=1000000 ! nosuch")
    check("it tells mistakes", told.returncode == 1 and "no element 'nosuch'" in told.stderr, tell(told))
    told = run("./embed", "testsrc items=1T format=x:f32[*] ! fakesink", "1")
    check("it cancels in between", told.returncode == 0 and told.stdout.endswith("cancelled\n"), tell(told))

    told = run("./pinned", "host")
    check("nobody copies what the host's memory has", told.returncode == 0 and told.stdout
          == "10 of 10 chunks in place\ny ends with 2e+06\n0 copies by the CPU, 0 by the device\n", tell(told))
    told = run("./pinned", "sim")
    check("the device alone copies what is pinned", told.returncode == 0 and told.stdout
          == "10 of 10 chunks in place\ny ends with 2e+06\n0 copies by the CPU, 30 by the device\n", tell(told))

    told = run("./element", "5")
    words = told.stdout.split()
    check("an application has elements of its own, by name and by hand", told.returncode == 0
          and words[8:14] == "x f64 11 0 0 5".split() and words[24:30] == "x f64 11 0 0 2.5".split(), tell(told))
    told = run("./element", "few")
    check("their properties are checked", told.returncode == 1
          and "property 'limit' of clip: 'few' is not a number" in told.stderr, tell(told))

    run_pages()
    print("1..%d" % n_tests)
    return failed > 0


with tempfile.TemporaryDirectory(prefix="pinwheel-installed-") as scratch:
    os.chdir(scratch)
    status = main()
    os.chdir("/")
sys.exit(status)
