# SPDX-License-Identifier: LGPL-2.1-or-later
"""The examples in Python and Vala run, and the page shows them as they are."""
import os
import shutil
import subprocess
import sys

TOP = os.environ["top_srcdir"]
BUILD = os.environ["top_builddir"]
EXAMPLES = os.path.join(TOP, "tests", "examples")
sys.path.insert(0, os.path.join(TOP, "tests", "pipelines"))
from tap import Skip, main, test  # noqa: E402

# the overlay of the tree, in place of an installed one
RUN = ("import gi.overrides, runpy, sys; gi.overrides.__path__.insert(0, sys.argv.pop(1)); "
       "del sys.argv[0]; runpy.run_path(sys.argv[0], run_name='__main__')")


def python(*words):
    try:
        import gi.overrides  # noqa: F401
        import numpy  # noqa: F401
    except ImportError as error:
        raise Skip(str(error))
    name, *others = words
    return subprocess.run([sys.executable, "-c", RUN, os.path.join(TOP, "include", "bindings"),
                           os.path.join(EXAMPLES, name), *others],
                          capture_output=True, text=True)


@test
def a_numpy_array_goes_in_and_another_one_comes_out():
    done = python("double.py")
    assert done.returncode == 0 and done.stdout == "2\n4\n6\n", done.stdout + done.stderr


@test
def a_sweep_is_what_numpy_makes_of_it():
    import numpy

    r = numpy.linspace(2.5, 4, 4096)
    x = numpy.full_like(r, 0.5)
    for _ in range(8):
        x = r * x * (1 - x)
    done = python("sweep.py")
    assert done.stdout == "4096 points, x from %.4f to %.4f\n" % (x.min(), x.max()), done.stdout + done.stderr


@test
def a_sweep_is_plotted_to_a_file():
    try:
        import matplotlib  # noqa: F401
    except ImportError as error:
        raise Skip(str(error))
    done = python("sweep.py", "sweep.png")
    assert done.returncode == 0, done.stderr
    with open("sweep.png", "rb") as file:
        assert file.read(8) == b"\x89PNG\r\n\x1a\n"


@test
def the_example_in_vala_compiles_and_runs():
    if not shutil.which("valac") or not os.path.exists(os.path.join(BUILD, "pinwheel-1.0.vapi")):
        raise Skip("no valac")
    flags = ["-w", "-I" + os.path.join(TOP, "include"), "-I" + os.path.join(BUILD, "include"),
             "-L" + os.path.join(BUILD, ".libs"), "-lpinwheel-1.0"]
    made = subprocess.run(
        ["valac", "--fatal-warnings", "--vapidir=" + BUILD, "--pkg=pinwheel-1.0", "--output=double",
         *(word for flag in flags for word in ("-X", flag)), os.path.join(EXAMPLES, "double.vala")],
        capture_output=True, text=True)
    assert made.returncode == 0, made.stdout + made.stderr
    done = subprocess.run(["./double"], capture_output=True, text=True)
    assert done.stdout == "2\n4\n6\n", done.stdout + done.stderr


@test
def the_page_shows_the_examples_as_they_are():
    with open(os.path.join(TOP, "include", "bindings", "docs", "getting-started.md"), encoding="utf-8") as file:
        page = file.read()
    for name in ("double.py", "double.vala"):
        with open(os.path.join(EXAMPLES, name), encoding="utf-8") as file:
            assert file.read().split("\n", 1)[1] in page, name


main()
